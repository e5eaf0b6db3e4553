package tasklist_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/tasklist"
)

func TestChoicesAreSettledStepByStep(t *testing.T) {
	sheet, withdraw, none := "附表", []string{"1.1"}, []string{}
	skip, confirm := tasklist.Answer{Skip: true}, tasklist.Answer{Confirm: true}
	before := tasklist.Choices{
		Columns: map[int]tasklist.Field{2: tasklist.FieldTask}, Answers: map[int]tasklist.Answer{5: skip, 6: confirm}, Withdraw: []string{"9.9"},
	}
	for name, tt := range map[string]struct {
		settling tasklist.Settling
		want     tasklist.Choices
	}{
		"nothing": {tasklist.Settling{}, before},
		"answers are of their rows": {
			tasklist.Settling{Answers: map[int]*tasklist.Answer{5: nil, 7: &skip}},
			tasklist.Choices{Columns: before.Columns, Answers: map[int]tasklist.Answer{6: confirm, 7: skip}, Withdraw: before.Withdraw},
		},
		"columns and withdrawals are whole": {
			tasklist.Settling{Columns: map[int]tasklist.Field{3: tasklist.FieldNote}, Withdraw: &withdraw},
			tasklist.Choices{Columns: map[int]tasklist.Field{3: tasklist.FieldNote}, Answers: before.Answers, Withdraw: withdraw},
		},
		"another sheet has other rows": {tasklist.Settling{Sheet: &sheet, Withdraw: &none}, tasklist.Choices{Sheet: sheet, Withdraw: none}},
	} {
		require.Equal(t, tt.want, before.With(tt.settling), name)
	}
	require.Len(t, before.Answers, 2, "the choices themselves stay")
	same := ""
	require.Equal(t, before, before.With(tasklist.Settling{Sheet: &same}))
}

func TestHeads(t *testing.T) {
	s := tasklist.Sheet{Rows: []tasklist.Line{
		{N: 1, Cells: []tasklist.Cell{{Column: 1, Text: "2026年清单"}}},
		{N: 2, Cells: []tasklist.Cell{{Column: 1, Text: "序号"}, {Column: 28, Text: "处室"}}},
		{N: 3, Cells: []tasklist.Cell{{Column: 28, Text: "一处"}, {Column: 3, Text: "无表头"}}},
		{N: 4, Cells: []tasklist.Cell{{Column: 28, Text: "二处"}}},
	}}
	require.Equal(t, []tasklist.Head{{1, "A", "序号", ""}, {3, "C", "", "无表头"}, {28, "AB", "处室", "一处"}}, s.Heads(2))
	require.Equal(t, "2026年清单", s.Heads(0)[0].Sample, "where there are no headings, what stands first")
}
