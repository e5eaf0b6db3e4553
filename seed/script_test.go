package seed

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/plan"
	"duban/rehearsal"
)

// soundScript is a script for the sound bundle without a fault. Tests count on its line numbers.
const soundScript = `code: some
title: 一般
seed: 7
behaviours:
  - {code: ontime, title: 按期, sign: 1, report: -3, spread: 2}
  - code: never
    title: 不报
    sign: never
    report: never
  - code: extended
    title: 延期
    report: +2
    extend:
      - {before: 3, by: 10}
units:
  - kinds: [street]
    tasks: ["1"]
    mix:
      - {behaviour: ontime, weight: 3}
      - {behaviour: never, weight: 1}
  - mix: [{behaviour: extended, weight: 1}]
office:
  - tags: [regulator]
    review: 1
    sign: 2
    meet: 3
  - {measures: ["10.1"], review: never, sign: never, refuse: true, forgets: 50}
  - {review: 3, sign: 3}
`

func TestReadScript(t *testing.T) {
	s, err := ReadScript("some.yaml", []byte(soundScript), soundPlan(t))
	require.NoError(t, err)
	require.Equal(t, rehearsal.Script{
		Code: "some", Title: "一般", Seed: 7,
		Behaviours: []rehearsal.Behaviour{
			{Code: "ontime", Title: "按期", Sign: 1, Report: -3, Spread: 2},
			{Code: "never", Title: "不报", Sign: rehearsal.Never, Report: rehearsal.Never},
			{Code: "extended", Title: "延期", Report: 2, Extend: []rehearsal.Extra{{Before: 3, By: 10}}},
		},
		Units: []rehearsal.Rule{
			{
				Who: rehearsal.Who{Kinds: []plan.UnitKind{"street"}, Tasks: []string{"1"}},
				Mix: []rehearsal.Share{{Behaviour: "ontime", Weight: 3}, {Behaviour: "never", Weight: 1}},
			},
			{Mix: []rehearsal.Share{{Behaviour: "extended", Weight: 1}}},
		},
		Office: []rehearsal.Office{
			{Who: rehearsal.Who{Tags: []string{"regulator"}}, Review: 1, Sign: 2, Meet: 3},
			{Who: rehearsal.Who{Measures: []string{"10.1"}}, Review: rehearsal.Never, Sign: rehearsal.Never, Refuse: true, Forgets: 50},
			{Review: 3, Sign: 3},
		},
	}, s)
}

func TestReadScriptRefuses(t *testing.T) {
	p := soundPlan(t)
	tests := map[string]struct {
		script, want string // "line code", one a line
	}{
		"nothing":               {"", "1 syntax"},
		"a list":                {"- x\n", "1 wrong_type"},
		"too large":             {"#" + strings.Repeat("x", maxFileSize), "0 too_large"},
		"an unknown unit":       {strings.Replace(soundScript, "tags: [regulator]", "units: [yingji, nobody]", 1), "23 bad_script"},
		"an unknown kind":       {strings.Replace(soundScript, "[street]", "[village]", 1), "16 bad_script"},
		"an unknown task":       {strings.Replace(soundScript, `["1"]`, `["1", "99"]`, 1), "17 bad_script"},
		"an unknown measure":    {strings.Replace(soundScript, `"10.1"`, `"10.9"`, 1), "27 bad_script"},
		"an unknown behaviour":  {strings.Replace(soundScript, "behaviour: never", "behaviour: nver", 1), "20 bad_script"},
		"days in words":         {strings.Replace(soundScript, "sign: never\n    report", "sign: 从不\n    report", 1), "8 bad_value"},
		"a part of a day":       {strings.Replace(soundScript, "report: +2", "report: 2.5", 1), "12 bad_value"},
		"days far away":         {strings.Replace(soundScript, "meet: 3", "meet: 300", 1), "26 bad_script"},
		"nobody's weight":       {strings.Replace(soundScript, "weight: 3", "weight: 0", 1), "19 bad_script"},
		"an unknown field":      {strings.Replace(soundScript, "spread: 2", "scatter: 2", 1), "5 unknown_field"},
		"a field of a rule":     {strings.Replace(soundScript, "    kinds", "    kind", 1) + "x: 1\n", "29 unknown_field"},
		"rules never asked":     {strings.Replace(soundScript, "  - kinds: [street]\n    tasks: [\"1\"]\n    mix:", "  - mix:", 1), "16 bad_script"},
		"behaviours not read":   {strings.Replace(soundScript, "behaviours:", "behaviour:", 1), "1 bad_script\n4 unknown_field"},
		"a behaviour's no code": {strings.Replace(soundScript, "code: never", "code: [never]", 1), "6 wrong_type"},
		"everything at once": {
			`code: x
behaviours:
  - {code: a, title: 甲, report: 1, return: 30}
  - {code: a, title: 乙, report: never}
units:
  - {units: [nobody], mix: [{behaviour: b, weight: 1}]}
  - {mix: []}
office:
  - {review: -1, sign: 1, forgets: 101}
`,
			"1 bad_script\n3 bad_script\n4 bad_script\n6 bad_script\n6 bad_script\n7 bad_script\n9 bad_script\n9 bad_script",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := ReadScript("x.yaml", []byte(tt.script), p)
			require.Zero(t, s)
			require.Equal(t, strings.Split(tt.want, "\n"), faultsOf(t, err), err)
		})
	}
}

func TestReadScriptFaultsRead(t *testing.T) {
	script := strings.Replace(strings.Replace(soundScript, "[regulator]", "[regulator, x]", 1), "meet: 3", "meet: 300", 1)
	_, err := ReadScript("x.yaml", []byte(script), soundPlan(t))
	require.EqualError(t, err, `x.yaml:23: 方案里没有带“x”标签的责任单位
x.yaml:26: meet：应在 0 到 250 之间，现为 300`)
}

// What duban carries can be rehearsed with as it is.
func TestEmbeddedScriptsAndLadders(t *testing.T) {
	b := changning(t)
	require.Equal(t, []string{"diligent", "lax", "mixed"}, Names(Files(), ScriptsDir))
	for _, name := range Names(Files(), ScriptsDir) {
		file, content, err := Named(Files(), ScriptsDir, name)
		require.NoError(t, err)
		s, err := ReadScript(file, content, &b.Plan)
		require.NoError(t, err)
		require.Equal(t, name, s.Code)
		for _, rule := range s.Units {
			weight := 0
			for _, share := range rule.Mix {
				weight += share.Weight
			}
			require.Equal(t, 100, weight, "%s: the shares read as percentages", name)
		}
	}
	require.Equal(t, []string{"strict"}, Names(Files(), LaddersDir))
	for _, name := range Names(Files(), LaddersDir) {
		file, content, err := Named(Files(), LaddersDir, name)
		require.NoError(t, err)
		ladders, err := ReadLadders(file, content, &b.Plan)
		require.NoError(t, err)
		require.Len(t, ladders, len(b.Ladders))
		for i, l := range ladders {
			require.Equal(t, b.Ladders[i].Code, l.Code)
			require.NotEqual(t, b.Ladders[i].Title, l.Title, "titles tell the runs apart")
		}
	}
	_, _, err := Named(Files(), ScriptsDir, "nobody")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, _, err = Named(Files(), ScriptsDir, "../units")
	require.ErrorIs(t, err, fs.ErrNotExist, "a path is no name")
}
