package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// key presses a key, as soon as the desk listens to it. What the page takes for a command it does not type.
func (b *tab) key(key string) {
	b.t.Helper()
	down := input.DispatchKeyEventParams{Type: kb.KeyDown, Key: key, Text: key}
	up := input.DispatchKeyEventParams{Type: kb.KeyUp, Key: key}
	b.do(chromedp.WaitVisible(chromedp.CSS(".keys-hint")), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, event := range []input.DispatchKeyEventParams{down, up} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, event); err != nil {
				return err
			}
		}
		return nil
	}))
}

// What waits for review is worked through by keys alone: the first is accepted, the second returned with a reason in which
// the keys are letters again, and the third is open then.
func TestReviewByKeys(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	folder := t.TempDir()
	p := serve(t, folder, append([]string{"--seed", "none"}, scaled("2025-03-10", 0.001)...)...)
	p.seedSmall("2025-03-01")
	units := []string{"u02", "u03", "u04"}
	for _, unit := range units {
		await(t, unit+" has its obligation", func() bool { return len(p.obligations("measure=1.1&unit="+unit)) == 1 })
		status, answer := p.post("/obligations/small/1.1/"+unit+"/1/submit", map[string]any{"text": unit + "的完成情况"})
		require.Equal(t, http.StatusOK, status, answer)
	}
	site := strings.TrimSuffix(p.api, "/api/v1")
	b := openTab(t, "review", 1280, 800)
	b.do(chromedp.Navigate(site + "/login?next=/plans/small/desk"))
	b.fill("login", "office")
	b.fill("password", password)
	b.press("button")
	b.shows("queue", "u02的完成情况")

	b.key("?")
	b.shows("keys", "离开填写处")
	b.key("a") // a dialog is open: nothing is accepted
	b.do(chromedp.KeyEvent(kb.Escape))
	b.key("j")
	b.shows("next", "u03的完成情况")
	b.key("k")
	b.shows("previous", "u02的完成情况")
	b.key("a")
	b.shows("accepted", "已审核通过")
	b.shows("second", "u03的完成情况")
	b.key("r")
	b.do(chromedp.KeyEvent("jar: add the proof, ask again?"))
	b.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.shows("returned", "已退回责任单位补正")
	b.shows("third", "u04的完成情况")
	require.Empty(t, b.complained())
	require.Equal(t, []string{site}, b.asked())

	stages := map[string]string{}
	for _, unit := range units {
		stages[unit] = p.obligations("measure=1.1&unit=" + unit)[0].Stage
	}
	require.Equal(t, map[string]string{"u02": "accepted", "u03": "returned", "u04": "submitted"}, stages)
	var ledger struct{ Events []struct{ Kind, Text string } }
	p.get("/obligations/small/1.1/u03/1/ledger", &ledger)
	last := ledger.Events[len(ledger.Events)-1]
	require.Equal(t, []string{"returned", "jar: add the proof, ask again?"}, []string{last.Kind, last.Text})
	p.stop()
}
