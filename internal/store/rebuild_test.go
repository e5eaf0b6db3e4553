package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// rebuilds are what differs from the ledger, and that the row or a document of the victim is written anew.
var rebuilds = map[string][]string{
	"row removed":         {"DELETE FROM obligations WHERE id = '" + victim.String() + "'"},
	"state changed":       {"UPDATE obligations SET state = REPLACE(state, '\"wasOverdue\":true', '\"wasOverdue\":false') WHERE id = '" + victim.String() + "'"},
	"state unreadable":    {"UPDATE obligations SET state = 'x' WHERE id = '" + victim.String() + "'"},
	"stage changed":       {"UPDATE obligations SET stage = 'accepted' WHERE id = '" + victim.String() + "'"},
	"unit changed":        {"UPDATE obligations SET unit = 'other' WHERE id = '" + victim.String() + "'"},
	"head changed":        {"UPDATE obligations SET seq = 1 WHERE id = '" + victim.String() + "'"},
	"next step lost":      {"UPDATE obligations SET next_at = NULL, waiting_on = '' WHERE id = '" + victim.String() + "'"},
	"light changed":       {"UPDATE obligations SET overdue_at = '2030-01-01 00:00:00.000000' WHERE id = '" + victim.String() + "'"},
	"document revived":    {"UPDATE documents SET status = 'draft' WHERE id = '" + victim.String() + "/letter'"},
	"document renumbered": {"UPDATE documents SET number = '长安委办〔2026〕7号' WHERE id = '" + victim.String() + "/letter'"},
	"row and document removed": {
		"DELETE FROM documents WHERE id = '" + victim.String() + "/letter'", "DELETE FROM obligations WHERE id = '" + victim.String() + "'",
	},
}

func TestRebuildWritesWhatDiffersAlone(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, id := range []obligation.ID{victim, other} {
			drafted(t, s, id)
			issueLetter(t, s, id)
		}
		what := store.Rebuilding{Calendars: map[string]*calendar.Calendar{planCode: cal}}
		first, err := s.Rebuild(t.Context(), what)
		require.NoError(t, err)
		require.Equal(t, store.Rebuilt{Obligations: 2, Written: []string{}}, first)
		whole, err := store.Dump(t.Context(), s)
		require.NoError(t, err)
		for name, statements := range rebuilds {
			t.Run(name, func(t *testing.T) {
				tamper(t, s, statements...)
				got, err := s.Rebuild(t.Context(), what)
				require.NoError(t, err)
				require.Equal(t, []string{victim.String()}, got.Written)
				requireSound(t, s)
				// A document that was lost is signed by whom its event names; the fixture's clerk signed for him.
				tamper(t, s, "UPDATE documents SET signed_by = '王主任（代）'")
				again, err := s.Rebuild(t.Context(), what)
				require.NoError(t, err)
				require.Empty(t, again.Written)
				now, err := store.Dump(t.Context(), s)
				require.NoError(t, err)
				for table, rows := range whole {
					require.Equal(t, rows, now[table], table)
				}
			})
		}
	})
}

// The register of hazards follows from the ledger as well.
func TestRebuildOfTheRegister(t *testing.T) {
	first, second := "'"+hazard(1).Facts.ID.String()+"'", "'"+hazard(2).Facts.ID.String()+"'"
	where := " WHERE obligation = " + first
	changes := map[string][]string{
		"grade changed":                    {"UPDATE hazards SET grade = 'general'" + where},
		"key changed":                      {"UPDATE hazards SET command = 'z'" + where},
		"listed":                           {"UPDATE hazards SET supervised = 0" + where},
		"row removed":                      {"DELETE FROM hazards" + where},
		"moved into another plan and year": {"UPDATE hazards SET plan = 'elsewhere', year = 2025" + where},
		"all of it removed":                {"DELETE FROM hazards" + where, "DELETE FROM obligations WHERE id = " + first},
	}
	each(t, func(t *testing.T, s *store.Store) {
		put(t, s, decided(t, enter(t, s, "a").State, start, obligation.Command{Kind: obligation.Supervise, By: office(), Text: "长安委〔2026〕1号"}))
		enter(t, s, "b")
		put(t, s, opened(other))
		what := store.Rebuilding{Calendars: map[string]*calendar.Calendar{planCode: cal}}
		whole, err := store.Dump(t.Context(), s)
		require.NoError(t, err)
		mends := func(t *testing.T, want []string, statements ...string) {
			tamper(t, s, statements...)
			found, _, err := s.VerifyPage(t.Context(), "")
			require.NoError(t, err)
			require.NotEmpty(t, found)
			for _, f := range found {
				require.Equal(t, store.NatureModel, f.Nature, f.Problem)
			}
			got, err := s.Rebuild(t.Context(), what)
			require.NoError(t, err)
			require.Equal(t, want, got.Written)
			requireSound(t, s)
			now, err := store.Dump(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, whole["hazards"], now["hazards"])
			again, err := s.Rebuild(t.Context(), what)
			require.NoError(t, err)
			require.Empty(t, again.Written)
		}
		ids := []string{hazard(1).Facts.ID.String(), hazard(2).Facts.ID.String()}
		for name, statements := range changes {
			t.Run(name, func(t *testing.T) { mends(t, ids[:1], statements...) })
		}
		t.Run("numbers and keys exchanged", func(t *testing.T) {
			mends(t, ids, "UPDATE hazards SET number = 9, command = 'z'"+where, "UPDATE hazards SET number = 1, command = 'a' WHERE obligation = "+second,
				"UPDATE hazards SET number = 2, command = 'b'"+where)
		})
		t.Run("entered for what is no hazard", func(t *testing.T) {
			mends(t, []string{other.String()}, "INSERT INTO hazards SELECT '"+other.String()+"', plan, year, 3, 'c', unit, grade, source, industry, region, enterprise, found, reviewer, supervised FROM hazards"+where)
		})
	})
}

// Nothing is made of a ledger that was changed.
func TestRebuildLeavesABrokenLedgerAlone(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		dropGuards(t, s)
		for _, id := range []obligation.ID{victim, other} {
			drafted(t, s, id)
		}
		tamper(t, s, "UPDATE ledger SET event = REPLACE(event, '2026-03-31', '2026-04-30') WHERE obligation = '"+victim.String()+"' AND seq = 2",
			"UPDATE obligations SET stage = 'accepted'")
		got, err := s.Rebuild(t.Context(), store.Rebuilding{Plan: planCode, Calendars: map[string]*calendar.Calendar{planCode: cal}})
		require.NoError(t, err)
		require.Equal(t, store.Rebuilt{Obligations: 2, Written: []string{other.String()}, Skipped: []string{victim.String()}}, got)
	})
}

func TestRebuildOfOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, id := range []obligation.ID{victim, other} {
			drafted(t, s, id)
		}
		tamper(t, s, "UPDATE obligations SET stage = 'accepted'")
		calendars := map[string]*calendar.Calendar{planCode: cal}
		got, err := s.Rebuild(t.Context(), store.Rebuilding{Obligation: other.String(), Calendars: calendars})
		require.NoError(t, err)
		require.Equal(t, store.Rebuilt{Obligations: 1, Written: []string{other.String()}}, got)
		for _, c := range []store.Rebuilding{{Plan: "elsewhere", Calendars: calendars}, {Plan: planCode}} {
			none, err := s.Rebuild(t.Context(), c)
			require.NoError(t, err)
			require.Zero(t, none.Obligations)
		}
	})
}
