package telemetry

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Requests is the middleware that times requests and begins their spans. The ready-made one puts path, address and browser of
// whoever asks on every span, and a path may be a secret: of a calendar feed, of a one-time link.
func (t *Telemetry) Requests() gin.HandlerFunc {
	return func(c *gin.Context) {
		began := time.Now()
		method, route := methodOf(c.Request.Method), c.FullPath()
		if route == "" {
			route = "none"
		}
		ctx := c.Request.Context()
		if !trace.SpanContextFromContext(ctx).IsValid() { // else a page asks the API in its own process
			ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(c.Request.Header))
		}
		ctx, span := t.tracer.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer))
		c.Request = c.Request.WithContext(ctx)
		defer func() {
			status := c.Writer.Status()
			span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
			if status >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, "")
			}
			span.End()
			t.requests.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(
				attribute.String("method", method), attribute.String("route", route), attribute.String("status", strconv.Itoa(status))))
		}()
		c.Next()
	}
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// methodOf bounds what callers can make up.
func methodOf(m string) string {
	if slices.Contains(methods, m) {
		return m
	}
	return "other"
}
