package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKilledWhileSeeding(t *testing.T) {
	folder := t.TempDir()
	listed, code := run(t, "seed", "check")
	require.Zero(t, code, listed)
	p := serve(t, folder)
	p.awaitOpened("changning-2024", 300)
	p.kill()

	p = serve(t, folder)
	var report struct {
		Total, Due, Started int
		Changed             bool
	}
	status, body := p.post("/plans", map[string]any{}) // seeding again completes and changes nothing
	require.Equal(t, 200, status, body)
	decode(t, body, &report)
	require.False(t, report.Changed)
	p.awaitOpened("changning-2024", report.Due)
	open := p.obligations("plan=changning-2024&open=true")
	await(t, "every open obligation has its workflow", func() bool {
		return p.openWorkflows("changning-2024") == len(open)
	})
	require.Equal(t, report.Due, p.opened("changning-2024"), "none twice")
	p.stop()
	verify(t, folder)
}

// opened counts the obligations of a plan that the record has.
func (p *process) opened(plan string) int {
	p.t.Helper()
	var tasks struct {
		Tasks []struct {
			Counts struct{ Total int }
		}
	}
	p.get("/plans/"+plan+"/tasks", &tasks)
	n := 0
	for _, t := range tasks.Tasks {
		n += t.Counts.Total
	}
	return n
}

func (p *process) awaitOpened(plan string, n int) {
	p.t.Helper()
	await(p.t, fmt.Sprintf("%d obligations opened", n), func() bool {
		var plans struct{ Plans []struct{ Code string } }
		p.get("/plans", &plans)
		return len(plans.Plans) > 0 && p.opened(plan) >= n
	})
}

func TestKilledWhileEscalating(t *testing.T) {
	folder := t.TempDir()
	clock := scaled("2025-03-25", 0.5)
	p := serve(t, folder, append([]string{"--seed", "none"}, clock...)...)
	p.seedSmall("2025-03-25")
	for _, rung := range []string{"press", "letter"} { // in the middle of two waves
		reached := 0
		await(t, "the wave of "+rung+" has begun", func() bool {
			reached = 0
			for _, o := range p.obligations("plan=small&measure=1.1") {
				if o.Rung == rung {
					reached++
				}
			}
			return reached > 0
		})
		p.kill()
		p = serve(t, folder, append([]string{"--seed", "none"}, clock...)...)
	}
	await(t, "every unit has its letter drafted", func() bool {
		for _, o := range p.obligations("plan=small&measure=1.1") {
			if o.Rung != "letter" {
				return false
			}
		}
		return true
	})
	all := p.obligations("plan=small&measure=1.1")
	require.Len(t, all, 60)
	for _, o := range all {
		events := p.ledger(o)
		requireOnce(t, o, events)
		kinds := map[string]int{}
		for _, e := range events {
			kinds[e.Kind]++
		}
		require.Equal(t, 1, kinds["opened"], o.path())
		require.Equal(t, 1, kinds["overdue"], o.path())
		require.Equal(t, 1, kinds["drafted"], o.path())
	}
	var drafts struct{ Documents []struct{ Unit string } }
	p.get("/documents?status=draft&plan=small&limit=200", &drafts)
	require.Len(t, drafts.Documents, 60+p.extraDrafts("1.2"), "one draft a unit")
	p.stop()
	verify(t, folder)
}

// extraDrafts counts the drafts of another measure.
func (p *process) extraDrafts(measure string) int {
	p.t.Helper()
	n := 0
	for _, o := range p.obligations("plan=small&measure=" + measure) {
		for _, e := range p.ledger(o) {
			if e.Kind == "drafted" {
				n++
			}
		}
	}
	return n
}

func TestKilledWhileSendingDigests(t *testing.T) {
	folder := t.TempDir()
	clock := scaled("2025-03-02", 0.5)
	p := serve(t, folder, append([]string{"--seed", "none"}, clock...)...)
	p.seedSmall("2025-03-02")
	for range 2 {
		before := len(p.inbox("small", "u03"))
		await(t, "digests are on their way", func() bool { return len(p.inbox("small", "u03")) > before })
		p.kill()
		p = serve(t, folder, append([]string{"--seed", "none"}, clock...)...)
	}
	await(t, "reminders before the due date reach the last unit", func() bool { return len(p.inbox("small", "u60")) >= 3 })
	for n := range 60 {
		for message, times := range p.inbox("small", fmt.Sprintf("u%02d", n+1)) {
			require.Equal(t, 1, times, "u%02d was told %q more than once", n+1, message)
		}
	}
	p.stop()
	verify(t, folder)
}
