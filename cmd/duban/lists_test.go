package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/plan"
	"duban/tasklist"
)

// The preview of a list says why it can't be applied, in the words that applying refuses it with.
func TestPreviewOfAListSaysWhyItIsNotApplied(t *testing.T) {
	i := withoutEngine(t)
	l := lists{i}
	all, err := i.store.Definitions(t.Context())
	require.NoError(t, err)
	d := all[0]
	_, file, err := exported(d, 2026, nil)
	require.NoError(t, err)
	r, err := l.Keep(t.Context(), tasklist.Import{Plan: d.Plan.Code, Year: 2026, Name: "清单.xlsx", By: "甲", Login: "jia", At: time.Now(), Status: tasklist.Received}, file)
	require.NoError(t, err)
	require.Empty(t, r.Faults)
	require.Empty(t, r.Effects)
	require.Empty(t, r.Preview.Missing)

	c := tasklist.Choices{Withdraw: []string{"99.9", d.Plan.Measures[0].Code}}
	r, err = l.Read(t.Context(), d.Plan.Code, r.Import.ID, c)
	require.NoError(t, err)
	require.Equal(t, []string{fmt.Sprintf(textNotMissing, d.Plan.Measures[0].Code), fmt.Sprintf(textNotInPlan, "99.9")}, r.Faults)
	require.NotEmpty(t, r.Preview.Rows)
	_, _, err = l.Apply(t.Context(), d.Plan.Code, r.Import.ID, c, "年度清单", account.Caller{Name: "甲"})
	var refused *api.Problem
	require.ErrorAs(t, err, &refused)
	require.Equal(t, api.CodeUnsettled, refused.Code)
	var lines []string
	for _, f := range refused.Errors {
		lines = append(lines, f.Message)
	}
	require.Equal(t, r.Faults, lines)
}

// What the list has withdrawn already is no fault of the same list.
func TestWithdrawalOfAListAgainChangesNothing(t *testing.T) {
	i := withoutEngine(t)
	all, err := i.store.Definitions(t.Context())
	require.NoError(t, err)
	d := all[0]
	of := func(task string) int { return len(d.Plan.MeasuresOf(task)) }
	at := slices.IndexFunc(d.Plan.Measures, func(m plan.Measure) bool { return of(m.Task) > 1 })
	code := d.Plan.Measures[at].Code
	r := reading{choices: tasklist.Choices{Withdraw: []string{code}}}
	r.Preview.Missing = []string{code}
	after, err := changed(d, r)
	require.NoError(t, err)
	require.Len(t, after.Plan.Measures, len(d.Plan.Measures)-1)

	r.Preview.Missing = nil
	_, err = changed(after, r)
	require.ErrorContains(t, err, fmt.Sprintf(textNotInPlan, code))
	r.Import.Status, r.Import.Choices = tasklist.Applied, r.choices
	again, err := changed(after, r)
	require.NoError(t, err)
	require.Equal(t, after, again)
}
