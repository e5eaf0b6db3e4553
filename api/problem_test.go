package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

// wantProblem checks everything that holds for all errors, and returns the problem.
func wantProblem(t *testing.T, w *httptest.ResponseRecorder, status int, code string) api.Problem {
	t.Helper()
	require.Equal(t, status, w.Code, w.Body.String())
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	var p api.Problem
	decoder := json.NewDecoder(w.Body)
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&p))
	require.Equal(t, code, string(p.Code))
	require.Equal(t, status, p.Status)
	require.NotEmpty(t, p.Request)
	require.Equal(t, w.Header().Get("X-Request-Id"), p.Request)
	require.True(t, isChinese(p.Title) && isChinese(p.Detail), "%s: %s", p.Title, p.Detail)
	for _, f := range p.Errors {
		require.True(t, isChinese(f.Message), f.Message)
	}
	return p
}

func isChinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestBadInput(t *testing.T) {
	const secret = "hunter2"
	long := strings.Repeat("长", 4001)
	const get, post = http.MethodGet, http.MethodPost
	f := newFake(t)
	h := api.New(f.deps())
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		code, field        string
	}{
		"no such route":            {method: get, path: "/api/v1/nothing", status: 404, code: "route_not_found"},
		"no such version":          {method: get, path: "/api/v2/plans", status: 404, code: "route_not_found"},
		"root":                     {method: get, path: "/", status: 404, code: "route_not_found"},
		"trailing slash":           {method: get, path: "/api/v1/plans/", status: 404, code: "route_not_found"},
		"wrong method":             {method: http.MethodDelete, path: "/api/v1/plans", status: 405, code: "method_not_allowed"},
		"get a command":            {method: get, path: fresh + "/sign", status: 405, code: "method_not_allowed"},
		"no such plan":             {method: get, path: "/api/v1/plans/other", status: 404, code: "not_found"},
		"no such task":             {method: get, path: "/api/v1/plans/changning-2024/tasks/99", status: 404, code: "not_found"},
		"no such obligation":       {method: get, path: "/api/v1/obligations/changning-2024/1.1/xinhua/1999", status: 404, code: "not_found"},
		"ledger of nothing":        {method: get, path: "/api/v1/obligations/changning-2024/1.1/xinhua/1999/ledger", status: 404, code: "not_found"},
		"documents of nothing":     {method: get, path: "/api/v1/obligations/changning-2024/1.1/xinhua/1999/documents", status: 404, code: "not_found"},
		"command on nothing":       {method: post, path: "/api/v1/obligations/changning-2024/1.1/xinhua/1999/sign", body: none, status: 404, code: "not_found"},
		"forged cursor":            {method: get, path: "/api/v1/obligations?cursor=" + secret, status: 422, code: "validation_failed", field: "query.cursor"},
		"forged cursor, documents": {method: get, path: "/api/v1/documents?cursor=" + secret, status: 422, code: "validation_failed", field: "query.cursor"},
		"forged cursor, inbox":     {method: get, path: "/api/v1/plans/changning-2024/inbox/office?cursor=" + secret, status: 422, code: "validation_failed", field: "query.cursor"},
		"no such document":         {method: get, path: strings.Replace(letter, "letter", "circular", 1), status: 404, code: "not_found"},
		"no such inbox":            {method: get, path: "/api/v1/plans/changning-2024/inbox/nobody", status: 404, code: "not_found"},
		"inbox of no plan":         {method: get, path: "/api/v1/plans/other/inbox/office", status: 404, code: "not_found"},
		"no such rung":             {method: get, path: strings.Replace(letter, "letter", secret, 1), status: 422, code: "validation_failed", field: "path.rung"},
		"informal rung":            {method: get, path: strings.Replace(letter, "letter", "remind", 1), status: 422, code: "validation_failed", field: "path.rung"},
		"long path":                {method: get, path: "/api/v1/plans/" + strings.Repeat("a", 65), status: 422, code: "validation_failed", field: "path.plan"},
		"limit too great":          {method: get, path: "/api/v1/obligations?limit=201", status: 422, code: "validation_failed", field: "query.limit"},
		"limit zero":               {method: get, path: "/api/v1/obligations?limit=0", status: 422, code: "validation_failed", field: "query.limit"},
		"limit no number":          {method: get, path: "/api/v1/obligations?limit=" + secret, status: 422, code: "validation_failed", field: "query.limit"},
		"limit beyond int":         {method: get, path: "/api/v1/obligations?limit=99999999999999999999", status: 422, code: "validation_failed", field: "query.limit"},
		"negative after":           {method: get, path: fresh + "/ledger?after=-1", status: 422, code: "validation_failed", field: "query.after"},
		"unknown stage":            {method: get, path: "/api/v1/obligations?stage=" + secret, status: 422, code: "validation_failed", field: "query.stage[0]"},
		"unknown light":            {method: get, path: "/api/v1/obligations?light=blue", status: 422, code: "validation_failed", field: "query.light[0]"},
		"open is no boolean":       {method: get, path: "/api/v1/obligations?open=yes", status: 422, code: "validation_failed", field: "query.open"},
		"no date":                  {method: get, path: "/api/v1/obligations?dueFrom=" + secret, status: 422, code: "validation_failed", field: "query.dueFrom"},
		"impossible date":          {method: get, path: "/api/v1/obligations?dueTo=2026-02-30", status: 422, code: "validation_failed", field: "query.dueTo"},
		"date that means none":     {method: get, path: "/api/v1/obligations?dueTo=1970-01-01", status: 422, code: "validation_failed", field: "query.dueTo"},
		"dates in wrong order":     {method: get, path: "/api/v1/obligations?dueFrom=2026-02-02&dueTo=2026-02-01", status: 422, code: "validation_failed", field: "query.dueTo"},
		"unknown parameter":        {method: get, path: "/api/v1/obligations?Unit=xinhua", status: 422, code: "validation_failed", field: "query.Unit"},
		"unknown document status":  {method: get, path: "/api/v1/documents?status=lost", status: 422, code: "validation_failed", field: "query.status"},
		"long cursor":              {method: get, path: "/api/v1/documents?cursor=" + strings.Repeat("a", 513), status: 422, code: "validation_failed", field: "query.cursor"},
		"broken escape":            {method: get, path: "/api/v1/obligations?unit=%zz", status: 400, code: "bad_encoding"},
		"query is no UTF-8":        {method: get, path: "/api/v1/obligations?unit=%ff", status: 400, code: "bad_encoding"},
		"path is no UTF-8":         {method: get, path: "/api/v1/plans/%ff", status: 400, code: "bad_encoding"},
		"semicolons":               {method: get, path: "/api/v1/obligations?unit=a;b=c", status: 400, code: "bad_encoding"},
		"no body":                  {method: post, path: fresh + "/submit", status: 400, code: "body_missing"},
		"blank body":               {method: post, path: fresh + "/sign", body: " \n", status: 400, code: "body_missing"},
		"broken JSON":              {method: post, path: fresh + "/sign", body: "{\n  \"by\": " + secret + "}", status: 400, code: "bad_json", field: "body"},
		"JSON cut off":             {method: post, path: fresh + "/sign", body: `{"by":`, status: 400, code: "bad_json", field: "body"},
		"two documents":            {method: post, path: fresh + "/sign", body: none + none, status: 400, code: "bad_json", field: "body"},
		"deep nesting":             {method: post, path: fresh + "/sign", body: strings.Repeat("[", 20000) + strings.Repeat("]", 20000), status: 400, code: "bad_json", field: "body"},
		"body is no UTF-8":         {method: post, path: fresh + "/sign", body: "{\"by\":{\"name\":\"\xff\xfe\"}}", status: 400, code: "bad_encoding"},
		"body is null":             {method: post, path: fresh + "/sign", body: `null`, status: 422, code: "validation_failed", field: "body"},
		"body is a list":           {method: post, path: fresh + "/sign", body: `[]`, status: 422, code: "validation_failed", field: "body"},
		"somebody else named":      {method: post, path: fresh + "/sign", body: `{"by":{"name":"张三"}}`, status: 422, code: "validation_failed", field: "body.by"},
		"name too long":            {method: post, path: fresh + "/delegate", body: `{"to":{"name":"` + strings.Repeat("张", 51) + `"},"until":"2026-03-06"}`, status: 422, code: "validation_failed", field: "body.to.name"},
		"name blank":               {method: post, path: fresh + "/delegate", body: `{"to":{"name":"  "},"until":"2026-03-06"}`, status: 422, code: "validation_failed", field: "body.to.name"},
		"unknown field":            {method: post, path: fresh + "/sign", body: `{"password":"` + secret + `"}`, status: 422, code: "validation_failed", field: "body.password"},
		"second spelling":          {method: post, path: fresh + "/submit", body: `{"text":"好","TEXT":"` + long + `"}`, status: 422, code: "validation_failed", field: "body.TEXT"},
		"report missing":           {method: post, path: fresh + "/submit", body: none, status: 422, code: "text_missing"},
		"report blank":             {method: post, path: fresh + "/submit", body: `{"text":" "}`, status: 422, code: "text_missing"},
		"report too long":          {method: post, path: fresh + "/submit", body: `{"text":"` + long + `"}`, status: 422, code: "validation_failed", field: "body.text"},
		"deadline no date":         {method: post, path: fresh + "/return", body: `{"reason":"缺","due":"` + secret + `"}`, status: 422, code: "validation_failed", field: "body.due"},
		"history":                  {method: post, path: past + "/sign", body: none, status: 409, code: "obligation_closed"},
		"key with spaces":          {method: post, path: fresh + "/sign", body: none, headers: []string{"Idempotency-Key", "a b"}, status: 422, code: "validation_failed", field: "header.Idempotency-Key"},
		"key too long":             {method: post, path: fresh + "/sign", body: none, headers: []string{"Idempotency-Key", strings.Repeat("k", 101)}, status: 422, code: "validation_failed", field: "header.Idempotency-Key"},
		"meeting of a letter":      {method: post, path: letter + "/sign-off", body: `{"meeting":{"at":"2026-03-10T14:00:00+08:00","place":"101室"}}`, status: 422, code: "validation_failed", field: "body.meeting"},
		"meeting without zone":     {method: post, path: letter + "/arrange", body: `{"meeting":{"at":"2026-03-10 14:00","place":"101室"},"reason":"出差"}`, status: 422, code: "validation_failed", field: "body.meeting.at"},
		"withdrawn without reason": {method: post, path: letter + "/withdraw", body: `{"reason":" "}`, status: 422, code: "reason_missing"},
		"arrange a letter":         {method: post, path: letter + "/arrange", body: `{"meeting":{"at":"2026-03-10T14:00:00+08:00","place":"101室"},"reason":"出差"}`, status: 409, code: "no_meeting"},
		"outcome unknown":          {method: post, path: "/api/v1/plans", body: `{"outcomes":[{"measure":"1.1","outcome":"` + secret + `"}]}`, status: 422, code: "validation_failed", field: "body.outcomes[0].outcome"},
		"as-of date impossible":    {method: post, path: "/api/v1/plans", body: `{"asOf":"2026-13-01"}`, status: 422, code: "validation_failed", field: "body.asOf"},
		"digest missing":           {method: post, path: "/api/v1/plans/changning-2024/inbox/xinhua/read", body: `{}`, status: 422, code: "validation_failed", field: "body"},
		"no such digest":           {method: post, path: "/api/v1/plans/changning-2024/inbox/office/read", body: `{"digest":"changning-2024/office/1999-01-01"}`, status: 404, code: "not_found"},
		"form":                     {method: post, path: fresh + "/sign", body: "name=1", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "unsupported_media_type"},
		"plain text":               {method: post, path: fresh + "/sign", body: none, headers: []string{"Content-Type", "text/plain"}, status: 415, code: "unsupported_media_type"},
		"content type missing":     {method: post, path: fresh + "/sign", body: none, headers: []string{"Content-Type", ""}, status: 415, code: "unsupported_media_type"},
		"GBK":                      {method: post, path: fresh + "/sign", body: none, headers: []string{"Content-Type", "application/json; charset=gbk"}, status: 415, code: "unsupported_media_type"},
		"compressed":               {method: post, path: fresh + "/sign", body: none, headers: []string{"Content-Encoding", "gzip"}, status: 415, code: "unsupported_media_type"},
		"body too large":           {method: post, path: fresh + "/submit", body: `{"text":"` + strings.Repeat("a", 1<<20) + `"}`, status: 413, code: "body_too_large"},
		"another site":             {method: post, path: fresh + "/sign", body: none, headers: []string{"Sec-Fetch-Site", "cross-site"}, status: 403, code: "cross_origin"},
		"another origin":           {method: post, path: fresh + "/sign", body: none, headers: []string{"Origin", "https://evil.example"}, status: 403, code: "cross_origin"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(h, request(c.method, c.path, c.body, c.headers...))
			if c.code != "text_missing" { // the core's own to say
				require.Zero(t, f.calls, "the engine was asked")
			}
			f.calls = 0
			require.NotContains(t, w.Body.String(), secret, "what the client sent comes back")
			p := wantProblem(t, w, c.status, c.code)
			if c.field == "" {
				require.Empty(t, p.Errors)
				return
			}
			require.NotEmpty(t, p.Errors)
			require.Equal(t, c.field, p.Errors[0].Field)
		})
	}
}

func TestJSONErrorIsLocated(t *testing.T) {
	p := wantProblem(t, serve(api.New(newFake(t).deps()), request(http.MethodPost, fresh+"/sign", "{\n  \"姓名\": x}")), 400, "bad_json")
	require.Equal(t, "第 2 行第 9 列附近有误", p.Errors[0].Message)
}

func TestUnknownFieldsAreListedWithinBounds(t *testing.T) {
	var body strings.Builder
	body.WriteString(`{`)
	for i := range 1000 {
		body.WriteString(`"f` + strconv.Itoa(i) + `":1,`)
	}
	h := api.New(newFake(t).deps())
	require.Len(t, wantProblem(t, serve(h, request(http.MethodPost, fresh+"/sign", body.String()+"\"g\":1}")), 422, "validation_failed").Errors, 20)
	w := serve(h, request(http.MethodPost, fresh+"/sign", `{"`+strings.Repeat("密", 5000)+`":1}`))
	require.Len(t, []rune(wantProblem(t, w, 422, "validation_failed").Errors[0].Field), 101)
}

func TestWordsOfHumaThatNobodyTranslated(t *testing.T) {
	api.New(newFake(t).deps())
	err := huma.NewError(422, "validation failed", &huma.ErrorDetail{Location: "body.pin", Message: "expected pin, got 1234", Value: 1234}, errors.New("pin 1234"))
	text, marshalErr := json.Marshal(err)
	require.NoError(t, marshalErr)
	require.Contains(t, string(text), `{"field":"body.pin","message":"不符合要求，请对照接口文档核对"}`)
	require.NotContains(t, string(text), "1234")
}

func TestInsideStaysInside(t *testing.T) {
	var log bytes.Buffer
	f := newFake(t)
	d := f.deps()
	d.Log = slog.New(slog.NewJSONHandler(&log, nil))
	h := api.New(d)

	f.down = errDown
	w := serve(h, request(http.MethodGet, "/api/v1/plans", ""))
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	p := wantProblem(t, w, 503, "database_unavailable")
	require.NotContains(t, w.Body.String(), "hunter2")
	require.Contains(t, log.String(), "10.0.0.7")
	require.Contains(t, log.String(), p.Request, "the log can be searched by what the user reports")

	f.down = errors.New("no such column: lamp")
	w = serve(h, request(http.MethodGet, "/api/v1/plans", ""))
	require.Empty(t, w.Header().Get("Retry-After"), "trying again does not help")
	wantProblem(t, w, 500, "internal_error")
	require.Contains(t, log.String(), "no such column")

	f.down, f.trap = nil, func() { panic("index out of range [3] at /src/store.go") }
	w = serve(h, request(http.MethodGet, "/api/v1/obligations", ""))
	require.NotContains(t, w.Body.String(), "store.go")
	require.NotContains(t, w.Body.String(), "goroutine")
	wantProblem(t, w, 500, "internal_error")
	require.Contains(t, log.String(), "store.go")
	require.Contains(t, log.String(), "goroutine")
}

func TestAccessLogHoldsNothingThatPeopleWrote(t *testing.T) {
	var log bytes.Buffer
	d := newFake(t).deps()
	d.Log = slog.New(slog.NewJSONHandler(&log, nil))
	h := api.New(d)
	post(t, h, fresh+"/submit", `{"text":"机密内容"}`, "X-Request-Id", "report-1")
	var line map[string]any
	require.NoError(t, json.Unmarshal(log.Bytes(), &line))
	require.Equal(t, "report-1", line["request"])
	require.Equal(t, "/api/v1/obligations/:plan/:measure/:unit/:period/submit", line["route"])
	require.EqualValues(t, 200, line["status"])
	require.NotContains(t, log.String(), "机密")
	require.NotContains(t, log.String(), "张三丰")
	w := serve(h, request(http.MethodGet, "/api/v1/health", "", "X-Request-Id", "a\nforged line"))
	require.NotContains(t, w.Header().Get("X-Request-Id"), "forged")
}

// Every code that the core knows has its own status and text, whatever is added to it.
func TestEveryCodeOfTheCoreIsMapped(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../obligation/errors.go", nil, 0)
	require.NoError(t, err)
	found := 0
	f := newFake(t)
	h := api.New(f.deps())
	ast.Inspect(file, func(n ast.Node) bool {
		value, ok := n.(*ast.ValueSpec)
		if !ok || len(value.Values) != 1 {
			return true
		}
		code, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		found++
		f.down = refused(obligation.ErrorCode(code))
		w := serve(h, request(http.MethodGet, "/api/v1/plans", ""))
		require.NotEqual(t, 500, w.Code, code)
		wantProblem(t, w, w.Code, code)
		return true
	})
	require.GreaterOrEqual(t, found, 16)
}

func TestClientThatGoesAwayIsNoFaultOfTheDatabase(t *testing.T) {
	f := newFake(t)
	f.down = context.Canceled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantProblem(t, serve(api.New(f.deps()), request(http.MethodGet, "/api/v1/plans", "").WithContext(ctx)), 499, "client_closed_request")
}

func TestGinIsQuiet(t *testing.T) {
	api.New(newFake(t).deps())
	require.Equal(t, gin.ReleaseMode, gin.Mode())
}
