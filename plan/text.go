package plan

import (
	"strings"
	"unicode"
)

// Squeeze removes all white space, the ideographic space and invisible marks included, for comparing Chinese texts:
// a document set in lines has breaks and spaces inside its phrases and dates ("2024 ⏎ 年底前", "3月 25日前").
func Squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// Quotes reports whether the phrase stands in the text word for word, white space aside.
func Quotes(text, phrase string) bool {
	phrase = Squeeze(phrase)
	return phrase != "" && strings.Contains(Squeeze(text), phrase)
}

// Normalise trims a text and removes the white space that comes from setting Chinese in lines and from padding its
// numbers. Between two ASCII letters or digits one space stays.
func Normalise(s string) string {
	var b strings.Builder
	var last rune
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			space = true
			continue
		}
		if space && wordRune(last) && wordRune(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last, space = r, false
	}
	return b.String()
}

// NormaliseLines normalises every line of a text and drops the empty ones, so that paragraphs stay.
func NormaliseLines(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = Normalise(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func wordRune(r rune) bool { return r > ' ' && r < unicode.MaxASCII }
