package assessment

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Card is an assessment: what every unit and every task got for a half-year, and why.
type Card struct {
	Half  string      `json:"half"`
	Rules Rules       `json:"rules"`
	Units []UnitScore `json:"units"` // by rank
	Tasks []TaskScore `json:"tasks"` // in the plan's order
	// Idle are the units of the plan of which nothing was looked at: they have no rank. In the plan's order.
	Idle []IdleUnit `json:"idle,omitempty"`
}

// IdleUnit is a unit without any line.
type IdleUnit struct {
	Unit string `json:"unit"`
	Name string `json:"name"`
}

// UnitScore is what a unit got.
type UnitScore struct {
	Unit    string  `json:"unit"`
	Name    string  `json:"name"`
	Rank    int     `json:"rank"` // units of equal points share one
	Points  Points  `json:"points"`
	Figures Figures `json:"figures"`
	Lines   []Line  `json:"lines"` // in the order of obligations and ledgers
	Vetoes  []Line  `json:"vetoes,omitempty"`
}

// TaskScore is how a task's obligations did.
type TaskScore struct {
	Task    string  `json:"task"`
	Figures Figures `json:"figures"`
}

// Figures count what happened within the half-year, and what was open at its end.
type Figures struct {
	OnTime   int `json:"onTime"`
	Late     int `json:"late"`
	Overdue  int `json:"overdue"`
	Returned int `json:"returned"`
	Extended int `json:"extended"`
	Issued   int `json:"issued"`
}

// Line is one entry of a ledger that was looked at, and what it is worth.
type Line struct {
	Obligation string          `json:"obligation"`       // ID
	Period     string          `json:"period,omitempty"` // as people call it
	Seq        int             `json:"seq"`              // of the entry
	At         time.Time       `json:"at"`               // of the entry
	On         Cause           `json:"on"`
	Rung       obligation.Rung `json:"rung,omitempty"`
	Grade      Grade           `json:"grade,omitempty"` // of Quality
	Item       string          `json:"item,omitempty"`  // code of the rule; "": none fits
	Points     Points          `json:"points"`          // after the rule's bound
}

// Score assesses a half-year of a plan from its whole ledgers, each from its first event on. What happened after the
// checkpoint is not looked at, so that it is the same whenever it is counted.
func Score(rules Rules, half Half, p plan.Plan, cal *calendar.Calendar, ledgers [][]obligation.Event) Card {
	s := NewScoring(rules, half, p, cal)
	for _, events := range ledgers {
		s.Ledger(events)
	}
	return s.Card()
}

// Card returns the assessment of all ledgers that were looked at.
func (s *Scoring) Card() Card {
	card := Card{Half: s.half.String(), Rules: s.rules, Units: make([]UnitScore, 0, len(s.units)), Tasks: make([]TaskScore, 0, len(s.tasks))}
	for _, u := range s.units {
		card.Units = append(card.Units, s.sum(*u))
	}
	rank(card.Units)
	for _, u := range s.plan.Units {
		if s.units[u.Code] == nil && u.ValidOn(s.half.To()) {
			card.Idle = append(card.Idle, IdleUnit{u.Code, u.Name})
		}
	}
	for _, t := range s.tasks {
		card.Tasks = append(card.Tasks, *t)
	}
	place := func(t TaskScore) int {
		return slices.IndexFunc(s.plan.Tasks, func(other plan.Task) bool { return other.Code == t.Task })
	}
	slices.SortFunc(card.Tasks, func(a, b TaskScore) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.Task, b.Task))
	})
	return card
}

// rank puts units in the order of their points; equal points share a rank.
func rank(units []UnitScore) {
	slices.SortFunc(units, func(a, b UnitScore) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), strings.Compare(a.Unit, b.Unit))
	})
	for i := range units {
		units[i].Rank = i + 1
		if i > 0 && units[i].Points == units[i-1].Points {
			units[i].Rank = units[i-1].Rank
		}
	}
}

// Scoring scores one ledger after the other, so that a whole plan's need not be in memory together.
type Scoring struct {
	rules    Rules
	half     Half
	plan     plan.Plan
	calendar *calendar.Calendar
	from, to time.Time
	units    map[string]*UnitScore
	tasks    map[string]*TaskScore
}

// NewScoring begins to assess a half-year of a plan.
func NewScoring(rules Rules, half Half, p plan.Plan, cal *calendar.Calendar) *Scoring {
	zone := obligation.Location(p.Zone)
	return &Scoring{
		rules: rules, half: half, plan: p, calendar: cal, from: half.begins(zone), to: half.Checkpoint(zone),
		units: map[string]*UnitScore{}, tasks: map[string]*TaskScore{},
	}
}

// Ledger looks at one obligation's events, from the first one on, up to the checkpoint.
func (s *Scoring) Ledger(events []obligation.Event) {
	var st obligation.State
	var last, overdue obligation.Event // overdue: the last one by which it became so
	for _, e := range events {
		if !e.At.Before(s.to) {
			break
		}
		st, last = obligation.Apply(st, e), e
		if e.Kind == obligation.Overdue || e.Kind == obligation.Opened && st.Overdue {
			overdue = e
		}
		if e.At.Before(s.from) {
			continue
		}
		if on, ok := causeOf(st, e); ok {
			s.note(st, e, on)
		}
	}
	if st.WaitingOn() != st.ID.Unit { // what the unit has handed in is the office's to review
		return
	}
	switch {
	case st.Overdue:
		s.note(st, overdue, Overdue)
	case last.Seq > 0 && !st.BeforeIssue && !st.OverdueAt(s.calendar).After(s.to):
		// Its deadline is the half-year's last day: it becomes overdue at the checkpoint itself.
		s.note(st, last, Overdue)
	}
}

// causeOf returns what an event is a cause of; st is the state after it.
func causeOf(st obligation.State, e obligation.Event) (Cause, bool) {
	switch e.Kind {
	case obligation.Accepted:
		if st.WasOverdue {
			return Late, true
		}
		return OnTime, true
	case obligation.Returned, obligation.ReviewFailed:
		return Returned, true
	case obligation.Extended:
		return Extended, true
	case obligation.Issued:
		return Issued, true
	default:
		return "", false
	}
}

func (s *Scoring) note(st obligation.State, e obligation.Event, on Cause) {
	u := s.units[st.ID.Unit]
	if u == nil {
		u = &UnitScore{Unit: st.ID.Unit, Lines: []Line{}}
		s.units[st.ID.Unit] = u
	}
	u.Name = st.UnitName
	t := s.tasks[st.Task]
	if t == nil {
		t = &TaskScore{Task: st.Task}
		s.tasks[st.Task] = t
	}
	u.Figures.count(on)
	t.Figures.count(on)
	line := Line{Obligation: st.ID.String(), Period: st.Period, Seq: e.Seq, At: e.At, On: on}
	if on == Issued {
		line.Rung = e.Rung
	}
	item, ok := s.rules.item(on, e.Rung, st.ID.Measure)
	if ok {
		line.Item, line.Points = item.Code, item.Points
	}
	u.Lines = append(u.Lines, line)
}

func (l Line) measure() string {
	id, _ := obligation.ParseID(l.Obligation) // of a state
	return id.Measure
}

func (f *Figures) count(on Cause) {
	switch on {
	case OnTime:
		f.OnTime++
	case Late:
		f.Late++
	case Overdue:
		f.Overdue++
	case Returned:
		f.Returned++
	case Extended:
		f.Extended++
	case Issued:
		f.Issued++
	case Quality: // is not in a ledger
	}
}

// sum adds a unit's lines up. Where a rule has a bound, the lines beyond it are worth what is left, in their order.
func (s *Scoring) sum(u UnitScore) UnitScore {
	order := func(a, b Line) int {
		return cmp.Or(strings.Compare(a.Obligation, b.Obligation), cmp.Compare(a.Seq, b.Seq), strings.Compare(string(a.On), string(b.On)))
	}
	slices.SortFunc(u.Lines, order)
	u.Points = s.rules.Base
	for _, item := range s.rules.Items {
		var got Points
		for i := range u.Lines {
			line := &u.Lines[i]
			if line.Item != item.Code {
				continue
			}
			if item.Most > 0 {
				line.Points = min(max(line.Points, -item.Most-got), item.Most-got)
			}
			got += line.Points
		}
		u.Points += got
	}
	for _, line := range u.Lines {
		if item, ok := s.rules.item(line.On, line.Rung, line.measure()); ok && item.Veto {
			u.Vetoes = append(u.Vetoes, line)
		}
	}
	return u
}
