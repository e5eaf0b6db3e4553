package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"duban/obligation"
	"duban/report"
)

// Letters makes the files of documents: their titles, and DOCX. It needs nothing but its arguments.
type Letters interface {
	// Document makes a draft, or what was issued; drafted is the obligation as it was when the document was drafted.
	Document(d obligation.Document, drafted obligation.State, def obligation.Definition) (title string, docx []byte, err error)
	// Minutes makes those of an interview.
	Minutes(d obligation.Document, drafted obligation.State, def obligation.Definition) (title string, docx []byte, err error)
	// Order makes the 交办单 of what an inspection found with a unit.
	Order(inspection obligation.State, unit string, def obligation.Definition) (title string, docx []byte, err error)
	// ExtensionReply makes the answer to an application for more time; before is the obligation as it was then.
	ExtensionReply(decided obligation.Event, before obligation.State, def obligation.Definition) (title string, docx []byte, err error)
	// Report sets a report.
	Report(r report.Report) ([]byte, error)
}

// Files keeps the files of documents that went out.
//
// A file is made when a person signs off, or else at the first download, and is kept then: the first one stays, whatever
// becomes of templates and settings. Making it late is safe, because what it says follows from the ledger up to the
// draft and from the document, which do not change any more, and because nobody has seen another one.
type Files interface {
	// KeepFile keeps a file unless there is one of its name, and returns the one that is kept.
	KeepFile(ctx context.Context, f obligation.File) (obligation.File, error)
	// File returns a kept file, or CodeNotFound.
	File(ctx context.Context, id obligation.ID, name string) (obligation.File, error)
}

// The formats of files.
const (
	formatDOCX = "docx"
	formatPDF  = "pdf"
)

var mediaTypes = map[string]string{
	formatDOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	formatPDF:  "application/pdf",
}

// pdfTimeout is for an answer that waits for LibreOffice, and for those before it in the queue.
const pdfTimeout = 100 * time.Second

// Format asks for one of the formats.
type Format struct {
	Format string `query:"format" enum:"docx,pdf" default:"docx" doc:"docx，或 pdf（服务器上须装有 LibreOffice）"`
}

// FileInput asks for a document's file.
type FileInput struct {
	DocumentPath
	Format
}

// MinutesInput asks for the minutes of an interview.
type MinutesInput struct {
	ObligationPath
	Rung string `path:"rung" enum:"interview" doc:"升级措施：只有约谈有纪要"`
	Format
}

// ReplyInput asks for the answer to an application for more time.
type ReplyInput struct {
	ObligationPath
	Format
}

// FileOutput is a file.
type FileOutput struct {
	Type        string `header:"Content-Type" doc:"文件类型"`
	Disposition string `header:"Content-Disposition" doc:"文件名"`
	Digest      string `header:"X-Duban-SHA256" doc:"文件的 SHA-256，十六进制；同一份已签发的文书每次下载都相同"`
	Body        []byte
}

func (s *server) registerLetters() {
	content := map[string]*huma.MediaType{}
	for _, t := range mediaTypes {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	download := func(id, path, tag string, codes ...Code) operation {
		return operation{
			id: id, method: http.MethodGet, path: path, tag: tag, limit: pdfTimeout, content: content,
			codes: append(codes, Code(obligation.CodeNotFound), CodePDFMissing, CodePDFFailed),
		}
	}
	const document = "/documents/{plan}/{measure}/{unit}/{period}/{rung}"
	register(s, download("download-document", document+"/file", tagDocuments, CodeWithdrawn), s.downloadDocument)
	register(s, download("download-minutes", document+"/minutes", tagDocuments, CodeNotConcluded), s.downloadMinutes)
	register(s, download("download-extension-reply", "/obligations/{plan}/{measure}/{unit}/{period}/extension-reply", tagObligations, CodeNotDecided),
		s.downloadExtensionReply)
	if s.Read != nil {
		s.registerSheets()
	}
}

func (s *server) downloadDocument(ctx context.Context, in *FileInput) (*FileOutput, error) {
	p, err := s.documentFile(ctx, in.DocumentPath)
	if err != nil {
		return nil, err
	}
	return s.download(ctx, p, in.Format.Format)
}

// documentFile returns the paper of a document that the caller may see.
func (s *server) documentFile(ctx context.Context, path DocumentPath) (paper, error) {
	d, err := s.document(ctx, path)
	if err != nil {
		return paper{}, err
	}
	if d.Status == obligation.DocumentWithdrawn && d.Number == "" {
		return paper{}, newProblem(CodeWithdrawn)
	}
	return s.documentPaper(d), nil
}

func (s *server) downloadMinutes(ctx context.Context, in *MinutesInput) (*FileOutput, error) {
	p, err := s.minutesFile(ctx, in.id())
	if err != nil {
		return nil, err
	}
	return s.download(ctx, p, in.Format.Format)
}

// minutesFile returns the paper of the minutes of an interview that was held.
func (s *server) minutesFile(ctx context.Context, id obligation.ID) (paper, error) {
	d, err := s.Reader.Document(ctx, id, obligation.Interview)
	if err != nil {
		return paper{}, err
	}
	if !concluded(d) {
		return paper{}, newProblem(CodeNotConcluded)
	}
	return s.minutesPaper(d), nil
}

func (s *server) downloadExtensionReply(ctx context.Context, in *ReplyInput) (*FileOutput, error) {
	if _, err := s.Reader.Load(ctx, in.id()); err != nil {
		return nil, err
	}
	var before obligation.State
	var decided obligation.Event
	err := s.tell(ctx, in.id(), func(st obligation.State, e obligation.Event) bool {
		if e.Kind == obligation.Extended || e.Kind == obligation.ExtensionRefused {
			before, decided = st, e
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if decided.Seq == 0 {
		return nil, newProblem(CodeNotDecided)
	}
	return s.download(ctx, paper{
		id: in.id(), name: fmt.Sprintf("extension-%d", decided.Seq), label: before.UnitName, final: true,
		write: func(ctx context.Context) (string, []byte, error) {
			def, err := s.Reader.Definition(ctx, in.Plan)
			if err != nil {
				return "", nil, err
			}
			return written(s.Letters.ExtensionReply(decided, before, def))
		},
	}, in.Format.Format)
}

// paper is a document that can be made a file of.
type paper struct {
	id    obligation.ID
	name  string // of the file, without the format's ending
	label string // what the download's name begins with
	final bool   // it is made once, and kept
	write func(ctx context.Context) (title string, docx []byte, err error)
}

// documentPaper is a draft, or what was issued. An interview that gets another date is another paper; the one before
// stays kept.
func (s *server) documentPaper(d obligation.Document) paper {
	p := paper{id: d.Obligation, name: string(d.Rung), label: d.Number, final: d.Number != ""}
	if !p.final {
		p.label = textDraftFile
	}
	if m := d.Meeting; m != nil {
		appointment := m.At.UTC().Format(time.RFC3339Nano) + " " + m.Place
		if m.Material != "" {
			appointment += " " + m.Material
		}
		sum := sha256.Sum256([]byte(appointment))
		p.name += "-" + hex.EncodeToString(sum[:4])
	}
	p.write = func(ctx context.Context) (string, []byte, error) { return s.writeDocument(ctx, d, s.Letters.Document) }
	return p
}

func (s *server) minutesPaper(d obligation.Document) paper {
	return paper{
		id: d.Obligation, name: "minutes", label: d.Number, final: true,
		write: func(ctx context.Context) (string, []byte, error) { return s.writeDocument(ctx, d, s.Letters.Minutes) },
	}
}

func concluded(d obligation.Document) bool { return d.Meeting != nil && !d.Meeting.Held.IsZero() }

// writeDocument words a document from the obligation as it was when the document was drafted.
func (s *server) writeDocument(ctx context.Context, d obligation.Document,
	write func(obligation.Document, obligation.State, obligation.Definition) (string, []byte, error),
) (string, []byte, error) {
	def, err := s.Reader.Definition(ctx, d.Obligation.Plan)
	if err != nil {
		return "", nil, err
	}
	var drafted obligation.State
	err = s.tell(ctx, d.Obligation, func(before obligation.State, e obligation.Event) bool {
		if e.Kind == obligation.Drafted && e.Rung == d.Rung {
			drafted = obligation.Apply(before, e)
		}
		return drafted.Seq == 0
	})
	if err != nil {
		return "", nil, err
	}
	return written(write(d, drafted, def))
}

// written marks a failure of the writer as neither the database's nor the client's.
func written(title string, docx []byte, err error) (string, []byte, error) {
	if err != nil {
		err = unwritten{err}
	}
	return title, docx, err
}

type unwritten struct{ cause error }

func (u unwritten) Error() string { return "letter: " + u.cause.Error() }
func (u unwritten) Unwrap() error { return u.cause }

// unwritten logs why a paper has no file, which is not for the client.
func (s *server) unwritten(ctx context.Context, p paper, failed unwritten) error {
	s.Log.ErrorContext(ctx, "letter", "request", requestID(ctx), "obligation", p.id, "name", p.name, "error", failed.cause)
	return newProblem(CodeInternal)
}

// ledgerPage is how many events are read at once.
const ledgerPage = 200

// tell goes through the ledger with the state before each event, as long as f returns true.
func (s *server) tell(ctx context.Context, id obligation.ID, f func(before obligation.State, e obligation.Event) bool) error {
	var st obligation.State
	for {
		events, err := s.Reader.Ledger(ctx, id, st.Seq, ledgerPage)
		if err != nil {
			return err
		}
		for _, e := range events {
			if !f(st, e) {
				return nil
			}
			st = obligation.Apply(st, e)
		}
		if len(events) < ledgerPage {
			return nil
		}
	}
}

// download answers with a paper in a format.
func (s *server) download(ctx context.Context, p paper, format string) (*FileOutput, error) {
	get := s.docx
	if format == formatPDF {
		get = s.pdf
	}
	f, err := get(ctx, p)
	if failed, ok := errors.AsType[unwritten](err); ok {
		return nil, s.unwritten(ctx, p, failed)
	}
	if err != nil {
		return nil, err
	}
	return &FileOutput{
		Type: mediaTypes[format], Disposition: disposition(p.name+"."+format, p.label+" "+f.Title+"."+format), Digest: f.Digest, Body: f.Content,
	}, nil
}

// docx returns a paper as DOCX: the kept one, or one made now.
func (s *server) docx(ctx context.Context, p paper) (obligation.File, error) {
	return s.once(ctx, p, formatDOCX, func() (string, []byte, error) { return p.write(ctx) })
}

// pdf returns a paper as PDF. It is kept too, because no two conversions give the same bytes.
func (s *server) pdf(ctx context.Context, p paper) (obligation.File, error) {
	return s.once(ctx, p, formatPDF, func() (string, []byte, error) {
		if s.PDF == nil {
			return "", nil, newProblem(CodePDFMissing)
		}
		source, err := s.docx(ctx, p)
		if err != nil {
			return "", nil, err
		}
		pdf, err := s.PDF(ctx, source.Content)
		if err != nil {
			s.Log.ErrorContext(ctx, "pdf", "request", requestID(ctx), "obligation", p.id, "name", p.name, "error", err)
			return "", nil, newProblem(CodePDFFailed)
		}
		return source.Title, pdf, nil
	})
}

// once returns what is kept of a paper in a format, or what is made now, which is kept then if the paper is final.
func (s *server) once(ctx context.Context, p paper, format string, create func() (string, []byte, error)) (obligation.File, error) {
	name := p.name + "." + format
	if p.final {
		kept, err := s.Files.File(ctx, p.id, name)
		if !obligation.IsNotFound(err) {
			return kept, err
		}
	}
	title, content, err := create()
	if err != nil {
		return obligation.File{}, err
	}
	sum := sha256.Sum256(content)
	f := obligation.File{Obligation: p.id, Name: name, Title: title, Digest: hex.EncodeToString(sum[:]), Made: s.Now(), Content: content}
	if !p.final {
		return f, nil
	}
	return s.Files.KeepFile(ctx, f)
}

// keepFiles makes the files of what a person has just signed off, arranged or concluded. What fails here is made up
// for by the first download: the decision stands.
func (s *server) keepFiles(ctx context.Context, d obligation.Document) {
	if s.Letters == nil || d.Status != obligation.DocumentIssued {
		return
	}
	papers := []paper{s.documentPaper(d)}
	if concluded(d) {
		papers = append(papers, s.minutesPaper(d))
	}
	for _, p := range papers {
		if _, err := s.docx(ctx, p); err != nil {
			s.Log.WarnContext(ctx, "file not kept yet", "obligation", p.id, "name", p.name, "error", err)
		}
	}
}

// digestOf returns the digest of a document's file, "" where none is kept.
func (s *server) digestOf(ctx context.Context, d obligation.Document) (string, error) {
	p := s.documentPaper(d)
	if s.Files == nil || !p.final {
		return "", nil
	}
	f, err := s.Files.File(ctx, p.id, p.name+"."+formatDOCX)
	if obligation.IsNotFound(err) {
		return "", nil
	}
	return f.Digest, err
}

// maxFileName keeps a name of Chinese characters below what file systems take: 255 bytes.
const maxFileName = 75

// disposition offers a download under a name (RFC 5987), and under a plain one for programs that know only ASCII.
func disposition(plain, name string) string {
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + percent(fileName(name))
}

// fileName makes a text fit for a file's name on every system.
func fileName(text string) string {
	dot := strings.LastIndex(text, ".")
	base, ending := []rune(text[:dot]), text[dot:]
	if len(base) > maxFileName {
		base = append(base[:maxFileName-1], '…')
	}
	for i, r := range base {
		if strings.ContainsRune(`\/:*?"<>|`, r) || unicode.IsControl(r) {
			base[i] = '_'
		}
	}
	return strings.TrimSpace(string(base)) + ending
}

// percent encodes everything but what RFC 5987 lets stand everywhere.
func percent(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
