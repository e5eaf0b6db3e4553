package rehearsal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/plan"
	"duban/rehearsal"
)

func TestScriptThatMakesSense(t *testing.T) {
	d := small(t)
	require.Empty(t, mixed(1).Validate(&d.Plan))
}

func TestEveryFaultOfAScriptAtOnce(t *testing.T) {
	d := small(t)
	s := rehearsal.Script{
		Behaviours: []rehearsal.Behaviour{
			{Code: "a", Sign: -1, Report: 300, Spread: -1, Return: 1, Rework: -2, Extend: []rehearsal.Extra{{Before: -1}}},
			{Code: "a", Title: "又一个", Report: rehearsal.Never, Return: 1},
		},
		Units: []rehearsal.Rule{
			{},
			{
				Who: rehearsal.Who{
					Kinds: []plan.UnitKind{"army"}, Tags: []string{"x"}, Units: []string{"nobody"}, Tasks: []string{"99"}, Measures: []string{"9.9"},
				},
				Mix: []rehearsal.Share{{Behaviour: "b", Weight: 0}},
			},
		},
		Office: []rehearsal.Office{{Review: -1, Sign: -1, Meet: -1, Forgets: 101}},
	}
	var paths []string
	for _, f := range s.Validate(&d.Plan) {
		paths = append(paths, f.Path)
		require.NotEmpty(t, f.Message)
		require.NotContains(t, f.Message, "%!", "every message has its values")
	}
	require.Equal(t, []string{
		"code", "title",
		"behaviours[0].title", "behaviours[0].sign", "behaviours[0].rework", "behaviours[0].report", "behaviours[0].spread",
		"behaviours[0].extend[0].before", "behaviours[0].extend[0].by",
		"behaviours[1].code", "behaviours[1].return",
		"units[0].mix", "units[0]",
		"units[1].units[0]", "units[1].tags[0]", "units[1].kinds[0]", "units[1].tasks[0]", "units[1].measures[0]",
		"units[1].mix[0].behaviour", "units[1].mix[0].weight",
		"office[0].review", "office[0].sign", "office[0].meet", "office[0].forgets",
	}, paths)

	paths = nil
	for _, f := range (rehearsal.Script{Code: "x", Title: "空"}).Validate(&d.Plan) {
		paths = append(paths, f.Path)
	}
	require.Equal(t, []string{"behaviours", "units", "office"}, paths)
}

func TestDaysAreANumberOrNever(t *testing.T) {
	for text, want := range map[string]rehearsal.Days{"3": 3, "-2": -2, "+10": 10, "0": 0, "never": rehearsal.Never} {
		var d rehearsal.Days
		require.NoError(t, d.UnmarshalText([]byte(text)), text)
		require.Equal(t, want, d, text)
	}
	for _, text := range []string{"", "soon", "1.5", "3x", "--1", "0x10"} {
		var d rehearsal.Days
		require.Error(t, d.UnmarshalText([]byte(text)), text)
	}
	back, err := rehearsal.Never.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "never", string(back))
}
