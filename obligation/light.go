package obligation

import (
	"time"

	"duban/calendar"
)

// Light (亮灯) is what the wall chart shows. It is always derived, never stored.
type Light string

// The lights.
const (
	Green  Light = "green"
	Yellow Light = "yellow"
	Red    Light = "red"
	None   Light = "none" // waived, or history of which the office has not said whether it was done
)

// LightAt returns the light at the business instant now. It remembers: what was overdue once is never green again,
// so what was closed late is yellow.
func LightAt(s State, cal *calendar.Calendar, now time.Time) Light {
	return DeriveLight(s.Standing(cal), now)
}

// Standing is what a light is derived from; it can be kept and queried where a whole State cannot.
type Standing struct {
	Stage      Stage
	Outcome    Outcome
	WasOverdue bool
	YellowAt   time.Time
	OverdueAt  time.Time
}

// Standing returns what the light is derived from.
func (s State) Standing(cal *calendar.Calendar) Standing {
	return Standing{s.Stage, s.Outcome, s.WasOverdue, s.YellowAt(cal), s.OverdueAt(cal)}
}

// DeriveLight returns the light of a standing at the business instant now.
func DeriveLight(s Standing, now time.Time) Light {
	switch s.Stage {
	case StageHistory:
		switch s.Outcome {
		case Done:
			return Green
		case Missed, Owed:
			return Red
		case Unknown:
		}
		return None
	case StageWaived:
		return None // it counts neither for nor against anybody
	case StageAccepted, StageSubmitted:
	case StageOpen, StageSigned, StageReturned:
		switch {
		case !now.Before(s.OverdueAt):
			return Red
		case !now.Before(s.YellowAt), s.Stage == StageReturned:
			return Yellow
		}
	}
	if s.WasOverdue {
		return Yellow
	}
	return Green
}
