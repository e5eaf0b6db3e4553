package obligation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
	"duban/plan"
)

// Grade is how grave a hazard is.
type Grade string

// The grades.
const (
	Major   Grade = "major"   // 重大事故隐患
	General Grade = "general" // 一般事故隐患
)

// Grades are both, in the order in which people are shown them.
var Grades = []Grade{Major, General}

// HazardSource is how a hazard came to be known.
type HazardSource string

// The sources.
const (
	SelfCheck    HazardSource = "self_check"    // 企业自查
	ByInspection HazardSource = "inspection"    // 督导检查
	PublicReport HazardSource = "public_report" // 群众举报
)

// The greatest lengths of what an entry says, in characters.
const (
	maxHazardName = 200
	maxHazardText = 2000
)

// HazardSources are all, in the order in which people are shown them.
var HazardSources = []HazardSource{SelfCheck, ByInspection, PublicReport}

// Hazard (事故隐患) is the register's entry (台账) of an obligation that is a hazard to be put right. Its number is the obligation's
// period, its accountable unit the obligation's, its deadline the obligation's due date.
type Hazard struct {
	Year   int `json:"year"`   // of its entry
	Number int `json:"number"` // gapless within the plan and year, from 1

	Source     HazardSource  `json:"source"`
	Reference  string        `json:"reference,omitempty"`  // where the source is found: a record, a letter, a call
	Inspection string        `json:"inspection,omitempty"` // ID of the inspection that found it
	Finding    string        `json:"finding,omitempty"`    // ID of the finding that was promoted to it
	Grade      Grade         `json:"grade"`
	Industry   string        `json:"industry"` // code: see Industries
	Region     string        `json:"region"`   // code of the street or town
	RegionName string        `json:"regionName,omitempty"`
	Enterprise string        `json:"enterprise"`
	Place      string        `json:"place"`
	Principal  string        `json:"principal,omitempty"` // 主要负责人、实际控制人
	Notified   string        `json:"notified,omitempty"`  // when and how he was told
	Text       string        `json:"text"`                // what the hazard is
	Basis      string        `json:"basis,omitempty"`     // 判定依据
	Measures   string        `json:"measures,omitempty"`  // what has to be done, and what holds until then
	Found      calendar.Date `json:"found"`

	Reviewer     string `json:"reviewer,omitempty"` // code of the unit that 审核把关; always one where it is major
	ReviewerName string `json:"reviewerName,omitempty"`
	PublicTitle  string `json:"publicTitle,omitempty"` // under which it may be made known

	Former    string        `json:"former,omitempty"`   // number of the entry that this is a relapse of
	Cancelled calendar.Date `json:"cancelled,omitzero"` // of history: the day it was put right and cancelled
}

// Key returns the hazard's number as it stands in addresses: 2026-003.
func (h Hazard) Key() string { return fmt.Sprintf("%d-%03d", h.Year, h.Number) }

// Label returns the number as people write it: 长隐〔2026〕3号.
func (h Hazard) Label() string { return Series{seriesHazard, h.Year}.Format(h.Number) }

// title names the obligation in lists and documents.
func (h Hazard) title() string {
	text := []rune(h.Text)
	if len(text) > maxHazardTitle {
		text = append(text[:maxHazardTitle:maxHazardTitle], '…')
	}
	return h.Enterprise + "：" + string(text)
}

// maxHazardTitle is how much of a hazard's description its title says, in characters.
const maxHazardTitle = 40

// trimmed returns the entry without white space around what was written.
func (h Hazard) trimmed() Hazard {
	for _, text := range h.texts() {
		*text.value = strings.TrimSpace(*text.value)
	}
	return h
}

type hazardText struct {
	value *string
	most  int // characters
}

func (h *Hazard) texts() []hazardText {
	return []hazardText{
		{&h.Reference, maxHazardName},
		{&h.Inspection, maxHazardName},
		{&h.Enterprise, maxHazardName},
		{&h.Place, maxHazardName},
		{&h.Principal, maxHazardName},
		{&h.Notified, maxHazardName},
		{&h.PublicTitle, maxHazardName},
		{&h.Former, maxHazardName},
		{&h.Text, maxHazardText},
		{&h.Basis, maxHazardText},
		{&h.Measures, maxHazardText},
	}
}

// SameAs reports whether both name the same hazard: the same enterprise, place, text and day on which it was found. White
// space does not count.
func (h Hazard) SameAs(o Hazard) bool {
	return h.Found == o.Found && plan.Squeeze(h.Enterprise) == plan.Squeeze(o.Enterprise) && plan.Squeeze(h.Place) == plan.Squeeze(o.Place) &&
		plan.Squeeze(h.Text) == plan.Squeeze(o.Text)
}

// Registration is what is to be entered into the register.
type Registration struct {
	By     Actor         `json:"by"`
	Key    string        `json:"key,omitempty"`   // idempotency key
	Unit   string        `json:"unit"`            // code of the accountable unit
	Due    calendar.Date `json:"due"`             // deadline of the rectification
	Hazard Hazard        `json:"hazard"`          // without number and names
	Asked  string        `json:"asked,omitempty"` // of a promotion, whose Key is the finding's: the idempotency key of whoever asked for it
}

// Carrier returns the measure under which hazards are entered.
func (d Definition) Carrier() (plan.Measure, bool) {
	for _, m := range d.Plan.Measures {
		if m.Form == plan.FormHazard {
			return m, true
		}
	}
	return plan.Measure{}, false
}

// ladderHazard is the ladder that hazards run by, where the plan has it; else that of the measure.
const ladderHazard = "hazard"

// HazardOpening returns the opening of a hazard's obligation as its n-th of the year, or an *Error. at is the time of day of
// the steps. One whose deadline has passed is still owed, and one that was cancelled is history.
func (d Definition) HazardOpening(r Registration, n int, at time.Duration, now time.Time) (Opening, error) {
	m, ok := d.Carrier()
	today := calendar.DateOf(now, Location(d.Plan.Zone))
	if !ok || today > d.Plan.To {
		return Opening{}, refuse(CodeHazardNoMeasure)
	}
	h := r.Hazard.trimmed()
	if err := h.check(r.Due, today); err != nil {
		return Opening{}, err
	}
	unit, known := d.Plan.Unit(r.Unit)
	if !known || !m.Audience.Selects(unit) {
		return Opening{}, refuse(CodeHazardUnit)
	}
	region, known := d.Plan.Unit(h.Region)
	if !known || region.Kind != plan.KindStreet {
		return Opening{}, refuse(CodeHazardRegion)
	}
	if h.Reviewer != "" {
		reviewer, known := d.Plan.Unit(h.Reviewer)
		if !known || h.Reviewer == r.Unit {
			return Opening{}, refuse(CodeHazardReviewer)
		}
		h.ReviewerName = reviewer.Name
	}
	h.RegionName, h.Year, h.Number = region.Name, today.Year(), n
	o := Opening{
		Policy: Policy{Ladder: d.hazardLadder(m), Zone: d.Plan.Zone, RestDayRule: d.Plan.RestDayRule, At: at},
		Facts: Facts{
			ID: ID{Plan: d.Plan.Code, Measure: m.Code, Unit: unit.Code, Period: h.Key()}, Task: m.Task, PlanTitle: d.Plan.Title, Title: h.title(),
			Quote: m.Quote, Done: textHazardDone, UnitName: unit.Name, Period: h.Label(), Due: r.Due, Hazard: &h,
		},
	}
	switch {
	case !h.Cancelled.IsZero():
		o.Outcome = Done
	case r.Due < today:
		o.AsOf, o.Outcome = today, Owed
	}
	return o, nil
}

func (d Definition) hazardLadder(m plan.Measure) Ladder {
	if i := slices.IndexFunc(d.Ladders, func(l Ladder) bool { return l.Code == ladderHazard }); i >= 0 {
		return d.Ladders[i]
	}
	return d.LadderOf(m)
}

// check returns an *Error where an entry says too little, or what can't be.
func (h Hazard) check(due, today calendar.Date) error {
	for _, text := range h.texts() {
		if utf8.RuneCountInString(*text.value) > text.most {
			return refuse(CodeHazardTextTooLong)
		}
	}
	switch {
	case h.Enterprise == "", h.Place == "", h.Text == "", !slices.Contains(Grades, h.Grade), !slices.Contains(HazardSources, h.Source):
		return refuse(CodeHazardIncomplete)
	case IndustryName(h.Industry) == "":
		return refuse(CodeHazardIndustry)
	case h.Grade == Major && h.Reviewer == "" && h.Cancelled.IsZero():
		return refuse(CodeHazardReviewer)
	case h.Found.IsZero(), h.Found > today, due < h.Found, !h.Cancelled.IsZero() && (h.Cancelled < h.Found || h.Cancelled > today):
		return refuse(CodeHazardDates)
	}
	return nil
}

// OpenHazard returns the event that enters a hazard into the register.
func OpenHazard(o Opening, r Registration, cal *calendar.Calendar, now time.Time) Event {
	e := Open(o, cal, now)
	e.By, e.Key, e.Asked = r.By, r.Key, r.Asked
	e.Hand = e.touches()
	return e
}

// The commands about hazards.
const (
	Supervise  CommandKind = "supervise"   // a leader or the office lists it for supervision (挂牌督办)
	Regrade    CommandKind = "regrade"     // the office grades it otherwise
	PassReview CommandKind = "pass_review" // the reviewer finds it put right
	FailReview CommandKind = "fail_review" // or does not, and says why
)

// HazardCommands are all of them.
var HazardCommands = []CommandKind{Supervise, Regrade, PassReview, FailReview}

// The events about hazards.
const (
	Supervised   EventKind = "supervised"
	Regraded     EventKind = "regraded"
	ReviewPassed EventKind = "review_passed"
	ReviewFailed EventKind = "review_failed"
)

// Supervision (挂牌督办) is that somebody with the power to do so watches over a hazard.
type Supervision struct {
	Seq       int       `json:"seq"`
	At        time.Time `json:"at"`
	By        Actor     `json:"by"`
	Authority string    `json:"authority"` // the document by which it is listed, and who supervises
}

// Review (审核) is the reviewer's word on a rectification that was reported.
type Review struct {
	Seq     int           `json:"seq"`
	At      time.Time     `json:"at"`
	By      Actor         `json:"by"`
	Checked calendar.Date `json:"checked"` // the day of the check on the spot
	Text    string        `json:"text"`
	Passed  bool          `json:"passed"`
}

// hazard decides a command about a hazard.
func (s State) hazard(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	switch {
	case s.Hazard == nil:
		return Event{}, refuse(CodeNoHazard)
	case c.Text == "":
		return Event{}, refuse(CodeReasonMissing)
	case c.Kind == Supervise:
		if s.Supervision != nil {
			return Event{}, refuse(CodeSupervised)
		}
		return Event{Kind: Supervised, To: ToUnit}, nil
	case c.Kind == Regrade:
		return s.regrade(c)
	default:
		return s.review(c, cal, now)
	}
}

func (s State) regrade(c Command) (Event, error) {
	if c.Hazard == nil || !slices.Contains(Grades, c.Hazard.Grade) {
		return Event{}, refuse(CodeHazardIncomplete)
	}
	h, facts := *s.Hazard, s.Facts
	h.Grade = c.Hazard.Grade
	if c.Hazard.Reviewer != "" {
		h.Reviewer, h.ReviewerName = c.Hazard.Reviewer, c.Hazard.ReviewerName
	}
	switch {
	case h == *s.Hazard:
		return Event{}, refuse(CodeNothingToDo)
	case h.Reviewer == s.ID.Unit, h.Grade == Major && h.Reviewer == "":
		return Event{}, refuse(CodeHazardReviewer)
	}
	facts.Hazard = &h
	return Event{Kind: Regraded, To: ToUnit, Facts: &facts}, nil
}

func (s State) review(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	today := calendar.DateOf(now, s.Policy.Location())
	switch {
	case s.Stage != StageSubmitted:
		return Event{}, refuse(CodeNotSubmitted)
	case !s.WithReviewer():
		return Event{}, refuse(CodeReviewed)
	case c.By.Role == RoleUnit && c.Unit != s.Hazard.Reviewer:
		return Event{}, refuse(CodeNotReviewer)
	case c.Checked.IsZero(), c.Checked < s.Hazard.Found, c.Checked > today:
		return Event{}, refuse(CodeCheckedInvalid)
	case c.Kind == PassReview:
		return Event{Kind: ReviewPassed, Checked: c.Checked}, nil
	}
	e, err := s.giveBack(c, cal, now)
	e.Kind, e.Checked = ReviewFailed, c.Checked
	return e, err
}

// WithReviewer reports whether a rectification was reported that the reviewer has not looked at yet.
func (s State) WithReviewer() bool {
	return s.Stage == StageSubmitted && s.Hazard != nil && s.Hazard.Reviewer != "" && !s.reviewed()
}

// IsReviewedBy reports whether it is a hazard that the unit reviews.
func (s State) IsReviewedBy(unit string) bool {
	return s.Hazard != nil && unit != "" && s.Hazard.Reviewer == unit
}

// reviewed reports whether the rectification that was reported last has passed the review.
func (s State) reviewed() bool { return s.Review != nil && s.Review.Passed }

// CancelledOn returns the day of a hazard's cancellation (销号) in the plan's zone; zero where it is open, or was none (误报).
func (s State) CancelledOn() calendar.Date {
	if s.Stage == StageAccepted {
		return calendar.DateOf(s.Closed, s.Policy.Location())
	}
	return s.Hazard.Cancelled
}

// unlisted reports whether it waits for being listed for supervision: a major hazard that nobody has listed, or taken on, yet.
// Its deadline runs all the same, for it has to be put right at once (即查即改).
func (s State) unlisted() bool {
	return s.Stage == StageOpen && s.Hazard != nil && s.Hazard.Grade == Major && s.Supervision == nil && !s.Overdue &&
		s.Suspension == nil && s.Application == nil && s.Objection == nil
}

func applyReview(s State, e Event) State {
	s.Review = &Review{Seq: e.Seq, At: e.At, By: e.By, Checked: e.Checked, Text: e.Text, Passed: e.Kind == ReviewPassed}
	if e.Kind == ReviewPassed {
		return s.withoutMarks(AnchorSubmitted) // the office is given something now
	}
	return applyReturn(s, e)
}

func applyReturn(s State, e Event) State {
	if e.Facts != nil {
		s.Facts = *e.Facts
	}
	s.Stage, s.Round = StageReturned, s.Round+1
	return s.until(e)
}

// Presented returns when the report was given to whoever has it now.
func (s State) Presented() time.Time {
	if s.reviewed() {
		return s.Review.At
	}
	return s.Submitted
}

// tellHazard completes the notices of an event about a hazard.
func (s State) tellHazard(e Event, n Notice) []Notice {
	switch e.Kind {
	case Opened:
		reviewer, office := n, n
		reviewer.To, reviewer.Text = ToReviewer, fmt.Sprintf(textHazardReviewer, s.Hazard.Label(), s.UnitName, s.Due.Chinese())
		office.To, office.Text = ToOffice, fmt.Sprintf(textHazardToList, s.Hazard.Label(), s.UnitName)
		out := []Notice{n}
		if s.Hazard.Reviewer != "" {
			out = append(out, reviewer)
		}
		if s.unlisted() {
			out = append(out, office)
		}
		return out
	case Supervised:
		n.Urgent = true
		n.Text = fmt.Sprintf(textSupervised, s.Hazard.Label(), s.Anchor.Chinese(), e.Text)
	case Regraded:
		n.Text = fmt.Sprintf(textRegraded, s.Hazard.Grade.Chinese(), e.Text)
	case ReviewPassed:
		n.To, n.Text = ToOffice, fmt.Sprintf(textReviewPassed, s.Hazard.ReviewerName, e.Checked.Chinese(), e.Text)
	case ReviewFailed:
		n.Urgent = true
		n.Text = fmt.Sprintf(textReviewFailed, s.Hazard.ReviewerName, e.Checked.Chinese(), s.Anchor.Chinese(), e.Text)
	default:
	}
	return []Notice{n}
}

// Address returns the address of a notice's recipient: the unit's code, the reviewer's, or "office".
func (s State) Address(to Recipient) string {
	if to == ToReviewer && s.Hazard != nil {
		return s.Hazard.Reviewer
	}
	return RecipientOf(s.ID, to)
}

// HolderName returns the name of who holds the ball, "" for the office, and where nobody does.
func (s State) HolderName() string {
	switch on := s.WaitingOn(); {
	case on == s.ID.Unit:
		return s.UnitName
	case s.WithReviewer() && on == s.Hazard.Reviewer:
		return cmp.Or(s.Hazard.ReviewerName, on)
	default:
		return ""
	}
}

// HazardFilter selects obligations that are hazards; zero fields select all of them.
type HazardFilter struct {
	Numbers    []string // keys
	Grades     []Grade
	Sources    []HazardSource
	Industries []string
	Regions    []string
	Reviewer   string
	Involved   string // accountable for it, or its reviewer
	Supervised *bool  // listed for supervision
	Year       int    // of the entry
	FoundFrom  calendar.Date
	FoundTo    calendar.Date
	Enterprise string // all of its name
}

// Entered is what a registration led to.
type Entered struct {
	State State `json:"state"` // after the event that opened it
	Event Event `json:"event"`
}
