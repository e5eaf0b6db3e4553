package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

func (s *server) registerWall(p routes) { p.get("/plans/:plan", s.wall) }

// wall is the first page of whoever looks at the whole plan. It asks for itself again and again, and then gets the board alone.
func (s *server) wall(c *gin.Context) {
	f, ok := s.planFrame(c, textWall, menuWall)
	if !ok {
		return
	}
	f.Wide, f.Scripts = true, []string{chartsFile, "charts.js", "wall.js"}
	chart, err := get[api.Wall](s, c, at("plans", f.Plan.Code, "wall"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	o, err := get[api.Overview](s, c, at("plans", f.Plan.Code, "overview"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	if part(c) {
		s.render(c, http.StatusOK, wallBoard(f, newBoard(f.Plan.Code, chart), o))
		return
	}
	s.render(c, http.StatusOK, wallPage(f, newBoard(f.Plan.Code, chart), o))
}

// board is the wall chart as it hangs: years over months, tasks by action.
type board struct {
	Years  []yearBand
	Groups []group
	Empty  bool // nothing falls due yet
}

// yearBand is a year with its months, which may be fewer than twelve.
type yearBand struct {
	Year   string
	Months []wallMonth
}

// wallMonth is a column; Today says in which third of it today is: "", early, mid or late.
type wallMonth struct {
	Month, Label, Today string
	First               bool // of its year
}

// group is an action with its tasks.
type group struct {
	Number int // 0: the tasks of no action
	Title  string
	Rows   []wallRow
}

type wallRow struct {
	api.WallRow
	Total, Yellow, Red int
	Squares            []square // one for each month
}

// square is a month of a task; Cell is nil where nothing falls due.
type square struct {
	wallMonth
	Cell *api.WallCell
	Path string // of the obligations that it counts
}

func newBoard(plan string, w api.Wall) board {
	b := board{Years: years(w), Empty: true}
	for _, r := range w.Rows {
		if n := len(b.Groups); n == 0 || b.Groups[n-1].Number != r.Action {
			b.Groups = append(b.Groups, group{Number: r.Action, Title: actionName(r.Action, r.ActionTitle)})
		}
		g := &b.Groups[len(b.Groups)-1]
		g.Rows = append(g.Rows, newWallRow(plan, r, b.Years))
		b.Empty = b.Empty && len(r.Cells) == 0
	}
	return b
}

func newWallRow(plan string, r api.WallRow, bands []yearBand) wallRow {
	out := wallRow{WallRow: r}
	cells := map[string]*api.WallCell{}
	for i, c := range r.Cells {
		cells[c.Month] = &r.Cells[i]
		out.Total, out.Yellow, out.Red = out.Total+c.Total, out.Yellow+c.Yellow, out.Red+c.Red
	}
	for _, y := range bands {
		for _, m := range y.Months {
			sq := square{wallMonth: m, Cell: cells[m.Month]}
			if sq.Cell != nil {
				sq.Path = duePath(plan, r.Task, m.Month)
			}
			out.Squares = append(out.Squares, sq)
		}
	}
	return out
}

// years returns the months of the chart, first to last.
func years(w api.Wall) []yearBand {
	from, err := time.Parse("2006-01", w.From)
	if err != nil {
		return nil
	}
	last, err := time.Parse("2006-01", w.To)
	if err != nil {
		return nil
	}
	y, m, d := w.Today.Civil()
	now := fmt.Sprintf("%d-%02d", y, m)
	var out []yearBand
	for t := from; !t.After(last); t = t.AddDate(0, 1, 0) {
		month := wallMonth{Month: t.Format("2006-01"), Label: t.Format("1"), First: t.Month() == time.January}
		if month.Month == now {
			month.Today = third(d)
		}
		if n := len(out); n == 0 || month.First {
			out = append(out, yearBand{Year: t.Format("2006年")})
		}
		band := &out[len(out)-1]
		band.Months = append(band.Months, month)
	}
	return out
}

// third says where a day stands in its month.
func third(day int) string {
	switch {
	case day <= 10:
		return "early"
	case day <= 20:
		return "mid"
	default:
		return "late"
	}
}

// duePath returns the address of what of a task falls due in a month.
func duePath(plan, task, month string) string {
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return listPath(plan, "task", task)
	}
	return listPath(plan, "task", task, "dueFrom", first.Format(time.DateOnly), "dueTo", first.AddDate(0, 1, -1).Format(time.DateOnly))
}

// listPath returns the address of a plan's obligations, filtered by pairs of a name and a value; empty values say nothing.
func listPath(plan string, filters ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(filters); i += 2 {
		if filters[i+1] != "" {
			q.Set(filters[i], filters[i+1])
		}
	}
	path := plansPath(plan, "obligations")
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// sign returns a square's shape; what is all settled in time is ticked.
func (s square) sign() string {
	if s.Cell.Light == obligation.Green && s.Cell.Closed == s.Cell.Total {
		return textTick
	}
	return lampSign(string(s.Cell.Light))
}

// number returns how many there are of a square's light.
func (s square) number() int {
	switch s.Cell.Light {
	case obligation.Red:
		return s.Cell.Red
	case obligation.Yellow:
		return s.Cell.Yellow
	case obligation.Green:
		return s.Cell.Green
	default:
		return s.Cell.None
	}
}

// spoken is what a square says to whoever does not see it.
func (s square) spoken() string { return fmt.Sprintf("%d 项，%d 红", s.Cell.Total, s.Cell.Red) }

// tip says everything that a square knows.
func (s square) tip(r wallRow) string {
	c := s.Cell
	parts := []string{fmt.Sprintf("%d 项到期", c.Total)}
	for _, p := range []struct {
		n    int
		name string
	}{{c.Red, "红灯"}, {c.Yellow, "黄灯"}, {c.Green, "绿灯"}, {c.None, "不亮灯"}, {c.Closed, "已办结"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", p.name, p.n))
		}
	}
	return monthName(s.Month) + " " + taskName(r.Task) + " " + r.Title + "\n" + strings.Join(parts, "，")
}

// classes are of a square's look: its light, whether all of it is settled, whether its number is long, and where it stands.
func (s square) classes() string {
	out := s.column()
	if s.Cell == nil {
		return out
	}
	out += " " + string(s.Cell.Light)
	if s.Cell.Closed == s.Cell.Total {
		out += " closed"
	}
	if s.number() >= 100 {
		out += " many"
	}
	return out
}

func (m wallMonth) column() string {
	out := "month"
	if m.First {
		out += " first"
	}
	if m.Today != "" {
		out += " now " + m.Today
	}
	return out
}

// actionName returns how people call an action; 0 stands for the tasks of none.
func actionName(number int, title string) string {
	if number == 0 {
		return textNoAction
	}
	return strconv.Itoa(number) + " " + title
}

// taskName returns how people call a task by its code.
func taskName(code string) string { return "任务 " + code }

// waitingPath returns where something that waits is handled by whoever looks at it: at his desk, or else in the list of all
// such obligations.
func waitingPath(f frame, kind obligation.Wait) string {
	if f.Who.Role == account.Office || f.Who.Role == account.Leader && kind == obligation.WaitDraft {
		return plansPath(f.Plan.Code, "desk")
	}
	return listPath(f.Plan.Code, "waitsFor", string(kind))
}

func waitingTotal(list []api.WaitingCount) int {
	n := 0
	for _, w := range list {
		n += w.Count
	}
	return n
}

// waited says for how long the oldest has been waiting.
func waited(since time.Time, today calendar.Date) string {
	if since.IsZero() {
		return ""
	}
	if n := int(today - calendar.DateOf(since, since.Location())); n > 0 {
		return fmt.Sprintf("最早的已等 %d 天", n)
	}
	return "今天开始等"
}

// onTime returns a unit's share of what was done in time; a unit of which nothing has fallen due has none.
func onTime(u api.UnitRank) string {
	if u.OnTime+u.Late+u.Overdue == 0 {
		return "—"
	}
	return fmt.Sprintf("%.0f%%", u.Rate*100)
}
