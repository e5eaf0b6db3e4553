package activities

import (
	"context"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Documents is the part of the store that keeps official documents. Issue and Decide store the decision, the number
// and the document in one transaction and change nothing when asked again.
type Documents interface {
	Drafts(ctx context.Context, id obligation.ID) ([]obligation.Document, error)
	Document(ctx context.Context, id obligation.ID, rung obligation.Rung) (obligation.Document, error)
	Issue(ctx context.Context, id obligation.ID, rung obligation.Rung, series obligation.Series, lettersSince time.Time, by string,
		decide func(s obligation.State, number string, letters int) (obligation.Entry, error)) (obligation.Document, error)
	Decide(ctx context.Context, id obligation.ID, decide func(obligation.State) (obligation.Entry, error)) ([]obligation.Event, error)
	SetMeeting(ctx context.Context, id obligation.ID, rung obligation.Rung, m obligation.Meeting) (obligation.Document, error)
}

// DocumentStart is what the workflow of a document starts from.
type DocumentStart struct {
	Document obligation.Document `json:"document"`
	UnitName string              `json:"unitName,omitempty"`
	Setting  Setting             `json:"setting"`
	Zone     string              `json:"zone"`
	At       time.Duration       `json:"at"`    // time of day at which the holder is reminded
	Nudge    int                 `json:"nudge"` // every so many working days
}

// SignOff lets a document go out.
type SignOff struct {
	Document obligation.Document `json:"document"` // as drafted
	By       obligation.Actor    `json:"by"`
	Key      string              `json:"key,omitempty"`
	Meeting  *obligation.Meeting `json:"meeting,omitempty"` // interviews
	Setting  Setting             `json:"setting"`
	Now      time.Time           `json:"now"`
	Day      calendar.Date       `json:"day"` // of Now, in the plan's zone
}

// IssueDocument signs off a draft: it allocates the number, records the event and stores the document in one
// transaction. It is refused where the unit has reported in the meantime.
func (a *Activities) IssueDocument(ctx context.Context, s SignOff) (obligation.Document, error) {
	d := s.Document
	doc, err := a.Documents.Issue(ctx, d.Obligation, d.Rung, obligation.SeriesOf(d.Rung, s.Day), s.Now.Add(-obligation.LettersWithin), s.By.Name,
		func(st obligation.State, number string, letters int) (obligation.Entry, error) {
			return decide(st, obligation.Command{
				Kind: obligation.Issue, By: s.By, Key: s.Key, Rung: d.Rung, Number: number, Letters: letters,
			}, s.Setting.Calendar, s.Now)
		})
	if err != nil {
		return doc, final(err)
	}
	if s.Meeting != nil {
		if doc, err = a.Documents.SetMeeting(ctx, d.Obligation, d.Rung, *s.Meeting); err != nil {
			return doc, final(err)
		}
	}
	return doc, a.Engine.NotifyDispatch(ctx, d.Obligation.Plan)
}

// Withdrawal takes a draft back.
type Withdrawal struct {
	Document obligation.Document `json:"document"`
	By       obligation.Actor    `json:"by"`
	Key      string              `json:"key,omitempty"`
	Reason   string              `json:"reason"`
	Setting  Setting             `json:"setting"`
	Now      time.Time           `json:"now"`
}

// WithdrawDocument records that a draft does not go out. Asked again it changes nothing.
func (a *Activities) WithdrawDocument(ctx context.Context, w Withdrawal) (obligation.Document, error) {
	d := w.Document
	stored, err := a.Documents.Document(ctx, d.Obligation, d.Rung)
	if err != nil || stored.Status == obligation.DocumentWithdrawn {
		return stored, final(err)
	}
	_, err = a.Documents.Decide(ctx, d.Obligation, func(st obligation.State) (obligation.Entry, error) {
		return decide(st, obligation.Command{
			Kind: obligation.WithdrawDoc, By: w.By, Key: w.Key, Rung: d.Rung, Text: w.Reason,
		}, w.Setting.Calendar, w.Now)
	})
	if err != nil {
		return stored, final(err)
	}
	stored, err = a.Documents.Document(ctx, d.Obligation, d.Rung)
	return stored, final(err)
}

func decide(s obligation.State, c obligation.Command, cal *calendar.Calendar, now time.Time) (obligation.Entry, error) {
	events, err := obligation.Decide(s, c, cal, now)
	if err != nil {
		return obligation.Entry{}, err
	}
	return obligation.NewEntry(s, events, cal), nil
}

// MeetingChange sets date and place of an interview, or its outcome.
type MeetingChange struct {
	Obligation obligation.ID      `json:"obligation"`
	Rung       obligation.Rung    `json:"rung"`
	Meeting    obligation.Meeting `json:"meeting"`
}

// SetMeeting stores date, place and outcome of an interview.
func (a *Activities) SetMeeting(ctx context.Context, m MeetingChange) (obligation.Document, error) {
	doc, err := a.Documents.SetMeeting(ctx, m.Obligation, m.Rung, m.Meeting)
	return doc, final(err)
}

// HolderNotice reminds whoever holds up a document.
type HolderNotice struct {
	Document obligation.Document `json:"document"`
	N        int                 `json:"n"` // running number of the reminder, part of its unique key
	Now      time.Time           `json:"now"`
}

// RemindHolder puts a reminder of an unsettled document into the outbox, once for each running number.
func (a *Activities) RemindHolder(ctx context.Context, h HolderNotice) error {
	return final(a.Outbox.Post(ctx, obligation.HolderNotice(h.Document, h.N, h.Now)))
}
