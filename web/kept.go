package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// kept is a form that was sent when its session had ended. It travels through the login and is not sent without another
// click.
type kept struct {
	Path string
	Form string // as it was sent
}

// keep returns the form of a request that comes too late; nil: it carries none.
func keep(c *gin.Context) *kept {
	if c.Request.Method != http.MethodPost || len(c.Request.PostForm) == 0 {
		return nil
	}
	return &kept{Path: c.Request.URL.RequestURI(), Form: c.Request.PostForm.Encode()}
}

// broughtBack returns the form that a login carries; nil: none, or one that leads elsewhere.
func broughtBack(c *gin.Context) *kept {
	path := c.PostForm("kept-path")
	if path == "" || onward(path) != path {
		return nil
	}
	return &kept{Path: path, Form: c.PostForm("kept-form")}
}

type field struct{ name, value string }

// fields returns what the form says, in a fixed order.
func (k kept) fields() []field {
	values, err := url.ParseQuery(k.Form)
	if err != nil {
		return nil
	}
	var out []field
	for name, all := range values {
		for _, v := range all {
			out = append(out, field{name, v})
		}
	}
	slices.SortStableFunc(out, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return out
}

// unwritten are the fields that nobody has written: a form's own, and what is ticked or pressed.
var unwritten = []string{fieldForm, fieldKey, fieldSeq, "evidence", "item", "one", "all"}

// texts returns what people have written of it, for them to see again.
func (k kept) texts() []string {
	var out []string
	for _, f := range k.fields() {
		if strings.TrimSpace(f.value) != "" && !slices.Contains(unwritten, f.name) {
			out = append(out, f.value)
		}
	}
	return out
}
