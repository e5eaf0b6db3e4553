package tasklist

import (
	"strings"

	"duban/plan"
)

// narrow turns full-width letters, digits and the marks that structure a cell into their half-width forms, so that one rule
// reads both. The enumeration comma (、), the full stop and quotation marks stay.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '／':
			return '/'
		case r == '　', r == '\u00a0':
			return ' '
		case r == '〔', r == '［', r == '【':
			return '('
		case r == '〕', r == '］', r == '】':
			return ')'
		case r == '—', r == '–', r == '―', r == '－', r == '─':
			return '-'
		case r == '～', r == '〜':
			return '~'
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, s)
}

// key is the form in which texts are compared: no white space, half-width.
func key(s string) string { return plan.Squeeze(narrow(s)) }

// bare is key without any punctuation: two wordings of one thing.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= 0x3400 && r <= 0x9fff:
			return r
		}
		return -1
	}, key(s))
}

// bigram is two characters that follow one another.
type bigram [2]rune

type bigrams map[bigram]struct{}

func bigramsOf(s string) bigrams {
	set := bigrams{}
	var last rune
	for i, r := range bare(s) {
		if i > 0 {
			set[bigram{last, r}] = struct{}{}
		}
		last = r
	}
	return set
}

func (b bigrams) common(of bigrams) int {
	n := 0
	for g := range b {
		if _, ok := of[g]; ok {
			n++
		}
	}
	return n
}

// within is how much of b occurs in the other text, from 0 to 1.
func (b bigrams) within(of bigrams) float64 {
	if len(b) == 0 {
		return 0
	}
	return float64(b.common(of)) / float64(len(b))
}

// like is how alike two texts are, from 0 to 1.
func (b bigrams) like(other bigrams) float64 {
	if len(b)+len(other) == 0 {
		return 0
	}
	return 2 * float64(b.common(other)) / float64(len(b)+len(other))
}

// distance is the number of characters to insert, delete or replace to get from one text to the other.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}

// numeral reads a Chinese or Arabic number up to 99; 0: it is none.
func numeral(s string) int {
	const digits = "一二三四五六七八九"
	n := 0
	rest := []rune(s)
	if len(rest) == 0 || len(rest) > 3 {
		return 0
	}
	for i, r := range rest {
		d := strings.IndexRune(digits, r)
		switch {
		case r >= '0' && r <= '9' && i < 2:
			n = n*10 + int(r-'0')
		case r == '两':
			n += 2
		case r == '十' && i == 0:
			n = 10
		case r == '十' && i == 1:
			n *= 10
		case d >= 0:
			n += d/len("一") + 1
		default:
			return 0
		}
	}
	return n
}
