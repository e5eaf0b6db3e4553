package rehearsal

import (
	"fmt"

	"duban/obligation"
	"duban/plan"
)

// Of a hundred reports of a script's units so many say that there is nothing to tell, and so many name problems.
const (
	zeroReports    = 8
	problemReports = 45
)

// monthly is what the unit fills in where the obligation is a month's report; nil where it is none. A script knows no other
// obligation than the one at hand, so the report lists no matters.
func (sc situation) monthly() *obligation.Report {
	if sc.s.Form != plan.FormMonthly {
		return nil
	}
	what := func(of string) string { return fmt.Sprintf("monthly-%s-%d", of, sc.s.Round) }
	if sc.chance(sc.s.ID, "monthly-zero", 100) < zeroReports {
		return &obligation.Report{Zero: true}
	}
	r := &obligation.Report{}
	first := sc.chance(sc.s.ID, what("first"), len(textsProgress))
	second := sc.chance(sc.s.ID, what("second"), len(textsProgress)-1) + 1 // another one
	r.Progress = textsProgress[first] + "\n" + textsProgress[(first+second)%len(textsProgress)]
	if sc.chance(sc.s.ID, what("problem"), 100) < problemReports {
		r.Problems = textsProblems[sc.chance(sc.s.ID, what("which"), len(textsProblems))]
	}
	r.Next = textsNext[sc.chance(sc.s.ID, what("next"), len(textsNext))]
	return r
}
