package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"duban/internal/config"
	"duban/internal/store"
	"duban/obligation"
)

// absentError is the error of a database that isn't there, or holds no plan yet.
type absentError struct{ error }

// record opens the record that there is, beside whoever else has it open. It creates none.
func (e *env) record() (*store.Store, error) {
	cfg, log, err := e.settings()
	if err != nil {
		return nil, err
	}
	return openExisting(e.ctx, cfg, log)
}

func openExisting(ctx context.Context, cfg config.Config, log *slog.Logger) (*store.Store, error) {
	if cfg.Database.Driver == config.SQLite {
		if _, err := os.Stat(cfg.Database.DSN.Reveal()); errors.Is(err, os.ErrNotExist) {
			return nil, usageError{absentError{fmt.Errorf(textNoDatabase, cfg.Database.DSN.Reveal())}}
		}
	}
	return openStore(ctx, cfg, log)
}

// planOf returns what the plan runs by; without a code the only plan there is.
func planOf(ctx context.Context, s *store.Store, code string) (obligation.Definition, error) {
	plans, err := s.Definitions(ctx)
	if err != nil {
		return obligation.Definition{}, err
	}
	var codes []string
	for _, d := range plans {
		if d.Plan.Code == code || (code == "" && len(plans) == 1) {
			return d, nil
		}
		codes = append(codes, d.Plan.Code)
	}
	if len(plans) == 0 {
		return obligation.Definition{}, usageError{absentError{errors.New(textNoPlans)}}
	}
	return obligation.Definition{}, usageError{fmt.Errorf(textWhichPlan, strings.Join(codes, "、"))}
}
