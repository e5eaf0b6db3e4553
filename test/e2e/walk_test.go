package e2e

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// stop is a page on somebody's way: where it is, and what has to be there.
type stop struct{ picture, path, text string }

// ways are the pages that each role goes to in a training of the real plan. {obligation} and {document} stand for one that
// the role may see.
var ways = map[string][]stop{
	"office": {
		{"wall", "", "挂图作战"},
		{"desk", "/desk", "待审核"},
		{"obligations", "/obligations", "责任事项"},
		{"overdue", "/obligations?list=overdue", "逾期未办"},
		{"obligation", "/obligations/{obligation}", "台账"},
		{"tasks", "/tasks", "任务"},
		{"task", "/tasks/10", "任务"},
		{"documents", "/documents", "文书"},
		{"document", "/documents/{document}", "督促函"},
		{"inbox", "/inbox", "收件箱"},
		{"assessments", "/assessments", "2026年上半年"},
		{"assessment", "/assessments/2026H1", "名次和得分"},
		{"assessment-unit", "/assessments/2026H1/units/huayang", "逐条得分"},
		{"assessment-record", "/assessments/2026H1/record", "只增不改"},
		{"assessment-trial", "/assessments/2026H1/what-if", "试用的分值"},
		{"statistics", "/statistics?year=2026", "按时率"},
		{"months", "/monthly", "2026年6月"},
		{"month", "/monthly/2026-06", "任务清单完成情况"},
		{"month-unit", "/monthly/2026-06/huayang", "所报内容"},
		{"change-from", "/changes/from?task=S6&measure=S6.6", "从哪天起算"},
		{"hazards", "/hazards", "某某餐饮有限公司"},
		{"hazard", "/hazards/{hazard}", "整改"},
		{"hazard-new", "/hazards/new", "登记隐患"},
		{"hazard-import", "/hazards/import", "导入隐患清单"},
		{"hazard-analysis", "/hazards/analysis", "动态清零"},
		{"inspections", "/inspections?year=2026", "建议先查"},
		{"inspection", "/inspections/{inspection}", "疏散通道"},
		{"findings", "/findings", "安全出口上锁"},
		{"stuck", "/stuck", "卡点"},
		{"lists", "/lists", "任务清单"},
		{"changes", "/changes", "调整"},
		{"change-due", "/changes/due", "改期"},
		{"change-holidays", "/changes/holidays", "全文粘贴"},
		{"ladders", "/ladders", "升级阶梯"},
		{"ladder", "/ladders/standard", "标准阶梯"},
		{"units", "/units", "单位"},
		{"unit", "/units/yjj", "区应急局"},
		{"calendar", "/calendar?year=2026", "2026年"},
		{"handover", "/handover", "移交"},
		{"handover-unit", "/handover?unit=huayang", "华阳路街道"},
		{"channels", "/channels", "通知渠道"},
		{"training", "/training", "演练"},
		{"me", "/me", "我的账号"},
	},
	"leader":  {{"wall", "", "挂图作战"}, {"desk", "/desk", "文书待签"}, {"documents", "/documents", "文书"}, {"stuck", "/stuck", "卡点"}, {"statistics", "/statistics", "按时率"}, {"assessment", "/assessments/2026H1", "名次和得分"}, {"month", "/monthly/2026-06", "各单位报送情况"}, {"inspections", "/inspections", "督导检查"}},
	"auditor": {{"wall", "", "挂图作战"}, {"obligation", "/obligations/{obligation}", "台账"}, {"accounts", "/accounts", "账号"}, {"log", "/admin-log", "管理日志"}, {"health", "/health", "检查结果"}},
	"admin": {
		{"accounts", "/accounts", "账号"},
		{"account", "/accounts/huayang", "huayang"},
		{"units", "/units", "单位"},
		{"calendar", "/calendar?year=2027", "2027年"},
		{"channels", "/channels", "通知渠道"},
		{"log", "/admin-log", "管理日志"},
		{"health", "/health", "检查结果"},
		{"stuck", "/stuck", "卡点"},
	},
	"huayang": {
		{"desk", "/desk", "待办"},
		{"obligations", "/obligations", "责任事项"},
		{"obligation", "/obligations/{obligation}", "台账"},
		{"inbox", "/inbox", "收件箱"},
		{"documents", "/documents", "文书"},
		{"months", "/monthly", "2026年6月"},
		{"month-form", "/obligations/S6.6/huayang/2026-07", "2026年7月"},
		{"findings", "/findings", "安全出口上锁"},
		{"hazard", "/hazards/{hazard}", "整改"},
		{"assessment", "/assessments/2026H1", "2026年上半年"},
	},
}

// ofInstallation are the pages that belong to no plan.
var ofInstallation = regexp.MustCompile(`^/(accounts|channels|admin-log|health|training|me)\b`)

// The pages as people find them in the middle of the real plan: every role's, on a desk and on a phone. Each is held against
// what a page has to be, and is among the test's artifacts.
func TestEveryRoleWalksItsPages(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	folder := filepath.Join(t.TempDir(), "data")
	p := launch(t, folder, "--demo", "--as-of", "2026-01-05", "--minutes", "0.2")
	p.awaitServing()
	await(t, "half a year has gone", func() bool { return p.training().Now.Format("2006-01-02") > "2026-07-10" })
	await(t, "the half-year is counted", func() bool {
		var a assessmentView
		p.get("/plans/changning-2024/assessments/2026H1", &a)
		return len(a.Units) > 0
	})
	p.steer("/training/units/awb", `{"byHand":true}`) // the week's inspection waits for a person
	var inspection string
	await(t, "an inspection waits to be planned", func() bool { inspection = p.toPlan(); return inspection != "" })
	p.steer("/training/pace", `{"paused":true}`)
	p.inspect(inspection)
	hazard := p.supervise()
	secret := regexp.MustCompile(`密码都是 (\S+)`).FindStringSubmatch(p.stdout.String())
	require.NotNil(t, secret)
	secrets := func(role string) string {
		if role == "office" {
			return password // it has acted in this test
		}
		return secret[1]
	}
	places := p.places("{inspection}", inspection, "{hazard}", hazard)
	for _, screen := range screens {
		for role, way := range ways {
			t.Run(screen.name+"-"+role, func(t *testing.T) {
				site := strings.TrimSuffix(p.api, "/api/v1")
				b := openTab(t, screen.name+"-"+role, screen.width, screen.height)
				b.enter(site, role, secrets(role))
				for _, s := range way {
					path := places.Replace(s.path)
					if !ofInstallation.MatchString(path) {
						path = "/plans/changning-2024" + path
					}
					b.do(chromedp.Navigate(site + path))
					b.shows(s.picture, s.text)
					b.holds(s.picture)
				}
				require.Empty(t, b.complained())
				require.Equal(t, []string{site}, b.asked())
			})
		}
	}
	p.stop()
	verify(t, folder+"-demo")
}

// toPlan returns an inspection that is open and has no plan: measure, unit and period.
func (p *process) toPlan() string {
	p.t.Helper()
	var list struct {
		Inspections []struct{ Measure, Unit, Period, Stage string }
	}
	p.get("/plans/changning-2024/inspections?state=unplanned", &list)
	for _, i := range list.Inspections {
		if i.Stage == "open" || i.Stage == "signed" {
			return strings.Join([]string{i.Measure, i.Unit, i.Period}, "/")
		}
	}
	return ""
}

// inspect plans the inspection of two units and records what it found.
func (p *process) inspect(inspection string) {
	p.t.Helper()
	path, day := "/obligations/changning-2024/"+inspection, p.today(0)
	visit := func(unit, places, seen string) map[string]any {
		return map[string]any{"unit": unit, "day": day, "places": places, "people": "区安委办2人、专家1人", "seen": seen}
	}
	p.act(path+"/plan-inspection", map[string]any{
		"theme": "高温汛期消防安全", "visits": []any{visit("huayang", "某某商场", ""), visit("xinjing", "某某仓储", "")},
	})
	p.act(path+"/record-inspection", map[string]any{
		"theme":  "高温汛期消防安全",
		"visits": []any{visit("huayang", "某某商场", "疏散通道、微型消防站、动火作业审批"), visit("xinjing", "某某仓储", "用电、货物堆垛、值班记录")},
		"findings": []any{
			map[string]any{"unit": "huayang", "place": "某某商场二层", "text": "安全出口上锁", "severity": "grave", "demands": "立即开启并举一反三", "due": p.today(7)},
			map[string]any{"unit": "xinjing", "place": "某某仓储", "text": "灭火器过期", "severity": "common", "demands": "更换并建立台账", "due": p.today(14)},
		},
	})
	await(p.t, "the findings are open", func() bool {
		var i inspectionView
		p.get(path+"/inspection", &i)
		return len(i.List) == 2 && i.List[0].Obligation != nil && i.List[1].Obligation != nil
	})
}

// supervise enters a hazard of the unit huayang, lists it, and returns its number.
func (p *process) supervise() string {
	p.t.Helper()
	day := p.today(0)
	p.act("/plans/changning-2024/hazards", map[string]any{
		"unit": "huayang", "due": p.today(30), "grade": "major", "source": "public_report", "industry": "gas", "region": "huayang",
		"enterprise": "某某餐饮有限公司", "place": "某某路1号", "text": "燃气软管穿墙敷设，未装燃气泄漏报警装置", "found": day, "reviewer": "yjj",
	})
	number := day[:4] + "-001"
	p.act("/plans/changning-2024/hazards/"+number+"/supervise", map[string]any{"authority": "长安委〔2026〕9号"})
	return number
}

// places returns what the ways' words stand for, those that are given and of the unit huayang, so that its liaison may see it.
func (p *process) places(known ...string) *strings.Replacer {
	p.t.Helper()
	var list struct {
		Documents []struct{ Measure, Unit, Period, Rung string }
	}
	p.get("/documents?"+url.Values{"unit": {"huayang"}, "rung": {"letter"}, "status": {"issued"}, "limit": {"1"}}.Encode(), &list)
	require.NotEmpty(p.t, list.Documents, "a letter has gone out")
	d := list.Documents[0]
	one := strings.Join([]string{d.Measure, d.Unit, d.Period}, "/")
	return strings.NewReplacer(append(known, "{obligation}", one, "{document}", one+"/"+d.Rung)...)
}
