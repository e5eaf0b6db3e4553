package obligation

import (
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
)

// Wait is what whoever holds an obligation or a document has to do; "": nothing is left to do.
type Wait string

// What waits for the unit, then what waits for the office or a leader.
const (
	WaitUnit    Wait = "unit"    // to sign for it and to report
	WaitRectify Wait = "rectify" // to report what it has put right after an interview
	WaitReview  Wait = "review"  // of a hazard: to review what was put right; the reviewer has it

	WaitDraft         Wait = "draft"         // a document is to be signed off
	WaitSubmission    Wait = "submission"    // a report is to be reviewed
	WaitExtension     Wait = "extension"     // an application for more time is to be decided
	WaitSendBack      Wait = "sendback"      // an objection is to be decided
	WaitSuspension    Wait = "suspension"    // what is suspended is to go on one day
	WaitInterview     Wait = "interview"     // an interview is to be held and its outcome recorded
	WaitRectification Wait = "rectification" // a report on what was put right is to be verified
	WaitSupervision   Wait = "supervision"   // a major hazard is to be listed for supervision
)

// OfficeWaits are all that waits for the office or a leader, in the order in which people are shown them.
var OfficeWaits = []Wait{WaitDraft, WaitSubmission, WaitExtension, WaitSendBack, WaitSuspension, WaitInterview, WaitRectification, WaitSupervision}

// OfDocument reports whether it is a document that waits, and not the obligation itself.
func (w Wait) OfDocument() bool {
	switch w {
	case WaitDraft, WaitInterview, WaitRectification, WaitRectify:
		return true
	default:
		return false
	}
}

// WaitsFor returns what the holder of WaitingOn has to do.
func (s State) WaitsFor() Wait {
	switch {
	case s.IsClosed():
		return ""
	case s.WithReviewer():
		return WaitReview
	case s.Stage == StageSubmitted:
		return WaitSubmission
	case s.unlisted():
		return WaitSupervision
	case s.Suspension != nil:
		return WaitSuspension
	case s.Application != nil:
		return WaitExtension
	case s.Objection != nil:
		return WaitSendBack
	default:
		return WaitUnit
	}
}

// WaitsSince returns since when the holder has had it; zero once it is closed. What the unit holds it has had since it was
// last given to it: at the opening, with another deadline, or by an answer of the office.
func (s State) WaitsSince() time.Time {
	switch s.WaitsFor() {
	case "":
		return time.Time{}
	case WaitReview, WaitSubmission:
		return s.Presented()
	case WaitSuspension:
		return s.Suspension.At
	case WaitExtension:
		return s.Application.At
	case WaitSendBack:
		return s.Objection.At
	default:
		since := s.Opened
		for _, at := range []time.Time{s.Since, s.Resumed, s.Refused} {
			if at.After(since) {
				since = at
			}
		}
		return since
	}
}

// DaysWaited counts the civil days, in the plan's zone, for which the holder has had it by now: 0 on the first day, and once it
// is closed.
func (s State) DaysWaited(now time.Time) int {
	since := s.WaitsSince()
	if since.IsZero() {
		return 0
	}
	loc := s.Policy.Location()
	return max(0, int(calendar.DateOf(now, loc)-calendar.DateOf(since, loc)))
}

// WaitsFor returns what the holder of WaitingOn has to do.
func (d Document) WaitsFor() Wait {
	switch {
	case d.WaitingOn() == "":
		return ""
	case d.Status == DocumentDraft:
		return WaitDraft
	case d.rectification().WithUnit():
		return WaitRectify
	case d.rectification().Open():
		return WaitRectification
	default:
		return WaitInterview
	}
}

// WaitsSince returns since when the holder has had it; zero where nothing is left to do.
func (d Document) WaitsSince() time.Time {
	switch d.WaitsFor() {
	case WaitDraft:
		return d.Drafted
	case WaitRectify:
		return d.rectification().Since
	case WaitRectification:
		return d.rectification().Reported
	case WaitInterview:
		return d.Settled
	default:
		return time.Time{}
	}
}

// maxSearchText bounds SearchText, in characters.
const maxSearchText = 1000

// SearchText is what an obligation is found by: title, unit, measure and period, in small letters.
func (s State) SearchText() string {
	words := []string{s.Title, s.UnitName, s.ID.Measure, s.ID.Period, s.Period}
	if h := s.Hazard; h != nil {
		words = append(words, h.Place, h.RegionName, h.Principal)
	}
	text := strings.ToLower(strings.Join(words, " "))
	if utf8.RuneCountInString(text) > maxSearchText {
		text = string([]rune(text)[:maxSearchText])
	}
	return text
}

// SearchWords are the words of what somebody seeks, as SearchText writes them.
func SearchWords(sought string) []string { return strings.Fields(strings.ToLower(sought)) }
