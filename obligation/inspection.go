package obligation

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
	"duban/plan"
)

// Visit (检查对象) is what an inspection looks at with one unit, as it is planned or as it was recorded.
type Visit struct {
	Unit     string        `json:"unit"`
	UnitName string        `json:"unitName"`
	Day      calendar.Date `json:"day"`
	Places   string        `json:"places,omitempty"` // enterprises and places
	People   string        `json:"people,omitempty"` // who inspects
	Seen     string        `json:"seen,omitempty"`   // of the record: what was looked at
}

// InspectionSheet is what an inspection is about: its plan, or its record.
type InspectionSheet struct {
	Theme    string  `json:"theme"`
	Basis    string  `json:"basis,omitempty"`    // by which rules it inspects
	Material string  `json:"material,omitempty"` // what to bring
	Visits   []Visit `json:"visits"`
}

// Severity is how grave a finding is.
type Severity string

// The severities. A major one is flagged: it has to be registered as a hazard.
const (
	SeverityCommon Severity = "common"
	SeverityGrave  Severity = "grave"
	SeverityMajor  Severity = "major"
)

// Severities are all of them, in ascending order.
var Severities = []Severity{SeverityCommon, SeverityGrave, SeverityMajor}

// Finding (问题) is what an inspection found with a unit. It is an obligation of that unit, with its own ledger, deadline and
// ladder; how it stands is in that ledger alone.
type Finding struct {
	N        int           `json:"n"` // from 1, within the inspection
	Unit     string        `json:"unit"`
	UnitName string        `json:"unitName"`
	Place    string        `json:"place,omitempty"`
	Text     string        `json:"text"`
	Basis    string        `json:"basis,omitempty"` // the clause that it offends against
	Severity Severity      `json:"severity"`
	Demands  string        `json:"demands"`
	Due      calendar.Date `json:"due"`              // as it was handed over; in a command none: its ladder's time for rework
	Ladder   string        `json:"ladder,omitempty"` // code of the ladder by which it is followed up
	Found    time.Time     `json:"found,omitzero"`   // when it was recorded
}

// Inspection is what the ledger says of an inspection.
type Inspection struct {
	Plan     *InspectionSheet `json:"plan,omitempty"`
	Changes  int              `json:"changes,omitempty"` // of the plan, after it was made first
	Record   *InspectionSheet `json:"record,omitempty"`
	Summary  string           `json:"summary,omitempty"`
	Recorded time.Time        `json:"recorded,omitzero"`
	Findings []Finding        `json:"findings,omitempty"`
	Ladders  []Ladder         `json:"ladders,omitempty"` // those of its findings, frozen when they were first named
}

// The bounds of an inspection.
const (
	MaxVisits      = 60
	MaxFindings    = 100 // of one inspection, later ones included
	maxFindingText = 200 // characters
	maxShort       = 200 // theme, places, people, clause
	maxLong        = 1000
)

// IsInspection reports whether the obligation is an inspection of the office.
func (f Facts) IsInspection() bool { return f.Form == plan.FormInspection }

// Found returns the inspection that the obligation is a finding of.
func (f Facts) Found() (ID, bool) {
	if f.Finding == 0 {
		return ID{}, false
	}
	return ParseID(f.Parent)
}

// Findings returns what the inspection found; nothing where it is none.
func (s State) Findings() []Finding {
	if s.Inspection == nil {
		return nil
	}
	return s.Inspection.Findings
}

func (s State) isRecorded() bool { return s.Inspection != nil && s.Inspection.Record != nil }

// unrecorded returns an *Error where it is no inspection that can still be planned or recorded.
func (s State) unrecorded() error {
	switch {
	case !s.IsInspection():
		return refuse(CodeNoInspection)
	case s.isRecorded():
		return refuse(CodeInspectionRecorded)
	case s.Stage == StageSubmitted:
		return refuse(CodeInReview)
	}
	return nil
}

func (s State) planInspection(c Command) (Event, error) {
	if err := s.unrecorded(); err != nil {
		return Event{}, err
	}
	sheet, err := s.sheet(c.Inspection, max(s.Anchor, s.Due))
	if err == nil && s.Inspection != nil && sameSheet(s.Inspection.Plan, &sheet) && c.Text == "" {
		err = refuse(CodeNothingToDo)
	}
	return Event{Kind: InspectionPlanned, Inspection: &sheet}, err
}

func (s State) recordInspection(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	if err := s.unrecorded(); err != nil {
		return Event{}, err
	}
	sheet, err := s.sheet(c.Inspection, calendar.DateOf(now, s.Policy.Location()))
	if err != nil {
		return Event{}, err
	}
	if slices.ContainsFunc(sheet.Visits, func(v Visit) bool { return v.Seen == "" }) {
		return Event{}, refuse(CodeVisitUnseen)
	}
	e := Event{Kind: InspectionRecorded, Inspection: &sheet}
	e.Findings, e.Ladders, err = s.find(c, sheet.Visits, cal, now)
	return e, err
}

func (s State) addFindings(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	switch {
	case !s.IsInspection():
		return Event{}, refuse(CodeNoInspection)
	case !s.isRecorded():
		return Event{}, refuse(CodeInspectionUnrecorded)
	case len(c.Findings) == 0:
		return Event{}, refuse(CodeFindingInvalid)
	}
	findings, ladders, err := s.find(c, s.Inspection.Record.Visits, cal, now)
	return Event{Kind: FindingsAdded, Findings: findings, Ladders: ladders}, err
}

// sheet returns the sheet as it is kept. No visit lies before the inspection's period or after the last day.
func (s State) sheet(in *InspectionSheet, last calendar.Date) (InspectionSheet, error) {
	if in == nil {
		return InspectionSheet{}, refuse(CodeInspectionInvalid)
	}
	out := trimmed(*in)
	if out.Theme == "" || tooLong(maxShort, out.Theme) || tooLong(maxLong, out.Basis, out.Material) || len(out.Visits) == 0 || len(out.Visits) > MaxVisits {
		return InspectionSheet{}, refuse(CodeInspectionInvalid)
	}
	for _, v := range out.Visits {
		switch {
		case v.Unit == "", v.UnitName == "", tooLong(maxShort, v.Places, v.People), tooLong(maxLong, v.Seen):
			return InspectionSheet{}, refuse(CodeInspectionInvalid)
		case v.Day < s.Start, v.Day > last:
			return InspectionSheet{}, refuse(CodeVisitDay)
		}
	}
	return out, nil
}

// find numbers the findings of a command. A unit answers for one only where the inspection was with it.
func (s State) find(c Command, visits []Visit, cal *calendar.Calendar, now time.Time) ([]Finding, []Ladder, error) {
	known := s.Findings()
	if len(known)+len(c.Findings) > MaxFindings {
		return nil, nil, refuse(CodeFindingInvalid)
	}
	var out []Finding
	var ladders []Ladder
	today := calendar.DateOf(now, s.Policy.Location())
	for i, f := range c.Findings {
		f.N, f.Found = len(known)+i+1, now
		f.Place, f.Text, f.Basis, f.Demands = strings.TrimSpace(f.Place), strings.TrimSpace(f.Text), strings.TrimSpace(f.Basis), strings.TrimSpace(f.Demands)
		ladder, ok := ladderOf(c.Ladders, f.Ladder)
		switch {
		case f.Text == "", f.Demands == "", tooLong(maxFindingText, f.Text), tooLong(maxShort, f.Place, f.Basis), tooLong(maxLong, f.Demands),
			!slices.Contains(Severities, f.Severity), !ok:
			return nil, nil, refuse(CodeFindingInvalid)
		case !slices.ContainsFunc(visits, func(v Visit) bool { return v.Unit == f.Unit }):
			return nil, nil, refuse(CodeFindingUnit)
		case f.Due.IsZero():
			f.Due = cal.AddWorkdays(today, ladder.Rework)
		case f.Due <= today:
			return nil, nil, refuse(CodeFindingDue)
		}
		if _, ok := ladderOf(ladders, f.Ladder); !ok {
			ladders = append(ladders, ladder)
		}
		out = append(out, f)
	}
	return out, ladders, nil
}

func ladderOf(ladders []Ladder, code string) (Ladder, bool) {
	i := slices.IndexFunc(ladders, func(l Ladder) bool { return l.Code == code })
	if i < 0 {
		return Ladder{}, false
	}
	return ladders[i], true
}

func tooLong(limit int, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return utf8.RuneCountInString(t) > limit })
}

func trimmed(sheet InspectionSheet) InspectionSheet {
	sheet.Theme, sheet.Basis, sheet.Material = strings.TrimSpace(sheet.Theme), strings.TrimSpace(sheet.Basis), strings.TrimSpace(sheet.Material)
	sheet.Visits = slices.Clone(sheet.Visits)
	for i := range sheet.Visits {
		v := &sheet.Visits[i]
		v.Places, v.People, v.Seen = strings.TrimSpace(v.Places), strings.TrimSpace(v.People), strings.TrimSpace(v.Seen)
	}
	return sheet
}

func sameSheet(a, b *InspectionSheet) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Theme == b.Theme && a.Basis == b.Basis && a.Material == b.Material && slices.Equal(a.Visits, b.Visits)
}

// SaysInspection reports whether the event of an inspection says what the command asked for.
func (e Event) SaysInspection(c Command) bool {
	asked := c.Inspection
	if asked != nil {
		sheet := trimmed(*asked)
		asked = &sheet
	}
	return sameSheet(e.Inspection, asked) && slices.EqualFunc(e.Findings, c.Findings, func(a, b Finding) bool {
		return a.Unit == b.Unit && a.Text == strings.TrimSpace(b.Text) && a.Demands == strings.TrimSpace(b.Demands) && a.Place == strings.TrimSpace(b.Place) &&
			a.Basis == strings.TrimSpace(b.Basis) && a.Severity == b.Severity && a.Ladder == b.Ladder && (b.Due.IsZero() || a.Due == b.Due)
	})
}

// applyInspection never changes what the state before shares.
func applyInspection(s State, e Event) State {
	var in Inspection
	if s.Inspection != nil {
		in = *s.Inspection
	}
	switch e.Kind {
	case InspectionPlanned:
		if in.Plan != nil {
			in.Changes++
		}
		in.Plan = e.Inspection
	case InspectionRecorded:
		in.Record, in.Summary, in.Recorded = e.Inspection, e.Text, e.At
	default:
	}
	in.Findings = slices.Concat(in.Findings, e.Findings)
	in.Ladders = slices.Clone(in.Ladders)
	for _, l := range e.Ladders {
		if _, ok := ladderOf(in.Ladders, l.Code); !ok {
			in.Ladders = append(in.Ladders, l)
		}
	}
	s.Inspection = &in
	return s
}

// FindingID names the obligation of a finding: the same whenever it is asked for.
func FindingID(inspection ID, f Finding) ID {
	return ID{
		Plan: inspection.Plan, Measure: inspection.Measure, Unit: f.Unit,
		Period: fmt.Sprintf("%s.%s.f%d", inspection.Period, inspection.Unit, f.N),
	}
}

// FindingOpening returns the opening of a finding's obligation, under its own ladder; s is the inspection's.
func FindingOpening(s State, f Finding) Opening {
	policy := s.Policy
	if l, ok := ladderOf(s.Inspection.Ladders, f.Ladder); ok {
		policy.Ladder = l
	}
	title := f.Text
	if f.Place != "" {
		title = f.Place + "：" + f.Text
	}
	done := f.Demands
	if f.Basis != "" {
		done += fmt.Sprintf(textOffends, f.Basis)
	}
	return Opening{
		Policy: policy,
		Facts: Facts{
			ID: FindingID(s.ID, f), Task: s.Task, PlanTitle: s.PlanTitle, Title: title, Quote: s.Quote, Done: done, UnitName: f.UnitName,
			Period: s.Period, Due: f.Due, Parent: s.ID.String(), LeadName: s.UnitName, Finding: f.N,
		},
	}
}

// InspectionStage is how far an inspection is.
type InspectionStage string

// The stages of an inspection.
const (
	InspectionUnplanned InspectionStage = "unplanned"
	InspectionReady     InspectionStage = "planned"
	InspectionHeld      InspectionStage = "recorded" // and not reported, or not accepted
	InspectionDone      InspectionStage = "done"     // its obligation is accepted
	InspectionDropped   InspectionStage = "dropped"  // its obligation is waived, or history
)

// InspectionStages are all of them, in their order.
var InspectionStages = []InspectionStage{InspectionUnplanned, InspectionReady, InspectionHeld, InspectionDone, InspectionDropped}

// InspectionStage returns how far the inspection is.
func (s State) InspectionStage() InspectionStage {
	switch {
	case s.Stage == StageAccepted:
		return InspectionDone
	case s.IsClosed():
		return InspectionDropped
	case s.isRecorded():
		return InspectionHeld
	case s.Inspection != nil:
		return InspectionReady
	default:
		return InspectionUnplanned
	}
}

// InspectionReport proposes what the office reports of an inspection that was recorded; "" before.
func (s State) InspectionReport() string {
	if !s.isRecorded() {
		return ""
	}
	in := s.Inspection
	var units []string
	for _, v := range in.Record.Visits {
		if !slices.Contains(units, v.UnitName) {
			units = append(units, v.UnitName)
		}
	}
	text := fmt.Sprintf(textInspected, s.Period, in.Record.Theme, strings.Join(units, "、"), len(units))
	if len(in.Findings) == 0 {
		return text + textFoundNothing
	}
	last, major := calendar.Date(0), 0
	for _, f := range in.Findings {
		last = max(last, f.Due)
		if f.Severity == SeverityMajor {
			major++
		}
	}
	text += fmt.Sprintf(textFound, len(in.Findings), last.Chinese())
	if major > 0 {
		text += fmt.Sprintf(textFoundMajor, major)
	}
	return text
}
