package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/backup"
	"duban/internal/config"
	"duban/obligation"
)

func TestMissedBackup(t *testing.T) {
	loc := obligation.Location(zone)
	daily, err := backupSchedule(config.Backup{At: config.At(2, 30)})
	require.NoError(t, err)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, loc) }
	for name, c := range map[string]struct {
		last, now time.Time
		missed    bool
	}{
		"of this night":             {at(25, 2, 30), at(25, 9, 0), false},
		"of this night, by hand":    {at(25, 3, 0), at(26, 2, 29), false},
		"of the last night":         {at(24, 2, 30), at(25, 2, 29), false},
		"of the last night, missed": {at(24, 2, 30), at(25, 2, 30), true},
		"before the night":          {at(24, 23, 0), at(25, 9, 0), true},
		"of last week":              {at(18, 2, 30), at(25, 0, 10), true},
	} {
		folder := t.TempDir()
		missed, err := missedBackup(folder, daily, c.now)
		require.NoError(t, err)
		require.True(t, missed, "there is none")
		require.NoError(t, os.WriteFile(filepath.Join(folder, backup.Name(c.last)), nil, 0o600))
		missed, err = missedBackup(folder, daily, c.now)
		require.NoError(t, err)
		require.Equal(t, c.missed, missed, name)
	}
}
