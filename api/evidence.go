package api

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"duban/obligation"
)

// Evidence is what the taking of evidence needs.
type Evidence struct {
	Record   EvidenceRecord
	Contents Contents
	Rules    EvidenceRules
	MaxFile  int64 // bytes of one file
	Limits   obligation.EvidenceLimits
	// Stall is how long a client may take for the next piece of a file; whoever sends less is cut off.
	Stall time.Duration
}

// EvidenceRecord is the part of the store that keeps who uploaded what. Refusals are *obligation.Error.
type EvidenceRecord interface {
	// StageEvidence records an upload under its idempotency key. kept is false where the same one is recorded already, which
	// is returned; another one under the key is CodeEvidenceInvalid.
	StageEvidence(ctx context.Context, f obligation.EvidenceFile, key string, limits obligation.EvidenceLimits) (out obligation.EvidenceFile, kept bool, err error)
	// Evidence returns what was uploaded for an obligation, in the order of its uploading.
	Evidence(ctx context.Context, id obligation.ID) ([]obligation.EvidenceFile, error)
	EvidenceFile(ctx context.Context, id obligation.ID, file string) (obligation.EvidenceFile, error)
	// ClaimEvidence returns staged files for a command, and keeps them from being removed; one that is not staged is
	// CodeEvidenceGone. ReleaseEvidence is for a command that was refused.
	ClaimEvidence(ctx context.Context, id obligation.ID, files []string) ([]obligation.Evidence, error)
	ReleaseEvidence(ctx context.Context, id obligation.ID, files []string) error
	RemoveEvidence(ctx context.Context, id obligation.ID, file string) (obligation.EvidenceFile, error)
}

// Contents keeps the contents of files.
type Contents interface {
	// Put receives a content to its end, lets check look at it, and keeps it under the key that obligation.Evidence makes of
	// digest and id. Where anything fails nothing is kept; more than limit bytes are CodeEvidenceTooLarge, and a disk
	// without room is ErrStorageFull.
	Put(ctx context.Context, id string, content io.Reader, limit int64, check func(content io.ReaderAt, size int64) error) (digest string, size int64, err error)
	// Open returns a content, which never arrives whole where it is not what its key says.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	Delete(ctx context.Context, key string) error
}

// ErrStorageFull is Contents' error where there is no room for more.
var ErrStorageFull = errors.New("no room for more evidence")

// EvidenceRules say which files are taken. Refusals are *obligation.Error.
type EvidenceRules interface {
	// Name returns a file's name as it is shown.
	Name(raw string) (string, error)
	// Declared refuses a media type that does not go with the name.
	Declared(name, media string) error
	// Check refuses a content that does not go with the name, or could do harm, and returns its media type.
	Check(ctx context.Context, name string, content io.ReaderAt, size int64) (media string, err error)
}

// How much is received at once, so that memory, disk and connections are bounded whoever uploads.
const (
	maxUploads     = 16
	maxUnitUploads = 4
	uploadTimeout  = time.Hour // of one upload, all of it
	uploadPiece    = 64 << 10  // bytes that have to come within Evidence.Stall
	answerTimeout  = time.Minute
)

const evidencePath = "/obligations/{plan}/{measure}/{unit}/{period}/evidence"

// UploadInput uploads a file. Its content is the request's body.
type UploadInput struct {
	ObligationPath
	Retry
	Name  string `query:"name" required:"true" maxLength:"500" example:"工作总结.pdf" doc:"文件名，须有扩展名；不是路径"`
	Media string `header:"Content-Type" maxLength:"200" doc:"文件类型；不知道的填 application/octet-stream"`

	streamed
}

// streamed gives a handler the request itself, whose body or answer it streams.
type streamed struct{ request huma.Context }

// Resolve implements huma.Resolver.
func (s *streamed) Resolve(ctx huma.Context) []error {
	s.request = ctx
	return nil
}

func (s *streamed) connection() *http.ResponseController {
	return http.NewResponseController(humagin.Unwrap(s.request).Writer)
}

// EvidenceInput addresses a file.
type EvidenceInput struct {
	ObligationPath
	ID string `path:"id" maxLength:"64" doc:"材料编号"`

	streamed
}

// EvidenceItem is a file that was uploaded for an obligation.
type EvidenceItem struct {
	EventEvidence
	Uploaded time.Time `json:"uploaded" doc:"上传时间"`
	By       Actor     `json:"by" doc:"上传人"`
	Staged   bool      `json:"staged" doc:"true：已上传、未报送，可以删除；false：已随报送存入台账"`
	Seq      int       `json:"seq,omitempty" doc:"随台账哪一条报送；未报送的不出现"`
}

// EventEvidence is a file as the ledger names it.
type EventEvidence struct {
	ID     string `json:"id" doc:"材料编号，报送时填写"`
	Name   string `json:"name" doc:"文件名"`
	Type   string `json:"type" doc:"按内容认定的文件类型"`
	Size   int64  `json:"size" doc:"大小，字节"`
	SHA256 string `json:"sha256" doc:"内容的 SHA-256，十六进制"`
}

// EvidenceList is what was uploaded for an obligation.
type EvidenceList struct {
	Evidence []EvidenceItem `json:"evidence" doc:"佐证材料，按上传时间排列"`
	MaxFile  int64          `json:"maxFile" doc:"单个文件的上限，字节"`
	MaxFiles int            `json:"maxFiles" doc:"件数上限"`
	MaxTotal int64          `json:"maxTotal" doc:"总大小上限，字节"`
}

// UploadOutput answers an upload.
type UploadOutput struct {
	Key    string `header:"Idempotency-Key" doc:"本次上传的键"`
	Replay string `header:"Idempotent-Replayed" doc:"true：此前已上传，这是当时的回答"`
	Body   EvidenceItem
}

func (s *server) registerEvidence() {
	s.slots = &slots{units: map[string]int{}}
	notFound := Code(obligation.CodeNotFound)
	binary := map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	register(s, operation{
		id: "upload-evidence", method: http.MethodPost, path: evidencePath, tag: tagObligations, limit: uploadTimeout,
		request: binary,
		codes: []Code{
			notFound, Code(obligation.CodeClosed), CodeKeyReused, CodeBodyBroken, CodeUploadsBusy, CodeStorageFull, Code(obligation.CodeEvidenceFull),
			Code(obligation.CodeEvidenceTooLarge), Code(obligation.CodeEvidenceEmpty), Code(obligation.CodeEvidenceName), Code(obligation.CodeEvidenceType),
			Code(obligation.CodeEvidenceMismatch), Code(obligation.CodeEvidenceMacros), Code(obligation.CodeEvidenceEncrypted),
			Code(obligation.CodeEvidenceArchive), Code(obligation.CodeEvidenceDamaged),
		},
	}, s.uploadEvidence)
	register(s, operation{id: "list-evidence", method: http.MethodGet, path: evidencePath, tag: tagObligations, codes: []Code{notFound}}, s.listEvidence)
	register(s, operation{
		id: "download-evidence", method: http.MethodGet, path: evidencePath + "/{id}", tag: tagObligations, content: binary,
		codes: []Code{notFound, CodeContentLost},
	}, s.downloadEvidence)
	register(s, operation{
		id: "remove-evidence", method: http.MethodDelete, path: evidencePath + "/{id}", tag: tagObligations,
		codes: []Code{notFound, Code(obligation.CodeEvidenceFixed), Code(obligation.CodeEvidenceBusy)},
	}, s.removeEvidence)
}

// uploadEvidence takes a file in. What is refused is refused as early as can be, and the connection is closed then, so that
// nobody sends the rest.
func (s *server) uploadEvidence(ctx context.Context, in *UploadInput) (*UploadOutput, error) {
	out := &UploadOutput{Key: in.Key}
	if out.Key == "" {
		out.Key = rand.Text()
	}
	f, replayed, err := s.upload(ctx, in, out.Key)
	connection := in.connection()
	_ = connection.SetReadDeadline(time.Time{})
	_ = connection.SetWriteDeadline(time.Now().Add(answerTimeout))
	if err != nil {
		in.request.SetHeader("Connection", "close")
		return nil, keyed{err, out.Key}
	}
	if replayed {
		out.Replay = "true"
	}
	loc, err := s.zone(ctx, in.Plan)
	if err != nil {
		return nil, keyed{err, out.Key}
	}
	out.Body = showEvidence(f, loc)
	return out, nil
}

func (s *server) upload(ctx context.Context, in *UploadInput, key string) (f obligation.EvidenceFile, replayed bool, err error) {
	e := s.Evidence
	name, err := e.Rules.Name(in.Name)
	if err != nil {
		return f, false, err
	}
	if err := e.Rules.Declared(name, in.Media); err != nil {
		return f, false, err
	}
	request := humagin.Unwrap(in.request).Request
	switch encoding := request.Header.Get("Content-Encoding"); {
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return f, false, newProblem(CodeMediaType)
	case request.ContentLength > e.MaxFile:
		return f, false, &obligation.Error{Code: obligation.CodeEvidenceTooLarge}
	}
	v, err := s.Reader.Load(ctx, in.id())
	switch {
	case err != nil:
		return f, false, err
	case !v.State.TakesEvidence():
		return f, false, &obligation.Error{Code: obligation.CodeClosed}
	}
	if !s.slots.take(in.Unit) {
		return f, false, newProblem(CodeUploadsBusy)
	}
	defer s.slots.give(in.Unit)

	f = obligation.EvidenceFile{Obligation: in.id(), By: by(ctx, obligation.RoleUnit), Uploaded: s.Now()}
	f.ID, f.Name = rand.Text(), name
	body := &upload{from: request.Body, connection: in.connection(), stall: e.Stall}
	f.SHA256, f.Size, err = e.Contents.Put(ctx, f.ID, body, e.MaxFile, func(content io.ReaderAt, size int64) (err error) {
		f.Type, err = e.Rules.Check(ctx, name, content, size)
		return err
	})
	switch {
	case body.failed != nil:
		return f, false, newProblem(bodyFailure(body.failed))
	case err != nil:
		return f, false, s.kept(ctx, err)
	}
	staged, kept, err := e.Record.StageEvidence(ctx, f, key, e.Limits)
	refused, known := errors.AsType[*obligation.Error](err)
	if err == nil && !kept || known {
		s.drop(ctx, f)
	}
	if known && refused.Code == obligation.CodeEvidenceInvalid {
		err = newProblem(CodeKeyReused)
	}
	// Any other error may come after the record was made: then the content stays, and is swept where it was not.
	return staged, !kept, err
}

// kept explains why a content was not kept.
func (s *server) kept(ctx context.Context, err error) error {
	_, refused := errors.AsType[*obligation.Error](err)
	switch {
	case refused:
		return err
	case errors.Is(err, ErrStorageFull):
		s.Log.ErrorContext(ctx, "evidence", "request", requestID(ctx), "error", err)
		return newProblem(CodeStorageFull)
	case errors.Is(err, context.DeadlineExceeded):
		return newProblem(CodeBodyTimeout)
	case errors.Is(err, context.Canceled):
		return err
	default:
		s.Log.ErrorContext(ctx, "evidence", "request", requestID(ctx), "error", err)
		return newProblem(CodeStorageDown)
	}
}

// drop removes a content that nothing refers to. What fails here is swept later.
func (s *server) drop(ctx context.Context, f obligation.EvidenceFile) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTimeout)
	defer cancel()
	if err := s.Evidence.Contents.Delete(ctx, f.Key()); err != nil {
		s.Log.WarnContext(ctx, "evidence not removed yet", "key", f.Key(), "error", err)
	}
}

// upload is a body that has to make progress.
type upload struct {
	from       io.Reader
	connection *http.ResponseController
	stall      time.Duration
	due        int64 // bytes after which there is new time
	n          int64
	failed     error // of the connection
}

func (u *upload) Read(p []byte) (int, error) {
	if u.n >= u.due {
		_ = u.connection.SetReadDeadline(time.Now().Add(u.stall))
		u.due = u.n + uploadPiece
	}
	n, err := u.from.Read(p)
	u.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		u.failed = err
	}
	return n, err
}

// slots bound how many files are received at once: of all, and of a unit, so that none can hold up the others.
type slots struct {
	mu    sync.Mutex
	all   int
	units map[string]int
}

func (s *slots) take(unit string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= maxUploads || s.units[unit] >= maxUnitUploads {
		return false
	}
	s.all++
	s.units[unit]++
	return true
}

func (s *slots) give(unit string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.units[unit]--; s.units[unit] == 0 {
		delete(s.units, unit)
	}
}

func (s *server) listEvidence(ctx context.Context, in *ObligationPath) (*Body[EvidenceList], error) {
	v, err := s.Reader.Load(ctx, in.id())
	if err != nil {
		return nil, err
	}
	files, err := s.evidence(ctx, in.id(), v.State.Policy.Location())
	if err != nil {
		return nil, err
	}
	e := s.Evidence
	return answer(EvidenceList{Evidence: filled(files), MaxFile: e.MaxFile, MaxFiles: e.Limits.Files, MaxTotal: e.Limits.Bytes}), nil
}

// evidence returns what was uploaded for an obligation; nil where none is taken.
func (s *server) evidence(ctx context.Context, id obligation.ID, loc *time.Location) ([]EvidenceItem, error) {
	if s.Evidence == nil {
		return nil, nil
	}
	files, err := s.Evidence.Record.Evidence(ctx, id)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return list(files, func(f obligation.EvidenceFile) EvidenceItem { return showEvidence(f, loc) }), nil
}

// downloadEvidence streams a file. Nothing in it is ever shown or run by a browser on this address.
func (s *server) downloadEvidence(ctx context.Context, in *EvidenceInput) (*huma.StreamResponse, error) {
	f, err := s.Evidence.Record.EvidenceFile(ctx, in.id(), in.ID)
	if err != nil {
		return nil, err
	}
	// The answer is sent after this function, and its time, have ended.
	content, err := s.Evidence.Contents.Open(in.request.Context(), f.Key())
	if err != nil {
		s.Log.ErrorContext(ctx, "evidence", "request", requestID(ctx), "key", f.Key(), "error", err)
		return nil, newProblem(CodeContentLost)
	}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		defer content.Close()
		out.SetHeader("Content-Type", f.Type)
		out.SetHeader("Content-Length", strconv.FormatInt(f.Size, 10))
		out.SetHeader("Content-Disposition", disposition("evidence"+path.Ext(f.Name), f.Name))
		out.SetHeader("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
		out.SetHeader("X-Duban-SHA256", f.SHA256)
		out.SetStatus(http.StatusOK)
		w := &patient{out.BodyWriter(), in.connection(), s.Evidence.Stall}
		n, err := io.CopyBuffer(w, struct{ io.Reader }{content}, make([]byte, uploadPiece))
		if err == nil && n != f.Size {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			// The client sees it too: fewer bytes came than were announced.
			s.Log.WarnContext(out.Context(), "evidence broke off", "request", requestID(out.Context()), "key", f.Key(), "error", err)
		}
	}}, nil
}

// patient is an answer whose client may be slow, but not asleep.
type patient struct {
	io.Writer
	connection *http.ResponseController
	stall      time.Duration
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.connection.SetWriteDeadline(time.Now().Add(p.stall))
	return p.Writer.Write(b)
}

func (s *server) removeEvidence(ctx context.Context, in *EvidenceInput) (*Body[EvidenceItem], error) {
	v, err := s.Reader.Load(ctx, in.id())
	if err != nil {
		return nil, err
	}
	f, err := s.Evidence.Record.RemoveEvidence(ctx, in.id(), in.ID)
	if err != nil {
		return nil, err
	}
	s.drop(ctx, f)
	return answer(showEvidence(f, v.State.Policy.Location())), nil
}

// handIn puts a command that names files: nobody can remove them until it is decided. replayed is true where another try of
// the same command has just handed them in, and nothing was put.
func (s *server) handIn(ctx context.Context, id obligation.ID, c obligation.Command, put func(obligation.Command) error) (replayed bool, err error) {
	if len(c.Evidence) == 0 {
		return false, put(c)
	}
	if s.Evidence == nil {
		return false, &obligation.Error{Code: obligation.CodeEvidenceGone}
	}
	ids := list(c.Evidence, func(e obligation.Evidence) string { return e.ID })
	files, err := s.Evidence.Record.ClaimEvidence(ctx, id, ids)
	if err != nil {
		if _, replayed, again := s.replay(ctx, id, c); replayed || again != nil {
			return replayed, again
		}
		return false, err
	}
	c.Evidence = files
	err = put(c)
	if _, refused := errors.AsType[*obligation.Error](err); refused {
		if failed := s.Evidence.Record.ReleaseEvidence(context.WithoutCancel(ctx), id, ids); failed != nil {
			s.Log.WarnContext(ctx, "evidence not released yet", "obligation", id, "error", failed)
		}
	}
	return false, err
}

// named returns the files of IDs for a command; what they are follows when they are claimed.
func named(ids []string) []obligation.Evidence {
	if len(ids) == 0 {
		return nil
	}
	return list(ids, func(id string) obligation.Evidence { return obligation.Evidence{ID: id} })
}

// sameEvidence reports whether the event hands in what the command names.
func sameEvidence(e obligation.Event, c obligation.Command) bool {
	ids := func(files []obligation.Evidence) []string {
		out := list(files, func(f obligation.Evidence) string { return f.ID })
		slices.Sort(out)
		return out
	}
	return slices.Equal(ids(e.Evidence), ids(c.Evidence))
}

func showEvidence(f obligation.EvidenceFile, loc *time.Location) EvidenceItem {
	return EvidenceItem{EventEvidence: EventEvidence(f.Evidence), Uploaded: in(f.Uploaded, loc), By: showActor(f.By), Staged: f.Staged(), Seq: f.Seq}
}

func showEventEvidence(files []obligation.Evidence) []EventEvidence {
	if len(files) == 0 {
		return nil
	}
	return list(files, func(f obligation.Evidence) EventEvidence { return EventEvidence(f) })
}
