package sheet

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"duban/tasklist"
)

// What a worksheet may have.
const (
	lastRow    = 1_048_576
	lastColumn = 16_384
	maxRegions = 50_000
	maxCovered = 2_000_000 // cells of regions that are looked at; regions that overlap could be without end
)

// region is a merged region, its corners included.
type region struct{ left, top, right, bottom int32 }

func parseRegion(s string) (region, bool) {
	from, to, two := strings.Cut(s, ":")
	if !two {
		to = from
	}
	left, top, ok1 := parseCell(from)
	right, bottom, ok2 := parseCell(to)
	return region{int32(left), int32(top), int32(right), int32(bottom)}, ok1 && ok2 && left <= right && top <= bottom //nolint:gosec // bounded by parseCell
}

// parseCell reads the name of a cell: B7 is column 2, row 7.
func parseCell(s string) (column, row int, ok bool) {
	s = strings.ReplaceAll(s, "$", "")
	at := 0
	for ; at < len(s) && at < 4; at++ {
		letter := s[at] &^ 0x20
		if letter < 'A' || letter > 'Z' {
			break
		}
		column = column*26 + int(letter-'A') + 1
	}
	row, err := strconv.Atoi(s[at:])
	return column, row, err == nil && column >= 1 && column <= lastColumn && row >= 1 && row <= lastRow
}

func cellName(column, row int) string {
	var name []byte
	for ; column > 0; column = (column - 1) / 26 {
		name = append(name, byte('A'+(column-1)%26))
	}
	slices.Reverse(name)
	return string(name) + strconv.Itoa(row)
}

// resolve gives the cells that a region covers the region's text, in rows and columns that hold anything. What such a cell held
// itself nobody sees. A row that only regions of other rows reach into is none of its own.
func resolve(rows []tasklist.Line, merges []region, left *bounds) ([]tasklist.Line, error) {
	used := 0
	for _, r := range rows {
		used = max(used, r.Cells[len(r.Cells)-1].Column)
	}
	work := maxCovered
	for _, m := range merges {
		first, _ := slices.BinarySearchFunc(rows, int(m.top), byNumber)
		right := min(int(m.right), used)
		var origin tasklist.Cell
		if first < len(rows) && rows[first].N == int(m.top) {
			if at, ok := slices.BinarySearchFunc(rows[first].Cells, int(m.left), byColumn); ok {
				origin = rows[first].Cells[at]
			}
		}
		for i := first; i < len(rows) && rows[i].N <= int(m.bottom) && right >= int(m.left); i++ {
			if work -= right - int(m.left) + 1; work < 0 {
				return nil, refuse(CodeTooLarge, textTooMuch)
			}
			before := len(rows[i].Cells)
			rows[i].Cells = cover(rows[i].Cells, m, origin, right, rows[i].N == int(m.top))
			for range max(len(rows[i].Cells)-before, 0) {
				if err := left.cell(0); err != nil {
					return nil, err
				}
			}
		}
	}
	return slices.DeleteFunc(rows, func(r tasklist.Line) bool {
		return !slices.ContainsFunc(r.Cells, func(c tasklist.Cell) bool { return !c.Merged })
	}), nil
}

func byNumber(r tasklist.Line, n int) int      { return cmp.Compare(r.N, n) }
func byColumn(c tasklist.Cell, column int) int { return cmp.Compare(c.Column, column) }

// cover returns a row's cells with those of the region replaced: the region's own cell stays in its first row.
func cover(cells []tasklist.Cell, m region, origin tasklist.Cell, right int, first bool) []tasklist.Cell {
	from, own := slices.BinarySearchFunc(cells, int(m.left), byColumn)
	to, _ := slices.BinarySearchFunc(cells, right+1, byColumn)
	column := int(m.left)
	if first {
		column++
		if own {
			from++
		}
	}
	if origin.Text == "" || origin.Merged {
		return slices.Delete(cells, min(from, to), to)
	}
	var covered []tasklist.Cell
	for ; column <= right; column++ {
		covered = append(covered, tasklist.Cell{Column: column, Text: origin.Text, Date: origin.Date, Merged: true})
	}
	return slices.Replace(cells, min(from, to), to, covered...)
}

// withoutReasons leaves out what a correction sheet has gained: a column from its heading downwards, or cells that say so themselves.
func withoutReasons(rows []tasklist.Line) []tasklist.Line {
	column := 0
	for i := range rows {
		for _, c := range rows[i].Cells {
			if column == 0 && c.Text == textReason && !c.Merged {
				column = c.Column
			}
		}
		rows[i].Cells = slices.DeleteFunc(rows[i].Cells, func(c tasklist.Cell) bool {
			return c.Column == column || strings.HasPrefix(c.Text, textReason+"：")
		})
	}
	return slices.DeleteFunc(rows, func(r tasklist.Line) bool { return len(r.Cells) == 0 })
}
