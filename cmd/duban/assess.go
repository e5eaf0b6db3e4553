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
	"duban/internal/report"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
	"duban/seed"
)

type assessCmd struct {
	Half   string `arg:"" help:"评估的半年，如 2026H1。"`
	Rules  string `help:"换用的评分规则（YAML 文件，写法同 assessment.yaml）；不给则为方案现行的。" type:"existingfile" placeholder:"FILE"`
	Unit   string `help:"只看一家责任单位，逐条列出依据（代码）。" placeholder:"CODE"`
	Plan   string `help:"方案代码（默认：唯一的方案）。" placeholder:"CODE"`
	Script string `help:"不看台账，按情景推演自带的方案，连同自评、复核、签发、公布：自带的名称或 YAML 文件。" placeholder:"NAME|FILE"`
	Format string `help:"输出格式：table、csv、json（含逐条依据）或 md（报告：过程、名次、表扬和否优、一家单位的逐条依据）。" enum:"table,csv,json,md" default:"table"`
}

// Run implements the command. It counts from the record beside a running server, as the assessment does, and writes nothing.
func (c assessCmd) Run(e *env) error {
	half, ok := assessment.ParseHalf(c.Half)
	if !ok {
		return usageError{fmt.Errorf(textHalf, c.Half)}
	}
	count := c.recorded
	if c.Script != "" {
		count = c.rehearsed
	}
	of, err := count(e, half)
	if err != nil {
		return err
	}
	card := of.State.Card
	if c.Unit != "" && !slices.ContainsFunc(card.Units, func(u assessment.UnitScore) bool { return u.Unit == c.Unit }) {
		return usageError{fmt.Errorf(textAssessNobody, c.Unit, half.Chinese())}
	}
	if c.Format == "md" {
		return of.WriteMarkdown(e.stdout)
	}
	if c.Unit != "" {
		card.Units = slices.DeleteFunc(card.Units, func(u assessment.UnitScore) bool { return u.Unit != c.Unit })
	}
	switch c.Format {
	case "json":
		return writeJSON(e.stdout, card)
	case "csv":
		return assessCSV(e.stdout, c.rows(card))
	default:
		fmt.Fprintf(e.stdout, textAssess, of.Plan.Title, half.Chinese(), card.Rules.Title, card.Rules.Base)
		return columns(e.stdout, c.rows(card), 2)
	}
}

// recorded counts the half-year from the record. What people said of it so far, and what was counted then, is reported where no
// other rules are asked for.
func (c assessCmd) recorded(e *env, half assessment.Half) (report.Assessment, error) {
	s, err := e.record()
	if err != nil {
		return report.Assessment{}, err
	}
	defer s.Close() //nolint:errcheck // only read
	d, err := planOf(e.ctx, s, c.Plan)
	if err != nil {
		return report.Assessment{}, err
	}
	rules, err := c.rules(e, s, d)
	if err != nil {
		return report.Assessment{}, err
	}
	out := report.Assessment{Plan: d.Plan, State: assessment.Begin(d.Plan.Code, half, half.Checkpoint(obligation.Location(d.Plan.Zone))), Unit: c.Unit}
	if c.Format == "md" && c.Rules == "" {
		out.Record, err = s.AssessmentEvents(e.ctx, d.Plan.Code, c.Half)
		if err != nil && !obligation.IsNotFound(err) {
			return out, err
		}
		for _, event := range out.Record {
			out.State = assessment.Apply(out.State, event)
		}
	}
	if len(out.Record) == 0 {
		scoring := assessment.NewScoring(rules, half, d.Plan, d.Calendar)
		if err := s.EachLedger(e.ctx, d.Plan.Code, scoring.Ledger); err != nil {
			return out, err
		}
		out.State.Card = scoring.Card()
	}
	return out, nil
}

// rehearsed plays the plan that the program carries by a script, and the half-year's assessment with it.
func (c assessCmd) rehearsed(e *env, half assessment.Half) (report.Assessment, error) {
	cfg, _, err := e.settings()
	if err != nil {
		return report.Assessment{}, err
	}
	b, err := seed.Embedded()
	if err != nil {
		return report.Assessment{}, err
	}
	script, err := readScript(c.Script, &b.Plan)
	if err != nil {
		return report.Assessment{}, err
	}
	rules := *b.Assessment
	if c.Rules != "" {
		if rules, err = readRules(c.Rules, &b.Plan); err != nil {
			return report.Assessment{}, err
		}
	}
	d := obligation.Definition{AsOf: b.Plan.Issued, Plan: b.Plan, Calendar: b.Calendar, Ladders: b.Ladders}
	at := cfg.Window.From.Duration()
	run, err := rehearsal.Rehearse(d, script, rehearsal.Setting{At: at})
	if err != nil {
		return report.Assessment{}, err
	}
	state, record, err := run.Assess(half, rules, at)
	return report.Assessment{Plan: d.Plan, State: state, Record: record, Unit: c.Unit}, err
}

// rules returns those of the file, or the plan's; a plan that was seeded before there were any would get the embedded ones.
func (c assessCmd) rules(e *env, s *store.Store, d obligation.Definition) (assessment.Rules, error) {
	if c.Rules != "" {
		return readRules(c.Rules, &d.Plan)
	}
	rules, err := s.Rules(e.ctx, d.Plan.Code)
	if obligation.IsNotFound(err) {
		return seed.DefaultRules()
	}
	return rules, err
}

// readRules reads the rules of a file.
func readRules(file string, p *plan.Plan) (assessment.Rules, error) {
	content, err := readSome(file)
	if err != nil {
		return assessment.Rules{}, err
	}
	rules, err := seed.ReadRules(file, content, p)
	if faults, ok := errors.AsType[*seed.Faults](err); ok {
		return rules, usageError{faults}
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
