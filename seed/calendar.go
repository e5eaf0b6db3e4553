package seed

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"duban/calendar"
)

// ReadCalendar reads a calendar that stands in for a plan's own, from a file of the same form as calendar.yaml. The error
// is always *Faults.
func ReadCalendar(file string, content []byte) (*calendar.Calendar, error) {
	d := newDecoder(file)
	var cal *calendar.Calendar
	if root := d.root(file, content); root != nil {
		cal = d.calendarIn(file, root)
	}
	if len(d.faults) > 0 {
		return nil, (&Faults{d.faults}).sorted()
	}
	return cal, nil
}

// calendarIn reads the calendar that is the root of a file, or nil after a fault.
func (d *decoder) calendarIn(file string, root *yaml.Node) *calendar.Calendar {
	var version int
	notices := map[int]calendar.Year{}
	before := len(d.faults)
	for _, e := range d.mapping(file, "", root) {
		switch e.key {
		case "version":
			d.value(file, "calendar.version", e.value, reflect.ValueOf(&version).Elem())
		case "years":
			for _, y := range d.mapping(file, "calendar.years", e.value) {
				d.year(file, y, notices)
			}
		default:
			d.add(file, e.at.line, CodeUnknownField, e.key, "version、years")
		}
	}
	if len(d.faults) > before {
		return nil
	}
	if version < 1 {
		d.add(file, 1, CodeWrongType, "version", "从 1 起的整数")
		return nil
	}
	built, err := calendar.NewCalendar(version, notices)
	if err != nil {
		d.add(file, 1, CodeBadCalendar, err)
		return nil
	}
	return built
}

// year reads one year's notice and checks it alone, so that a fault has a line.
func (d *decoder) year(file string, e entry, notices map[int]calendar.Year) {
	year, err := strconv.Atoi(e.key)
	if err != nil {
		d.add(file, e.at.line, CodeWrongType, "年份", "四位数字")
		return
	}
	at := "calendar.years." + e.key
	before := len(d.faults)
	var notice calendar.Year
	d.value(file, at, e.value, reflect.ValueOf(&notice).Elem())
	if len(d.faults) > before {
		return
	}
	for _, list := range []struct {
		name  string
		spans []string
		year  func(span string) calendar.Year
	}{
		{"off", notice.Off, func(span string) calendar.Year { return calendar.Year{Off: []string{span}} }},
		{"on", notice.On, func(span string) calendar.Year { return calendar.Year{On: []string{span}} }},
	} {
		for i, span := range list.spans {
			if _, err := calendar.NewCalendar(1, map[int]calendar.Year{year: list.year(span)}); err != nil {
				d.add(file, d.locate(fmt.Sprintf("%s.%s[%d]", at, list.name, i)).line, CodeBadCalendar, err)
			}
		}
	}
	if len(d.faults) > before {
		return
	}
	if _, err := calendar.NewCalendar(1, map[int]calendar.Year{year: notice}); err != nil {
		d.add(file, e.at.line, CodeBadCalendar, strings.ReplaceAll(err.Error(), "\n", "；"))
		return
	}
	notices[year] = notice
}
