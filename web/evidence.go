package web

import (
	"errors"

	"github.com/gin-gonic/gin"

	"duban/api"
)

// evidence returns what was uploaded for the obligation of a page, and how much may be; zero where none is taken, as in a
// training.
func (s *server) evidence(c *gin.Context) (api.EvidenceList, error) {
	list, err := get[api.EvidenceList](s, c, "/obligations"+at(append(oneOf(c), "evidence")...), nil)
	if p, ok := errors.AsType[*api.Problem](err); ok && p.Code == api.CodeRouteNotFound {
		return api.EvidenceList{}, nil
	}
	return list, err
}
