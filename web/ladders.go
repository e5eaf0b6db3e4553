package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/obligation"
)

func (s *server) registerLadders(p routes) {
	p.get("/plans/:plan/ladders", s.ladders)
	p.get("/plans/:plan/ladders/:ladder", s.ladder)
	p.post("/plans/:plan/ladders/:ladder", s.changeLadder)
}

// newLadder stands in an address for a ladder that there is not yet.
const newLadder = "new"

func (s *server) ladders(c *gin.Context) {
	f, ok := s.planFrame(c, textLadders, menuChanges)
	if !ok {
		return
	}
	all, err := get[api.LadderList](s, c, plansPath(f.Plan.Code, "ladders"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, laddersPage(f, all.Ladders))
}

// ladderView is the form of a ladder.
type ladderView struct {
	Ladder  api.LadderUse // as it stands, or as it was typed
	New     bool
	Preview *preview
	WhatIf  *api.WhatIfResult // nil: not asked for, or there is none
	Why     string            // there is none
	Year    int               // that was replayed
}

// stepMoment is when a step is taken, as people choose it: how many working days before or after what.
type stepMoment struct {
	key, label string
	anchor     obligation.Anchor
	sign       int
}

var stepMoments = []stepMoment{
	{"opened", "交办后", obligation.AnchorOpened, 1},
	{"before", "到期前", obligation.AnchorDue, -1},
	{"due", "到期后", obligation.AnchorDue, 1},
	{"submitted", "报送后", obligation.AnchorSubmitted, 1},
}

func momentOf(st api.LadderStep) stepMoment {
	for _, m := range stepMoments {
		if m.anchor == st.Anchor && (st.Anchor != obligation.AnchorDue || (st.Offset < 0) == (m.sign < 0)) {
			return m
		}
	}
	return stepMoments[0]
}

var stepRungs = []obligation.Rung{
	obligation.Remind, obligation.Press, obligation.Letter, obligation.Circular, obligation.Interview, obligation.Expose, obligation.Transfer,
}

// signOffs are who lets a formal measure go out.
var signOffs = []struct {
	key   obligation.SignOff
	label string
}{{obligation.SignOffNone, "不签发"}, {obligation.SignOffAuto, "自动"}, {obligation.SignOffOffice, "区安委办"}, {obligation.SignOffLeader, "领导"}}

func abs(n int) int { return max(n, -n) }

// stepText says a step in words.
func stepText(st api.LadderStep) string {
	var text strings.Builder
	text.WriteString(fmt.Sprintf("%s %d 个工作日：%s", momentOf(st).label, abs(st.Offset), st.Rung.Chinese()))
	switch st.To {
	case obligation.ToOffice:
		text.WriteString("安委办")
	case obligation.ToUnit, obligation.ToReviewer:
	}
	if st.Every > 0 {
		text.WriteString(fmt.Sprintf("，此后每 %d 个工作日一次", st.Every))
	}
	for _, who := range signOffs {
		if st.SignOff != "" && who.key == st.SignOff {
			text.WriteString("，" + who.label + "签发")
		}
	}
	if st.Letters > 0 {
		text.WriteString(fmt.Sprintf("；一年内督促函达到 %d 份即提前", st.Letters))
	}
	return text.String()
}

// openLadder reads the ladder of the address. It answers itself, and returns false, where there is none.
func (s *server) openLadder(c *gin.Context) (frame, ladderView, bool) {
	f, ok := s.planFrame(c, textNoLadder, menuChanges)
	if !ok {
		return f, ladderView{}, false
	}
	f.Wide, f.Scripts = true, []string{"lists.js"}
	all, err := get[api.LadderList](s, c, plansPath(f.Plan.Code, "ladders"), nil)
	if err != nil {
		s.fail(c, f, err)
		return f, ladderView{}, false
	}
	code := c.Param("ladder")
	if code == newLadder && len(all.Ladders) > 0 {
		v := ladderView{New: true, Ladder: all.Ladders[0]} // the usual one is where one begins
		v.Ladder.Code, v.Ladder.Title, v.Ladder.Default, v.Ladder.Measures = "", "", false, 0
		return f, v, true
	}
	i := slices.IndexFunc(all.Ladders, func(l api.LadderUse) bool { return l.Code == code })
	if i < 0 {
		s.lost(c)
		return f, ladderView{}, false
	}
	f.Title = all.Ladders[i].Title
	return f, ladderView{Ladder: all.Ladders[i]}, true
}

func (s *server) ladder(c *gin.Context) {
	if f, v, ok := s.openLadder(c); ok {
		s.render(c, http.StatusOK, ladderPage(f, v))
	}
}

// changeLadder shows what another ladder would lead to, and makes it the plan's where that has been confirmed.
func (s *server) changeLadder(c *gin.Context) {
	f, v, ok := s.openLadder(c)
	if !ok {
		return
	}
	var b api.ChangesBody
	remove := c.PostForm("remove") != ""
	if remove {
		b.RemoveLadders = []string{v.Ladder.Code}
	} else {
		v.Ladder.LadderInFull = typedLadder(c, v.Ladder.Code)
		b.Ladders = []api.LadderInFull{v.Ladder.LadderInFull}
	}
	f, p, made := s.considered(c, f, b)
	if made != nil {
		f.Title, f.Wide = textChanged, false
		s.render(c, http.StatusOK, changedPage(f, textLadders+" "+v.Ladder.Title, plansPath(f.Plan.Code, "ladders"), *made))
		return
	}
	if v.Preview = p; p != nil && !v.New && !remove {
		s.replay(c, f.Plan, &v)
	}
	s.render(c, statusOf(f), ladderPage(f, v))
}

// replay asks what the year would have been with the ladder. That there is no answer is no reason not to change it.
func (s *server) replay(c *gin.Context, p api.Plan, v *ladderView) {
	_, v.Year = planYears(p)
	body := api.WhatIfBody{Plan: p.Code, Year: v.Year, Ladders: []api.LadderInFull{v.Ladder.LadderInFull}}
	out, err := sendAs[api.WhatIfResult](s, c, http.MethodPost, "/whatif", body, "")
	var refused *api.Problem
	switch {
	case errors.As(err, &refused):
		v.Why = refused.Detail
	case err != nil:
		v.Why = s.problem(c, err).Detail
	default:
		v.WhatIf = &out
	}
}

// typedLadder is the ladder that the form describes. A step without a code is called after what it does.
func typedLadder(c *gin.Context, code string) api.LadderInFull {
	number := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSpace(c.PostForm(name))) // what is no number is none, and refused where one is needed
		return n
	}
	l := api.LadderInFull{
		Code: cmp.Or(code, strings.TrimSpace(c.PostForm("code"))), Title: strings.TrimSpace(c.PostForm("title")), Cure: number("cure"),
		Yellow: number("yellow"), Rework: number("rework"), Nudge: number("nudge"), Extensions: number("extensions"), Steps: []api.LadderStep{},
	}
	rows := c.PostFormArray("step")
	slices.SortStableFunc(rows, func(a, b string) int { return number("order-"+a) - number("order-"+b) })
	for _, row := range rows {
		rung := obligation.Rung(c.PostForm("rung-" + row))
		if rung == "" {
			continue // a row that nobody has filled in, or that was struck out
		}
		st := api.LadderStep{
			Code: c.PostForm("code-" + row), Rung: rung, Every: number("every-" + row), To: obligation.Recipient(c.PostForm("to-" + row)),
			SignOff: obligation.SignOff(c.PostForm("sign-" + row)), Letters: number("letters-" + row),
		}
		for _, m := range stepMoments {
			if m.key == c.PostForm("moment-"+row) {
				st.Anchor, st.Offset = m.anchor, m.sign*number("days-"+row)
			}
		}
		if st.Code == "" {
			st.Code = fmt.Sprintf("%s%+d", st.Rung, st.Offset)
		}
		l.Steps = append(l.Steps, st)
	}
	return l
}

// blankSteps is how many rows a ladder's form has for more steps.
const blankSteps = 3

// rows are the steps in the form, with some more to be filled in.
func (v ladderView) rows() []api.LadderStep {
	return append(slices.Clone(v.Ladder.Steps), make([]api.LadderStep, blankSteps)...)
}

// monthDelta is how many more documents of a kind there would have been in a month, and how many fewer.
type monthDelta struct {
	Month, Rung string
	More, Fewer int
}

// monthDeltas counts the documents that would have been issued otherwise, by month and kind.
func monthDeltas(w api.WhatIfResult) []monthDelta {
	found := map[[2]string]*monthDelta{}
	at := func(month, rung string) *monthDelta {
		k := [2]string{month, rung}
		if found[k] == nil {
			found[k] = &monthDelta{Month: month, Rung: rung}
		}
		return found[k]
	}
	for _, o := range w.Obligations {
		for _, d := range o.Differences {
			if d.Kind != obligation.Issued {
				continue
			}
			if !d.Alternative.IsZero() {
				at(d.Alternative.Format("2006-01"), d.RungLabel).More++
			}
			if !d.Real.IsZero() {
				at(d.Real.Format("2006-01"), d.RungLabel).Fewer++
			}
		}
	}
	var out []monthDelta
	for _, d := range found {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b monthDelta) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), strings.Compare(a.Rung, b.Rung))
	})
	return out
}

// changedUnits are the units for which something would have been otherwise.
func changedUnits(w api.WhatIfResult) []api.WhatIfUnit {
	return slices.DeleteFunc(slices.Clone(w.Units), func(u api.WhatIfUnit) bool { return u.Changed == 0 })
}
