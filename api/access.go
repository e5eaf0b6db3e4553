package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/obligation"
)

// rule says who may call a route. What a liaison may call of one unit is his own: the unit in its address has to be his, and
// lists hold nothing else.
type rule struct {
	public  bool // whoever asks, logged in or not
	roles   []account.Role
	scope   account.Scope
	machine bool // and whoever works at the machine itself
}

// The rules that several routes share.
var (
	public     = rule{public: true}
	anybody    = rule{roles: account.Roles, scope: account.Read}
	own        = rule{roles: account.Roles, scope: account.Manage} // what is his own: password, tokens, session
	readers    = rule{roles: []account.Role{account.Office, account.Leader, account.Auditor}, scope: account.Read}
	overseers  = rule{roles: append([]account.Role{account.Admin}, readers.roles...), scope: account.Read}
	business   = rule{roles: []account.Role{account.Office, account.Leader, account.Auditor, account.Unit}, scope: account.Read}
	liaisons   = rule{roles: []account.Role{account.Unit}, scope: account.Act}
	office     = rule{roles: []account.Role{account.Office}, scope: account.Act}
	leaders    = rule{roles: []account.Role{account.Leader}, scope: account.Act}
	signers    = rule{roles: []account.Role{account.Office, account.Leader}, scope: account.Act}
	admins     = rule{roles: []account.Role{account.Admin}, scope: account.Manage}
	controls   = rule{roles: []account.Role{account.Admin, account.Auditor}, scope: account.Read}
	planners   = rule{roles: []account.Role{account.Office}, scope: account.Manage, machine: true}
	seeders    = rule{roles: []account.Role{account.Office, account.Admin}, scope: account.Manage}
	recipients = rule{roles: []account.Role{account.Office, account.Unit}, scope: account.Act}
)

// access is the table of role × route, by the operation's id, or by method and path of what is no operation. A route that is
// not in it can't be registered.
var access = map[string]rule{
	"health": public,
	"ready":  public,

	"login":                     public,
	"accept-invitation":         public,
	"logout":                    own,
	"get-me":                    anybody,
	"change-password":           own,
	"list-tokens":               anybody,
	"issue-token":               own,
	"revoke-token":              own,
	"list-feeds":                business,
	"issue-feed":                {roles: business.roles, scope: account.Manage},
	"revoke-feed":               {roles: business.roles, scope: account.Manage},
	"read-feed":                 public, // the address is a secret
	"list-accounts":             controls,
	"create-account":            admins,
	"change-account":            admins,
	"invite-account":            admins,
	"end-sessions":              admins,
	"list-account-tokens":       controls,
	"revoke-account-token":      admins,
	"list-admin-log":            controls,
	"list-open-workflows":       controls,
	"get-diagnosis":             controls,
	"repair-fault":              admins,
	"GET /api/openapi.json":     public,
	"GET /api/docs":             public,
	"GET /api/docs/":            public, // the page's files
	"start-plan":                planners,
	"list-plans":                anybody,
	"preview-changes":           seeders,
	"make-changes":              seeders,
	"upload-list":               planners,
	"list-lists":                readers,
	"get-list":                  {roles: []account.Role{account.Office}, scope: account.Read},
	"settle-list":               planners,
	"preview-list":              planners,
	"apply-list":                planners,
	"download-corrections":      planners,
	"export-list":               readers,
	"download-template":         readers,
	"get-plan":                  readers,
	"list-tasks":                overseers,
	"list-ladders":              overseers,
	"get-task":                  readers,
	"list-units":                anybody,
	"get-unit":                  {roles: append([]account.Role{account.Admin}, business.roles...), scope: account.Read},
	"get-calendar-year":         {roles: append([]account.Role{account.Admin, account.Unit}, readers.roles...), scope: account.Read},
	"get-wall":                  business,
	"get-overview":              business,
	"get-matrix":                business,
	"get-statistics":            readers,
	"export-statistics":         readers,
	"download-progress-report":  readers,
	"list-monthly":              business,
	"get-monthly":               {roles: business.roles, scope: account.Read, machine: true},
	"get-monthly-form":          business,
	"export-monthly":            {roles: readers.roles, scope: account.Read, machine: true},
	"download-monthly":          {roles: readers.roles, scope: account.Read, machine: true},
	"get-stuck":                 {roles: append([]account.Role{account.Admin}, readers.roles...), scope: account.Read},
	"list-deliveries":           {roles: []account.Role{account.Office, account.Auditor, account.Admin}, scope: account.Read},
	"list-channels":             {roles: []account.Role{account.Office, account.Auditor, account.Admin}, scope: account.Read},
	"test-channel":              admins,
	"list-obligations":          business,
	"export-obligations":        business,
	"get-obligation":            business,
	"list-ledger":               business,
	"list-obligation-documents": business,
	"sign-obligation":           liaisons,
	"submit-obligation":         liaisons,
	"report-progress":           liaisons,
	"send-back-obligation":      liaisons,
	"ask-extension":             liaisons,
	"break-down-obligation":     liaisons,
	"delegate-obligation":       liaisons,
	"end-delegation":            liaisons,
	"delegate-unit":             liaisons,
	"list-evidence":             business,
	"download-evidence":         business,
	"upload-evidence":           liaisons,
	"remove-evidence":           liaisons,
	"accept-obligation":         office,
	"return-obligation":         office,
	"nudge-obligation":          office,
	"waive-obligation":          office,
	"refuse-send-back":          office,
	"skip-rung":                 office,
	"suspend-obligation":        office,
	"resume-obligation":         office,
	"grant-extension":           office,
	"refuse-extension":          office,
	"hand-over-obligation":      office,
	"hand-over-unit":            office,
	"list-inspections":          readers,
	"get-inspection":            business,
	"plan-inspection":           office,
	"record-inspection":         office,
	"add-findings":              office,
	"list-findings":             business,
	"export-findings":           business,
	"download-order":            business,
	"export-dossier":            readers,
	"list-documents":            business,
	"get-document":              business,
	"download-document":         business,
	"download-minutes":          business,
	"read-document":             business,
	"read-minutes":              business,
	"download-extension-reply":  business,
	"sign-off-document":         signers,
	"withdraw-document":         signers,
	"arrange-interview":         office,
	"conclude-interview":        office,
	"report-rectification":      liaisons,
	"verify-rectification":      office,
	"return-rectification":      office,
	"waive-rectification":       office,
	"list-inbox":                business,
	"print-digest":              business,
	"read-digest":               recipients,
	"what-if":                   readers,
	"list-assessments":          business,
	"get-assessment":            business,
	"get-assessment-unit":       business,
	"list-assessment-record":    business,
	"export-assessment":         readers,
	"try-assessment":            readers,
	"score-assessment":          liaisons,
	"object-assessment":         liaisons,
	"answer-assessment":         office,
	"adjust-assessment":         office,
	"close-assessment":          office,
	"propose-assessment":        office,
	"sign-assessment":           leaders,
	"send-back-assessment":      leaders,
	"publish-assessment":        office,
	"grade-assessment":          office,
	"advise-assessment":         office,
	"decide-assessment":         leaders,
	"list-hazards":              {roles: business.roles, scope: account.Read, machine: true},
	"get-hazard":                business,
	"get-hazard-options":        business,
	"export-hazards":            {roles: business.roles, scope: account.Read, machine: true},
	"register-hazard":           recipients,
	"supervise-hazard":          signers,
	"regrade-hazard":            office,
	"review-hazard":             recipients,
	"analyse-hazards":           readers,
	"export-hazard-analysis":    {roles: readers.roles, scope: account.Read, machine: true},
	"download-hazard-template":  business,
	"preview-hazards":           {roles: office.roles, scope: account.Act, machine: true},
	"apply-hazards":             {roles: office.roles, scope: account.Act, machine: true},
	"get-training":              anybody,
	"pace-training":             seeders,
	"take-unit":                 seeders,
	"temporal-ui":               {roles: append([]account.Role{account.Admin}, readers.roles...), scope: account.Read},
	"temporal-codec":            {roles: append([]account.Role{account.Admin}, readers.roles...), scope: account.Read},
}

// Identify returns who makes a request. Refusals are *account.Error; every other error is the store's.
type Identify func(r *http.Request) (account.Caller, error)

type callerKey struct{}

// caller returns who makes the request being served.
func caller(ctx context.Context) account.Caller {
	c, _ := ctx.Value(callerKey{}).(account.Caller)
	return c
}

// by returns who acts: whoever logged in, in the capacity that the operation is for.
func by(ctx context.Context, role obligation.Role) obligation.Actor {
	c := caller(ctx)
	return obligation.Actor{Role: role, Name: c.Name, Login: c.Login}
}

// signer returns who acts on a document: a leader as such, everybody else for the office.
func signer(ctx context.Context) obligation.Actor {
	if caller(ctx).Role == account.Leader {
		return by(ctx, obligation.RoleLeader)
	}
	return by(ctx, obligation.RoleOffice)
}

// scoped returns the unit that a list is bounded to: a liaison's own, whatever he asks for; what others ask for.
func scoped(ctx context.Context, asked string) (string, error) {
	c := caller(ctx)
	if c.Role != account.Unit {
		return asked, nil
	}
	if asked != "" && asked != c.Unit {
		return "", account.Refuse(account.CodeForeign)
	}
	return c.Unit, nil
}

// gate lets in who may call a route.
type gate struct {
	rules    map[string]rule // by method and path as Gin has it
	identify Identify
	problem  func(ctx context.Context, err error) *Problem
}

// add puts a route under the rule of a key, and panics where there is none: nothing is open by mistake.
func (g *gate) add(method, path, key string) {
	r, ok := access[key]
	if !ok {
		panic("no rule of access for " + key)
	}
	g.rules[method+" "+path] = r
}

// admit is the middleware: who asks, and may he?
func (g *gate) admit(c *gin.Context) {
	if c.FullPath() == "" {
		c.Next() // there is no such route
		return
	}
	r := g.rules[c.Request.Method+" "+c.FullPath()]
	if r.public {
		c.Next()
		return
	}
	who, err := g.identify(c.Request)
	if err == nil {
		err = r.allows(who, c.Param("unit"))
	}
	if err != nil {
		p := g.problem(c.Request.Context(), err)
		if p.Code == Code(account.CodeUnauthenticated) && toLogin(c) {
			return
		}
		if p.Status == http.StatusUnauthorized {
			c.Header("WWW-Authenticate", `Bearer realm="duban"`)
		}
		// Nothing of a body is read for who may not send one.
		if c.Request.ContentLength != 0 {
			c.Header("Connection", "close")
		}
		abort(c, p)
		return
	}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callerKey{}, who))
	c.Next()
}

// allows returns an *account.Error where the caller may not call the route about the unit; "": it is about none.
func (r rule) allows(who account.Caller, unit string) error {
	switch {
	case r.machine && who.Login == account.Operator:
		return nil
	case !slices.Contains(r.roles, who.Role):
		return account.Refuse(account.CodeForbidden)
	case !who.May(r.scope):
		return account.Refuse(account.CodeScope)
	case unit != "" && !who.Owns(unit):
		return account.Refuse(account.CodeForeign)
	}
	return nil
}

// who says, for the description, who may call the route.
func (r rule) who() string {
	if r.public {
		return textForAll
	}
	names := make([]string, len(r.roles))
	for i, role := range r.roles {
		names[i] = role.Chinese()
	}
	return fmt.Sprintf(textForRoles, strings.Join(names, "、"), r.scope)
}
