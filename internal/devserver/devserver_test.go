package devserver_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"duban/internal/devserver"
)

var (
	keyPlan = temporal.NewSearchAttributeKeyKeyword("DubanPlan")
	keyYear = temporal.NewSearchAttributeKeyInt64("DubanYear")
	keyDue  = temporal.NewSearchAttributeKeyTime("DubanDue")
)

// attributes are as many as the database has room for among keywords, plus an int and two instants.
func attributes() map[string]enumspb.IndexedValueType {
	out := map[string]enumspb.IndexedValueType{
		"DubanYear":     enumspb.INDEXED_VALUE_TYPE_INT,
		"DubanDue":      enumspb.INDEXED_VALUE_TYPE_DATETIME,
		"DubanNextStep": enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}
	for _, name := range []string{"Plan", "Task", "Measure", "Unit", "Stage", "Light", "Rung", "WaitingOn"} {
		out["Duban"+name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	}
	return out
}

// journal collects log lines, so that a test can say that nothing was said.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func options(t testing.TB, dir string) (devserver.Options, *journal) {
	t.Helper()
	j := &journal{}
	return devserver.Options{
		DataDir:          dir,
		HostPort:         "127.0.0.1:0",
		SearchAttributes: attributes(),
		Logger:           slog.New(slog.NewTextHandler(j, nil)),
	}, j
}

func dial(t testing.TB, s *devserver.Server) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{
		HostPort: s.HostPort(), Namespace: s.Namespace(), Logger: slog.New(slog.DiscardHandler),
		Credentials: client.NewAPIKeyStaticCredentials(s.Token()), ConnectionOptions: client.ConnectionOptions{TLSDisabled: true},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func greet(_ workflow.Context, name string) (string, error) { return "你好，" + name, nil }

func waitForSignal(ctx workflow.Context) error {
	workflow.GetSignalChannel(ctx, "done").Receive(ctx, nil)
	return nil
}

func TestWorkflowsSurviveARestart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	// A folder whose name SQLite would misread as a URI, as operators may well choose one.
	dir := filepath.Join(t.TempDir(), "数据 100%?#")
	o, log := options(t, dir)

	s, err := devserver.Start(ctx, o)
	require.NoError(t, err)
	c := dial(t, s)
	w := worker.New(c, "q", worker.Options{})
	w.RegisterWorkflow(greet)
	w.RegisterWorkflow(waitForSignal)
	require.NoError(t, w.Start())

	due := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)
	sa := temporal.NewSearchAttributes(
		keyPlan.ValueSet("2024-2026"), keyYear.ValueSet(2026), keyDue.ValueSet(due))
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "greet", TaskQueue: "q", TypedSearchAttributes: sa,
	}, greet, "督办")
	require.NoError(t, err)
	var said string
	require.NoError(t, run.Get(ctx, &said))
	require.Equal(t, "你好，督办", said)
	_, err = c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "waits", TaskQueue: "q", TypedSearchAttributes: sa,
	}, waitForSignal)
	require.NoError(t, err)
	requireListed(t, c, `DubanPlan = "2024-2026" AND DubanYear = 2026 AND DubanDue > "2026-12-01T00:00:00Z"`, "greet", "waits")
	requireUI(t, c)

	// The worker is still polling: stopping in the wrong order must not hang either.
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "closing twice is harmless")
	w.Stop()

	o.SearchAttributes["DubanRisk"] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	s, err = devserver.Start(ctx, o)
	require.NoError(t, err)
	c = dial(t, s)
	w = worker.New(c, "q", worker.Options{})
	w.RegisterWorkflow(waitForSignal)
	require.NoError(t, w.Start())
	require.NoError(t, c.GetWorkflow(ctx, "greet", "").Get(ctx, &said))
	require.Equal(t, "你好，督办", said)
	requireListed(t, c, `DubanPlan = "2024-2026"`, "greet", "waits")
	requireListed(t, c, `DubanRisk = "高"`)
	require.NoError(t, c.SignalWorkflow(ctx, "waits", "", "done", nil))
	require.NoError(t, c.GetWorkflow(ctx, "waits", "").Get(ctx, nil))

	ns, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: "duban"})
	require.NoError(t, err)
	require.Equal(t, 10*365*24*time.Hour, ns.Config.WorkflowExecutionRetentionTtl.AsDuration())
	known, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: "duban"})
	require.NoError(t, err)
	require.Equal(t, o.SearchAttributes, known.CustomAttributes)

	w.Stop()
	require.NoError(t, s.Close())
	require.Empty(t, log.String(), "a normal start and stop says nothing")
}

// requireListed waits until the query lists exactly the given workflows; the list is written a moment later than
// the workflow.
func requireListed(t *testing.T, c client.Client, query string, want ...string) {
	t.Helper()
	require.EventuallyWithT(t, func(ct *assert.CollectT) {
		resp, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		require.NoError(ct, err)
		var got []string
		for _, e := range resp.Executions {
			got = append(got, e.Execution.WorkflowId)
		}
		require.ElementsMatch(ct, want, got)
	}, 20*time.Second, 50*time.Millisecond)
}

func requireUI(t *testing.T, c client.Client) {
	t.Helper()
	h := serveUI(t, devserver.UIOptions{Workflows: c.WorkflowService(), Operator: c.OperatorService(), Namespace: "duban"}, true)
	page := get(t, h+"/namespaces/duban/workflows")
	require.Contains(t, page, "<!doctype html>")
	require.NotContains(t, page, "https://", "pages load nothing from outside")
	var settings struct {
		DefaultNamespace    string
		DisableNewsFetch    bool
		NotifyOnNewVersion  bool
		DisableWriteActions bool
	}
	require.NoError(t, json.Unmarshal([]byte(get(t, h+"/api/v1/settings")), &settings))
	require.Equal(t, "duban", settings.DefaultNamespace)
	require.True(t, settings.DisableNewsFetch)
	require.False(t, settings.NotifyOnNewVersion)
	require.False(t, settings.DisableWriteActions)
	require.Contains(t, get(t, h+"/api/v1/namespaces/duban"), `"duban"`)
	require.Contains(t, get(t, h+"/api/v1/namespaces/duban/workflows/waits"), `"WORKFLOW_EXECUTION_STATUS_RUNNING"`)
}

func serveUI(t *testing.T, o devserver.UIOptions, writable bool) string {
	t.Helper()
	ui, err := devserver.NewUI(o)
	require.NoError(t, err)
	h := httptest.NewServer(ui.Handler(writable))
	t.Cleanup(h.Close)
	return h.URL
}

// nowhere reaches no server: what asks it anything fails.
func nowhere(t *testing.T) devserver.UIOptions {
	t.Helper()
	conn := raw(t, "127.0.0.1:1", insecure.NewCredentials())
	return devserver.UIOptions{
		Workflows: workflowservice.NewWorkflowServiceClient(conn), Operator: operatorservice.NewOperatorServiceClient(conn), Namespace: "duban",
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s: %s", url, body)
	return string(body)
}

func TestReadOnlyUIRefusesChanges(t *testing.T) {
	t.Parallel()
	o := nowhere(t)
	o.PublicPath, o.Codec = "/temporal", "/temporal-codec"
	h := serveUI(t, o, false)
	page := get(t, h+"/temporal/namespaces/duban/workflows")
	require.Contains(t, page, `base: "/temporal"`)
	require.Contains(t, page, `"/temporal/_app/`)
	require.Contains(t, page, "content-security-policy", "the prefix does not cost the page its policy")
	settings := get(t, h+"/temporal/api/v1/settings")
	require.Contains(t, settings, `"DisableWriteActions":true`)
	require.Contains(t, settings, `"Codec":{"Endpoint":"/temporal-codec","PassAccessToken":false,"IncludeCredentials":true`)
	require.Contains(t, get(t, h+"/temporal/api/v1/releases"), `{}`)

	writable := serveUI(t, o, true)
	const workflows = "/temporal/api/v1/namespaces/duban/workflows/"
	for _, c := range []struct {
		method, path string
		read         bool // also for who only looks on
	}{
		{http.MethodGet, workflows + "w", true},
		{http.MethodPost, workflows + "w/query/__stack_trace", true},
		{http.MethodPost, workflows + "obligation%2Fa%2Fquery%2Fb/query/__stack_trace", true},
		{http.MethodPost, workflows + "w/terminate", false},
		{http.MethodPost, workflows + "a%2Fquery%2Fb/terminate", false},
		{http.MethodPost, workflows + "w/signal-with-start/a%2Fquery%2Fb", false},
		{http.MethodPost, workflows + "w/signal/a%2Fquery%2Fb", false},
		{http.MethodPost, "/temporal/api/v1/namespaces/duban/batch-operations/query", false},
		{http.MethodDelete, "/temporal/api/v1/namespaces/duban/schedules/query", false},
	} {
		require.Equal(t, http.StatusServiceUnavailable, answerTo(t, c.method, writable+c.path), "%s %s reaches out for the server", c.method, c.path)
		want := http.StatusMethodNotAllowed
		if c.read {
			want = http.StatusServiceUnavailable
		}
		require.Equal(t, want, answerTo(t, c.method, h+c.path), "%s %s", c.method, c.path)
	}
}

func answerTo(t *testing.T, method, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	require.NoError(t, err)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

// TestBrowserAndServerExchangeNoCredentials stands in for the server, and sees what the UI shows it.
func TestBrowserAndServerExchangeNoCredentials(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	seen := make(chan metadata.MD, 1)
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		md, _ := metadata.FromIncomingContext(stream.Context())
		seen <- md
		if err := stream.SetHeader(metadata.Pairs("secret", "of the server")); err != nil {
			return err
		}
		if err := stream.RecvMsg(&workflowservice.DescribeNamespaceRequest{}); err != nil {
			return err
		}
		return stream.SendMsg(&workflowservice.DescribeNamespaceResponse{})
	}))
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	conn := raw(t, l.Addr().String(), insecure.NewCredentials())
	h := serveUI(t, devserver.UIOptions{
		Workflows: workflowservice.NewWorkflowServiceClient(conn), Operator: operatorservice.NewOperatorServiceClient(conn), Namespace: "duban",
	}, true)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h+"/api/v1/namespaces/duban", nil)
	require.NoError(t, err)
	for _, name := range []string{"Authorization", "Authorization-Extras", "Grpc-Metadata-Authorization", "Cookie"} {
		req.Header.Set(name, "of the browser")
	}
	req.Header.Set("Caller-Type", "operator")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	md := <-seen
	require.Equal(t, []string{"operator"}, md.Get("caller-type"))
	require.NotContains(t, fmt.Sprint(md), "of the browser")
	require.NotContains(t, fmt.Sprint(resp.Header), "of the server")
}

func TestUIBeginsWithTheHousesColumnsAndViews(t *testing.T) {
	t.Parallel()
	o := nowhere(t)
	o.Columns, o.Banner = []string{"Status", "DubanUnit"}, `演练"</style>`
	o.Views = []devserver.View{{Name: "红灯</script>", Query: `DubanLight = "红灯"`}}
	page := get(t, serveUI(t, o, false)+"/namespaces/duban/workflows")
	require.Contains(t, page, `[{"label":"Status"},{"label":"DubanUnit"}]`)
	require.Contains(t, page, `DubanLight = \"红灯\"`)
	require.Contains(t, page, `content: "演练\"\3c /style>"`)
	require.Equal(t, 2, strings.Count(page, "</script>"), "what stands in the script does not end it")
	policy := regexp.MustCompile(`content="script-src ([^"]*)"`).FindStringSubmatch(page)
	require.NotNil(t, policy)
	for _, script := range regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindAllStringSubmatch(page, -1) {
		sum := sha256.Sum256([]byte(script[1]))
		require.Contains(t, policy[1], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", "the policy lets every script of the page run")
	}
}

func TestRefusals(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = busy.Close() })
	cases := map[string]struct {
		change func(*devserver.Options)
		want   error
		says   string
	}{
		"no folder":          {func(o *devserver.Options) { o.DataDir = "" }, devserver.ErrOptions, "数据目录"},
		"all interfaces":     {func(o *devserver.Options) { o.HostPort = "0.0.0.0:7233" }, devserver.ErrNotLoopback, "本机地址"},
		"empty host":         {func(o *devserver.Options) { o.HostPort = ":7233" }, devserver.ErrNotLoopback, "本机地址"},
		"network address":    {func(o *devserver.Options) { o.HostPort = "192.0.2.1:7233" }, devserver.ErrNotLoopback, "本机地址"},
		"no port":            {func(o *devserver.Options) { o.HostPort = "127.0.0.1" }, devserver.ErrOptions, "主机:端口"},
		"port taken":         {func(o *devserver.Options) { o.HostPort = busy.Addr().String() }, devserver.ErrPortInUse, "已被占用"},
		"short retention":    {func(o *devserver.Options) { o.Retention = time.Minute }, devserver.ErrOptions, "1 小时"},
		"unknown pragma":     {func(o *devserver.Options) { o.Synchronous = "sometimes" }, devserver.ErrOptions, "FULL"},
		"too many of a type": {tooManyInts, devserver.ErrOptions, "最多 3 个"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			o, _ := options(t, t.TempDir())
			tc.change(&o)
			_, err := devserver.Start(t.Context(), o)
			require.ErrorIs(t, err, tc.want)
			require.ErrorContains(t, err, tc.says)
		})
	}
}

func tooManyInts(o *devserver.Options) {
	for _, name := range []string{"A", "B", "C"} {
		o.SearchAttributes[name] = enumspb.INDEXED_VALUE_TYPE_INT
	}
}

func TestOneProcessAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o, _ := options(t, dir)
	s, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	_, err = devserver.Start(t.Context(), o)
	require.ErrorIs(t, err, devserver.ErrLocked)
	require.ErrorContains(t, err, dir)
	_, err = devserver.Lock(dir)
	require.ErrorIs(t, err, devserver.ErrLocked)

	// Who locks a folder that stands still keeps it so.
	require.NoError(t, s.Close())
	release, err := devserver.Lock(dir)
	require.NoError(t, err)
	_, err = devserver.Start(t.Context(), o)
	require.ErrorIs(t, err, devserver.ErrLocked)
	require.NoError(t, release())

	// A cancelled start leaves the folder to the next one.
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = devserver.Start(cancelled, o)
	require.ErrorIs(t, err, context.Canceled)

	// Changing an attribute's type would corrupt what is stored under it.
	o.SearchAttributes["DubanPlan"] = enumspb.INDEXED_VALUE_TYPE_INT
	_, err = devserver.Start(t.Context(), o)
	require.ErrorIs(t, err, devserver.ErrOptions)
	require.ErrorContains(t, err, "DubanPlan")

	raw, err := os.ReadFile(filepath.Join(dir, "engine.json"))
	require.NoError(t, err)
	require.Contains(t, string(raw), devserver.ServerVersion)
}

func fails(workflow.Context) error { panic("程序有误") }

func TestReportedProblemsAreListed(t *testing.T) {
	t.Parallel()
	o, _ := options(t, t.TempDir())
	s, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c := dial(t, s)
	w := worker.New(c, "q", worker.Options{})
	w.RegisterWorkflow(fails)
	w.RegisterWorkflow(waitForSignal)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	for id, wf := range map[string]any{"fails": fails, "waits": waitForSignal} {
		_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "q"}, wf)
		require.NoError(t, err)
	}
	requireListed(t, c, `TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")`, "fails")
}

// TestKilledEngineComesBack runs an engine in a process of its own and kills it, as kill -9 or a crash would.
func TestKilledEngineComesBack(t *testing.T) {
	if dir := os.Getenv("DUBAN_TEST_ENGINE_DIR"); dir != "" {
		serveUntilKilled(t, dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledEngineComesBack$")
	cmd.Env = append(os.Environ(), "DUBAN_TEST_ENGINE_DIR="+dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "started\n", line)
	o, _ := options(t, dir)
	_, err = devserver.Start(t.Context(), o)
	require.ErrorIs(t, err, devserver.ErrLocked, "the other process has the folder")
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()

	s, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	c := dial(t, s)
	w := worker.New(c, "q", worker.Options{})
	w.RegisterWorkflow(greet)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	var said string
	require.NoError(t, c.GetWorkflow(t.Context(), "greet", "").Get(t.Context(), &said))
	require.Equal(t, "你好，督办", said)
}

func serveUntilKilled(t *testing.T, dir string) {
	o, _ := options(t, dir)
	s, err := devserver.Start(t.Context(), o)
	require.NoError(t, err)
	// Nobody works here: what was acknowledged waits for the next process.
	_, err = dial(t, s).ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "greet", TaskQueue: "q"}, greet, "督办")
	require.NoError(t, err)
	// The folder stays locked even though nobody holds the Server any longer.
	runtime.GC()
	fmt.Println("started")
	select {}
}
