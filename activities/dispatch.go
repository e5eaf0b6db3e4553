package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Outbox is the part of the store that keeps notices and their deliveries.
type Outbox interface {
	Post(ctx context.Context, p obligation.Post) error
	Digest(ctx context.Context, plan string, day calendar.Date, urgentOnly bool, now time.Time, channels []string) (int, error)
	PendingDeliveries(ctx context.Context, plan, channel string, limit int) ([]obligation.Delivery, error)
	DigestByID(ctx context.Context, id string) (obligation.Digest, error)
	BeginDelivery(ctx context.Context, d obligation.Delivery, now time.Time) (bool, error)
	FinishDelivery(ctx context.Context, d obligation.Delivery, channels ...string) error
	AbandonDeliveries(ctx context.Context, plan string) error
}

// Channel sends digests outside the application. The status tells what is known of the outcome: sent; pending, when
// nothing was accepted and a later try may succeed; failed, when no try will; unknown, when the connection broke
// after the data were handed over. An error with a method OfAddress that returns true says that the reason is the
// address alone: the channel itself works.
type Channel interface {
	Name() string
	Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error)
}

// Dispatch is one run of the dispatcher.
type Dispatch struct {
	Plan   string        `json:"plan"`
	Day    calendar.Date `json:"day"`    // in the plan's zone
	Urgent bool          `json:"urgent"` // only what cannot wait for the day's digest
	Now    time.Time     `json:"now"`
}

// Dispatched is what a run did.
type Dispatched struct {
	Digests int `json:"digests"`
	Sent    int `json:"sent"`
	Retry   int `json:"retry"` // to be tried again with the next run
	Failed  int `json:"failed"`
	Unknown int `json:"unknown"`
}

// Dispatch makes the digests of what the outbox holds and sends them, the channels beside each other: a slow one holds up
// nobody else's. A delivery is marked before it is sent: one that a crash interrupted is unknown afterwards, shown to
// the office and not repeated. One that failed falls back to its contact's next channel in the same run.
func (a *Activities) Dispatch(ctx context.Context, d Dispatch) (Dispatched, error) {
	defer beat(ctx)()
	var out Dispatched
	if err := a.Outbox.AbandonDeliveries(ctx, d.Plan); err != nil {
		return out, final(err)
	}
	names := make([]string, len(a.Channels))
	for i, c := range a.Channels {
		names[i] = c.Name()
	}
	n, err := a.Outbox.Digest(ctx, d.Plan, d.Day, d.Urgent, d.Now, names)
	if err != nil {
		return out, final(err)
	}
	out.Digests = n
	if len(a.Channels) == 0 {
		return out, nil
	}
	channels := make([]*sending, len(a.Channels))
	for i, c := range a.Channels {
		channels[i] = &sending{Activities: a, channel: c, run: d, names: names}
	}
	for range a.Channels { // a delivery falls back at most so often
		failed, err := sendAll(ctx, channels)
		if err != nil || failed == 0 {
			return total(out, channels), final(err)
		}
	}
	return total(out, channels), nil
}

const (
	// deliveriesPerRun bounds one run of a channel; what is left goes out with the next.
	deliveriesPerRun = 2000
	// tolerated is how many sends in a row may end unknown. A server that takes everything and answers nothing would
	// otherwise make a riddle of everybody's notices, and each would take the whole timeout.
	tolerated = 3
)

// sending is one channel in one run.
type sending struct {
	*Activities
	channel Channel
	run     Dispatch
	names   []string // of all channels

	down     bool // it took nothing, or answered nothing: asking each time would take hours
	unknown  int  // in a row
	sent     Dispatched
	panicked any
}

// sendAll lets every channel send what waits for it, and returns how many of these deliveries failed.
func sendAll(ctx context.Context, channels []*sending) (failed int, err error) {
	before, errs := total(Dispatched{}, channels).Failed, make([]error, len(channels))
	var wg sync.WaitGroup
	for i, s := range channels {
		wg.Go(func() {
			// A panic ends the activity, as it would without goroutines; left alone it would end the process.
			defer func() { s.panicked = recover() }()
			errs[i] = s.send(ctx)
		})
	}
	wg.Wait()
	for i, s := range channels {
		if s.panicked != nil {
			panic(s.panicked)
		}
		if err == nil {
			err = errs[i]
		}
	}
	return total(Dispatched{}, channels).Failed - before, err
}

// send sends what waits for the channel until it turns out to be down.
func (s *sending) send(ctx context.Context) error {
	if s.down {
		return nil
	}
	deliveries, err := s.Outbox.PendingDeliveries(ctx, s.run.Plan, s.channel.Name(), deliveriesPerRun)
	if err != nil {
		return err
	}
	for _, del := range deliveries {
		if s.down {
			return nil
		}
		status, sendErr, err := s.deliver(ctx, del)
		if err != nil {
			return err
		}
		s.sent.count(status)
		if s.unknown++; status != obligation.DeliveryUnknown {
			s.unknown = 0
		}
		s.down = s.unknown == tolerated || status == obligation.DeliveryPending && !ofAddress(sendErr)
	}
	return nil
}

// deliver sends one digest to one address and returns what became of it, with the channel's error; "" where there was
// nothing to do.
func (s *sending) deliver(ctx context.Context, del obligation.Delivery) (status obligation.DeliveryStatus, sendErr, err error) {
	digest, err := s.Outbox.DigestByID(ctx, del.Digest)
	if err != nil {
		return "", nil, err
	}
	begun, err := s.Outbox.BeginDelivery(ctx, del, s.run.Now)
	if err != nil || !begun {
		return "", nil, err
	}
	status, sendErr = s.channel.Send(ctx, del.Address, digest)
	del.Status, del.At, del.Error = status, s.run.Now, ""
	if sendErr != nil {
		del.Error = sendErr.Error()
		s.Log.WarnContext(ctx, "delivery", "digest", del.Digest, "channel", del.Channel, "status", status, "error", sendErr)
	}
	// The outcome is kept even where the run is being cancelled: it happened.
	return status, sendErr, s.Outbox.FinishDelivery(context.WithoutCancel(ctx), del, s.names...)
}

// total adds up what the channels did.
func total(out Dispatched, channels []*sending) Dispatched {
	for _, s := range channels {
		out.Sent += s.sent.Sent
		out.Retry += s.sent.Retry
		out.Failed += s.sent.Failed
		out.Unknown += s.sent.Unknown
	}
	return out
}

// ofAddress reports whether a channel that took nothing works all the same: one full mailbox must not hold up
// everybody else's mail until the next day, every day.
func ofAddress(err error) bool {
	var one interface{ OfAddress() bool }
	return errors.As(err, &one) && one.OfAddress()
}

func (d *Dispatched) count(status obligation.DeliveryStatus) {
	switch status {
	case obligation.DeliverySent:
		d.Sent++
	case obligation.DeliveryPending:
		d.Retry++
	case obligation.DeliveryFailed:
		d.Failed++
	case obligation.DeliveryUnknown, obligation.DeliverySending:
		d.Unknown++
	}
}
