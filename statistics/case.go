// Package statistics (统计) computes every figure that people are given of a plan: how much is done and done in time, how far
// things escalated, and how long units and the office took. Pages, the API, spreadsheets and the report to the committee all
// show what this package says. It is pure: the same ledgers, definition and instant give the same figures.
package statistics

import (
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Work is something that takes a unit or the office time.
type Work string

// What is measured. The first two are the units' time, the others the office's own and the leaders'.
const (
	Sign    Work = "sign"     // from the opening until the unit signs for it, or reports without having signed
	Report  Work = "report"   // from the opening, or the latest return, until the unit reports
	Review  Work = "review"   // from a report, or its passing a hazard's reviewer, until it is accepted or returned
	Answer  Work = "answer"   // from an application for more time, or an objection, until it is decided
	SignOff Work = "sign_off" // from the draft of a document until a person signs it off or withdraws it
)

// Works are all that is measured, in the order in which people are shown it.
var Works = [...]Work{Sign, Report, Review, Answer, SignOff}

// Rungs are the rungs that are counted, from the lowest.
var Rungs = [...]obligation.Rung{
	obligation.Remind, obligation.Press, obligation.Letter, obligation.Circular, obligation.Interview, obligation.Expose, obligation.Transfer,
}

// Case is what of one obligation's ledger the figures are taken from. It is small, so that those of a whole plan can be kept.
type Case struct {
	ID                   obligation.ID
	Task, Unit, UnitName string
	Title                string

	Due      calendar.Date // the due date that holds now: it decides to which month everything of the obligation counts
	Standing obligation.Standing
	Reached  [len(Rungs)]int // how often each of Rungs reached the unit
	Took     []Took
	Report   *Reported // where the obligation is a month's report
}

// Reported is what became of a month's report (月报).
type Reported struct {
	Period string    // 2024-05
	Zero   bool      // the unit has reported that there is nothing to tell
	At     time.Time // of the latest submission; zero: there is none
}

// ReportOf returns what became of a month's report; nil where the obligation is none.
func ReportOf(s obligation.State) *Reported {
	if s.Form != plan.FormMonthly {
		return nil
	}
	return &Reported{Period: s.ID.Period, Zero: s.Report != nil && s.Report.Zero, At: s.Submitted}
}

// Took is how long one piece of work took: working time, less what the obligation was suspended.
type Took struct {
	Work Work
	Time time.Duration
}

// Read takes a case out of a ledger, as of the instant until, which is not included; zero: as of the ledger's end. It is
// false where nothing had happened by then.
func Read(ledger []obligation.Event, cal *calendar.Calendar, until time.Time) (Case, bool) {
	r := reader{cal: cal}
	for _, e := range ledger {
		if !until.IsZero() && !e.At.Before(until) {
			break
		}
		r.take(e)
	}
	s := r.state
	if s.Seq == 0 {
		return Case{}, false
	}
	r.out.ID, r.out.Task, r.out.Unit, r.out.UnitName, r.out.Title = s.ID, s.Task, s.ID.Unit, s.UnitName, s.Title
	r.out.Due, r.out.Standing = s.Due, s.Standing(cal)
	r.out.Report = ReportOf(s)
	return r.out, true
}

// Cut returns the instant as of which figures of a plan are taken, now or the end of an earlier day, and what Read needs for that; a zero
// date is today.
func Cut(d obligation.Definition, now time.Time, until calendar.Date) (asOf, cut time.Time) {
	if !until.IsZero() {
		if end := until.End(obligation.Location(d.Plan.Zone)); end.Before(now) {
			return end, end
		}
	}
	return now, time.Time{}
}

type reader struct {
	cal   *calendar.Calendar
	state obligation.State // before the event that is taken
	out   Case

	given     time.Time      // since when the unit has had it to report on
	drafted   time.Time      // the document that awaits its sign-off
	suspended [][2]time.Time // from when to when; none of them overlap
}

func (r *reader) take(e obligation.Event) {
	s := r.state
	r.state = obligation.Apply(s, e)
	switch e.Kind {
	case obligation.Recorded, obligation.Opened:
		r.given = e.At
	case obligation.Reminded:
		if e.To == obligation.ToUnit {
			r.reach(e.Rung)
		}
	case obligation.Signed:
		r.took(Sign, s.Opened, e.At)
	case obligation.Submitted:
		if s.Signed.IsZero() {
			r.took(Sign, s.Opened, e.At)
		}
		r.took(Report, r.given, e.At)
	case obligation.Accepted:
		r.took(Review, s.Presented(), e.At)
	case obligation.Returned:
		r.took(Review, s.Presented(), e.At)
		r.given = e.At
	case obligation.ReviewFailed:
		r.given = e.At // what a hazard's reviewer took is not the office's
	case obligation.Extended, obligation.ExtensionRefused:
		if s.Application != nil {
			r.took(Answer, s.Application.At, e.At)
		}
	case obligation.SendBackRefused, obligation.Waived, obligation.Promoted:
		if s.Objection != nil {
			r.took(Answer, s.Objection.At, e.At)
		}
	case obligation.Drafted:
		r.drafted = e.At
	case obligation.Issued, obligation.Withdrawn:
		if e.By.Role != obligation.RoleSystem {
			r.took(SignOff, r.drafted, e.At)
		}
		if e.Kind == obligation.Issued {
			r.reach(e.Rung)
		}
	case obligation.Resumed:
		if s.Suspension != nil {
			r.suspended = append(r.suspended, [2]time.Time{s.Suspension.At, e.At})
		}
	default: // everything else neither takes time that is measured nor reaches the unit as a rung
	}
}

func (r *reader) reach(rung obligation.Rung) {
	for i, of := range Rungs {
		if of == rung {
			r.out.Reached[i]++
		}
	}
}

func (r *reader) took(w Work, from, to time.Time) {
	r.out.Took = append(r.out.Took, Took{w, r.passed(from, to)})
}
