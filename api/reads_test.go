package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

const thePlan = v1 + "/plans/changning-2024"

// as answers what somebody gets to see at an address.
func as(t *testing.T, h http.Handler, who, path string) map[string]any {
	t.Helper()
	return ask(t, h, http.StatusOK, request(http.MethodGet, path, "", asHeader, who))
}

func TestWall(t *testing.T) {
	h := api.New(newFake(t).deps())
	wall := get(t, h, thePlan+"/wall")
	require.Equal(t, []any{"2024-01", "2026-12", "2026-03-02"}, []any{wall["from"], wall["to"], wall["today"]})
	rows := objects(t, wall["rows"])
	require.Len(t, rows, 2, "a task without any obligation has a row too")
	require.Equal(t, []any{"1", "学习贯彻", 1.0, "学习教育行动", "red"}, []any{rows[0]["task"], rows[0]["title"], rows[0]["action"], rows[0]["actionTitle"], rows[0]["light"]})
	require.Equal(t, []map[string]any{
		{"month": "2025-12", "total": 1.0, "closed": 1.0, "green": 0.0, "yellow": 0.0, "red": 0.0, "none": 1.0, "light": "none"},
		{"month": "2026-01", "total": 1.0, "closed": 0.0, "green": 0.0, "yellow": 0.0, "red": 1.0, "none": 0.0, "light": "red"},
		{"month": "2026-06", "total": 1.0, "closed": 0.0, "green": 1.0, "yellow": 0.0, "red": 0.0, "none": 0.0, "light": "green"},
	}, objects(t, rows[0]["cells"]))
	require.Equal(t, []any{"S1", "none"}, []any{rows[1]["task"], rows[1]["light"]})
	require.Empty(t, rows[1]["cells"])
	require.NotContains(t, rows[1], "actionTitle")

	of := objects(t, get(t, h, thePlan+"/wall?unit=xinhua")["rows"])
	require.Len(t, of[0]["cells"], 1)
	require.Equal(t, of[0], objects(t, as(t, h, "unit zhang xinhua", thePlan+"/wall")["rows"])[0], "his own, without asking")
	wantProblem(t, serve(h, request(http.MethodGet, thePlan+"/wall?unit=tianshan", "", asHeader, "unit zhang xinhua")), http.StatusForbidden, "other_unit")
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/plans/none/wall", "")), http.StatusNotFound, "not_found")
}

func TestOverview(t *testing.T) {
	f := newFake(t)
	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Submit, Text: "已完成"}, now)
	h := api.New(f.deps())
	got := get(t, h, thePlan+"/overview")
	require.Equal(t, []any{"2026-03-02", 3.0, 2.0, 0.0, 0.0, 1.0}, []any{got["today"], got["total"], got["open"], got["closed"], got["waived"], got["history"]})
	require.Equal(t, []any{0.0, 1.0, 0.0}, []any{got["dueSoon"], got["overdue"], got["overdueDone"]})
	require.Equal(t, []map[string]any{
		{"kind": "draft", "label": "文书待签发", "count": 1.0, "oldest": "2026-02-09T17:00:00+08:00"},
		{"kind": "submission", "label": "报送待审核", "count": 1.0, "oldest": "2026-03-02T10:00:00+08:00"},
	}, objects(t, got["waiting"]))
	require.Equal(t, []map[string]any{
		{"unit": "tianshan", "name": "天山路街道", "kind": "street", "total": 1.0, "closed": 0.0, "onTime": 0.0, "late": 0.0, "overdue": 1.0, "yellow": 0.0, "rate": 0.0},
		{"unit": "xinhua", "name": "新华路街道", "kind": "street", "total": 1.0, "closed": 0.0, "onTime": 0.0, "late": 0.0, "overdue": 0.0, "yellow": 0.0, "rate": 0.0},
	}, objects(t, got["units"]), "who has nothing decided comes last")
	require.Equal(t, []map[string]any{{"month": "2026-01", "due": 1.0, "onTime": 0.0, "late": 0.0, "overdue": 1.0}}, objects(t, got["trend"]), "until this month, and no history")

	own := as(t, h, "unit li tianshan", thePlan+"/overview")
	require.Empty(t, own["waiting"], "a draft is nothing that the unit hears of")
	require.Len(t, own["units"], 1)
	require.Equal(t, 2.0, own["total"])
	require.Len(t, objects(t, get(t, h, thePlan+"/overview?unit=tianshan")["waiting"]), 1)

	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Accept}, now)
	units := objects(t, get(t, h, thePlan+"/overview")["units"])
	require.Equal(t, []any{"tianshan", 0.0, "xinhua", 1.0}, []any{units[0]["unit"], units[0]["rate"], units[1]["unit"], units[1]["rate"]})
}

func TestMatrix(t *testing.T) {
	h := api.New(newFake(t).deps())
	got := get(t, h, thePlan+"/tasks/1/matrix")
	require.Equal(t, []map[string]any{{"code": "xinhua", "name": "新华路街道"}, {"code": "tianshan", "name": "天山路街道"}}, objects(t, got["units"]), "in the plan's order")
	rows := objects(t, got["rows"])
	require.Len(t, rows, 1)
	require.Equal(t, []any{"1.1", "报送学习情况", "continuous", "持续推进"}, []any{rows[0]["measure"], rows[0]["title"], rows[0]["kind"], rows[0]["kindLabel"]})
	require.Equal(t, []map[string]any{
		{"unit": "xinhua", "light": "green", "total": 1.0, "closed": 0.0, "overdue": 0.0, "period": "2026H1", "due": "2026-06-30"},
		{"unit": "tianshan", "light": "red", "total": 2.0, "closed": 1.0, "overdue": 1.0, "due": "2026-01-30"},
	}, objects(t, rows[0]["cells"]))

	past := get(t, h, thePlan+"/tasks/1/matrix?year=2025")
	require.Equal(t, []map[string]any{{"unit": "tianshan", "light": "none", "total": 1.0, "closed": 1.0, "overdue": 0.0, "period": "2025H2"}},
		objects(t, objects(t, past["rows"])[0]["cells"]))
	require.Equal(t, 2025.0, past["year"])
	require.Len(t, as(t, h, "unit zhang xinhua", thePlan+"/tasks/1/matrix")["units"], 1)
	require.Empty(t, objects(t, get(t, h, thePlan+"/tasks/S1/matrix")["rows"]))
	wantProblem(t, serve(h, request(http.MethodGet, thePlan+"/tasks/99/matrix", "")), http.StatusNotFound, "not_found")
}

func TestStuck(t *testing.T) {
	f := newFake(t)
	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Submit, Text: "已完成"}, now)
	f.draftInterview(id("tianshan", "2026-01"))
	f.broken = []obligation.Broken{{Fault: obligation.FaultUnknown, Count: 2, Since: now}}
	h := api.New(f.deps())
	got := get(t, h, thePlan+"/stuck")
	people := objects(t, got["people"])
	require.Len(t, people, 3)
	require.Equal(t, []any{"tianshan", "天山路街道", "unit", 1.0}, []any{people[0]["who"], people[0]["name"], people[0]["kind"], people[0]["count"]}, "who has had it longest")
	require.Equal(t, []any{"office", "区安委办", "office", 2.0, "2026-02-09T17:00:00+08:00"}, []any{people[1]["who"], people[1]["name"], people[1]["kind"], people[1]["count"], people[1]["since"]})
	require.Equal(t, []any{"leader", "安委会领导", "leader", 1.0}, []any{people[2]["who"], people[2]["name"], people[2]["kind"], people[2]["count"]})
	oldest := objects(t, people[1]["oldest"])
	require.Equal(t, []any{"letter", "督促函", "draft", "文书待签发"}, []any{oldest[0]["rung"], oldest[0]["rungLabel"], oldest[0]["for"], oldest[0]["forLabel"]})
	require.Equal(t, []any{"submission", "报送学习情况", "xinhua"}, []any{oldest[1]["for"], oldest[1]["title"], oldest[1]["unit"]})
	faults := objects(t, got["system"])
	require.Len(t, faults, 1)
	require.Equal(t, []any{"deliveries_unknown", "发出与否不明", 2.0, "2026-03-02T10:00:00+08:00"}, []any{faults[0]["kind"], faults[0]["label"], faults[0]["count"], faults[0]["since"]})
	require.NotEmpty(t, faults[0]["help"])
	as(t, h, "admin", thePlan+"/stuck")
	wantProblem(t, serve(h, request(http.MethodGet, thePlan+"/stuck", "", asHeader, "unit zhang xinhua")), http.StatusForbidden, "not_allowed")
}

func TestDeliveries(t *testing.T) {
	f := newFake(t)
	sent := func(channel, address, problem string, status obligation.DeliveryStatus) obligation.Dispatch {
		return obligation.Dispatch{
			Delivery:  obligation.Delivery{Digest: "d", Channel: channel, Address: address, Status: status, Attempts: 1, Error: problem, At: now},
			Recipient: "xinhua", Day: calendar.MustDate("2026-03-02"),
		}
	}
	f.dispatches = []obligation.Dispatch{
		sent("smtp", "a@example.cn", "对方拒收 dial tcp 10.0.0.7:25: https://mail.inner.example/x?token=s，用户 13800000001 不存在（mail.inner.example:25）", obligation.DeliveryFailed),
		sent("sms", "13800000001", "", obligation.DeliverySent),
	}
	h := api.New(f.deps())
	list := objects(t, get(t, h, thePlan+"/deliveries")["deliveries"])
	require.Len(t, list, 2)
	require.Equal(t, map[string]any{
		"digest": "d", "day": "2026-03-02", "recipient": "xinhua", "recipientName": "新华路街道", "channel": "smtp", "channelLabel": "电子邮件", "address": "a@example.cn",
		"status": "failed", "statusLabel": "没有发出", "attempts": 1.0, "at": "2026-03-02T10:00:00+08:00", "error": "对方拒收 dial tcp …: …，用户 … 不存在（…）",
	}, list[0])
	require.Equal(t, "138****0001", list[1]["address"])
	require.Len(t, objects(t, get(t, h, thePlan+"/deliveries?status=failed,unknown")["deliveries"]), 1)
	wantProblem(t, serve(h, request(http.MethodGet, thePlan+"/deliveries?status=lost", "")), http.StatusUnprocessableEntity, "validation_failed")
	wantProblem(t, serve(h, request(http.MethodGet, thePlan+"/deliveries?cursor=zzz", "")), http.StatusUnprocessableEntity, "validation_failed")
}

func TestCalendarYear(t *testing.T) {
	f := newFake(t)
	var err error
	f.definition.Calendar, err = calendar.NewCalendar(1, map[int]calendar.Year{2026: {Off: []string{"0501-0505"}, On: []string{"0509"}}})
	require.NoError(t, err)
	h := api.New(f.deps())
	got := as(t, h, "unit zhang xinhua", thePlan+"/calendar/2026")
	require.Equal(t, []any{2026.0, false, []any{"2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"}, []any{"2026-05-09"}},
		[]any{got["year"], got["provisional"], got["off"], got["on"]})
	days := objects(t, got["days"])
	require.Len(t, days, 365)
	require.Equal(t, map[string]any{"date": "2026-05-09", "kind": "made-up"}, days[128])
	require.Equal(t, "rest", days[129]["kind"])
	next := get(t, h, thePlan+"/calendar/2028")
	require.Equal(t, []any{true, []any{}}, []any{next["provisional"], next["off"]})
	require.Len(t, next["days"], 366)
}

func TestUnit(t *testing.T) {
	f := newFake(t)
	units := f.definition.Plan.Units
	units[1].To, units[1].Into = calendar.MustDate("2026-02-28"), "tianshan"
	units[1].Contacts = units[0].Contacts
	h := api.New(f.deps())
	const path = thePlan + "/units/xinhua"
	got := get(t, h, path)
	require.Equal(t, []any{"xinhua", "新华路街道", "street", false, map[string]any{"code": "tianshan", "name": "天山路街道"}},
		[]any{got["code"], got["name"], got["kind"], got["valid"], got["mergedInto"]})
	require.Equal(t, map[string]any{"total": 1.0, "open": 1.0, "red": 0.0, "yellow": 0.0, "closed": 0.0, "history": 0.0}, got["counts"])
	for who, want := range map[string]string{"office": "13800000001", "admin": "13800000001", "auditor": "138****0001", "leader": "138****0001", "unit zhang xinhua": "138****0001"} {
		one := as(t, h, who, path)
		require.Equal(t, want, objects(t, one["contacts"])[0]["mobile"], who)
		if who == "admin" {
			require.NotContains(t, one, "counts", "that is business")
		}
	}
	wantProblem(t, serve(h, request(http.MethodGet, path, "", asHeader, "unit li tianshan")), http.StatusForbidden, "other_unit")
	wantProblem(t, serve(h, request(http.MethodGet, thePlan+"/units/nobody", "")), http.StatusNotFound, "not_found")
}

func TestChannels(t *testing.T) {
	deps := newFake(t).deps()
	log, out := &registry{}, &outlets{}
	deps.Accounts, deps.Channels = log, out
	h := api.New(deps)
	got := get(t, h, v1+"/channels")
	require.Equal(t, []map[string]any{
		{"name": "wecom", "label": "企业微信", "on": false}, {"name": "smtp", "label": "电子邮件", "on": true, "host": "mail.example:25"},
	}, objects(t, got["channels"]))
	require.Equal(t, false, got["silent"])

	test := func(to string) map[string]any {
		return post(t, h, v1+"/channels/smtp/test", `{"to":"`+to+`"}`, asHeader, "admin")
	}
	require.Equal(t, map[string]any{"status": "sent", "statusLabel": "对方已接收"}, test("a@example.cn"))
	require.Equal(t, map[string]any{"status": "refused", "statusLabel": "没有发出", "reason": "对方拒收 …：550 没有这个收件人"}, test("nobody@example.cn"))
	require.Equal(t, map[string]any{"status": "unknown", "statusLabel": "发出与否不明", "reason": "对方没有答复"}, test("slow@example.cn"))
	require.Equal(t, []string{"a@example.cn"}, out.sent)
	require.Len(t, log.entries, 3)
	require.Equal(t, []any{account.ChannelTested, "smtp", "a@example.cn 对方已接收", "zhang"}, []any{log.entries[0].Action, log.entries[0].Target, log.entries[0].Detail, log.entries[0].By})
	refuses(t, h, "channel_off", http.StatusNotFound, v1+"/channels/wecom/test", `{"to":"x"}`, asHeader, "admin")
	refuses(t, h, "not_allowed", http.StatusForbidden, v1+"/channels/smtp/test", `{"to":"x"}`, asHeader, "office")
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, v1+"/channels/pigeon/test", `{"to":"x"}`, asHeader, "admin")

	deps.Rehearsal = true
	h = api.New(deps)
	refuses(t, h, "rehearsal", http.StatusConflict, v1+"/channels/smtp/test", `{"to":"a@example.cn"}`, asHeader, "admin")
	require.Len(t, out.sent, 1, "what is rehearsed reaches nobody")
	require.Equal(t, true, get(t, h, v1+"/channels")["silent"])
}

// What a list is asked for reaches the store as it is meant.
func TestSelection(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	got := get(t, h, v1+"/obligations?plan=changning-2024&task=1,S1&unit=xinhua,tianshan&stage=open,signed&light=red,green&list=overdue&year=2026"+
		"&waitingOn=tianshan&waitsFor=draft&q="+"%E5%AD%A6%E4%B9%A0%20ABC"+"&sort=-light&limit=7")
	require.Equal(t, 0.0, got["total"])
	q := f.asked
	require.Equal(t, []string{"1", "S1"}, q.Tasks)
	require.Equal(t, []string{"xinhua", "tianshan"}, q.Units)
	require.Equal(t, []obligation.Stage{obligation.StageOpen, obligation.StageSigned}, q.Stages)
	require.Equal(t, []obligation.Light{obligation.Red, obligation.Green}, q.Lights)
	require.Equal(t, []string{"学习", "abc"}, q.Words)
	require.Equal(t, []any{obligation.ListOverdue, "tianshan", obligation.WaitDraft, obligation.SortLight, true, 7, true},
		[]any{q.Listing, q.WaitingOn, q.WaitsFor, q.Sort, q.Descending, q.Limit, q.Count})
	require.Equal(t, []any{"2026-01-01", "2026-12-31"}, []any{q.DueFrom.String(), q.DueTo.String()})
	require.Equal(t, "2026-04-02T00:00:00+08:00", q.Soon.Format("2006-01-02T15:04:05-07:00"), "the end of the thirtieth day")

	get(t, h, v1+"/obligations?plan=changning-2024&action=1&year=2026&dueFrom=2026-03-01&dueTo=2027-03-01&task=")
	require.Equal(t, []any{[]string{"1"}, "2026-03-01", "2026-12-31", obligation.SortDue}, []any{f.asked.Tasks, f.asked.DueFrom.String(), f.asked.DueTo.String(), f.asked.Sort})
	require.Empty(t, get(t, h, v1+"/obligations?plan=changning-2024&action=1&task=S1")["obligations"], "another action's")
	require.Empty(t, get(t, h, v1+"/obligations?plan=none&action=1")["obligations"])
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations?action=1", "")), http.StatusUnprocessableEntity, "validation_failed")
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations?sort=name", "")), http.StatusUnprocessableEntity, "validation_failed")

	require.Equal(t, 3.0, get(t, h, v1+"/obligations?limit=1")["total"], "of all pages")
	list := objects(t, get(t, h, v1+"/obligations?list=overdue")["obligations"])
	require.Len(t, list, 1)
	require.Equal(t, "2026-01", list[0]["period"])
	require.Len(t, get(t, h, v1+"/obligations?waitsFor=draft")["obligations"], 1)
	for _, path := range []string{"waitsFor=draft", "waitingOn=leader", "waitsFor=draft&unit=tianshan"} {
		wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations?"+path, "", asHeader, "unit li tianshan")), http.StatusForbidden, "not_allowed")
	}
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations?unit=tianshan,xinhua", "", asHeader, "unit li tianshan")), http.StatusForbidden, "other_unit")
}

func TestExport(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	w := serve(h, request(http.MethodGet, v1+"/obligations/export?plan=changning-2024&sort=due", ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", w.Header().Get("Content-Type"))
	require.Contains(t, w.Header().Get("Content-Disposition"), "obligations.xlsx")
	lines := strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
	require.Len(t, lines, 6)
	require.Equal(t, []string{"责任事项", "截至 2026-03-02 10:00，共 3 件"}, lines[:2])
	headings := strings.Split(lines[2], "\t")
	require.Equal(t, []string{"序号", "任务", "分项任务"}, headings[:3])
	var found bool
	for i, line := range lines[3:] {
		cells := strings.Split(line, "\t")
		require.Len(t, cells, len(headings))
		if cells[5] == "2026-01" {
			found = true
			require.Equal(t, []string{
				"1.1", "报送学习情况", "天山路街道", "2026-01", "待签收", "红灯", "2026-01-30", "2026-01-30", "2026-01-30", "是", "督促函", "天山路街道",
			}, cells[2:14])
			require.Equal(t, string(rune('1'+i)), cells[0])
		}
	}
	require.True(t, found)
	own := serve(h, request(http.MethodGet, v1+"/obligations/export", "", asHeader, "unit zhang xinhua"))
	require.Equal(t, 4, strings.Count(own.Body.String(), "\n"), "his own alone")
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations/export", "", asHeader, "admin")), http.StatusForbidden, "not_allowed")

	f.more = 20_000 - 3
	require.Equal(t, http.StatusOK, serve(h, request(http.MethodGet, v1+"/obligations/export", "")).Code)
	f.more++
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations/export", "")), http.StatusUnprocessableEntity, "export_too_large")
}

// Of more than one page all are exported, and one that can't be read is no workbook.
func TestExportOfManyPages(t *testing.T) {
	f := newFake(t)
	for i := range 250 {
		f.open("xinhua", "p"+strings.Repeat("x", i), "2026-06-30", "2026-01-05")
	}
	h := api.New(f.deps())
	w := serve(h, request(http.MethodGet, v1+"/obligations/export", ""))
	require.Equal(t, 3+253, strings.Count(w.Body.String(), "\n"))
	lists := 0
	f.trap = func() {
		if lists++; lists > 1 {
			f.down = errDown
		}
	}
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations/export", "")), http.StatusServiceUnavailable, "database_unavailable")
}
