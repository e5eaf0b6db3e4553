package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"duban/api"
)

type description struct {
	OpenAPI string `json:"openapi"`
	Info    struct{ Title, Version, Description string }
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Summary     string
		Description string
		Tags        []string
		Parameters  []struct {
			Name, In, Description string
			Required              bool
		}
		RequestBody *struct {
			Required bool
			Content  map[string]any
		}
		Security  *[]map[string][]string
		Responses map[string]struct {
			Description string
			Content     map[string]any
		}
	}
	Components struct {
		Schemas map[string]struct {
			Type                 string
			AdditionalProperties any
			Properties           map[string]struct{ Description string }
		}
	}
	Tags []struct{ Name string }
}

func describe(t *testing.T) ([]byte, description) {
	t.Helper()
	w := serve(api.New(newFake(t).deps()), request(http.MethodGet, "/api/openapi.json", ""))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
	var d description
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &d))
	return w.Body.Bytes(), d
}

// The description is part of what others build on: a change of it is to be seen. "go test ./api -update" takes it over.
func TestOpenAPIIsAsPublished(t *testing.T) {
	raw, _ := describe(t)
	var v any
	require.NoError(t, json.Unmarshal(raw, &v))
	pretty, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	goldie.New(t, goldie.WithNameSuffix(".json")).Assert(t, "openapi", append(pretty, '\n'))
}

func TestOpenAPIIsWhole(t *testing.T) {
	raw, d := describe(t)
	require.Equal(t, "3.1.0", d.OpenAPI)
	require.Equal(t, "test", d.Info.Version)
	require.Contains(t, d.Info.Description, "令牌")
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(string(raw), -1) {
		name, ok := strings.CutPrefix(ref[1], "#/components/schemas/")
		require.True(t, ok, ref[1])
		require.Contains(t, d.Components.Schemas, name)
	}
	for name, s := range d.Components.Schemas {
		for field, p := range s.Properties {
			if s.Type == "object" {
				require.True(t, isChinese(p.Description), "%s.%s says nothing", name, field)
			}
		}
		if strings.HasSuffix(name, "Body") {
			require.Equal(t, false, s.AdditionalProperties, "%s takes unknown fields", name)
		}
	}
}

// Every route of the router is described, and every description has what a user of it needs.
func TestEveryRouteIsDocumented(t *testing.T) {
	_, d := describe(t)
	engine := api.New(newFake(t).deps())
	tags := []string{}
	for _, tag := range d.Tags {
		tags = append(tags, tag.Name)
	}
	seen := map[string]bool{}
	param := regexp.MustCompile(`:([a-z]+)`)
	for _, route := range engine.Routes() {
		if !strings.HasPrefix(route.Path, v1+"/") {
			require.True(t, route.Path == "/api/openapi.json" || strings.HasPrefix(route.Path, "/api/docs"), route.Path)
			continue
		}
		name := route.Method + " " + route.Path
		op, ok := d.Paths[param.ReplaceAllString(route.Path, "{$1}")][strings.ToLower(route.Method)]
		require.True(t, ok, "%s is not described", name)
		require.NotEmpty(t, op.OperationID, name)
		require.False(t, seen[op.OperationID], "%s: %s is taken", name, op.OperationID)
		seen[op.OperationID] = true
		require.True(t, isChinese(op.Summary) && isChinese(op.Description), name)
		require.Len(t, op.Tags, 1, name)
		require.Contains(t, tags, op.Tags[0], name)
		var inPath []string
		for _, p := range op.Parameters {
			require.True(t, isChinese(p.Description), "%s: %s says nothing", name, p.Name)
			if p.In == "path" {
				inPath = append(inPath, p.Name)
				require.True(t, p.Required, name)
			}
		}
		var want []string
		for _, p := range param.FindAllStringSubmatch(route.Path, -1) {
			want = append(want, p[1])
		}
		require.ElementsMatch(t, want, inPath, name)

		statuses := []string{"200", "400", "422", "429", "500", "503"}
		if op.Security == nil { // else it is for all
			statuses = append(statuses, "401", "403")
		}
		if len(want) > 0 && !slices.Contains(want, "login") {
			statuses = append(statuses, "404")
		}
		if route.Method == http.MethodPost {
			statuses = append(statuses, "408", "413", "415")
			require.True(t, op.RequestBody != nil || strings.HasSuffix(route.Path, "/logout") || strings.HasSuffix(route.Path, "/me/feeds"), name)
		}
		for _, status := range statuses {
			require.Contains(t, op.Responses, status, name)
		}
		for status, response := range op.Responses {
			require.True(t, isChinese(response.Description), "%s: %s", name, status)
			if status != "200" {
				require.Contains(t, response.Content, "application/problem+json", name)
			}
		}
	}
	described := 0
	for _, operations := range d.Paths {
		described += len(operations)
	}
	require.Len(t, seen, described, "what is described is served")
	require.Len(t, seen, 149)
}

var absolute = regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]`)

func TestDocsPageNeedsNoOtherHost(t *testing.T) {
	h := api.New(newFake(t).deps())
	page := serve(h, request(http.MethodGet, "/api/docs", ""))
	require.Equal(t, http.StatusOK, page.Code)
	require.Equal(t, "text/html; charset=utf-8", page.Header().Get("Content-Type"))
	policy := page.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.Contains(t, policy, "script-src 'self';")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, policy, "http")
	require.NotRegexp(t, absolute, page.Body.String())
	require.NotRegexp(t, `(?i)<script[^>]*>[^<]|<style|\son[a-z]+=|\sstyle=`, page.Body.String(), "something inside the page")

	links := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.Body.String(), -1)
	var assets []string
	for _, l := range links {
		if l[1] != "data:," {
			assets = append(assets, l[1])
		}
	}
	slices.Sort(assets)
	require.Equal(t, []string{"/api/docs/init.js", "/api/docs/swagger-ui-bundle.js", "/api/docs/swagger-ui.css"}, assets)
	for _, a := range assets {
		w := serve(h, request(http.MethodGet, a, ""))
		require.Equal(t, http.StatusOK, w.Code, a)
		require.NotEmpty(t, w.Header().Get("ETag"))
		cached := serve(h, request(http.MethodGet, a, "", "If-None-Match", w.Header().Get("ETag")))
		require.Equal(t, http.StatusNotModified, cached.Code)
		require.Zero(t, cached.Body.Len())
		switch {
		case strings.HasSuffix(a, "init.js"):
			require.NotRegexp(t, absolute, w.Body.String())
			require.Contains(t, w.Body.String(), "validatorUrl: null", "the viewer's default sends the description to a host of its maker")
		case strings.HasSuffix(a, ".css"):
			require.NotRegexp(t, `@import|url\(["']?(https?:)?//`, w.Body.String())
		}
	}
	// Nothing else of the folder is served.
	for _, other := range []string{"index.html", "swagger-ui.LICENSE", "../docs.go", "%2e%2e/docs.go"} {
		require.Equal(t, http.StatusNotFound, serve(h, request(http.MethodGet, "/api/docs/"+other, "")).Code, fmt.Sprint(other))
	}
}
