package tasklist

import (
	"fmt"
	"slices"
	"strings"

	"duban/calendar"
	"duban/plan"
)

// staff are the units that a row is for.
type staff struct{ lead, all []string }

// assign fills in whom the measure falls to.
func (r *reader) assign(it *item, was, is *plan.Measure, v *verdict) staff {
	lead, units := r.crew(it.lead), r.crew(it.units)
	for _, cell := range []struct {
		field Field
		crew  *crew
	}{{FieldLead, &lead}, {FieldUnits, &units}} {
		if len(it.answer.Units) > 0 || cell.field == FieldLead && it.answer.Lead != nil {
			continue
		}
		for _, d := range cell.crew.doubts {
			v.add(r.problem(it, cell.field, d), d.Fatal)
		}
	}
	audience, leads := merge(lead.audience, units.audience), union(r.leaders(lead.lead, lead.audience), units.lead)
	if it.answer.Confirm {
		audience = merge(merge(audience, lead.proposed), units.proposed)
		leads = union(union(leads, r.leaders(union(lead.lead, lead.leadToo), lead.proposed)), units.leadToo)
	}
	if it.answer.Lead != nil {
		leads = r.chosen(it, FieldLead, it.answer.Lead, v)
		audience = merge(audience, plan.Audience{Units: leads})
	}
	if len(it.answer.Units) > 0 {
		audience = plan.Audience{Units: union(leads, r.chosen(it, FieldUnits, it.answer.Units, v))}
	}
	all := r.dir.resolve(audience)
	if len(all) == 0 {
		return r.unassigned(it, was, is, v)
	}
	if was == nil || !sameSet(r.dir.resolve(was.Audience), all) {
		is.Audience = audience
	}
	if len(leads) > 0 && !sameSet(leads, r.plan.LeadOf(*is)) {
		is.Lead = leads
	}
	if len(leads) == 0 && was != nil {
		// The list does not say who leads; of those who lead now, those who still take part do.
		is.Lead = slices.DeleteFunc(is.Lead, func(c string) bool { return !slices.Contains(all, c) })
	}
	return staff{leads, all}
}

// leaders are those of a column of lead units: all of them, unless the cell itself says who leads (甲牵头，乙配合).
func (r *reader) leaders(named []string, all plan.Audience) []string {
	if len(named) > 0 {
		return named
	}
	return r.dir.resolve(all)
}

// chosen takes units that the office has named.
func (r *reader) chosen(it *item, f Field, codes []string, v *verdict) []string {
	var known []string
	for _, code := range codes {
		if u, ok := r.plan.Unit(code); ok && r.dir.valid(u) {
			known = union(known, []string{code})
		} else {
			v.add(r.problem(it, f, Doubt{Reason: fmt.Sprintf(textAnswerUnit, code)}), true)
		}
	}
	return known
}

// unassigned is for a row that names no unit for certain: what the plan says stays, or may be taken.
func (r *reader) unassigned(it *item, was, is *plan.Measure, v *verdict) staff {
	field := FieldUnits
	if !r.table.has(FieldUnits) {
		field = FieldLead
	}
	if was != nil {
		all := r.dir.resolve(was.Audience)
		if r.table.has(FieldUnits) || r.table.has(FieldLead) {
			v.add(r.problem(it, field, Doubt{Reason: textNoUnits, Proposal: fmt.Sprintf(textKeepUnits, r.dir.namesOf(all))}), false)
		}
		return staff{r.plan.LeadOf(*was), all}
	}
	task, ok := r.plan.Task(it.task.code)
	lead := r.dir.resolve(plan.Audience{Units: task.Lead})
	switch {
	case !ok || len(lead) == 0:
		v.add(r.problem(it, field, Doubt{Reason: textNoUnits}), true)
	case r.said(it):
		// What the cells say can't be taken as units; the doubts about them tell why.
		if it.answer.Confirm || len(r.crew(it.lead).doubts)+len(r.crew(it.units).doubts) == 0 {
			v.add(r.problem(it, field, Doubt{Reason: textNoUnits}), true)
		}
	case it.answer.Confirm:
		is.Audience = plan.Audience{Units: lead}
		infer(is, "audience", textNoteAudience)
		return staff{lead, lead}
	default:
		v.add(r.problem(it, field, Doubt{Reason: textNoUnits, Proposal: fmt.Sprintf(textTaskLead, r.dir.namesOf(lead))}), false)
	}
	return staff{}
}

// said reports whether the cells of units say anything.
func (r *reader) said(it *item) bool { return !r.crew(it.lead).none || !r.crew(it.units).none }

// fix fills in when the measure falls due.
func (r *reader) fix(it *item, was, is *plan.Measure, v *verdict) Timing {
	if r.answered(it, FieldDeadline) {
		t, ok := r.answeredTiming(it, v)
		if ok {
			r.schedule(it, was, is, t, v)
		}
		return t
	}
	if was != nil && (key(it.deadline.text) == textAsBefore || !r.table.has(FieldDeadline)) {
		return r.asBefore(was)
	}
	t := r.timing(it.deadline)
	if was != nil && key(it.deadline.text) == "" {
		v.add(r.problem(it, FieldDeadline, Doubt{Reason: textNoDeadline, Proposal: fmt.Sprintf(textKeepDeadline, scheduleText(was.Schedule, 0))}), false)
		return r.asBefore(was)
	}
	for _, d := range t.Doubts {
		v.add(r.problem(it, FieldDeadline, d), d.Fatal)
	}
	// A date of another year that the plan has already is no news.
	var beyond []calendar.Date
	for _, d := range t.Beyond {
		if was != nil && slices.Contains(was.Schedule.Due, d) {
			beyond = append(beyond, d)
			continue
		}
		v.add(r.problem(it, FieldDeadline, Doubt{Reason: fmt.Sprintf(textBeyond, d, r.Year), Proposal: fmt.Sprintf(textBeyondProposal, d)}), false)
		if it.answer.Confirm {
			beyond = append(beyond, d)
		}
	}
	t.Beyond = beyond
	r.schedule(it, was, is, t, v)
	return t
}

// whenText is a timing as people read it.
func whenText(t Timing) string {
	if t.Kind == "" || t.Kind == plan.Milestone && len(t.Due)+len(t.Beyond) == 0 {
		return ""
	}
	return scheduleText(plan.Schedule{Kind: t.Kind, Due: merged(t.Due, t.Beyond), Cron: t.Cron, Names: t.Names}, 0)
}

// asBefore is the timing of a measure that stays as it is.
func (r *reader) asBefore(was *plan.Measure) Timing {
	t := Timing{Kind: was.Schedule.Kind, Cron: was.Schedule.Cron, Names: was.Schedule.Names}
	for _, d := range was.Schedule.Due {
		if d.Year() == r.Year {
			t.Due = append(t.Due, d)
		}
	}
	return t
}

// answeredTiming is what the office has answered of a deadline.
func (r *reader) answeredTiming(it *item, v *verdict) (Timing, bool) {
	kind := it.answer.Kind
	if kind == "" {
		kind = plan.Milestone
	}
	bad := func(reason string, arg any) (Timing, bool) {
		v.add(r.problem(it, FieldDeadline, Doubt{Reason: fmt.Sprintf(reason, arg)}), true)
		return Timing{}, false
	}
	switch kind {
	case plan.Continuous:
		return Timing{Kind: kind}, true
	case plan.Recurring:
		t := r.timing(it.deadline)
		if t.Cron == "" {
			return bad(textAnswerKind, kindTexts[kind])
		}
		return Timing{Kind: kind, Cron: t.Cron, Names: t.Names}, true
	case plan.Milestone:
		t := Timing{Kind: kind}
		for _, text := range it.answer.Due {
			d, err := calendar.ParseDate(text)
			switch {
			case err != nil || d < r.span.From || d > r.span.To:
				return bad(textAnswerDue, text)
			case d.Year() == r.Year:
				t.Due = append(t.Due, d)
			default:
				t.Beyond = append(t.Beyond, d)
			}
		}
		if len(it.answer.Due) == 0 {
			read := r.timing(it.deadline)
			t.Due, t.Inferred = read.Due, read.Inferred
		}
		if t.Due, t.Beyond = merged(t.Due, nil), merged(t.Beyond, nil); len(t.Due)+len(t.Beyond) == 0 {
			return bad(textAnswerKind, kindTexts[kind])
		}
		return t, true
	default:
		return bad(textAnswerKind, kind)
	}
}

// schedule sets the measure's schedule, or tells why it can't.
func (r *reader) schedule(it *item, was, is *plan.Measure, t Timing, v *verdict) {
	if t.Kind == "" || t.Kind == plan.Milestone && len(t.Due)+len(t.Beyond) == 0 {
		return // there is a doubt about it
	}
	if was == nil {
		is.Schedule = newSchedule(r.plan, r.Year, t)
		if t.Inferred {
			infer(is, "schedule", textNoteDue)
		}
		return
	}
	schedule, others := reschedule(r.plan, r.Calendar, r.Year, *was, t)
	if others {
		v.add(r.problem(it, FieldDeadline, Doubt{
			Reason:   fmt.Sprintf(textOtherYears, scheduleText(was.Schedule, 0), scheduleText(schedule, 0)),
			Proposal: textOtherYearsPropos,
		}), false)
	}
	if sameSchedule(was.Schedule, schedule) {
		return
	}
	is.Schedule = schedule
	is.Inferred = slices.DeleteFunc(is.Inferred, func(f string) bool { return strings.HasPrefix(f, "schedule") })
	if t.Inferred {
		infer(is, "schedule", textNoteDue)
	}
}

// close decides what becomes of a row.
func (r *reader) close(it *item, out Row, v verdict, was, is *plan.Measure) Row {
	out.Problems = append(append(out.Problems, v.fatal...), v.open...)
	switch {
	case it.answer.Skip:
		out.Outcome = Skipped
		return out
	case len(v.fatal) > 0:
		out.Outcome = Fault
		return out
	case len(v.open) > 0 && !it.answer.Confirm:
		out.Outcome = Confirm
		return out
	}
	if was != nil {
		if out.Changes = r.dir.changes(*was, *is); len(out.Changes) == 0 {
			out.Outcome, out.Becomes, out.Problems = Unchanged, was, []Problem{}
			return out
		}
	}
	if fault := r.fault(*is); fault != "" {
		out.Outcome, out.Changes = Fault, nil
		out.Problems = append(out.Problems, r.problem(it, FieldMeasure, Doubt{Reason: fmt.Sprintf(textPlanFault, fault)}))
		return out
	}
	out.Outcome, out.Becomes, out.Problems = Create, is, []Problem{}
	if was != nil {
		out.Outcome = Update
	}
	return out
}

// fault tells what the plan would find wrong with a measure; "": nothing.
func (r *reader) fault(m plan.Measure) string {
	alone := *r.plan
	alone.Measures = []plan.Measure{m}
	for _, f := range alone.Validate() {
		if strings.HasPrefix(f.Path, "measures[") {
			return f.Message
		}
	}
	return ""
}
