package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/interceptor"

	"duban/account"
	"duban/api"
	"duban/internal/config"
	"duban/internal/seal"
	"duban/internal/telemetry"
	"duban/obligation"
	"duban/seed"
	"duban/web"
	"duban/worker"
)

// lines is a log that tests read while others write.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) all(t *testing.T) (text string, parsed []map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text = l.buf.String()
	for line := range strings.Lines(text) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m), line)
		parsed = append(parsed, m)
	}
	return text, parsed
}

// watchedInstallation is a whole duban that is observed, with the obligations of one unit.
type watchedInstallation struct {
	*installation
	log   *lines
	spans *tracetest.InMemoryExporter
	jar   []*http.Cookie
}

// The people and secrets of the test: none of them may stand in a log, a metric or a trace.
const (
	liaisonName     = "钱多多"
	liaisonPassword = "Qiao-Zhi-2026-Chun"
	liaisonText     = "已于昨日组织学习并存档"
	webhookSecret   = "hemlig-hemlig-1"
	webhookPath     = "/a-secret-path"
)

func openWatched(t *testing.T) *watchedInstallation {
	t.Helper()
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(hook.Close)
	cfg, err := config.Load(config.Options{Overrides: map[string]string{
		"data.folder": t.TempDir(), "database.synchronous": "OFF", "listen.address": "127.0.0.1:0", "engine.embedded.hostPort": "127.0.0.1:0",
		"metrics.address": "127.0.0.1:0", "metrics.engine": "true", "webhook.url": hook.URL + webhookPath, "webhook.secret": webhookSecret, "backup.folder": t.TempDir(),
	}})
	require.NoError(t, err)
	w := &watchedInstallation{log: &lines{}, spans: tracetest.NewInMemoryExporter()}
	observed, err := telemetry.New(t.Context(), telemetry.Options{Version: "v1", Metrics: true, Ratio: 1, Exporter: w.spans})
	require.NoError(t, err)
	log := telemetry.Logger(slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})), web.About, api.About)
	w.installation, err = open(t.Context(), cfg, log, parts{engine: true, worker: true, api: true, telemetry: observed})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })

	bundle, _, err := serveCmd{demoFlags: demoFlags{Script: "mixed", Units: "huayang"}}.cast()
	require.NoError(t, err)
	_, err = w.applier().Apply(t.Context(), seed.Request{Bundle: bundle, AsOf: today()})
	require.NoError(t, err)
	require.NoError(t, w.login.Trainees(t.Context(), []account.Account{
		{Login: "liaison", Name: liaisonName, Role: account.Unit, Unit: "huayang"},
	}, liaisonPassword))
	return w
}

// ask puts a request as the liaison, and requires that it is answered with 200; it returns the answer's head.
func (w *watchedInstallation) ask(t *testing.T, method, path, body string, into any) http.Header {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+w.addr+"/api/v1"+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "key-"+strings.ReplaceAll(path, "/", "-"))
	}
	for _, c := range w.jar {
		r.AddCookie(c)
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s %s: %s", method, path, content)
	if into != nil {
		require.NoError(t, json.Unmarshal(content, into))
	}
	return response.Header
}

// enter logs the liaison in, and returns the path of one obligation of his.
func (w *watchedInstallation) enter(t *testing.T) string {
	t.Helper()
	entered := w.ask(t, http.MethodPost, "/login", `{"login":"liaison","password":"`+liaisonPassword+`"}`, nil)
	w.jar = (&http.Response{Header: entered}).Cookies()
	require.NotEmpty(t, w.jar)
	plans, err := w.store.Definitions(t.Context())
	require.NoError(t, err)
	var page obligation.Page
	require.Eventually(t, func() bool {
		page, err = w.store.List(t.Context(), obligation.Filter{Plan: plans[0].Plan.Code, Stages: []obligation.Stage{obligation.StageOpen}, Now: w.now()})
		return err == nil && len(page.Views) > 0
	}, time.Minute, 50*time.Millisecond)
	id := page.Views[0].State.ID
	return "/obligations/" + id.String()
}

func (w *watchedInstallation) scrape(t *testing.T) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.metricsAddr+"/metrics", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return string(content)
}

// TestTelemetry looks at one running duban from every side, because starting one takes its time.
func TestTelemetry(t *testing.T) {
	w := openWatched(t)
	path := w.enter(t)
	w.spans.Reset()
	signed := w.ask(t, http.MethodPost, path+"/sign", `{}`, nil)
	w.ask(t, http.MethodPost, path+"/progress", `{"text":"`+liaisonText+`"}`, nil)
	status, err := channelTests{w.installation}.Test(t.Context(), "webhook", "huayang")
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)

	t.Run("one trace from the request to the database", func(t *testing.T) { oneTrace(t, w.spans.GetSpans().Snapshots()) })
	w.doctor.Examine(t.Context(), false)
	page := w.scrape(t)
	t.Run("metrics", func(t *testing.T) { requireMetrics(t, page) })
	t.Run("every name in the dashboard and the alerts", func(t *testing.T) { requireNames(t, page) })
	t.Run("identifiers in the log", func(t *testing.T) { requireIdentifiers(t, w.log, strings.TrimPrefix(path, "/obligations/"), signed) })
	t.Run("nothing personal and no secret", func(t *testing.T) {
		log, _ := w.log.all(t)
		spans, err := json.Marshal(w.spans.GetSpans())
		require.NoError(t, err)
		for where, text := range map[string]string{"log": log, "metrics": page, "traces": string(spans)} {
			for _, secret := range []string{liaisonName, liaisonPassword, liaisonText, webhookSecret, webhookPath, w.operatorKey, w.jar[0].Value} {
				require.NotEmpty(t, secret)
				require.NotContains(t, text, secret, where)
			}
		}
		require.NotContains(t, page, `"liaison"`, "nobody acts in metrics")
		require.NotContains(t, string(spans), "127.0.0.1", "nobody's address is in a trace")
	})
	t.Run("histories replay with traces and without", func(t *testing.T) { requireReplay(t, w) })
}

func requireReplay(t *testing.T, w *watchedInstallation) {
	traced, err := w.telemetry.Interceptors()
	require.NoError(t, err)
	var interceptors []interceptor.WorkerInterceptor
	for _, i := range traced {
		interceptors = append(interceptors, i.(interceptor.WorkerInterceptor))
	}
	require.Len(t, interceptors, 2)
	for name, with := range map[string][]interceptor.WorkerInterceptor{"with": interceptors, "without": nil} {
		replayer, err := worker.NewReplayer(seal.Converter(w.codec), with...)
		require.NoError(t, err)
		count := 0
		require.NoError(t, replayOpen(&env{ctx: t.Context()}, histories{w.client}, replayer, &count), name)
		require.Greater(t, count, 10, name)

		// What other releases recorded knew nothing of traces.
		count = 0
		require.NoError(t, replayRecorded(&count, with...), name)
		require.Positive(t, count)
	}
}

// oneTrace follows the signing from its transaction up to the request that asked for it.
func oneTrace(t *testing.T, spans []sdktrace.ReadOnlySpan) {
	byID := map[trace.SpanID]sdktrace.ReadOnlySpan{}
	var written []sdktrace.ReadOnlySpan
	for _, s := range spans {
		byID[s.SpanContext().SpanID()] = s
		if s.Name() == "store Append" {
			written = append(written, s)
		}
	}
	var ways [][]string
	for _, s := range written {
		var way []string
		for at, ok := s, true; ok; at, ok = byID[at.Parent().SpanID()] {
			require.Equal(t, s.SpanContext().TraceID(), at.SpanContext().TraceID())
			way = append(way, at.Name())
		}
		ways = append(ways, way)
	}
	require.Contains(t, ways, []string{
		"store Append", "RunActivity:Decide", "StartActivity:Decide", "HandleUpdate:sign", "UpdateWorkflow:sign", "command sign",
		"POST /api/v1/obligations/:plan/:measure/:unit/:period/sign",
	})
}

// requireIdentifiers finds the lines of one request, and everything that is said in the engine of one obligation, by what they carry.
func requireIdentifiers(t *testing.T, log *lines, obligation string, answer http.Header) {
	_, all := log.all(t)
	request := answer.Get("X-Request-Id")
	require.NotEmpty(t, request)
	traces := map[any]bool{}
	seen := 0
	for _, line := range all {
		if line["request"] != request {
			continue
		}
		seen++
		require.Equal(t, obligation, line["obligation"], line)
		require.Equal(t, "liaison", line["login"], line)
		require.Regexp(t, "^[0-9a-f]{32}$", line["trace"], line)
		traces[line["trace"]] = true
	}
	require.Positive(t, seen)
	require.Len(t, traces, 1)
	inEngine := 0
	for _, line := range all {
		require.NotContains(t, line, "WorkflowID", "the engine's lines use our words")
		if line["workflow"] == nil {
			continue
		}
		if id := line["workflow"].(string); strings.HasPrefix(id, "obligation/") {
			inEngine++
			require.Equal(t, strings.TrimPrefix(id, "obligation/"), line["obligation"], line)
		}
	}
	require.Positive(t, inEngine)
}
