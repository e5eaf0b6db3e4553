package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/internal/sheet"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

// lists brings annual lists into plans. Preview and application are one path.
type lists struct{ i *installation }

// Keep implements api.Lists.
func (l lists) Keep(ctx context.Context, i tasklist.Import, file []byte) (api.ListReading, error) {
	d, err := l.i.store.Definition(ctx, i.Plan)
	if err != nil {
		return api.ListReading{}, err
	}
	sum := sha256.Sum256(file)
	i.Digest, i.Size = hex.EncodeToString(sum[:]), int64(len(file))
	i.ID = tasklist.ImportID(i.Year, i.Digest)
	r, err := read(d, i, file, tasklist.Choices{})
	if err != nil {
		return api.ListReading{}, err // what can't be read is not kept
	}
	if r.Import, err = l.i.store.KeepImport(ctx, i, file); err != nil {
		return api.ListReading{}, err
	}
	return l.withEffects(ctx, d, r)
}

// All implements api.Lists.
func (l lists) All(ctx context.Context, plan string) ([]tasklist.Import, error) {
	return l.i.store.Imports(ctx, plan)
}

// Open implements api.Lists.
func (l lists) Open(ctx context.Context, plan, id string) (api.ListReading, error) {
	d, err := l.i.store.Definition(ctx, plan)
	if err != nil {
		return api.ListReading{}, err
	}
	i, file, err := l.i.store.Import(ctx, plan, id)
	if err != nil {
		return api.ListReading{}, err
	}
	r, err := read(d, i, file, i.Settled)
	if err != nil {
		return r.ListReading, err
	}
	return l.withEffects(ctx, d, r)
}

// Settle implements api.Lists.
func (l lists) Settle(ctx context.Context, plan, id string, s tasklist.Settling) (tasklist.Import, error) {
	return l.i.store.ReviseImport(ctx, plan, id, s)
}

// Read implements api.Lists.
func (l lists) Read(ctx context.Context, plan, id string, c tasklist.Choices) (api.ListReading, error) {
	d, r, _, err := l.read(ctx, plan, id, c)
	if err != nil {
		return r.ListReading, err
	}
	return l.withEffects(ctx, d, r)
}

func (l lists) read(ctx context.Context, plan, id string, c tasklist.Choices) (obligation.Definition, reading, []byte, error) {
	d, err := l.i.store.Definition(ctx, plan)
	if err != nil {
		return d, reading{}, nil, err
	}
	i, file, err := l.i.store.Import(ctx, plan, id)
	if err != nil {
		return d, reading{}, nil, err
	}
	r, err := read(d, i, file, c)
	return d, r, file, err
}

// reading is a list as it was read, and the choices by which.
type reading struct {
	api.ListReading
	choices tasklist.Choices
}

// read reads a list's file against a definition.
func read(d obligation.Definition, i tasklist.Import, file []byte, c tasklist.Choices) (reading, error) {
	p, sheets, chosen, err := readList(d, i.Year, i.Name, file, c)
	r := api.ListReading{Import: i, Sheets: sheets, Sheet: chosen.Name, Heads: chosen.Heads(p.Header), Preview: p}
	return reading{ListReading: r, choices: c}, err
}

// readList reads a list's file against a definition.
func readList(d obligation.Definition, year int, name string, file []byte, c tasklist.Choices) (tasklist.Preview, []string, tasklist.Sheet, error) {
	book, err := sheet.Read(bytes.NewReader(file), int64(len(file)), name)
	if err != nil {
		return tasklist.Preview{}, nil, tasklist.Sheet{}, unreadable(err)
	}
	var names []string
	var best *tasklist.Preview
	var chosen tasklist.Sheet
	for _, s := range book.Sheets {
		names = append(names, s.Name)
		if c.Sheet != "" && c.Sheet != s.Name || best != nil && best.Header != 0 {
			continue
		}
		preview := tasklist.Read(s, tasklist.Options{
			Plan: d.Plan, Calendar: d.Calendar, Year: year, Name: fmt.Sprintf(textListName, year), Columns: c.Columns, Answers: c.Answers,
		})
		if best == nil || preview.Header != 0 {
			best, chosen = &preview, s
		}
	}
	if best == nil {
		return tasklist.Preview{}, names, chosen, api.Refuse(api.CodeSheet, fmt.Sprintf(textNoSheet, c.Sheet))
	}
	return *best, names, chosen, nil
}

// readSheets returns the sheets of a file that people bring.
func readSheets(name string, file []byte) ([]tasklist.Sheet, error) {
	book, err := sheet.Read(bytes.NewReader(file), int64(len(file)), name)
	if err != nil {
		return nil, unreadable(err)
	}
	return book.Sheets, nil
}

// unreadable gives the API why a file is no list as its own kind of refusal.
func unreadable(err error) error {
	if refused, ok := errors.AsType[*sheet.Error](err); ok {
		return api.Refuse(api.CodeSheet, refused.Message)
	}
	return err
}

// withEffects adds what a list would do to what runs, or why it can't be applied.
func (l lists) withEffects(ctx context.Context, d obligation.Definition, r reading) (api.ListReading, error) {
	after, err := changed(d, r)
	if err != nil {
		r.Faults, err = unsettled(r.Preview, err)
		return r.ListReading, err
	}
	r.Effects, err = l.i.effects(ctx, d, after)
	return r.ListReading, err
}

// changed returns the definition as a list leaves it. Of the errors, unsettled knows those that the office can mend.
func changed(d obligation.Definition, r reading) (obligation.Definition, error) {
	p, err := r.Preview.Apply(d.Plan)
	if err != nil {
		return d, err
	}
	d.Plan = p
	var withdrawn []obligation.MeasureChange
	var faults obligation.AmendFaults
	for _, code := range slices.Compact(slices.Sorted(slices.Values(r.choices.Withdraw))) {
		known := slices.ContainsFunc(d.Plan.Measures, func(m plan.Measure) bool { return m.Code == code })
		switch {
		case slices.Contains(r.Preview.Missing, code):
			withdrawn = append(withdrawn, obligation.MeasureChange{Code: code, Withdraw: true})
		case known:
			faults = append(faults, fmt.Sprintf(textNotMissing, code))
		case r.Import.Status != tasklist.Applied || !slices.Contains(r.Import.Choices.Withdraw, code):
			faults = append(faults, fmt.Sprintf(textNotInPlan, code))
		}
	}
	if len(faults) > 0 {
		return d, faults
	}
	if len(withdrawn) == 0 {
		return d, nil
	}
	return d.Amend(obligation.Amendment{Measures: withdrawn})
}

// Apply implements api.Lists. It is what the last preview showed: the same reading, written. Broken off anywhere, it is done
// again from the start and ends the same.
func (l lists) Apply(
	ctx context.Context, plan, id string, c tasklist.Choices, reason string, by account.Caller,
) (api.ListReading, api.SeedReport, error) {
	before, r, _, err := l.read(ctx, plan, id, c)
	if err != nil {
		return r.ListReading, api.SeedReport{}, err
	}
	after, err := changed(before, r)
	if err != nil {
		if r.Faults, err = unsettled(r.Preview, err); err == nil {
			err = api.Refuse(api.CodeUnsettled, r.Faults...)
		}
		return r.ListReading, api.SeedReport{}, err
	}
	if r.Effects, err = l.i.effects(ctx, before, after); err != nil {
		return r.ListReading, api.SeedReport{}, err
	}
	report, err := l.i.runBy(ctx, after, reason, by)
	if err != nil {
		return r.ListReading, api.SeedReport{}, err
	}
	i := r.Import
	i.Status, i.Choices, i.Settled, i.Reason, i.Applied, i.AppliedBy, i.Version = tasklist.Applied, c, c, reason, l.i.now().UTC(), by.Name, report.Version
	if report.Changed || i.Created+i.Updated+i.Unchanged == 0 {
		i.Created, i.Updated, i.Unchanged, i.Skipped = r.Preview.Counts()
	}
	if err := l.i.store.SettleImport(ctx, i); err != nil {
		return r.ListReading, api.SeedReport{}, err
	}
	r.Import = i
	return r.ListReading, report, nil
}

// unsettled says why a list is not applied, one line each. An error that nobody can mend by another list is returned.
func unsettled(p tasklist.Preview, err error) ([]string, error) {
	var pending *tasklist.PendingError
	var unsound *tasklist.UnsoundError
	var unwithdrawable obligation.AmendFaults
	switch {
	case errors.As(err, &pending):
		why := p.Reasons()
		lines := make([]string, len(pending.Rows))
		for i, row := range pending.Rows {
			lines[i] = fmt.Sprintf(textRowReason, row, strings.ReplaceAll(why[row], "\n", "；"))
		}
		return lines, nil
	case errors.As(err, &unsound):
		return []string{unsound.Error()}, nil
	case errors.As(err, &unwithdrawable):
		return unwithdrawable, nil
	default:
		return nil, err
	}
}

// Corrections implements api.Lists.
func (l lists) Corrections(ctx context.Context, plan, id string, c tasklist.Choices) (string, []byte, error) {
	_, r, file, err := l.read(ctx, plan, id, c)
	if err != nil {
		return "", nil, err
	}
	content, err := sheet.Annotate(file, r.Import.Name, r.Sheet, r.Preview.Reasons())
	return fmt.Sprintf(textCorrections, r.Import.Year), content, unreadable(err)
}

// Export implements api.Lists.
func (l lists) Export(ctx context.Context, plan string, year int) (string, []byte, error) {
	d, err := l.i.store.Definition(ctx, plan)
	if err != nil {
		return "", nil, err
	}
	status, err := standingOf(ctx, l.i.store, d, year, l.i.now())
	if err != nil {
		return "", nil, err
	}
	return exported(d, year, status)
}

// standingOf says of each measure how its obligations of the year stand.
func standingOf(ctx context.Context, s *store.Store, d obligation.Definition, year int, now time.Time) (map[string]string, error) {
	type counts struct{ total, closed, red int }
	all := map[string]*counts{}
	f := obligation.Filter{Plan: d.Plan.Code, Now: now, Limit: 200, DueFrom: calendar.NewDate(year, 1, 1), DueTo: calendar.NewDate(year, 12, 31)}
	for {
		page, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Views {
			c := all[v.State.ID.Measure]
			if c == nil {
				c = &counts{}
				all[v.State.ID.Measure] = c
			}
			c.total++
			if v.State.IsClosed() {
				c.closed++
			}
			if obligation.DeriveLight(v.Standing, f.Now) == obligation.Red {
				c.red++
			}
		}
		if f.After = page.Next; f.After == "" {
			break
		}
	}
	out := map[string]string{}
	for code, c := range all {
		out[code] = fmt.Sprintf(textListStanding, c.total, c.closed, c.red)
	}
	return out, nil
}

// exported lays a year's list out as a workbook; status says of a measure how it stands, nil: nobody knows.
func exported(d obligation.Definition, year int, status map[string]string) (string, []byte, error) {
	headings, rows := tasklist.Export(d.Plan, d.Calendar, year)
	t := table(d.Plan, year, headings)
	t.Rows = rows
	if status != nil {
		code := slices.Index(headings, tasklist.Heading(tasklist.FieldCode))
		t.Columns = append(t.Columns, sheet.Column{Heading: tasklist.Heading(tasklist.FieldStatus), Width: 28})
		for i, row := range t.Rows {
			t.Rows[i] = append(slices.Clone(row), status[row[code]])
		}
	}
	return written(fmt.Sprintf(textListFile, year), t)
}

// template is a year's list to be filled in.
func template(d obligation.Definition, year int) (string, []byte, error) {
	headings, _ := tasklist.Export(d.Plan, d.Calendar, year)
	t := table(d.Plan, year, headings)
	t.Note, t.Blank = textTemplateNote, templateRows
	for i := range t.Columns {
		t.Columns[i].Merge = false
	}
	return written(fmt.Sprintf(textTemplateFile, year), t)
}

// templateRows is how many rows a template has to be filled in.
const templateRows = 300

// table is the frame of a year's list: its columns, with what can be chosen in them.
func table(p plan.Plan, year int, headings []string) sheet.Table {
	var units, tasks []string
	for _, u := range p.Units {
		if u.ValidOn(calendar.NewDate(year, time.December, 31)) {
			units = append(units, u.Name)
		}
	}
	for _, task := range p.Tasks {
		tasks = append(tasks, task.Title)
	}
	t := sheet.Table{Sheet: fmt.Sprintf(textListName, year), Title: p.Title + " " + fmt.Sprintf(textListName, year)}
	for _, h := range headings {
		c := sheet.Column{Heading: h, Width: 12}
		switch h {
		case tasklist.Heading(tasklist.FieldAction):
			c.Merge, c.Width = true, 18
		case tasklist.Heading(tasklist.FieldTask):
			c.Choices, c.Width = tasks, 26
		case tasklist.Heading(tasklist.FieldMeasure), tasklist.Heading(tasklist.FieldDone):
			c.Width = 36
		case tasklist.Heading(tasklist.FieldLead), tasklist.Heading(tasklist.FieldUnits):
			c.Choices, c.Width = units, 26
		case tasklist.Heading(tasklist.FieldDeadline):
			c.Width = 20
		}
		t.Columns = append(t.Columns, c)
	}
	return t
}

func written(name string, t sheet.Table) (string, []byte, error) {
	var out bytes.Buffer
	err := sheet.Write(&out, t)
	return name, out.Bytes(), err
}

// Template implements api.Lists.
func (l lists) Template(ctx context.Context, plan string, year int) (string, []byte, error) {
	d, err := l.i.store.Definition(ctx, plan)
	if err != nil {
		return "", nil, err
	}
	return template(d, year)
}
