package assessment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/calendar"
)

func TestHalves(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	for text, want := range map[string][4]string{
		"2024H1": {"2024年上半年", "2024-01-01", "2024-06-30", "2024-07-01T00:00:00+08:00"},
		"2026H2": {"2026年下半年", "2026-07-01", "2026-12-31", "2027-01-01T00:00:00+08:00"},
	} {
		h, ok := assessment.ParseHalf(text)
		require.True(t, ok)
		require.Equal(t, want, [4]string{h.Chinese(), h.From().String(), h.To().String(), h.Checkpoint(zone).Format(time.RFC3339)})
		require.Equal(t, text, h.String())
		require.Equal(t, []assessment.Half{h, h}, []assessment.Half{assessment.HalfOf(h.From()), assessment.HalfOf(h.To())})
	}
	for _, text := range []string{"", "2026", "2026H3", "2026H0", "2026h1", "1999H1", "2026H1 "} {
		_, ok := assessment.ParseHalf(text)
		require.False(t, ok, text)
	}
	day := calendar.MustDate
	require.Equal(t, []assessment.Half{{Year: 2024, N: 1}, {Year: 2024, N: 2}, {Year: 2025, N: 1}}, assessment.Halves(day("2024-04-19"), day("2025-01-01")))
	require.Empty(t, assessment.Halves(day("2025-07-01"), day("2025-06-30")))
}
