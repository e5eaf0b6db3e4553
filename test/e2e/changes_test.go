package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

const notice2026 = `国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。`

const gentle = `  - code: gentle
    title: 宽松阶梯
    cure: 5
    yellow: 7
    rework: 5
    nudge: 3
    steps:
      - {code: sign, rung: remind, anchor: opened, offset: %d, every: 5, to: unit}
      - {code: letter, rung: letter, anchor: due, offset: 20, to: unit, signOff: office}
`

// changeable is the small plan with measures that are changed one by one, from 1.3 on.
func changeable(t *testing.T) map[string]string {
	files := smallFiles(t)
	for i, m := range []struct{ units, due, ladder string }{
		{"u03, u04", "2025-06-30", ""},
		{"u05, u06", "2025-06-30", "gentle"},
		{"u07", "2025-06-30", ""},
		{"u08", "2025-12-31", ""},
		{"u09, u10", "2025-06-30", ""},
		{"u13", `2025-06-30", "2025-09-30`, ""},
		{"u14", "2025-06-30", ""},
	} {
		files["tasks/tasks.yaml"] += fmt.Sprintf(`      - {code: "1.%d", title: 演练事项, quote: 完成演练总结, audience: {units: [%s]}, done: 报送, inferred: [], ladder: %q,
         schedule: {kind: milestone, due: ["%s"], from: 2025-03-03}}
`, i+3, m.units, m.ladder, m.due)
	}
	files["ladders.yaml"] += fmt.Sprintf(gentle, 2)
	return files
}

// amendment changes, with notice2026, something of every kind.
var amendment = `units:
  - {code: u12, name: 演练十二局}
  - {code: u09, to: 2025-04-30, into: u11}
measures:
  - {code: 1.3, due: [2025-07-31]}
  - {code: 1.8, due: [2025-09-30]}
  - {code: 1.9, due: [2025-05-30, 2025-06-30]}
` + withdrawal + `ladders:
` + fmt.Sprintf(gentle, 4)

const withdrawal = "  - {code: 1.5, withdraw: true}\n"

type changesAnswer struct {
	Holidays []string
	Effects  []struct {
		Obligation, UnitName, Kind string
		Changes                    []string
	}
	Seed struct {
		Version int
		Changed bool
	}
}

func (a changesAnswer) told() map[string][]string {
	out := map[string][]string{}
	for _, e := range a.Effects {
		out[e.Kind+" "+e.Obligation] = e.Changes
	}
	return out
}

// changes runs a command about changes and returns its answer.
func (p *process) changes(args ...string) changesAnswer {
	p.t.Helper()
	out, code := run(p.t, append([]string{"--set", "data.folder=" + p.folder, "changes"}, append(args, "--json")...)...)
	require.Zero(p.t, code, out)
	var a changesAnswer
	require.NoError(p.t, json.NewDecoder(strings.NewReader(out)).Decode(&a), out)
	return a
}

type shownObligation struct {
	Due, UnitName, Stage, NextAt string
	Ladder                       struct{ Code, Title string }
}

func (p *process) shown(o obligationView) shownObligation {
	p.t.Helper()
	var s shownObligation
	p.get(o.path(), &s)
	return s
}

// What is previewed is what the ledgers hold afterwards, and nothing else.
func TestChangesInTheMiddleOfAPlan(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder, append([]string{"--seed", "none"}, scaled("2025-03-10", 0.001)...)...)
	status, body := p.post("/plans", map[string]any{"files": changeable(t), "asOf": "2025-03-10"})
	require.Equal(t, http.StatusOK, status, body)
	p.awaitOpened("small", 73)
	before := map[string]int{}
	views := map[string]obligationView{}
	for _, o := range p.obligations("plan=small") {
		id := strings.TrimPrefix(o.path(), "/obligations/")
		views[id], before[id] = o, len(p.ledger(o))
	}
	require.Len(t, before, 73)

	file, notice := filepath.Join(t.TempDir(), "change.yaml"), filepath.Join(t.TempDir(), "notice.txt")
	require.NoError(t, os.WriteFile(file, []byte(amendment), 0o600))
	require.NoError(t, os.WriteFile(notice, []byte(notice2026), 0o600))
	server := strings.TrimSuffix(p.api, "/api/v1")
	previewed := p.changes("preview", file, "--notice", notice)
	due := []string{"到期日：2025-06-30 → 2025-07-31"}
	const sign = "提醒（交办后%d个工作日未签收，其后每5个工作日一次）"
	steps := []string{
		"步骤 sign：" + fmt.Sprintf(sign, 2) + " → " + fmt.Sprintf(sign, 4),
		"下一步（" + fmt.Sprintf(sign, 4) + "）：2025-03-12 09:00 → 2025-03-14 09:00",
	}
	want := map[string][]string{
		"rearmed small/1.1/u12/1": {"单位名称：演练单位12 → 演练十二局"},
		"rearmed small/1.3/u03/1": due, "rearmed small/1.3/u04/1": due,
		"rearmed small/1.4/u05/1": steps, "rearmed small/1.4/u06/1": steps,
		"withdrawn small/1.5/u07/1": {},
		"rearmed small/1.6/u08/1":   {"日期不再是暂定"},
		"withdrawn small/1.7/u09/1": {}, "joined small/1.7/u11/1": {},
		"withdrawn small/1.8/u13/1": {}, "joined small/1.9/u14/2": {},
	}
	require.Equal(t, want, previewed.told())
	require.Len(t, previewed.Holidays, 7)
	require.Equal(t, previewed, p.changes("preview", file, "--notice", notice, "--server", server), "the server says the same")
	require.Equal(t, "2025-06-30", p.shown(views["small/1.3/u03/1"]).Due, "a preview changes nothing")

	made := p.changes("make", file, "--notice", notice, "--reason", "机构改革", "--server", server)
	require.Equal(t, previewed.Effects, made.Effects)
	require.True(t, made.Seed.Changed)
	ends := map[string]string{"rearmed": "rearmed", "withdrawn": "waived", "joined": "opened"}
	touched := map[string]bool{}
	for _, e := range made.Effects {
		touched[e.Obligation] = true
		o := view("/obligations/" + e.Obligation)
		var events []struct{ Kind, Text string }
		await(t, e.Obligation+" is "+e.Kind, func() bool {
			r, err := p.send(http.MethodGet, o.path(), "", nil)
			require.NoError(t, err)
			require.NoError(t, r.Body.Close())
			if r.StatusCode != http.StatusOK {
				return false // not opened yet
			}
			var page struct {
				Events []struct{ Kind, Text string }
			}
			p.get(o.path()+"/ledger?limit=100", &page)
			events = page.Events
			return len(events) == before[e.Obligation]+1
		})
		last := events[len(events)-1]
		require.Equal(t, ends[e.Kind], last.Kind, e.Obligation)
		if e.Kind != "joined" {
			require.Contains(t, last.Text, "机构改革（本机操作员）", e.Obligation)
		}
	}
	require.Equal(t, "演练十二局", p.shown(views["small/1.1/u12/1"]).UnitName)
	require.Equal(t, "2025-07-31", p.shown(views["small/1.3/u03/1"]).Due)
	require.Equal(t, []string{"gentle", "2025-03-14T09:00:00+08:00"}, []string{
		p.shown(views["small/1.4/u05/1"]).Ladder.Code, p.shown(views["small/1.4/u05/1"]).NextAt,
	})
	require.Equal(t, "waived", p.shown(views["small/1.5/u07/1"]).Stage)
	require.Equal(t, []string{"2025-09-30", "2025-06-30", "2025-05-30"}, []string{
		p.shown(views["small/1.8/u13/2"]).Due, p.shown(views["small/1.9/u14/1"]).Due, p.shown(view("/obligations/small/1.9/u14/2")).Due,
	}, "what stays is what it was")

	// Everybody has been given the new calendar; with those whom it does not concern it leaves nothing.
	for id, n := range before {
		if touched[id] {
			continue
		}
		await(t, id+" has taken in what it was told", func() bool { return answered(p.history("obligation/" + id)) })
		require.Len(t, p.ledger(views[id]), n, id)
	}
	var ladders struct {
		Ladders []struct {
			Code     string
			Measures int
			Steps    []struct{ Offset int }
		}
	}
	p.get("/plans/small/ladders", &ladders)
	require.Equal(t, []any{"gentle", 1, 4}, []any{ladders.Ladders[1].Code, ladders.Ladders[1].Measures, ladders.Ladders[1].Steps[0].Offset})

	// Again it changes nothing; what is gone can't be withdrawn, and what is used can't be removed.
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(amendment, withdrawal, "", 1)), 0o600))
	again := p.changes("make", file, "--notice", notice, "--reason", "机构改革", "--server", server)
	require.False(t, again.Seed.Changed)
	require.Equal(t, made.Seed.Version, again.Seed.Version)
	require.Empty(t, again.Effects)
	refused := func(text string, words ...string) {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		out, code := run(t, "--set", "data.folder="+folder, "changes", "make", file, "--reason", "机构改革", "--server", server)
		require.Equal(t, 1, code, out)
		for _, word := range words {
			require.Contains(t, out, word)
		}
	}
	refused(amendment, "没有分项任务 \"1.5\"")
	refused("removeLadders: [gentle]", "还在用（分项任务 1.4）")
	for id := range maps.Keys(touched) {
		require.Len(t, p.ledger(view("/obligations/"+id)), before[id]+1, id)
	}
	p.stop()
	verify(t, folder)
}

// answered reports whether a workflow has worked on the last signal that it was sent.
func answered(h *historypb.History) bool {
	is := func(kind enumspb.EventType) func(*historypb.HistoryEvent) bool {
		return func(e *historypb.HistoryEvent) bool { return e.EventType == kind }
	}
	at := slices.IndexFunc(h.Events, is(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED))
	return at >= 0 && slices.ContainsFunc(h.Events[at:], is(enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED))
}
