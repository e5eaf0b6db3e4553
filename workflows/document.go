package workflows

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/calendar"
	"duban/obligation"
)

// DocumentWorkflow brings one official document from the draft to its issue, and an interview to its minutes and to the
// verification of what they demand. It waits for people's Updates and reminds whoever sits on it.
func DocumentWorkflow(ctx workflow.Context, in DocumentInput) error {
	r := &documentRun{
		in: in, doc: in.Document, lock: workflow.NewMutex(ctx),
		settled: workflow.GetSignalChannel(ctx, SignalSettled), recorded: workflow.GetSignalChannel(ctx, SignalRecorded),
	}
	r.keeper.setting = &r.in.Setting
	if err := r.setup(ctx); err != nil {
		return err
	}
	if r.goesByItself(ctx) {
		r.issueByItself(ctx)
	}
	for !r.doc.IsSettled() {
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return r.continueAsNew(ctx)
		}
		if err := r.await(ctx); err != nil {
			return err
		}
	}
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

type documentRun struct {
	keeper
	in       DocumentInput
	doc      obligation.Document
	lock     workflow.Mutex
	settled  workflow.ReceiveChannel
	recorded workflow.ReceiveChannel
}

func (r *documentRun) setup(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, documentDetails(r.doc, r.loc()))
	handlers := []struct {
		name    string
		handle  any
		check   any
		summary string
	}{
		{UpdateSignOff, r.signOff, func(m SignOff) error { return check(r.doc.CanSignOff(m.Meeting, r.at(ctx, m.Now))) }, textSignOff},
		{UpdateWithdraw, r.withdraw, func(m Withdraw) error { return check(r.doc.CanWithdraw(m.Reason)) }, textWithdraw},
	}
	for _, kind := range obligation.InterviewCommands {
		handle := func(ctx workflow.Context, m Command) (obligation.Document, error) { return r.interview(ctx, kind, m) }
		valid := func(m Command) error {
			m.Kind = kind
			return check(r.doc.Can(m.Command, r.in.Setting.Calendar, r.loc(), r.at(ctx, m.Now)))
		}
		options := workflow.UpdateHandlerOptions{Validator: valid, Description: commandTexts[kind]}
		if err := workflow.SetUpdateHandlerWithOptions(ctx, string(kind), handle, options); err != nil {
			return err
		}
	}
	for _, h := range handlers {
		options := workflow.UpdateHandlerOptions{Validator: h.check, Description: h.summary}
		if err := workflow.SetUpdateHandlerWithOptions(ctx, h.name, h.handle, options); err != nil {
			return err
		}
	}
	return r.serve(ctx, r.reminded)
}

// remindAt returns the business instant at which whoever holds the document is reminded next.
func (r *documentRun) remindAt() time.Time {
	return r.doc.RemindAt(r.in.Reminded, r.in.Nudge, r.in.At, r.in.Setting.Calendar, r.loc())
}

// reminded reports whether nothing is left to do up to the instant.
func (r *documentRun) reminded(now time.Time) bool {
	return r.doc.IsSettled() || r.remindAt().After(now)
}

func check(err error) error {
	if err != nil {
		return refused(err)
	}
	return nil
}

func (r *documentRun) loc() *time.Location { return obligation.Location(r.in.Zone) }

func (r *documentRun) now(ctx workflow.Context) time.Time { return business(ctx, r.in.Setting) }

// await waits for a person, for the end of the draft, or for the time to remind the holder or to try again without one.
func (r *documentRun) await(ctx workflow.Context) error {
	before := r.doc
	changed := func() bool { return r.doc.Changed(before) || r.settled.Len() > 0 || r.recorded.Len() > 0 }
	fired, err := waitUntil(ctx, &r.in.Setting, r.remindAt(), textHolder, changed)
	if err != nil {
		return err
	}
	switch {
	case r.settled.ReceiveAsync(nil):
		r.doc.Status, r.doc.Settled = obligation.DocumentWithdrawn, r.now(ctx)
		workflow.SetCurrentDetails(ctx, documentDetails(r.doc, r.loc()))
	case r.recorded.ReceiveAsync(nil):
		if err := r.makeUp(ctx); err != nil {
			return err
		}
		if r.doc.Changed(before) {
			r.in.Reminded = 0
		}
	case r.doc.Changed(before):
		r.in.Reminded = 0
	case fired:
		if err := r.remind(ctx); err != nil {
			return err
		}
		// Counted only now, so that whoever moves a held clock on hears that it is done and not that it has begun.
		r.in.Reminded++
		if r.doc.Changed(before) {
			r.in.Reminded = 0
		}
	}
	return nil
}

// remind reminds whoever holds the document. Nobody holds one that goes out by itself: the unit had reported, and it is
// tried again, since the report may have been returned.
func (r *documentRun) remind(ctx workflow.Context) error {
	if r.goesByItself(ctx) {
		r.issueByItself(ctx)
		return nil
	}
	notice := activities.HolderNotice{Document: r.doc, N: r.in.Reminded + 1, Now: r.now(ctx), Zone: r.in.Zone}
	return workflow.ExecuteLocalActivity(local(ctx, textHolder), a.RemindHolder, notice).Get(ctx, nil)
}

// goesByItself reports whether the draft goes out without a person. An interview never does: its time and place are for
// somebody to say, who is reminded like every holder. Nor does a document on a held clock: whoever conducts the training
// signs it off, so that the numbers keep the order of time.
func (r *documentRun) goesByItself(ctx workflow.Context) bool {
	return !r.in.Setting.Clock.Held && r.doc.SignOff == obligation.SignOffAuto && r.doc.CanSignOff(nil, r.now(ctx)) == nil
}

// issueByItself tries the automatic sign-off. One that is refused is tried again when a person would be reminded.
func (r *documentRun) issueByItself(ctx workflow.Context) {
	if _, err := r.issue(ctx, SignOff{By: obligation.System}, ""); err != nil {
		workflow.GetLogger(ctx).Info("automatic sign-off refused", "document", obligation.DocumentID(r.doc.Obligation, r.doc.Rung), "reason", err)
	}
}

func (r *documentRun) signOff(ctx workflow.Context, m SignOff) (obligation.Document, error) {
	r.hear(m.Now)
	return r.issue(ctx, m, updateID(ctx))
}

func (r *documentRun) issue(ctx workflow.Context, m SignOff, key string) (obligation.Document, error) {
	return r.change(ctx, func() (obligation.Document, error) {
		if err := check(r.doc.CanSignOff(m.Meeting, r.now(ctx))); err != nil {
			return r.doc, err
		}
		now := r.now(ctx)
		var doc obligation.Document
		err := workflow.ExecuteLocalActivity(local(ctx, textSignOff), a.IssueDocument, activities.SignOff{
			Document: r.doc, By: m.By, Key: key, Meeting: m.Meeting, Setting: r.in.Setting, Now: now,
			Day: calendar.DateOf(now, r.loc()),
		}).Get(ctx, &doc)
		return doc, err
	})
}

func (r *documentRun) withdraw(ctx workflow.Context, m Withdraw) (obligation.Document, error) {
	r.hear(m.Now)
	return r.change(ctx, func() (obligation.Document, error) {
		if err := check(r.doc.CanWithdraw(m.Reason)); err != nil {
			return r.doc, err
		}
		var doc obligation.Document
		err := workflow.ExecuteLocalActivity(local(ctx, textWithdraw), a.WithdrawDocument, activities.Withdrawal{
			Document: r.doc, By: m.By, Key: updateID(ctx), Reason: m.Reason, Setting: r.in.Setting, Now: r.now(ctx),
		}).Get(ctx, &doc)
		return doc, err
	})
}

// interview records what becomes of an interview. The validator has asked the core already; the activity asks it again, of
// the record.
func (r *documentRun) interview(ctx workflow.Context, kind obligation.CommandKind, m Command) (obligation.Document, error) {
	m.Kind = kind
	r.hear(m.Now)
	return r.change(ctx, func() (obligation.Document, error) {
		m.Key = updateID(ctx)
		var doc obligation.Document
		err := workflow.ExecuteLocalActivity(local(ctx, commandTexts[kind]), a.SetMeeting, activities.InterviewCommand{
			Obligation: r.doc.Obligation, Command: m.Command, Setting: r.in.Setting, Now: r.now(ctx),
		}).Get(ctx, &doc)
		return doc, err
	})
}

// change runs one person's change at a time and then tells the obligation that its ledger has grown.
func (r *documentRun) change(ctx workflow.Context, f func() (obligation.Document, error)) (obligation.Document, error) {
	if err := r.lock.Lock(ctx); err != nil {
		return r.doc, err
	}
	defer r.lock.Unlock()
	doc, err := f()
	if err != nil {
		return r.doc, err
	}
	recorded := doc.Status != r.doc.Status
	if doc.Rung == obligation.Interview && workflow.GetVersion(ctx, versionInterviews, workflow.DefaultVersion, 1) > workflow.DefaultVersion {
		recorded = true
		if err := r.publish(ctx, doc); err != nil {
			return r.doc, err
		}
	}
	r.doc = doc
	workflow.SetCurrentDetails(ctx, documentDetails(r.doc, r.loc()))
	if recorded {
		tell(ctx, ObligationID(doc.Obligation), SignalRecorded, RecordedSignal{})
	}
	return doc, nil
}

// versionInterviews stands before what was not done when the ledger did not speak of interviews yet: an obligation was not
// told of them, and nobody but the office ever held one.
const versionInterviews = "interviews"

// publish shows who holds the interview now, and until when.
func (r *documentRun) publish(ctx workflow.Context, doc obligation.Document) error {
	var updates []temporal.SearchAttributeUpdate
	if now := r.holder(doc); now != r.holder(r.doc) {
		update := AttrWaitingOn.ValueSet(now)
		if now == "" {
			update = AttrWaitingOn.ValueUnset()
		}
		updates = append(updates, update)
	}
	if due := doc.WaitsUntil(); due != r.doc.WaitsUntil() {
		update := AttrDue.ValueSet(due.At(0, r.loc()))
		if due.IsZero() {
			update = AttrDue.ValueUnset()
		}
		updates = append(updates, update)
	}
	if len(updates) == 0 {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

func (r *documentRun) holder(d obligation.Document) string { return documentHolder(d, r.in.UnitName) }

// documentHolder names who holds the document; a leader's draft lies with the office, which was shown from the start.
func documentHolder(d obligation.Document, unitName string) string {
	switch d.WaitingOn() {
	case "":
		return ""
	case string(obligation.ToOffice), string(obligation.RoleLeader):
		return textOffice
	default:
		return cmp.Or(unitName, d.Unit)
	}
}

// tell signals another workflow. One that has ended needs no telling.
func tell(ctx workflow.Context, workflowID, signal string, payload any) {
	if err := workflow.SignalExternalWorkflow(ctx, workflowID, "", signal, payload).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Debug("signal not delivered", "to", workflowID, "signal", signal, "reason", err)
	}
}

// updateID returns the idempotency key of the Update being handled.
func updateID(ctx workflow.Context) string { return workflow.GetCurrentUpdateInfo(ctx).ID }

func (r *documentRun) continueAsNew(ctx workflow.Context) error {
	if err := r.leave(ctx); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return idle(ctx, r.settled, r.recorded) && !r.lock.IsLocked() }); err != nil {
		return err
	}
	r.in.Document = r.doc
	return workflow.NewContinueAsNewError(ctx, DocumentWorkflow, r.in)
}
