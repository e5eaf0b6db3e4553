package obligation

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
)

// Part (分解事项) is what a lead unit asks of a co-organiser for its own obligation. It is an obligation itself, with its own
// ledger, clocks and ladder; the lead's knows how it stands.
type Part struct {
	N        int           `json:"n"` // from 1, within the lead's obligation
	Unit     string        `json:"unit"`
	UnitName string        `json:"unitName"`
	Text     string        `json:"text"`
	Due      calendar.Date `json:"due"`             // as it was broken down
	Stage    Stage         `json:"stage,omitempty"` // as last heard of; "": it is being opened
}

// The bounds of a breaking down.
const (
	MaxParts    = 50
	maxPartText = 200 // characters
)

// settled reports whether nothing is left that the co-organiser has to report.
func (p Part) settled() bool {
	return p.Stage == StageSubmitted || p.closed()
}

func (p Part) closed() bool { return p.Stage == StageAccepted || p.Stage == StageWaived }

func (s State) breakDown(c Command, now time.Time) (Event, error) {
	switch {
	case s.Part > 0:
		return Event{}, refuse(CodePartOfPart)
	case s.Stage == StageSubmitted:
		return Event{}, refuse(CodeInReview)
	case s.Objection != nil:
		return Event{}, refuse(CodeSendBackPending)
	case len(c.Parts) == 0, len(s.Parts)+len(c.Parts) > MaxParts:
		return Event{}, refuse(CodePartInvalid)
	}
	today := calendar.DateOf(now, s.Policy.Location())
	parts := slices.Clone(c.Parts)
	for i := range parts {
		p := &parts[i]
		p.N, p.Stage, p.Text = len(s.Parts)+i+1, "", strings.TrimSpace(p.Text)
		switch {
		case p.Unit == "", p.UnitName == "", p.Unit == s.ID.Unit, p.Text == "", utf8.RuneCountInString(p.Text) > maxPartText:
			return Event{}, refuse(CodePartInvalid)
		case p.Due < today, p.Due > s.Anchor:
			return Event{}, refuse(CodePartDue)
		}
	}
	return Event{Kind: BrokenDown, Parts: parts}, nil
}

// hear takes in how a part stands. What is known already is refused, so that a message that comes twice leaves no trace.
func (s State) hear(c Command) (Event, error) {
	if len(c.Parts) != 1 {
		return Event{}, refuse(CodeUnknown)
	}
	heard := c.Parts[0]
	i := slices.IndexFunc(s.Parts, func(p Part) bool { return p.N == heard.N })
	if i < 0 || s.Parts[i].Stage == heard.Stage {
		return Event{}, refuse(CodeNothingToDo)
	}
	part := s.Parts[i]
	part.Stage = heard.Stage
	return Event{Kind: PartMoved, Parts: []Part{part}}, nil
}

func applyPart(s State, heard Part) State {
	s.Parts = slices.Clone(s.Parts)
	for i := range s.Parts {
		if s.Parts[i].N == heard.N {
			s.Parts[i] = heard
		}
	}
	return s
}

// PartID names the obligation of a part: the same whenever it is asked for.
func PartID(lead ID, p Part) ID {
	return ID{Plan: lead.Plan, Measure: lead.Measure, Unit: p.Unit, Period: fmt.Sprintf("%s.%s.%d", lead.Period, lead.Unit, p.N)}
}

// PartOpening returns the opening of a part's obligation under the lead's policy; s is the lead's.
func PartOpening(s State, p Part) Opening {
	return Opening{
		Policy: s.Policy,
		Facts: Facts{
			ID: PartID(s.ID, p), Task: s.Task, PlanTitle: s.PlanTitle, Title: p.Text, Quote: s.Quote, UnitName: p.UnitName, Period: s.Period,
			Due: p.Due, Parent: s.ID.String(), LeadName: s.UnitName, Part: p.N,
		},
	}
}

// Lead returns the obligation that this one is a part of.
func (s State) Lead() (ID, bool) {
	if s.Part == 0 {
		return ID{}, false
	}
	return ParseID(s.Parent)
}
