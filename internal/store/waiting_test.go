package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// waiting stores obligations that wait for everything there is, since instants an hour apart.
func waiting(t testing.TB, s *store.Store) {
	at := func(hours int) time.Time { return start.Add(time.Duration(hours) * time.Hour) }
	acted := func(measure string, hours int, c obligation.Command) {
		first := opened(obligationID(measure, "yingji"))
		put(t, s, first, decided(t, first.State, at(hours), c))
	}
	acted("10.1", 1, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成"})
	acted("10.2", 2, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成"})
	acted("10.3", 3, obligation.Command{Kind: obligation.AskExtension, By: unit(), Text: "材料未齐", Due: calendar.MustDate("2026-05-29")})
	acted("10.4", 4, obligation.Command{Kind: obligation.SendBack, By: unit(), Text: "不属于"})
	acted("10.5", 5, obligation.Command{Kind: obligation.Suspend, By: office(), Text: "等待上级文件"})
	put(t, s, opened(obligationID("10.6", "yingji")))
	drafted(t, s, obligationID("10.7", "xiaofang"))
}

func measures(views []obligation.View) []string {
	var out []string
	for _, v := range views {
		out = append(out, v.State.ID.Measure)
	}
	return out
}

func TestListByWhatItWaitsFor(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		waiting(t, s)
		list := func(f obligation.Filter) []string {
			f.Plan, f.Now = planCode, start
			return measures(all(t, s, f))
		}
		require.Equal(t, []string{"10.1", "10.2"}, list(obligation.Filter{WaitsFor: obligation.WaitSubmission}))
		require.Equal(t, []string{"10.3"}, list(obligation.Filter{WaitsFor: obligation.WaitExtension}))
		require.Equal(t, []string{"10.4"}, list(obligation.Filter{WaitsFor: obligation.WaitSendBack}))
		require.Equal(t, []string{"10.5"}, list(obligation.Filter{WaitsFor: obligation.WaitSuspension}))
		require.Equal(t, []string{"10.7"}, list(obligation.Filter{WaitsFor: obligation.WaitDraft}))
		require.Empty(t, list(obligation.Filter{WaitsFor: obligation.WaitDraft, Units: []string{"yingji"}}))
		require.Equal(t, []string{"10.1", "10.2", "10.3", "10.4", "10.5"}, list(obligation.Filter{WaitingOn: "office"}))
		require.Equal(t, []string{"10.6"}, list(obligation.Filter{WaitingOn: "yingji"}))
		require.Empty(t, list(obligation.Filter{WaitingOn: "leader"}))
		requireSound(t, s)
	})
}

func TestAwaitedAndHoldings(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		waiting(t, s)
		got, err := s.Awaited(t.Context(), planCode, "")
		require.NoError(t, err)
		want := []obligation.Awaited{
			{For: obligation.WaitDraft, Count: 1, Oldest: late},
			{For: obligation.WaitSubmission, Count: 2, Oldest: start.Add(time.Hour)},
			{For: obligation.WaitExtension, Count: 1, Oldest: start.Add(3 * time.Hour)},
			{For: obligation.WaitSendBack, Count: 1, Oldest: start.Add(4 * time.Hour)},
			{For: obligation.WaitSuspension, Count: 1, Oldest: start.Add(5 * time.Hour)},
		}
		require.Equal(t, want, got)
		got, err = s.Awaited(t.Context(), planCode, "yingji")
		require.NoError(t, err)
		require.Equal(t, want[1:], got)
		got, err = s.Awaited(t.Context(), "other", "")
		require.NoError(t, err)
		require.Empty(t, got)

		holdings, err := s.Holdings(t.Context(), planCode, 2)
		require.NoError(t, err)
		byHolder := map[string]obligation.Holding{}
		for _, h := range holdings {
			byHolder[h.Who] = h
		}
		require.Len(t, holdings, 3)
		require.Len(t, byHolder, 3)
		office := byHolder["office"]
		require.Equal(t, 6, office.Count, "five obligations and a draft")
		require.Equal(t, start.Add(time.Hour), office.Since)
		require.Equal(t, []obligation.Held{
			{ID: obligationID("10.1", "yingji"), Title: "完善重大事故隐患判定标准汇编", UnitName: "区应急局", Period: "2026年3月", For: obligation.WaitSubmission, Since: start.Add(time.Hour)},
			{ID: obligationID("10.2", "yingji"), Title: "完善重大事故隐患判定标准汇编", UnitName: "区应急局", Period: "2026年3月", For: obligation.WaitSubmission, Since: start.Add(2 * time.Hour)},
		}, office.Oldest)
		require.Equal(t, 1, byHolder["yingji"].Count)
		require.Equal(t, start, byHolder["xiaofang"].Since, "its deadline passed, and it still holds it")
		all, err := s.Holdings(t.Context(), planCode, 9)
		require.NoError(t, err)
		for _, h := range all {
			if h.Who == "office" {
				require.Equal(t, obligation.Held{
					ID: obligationID("10.7", "xiaofang"), Rung: obligation.Letter, Title: h.Oldest[5].Title, UnitName: "区应急局", For: obligation.WaitDraft, Since: late,
				}, h.Oldest[5])
			}
		}
	})
}

// What was stored before there were columns for what it waits for has them once the store is opened.
func TestOpenFillsWhatRowsWaitFor(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			s := openStore(t, o)
			waiting(t, s)
			before, err := store.Dump(t.Context(), s)
			require.NoError(t, err)
			require.NoError(t, store.Exec(t.Context(), s, "UPDATE obligations SET waits_for = NULL, waits_since = NULL, search_text = ''",
				"UPDATE documents SET waits_for = NULL, waits_since = NULL"))
			emptied, err := store.Dump(t.Context(), s)
			require.NoError(t, err)
			require.NotEqual(t, before, emptied)

			s = openStore(t, o)
			after, err := store.Dump(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, before["obligations"], after["obligations"])
			require.Equal(t, before["documents"], after["documents"])
			requireSound(t, s)
		})
	}
}

func TestVerifyFindsWhatListsAreSearchedBy(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		put(t, s, opened(obligationID("10.1", "yingji")))
		require.NoError(t, store.Exec(t.Context(), s, "UPDATE obligations SET waits_for = 'submission', search_text = 'x', waits_since = NULL"))
		report, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, report.Findings, 3)

		require.NoError(t, store.Exec(t.Context(), s, "UPDATE obligations SET waits_for = 'unit', search_text = ''"))
		drafted(t, s, obligationID("10.2", "yingji"))
		before, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.NoError(t, store.Exec(t.Context(), s, "UPDATE documents SET waits_for = 'interview'"))
		report, err = s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, report.Findings, len(before.Findings)+1, "a document that waits for something else")
	})
}

func broken(t testing.TB, s *store.Store, p obligation.Patience) map[obligation.Fault]int {
	list, err := s.Broken(t.Context(), planCode, p)
	require.NoError(t, err)
	out := map[obligation.Fault]int{}
	for _, b := range list {
		require.False(t, b.Since.IsZero(), "%s", b.Fault)
		out[b.Fault] = b.Count
	}
	return out
}

func TestBroken(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first)
		later := obligation.Patience{Told: start.Add(time.Hour), Stepped: start.Add(time.Hour)}
		require.Equal(t, map[obligation.Fault]int{obligation.FaultOutbox: 1}, broken(t, s, later))
		require.Empty(t, broken(t, s, obligation.Patience{Told: start, Stepped: start}), "there was time until now")
		require.Equal(t, map[obligation.Fault]int{obligation.FaultOutbox: 1, obligation.FaultMissed: 1},
			broken(t, s, obligation.Patience{Told: start.Add(time.Hour), Stepped: start.AddDate(0, 1, 0)}))

		digest(t, s, monday, false, email...)
		require.Equal(t, map[obligation.Fault]int{obligation.FaultUnsent: 2}, broken(t, s, later))
		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 10)
		require.NoError(t, err)
		finish := func(d obligation.Delivery, status obligation.DeliveryStatus) {
			ok, err := s.BeginDelivery(t.Context(), d, start)
			require.NoError(t, err)
			require.True(t, ok)
			d.Status, d.Error, d.At = status, "对方拒收", start
			require.NoError(t, s.FinishDelivery(t.Context(), d))
		}
		finish(pending[0], obligation.DeliveryFailed)
		require.Equal(t, map[obligation.Fault]int{obligation.FaultUnsent: 1}, broken(t, s, later), "the other may still be sent")
		finish(pending[1], obligation.DeliveryUnknown)
		require.Equal(t, map[obligation.Fault]int{obligation.FaultFailed: 1, obligation.FaultUnknown: 1}, broken(t, s, later))
		require.NoError(t, s.MarkRead(t.Context(), pending[0].Digest, start))
		require.Empty(t, broken(t, s, later), "they have read it")

		require.NoError(t, store.Exec(t.Context(), s, "UPDATE obligations SET waiting_on = '', next_at = NULL"))
		require.Equal(t, map[obligation.Fault]int{obligation.FaultNobody: 1}, broken(t, s, later))
		others, err := s.Broken(t.Context(), "other", later)
		require.NoError(t, err)
		require.Empty(t, others)
	})
}

func TestDispatches(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		put(t, s, opened(obligationID("10.1", "yingji")))
		digest(t, s, monday, false, email...)
		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 10)
		require.NoError(t, err)
		require.Len(t, pending, 2)
		ok, err := s.BeginDelivery(t.Context(), pending[0], start.Add(time.Minute))
		require.NoError(t, err)
		require.True(t, ok)
		pending[0].Status, pending[0].Error, pending[0].At = obligation.DeliveryFailed, "对方拒收", start.Add(time.Minute)
		require.NoError(t, s.FinishDelivery(t.Context(), pending[0]))

		f := obligation.DispatchFilter{Plan: planCode, Limit: 1}
		list, next, err := s.Dispatches(t.Context(), f)
		require.NoError(t, err)
		pending[0].Attempts = 1
		require.Equal(t, []obligation.Dispatch{{Delivery: pending[0], Recipient: "yingji", Day: monday}}, list, "what changed last, and nothing of the inbox")
		f.After = next
		list, next, err = s.Dispatches(t.Context(), f)
		require.NoError(t, err)
		require.Equal(t, []obligation.Dispatch{{Delivery: pending[1], Recipient: "yingji", Day: monday}}, list)
		require.Empty(t, next)

		f = obligation.DispatchFilter{Plan: planCode, Statuses: []obligation.DeliveryStatus{obligation.DeliveryFailed, obligation.DeliveryUnknown}}
		list, _, err = s.Dispatches(t.Context(), f)
		require.NoError(t, err)
		require.Len(t, list, 1)
		f.After = "zzz"
		_, _, err = s.Dispatches(t.Context(), f)
		requireCode(t, obligation.CodeNotFound, err)
	})
}
