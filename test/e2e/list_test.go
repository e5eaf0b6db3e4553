package e2e

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type listRow struct {
	Row           int
	Task, Measure string
	Outcome       string
	Due, Units    []string
	Problems      []struct{ Cell, Reason string }
	Changes       []string
}

type listReading struct {
	Import struct {
		ID, Status                           string
		Created, Updated, Unchanged, Skipped int
	}
	Rows    []listRow
	Effects []struct {
		Obligation, Kind string
		Changes          []string
	}
	Seed struct {
		Version int
		Changed bool
	}
}

func (r listReading) effects() []string {
	var out []string
	for _, e := range r.Effects {
		out = append(out, e.Kind+" "+e.Obligation)
	}
	return out
}

func (r listReading) outcomes() map[int]string {
	out := map[int]string{}
	for _, row := range r.Rows {
		out[row.Row] = row.Outcome
	}
	return out
}

// bring uploads a list and returns how it was read.
func (p *process) bring(text string) listReading {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.api+"/plans/changning-2024/lists?year=2026&name=2026.csv", strings.NewReader(text))
	require.NoError(p.t, err)
	request.Header.Set("Content-Type", "application/octet-stream")
	request.Header.Set("Authorization", "Bearer "+p.token(http.MethodPost, "/plans"))
	response, err := http.DefaultClient.Do(request)
	require.NoError(p.t, err)
	defer response.Body.Close()
	var r listReading
	answer, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, response.StatusCode, "%s", answer)
	decode(p.t, string(answer), &r)
	return r
}

// answers settle what of the list of 2026 is not certain.
var answers = map[string]any{
	"4": map[string]any{"confirm": true, "task": "16", "measure": "new"}, "6": map[string]any{"confirm": true, "measure": "new"}, "7": map[string]any{"skip": true},
}

func (p *process) applyList(id string, given map[string]any) listReading {
	p.t.Helper()
	status, answer := p.post("/plans/changning-2024/lists/"+id+"/apply", map[string]any{"answers": given, "reason": "2026年清单"})
	require.Equal(p.t, http.StatusOK, status, answer)
	var r listReading
	decode(p.t, answer, &r)
	return r
}

// The list of 2026 comes onto the running plan, and again, and with a change between; the last time the program is killed
// while it is applied.
func TestAnnualListChangesWhatRuns(t *testing.T) {
	folder := t.TempDir()
	args := []string{"--as-of", "2026-03-02", "--set", "clock.mode=scaled", "--set", "clock.start=2026-03-02", "--set", "clock.speed=1"}
	p := serve(t, folder, args...)
	goal := "/obligations/changning-2024/7.5/yjj/1"
	due := func() string {
		var o struct{ Due string }
		p.get(goal, &o)
		return o.Due
	}
	await(t, "the plan runs", func() bool {
		r, err := p.send(http.MethodGet, goal, "", nil)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		return r.StatusCode == http.StatusOK
	})
	text, err := os.ReadFile(filepath.Join("testdata", "lists", "2026.csv"))
	require.NoError(t, err)

	read := p.bring(string(text))
	require.Equal(t, map[int]string{3: "update", 4: "confirm", 5: "create", 6: "confirm", 7: "error"}, read.outcomes())
	require.Equal(t, []string{"完成时限：2026-12-31 → 2026-11-30"}, read.Rows[0].Changes)
	require.Empty(t, read.Effects, "nothing is certain yet")
	status, refused := p.post("/plans/changning-2024/lists/"+read.Import.ID+"/apply", map[string]any{"reason": "2026年清单"})
	require.Equal(t, http.StatusConflict, status)
	require.Contains(t, refused, "list_unsettled")
	require.Contains(t, refused, "“尽快”不是日期")
	require.Equal(t, "2026-12-31", due(), "nothing has changed")

	applied := p.applyList(read.Import.ID, answers)
	require.Equal(t, []int{3, 1, 0, 1}, []int{applied.Import.Created, applied.Import.Updated, applied.Import.Unchanged, applied.Import.Skipped})
	require.True(t, applied.Seed.Changed)
	require.Contains(t, applied.effects(), "rearmed changning-2024/7.5/yjj/1")
	await(t, "the running obligation has its new date", func() bool { return due() == "2026-11-30" })
	events := p.ledger(view(goal))
	require.Equal(t, "rearmed", events[len(events)-1].Kind)
	await(t, "what is new is handed over", func() bool { return len(p.obligations("plan=changning-2024&measure=20.5")) == 11 })

	roll := filepath.Join(t.TempDir(), "roll.csv")
	require.NoError(t, os.WriteFile(roll, []byte("单位,姓名,手机\n区应急局,联络员甲,13800000001\n"), 0o600))
	out, code := run(t, "--set", "data.folder="+folder, "contacts", "import", roll, "--server", strings.TrimSuffix(p.api, "/api/v1"))
	require.Zero(t, code, out)
	var units struct {
		Units []struct {
			Code     string
			Contacts []struct{ Name, Mobile string }
		}
	}
	p.get("/plans/changning-2024/units", &units)
	for _, u := range units.Units {
		if u.Code == "yjj" {
			require.Equal(t, []struct{ Name, Mobile string }{{"联络员甲", "138****0001"}}, u.Contacts)
		}
	}

	again := p.bring(string(text))
	require.Equal(t, read.Import.ID, again.Import.ID)
	require.Equal(t, "applied", again.Import.Status)
	same := p.applyList(again.Import.ID, answers)
	require.False(t, same.Seed.Changed, "the same list changes nothing")
	require.Empty(t, same.Effects)
	require.Equal(t, applied.Seed.Version+1, same.Seed.Version, "the liaisons' alone")

	// Another date, and a kill while it is written.
	changed := strings.Replace(string(text), "2026年11月底前", "2026年10月底前", 1)
	later := p.bring(changed)
	var preview listReading
	status, answer := p.post("/plans/changning-2024/lists/"+later.Import.ID+"/preview", map[string]any{"answers": answers})
	require.Equal(t, http.StatusOK, status, answer)
	decode(t, answer, &preview)
	require.Len(t, preview.Effects, 1)
	require.Equal(t, []any{"changning-2024/7.5/yjj/1", "rearmed"}, []any{preview.Effects[0].Obligation, preview.Effects[0].Kind})
	token := p.token(http.MethodPost, "/plans")
	go func() {
		request, err := http.NewRequest(http.MethodPost, p.api+"/plans/changning-2024/lists/"+later.Import.ID+"/apply",
			strings.NewReader(`{"answers":{"4":{"confirm":true,"task":"16","measure":"new"},"6":{"confirm":true,"measure":"new"},"7":{"skip":true}},"reason":"改期"}`))
		if err == nil {
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", "Bearer "+token)
			if response, err := http.DefaultClient.Do(request); err == nil {
				_ = response.Body.Close()
			}
		}
	}()
	p.kill()
	p = serve(t, folder, args...)
	p.applyList(later.Import.ID, answers)
	await(t, "the date of the last list", func() bool { return due() == "2026-10-31" })
	require.Len(t, p.obligations("plan=changning-2024&measure=20.5"), 11, "nothing twice")
	var moved int
	for _, e := range p.ledger(view(goal)) {
		if e.Kind == "rearmed" {
			moved++
		}
	}
	require.Equal(t, 2, moved, "once for each list")
	p.stop()
	verify(t, folder)
}
