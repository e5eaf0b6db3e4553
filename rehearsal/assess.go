package rehearsal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// HalfAct is what somebody does of his own accord about a half-year's assessment.
type HalfAct struct {
	At      time.Time // business instant
	Command assessment.Command
}

// Assess returns what the people around an assessment do next, and false where they do nothing: units score themselves and some
// object, the office answers, grades, gives its opinions and proposes, a leader decides and signs, the office publishes. last
// is the business instant of the last event: nobody acts before it. Units of which byHand is true are played by somebody else.
// What was refused in this state is not tried again.
func (c *Cast) Assess(s assessment.State, last time.Time, byHand func(unit string) bool, refused []assessment.Kind, cal *calendar.Calendar) (HalfAct, bool) {
	j := jury{c, s, cal, obligation.Location(c.plan.Zone), c.general()}
	var next HalfAct
	found := false
	for _, a := range j.acts(byHand) {
		if a.At.Before(last) {
			a.At = last
		}
		if !slices.Contains(refused, a.Command.Kind) && (!found || a.At.Before(next.At)) {
			next, found = a, true
		}
	}
	next.Command.Key = fmt.Sprintf("%s-%d", next.Command.Kind, s.Seq+1)
	return next, found
}

// general returns how the office and the leaders treat what is about no unit or task alone.
func (c *Cast) general() Office {
	i := slices.IndexFunc(c.script.Office, func(o Office) bool { return o.fits(plan.Unit{}, "", "") })
	if i < 0 {
		return Office{Review: Never, Sign: Never}
	}
	return c.script.Office[i]
}

// jury is one assessment in one state.
type jury struct {
	*Cast
	s      assessment.State
	cal    *calendar.Calendar
	loc    *time.Location
	office Office
}

// acts are all that people may do next; what has to wait for the others is not among them.
func (j jury) acts(byHand func(unit string) bool) []HalfAct {
	switch {
	case j.s.Stage == assessment.StageUnits:
		return j.units(byHand)
	case j.s.Stage == assessment.StageOffice && j.office.Review != Never:
		return j.reviews()
	case j.s.Stage == assessment.StageLeader && j.office.Sign != Never:
		return j.leader()
	case j.s.Stage == assessment.StageSigned && j.office.Review != Never:
		return []HalfAct{j.act(assessment.Published, obligation.RoleOffice, "", 1)}
	default:
		return nil
	}
}

// The working days of the units, from the count on, and how many in a hundred of them say something.
const (
	unitDays   = 4
	scoring    = 90
	objecting  = 25
	granting   = 50
	following  = 90
	gradedOnes = 60
)

// pardoned is how many facts of a veto the office lets pass.
const pardoned = 2

// units score themselves, and object where something counts against them.
func (j jury) units(byHand func(unit string) bool) []HalfAct {
	var out []HalfAct
	for _, u := range j.s.Card.Units {
		said := j.s.Units[u.Unit]
		if byHand(u.Unit) {
			continue
		}
		if said.Self == nil && j.luck(u.Unit, "scores", scoring) {
			act := j.act(assessment.Scored, obligation.RoleUnit, u.Unit, 1+j.lot(u.Unit, "score-day", unitDays))
			points := u.Points + assessment.Points(5*j.lot(u.Unit, "score", 5))
			act.Command.Points, act.Command.Text = &points, textSelf
			out = append(out, act)
		}
		if f := u.Figures; said.Objection == "" && f.Overdue+f.Returned+f.Issued > 0 && j.luck(u.Unit, "objects", objecting) {
			act := j.act(assessment.Objected, obligation.RoleUnit, u.Unit, 1+j.lot(u.Unit, "object-day", unitDays))
			act.Command.Text = textObjection
			out = append(out, act)
		}
	}
	return out
}

// reviews are the office's: it answers, then grades, then gives its opinions by the facts that follow, then proposes.
func (j jury) reviews() []HalfAct {
	day := int(j.office.Review)
	for _, list := range [][]HalfAct{j.answers(day), j.grades(day + 1), j.opinions(day + 2)} {
		if len(list) > 0 {
			return list
		}
	}
	return []HalfAct{j.act(assessment.Proposed, obligation.RoleOffice, "", day+3)}
}

func (j jury) answers(day int) []HalfAct {
	var out []HalfAct
	for _, u := range j.s.Card.Units {
		said := j.s.Units[u.Unit]
		if said.Objection == "" || said.Answer != "" {
			continue
		}
		granted := j.luck(u.Unit, "grants", granting)
		act := j.act(assessment.Answered, obligation.RoleOffice, u.Unit, day)
		act.Command.Text = textKept
		if granted {
			act.Command.Text = textGranted
		}
		if granted && said.Adjusted == 0 {
			act = j.act(assessment.Adjusted, obligation.RoleOffice, u.Unit, day)
			points := assessment.Points(10 * (1 + j.lot(u.Unit, "adjusts", 2)))
			act.Command.Points, act.Command.Text = &points, textVerified
		}
		out = append(out, act)
	}
	return out
}

// grades go to the units at both ends: those of which next to nothing was late or returned, and those of which much was.
func (j jury) grades(day int) []HalfAct {
	var out []HalfAct
	for _, u := range j.s.Card.Units {
		f := u.Figures
		bad, grade, why := f.Late+f.Overdue+f.Returned, assessment.Grade(""), ""
		switch all := f.OnTime + bad; {
		case 10*bad <= all:
			grade, why = assessment.Excellent, textExcellent
		case 3*bad >= all:
			grade, why = assessment.Poor, textPoor
		}
		if grade == "" || j.s.Units[u.Unit].Grade != "" || !j.luck(u.Unit, "grades", gradedOnes) {
			continue
		}
		act := j.act(assessment.Graded, obligation.RoleOffice, u.Unit, day)
		act.Command.Grade, act.Command.Text = grade, why
		out = append(out, act)
	}
	return out
}

// opinions follow the facts: whoever has several merits is to be commended; where facts of a veto are recorded, more than two
// are to rule out.
func (j jury) opinions(day int) []HalfAct {
	var out []HalfAct
	advise := func(unit string, m assessment.Matter, yes bool, why string) {
		if _, has := j.s.Verdict(unit, m); has {
			return
		}
		act := j.act(assessment.Advised, obligation.RoleOffice, unit, day)
		act.Command.Matter, act.Command.Yes, act.Command.Text = m, yes, why
		out = append(out, act)
	}
	for _, u := range j.s.Ranking() {
		merits := j.s.Merits(u)
		switch vetoes := len(u.Vetoes); {
		case vetoes > pardoned:
			advise(u.Unit, assessment.Veto, true, fmt.Sprintf(textRuleOut, vetoes))
		case vetoes > 0:
			advise(u.Unit, assessment.Veto, false, fmt.Sprintf(textLetPass, vetoes))
		case len(merits) > 1:
			titles := make([]string, len(merits))
			for i, m := range merits {
				titles[i] = m.Title
			}
			advise(u.Unit, assessment.Commend, true, strings.Join(titles, "；"))
		}
	}
	return out
}

// leader decides on every opinion, as the office thinks right but for some, and signs.
func (j jury) leader() []HalfAct {
	var out []HalfAct
	for _, u := range j.s.Card.Units {
		for _, m := range assessment.Matters {
			v, asked := j.s.Verdict(u.Unit, m)
			if !asked || v.Decided {
				continue
			}
			act := j.act(assessment.Decided, obligation.RoleLeader, u.Unit, int(j.office.Sign))
			act.Command.Matter, act.Command.Yes, act.Command.Text = m, v.Opinion && j.luck(u.Unit, "decides-"+string(m), following), textAgreed
			if act.Command.Yes != v.Opinion {
				act.Command.Text = textNotAgreed
			}
			out = append(out, act)
		}
	}
	if len(out) > 0 {
		return out
	}
	return []HalfAct{j.act(assessment.Signed, obligation.RoleLeader, "", int(j.office.Sign)+1)}
}

// id names a unit's part in the assessment, so that chance depends on nothing else.
func (j jury) id(unit string) obligation.ID {
	return obligation.ID{Plan: j.s.Plan, Measure: "assessment", Unit: unit, Period: j.s.Half}
}

// lot draws a number from 0 to n-1 for a unit.
func (j jury) lot(unit, what string, n int) int { return j.chance(j.id(unit), what, n) }

// luck is true for so many units in a hundred.
func (j jury) luck(unit, what string, of int) bool { return j.lot(unit, what, 100) < of }

// act is a command at a minute of the working day that lies so many working days after the assessment came to its stage.
func (j jury) act(kind assessment.Kind, role obligation.Role, unit string, days int) HalfAct {
	from, name := officeFrom, textOfficeName
	switch role {
	case obligation.RoleUnit:
		from = unitFrom
		i := slices.IndexFunc(j.s.Card.Units, func(u assessment.UnitScore) bool { return u.Unit == unit })
		name = j.s.Card.Units[i].Name
	case obligation.RoleLeader:
		name = textLeaderName
	case obligation.RoleOffice, obligation.RoleSystem:
	}
	date := j.cal.AddWorkdays(calendar.DateOf(j.s.Since, j.loc), days)
	at := date.At(from+time.Duration(j.lot(unit, "at-"+string(kind), hours))*time.Minute, j.loc)
	return HalfAct{At: at, Command: assessment.Command{Kind: kind, By: obligation.Actor{Role: role, Name: name}, Unit: unit}}
}

// Assess plays the assessment of a half-year from its checkpoint to its publication, or to the end of the run, by the rules and
// from the ledgers of the run. at is the time of day of reminders. It returns where it stands then, and its record: the same run and rules give the
// same, byte for byte. The error is a refusal of the core, which a script can't be the cause of.
func (r *Run) Assess(half assessment.Half, rules assessment.Rules, at time.Duration) (assessment.State, []assessment.Event, error) {
	d := r.Definition
	loc := obligation.Location(d.Plan.Zone)
	scoring := assessment.NewScoring(rules, half, d.Plan, d.Calendar)
	for _, l := range r.Ledgers {
		scoring.Ledger(l.Events)
	}
	card, cast := scoring.Card(), NewCast(r.Script, &d.Plan)
	st := assessment.Begin(d.Plan.Code, half, half.Checkpoint(loc))
	var record []assessment.Event
	last := st.Since
	nobody := func(string) bool { return false }
	for {
		next, due := assessment.NextStep(st, d.Calendar, loc, at)
		c := assessment.Command{Kind: next.Kind, By: obligation.System, Key: fmt.Sprintf("%s/%d", next.Kind, st.Seq+1)}
		if next.Kind == assessment.Counted {
			c.Card = &card
		}
		if act, acts := cast.Assess(st, last, nobody, nil, d.Calendar); acts && (!due || act.At.Before(next.At)) {
			next.At, c, due = act.At, act.Command, true
		}
		if !due || !next.At.Before(r.Until) {
			return st, record, nil
		}
		e, err := assessment.Decide(st, c, d.Calendar, loc, next.At)
		if err != nil {
			return st, record, err
		}
		st, last = assessment.Apply(st, e), e.At
		record = append(record, e)
	}
}
