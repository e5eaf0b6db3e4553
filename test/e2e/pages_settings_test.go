package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// put gives a field of any kind its value.
func (b *tab) put(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(selector), text))
}

// An administrator sees to contacts and accounts, with a browser: what only scripts do is among it.
func TestSettingsInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := serve(t, t.TempDir(), append([]string{"--seed", "none"}, scaled("2025-03-24", 1.0/86400)...)...)
	p.seedSmall("2025-03-24")
	p.enrol("admin2", "admin", "")
	site := strings.TrimSuffix(p.api, "/api/v1")
	text, err := simplifiedchinese.GB18030.NewEncoder().String("单位,姓名,手机\n演练单位03,甲,13800000003\n演练单位04,乙,\n")
	require.NoError(t, err)
	roster := filepath.Join(t.TempDir(), "名册.csv")
	require.NoError(t, os.WriteFile(roster, []byte(text), 0o600))
	for n, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			b := openTab(t, "settings-"+screen.name, screen.width, screen.height)
			b.enter(site, "admin2", password)

			unit := []string{"u01", "u02"}[n]
			b.do(chromedp.Navigate(site + "/plans/small/units/" + unit))
			b.press(`section[aria-labelledby=contacts] summary`)
			b.put(`[name=c0-name]`, "甲")
			b.put(`[name=c0-email]`, "jia@example.cn")
			b.press(`[data-adds]`)
			b.put(`[name=c1-name]`, "乙")
			b.shows("contacts", "更换联络员")
			b.holds("contacts")
			b.press(`form:has([data-people]) button:not([type])`)
			b.shows("contacts-preview", "尚未更改")
			b.holds("contacts-preview")
			b.put(`[name=reason]`, "联络员调整")
			b.press(`button[value=make]`)
			b.shows("contacts-made", "已调整")
			b.until(`document.querySelectorAll("section[aria-labelledby=contacts] tbody tr").length === 2`)

			b.do(chromedp.Navigate(site + "/plans/small/units"))
			b.do(chromedp.SendKeys(chromedp.CSS(`#q`), "单位17"))
			b.until(`document.querySelectorAll("#units tbody tr").length === 1`)
			b.press(`details:has(#table) summary`)
			b.do(chromedp.SetUploadFiles(chromedp.CSS(`#table-file`), []string{roster}))
			b.until(`document.getElementById("table").value.includes("演练单位04,乙")`)
			b.press(`form:has(#table) button`)
			b.shows("roster-preview", "手机 13800000003")
			b.holds("roster-preview")
			b.press(`button[value=edit]`)
			b.shows("roster-again", "新增单位")
			b.until(`document.getElementById("table").value.includes("演练单位04,乙")`)

			b.do(chromedp.Navigate(site + "/accounts"))
			b.press(`main details summary`)
			b.fill("login", "zhang"+screen.name)
			b.fill("name", "张三")
			b.put(`[name=unit]`, "u05")
			b.shows("account-new", "开立，签发一次性链接")
			b.holds("account-new")
			b.press(`main form button:not([type])`)
			b.shows("account-link", "只在这里显示一次")
			b.press(`[data-copies]`)
			b.shows("account-copied", "已复制")
			b.holds("account-copied")
			require.Empty(t, b.complained())
			require.Equal(t, []string{site}, b.asked())
		})
	}
	p.stop()
}
