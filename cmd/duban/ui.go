package main

import (
	"net/http"
	"net/url"

	"duban/internal/devserver"
	"duban/internal/seal"
	"duban/web"
	"duban/workflows"
)

// uiPath is where Temporal's pages stand on duban's own address.
const uiPath = "/temporal"

// codecPath is where those pages have payloads opened.
const codecPath = "/temporal-codec"

// openUI puts Temporal's pages together, whether the engine is in this process or elsewhere: they call it through duban's
// own connection.
func (i *installation) openUI() error {
	banner := ""
	if i.clock.Scaled() {
		banner = textBanner
	}
	views := make([]devserver.View, len(workflows.Views))
	for n, v := range workflows.Views {
		views[n] = devserver.View(v)
	}
	ui, err := devserver.NewUI(devserver.UIOptions{
		Workflows: i.client.SDK().WorkflowService(), Operator: i.client.SDK().OperatorService(), Namespace: i.ns,
		PublicPath: uiPath, Codec: codecPath, SecureCookie: i.cfg.Listen.Encrypted(), Columns: workflows.Columns, Views: views, Banner: banner,
	})
	i.ui = ui
	return err
}

// decoder returns what opens sealed payloads for Temporal's pages. Who may see the pages may have it, and nobody else.
func (i *installation) decoder() http.Handler {
	return http.StripPrefix(codecPath, seal.Handler(i.codec))
}

// views returns the addresses of the lists that the Temporal UI begins with.
func views(namespace string) []web.View {
	out := make([]web.View, len(workflows.Views))
	for n, v := range workflows.Views {
		query := url.Values{"query": {v.Query}, "savedQuery": {v.Name}}
		out[n] = web.View{Name: v.Name, Path: uiPath + "/namespaces/" + url.PathEscape(namespace) + "/workflows?" + query.Encode()}
	}
	return out
}

// uiURL returns where people find Temporal's pages, "" where none are served.
func (i *installation) uiURL() string {
	if i.ui == nil {
		return ""
	}
	return i.url() + uiPath
}
