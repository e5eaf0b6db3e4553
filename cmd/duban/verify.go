package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"duban/internal/dossier"
	"duban/internal/store"
)

type verifyCmd struct {
	File string `arg:"" optional:"" type:"path" placeholder:"FILE" help:"导出的卷宗（zip）；给出时只核验该文件，不需要数据库和网络。"`
	JSON bool   `help:"以 JSON 输出。"`
}

// Run implements the command.
func (c verifyCmd) Run(e *env) error {
	if c.File != "" {
		return c.dossier(e)
	}
	s, err := e.record()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read
	report, err := s.Verify(e.ctx, progressBar(e.stderr, textVerifying))
	if err != nil {
		return err
	}
	cfg, _, err := e.settings()
	if err != nil {
		return err
	}
	if err := verifyEvidence(e.ctx, cfg, s, &report); err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(e.stdout, report); err != nil {
			return err
		}
	}
	if !report.Sound() {
		return brokenLedger(report, c.JSON)
	}
	if !c.JSON {
		fmt.Fprintf(e.stdout, textVerified, report.Obligations, report.Assessments, report.Events, report.Numbers, report.Evidence)
	}
	return nil
}

// dossier proves an exported file, and nothing else.
func (c verifyCmd) dossier(e *env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return usageError{fmt.Errorf(textNoDossier, c.File)}
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	report := dossier.Check(f, info.Size())
	if c.JSON {
		if err := writeJSON(e.stdout, report); err != nil {
			return err
		}
	}
	if !report.Intact() {
		lines := []string{fmt.Sprintf(textBrokenDossier, len(report.Faults))}
		if !c.JSON {
			lines = append(lines, report.Faults...)
		}
		return errors.New(strings.Join(lines, "\n  "))
	}
	if !c.JSON {
		fmt.Fprintf(e.stdout, textIntactDossier, report.Obligation, report.Entries, report.Files, report.Manifest)
		if !report.Evidence {
			fmt.Fprint(e.stdout, textBareDossier)
		}
	}
	return nil
}

// brokenLedger is the error that names every finding, one a line; with quiet they have been printed already.
func brokenLedger(report store.Report, quiet bool) error {
	lines := []string{fmt.Sprintf(textBroken, len(report.Findings))}
	for _, f := range report.Findings {
		if quiet {
			break
		}
		lines = append(lines, fmt.Sprintf(textFinding, f.Obligation, f.Seq, f.Problem))
	}
	return errors.New(strings.Join(lines, "\n"))
}
