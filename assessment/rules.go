package assessment

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/obligation"
)

// Points are tenths of a point: whole numbers, so that sums are the same everywhere.
type Points int

// String returns the points as people write them: -2, 0.5.
func (p Points) String() string { return strconv.FormatFloat(float64(p)/10, 'f', -1, 64) }

// Cause is what points are given for.
type Cause string

// The causes. Each stands for an entry of a ledger; Quality for one of the assessment's own record.
const (
	OnTime   Cause = "on_time"  // accepted within the half-year, and never overdue
	Late     Cause = "late"     // accepted within the half-year, after a deadline had passed
	Overdue  Cause = "overdue"  // overdue at the checkpoint, in the unit's hands
	Returned Cause = "returned" // a report was returned
	Extended Cause = "extended" // more time was granted
	Issued   Cause = "issued"   // a formal document went out
	Quality  Cause = "quality"  // the office graded the quality of the half-year's work
)

// Causes are all of them.
var Causes = []Cause{OnTime, Late, Overdue, Returned, Extended, Issued, Quality}

// Chinese returns what people call it.
func (c Cause) Chinese() string { return causeNames[c] }

// Rules are how an assessment gives points.
type Rules struct {
	Title string `json:"title" yaml:"title"`
	Base  Points `json:"base" yaml:"base"` // what everybody begins with, in tenths of a point
	Items []Item `json:"items" yaml:"items"`
	// Merits are the facts that people decide about a commendation by ("加大……成绩先进单位的通报表扬力度").
	Merits []Merit `json:"merits,omitempty" yaml:"merits"`
}

// Item gives points for a cause. Of several that fit, the first counts.
type Item struct {
	Code     string          `json:"code" yaml:"code"`
	Title    string          `json:"title" yaml:"title"`
	On       Cause           `json:"on" yaml:"on"`
	Rung     obligation.Rung `json:"rung,omitempty" yaml:"rung"`         // Issued: this one alone; "": any
	Grade    Grade           `json:"grade,omitempty" yaml:"grade"`       // Quality: this one alone; "": any
	Measures []string        `json:"measures,omitempty" yaml:"measures"` // these alone; none: all
	Points   Points          `json:"points" yaml:"points"`               // for each, in tenths of a point
	Most     Points          `json:"most,omitempty" yaml:"most"`         // most that a unit gains or loses by it; 0: no bound
	// Veto says that it is one of the facts that people decide about 一票否优 by ("严格落实安全生产“一票否优”").
	Veto bool `json:"veto,omitempty" yaml:"veto"`
}

// ItemFault is what is wrong with one item.
type ItemFault struct {
	Index int // of the item
	text  string
}

// Error implements error, in Chinese.
func (f *ItemFault) Error() string { return f.text }

// Validate returns everything that is wrong with the rules, in Chinese: what is wrong with one item is an *ItemFault.
func (r Rules) Validate() []error {
	var out []error
	if len(r.Items) == 0 {
		out = append(out, errors.New(ruleNothing))
	}
	for i, item := range r.Items {
		fault := func(format string, args ...any) { out = append(out, &ItemFault{i, fmt.Sprintf(format, args...)}) }
		if item.Code == "" {
			fault(ruleCode, i+1)
			continue
		}
		if slices.ContainsFunc(r.Items[:i], func(other Item) bool { return other.Code == item.Code }) {
			fault(ruleTwice, item.Code)
		}
		if !slices.Contains(Causes, item.On) {
			fault(ruleCause, item.Code, item.On, listed(Causes))
		}
		switch {
		case item.Rung == "":
		case item.On != Issued:
			fault(ruleNoRung, item.Code)
		case !item.Rung.Formal():
			fault(ruleRung, item.Code, item.Rung)
		}
		switch {
		case item.On != Quality && item.Grade != "":
			fault(ruleNoGrade, item.Code)
		case item.On == Quality && item.Grade != "" && !slices.Contains(Grades, item.Grade):
			fault(ruleGrade, item.Code, item.Grade, listed(Grades))
		case item.On == Quality && len(item.Measures) > 0:
			fault(ruleNoMeasures, item.Code)
		}
		if item.Most < 0 {
			fault(ruleMost, item.Code)
		}
	}
	for i, m := range r.Merits {
		out = append(out, r.meritFaults(i, m)...)
	}
	return out
}

func listed[T ~string](codes []T) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = string(c)
	}
	return strings.Join(names, "、")
}

// item returns what gives points for a cause; ok is false where nothing does.
func (r Rules) item(on Cause, rung obligation.Rung, measure string) (item Item, ok bool) {
	i := slices.IndexFunc(r.Items, func(item Item) bool {
		return item.On == on && item.On != Quality && (item.Rung == "" || item.Rung == rung) && (len(item.Measures) == 0 || slices.Contains(item.Measures, measure))
	})
	if i < 0 {
		return Item{}, false
	}
	return r.Items[i], true
}
