package doctor_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/doctor"
	"duban/obligation"
)

// Every workflow is brought to where its ledger is, whatever it knew; again there is nothing to do.
func TestReconcile(t *testing.T) {
	for name, c := range map[string]struct {
		known int
		runs  bool
		want  doctor.Reconciled
		did   []string
	}{
		"level":  {0, true, doctor.Reconciled{}, nil},
		"behind": {-2, true, doctor.Reconciled{Behind: 1}, []string{"catch up p/1.1/u/1"}},
		"ahead":  {3, true, doctor.Reconciled{Ahead: 1}, []string{"stop obligation/p/1.1/u/1", "resume obligation/p/1.1/u/1"}},
		"silent": {-4, true, doctor.Reconciled{Ahead: 1}, []string{"stop obligation/p/1.1/u/1", "resume obligation/p/1.1/u/1"}},
		"gone":   {0, false, doctor.Reconciled{Missing: 1}, []string{"resume obligation/p/1.1/u/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := obligationOf("1")
			if c.known != 0 {
				w.known = map[obligation.ID]int{id: w.views[id].State.Seq + c.known}
			}
			if !c.runs {
				delete(w.running, "obligation/"+id.String())
			}
			d := w.doctor(nil)
			sum, err := d.Reconcile(t.Context())
			require.NoError(t, err)
			require.Positive(t, sum.Open)
			c.want.Open = sum.Open
			require.Equal(t, c.want, sum)
			require.Equal(t, c.did, w.did)
			again, err := d.Reconcile(t.Context())
			require.NoError(t, err)
			require.Equal(t, doctor.Reconciled{Open: sum.Open}, again)
		})
	}
	w := newWorld(t)
	w.down = errors.New("no engine")
	_, err := w.doctor(nil).Reconcile(t.Context())
	require.ErrorIs(t, err, w.down)
	require.Equal(t, newWorld(t).running, maps.Clone(w.running))
}
