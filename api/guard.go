package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"duban/obligation"
)

type contextKey int

const (
	requestIDKey contextKey = iota
	remoteKey
	obligationKey
)

// About returns what is known of the request being served, for the lines of a log: its identifier, whoever makes it, and the obligation
// that it is about.
func About(ctx context.Context) []slog.Attr {
	var out []slog.Attr
	if id := requestID(ctx); id != "" {
		out = append(out, slog.String("request", id), slog.String("login", caller(ctx).Login))
	}
	if id, ok := ctx.Value(obligationKey).(obligation.ID); ok {
		out = append(out, slog.String("obligation", id.String()))
	}
	return out
}

// remote returns the address that the request being served came from.
func remote(ctx context.Context) string {
	address, _ := ctx.Value(remoteKey).(string)
	return address
}

// requestID returns the identifier of the request being served, "" outside of one.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

var requestIDFormat = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identify gives every request an identifier, the caller's own where it is harmless in a log.
func identify(c *gin.Context) {
	id := c.GetHeader("X-Request-Id")
	if !requestIDFormat.MatchString(id) {
		id = rand.Text()
	}
	c.Header("X-Request-Id", id)
	ctx := context.WithValue(c.Request.Context(), requestIDKey, id)
	about := obligation.ID{Plan: c.Param("plan"), Measure: c.Param("measure"), Unit: c.Param("unit"), Period: c.Param("period")}
	if parsed, ok := obligation.ParseID(about.String()); ok && parsed == about {
		ctx = context.WithValue(ctx, obligationKey, about)
	}
	c.Request = c.Request.WithContext(context.WithValue(ctx, remoteKey, c.ClientIP()))
	c.Next()
}

// accessLog writes one line a request, without bodies and queries: they hold what people wrote.
func accessLog(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		began := time.Now()
		c.Next()
		level := slog.LevelInfo
		if c.Writer.Status() >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		log.LogAttrs(c.Request.Context(), level, "request",
			slog.String("request", requestID(c.Request.Context())), slog.String("method", c.Request.Method),
			slog.String("route", c.FullPath()), slog.String("path", loggable(c.FullPath(), c.Request.URL.Path)), slog.Int("status", c.Writer.Status()),
			slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Duration("took", time.Since(began)), slog.String("remote", c.ClientIP()), slog.String("login", caller(c.Request.Context()).Login))
	}
}

// survive turns a panic into an answer; where and why goes to the log alone.
func survive(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause) // net/http's own way to end a connection
			}
			log.ErrorContext(c.Request.Context(), "panic", "request", requestID(c.Request.Context()), "route", c.FullPath(),
				"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if c.Writer.Written() {
				c.Abort()
				return
			}
			abort(c, newProblem(CodeInternal))
		}()
		c.Next()
	}
}

// harden sets the headers of every answer.
func harden(rehearsal, encrypted bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		h := c.Writer.Header()
		if encrypted {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		if rehearsal {
			h.Set("X-Duban-Rehearsal", "true")
		}
		c.Next()
	}
}

// sameOrigin refuses writes that a browser makes on behalf of another site. origins are the installation's own addresses
// where a proxy in front of it changes the Host.
func sameOrigin(origins []string) gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	for _, o := range origins {
		if err := protection.AddTrustedOrigin(o); err != nil {
			panic(err) // the settings have been checked
		}
	}
	return func(c *gin.Context) {
		if protection.Check(c.Request) != nil {
			abort(c, newProblem(CodeCrossOrigin))
			return
		}
		c.Next()
	}
}

// wellFormed refuses addresses that are no UTF-8 or wrongly escaped; the standard library would drop them silently.
func wellFormed(c *gin.Context) {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	ok := err == nil && utf8.ValidString(c.Request.URL.Path)
	for name, values := range query {
		ok = ok && utf8.ValidString(name) && utf8.ValidString(strings.Join(values, ""))
	}
	if !ok {
		abort(c, newProblem(CodeBadEncoding))
		return
	}
	c.Next()
}

const (
	maxBody     = 1 << 20
	maxSeedBody = 8 << 20 // the outcomes of a whole plan: some 10,000 lines
)

// streams reports whether a route reads its body itself, within its own bounds.
func streams(method, route string) bool {
	switch route {
	case ginPath(prefix + evidencePath), ginPath(prefix + listsPath), ginPath(prefix + hazardsPath + "/preview"), ginPath(prefix + hazardsPath + "/apply"):
		return method == http.MethodPost
	default:
		return strings.HasPrefix(route, uiPath+"/") || strings.HasPrefix(route, codecPath+"/")
	}
}

// readBody takes the body into memory, bounded, and refuses what is no JSON in UTF-8 before anything else sees it.
// What declares itself too large is not read at all.
func readBody(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		if streams(c.Request.Method, c.FullPath()) {
			c.Next()
			return
		}
		limit := int64(maxBody)
		if c.FullPath() == prefix+"/plans" {
			limit = maxSeedBody
		}
		if c.Request.ContentLength > limit {
			refuseBody(c, CodeBodyTooLarge)
			return
		}
		if c.Request.ContentLength == 0 || c.Request.Method == http.MethodGet || c.FullPath() == "" {
			c.Next()
			return
		}
		if !isJSON(c.Request.Header) {
			refuseBody(c, CodeMediaType)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
		if err != nil {
			code := bodyFailure(err)
			log.InfoContext(c.Request.Context(), "body", "request", requestID(c.Request.Context()), "code", code, "error", err)
			refuseBody(c, code)
			return
		}
		if p := checkJSON(body); p != nil {
			abort(c, p)
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		c.Next()
	}
}

// refuseBody answers without having read the body and closes the connection, so that nobody sends the rest.
func refuseBody(c *gin.Context, code Code) {
	c.Header("Connection", "close")
	abort(c, newProblem(code))
}

func bodyFailure(err error) Code {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return CodeBodyTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return CodeBodyTimeout
	default:
		return CodeBodyBroken
	}
}

func isJSON(h http.Header) bool {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return false
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset, given := params["charset"]
	return err == nil && kind == "application/json" && (!given || strings.EqualFold(charset, "utf-8"))
}

// checkJSON returns what is wrong with the text, by line and column, and nil for JSON or nothing at all.
func checkJSON(body []byte) *Problem {
	if len(bytes.TrimSpace(body)) == 0 {
		return newProblem(CodeBodyMissing)
	}
	if !utf8.Valid(body) {
		return newProblem(CodeBadEncoding)
	}
	var raw json.RawMessage
	err := json.Unmarshal(body, &raw)
	if err == nil {
		return nil
	}
	p := newProblem(CodeBadJSON)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := body[:min(max(int(syntax.Offset)-1, 0), len(body))]
		line := bytes.Count(before, []byte("\n")) + 1
		column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
		p.Errors = []ProblemField{{Field: "body", Message: fmt.Sprintf(textJSONPosition, line, column)}}
	}
	return p
}
