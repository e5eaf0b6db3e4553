package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type trainingState struct {
	Now, Until    time.Time
	DaysPerSecond float64
	Paused        bool
	Finished      bool
	Events        int
	ByHand        []string
}

func (p *process) training() trainingState {
	var s trainingState
	p.get("/training", &s)
	return s
}

func (p *process) steer(path, body string) {
	p.t.Helper()
	response, err := p.send(http.MethodPut, path, body, nil)
	require.NoError(p.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, response.StatusCode, string(answer))
}

var comparison = regexp.MustCompile(`一致 (\d+) 条，不一致 (\d+) 件`)

func TestTrainingIsKilledAndStillEqualsTheRehearsal(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	args := []string{"--demo", "--units", "huayang", "--script", "diligent", "--as-of", "2026-01-05", "--minutes", "0.01"}
	p := launch(t, folder, args...)
	p.awaitServing()
	_, err := os.Stat(folder)
	require.ErrorIs(t, err, os.ErrNotExist, "production's data are not touched")
	await(t, "some of it has happened", func() bool { return p.training().Events > 300 })
	p.steer("/training/pace", `{"paused":true}`)
	stands := p.training()
	require.True(t, stands.Paused)
	p.kill()

	p = launch(t, folder, args...)
	p.awaitServing()
	await(t, "it goes on where it was", func() bool { return p.training().Events > stands.Events })
	p.steer("/training/pace", `{"paused":false,"daysPerSecond":100}`)
	await(t, "the plan is over", func() bool { return p.training().Finished })
	await(t, "it is held against the rehearsal", func() bool { return comparison.MatchString(p.stdout.String()) })
	found := comparison.FindStringSubmatch(p.stdout.String())
	require.Equal(t, "0", found[2], p.stdout)
	require.Equal(t, fmt.Sprint(p.training().Events), found[1])

	p.stop()
	verify(t, folder+"-demo")
}

func TestUnitIsPlayedByHand(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	p := launch(t, folder, "--demo", "--units", "huayang", "--minutes", "100000")
	p.awaitServing()
	await(t, "the first periods are opened", func() bool { return p.training().Events > 0 })
	server := strings.TrimSuffix(p.api, "/api/v1")
	for _, command := range [][]string{{"take", "huayang"}, {"pause"}} {
		out, code := run(t, append([]string{"--set", "data.folder=" + folder, "training", "--server", server}, command...)...)
		require.Zero(t, code, out)
		require.Contains(t, out, "演练“一般”")
	}
	require.Equal(t, []string{"huayang"}, p.training().ByHand)
	open := p.obligations("unit=huayang&open=true&stage=open")
	require.NotEmpty(t, open)
	status, body := p.post(open[0].path()+"/sign", map[string]any{})
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, body, p.training().Now.Format("2006-01-02T15:04"), "at the instant that the clock shows")
	out, code := run(t, "--set", "data.folder="+folder, "training", "--server", server, "take", "nobody")
	require.Equal(t, 1, code, out)
	out, code = run(t, "--set", "data.folder="+folder, "training", "--server", server)
	require.Zero(t, code, out)
	require.Contains(t, out, "已暂停")
	require.Contains(t, out, "由人扮演：huayang")
	p.stop()
	verify(t, folder+"-demo")
}

func TestTrainingAndProductionDoNotShareData(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	p := launch(t, folder, "--demo", "--units", "huayang", "--minutes", "1000")
	p.awaitServing()
	p.stop()
	out, code := run(t, "--set", "data.folder="+folder, "serve", "--demo", "--units", "jiangsu")
	require.Equal(t, 2, code)
	require.Contains(t, out, "另一次演练")
	out, code = run(t, "--set", "data.folder="+folder+"-demo", "--set", "listen.address=127.0.0.1:0", "serve", "--seed", "none")
	require.Equal(t, 1, code)
	require.Contains(t, out, "演练")
	out, code = run(t, "serve", "--demo", "--units", "nobody")
	require.Equal(t, 2, code)
	require.Contains(t, out, "nobody")
}
