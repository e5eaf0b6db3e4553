package api

import (
	"context"
	"net/http"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// UnitDetail is everything about a unit.
type UnitDetail struct {
	Unit
	Valid      bool     `json:"valid" doc:"今天在有效期内"`
	MergedInto *UnitRef `json:"mergedInto,omitempty" doc:"已并入的单位；没有撤并则不出现"`
	Counts     *Counts  `json:"counts,omitempty" doc:"责任事项统计；管理员看不到"`
}

func (s *server) registerUnits() {
	register(s, operation{
		id: "get-unit", method: http.MethodGet, path: "/plans/{plan}/units/{unit}", tag: tagPlans, codes: []Code{Code(obligation.CodeNotFound)},
	}, s.getUnit)
}

func (s *server) getUnit(ctx context.Context, in *UnitPath) (*Body[UnitDetail], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	u, ok := d.Plan.Unit(in.Unit)
	if !ok {
		return nil, notFound()
	}
	f := obligation.Filter{Plan: in.Plan, Units: []string{u.Code}, Now: s.Now()}
	today := calendar.DateOf(f.Now, obligation.Location(d.Plan.Zone))
	out := UnitDetail{Unit: showUnit(caller(ctx), u), Valid: u.ValidOn(today)}
	if u.Into != "" && !u.To.IsZero() {
		out.MergedInto = &UnitRef{u.Into, unitName(d, u.Into)}
	}
	who := caller(ctx).Role
	if who == account.Admin || who == account.Office {
		for i := range out.Contacts {
			out.Contacts[i].Mobile = u.Contacts[i].Mobile
		}
	}
	if who == account.Admin {
		return answer(out), nil
	}
	tallies, err := s.Reader.Tallies(ctx, f, obligation.TallyUnit)
	if err != nil {
		return nil, err
	}
	var all obligation.Tally
	for _, t := range tallies {
		all = all.Plus(t.Tally)
	}
	out.Counts = &Counts{Total: all.Total, Open: all.Open(), Red: all.Red, Yellow: all.Yellow, Closed: all.Closed, Waived: all.Waived, History: all.History}
	return answer(out), nil
}

func showUnit(who account.Caller, u plan.Unit) Unit {
	return Unit{
		Code: u.Code, Name: u.Name, Kind: u.Kind, KindLabel: unitKinds[u.Kind], From: u.From, To: u.To,
		Tags: filled(u.Tags), Aliases: filled(u.Aliases), Contacts: contactsFor(who, u),
	}
}
