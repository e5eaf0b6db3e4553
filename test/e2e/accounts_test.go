package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var linkLine = regexp.MustCompile(`https?://\S+/setup\?secret=\S+`)

// firstLink waits for the one-time link of the first administrator, which is said once duban serves.
func (p *process) firstLink() string {
	p.t.Helper()
	var link string
	await(p.t, "the first administrator's link is said", func() bool {
		link = linkLine.FindString(p.stdout.String())
		return link != ""
	})
	return link
}

// person is somebody at a browser, who speaks to the pages and, as they will, to the API.
type person struct {
	p      *process
	client *http.Client
}

func (p *process) person() *person {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(p.t, err)
	return &person{p, &http.Client{Jar: jar}}
}

// do asks the API and returns the status and the answer.
func (o *person) do(method, path string, body any) (int, map[string]any) {
	o.p.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(o.p.t, err)
	request, err := http.NewRequestWithContext(o.p.t.Context(), method, o.p.api+path, strings.NewReader(string(text)))
	require.NoError(o.p.t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := o.client.Do(request)
	require.NoError(o.p.t, err)
	defer response.Body.Close()
	var answer map[string]any
	require.NoError(o.p.t, json.NewDecoder(response.Body).Decode(&answer))
	return response.StatusCode, answer
}

// submit sends a form of a page and returns the status and the text of the page that follows.
func (o *person) submit(path string, form url.Values) (int, string) {
	o.p.t.Helper()
	response, err := o.client.PostForm(strings.TrimSuffix(o.p.api, "/api/v1")+path, form)
	require.NoError(o.p.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(o.p.t, err)
	return response.StatusCode, string(text)
}

func secretOf(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	require.NoError(t, err)
	return u.Query().Get("secret")
}

// setup sets the password of a one-time link at its page.
func (o *person) setup(secret string) (int, string) {
	return o.submit("/setup", url.Values{"secret": {secret}, "password": {password}, "again": {password}})
}

func (o *person) login(login string) (int, string) {
	return o.submit("/login", url.Values{"login": {login}, "password": {password}, "next": {"/"}})
}

// The life of accounts, from the first start of the real program on.
func TestAccounts(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder, "--seed", "none")
	void := p.firstLink()
	require.True(t, strings.HasPrefix(void, strings.TrimSuffix(p.api, "/api/v1")), void)
	p.stop()

	p = serve(t, folder, "--seed", "none")
	link := p.firstLink()
	admin := p.person()
	status, page := admin.setup(secretOf(t, void))
	require.Equal(t, http.StatusUnprocessableEntity, status, "a new start has made another link")
	require.Contains(t, page, "一次性链接无效")
	status, page = admin.setup(secretOf(t, link))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "密码已设置")
	status, _ = admin.setup(secretOf(t, link))
	require.Equal(t, http.StatusUnprocessableEntity, status, "it is good once")
	status, page = admin.login("admin")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "系统管理员（管理员）")

	// He opens an account, whose owner alone will know the password.
	status, invitation := admin.do(http.MethodPost, "/accounts", map[string]any{"login": "zhang", "name": "张三", "role": "office"})
	require.Equal(t, http.StatusOK, status, invitation)
	status, answer := admin.do(http.MethodPost, "/accounts", map[string]any{"login": "li", "name": "李四", "role": "unit", "unit": "nowhere"})
	require.Equal(t, http.StatusUnprocessableEntity, status, answer)
	require.Equal(t, "unit_of_account_invalid", answer["code"])
	zhang := p.person()
	_, _ = zhang.setup(invitation["secret"].(string))
	status, _ = zhang.login("zhang")
	require.Equal(t, http.StatusOK, status)
	status, answer = zhang.do(http.MethodGet, "/me", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "office", answer["role"])
	status, answer = zhang.do(http.MethodGet, "/accounts", nil)
	require.Equal(t, http.StatusForbidden, status, answer)

	// Somebody tries passwords.
	thief := p.person()
	for range 5 {
		status, answer = thief.do(http.MethodPost, "/login", map[string]any{"login": "zhang", "password": "Bu-Zhi-Dao-2026"})
	}
	require.Equal(t, http.StatusTooManyRequests, status, answer)
	require.Equal(t, "account_locked", answer["code"])
	status, page = p.person().login("zhang")
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Contains(t, page, "已锁定")
	status, _ = zhang.do(http.MethodGet, "/me", nil)
	require.Equal(t, http.StatusOK, status, "who is in stays in")
	status, _ = admin.do(http.MethodPatch, "/accounts/zhang", map[string]any{"unlock": true})
	require.Equal(t, http.StatusOK, status)
	status, _ = p.person().login("zhang")
	require.Equal(t, http.StatusOK, status)

	// A session is ended from afar; a restart ends none.
	status, _ = admin.do(http.MethodDelete, "/accounts/zhang/sessions", nil)
	require.Equal(t, http.StatusOK, status)
	status, answer = zhang.do(http.MethodGet, "/me", nil)
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, "not_logged_in", answer["code"])

	accountsByCommand(t, p, folder, admin)

	_, answer = admin.do(http.MethodGet, "/admin-log?limit=200", nil)
	var told []string
	for _, e := range answer["entries"].([]any) {
		told = append(told, e.(map[string]any)["action"].(string))
	}
	for _, action := range []string{
		"login", "login_failed", "account_locked", "account_created", "account_unlocked", "account_invited", "password_set", "sessions_ended",
		"account_disabled", "account_enabled",
	} {
		require.Contains(t, told, action)
	}
	// A second process is refused the folder, and takes nothing from the first.
	key := p.operator()
	require.Error(t, <-launch(t, folder, "--seed", "none").done)
	require.Equal(t, key, p.operator())

	p.stop()
	require.NotContains(t, p.stderr.String(), secretOf(t, link), "the log knows no link")
	require.NotContains(t, p.stderr.String(), password)
	require.NoFileExists(t, filepath.Join(folder, "operator.token"), "the operator's key ends with the process")
	verify(t, folder)

	p = serve(t, folder, "--seed", "none")
	status, page = p.person().login("admin")
	require.Equal(t, http.StatusOK, status, page)
	p.stop()
	require.NotRegexp(t, linkLine, p.stdout.String(), "who has a password needs no link")
}

// accountsByCommand does at the machine itself what an administrator does.
func accountsByCommand(t *testing.T, p *process, folder string, admin *person) {
	t.Helper()
	command := func(args ...string) (string, int) {
		return run(t, append([]string{"--set", "data.folder=" + folder, "account"}, args...)...)
	}
	out, code := command("add", "wang", "--name", "王五", "--role", "leader")
	require.Zero(t, code, out)
	first := linkLine.FindString(out)
	out, code = command("add", "wang", "--name", "王五", "--role", "leader")
	require.NotZero(t, code)
	require.Contains(t, out, "该登录名已被使用")
	out, code = command("invite", "wang")
	require.Zero(t, code, out)
	wang := p.person()
	status, _ := wang.setup(secretOf(t, first))
	require.Equal(t, http.StatusUnprocessableEntity, status, "the second link voids the first")
	status, page := wang.setup(secretOf(t, linkLine.FindString(out)))
	require.Equal(t, http.StatusOK, status, page)
	status, page = wang.login("wang")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "王五（领导）")

	out, code = command("disable", "wang")
	require.Zero(t, code, out)
	status, _ = wang.do(http.MethodGet, "/me", nil)
	require.Equal(t, http.StatusUnauthorized, status, "at once, in the process that runs")
	out, code = command("list")
	require.Zero(t, code)
	require.Regexp(t, `wang\s+王五\s+领导\s+已停用`, out)
	require.Regexp(t, `zhang\s+张三\s+区安委办\s+正常`, out)
	out, code = command("disable", "admin")
	require.NotZero(t, code)
	require.Contains(t, out, "最后一个可用的管理员")
	out, code = command("enable", "wang")
	require.Zero(t, code, out)
	status, _ = p.person().login("wang")
	require.Equal(t, http.StatusOK, status)
	_, answer := admin.do(http.MethodGet, "/accounts", nil)
	require.Len(t, answer["accounts"], 3)
}

// certificate makes a certificate of this machine that nobody else has signed, in two files.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "duban"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	folder := t.TempDir()
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(cert, text, 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	roots = x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(text))
	return cert, key, roots
}

func TestHTTPS(t *testing.T) {
	cert, key, roots := certificate(t)
	folder := filepath.Join(t.TempDir(), "data")
	encrypted := []string{"--set", "listen.tlsCert=" + cert, "--set", "listen.tlsKey=" + key}
	p := launch(t, folder, append(encrypted, "--seed", "none")...)
	p.awaitServing()
	require.True(t, strings.HasPrefix(p.api, "https://"), p.api)
	admin := p.person()
	admin.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	link := p.firstLink()
	require.True(t, strings.HasPrefix(link, "https://"), link)
	status, page := admin.setup(secretOf(t, link))
	require.Equal(t, http.StatusOK, status, page)
	status, page = admin.login("admin")
	require.Equal(t, http.StatusOK, status, page)
	require.Contains(t, page, "系统管理员")
	u, err := url.Parse(p.api)
	require.NoError(t, err)
	cookies := admin.client.Jar.Cookies(u)
	require.Len(t, cookies, 1)
	require.Equal(t, "__Host-duban", cookies[0].Name)
	for _, path := range []string{"/login", "/api/v1/health"} {
		response, err := admin.client.Get(strings.TrimSuffix(p.api, "/api/v1") + path)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.NotEmpty(t, response.Header.Get("Strict-Transport-Security"), path)
	}
	stranger, err := p.person().client.Get(p.api + "/health")
	if err == nil {
		require.NoError(t, stranger.Body.Close())
	}
	require.ErrorContains(t, err, "certificate", "nobody else vouches for it")
	plain, err := http.Get(strings.Replace(p.api, "https://", "http://", 1) + "/health")
	require.NoError(t, err)
	require.NoError(t, plain.Body.Close())
	require.Equal(t, http.StatusBadRequest, plain.StatusCode, "nothing is served in clear")

	// The commands trust the certificate of the settings.
	at := append([]string{"--set", "data.folder=" + folder}, encrypted...)
	server := strings.TrimSuffix(p.api, "/api/v1")
	out, code := run(t, append(at, "seed", "apply", "--server", server, "--dir", small(t), "--as-of", "2026-01-05")...)
	require.Zero(t, code, out)
	require.Contains(t, out, "方案")
	p.stop()
}

func small(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("testdata/small")
	require.NoError(t, err)
	return dir
}

func TestTrainingOverHTTPS(t *testing.T) {
	cert, key, _ := certificate(t)
	folder := filepath.Join(t.TempDir(), "data")
	encrypted := []string{"--set", "listen.tlsCert=" + cert, "--set", "listen.tlsKey=" + key}
	p := launch(t, folder, append(encrypted, "--demo", "--units", "huayang", "--minutes", "100000")...)
	p.awaitServing()
	at := append([]string{"--set", "data.folder=" + folder}, encrypted...)
	out, code := run(t, append(at, "training", "--server", strings.TrimSuffix(p.api, "/api/v1"), "pause")...)
	require.Zero(t, code, out)
	require.Contains(t, out, "演练")
	p.stop()
}

// Nobody's password goes over the net in clear.
func TestNothingIsServedInClear(t *testing.T) {
	out, code := run(t, "--set", "data.folder="+t.TempDir(), "--set", "listen.address=0.0.0.0:0", "serve")
	require.NotZero(t, code)
	require.Contains(t, out, "密码和会话不能明文传输")
	folder := t.TempDir()
	broken := filepath.Join(folder, "broken.pem")
	require.NoError(t, os.WriteFile(broken, []byte("x"), 0o600))
	out, code = run(t, "--set", "data.folder="+folder, "--set", "listen.address=127.0.0.1:0", "--set", "engine.embedded.hostPort=127.0.0.1:0",
		"--set", "listen.tlsCert="+broken, "--set", "listen.tlsKey="+broken, "serve", "--seed", "none")
	require.NotZero(t, code)
	require.Contains(t, out, "证书")
}
