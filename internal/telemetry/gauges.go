package telemetry

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Gauge is something that is read when the metrics are fetched. Its name begins with duban_ and ends with its unit, if it has one.
type Gauge struct{ Name, Help string }

// Reading is one value of a gauge. Labels are names and values, one after the other.
type Reading struct {
	Gauge  string
	Value  float64
	Labels []string
}

// fresh is how long a reading stands for the next: however many fetch the metrics, the database is asked no more often.
const fresh = 15 * time.Second

// readTimeout bounds a reading; whoever fetches waits no longer.
const readTimeout = 8 * time.Second

// Watch adds gauges that read reads together. A part of the program registers its own here, once, before metrics are served. While read
// fails the gauges have no value and duban_reading_failures_total grows: an old value would pass for a new one. Without metrics read is
// never called.
func (t *Telemetry) Watch(gauges []Gauge, read func(context.Context) ([]Reading, error)) error {
	if !t.Measures() {
		return nil
	}
	return t.watch(gauges, fresh, time.Now, read)
}

func (t *Telemetry) watch(gauges []Gauge, fresh time.Duration, now func() time.Time, read func(context.Context) ([]Reading, error)) error {
	named := map[string]metric.Float64Observable{}
	var all []metric.Observable
	for _, g := range gauges {
		o, err := t.meter.Float64ObservableGauge(g.Name, metric.WithDescription(g.Help))
		if err != nil {
			return fmt.Errorf("gauge %s: %w", g.Name, err)
		}
		named[g.Name], all = o, append(all, o)
	}
	var mu sync.Mutex
	var until time.Time
	var last []Reading
	_, err := t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		mu.Lock()
		defer mu.Unlock()
		if at := now(); !at.Before(until) {
			// Not the scrape's own context: what is read serves the next ones as well.
			ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
			defer cancel()
			var err error
			if last, err = read(ctx); err != nil {
				last = nil
				t.unread.Add(ctx, 1)
			}
			until = at.Add(fresh)
		}
		for _, r := range last {
			o.ObserveFloat64(named[r.Gauge], r.Value, metric.WithAttributes(pairs(r.Labels)...))
		}
		return nil
	}, all...)
	return err
}

func pairs(labels []string) []attribute.KeyValue {
	var out []attribute.KeyValue
	for i := 0; i+1 < len(labels); i += 2 {
		out = append(out, attribute.String(labels[i], labels[i+1]))
	}
	return out
}
