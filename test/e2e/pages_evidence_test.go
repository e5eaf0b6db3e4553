package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// command puts a command of the browser's own protocol to the tab.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, c, params)
		return chromedp.Void{}, err
	}
}

// until waits until an expression of the page's script is true.
func (b *tab) until(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression))
	require.NoError(b.t, err, expression)
}

// runs carries out a statement of the page's script.
func (b *tab) runs(statement string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](statement+"; null"))
	require.NoError(b.t, err, statement)
}

// slow lets the tab send no more than so many bytes a second; -1: as many as it can.
func (b *tab) slow(bytes float64) {
	b.t.Helper()
	b.do(command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{UploadThroughput: bytes, DownloadThroughput: -1}},
	}))
}

// choose picks files in the report's form, as with the dialog of the system.
func (b *tab) choose(files ...string) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS(reportForm+` input[type=file][multiple]`), files))
}

const reportForm = `form[action$="/submit"]`

// pick writes files to choose and returns where they lie.
func pick(t *testing.T, files map[string][]byte) func(name string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	return func(name string) string { return filepath.Join(folder, name) }
}

// A liaison signs for what he finds on his desk and reports it with evidence: chosen, dropped, refused, broken off, removed,
// and with a session that ends in the midst of it.
func TestEvidenceInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	p := serve(t, t.TempDir(), append([]string{"--seed", "none"}, scaled("2025-03-10", 0.001)...)...)
	p.seedSmall("2025-03-01")
	await(t, "it is opened", func() bool { return len(p.obligations("measure=1.1")) > 2 })
	pdf := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("总结\x00\xff"), 30_000)...)
	lies := pick(t, map[string][]byte{
		"演练 总结.pdf": pdf, "现场.mp4": append([]byte("\x00\x00\x00\x18ftypmp42"), make([]byte, 4<<20)...), "程序.exe": []byte("MZ"), "假的.png": pdf,
		"多余.txt": []byte("多余"), "补充.txt": []byte("补充"),
	})
	site := strings.TrimSuffix(p.api, "/api/v1")
	for i, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			unit := []string{"u02", "u03"}[i]
			p.tokenOf("liaison-"+unit, "unit", unit)
			b := openTab(t, "evidence-"+screen.name, screen.width, screen.height)
			b.enter(site, "liaison-"+unit, password)
			b.shows("desk", "待签收")
			b.holds("desk")
			b.press(`button[name="one"][value^="1.1/"]`)
			b.shows("signed", "已签收。")
			b.do(chromedp.Navigate(fmt.Sprintf("%s/plans/small/obligations/1.1/%s/1#act", site, unit)))
			b.press(`details:has(> ` + reportForm + `) > summary`)
			b.do(chromedp.SendKeys(chromedp.CSS(`#submit-text`), "已组织演练并完成总结。"))
			b.shows("form", "佐证材料")
			b.holds("form")

			b.runs(`window.said = []; new MutationObserver(() => document.querySelectorAll(".uploads .percent").forEach((e) => said.push(e.textContent))).observe(document.querySelector('` + reportForm + ` .uploads'), { subtree: true, childList: true, characterData: true })`)
			b.choose(lies("演练 总结.pdf"), lies("程序.exe"), lies("假的.png"))
			b.shows("refused", "不接收这类文件")
			b.shows("mismatch", "与扩展名或所报类型不符")
			b.holds("refused")
			b.until(`document.querySelectorAll('` + reportForm + ` .staged li').length === 1`)
			b.until(`said.includes("正在检查")`)
			b.do(chromedp.Click(chromedp.CSS(reportForm+` .uploads li:nth-child(1) .cancel`)), chromedp.Click(chromedp.CSS(reportForm+` .uploads li .cancel`)))
			b.until(`document.querySelectorAll('` + reportForm + ` .uploads li').length === 0`)

			// What is on its way is not left behind, and can be broken off.
			b.slow(200_000)
			b.choose(lies("现场.mp4"))
			b.until(`said.some((s) => /^[1-9][0-9]?%$/.test(s))`)
			b.press(reportForm + ` > button`)
			b.shows("busy", "还有文件正在上传")
			b.press(reportForm + ` .uploads .cancel`)
			b.until(`document.querySelectorAll('` + reportForm + ` .uploads li').length === 0`)
			b.slow(-1)

			// The session ends: nothing is lost, and it goes on after a login elsewhere.
			b.do(command(network.ClearBrowserCookies, cdp.Empty{}))
			b.choose(lies("补充.txt"))
			b.shows("expired", "登录已过期，没有传上")
			b.until(`document.getElementById("expired").open`)
			b.runs(fmt.Sprintf(`window.back = false; fetch("/login", { method: "POST", body: new URLSearchParams({ login: "liaison-%s", password: %q }) }).then((r) => { back = r.ok })`, unit, password))
			b.until(`back`)
			b.press(`#expired [data-close]`)
			b.press(reportForm + ` .uploads .retry`)
			b.until(`document.querySelectorAll('` + reportForm + ` .staged li').length === 2`)

			b.runs(`{ const carried = new DataTransfer(); carried.items.add(new File(["多余"], "多余.txt")); document.querySelector('` + reportForm + ` .drop').dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true })) }`)
			b.until(`document.querySelectorAll('` + reportForm + ` .staged li').length === 3`)
			b.runs(`window.confirm = () => true`)
			b.press(reportForm + ` .staged li:nth-child(3) .remove`)
			b.until(`document.querySelectorAll('.staged li').length === 4`) // two in each of two forms
			b.shows("ready", "补充.txt")

			b.press(reportForm + ` > button`)
			b.shows("submitted", "已报送，等区安委办审核。")
			text, err := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("main")))
			require.NoError(t, err)
			require.Contains(t, text, "已组织演练并完成总结。", "it is what was typed before the session ended")
			var list evidenceList
			p.get(fmt.Sprintf("/obligations/small/1.1/%s/1/evidence", unit), &list)
			require.Len(t, list.Evidence, 2)
			for _, e := range list.Evidence {
				require.False(t, e.Staged, e.Name)
				require.Contains(t, text, e.Name)
			}
			for _, fault := range b.complained() {
				require.Regexp(t, `status of (415|401)`, fault)
			}
			require.Equal(t, []string{site}, b.asked())
		})
	}
	p.stop()
}
