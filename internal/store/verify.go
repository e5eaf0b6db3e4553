package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"duban/obligation"
)

// Finding is one thing that Verify found wrong. Problem is Chinese.
type Finding struct {
	Obligation string `json:"obligation,omitempty"` // or an assessment's ID; "" where it is not about one of them
	Seq        int    `json:"seq,omitempty"`        // of the ledger; 0 where it is not about one event
	Problem    string `json:"problem"`
	Nature     Nature `json:"nature"`
}

// Nature says what can be done about a finding.
type Nature string

// The natures.
const (
	NatureModel  Nature = "model"  // what follows from the ledger differs from it: Rebuild mends it
	NatureChain  Nature = "chain"  // the record itself was changed, or lost something
	NatureRecord Nature = "record" // what follows from nothing else differs from the ledger
)

// natures are those of the findings by their text; all others are NatureRecord.
var natures = map[string]Nature{
	findOrphan: NatureModel, findHead: NatureModel, findState: NatureModel, findStateColumn: NatureModel, findStateUnreadable: NatureModel,
	findNoDocument: NatureModel, findDocumentStatus: NatureModel, findDocumentNumber: NatureModel, findMeeting: NatureModel, findDocumentWaits: NatureModel,
	findNoHazard: NatureModel, findStrayHazard: NatureModel,
	findNoLedger: NatureChain, findGap: NatureChain, findHash: NatureChain, findUnreadable: NatureChain, findColumns: NatureChain,
	findPolicy: NatureChain, findDefinition: NatureChain, findRules: NatureChain, findLog: NatureChain,
}

// Report is what Verify checked and found.
type Report struct {
	Obligations int       `json:"obligations"`
	Assessments int       `json:"assessments"`
	Events      int       `json:"events"`   // of obligations
	Numbers     int       `json:"numbers"`  // of documents
	Evidence    int       `json:"evidence"` // files whose content was read: not by Verify, which has only their record
	Findings    []Finding `json:"findings"`
}

// Sound reports whether nothing is wrong.
func (r Report) Sound() bool { return len(r.Findings) == 0 }

// verifyPage is how many obligations are verified in one snapshot.
const verifyPage = 500

// Verify proves the record: every chain of hashes is whole, the read model is what the ledger leads to, every notice
// has its message, documents, evidence, hazards and assessments agree with their ledgers, numbers are gapless and given once, kept files are as they were made,
// and the administrators' log is whole. It may run while others write. progress, which may be nil, is told how many of how many obligations are
// done.
func (s *Store) Verify(ctx context.Context, progress func(done, total int)) (Report, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	v := &verifier{store: s, ctx: ctx}
	var total int64
	if err := s.snapshot(ctx, func(db *gorm.DB) error {
		v.use(db)
		if err := db.Table("obligations").Count(&total).Error; err != nil {
			return err
		}
		return v.contents()
	}); err != nil {
		return v.report, err
	}
	last := ""
	for more := true; more; {
		err := s.snapshot(ctx, func(db *gorm.DB) (err error) {
			v.use(db)
			last, more, err = v.page(last)
			return err
		})
		if err != nil {
			return v.report, err
		}
		progress(v.report.Obligations, max(int(total), v.report.Obligations))
	}
	err := s.snapshot(ctx, func(db *gorm.DB) error {
		v.use(db)
		return v.whole()
	})
	return v.report, err
}

// VerifyPage proves a page of the obligations after one, and returns where the next page begins; "" after the last.
func (s *Store) VerifyPage(ctx context.Context, after string) (found []Finding, next string, err error) {
	v := &verifier{store: s, ctx: ctx}
	err = s.snapshot(ctx, func(db *gorm.DB) (err error) {
		v.report = Report{}
		v.use(db)
		next, _, err = v.page(after)
		return err
	})
	return v.report.Findings, next, err
}

// VerifyWhole proves what belongs to no single obligation.
func (s *Store) VerifyWhole(ctx context.Context) ([]Finding, error) {
	v := &verifier{store: s, ctx: ctx}
	err := s.snapshot(ctx, func(db *gorm.DB) error {
		v.report = Report{}
		v.use(db)
		if err := v.contents(); err != nil {
			return err
		}
		return v.whole()
	})
	return v.report.Findings, err
}

// whole verifies what runs through all of the record.
func (v *verifier) whole() error {
	for _, check := range []func() error{v.numbers, v.files, v.outbox, v.hazardNumbers, v.assessments, v.adminLog} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

type verifier struct {
	store  *Store
	ctx    context.Context
	db     *gorm.DB
	q      querier
	report Report
}

func (v *verifier) use(db *gorm.DB) { v.db, v.q = db, db.Statement.ConnPool }

func (v *verifier) find(id string, seq int, format string, args ...any) {
	v.report.Findings = append(v.report.Findings, Finding{id, seq, fmt.Sprintf(format, args...), cmp.Or(natures[format], NatureRecord)})
}

// contents checks what is named by the hash of its content: policies and definitions.
func (v *verifier) contents() error {
	var policies []policyRow
	if err := v.db.Table("policies").Find(&policies).Error; err != nil {
		return err
	}
	for _, p := range policies {
		if sum := sha256.Sum256(p.Content); hex.EncodeToString(sum[:]) != p.Hash {
			v.find("", 0, findPolicy, p.Hash)
		}
	}
	var definitions []struct {
		Plan        string
		Version     int
		ContentHash string
		Content     []byte
	}
	if err := v.db.Table("definitions").Find(&definitions).Error; err != nil {
		return err
	}
	for _, d := range definitions {
		if sum := sha256.Sum256(d.Content); hex.EncodeToString(sum[:]) != d.ContentHash {
			v.find("", 0, findDefinition, d.Plan, d.Version)
		}
	}
	return nil
}

// obligationRow is the read model's row with everything that follows from the state.
type obligationRow struct {
	ID, Plan, Task, Measure, Unit, Period, Stage, Outcome string
	Due, OriginalDue, Deadline                            date
	YellowAt, OverdueAt, NextAt                           instant
	NextKind                                              string
	WasOverdue                                            bool
	WaitingOn, WaitsFor, SearchText, Rung                 string
	WaitsSince                                            instant
	OpenedAt, ClosedAt                                    instant
	Seq                                                   int
	HeadHash                                              []byte
	Policy                                                string
	State                                                 []byte
}

type ledgerRow struct {
	Obligation string
	Seq        int
	Kind       string
	At         instant
	Command    *string
	Notices    int
	Event      []byte
	Hash       []byte
}

type messageCount struct {
	Obligation string
	Seq, N     int
}

type numberedDocument struct {
	Row        documentRow `gorm:"embedded"`
	Voided     bool
	VoidReason *string
}

const (
	numberedColumns = "documents.*, voided_at IS NOT NULL AS voided, document_numbers.reason AS void_reason"
	numberedJoin    = "LEFT JOIN document_numbers ON document_numbers.document = documents.id"
)

// page verifies the obligations after last and returns where the next page begins.
func (v *verifier) page(last string) (next string, more bool, err error) {
	var ids []string
	if err := v.db.Table("obligations").Where("id > ?", last).Order("id").Limit(verifyPage).Pluck("id", &ids).Error; err != nil {
		return "", false, err
	}
	// Beyond the last page there is only what belongs to no obligation.
	if more = len(ids) == verifyPage; more {
		next = ids[len(ids)-1]
	}
	p, err := v.read(last, next)
	if err != nil {
		return "", false, err
	}
	return next, more, v.compare(p)
}

// recordPage is all that the record has of some obligations.
type recordPage struct {
	rows    []obligationRow
	ledger  []ledgerRow
	counts  []messageCount
	docs    []numberedDocument
	files   []evidenceRow
	hazards []hazardRow
}

// read returns what the record has of the obligations after one, up to another; "": to the end.
func (v *verifier) read(after, until string) (p recordPage, err error) {
	within := func(column string) *gorm.DB {
		q := v.db.Where(column+" > ?", after)
		if until != "" {
			q = q.Where(column+" <= ?", until)
		}
		return q
	}
	if err := within("id").Table("obligations").Order("id").Find(&p.rows).Error; err != nil {
		return p, err
	}
	if err := within("obligation").Table("ledger").Order("obligation, seq").Find(&p.ledger).Error; err != nil {
		return p, err
	}
	err = within("obligation").Table("messages").Select("obligation, seq, COUNT(*) AS n").Where("seq IS NOT NULL").
		Group("obligation, seq").Find(&p.counts).Error
	if err != nil {
		return p, err
	}
	err = within("obligation").Table("documents").Select(numberedColumns).Joins(numberedJoin).Order("documents.id").Find(&p.docs).Error
	if err != nil {
		return p, err
	}
	if err := within("obligation").Table("evidence").Order("id").Find(&p.files).Error; err != nil {
		return p, err
	}
	return p, within("obligation").Table("hazards").Find(&p.hazards).Error
}

func (v *verifier) compare(p recordPage) error {
	chains := groupBy(p.ledger, func(r ledgerRow) string { return r.Obligation })
	messages := groupBy(p.counts, func(c messageCount) string { return c.Obligation })
	documents := groupBy(p.docs, func(d numberedDocument) string { return d.Row.Obligation })
	evidence := groupBy(p.files, func(r evidenceRow) string { return r.Obligation })
	hazards := groupBy(p.hazards, func(r hazardRow) string { return r.Obligation })
	for _, r := range p.rows {
		state, events, err := v.chain(r.ID, chains[r.ID], messages[r.ID])
		if err != nil {
			return err
		}
		if err := v.model(r, chains[r.ID], state); err != nil {
			return err
		}
		v.documents(r.ID, events, documents[r.ID])
		v.evidence(r.ID, events, evidence[r.ID])
		v.hazards(r.ID, state, events, hazards[r.ID])
		delete(chains, r.ID)
		v.report.Obligations++
	}
	for _, id := range slices.Sorted(keys(chains)) {
		v.find(id, 0, findOrphan)
		if _, _, err := v.chain(id, chains[id], messages[id]); err != nil {
			return err
		}
	}
	return nil
}

func groupBy[T any](list []T, key func(T) string) map[string][]T {
	out := map[string][]T{}
	for _, v := range list {
		out[key(v)] = append(out[key(v)], v)
	}
	return out
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// chain verifies an obligation's events and returns the state they lead to.
func (v *verifier) chain(id string, rows []ledgerRow, counts []messageCount) (obligation.State, []obligation.Event, error) {
	var state obligation.State
	var events []obligation.Event
	messages := map[int]int{}
	for _, c := range counts {
		messages[c.Seq] = c.N
	}
	var before []byte
	for i, r := range rows {
		v.report.Events++
		want := 1
		if i > 0 {
			want = rows[i-1].Seq + 1
		}
		switch {
		case r.Seq != want:
			v.find(id, r.Seq, findGap, want, r.Seq)
		case !bytes.Equal(obligation.Chain(before, id, r.Event), r.Hash):
			v.find(id, r.Seq, findHash)
		}
		before = r.Hash
		if messages[r.Seq] != r.Notices {
			v.find(id, r.Seq, findMessages, r.Notices, messages[r.Seq])
		}
		delete(messages, r.Seq)
		e, err := v.store.decodeEvent(v.ctx, v.q, r.Event)
		if err != nil {
			if err := v.ctx.Err(); err != nil {
				return state, nil, err
			}
			if passes(err) {
				return state, nil, err
			}
			v.find(id, r.Seq, findUnreadable, err)
			continue
		}
		if !r.matches(e) {
			v.find(id, r.Seq, findColumns)
		}
		events = append(events, e)
		if (e.Kind == obligation.Opened || e.Kind == obligation.Recorded) && (e.Facts == nil || e.Policy == nil) {
			v.find(id, r.Seq, findUnreadable, "facts, policy")
			continue
		}
		state = obligation.Apply(state, e)
	}
	for seq := range messages {
		v.find(id, seq, findStrayMessage, seq)
	}
	return state, events, nil
}

func (r ledgerRow) matches(e obligation.Event) bool {
	command := ""
	if r.Command != nil {
		command = *r.Command
	}
	return e.Seq == r.Seq && string(e.Kind) == r.Kind && e.Key == command && stamp(instant{e.At}) == stamp(r.At)
}

// model compares the read model with what the ledger leads to.
func (v *verifier) model(r obligationRow, rows []ledgerRow, replayed obligation.State) error {
	if len(rows) == 0 {
		v.find(r.ID, 0, findNoLedger)
		return nil
	}
	last := rows[len(rows)-1]
	if last.Seq != r.Seq || !bytes.Equal(last.Hash, r.HeadHash) {
		v.find(r.ID, r.Seq, findHead, last.Seq)
	}
	stored, err := v.store.decodeState(v.ctx, v.q, r.State, r.Policy)
	if err != nil {
		if v.ctx.Err() != nil || passes(err) {
			return err
		}
		v.find(r.ID, r.Seq, findStateUnreadable, err)
		return nil
	}
	a, errA := json.Marshal(stored)
	b, errB := json.Marshal(replayed)
	if err := cmp.Or(errA, errB); err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		v.find(r.ID, r.Seq, findState)
	}
	for _, c := range r.columns(replayed) {
		if c.have != c.want {
			v.find(r.ID, r.Seq, findStateColumn, c.name, c.have, c.want)
		}
	}
	return nil
}

type column struct{ name, have, want string }

func (r obligationRow) columns(s obligation.State) []column {
	at := func(t instant) string {
		if t.IsZero() {
			return ""
		}
		return stamp(t)
	}
	return []column{
		{"id", r.ID, s.ID.String()},
		{"plan", r.Plan, s.ID.Plan},
		{"task", r.Task, s.Task},
		{"measure", r.Measure, s.ID.Measure},
		{"unit", r.Unit, s.ID.Unit},
		{"period", r.Period, s.ID.Period},
		{"stage", r.Stage, string(s.Stage)},
		{"outcome", r.Outcome, string(s.Outcome)},
		{"was_overdue", strconv.FormatBool(r.WasOverdue), strconv.FormatBool(s.WasOverdue)},
		{"due", required(r.Due.Date).(string), required(s.Due).(string)},
		{"original_due", required(r.OriginalDue.Date).(string), required(s.Original).(string)},
		{"deadline", required(r.Deadline.Date).(string), required(s.Anchor).(string)},
		{"waiting_on", r.WaitingOn, s.WaitingOn()},
		{"waits_for", r.WaitsFor, string(s.WaitsFor())},
		{"waits_since", at(r.WaitsSince), at(instant{s.WaitsSince()})},
		{"search_text", r.SearchText, s.SearchText()},
		{"rung", r.Rung, string(s.HighestRung())},
		{"opened_at", at(r.OpenedAt), at(instant{s.Opened})},
		{"closed_at", at(r.ClosedAt), at(instant{s.Closed})},
	}
}

// documents compares an obligation's documents with the ledger.
func (v *verifier) documents(id string, events []obligation.Event, docs []numberedDocument) {
	type expectation struct {
		seq    int
		status obligation.DocumentStatus
		number string
		doc    obligation.Document // an interview, as the ledger's events about it make it
	}
	expected := map[string]expectation{}
	for _, e := range events {
		switch e.Kind {
		case obligation.Drafted:
			expected[string(e.Rung)] = expectation{e.Seq, obligation.DocumentDraft, "", obligation.Document{Rung: e.Rung}}
		case obligation.Issued:
			expected[string(e.Rung)] = expectation{e.Seq, obligation.DocumentIssued, e.Number, expected[string(e.Rung)].doc.After(e)}
		case obligation.Withdrawn:
			expected[string(e.Rung)] = expectation{e.Seq, obligation.DocumentWithdrawn, "", obligation.Document{}}
		default:
			if want, ok := expected[string(e.Rung)]; ok && e.SettlesDocument() {
				want.doc = want.doc.After(e)
				expected[string(e.Rung)] = want
			}
		}
	}
	for _, d := range docs {
		want, ok := expected[d.Row.Rung]
		delete(expected, d.Row.Rung)
		rung := obligation.Rung(d.Row.Rung).Chinese()
		if !ok {
			v.find(id, 0, findStrayDocument, rung)
			continue
		}
		status := want.status
		if d.Voided && status == obligation.DocumentIssued {
			status = obligation.DocumentWithdrawn
		}
		if d.Row.Status != string(status) {
			v.find(id, want.seq, findDocumentStatus, rung, d.Row.Status, status)
		}
		number := ""
		if d.Row.Number != nil {
			number = *d.Row.Number
		}
		if !sameMeeting(d.Row.document().Meeting, want.doc.Meeting) {
			v.find(id, want.seq, findMeeting, rung)
		}
		if doc := d.Row.document(); d.Row.WaitsFor != string(doc.WaitsFor()) || stampOrNone(d.Row.WaitsSince.Time) != stampOrNone(doc.WaitsSince()) {
			v.find(id, want.seq, findDocumentWaits, rung)
		}
		if number != want.number {
			v.find(id, want.seq, findDocumentNumber, rung, number, want.number)
		}
	}
	for _, rung := range slices.Sorted(keys(expected)) {
		v.find(id, expected[rung].seq, findNoDocument, obligation.Rung(rung).Chinese())
	}
}

// sameMeeting reports whether an interview is what the ledger's events make it. Of one that was arranged before the ledger
// spoke of interviews they don't know all.
func sameMeeting(stored, told *obligation.Meeting) bool {
	if told == nil || len(told.Moves) > 0 && told.Moves[0].From.IsZero() {
		return true
	}
	a, errA := json.Marshal(stored)
	b, errB := json.Marshal(told)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// numbers verifies that every series is gapless and that numbers and documents name each other.
func (v *verifier) numbers() error {
	var series []struct {
		Series string
		Year   int
		Last   int
	}
	if err := v.db.Table("document_series").Order("series, year").Find(&series).Error; err != nil {
		return err
	}
	var given []struct {
		Series   string
		Year     int
		Number   int
		Document string
		Printed  *string
	}
	err := v.db.Table("document_numbers AS n").Select("n.series, n.year, n.number, n.document, d.number AS printed").
		Joins("LEFT JOIN documents AS d ON d.id = n.document").Order("n.series, n.year, n.number").Find(&given).Error
	if err != nil {
		return err
	}
	last := map[obligation.Series]int{}
	for _, s := range series {
		last[obligation.Series{Code: s.Series, Year: s.Year}] = s.Last
	}
	next := map[obligation.Series]int{}
	missing := func(s obligation.Series, until int) {
		for n := next[s] + 1; n < until; n++ {
			v.find("", 0, findNumberMissing, s.Format(n))
		}
	}
	for _, g := range given {
		s := obligation.Series{Code: g.Series, Year: g.Year}
		missing(s, g.Number)
		next[s] = g.Number
		v.report.Numbers++
		if g.Number > last[s] {
			v.find("", 0, findNumberBeyond, s.Format(g.Number), last[s])
		}
		printed := ""
		if g.Printed != nil {
			printed = *g.Printed
		}
		if printed != s.Format(g.Number) {
			v.find("", 0, findNumberDocument, s.Format(g.Number), g.Document, printed)
		}
	}
	for s, n := range last {
		missing(s, n+1)
	}
	var unlisted []documentRow
	err = v.db.Table("documents").Where("number IS NOT NULL AND id NOT IN (SELECT document FROM document_numbers)").Order("id").Find(&unlisted).Error
	for _, d := range unlisted {
		v.find(d.Obligation, 0, findNumberUnlisted, *d.Number)
	}
	return err
}

// outbox verifies that what is marked as gone out stands in a digest.
func (v *verifier) outbox() error {
	var lost []messageRow
	err := v.db.Table("messages").Select("id, obligation").Where("status = '" + messageDigested + "' AND digest IS NULL").Order("id").Find(&lost).Error
	for _, m := range lost {
		v.find(m.Obligation, 0, findMessageNoDigest, m.ID)
	}
	return err
}
