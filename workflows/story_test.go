package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"duban/activities"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/worker"
	"duban/workflows"
)

var shanghai = obligation.Location("Asia/Shanghai")

// holidays are those of 2025 as the State Council published them.
func holidays(t *testing.T) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2025: {
		Off: []string{"0101", "0128-0204", "0404-0406", "0501-0505", "0531-0602", "1001-1008"},
		On:  []string{"0126", "0208", "0427", "0928", "1011"},
	}})
	require.NoError(t, err)
	return cal
}

func ladder() obligation.Ladder {
	return obligation.Ladder{Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Extensions: 2, Steps: []obligation.Step{
		{Code: "sign+2", Rung: obligation.Remind, Anchor: obligation.AnchorOpened, Offset: 2, Every: 5, To: obligation.ToUnit},
		{Code: "remind-3", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -3, To: obligation.ToUnit},
		{Code: "remind-1", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -1, To: obligation.ToUnit},
		{Code: "press+3", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 3, Every: 5, To: obligation.ToUnit},
		{
			Code: "letter+5", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: 5, To: obligation.ToUnit,
			SignOff: obligation.SignOffOffice,
		},
		{
			Code: "interview+30", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: 30, To: obligation.ToUnit,
			SignOff: obligation.SignOffLeader, Letters: 2,
		},
		{Code: "review+3", Rung: obligation.Remind, Anchor: obligation.AnchorSubmitted, Offset: 3, Every: 3, To: obligation.ToOffice},
	}}
}

func opening() obligation.Opening {
	return obligation.Opening{
		Policy: obligation.Policy{Ladder: ladder(), Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday, At: 9 * time.Hour},
		Facts: obligation.Facts{
			ID:   obligation.ID{Plan: "p", Measure: "10.1", Unit: "huayang", Period: "1"},
			Task: "10", Title: "完善判定标准汇编", Quote: "完善重大事故隐患判定标准汇编", UnitName: "华阳路街道", Period: "2025年6月30日前",
			Due: calendar.MustDate("2025-06-30"),
		},
	}
}

// story runs one workflow on skipped time and notes what happens when.
type story struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment
	mem *memory
	cal *calendar.Calendar
}

func newStory(t *testing.T, begin string) *story {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	s := &story{t: t, env: suite.NewTestWorkflowEnvironment(), mem: newMemory(), cal: holidays(t)}
	s.env.SetStartTime(moment(begin))
	s.env.SetTestTimeout(time.Minute)
	worker.RegisterActivities(s.env, s.mem.activities())
	return s
}

func moment(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		panic(err)
	}
	return at
}

func (s *story) setting() activities.Setting { return activities.Setting{Calendar: s.cal} }

// open records the opening, as the task does, and returns the state its workflow starts from.
func (s *story) open(o obligation.Opening, begin string) obligation.State {
	first := obligation.Open(o, s.cal, moment(begin))
	s.mem.add(obligation.NewEntry(obligation.State{}, []obligation.Event{first}, s.cal))
	return obligation.Apply(obligation.State{}, first)
}

// at does something when the time has come.
func (s *story) at(when string, do func()) {
	s.env.RegisterDelayedCallback(do, moment(when).Sub(s.env.Now()))
}

// ask puts an Update at the time and expects it to be taken, or refused with a code.
func (s *story) ask(when, name string, payload any, refusal string) {
	s.at(when, func() {
		s.env.UpdateWorkflow(name, fmt.Sprintf("%s@%s", name, when), &answer{s.t, name + "@" + when, refusal}, payload)
	})
}

// answer is what an Update is expected to come to.
type answer struct {
	t       *testing.T
	name    string
	refusal string
}

func (a *answer) Accept() {}

func (a *answer) Reject(err error) {
	require.NotEmpty(a.t, a.refusal, "%s refused: %v", a.name, err)
	told := (&obligation.Error{Code: obligation.ErrorCode(a.refusal)}).Error()
	if code := assessment.Code(a.refusal); assessment.KnownCode(code) {
		told = assessment.Refuse(code).Error()
	}
	require.ErrorContains(a.t, err, told)
}

func (a *answer) Complete(_ any, err error) {
	if a.refusal == "" {
		require.NoError(a.t, err, a.name)
		return
	}
	require.Error(a.t, err, a.name)
}

// told returns the ledger as people would tell it.
func (s *story) told(id obligation.ID) []string {
	var out []string
	for _, e := range s.mem.ledger[id] {
		line := e.At.In(shanghai).Format("01-02 15:04 ") + string(e.Kind)
		if e.Step != "" {
			line += " " + e.Step
		}
		out = append(out, line)
	}
	return out
}

func command(text string) obligation.Command {
	return obligation.Command{By: obligation.Actor{Role: obligation.RoleUnit, Name: "联络员"}, Text: text}
}

func (s *story) follow(o obligation.Opening, begin string) obligation.ID {
	state := s.open(o, begin)
	s.env.ExecuteWorkflow(workflows.ObligationWorkflow, workflows.ObligationInput{State: state, Setting: s.setting()})
	return state.ID
}
