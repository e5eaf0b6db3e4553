package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestSecretsAreNeverPrinted(t *testing.T) {
	c, err := Load(Options{Overrides: map[string]string{
		"database.driver": "mysql", "database.dsn": "duban:hush@tcp(db.example:3306)/duban",
		"smtp.host": "mail.example", "smtp.from": "duban@example.gov.cn", "smtp.user": "duban", "smtp.password": "hush",
		"engine.external.apiKey": "hush",
	}})
	require.NoError(t, err)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb, c)
		fmt.Fprintf(&out, verb, &c)
		fmt.Fprintf(&out, verb, c.SMTP.Password)
	}
	fmt.Fprint(&out, c.Redacted())
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("settings", "config", c, "password", c.SMTP.Password)
	}
	require.NoError(t, json.NewEncoder(&out).Encode(c))
	require.NoError(t, yaml.NewEncoder(&out).Encode(c))
	require.Contains(t, out.String(), mask)
	require.NotContains(t, out.String(), "hush")
	require.NotContains(t, out.String(), fmt.Sprintf("%x", "hush"))

	values := map[string]string{}
	for _, s := range c.Redacted() {
		values[s.Key] = s.Value
	}
	require.Equal(t, "duban:******@tcp(db.example:3306)/duban", values["database.dsn"])
	require.Equal(t, "******", values["smtp.password"])
	require.Equal(t, "mail.example", values["smtp.host"])
	require.Equal(t, "09:15", values["window.digest"])
	require.Equal(t, "info", values["log.level"])
}

func TestSecretsAreNotInFaults(t *testing.T) {
	for _, set := range []map[string]string{
		{"database.driver": "mysql", "database.dsn": "duban:hush@tcp(db:3306"},
		{"database.dsn": "file:hush?x"},
		{"smtp.password": "hush"},
	} {
		require.NotContains(t, faultsOf(t, Options{Overrides: set}).Error(), "hush")
	}
}

func TestRedactedDSN(t *testing.T) {
	for dsn, want := range map[string]string{
		"duban:p@ss:w/rd@tcp(db:3306)/duban": "duban:******@tcp(db:3306)/duban",
		"duban@tcp(db:3306)/duban":           "duban@tcp(db:3306)/duban",
		"hush":                               "******",
		"":                                   "",
	} {
		require.Equal(t, want, Database{Driver: MySQL, DSN: Secret(dsn)}.redactedDSN(), dsn)
	}
	require.Equal(t, "data/duban.db", Database{Driver: SQLite, DSN: "data/duban.db"}.redactedDSN())
}
