package config

import (
	"net/netip"
	"net/url"
)

// OIDC is the identity provider of the organisation (统一身份认证). Without an issuer people log in with passwords alone.
type OIDC struct {
	Issuer       string `key:"issuer"`
	ClientID     string `key:"clientID"`
	ClientSecret Secret `key:"clientSecret"`
	CA           string `key:"ca"`    // path of a PEM file, trusted besides the system's
	Claim        string `key:"claim"` // the one that holds the account's login
	Name         string `key:"name"`  // on the button of the login page
	Only         bool   `key:"only"`  // passwords are for administrators alone
}

const (
	keyIssuer       = "oidc.issuer"
	keyClientID     = "oidc.clientID"
	keyClientSecret = "oidc.clientSecret"
	keyOIDCCA       = "oidc.ca"
	keyClaim        = "oidc.claim"
	keyOIDCName     = "oidc.name"
	keyOnly         = "oidc.only"
)

func (k *checker) oidc(o OIDC) {
	if o.Issuer == "" {
		k.require(o.ClientID == "" && o.ClientSecret == "", textOIDCMissing, keyIssuer, keyClientID, keyClientSecret)
		k.require(!o.Only, textOIDCOnly, keyOnly, keyIssuer)
		return
	}
	u, err := url.Parse(o.Issuer)
	// The code and the client's secret are not for others to read; on the same machine nobody else does.
	k.require(err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && local(u.Hostname())),
		textGiven(textOIDCIssuer, o.Issuer), keyIssuer)
	k.require(o.ClientID != "", textOIDCMissing, keyClientID, keyIssuer)
	k.require(o.ClientSecret != "", textOIDCMissing, keyClientSecret, keyIssuer)
	k.require(o.Claim != "", textOIDCClaim, keyClaim)
	k.require(o.Name != "", textOIDCName, keyOIDCName)
	k.require(k.config.Listen.URL != "", textOIDCURL, keyListenURL, keyIssuer)
	k.readable(o.CA, keyOIDCCA)
}

// local reports whether a host is this machine itself.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
