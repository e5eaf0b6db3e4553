package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"duban/calendar"
	"duban/internal/sheet"
	"duban/tasklist"
)

func read(t testing.TB, content []byte, name string) *sheet.Book {
	t.Helper()
	book, err := sheet.Read(bytes.NewReader(content), int64(len(content)), name)
	require.NoError(t, err)
	return book
}

// refused is the reason why a file is refused.
func refused(t testing.TB, content []byte, name string) *sheet.Error {
	t.Helper()
	book, err := sheet.Read(bytes.NewReader(content), int64(len(content)), name)
	require.Error(t, err)
	require.Nil(t, book)
	e, ok := errors.AsType[*sheet.Error](err)
	require.True(t, ok, "%v", err)
	require.NotEmpty(t, e.Message)
	return e
}

// made is a workbook that the function fills.
func made(t testing.TB, fill func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.Bytes()
}

// grid is the rows as lines of text: "1: A=…|B=…"; a covered cell is in brackets, a date has one of its own.
func grid(s tasklist.Sheet) []string {
	var out []string
	for _, r := range s.Rows {
		var cells []string
		for _, c := range r.Cells {
			name, err := excelize.ColumnNumberToName(c.Column)
			if err != nil {
				panic(err)
			}
			text := c.Text
			if c.Merged {
				text = "(" + text + ")"
			}
			if !c.Date.IsZero() {
				text += " @" + c.Date.String()
			}
			cells = append(cells, name+"="+text)
		}
		out = append(out, fmt.Sprintf("%d: %s", r.N, strings.Join(cells, "|")))
	}
	return out
}

func TestAnnualListAsItComes(t *testing.T) {
	content := made(t, func(f *excelize.File) {
		require.NoError(t, f.SetSheetName("Sheet1", "2026年清单"))
		set := func(cell string, v any) { require.NoError(t, f.SetCellValue("2026年清单", cell, v)) }
		set("A1", "长宁区 2026 年工作任务清单")
		require.NoError(t, f.MergeCell("2026年清单", "A1", "G1"))
		for i, h := range []string{"序号", "行动", "工作任务", "牵头单位", "责任单位", "完成时限", "备注"} {
			set(fmt.Sprintf("%c3", 'A'+i), h)
		}
		set("A4", 1)
		set("B4", "（一）责任体系提升")
		set("C4", "党委、政府主要负责人\n每季度至少召开一次会议")
		set("F4", "每季度")
		set("A5", 2)
		set("B5", "covered: nobody sees it")
		set("C5", "培树企业2-3家")
		set("F5", time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC))
		set("C6", " ")
		set("A7", "注：加“*”为市级任务")
		require.NoError(t, f.MergeCell("2026年清单", "B4", "B6"))
		require.NoError(t, f.MergeCell("2026年清单", "B4", "B6"))
		require.NoError(t, f.MergeCell("2026年清单", "D4", "E5"))
		set("D4", "区安委办")
		require.NoError(t, f.SetCellRichText("2026年清单", "G4", []excelize.RichTextRun{{Text: "重"}, {Text: "点", Font: &excelize.Font{Bold: true}}}))
		_, err := f.NewSheet("旧表")
		require.NoError(t, err)
		require.NoError(t, f.SetCellValue("旧表", "A1", "作废"))
		require.NoError(t, f.SetSheetVisible("旧表", false))
		_, err = f.NewSheet("空表")
		require.NoError(t, err)
		_, err = f.NewSheet("附")
		require.NoError(t, err)
		require.NoError(t, f.SetCellValue("附", "B2", "x"))
		require.NoError(t, f.SetRowVisible("2026年清单", 5, false))
		require.NoError(t, f.SetColVisible("2026年清单", "C", false))
	})
	book := read(t, content, "清单.xlsx")
	require.Equal(t, []string{"旧表"}, book.Hidden)
	require.Len(t, book.Sheets, 2)
	require.Equal(t, "2026年清单", book.Sheets[0].Name)
	require.Equal(t, []string{"2: B=x"}, grid(book.Sheets[1]))
	require.Equal(t, []string{
		"1: A=长宁区 2026 年工作任务清单|B=(长宁区 2026 年工作任务清单)|C=(长宁区 2026 年工作任务清单)|D=(长宁区 2026 年工作任务清单)|E=(长宁区 2026 年工作任务清单)|F=(长宁区 2026 年工作任务清单)|G=(长宁区 2026 年工作任务清单)",
		"3: A=序号|B=行动|C=工作任务|D=牵头单位|E=责任单位|F=完成时限|G=备注",
		"4: A=1|B=（一）责任体系提升|C=党委、政府主要负责人\n每季度至少召开一次会议|D=区安委办|E=(区安委办)|F=每季度|G=重点",
		"5: A=2|B=(（一）责任体系提升)|C=培树企业2-3家|D=(区安委办)|E=(区安委办)|F=2026-06-30 @2026-06-30",
		"7: A=注：加“*”为市级任务",
	}, grid(book.Sheets[0]))
}

func TestNumbersAndDatesAreAsShown(t *testing.T) {
	day := calendar.MustDate("2026-06-30")
	serial := float64(day - calendar.NewDate(1899, 12, 30))
	for _, c := range []struct {
		value  any
		format string
		text   string
		date   string
	}{
		{2024.12, "", "2024.12", ""},
		{2024.1, "", "2024.1", ""},
		{2024.1, "0.00", "2024.10", ""},
		{2024.1, "0.00_ ", "2024.10", ""},
		{13800000000, "", "13800000000", ""},
		{0.1 + 0.2, "", "0.3", ""},
		{1234567.5, "#,##0.00", "1,234,567.50", ""},
		{0.85, "0%", "85%", ""},
		{3, `0"家"`, "3家", ""},
		{3, `General"个月"`, "3个月", ""},
		{3, `G/通用格式"家"`, "3家", ""},
		{3.5, `General"家"`, "3.5", ""},
		{-4, `0;[Red]\-0`, "-4", ""},
		{"2024.10", "@", "2024.10", ""},
		{2024.5, "@", "2024.5", ""},
		{serial, "yyyy-mm-dd", "2026-06-30", "2026-06-30"},
		{serial, "yyyy/m/d;@", "2026-06-30", "2026-06-30"},
		{serial, `yyyy"年"m"月"d"日";@`, "2026-06-30", "2026-06-30"},
		{serial, `[$-804]yyyy"年"m"月"d"日"dddd`, "2026-06-30", "2026-06-30"},
		{serial, `[DBNum1][$-804]yyyy"年"m"月"d"日"`, "2026-06-30", "2026-06-30"},
		{serial, `yyyy"年"m"月"`, "2026年6月", ""},
		{serial, `m"月"d"日"`, "6月30日", ""},
		{serial, "mmm-yy", "2026年6月", ""},
		{serial, "yyyy", "2026年", ""},
		{serial + 17.5/24, "yyyy-mm-dd hh:mm:ss", "2026-06-30 17:30", "2026-06-30"},
		{serial + 17.5/24, "yyyy-mm-dd", "2026-06-30", "2026-06-30"},
		{17.5 / 24, "h:mm AM/PM", "17:30", ""},
		{17.5 / 24, "[h]:mm", "17:30", ""},
		{1, "yyyy-mm-dd", "1900-01-01", "1900-01-01"},
		{61, "yyyy-mm-dd", "1900-03-01", "1900-03-01"},
		{-5, "yyyy-mm-dd", "-5", ""},
		{1e12, "yyyy-mm-dd", "1000000000000", ""},
		{true, "", "TRUE", ""},
		{7, ";;;", "7", ""},
	} {
		content := made(t, func(f *excelize.File) {
			require.NoError(t, f.SetCellValue("Sheet1", "A1", c.value))
			if c.format != "" {
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
				require.NoError(t, err)
				require.NoError(t, f.SetCellStyle("Sheet1", "A1", "A1", style))
			}
		})
		want := tasklist.Cell{Column: 1, Text: c.text}
		if c.date != "" {
			want.Date = calendar.MustDate(c.date)
		}
		require.Equal(t, want, read(t, content, "a.xlsx").Sheets[0].Rows[0].Cells[0], "%v as %s", c.value, c.format)
	}
	for id, text := range map[int]string{
		14: "2026-06-30", 17: "2026年6月", 22: "2026-06-30", 31: "2026-06-30", 57: "2026年6月", 58: "6月30日", 10: "4620300.00%", 2: "46203.00",
	} {
		content := made(t, func(f *excelize.File) {
			require.NoError(t, f.SetCellValue("Sheet1", "A1", serial))
			style, err := f.NewStyle(&excelize.Style{NumFmt: id})
			require.NoError(t, err)
			require.NoError(t, f.SetCellStyle("Sheet1", "A1", "A1", style))
		})
		require.Equal(t, text, read(t, content, "a.xlsx").Sheets[0].Rows[0].Cells[0].Text, "format %d", id)
	}
}

func TestCSV(t *testing.T) {
	const table = "年度清单,,\n\n序号,工作任务,完成时限\n1,\"第一行\n第二行，含\"\"引号\"\"\",2024.10\r\n2,区建管委;区房管局,6月底前"
	want := []string{"1: A=年度清单", "3: A=序号|B=工作任务|C=完成时限", "4: A=1|B=第一行\n第二行，含\"引号\"|C=2024.10", "5: A=2|B=区建管委;区房管局|C=6月底前"}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(table)
	require.NoError(t, err)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(table, ",", "\t"))
	require.NoError(t, err)
	for label, content := range map[string]string{
		"UTF-8": table, "BOM": "\ufeff" + table, "GBK": gbk, "UTF-16 with tabs": utf16, "tabs": strings.ReplaceAll(table, ",", "\t"),
		"CR": strings.ReplaceAll(strings.ReplaceAll(table, "\r\n", "\n"), "\n", "\r"),
	} {
		book := read(t, []byte(content), `C:\表\清单.csv`)
		require.Equal(t, "清单", book.Sheets[0].Name, label)
		require.Equal(t, want, grid(book.Sheets[0]), label)
	}
	semicolons := "序号;任务;单位\n1;甲,乙;丙\n2;\"丁;戊\"已;庚"
	require.Equal(t, []string{"1: A=序号|B=任务|C=单位", "2: A=1|B=甲,乙|C=丙", "3: A=2|B=丁;戊已|C=庚"}, grid(read(t, []byte(semicolons), "a.CSV").Sheets[0]))
	require.Equal(t, []string{`1: A=5" 管|B=x`}, grid(read(t, []byte("5\" 管,x"), "a.csv").Sheets[0]))
	require.Equal(t, []string{"1: A=一"}, grid(read(t, []byte("一"), "a.txt").Sheets[0]))

	require.Contains(t, refused(t, []byte("a,b\n1,2\n3,\"没有结束\n4,5"), "a.csv").Message, "第 3 行")
	require.Equal(t, sheet.CodeEncoding, refused(t, []byte("a,\xff\xff"), "a.csv").Code)
	require.Equal(t, sheet.CodeEncoding, refused(t, []byte("a\x00b"), "a.csv").Code)
	require.Equal(t, sheet.CodeEmpty, refused(t, []byte(" ,\n,,"), "a.csv").Code)
	require.Equal(t, sheet.CodeTooLarge, refused(t, []byte(strings.Repeat(",", 300)+"x"), "a.csv").Code)
	require.Equal(t, sheet.CodeTooLarge, refused(t, []byte(strings.Repeat("x\n", sheet.MaxRows+1)), "a.csv").Code)
}

func TestYAML(t *testing.T) {
	const list = `# 年度清单
- number: 1
  measure: |
    第一行
    第二行
  units: [区建管委, 区房管局]
  deadline: 2026-06-30
- 工作任务: 修订《办法》
  number: 2.10
  deadline: "2026-06-30"
  note:
`
	book := read(t, []byte(list), "清单.yaml")
	require.Equal(t, "清单", book.Sheets[0].Name)
	require.Equal(t, []string{
		"1: A=序号|B=具体措施|C=责任单位|D=完成时限|E=工作任务|F=备注",
		"2: A=1|B=第一行\n第二行|C=区建管委、区房管局|D=2026-06-30 @2026-06-30",
		"3: A=2.10|D=2026-06-30|E=修订《办法》",
	}, grid(book.Sheets[0]))
	for label, content := range map[string]string{
		"a mapping": "number: 1", "not a list of mappings": "- 1", "nested": "- number: {a: 1}", "deep": "- number: [[1]]", "broken": "- [", "twice": "- number: 1\n  序号: 2",
		"an alias": "- &a {number: 1}\n- *a", "merged": "- &a {number: 1}\n- <<: *a", "two documents": "- number: 1\n---\n- number: 2", "a scalar": "x",
		"deeper than anybody reads": strings.Repeat("[", 20_000),
	} {
		require.Equal(t, sheet.CodeDamaged, refused(t, []byte(content), "a.yml").Code, label)
	}
	for _, nothing := range []string{"# nothing", "", "[]", "- {}", "- number:", "~"} {
		require.Equal(t, sheet.CodeEmpty, refused(t, []byte(nothing), "a.yml").Code, nothing)
	}
	require.Equal(t, sheet.CodeTooLarge, refused(t, []byte("- number: "+strings.Repeat("1", 300<<10)), "a.yml").Code)
}

// A disk that fails is no fault of the file.
func TestFailureToRead(t *testing.T) {
	disk := errors.New("disk on fire")
	content := made(t, func(f *excelize.File) { require.NoError(t, f.SetCellValue("Sheet1", "A1", 1)) })
	for name, n := range map[string]int{"a.xlsx": 2000, "a.csv": 0} {
		_, err := sheet.Read(failing{bytes.NewReader(content), int64(n), disk}, int64(len(content)), name)
		require.ErrorIs(t, err, disk)
	}
}

type failing struct {
	io.ReaderAt
	until int64
	err   error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.until && off < f.until+2000 {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p, off)
}
