package tasklist

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"duban/calendar"
	"duban/plan"
)

// crew is what a cell says about units.
type crew struct {
	audience plan.Audience // the units and groups that are certain
	lead     []string      // codes of those that the cell says lead
	proposed plan.Audience // what is meant where it is confirmed
	leadToo  []string      // of the proposed, those that would lead
	none     bool          // the cell is empty or says that there is nobody
	doubts   []Doubt
}

// directory finds units by what a list calls them.
type directory struct {
	plan  *plan.Plan
	year  int
	names []entry
	exact map[string]int // key of a name → index in names
	known map[string]hit // what was looked up before
}

// entry is a name of a unit or a group.
type entry struct {
	name     string // as people read it
	key      []rune
	stem     string // without the district before it
	audience plan.Audience
}

// hit is what a word stands for.
type hit struct {
	audience plan.Audience
	near     []entry // where it stands for nothing: what may be meant
	ok       bool
}

func newDirectory(p *plan.Plan, year int) *directory {
	d := &directory{plan: p, year: year, exact: map[string]int{}, known: map[string]hit{}}
	for _, u := range p.Units {
		for _, name := range append([]string{u.Name}, u.Aliases...) {
			d.add(name, u.Name, plan.Audience{Units: []string{u.Code}})
		}
	}
	for _, g := range groups {
		for _, word := range g.words {
			d.add(word, wide(g.words[0]), g.audience)
		}
	}
	return d
}

func (d *directory) add(name, shown string, a plan.Audience) {
	k := key(name)
	if _, taken := d.exact[k]; taken || k == "" {
		return
	}
	d.exact[k] = len(d.names)
	d.names = append(d.names, entry{shown, []rune(k), stem(k), a})
}

// wide writes a group's word the way documents do.
func wide(word string) string { return strings.NewReplacer("(", "（", ")", "）").Replace(word) }

var district = []string{"上海市长宁区", "长宁区", "上海市", "本区", "我区", "全区", "区", "市"}

func stem(name string) string {
	for _, prefix := range district {
		if after, ok := strings.CutPrefix(name, prefix); ok && len(after) >= len("某局") {
			return after
		}
	}
	return name
}

// valid reports whether the unit exists at some time of the list's year.
func (d *directory) valid(u plan.Unit) bool {
	first, last := calendar.NewDate(d.year, time.January, 1), calendar.NewDate(d.year, time.December, 31)
	return (u.From.IsZero() || u.From <= last) && (u.To.IsZero() || u.To >= first)
}

// resolve returns the codes of an audience's units in the list's year, in the plan's order.
func (d *directory) resolve(a plan.Audience) []string {
	var codes []string
	for _, u := range d.plan.Units {
		if a.Selects(u) && d.valid(u) {
			codes = append(codes, u.Code)
		}
	}
	return codes
}

// namesOf writes units for people.
func (d *directory) namesOf(codes []string) string {
	if len(codes) == 0 {
		return textNone
	}
	return strings.Join(d.words(codes), textSep)
}

// words writes units with group words where all of a group is among them; it is read back as the same units.
func (d *directory) words(codes []string) []string {
	left := slices.Clone(codes)
	var words []string
	order := []int{3, 2, 5, 4, 0, 1} // the wider before the narrower
	for _, i := range order {
		all := d.resolve(groups[i].audience)
		if len(all) < 2 || slices.ContainsFunc(all, func(c string) bool { return !slices.Contains(left, c) }) {
			continue
		}
		words = append(words, wide(groups[i].words[0]))
		left = slices.DeleteFunc(left, func(c string) bool { return slices.Contains(all, c) })
	}
	for _, code := range left {
		if u, ok := d.plan.Unit(code); ok {
			words = append(words, u.Name)
		}
	}
	return words
}

// find looks a word up: exactly, else what comes near it.
func (d *directory) find(word string) hit {
	word = key(word)
	if h, ok := d.known[word]; ok {
		return h
	}
	var h hit
	if i, ok := d.exact[word]; ok {
		h = hit{audience: d.names[i].audience, ok: true}
	} else {
		h.near = d.near(word)
	}
	d.known[word] = h
	return h
}

// The least likeness of two names at which one may be meant by the other.
const nearEnough = 0.6

// near returns the entries that come nearest to a word; several where they come equally near.
func (d *directory) near(word string) []entry {
	runes, bareWord := []rune(word), stem(word)
	if len(runes) < 2 || len(runes) > 40 {
		return nil
	}
	best := nearEnough
	var found []entry
	for _, e := range d.names {
		score := likeness(runes, bareWord, e)
		if score < best || slices.ContainsFunc(found, func(f entry) bool { return score == best && f.name == e.name }) {
			continue
		}
		if score > best {
			found = nil
		}
		best = score
		found = append(found, e)
	}
	if len(found) > 4 {
		return nil
	}
	return found
}

// likeness is how near a word comes to an entry's name, from 0 to 1: names that differ by the district before them, by a slip of
// the pen in a long name, or by characters left out. 区水务局 is not 区税务局.
func likeness(word []rune, bareWord string, e entry) float64 {
	if bareWord == e.stem {
		return 1
	}
	a, b := []rune(bareWord), []rune(e.stem)
	shorter, longer := min(len(a), len(b)), max(len(a), len(b))
	if longer-shorter <= 2 && shorter >= 5 && distance(a, b)*5 <= longer {
		return 0.95
	}
	if shorter < 2 || longer > 3*shorter || !leavesOut(a, b) && !leavesOut(b, a) && !leavesOut(word, e.key) {
		return 0
	}
	return nearEnough + 0.3*float64(shorter)/float64(longer)
}

// leavesOut reports whether short is long with some characters left out.
func leavesOut(short, long []rune) bool {
	i := 0
	for _, r := range long {
		if i < len(short) && short[i] == r {
			i++
		}
	}
	return i == len(short)
}

// role is what a unit does in a cell.
type role int

const (
	plainRole role = iota
	leadRole
	dutyRole // 负责: leads where others only help
	helpRole
)

var roleEnd = []struct {
	form *regexp.Regexp
	role role
}{
	{regexp.MustCompile(`^(.*?)(?:共同|联合|分别)?(?:牵头负责|牵头组织|牵头落实|牵头|主办|主责)$`), leadRole},
	{regexp.MustCompile(`^(.*?)(?:共同|予以|积极|分别)?(?:配合|协助|协同|参与|协办|参加|支持)$`), helpRole},
	{regexp.MustCompile(`^(.*?)(?:共同|分别|具体)?(?:负责|承担|落实)$`), dutyRole},
}

var roleStart = []struct {
	form *regexp.Regexp
	role role
}{
	{regexp.MustCompile(`^(?:牵头单位|牵头部门|牵头|主责单位|主办单位|主办):(.*)$`), leadRole},
	{regexp.MustCompile(`^(?:配合单位|配合部门|配合|协办单位|协办|参与单位|参与|协同单位):(.*)$`), helpRole},
	{regexp.MustCompile(`^(?:责任单位|责任部门|落实单位):(.*)$`), plainRole},
}

// together are the streets and the town where a mark stands between them: 各街道、镇. It is not 新华路街道、新泾镇.
var together = regexp.MustCompile(`(^|[、,;/\s(])(?:各|全部|全区各|属地)?街道(?:办事处)?[、/](?:镇政府|新泾镇政府|新泾镇|镇)`)

// reading is the state of reading one cell.
type reading struct {
	*directory
	out  crew
	all  []member // of the cell, in order
	from int      // the first member whose role is still open
	role role     // that a heading within the cell gave: 牵头单位：
	help bool     // somebody helps
}

type member struct {
	audience plan.Audience
	role     role
	proposed bool
}

// units reads a cell. Dittos are the caller's affair.
func (d *directory) units(text string) crew {
	r := &reading{directory: d}
	flat := plan.Squeeze(narrow(text))
	if flat == "" || slices.Contains(noUnits, flat) {
		return crew{none: true}
	}
	if h := d.find(flat); h.ok {
		r.take(flat)
	} else {
		for _, word := range r.split(text) {
			r.word(word)
		}
	}
	r.settle()
	return r.out
}

// split cuts a cell at its marks, not within brackets, and puts names together again that a line break tore.
func (r *reading) split(text string) []string {
	var words []string
	var b strings.Builder
	depth := 0
	torn := []bool{false} // before each word: it was cut by white space only
	cut := func(space bool) {
		if b.Len() > 0 {
			words = append(words, b.String())
			torn = append(torn, space)
			b.Reset()
		} else if !space {
			torn[len(torn)-1] = false
		}
	}
	for _, c := range together.ReplaceAllString(narrow(strings.TrimSpace(text)), "${1}各街道(镇)") {
		switch {
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		}
		switch {
		case depth == 0 && strings.ContainsRune("、,;/。|", c):
			cut(false)
		case unicode.IsSpace(c) && depth == 0:
			cut(true)
		case !unicode.IsSpace(c):
			b.WriteRune(c)
		}
	}
	cut(false)
	return r.mend(words, torn)
}

func (r *reading) mend(words []string, torn []bool) []string {
	var whole []string
	for i := 0; i < len(words); i++ {
		if i+1 < len(words) && torn[i+1] && !r.find(words[i]).ok && r.find(words[i]+words[i+1]).ok {
			whole = append(whole, words[i]+words[i+1])
			i++
			continue
		}
		whole = append(whole, words[i])
	}
	return whole
}

var (
	openEnd   = regexp.MustCompile(`^(.+?)等(?:\d+|[一二三四五六七八九十]+)?(?:个|家)?(?:相关|有关|各)?(?:部门|单位|成员单位|街镇|街道)?$`)
	bracketed = regexp.MustCompile(`^(.*?)\(([^()]*)\)(.*)$`)
	joint     = regexp.MustCompile(`会同|和|与|及|以及|暨`)
)

// word reads what stands between two marks.
func (r *reading) word(w string) {
	w = strings.Trim(w, ":.·*")
	for _, s := range roleStart {
		if m := s.form.FindStringSubmatch(w); m != nil {
			r.close(plainRole)
			w, r.role = m[1], s.role
		}
	}
	w = strings.TrimPrefix(w, "由")
	if w == "" || r.take(w) || r.remark(w) {
		return
	}
	for _, duty := range dutyWords {
		if before, ok := strings.CutSuffix(w, duty); ok {
			r.word(before)
			return
		}
	}
	for _, s := range roleEnd {
		if m := s.form.FindStringSubmatch(w); m != nil {
			r.word(m[1])
			r.close(s.role)
			return
		}
	}
	if m := openEnd.FindStringSubmatch(w); m != nil {
		r.doubt(false, fmt.Sprintf(textUnitOpen, w), textUnitOpenProposal)
		r.word(m[1])
		return
	}
	if r.pair(w) {
		return
	}
	r.unknown(w)
}

// take adds a word that is known.
func (r *reading) take(w string) bool {
	if slices.Contains(vagueUnits, w) {
		r.doubt(false, fmt.Sprintf(textUnitVague, w), textUnitOpenProposal)
		return true
	}
	h := r.find(w)
	if !h.ok {
		return slices.Contains(noUnits, w)
	}
	if len(r.resolve(h.audience)) == 0 {
		if len(h.audience.Units) > 0 {
			r.doubt(true, fmt.Sprintf(textUnitGone, w, r.year), textUnitUnknownProposal)
		} else {
			r.doubt(true, fmt.Sprintf(textGroupEmpty, w), textUnitUnknownProposal)
		}
		return true
	}
	r.all = append(r.all, member{h.audience, r.role, false})
	return true
}

// remark reads a word with brackets: 区应急局（牵头）.
func (r *reading) remark(w string) bool {
	m := bracketed.FindStringSubmatch(w)
	if m == nil {
		return false
	}
	name, inside := m[1]+m[3], m[2]
	switch {
	case slices.Contains(dutyWords, inside) || inside == "":
		r.word(name)
	case name == "":
		for _, part := range r.split(inside) {
			r.word(part)
		}
	case inside == "牵头" || inside == "主责" || inside == "牵头单位":
		r.one(name, leadRole)
	case inside == "配合" || inside == "协助" || inside == "协办":
		r.one(name, helpRole)
	default:
		r.doubt(false, fmt.Sprintf(textUnitRemark, name, inside), fmt.Sprintf(textUnitRemarkProposal, name))
		r.word(name)
	}
	return true
}

// one reads a word whose role is its own.
func (r *reading) one(w string, own role) {
	n := len(r.all)
	r.word(w)
	for i := n; i < len(r.all); i++ {
		r.all[i].role = own
	}
	r.help = r.help || own == helpRole
}

// pair reads 甲会同乙, 甲和乙 where both are known.
func (r *reading) pair(w string) bool {
	for _, at := range joint.FindAllStringIndex(w, -1) {
		before, after := w[:at[0]], w[at[1]:]
		if before == "" || after == "" {
			continue
		}
		if w[at[0]:at[1]] == "会同" {
			r.word(before)
			r.close(leadRole)
			r.word(after)
			r.close(helpRole)
			return true
		}
		if r.find(before).ok && (r.find(after).ok || openEnd.MatchString(after) || slices.Contains(vagueUnits, after)) {
			r.word(before)
			r.word(after)
			return true
		}
	}
	return false
}

func (r *reading) unknown(w string) {
	near := r.near1(w)
	switch len(near) {
	case 0:
		r.doubt(true, fmt.Sprintf(textUnitUnknown, w), textUnitUnknownProposal)
	case 1:
		r.doubt(false, fmt.Sprintf(textUnitNear, w), fmt.Sprintf(textUnitNearProposal, near[0].name))
		r.all = append(r.all, member{near[0].audience, r.role, true})
	default:
		var names []string
		for _, e := range near {
			names = append(names, e.name)
		}
		r.doubt(true, fmt.Sprintf(textUnitMany, w), fmt.Sprintf(textUnitManyProposal, strings.Join(names, textSep)))
	}
}

// near1 are the entries that an unknown word may mean and that exist in the list's year.
func (r *reading) near1(w string) []entry {
	return slices.DeleteFunc(slices.Clone(r.find(w).near), func(e entry) bool { return len(r.resolve(e.audience)) == 0 })
}

// close gives a role to all since the last role.
func (r *reading) close(to role) {
	for i := r.from; i < len(r.all); i++ {
		if r.all[i].role == plainRole {
			r.all[i].role = to
		}
	}
	r.from = len(r.all)
	r.help = r.help || to == helpRole
	r.role = plainRole
}

func (r *reading) doubt(fatal bool, reason, proposal string) {
	if d := (Doubt{fatal, reason, proposal}); !slices.Contains(r.out.doubts, d) {
		r.out.doubts = append(r.out.doubts, d)
	}
}

func (r *reading) settle() {
	for _, m := range r.all {
		r.help = r.help || m.role == helpRole
	}
	for _, m := range r.all {
		leads := m.role == leadRole || m.role == dutyRole && r.help
		codes := r.resolve(m.audience)
		if m.proposed {
			r.out.proposed = merge(r.out.proposed, m.audience)
			if leads {
				r.out.leadToo = union(r.out.leadToo, codes)
			}
			continue
		}
		r.out.audience = merge(r.out.audience, m.audience)
		if leads {
			r.out.lead = union(r.out.lead, codes)
		}
	}
}

// merge adds one audience to another.
func merge(a, b plan.Audience) plan.Audience {
	return plan.Audience{Kinds: union(a.Kinds, b.Kinds), Tags: union(a.Tags, b.Tags), Units: union(a.Units, b.Units)}
}

func union[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(c string) bool { return !slices.Contains(b, c) })
}
