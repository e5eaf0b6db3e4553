package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/assessment"
	"duban/obligation"
)

// ObligationWorkflow follows one obligation until it is closed: it waits for the earlier of the next step's time and
// a person's Update, asks the core, and records the events through one local activity in one transaction.
func ObligationWorkflow(ctx workflow.Context, in ObligationInput) error {
	r := &obligationRun{
		state: in.State, setting: in.Setting, lock: workflow.NewMutex(ctx),
		rearm: workflow.GetSignalChannel(ctx, SignalRearm), recorded: workflow.GetSignalChannel(ctx, SignalRecorded),
		parts: workflow.GetSignalChannel(ctx, SignalPart), told: in.State.Stage, found: in.Found, unsettled: in.Unsettled,
	}
	r.keeper.setting = &r.setting
	r.shown = show(r.state, r.setting.Calendar, business(ctx, r.setting))
	if err := r.setup(ctx); err != nil {
		return err
	}
	return r.follow(ctx)
}

type obligationRun struct {
	keeper
	state    obligation.State
	setting  activities.Setting
	lock     workflow.Mutex // one decision at a time, in the order of arrival
	shown    shown
	rearm    workflow.ReceiveChannel
	recorded workflow.ReceiveChannel
	parts    workflow.ReceiveChannel
	told     obligation.Stage // to the lead, where it is a part of another

	found     int   // findings of an inspection that were opened
	unsettled []int // and those that are not closed
}

// peopleCommands are the commands that are Updates of an obligation.
var peopleCommands = []obligation.CommandKind{
	obligation.Sign, obligation.Submit, obligation.Accept, obligation.Return, obligation.Nudge, obligation.Waive, obligation.Suspend, obligation.Resume,
	obligation.SendBack, obligation.RefuseSendBack, obligation.ReportProgress, obligation.Skip,
	obligation.Delegate, obligation.EndDelegation, obligation.HandOver, obligation.BreakDown,
	obligation.AskExtension, obligation.GrantExtension, obligation.RefuseExtension,
	obligation.Supervise, obligation.Regrade, obligation.PassReview, obligation.FailReview,
	obligation.PlanInspection, obligation.RecordInspection, obligation.AddFindings,
}

func (r *obligationRun) setup(ctx workflow.Context) error {
	for _, kind := range peopleCommands {
		handle := func(ctx workflow.Context, c Command) (obligation.Event, error) {
			c.Kind, c.Key = kind, workflow.GetCurrentUpdateInfo(ctx).ID
			r.hear(c.Now)
			e, err := r.decide(ctx, c.Command)
			if err == nil && e.Kind == obligation.BrokenDown {
				err = r.openParts(ctx, e)
			}
			if err == nil {
				err = r.openFindings(ctx)
			}
			return e, err
		}
		check := func(ctx workflow.Context, c Command) error {
			c.Kind = kind
			if _, err := obligation.Decide(r.state, c.Command, r.setting.Calendar, r.at(ctx, c.Now)); err != nil {
				return refused(err)
			}
			return nil
		}
		err := workflow.SetUpdateHandlerWithOptions(ctx, string(kind), handle, workflow.UpdateHandlerOptions{
			Validator: check, Description: commandTexts[kind],
		})
		if err != nil {
			return err
		}
	}
	if err := r.serve(ctx, r.settled); err != nil {
		return err
	}
	if err := workflow.SetQueryHandler(ctx, QueryPosition, func() (int, error) { return r.state.Seq, nil }); err != nil {
		return err
	}
	workflow.SetCurrentDetails(ctx, obligationDetails(r.state, r.setting.Calendar))
	workflow.Go(ctx, r.listen)
	return nil
}

// settled reports whether nothing is left to do up to the instant, by what every other hand has recorded.
func (r *obligationRun) settled(now time.Time) bool {
	if r.lock.IsLocked() || r.recorded.Len() > 0 || r.parts.Len() > 0 {
		return false
	}
	next, ok := obligation.NextStep(r.state, r.setting.Calendar)
	return !ok || next.At.After(now)
}

// listen serves the signals of other workflows.
func (r *obligationRun) listen(ctx workflow.Context) {
	for {
		selector := workflow.NewSelector(ctx)
		selector.AddReceive(r.rearm, func(ch workflow.ReceiveChannel, _ bool) {
			var m RearmSignal
			ch.Receive(ctx, &m)
			r.adjust(ctx, m)
		})
		selector.AddReceive(r.recorded, func(ch workflow.ReceiveChannel, _ bool) {
			ch.Receive(ctx, nil)
			r.catchUp(ctx)
		})
		selector.AddReceive(r.parts, func(ch workflow.ReceiveChannel, _ bool) {
			var m PartSignal
			ch.Receive(ctx, &m)
			if m.Finding {
				r.hearFinding(m)
				return
			}
			r.hearPart(ctx, m)
		})
		selector.Select(ctx)
	}
}

func (r *obligationRun) adjust(ctx workflow.Context, m RearmSignal) {
	before := r.setting.Calendar
	if m.Calendar != nil {
		r.setting.Calendar = m.Calendar
	}
	if m.Command.Policy == nil && m.Calendar != nil {
		policy := r.state.Policy // a hazard hears of the calendar alone, and what it is listed by is counted anew
		m.Command.Policy = &policy
	}
	m.Command.Kind = obligation.Rearm
	if m.Gone {
		m.Command.Kind = obligation.Waive
	}
	exact := workflow.GetVersion(ctx, changeIdle, workflow.DefaultVersion, 1) > workflow.DefaultVersion
	changes := func() bool {
		return m.Gone || !exact || r.state.Adjusts(m.Command, before, r.setting.Calendar, business(ctx, r.setting))
	}
	if _, err := r.decideIf(ctx, changes, m.Command); err != nil {
		// Nothing to adjust, or closed in the meantime: the task asked, nobody waits for an answer.
		workflow.GetLogger(ctx).Debug("rearm refused", "reason", err)
	}
	r.adjustParts(ctx, m)
	r.adjustFindings(ctx, m)
}

// changeIdle marks that a re-arming that changes nothing leaves no event; before, another calendar left one with everybody.
const changeIdle = "rearm-what-changes"

// catchUp adopts what another hand (a sign-off) has recorded for this obligation.
func (r *obligationRun) catchUp(ctx workflow.Context) {
	if r.lock.Lock(ctx) != nil {
		return
	}
	defer r.lock.Unlock()
	var found activities.Adopted
	position := activities.Position{ID: r.state.ID, Seq: r.state.Seq}
	err := workflow.ExecuteLocalActivity(local(ctx, textCatchUp), a.ReadLedger, position).Get(ctx, &found)
	if err != nil {
		workflow.GetLogger(ctx).Error("read ledger", "error", err)
		return
	}
	r.state = obligation.Replay(r.state, found.Events)
	if err := r.publish(ctx); err != nil {
		workflow.GetLogger(ctx).Error("publish", "error", err)
	}
}

// follow takes each step when it falls due until the obligation is closed.
func (r *obligationRun) follow(ctx workflow.Context) error {
	for !r.state.IsClosed() {
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return r.continueAsNew(ctx)
		}
		fired, err := r.await(ctx)
		if err != nil {
			return err
		}
		if fired {
			if _, err := r.decide(ctx, obligation.Command{Kind: obligation.Tick}); err != nil {
				return err
			}
			if err := r.openFindings(ctx); err != nil {
				return err
			}
		}
	}
	// Findings outlive the inspection, and have their calendar from it.
	return workflow.Await(ctx, func() bool { return len(r.unsettled) == 0 && workflow.AllHandlersFinished(ctx) })
}

// await waits for the next step, and returns true when its time has come; it returns false when what falls due next
// has changed.
func (r *obligationRun) await(ctx workflow.Context) (bool, error) {
	armed, ok := obligation.NextStep(r.state, r.setting.Calendar)
	changed := func() bool {
		next, still := obligation.NextStep(r.state, r.setting.Calendar)
		return r.state.IsClosed() || still != ok || !next.At.Equal(armed.At)
	}
	if !ok {
		return false, workflow.Await(ctx, changed)
	}
	return waitUntil(ctx, &r.setting, armed.At, armed.Describe(), changed)
}

// publish brings the search attributes and the details in the Temporal UI up to date.
func (r *obligationRun) publish(ctx workflow.Context) error {
	r.tellLead(ctx)
	r.tellInspection(ctx)
	workflow.SetCurrentDetails(ctx, obligationDetails(r.state, r.setting.Calendar))
	now := show(r.state, r.setting.Calendar, business(ctx, r.setting))
	updates := now.since(r.shown)
	r.shown = now
	if len(updates) == 0 {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// decide asks the core and records what it decides. Where the ledger is already ahead — an earlier attempt stored its
// decision before its process ended — the state adopts the ledger's events and the command is put again, unless it is
// among them.
func (r *obligationRun) decide(ctx workflow.Context, c obligation.Command) (obligation.Event, error) {
	return r.decideIf(ctx, func() bool { return true }, c)
}

// decideIf does so where the condition holds of the state that the command finds.
func (r *obligationRun) decideIf(ctx workflow.Context, wanted func() bool, c obligation.Command) (obligation.Event, error) {
	if err := r.lock.Lock(ctx); err != nil {
		return obligation.Event{}, err
	}
	defer r.lock.Unlock()
	for wanted() {
		events, err := obligation.Decide(r.state, c, r.setting.Calendar, business(ctx, r.setting))
		if err != nil {
			return obligation.Event{}, refused(err)
		}
		if len(events) == 0 {
			return obligation.Event{}, nil
		}
		decision := activities.Decision{
			Entry: obligation.NewEntry(r.state, events, r.setting.Calendar), Setting: r.setting, Nudge: r.state.Policy.Ladder.Nudge,
		}
		var adopted activities.Adopted
		last := events[len(events)-1]
		err = workflow.ExecuteLocalActivity(local(ctx, summaryOf(last)), a.Decide, decision).Get(ctx, &adopted)
		if err != nil {
			return obligation.Event{}, err
		}
		if len(adopted.Events) == 0 {
			r.state = decision.Entry.State
			return last, r.publish(ctx)
		}
		r.state = obligation.Replay(r.state, adopted.Events)
		if err := r.publish(ctx); err != nil {
			return obligation.Event{}, err
		}
		if e, ok := byKey(adopted.Events, c.Key); ok {
			return e, nil
		}
	}
	return obligation.Event{}, nil
}

func byKey(events []obligation.Event, key string) (obligation.Event, bool) {
	for _, e := range events {
		if key != "" && e.Key == key {
			return e, true
		}
	}
	return obligation.Event{}, false
}

func (r *obligationRun) continueAsNew(ctx workflow.Context) error {
	if err := r.leave(ctx); err != nil {
		return err
	}
	err := workflow.Await(ctx, func() bool { return idle(ctx, r.rearm, r.recorded, r.parts) && !r.lock.IsLocked() })
	if err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, ObligationWorkflow, ObligationInput{
		State: r.state, Setting: r.setting, Found: r.found, Unsettled: r.unsettled,
	})
}

// a is how workflows refer to activities: by method, never by value.
var a *activities.Activities

// codeOf returns the stable code of a refusal.
func codeOf(err error) string {
	if refusal, ok := errors.AsType[*obligation.Error](err); ok {
		return string(refusal.Code)
	}
	if refusal, ok := errors.AsType[*assessment.Error](err); ok {
		return string(refusal.Code)
	}
	return string(obligation.CodeUnknown)
}
