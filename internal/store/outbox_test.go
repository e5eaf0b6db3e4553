package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

var (
	monday  = calendar.MustDate("2026-03-02")
	tuesday = monday + 1
	email   = []string{store.ChannelMail}
)

// seedContacts gives two units contacts, one of them without an address.
func seedContacts(t testing.TB, s *store.Store) {
	d := definition()
	d.Plan.Units = []plan.Unit{
		{Code: "yingji", Name: "区应急局", Kind: plan.KindGovernment, Contacts: []plan.Contact{
			{Name: "李联络", Email: "li@example.cn"}, {Name: "张联络", Email: "zhang@example.cn"}, {Name: "赵联络"},
		}},
		{Code: "xiaofang", Name: "区消防救援局", Kind: plan.KindGovernment},
		{Code: "awb", Name: "区安委办", Kind: plan.KindGovernment, Tags: []string{"office"}, Contacts: []plan.Contact{{Name: "王主任", Email: "wang@example.cn"}}},
	}
	_, _, err := s.PutDefinition(t.Context(), d)
	require.NoError(t, err)
}

func digest(t testing.TB, s *store.Store, day calendar.Date, urgentOnly bool, channels ...string) int {
	n, err := s.Digest(t.Context(), planCode, day, urgentOnly, start, channels)
	require.NoError(t, err)
	return n
}

func inbox(t testing.TB, s *store.Store, recipient string) []obligation.Digest {
	list, _, err := s.Inbox(t.Context(), obligation.InboxFilter{Plan: planCode, Recipient: recipient})
	require.NoError(t, err)
	return list
}

func TestDigestGathersByRecipient(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		put(t, s, opened(obligationID("10.1", "yingji")), opened(obligationID("10.2", "yingji")), opened(obligationID("10.1", "xiaofang")))
		require.Equal(t, 0, digest(t, s, monday, true))
		require.Equal(t, 2, digest(t, s, monday, false, email...))
		require.Equal(t, 0, digest(t, s, monday, false, email...))

		d, err := s.DigestByID(t.Context(), planCode+"/yingji/2026-03-02")
		require.NoError(t, err)
		require.Len(t, d.Messages, 2)
		require.Equal(t, monday, d.Day)
		require.Equal(t, "yingji", d.Messages[0].Recipient)
		require.Equal(t, obligation.Opened, d.Messages[0].Notice.Kind)
		require.Equal(t, obligationID("10.1", "yingji"), d.Messages[0].Obligation)
		require.Equal(t, []obligation.Digest{d}, inbox(t, s, "yingji"))

		sent, _, err := s.Deliveries(t.Context(), planCode, obligation.DeliverySent, "", 0)
		require.NoError(t, err)
		require.Len(t, sent, 2)
		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 10)
		require.NoError(t, err)
		require.Len(t, pending, 2)
		require.Equal(t, "li@example.cn", pending[0].Address)
		require.Equal(t, "zhang@example.cn", pending[1].Address)

		_, err = s.Digest(t.Context(), planCode, monday, false, start, []string{"pigeon"})
		require.Error(t, err)
		_, err = s.DigestByID(t.Context(), "nothing")
		requireCode(t, obligation.CodeNotFound, err)
		requireSound(t, s)
	})
}

func TestDigestDropsWhatDoesNotHoldAnyMore(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		submitted := decided(t, first.State, start, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成"})
		put(t, s, first, submitted)
		require.Equal(t, 1, digest(t, s, monday, false))
		require.Empty(t, inbox(t, s, "yingji"), "it has reported")
		require.Len(t, inbox(t, s, "office"), 1)

		// What was dropped stays dropped, even where the state comes back.
		put(t, s, decided(t, submitted.State, start, obligation.Command{Kind: obligation.Return, By: office(), Text: "缺印证材料"}))
		require.Equal(t, 1, digest(t, s, tuesday, false))
		list := inbox(t, s, "yingji")
		require.Len(t, list, 1)
		require.Len(t, list[0].Messages, 1)
		require.Equal(t, obligation.Returned, list[0].Messages[0].Notice.Kind)
	})
}

func TestDigestSendsUrgentOnItsOwn(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		second := decided(t, first.State, start, obligation.Command{Kind: obligation.Nudge, By: office()})
		put(t, s, first, second)
		require.Equal(t, 1, digest(t, s, monday, true))
		put(t, s, decided(t, second.State, start, obligation.Command{Kind: obligation.Nudge, By: office()}))
		require.Equal(t, 2, digest(t, s, monday, false))

		var ids []string
		for _, d := range inbox(t, s, "yingji") {
			ids = append(ids, d.ID)
			require.Len(t, d.Messages, 1)
		}
		base := planCode + "/yingji/2026-03-02"
		require.ElementsMatch(t, []string{base, base + "/urgent-1", base + "/urgent-2"}, ids)
	})
}

func TestDigestOfTheDayGrowsUntilItIsOnItsWay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		put(t, s, opened(obligationID("10.1", "yingji")))
		require.Equal(t, 1, digest(t, s, monday, false, email...))
		id := planCode + "/yingji/2026-03-02"
		require.NoError(t, s.MarkRead(t.Context(), id, start))

		put(t, s, opened(obligationID("10.2", "yingji")))
		require.Equal(t, 1, digest(t, s, monday, false, email...))
		d, err := s.DigestByID(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, d.Messages, 2)
		require.True(t, d.Read.IsZero(), "there is something new to read")

		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 10)
		require.NoError(t, err)
		require.Len(t, pending, 2)
		begun, err := s.BeginDelivery(t.Context(), pending[0], start)
		require.NoError(t, err)
		require.True(t, begun)

		put(t, s, opened(obligationID("10.3", "yingji")))
		require.Equal(t, 0, digest(t, s, monday, false, email...))
		require.Equal(t, 1, digest(t, s, tuesday, false, email...))
		require.Len(t, inbox(t, s, "yingji"), 2)
	})
}

// Invariant 4, first half: whatever breaks a run off, the next one completes it, and nothing is told twice.
func TestDigestBrokenOffIsCompleted(t *testing.T) {
	errKilled := errors.New("killed")
	for _, point := range []string{"digest", "gathered", "commit"} {
		t.Run(point, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				seedContacts(t, s)
				for _, u := range []string{"aaa", "xiaofang", "yingji"} {
					put(t, s, opened(obligationID("10.1", u)), opened(obligationID("10.2", u)))
				}
				calls := 0
				store.SetFault(s, func(p string) error {
					if p == point {
						if calls++; calls == 2 {
							return errKilled
						}
					}
					return nil
				})
				_, err := s.Digest(t.Context(), planCode, monday, false, start, email)
				require.ErrorIs(t, err, errKilled)
				store.SetFault(s, nil)
				require.Equal(t, 2, digest(t, s, monday, false, email...))
				for _, u := range []string{"aaa", "xiaofang", "yingji"} {
					list := inbox(t, s, u)
					require.Len(t, list, 1)
					require.Len(t, list[0].Messages, 2)
				}
				n, err := store.Number(t.Context(), s, "SELECT COUNT(*) FROM deliveries")
				require.NoError(t, err)
				require.Equal(t, 5, n) // three inboxes, two addresses
				requireSound(t, s)
			})
		})
	}
}

func TestDigestConcurrentlyTellsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first, decided(t, first.State, start, obligation.Command{Kind: obligation.Nudge, By: office()}))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := s.Digest(t.Context(), planCode, monday, false, start, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.Len(t, inbox(t, s, "yingji"), 2)
	})
}

// Invariant 4: a delivery is begun once; one whose process ended is unknown and not repeated.
func TestDeliveryIsBegunOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		put(t, s, opened(obligationID("10.1", "yingji")))
		digest(t, s, monday, false, email...)
		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 10)
		require.NoError(t, err)
		first, second := pending[0], pending[1]

		var mu sync.Mutex
		begun := 0
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				ok, err := s.BeginDelivery(t.Context(), first, start)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if ok {
					begun++
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, begun)

		require.NoError(t, s.AbandonDeliveries(t.Context(), planCode))
		unknown, _, err := s.Deliveries(t.Context(), planCode, obligation.DeliveryUnknown, "", 0)
		require.NoError(t, err)
		require.Len(t, unknown, 1)
		require.Equal(t, first.Address, unknown[0].Address)
		require.Equal(t, 1, unknown[0].Attempts)
		require.NotEmpty(t, unknown[0].Error)
		ok, err := s.BeginDelivery(t.Context(), first, start)
		require.NoError(t, err)
		require.False(t, ok)

		second.Status = obligation.DeliverySent
		requireCode(t, obligation.CodeConflict, s.FinishDelivery(t.Context(), second))
		ok, err = s.BeginDelivery(t.Context(), second, start)
		require.NoError(t, err)
		require.True(t, ok)
		second.Status, second.Error, second.At = obligation.DeliveryPending, "connection refused", start
		require.NoError(t, s.FinishDelivery(t.Context(), second))
		ok, err = s.BeginDelivery(t.Context(), second, start)
		require.NoError(t, err)
		require.True(t, ok)
		second.Status, second.Error = obligation.DeliverySent, ""
		require.NoError(t, s.FinishDelivery(t.Context(), second))
		require.NoError(t, s.FinishDelivery(t.Context(), second))
		second.Address = "nobody@example.cn"
		requireCode(t, obligation.CodeNotFound, s.FinishDelivery(t.Context(), second))
	})
}

func TestDeliveryOfWhatIsSettledDoesNotBegin(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first)
		digest(t, s, monday, false, email...)
		put(t, s, decided(t, first.State, start, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成"}))
		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 10)
		require.NoError(t, err)
		begun, err := s.BeginDelivery(t.Context(), pending[0], start)
		require.NoError(t, err)
		require.False(t, begun)
		failed, _, err := s.Deliveries(t.Context(), planCode, obligation.DeliveryFailed, "", 0)
		require.NoError(t, err)
		require.Len(t, failed, 1)
	})
}

func TestDigestOfTheOfficeGoesToItsContacts(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first, decided(t, first.State, start, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成"}))
		require.Equal(t, 1, digest(t, s, monday, false, email...))
		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 0)
		require.NoError(t, err)
		require.Len(t, pending, 1)
		require.Equal(t, "wang@example.cn", pending[0].Address)
	})
}

func TestPostOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		drafted(t, s, id)
		doc, err := s.Document(t.Context(), id, obligation.Letter)
		require.NoError(t, err)
		for _, n := range []int{1, 1, 2} {
			require.NoError(t, s.Post(t.Context(), obligation.HolderNotices(doc, n, late, time.UTC)[0]))
		}
		require.Equal(t, 2, digest(t, s, monday, false))
		require.Len(t, inbox(t, s, "office")[0].Messages, 3) // the draft itself and two reminders
		requireSound(t, s)
	})
}

func TestInboxByPage(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for i := range 5 {
			put(t, s, opened(obligationID("10."+string(rune('1'+i)), "yingji")))
			_, err := s.Digest(t.Context(), planCode, monday.AddDays(i), false, start.AddDate(0, 0, i), nil)
			require.NoError(t, err)
		}
		var days []calendar.Date
		after := ""
		for {
			list, next, err := s.Inbox(t.Context(), obligation.InboxFilter{Recipient: "yingji", After: after, Limit: 2})
			require.NoError(t, err)
			for _, d := range list {
				days = append(days, d.Day)
			}
			if after = next; next == "" {
				break
			}
		}
		require.Equal(t, []calendar.Date{monday + 4, monday + 3, monday + 2, monday + 1, monday}, days)

		id := planCode + "/yingji/2026-03-02"
		require.NoError(t, s.MarkRead(t.Context(), id, start))
		require.NoError(t, s.MarkRead(t.Context(), id, start.Add(time.Hour)))
		d, err := s.DigestByID(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, start, d.Read)
		unread, _, err := s.Inbox(t.Context(), obligation.InboxFilter{Plan: planCode, Recipient: "yingji", Unread: true})
		require.NoError(t, err)
		require.Len(t, unread, 4)
		require.NotContains(t, unread, d)
		requireCode(t, obligation.CodeNotFound, s.MarkRead(t.Context(), "nothing", start))
	})
}
