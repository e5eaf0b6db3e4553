package devserver

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/rpc/encryption"
)

// Every account of this machine reaches loopback, so a port there protects nothing by itself. The frontend answers only
// who shows the token of this start; the services among themselves, and the internal frontend that the server's own
// workers call, speak only to who holds the key of this start. Neither ever leaves the process's memory.

// gate admits who shows the token, to everything, and nobody else, to nothing: unlike the server's own authorizer it has
// no open doors for health checks and GetSystemInfo. The frontend asks it about unary calls and streams of every service
// on its port, so gRPC's health and reflection are behind it too.
type gate struct{ token string }

func newGate() gate { return gate{token: rand.Text()} }

// GetClaims implements authorization.ClaimMapper. Who shows a wrong token has no claims, as who shows none.
func (g gate) GetClaims(info *authorization.AuthInfo) (*authorization.Claims, error) {
	token, ok := strings.CutPrefix(info.AuthToken, "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) != 1 {
		return &authorization.Claims{}, nil
	}
	return &authorization.Claims{System: authorization.RoleAdmin}, nil
}

// Authorize implements authorization.Authorizer. The internal frontend claims to be an administrator for all its callers:
// they hold the key.
func (gate) Authorize(
	_ context.Context, claims *authorization.Claims, _ *authorization.CallTarget,
) (authorization.Result, error) {
	if claims == nil || claims.System != authorization.RoleAdmin {
		return authorization.Result{Decision: authorization.DecisionDeny}, nil
	}
	return authorization.Result{Decision: authorization.DecisionAllow}, nil
}

// insider is the name in the certificate that the services show each other.
const insider = "duban"

// newInsiders makes a key and a certificate that its holders know each other by. The frontend itself speaks without TLS:
// who eavesdrops on loopback is root, and reads the memory just as well.
func newInsiders() (encryption.TLSConfigProvider, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: insider}, DNSNames: []string{insider},
		// The certificate lives as long as the process, whatever becomes of the machine's clock meanwhile.
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	own := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}
	return &encryption.FixedTLSConfigProvider{
		InternodeServerConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, Certificates: own, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		},
		InternodeClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: own, RootCAs: pool, ServerName: insider},
	}, nil
}
