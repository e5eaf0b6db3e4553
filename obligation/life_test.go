package obligation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

var shanghai = obligation.Location("Asia/Shanghai")

// holidays are those that the State Council published for the three years of the plan.
var holidays = func() *calendar.Calendar {
	cal, err := calendar.NewCalendar(3, map[int]calendar.Year{
		2024: {
			Off: []string{"0101", "0210-0217", "0404-0406", "0501-0505", "0608-0610", "0915-0917", "1001-1007"},
			On:  []string{"0204", "0218", "0407", "0428", "0511", "0914", "0929", "1012"},
		},
		2025: {
			Off: []string{"0101", "0128-0204", "0404-0406", "0501-0505", "0531-0602", "1001-1008"},
			On:  []string{"0126", "0208", "0427", "0928", "1011"},
		},
		2026: {
			Off: []string{"0101-0103", "0215-0223", "0404-0406", "0501-0505", "0619-0621", "0925-0927", "1001-1007"},
			On:  []string{"0104", "0214", "0228", "0509", "0920", "1010"},
		},
	})
	if err != nil {
		panic(err)
	}
	return cal
}()

// standard is the ladder that the office starts with.
func standard() obligation.Ladder {
	remind := func(code string, anchor obligation.Anchor, offset, every int) obligation.Step {
		return obligation.Step{Code: code, Rung: obligation.Remind, Anchor: anchor, Offset: offset, Every: every, To: obligation.ToUnit}
	}
	formal := func(rung obligation.Rung, offset int, by obligation.SignOff, letters int) obligation.Step {
		return obligation.Step{
			Code: fmt.Sprintf("%s+%d", rung, offset), Rung: rung, Anchor: obligation.AnchorDue, Offset: offset,
			To: obligation.ToUnit, SignOff: by, Letters: letters,
		}
	}
	press := remind("press+3", obligation.AnchorDue, 3, 5)
	press.Rung = obligation.Press
	review := remind("review+3", obligation.AnchorSubmitted, 3, 3)
	review.To = obligation.ToOffice
	return obligation.Ladder{
		Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Extensions: 2,
		Steps: []obligation.Step{
			remind("sign+2", obligation.AnchorOpened, 2, 5),
			remind("remind-15", obligation.AnchorDue, -15, 0),
			remind("remind-7", obligation.AnchorDue, -7, 0),
			remind("remind-3", obligation.AnchorDue, -3, 0),
			remind("remind-1", obligation.AnchorDue, -1, 0),
			press,
			formal(obligation.Letter, 5, obligation.SignOffOffice, 0),
			formal(obligation.Circular, 15, obligation.SignOffLeader, 0),
			formal(obligation.Interview, 30, obligation.SignOffLeader, 2),
			review,
		},
	}
}

// due returns the opening of an obligation of one street with the given due date, under the standard ladder.
func due(day string) obligation.Opening {
	return obligation.Opening{
		Policy: obligation.Policy{Ladder: standard(), Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday, At: 9 * time.Hour},
		Facts: obligation.Facts{
			ID:   obligation.ID{Plan: "p", Measure: "10.1", Unit: "huayang", Period: "1"},
			Task: "10", PlanTitle: "三年行动实施方案", Title: "完善判定标准汇编", Quote: "完善重大事故隐患判定标准汇编", Done: "汇编印发",
			UnitName: "华阳路街道", Period: "上半年", Due: calendar.MustDate(day),
		},
	}
}

// with returns the opening with changes to it.
func with(o obligation.Opening, changes ...func(*obligation.Opening)) obligation.Opening {
	o.Policy.Ladder.Steps = slices.Clone(o.Policy.Ladder.Steps)
	for _, change := range changes {
		change(&o)
	}
	return o
}

func asOf(day string) func(*obligation.Opening) {
	return func(o *obligation.Opening) { o.AsOf = calendar.MustDate(day) }
}

func outcome(is obligation.Outcome) func(*obligation.Opening) {
	return func(o *obligation.Opening) { o.Outcome = is }
}

func nextDay(o *obligation.Opening) { o.Policy.RestDayRule = plan.RestDayNextDay }

func beforeIssue(o *obligation.Opening) { o.Facts.BeforeIssue = true }

// steps keeps only the named steps of the ladder, in the given order.
func steps(codes ...string) func(*obligation.Opening) {
	return func(o *obligation.Opening) {
		all := o.Policy.Ladder.Steps
		o.Policy.Ladder.Steps = nil
		for _, code := range codes {
			i := slices.IndexFunc(all, func(s obligation.Step) bool { return s.Code == code })
			o.Policy.Ladder.Steps = append(o.Policy.Ladder.Steps, all[i])
		}
	}
}

// life is one obligation and everything that happens to it.
type life struct {
	t      *testing.T
	cal    *calendar.Calendar
	state  obligation.State
	events []obligation.Event
}

// moment reads "2006-01-02 15:04"; a day alone means 09:00, when steps are taken.
func moment(text string) time.Time {
	if len(text) == len(time.DateOnly) {
		text += " 09:00"
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		panic(err)
	}
	return at
}

func open(t *testing.T, o obligation.Opening, when string) *life {
	t.Helper()
	l := &life{t: t, cal: holidays}
	l.add(obligation.Open(o, l.cal, moment(when)))
	return l
}

func (l *life) add(events ...obligation.Event) {
	for _, e := range events {
		before := l.state
		l.state = obligation.Apply(l.state, e)
		require.Equal(l.t, before.Seq+1, e.Seq, "the ledger has no gap")
		require.Equal(l.t, l.state.Seq, e.Seq)
	}
	l.events = append(l.events, events...)
}

// tick lets the time be when, after an outage or at a step's own time.
func (l *life) tick(when string) []obligation.Event {
	l.t.Helper()
	events, err := obligation.Decide(l.state, obligation.Command{Kind: obligation.Tick}, l.cal, moment(when))
	require.NoError(l.t, err)
	l.add(events...)
	return events
}

// until takes every step at its own time, up to and including when.
func (l *life) until(when string) *life {
	l.t.Helper()
	for {
		next, ok := obligation.NextStep(l.state, l.cal)
		if !ok || next.At.After(moment(when)) {
			return l
		}
		events := l.tick(next.At.In(shanghai).Format("2006-01-02 15:04"))
		require.NotEmpty(l.t, events, "%s at %s", next.Describe(), next.At)
	}
}

func (l *life) decide(when string, c obligation.Command) ([]obligation.Event, error) {
	return obligation.Decide(l.state, c, l.cal, moment(when))
}

// do puts a command that is accepted.
func (l *life) do(when string, kind obligation.CommandKind, text string) obligation.Event {
	l.t.Helper()
	return l.put(when, obligation.Command{Kind: kind, Text: text})
}

func (l *life) put(when string, c obligation.Command) obligation.Event {
	l.t.Helper()
	l.until(when)
	events, err := l.decide(when, c)
	require.NoError(l.t, err)
	l.add(events...)
	return events[len(events)-1]
}

// ask applies for more time.
func (l *life) ask(when, until string) obligation.Event {
	l.t.Helper()
	return l.put(when, obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐，已完成一半", Due: calendar.MustDate(until)})
}

// issue signs off the pending draft.
func (l *life) issue(when string, letters int) obligation.Event {
	l.t.Helper()
	rung, ok := l.state.PendingDraft()
	require.True(l.t, ok, "no draft waits at %s", when)
	return l.put(when, obligation.Command{Kind: obligation.Issue, Rung: rung, Number: "长安委办〔2025〕5号", Letters: letters})
}

// told returns the ledger as people would tell it: "07-01 00:00 overdue", "07-03 09:00 reminded press+3".
func (l *life) told() []string { return tell(l.events) }

// since returns what is told after the first n events.
func (l *life) since(n int) []string { return tell(l.events[n:]) }

func tell(events []obligation.Event) []string {
	out := []string{}
	for _, e := range events {
		line := e.At.In(shanghai).Format("01-02 15:04 ") + string(e.Kind)
		if e.Step != "" {
			line += " " + e.Step
		} else if e.Rung != "" {
			line += " " + string(e.Rung)
		}
		if e.N > 1 {
			line += fmt.Sprintf(" ×%d", e.N)
		}
		if len(e.Collapsed) > 0 {
			var codes []string
			for _, c := range e.Collapsed {
				codes = append(codes, fmt.Sprintf("%s×%d", c.Step, c.N))
			}
			line += " (" + strings.Join(codes, " ") + ")"
		}
		out = append(out, line)
	}
	return out
}

// next tells what falls due next, "" for nothing.
func (l *life) next() string {
	n, ok := obligation.NextStep(l.state, l.cal)
	if !ok {
		return ""
	}
	what := string(n.Kind)
	if n.Step.Code != "" {
		what += " " + n.Step.Code
	}
	return n.At.In(shanghai).Format("01-02 15:04 ") + what
}

func requireCode(t require.TestingT, code obligation.ErrorCode, err error) {
	var refused *obligation.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.Code)
	require.NotEmpty(t, refused.Error())
}
