package plan

import (
	"slices"
	"time"
)

// Form (表单) says what more is kept of a measure's obligations than words and files; "": nothing.
type Form string

// FormMonthly (月报) is the monthly report of a unit's work and of how its list of tasks stands. One measure of a plan has it.
const FormMonthly Form = "monthly"

// FormHazard is of the measure under which hazards are entered into the register (隐患台账).
const FormHazard Form = "hazard"

// FormInspection (督导检查) makes each obligation an inspection: planned, recorded, and followed up finding by finding.
const FormInspection Form = "inspection"

var forms = []Form{FormMonthly, FormHazard, FormInspection}

// MonthLayout is how the periods of the monthly report are named: 2024-05.
const MonthLayout = "2006-01"

// Monthly returns the measure that is the plan's monthly report.
func (p *Plan) Monthly() (Measure, bool) {
	return find(p.Measures, func(m Measure) bool { return m.Form == FormMonthly })
}

// form checks that the form is known, and that a monthly report is due once in a month: its periods are named by it.
func (v *validation) form(at string, m Measure) {
	switch {
	case m.Form == "":
	case !slices.Contains(forms, m.Form):
		v.add(at+".form", CodeUnknownValue, "form", m.Form, choices(forms))
	case m.Form != FormMonthly:
	case slices.ContainsFunc(v.plan.Measures, func(o Measure) bool { return o.Form == FormMonthly && o.Code != m.Code }):
		v.add(at+".form", CodeFormTwice, m.Form)
	default:
		// What is wrong with the schedule itself is told there.
		periods, err := v.plan.Periods(m)
		if err != nil {
			return
		}
		for _, p := range periods {
			if _, err := time.Parse(MonthLayout, p.Key); err != nil {
				v.add(at+".form", CodeFormSchedule, m.Form)
				return
			}
		}
	}
}
