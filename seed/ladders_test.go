package seed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/plan"
)

func soundPlan(t testing.TB) *plan.Plan {
	b, err := Load(filesystem(sound()))
	require.NoError(t, err)
	return &b.Plan
}

// faultsOf returns the faults of an error as "line code", and requires each to say something.
func faultsOf(t *testing.T, err error) []string {
	t.Helper()
	var faults *Faults
	require.ErrorAs(t, err, &faults)
	var got []string
	for _, f := range faults.List {
		require.Equal(t, "x.yaml", f.File)
		require.NotEmpty(t, f.Message)
		require.NotContains(t, f.Message, "%!", "the message must fit its arguments")
		got = append(got, fmt.Sprintf("%d %s", f.Line, f.Code))
	}
	return got
}

func TestReadLadders(t *testing.T) {
	p := soundPlan(t)
	ladders, err := ReadLadders("x.yaml", []byte(sound()["ladders.yaml"]), p)
	require.NoError(t, err)
	b, err := Load(filesystem(sound()))
	require.NoError(t, err)
	require.Equal(t, b.Ladders, ladders)

	swap := func(old, with string) string {
		require.Equal(t, 1, strings.Count(sound()["ladders.yaml"], old))
		return strings.Replace(sound()["ladders.yaml"], old, with, 1)
	}
	for name, tt := range map[string]struct{ content, want string }{
		"nothing":           {"", "1 syntax"},
		"too large":         {"#" + strings.Repeat("x", maxFileSize), "0 too_large"},
		"no ladder":         {"ladders: []\n", "1 wrong_type"},
		"another key":       {"ladder: []\n", "1 unknown_field\n1 wrong_type"},
		"a missing ladder":  {swap("code: strict", "code: gentle"), "1 missing_ladder"},
		"an unknown rung":   {swap("rung: letter", "rung: shout"), "10 bad_ladder\n10 bad_ladder"},
		"offsets backwards": {swap("  - code: strict", "      - {code: circular+3, rung: circular, anchor: due, offset: 3, to: unit, signOff: leader}\n  - code: strict"), "11 bad_ladder"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadLadders("x.yaml", []byte(tt.content), p)
			require.Equal(t, strings.Split(tt.want, "\n"), faultsOf(t, err), err)
		})
	}
}
