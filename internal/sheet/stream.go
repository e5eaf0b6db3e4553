package sheet

import (
	"io"
	"iter"

	"github.com/xuri/excelize/v2"
)

// Stream writes a table whose rows come one by one, for more of them than should be held at a time; the table's own rows, merged
// columns, choices and reasons are not for it. The first error among the rows is returned, with nothing written to w. Every cell is a
// text, as with Write.
func Stream(w io.Writer, t Table, rows iter.Seq2[[]string, error]) error {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // what it has on the disk is removed as far as possible
	t.Rows = nil
	tw := tableWriter{f: f, t: t, tab: tabName(t.Sheet, t.Title), top: len(t.lines()) + 1}
	for _, step := range []func() error{tw.begin, tw.print} {
		if err := step(); err != nil {
			return err
		}
	}
	stream, err := f.NewStreamWriter(tw.tab)
	if err != nil {
		return err
	}
	if err := tw.stream(stream, rows); err != nil {
		return err
	}
	// What the filter reaches over is known by now.
	if err := tw.filter(); err != nil {
		return err
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// stream writes everything from the titles to the last row.
func (w *tableWriter) stream(s *excelize.StreamWriter, rows iter.Seq2[[]string, error]) error {
	if err := s.SetPanes(w.panes()); err != nil {
		return err
	}
	for i, c := range w.t.Columns {
		if err := s.SetColWidth(i+1, i+1, c.width()); err != nil {
			return err
		}
	}
	for i, line := range w.t.lines() {
		style, err := w.f.NewStyle(line.style())
		if err != nil {
			return err
		}
		if err := s.SetRow(cellName(1, i+1), cells([]string{line.text}, 1, style), excelize.RowOpts{Height: line.height()}); err != nil {
			return err
		}
		if w.last() > 1 {
			if err := s.MergeCell(cellName(1, i+1), cellName(w.last(), i+1)); err != nil {
				return err
			}
		}
	}
	heading, err := w.f.NewStyle(cellStyle(true, headingFill))
	if err != nil {
		return err
	}
	text, err := w.f.NewStyle(cellStyle(false, ""))
	if err != nil {
		return err
	}
	headings := make([]string, len(w.t.Columns))
	for i, c := range w.t.Columns {
		headings[i] = c.Heading
	}
	if err := s.SetRow(cellName(1, w.top), cells(headings, len(headings), heading)); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		w.t.Blank++
		if err := s.SetRow(cellName(1, w.end()), cells(row, len(headings), text), excelize.RowOpts{Height: w.height(row)}); err != nil {
			return err
		}
	}
	return nil
}

// cells are the first n texts of a row, in a style.
func cells(row []string, n, style int) []any {
	out := make([]any, n)
	for i := range out {
		text := ""
		if i < len(row) {
			text = clip(row[i], maxCellText) // a stream keeps escapes as they are by itself
		}
		out[i] = excelize.Cell{StyleID: style, Value: text}
	}
	return out
}
