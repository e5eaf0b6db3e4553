package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// deployed returns a file of the folder deploy. Tests of this package change their folder, so it is found from where the source lies.
func deployed(t *testing.T, path ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{sourceRoot, "deploy"}, path...)...))
	require.NoError(t, err)
	return content
}

// sourceRoot is the folder of the module.
var sourceRoot = func() string {
	here, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return filepath.Join(here, "..", "..")
}()

// rule is an alert.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func alerts(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	reader := yaml.NewDecoder(strings.NewReader(string(deployed(t, "prometheus", "alerts.yml"))))
	reader.KnownFields(true)
	require.NoError(t, reader.Decode(&file))
	require.Len(t, file.Groups, 1)
	return file.Groups[0].Rules
}

// panel is a part of a dashboard.
type panel struct {
	ID      int    `json:"id"`
	Type    string `json:"type"`
	Title   string `json:"title"`
	Targets []struct {
		Expr string `json:"expr"`
	} `json:"targets"`
	Pos struct{ X, Y, W, H int } `json:"gridPos"`
}

func panels(t *testing.T) []panel {
	t.Helper()
	var file struct {
		UID           string  `json:"uid"`
		Title         string  `json:"title"`
		SchemaVersion int     `json:"schemaVersion"`
		Panels        []panel `json:"panels"`
	}
	require.NoError(t, json.Unmarshal(deployed(t, "grafana", "duban.json"), &file))
	require.Equal(t, "督办", file.Title)
	require.NotEmpty(t, file.UID)
	require.Positive(t, file.SchemaVersion)
	return file.Panels
}

func TestDashboard(t *testing.T) {
	ids, cells := map[int]bool{}, map[[2]int]string{}
	for _, p := range panels(t) {
		require.False(t, ids[p.ID], "%s has the number of another panel", p.Title)
		ids[p.ID] = true
		require.True(t, chinese(p.Title), p.Title)
		require.LessOrEqual(t, p.Pos.X+p.Pos.W, 24, p.Title)
		for x := p.Pos.X; x < p.Pos.X+p.Pos.W; x++ {
			for y := p.Pos.Y; y < p.Pos.Y+p.Pos.H; y++ {
				require.Empty(t, cells[[2]int{x, y}], "%s lies on another panel", p.Title)
				cells[[2]int{x, y}] = p.Title
			}
		}
		require.Equal(t, p.Type != "row", len(p.Targets) > 0, p.Title)
		for _, target := range p.Targets {
			requireBalanced(t, target.Expr)
		}
	}
}

func TestAlertsSayWhatToDo(t *testing.T) {
	docs, err := os.ReadFile(filepath.Join(sourceRoot, "docs", "operating.md"))
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, r := range alerts(t) {
		require.Regexp(t, `^Duban[A-Z][A-Za-z]+$`, r.Alert)
		require.False(t, seen[r.Alert], r.Alert)
		seen[r.Alert] = true
		require.Contains(t, []string{"warning", "critical"}, r.Labels["severity"], r.Alert)
		require.Regexp(t, `^\d+[mh]$`, r.For, r.Alert)
		require.True(t, chinese(r.Annotations["summary"]), r.Alert)
		require.True(t, chinese(r.Annotations["action"]), r.Alert)
		require.Equal(t, "docs/operating.md#"+strings.ToLower(r.Alert), r.Annotations["runbook"])
		require.Contains(t, string(docs), "\n### "+r.Alert+"\n", "the section is missing")
		requireBalanced(t, r.Expr)
		require.Regexp(t, `(==|>|<) `, r.Expr, "an alert compares")
	}
	require.Greater(t, len(seen), 10)
	for _, heading := range regexp.MustCompile(`(?m)^### (Duban\w+)$`).FindAllStringSubmatch(string(docs), -1) {
		require.True(t, seen[heading[1]], "there is no alert %s", heading[1])
	}
}

// requireBalanced finds the slips that make an expression unreadable: brackets that are not closed, and texts.
func requireBalanced(t *testing.T, expr string) {
	t.Helper()
	var open []rune
	closes := map[rune]rune{')': '(', '}': '{', ']': '['}
	quoted := false
	for _, r := range expr {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("({[", r):
			open = append(open, r)
		case closes[r] != 0:
			require.NotEmpty(t, open, expr)
			require.Equal(t, closes[r], open[len(open)-1], expr)
			open = open[:len(open)-1]
		}
	}
	require.Empty(t, open, expr)
	require.False(t, quoted, expr)
}

var (
	metricName = regexp.MustCompile(`\b(?:duban|temporal|go|process)_[a-z0-9_]+\b`)
	selector   = regexp.MustCompile(`\b((?:duban|temporal)_[a-z0-9_]+)\{([^}]*)\}`)
	labelName  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!=|=)\s*"`)
)

// requireNames holds every name of a metric and of a label that is asked for against what a running process says.
func requireNames(t *testing.T, page string) {
	var exprs []string
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			exprs = append(exprs, target.Expr)
		}
	}
	for _, r := range alerts(t) {
		exprs = append(exprs, r.Expr)
	}
	names := 0
	for _, expr := range exprs {
		for _, name := range metricName.FindAllString(expr, -1) {
			names++
			requireLine(t, name+`[ {]`, page, expr)
		}
		for _, s := range selector.FindAllStringSubmatch(expr, -1) {
			for _, label := range labelName.FindAllStringSubmatch(s[2], -1) {
				if label[1] != "instance" { // Prometheus' own
					requireLine(t, s[1]+`\{[^}]*\b`+label[1]+`="`, page, expr)
				}
			}
		}
	}
	require.Greater(t, names, 40)
}

// requireLine requires that a line of the page begins like that, without showing thousands of others.
func requireLine(t *testing.T, beginning, page, why string) {
	t.Helper()
	require.True(t, regexp.MustCompile(`(?m)^`+beginning).MatchString(page), "no line begins with %s: %s", beginning, why)
}

// requireMetrics holds the metrics to what there is, and to how Prometheus names things.
func requireMetrics(t *testing.T, page string) {
	for _, line := range []string{
		`duban_build_info\{version="v1"\} 1`,
		`duban_http_request_duration_seconds_count\{method="POST",route="/api/v1/obligations/:plan/:measure/:unit/:period/sign",status="200"\} 1`,
		`duban_command_duration_seconds_count\{kind="sign",outcome="ok"\} 1`,
		`duban_db_transaction_duration_seconds_count\{operation="Append",outcome="ok"\} [1-9]`,
		`duban_db_retries_total 0`,
		`duban_db_queue_length 0`,
		`duban_delivery_duration_seconds_count\{channel="webhook",outcome="sent"\} 1`,
		`duban_obligations\{light="green",plan="[^"]+",stage="signed"\} 1`,
		`duban_outbox_pending\{plan="[^"]+"\} [0-9]+`,
		`duban_stuck\{fault="nobody",plan="[^"]+"\} 0`,
		`duban_evidence_bytes 0`,
		`duban_doctor_findings\{kind="workflow_orphaned"\} 0`,
		`duban_doctor_last_examination_timestamp_seconds [1-9]`,
		`duban_backup_last_timestamp_seconds [0-9]`,
		`duban_worker_last_poll_timestamp_seconds [1-9]`,
		`duban_dispatch_last_run_timestamp_seconds 0`,
		`temporal_worker_task_slots_available\{.*worker_type="WorkflowWorker".*\} [1-9]`,
		`temporal_server_service_requests_total\{.*operation="UpdateWorkflowExecution".*\} [1-9]`,
		`go_goroutines [1-9]`,
		`process_cpu_seconds_total [0-9]`,
	} {
		requireLine(t, line, page, "")
	}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (duban_\S+) (\S+)$`).FindAllStringSubmatch(page, -1) {
		name, kind := found[1], found[2]
		require.Equal(t, kind == "counter", strings.HasSuffix(name, "_total"), name)
		if kind == "histogram" {
			require.True(t, strings.HasSuffix(name, "_seconds"), name)
		}
		require.NotContains(t, name, "__")
	}
	require.NotContains(t, page, "otel_scope")
	series := regexp.MustCompile(`(?m)^duban_`).FindAllString(page, -1)
	require.Less(t, len(series), 3000, "a page that grows without bound brings Prometheus down")
}
