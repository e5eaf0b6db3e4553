package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"duban/api"
)

// The fields that every form of a command has: which of the page's forms it is, the key under which its command is carried
// out once, and the sequence of the ledger that its page showed.
const (
	fieldForm = "form"
	fieldKey  = "key"
	fieldSeq  = "seq"
)

// filled is a form as it stands on a page: new, or with what was typed before it was refused or looked at again.
type filled struct {
	Name   string
	Key    string
	Seq    int // 0: it is about nothing that has a ledger
	Typed  url.Values
	Failed bool // it shows what was typed
}

// Value returns what was typed into a field, or else what it begins with.
func (f filled) Value(field, initial string) string {
	if f.Failed {
		return f.Typed.Get(field)
	}
	return initial
}

// Has reports whether a box with the value was ticked, or else whether it begins ticked.
func (f filled) Has(field, value string, initial bool) bool {
	if !f.Failed {
		return initial
	}
	return slices.Contains(f.Typed[field], value)
}

// SeqText returns the sequence for the form's field.
func (f filled) SeqText() string {
	if f.Seq == 0 {
		return ""
	}
	return strconv.Itoa(f.Seq)
}

// form returns one of the page's forms. It keeps its key where nobody knows what became of the command: sent again, it is
// carried out once.
func (f frame) form(name string, seq int) filled {
	out := filled{Name: name, Key: rand.Text(), Seq: seq}
	if f.typed.Get(fieldForm) != name {
		return out
	}
	out.Typed, out.Failed = f.typed, true
	if f.refused != nil && f.refused.Status >= http.StatusInternalServerError {
		out.Key = f.typed.Get(fieldKey)
	}
	return out
}

// again returns the frame of a page that shows again what was typed, for somebody to go on with it.
func (f frame) again(c *gin.Context) frame {
	f.typed = c.Request.PostForm
	return f
}

// with returns the frame of a page that shows again what was typed, and why it was refused. An error that is no *api.Problem
// is the program's own: it is logged and not shown.
func (s *server) with(c *gin.Context, f frame, err error) frame {
	p := s.problem(c, err)
	f.Refusal, f.refused, f.typed = p.Detail, p, c.Request.PostForm
	for _, e := range p.Errors {
		f.Reasons = append(f.Reasons, e.Message)
	}
	if p.Status >= http.StatusInternalServerError {
		f.Number = p.Request
	}
	return f
}

// problem returns an error as the API's, for a page to show.
func (s *server) problem(c *gin.Context, err error) *api.Problem {
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return p
	}
	ctx := c.Request.Context()
	s.Log.ErrorContext(ctx, "page", "request", numberOf(ctx), "path", c.FullPath(), "error", err)
	return &api.Problem{Status: http.StatusInternalServerError, Code: api.CodeInternal, Detail: textFailed, Request: numberOf(ctx)}
}

// done sends the browser on after a command, to a page that says what was done; notice is a key of notices.
func done(c *gin.Context, path, notice string) {
	u, err := url.Parse(path)
	if err != nil {
		panic(err) // the paths are made here
	}
	q := u.Query()
	q.Set("done", notice)
	u.RawQuery = q.Encode()
	c.Redirect(http.StatusSeeOther, u.String())
}
