package training

import (
	"context"
	"fmt"
	"slices"
	"time"

	"duban/obligation"
)

// Run conducts the training to its end, or until the context ends. It may be begun anew: it goes on from what the
// ledgers hold. The plan has to be seeded and its workflows started.
func (c *Conductor) Run(ctx context.Context) error {
	err := c.run(ctx)
	if ctx.Err() != nil {
		return ctx.Err() // whatever was broken off on the way
	}
	return err
}

func (c *Conductor) run(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	for {
		at, ok := c.next()
		if !ok || !at.Before(c.Until) {
			break
		}
		if err := c.pace.reach(ctx, at); err != nil {
			return err
		}
		if err := c.play(ctx, at); err != nil {
			return err
		}
		c.pace.done(at)
		c.judge(ctx)
	}
	if err := c.pace.reach(ctx, c.Until); err != nil {
		return err
	}
	c.mu.Lock()
	c.finished = true
	c.mu.Unlock()
	return nil
}

// begin waits for what opens at the start, and takes in what is there.
func (c *Conductor) begin(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	slots, err := c.Definition.Agenda("", c.Window.From)
	if err != nil {
		return err
	}
	c.slots = slots
	if err := c.open(ctx, c.Start); err != nil {
		return err
	}
	if err := c.restore(ctx); err != nil {
		return err
	}
	reached := c.Start
	for _, l := range c.lives {
		if l.last.After(reached) {
			reached = l.last
		}
	}
	if err := c.meetHalves(ctx, reached); err != nil {
		return err
	}
	c.pace.done(reached)
	c.digest = c.Window.NextDigest(c.Definition.Calendar, reached, c.loc)
	return nil
}

// next returns the earliest instant at which anything happens, false where nothing does any more. The dispatcher and the
// reminders of assessments that nobody does anything about keep no training going alone.
func (c *Conductor) next() (time.Time, bool) {
	c.turn.Lock()
	defer c.turn.Unlock()
	var at time.Time
	ok := false
	earlier := func(t time.Time) {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	if len(c.slots) > 0 {
		earlier(c.slots[0].At)
	}
	for _, l := range c.lives {
		if t, _, waits := l.next(); waits {
			earlier(t)
		}
	}
	for _, p := range c.papers {
		earlier(c.nudgeAt(p))
	}
	for _, h := range c.halves {
		if t, _ := h.next(); ok || h.act != nil {
			earlier(t)
		}
	}
	if ok {
		earlier(c.digest)
	}
	return at, ok
}

// glance is how much real time is played together: what lies closer looks simultaneous.
const glance = 250 * time.Millisecond

// play lets happen all that happens from the instant on, up to a glance later, the next run of the dispatcher or the
// end of the day. Every obligation has its own order; what goes across them, the opening of periods and the numbers of
// documents, keeps the order of time as well.
func (c *Conductor) play(ctx context.Context, at time.Time) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if err := c.dispatch(ctx, at); err != nil {
		return err
	}
	if err := c.assess(ctx, at); err != nil {
		return err
	}
	end := c.window(at)
	for _, f := range []func(context.Context, time.Time) error{c.openAll, c.nudge, c.live} {
		if err := f(ctx, end); err != nil {
			return err
		}
	}
	return nil
}

// window returns the instant up to which is played together from the given one on.
func (c *Conductor) window(at time.Time) time.Time {
	end := at.Add(max(time.Duration(float64(glance)*c.pace.read().speed), time.Microsecond))
	for _, earlier := range []time.Time{c.midnight(at), c.digest, c.Until} {
		if earlier.Before(end) && earlier.After(at) {
			end = earlier
		}
	}
	return end
}

// openAll lets the tasks open the periods that begin before the instant, those of one instant together.
func (c *Conductor) openAll(ctx context.Context, end time.Time) error {
	for len(c.slots) > 0 && c.slots[0].At.Before(end) {
		if err := c.open(ctx, c.slots[0].At); err != nil {
			return err
		}
	}
	return nil
}

// open lets the tasks open the periods that have begun, and meets their obligations. After a restart most are known.
func (c *Conductor) open(ctx context.Context, at time.Time) error {
	n := 0
	for n < len(c.slots) && !c.slots[n].At.After(at) {
		n++
	}
	tasks, err := c.meetAll(ctx, c.slots[:n])
	if err != nil {
		return err
	}
	err = each(ctx, tasks, func(ctx context.Context, task string) error {
		return c.Engine.AdvanceTask(ctx, at, c.Definition.Plan.Code, task)
	})
	if err != nil {
		return err
	}
	if tasks, err = c.meetAll(ctx, c.slots[:n]); err != nil {
		return err
	}
	if len(tasks) > 0 {
		return fmt.Errorf("tasks %v: moved on to %s without effect", tasks, at)
	}
	c.slots = c.slots[n:]
	return nil
}

// meetAll takes in the obligations of the slots, and returns the tasks that have not opened all of theirs.
func (c *Conductor) meetAll(ctx context.Context, slots []obligation.Slot) ([]string, error) {
	var tasks []string
	for _, s := range slots {
		for _, o := range c.Definition.Openings(s, c.Window.From) {
			met, err := c.meet(ctx, o.Facts.ID)
			if err != nil {
				return nil, err
			}
			if !met && !slices.Contains(tasks, o.Facts.Task) {
				tasks = append(tasks, o.Facts.Task)
			}
		}
	}
	return tasks, nil
}

// live follows every obligation up to the instant, several at a time, and signs the drafts off one after the other.
func (c *Conductor) live(ctx context.Context, end time.Time) error {
	for {
		var lives []*life
		for _, l := range c.lives {
			if at, _, ok := l.next(); ok && at.Before(end) {
				lives = append(lives, l)
			}
		}
		if len(lives) == 0 {
			return nil
		}
		if err := each(ctx, lives, func(ctx context.Context, l *life) error { return c.follow(ctx, l, end) }); err != nil {
			return err
		}
		if err := c.signOff(ctx, lives, end); err != nil {
			return err
		}
		for _, l := range lives {
			if l.state.IsOver() {
				delete(c.lives, l.id)
			}
		}
	}
}

// follow takes one life up to the instant, or to where a draft is signed off.
func (c *Conductor) follow(ctx context.Context, l *life, end time.Time) error {
	for {
		at, acts, ok := l.next()
		switch {
		case !ok || !at.Before(end) || l.issues():
			return nil
		case acts:
			if err := c.perform(ctx, l); err != nil {
				return err
			}
		default:
			if err := c.advance(ctx, l); err != nil {
				return err
			}
		}
	}
}

// signOff signs the drafts off whose time comes before the instant, so that their numbers are in the order of time.
func (c *Conductor) signOff(ctx context.Context, lives []*life, end time.Time) error {
	lives = slices.DeleteFunc(slices.Clone(lives), func(l *life) bool { return !l.issues() || !l.act.At.Before(end) })
	c.byTime(lives)
	for _, l := range lives {
		if err := c.perform(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// nudge reminds the holders of documents whose time comes before the instant.
func (c *Conductor) nudge(ctx context.Context, end time.Time) error {
	var due []*paper
	for _, p := range c.papers {
		if c.nudgeAt(p).Before(end) {
			due = append(due, p)
		}
	}
	return each(ctx, due, func(ctx context.Context, p *paper) error {
		at := c.nudgeAt(p)
		for c.nudgeAt(p).Before(end) {
			at = c.nudgeAt(p)
			p.reminded++
		}
		return c.Engine.AdvanceDocument(ctx, at, p.doc.Obligation, p.doc.Rung)
	})
}

// lastCall is how long before the sending window closes the dispatcher runs once more, for what could not wait.
const lastCall = 15 * time.Minute

// dispatch makes the digests of the morning, and in the afternoon those of what could not wait.
func (c *Conductor) dispatch(ctx context.Context, at time.Time) error {
	if c.digest.After(at) {
		return nil
	}
	if err := c.Engine.AdvanceDispatch(ctx, at, c.Definition.Plan.Code); err != nil {
		return err
	}
	call := c.today(at).At(c.Window.To-lastCall, c.loc)
	if c.digest = c.Window.NextDigest(c.Definition.Calendar, at, c.loc); call.After(at) {
		c.digest = call
	}
	return nil
}

// judge says when the machine can't keep up, and when it can again.
func (c *Conductor) judge(ctx context.Context) {
	r := c.pace.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case r.slow && !c.slow:
		c.Log.WarnContext(ctx, textSlow, "speed", r.speed, "actual", r.actual)
	case !r.slow && c.slow:
		c.Log.InfoContext(ctx, textCaughtUp, "speed", r.speed)
	}
	c.slow = r.slow
}
