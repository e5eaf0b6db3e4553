package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// agree answers what the page asks with yes, from now on.
func (b *tab) agree() {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`(window.confirm = (question) => question.includes("确定吗")) !== null`))
	require.NoError(b.t, err)
}

// The office brings the list of 2026, answers what is not certain and applies it, with a browser alone.
func TestListInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := serve(t, t.TempDir(), "--as-of", "2026-03-02", "--set", "clock.mode=scaled", "--set", "clock.start=2026-03-02", "--set", "clock.speed=1")
	p.tokenOf("office", "office", "")
	goal := "/obligations/changning-2024/7.5/yjj/1"
	due := func() string {
		var o struct{ Due string }
		p.get(goal, &o)
		return o.Due
	}
	await(t, "the plan runs", func() bool {
		r, err := p.send(http.MethodGet, goal, "", nil)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		return r.StatusCode == http.StatusOK
	})
	file, err := filepath.Abs(filepath.Join("testdata", "lists", "2026.csv"))
	require.NoError(t, err)

	site := strings.TrimSuffix(p.api, "/api/v1")
	b := openTab(t, "lists", 1366, 800)
	b.do(chromedp.Navigate(site + "/login?next=%2Fplans%2Fchangning-2024%2Flists"))
	b.fill("login", "office")
	b.fill("password", password)
	b.press("button")
	b.shows("empty", "还没有导入过清单")
	b.put("#year", "2026")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	b.press("form[enctype] button")
	b.shows("read", "须改正 1、须确认 2")
	require.Equal(t, "2026-12-31", due(), "nothing has changed")

	// Row 4 belongs to another task than was proposed, and is new.
	b.press("#r4 a")
	b.shows("row", "读成了什么")
	b.put("#task", "16") // which has its measures listed
	b.do(chromedp.WaitVisible(chromedp.Search(`//select[@id="measure"]/option[starts-with(@value, "16.")]/..`)))
	b.put("#measure", "new")
	b.press(`button[value="chosen"]`)
	b.shows("chosen", "须改正 1、须确认 1")
	b.press(`#r6 button[value="new"]`)
	b.shows("new", "须改正 1、须确认 0")
	b.press(`#r7 button[value="skip"]`)
	b.shows("settled", "全部读得懂")
	b.press(`a[href="?show=skipped"]`)
	b.shows("skipped", "收回确认")
	b.fill("reason", "2026年清单")
	b.agree()
	b.press("#apply ~ form button")
	b.shows("applied", "清单已写进方案")
	b.shows("effects", "2026-11-30")
	await(t, "the goal is due earlier", func() bool { return due() == "2026-11-30" })
	b.press(".actions a.plain")
	b.shows("again", "再次应用不会重复")
	require.Empty(t, b.complained())
	require.Equal(t, []string{site}, b.asked())
	p.stop()
}
