package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/temporalproto"

	"duban/internal/seal"
	"duban/worker"
)

// record makes TestHistories, TestAssessmentOfAHalfYear and TestKilledBeforeTheEngineHears write the histories they made, for the replay tests of later builds:
// go test ./test/e2e -run TestHistories -record v2
var record = flag.String("record", "", "write histories into workflows/testdata/histories/VERSION")

// The most events of an obligation's history.
const (
	fixedEvents    = 10
	reminderEvents = 7
	actionEvents   = 10
)

func TestHistories(t *testing.T) {
	p := serve(t, t.TempDir(), append([]string{"--seed", "none"}, scaled("2025-03-24", 0.5)...)...)
	p.seedSmall("2025-03-24")
	p.awaitOpened("small", 62)
	good, late := "/obligations/small/1.1/u01/1", "/obligations/small/1.1/u02/1"
	p.act(good+"/sign", map[string]any{})
	p.act(good+"/submit", map[string]any{"text": "总结已印发"})
	p.act(good+"/return", map[string]any{"reason": "缺少附件"})
	p.act(good+"/submit", map[string]any{"text": "附件已补"})
	p.act(good+"/accept", map[string]any{})
	drafted := func(unit string) {
		await(t, "the late unit's letter is drafted", func() bool {
			var docs struct {
				Documents []struct{ Measure, Unit, Rung string }
			}
			p.get("/documents?status=draft&plan=small&unit="+unit+"&limit=50", &docs)
			for _, d := range docs.Documents {
				if d.Measure == "1.1" {
					return true
				}
			}
			return false
		})
	}
	drafted("u02")
	p.act("/documents/small/1.1/u02/1/letter/sign-off", map[string]any{})
	p.act(late+"/nudge", map[string]any{"text": "请尽快"})
	p.act(late+"/submit", map[string]any{"text": "已完成"})
	p.act(late+"/accept", map[string]any{})

	drafted("u04")
	p.act("/documents/small/1.1/u04/1/letter/withdraw", map[string]any{"reason": "直接约谈"})
	p.act("/obligations/small/1.1/u04/1/skip", map[string]any{"rung": "interview", "reason": "情节严重"})
	const talk = "/documents/small/1.1/u04/1/interview"
	meeting := func(days int) map[string]any {
		return map[string]any{"at": p.now().AddDate(0, 0, days).Format(time.RFC3339), "place": "三楼"}
	}
	p.act(talk+"/sign-off", map[string]any{"meeting": meeting(2)})
	day := p.today(3)
	p.act(talk+"/arrange", map[string]any{"meeting": meeting(3), "reason": "出差"})
	await(t, "the day of the interview", func() bool { return p.today(0) >= day })
	p.act(talk+"/conclude", map[string]any{"outcome": "说明了情况", "demands": "印发总结", "due": "2026-12-31"})
	p.act(talk+"/rectify", map[string]any{"text": "总结已印发"})
	p.act(talk+"/return", map[string]any{"reason": "缺少附件", "due": "2026-12-31"})
	p.act(talk+"/rectify", map[string]any{"text": "附件已补"})
	p.act(talk+"/verify", map[string]any{})

	for name, path := range map[string]string{"good": good, "late": late} {
		events := p.ledger(view(path))
		history := p.wholeHistory("obligation/" + strings.TrimPrefix(path, "/obligations/"))
		budget := fixedEvents
		for _, e := range events[1:] {
			switch e.Kind {
			case "reminded", "overdue", "drafted":
				budget += reminderEvents
			default:
				budget += actionEvents
			}
		}
		t.Logf("%s: %d entries in the ledger, %d events in the history, at most %d", name, len(events), len(history.Events), budget)
		require.LessOrEqual(t, len(history.Events), budget, name)
	}
	p.replay(map[string]string{
		"obligation-good": "obligation/small/1.1/u01/1", "obligation-late": "obligation/small/1.1/u02/1",
		"obligation-open": "obligation/small/1.1/u03/1", "document-letter": "document/small/1.1/u02/1/letter",
		"document-draft": "document/small/1.1/u03/1/letter", "document-interview": "document/small/1.1/u04/1/interview", "task": "task/small/1", "plan": "plan/small", "dispatch": "dispatch/small",
	})
	// The command asks the duban that runs, and opens the engine itself where none does.
	p.replays("--server", strings.TrimSuffix(p.api, "/api/v1"))
	p.stop()
	p.replays()
}

// replays has this build replay every workflow of the installation that is open.
func (p *process) replays(args ...string) {
	p.t.Helper()
	out, code := run(p.t, append([]string{
		"--set", "data.folder=" + p.folder, "--set", "engine.embedded.hostPort=127.0.0.1:0", "--set", "listen.address=127.0.0.1:1", "replay", "--json",
	}, args...)...)
	require.Zero(p.t, code, out)
	var report struct {
		Recorded, Open int
		Different      string
	}
	require.NoError(p.t, json.Unmarshal([]byte(out), &report), out)
	require.Empty(p.t, report.Different)
	require.Greater(p.t, report.Recorded, 10)
	require.Greater(p.t, report.Open, 60, "every obligation, its task and the plan")
}

// act asks for something that must be taken.
func (p *process) act(path string, body map[string]any) {
	p.t.Helper()
	status, answer := p.post(path, body)
	require.Equal(p.t, 200, status, "%s: %s", path, answer)
}

func view(path string) obligationView {
	parts := strings.Split(strings.TrimPrefix(path, "/obligations/"), "/")
	return obligationView{Plan: parts[0], Measure: parts[1], Unit: parts[2], Period: parts[3]}
}

// replay runs this build over the histories it made, and keeps them where asked.
func (p *process) replay(ids map[string]string) {
	p.t.Helper()
	codec := p.keys()
	values := seal.Converter(codec)
	replayer, err := worker.NewReplayer(values)
	require.NoError(p.t, err)
	for name, id := range ids {
		history := p.history(id)
		require.NoError(p.t, replayer.Replay(history), id)
		if *record == "" {
			continue
		}
		payloads(p.t, history, codec.Decode) // kept without keys
		folder := filepath.Join("..", "..", "workflows", "testdata", "histories", *record)
		require.NoError(p.t, os.MkdirAll(folder, 0o755))
		text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
		require.NoError(p.t, err)
		require.NoError(p.t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s.json", name)), append(text, '\n'), 0o644))
	}
}
