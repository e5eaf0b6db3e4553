package web

import (
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/calendar"
)

func (s *server) registerCalendar(p routes) {
	p.get("/plans/:plan/calendar", s.calendar)
	p.post("/plans/:plan/calendar", s.publishHolidays)
}

const formNotice = "notice"

// calendarView is a year as its page shows it.
type calendarView struct {
	Year        int
	Provisional bool
	First, Last int // years that the plan has
	Months      []month
	Work        int // working days of the year
}

// month is one of the twelve, in weeks that begin on Monday; days of the months beside it are zero.
type month struct {
	Name  string
	Work  int // working days
	Weeks [][7]api.CalendarDay
}

func (s *server) calendar(c *gin.Context) {
	f, ok := s.planFrame(c, textCalendar, menuUnits)
	if ok {
		s.showCalendar(c, f)
	}
}

func (s *server) showCalendar(c *gin.Context, f frame) {
	year, err := strconv.Atoi(c.Query("year"))
	if err != nil {
		year = f.Plan.To.Year()
	}
	y, err := get[api.CalendarYear](s, c, at("plans", f.Plan.Code, "calendar", strconv.Itoa(year)), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	v := calendarView{Year: year, Provisional: y.Provisional, First: f.Plan.From.Year(), Last: f.Plan.To.Year()}
	v.Months = months(y.Days)
	for _, m := range v.Months {
		v.Work += m.Work
	}
	s.render(c, statusOf(f), calendarPage(f, v, f.form(formNotice, 0)))
}

// months lays the days of a year out.
func months(days []api.CalendarDay) []month {
	var out []month
	for _, d := range days {
		year, m, n := d.Date.Civil()
		column := (int(d.Date.Weekday()) + 6) % 7
		if n == 1 {
			out = append(out, month{Name: monthName(time.Date(year, m, 1, 0, 0, 0, 0, time.UTC).Format("2006-01"))})
		}
		this := &out[len(out)-1]
		if len(this.Weeks) == 0 || column == 0 {
			this.Weeks = append(this.Weeks, [7]api.CalendarDay{})
		}
		this.Weeks[len(this.Weeks)-1][column] = d
		if d.Kind == calendar.DayWork || d.Kind == calendar.DayMadeUp {
			this.Work++
		}
	}
	return out
}

// publishHolidays takes the State Council's notice on a year.
func (s *server) publishHolidays(c *gin.Context) {
	f, ok := s.planFrame(c, textCalendar, menuUnits)
	if !ok {
		return
	}
	here := plansPath(f.Plan.Code, "calendar")
	if year := c.Query("year"); year != "" {
		here += "?year=" + year
	}
	s.amend(c, f, amendment{
		Title: textHolidays, Path: here, Back: here, Body: api.ChangesBody{Notice: c.PostForm("notice")},
	}, func(f frame) { s.showCalendar(c, f) })
}
