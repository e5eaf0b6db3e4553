package assessment

import (
	"fmt"
	"slices"
	"strings"

	"duban/obligation"
)

// Notice is what one recipient is to be told of an assessment.
type Notice struct {
	Recipient string // a unit's code, or "office"
	obligation.Notice
}

// kindPrefix keeps the kinds of these notices apart from those of obligations.
const kindPrefix = "assessment_"

// KindOf returns the kind of an assessment's event that a notice is about; "" where it is about an obligation's.
func KindOf(n obligation.Notice) Kind {
	kind, ok := strings.CutPrefix(string(n.Kind), kindPrefix)
	if !ok {
		return ""
	}
	return Kind(kind)
}

// Notices returns what is to be told because of e; s is the state after it. At most one notice per recipient. Leaders are
// told by way of the office's inbox.
func Notices(s State, e Event) []Notice {
	half, _ := ParseHalf(s.Half)
	name := half.Chinese()
	tell := func(recipient, text string, args ...any) Notice {
		to := obligation.ToUnit
		if recipient == holderOffice {
			to = obligation.ToOffice
		}
		return Notice{Recipient: recipient, Notice: obligation.Notice{
			Seq: e.Seq, Kind: obligation.EventKind(kindPrefix + string(e.Kind)), To: to, Title: fmt.Sprintf(noticeTitle, name),
			Text: fmt.Sprintf(text, args...), Why: fmt.Sprintf(noticeWhy, s.Card.Rules.Title, e.Kind.Chinese()),
		}}
	}
	var out []Notice
	switch e.Kind {
	case Counted:
		for _, u := range s.Card.Units {
			out = append(out, tell(u.Unit, noticeCounted, name, u.Points, s.Until.Chinese()))
		}
	case Reminded:
		switch e.To {
		case holderUnits:
			for _, unit := range s.Silent() {
				out = append(out, tell(unit, noticeSilent, name, s.Until.Chinese()))
			}
		case holderLeader:
			out = append(out, tell(holderOffice, noticeLeader, name))
		default:
			out = append(out, tell(holderOffice, noticeOffice, name, s.Stage.Chinese()))
		}
	case Objected:
		out = append(out, tell(holderOffice, noticeObjected, s.name(e.Unit), name, e.Text))
	case Answered:
		out = append(out, tell(e.Unit, noticeAnswered, name, e.Text))
	case Adjusted:
		out = append(out, tell(e.Unit, noticeAdjusted, name, *e.Points, e.Text))
	case Proposed:
		out = append(out, tell(holderOffice, noticeLeader, name))
	case Sent:
		out = append(out, tell(holderOffice, noticeSent, name, e.Text))
	case Published:
		for _, u := range s.Ranking() {
			out = append(out, tell(u.Unit, "%s", fmt.Sprintf(noticeResult, name, u.Points, u.Rank)+s.told(u.Unit)))
		}
		for _, u := range s.Card.Idle {
			out = append(out, tell(u.Unit, noticeIdle, name))
		}
	case Graded:
		line, _ := s.quality(e.Unit)
		out = append(out, tell(e.Unit, noticeGraded, name, e.Grade.Chinese(), line.Points, e.Text))
	case Scored, Closed, Signed, Advised, Decided:
	}
	return out
}

// told returns what a unit is told of what was decided about it.
func (s State) told(unit string) string {
	var out strings.Builder
	for _, m := range Matters {
		if s.Decided(unit, m) {
			fmt.Fprintf(&out, noticesOf[m], s.Units[unit].Verdicts[m].Reason)
		}
	}
	return out.String()
}

func (s State) name(unit string) string {
	i := slices.IndexFunc(s.Card.Units, func(u UnitScore) bool { return u.Unit == unit })
	if i < 0 {
		return unit
	}
	return s.Card.Units[i].Name
}

// Current reports whether a notice still holds in the state s, right before it is sent: nobody is asked for what is done.
func (s State) Current(recipient string, n obligation.Notice) bool {
	switch KindOf(n) {
	case Counted:
		return s.Stage == StageUnits
	case Reminded:
		if s.Nudge == 0 { // it went on since
			return false
		}
		return recipient == holderOffice || slices.Contains(s.Silent(), recipient)
	case Objected:
		return s.unanswered()
	case Proposed:
		return s.Stage == StageLeader
	case Sent:
		return s.Stage == StageOffice && s.Why != ""
	default:
		return true
	}
}
