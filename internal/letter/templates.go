package letter

import (
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode/utf8"
)

//go:embed templates
var embedded embed.FS

// Templates word the documents, one file of named parts for each kind.
type Templates struct {
	byKind map[Kind]*template.Template
}

// The parts of a template, by the names that people write.
const (
	partTitle       = "标题"
	partTo          = "主送"
	partBody        = "正文"
	partAttachments = "附件"
	partCopies      = "抄送"
	partNote        = "附注"
)

var partNames = []string{partTitle, partTo, partBody, partAttachments, partCopies, partNote}

// listHere is the paragraph in whose place a circular's list stands.
const listHere = "【名单】"

// fileOf returns the name of a kind's template.
func fileOf(k Kind) string { return string(k) + ".txt" }

// maxTemplate is far more than any wording needs.
const maxTemplate = 256 << 10

// LoadTemplates returns the templates of the folder, and the embedded ones for kinds that it has no file of; a folder
// that does not exist, or "", has none. The error is Faults, with everything that is wrong.
func LoadTemplates(folder string) (*Templates, error) {
	out := &Templates{map[Kind]*template.Template{}}
	own, faults := readFolder(folder)
	for _, k := range kinds {
		name := fileOf(k)
		text, found := own[name]
		if !found {
			content, err := embedded.ReadFile("templates/" + name)
			if err != nil {
				return nil, err
			}
			text = string(content)
		}
		t, wrong := parseTemplate(name, text)
		out.byKind[k] = t
		faults = append(faults, wrong...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

// readFolder returns the texts of the folder's templates by name.
func readFolder(folder string) (map[string]string, Faults) {
	texts := map[string]string{}
	entries, err := os.ReadDir(folder)
	switch {
	case folder == "" || errors.Is(err, fs.ErrNotExist):
		return texts, nil
	case err != nil:
		return nil, Faults{{"templates", 0, textUnreadable}}
	}
	var faults Faults
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") {
			continue // an editor's or a file manager's own
		}
		if !slices.ContainsFunc(kinds, func(k Kind) bool { return fileOf(k) == name }) {
			faults = append(faults, Fault{name, 0, textUnknownFile()})
			continue
		}
		text, fault := readTemplate(filepath.Join(folder, name))
		if fault != "" {
			faults = append(faults, Fault{name, 0, fault})
			continue
		}
		texts[name] = text
	}
	return texts, faults
}

// readTemplate returns a file's text as the editors of all systems write it, or what is wrong with the file.
func readTemplate(path string) (text, fault string) {
	content, err := os.ReadFile(path)
	switch {
	case err != nil:
		return "", textUnreadable
	case len(content) > maxTemplate:
		return "", textTooLarge
	case !utf8.Valid(content):
		return "", textEncoding
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	return strings.ReplaceAll(string(content), "\r\n", "\n"), ""
}

// parseTemplate reads one file and checks everything that can be told before there is a document.
func parseTemplate(name, text string) (*template.Template, Faults) {
	t, err := template.New(name).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, Faults{faultOf(name, err, textSyntax)}
	}
	faults := checkFields(t)
	if len(faults) > 0 {
		return nil, faults
	}
	// What cannot be told from the text shows with every kind of content.
	for i, sample := range samples() {
		_, err := write(t, sample)
		if i > 0 && errors.As(err, new(emptyPart)) {
			continue // only what everything is known of has to be whole
		}
		if err != nil {
			return nil, Faults{faultOf(name, err, textExecution)}
		}
	}
	return t, nil
}

// located is how package text/template says where an error is.
var located = regexp.MustCompile(`^template: [^:]*:(\d+)(?::\d+)?: (.*)$`)

func faultOf(file string, err error, text func(string) string) Fault {
	if empty, ok := errors.AsType[emptyPart](err); ok {
		return Fault{file, 0, textMissingPart(string(empty))}
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	m := located.FindStringSubmatch(message)
	if m == nil {
		return Fault{file, 0, text(message)}
	}
	line, _ := strconv.Atoi(m[1]) // the expression takes digits only
	return Fault{file, line, text(m[2])}
}

// emptyPart is a part that a document cannot do without.
type emptyPart string

func (e emptyPart) Error() string { return textMissingPart(string(e)) }

// write words a document.
func write(t *template.Template, f fields) (Letter, error) {
	parts := map[string][]string{}
	for _, name := range partNames {
		part := t.Lookup(name)
		if part == nil {
			continue
		}
		var b strings.Builder
		if err := part.Execute(&b, map[string]any(f)); err != nil {
			return Letter{}, err
		}
		parts[name] = paragraphs(b.String())
	}
	for _, name := range []string{partTitle, partBody} {
		if len(parts[name]) == 0 {
			return Letter{}, emptyPart(name)
		}
	}
	joined := func(name string) string { return strings.Join(parts[name], "") }
	return Letter{
		Title: joined(partTitle), To: joined(partTo), Body: parts[partBody], Attachments: parts[partAttachments], Copies: joined(partCopies),
		Note: joined(partNote),
	}, nil
}

// paragraphs returns the lines that say something, without the white space that people indent them with.
func paragraphs(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
