package sheet

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"duban/calendar"
)

// format is a number format: its number, and its code where the workbook defines it.
type format struct {
	id   int
	code string
}

// formats show numbers as their cells do.
type formats struct {
	cells   []format         // by the number of a cell's style
	units   map[format]units // of those that were used
	drawing map[format]int   // styles in the scratch workbook
	scratch *excelize.File   // formats what is no date
}

// units are what of a date a format shows.
type units struct{ year, month, day, hour, minute bool }

func (u units) any() bool { return u != units{} }

// Formats that are known by their number alone; those from 27 on are dates in Chinese.
var knownUnits = map[int]units{
	14: {year: true, month: true, day: true}, 15: {year: true, month: true, day: true}, 16: {month: true, day: true}, 17: {year: true, month: true},
	18: {hour: true, minute: true}, 19: {hour: true, minute: true}, 20: {hour: true, minute: true}, 21: {hour: true, minute: true},
	22: {year: true, month: true, day: true, hour: true, minute: true},
	27: {year: true, month: true}, 28: {month: true, day: true}, 29: {month: true, day: true}, 30: {year: true, month: true, day: true},
	31: {year: true, month: true, day: true}, 32: {hour: true, minute: true}, 33: {hour: true, minute: true}, 34: {hour: true, minute: true},
	35: {hour: true, minute: true}, 36: {year: true, month: true}, 45: {minute: true}, 46: {hour: true, minute: true}, 47: {minute: true},
	50: {year: true, month: true}, 51: {month: true, day: true}, 52: {year: true, month: true}, 53: {month: true, day: true}, 54: {month: true, day: true},
	55: {hour: true, minute: true}, 56: {hour: true, minute: true}, 57: {year: true, month: true}, 58: {month: true, day: true},
}

var general = regexp.MustCompile(`(?i)General|G/通用格式`)

const (
	formatGeneral = 0
	formatText    = 49
	maxDrawn      = 200 // formats other than dates
	maxFormatCode = 255 // bytes, as Excel has it
)

// show is a number as its cell shows it, and the date where it shows a whole one. A date of which year, month or day is
// not shown is only the text: whoever typed 6月30日 named no year, and 2026年6月 names no day.
func (f *formats) show(value string, style int, from1904 bool) (string, calendar.Date) {
	var kind format
	if style >= 0 && style < len(f.cells) {
		kind = f.cells[style]
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return value, 0
	}
	u, ok := f.units[kind]
	if !ok {
		u = unitsOf(kind)
		if f.units == nil {
			f.units = map[format]units{}
		}
		f.units[kind] = u
	}
	if u.any() {
		if text, date, ok := showDate(number, u, from1904); ok {
			return text, date
		}
		return plain(number), 0
	}
	if kind.id == formatText || kind.id == formatGeneral && kind.code == "" || strings.EqualFold(kind.code, "General") || kind.code == "@" {
		return plain(number), 0
	}
	if number == math.Trunc(number) {
		kind.code = general.ReplaceAllString(kind.code, "0") // which the library shows without what stands beside it
	}
	if text := f.draw(value, kind); text != "" {
		return text, 0
	}
	return plain(number), 0
}

// plain is a number as it was typed: a workbook keeps 2024.12 as 2024.1199999999999.
func plain(n float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	if err != nil {
		rounded = n
	}
	if abs := math.Abs(rounded); abs != 0 && (abs < 1e-9 || abs >= 1e20) {
		return strconv.FormatFloat(rounded, 'G', -1, 64)
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// daysOf1900 is the serial number of 1 March 1900: a workbook holds 1900 for a leap year, so that day's predecessors are one off.
const daysOf1900 = 61

func showDate(serial float64, u units, from1904 bool) (string, calendar.Date, bool) {
	if serial < 0 || serial >= 2_958_466 { // beyond 9999
		return "", 0, false
	}
	minutes := int(math.Round((serial-math.Floor(serial))*24*60*60)) / 60
	day := int(math.Floor(serial)) + minutes/(24*60)
	minutes %= 24 * 60
	base := calendar.NewDate(1899, 12, 30)
	switch {
	case from1904:
		base = calendar.NewDate(1904, 1, 1)
	case day < daysOf1900:
		base++
	}
	date := base.AddDays(day)
	year, month, dom := date.Civil()
	clock := ""
	if u.hour || u.minute {
		clock = fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
	}
	text := ""
	whole := u.year && u.month && u.day
	switch {
	case whole:
		text = date.String()
		if minutes == 0 {
			clock = ""
		}
	case u.year && u.month:
		text = fmt.Sprintf("%d年%d月", year, int(month))
	case u.month && u.day:
		text = fmt.Sprintf("%d月%d日", int(month), dom)
	case u.year:
		text = fmt.Sprintf("%d年", year)
	case u.month:
		text = fmt.Sprintf("%d月", int(month))
	case u.day:
		text = fmt.Sprintf("%d日", dom)
	}
	if !whole {
		date = 0
	}
	return strings.TrimSpace(text + " " + clock), date, true
}

// unitsOf says what of a date a format shows; nothing: it is none of dates.
func unitsOf(f format) units {
	if f.code == "" {
		return knownUnits[f.id]
	}
	if strings.EqualFold(f.code, "General") || len(f.code) > maxFormatCode {
		return units{}
	}
	return lettersOf(f.code)
}

// neither are words whose letters stand for no part of a date.
var neither = strings.NewReplacer("am/pm", "", "a/p", "", "general", "0")

// lettersOf reads the letters of the code's first section that stand for parts of a date. m is a minute beside hours or
// seconds; ddd and aaa are days of the week.
func lettersOf(code string) units {
	var u units
	last := byte(0) // letter of the part before
	code = neither.Replace(strings.ToLower(code))
	for i := 0; i < len(code); {
		c := code[i]
		run := 1
		for i+run < len(code) && code[i+run] == c {
			run++
		}
		switch c {
		case ';':
			return u
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return u
			}
			i += end + 2
			continue
		case '\\', '_', '*':
			i += 2
			continue
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return u
			}
			if strings.Trim(code[i+1:i+end], "hms") == "" {
				u.hour, u.minute = true, true
				last = 'h'
			}
			i += end + 1
			continue
		case '0', '#', '?':
			if last == 0 {
				return units{} // digits first: a number, as 0.0e+0 is
			}
		case 'y', 'e':
			u.year, last = true, 'y'
		case 'd':
			u.day = u.day || run <= 2
			last = 'd'
		case 'h':
			u.hour, last = true, 'h'
		case 's':
			if last == 'm' && !u.day && !u.year {
				u.month = false // mm:ss
			}
			u.minute, last = true, 's'
		case 'm':
			if last == 'h' || last == 's' {
				u.minute = true
			} else {
				u.month = true
			}
			last = 'm'
		}
		i += run
	}
	return u
}

// draw formats a number that is no date, "" where that can't be done.
func (f *formats) draw(value string, kind format) (text string) {
	// What a code holds is the file's to choose; whatever makes the library stumble is shown without it.
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	const tab, at = "Sheet1", "A1"
	if f.scratch == nil {
		f.scratch, f.drawing = excelize.NewFile(), map[format]int{}
	}
	style, ok := f.drawing[kind]
	if !ok {
		if len(f.drawing) >= maxDrawn || len(kind.code) > maxFormatCode {
			return ""
		}
		definition := &excelize.Style{NumFmt: kind.id}
		if kind.code != "" {
			definition = &excelize.Style{CustomNumFmt: &kind.code}
		}
		var err error
		if style, err = f.scratch.NewStyle(definition); err != nil {
			return ""
		}
		f.drawing[kind] = style
	}
	if f.scratch.SetCellStyle(tab, at, at, style) != nil || f.scratch.SetCellDefault(tab, at, value) != nil {
		return ""
	}
	text, err := f.scratch.GetCellValue(tab, at)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(text)
}
