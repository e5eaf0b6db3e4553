package config

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"duban/calendar"
)

// The keys that checks name.
const (
	keyFolder      = "data.folder"
	keyListen      = "listen.address"
	keyListenCert  = "listen.tlsCert"
	keyListenKey   = "listen.tlsKey"
	keyListenURL   = "listen.url"
	keyProxies     = "listen.trustedProxies"
	keyDriver      = "database.driver"
	keyDSN         = "database.dsn"
	keyTaskQueue   = "engine.taskQueue"
	keyEmbedded    = "engine.embedded.hostPort"
	keyExternal    = "engine.external.hostPort"
	keyProfile     = "engine.external.profile"
	keyTLSCert     = "engine.external.tlsCert"
	keyTLSKey      = "engine.external.tlsKey"
	keyTLSCA       = "engine.external.tlsCA"
	keyKeyFile     = "privacy.keyFile"
	keyEngineMode  = "engine.mode"
	keyClockMode   = "clock.mode"
	keyClockStart  = "clock.start"
	keyClockSpeed  = "clock.speed"
	keyFrom        = "window.from"
	keyTo          = "window.to"
	keyDigest      = "window.digest"
	keySMTPHost    = "smtp.host"
	keySMTPPort    = "smtp.port"
	keySMTPTLS     = "smtp.tls"
	keySMTPCA      = "smtp.ca"
	keySMTPUser    = "smtp.user"
	keySMTPPass    = "smtp.password"
	keySMTPFrom    = "smtp.from"
	keySMTPTimeout = "smtp.timeout"
)

// The bounds of the time a mail may take.
const minTimeout, maxTimeout = time.Second, 10 * time.Minute

// checker collects what is wrong in the merged settings. A rule that looks at a key that could not even be read is
// skipped: its fault would only follow from the first.
type checker struct {
	config *Config
	read   Faults
	faults Faults
}

func check(c *Config, read Faults) Faults {
	k := &checker{config: c, read: read}
	k.places()
	k.engine()
	k.clock()
	k.window()
	k.smtp()
	k.channels()
	k.evidence()
	k.backup()
	k.telemetry()
	return k.faults
}

// require reports text on the first key unless ok; the other keys are what the rule looks at besides.
func (k *checker) require(ok bool, text string, key string, others ...string) {
	if ok || slices.ContainsFunc(append(others, key), k.read.of) || k.faults.of(key) {
		return
	}
	k.faults = append(k.faults, Fault{key, k.config.source(key), text})
}

func (k *checker) places() {
	c := k.config
	info, err := os.Stat(c.Data.Folder)
	k.require(c.Data.Folder != "", textFolderMissing, keyFolder)
	k.require(err != nil || info.IsDir(), textFolderIsFile, keyFolder)
	k.listen(c.Listen)
	k.oidc(c.OIDC)

	switch dsn := c.Database.DSN.Reveal(); c.Database.Driver {
	case SQLite:
		// The store adds the parameters that its promises rest on; they are nobody's choice.
		k.require(!strings.Contains(dsn, "?") && !strings.HasPrefix(dsn, "file:"), textSQLiteDSN, keyDSN, keyDriver)
	case MySQL:
		parsed, err := mysql.ParseDSN(dsn)
		k.require(dsn != "", textMySQLMissing, keyDSN, keyDriver)
		k.require(err == nil && parsed.DBName != "", textMySQLDSN, keyDSN, keyDriver)
	}
}

// listen checks where people reach duban. What they type there is nobody else's to read.
func (k *checker) listen(l Listen) {
	host, _, ok := splitHostPort(l.Address)
	k.require(ok, textGiven(textHostPort, l.Address), keyListen)
	k.require(local(host) || l.TLSCert != "" || l.TrustedProxies != "", textGiven(textListenPlain, l.Address), keyListen, keyListenCert, keyProxies)
	k.require(l.TLSCert == "" || l.TLSKey != "", textPair(keyListenKey), keyListenCert, keyListenKey)
	k.require(l.TLSKey == "" || l.TLSCert != "", textPair(keyListenCert), keyListenKey, keyListenCert)
	k.readable(l.TLSCert, keyListenCert)
	k.readable(l.TLSKey, keyListenKey)
	if l.URL != "" {
		u, err := url.Parse(l.URL)
		k.require(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && (u.Path == "" || u.Path == "/") && u.RawQuery == "",
			textGiven(textListenURL, l.URL), keyListenURL)
	}
	for _, p := range l.Proxies() {
		_, notNetwork := netip.ParsePrefix(p)
		_, notAddress := netip.ParseAddr(p)
		k.require(notNetwork == nil || notAddress == nil, textGiven(textProxy, p), keyProxies)
	}
}

func (k *checker) engine() {
	e := k.config.Engine
	k.require(e.TaskQueue != "", textTaskQueue, keyTaskQueue)
	if k.read.of(keyEngineMode) {
		return
	}
	if e.Mode == EngineExternal {
		k.require(k.config.Privacy.KeyFile != "", textKeyFile, keyKeyFile, keyEngineMode)
		k.external(e.External)
		return
	}
	k.listening(e.Embedded.HostPort, keyEmbedded, textEngineLoopback)
	k.distinctPorts(keyListen, keyEmbedded)
}

func (k *checker) external(x External) {
	k.require(x.HostPort != "" || x.Profile != "", textExternalMissing, keyExternal, keyProfile)
	if x.HostPort != "" {
		host, port, ok := splitHostPort(x.HostPort)
		k.require(ok && host != "" && port != 0, textGiven(textHostPort, x.HostPort), keyExternal)
	}
	k.require(x.TLSCert == "" || x.TLSKey != "", textPair(keyTLSKey), keyTLSCert, keyTLSKey)
	k.require(x.TLSKey == "" || x.TLSCert != "", textPair(keyTLSCert), keyTLSKey, keyTLSCert)
	k.readable(x.TLSCert, keyTLSCert)
	k.readable(x.TLSKey, keyTLSKey)
	k.readable(x.TLSCA, keyTLSCA)
}

func (k *checker) clock() {
	c := k.config.Clock
	if c.Mode == ClockWall {
		k.require(c.Start.IsZero(), textWallClock, keyClockStart, keyClockMode)
		k.require(c.Speed == 0, textWallClock, keyClockSpeed, keyClockMode)
		return
	}
	k.require(!c.Start.IsZero(), textClockStart, keyClockStart, keyClockMode)
	// The origin is set at the first start, and the start was looked at above: any will do to check the speed.
	speed := calendar.Clock{Origin: time.Unix(1, 0), Start: time.Unix(1, 0), Speed: c.Speed}
	if err := speed.Validate(); err != nil {
		k.require(false, err.Error(), keyClockSpeed, keyClockMode)
	}
}

func (k *checker) window() {
	w := k.config.Window
	k.require(w.From < w.To, textWindow(w.From, w.To), keyFrom, keyTo)
	k.require(w.From >= w.To || w.From <= w.Digest && w.Digest < w.To, textDigest(w), keyDigest, keyFrom, keyTo)
}

func (k *checker) smtp() {
	s := k.config.SMTP
	k.require(s.Timeout >= minTimeout && s.Timeout <= maxTimeout,
		textGiven(textTimeout, shortDuration(s.Timeout)), keySMTPTimeout)
	k.require(s.Port >= 0 && s.Port <= 65535, textGiven(textPort, strconv.Itoa(s.Port)), keySMTPPort)
	k.require(s.User == "" || s.Password != "", textPair(keySMTPPass), keySMTPUser, keySMTPPass)
	k.require(s.Password == "" || s.User != "", textPair(keySMTPUser), keySMTPPass, keySMTPUser)
	k.require(s.PerMinute >= 0 && s.PerMinute <= maxPerMinute, textPerMinute, "smtp.perMinute")
	if s.Host == "" {
		return
	}
	k.require(!strings.ContainsAny(s.Host, "/ @") && (net.ParseIP(s.Host) != nil || !strings.Contains(s.Host, ":")),
		textGiven(textSMTPHost, s.Host), keySMTPHost)
	k.require(s.From != "", textFromMissing, keySMTPFrom, keySMTPHost)
	_, err := mail.ParseAddress(s.From)
	k.require(err == nil, textGiven(textFrom, s.From), keySMTPFrom)
	k.readable(s.CA, keySMTPCA)
}

const maxBackups = 10_000

func (k *checker) backup() {
	b := k.config.Backup
	k.require(b.Keep >= 0 && b.Keep <= maxBackups, textBetween(0, maxBackups, b.Keep), "backup.keep")
	k.require(b.At < At(24, 0), textBackupAt, "backup.at")
	// Whether the folder is there shows when it is needed: a disk that is not mounted keeps nobody from working.
	k.require(b.Folder == "" || k.config.Database.Driver == SQLite, textBackupMySQL, "backup.folder", keyDriver)
}

// listening checks the address of something that has no login of its own.
func (k *checker) listening(address, key, reason string) {
	host, _, ok := splitHostPort(address)
	k.require(ok, textGiven(textHostPort, address), key)
	k.require(local(host), textGiven(reason, address), key)
}

func (k *checker) distinctPorts(keys ...string) {
	taken := map[int]string{}
	for _, f := range fieldsOf(k.config) {
		if !slices.Contains(keys, f.key) {
			continue
		}
		_, port, ok := splitHostPort(f.text())
		if !ok || port == 0 {
			continue
		}
		if other, used := taken[port]; used {
			k.require(false, textPortTaken(port, other), f.key, other)
		}
		taken[port] = f.key
	}
}

func (k *checker) readable(path, key string) {
	if path == "" {
		return
	}
	_, err := readFile(path)
	k.require(err == nil, textGiven(textPEM, path), key)
}

func splitHostPort(address string) (host string, port int, ok bool) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return host, int(n), err == nil
}
