package seed_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/obligation"
	"duban/seed"
)

func TestEmbeddedRulesOfTheAssessment(t *testing.T) {
	b, err := seed.Embedded()
	require.NoError(t, err)
	require.NotNil(t, b.Assessment)
	require.Equal(t, "100", b.Assessment.Base.String())
	worth := map[string]string{}
	for _, i := range b.Assessment.Items {
		worth[i.Code] = i.Points.String()
		if i.Veto {
			worth[i.Code] += " 否优"
		}
	}
	require.Equal(t, map[string]string{
		"on-time": "1", "late": "-1", "returned": "-2", "extended": "0", "report": "-10", "overdue": "-2",
		"letter": "-2", "circular": "-5", "interview": "-10 否优", "expose": "-15 否优", "transfer": "-15 否优",
		"excellent": "3", "good": "1", "fair": "0", "poor": "-3",
	}, worth)
	merits := []string{}
	for _, m := range b.Assessment.Merits {
		merits = append(merits, m.Code)
	}
	require.Equal(t, []string{"clean", "upper", "quality"}, merits)
	standard, err := seed.DefaultRules()
	require.NoError(t, err)
	require.Len(t, standard.Items, len(b.Assessment.Items)-1)
	require.False(t, slices.ContainsFunc(standard.Items, func(i assessment.Item) bool { return i.Code == "report" }), "of another plan's measures it knows nothing")
}

func TestFaultsOfRules(t *testing.T) {
	b, err := seed.Embedded()
	require.NoError(t, err)
	_, err = seed.ReadRules("assessment.yaml", []byte(`title: 试行
base: 1000
items:
  - {code: a, title: 甲, on: late, points: -10}
  - {code: a, title: 乙, on: lost, points: -10}
  - {code: c, title: 丙, on: overdue, measures: [S6.6, S9.9], points: -10}
`), &b.Plan)
	var faults *seed.Faults
	require.ErrorAs(t, err, &faults)
	told := []string{}
	for _, f := range faults.List {
		told = append(told, f.String())
	}
	require.Equal(t, []string{
		`assessment.yaml:5: 评分规则的代码 "a" 写了两次，请删除其一`,
		`assessment.yaml:5: 评分规则 "a" 的情形（on）"lost" 不认识，可以是 on_time、late、overdue、returned、extended、issued、quality`,
		`assessment.yaml:6: 评分规则 "c" 所列的分项任务 S9.9 不在方案里，请核对编号`,
	}, told)
	_, err = seed.ReadRules("assessment.yaml", []byte("title: 试行\nbase: 1000\nitems:\n  - {code: a, title: 甲, on: late, points: -10}\nmerits:\n  - {code: m, title: 无条件}\n"), nil)
	require.ErrorContains(t, err, `assessment.yaml:6: 表扬事实 "m" 没有写条件`)
	_, err = seed.ReadRules("assessment.yaml", []byte("title: 试行\nbase: 一百\n"), nil)
	require.ErrorContains(t, err, "assessment.yaml:2: base 应为整数")
}

// rulebook keeps rules in memory.
type rulebook struct {
	seed.Store
	have map[string]assessment.Rules
	down error
}

func (b rulebook) Rules(_ context.Context, plan string) (assessment.Rules, error) {
	rules, ok := b.have[plan]
	if b.down == nil && !ok {
		return rules, &obligation.Error{Code: obligation.CodeNotFound}
	}
	return rules, b.down
}

func (b rulebook) PutRules(_ context.Context, plan string, rules assessment.Rules) error {
	b.have[plan] = rules
	return nil
}

func TestAPlanWithoutRulesGetsTheEmbeddedOnes(t *testing.T) {
	book := rulebook{have: map[string]assessment.Rules{}}
	require.NoError(t, seed.PutRules(t.Context(), book, "p", nil))
	standard, err := seed.DefaultRules()
	require.NoError(t, err)
	require.Equal(t, standard, book.have["p"])
	own := assessment.Rules{Title: "自定"}
	require.NoError(t, seed.PutRules(t.Context(), book, "p", &own))
	require.NoError(t, seed.PutRules(t.Context(), book, "p", nil))
	require.Equal(t, own, book.have["p"], "a bundle without rules leaves those that stand")
	book.down = errors.New("down")
	require.Error(t, seed.PutRules(t.Context(), book, "q", nil))
	require.NotContains(t, book.have, "q")
}
