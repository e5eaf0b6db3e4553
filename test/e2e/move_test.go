//go:build unix

package e2e

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/workflows"
)

// movedReport is what "duban move" says in JSON.
type movedReport struct {
	Tables    map[string]int
	Before    bool
	Evidence  int
	Verified  struct{ Obligations, Events, Numbers, Evidence int }
	Workflows int
}

// An installation on one machine, in the middle of its work, moves to a cluster as docs/operating.md says: with obligations that are
// signed for, submitted, overdue with a letter drafted and with one issued, with findings of an inspection that is closed itself, with
// evidence, and with an assessment to come. It lives on there, and what falls due next happens once.
func TestFromOneMachineToMany(t *testing.T) {
	clock := scaled("2025-06-09", 0.5)
	d := emptyDistrict(t, append(slices.Clone(clock), "--set", "evidence.folder="+t.TempDir()))
	folder := t.TempDir()
	p := serve(t, folder, append([]string{"--seed", "none"}, clock...)...)
	p.toMove()
	move := append(slices.Clone(d.settings), "--set", "data.folder="+t.TempDir(), "move", folder, "--json")
	out, code := run(t, move...)
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "正被另一个进程使用", "it runs")

	open := len(p.obligations("plan=small&open=true"))
	p.stop()
	before := digestsIn(t, folder)
	first := moved(t, move)
	require.Equal(t, before, digestsIn(t, folder), "nothing in the old installation is changed")
	require.Equal(t, []any{false, 1, 1}, []any{first.Before, first.Evidence, first.Verified.Evidence})
	require.Equal(t, ledgerOf(t, "sqlite", filepath.Join(folder, "duban.db")), ledgerOf(t, "mysql", d.dsn))
	again := moved(t, move) // as after an interruption
	require.Equal(t, []any{true, 0, first.Tables, first.Verified, first.Workflows}, []any{again.Before, again.Evidence, again.Tables, again.Verified, again.Workflows})

	back := serve(t, copied(t, folder), append([]string{"--seed", "none"}, clock...)...)
	back.data = p.data // whoever was let in there is let in here
	back.act("/obligations/small/1.1/u01/1/submit", map[string]any{"text": "总结已印发"})
	back.stop()

	d.open(2, 2)
	api := d.apis[0]
	api.lets(p)
	await(t, "every open obligation has its workflow, and the inspection too", func() bool { return api.openWorkflows("small") >= open+1 })
	api.requireMoved()
	for _, o := range api.obligations("plan=small") {
		requireOnce(t, o, api.ledger(o))
	}
	for _, unit := range []string{"u01", "u02", "u03", "u07", "u20"} {
		for message, n := range api.inbox("small", unit) {
			require.Equal(t, 1, n, "%s is told twice: %s", unit, message)
		}
	}
	d.requireWell(api)
	d.end()
	out, code = run(t, append(slices.Clone(d.settings), "verify")...)
	require.Zero(t, code, out)
	out, code = run(t, move...)
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "目标数据库不是空的", "what has lived on is not written over")
}

// The obligations that the test follows.
const (
	signedFor  = "/obligations/small/1.1/u01/1"
	submitted  = "/obligations/small/1.1/u02/1"
	draftedFor = "/obligations/small/1.1/u03/1"
	accepted   = "/obligations/small/1.1/u04/1"
	issuedTo   = "/obligations/small/1.1/u07/1"
	inspected  = "/obligations/small/1.9/u20/2025Q2"
	firstFound = "/obligations/small/1.9/u05/2025Q2.u20.f1"
	thenFound  = "/obligations/small/1.9/u06/2025Q2.u20.f2"
)

// toMove brings an installation to where it is to be moved.
func (p *process) toMove() {
	p.t.Helper()
	files := smallFiles(p.t)
	// What is due is overdue a fortnight before the half-year ends and is assessed.
	files["tasks/tasks.yaml"] = strings.ReplaceAll(files["tasks/tasks.yaml"], "2025-03-31", "2025-06-16") + inspectedQuarterly
	files["ladders.yaml"] += orderLadder
	status, body := p.post("/plans", map[string]any{"files": files, "asOf": "2025-06-09"})
	require.Equal(p.t, http.StatusOK, status, body)
	await(p.t, "every obligation has its workflow", func() bool { return p.openWorkflows("small") == 63 })
	p.act(signedFor+"/sign", map[string]any{})
	status, answer := p.upload("总结.txt", "text/plain", strings.NewReader("演练总结"))
	require.Equal(p.t, http.StatusOK, status, answer)
	p.act(submitted+"/submit", map[string]any{"text": "总结已印发", "evidence": []any{answer["id"]}})
	p.act(accepted+"/submit", map[string]any{"text": "总结已印发"})
	p.act(accepted+"/accept", map[string]any{})

	day := p.today(0)
	visits := []any{map[string]any{"unit": "u05", "day": day, "seen": "商铺"}, map[string]any{"unit": "u06", "day": day, "seen": "仓库"}}
	found := func(unit, text string) map[string]any {
		return map[string]any{"unit": unit, "text": text, "severity": "grave", "demands": "立即整改", "due": "2025-12-31"}
	}
	p.act(inspected+"/plan-inspection", map[string]any{"theme": "消防安全", "visits": visits})
	p.act(inspected+"/record-inspection", map[string]any{
		"theme": "消防安全", "visits": visits, "findings": []any{found("u05", "安全出口上锁"), found("u06", "灭火器过期")},
	})
	p.act(inspected+"/submit", map[string]any{"text": "已检查"})
	p.act(inspected+"/accept", map[string]any{})
	await(p.t, "both findings are open", func() bool { return len(p.obligations("plan=small&measure=1.9")) == 3 })
	await(p.t, "the letters are drafted", func() bool { return p.drafted(draftedFor) && p.drafted(issuedTo) })
	p.act("/documents/small/1.1/u07/1/letter/sign-off", map[string]any{})
}

// requireMoved has people and time go on with everything that was moved.
func (p *process) requireMoved() {
	p.t.Helper()
	var files struct{ Evidence []struct{ ID string } }
	p.get(submitted+"/evidence", &files)
	require.Len(p.t, files.Evidence, 1)
	content, _ := p.download(submitted + "/evidence/" + files.Evidence[0].ID)
	require.Equal(p.t, "演练总结", string(content))
	p.act("/documents/small/1.1/u03/1/letter/sign-off", map[string]any{})
	var letter struct{ Number string }
	p.get("/documents/small/1.1/u03/1/letter", &letter)
	require.Contains(p.t, letter.Number, "〔2025〕2号", "numbers go on")
	p.act(submitted+"/accept", map[string]any{})
	p.act(signedFor+"/submit", map[string]any{"text": "总结已印发"})
	p.act(firstFound+"/submit", map[string]any{"text": "已整改"})
	p.act(firstFound+"/accept", map[string]any{})
	p.act(thenFound+"/submit", map[string]any{"text": "已整改"})
	p.act(thenFound+"/accept", map[string]any{})
	p.wholeHistory("obligation/small/1.9/u20/2025Q2") // it ends with its last finding
	await(p.t, "the next rung is climbed", func() bool {
		return slices.ContainsFunc(p.ledger(view(issuedTo)), func(e ledgerEvent) bool { return e.Kind == "drafted" && e.Rung == "circular" })
	})
	p.awaitStage("units")
}

// requireWell has the doctor look at everything. On a clock that runs so fast, whatever is a day late is a second late.
func (d *district) requireWell(api *process) {
	d.t.Helper()
	args := append(slices.Clone(d.settings), "--set", "data.folder="+api.folder, "doctor", "--json", "--server", strings.TrimSuffix(api.api, "/api/v1"))
	await(d.t, "the doctor finds nothing", func() bool {
		out, _ := run(d.t, args...)
		var report struct {
			Findings []struct{ Kind, Subject string }
		}
		require.NoError(d.t, json.NewDecoder(strings.NewReader(out)).Decode(&report), out)
		for _, f := range report.Findings {
			if strings.HasPrefix(f.Kind, "workflow_") || strings.HasSuffix(f.Kind, "_differs") || slices.Contains([]string{"nobody", "ledger_broken", "check_failed"}, f.Kind) {
				d.t.Log(f)
				return false
			}
		}
		return true
	})
	for _, w := range []string{workflows.PlanID("small"), workflows.DispatchID("small"), workflows.TaskID("small", "1"), workflows.AssessmentID("small", "2025H1")} {
		require.Equal(d.t, 1, api.countWorkflows(fmt.Sprintf("WorkflowId='%s' AND ExecutionStatus='Running'", w)), w)
	}
	require.Zero(d.t, api.countWorkflows("WorkflowType='ObligationWorkflow' AND (DubanMeasure IS NULL OR DubanUnit IS NULL OR DubanStage IS NULL "+
		"OR DubanLight IS NULL OR DubanYear IS NULL OR DubanDue IS NULL)"), "they are listed like all others")
}

// lets whoever another process lets in: accounts and tokens are in the record.
func (p *process) lets(other *process) {
	people.Lock()
	defer people.Unlock()
	for known, token := range people.tokens {
		if login, his := strings.CutPrefix(known, other.data+"\n"); his {
			people.tokens[p.data+"\n"+login] = token
		}
	}
}

func moved(t *testing.T, command []string) movedReport {
	t.Helper()
	out, code := run(t, command...)
	require.Zero(t, code, out)
	_, said, _ := strings.Cut(out, "{") // bars of progress may stand before it
	var report movedReport
	require.NoError(t, json.NewDecoder(strings.NewReader("{"+said)).Decode(&report), out)
	return report
}

// digestsIn returns the digests of every file in a folder.
func digestsIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		out[strings.TrimPrefix(path, folder)] = fmt.Sprintf("%x", sha256.Sum256(content))
		return err
	}))
	return out
}

// ledgerOf reads who has which event, and its hash.
func ledgerOf(t *testing.T, driver, dsn string) []string {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT id, obligation, seq, event, hash FROM ledger ORDER BY id")
	require.NoError(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id, seq int
		var obligation, event string
		var hash []byte
		require.NoError(t, rows.Scan(&id, &obligation, &seq, &event, &hash))
		out = append(out, fmt.Sprintf("%d %s %d %s %x", id, obligation, seq, event, hash))
	}
	require.NoError(t, rows.Err())
	require.NotEmpty(t, out)
	return out
}
