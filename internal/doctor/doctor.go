// Package doctor finds what is wrong with an installation, says what would put it right, and does so where it can: what the
// record and the engine disagree on, what stands still, and what will soon. It holds no rule of the plan.
package doctor

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"duban/assessment"
	"duban/obligation"
)

// Kind is what is wrong: a stable code for programs.
type Kind string

// The kinds.
const (
	Nobody          Kind = "nobody"            // open, with neither a next step nor a holder
	WorkflowMissing Kind = "workflow_missing"  // the record has what no workflow follows
	WorkflowOrphan  Kind = "workflow_orphaned" // a workflow follows what the record does not have, or has closed
	WorkflowAstray  Kind = "workflow_astray"   // a workflow knows more or less of the ledger than there is
	WorkflowFailing Kind = "workflow_failing"  // the engine tries a workflow's task again and again
	ModelDiffers    Kind = "model_differs"     // the read model is not what the ledger leads to
	RecordDiffers   Kind = "record_differs"    // notices, files or numbers are not what the ledger says
	LedgerBroken    Kind = "ledger_broken"     // the ledger itself was changed, or has lost something
	StepsMissed     Kind = "steps_missed"      // what falls due by itself is a day late
	NoticesWaiting  Kind = "notices_waiting"   // in no digest after a whole window
	SendingWaits    Kind = "deliveries_waiting"
	SendingFailed   Kind = "deliveries_failed"
	SendingUnknown  Kind = "deliveries_unknown"
	DispatchSilent  Kind = "dispatch_silent" // the dispatcher has not run for a whole window
	WorkerSilent    Kind = "worker_silent"   // no worker has been at work for some minutes
	Provisional     Kind = "calendar_provisional"
	CertificateEnds Kind = "certificate_ends"
	BackupOld       Kind = "backup_old" // the installation is to back itself up, and has not for two days
	DiskFull        Kind = "disk_full"
	ClockSkewed     Kind = "clock_skewed"
	CheckFailed     Kind = "check_failed" // something could not be looked at
)

// Kinds are all kinds.
var Kinds = []Kind{
	Nobody, WorkflowMissing, WorkflowOrphan, WorkflowAstray, WorkflowFailing, ModelDiffers, RecordDiffers, LedgerBroken, StepsMissed, NoticesWaiting, SendingWaits,
	SendingFailed, SendingUnknown, DispatchSilent, WorkerSilent, Provisional, CertificateEnds, BackupOld, DiskFull, ClockSkewed, CheckFailed,
}

// Chinese returns the name that people read.
func (k Kind) Chinese() string { return kindNames[k] }

// Finding is one thing that is wrong. Problem and Repair are Chinese.
type Finding struct {
	Kind      Kind
	Subject   string // what it is about: with the kind, it names the finding
	Problem   string
	Since     time.Time // zero where nobody knows
	Repair    string    // what puts it right: what Doctor.Repair will do where Automatic, else what whom has to do
	Automatic bool
	Notice    bool // it is not wrong yet
}

// Report is what an examination found, by kind and subject.
type Report struct {
	At       time.Time // real time
	Whole    bool      // the whole record was proved now, and not a part of it with what is known of the rest
	Findings []Finding
}

// Faults are the findings that are wrong already.
func (r Report) Faults() []Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Notice })
}

// Difference is what the record's own verification found. Obligation is "" where it is about no single one.
type Difference struct {
	Kind       Kind // ModelDiffers, RecordDiffers or LedgerBroken
	Obligation string
	Problem    string
}

// Record is the part of the store that is looked at. What does not exist is obligation.CodeNotFound.
type Record interface {
	Definitions(ctx context.Context) ([]obligation.Definition, error)
	Counts(ctx context.Context, plan string, now time.Time) ([]obligation.Count, error)
	// Live visits every obligation that is not closed and every document that is not settled.
	Live(ctx context.Context, visit func(obligation.Live) error) error
	Load(ctx context.Context, id obligation.ID) (obligation.View, error)
	Document(ctx context.Context, id obligation.ID, rung obligation.Rung) (obligation.Document, error)
	EventsAfter(ctx context.Context, id obligation.ID, seq int) ([]obligation.Event, error)
	// Unsettled returns the numbers of what an inspection found and is not closed, and how many of its findings have obligations.
	Unsettled(ctx context.Context, inspection obligation.State) (opened int, open []int, err error)
	Assessments(ctx context.Context, plan string) ([]assessment.State, error)
	Broken(ctx context.Context, plan string, p obligation.Patience) ([]obligation.Broken, error)
	Beats(ctx context.Context) (map[string]time.Time, error)
}

// Verifier proves the record, and makes the read model anew.
type Verifier interface {
	// VerifyPage proves the obligations after one, and returns where the next page begins; "" after the last.
	VerifyPage(ctx context.Context, after string) (found []Difference, next string, err error)
	// VerifyWhole proves what belongs to no single obligation.
	VerifyWhole(ctx context.Context) ([]Difference, error)
	// Rebuild makes an obligation's rows anew from its ledger.
	Rebuild(ctx context.Context, obligation string) error
}

// Engine is the workflow engine. All of it is idempotent.
type Engine interface {
	Running(ctx context.Context, visit func(workflow string)) error
	// Standing returns how the engine has a workflow, and when it ended.
	Standing(ctx context.Context, workflow string) (Standing, time.Time, error)
	Failing(ctx context.Context, visit func(workflow string, since time.Time)) error
	// Resume starts the workflow of what the record has, from what the record has of it.
	Resume(ctx context.Context, w Work) error
	// Position returns the sequence of the last event that an obligation's workflow knows of; says is false where it does not
	// answer in time. It is called by several at once, and the error is CodeNotFound where none runs.
	Position(ctx context.Context, id obligation.ID) (seq int, says bool, err error)
	// CatchUp lets the workflow of an obligation read the ledger.
	CatchUp(ctx context.Context, id obligation.ID) error
	// Stop ends a workflow for a reason, which people read.
	Stop(ctx context.Context, workflow, reason string) error
	// Wake starts the dispatcher of a plan, or lets the one that runs send what can't wait.
	Wake(ctx context.Context, plan string) error
}

// Standing says how the engine has a workflow.
type Standing int

// The standings.
const (
	Absent Standing = iota // the engine does not know it
	Runs
	Done    // it ended by itself
	Stopped // it was ended
)

// Options say what an installation consists of.
type Options struct {
	Record   Record
	Verifier Verifier
	Engine   Engine
	Window   obligation.Window
	Now      func() time.Time // business time
	Real     func() time.Time // this machine's clock
	// Grace is how long the record may run ahead of the engine, and Seeding how long where a workflow was never started: that takes
	// longer.
	Grace, Seeding time.Duration

	Certificates []Certificate
	Backups      *Backups // nil: the installation makes none by itself
	Disks        []Disk
	Free         func(folder string) (free, total int64, err error) // bytes
	Clocks       []Clock
	Log          *slog.Logger
	// Tell tells whoever looks after the installation, and returns an error where it is to be tried again. nil: nobody is told.
	Tell func(ctx context.Context, day string, alarms []Alarm) error
}

// Alarm is a kind of fault that was found, with the first finding of it and how many there are.
type Alarm struct {
	Finding

	Count int
}

// Doctor examines one installation. It may be used by several at once; one examination waits for the other.
type Doctor struct {
	Options

	mu      sync.Mutex // of one examination
	sweep   sweep
	asked   obligation.ID   // the last workflow that said how much of the ledger it knows
	alerted map[Kind]string // day of the last alert in the log
	told    map[Kind]string // and of the last one that was taken

	last struct {
		sync.Mutex
		report Report
	}
}

// New returns the doctor of an installation.
func New(o Options) *Doctor {
	return &Doctor{Options: o, alerted: map[Kind]string{}, told: map[Kind]string{}}
}

// examination is one examination under way.
type examination struct {
	*Doctor
	ctx   context.Context
	plans []obligation.Definition
	found []Finding
}

func (x *examination) find(f Finding) { x.found = append(x.found, f) }

// Examine looks at everything. whole: the whole record is proved; else a page of it, in turn, and what was found before on the
// others stays until they are proved again. What can't be looked at is a finding too.
func (d *Doctor) Examine(ctx context.Context, whole bool) Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := &examination{Doctor: d, ctx: ctx}
	var err error
	if x.plans, err = d.Record.Definitions(ctx); err != nil {
		x.failed(textPlans, err)
	}
	for _, c := range []struct {
		name  string
		check func() error
	}{
		{textWorkflows, x.workflows},
		{textFailing, x.failing},
		{textRecord, func() error { return x.record(whole) }},
		{textOutbox, x.outbox},
		{textHeartbeats, x.heartbeats},
		{textCalendars, x.calendars},
		{textCertificates, x.certificates},
		{textBackups, x.backups},
		{textDisks, x.disks},
		{textClocks, x.clocks},
		{textMoments, func() error {
			if !whole {
				return nil
			}
			return x.moments()
		}},
	} {
		if err := c.check(); err != nil {
			x.failed(c.name, err)
		}
	}
	slices.SortStableFunc(x.found, func(a, b Finding) int {
		if n := slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind); n != 0 {
			return n
		}
		return strings.Compare(a.Subject, b.Subject)
	})
	report := Report{At: d.Real(), Whole: whole, Findings: x.found}
	d.last.Lock()
	defer d.last.Unlock()
	d.last.report = report
	return report
}

// Last returns what the last examination found, and false where there was none.
func (d *Doctor) Last() (Report, bool) {
	d.last.Lock()
	defer d.last.Unlock()
	return d.last.report, !d.last.report.At.IsZero()
}

// Snapshot returns how many findings of each kind the last examination had, and when it was; zero where there was none.
func (d *Doctor) Snapshot() (counts map[Kind]int, at time.Time) {
	d.last.Lock()
	defer d.last.Unlock()
	counts = map[Kind]int{}
	for _, f := range d.last.report.Faults() {
		counts[f.Kind]++
	}
	return counts, d.last.report.At
}

// Watch examines, logs as errors what is wrong, and tells of it: each kind once a day, so that nobody is flooded.
func (d *Doctor) Watch(ctx context.Context) {
	report := d.Examine(ctx, false)
	if ctx.Err() != nil {
		return // it was told to stop, and saw half of it
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	day := report.At.Format(time.DateOnly)
	var tell []Alarm
	for _, a := range report.alarms() {
		if d.alerted[a.Kind] != day {
			d.alerted[a.Kind] = day
			d.Log.ErrorContext(ctx, "doctor", "kind", a.Kind, "findings", a.Count, "subject", a.Subject, "problem", a.Problem, "repair", a.Repair)
		}
		if d.told[a.Kind] != day {
			tell = append(tell, a)
		}
	}
	if d.Tell == nil || len(tell) == 0 {
		return
	}
	if err := d.Tell(ctx, day, tell); err != nil {
		d.Log.WarnContext(ctx, "doctor could not tell anybody, trying again", "error", err)
		return
	}
	for _, a := range tell {
		d.told[a.Kind] = day
	}
}

// alarms are the faults by kind, in the order of the kinds.
func (r Report) alarms() []Alarm {
	var out []Alarm
	for _, k := range Kinds {
		of := Alarm{}
		for _, f := range r.Faults() {
			if f.Kind == k {
				if of.Count++; of.Count == 1 {
					of.Finding = f
				}
			}
		}
		if of.Count > 0 {
			out = append(out, of)
		}
	}
	return out
}
