package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/progress"
	"duban/statistics"
)

// ProgressReportInput asks for the report on a half-year.
type ProgressReportInput struct {
	PlanPath
	Half  string `query:"half" required:"true" pattern:"^2[0-9]{3}H[12]$" patternDescription:"年份加 H1（上半年）或 H2（下半年）" example:"2026H1" doc:"报告的半年"`
	Until string `query:"until" format:"date" doc:"截至这一天（含），此后发生的不计；不填为半年的最后一天，半年尚未结束的为此刻"`
}

func (s *server) registerProgressReport() {
	register(s, operation{
		id: "download-progress-report", method: http.MethodGet, path: "/plans/{plan}/statistics/report", tag: tagPlans, limit: statisticsTimeout,
		codes:   []Code{Code(obligation.CodeNotFound), CodeNotBegun},
		content: map[string]*huma.MediaType{mediaTypes[formatDOCX]: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}, s.downloadProgressReport)
}

func (s *server) downloadProgressReport(ctx context.Context, in *ProgressReportInput) (*FileOutput, error) {
	until, err := date("query.until", in.Until)
	if err != nil {
		return nil, err
	}
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	half, _ := assessment.ParseHalf(in.Half) // the schema has checked it
	now := s.Now()
	if until.IsZero() {
		until = progress.AsOf(d, half, now)
	}
	asOf, _ := statistics.Cut(d, now, until)
	switch {
	case !progress.Has(d, half):
		return nil, notFound()
	case !progress.Begun(d, half, asOf):
		return nil, newProblem(CodeNotBegun)
	}
	assessments, err := s.Reader.Assessments(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	var facts progress.Facts
	err = s.figures.with(ctx, s.Reader, d, now, until, func(cases []statistics.Case, now time.Time) error {
		facts, err = progress.Gather(cases, assessments, d, half, now, calendar.DateOf(s.Now(), obligation.Location(d.Plan.Zone)))
		return err
	})
	if err != nil {
		return nil, err
	}
	docx, err := s.Letters.Report(progress.Compose(facts))
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf(textProgressReportFile, half.Chinese(), min(until, calendar.DateOf(now, obligation.Location(d.Plan.Zone))))
	return fileNamed(mediaTypes[formatDOCX], "progress-"+in.Half+".docx", name, docx), nil
}
