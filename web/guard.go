package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

type numberKey struct{}

// numberOf returns the number of the request, by which its lines in the log are found.
func numberOf(ctx context.Context) string {
	n, _ := ctx.Value(numberKey{}).(string)
	return n
}

// About returns what is known of the page being served, for the lines of a log: its number and who asks.
func About(ctx context.Context) []slog.Attr {
	n := numberOf(ctx)
	if n == "" {
		return nil
	}
	return []slog.Attr{slog.String("request", n), slog.String("login", caller(ctx).Login)}
}

func number(c *gin.Context) {
	n := rand.Text()
	c.Header("X-Request-Id", n)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), numberKey{}, n))
}

// accessLog writes one line a request, without queries and forms: they hold one-time links and passwords.
func (s *server) accessLog(c *gin.Context) {
	began := time.Now()
	c.Next()
	level := slog.LevelInfo
	if c.Writer.Status() >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	ctx := c.Request.Context()
	s.Log.LogAttrs(ctx, level, "request",
		slog.String("request", numberOf(ctx)), slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
		slog.String("path", c.Request.URL.Path), slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.Duration("took", time.Since(began)), slog.String("remote", c.ClientIP()), slog.String("login", caller(ctx).Login))
}

// survive turns a panic into a page; where and why goes to the log alone.
func (s *server) survive(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(cause) // net/http's own way to end a connection
		}
		s.Log.ErrorContext(c.Request.Context(), "panic", "request", numberOf(c.Request.Context()), "route", c.FullPath(),
			"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			s.showDoor(c, http.StatusInternalServerError, door{Title: textSorry, Refusal: textFailed, Number: numberOf(c.Request.Context())}, sorryCard)
		}
		c.Abort()
	}()
	c.Next()
}

// policy lets a page use nothing but what this program serves, no script or style within itself, and send forms nowhere else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

func (s *server) harden(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "SAMEORIGIN")  // previews stand within pages
	h.Set("Referrer-Policy", "no-referrer") // a one-time link is nobody else's to know
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if s.Encrypted {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// sameOrigin refuses forms that a browser sends on behalf of another site.
func (s *server) sameOrigin() gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	for _, o := range s.Origins {
		if err := protection.AddTrustedOrigin(o); err != nil {
			panic(err) // the settings have been checked
		}
	}
	return func(c *gin.Context) {
		if protection.Check(c.Request) != nil {
			s.sorry(c, http.StatusForbidden, textCrossOrigin)
		}
	}
}

// maxForm is the greatest length of a form, in bytes.
const maxForm = 256 << 10

// uploads are the forms that carry a file, with their greatest length in bytes. Their pages read them as they come.
var uploads = map[string]int64{"POST /plans/:plan/lists": maxListForm, "POST /plans/:plan/hazards/import/:verb": maxListForm}

// readForm reads what was typed, bounded, before a page sees it.
func (s *server) readForm(c *gin.Context) {
	if c.Request.Method != http.MethodPost || c.FullPath() == "" {
		return
	}
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type")) // "" where there is none
	if limit := uploads[key(c.Request.Method, c.FullPath())]; limit > 0 && kind == "multipart/form-data" {
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
		return
	}
	if kind != "application/x-www-form-urlencoded" && c.Request.ContentLength != 0 {
		c.Header("Connection", "close")
		s.sorry(c, http.StatusUnsupportedMediaType, textForm)
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	err := c.Request.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		c.Header("Connection", "close")
		s.sorry(c, http.StatusRequestEntityTooLarge, textForm)
	case err != nil:
		s.sorry(c, http.StatusBadRequest, textForm)
	}
}

// attempts are the pages by which somebody may try to get in, or make this program ask another one.
var attempts = map[string]bool{
	"POST /login": true, "POST /setup": true, "GET /setup": true, "GET /login/oidc": true, "GET " + CallbackPath: true,
}

// hold keeps an address from trying again and again.
func (s *server) hold() gin.HandlerFunc {
	tries := api.NewAttempts()
	return func(c *gin.Context) {
		if attempts[key(c.Request.Method, c.FullPath())] && !tries.Allow(c.ClientIP()) {
			c.Header("Retry-After", "10")
			s.refused(c, door{Title: textSorry}, sorryCard, account.Refuse(account.CodeTooMany))
		}
	}
}
