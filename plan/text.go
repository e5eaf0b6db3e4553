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
