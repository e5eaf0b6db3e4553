package devserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/temporalio/ui-server/v2/server/api"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/cors"
	"github.com/temporalio/ui-server/v2/server/csrf"
	"github.com/temporalio/ui-server/v2/server/route"
	"github.com/temporalio/ui-server/v2/ui"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// UIOptions says which server a UI looks at and what its pages begin with.
type UIOptions struct {
	// Workflows and Operator reach the server, the embedded one or another. The UI keeps nothing that they show it.
	Workflows workflowservice.WorkflowServiceClient
	Operator  operatorservice.OperatorServiceClient
	// Namespace is shown first.
	Namespace string
	// PublicPath is the prefix under which the handlers are mounted, such as "/temporal"; empty at the root. The
	// handlers strip it themselves.
	PublicPath string
	// Codec is the path, on the same host, of what makes payloads readable (its /decode); empty where they are readable
	// as they are stored.
	Codec string
	// Columns are those of the list of workflows to begin with: labels of the UI's own, or search attributes. Who arranges
	// them otherwise keeps that. Empty: as the UI has them.
	Columns []string
	// Views are lists to begin with, beside the UI's own.
	Views []View
	// Banner stands above every page; empty for none.
	Banner string
	// SecureCookie marks the anti-forgery cookie Secure: set it where pages are served over TLS.
	SecureCookie bool
}

// View is a list of workflows that has a name.
type View struct {
	Name  string
	Query string // a visibility query
}

// UI is the Temporal UI as handlers: pages, assets and the JSON API they call. It needs no network but the server's
// address, asks no one for newer versions, and knows no login of its own, so whoever mounts it guards it.
type UI struct{ readOnly, writable http.Handler }

// NewUI builds a UI.
//
// It is put together from the ui-server's parts instead of its Server, because that one opens its own port, ends
// the process when it cannot, and offers a page that looks up releases on the internet.
func NewUI(o UIOptions) (*UI, error) {
	assets, err := uiAssets(o)
	if err != nil {
		return nil, err
	}
	gateway, err := newGateway(o.Workflows, o.Operator)
	if err != nil {
		return nil, err
	}
	writable, err := pagesFor(o, assets, gateway, true)
	if err != nil {
		return nil, err
	}
	looking, err := pagesFor(o, assets, readOnly(gateway), false)
	if err != nil {
		return nil, err
	}
	return &UI{readOnly: looking, writable: writable}, nil
}

// Handler returns the UI for somebody who may change workflows, or for somebody who may only look on: then the pages offer
// no change, and one that is asked for all the same is refused (405).
func (u *UI) Handler(writable bool) http.Handler {
	if writable {
		return u.writable
	}
	return u.readOnly
}

func pagesFor(o UIOptions, assets fs.FS, gateway http.Handler, writable bool) (http.Handler, error) {
	cfg := &config.Config{
		TemporalGRPCAddress:   "gateway", // asked for, and never dialled
		EnableUI:              true,
		DefaultNamespace:      o.Namespace,
		DisableNewsFetch:      true,
		DisableWriteActions:   !writable,
		BatchActionsDisabled:  !writable,
		StartWorkflowDisabled: true,
		HideLogs:              true,
		CORS:                  config.CORS{CookieInsecure: !o.SecureCookie},
		Codec:                 config.Codec{Endpoint: o.Codec, IncludeCredentials: o.Codec != ""},
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	provider, err := config.NewConfigProviderWithRefresh(cfg)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover())
	e.Use(middleware.Gzip())
	e.Use(cors.CORSMiddleware(cors.CORSConfig{ConfigProvider: provider}))
	e.Use(middleware.Secure())
	e.Use(csrf.EnsureTokenCookie(o.SecureCookie))
	e.Use(middleware.CSRFWithConfig(csrf.MiddlewareConfig(provider, o.SecureCookie)))
	route.SetHealthRoute(e)

	group := e.Group("/api/v1")
	group.GET("/settings", api.GetSettings(provider))
	group.GET("/releases", func(c echo.Context) error {
		return c.JSON(http.StatusOK, api.LatestReleasesResponse{Releases: map[string]string{}})
	})
	group.GET("/ui-extensions", api.GetUIExtensions(provider, nil)) // there are none, whoever asks
	group.GET(api.WorkflowRawHistoryUrl, api.WorkflowRawHistoryHandler(o.Workflows))
	group.Any("/*", echo.WrapHandler(gateway))

	if err := route.SetUIRoutes(e, "", assets, provider); err != nil {
		return nil, err
	}
	route.SetRenderRoute(e, "/")
	if o.PublicPath == "" {
		return e, nil
	}
	return http.StripPrefix(o.PublicPath, withURI(e)), nil
}

// withURI keeps RequestURI in step with a stripped path, since echo and the UI's pages read either.
func withURI(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "" {
			r.URL.Path = "/"
		}
		r.RequestURI = r.URL.RequestURI()
		next.ServeHTTP(w, r)
	})
}

// pages are the embedded assets with an index page of our own making.
type pages struct {
	fs.FS
	index []byte
}

func (p pages) ReadFile(name string) ([]byte, error) {
	if name == "index.html" {
		return bytes.Clone(p.index), nil
	}
	return fs.ReadFile(p.FS, name)
}

// uiAssets gives the pages for a prefix, with what the house begins with. The ui-server could set the prefix itself, but
// drops the page's content security policy when it does, because the policy names the hash of a script that contains the
// prefix; here the hash is computed anew.
func uiAssets(o UIOptions) (fs.FS, error) {
	all, err := ui.Assets()
	if err != nil {
		return nil, err
	}
	local, err := fs.Sub(all, "local")
	if err != nil {
		return nil, err
	}
	raw, err := fs.ReadFile(local, "index.html")
	if err != nil {
		return nil, err
	}
	before, err := scriptHash(string(raw))
	if err != nil {
		return nil, err
	}
	page := string(raw)
	if o.PublicPath != "" {
		page = strings.ReplaceAll(page, `base: ""`, fmt.Sprintf("base: %q", o.PublicPath))
		page = strings.ReplaceAll(page, `"/_app/`, `"`+o.PublicPath+`/_app/`)
	}
	after, err := scriptHash(page)
	if err != nil {
		return nil, err
	}
	script, err := beginWith(o)
	if err != nil {
		return nil, err
	}
	own := "<script>" + script + "</script>"
	hash, err := scriptHash(own)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(page, before) || !strings.Contains(page, "</head>") {
		return nil, fmt.Errorf("index page names no policy for its script")
	}
	page = strings.ReplaceAll(page, before, after+"' '"+hash)
	page = strings.Replace(page, "</head>", "<style>"+style(o)+"</style>"+own+"</head>", 1)
	return pages{FS: local, index: []byte(page)}, nil
}

// beginWith returns the script that gives a browser which comes for the first time its columns and views. The UI keeps
// them in the browser, by namespace.
func beginWith(o UIOptions) (string, error) {
	type column struct {
		Label string `json:"label"`
	}
	type view struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Query string `json:"query"`
		Type  string `json:"type"`
	}
	columns, views := []column{}, []view{}
	for _, label := range o.Columns {
		columns = append(columns, column{label})
	}
	for i, v := range o.Views {
		views = append(views, view{fmt.Sprintf("duban-%d", i), v.Name, v.Query, "user"})
	}
	begin := map[string]any{}
	if len(columns) > 0 {
		begin["namespace-workflow-table-columns"] = columns
	}
	if len(views) > 0 {
		begin["saved-workflow-queries"] = views
	}
	values, err := json.Marshal(begin) // escapes what would end the script
	if err != nil {
		return "", err
	}
	namespace, err := json.Marshal(o.Namespace)
	return fmt.Sprintf(beginScript, namespace, values), err
}

// A browser that keeps nothing, or keeps something unreadable, goes without.
const beginScript = `{
const namespace = %s, begin = %s;
try {
  for (const key in begin) {
    const kept = JSON.parse(localStorage.getItem(key)) || {};
    if (!kept[namespace]) localStorage.setItem(key, JSON.stringify({...kept, [namespace]: begin[key]}));
  }
} catch {}
}`

// style returns what the pages look like beyond their own styles. Links to other hosts lead nowhere on an intranet; the
// UI's own are relative.
func style(o UIOptions) string {
	const links = `a[href^="http"] { display: none !important; }`
	if o.Banner == "" {
		return links
	}
	text := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "<", `\3c `, "\n", " ").Replace(o.Banner)
	return links + ` body::before { content: "` + text + `"; position: fixed; top: 0; left: 50%; transform: translateX(-50%); z-index: 1000;` +
		` padding: .25rem 1rem; border-radius: 0 0 .5rem .5rem; background: #b91c1c; color: #fff; white-space: nowrap; pointer-events: none; }`
}

func scriptHash(page string) (string, error) {
	_, rest, found := strings.Cut(page, "<script>")
	script, _, closed := strings.Cut(rest, "</script>")
	if !found || !closed {
		return "", fmt.Errorf("index page has no script")
	}
	sum := sha256.Sum256([]byte(script))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:]), nil
}
