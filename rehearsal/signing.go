package rehearsal

import (
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// paper is what really became of the document of one rung.
type paper struct {
	drafted time.Time
	since   time.Time         // from when on it could be signed off: its draft, or the last return or other deadline
	until   time.Time         // to when: its settlement, the report before it, or the end of what is known
	settled *obligation.Event // nil: it still waits
}

// byPerson reports whether somebody signed the document off or withdrew it.
func (p paper) byPerson() bool { return p.settled != nil && p.settled.By.Role != obligation.RoleSystem }

// left reports whether the document was left to wait, for good or until it was too late.
func (p paper) left() bool {
	return p.settled == nil || (p.settled.Kind == obligation.Withdrawn && !p.byPerson())
}

// took returns how many working days it took, or waited.
func (p paper) took(cal *calendar.Calendar, loc *time.Location) int {
	return max(0, cal.WorkdaysBetween(calendar.DateOf(p.since, loc), calendar.DateOf(p.until, loc)))
}

// papersOf returns the documents of a ledger up to an instant.
func papersOf(events []obligation.Event, until time.Time) map[obligation.Rung]paper {
	papers := map[obligation.Rung]paper{}
	var s obligation.State
	for i := range events {
		switch e := &events[i]; e.Kind {
		case obligation.Drafted:
			papers[e.Rung] = paper{drafted: e.At}
		case obligation.Issued, obligation.Withdrawn:
			papers[e.Rung] = papers[e.Rung].end(s, e.At, e)
		default:
		}
		s = obligation.Apply(s, events[i])
	}
	if rung, waits := s.PendingDraft(); waits {
		papers[rung] = papers[rung].end(s, until.Add(-1), nil) // the end itself is not known
	}
	return papers
}

// end returns the document as it ends: settled, or at the end of what is known. s is the state before.
func (p paper) end(s obligation.State, at time.Time, settled *obligation.Event) paper {
	p.settled, p.since, p.until = settled, later(p.drafted, s.Since), at
	if s.Stage == obligation.StageSubmitted && !p.byPerson() {
		p.until = s.Submitted // nothing is signed off while the office reviews
	}
	return p
}

// delay is how many working days the sign-off of a rung's documents takes, and of how many documents that is the median.
type delay struct{ days, of int }

// guess is the delay where no document of the rung was ever signed off.
var guess = delay{days: 1}

func usualDelays(past Past) map[obligation.Rung]delay {
	took := map[obligation.Rung][]int{}
	for _, events := range past.Ledgers {
		for rung, p := range papersOf(events, past.Until) {
			if p.byPerson() && p.settled.Kind == obligation.Issued {
				took[rung] = append(took[rung], p.took(past.Calendar, zoneOf(events)))
			}
		}
	}
	out := map[obligation.Rung]delay{}
	for rung, days := range took {
		slices.Sort(days)
		out[rung] = delay{days[(len(days)-1)/2], len(days)}
	}
	return out
}

// zoneOf returns the zone of a ledger's dates.
func zoneOf(events []obligation.Event) *time.Location { return events[0].Policy.Location() }

// basis is what the time of a sign-off rests on.
type basis string

const (
	asItWas   basis = "as_it_was" // drafted on the same day: settled at the same instant
	byItself  basis = "automatic"
	asLong    basis = "as_long"    // drafted on another day: it takes as long
	asWaited  basis = "as_waited"  // never signed off: it takes as long as it waited, or as usual
	asUsual   basis = "as_usual"   // never drafted: it takes as long as usual
	asGuessed basis = "as_guessed" // never drafted, and nothing says how long that usually takes
)

// signing is a draft's sign-off, or its withdrawal, to come.
type signing struct {
	at      time.Time
	seq     int // of the real event where it is that one; else later than any
	command obligation.Command
	basis   basis
	delay   delay
}

// afterAll is later than the sequence of any event.
const afterAll = 1 << 30

// signOff returns when and how the draft that waits is settled, and false where none waits or it is left to wait.
func (r *revival) signOff(l *relife) (signing, bool) {
	rung, waits := l.End.PendingDraft()
	if !waits {
		return signing{}, false
	}
	loc := l.End.Policy.Location()
	drafted := l.End.Formals[len(l.End.Formals)-1].Drafted
	p, known := l.papers[rung]
	same := known && calendar.DateOf(p.drafted, loc) == calendar.DateOf(drafted, loc)
	signer := signOffOf(l.End.Policy.Ladder, rung)
	since := later(drafted, l.End.Since) // it may have been returned meanwhile
	s := signing{seq: afterAll, command: r.settling(p, rung, signer)}
	switch {
	case signer == obligation.SignOffAuto:
		s.at, s.basis = later(since, l.last()), byItself
	case same && p.left():
		return signing{}, false
	case same && p.byPerson() && !p.settled.At.Before(l.last()):
		s.at, s.seq, s.basis = p.settled.At, p.settled.Seq, asItWas
	case p.byPerson():
		s.delay = delay{p.took(r.past.Calendar, loc), 1}
		s.at, s.basis = r.after(since, s.delay.days, p.settled.At, loc), asLong
	case known && p.left():
		s.delay, s.basis = r.usually(rung), asWaited
		s.delay.days = max(s.delay.days, p.took(r.past.Calendar, loc))
		s.at = r.after(since, s.delay.days, drafted, loc)
	default:
		s.delay, s.basis = r.usually(rung), asUsual
		if s.delay.of == 0 {
			s.basis = asGuessed
		}
		s.at = r.after(since, s.delay.days, drafted, loc)
	}
	s.at = later(s.at, l.last()) // no working day after a rest day lies before it
	waits = l.End.Stage == obligation.StageSubmitted && s.command.Kind == obligation.Issue
	return s, !waits && !slices.Contains(l.refused, s.command.Kind)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// after returns the instant so many working days after another at the clock time of a third.
func (r *revival) after(since time.Time, days int, clock time.Time, loc *time.Location) time.Time {
	at := clock.Sub(calendar.DateOf(clock, loc).At(0, loc))
	return r.cal.AddWorkdays(calendar.DateOf(since, loc), days).At(at, loc).UTC()
}

func (r *revival) usually(rung obligation.Rung) delay {
	if d, ok := r.usual[rung]; ok {
		return d
	}
	return guess
}

// settling returns the command that settles the draft: the real one, or that of whoever the ladder names.
func (r *revival) settling(p paper, rung obligation.Rung, signer obligation.SignOff) obligation.Command {
	auto := signer == obligation.SignOffAuto
	if e := p.settled; e != nil && (e.By.Role == obligation.RoleSystem) == auto && (e.Kind == obligation.Issued || p.byPerson()) {
		return obligation.Command{Kind: commandOf[e.Kind], By: e.By, Key: e.Key, Text: e.Text, Rung: rung, Number: e.Number, Meeting: e.Meeting}
	}
	by := obligation.Actor{Role: obligation.RoleOffice, Name: textOfficeName}
	switch signer {
	case obligation.SignOffAuto:
		by = obligation.System
	case obligation.SignOffLeader:
		by = obligation.Actor{Role: obligation.RoleLeader, Name: textLeaderName}
	case obligation.SignOffOffice, obligation.SignOffNone:
	}
	return obligation.Command{Kind: obligation.Issue, By: by, Rung: rung, Number: textUnnumbered}
}

// settle signs the document off or withdraws it.
func (r *revival) settle(l *relife, letters *letterbox) {
	s := *l.signing
	if s.command.Kind == obligation.Issue {
		s.command.Letters = letters.with(s.command.Rung, l.next)
	}
	events, err := obligation.Decide(l.End, s.command, r.cal, l.next)
	if err != nil {
		l.refused = append(l.refused, s.command.Kind) // it is let be until something happens
		return
	}
	if s.command.Kind == obligation.Issue && s.command.Rung == obligation.Letter {
		letters.here = append(letters.here, l.next)
	}
	l.record(events)
	l.settled = append(l.settled, s)
}
