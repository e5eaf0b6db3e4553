package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/internal/config"
	"duban/internal/doctor"
	"duban/internal/sheet"
	"duban/internal/store"
	"duban/obligation"
)

// allOn are settings that switch every channel on.
func allOn() []string {
	return []string{
		"DUBAN_SMTP__HOST=mail.example", "DUBAN_SMTP__FROM=duban@example.gov.cn",
		"DUBAN_WECOM__BASE_URL=https://wecom.example", "DUBAN_WECOM__CORP_ID=ww1", "DUBAN_WECOM__AGENT_ID=1", "DUBAN_WECOM__SECRET=s",
		"DUBAN_DINGTALK__BASE_URL=https://ding.example", "DUBAN_DINGTALK__ROBOT_TOKEN=t",
		"DUBAN_FEISHU__BASE_URL=https://feishu.example", "DUBAN_FEISHU__APP_ID=a", "DUBAN_FEISHU__APP_SECRET=s",
		"DUBAN_SMS__URL=https://sms.example", "DUBAN_SMS__FORM=form", "DUBAN_SMS__BODY=to={mobile}&text={text}",
		"DUBAN_WEBHOOK__URL=https://hooks.example", "DUBAN_WEBHOOK__SECRET=s",
	}
}

func TestChannelsOfTheSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	names := func(cfg config.Config, clock calendar.Clock) (out []string) {
		t.Helper()
		i := &installation{cfg: cfg, log: slog.New(slog.DiscardHandler), clock: clock}
		list, err := i.channels()
		require.NoError(t, err)
		for _, c := range list {
			out = append(out, c.Name())
		}
		return out
	}
	cfg, err := config.Load(config.Options{Env: allOn()})
	require.NoError(t, err)
	require.Equal(t, []string{"wecom", "dingtalk", "feishu", "smtp", "sms", "webhook"}, names(cfg, calendar.Clock{}))
	require.Empty(t, names(cfg, calendar.Clock{Held: true, Start: time.Unix(1, 0)}), "what is rehearsed reaches nobody")
	require.Empty(t, names(cfg, calendar.Clock{Speed: 10, Start: time.Unix(1, 0), Origin: time.Unix(1, 0)}))

	scaled, err := config.Load(config.Options{Env: allOn(), Overrides: map[string]string{
		"clock.mode": "scaled", "clock.start": "2024-04-19", "clock.speed": "60",
	}})
	require.NoError(t, err)
	require.Empty(t, names(scaled, calendar.Clock{}))

	none, err := config.Load(config.Options{})
	require.NoError(t, err)
	require.Empty(t, names(none, calendar.Clock{}))
}

func TestNotifyTest(t *testing.T) {
	code, got := http.StatusOK, ""
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		w.WriteHeader(code)
	}))
	t.Cleanup(host.Close)
	vars := []string{"DUBAN_WEBHOOK__URL=" + host.URL, "DUBAN_WEBHOOK__SECRET=s3cret"}
	args := []string{"notify", "test", "webhook", "--to", "office"}

	said := duban(t, vars, args...)
	require.Zero(t, said.code, said.stderr)
	require.Contains(t, said.stdout, "已发出（sent）：webhook")
	require.Contains(t, got, textTestTitle)
	require.Contains(t, got, textTestWhy)

	for status, c := range map[string]int{"failed": 400, "pending": 503, "unknown": 500} {
		code = c
		said = duban(t, vars, args...)
		requireFaults(t, 1, said, "没有发出（"+status+"）")
		require.NotContains(t, said.stderr, "s3cret")
	}
	requireFaults(t, 1, duban(t, vars, "notify", "test", "webhook", "--to", "a/b"), "failed", "收件地址无效")
	requireFaults(t, 2, duban(t, vars, "notify", "test", "wecom", "--to", "x"), "wecom", "webhook")
	requireFaults(t, 2, duban(t, nil, "notify", "test", "wecom", "--to", "x"), "没有启用任何通知渠道")
	requireFaults(t, 2, duban(t, append(vars, "DUBAN_CLOCK__MODE=scaled", "DUBAN_CLOCK__START=2024-04-19", "DUBAN_CLOCK__SPEED=60"), args...),
		"没有启用任何通知渠道")
	requireFaults(t, 2, duban(t, vars, "notify", "test", "webhook"), "--to")
}

// The API shows of an address the server alone, and tests a channel as the command line does.
func TestChannelsForTheAPI(t *testing.T) {
	t.Chdir(t.TempDir())
	cfg, err := config.Load(config.Options{Env: append(allOn(), "DUBAN_SMS__URL=https://sms.example:8443/send?key=s3cret")})
	require.NoError(t, err)
	all := channelTests{&installation{cfg: cfg}}.All()
	require.Equal(t, []api.ChannelSetting{
		{Name: "wecom", On: true, Host: "wecom.example"},
		{Name: "dingtalk", On: true, Host: "ding.example"},
		{Name: "feishu", On: true, Host: "feishu.example"},
		{Name: "smtp", On: true, Host: "mail.example:" + strconv.Itoa(cfg.SMTP.Port)},
		{Name: "sms", On: true, Host: "sms.example:8443"},
		{Name: "webhook", On: true, Host: "hooks.example"},
	}, all)
	none, err := config.Load(config.Options{})
	require.NoError(t, err)
	for _, c := range (channelTests{&installation{cfg: none}}).All() {
		require.False(t, c.On, c.Name)
		require.Empty(t, c.Host, c.Name)
	}

	got := ""
	host := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
	}))
	t.Cleanup(host.Close)
	cfg, err = config.Load(config.Options{Env: []string{"DUBAN_WEBHOOK__URL=" + host.URL, "DUBAN_WEBHOOK__SECRET=s3cret"}})
	require.NoError(t, err)
	i := &installation{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	status, err := channelTests{i}.Test(t.Context(), "webhook", "office")
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
	require.Contains(t, got, textTestTitle)
	got = ""
	_, err = channelTests{i}.Test(t.Context(), "smtp", "a@example.cn")
	require.True(t, obligation.IsNotFound(err))
	i.clock = calendar.Clock{Held: true, Start: time.Unix(1, 0)}
	_, err = channelTests{i}.Test(t.Context(), "webhook", "office")
	require.True(t, obligation.IsNotFound(err))
	require.Empty(t, got, "what is rehearsed reaches nobody")
}

func TestSpreadsheetForTheAPI(t *testing.T) {
	var b bytes.Buffer
	rows := func(yield func([]string, error) bool) { yield([]string{"=1+1"}, nil) }
	require.NoError(t, spreadsheet(&b, api.Table{Title: "责任事项", Note: "截至今天", Columns: []api.TableColumn{{Heading: "标题", Width: 20}}}, rows))
	book, err := sheet.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), "a.xlsx")
	require.NoError(t, err)
	var texts []string
	for _, row := range book.Sheets[0].Rows {
		texts = append(texts, row.Cells[0].Text)
	}
	require.Equal(t, []string{"责任事项", "截至今天", "标题", "=1+1"}, texts)
}

// Two processes find the same: who looks after the installation is told once a day of each kind, and again where nothing had left.
func TestAlertsReachTheOperators(t *testing.T) {
	var got []string
	away := true
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		got = append(got, string(body))
	}))
	t.Cleanup(host.Close)
	cfg, err := config.Load(config.Options{Env: []string{"DUBAN_WEBHOOK__URL=" + host.URL, "DUBAN_WEBHOOK__SECRET=s3cret", "DUBAN_ALERT__TO=webhook:ops"}})
	require.NoError(t, err)
	s, err := store.Open(t.Context(), store.Options{Driver: store.SQLite, DSN: filepath.Join(t.TempDir(), "duban.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	one := &installation{cfg: cfg, log: slog.New(slog.DiscardHandler), store: s}
	other := &installation{cfg: cfg, log: one.log, store: one.store}
	day := time.Now().Format(time.DateOnly)
	disk := doctor.Alarm{Finding: doctor.Finding{Kind: doctor.DiskFull, Subject: "数据目录", Problem: "只剩 1 MB", Repair: "清理"}, Count: 1}
	missing := doctor.Alarm{Finding: doctor.Finding{Kind: doctor.WorkflowMissing, Subject: "plan/p", Problem: "没有流程", Repair: "duban doctor --fix"}, Count: 3}
	require.Error(t, one.tellOperators(t.Context(), day, []doctor.Alarm{disk}))
	away = false
	require.NoError(t, other.tellOperators(t.Context(), day, []doctor.Alarm{disk}))
	require.NoError(t, one.tellOperators(t.Context(), day, []doctor.Alarm{disk, missing}))
	require.NoError(t, other.tellOperators(t.Context(), day, []doctor.Alarm{disk, missing}))
	require.Len(t, got, 2)
	require.Contains(t, got[0], "只剩 1 MB")
	require.NotContains(t, got[1], "只剩 1 MB")
	require.Contains(t, got[1], "共 3 处")
	require.NoError(t, one.tellOperators(t.Context(), time.Now().AddDate(0, 0, 1).Format(time.DateOnly), []doctor.Alarm{disk}))
	require.Len(t, got, 3, "the next day")
}
