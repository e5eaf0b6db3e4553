package doctor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/calendar"
	"duban/internal/doctor"
	"duban/obligation"
	"duban/plan"
)

// now is a Monday in the morning, in the plan's zone, by every clock.
var now = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// world is an installation in memory. What a test changes in it is a fault.
type world struct {
	down        error // of the record
	definition  obligation.Definition
	live        []obligation.Live
	views       map[obligation.ID]obligation.View
	documents   map[string]obligation.Document
	unsettled   map[obligation.ID][]int
	broken      []obligation.Broken
	beats       map[string]time.Time
	pages       []string // the last obligation of each page of the record
	differences []doctor.Difference

	running map[string]bool
	known   map[obligation.ID]int // how much of the ledger a workflow knows, where it is not all; -1: it does not say
	ended   map[string]doctor.Standing
	failing []string
	refuses string // the workflow that does not begin
	mu      sync.Mutex
	did     []string // to the engine and the record

	machine time.Time
	free    int64
	shown   time.Time
	cert    string
	backup  time.Time // the newest
}

func obligationOf(period string) obligation.ID {
	return obligation.ID{Plan: "p", Measure: "1.1", Unit: "u", Period: period}
}

// newWorld is healthy: a plan with an obligation that is open, and a letter of it that is drafted.
func newWorld(t *testing.T) *world {
	t.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2026: {}})
	require.NoError(t, err)
	id := obligationOf("1")
	w := &world{
		machine: now, free: 100 << 30, shown: now, cert: certificate(t, now.AddDate(1, 0, 0)), backup: now.Add(-47 * time.Hour),
		definition: obligation.Definition{
			AsOf: calendar.MustDate("2026-01-01"), Calendar: cal, Ladders: []obligation.Ladder{{Code: "standard"}},
			Plan: plan.Plan{
				Code: "p", Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, Issued: calendar.MustDate("2026-01-01"), From: calendar.MustDate("2026-01-01"), To: calendar.MustDate("2026-06-30"), Tasks: []plan.Task{{Code: "1"}, {Code: "2"}},
				Units: []plan.Unit{{Code: "u", Name: "单位", Kind: plan.KindGovernment}},
				Measures: []plan.Measure{{
					Code: "1.1", Task: "1", Audience: plan.Audience{Units: []string{"u"}},
					Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2026-03-31")}},
				}},
			},
		},
		live:  []obligation.Live{{ID: id, Updated: now.Add(-time.Hour)}, {ID: id, Rung: obligation.Letter, Updated: now.Add(-time.Hour)}},
		views: map[obligation.ID]obligation.View{id: {State: obligation.State{Facts: obligation.Facts{ID: id}, Stage: obligation.StageOpen, Seq: 3}, Updated: now.Add(-time.Hour)}},
		documents: map[string]obligation.Document{
			obligation.DocumentID(id, obligation.Letter): {Obligation: id, Rung: obligation.Letter, Status: obligation.DocumentDraft},
		},
		beats:   map[string]time.Time{"worker/a/1": now.Add(-time.Minute), "dispatch/p": now.Add(-30 * time.Minute)},
		pages:   []string{"p/1.1/u/1", "p/1.1/u/2"},
		running: map[string]bool{},
		ended:   map[string]doctor.Standing{},
	}
	for _, workflow := range []string{"plan/p", "task/p/1", "dispatch/p", "assessment/p/2026H1", "obligation/p/1.1/u/1", "document/p/1.1/u/1/letter", "temporal-sys-scheduler"} {
		w.running[workflow] = true
	}
	return w
}

func (w *world) doctor(log *slog.Logger) *doctor.Doctor {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return doctor.New(doctor.Options{
		Record: w, Verifier: w, Engine: w, Window: obligation.Window{From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute, Digest: 9 * time.Hour},
		Now: func() time.Time { return now }, Real: func() time.Time { return w.machine }, Grace: time.Minute, Seeding: 15 * time.Minute, Log: log,
		Certificates: []doctor.Certificate{{Label: "网站", Path: w.cert}},
		Backups:      &doctor.Backups{Folder: "/backup", Newest: func() (time.Time, error) { return w.backup, nil }},
		Disks:        []doctor.Disk{{Label: "数据目录", Folder: "/data", Reserve: 1 << 30}},
		Free:         func(string) (int64, int64, error) { return w.free, 200 << 30, nil },
		Clocks: []doctor.Clock{{Label: "数据库", Ask: func(context.Context) (time.Time, time.Time, time.Time, error) {
			return now.Add(-time.Second), w.shown, now.Add(time.Second), nil
		}}},
	})
}

func (w *world) do(what string) error { w.did = append(w.did, what); return nil }

func (w *world) Definitions(context.Context) ([]obligation.Definition, error) {
	return []obligation.Definition{w.definition}, w.down
}

func (w *world) Counts(context.Context, string, time.Time) ([]obligation.Count, error) {
	return []obligation.Count{{Task: "1", Open: 1}, {Task: "2", Closed: 1}}, w.down
}

func (w *world) Live(_ context.Context, visit func(obligation.Live) error) error {
	for _, l := range w.live {
		if err := visit(l); err != nil {
			return err
		}
	}
	return w.down
}

func (w *world) Load(_ context.Context, id obligation.ID) (obligation.View, error) {
	v, ok := w.views[id]
	if !ok {
		return v, &obligation.Error{Code: obligation.CodeNotFound}
	}
	return v, nil
}

func (w *world) Document(_ context.Context, id obligation.ID, rung obligation.Rung) (obligation.Document, error) {
	d, ok := w.documents[obligation.DocumentID(id, rung)]
	if !ok {
		return d, &obligation.Error{Code: obligation.CodeNotFound}
	}
	return d, nil
}

func (w *world) EventsAfter(context.Context, obligation.ID, int) ([]obligation.Event, error) {
	return nil, w.down
}

func (w *world) Unsettled(_ context.Context, inspection obligation.State) (opened int, open []int, err error) {
	return len(w.unsettled), w.unsettled[inspection.ID], w.down
}

func (w *world) Assessments(context.Context, string) ([]assessment.State, error) { return nil, w.down }

func (w *world) Broken(context.Context, string, obligation.Patience) ([]obligation.Broken, error) {
	return w.broken, w.down
}

func (w *world) Beats(context.Context) (map[string]time.Time, error) { return w.beats, w.down }

func (w *world) VerifyPage(_ context.Context, after string) (found []doctor.Difference, next string, err error) {
	for n, until := range w.pages {
		if until <= after {
			continue
		}
		last := n == len(w.pages)-1
		for _, d := range w.differences {
			if d.Obligation > after && (last || d.Obligation <= until) {
				found = append(found, d)
			}
		}
		if !last {
			next = until
		}
		return found, next, w.down
	}
	return nil, "", w.down
}

func (w *world) VerifyWhole(context.Context) (found []doctor.Difference, err error) {
	for _, d := range w.differences {
		if d.Obligation == "" {
			found = append(found, d)
		}
	}
	return found, w.down
}

func (w *world) Rebuild(_ context.Context, id string) error {
	var left []doctor.Difference
	for _, d := range w.differences {
		if d.Obligation != id {
			left = append(left, d)
		}
	}
	w.differences = left
	for n := range w.live {
		w.live[n].Nobody = false
	}
	return w.do("rebuild " + id)
}

func (w *world) Running(_ context.Context, visit func(string)) error {
	for workflow := range w.running {
		visit(workflow)
	}
	return w.down
}

func (w *world) Standing(_ context.Context, workflow string) (doctor.Standing, time.Time, error) {
	if w.running[workflow] {
		return doctor.Runs, time.Time{}, w.down
	}
	return w.ended[workflow], time.Time{}, w.down
}

func (w *world) Failing(_ context.Context, visit func(string, time.Time)) error {
	for _, workflow := range w.failing {
		visit(workflow, now)
	}
	return w.down
}

func (w *world) Position(_ context.Context, id obligation.ID) (int, bool, error) {
	seq, other := w.known[id]
	if !other {
		seq = w.views[id].State.Seq
	}
	if !w.running["obligation/"+id.String()] {
		return 0, false, &obligation.Error{Code: obligation.CodeNotFound}
	}
	return seq, seq >= 0, w.down
}

func (w *world) Resume(_ context.Context, work doctor.Work) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if work.String() == w.refuses {
		return errors.New("refused")
	}
	w.running[work.String()] = true
	delete(w.known, work.ID)
	return w.do("resume " + work.String())
}

func (w *world) CatchUp(_ context.Context, id obligation.ID) error {
	delete(w.known, id)
	if w.views[id].State.IsClosed() {
		delete(w.running, "obligation/"+id.String())
	}
	return w.do("catch up " + id.String())
}

func (w *world) Stop(_ context.Context, workflow, _ string) error {
	delete(w.running, workflow)
	return w.do("stop " + workflow)
}

func (w *world) Wake(_ context.Context, plan string) error {
	w.broken, w.beats["dispatch/"+plan] = nil, now
	return w.do("wake " + plan)
}

func certificate(t *testing.T, ends time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: ends}, &x509.Certificate{}, key.Public(), key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "cert.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return file
}

// fault is what goes wrong in a world, what Doctor calls it, and what becomes of it.
type fault struct {
	breaks  func(w *world)
	kind    doctor.Kind
	subject string
	problem string         // part of it
	did     string         // by Doctor; "": a person has to do it
	mended  func(w *world) // by a person
}

var faults = map[string]fault{
	"obligation that nobody holds": {func(w *world) { w.live[0].Nobody = true }, doctor.Nobody, "p/1.1/u/1", "没有等谁", "rebuild p/1.1/u/1", nil},
	"obligation without a workflow": {
		func(w *world) { delete(w.running, "obligation/p/1.1/u/1") }, doctor.WorkflowMissing, "obligation/p/1.1/u/1", "引擎中没有", "resume obligation/p/1.1/u/1", nil,
	},
	"workflow of an obligation that was terminated": {
		func(w *world) {
			delete(w.running, "obligation/p/1.1/u/1")
			w.ended["obligation/p/1.1/u/1"], w.live[0].Updated = doctor.Stopped, now
		}, doctor.WorkflowMissing, "obligation/p/1.1/u/1", "终止", "resume obligation/p/1.1/u/1", nil,
	},
	"workflow that ended too early": {
		func(w *world) { delete(w.running, "task/p/1"); w.ended["task/p/1"] = doctor.Done }, doctor.WorkflowMissing, "task/p/1", "已经结束", "resume task/p/1", nil,
	},
	"document without a workflow": {
		func(w *world) { delete(w.running, "document/p/1.1/u/1/letter") }, doctor.WorkflowMissing, "document/p/1.1/u/1/letter", "引擎中没有",
		"resume document/p/1.1/u/1/letter", nil,
	},
	"plan without a workflow":    {func(w *world) { delete(w.running, "plan/p") }, doctor.WorkflowMissing, "plan/p", "引擎中没有", "resume plan/p", nil},
	"plan without a dispatcher":  {func(w *world) { delete(w.running, "dispatch/p") }, doctor.WorkflowMissing, "dispatch/p", "引擎中没有", "resume dispatch/p", nil},
	"plan without an assessment": {func(w *world) { delete(w.running, "assessment/p/2026H1") }, doctor.WorkflowMissing, "assessment/p/2026H1", "引擎中没有", "resume assessment/p/2026H1", nil},
	"workflow that is behind its ledger": {
		func(w *world) {
			w.known = map[obligation.ID]int{obligationOf("1"): w.views[obligationOf("1")].State.Seq - 1}
		}, doctor.WorkflowAstray, "obligation/p/1.1/u/1", "只知道台账的前",
		"catch up p/1.1/u/1", nil,
	},
	"workflow that says nothing": {
		func(w *world) { w.known = map[obligation.ID]int{obligationOf("1"): -1} }, doctor.WorkflowAstray, "obligation/p/1.1/u/1", "没有回答",
		"stop obligation/p/1.1/u/1", nil,
	},
	"workflow that is ahead of its ledger": {
		func(w *world) {
			w.known = map[obligation.ID]int{obligationOf("1"): w.views[obligationOf("1")].State.Seq + 1}
		}, doctor.WorkflowAstray, "obligation/p/1.1/u/1", "台账只有",
		"stop obligation/p/1.1/u/1", nil,
	},
	"workflow of no plan": {func(w *world) { w.running["task/q/1"] = true }, doctor.WorkflowOrphan, "task/q/1", "没有方案 q", "stop task/q/1", nil},
	"workflow of no obligation": {
		func(w *world) { w.running["obligation/p/1.1/u/9"] = true }, doctor.WorkflowOrphan, "obligation/p/1.1/u/9", "台账中却没有", "stop obligation/p/1.1/u/9", nil,
	},
	"workflow of no document": {
		func(w *world) { w.running["document/p/1.1/u/1/expose"] = true }, doctor.WorkflowOrphan, "document/p/1.1/u/1/expose", "没有该文书", "stop document/p/1.1/u/1/expose", nil,
	},
	"workflow of a closed obligation": {
		func(w *world) {
			id := obligationOf("2")
			w.views[id] = obligation.View{State: obligation.State{Facts: obligation.Facts{ID: id}, Stage: obligation.StageAccepted}, Updated: now.Add(-time.Hour)}
			w.running["obligation/p/1.1/u/2"] = true
		}, doctor.WorkflowOrphan, "obligation/p/1.1/u/2", "已经办结", "catch up p/1.1/u/2", nil,
	},
	"workflow of a settled document": {
		func(w *world) {
			w.live = w.live[:1]
			w.documents["p/1.1/u/1/letter"] = obligation.Document{Rung: obligation.Letter, Status: obligation.DocumentIssued}
		}, doctor.WorkflowOrphan, "document/p/1.1/u/1/letter", "文书已经办结", "stop document/p/1.1/u/1/letter", nil,
	},
	"workflow whose tasks fail": {func(w *world) { w.failing = []string{"task/p/1"} }, doctor.WorkflowFailing, "task/p/1", "反复失败", "", func(w *world) { w.failing = nil }},
	"read model": {
		func(w *world) {
			w.differences = []doctor.Difference{{doctor.ModelDiffers, "p/1.1/u/2", "甲"}, {doctor.ModelDiffers, "p/1.1/u/2", "乙"}}
		},
		doctor.ModelDiffers, "p/1.1/u/2", "甲；乙", "rebuild p/1.1/u/2", nil,
	},
	"record": {
		func(w *world) { w.differences = []doctor.Difference{{doctor.RecordDiffers, "", "缺号"}} }, doctor.RecordDiffers, "整体", "缺号", "",
		func(w *world) { w.differences = nil },
	},
	"ledger": {
		func(w *world) {
			w.differences = []doctor.Difference{{doctor.LedgerBroken, "p/1.1/u/1", "哈希链断裂"}}
		}, doctor.LedgerBroken, "p/1.1/u/1", "哈希链断裂", "",
		func(w *world) { w.differences = nil },
	},
	"steps that are late": {
		func(w *world) { w.broken = []obligation.Broken{{Fault: obligation.FaultMissed, Count: 3}} }, doctor.StepsMissed, "p", "3件", "", func(w *world) { w.broken = nil },
	},
	"notices that wait": {func(w *world) { w.broken = []obligation.Broken{{Fault: obligation.FaultOutbox, Count: 4}} }, doctor.NoticesWaiting, "p", "4条", "wake p", nil},
	"deliveries that wait": {
		func(w *world) { w.broken = []obligation.Broken{{Fault: obligation.FaultUnsent, Count: 5}} }, doctor.SendingWaits, "p", "5份", "wake p", nil,
	},
	"deliveries that failed": {
		func(w *world) { w.broken = []obligation.Broken{{Fault: obligation.FaultFailed, Count: 6}} }, doctor.SendingFailed, "p", "6份", "", func(w *world) { w.broken = nil },
	},
	"deliveries of which nobody knows": {
		func(w *world) { w.broken = []obligation.Broken{{Fault: obligation.FaultUnknown, Count: 7}} }, doctor.SendingUnknown, "p", "7份", "", func(w *world) { w.broken = nil },
	},
	"dispatcher that does not run": {
		func(w *world) { w.beats["dispatch/p"] = now.AddDate(0, 0, -7) }, doctor.DispatchSilent, "p", "整整一个发送时段", "wake p", nil,
	},
	"worker that does not run": {
		func(w *world) { w.beats["worker/a/1"] = now.Add(-6 * time.Minute) }, doctor.WorkerSilent, "worker", "没有工作进程的心跳", "",
		func(w *world) { w.beats["worker/b/2"] = now },
	},
	"worker that never ran": {
		func(w *world) { delete(w.beats, "worker/a/1") }, doctor.WorkerSilent, "worker", "没有工作进程的心跳", "", func(w *world) { w.beats["worker/b/2"] = now },
	},
	"year without holidays": {
		func(w *world) { w.definition.Calendar = years(2025) }, doctor.Provisional, "p/2026", "2026年的节假日安排还没有录入，该年的日期按平常的周末推算，涉及1件", "",
		func(w *world) { w.definition.Calendar = years(2026) },
	},
	"backup that is not made any more": {
		func(w *world) { w.backup = now.Add(-49 * time.Hour) }, doctor.BackupOld, "/backup", "最近一次备份是 2026-02-28 01:00", "", func(w *world) { w.backup = now },
	},
	"backup that was never made": {
		func(w *world) { w.backup = time.Time{} }, doctor.BackupOld, "/backup", "还没有一份备份", "", func(w *world) { w.backup = now },
	},
	"disk that fills up": {func(w *world) { w.free = 9 << 30 }, doctor.DiskFull, "/data", "只剩 9216 MB，至少应留 10240 MB", "", func(w *world) { w.free = 11 << 30 }},
	"clock that is ahead": {
		func(w *world) { w.shown = now.Add(7 * time.Second) }, doctor.ClockSkewed, "数据库", "相差 6s", "", func(w *world) { w.shown = now.Add(5 * time.Second) },
	},
	"clock that is behind": {
		func(w *world) { w.shown = now.Add(-time.Minute) }, doctor.ClockSkewed, "数据库", "相差 -59s", "", func(w *world) { w.shown = now },
	},
}

// The workflow of an inspection outlives it while something that it found is open.
func TestInspectionWithOpenFindings(t *testing.T) {
	w := newWorld(t)
	id := obligationOf("2")
	w.views[id] = obligation.View{State: obligation.State{Facts: obligation.Facts{ID: id}, Stage: obligation.StageAccepted}, Updated: now.Add(-time.Hour)}
	w.running["obligation/"+id.String()] = true
	w.unsettled = map[obligation.ID][]int{id: {1}}
	require.Empty(t, w.doctor(nil).Examine(t.Context(), true).Findings)
}

func years(n int) *calendar.Calendar {
	c, err := calendar.NewCalendar(1, map[int]calendar.Year{n: {}})
	if err != nil {
		panic(err)
	}
	return c
}

// Every fault is found, named, put right by whom it says, and found no more.
func TestFaults(t *testing.T) {
	named := map[doctor.Kind]bool{doctor.CertificateEnds: true, doctor.CheckFailed: true} // below
	for name, c := range faults {
		named[c.kind] = true
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := w.doctor(nil)
			require.Empty(t, d.Examine(t.Context(), true).Findings, "healthy")
			c.breaks(w)
			found := d.Examine(t.Context(), true).Faults()
			require.Len(t, found, 1)
			f := found[0]
			require.Equal(t, []any{c.kind, c.subject, c.did != ""}, []any{f.Kind, f.Subject, f.Automatic})
			require.Contains(t, f.Problem, c.problem)
			require.NotEmpty(t, f.Repair)
			require.NotEmpty(t, f.Kind.Chinese())
			counts, _ := d.Snapshot()
			require.Equal(t, map[doctor.Kind]int{c.kind: 1}, counts)
			done, err := d.Repair(t.Context(), f.Kind, f.Subject)
			if c.did == "" {
				require.ErrorAs(t, err, new(*doctor.UnableError))
				require.Empty(t, w.did)
				c.mended(w)
			} else {
				require.NoError(t, err)
				require.NotEmpty(t, done)
				require.Equal(t, c.did, w.did[0])
				_, err = d.Repair(t.Context(), f.Kind, f.Subject)
				require.NoError(t, err, "again")
			}
			require.Empty(t, d.Examine(t.Context(), true).Findings)
			counts, at := d.Snapshot()
			require.Empty(t, counts)
			require.Equal(t, now, at)
		})
	}
	for _, k := range doctor.Kinds {
		require.True(t, named[k], k)
	}
}

func TestCertificates(t *testing.T) {
	for name, c := range map[string]struct {
		file    string
		problem string
	}{
		"ends soon":  {certificate(t, now.AddDate(0, 0, 29)), "到期"},
		"has ended":  {certificate(t, now.AddDate(0, 0, -1)), "到期"},
		"not there":  {filepath.Join(t.TempDir(), "none"), "读不出网站的证书"},
		"not a cert": {func() string { f := filepath.Join(t.TempDir(), "x"); _ = os.WriteFile(f, []byte("x"), 0o600); return f }(), "文件中没有证书"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cert = c.file
			found := w.doctor(nil).Examine(t.Context(), false).Faults()
			require.Len(t, found, 1)
			require.Equal(t, []any{doctor.CertificateEnds, c.file}, []any{found[0].Kind, found[0].Subject})
			require.Contains(t, found[0].Problem, c.problem)
		})
	}
}

// The record runs a moment ahead of the engine, and that is no fault.
func TestGrace(t *testing.T) {
	w := newWorld(t)
	d := w.doctor(nil)
	w.live[0].Updated = now.Add(-59 * time.Second)
	delete(w.running, "obligation/p/1.1/u/1")
	closed := obligationOf("2")
	w.views[closed] = obligation.View{State: obligation.State{Facts: obligation.Facts{ID: closed}, Stage: obligation.StageAccepted}, Updated: now.Add(-59 * time.Second)}
	w.running["obligation/p/1.1/u/2"] = true
	require.Empty(t, d.Examine(t.Context(), true).Findings)
	w.machine = now.Add(2 * time.Second)
	require.Len(t, d.Examine(t.Context(), true).Findings, 1, "a seeding takes longer")
	w.machine = now.Add(14*time.Minute + 2*time.Second)
	w.beats["worker/a/1"] = w.machine
	require.Len(t, d.Examine(t.Context(), true).Findings, 2)
}

// A year that begins in months is no fault yet.
func TestProvisionalYearAhead(t *testing.T) {
	w := newWorld(t)
	w.definition.Plan.To = calendar.MustDate("2027-06-30")
	for _, half := range []string{"2026H2", "2027H1"} {
		w.running["assessment/p/"+half] = true
	}
	report := w.doctor(nil).Examine(t.Context(), true)
	require.Empty(t, report.Faults())
	require.Len(t, report.Findings, 1)
	require.True(t, report.Findings[0].Notice)
	require.Equal(t, "p/2027", report.Findings[0].Subject)
}

// Hazards may be entered until the plan's period is over: till then their task has to run, though all of it is closed.
func TestTheTaskThatCarriesHazards(t *testing.T) {
	w := newWorld(t)
	w.definition.Plan.Measures = append(w.definition.Plan.Measures, plan.Measure{
		Code: "2.1", Task: "2", Form: plan.FormHazard, Audience: plan.Audience{Units: []string{"u"}},
		Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2026-02-10")}},
	})
	found := w.doctor(nil).Examine(t.Context(), true).Faults()
	require.Len(t, found, 1)
	require.Equal(t, []any{doctor.WorkflowMissing, "task/p/2"}, []any{found[0].Kind, found[0].Subject})
	w.definition.Plan.Measures[0].Schedule.Due[0], w.definition.Plan.To = calendar.MustDate("2026-02-10"), calendar.MustDate("2026-03-01")
	require.Empty(t, w.doctor(nil).Examine(t.Context(), true).Faults(), "the period is over")
}

// The record is proved a page at a time, and what was found on one page stays until its turn comes again.
func TestPagesTakeTurns(t *testing.T) {
	w := newWorld(t)
	d := w.doctor(nil)
	w.differences = []doctor.Difference{{doctor.ModelDiffers, "p/1.1/u/1", "甲"}, {doctor.LedgerBroken, "p/1.1/u/2", "乙"}, {doctor.RecordDiffers, "", "丙"}}
	count := func() int { return len(d.Examine(t.Context(), false).Findings) }
	require.Equal(t, []int{1, 2, 3, 3}, []int{count(), count(), count(), count()})
	w.differences = nil
	require.Equal(t, []int{2, 1, 0}, []int{count(), count(), count()})
	w.differences = []doctor.Difference{{doctor.ModelDiffers, "p/1.1/u/2", "甲"}}
	require.Len(t, d.Examine(t.Context(), true).Findings, 1, "the whole at once")
}

// What can't be looked at is a fault, and nothing of the engine's is taken for missing.
func TestWhatCannotBeLookedAt(t *testing.T) {
	w := newWorld(t)
	w.down = errors.New("connection refused")
	found := w.doctor(nil).Examine(t.Context(), true).Findings
	require.NotEmpty(t, found)
	for _, f := range found {
		require.Equal(t, doctor.CheckFailed, f.Kind)
		require.Contains(t, f.Problem, "connection refused")
	}
	w.down = nil
	require.Empty(t, w.doctor(nil).Examine(t.Context(), true).Findings)
}

// An alert goes out once a day for each kind.
func TestAlerts(t *testing.T) {
	w := newWorld(t)
	var said strings.Builder
	d := w.doctor(slog.New(slog.NewTextHandler(&said, nil)))
	alerts := func() int { n := strings.Count(said.String(), "level=ERROR"); said.Reset(); return n }
	d.Watch(t.Context())
	require.Zero(t, alerts())
	for _, workflow := range []string{"plan/p", "task/p/1"} {
		delete(w.running, workflow)
	}
	d.Watch(t.Context())
	require.Contains(t, said.String(), "findings=2")
	require.Equal(t, 1, alerts())
	d.Watch(t.Context())
	require.Zero(t, alerts())
	w.free = 0
	d.Watch(t.Context())
	require.Equal(t, 1, alerts(), "another kind")
	w.machine = now.AddDate(0, 0, 1)
	w.beats["worker/a/1"], w.backup = w.machine, w.machine
	d.Watch(t.Context())
	require.Equal(t, 2, alerts(), "the next day")
}

// Whoever looks after it is told of the same, once a day, and again where it was not taken.
func TestTelling(t *testing.T) {
	w := newWorld(t)
	d := w.doctor(nil)
	var told []string
	refuse := errors.New("no line")
	d.Tell = func(_ context.Context, day string, alarms []doctor.Alarm) error {
		if refuse != nil {
			return refuse
		}
		for _, a := range alarms {
			told = append(told, fmt.Sprint(day, " ", a.Kind, " ", a.Count))
		}
		return nil
	}
	d.Watch(t.Context())
	for _, workflow := range []string{"plan/p", "task/p/1"} {
		delete(w.running, workflow)
	}
	d.Watch(t.Context())
	require.Empty(t, told)
	refuse = nil
	d.Watch(t.Context())
	day := w.machine.Format(time.DateOnly)
	require.Equal(t, []string{day + " workflow_missing 2"}, told)
	w.free = 0
	d.Watch(t.Context())
	require.Equal(t, []string{day + " workflow_missing 2", day + " disk_full 1"}, told)
}

func TestWork(t *testing.T) {
	for workflow := range newWorld(t).running {
		w, ok := doctor.ParseWork(workflow)
		require.Equal(t, workflow != "temporal-sys-scheduler", ok, workflow)
		if ok {
			require.Equal(t, workflow, w.String())
		}
	}
	for _, other := range []string{"", "plan", "plan/", "obligation/p", "document/x", "task/p"} {
		_, ok := doctor.ParseWork(other)
		require.False(t, ok, other)
	}
	for _, c := range []struct {
		kind    doctor.Kind
		subject string
	}{{doctor.WorkflowMissing, "x"}, {doctor.WorkflowOrphan, "x"}, {doctor.ModelDiffers, "整体"}, {doctor.Nobody, "x"}, {"dance", "x"}} {
		_, err := newWorld(t).doctor(nil).Repair(t.Context(), c.kind, c.subject)
		require.ErrorAs(t, err, new(*doctor.UnableError), c.kind)
	}
}
