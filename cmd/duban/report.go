package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"duban/assessment"
	"duban/calendar"
	"duban/internal/letter"
	"duban/internal/store"
	"duban/obligation"
	"duban/progress"
	"duban/statistics"
)

type reportCmd struct {
	Half   string `arg:"" help:"报告的半年，如 2026H1。"`
	AsOf   string `name:"as-of" help:"截至这一天（含），此后发生的不计；不给则为半年的最后一天，半年尚未结束的为此刻。" placeholder:"YYYY-MM-DD"`
	Plan   string `help:"方案代码（默认：唯一的方案）。" placeholder:"CODE"`
	Output string `short:"o" type:"path" required:"" placeholder:"FILE" help:"写到哪个文件（docx）；不覆盖已有的文件。"`
}

// Run implements the command. It reads the record beside a running server, as the page's download does, and writes nothing to it.
func (c reportCmd) Run(e *env) error {
	half, ok := assessment.ParseHalf(c.Half)
	if !ok {
		return usageError{fmt.Errorf(textHalf, c.Half)}
	}
	var asOf calendar.Date
	if c.AsOf != "" {
		var err error
		if asOf, err = calendar.ParseDate(c.AsOf); err != nil {
			return usageError{fmt.Errorf(textAsOfDate, c.AsOf)}
		}
	}
	s, err := e.record()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read
	docx, err := reportOf(e.ctx, s, c.Plan, half, asOf)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return usageError{fmt.Errorf(textNoOutput, c.Output)}
	}
	_, err = f.Write(docx)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.Output))
	}
	fmt.Fprintf(e.stdout, textReported, half.Chinese(), c.Output)
	return nil
}

// reportOf makes the report on a half-year, as of the end of a day; the zero date: of the half-year's last, or of now.
func reportOf(ctx context.Context, s *store.Store, code string, half assessment.Half, day calendar.Date) ([]byte, error) {
	d, err := planOf(ctx, s, code)
	if err != nil {
		return nil, err
	}
	today, err := s.KnownUntil(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	if day.IsZero() {
		day = progress.AsOf(d, half, today)
	}
	now, cut := statistics.Cut(d, today, day)
	switch {
	case !progress.Has(d, half):
		return nil, usageError{fmt.Errorf(textHalfOutside, d.Plan.Title, half.Chinese())}
	case !progress.Begun(d, half, now):
		return nil, usageError{fmt.Errorf(textHalfAhead, half.Chinese())}
	}
	assessments, err := s.Assessments(ctx, d.Plan.Code)
	if err != nil {
		return nil, err
	}
	var cases []statistics.Case
	_, err = s.Changed(ctx, d.Plan.Code, 0, func(_ obligation.ID, ledger []obligation.Event) {
		if c, ok := statistics.Read(ledger, d.Calendar, cut); ok {
			cases = append(cases, c)
		}
	})
	if err != nil {
		return nil, err
	}
	facts, err := progress.Gather(cases, assessments, d, half, now, calendar.DateOf(today, obligation.Location(d.Plan.Zone)))
	if err != nil {
		return nil, err
	}
	exercise, err := s.Exercise(ctx)
	if err != nil {
		return nil, err
	}
	return letter.NewWriter(nil, letter.Office{Exercise: exercise}).Report(progress.Compose(facts))
}
