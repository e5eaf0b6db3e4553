package sheet

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Table is a table that people get: a list to print, a template to fill in.
type Table struct {
	Sheet   string // its name; "": that of the title
	Title   string // over the table
	Note    string // under the title; "": none
	Columns []Column
	Rows    [][]string // as long as there are columns, or shorter
	Blank   int        // empty rows to be filled in, after the others
}

// Column is one column of a table.
type Column struct {
	Heading string
	Width   float64 // in characters of Latin script; 0: 14
	// Merge joins equal texts of rows that follow each other, where the columns to the left that are joined are joined too.
	Merge bool
	// Choices are offered for the cells of the column. Strict takes nothing else; otherwise several may be named in one cell.
	Choices []string
	Strict  bool
	// Reason marks the column, and every row that has a text in it: it says what is wrong there.
	Reason bool
}

func (c Column) width() float64 {
	if c.Width <= 0 {
		return defaultWidth
	}
	return c.Width
}

const (
	headingFill = "D9E2F3"

	fontName     = "宋体"
	defaultWidth = 14
	maxCellText  = 32_767 // characters, as Excel has it
	fixedTime    = "2000-01-01T00:00:00Z"
)

// Write writes the table as an XLSX workbook: the same bytes for the same table. Every cell is a text, so that nothing that
// anybody typed becomes a formula, and a deadline like 2024.10 stays as it is when it is typed into a blank row.
func Write(w io.Writer, t Table) error { return WriteAll(w, t) }

// WriteAll writes tables as Write does, each on a sheet of its own; their names have to differ. The workbook has the first
// one's title.
func WriteAll(w io.Writer, tables ...Table) error {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // nothing of it lies on the disk
	for i, t := range tables {
		tw := tableWriter{f: f, t: t, tab: tabName(t.Sheet, t.Title)}
		begin := tw.begin
		if i > 0 {
			begin = tw.another
		}
		for _, step := range []func() error{begin, tw.titles, tw.body, tw.merge, tw.choices, tw.view, tw.print} {
			if err := step(); err != nil {
				return err
			}
		}
	}
	return f.Write(w)
}

// tableWriter is a table that is being written.
type tableWriter struct {
	f   *excelize.File
	t   Table
	tab string
	top int // row of the headings
}

// tabName is a name that a sheet may have.
func tabName(names ...string) string {
	for _, name := range names {
		name = strings.Trim(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`:\/?*[]`, r) {
				return '－'
			}
			return r
		}, name), "' ")
		if name != "" {
			return clip(name, excelize.MaxSheetNameLength)
		}
	}
	return "Sheet1"
}

func clip(s string, runes int) string {
	if utf8.RuneCountInString(s) <= runes {
		return s
	}
	return string([]rune(s)[:runes])
}

func (w *tableWriter) begin() error {
	if err := w.f.SetSheetName("Sheet1", w.tab); err != nil {
		return err
	}
	return w.f.SetDocProps(&excelize.DocProperties{
		Title: w.t.Title, Creator: textCreator, LastModifiedBy: textCreator, Created: fixedTime, Modified: fixedTime,
	})
}

func (w *tableWriter) another() error {
	_, err := w.f.NewSheet(w.tab)
	return err
}

// last is the last column that there is.
func (w *tableWriter) last() int { return max(len(w.t.Columns), 1) }

// titleLine is a line over the headings.
type titleLine struct {
	text  string
	size  float64 // of its letters, in points
	align string
}

func (t Table) lines() []titleLine {
	return slices.DeleteFunc([]titleLine{{t.Title, 16, "center"}, {t.Note, 10, "left"}}, func(l titleLine) bool { return l.text == "" })
}

func (l titleLine) style() *excelize.Style {
	return &excelize.Style{
		Font:      &excelize.Font{Family: fontName, Size: l.size, Bold: l.align == "center"},
		Alignment: &excelize.Alignment{Horizontal: l.align, Vertical: "center", WrapText: true}, NumFmt: formatText,
	}
}

func (l titleLine) height() float64 { return l.size * 2 }

func (w *tableWriter) titles() error {
	w.top = 1
	for _, line := range w.t.lines() {
		style, err := w.f.NewStyle(line.style())
		if err != nil {
			return err
		}
		from, to := cellName(1, w.top), cellName(w.last(), w.top)
		if err := w.set(1, w.top, line.text); err != nil {
			return err
		}
		if err := w.f.SetCellStyle(w.tab, from, to, style); err != nil {
			return err
		}
		if w.last() > 1 {
			if err := w.f.MergeCell(w.tab, from, to); err != nil {
				return err
			}
		}
		if err := w.f.SetRowHeight(w.tab, w.top, line.height()); err != nil {
			return err
		}
		w.top++
	}
	return nil
}

func (w *tableWriter) set(column, row int, text string) error {
	if text == "" {
		return nil
	}
	return setText(w.f, w.tab, cellName(column, row), text)
}

// escaped is what a reader would take for an escape; the escape of its first character keeps it as it is.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// setText writes a text, never a formula, and cuts off what no cell holds.
func setText(f *excelize.File, tab, cell, text string) error {
	return f.SetCellStr(tab, cell, escaped.ReplaceAllString(clip(text, maxCellText), "_x005F$0"))
}

func (w *tableWriter) end() int { return w.top + len(w.t.Rows) + w.t.Blank }

func (w *tableWriter) body() error {
	heading, err := w.f.NewStyle(cellStyle(true, headingFill))
	if err != nil {
		return err
	}
	text, err := w.f.NewStyle(cellStyle(false, ""))
	if err != nil {
		return err
	}
	marked, err := w.f.NewStyle(cellStyle(false, markFill))
	if err != nil {
		return err
	}
	for i, c := range w.t.Columns {
		column := i + 1
		if err := w.set(column, w.top, c.Heading); err != nil {
			return err
		}
		if err := w.f.SetCellStyle(w.tab, cellName(column, w.top), cellName(column, w.top), heading); err != nil {
			return err
		}
		name := strings.TrimRight(cellName(column, 1), "1")
		if err := w.f.SetColWidth(w.tab, name, name, c.width()); err != nil {
			return err
		}
		if w.end() > w.top {
			if err := w.f.SetCellStyle(w.tab, cellName(column, w.top+1), cellName(column, w.end()), text); err != nil {
				return err
			}
		}
	}
	for i, row := range w.t.Rows {
		wrong := false
		if err := w.f.SetRowHeight(w.tab, w.top+1+i, w.height(row)); err != nil {
			return err
		}
		for j := range min(len(row), len(w.t.Columns)) {
			if err := w.set(j+1, w.top+1+i, row[j]); err != nil {
				return err
			}
			wrong = wrong || w.t.Columns[j].Reason && row[j] != ""
		}
		if wrong {
			if err := w.f.SetCellStyle(w.tab, cellName(1, w.top+1+i), cellName(w.last(), w.top+1+i), marked); err != nil {
				return err
			}
		}
	}
	return nil
}

// height is how high a row has to be for its texts, in points: not every program finds that out itself.
func (w *tableWriter) height(row []string) float64 {
	const line, most = 14, 409 // points; Excel has no higher row
	lines := 1
	for j := range min(len(row), len(w.t.Columns)) {
		width := w.t.Columns[j].width()
		of := 0
		for text := range strings.SplitSeq(row[j], "\n") {
			letters := len(text) - utf8.RuneCountInString(text) // a Chinese character has three bytes, and is as wide as two letters
			letters = letters/2 + utf8.RuneCountInString(text)
			of += 1 + letters/max(int(width)-1, 1)
		}
		lines = max(lines, of)
	}
	return min(float64(lines*line+4), most)
}

// markFill is the colour of what needs a person's eye.
const markFill = "FFF2CC"

func cellStyle(heading bool, fill string) *excelize.Style {
	s := &excelize.Style{
		Font:      &excelize.Font{Family: fontName, Size: 10, Bold: heading},
		Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true},
		NumFmt:    formatText,
	}
	if heading {
		s.Alignment.Horizontal = "center"
	}
	for _, side := range []string{"left", "top", "right", "bottom"} {
		s.Border = append(s.Border, excelize.Border{Type: side, Color: "808080", Style: 1})
	}
	if fill != "" {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}}
	}
	return s
}

// merge joins equal texts that follow each other.
func (w *tableWriter) merge() error {
	rows := w.t.Rows
	for j, c := range w.t.Columns {
		if !c.Merge {
			continue
		}
		for from := 0; from < len(rows); {
			to := from + 1
			for to < len(rows) && w.together(rows[from], rows[to], j) {
				to++
			}
			if to > from+1 {
				if err := w.f.MergeCell(w.tab, cellName(j+1, w.top+1+from), cellName(j+1, w.top+to)); err != nil {
					return err
				}
			}
			from = to
		}
	}
	return nil
}

// together reports whether two rows share a text in the column, and in all that are joined before it.
func (w *tableWriter) together(a, b []string, column int) bool {
	if column >= len(a) || a[column] == "" {
		return false
	}
	for j := range column + 1 {
		if w.t.Columns[j].Merge && (j >= len(a) || j >= len(b) || a[j] != b[j]) {
			return false
		}
	}
	return true
}

// choices offers what may be chosen. All lists stand on a hidden sheet, because one within a rule is limited to 255 characters.
func (w *tableWriter) choices() error {
	helper := 0
	for j, c := range w.t.Columns {
		if len(c.Choices) == 0 || w.end() == w.top {
			continue
		}
		if helper++; helper == 1 {
			if _, err := w.f.NewSheet(textLists); err != nil {
				return err
			}
			if err := w.f.SetSheetVisible(textLists, false); err != nil {
				return err
			}
		}
		for i, choice := range c.Choices {
			if err := setText(w.f, textLists, cellName(helper, i+1), choice); err != nil {
				return err
			}
		}
		column := strings.TrimRight(cellName(helper, 1), "1")
		rule := excelize.NewDataValidation(true)
		rule.SetSqref(cellName(j+1, w.top+1) + ":" + cellName(j+1, w.end()))
		rule.SetSqrefDropList("'" + textLists + "'!$" + column + "$1:$" + strings.Replace(cellName(helper, len(c.Choices)), column, column+"$", 1))
		if c.Strict {
			rule.SetError(excelize.DataValidationErrorStyleStop, textListTitle, textListError)
		} else {
			rule.SetInput(textListTitle, textListPrompt)
		}
		rule.ShowErrorMessage = c.Strict
		if err := w.f.AddDataValidation(w.tab, rule); err != nil {
			return err
		}
	}
	return nil
}

// panes keep the headings in sight.
func (w *tableWriter) panes() *excelize.Panes {
	return &excelize.Panes{Freeze: true, YSplit: w.top, TopLeftCell: cellName(1, w.top+1), ActivePane: "bottomLeft"}
}

// view keeps the headings in sight and lets rows be filtered.
func (w *tableWriter) view() error {
	if err := w.f.SetPanes(w.tab, w.panes()); err != nil {
		return err
	}
	return w.filter()
}

func (w *tableWriter) filter() error {
	if len(w.t.Columns) == 0 || w.end() == w.top {
		return nil
	}
	all := cellName(1, w.top) + ":" + cellName(w.last(), w.end())
	if err := w.f.AddIgnoredErrors(w.tab, all, excelize.IgnoredErrorsNumberStoredAsText); err != nil {
		return err
	}
	return w.f.AutoFilter(w.tab, all, nil)
}

// print sets an A4 sheet across, as wide as the table, its headings on every page.
func (w *tableWriter) print() error {
	const a4 = 9
	size, across, wide, tall, fit := a4, "landscape", 1, 0, true
	if err := w.f.SetPageLayout(w.tab, &excelize.PageLayoutOptions{Size: &size, Orientation: &across, FitToWidth: &wide, FitToHeight: &tall}); err != nil {
		return err
	}
	if err := w.f.SetSheetProps(w.tab, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := w.f.SetHeaderFooter(w.tab, &excelize.HeaderFooterOptions{OddFooter: "&C" + textPage}); err != nil {
		return err
	}
	name := "'" + strings.ReplaceAll(w.tab, "'", "''") + "'"
	row := strings.TrimLeft(cellName(1, w.top), "A")
	return w.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: name + "!$" + row + ":$" + row, Scope: w.tab})
}
