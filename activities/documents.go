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
	// EventByKey returns the event that the command with the idempotency key led to, or CodeNotFound.
	EventByKey(ctx context.Context, id obligation.ID, key string) (obligation.Event, error)
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
				Meeting: s.Meeting,
			}, s.Setting.Calendar, s.Now)
		})
	if err != nil {
		return doc, final(err)
	}
	return doc, a.Engine.NotifyDispatch(ctx, d.Obligation.Plan)
}

// DocumentRef names a document.
type DocumentRef struct {
	Obligation obligation.ID   `json:"obligation"`
	Rung       obligation.Rung `json:"rung"`
}

// ReadDocument returns a document as the record has it.
func (a *Activities) ReadDocument(ctx context.Context, r DocumentRef) (obligation.Document, error) {
	doc, err := a.Documents.Document(ctx, r.Obligation, r.Rung)
	return doc, final(err)
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

// InterviewCommand is a person's command about an interview.
type InterviewCommand struct {
	Obligation obligation.ID      `json:"obligation"`
	Command    obligation.Command `json:"command"`
	Setting    Setting            `json:"setting"`
	Now        time.Time          `json:"now"`
}

// SetMeeting records what becomes of an interview, and returns the notice's document as it is then. Asked again with the
// same key it changes nothing. Recorded histories know it by this name.
func (a *Activities) SetMeeting(ctx context.Context, m InterviewCommand) (obligation.Document, error) {
	doc, err := a.Documents.Document(ctx, m.Obligation, obligation.Interview)
	if err != nil {
		return doc, final(err)
	}
	if doc.Meeting == nil || doc.Status != obligation.DocumentIssued {
		return doc, final(&obligation.Error{Code: obligation.CodeNoMeeting})
	}
	done, err := a.answered(ctx, m)
	if err != nil {
		return doc, err
	}
	urgent := done // the attempt before may have ended before it told anybody
	if !done {
		_, err = a.Documents.Decide(ctx, m.Obligation, func(st obligation.State) (obligation.Entry, error) {
			events, err := obligation.Decide(st.Adopting(doc.Meeting), m.Command, m.Setting.Calendar, m.Now)
			if err != nil {
				return obligation.Entry{}, err
			}
			en := obligation.NewEntry(st, events, m.Setting.Calendar)
			urgent = isUrgent(en)
			return en, nil
		})
		if err != nil {
			// An attempt that was given up for lost may have come first.
			if again, _ := a.answered(ctx, m); !again {
				return doc, final(err)
			}
		}
	}
	if doc, err = a.Documents.Document(ctx, m.Obligation, obligation.Interview); err != nil || !urgent {
		return doc, final(err)
	}
	return doc, a.Engine.NotifyDispatch(ctx, m.Obligation.Plan)
}

// answered reports whether an earlier attempt recorded the command.
func (a *Activities) answered(ctx context.Context, m InterviewCommand) (bool, error) {
	_, err := a.Documents.EventByKey(ctx, m.Obligation, m.Command.Key)
	if obligation.IsNotFound(err) {
		return false, nil
	}
	return err == nil, final(err)
}

// HolderNotice reminds whoever holds up a document.
type HolderNotice struct {
	Document obligation.Document `json:"document"`
	N        int                 `json:"n"` // running number of the reminder, part of its unique key
	Now      time.Time           `json:"now"`
	Zone     string              `json:"zone,omitempty"`
}

// RemindHolder puts a reminder of an unsettled document into the outbox, once for each running number.
func (a *Activities) RemindHolder(ctx context.Context, h HolderNotice) error {
	for _, p := range obligation.HolderNotices(h.Document, h.N, h.Now, obligation.Location(h.Zone)) {
		if err := a.Outbox.Post(ctx, p); err != nil {
			return final(err)
		}
	}
	return nil
}
