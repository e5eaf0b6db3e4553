package tasklist

import (
	"duban/calendar"
	"duban/plan"
)

// Options say what a list is read against.
type Options struct {
	Plan plan.Plan // as it stands
	// Calendar says which periods of it bind nobody; none: all bind.
	Calendar *calendar.Calendar
	Year     int    // of the list: dates without a year are in it
	Name     string // of the list, such as 2026年工作任务清单: it becomes the source of new measures
	// Columns are columns (from 1) that somebody has mapped by hand; they come before what the headings say.
	Columns map[int]Field
	// Answers are what the office has confirmed of the rows, by row number.
	Answers map[int]Answer
}

// Answer is what the office says of a row that could not be read with certainty. What is left out stays as it was read.
type Answer struct {
	Skip    bool              `json:"skip,omitempty"`    // leave the row out
	Task    string            `json:"task,omitempty"`    // code of the task
	Measure string            `json:"measure,omitempty"` // code of the measure that the row is about; "new": it is a new one
	Lead    []string          `json:"lead,omitempty"`    // codes of units
	Units   []string          `json:"units,omitempty"`
	Due     []string          `json:"due,omitempty"` // YYYY-MM-DD
	Kind    plan.ScheduleKind `json:"kind,omitempty"`
	Confirm bool              `json:"confirm,omitempty"` // take the proposals
	// Parts are answers to parts of a row that gives several ("①…②…"), by number from 1: such a part has this answer instead
	// of the row's.
	Parts map[int]Answer `json:"parts,omitempty"`
}

// of returns the answer to a part of the row; part 0 is the row itself.
func (a Answer) of(part int) Answer {
	if own, named := a.Parts[part]; named {
		return own
	}
	return a
}

// Outcome is what would become of a row.
type Outcome string

// The outcomes.
const (
	Create    Outcome = "create"
	Update    Outcome = "update"
	Unchanged Outcome = "unchanged"
	Fault     Outcome = "error"   // can't be read; the sheet has to be corrected
	Confirm   Outcome = "confirm" // can be read once somebody has confirmed the proposals
	Skipped   Outcome = "skipped" // the office leaves it out
)

// Row is one row of a list as it was read. One row of the sheet may give several: "①…②…".
type Row struct {
	Row      int               `json:"row"`            // of the sheet
	Part     int               `json:"part,omitempty"` // from 1, where the row gives several
	Task     string            `json:"task"`           // code; "": not recognised
	Measure  string            `json:"measure"`        // code; of a new one the code that it would get
	Title    string            `json:"title"`
	Lead     []string          `json:"lead"`  // codes of the leading units
	Units    []string          `json:"units"` // codes of the units that it falls to, the leading ones among them
	Kind     plan.ScheduleKind `json:"kind"`
	Due      []calendar.Date   `json:"due"`  // within the list's year
	When     string            `json:"when"` // Chinese: 2026-06-30、2026-12-31; 每季度; 持续推进; "" where nothing was read
	Outcome  Outcome           `json:"outcome"`
	Problems []Problem         `json:"problems"` // that are still open
	// Changes say what an update changes, one Chinese line each: 完成时限：2026-06-30 → 2026-09-30.
	Changes []string `json:"changes,omitempty"`

	// Becomes is the measure as it would stand in the plan; nil where the row can't be applied.
	Becomes *plan.Measure `json:"-"`
}

// Problem is one thing that is wrong, or only likely.
type Problem struct {
	Cell     string `json:"cell"`               // "G5"
	Reason   string `json:"reason"`             // Chinese: what is wrong
	Proposal string `json:"proposal,omitempty"` // Chinese: what may be meant, or what to do
}

// Preview is a list as it was read. Nothing of the sheet is missing in it: every row with text is a row, a title, a
// heading, a note or the continuation of a row, and only one of them.
type Preview struct {
	Rows    []Row         `json:"rows"`
	Columns map[int]Field `json:"columns"`          // as found
	Header  int           `json:"header"`           // row of the headings; 0: none was found
	Titles  []int         `json:"titles,omitempty"` // rows above the headings
	Notes   []int         `json:"notes,omitempty"`  // rows below that are no task, and rows of totals
	// Headings are the rows of headings: the one of Header, a second one below it, those repeated on each page, and rows that
	// only head a section.
	Headings []int `json:"headings,omitempty"`
	// Continued are rows that only continue the row above them; they were read with it.
	Continued []int `json:"continued,omitempty"`
	// Missing are measures of the list's year that the list before had and this one has no more, by code: the office
	// decides whether they are withdrawn.
	Missing []string `json:"missing,omitempty"`
}
