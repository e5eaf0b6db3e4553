package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

// The search attributes by which the Temporal UI lists duban's workflows. SQL visibility has ten keyword slots and
// three each for numbers and instants.
var (
	AttrPlan      = temporal.NewSearchAttributeKeyKeyword("DubanPlan")
	AttrTask      = temporal.NewSearchAttributeKeyKeyword("DubanTask")
	AttrMeasure   = temporal.NewSearchAttributeKeyKeyword("DubanMeasure")
	AttrUnit      = temporal.NewSearchAttributeKeyKeyword("DubanUnit")
	AttrStage     = temporal.NewSearchAttributeKeyKeyword("DubanStage")
	AttrLight     = temporal.NewSearchAttributeKeyKeyword("DubanLight")
	AttrRung      = temporal.NewSearchAttributeKeyKeyword("DubanRung")
	AttrWaitingOn = temporal.NewSearchAttributeKeyKeyword("DubanWaitingOn")
	AttrYear      = temporal.NewSearchAttributeKeyInt64("DubanYear")
	AttrDue       = temporal.NewSearchAttributeKeyTime("DubanDue")
	AttrNextStep  = temporal.NewSearchAttributeKeyTime("DubanNextStep")
)

// SearchAttributes are the types under which they are registered in a namespace.
var SearchAttributes = map[string]enumspb.IndexedValueType{
	AttrPlan.GetName(): AttrPlan.GetValueType(), AttrTask.GetName(): AttrTask.GetValueType(), AttrMeasure.GetName(): AttrMeasure.GetValueType(),
	AttrUnit.GetName(): AttrUnit.GetValueType(), AttrStage.GetName(): AttrStage.GetValueType(), AttrLight.GetName(): AttrLight.GetValueType(),
	AttrRung.GetName(): AttrRung.GetValueType(), AttrWaitingOn.GetName(): AttrWaitingOn.GetValueType(), AttrYear.GetName(): AttrYear.GetValueType(),
	AttrDue.GetName(): AttrDue.GetValueType(), AttrNextStep.GetName(): AttrNextStep.GetValueType(),
}

// Columns are those of the list in the Temporal UI: what the office asks of a thing, and not what an engineer does.
var Columns = []string{
	"Status", "Workflow ID", AttrUnit.GetName(), AttrStage.GetName(), AttrLight.GetName(), AttrRung.GetName(), AttrWaitingOn.GetName(),
	AttrDue.GetName(), AttrNextStep.GetName(),
}

// shown is what the search attributes of an obligation say.
type shown struct {
	stage, light, rung, waitingOn string
	year                          int64
	due, next                     time.Time
}

func show(s obligation.State, cal *calendar.Calendar, now time.Time) shown {
	v := shown{
		stage: s.Stage.Chinese(), light: obligation.LightAt(s, cal, now).Chinese(), rung: s.HighestRung().Chinese(),
		waitingOn: holder(s), year: int64(s.Due.Year()), due: s.Anchor.At(0, s.Policy.Location()),
	}
	if next, ok := obligation.NextStep(s, cal); ok {
		v.next = next.At
	}
	return v
}

// holder names who holds the ball, "" once it is closed. People read it in lists, so it is a name and no code.
func holder(s obligation.State) string {
	switch s.WaitingOn() {
	case "":
		return ""
	case string(obligation.ToOffice):
		return textOffice
	default:
		return s.HolderName()
	}
}

// showAssessment is what the search attributes of an assessment say; next is when something falls due by itself.
func showAssessment(s assessment.State, next time.Time, loc *time.Location) shown {
	half, _ := assessment.ParseHalf(s.Half)
	v := shown{
		stage: s.Stage.Chinese(), waitingOn: holderTexts[s.WaitingOn()], year: int64(half.Year), due: half.Checkpoint(loc), next: next,
	}
	if s.Stage == assessment.StageUnits {
		v.due = s.Until.At(0, loc)
	}
	return v
}

// since returns the updates that make v of old, so that an unchanged attribute costs nothing.
func (v shown) since(old shown) []temporal.SearchAttributeUpdate {
	var out []temporal.SearchAttributeUpdate
	keyword := func(key temporal.SearchAttributeKeyKeyword, now, before string) {
		switch {
		case now == before:
		case now == "":
			out = append(out, key.ValueUnset())
		default:
			out = append(out, key.ValueSet(now))
		}
	}
	instant := func(key temporal.SearchAttributeKeyTime, now, before time.Time) {
		switch {
		case now.Equal(before):
		case now.IsZero():
			out = append(out, key.ValueUnset())
		default:
			out = append(out, key.ValueSet(now))
		}
	}
	keyword(AttrStage, v.stage, old.stage)
	keyword(AttrLight, v.light, old.light)
	keyword(AttrRung, v.rung, old.rung)
	keyword(AttrWaitingOn, v.waitingOn, old.waitingOn)
	if v.year != old.year {
		out = append(out, AttrYear.ValueSet(v.year))
	}
	instant(AttrDue, v.due, old.due)
	instant(AttrNextStep, v.next, old.next)
	return out
}

// obligationAttributes are those an obligation's workflow is started with.
func obligationAttributes(s obligation.State, cal *calendar.Calendar, now time.Time) temporal.SearchAttributes {
	updates := append(show(s, cal, now).since(shown{}),
		AttrPlan.ValueSet(s.ID.Plan), AttrTask.ValueSet(s.Task), AttrMeasure.ValueSet(s.ID.Measure), AttrUnit.ValueSet(s.UnitName))
	return temporal.NewSearchAttributes(updates...)
}
