package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"duban/obligation"
	"duban/rehearsal"
)

// maxDifferences is how many differences a table shows; a spreadsheet takes all of them.
const maxDifferences = 300

func whatIfTable(w io.Writer, d obligation.Definition, alternative string, c *rehearsal.Comparison) error {
	until := c.Until.In(obligation.Location(d.Plan.Zone)).Format(minute)
	if _, err := fmt.Fprintf(w, textWhatIf, d.Plan.Title, alternative, len(c.Obligations), until); err != nil {
		return err
	}
	title, differences := textWhatIfDifferences, whatIfRows(c, always)
	if len(c.Obligations) > 1 {
		title, differences = textWhatIfWeighty, whatIfRows(c, weighty)
	}
	for _, table := range []struct {
		title string
		rows  [][]string
		left  int
	}{
		{textWhatIfUnits, whatIfUnits(c), 1},
		{title, differences[:min(len(differences), maxDifferences+1)], 99},
		{textWhatIfDropped, whatIfDropped(c, d), 99},
	} {
		if _, err := fmt.Fprintf(w, "\n%s\n", table.title); err != nil {
			return err
		}
		if len(table.rows) == 1 {
			fmt.Fprintln(w, textNone)
			continue
		}
		if err := columns(w, table.rows, table.left); err != nil {
			return err
		}
		if n := len(differences) - 1 - maxDifferences; n > 0 && table.title == title {
			fmt.Fprintf(w, textMoreDifferences, n)
		}
	}
	fmt.Fprintf(w, "\n%s\n", textWhatIfAssumptions)
	for i, a := range c.Assumptions {
		fmt.Fprintf(w, "%d. %s\n", i+1, a.Text)
	}
	return nil
}

const minute = "2006-01-02 15:04"

// whatIfUnits shows what each unit went through and would have gone through.
func whatIfUnits(c *rehearsal.Comparison) [][]string {
	rows := [][]string{whatIfUnitHeadings}
	for _, u := range c.Units {
		row := []string{u.Name, strconv.Itoa(u.Obligations), strconv.Itoa(u.Changed)}
		for _, figure := range []func(rehearsal.Tally) int{
			func(t rehearsal.Tally) int { return t.Reminders }, func(t rehearsal.Tally) int { return t.Presses },
			func(t rehearsal.Tally) int { return t.Overdue }, func(t rehearsal.Tally) int { return t.Letters },
			func(t rehearsal.Tally) int { return t.Circulars }, func(t rehearsal.Tally) int { return t.Interviews },
			func(t rehearsal.Tally) int { return t.Others },
		} {
			row = append(row, beside(figure(u.Real), figure(u.Alternative)))
		}
		rows = append(rows, row)
	}
	return rows
}

// beside shows a figure that stays once, and one that changes before and after.
func beside(real, alternative int) string {
	if real == alternative {
		return strconv.Itoa(real)
	}
	return fmt.Sprintf("%d→%d", real, alternative)
}

func always(rehearsal.Difference) bool { return true }

// weighty tells deadlines that pass, and documents, from reminders, of which there are very many.
func weighty(d rehearsal.Difference) bool { return d.Kind != obligation.Reminded }

// whatIfRows lists the differences, the headings first.
func whatIfRows(c *rehearsal.Comparison, listed func(rehearsal.Difference) bool) [][]string {
	rows := [][]string{whatIfHeadings}
	for _, o := range c.Obligations {
		for _, d := range o.Differences {
			if !listed(d) {
				continue
			}
			rows = append(rows, []string{
				o.Facts.ID.String(), o.Facts.UnitName, o.Facts.Title, o.Facts.Due.String(), happened(d.Kind, d.Rung), d.Step,
				moment(d.Real), moment(d.Alternative), change(d), d.Why,
			})
		}
	}
	return rows
}

// happened names an event: a reminder by its rung, a document by what became of it.
func happened(kind obligation.EventKind, rung obligation.Rung) string {
	switch {
	case rung == "":
		return kind.Chinese()
	case kind == obligation.Reminded:
		return rung.Chinese()
	case kind == obligation.Withdrawn:
		return rung.Chinese() + textTakenBack
	}
	return rung.Chinese() + kind.Chinese()
}

func moment(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Format(minute)
}

func change(d rehearsal.Difference) string {
	switch {
	case d.Real.IsZero():
		return textAdded
	case d.Alternative.IsZero():
		return textGone
	}
	return textMoved
}

// whatIfDropped lists what people did and could not have done, the headings first.
func whatIfDropped(c *rehearsal.Comparison, d obligation.Definition) [][]string {
	rows := [][]string{whatIfDroppedHeadings}
	for _, drop := range c.Dropped {
		name := drop.Obligation.Unit
		if u, ok := d.Plan.Unit(name); ok {
			name = u.Name
		}
		rows = append(rows, []string{drop.Obligation.String(), name, moment(drop.At), happened(drop.Kind, drop.Rung), drop.By.Name, drop.Why})
	}
	return rows
}

func whatIfCSV(w io.Writer, c *rehearsal.Comparison) error {
	// A spreadsheet takes the text for UTF-8 only with the mark in front.
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.WriteAll(whatIfRows(c, always)); err != nil {
		return err
	}
	return out.Error()
}
