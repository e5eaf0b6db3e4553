package web

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

func (s *server) registerAccounts(p routes) {
	p.get("/accounts", s.accounts)
	p.post("/accounts", s.openAccount)
	p.get("/accounts/:login", s.account)
	p.post("/accounts/:login", s.changeAccount)
	p.post("/accounts/:login/invitation", s.inviteAccount)
	p.post("/accounts/:login/disable", s.patchAccount("disabled", api.ChangeAccountBody{Disabled: new(true)}))
	p.post("/accounts/:login/enable", s.patchAccount("enabled", api.ChangeAccountBody{Disabled: new(false)}))
	p.post("/accounts/:login/unlock", s.patchAccount("unlocked", api.ChangeAccountBody{Unlock: true}))
	p.post("/accounts/:login/sessions", s.endSessions)
	p.post("/accounts/:login/tokens/:id/revoke", s.revokeAccountToken)
}

const (
	formAccount = "account"
	formInvite  = "invite"
)

// invited is a one-time link, shown this once.
type invited struct{ Name, Login, Link string }

func (s *server) accounts(c *gin.Context) {
	s.showAccounts(c, s.frame(c, textAccounts, menuAccounts))
}

func (s *server) showAccounts(c *gin.Context, f frame) {
	list, err := get[api.AccountList](s, c, "/accounts", nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	units, err := s.unitsToChoose(c, f)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, statusOf(f), accountsPage(f, list.Accounts, units, f.form(formAccount, 0)))
}

// unitsToChoose returns the units that a liaison may belong to.
func (s *server) unitsToChoose(c *gin.Context, f frame) ([]api.Unit, error) {
	if f.Plan.Code == "" {
		return nil, nil
	}
	list, err := get[api.UnitList](s, c, at("plans", f.Plan.Code, "units"), nil)
	return list.Units, err
}

// openAccount opens an account and shows the link by which its owner sets the password.
func (s *server) openAccount(c *gin.Context) {
	f := s.frame(c, textAccounts, menuAccounts)
	body := api.CreateAccountBody{
		Login: strings.TrimSpace(c.PostForm("login")), Name: strings.TrimSpace(c.PostForm("name")), Role: account.Role(c.PostForm("role")), Unit: c.PostForm("unit"),
	}
	link, err := send[api.Invitation](s, c, http.MethodPost, "/accounts", body)
	if err != nil {
		s.showAccounts(c, s.with(c, f, err))
		return
	}
	s.showLink(c, f, link)
}

func (s *server) inviteAccount(c *gin.Context) {
	f := s.frame(c, textAccounts, menuAccounts)
	body := api.InviteBody{Reset: c.PostForm("reset") != ""}
	link, err := send[api.Invitation](s, c, http.MethodPost, at("accounts", c.Param("login"), "invitation"), body)
	if err != nil {
		s.showAccount(c, s.with(c, f, err))
		return
	}
	s.showLink(c, f, link)
}

func (s *server) showLink(c *gin.Context, f frame, link api.Invitation) {
	f.Scripts = []string{"accounts.js"}
	s.render(c, http.StatusOK, linkPage(f, invited{link.Account.Name, link.Account.Login, s.origin(c) + link.Path}))
}

// origin returns how browsers call this installation.
func (s *server) origin(c *gin.Context) string {
	if len(s.Origins) > 0 {
		return strings.TrimSuffix(s.Origins[0], "/")
	}
	if s.Encrypted {
		return "https://" + c.Request.Host
	}
	return "http://" + c.Request.Host
}

// accountView is what the page of one account shows.
type accountView struct {
	Account  api.Account
	UnitName string
	Units    []api.Unit
	Tokens   []api.Token
	Own      bool // it is the caller's
}

func (s *server) account(c *gin.Context) {
	s.showAccount(c, s.frame(c, textAccounts, menuAccounts))
}

func (s *server) showAccount(c *gin.Context, f frame) {
	list, err := get[api.AccountList](s, c, "/accounts", nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	v := accountView{}
	for _, a := range list.Accounts {
		if a.Login == c.Param("login") {
			v.Account = a
		}
	}
	if v.Account.Login == "" {
		s.lost(c)
		return
	}
	if v.Units, err = s.unitsToChoose(c, f); err != nil {
		s.fail(c, f, err)
		return
	}
	v.UnitName, v.Own = unitNamed(v.Units, v.Account.Unit), v.Account.Login == f.Who.Login
	tokens, err := get[api.TokenList](s, c, at("accounts", v.Account.Login, "tokens"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	v.Tokens, f.Title = tokens.Tokens, v.Account.Name
	s.render(c, statusOf(f), accountPage(f, v, f.form(formAccount, 0), f.form(formInvite, 0)))
}

// unitNamed returns the name of a unit; its code where the plan has no such unit.
func unitNamed(units []api.Unit, code string) string {
	for _, u := range units {
		if u.Code == code {
			return u.Name
		}
	}
	return code
}

func (s *server) changeAccount(c *gin.Context) {
	role := account.Role(c.PostForm("role"))
	s.patch(c, "account-changed", api.ChangeAccountBody{Name: new(strings.TrimSpace(c.PostForm("name"))), Role: &role, Unit: new(c.PostForm("unit"))})
}

func (s *server) patchAccount(notice string, body api.ChangeAccountBody) gin.HandlerFunc {
	return func(c *gin.Context) { s.patch(c, notice, body) }
}

func (s *server) patch(c *gin.Context, notice string, body api.ChangeAccountBody) {
	_, err := send[api.Account](s, c, http.MethodPatch, at("accounts", c.Param("login")), body)
	s.accountDone(c, notice, err)
}

func (s *server) endSessions(c *gin.Context) {
	_, err := send[api.Done](s, c, http.MethodDelete, at("accounts", c.Param("login"), "sessions"), nil)
	s.accountDone(c, "sessions-ended", err)
}

func (s *server) revokeAccountToken(c *gin.Context) {
	_, err := send[api.Done](s, c, http.MethodDelete, at("accounts", c.Param("login"), "tokens", c.Param("id")), nil)
	s.accountDone(c, "token-revoked", err)
}

// accountDone leads back to the account's page, which says what was done or why it was not.
func (s *server) accountDone(c *gin.Context, notice string, err error) {
	if err != nil {
		s.showAccount(c, s.with(c, s.frame(c, textAccounts, menuAccounts), err))
		return
	}
	done(c, at("accounts", c.Param("login")), notice)
}
