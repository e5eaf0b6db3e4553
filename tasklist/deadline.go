package tasklist

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
	"duban/plan"
)

// Span is what dates of a list may lie in.
type Span struct {
	Year     int           // of the list: a date without a year is in it
	From, To calendar.Date // the plan's first and last day
}

// Timing is what a deadline cell says.
type Timing struct {
	Kind     plan.ScheduleKind // "": nothing could be read
	Due      []calendar.Date   // milestone: within the list's year, ascending
	Beyond   []calendar.Date   // milestone: in another year of the plan, ascending
	Cron     string            // recurring, as in plan.Schedule
	Names    plan.CronNames
	Inferred bool // the cell leaves the day open: 年内, 12月底 without a year, 6月
	Doubts   []Doubt
}

// Doubt is something in a cell that a person has to look at. A fatal one can't be read at all.
type Doubt struct {
	Fatal            bool
	Reason, Proposal string // Chinese
}

// ParseDeadline reads the deadlines of a cell. It gives a date only where the text names one; what it can't read it tells in
// the doubts.
func ParseDeadline(text string, in Span) Timing {
	s := &scan{in: in, year: in.Year}
	for _, piece := range parts(text) {
		s.rest = eraYears(key(piece))
		s.read()
		s.left.WriteByte(';')
	}
	s.settle()
	return s.out
}

// scan reads a cell from left to right.
type scan struct {
	in     Span
	year   int  // of dates without one: the last that was named, at first the list's
	named  bool // the cell has named the year
	rest   string
	left   strings.Builder // what nothing could be made of
	last   rune            // of it, where it stands right before what is left
	moment *moment         // the date that was read just now, of which a range may follow
	rhythm []rhythm
	always bool
	out    Timing
}

// moment is a date as it was read.
type moment struct {
	start, end calendar.Date
	open       bool // the text names no day
}

// rhythm is a recurrence.
type rhythm struct {
	cron  string
	names plan.CronNames
}

const (
	number = `(\d{1,2}|[一二三四五六七八九十]{1,3})`
	until  = `(?:-{1,2}|至|~|到)`
)

// rule is one form that stands at the beginning of what is left.
type rule struct {
	form *regexp.Regexp
	take func(s *scan, m []string) bool // false: it is not this form after all
}

// deadlineRules are tried in order.
var deadlineRules = compile([]struct {
	form string
	take func(s *scan, m []string) bool
}{
	{`(?:次年|明年|翌年|下一?年度?)(?:` + number + `月)?(?:` + number + `[日号])?(?:底|末)?前?`, (*scan).vague},
	{`(?:尽快|尽早|适时|及时|随时|立即|另行通知|待定|视情)`, (*scan).vague},
	{`每年度?` + number + `月` + number + `[日号]`, (*scan).everyYearOn},
	{`每年度?` + number + `月(?:份)?(?:底|末)?`, (*scan).everyYearOn},
	{`每个?月` + number + `[日号]`, (*scan).everyMonthOn},
	{`每个?季度(?:末月|最后一个?月|第三个?月)` + number + `[日号]`, (*scan).everyQuarterOn},
	{`每个?(年度?|半年|季度?|月|周|星期)(?:底|末)?`, (*scan).every},
	{`(?:按|逐)(年|半年|季度?|月|周)`, (*scan).every},
	{`每(?:日|天|旬|两周|双周|两个?月|两个?季度|两年|三年|\d+个?[日天周月年])`, (*scan).otherRhythm},
	{`(?:至少|不少于|不低于)?(?:召开|开展|组织|检查|报送|调度|进行)*([一二两三四五六七八九十]|\d{1,2})(?:次|轮|场|期)(?:以上)?`, (*scan).times},
	{`(?:贯穿全年|全年度?|常年|持续(?:推进|开展|实施|进行|加强|深化|落实)?|长期(?:坚持|推进|开展|实施)?|常态化?(?:推进|开展|落实)?)`, (*scan).continuous},
	{`(\d{4})年?` + until + `(\d{4})年`, (*scan).years},
	{`(\d{4})年` + number + `月` + number + `[日号]?`, (*scan).day},
	{`(\d{4})[./-](\d{1,2})[./-](\d{1,2})[日号]?`, (*scan).day},
	{`(\d{4})[./-](\d{1,2})月?(底|末|上旬|中旬|下旬|初)?`, (*scan).dottedMonth},
	{`(\d{4})年年?(底|末|终)`, (*scan).yearEnd},
	{`(\d{4})(底|末)`, (*scan).yearEnd},
	{`(\d{4})年`, (*scan).ofYear},
	{`(\d{2})年`, (*scan).shortYear},
	{`三年(?:行动)?(?:内|期间|期内)`, (*scan).wholePlan},
	{`第?([一二三四1-4])(?:季度)?` + until + `第?([一二三四1-4])季度(?:末|底|内)?`, (*scan).quarters},
	{`(?:本年度?|当年|今年)?(年底|年末|年终|年内|年度内)`, (*scan).thisYearEnd},
	{`(?:本年|当年|今年)(底|末|内|度内)`, (*scan).thisYearEnd},
	{`第?([一二三四1-4])(?:个)?季度?(末|底|内)?`, (*scan).quarter},
	{`(上|下)半年(末|底|内)?`, (*scan).half},
	{`(\d{1,2}(?:[、,/]\d{1,2})+)月(?:份)?(底|末)?`, (*scan).months},
	{number + until + number + `月(?:份)?(底|末|上旬|中旬|下旬|初)?`, (*scan).monthRange},
	{number + `月` + number + `[日号]`, (*scan).dayOfYear},
	{number + `月(?:份)?(底|末|上旬|中旬|下旬|初)?`, (*scan).month},
	{`(\d{1,2})[./](\d{1,2})日?`, (*scan).vague},
})

func compile(list []struct {
	form string
	take func(s *scan, m []string) bool
},
) []rule {
	rules := make([]rule, len(list))
	for i, r := range list {
		rules[i] = rule{regexp.MustCompile(`^(?:` + r.form + `)`), r.take}
	}
	return rules
}

func (s *scan) read() {
	for s.rest != "" {
		if s.bracket() || s.rule() {
			continue
		}
		s.flush()
		r, size := utf8.DecodeRuneInString(s.rest)
		s.left.WriteString(s.rest[:size])
		s.rest, s.last = s.rest[size:], r
	}
	s.flush()
	s.last = 0
}

// torn reports whether what is left goes on with a number that could not be read: 三|年内.
func (s *scan) torn() bool {
	return strings.ContainsRune("0123456789一二三四五六七八九十百第数几", s.last) && s.last != 0
}

// rule takes the form that what is left begins with.
func (s *scan) rule() bool {
	for _, r := range deadlineRules {
		m := r.form.FindStringSubmatch(s.rest)
		if m == nil || endsInDigit(m[0]) && startsWithDigit(s.rest[len(m[0]):]) {
			continue
		}
		if s.torn() {
			return false
		}
		before := s.rest
		s.rest = s.rest[len(m[0]):]
		if r.take(s, m) {
			s.last = 0
			return true
		}
		s.rest = before
	}
	return false
}

// bracket takes a remark in brackets: what it says holds for something else than the cell.
func (s *scan) bracket() bool {
	if !strings.HasPrefix(s.rest, "(") {
		return false
	}
	inside, after, ok := strings.Cut(s.rest[1:], ")")
	if !ok {
		return false
	}
	s.flush()
	s.rest = after
	s.last = 0
	if left := harmless(inside); left != "" && !weekday.MatchString(left) {
		s.doubt(false, fmt.Sprintf(textRemark, inside), textRemarkProposal)
	}
	return true
}

var weekday = regexp.MustCompile(`^(?:星期|周)[一二三四五六日天]$`)

func endsInDigit(s string) bool     { return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9' }
func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func (s *scan) doubt(fatal bool, reason, proposal string) {
	d := Doubt{fatal, reason, proposal}
	if !slices.Contains(s.out.Doubts, d) {
		s.out.Doubts = append(s.out.Doubts, d)
	}
}

// date takes a date that was read: it ends a range, or is kept until it is known that it begins none.
func (s *scan) date(m moment) bool {
	if s.moment != nil {
		first := *s.moment
		s.moment = nil
		if m.end < first.start {
			s.doubt(true, fmt.Sprintf(textReversed, first.start, m.end), textReversedProposal)
			return true
		}
		s.keep(m)
		return true
	}
	s.moment = &m
	rest := s.rest
	for _, mark := range []string{"--", "-", "至", "~", "到"} {
		if after, ok := strings.CutPrefix(rest, mark); ok && dateAhead.MatchString(after) {
			s.rest = after
			return true
		}
	}
	for _, from := range []string{"起", "开始", "以来", "以后", "之后", "后"} {
		if after, ok := strings.CutPrefix(rest, from); ok {
			s.rest, s.moment = after, nil
			s.doubt(false, fmt.Sprintf(textOnlyStart, m.start), "")
			return true
		}
	}
	s.flush()
	return true
}

var dateAhead = regexp.MustCompile(`^(?:\d{4}[年./-]|` + number + `月|第?[一二三四1-4]季度|年底|年末|[上下]半年)`)

// flush keeps the date that was read last: no range follows.
func (s *scan) flush() {
	if s.moment != nil {
		m := *s.moment
		s.moment = nil
		s.keep(m)
	}
}

func (s *scan) keep(m moment) {
	due := m.end
	switch {
	case due < s.in.From || due > s.in.To:
		s.doubt(true, fmt.Sprintf(textOutsidePlan, due, s.in.From, s.in.To), "")
		return
	case due.Year() != s.in.Year:
		s.out.Beyond = append(s.out.Beyond, due)
	default:
		s.out.Due = append(s.out.Due, due)
	}
	s.out.Inferred = s.out.Inferred || m.open
}

// civil gives a date that exists.
func (s *scan) civil(year, month, day int) (calendar.Date, bool) {
	if month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) {
		return calendar.NewDate(year, time.Month(month), day), true
	}
	s.doubt(true, fmt.Sprintf(textNoSuchDay, year, month, day), textNoSuchDayProposal)
	return 0, false
}

func daysIn(year, month int) int {
	_, _, last := (calendar.NewDate(year, time.Month(month+1), 1) - 1).Civil()
	return last
}

func (s *scan) setYear(digits string) {
	s.year, s.named = decimal(digits), true
}

func decimal(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0
		}
		n = min(n*10+int(r-'0'), 99999)
	}
	return n
}

func (s *scan) day(m []string) bool {
	s.setYear(m[1])
	if d, ok := s.civil(s.year, numeral(m[2]), numeral(m[3])); ok {
		return s.date(moment{d, d, false})
	}
	return true
}

func (s *scan) dayOfYear(m []string) bool {
	if d, ok := s.civil(s.year, numeral(m[1]), numeral(m[2])); ok {
		return s.date(moment{d, d, false})
	}
	return true
}

// part gives a part of a month.
func (s *scan) part(month int, part string) bool {
	if month < 1 || month > 12 {
		s.doubt(true, fmt.Sprintf(textNoSuchMonth, month), textNoSuchDayProposal)
		return true
	}
	first := calendar.NewDate(s.year, time.Month(month), 1)
	last := first.AddDays(daysIn(s.year, month) - 1)
	m := moment{first, last, false}
	switch part {
	case "上旬":
		m.end = first.AddDays(9)
	case "中旬":
		m.end = first.AddDays(19)
	case "下旬":
	case "初":
		s.doubt(false, fmt.Sprintf(textEarlyMonth, month), "")
		return true
	case "底", "末":
		m.open = !s.named
	default:
		m.open = true
		if strings.HasPrefix(s.rest, "前") {
			s.doubt(false, fmt.Sprintf(textBeforeMonth, month, month), fmt.Sprintf(textBeforeMonthProposal, m.end))
		}
	}
	return s.date(m)
}

func (s *scan) month(m []string) bool { return s.part(numeral(m[1]), m[2]) }

func (s *scan) dottedMonth(m []string) bool {
	s.setYear(m[1])
	if m[2] == "1" && strings.HasPrefix(m[0], m[1]+".") && m[3] == "" {
		// A spreadsheet drops the last digit of the number 2024.10.
		s.doubt(false, fmt.Sprintf(textDotOne, m[0], m[1], m[1]), "")
		return true
	}
	return s.part(numeral(m[2]), m[3])
}

func (s *scan) months(m []string) bool {
	if strings.HasPrefix(m[1], "1、") && s.left.Len() == 0 {
		s.doubt(false, fmt.Sprintf(textOneOrMonth, m[0]), "") // 1、 may number the item
		return true
	}
	for _, n := range strings.FieldsFunc(m[1], func(r rune) bool { return strings.ContainsRune("、,/", r) }) {
		s.part(decimal(n), m[2])
		s.flush()
	}
	return true
}

func (s *scan) monthRange(m []string) bool {
	from, to := numeral(m[1]), numeral(m[2])
	if from < 1 || from > 12 || to < from {
		s.doubt(true, fmt.Sprintf(textReversed, m[1]+"月", m[2]+"月"), textReversedProposal)
		return true
	}
	return s.part(to, m[3])
}

func (s *scan) lastDay(open bool) bool {
	return s.date(moment{calendar.NewDate(s.year, time.January, 1), calendar.NewDate(s.year, time.December, 31), open})
}

func (s *scan) yearEnd(m []string) bool { s.setYear(m[1]); return s.lastDay(false) }

func (s *scan) thisYearEnd(m []string) bool {
	return s.lastDay(!s.named || strings.HasSuffix(m[0], "内"))
}

var withinYear = regexp.MustCompile(`^(?:度?内?|度)(?:[上下]半年|第?[一二三四1-4](?:季度|至|-|~)|` + number + `月|` + number + until + number + `月|\d{1,2}[、,]|全年|起)`)

// ofYear takes a year: what follows may be a part of it.
func (s *scan) ofYear(m []string) bool {
	s.setYear(m[1])
	if loc := withinYear.FindString(s.rest); loc != "" {
		if strings.HasPrefix(s.rest, "起") {
			return s.lastDay(true)
		}
		s.rest = strings.TrimPrefix(strings.TrimPrefix(s.rest, "度"), "内")
		return true
	}
	if !yearAlone.MatchString(s.rest) {
		return false
	}
	return s.lastDay(true)
}

// yearAlone is what may follow a year that is the whole date.
var yearAlone = regexp.MustCompile(`^(?:$|度?内?(?:$|[,;、。(至到~-])|度?内?(?:底|全面|全部|基本|力争|按时)?(?:完成|实现|形成|取得|达到|建成))`)

// shortYear reads 24年 where the plan has such a year.
func (s *scan) shortYear(m []string) bool {
	if y := 2000 + decimal(m[1]); y < s.in.From.Year() || y > s.in.To.Year() {
		return s.vague(m)
	}
	s.rest = "20" + m[0] + s.rest
	s.out.Inferred = true
	return true
}

// wholePlan is 三年内: by the plan's last day.
func (s *scan) wholePlan([]string) bool { return s.date(moment{s.in.From, s.in.To, true}) }

func (s *scan) quarters(m []string) bool {
	from, to := numeral(m[1]), numeral(m[2])
	if to < from {
		s.doubt(true, fmt.Sprintf(textReversed, m[1]+"季度", m[2]+"季度"), textReversedProposal)
		return true
	}
	return s.quarter([]string{"季", m[2], ""})
}

func (s *scan) years(m []string) bool {
	first, last := decimal(m[1]), decimal(m[2])
	if last < first {
		s.doubt(true, fmt.Sprintf(textReversed, m[1]+"年", m[2]+"年"), textReversedProposal)
		return true
	}
	s.setYear(m[2])
	return s.date(moment{calendar.NewDate(first, time.January, 1), calendar.NewDate(last, time.December, 31), true})
}

func (s *scan) quarter(m []string) bool {
	if !strings.Contains(m[0], "季") {
		return false
	}
	q := numeral(m[1])
	first := calendar.NewDate(s.year, time.Month(3*q-2), 1)
	return s.date(moment{first, calendar.NewDate(s.year, time.Month(3*q+1), 1) - 1, m[2] == "" || !s.named})
}

func (s *scan) half(m []string) bool {
	first, end := calendar.NewDate(s.year, time.January, 1), calendar.NewDate(s.year, time.June, 30)
	if m[1] == "下" {
		first, end = end+1, calendar.NewDate(s.year, time.December, 31)
	}
	return s.date(moment{first, end, m[2] == "" || !s.named})
}

func (s *scan) vague(m []string) bool {
	s.doubt(true, fmt.Sprintf(textVague, m[0]), textVagueProposal)
	return true
}

func (s *scan) continuous([]string) bool { s.always = true; return true }

func (s *scan) recur(cron string, names plan.CronNames) bool {
	if r := (rhythm{cron, names}); !slices.Contains(s.rhythm, r) {
		s.rhythm = append(s.rhythm, r)
	}
	return true
}

// cronEvery are the rhythms as the plan's own data express them: by the first days of periods.
var cronEvery = map[string]string{
	"年": "0 0 1 1 *", "半年": "0 0 1 1,7 *", "季": "0 0 1 1,4,7,10 *", "月": "0 0 1 * *", "周": "0 0 * * 1",
}

func (s *scan) every(m []string) bool {
	unit := strings.TrimSuffix(m[1], "度")
	if unit == "星期" {
		unit = "周"
	}
	if unit == "周" {
		if r, size := utf8.DecodeRuneInString(s.rest); size > 0 {
			if day := strings.IndexRune("日一二三四五六", r); day >= 0 && !strings.HasPrefix(s.rest[size:], "次") {
				s.rest = s.rest[size:]
				return s.recur(fmt.Sprintf("0 0 * * %d", day/len("日")), plan.CronDue)
			}
		}
	}
	return s.recur(cronEvery[unit], plan.CronStart)
}

// MonthDays up to this one exist in every month.
const lastCommonDay = 28

func (s *scan) everyMonthOn(m []string) bool {
	day := numeral(m[1])
	if day < 1 || day > lastCommonDay {
		s.doubt(day < 1 || day > 31, fmt.Sprintf(textNotEveryMonth, day), textMonthEndProposal)
		return s.recur(cronEvery["月"], plan.CronStart)
	}
	return s.recur(fmt.Sprintf("0 0 %d * *", day), plan.CronDue)
}

func (s *scan) everyQuarterOn(m []string) bool {
	day := numeral(m[1])
	if day < 1 || day > 30 {
		s.doubt(day < 1 || day > 31, fmt.Sprintf(textNotEveryMonth, day), textMonthEndProposal)
		return s.recur(cronEvery["季"], plan.CronStart)
	}
	return s.recur(fmt.Sprintf("0 0 %d 3,6,9,12 *", day), plan.CronDue)
}

func (s *scan) everyYearOn(m []string) bool {
	month := numeral(m[1])
	if month < 1 || month > 12 {
		s.doubt(true, fmt.Sprintf(textNoSuchMonth, month), textNoSuchDayProposal)
		return true
	}
	day := daysIn(s.in.Year, month)
	if month == 2 {
		day = lastCommonDay
	}
	if len(m) > 2 {
		d := numeral(m[2])
		if d < 1 || d > day {
			s.doubt(true, fmt.Sprintf(textNoSuchDay, s.in.Year, month, d), textNoSuchDayProposal)
			return true
		}
		day = d
	}
	return s.recur(fmt.Sprintf("0 0 %d %d *", day, month), plan.CronDue)
}

func (s *scan) otherRhythm(m []string) bool {
	s.doubt(true, fmt.Sprintf(textOtherRhythm, m[0]), textOtherRhythmProposal)
	return true
}

func (s *scan) times(m []string) bool {
	if len(s.rhythm) == 0 {
		return false
	}
	if n := numeral(m[1]); n != 1 {
		s.doubt(false, fmt.Sprintf(textTimes, m[0]), textTimesProposal)
	}
	return true
}

// settle decides what the cell says as a whole.
func (s *scan) settle() {
	t := &s.out
	for _, list := range []*[]calendar.Date{&t.Due, &t.Beyond} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	dates := len(t.Due)+len(t.Beyond) > 0
	switch {
	case dates:
		t.Kind = plan.Milestone
		if s.always {
			s.doubt(false, textAlsoContinuous, textDatesOnly)
		}
		if len(s.rhythm) > 0 {
			s.doubt(false, textAlsoRecurring, textDatesOnly)
		}
	case len(s.rhythm) > 0:
		t.Kind, t.Cron, t.Names = plan.Recurring, s.rhythm[0].cron, s.rhythm[0].names
		if len(s.rhythm) > 1 {
			s.doubt(false, textManyRhythms, fmt.Sprintf(textFirstRhythm, rhythmText(t.Cron, t.Names)))
		}
	case s.always:
		t.Kind = plan.Continuous
	}
	for left := range strings.SplitSeq(s.left.String(), ";") {
		if left = harmless(left); left == "" {
			continue
		}
		s.doubt(t.Kind == "", fmt.Sprintf(textLeftOver, left), "")
	}
	if t.Kind == "" && len(t.Doubts) == 0 {
		s.doubt(true, textNoDeadline, "")
	}
	for i := range t.Doubts {
		// Where nothing was read, there is nothing to confirm.
		t.Doubts[i].Fatal = t.Doubts[i].Fatal || t.Kind == ""
	}
}

var fillers = regexp.MustCompile(`(?:之前|以前|之内|以内|前|内|按时|全面|全部|完成时限|完成时间|时限|完成|截止|截至|止|底|于|在|并|和|或|及|[、,;。:/\-~·.*()]|结束|报送|上报|提交|分别|各)`)

// harmless returns what is left of a text without the words that add nothing to a date.
func harmless(s string) string { return fillers.ReplaceAllString(s, "") }

var (
	chineseYear = regexp.MustCompile(`二[〇零○0][一二三四五六七八九〇零○]{2}年`)
	yearDigits  = strings.NewReplacer("〇", "0", "零", "0", "○", "0", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9")
)

// eraYears writes 二〇二四年 as 2024年.
func eraYears(s string) string {
	return chineseYear.ReplaceAllStringFunc(s, yearDigits.Replace)
}

// dateCell reads a cell that the spreadsheet keeps as a date. Where it shows no day (2024年12月), the day that it keeps is
// not the list's.
func dateCell(c Cell, in Span) Timing {
	shown := ParseDeadline(c.Text, in)
	if all := append(slices.Clone(shown.Due), shown.Beyond...); len(all) == 1 && len(shown.Doubts) == 0 {
		y, m, _ := all[0].Civil()
		if cy, cm, _ := c.Date.Civil(); cy == y && cm == m {
			return shown
		}
	}
	s := &scan{in: in}
	s.keep(moment{c.Date, c.Date, false})
	s.settle()
	return s.out
}
