package tasklist

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
	"duban/plan"
)

// decodeGrid makes a sheet of any text: a row a line, cells between tabs, "^" and "<" merged as in the corpus, "@" before the
// days since 1970 of a date cell.
func decodeGrid(text string) Sheet {
	s := Sheet{Name: "fuzz"}
	above := map[int]Cell{}
	for i, line := range strings.Split(text, "\n") {
		if i > 60 {
			break
		}
		row, now := Line{N: i + 1}, map[int]Cell{}
		for j, field := range strings.Split(line, "\t") {
			if j > 15 {
				break
			}
			c := Cell{Column: j + 1, Text: strings.ReplaceAll(field, "⏎", "\n")}
			switch {
			case field == "^":
				c.Text, c.Date, c.Merged = above[j+1].Text, above[j+1].Date, true
			case field == "<":
				c.Text, c.Date, c.Merged = now[j].Text, now[j].Date, true
			case strings.HasPrefix(field, "@"):
				n, _ := strconv.ParseInt(field[1:], 10, 20)
				c.Date = calendar.Date(n)
			}
			now[j+1] = c
			row.Cells = append(row.Cells, c)
		}
		above = now
		s.Rows = append(s.Rows, row)
	}
	return s
}

// Whatever a sheet holds: no panic, no lost row, no unit that the plan does not have, no date that the cell does not give, and
// the same reading every time.
func FuzzRead(f *testing.F) {
	p := realPlan(f)
	for _, c := range corpus(f) {
		f.Add(strings.ReplaceAll(c.Grid, "｜", "\t"), c.Year, false)
	}
	f.Add("序号\t工作任务\t责任单位\t完成时限\n1\t①甲②乙\t(((\t①②\n\x00\t〃\t同上\t〃", 2025, true)
	f.Fuzz(func(t *testing.T, text string, year int, confirm bool) {
		if year < 2024 || year > 2026 {
			year = 2024
		}
		s := decodeGrid(text)
		o := Options{Plan: p, Year: year}
		if confirm {
			o.Answers = map[int]Answer{}
			for _, row := range s.Rows {
				o.Answers[row.N] = Answer{Confirm: true}
			}
		}
		got := Read(s, o)
		checkPreview(t, o, s, got)
		for _, r := range got.Rows {
			if r.Outcome != Skipped {
				checkDates(t, o, s, r)
			}
		}
		require.Equal(t, got, Read(s, o))
		if len(got.Pending()) == 0 {
			_, err := got.Apply(p)
			require.NoError(t, err)
		}
	})
}

// checkDates checks that the dates of a row derive from a cell of the sheet or were in the plan.
func checkDates(t *testing.T, o Options, s Sheet, r Row) {
	var texts strings.Builder
	dates := map[calendar.Date]bool{}
	for _, line := range s.Rows {
		for _, c := range line.Cells {
			texts.WriteString(c.Text + " ")
			dates[c.Date] = true
		}
	}
	m, _ := o.Plan.Measure(r.Measure)
	for _, d := range r.Due {
		if !dates[d] && !slices.Contains(m.Schedule.Due, d) && !derives(d, texts.String()) {
			t.Errorf("row %d: nothing gives %s", r.Row, d)
		}
	}
}

var someDate = regexp.MustCompile(`[0-9一二三四五六七八九十]|年|半年|季|全年`)

// derives reports whether the text has what a date needs: its month as a number, a quarter or half-year that ends with it, or
// for the last day of a year a word for that or the year.
func derives(d calendar.Date, text string) bool {
	_, month, _ := d.Civil()
	text = eraYears(key(text))
	if !someDate.MatchString(text) {
		return false
	}
	n := int(month)
	forms := []string{
		strconv.Itoa(n), []string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"}[n-1],
	}
	if n%3 == 0 {
		forms = append(forms, []string{"一", "二", "三", "四"}[n/3-1]+"季", strconv.Itoa(n/3)+"季")
	}
	if n == 6 {
		forms = append(forms, "上半年")
	}
	if n == 12 {
		forms = append(forms, "下半年", "年底", "年末", "年终", "年内", "年度内", "底", "末", strconv.Itoa(d.Year()), strconv.Itoa(d.Year()%100)+"年", "三年", "本年", "当年", "今年")
	}
	return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(text, form) })
}

func FuzzDeadline(f *testing.F) {
	for _, c := range corpus(f) {
		for line := range strings.SplitSeq(c.Grid, "\n") {
			for cell := range strings.SplitSeq(line, "｜") {
				f.Add(cell)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) { checkTiming(t, text) })
}

// checkTiming checks what holds for every reading of a deadline.
func checkTiming(t require.TestingT, text string) {
	got := ParseDeadline(text, threeYears)
	for _, d := range got.Due {
		require.Equal(t, 2024, d.Year())
		require.True(t, derives(d, text), "nothing gives %s", d)
	}
	for _, d := range got.Beyond {
		require.NotEqual(t, 2024, d.Year())
		require.True(t, threeYears.From <= d && d <= threeYears.To && derives(d, text), "nothing gives %s", d)
	}
	require.True(t, slices.IsSorted(got.Due) && slices.IsSorted(got.Beyond))
	require.Equal(t, got.Kind == plan.Milestone, len(got.Due)+len(got.Beyond) > 0)
	require.Equal(t, got.Kind == plan.Recurring, got.Cron != "")
	if got.Kind == "" {
		require.NotEmpty(t, got.Doubts, "what can't be read is told")
	}
	for _, d := range got.Doubts {
		require.True(t, d.Reason != "" && utf8.ValidString(d.Reason) == utf8.ValidString(text) || !utf8.ValidString(text))
	}
	if got.Kind == plan.Recurring {
		p := plan.Plan{Issued: calendar.MustDate("2024-04-19"), From: threeYears.From, To: threeYears.To}
		_, err := p.Periods(plan.Measure{Schedule: newSchedule(&p, 2024, got)})
		require.NoError(t, err)
	}
}

// A deadline made of the words that deadlines are made of, in any order, keeps the same rules.
func TestAnyDeadline(t *testing.T) {
	words := []string{
		"2024年", "2025年", "2023", "24年", "12月", "6月", "六月", "2月", "30日", "28日", "31", "底", "前", "末", "上旬", "初", "内", "、", "；", "-", "至", "/", ".", "(", ")", "每", "每月", "每季度", "每年",
		"每半年", "每周", "五", "第", "一", "季度", "上半年", "年底", "年内", "三年内", "次年", "起", "尽快", "持续推进", "长期坚持", "全年", "①", "②", "1.", "2.", "次", "至少", "两", "基本实现", "\n", " ",
	}
	rapid.Check(t, func(t *rapid.T) {
		checkTiming(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 8).Draw(t, "words"), ""))
	})
}

// Cells of real lists in any order, merged anyhow: the same rules hold, and what can be confirmed can be applied.
func TestAnySheet(t *testing.T) {
	var cells []string
	for _, c := range corpus(t) {
		for line := range strings.SplitSeq(c.Grid, "\n") {
			cells = append(cells, strings.Split(line, "｜")...)
		}
	}
	slices.Sort(cells)
	cells = slices.Compact(append(cells, "^", "<", ""))
	p := realPlan(t)
	// A third of the plan is as good, and read in a third of the time.
	few := func(task string) bool {
		return slices.Contains([]string{"1", "4", "5", "10", "14", "18", "22", "27", "S6"}, task)
	}
	p.Tasks = slices.DeleteFunc(p.Tasks, func(t plan.Task) bool { return !few(t.Code) })
	p.Measures = slices.DeleteFunc(p.Measures, func(m plan.Measure) bool { return !few(m.Task) })
	rapid.Check(t, func(r *rapid.T) {
		heads := rapid.Permutation([]string{"序号", "行动", "工作任务", "具体措施", "牵头单位", "责任单位", "完成时限", "备注", "完成标准"}).Draw(r, "headings")
		lines := []string{strings.Join(heads[:rapid.IntRange(2, len(heads)).Draw(r, "width")], "\t")}
		for range rapid.IntRange(0, 6).Draw(r, "rows") {
			row := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(cells), rapid.SampledFrom([]string{"^", "<", "", "〃"})), 1, 9).Draw(r, "row")
			lines = append(lines, strings.Join(row, "\t"))
		}
		s, o := decodeGrid(strings.Join(lines, "\n")), Options{Plan: p, Year: 2024}
		checkPreview(t, o, s, Read(s, o))
		settledPreview, _ := settled(o, s)
		checkPreview(t, o, s, settledPreview)
		_, err := settledPreview.Apply(p)
		require.NoError(r, err)
	})
}
