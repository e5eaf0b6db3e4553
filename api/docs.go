package api

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"
)

// The page and Swagger UI 5.35.0 (swagger-ui-dist, Apache-2.0, its licence beside it), unmodified.
//
//go:embed docs
var docsFiles embed.FS

// docsPolicy lets the page use nothing but what this program serves, and no script inside the page.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docsAssets are the files of the page with their content types.
var docsAssets = map[string]string{
	"index.html":           "text/html; charset=utf-8",
	"init.js":              "text/javascript; charset=utf-8",
	"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	"swagger-ui.css":       "text/css; charset=utf-8",
}

func registerDocs(r gin.IRoutes, g *gate, description []byte) {
	serve := func(address, kind string, content []byte) {
		sum := sha256.Sum256(content)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		key := "GET " + address
		if strings.HasPrefix(address, "/api/docs/") {
			key = "GET /api/docs/"
		}
		g.add(http.MethodGet, address, key)
		r.GET(address, func(c *gin.Context) {
			c.Header("Content-Security-Policy", docsPolicy)
			c.Header("Cache-Control", "no-cache") // kept, but asked for again: a new release may change it
			c.Header("ETag", tag)
			if c.GetHeader("If-None-Match") == tag {
				c.Status(http.StatusNotModified)
				return
			}
			c.Data(http.StatusOK, kind, content)
		})
	}
	serve("/api/openapi.json", "application/json; charset=utf-8", description)
	for name, kind := range docsAssets {
		// The files are embedded: a missing one shows with the first start.
		content, err := docsFiles.ReadFile(path.Join("docs", name))
		if err != nil {
			panic(err)
		}
		if name == "index.html" {
			serve("/api/docs", kind, content)
			continue
		}
		serve("/api/docs/"+name, kind, content)
	}
}
