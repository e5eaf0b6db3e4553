package seed

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadCalendar(t *testing.T) {
	cal, err := ReadCalendar("x.yaml", []byte(sound()["calendar.yaml"]))
	require.NoError(t, err)
	b, err := Load(filesystem(sound()))
	require.NoError(t, err)
	require.Equal(t, b.Calendar, cal)

	for name, tt := range map[string]struct{ content, want string }{
		"nothing":     {"", "1 syntax"},
		"too large":   {"#" + strings.Repeat("x", maxFileSize), "0 too_large"},
		"a list":      {"- 1\n", "1 wrong_type"},
		"no version":  {"years: {}\n", "1 wrong_type"},
		"another key": {"version: 1\nyear: {}\n", "2 unknown_field"},
		"no such day": {"version: 1\nyears:\n  2025:\n    off: ['0230']\n", "4 bad_calendar"},
		"no year":     {"version: 1\nyears:\n  soon: {}\n", "3 wrong_type"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadCalendar("x.yaml", []byte(tt.content))
			require.Equal(t, strings.Split(tt.want, "\n"), faultsOf(t, err), err)
		})
	}
}
