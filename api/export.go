package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// ExportInput selects the obligations of an export.
type ExportInput struct {
	Selection
}

// exportTimeout is for a workbook of maxExport rows.
const exportTimeout = time.Minute

func (s *server) registerExport() {
	register(s, operation{
		id: "export-obligations", method: http.MethodGet, path: "/obligations/export", tag: tagObligations, limit: exportTimeout,
		codes:   []Code{CodeExportTooLarge},
		content: map[string]*huma.MediaType{spreadsheetType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}, s.exportObligations)
}

func (s *server) exportObligations(context.Context, *ExportInput) (*FileOutput, error) {
	return nil, errLater
}
