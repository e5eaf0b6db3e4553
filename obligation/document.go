package obligation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/calendar"
)

// DocumentStatus is where a document stands.
type DocumentStatus string

// The states of a document.
const (
	DocumentDraft     DocumentStatus = "draft"
	DocumentIssued    DocumentStatus = "issued"
	DocumentWithdrawn DocumentStatus = "withdrawn"
)

// Document (文书) is the letter, circular, interview notice … of one formal rung of one obligation.
type Document struct {
	Obligation ID             `json:"obligation"`
	Rung       Rung           `json:"rung"`
	Status     DocumentStatus `json:"status"`
	SignOff    SignOff        `json:"signOff"`
	Unit       string         `json:"unit"`
	Title      string         `json:"title"`
	Body       string         `json:"body"`
	Drafted    time.Time      `json:"drafted"`
	Number     string         `json:"number,omitempty"` // 长安委办〔2026〕5号; from sign-off on
	SignedBy   string         `json:"signedBy,omitempty"`
	Settled    time.Time      `json:"settled,omitzero"` // issued or withdrawn
	Reason     string         `json:"reason,omitempty"` // of a withdrawal

	Meeting *Meeting `json:"meeting,omitempty"` // interviews only
}

// DocumentID names a document: one per obligation and formal rung.
func DocumentID(id ID, rung Rung) string { return id.String() + "/" + string(rung) }

// Series (发文字号) is a gapless series of document numbers within one year.
type Series struct {
	Code string `json:"code"` // 长安委办
	Year int    `json:"year"`
}

// Format returns the number as GB/T 9704 writes it: 长安委办〔2026〕5号, without 第 and leading zeros.
func (s Series) Format(n int) string { return fmt.Sprintf("%s〔%d〕%d号", s.Code, s.Year, n) }

// SeriesOf returns the series a rung's documents are numbered in on a day: the committee's own for circulars and
// beyond, the office's for letters and interview notices.
func SeriesOf(r Rung, on calendar.Date) Series {
	if r == Circular || r == Expose || r == Transfer {
		return Series{Code: seriesCommittee, Year: on.Year()}
	}
	return Series{Code: seriesOffice, Year: on.Year()}
}

// Draft returns the document of a Drafted event; s is the state after it.
func Draft(s State, e Event) Document {
	st, _ := s.Policy.Ladder.step(e.Step)
	d := Document{
		Obligation: s.ID, Rung: e.Rung, Status: DocumentDraft, SignOff: st.SignOff, Unit: s.ID.Unit, Drafted: e.At,
		Title: fmt.Sprintf(draftTitles[e.Rung], s.Title),
	}
	today := calendar.DateOf(e.At, s.Policy.Location())
	stands := fmt.Sprintf(draftLate, int(today-s.Due))
	if s.Stage == StageReturned {
		stands = fmt.Sprintf(draftReturned, s.Anchor.Chinese(), int(today-s.Anchor))
	}
	d.Body = fmt.Sprintf(draftBody, s.UnitName, s.PlanTitle, s.Task, s.Quote, s.Title, s.Due.Chinese(), stands+s.taken(), draftDemands[e.Rung])
	return d
}

// taken says in Chinese what was done before a draft: the reminders to the unit for the present deadline, and the documents
// that reached it. Of a step that repeats the ledger's state keeps the last time alone, so there were at least as many.
func (s State) taken() string {
	loc := s.Policy.Location()
	var reminded []time.Time
	for _, st := range s.Policy.Ladder.Steps {
		if m, ok := s.Marks[st.Code]; ok && st.To == ToUnit && !slices.ContainsFunc(reminded, m.At.Equal) {
			reminded = append(reminded, m.At)
		}
	}
	text := ""
	if n := len(reminded); n > 0 {
		last := slices.MaxFunc(reminded, time.Time.Compare)
		text = fmt.Sprintf(draftReminded, n, calendar.DateOf(last, loc).Chinese())
	}
	var letters []string
	for _, f := range s.Formals {
		if f.Number != "" {
			letters = append(letters, fmt.Sprintf(draftSent, f.Rung.Chinese(), f.Number, calendar.DateOf(f.Settled, loc).Chinese()))
		}
	}
	if len(letters) > 0 {
		text += fmt.Sprintf(draftFormals, strings.Join(letters, "、"))
	}
	return text
}
