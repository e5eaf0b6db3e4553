package obligation

import (
	"strings"
	"time"

	"duban/calendar"
)

// IsSettled reports whether nobody has anything left to do on the document: it is withdrawn, or issued and, where it
// is an interview, held.
func (d Document) IsSettled() bool {
	switch d.Status {
	case DocumentWithdrawn:
		return true
	case DocumentIssued:
		return d.Rung != Interview || (d.Meeting != nil && !d.Meeting.Held.IsZero())
	case DocumentDraft:
	}
	return false
}

// CanSignOff returns an *Error where the document can't be signed off at the business instant now. An interview needs
// its time and place, so that the notice can name them.
func (d Document) CanSignOff(m *Meeting, now time.Time) error {
	if d.Status != DocumentDraft {
		return refuse(CodeNoDraft)
	}
	if d.Rung != Interview {
		return nil
	}
	if m == nil {
		return refuse(CodeMeetingMissing)
	}
	return m.check(now)
}

func (m Meeting) check(now time.Time) error {
	if m.At.IsZero() || strings.TrimSpace(m.Place) == "" {
		return refuse(CodeMeetingMissing)
	}
	if !m.At.After(now) {
		return refuse(CodeMeetingPast)
	}
	return nil
}

// CanWithdraw returns an *Error where the document is no draft any more, or the reason is missing.
func (d Document) CanWithdraw(reason string) error {
	if d.Status != DocumentDraft {
		return refuse(CodeNoDraft)
	}
	if strings.TrimSpace(reason) == "" {
		return refuse(CodeReasonMissing)
	}
	return nil
}

// CanArrange returns an *Error where there is no interview to give another time or place.
func (d Document) CanArrange(m Meeting, now time.Time) error {
	if !d.awaitsMeeting() {
		return refuse(CodeNoMeeting)
	}
	return m.check(now)
}

// CanConclude returns an *Error where no interview awaits its outcome, or none is given.
func (d Document) CanConclude(outcome string) error {
	if !d.awaitsMeeting() {
		return refuse(CodeNoMeeting)
	}
	if strings.TrimSpace(outcome) == "" {
		return refuse(CodeTextMissing)
	}
	return nil
}

func (d Document) awaitsMeeting() bool {
	return d.Rung == Interview && d.Status == DocumentIssued && d.Meeting != nil && d.Meeting.Held.IsZero()
}

// Changed reports whether a person has moved the document on since before.
func (d Document) Changed(before Document) bool {
	if d.Status != before.Status || (d.Meeting == nil) != (before.Meeting == nil) {
		return true
	}
	return d.Meeting != nil && *d.Meeting != *before.Meeting
}

// RemindAt returns the business instant at which whoever holds the document is reminded for the (n+1)-th time: every
// so many working days after the draft, or after the day of the interview, at the given time of day.
func (d Document) RemindAt(n, every int, at time.Duration, cal *calendar.Calendar, loc *time.Location) time.Time {
	from := d.Drafted
	if d.awaitsMeeting() {
		from = d.Meeting.At
	}
	return cal.AddWorkdays(calendar.DateOf(from, loc), (n+1)*max(every, 1)).At(at, loc)
}
