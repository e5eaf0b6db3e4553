package sheet

import (
	"bytes"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"duban/tasklist"
)

// Annotate returns the file as a workbook that says in a last column of the sheet why its rows could not be read: reasons are
// Chinese, by row number. A workbook stays as it is otherwise; of a text a workbook is made, with every row where it was.
// Whoever corrects the rows hands the workbook in again: Read passes over the column.
func Annotate(original []byte, name, sheet string, reasons map[int]string) (out []byte, err error) {
	// Only what Read takes is opened as a whole, which bounds what that costs.
	book, err := Read(bytes.NewReader(original), int64(len(original)), name)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(book.Sheets, func(s tasklist.Sheet) bool { return s.Name == sheet })
	if at < 0 {
		return nil, refuse(CodeNoSuchSheet, textNoSuchSheet(sheet))
	}
	// The library may stumble over what Read passes over.
	defer func() {
		if recover() != nil {
			out, err = nil, damaged()
		}
	}()
	var f *excelize.File
	tab := sheet
	if bytes.HasPrefix(original, []byte("PK")) {
		f, err = excelize.OpenReader(bytes.NewReader(original), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
		if err != nil {
			return nil, damaged()
		}
	} else if f, tab, err = asWorkbook(book.Sheets[at]); err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing of it lies on the disk
	if err := annotate(f, tab, book.Sheets[at].Rows, reasons); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// maxUnpacked is what all parts of a workbook that gets annotated may come to, pictures among them, in bytes.
const maxUnpacked = 64 << 20

// asWorkbook puts a sheet that came as a text into a workbook.
func asWorkbook(s tasklist.Sheet) (*excelize.File, string, error) {
	f := excelize.NewFile()
	tab := tabName(s.Name)
	err := f.SetSheetName("Sheet1", tab)
	if err != nil {
		return nil, "", err
	}
	style, err := f.NewStyle(cellStyle(false, ""))
	if err != nil {
		return nil, "", err
	}
	for _, r := range s.Rows {
		for _, c := range r.Cells {
			name := cellName(c.Column, r.N)
			if err := setText(f, tab, name, c.Text); err != nil {
				return nil, "", err
			}
			if err := f.SetCellStyle(tab, name, name, style); err != nil {
				return nil, "", err
			}
		}
	}
	return f, tab, nil
}

func annotate(f *excelize.File, tab string, rows []tasklist.Line, reasons map[int]string) error {
	last := 0
	for _, r := range rows {
		last = max(last, r.Cells[len(r.Cells)-1].Column)
	}
	column := last + 1
	letter := strings.TrimRight(cellName(column, 1), "1")
	wrong, err := f.NewStyle(cellStyle(false, markFill))
	if err != nil {
		return err
	}
	heading, err := f.NewStyle(cellStyle(true, markFill))
	if err != nil {
		return err
	}
	put := func(row int, text string, style int) error {
		if err := setText(f, tab, cellName(column, row), text); err != nil {
			return err
		}
		return f.SetCellStyle(tab, cellName(column, row), cellName(column, row), style)
	}
	// What an earlier correction said is no longer so.
	for _, r := range rows {
		if err := f.SetCellStr(tab, cellName(column, r.N), ""); err != nil {
			return err
		}
	}
	top := headingRow(rows, reasons)
	if top > 0 {
		if err := put(top, textReason, heading); err != nil {
			return err
		}
	}
	for row, reason := range reasons {
		if row < 1 || row > lastRow || reason == "" {
			continue
		}
		if top == 0 {
			reason = textReason + "：" + reason
		}
		if err := put(row, reason, wrong); err != nil {
			return err
		}
	}
	if err := f.SetColWidth(tab, letter, letter, 50); err != nil {
		return err
	}
	// The rows are marked for as long as the reason stands there; what else their cells look like stays.
	mark, err := f.NewConditionalStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{markFill}}})
	if err != nil {
		return err
	}
	from := top + 1
	all := cellName(1, from) + ":" + cellName(column, max(rows[len(rows)-1].N, from))
	return f.SetConditionalFormat(tab, all, []excelize.ConditionalFormatOptions{{
		Type: "formula", Criteria: "LEN($" + cellName(column, from) + ")>0", Format: &mark,
	}})
}

// headingRow is the row that a heading can stand in: the first above all reasons with as many cells of its own as a table has; 0:
// there is none.
func headingRow(rows []tasklist.Line, reasons map[int]string) int {
	first := lastRow + 1
	for row := range reasons {
		first = min(first, row)
	}
	found, most := 0, 0
	for _, r := range rows {
		if r.N >= first {
			break
		}
		own := 0
		for _, c := range r.Cells {
			if !c.Merged {
				own++
			}
		}
		if own > most {
			found, most = r.N, own
		}
	}
	return found
}
