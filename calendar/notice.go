package calendar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Notice is what the State Council's notice on the holidays of a year (国务院办公厅关于某年部分节假日安排的通知) arranges.
type Notice struct {
	Number int // the year
	Year   Year
	// Holidays are its paragraphs as they were read, one Chinese line each, for a person to compare with the notice.
	Holidays []string
}

// Faults are what could not be read of a notice, one Chinese line each.
type Faults []string

// Error implements error.
func (f Faults) Error() string { return strings.Join(f, "\n") }

// festivals are the holidays that a whole notice has. Two that fall together share a paragraph.
var festivals = []string{"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}

var (
	noticeYear      = regexp.MustCompile(`(20\d\d)年`)
	noticeParagraph = regexp.MustCompile(`[一二三四五六七八九十]、((?:元旦|春节|清明节|劳动节|端午节|中秋节|国庆节)(?:[、和与](?:元旦|春节|清明节|劳动节|端午节|中秋节|国庆节))*)[:：]`)
	noticeSpan      = regexp.MustCompile(`^(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})日(?:至(?:(20\d\d)年)?(?:(\d{1,2})月)?(\d{1,2})日)?`)
	noticeDay       = regexp.MustCompile(`(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})日`)
	noticeDays      = regexp.MustCompile(`[共假](\d{1,2})天`)
	noticeBrackets  = regexp.MustCompile(`[(（][^()（）]*[)）]`)
	noticeWeekday   = regexp.MustCompile(`(?:(\d{1,2})月)?(\d{1,2})日[(（]([^()（）]*)[)）]`)
	weekdayWord     = regexp.MustCompile(`(?:周|星期)([一二三四五六日天])`)
)

// ParseNotice reads the text of the notice, as it was published or copied from a web page. It takes nothing for granted: the
// year has to be named, every festival has to be there, weekdays and the numbers of days have to agree with the dates.
// The error is Faults.
func ParseNotice(text string) (Notice, error) {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case strings.ContainsRune(" \t\r\n　\u00a0\ufeff", r):
			return -1
		}
		return r
	}, text)
	p := &noticeReader{}
	found := noticeYear.FindStringSubmatch(text)
	if found == nil {
		return Notice{}, Faults{textNoticeYear}
	}
	p.out.Number, _ = strconv.Atoi(found[1])
	places := noticeParagraph.FindAllStringSubmatchIndex(text, -1)
	var seen []string
	for i, at := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		name := text[at[2]:at[3]]
		for _, f := range festivals {
			if strings.Contains(name, f) {
				seen = append(seen, f)
			}
		}
		p.paragraph(name, text[at[1]:end])
	}
	for _, f := range festivals {
		switch n := times(seen, f); {
		case n == 0:
			p.fault(textNoticeMissing, f)
		case n > 1:
			p.fault(textNoticeTwice, f)
		}
	}
	if len(p.faults) > 0 {
		return Notice{}, p.faults
	}
	slices.Sort(p.out.Year.Off)
	slices.Sort(p.out.Year.On)
	if _, err := NewCalendar(1, map[int]Year{p.out.Number: p.out.Year}); err != nil {
		return Notice{}, Faults{err.Error()}
	}
	return p.out, nil
}

func times(list []string, s string) int {
	n := 0
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}

type noticeReader struct {
	out    Notice
	faults Faults
}

func (p *noticeReader) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

// paragraph reads what one festival's paragraph arranges: the days off, then sentences with days on which people work.
func (p *noticeReader) paragraph(name, text string) {
	sentences := strings.Split(text, "。")
	plain := noticeBrackets.ReplaceAllString(sentences[0], "")
	span := noticeSpan.FindStringSubmatch(plain)
	if span == nil || !strings.Contains(plain, "放假") {
		p.fault(textNoticeUnread, name)
		return
	}
	from, ok := p.date(name, span[1], span[2], span[3])
	to := from
	if ok && span[6] != "" {
		month := span[5]
		if month == "" {
			month = span[2]
		}
		year := span[4]
		if year == "" {
			year = span[1]
		}
		to, ok = p.date(name, year, month, span[6])
	}
	if !ok {
		return
	}
	if to < from || to-from > 15 {
		p.fault(textNoticeSpan, name)
		return
	}
	if days := noticeDays.FindStringSubmatch(plain); days != nil && days[1] != strconv.Itoa(int(to-from)+1) {
		p.fault(textNoticeDays, name, days[1], int(to-from)+1)
	}
	p.weekdays(name, text, from)
	var line strings.Builder
	line.WriteString(name + "：" + from.String())
	if to > from {
		line.WriteString(" 至 " + to.String())
	}
	p.off(from, to)
	for _, s := range sentences[1:] {
		line.WriteString(p.working(name, s))
	}
	p.out.Holidays = append(p.out.Holidays, line.String())
}

// working reads a sentence with days on which people work, and returns how it was read.
func (p *noticeReader) working(name, sentence string) string {
	plain := noticeBrackets.ReplaceAllString(sentence, "")
	if !strings.Contains(plain, "上班") {
		return ""
	}
	var line strings.Builder
	for _, m := range noticeDay.FindAllStringSubmatch(plain, -1) {
		d, ok := p.date(name, m[1], m[2], m[3])
		switch {
		case !ok:
		case plainWorkday(d):
			p.fault(textNoticeOn, name, d)
		case d.Year() == p.out.Number:
			p.out.Year.On = append(p.out.Year.On, monthDay(d))
			line.WriteString("；" + d.String() + " 上班")
		}
	}
	return line.String()
}

// off takes days off in, those of the year: a holiday may begin in the year before or end in the next.
func (p *noticeReader) off(from, to Date) {
	from, to = max(from, NewDate(p.out.Number, 1, 1)), min(to, NewDate(p.out.Number, 12, 31))
	switch {
	case from > to:
	case from == to:
		p.out.Year.Off = append(p.out.Year.Off, monthDay(from))
	default:
		p.out.Year.Off = append(p.out.Year.Off, monthDay(from)+"-"+monthDay(to))
	}
}

func monthDay(d Date) string {
	_, m, day := d.Civil()
	return fmt.Sprintf("%02d%02d", int(m), day)
}

func (p *noticeReader) date(name, year, month, day string) (Date, bool) {
	if year == "" {
		year = strconv.Itoa(p.out.Number)
	}
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	out, err := ParseDate(fmt.Sprintf("%04d-%02d-%02d", y, m, d))
	if err != nil {
		p.fault(textNoticeNoDay, name, m, d)
	}
	return out, err == nil
}

// weekdays compares the weekdays that the paragraph names with the dates.
func (p *noticeReader) weekdays(name, text string, from Date) {
	_, month, _ := from.Civil()
	last := int(month)
	for _, m := range noticeWeekday.FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			last, _ = strconv.Atoi(m[1])
		}
		word := weekdayWord.FindStringSubmatch(m[3])
		if word == nil {
			continue
		}
		day, _ := strconv.Atoi(m[2])
		year := p.out.Number
		if from.Year() < year && last == 12 {
			year = from.Year()
		}
		d, err := ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, last, day))
		if err != nil {
			continue // told where the date itself is read
		}
		if want := strings.Index("日一二三四五六", strings.Replace(word[1], "天", "日", 1)) / len("日"); int(d.Weekday()) != want {
			p.fault(textNoticeWeekday, name, last, day, word[1])
		}
	}
}

// What is wrong with a notice.
const (
	textNoticeYear    = "没有写明是哪一年，请粘贴通知全文（含标题）"
	textNoticeMissing = "没有找到“%s”一段，请粘贴通知全文，或按日期填写"
	textNoticeTwice   = "“%s”出现了两次，请只粘贴一份通知"
	textNoticeUnread  = "“%s”一段没有读懂，请按日期填写"
	textNoticeSpan    = "“%s”的起止日期不合理，请核对"
	textNoticeDays    = "“%s”写明共%s天，按起止日期为%d天，请核对"
	textNoticeOn      = "“%s”的上班日 %s 本来就是工作日，请核对"
	textNoticeNoDay   = "“%s”里没有%d月%d日这一天，请核对"
	textNoticeWeekday = "“%s”里的%d月%d日不是星期%s，请核对年份和日期"
)
