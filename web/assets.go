package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/internal/echarts"
)

// The pages' own files; among them htmx 2.0.11, unmodified, with its licence beside it.
//
//go:embed assets
var assets embed.FS

// chartsFile is what pages that draw charts name among their scripts.
const chartsFile = "echarts.min.js"

// sheets are the style sheets of pages, beside the one of all, by how their routes begin; the first that fits counts.
var sheets = []struct {
	route string
	names []string
}{
	{"/plans/:plan/obligations", []string{"obligation.css", "obligations.css", "evidence.css", "monthly.css"}},
	{"/plans/:plan/monthly", []string{"monthly.css"}},
	{"/plans/:plan/tasks", []string{"tasks.css"}},
	{"/plans/:plan/desk", []string{"desk.css", "document.css", "officedesk.css"}},
	{"/plans/:plan/inbox", []string{"desk.css"}},
	{"/plans/:plan/documents", []string{"document.css", "officedesk.css"}},
	{"/plans/:plan/handover", []string{"officedesk.css"}},
	{"/plans/:plan/stuck", []string{"stuck.css"}},
	{"/plans/:plan/assessments", []string{"assessments.css"}},
	{"/plans/:plan/inspections", []string{"inspections.css"}},
	{"/plans/:plan/findings", []string{"inspections.css"}},
	{"/plans/:plan/lists", []string{"lists.css"}},
	{"/plans/:plan/changes", []string{"lists.css"}},
	{"/plans/:plan/ladders", []string{"lists.css"}},
	{"/plans/:plan/units", []string{"units.css"}},
	{"/plans/:plan/contacts", []string{"units.css"}},
	{"/plans/:plan/calendar", []string{"units.css", "calendar.css"}},
	{"/plans/:plan/hazards/analysis", []string{"wall.css", "statistics.css"}},
	{"/plans/:plan/hazards", []string{"obligation.css", "obligations.css"}},
	{"/plans/:plan/statistics", []string{"wall.css", "statistics.css"}},
	{"/plans/:plan", []string{"wall.css"}},
	{"/training", []string{"lists.css"}},
	{"/accounts", []string{"units.css", "accounts.css"}},
	{"/channels", []string{"channels.css"}},
	{"/admin-log", []string{"adminlog.css"}},
}

// sheetsOf returns the style sheets of a route's page.
func sheetsOf(route string) []string {
	for _, s := range sheets {
		if strings.HasPrefix(route, s.route) {
			return s.names
		}
	}
	return nil
}

// kinds are the content types of the files, by what their names end in. What isn't here isn't served.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

type file struct {
	kind, tag string
	content   []byte
}

// files are all that is served below /assets/, by name.
var files = func() map[string]file {
	out := map[string]file{}
	add := func(name string, content []byte) {
		if kind := kinds[path.Ext(name)]; kind != "" {
			sum := sha256.Sum256(content)
			out[name] = file{kind, hex.EncodeToString(sum[:8]), content}
		}
	}
	entries, err := assets.ReadDir("assets")
	if err != nil {
		panic(err) // it is part of the program
	}
	for _, e := range entries {
		content, err := assets.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		add(e.Name(), content)
	}
	add(chartsFile, []byte(echarts.Script))
	return out
}()

// asset returns a file's address, which changes with its content: browsers may keep it for ever.
func asset(name string) string { return "/assets/" + name + "?v=" + files[name].tag }

func (s *server) serveAsset(c *gin.Context) {
	f, ok := files[c.Param("file")]
	if !ok {
		s.lost(c)
		return
	}
	if c.Query("v") == f.tag {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.Header("ETag", `"`+f.tag+`"`)
	if c.GetHeader("If-None-Match") == `"`+f.tag+`"` {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, f.kind, f.content)
}
