package e2e

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// is waits until an expression of the page is true.
func (b *tab) is(expression string) {
	b.t.Helper()
	await(b.t, expression, func() bool {
		yes, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		return err == nil && yes
	})
}

// says evaluates an expression of the page that is a text.
func (b *tab) says(expression string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	require.NoError(b.t, err)
	return text
}

var (
	demoPassword = regexp.MustCompile(`密码都是 (\S+)`)
	a3Landscape  = regexp.MustCompile(`/MediaBox \[0 0 119\d\.?\d* 84\d\.?\d*\]`)
)

// The wall chart fits its screen, refreshes without losing its place, fills the screen, prints on its paper, and stays where
// the server goes.
func TestWallInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := serve(t, filepath.Join(t.TempDir(), "data"), "--demo", "--units", "huayang", "--script", "lax", "--as-of", "2026-01-05", "--minutes", "0.01")
	await(t, "some of it has happened", func() bool { return p.training().Events > 300 })
	p.steer("/training/pace", `{"paused":true}`)
	site := strings.TrimSuffix(p.api, "/api/v1")
	enter := func(b *tab) {
		b.do(chromedp.Navigate(site + "/login"))
		b.fill("login", "leader")
		b.fill("password", demoPassword.FindStringSubmatch(p.stdout.String())[1])
		b.press("button")
		b.shows("wall", "挂图作战")
	}

	b := openTab(t, "wall", 1366, 768)
	enter(b)
	b.is(`document.querySelector(".wallframe").getBoundingClientRect().bottom <= innerHeight`)
	b.is(`document.querySelector(".wallframe").scrollWidth <= document.querySelector(".wallframe").clientWidth`)
	b.is(`document.querySelectorAll(".chart canvas").length > 0`)

	charts := b.says(`String(document.querySelectorAll(".chart canvas").length)`)
	b.do(chromedp.Focus(chromedp.CSS("#rank-data summary")), chromedp.KeyEvent("\r"))
	b.is(`document.querySelector("#rank-data").open`)
	const frame = `document.querySelector(".wallframe")`
	b.says(frame + `.classList.add("of-before"), ` + frame + `.scrollTop = 5, scrollTo(0, 90), String(` + frame + `.scrollTop + ":" + scrollY)`)
	place := b.says(`String(` + frame + `.scrollTop + ":" + scrollY)`)
	b.says(`htmx.ajax("GET", location.pathname, "#board"), ""`)
	b.is(`!document.querySelector(".of-before")`)
	require.Equal(t, place, b.says(`String(`+frame+`.scrollTop + ":" + scrollY)`), "it keeps its place")
	b.is(`document.querySelector("#rank-data").open`)
	require.Equal(t, charts, b.says(`String(document.querySelectorAll(".chart canvas").length)`), "the charts are drawn again")
	require.Contains(t, b.says(`document.querySelector("[data-refreshed]").textContent`), "刷新于")

	b.says(`scrollTo(0, 0), ""`)
	b.press("[data-fullscreen]")
	b.shows("full", "退出全屏")
	b.is(`getComputedStyle(document.querySelector(".top")).display === "none"`)
	b.says(frame + `.classList.add("of-before"), htmx.ajax("GET", location.pathname, "#board"), ""`)
	b.is(`!document.querySelector(".of-before") && document.fullscreenElement !== null`)
	b.press("[data-fullscreen]")
	b.is(`document.fullscreenElement === null`)

	paper, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	require.NoError(t, err)
	require.Len(t, a3Landscape.FindAll(paper, -1), 2, "the chart is on the first page, all else on the second")

	plan := b.says(`location.pathname`)
	b.do(chromedp.Navigate(site + plan + "/tasks/1"))
	b.shows("task", "方案原文")
	b.press(`#matrix a[href$="year=2026"]`)
	b.is(`location.search === "?year=2026" && document.querySelector("#matrix [aria-current]").textContent.trim() === "2026年"`)
	b.shows("year", "方案原文")
	b.is(`document.querySelectorAll("#matrix").length === 1`)

	phone := openTab(t, "wall-phone", 390, 844)
	enter(phone)
	phone.is(`getComputedStyle(document.querySelector("td.month")).display === "none"`)
	phone.do(chromedp.Navigate(site + plan + "/tasks"))
	phone.shows("tasks", "强化党委政府领导责任")
	require.Empty(t, b.complained())
	require.Empty(t, phone.complained())
	require.Equal(t, []string{site}, b.asked())

	b.do(chromedp.Navigate(site + plan))
	rows := `String(document.querySelectorAll(".wall tbody tr").length)`
	before := b.says(rows)
	p.stop()
	b.says(`htmx.ajax("GET", location.pathname, "#board").catch(() => {}), ""`)
	b.is(`document.querySelector("[data-refreshed]").textContent.includes("暂时无法刷新")`)
	require.Equal(t, before, b.says(rows), fmt.Sprintf("what hangs stays: %s", before))
}
