package main

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/calendar"
	"duban/internal/config"
	"duban/internal/store"
	"duban/obligation"
)

// withoutEngine is an installation over a record of the embedded plan, whose engine is away.
func withoutEngine(t *testing.T) *installation {
	t.Helper()
	folder, _ := recorded(t)
	return withoutEngineOver(t, folder)
}

func withoutEngineOver(t *testing.T, folder string) *installation {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	cfg, err := config.Load(config.Options{})
	require.NoError(t, err)
	return &installation{cfg: cfg, store: s, clock: calendar.Clock{Origin: time.Now(), Start: time.Now(), Speed: 1}}
}

// Whoever changes a plan that another has changed since he read it is told so, and nothing is started.
func TestChangeOfAnOlderVersionIsRefused(t *testing.T) {
	i := withoutEngine(t)
	s := i.store
	all, err := s.Definitions(t.Context())
	require.NoError(t, err)
	titled := func(title string) obligation.Definition {
		code := all[0].Plan.Measures[0].Code
		d, err := all[0].Amend(obligation.Amendment{Measures: []obligation.MeasureChange{{Code: code, Title: &title}}})
		require.NoError(t, err)
		return d
	}
	kept, _, err := s.ReviseDefinition(t.Context(), titled("甲的改法"))
	require.NoError(t, err)

	_, err = i.runBy(t.Context(), titled("乙的改法"), "调整", account.Caller{Name: "乙"})
	require.EqualError(t, err, (&obligation.Error{Code: obligation.CodeConflict}).Error())
	now, err := s.Definition(t.Context(), kept.Plan.Code)
	require.NoError(t, err)
	require.Equal(t, kept, now)
}
