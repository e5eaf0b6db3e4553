package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/internal/letter"
	"duban/internal/store"
	"duban/obligation"
	"duban/rehearsal"
	"duban/statistics"
	"duban/web"
)

// recounted are a scope's figures, counted from the events themselves and by nothing of what the program counts with.
type recounted struct {
	total, closed, onTime, overdue, waived, history int
	reached                                         map[string]int
	hours                                           [5][]int // to sign, to report, to review, to answer, to sign off
}

// The places of recounted.hours.
const (
	toSign = iota
	toReport
	toReview
	toAnswer
	toSignOff
)

// dueIn returns the date on which a ledger is due by its end.
func dueIn(ledger []obligation.Event) (due calendar.Date) {
	for _, e := range ledger {
		if e.Facts != nil {
			due = e.Facts.Due
		}
	}
	return due
}

// take counts a ledger as of an instant.
func (r *recounted) take(t *testing.T, ledger []obligation.Event, cal *calendar.Calendar, loc *time.Location, now time.Time) {
	t.Helper()
	r.total++
	var late, submitted, closed, asking bool
	var deadline calendar.Date
	var opened, given, reported, signed, asked, drafted time.Time
	took := func(what int, from, to time.Time) {
		r.hours[what] = append(r.hours[what], hoursOf(t, cal, from, to, loc))
	}
	for _, e := range ledger {
		asking = e.Kind == obligation.ExtensionAsked || e.Kind == obligation.SentBack || asking && e.Kind == obligation.Reminded
		if !e.Due.IsZero() && e.Kind != obligation.ExtensionAsked {
			deadline = e.Due
		}
		switch e.Kind {
		case obligation.Recorded:
			r.history++
			return
		case obligation.Opened:
			opened, given = e.At, e.At
		case obligation.Overdue:
			late = true
		case obligation.Reminded:
			if e.To == obligation.ToUnit {
				r.reached[string(e.Rung)]++
			}
		case obligation.Drafted:
			drafted = e.At
		case obligation.Issued, obligation.Withdrawn:
			if e.Kind == obligation.Issued {
				r.reached[string(e.Rung)]++
			}
			if e.By.Role != obligation.RoleSystem {
				took(toSignOff, drafted, e.At)
			}
		case obligation.Signed:
			signed = e.At
			took(toSign, opened, e.At)
		case obligation.Submitted:
			if signed.IsZero() {
				signed = e.At
				took(toSign, opened, e.At)
			}
			took(toReport, given, e.At)
			submitted, reported = true, e.At
		case obligation.Returned:
			submitted, given = false, e.At
			took(toReview, reported, e.At)
		case obligation.Accepted:
			closed = true
			took(toReview, reported, e.At)
		case obligation.ExtensionAsked, obligation.SentBack:
			asked = e.At
		case obligation.Extended, obligation.ExtensionRefused, obligation.SendBackRefused:
			took(toAnswer, asked, e.At)
		case obligation.Waived:
			r.waived++
			return
		case obligation.Suspended:
			require.Fail(t, "the scenario suspends nothing")
		default:
		}
	}
	for !deadline.IsZero() && !cal.Workday(deadline) {
		deadline++ // by the plan's rule
	}
	switch {
	case closed && late:
		r.closed++
	case closed:
		r.closed++
		r.onTime++
	case submitted || asking:
	case late, !now.Before(deadline.End(loc)): // the ledger says so when it is next looked at
		r.overdue++
	}
}

// hoursOf walks through the hours between two instants: slow, and nothing like how the program counts.
func hoursOf(t *testing.T, cal *calendar.Calendar, from, to time.Time, loc *time.Location) int {
	t.Helper()
	minutes := 0
	for at := from; at.Before(to); {
		next := calendar.DateOf(at, loc).End(loc)
		if next.After(to) {
			next = to
		}
		if cal.Workday(calendar.DateOf(at, loc)) {
			minutes += int(next.Sub(at) / time.Minute)
		}
		at = next
	}
	return minutes / 60
}

func ranked(hours []int, percent int) (days, rest int) {
	slices.Sort(hours)
	h := hours[(len(hours)*percent+99)/100-1]
	return h / 24, h % 24
}

// insider lets everybody in, as the office.
type insider struct{ web.Login }

func (insider) Identify(*http.Request) (account.Caller, error) {
	return account.Caller{Login: "wu", Name: "王主任", Role: account.Office, Scopes: account.Scopes}, nil
}

// seen are the programs over the record of a rehearsal of the real plan, and the pages over them.
type seen struct {
	run             *rehearsal.Run
	programs, pages http.Handler
}

func seenOf(t *testing.T) seen {
	t.Helper()
	folder, run := lived(t)
	return seenIn(t, folder, run)
}

func seenIn(t *testing.T, folder string, run *rehearsal.Run) seen {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	programs := api.New(api.Deps{
		Reader: s, Now: func() time.Time { return run.Until }, Workbook: workbook, Log: slog.New(slog.DiscardHandler), Rate: api.Rate{PerSecond: 1e6, Burst: 1e6},
		Identify: insider{}.Identify, Letters: letter.NewWriter(nil, letter.Office{}),
	})
	return seen{run, programs, web.New(web.Deps{Login: insider{}, API: programs, Log: slog.New(slog.DiscardHandler)})}
}

func fetched(t *testing.T, h http.Handler, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	return w.Body.Bytes()
}

const figuresPath = "/plans/changning-2024/statistics"

// statistics returns what the API says of a scope.
func (x seen) statistics(t *testing.T, query string) api.Statistics {
	t.Helper()
	var out api.Statistics
	require.NoError(t, json.Unmarshal(fetched(t, x.programs, "/api/v1"+figuresPath+"?"+query), &out))
	return out
}

// recount counts what had happened before an instant of what was due then in a scope: of everything under "", and by key.
func (x seen) recount(t *testing.T, before time.Time, of func(due calendar.Date) bool, key func(*obligation.Facts) string) map[string]*recounted {
	t.Helper()
	p := x.run.Definition.Plan
	out := map[string]*recounted{"": {reached: map[string]int{}}}
	for _, l := range x.run.Ledgers {
		events := slices.DeleteFunc(slices.Clone(l.Events), func(e obligation.Event) bool { return !e.At.Before(before) })
		if before.Equal(x.run.Until) {
			require.Equal(t, l.End.Due, dueIn(events))
		}
		if len(events) == 0 || !of(dueIn(events)) {
			continue
		}
		k := key(events[0].Facts)
		if out[k] == nil {
			out[k] = &recounted{reached: map[string]int{}}
		}
		out[""].take(t, events, x.run.Definition.Calendar, obligation.Location(p.Zone), before)
		out[k].take(t, events, x.run.Definition.Calendar, obligation.Location(p.Zone), before)
	}
	return out
}

func ofUnit(f *obligation.Facts) string { return f.ID.Unit }

// between bounds a scope.
func between(from, to string) func(calendar.Date) bool {
	return func(d calendar.Date) bool { return d.String() >= from && d.String() <= to }
}

// The page, the API, the spreadsheet and the report show what one piece of code computes; here all of them are held against
// figures that are counted anew from the ledgers of a rehearsal of the real plan.
func TestFiguresAgreeWithTheLedgers(t *testing.T) {
	x := seenOf(t)
	for query, of := range map[string]struct {
		due  func(due calendar.Date) bool
		page string
	}{
		"":                    {between("", "9"), ""},
		"year=2025":           {between("2025-01-01", "2025-12-31"), "year=2025"},
		"year=2024&half=2":    {between("2024-07-01", "2024-12-31"), "year=2024&part=H2"},
		"year=2025&quarter=1": {between("2025-01-01", "2025-03-31"), "year=2025&part=Q1"},
	} {
		var shown []api.Statistics
		for by, key := range map[string]func(*obligation.Facts) string{
			"unit": ofUnit, "task": func(f *obligation.Facts) string { return f.Task },
			"action": func(f *obligation.Facts) string {
				task, _ := x.run.Definition.Plan.Task(f.Task)
				return strconv.Itoa(task.Action)
			},
		} {
			want := x.recount(t, x.run.Until, of.due, key)
			require.Positive(t, want[""].closed, query)
			require.Positive(t, want[""].closed-want[""].onTime, query)
			got := x.statistics(t, "by="+by+"&"+query)
			want[""].agrees(t, got.Total, query)
			require.Len(t, got.Rows, len(want)-1, query)
			for _, r := range got.Rows {
				want[r.Key].agrees(t, r, query+" "+r.Key)
			}
			requirePage(t, fetched(t, x.pages, figuresPath+"?by="+by+"&"+of.page), got)
			shown = append(shown, got)
		}
		file := fetched(t, x.programs, "/api/v1"+figuresPath+"/export?"+query)
		require.Equal(t, file, fetched(t, x.programs, "/api/v1"+figuresPath+"/export?"+query), "the same bytes")
		requireSheets(t, file, shown)
	}
}

// The report on a half-year says as of a day what the API says, and what had happened by then.
func TestReportAgreesWithTheLedgers(t *testing.T) {
	x := seenOf(t)
	loc := obligation.Location(x.run.Definition.Plan.Zone)
	for _, c := range []struct{ report, query, from, to, until string }{
		{"half=2024H2", "year=2024&half=2&until=2024-12-31", "2024-07-01", "2024-12-31", "2024-12-31"},
		{"half=2024H2&until=2025-05-31", "year=2024&half=2", "2024-07-01", "2024-12-31", "2025-05-31"},
		{"half=2025H1", "year=2025&half=1", "2025-01-01", "2025-06-30", "2025-05-31"},
		{"half=2025H1&until=2025-03-31", "year=2025&half=1&until=2025-03-31", "2025-01-01", "2025-06-30", "2025-03-31"},
	} {
		docx := fetched(t, x.programs, "/api/v1"+figuresPath+"/report?"+c.report)
		require.Equal(t, docx, fetched(t, x.programs, "/api/v1"+figuresPath+"/report?"+c.report), "the same bytes")
		blocks, err := letter.Read(docx)
		require.NoError(t, err)
		before := calendar.MustDate(c.until).End(loc)
		want := x.recount(t, before, between(c.from, c.to), ofUnit)
		everything := x.recount(t, before, between("", "9"), ofUnit)
		byUnit := x.statistics(t, c.query+"&by=unit")
		want[""].agrees(t, byUnit.Total, c.report)
		for _, r := range byUnit.Rows {
			want[r.Key].agrees(t, r, c.report+" "+r.Key)
		}

		text := textOf(blocks)
		require.Contains(t, text, fmt.Sprintf("到期的责任事项共%d件，其中应办%d件，免办%d件，补录%d件。", want[""].total, want[""].total-want[""].waived-want[""].history, want[""].waived, want[""].history))
		require.Contains(t, text, fmt.Sprintf("方案全部责任事项中逾期未办的共%d件", everything[""].overdue))
		requireProgress(t, tableOf(t, blocks, "各责任单位完成情况"), byUnit, 1)
		requireProgress(t, tableOf(t, blocks, "各任务完成情况"), x.statistics(t, c.query+"&by=task"), 0)
		requireProgress(t, tableOf(t, blocks, "各行动完成情况"), x.statistics(t, c.query+"&by=action"), 0)
		reached := tableOf(t, blocks, "各级措施送达责任单位的次数")
		for i, x := range byUnit.Total.Reached {
			require.Equal(t, strconv.Itoa(want[""].reached[string(x.Rung)]), reached[len(reached)-1][i+1], "%s %s", c.report, x.Rung)
		}
		times := tableOf(t, blocks, "各项用时")
		for i, x := range byUnit.Total.Times {
			require.Equal(t, []string{x.Label, strconv.Itoa(len(want[""].hours[i])), orDash(x.Median.Label), orDash(x.P90.Label)}, times[i+1][:4], c.report)
		}
		onTime := blocks[slices.IndexFunc(blocks, func(b letter.Block) bool { return b.Style == letter.StyleChart && b.Rows[0][1] == "按时办结" })]
		sum := 0
		for _, row := range onTime.Rows[1:] {
			n, err := strconv.Atoi(row[1])
			require.NoError(t, err)
			sum += n
		}
		require.Equal(t, want[""].onTime, sum, "the chart's figures")
	}
}

func textOf(blocks []letter.Block) string {
	var b strings.Builder
	for _, block := range blocks {
		for _, p := range block.Pieces {
			b.WriteString(p.Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// tableOf returns the table under a caption, with its head.
func tableOf(t *testing.T, blocks []letter.Block, caption string) [][]string {
	t.Helper()
	i := slices.IndexFunc(blocks, func(b letter.Block) bool {
		return len(b.Pieces) > 0 && strings.HasPrefix(b.Pieces[0].Text, "表") && strings.HasSuffix(b.Pieces[0].Text, caption)
	})
	require.GreaterOrEqual(t, i, 0, caption)
	require.Equal(t, letter.StyleTable, blocks[i+1].Style, caption)
	return blocks[i+1].Rows
}

// requireProgress holds a table of the report, whose names stand in a column, against the API's answer.
func requireProgress(t *testing.T, table [][]string, want api.Statistics, column int) {
	t.Helper()
	rows := map[string][]string{}
	for _, row := range table[1:] {
		rows[row[column]] = row[column+1:]
	}
	want.Total.Name = "合计"
	n := 0
	for _, r := range append(slices.Clone(want.Rows), want.Total) {
		if r.Counted == 0 {
			continue
		}
		n++
		require.Equal(t, []string{
			strconv.Itoa(r.Counted), strconv.Itoa(r.Closed), strconv.Itoa(r.OnTime), strconv.Itoa(r.Late), strconv.Itoa(r.Overdue),
			statistics.Percent(r.Completion, r.Counted > 0), statistics.Percent(r.Rate, r.Closed+r.Overdue > 0),
		}, rows[r.Name], r.Name)
	}
	require.Len(t, rows, n)
}

var (
	htmlRow  = regexp.MustCompile(`(?s)<tr[^>]*>(.*?)</tr>`)
	htmlCell = regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	htmlTag  = regexp.MustCompile(`<[^>]*>`)
)

// requirePage holds the tables of the page against the API's answer.
func requirePage(t *testing.T, page []byte, want api.Statistics) {
	t.Helper()
	var rows [][]string
	for _, row := range htmlRow.FindAllSubmatch(page, -1) {
		var cells []string
		for _, c := range htmlCell.FindAllSubmatch(row[1], -1) {
			cells = append(cells, strings.TrimSpace(html.UnescapeString(htmlTag.ReplaceAllString(string(c[1]), ""))))
		}
		rows = append(rows, cells)
	}
	for _, r := range slices.Concat(want.Rows, want.Year, want.Season) {
		require.Contains(t, rows, []string{
			r.Name, strconv.Itoa(r.Counted), strconv.Itoa(r.Closed), statistics.Percent(r.Completion, r.Counted > 0), statistics.Percent(r.Rate, r.Closed+r.Overdue > 0),
			strconv.Itoa(r.OnTime), strconv.Itoa(r.Late), strconv.Itoa(r.Overdue),
		})
	}
	for _, r := range want.Rows {
		reached, spans := []string{r.Name}, []string{r.Name}
		for _, x := range r.Reached {
			reached = append(reached, strconv.Itoa(x.Count))
		}
		for _, x := range r.Times {
			spans = append(spans, orDash(x.Median.Label))
		}
		require.Contains(t, rows, reached)
		require.Contains(t, rows, spans)
	}
	for i, x := range want.Total.Times {
		require.Contains(t, rows, []string{x.Label, strconv.Itoa(x.Count), orDash(x.Median.Label), orDash(x.P90.Label), want.Works[i].Meaning})
	}
}

func orDash(label string) string {
	if label == "" {
		return "—"
	}
	return label
}

func (r *recounted) agrees(t *testing.T, got api.StatisticsRow, of string) {
	t.Helper()
	require.Equal(t, []int{r.total, r.closed, r.onTime, r.closed - r.onTime, r.overdue, r.waived, r.history},
		[]int{got.Total, got.Closed, got.OnTime, got.Late, got.Overdue, got.Waived, got.History}, of)
	if counted := r.total - r.waived - r.history; counted > 0 {
		require.InDelta(t, float64(r.closed)/float64(counted), got.Completion, 1e-9, of)
	}
	if decided := r.closed + r.overdue; decided > 0 {
		require.InDelta(t, float64(r.onTime)/float64(decided), got.Rate, 1e-9, of)
	}
	for _, x := range got.Reached {
		require.Equal(t, r.reached[string(x.Rung)], x.Count, "%s %s", of, x.Rung)
	}
	for i, hours := range r.hours {
		require.Equal(t, len(hours), got.Times[i].Count, of)
		if len(hours) == 0 {
			continue
		}
		for percent, span := range map[int]api.StatisticsSpan{50: got.Times[i].Median, 90: got.Times[i].P90} {
			days, rest := ranked(hours, percent)
			require.Equal(t, []int{days, rest}, []int{span.Days, span.Hours}, "%s %s", of, got.Times[i].Work)
		}
	}
}

// requireSheets holds all sheets against the API's answers, one for each grouping.
func requireSheets(t *testing.T, file []byte, shown []api.Statistics) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, []string{"行动", "任务", "责任单位", "年度", "季度", "月份"}, f.GetSheetList())
	want := map[string][]api.StatisticsRow{"年度": shown[0].Year, "季度": shown[0].Season, "月份": shown[0].Trend}
	for _, s := range shown {
		want[s.By.Chinese()] = s.Rows
	}
	for name, rows := range want {
		requireSheet(t, f, name, rows, shown[0].Total)
	}
}

func requireSheet(t *testing.T, f *excelize.File, name string, want []api.StatisticsRow, total api.StatisticsRow) {
	t.Helper()
	rows, err := f.GetRows(name)
	require.NoError(t, err)
	rows = rows[3:] // below title, note and headings
	require.Len(t, rows, len(want)+1)
	total.Name = "合计"
	for i, r := range append(slices.Clone(want), total) {
		require.Equal(t, []string{
			r.Name, strconv.Itoa(r.Total), strconv.Itoa(r.Counted), strconv.Itoa(r.Closed), strconv.Itoa(r.OnTime), strconv.Itoa(r.Late), strconv.Itoa(r.Open),
			strconv.Itoa(r.Overdue), strconv.Itoa(r.Waived), strconv.Itoa(r.History), statistics.Percent(r.Completion, r.Counted > 0),
			statistics.Percent(r.Rate, r.Closed+r.Overdue > 0),
		}, rows[i][:12])
		for j, x := range r.Reached {
			require.Equal(t, fmt.Sprint(x.Count), rows[i][12+j])
		}
		for j, x := range r.Times {
			cells := append(slices.Clone(rows[i]), "", "")[12+len(r.Reached)+3*j:]
			require.Equal(t, []string{fmt.Sprint(x.Count), x.Median.Label, x.P90.Label}, cells[:3])
		}
	}
}
