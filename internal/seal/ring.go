package seal

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Key is one key, without its secret.
type Key struct {
	ID      string
	Cipher  Cipher
	Created time.Time
	Active  bool // seals what is new
}

// Ring is the keys of an installation: one active, which seals, and those before it, which only open. All processes of an
// installation share one. It is a file that nobody but its owner may read, and it is never written in place.
type Ring struct {
	path   string
	active string
	keys   map[string]key
	raw    file
}

// file is the form of the file.
type file struct {
	Active string  `yaml:"active"`
	Keys   []entry `yaml:"keys"`
}

type entry struct {
	ID      string    `yaml:"id"`
	Cipher  Cipher    `yaml:"cipher"`
	Created time.Time `yaml:"created"`
	Secret  secret    `yaml:"secret"`
}

// secret is written as base64.
type secret []byte

// MarshalText implements encoding.TextMarshaler.
func (s secret) MarshalText() ([]byte, error) {
	return []byte(base64.StdEncoding.EncodeToString(s)), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *secret) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.DecodeString(string(text))
	*s = raw
	return err
}

// fileHeader is what the file tells who opens it.
const fileHeader = "# 督办的密钥。请与数据库一起备份、分开保管；没有它，已加密的流程无法继续。由 duban key 维护。\n"

// maxFile bounds what is taken for a key file, in bytes.
const maxFile = 1 << 20

// Open reads a ring. The error is ErrNoFile, ErrMode or ErrBroken.
func Open(path string) (*Ring, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fail(ErrNoFile, textNoFile(path), nil)
	case err != nil:
		return nil, fail(ErrBroken, textUnreadable(path), err)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fail(ErrMode, textMode(path), nil)
	case info.Size() > maxFile || !info.Mode().IsRegular():
		return nil, fail(ErrBroken, textBroken(path), nil)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fail(ErrBroken, textUnreadable(path), err)
	}
	r := &Ring{path: path}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if d.Decode(&r.raw) != nil { // its text might repeat the file's
		return nil, fail(ErrBroken, textBroken(path), nil)
	}
	return r, r.prepare()
}

// Create makes a ring with one key, which is active, and writes it. now is the key's date.
func Create(path string, c Cipher, now time.Time) (*Ring, error) {
	r := &Ring{path: path}
	id, err := r.add(c, now)
	if err != nil {
		return nil, err
	}
	return r, r.change(file{Active: id, Keys: r.raw.Keys})
}

// Add puts a new key into the ring, and writes it. The key opens nothing yet and seals nothing until it is activated:
// before that every process must have it.
func (r *Ring) Add(c Cipher, now time.Time) (Key, error) {
	before := r.raw
	id, err := r.add(c, now)
	if err == nil {
		err = r.change(r.raw)
	}
	if err != nil {
		r.raw = before
		return Key{}, err
	}
	return r.keys[id].Key, nil
}

// Activate makes a key of the ring the one that seals, and writes the ring.
func (r *Ring) Activate(id string) error {
	if _, ok := r.keys[id]; !ok {
		return fail(ErrUnknownKey, textNoSuchKey(id, r.path), nil)
	}
	return r.change(file{Active: id, Keys: r.raw.Keys})
}

// Keys returns the keys, the oldest first.
func (r *Ring) Keys() []Key {
	var keys []Key
	for _, k := range r.keys {
		k.Active = k.ID == r.active
		keys = append(keys, k.Key)
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID)) })
	return keys
}

// Require returns ErrUnknownKey where the ring lacks one of the keys.
func (r *Ring) Require(ids []string) error {
	for _, id := range ids {
		if _, ok := r.keys[id]; !ok {
			return fail(ErrUnknownKey, textUnknownKey(id, r.path), nil)
		}
	}
	return nil
}

// Active returns the ID of the key that seals.
func (r *Ring) Active() string { return r.active }

// add appends a new key without writing it.
func (r *Ring) add(c Cipher, now time.Time) (string, error) {
	size := c.keySize()
	if size == 0 {
		return "", fail(ErrCipher, textCipher(c), nil)
	}
	bytes := make(secret, size)
	if _, err := rand.Read(bytes); err != nil {
		return "", err
	}
	id := now.Format("20060102") + "-" + strings.ToLower(rand.Text()[:6])
	r.raw.Keys = append(slices.Clone(r.raw.Keys), entry{ID: id, Cipher: c, Created: now.UTC().Truncate(time.Second), Secret: bytes})
	return id, nil
}

// change writes the file and takes it over.
func (r *Ring) change(f file) error {
	next := &Ring{path: r.path, raw: f}
	if err := next.prepare(); err != nil {
		return err
	}
	text, err := yaml.Marshal(f)
	if err != nil {
		return err
	}
	if err := write(r.path, append([]byte(fileHeader), text...)); err != nil {
		return fail(ErrWrite, textWrite(r.path), err)
	}
	*r = *next
	return nil
}

var idFormat = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// prepare checks what the file says and readies the keys.
func (r *Ring) prepare() error {
	r.keys, r.active = map[string]key{}, r.raw.Active
	for _, e := range r.raw.Keys {
		_, twice := r.keys[e.ID]
		if twice || !idFormat.MatchString(e.ID) || e.Cipher.keySize() == 0 || len(e.Secret) != e.Cipher.keySize() {
			return fail(ErrBroken, textBrokenKey(r.path, e.ID), nil)
		}
		aead, err := e.Cipher.aead(e.Secret)
		if err != nil {
			return fail(ErrBroken, textBrokenKey(r.path, e.ID), err)
		}
		r.keys[e.ID] = key{Key{ID: e.ID, Cipher: e.Cipher, Created: e.Created}, aead}
	}
	if _, ok := r.keys[r.active]; !ok {
		return fail(ErrBroken, textNoActive(r.path, r.active), nil)
	}
	return nil
}

// write puts a file in place that is whole, whatever happens meanwhile.
func write(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone where all went well
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil || runtime.GOOS == "windows" {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
