package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTelemetry(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Options{})
	require.NoError(t, err)
	require.Equal(t, Metrics{}, c.Metrics, "off")
	require.Equal(t, Tracing{Ratio: 1}, c.Tracing, "off")

	c, err = Load(Options{
		File: write(t, "metrics: {address: '10.1.2.3:9090', engine: true}\n"),
		Env:  []string{"DUBAN_TRACING__ENDPOINT=https://collector.example:4317", "DUBAN_TRACING__RATIO=0.1"},
	})
	require.NoError(t, err)
	require.Equal(t, Metrics{Address: "10.1.2.3:9090", Engine: true}, c.Metrics)
	require.Equal(t, Tracing{Endpoint: "https://collector.example:4317", Ratio: .1}, c.Tracing)
}

func TestFaultsOfTelemetry(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ key, value string }{
		{"metrics.address", "9090"},
		{"metrics.address", "127.0.0.1:8080"}, // the pages'
		{"metrics.address", "127.0.0.1:7233"}, // the engine's
		{"tracing.ratio", "1.5"},
		{"tracing.ratio", "-1"},
		{"tracing.ratio", "NaN"},
		{"tracing.endpoint", "127.0.0.1:4317"},
		{"tracing.endpoint", "http://collector.example"},
		{"tracing.endpoint", "http://u:p@collector.example:4317"},
		{"tracing.endpoint", "http://collector.example:4317/v1/traces"},
		{"tracing.ca", "none.pem"},
	} {
		_, err := Load(Options{Overrides: map[string]string{c.key: c.value}})
		var faults Faults
		require.ErrorAs(t, err, &faults, "%s=%s", c.key, c.value)
		require.Len(t, faults, 1)
		require.Equal(t, c.key, faults[0].Key, "%s=%s", c.key, c.value)
	}
}
