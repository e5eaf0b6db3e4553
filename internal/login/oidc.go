package login

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"duban/account"
)

// OIDC is the identity provider of the organisation (统一身份认证), by OpenID Connect's authorization code flow with PKCE.
// It says who somebody is; what he may do stands in his account here, which has to exist.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	// Redirect is the address, known to the provider, to which it sends people back.
	Redirect string
	// Claim is the one that holds the account's login, in the ID token or, failing that, in what the provider's userinfo says.
	Claim string
	// Only leaves passwords to administrators, who have to get in when the provider fails.
	Only bool
	// Client asks the provider. It bounds the time that takes, and trusts the provider's certificate; nil: http.DefaultClient.
	Client *http.Client
}

// What a session holds while somebody is at the provider. Each is used once.
const (
	keyState    = "oidc state"
	keyNonce    = "oidc nonce"
	keyVerifier = "oidc verifier"
	keyNext     = "oidc next"
)

// Away begins a login at the provider and returns the address where the browser has to go. next is kept for Back.
func (s *Service) Away(ctx context.Context, next string) (string, error) {
	if s.OIDC == nil {
		return "", account.Refuse(account.CodeNoOIDC)
	}
	p, err := s.discover(ctx)
	if err != nil {
		return "", err
	}
	state, nonce, verifier := secret(), secret(), oauth2.GenerateVerifier()
	for key, value := range map[string]string{keyState: state, keyNonce: nonce, keyVerifier: verifier, keyNext: next} {
		s.sessions.Put(ctx, key, value)
	}
	return s.flow(p).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// discover asks the provider where its endpoints are, unless it is known: duban starts without the provider, and whoever
// wants in finds it as soon as it is there.
func (s *Service) discover(ctx context.Context) (*oidc.Provider, error) {
	if p := s.provider.Load(); p != nil {
		return p, nil
	}
	p, err := oidc.NewProvider(s.asking(ctx), s.OIDC.Issuer)
	if err != nil {
		s.Options.Log.WarnContext(ctx, "identity provider", "issuer", s.OIDC.Issuer, "error", err)
		return nil, account.Refuse(account.CodeOIDCUnreachable)
	}
	s.provider.Store(p)
	return p, nil
}

func (s *Service) asking(ctx context.Context) context.Context {
	if s.OIDC.Client == nil {
		return ctx
	}
	return oidc.ClientContext(ctx, s.OIDC.Client)
}

func (s *Service) flow(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: s.OIDC.ClientID, ClientSecret: s.OIDC.ClientSecret, Endpoint: p.Endpoint(), RedirectURL: s.OIDC.Redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile"},
	}
}

// Back ends what Away began, with what the provider had the browser bring, and begins a session as Enter does. next is
// where somebody wanted to go; "" where this is unknown.
func (s *Service) Back(ctx context.Context, brought url.Values, remote string) (who account.Caller, next string, err error) {
	if s.OIDC == nil {
		return account.Caller{}, "", account.Refuse(account.CodeNoOIDC)
	}
	next = s.sessions.PopString(ctx, keyNext)
	state, nonce, verifier := s.sessions.PopString(ctx, keyState), s.sessions.PopString(ctx, keyNonce), s.sessions.PopString(ctx, keyVerifier)
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(brought.Get("state"))) != 1 {
		return account.Caller{}, next, s.refusedBack(ctx, errors.New("the state is not that of the session"), remote)
	}
	name, err := s.vouched(ctx, brought, nonce, verifier)
	if err != nil {
		return account.Caller{}, next, s.refusedBack(ctx, err, remote)
	}
	login := strings.ToLower(strings.TrimSpace(name))
	a, err := s.Store.ChangeAccount(ctx, login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
		if err := a.CanEnterVouched(s.Now()); err != nil {
			return a, nil, err
		}
		return a.Entered(s.Now()), []account.Entry{s.entry(login, account.Entered, login, textVouched, remote)}, nil
	})
	if refused, ok := errors.AsType[*account.Error](err); ok {
		s.log(ctx, account.Entry{Action: account.EnterFailed, Target: shortened(login), Detail: textVouched, Remote: remote})
		if refused.Code == account.CodeNotFound {
			err = account.Refuse(account.CodeNoAccount)
		}
	}
	if err != nil {
		return account.Caller{}, next, err
	}
	return a.Caller(), next, s.begin(ctx, a)
}

// refusedBack logs why nobody was let in. What the person reads says nothing of it.
func (s *Service) refusedBack(ctx context.Context, cause error, remote string) error {
	s.Options.Log.WarnContext(ctx, "login by the identity provider", "error", cause)
	s.log(ctx, account.Entry{Action: account.EnterFailed, Detail: textNotVouched, Remote: remote})
	return account.Refuse(account.CodeOIDC)
}

// vouched returns the value of the claim that the provider gives for the code which was brought.
func (s *Service) vouched(ctx context.Context, brought url.Values, nonce, verifier string) (string, error) {
	if brought.Has("error") {
		// Of what it says, the code alone is sure to be no more than a word.
		return "", fmt.Errorf("the provider says %q", shortened(brought.Get("error")))
	}
	if issuer := brought.Get("iss"); issuer != "" && issuer != s.OIDC.Issuer {
		return "", fmt.Errorf("the answer is that of %q", shortened(issuer))
	}
	p, err := s.discover(ctx)
	if err != nil {
		return "", err
	}
	ctx = s.asking(ctx)
	tokens, err := s.flow(p).Exchange(ctx, brought.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return "", exchangeFailed(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: s.OIDC.ClientID, Now: s.Now}).Verify(ctx, raw)
	if err != nil {
		return "", err
	}
	if nonce == "" || subtle.ConstantTimeCompare([]byte(nonce), []byte(id.Nonce)) != 1 {
		return "", errors.New("the nonce is not that of the session")
	}
	if name, err := claim(id, s.OIDC.Claim); err != nil || name != "" {
		return name, err
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return "", err
	}
	if info.Subject != id.Subject {
		return "", errors.New("the userinfo is somebody else's")
	}
	name, err := claim(info, s.OIDC.Claim)
	if err == nil && name == "" {
		err = fmt.Errorf("there is no claim %q", s.OIDC.Claim)
	}
	return name, err
}

// exchangeFailed leaves out what the provider answered: it may repeat the code or the client's secret.
func exchangeFailed(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil {
		return fmt.Errorf("the provider does not take the code: %s %s", refused.Response.Status, shortened(refused.ErrorCode))
	}
	return err
}

// claim returns a claim that is a text, "" where there is none.
func claim(of interface{ Claims(v any) error }, name string) (string, error) {
	var claims map[string]any
	if err := of.Claims(&claims); err != nil {
		return "", err
	}
	value, _ := claims[name].(string)
	return value, nil
}

// maxBrought is how much is logged of what others wrote, in characters.
const maxBrought = 64

func shortened(text string) string {
	if utf8.RuneCountInString(text) > maxBrought {
		return string([]rune(text)[:maxBrought]) + "…"
	}
	return text
}
