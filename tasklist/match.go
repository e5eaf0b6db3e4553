package tasklist

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"duban/plan"
)

// index holds the plan's texts in the forms in which they are compared.
type index struct {
	plan     *plan.Plan
	tasks    []taskEntry
	byTitle  map[string][]int // key of a measure's title or quote → indexes in plan.Measures
	measures []measureEntry
	weights
}

type taskEntry struct {
	plan.Task
	title, text string
	grams       bigrams // of the title, the text and the measures' titles
}

type measureEntry struct {
	plan.Measure
	title, quote bigrams
}

func newIndex(p *plan.Plan) *index {
	x := &index{plan: p, byTitle: map[string][]int{}}
	said := map[string]string{}
	for i, m := range p.Measures {
		said[m.Task] += "。" + m.Title
		x.measures = append(x.measures, measureEntry{m, bigramsOf(m.Title), bigramsOf(m.Quote)})
		for _, k := range []string{bare(m.Title), bare(m.Quote)} {
			if !slices.Contains(x.byTitle[k], i) {
				x.byTitle[k] = append(x.byTitle[k], i)
			}
		}
	}
	var texts []bigrams
	for _, m := range x.measures {
		texts = append(texts, m.title.and(m.quote))
	}
	x.weights = weigh(texts)
	for _, t := range p.Tasks {
		x.tasks = append(x.tasks, taskEntry{t, bare(t.Title), bare(t.Text), bigramsOf(t.Title + "。" + t.Text + said[t.Code])})
	}
	return x
}

var ordinal = regexp.MustCompile(`^(?:第?\(?([一二三四五六七八九十]{1,3}|\d{1,2})\)?(?:项|大)?[、.:]?(?:行动)?|行动([一二三四五六七八九十]{1,3}|\d{1,2})[、.:]?)`)

// actionNumber reads the number that an action's heading begins with: （一）…, 一、…, 行动一.
func actionNumber(text string) int {
	m := ordinal.FindStringSubmatch(key(text))
	if m == nil {
		return 0
	}
	return numeral(m[1] + m[2])
}

// actionOf tells which action a text names; 0: none, or it contradicts itself.
func (x *index) actionOf(text string) int {
	if text == "" {
		return 0
	}
	n := actionNumber(text)
	name := bare(ordinal.ReplaceAllString(key(text), ""))
	for _, word := range []string{"行动", "提升", "工作"} {
		name = strings.TrimSuffix(name, word)
	}
	var named []int
	if utf8.RuneCountInString(name) >= 2 {
		for _, a := range x.plan.Actions {
			if title := bare(a.Title); strings.Contains(title, name) || strings.Contains(name, strings.TrimSuffix(title, "行动")) {
				named = append(named, a.Number)
			}
		}
	}
	switch {
	case len(named) == 1 && (n == 0 || n == named[0] || !x.hasAction(n)):
		return named[0]
	case name == "" && x.hasAction(n):
		return n
	case slices.Contains(named, n):
		return n
	}
	return 0
}

func (x *index) hasAction(n int) bool {
	return slices.ContainsFunc(x.plan.Actions, func(a plan.Action) bool { return a.Number == n })
}

// clue is what a row says about the task that it belongs to.
type clue struct {
	number, action, task, text string
	code                       string // 分项任务编号
	within                     section
}

// found is a task or measure as it was recognised.
type found struct {
	code  string
	sure  bool
	exact bool   // by its own name
	near  string // code of the measure that a new one is like
	doubt Doubt
}

var itemStart = regexp.MustCompile(`^(?:\(?[一二三四五六七八九十\d]{1,3}\)?[、.:)]|[①-⑳]|任务[一二三四五六七八九十\d]{1,3}[、.:]?)`)

// plainText is a text without its number.
func plainText(s string) string { return bare(itemStart.ReplaceAllString(key(s), "")) }

// taskOf recognises the task of a row. An exact name wins; then the number, if what the row says bears it out; else the
// likeliest task is proposed.
func (x *index) taskOf(c clue) found {
	if m, ok := x.plan.Measure(key(c.code)); ok {
		return found{code: m.Task, sure: true}
	}
	for _, text := range []string{c.task, c.within.task, c.action} {
		if code := x.titled(text); code != "" {
			return found{code: code, sure: true}
		}
	}
	action := x.actionOf(c.action)
	if action == 0 {
		action = x.actionOf(c.within.action)
	}
	if code := x.quoted(c.text, action); code != "" {
		return found{code: code, sure: true}
	}
	if code := x.quoted(c.task, action); code != "" {
		return found{code: code, sure: true}
	}
	return x.likely(c, action)
}

// titled returns the one task that the text names by its title.
func (x *index) titled(text string) string {
	name := plainText(text)
	if utf8.RuneCountInString(name) < 4 {
		return ""
	}
	var part []string
	for _, t := range x.tasks {
		if t.title == name {
			return t.Code
		}
		if strings.Contains(t.title, name) || utf8.RuneCountInString(t.title) >= 4 && strings.Contains(name, t.title) {
			part = append(part, t.Code)
		}
	}
	if len(part) == 1 {
		return part[0]
	}
	return ""
}

// quoted returns the one task whose measure bears the text as its title or phrase, or whose wording has it.
func (x *index) quoted(text string, action int) string {
	name := plainText(text)
	if name == "" {
		return ""
	}
	var codes []string
	for _, i := range x.byTitle[name] {
		codes = union(codes, []string{x.measures[i].Task})
	}
	if len(codes) == 0 && utf8.RuneCountInString(name) >= 8 {
		for _, t := range x.tasks {
			if strings.Contains(t.text, name) {
				codes = append(codes, t.Code)
			}
		}
	}
	if len(codes) > 1 && action > 0 {
		codes = slices.DeleteFunc(codes, func(code string) bool { t, _ := x.plan.Task(code); return t.Action != action })
	}
	if len(codes) == 1 {
		return codes[0]
	}
	return ""
}

// How much of a row's words a task must have.
const (
	borneOut  = 0.5 // to bear out its number
	withScope = 0.4 // the same, where the action agrees too
	perhaps   = 0.2 // of its telling words, to be proposed at all
)

func (x *index) likely(c clue, action int) found {
	grams := bigramsOf(c.task + "。" + c.text)
	if c.task == c.text {
		grams = bigramsOf(c.text)
	}
	number := x.numbered(c.number)
	best, telling := "", 0.0 // the likeliest task, by telling words
	own, most := 0.0, 0.0    // the share of words that the numbered task has, and the highest share
	for _, t := range x.tasks {
		if action > 0 && t.Action != action {
			continue
		}
		share := evenly.within(grams, t.grams)
		most = max(most, share)
		if t.Code == number {
			own = share
		}
		if score := x.within(grams, t.grams); score > telling {
			best, telling = t.Code, score
		}
	}
	t, ok := x.plan.Task(number)
	agrees := ok && action > 0 && t.Action == action
	switch {
	case ok && own >= most && (agrees && own >= withScope || own >= borneOut):
		return found{code: number, sure: true}
	case agrees, ok && own*2 >= most:
		return x.proposeTask(number)
	case telling >= perhaps:
		return x.proposeTask(best)
	}
	return found{doubt: Doubt{Fatal: true, Reason: textTaskUnknown}}
}

// evenly weighs all words alike.
var evenly = weights{unseen: 1}

func (x *index) proposeTask(code string) found {
	t, _ := x.plan.Task(code)
	return found{code: code, doubt: Doubt{Reason: textTaskUnsure, Proposal: fmt.Sprintf(textTaskProposal, code, t.Title)}}
}

var taskNumber = regexp.MustCompile(`^\(?(?:任务|第)?([A-Z]?\d{0,3})(?:项|号)?[.、]?\)?$`)

// numbered returns the code of the task that a number names.
func (x *index) numbered(text string) string {
	m := taskNumber.FindStringSubmatch(strings.TrimPrefix(key(text), "*"))
	if m == nil {
		return ""
	}
	if n, err := strconv.Atoi(m[1]); err == nil {
		return strconv.Itoa(n) // "07"
	}
	return m[1]
}

// The least likeness at which a measure may be meant by a text.
const (
	alike      = 0.35
	alikeTaken = 0.6 // the same, where another row is about it already
	sameDay    = 0.3 // what the same day makes it likelier
	otherYears = 0.5 // and what a rhythm that binds in other years too makes it less likely
)

// exactly returns the measures of the task that bear the text as their title or phrase.
func (x *index) exactly(task, text string) []string {
	var codes []string
	for _, name := range []string{bare(text), plainText(text), bare(titleOf(text))} {
		for _, i := range x.byTitle[name] {
			if m := x.measures[i]; m.Task == task && !slices.Contains(codes, m.Code) {
				codes = append(codes, m.Code)
			}
		}
		if len(codes) > 0 {
			break
		}
	}
	return codes
}

// nearest returns the measure of the task that is likest to a text; "": none is like it. One that another row is about
// already has to be likelier still, but is named too: the text may say the same twice.
//
// Of measures that are likely enough, suits tells how well they suit the row otherwise.
func (x *index) nearest(task, text string, taken map[string]bool, suits func(plan.Measure) float64) string {
	name := plainText(text)
	grams := bigramsOf(name)
	best, score := "", 0.0
	for _, m := range x.measures {
		if m.Task != task {
			continue
		}
		least := alike
		if taken[m.Code] {
			least = alikeTaken
		}
		s := x.likeness(name, grams, m)
		if s < least {
			continue
		}
		// Measures that share a phrase of the plan differ by their titles.
		if s += x.like(grams, m.title) + suits(m.Measure); best == "" || s > score {
			best, score = m.Code, s
		}
	}
	return best
}

func (x *index) likeness(name string, grams bigrams, m measureEntry) float64 {
	s := max(x.like(grams, m.title), x.like(grams, m.quote))
	if len(grams) >= 4 {
		s = max(s, x.within(grams, m.quote)*0.9, x.within(m.title, grams)*0.9)
	}
	if abridges(name, bare(m.Title)) || utf8.RuneCountInString(name) >= 6 && abridges(name, bare(m.Quote)) {
		s = max(s, 0.6)
	}
	return s
}

// abridges reports whether a text of at least four characters is another with some of it left out: 完善汇编 of 完善判定标准汇编.
func abridges(short, long string) bool {
	return utf8.RuneCountInString(short) >= 4 && leavesOut([]rune(short), []rune(long))
}

// next returns the first free number of a measure in the task.
func (x *index) next(task string) int {
	n := 0
	for _, m := range x.plan.Measures {
		if m.Task == task {
			n = max(n, decimal(strings.TrimPrefix(m.Code, task+".")))
		}
	}
	return n + 1
}

// Longest texts of a measure, as the plan demands.
const (
	longestTitle = 200
	longestText  = 2000
)

// titleOf makes a title of what a list says: the text without its number, cut at a sentence where it is too long.
func titleOf(text string) string {
	title := plan.Normalise(text)
	if m := itemStart.FindString(narrow(title)); m != "" {
		title = string([]rune(title)[utf8.RuneCountInString(m):])
	}
	title = strings.TrimRight(strings.TrimSpace(title), "。；;")
	if utf8.RuneCountInString(title) <= longestTitle {
		return title
	}
	runes := []rune(title)[:longestTitle]
	for i := longestTitle - 1; i > longestTitle/4; i-- {
		if strings.ContainsRune("。；;，,", runes[i]) {
			return string(runes[:i])
		}
	}
	return string(runes)
}
