package config

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// DefaultFile is read from the working folder where no other file is named.
const DefaultFile = "duban.yaml"

// EnvFile is the environment variable that names the file.
const EnvFile = "DUBAN_CONFIG"

// Options says where settings come from.
type Options struct {
	// File is the path of the settings file, which must exist. Empty: the one EnvFile names, and else DefaultFile in the
	// working folder if it is there.
	File string
	// Env is the environment as os.Environ returns it. An empty value counts as not set.
	Env []string
	// Overrides are what flags set, by key ("listen.address").
	Overrides map[string]string
}

// Load reads and checks the settings. The error is a Faults with every fault there is.
func Load(o Options) (Config, error) {
	c := defaults()
	c.sources = map[string]string{}
	l := loader{fields: map[string]field{}, config: &c}
	for _, f := range fieldsOf(&c) {
		l.order = append(l.order, f.key)
		l.fields[f.key] = f
	}
	l.file(o)
	l.env(o.Env)
	for _, key := range slices.Sorted(maps.Keys(o.Overrides)) {
		l.set(key, o.Overrides[key], textFlag)
	}
	l.faults = append(l.faults, check(&c, l.faults)...)
	if len(l.faults) > 0 {
		return Config{}, l.faults
	}
	c.derive()
	return c, nil
}

type loader struct {
	order  []string
	fields map[string]field
	config *Config
	faults Faults
}

func (l *loader) fault(key, source, text string) {
	l.faults = append(l.faults, Fault{key, source, text})
}

// set sets one key from one layer. What is wrong in an earlier layer stays a fault even where a later one overrides it.
func (l *loader) set(key, text, source string) {
	f, ok := l.fields[key]
	if !ok {
		l.fault(key, source, l.unknown(key))
		return
	}
	if err := f.set(text); err != nil {
		// Never a secret: any text will do for one.
		l.fault(key, source, textGiven(err.Error(), text))
		return
	}
	l.config.sources[key] = source
}

// unknown says what might have been meant: the key spelt otherwise, or else the keys of its section.
func (l *loader) unknown(key string) string {
	for _, known := range l.order {
		if plain(known) == plain(key) {
			return textUnknownMeant(known)
		}
	}
	section := key
	for {
		if names := l.under(section); len(names) > 0 {
			return textUnknown(section, names)
		}
		cut := strings.LastIndex(section, ".")
		if cut < 0 {
			return textUnknown("", l.under(""))
		}
		section = section[:cut]
	}
}

// under returns the names directly in a section; "" is the whole file.
func (l *loader) under(section string) []string {
	var names []string
	for _, key := range l.order {
		rest := key
		if section != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(key, section+"."); !ok {
				continue
			}
		}
		name, _, _ := strings.Cut(rest, ".")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (l *loader) file(o Options) {
	path := cmp.Or(o.File, lookup(o.Env, EnvFile))
	named := path != ""
	if !named {
		path = DefaultFile
	}
	text, err := readFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
	case errors.Is(err, fs.ErrNotExist):
		l.fault("", path, textNoFile)
	case errors.Is(err, errTooLarge):
		l.fault("", path, textFileTooLarge)
	case err != nil:
		l.fault("", path, textFileUnreadable)
	default:
		l.yaml(path, text)
	}
}

// env takes the variables that are named like keys. Other names without "__" that look like no key are left alone:
// EnvFile is one, and container platforms add some (DUBAN_PORT, DUBAN_SERVICE_HOST) for a service named duban.
func (l *loader) env(environ []string) {
	known, similar := map[string]string{}, map[string]string{}
	for _, key := range l.order {
		known[envName(key)] = key
		similar[plain(envName(key))] = envName(key)
	}
	for _, name := range names(environ) {
		value := lookup(environ, name)
		if !strings.HasPrefix(name, envPrefix) || value == "" {
			continue
		}
		key, ok := known[name]
		meant, looksLike := similar[plain(name)]
		switch {
		case ok:
			l.set(key, value, textEnv(name))
		case looksLike:
			l.fault("", textEnv(name), textEnvMeant(meant))
		case strings.Contains(name, "__"):
			l.fault("", textEnv(name), textEnvUnknown)
		}
	}
}

// names returns the names of the variables in ascending order, so that faults do not change their order.
func names(environ []string) []string {
	var all []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lookup returns the variable's value; the last one counts, as for os.Getenv.
func lookup(environ []string, name string) string {
	for _, entry := range slices.Backward(environ) {
		if n, value, ok := strings.Cut(entry, "="); ok && n == name {
			return value
		}
	}
	return ""
}

// maxFileSize keeps a wrong path, such as a database's, from being read whole. In bytes.
const maxFileSize = 1 << 20

var errTooLarge = errors.New("file too large")

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFileSize {
		return nil, errTooLarge
	}
	return os.ReadFile(path)
}

// derive fills in what follows from other settings.
func (c *Config) derive() {
	if c.Database.Driver == SQLite && c.Database.DSN == "" {
		c.Database.DSN = Secret(filepath.Join(c.Data.Folder, "duban.db"))
		c.sources[keyDSN] = textDerived(keyFolder)
	}
	if c.Privacy.KeyFile == "" {
		c.Privacy.KeyFile = filepath.Join(c.Data.Folder, "keys.yaml")
		c.sources[keyKeyFile] = textDerived(keyFolder)
	}
	if c.Evidence.Folder == "" {
		c.Evidence.Folder = filepath.Join(c.Data.Folder, "evidence")
		c.sources["evidence.folder"] = textDerived(keyFolder)
	}
	if c.SMTP.Port == 0 {
		c.SMTP.Port = usualPorts[c.SMTP.TLS]
		c.sources[keySMTPPort] = textDerived(keySMTPTLS)
	}
	if x := &c.Engine.External; x.Namespace == "" && x.Profile == "" {
		x.Namespace = defaultNamespace
	}
}

var usualPorts = map[TLSMode]int{TLSNone: 25, TLSStartTLS: 587, TLSImplicit: 465}
