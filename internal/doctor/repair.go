package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"duban/obligation"
)

// Repair puts right what a finding of the kind and subject says is wrong, and returns in Chinese what was done. Doing it again
// changes nothing. What Doctor can't put right is refused with an *UnableError.
func (d *Doctor) Repair(ctx context.Context, kind Kind, subject string) (string, error) {
	switch kind {
	case WorkflowMissing:
		w, ok := ParseWork(subject)
		if !ok {
			return "", &UnableError{kind, subject}
		}
		return doneResumed, d.Engine.Resume(ctx, w)
	case WorkflowOrphan:
		return d.adopt(ctx, subject)
	case WorkflowAstray:
		return d.align(ctx, subject)
	case ModelDiffers:
		if _, ok := obligation.ParseID(subject); !ok {
			return "", &UnableError{kind, subject}
		}
		return doneRebuilt, d.rebuild(ctx, subject)
	case Nobody:
		id, ok := obligation.ParseID(subject)
		if !ok {
			return "", &UnableError{kind, subject}
		}
		if err := d.rebuild(ctx, subject); err != nil {
			return "", err
		}
		return doneRebuilt, d.Engine.CatchUp(ctx, id)
	case NoticesWaiting, SendingWaits, DispatchSilent:
		return doneWoken, d.Engine.Wake(ctx, subject)
	default:
		return "", &UnableError{kind, subject}
	}
}

// rebuild makes the rows anew, and forgets what was found wrong with them.
func (d *Doctor) rebuild(ctx context.Context, id string) error {
	if err := d.Verifier.Rebuild(ctx, id); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if found := slices.DeleteFunc(d.sweep.found[id], func(f Difference) bool { return f.Kind == ModelDiffers }); len(found) > 0 {
		d.sweep.found[id] = found
	} else {
		delete(d.sweep.found, id)
	}
	return nil
}

// adopt lets a workflow that follows nothing end.
func (d *Doctor) adopt(ctx context.Context, workflow string) (string, error) {
	w, ok := ParseWork(workflow)
	if !ok {
		return "", &UnableError{WorkflowOrphan, workflow}
	}
	f, wrong, err := d.orphan(ctx, workflow)
	switch {
	case err != nil:
		return "", err
	case !wrong:
		return doneNothing, nil
	case f.Repair == repairCatchUp:
		return doneInformed, d.Engine.CatchUp(ctx, w.ID)
	default:
		return doneStopped, d.Engine.Stop(ctx, workflow, f.Problem)
	}
}

// UnableError says that Doctor can't put something right.
type UnableError struct {
	Kind    Kind
	Subject string
}

func (e *UnableError) Error() string { return fmt.Sprintf(textUnable, e.Kind.Chinese(), e.Subject) }

var errNoCertificate = errors.New(textNoCertificate)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// failed finds that something could not be looked at.
func (x *examination) failed(what string, err error) {
	x.find(Finding{Kind: CheckFailed, Subject: what, Problem: fmt.Sprintf(textFailed, err), Repair: repairCheck})
}
