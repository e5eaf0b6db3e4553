package api

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/tasklist"
)

// Deps are what the API works with. Reader, Commands, Seeder, Accounts, Identify and Now are required.
type Deps struct {
	Accounts Accounts
	Identify Identify

	// Origins are the installation's own addresses, such as https://duban.example, where a proxy in front of it changes the
	// Host; Proxies are the proxies' addresses or networks, whose word of where a request came from is taken. Encrypted:
	// people reach it over TLS alone.
	Origins   []string
	Proxies   []string
	Encrypted bool
	Rate      Rate // of requests

	Reader   Reader
	Commands Commands
	Seeder   Seeder
	Checks   []Check
	Now      func() time.Time // business time: the installation's clock
	Log      *slog.Logger     // nil: slog.Default

	// LastBackup returns when the newest of the installation's own backups was begun, zero where there is none; nil: it makes none.
	LastBackup func() (time.Time, error)

	Channels Channels // out of the application

	Window obligation.Window // in which notices go out

	// Spreadsheet writes a table as a workbook, in which every cell is a text. The first error among the rows is returned as it is.
	Spreadsheet func(w io.Writer, head Table, rows iter.Seq2[[]string, error]) error

	// Workbook writes filled tables as a workbook, each on its own sheet, in which every cell is a text: the same bytes for the same
	// tables.
	Workbook func(w io.Writer, tabs []Tab) error

	// ReadSheets reads the sheets of a file that people bring; what can't be read is a *Problem. nil: no lists of hazards are taken.
	ReadSheets func(name string, file []byte) ([]tasklist.Sheet, error)

	Lists   Lists   // nil: no lists are taken
	Changes Changes // nil: plans change by seeding alone

	// UI returns the Temporal UI as it is served below /temporal, for who may change workflows there and for who may not; nil:
	// there is none. Codec decrypts payloads for its pages, below /temporal-codec.
	UI    func(writable bool) http.Handler
	Codec http.Handler

	// WorkflowURL returns the address of an obligation's workflow in the Temporal UI, "" where there is none;
	// nil: this installation has no UI.
	WorkflowURL func(obligation.ID) string
	Version     string // of the program
	Rehearsal   bool   // the clock is scaled: every answer says 演练

	// Training steers the training that runs on this installation; nil: none does.
	Training Training

	// Letters makes the files of documents, and Files keeps those that went out; nil: there are none to download. PDF
	// turns DOCX into PDF; nil: this machine can't.
	Letters Letters
	Files   Files
	PDF     func(ctx context.Context, docx []byte) ([]byte, error)
	// Read returns what a DOCX of theirs says; nil: it can be downloaded alone.
	Read func(docx []byte) ([]SheetBlock, error)

	// Evidence takes what units upload; nil: nothing can be uploaded.
	Evidence *Evidence

	// Print lays a digest out for the printer, with the Content-Security-Policy that the page needs; nil: nobody can print.
	Print func(d obligation.Digest, to string) (page, policy string)

	// Dossiers export everything there is of an obligation; nil: nothing can be exported.
	Dossiers Dossiers

	// Workflows show what the engine keeps; nil: nobody can see.
	Workflows Workflows

	// Doctor finds what is wrong with the installation; nil: nobody looks.
	Doctor Doctor

	// Transient tells a failure of the database that passes by itself (503: try again) from one that does not (500);
	// nil: all of the Reader's may pass.
	Transient func(error) bool

	// Observe is told of every request that has an identifier, and is around all that is done for it; nil: nobody is.
	Observe gin.HandlerFunc

	CommandTimeout time.Duration // how long a person's command may take; 0: 15 s
	SeedTimeout    time.Duration // how long starting a plan may take; 0: 2 min
}

// Reader is the part of the store that answers questions and marks digests as read. What does not exist is an *obligation.Error with
// CodeNotFound. Deps.Transient says which other errors pass by themselves.
type Reader interface {
	History
	Assessing

	Definitions(ctx context.Context) ([]obligation.Definition, error)
	Definition(ctx context.Context, plan string) (obligation.Definition, error)
	Counts(ctx context.Context, plan string, now time.Time) ([]obligation.Count, error)

	Load(ctx context.Context, id obligation.ID) (obligation.View, error)
	// A cursor that no list gave is CodeNotFound, in all lists.
	List(ctx context.Context, f obligation.Filter) (obligation.Page, error)
	// Tallies returns how the obligations of the filter's plan and units stand as of its Now and Soon, by task or unit and month.
	Tallies(ctx context.Context, f obligation.Filter, by obligation.TallyKey) ([]obligation.MonthTally, error)
	// Shares returns how the obligations that the filter selects stand as of its Now and Soon, by measure and unit.
	Shares(ctx context.Context, f obligation.Filter) ([]obligation.Share, error)
	// Awaited returns what of the plan, or of one unit in it, waits for the office or a leader, in the order of obligation.OfficeWaits.
	Awaited(ctx context.Context, plan, unit string) ([]obligation.Awaited, error)
	// Holdings returns whom everything in the plan waits for, each with up to most of what waits longest.
	Holdings(ctx context.Context, plan string, most int) ([]obligation.Holding, error)
	Broken(ctx context.Context, plan string, p obligation.Patience) ([]obligation.Broken, error)
	// Dispatches returns a page of deliveries outside the application, what changed last first, and the cursor of the next page.
	Dispatches(ctx context.Context, f obligation.DispatchFilter) ([]obligation.Dispatch, string, error)

	// Ledger returns up to limit events (1 to 200) whose sequence is greater than after, ascending.
	Ledger(ctx context.Context, id obligation.ID, after, limit int) ([]obligation.Event, error)
	// Hashes returns the hashes of the same events, in hexadecimal.
	Hashes(ctx context.Context, id obligation.ID, after, limit int) ([]string, error)
	// EventByKey returns the event that the command with the idempotency key led to, or CodeNotFound.
	EventByKey(ctx context.Context, id obligation.ID, key string) (obligation.Event, error)

	// EnteredByKey returns what the registration of a hazard with the idempotency key led to, or CodeNotFound.
	EnteredByKey(ctx context.Context, plan, key string) (obligation.Entered, error)

	// Documents returns a page of documents, newest first, and the cursor of the next page, "" where there is none.
	Documents(ctx context.Context, f obligation.DocumentFilter) ([]obligation.Document, string, error)
	Document(ctx context.Context, id obligation.ID, rung obligation.Rung) (obligation.Document, error)

	// Inbox returns a page of a recipient's digests, newest first, and the cursor of the next page, "" where there is none.
	Inbox(ctx context.Context, f obligation.InboxFilter) ([]obligation.Digest, string, error)
	DigestByID(ctx context.Context, id string) (obligation.Digest, error)
	// MarkRead keeps the instant at which a digest was read first.
	MarkRead(ctx context.Context, digest string, at time.Time) error
}

// Commands are people's commands. Refusals are *obligation.Error; every other error is taken for an engine that
// cannot be reached. A retry with the same key returns the first answer.
type Commands interface {
	// Command carries out Sign, Submit, Accept, Return or Nudge; c.Key is the idempotency key.
	Command(ctx context.Context, id obligation.ID, c obligation.Command) (obligation.Event, error)
	// SignOff lets a draft go out; an interview needs its meeting, nothing else has one.
	SignOff(ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, meeting *obligation.Meeting, key string) (obligation.Document, error)
	Withdraw(ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, reason, key string) (obligation.Document, error)
	// Interview carries out one of obligation.InterviewCommands.
	Interview(ctx context.Context, id obligation.ID, c obligation.Command) (obligation.Document, error)
	// Register enters a hazard under the task that carries them; r.Key is the idempotency key.
	Register(ctx context.Context, plan, task string, r obligation.Registration) (obligation.Event, error)
	// Assess carries out one of assessment.Commands about a half-yearly assessment; refusals are *assessment.Error.
	Assess(ctx context.Context, plan, half string, c assessment.Command) (assessment.Event, error)
}

// Seeder starts a plan. Starting what runs already changes nothing. What the user can put right is Faults or an
// *obligation.Error; every other error is taken for an engine or a database that cannot be reached.
type Seeder interface {
	Seed(ctx context.Context, r SeedRequest) (SeedReport, error)
}

// Faults are what is wrong with a plan or a list of outcomes: one Chinese text each, naming the place.
type Faults []string

// Error implements error.
func (f Faults) Error() string { return strings.Join(f, "\n") }

// bounded returns the faults that one answer holds, and says how many more there are.
func (f Faults) bounded() []string {
	if len(f) <= maxFaults+1 { // as long as the line that would stand for the rest
		return f
	}
	return append(slices.Clone(f[:maxFaults]), fmt.Sprintf(textMoreFaults, len(f)-maxFaults))
}

// SeedRequest says which plan, from when on it is followed up, and what the office knows of what fell due before.
type SeedRequest struct {
	Files    map[string]string // texts of the plan's files by path; none: the plan that the program carries
	AsOf     calendar.Date     // zero: as it was seeded before, else the day of seeding
	Outcomes []SeedOutcome
}

// SeedOutcome is what the office says of one obligation that fell due before the as-of date. Unit and Period may be
// empty: then it holds for all units, or all periods, of the measure.
type SeedOutcome struct {
	Measure string
	Unit    string
	Period  string
	Outcome obligation.Outcome
}

// SeedReport is what a seeding did.
type SeedReport struct {
	Plan     string
	Version  int           // of the definition that holds now
	AsOf     calendar.Date // that holds now
	Changed  bool          // the definition differs from the one before
	Tasks    int           // tasks of the plan
	Started  int           // tasks that did not run before
	Revised  int           // running tasks that were told of a change
	Outcomes int           // obligations of the past of which the office said something
	Total    int           // obligations of the plan's whole period
	Due      int           // of them, those to be opened or recorded by now
}

// Training is a training whose clock people steer, and whose units they may play by hand.
type Training interface {
	Status() TrainingStatus
	// Pace sets how many business days pass in a real second, or stops the clock.
	Pace(daysPerSecond float64, paused bool)
	// Take lets a unit be played by hand, or gives it back to the script. A unit that the plan does not have is an
	// *obligation.Error with CodeNotFound.
	Take(unit string, byHand bool) error
}

// TrainingStatus is how a training stands. Instants are business time.
type TrainingStatus struct {
	Script            string
	Start, Now, Until time.Time
	DaysPerSecond     float64 // business days a real second, as asked for
	Actual            float64 // over the last seconds; 0: can't be told yet
	Paused            bool
	Slow              bool // the machine can't keep up: the clock waits for it
	Finished          bool
	Events            int      // entries in the ledgers
	ByHand            []string // units that people play, by code
}

// Check is one thing that must work before the installation is ready.
type Check struct {
	Name  string // stable, for programs: "database", "engine"
	Label string // Chinese, for people: 数据库
	Probe func(ctx context.Context) error
}
