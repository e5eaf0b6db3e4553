package api_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

// now is the business instant of all tests: 2026-03-02 10:00 in the plan's zone, a Monday.
var now = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// errDown is a database that cannot be reached; its words are not for users.
var errDown = errors.New("dial tcp 10.0.0.7:3306: password=hunter2: connection refused")

// fake is a store and an engine in memory. It keeps the contracts of api.Reader and api.Commands strictly: whoever
// asks for what does not exist, or outside of the documented bounds, gets an error.
type fake struct {
	mu         sync.Mutex
	definition obligation.Definition
	ledgers    map[obligation.ID][]obligation.Event
	docs       map[string]obligation.Document
	digests    []obligation.Digest
	files      map[string]obligation.File
	seeds      []api.SeedRequest

	assessments map[string][]assessment.Event // by half

	faults    error   // of the next seedings
	gone      bool    // the engine has lost all workflows
	overtaken bool    // the command finds the obligation closed by another one
	down      error   // of every answer of the database
	block     bool    // commands wait until their time is over
	lost      error   // commands are carried out, and then their answer is lost
	calls     int     // commands that reached the engine
	trap      func()  // runs inside List
	more      int     // obligations that are selected beside those that the fake has
	since     []int64 // positions from which ledgers were asked for

	asked      obligation.Filter // of the last list
	dispatches []obligation.Dispatch
	broken     []obligation.Broken
}

func newFake(t *testing.T) *fake {
	t.Helper()
	years := map[int]calendar.Year{2026: {}}
	cal, err := calendar.NewCalendar(1, years)
	require.NoError(t, err)
	f := &fake{ledgers: map[obligation.ID][]obligation.Event{}, docs: map[string]obligation.Document{}, assessments: map[string][]assessment.Event{}}
	f.definition = obligation.Definition{
		Version: 3, AsOf: calendar.MustDate("2026-01-01"), Calendar: cal,
		Ladders: []obligation.Ladder{{
			Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Extensions: 2,
			Steps: []obligation.Step{
				{Code: "remind-7", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -7, To: obligation.ToUnit},
				{Code: "letter+5", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: 5, To: obligation.ToUnit, SignOff: obligation.SignOffOffice},
				{Code: "interview+30", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: 30, To: obligation.ToUnit, SignOff: obligation.SignOffLeader},
			},
		}},
		Plan: plan.Plan{
			Code: "changning-2024", Number: "长安委〔2024〕5号", Title: "治本攻坚三年行动实施方案", Issuer: "区安委会",
			Issued: calendar.MustDate("2024-04-19"), From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2026-12-31"),
			Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay,
			Actions: []plan.Action{{Number: 1, Title: "学习教育行动"}},
			Tasks: []plan.Task{
				{Code: "1", Action: 1, Title: "学习贯彻", Text: "每半年报送一次学习情况。", Lead: []string{"yingji"}},
				{Code: "S1", Title: "加强组织领导", Text: "长期坚持。"},
			},
			Measures: []plan.Measure{
				{
					Code: "1.1", Task: "1", Title: "报送学习情况", Quote: "每半年报送一次学习情况", Done: "书面报告",
					Schedule: plan.Schedule{Kind: plan.Continuous}, Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}}, Inferred: []string{"audience"},
				},
			},
			Units: []plan.Unit{
				{Code: "yingji", Name: "区应急局", Kind: plan.KindGovernment, Contacts: []plan.Contact{{Name: "王五", Email: "w@example.cn", Mobile: "13800000001"}}},
				{Code: "xinhua", Name: "新华路街道", Kind: plan.KindStreet, Tags: []string{"street"}, Aliases: []string{"新华街道"}},
				{Code: "tianshan", Name: "天山路街道", Kind: plan.KindStreet},
			},
		},
	}
	f.open("xinhua", "2026H1", "2026-06-30", "2026-01-05")
	f.open("tianshan", "2025H2", "2025-12-31", "2026-01-05") // before the as-of date: history
	late := f.open("tianshan", "2026-01", "2026-01-30", "2026-01-05")
	f.tick(late, "2026-02-02", "2026-02-09") // overdue, then a letter is drafted
	f.digests = []obligation.Digest{
		{
			ID: "changning-2024/xinhua/2026-03-02", Plan: "changning-2024", Recipient: "xinhua", Day: calendar.MustDate("2026-03-02"), Created: now,
			Messages: []obligation.Message{{
				ID: 7, Obligation: id("xinhua", "2026H1"), Recipient: "xinhua", Created: now,
				Notice: obligation.Notice{Seq: 1, Kind: obligation.Opened, To: obligation.ToUnit, Title: "报送学习情况", Text: "新交办", Why: "依据"},
			}},
		},
		{ID: "changning-2024/xinhua/2026-02-27", Plan: "changning-2024", Recipient: "xinhua", Day: calendar.MustDate("2026-02-27"), Created: now.Add(-72 * time.Hour)},
		{ID: "changning-2024/office/2026-03-02", Plan: "changning-2024", Recipient: "office", Day: calendar.MustDate("2026-03-02"), Created: now},
	}
	return f
}

func id(unit, period string) obligation.ID {
	return obligation.ID{Plan: "changning-2024", Measure: "1.1", Unit: unit, Period: period}
}

func (f *fake) open(unit, period, due, on string) obligation.ID {
	u, _ := f.definition.Plan.Unit(unit)
	facts := obligation.Facts{ID: id(unit, period), Task: "1", Title: "报送学习情况", Quote: "每半年报送一次学习情况", UnitName: u.Name, Period: period, Due: calendar.MustDate(due)}
	policy := obligation.Policy{Ladder: f.definition.Ladders[0], Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour}
	at := calendar.MustDate(on).At(9*time.Hour, time.UTC)
	e := obligation.Open(obligation.Opening{Facts: facts, Policy: policy, AsOf: f.definition.AsOf}, f.definition.Calendar, at)
	f.ledgers[facts.ID] = []obligation.Event{e}
	return facts.ID
}

func (f *fake) tick(id obligation.ID, days ...string) {
	for _, day := range days {
		f.decide(id, obligation.Command{Kind: obligation.Tick}, calendar.MustDate(day).At(9*time.Hour, time.UTC))
	}
}

func (f *fake) state(id obligation.ID) obligation.State {
	return obligation.Replay(obligation.State{}, f.ledgers[id])
}

func (f *fake) decide(id obligation.ID, c obligation.Command, at time.Time) ([]obligation.Event, error) {
	st := f.state(id)
	events, err := obligation.Decide(st, c, f.definition.Calendar, at)
	if err != nil {
		return nil, err
	}
	for _, d := range obligation.NewEntry(st, events, f.definition.Calendar).Drafts {
		f.docs[obligation.DocumentID(id, d.Rung)] = d
	}
	f.ledgers[id] = append(f.ledgers[id], events...)
	return events, nil
}

// draftInterview puts a draft of an interview where there was none.
func (f *fake) draftInterview(id obligation.ID) {
	st := f.state(id)
	e := obligation.Event{Seq: st.Seq + 1, Kind: obligation.Drafted, At: now.Add(-time.Hour), By: obligation.System, Step: "interview+30", Rung: obligation.Interview}
	f.ledgers[id] = append(f.ledgers[id], e)
	f.docs[obligation.DocumentID(id, obligation.Interview)] = obligation.Draft(obligation.Apply(st, e), e)
}

func refused(code obligation.ErrorCode) error { return &obligation.Error{Code: code} }

// cursorOK reports whether a cursor may be one of the fake's own.
func cursorOK(cursor string) bool {
	return cursor == "" || strings.HasPrefix(cursor, "changning-2024/")
}

func (f *fake) lock() func() { f.mu.Lock(); return f.mu.Unlock }

func (f *fake) Definitions(context.Context) ([]obligation.Definition, error) {
	return []obligation.Definition{f.definition}, f.down
}

func (f *fake) Definition(_ context.Context, code string) (obligation.Definition, error) {
	if f.down == nil && code != f.definition.Plan.Code {
		return obligation.Definition{}, refused(obligation.CodeNotFound)
	}
	return f.definition, f.down
}

func (f *fake) view(id obligation.ID) obligation.View {
	st := f.state(id)
	v := obligation.View{State: st, Standing: st.Standing(f.definition.Calendar), Updated: now}
	if next, ok := obligation.NextStep(st, f.definition.Calendar); ok {
		v.NextAt, v.NextKind = next.At, next.Describe()
	}
	return v
}

func (f *fake) Counts(_ context.Context, _ string, at time.Time) ([]obligation.Count, error) {
	defer f.lock()()
	c := obligation.Count{Task: "1"}
	for id := range f.ledgers {
		v := f.view(id)
		c.Total++
		switch {
		case v.State.Stage == obligation.StageHistory:
			c.History++
			continue
		case v.State.IsClosed():
			c.Closed++
		default:
			c.Open++
		}
		switch obligation.DeriveLight(v.Standing, at) {
		case obligation.Red:
			c.Red++
		case obligation.Yellow:
			c.Yellow++
		default:
		}
	}
	return []obligation.Count{c}, f.down
}

func (f *fake) Load(_ context.Context, id obligation.ID) (obligation.View, error) {
	defer f.lock()()
	if f.down != nil {
		return obligation.View{}, f.down
	}
	if f.ledgers[id] == nil {
		return obligation.View{}, refused(obligation.CodeNotFound)
	}
	return f.view(id), nil
}

func (f *fake) List(_ context.Context, q obligation.Filter) (obligation.Page, error) {
	defer f.lock()()
	if f.trap != nil {
		f.trap()
	}
	f.asked = q
	if q.Limit < 1 || q.Limit > 200 || q.Now.IsZero() {
		return obligation.Page{}, fmt.Errorf("filter out of bounds: %+v", q)
	}
	if !cursorOK(q.After) {
		return obligation.Page{}, refused(obligation.CodeNotFound)
	}
	var views []obligation.View
	for id := range f.ledgers {
		v := f.view(id)
		if f.selects(q, v) && (len(q.Units) == 0 || slices.Contains(q.Units, id.Unit)) && (q.Open == nil || *q.Open == !v.State.IsClosed()) && (len(q.Stages) == 0 || slices.Contains(q.Stages, v.State.Stage)) &&
			(q.DueFrom.IsZero() || v.State.Due >= q.DueFrom) && (q.DueTo.IsZero() || v.State.Due <= q.DueTo) &&
			(len(q.Lights) == 0 || slices.Contains(q.Lights, obligation.DeriveLight(v.Standing, q.Now))) && id.String() > q.After {
			views = append(views, v)
		}
	}
	slices.SortFunc(views, func(a, b obligation.View) int { return cmp.Compare(a.State.ID.String(), b.State.ID.String()) })
	page := obligation.Page{Views: views}
	if q.Count {
		page.Total = len(views) + f.more
	}
	if len(views) > q.Limit {
		page.Views = views[:q.Limit]
		page.Next = page.Views[q.Limit-1].State.ID.String()
	}
	return page, f.down
}

func (f *fake) Ledger(_ context.Context, id obligation.ID, after, limit int) ([]obligation.Event, error) {
	defer f.lock()()
	if after < 0 || limit < 1 || limit > 200 {
		return nil, fmt.Errorf("ledger out of bounds: %d, %d", after, limit)
	}
	events := f.ledgers[id][min(after, len(f.ledgers[id])):]
	return events[:min(limit, len(events))], f.down
}

func (f *fake) Hashes(_ context.Context, id obligation.ID, after, limit int) ([]string, error) {
	defer f.lock()()
	var out []string
	for _, e := range f.ledgers[id][min(after, len(f.ledgers[id])):] {
		out = append(out, fmt.Sprintf("%064x", e.Seq))
	}
	return out[:min(limit, len(out))], f.down
}

func (f *fake) EventByKey(_ context.Context, id obligation.ID, key string) (obligation.Event, error) {
	defer f.lock()()
	if key == "" {
		return obligation.Event{}, errors.New("empty key")
	}
	for _, e := range f.ledgers[id] {
		if e.Key == key {
			return e, f.down
		}
	}
	return obligation.Event{}, cmp.Or(f.down, refused(obligation.CodeNotFound))
}

func (f *fake) Documents(_ context.Context, filter obligation.DocumentFilter) ([]obligation.Document, string, error) {
	defer f.lock()()
	if filter.Limit < 1 || filter.Limit > 200 {
		return nil, "", fmt.Errorf("documents out of bounds: %d", filter.Limit)
	}
	if !cursorOK(filter.After) {
		return nil, "", refused(obligation.CodeNotFound)
	}
	var out []obligation.Document
	for _, d := range f.docs {
		if (filter.Plan == "" || d.Obligation.Plan == filter.Plan) && (filter.Unit == "" || d.Unit == filter.Unit) && (filter.Status == "" || d.Status == filter.Status) &&
			(filter.Rung == "" || d.Rung == filter.Rung) && (filter.WaitingOn == "" || d.WaitingOn() == filter.WaitingOn) && (filter.Overdue.IsZero() || (d.WaitsUntil() != 0 && d.WaitsUntil() < filter.Overdue)) {
			out = append(out, d)
		}
	}
	return out, "", f.down
}

func (f *fake) Document(_ context.Context, id obligation.ID, rung obligation.Rung) (obligation.Document, error) {
	defer f.lock()()
	d, ok := f.docs[obligation.DocumentID(id, rung)]
	if !ok && f.down == nil {
		return d, refused(obligation.CodeNotFound)
	}
	return d, f.down
}

func (f *fake) Inbox(_ context.Context, by obligation.InboxFilter) ([]obligation.Digest, string, error) {
	defer f.lock()()
	if !cursorOK(by.After) {
		return nil, "", refused(obligation.CodeNotFound)
	}
	var out []obligation.Digest
	for _, g := range f.digests {
		if g.Plan == by.Plan && g.Recipient == by.Recipient && (!by.Unread || g.Read.IsZero()) && (by.After == "" || g.ID < by.After) {
			out = append(out, g)
		}
	}
	if len(out) > by.Limit {
		return out[:by.Limit], out[by.Limit-1].ID, f.down
	}
	return out, "", f.down
}

func (f *fake) DigestByID(_ context.Context, id string) (obligation.Digest, error) {
	defer f.lock()()
	for _, g := range f.digests {
		if g.ID == id {
			return g, f.down
		}
	}
	return obligation.Digest{}, refused(obligation.CodeNotFound)
}

func (f *fake) MarkRead(_ context.Context, id string, at time.Time) error {
	defer f.lock()()
	for i := range f.digests {
		if f.digests[i].ID == id {
			if f.digests[i].Read.IsZero() {
				f.digests[i].Read = at
			}
			return f.down
		}
	}
	return refused(obligation.CodeNotFound)
}

// engine counts a command and says how it fares on its way.
func (f *fake) engine(ctx context.Context) error {
	f.calls++
	if f.overtaken {
		f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Submit, Text: "已报送"}, now)
		f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Accept}, now)
	}
	if f.gone || f.overtaken {
		return refused(obligation.CodeNotFound)
	}
	if f.block {
		<-ctx.Done()
		return fmt.Errorf("update: %w", ctx.Err())
	}
	return nil
}

func (f *fake) Command(ctx context.Context, id obligation.ID, c obligation.Command) (obligation.Event, error) {
	if err := f.engine(ctx); err != nil {
		return obligation.Event{}, err
	}
	defer f.lock()()
	events, err := f.decide(id, c, now)
	if err != nil {
		return obligation.Event{}, err
	}
	return events[len(events)-1], f.lost
}

func (f *fake) settle(ctx context.Context, id obligation.ID, c obligation.Command, change func(*obligation.Document)) (obligation.Document, error) {
	if err := f.engine(ctx); err != nil {
		return obligation.Document{}, err
	}
	defer f.lock()()
	if c.Kind != "" {
		if _, err := f.decide(id, c, now); err != nil {
			return obligation.Document{}, err
		}
	}
	d := f.docs[obligation.DocumentID(id, c.Rung)]
	change(&d)
	f.docs[obligation.DocumentID(id, c.Rung)] = d
	return d, f.lost
}

func (f *fake) SignOff(ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, m *obligation.Meeting, key string) (obligation.Document, error) {
	return f.settle(ctx, id, obligation.Command{Kind: obligation.Issue, By: by, Key: key, Rung: rung, Number: "长安委办〔2026〕5号", Meeting: m}, func(d *obligation.Document) {
		d.Status, d.Number, d.SignedBy, d.Settled, d.Meeting = obligation.DocumentIssued, "长安委办〔2026〕5号", by.Name, now, m
	})
}

func (f *fake) Withdraw(ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, reason, key string) (obligation.Document, error) {
	return f.settle(ctx, id, obligation.Command{Kind: obligation.WithdrawDoc, By: by, Key: key, Rung: rung, Text: reason}, func(d *obligation.Document) {
		d.Status, d.Reason, d.Settled = obligation.DocumentWithdrawn, reason, now
	})
}

func (f *fake) Interview(ctx context.Context, id obligation.ID, c obligation.Command) (obligation.Document, error) {
	if err := f.engine(ctx); err != nil {
		return obligation.Document{}, err
	}
	defer f.lock()()
	events, err := f.decide(id, c, f.deps().Now())
	if err != nil {
		return obligation.Document{}, err
	}
	key := obligation.DocumentID(id, c.Rung)
	for _, e := range events {
		f.docs[key] = f.docs[key].After(e)
	}
	return f.docs[key], f.lost
}

func (f *fake) Seed(_ context.Context, r api.SeedRequest) (api.SeedReport, error) {
	f.seeds = append(f.seeds, r)
	if f.faults != nil {
		return api.SeedReport{}, f.faults
	}
	started := 2
	if len(f.seeds) > 1 {
		started = 0
	}
	return api.SeedReport{Plan: "changning-2024", Version: 3, AsOf: cmp.Or(r.AsOf, f.definition.AsOf), Changed: started > 0, Tasks: 2, Started: started, Outcomes: len(r.Outcomes)}, f.down
}

// paper stands for the page of a printed notice.
func paper(d obligation.Digest, to string) (page, policy string) {
	return "<p>" + to + " " + d.ID + "</p>", "default-src 'none'"
}

// deps returns the dependencies of an API over the fake.
func (f *fake) deps() api.Deps {
	return api.Deps{
		Identify: identify, Accounts: &registry{}, Changes: &amender{f: f}, Lists: &desk{kept: map[string]tasklist.Import{}}, Rate: api.Rate{PerSecond: 1e6, Burst: 1e6},
		Channels: &outlets{}, Spreadsheet: workbook, Workbook: workbooks, ReadSheets: sheets, Window: obligation.DefaultWindow,
		Reader: f, Commands: f, Seeder: f, Letters: clerk{}, Files: f, Dossiers: f, Workflows: f, Doctor: &surgeon{}, PDF: printer, Read: reader, Print: paper, Evidence: evidence(), Now: func() time.Time { return now }, Version: "test", Transient: func(err error) bool { return errors.Is(err, errDown) },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		WorkflowURL: func(id obligation.ID) string {
			return "http://127.0.0.1:8080/namespaces/duban/workflows/" + strings.ReplaceAll("obligation/"+id.String(), "/", "%2F")
		},
		Checks: []api.Check{
			{Name: "database", Label: "数据库", Probe: func(context.Context) error { return f.down }},
			{Name: "engine", Label: "流程引擎", Probe: func(context.Context) error { return nil }},
		},
	}
}

// request returns a request as a program on this machine sends it; headers come in pairs.
func request(method, path, body string, headers ...string) *http.Request {
	var r *http.Request
	if body == "" {
		r = httptest.NewRequest(method, "http://localhost"+path, nil)
	} else {
		r = httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
	}
	r.RemoteAddr = "127.0.0.1:50000"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Export answers with a file that names its obligation, and says whether it has the evidence.
func (f *fake) Export(_ context.Context, id obligation.ID, evidence bool) (api.DossierFile, error) {
	defer f.lock()()
	if len(f.ledgers[id]) == 0 {
		return api.DossierFile{}, refused(obligation.CodeNotFound)
	}
	if f.lost != nil {
		return api.DossierFile{}, f.lost
	}
	content := "zip of " + id.String()
	if evidence {
		content += " with evidence"
	}
	return api.DossierFile{Content: io.NopCloser(strings.NewReader(content)), Size: int64(len(content)), Manifest: "abc"}, f.down
}

// selects reports whether a view is what a filter asks for, but for its unit, stage, light and due date.
func (f *fake) selects(q obligation.Filter, v obligation.View) bool {
	st := v.State
	return hazardous(q.Hazards, st) && (q.Plan == "" || st.ID.Plan == q.Plan) && (q.Measure == "" || st.ID.Measure == q.Measure) && (q.Period == "" || st.ID.Period == q.Period) && (len(q.Tasks) == 0 || slices.Contains(q.Tasks, st.Task)) &&
		(q.Listing == "" || v.Standing.In(q.Listing, q.Now, q.Soon)) && (q.WaitingOn == "" || st.WaitingOn() == q.WaitingOn) &&
		(q.WaitsFor == "" || st.WaitsFor() == q.WaitsFor || f.docs[obligation.DocumentID(st.ID, obligation.Letter)].WaitsFor() == q.WaitsFor) &&
		!slices.ContainsFunc(q.Words, func(word string) bool { return !strings.Contains(st.SearchText(), word) })
}

// within returns the views that a filter of a tally selects.
func (f *fake) within(q obligation.Filter) (out []obligation.View) {
	for id := range f.ledgers {
		v := f.view(id)
		if f.selects(q, v) && (len(q.Units) == 0 || slices.Contains(q.Units, id.Unit)) &&
			(q.DueFrom.IsZero() || v.State.Due >= q.DueFrom) && (q.DueTo.IsZero() || v.State.Due <= q.DueTo) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b obligation.View) int {
		return cmp.Or(cmp.Compare(a.State.Due, b.State.Due), cmp.Compare(a.State.ID.String(), b.State.ID.String()))
	})
	return out
}

func (f *fake) Tallies(_ context.Context, q obligation.Filter, by obligation.TallyKey) ([]obligation.MonthTally, error) {
	defer f.lock()()
	if q.Plan == "" || q.Now.IsZero() {
		return nil, fmt.Errorf("tallies out of bounds: %+v", q)
	}
	var out []obligation.MonthTally
	for _, v := range f.within(q) {
		key := v.State.Task
		if by == obligation.TallyUnit {
			key = v.State.ID.Unit
		}
		month := v.State.Due.String()[:7]
		i := slices.IndexFunc(out, func(t obligation.MonthTally) bool { return t.Key == key && t.Month == month })
		if i < 0 {
			i, out = len(out), append(out, obligation.MonthTally{Key: key, Month: month})
		}
		out[i].Add(v.Standing, 1, q.Now, q.Soon)
	}
	return out, f.down
}

func (f *fake) Shares(_ context.Context, q obligation.Filter) ([]obligation.Share, error) {
	defer f.lock()()
	var out []obligation.Share
	for _, v := range f.within(q) {
		id := v.State.ID
		i := slices.IndexFunc(out, func(s obligation.Share) bool { return s.Measure == id.Measure && s.Unit == id.Unit })
		if i < 0 {
			i, out = len(out), append(out, obligation.Share{Measure: id.Measure, Unit: id.Unit})
		}
		out[i].Add(id.Period, v.State.Due, v.Standing, q.Now, q.Soon)
	}
	return out, f.down
}

func (f *fake) Awaited(_ context.Context, plan, unit string) ([]obligation.Awaited, error) {
	defer f.lock()()
	found := map[obligation.Wait]obligation.Awaited{}
	add := func(w obligation.Wait, since time.Time) {
		a, ok := found[w]
		if !ok || since.Before(a.Oldest) {
			a.Oldest = since
		}
		found[w] = obligation.Awaited{For: w, Count: a.Count + 1, Oldest: a.Oldest}
	}
	for id := range f.ledgers {
		if st := f.state(id); id.Plan == plan && (unit == "" || id.Unit == unit) {
			add(st.WaitsFor(), st.WaitsSince())
		}
	}
	for _, d := range f.docs {
		if d.Obligation.Plan == plan && (unit == "" || d.Unit == unit) {
			add(d.WaitsFor(), d.WaitsSince())
		}
	}
	var out []obligation.Awaited
	for _, w := range obligation.OfficeWaits {
		if a, ok := found[w]; ok {
			out = append(out, a)
		}
	}
	return out, f.down
}

func (f *fake) Holdings(_ context.Context, plan string, most int) ([]obligation.Holding, error) {
	defer f.lock()()
	byHolder := map[string][]obligation.Held{}
	for _, v := range f.within(obligation.Filter{Plan: plan}) {
		st := v.State
		if who := st.WaitingOn(); who != "" {
			byHolder[who] = append(byHolder[who], obligation.Held{
				ID: st.ID, Title: st.Title, UnitName: st.UnitName, Period: st.Period, For: st.WaitsFor(), Since: st.WaitsSince(),
			})
		}
	}
	for _, d := range f.docs {
		if who := d.WaitingOn(); who != "" {
			byHolder[who] = append(byHolder[who], obligation.Held{ID: d.Obligation, Rung: d.Rung, Title: d.Title, For: d.WaitsFor(), Since: d.WaitsSince()})
		}
	}
	var out []obligation.Holding
	for who, held := range byHolder {
		oldest := obligation.Longest(held, most)
		out = append(out, obligation.Holding{Who: who, Count: len(held), Since: oldest[0].Since, Oldest: oldest})
	}
	return out, f.down
}

func (f *fake) Broken(_ context.Context, _ string, p obligation.Patience) ([]obligation.Broken, error) {
	if !p.Told.Before(now) || !p.Stepped.Before(now) {
		return nil, fmt.Errorf("no patience: %+v", p)
	}
	return f.broken, f.down
}

func (f *fake) Dispatches(_ context.Context, q obligation.DispatchFilter) ([]obligation.Dispatch, string, error) {
	if !cursorOK(q.After) {
		return nil, "", refused(obligation.CodeNotFound)
	}
	var out []obligation.Dispatch
	for _, d := range f.dispatches {
		if len(q.Statuses) == 0 || slices.Contains(q.Statuses, d.Status) {
			out = append(out, d)
		}
	}
	return out, "", f.down
}

// outlets stand for the channels: mail is on, and refuses whom it does not know.
type outlets struct{ sent []string }

func (o *outlets) All() []api.ChannelSetting {
	return []api.ChannelSetting{{Name: "wecom"}, {Name: "smtp", On: true, Host: "mail.example:25"}}
}

func (o *outlets) Test(_ context.Context, channel, to string) (obligation.DeliveryStatus, error) {
	switch {
	case channel != "smtp":
		return obligation.DeliveryFailed, refused(obligation.CodeNotFound)
	case to == "nobody@example.cn":
		return obligation.DeliveryFailed, errors.New("对方拒收 10.0.0.7:25：550 没有这个收件人")
	case to == "slow@example.cn":
		return obligation.DeliveryUnknown, errors.New("对方没有答复")
	}
	o.sent = append(o.sent, to)
	return obligation.DeliverySent, nil
}

// workbook stands for one: its lines, separated by tabs.
func workbook(w io.Writer, head api.Table, rows iter.Seq2[[]string, error]) error {
	headings := make([]string, len(head.Columns))
	for i, c := range head.Columns {
		headings[i] = c.Heading
	}
	text := head.Title + "\n" + head.Note + "\n" + strings.Join(headings, "\t") + "\n"
	for row, err := range rows {
		if err != nil {
			return err
		}
		text += strings.Join(row, "\t") + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
