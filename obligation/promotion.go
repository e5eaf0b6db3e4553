package obligation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"duban/calendar"
)

// Promote is the office's decision that a finding is a major hazard, which is followed up in the register from then on.
const Promote CommandKind = "promote"

// Promoted closes the finding; Number is its hazard's.
const Promoted EventKind = "promoted"

// PromotionKey returns the idempotency key under which the finding's hazard is entered: a finding becomes one hazard, whoever
// asks however often.
func PromotionKey(finding ID) string {
	sum := sha256.Sum256([]byte(finding.String()))
	return "promotion-" + hex.EncodeToString(sum[:])
}

// Promotion returns what is entered for the finding: r says what the inspection did not record, files name what was handed in
// with the finding, and expected is the sequence that the actor saw, as in Command. An *Error says why it can't become a hazard.
func (s State) Promotion(r Registration, files []string, expected int) (Registration, error) {
	inspection, found := s.Found()
	switch {
	case !found:
		return r, refuse(CodeNoFinding)
	case s.Promoted != "":
		return r, refuse(CodePromoted)
	case s.IsClosed():
		return r, refuse(CodeClosed)
	case expected > 0 && s.movedOn(expected, r.By):
		return r, refuse(CodeConflict)
	}
	h := r.Hazard
	h.Source, h.Grade, h.Inspection, h.Finding = ByInspection, Major, inspection.String(), s.ID.String()
	// A finding's title begins with its place, which the entry names by itself.
	h.Text, h.Found = strings.TrimPrefix(s.Title, strings.TrimSpace(h.Enterprise)+"："), calendar.DateOf(s.Opened, s.Policy.Location())
	h.Reference = fmt.Sprintf(textPromotedFrom, s.Period, s.Finding)
	if len(files) > 0 {
		h.Reference += fmt.Sprintf(textPromotedFiles, strings.Join(files, "、"))
	}
	if text := []rune(h.Reference); len(text) > maxHazardName {
		h.Reference = string(text[:maxHazardName-1]) + "…"
	}
	h.Former, h.Cancelled = "", 0
	return Registration{By: r.By, Key: PromotionKey(s.ID), Unit: s.ID.Unit, Due: r.Due, Hazard: h, Asked: r.Asked}, nil
}

// Closing returns the command that closes the finding which the hazard was entered for, and the finding; false: it is of none.
func (e Event) Closing() (ID, Command, bool) {
	if e.Kind != Opened || e.Facts.Hazard == nil || e.Facts.Hazard.Finding == "" {
		return ID{}, Command{}, false
	}
	id, ok := ParseID(e.Facts.Hazard.Finding)
	return id, Command{Kind: Promote, By: e.By, Key: e.Asked, Number: e.Facts.Hazard.Key(), Text: fmt.Sprintf(textPromotedTo, e.Facts.Hazard.Label())}, ok
}

func (s State) promote(c Command) (Event, error) {
	if _, found := s.Found(); !found {
		return Event{}, refuse(CodeNoFinding)
	}
	if c.Number == "" {
		return Event{}, refuse(CodeHazardIncomplete)
	}
	return Event{Kind: Promoted, Number: c.Number}, nil
}

// StageName returns the name people read of how it stands.
func (s State) StageName() string {
	if s.Promoted != "" {
		return textStagePromoted
	}
	return s.Stage.Chinese()
}
