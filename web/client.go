package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
)

// The pages are a client of the JSON API like any other: they call it in this process, as whoever asked for the page. So
// what may be seen and done, and what is said where it may not, is the API's alone.

// apiPrefix is where the API's operations stand.
const apiPrefix = "/api/v1"

// reply is an answer of the API while it is written.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *reply) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter.
func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write implements http.ResponseWriter.
func (r *reply) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// request makes a request of the API in the name of whoever asked for the page: of the same session and the same address.
func request(c *gin.Context, method, path string, query url.Values, body io.Reader) *http.Request {
	target := apiPrefix + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(c.Request.Context(), method, target, body)
	if err != nil {
		panic(err) // the paths are made here, of escaped parts
	}
	for _, name := range []string{"Authorization", "Cookie", "X-Forwarded-For", "X-Forwarded-Proto"} {
		if v, ok := c.Request.Header[name]; ok {
			r.Header[name] = v
		}
	}
	r.Header.Set("X-Request-Id", numberOf(c.Request.Context())) // so that their lines in the log are found together
	r.RemoteAddr, r.Host, r.RequestURI = c.Request.RemoteAddr, c.Request.Host, target
	return r
}

// ask has the API answer a request. A refusal is a *api.Problem.
func (s *server) ask(r *http.Request) (*reply, error) {
	w := &reply{header: http.Header{}}
	s.API.ServeHTTP(w, r)
	if w.status < http.StatusBadRequest {
		return w, nil
	}
	p := &api.Problem{Status: w.status}
	if err := json.Unmarshal(w.body.Bytes(), p); err != nil {
		return nil, fmt.Errorf("status %d of %s: %w", w.status, r.URL.Path, err)
	}
	return nil, p
}

// call has the API answer a request, and reads what it says. A refusal is a *api.Problem.
func (s *server) call(r *http.Request, into any) error {
	w, err := s.ask(r)
	if err != nil || into == nil || w.body.Len() == 0 {
		return err
	}
	if err := json.Unmarshal(w.body.Bytes(), into); err != nil {
		return fmt.Errorf("answer of %s: %w", r.URL.Path, err)
	}
	return nil
}

// get asks the API for something to show. A refusal is a *api.Problem.
func get[T any](s *server, c *gin.Context, path string, query url.Values) (T, error) {
	var out T
	err := s.call(request(c, http.MethodGet, path, query, http.NoBody), &out)
	return out, err
}

// send has the API carry out what a form says, once: under the form's key, and as of what its page showed. A refusal is a
// *api.Problem.
func send[T any](s *server, c *gin.Context, method, path string, body any) (T, error) {
	return sendAs[T](s, c, method, path, body, c.PostForm(fieldKey))
}

// sendAs is send under a key of its own, where one form stands for several commands.
func sendAs[T any](s *server, c *gin.Context, method, path string, body any, key string) (T, error) {
	var out T
	var content io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return out, err
		}
		content = bytes.NewReader(text)
	}
	r := request(c, method, path, nil, content)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	if seq := c.PostForm(fieldSeq); seq != "" {
		r.Header.Set("If-Match", `"`+seq+`"`)
	}
	return out, s.call(r, &out)
}

// at joins the parts of a path of the API, each escaped.
func at(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// passAnswer has the API carry something out, and passes on what it answers with: a file. A refusal is a *api.Problem.
func (s *server) passAnswer(c *gin.Context, method, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r := request(c, method, path, nil, bytes.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	w, err := s.ask(r)
	if err != nil {
		return err
	}
	for _, name := range []string{"Content-Disposition", "X-Duban-SHA256"} {
		if v := w.header.Get(name); v != "" {
			c.Header(name, v)
		}
	}
	c.Data(http.StatusOK, w.header.Get("Content-Type"), w.body.Bytes())
	return nil
}
