package filetype

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"duban/obligation"
)

// Longest names: in characters, and in bytes of UTF-8, since file systems count those.
const (
	maxName  = 120
	maxBytes = 240
)

// reserved are names that Windows takes for devices, whatever their ending.
var reserved = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true}

// clean returns a name in NFC without space around it. What is no name but a path, holds what nobody sees (control
// characters, marks that turn the direction of the text) or what Windows refuses, is refused rather than repaired: whoever
// uploads it should know by what name others see it.
func clean(raw string) (string, error) {
	name := strings.TrimSpace(norm.NFC.String(raw))
	base := strings.TrimSuffix(name, "."+rawEnding(name))
	switch {
	case !utf8.ValidString(raw), base == name, strings.Trim(base, ". ") == "", strings.HasPrefix(name, "."), strings.HasSuffix(base, " "):
		return "", refuse(obligation.CodeEvidenceName)
	case utf8.RuneCountInString(name) > maxName, len(name) > 2*maxBytes:
		return "", refuse(obligation.CodeEvidenceName)
	case strings.ContainsAny(name, `/\:*?"<>|`+"\u2215\u2044\uff0f\uff3c"), strings.ContainsFunc(name, invisible):
		return "", refuse(obligation.CodeEvidenceName)
	case reserved[strings.ToLower(strings.SplitN(base, ".", 2)[0])]:
		return "", refuse(obligation.CodeEvidenceName)
	}
	return name, nil
}

// rawEnding returns what follows the last dot.
func rawEnding(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || i == len(name)-1 {
		return "\x00" // none: no name ends with it
	}
	return name[i+1:]
}

// invisible reports whether nobody would see the character: control, format (bidirectional marks and overrides, zero
// width), separators of lines, private use, and what is no character at all.
func invisible(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) || (unicode.IsSpace(r) && r != ' ' && r != '\u3000')
}
