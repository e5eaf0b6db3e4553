package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

type rebuildCmd struct {
	Plan       string `help:"只重建一个方案的。" placeholder:"CODE"`
	Obligation string `help:"只重建一件责任事项：方案/分项任务/责任单位/周期。" placeholder:"ID"`
	JSON       bool   `help:"以 JSON 输出。"`
}

// rebuildReport says what was rebuilt, and what still differs.
type rebuildReport struct {
	store.Rebuilt
	Findings []store.Finding `json:"findings"` // of the read model, afterwards
}

// Run implements the command.
func (c rebuildCmd) Run(e *env) error {
	if c.Obligation != "" {
		if _, ok := obligation.ParseID(c.Obligation); !ok {
			return usageError{fmt.Errorf(textNoObligation, c.Obligation)}
		}
	}
	s, err := e.record()
	if err != nil {
		return err
	}
	return errors.Join(c.rebuild(e, s), s.Close())
}

func (c rebuildCmd) rebuild(e *env, s *store.Store) error {
	if c.Plan != "" {
		if _, err := planOf(e.ctx, s, c.Plan); err != nil {
			return err
		}
	}
	calendars, err := calendarsOf(e.ctx, s)
	if err != nil {
		return err
	}
	var report rebuildReport
	report.Rebuilt, err = s.Rebuild(e.ctx, store.Rebuilding{Plan: c.Plan, Obligation: c.Obligation, Calendars: calendars})
	if err != nil {
		return err
	}
	if report.Findings, err = c.differs(e.ctx, s); err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(e.stdout, report); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(e.stdout, textRebuilt, report.Obligations, len(report.Written))
	}
	if len(report.Findings)+len(report.Skipped) == 0 {
		return nil
	}
	lines := []string{fmt.Sprintf(textNotRebuilt, len(report.Skipped), len(report.Findings))}
	for _, id := range report.Skipped {
		lines = append(lines, fmt.Sprintf(textSkipped, id))
	}
	for _, f := range report.Findings {
		lines = append(lines, fmt.Sprintf(textFinding, f.Obligation, f.Seq, f.Problem))
	}
	return errors.New(strings.Join(lines, "\n"))
}

// differs returns what of the read model still is not what the ledger leads to.
func (c rebuildCmd) differs(ctx context.Context, s *store.Store) ([]store.Finding, error) {
	out := []store.Finding{}
	for after := ""; ; {
		found, next, err := s.VerifyPage(ctx, after)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			within := (c.Obligation == "" || f.Obligation == c.Obligation) && (c.Plan == "" || strings.HasPrefix(f.Obligation, c.Plan+"/"))
			if f.Nature == store.NatureModel && within {
				out = append(out, f)
			}
		}
		if next == "" {
			return out, nil
		}
		after = next
	}
}

// calendarsOf returns the calendars of all plans by code.
func calendarsOf(ctx context.Context, s *store.Store) (map[string]*calendar.Calendar, error) {
	plans, err := s.Definitions(ctx)
	out := make(map[string]*calendar.Calendar, len(plans))
	for _, d := range plans {
		out[d.Plan.Code] = d.Calendar
	}
	return out, err
}
