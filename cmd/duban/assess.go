package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"duban/assessment"
	"duban/internal/store"
	"duban/obligation"
	"duban/seed"
)

type assessCmd struct {
	Half   string `arg:"" help:"评估的半年，如 2026H1。"`
	Rules  string `help:"换用的评分规则（YAML 文件，写法同 assessment.yaml）；不给则为方案现行的。" type:"existingfile" placeholder:"FILE"`
	Unit   string `help:"只看一家责任单位，逐条列出依据（代码）。" placeholder:"CODE"`
	Plan   string `help:"方案代码（默认：唯一的方案）。" placeholder:"CODE"`
	Format string `help:"输出格式：table、csv 或 json（含逐条依据）。" enum:"table,csv,json" default:"table"`
}

// Run implements the command. It counts from the record beside a running server, as the assessment does, and writes nothing.
func (c assessCmd) Run(e *env) error {
	half, ok := assessment.ParseHalf(c.Half)
	if !ok {
		return usageError{fmt.Errorf(textHalf, c.Half)}
	}
	s, err := e.record()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read
	d, err := planOf(e.ctx, s, c.Plan)
	if err != nil {
		return err
	}
	rules, err := c.rules(e, s, d)
	if err != nil {
		return err
	}
	scoring := assessment.NewScoring(rules, half, d.Plan, d.Calendar)
	if err := s.EachLedger(e.ctx, d.Plan.Code, scoring.Ledger); err != nil {
		return err
	}
	card := scoring.Card()
	if c.Unit != "" {
		card.Units = slices.DeleteFunc(card.Units, func(u assessment.UnitScore) bool { return u.Unit != c.Unit })
		if len(card.Units) == 0 {
			return usageError{fmt.Errorf(textAssessNobody, c.Unit, half.Chinese())}
		}
	}
	switch c.Format {
	case "json":
		return writeJSON(e.stdout, card)
	case "csv":
		return assessCSV(e.stdout, c.rows(card))
	default:
		fmt.Fprintf(e.stdout, textAssess, d.Plan.Title, half.Chinese(), rules.Title, rules.Base)
		return columns(e.stdout, c.rows(card), 2)
	}
}

// rules returns those of the file, or the plan's; a plan that was seeded before there were any would get the embedded ones.
func (c assessCmd) rules(e *env, s *store.Store, d obligation.Definition) (assessment.Rules, error) {
	if c.Rules != "" {
		content, err := readSome(c.Rules)
		if err != nil {
			return assessment.Rules{}, err
		}
		rules, err := seed.ReadRules(c.Rules, content, &d.Plan)
		if faults, ok := errors.AsType[*seed.Faults](err); ok {
			return rules, usageError{faults}
		}
		return rules, err
	}
	rules, err := s.Rules(e.ctx, d.Plan.Code)
	if obligation.IsNotFound(err) {
		return seed.DefaultRules()
	}
	return rules, err
}

// rows are the ranking, or the lines of the one unit.
func (c assessCmd) rows(card assessment.Card) [][]string {
	if c.Unit != "" {
		return assessLines(card)
	}
	rows := [][]string{assessHeadings}
	for _, u := range card.Units {
		f := u.Figures
		row := []string{u.Name, u.Unit, strconv.Itoa(u.Rank), u.Points.String()}
		for _, n := range []int{f.OnTime, f.Late, f.Overdue, f.Returned, f.Extended, f.Issued, len(u.Vetoes)} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	return rows
}

func assessLines(card assessment.Card) [][]string {
	rows := [][]string{assessLineHeadings}
	for _, u := range card.Units {
		for _, l := range u.Lines {
			what := l.On.Chinese()
			if l.Rung != "" {
				what = l.Rung.Chinese()
			}
			rows = append(rows, []string{l.Obligation, strings.TrimSpace(what), strconv.Itoa(l.Seq), l.At.In(obligation.Location(zone)).Format(minute), l.Item, l.Points.String()})
		}
		rows = append(rows, []string{u.Name, textAssessTotal, "", "", "", u.Points.String()})
	}
	return rows
}

func assessCSV(w io.Writer, rows [][]string) error {
	// A spreadsheet takes the text for UTF-8 only with the mark in front.
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	return csv.NewWriter(w).WriteAll(rows)
}
