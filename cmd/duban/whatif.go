package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
	"duban/seed"
)

type whatIfCmd struct {
	Obligation string `help:"试算一件责任事项（编号：方案/分项任务/单位/周期）。" placeholder:"ID"`
	Unit       string `help:"试算一家责任单位的事项（代码）。" placeholder:"CODE"`
	Task       string `help:"试算一项任务的事项。" placeholder:"CODE"`
	Year       int    `help:"试算一年内到期的事项。" placeholder:"YYYY"`
	Plan       string `help:"方案代码（默认：唯一的方案）。" placeholder:"CODE"`

	Ladders  string `help:"换升级阶梯：自带的 strict（从严）、default（方案现行的）或 YAML 文件；按代码替换交办时的阶梯。" placeholder:"NAME|FILE"`
	Ladder   string `help:"所有事项都用这一个阶梯（代码，取自 --ladders，未给则取自方案现行的）。" placeholder:"CODE"`
	Due      string `help:"换到期日（与 --obligation 合用）。" placeholder:"YYYY-MM-DD"`
	Shift    int    `name:"shift-days" help:"到期日顺延几天，提前写负数。" placeholder:"N"`
	Calendar string `help:"换节假日安排（YAML 文件，写法同 calendar.yaml）。" placeholder:"FILE"`
	RestDays string `help:"休息日到期的何时算逾期：next_day（次日）或 next_workday（顺延到下一工作日之后）。" enum:",next_day,next_workday" default:"" placeholder:"RULE"`

	Format string `help:"输出格式：table、csv（逐条差别）或 json（含试算的全部记录）。" enum:"table,csv,json" default:"table"`
}

// Run implements the command. It reads the record beside a running server and writes nothing.
func (c whatIfCmd) Run(e *env) error {
	sel, err := c.check()
	if err != nil {
		return usageError{err}
	}
	s, err := e.record()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read
	d, err := planOf(e.ctx, s, sel.Plan)
	if err != nil {
		return err
	}
	sel.Plan = d.Plan.Code
	a, err := c.alternative(d)
	if err != nil {
		return usageError{err}
	}
	past, err := pastOf(e.ctx, s, d, sel)
	if err != nil {
		return err
	}
	got := rehearsal.WhatIf(past, a)
	switch c.Format {
	case "json":
		return writeJSON(e.stdout, got)
	case "csv":
		return whatIfCSV(e.stdout, got)
	default:
		return whatIfTable(e.stdout, d, c.told(), got)
	}
}

// check returns what is selected, or everything that is wrong with the command line by itself.
func (c whatIfCmd) check() (obligation.Selection, error) {
	var faults faultLines
	check := func(ok bool, text string) {
		if !ok {
			faults.add(errors.New(text))
		}
	}
	sel := obligation.Selection{Plan: c.Plan, Task: c.Task, Unit: c.Unit}
	check(c.Obligation+c.Unit+c.Task != "" || c.Year != 0, textSelectNothing)
	check(c.Ladders+c.Ladder+c.Due+c.Calendar+c.RestDays != "" || c.Shift != 0, textNoAlternative)
	check(c.Due == "" || c.Obligation != "", textDueOfMany)
	check(c.Due == "" || c.Shift == 0, textDueAndShift)
	check(c.Shift >= -maxShift && c.Shift <= maxShift, fmt.Sprintf(textShift, maxShift, c.Shift))
	_, err := parseDay(c.Due)
	faults.add(err)
	if c.Obligation != "" {
		id, ok := obligation.ParseID(c.Obligation)
		check(ok, fmt.Sprintf(textObligationID, c.Obligation))
		check(c.Unit+c.Task == "" && c.Year == 0, textObligationAlone)
		check(c.Plan == "" || c.Plan == id.Plan, textObligationAlone)
		sel.ID, sel.Plan = id, id.Plan
	}
	if c.Year != 0 {
		check(c.Year >= 2000 && c.Year <= 2100, fmt.Sprintf(textYear, c.Year))
		sel.DueFrom, sel.DueTo = calendar.NewDate(c.Year, time.January, 1), calendar.NewDate(c.Year, time.December, 31)
	}
	return sel, faults.err()
}

// maxShift is how many days due dates can be moved: three years, the whole of a plan.
const maxShift = 1100

// alternative reads what the command line gives instead of what was.
func (c whatIfCmd) alternative(d obligation.Definition) (rehearsal.Alternative, error) {
	var faults faultLines
	a := rehearsal.Alternative{Shift: c.Shift, RestDays: plan.RestDayRule(c.RestDays)}
	a.Due, _ = parseDay(c.Due) // checked before
	ladders := d.Ladders
	if c.Ladders != "" {
		l := list{files: seed.Files(), bundle: &seed.Bundle{Plan: d.Plan, Ladders: d.Ladders}}
		var err error
		ladders, err = l.ladder(c.Ladders)
		faults.add(err)
		a.Ladders = ladders
	}
	if c.Ladder != "" && !faults.any() {
		i := slices.IndexFunc(ladders, func(l obligation.Ladder) bool { return l.Code == c.Ladder })
		if i < 0 {
			faults.add(fmt.Errorf(textNoLadder, c.Ladder, strings.Join(ladderCodes(ladders), "、")))
		} else {
			a.Ladder = &ladders[i]
		}
	}
	if c.Calendar != "" {
		content, err := readSome(c.Calendar)
		if err == nil {
			a.Calendar, err = seed.ReadCalendar(c.Calendar, content)
		}
		faults.add(err)
	}
	return a, faults.err()
}

func ladderCodes(ladders []obligation.Ladder) []string {
	codes := make([]string, len(ladders))
	for i, l := range ladders {
		codes[i] = l.Code
	}
	return codes
}

// pastOf reads what happened to the selection, up to now.
func pastOf(ctx context.Context, s *store.Store, d obligation.Definition, sel obligation.Selection) (rehearsal.Past, error) {
	until, err := s.KnownUntil(ctx, time.Now())
	if err != nil {
		return rehearsal.Past{}, err
	}
	h, err := s.Histories(ctx, sel, rehearsal.MaxRelived)
	switch {
	case err != nil:
		return rehearsal.Past{}, err
	case h.Total == 0:
		return rehearsal.Past{}, usageError{errors.New(textSelectedNone)}
	case len(h.Ledgers) < h.Total:
		return rehearsal.Past{}, usageError{fmt.Errorf(textSelectedMany, h.Total, rehearsal.MaxRelived)}
	}
	return rehearsal.PastOf(h, d, until), nil
}

// told names the alternative as it was given.
func (c whatIfCmd) told() string {
	var parts []string
	for _, p := range []struct{ name, value string }{
		{textTellLadders, c.Ladders}, {textTellLadder, c.Ladder}, {textTellDue, c.Due}, {textTellCalendar, c.Calendar}, {textTellRest, c.RestDays},
	} {
		if p.value != "" {
			parts = append(parts, p.name+p.value)
		}
	}
	if c.Shift != 0 {
		parts = append(parts, fmt.Sprintf(textTellShift, c.Shift))
	}
	return strings.Join(parts, "，")
}
