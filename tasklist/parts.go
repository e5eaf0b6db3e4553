package tasklist

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// marks are the ways in which items of a cell are numbered. Group 1 is the number.
var marks = []*regexp.Regexp{
	regexp.MustCompile(`([①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳])[.、]?`),
	regexp.MustCompile(`\(([0-9]{1,2}|[一二三四五六七八九十]{1,3})\)`),
	regexp.MustCompile(`([0-9]{1,2})[、)]`),
	regexp.MustCompile(`([0-9]{1,2})\.`),
}

// dateAfter is a date that may follow a number with a full stop: 1.2024年…, 1.6月….
var dateAfter = regexp.MustCompile(`^(?:20[0-9]{2}[年.]|[0-9]{1,2}月)`)

// parts splits a cell that numbers its items from 1: ①…②…, (1)…(2)…, 1、…2、… A text before the first number that ends in a
// colon goes before each item. A cell that does not number them is one part.
func parts(text string) []string {
	text = strings.TrimSpace(text)
	for _, mark := range marks {
		if found := numbered(text, mark); len(found) > 1 {
			return found
		}
	}
	return []string{text}
}

func numbered(text string, mark *regexp.Regexp) []string {
	s := narrow(text)
	// What is found in the half-width text is cut from the text as it was written: they have the same characters.
	cut := func(from, to int) string {
		first := utf8.RuneCountInString(s[:from])
		return string([]rune(text)[first : first+utf8.RuneCountInString(s[from:to])])
	}
	var at [][]int
	for _, m := range mark.FindAllStringSubmatchIndex(s, -1) {
		if markNumber(s[m[2]:m[3]]) == len(at)+1 && opens(s, m[0], len(at)) && (s[m[1]-1] != '.' || !startsWithDigit(s[m[1]:]) || dateAfter.MatchString(s[m[1]:])) {
			at = append(at, m)
		}
	}
	if len(at) < 2 {
		return nil
	}
	lead := strings.TrimSpace(cut(0, at[0][0]))
	if lead != "" && !strings.HasSuffix(narrow(lead), ":") {
		return nil
	}
	var found []string
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		item := strings.TrimRight(strings.TrimSpace(cut(m[1], end)), ";；,，、。 \n")
		if item == "" {
			return nil
		}
		found = append(found, lead+item)
	}
	return found
}

// opens reports whether a mark at the place can begin an item: it stands first, or after a break.
func opens(s string, at, nth int) bool {
	before := strings.TrimRight(s[:at], " ")
	if before == "" || before != s[:at] {
		return true
	}
	r := []rune(s[at:])[0]
	if r >= '①' && r <= '⑳' || r == '(' {
		return true
	}
	return nth == 0 && strings.HasSuffix(before, ":") || strings.HasSuffix(before, "\n") ||
		strings.ContainsAny(string([]rune(before)[len([]rune(before))-1:]), ";。,")
}

func markNumber(s string) int {
	if r := []rune(s); len(r) == 1 && r[0] >= '①' && r[0] <= '⑳' {
		return int(r[0]-'①') + 1
	}
	return numeral(s)
}
