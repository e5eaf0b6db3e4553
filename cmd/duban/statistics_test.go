package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/statistics"
)

// recounted are a scope's figures, counted from the events themselves and by nothing of what the program counts with.
type recounted struct {
	total, closed, onTime, overdue, waived, history int
	reached                                         map[string]int
	review, sign                                    []int // hours
}

func (r *recounted) take(t *testing.T, ledger []obligation.Event, cal *calendar.Calendar, loc *time.Location) {
	t.Helper()
	r.total++
	var late, submitted, closed bool
	var opened, reported, signed time.Time
	for _, e := range ledger {
		switch e.Kind {
		case obligation.Recorded:
			r.history++
			return
		case obligation.Opened:
			opened = e.At
		case obligation.Overdue:
			late = true
		case obligation.Reminded:
			if e.To == obligation.ToUnit {
				r.reached[string(e.Rung)]++
			}
		case obligation.Issued:
			r.reached[string(e.Rung)]++
		case obligation.Signed:
			signed = e.At
			r.sign = append(r.sign, hoursOf(t, cal, opened, e.At, loc))
		case obligation.Submitted:
			if signed.IsZero() {
				signed = e.At
				r.sign = append(r.sign, hoursOf(t, cal, opened, e.At, loc))
			}
			submitted, reported = true, e.At
		case obligation.Returned:
			submitted = false
			r.review = append(r.review, hoursOf(t, cal, reported, e.At, loc))
		case obligation.Accepted:
			closed = true
			r.review = append(r.review, hoursOf(t, cal, reported, e.At, loc))
		case obligation.Waived:
			r.waived++
			return
		case obligation.Suspended:
			require.Fail(t, "the scenario suspends nothing")
		default:
		}
	}
	switch {
	case closed && late:
		r.closed++
	case closed:
		r.closed++
		r.onTime++
	case late && !submitted:
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

// The page shows what the API says; here the API and the spreadsheet are held against figures that are counted anew from the
// ledgers of a rehearsal of the real plan.
func TestFiguresAgreeWithTheLedgers(t *testing.T) {
	folder, run := lived(t)
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	defer s.Close()
	h := api.New(api.Deps{
		Reader: s, Now: func() time.Time { return run.Until }, Workbook: workbook, Log: slog.New(slog.DiscardHandler), Rate: api.Rate{PerSecond: 1e6, Burst: 1e6},
		Identify: func(*http.Request) (account.Caller, error) {
			return account.Caller{Login: "wu", Role: account.Office, Scopes: account.Scopes}, nil
		},
	})
	ask := func(path string) []byte {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/plans/changning-2024/statistics"+path, http.NoBody))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		content, err := io.ReadAll(w.Body)
		require.NoError(t, err)
		return content
	}
	loc := obligation.Location(run.Definition.Plan.Zone)
	for query, of := range map[string]func(due calendar.Date) bool{
		"":                    func(calendar.Date) bool { return true },
		"year=2025":           func(d calendar.Date) bool { return d.Year() == 2025 },
		"year=2024&half=2":    func(d calendar.Date) bool { return d.String() >= "2024-07-01" && d.String() <= "2024-12-31" },
		"year=2025&quarter=1": func(d calendar.Date) bool { return d.String() >= "2025-01-01" && d.String() <= "2025-03-31" },
	} {
		all := &recounted{reached: map[string]int{}}
		units := map[string]*recounted{}
		for _, l := range run.Ledgers {
			if !of(l.End.Due) {
				continue
			}
			if units[l.Facts.ID.Unit] == nil {
				units[l.Facts.ID.Unit] = &recounted{reached: map[string]int{}}
			}
			all.take(t, l.Events, run.Definition.Calendar, loc)
			units[l.Facts.ID.Unit].take(t, l.Events, run.Definition.Calendar, loc)
		}
		require.Positive(t, all.closed, query)
		require.Positive(t, all.closed-all.onTime, query)

		var got api.Statistics
		require.NoError(t, json.Unmarshal(ask("?by=unit&"+query), &got))
		all.agrees(t, got.Total, query)
		require.Len(t, got.Rows, len(units), query)
		for _, r := range got.Rows {
			units[r.Key].agrees(t, r, query+" "+r.Key)
		}
		file := ask("/export?" + query)
		require.Equal(t, file, ask("/export?"+query), "the same bytes")
		requireSheet(t, file, got)
	}
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
	for i, hours := range map[int][]int{0: r.sign, 2: r.review} {
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

// requireSheet holds the sheet of units against the API's answer.
func requireSheet(t *testing.T, file []byte, want api.Statistics) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, []string{"行动", "任务", "责任单位", "年度", "季度", "月份"}, f.GetSheetList())
	rows, err := f.GetRows("责任单位")
	require.NoError(t, err)
	rows = rows[3:] // below title, note and headings
	require.Len(t, rows, len(want.Rows)+1)
	want.Total.Name = "合计"
	for i, r := range append(want.Rows, want.Total) {
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
