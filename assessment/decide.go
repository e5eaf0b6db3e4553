package assessment

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
	"duban/obligation"
)

// Working days of an assessment: how long units may say something after it was counted, how long before the end of that the
// silent ones are reminded, and how often whoever holds it up afterwards is.
const (
	sayDays    = 5
	warnDays   = 2
	remindDays = 3
)

// maxText is the greatest length of what people write, in characters.
const maxText = 4000

// Decide returns what a command leads to, or an *Error. zone is the plan's.
func Decide(s State, c Command, cal *calendar.Calendar, zone *time.Location, now time.Time) (Event, error) {
	e := Event{
		Seq: s.Seq + 1, Kind: c.Kind, At: now.UTC().Truncate(time.Microsecond), By: c.By, Key: c.Key, Unit: c.Unit, Points: c.Points,
		Text: strings.TrimSpace(c.Text), Grade: c.Grade, Matter: c.Matter, Yes: c.Yes,
	}
	if utf8.RuneCountInString(e.Text) > maxText {
		return Event{}, refuse(CodeText)
	}
	if err := s.allows(c, e.Text); err != nil {
		return Event{}, err
	}
	switch c.Kind {
	case Counted:
		e.Card, e.Until = c.Card, cal.AddWorkdays(calendar.DateOf(now, zone), sayDays)
	case Reminded:
		e.To = s.WaitingOn()
	default:
	}
	return e, nil
}

// stagesOf are where a command is possible.
var stagesOf = map[Kind][]Stage{
	Counted: {StageCounting}, Scored: {StageUnits}, Objected: {StageUnits}, Closed: {StageUnits},
	Answered: {StageUnits, StageOffice}, Adjusted: {StageUnits, StageOffice}, Proposed: {StageOffice},
	Graded: {StageUnits, StageOffice}, Advised: {StageUnits, StageOffice}, Decided: {StageLeader},
	Sent: {StageLeader}, Signed: {StageLeader}, Published: {StageSigned}, Reminded: {StageUnits, StageOffice, StageLeader, StageSigned},
}

// rolesOf are who may give a command; the system may give every one that is its own alone or that time leads to.
var rolesOf = map[Kind][]obligation.Role{
	Counted: {obligation.RoleSystem}, Scored: {obligation.RoleUnit}, Objected: {obligation.RoleUnit},
	Closed:   {obligation.RoleSystem, obligation.RoleOffice},
	Answered: {obligation.RoleOffice}, Adjusted: {obligation.RoleOffice}, Proposed: {obligation.RoleOffice}, Published: {obligation.RoleOffice},
	Graded: {obligation.RoleOffice}, Advised: {obligation.RoleOffice}, Decided: {obligation.RoleLeader},
	Sent: {obligation.RoleLeader}, Signed: {obligation.RoleLeader}, Reminded: {obligation.RoleSystem},
}

func (s State) allows(c Command, text string) error {
	switch {
	case !slices.Contains(rolesOf[c.Kind], c.By.Role):
		return refuse(CodeRole)
	case s.Stage == StagePublished:
		return refuse(CodeOver)
	case !slices.Contains(stagesOf[c.Kind], s.Stage):
		return refuse(CodeStage)
	}
	if c.Unit != "" && !s.has(c.Unit) {
		return refuse(CodeUnit)
	}
	said := s.Units[c.Unit]
	switch c.Kind {
	case Counted:
		if c.Card == nil {
			return refuse(CodeCard)
		}
	case Scored, Adjusted:
		if c.Points == nil || c.Unit == "" {
			return refuse(CodePoints)
		}
		if c.Kind == Adjusted && text == "" {
			return refuse(CodeReason)
		}
	case Objected:
		if text == "" || c.Unit == "" {
			return refuse(CodeReason)
		}
		if said.open() {
			return refuse(CodeObjected)
		}
	case Answered:
		if !said.open() {
			return refuse(CodeNoObjection)
		}
		if text == "" {
			return refuse(CodeReason)
		}
	case Proposed:
		if s.unanswered() {
			return refuse(CodeUnanswered)
		}
	case Sent:
		if text == "" {
			return refuse(CodeReason)
		}
	case Graded:
		if c.Unit == "" || !slices.Contains(Grades, c.Grade) {
			return refuse(CodeGrade)
		}
		if text == "" {
			return refuse(CodeReason)
		}
	case Advised, Decided:
		return s.allowsVerdict(c, text)
	case Signed:
		if s.undecided() {
			return refuse(CodeUndecided)
		}
	case Closed, Published, Reminded:
	}
	return nil
}

// allowsVerdict says whether an opinion or a decision on a matter may be given. A leader decides on what the office has an
// opinion of, so that nobody is commended or ruled out behind its back.
func (s State) allowsVerdict(c Command, text string) error {
	if c.Unit == "" || !slices.Contains(Matters, c.Matter) {
		return refuse(CodeMatter)
	}
	if text == "" {
		return refuse(CodeReason)
	}
	other, has := s.Verdict(c.Unit, c.Matter.against())
	if c.Kind == Advised {
		if c.Yes && has && other.Opinion {
			return refuse(CodeBoth)
		}
		return nil
	}
	if _, asked := s.Verdict(c.Unit, c.Matter); !asked {
		return refuse(CodeNoOpinion)
	}
	if c.Yes && s.Decided(c.Unit, c.Matter.against()) {
		return refuse(CodeBoth)
	}
	return nil
}

func (s State) has(unit string) bool {
	return slices.ContainsFunc(s.Card.Units, func(u UnitScore) bool { return u.Unit == unit })
}

// Next is what falls due by itself.
type Next struct {
	At   time.Time
	Kind Kind
}

// NextStep returns what falls due next, and false where nothing does: somebody has published it, or it is not counted yet.
// Reminders are given at the time of day at, in the plan's zone.
func NextStep(s State, cal *calendar.Calendar, zone *time.Location, at time.Duration) (Next, bool) {
	since := calendar.DateOf(s.Since, zone)
	switch s.Stage {
	case StageCounting:
		return Next{At: s.Since, Kind: Counted}, true
	case StageUnits:
		if warn := cal.AddWorkdays(s.Until, -warnDays); s.Nudge == 0 && warn > since && len(s.Silent()) > 0 {
			return Next{At: warn.At(at, zone), Kind: Reminded}, true
		}
		return Next{At: s.Until.End(zone), Kind: Closed}, true
	case StageOffice, StageLeader, StageSigned:
		return Next{At: cal.AddWorkdays(since, remindDays*(s.Nudge+1)).At(at, zone), Kind: Reminded}, true
	default:
		return Next{}, false
	}
}
