// Package e2e runs duban as its users do: as a process, through its API and its command line, and kills it.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var binary string

// atEnd is called when every test has ended.
var atEnd []func()

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "duban-e2e-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "duban")
	build := exec.Command("go", "build", "-o", binary, "duban/cmd/duban")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	}
	for _, end := range atEnd {
		end()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// process is one running duban.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	folder string
	data   string // folder of its data, which is another one for a training
	api    string // http://host:port/api/v1
	engine string // host:port

	namespace string // of the engine
	stdout    *output
	stderr    *output
	said      chan struct{} // closed when it has said that it runs, and where it listens
	done      chan error
}

// output keeps what a process says, for the message of a failed test.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

var (
	apiLine    = regexp.MustCompile(`https?://[0-9.:]+/api/v1`)
	dataLine   = regexp.MustCompile(`^\s+数据\s+(\S+)$`)
	engineLine = regexp.MustCompile(`引擎\s+([0-9.:]+)`)
)

// workingLine is all that a worker says: it listens nowhere.
const workingLine = "duban 工作进程已启动"

// serve starts duban over the data folder, on ports the system gives, and waits until it says where it listens.
func serve(t *testing.T, folder string, args ...string) *process {
	t.Helper()
	p := launch(t, folder, args...)
	p.awaitServing()
	return p
}

// launch starts duban in one process and does not wait.
func launch(t *testing.T, folder string, args ...string) *process {
	t.Helper()
	return start(t, folder, append([]string{
		"--set", "listen.address=127.0.0.1:0", "--set", "engine.embedded.hostPort=127.0.0.1:0", "serve",
	}, args...)...)
}

// start starts a command that goes on until it is told to stop, and does not wait.
func start(t *testing.T, folder string, args ...string) *process {
	t.Helper()
	return startProgram(t, binary, folder, args...)
}

// startProgram starts another build than this one.
func startProgram(t *testing.T, program, folder string, args ...string) *process {
	t.Helper()
	all := append([]string{"--set", "data.folder=" + folder}, args...)
	p := &process{
		t: t, folder: folder, namespace: "duban", cmd: exec.Command(program, all...), stdout: &output{}, stderr: &output{}, said: make(chan struct{}),
		done: make(chan error, 1),
	}
	p.cmd.Stderr = p.stderr
	p.cmd.Dir = t.TempDir()
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() {
		lines := bufio.NewScanner(stdout)
		var once sync.Once
		for lines.Scan() {
			line := lines.Text()
			_, _ = p.stdout.Write([]byte(line + "\n"))
			if found := apiLine.FindString(line); found != "" {
				p.api = found
			}
			if found := engineLine.FindStringSubmatch(line); found != nil {
				p.engine = found[1]
			}
			if found := dataLine.FindStringSubmatch(line); found != nil {
				p.data = found[1]
			}
			if p.api != "" && p.engine != "" && p.data != "" || line == workingLine {
				once.Do(func() { close(p.said) })
			}
		}
		p.done <- p.cmd.Wait()
	}()
	return p
}

// awaitServing waits until duban says that it runs.
func (p *process) awaitServing() {
	p.t.Helper()
	select {
	case <-p.said:
	case err := <-p.done:
		require.Fail(p.t, "duban ended", "%v\n%s", err, p.stderr)
	case <-time.After(time.Minute):
		require.Fail(p.t, "duban does not say that it runs", p.stderr.String())
	}
}

// kill ends the process as a power cut does.
func (p *process) kill() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	<-p.done
}

// stop ends it as an operator does, and expects a clean end.
func (p *process) stop() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-p.done:
		require.NoError(p.t, err, p.stderr.String())
	case <-time.After(time.Minute):
		require.Fail(p.t, "duban does not end", p.stderr.String())
	}
}

// get reads an answer of the API.
func (p *process) get(path string, answer any) {
	p.t.Helper()
	response, err := p.send(http.MethodGet, path, "", nil)
	require.NoError(p.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, response.StatusCode, "%s: %s", path, body)
	require.NoError(p.t, json.Unmarshal(body, answer), "%s", body)
}

// post asks for something and returns the status and the body.
func (p *process) post(path string, body any) (int, string) {
	p.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(p.t, err)
	response, err := p.send(http.MethodPost, path, string(text), nil)
	require.NoError(p.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	return response.StatusCode, string(answer)
}

// send asks with a body as it is. It is for the caller to judge the answer.
func (p *process) send(method, path, body string, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.api+path, strings.NewReader(body))
	require.NoError(p.t, err)
	request.Header.Set("Authorization", "Bearer "+p.token(method, path))
	maps.Copy(request.Header, header)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return http.DefaultClient.Do(request)
}

// run runs a command of duban to its end.
func run(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = t.TempDir()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, failed := err.(*exec.ExitError); err != nil && !failed { //nolint:errorlint // exec returns it bare
		require.NoError(t, err)
	}
	return out.String() + errs.String(), cmd.ProcessState.ExitCode()
}

// verify proves the ledger of a data folder.
func verify(t *testing.T, folder string) {
	t.Helper()
	out, code := run(t, "--set", "data.folder="+folder, "verify")
	require.Zero(t, code, out)
}

// await asks again and again until the condition holds: what is awaited happens in another process.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ask := time.NewTicker(50 * time.Millisecond)
	defer ask.Stop()
	limit := time.After(3 * time.Minute)
	for !condition() {
		select {
		case <-ask.C:
		case <-limit:
			require.Fail(t, "did not happen", what)
		}
	}
}

// scaled are the settings of a clock that runs from the day, so many days a real second.
func scaled(start string, daysPerSecond float64) []string {
	return []string{"--set", "clock.mode=scaled", "--set", "clock.start=" + start, "--set", fmt.Sprintf("clock.speed=%.0f", daysPerSecond*86400)}
}

func decode(t *testing.T, body string, answer any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(body), answer), body)
}

// now is the business instant that the installation shows.
func (p *process) now() time.Time {
	p.t.Helper()
	var ready struct{ Now time.Time }
	p.get("/ready", &ready)
	return ready.Now
}

// today is the business date, days days later.
func (p *process) today(days int) string { return p.now().AddDate(0, 0, days).Format(time.DateOnly) }
