package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// tab is a browser's, on a screen of some width.
type tab struct {
	t    *testing.T
	ctx  context.Context
	name string

	mutex    sync.Mutex
	requests []string
	faults   []string
}

func openTab(t *testing.T, name string, width, height int) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(width, height),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("lang", "zh-CN"), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, leave := chromedp.NewContext(allocator)
	t.Cleanup(leave)
	b := &tab{t: t, ctx: ctx, name: name}
	require.NoError(t, chromedp.Listen(ctx, b.hear))
	b.do(chromedp.EmulateViewport(int64(width), int64(height)))
	return b
}

func (b *tab) hear(event any) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.faults = append(b.faults, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		b.faults = append(b.faults, e.Entry.Text)
	}
}

// patience is how long a page may take for one thing, on a machine that does much else.
const patience = time.Minute

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, enough := context.WithTimeout(b.ctx, patience)
	defer enough()
	if err := chromedp.Do(ctx, actions...); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		require.NoError(b.t, err, text)
	}
}

// shows waits until the page has the text, photographs it and looks whether it fits the screen.
func (b *tab) shows(picture, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector("main")?.innerText.includes(%q) ?? false`, text))
	image, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(b.t, err)
	file := filepath.Join(b.t.ArtifactDir(), b.name+"-"+picture+".png")
	require.NoError(b.t, os.WriteFile(file, image, 0o600))
	over, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](`document.documentElement.scrollWidth - window.innerWidth`))
	require.NoError(b.t, err)
	require.LessOrEqual(b.t, over, 0.0, "%s runs off the page", picture)
}

func (b *tab) fill(field, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name="`+field+`"]`), text))
}

func (b *tab) press(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// asked returns the hosts that the pages had the browser ask.
func (b *tab) asked() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var hosts []string
	seen := map[string]bool{}
	for _, r := range b.requests {
		if strings.HasPrefix(r, "data:") {
			continue // the browser's own pictures, of the fields for dates
		}
		if host := strings.Join(strings.SplitN(r, "/", 4)[:3], "/"); !seen[host] {
			seen[host] = true
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func (b *tab) complained() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.faults
}

var screens = []struct {
	name          string
	width, height int
}{{"desktop", 1280, 800}, {"phone", 390, 844}}

// command puts a command of the browser's own protocol to the tab.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, c, params)
		return chromedp.Void{}, err
	}
}

// runs carries out a statement of the page's script.
func (b *tab) runs(statement string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](statement+"; null"))
	require.NoError(b.t, err, statement)
}

// put gives a field of any kind its value.
func (b *tab) put(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(selector), text))
}

// until waits until an expression of the page is true, also while what it names is being replaced.
func (b *tab) until(expression string) {
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
