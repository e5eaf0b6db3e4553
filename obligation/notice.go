package obligation

import (
	"fmt"
	"strings"

	"duban/calendar"
)

// Notice is one thing that somebody is to be told because of an event.
type Notice struct {
	Seq    int       `json:"seq"`
	Kind   EventKind `json:"kind"`
	Rung   Rung      `json:"rung,omitempty"`
	Anchor Anchor    `json:"anchor,omitempty"` // what a reminder's step counts from
	To     Recipient `json:"to"`
	Urgent bool      `json:"urgent,omitempty"` // goes out at once inside the sending window, not with the day's digest
	Title  string    `json:"title"`
	Text   string    `json:"text"`
	Why    string    `json:"why"` // why the reader gets this: the plan's phrase, the rung, the policy, the dates
}

// Notices returns what is to be told because of e; s is the state after it. At most one notice per recipient.
func Notices(s State, e Event) []Notice {
	n := Notice{Seq: e.Seq, Kind: e.Kind, Rung: e.Rung, To: ToUnit, Title: s.Title}
	switch e.Kind {
	case Opened:
		n.Text = fmt.Sprintf("新交办事项，请签收并于%s前完成。", s.Due.Chinese())
		if s.Anchor > s.Due {
			n.Text = fmt.Sprintf("该事项应于%s前完成，至今仍需办理，请尽快签收、完成并报送。", s.Due.Chinese())
		}
		if s.Hazard != nil {
			return s.because(e, s.tellHazard(e, n))
		}
		if s.Parent != "" {
			n.Text = fmt.Sprintf(textPartOpened, s.LeadName, s.Due.Chinese())
		}
		if s.Finding > 0 {
			n.Text = fmt.Sprintf(textFindingOpened, s.LeadName, s.Period, s.Due.Chinese(), s.Done)
		}
	case Reminded:
		st, _ := s.Policy.Ladder.step(e.Step)
		n.To, n.Anchor = e.To, s.asTaken(st).Anchor
		n.Text = reminderText(s, n)
	case Overdue:
		n.Text = fmt.Sprintf("该事项截止%s仍未报送完成情况，已经逾期，请尽快完成并报送。", s.Anchor.Chinese())
	case Drafted:
		n.To = ToOffice
		n.Text = fmt.Sprintf("%s逾期未完成，已拟%s，请审核签发或撤回。", s.UnitName, e.Rung.Chinese())
		if e.skips() {
			n.Text = fmt.Sprintf(textSkipped, s.UnitName, e.Rung.Chinese(), e.Text)
		}
	case Issued:
		n.Urgent = true
		n.Text = fmt.Sprintf("已就该事项向你单位发出%s（%s），请按要求办理。", e.Rung.Chinese(), e.Number) + s.called(e.Meeting)
	case Submitted:
		n.To, n.Text = s.submitted(e)
	case Accepted:
		n.Text = "报送的完成情况已审核通过，该事项办结。"
	case Progressed:
		if !e.Answer {
			return nil // lists show it; nobody asked
		}
		n.To, n.Text = ToOffice, progressText(s, e)
	case PartMoved, HandedOver, SentBack, SendBackRefused, Suspended, Resumed:
		if n = s.tell(e, n); n.Text == "" {
			return nil
		}
	case InterviewMoved, InterviewHeld, Rectified, RectificationVerified, RectificationReturned, RectificationWaived:
		if n = s.tellInterview(e, n); n.Text == "" {
			return nil
		}
	case Supervised, Regraded, ReviewPassed, ReviewFailed:
		return s.because(e, s.tellHazard(e, n))
	case Promoted:
		n.Text = fmt.Sprintf(textPromoted, e.Text)
	case Waived:
		n.Text = fmt.Sprintf(textWaived, e.Text)
	case Returned:
		n.Urgent = true
		n.Text = fmt.Sprintf("报送的完成情况被退回，请于%s前补正后重新报送。理由：%s", s.Anchor.Chinese(), e.Text)
	case Nudged:
		n.Urgent = true
		n.Text = "区安委办询问该事项的进展，请尽快办理并报送。"
		if e.Text != "" {
			n.Text = "区安委办询问该事项的进展：" + e.Text
		}
	case Rearmed:
		if e.To == "" {
			return nil // nothing that the unit was told has changed
		}
		n.Text = fmt.Sprintf("该事项有调整，现应于%s前完成。理由：%s", s.Anchor.Chinese(), e.Text)
	case ExtensionAsked, Extended, ExtensionRefused:
		n = s.tellExtension(e, n)
	case Recorded, Withdrawn, Signed, Delegated, DelegationEnded, BrokenDown, InspectionPlanned, InspectionRecorded, FindingsAdded:
		return nil
	}
	return s.because(e, []Notice{n})
}

// tellExtension says what became of an application for more time.
func (s State) tellExtension(e Event, n Notice) Notice {
	switch e.Kind {
	case ExtensionAsked:
		n.To = ToOffice
		n.Text = fmt.Sprintf(textAsked, s.UnitName, s.Anchor.Chinese(), e.Due.Chinese(), e.Text)
	case Extended:
		n.Text = fmt.Sprintf(textExtended, e.Due.Chinese())
		if e.Text != "" {
			n.Text += fmt.Sprintf(textRemark, e.Text)
		}
	default:
		n.Urgent = true
		n.Text = fmt.Sprintf(textRefused, e.Due.Chinese(), e.Text)
	}
	return n
}

// submitted returns who is told of a report, and what.
func (s State) submitted(e Event) (Recipient, string) {
	to, text := ToOffice, s.UnitName+"已报送完成情况，请审核。"
	if files := len(e.Evidence); files > 0 {
		text = fmt.Sprintf(textSubmittedWith, s.UnitName, files)
	}
	if s.WithReviewer() {
		to = ToReviewer
	}
	return to, text
}

// because completes notices with why the readers get them.
func (s State) because(e Event, notices []Notice) []Notice {
	for i := range notices {
		notices[i].Why = why(s, e)
	}
	return notices
}

// tell completes the notice of who attends to the obligation, and whether anybody has to.
func (s State) tell(e Event, n Notice) Notice {
	switch e.Kind {
	case PartMoved:
		p := e.Parts[0]
		if !p.settled() && p.Stage != StageReturned {
			return n // the lead sees it; it need not be told
		}
		n.Text = fmt.Sprintf(textPartMoved, p.UnitName, p.Text, p.Stage.Chinese())
	case HandedOver:
		n.Text = fmt.Sprintf(textHandedOver, e.Name, e.Name, e.Text)
		if e.Former != "" {
			n.Text = fmt.Sprintf(textHandedOverFrom, e.Former, e.Name, e.Name, e.Text)
		}
	case SentBack:
		n.To = ToOffice
		n.Text = fmt.Sprintf(textSentBack, s.UnitName, e.Text)
	case SendBackRefused:
		n.Urgent = true
		n.Text = fmt.Sprintf(textSendBackRefused, e.Due.Chinese(), e.Text)
	case Suspended:
		n.Text = fmt.Sprintf(textSuspended, e.Text)
	case Resumed:
		n.Text = fmt.Sprintf(textResumed, e.Days, s.Anchor.Chinese(), e.Text)
		if s.Overdue {
			n.Text = fmt.Sprintf(textResumedLate, e.Days, s.Anchor.Chinese(), e.Text)
		}
	default:
	}
	return n
}

func progressText(s State, e Event) string {
	text := s.UnitName + textProgress
	if e.Percent != nil {
		text += fmt.Sprintf(textPercent, *e.Percent)
	}
	if e.Text != "" {
		text += "：" + e.Text
	}
	return text
}

func reminderText(s State, n Notice) string {
	by := s.Anchor.Chinese()
	switch {
	case n.Anchor == AnchorAsked:
		return fmt.Sprintf(textUndecided, s.UnitName, by, s.Application.Due.Chinese())
	case n.Anchor == AnchorObjected:
		return fmt.Sprintf(textBackUndecided, s.UnitName)
	case n.To == ToReviewer:
		return fmt.Sprintf(textReviewWaits, s.UnitName)
	case n.Anchor == AnchorSubmitted:
		return s.UnitName + "报送的完成情况还没有审核，请尽快审核通过或退回。"
	case n.To == ToOffice && s.Overdue:
		return fmt.Sprintf("%s应于%s前完成该事项，已经逾期，请关注。", s.UnitName, by)
	case n.To == ToOffice && n.Anchor == AnchorOpened:
		return fmt.Sprintf("%s还没有签收该事项，请关注。", s.UnitName)
	case n.To == ToOffice:
		return fmt.Sprintf("%s应于%s前完成该事项，尚未报送，请关注。", s.UnitName, by)
	case s.Overdue:
		return fmt.Sprintf("该事项应于%s前完成，已经逾期，请尽快完成并报送。", by)
	case n.Anchor == AnchorOpened:
		return fmt.Sprintf("该事项交办后还没有签收，请尽快签收，并于%s前完成。", by)
	default:
		return fmt.Sprintf("该事项应于%s前完成，请抓紧办理并按时报送。", by)
	}
}

// Current reports whether the notice still holds in the state s: nobody is nagged after reporting, and nobody is
// asked to review what is reviewed. It is asked right before sending.
func (n Notice) Current(s State) bool {
	switch n.Kind {
	case HandedOver, PartMoved:
		return !s.IsClosed() && s.Suspension == nil
	case Progressed:
		return s.reportable()
	case Opened:
		switch n.To {
		case ToReviewer:
			return !s.IsClosed()
		case ToOffice:
			return s.unlisted()
		case ToUnit:
		}
		return s.withUnit() && s.Stage != StageReturned && s.Objection == nil
	case Reminded, Overdue, Nudged, Returned, ReviewFailed, Rearmed, Extended, ExtensionRefused, Resumed, SendBackRefused:
		switch n.Anchor {
		case AnchorSubmitted:
			return s.Stage == StageSubmitted && s.WithReviewer() == (n.To == ToReviewer)
		case AnchorOpened:
			return s.withUnit() && s.Objection == nil && s.Stage == StageOpen && n.Seq >= max(s.RoundSeq, s.ResumedSeq)
		case AnchorAsked:
			return s.Application != nil && n.Seq > s.Application.Seq
		case AnchorObjected:
			return s.Objection != nil && n.Seq > s.Objection.Seq
		case AnchorDue:
		}
		if n.Kind == Nudged && s.answers(n.Seq) {
			return false
		}
		// Another deadline has its own notices.
		return s.withUnit() && s.Objection == nil && n.Seq >= max(s.RoundSeq, s.ResumedSeq)
	case InterviewHeld, RectificationReturned:
		return s.Meeting != nil && s.Meeting.Rectification.WithUnit() && n.Seq >= s.Meeting.Rectification.Seq
	case Rectified:
		return s.Meeting != nil && s.Meeting.Rectification.Open() && n.Seq >= s.Meeting.Rectification.Seq
	case Drafted:
		rung, waiting := s.PendingDraft()
		return waiting && rung == n.Rung && s.Suspension == nil
	case SentBack:
		return s.Objection != nil && n.Seq == s.Objection.Seq
	case Suspended:
		return s.Suspension != nil && n.Seq == s.Suspension.Seq
	case Submitted:
		return s.Stage == StageSubmitted && (n.To != ToReviewer || s.WithReviewer())
	case ReviewPassed:
		return s.Stage == StageSubmitted && s.reviewed()
	case Supervised, Regraded:
		return !s.IsClosed()
	case ExtensionAsked:
		return s.Application != nil && n.Seq == s.Application.Seq
	case Recorded, Issued, Withdrawn, Signed, Accepted, Waived, Promoted, Delegated, DelegationEnded, BrokenDown,
		InterviewMoved, RectificationVerified, RectificationWaived, InspectionPlanned, InspectionRecorded, FindingsAdded:
	}
	return true
}

// why answers "why did I get this?" with the plan's phrase, the step of the ladder and the dates.
func why(s State, e Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "依据：方案任务%s“%s”；", s.Task, s.Quote)
	if st, ok := s.Policy.Ladder.step(e.Step); e.skips() {
		fmt.Fprintf(&b, textSkips, e.Rung.Chinese())
	} else if ok {
		fmt.Fprintf(&b, "措施：%s（%s）；", st.Rung.Chinese(), s.taking(st).occasion())
	} else {
		fmt.Fprintf(&b, "事由：%s；", e.Kind.Chinese())
	}
	fmt.Fprintf(&b, "升级阶梯：%s；期限：%s", s.Policy.Ladder.Title, s.Due.Chinese())
	if s.Original != s.Due {
		fmt.Fprintf(&b, "（原定%s）", s.Original.Chinese())
	}
	if s.Anchor != s.Due {
		fmt.Fprintf(&b, "；本次从%s起算", s.Anchor.Chinese())
	}
	if day := calendar.DateOf(s.Refused, s.Policy.Location()); s.Overdue && !s.Refused.IsZero() && day > s.Anchor {
		fmt.Fprintf(&b, textLateFrom, day.Chinese())
	}
	if s.Overdue && s.LateFrom > s.Anchor {
		fmt.Fprintf(&b, textCountsFrom, s.LateFrom.Chinese())
	}
	if s.SuspendedDays > 0 {
		fmt.Fprintf(&b, textWithout, s.SuspendedDays)
	}
	if s.Provisional {
		b.WriteString("；所涉年份的节假日安排尚未公布，日期为暂定")
	}
	if e.Missed > 0 {
		fmt.Fprintf(&b, "；另有%d次未发出的提醒并入本次", e.Missed)
	}
	return b.String()
}

// describe says in Chinese when the step is taken: "到期前7个工作日".
func (s Step) describe() string {
	var b strings.Builder
	switch {
	case s.Anchor == AnchorOpened:
		fmt.Fprintf(&b, "交办后%d个工作日未签收", s.Offset)
	case s.Anchor == AnchorSubmitted:
		fmt.Fprintf(&b, "提交后%d个工作日未审核", s.Offset)
	case s.Anchor == AnchorAsked:
		fmt.Fprintf(&b, textUnanswered, s.Offset)
	case s.Anchor == AnchorObjected:
		fmt.Fprintf(&b, textBackUnanswered, s.Offset)
	case s.Offset < 0:
		fmt.Fprintf(&b, "到期前%d个工作日", -s.Offset)
	case s.Offset == 0:
		b.WriteString("到期当日")
	default:
		fmt.Fprintf(&b, "逾期%d个工作日", s.Offset)
	}
	if s.Every > 0 {
		fmt.Fprintf(&b, "，其后每%d个工作日一次", s.Every)
	}
	return b.String()
}

// tell says in Chinese all that the step is: "督促函（逾期5个工作日），区安委办签发".
func (s Step) tell() string {
	out := fmt.Sprintf(effectCode, s.Rung.Chinese(), s.describe())
	if s.SignOff != SignOffNone {
		out += fmt.Sprintf(stepSignOff, signOffNames[s.SignOff])
	}
	if s.Letters > 0 {
		out += fmt.Sprintf(stepLetters, s.Letters)
	}
	if s.To == ToOffice {
		out += stepOffice
	}
	return out
}

// taking returns the step as the obligation takes it now.
func (s State) taking(st Step) Next {
	return Next{Kind: Reminded, Step: s.asTaken(st), Letters: s.forward(st)}
}

// Reason returns the plain answer to why an event happens by itself, for the preview: "到期前7个工作日：提醒". s is the state
// before or after it.
func Reason(s State, e Event) string {
	switch st, ok := s.Policy.Ladder.step(e.Step); {
	case e.skips():
		return textSkip + "：" + e.Rung.Chinese()
	case ok:
		return s.taking(st).Reason()
	case e.Kind == Opened:
		return textOpens
	case e.Kind == Overdue:
		return textLapses
	}
	return e.Kind.Chinese()
}

// Reason returns the plain answer to why the step is taken: "到期前7个工作日：提醒".
func (n Next) Reason() string {
	if n.Kind == Overdue {
		return textLapses
	}
	return n.occasion() + "：" + n.Step.Rung.Chinese()
}

func (n Next) occasion() string {
	if n.Letters > 0 {
		return fmt.Sprintf(textForward, n.Letters)
	}
	return n.Step.describe()
}

// Deadline returns the date until which the unit has time now: the due date, or the deadline of its rework.
func (s State) Deadline() calendar.Date { return s.Anchor }

// Describe names the step for lists: "提醒（到期前7个工作日）".
func (n Next) Describe() string {
	if n.Kind == Overdue {
		return Overdue.Chinese()
	}
	return n.Step.Rung.Chinese() + "（" + n.occasion() + "）"
}
