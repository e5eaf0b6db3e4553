package obligation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

func monthly(o *obligation.Opening) { o.Facts.Form = plan.FormMonthly }

func lineOf(unit, period, note string) obligation.ReportLine {
	return obligation.ReportLine{ID: obligation.ID{Plan: "p", Measure: "1.1", Unit: unit, Period: period}, Title: "开会", Due: calendar.MustDate("2025-06-30"), Group: obligation.LineDone, Note: note}
}

func TestWhatAReportMayHold(t *testing.T) {
	long := func(n int) string { return strings.Repeat("字", n) }
	for name, tt := range map[string]struct {
		report obligation.Report
		code   obligation.ErrorCode // "": it is taken
	}{
		"progress alone":             {obligation.Report{Progress: "已检查"}, ""},
		"all of it":                  {obligation.Report{Progress: "已检查", Problems: "缺人", Next: "补齐", Lines: []obligation.ReportLine{lineOf("huayang", "1", "已开")}}, ""},
		"a zero report":              {obligation.Report{Zero: true}, ""},
		"zero, with what comes next": {obligation.Report{Zero: true, Next: "继续推进", Lines: []obligation.ReportLine{lineOf("huayang", "1", "")}}, ""},
		"as long as it may be":       {obligation.Report{Progress: long(1800), Problems: long(1000), Next: long(1000), Lines: []obligation.ReportLine{lineOf("huayang", "1", long(200))}}, ""},
		"nothing":                    {obligation.Report{}, obligation.CodeReportProgress},
		"blanks":                     {obligation.Report{Progress: " \n "}, obligation.CodeReportProgress},
		"problems without progress":  {obligation.Report{Problems: "缺人"}, obligation.CodeReportProgress},
		"zero and progress":          {obligation.Report{Zero: true, Progress: "已检查"}, obligation.CodeReportZero},
		"zero and problems":          {obligation.Report{Zero: true, Problems: "缺人"}, obligation.CodeReportZero},
		"zero and a note":            {obligation.Report{Zero: true, Lines: []obligation.ReportLine{lineOf("huayang", "1", "已开")}}, obligation.CodeReportZero},
		"progress too long":          {obligation.Report{Progress: long(1801)}, obligation.CodeReportTooLong},
		"problems too long":          {obligation.Report{Progress: "已检查", Problems: long(1001)}, obligation.CodeReportTooLong},
		"next too long":              {obligation.Report{Progress: "已检查", Next: long(1001)}, obligation.CodeReportTooLong},
		"a note too long":            {obligation.Report{Progress: "已检查", Lines: []obligation.ReportLine{lineOf("huayang", "1", long(201))}}, obligation.CodeReportTooLong},
		"too many lines":             {obligation.Report{Progress: "已检查", Lines: manyLines(501)}, obligation.CodeReportTooLong},
		"another unit's":             {obligation.Report{Progress: "已检查", Lines: []obligation.ReportLine{lineOf("xinjing", "1", "")}}, obligation.CodeReportLine},
		"a line twice":               {obligation.Report{Progress: "已检查", Lines: []obligation.ReportLine{lineOf("huayang", "1", ""), lineOf("huayang", "1", "")}}, obligation.CodeReportLine},
		"itself":                     {obligation.Report{Progress: "已检查", Lines: []obligation.ReportLine{{ID: due("2025-06-30").Facts.ID}}}, obligation.CodeReportLine},
	} {
		l := open(t, with(due("2025-06-30"), monthly), "2025-06-02")
		_, err := l.decide("2025-06-10", obligation.Command{Kind: obligation.Submit, Report: &tt.report})
		if tt.code == "" {
			require.NoError(t, err, name)
			continue
		}
		requireCode(t, tt.code, err)
	}
	_, err := open(t, due("2025-06-30"), "2025-06-02").decide("2025-06-10", obligation.Command{Kind: obligation.Submit, Report: &obligation.Report{Progress: "已检查"}})
	requireCode(t, obligation.CodeReportForm, err)
}

func manyLines(n int) []obligation.ReportLine {
	out := make([]obligation.ReportLine, n)
	for i := range out {
		out[i] = lineOf("huayang", strings.Repeat("1", i+1), "")
	}
	return out
}

// The ledger has the whole of a report, and its words as a text; the state has what the units wrote.
func TestAReportIsKept(t *testing.T) {
	l := open(t, with(due("2025-06-30"), monthly), "2025-06-02")
	e := l.put("2025-06-10", obligation.Command{Kind: obligation.Submit, Text: "别的话", Report: &obligation.Report{
		Progress: " 检查12家 ", Problems: "缺人", Lines: []obligation.ReportLine{lineOf("huayang", "1", ""), lineOf("huayang", "2", " 已开 ")},
	}})
	require.Equal(t, "工作开展情况：检查12家\n存在问题：缺人", e.Text, "its own words, whatever else was said")
	require.Equal(t, []string{"", "已开"}, []string{e.Report.Lines[0].Note, e.Report.Lines[1].Note})
	require.Equal(t, "检查12家", l.state.Report.Progress)
	require.Len(t, l.state.Report.Lines, 1)
	require.Equal(t, "2", l.state.Report.Lines[0].ID.Period)

	stored, err := json.Marshal(e)
	require.NoError(t, err)
	var back obligation.Event
	require.NoError(t, json.Unmarshal(stored, &back))
	require.Equal(t, e, back)

	l.do("2025-06-11", obligation.Return, "补充")
	require.NotNil(t, l.state.Report, "what was returned is still there to be mended")
	l.do("2025-06-12", obligation.Submit, "见附件")
	require.Nil(t, l.state.Report, "a report in words takes the place of the form")
	e = l.put("2025-06-12", obligation.Command{Kind: obligation.Return, Text: "请填表"})
	require.Equal(t, obligation.Returned, e.Kind)
	e = l.put("2025-06-13", obligation.Command{Kind: obligation.Submit, Report: &obligation.Report{Zero: true, Next: "继续"}})
	require.Equal(t, "零报告：本月没有需要报告的工作开展情况。\n下步计划：继续", e.Text)
	require.True(t, l.state.Report.Zero)
}
