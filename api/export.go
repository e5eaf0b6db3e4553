package api

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/calendar"
	"duban/obligation"
)

// Table is the head of a table that is written row by row.
type Table struct {
	Title   string
	Note    string
	Columns []TableColumn
}

// TableColumn is a column of a table.
type TableColumn struct {
	Heading string
	Width   float64 // in characters of Latin script
}

// ExportInput selects the obligations of an export.
type ExportInput struct {
	Selection
}

const (
	maxExport     = 20_000 // rows
	exportPage    = 200    // as many as a list gives
	exportTimeout = time.Minute
)

func (s *server) registerExport() {
	register(s, operation{
		id: "export-obligations", method: http.MethodGet, path: "/obligations/export", tag: tagObligations, limit: exportTimeout,
		codes:   []Code{CodeExportTooLarge},
		content: map[string]*huma.MediaType{spreadsheetType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}, s.exportObligations)
}

func (s *server) exportObligations(ctx context.Context, in *ExportInput) (*FileOutput, error) {
	f, err := s.filter(ctx, in.Selection)
	if err != nil {
		return nil, err
	}
	f.Limit, f.Count = exportPage, true
	first, err := s.Reader.List(ctx, f)
	if err != nil {
		return nil, err
	}
	if first.Total > maxExport {
		return nil, newProblem(CodeExportTooLarge)
	}
	f.Count = false
	at := f.Now.In(zoneOfOffice)
	head := Table{Title: textExportTitle, Note: fmt.Sprintf(textExportNote, at.Format(minuteLayout), first.Total), Columns: exportColumns}
	var out bytes.Buffer // of a few megabytes at most: the rows are bounded, and compressed
	if err := s.Spreadsheet(&out, head, s.exported(ctx, f, first)); err != nil {
		return nil, err
	}
	name := textExportTitle + " " + calendar.DateOf(f.Now, zoneOfOffice).String() + ".xlsx"
	return fileNamed(spreadsheetType, "obligations.xlsx", name, out.Bytes()), nil
}

// exported returns the rows of all pages. What comes up while they are read does not make more of them than an export may have.
func (s *server) exported(ctx context.Context, f obligation.Filter, page obligation.Page) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for n := 1; ; {
			for _, v := range page.Views {
				if n > maxExport || !yield(exportRow(n, showObligation(v, f.Now)), nil) {
					return
				}
				n++
			}
			if page.Next == "" {
				return
			}
			f.After = page.Next
			var err error
			if page, err = s.Reader.List(ctx, f); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// minuteLayout is how an instant is written for people.
const minuteLayout = "2006-01-02 15:04"

// exportRow is in the order of exportColumns.
func exportRow(n int, o Obligation) []string {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(minuteLayout)
	}
	flag := func(on bool) string {
		if on {
			return textYes
		}
		return ""
	}
	progress := ""
	if p := o.Progress; p != nil {
		progress = p.Text
		if p.Percent != nil {
			progress = strconv.Itoa(*p.Percent) + "% " + progress
		}
	}
	extensions := ""
	if o.Extensions > 0 {
		extensions = strconv.Itoa(o.Extensions)
	}
	return []string{
		strconv.Itoa(n), o.Task, o.Measure, o.Title, o.UnitName, o.PeriodLabel, o.StageLabel, o.LightLabel, o.Due.String(), o.OriginalDue.String(),
		o.Deadline.String(), flag(o.WasOverdue), o.RungLabel, o.WaitingOnName, moment(o.NextAt), o.NextLabel, progress, extensions, o.Liaison, moment(o.Updated),
	}
}
