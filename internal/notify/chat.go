package notify

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"duban/obligation"
)

// chat returns a digest as one text of at most limit by size, which is how the vendor measures one. What does not fit
// is cut off at a character, and the reader is told where the rest is. The key makes the text unlike any other: some
// vendors drop what they hold for a repetition, and people can name what they ask about.
func chat(d obligation.Digest, key string, limit int, size func(string) int) string {
	v := viewOf(d)
	text, end := harmless(v.chat()), textChatEnd(key)
	if size(text+end) <= limit {
		return text + end
	}
	end = textChatCut(v.Count, key)
	for over := size(text+end) - limit; over > 0 && text != ""; over = size(text+end) - limit {
		text = cut(text, len(text)-over)
	}
	return text + end
}

func (v view) chat() string {
	var b strings.Builder
	b.WriteString(v.subject() + "\n")
	for i, g := range v.Groups {
		b.WriteString("\n" + textGroup(i, g) + "\n")
		for j, it := range g.Items {
			b.WriteString(textItem(j, it.Title) + "\n")
			for _, l := range it.Lines {
				b.WriteString("  " + l + "\n")
			}
			for _, l := range it.Why {
				b.WriteString("  " + l + "\n")
			}
		}
	}
	return b.String()
}

// harmless keeps what people wrote from being read as markup: one vendor takes <at user_id="all"> for a call to
// everybody, another makes links of <a>.
func harmless(s string) string { return strings.NewReplacer("<", "＜", ">", "＞").Replace(s) }

// cut returns the first n bytes of s, or fewer where n lies within a character, without the blanks at the end.
func cut(s string, n int) string {
	if n >= len(s) {
		return s
	}
	n = max(n, 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimRight(s[:n], " \n")
}

// memberID is a member's ID with a vendor. It names one: "@all" and lists with "|" or "," would name many.
var memberID = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}$`)
