package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// problem is the answer to what cannot be done.
type problem struct {
	Title, Code, Detail, RequestID string
	Status                         int
	Errors                         []struct{ Field, Message string }
}

// innards are what no user may see of the program: stacks, and names of Go's packages and types.
var innards = regexp.MustCompile(`goroutine|panic|\.go:\d|0x[0-9a-f]{6}|\b[a-z][a-z0-9]+\.[A-Z][A-Za-z]+|sql:|gorm|mysql|temporal`)

// refused reads the answer to a request that must fail, and holds it to what every such answer promises.
func (p *process) refused(response *http.Response, err error) problem {
	p.t.Helper()
	require.NoError(p.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	where := fmt.Sprintf("%d: %s", response.StatusCode, body)
	require.GreaterOrEqual(p.t, response.StatusCode, 400, where)
	require.Equal(p.t, "application/problem+json", response.Header.Get("Content-Type"), where)
	var answer problem
	require.NoError(p.t, json.Unmarshal(body, &answer), where)
	require.Equal(p.t, response.StatusCode, answer.Status, where)
	require.NotEmpty(p.t, answer.Code, where)
	require.NotEmpty(p.t, answer.RequestID, where)
	require.True(p.t, chinese(answer.Title), where)
	require.True(p.t, chinese(answer.Detail), where)
	require.NotEqual(p.t, "internal_error", answer.Code, where)
	for _, e := range answer.Errors {
		require.True(p.t, chinese(e.Message), where)
	}
	require.NotRegexp(p.t, innards, strings.ReplaceAll(string(body), answer.RequestID, ""))
	return answer
}

func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// standing are the settings of a clock that all but stands still in the middle of the small plan's first period.
func standing() []string {
	return []string{"--seed", "none", "--set", "clock.mode=scaled", "--set", "clock.start=2025-03-24", "--set", "clock.speed=1"}
}

func TestBadInput(t *testing.T) {
	p := serve(t, t.TempDir(), standing()...)
	p.seedSmall("2025-03-01")
	p.awaitOpened("small", 62)
	const one, closed = "/obligations/small/1.1/u01/1", "/obligations/small/1.1/u02/1"
	const none = `{}`
	p.act(one+"/sign", map[string]any{})
	p.act(closed+"/submit", map[string]any{"text": "总结已印发"})
	p.act(closed+"/accept", map[string]any{})

	for name, c := range map[string]struct {
		method, path, body string
		status             int
		code               string
	}{
		"unknown plan":        {"GET", "/plans/nope", "", 404, "not_found"},
		"tasks of no plan":    {"GET", "/plans/nope/tasks", "", 404, "not_found"},
		"unknown task":        {"GET", "/plans/small/tasks/99", "", 404, "not_found"},
		"unknown obligation":  {"GET", "/obligations/small/1.1/u99/1", "", 404, "not_found"},
		"unknown ledger":      {"GET", "/obligations/small/9.9/u01/1/ledger", "", 404, "not_found"},
		"unknown document":    {"GET", "/documents/small/1.1/u01/1/letter", "", 404, "not_found"},
		"strange identifiers": {"GET", "/obligations/" + url.PathEscape("'; DROP TABLE ledger") + "/%F0%9F%90%89/%00/1", "", 404, "not_found"},
		"inbox of no unit":    {"GET", "/plans/small/inbox/u99", "", 404, "not_found"},
		"unknown digest":      {"POST", "/plans/small/inbox/office/read", `{"digest":"small/office/2025-03-01"}`, 404, "not_found"},
		"sign nothing":        {"POST", "/obligations/small/9.9/u01/1/sign", none, 404, "not_found"},
		"sign no document":    {"POST", "/documents/small/1.1/u01/1/letter/sign-off", none, 404, "not_found"},
		"unknown route":       {"GET", "/nothing", "", 404, "route_not_found"},
		"unknown method":      {"DELETE", "/plans", "", 405, "method_not_allowed"},
		"unknown parameter":   {"GET", "/obligations?colour=red", "", 422, "validation_failed"},
		"a forged cursor":     {"GET", "/obligations?cursor=%7B%7D", "", 422, "validation_failed"},
		"bad page size":       {"GET", "/obligations?limit=-1", "", 422, "validation_failed"},

		"signed already":       {"POST", one + "/sign", none, 409, "already_signed"},
		"accept before report": {"POST", one + "/accept", none, 409, "not_submitted"},
		"return before report": {"POST", one + "/return", `{"reason":"缺附件"}`, 409, "not_submitted"},
		"return for no reason": {"POST", one + "/return", `{}`, 422, "validation_failed"},
		"report of nothing":    {"POST", one + "/submit", `{"text":""}`, 422, "text_missing"},
		"report by another":    {"POST", one + "/submit", `{"by":{"name":"经办人"},"text":"完成"}`, 422, "validation_failed"},
		"nudge when closed":    {"POST", closed + "/nudge", none, 409, "obligation_closed"},
		"report when closed":   {"POST", closed + "/submit", `{"text":"又一次"}`, 409, "obligation_closed"},
		"unknown field":        {"POST", one + "/sign", `{"force":true}`, 422, "validation_failed"},
		"other type":           {"POST", one + "/submit", `{"text":7}`, 422, "validation_failed"},

		"no body":             {"POST", one + "/submit", "", 400, "body_missing"},
		"no JSON":             {"POST", "/plans", `{"asOf": 2025-`, 400, "bad_json"},
		"deep JSON":           {"POST", "/plans", strings.Repeat("[", 200_000), 400, "bad_json"},
		"no UTF-8":            {"POST", "/plans", "{\"asOf\":\"\xff\xfe\"}", 400, "bad_encoding"},
		"impossible as-of":    {"POST", "/plans", `{"asOf":"2025-02-30"}`, 422, "validation_failed"},
		"as-of in the future": {"POST", "/plans", `{"asOf":"2026-01-01"}`, 422, "as_of_ahead"},
		"unknown outcome":     {"POST", "/plans", `{"outcomes":[{"measure":"1.1","outcome":"maybe"}]}`, 422, "validation_failed"},
		"no plan at all":      {"POST", "/plans", `{"files":{"readme.md":"您好"}}`, 422, "plan_invalid"},
		"impossible paths":    {"POST", "/plans", `{"files":{"":"a","/etc/passwd":"b","../x":"c","a/../b.yaml":"d"}}`, 422, "plan_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			q := *p
			q.t = t
			answer := q.refused(q.send(c.method, c.path, c.body, nil))
			require.Equal(t, c.status, answer.Status, "%+v", answer)
			require.Equal(t, c.code, answer.Code, "%+v", answer)
		})
	}

	t.Run("broken plan", func(t *testing.T) { p.brokenPlan(t) })
	t.Run("outcomes that match nothing", func(t *testing.T) { p.unmatchedOutcomes(t) })
	t.Run("100 MB", func(t *testing.T) { p.hugeBodies(t) })

	require.Equal(t, 62, p.opened("small"), "nothing refused left anything behind")
	var plans struct {
		Plans []struct {
			Code    string
			Version int
		}
	}
	p.get("/plans", &plans)
	require.Len(t, plans.Plans, 1)
	require.Equal(t, 1, plans.Plans[0].Version)
	require.NotContains(t, p.stderr.String(), "goroutine")
	p.stop()
	verify(t, p.folder)
}

// brokenPlan proves that all faults of all files are told at once, each with its place.
func (p *process) brokenPlan(t *testing.T) {
	q := *p
	q.t = t
	files := smallFiles(t)
	files["units.yaml"] += "  - {code: u60, name: 又一个60, kind: government, tags: [], aliases: []}\n  - {code: u61, name: 演练单位61, kind: airline}\n"
	files["plan.yaml"] += "colour: red\n"
	files["tasks/tasks.yaml"] = strings.Replace(files["tasks/tasks.yaml"], "quote: 各单位每月28日前报送工作开展情况", "quote: 这句话原文里没有", 1)
	files["tasks/more.yaml"] = "tasks:\n  - code: [\n"
	text, err := json.Marshal(map[string]any{"files": files})
	require.NoError(t, err)
	answer := q.refused(q.send("POST", "/plans", string(text), nil))
	require.Equal(t, 422, answer.Status, "%+v", answer)
	require.Equal(t, "plan_invalid", answer.Code)
	var all strings.Builder
	for _, e := range answer.Errors {
		all.WriteString(e.Message + "\n")
	}
	line := func(file, phrase string) int {
		before, _, found := strings.Cut(files[file], phrase)
		require.True(t, found, phrase)
		return strings.Count(before, "\n") + 1
	}
	for _, place := range []string{
		fmt.Sprintf("units.yaml:%d: ", line("units.yaml", "code: u60, name: 又一个60")),
		fmt.Sprintf("units.yaml:%d: ", line("units.yaml", "airline")),
		fmt.Sprintf("plan.yaml:%d: ", line("plan.yaml", "colour")),
		"tasks/more.yaml:",
	} {
		require.Contains(t, all.String(), place)
	}

	// What a file that cannot be read leaves undecided is told once that file is mended.
	delete(files, "tasks/more.yaml")
	text, err = json.Marshal(map[string]any{"files": files})
	require.NoError(t, err)
	answer = q.refused(q.send("POST", "/plans", string(text), nil))
	found := false
	for _, e := range answer.Errors {
		found = found || strings.HasPrefix(e.Message, fmt.Sprintf("tasks/tasks.yaml:%d: ", line("tasks/tasks.yaml", "quote: 这句话")))
	}
	require.True(t, found, "%+v", answer)
}

func (p *process) unmatchedOutcomes(t *testing.T) {
	q := *p
	q.t = t
	text, err := json.Marshal(map[string]any{"files": smallFiles(t), "outcomes": []map[string]any{
		{"measure": "9.9", "outcome": "done"}, {"measure": "1.2", "unit": "u99", "outcome": "owed"},
	}})
	require.NoError(t, err)
	answer := q.refused(q.send("POST", "/plans", string(text), nil))
	require.Equal(t, 422, answer.Status, "%+v", answer)
	require.Equal(t, "plan_invalid", answer.Code)
	require.Len(t, answer.Errors, 2)
	require.Contains(t, answer.Errors[0].Message, "9.9/*/*")
	require.Contains(t, answer.Errors[1].Message, "1.2/u99/*")
}

const megabyte = 1 << 20

// hugeBodies sends 100 MB in the ways in which a client can, and looks at what duban needed for it.
func (p *process) hugeBodies(t *testing.T) {
	q := *p
	q.t = t
	before := q.peak(true)
	for name, path := range map[string]string{"a plan": "/plans", "a command": "/obligations/small/1.1/u01/1/submit"} {
		for _, chunked := range []bool{false, true} {
			answer := q.refused(q.pour(path, 100*megabyte, chunked))
			require.Equal(t, 413, answer.Status, "%s, chunked: %v", name, chunked)
			require.Equal(t, "body_too_large", answer.Code)
		}
	}
	require.Less(t, q.peak(false)-before, 64*megabyte, "what is refused is not kept")
}

// pour sends so many bytes of a JSON text while it waits for the answer: the server need not take them all.
func (p *process) pour(path string, size int, chunked bool) (*http.Response, error) {
	p.t.Helper()
	at, err := url.Parse(p.api)
	require.NoError(p.t, err)
	conn, err := net.Dial("tcp", at.Host)
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = conn.Close() })
	head := fmt.Sprintf("POST %s%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n",
		at.Path, path, at.Host, p.token(http.MethodPost, strings.TrimPrefix(path, at.Path)))
	if chunked {
		head += "Transfer-Encoding: chunked\r\n\r\n"
	} else {
		head += fmt.Sprintf("Content-Length: %d\r\n\r\n", size)
	}
	go func() {
		// The server hangs up in the middle; what it answered is read below.
		_, _ = io.WriteString(conn, head)
		var body io.Writer = conn
		if chunked {
			body = httputil.NewChunkedWriter(conn)
		}
		_, _ = io.WriteString(body, `{"text":"`)
		block := bytes.Repeat([]byte("督"), megabyte/3)
		for sent := 0; sent < size; sent += len(block) {
			if _, err := body.Write(block); err != nil {
				return
			}
		}
	}()
	return http.ReadResponse(bufio.NewReader(conn), nil)
}

// peak returns the most memory the process has had at once, in bytes; with reset it counts from now on.
func (p *process) peak(reset bool) int {
	p.t.Helper()
	folder := fmt.Sprintf("/proc/%d/", p.cmd.Process.Pid)
	if reset {
		require.NoError(p.t, os.WriteFile(folder+"clear_refs", []byte("5"), 0))
	}
	status, err := os.ReadFile(folder + "status")
	require.NoError(p.t, err)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(p.t, found)
	kb, err := strconv.Atoi(string(found[1]))
	require.NoError(p.t, err)
	return kb << 10
}
