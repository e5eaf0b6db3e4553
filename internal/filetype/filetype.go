// Package filetype says which files are taken as evidence: name, declared type and content must agree, and what could
// harm whoever opens it is refused. It reads a file in bounded memory, whatever the file says of itself, and unpacks nothing
// to disk.
//
// A refusal is an *obligation.Error; every other error is a failure to read.
package filetype

import (
	"context"
	"fmt"
	"io"
	"mime"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"duban/obligation"
)

// Rules are the kinds of files that are taken.
type Rules struct {
	kinds map[string]kind // by ending, without the dot
}

// kind is one kind of file.
type kind struct {
	media    string   // what it is stored and downloaded as
	declared []string // other types that browsers give it; application/octet-stream and none always do
	check    func(context.Context, file) error
}

// file is a file that is looked at.
type file struct {
	io.ReaderAt
	size int64
	head []byte // its beginning
	mime *mimetype.MIME
}

// Endings returns the endings of all kinds that are known, sorted.
func Endings() []string {
	out := make([]string, 0, len(known))
	for e := range known {
		out = append(out, e)
	}
	slices.Sort(out)
	return out
}

// NewRules returns the rules that take the kinds with the endings; none: all that are known.
func NewRules(endings []string) (*Rules, error) {
	r := &Rules{kinds: map[string]kind{}}
	if len(endings) == 0 {
		endings = Endings()
	}
	for _, e := range endings {
		e = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(e), "."))
		k, ok := known[e]
		if !ok {
			return nil, fmt.Errorf(textUnknownEnding, e, strings.Join(Endings(), "、"))
		}
		r.kinds[e] = k
	}
	return r, nil
}

// Name returns a file's name as it is shown and stored, or why it cannot be: see clean. Its ending must be one that is taken.
func (r *Rules) Name(raw string) (string, error) {
	name, err := clean(raw)
	if err != nil {
		return "", err
	}
	if _, ok := r.kinds[ending(name)]; !ok {
		return "", refuse(obligation.CodeEvidenceType)
	}
	return name, nil
}

// Declared reports, before anything was read, whether a file of the name may be declared as the media type.
func (r *Rules) Declared(name, declared string) error {
	k := r.kinds[ending(name)]
	if declared == "" {
		return nil
	}
	media, _, err := mime.ParseMediaType(declared)
	if err != nil || (media != k.media && media != undeclared && !slices.Contains(k.declared, media)) {
		return refuse(obligation.CodeEvidenceMismatch)
	}
	return nil
}

// undeclared is what programs say of what they do not know.
const undeclared = "application/octet-stream"

// headSize is how much of the beginning tells the kind of a file.
const headSize = 4096

// Check looks at the content of a file of the name, which Name has returned, and returns its media type.
func (r *Rules) Check(ctx context.Context, name string, content io.ReaderAt, size int64) (media string, err error) {
	k, ok := r.kinds[ending(name)]
	if !ok {
		return "", refuse(obligation.CodeEvidenceType)
	}
	if size == 0 {
		return "", refuse(obligation.CodeEvidenceEmpty)
	}
	f := file{ReaderAt: content, size: size, head: make([]byte, min(size, headSize))}
	if _, err := io.ReadFull(io.NewSectionReader(content, 0, size), f.head); err != nil {
		return "", err
	}
	f.mime = mimetype.Detect(f.head)
	return k.media, k.check(ctx, f)
}

func ending(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

func refuse(code obligation.ErrorCode) error { return &obligation.Error{Code: code} }

const ooxml = "application/vnd.openxmlformats-officedocument."

// known are all kinds, by ending.
var known = map[string]kind{
	"pdf":  {media: "application/pdf", check: detected("application/pdf")},
	"ofd":  {media: "application/ofd", declared: []string{"application/zip"}, check: ofd},
	"doc":  {media: "application/msword", check: compound("WordDocument")},
	"xls":  {media: "application/vnd.ms-excel", declared: []string{"application/excel", "application/x-excel"}, check: compound("Workbook", "Book")},
	"ppt":  {media: "application/vnd.ms-powerpoint", check: compound("PowerPoint Document")},
	"wps":  {media: "application/wps-office.wps", declared: []string{"application/vnd.ms-works", "application/kswps"}, check: either("WordDocument")},
	"et":   {media: "application/wps-office.et", declared: []string{"application/kset"}, check: either("Workbook", "Book")},
	"dps":  {media: "application/wps-office.dps", declared: []string{"application/ksdps"}, check: either("PowerPoint Document")},
	"docx": {media: ooxml + "wordprocessingml.document", check: office("wordprocessingml.document")},
	"xlsx": {media: ooxml + "spreadsheetml.sheet", check: office("spreadsheetml.sheet")},
	"pptx": {media: ooxml + "presentationml.presentation", check: office("presentationml.presentation")},
	"jpg":  {media: "image/jpeg", declared: []string{"image/jpg", "image/pjpeg"}, check: detected("image/jpeg")},
	"jpeg": {media: "image/jpeg", declared: []string{"image/jpg", "image/pjpeg"}, check: detected("image/jpeg")},
	"png":  {media: "image/png", declared: []string{"image/x-png"}, check: detected("image/png")},
	"heic": {media: "image/heic", declared: []string{"image/heif"}, check: detected("image/heic", "image/heif")},
	"webp": {media: "image/webp", check: detected("image/webp")},
	"bmp":  {media: "image/bmp", declared: []string{"image/x-bmp", "image/x-ms-bmp"}, check: detected("image/bmp")},
	"tif":  {media: "image/tiff", declared: []string{"image/tif"}, check: detected("image/tiff")},
	"tiff": {media: "image/tiff", declared: []string{"image/tif"}, check: detected("image/tiff")},
	"mp4":  {media: "video/mp4", check: detected("video/mp4")},
	"zip":  {media: "application/zip", declared: []string{"application/x-zip-compressed", "application/x-zip"}, check: archive},
	"txt":  {media: "text/plain", check: plain},
	"csv":  {media: "text/csv", declared: []string{"text/plain", "application/csv", "application/vnd.ms-excel"}, check: plain},
}

// detected takes a file whose beginning is one of the media types.
func detected(media ...string) func(context.Context, file) error {
	return func(_ context.Context, f file) error {
		if slices.ContainsFunc(media, f.mime.Is) {
			return nil
		}
		return refuse(obligation.CodeEvidenceMismatch)
	}
}

// plain takes text in whatever encoding, unless it is a page, a picture in text or a script.
func plain(ctx context.Context, f file) error {
	if !slices.ContainsFunc([]string{"text/plain", "text/csv", "text/tab-separated-values", "application/json", "application/x-ndjson"}, f.mime.Is) {
		return refuse(obligation.CodeEvidenceMismatch)
	}
	if strings.Contains(f.mime.String(), "utf-16") || strings.Contains(f.mime.String(), "utf-32") {
		return nil
	}
	// What looks like text at its beginning may go on as something else.
	buf := make([]byte, 64<<10)
	for at := int64(0); at < f.size; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.ReadAt(buf[:min(int64(len(buf)), f.size-at)], at)
		if err != nil && err != io.EOF { //nolint:errorlint // ReaderAt returns it bare
			return err
		}
		if slices.Contains(buf[:n], 0) {
			return refuse(obligation.CodeEvidenceMismatch)
		}
	}
	return nil
}
