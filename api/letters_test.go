package api_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/report"
)

// clerk writes what it was given instead of a document.
type clerk struct{ wording string }

func (c clerk) Document(d obligation.Document, s obligation.State, def obligation.Definition) (string, []byte, error) {
	if s.Title == "" {
		return "", nil, errors.New("nothing to write about")
	}
	place := ""
	if d.Meeting != nil {
		place = d.Meeting.Place
	}
	return d.Title, fmt.Appendf(nil, "%s%s|%s|%s|%s|%d", c.wording, d.Number, s.UnitName, def.Plan.Issuer, place, s.Seq), nil
}

func (c clerk) Minutes(d obligation.Document, s obligation.State, _ obligation.Definition) (string, []byte, error) {
	return "约谈纪要", []byte(c.wording + s.UnitName + d.Meeting.Outcome), nil
}

func (c clerk) ExtensionReply(e obligation.Event, s obligation.State, _ obligation.Definition) (string, []byte, error) {
	return "关于延期申请的批复", fmt.Appendf(nil, "%s%s %s→%s", c.wording, e.Kind, s.Deadline(), e.Due), nil
}

// Report writes the title, and what the blocks are.
func (clerk) Report(r report.Report) ([]byte, error) {
	out := fmt.Appendf(nil, "%s|%s|%s|%s\n", r.Title, r.Subtitle, r.Issuer, r.Date)
	for _, b := range r.Blocks {
		out = fmt.Appendf(out, "%T %v\n", b, b)
	}
	return out, nil
}

func (c clerk) Order(s obligation.State, unit string, _ obligation.Definition) (string, []byte, error) {
	return "问题交办单", fmt.Appendf(nil, "%s%s %s %d", c.wording, s.Period, unit, len(s.Inspection.Findings)), nil
}

// printed counts conversions, so that no two give the same bytes.
var printed int

func printer(_ context.Context, docx []byte) ([]byte, error) {
	printed++
	return fmt.Appendf(nil, "%%PDF %d %s", printed, docx), nil
}

// reader reads what the clerk wrote.
func reader(docx []byte) ([]api.SheetBlock, error) {
	if len(docx) > 200 {
		return nil, errors.New("/tmp/secret: no such form")
	}
	return []api.SheetBlock{{Style: "text", Pieces: []api.SheetPiece{{Text: string(docx)}}}}, nil
}

func (f *fake) KeepFile(_ context.Context, file obligation.File) (obligation.File, error) {
	defer f.lock()()
	if f.files == nil {
		f.files = map[string]obligation.File{}
	}
	key := file.Obligation.String() + "/" + file.Name
	if kept, ok := f.files[key]; ok {
		return kept, f.down
	}
	f.files[key] = file
	return file, f.down
}

func (f *fake) File(_ context.Context, id obligation.ID, name string) (obligation.File, error) {
	defer f.lock()()
	file, ok := f.files[id.String()+"/"+name]
	if !ok {
		return file, cmp.Or(f.down, refused(obligation.CodeNotFound))
	}
	return file, f.down
}

// download wants a file and returns the answer.
func download(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := serve(h, request(http.MethodGet, path, ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	sum := sha256.Sum256(w.Body.Bytes())
	require.Equal(t, hex.EncodeToString(sum[:]), w.Header().Get("X-Duban-SHA256"))
	return w
}

// nameOf returns the Chinese name of a download.
func nameOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	_, encoded, found := strings.Cut(w.Header().Get("Content-Disposition"), "; filename*=UTF-8''")
	require.True(t, found)
	require.Regexp(t, `^[A-Za-z0-9%._~-]+$`, encoded)
	name, err := url.PathUnescape(encoded)
	require.NoError(t, err)
	return name
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

func TestDraftIsPreviewedAndNotKept(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	w := download(t, h, letter+"/file")
	require.Equal(t, docxType, w.Header().Get("Content-Type"))
	require.Equal(t, "草稿 关于督促落实“报送学习情况”的函.docx", nameOf(t, w))
	require.Contains(t, w.Header().Get("Content-Disposition"), `attachment; filename="letter.docx"`)
	require.Equal(t, "|天山路街道|区安委会||3", w.Body.String(), "as the obligation was when the document was drafted")
	require.Empty(t, f.files)
	pdf := download(t, h, letter+"/file?format=pdf")
	require.Equal(t, "application/pdf", pdf.Header().Get("Content-Type"))
	require.Empty(t, f.files)
	require.NotContains(t, get(t, h, letter), "digest")
}

// What was signed off stays as it was, whatever becomes of the wording, and of what happens to the obligation.
func TestIssuedFileNeverChanges(t *testing.T) {
	f := newFake(t)
	deps := f.deps()
	post(t, api.New(deps), letter+"/sign-off", none)
	require.Len(t, f.files, 1, "kept at sign-off")

	deps.Letters = clerk{"新的措辞"}
	h := api.New(deps)
	post(t, h, late+"/submit", `{"text":"已完成"}`)
	first := download(t, h, letter+"/file")
	require.Equal(t, "长安委办〔2026〕5号|天山路街道|区安委会||3", first.Body.String())
	require.Equal(t, "长安委办〔2026〕5号 关于督促落实“报送学习情况”的函.docx", nameOf(t, first))
	require.Equal(t, first.Header().Get("X-Duban-SHA256"), get(t, h, letter)["digest"])

	pdf := download(t, h, letter+"/file?format=pdf")
	require.Contains(t, pdf.Body.String(), "%PDF")
	require.Equal(t, pdf.Body.String(), download(t, h, letter+"/file?format=pdf").Body.String(), "a second conversion would give other bytes")
	deps.PDF = nil
	require.Equal(t, pdf.Body.String(), download(t, api.New(deps), letter+"/file?format=pdf").Body.String(), "what is kept needs no LibreOffice")
}

// A document that went out by itself, or whose file could not be kept then, gets its file at the first download.
func TestFileIsMadeAtTheFirstDownload(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	post(t, h, letter+"/sign-off", none)
	f.files = nil
	first := download(t, h, letter+"/file")
	require.Equal(t, first.Body.String(), download(t, h, letter+"/file").Body.String())
	require.Len(t, f.files, 1)
}

func TestInterviewOnAnotherDayHasANoticeOfItsOwn(t *testing.T) {
	f := newFake(t)
	f.draftInterview(id("xinhua", "2026H1"))
	h := api.New(f.deps())
	post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"一号会议室"}}`)
	require.Contains(t, download(t, h, talk+"/file").Body.String(), "一号会议室")
	wantProblem(t, serve(h, request(http.MethodGet, talk+"/minutes", "")), http.StatusConflict, "interview_not_concluded")
	post(t, h, talk+"/arrange", `{"meeting":{"at":"2026-03-02T16:00:00+08:00","place":"二号会议室"},"reason":"会议室占用"}`)
	require.Contains(t, download(t, h, talk+"/file").Body.String(), "二号会议室")
	require.Len(t, f.files, 2, "the first notice is kept as well")

	post(t, h, talk+"/conclude", `{"outcome":"限期整改","exempt":"当场完成"}`)
	w := download(t, h, talk+"/minutes")
	require.Equal(t, "新华路街道限期整改", w.Body.String())
	require.Equal(t, "长安委办〔2026〕5号 约谈纪要.docx", nameOf(t, w))
	require.Len(t, f.files, 3, "kept when it was concluded")
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/minutes", "")), http.StatusUnprocessableEntity, "validation_failed")
}

func TestExtensionReplyIsOfTheLatestDecision(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	wantProblem(t, serve(h, request(http.MethodGet, fresh+"/extension-reply", "")), http.StatusConflict, "extension_not_decided")
	ask := func(due string) {
		post(t, h, fresh+"/ask-extension", `{"due":"`+due+`","reason":"工作量大"}`)
	}
	ask("2026-07-31")
	wantProblem(t, serve(h, request(http.MethodGet, fresh+"/extension-reply", "")), http.StatusConflict, "extension_not_decided")
	post(t, h, fresh+"/grant-extension", `{"due":"2026-07-15"}`)
	w := download(t, h, fresh+"/extension-reply")
	require.Equal(t, "extended 2026-06-30→2026-07-15", w.Body.String())
	require.Equal(t, "新华路街道 关于延期申请的批复.docx", nameOf(t, w))
	ask("2026-08-31")
	post(t, h, fresh+"/refuse-extension", `{"reason":"时间足够"}`)
	require.Equal(t, "extension_refused 2026-07-15→2026-07-15", download(t, h, fresh+"/extension-reply").Body.String())
	require.Len(t, f.files, 2)
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations/changning-2024/1.1/xinhua/nowhen/extension-reply", "")), http.StatusNotFound, "not_found")
}

func TestNoFile(t *testing.T) {
	f := newFake(t)
	deps := f.deps()
	h := api.New(deps)
	wantProblem(t, serve(h, request(http.MethodGet, talk+"/file", "")), http.StatusNotFound, "not_found")
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/file?format=odt", "")), http.StatusUnprocessableEntity, "validation_failed")

	deps.PDF = nil
	p := wantProblem(t, serve(api.New(deps), request(http.MethodGet, letter+"/file?format=pdf", "")), http.StatusNotImplemented, "pdf_unavailable")
	require.Contains(t, p.Detail, "LibreOffice")
	deps.PDF = func(context.Context, []byte) ([]byte, error) { return nil, errors.New("/tmp/secret: crashed") }
	p = wantProblem(t, serve(api.New(deps), request(http.MethodGet, letter+"/file?format=pdf", "")), http.StatusServiceUnavailable, "pdf_failed")
	require.NotContains(t, p.Detail, "secret")

	f.ledgers[id("tianshan", "2026-01")] = nil // the writer gets nothing to write about
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/file", "")), http.StatusInternalServerError, "internal_error")
	f.down = errDown
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/file", "")), http.StatusServiceUnavailable, "database_unavailable")
}

func TestWithdrawnDraftHasNoFile(t *testing.T) {
	h := api.New(newFake(t).deps())
	post(t, h, letter+"/withdraw", `{"reason":"已完成"}`)
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/file", "")), http.StatusConflict, "document_withdrawn")
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/text", "")), http.StatusConflict, "document_withdrawn")
}

// A sign-off stands even where its file can't be kept at once.
func TestSignOffStandsWithoutItsFile(t *testing.T) {
	f := newFake(t)
	deps := f.deps()
	deps.Letters = failing{}
	post(t, api.New(deps), letter+"/sign-off", none)
	require.Empty(t, f.files)
}

type failing struct{ clerk }

func (failing) Document(obligation.Document, obligation.State, obligation.Definition) (string, []byte, error) {
	return "", nil, errors.New("out of paper")
}

// What is read is the file: the kept one, or that of a draft. Whoever may not have the file reads nothing of it.
func TestReadingIsOfTheFile(t *testing.T) {
	f := newFake(t)
	f.draftInterview(id("xinhua", "2026H1"))
	deps := f.deps()
	h := api.New(deps)
	said := func(path string) string {
		t.Helper()
		sheet := get(t, h, path)
		require.NotEmpty(t, sheet["title"])
		require.Equal(t, download(t, h, strings.Replace(strings.TrimSuffix(path, "/text")+"/file", "minutes/file", "minutes", 1)).Header().Get("X-Duban-SHA256"), sheet["digest"])
		piece := sheet["blocks"].([]any)[0].(map[string]any)["pieces"].([]any)[0].(map[string]any)
		return piece["text"].(string)
	}
	require.Equal(t, "|天山路街道|区安委会||3", said(letter+"/text"))
	liaison := request(http.MethodGet, letter+"/text", "", asHeader, "unit li tianshan")
	wantProblem(t, serve(h, liaison), http.StatusNotFound, "not_found")
	post(t, h, letter+"/sign-off", none)
	deps.Letters = clerk{"新的措辞"}
	h = api.New(deps)
	require.Equal(t, "长安委办〔2026〕5号|天山路街道|区安委会||3", said(letter+"/text"), "whatever has become of the wording")
	require.Equal(t, http.StatusOK, serve(h, request(http.MethodGet, letter+"/text", "", asHeader, "unit li tianshan")).Code)
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/text", "", asHeader, "unit zhang xinhua")), http.StatusForbidden, "other_unit")

	post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"一号会议室"}}`)
	wantProblem(t, serve(h, request(http.MethodGet, talk+"/minutes/text", "")), http.StatusConflict, "interview_not_concluded")
	f.files = nil
	post(t, h, talk+"/arrange", `{"meeting":{"at":"2026-03-02T16:00:00+08:00","place":"`+strings.Repeat("远", 100)+`"},"reason":"会议室占用"}`)
	p := wantProblem(t, serve(h, request(http.MethodGet, talk+"/text", "")), http.StatusInternalServerError, "internal_error")
	require.NotContains(t, p.Detail, "secret")
	post(t, h, talk+"/conclude", `{"outcome":"限期整改","exempt":"当场完成"}`)
	require.Equal(t, "新的措辞新华路街道限期整改", said(talk+"/minutes/text"))
}

func TestFileNameIsFitForEverySystem(t *testing.T) {
	f := newFake(t)
	d := f.docs[obligation.DocumentID(id("tianshan", "2026-01"), obligation.Letter)]
	d.Title = "a/b\\c:d\n“" + strings.Repeat("很长", 100)
	f.docs[obligation.DocumentID(id("tianshan", "2026-01"), obligation.Letter)] = d
	name := nameOf(t, download(t, api.New(f.deps()), letter+"/file"))
	require.True(t, strings.HasPrefix(name, "草稿 a_b_c_d_“很长"), name)
	require.LessOrEqual(t, len(name), 255)
	require.True(t, strings.HasSuffix(name, "….docx"))
}

func TestWithoutLettersThereIsNothingToDownload(t *testing.T) {
	deps := newFake(t).deps()
	deps.Letters, deps.Files = nil, nil
	h := api.New(deps)
	wantProblem(t, serve(h, request(http.MethodGet, letter+"/file", "")), http.StatusNotFound, "route_not_found")
	post(t, h, letter+"/sign-off", none)
	require.NotContains(t, get(t, h, letter), "digest")
}

// A ledger longer than one page is told whole.
func TestLongLedger(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	fid := id("xinhua", "2026H1")
	for range 450 {
		_, err := f.decide(fid, obligation.Command{Kind: obligation.Nudge, By: obligation.Actor{Role: obligation.RoleOffice, Name: "张三"}}, now)
		require.NoError(t, err)
	}
	_, err := f.decide(fid, obligation.Command{Kind: obligation.AskExtension, Text: "理由", Due: calendar.MustDate("2026-07-31")}, now)
	require.NoError(t, err)
	_, err = f.decide(fid, obligation.Command{Kind: obligation.GrantExtension}, now)
	require.NoError(t, err)
	require.Equal(t, "extended 2026-06-30→2026-07-31", download(t, h, fresh+"/extension-reply").Body.String())
}

func TestDossierIsAFile(t *testing.T) {
	f, log := newFake(t), &registry{}
	d := f.deps()
	d.Accounts = log
	h := api.New(d)
	w := serve(h, request(http.MethodGet, fresh+"/dossier", "", asHeader, "auditor"))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.True(t, strings.HasPrefix(w.Body.String(), "zip of changning-2024/"))
	require.True(t, strings.HasSuffix(w.Body.String(), " with evidence"))
	require.Equal(t, "application/zip", w.Header().Get("Content-Type"))
	require.Equal(t, "abc", w.Header().Get("X-Duban-Manifest-SHA256"))
	require.Contains(t, nameOf(t, w), "卷宗")
	require.Len(t, log.entries, 1)
	require.Equal(t, account.DossierExported, log.entries[0].Action)
	require.Equal(t, "abc", log.entries[0].Detail, "whose digest can be proved later")
	wantProblem(t, serve(h, request(http.MethodGet, strings.Replace(fresh, "xinhua", "nobody", 1)+"/dossier", "")), http.StatusNotFound, "not_found")
	w = serve(h, request(http.MethodGet, fresh+"/dossier?evidence=false", ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.NotContains(t, w.Body.String(), "evidence")
	f.lost = fmt.Errorf("dossier: %w", api.ErrContentLost)
	wantProblem(t, serve(h, request(http.MethodGet, fresh+"/dossier", "")), http.StatusInternalServerError, "content_lost")
	require.Len(t, log.entries, 2, "what was not exported is not noted")
}
