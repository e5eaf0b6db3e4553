package obligation

import (
	"fmt"
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

// Meeting is the date and the outcome of an interview (约谈).
type Meeting struct {
	At      time.Time `json:"at"`
	Place   string    `json:"place"`
	Held    time.Time `json:"held,omitzero"`
	Outcome string    `json:"outcome,omitempty"`
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
	d.Body = fmt.Sprintf(draftBody, s.UnitName, s.PlanTitle, s.Task, s.Quote, s.Title, s.Due.Chinese(), stands, draftDemands[e.Rung])
	return d
}
