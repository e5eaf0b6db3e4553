package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"duban/internal/config"
)

type verifyCmd struct {
	JSON bool `help:"以 JSON 输出。"`
}

// Run implements the command.
func (c verifyCmd) Run(e *env) error {
	cfg, log, err := e.settings()
	if err != nil {
		return err
	}
	if cfg.Database.Driver == config.SQLite {
		if _, err := os.Stat(cfg.Database.DSN.Reveal()); errors.Is(err, os.ErrNotExist) {
			return usageError{fmt.Errorf(textNoDatabase, cfg.Database.DSN.Reveal())}
		}
	}
	s, err := openStore(e.ctx, cfg, log)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read
	report, err := s.Verify(e.ctx, bar(e.stderr, textVerifying))
	if err != nil {
		return err
	}
	if c.JSON {
		out := json.NewEncoder(e.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(report); err != nil {
			return err
		}
	} else if err := report.WriteText(e.stdout); err != nil {
		return err
	}
	if n := len(report.Findings); n > 0 {
		return fmt.Errorf(textBroken, n)
	}
	return nil
}
