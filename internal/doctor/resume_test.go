package doctor_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever runs in a healthy world is begun in an empty engine, and nothing else; begun again it stays as it is.
func TestResumeBeginsEverything(t *testing.T) {
	w := newWorld(t)
	delete(w.running, "temporal-sys-scheduler")
	want := w.running
	w.running = map[string]bool{}
	d := w.doctor(nil)
	last := 0
	for range 2 {
		n, err := d.Resume(t.Context(), func(done, total int) {
			require.Equal(t, len(want), total)
			last = done
		})
		require.NoError(t, err)
		require.Equal(t, len(want), n)
		require.Equal(t, len(want), last)
		require.Equal(t, want, w.running)
	}
	require.Empty(t, d.Examine(t.Context(), true).Findings)
}

func TestResumeSaysWhatWasNotBegun(t *testing.T) {
	w := newWorld(t)
	w.refuses = "document/p/1.1/u/1/letter"
	_, err := w.doctor(nil).Resume(t.Context(), nil)
	require.ErrorContains(t, err, w.refuses)

	w = newWorld(t)
	w.down = errors.New("no database")
	_, err = w.doctor(nil).Resume(t.Context(), nil)
	require.ErrorIs(t, err, w.down)
	require.Empty(t, w.did)
}
