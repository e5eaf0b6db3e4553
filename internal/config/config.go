// Package config reads the settings of an installation: defaults, then the file, then the environment, then flags.
// Every fault is reported at once, with its key and where the value came from.
package config

import (
	"log/slog"
	"strings"
	"time"

	"duban/calendar"
)

// Config is every setting of an installation, checked. What Load left to be derived (the database's DSN, the port of
// the mail server, the namespace) is filled in. Printing a Config shows no secret.
type Config struct {
	Data     Data     `key:"data"`
	Listen   Listen   `key:"listen"`
	OIDC     OIDC     `key:"oidc"`
	Database Database `key:"database"`
	Engine   Engine   `key:"engine"`
	Privacy  Privacy  `key:"privacy"`
	Clock    Clock    `key:"clock"`
	Window   Window   `key:"window"`
	SMTP     SMTP     `key:"smtp"`
	WeCom    WeCom    `key:"wecom"`
	DingTalk DingTalk `key:"dingtalk"`
	Feishu   Feishu   `key:"feishu"`
	SMS      SMS      `key:"sms"`
	Webhook  Webhook  `key:"webhook"`
	Letters  Letters  `key:"letters"`
	Evidence Evidence `key:"evidence"`
	Backup   Backup   `key:"backup"`
	Log      Log      `key:"log"`

	Metrics Metrics `key:"metrics"`
	Tracing Tracing `key:"tracing"`

	sources map[string]string // where the value of a key came from; none: the default
}

// Data is where the files of an installation live.
type Data struct {
	Folder string `key:"folder"` // relative to the working folder, unless absolute
}

// Listen is where people and programs reach duban.
type Listen struct {
	Address string `key:"address"` // host:port; beyond this machine only with TLS of its own, or behind a proxy that has it; port 0 lets the system choose
	TLSCert string `key:"tlsCert"` // PEM files; both or neither
	TLSKey  string `key:"tlsKey"`
	// URL is the address that people type, such as https://duban.example; "": that of Address.
	URL string `key:"url"`
	// TrustedProxies are addresses or networks, separated by commas, of proxies whose word of where a request came from is taken.
	TrustedProxies string `key:"trustedProxies"`
}

// Encrypted reports whether people reach duban over TLS alone.
func (l Listen) Encrypted() bool { return l.TLSCert != "" || strings.HasPrefix(l.URL, "https://") }

// Proxies returns the trusted proxies one by one.
func (l Listen) Proxies() []string {
	return strings.FieldsFunc(l.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' })
}

// Driver is a kind of database.
type Driver string

// The databases.
const (
	SQLite Driver = "sqlite"
	MySQL  Driver = "mysql"
)

// Database is where the ledger and the read model live.
type Database struct {
	Driver      Driver `key:"driver" oneof:"sqlite,mysql"`
	DSN         Secret `key:"dsn"`                                       // sqlite: the path of the file; mysql: user:password@tcp(host:port)/name
	Synchronous string `key:"synchronous" oneof:"OFF,NORMAL,FULL,EXTRA"` // SQLite's pragma, for duban's and the embedded engine's files
}

// EngineMode says where the workflows run.
type EngineMode string

// The places of the workflow engine.
const (
	EngineEmbedded EngineMode = "embedded"
	EngineExternal EngineMode = "external"
)

// Engine is the Temporal server: inside the process, or a cluster elsewhere.
type Engine struct {
	Mode      EngineMode `key:"mode" oneof:"embedded,external"`
	TaskQueue string     `key:"taskQueue"`
	UI        bool       `key:"ui"` // whether Temporal's pages are served, behind duban's own
	Embedded  Embedded   `key:"embedded"`
	External  External   `key:"external"`
}

// Embedded is the server inside the process. Its address is loopback only; port 0 lets the system choose.
type Embedded struct {
	HostPort string `key:"hostPort"`
}

// External is a Temporal cluster elsewhere, self-hosted or cloud.
type External struct {
	HostPort  string `key:"hostPort"`  // may be empty where Profile is given
	Namespace string `key:"namespace"` // empty only where Profile says it
	Profile   string `key:"profile"`   // of Temporal's client configuration file
	APIKey    Secret `key:"apiKey"`
	TLSCert   string `key:"tlsCert"` // paths of PEM files
	TLSKey    string `key:"tlsKey"`
	TLSCA     string `key:"tlsCA"`
}

// Privacy is how the engine's data are kept from who has no business with them.
type Privacy struct {
	KeyFile string `key:"keyFile"` // path; all processes of an installation share its content
}

// ClockMode is the kind of an installation's clock.
type ClockMode string

// The kinds of clocks.
const (
	ClockWall   ClockMode = "wall"
	ClockScaled ClockMode = "scaled"
)

// Clock is the clock to begin with. The store records it at the first start, with the origin of a scaled one.
type Clock struct {
	Mode  ClockMode     `key:"mode" oneof:"wall,scaled"`
	Start calendar.Date `key:"start"` // the day a scaled clock begins with, at midnight in the plan's zone
	Speed float64       `key:"speed"` // how many times as fast as real time
}

// At returns the installation's clock that begins at the real instant origin; loc is the plan's zone.
func (c Clock) At(origin time.Time, loc *time.Location) calendar.Clock {
	if c.Mode != ClockScaled {
		return calendar.Clock{}
	}
	return calendar.Clock{Origin: origin, Start: c.Start.At(0, loc), Speed: c.Speed}
}

// Window is when notices go out on working days; times of day in the plan's zone.
type Window struct {
	From   TimeOfDay `key:"from"`
	To     TimeOfDay `key:"to"`
	Digest TimeOfDay `key:"digest"` // when the day's digests are put together
}

// TLSMode says how the connection to the mail server is encrypted.
type TLSMode string

// The kinds of encryption.
const (
	TLSNone     TLSMode = "none"
	TLSStartTLS TLSMode = "starttls" // required, never merely tried
	TLSImplicit TLSMode = "tls"      // from the first byte
)

// SMTP is the mail server. Without a host no mail is sent.
type SMTP struct {
	Host     string        `key:"host"`
	Port     int           `key:"port"` // 0 in a file means the mode's usual port; after Load it is never 0
	TLS      TLSMode       `key:"tls" oneof:"none,starttls,tls"`
	CA       string        `key:"ca"` // path of a PEM file, trusted besides the system's; for a mail server with a certificate of its own
	User     string        `key:"user"`
	Password Secret        `key:"password"`
	From     string        `key:"from"` // "name <address>" or the address alone
	Timeout  time.Duration `key:"timeout"`
	// PerMinute bounds how many mails go out in any minute; 0: no bound.
	PerMinute int `key:"perMinute"`
}

// Letters are what documents say of the office.
type Letters struct {
	Contact string `key:"contact"` // empty: documents name nobody
	Phone   string `key:"phone"`
}

// Backup is when the process that serves copies its data by itself.
type Backup struct {
	Folder string    `key:"folder"` // "": never
	At     TimeOfDay `key:"at"`     // every day, in the plan's zone, by the wall clock
	Keep   int       `key:"keep"`   // how many are kept; 0: all
}

// LogFormat is how log lines look.
type LogFormat string

// The formats of log lines.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// Log is what is logged, and how.
type Log struct {
	Level  slog.Level `key:"level" oneof:"DEBUG,INFO,WARN,ERROR"`
	Format LogFormat  `key:"format" oneof:"text,json"`
}

// defaultNamespace is the namespace of an external cluster where neither the settings nor a profile name one.
const defaultNamespace = "duban"

// defaults returns the settings of an installation for one district: everything in one process, nothing to set up.
func defaults() Config {
	return Config{
		Data:     Data{Folder: "./data"},
		Listen:   Listen{Address: "127.0.0.1:8080"},
		OIDC:     OIDC{Claim: "preferred_username", Name: "统一身份认证"},
		Database: Database{Driver: SQLite, Synchronous: "FULL"},
		Engine: Engine{
			Mode: EngineEmbedded, TaskQueue: "duban", UI: true,
			Embedded: Embedded{HostPort: "127.0.0.1:7233"},
		},
		Clock:  Clock{Mode: ClockWall},
		Window: Window{From: At(9, 0), To: At(17, 30), Digest: At(9, 15)},
		SMTP:   SMTP{TLS: TLSStartTLS, Timeout: time.Minute},
		WeCom:  WeCom{Timeout: channelTimeout}, DingTalk: DingTalk{Timeout: channelTimeout}, Feishu: Feishu{Timeout: channelTimeout},
		SMS: SMS{Form: SMSJSON, Timeout: channelTimeout}, Webhook: Webhook{Timeout: channelTimeout},
		Evidence: defaultEvidence(),
		Backup:   Backup{At: At(2, 30), Keep: 14},
		Log:      Log{Level: slog.LevelInfo, Format: LogText},
		Tracing:  Tracing{Ratio: 1},
	}
}

// MailOn reports whether mail is sent. On a scaled clock it never is: what is rehearsed must reach nobody.
func (c Config) MailOn() bool { return c.SMTP.Host != "" && c.Clock.Mode == ClockWall }
