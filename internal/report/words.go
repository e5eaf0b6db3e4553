package report

import (
	"fmt"
	"strconv"
	"strings"

	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

// line is one sentence with what it is about in front.
type line struct{ Subject, Text string }

// behaviours describes how units may treat an obligation.
func behaviours(s rehearsal.Script) []line {
	lines := make([]line, len(s.Behaviours))
	for i, b := range s.Behaviours {
		lines[i] = line{b.Title, behaviour(b)}
	}
	return lines
}

func behaviour(b rehearsal.Behaviour) string {
	parts := []string{days(b.Sign, textSignNever, textSign)}
	if b.Sign == 0 {
		parts[0] = textSignAtOnce
	}
	for _, x := range b.Extend {
		parts = append(parts, fmt.Sprintf(textExtend, x.Before, x.By))
	}
	parts = append(parts, reporting(b))
	if b.Return > 0 && b.Rework == rehearsal.Never {
		parts = append(parts, fmt.Sprintf(textReturnAlone, b.Return))
	} else if b.Return > 0 {
		parts = append(parts, fmt.Sprintf(textReturn, b.Return, int(b.Rework)))
	}
	return strings.Join(parts, textAnd)
}

func reporting(b rehearsal.Behaviour) string {
	var text string
	switch {
	case b.Report == rehearsal.Never:
		return textReportNever
	case b.Report < 0:
		text = fmt.Sprintf(textReportEarly, -int(b.Report))
	case b.Report == 0:
		text = textReportDue
	default:
		text = fmt.Sprintf(textReportLate, int(b.Report))
	}
	if b.Spread > 0 {
		text += fmt.Sprintf(textSpread, b.Spread)
	}
	return text
}

// days says how long something takes, or that it never happens.
func days(d rehearsal.Days, never, format string) string {
	if d == rehearsal.Never {
		return never
	}
	return fmt.Sprintf(format, int(d))
}

// rules describes which units behave how, in the order in which the rules are asked.
func rules(s rehearsal.Script, p *plan.Plan) []line {
	lines := make([]line, len(s.Units))
	for i, r := range s.Units {
		lines[i] = line{who(r.Who, p, len(s.Units), textAllUnits), mix(r.Mix, s.Behaviours)}
	}
	return lines
}

func mix(shares []rehearsal.Share, behaviours []rehearsal.Behaviour) string {
	titles := map[string]string{}
	for _, b := range behaviours {
		titles[b.Code] = b.Title
	}
	total := 0
	for _, share := range shares {
		total += share.Weight
	}
	parts := make([]string, len(shares))
	for i, share := range shares {
		percent := strconv.FormatFloat(float64(share.Weight*1000/total)/10, 'f', -1, 64)
		parts[i] = fmt.Sprintf(textShare, titles[share.Behaviour], percent)
	}
	return strings.Join(parts, textJoin)
}

// office describes how the office behaves, in the order in which its rules are asked.
func office(s rehearsal.Script, p *plan.Plan) []line {
	lines := make([]line, len(s.Office))
	for i, o := range s.Office {
		parts := []string{days(o.Review, textReviewNever, textReview), days(o.Sign, textSignNo, textSignOff)}
		if o.Meet > 0 {
			parts = append(parts, fmt.Sprintf(textMeet, o.Meet))
		}
		if o.Refuse {
			parts = append(parts, textRefuse)
		}
		if o.Forgets > 0 {
			parts = append(parts, fmt.Sprintf(textForgets, o.Forgets))
		}
		lines[i] = line{who(o.Who, p, len(s.Office), textAllMatters), strings.Join(parts, textAnd)}
	}
	return lines
}

// who names what one of so many rules is for; all is what a rule that stands alone is for.
func who(w rehearsal.Who, p *plan.Plan, rules int, all string) string {
	var units, parts []string
	for _, kind := range w.Kinds {
		units = append(units, kinds[kind])
	}
	for _, tag := range w.Tags {
		units = append(units, fmt.Sprintf(textTags, tag))
	}
	for _, code := range w.Units {
		u, _ := p.Unit(code)
		units = append(units, u.Name)
	}
	if len(units) > 0 {
		parts = append(parts, strings.Join(units, textJoin))
	}
	if len(w.Tasks) > 0 {
		parts = append(parts, fmt.Sprintf(textTasks, strings.Join(w.Tasks, textJoin)))
	}
	if len(w.Measures) > 0 {
		parts = append(parts, fmt.Sprintf(textMeasures, strings.Join(w.Measures, textJoin)))
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, textClause)
	case rules > 1:
		return textOthers
	}
	return all
}

// steps describes a ladder, step by step.
func steps(l obligation.Ladder) []string {
	out := make([]string, len(l.Steps))
	for i, st := range l.Steps {
		out[i] = obligation.Next{Kind: obligation.Reminded, Step: st}.Describe() + signOffs[st.SignOff]
		if st.Letters > 0 {
			out[i] += fmt.Sprintf(textForward, st.Letters)
		}
		if st.To == obligation.ToOffice {
			out[i] += textToOffice
		}
	}
	return out
}

// periods describes a ladder's other terms.
func periods(l obligation.Ladder) string {
	return strings.Join([]string{
		fmt.Sprintf(textYellow, l.Yellow), fmt.Sprintf(textCure, l.Cure), fmt.Sprintf(textRework, l.Rework),
		fmt.Sprintf(textNudge, l.Nudge), fmt.Sprintf(textExtensions, l.Extensions),
	}, textClause)
}
