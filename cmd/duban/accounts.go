package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"duban/account"
	"duban/api"
	"duban/internal/config"
	"duban/internal/login"
	"duban/internal/store"
	"duban/plan"
	"duban/web"
)

// operatorFile holds, in the data folder, the key of whoever works at the machine itself. It is another one with every
// start, and good for as long as the process runs.
const operatorFile = "operator.token"

// startLogin prepares how people and programs are let in.
func (i *installation) startLogin(context.Context) error {
	i.operatorKey = rand.Text() + rand.Text()
	provider, err := i.provider()
	if err != nil {
		return err
	}
	i.login = login.New(login.Options{
		Store: i.store, Secure: i.cfg.Listen.Encrypted(), Operator: i.operatorKey, OIDC: provider, Units: knownUnit(i.store), Log: i.log,
	})
	return nil
}

// leaveKey leaves the operator's key where commands find it. Only a process that listens does: one that is refused the folder
// or the port would take the key of the one that has them.
func (i *installation) leaveKey() error {
	file := filepath.Join(i.cfg.Data.Folder, operatorFile)
	// Written anew: a file that others can read would stay so.
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(file, []byte(i.operatorKey+"\n"), 0o600); err != nil {
		return err
	}
	i.closing(func() error { return os.Remove(file) })
	return nil
}

// providerTimeout bounds every question to the identity provider, for which somebody waits at his browser.
const providerTimeout = 10 * time.Second

// provider returns the identity provider of the settings, nil where there is none. In a training everybody has the same
// password.
func (i *installation) provider() (*login.OIDC, error) {
	o := i.cfg.OIDC
	if o.Issuer == "" || i.clock.Held {
		return nil, nil
	}
	client := &http.Client{Timeout: providerTimeout}
	if o.CA != "" {
		roots, err := trusting(o.CA)
		if err != nil {
			return nil, err
		}
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		client.Transport = transport
	}
	return &login.OIDC{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), Redirect: i.url() + web.CallbackPath,
		Claim: o.Claim, Only: o.Only, Client: client,
	}, nil
}

// trusting returns the certificates that the system trusts, and besides those of a file.
func trusting(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf(textCertificate, file)
	}
	return roots, nil
}

// knownUnit reports whether any plan has a unit.
func knownUnit(s *store.Store) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, unit string) (bool, error) {
		plans, err := s.Definitions(ctx)
		for _, d := range plans {
			if slices.ContainsFunc(d.Plan.Units, func(u plan.Unit) bool { return u.Code == unit }) {
				return true, nil
			}
		}
		return false, err
	}
}

// url returns the address that people type.
func (i *installation) url() string {
	scheme := "http"
	if i.cfg.Listen.TLSCert != "" {
		scheme = "https"
	}
	return cmp.Or(trimSlash(i.cfg.Listen.URL), scheme+"://"+reachable(i.addr))
}

// reachable returns an address by which others reach one that listens on all of the machine's: by the machine's name.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsUnspecified() {
		return address
	}
	name, err := os.Hostname()
	if err != nil {
		return address
	}
	return net.JoinHostPort(name, port)
}

func trimSlash(s string) string {
	if s != "" && s[len(s)-1] == '/' {
		return s[:len(s)-1]
	}
	return s
}

// firstAdmin says how the first administrator gets in, while he has not.
func (i *installation) firstAdmin(e *env) error {
	who, link, err := i.login.First(e.ctx)
	if err != nil || link == "" {
		return err
	}
	fmt.Fprintf(e.stdout, textFirstAdmin, who, i.url()+account.InvitationPath(link))
	return nil
}

// handler returns what the process answers to people and programs.
func (i *installation) handler() http.Handler {
	d := i.deps()
	programs := http.Handler(api.New(d))
	w := web.Deps{
		Login: i.login, API: programs, Rehearsal: d.Rehearsal, Training: d.Training != nil, Encrypted: d.Encrypted, Proxies: d.Proxies,
		Origins: d.Origins, Log: i.log, Observe: d.Observe,
	}
	if d.UI != nil {
		w.Workflows, w.Views = uiPath+"/", views(i.ns)
	}
	if i.login.OIDC != nil {
		w.Provider, w.ProviderOnly = i.cfg.OIDC.Name, i.cfg.OIDC.Only
	}
	mux := http.NewServeMux()
	for _, path := range []string{"/api/", "/temporal", "/temporal/", "/temporal-codec/"} {
		mux.Handle(path, programs)
	}
	mux.Handle("/", web.New(w))
	return i.login.Wrap(mux, api.SessionFailed(i.log))
}

type accountCmd struct {
	List    accountListCmd    `cmd:"" default:"1" help:"列出全部账号。"`
	Add     accountAddCmd     `cmd:"" help:"开立账号，并给出设置密码的一次性链接。"`
	Invite  accountInviteCmd  `cmd:"" help:"重新签发一次性链接（忘记密码、链接过期、被锁定）。"`
	Disable accountDisableCmd `cmd:"" help:"停用账号。"`
	Enable  accountEnableCmd  `cmd:"" help:"启用账号。"`
}

type (
	accountListCmd struct{}
	accountAddCmd  struct {
		Login string       `arg:"" help:"登录名。"`
		Name  string       `help:"姓名。" required:""`
		Role  account.Role `help:"身份：office 区安委办，leader 领导，unit 责任单位联络员，auditor 审计，admin 管理员。" required:"" enum:"office,leader,unit,auditor,admin"`
		Unit  string       `help:"责任单位代码；联络员必须填写。"`
	}
	accountInviteCmd struct {
		Login string `arg:"" help:"登录名。"`
		Reset bool   `help:"原密码和全部会话立即作废。"`
	}
	accountDisableCmd struct {
		Login string `arg:"" help:"登录名。"`
	}
	accountEnableCmd struct {
		Login string `arg:"" help:"登录名。"`
	}
)

// operator is who works at the machine's command line.
var operator = account.Caller{Login: account.Operator, Role: account.Admin, Scopes: account.Scopes}

// accounts opens the accounts of the settings' database, whether or not a server runs on it.
func (e *env) accounts(do func(config.Config, *login.Service) error) error {
	cfg, log, err := e.settings()
	if err != nil {
		return err
	}
	s, err := openExisting(e.ctx, cfg, log)
	if err != nil {
		return err
	}
	return errors.Join(do(cfg, login.New(login.Options{Store: s, Units: knownUnit(s), Log: log})), s.Close())
}

// Run implements the command.
func (accountListCmd) Run(e *env) error {
	return e.accounts(func(_ config.Config, l *login.Service) error {
		all, err := l.List(e.ctx)
		if err != nil {
			return err
		}
		rows := [][]string{accountHeadings}
		for _, a := range all {
			rows = append(rows, []string{a.Login, a.Name, a.Role.Chinese(), a.Unit, standing(a, time.Now())})
		}
		return columns(e.stdout, rows, len(accountHeadings))
	})
}

func standing(a account.Account, now time.Time) string {
	switch {
	case a.Disabled:
		return textDisabled
	case now.Before(a.LockedUntil):
		return textLocked
	case a.Password == "":
		return textNoPassword
	default:
		return textInUse
	}
}

// Run implements the command.
func (c accountAddCmd) Run(e *env) error {
	return e.accounts(func(cfg config.Config, l *login.Service) error {
		a, link, err := l.Create(e.ctx, operator, account.Account{Login: c.Login, Name: c.Name, Role: c.Role, Unit: c.Unit}, "")
		if err != nil {
			return err
		}
		return e.invited(cfg, a, link)
	})
}

// Run implements the command.
func (c accountInviteCmd) Run(e *env) error {
	return e.accounts(func(cfg config.Config, l *login.Service) error {
		a, link, err := l.Invite(e.ctx, operator, c.Login, c.Reset, "")
		if err != nil {
			return err
		}
		return e.invited(cfg, a, link)
	})
}

func (e *env) invited(cfg config.Config, a account.Account, link string) error {
	i := installation{cfg: cfg, addr: cfg.Listen.Address}
	_, err := fmt.Fprintf(e.stdout, textInvited, a.Name, a.Role.Chinese(), a.Login, i.url()+account.InvitationPath(link))
	return err
}

// Run implements the command.
func (c accountDisableCmd) Run(e *env) error { return e.disable(c.Login, true) }

// Run implements the command.
func (c accountEnableCmd) Run(e *env) error { return e.disable(c.Login, false) }

func (e *env) disable(who string, disabled bool) error {
	return e.accounts(func(_ config.Config, l *login.Service) error {
		a, err := l.Change(e.ctx, operator, who, account.Change{Disabled: &disabled}, "")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, textStanding, a.Name, a.Login, standing(a, time.Now()))
		return err
	})
}
