package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

// cupboard keeps evidence in memory, and the contracts of what the API asks of store, contents and rules.
type cupboard struct {
	mu       sync.Mutex
	files    []obligation.EvidenceFile
	keys     map[string]string // of uploads, by file
	claimed  map[string]bool
	contents map[string][]byte
	lost     error // the record is made, and then its answer is lost
	full     error
	entered  chan struct{} // told when an upload begins
	claiming func()        // called before files are claimed
}

func newCupboard(f *fake) (*cupboard, api.Deps) {
	d := f.deps()
	return d.Evidence.Record.(*cupboard), d
}

func evidence() *api.Evidence {
	c := &cupboard{keys: map[string]string{}, claimed: map[string]bool{}, contents: map[string][]byte{}}
	return &api.Evidence{
		Record: c, Contents: c, Rules: c, MaxFile: 1000, Limits: obligation.EvidenceLimits{Files: 3, Bytes: 2000}, Stall: 30 * time.Second,
	}
}

func (c *cupboard) lock() func() { c.mu.Lock(); return c.mu.Unlock }

func (c *cupboard) StageEvidence(_ context.Context, f obligation.EvidenceFile, key string, limits obligation.EvidenceLimits) (obligation.EvidenceFile, bool, error) {
	defer c.lock()()
	for _, have := range c.files {
		if c.keys[have.ID] == key {
			if have.SHA256 != f.SHA256 || have.Name != f.Name {
				return f, false, refused(obligation.CodeEvidenceInvalid)
			}
			return have, false, nil
		}
	}
	if len(c.files) >= limits.Files {
		return f, false, refused(obligation.CodeEvidenceFull)
	}
	c.files, c.keys[f.ID] = append(c.files, f), key
	return f, true, c.lost
}

func (c *cupboard) Evidence(context.Context, obligation.ID) ([]obligation.EvidenceFile, error) {
	defer c.lock()()
	return c.files, nil
}

func (c *cupboard) EvidenceFile(_ context.Context, id obligation.ID, file string) (obligation.EvidenceFile, error) {
	defer c.lock()()
	for _, f := range c.files {
		if f.ID == file && f.Obligation == id {
			return f, nil
		}
	}
	return obligation.EvidenceFile{}, refused(obligation.CodeNotFound)
}

func (c *cupboard) ClaimEvidence(ctx context.Context, id obligation.ID, ids []string) ([]obligation.Evidence, error) {
	if c.claiming != nil {
		c.claiming()
	}
	var out []obligation.Evidence
	for _, file := range ids {
		f, err := c.EvidenceFile(ctx, id, file)
		if err != nil || !f.Staged() {
			return nil, refused(obligation.CodeEvidenceGone)
		}
		c.claimed[file] = true
		out = append(out, f.Evidence)
	}
	return out, nil
}

func (c *cupboard) ReleaseEvidence(_ context.Context, _ obligation.ID, ids []string) error {
	for _, file := range ids {
		delete(c.claimed, file)
	}
	return nil
}

// hand marks a file as handed in.
func (c *cupboard) hand(file string) {
	defer c.lock()()
	for i := range c.files {
		if c.files[i].ID == file {
			c.files[i].Seq = 2
		}
	}
}

func (c *cupboard) RemoveEvidence(ctx context.Context, id obligation.ID, file string) (obligation.EvidenceFile, error) {
	f, err := c.EvidenceFile(ctx, id, file)
	if err != nil {
		return f, err
	}
	if c.claimed[file] {
		return f, refused(obligation.CodeEvidenceBusy)
	}
	defer c.lock()()
	c.files = nil
	return f, nil
}

func (c *cupboard) Put(_ context.Context, id string, r io.Reader, limit int64, check func(io.ReaderAt, int64) error) (string, int64, error) {
	if c.entered != nil {
		c.entered <- struct{}{}
	}
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return "", 0, err
	case int64(len(content)) > limit:
		return "", 0, refused(obligation.CodeEvidenceTooLarge)
	case c.full != nil:
		return "", 0, c.full
	}
	if err := check(bytes.NewReader(content), int64(len(content))); err != nil {
		return "", 0, err
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	defer c.lock()()
	c.contents[digest+"-"+id] = content
	return digest, int64(len(content)), nil
}

func (c *cupboard) Open(_ context.Context, key string) (io.ReadCloser, error) {
	defer c.lock()()
	content, ok := c.contents[key]
	if !ok {
		return nil, errors.New("no such content")
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

func (c *cupboard) Delete(_ context.Context, key string) error {
	defer c.lock()()
	delete(c.contents, key)
	return nil
}

func (c *cupboard) Name(raw string) (string, error) {
	if strings.Contains(raw, "/") {
		return "", refused(obligation.CodeEvidenceName)
	}
	return raw, nil
}

func (c *cupboard) Declared(_, media string) error {
	if media == "text/html" {
		return refused(obligation.CodeEvidenceMismatch)
	}
	return nil
}

func (c *cupboard) Check(_ context.Context, _ string, content io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, 2))
	if _, err := content.ReadAt(head, 0); err != nil {
		return "", refused(obligation.CodeEvidenceEmpty)
	}
	if string(head) == "MZ" {
		return "", refused(obligation.CodeEvidenceMismatch)
	}
	return "application/pdf", nil
}

func uploading(name, body string, headers ...string) *http.Request {
	r := request(http.MethodPost, fresh+"/evidence?name="+url.QueryEscape(name), body, append([]string{"Content-Type", "application/pdf"}, headers...)...)
	return r
}

func TestUploadDownloadAndHandIn(t *testing.T) {
	f := newFake(t)
	c, d := newCupboard(f)
	h := api.New(d)
	empty := get(t, h, fresh+"/evidence")
	require.Empty(t, objects(t, empty["evidence"]))
	require.EqualValues(t, 1000, empty["maxFile"])

	first := ask(t, h, http.StatusOK, uploading("整改 报告.pdf", "%PDF", "Idempotency-Key", "u1"))
	require.Equal(t, "application/pdf", first["type"])
	require.Equal(t, true, first["staged"])
	again := serve(h, uploading("整改 报告.pdf", "%PDF", "Idempotency-Key", "u1"))
	require.Equal(t, http.StatusOK, again.Code)
	require.Equal(t, "true", again.Header().Get("Idempotent-Replayed"))
	require.Contains(t, again.Body.String(), first["id"])
	require.Len(t, c.contents, 1, "what is repeated is not kept twice")
	wantProblem(t, serve(h, uploading("other.pdf", "%PDF", "Idempotency-Key", "u1")), http.StatusConflict, "idempotency_key_reused")
	require.Len(t, c.contents, 1)

	w := serve(h, request(http.MethodGet, fresh+"/evidence/"+first["id"].(string), ""))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "%PDF", w.Body.String())
	require.Equal(t, "整改 报告.pdf", nameOf(t, w))
	require.Contains(t, w.Header().Get("Content-Disposition"), `attachment; filename="evidence.pdf"`)
	require.Equal(t, "application/pdf", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "sandbox")
	require.Equal(t, first["sha256"], w.Header().Get("X-Duban-SHA256"))
	wantProblem(t, serve(h, request(http.MethodGet, fresh+"/evidence/none", "")), http.StatusNotFound, "not_found")
	wantProblem(t, serve(h, request(http.MethodGet, late+"/evidence/"+first["id"].(string), "")), http.StatusNotFound, "not_found")

	report := fmt.Sprintf(`{"text":"已完成","evidence":[%q]}`, first["id"])
	event := post(t, h, fresh+"/submit", report, "Idempotency-Key", "s1")
	require.Equal(t, first["sha256"], objects(t, event["evidence"])[0]["sha256"])
	event = post(t, h, fresh+"/submit", report, "Idempotency-Key", "s1")
	require.EqualValues(t, 2, event["seq"])
	other := strings.Replace(report, `,"evidence":[`, `,"evidence":["x",`, 1)
	wantProblem(t, serve(h, request(http.MethodPost, fresh+"/submit", other, "Idempotency-Key", "s1")), http.StatusConflict, "idempotency_key_reused")
	require.Len(t, objects(t, get(t, h, fresh)["evidence"]), 1)
	require.NotContains(t, get(t, h, late+"/ledger")["events"].([]any)[0], "evidence")
}

// A report that is refused lets go of its files; one whose files are gone is refused before it reaches the engine.
func TestClaimOfARefusedReport(t *testing.T) {
	f := newFake(t)
	c, d := newCupboard(f)
	h := api.New(d)
	file := ask(t, h, http.StatusOK, uploading("a.pdf", "%PDF"))
	calls := f.calls
	wantProblem(t, serve(h, request(http.MethodPost, fresh+"/submit", `{"text":"已完成","evidence":["none"]}`)), http.StatusConflict, "evidence_gone")
	require.Equal(t, calls, f.calls)
	wantProblem(t, serve(h, request(http.MethodPost, fresh+"/submit", fmt.Sprintf(`{"text":" ","evidence":[%q]}`, file["id"]))),
		http.StatusUnprocessableEntity, "text_missing")
	require.Empty(t, c.claimed)
	c.claimed[file["id"].(string)] = true
	remove := request(http.MethodDelete, fresh+"/evidence/"+file["id"].(string), "")
	wantProblem(t, serve(h, remove), http.StatusConflict, "evidence_busy")
	delete(c.claimed, file["id"].(string))
	ask(t, h, http.StatusOK, remove)
	require.Empty(t, c.contents)
	wantProblem(t, serve(h, remove), http.StatusNotFound, "not_found")
	ask(t, h, http.StatusConflict, request(http.MethodPost, fresh+"/submit", `{"text":"已完成","evidence":["none"]}`))
	d.Evidence = nil
	wantProblem(t, serve(api.New(d), request(http.MethodPost, fresh+"/submit", `{"text":"已完成","evidence":["none"]}`)), http.StatusConflict, "evidence_gone")
}

// A report of what was put right names files like any other report, also after the obligation is closed.
func TestEvidenceOfARectification(t *testing.T) {
	f := newFake(t)
	f.draftInterview(id("xinhua", "2026H1"))
	c, d := newCupboard(f)
	h := api.New(d)
	post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"101室"}}`)
	post(t, h, talk+"/conclude", `{"outcome":"已约谈","demands":"完成汇编"}`)
	post(t, h, fresh+"/waive", `{"reason":"上级已统一印发"}`)
	file := ask(t, h, http.StatusOK, uploading("汇编.pdf", "%PDF"))
	report := fmt.Sprintf(`{"text":"汇编已印发","evidence":[%q]}`, file["id"])

	calls := f.calls
	wantProblem(t, serve(h, request(http.MethodPost, talk+"/rectify", `{"text":"汇编已印发","evidence":["none"]}`)), http.StatusConflict, "evidence_gone")
	wantProblem(t, serve(h, request(http.MethodPost, talk+"/rectify", fmt.Sprintf(`{"text":" ","evidence":[%q]}`, file["id"]))),
		http.StatusUnprocessableEntity, "rectification_text_missing")
	require.Empty(t, c.claimed, "a report that is refused lets go of its files")
	require.Equal(t, calls, f.calls)
	doc := post(t, h, talk+"/rectify", report, "Idempotency-Key", "r1")
	rectification := doc["meeting"].(map[string]any)["rectification"].(map[string]any)
	require.Equal(t, file["sha256"], objects(t, rectification["evidence"])[0]["sha256"])
	events := objects(t, get(t, h, fresh+"/ledger?limit=200")["events"])
	require.Equal(t, file["id"], objects(t, events[len(events)-1]["evidence"])[0]["id"])

	require.Equal(t, doc, post(t, h, talk+"/rectify", report, "Idempotency-Key", "r1"))
	wantProblem(t, serve(h, request(http.MethodPost, talk+"/rectify", `{"text":"汇编已印发"}`, "Idempotency-Key", "r1")), http.StatusConflict, "idempotency_key_reused")
	wantProblem(t, serve(h, uploading("b.pdf", "%PDF")), http.StatusConflict, "obligation_closed")
}

// Of two tries of one report the second finds the files handed in, and gets the first one's answer.
func TestReportWhoseFilesAnotherTryHandedIn(t *testing.T) {
	for name, path := range map[string]string{"obligation": fresh + "/submit", "rectification": talk + "/rectify"} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.draftInterview(id("xinhua", "2026H1"))
			c, d := newCupboard(f)
			h := api.New(d)
			if path != fresh+"/submit" {
				post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"101室"}}`)
				post(t, h, talk+"/conclude", `{"outcome":"已约谈","demands":"完成汇编"}`)
			}
			file := ask(t, h, http.StatusOK, uploading("汇编.pdf", "%PDF"))
			report := fmt.Sprintf(`{"text":"已完成","evidence":[%q]}`, file["id"])
			var first map[string]any
			c.claiming = func() {
				c.claiming = nil
				first = post(t, h, path, report, "Idempotency-Key", "k1")
				c.hand(file["id"].(string))
			}
			second := serve(h, request(http.MethodPost, path, report, "Idempotency-Key", "k1"))
			require.Equal(t, http.StatusOK, second.Code, second.Body)
			require.Equal(t, "true", second.Header().Get("Idempotent-Replayed"))
			want, err := json.Marshal(first)
			require.NoError(t, err)
			require.JSONEq(t, string(want), second.Body.String())
		})
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	f := newFake(t)
	c, d := newCupboard(f)
	h := api.New(d)
	large := uploading("a.pdf", "%PDF")
	large.ContentLength, large.Body = 1001, io.NopCloser(&refusing{t})
	closed := request(http.MethodPost, past+"/evidence?name=a.pdf", "%PDF", "Content-Type", "application/pdf")
	for name, r := range map[string]struct {
		request *http.Request
		status  int
		code    string
	}{
		"path":       {uploading("../a.pdf", "%PDF"), http.StatusUnprocessableEntity, "evidence_name_invalid"},
		"declared":   {uploading("a.pdf", "%PDF", "Content-Type", "text/html"), http.StatusUnsupportedMediaType, "evidence_type_mismatch"},
		"content":    {uploading("a.pdf", "MZ"), http.StatusUnsupportedMediaType, "evidence_type_mismatch"},
		"compressed": {uploading("a.pdf", "%PDF", "Content-Encoding", "gzip"), http.StatusUnsupportedMediaType, "unsupported_media_type"},
		"large":      {large, http.StatusRequestEntityTooLarge, "evidence_too_large"},
		"larger":     {uploading("a.pdf", strings.Repeat("x", 1001)), http.StatusRequestEntityTooLarge, "evidence_too_large"},
		"no name":    {request(http.MethodPost, fresh+"/evidence", "%PDF"), http.StatusUnprocessableEntity, "validation_failed"},
		"closed":     {closed, http.StatusConflict, "obligation_closed"},
		"elsewhere":  {uploading("a.pdf", "%PDF", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden, "cross_origin"},
	} {
		w := serve(h, r.request)
		wantProblem(t, w, r.status, r.code)
		require.Empty(t, c.contents, name)
	}
	require.Equal(t, "close", serve(h, uploading("../a.pdf", "%PDF")).Header().Get("Connection"))
	for range 3 {
		ask(t, h, http.StatusOK, uploading("a.pdf", "%PDF"))
	}
	wantProblem(t, serve(h, uploading("a.pdf", "%PDF")), http.StatusConflict, "evidence_full")
	require.Len(t, c.contents, 3, "what is refused last of all is not kept either")
	c.full = fmt.Errorf("%w: 12 bytes", api.ErrStorageFull)
	wantProblem(t, serve(h, uploading("a.pdf", "%PDF")), http.StatusInsufficientStorage, "storage_full")
	c.full = errors.New("dial tcp 10.0.0.7:9000: refused")
	wantProblem(t, serve(h, uploading("a.pdf", "%PDF")), http.StatusServiceUnavailable, "storage_unavailable")
}

// refusing is a body that nobody may read.
type refusing struct{ t *testing.T }

func (r *refusing) Read([]byte) (int, error) {
	r.t.Error("it was read")
	return 0, io.EOF
}

// Where the database's answer is lost the record may have been made: its content has to stay.
func TestContentStaysWhereTheAnswerIsLost(t *testing.T) {
	f := newFake(t)
	c, d := newCupboard(f)
	c.lost = errDown
	wantProblem(t, serve(api.New(d), uploading("a.pdf", "%PDF", "Idempotency-Key", "u1")), http.StatusServiceUnavailable, "database_unavailable")
	require.Len(t, c.contents, 1)
	c.lost = nil
	ask(t, api.New(d), http.StatusOK, uploading("a.pdf", "%PDF", "Idempotency-Key", "u1"))
	require.Len(t, c.contents, 1)
}

// Who sends nothing is cut off and told; who is many is told to wait.
func TestUploadsThatTakeTooMuch(t *testing.T) {
	f := newFake(t)
	c, d := newCupboard(f)
	d.Evidence.Stall = 50 * time.Millisecond
	c.entered = make(chan struct{}, 100)
	server := httptest.NewServer(api.New(d))
	defer server.Close()
	send := func(body io.Reader) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+fresh+"/evidence?name=a.pdf", body)
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/pdf")
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(text)
	}
	stalled, keep := io.Pipe()
	defer keep.Close()
	status, text := send(stalled)
	require.Equal(t, http.StatusRequestTimeout, status, text)
	require.Contains(t, text, "body_timeout")
	require.Empty(t, c.contents)
	status, _ = send(strings.NewReader("%PDF"))
	require.Equal(t, http.StatusOK, status)

	d.Evidence.Stall = time.Minute
	for len(c.entered) > 0 {
		<-c.entered
	}
	var held []*io.PipeWriter
	answers := make(chan int, 10)
	for range 4 {
		body, w := io.Pipe()
		held = append(held, w)
		go func() {
			status, _ := send(body)
			answers <- status
		}()
		<-c.entered
	}
	status, text = send(strings.NewReader("%PDF"))
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, text, "uploads_busy")
	for _, w := range held {
		require.NoError(t, w.Close())
		require.Equal(t, http.StatusUnprocessableEntity, <-answers, "an empty one")
	}
	status, _ = send(strings.NewReader("%PDF"))
	require.Equal(t, http.StatusOK, status)
}

// Half a file never looks like a whole one.
func TestDownloadThatBreaksOff(t *testing.T) {
	f := newFake(t)
	c, d := newCupboard(f)
	server := httptest.NewServer(api.New(d))
	defer server.Close()
	file := ask(t, api.New(d), http.StatusOK, uploading("a.pdf", "%PDF"))
	path := fresh + "/evidence/" + file["id"].(string)
	for key := range c.contents {
		c.contents[key] = []byte("%P")
	}
	response, err := http.Get(server.URL + path)
	if err == nil { // else it broke off before the client saw the beginning
		_, err = io.ReadAll(response.Body)
		require.NoError(t, response.Body.Close())
	}
	require.Error(t, err)
	clear(c.contents)
	wantProblem(t, serve(api.New(d), request(http.MethodGet, path, "")), http.StatusInternalServerError, "content_lost")
}
