package obligation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// anyLadder draws a ladder that the office could write: any steps, the formal rungs in any order.
func anyLadder(t *rapid.T) obligation.Ladder {
	l := obligation.Ladder{
		Code: "any", Title: "任意阶梯", Yellow: 7, Nudge: 3,
		Cure: rapid.IntRange(1, 12).Draw(t, "cure"), Rework: rapid.IntRange(1, 8).Draw(t, "rework"),
		Extensions: rapid.SampledFrom([]int{0, 1, 2, 2, 3, 10}).Draw(t, "extensions"),
	}
	to := rapid.SampledFrom([]obligation.Recipient{obligation.ToUnit, obligation.ToUnit, obligation.ToOffice})
	for i := range rapid.IntRange(0, 6).Draw(t, "informal steps") {
		st := obligation.Step{
			Code: fmt.Sprintf("step-%d", i), Every: rapid.SampledFrom([]int{0, 0, 1, 2, 5}).Draw(t, "every"), To: to.Draw(t, "to"),
			Rung:   rapid.SampledFrom([]obligation.Rung{obligation.Remind, obligation.Press}).Draw(t, "rung"),
			Anchor: rapid.SampledFrom([]obligation.Anchor{obligation.AnchorOpened, obligation.AnchorDue, obligation.AnchorDue, obligation.AnchorSubmitted}).Draw(t, "anchor"),
		}
		switch st.Anchor {
		case obligation.AnchorDue:
			st.Offset = rapid.IntRange(-20, 10).Draw(t, "offset")
		case obligation.AnchorSubmitted:
			st.To = obligation.ToOffice
			fallthrough
		default:
			st.Offset = rapid.IntRange(1, 10).Draw(t, "offset")
		}
		l.Steps = append(l.Steps, st)
	}
	rungs := rapid.Permutation([]obligation.Rung{obligation.Letter, obligation.Circular, obligation.Interview, obligation.Expose, obligation.Transfer}).Draw(t, "rungs")
	offset := 1
	for _, rung := range rungs[:rapid.IntRange(0, 5).Draw(t, "formal steps")] {
		offset += rapid.IntRange(0, 15).Draw(t, "later")
		l.Steps = append(l.Steps, obligation.Step{
			Code: string(rung), Rung: rung, Anchor: obligation.AnchorDue, Offset: offset, To: obligation.ToUnit,
			SignOff: obligation.SignOffOffice, Letters: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "letters"),
		})
	}
	if len(l.Steps) == 0 {
		l.Steps = standard().Steps
	}
	l.Steps = slices.Clone(l.Steps)
	require.Empty(t, l.Validate())
	return l
}

func anyOpening(t *rapid.T) (obligation.Opening, time.Time) {
	o := due("2025-06-30")
	o.Facts.Due = calendar.MustDate("2024-03-01").AddDays(rapid.IntRange(0, 1000).Draw(t, "due"))
	if rapid.Bool().Draw(t, "inspects") {
		o.Facts.Form, o.Facts.Start = plan.FormInspection, o.Facts.Due.AddDays(-6)
	}
	o.Facts.BeforeIssue = rapid.IntRange(0, 9).Draw(t, "before issue") == 0
	if rapid.Bool().Draw(t, "a month's report") {
		o.Facts.Form = plan.FormMonthly
	}
	o.Policy.Ladder = anyLadder(t)
	o.Policy.RestDayRule = rapid.SampledFrom([]plan.RestDayRule{plan.RestDayNextDay, plan.RestDayNextWorkday}).Draw(t, "rest days")
	o.Policy.At = rapid.SampledFrom([]time.Duration{0, 9 * time.Hour, 23*time.Hour + 59*time.Minute}).Draw(t, "at")
	opened := o.Facts.Due.AddDays(rapid.IntRange(-100, 20).Draw(t, "opened")).At(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute"))*time.Minute, shanghai)
	if rapid.IntRange(0, 2).Draw(t, "hazard") == 0 {
		h := found().Hazard
		h.Year, h.Number, h.Found = 2025, 1, o.Facts.Due.AddDays(-60)
		if rapid.Bool().Draw(t, "general") {
			h.Grade, h.Reviewer = obligation.General, ""
		}
		o.Facts.Hazard, o.Facts.BeforeIssue = &h, false
	}
	if rapid.IntRange(0, 5).Draw(t, "owed") == 0 {
		o.AsOf, o.Outcome = o.Facts.Due+1, obligation.Owed
	}
	return o, opened
}

// world checks everything that must hold of one obligation, whatever happens to it.
type world struct {
	*rapid.T
	state  obligation.State
	first  obligation.Event
	now    time.Time
	events []obligation.Event

	era      int            // grows with every new deadline, policy and submission
	pile     int            // grows with everything that the office is given to decide
	taken    map[string]int // occurrences by era and step
	overdue  map[int]bool   // by deadline
	deadline int
	ladders  int // how many ladders it has had
	drafted  []obligation.Event
	settled  time.Time
	refused  time.Time // the last application
	asked    int
	granted  int
}

func (w *world) record(events []obligation.Event) {
	for _, e := range events {
		require.False(w, w.state.IsClosed(), "%s after it was closed", e.Kind)
		require.Equal(w, w.state.Seq+1, e.Seq, "no gap")
		require.False(w, e.At.Before(w.state.Opened))
		require.Equal(w, w.now.UTC(), e.At)
		w.check(e)
		w.state = obligation.Apply(w.state, e)
		w.events = append(w.events, e)
		if slices.Contains([]obligation.EventKind{obligation.Submitted, obligation.Extended, obligation.ExtensionRefused}, e.Kind) {
			require.Nil(w, w.state.Application, "it is done with")
			for _, st := range w.state.Policy.Ladder.Steps {
				require.True(w, st.Anchor != obligation.AnchorSubmitted || w.state.Marks[st.Code].N == 0, "what the office gets has its own count")
			}
		}
	}
	require.Equal(w, w.first.Facts.Due, w.state.Original, "the original due date is never lost")
	for i, f := range w.state.Findings() {
		require.Equal(w, i+1, f.N, "findings are numbered without a gap")
		require.Greater(w, f.Due, calendar.DateOf(f.Found, shanghai), "nobody is late with what he has just been told")
		require.Equal(w, "any", obligation.FindingOpening(w.state, f).Policy.Ladder.Code)
	}
	s := w.state
	require.Equal(w, []int{w.asked, w.granted}, []int{s.Asked, s.Extensions})
	if s.Suspension != nil {
		require.Nil(w, s.Application)
		require.Equal(w, "office", s.WaitingOn())
		require.NotEqual(w, obligation.Red, obligation.LightAt(s, holidays, w.now), "suspended time is not overdue")
		_, ok := obligation.NextStep(s, holidays)
		require.False(w, ok)
	}
	if !s.IsClosed() && s.Suspension == nil && s.WaitingOn() != "office" && !s.WithReviewer() && !s.BeforeIssue && s.Outcome != obligation.Owed {
		require.True(w, !s.Overdue || obligation.LightAt(s, holidays, w.now) == obligation.Red, "what is overdue is red")
	}
	if s.Objection != nil {
		require.Nil(w, s.Application)
		require.Equal(w, "office", s.WaitingOn())
		require.Equal(w, s.Overdue, obligation.LightAt(s, holidays, w.now) == obligation.Red || s.Outcome == obligation.Owed && s.Overdue)
	}
	if s.Application != nil {
		require.Equal(w, "office", s.WaitingOn())
		require.False(w, s.Overdue, "no deadline passes while the office thinks")
		require.NotContains(w, []obligation.Stage{obligation.StageSubmitted, obligation.StageAccepted}, s.Stage)
		require.NotEqual(w, obligation.Red, obligation.LightAt(s, holidays, w.now))
	}
}

func (w *world) check(e obligation.Event) {
	s := w.state
	require.True(w, s.Suspension == nil || e.By != obligation.System || e.Kind == obligation.Withdrawn, "nothing happens by itself while it is suspended")
	for _, c := range e.Collapsed {
		w.take(c.Step, c.N)
	}
	switch e.Kind {
	case obligation.Overdue:
		require.False(w, w.overdue[w.deadline], "a deadline passes once")
		w.overdue[w.deadline] = true
		require.True(w, s.WaitingOn() != "office" || s.WaitsFor() == obligation.WaitSupervision, "no deadline passes in the office's hands")
	case obligation.Reminded:
		w.take(e.Step, e.N)
		st := w.step(e.Step)
		if st.Anchor == obligation.AnchorSubmitted {
			require.True(w, s.Stage == obligation.StageSubmitted || s.Application != nil || s.Objection != nil, "the office is reminded of what it has to decide")
		} else {
			require.Nil(w, s.Objection, "nor who says that it is not his")
			require.NotEqual(w, obligation.StageSubmitted, s.Stage, "nobody is nagged after reporting")
			require.True(w, s.Application == nil || st.Offset <= 0 || st.Anchor == obligation.AnchorOpened, "nobody is pressed while the office thinks")
		}
		if st.Anchor == obligation.AnchorOpened {
			require.Equal(w, obligation.StageOpen, s.Stage, "nobody is asked to sign twice")
		}
	case obligation.Drafted:
		w.checkDraft(e)
	case obligation.Issued, obligation.Withdrawn:
		w.settled = e.At
		require.True(w, e.Kind == obligation.Withdrawn || !s.DraftHeld(), "no sign-off while the office reviews")
	case obligation.ReviewPassed, obligation.ReviewFailed:
		require.Equal(w, obligation.WaitReview, s.WaitsFor(), "one review for each report")
		require.Equal(w, s.Hazard.Reviewer, s.WaitingOn())
		w.pile++
		if e.Kind == obligation.ReviewFailed {
			w.era, w.deadline = w.era+1, w.deadline+1
		}
	case obligation.Supervised:
		require.Nil(w, s.Supervision, "listed once")
	case obligation.Accepted:
		if h := s.Hazard; h != nil && h.Reviewer != "" {
			require.True(w, s.Review != nil && s.Review.Passed && s.Review.At.After(s.Submitted.Add(-1)), "nothing is cancelled that was not reviewed")
		}
		for _, p := range s.Parts {
			require.Equal(w, obligation.StageAccepted, p.Stage, "a lead is done when all its parts are")
		}
	case obligation.Submitted:
		if r := e.Report; r != nil {
			require.Equal(w, plan.FormMonthly, s.Form)
			require.NotEqual(w, r.Zero, r.Progress != "", "it tells something, or that there is nothing to tell")
			require.Equal(w, r.Words(), e.Text)
			for _, l := range r.Lines {
				require.Equal(w, s.ID.Unit, l.ID.Unit)
			}
		}
		w.era, w.pile = w.era+1, w.pile+1
	case obligation.ExtensionAsked:
		require.Nil(w, s.Application, "one at a time")
		require.Less(w, s.Extensions, s.Policy.Ladder.Extensions)
		require.False(w, s.Overdue)
		require.True(w, e.At.Before(s.OverdueAt(holidays)), "before the deadline has passed")
		require.Greater(w, e.Due, s.Deadline())
		w.pile, w.asked = w.pile+1, w.asked+1
	case obligation.Extended:
		require.NotNil(w, s.Application)
		require.Less(w, s.Extensions, s.Policy.Ladder.Extensions, "granted no more often than the ladder allows")
		require.Greater(w, e.Due, max(s.Deadline(), calendar.DateOf(w.now, shanghai)))
		w.era, w.deadline, w.granted = w.era+1, w.deadline+1, w.granted+1
	case obligation.ExtensionRefused:
		require.NotNil(w, s.Application)
		require.Equal(w, s.Deadline(), e.Due)
		w.refused = e.At
	case obligation.SentBack:
		require.Nil(w, s.Objection)
		require.False(w, s.Kept, "once, until it is another thing")
		w.pile++
	case obligation.SendBackRefused:
		require.NotNil(w, s.Objection)
		require.Equal(w, s.Deadline(), e.Due)
	case obligation.Resumed:
		require.NotNil(w, s.Suspension)
		require.GreaterOrEqual(w, e.Due, s.Deadline(), "no suspension takes time away")
		w.era++
	case obligation.Returned:
		w.era, w.deadline = w.era+1, w.deadline+1
	case obligation.Rearmed:
		if e.Policy != nil {
			w.ladders++
		}
		if e.Due != 0 {
			w.deadline++
		}
		w.era++
	default:
	}
}

func (w *world) checkDraft(e obligation.Event) {
	s := w.state
	require.False(w, s.BeforeIssue, "what was due before the plan was issued never escalates")
	require.NotEqual(w, obligation.StageSubmitted, s.Stage)
	skipped := e.By != obligation.System
	require.True(w, s.Overdue, "no formal rung before the deadline has passed")
	require.True(w, skipped || !e.At.Before(s.OverdueAt(holidays)))
	require.Nil(w, s.Application, "nor while an application waits")
	require.Nil(w, s.Objection)
	require.True(w, skipped || w.refused.IsZero() || w.refused.Before(s.Since) || calendar.DateOf(e.At, shanghai) > calendar.DateOf(w.refused, shanghai),
		"nor on the day of its refusal")
	for _, d := range w.drafted {
		require.NotEqual(w, d.Rung, e.Rung, "no formal rung twice")
	}
	if n := len(w.drafted); n > 0 {
		require.False(w, w.settled.Before(w.drafted[n-1].At), "one waits for the other")
		from, to := calendar.DateOf(w.settled, shanghai), calendar.DateOf(e.At, shanghai)
		require.True(w, skipped || holidays.WorkdaysBetween(from, to) >= s.Policy.Ladder.Cure, "the cure period lies between")
		if w.ladders == 1 {
			require.Greater(w, w.position(e.Rung), w.position(w.drafted[n-1].Rung), "in the ladder's order")
		}
	}
	w.drafted = append(w.drafted, e)
}

func (w *world) take(code string, n int) {
	key := fmt.Sprintf("%d/%s", w.era, code)
	if w.step(code).Anchor == obligation.AnchorSubmitted {
		key = fmt.Sprintf("%d of %s", w.pile, key)
	}
	require.Greater(w, n, w.taken[key], "no occurrence twice: %s", code)
	w.taken[key] = n
}

func (w *world) step(code string) obligation.Step {
	steps := w.state.Policy.Ladder.Steps
	return steps[slices.IndexFunc(steps, func(s obligation.Step) bool { return s.Code == code })]
}

func (w *world) position(rung obligation.Rung) int {
	return slices.IndexFunc(w.state.Policy.Ladder.Steps, func(s obligation.Step) bool { return s.Rung == rung })
}

func (w *world) put(c obligation.Command) error {
	before, err := json.Marshal(w.state)
	require.NoError(w, err)
	events, refused := obligation.Decide(w.state, c, holidays, w.now)
	after, err := json.Marshal(w.state)
	require.NoError(w, err)
	require.Equal(w, string(before), string(after))
	if refused != nil {
		var e *obligation.Error
		require.ErrorAs(w, refused, &e)
		require.NotEmpty(w, e.Error())
		require.Empty(w, events)
		return refused
	}
	w.record(events)
	return nil
}

var tickCommand = obligation.Command{Kind: obligation.Tick}

// tick lets the time be now, and checks that everything that was due is done.
func (w *world) tick() {
	require.NoError(w, w.put(tickCommand))
	again, err := obligation.Decide(w.state, tickCommand, holidays, w.now)
	require.NoError(w, err)
	require.Empty(w, again, "the same instant again brings nothing")
	next, ok := obligation.NextStep(w.state, holidays)
	fresh, pending := obligation.NextNewStep(w.state, holidays)
	require.True(w, ok || !pending)
	if !ok {
		require.True(w, w.state.IsClosed() || w.state.WaitingOn() != "", "it waits for somebody")
		return
	}
	require.True(w, next.At.After(w.now), "nothing is left behind: %s", next.Describe())
	require.True(w, !pending || !fresh.At.Before(next.At))
	if next.Kind != obligation.Overdue {
		require.True(w, holidays.Workday(calendar.DateOf(next.At, shanghai)), "no step on a rest day")
		require.Equal(w, w.state.Policy.At, next.At.Sub(calendar.DateOf(next.At, shanghai).At(0, shanghai)))
	}
	early, err := obligation.Decide(w.state, tickCommand, holidays, next.At.Add(-time.Microsecond))
	require.NoError(w, err)
	require.Empty(w, early, "nothing happens before the next step")
	due, err := obligation.Decide(w.state, tickCommand, holidays, next.At)
	require.NoError(w, err)
	require.NotEmpty(w, due, "at its time it happens: %s", next.Describe())
	require.True(w, slices.ContainsFunc(due, func(e obligation.Event) bool { return e.Kind == next.Kind }))
}

// advance moves the time on, often to the very instant of the next step.
func (w *world) advance() {
	next, ok := obligation.NextStep(w.state, holidays)
	switch how := rapid.IntRange(0, 5).Draw(w.T, "how"); {
	case how <= 2 && ok && next.At.After(w.now):
		w.now = next.At
		if how == 2 {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 1000).Draw(w.T, "minutes late")) * time.Minute)
		}
	case how == 3:
		w.now = w.now.AddDate(0, 0, rapid.IntRange(0, 200).Draw(w.T, "days"))
	default:
		w.now = w.now.Add(time.Duration(rapid.IntRange(0, 100).Draw(w.T, "hours")) * time.Hour)
	}
	w.now = w.now.Truncate(time.Microsecond).UTC()
}

var anyKind = []obligation.CommandKind{
	obligation.Sign, obligation.Submit, obligation.Accept, obligation.Return, obligation.Nudge, obligation.Issue, obligation.Issue,
	obligation.WithdrawDoc, obligation.Rearm, obligation.Submit, obligation.Return, obligation.AskExtension, obligation.AskExtension,
	obligation.AskExtension, obligation.GrantExtension, obligation.RefuseExtension, "nonsense", obligation.Waive,
	obligation.Suspend, obligation.Suspend, obligation.Resume, obligation.SendBack, obligation.SendBack, obligation.RefuseSendBack, obligation.ReportProgress,
	obligation.Skip, obligation.Skip, obligation.Delegate, obligation.EndDelegation, obligation.HandOver, obligation.BreakDown, obligation.HearPart,
	obligation.Supervise, obligation.Regrade, obligation.PassReview, obligation.PassReview, obligation.FailReview,
	obligation.PlanInspection, obligation.RecordInspection, obligation.RecordInspection, obligation.AddFindings,
}

// anyReport draws a report that somebody could fill in, right or wrong.
func (w *world) anyReport() *obligation.Report {
	text := rapid.SampledFrom([]string{"", " ", "已检查", strings.Repeat("字", 2000)})
	r := &obligation.Report{
		Zero: rapid.Bool().Draw(w.T, "zero"), Progress: text.Draw(w.T, "progress"), Problems: text.Draw(w.T, "problems"), Next: text.Draw(w.T, "next"),
	}
	for i := range rapid.IntRange(0, 3).Draw(w.T, "lines") {
		id := w.state.ID
		id.Measure = fmt.Sprintf("1.%d", i)
		id.Unit = rapid.SampledFrom([]string{id.Unit, id.Unit, id.Unit, "foreign"}).Draw(w.T, "whose")
		r.Lines = append(r.Lines, obligation.ReportLine{ID: id, Note: rapid.SampledFrom([]string{"", "说明"}).Draw(w.T, "note")})
	}
	return r
}

func (w *world) anyCommand() obligation.Command {
	kinds := anyKind
	if w.state.Application != nil && rapid.Bool().Draw(w.T, "decides") {
		kinds = []obligation.CommandKind{obligation.GrantExtension, obligation.RefuseExtension}
	}
	if w.state.Objection != nil && rapid.Bool().Draw(w.T, "answers") {
		kinds = []obligation.CommandKind{obligation.RefuseSendBack}
	}
	if w.state.Suspension != nil && rapid.Bool().Draw(w.T, "goes on") {
		kinds = []obligation.CommandKind{obligation.Resume}
	}
	c := obligation.Command{
		Kind: rapid.SampledFrom(kinds).Draw(w.T, "command"),
		By:   obligation.Actor{Role: obligation.RoleOffice, Name: "王"},
		Text: rapid.SampledFrom([]string{"", "写了一些", "写了一些"}).Draw(w.T, "text"),
	}
	switch c.Kind {
	case obligation.Submit:
		if rapid.Bool().Draw(w.T, "by the form") {
			c.Report = w.anyReport()
		}
	case obligation.Regrade:
		c.Hazard = &obligation.Hazard{Grade: rapid.SampledFrom(obligation.Grades).Draw(w.T, "grade"), Reviewer: rapid.SampledFrom([]string{"", "yjj", "huayang"}).Draw(w.T, "reviewer")}
	case obligation.PassReview, obligation.FailReview:
		c.Unit, c.Checked = "yjj", calendar.DateOf(w.now, shanghai).AddDays(rapid.IntRange(-3, 1).Draw(w.T, "checked"))
	case obligation.Return:
		if rapid.Bool().Draw(w.T, "names a day") {
			c.Due = calendar.DateOf(w.now, shanghai).AddDays(rapid.IntRange(-2, 60).Draw(w.T, "until"))
		}
	case obligation.AskExtension:
		c.Due = w.state.Deadline().AddDays(rapid.IntRange(-2, 60).Draw(w.T, "wished for"))
	case obligation.GrantExtension:
		if rapid.Bool().Draw(w.T, "names another day") {
			c.Due = calendar.DateOf(w.now, shanghai).AddDays(rapid.IntRange(-2, 60).Draw(w.T, "granted"))
		}
	case obligation.BreakDown:
		c.Parts = []obligation.Part{{Unit: "xinhua", UnitName: "新华路街道", Text: "提供材料", Due: w.state.Deadline()}}
	case obligation.PlanInspection, obligation.RecordInspection, obligation.AddFindings:
		c.Inspection = anySheet(w.T, w.state.Start)
		c.Findings, c.Ladders = anyFindings(w.T, calendar.DateOf(w.now, shanghai)), []obligation.Ladder{w.state.Policy.Ladder}
	case obligation.HearPart:
		c.Parts = []obligation.Part{{N: rapid.IntRange(1, 3).Draw(w.T, "part"), Stage: rapid.SampledFrom([]obligation.Stage{
			obligation.StageSigned, obligation.StageSubmitted, obligation.StageReturned, obligation.StageAccepted, obligation.StageAccepted,
		}).Draw(w.T, "stage")}}
	case obligation.Delegate, obligation.HandOver:
		c.Name = rapid.SampledFrom([]string{"", "王", "李"}).Draw(w.T, "name")
		c.Due = calendar.DateOf(w.now, shanghai).AddDays(rapid.IntRange(-2, 60).Draw(w.T, "last day"))
	case obligation.Skip:
		c.Rung = rapid.SampledFrom([]obligation.Rung{
			obligation.Letter, obligation.Circular, obligation.Interview, obligation.Expose, obligation.Transfer, obligation.Press,
		}).Draw(w.T, "rung")
	case obligation.Issue, obligation.WithdrawDoc:
		c.Number, c.Letters = "号", rapid.IntRange(0, 3).Draw(w.T, "letters")
		c.Rung, _ = w.state.PendingDraft()
		if rapid.IntRange(0, 9).Draw(w.T, "wrong rung") == 0 {
			c.Rung = obligation.Expose
		}
	case obligation.Rearm:
		if rapid.Bool().Draw(w.T, "facts") {
			facts := w.state.Facts
			facts.Due = facts.Due.AddDays(rapid.IntRange(-60, 60).Draw(w.T, "moved"))
			c.Facts = &facts
		}
		if rapid.IntRange(0, 3).Draw(w.T, "policy") == 0 {
			policy := w.state.Policy
			policy.Ladder = anyLadder(w.T)
			c.Policy = &policy
		}
	default:
	}
	return c
}

func anySheet(t *rapid.T, start calendar.Date) *obligation.InspectionSheet {
	return &obligation.InspectionSheet{Theme: rapid.SampledFrom([]string{"", "消防", "燃气"}).Draw(t, "theme"), Visits: []obligation.Visit{{
		Unit: "xinhua", UnitName: "新华路街道", Day: start.AddDays(rapid.IntRange(-1, 7).Draw(t, "day")), Seen: rapid.SampledFrom([]string{"", "商铺", "商铺"}).Draw(t, "seen"),
	}}}
}

func anyFindings(t *rapid.T, today calendar.Date) []obligation.Finding {
	var out []obligation.Finding
	for range rapid.IntRange(0, 3).Draw(t, "findings") {
		f := obligation.Finding{
			Unit: rapid.SampledFrom([]string{"xinhua", "xinhua", "xinhua", "tianshan"}).Draw(t, "found with"), UnitName: "街道", Text: "堵塞", Severity: obligation.SeverityGrave,
			Demands: "清理", Ladder: "any",
		}
		if rapid.Bool().Draw(t, "names a day for it") {
			f.Due = today.AddDays(rapid.IntRange(-1, 30).Draw(t, "finding due"))
		}
		out = append(out, f)
	}
	return out
}

// For any ladder, any sequence of commands and any times.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, opened := anyOpening(t)
		w := &world{T: t, now: opened.UTC(), taken: map[string]int{}, overdue: map[int]bool{}, ladders: 1}
		w.first = obligation.Open(o, holidays, opened)
		w.state = obligation.Apply(w.state, w.first)
		w.overdue[0] = w.state.Overdue
		w.events = []obligation.Event{w.first}
		for range rapid.IntRange(1, 30).Draw(t, "acts") {
			w.advance()
			if rapid.IntRange(0, 2).Draw(t, "who") > 0 {
				w.tick()
			} else if err := w.put(w.anyCommand()); err != nil && w.state.IsClosed() {
				requireCode(t, obligation.CodeClosed, err)
			}
		}
		require.Equal(t, w.state, obligation.Replay(obligation.State{}, w.events), "the ledger says everything")
		for _, e := range w.events {
			told := map[string]bool{}
			for _, n := range obligation.Notices(w.state, e) {
				to := w.state.Address(n.To)
				require.True(t, to != "" && !told[to], "one notice for each recipient")
				told[to] = true
			}
		}
		stored, err := json.Marshal(w.state)
		require.NoError(t, err)
		var back obligation.State
		require.NoError(t, json.Unmarshal(stored, &back))
		next, ok := obligation.NextStep(w.state, holidays)
		same, still := obligation.NextStep(back, holidays)
		require.Equal(t, ok, still)
		require.Equal(t, next, same, "a state that was stored goes on as if it had not been")
	})
}

// Followed on time or found late after any outage: the formal rungs are the same, in the same order, and all of them.
func TestOutagesChangeNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, opened := anyOpening(t)
		o.Facts.BeforeIssue = false
		end := o.Facts.Due.AddDays(2000).At(0, shanghai)
		run := func(outages bool) (rungs []obligation.Rung) {
			s := obligation.Apply(obligation.State{}, obligation.Open(o, holidays, opened))
			for {
				next, ok := obligation.NextNewStep(s, holidays)
				if !ok || next.At.After(end) {
					return rungs
				}
				now := next.At
				if outages && rapid.IntRange(0, 3).Draw(t, "outage") == 0 {
					now = now.AddDate(0, 0, rapid.IntRange(1, 200).Draw(t, "days"))
				}
				events, err := obligation.Decide(s, tickCommand, holidays, now)
				require.NoError(t, err)
				require.NotEmpty(t, events)
				s = obligation.Replay(s, events)
				if rung, waits := s.PendingDraft(); waits {
					rungs = append(rungs, rung)
					issued, err := obligation.Decide(s, obligation.Command{Kind: obligation.Issue, Rung: rung, Number: "号"}, holidays, now)
					require.NoError(t, err)
					s = obligation.Replay(s, issued)
				}
			}
		}
		onTime := run(false)
		var formal []obligation.Rung
		for _, st := range o.Policy.Ladder.Steps {
			if st.Rung.Formal() {
				formal = append(formal, st.Rung)
			}
		}
		require.Equal(t, formal, onTime, "nobody acts, so every rung is reached")
		require.Equal(t, onTime, run(true))
	})
}
