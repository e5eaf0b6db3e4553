package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
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
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true))
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

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, actions...))
}

// shows waits until the page has the text, photographs it and looks whether it fits the screen.
func (b *tab) shows(picture, text string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.Search(fmt.Sprintf(`//body//*[contains(text(), %q)]`, text))))
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

// The first administrator's way in, with a browser: link, password, login, first page, logout. The pages are among the
// test's artifacts. They ask no other host, and the browser complains of nothing but the password that was wrong.
func TestPagesInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	for _, screen := range screens {
		t.Run(screen.name, func(t *testing.T) {
			p := serve(t, t.TempDir(), "--seed", "none")
			site := strings.TrimSuffix(p.api, "/api/v1")
			b := openTab(t, screen.name, screen.width, screen.height)
			b.do(chromedp.Navigate(p.firstLink()))
			b.shows("setup", "系统管理员，您好")
			b.fill("password", "anquan2026!")
			b.fill("again", "anquan2026!")
			b.press("button")
			b.shows("setup-refused", "密码容易被猜到")
			b.fill("password", password)
			b.fill("again", password)
			b.press("button")
			b.shows("login", "密码已设置")
			b.fill("password", password)
			b.press("button")
			b.shows("home", "系统管理员（管理员）")
			b.press("button")
			b.shows("logout", "忘记密码的")
			b.do(chromedp.Navigate(site + "/nothing"))
			b.shows("lost", "没有这个页面")
			for _, fault := range b.complained() {
				require.Regexp(t, `status of (422|404)`, fault)
			}
			require.Equal(t, []string{site}, b.asked())
			p.stop()
		})
	}
}

// provided are the people of an identity provider: whoever is asked for.
type provided struct{}

func (provided) ExampleClientID() string { return "service" }

func (provided) GetUserByID(id string) *storage.User {
	return &storage.User{ID: id, Username: id, Password: password}
}

func (p provided) GetUserByUsername(name string) *storage.User { return p.GetUserByID(name) }

// vacant returns an address at which nobody listens.
func vacant(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// With the organisation's identity provider, which is down when duban starts.
func TestProviderInTheBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	address := vacant(t)
	site := "http://" + address
	provider := httptest.NewUnstartedServer(nil)
	issuer := "http://" + provider.Listener.Addr().String()
	storage.RegisterClients(storage.WebClient("duban", "zhe-shi-mi-mi", site+"/login/oidc/back"))
	op := exampleop.SetupServer(issuer, storage.NewStorage(provided{}), slog.New(slog.DiscardHandler), false)
	var mutex sync.Mutex
	up := false
	provider.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		served := up
		mutex.Unlock()
		if !served {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		op.ServeHTTP(w, r)
	})
	provider.Start()
	defer provider.Close()

	folder := t.TempDir()
	p := serve(t, folder, "--seed", "none", "--set", "listen.address="+address, "--set", "listen.url="+site, "--set", "oidc.issuer="+issuer,
		"--set", "oidc.clientID=duban", "--set", "oidc.clientSecret=zhe-shi-mi-mi", "--set", "oidc.only=true", "--set", "oidc.name=区政务统一身份认证")
	out, code := run(t, "--set", "data.folder="+folder, "account", "add", "zhang", "--name", "张三", "--role", "office")
	require.Zero(t, code, out)

	b := openTab(t, "provider", 390, 844)
	b.do(chromedp.Navigate(site + "/login?next=%2F%3Fx%3D1"))
	b.shows("login", "区政务统一身份认证登录")
	b.press("a.button")
	b.shows("down", "暂时连不上统一身份认证")
	mutex.Lock()
	up = true
	mutex.Unlock()
	b.press("a.button")
	b.fill("username", "zhang")
	b.fill("password", password)
	b.press("button")
	b.shows("home", "张三（区安委办）")
	where, err := chromedp.Run(b.ctx, chromedp.Location())
	require.NoError(t, err)
	require.Equal(t, site+"/?x=1", where, "he goes on to where he wanted")
	b.press("button")
	b.shows("logout", "管理员用密码登录")

	b.press("a.button")
	b.fill("username", "nobody")
	b.fill("password", password)
	b.press("button")
	b.shows("unknown", "本系统没有您的账号")
	require.ElementsMatch(t, []string{site, issuer}, b.asked())
	p.stop()
	require.NotContains(t, p.stderr.String(), "zhe-shi-mi-mi")
	verify(t, folder)
}
