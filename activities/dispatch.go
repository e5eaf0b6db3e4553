package activities

import (
	"context"
	"errors"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Outbox is the part of the store that keeps notices and their deliveries.
type Outbox interface {
	Post(ctx context.Context, p obligation.Post) error
	Digest(ctx context.Context, plan string, day calendar.Date, urgentOnly bool, now time.Time, channels []string) (int, error)
	PendingDeliveries(ctx context.Context, plan string, limit int) ([]obligation.Delivery, error)
	DigestByID(ctx context.Context, id string) (obligation.Digest, error)
	BeginDelivery(ctx context.Context, d obligation.Delivery, now time.Time) (bool, error)
	FinishDelivery(ctx context.Context, d obligation.Delivery) error
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

// Dispatch makes the digests of what the outbox holds and sends them. A delivery is marked before it is sent: one
// that a crash interrupted is unknown afterwards, shown to the office and not repeated.
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
	deliveries, err := a.Outbox.PendingDeliveries(ctx, d.Plan, deliveriesPerRun)
	if err != nil {
		return out, final(err)
	}
	down := map[string]bool{} // channels that took nothing: asking each time would hold up the others for hours
	for _, del := range deliveries {
		if down[del.Channel] {
			continue
		}
		status, sendErr, err := a.deliver(ctx, del, d.Now)
		if err != nil {
			return out, final(err)
		}
		down[del.Channel] = status == obligation.DeliveryPending && !ofAddress(sendErr)
		out.count(status)
	}
	return out, nil
}

// deliveriesPerRun bounds one run; what is left goes out with the next.
const deliveriesPerRun = 2000

// deliver sends one digest on one channel and returns what became of it, with the channel's error; "" where there was
// nothing to do.
func (a *Activities) deliver(ctx context.Context, del obligation.Delivery, now time.Time) (status obligation.DeliveryStatus, sendErr, err error) {
	channel := a.channel(del.Channel)
	if channel == nil {
		return "", nil, nil // switched off since: it stays pending until the channel is back
	}
	digest, err := a.Outbox.DigestByID(ctx, del.Digest)
	if err != nil {
		return "", nil, err
	}
	begun, err := a.Outbox.BeginDelivery(ctx, del, now)
	if err != nil || !begun {
		return "", nil, err
	}
	status, sendErr = channel.Send(ctx, del.Address, digest)
	del.Status, del.At, del.Error = status, now, ""
	if sendErr != nil {
		del.Error = sendErr.Error()
		a.Log.WarnContext(ctx, "delivery", "digest", del.Digest, "channel", del.Channel, "status", status, "error", sendErr)
	}
	// The outcome is kept even where the run is being cancelled: it happened.
	return status, sendErr, a.Outbox.FinishDelivery(context.WithoutCancel(ctx), del)
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

func (a *Activities) channel(name string) Channel {
	for _, c := range a.Channels {
		if c.Name() == name {
			return c
		}
	}
	return nil
}
