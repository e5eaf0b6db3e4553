package e2e

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
)

// hold lets the engine write nothing until the returned function is called: it goes on reading, and so does the record. It waits until the
// engine is through with what it had to write, or reading would wait behind that.
func (p *process) hold() (release func()) {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.data, "temporal", "engine.db")+"?_txlock=immediate&_pragma=busy_timeout(10000)")
	require.NoError(p.t, err)
	db.SetMaxOpenConns(1)
	seen, quiet := 0, 0
	await(p.t, "the engine is quiet", func() bool {
		var version int
		require.NoError(p.t, db.QueryRowContext(p.t.Context(), "PRAGMA data_version").Scan(&version))
		if quiet++; version != seen {
			seen, quiet = version, 0
		}
		return quiet == 20
	})
	tx, err := db.BeginTx(p.t.Context(), nil)
	require.NoError(p.t, err)
	return func() {
		require.NoError(p.t, tx.Rollback())
		require.NoError(p.t, db.Close())
	}
}

// awaitNoted waits until the record has what the command led to, and owes its answer.
func (p *process) awaitNoted(command string) {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.data, "duban.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	require.NoError(p.t, err)
	defer db.Close()
	await(p.t, "the record has "+command, func() bool {
		n := 0
		require.NoError(p.t, db.QueryRowContext(p.t.Context(), "SELECT COUNT(*) FROM unheard WHERE command = ?", command).Scan(&n))
		return n == 1
	})
}

// entries counts the entries of a kind in a ledger.
func (p *process) entries(path, kind string) int {
	p.t.Helper()
	n := 0
	for _, e := range p.ledger(view(path)) {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// signalled counts the messages that a workflow got from elsewhere.
func (p *process) signalled(path string) int {
	p.t.Helper()
	n := 0
	for _, e := range p.history("obligation/" + strings.TrimPrefix(path, "/obligations/")).Events {
		if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED {
			n++
		}
	}
	return n
}

// The process is killed when the record has what people did and the engine has not: nobody asks again, nothing falls due, and all that
// would have followed does, once. The clock stands almost still.
func TestKilledBeforeTheEngineHears(t *testing.T) {
	folder := t.TempDir()
	clock := append([]string{"--seed", "none"}, scaled("2025-03-24", 0.0001)...)
	p := serve(t, folder, clock...)
	files := smallFiles(t)
	files["tasks/tasks.yaml"] = strings.Replace(files["tasks/tasks.yaml"], "        done: 月报送达区安委办\n", "        done: 月报送达区安委办\n        form: hazard\n", 1) +
		strings.ReplaceAll(inspectedQuarterly, "2025-04-01", "2025-01-01")
	files["ladders.yaml"] += orderLadder
	files["units.yaml"] += "  - {code: s01, name: 演练街道, kind: street, tags: [], aliases: []}\n"
	status, body := p.post("/plans", map[string]any{"files": files, "asOf": "2025-03-24"})
	require.Equal(t, http.StatusOK, status, body)
	const (
		lead    = "/obligations/small/1.1/u01/1"
		other   = "/obligations/small/1.1/u02/1"
		part    = "/obligations/small/1.1/u03/1.u02.1"
		quarter = "/obligations/small/1.9/u20/2025Q1"
		finding = "/obligations/small/1.9/u04/2025Q1.u20.f1"
		hazards = "/plans/small/hazards"
	)
	await(t, "the plan is open", func() bool {
		return len(p.obligations("plan=small&measure=1.1")) == 60 && len(p.obligations("plan=small&measure=1.9")) == 1
	})
	breaking := func(unit string) map[string]any {
		return map[string]any{"parts": []any{map[string]any{"unit": unit, "text": "提供材料", "due": "2025-03-28"}}}
	}
	found := func(unit string) map[string]any {
		return map[string]any{"unit": unit, "text": "安全出口上锁", "severity": "common", "demands": "立即开启", "due": "2025-04-30"}
	}
	today := p.today(0)
	p.act(other+"/break-down", breaking("u03"))
	p.act(part+"/sign", map[string]any{})
	await(t, "the lead has heard of its part", func() bool { return p.entries(other, "part_moved") == 1 })

	const mine, entered = "/obligations/small/1.1/u05/1.u01.1", "/obligations/small/1.2/u01/2025-002"
	running := func(path string) func() bool { // what is listed may have no workflow yet
		return func() bool {
			open := p.obligations("plan=small&open=true")
			return slices.ContainsFunc(open, func(o obligationView) bool { return o.path() == path }) && p.openWorkflows("small") == len(open)
		}
	}
	entry := func(enterprise string) map[string]any {
		return map[string]any{
			"unit": "u01", "due": "2025-12-31", "grade": "major", "source": "inspection", "industry": "warehouse", "region": "s01", "enterprise": enterprise,
			"place": "甲路1号", "text": "仓库疏散通道被占用", "found": today, "reviewer": "u03",
		}
	}
	inspected := map[string]any{"theme": "消防安全", "visits": []any{map[string]any{"unit": "u04", "day": today, "seen": "商铺"}}, "findings": []any{found("u04")}}
	for _, lost := range []struct {
		before func() // the workflow is asked once while the engine can still read, and stays in memory
		path   string
		body   map[string]any
		madeUp func() bool
	}{
		{
			func() { p.act(lead+"/sign", map[string]any{}) },
			lead + "/break-down", breaking("u05"), running(mine),
		},
		{
			func() { p.act(part+"/progress", map[string]any{"percent": 50, "text": "正在收集"}) },
			part + "/submit",
			map[string]any{"text": "材料已报"},
			func() bool { return p.entries(other, "part_moved") == 2 },
		},
		{
			func() {
				p.act(quarter+"/plan-inspection", map[string]any{"theme": "消防安全", "visits": []any{map[string]any{"unit": "u04", "day": today}}})
			},
			quarter + "/record-inspection", inspected, running(finding),
		},
		{
			func() { p.act(hazards, entry("某某餐饮有限公司")) },
			hazards, entry("某某仓储有限公司"), running(entered),
		},
	} {
		lost.before()
		release := p.hold()
		p.unanswered(lost.path, lost.body)
		p.awaitNoted(lost.path)
		p.kill()
		release()
		p = serve(t, folder, clock...)
		await(t, "it is made up for: "+lost.path, lost.madeUp)
	}
	for path, kind := range map[string]string{mine: "opened", finding: "opened", lead: "broken_down", quarter: "inspection_recorded", part: "submitted"} {
		require.Equal(t, 1, p.entries(path, kind), path)
	}
	for path, n := range map[string]int{lead: 1, part: 1, quarter: 1, entered: 1, other: 2, finding: 0} { // other hears of its part alone
		require.Equal(t, n, p.signalled(path), path)
	}

	// All of them go on as if nothing had happened.
	p.act(mine+"/submit", map[string]any{"text": "材料已报"})
	await(t, "the lead hears of the part", func() bool { return p.entries(lead, "part_moved") == 1 })
	p.act(entered+"/sign", map[string]any{})
	p.act(finding+"/submit", map[string]any{"text": "已开启"})
	p.act(finding+"/accept", map[string]any{})
	p.act(quarter+"/waive", map[string]any{"reason": "演练"})
	p.wholeHistory("obligation/small/1.9/u20/2025Q1") // it ends with its last finding
	p.replay(map[string]string{
		"obligation-made-up": "obligation/small/1.1/u01/1", "part-made-up": "obligation/small/1.1/u03/1.u02.1",
		"inspection-made-up": "obligation/small/1.9/u20/2025Q1", "hazard-made-up": "obligation/small/1.2/u01/2025-002",
	})
	p.stop()
	p.replays()
	verify(t, folder)
}

// unanswered asks for something, again and again, until the process is killed.
func (p *process) unanswered(path string, body map[string]any) {
	p.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(p.t, err)
	token := p.token(http.MethodPost, path)
	go func() {
		for {
			request, _ := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.api+path, bytes.NewReader(text))
			request.Header.Set("Authorization", "Bearer "+token)
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Idempotency-Key", path)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return
			}
			answer, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if s := response.StatusCode; s >= http.StatusBadRequest && s < http.StatusInternalServerError && s != http.StatusTooManyRequests {
				p.t.Errorf("%s was refused: %d %s", path, s, answer)
				return
			}
		}
	}()
}
