package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// DelegateInput lets another act for a liaison.
type DelegateInput struct {
	ObligationPath
	Acting
	Body DelegateBody
}

// DelegateBody says to whom, and for how long.
type DelegateBody struct {
	To     Person `json:"to" doc:"受托人"`
	From   string `json:"from,omitempty" format:"date" doc:"开始日；不填从今天起"`
	Until  string `json:"until" format:"date" doc:"截止日（含当天）"`
	Reason string `json:"reason,omitempty" maxLength:"4000" doc:"事由"`
}

// HandOverInput gives an obligation to another liaison.
type HandOverInput struct {
	ObligationPath
	Acting
	Body HandOverBody
}

// HandOverBody says from whom, to whom and why.
type HandOverBody struct {
	From   *Person `json:"from,omitempty" doc:"原联络员；填写的，只移交其名下的和没有登记联络员的"`
	To     Person  `json:"to" doc:"新联络员"`
	Reason string  `json:"reason" maxLength:"4000" doc:"移交的理由"`
}

// UnitPath addresses a unit of a plan.
type UnitPath struct {
	Plan string `path:"plan" maxLength:"64" example:"changning-2024" doc:"方案代码"`
	Unit string `path:"unit" maxLength:"64" doc:"责任单位代码"`
}

// DelegateAllInput lets another act for a liaison in all open obligations of the unit.
type DelegateAllInput struct {
	UnitPath
	Retry
	Body DelegateBody
}

// HandOverAllInput gives a unit's open obligations to another liaison.
type HandOverAllInput struct {
	UnitPath
	Retry
	Body HandOverBody
}

// BulkOutput answers a command that was put to many obligations.
type BulkOutput struct {
	Key  string `header:"Idempotency-Key" doc:"本次操作的键"`
	Body Bulk
}

// Bulk is what became of a command that was put to many obligations.
type Bulk struct {
	Total     int        `json:"total" doc:"在办的责任事项数"`
	Done      int        `json:"done" doc:"已办理，含此前已用同一个键办理的"`
	Unchanged int        `json:"unchanged" doc:"本来如此，不必办理"`
	Refused   int        `json:"refused" doc:"不能办理的，见各件的 code、detail"`
	Failed    int        `json:"failed" doc:"没有办成的：用同一个键重试，已办的不会重复"`
	Items     []BulkItem `json:"items" doc:"逐件的结果，按到期日排列"`
}

// BulkItem is what became of one obligation.
type BulkItem struct {
	Measure     string `json:"measure" doc:"分项任务编号"`
	Period      string `json:"period" doc:"周期代码"`
	Title       string `json:"title" doc:"分项任务标题"`
	PeriodLabel string `json:"periodLabel" doc:"周期名称"`
	Result      string `json:"result" enum:"done,unchanged,refused,failed" doc:"结果：done 已办理，unchanged 本来如此，refused 不能办理，failed 没有办成"`
	Code        Code   `json:"code,omitempty" doc:"没有办理的原因代码"`
	Detail      string `json:"detail,omitempty" doc:"没有办理的原因"`
}

func (s *server) registerLiaisons(act func(id, verb string, codes ...obligation.ErrorCode) operation) {
	register(s, act("delegate-obligation", "delegate", obligation.CodeNameInvalid, obligation.CodePeriodInvalid), s.delegate)
	register(s, act("end-delegation", "end-delegation", obligation.CodeNoDelegation), s.endDelegation)
	register(s, act("hand-over-obligation", "hand-over", obligation.CodeNameInvalid, obligation.CodeNothingToDo, obligation.CodeOtherLiaison,
		obligation.CodeReasonMissing), s.handOver)
	all := func(id, verb string) operation {
		return operation{
			id: id, method: http.MethodPost, path: "/plans/{plan}/units/{unit}/" + verb, tag: tagObligations, limit: s.SeedTimeout,
			codes: []Code{Code(obligation.CodeNotFound)},
		}
	}
	register(s, all("delegate-unit", "delegate"), s.delegateAll)
	register(s, all("hand-over-unit", "hand-over"), s.handOverAll)
}

func (b DelegateBody) command(ctx context.Context) (obligation.Command, error) {
	from, err := date("body.from", b.From)
	if err != nil {
		return obligation.Command{}, err
	}
	until, err := date("body.until", b.Until)
	return obligation.Command{
		Kind: obligation.Delegate, By: by(ctx, obligation.RoleUnit), Name: b.To.name(), From: from, Due: until, Text: b.Reason,
	}, err
}

func (b HandOverBody) command(ctx context.Context) obligation.Command {
	c := obligation.Command{
		Kind: obligation.HandOver, By: by(ctx, obligation.RoleOffice), Name: b.To.name(), Text: b.Reason,
	}
	if b.From != nil {
		c.Former = b.From.name()
	}
	return c
}

func (s *server) delegate(ctx context.Context, in *DelegateInput) (*EventOutput, error) {
	c, err := in.Body.command(ctx)
	if err != nil {
		return nil, err
	}
	return s.command(ctx, in.id(), in.Acting, c)
}

func (s *server) endDelegation(ctx context.Context, in *ActInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, obligation.Command{Kind: obligation.EndDelegation, By: by(ctx, obligation.RoleUnit)})
}

func (s *server) handOver(ctx context.Context, in *HandOverInput) (*EventOutput, error) {
	return s.command(ctx, in.id(), in.Acting, in.Body.command(ctx))
}

func (s *server) delegateAll(ctx context.Context, in *DelegateAllInput) (*BulkOutput, error) {
	c, err := in.Body.command(ctx)
	if err != nil {
		return nil, err
	}
	return s.toAll(ctx, in.UnitPath, in.Retry, c)
}

func (s *server) handOverAll(ctx context.Context, in *HandOverAllInput) (*BulkOutput, error) {
	return s.toAll(ctx, in.UnitPath, in.Retry, in.Body.command(ctx))
}

// toAll puts a command to every open obligation of a unit, one after the other. Repeated with the same key it does what is
// still to do. What becomes of one stops none of the others.
func (s *server) toAll(ctx context.Context, unit UnitPath, r Retry, c obligation.Command) (*BulkOutput, error) {
	views, err := s.openOf(ctx, unit)
	if err != nil {
		return nil, err
	}
	if r.Key == "" {
		r.Key = rand.Text()
	}
	out := &BulkOutput{Key: r.Key, Body: Bulk{Total: len(views), Items: []BulkItem{}}}
	for _, v := range views {
		_, err := s.command(ctx, v.State.ID, Acting{Retry: r}, c)
		out.Body.add(s.bulkItem(ctx, v.State, err))
	}
	return out, nil
}

// openOf returns the open obligations of a unit that the plan has.
func (s *server) openOf(ctx context.Context, unit UnitPath) ([]obligation.View, error) {
	d, err := s.Reader.Definition(ctx, unit.Plan)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(d.Plan.Units, func(u plan.Unit) bool { return u.Code == unit.Unit }) {
		return nil, notFound()
	}
	open := true
	f := obligation.Filter{Plan: unit.Plan, Units: []string{unit.Unit}, Open: &open, Now: s.Now(), Limit: bulkPage}
	var views []obligation.View
	for {
		page, err := s.Reader.List(ctx, f)
		if err != nil {
			return nil, err
		}
		views = append(views, page.Views...)
		if f.After = page.Next; f.After == "" {
			return views, nil
		}
	}
}

const bulkPage = 200

func (s *server) bulkItem(ctx context.Context, st obligation.State, err error) BulkItem {
	item := BulkItem{Measure: st.ID.Measure, Period: st.ID.Period, Title: st.Title, PeriodLabel: st.Period, Result: "done"}
	if err == nil {
		return item
	}
	p := s.problemOf(ctx, err)
	item.Code, item.Detail, item.Result = p.Code, p.Detail, "refused"
	var refused *obligation.Error
	switch {
	case p.Code == Code(obligation.CodeNothingToDo):
		item.Result, item.Code, item.Detail = "unchanged", "", ""
	case !errors.As(err, &refused) && p.Status >= http.StatusInternalServerError:
		item.Result = "failed"
	}
	return item
}

func (b *Bulk) add(item BulkItem) {
	b.Items = append(b.Items, item)
	switch item.Result {
	case "done":
		b.Done++
	case "unchanged":
		b.Unchanged++
	case "refused":
		b.Refused++
	default:
		b.Failed++
	}
}

// Delegation lets another act for a liaison for some days.
type Delegation struct {
	By    string        `json:"by" doc:"委托人"`
	To    string        `json:"to" doc:"受托人"`
	From  calendar.Date `json:"from" format:"date" doc:"开始日"`
	Until calendar.Date `json:"until" format:"date" doc:"截止日（含当天）"`
}

func showDelegation(d *obligation.Delegation) *Delegation {
	if d == nil {
		return nil
	}
	return &Delegation{d.By, d.To, d.From, d.Until}
}
