package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"
)

func TestExample(t *testing.T) {
	goldie.New(t, goldie.WithNameSuffix(".golden.yaml")).Assert(t, "example", []byte(Example()))
}

func TestExampleSetsTheDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	want, err := Load(Options{})
	require.NoError(t, err)
	got, err := Load(Options{File: write(t, Example())})
	require.NoError(t, err)
	want.sources, got.sources = nil, nil
	require.Equal(t, want, got)
}

// leaves walks the struct on its own, so that a key which the settings' reader overlooks is missed here.
func leaves(t *testing.T, prefix string, typ reflect.Type) []string {
	var keys []string
	for f := range typ.Fields() {
		if !f.IsExported() {
			continue
		}
		name := f.Tag.Get("key")
		require.NotEmpty(t, name, "%s.%s has no key", typ, f.Name)
		if f.Type.Kind() == reflect.Struct {
			keys = append(keys, leaves(t, prefix+name+".", f.Type)...)
		} else {
			keys = append(keys, prefix+name)
		}
	}
	return keys
}

func TestExampleHasEveryKey(t *testing.T) {
	want := leaves(t, "", reflect.TypeFor[Config]())
	c := defaults()
	var got []string
	for _, f := range fieldsOf(&c) {
		got = append(got, f.key)
		require.NotEmpty(t, keyTexts[f.key], "%s is not explained", f.key)
		path := strings.Split(f.key, ".")
		for i := 1; i < len(path); i++ {
			require.NotEmpty(t, sectionTexts[strings.Join(path[:i], ".")], "the section of %s is not explained", f.key)
		}
	}
	require.Equal(t, want, got)
	require.Len(t, keyTexts, len(want), "what is explained exists")

	// A file that sets only this one key is read, so the example's path to it is right.
	l := loader{fields: map[string]field{}, config: &c}
	c.sources = map[string]string{}
	for _, f := range fieldsOf(&c) {
		l.order = append(l.order, f.key)
		l.fields[f.key] = f
	}
	l.yaml("example.yaml", []byte(Example()))
	require.Empty(t, l.faults)
	for _, key := range want {
		require.Contains(t, c.sources, key, "the example does not set it")
	}
}

func TestEnvNames(t *testing.T) {
	for key, want := range map[string]string{
		"data.folder":              "DUBAN_DATA__FOLDER",
		"engine.embedded.hostPort": "DUBAN_ENGINE__EMBEDDED__HOST_PORT",
		"engine.ui":                "DUBAN_ENGINE__UI",
		"engine.external.tlsCA":    "DUBAN_ENGINE__EXTERNAL__TLS_CA",
		"engine.external.apiKey":   "DUBAN_ENGINE__EXTERNAL__API_KEY",
	} {
		require.Equal(t, want, envName(key))
	}
	seen := map[string]bool{}
	for _, key := range leaves(t, "", reflect.TypeFor[Config]()) {
		require.False(t, seen[plain(envName(key))], "two keys have the same variable")
		seen[plain(envName(key))] = true
	}
}
