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
		{"stuck", "/stuck", "卡点"},
		{"lists", "/lists", "任务清单"},
		{"changes", "/changes", "调整"},
		{"ladders", "/ladders", "升级阶梯"},
		{"units", "/units", "单位"},
		{"unit", "/units/yjj", "区应急局"},
		{"calendar", "/calendar?year=2026", "2026年"},
		{"handover", "/handover", "移交"},
		{"channels", "/channels", "通知渠道"},
		{"training", "/training", "演练"},
		{"me", "/me", "我的账号"},
	},
	"leader":  {{"wall", "", "挂图作战"}, {"desk", "/desk", "文书待签"}, {"documents", "/documents", "文书"}, {"stuck", "/stuck", "卡点"}},
	"auditor": {{"wall", "", "挂图作战"}, {"obligation", "/obligations/{obligation}", "台账"}, {"accounts", "/accounts", "账号"}, {"log", "/admin-log", "管理日志"}},
	"admin": {
		{"accounts", "/accounts", "账号"},
		{"units", "/units", "单位"},
		{"calendar", "/calendar?year=2027", "2027年"},
		{"channels", "/channels", "通知渠道"},
		{"log", "/admin-log", "管理日志"},
		{"stuck", "/stuck", "卡点"},
	},
	"huayang": {
		{"desk", "/desk", "待办"},
		{"obligations", "/obligations", "责任事项"},
		{"obligation", "/obligations/{obligation}", "台账"},
		{"inbox", "/inbox", "收件箱"},
		{"documents", "/documents", "文书"},
	},
}

// ofInstallation are the pages that belong to no plan.
var ofInstallation = regexp.MustCompile(`^/(accounts|channels|admin-log|training|me)\b`)

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
	p.steer("/training/pace", `{"paused":true}`)
	secret := regexp.MustCompile(`密码都是 (\S+)`).FindStringSubmatch(p.stdout.String())
	require.NotNil(t, secret)
	places := p.places()
	for _, screen := range screens {
		for role, way := range ways {
			t.Run(screen.name+"-"+role, func(t *testing.T) {
				site := strings.TrimSuffix(p.api, "/api/v1")
				b := openTab(t, screen.name+"-"+role, screen.width, screen.height)
				b.enter(site, role, secret[1])
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

// places returns what the ways' words stand for: of the unit huayang, so that its liaison may see it.
func (p *process) places() *strings.Replacer {
	p.t.Helper()
	var list struct {
		Documents []struct{ Measure, Unit, Period, Rung string }
	}
	p.get("/documents?"+url.Values{"unit": {"huayang"}, "rung": {"letter"}, "status": {"issued"}, "limit": {"1"}}.Encode(), &list)
	require.NotEmpty(p.t, list.Documents, "a letter has gone out")
	d := list.Documents[0]
	one := strings.Join([]string{d.Measure, d.Unit, d.Period}, "/")
	return strings.NewReplacer("{obligation}", one, "{document}", one+"/"+d.Rung)
}

// enter logs in.
func (b *tab) enter(site, login, secret string) {
	b.t.Helper()
	b.do(chromedp.Navigate(site + "/login"))
	b.fill("login", login)
	b.fill("password", secret)
	b.press("button")
	b.do(chromedp.WaitReady(chromedp.CSS(".top")))
}

// holds holds a page against what every page has to be: one heading, a name for everything that is operated, labels for
// fields, no identifier twice, text that can be read against its ground.
func (b *tab) holds(picture string) {
	b.t.Helper()
	faults, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](accessible))
	require.NoError(b.t, err)
	require.Empty(b.t, faults, picture)
}

// accessible returns, in the browser, what is wrong with a page for those who can't see it well or at all.
const accessible = `(() => {
	const faults = [];
	const shown = (e) => e.checkVisibility({ visibilityProperty: true });
	const named = (e) => (e.getAttribute("aria-label") || e.textContent || e.title || e.alt || "").trim() !== "" || e.getAttribute("aria-labelledby");
	const say = (what, e) => faults.push(what + ": " + e.outerHTML.slice(0, 160));
	if (document.querySelectorAll("h1").length !== 1) faults.push("headings: " + document.querySelectorAll("h1").length);
	if (document.documentElement.lang !== "zh-CN") faults.push("language");
	const ids = new Set();
	for (const e of document.querySelectorAll("[id]")) {
		if (ids.has(e.id)) say("twice", e);
		ids.add(e.id);
	}
	for (const e of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")) {
		for (const id of (e.htmlFor || e.getAttribute("aria-labelledby") || e.getAttribute("aria-describedby")).split(" ")) {
			if (!document.getElementById(id)) say("points nowhere", e);
		}
	}
	for (const e of document.querySelectorAll("a[href], button, summary")) if (shown(e) && !named(e)) say("no name", e);
	for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
		if (shown(e) && !e.labels.length && !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")) say("no label", e);
	}
	for (const e of document.querySelectorAll("img:not([alt]), table:not(:has(th))")) say("no alternative", e);
	for (const e of document.querySelectorAll("[style]")) if (!e.closest("[data-chart]")) say("inline style", e);
	const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
	const parse = (text) => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
	const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
	const ground = (e) => {
		for (; e; e = e.parentElement) {
			const style = getComputedStyle(e);
			if (style.backgroundImage !== "none") return null;
			const colour = parse(style.backgroundColor);
			if (colour[3] === 1) return colour;
			if (colour[3] > 0) return null;
		}
		return [255, 255, 255, 1];
	};
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const seen = new Set();
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || seen.has(e) || !shown(e) || e.closest("script, style, option, [disabled]")) continue;
		seen.add(e);
		const style = getComputedStyle(e), under = ground(e), colour = parse(style.color);
		if (!under || colour[3] < 1) continue;
		const [a, b] = [light(colour), light(under)].sort((x, y) => y - x);
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
		if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) say("contrast " + ((a + 0.05) / (b + 0.05)).toFixed(1), e);
	}
	return faults.slice(0, 10);
})()`
