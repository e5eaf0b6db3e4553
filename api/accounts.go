package api

import (
	"context"
	"net/http"
	"time"

	"duban/account"
)

// Accounts lets people in and keeps their accounts. Refusals are *account.Error; every other error is the store's.
type Accounts interface {
	// Enter begins a session in the context of a request.
	Enter(ctx context.Context, login, password, remote string) (account.Caller, error)
	Leave(ctx context.Context, by account.Caller, remote string) error
	// Accept sets the password of the account that a one-time link is for.
	Accept(ctx context.Context, secret, password, remote string) (account.Account, error)
	ChangePassword(ctx context.Context, by account.Caller, old, password, remote string) error

	List(ctx context.Context) ([]account.Account, error)
	// Create and Invite return the secret of a one-time link.
	Create(ctx context.Context, by account.Caller, a account.Account, remote string) (account.Account, string, error)
	Invite(ctx context.Context, by account.Caller, login string, reset bool, remote string) (account.Account, string, error)
	Change(ctx context.Context, by account.Caller, login string, c account.Change, remote string) (account.Account, error)
	EndSessions(ctx context.Context, by account.Caller, login, remote string) error

	IssueToken(ctx context.Context, by account.Caller, label string, scopes []account.Scope, expires time.Time, remote string) (account.Token, string, error)
	Tokens(ctx context.Context, login string) ([]account.Token, error)
	RevokeToken(ctx context.Context, by account.Caller, login, id, remote string) error

	// IssueFeed returns the secret of a calendar feed; FeedOwner returns for whom a secret is good, or account.CodeNotFound.
	IssueFeed(ctx context.Context, by account.Caller, remote string) (account.Feed, string, error)
	Feeds(ctx context.Context, login string) ([]account.Feed, error)
	RevokeFeed(ctx context.Context, by account.Caller, id, remote string) error
	FeedOwner(ctx context.Context, secret string) (account.Caller, error)

	Note(ctx context.Context, by account.Caller, action account.Action, target, detail, remote string) error
	AdminLog(ctx context.Context, before int64, limit int) ([]account.Entry, error)
}

// Me is who has logged in.
type Me struct {
	Login     string          `json:"login" doc:"登录名"`
	Name      string          `json:"name" doc:"姓名"`
	Role      account.Role    `json:"role" enum:"office,leader,unit,auditor,admin" doc:"身份"`
	RoleLabel string          `json:"roleLabel" doc:"身份名称"`
	Unit      string          `json:"unit,omitempty" doc:"责任单位代码；联络员才有"`
	Scopes    []account.Scope `json:"scopes" doc:"权限范围：read 查看，act 办理，manage 管理；令牌可能只有其中一部分"`
}

// Account is one person who may log in.
type Account struct {
	Login       string       `json:"login" doc:"登录名，不能改"`
	Name        string       `json:"name" doc:"姓名"`
	Role        account.Role `json:"role" enum:"office,leader,unit,auditor,admin" doc:"身份"`
	RoleLabel   string       `json:"roleLabel" doc:"身份名称"`
	Unit        string       `json:"unit,omitempty" doc:"责任单位代码；联络员才有"`
	Ready       bool         `json:"ready" doc:"已设置密码"`
	Disabled    bool         `json:"disabled" doc:"已停用"`
	LockedUntil time.Time    `json:"lockedUntil,omitzero" doc:"锁定至；没有锁定则不出现"`
	InvitedTo   time.Time    `json:"invitedTo,omitzero" doc:"一次性链接的有效期；没有未用的链接则不出现"`
	Created     time.Time    `json:"created" doc:"开立时间"`
	Seen        time.Time    `json:"seen,omitzero" doc:"最近登录；没有登录过则不出现"`
}

// AccountList is every account.
type AccountList struct {
	Accounts []Account `json:"accounts" doc:"账号，按登录名排列"`
}

// Invitation is an account with the one-time link by which its owner sets the password.
type Invitation struct {
	Account Account `json:"account" doc:"账号"`
	Secret  string  `json:"secret" doc:"一次性链接中的密钥，只显示这一次，72 小时内有效；请只交给本人"`
	Path    string  `json:"path" doc:"一次性链接：接在本系统的地址之后"`
}

// Token is a program's token, without its secret.
type Token struct {
	ID      string          `json:"id" doc:"编号"`
	Label   string          `json:"label" doc:"用途"`
	Scopes  []account.Scope `json:"scopes" doc:"权限范围"`
	Created time.Time       `json:"created" doc:"签发时间"`
	Expires time.Time       `json:"expires" doc:"截止时间"`
	Used    time.Time       `json:"used,omitzero" doc:"最近使用；没有使用过则不出现"`
	Revoked time.Time       `json:"revoked,omitzero" doc:"吊销时间；没有吊销则不出现"`
}

// TokenList is every token of an account.
type TokenList struct {
	Tokens []Token `json:"tokens" doc:"令牌，新的在前"`
}

// IssuedToken is a new token.
type IssuedToken struct {
	Token
	Secret string `json:"secret" doc:"令牌本身，只显示这一次"`
}

// LogEntry is one line of the administrators' log.
type LogEntry struct {
	Seq         int64          `json:"seq" doc:"序号"`
	At          time.Time      `json:"at" doc:"时间（实际时间）"`
	By          string         `json:"by,omitempty" doc:"谁：登录名；operator 为本机操作员；不知道是谁的没有"`
	Action      account.Action `json:"action" doc:"做了什么"`
	ActionLabel string         `json:"actionLabel" doc:"名称"`
	Target      string         `json:"target,omitempty" doc:"对什么：账号、令牌、方案、责任事项"`
	Detail      string         `json:"detail,omitempty" doc:"详情"`
	Remote      string         `json:"remote,omitempty" doc:"来自哪个地址"`
	Hash        string         `json:"hash" doc:"哈希链的值"`
}

// LogPage is one page of the administrators' log.
type LogPage struct {
	Entries []LogEntry `json:"entries" doc:"日志，新的在前"`
	Next    int64      `json:"next,omitempty" doc:"下一页的 before；没有则为最后一页"`
}

// LoginInput lets a person in.
type LoginInput struct {
	Body LoginBody
}

// LoginBody is what a person knows.
type LoginBody struct {
	Login    string `json:"login" maxLength:"64" doc:"登录名"`
	Password string `json:"password" maxLength:"512" doc:"密码"`
}

// AcceptInput uses a one-time link.
type AcceptInput struct {
	Body AcceptBody
}

// AcceptBody is the link's secret and the password to be set.
type AcceptBody struct {
	Secret   string `json:"secret" maxLength:"128" doc:"一次性链接中的密钥"`
	Password string `json:"password" maxLength:"512" doc:"要设置的密码：10 至 128 个字，不足 20 个字的须含大写字母、小写字母、数字、其他字符中的三种"`
}

// PasswordInput changes one's own password.
type PasswordInput struct {
	Body PasswordBody
}

// PasswordBody is the password before, and the one to be.
type PasswordBody struct {
	Old string `json:"old" maxLength:"512" doc:"原密码"`
	New string `json:"new" maxLength:"512" doc:"新密码"`
}

// CreateAccountInput opens an account.
type CreateAccountInput struct {
	Body CreateAccountBody
}

// CreateAccountBody is whose account it is, and what for.
type CreateAccountBody struct {
	Login string       `json:"login" maxLength:"64" doc:"登录名：以小写字母开头的 2 至 32 位小写字母、数字、点、横线、下划线"`
	Name  string       `json:"name" maxLength:"100" doc:"姓名，办理时记入台账"`
	Role  account.Role `json:"role" enum:"office,leader,unit,auditor,admin" doc:"身份：office 区安委办，leader 领导，unit 责任单位联络员，auditor 审计，admin 管理员"`
	Unit  string       `json:"unit,omitempty" maxLength:"64" doc:"责任单位代码；联络员必须填写，其他身份不填"`
}

// LoginPath addresses an account.
type LoginPath struct {
	Login string `path:"login" maxLength:"64" doc:"登录名"`
}

// ChangeAccountInput changes an account.
type ChangeAccountInput struct {
	LoginPath
	Body ChangeAccountBody
}

// ChangeAccountBody is what becomes otherwise.
type ChangeAccountBody struct {
	Name     *string       `json:"name,omitempty" maxLength:"100" doc:"姓名"`
	Role     *account.Role `json:"role,omitempty" enum:"office,leader,unit,auditor,admin" doc:"身份；改变的，须重新登录"`
	Unit     *string       `json:"unit,omitempty" maxLength:"64" doc:"责任单位代码；改变的，须重新登录"`
	Disabled *bool         `json:"disabled,omitempty" doc:"true 停用（会话随即结束，令牌不再有效），false 启用"`
	Unlock   bool          `json:"unlock,omitempty" doc:"true 解除锁定"`
}

// InviteInput gives an account a new one-time link.
type InviteInput struct {
	LoginPath
	Body InviteBody
}

// InviteBody says whether the present password ends at once.
type InviteBody struct {
	Reset bool `json:"reset,omitempty" doc:"true：原密码和全部会话立即作废；不填则用了链接才换"`
}

// IssueTokenInput asks for a token.
type IssueTokenInput struct {
	Body IssueTokenBody
}

// IssueTokenBody says what the token is for.
type IssueTokenBody struct {
	Label   string          `json:"label" maxLength:"100" doc:"用途"`
	Scopes  []account.Scope `json:"scopes" minItems:"1" maxItems:"3" enum:"read,act,manage" doc:"权限范围，不超出本人的身份"`
	Expires string          `json:"expires" format:"date-time" example:"2027-03-01T00:00:00+08:00" doc:"截止时间，最长 366 天"`
}

// TokenPath addresses one's own token.
type TokenPath struct {
	ID string `path:"id" maxLength:"64" doc:"令牌编号"`
}

// AccountTokenPath addresses a token of an account.
type AccountTokenPath struct {
	LoginPath
	TokenPath
}

// LogInput asks for one page of the administrators' log.
type LogInput struct {
	Before int64 `query:"before" minimum:"0" default:"0" doc:"只要序号小于它的；上一页的 next；0 为最新的"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"每页条数"`
}

// Done is the answer where nothing is to be said.
type Done struct {
	Status string `json:"status" enum:"done" doc:"done：已办理"`
}

func done() *Body[Done] { return answer(Done{"done"}) }

// passwordTimeout is for what waits for a password to be hashed, and for those before it.
const passwordTimeout = 20 * time.Second

func accountCodes(codes ...account.Code) []Code {
	return list(codes, func(c account.Code) Code { return Code(c) })
}

var passwordCodes = []account.Code{account.CodePasswordLength, account.CodePasswordKinds, account.CodePasswordWeak}

func (s *server) registerAccounts() {
	op := func(id, method, path string, codes ...account.Code) operation {
		return operation{id: id, method: method, path: path, tag: tagAccounts, limit: passwordTimeout, codes: accountCodes(codes...)}
	}
	const one = "/accounts/{login}"
	register(s, op("login", http.MethodPost, "/login", account.CodeWrongPassword, account.CodeLocked), s.login)
	register(s, op("accept-invitation", http.MethodPost, "/invitation", append(passwordCodes, account.CodeInvitation)...), s.acceptInvitation)
	register(s, op("logout", http.MethodPost, "/logout", account.CodeOnlyPerson), s.logout)
	register(s, op("get-me", http.MethodGet, "/me"), func(ctx context.Context, _ *struct{}) (*Body[Me], error) { return answer(showMe(caller(ctx))), nil })
	register(s, op("change-password", http.MethodPut, "/me/password", append(passwordCodes, account.CodePasswordSame, account.CodeWrongPassword,
		account.CodeLocked, account.CodeOnlyPerson)...), s.changePassword)
	register(s, op("list-tokens", http.MethodGet, "/me/tokens"), s.listTokens)
	register(s, op("issue-token", http.MethodPost, "/me/tokens", account.CodeOnlyPerson, account.CodeTokenLabel, account.CodeTokenScopes,
		account.CodeTokenExpiry), s.issueToken)
	register(s, op("revoke-token", http.MethodDelete, "/me/tokens/{id}", account.CodeNotFound), s.revokeToken)

	register(s, op("list-accounts", http.MethodGet, "/accounts"), s.listAccounts)
	register(s, op("create-account", http.MethodPost, "/accounts", account.CodeTaken, account.CodeLogin, account.CodeName, account.CodeRole, account.CodeUnit),
		s.createAccount)
	register(s, op("change-account", http.MethodPatch, one, account.CodeNotFound, account.CodeName, account.CodeRole, account.CodeUnit, account.CodeLastAdmin),
		s.changeAccount)
	register(s, op("invite-account", http.MethodPost, one+"/invitation", account.CodeNotFound), s.invite)
	register(s, op("end-sessions", http.MethodDelete, one+"/sessions", account.CodeNotFound), s.endSessions)
	register(s, op("list-account-tokens", http.MethodGet, one+"/tokens"), s.listAccountTokens)
	register(s, op("revoke-account-token", http.MethodDelete, one+"/tokens/{id}", account.CodeNotFound), s.revokeAccountToken)
	register(s, op("list-admin-log", http.MethodGet, "/admin-log"), s.listAdminLog)
}

func (s *server) login(ctx context.Context, in *LoginInput) (*Body[Me], error) {
	who, err := s.Accounts.Enter(ctx, in.Body.Login, in.Body.Password, remote(ctx))
	if err != nil {
		return nil, err
	}
	return answer(showMe(who)), nil
}

func (s *server) acceptInvitation(ctx context.Context, in *AcceptInput) (*Body[Account], error) {
	a, err := s.Accounts.Accept(ctx, in.Body.Secret, in.Body.Password, remote(ctx))
	if err != nil {
		return nil, err
	}
	return answer(showAccount(a)), nil
}

func (s *server) logout(ctx context.Context, _ *struct{}) (*Body[Done], error) {
	return done(), s.Accounts.Leave(ctx, caller(ctx), remote(ctx))
}

func (s *server) changePassword(ctx context.Context, in *PasswordInput) (*Body[Done], error) {
	return done(), s.Accounts.ChangePassword(ctx, caller(ctx), in.Body.Old, in.Body.New, remote(ctx))
}

func (s *server) listTokens(ctx context.Context, _ *struct{}) (*Body[TokenList], error) {
	return s.tokensOf(ctx, caller(ctx).Login)
}

func (s *server) listAccountTokens(ctx context.Context, in *LoginPath) (*Body[TokenList], error) {
	return s.tokensOf(ctx, in.Login)
}

func (s *server) tokensOf(ctx context.Context, login string) (*Body[TokenList], error) {
	tokens, err := s.Accounts.Tokens(ctx, login)
	if err != nil {
		return nil, err
	}
	return answer(TokenList{list(tokens, showToken)}), nil
}

func (s *server) issueToken(ctx context.Context, in *IssueTokenInput) (*Body[IssuedToken], error) {
	expires, err := instant("body.expires", in.Body.Expires)
	if err != nil {
		return nil, err
	}
	t, secret, err := s.Accounts.IssueToken(ctx, caller(ctx), in.Body.Label, in.Body.Scopes, expires.UTC(), remote(ctx))
	if err != nil {
		return nil, err
	}
	return answer(IssuedToken{showToken(t), secret}), nil
}

func (s *server) revokeToken(ctx context.Context, in *TokenPath) (*Body[Done], error) {
	return done(), s.Accounts.RevokeToken(ctx, caller(ctx), caller(ctx).Login, in.ID, remote(ctx))
}

func (s *server) revokeAccountToken(ctx context.Context, in *AccountTokenPath) (*Body[Done], error) {
	return done(), s.Accounts.RevokeToken(ctx, caller(ctx), in.Login, in.ID, remote(ctx))
}

func (s *server) listAccounts(ctx context.Context, _ *struct{}) (*Body[AccountList], error) {
	accounts, err := s.Accounts.List(ctx)
	if err != nil {
		return nil, err
	}
	return answer(AccountList{list(accounts, showAccount)}), nil
}

func (s *server) createAccount(ctx context.Context, in *CreateAccountInput) (*Body[Invitation], error) {
	a := account.Account{Login: in.Body.Login, Name: in.Body.Name, Role: in.Body.Role, Unit: in.Body.Unit}
	a, secret, err := s.Accounts.Create(ctx, caller(ctx), a, remote(ctx))
	if err != nil {
		return nil, err
	}
	return answer(Invitation{showAccount(a), secret, account.InvitationPath(secret)}), nil
}

func (s *server) changeAccount(ctx context.Context, in *ChangeAccountInput) (*Body[Account], error) {
	a, err := s.Accounts.Change(ctx, caller(ctx), in.Login, account.Change(in.Body), remote(ctx))
	if err != nil {
		return nil, err
	}
	return answer(showAccount(a)), nil
}

func (s *server) invite(ctx context.Context, in *InviteInput) (*Body[Invitation], error) {
	a, secret, err := s.Accounts.Invite(ctx, caller(ctx), in.Login, in.Body.Reset, remote(ctx))
	if err != nil {
		return nil, err
	}
	return answer(Invitation{showAccount(a), secret, account.InvitationPath(secret)}), nil
}

func (s *server) endSessions(ctx context.Context, in *LoginPath) (*Body[Done], error) {
	return done(), s.Accounts.EndSessions(ctx, caller(ctx), in.Login, remote(ctx))
}

func (s *server) listAdminLog(ctx context.Context, in *LogInput) (*Body[LogPage], error) {
	entries, err := s.Accounts.AdminLog(ctx, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	page := LogPage{Entries: list(entries, func(e account.Entry) LogEntry {
		return LogEntry{e.Seq, e.At.In(zoneOfOffice), e.By, e.Action, e.Action.Chinese(), e.Target, e.Detail, e.Remote, e.Hash}
	})}
	if n := len(entries); n > 0 && entries[n-1].Seq > 1 {
		page.Next = entries[n-1].Seq
	}
	return answer(page), nil
}

func showMe(c account.Caller) Me {
	return Me{c.Login, c.Name, c.Role, c.Role.Chinese(), c.Unit, filled(c.Scopes)}
}

func showAccount(a account.Account) Account {
	at := func(t time.Time) time.Time { return in(t, zoneOfOffice) }
	return Account{
		Login: a.Login, Name: a.Name, Role: a.Role, RoleLabel: a.Role.Chinese(), Unit: a.Unit, Ready: a.Password != "", Disabled: a.Disabled,
		LockedUntil: at(a.LockedUntil), InvitedTo: at(a.InvitedTo), Created: at(a.Created), Seen: at(a.Seen),
	}
}

func showToken(t account.Token) Token {
	at := func(v time.Time) time.Time { return in(v, zoneOfOffice) }
	return Token{t.ID, t.Label, t.Scopes, at(t.Created), at(t.Expires), at(t.Used), at(t.Revoked)}
}
