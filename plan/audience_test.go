package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	tests := map[string]struct {
		audience Audience
		on       string
		want     []string
	}{
		"nobody":                          {Audience{}, "2024-05-01", nil},
		"a kind, in the plan's order":     {Audience{Kinds: []UnitKind{KindStreet}}, "2024-05-01", []string{"huayang", "xinjing"}},
		"a tag":                           {Audience{Tags: []string{"regulator"}}, "2024-05-01", []string{"yingji", "xiaofang"}},
		"named, in the plan's order":      {Audience{Units: []string{"xinjing", "office"}}, "2024-05-01", []string{"office", "xinjing"}},
		"each once":                       {Audience{Kinds: []UnitKind{KindGovernment}, Tags: []string{"regulator"}, Units: []string{"yingji", "yingji"}}, "2024-05-01", []string{"yingji", "xiaofang"}},
		"less the excepted":               {Audience{Kinds: []UnitKind{KindGovernment}, Except: []string{"xiaofang"}}, "2024-05-01", []string{"yingji"}},
		"an exception beats a name":       {Audience{Units: []string{"yingji"}, Except: []string{"yingji"}}, "2024-05-01", nil},
		"an unknown code selects nobody":  {Audience{Units: []string{"x"}, Tags: []string{""}}, "2024-05-01", nil},
		"the first day of validity":       {Audience{Units: []string{"xinjing"}}, "2024-01-01", []string{"xinjing"}},
		"before the first day":            {Audience{Units: []string{"xinjing"}}, "2023-12-31", nil},
		"the last day of validity":        {Audience{Units: []string{"xinjing"}}, "2026-12-31", []string{"xinjing"}},
		"after the last day":              {Audience{Kinds: []UnitKind{KindStreet}}, "2027-01-01", []string{"huayang"}},
		"a unit without dates, long back": {Audience{Units: []string{"huayang"}}, "1990-01-01", []string{"huayang"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, u := range small().Resolve(tt.audience, date(tt.on)) {
				got = append(got, u.Code)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestLookups(t *testing.T) {
	p := small()
	task, ok := p.Task("S6")
	require.True(t, ok)
	require.Equal(t, "健全工作机制", task.Title)
	_, ok = p.Task("S7")
	require.False(t, ok)

	m, ok := p.Measure("10.2")
	require.True(t, ok)
	require.Equal(t, "培训", m.Title)
	_, ok = p.Measure("10")
	require.False(t, ok)

	require.Len(t, p.MeasuresOf("10"), 2)
	require.Empty(t, p.MeasuresOf("11"))

	u, ok := p.Unit("xiaofang")
	require.True(t, ok)
	require.Equal(t, "区消防救援局", u.Name)
	_, ok = p.Unit("")
	require.False(t, ok)
}

func TestUnitNamed(t *testing.T) {
	p := small()
	p.Units[0].Aliases = []string{""}
	for name, want := range map[string]string{
		"区应急局": "yingji", "区消防救援支队": "xiaofang", "区消防\u3000救援局": "xiaofang", "华阳路街道": "huayang",
	} {
		u, ok := p.UnitNamed(name)
		require.True(t, ok, name)
		require.Equal(t, want, u.Code)
	}
	for _, name := range []string{"", "  ", "区", "街道"} {
		_, ok := p.UnitNamed(name)
		require.False(t, ok, name)
	}
}

func TestBeforeIssue(t *testing.T) {
	p := threeYears()
	require.True(t, p.BeforeIssue(date("2024-03-25")), "3月25日 lies before 4月19日")
	require.False(t, p.BeforeIssue(date("2024-04-19")))
	require.False(t, p.BeforeIssue(date("2024-06-30")))
}

func TestLocation(t *testing.T) {
	loc, err := threeYears().Location()
	require.NoError(t, err)
	require.Equal(t, "2024-06-30T16:00:00Z", date("2024-06-30").End(loc).UTC().Format("2006-01-02T15:04:05Z07:00"))
	_, err = (&Plan{}).Location()
	require.Error(t, err)
}
