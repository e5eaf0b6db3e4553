package api

import (
	"context"
	"net/http"

	"duban/calendar"
	"duban/obligation"
)

// CalendarInput asks for a year of the plan's calendar.
type CalendarInput struct {
	PlanPath
	Year int `path:"year" minimum:"1990" maximum:"2199" example:"2026" doc:"年份"`
}

// CalendarYear is a year as the plan counts its working days.
type CalendarYear struct {
	Year        int             `json:"year" doc:"年份"`
	Provisional bool            `json:"provisional" doc:"节假日安排尚未公布：暂按平常的周一至周五工作"`
	Off         []calendar.Date `json:"off" doc:"放假的日子（含周末）；尚未公布的没有"`
	On          []calendar.Date `json:"on" doc:"补班的日子；尚未公布的没有"`
	Days        []CalendarDay   `json:"days" doc:"全年各日"`
}

// CalendarDay is one day of a year.
type CalendarDay struct {
	Date calendar.Date    `json:"date" format:"date" doc:"日期"`
	Kind calendar.DayKind `json:"kind" enum:"work,rest,off,made-up" doc:"work 工作日，rest 周末，off 放假，made-up 补班"`
}

func (s *server) registerCalendar() {
	register(s, operation{
		id: "get-calendar-year", method: http.MethodGet, path: "/plans/{plan}/calendar/{year}", tag: tagPlans,
		codes: []Code{Code(obligation.CodeNotFound)},
	}, s.getCalendarYear)
}

func (s *server) getCalendarYear(ctx context.Context, in *CalendarInput) (*Body[CalendarYear], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	first, last := yearOf(in.Year)
	out := CalendarYear{Year: in.Year, Provisional: d.Calendar.Provisional(first), Off: []calendar.Date{}, On: []calendar.Date{}}
	for day := first; day <= last; day++ {
		kind := d.Calendar.DayKind(day)
		out.Days = append(out.Days, CalendarDay{day, kind})
		switch kind {
		case calendar.DayOff:
			out.Off = append(out.Off, day)
		case calendar.DayMadeUp:
			out.On = append(out.On, day)
		case calendar.DayWork, calendar.DayRest:
		}
	}
	return answer(out), nil
}
