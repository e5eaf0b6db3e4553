package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

// deskTab is one kind of what waits for the office or a leader.
type deskTab struct {
	key, label string
	waits      []obligation.Wait
	papers     bool   // it is documents that wait
	empty      string // what is said where nothing does
	count      int
}

// The keys of the tabs.
const (
	tabSubmission = "submission"
	tabExtension  = "extension"
	tabSendBack   = "sendback"
	tabDraft      = "draft"
	tabInterview  = "interview"
	tabSuspension = "suspension"
)

// deskTabs are all of them, in the order in which the office works.
var deskTabs = []deskTab{
	{key: tabSubmission, label: "待审核", waits: []obligation.Wait{obligation.WaitSubmission}, empty: "没有待审核的报送。"},
	{key: tabExtension, label: "延期申请", waits: []obligation.Wait{obligation.WaitExtension}, empty: "没有待答复的延期申请。"},
	{key: tabSendBack, label: "退回待答复", waits: []obligation.Wait{obligation.WaitSendBack}, empty: "没有责任单位退回的事项。"},
	{key: tabDraft, label: "文书待签", waits: []obligation.Wait{obligation.WaitDraft}, papers: true, empty: "没有待签发的文书。"},
	{
		key: tabInterview, label: "约谈", waits: []obligation.Wait{obligation.WaitInterview, obligation.WaitRectification}, papers: true,
		empty: "没有待举行、待登记的约谈，也没有待核查的整改。",
	},
	{key: tabSuspension, label: "中止中", waits: []obligation.Wait{obligation.WaitSuspension}, empty: "没有中止的事项。"},
}

// tabsOf returns the tabs of a role: a leader signs first.
func tabsOf(role account.Role) []deskTab {
	tabs := slices.Clone(deskTabs)
	if role == account.Leader {
		slices.SortStableFunc(tabs, func(a, b deskTab) int {
			return strings.Compare(leaderOrder(a), leaderOrder(b))
		})
	}
	return tabs
}

func leaderOrder(t deskTab) string {
	if t.key == tabDraft {
		return "0"
	}
	return "1"
}

// queued is one of what waits, as the list shows it.
type queued struct {
	item, title, unit, note string
	at                      time.Time     // since when, where it is known
	due                     calendar.Date // zero: none
	light                   api.Obligation
}

// officeDesk is what waits for the office or a leader: a list, and one of it opened.
type officeDesk struct {
	Tabs    []deskTab
	Tab     deskTab
	Items   []queued
	More    string // address of the next page of the list; "": this is the last
	Reading bool   // somebody asked for the one that is opened, and did not just come to the list
	At      desk   // of the one that is opened; no item: nothing is
	Review  *review
	Paper   *paperwork
}

// review is an obligation with what its unit says.
type review struct {
	record
	Said   api.Event // what waits for an answer; zero: it is not known
	Course []api.Event
}

// desk is where a form of the desk stands: about which item, and what is opened after it. The zero desk is the page of the
// thing itself.
type desk struct{ path, tab, item, next string }

// action returns where a form is posted to; own is where it is on the page of the thing itself.
func (d desk) action(own string) string {
	if d.path == "" {
		return own
	}
	return d.path
}

// address returns the desk with an item opened; "": none.
func (d desk) address(item string) string {
	q := url.Values{"tab": {d.tab}}
	if item != "" {
		q.Set("open", item)
	}
	return d.path + "?" + q.Encode()
}

func (s *server) registerOfficeDesk(p routes) { p.post("/plans/:plan/desk", s.actAtDesk) }

func (s *server) officeDesk(c *gin.Context) {
	if f, ok := s.planFrame(c, textDesk, menuDesk); ok {
		s.showOfficeDesk(c, http.StatusOK, f, c.Query("tab"), c.Query("open"))
	}
}

func (s *server) showOfficeDesk(c *gin.Context, status int, f frame, tab, open string) {
	d, err := s.readOfficeDesk(c, f, tab, open)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Wide, f.Scripts = true, []string{"officedesk.js"}
	s.render(c, status, officeDeskPage(f, d))
}

func (s *server) readOfficeDesk(c *gin.Context, f frame, tab, open string) (officeDesk, error) {
	d := officeDesk{Tabs: tabsOf(f.Who.Role), Reading: open != ""}
	if err := s.countDesk(c, f, d.Tabs); err != nil {
		return d, err
	}
	i := slices.IndexFunc(d.Tabs, func(t deskTab) bool { return t.key == tab })
	if i < 0 { // where something waits
		i = max(0, slices.IndexFunc(d.Tabs, func(t deskTab) bool { return t.count > 0 }))
	}
	d.Tab = d.Tabs[i]
	d.At = desk{path: plansPath(f.Plan.Code, "desk"), tab: d.Tab.key}
	if err := s.readQueue(c, f, &d); err != nil {
		return d, err
	}
	if open == "" && len(d.Items) > 0 {
		open = d.Items[0].item
	}
	return d, s.openQueued(c, f, &d, open)
}

// countDesk counts what waits, by tab.
func (s *server) countDesk(c *gin.Context, f frame, tabs []deskTab) error {
	for i, t := range tabs {
		for _, w := range t.waits {
			n, err := s.waiting(c, f, url.Values{"waitsFor": {string(w)}})
			if err != nil {
				return err
			}
			tabs[i].count += n
		}
		if t.key != tabDraft {
			continue
		}
		leaders, err := s.waiting(c, f, url.Values{"waitsFor": {string(obligation.WaitDraft)}, "waitingOn": {string(obligation.RoleLeader)}})
		if err != nil {
			return err
		}
		if tabs[i].count -= leaders; f.Who.Role == account.Leader {
			tabs[i].count = leaders
		}
	}
	return nil
}

func (s *server) waiting(c *gin.Context, f frame, query url.Values) (int, error) {
	page, err := s.obligationsOf(c, f.Plan.Code, 1, query)
	return page.Total, err
}

// queueLength is how many of what waits are listed at once.
const queueLength = 50

// readQueue lists what waits under the tab: obligations as they fall due, documents newest first.
func (s *server) readQueue(c *gin.Context, f frame, d *officeDesk) error {
	q := url.Values{"cursor": {c.Query("cursor")}}
	var next string
	if d.Tab.papers {
		q.Set("plan", f.Plan.Code)
		q.Set("limit", "50")
		q.Set("waitingOn", string(obligation.ToOffice))
		q.Set("status", string(obligation.DocumentDraft))
		switch {
		case d.Tab.key == tabInterview:
			q.Set("status", string(obligation.DocumentIssued))
		case f.Who.Role == account.Leader:
			q.Set("waitingOn", string(obligation.RoleLeader))
		}
		page, err := get[api.DocumentPage](s, c, "/documents", q)
		if err != nil {
			return err
		}
		_, names, err := s.unitsOf(c, f)
		if err != nil {
			return err
		}
		for _, doc := range page.Documents {
			d.Items = append(d.Items, queuedPaper(doc, nameOf(names, doc.Unit)))
		}
		next = page.Next
	} else {
		q.Set("waitsFor", string(d.Tab.waits[0]))
		page, err := s.obligationsOf(c, f.Plan.Code, queueLength, q)
		if err != nil {
			return err
		}
		for _, o := range page.Obligations {
			d.Items = append(d.Items, queuedObligation(o))
		}
		next = page.Next
	}
	if next != "" {
		d.More = d.At.path + "?" + url.Values{"tab": {d.Tab.key}, "cursor": {next}}.Encode()
	}
	return nil
}

func queuedPaper(d api.Document, unit string) queued {
	q := queued{
		item: strings.Join([]string{d.Measure, d.Unit, d.Period, string(d.Rung)}, "/"), title: d.Title, unit: unit, note: d.RungLabel, at: d.Drafted,
	}
	m := d.Meeting
	switch {
	case d.Status == obligation.DocumentDraft || m == nil:
	case m.Held.IsZero():
		q.note, q.at = "待举行并登记", m.At
	case m.Rectification != nil:
		q.note, q.at, q.due = m.Rectification.StatusLabel, m.Rectification.Reported, m.Rectification.Due
	}
	return q
}

func queuedObligation(o api.Obligation) queued {
	q := queued{
		item: strings.Join([]string{o.Measure, o.Unit, o.Period}, "/"), title: o.Title, unit: o.UnitName, note: o.PeriodLabel,
		due: o.Deadline, light: o,
	}
	switch {
	case o.Suspended != nil:
		q.at = o.Suspended.Since
	case o.Application != nil:
		q.at = o.Application.At
	case o.SentBack != nil:
		q.at = o.SentBack.At
	}
	return q
}

// openQueued reads the item that is opened, and which one comes after it.
func (s *server) openQueued(c *gin.Context, f frame, d *officeDesk, item string) error {
	address := append([]string{f.Plan.Code}, strings.Split(item, "/")...)
	var err error
	switch len(address) {
	case 4:
		d.Review, err = s.review(c, address, d.Tab.key)
	case 5:
		var p paperwork
		p, err = s.paperwork(c, address)
		d.Paper = &p
	default:
		d.Reading = false
		return nil
	}
	d.At.item = item
	i := slices.IndexFunc(d.Items, func(q queued) bool { return q.item == item })
	switch {
	case i >= 0 && i+1 < len(d.Items):
		d.At.next = d.Items[i+1].item
	case i > 0:
		d.At.next = d.Items[i-1].item
	}
	return err
}

// saidBy names the entry of the ledger by which a unit asks for what waits under a tab.
var saidBy = map[string]obligation.EventKind{
	tabSubmission: obligation.Submitted, tabExtension: obligation.ExtensionAsked, tabSendBack: obligation.SentBack, tabSuspension: obligation.Suspended,
}

// review reads an obligation, what its unit says and what has become of it. The ledger is read backwards until that is found.
func (s *server) review(c *gin.Context, address []string, tab string) (*review, error) {
	o, err := get[api.ObligationDetail](s, c, "/obligations"+at(address...), nil)
	if err != nil {
		return nil, err
	}
	r := &review{record: record{ObligationDetail: o}}
	for last := o.Seq; last > 0 && r.Said.Seq == 0; last -= entriesAtOnce {
		events, err := s.entries(c, o.Obligation, last)
		if err != nil {
			return nil, err
		}
		for _, e := range slices.Backward(events) {
			if e.Kind == saidBy[tab] && r.Said.Seq == 0 {
				r.Said = e
			}
			if e.By.Role != obligation.RoleSystem || e.Kind == obligation.Overdue {
				r.Course = append(r.Course, e)
			}
		}
	}
	return r, nil
}

// entriesAtOnce is how many entries of a ledger are read at once: nearly always all that there are.
const entriesAtOnce = 50

// entries returns the entries of a ledger up to one of them, as many as are read at once.
func (s *server) entries(c *gin.Context, o api.Obligation, last int) ([]api.Event, error) {
	first := max(0, last-entriesAtOnce)
	page, err := get[api.LedgerPage](s, c, obligationAt(o)+"/ledger", url.Values{"after": {strconv.Itoa(first)}, "limit": {strconv.Itoa(last - first)}})
	return page.Events, err
}

// Shown are the files that go with what the unit says; before are those of earlier reports.
func (r review) files() (shown, before []api.EvidenceItem) {
	for _, e := range r.Evidence {
		switch {
		case e.Staged:
		case e.Seq == r.Said.Seq:
			shown = append(shown, e)
		default:
			before = append(before, e)
		}
	}
	return shown, before
}

// The types of pictures that browsers show, and up to how many bytes one is shown in the page.
var pictures = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"}

const maxPicture = 8 << 20

func isPicture(e api.EvidenceItem) bool {
	return slices.Contains(pictures, e.Type) && e.Size <= maxPicture
}

// deskOffers returns the forms that answer what waits.
func deskOffers(f frame, r review) []officeAct {
	if f.Who.Role != account.Office {
		return nil
	}
	return slices.DeleteFunc(officeOffers(r.record), func(a officeAct) bool { return !a.prominent || a.verb == "nudge" })
}

// actAtDesk carries out what a form of the desk says, and opens what waits next. Where it is refused the same one stays open
// with what was typed.
func (s *server) actAtDesk(c *gin.Context) {
	f, ok := s.planFrame(c, textDesk, menuDesk)
	if !ok {
		return
	}
	item, verb := c.PostForm("item"), c.PostForm("verb")
	at := desk{path: plansPath(f.Plan.Code, "desk"), tab: c.PostForm("tab")}
	known, notice, err := s.putAtDesk(c, f, item, verb)
	switch {
	case !known:
		s.lost(c)
	case err != nil:
		f = s.with(c, f, err)
		s.showOfficeDesk(c, f.refused.Status, f, at.tab, item)
	default:
		done(c, at.address(c.PostForm("next")), notice)
	}
}

// putAtDesk has the API carry out a command about an item, and returns the key of what is said then.
func (s *server) putAtDesk(c *gin.Context, f frame, item, verb string) (known bool, notice string, err error) {
	address := append([]string{f.Plan.Code}, strings.Split(item, "/")...)
	if len(address) == 5 {
		known, err = s.putDocument(c, f, address, verb)
		return known, documentNotice(verb), err
	}
	body, known := acts[verb]
	if !known || len(address) != 4 {
		return false, "", nil
	}
	_, err = send[api.Event](s, c, http.MethodPost, "/obligations"+at(append(address, verb)...), body(c))
	return true, verb, err
}
