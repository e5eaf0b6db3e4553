package api_test

import (
	"net/http"
	"regexp"
	"strings"

	"duban/account"
)

// asHeader says in a test who asks: "role", "role login", "unit login unitcode"; "nobody" has not logged in. Without it,
// whoever the route is for asks.
const asHeader = "X-As"

var (
	liaisonsVerb = regexp.MustCompile(`^/api/v1/(?:obligations/[^/]+/[^/]+|plans/[^/]+/units)/([^/]+)(?:/[^/]+)?/(?:sign|submit|progress|send-back|ask-extension|break-down|delegate|end-delegation|evidence(?:/[^/]+)?)$|^/api/v1/documents/[^/]+/[^/]+/([^/]+)/[^/]+/[^/]+/rectify$`)
	leadersVerb  = regexp.MustCompile(`/interview/sign-off$`)
	adminsPath   = regexp.MustCompile(`^/api/v1/(accounts|admin-log|workflows)`)
)

// people are the names of those who ask in tests.
var people = map[string]string{"": "张三", "zhang": "张三", "li": "李四", "wang": "王五"}

// identify is who asks in a test.
func identify(r *http.Request) (account.Caller, error) {
	as := strings.Fields(r.Header.Get(asHeader))
	c := account.Caller{Login: "zhang", Role: account.Office, Scopes: account.Scopes}
	switch m := liaisonsVerb.FindStringSubmatch(r.URL.Path); {
	case m != nil:
		c.Role, c.Unit = account.Unit, m[1]+m[2]
	case leadersVerb.MatchString(r.URL.Path):
		c.Role = account.Leader
	case adminsPath.MatchString(r.URL.Path):
		c.Role = account.Admin
	}
	if len(as) > 0 {
		if as[0] == "nobody" {
			return account.Caller{}, account.Refuse(account.CodeUnauthenticated)
		}
		if as[0] != "same" {
			c.Role = account.Role(as[0])
		}
	}
	if len(as) > 1 {
		c.Login = as[1]
	}
	if len(as) > 2 {
		c.Unit = as[2]
	}
	c.Name = people[c.Login]
	return c, nil
}
