package devserver

import (
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
)

// measuring returns where the services keep their metrics: with the meter, or nowhere.
func measuring(m metric.Meter, l log.Logger) (metrics.Handler, error) {
	if m == nil {
		return metrics.NoopMetricsHandler, nil
	}
	return metrics.NewOtelMetricsHandler(l, given{m}, metrics.ClientConfig{}, true)
}

// given is a meter that is somebody else's to end.
type given struct{ metric.Meter }

// GetMeter implements metrics.OpenTelemetryProvider.
func (g given) GetMeter() metric.Meter { return g.Meter }

// Stop implements metrics.OpenTelemetryProvider.
func (given) Stop(log.Logger) {}
