package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/assessment"
	"duban/obligation"
	"duban/plan"
)

// Assessment is a half-yearly assessment to report: where it stands, and its record, which may be empty where nothing but the card
// is counted.
type Assessment struct {
	Plan   plan.Plan
	State  assessment.State
	Record []assessment.Event
	Unit   string // whose every line is listed; "": nobody's
}

// WriteMarkdown writes the assessment as Markdown: how it went, the ranking, what people decided by which facts, the tasks, and
// every line of one unit with the entry of the ledger that it comes from. The same assessment gives the same bytes.
func (a Assessment) WriteMarkdown(w io.Writer) error {
	m := &markdown{loc: obligation.Location(a.Plan.Zone)}
	half, _ := assessment.ParseHalf(a.State.Half)
	m.line(textAssessment, half.Chinese())
	m.line(textAssessmentHead, a.Plan.Title, half.From().Chinese(), half.To().Chinese(), a.State.Card.Rules.Title, a.State.Stage.Chinese())
	ranking := a.State.Ranking()
	a.course(m)
	a.ranking(m, ranking)
	a.judging(m, ranking)
	a.tasks(m)
	a.unit(m, ranking)
	a.rules(m)
	_, err := w.Write(append(bytes.TrimRight(m.out.Bytes(), "\n"), '\n'))
	return err
}

// markdown is what is written so far.
type markdown struct {
	out bytes.Buffer
	loc *time.Location
}

// line writes a paragraph.
func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.out, format+"\n\n", args...) }

// table writes a table; what is empty gets a dash.
func (m *markdown) table(heads []string, rows [][]string) {
	write := func(cells []string) {
		for _, c := range cells {
			m.out.WriteString("| " + strings.ReplaceAll(cmp.Or(strings.Join(strings.Fields(c), " "), textDash), "|", `\|`) + " ")
		}
		m.out.WriteString("|\n")
	}
	write(heads)
	m.out.WriteString(strings.Repeat("|---", len(heads)) + "|\n")
	for _, r := range rows {
		write(r)
	}
	m.out.WriteString("\n")
}

func (m *markdown) time(t time.Time) string { return t.In(m.loc).Format("2006-01-02 15:04") }

// course tells how it went: what happened how often, from when to when.
func (a Assessment) course(m *markdown) {
	if len(a.Record) == 0 {
		return
	}
	type happened struct {
		kind        assessment.Kind
		n           int
		first, last time.Time
	}
	var all []happened
	for _, e := range a.Record {
		i := slices.IndexFunc(all, func(h happened) bool { return h.kind == e.Kind })
		if i < 0 {
			i, all = len(all), append(all, happened{kind: e.Kind, first: e.At})
		}
		all[i].n++
		all[i].last = e.At
	}
	m.line(textCourse)
	rows := make([][]string, len(all))
	for i, h := range all {
		rows[i] = []string{h.kind.Chinese(), strconv.Itoa(h.n), m.time(h.first), m.time(h.last)}
	}
	m.table(courseHeads, rows)
}

func (a Assessment) ranking(m *markdown, ranking []assessment.UnitScore) {
	m.line(textRanking)
	rows := make([][]string, len(ranking))
	for i, u := range ranking {
		said := a.State.Units[u.Unit]
		self, objection := "", ""
		if said.Self != nil {
			self = said.Self.String()
		}
		if said.Objection != "" {
			objection = cmp.Or(said.Answer, textUnanswered)
		}
		rows[i] = append([]string{
			strconv.Itoa(u.Rank), u.Name, light(u.Figures.Light()), u.Points.String(), said.Grade.Chinese(), signed(said.Adjusted), self, objection,
		}, figures(u.Figures)...)
	}
	m.table(rankingHeads, rows)
	if len(a.State.Card.Idle) > 0 {
		names := make([]string, len(a.State.Card.Idle))
		for i, u := range a.State.Card.Idle {
			names[i] = u.Name
		}
		m.line(textIdle, strings.Join(names, "、"))
	}
}

func light(l obligation.Light) string { return strings.TrimSuffix(l.Chinese(), "灯") }

func signed(p assessment.Points) string {
	switch {
	case p == 0:
		return ""
	case p > 0:
		return "+" + p.String()
	default:
		return p.String()
	}
}

func figures(f assessment.Figures) []string {
	out := make([]string, 0, 6)
	for _, n := range []int{f.OnTime, f.Late, f.Overdue, f.Returned, f.Extended, f.Issued} {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// judging lists the facts that people decide by, each with what it rests on, and what they made of them.
func (a Assessment) judging(m *markdown, ranking []assessment.UnitScore) {
	var rows [][]string
	for _, u := range ranking {
		merits, vetoes := a.merits(u), a.vetoes(m, u)
		verdicts := map[assessment.Matter]string{}
		for _, matter := range assessment.Matters {
			if v, ok := a.State.Verdict(u.Unit, matter); ok {
				verdicts[matter] = verdict(matter, v)
			}
		}
		if merits != "" || vetoes != "" || len(verdicts) > 0 {
			rows = append(rows, []string{u.Name, merits, vetoes, strings.TrimSpace(verdicts[assessment.Commend] + " " + verdicts[assessment.Veto])})
		}
	}
	if len(rows) == 0 {
		return
	}
	m.line(textJudging)
	m.table(judgingHeads, rows)
}

func (a Assessment) merits(u assessment.UnitScore) string {
	var out []string
	for _, merit := range a.State.Merits(u) {
		text, ledgers := merit.Title, 0
		for _, l := range a.State.Rests(merit, u) {
			if l.OfRecord() {
				text += fmt.Sprintf(textRestsOnRecord, l.Seq)
				continue
			}
			ledgers++
		}
		if ledgers > 0 {
			text += fmt.Sprintf(textRests, ledgers)
		}
		out = append(out, text)
	}
	return strings.Join(out, "；")
}

func (a Assessment) vetoes(m *markdown, u assessment.UnitScore) string {
	var out []string
	for _, l := range u.Vetoes {
		out = append(out, fmt.Sprintf(textVetoFact, l.Rung.Chinese(), l.Obligation, l.Seq, m.time(l.At)))
	}
	return strings.Join(out, "；")
}

func verdict(matter assessment.Matter, v assessment.Verdict) string {
	say := func(yes bool) string {
		if yes {
			return matter.Chinese()
		}
		return fmt.Sprintf(textNot, matter.Chinese())
	}
	if !v.Decided {
		return fmt.Sprintf(textAdvised, say(v.Opinion), v.Why)
	}
	return fmt.Sprintf(textDecided, say(v.Opinion), v.Why, say(v.Yes), v.Reason)
}

func (a Assessment) tasks(m *markdown) {
	m.line(textTaskPart)
	rows := make([][]string, len(a.State.Card.Tasks))
	for i, t := range a.State.Card.Tasks {
		task, _ := a.Plan.Task(t.Task)
		rows[i] = append([]string{t.Task + " " + task.Title, light(t.Figures.Light())}, figures(t.Figures)...)
	}
	m.table(taskHeads, rows)
}

// unit lists every line of one unit, from the base to the sum.
func (a Assessment) unit(m *markdown, ranking []assessment.UnitScore) {
	i := slices.IndexFunc(ranking, func(u assessment.UnitScore) bool { return u.Unit == a.Unit })
	if i < 0 {
		return
	}
	u, said := ranking[i], a.State.Units[a.Unit]
	titles := map[string]string{}
	for _, item := range a.State.Card.Rules.Items {
		titles[item.Code] = item.Title
	}
	m.line(textLines, u.Name)
	m.line(textLinesHint, a.Unit)
	rows := [][]string{{textBase, "", "", "", "", a.State.Card.Rules.Base.String()}}
	for _, l := range u.Lines {
		about, title := textOwnRecord, ""
		if id, ok := obligation.ParseID(l.Obligation); ok {
			measure, _ := a.Plan.Measure(id.Measure) // the plan may have no such measure any more
			about, title = l.Obligation, measure.Title
		}
		happened := cmp.Or(l.Rung.Chinese(), l.Grade.Chinese(), l.On.Chinese())
		rows = append(rows, []string{
			strings.TrimSpace(title + " " + l.Period), fmt.Sprintf("`%s` 第 %d 条", about, l.Seq), m.time(l.At), happened, titles[l.Item], cmp.Or(signed(l.Points), "0"),
		})
	}
	if said.Adjusted != 0 {
		rows = append(rows, []string{textAdjusted, said.Reason, "", "", "", signed(said.Adjusted)})
	}
	m.table(lineHeads, append(rows, []string{textTotal, "", "", "", "", u.Points.String()}))
}

func (a Assessment) rules(m *markdown) {
	r := a.State.Card.Rules
	m.line(textRules, r.Title, r.Base)
	rows := make([][]string, len(r.Items))
	for i, item := range r.Items {
		about := cmp.Or(item.Rung.Chinese(), item.Grade.Chinese(), item.On.Chinese())
		if len(item.Measures) > 0 {
			about += "（" + strings.Join(item.Measures, "、") + "）"
		}
		rows[i] = []string{item.Title, about, cmp.Or(signed(item.Points), "0"), map[bool]string{true: textVeto}[item.Veto]}
	}
	m.table(ruleHeads, rows)
}
