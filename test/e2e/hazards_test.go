package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// seedHazards starts the small plan with a measure that hazards are entered under, and a street.
func (p *process) seedHazards(asOf string) {
	p.t.Helper()
	files := smallFiles(p.t)
	files["tasks/tasks.yaml"] = strings.Replace(files["tasks/tasks.yaml"], "        done: 月报送达区安委办\n", "        done: 月报送达区安委办\n        form: hazard\n", 1)
	files["units.yaml"] += "  - {code: s01, name: 演练街道, kind: street, tags: [], aliases: []}\n"
	status, body := p.post("/plans", map[string]any{"files": files, "asOf": asOf})
	require.Equal(p.t, http.StatusOK, status, body)
	p.awaitOpened("small", 62)
}

type hazardView struct {
	Number, Label string
	Cancelled     string
	Review        *struct{ Passed bool }
	Obligation    struct {
		Plan, Measure, Unit, Period, Stage, WaitingOn, Rung string
	}
}

func (p *process) hazard(number string) (h hazardView) {
	p.t.Helper()
	p.get("/plans/small/hazards/"+number, &h)
	return h
}

// A hazard from its entry to its cancellation, with the process killed at every turn; another that nobody puts right escalates.
// Nothing depends on how fast the machine is: the deadlines lie months ahead.
func TestHazardsUnderSupervision(t *testing.T) {
	folder := t.TempDir()
	clock := append([]string{"--seed", "none"}, scaled("2025-03-24", 0.01)...)
	p := serve(t, folder, clock...)
	p.seedHazards("2025-03-24")
	again := func() {
		p.kill()
		p = serve(t, folder, clock...)
	}
	const hazards = "/plans/small/hazards"
	today := p.today(0)
	entry := func(enterprise string) map[string]any {
		return map[string]any{
			"unit": "u01", "due": "2025-12-31", "grade": "major", "source": "inspection", "industry": "warehouse", "region": "s01", "enterprise": enterprise,
			"place": "甲路1号", "text": "仓库疏散通道被占用", "found": today, "reviewer": "u03",
		}
	}
	p.act(hazards, entry("某某仓储有限公司"))
	h := p.hazard(today[:4] + "-001")
	require.Equal(t, "office", h.Obligation.WaitingOn, "it waits to be listed")
	one, own := hazards+"/"+h.Number, "/obligations/small/"+h.Obligation.Measure+"/u01/"+h.Obligation.Period
	again()
	p.act(one+"/supervise", map[string]any{"authority": "长安委〔2026〕9号"})
	p.act(own+"/sign", map[string]any{})
	again()
	p.act(own+"/submit", map[string]any{"text": "通道已清"})
	status, body := p.post(own+"/accept", map[string]any{})
	require.Equal(t, http.StatusConflict, status, body)
	require.Contains(t, body, "review_missing")
	require.Equal(t, "u03", p.hazard(h.Number).Obligation.WaitingOn)
	p.act(one+"/review", map[string]any{"passed": false, "checked": today, "text": "还有一处"})
	again()
	require.Equal(t, "returned", p.hazard(h.Number).Obligation.Stage)
	p.act(own+"/submit", map[string]any{"text": "全部清理"})
	p.act(one+"/review", map[string]any{"passed": true, "checked": today, "text": "现场看过"})
	again()
	p.act(own+"/accept", map[string]any{})
	require.GreaterOrEqual(t, p.hazard(h.Number).Cancelled, today)

	// What was found long ago and is still there is owed from its first day.
	old := entry("另一家公司")
	old["found"], old["due"] = "2023-11-01", "2023-12-31"
	p.act(hazards, old)
	second := p.hazard(today[:4] + "-002")
	require.Equal(t, "open", second.Obligation.Stage)

	list := filepath.Join(t.TempDir(), "隐患.csv")
	text := "等级,来源,行业领域,街道（镇）,企业（单位）名称,地点,隐患内容,发现日期,整改期限,责任单位,审核单位,销号日期\n" +
		"一般,群众举报,消防,演练街道,第三家公司,乙路2号,通道堵塞,2023-10-08,2023-12-31,演练单位01,,2023-12-20\n" +
		"重大,督导检查,厂房仓库,演练街道,某某仓储有限公司,甲路1号,仓库疏散通道被占用," + today + "," + today + ",演练单位01,演练单位03,\n"
	require.NoError(t, os.WriteFile(list, []byte(text), 0o600))
	settings := []string{"--set", "data.folder=" + folder}
	command := func(args ...string) string {
		t.Helper()
		out, code := run(t, append(append([]string{}, settings...), append(args, "--server", strings.TrimSuffix(p.api, "/api/v1"))...)...)
		require.Zero(t, code, out)
		return out
	}
	require.Contains(t, command("hazards", "preview", list), "将登记 1 条，已在台账 0 条，疑似重复须确认 1 条")
	require.Contains(t, command("hazards", "apply", list), "登记 1 条")
	again()
	require.Contains(t, command("hazards", "apply", list), "登记 0 条，已在台账 1 条")
	require.Contains(t, command("hazards", "list"), "共 3 条")
	out := filepath.Join(t.TempDir(), "台账.xlsx")
	command("hazards", "export", out)
	require.Contains(t, command("hazards", "preview", out), "将登记 0 条，已在台账 3 条")
	require.Equal(t, "history", p.hazard(today[:4]+"-003").Obligation.Stage)
	p.stop()
	verify(t, folder)
}

// One that nobody puts right goes up its own ladder, through kills.
func TestAHazardEscalates(t *testing.T) {
	folder := t.TempDir()
	clock := append([]string{"--seed", "none"}, scaled("2025-03-25", 0.5)...)
	p := serve(t, folder, clock...)
	p.seedHazards("2025-03-25")
	found := p.today(0)
	p.act("/plans/small/hazards", map[string]any{
		"unit": "u01", "due": p.today(5), "grade": "major", "source": "public_report", "industry": "gas", "region": "s01", "enterprise": "某某餐饮有限公司",
		"place": "甲路1号", "text": "燃气软管老化", "found": found, "reviewer": "u03",
	})
	number := found[:4] + "-001"
	for _, rung := range []string{"letter", "circular"} {
		p.kill()
		p = serve(t, folder, clock...)
		path := "/documents/small/1.2/u01/" + number + "/" + rung
		await(t, "the "+rung+" is drafted", func() bool { return p.hazard(number).Obligation.Rung == rung })
		p.act(path+"/sign-off", map[string]any{})
	}
	p.stop()
	verify(t, folder)
}
