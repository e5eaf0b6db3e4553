package obligation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
)

// The commands about an interview (约谈). They go on after the obligation itself is closed: whoever was called in still
// puts right what was demanded of him.
const (
	Arrange             CommandKind = "arrange"              // the office gives it another time or place, with a reason
	Conclude            CommandKind = "conclude"             // the office records the minutes, and what has to be put right
	Rectify             CommandKind = "rectify"              // the unit reports that it is put right
	VerifyRectification CommandKind = "verify_rectification" // the office finds it so
	ReturnRectification CommandKind = "return_rectification" // or does not, and says why and until when
	WaiveRectification  CommandKind = "waive_rectification"  // the office does not insist on it, with a reason
)

// InterviewCommands are all of them.
var InterviewCommands = []CommandKind{Arrange, Conclude, Rectify, VerifyRectification, ReturnRectification, WaiveRectification}

// The events about an interview. They leave the obligation's stage, deadline and steps as they are.
const (
	InterviewMoved        EventKind = "interview_moved"
	InterviewHeld         EventKind = "interview_held"
	Rectified             EventKind = "rectified" // the unit says so
	RectificationVerified EventKind = "rectification_verified"
	RectificationReturned EventKind = "rectification_returned"
	RectificationWaived   EventKind = "rectification_waived"
)

// The greatest lengths of what the office writes about an interview, in characters.
const (
	maxPlace    = 200
	maxMaterial = 1000
)

// Meeting is an interview (约谈) from the day it is arranged to the day everything that came of it is done.
type Meeting struct {
	At       time.Time `json:"at"`
	Place    string    `json:"place"`
	Material string    `json:"material,omitempty"` // what the unit has to bring
	Held     time.Time `json:"held,omitzero"`      // when the minutes were recorded
	Outcome  string    `json:"outcome,omitempty"`  // the minutes

	Moves         []Move         `json:"moves,omitempty"`         // that it was put off, in the order of time
	Rectification *Rectification `json:"rectification,omitempty"` // what has to be put right
	Exempt        string         `json:"exempt,omitempty"`        // why nothing has to
}

// Move is one change of an interview's time, place or material.
type Move struct {
	By     Actor     `json:"by"`
	On     time.Time `json:"on"`
	Reason string    `json:"reason"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Place  string    `json:"place"` // where it was to be before
}

// Rectification (整改) is what an interview demands, with a deadline of its own.
type Rectification struct {
	Seq      int           `json:"seq"` // of the event by which whoever holds it does
	Demands  string        `json:"demands"`
	Original calendar.Date `json:"original"` // the first deadline
	Due      calendar.Date `json:"due"`      // its whole day included
	Since    time.Time     `json:"since"`    // when the unit got that deadline
	Report   string        `json:"report,omitempty"`
	Evidence []Evidence    `json:"evidence,omitempty"` // handed in with Report
	Reported time.Time     `json:"reported,omitzero"`  // zero: the unit has still to report
	Returned int           `json:"returned,omitempty"`
	Reason   string        `json:"reason,omitempty"` // of the last return, or of the waiver
	Settled  time.Time     `json:"settled,omitzero"` // verified or waived
	Verified bool          `json:"verified,omitempty"`
	Late     bool          `json:"late,omitempty"` // a deadline ever passed before the unit reported
}

// Open reports whether somebody has still to do something.
func (r *Rectification) Open() bool { return r != nil && r.Settled.IsZero() }

// WithUnit reports whether that is the unit.
func (r *Rectification) WithUnit() bool { return r.Open() && r.Reported.IsZero() }

// OverdueOn reports whether the unit has missed the deadline by the day.
func (r *Rectification) OverdueOn(today calendar.Date) bool { return r.WithUnit() && today > r.Due }

// RectificationStatus is where a rectification stands.
type RectificationStatus string

// The states of a rectification.
const (
	RectificationOpen     RectificationStatus = "open"     // the unit puts it right
	RectificationReported RectificationStatus = "reported" // the office verifies
	RectificationDone     RectificationStatus = "verified"
	RectificationDropped  RectificationStatus = "waived"
)

// Status returns where it stands.
func (r *Rectification) Status() RectificationStatus {
	switch {
	case r.WithUnit():
		return RectificationOpen
	case r.Open():
		return RectificationReported
	case r.Verified:
		return RectificationDone
	default:
		return RectificationDropped
	}
}

// IsSettled reports whether nothing of the interview is left to do.
func (m *Meeting) IsSettled() bool { return !m.Held.IsZero() && !m.Rectification.Open() }

// aboutInterview reports whether the command is about an interview.
func (k CommandKind) aboutInterview() bool { return slices.Contains(InterviewCommands, k) }

// aboutInterview reports whether the event is about an interview.
func (k EventKind) aboutInterview() bool {
	switch k {
	case InterviewMoved, InterviewHeld, Rectified, RectificationVerified, RectificationReturned, RectificationWaived:
		return true
	default:
		return false
	}
}

// check returns an *Error where the unit can't be called in for it.
func (m Meeting) check(now time.Time) error {
	if m.At.IsZero() || strings.TrimSpace(m.Place) == "" {
		return refuse(CodeMeetingMissing)
	}
	if utf8.RuneCountInString(m.Place) > maxPlace || utf8.RuneCountInString(m.Material) > maxMaterial {
		return refuse(CodeTextTooLong)
	}
	if !m.At.After(now) {
		return refuse(CodeMeetingPast)
	}
	return nil
}

// appointment returns when, where and with what the unit is called in, in the form that the ledger keeps.
func (m Meeting) appointment() *Meeting {
	return &Meeting{At: stamp(m.At), Place: strings.TrimSpace(m.Place), Material: strings.TrimSpace(m.Material)}
}

// interviewing is what decisions about an interview rest on.
type interviewing struct {
	meeting *Meeting
	cal     *calendar.Calendar
	loc     *time.Location
	now     time.Time
	rework  int // working days that the unit has where the office names no date
}

func (i interviewing) today() calendar.Date { return calendar.DateOf(i.now, i.loc) }

// decide returns the event that the command leads to. Its text is trimmed.
func (i interviewing) decide(c Command) (Event, error) {
	m := i.meeting
	if m == nil {
		return Event{}, refuse(CodeNoMeeting)
	}
	switch c.Kind {
	case Arrange:
		return i.arrange(c)
	case Conclude:
		return i.conclude(c)
	default:
	}
	r := m.Rectification
	switch {
	case !r.Open():
		return Event{}, refuse(CodeNoRectification)
	case c.Kind == WaiveRectification:
		if c.Text == "" {
			return Event{}, refuse(CodeReasonMissing)
		}
		return Event{Kind: RectificationWaived, Rung: Interview}, nil
	case c.Kind == Rectify:
		if !r.WithUnit() {
			return Event{}, refuse(CodeRectified)
		}
		if c.Text == "" {
			return Event{}, refuse(CodeRectificationTextMissing)
		}
		files, err := evidenceOf(c)
		return Event{Kind: Rectified, Rung: Interview, Overdue: r.OverdueOn(i.today()), Evidence: files}, err
	case r.WithUnit():
		return Event{}, refuse(CodeNotRectified)
	case c.Kind == VerifyRectification:
		return Event{Kind: RectificationVerified, Rung: Interview}, nil
	case c.Text == "":
		return Event{}, refuse(CodeReasonMissing)
	}
	due, err := i.due(c.Due)
	if c.Due.IsZero() {
		due = max(due, r.Due) // whoever reported in time keeps the whole of it
	}
	return Event{Kind: RectificationReturned, Rung: Interview, Due: due}, err
}

func (i interviewing) arrange(c Command) (Event, error) {
	m := i.meeting
	switch {
	case !m.Held.IsZero():
		return Event{}, refuse(CodeNoMeeting)
	case c.Meeting == nil:
		return Event{}, refuse(CodeMeetingMissing)
	}
	if err := c.Meeting.check(i.now); err != nil {
		return Event{}, err
	}
	to := c.Meeting.appointment()
	switch {
	case to.At.Equal(m.At) && to.Place == m.Place && to.Material == m.Material:
		return Event{}, refuse(CodeNothingToDo)
	case c.Text == "":
		return Event{}, refuse(CodeReasonMissing)
	}
	return Event{Kind: InterviewMoved, Rung: Interview, Meeting: to, Former: i.former()}, nil
}

// former says in one line when and where the interview was to be.
func (i interviewing) former() string {
	return i.meeting.At.In(i.loc).Format(momentLayout) + " " + i.meeting.Place
}

func (i interviewing) conclude(c Command) (Event, error) {
	m := i.meeting
	demands, exempt := strings.TrimSpace(c.Demands), strings.TrimSpace(c.Exempt)
	switch {
	case !m.Held.IsZero():
		return Event{}, refuse(CodeNoMeeting)
	case i.today() < calendar.DateOf(m.At, i.loc):
		return Event{}, refuse(CodeMeetingAhead)
	case c.Text == "":
		return Event{}, refuse(CodeOutcomeMissing)
	case (demands == "") == (exempt == ""), demands == "" && !c.Due.IsZero():
		return Event{}, refuse(CodeRectificationMissing)
	case utf8.RuneCountInString(demands) > MaxText || utf8.RuneCountInString(exempt) > MaxText:
		return Event{}, refuse(CodeTextTooLong)
	}
	e := Event{Kind: InterviewHeld, Rung: Interview, Meeting: m.appointment(), Demands: demands, Exempt: exempt}
	if demands == "" {
		return e, nil
	}
	var err error
	e.Due, err = i.due(c.Due)
	return e, err
}

// due returns the deadline that the office names, or the one by the ladder.
func (i interviewing) due(named calendar.Date) (calendar.Date, error) {
	switch {
	case named.IsZero():
		return i.cal.AddWorkdays(i.today(), max(i.rework, 1)), nil
	case named <= i.today():
		return 0, refuse(CodeDueInvalid)
	default:
		return named, nil
	}
}

// interview decides a command about the obligation's interview.
func (s State) interview(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	return interviewing{s.Meeting, cal, s.Policy.Location(), now, s.Policy.Ladder.Rework}.decide(c)
}

// Adopting returns the state with an interview that was arranged before the ledger spoke of interviews, for deciding on
// it. Events name all that it needs to be known by, so the state itself need not.
func (s State) Adopting(m *Meeting) State {
	if s.Meeting == nil {
		s.Meeting = m
	}
	return s
}

// after returns the interview after an event about it; m is what was known before, nil where nothing was.
func (m *Meeting) after(e Event) *Meeting {
	var out Meeting
	if m != nil {
		out = *m
	}
	if e.Meeting != nil {
		before := out
		out.At, out.Place, out.Material = e.Meeting.At, e.Meeting.Place, e.Meeting.Material
		if e.Kind == InterviewMoved {
			out.Moves = append(slices.Clone(out.Moves), Move{By: e.By, On: e.At, Reason: e.Text, From: before.At, To: out.At, Place: before.Place})
		}
	}
	var r Rectification
	if out.Rectification != nil {
		r = *out.Rectification
	}
	switch e.Kind {
	case InterviewHeld:
		out.Held, out.Outcome, out.Exempt = e.At, e.Text, e.Exempt
		if e.Demands == "" {
			return &out
		}
		r = Rectification{Seq: e.Seq, Demands: e.Demands, Original: e.Due, Due: e.Due, Since: e.At}
	case Rectified:
		r.Seq, r.Report, r.Evidence, r.Reported, r.Late = e.Seq, e.Text, e.Evidence, e.At, r.Late || e.Overdue
	case RectificationReturned:
		r.Seq, r.Due, r.Since, r.Reported, r.Reason, r.Returned = e.Seq, e.Due, e.At, time.Time{}, e.Text, r.Returned+1
	case RectificationVerified:
		r.Settled, r.Verified, r.Reason = e.At, true, e.Text
	case RectificationWaived:
		r.Settled, r.Reason = e.At, e.Text
	default:
		return &out
	}
	out.Rectification = &r
	return &out
}

// After returns the document after an event about it, and itself after any other.
func (d Document) After(e Event) Document {
	if e.Rung != d.Rung {
		return d
	}
	switch {
	case e.Kind == Issued:
		d.Status, d.Number, d.SignedBy, d.Settled, d.Reason = DocumentIssued, e.Number, e.By.Name, e.At, e.Text
		if e.Meeting != nil {
			d.Meeting = d.Meeting.after(e)
		}
	case e.Kind == Withdrawn:
		d.Status, d.SignedBy, d.Settled, d.Reason = DocumentWithdrawn, e.By.Name, e.At, e.Text
	case e.Kind.aboutInterview():
		d.Meeting = d.Meeting.after(e)
	}
	return d
}

// Can returns an *Error where a command about the interview is refused at the business instant now.
func (d Document) Can(c Command, cal *calendar.Calendar, loc *time.Location, now time.Time) error {
	if d.Rung != Interview || d.Status != DocumentIssued {
		return refuse(CodeNoMeeting)
	}
	c.Text = strings.TrimSpace(c.Text)
	if utf8.RuneCountInString(c.Text) > MaxText {
		return refuse(CodeTextTooLong)
	}
	_, err := interviewing{d.Meeting, cal, loc, stamp(now), 1}.decide(c)
	return err
}

// SettlesDocument reports whether the event changes the document of its rung: it is signed off or withdrawn, or becomes of
// an interview what the event says.
func (e Event) SettlesDocument() bool {
	return e.Kind == Issued || e.Kind == Withdrawn || e.Kind.aboutInterview()
}

// WaitsUntil returns the deadline of whoever holds the document, zero where he has none.
func (d Document) WaitsUntil() calendar.Date {
	if r := d.rectification(); r.WithUnit() {
		return r.Due
	}
	return 0
}

// WaitingOn returns who holds the document: "office", "leader", the unit's code, or "" where nothing is left to do.
func (d Document) WaitingOn() string {
	switch {
	case d.IsSettled():
		return ""
	case d.Status == DocumentDraft && d.SignOff == SignOffLeader:
		return string(RoleLeader)
	case d.Status == DocumentIssued && d.Meeting != nil && d.Meeting.Rectification.WithUnit():
		return cmp.Or(d.Unit, d.Obligation.Unit)
	default:
		return string(ToOffice)
	}
}

// called says when and where the unit is called in, and what it has to bring; "" where there is no interview.
func (s State) called(m *Meeting) string {
	if m == nil {
		return ""
	}
	text := fmt.Sprintf(textMeeting, m.At.In(s.Policy.Location()).Format(momentLayout), m.Place)
	if m.Material != "" {
		text += fmt.Sprintf(textMaterial, m.Material)
	}
	return text
}

// tellInterview completes the notice of an event about an interview. Minutes that demand nothing need not be told: the
// unit was there.
func (s State) tellInterview(e Event, n Notice) Notice {
	switch e.Kind {
	case InterviewMoved:
		n.Urgent = true
		n.Text = fmt.Sprintf(textInterviewMoved, e.Meeting.At.In(s.Policy.Location()).Format(momentLayout), e.Meeting.Place, e.Former)
		if e.Meeting.Material != "" {
			n.Text += fmt.Sprintf(textMaterial, e.Meeting.Material)
		}
		n.Text += fmt.Sprintf(textMovedWhy, e.Text)
	case InterviewHeld:
		if e.Demands != "" {
			n.Urgent = true
			n.Text = fmt.Sprintf(textInterviewHeld, e.Due.Chinese(), e.Demands)
		}
	case Rectified:
		with := ""
		if files := len(e.Evidence); files > 0 {
			with = fmt.Sprintf(textWithFiles, files)
		}
		n.To, n.Text = ToOffice, fmt.Sprintf(textRectified, s.UnitName, with, e.Text)
		if e.Overdue {
			n.Text = fmt.Sprintf(textRectifiedLate, s.UnitName, with, e.Text)
		}
	case RectificationVerified:
		n.Text = textVerified
		if e.Text != "" {
			n.Text += fmt.Sprintf(textRemark, e.Text)
		}
	case RectificationReturned:
		n.Urgent = true
		n.Text = fmt.Sprintf(textReturnedAgain, e.Due.Chinese(), e.Text)
	case RectificationWaived:
		n.Text = fmt.Sprintf(textRectifyWaived, e.Text)
	default:
	}
	return n
}
