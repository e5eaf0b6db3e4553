package letter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Office is what the settings say of the office.
type Office struct {
	Contact  string // on documents; "": none
	Phone    string
	Exercise bool // the clock is not the wall's: every document says 演练
}

// Writer makes the files of documents.
type Writer struct {
	templates *Templates
	office    Office
}

// NewWriter returns a writer that words documents by the templates.
func NewWriter(t *Templates, o Office) *Writer { return &Writer{t, o} }

// replyDays is how many working days a unit has for a written reply.
const replyDays = 5

// fields are what templates may name.
type fields map[string]any

const fieldList = "名单"

// rootFields are the names of all fields, rowFields those of a line of the list.
var (
	rootFields = []string{
		"单位", "事项", "周期", "任务", "方案", "方案文号", "原句", "完成标准", "期限", "原定期限", "补正期限", "截至", "逾期天数", "已采取措施", "文号",
		"回复日期", "回复工作日", "联系人", "电话", "委员会", "安委办", "时间", "地点", "材料", "结果", "整改要求", "整改期限", "不另整改",
		"同意", "申请日期", "申请期限", "原期限", "新期限", "答复", fieldList,
	}
	rowFields = []string{"单位", "事项", "期限", "天数", "序号", "依据", "程度", "要求"}
)

// Document returns title and DOCX of a formal rung's document. s is the obligation as it was when the document was
// drafted. A draft carries its mark and neither number nor date.
func (w *Writer) Document(d obligation.Document, s obligation.State, def obligation.Definition) (title string, docx []byte, err error) {
	kind := Kind(d.Rung)
	if !slices.Contains(kinds, kind) {
		return "", nil, fmt.Errorf("no form for %s", d.Rung)
	}
	f := w.about(s, def)
	since(f, d, s)
	loc := s.Policy.Location()
	meeting(f, d.Meeting, loc)
	signed := calendar.Date(0)
	if d.Number != "" {
		signed = calendar.DateOf(d.Settled, loc)
		f["文号"], f["回复日期"] = d.Number, replyBy(def.Calendar, signed)
	}
	if d.Meeting != nil {
		f["回复日期"] = replyBy(def.Calendar, calendar.DateOf(d.Meeting.At, loc))
	}
	rows := []Row{{Unit: s.UnitName, Matter: flat(s.Title), Due: s.Due.Chinese(), Days: f["逾期天数"].(int)}}
	f[fieldList] = listed(rows)
	return w.render(kind, f, func(l *Letter) {
		l.Number, l.Signed, l.Rows = d.Number, signed, rows
		l.Issuer = issuer(d.Rung, def)
		l.Printer = office(def)
	}, d.Number == "")
}

// Minutes returns title and DOCX of the minutes of an interview that was held.
func (w *Writer) Minutes(d obligation.Document, s obligation.State, def obligation.Definition) (title string, docx []byte, err error) {
	f := w.about(s, def)
	since(f, d, s)
	loc := s.Policy.Location()
	meeting(f, d.Meeting, loc)
	f["文号"] = d.Number
	if d.Meeting != nil {
		f["回复日期"] = replyBy(def.Calendar, calendar.DateOf(d.Meeting.At, loc))
	}
	return w.render(Minutes, f, func(l *Letter) { l.Parties = parties() }, d.Meeting == nil || d.Meeting.Held.IsZero())
}

// Order returns title and DOCX of the 交办单 by which an inspection hands a unit what it found with it. s is the inspection, as it
// was recorded. It has no number: the week and the unit name it.
func (w *Writer) Order(s obligation.State, unit string, def obligation.Definition) (title string, docx []byte, err error) {
	in := s.Inspection
	if in == nil || in.Record == nil {
		return "", nil, fmt.Errorf("%s: no record", s.ID)
	}
	f := w.about(s, def)
	var rows []Row
	for _, found := range in.Findings {
		if found.Unit != unit {
			continue
		}
		f["单位"] = flat(found.UnitName)
		matter := flat(found.Text)
		if found.Place != "" {
			matter = flat(found.Place) + "：" + matter
		}
		rows = append(rows, Row{
			Unit: found.UnitName, Matter: bare(matter), Due: found.Due.Chinese(), Severity: found.Severity.Chinese(),
			Basis: bare(flat(found.Basis)), Demands: bare(flat(found.Demands)),
		})
	}
	if len(rows) == 0 {
		return "", nil, fmt.Errorf("%s: nothing found with %s", s.ID, unit)
	}
	var days []string
	for _, v := range in.Record.Visits {
		if v.Unit == unit && !slices.Contains(days, v.Day.Chinese()) {
			days = append(days, v.Day.Chinese())
		}
	}
	f["事项"], f["截至"], f[fieldList] = flat(in.Record.Theme), strings.Join(days, "、"), listed(rows)
	last := in.Recorded
	for _, found := range in.Findings {
		if found.Unit == unit && found.Found.After(last) {
			last = found.Found
		}
	}
	return w.render(Order, f, func(l *Letter) { l.Issuer, l.Signed = office(def), calendar.DateOf(last, s.Policy.Location()) }, false)
}

// bare returns the text without the stop at its end, for use within a sentence.
func bare(text string) string { return strings.TrimRight(text, "。；，、") }

// chineseNumber writes a number from 1 to 999 as 一、二十三、一百零四.
func chineseNumber(n int) string {
	const digits = "零一二三四五六七八九"
	digit := func(i int) string { return string([]rune(digits)[i]) }
	switch {
	case n < 10:
		return digit(n)
	case n < 20:
		return strings.TrimSuffix("十"+digit(n%10), "零")
	case n < 100:
		return strings.TrimSuffix(digit(n/10)+"十"+digit(n%10), "零")
	case n%100 == 0:
		return digit(n/100) + "百"
	case n%100 < 10:
		return digit(n/100) + "百零" + digit(n%10)
	default:
		return digit(n/100) + "百" + strings.TrimSuffix(digit(n%100/10)+"十"+digit(n%10), "零")
	}
}

// ExtensionReply returns title and DOCX of the answer to an application for more time. s is the obligation as it was
// when the event decided on it. It has no number.
func (w *Writer) ExtensionReply(decided obligation.Event, s obligation.State, def obligation.Definition) (title string, docx []byte, err error) {
	if s.Application == nil {
		return "", nil, fmt.Errorf("%s at %d: no application", s.ID, decided.Seq)
	}
	loc := s.Policy.Location()
	f := w.about(s, def)
	f["同意"] = decided.Kind == obligation.Extended
	f["申请日期"] = calendar.DateOf(s.Application.At, loc).Chinese()
	f["申请期限"], f["原期限"], f["新期限"] = s.Application.Due.Chinese(), s.Deadline().Chinese(), decided.Due.Chinese()
	f["答复"] = strings.TrimSpace(decided.Text)
	return w.render(Extension, f, func(l *Letter) {
		l.Issuer, l.Signed = office(def), calendar.DateOf(decided.At, loc)
	}, false)
}

func (w *Writer) render(kind Kind, f fields, complete func(*Letter), draft bool) (string, []byte, error) {
	l, err := write(w.templates.byKind[kind], f)
	if err != nil {
		return "", nil, err
	}
	complete(&l)
	switch {
	case draft && w.office.Exercise:
		l.Mark = textBoth
	case draft:
		l.Mark = textDraft
	case w.office.Exercise:
		l.Mark = textExercise
	}
	docx, err := Render(kind, l)
	return l.Title, docx, err
}

// about returns the fields that every document has, and the others empty.
func (w *Writer) about(s obligation.State, def obligation.Definition) fields {
	f := fields{}
	for _, name := range rootFields {
		f[name] = ""
	}
	p := def.Plan
	for name, value := range map[string]string{
		"单位": s.UnitName, "事项": nested(flat(s.Title)), "周期": s.Period, "任务": taskName(s.Task),
		"方案": cmp.Or(s.PlanTitle, p.Title), "方案文号": p.Number, "原句": strings.TrimRight(nested(flat(s.Quote)), "。；，、"), "完成标准": s.Done,
		"期限": s.Due.Chinese(), "委员会": p.Issuer, "安委办": office(def), "联系人": w.office.Contact, "电话": w.office.Phone,
	} {
		f[name] = flat(value)
	}
	if s.Original != s.Due {
		f["原定期限"] = s.Original.Chinese()
	}
	f["回复工作日"], f["逾期天数"], f["同意"], f[fieldList] = replyDays, 0, false, []fields{}
	return f
}

// since says how late the unit was on the day of the draft, as the draft itself does.
func since(f fields, d obligation.Document, s obligation.State) {
	day := calendar.DateOf(d.Drafted, s.Policy.Location())
	from := s.Due
	if s.Stage == obligation.StageReturned {
		from = s.Anchor
		f["补正期限"] = s.Anchor.Chinese()
	}
	f["截至"], f["逾期天数"], f["已采取措施"] = day.Chinese(), int(day-from), taken(s)
}

// taken names the formal rungs that reached the unit: a rung may have been skipped, or its draft withdrawn.
func taken(s obligation.State) string {
	var names []string
	for _, formal := range s.Formals {
		if formal.Number != "" {
			names = append(names, rungVerbs[formal.Rung])
		}
	}
	return strings.Join(names, "、")
}

func meeting(f fields, m *obligation.Meeting, loc *time.Location) {
	if m == nil {
		f["时间"], f["地点"], f["结果"] = textAtSignOff, textAtSignOff, textUnheld
		return
	}
	at := m.At.In(loc)
	f["时间"] = fmt.Sprintf(textMoment, calendar.DateOf(m.At, loc).Chinese(), weekdays[at.Weekday()], at.Hour(), at.Minute())
	f["地点"] = flat(m.Place)
	f["材料"] = strings.TrimRight(flat(m.Material), "。；，、")
	f["不另整改"] = strings.TrimRight(flat(m.Exempt), "。；，、")
	if r := m.Rectification; r != nil {
		f["整改要求"], f["整改期限"] = strings.TrimSpace(r.Demands), r.Original.Chinese()
	}
	f["结果"] = cmp.Or(strings.TrimSpace(m.Outcome), textUnheld)
}

// replyBy returns the day until which a unit answers.
func replyBy(cal *calendar.Calendar, from calendar.Date) string {
	if cal == nil {
		return ""
	}
	return cal.AddWorkdays(from, replyDays).Chinese()
}

func listed(rows []Row) []fields {
	out := make([]fields, len(rows))
	for i, r := range rows {
		out[i] = fields{
			"单位": r.Unit, "事项": r.Matter, "期限": r.Due, "天数": r.Days, "序号": chineseNumber(i + 1), "依据": r.Basis, "程度": r.Severity, "要求": r.Demands,
		}
	}
	return out
}

// issuer returns whose name stands over a rung's document: that of the body whose series numbers it.
func issuer(r obligation.Rung, def obligation.Definition) string {
	if obligation.SeriesOf(r, 0) == obligation.SeriesOf(obligation.Circular, 0) {
		return def.Plan.Issuer
	}
	return office(def)
}

func office(def obligation.Definition) string { return def.Plan.Issuer + textOffice }

// taskName says a task's code in words: the safeguards are S1 to S6, goals and division of work G.
func taskName(code string) string {
	switch n, safeguard := strings.CutPrefix(code, "S"); {
	case code == "G":
		return textGoals
	case safeguard:
		return fmt.Sprintf(textSafeguard, n)
	default:
		return fmt.Sprintf(textTaskOf, code)
	}
}

// flat returns the text in one line.
func flat(text string) string { return strings.Join(paragraphs(text), "") }

// nested returns the text for use inside of quotation marks.
func nested(text string) string { return strings.NewReplacer("“", "‘", "”", "’").Replace(text) }

// samples are contents of all sorts, for templates to prove themselves on.
func samples() []fields {
	full, bare := fields{}, fields{}
	for _, name := range rootFields {
		full[name], bare[name] = name, ""
	}
	for i, f := range []fields{full, bare} {
		f["同意"], f["逾期天数"], f["回复工作日"] = i == 0, 30*(1-i), replyDays
		f[fieldList] = listed([]Row{{Unit: "单位", Matter: "事项", Due: "期限", Days: 1}}[:1-i])
	}
	return []fields{full, bare}
}
