package api

import (
	"context"
	"net/http"

	"duban/obligation"
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

func (s *server) getUnit(context.Context, *UnitPath) (*Body[UnitDetail], error) {
	return nil, errLater
}
