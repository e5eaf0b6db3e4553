package tasklist

import (
	"math"
	"slices"
	"strings"

	"duban/plan"
)

// narrow turns full-width letters, digits and the marks that structure a cell into their half-width forms, so that one rule
// reads both. The enumeration comma (、), the full stop and quotation marks stay.
func narrow(s string) string { return strings.Map(narrowRune, s) }

func narrowRune(r rune) rune {
	switch {
	case r < 0x80:
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
}

// key is the form in which texts are compared: no white space, half-width.
func key(s string) string { return plan.Squeeze(narrow(s)) }

// bare is key without any punctuation: two wordings of one thing.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		r = narrowRune(r)
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= 0x3400 && r <= 0x9fff:
			return r
		}
		return -1
	}, s)
}

// bigram is two characters that follow one another.
type bigram uint64

// bigrams are those of a text, each once, in an order that makes sums the same every time.
type bigrams []bigram

func bigramsOf(s string) bigrams {
	var all bigrams
	var last rune
	for i, r := range bare(s) {
		if i > 0 {
			all = append(all, bigram(last)<<32|bigram(r))
		}
		last = r
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// and joins the bigrams of two texts.
func (b bigrams) and(other bigrams) bigrams {
	all := slices.Concat(b, other)
	slices.Sort(all)
	return slices.Compact(all)
}

// weights say how telling two characters are: what stands in every measure (重大事故隐患) tells little.
type weights struct {
	of     map[bigram]float64
	unseen float64
}

func weigh(texts []bigrams) weights {
	w := weights{map[bigram]float64{}, math.Log(1 + float64(len(texts)))}
	for _, text := range texts {
		for _, g := range text {
			w.of[g]++
		}
	}
	for g, n := range w.of {
		w.of[g] = math.Log(1 + float64(len(texts))/n)
	}
	return w
}

func (w weights) weight(g bigram) float64 {
	if v, ok := w.of[g]; ok {
		return v
	}
	return w.unseen
}

func (w weights) sum(b bigrams) float64 {
	n := 0.0
	for _, g := range b {
		n += w.weight(g)
	}
	return n
}

func (w weights) common(a, b bigrams) float64 {
	n := 0.0
	for _, g := range a {
		if _, ok := slices.BinarySearch(b, g); ok {
			n += w.weight(g)
		}
	}
	return n
}

// within is how much of a occurs in b, from 0 to 1.
func (w weights) within(a, b bigrams) float64 {
	if len(a) == 0 {
		return 0
	}
	return w.common(a, b) / w.sum(a)
}

// like is how alike two texts are, from 0 to 1.
func (w weights) like(a, b bigrams) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * w.common(a, b) / (w.sum(a) + w.sum(b))
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
	if len(s) <= 2 && endsInDigit(s) && startsWithDigit(s) {
		return decimal(s)
	}
	tens, ones, ten := strings.Cut(s, "十")
	switch {
	case !ten:
		return chineseDigit(s)
	case tens != "" && chineseDigit(tens) == 0, ones != "" && chineseDigit(ones) == 0:
		return 0
	}
	return 10*max(chineseDigit(tens), 1) + chineseDigit(ones)
}

// chineseDigit reads one digit from 1 to 9; 0: it is none.
func chineseDigit(s string) int {
	if s == "两" {
		return 2
	}
	if i := strings.Index("一二三四五六七八九", s); i >= 0 && len(s) == len("一") {
		return i/len("一") + 1
	}
	return 0
}
