package config

import (
	"encoding"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"duban/calendar"
)

// field is one key of a Config.
type field struct {
	key   string // "engine.embedded.hostPort"
	value reflect.Value
	oneOf []string
}

// fieldsOf returns the keys of c in the order of its struct, ready to be set.
func fieldsOf(c *Config) []field {
	return appendFields(nil, "", reflect.ValueOf(c).Elem())
}

func appendFields(fields []field, prefix string, v reflect.Value) []field {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, ok := f.Tag.Lookup("key")
		if !ok {
			continue
		}
		if f.Type.Kind() == reflect.Struct {
			fields = appendFields(fields, prefix+name+".", v.Field(i))
			continue
		}
		var oneOf []string
		if list := f.Tag.Get("oneof"); list != "" {
			oneOf = strings.Split(list, ",")
		}
		fields = append(fields, field{prefix + name, v.Field(i), oneOf})
	}
	return fields
}

// set reads the text into the field; a secret is taken as it is. The error says what is expected, not what was given.
func (f field) set(text string) error {
	if f.value.Type() == reflect.TypeFor[Secret]() {
		f.value.SetString(text)
		return nil
	}
	text = strings.TrimSpace(text)
	if f.oneOf != nil {
		canonical, ok := f.choose(text)
		if !ok {
			return errors.New(textOneOf(f.oneOf))
		}
		text = canonical
	}
	switch p := f.value.Addr().Interface().(type) {
	case *calendar.Date:
		if p.UnmarshalText([]byte(text)) != nil {
			return errors.New(textDate)
		}
	case encoding.TextUnmarshaler:
		return p.UnmarshalText([]byte(text))
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return errors.New(textDuration)
		}
		*p = d
	case *bool:
		switch strings.ToLower(text) {
		case "true", "false":
			*p = strings.EqualFold(text, "true")
		default:
			return errors.New(textBool)
		}
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New(textInteger)
		}
		*p = n
	case *float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return errors.New(textNumber)
		}
		*p = n
	default:
		if strings.ContainsFunc(text, unicode.IsControl) {
			return errors.New(textControl)
		}
		f.value.SetString(text)
	}
	return nil
}

func (f field) choose(text string) (string, bool) {
	for _, v := range f.oneOf {
		if strings.EqualFold(v, text) {
			return v, true
		}
	}
	return "", false
}

// text returns the value as set would read it; a secret is masked.
func (f field) text() string {
	switch v := f.value.Interface().(type) {
	case time.Duration:
		return shortDuration(v)
	case slog.Level:
		return strings.ToLower(v.String())
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// shortDuration drops what Duration.String shows of zero: "1m0s" is "1m".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

const envPrefix = "DUBAN_"

// envName returns the name of a key's environment variable: DUBAN_ENGINE__EMBEDDED__HOST_PORT for
// engine.embedded.hostPort.
func envName(key string) string {
	var b strings.Builder
	b.WriteString(envPrefix)
	lower := false
	for _, r := range key {
		switch {
		case r == '.':
			b.WriteString("__")
		case unicode.IsUpper(r) && lower:
			b.WriteString("_" + string(r))
		default:
			b.WriteRune(unicode.ToUpper(r))
		}
		lower = unicode.IsLower(r)
	}
	return b.String()
}

// plain makes spellings of the same name equal: "HOST_PORT" and "hostPort".
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}
