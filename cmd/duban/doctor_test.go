package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"duban/activities"
	"duban/api"
	"duban/calendar"
	"duban/internal/config"
	"duban/internal/doctor"
	"duban/obligation"
	"duban/plan"
	"duban/seed"
	"duban/workflows"
)

// patient is a whole installation that runs in the test's own process, in spring 2026, with the plan of one unit.
type patient struct {
	*installation
	t    *testing.T
	at   []string // arguments of commands that ask it
	plan string
}

func admit(t *testing.T) *patient {
	t.Helper()
	folder := t.TempDir()
	at := map[string]string{
		"data.folder": folder, "listen.address": "127.0.0.1:0", "engine.embedded.hostPort": "127.0.0.1:0", "engine.ui": "false", "database.synchronous": "OFF",
		"clock.mode": "scaled", "clock.start": "2026-03-02", "clock.speed": "1",
	}
	cfg, err := config.Load(config.Options{Overrides: at})
	require.NoError(t, err)
	i, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), parts{engine: true, worker: true, api: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, i.Close()) })
	b, err := seed.Embedded()
	require.NoError(t, err)
	b.Plan.Units = slices.DeleteFunc(b.Plan.Units, func(u plan.Unit) bool { return u.Code != "huayang" })
	report, err := i.applier().Apply(t.Context(), seed.Request{Bundle: b, AsOf: calendar.MustDate("2026-03-02")})
	require.NoError(t, err)
	p := &patient{installation: i, t: t, plan: b.Plan.Code}
	for k, v := range at {
		p.at = append(p.at, "--set", k+"="+v)
	}
	i.doctor.Grace, i.doctor.Seeding = 0, 0 // nothing is opened while the tests look
	require.Eventually(t, func() bool {
		n, err := i.opened(t.Context(), p.plan)
		return err == nil && n >= report.Due && len(p.faults()) == 0
	}, time.Minute, 100*time.Millisecond, "healthy: %v", p.faults())
	i.doctor.Clocks = nil // to ask the engine takes seconds, and both clocks are this machine's
	return p
}

// faults are what is wrong, but for what the machine of the tests is to blame for.
func (p *patient) faults() []doctor.Finding {
	report := p.doctor.Examine(context.WithoutCancel(p.t.Context()), true)
	return slices.DeleteFunc(report.Faults(), func(f doctor.Finding) bool { return f.Kind == doctor.DiskFull })
}

func (p *patient) exec(statements ...string) {
	p.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.cfg.Data.Folder, "duban.db")+"?_txlock=immediate&_pragma=busy_timeout(10000)")
	require.NoError(p.t, err)
	defer db.Close()
	for _, q := range statements {
		_, err := db.ExecContext(p.t.Context(), q)
		require.NoError(p.t, err)
	}
}

// finds awaits the one fault: the engine's list runs some moments behind.
func (p *patient) finds(kind doctor.Kind, subject string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		return slices.ContainsFunc(p.faults(), func(f doctor.Finding) bool { return f.Kind == kind && f.Subject == subject })
	}, time.Minute, 100*time.Millisecond, "%s %s", kind, subject)
}

// heals repairs a fault, twice, and awaits that nothing is wrong any more.
func (p *patient) heals(kind doctor.Kind, subject string) {
	p.t.Helper()
	for range 2 {
		_, err := p.doctor.Repair(p.t.Context(), kind, subject)
		require.NoError(p.t, err)
	}
	p.healthy()
}

func (p *patient) healthy() {
	p.t.Helper()
	var left []doctor.Finding
	require.Eventually(p.t, func() bool { left = p.faults(); return len(left) == 0 }, time.Minute, 100*time.Millisecond, "left: %v", &left)
}

// open returns an obligation that is open, and how many events it has.
func (p *patient) openOne() (obligation.ID, int) {
	p.t.Helper()
	page, err := p.store.List(p.t.Context(), obligation.Filter{Plan: p.plan, Open: new(true), Limit: 1})
	require.NoError(p.t, err)
	require.NotEmpty(p.t, page.Views)
	return page.Views[0].State.ID, page.Views[0].State.Seq
}

// record puts what a command leads to into the ledger behind the workflow's back, as an engine that was set back would find it.
func (p *patient) record(id obligation.ID, c obligation.Command, at time.Time) obligation.State {
	p.t.Helper()
	v, err := p.store.Load(p.t.Context(), id)
	require.NoError(p.t, err)
	d, err := p.store.Definition(p.t.Context(), p.plan)
	require.NoError(p.t, err)
	events, err := obligation.Decide(v.State, c, d.Calendar, at)
	require.NoError(p.t, err)
	entry := obligation.NewEntry(v.State, events, d.Calendar)
	_, err = p.store.Append(p.t.Context(), []obligation.Entry{entry})
	require.NoError(p.t, err)
	return entry.State
}

func (p *patient) terminate(workflow string) {
	p.t.Helper()
	require.NoError(p.t, p.client.SDK().TerminateWorkflow(p.t.Context(), workflow, "", "by mistake"))
}

func TestDoctorHealsWhatRecordAndEngineDisagreeOn(t *testing.T) {
	p := admit(t)
	ctx := t.Context()
	id, seq := p.openOne()

	for _, workflow := range []string{
		workflows.TaskID(p.plan, "1"), workflows.DispatchID(p.plan), workflows.AssessmentID(p.plan, "2026H1"), workflows.ObligationID(id), workflows.PlanID(p.plan),
	} {
		p.terminate(workflow)
		p.finds(doctor.WorkflowMissing, workflow)
		p.heals(doctor.WorkflowMissing, workflow)
	}
	again, err := p.store.Load(ctx, id)
	require.NoError(t, err)
	require.Equal(t, seq, again.State.Seq, "no step is taken twice")
	_, err = p.client.Command(ctx, id, obligation.Command{Kind: obligation.Sign, By: obligation.Actor{Role: obligation.RoleUnit, Name: "张三"}, Key: "k1"})
	require.NoError(t, err, "it goes on")

	// A row that is lost.
	p.exec("DELETE FROM obligations WHERE id = '" + id.String() + "'")
	p.finds(doctor.ModelDiffers, id.String())
	p.heals(doctor.ModelDiffers, id.String())

	// Neither a next step nor a holder.
	p.exec("UPDATE obligations SET next_at = NULL, waiting_on = '' WHERE id = '" + id.String() + "'")
	p.finds(doctor.Nobody, id.String())
	p.heals(doctor.Nobody, id.String())

	// A draft that no workflow follows.
	state := p.record(id, obligation.Command{Kind: obligation.Tick}, again.State.Due.At(0, time.UTC).AddDate(0, 3, 0))
	rung, ok := state.PendingDraft()
	require.True(t, ok)
	p.finds(doctor.WorkflowMissing, workflows.DocumentID(id, rung))
	_, err = p.doctor.Repair(ctx, doctor.WorkflowMissing, workflows.DocumentID(id, rung))
	require.NoError(t, err)

	// Its workflow knows less than the ledger.
	p.finds(doctor.WorkflowAstray, workflows.ObligationID(id))
	p.heals(doctor.WorkflowAstray, workflows.ObligationID(id))

	// Closed in the ledger, and its workflow does not know.
	p.record(id, obligation.Command{Kind: obligation.Waive, By: obligation.Actor{Role: obligation.RoleOffice, Name: "李四"}, Text: "不再需要"}, p.now())
	p.finds(doctor.WorkflowOrphan, workflows.ObligationID(id))
	p.finds(doctor.WorkflowOrphan, workflows.DocumentID(id, rung))
	_, err = p.doctor.Repair(ctx, doctor.WorkflowOrphan, workflows.DocumentID(id, rung))
	require.NoError(t, err)
	p.heals(doctor.WorkflowOrphan, workflows.ObligationID(id))

	// Followed by a workflow, and in no ledger.
	stray := state
	stray.ID.Period = "none"
	require.NoError(t, p.client.ResumeObligation(ctx, workflows.ObligationInput{State: stray, Setting: activities.Setting{Clock: p.clock, Calendar: p.calendar()}}, p.now()))
	p.finds(doctor.WorkflowOrphan, workflows.ObligationID(stray.ID))
	p.heals(doctor.WorkflowOrphan, workflows.ObligationID(stray.ID))

	// Its tasks fail, since no build knows it: whoever looks ends it.
	_, err = p.client.SDK().ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "plan/elsewhere", TaskQueue: p.client.TaskQueue()}, "ForgottenWorkflow")
	require.NoError(t, err)
	p.finds(doctor.WorkflowFailing, "plan/elsewhere")
	_, err = p.doctor.Repair(ctx, doctor.WorkflowFailing, "plan/elsewhere")
	require.ErrorAs(t, err, new(*doctor.UnableError))
	p.heals(doctor.WorkflowOrphan, "plan/elsewhere")

	// The dispatcher has not run for a week, and what was to be told waits.
	p.terminate(workflows.DispatchID(p.plan))
	p.exec("INSERT INTO messages (plan, obligation, seq, recipient, urgent, status, created_at, notice, post_key) SELECT plan, obligation, NULL, recipient, 0, 'pending',"+
		" '2026-02-10 01:00:00.000000', notice, 'old' FROM messages LIMIT 1", "INSERT INTO heartbeats (name, at) VALUES ('dispatch/"+p.plan+"', '2026-02-10 01:00:00.000000') ON CONFLICT (name) DO UPDATE SET at = excluded.at")
	p.finds(doctor.DispatchSilent, p.plan)
	p.finds(doctor.NoticesWaiting, p.plan)
	p.heals(doctor.DispatchSilent, p.plan)

	report, err := p.store.Verify(ctx, nil)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}

func (p *patient) calendar() *calendar.Calendar {
	d, err := p.store.Definition(p.t.Context(), p.plan)
	require.NoError(p.t, err)
	return d.Calendar
}

func TestDoctorCommand(t *testing.T) {
	p := admit(t)
	id, _ := p.openOne()
	asked := func(args ...string) (said, doctorReport) {
		t.Helper()
		got := duban(t, nil, append(append(slices.Clone(p.at), "doctor", "--json", "--server", p.url()), args...)...)
		var report doctorReport
		if got.code != exitUsage {
			require.NoError(t, json.Unmarshal([]byte(got.stdout), &report), got.stderr)
		}
		report.Findings = slices.DeleteFunc(report.Findings, func(f api.DiagnosisFinding) bool { return f.Notice || f.Kind == string(doctor.DiskFull) })
		return got, report
	}
	p.terminate(workflows.ObligationID(id))
	p.exec("DELETE FROM obligations WHERE id = '" + id.String() + "'")
	p.finds(doctor.ModelDiffers, id.String())
	got, report := asked()
	require.Equal(t, exitFault, got.code)
	require.True(t, report.Whole)
	require.Contains(t, got.stderr, "项故障")
	require.Len(t, report.Findings, 1, "a workflow is missed once its row is there")
	require.Empty(t, report.Repaired)

	got, _ = asked("--fix")
	require.Equal(t, exitUsage, got.code, "nobody can be asked here")

	_, report = asked("--fix", "--yes")
	require.Equal(t, []doctorRepair{{Kind: "model_differs", Subject: id.String(), Done: "已按台账重建"}}, report.Repaired)
	require.Equal(t, "workflow_missing", report.Findings[0].Kind)
	_, report = asked("--fix", "--yes")
	require.Equal(t, []doctorRepair{{Kind: "workflow_missing", Subject: workflows.ObligationID(id), Done: "已启动流程"}}, report.Repaired)
	p.healthy()
	log, err := p.store.AdminLog(t.Context(), 0, 2)
	require.NoError(t, err)
	require.Equal(t, []string{"workflow_missing 已启动流程", "model_differs 已按台账重建"}, []string{log[0].Detail, log[1].Detail})
	counts, at := p.doctor.Snapshot()
	require.Zero(t, counts[doctor.WorkflowMissing])
	require.False(t, at.IsZero())
}

// A seeding that was cut short may leave thousands without a workflow: they are counted and not all listed.
func TestDoctorPrintsSomeOfEachKind(t *testing.T) {
	var d api.Diagnosis
	for n := range 13 {
		d.Findings = append(d.Findings, api.DiagnosisFinding{Kind: string(doctor.WorkflowMissing), Label: "缺少流程", Subject: fmt.Sprintf("obligation/p/1/u/%d", n)})
	}
	d.Findings = append(d.Findings, api.DiagnosisFinding{Kind: string(doctor.DiskFull), Label: "磁盘空间不足", Subject: "/data"})
	var out strings.Builder
	doctorCmd{}.print(&out, d)
	require.Equal(t, 10, strings.Count(out.String(), "obligation/p/1/u/"))
	require.Contains(t, out.String(), "缺少流程 另有 3 项")
	require.Contains(t, out.String(), "/data")
}
