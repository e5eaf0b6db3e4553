package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// The office narrows the list down, comes back to it, nudges several at once, pages through a ledger, and is told that a unit
// was faster than it.
func TestObligationsInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := serve(t, t.TempDir(), standing()...)
	p.seedSmall("2025-03-01")
	p.awaitOpened("small", 62)
	p.tokenOf("office", "office", "") // so that there is one who may log in
	one := p.obligations("measure=1.1")[0]
	for range 22 {
		p.act(one.path()+"/nudge", map[string]any{})
	}
	site := strings.TrimSuffix(p.api, "/api/v1")
	list := site + "/plans/small/obligations"
	page := list + strings.TrimPrefix(one.path(), "/obligations/small")

	b := openTab(t, "obligations", 1366, 768)
	is := b.until
	runs := func(statement string) {
		t.Helper()
		_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](statement+"; null"))
		require.NoError(t, err, statement)
	}
	choose := func(name, value string) {
		t.Helper()
		runs(`(() => { const f = document.querySelector('#filters [name="` + name + `"]'); f.value = "` + value + `"; f.dispatchEvent(new Event("change", { bubbles: true })); })()`)
	}
	b.do(chromedp.Navigate(site + "/login?next=/plans/small/obligations"))
	b.fill("login", "office")
	b.fill("password", password)
	b.press("button")
	b.shows("list", "责任事项")
	b.holds("list")

	choose("stage", "signed")
	is(`location.search === "?stage=signed" && document.querySelector("#list .empty") !== null`)
	choose("stage", "open")
	is(`location.search === "?stage=open" && document.querySelector("#list tbody") !== null`)
	b.press("#sort-unit")
	is(`document.querySelector(".col-unit")?.ariaSort === "ascending" && document.activeElement?.id === "sort-unit"`)
	b.press("#tab-overdue")
	is(`new URLSearchParams(location.search).get("list") === "overdue" && new URLSearchParams(location.search).get("sort") === "unit"`)
	choose("year", "2025")
	is(`new URLSearchParams(location.search).get("list") === "overdue" && new URLSearchParams(location.search).get("year") === "2025"`)
	b.do(chromedp.Reload())
	is(`document.querySelector("#stage")?.value === "open" && document.querySelector("#year")?.value === "2025"`)
	runs(`history.back()`)
	is(`!location.search.includes("year") && document.querySelector("#year")?.value === "" && document.querySelectorAll("h1").length === 1`)

	b.do(chromedp.Navigate(list))
	b.press(".choose summary")
	b.press(`.choose input[value="updated"]`)
	is(`document.querySelector(".col-updated") !== null && location.search.includes("cols=") && document.querySelector("#next-page") !== null`)
	b.press("#next-page")
	is(`location.search.includes("cursor=") && location.search.includes("cols=")`)

	b.do(chromedp.Navigate(list + "?unit=" + one.Unit))
	b.shows("unit", "责任事项")
	is(`document.querySelector("[data-picked]")?.disabled`)
	b.press("[data-pick-all]")
	is(`document.querySelector("[data-picked]")?.textContent.includes("件")`)
	runs(`window.confirm = () => true`)
	b.press("[data-picked]")
	b.shows("nudged", "没有办理 0 件")
	b.holds("nudged")

	b.do(chromedp.Navigate(page))
	b.shows("one", "台账")
	b.holds("one")
	is(`document.querySelectorAll(".ledger .timeline > li").length === 20`)
	b.press(".earlier a")
	is(`document.querySelectorAll(".ledger .timeline > li").length > 20 && document.querySelector(".earlier") === null`)

	b.press(".others > summary")
	runs(`document.querySelector('details:has(> form[action$="/suspend"])').open = true`)
	b.do(chromedp.SendKeys(chromedp.CSS("#suspend-reason"), "上级正在修订标准"))
	p.act(one.path()+"/sign", map[string]any{})
	b.press(`form[action$="/suspend"] button`)
	b.shows("conflict", "其他人刚刚办理过")
	is(`document.querySelector("#suspend-reason")?.value === "上级正在修订标准" && document.querySelector("#suspend-reason")?.checkVisibility()`)
	b.press(`form[action$="/suspend"] button`)
	b.shows("suspended", "已中止，期限相应顺延。")

	for _, fault := range b.complained() {
		require.Regexp(t, `status of 409`, fault)
	}
	require.Equal(t, []string{site}, b.asked())
	p.stop()
}
