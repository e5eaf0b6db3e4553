package tasklist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/tasklist"
)

func TestSummaryOfAPreview(t *testing.T) {
	p := tasklist.Preview{Rows: []tasklist.Row{
		{Row: 3, Outcome: tasklist.Create},
		{Row: 4, Outcome: tasklist.Update},
		{Row: 5, Outcome: tasklist.Unchanged},
		{Row: 6, Outcome: tasklist.Skipped},
		{Row: 7, Part: 1, Outcome: tasklist.Confirm, Problems: []tasklist.Problem{{Cell: "E7", Reason: "没有这个单位", Proposal: "可能是区应急局"}}},
		{Row: 7, Part: 2, Outcome: tasklist.Fault, Problems: []tasklist.Problem{{Cell: "G7", Reason: "2月没有30日"}, {Reason: "没有时限"}}},
		{Row: 8, Outcome: tasklist.Create, Problems: []tasklist.Problem{{Cell: "G8", Reason: "按年底理解"}}},
	}}
	created, updated, unchanged, skipped := p.Counts()
	require.Equal(t, []int{2, 1, 1, 1}, []int{created, updated, unchanged, skipped})
	require.Equal(t, map[int]string{7: "第1项：E7 没有这个单位；可能是区应急局\n第2项：G7 2月没有30日\n第2项：没有时限"}, p.Reasons())
}

func TestEveryOutcomeHasItsChinese(t *testing.T) {
	for _, o := range []tasklist.Outcome{tasklist.Create, tasklist.Update, tasklist.Unchanged, tasklist.Fault, tasklist.Confirm, tasklist.Skipped} {
		require.NotEmpty(t, o.Chinese(), o)
	}
	for _, s := range []tasklist.ImportStatus{tasklist.Received, tasklist.Applied} {
		require.NotEmpty(t, s.Chinese(), s)
	}
}
