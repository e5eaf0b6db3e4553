package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/obligation"
)

// bodies are what a write needs for its answer to tell whether it was let in; where nothing is given, {} is.
var bodies = map[string]string{"/api/v1/login": `{"login":"zhang","password":"x"}`}

var pathParams = strings.NewReplacer(
	":plan", "changning-2024", ":task", "1", ":measure", "1.1", ":unit", "xinhua", ":period", "2026H1", ":half", "2026H1", ":rung", "interview", ":login", "zhang", ":id", "t1",
	":year", "2026", ":channel", "smtp", ":number", "2026-001",
)

// reviewed makes what the addresses of the walk name a hazard that yingji reviews.
func (f *fake) reviewed() {
	first := f.ledgers[id("xinhua", "2026H1")]
	facts := *first[0].Facts
	facts.Hazard = &obligation.Hazard{Year: 2026, Number: 9, Grade: obligation.Major, Reviewer: "yingji"}
	first[0].Facts = &facts
}

// The table of role × route as it works: every registered route is asked by every role, a liaison about his own unit ("own"),
// about another one ("other"), and about a hazard of another one that his unit reviews ("reviewer"). "go test ./api -update"
// takes a change over, which is to be looked at.
func TestAccessIsAsPublished(t *testing.T) {
	f := newFake(t)
	f.reviewed()
	deps := f.deps()
	deps.Training = &drill{}
	deps.UI = func(bool) http.Handler { return http.NotFoundHandler() }
	deps.Codec = http.NotFoundHandler()
	h := api.New(deps)
	callers := []struct{ name, as string }{
		{"nobody", "nobody"},
		{"office", "office"},
		{"leader", "leader"},
		{"own", "unit zhang xinhua"},
		{"other", "unit li tianshan"},
		{"reviewer", "unit wang yingji"},
		{"auditor", "auditor"},
		{"admin", "admin"},
	}
	var out strings.Builder
	columns := []any{}
	for _, c := range callers {
		columns = append(columns, c.name)
	}
	fmt.Fprintf(&out, "%-80s"+strings.Repeat(" %-8s", len(callers))+"\n", append([]any{""}, columns...)...)
	routes := h.Routes()
	slices.SortFunc(routes, func(a, b gin.RouteInfo) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	for _, route := range routes {
		row := []any{route.Method + " " + route.Path}
		for _, c := range callers {
			row = append(row, admitted(t, h, route, c.as))
		}
		fmt.Fprintf(&out, "%-80s"+strings.Repeat(" %-8s", len(callers))+"\n", row...)
	}
	text := regexp.MustCompile(` +\n`).ReplaceAllString(out.String(), "\n")
	goldie.New(t, goldie.WithNameSuffix(".txt")).Assert(t, "access", []byte(text))
}

// admitted asks a route and reports whether the caller was let in.
func admitted(t *testing.T, h http.Handler, route gin.RouteInfo, as string) string {
	t.Helper()
	body := ""
	if route.Method != http.MethodGet {
		if body = bodies[route.Path]; body == "" {
			body = "{}"
		}
	}
	w := serve(h, request(route.Method, pathParams.Replace(route.Path), body, asHeader, as))
	var answer struct{ Code string }
	_ = json.Unmarshal(w.Body.Bytes(), &answer) // some answers are files
	switch code := answer.Code; {
	case code == "not_logged_in":
		return "login"
	case slices.Contains([]string{"not_allowed", "other_unit", "scope_missing"}, code):
		return "-"
	default:
		return "yes"
	}
}

// What holds whatever the table says.
func TestAccessByPrinciple(t *testing.T) {
	deps := newFake(t).deps()
	deps.Training = &drill{}
	deps.UI = func(bool) http.Handler { return http.NotFoundHandler() }
	deps.Codec = http.NotFoundHandler()
	h := api.New(deps)
	for _, route := range h.Routes() {
		name := route.Method + " " + route.Path
		of := func(as string) bool { return admitted(t, h, route, as) == "yes" }
		public := of("nobody")
		if public {
			require.True(t, slices.Contains([]string{"/api/v1/health", "/api/v1/ready", "/api/v1/login", "/api/v1/invitation", "/api/openapi.json", "/api/v1/feeds/:secret/calendar.ics"}, route.Path) ||
				strings.HasPrefix(route.Path, "/api/docs"), name)
			continue
		}
		if strings.Contains(route.Path, ":unit") && !strings.Contains(route.Path, "/training/") {
			require.False(t, of("unit li tianshan"), "%s is another unit's", name)
		}
		if route.Method != http.MethodGet && !strings.Contains(route.Path, "/me/") && !slices.Contains([]string{v1 + "/logout", v1 + "/whatif", v1 + "/plans/:plan/assessments/:half/what-if"}, route.Path) && !strings.HasPrefix(route.Path, "/temporal") {
			require.False(t, of("auditor"), "%s changes something", name)
		}
		if regexp.MustCompile(`/(obligations|documents)/`).MatchString(route.Path) {
			require.False(t, of("admin"), "%s is business", name)
		}
		if strings.Contains(route.Path, "/accounts") || strings.Contains(route.Path, "/admin-log") {
			require.False(t, of("office") || of("leader") || of("unit zhang xinhua"), name)
		}
	}
}

// Whoever works at the machine itself brings plans and lists, and decides no business beside.
func TestOperatorBringsPlans(t *testing.T) {
	deps := newFake(t).deps()
	deps.Identify = func(*http.Request) (account.Caller, error) {
		return account.Caller{Login: account.Operator, Role: account.Admin, Scopes: account.Scopes, Token: true}, nil
	}
	h := api.New(deps)
	post(t, h, v1+"/plans", `{}`)
	post(t, h, v1+"/plans/changning-2024/lists?year=2026&name=a.csv", "x", "Content-Type", "application/octet-stream")
	post(t, h, v1+"/plans/changning-2024/changes", `{"measures":[{"code":"1.1","withdraw":true}],"reason":"撤销"}`)
	refuses(t, h, "not_allowed", http.StatusForbidden, fresh+"/accept", none)
}

// A token does no more than its scopes say.
func TestScopesOfATokenBoundIt(t *testing.T) {
	for scope, want := range map[account.Scope]string{account.Read: "not_submitted", account.Act: "not_submitted"} {
		deps := newFake(t).deps()
		deps.Identify = func(*http.Request) (account.Caller, error) {
			return account.Caller{Login: "zhang", Name: "张三", Role: account.Office, Scopes: []account.Scope{scope}, Token: true}, nil
		}
		h := api.New(deps)
		read, act := serve(h, request(http.MethodGet, fresh, "")), serve(h, request(http.MethodPost, fresh+"/accept", none))
		if scope == account.Read {
			require.Equal(t, http.StatusOK, read.Code)
			wantProblem(t, act, http.StatusForbidden, "scope_missing")
			continue
		}
		wantProblem(t, read, http.StatusForbidden, "scope_missing")
		wantProblem(t, act, http.StatusConflict, want)
	}
}

// By no id, filter, cursor or list does a liaison get at what is another unit's.
func TestLiaisonSeesHisOwnUnitAlone(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	as := []string{asHeader, "unit zhang xinhua"}
	see := func(path string) map[string]any {
		return ask(t, h, http.StatusOK, request(http.MethodGet, path, "", as...))
	}
	for _, o := range objects(t, see(v1 + "/obligations")["obligations"]) {
		require.Equal(t, "xinhua", o["unit"])
	}
	require.Empty(t, see(v1 + "/documents")["documents"], "the only document is another unit's")
	for _, path := range []string{
		"/obligations?unit=tianshan", "/documents?unit=tianshan", strings.TrimPrefix(late, v1), strings.TrimPrefix(late, v1) + "/ledger",
		strings.TrimPrefix(late, v1) + "/documents", strings.TrimPrefix(letter, v1), strings.TrimPrefix(letter, v1) + "/file",
		"/plans/changning-2024/inbox/tianshan", "/plans/changning-2024/inbox/office", "/plans/changning-2024/inbox/tianshan/print?digest=x",
		"/obligations/changning-2024/1.1/nobody/2026H1",
	} {
		wantProblem(t, serve(h, request(http.MethodGet, v1+path, "", as...)), http.StatusForbidden, "other_unit")
	}
	for _, u := range objects(t, see(v1 + "/plans/changning-2024/units")["units"]) {
		if u["code"] != "xinhua" {
			require.Empty(t, u["contacts"], "%s", u["code"])
		}
	}
	refuses(t, h, "other_unit", http.StatusForbidden, late+"/submit", `{"text":"已报送"}`, as...)
	require.Zero(t, f.calls)
}

// A draft is nothing that the unit hears of before it is signed off.
func TestLiaisonSeesNoDraft(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	as := []string{asHeader, "unit li tianshan"}
	see := func(path string) map[string]any {
		return ask(t, h, http.StatusOK, request(http.MethodGet, path, "", as...))
	}
	require.Contains(t, get(t, h, late), "draft", "the office does")
	one := see(late)
	require.NotContains(t, one, "draft")
	require.Empty(t, one["formals"])
	for _, e := range objects(t, see(late + "/ledger")["events"]) {
		require.NotEqual(t, "drafted", e["kind"])
	}
	require.Empty(t, see(late + "/documents")["documents"])
	require.Empty(t, see(v1 + "/documents?status=draft")["documents"])
	for _, path := range []string{letter, letter + "/file"} {
		wantProblem(t, serve(h, request(http.MethodGet, path, "", as...)), http.StatusNotFound, "not_found")
	}
	post(t, h, letter+"/sign-off", none)
	require.Equal(t, "长安委办〔2026〕5号", see(letter)["number"])
	require.Len(t, see(v1 + "/documents")["documents"], 1)
}

func TestLeadersDocumentIsForLeaders(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	f.draftInterview(id("xinhua", "2026H1"))
	body := `{"meeting":{"at":"2026-03-10T14:00:00+08:00","place":"101室"}}`
	refuses(t, h, "sign_off_by_leader", http.StatusForbidden, talk+"/sign-off", body, asHeader, "office")
	require.Zero(t, f.calls)
	post(t, h, letter+"/sign-off", none, asHeader, "leader")
}

func TestManyRequestsAreHeldBack(t *testing.T) {
	deps := newFake(t).deps()
	deps.Rate = api.Rate{PerSecond: 0.001, Burst: 3}
	h := api.New(deps)
	for range 3 {
		get(t, h, fresh)
	}
	w := serve(h, request(http.MethodGet, fresh, ""))
	wantProblem(t, w, http.StatusTooManyRequests, "too_many_requests")
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	ask(t, h, http.StatusOK, request(http.MethodGet, fresh, "", asHeader, "office li"))
	// Whoever tries passwords is known by his address alone, whatever he says of it.
	for i := 0; ; i++ {
		w := serve(h, request(http.MethodPost, v1+"/login", `{"login":"zhang","password":"x"}`, "X-Forwarded-For", fmt.Sprint("10.0.0.", i)))
		if w.Code == http.StatusTooManyRequests {
			break
		}
		require.Less(t, i, 100)
	}
}

// The Temporal UI is for who may see everything, and to be changed by administrators alone, who leave a line in their log.
func TestTemporalUI(t *testing.T) {
	deps := newFake(t).deps()
	log := &registry{}
	deps.Accounts = log
	deps.UI = func(writable bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Method, " writable: ", writable) })
	}
	h := api.New(deps)
	body := func(r *http.Request) string { return serve(h, r).Body.String() }
	path := "/temporal/api/v1/namespaces/duban/workflows/w/terminate"
	require.Equal(t, "POST writable: false", body(request(http.MethodPost, path, "{}", asHeader, "auditor")))
	require.Empty(t, log.entries)
	require.Equal(t, "POST writable: true", body(request(http.MethodPost, path, "{}", asHeader, "admin")))
	require.Equal(t, "GET writable: true", body(request(http.MethodGet, "/temporal/", "", asHeader, "admin")))
	require.Len(t, log.entries, 1)
	require.Equal(t, []any{account.WorkflowsChanged, path, "zhang"}, []any{log.entries[0].Action, log.entries[0].Target, log.entries[0].By})
	deps.Identify = func(*http.Request) (account.Caller, error) {
		return account.Caller{Login: "wang", Role: account.Admin, Scopes: []account.Scope{account.Read}, Token: true}, nil
	}
	require.Equal(t, "GET writable: false", serve(api.New(deps), request(http.MethodGet, "/temporal/", "")).Body.String(), "a token that may only read")
	w := serve(h, request(http.MethodGet, "/temporal/namespaces?x=1", "", asHeader, "nobody", "Accept", "text/html"))
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, "/login?next=%2Ftemporal%2Fnamespaces%3Fx%3D1", w.Header().Get("Location"))
}
