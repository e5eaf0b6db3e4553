package obligation

import (
	"fmt"
	"time"

	"duban/calendar"
)

// Message is a notice in the outbox, waiting to go into somebody's digest.
type Message struct {
	ID         int64     `json:"id"`
	Obligation ID        `json:"obligation"`
	Assessment string    `json:"assessment,omitempty"` // what it is about instead: plan/half
	Recipient  string    `json:"recipient"`            // a unit's code, or "office"
	Created    time.Time `json:"created"`
	Notice     Notice    `json:"notice"`
}

// About names what the message is about: an obligation's ID, or an assessment's.
func (m Message) About() string {
	if m.Assessment != "" {
		return m.Assessment
	}
	return m.Obligation.String()
}

// RecipientOf returns the address of a notice's recipient: the unit's code, or "office".
func RecipientOf(id ID, to Recipient) string {
	if to == ToOffice {
		return string(ToOffice)
	}
	return id.Unit
}

// Digest is what one recipient is told at one time, all in one.
type Digest struct {
	ID        string        `json:"id"` // plan/recipient/date, or plan/recipient/date/urgent-N for what could not wait
	Plan      string        `json:"plan"`
	Recipient string        `json:"recipient"`
	Day       calendar.Date `json:"day"`
	Created   time.Time     `json:"created"`
	Read      time.Time     `json:"read,omitzero"`
	Messages  []Message     `json:"messages"`
}

// DeliveryStatus is what became of one digest on one channel to one address.
type DeliveryStatus string

// The states of a delivery. Unknown is shown to the office and never repeated by itself.
const (
	DeliveryPending DeliveryStatus = "pending"
	DeliverySending DeliveryStatus = "sending"
	DeliverySent    DeliveryStatus = "sent"
	DeliveryFailed  DeliveryStatus = "failed"
	DeliveryUnknown DeliveryStatus = "unknown"
)

// Delivery is one digest on one channel to one address; the three are its unique key.
type Delivery struct {
	Digest   string         `json:"digest"`
	Channel  string         `json:"channel"`
	Address  string         `json:"address"`
	Status   DeliveryStatus `json:"status"`
	Attempts int            `json:"attempts"`
	Error    string         `json:"error,omitempty"`
	At       time.Time      `json:"at"`
}

// Dispatch is a delivery with whom it is for.
type Dispatch struct {
	Delivery
	Recipient string        // a unit's code, or "office"
	Day       calendar.Date // of the digest
}

// DispatchFilter selects deliveries of a plan.
type DispatchFilter struct {
	Plan     string
	Statuses []DeliveryStatus // none: all
	After    string           // cursor: the last page's
	Limit    int              // 1 to 200
}

// Post is a notice for the outbox that follows from no event of a ledger. Key makes it unique.
type Post struct {
	Key        string
	Obligation ID
	Recipient  string
	Created    time.Time
	Notice     Notice
}

// HolderNotices remind whoever holds a document that waits for him; n is the reminder's running number. Where a unit has
// missed the deadline of what it has to put right, the office is told as well.
func HolderNotices(d Document, n int, now time.Time, loc *time.Location) []Post {
	notice := Notice{Kind: Drafted, Rung: d.Rung, To: ToOffice, Title: d.Title}
	r := d.rectification()
	switch {
	case d.Status == DocumentDraft:
		notice.Text = fmt.Sprintf(textDraftWaits, d.Rung.Chinese())
	case r.WithUnit():
		return rectificationPosts(d, *r, n, now, loc)
	case r.Open():
		notice.Kind, notice.Text, notice.Seq = Rectified, textVerifyWaits, r.Seq
	default:
		notice.Kind, notice.Text = Issued, textInterviewWaits
	}
	notice.Why = fmt.Sprintf(textHolderWhy, n)
	key := fmt.Sprintf("%s/%s/%d", DocumentID(d.Obligation, d.Rung), d.Status, n)
	switch {
	case d.awaitsMeeting():
		// An interview that was put off is counted anew from its new date.
		key += "/" + d.Meeting.At.UTC().Format("20060102T1504")
	case r.Open():
		key += fmt.Sprintf("/%d", r.Seq)
	}
	return []Post{{Key: key, Obligation: d.Obligation, Recipient: string(ToOffice), Created: now, Notice: notice}}
}

// rectificationPosts remind the unit of what it has to put right.
func rectificationPosts(d Document, r Rectification, n int, now time.Time, loc *time.Location) []Post {
	key := fmt.Sprintf("%s/%s/%d/%d", DocumentID(d.Obligation, d.Rung), d.Status, n, r.Seq)
	notice := Notice{
		Seq: r.Seq, Kind: InterviewHeld, Rung: d.Rung, To: ToUnit, Title: d.Title, Text: fmt.Sprintf(textRectifySoon, r.Due.Chinese()),
		Why: fmt.Sprintf(textRectifyWhy, n),
	}
	late := r.OverdueOn(calendar.DateOf(now, loc))
	if late {
		notice.Text = fmt.Sprintf(textRectifyLate, r.Due.Chinese())
	}
	posts := []Post{{Key: key, Obligation: d.Obligation, Recipient: d.Obligation.Unit, Created: now, Notice: notice}}
	if late {
		notice.To, notice.Text = ToOffice, fmt.Sprintf(textRectifyUnitLate, r.Due.Chinese())
		posts = append(posts, Post{Key: key + "/office", Obligation: d.Obligation, Recipient: string(ToOffice), Created: now, Notice: notice})
	}
	return posts
}
