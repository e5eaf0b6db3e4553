package notify

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"

	"duban/obligation"
)

//go:embed print.html
var printHTML string

//go:embed print.css
var printCSS string

var printTemplate = template.Must(template.New("print").Funcs(template.FuncMap{
	"intro": textIntro, "group": textGroup,
}).Parse(printHTML))

// PrintPolicy is the Content-Security-Policy of what Print returns: its one style sheet, and nothing else.
var PrintPolicy = func() string {
	sum := sha256.Sum256([]byte(printCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; frame-ancestors 'none'"
}()

// Print returns a digest as a page to be printed on A4, for a recipient that no channel reaches: it is handed over on
// paper and signed for there. to is the recipient's name.
func Print(d obligation.Digest, to string) string {
	var b strings.Builder
	err := printTemplate.Execute(&b, struct {
		printLabels
		View   view
		Style  template.CSS
		To     string
		Digest string
	}{printed, viewOf(d), template.CSS(printCSS), line(to), line(d.ID)})
	if err != nil {
		// The template and its data are both fixed at build time, and a builder takes all that is written to it.
		panic("notify: print.html: " + err.Error())
	}
	return b.String()
}
