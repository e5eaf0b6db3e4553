package seed

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/plan"
)

// The embedded bundle is checked against the document itself, which lies in testdata as it was published.

func changning(t testing.TB) *Bundle {
	b, err := Embedded()
	require.NoError(t, err)
	return b
}

func document(t *testing.T) string {
	b, err := os.ReadFile("testdata/plan-2024-2026.txt")
	require.NoError(t, err)
	return plan.Squeeze(string(b))
}

// section returns what stands in the text from one heading up to the next.
func section(t *testing.T, text, from, to string) string {
	i, j := strings.Index(text, from), strings.Index(text, to)
	require.True(t, 0 <= i && i < j, "%s … %s", from, to)
	return text[i:j]
}

func TestEmbeddedOutline(t *testing.T) {
	p := changning(t).Plan
	require.Equal(t, "changning-2024", p.Code)
	require.Equal(t, "长安委〔2024〕5号", p.Number)
	require.Equal(t, "2024-04-19", p.Issued.String())
	require.Equal(t, "Asia/Shanghai", p.Zone)

	require.Len(t, p.Actions, 10)
	for i, a := range p.Actions {
		require.Equal(t, i+1, a.Number)
	}
	var codes []string
	for i := range 30 {
		codes = append(codes, fmt.Sprint(i+1))
	}
	var numbered, others []string
	for _, task := range p.Tasks {
		if task.Action > 0 {
			numbered = append(numbered, task.Code)
		} else {
			others = append(others, task.Code)
		}
		require.NotEmpty(t, p.MeasuresOf(task.Code), "task %s", task.Code)
	}
	require.Equal(t, codes, numbered, "in the order of the document")
	require.ElementsMatch(t, []string{"G", "S1", "S2", "S3", "S4", "S5", "S6"}, others)
}

// The ten actions and thirty tasks are the whole of section four: nothing of it is left out, added or moved.
func TestEmbeddedTasksAreTheDocument(t *testing.T) {
	p := changning(t).Plan
	rest := strings.TrimPrefix(section(t, document(t), "四、主要任务", "五、保障措施"), "四、主要任务")
	action := 0
	for _, task := range p.Tasks {
		if task.Action == 0 {
			continue
		}
		if task.Action != action {
			action = task.Action
			require.Equal(t, action, p.Actions[action-1].Number)
			heading := fmt.Sprintf("（%s）开展%s。", []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}[action-1], p.Actions[action-1].Title)
			require.True(t, strings.HasPrefix(rest, heading), "%s, not %.60s", heading, rest)
			rest = rest[len(heading):]
		}
		text := task.Code + "." + plan.Squeeze(task.Text)
		require.True(t, strings.HasPrefix(rest, text), "task %s is not the document's %.60s", task.Code, rest)
		rest = rest[len(text):]
	}
	require.Empty(t, rest)
}

func TestEmbeddedSafeguardsAreTheDocument(t *testing.T) {
	p := changning(t).Plan
	rest := strings.TrimPrefix(section(t, document(t), "五、保障措施", "附件：长宁区"), "五、保障措施")
	for i, number := range []string{"一", "二", "三", "四", "五", "六"} {
		task, ok := p.Task(fmt.Sprintf("S%d", i+1))
		require.True(t, ok)
		text := "（" + number + "）" + plan.Squeeze(task.Text)
		require.True(t, strings.HasPrefix(rest, text), "task %s is not the document's %.60s", task.Code, rest)
		rest = rest[len(text):]
	}
	require.Empty(t, rest)
}

func TestEmbeddedGoalsAreTheDocument(t *testing.T) {
	task, ok := changning(t).Plan.Task("G")
	require.True(t, ok)
	require.Equal(t, section(t, document(t), "（二）主要目标", "四、主要任务"), plan.Squeeze(task.Text))
	require.Contains(t, task.Text, "\n", "paragraphs stay")
}

// Whoever reads the listing finds a quote by searching for it.
func TestEmbeddedQuotesStandInTheTextAsTheyAre(t *testing.T) {
	p := changning(t).Plan
	for _, m := range p.Measures {
		task, _ := p.Task(m.Task)
		require.Contains(t, task.Text, m.Quote, "measure %s", m.Code)
	}
}

// duty is one kind of phrase that binds somebody to a date or a rhythm, and how a measure shows that it does so.
type duty struct {
	pattern *regexp.Regexp
	met     func(p *plan.Plan, m plan.Measure, match []string) bool
}

var duties = []duty{
	{regexp.MustCompile(`(20\d\d)年(\d+)月底前`), func(_ *plan.Plan, m plan.Measure, match []string) bool {
		return slices.Contains(m.Schedule.Due, calendar.NewDate(number(match[1]), time.Month(number(match[2])+1), 0))
	}},
	{regexp.MustCompile(`(20\d\d)年底前`), func(_ *plan.Plan, m plan.Measure, match []string) bool {
		return slices.Contains(m.Schedule.Due, calendar.NewDate(number(match[1]), time.December, 31))
	}},
	// "2024年完成" without a day means 31 December and is marked inferred.
	{regexp.MustCompile(`(202[4-6])年(?:，|完成|基本实现|对照|全区|组织|重点)`), func(_ *plan.Plan, m plan.Measure, match []string) bool {
		return slices.Contains(m.Schedule.Due, calendar.NewDate(number(match[1]), time.December, 31)) && infers(m, "schedule")
	}},
	{regexp.MustCompile(`三年内`), func(p *plan.Plan, m plan.Measure, _ []string) bool {
		return slices.Contains(m.Schedule.Due, p.To)
	}},
	// The day lies before the day of issue; it is kept.
	{regexp.MustCompile(`于(\d+)月(\d+)日前`), func(p *plan.Plan, m plan.Measure, match []string) bool {
		due := calendar.NewDate(p.Issued.Year(), time.Month(number(match[1])), number(match[2]))
		return slices.Equal(m.Schedule.Due, []calendar.Date{due}) && p.BeforeIssue(due)
	}},
	{regexp.MustCompile(`每月(\d+)日前`), func(p *plan.Plan, m plan.Measure, match []string) bool {
		periods, err := p.Periods(m)
		if err != nil {
			return false
		}
		_, _, day := periods[0].Due.Civil()
		// It can't bind in the month of issue.
		return m.Schedule.Kind == plan.Recurring && day == number(match[1]) && periods[0].Key == "2024-05" && len(periods) == 32
	}},
	{regexp.MustCompile(`每周`), rhythm(regexp.MustCompile(`^2024W\d\d$`))},
	{regexp.MustCompile(`每月(?:至少)`), rhythm(regexp.MustCompile(`^2024-\d\d$`))},
	{regexp.MustCompile(`每季度`), rhythm(regexp.MustCompile(`^2024Q2$`))},
	{regexp.MustCompile(`每半年`), rhythm(regexp.MustCompile(`^2024H1$`))},
	{regexp.MustCompile(`每年`), rhythm(regexp.MustCompile(`^2024$`))},
}

// anyDate finds whatever looks like a date or a rhythm, so that a phrase no duty knows is noticed too.
var anyDate = regexp.MustCompile(`20\d\d年|\d+月|\d日前|年底|[一二三两半]年内|每[日周月季年半]|分年度|逐年`)

func number(s string) int {
	n := 0
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n
}

func infers(m plan.Measure, field string) bool {
	return slices.ContainsFunc(m.Inferred, func(f string) bool { return f == field || strings.HasPrefix(f, field+".") })
}

func rhythm(key *regexp.Regexp) func(*plan.Plan, plan.Measure, []string) bool {
	return func(p *plan.Plan, m plan.Measure, _ []string) bool {
		periods, err := p.Periods(m)
		return err == nil && m.Schedule.Kind == plan.Recurring && key.MatchString(periods[0].Key)
	}
}

// Every dated or recurring duty of the document is within the quote of a measure that is due accordingly.
func TestEmbeddedPlanIsComplete(t *testing.T) {
	p := changning(t).Plan
	total := 0
	for _, task := range p.Tasks {
		text := plan.Squeeze(task.Text)
		quotes := map[string][][2]int{}
		for _, m := range p.MeasuresOf(task.Code) {
			quote := plan.Squeeze(m.Quote)
			for at := 0; ; {
				i := strings.Index(text[at:], quote)
				if i < 0 {
					break
				}
				quotes[m.Code] = append(quotes[m.Code], [2]int{at + i, at + i + len(quote)})
				at += i + 1
			}
		}
		quoting := func(from, to int) (measures []plan.Measure) {
			for _, m := range p.MeasuresOf(task.Code) {
				if slices.ContainsFunc(quotes[m.Code], func(q [2]int) bool { return q[0] <= from && to <= q[1] }) {
					measures = append(measures, m)
				}
			}
			return measures
		}
		for _, d := range duties {
			for _, at := range d.pattern.FindAllStringSubmatchIndex(text, -1) {
				total++
				match := d.pattern.FindStringSubmatch(text[at[0]:])
				met := slices.ContainsFunc(quoting(at[0], at[1]), func(m plan.Measure) bool { return d.met(&p, m, match) })
				require.True(t, met, "task %s: no measure answers for “%s…”", task.Code, excerpt(text, at[0]))
			}
		}
		for _, at := range anyDate.FindAllStringIndex(text, -1) {
			require.NotEmpty(t, quoting(at[0], at[1]), "task %s: no measure quotes “%s…”", task.Code, excerpt(text, at[0]))
		}
	}
	require.Equal(t, 41, total, "dated and recurring duties in the document")
}

func excerpt(text string, at int) string {
	r := []rune(text[at:])
	return string(r[:min(len(r), 20)])
}

// What the scan does not look at holds no duty: the head, the guiding thoughts and the annex.
func TestNoDutyOutsideTheTasks(t *testing.T) {
	text := document(t)
	before, rest, found := strings.Cut(text, "（二）主要目标")
	require.True(t, found)
	_, after, found := strings.Cut(rest, "附件：长宁区")
	require.True(t, found)
	for _, part := range []string{before, after} {
		for _, d := range duties {
			require.NotRegexp(t, d.pattern, strings.ReplaceAll(part, "三年行动", ""))
		}
	}
}

func TestEmbeddedUnits(t *testing.T) {
	b := changning(t)
	kinds := map[plan.UnitKind]int{}
	answers := map[string]bool{}
	for _, u := range b.Plan.Units {
		kinds[u.Kind]++
	}
	require.Equal(t, 10, kinds[plan.KindStreet], "nine streets and the town")
	require.GreaterOrEqual(t, len(b.Plan.Units), 50)
	listing, err := List(&b.Plan, b.Calendar)
	require.NoError(t, err)
	for _, m := range listing.Measures {
		require.NotEmpty(t, m.Units, m.Code)
		for _, u := range m.Units {
			answers[u] = true
		}
	}
	for _, u := range b.Plan.Units {
		require.True(t, answers[u.Code], "%s has nothing to do", u.Name)
	}
	for name, current := range map[string]string{
		"区消防救援支队": "区消防救援局", "区安委办": "区安委办", "新泾镇": "新泾镇", "区建管委": "区建管委",
	} {
		u, ok := b.Plan.UnitNamed(name)
		require.True(t, ok, name)
		require.Equal(t, current, u.Name)
	}
}

// What the State Council published: days off and, after the slash, days made up.
func TestEmbeddedCalendar(t *testing.T) {
	c := changning(t).Calendar
	require.Equal(t, []int{2024, 2025, 2026}, c.Years())
	for year, want := range map[int]struct {
		workdays int
		notice   string
	}{
		2024: {251, "1.1 2.10-17 4.4-6 5.1-5 6.8-10 9.15-17 10.1-7 / 2.4 2.18 4.7 4.28 5.11 9.14 9.29 10.12"},
		2025: {248, "1.1 1.28-2.4 4.4-6 5.1-5 5.31-6.2 10.1-8 / 1.26 2.8 4.27 9.28 10.11"},
		2026: {248, "1.1-3 2.15-23 4.4-6 5.1-5 6.19-21 9.25-27 10.1-7 / 1.4 2.14 2.28 5.9 9.20 10.10"},
	} {
		last := calendar.NewDate(year, time.December, 31)
		require.Equal(t, want.workdays, c.WorkdaysBetween(calendar.NewDate(year, time.January, 0), last), year)
		off, on, _ := strings.Cut(want.notice, " / ")
		named := map[calendar.Date]bool{}
		for workday, list := range map[bool]string{false: off, true: on} {
			for span := range strings.FieldsSeq(list) {
				first, end, _ := strings.Cut(span, "-")
				d := dotted(year, first)
				until := d
				if strings.Contains(end, ".") {
					until = dotted(year, end)
				} else if end != "" {
					_, m, _ := d.Civil()
					until = calendar.NewDate(year, m, number(end))
				}
				for ; d <= until; d++ {
					named[d] = true
					require.Equal(t, workday, c.Workday(d), d)
				}
			}
		}
		for d := calendar.NewDate(year, time.January, 1); d <= last; d++ {
			if !named[d] {
				require.Equal(t, d.Weekday() != time.Saturday && d.Weekday() != time.Sunday, c.Workday(d), d)
			}
		}
	}
}

func dotted(year int, monthDay string) calendar.Date {
	m, d, _ := strings.Cut(monthDay, ".")
	return calendar.NewDate(year, time.Month(number(m)), number(d))
}

func TestListing(t *testing.T) {
	b := changning(t)
	listing, err := List(&b.Plan, b.Calendar)
	require.NoError(t, err)
	out, err := json.Marshal(listing)
	require.NoError(t, err)
	require.NotContains(t, string(out), ":null")
	require.NotContains(t, string(out), "contacts")

	var shape struct {
		Plan    map[string]any
		Actions []map[string]any
		Tasks   []map[string]any
		Units   []map[string]any

		Measures []struct {
			Code, Task, Title, Quote string
			Schedule                 struct {
				Kind, Cron, From, To string
				Due                  []string
			}
			Audience map[string][]string
			Units    []string
			Inferred []string
		}
	}
	require.NoError(t, json.Unmarshal(out, &shape))
	require.Equal(t, "changning-2024", shape.Plan["code"])
	require.NotContains(t, shape.Plan, "tasks", "the head alone")
	require.Len(t, shape.Actions, 10)
	require.Len(t, shape.Tasks, 37)
	for _, u := range shape.Units {
		require.Subset(t, keys(u), []string{"code", "name", "kind", "tags", "aliases"})
	}
	for _, task := range shape.Tasks {
		require.ElementsMatch(t, keys(task), []string{"code", "action", "title", "text", "lead"})
	}
	due := map[string][]string{}
	for _, m := range shape.Measures {
		require.NotEmpty(t, m.Schedule.Due, m.Code)
		require.True(t, slices.IsSorted(m.Schedule.Due), m.Code)
		require.NotEmpty(t, m.Schedule.From)
		require.NotEmpty(t, m.Schedule.To)
		require.NotNil(t, m.Inferred)
		for _, list := range []string{"kinds", "tags", "units", "except"} {
			require.NotNil(t, m.Audience[list], m.Code)
		}
		due[m.Schedule.Kind] = m.Schedule.Due
	}
	require.Equal(t, []string{"2024-06-30", "2024-12-31", "2025-06-30", "2025-12-31", "2026-06-30", "2026-12-31"}, due["continuous"])
}

func keys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// What is listed is what is opened: a week without a working day is left out.
func TestListingLeavesOutWeeksThatBindNobody(t *testing.T) {
	listed := func(off string, exempt plan.Exemption) (due, keys []string) {
		cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2026: {Off: strings.Fields(off)}})
		require.NoError(t, err)
		p := plan.Plan{
			Issued: calendar.MustDate("2026-02-09"), From: calendar.MustDate("2026-02-09"), To: calendar.MustDate("2026-03-01"),
			Units: []plan.Unit{{Code: "awb", Name: "区安委办"}},
			Measures: []plan.Measure{{
				Code: "1.1", Audience: plan.Audience{Units: []string{"awb"}},
				Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 * * 1", Names: plan.CronStart, Exempt: exempt},
			}},
		}
		l, err := List(&p, cal)
		require.NoError(t, err)
		s := l.Measures[0].Schedule
		for i, period := range s.Periods {
			due, keys = append(due, s.Due[i].String()), append(keys, period.Key)
		}
		require.Len(t, s.Due, len(s.Periods))
		require.Equal(t, len(keys) > 0, len(l.Measures[0].Units) > 0, "nobody answers for nothing")
		return due, keys
	}
	for _, c := range []struct {
		name, off string
		exempt    plan.Exemption
		due, keys []string
	}{
		{"no holidays", "", plan.ExemptRestWeeks, []string{"2026-02-15", "2026-02-22", "2026-03-01"}, []string{"2026W07", "2026W08", "2026W09"}},
		{"a week of holidays", "0215-0223", plan.ExemptRestWeeks, []string{"2026-02-15", "2026-03-01"}, []string{"2026W07", "2026W09"}},
		{"one day of work in it", "0215-0219", plan.ExemptRestWeeks, []string{"2026-02-15", "2026-02-22", "2026-03-01"}, []string{"2026W07", "2026W08", "2026W09"}},
		{"a duty of all weeks", "0215-0223", "", []string{"2026-02-15", "2026-02-22", "2026-03-01"}, []string{"2026W07", "2026W08", "2026W09"}},
		{"holidays all along", "0209-0301", plan.ExemptRestWeeks, nil, nil},
	} {
		due, keys := listed(c.off, c.exempt)
		require.Equal(t, c.due, due, c.name)
		require.Equal(t, c.keys, keys, c.name)
	}
}

func TestListOfNothing(t *testing.T) {
	listing, err := List(&plan.Plan{}, nil)
	require.NoError(t, err)
	out, err := json.Marshal(listing)
	require.NoError(t, err)
	require.NotContains(t, string(out), "null")

	_, err = List(&plan.Plan{Measures: []plan.Measure{{Code: "1.1"}}}, nil)
	var f plan.Fault
	require.ErrorAs(t, err, &f)
}

func BenchmarkEmbedded(b *testing.B) {
	for b.Loop() {
		bundle, err := Embedded()
		require.NoError(b, err)
		_, err = List(&bundle.Plan, bundle.Calendar)
		require.NoError(b, err)
	}
}
