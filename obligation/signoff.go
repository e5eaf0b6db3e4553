package obligation

import (
	"reflect"
	"strings"
	"time"

	"duban/calendar"
)

// IsSettled reports whether nobody has anything left to do on the document: it is withdrawn, or issued and, where it
// is an interview, held and what it demanded put right.
func (d Document) IsSettled() bool {
	switch d.Status {
	case DocumentWithdrawn:
		return true
	case DocumentIssued:
		return d.Rung != Interview || (d.Meeting != nil && d.Meeting.IsSettled())
	case DocumentDraft:
	}
	return false
}

// By returns an *Error where somebody of the role can't sign off: what is for a leader is for nobody else, and a leader
// may sign off whatever the office may.
func (s SignOff) By(role Role) error {
	if role == RoleLeader || role == RoleOffice && s != SignOffLeader {
		return nil
	}
	return refuse(CodeSignOffRole)
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

func (d Document) awaitsMeeting() bool {
	return d.Rung == Interview && d.Status == DocumentIssued && d.Meeting != nil && d.Meeting.Held.IsZero()
}

// Changed reports whether a person has moved the document on since before.
func (d Document) Changed(before Document) bool {
	if d.Status != before.Status || (d.Meeting == nil) != (before.Meeting == nil) {
		return true
	}
	return !reflect.DeepEqual(d.Meeting, before.Meeting)
}

// RemindAt returns the business instant at which whoever holds the document is reminded for the (n+1)-th time: every
// so many working days after the draft, after the day of the interview, or after the report of what was put right, at the
// given time of day. A unit that has to put something right is reminded once so many working days before its deadline,
// where that still lies ahead, on the first working day after it, and then again and again.
func (d Document) RemindAt(n, every int, at time.Duration, cal *calendar.Calendar, loc *time.Location) time.Time {
	every = max(every, 1)
	from := d.Drafted
	switch r := d.rectification(); {
	case d.awaitsMeeting():
		from = d.Meeting.At
	case r.WithUnit():
		if before := cal.AddWorkdays(r.Due, -every); before > calendar.DateOf(r.Since, loc) {
			if n == 0 {
				return before.At(at, loc)
			}
			n--
		}
		return cal.AddWorkdays(r.Due, 1+n*every).At(at, loc)
	case r.Open():
		from = r.Reported
	}
	return cal.AddWorkdays(calendar.DateOf(from, loc), (n+1)*every).At(at, loc)
}

// rectification returns what an interview that was held demands, nil where it demands nothing.
func (d Document) rectification() *Rectification {
	if d.Status != DocumentIssued || d.Meeting == nil {
		return nil
	}
	return d.Meeting.Rectification
}
