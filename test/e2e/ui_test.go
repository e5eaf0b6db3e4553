package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTemporalsPagesAskWhoComes holds every role, and nobody, against what the pages let them do.
func TestTemporalsPagesAskWhoComes(t *testing.T) {
	p := serve(t, t.TempDir(), append([]string{"--seed", "none"}, scaled("2025-03-24", 1.0/86400)...)...)
	p.seedSmall("2025-03-24")
	p.awaitOpened("small", 62)
	ask := func(method, path, token string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(p.api, "/api/v1")+path, strings.NewReader("{}"))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/json")
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		var body strings.Builder
		require.NoError(t, response.Write(&body))
		return response.StatusCode, body.String()
	}
	const settings, cancel, decode = "/temporal/api/v1/settings", "/temporal/api/v1/namespaces/duban/workflows/obligation%2Fsmall%2F1.1%2Fu01%2F1/cancel", "/temporal-codec/decode"
	for _, c := range []struct {
		who, token            string
		see, change, readable int
	}{
		{"nobody", "", http.StatusUnauthorized, http.StatusUnauthorized, http.StatusUnauthorized},
		{"a liaison", p.tokenOf("liaison-u01", "unit", "u01"), http.StatusForbidden, http.StatusForbidden, http.StatusForbidden},
		{"the office", p.tokenOf("office", "office", ""), http.StatusOK, http.StatusMethodNotAllowed, http.StatusOK},
		{"a leader", p.tokenOf("leader", "leader", ""), http.StatusOK, http.StatusMethodNotAllowed, http.StatusOK},
		{"an administrator", p.operator(), http.StatusOK, http.StatusOK, http.StatusOK},
	} {
		status, body := ask(http.MethodGet, settings, c.token)
		require.Equal(t, c.see, status, c.who)
		if status == http.StatusOK {
			require.Equal(t, c.change != http.StatusOK, strings.Contains(body, `"DisableWriteActions":true`), "%s is shown what may be done", c.who)
			require.Contains(t, body, `"Endpoint":"/temporal-codec"`)
		}
		status, _ = ask(http.MethodPost, decode, c.token)
		require.Equal(t, c.readable, status, c.who)
		status, body = ask(http.MethodPost, cancel, c.token)
		require.Equal(t, c.change, status, "%s: %s", c.who, body)
	}
	// The page that a browser is given loads from where it stands.
	status, page := ask(http.MethodGet, "/temporal/namespaces/duban/workflows", p.tokenOf("office", "office", ""))
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, `"/temporal/_app/`)
	require.NotContains(t, page, "default-src 'none'", "the API's policy would keep it from loading anything")
	p.stop()
}
