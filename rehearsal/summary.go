package rehearsal

import (
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Tally counts what happened.
type Tally struct {
	Opened     int `json:"opened"` // handed over; history is not counted
	History    int `json:"history"`
	Reminders  int `json:"reminders"` // to the unit
	Presses    int `json:"presses"`
	Overdue    int `json:"overdue"` // deadlines that passed
	Letters    int `json:"letters"` // issued, and so are the next four
	Circulars  int `json:"circulars"`
	Interviews int `json:"interviews"`
	Others     int `json:"others"`    // exposures and transfers
	Submitted  int `json:"submitted"` // reports
	Returned   int `json:"returned"`
	Accepted   int `json:"accepted"`
	Asked      int `json:"asked"` // applications for more time
	Extended   int `json:"extended"`
	Waived     int `json:"waived,omitempty"`
	Drafted    int `json:"drafted"` // documents for the office to sign off
	Chased     int `json:"chased"`  // reminders to the office of what waits for it
}

// Unit returns how many notices the unit gets: what it has to read.
func (t Tally) Unit() int {
	return t.Opened + t.Reminders + t.Presses + t.Overdue + t.Letters + t.Circulars + t.Interviews + t.Others + t.Returned + t.Extended
}

// Office returns how many things the office has to do: review, decide, sign off.
func (t Tally) Office() int { return t.Submitted + t.Asked + t.Drafted }

// Count takes in one event.
func (t *Tally) Count(e *obligation.Event) {
	switch e.Kind {
	case obligation.Opened:
		t.Opened++
	case obligation.Recorded:
		t.History++
	case obligation.Reminded:
		switch {
		case e.To == obligation.ToOffice, e.To == obligation.ToReviewer:
			t.Chased++
		case e.Rung == obligation.Press:
			t.Presses++
		default:
			t.Reminders++
		}
	case obligation.Overdue:
		t.Overdue++
	case obligation.Drafted:
		t.Drafted++
	case obligation.Issued:
		t.issued(e.Rung)
	case obligation.Submitted:
		t.Submitted++
	case obligation.Returned, obligation.ReviewFailed:
		t.Returned++
	case obligation.Accepted:
		t.Accepted++
	case obligation.ExtensionAsked:
		t.Asked++
	case obligation.Extended:
		t.Extended++
	case obligation.Waived, obligation.Promoted:
		t.Waived++
	case obligation.Withdrawn, obligation.Signed, obligation.Nudged, obligation.Rearmed, obligation.ExtensionRefused,
		obligation.Suspended, obligation.Resumed, obligation.SentBack, obligation.SendBackRefused,
		obligation.Progressed, obligation.Delegated, obligation.DelegationEnded, obligation.HandedOver,
		obligation.BrokenDown, obligation.PartMoved, obligation.InspectionPlanned, obligation.InspectionRecorded, obligation.FindingsAdded,
		obligation.InterviewMoved, obligation.InterviewHeld, obligation.Rectified, obligation.RectificationVerified,
		obligation.RectificationReturned, obligation.RectificationWaived,
		obligation.Supervised, obligation.Regraded, obligation.ReviewPassed:
	}
}

func (t *Tally) issued(r obligation.Rung) {
	switch r {
	case obligation.Letter:
		t.Letters++
	case obligation.Circular:
		t.Circulars++
	case obligation.Interview:
		t.Interviews++
	case obligation.Expose, obligation.Transfer:
		t.Others++
	case obligation.Remind, obligation.Press:
	}
}

// Add adds the other's counts.
func (t *Tally) Add(o Tally) {
	t.Opened += o.Opened
	t.History += o.History
	t.Reminders += o.Reminders
	t.Presses += o.Presses
	t.Overdue += o.Overdue
	t.Letters += o.Letters
	t.Circulars += o.Circulars
	t.Interviews += o.Interviews
	t.Others += o.Others
	t.Submitted += o.Submitted
	t.Returned += o.Returned
	t.Accepted += o.Accepted
	t.Asked += o.Asked
	t.Extended += o.Extended
	t.Waived += o.Waived
	t.Drafted += o.Drafted
	t.Chased += o.Chased
}

// Standing counts obligations by how they stand at the end of a run.
type Standing struct {
	OnTime  int `json:"onTime"`           // accepted, no deadline ever passed
	Late    int `json:"late"`             // accepted, a deadline had passed
	Green   int `json:"green"`            // open
	Yellow  int `json:"yellow"`           // open
	Red     int `json:"red"`              // open
	Waived  int `json:"waived,omitempty"` // neither on time nor late
	History int `json:"history"`          // fell due before the as-of date
}

// Total returns how many obligations are counted.
func (s Standing) Total() int { return s.Counted() + s.Waived + s.History }

// Counted returns how many obligations somebody had, or has, to deliver: what shares are taken of.
func (s Standing) Counted() int { return s.OnTime + s.Late + s.Green + s.Yellow + s.Red }

func (s *Standing) count(st obligation.State, cal *calendar.Calendar, at time.Time) {
	light := obligation.LightAt(st, cal, at)
	switch {
	case st.Stage == obligation.StageHistory:
		s.History++
	case st.Stage == obligation.StageWaived:
		s.Waived++
	case st.Stage == obligation.StageAccepted && st.WasOverdue:
		s.Late++
	case st.Stage == obligation.StageAccepted:
		s.OnTime++
	case light == obligation.Red:
		s.Red++
	case light == obligation.Yellow:
		s.Yellow++
	default:
		s.Green++
	}
}

// Week is what happens in one week.
type Week struct {
	Monday calendar.Date `json:"monday"`
	Tally
}

// UnitSummary is what one unit goes through.
type UnitSummary struct {
	Code  string        `json:"code"`
	Name  string        `json:"name"`
	Kind  string        `json:"kind"`
	Weeks []int         `json:"weeks"` // notices to it, by the run's weeks
	Peak  calendar.Date `json:"peak"`  // Monday of the week with the most notices, the first of them
	Most  int           `json:"most"`  // notices in that week
	Total Tally         `json:"total"`
	End   Standing      `json:"end"`
}

// Summary is a run in figures.
type Summary struct {
	Total      Tally         `json:"total"`
	End        Standing      `json:"end"`
	Weeks      []Week        `json:"weeks"` // from the first to the last in which anything happened
	Units      []UnitSummary `json:"units"` // in the plan's order; those without obligations are left out
	OfficePeak calendar.Date `json:"officePeak"`
	OfficeMost int           `json:"officeMost"` // things to do in that week
}

// Summary adds the run up.
func (r *Run) Summary() Summary {
	loc := obligation.Location(r.Definition.Plan.Zone)
	first, last := monday(calendar.DateOf(r.From, loc)), calendar.Date(0)
	for i := range r.Ledgers {
		for _, e := range r.Ledgers[i].Events {
			last = max(last, monday(calendar.DateOf(e.At, loc)))
		}
	}
	var out Summary
	for day := first; day <= last; day += 7 {
		out.Weeks = append(out.Weeks, Week{Monday: day})
	}
	units := map[string]*UnitSummary{}
	for i := range r.Ledgers {
		l := &r.Ledgers[i]
		u := units[l.Facts.ID.Unit]
		if u == nil {
			u = &UnitSummary{Code: l.Facts.ID.Unit, Name: l.Facts.UnitName, Weeks: make([]int, len(out.Weeks))}
			units[u.Code] = u
		}
		for j := range l.Events {
			e := &l.Events[j]
			week := int(monday(calendar.DateOf(e.At, loc))-first) / 7
			var one Tally
			one.Count(e)
			u.Total.Add(one)
			u.Weeks[week] += one.Unit()
			out.Weeks[week].Add(one)
		}
		u.End.count(l.End, r.Definition.Calendar, r.Until)
		out.End.count(l.End, r.Definition.Calendar, r.Until)
	}
	out.gather(units, r)
	return out
}

func (s *Summary) gather(units map[string]*UnitSummary, r *Run) {
	for _, w := range s.Weeks {
		s.Total.Add(w.Tally)
		if w.Office() > s.OfficeMost {
			s.OfficePeak, s.OfficeMost = w.Monday, w.Office()
		}
	}
	for _, unit := range r.Definition.Plan.Units {
		u := units[unit.Code]
		if u == nil {
			continue
		}
		u.Kind = string(unit.Kind)
		if u.Most = slices.Max(u.Weeks); u.Most > 0 {
			u.Peak = s.Weeks[slices.Index(u.Weeks, u.Most)].Monday
		}
		s.Units = append(s.Units, *u)
	}
}

// monday returns the Monday of the day's week.
func monday(d calendar.Date) calendar.Date { return d - calendar.Date((int(d.Weekday())+6)%7) }
