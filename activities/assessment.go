package activities

import (
	"context"
	"errors"
	"time"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

// Assessments is the part of the store that keeps the half-yearly assessments, and what they are counted from.
type Assessments interface {
	Definition(ctx context.Context, plan string) (obligation.Definition, error)
	Rules(ctx context.Context, plan string) (assessment.Rules, error)
	// EachLedger shows every ledger of a plan, all as of one moment.
	EachLedger(ctx context.Context, plan string, visit func([]obligation.Event)) error
	// DecideAssessment stores what is decided in one transaction; what was stored with the key before is returned instead.
	DecideAssessment(ctx context.Context, begun assessment.State, key string, decide func(assessment.State) (assessment.Event, error),
		nextOf func(assessment.State) time.Time) (assessment.State, assessment.Event, error)
}

// AssessmentStep is what is to be decided about an assessment.
type AssessmentStep struct {
	Begun   assessment.State   `json:"begun"` // before anything was recorded
	Command assessment.Command `json:"command"`
	// Seq is where the record stood when the step was reckoned. What falls due by itself is let be where somebody has been
	// faster; people say what they say.
	Seq     int           `json:"seq"`
	Setting Setting       `json:"setting"`
	Zone    string        `json:"zone"`
	At      time.Duration `json:"at"` // time of day of reminders
	Now     time.Time     `json:"now"`
}

// Assessed is what a step came to.
type Assessed struct {
	State   assessment.State `json:"state"`            // as it is now, brief
	Event   assessment.Event `json:"event,omitzero"`   // without a card; none: nothing happened
	Refused assessment.Code  `json:"refused,omitzero"` // by the core, in that state
}

// CountAssessment scores the half-year from the ledgers and the rules that stand, once. What is missing is tried for again: a
// seeding brings it.
func (a *Activities) CountAssessment(ctx context.Context, s AssessmentStep) (Assessed, error) {
	defer beat(ctx)()
	half, ok := assessment.ParseHalf(s.Begun.Half)
	if !ok {
		return Assessed{}, final(&obligation.Error{Code: obligation.CodeUnknown}) // never: the plan names it
	}
	d, err := a.Assessments.Definition(ctx, s.Begun.Plan)
	if err != nil {
		return Assessed{}, err
	}
	rules, err := a.Assessments.Rules(ctx, s.Begun.Plan)
	if err != nil {
		return Assessed{}, err
	}
	scoring := assessment.NewScoring(rules, half, d.Plan, d.Calendar)
	if err := a.Assessments.EachLedger(ctx, s.Begun.Plan, scoring.Ledger); err != nil {
		return Assessed{}, err
	}
	card := scoring.Card()
	s.Command.Card = &card
	return a.Assess(ctx, s)
}

// Assess decides a step and records it. Asked again with the same key it changes nothing.
func (a *Activities) Assess(ctx context.Context, s AssessmentStep) (Assessed, error) {
	cal, zone := s.Setting.Calendar, obligation.Location(s.Zone)
	state, e, err := a.Assessments.DecideAssessment(ctx, s.Begun, s.Command.Key,
		func(st assessment.State) (assessment.Event, error) {
			if s.Command.By.Role == obligation.RoleSystem && st.Seq != s.Seq {
				return assessment.Event{}, nil
			}
			return assessment.Decide(st, s.Command, cal, zone, s.Now)
		},
		func(st assessment.State) time.Time { return nextAssessment(st, cal, zone, s.At) })
	if refused, ok := errors.AsType[*assessment.Error](err); ok {
		return Assessed{State: state, Refused: refused.Code}, nil
	}
	if err != nil {
		return Assessed{}, err
	}
	e.Card = nil
	return Assessed{State: state, Event: e}, nil
}

func nextAssessment(s assessment.State, cal *calendar.Calendar, zone *time.Location, at time.Duration) time.Time {
	next, _ := assessment.NextStep(s, cal, zone, at)
	return next.At
}
