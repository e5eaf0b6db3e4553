package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A liaison fills in a month: he takes over what is proposed, is refused, and hands it in; the office reads it and accepts it.
func TestMonthlyInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := serve(t, t.TempDir(), append([]string{"--seed", "none"}, scaled("2025-03-14", 0.001)...)...)
	status, body := p.post("/plans", map[string]any{"files": monthlyPlan(t), "asOf": "2025-03-14"})
	require.Equal(t, http.StatusOK, status, body)
	await(t, "the reports are opened", func() bool { return len(p.obligations("plan=small&measure=1.2")) == 4 })
	site := strings.TrimSuffix(p.api, "/api/v1")
	for i, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			unit := []string{"u01", "u02"}[i]
			p.tokenOf("liaison-"+unit, "unit", unit)
			b := openTab(t, "monthly-"+screen.name, screen.width, screen.height)
			b.enter(site, "liaison-"+unit, password)
			b.shows("unit-desk", "待签收")
			b.do(chromedp.Navigate(site + "/plans/small/monthly"))
			b.shows("unit-months", "2025年3月")
			b.holds("unit-months")
			b.do(chromedp.Navigate(site + "/plans/small" + strings.Replace(reportOf(unit), "/obligations/small", "/obligations", 1)))
			b.press(`form[action$="/sign"] button`)
			b.shows("month-form", "可以采用")
			b.holds("month-form")
			b.press(`[data-take="submit-next"]`)
			b.until(`document.getElementById("submit-next").value.startsWith("按期完成本月到期的1项")`)
			b.press(`[data-take="submit-next"]`)
			b.until(`document.getElementById("submit-next").value.split("按期完成").length === 2`)
			b.do(chromedp.SendKeys(chromedp.CSS(`#submit-progress`), "检查12家，整改3处"), chromedp.Click(chromedp.CSS(`input[name="zero"]`)))
			b.press(reportForm + ` > button`)
			b.shows("month-refused", "勾选了“零报告”")
			b.until(`document.getElementById("submit-progress").value === "检查12家，整改3处" && document.querySelector('input[name="zero"]').checked`)
			b.press(`input[name="zero"]`)
			b.press(reportForm + ` > button`)
			b.shows("month-done", "已报送，等区安委办审核。")
			for _, fault := range b.complained() {
				require.Contains(t, fault, "status of 422")
			}
			require.Equal(t, []string{site}, b.asked())

			b = openTab(t, "monthly-office-"+screen.name, screen.width, screen.height)
			b.enter(site, "office", password)
			b.do(chromedp.Navigate(site + "/plans/small/monthly/2025-03"))
			b.shows("month", "未报送的单位")
			b.holds("month")
			b.press(`a[href$="/monthly/2025-03/` + unit + `"]`)
			b.shows("month-unit", "整改3处")
			b.holds("month-unit")
			b.press(`form[action$="/accept"] button`)
			b.shows("month-accepted", "已审核通过")
			require.Empty(t, b.complained())
		})
	}
	p.stop()
}
