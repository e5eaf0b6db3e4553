package config

import (
	"math"
	"net/url"
)

// Metrics are the figures that a monitoring system (Prometheus) fetches from this process.
type Metrics struct {
	Address string `key:"address"` // host:port of a listener of their own, which asks nobody to log in; "": none
	Engine  bool   `key:"engine"`  // with those of the embedded engine itself
}

// Tracing is where the traces of what happens go. Without an endpoint there are none.
type Tracing struct {
	Endpoint string  `key:"endpoint"` // of a collector that takes OTLP over gRPC: http://host:port, or https:// for TLS
	CA       string  `key:"ca"`       // path of a PEM file, trusted besides the system's
	Ratio    float64 `key:"ratio"`    // of the traces that are kept, 0 to 1
}

// The keys that checks name.
const (
	keyMetrics      = "metrics.address"
	keyTraces       = "tracing.endpoint"
	keyTracingRatio = "tracing.ratio"
)

func (k *checker) telemetry() {
	c := k.config
	if c.Metrics.Address != "" {
		_, _, ok := splitHostPort(c.Metrics.Address)
		k.require(ok, textGiven(textHostPort, c.Metrics.Address), keyMetrics)
		k.distinctPorts(keyListen, keyEmbedded, keyMetrics)
	}
	t := c.Tracing
	k.require(t.Ratio >= 0 && t.Ratio <= 1 && !math.IsNaN(t.Ratio), textRatio, keyTracingRatio)
	k.readable(t.CA, "tracing.ca")
	if t.Endpoint == "" {
		return
	}
	u, err := url.Parse(t.Endpoint)
	k.require(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Port() != "" && u.User == nil && u.Path == "" && u.RawQuery == "",
		textGiven(textTracing, t.Endpoint), keyTraces)
}
