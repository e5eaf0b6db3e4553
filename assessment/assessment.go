package assessment

import (
	"maps"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Stage is where an assessment stands.
type Stage string

// The stages, in their order.
const (
	StageCounting  Stage = "counting"  // the checkpoint has passed; nothing is counted yet
	StageUnits     Stage = "units"     // counted: units score themselves and may object
	StageOffice    Stage = "office"    // the office answers objections and adjusts
	StageLeader    Stage = "leader"    // a leader signs off
	StageSigned    Stage = "signed"    // signed off: the office publishes
	StagePublished Stage = "published" // over
)

// State is everything that is remembered of an assessment. It is plain data and survives JSON.
type State struct {
	Plan string `json:"plan"`
	Half string `json:"half"`

	Seq   int           `json:"seq"`
	Stage Stage         `json:"stage"`
	Since time.Time     `json:"since,omitzero"`  // when it came to that stage
	Until calendar.Date `json:"until,omitzero"`  // the last day on which units may say something
	Nudge int           `json:"nudge,omitempty"` // how often whoever holds it was reminded in this stage

	Card  Card                 `json:"card"` // as it was counted
	Units map[string]Statement `json:"units,omitempty"`
	Why   string               `json:"why,omitempty"` // the leader gave it back for that; "": he did not
}

// Statement is what was said of one unit's score, by itself and by the office.
type Statement struct {
	Self      *Points `json:"self,omitempty"` // what it gives itself; nil: it has not said
	Text      string  `json:"text,omitempty"`
	Objection string  `json:"objection,omitempty"`
	Answer    string  `json:"answer,omitempty"` // to the objection; "": none yet
	Adjusted  Points  `json:"adjusted,omitempty"`
	Reason    string  `json:"reason,omitempty"` // of the adjustment

	Grade    Grade              `json:"grade,omitempty"` // of quality, by the office; "": none
	GradeWhy string             `json:"gradeWhy,omitempty"`
	Graded   Mark               `json:"graded,omitzero"` // the entry of the record that gave it
	Verdicts map[Matter]Verdict `json:"verdicts,omitempty"`
}

// Mark names an entry of the assessment's record.
type Mark struct {
	Seq int       `json:"seq"`
	At  time.Time `json:"at"`
}

// ID returns the assessment's key: changning-2024/2026H1.
func (s State) ID() string { return ID(s.Plan, s.Half) }

// ID returns the key of an assessment.
func ID(plan, half string) string { return plan + "/" + half }

// Brief returns the state without the lines that the points come from. They stand in the record's first event, and decide
// nothing.
func (s State) Brief() State {
	s.Card = s.Card.brief()
	return s
}

func (c Card) brief() Card {
	c.Units = slices.Clone(c.Units)
	for i := range c.Units {
		c.Units[i].Lines = []Line{}
	}
	return c
}

// open reports whether an objection awaits its answer.
func (s Statement) open() bool { return s.Objection != "" && s.Answer == "" }

// unanswered reports whether any objection awaits its answer.
func (s State) unanswered() bool {
	return slices.ContainsFunc(s.Card.Units, func(u UnitScore) bool { return s.Units[u.Unit].open() })
}

// Final returns the points of a unit with the office's grade and after its adjustment.
func (s State) Final(u UnitScore) Points {
	line, _ := s.quality(u.Unit)
	return u.Points + line.Points + s.Units[u.Unit].Adjusted
}

// Ranking returns the units by their final points; units of equal points share a rank. The office's grade is the last of a
// unit's lines.
func (s State) Ranking() []UnitScore {
	out := slices.Clone(s.Card.Units)
	for i, u := range out {
		out[i].Points = s.Final(u)
		if line, ok := s.quality(u.Unit); ok {
			out[i].Lines = append(slices.Clip(u.Lines), line)
		}
	}
	rank(out)
	return out
}

// Under returns the state as if another card had been counted: what people said of quality counts by its rules, what the office
// adjusted does not.
func (s State) Under(card Card) State {
	s.Card, s.Units = card, maps.Clone(s.Units)
	for unit, said := range s.Units {
		said.Adjusted = 0
		s.Units[unit] = said
	}
	return s
}

// Kind is what happened to an assessment, and the command that leads to it.
type Kind string

// The kinds. Each is done by whom its comment names.
const (
	Counted   Kind = "counted"   // the system, once, after the checkpoint
	Scored    Kind = "scored"    // a unit: its own score
	Objected  Kind = "objected"  // a unit
	Closed    Kind = "closed"    // the system after the last day, or the office before: units have had their say
	Answered  Kind = "answered"  // the office, to an objection
	Adjusted  Kind = "adjusted"  // the office, with a reason
	Proposed  Kind = "proposed"  // the office: to the leader
	Sent      Kind = "sent"      // a leader: back to the office, with a reason
	Signed    Kind = "signed"    // a leader
	Published Kind = "published" // the office
	Reminded  Kind = "reminded"  // the system: whoever holds it up
	Graded    Kind = "graded"    // the office: the quality of a unit's work, with a reason
	Advised   Kind = "advised"   // the office: its opinion on a matter of a unit, with a reason
	Decided   Kind = "decided"   // a leader: on a matter of a unit, with a reason
)

// Command is what somebody wants done.
type Command struct {
	Kind   Kind             `json:"kind"`
	By     obligation.Actor `json:"by"`
	Key    string           `json:"key,omitempty"` // idempotency key
	Unit   string           `json:"unit,omitempty"`
	Points *Points          `json:"points,omitempty"`
	Text   string           `json:"text,omitempty"`
	Card   *Card            `json:"card,omitempty"` // Counted
	Grade  Grade            `json:"grade,omitempty"`
	Matter Matter           `json:"matter,omitempty"` // Advised, Decided
	Yes    bool             `json:"yes,omitempty"`    // Advised, Decided: for it
}

// Commands are those that people give.
var Commands = []Kind{Scored, Objected, Closed, Answered, Adjusted, Proposed, Sent, Signed, Published, Graded, Advised, Decided}

// Event is one entry of an assessment's record.
type Event struct {
	Seq    int              `json:"seq"`
	Kind   Kind             `json:"kind"`
	At     time.Time        `json:"at"` // business time, UTC
	By     obligation.Actor `json:"by"`
	Key    string           `json:"key,omitempty"`
	Unit   string           `json:"unit,omitempty"`
	Points *Points          `json:"points,omitempty"`
	Text   string           `json:"text,omitempty"`
	Until  calendar.Date    `json:"until,omitzero"` // Counted
	To     string           `json:"to,omitempty"`   // Reminded: "office", "leader", or "units" that have said nothing yet
	Card   *Card            `json:"card,omitempty"`
	Grade  Grade            `json:"grade,omitempty"`
	Matter Matter           `json:"matter,omitempty"`
	Yes    bool             `json:"yes,omitempty"`
}

// Answers reports whether the event is what the command leads to, by the same person.
func (e Event) Answers(c Command) bool {
	points := e.Points == c.Points || e.Points != nil && c.Points != nil && *e.Points == *c.Points
	matter := e.Grade == c.Grade && e.Matter == c.Matter && e.Yes == c.Yes
	return points && matter && e.Kind == c.Kind && e.By.Is(c.By) && e.Unit == c.Unit && e.Text == strings.TrimSpace(c.Text)
}

// Begin returns an assessment whose checkpoint has passed.
func Begin(plan string, half Half, at time.Time) State {
	return State{Plan: plan, Half: half.String(), Stage: StageCounting, Since: at.UTC()}
}

// Apply returns the state after the event. It never fails and does not change s.
func Apply(s State, e Event) State {
	s.Seq = e.Seq
	stage := s.Stage
	switch e.Kind {
	case Counted:
		s.Stage, s.Card, s.Until = StageUnits, *e.Card, e.Until
	case Scored:
		s = s.say(e.Unit, func(u *Statement) { u.Self, u.Text = e.Points, e.Text })
	case Objected:
		s = s.say(e.Unit, func(u *Statement) { u.Objection, u.Answer = e.Text, "" })
	case Closed:
		s.Stage = StageOffice
	case Answered:
		s = s.say(e.Unit, func(u *Statement) { u.Answer = e.Text })
	case Adjusted:
		s = s.say(e.Unit, func(u *Statement) { u.Adjusted, u.Reason = *e.Points, e.Text })
	case Proposed:
		s.Stage, s.Why = StageLeader, ""
	case Sent:
		s.Stage, s.Why = StageOffice, e.Text
	case Signed:
		s.Stage = StageSigned
	case Published:
		s.Stage = StagePublished
	case Reminded:
		s.Nudge++
	case Graded:
		s = s.say(e.Unit, func(u *Statement) { u.Grade, u.GradeWhy, u.Graded = e.Grade, e.Text, Mark{e.Seq, e.At} })
	case Advised:
		s = s.rule(e, func(v *Verdict) { *v = Verdict{Opinion: e.Yes, Why: e.Text} })
	case Decided:
		s = s.rule(e, func(v *Verdict) { v.Decided, v.Yes, v.Reason = true, e.Yes, e.Text })
	}
	if s.Stage != stage {
		s.Since, s.Nudge = e.At, 0
	}
	return s
}

func (s State) say(unit string, change func(*Statement)) State {
	s.Units = maps.Clone(s.Units)
	if s.Units == nil {
		s.Units = map[string]Statement{}
	}
	u := s.Units[unit]
	change(&u)
	s.Units[unit] = u
	return s
}

func (s State) rule(e Event, change func(*Verdict)) State {
	return s.say(e.Unit, func(u *Statement) {
		u.Verdicts = maps.Clone(u.Verdicts)
		if u.Verdicts == nil {
			u.Verdicts = map[Matter]Verdict{}
		}
		v := u.Verdicts[e.Matter]
		change(&v)
		u.Verdicts[e.Matter] = v
	})
}

// WaitingOn returns who holds it up: "office", "leader", "units", or "" where nobody does.
func (s State) WaitingOn() string {
	switch s.Stage {
	case StageUnits:
		return holderUnits
	case StageOffice, StageSigned:
		return holderOffice
	case StageLeader:
		return holderLeader
	default:
		return ""
	}
}

// Who an assessment may wait for.
const (
	holderUnits  = "units"
	holderOffice = "office"
	holderLeader = "leader"
)

// Silent returns the units that have neither scored themselves nor objected, by code.
func (s State) Silent() []string {
	var out []string
	for _, u := range s.Card.Units {
		if said := s.Units[u.Unit]; said.Self == nil && said.Objection == "" {
			out = append(out, u.Unit)
		}
	}
	slices.Sort(out)
	return out
}
