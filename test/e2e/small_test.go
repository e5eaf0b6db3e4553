package e2e

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// smallFiles are the files of the small plan: sixty units, one milestone on 2025-03-31 that opens on 2025-03-03, and a
// monthly report of two units.
func smallFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	root := os.DirFS("testdata/small")
	require.NoError(t, fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, name)
		files[name] = string(text)
		return err
	}))
	return files
}

// seedSmall starts the small plan.
func (p *process) seedSmall(asOf string) {
	p.t.Helper()
	status, body := p.post("/plans", map[string]any{"files": smallFiles(p.t), "asOf": asOf})
	require.Equal(p.t, http.StatusOK, status, body)
}

type obligationView struct {
	Plan, Measure, Unit, Period, Stage, Light, Rung, NextAt string
}

func (o obligationView) path() string {
	return fmt.Sprintf("/obligations/%s/%s/%s/%s", o.Plan, o.Measure, o.Unit, o.Period)
}

// obligations reads every page of the list.
func (p *process) obligations(filter string) []obligationView {
	p.t.Helper()
	var all []obligationView
	after := ""
	for {
		var page struct {
			Obligations []obligationView
			Next        string
		}
		p.get("/obligations?limit=200&"+filter+"&cursor="+url.QueryEscape(after), &page)
		all = append(all, page.Obligations...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

type ledgerEvent struct {
	Seq             int
	Kind, Step, To  string
	N               int
	Collapsed       []struct{ Step string }
	At, Rung, Title string
}

// ledger reads every event of an obligation.
func (p *process) ledger(o obligationView) []ledgerEvent {
	p.t.Helper()
	var all []ledgerEvent
	for {
		var page struct{ Events []ledgerEvent }
		p.get(fmt.Sprintf("%s/ledger?limit=100&after=%d", o.path(), len(all)), &page)
		all = append(all, page.Events...)
		if len(page.Events) < 100 {
			return all
		}
	}
}

// inbox counts how often a unit was told of each of its events.
func (p *process) inbox(plan, unit string) map[string]int {
	p.t.Helper()
	told := map[string]int{}
	after := ""
	for {
		var page struct {
			Digests []struct {
				Messages []struct {
					Measure, Period, Kind, Created string
				}
			}
			Next string
		}
		p.get(fmt.Sprintf("/plans/%s/inbox/%s?limit=50&cursor=%s", plan, unit, url.QueryEscape(after)), &page)
		for _, d := range page.Digests {
			for _, m := range d.Messages {
				told[m.Measure+"/"+m.Period+" "+m.Kind+" "+m.Created]++
			}
		}
		if after = page.Next; after == "" {
			return told
		}
	}
}

// requireOnce fails where an obligation's ledger has a gap, or a step twice in its first round.
func requireOnce(t *testing.T, o obligationView, events []ledgerEvent) {
	t.Helper()
	seen := map[string]bool{}
	for i, e := range events {
		require.Equal(t, i+1, e.Seq, o.path())
		if e.Kind != "reminded" && e.Kind != "overdue" && e.Kind != "drafted" && e.Kind != "opened" {
			continue
		}
		key := fmt.Sprintf("%s %s %d", e.Kind, e.Step, e.N)
		require.False(t, seen[key], "%s has %q twice", o.path(), key)
		seen[key] = true
	}
}
