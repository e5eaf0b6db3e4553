package plan

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
)

// Codes stand in workflow IDs, addresses and file names, so they hold no slash, space or upper-case surprise.
var (
	slugFormat   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	taskFormat   = regexp.MustCompile(`^([A-Z]|[A-Z]?[1-9][0-9]{0,2})$`)
	numberFormat = regexp.MustCompile(`^[1-9][0-9]{0,2}$`)
)

// Longest texts, in characters; the database and the documents are built for these.
const (
	maxCode  = 40
	maxTitle = 200
	maxNote  = 2000
	maxText  = 20000
)

var (
	unitKinds     = []UnitKind{KindParty, KindGovernment, KindStreet, KindGroup}
	restDayRules  = []RestDayRule{RestDayNextDay, RestDayNextWorkday}
	scheduleKinds = []ScheduleKind{Milestone, Recurring, Continuous}
	cronNames     = []CronNames{CronDue, CronStart}
	exemptions    = []Exemption{"", ExemptRestWeeks}

	// inferable lists what the document can leave open. The quote is never inferred: it is the document.
	inferable = []string{
		"title", "done", "ladder",
		"audience", "audience.kinds", "audience.tags", "audience.units", "audience.except",
		"schedule", "schedule.kind", "schedule.due", "schedule.cron", "schedule.names", "schedule.from", "schedule.to",
	}
)

// Validate returns everything that is wrong with the plan, in the order of the plan's fields; none for a plan that
// can be run. Where a fault makes others meaningless (a plan without dates), only the first is reported. A due date
// before the day of issue is no fault, see BeforeIssue; codes of ladders are not known here.
func (p *Plan) Validate() []Fault {
	v := &validation{plan: p}
	v.head()
	v.actions()
	v.tasks()
	v.measures()
	v.units()
	return v.faults
}

type validation struct {
	plan   *Plan
	faults []Fault
}

func (v *validation) add(path, code string, args ...any) {
	v.faults = append(v.faults, fault(path, code, args...))
}

// text demands a value of at most limit characters.
func (v *validation) text(path, value string, limit int) {
	if strings.TrimSpace(value) == "" {
		v.add(path, CodeMissing, field(path))
		return
	}
	v.length(path, value, limit)
}

func (v *validation) length(path, value string, limit int) {
	if utf8.RuneCountInString(value) > limit {
		v.add(path, CodeTooLong, field(path), limit)
	}
}

// code demands a value of the format; it reports whether it is one.
func (v *validation) code(path, value string, format *regexp.Regexp, form string) bool {
	switch {
	case value == "":
		v.add(path, CodeMissing, field(path))
	case len(value) > maxCode || !format.MatchString(value):
		v.add(path, CodeBadFormat, field(path), value, form)
	default:
		return true
	}
	return false
}

// distinct reports every entry of a list that occurred before in it, and empty ones.
func (v *validation) distinct(path string, list []string) {
	for i, s := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case strings.TrimSpace(s) == "":
			v.add(at, CodeMissing, field(path))
		case slices.Contains(list[:i], s):
			v.add(at, CodeDuplicate, field(path), s)
		default:
			v.length(at, s, maxTitle)
		}
	}
}

// field returns the last name of a path, without an index.
func field(path string) string {
	path = path[strings.LastIndexByte(path, '.')+1:]
	name, _, _ := strings.Cut(path, "[")
	return name
}

func (v *validation) head() {
	p := v.plan
	v.code("code", p.Code, slugFormat, "小写字母、数字和连字符")
	v.text("number", p.Number, maxTitle)
	v.text("title", p.Title, maxTitle)
	v.text("issuer", p.Issuer, maxTitle)
	v.faults = append(v.faults, p.checkDates()...)
	_, faults := p.location()
	v.faults = append(v.faults, faults...)
	if !slices.Contains(restDayRules, p.RestDayRule) {
		v.add("restDayRule", CodeUnknownValue, "restDayRule", p.RestDayRule, choices(restDayRules))
	}
}

// Plans lie within these days; anything else is a slip of the pen, and would be expanded for ages.
var earliest, latest = calendar.NewDate(1990, time.January, 1), calendar.NewDate(2199, time.December, 31)

// checkDates returns what is wrong with the day of issue and the plan's period; schedules mean nothing until it is right.
func (p *Plan) checkDates() []Fault {
	var faults []Fault
	for _, d := range []struct {
		path string
		date calendar.Date
	}{{"issued", p.Issued}, {"from", p.From}, {"to", p.To}} {
		switch {
		case d.date.IsZero():
			faults = append(faults, fault(d.path, CodeMissing, d.path))
		case d.date < earliest || d.date > latest:
			faults = append(faults, fault(d.path, CodeUnlikelyDate, d.path, earliest, latest))
		}
	}
	if len(faults) > 0 {
		return faults
	}
	if p.To < p.From {
		faults = append(faults, fault("to", CodeDateOrder, p.To, p.From))
	} else if p.To < p.Issued {
		faults = append(faults, fault("to", CodeDateOrder, p.To, p.Issued))
	}
	return faults
}

func choices[T ~string](values []T) string {
	s := make([]string, len(values))
	for i, value := range values {
		s[i] = string(value)
	}
	return strings.Join(s, "、")
}

func (v *validation) actions() {
	seen := map[int]bool{}
	for i, a := range v.plan.Actions {
		at := fmt.Sprintf("actions[%d]", i)
		if a.Number < 1 {
			v.add(at+".number", CodeBadFormat, "number", fmt.Sprint(a.Number), "从 1 起的整数")
		} else if seen[a.Number] {
			v.add(at+".number", CodeDuplicate, "number", fmt.Sprint(a.Number))
		}
		seen[a.Number] = true
		v.text(at+".title", a.Title, maxTitle)
	}
}

func (v *validation) tasks() {
	p := v.plan
	if len(p.Tasks) == 0 {
		v.add("tasks", CodeMissing, "tasks")
	}
	seen, served := map[string]bool{}, map[string]bool{}
	for _, m := range p.Measures {
		served[m.Task] = true
	}
	for i, t := range p.Tasks {
		at := fmt.Sprintf("tasks[%d]", i)
		if v.code(at+".code", t.Code, taskFormat, "数字，或大写字母加数字（保障措施 S1、总体目标 G）") {
			if seen[t.Code] {
				v.add(at+".code", CodeDuplicate, "code", t.Code)
			}
			seen[t.Code] = true
		}
		if !v.knownAction(t.Action) {
			v.add(at+".action", CodeUnknownAction, t.Action)
		}
		v.text(at+".title", t.Title, maxTitle)
		v.text(at+".text", t.Text, maxText)
		if len(t.Lead) == 0 {
			v.add(at+".lead", CodeMissing, "lead")
		}
		v.distinct(at+".lead", t.Lead)
		v.knownUnits(at+".lead", t.Lead)
		if !served[t.Code] {
			v.add(at, CodeNoMeasure, t.Code)
		}
	}
}

func (v *validation) knownAction(number int) bool {
	return number == 0 || slices.ContainsFunc(v.plan.Actions, func(a Action) bool { return a.Number == number })
}

func (v *validation) knownUnits(path string, codes []string) {
	for i, code := range codes {
		if _, ok := v.plan.Unit(code); !ok && strings.TrimSpace(code) != "" {
			v.add(fmt.Sprintf("%s[%d]", path, i), CodeUnknownUnit, code)
		}
	}
}

func (v *validation) measures() {
	seen := map[string]bool{}
	for i, m := range v.plan.Measures {
		at := fmt.Sprintf("measures[%d]", i)
		task, known := v.plan.Task(m.Task)
		if !known {
			v.add(at+".task", CodeUnknownTask, m.Task)
		}
		number, ofTask := strings.CutPrefix(m.Code, m.Task+".")
		switch {
		case m.Code == "":
			v.add(at+".code", CodeMissing, "code")
		case !ofTask || !numberFormat.MatchString(number):
			v.add(at+".code", CodeBadFormat, "code", m.Code, "“任务编码.序号”，如 "+m.Task+".1")
		case seen[m.Code]:
			v.add(at+".code", CodeDuplicate, "code", m.Code)
		}
		seen[m.Code] = true
		v.text(at+".title", m.Title, maxTitle)
		v.text(at+".quote", m.Quote, maxNote)
		v.length(at+".source", m.Source, maxTitle)
		if known && m.Source == "" && m.Quote != "" && !Quotes(task.Text, m.Quote) {
			v.add(at+".quote", CodeQuoteNotFound, m.Quote, m.Task)
		}
		v.audience(at+".audience", m.Audience)
		v.distinct(at+".lead", m.Lead)
		v.knownUnits(at+".lead", m.Lead)
		v.text(at+".done", m.Done, maxNote)
		v.schedule(at, m)
		v.form(at, m)
		v.inferred(at, m)
	}
}

func (v *validation) audience(at string, a Audience) {
	for i, kind := range a.Kinds {
		if !slices.Contains(unitKinds, kind) {
			v.add(fmt.Sprintf("%s.kinds[%d]", at, i), CodeUnknownKind, kind, choices(unitKinds))
		} else if slices.Contains(a.Kinds[:i], kind) {
			v.add(fmt.Sprintf("%s.kinds[%d]", at, i), CodeDuplicate, "kinds", kind)
		}
	}
	v.distinct(at+".tags", a.Tags)
	for i, tag := range a.Tags {
		borne := slices.ContainsFunc(v.plan.Units, func(u Unit) bool { return slices.Contains(u.Tags, tag) })
		if !borne && strings.TrimSpace(tag) != "" {
			v.add(fmt.Sprintf("%s.tags[%d]", at, i), CodeUnknownTag, tag)
		}
	}
	v.distinct(at+".units", a.Units)
	v.knownUnits(at+".units", a.Units)
	v.distinct(at+".except", a.Except)
	v.knownUnits(at+".except", a.Except)
}

// schedule checks the measure's periods and that somebody is responsible in each of them.
func (v *validation) schedule(at string, m Measure) {
	p := v.plan
	if len(p.checkDates()) > 0 {
		return
	}
	faults, rec := p.checkSchedule(m.Schedule)
	if len(faults) > 0 {
		v.faults = append(v.faults, within(at, faults)...)
		return
	}
	periods := p.expand(m.Schedule, rec)
	switch {
	case len(periods) > MaxPeriods:
		v.add(at+".schedule", CodeTooManyPeriods, MaxPeriods)
		return
	case len(periods) == 0:
		v.add(at+".schedule", CodeNoPeriod)
		return
	}
	for _, period := range periods {
		if len(p.Resolve(m.Audience, period.Start)) == 0 {
			v.add(at+".audience", CodeEmptyAudience, period.Start.Chinese(), period.Key)
			return
		}
	}
}

// checkSchedule returns what is wrong with the schedule, with paths below "schedule", and its parsed recurrence if
// it has one.
func (p *Plan) checkSchedule(s Schedule) ([]Fault, *recurrence) {
	if faults := p.checkDates(); len(faults) > 0 {
		return faults, nil
	}
	var rec *recurrence
	v := &validation{plan: p}
	from, to := p.Span(s)
	for _, d := range []struct {
		path string
		date calendar.Date
	}{{"schedule.from", s.From}, {"schedule.to", s.To}} {
		if !d.date.IsZero() && (d.date < p.firstDay() || d.date > p.To) {
			v.add(d.path, CodeOutsidePlan, d.date, p.firstDay(), p.To)
		}
	}
	if !s.To.IsZero() && s.To < from {
		v.add("schedule.to", CodeDateOrder, s.To, from)
	}
	switch s.Kind {
	case Milestone:
		v.dueDates(s, to)
	case Recurring:
		if s.Cron == "" {
			v.add("schedule.cron", CodeMissing, "cron")
		} else if r, code := parseRecurrence(s.Cron); code != "" {
			v.add("schedule.cron", code, s.Cron)
		} else {
			rec = r
		}
		if !slices.Contains(cronNames, s.Names) {
			v.add("schedule.names", CodeUnknownValue, "names", s.Names, choices(cronNames))
		}
		if !slices.Contains(exemptions, s.Exempt) {
			v.add("schedule.exempt", CodeUnknownValue, "exempt", s.Exempt, choices(exemptions[1:]))
		}
	case Continuous:
	default:
		v.add("schedule.kind", CodeUnknownValue, "kind", s.Kind, choices(scheduleKinds))
		return v.faults, nil
	}
	for _, f := range []struct {
		path string
		set  bool
		of   ScheduleKind
	}{
		{"schedule.due", len(s.Due) > 0, Milestone},
		{"schedule.cron", s.Cron != "", Recurring},
		{"schedule.names", s.Names != "", Recurring},
		{"schedule.exempt", s.Exempt != "", Recurring},
		{"schedule.numbers", len(s.Numbers) > 0, Milestone},
		{"schedule.given", s.Given != 0, Milestone},
	} {
		if f.set && s.Kind != f.of {
			v.add(f.path, CodeNotApplicable, s.Kind, field(f.path))
		}
	}
	return v.faults, rec
}

// firstDay is the earliest day that a schedule can name: dates before the day of issue are the document's own
// (3月25日 before 4月19日), but none lies before the year in which it was issued or the plan's period begins.
func (p *Plan) firstDay() calendar.Date {
	return min(p.From, calendar.NewDate(p.Issued.Year(), time.January, 1))
}

func (v *validation) dueDates(s Schedule, to calendar.Date) {
	if len(s.Due) == 0 {
		v.add("schedule.due", CodeNothingDue)
	}
	earliest := max(s.From, v.plan.firstDay())
	for i, due := range s.Due {
		at := fmt.Sprintf("schedule.due[%d]", i)
		switch {
		case due.IsZero():
			v.add(at, CodeMissing, "due")
		case due < earliest:
			v.add(at, CodeDueBeforePeriod, due, earliest)
		case due > to:
			v.add(at, CodeDueAfterPeriod, due, to)
		case i > 0 && due <= s.Due[i-1]:
			v.add(at, CodeDateOrder, due, s.Due[i-1])
		}
	}
	if !s.soundNumbers() {
		v.add("schedule.numbers", CodeBadNumbers)
	}
}

func (v *validation) inferred(at string, m Measure) {
	for i, name := range m.Inferred {
		path := fmt.Sprintf("%s.inferred[%d]", at, i)
		if !slices.Contains(inferable, name) {
			v.add(path, CodeInferredUnknown, name, choices(inferable))
		} else if slices.Contains(m.Inferred[:i], name) {
			v.add(path, CodeDuplicate, "inferred", name)
		}
	}
	if len(m.Inferred) > 0 && strings.TrimSpace(m.Note) == "" {
		v.add(at+".note", CodeInferredNoReason)
	}
	v.length(at+".note", m.Note, maxNote)
}

func (v *validation) units() {
	if len(v.plan.Units) == 0 {
		v.add("units", CodeMissing, "units")
	}
	codes, owner := map[string]bool{}, map[string]int{}
	for i, u := range v.plan.Units {
		at := fmt.Sprintf("units[%d]", i)
		if v.code(at+".code", u.Code, slugFormat, "小写字母、数字和连字符") {
			if codes[u.Code] {
				v.add(at+".code", CodeDuplicate, "code", u.Code)
			}
			codes[u.Code] = true
		}
		if !slices.Contains(unitKinds, u.Kind) {
			v.add(at+".kind", CodeUnknownKind, u.Kind, choices(unitKinds))
		}
		v.distinct(at+".tags", u.Tags)
		v.names(i, u, owner)
		if !u.From.IsZero() && !u.To.IsZero() && u.To < u.From {
			v.add(at+".to", CodeDateOrder, u.To, u.From)
		}
		if _, ok := v.plan.Unit(u.Into); u.Into != "" && (!ok || u.Into == u.Code) {
			v.add(at+".into", CodeUnknownUnit, u.Into)
		}
		for c, contact := range u.Contacts {
			v.contact(fmt.Sprintf("%s.contacts[%d]", at, c), contact)
		}
	}
}

// names checks the unit's name and aliases; owner holds which unit each name met so far belongs to.
func (v *validation) names(unit int, u Unit, owner map[string]int) {
	at := fmt.Sprintf("units[%d]", unit)
	v.text(at+".name", u.Name, maxTitle)
	for i, alias := range u.Aliases {
		v.text(fmt.Sprintf("%s.aliases[%d]", at, i), alias, maxTitle)
	}
	for i, name := range u.names() {
		path := at + ".name"
		if i > 0 {
			path = fmt.Sprintf("%s.aliases[%d]", at, i-1)
		}
		squeezed := Squeeze(name)
		other, taken := owner[squeezed]
		switch {
		case squeezed == "":
		case !taken:
			owner[squeezed] = unit
		case other == unit:
			v.add(path, CodeDuplicate, field(path), name)
		default:
			v.add(path, CodeAliasCollision, name, v.plan.Units[other].Code)
		}
	}
}

func plainAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}
