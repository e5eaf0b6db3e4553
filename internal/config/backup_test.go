package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFaultsOfBackups(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Options{Overrides: map[string]string{"backup.folder": "/nowhere/yet", "backup.at": "00:05", "backup.keep": "0"}})
	require.NoError(t, err, "a disk that is not there yet keeps nobody from working")
	require.Equal(t, Backup{Folder: "/nowhere/yet", At: At(0, 5)}, c.Backup)
	for name, c := range map[string]struct {
		set      map[string]string
		key, say string
	}{
		"the end of the day": {map[string]string{"backup.at": "24:00"}, "backup.at", textBackupAt},
		"less than none":     {map[string]string{"backup.keep": "-1"}, "backup.keep", textBetween(0, maxBackups, -1)},
		"MySQL": {
			map[string]string{"backup.folder": "b", "database.driver": "mysql", "database.dsn": "u:p@tcp(h:1)/d"}, "backup.folder", textBackupMySQL,
		},
	} {
		t.Run(name, func(t *testing.T) {
			faults := faultsOf(t, Options{Overrides: c.set})
			require.Len(t, faults, 1)
			require.Equal(t, []string{c.key, c.say}, []string{faults[0].Key, faults[0].Text})
		})
	}
}
