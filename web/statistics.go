package web

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/obligation"
	"duban/statistics"
)

func (s *server) registerStatistics(p routes) { p.get("/plans/:plan/statistics", s.statistics) }

// spell is what part of a year the figures are of, as the address says it: H1, H2, Q1 to Q4; "": all of it.
type spell struct{ Code, Label string }

var spells = []spell{
	{"", "全年"}, {"H1", "上半年"}, {"H2", "下半年"}, {"Q1", "第一季度"}, {"Q2", "第二季度"}, {"Q3", "第三季度"}, {"Q4", "第四季度"},
}

// groupings are what the figures are shown by.
var groupings = []statistics.Key{statistics.ByAction, statistics.ByTask, statistics.ByUnit}

// picked is what of the figures somebody looks at.
type picked struct {
	Year, Part string
	By         statistics.Key
}

func (s *server) statistics(c *gin.Context) {
	f, ok := s.planFrame(c, textStatistics, menuStatistics)
	if !ok {
		return
	}
	f.Scripts = []string{chartsFile, "charts.js", "statistics.js"}
	of := picked{Year: c.Query("year"), Part: c.Query("part"), By: statistics.Key(c.Query("by"))}
	if of.By == "" {
		of.By = statistics.ByAction
	}
	if of.Year == "" {
		of.Part = "" // of no year there is no part
	}
	figures, err := get[api.Statistics](s, c, at("plans", f.Plan.Code, "statistics"), of.query(true))
	if err != nil {
		s.fail(c, f, err)
		return
	}
	if part(c) {
		s.render(c, http.StatusOK, statisticsPart(f, of, figures))
		return
	}
	s.render(c, http.StatusOK, statisticsPage(f, of, figures))
}

// query returns the API's parameters of what is chosen, with or without by what the rows are.
func (c picked) query(grouped bool) url.Values {
	q := url.Values{}
	if c.Year != "" {
		q.Set("year", c.Year)
	}
	if len(c.Part) == 2 {
		name := map[byte]string{'H': "half", 'Q': "quarter"}[c.Part[0]]
		if name != "" {
			q.Set(name, c.Part[1:])
		}
	}
	if grouped {
		q.Set("by", string(c.By))
	}
	return q
}

// download returns the address of the same figures as a spreadsheet.
func (c picked) download(plan string) string {
	path := apiPrefix + at("plans", plan, "statistics", "export")
	if q := c.query(false); len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// half returns the half-year that is chosen, as the API names it; "": none is.
func (c picked) half() string {
	if c.Year == "" || len(c.Part) != 2 || c.Part[0] != 'H' {
		return ""
	}
	return c.Year + c.Part
}

// progressPath returns the address of the report on a half-year, which the form adds.
func progressPath(plan string) string { return apiPrefix + at("plans", plan, "statistics", "report") }

// rowPath returns the address of the obligations that a row of a year's figures, or of all years', counts; "": no list shows
// exactly these.
func (c picked) rowPath(plan, key string) string {
	if c.Part != "" || c.By == statistics.ByAction && key == "0" {
		return ""
	}
	return listPath(plan, string(c.By), key, "year", c.Year)
}

// percent returns a share as people read it; a dash where there is nothing that it would be of.
func percent(share float64, of int) string { return statistics.Percent(share, of > 0) }

// timesOf returns how often a rung reached units.
func timesOf(r api.StatisticsRow, rung obligation.Rung) int {
	for _, x := range r.Reached {
		if x.Rung == rung {
			return x.Count
		}
	}
	return 0
}

// past leaves the months that have begun.
func past(f api.Statistics) []api.StatisticsRow {
	var out []api.StatisticsRow
	for _, r := range f.Trend {
		if r.Key <= f.At.Format("2006-01") && r.Counted > 0 {
			out = append(out, r)
		}
	}
	return out
}

// took says how long something took, and how often it was done.
func took(t api.StatisticsTime) string {
	if t.Count == 0 {
		return "—"
	}
	return t.Median.Label
}

// shownBars says how many rows the chart draws of those that there are; "": all of them.
func shownBars(rows []api.StatisticsRow) string {
	if len(rows) <= shownRanks {
		return ""
	}
	return fmt.Sprintf("图中为前 %d 项，全部 %d 项见数据表。", shownRanks, len(rows))
}
