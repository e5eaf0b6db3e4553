package obligation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"duban/calendar"
)

// Rung (升级措施) is one kind of action towards a unit that does not deliver.
type Rung string

// The rungs, in the order that is usual.
const (
	Remind    Rung = "remind"    // 提醒
	Press     Rung = "press"     // 催办
	Letter    Rung = "letter"    // 督促函
	Circular  Rung = "circular"  // 通报
	Interview Rung = "interview" // 约谈
	Expose    Rung = "expose"    // 曝光
	Transfer  Rung = "transfer"  // 移交
)

var rungOrder = map[Rung]int{Remind: 1, Press: 2, Letter: 3, Circular: 4, Interview: 5, Expose: 6, Transfer: 7}

// Formal reports whether the rung is an official document: drafted by itself, numbered and issued on sign-off.
func (r Rung) Formal() bool { return rungOrder[r] >= rungOrder[Letter] }

// Anchor is the moment a step's working days are counted from.
type Anchor string

const (
	// AnchorOpened counts from the day the obligation was handed over; such a step is void once it is signed for.
	AnchorOpened Anchor = "opened"
	// AnchorDue counts from the due date; such a step is void while the office reviews.
	AnchorDue Anchor = "due"
	// AnchorSubmitted counts from the submission; such a step reminds the office of its review. While an application for
	// more time waits it counts from that, as AnchorAsked.
	AnchorSubmitted Anchor = "submitted"
	// AnchorAsked is no anchor of a ladder's own.
	AnchorAsked Anchor = "asked"
	// AnchorObjected is no anchor of a ladder's own either: while an objection waits, AnchorSubmitted counts from that.
	AnchorObjected Anchor = "objected"
)

// Recipient is who a step addresses.
type Recipient string

// The recipients of steps and notices.
const (
	ToUnit   Recipient = "unit"
	ToOffice Recipient = "office"
	// ToReviewer is the unit that reviews a hazard; no recipient of a ladder's own.
	ToReviewer Recipient = "reviewer"
)

// SignOff says who lets a formal rung go out.
type SignOff string

const (
	// SignOffNone is for rungs without a document.
	SignOffNone SignOff = ""
	// SignOffAuto issues the document without a person, where a plan chooses so.
	SignOffAuto SignOff = "auto"
	// SignOffOffice waits for the director of the office.
	SignOffOffice SignOff = "office"
	// SignOffLeader waits for a leader of the committee.
	SignOffLeader SignOff = "leader"
)

// Step is one rung at one time: Offset working days after its anchor, before it where negative.
type Step struct {
	Code    string    `json:"code" yaml:"code"` // unique within the ladder: "remind-15"
	Rung    Rung      `json:"rung" yaml:"rung"`
	Anchor  Anchor    `json:"anchor" yaml:"anchor"`
	Offset  int       `json:"offset" yaml:"offset"`         // working days
	Every   int       `json:"every,omitempty" yaml:"every"` // repeats every so many working days until answered; 0: once
	To      Recipient `json:"to" yaml:"to"`
	SignOff SignOff   `json:"signOff,omitempty" yaml:"signOff"`
	Letters int       `json:"letters,omitempty" yaml:"letters"` // comes forward once the unit got so many letters within a year; 0: never
}

// LettersWithin is the time in which letters to one unit are counted together.
const LettersWithin = 365 * 24 * time.Hour

// Ladder (升级阶梯) is the order of steps with its periods. It is frozen into an obligation when that opens. Formal rungs
// are taken in the ladder's own order: the plan itself names several ("约谈、通报、曝光", "函告、通报、约谈、曝光").
type Ladder struct {
	Code   string `json:"code" yaml:"code"`
	Title  string `json:"title" yaml:"title"`
	Cure   int    `json:"cure" yaml:"cure"`     // least working days between two formal rungs
	Yellow int    `json:"yellow" yaml:"yellow"` // working days before the due date from which the light is yellow
	Rework int    `json:"rework" yaml:"rework"` // working days a unit has after a return, where the office names no date
	Nudge  int    `json:"nudge" yaml:"nudge"`   // working days after which whoever sits on a draft is reminded, again and again

	Extensions int    `json:"extensions,omitempty" yaml:"extensions"` // how often a unit may be given more time; 0: never
	Steps      []Step `json:"steps" yaml:"steps"`
}

// Codes stand in ledgers, lists and columns of the database.
var stepCode = regexp.MustCompile(`^[a-z][a-z0-9+-]{0,39}$`)

// StepFault is a fault of one of a ladder's steps.
type StepFault struct {
	Index   int // of the step
	Message string
}

// Error implements error.
func (f *StepFault) Error() string { return f.Message }

// Validate returns every fault of the ladder, in Chinese, each saying what to do; those of a step are of type *StepFault.
func (l Ladder) Validate() []error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("升级阶梯 %s："+format, append([]any{l.Code}, args...)...))
	}
	if !stepCode.MatchString(l.Code) {
		fault("代码只能用小写字母、数字、加号和连字符，以字母开头，不超过 40 个字符")
	}
	if strings.TrimSpace(l.Title) == "" {
		fault("缺少名称（title），通知里要写明依据哪个阶梯")
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"cure", l.Cure}, {"rework", l.Rework}, {"nudge", l.Nudge}} {
		if n.value < 1 || n.value > 250 {
			fault("%s 应为 1 到 250 个工作日，现为 %d", n.name, n.value)
		}
	}
	if l.Yellow < 0 || l.Yellow > 250 {
		fault("yellow 应为 0 到 250 个工作日，现为 %d", l.Yellow)
	}
	if l.Extensions < 0 || l.Extensions > 10 {
		fault("extensions 应为 0 到 10 次，现为 %d", l.Extensions)
	}
	if len(l.Steps) == 0 {
		fault("至少要有一个步骤（steps）")
	}
	return append(faults, l.stepFaults()...)
}

func (l Ladder) stepFaults() []error {
	var faults []error
	seen := map[string]bool{}
	formal := map[Rung]bool{}
	last := Step{Offset: -1 << 30}
	for i, s := range l.Steps {
		fault := func(format string, args ...any) {
			faults = append(faults, &StepFault{i, fmt.Sprintf("升级阶梯 %s："+format, append([]any{l.Code}, args...)...)})
		}
		if !stepCode.MatchString(s.Code) || seen[s.Code] {
			fault("步骤代码 %q 为空、过长、重复或含有不允许的字符", s.Code)
		}
		seen[s.Code] = true
		for _, problem := range s.problems() {
			fault("步骤 %s：%s", s.Code, problem)
		}
		if !s.Rung.Formal() {
			continue
		}
		if formal[s.Rung] {
			fault("步骤 %s：同一正式措施（%s）只能出现一次", s.Code, s.Rung.Chinese())
		}
		formal[s.Rung] = true
		if s.Offset < last.Offset {
			fault("步骤 %s：正式措施的天数倒着走，%d 早于上一步 %s 的 %d；请把各步按先后排列", s.Code, s.Offset, last.Code, last.Offset)
		}
		last = s
	}
	return faults
}

func (s Step) problems() []string {
	var out []string
	add := func(bad bool, text string) {
		if bad {
			out = append(out, text)
		}
	}
	add(rungOrder[s.Rung] == 0, fmt.Sprintf("未知的措施 %q，可用 remind、press、letter、circular、interview、expose、transfer", s.Rung))
	add(s.Anchor != AnchorOpened && s.Anchor != AnchorDue && s.Anchor != AnchorSubmitted,
		fmt.Sprintf("未知的起算点 %q，可用 opened、due、submitted", s.Anchor))
	add(s.Offset < -250 || s.Offset > 250, "天数应在 -250 到 250 个工作日之间")
	add(s.Anchor != AnchorDue && s.Offset < 1, "从交办或提交起算的天数至少为 1")
	add(s.Every < 0 || s.Every > 250, "重复间隔应在 0 到 250 个工作日之间")
	add(s.To != ToUnit && s.To != ToOffice, fmt.Sprintf("未知的对象 %q，可用 unit、office", s.To))
	add(s.Anchor == AnchorSubmitted && s.To != ToOffice, "从提交起算的提醒只能发给 office")
	if s.Rung.Formal() {
		add(s.Anchor != AnchorDue || s.Offset < 1, "正式措施只能从到期日（due）之后起算")
		add(s.Every != 0, "正式措施不能重复（every）")
		add(s.To != ToUnit, "正式措施的对象只能是 unit")
		add(s.SignOff != SignOffAuto && s.SignOff != SignOffOffice && s.SignOff != SignOffLeader,
			"正式措施须注明签发人 signOff：auto、office 或 leader")
		add(s.Letters < 0, "督促函次数（letters）不能为负")
	} else {
		add(s.SignOff != SignOffNone, "提醒和催办不需要签发（signOff）")
		add(s.Letters != 0, "只有正式措施可以因督促函次数（letters）提前")
	}
	return out
}

// step returns the step of the given code.
func (l Ladder) step(code string) (Step, bool) {
	for _, s := range l.Steps {
		if s.Code == code {
			return s, true
		}
	}
	return Step{}, false
}

// comesAfter reports whether the formal step stands above a rung that was decided: later in the ladder, or, where
// the rung is not of this ladder (the obligation was re-armed with another), above it in the usual order.
func (l Ladder) comesAfter(at int, decided Rung) bool {
	i := slices.IndexFunc(l.Steps, func(s Step) bool { return s.Rung == decided })
	if i < 0 {
		return rungOrder[l.Steps[at].Rung] > rungOrder[decided]
	}
	return at > i
}

// date returns the day of the n-th occurrence (from 0) of the step, counted from the anchor date.
func (s Step) date(cal *calendar.Calendar, anchor calendar.Date, n int) calendar.Date {
	return cal.AddWorkdays(cal.AddWorkdays(anchor, s.Offset), n*s.Every)
}

// repetitions returns how often the step repeats after its first occurrence on days up to and including to; at most
// zero where the first lies after it.
func (s Step) repetitions(cal *calendar.Calendar, first, to calendar.Date) int {
	return cal.WorkdaysBetween(first, to) / s.Every
}

// reach returns the greatest number of working days after the due date that a step without repetition lies.
func (l Ladder) reach() int {
	reach := 0
	for _, s := range l.Steps {
		reach = max(reach, s.Offset)
	}
	return reach
}
