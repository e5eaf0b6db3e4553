package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// walk are the writes of the year-end as they were made, for the document that tells of them.
type walk struct {
	*process
	mu   sync.Mutex
	made []string
}

// do asks for something that must be taken.
func (w *walk) do(path string, body map[string]any) map[string]any {
	w.t.Helper()
	w.note(path)
	status, answer := w.post(path, body)
	require.Equal(w.t, http.StatusOK, status, "%s: %s", path, answer)
	var out map[string]any
	decode(w.t, answer, &out)
	return out
}

func (w *walk) note(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made = append(w.made, "POST "+path)
}

// upload hands a PDF in the name of the unit over, and returns it as a report names it.
func (w *walk) upload(unit, name string, content []byte) []any {
	w.t.Helper()
	w.note(obligationOf(unit) + "/evidence")
	status, file := w.uploadFor(obligationOf(unit), name, "application/pdf", bytes.NewReader(content))
	require.Equal(w.t, http.StatusOK, status, file)
	return []any{file["id"]}
}

const yearEnd = "yearend/1.1/"

func obligationOf(unit string) string { return "/obligations/" + yearEnd + unit + "/1" }
func documentOf(unit, rung string) string {
	return "/documents/" + yearEnd + unit + "/1/" + rung
}

type yearEndState struct {
	Stage, Light, Due, OriginalDue, Liaison, WaitingOn string
	WasOverdue                                         bool
	Returns, Extensions, Seq                           int
}

func (w *walk) state(unit string) yearEndState {
	w.t.Helper()
	var s yearEndState
	w.get(obligationOf(unit), &s)
	return s
}

// awaitDraft waits until the document of a rung is drafted.
func (w *walk) awaitDraft(unit, rung string) {
	w.t.Helper()
	await(w.t, rung+" of "+unit+" is drafted", func() bool {
		r, err := w.send(http.MethodGet, documentOf(unit, rung), "", nil)
		require.NoError(w.t, err)
		require.NoError(w.t, r.Body.Close())
		return r.StatusCode == http.StatusOK
	})
}

// A year-end through the API alone, as docs/year-end.md walks through it: one unit on time, one late and returned twice, one
// to the interview and its rectification, one extended, one handed over. The documents are among the test's artifacts.
func TestYearEnd(t *testing.T) {
	folder := t.TempDir()
	w := &walk{process: serve(t, folder, append([]string{"--seed", "none"}, scaled("2025-12-08", 1)...)...)}
	w.startYearEnd()
	w.onTime()
	w.extend()
	w.handOver()
	w.beLate()
	w.beCalledIn()
	w.finishExtended()

	for _, unit := range []string{"ontime", "late", "called", "extended", "handed"} {
		require.Equal(t, "accepted", w.state(unit).Stage, unit)
		requireOnce(t, view(obligationOf(unit)), w.ledger(view(obligationOf(unit))))
	}
	w.keepDocuments(t.ArtifactDir())
	w.keepDossier(t.ArtifactDir())
	requireTold(t, w.made)
	w.stop()
	verify(t, folder)
}

func (w *walk) startYearEnd() {
	files := map[string]string{}
	for _, name := range []string{"plan.yaml", "ladders.yaml", "calendar.yaml", "units.yaml", "tasks/tasks.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata/yearend", name))
		require.NoError(w.t, err)
		files[name] = string(text)
	}
	w.do("/plans", map[string]any{"files": files, "asOf": "2025-12-08"})
	w.awaitOpened("yearend", 5)
	for _, unit := range []string{"ontime", "late", "called", "extended", "handed"} {
		w.do(obligationOf(unit)+"/sign", map[string]any{})
	}
}

func (w *walk) onTime() {
	const unit = "ontime"
	w.do(obligationOf(unit)+"/progress", map[string]any{"percent": 80, "text": "初稿已送主要负责同志审阅"})
	summary := pdfOf("按期街道2025年安全生产工作总结", "一、全年开展检查 312 次，整改隐患 187 处。")
	w.do(obligationOf(unit)+"/submit", map[string]any{"text": "年度总结已印发", "evidence": w.upload(unit, "年度总结.pdf", summary)})
	w.do(obligationOf(unit)+"/accept", map[string]any{"text": "内容完整"})
	s := w.state(unit)
	require.False(w.t, s.WasOverdue)
	require.Equal(w.t, "green", s.Light)
}

func (w *walk) extend() {
	const unit = "extended"
	w.do(obligationOf(unit)+"/ask-extension", map[string]any{"due": "2026-01-30", "reason": "事故统计须待年后核定，其余章节已完成"})
	require.Equal(w.t, "office", w.state(unit).WaitingOn)
	w.do(obligationOf(unit)+"/grant-extension", map[string]any{"due": "2026-01-23", "text": "请抓紧核定"})
	s := w.state(unit)
	require.Equal(w.t, []any{"2026-01-23", "2025-12-31", 1}, []any{s.Due, s.OriginalDue, s.Extensions})
}

// handOver lets another liaison go on where one has left: the office hands over, the administrator closes the one's account and
// opens the other's.
func (w *walk) handOver() {
	const unit = "handed"
	old := w.tokenOf("liaison-handed", "unit", unit)
	w.do("/plans/yearend/units/handed/hand-over", map[string]any{"to": map[string]any{"name": "接任联络员"}, "reason": "原联络员调离"})
	require.Equal(w.t, "接任联络员", w.state(unit).Liaison)
	r, err := w.send(http.MethodPatch, "/accounts/liaison-handed", `{"disabled":true}`, http.Header{"Authorization": {"Bearer " + w.operator()}})
	require.NoError(w.t, err)
	require.NoError(w.t, r.Body.Close())
	require.Equal(w.t, http.StatusOK, r.StatusCode)
	r, err = w.send(http.MethodGet, obligationOf(unit), "", http.Header{"Authorization": {"Bearer " + old}})
	require.NoError(w.t, err)
	require.NoError(w.t, r.Body.Close())
	require.Equal(w.t, http.StatusUnauthorized, r.StatusCode, "who has left gets in no more")

	people.Lock()
	people.tokens[w.data+"\nliaison-handed"] = w.enrol("successor", "unit", unit)
	people.Unlock()
	w.do(obligationOf(unit)+"/submit", map[string]any{"text": "年度总结已印发"})
	w.do(obligationOf(unit)+"/accept", map[string]any{})
	require.False(w.t, w.state(unit).WasOverdue)
}

func (w *walk) beLate() {
	const unit = "late"
	w.awaitDraft(unit, "letter")
	require.Equal(w.t, "red", w.state(unit).Light)
	w.do(documentOf(unit, "letter")+"/sign-off", map[string]any{})
	for _, reason := range []string{"缺少隐患整改数据", "数据与月报不一致"} {
		w.do(obligationOf(unit)+"/submit", map[string]any{"text": "年度总结已印发"})
		w.do(obligationOf(unit)+"/return", map[string]any{"reason": reason})
	}
	w.do(obligationOf(unit)+"/submit", map[string]any{"text": "数据已核对"})
	w.twoOfficers(unit)
	s := w.state(unit)
	require.Equal(w.t, []any{"yellow", true, 2}, []any{s.Light, s.WasOverdue, s.Returns}, "the light remembers")
}

// twoOfficers accept at the same moment what both have seen: one of them is told that the other was first.
func (w *walk) twoOfficers(unit string) {
	seen := fmt.Sprintf("%q", fmt.Sprint(w.state(unit).Seq))
	tokens := []string{w.tokenOf("office", "office", ""), w.tokenOf("office-2", "office", "")}
	answers := make([]string, len(tokens))
	w.note(obligationOf(unit) + "/accept")
	var wait sync.WaitGroup
	for i, token := range tokens {
		wait.Go(func() {
			r, err := w.send(http.MethodPost, obligationOf(unit)+"/accept", `{}`, http.Header{"Authorization": {"Bearer " + token}, "If-Match": {seen}})
			if err != nil {
				answers[i] = err.Error()
				return
			}
			defer r.Body.Close()
			var answer struct{ Code, Kind string }
			_ = json.NewDecoder(r.Body).Decode(&answer)
			answers[i] = answer.Code + answer.Kind
		})
	}
	wait.Wait()
	slices.Sort(answers)
	require.Equal(w.t, "accepted", answers[0], "%v", answers)
	require.Contains(w.t, []string{"conflict", "obligation_closed"}, answers[1])
}

// What the unit that was called in hands in.
var (
	calledSummary = pdfOf("约谈街道2025年安全生产工作总结", "一、全年开展检查 208 次。")
	calledList    = pdfOf("约谈街道隐患整改清单", "1. 老旧小区飞线充电，已整改。", "2. 沿街商铺堵塞疏散通道，已整改。")
)

func (w *walk) beCalledIn() {
	const unit = "called"
	w.awaitDraft(unit, "letter")
	w.do(documentOf(unit, "letter")+"/sign-off", map[string]any{})
	w.awaitDraft(unit, "circular")
	w.do(documentOf(unit, "circular")+"/sign-off", map[string]any{})
	w.awaitDraft(unit, "interview")
	talk := documentOf(unit, "interview")
	// Real time is short here: the interview is in some days, and is put off by some more.
	meeting := func(days int, place string) map[string]any {
		return map[string]any{"at": w.now().AddDate(0, 0, days).Format(time.RFC3339), "place": place, "material": "书面情况说明、整改方案"}
	}
	w.do(talk+"/sign-off", map[string]any{"meeting": meeting(5, "区安委办会议室")})
	w.do(talk+"/arrange", map[string]any{"meeting": meeting(7, "区应急局二楼会议室"), "reason": "主要负责同志出差"})
	day := w.today(7)
	await(w.t, "the day of the interview", func() bool { return w.today(0) >= day })
	w.do(talk+"/conclude", map[string]any{
		"outcome": "该街道主要负责同志说明了迟报的原因，作了表态。", "demands": "十日内报送年度总结和全部佐证材料。", "due": w.today(14),
	})
	w.do(talk+"/rectify", map[string]any{"text": "年度总结已补报", "evidence": w.upload(unit, "年度总结.pdf", calledSummary)})
	w.do(talk+"/return", map[string]any{"reason": "佐证材料不全", "due": w.today(20)})
	w.do(talk+"/rectify", map[string]any{"text": "佐证材料已补齐", "evidence": w.upload(unit, "隐患整改清单.pdf", calledList)})
	w.do(talk+"/verify", map[string]any{"text": "核查属实"})
	w.do(obligationOf(unit)+"/submit", map[string]any{"text": "年度总结已印发"})
	w.do(obligationOf(unit)+"/accept", map[string]any{})
	require.True(w.t, w.state(unit).WasOverdue)
}

func (w *walk) finishExtended() {
	const unit = "extended"
	w.do(obligationOf(unit)+"/submit", map[string]any{"text": "事故统计已核定，年度总结已印发"})
	w.do(obligationOf(unit)+"/accept", map[string]any{})
	s := w.state(unit)
	require.Equal(w.t, []any{false, "2025-12-31"}, []any{s.WasOverdue, s.OriginalDue})
}

// keepDocuments writes every document of the year-end into the folder.
func (w *walk) keepDocuments(folder string) {
	for name, path := range map[string]string{
		"督促函-迟报街道.docx":  documentOf("late", "letter") + "/file",
		"督促函-约谈街道.docx":  documentOf("called", "letter") + "/file",
		"通报-约谈街道.docx":   documentOf("called", "circular") + "/file",
		"约谈通知-约谈街道.docx": documentOf("called", "interview") + "/file",
		"约谈纪要-约谈街道.docx": documentOf("called", "interview") + "/minutes",
		"延期批复-延期街道.docx": obligationOf("extended") + "/extension-reply",
	} {
		content, _ := w.download(path)
		require.NoError(w.t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	w.t.Logf("documents are in %s", folder)
}

// keepDossier exports the whole record of the unit that was called in into the folder, and proves it.
func (w *walk) keepDossier(folder string) {
	content, _ := w.download(obligationOf("called") + "/dossier")
	file := filepath.Join(folder, "卷宗-约谈街道.zip")
	require.NoError(w.t, os.WriteFile(file, content, 0o600))
	out, code := run(w.t, "verify", file)
	require.Zero(w.t, code, out)
	for _, evidence := range [][]byte{calledSummary, calledList} {
		require.True(w.t, bytes.Contains(content, evidence), "the evidence of both reports is in it")
	}
	var doc struct {
		Meeting struct {
			Rectification struct {
				Status   string
				Evidence []struct{ Name, SHA256 string }
			}
		}
	}
	w.get(documentOf("called", "interview"), &doc)
	r := doc.Meeting.Rectification
	require.Equal(w.t, "verified", r.Status)
	require.Len(w.t, r.Evidence, 1)
	require.Equal(w.t, "隐患整改清单.pdf", r.Evidence[0].Name)
}

// requireTold fails where docs/year-end.md tells of other writes than were made, or in another order.
func requireTold(t *testing.T, made []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/year-end.md")
	require.NoError(t, err)
	var told []string
	for _, m := range regexp.MustCompile("(?m)`(POST /[^`]+)`").FindAllStringSubmatch(string(text), -1) {
		told = append(told, strings.ReplaceAll(m[1], "…", yearEnd[:len(yearEnd)-1]))
	}
	require.Equal(t, told, made)
}
