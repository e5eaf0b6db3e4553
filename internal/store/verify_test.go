package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

// dropGuards is what somebody with all rights would do first.
func dropGuards(t testing.TB, s *store.Store) {
	for _, trigger := range []string{"ledger_no_update", "ledger_no_delete", "policies_no_update", "policies_no_delete", "document_numbers_no_delete"} {
		require.NoError(t, store.Exec(t.Context(), s, "DROP TRIGGER "+trigger))
	}
}

// tamper changes the database behind the record's back.
func tamper(t testing.TB, s *store.Store, statements ...string) {
	if s.Driver() == store.MySQL {
		statements = slices.Concat([]string{"SET foreign_key_checks = 0"}, statements, []string{"SET foreign_key_checks = 1"})
	}
	require.NoError(t, store.Exec(t.Context(), s, statements...))
}

// tampering is one quiet change, and what Verify is to say of it.
type tampering struct {
	statements []string
	seq        int
	problem    string // part of it
}

var victim, other = obligationID("10.1", "yingji"), obligationID("10.2", "yingji")

// tamperings are of a record in which both obligations became overdue with event 2 and had a letter issued with their
// last event.
func tamperings(last int) map[string]tampering {
	where := func(id obligation.ID, seq int) string {
		return fmt.Sprintf(" WHERE obligation = '%s' AND seq = %d", id, seq)
	}
	row := fmt.Sprintf(" WHERE id = '%s'", victim)
	document := fmt.Sprintf(" WHERE id = '%s/letter'", victim)
	return map[string]tampering{
		"event changed": {[]string{"UPDATE ledger SET event = REPLACE(event, '2026-03-31', '2026-04-30')" + where(victim, 2)}, 2, "哈希链断裂"},
		"event changed with its columns": {
			[]string{"UPDATE ledger SET kind = 'signed', event = REPLACE(event, 'overdue', 'signed')" + where(victim, 2)}, 2, "哈希链断裂",
		},
		"column changed":   {[]string{"UPDATE ledger SET at = '2026-03-03 00:00:00.000000'" + where(victim, 2)}, 2, "查询列"},
		"event removed":    {[]string{"DELETE FROM ledger" + where(victim, 2)}, 3, "序号不连续"},
		"last removed":     {[]string{"DELETE FROM ledger" + where(victim, last)}, last, fmt.Sprintf("台账最后一条（第%d条）", last-1)},
		"first removed":    {[]string{"DELETE FROM ledger" + where(victim, 1)}, 2, "序号不连续"},
		"all removed":      {[]string{"DELETE FROM ledger WHERE obligation = '" + victim.String() + "'"}, 0, "台账却没有记录"},
		"moved":            {[]string{"UPDATE ledger SET seq = 99" + where(victim, last)}, 99, fmt.Sprintf("应为第%d条，实为第99条", last)},
		"swapped":          {[]string{"UPDATE ledger SET obligation = '" + victim.String() + "', seq = " + fmt.Sprint(last+1) + where(other, last)}, last + 1, "哈希链断裂"},
		"row removed":      {[]string{"DELETE FROM obligations" + row}, 0, "读模型却没有该事项"},
		"state changed":    {[]string{"UPDATE obligations SET state = REPLACE(state, '\"wasOverdue\":true', '\"wasOverdue\":false')" + row}, last, "按台账重演"},
		"stage changed":    {[]string{"UPDATE obligations SET stage = 'accepted'" + row}, last, "stage"},
		"due changed":      {[]string{"UPDATE obligations SET due = '2027-01-01'" + row}, last, "due"},
		"overdue forgiven": {[]string{"UPDATE obligations SET was_overdue = 0" + row}, last, "was_overdue"},
		"head changed":     {[]string{"UPDATE obligations SET seq = 1" + row}, 1, "序号或哈希"},
		"state unreadable": {[]string{"UPDATE obligations SET state = 'x'" + row}, last, "无法读取"},
		"event unreadable": {[]string{"UPDATE ledger SET event = 'x'" + where(victim, 2)}, 2, "无法读取"},
		"message removed":  {[]string{"DELETE FROM messages" + where(victim, 2)}, 2, "应有1条通知，发件箱中有0条"},
		"message invented": {[]string{"UPDATE messages SET seq = 99" + where(victim, 2)}, 99, "第99条"},
		"message lost":     {[]string{"UPDATE messages SET status = 'digested'" + where(victim, 2)}, 0, "汇总通知"},
		"document removed": {[]string{"DELETE FROM document_numbers", "DELETE FROM documents" + document}, last, "文书却不存在"},
		"document revived": {[]string{"UPDATE documents SET status = 'draft'" + document}, last, "按台账应为 issued"},
		"document renumbered": {
			[]string{"UPDATE documents SET number = '长安委办〔2026〕7号'" + document}, last, "按台账应为",
		},
		"document invented": {[]string{"UPDATE documents SET rung = 'expose'" + document}, 0, "没有拟文的记录"},
		"number removed":    {[]string{"DELETE FROM document_numbers WHERE number = 1"}, 0, "长安委办〔2026〕1号 缺号"},
		"number unlisted":   {[]string{"DELETE FROM document_numbers WHERE number = 1"}, 0, "没有登记"},
		"number moved":      {[]string{"UPDATE document_numbers SET number = 8 WHERE number = 1"}, 0, "长安委办〔2026〕8号 登记给了文书"},
		"number beyond":     {[]string{"UPDATE document_series SET last = 1"}, 0, "超出"},
		"series forged":     {[]string{"UPDATE document_series SET last = 3"}, 0, "长安委办〔2026〕3号 缺号"},
		"policy changed":    {[]string{"UPDATE policies SET content = REPLACE(content, '\"cure\":5', '\"cure\":1')"}, 0, "办理规则"},
		"definition changed": {
			[]string{"UPDATE definitions SET content = REPLACE(content, '汇编', '略')"}, 0, "第1版",
		},
	}
}

// Every quiet change is found and named.
func TestVerifyFindsTampering(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		dropGuards(t, s)
		_, _, err := s.PutDefinition(t.Context(), definition())
		require.NoError(t, err)
		for _, id := range []obligation.ID{victim, other} {
			drafted(t, s, id)
			issueLetter(t, s, id)
		}
		report, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		v, err := s.Load(t.Context(), victim)
		require.NoError(t, err)
		last := v.State.Seq
		require.Equal(t, store.Report{Obligations: 2, Events: 2 * last, Numbers: 2}, report)

		// Each case starts from the whole record: the tables it may touch are kept aside.
		tables := []string{"ledger", "obligations", "messages", "documents", "document_numbers", "document_series", "policies", "definitions"}
		for _, table := range tables {
			require.NoError(t, store.Exec(t.Context(), s, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table))
		}
		for name, c := range tamperings(last) {
			t.Run(name, func(t *testing.T) {
				tamper(t, s, c.statements...)
				report, err := s.Verify(t.Context(), nil)
				require.NoError(t, err)
				require.True(t, named(report, c.seq, c.problem), "%+v", report.Findings)
				require.False(t, report.Sound())

				var restore []string
				for _, table := range tables {
					restore = append(restore, "DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
				}
				tamper(t, s, restore...)
				requireSound(t, s)
			})
		}
	})
}

func named(r store.Report, seq int, problem string) bool {
	for _, f := range r.Findings {
		if f.Seq == seq && strings.Contains(f.Problem, problem) {
			return true
		}
	}
	return false
}

// A chain that was computed anew after a change is still found: the read model holds its head.
func TestVerifyFindsARewrittenChain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		put(t, s, opened(obligationID("10.1", "yingji")))
		dropGuards(t, s)
		hash := "x'" + strings.Repeat("ab", 32) + "'"
		tamper(t, s, "UPDATE ledger SET hash = "+hash)
		report, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.True(t, named(report, 1, "哈希链断裂"))
		require.True(t, named(report, 1, "序号或哈希"))
	})
}

func TestVerifyTellsHowFarItIs(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var entries []obligation.Entry
		for i := range 1001 {
			entries = append(entries, opened(obligationID("10.1", unitCode(i))))
		}
		put(t, s, entries...)
		var told [][2]int
		report, err := s.Verify(t.Context(), func(done, total int) { told = append(told, [2]int{done, total}) })
		require.NoError(t, err)
		require.Equal(t, 1001, report.Obligations)
		require.Equal(t, [][2]int{{500, 1001}, {1000, 1001}, {1001, 1001}}, told)
	})
}
