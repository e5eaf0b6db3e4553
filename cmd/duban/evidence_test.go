package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/blob"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

// cabinet is a record with one obligation's evidence, and the folder where the contents lie.
type cabinet struct {
	*testing.T
	record *store.Store
	folder *blob.Folder
	path   string
	state  obligation.State
	cal    *calendar.Calendar
}

func openCabinet(t *testing.T) *cabinet {
	t.Helper()
	data := t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Driver: store.SQLite, DSN: filepath.Join(data, "duban.db"), Synchronous: "OFF"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	facts := obligation.Facts{
		ID: obligation.ID{Plan: "p", Measure: "1.1", Unit: "u", Period: "1"}, Task: "1", Title: "年度总结", UnitName: "街道", Due: calendar.MustDate("2025-12-31"),
	}
	policy := obligation.Policy{Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour, Ladder: obligation.Ladder{Code: "none"}}
	cal, err := calendar.NewCalendar(3, nil)
	require.NoError(t, err)
	first := obligation.NewEntry(obligation.State{}, []obligation.Event{
		obligation.Open(obligation.Opening{Facts: facts, Policy: policy}, cal, calendar.MustDate("2025-06-02").At(9*time.Hour, time.UTC)),
	}, cal)
	_, err = s.Append(t.Context(), []obligation.Entry{first})
	require.NoError(t, err)
	path := filepath.Join(data, "evidence")
	f, err := blob.OpenFolder(path, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return &cabinet{t, s, f, path, first.State, cal}
}

// put keeps a content as it was at an instant; nothing refers to it.
func (c *cabinet) put(id string, at time.Time) obligation.Evidence {
	c.Helper()
	content := "content of " + id
	sum := sha256.Sum256([]byte(content))
	e := obligation.Evidence{ID: id, Name: id + ".txt", Type: "text/plain", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
	folder := filepath.Join(c.path, e.Key()[:2])
	require.NoError(c, os.MkdirAll(folder, 0o700))
	require.NoError(c, os.WriteFile(filepath.Join(folder, e.Key()), []byte(content), 0o600))
	require.NoError(c, os.Chtimes(filepath.Join(folder, e.Key()), at, at))
	return e
}

// stage uploads a file at an instant.
func (c *cabinet) stage(id string, at time.Time) obligation.Evidence {
	c.Helper()
	f := obligation.EvidenceFile{Evidence: c.put(id, at), Obligation: c.state.ID, By: obligation.Actor{Role: obligation.RoleUnit}, Uploaded: at}
	_, kept, err := c.record.StageEvidence(c.Context(), f, id, obligation.EvidenceLimits{Files: 100, Bytes: 1 << 20})
	require.NoError(c, err)
	require.True(c, kept)
	return f.Evidence
}

// left lists the contents that are there, and the files that the record knows, by ID.
func (c *cabinet) left() (contents, files []string) {
	c.Helper()
	require.NoError(c, c.folder.List(c.Context(), func(i blob.Info) error {
		contents = append(contents, i.Key[strings.Index(i.Key, "-")+1:])
		return nil
	}))
	known, err := c.record.Evidence(c.Context(), c.state.ID)
	require.NoError(c, err)
	for _, f := range known {
		files = append(files, f.ID)
	}
	slices.Sort(contents)
	slices.Sort(files)
	return contents, files
}

// What nobody refers to goes after the days that it is kept, and nothing else ever does.
func TestSweepTakesOnlyWhatNobodyRefersTo(t *testing.T) {
	c := openCabinet(t)
	now := time.Now()
	const keep = 30 * 24 * time.Hour
	old, young := now.Add(-keep-time.Hour), now.Add(-keep+time.Hour)

	handed := c.stage("handed", old)
	events, err := obligation.Decide(c.state, obligation.Command{Kind: obligation.ReportProgress, Evidence: []obligation.Evidence{handed}}, c.cal, c.state.Opened)
	require.NoError(t, err)
	_, err = c.record.Append(t.Context(), []obligation.Entry{obligation.NewEntry(c.state, events, c.cal)})
	require.NoError(t, err)
	c.stage("claimed", old)
	_, err = c.record.ClaimEvidence(t.Context(), c.state.ID, []string{"claimed"})
	require.NoError(t, err)
	c.stage("stagedOld", old)
	c.stage("stagedYoung", young)
	c.put("strayYoung", young)
	for i := range sweepAtOnce + 1 {
		c.put("stray"+string(rune('a'+i%26))+strings.Repeat("x", i/26), old)
	}

	require.NoError(t, sweepEvidence(t.Context(), c.record, c.folder, now, keep))
	contents, files := c.left()
	require.Equal(t, []string{"claimed", "handed", "stagedYoung", "strayYoung"}, contents)
	require.Equal(t, []string{"claimed", "handed", "stagedYoung"}, files)

	require.NoError(t, sweepEvidence(t.Context(), c.record, c.folder, now.Add(keep+time.Hour), keep))
	contents, files = c.left()
	require.Equal(t, []string{"handed"}, contents)
	require.Equal(t, []string{"handed"}, files)
	require.NoError(t, blob.Verify(t.Context(), c.folder, handed.Key()))
	report, err := c.record.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}
