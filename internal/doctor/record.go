package doctor

import (
	"fmt"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// sweep is how far the proving of the record has come, and what it has found of the obligations and of the rest.
type sweep struct {
	next  string
	rest  bool // what belongs to no single obligation comes next
	found map[string][]Difference
}

// keep replaces what was known of the obligations after one, up to another; "": to the end. Those of no obligation are apart.
func (s *sweep) keep(after, until string, found []Difference) {
	for id := range s.found {
		if id > after && (until == "" || id <= until) {
			delete(s.found, id)
		}
	}
	for _, f := range found {
		if f.Obligation > after {
			s.found[f.Obligation] = append(s.found[f.Obligation], f)
		}
	}
}

// record proves the whole record, or the page whose turn it is.
func (x *examination) record(whole bool) error {
	s := &x.sweep
	if s.found == nil || whole {
		*s = sweep{found: map[string][]Difference{}}
	}
	err := x.step(s)
	for whole && err == nil && (s.next != "" || s.rest) {
		err = x.step(s)
	}
	for _, id := range sorted(s.found) {
		for _, f := range s.found[id] {
			x.differs(f)
		}
	}
	return err
}

// step proves one page, or the rest after the last.
func (x *examination) step(s *sweep) error {
	if s.rest {
		found, err := x.Verifier.VerifyWhole(x.ctx)
		if err == nil {
			s.rest, s.found[""] = false, found
		}
		return err
	}
	found, next, err := x.Verifier.VerifyPage(x.ctx, s.next)
	if err != nil {
		return err
	}
	s.keep(s.next, next, found)
	s.next, s.rest = next, next == ""
	return nil
}

func (x *examination) differs(d Difference) {
	f := Finding{Kind: d.Kind, Subject: d.Obligation, Problem: d.Problem, Repair: repairRestore}
	if d.Obligation == "" {
		f.Subject = textWholeRecord
	}
	switch d.Kind {
	case ModelDiffers:
		f.Repair, f.Automatic = repairRebuild, true
	case RecordDiffers:
		f.Repair = repairRecord
	default:
	}
	// Several differences of one obligation are put right together.
	for i, o := range x.found {
		if o.Kind == f.Kind && o.Subject == f.Subject && f.Kind == ModelDiffers {
			x.found[i].Problem += "；" + f.Problem
			return
		}
	}
	x.find(f)
}

// faults are the kinds of what the store finds stuck. What nobody holds is found beside the workflows.
var faults = map[obligation.Fault]struct {
	kind      Kind
	problem   string // takes how many there are
	repair    string
	automatic bool
}{
	obligation.FaultOutbox:  {NoticesWaiting, textNotices, repairWake, true},
	obligation.FaultUnsent:  {SendingWaits, textUnsent, repairWake, true},
	obligation.FaultFailed:  {SendingFailed, textSendingFailed, repairAddress, false},
	obligation.FaultUnknown: {SendingUnknown, textSendingUnknown, repairCall, false},
	obligation.FaultMissed:  {StepsMissed, textMissed, repairMissed, false},
}

// outbox finds what of the plans is not sent, or did not happen by itself.
func (x *examination) outbox() error {
	for _, d := range x.plans {
		loc := obligation.Location(d.Plan.Zone)
		broken, err := x.Record.Broken(x.ctx, d.Plan.Code, obligation.PatienceAt(x.Window, d.Calendar, x.Now(), loc))
		if err != nil {
			return err
		}
		for _, b := range broken {
			if k, ok := faults[b.Fault]; ok {
				x.find(Finding{Kind: k.kind, Subject: d.Plan.Code, Problem: fmt.Sprintf(k.problem, b.Count), Since: b.Since, Repair: k.repair, Automatic: k.automatic})
			}
		}
	}
	return nil
}

// The names of heartbeats: of a process that works, followed by its own, and of a plan's dispatcher, followed by the plan's.
const (
	WorkerBeat   = "worker/"
	dispatchBeat = "dispatch/"
)

// silence is how long nobody may have been at work.
const silence = 5 * time.Minute

// heartbeats finds that nothing ran: no process works, or a dispatcher has not run for a whole window.
func (x *examination) heartbeats() error {
	beats, err := x.Record.Beats(x.ctx)
	if err != nil {
		return err
	}
	var last time.Time
	for name, at := range beats {
		if strings.HasPrefix(name, WorkerBeat) {
			last = later(last, at)
		}
	}
	if x.Real().Sub(last) > silence {
		x.find(Finding{Kind: WorkerSilent, Subject: "worker", Problem: textWorkerSilent, Since: last, Repair: repairWorker})
	}
	for _, d := range x.plans {
		at, ok := beats[dispatchBeat+d.Plan.Code]
		if !ok || !x.sends(d) {
			continue
		}
		if at.Before(obligation.PatienceAt(x.Window, d.Calendar, x.Now(), obligation.Location(d.Plan.Zone)).Told) {
			x.find(Finding{Kind: DispatchSilent, Subject: d.Plan.Code, Problem: textDispatchSilent, Since: at, Repair: repairWake, Automatic: true})
		}
	}
	return nil
}

// sends reports whether the plan still has a dispatcher.
func (x *examination) sends(d obligation.Definition) bool {
	alive := false
	err := x.wholes(d, func(e expected) { alive = alive || e.work.Kind == WorkDispatch })
	return err == nil && alive
}

// calendarAhead is how long before a year its holidays should be known: the notice comes in November.
const calendarAhead = 31

// calendars finds the years of what is left of the plans whose holidays are not known.
func (x *examination) calendars() error {
	for _, d := range x.plans {
		loc := obligation.Location(d.Plan.Zone)
		today := calendar.DateOf(x.Now(), loc)
		slots, err := d.Agenda("", x.Window.From)
		if err != nil {
			return err
		}
		for year := today.Year(); year <= d.Plan.To.Year(); year++ {
			first := calendar.MustDate(fmt.Sprintf("%04d-01-01", year))
			if !d.Calendar.Provisional(first) {
				continue
			}
			n := 0
			for _, s := range slots {
				if s.Period.Due >= today && s.Period.Due.Year() == year {
					n += len(d.Openings(s, x.Window.From))
				}
			}
			x.find(Finding{
				Kind: Provisional, Subject: fmt.Sprintf("%s/%d", d.Plan.Code, year), Problem: fmt.Sprintf(textProvisional, year, n),
				Repair: fmt.Sprintf(repairCalendar, year), Notice: first-today > calendarAhead,
			})
		}
	}
	return nil
}
