package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// inspectedQuarterly makes it the small plan with an inspection a quarter: people act at their own pace in the test, and none of it ends meanwhile.
const inspectedQuarterly = `      - {code: "1.9", title: 演练检查, quote: 完成演练总结, audience: {units: [u20]}, done: 检查记录和问题清单, inferred: [], form: inspection,
         schedule: {kind: recurring, cron: "0 0 1 1,4,7,10 *", names: start, from: 2025-04-01, exempt: restweeks}}
`

const orderLadder = `  - code: order
    title: 交办阶梯
    cure: 1
    yellow: 1
    rework: 3
    nudge: 3
    steps:
      - {code: press, rung: press, anchor: due, offset: 1, to: unit}
      - {code: letter, rung: letter, anchor: due, offset: 2, to: unit, signOff: office}
`

type inspectionView struct {
	State                          string
	Findings, Open, Overdue, Major int
	List                           []struct {
		Text       string
		Obligation *struct{ Stage, Light, Rung string }
	}
}

// From the plan of an inspection to what becomes of its findings: one is put right, the other goes overdue and is escalated.
func TestInspectionAndItsFindings(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder, append([]string{"--seed", "none"}, scaled("2025-04-07", 0.5)...)...)
	files := smallFiles(t)
	files["tasks/tasks.yaml"] += inspectedQuarterly
	files["ladders.yaml"] += orderLadder
	status, body := p.post("/plans", map[string]any{"files": files, "asOf": "2025-04-07"})
	require.Equal(t, http.StatusOK, status, body)
	const quarter = "/obligations/small/1.9/u20/2025Q2"
	await(t, "the quarter is open", func() bool { return len(p.obligations("plan=small&measure=1.9")) == 1 })

	day := func(days int) string {
		return p.now().In(time.FixedZone("", 8*3600)).AddDate(0, 0, days).Format(time.DateOnly)
	}
	visit := func(unit, seen string) map[string]any {
		return map[string]any{"unit": unit, "day": day(0), "seen": seen}
	}
	p.act(quarter+"/plan-inspection", map[string]any{"theme": "消防安全", "visits": []any{visit("u01", ""), visit("u02", "")}})
	found := func(unit, text, due string) map[string]any {
		return map[string]any{"unit": unit, "text": text, "severity": "grave", "demands": "立即整改", "due": due}
	}
	p.act(quarter+"/record-inspection", map[string]any{
		"theme": "消防安全", "visits": []any{visit("u01", "商铺"), visit("u02", "仓库")},
		"findings": []any{found("u01", "安全出口上锁", "2025-12-31"), found("u02", "灭火器过期", day(10))},
	})
	var i inspectionView
	await(t, "both findings are open", func() bool {
		p.get(quarter+"/inspection", &i)
		return len(i.List) == 2 && i.List[0].Obligation != nil && i.List[1].Obligation != nil
	})

	// The quarter's own report, by what the record proposes, is accepted though its findings are open.
	var o struct{ Report string }
	p.get(quarter, &o)
	require.Contains(t, o.Report, "发现问题2个")
	p.act(quarter+"/sign", map[string]any{})
	p.act(quarter+"/submit", map[string]any{"text": o.Report})
	p.act(quarter+"/accept", map[string]any{})

	// A unit puts its finding right: the office returns it once and accepts it then.
	const mine = "/obligations/small/1.9/u01/2025Q2.u20.f1"
	p.act(mine+"/sign", map[string]any{})
	p.act(mine+"/submit", map[string]any{"text": "已整改"})
	p.act(mine+"/return", map[string]any{"reason": "请附照片", "due": "2025-12-31"})
	p.act(mine+"/submit", map[string]any{"text": "已整改，附照片"})
	p.act(mine+"/accept", map[string]any{"text": "回头看属实"})

	// The other one is nobody's: it goes overdue and a letter is drafted, by the ladder of findings.
	const late = "/obligations/small/1.9/u02/2025Q2.u20.f2"
	await(t, "the letter about the other finding is drafted", func() bool { return p.drafted(late) })
	p.get(quarter+"/inspection", &i)
	require.Equal(t, []any{"done", 2, 1, 1}, []any{i.State, i.Findings, i.Open, i.Overdue})
	require.Equal(t, []string{"accepted", "red"}, []string{i.List[0].Obligation.Stage, i.List[1].Obligation.Light})

	var list struct {
		Coverage []struct {
			Unit          string
			Open, Overdue int
		}
	}
	p.get("/plans/small/inspections", &list)
	covered := map[string]string{}
	for _, c := range list.Coverage {
		covered[c.Unit] = fmt.Sprint(c.Open, " ", c.Overdue)
	}
	require.Equal(t, []string{"0 0", "1 1"}, []string{covered["u01"], covered["u02"]})

	// The 交办单, and the list as a workbook.
	for path, kind := range map[string]string{late + "/order": "wordprocessingml", "/plans/small/findings/export?open=true": "spreadsheetml"} {
		response, err := p.send(http.MethodGet, path, "", nil)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, path)
		require.Contains(t, response.Header.Get("Content-Type"), kind, path)
	}
	p.act(late+"/submit", map[string]any{"text": "已更换"})
	p.act(late+"/accept", map[string]any{})
	p.wholeHistory("obligation/small/1.9/u20/2025Q2") // it ends with its last finding
	p.stop()
	verify(t, folder)
}

// drafted reports whether a letter about the obligation was drafted.
func (p *process) drafted(path string) bool {
	for _, e := range p.ledger(view(path)) {
		if e.Kind == "drafted" {
			return true
		}
	}
	return false
}
