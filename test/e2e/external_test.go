package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/devserver"
	"duban/internal/seal"
	"duban/internal/store/storetest"
)

// stranger is a Temporal server that is none of duban's: it has a namespace, and nobody has told it what duban searches by.
func stranger(t *testing.T) *devserver.Server {
	t.Helper()
	said := &output{}
	s, err := devserver.Start(t.Context(), devserver.Options{
		DataDir: filepath.Join(t.TempDir(), "cluster"), Namespace: "safety", HostPort: "127.0.0.1:0", NamespaceRefresh: 2 * time.Second,
		Logger: slog.New(slog.NewTextHandler(said, nil)),
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		if t.Failed() {
			t.Log(said)
		}
	})
	return s
}

// overTLS lets others reach the cluster as they would reach one elsewhere: by TLS, with a certificate of an authority that
// only the file names. It returns the address and the file.
func overTLS(t *testing.T, s *devserver.Server) (address, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	authority = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: []string{"h2"},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", s.HostPort())
			if err != nil {
				_ = from.Close()
				continue
			}
			go pass(from, to)
			go pass(to, from)
		}
	}()
	return l.Addr().String(), authority
}

func pass(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

// elsewhere are the settings of a process whose engine and database are elsewhere, in the middle of the small plan's
// first period.
func elsewhere(t *testing.T, s *devserver.Server, dsn string) []string {
	t.Helper()
	address, authority := overTLS(t, s)
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	_, err := seal.Create(keys, seal.SM4GCM, time.Now())
	require.NoError(t, err)
	return append(onMariaDB(dsn), "--set", "privacy.keyFile="+keys, "--set", "engine.mode=external", "--set", "engine.external.hostPort="+address,
		"--set", "engine.external.apiKey="+s.Token(), "--set", "engine.external.tlsCA="+authority,
		"--set", "engine.external.namespace="+s.Namespace(), "--set", "listen.address=127.0.0.1:0",
		"--set", "clock.mode=scaled", "--set", "clock.start=2025-03-24", "--set", "clock.speed=1")
}

func TestWorkersAndAPIOnAnExternalCluster(t *testing.T) {
	settings := elsewhere(t, stranger(t), storetest.MariaDB(t))
	begin := func(command string) *process {
		return start(t, t.TempDir(), append(slices.Clone(settings), command)...)
	}

	// All of them find an empty database and a bare namespace, and prepare both at once.
	first, second, api := begin("worker"), begin("worker"), begin("api")
	for _, p := range []*process{first, second, api} {
		p.awaitServing()
	}
	api.namespace = "safety"
	api.seedSmall("2025-03-24")
	api.awaitOpened("small", 1)
	first.kill() // in the middle of the opening
	third := begin("worker")
	third.awaitServing()
	api.awaitOpened("small", 62)
	await(t, "every obligation has its workflow", func() bool { return api.openWorkflows("small") == 62 })

	const reporting = 10
	unit, officer := map[string]any{}, map[string]any{}
	each := func(command string, body map[string]any) {
		for n := range reporting {
			api.act(fmt.Sprintf("/obligations/small/1.1/u%02d/1/%s", n+1, command), body)
		}
	}
	each("sign", unit)
	second.kill() // half of them are remembered by nobody now
	each("submit", map[string]any{"text": "总结已印发"})
	each("accept", officer)

	all := api.obligations("plan=small")
	require.Len(t, all, 62)
	for _, o := range all {
		events := api.ledger(o)
		requireOnce(t, o, events)
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		want := []string{"opened"}
		if o.Measure == "1.1" && o.Unit <= fmt.Sprintf("u%02d", reporting) {
			want = append(want, "signed", "submitted", "accepted")
		}
		require.Equal(t, want, kinds, o.path())
	}
	await(t, "what is accepted has ended", func() bool { return api.openWorkflows("small") == 62-reporting })
	third.stop()
	api.stop()
	out, code := run(t, append(slices.Clone(settings), "verify")...)
	require.Zero(t, code, out)
}
