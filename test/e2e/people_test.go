package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// people are the tokens of those who act in a test, by data folder and login: they outlast a restart of the program.
var people = struct {
	sync.Mutex
	tokens map[string]string
}{tokens: map[string]string{}}

const password = "Qiao-Zhi-2026-Chun"

var (
	unitActs   = regexp.MustCompile(`^/(?:obligations/[^/]+/[^/]+|plans/[^/]+/units)/([^/]+)(?:/[^/]+)?/(?:sign|submit|progress|send-back|ask-extension|break-down|evidence(?:/[^/]+)?|delegate|end-delegation)$|^/documents/[^/]+/[^/]+/([^/]+)/[^/]+/[^/]+/rectify$|^/plans/[^/]+/assessments/[^/]+/units/([^/]+)/(?:score|object)$`)
	leaderActs = regexp.MustCompile(`/(?:circular|interview|expose|transfer)/sign-off$|/assessments/[^/]+/(?:sign|send-back|units/[^/]+/decide)$`)
)

// token returns the token of whoever does such a thing: the unit's liaison, a leader, or the office. The account is opened
// on the way, as people do it: with a one-time link, a password and a login.
func (p *process) token(method, path string) string {
	if method != http.MethodGet {
		if m := unitActs.FindStringSubmatch(path); m != nil {
			return p.tokenOf("liaison-"+strings.ToLower(m[1]+m[2]+m[3]), "unit", m[1]+m[2]+m[3])
		}
		if leaderActs.MatchString(path) {
			return p.tokenOf("leader", "leader", "")
		}
	}
	return p.tokenOf("office", "office", "")
}

func (p *process) tokenOf(login, role, unit string) string {
	p.t.Helper()
	people.Lock()
	defer people.Unlock()
	known := p.data + "\n" + login
	if people.tokens[known] == "" {
		people.tokens[known] = p.enrol(login, role, unit)
	}
	return people.tokens[known]
}

// operator returns the key of whoever works at the machine itself.
func (p *process) operator() string {
	p.t.Helper()
	key, err := os.ReadFile(filepath.Join(p.data, "operator.token"))
	require.NoError(p.t, err)
	return strings.TrimSpace(string(key))
}

// names are what the record calls people.
var names = map[string]string{"office": "经办人", "leader": "主任", "unit": "联络员", "admin": "管理员"}

// enrol opens an account, or gives it a new link, sets its password, logs in and has a token issued.
func (p *process) enrol(login, role, unit string) string {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(p.t, err)
	browser := &http.Client{Jar: jar}
	ask := func(token, path string, body map[string]any) (int, map[string]any) {
		text, err := json.Marshal(body)
		require.NoError(p.t, err)
		request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.api+path, strings.NewReader(string(text)))
		require.NoError(p.t, err)
		request.Header.Set("Content-Type", "application/json")
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := browser.Do(request)
		require.NoError(p.t, err)
		defer response.Body.Close()
		var answer map[string]any
		require.NoError(p.t, json.NewDecoder(response.Body).Decode(&answer))
		return response.StatusCode, answer
	}
	body := map[string]any{"login": login, "name": names[role], "role": role}
	if unit != "" {
		body["unit"] = unit
	}
	status, invitation := ask(p.operator(), "/accounts", body)
	if invitation["code"] == "login_taken" {
		status, invitation = ask(p.operator(), "/accounts/"+login+"/invitation", map[string]any{})
	}
	require.Equal(p.t, http.StatusOK, status, invitation)
	// Attempts to get in are bounded by address, and all of a test come from one.
	var answer map[string]any
	attempt := func(path string, body map[string]any) {
		await(p.t, "the bound of attempts lets one more through", func() bool {
			status, answer = ask("", path, body)
			return status != http.StatusTooManyRequests
		})
		require.Equal(p.t, http.StatusOK, status, answer)
	}
	attempt("/invitation", map[string]any{"secret": invitation["secret"], "password": password})
	attempt("/login", map[string]any{"login": login, "password": password})
	status, answer = ask("", "/me/tokens", map[string]any{
		"label": "端到端测试", "scopes": []string{"read", "act", "manage"}, "expires": time.Now().Add(time.Hour).Format(time.RFC3339),
	})
	require.Equal(p.t, http.StatusOK, status, answer)
	return answer["secret"].(string)
}
