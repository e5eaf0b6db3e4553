package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
)

// write puts a settings file into a fresh folder and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "duban.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// faultsOf loads the settings and returns their faults, at least one.
func faultsOf(t *testing.T, o Options) Faults {
	t.Helper()
	c, err := Load(o)
	var faults Faults
	require.ErrorAs(t, err, &faults)
	require.Equal(t, Config{}, c, "settings with a fault are not to be used")
	return faults
}

func TestDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Options{})
	require.NoError(t, err)
	require.Equal(t, "./data", c.Data.Folder)
	require.Equal(t, "127.0.0.1:8080", c.Listen.Address)
	require.Equal(t, SQLite, c.Database.Driver)
	require.Equal(t, filepath.Join("data", "duban.db"), c.Database.DSN.Reveal())
	require.Equal(t, "FULL", c.Database.Synchronous)
	require.Equal(t, EngineEmbedded, c.Engine.Mode)
	require.Equal(t, "127.0.0.1:7233", c.Engine.Embedded.HostPort)
	require.True(t, c.Engine.UI)
	require.Equal(t, filepath.Join("data", "keys.yaml"), c.Privacy.KeyFile)
	require.Equal(t, "duban", c.Engine.TaskQueue)
	require.Equal(t, calendar.Clock{}, c.Clock.At(time.Now(), time.UTC))
	require.Equal(t, Window{At(9, 0), At(17, 30), At(9, 15)}, c.Window)
	require.False(t, c.MailOn())
	require.Equal(t, slog.LevelInfo, c.Log.Level)
}

func TestLaterLayersWin(t *testing.T) {
	o := Options{File: write(t, `
data: {folder: from-file}
listen: {address: "127.0.0.1:1"}
engine:
  taskQueue: from-file
  embedded: {hostPort: "127.0.0.1:2"}
log: {level: debug}
`)}
	c, err := Load(o)
	require.NoError(t, err)
	require.Equal(t, "from-file", c.Data.Folder)
	require.Equal(t, "127.0.0.1:1", c.Listen.Address)
	require.Equal(t, filepath.Join("from-file", "duban.db"), c.Database.DSN.Reveal(), "the database goes with the folder")
	require.Equal(t, slog.LevelDebug, c.Log.Level)
	require.True(t, c.Engine.UI, "what a section does not name keeps its default")

	o.Env = []string{
		"HOME=/root", "DUBAN_DATA__FOLDER=from-env", "DUBAN_ENGINE__EMBEDDED__HOST_PORT=127.0.0.1:3",
		"DUBAN_LISTEN__ADDRESS=127.0.0.1:0", "DUBAN_ENGINE__TASK_QUEUE=", "DUBAN_LOG__FORMAT= json ",
		"DUBAN_ENGINE__UI= False ",
	}
	o.Overrides = map[string]string{"listen.address": "[::1]:4"}
	c, err = Load(o)
	require.NoError(t, err)
	require.Equal(t, "from-env", c.Data.Folder)
	require.Equal(t, "127.0.0.1:3", c.Engine.Embedded.HostPort)
	require.Equal(t, "[::1]:4", c.Listen.Address)
	require.False(t, c.Engine.UI, "spaces around a value are not of it")
	require.Equal(t, LogJSON, c.Log.Format)
	require.Equal(t, "from-file", c.Engine.TaskQueue, "an empty variable is none")

	sources := map[string]string{}
	for _, s := range c.Redacted() {
		sources[s.Key] = s.Source
	}
	require.Equal(t, "环境变量 DUBAN_DATA__FOLDER", sources["data.folder"])
	require.Equal(t, "命令行参数", sources["listen.address"])
	require.Equal(t, "duban.yaml 第 5 行", sources["engine.taskQueue"])
	require.Equal(t, "默认值", sources["window.from"])
	require.Equal(t, "由 data.folder 得出", sources["database.dsn"])
}

func TestWhichFile(t *testing.T) {
	t.Chdir(t.TempDir())
	one, two := write(t, "data: {folder: one}"), write(t, "data: {folder: two}")
	env := []string{"DUBAN_CONFIG=" + one, "DUBAN_CONFIG=" + two}

	c, err := Load(Options{Env: env})
	require.NoError(t, err)
	require.Equal(t, "two", c.Data.Folder, "the last of two variables counts")

	c, err = Load(Options{Env: env, File: one})
	require.NoError(t, err)
	require.Equal(t, "one", c.Data.Folder, "a flag wins over the environment")

	require.NoError(t, os.WriteFile(DefaultFile, []byte("data: {folder: here}"), 0o600))
	c, err = Load(Options{})
	require.NoError(t, err)
	require.Equal(t, "here", c.Data.Folder)

	require.Equal(t, Faults{{"", "nowhere.yaml", textNoFile}}, faultsOf(t, Options{File: "nowhere.yaml"}))
	require.Equal(t, Faults{{"", "nowhere.yaml", textNoFile}}, faultsOf(t, Options{Env: []string{"DUBAN_CONFIG=nowhere.yaml"}}))
	require.Equal(t, Faults{{"", ".", textFileUnreadable}}, faultsOf(t, Options{File: "."}))
	large := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(large, nil, 0o600))
	require.NoError(t, os.Truncate(large, maxFileSize+1))
	require.Equal(t, Faults{{"", large, textFileTooLarge}}, faultsOf(t, Options{File: large}))
}

// What a person wrote is what counts, not what YAML makes of it.
func TestValuesAreTakenAsWritten(t *testing.T) {
	c, err := Load(Options{File: write(t, `
smtp: {host: mail.example, user: 007, password: 00123, from: duban@example.gov.cn, timeout: 90s}
clock: {mode: SCALED, start: 2024-04-19, speed: 86400}
database: {synchronous: off}
window: {from: 08:30, to: 24:00, digest: 08:30}
`)})
	require.NoError(t, err)
	require.Equal(t, "007", c.SMTP.User)
	require.Equal(t, "00123", c.SMTP.Password.Reveal())
	require.Equal(t, 90*time.Second, c.SMTP.Timeout)
	require.Equal(t, calendar.MustDate("2024-04-19"), c.Clock.Start)
	require.Equal(t, "OFF", c.Database.Synchronous)
	require.Equal(t, Window{At(8, 30), At(24, 0), At(8, 30)}, c.Window)
	require.Equal(t, 24*time.Hour, c.Window.To.Duration())
}

func TestSecretsMayHoldAnything(t *testing.T) {
	c, err := Load(Options{
		File: write(t, `smtp: {host: m, user: u, password: "  p:@#%'  ", from: a@b.cn}`),
	})
	require.NoError(t, err)
	require.Equal(t, "  p:@#%'  ", c.SMTP.Password.Reveal())
}

func TestScaledClock(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*60*60)
	c, err := Load(Options{
		File:      write(t, "clock: {mode: scaled, start: 2024-04-19, speed: 1440}"),
		Overrides: map[string]string{"smtp.host": "mail.example", "smtp.from": "duban@example.gov.cn"},
	})
	require.NoError(t, err)
	origin := time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)
	clock := c.Clock.At(origin, shanghai)
	require.NoError(t, clock.Validate())
	require.True(t, clock.Business(origin.Add(time.Minute)).Equal(time.Date(2024, time.April, 20, 0, 0, 0, 0, shanghai)))
	require.False(t, c.MailOn(), "what is rehearsed reaches nobody")

	c.Clock = Clock{Mode: ClockWall}
	require.True(t, c.MailOn())
}

func TestDerived(t *testing.T) {
	for mode, port := range map[string]int{"none": 25, "starttls": 587, "tls": 465} {
		c, err := Load(Options{Overrides: map[string]string{"smtp.tls": mode}})
		require.NoError(t, err)
		require.Equal(t, port, c.SMTP.Port)
	}
	c, err := Load(Options{Overrides: map[string]string{
		"smtp.port": "2525", "engine.mode": "external", "engine.external.hostPort": "temporal.example:7233",
		"database.dsn": "/srv/duban.db", "privacy.keyFile": "/srv/keys.yaml",
	}})
	require.NoError(t, err)
	require.Equal(t, 2525, c.SMTP.Port)
	require.Equal(t, "duban", c.Engine.External.Namespace)
	require.Equal(t, "/srv/duban.db", c.Database.DSN.Reveal())

	c, err = Load(Options{Overrides: map[string]string{
		"engine.mode": "external", "engine.external.profile": "prod", "privacy.keyFile": "keys.yaml",
	}})
	require.NoError(t, err)
	require.Empty(t, c.Engine.External.Namespace, "the profile names it")
}

func TestTimeOfDay(t *testing.T) {
	var d TimeOfDay
	for _, in := range []string{"", "9", "25:00", "24:01", "09:60", "09:00:00", "九点"} {
		require.Error(t, d.UnmarshalText([]byte(in)), in)
	}
	for in, want := range map[string]TimeOfDay{"00:00": 0, "09:05": At(9, 5), "24:00": At(24, 0)} {
		require.NoError(t, d.UnmarshalText([]byte(in)))
		require.Equal(t, want, d)
		out, err := d.MarshalText()
		require.NoError(t, err)
		require.Equal(t, in, string(out))
	}
}
