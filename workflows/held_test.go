package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/calendar"
	"duban/obligation"
	"duban/workflows"
)

// held is a setting whose clock stands at the instant until a message tells another.
func (s *story) held(at string) activities.Setting {
	return activities.Setting{Clock: calendar.Clock{Start: moment(at), Held: true}, Calendar: s.cal}
}

// advanced is what moving a workflow on is expected to come to.
type advanced struct {
	t    *testing.T
	done *int
}

func (a *advanced) Accept()        {}
func (a *advanced) Reject(e error) { require.NoError(a.t, e) }

func (a *advanced) Complete(result any, err error) {
	require.NoError(a.t, err)
	require.Equal(a.t, workflows.Advanced{Done: true}, result)
	*a.done++
}

func TestHeldClockTakesEveryStepAtItsOwnInstant(t *testing.T) {
	s := newStory(t, "2026-11-24 16:00") // what the wall shows plays no part
	state := s.open(opening(), "2025-06-20 09:00")
	after, done := time.Duration(0), 0
	next := func(do func()) { after += time.Second; s.env.RegisterDelayedCallback(do, after) }
	advance := func(to string) {
		next(func() {
			s.env.UpdateWorkflow(workflows.UpdateAdvance, to, &advanced{t, &done}, workflows.Advance{Now: moment(to)})
		})
	}
	advance("2025-06-24 12:00") // sign+2 fell due at 09:00: moved on too far, it is taken at what the clock shows
	advance("2025-06-25 09:00")
	next(func() {
		require.Len(t, s.mem.ledger[state.ID], 3, "one step a move: nothing runs on by itself")
		s.env.UpdateWorkflow("submit", "key", &answer{t, "submit", ""}, workflows.Command{Command: command("汇编已印发"), Now: moment("2025-06-25 10:30")})
	})
	next(func() {
		s.env.UpdateWorkflow("accept", "key-2", &answer{t, "accept", ""}, workflows.Command{Command: command(""), Now: moment("2025-06-26 11:00")})
	})
	s.env.ExecuteWorkflow(workflows.ObligationWorkflow, workflows.ObligationInput{State: state, Setting: s.held("2025-06-20 09:00")})
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, 2, done)
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-24 12:00 reminded sign+2", "06-25 09:00 reminded remind-3", "06-25 10:30 submitted", "06-26 11:00 accepted",
	}, s.told(state.ID))
}

func TestHeldClockJudgesACommandByTheTimeItTells(t *testing.T) {
	s := newStory(t, "2026-11-24 16:00")
	state := s.open(opening(), "2025-06-20 09:00")
	s.env.RegisterDelayedCallback(func() {
		s.env.UpdateWorkflow("submit", "key", &answer{t, "submit", ""}, workflows.Command{Command: command("已完成"), Now: moment("2025-07-02 10:00")})
	}, time.Second)
	s.env.RegisterDelayedCallback(func() {
		s.env.UpdateWorkflow("accept", "key-2", &answer{t, "accept", ""}, workflows.Command{Command: command("")})
	}, 2*time.Second)
	s.env.ExecuteWorkflow(workflows.ObligationWorkflow, workflows.ObligationInput{State: state, Setting: s.held("2025-06-20 09:00")})
	require.NoError(t, s.env.GetWorkflowError())
	told := s.told(state.ID)
	require.Equal(t, "07-02 10:00 overdue", told[1], "the deadline had passed by then")
	require.Equal(t, []string{"07-02 10:00 submitted", "07-02 10:00 accepted"}, told[len(told)-2:])
}

func TestTaskOnAHeldClockOpensWhenItIsMovedOn(t *testing.T) {
	s := newStory(t, "2026-11-24 16:00")
	s.env.RegisterWorkflowWithOptions(func(workflow.Context, workflows.ObligationInput) error { return nil }, workflow.RegisterOptions{Name: "ObligationWorkflow"})
	done := 0
	opened := []int{}
	for i, to := range []string{"2025-03-31 09:00", "2025-04-01 09:00", "2025-12-31 09:00"} {
		s.env.RegisterDelayedCallback(func() {
			s.env.UpdateWorkflow(workflows.UpdateAdvance, to, &advanced{t, &done}, workflows.Advance{Now: moment(to)})
		}, time.Duration(2*i+1)*time.Second)
		s.env.RegisterDelayedCallback(func() { opened = append(opened, len(s.mem.ledger)) }, time.Duration(2*i+2)*time.Second)
	}
	s.env.RegisterDelayedCallback(s.env.CancelWorkflow, time.Minute)
	s.env.ExecuteWorkflow(workflows.TaskWorkflow, workflows.TaskInput{
		Setting: s.held("2025-01-02 09:00"), Window: obligation.DefaultWindow, Definition: definition(t, "2025-01-02").ForTask("1"),
	})
	require.Equal(t, 3, done)
	require.Equal(t, []int{1, 2, 4}, opened)
}
