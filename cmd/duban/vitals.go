package main

import (
	"context"
	"time"

	"duban/internal/doctor"
	"duban/internal/store"
	"duban/internal/telemetry"
	"duban/obligation"
)

// The gauges that are read out of the record. Every process reads the same record, so that of several processes one value counts and
// never their sum. What else is to be watched (telemetry.Watch) is registered beside these, in listenMetrics.
const (
	gaugeObligations = "duban_obligations"
	gaugeOutbox      = "duban_outbox_pending"
	gaugeOutboxAge   = "duban_outbox_oldest_age_seconds"
	gaugeDeliveries  = "duban_deliveries_pending"
	gaugeDeliveryAge = "duban_deliveries_oldest_age_seconds"
	gaugeDocuments   = "duban_documents_waiting"
	gaugeDocumentAge = "duban_documents_oldest_wait_seconds"
	gaugeFiles       = "duban_evidence_files"
	gaugeBytes       = "duban_evidence_bytes"
	gaugeStuck       = "duban_stuck"
	gaugeQueue       = "duban_db_queue_length"
	gaugeFindings    = "duban_doctor_findings"
	gaugeExamined    = "duban_doctor_last_examination_timestamp_seconds"
	gaugeBackup      = "duban_backup_last_timestamp_seconds"
)

// watchStore adds the gauge that costs no query.
func (i *installation) watchStore() error {
	return i.telemetry.Watch([]telemetry.Gauge{{Name: gaugeQueue, Help: "Callers of this process that wait for their turn to write."}},
		func(context.Context) ([]telemetry.Reading, error) {
			return []telemetry.Reading{{Gauge: gaugeQueue, Value: float64(i.store.Queued())}}, nil
		})
}

// watchDoctor adds what the last examination of this process found. One that has not examined yet has no findings to tell of.
func (i *installation) watchDoctor() error {
	if i.doctor == nil {
		return nil
	}
	return i.telemetry.Watch([]telemetry.Gauge{
		{Name: gaugeFindings, Help: "What the last examination found wrong, by kind; duban doctor and its page say what puts it right."},
		{Name: gaugeExamined, Help: "When that examination was; 0: there was none yet."},
	}, func(context.Context) ([]telemetry.Reading, error) {
		counts, at := i.doctor.Snapshot()
		if at.IsZero() {
			return []telemetry.Reading{{Gauge: gaugeExamined}}, nil
		}
		out := []telemetry.Reading{{Gauge: gaugeExamined, Value: float64(at.Unix())}}
		for _, k := range doctor.Kinds {
			out = append(out, telemetry.Reading{Gauge: gaugeFindings, Value: float64(counts[k]), Labels: []string{"kind", string(k)}})
		}
		return out, nil
	})
}

// watchBackups adds how old the newest of the installation's own backups is, where it makes them.
func (i *installation) watchBackups() error {
	if i.doctor == nil || !i.backsUp() {
		return nil
	}
	return i.telemetry.Watch([]telemetry.Gauge{{Name: gaugeBackup, Help: "When the newest of the daily backups was begun; 0: there is none."}},
		func(context.Context) ([]telemetry.Reading, error) {
			newest, err := i.newestBackup()
			if err != nil || newest.IsZero() {
				return []telemetry.Reading{{Gauge: gaugeBackup}}, err
			}
			return []telemetry.Reading{{Gauge: gaugeBackup, Value: float64(newest.Unix())}}, nil
		})
}

func (i *installation) watchVitals() error {
	return i.telemetry.Watch([]telemetry.Gauge{
		{Name: gaugeObligations, Help: "Obligations, by plan, stage and light."},
		{Name: gaugeOutbox, Help: "Notices that are in no digest yet, by plan."},
		{Name: gaugeOutboxAge, Help: "How long the oldest of them has waited, by the installation's clock."},
		{Name: gaugeDeliveries, Help: "Messages that have not gone out, by plan and channel."},
		{Name: gaugeDeliveryAge, Help: "How long the oldest of them has waited, by the installation's clock."},
		{Name: gaugeDocuments, Help: "Documents that wait for somebody, by plan and by what is to be done."},
		{Name: gaugeDocumentAge, Help: "How long the oldest of them has waited, by the installation's clock."},
		{Name: gaugeFiles, Help: "Files of evidence, handed in or not."},
		{Name: gaugeBytes, Help: "What they come to, in bytes."},
		{Name: gaugeStuck, Help: "What is broken or has not happened when it should have, by plan and fault; the page of what is stuck says what to do."},
	}, i.vitals)
}

func (i *installation) vitals(ctx context.Context) ([]telemetry.Reading, error) {
	definitions, err := i.store.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	plans, now := make([]string, len(definitions)), i.now()
	for n, d := range definitions {
		plans[n] = d.Plan.Code
	}
	v, err := i.store.Vitals(ctx, plans, now)
	if err != nil {
		return nil, err
	}
	out := []telemetry.Reading{{Gauge: gaugeFiles, Value: float64(v.Files)}, {Gauge: gaugeBytes, Value: float64(v.Bytes)}}
	for _, c := range v.Obligations {
		out = append(out, telemetry.Reading{
			Gauge: gaugeObligations, Value: float64(c.N), Labels: []string{"plan", c.Plan, "stage", string(c.Stage), "light", string(c.Light)},
		})
	}
	out = append(out, waiting(plans, v.Outbox, gaugeOutbox, gaugeOutboxAge, "", now)...)
	out = append(out, waiting(plans, v.Deliveries, gaugeDeliveries, gaugeDeliveryAge, "channel", now)...)
	out = append(out, waiting(plans, v.Documents, gaugeDocuments, gaugeDocumentAge, "for", now)...)
	for _, d := range definitions {
		loc := obligation.Location(d.Plan.Zone)
		broken, err := i.store.Broken(ctx, d.Plan.Code, obligation.PatienceAt(i.window(), d.Calendar, now, loc))
		if err != nil {
			return nil, err
		}
		found := map[obligation.Fault]int{}
		for _, b := range broken {
			found[b.Fault] = b.Count
		}
		for _, f := range obligation.Faults {
			out = append(out, telemetry.Reading{Gauge: gaugeStuck, Value: float64(found[f]), Labels: []string{"plan", d.Plan.Code, "fault", string(f)}})
		}
	}
	return out, nil
}

// waiting returns how many wait and how long the oldest has. A plan of which nothing waits says so: an alarm has to see that it is over.
func waiting(plans []string, counts []store.WaitingCount, number, age, kind string, now time.Time) []telemetry.Reading {
	var out []telemetry.Reading
	add := func(plan, of string, n int, since time.Time) {
		labels := []string{"plan", plan}
		if kind != "" {
			labels = append(labels, kind, of)
		}
		waited := 0.0
		if n > 0 {
			waited = max(now.Sub(since).Seconds(), 0)
		}
		out = append(out, telemetry.Reading{Gauge: number, Value: float64(n), Labels: labels}, telemetry.Reading{Gauge: age, Value: waited, Labels: labels})
	}
	seen := map[string]bool{}
	for _, c := range counts {
		seen[c.Plan] = true
		add(c.Plan, c.Kind, c.N, c.Oldest)
	}
	for _, p := range plans {
		if !seen[p] {
			add(p, "", 0, time.Time{})
		}
	}
	return out
}
