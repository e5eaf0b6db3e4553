package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

var monday = calendar.MustDate("2026-03-02")

// mail is a channel that answers as it is told, and remembers what it was given.
type mail struct {
	mu     sync.Mutex
	answer func(address string) (obligation.DeliveryStatus, error)
	sent   []string // address and digest of every call
}

func (m *mail) Name() string { return store.ChannelMail }

func (m *mail) Send(_ context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, address+" "+d.ID)
	if m.answer == nil {
		return obligation.DeliverySent, nil
	}
	return m.answer(address)
}

// asked returns how often the channel was asked since the last call.
func (m *mail) asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.sent)
	m.sent = nil
	return n
}

// withUnits opens an obligation for each of so many units, all of which have an address.
func withUnits(f *fixture, n int) {
	f.t.Helper()
	d := obligation.Definition{
		AsOf: monday, Calendar: f.cal, Ladders: []obligation.Ladder{ladder},
		Plan: plan.Plan{
			Code: planCode, Number: "长安委〔2024〕5号", Title: "治本攻坚三年行动", Zone: "Asia/Shanghai",
			Measures: []plan.Measure{{Code: "10.1", Task: "10", Title: "汇编"}},
		},
	}
	for i := range n {
		code := fmt.Sprintf("u%02d", i+1)
		d.Plan.Units = append(d.Plan.Units, plan.Unit{
			Code: code, Name: "单位" + code, Kind: plan.KindGovernment, Contacts: []plan.Contact{{Name: "联络员", Email: code + "@example.cn"}},
		})
	}
	_, _, err := f.store.PutDefinition(f.t.Context(), d)
	require.NoError(f.t, err)
	for _, u := range d.Plan.Units {
		f.open(u.Code)
	}
}

func (f *fixture) dispatch(run int) activities.Dispatched {
	f.t.Helper()
	done, err := f.Dispatch(f.t.Context(), dispatch(run))
	require.NoError(f.t, err)
	return done
}

// dispatch is the run of a day, the first of which is Monday.
func dispatch(run int) activities.Dispatch {
	return activities.Dispatch{Plan: planCode, Day: monday.AddDays(run), Now: start.AddDate(0, 0, run)}
}

// statuses counts the deliveries by mail.
func (f *fixture) statuses() map[obligation.DeliveryStatus]int {
	f.t.Helper()
	list, _, err := f.store.Deliveries(f.t.Context(), planCode, "", "", 100)
	require.NoError(f.t, err)
	out := map[obligation.DeliveryStatus]int{}
	for _, d := range list {
		if d.Channel == store.ChannelMail {
			out[d.Status]++
		}
	}
	return out
}

type counts = map[obligation.DeliveryStatus]int

func TestDispatchWritesADigestForEachRecipient(t *testing.T) {
	f := newFixture(t) // no channel: the inbox alone
	withUnits(f, 3)
	f.decide(f.state("u01"), start, obligation.Command{Kind: obligation.Submit, By: unit, Text: "已完成"})
	require.Equal(t, activities.Dispatched{Digests: 3}, f.dispatch(0), "two units, and the office about the one that reported")
	require.Equal(t, activities.Dispatched{}, f.dispatch(0), "nothing twice")
	for recipient, n := range map[string]int{"u01": 0, "u02": 1, "u03": 1, "office": 1} {
		list, _, err := f.store.Inbox(t.Context(), obligation.InboxFilter{Plan: planCode, Recipient: recipient})
		require.NoError(t, err)
		require.Len(t, list, n, recipient)
	}
	require.Empty(t, f.statuses())
}

func TestDispatchUrgentLeavesTheRestWaiting(t *testing.T) {
	m := &mail{}
	f := newFixture(t, m)
	withUnits(f, 2)
	f.decide(f.state("u01"), start, obligation.Command{Kind: obligation.Nudge, By: office, Text: "进展如何"})
	urgent := dispatch(0)
	urgent.Urgent = true
	done, err := f.Dispatch(t.Context(), urgent)
	require.NoError(t, err)
	require.Equal(t, activities.Dispatched{Digests: 1, Sent: 1}, done)
	require.Equal(t, activities.Dispatched{Digests: 2, Sent: 2}, f.dispatch(0))
	require.Equal(t, 3, m.asked())
}

func TestDispatchKeepsWhatBecameOfEach(t *testing.T) {
	m := &mail{answer: func(address string) (obligation.DeliveryStatus, error) {
		switch address {
		case "u01@example.cn":
			return obligation.DeliveryFailed, errors.New("no such mailbox")
		case "u02@example.cn":
			return obligation.DeliveryUnknown, errors.New("connection broke after the data")
		}
		return obligation.DeliverySent, nil
	}}
	f := newFixture(t, m)
	withUnits(f, 4)
	require.Equal(t, activities.Dispatched{Digests: 4, Sent: 2, Failed: 1, Unknown: 1}, f.dispatch(0))
	require.Equal(t, 4, m.asked())
	require.Equal(t, counts{obligation.DeliverySent: 2, obligation.DeliveryFailed: 1, obligation.DeliveryUnknown: 1}, f.statuses())
	unknown, _, err := f.store.Deliveries(t.Context(), planCode, obligation.DeliveryUnknown, "", 0)
	require.NoError(t, err)
	require.Equal(t, "connection broke after the data", unknown[0].Error)
	require.Equal(t, 1, unknown[0].Attempts)

	require.Equal(t, activities.Dispatched{}, f.dispatch(1))
	require.Zero(t, m.asked(), "what failed, or may have arrived, is not repeated")
	f.requireSound()
}

func TestDispatchAsksAChannelThatIsDownOnce(t *testing.T) {
	down := true
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) {
		if down {
			return obligation.DeliveryPending, errors.New("connection refused")
		}
		return obligation.DeliverySent, nil
	}}
	f := newFixture(t, m)
	withUnits(f, 5)
	require.Equal(t, activities.Dispatched{Digests: 5, Retry: 1}, f.dispatch(0))
	require.Equal(t, 1, m.asked())
	require.Equal(t, activities.Dispatched{Retry: 1}, f.dispatch(1))
	require.Equal(t, 1, m.asked())
	require.Equal(t, counts{obligation.DeliveryPending: 5}, f.statuses())
	down = false
	require.Equal(t, activities.Dispatched{Sent: 5}, f.dispatch(2))
	require.Equal(t, 5, m.asked())
}

// One full mailbox does not hold up everybody else's mail.
func TestDispatchGoesOnAfterAnAddressThatIsNotReady(t *testing.T) {
	m := &mail{answer: func(address string) (obligation.DeliveryStatus, error) {
		if address == "u01@example.cn" {
			return obligation.DeliveryPending, mailboxFull{}
		}
		return obligation.DeliverySent, nil
	}}
	f := newFixture(t, m)
	withUnits(f, 4)
	require.Equal(t, activities.Dispatched{Digests: 4, Sent: 3, Retry: 1}, f.dispatch(0))
	require.Equal(t, activities.Dispatched{Retry: 1}, f.dispatch(1), "it is tried again with the next run")
}

// mailboxFull is about one address.
type mailboxFull struct{}

func (mailboxFull) Error() string   { return "mailbox full" }
func (mailboxFull) OfAddress() bool { return true }

func TestDispatchDoesNotNagAfterTheReport(t *testing.T) {
	down := true
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) {
		if down {
			return obligation.DeliveryPending, errors.New("connection refused")
		}
		return obligation.DeliverySent, nil
	}}
	f := newFixture(t, m)
	withUnits(f, 1)
	f.dispatch(0)
	f.decide(f.state("u01"), start, obligation.Command{Kind: obligation.Submit, By: unit, Text: "已完成"})
	down = false
	m.asked()
	require.Zero(t, f.dispatch(1).Sent)
	require.Zero(t, m.asked())
}

// A channel is down for a day: it is asked once a run, and when it returns everybody gets what still holds, each once, and
// nobody what he has answered meanwhile.
func TestDispatchLosesAndRepeatsNothingOfADayWithoutChannel(t *testing.T) {
	down := true
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) {
		if down {
			return obligation.DeliveryPending, errors.New("connection refused")
		}
		return obligation.DeliverySent, nil
	}}
	f := newFixture(t, m)
	withUnits(f, 4)
	f.dispatch(0)
	f.decide(f.state("u01"), start.Add(time.Hour), obligation.Command{Kind: obligation.Nudge, By: office, Text: "进展如何"})
	f.decide(f.state("u02"), start.Add(time.Hour), obligation.Command{Kind: obligation.Submit, By: unit, Text: "已完成"})
	for range 3 {
		f.dispatch(1)
	}
	require.Equal(t, 4, m.asked(), "once a run")

	down = false
	f.dispatch(2)
	sent := slices.Sorted(slices.Values(m.sent))
	require.Equal(t, []string{
		"u01@example.cn " + planCode + "/u01/2026-03-02", "u01@example.cn " + planCode + "/u01/2026-03-03/urgent-1",
		"u03@example.cn " + planCode + "/u03/2026-03-02", "u04@example.cn " + planCode + "/u04/2026-03-02",
	}, sent)
	m.asked()
	require.Equal(t, activities.Dispatched{}, f.dispatch(3))
	require.Zero(t, m.asked())
	f.requireSound()
}

// killed is what a process that is killed at a place looks like to a test.
type killed struct{}

// crashing breaks off where a process may be killed around a send.
type crashing struct {
	activities.Outbox
	begun, finish bool // right after the mark that it has begun; right before the outcome is kept
}

func (c crashing) BeginDelivery(ctx context.Context, d obligation.Delivery, now time.Time) (bool, error) {
	ok, err := c.Outbox.BeginDelivery(ctx, d, now)
	if c.begun {
		panic(killed{})
	}
	return ok, err
}

func (c crashing) FinishDelivery(ctx context.Context, d obligation.Delivery, channels ...string) error {
	if c.finish {
		panic(killed{})
	}
	return c.Outbox.FinishDelivery(ctx, d, channels...)
}

// Invariant 4: whatever breaks a send off, it is unknown afterwards, shown, and never repeated; all others go out.
func TestDispatchKilledWhileSending(t *testing.T) {
	for name, c := range map[string]struct {
		crash crashing
		send  bool // the process is killed inside the channel
		asked int  // before the end
	}{
		"after it has begun": {crash: crashing{begun: true}},
		"while it is sent":   {send: true, asked: 1},
		"before it is kept":  {crash: crashing{finish: true}, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := &mail{}
			if c.send {
				m.answer = func(string) (obligation.DeliveryStatus, error) { panic(killed{}) }
			}
			f := newFixture(t, m)
			withUnits(f, 3)
			c.crash.Outbox = f.store
			f.Outbox = c.crash
			require.PanicsWithValue(t, killed{}, func() { _, _ = f.Dispatch(t.Context(), dispatch(0)) })
			require.Equal(t, c.asked, m.asked())
			require.Equal(t, counts{obligation.DeliverySending: 1, obligation.DeliveryPending: 2}, f.statuses())

			m.answer, f.Outbox = nil, f.store
			require.Equal(t, activities.Dispatched{Sent: 2}, f.dispatch(0), "the same run, tried again")
			require.Equal(t, counts{obligation.DeliveryUnknown: 1, obligation.DeliverySent: 2}, f.statuses())
			require.Equal(t, 2, m.asked())
			require.Equal(t, activities.Dispatched{}, f.dispatch(1))
			require.Equal(t, counts{obligation.DeliveryUnknown: 1, obligation.DeliverySent: 2}, f.statuses())
			require.Zero(t, m.asked(), "it is never sent again")
			f.requireSound()
		})
	}
}

// A run that is cancelled while a mail is on its way keeps what became of it.
func TestDispatchCancelledWhileSending(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) {
		cancel()
		return obligation.DeliverySent, nil
	}}
	f := newFixture(t, m)
	withUnits(f, 2)
	_, err := f.Dispatch(ctx, dispatch(0))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, counts{obligation.DeliverySent: 1, obligation.DeliveryPending: 1}, f.statuses())
	require.Equal(t, activities.Dispatched{Sent: 1}, f.dispatch(0))
}

func TestDispatchWaitsForAChannelThatIsSwitchedOff(t *testing.T) {
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) { return obligation.DeliveryPending, errors.New("down") }}
	f := newFixture(t, m)
	withUnits(f, 1)
	f.dispatch(0)
	f.Channels = []activities.Channel{other{}}
	require.ErrorContains(t, errOf(f.Dispatch(t.Context(), dispatch(1))), "pigeon", "the store knows its channels")
	f.Channels, m.answer = []activities.Channel{m}, nil
	require.Equal(t, activities.Dispatched{Sent: 1}, f.dispatch(2))
}

func errOf[T any](_ T, err error) error { return err }

// named is a channel of another name.
type named struct {
	*mail
	name string
}

func (n named) Name() string { return n.name }

// twoChannels gives every other unit's contact an account with WeCom as its only address, and the rest mail.
func twoChannels(f *fixture, n int) {
	f.t.Helper()
	withUnits(f, n)
	d, err := f.store.Definition(f.t.Context(), planCode)
	require.NoError(f.t, err)
	for i := range d.Plan.Units {
		if i%2 == 1 {
			d.Plan.Units[i].Contacts = []plan.Contact{{Name: "联络员", WeCom: d.Plan.Units[i].Code}}
		}
	}
	_, _, err = f.store.PutDefinition(f.t.Context(), d)
	require.NoError(f.t, err)
}

// One channel hangs until the other one has sent everything: if that waited, the test would never end.
func TestDispatchIsHeldUpByNoChannel(t *testing.T) {
	done := make(chan struct{})
	var sent int
	chat := named{&mail{answer: func(string) (obligation.DeliveryStatus, error) {
		if sent++; sent == 3 {
			close(done)
		}
		return obligation.DeliverySent, nil
	}}, string(plan.ChannelWeCom)}
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) {
		<-done
		return obligation.DeliveryPending, errors.New("down")
	}}
	f := newFixture(t, m, chat)
	twoChannels(f, 6)
	require.Equal(t, activities.Dispatched{Digests: 6, Sent: 3, Retry: 1}, f.dispatch(0))
	require.Equal(t, 1, m.asked())
}

// What waits for a broken channel takes no place in another one's run, however much it is.
func TestDispatchLooksAtEachChannelsOwn(t *testing.T) {
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) { return obligation.DeliveryPending, errors.New("down") }}
	f := newFixture(t, m)
	twoChannels(f, 6)
	f.dispatch(0)
	f.Channels = []activities.Channel{m, named{&mail{}, string(plan.ChannelWeCom)}}
	for _, u := range []string{"u01", "u02"} {
		f.decide(f.state(u), start, obligation.Command{Kind: obligation.Nudge, By: office, Text: "进展如何"})
	}
	require.Equal(t, activities.Dispatched{Digests: 2, Sent: 1, Retry: 1}, f.dispatch(0), "u01 and the others by mail wait")
}

// A server that takes everything and answers nothing makes no riddle of everybody's notices.
func TestDispatchLeavesAChannelThatAnswersNothing(t *testing.T) {
	m := &mail{answer: func(string) (obligation.DeliveryStatus, error) {
		return obligation.DeliveryUnknown, errors.New("no answer")
	}}
	f := newFixture(t, m)
	withUnits(f, 8)
	require.Equal(t, activities.Dispatched{Digests: 8, Unknown: 3}, f.dispatch(0))
	require.Equal(t, counts{obligation.DeliveryUnknown: 3, obligation.DeliveryPending: 5}, f.statuses())
	m.answer = nil
	require.Equal(t, activities.Dispatched{Sent: 5}, f.dispatch(1))
}

// What one channel refuses goes out on the next in the same run; what may have arrived on one goes out on no other.
func TestDispatchFallsBack(t *testing.T) {
	chat := named{&mail{answer: func(address string) (obligation.DeliveryStatus, error) {
		switch address {
		case "w1":
			return obligation.DeliveryFailed, errors.New("invaliduser")
		case "w2":
			return obligation.DeliveryUnknown, errors.New("no answer")
		}
		return obligation.DeliverySent, nil
	}}, string(plan.ChannelWeCom)}
	m := &mail{}
	f := newFixture(t, m, chat)
	withUnits(f, 3)
	d, err := f.store.Definition(t.Context(), planCode)
	require.NoError(t, err)
	for i := range d.Plan.Units {
		d.Plan.Units[i].Contacts[0].WeCom = fmt.Sprint("w", i+1)
	}
	_, _, err = f.store.PutDefinition(t.Context(), d)
	require.NoError(t, err)
	require.Equal(t, activities.Dispatched{Digests: 3, Sent: 2, Failed: 1, Unknown: 1}, f.dispatch(0))
	require.Equal(t, []string{"u01@example.cn " + planCode + "/u01/2026-03-02"}, m.sent)
	require.Equal(t, 3, chat.asked())
	m.asked()
	require.Equal(t, activities.Dispatched{}, f.dispatch(1))
	require.Zero(t, m.asked()+chat.asked())
	f.requireSound()
}

// The same on two channels: each has its own unknown delivery, neither is repeated, and the rest goes out on both.
func TestDispatchKilledWhileSendingOnTwoChannels(t *testing.T) {
	broken := func(string) (obligation.DeliveryStatus, error) { panic(killed{}) }
	m, chat := &mail{answer: broken}, named{&mail{answer: broken}, string(plan.ChannelWeCom)}
	f := newFixture(t, m, chat)
	twoChannels(f, 6)
	require.PanicsWithValue(t, killed{}, func() { _, _ = f.Dispatch(t.Context(), dispatch(0)) })
	m.asked()
	chat.asked()
	m.answer, chat.answer = nil, nil
	require.Equal(t, activities.Dispatched{Sent: 4}, f.dispatch(0))
	require.Equal(t, 2, m.asked())
	require.Equal(t, 2, chat.asked())
	unknown, _, err := f.store.Deliveries(t.Context(), planCode, obligation.DeliveryUnknown, "", 0)
	require.NoError(t, err)
	require.Len(t, unknown, 2)
	require.Equal(t, activities.Dispatched{}, f.dispatch(1))
	require.Zero(t, m.asked()+chat.asked())
	f.requireSound()
}

// other is a channel that nobody knows.
type other struct{}

func (other) Name() string { return "pigeon" }

func (other) Send(context.Context, string, obligation.Digest) (obligation.DeliveryStatus, error) {
	return obligation.DeliveryFailed, errors.New("no bird")
}
