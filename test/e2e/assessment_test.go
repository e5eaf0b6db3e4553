package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const halfYear = "/plans/small/assessments/2025H1"

type assessmentView struct {
	Stage, WaitingOn string
	Units            []struct {
		Code, Objection, Answer string
		Rank                    int
		Points, Adjusted        float64
		Self                    *float64
		Figures                 struct{ Overdue int }
		GradeLabel              string
		Verdicts                []struct {
			Matter string
			Yes    bool
		}
	}
	Idle []struct{ Code string }
}

func (p *process) assessment() assessmentView {
	p.t.Helper()
	var v assessmentView
	p.get(halfYear, &v)
	return v
}

func (p *process) awaitStage(stage string) {
	p.t.Helper()
	await(p.t, "the assessment is at "+stage, func() bool { return p.assessment().Stage == stage })
}

// say puts something that must be taken.
func (p *process) say(path string, body map[string]any) {
	p.t.Helper()
	status, answer := p.post(halfYear+path, body)
	require.Equal(p.t, http.StatusOK, status, "%s: %s", path, answer)
}

// toldOf counts what an inbox says of the assessment, by kind.
func (p *process) toldOf(recipient string) map[string]int {
	p.t.Helper()
	var page struct {
		Digests []struct {
			Messages []struct{ Assessment, KindLabel string }
		}
	}
	p.get("/plans/small/inbox/"+recipient+"?limit=200", &page)
	told := map[string]int{}
	for _, d := range page.Digests {
		for _, m := range d.Messages {
			if m.Assessment == "2025H1" {
				told[m.KindLabel]++
			}
		}
	}
	return told
}

// A half-year is over: it is counted by itself, the units score themselves and object, the office answers, grades and has its
// opinions, a leader decides and signs, and it is published. The program is killed on the way; everybody is told of everything,
// once. The clock leaves any machine time: it begins on the half-year's last day, and the office ends the units' days.
func TestAssessmentOfAHalfYear(t *testing.T) {
	folder := t.TempDir()
	clock := append([]string{"--seed", "none"}, scaled("2025-06-30", 0.04)...)
	p := serve(t, folder, clock...)
	files := smallFiles(t)
	// The 28th is a Saturday: the deadline would pass with the half-year itself.
	files["tasks/tasks.yaml"] = strings.ReplaceAll(files["tasks/tasks.yaml"], "0 0 28 * *", "0 0 27 * *")
	status, body := p.post("/plans", map[string]any{"files": files, "asOf": "2025-06-27"})
	require.Equal(t, http.StatusOK, status, body)
	p.refusedFor("not yet", "/close", http.StatusConflict)
	p.awaitStage("units")

	counted := p.assessment()
	require.Len(t, counted.Units, 2, "those whose monthly report is missing")
	first, second := counted.Units[0], counted.Units[1]
	for _, u := range counted.Units {
		require.Equal(t, []any{1, 1, 98.0}, []any{u.Rank, u.Figures.Overdue, u.Points}, u.Code)
	}
	p.say("/units/"+first.Code+"/score", map[string]any{"points": 99.5, "text": "已补报"})
	p.say("/units/"+second.Code+"/object", map[string]any{"text": "系统故障，已另行报送"})
	p.kill()
	p = serve(t, folder, clock...)
	for _, u := range counted.Units { // a notice that holds no longer is not sent
		await(t, u.Code+" is told that it is counted", func() bool { return p.toldOf(u.Code)["计分"] == 1 })
	}
	p.say("/close", map[string]any{})
	require.Equal(t, "office", p.assessment().Stage)
	p.refusedFor("an objection waits", "/propose", http.StatusConflict)
	p.say("/units/"+second.Code+"/adjust", map[string]any{"points": 2, "text": "情况属实"})
	p.say("/units/"+second.Code+"/answer", map[string]any{"text": "已调整"})
	p.say("/units/"+second.Code+"/grade", map[string]any{"grade": "excellent", "text": "材料扎实"})
	p.say("/units/"+second.Code+"/advise", map[string]any{"matter": "commend", "yes": true, "text": "质量突出"})
	p.say("/units/"+first.Code+"/advise", map[string]any{"matter": "veto", "yes": true, "text": "未报送"})
	p.say("/propose", map[string]any{})
	p.refusedFor("opinions wait", "/sign", http.StatusConflict)
	p.say("/units/"+second.Code+"/decide", map[string]any{"matter": "commend", "yes": true, "text": "同意"})
	p.say("/units/"+first.Code+"/decide", map[string]any{"matter": "veto", "yes": false, "text": "已补报"})
	require.Equal(t, "leader", p.assessment().WaitingOn)
	p.say("/sign", map[string]any{})
	p.say("/publish", map[string]any{})
	p.refusedFor("it is over", "/units/"+first.Code+"/score", http.StatusConflict)

	published := p.assessment()
	require.Equal(t, []any{second.Code, 1, 103.0, first.Code, 2, 98.0}, []any{
		published.Units[0].Code, published.Units[0].Rank, published.Units[0].Points, published.Units[1].Code, published.Units[1].Rank, published.Units[1].Points,
	})
	require.Equal(t, "优", published.Units[0].GradeLabel)
	require.True(t, published.Units[0].Verdicts[0].Yes)
	require.False(t, published.Units[1].Verdicts[0].Yes)
	require.Len(t, published.Idle, 58, "who had nothing to do is named")
	for recipient, want := range map[string]map[string]int{
		first.Code: {"计分": 1, "公布": 1}, second.Code: {"计分": 1, "调整": 1, "答复申诉": 1, "质量评价": 1, "公布": 1}, published.Idle[0].Code: {"公布": 1},
	} {
		await(t, recipient+" is told of everything", func() bool { return fmt.Sprint(p.toldOf(recipient)) == fmt.Sprint(want) })
	}
	require.Equal(t, 1, p.toldOf("office")["申诉"])

	// The command counts the same from the record, and other rules leave no trace.
	out, code := run(t, "--set", "data.folder="+folder, "assess", "2025H1", "--format", "json")
	require.Zero(t, code, out)
	var card struct {
		Units []struct {
			Unit   string
			Points int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &card), out)
	require.Len(t, card.Units, 2)
	require.Equal(t, []int{980, 980}, []int{card.Units[0].Points, card.Units[1].Points})
	status, body = p.post(halfYear+"/what-if", map[string]any{
		"rules": map[string]any{"title": "从严", "base": 100, "items": []any{map[string]any{"code": "o", "title": "逾期", "on": "overdue", "points": -10}}},
	})
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, body, `"points":90`)
	require.Equal(t, published, p.assessment())
	history := p.wholeHistory("assessment/small/2025H1")
	t.Logf("%d events in the history", len(history.Events))
	p.replay(map[string]string{"assessment": "assessment/small/2025H1", "plan-assessed": "plan/small"})
	p.stop()
	verify(t, folder)
}

// refusedFor puts something that must be refused.
func (p *process) refusedFor(why, path string, want int) {
	p.t.Helper()
	body := map[string]any{}
	if !slices.Contains([]string{"/close", "/propose", "/sign"}, path) {
		body["points"] = 1
	}
	status, answer := p.post(halfYear+path, body)
	require.Equal(p.t, want, status, "%s: %s", why, answer)
}
