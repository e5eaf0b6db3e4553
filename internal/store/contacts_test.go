package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

const (
	mail  = string(plan.ChannelMail)
	wecom = string(plan.ChannelWeCom)
	sms   = string(plan.ChannelSMS)
)

// seedChoices gives one unit three contacts who want to be told in different ways.
func seedChoices(t testing.TB, s *store.Store) {
	t.Helper()
	d := definition()
	d.Plan.Units = []plan.Unit{{Code: "yingji", Name: "区应急局", Kind: plan.KindGovernment, Contacts: []plan.Contact{
		{Name: "甲", Email: "a@example.cn", WeCom: "wa", Mobile: "13800000001"},
		{Name: "乙", Email: "b@example.cn", WeCom: "wb", Channels: []plan.Channel{plan.ChannelMail, plan.ChannelWeCom}},
		{Name: "丙", Mobile: "13800000003"},
	}}}
	_, _, err := s.PutDefinition(t.Context(), d)
	require.NoError(t, err)
}

// targets returns channel and address of every delivery outside the application, with its state.
func targets(t testing.TB, s *store.Store) map[string]obligation.DeliveryStatus {
	t.Helper()
	list, _, err := s.Deliveries(t.Context(), planCode, "", "", 100)
	require.NoError(t, err)
	out := map[string]obligation.DeliveryStatus{}
	for _, d := range list {
		if d.Channel != store.ChannelInbox {
			out[d.Channel+" "+d.Address] = d.Status
		}
	}
	return out
}

type states = map[string]obligation.DeliveryStatus

// end begins a delivery and keeps its outcome; the channels are those that are switched on.
func end(t testing.TB, s *store.Store, d obligation.Delivery, status obligation.DeliveryStatus, channels ...string) {
	t.Helper()
	begun, err := s.BeginDelivery(t.Context(), d, start)
	require.NoError(t, err)
	require.True(t, begun)
	d.Status, d.At = status, start
	require.NoError(t, s.FinishDelivery(t.Context(), d, channels...))
}

// pendingOn returns the one delivery that waits on the channel for the address.
func pendingOn(t testing.TB, s *store.Store, channel, address string) obligation.Delivery {
	t.Helper()
	list, err := s.PendingDeliveries(t.Context(), planCode, channel, 10)
	require.NoError(t, err)
	for _, d := range list {
		if d.Address == address {
			return d
		}
	}
	require.Fail(t, "nothing waits", "%s %s", channel, address)
	return obligation.Delivery{}
}

func TestDigestTellsEachContactByItsFirstChoice(t *testing.T) {
	for name, c := range map[string]struct {
		channels []string
		want     states
	}{
		"all on":      {[]string{sms, mail, wecom}, states{"wecom wa": "pending", "smtp b@example.cn": "pending", "sms 13800000003": "pending"}},
		"chat is off": {[]string{mail, sms}, states{"smtp a@example.cn": "pending", "smtp b@example.cn": "pending", "sms 13800000003": "pending"}},
		"mail is off": {[]string{wecom}, states{"wecom wa": "pending", "wecom wb": "pending"}},
		"a program":   {[]string{store.ChannelWebhook}, states{"webhook yingji": "pending"}},
		"all are off": {nil, states{}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				seedChoices(t, s)
				put(t, s, opened(obligationID("10.1", "yingji")))
				digest(t, s, monday, false, c.channels...)
				require.Equal(t, c.want, targets(t, s))
			})
		})
	}
}

// A number gets one short message a day of its unit's digests; what else there is goes by another way, or waits in the
// inbox.
func TestDigestSendsOneShortMessageADay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedChoices(t, s)
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first)
		digest(t, s, monday, false, mail, sms)
		digest(t, s, monday, false, mail, sms)
		end(t, s, pendingOn(t, s, sms, "13800000003"), obligation.DeliverySent, mail, sms)
		put(t, s, decided(t, first.State, start, obligation.Command{Kind: obligation.Nudge, By: office()}))
		require.Equal(t, 1, digest(t, s, monday, true, mail, sms), "the urgent one")
		n, err := store.Number(t.Context(), s, "SELECT COUNT(*) FROM deliveries WHERE channel = 'sms'")
		require.NoError(t, err)
		require.Equal(t, 1, n)
		n, err = store.Number(t.Context(), s, "SELECT COUNT(*) FROM deliveries WHERE channel = 'smtp'")
		require.NoError(t, err)
		require.Equal(t, 4, n, "both mails of both digests")
		require.Len(t, inbox(t, s, "yingji"), 2)

		put(t, s, opened(obligationID("10.2", "yingji")))
		digest(t, s, tuesday, false, mail, sms)
		pendingOn(t, s, sms, "13800000003")
	})
}

// What joins the day's digest goes the digest's way.
func TestDigestThatIsJoinedKeepsItsWay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		d := definition()
		d.Plan.Units = []plan.Unit{{Code: "yingji", Name: "区应急局", Kind: plan.KindGovernment, Contacts: []plan.Contact{
			{Name: "甲", Email: "a@example.cn", Mobile: "13800000001", Channels: []plan.Channel{plan.ChannelSMS, plan.ChannelMail}},
		}}}
		_, _, err := s.PutDefinition(t.Context(), d)
		require.NoError(t, err)
		for _, measure := range []string{"10.1", "10.2"} {
			put(t, s, opened(obligationID(measure, "yingji")))
			require.Equal(t, 1, digest(t, s, monday, false, mail, sms))
			require.Equal(t, states{"sms 13800000001": "pending"}, targets(t, s))
		}
	})
}

// What a channel refuses for good goes to the contact's next choice, once; what may have arrived goes nowhere else.
func TestDeliveryThatFailedFallsBack(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedChoices(t, s)
		put(t, s, opened(obligationID("10.1", "yingji")))
		digest(t, s, monday, false, mail, wecom)
		end(t, s, pendingOn(t, s, wecom, "wa"), obligation.DeliveryFailed, mail, wecom)
		end(t, s, pendingOn(t, s, mail, "b@example.cn"), obligation.DeliveryUnknown, mail, wecom)
		want := states{"wecom wa": "failed", "smtp a@example.cn": "pending", "smtp b@example.cn": "unknown"}
		require.Equal(t, want, targets(t, s))

		end(t, s, pendingOn(t, s, mail, "a@example.cn"), obligation.DeliveryFailed, mail, wecom)
		want["smtp a@example.cn"] = obligation.DeliveryFailed
		require.Equal(t, want, targets(t, s), "short messages are switched off, and there is no other way")
		requireSound(t, s)
	})
}

// Nothing of an unknown delivery is repeated on any channel, whatever happens on the others.
func TestDeliveryThatIsUnknownIsNeverRepeated(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedChoices(t, s)
		put(t, s, opened(obligationID("10.1", "yingji")))
		digest(t, s, monday, false, mail, wecom)
		ok, err := s.BeginDelivery(t.Context(), pendingOn(t, s, wecom, "wa"), start)
		require.NoError(t, err)
		require.True(t, ok)
		require.NoError(t, s.AbandonDeliveries(t.Context(), planCode))
		end(t, s, pendingOn(t, s, mail, "b@example.cn"), obligation.DeliveryPending, mail, wecom)
		want := states{"wecom wa": "unknown", "smtp b@example.cn": "pending"}
		require.Equal(t, want, targets(t, s))
		_, err = s.Digest(t.Context(), planCode, tuesday, false, start.Add(time.Hour), []string{mail, wecom})
		require.NoError(t, err)
		require.Equal(t, want, targets(t, s))
		list, err := s.PendingDeliveries(t.Context(), planCode, wecom, 10)
		require.NoError(t, err)
		require.Empty(t, list)
		pendingOn(t, s, mail, "b@example.cn")
	})
}

// A channel that was down for a day holds up nobody who can be reached otherwise, and floods nobody when it is back.
func TestDeliveryLeavesAChannelThatIsDownForADay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedChoices(t, s)
		put(t, s, opened(obligationID("10.1", "yingji")))
		digest(t, s, monday, false, mail, wecom, sms)
		next := func(now time.Time, channels ...string) states {
			_, err := s.Digest(t.Context(), planCode, tuesday, false, now, channels)
			require.NoError(t, err)
			return targets(t, s)
		}
		untried := targets(t, s)
		require.Equal(t, untried, next(start.Add(48*time.Hour), mail, wecom, sms), "what nobody tried in vain waits")
		end(t, s, pendingOn(t, s, wecom, "wa"), obligation.DeliveryPending, mail, wecom, sms)
		end(t, s, pendingOn(t, s, sms, "13800000003"), obligation.DeliveryPending, mail, wecom, sms)
		require.Equal(t, untried, next(start.Add(23*time.Hour), mail, wecom, sms))
		require.Equal(t, untried, next(start.Add(48*time.Hour), wecom), "there is no other")
		want := states{
			"wecom wa": "failed", "smtp a@example.cn": "pending", "smtp b@example.cn": "pending",
			"sms 13800000003": "pending", // has no other
		}
		require.Equal(t, want, next(start.Add(24*time.Hour), mail, wecom, sms))
		require.Equal(t, want, next(start.Add(48*time.Hour), mail, wecom, sms))
	})
}

func TestPendingDeliveriesUrgentFirst(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedChoices(t, s)
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first)
		digest(t, s, monday, false, mail)
		put(t, s, decided(t, first.State, start, obligation.Command{Kind: obligation.Nudge, By: office()}))
		_, err := s.Digest(t.Context(), planCode, monday, true, start.Add(time.Hour), []string{mail})
		require.NoError(t, err)
		list, err := s.PendingDeliveries(t.Context(), planCode, mail, 10)
		require.NoError(t, err)
		require.Len(t, list, 4)
		for i, d := range list {
			require.Equal(t, i < 2, d.Digest == planCode+"/yingji/2026-03-02/urgent-1", d.Digest)
		}
	})
}

// The addresses of an installation that knew mail only are taken along.
func TestMigrationKeepsTheMailAddresses(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			s, err := store.Open(t.Context(), o)
			require.NoError(t, err)
			seedContacts(t, s)
			require.NoError(t, store.Exec(t.Context(), s, "DROP TABLE contact_addresses", "DELETE FROM goose_db_version WHERE version_id = 3"))
			require.NoError(t, store.Apply(t.Context(), s, 3))
			require.NoError(t, s.Close())
			s = openStore(t, o)
			put(t, s, opened(obligationID("10.1", "yingji")))
			digest(t, s, monday, false, mail)
			require.Equal(t, states{"smtp li@example.cn": "pending", "smtp zhang@example.cn": "pending"}, targets(t, s))
		})
	}
}
