package letter

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/report"
)

// progress is a report with everything that one may hold.
func progress() report.Report {
	months := report.Table{Caption: "各月措施", Wide: true, Total: true, Columns: []report.Column{{Heading: "月份", Width: 3, Align: report.Left}}}
	for i := range 9 {
		months.Columns = append(months.Columns, report.Column{Heading: fmt.Sprintf("措施%d", i+1), Width: 2, Align: report.Right})
	}
	for i := range 30 {
		months.Rows = append(months.Rows, []string{fmt.Sprintf("第%d月", i+1), "1", "2", "3", "4", "5", "6", "7", "8", "9"})
	}
	actions := []string{"行动1 安全生产治理模式向事前预防转型", "行动2 科技支撑", "行动3 精准执法"}
	return report.Report{
		Title: "关于2026年上半年安全生产治本攻坚三年行动进展情况的报告", Subtitle: "截至2026年6月30日", Issuer: "上海市长宁区安全生产委员会办公室", To: "区安全生产委员会",
		Date: calendar.MustDate("2026-07-06"), Mark: textExercise,
		Blocks: []report.Block{
			report.Heading{Level: 1, Text: "总体情况"},
			report.Paragraph{Text: "上半年到期的责任事项 1,204 件，已办结 1,100 件，<完成率>&“91.4%”。"},
			report.Heading{Level: 2, Text: "按行动"},
			report.Table{Caption: "各行动完成情况", Columns: []report.Column{{Heading: "行动", Width: 5, Align: report.Left}, {Heading: "应办", Width: 1, Align: report.Right}, {Heading: "完成率", Width: 1, Align: report.Center}}, Rows: [][]string{
				{actions[0], "20", "90.0%"}, {actions[1], "3", "100.0%"},
			}},
			report.Note{Text: "注：应办不含免办和补录。"},
			report.Chart{Caption: "各行动办结件数", Kind: report.StackedBars, Categories: actions, Series: []report.Series{
				{Name: "按时办结", Tone: report.Green, Values: []float64{12, 3, 8}}, {Name: "逾期办结", Tone: report.Yellow, Values: []float64{4, 0, 1}}, {Name: "逾期未办", Tone: report.Red, Values: []float64{1, 0, 2}},
			}},
			report.Heading{Level: 2, Text: "走势"},
			report.Heading{Level: 3, Text: "按月"},
			report.Chart{Caption: "按时率", Kind: report.Lines, Percent: true, Categories: []string{"2026年1月", "2026年2月"}, Series: []report.Series{{Name: "完成率", Tone: report.Blue, Values: []float64{.5, .755}}, {Name: "按时率", Tone: report.Green, Values: []float64{1, .25}}}},
			report.Chart{Caption: "件数", Kind: report.Columns, Categories: []string{"1月", "2月"}, Series: []report.Series{{Name: "件数", Tone: report.Grey, Values: []float64{31, 7}}}},
			report.Chart{Caption: "堆积", Kind: report.StackedColumns, Categories: []string{"1月", "2月"}, Series: []report.Series{{Name: "甲", Tone: report.Blue, Values: []float64{31, 7}}, {Name: "乙", Tone: report.Grey, Values: []float64{3, 9}}}},
			report.Heading{Level: 1, Text: "措施"},
			months,
			report.Note{Text: "注：次数。"},
			report.Heading{Level: 1, Text: "下一步"},
			report.Paragraph{Text: "特此报告。"},
		},
	}
}

func rendered(t testing.TB, r report.Report) []byte {
	t.Helper()
	docx, err := RenderReport(r)
	require.NoError(t, err)
	return docx
}

func TestReportIsReadAsItWasComposed(t *testing.T) {
	r := progress()
	blocks, err := Read(rendered(t, r))
	require.NoError(t, err)
	read := outline(blocks)
	for _, text := range []string{
		"mark       [演　练", "title      关于2026年上半年", "center     [（截至2026年6月30日）]", "flush      区安全生产委员会：", "text       [一、总体情况]", "text       上半年到期的责任事项 1,204 件",
		"<完成率>&“91.4%”。", "text       [（一）按行动]", "center     [表1　各行动完成情况]", "  | 行动 | 应办 | 完成率\n  | 行动1 安全生产治理模式向事前预防转型 | 20 | 90.0%", "flush      注：应办不含免办和补录。",
		"chart      \n  |  | 按时办结 | 逾期办结 | 逾期未办\n  | 行动1 安全生产治理模式向事前预防转型 | 12 | 4 | 1\n  | 行动2 科技支撑 | 3 | 0 | 0", "center     [图1　各行动办结件数]",
		"[（二）走势]", "1.按月", "  | 2026年2月 | 0.755 | 0.25", "[图4　堆积]", "[二、措施]", "[表2　各月措施]", "[三、下一步]", "特此报告。", "上海市长宁区安全生产委员会办公室", "2026年7月6日",
	} {
		require.Contains(t, read, text)
	}
	require.Equal(t, read, func() string {
		again, err := Read(rendered(t, r))
		require.NoError(t, err)
		return outline(again)
	}())
	r.Number, r.Subtitle, r.To = "长安委办〔2026〕5号", "", ""
	blocks, err = Read(rendered(t, r))
	require.NoError(t, err)
	require.Contains(t, outline(blocks), "masthead   上海市长宁区安全生产委员会办公室文件")
	require.Contains(t, outline(blocks), "center     长安委办〔2026〕5号")
}

// What heads a wide table and its note are on its pages.
func TestWideTablesLieInLandscape(t *testing.T) {
	body := part(t, rendered(t, progress()), "word/document.xml")
	sections := strings.Split(body, `<w:pgSz `)
	require.Len(t, sections, 4)
	for i, want := range []string{`w:w="11906" w:h="16838"/>`, `w:w="16838" w:h="11906" w:orient="landscape"/>`, `w:w="11906" w:h="16838"/>`} {
		require.True(t, strings.HasPrefix(sections[i+1], want), i)
	}
	requireText(t, sections[1], "二、措施", "表2", "注：次数。")
	requireText(t, sections[2], "三、下一步")
	require.NotContains(t, sections[0], "二、措施")
	require.Equal(t, 2, strings.Count(body, "<w:tblHeader/>"))
	require.Equal(t, 3, strings.Count(body, `<w:outlineLvl w:val="0"/>`))

	last := progress()
	last.Blocks = last.Blocks[:len(last.Blocks)-2]
	require.Len(t, strings.Split(part(t, rendered(t, last), "word/document.xml"), `<w:pgSz `), 4, "who signs does so in portrait")
}

func TestChartsKeepTheirFigures(t *testing.T) {
	docx := rendered(t, progress())
	lying, lines := part(t, docx, "word/charts/chart1.xml"), part(t, docx, "word/charts/chart2.xml")
	requireText(t, lying, `<c:barDir val="bar"/><c:grouping val="stacked"/>`, `<c:overlap val="100"/>`, `<c:orientation val="maxMin"/>`, `<c:crosses val="max"/>`, `<c:pt idx="0"><c:v>12</c:v></c:pt>`, `<c:legend>`)
	requireText(t, lines, `<c:lineChart>`, `<c:max val="1"/><c:min val="0"/>`, `<c:v>0.755</c:v>`, `formatCode="0%"`, `<c:smooth val="0"/>`)
	requireText(t, part(t, docx, "word/charts/chart3.xml"), `<c:barDir val="col"/><c:grouping val="clustered"/>`)
	require.NotContains(t, part(t, docx, "word/charts/chart3.xml"), `<c:legend>`, "of one series the caption says what it is")
	require.NotContains(t, part(t, docx, "word/document.xml"), `w:line="240" w:lineRule="exact"`, "a line of fixed height would cut a chart off")
}

func TestReportThatCantBeSet(t *testing.T) {
	for want, block := range map[string]report.Block{
		"no heading of level 4":                     report.Heading{Level: 4, Text: "四"},
		`table "表" has no columns`:                  report.Table{Caption: "表"},
		`table "表", row 0: 2 texts for 1 columns`:   report.Table{Caption: "表", Columns: []report.Column{{Heading: "列", Width: 1, Align: report.Left}}, Rows: [][]string{{"一", "二"}}},
		`chart "图", "甲": 1 values for 2 categories`: report.Chart{Caption: "图", Categories: []string{"一", "二"}, Series: []report.Series{{Name: "甲", Tone: report.Blue, Values: []float64{1}}}},
	} {
		_, err := RenderReport(report.Report{Blocks: []report.Block{block}})
		require.ErrorContains(t, err, want)
	}
}

func TestChineseNumbers(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 12: "十二", 20: "二十", 35: "三十五"} {
		require.Equal(t, want, chinese(n))
	}
}
