package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Ending is that of archives; keysEnding that of the copy of the keys beside one.
const (
	Ending     = ".tar.zst"
	keysEnding = ".keys.yaml"
	stampForm  = "20060102-150405"
)

var dated = regexp.MustCompile(`^duban-(\d{8}-\d{6})\.tar\.zst$`)

// Name returns the name of an archive that is begun at the instant, by the clock of its zone.
func Name(begun time.Time) string { return "duban-" + begun.Format(stampForm) + Ending }

// Keys returns where the copy of the keys lies that belongs to an archive.
func Keys(archive string) string { return strings.TrimSuffix(archive, Ending) + keysEnding }

// Archive is one that Name named.
type Archive struct {
	Path  string
	Begun time.Time
	Size  int64
}

// List returns the archives of a folder that Name named, the newest first; loc is the zone of their names. A folder that
// does not exist has none.
func List(folder string, loc *time.Location) ([]Archive, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []Archive
	for _, e := range entries {
		m := dated.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		begun, err := time.ParseInLocation(stampForm, m[1], loc)
		if err != nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		out = append(out, Archive{filepath.Join(folder, e.Name()), begun, info.Size()})
	}
	slices.SortFunc(out, func(a, b Archive) int { return b.Begun.Compare(a.Begun) })
	return out, nil
}

// Rotate removes all but the newest archives of a folder, with their keys, and returns what it removed. keep 0 keeps all.
func Rotate(folder string, loc *time.Location, keep int) ([]Archive, error) {
	all, err := List(folder, loc)
	if err != nil || keep == 0 || len(all) <= keep {
		return nil, err
	}
	for i, a := range all[keep:] {
		err := os.Remove(a.Path)
		if err == nil {
			err = os.Remove(Keys(a.Path))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return all[keep : keep+i], err
		}
	}
	return all[keep:], nil
}
