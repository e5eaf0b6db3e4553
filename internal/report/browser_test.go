package report

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// visit is what the browser did with a page.
type visit struct {
	mutex    sync.Mutex
	requests []string
	faults   []string
}

func (v *visit) hear(event any) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		v.requests = append(v.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		v.faults = append(v.faults, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		v.faults = append(v.faults, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		v.faults = append(v.faults, e.Entry.Text)
	}
}

// The report opens from a file, draws all of its charts, on the screen as on paper, complains of nothing and asks no host
// for anything.
func TestReportInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	var runs []Rehearsal
	for _, l := range []string{"标准阶梯（区安委办二〇二四年印发）", "从严阶梯（区安委办二〇二六年征求意见稿）"} {
		for i, s := range []string{"勤勉", "各街道（镇）人手不足、年底集中报送的情形"} {
			runs = append(runs, rehearse(t, 24, mixture(s, 1+i*4), ladder(l, 5)))
		}
	}
	file := filepath.Join(t.TempDir(), "推演.html")
	require.NoError(t, os.WriteFile(file, []byte(written(t, runs...)), 0o600))

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1600, 900),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, leave := chromedp.NewContext(allocator)
	defer leave()
	var v visit
	require.NoError(t, chromedp.Listen(ctx, v.hear))
	address := url.URL{Scheme: "file", Path: file}
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(address.String())))
	ask := func(expression string) float64 {
		t.Helper()
		n, err := chromedp.Run(ctx, chromedp.Evaluate[float64](expression))
		require.NoError(t, err, expression)
		return n
	}
	const drawn = `document.querySelectorAll('.chart svg').length`
	require.Equal(t, 1.0+4+4+1+1, ask(drawn), "of the charts behind tabs the first is drawn")
	require.Zero(t, ask(`[...document.querySelectorAll('.chart svg')].filter(s => s.querySelectorAll('path').length < 20).length`), "none is empty")
	require.Zero(t, ask(`document.documentElement.scrollWidth - window.innerWidth`), "nothing runs off the page")
	require.Equal(t, 1600.0, ask(`window.innerWidth`))

	ask(`document.querySelectorAll('.tabs[data-for=notices] button')[3].click(), 0`)
	require.Equal(t, 12.0, ask(drawn))
	require.Equal(t, 1.0, ask(`[...document.querySelectorAll('.panel[data-tabs=notices]')].filter(p => p.clientHeight).length`), "one at a time")

	paper, err := chromedp.Run(ctx, chromedp.Action[[]byte](func(ctx context.Context, target *chromedp.Target) ([]byte, error) {
		result, err := cdp.Call(ctx, target, page.PrintToPDF, page.PrintToPDFParams{})
		return result.Data, err
	}))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(paper), "%PDF-"))
	require.Equal(t, 1.0+4+4+4+1, ask(drawn), "on paper there are no tabs")

	v.mutex.Lock()
	defer v.mutex.Unlock()
	require.Empty(t, v.faults)
	require.Equal(t, []string{address.String()}, v.requests)
}
