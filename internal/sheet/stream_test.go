package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"duban/internal/sheet"
)

func oneByOne(rows [][]string, last error) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
		if last != nil {
			yield(nil, last)
		}
	}
}

func TestStreamedIsReadTheSame(t *testing.T) {
	head := sheet.Table{Title: "责任事项", Note: "共 3 件", Columns: []sheet.Column{{Heading: "任务", Width: 8}, {Heading: "标题", Width: 30}, {Heading: "单位"}}}
	rows := [][]string{
		{"1", "=HYPERLINK(\"http://x\",\"x\")", "+1"},
		{"2", "@SUM(A1)\n-1", "x_x0041_"},
		{"10", "\t=1+1"},
	}
	var b bytes.Buffer
	require.NoError(t, sheet.Stream(&b, head, oneByOne(rows, nil)))
	book := read(t, b.Bytes(), "a.xlsx")
	require.Len(t, book.Sheets, 1)
	require.Equal(t, "责任事项", book.Sheets[0].Name)
	found := book.Sheets[0].Rows
	require.Len(t, found, 3+len(rows))

	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	defer f.Close()
	for i, row := range rows {
		for j, want := range row {
			cell, err := excelize.CoordinatesToCellName(j+1, 4+i)
			require.NoError(t, err)
			formula, err := f.GetCellFormula("责任事项", cell)
			require.NoError(t, err)
			require.Empty(t, formula)
			kind, err := f.GetCellType("责任事项", cell)
			require.NoError(t, err)
			require.Equal(t, excelize.CellTypeInlineString, kind, "a text, whatever it looks like")
			text := found[3+i].Cells[j].Text
			require.Equal(t, want, text)
		}
	}
	panes, err := f.GetPanes("责任事项")
	require.NoError(t, err)
	require.Equal(t, 3, panes.YSplit)
	var filters []string
	for _, n := range f.GetDefinedName() {
		filters = append(filters, n.RefersTo)
	}
	require.Contains(t, fmt.Sprint(filters), "$A$3:$C$6")
}

func TestStreamOfNothing(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sheet.Stream(&b, sheet.Table{Title: "责任事项", Columns: []sheet.Column{{Heading: "任务"}}}, oneByOne(nil, nil)))
	require.Len(t, read(t, b.Bytes(), "a.xlsx").Sheets[0].Rows, 2)
}

// A stream that breaks off leaves nothing that could pass for the whole.
func TestStreamThatBreaksOff(t *testing.T) {
	var b bytes.Buffer
	lost := errors.New("lost")
	err := sheet.Stream(&b, sheet.Table{Title: "责任事项", Columns: []sheet.Column{{Heading: "任务"}}}, oneByOne([][]string{{"1"}}, lost))
	require.ErrorIs(t, err, lost)
	require.Zero(t, b.Len())
}
