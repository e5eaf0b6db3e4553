package sheet_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"duban/internal/sheet"
)

// units is a list that is too long for a rule of its own.
func units() []string {
	var out []string
	for i := range 60 {
		out = append(out, fmt.Sprintf("长宁区第%02d责任单位", i))
	}
	return out
}

func table() sheet.Table {
	return sheet.Table{
		Title: "长宁区2026年工作任务清单", Note: "截至 2026-11-24",
		Columns: []sheet.Column{
			{Heading: "序号", Width: 6},
			{Heading: "行动", Width: 20, Merge: true},
			{Heading: "工作任务", Width: 30, Merge: true},
			{Heading: "责任单位", Choices: units()},
			{Heading: "类型", Choices: []string{"一次性", "周期性"}, Strict: true},
			{Heading: "完成时限"},
			{Heading: "问题", Width: 30, Reason: true},
		},
		Rows: [][]string{
			{"1", "（一）责任体系", "党委会议", "区委办、区府办", "周期性", "每季度", ""},
			{"2", "（一）责任体系", "党委会议\n专题学习", "=HYPERLINK(\"http://x\",\"x\")", "", "2024.10", "无法识别的单位"},
			{"3", "（一）责任体系", "党委会议\n专题学习", "+1", "-1", "@SUM(A1)", ""},
			{"4", "（二）标准", "党委会议\n专题学习", "00012"},
			{"5", "", "x_x0041_", strings.Repeat("长", 5000)},
		},
		Blank: 20,
	}
}

func written(t testing.TB, table sheet.Table) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, sheet.Write(&b, table))
	return b.Bytes()
}

func TestWrittenIsReadTheSame(t *testing.T) {
	content := written(t, table())
	require.Equal(t, content, written(t, table()), "the same table is the same bytes")
	book := read(t, content, "a.xlsx")
	require.Equal(t, []string{"选项"}, book.Hidden)
	require.Len(t, book.Sheets, 1)
	require.Equal(t, table().Title, book.Sheets[0].Name)
	rows := book.Sheets[0].Rows
	require.Len(t, rows, 8)
	for i, want := range table().Rows {
		line := make([]string, 7)
		for _, c := range rows[3+i].Cells {
			line[c.Column-1] = c.Text
			require.True(t, c.Date.IsZero())
		}
		require.Equal(t, append(slices.Clone(want), make([]string, 7-len(want))...), line)
	}

	f, err := excelize.OpenReader(bytes.NewReader(content))
	require.NoError(t, err)
	defer f.Close()
	tab := f.GetSheetName(0)
	merged, err := f.GetMergeCells(tab)
	require.NoError(t, err)
	var regions []string
	for _, m := range merged {
		regions = append(regions, m[0])
	}
	require.ElementsMatch(t, []string{"A1:G1", "A2:G2", "B4:B6", "C5:C6"}, regions, "a task is not joined across actions")
	for _, cell := range []string{"D5", "D6", "E6", "F6"} {
		formula, err := f.GetCellFormula(tab, cell)
		require.NoError(t, err)
		require.Empty(t, formula)
		kind, err := f.GetCellType(tab, cell)
		require.NoError(t, err)
		require.Equal(t, excelize.CellTypeSharedString, kind, "a text, whatever it begins with")
	}
	rules, err := f.GetDataValidations(tab)
	require.NoError(t, err)
	require.Len(t, rules, 2)
	require.Equal(t, "D4:D28", rules[0].Sqref)
	require.Equal(t, "'选项'!$A$1:$A$60", rules[0].Formula1)
	require.False(t, rules[0].ShowErrorMessage, "several units may stand in one cell")
	require.Equal(t, "'选项'!$B$1:$B$2", rules[1].Formula1)
	require.True(t, rules[1].ShowErrorMessage)
	panes, err := f.GetPanes(tab)
	require.NoError(t, err)
	require.Equal(t, 3, panes.YSplit)
	for row, want := range map[int]float64{4: 32, 6: 32, 8: 409} {
		height, err := f.GetRowHeight(tab, row)
		require.NoError(t, err)
		require.InDelta(t, want, height, 0.1, "row %d is as high as its texts", row)
	}
	for cell, fill := range map[string][]string{"A5": {"FFF2CC"}, "A6": nil, "A3": {"D9E2F3"}} {
		id, err := f.GetCellStyle(tab, cell)
		require.NoError(t, err)
		style, err := f.GetStyle(id)
		require.NoError(t, err)
		require.Equal(t, fill, style.Fill.Color, cell)
		require.Equal(t, 49, style.NumFmt, "what is typed stays a text")
	}
}

func TestNamesOfSheets(t *testing.T) {
	for title, want := range map[string]string{
		"": "Sheet1", "清单[2026]/一": "清单－2026－－一", strings.Repeat("长", 40): strings.Repeat("长", 31), "'清单'": "清单",
	} {
		content := written(t, sheet.Table{Title: title, Columns: []sheet.Column{{Heading: "序号"}}})
		require.Equal(t, want, read(t, content, "a.xlsx").Sheets[0].Name)
	}
}

func TestCorrection(t *testing.T) {
	reasons := map[int]string{5: "完成时限“适时”无法识别", 7: "=没有牵头单位"}
	original := written(t, table())
	before := read(t, original, "a.xlsx")
	tab := before.Sheets[0].Name
	once, err := sheet.Annotate(original, "a.xlsx", tab, reasons)
	require.NoError(t, err)
	require.Equal(t, before, read(t, once, "a.xlsx"), "the column is no part of the list")
	column := func(content []byte, tab, letter string) (out []string) {
		f, err := excelize.OpenReader(bytes.NewReader(content))
		require.NoError(t, err)
		defer f.Close()
		for row := 1; row <= 9; row++ {
			text, err := f.GetCellValue(tab, fmt.Sprint(letter, row))
			require.NoError(t, err)
			out = append(out, text)
		}
		rules, err := f.GetConditionalFormats(tab)
		require.NoError(t, err)
		require.NotEmpty(t, rules, "rows with a reason are marked")
		return out
	}
	require.Equal(t, []string{"", "", "无法读取的原因", "", reasons[5], "", reasons[7], "", ""}, column(once, tab, "H"))
	twice, err := sheet.Annotate(once, "a.xlsx", tab, map[int]string{6: "仍有问题"})
	require.NoError(t, err)
	require.Equal(t, []string{"", "", "无法读取的原因", "", "", "仍有问题", "", "", ""}, column(twice, tab, "H"), "what was said before is gone")
	require.Equal(t, before, read(t, twice, "a.xlsx"))

	list := []byte("标题\n\n序号,任务\n1,甲\n2,乙\n")
	made, err := sheet.Annotate(list, "清单.csv", "清单", map[int]string{5: "没有时限"})
	require.NoError(t, err)
	require.Equal(t, read(t, list, "清单.csv"), read(t, made, "清单.xlsx"))
	require.Equal(t, []string{"", "", "无法读取的原因", "", "没有时限", "", "", "", ""}, column(made, "清单", "C"))
	headless, err := sheet.Annotate(list, "清单.csv", "清单", map[int]string{1: "没有表头"})
	require.NoError(t, err)
	require.Equal(t, "无法读取的原因：没有表头", column(headless, "清单", "C")[0])
	require.Equal(t, read(t, list, "清单.csv"), read(t, headless, "清单.xlsx"))

	_, err = sheet.Annotate(list, "清单.csv", "别的", nil)
	require.ErrorContains(t, err, "别的")
	_, err = sheet.Annotate([]byte("<html>"), "a.xls", "a", nil)
	require.Error(t, err)
}

// Where LibreOffice is installed, a table is looked at as it comes out of it.
func TestTableInLibreOffice(t *testing.T) {
	if testing.Short() {
		t.Skip("starts LibreOffice")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("no LibreOffice on this machine")
	}
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("no pdftotext on this machine")
	}
	dir := t.TempDir()
	whole := table()
	for i := range 40 {
		whole.Rows = append(whole.Rows, []string{fmt.Sprint(100 + i), "（三）", "任务", "区应急局", "一次性", "2026.10"})
	}
	whole.Rows[4][3] = "区应急局"
	file := filepath.Join(dir, "table.xlsx")
	require.NoError(t, os.WriteFile(file, written(t, whole), 0o600))
	convert := func(file string) string {
		out, err := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf",
			"--outdir", dir, file).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	simple := filepath.Join(dir, "simple.csv")
	require.NoError(t, os.WriteFile(simple, []byte("a,b\n"), 0o600))
	convert(simple)
	if _, err := os.Stat(filepath.Join(dir, "simple.pdf")); err != nil {
		t.Skip("this LibreOffice has no Calc")
	}
	out := convert(file)
	require.FileExists(t, filepath.Join(dir, "table.pdf"), "%s", out)
	text, err := exec.CommandContext(t.Context(), reader, "-layout", filepath.Join(dir, "table.pdf"), "-").Output()
	require.NoError(t, err)
	shown := strings.ReplaceAll(string(text), " ", "")
	pages := strings.Count(shown, "\f")
	require.Greater(t, pages, 1)
	require.Equal(t, pages, strings.Count(shown, "完成时限"), "the headings are on every page")
	for _, want := range []string{"长宁区2026年工作任务清单", "2024.10", "=HYPERLINK(", "无法识别的单位", "第1页", fmt.Sprintf("共%d页", pages)} {
		require.Contains(t, shown, want)
	}
}

// FuzzRead holds that nothing that is read makes a panic, and that what is taken can be annotated or is refused.
func FuzzRead(f *testing.F) {
	cheap, _ := refusals(f)
	for _, c := range cheap {
		if content := c.content(); len(content) < 100_000 {
			f.Add(content, uint8(0))
		}
	}
	f.Add(written(f, table()), uint8(0))
	f.Add([]byte("a,\"b\nc\";d\r"), uint8(1))
	f.Add([]byte("- a: [1, 2]\n  b: 2026-01-01"), uint8(2))
	f.Fuzz(func(t *testing.T, content []byte, kind uint8) {
		name := "a" + []string{".xlsx", ".csv", ".yaml"}[int(kind)%3]
		book, err := sheet.Read(bytes.NewReader(content), int64(len(content)), name)
		if err != nil {
			return
		}
		for _, s := range book.Sheets {
			last := 0
			for _, r := range s.Rows {
				require.Greater(t, r.N, last)
				last = r.N
				require.NotEmpty(t, r.Cells)
				column := 0
				for _, c := range r.Cells {
					require.Greater(t, c.Column, column)
					column = c.Column
					require.NotEmpty(t, strings.TrimSpace(c.Text))
				}
			}
		}
		if len(content) < 1<<16 {
			sheet.Annotate(content, name, book.Sheets[0].Name, map[int]string{1: "原因"})
		}
	})
}
