package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Changes change what a plan runs by. Refusals are *obligation.Error or Faults; every other error is the store's or the
// engine's.
type Changes interface {
	// Preview returns what an amendment would do to what runs.
	Preview(ctx context.Context, plan string, a obligation.Amendment) ([]obligation.Effect, error)
	// Change makes it; what it did is what the preview showed, unless something has been decided meanwhile.
	Change(ctx context.Context, plan string, a obligation.Amendment, reason string, by account.Caller) ([]obligation.Effect, SeedReport, error)
}

// ChangesInput asks what an amendment would do.
type ChangesInput struct {
	PlanPath
	EffectsPage
	Body ChangesBody
}

// MakeChangesInput makes an amendment.
type MakeChangesInput struct {
	PlanPath
	EffectsPage
	Body MakeChangesBody
}

// MakeChangesBody is the amendment, and why.
type MakeChangesBody struct {
	ChangesBody
	Reason string `json:"reason" minLength:"1" maxLength:"500" pattern:"\\S" patternDescription:"调整的理由" doc:"调整的理由，写进受影响事项的台账"`
}

// ChangesBody is an amendment.
type ChangesBody struct {
	Notice   string                `json:"notice,omitempty" maxLength:"20000" doc:"国务院办公厅关于某年部分节假日安排的通知，全文粘贴"`
	Years    map[string]YearChange `json:"years,omitempty" maxProperties:"20" doc:"节假日安排，以四位年份为键；与 notice 二者取一"`
	Units    []UnitChangeInput     `json:"units,omitempty" maxItems:"500" doc:"单位的新增、更名、撤并，联络员的更换"`
	Measures []MeasureChangeInput  `json:"measures,omitempty" maxItems:"500" doc:"分项任务的改期、改派、换阶梯、撤销"`

	Ladders       []LadderInFull `json:"ladders,omitempty" maxItems:"20" doc:"升级阶梯：代码相同的整个替换，没有的新增；正在按它办理的事项随之调整"`
	RemoveLadders []string       `json:"removeLadders,omitempty" maxItems:"20" doc:"删除的升级阶梯（代码）；默认的、还有分项任务在用的不能删除"`
}

// YearChange is what a year's holidays are.
type YearChange struct {
	Off []string `json:"off" maxItems:"50" doc:"放假的日期，写作 MMDD 或 MMDD-MMDD"`
	On  []string `json:"on" maxItems:"50" doc:"调休上班的日期，写作 MMDD"`
}

// UnitChangeInput changes a unit, or adds one.
type UnitChangeInput struct {
	Code     string          `json:"code" minLength:"1" maxLength:"64" doc:"单位代码，不能改"`
	New      bool            `json:"new,omitempty" doc:"true：新增的单位"`
	Name     *string         `json:"name,omitempty" maxLength:"100" doc:"名称；更名的，原名自动成为别名"`
	Kind     *plan.UnitKind  `json:"kind,omitempty" enum:"party,government,street,group" doc:"类别"`
	Tags     *[]string       `json:"tags,omitempty" maxItems:"50" doc:"标签，整组替换"`
	Aliases  *[]string       `json:"aliases,omitempty" maxItems:"50" doc:"别名，整组替换"`
	From     string          `json:"from,omitempty" format:"date" doc:"有效期首日"`
	To       string          `json:"to,omitempty" format:"date" doc:"有效期末日"`
	Into     string          `json:"into,omitempty" maxLength:"64" doc:"撤并到哪个单位（代码）：末日以后由它承担；须同时写明末日"`
	Contacts *[]ContactInput `json:"contacts,omitempty" maxItems:"50" doc:"联络员，整组替换"`
}

// ContactInput is where a unit's notices go.
type ContactInput struct {
	Name     string         `json:"name" minLength:"1" maxLength:"50" doc:"姓名"`
	Email    string         `json:"email,omitempty" maxLength:"254" doc:"电子邮箱"`
	WeCom    string         `json:"wecom,omitempty" maxLength:"64" doc:"企业微信的成员账号"`
	DingTalk string         `json:"dingtalk,omitempty" maxLength:"64" doc:"钉钉的成员账号"`
	Feishu   string         `json:"feishu,omitempty" maxLength:"64" doc:"飞书的成员账号"`
	Mobile   string         `json:"mobile,omitempty" maxLength:"20" doc:"手机号码"`
	Channels []plan.Channel `json:"channels,omitempty" maxItems:"10" doc:"依次使用的通知渠道"`
}

// MeasureChangeInput changes a measure, or withdraws it.
type MeasureChangeInput struct {
	Code     string         `json:"code" minLength:"1" maxLength:"64" example:"10.1" doc:"分项任务编号"`
	Withdraw bool           `json:"withdraw,omitempty" doc:"true：撤销，正在办理的不必再办"`
	Title    *string        `json:"title,omitempty" maxLength:"200" doc:"标题"`
	Done     *string        `json:"done,omitempty" maxLength:"500" doc:"完成标准"`
	Ladder   *string        `json:"ladder,omitempty" maxLength:"40" doc:"升级阶梯（代码）；空为默认"`
	Due      []string       `json:"due,omitempty" maxItems:"200" doc:"全部到期日，按先后。个数与原来相同的，一一对应地改期；有增减的，日期还在的不动，去掉的撤销，新写的另行交办"`
	From     string         `json:"from,omitempty" format:"date" doc:"周期性、长期性任务从哪天起算：此前的周期不再要求，正在办理的撤销"`
	Audience *AudienceInput `json:"audience,omitempty" doc:"责任单位的范围"`
}

// AudienceInput selects units.
type AudienceInput struct {
	Kinds  []plan.UnitKind `json:"kinds,omitempty" maxItems:"10" doc:"单位类别"`
	Tags   []string        `json:"tags,omitempty" maxItems:"50" doc:"标签"`
	Units  []string        `json:"units,omitempty" maxItems:"500" doc:"点名的单位代码"`
	Except []string        `json:"except,omitempty" maxItems:"500" doc:"除外的单位代码"`
}

// ChangesPreview is what an amendment would do.
type ChangesPreview struct {
	Holidays []string     `json:"holidays" doc:"通知读成了什么，请与原文核对；没有通知的为空"`
	Effects  []EffectView `json:"effects" doc:"正在办理的事项怎样变化"`

	EffectCounts EffectCounts `json:"effectCounts" doc:"各类变化各有几件"`
}

// ChangesMade is what an amendment did.
type ChangesMade struct {
	ChangesPreview
	Seed SeedResult `json:"seed" doc:"方案的变化；交办和调整在后台陆续进行"`
}

func (s *server) registerChanges() {
	codes := []Code{Code(obligation.CodeNotFound), CodeFaults}
	register(s, operation{
		id: "preview-changes", method: http.MethodPost, path: "/plans/{plan}/changes/preview", tag: tagPlans, limit: listTimeout, codes: codes,
	}, s.previewChanges)
	register(s, operation{
		id: "make-changes", method: http.MethodPost, path: "/plans/{plan}/changes", tag: tagPlans, limit: s.SeedTimeout,
		codes: append(codes, Code(obligation.CodeConflict)),
	}, s.makeChanges)
}

func (s *server) previewChanges(ctx context.Context, in *ChangesInput) (*Body[ChangesPreview], error) {
	a, holidays, err := in.Body.permitted(ctx)
	if err != nil {
		return nil, err
	}
	effects, err := s.Changes.Preview(ctx, in.Plan, a)
	if err != nil {
		return nil, amended(err)
	}
	return answer(in.show(holidays, effects)), nil
}

func (s *server) makeChanges(ctx context.Context, in *MakeChangesInput) (*Body[ChangesMade], error) {
	a, holidays, err := in.Body.permitted(ctx)
	if err != nil {
		return nil, err
	}
	effects, report, err := s.Changes.Change(ctx, in.Plan, a, in.Body.Reason, caller(ctx))
	if err != nil {
		return nil, amended(err)
	}
	if err := s.Accounts.Note(ctx, caller(ctx), account.PlanSeeded, in.Plan, in.Body.Reason, remote(ctx)); err != nil {
		return nil, err
	}
	return answer(ChangesMade{in.show(holidays, effects), SeedResult(report)}), nil
}

// ShowChanges shows what an amendment does; holidays are what a notice was read as.
func ShowChanges(holidays []string, effects []obligation.Effect) ChangesPreview {
	return EffectsPage{}.show(holidays, effects)
}

func (p EffectsPage) show(holidays []string, effects []obligation.Effect) ChangesPreview {
	shown, counts := p.of(effects)
	return ChangesPreview{filled(holidays), shown, counts}
}

// amended gives what can't be changed as its faults, and everything else as the engine's.
func amended(err error) error {
	if faults, ok := errors.AsType[obligation.AmendFaults](err); ok {
		return Faults(faults)
	}
	return engine(err)
}

// permitted is Amendment for the caller. Whoever keeps the accounts may see to units and holidays, and decides no business.
func (b ChangesBody) permitted(ctx context.Context) (obligation.Amendment, []string, error) {
	business := len(b.Measures)+len(b.Ladders)+len(b.RemoveLadders) > 0
	if who := caller(ctx); business && who.Role == account.Admin && who.Login != account.Operator {
		return obligation.Amendment{}, nil, account.Refuse(account.CodeForbidden)
	}
	return b.Amendment()
}

// Amendment reads the body, and says what its notice was read as. The error is a *Problem or Faults.
func (b ChangesBody) Amendment() (obligation.Amendment, []string, error) {
	out := obligation.Amendment{RemoveLadders: b.RemoveLadders}
	var faults []ProblemField
	if out.Ladders, faults = laddersOf(b.Ladders); len(faults) > 0 {
		return out, nil, newProblem(CodeValidation, faults...)
	}
	holidays, err := b.years(&out)
	if err != nil {
		return out, nil, err
	}
	for i, u := range b.Units {
		c, err := u.change(fmt.Sprintf("body.units[%d]", i))
		if err != nil {
			return out, nil, err
		}
		out.Units = append(out.Units, c)
	}
	for i, m := range b.Measures {
		c := obligation.MeasureChange{Code: m.Code, Withdraw: m.Withdraw, Title: m.Title, Done: m.Done, Ladder: m.Ladder}
		if a := m.Audience; a != nil {
			c.Audience = &plan.Audience{Kinds: a.Kinds, Tags: a.Tags, Units: a.Units, Except: a.Except}
		}
		if m.Due != nil {
			due := make([]calendar.Date, len(m.Due))
			for n, text := range m.Due {
				if due[n], err = calendar.ParseDate(text); err != nil {
					return out, nil, invalid(fmt.Sprintf("body.measures[%d].due[%d]", i, n), textDate)
				}
			}
			c.Due = &due
		}
		if m.From != "" {
			from, err := date(fmt.Sprintf("body.measures[%d].from", i), m.From)
			if err != nil {
				return out, nil, err
			}
			c.From = &from
		}
		out.Measures = append(out.Measures, c)
	}
	return out, holidays, nil
}

func (b ChangesBody) years(out *obligation.Amendment) ([]string, error) {
	if b.Notice != "" && len(b.Years) > 0 {
		return nil, invalid("body.notice", textNoticeOrYears)
	}
	if b.Notice != "" {
		n, err := calendar.ParseNotice(b.Notice)
		if faults, ok := errors.AsType[calendar.Faults](err); ok {
			return nil, Faults(faults)
		}
		out.Years = map[int]calendar.Year{n.Number: n.Year}
		return n.Holidays, err
	}
	for key, y := range b.Years {
		n, err := strconv.Atoi(key)
		if err != nil || n < 2000 || n > 2100 {
			return nil, invalid("body.years", textYearKey)
		}
		if out.Years == nil {
			out.Years = map[int]calendar.Year{}
		}
		out.Years[n] = calendar.Year{Off: y.Off, On: y.On}
	}
	return nil, nil
}

func (u UnitChangeInput) change(field string) (obligation.UnitChange, error) {
	c := obligation.UnitChange{Code: u.Code, New: u.New, Name: u.Name, Kind: u.Kind, Tags: u.Tags, Aliases: u.Aliases, Into: u.Into}
	for _, d := range []struct {
		name, text string
		to         **calendar.Date
	}{{".from", u.From, &c.From}, {".to", u.To, &c.To}} {
		if d.text == "" {
			continue
		}
		day, err := date(field+d.name, d.text)
		if err != nil {
			return c, err
		}
		*d.to = &day
	}
	if u.Contacts != nil {
		contacts := list(*u.Contacts, func(v ContactInput) plan.Contact { return plan.Contact(v) })
		c.Contacts = &contacts
	}
	return c, nil
}

func showEffect(e obligation.Effect) EffectView {
	return EffectView{e.ID.String(), e.UnitName, e.Title, e.Kind, e.Kind.Chinese(), filled(e.Changes)}
}
