package integration

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"

	"duban/activities"
	"duban/calendar"
	"duban/internal/devserver"
	"duban/internal/seal"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
	"duban/worker"
	"duban/workflows"
)

// Whoever has to do with the obligation of TestEngineKeepsNobodyInTheClear.
const (
	contactName = "欧阳建国"
	liaisonName = "司徒美玉"
	officerName = "诸葛小平"
	telephone   = "13912345678"
)

var everybody = []string{contactName, liaisonName, officerName, telephone}

// TestEngineKeepsNobodyInTheClear lets people act on an obligation and looks for them in the engine's files. Without the
// seal the same search finds them, so it looks in the right place.
func TestEngineKeepsNobodyInTheClear(t *testing.T) {
	ring, err := seal.Create(filepath.Join(t.TempDir(), "keys.yaml"), seal.AES256GCM, time.Now())
	require.NoError(t, err)
	sealed := engineFiles(t, seal.Converter(seal.NewCodec(ring)))
	open := engineFiles(t, nil)
	for _, who := range everybody {
		require.NotEmpty(t, holding(t, open, who), "without the seal %s is found", who)
	}
	for _, who := range everybody {
		require.Empty(t, holding(t, sealed, who), "%s is in the engine's files", who)
	}
}

// engineFiles runs duban over an engine of its own, has people act, ends it and returns the engine's folder.
func engineFiles(t *testing.T, values converter.DataConverter) string {
	t.Helper()
	folder, log := t.TempDir(), slog.New(slog.DiscardHandler)
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Now: time.Now, Logger: log,
	})
	require.NoError(t, err)
	engine, err := devserver.Start(t.Context(), devserver.Options{
		DataDir: filepath.Join(folder, "temporal"), HostPort: "127.0.0.1:0", SearchAttributes: workflows.SearchAttributes, Logger: log,
	})
	require.NoError(t, err)
	c, err := workflows.Dial(t.Context(), workflows.Connection{
		HostPort: engine.HostPort(), Namespace: engine.Namespace(), APIKey: engine.Token(), Embedded: true, Converter: values, Log: log,
	})
	require.NoError(t, err)
	w := worker.New(c, &activities.Activities{Record: s, Documents: s, Outbox: s, Assessments: s, Hazards: s, Engine: c, Log: log}, worker.Options{})
	require.NoError(t, w.Start())

	d, _, err := s.PutDefinition(t.Context(), peopled(t))
	require.NoError(t, err)
	_, err = c.StartPlan(t.Context(), workflows.PlanInput{
		Setting: activities.Setting{Clock: calendar.Clock{Start: start, Held: true}, Calendar: d.Calendar}, Window: obligation.DefaultWindow, Definition: d,
	})
	require.NoError(t, err)
	liaison := obligation.Actor{Role: obligation.RoleUnit, Name: liaisonName}
	officer := obligation.Actor{Role: obligation.RoleOffice, Name: officerName}
	for n, cmd := range []obligation.Command{
		{Kind: obligation.Sign, By: liaison},
		{Kind: obligation.Submit, By: liaison, Text: "联系电话" + telephone},
		{Kind: obligation.Return, By: officer, Text: "请补充附件，联系" + contactName},
		{Kind: obligation.Submit, By: liaison, Text: "附件已补"},
		{Kind: obligation.Accept, By: officer},
	} {
		cmd.Key = fmt.Sprintf("act-%d", n) // the engine keeps it as it is
		_, err := c.At(start.Add(time.Hour)).Command(t.Context(), obligation.ID{Plan: planCode, Measure: "10.1", Unit: "u01", Period: "1"}, cmd)
		require.NoError(t, err, cmd.Kind)
	}
	w.Stop()
	c.Close()
	require.NoError(t, engine.Close())
	require.NoError(t, s.Close())
	return filepath.Join(folder, "temporal")
}

// peopled is a plan of one obligation, whose unit has a contact.
func peopled(t *testing.T) obligation.Definition {
	t.Helper()
	due := calendar.MustDate("2026-03-31")
	return obligation.Definition{
		AsOf: calendar.MustDate("2026-03-01"), Calendar: workdays(t), Ladders: []obligation.Ladder{ladder},
		Plan: plan.Plan{
			Code: planCode, Number: "长安委〔2026〕1号", Title: "方案", Issued: calendar.MustDate("2026-03-01"), From: calendar.MustDate("2026-03-01"),
			To: calendar.MustDate("2026-12-31"), Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay,
			Units: []plan.Unit{{
				Code: "u01", Name: "区应急局", Kind: plan.KindGovernment, Contacts: []plan.Contact{{Name: contactName, Mobile: telephone}},
			}},
			Tasks: []plan.Task{{Code: "10", Title: "任务"}},
			Measures: []plan.Measure{{
				Code: "10.1", Task: "10", Title: "编制判定标准汇编", Quote: "编制判定标准汇编", Done: "汇编印发",
				Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindGovernment}},
				Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{due}},
			}},
		},
	}
}

// holding returns the files that hold the text, as it is or as a part of something in base64.
func holding(t *testing.T, folder, text string) []string {
	t.Helper()
	forms := [][]byte{[]byte(text)}
	for before := range 3 {
		whole := base64.StdEncoding.EncodeToString(append(make([]byte, before), text...))
		first := []int{0, 2, 3}[before]                           // what is mixed with what stands before
		last := len(whole) - []int{0, 4, 4}[(before+len(text))%3] // and after
		forms = append(forms, []byte(whole[first:last]))
	}
	var found []string
	seen := 0
	require.NoError(t, filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen += len(content)
		for _, form := range forms {
			if bytes.Contains(content, form) {
				found = append(found, path)
			}
		}
		return nil
	}))
	require.Greater(t, seen, 1<<17, "the engine's files are there")
	return found
}

// TestHoldingFindsBase64 holds the search itself against every place a text may have in what was encoded.
func TestHoldingFindsBase64(t *testing.T) {
	for before := range 4 {
		folder := t.TempDir()
		whole := append(append(bytes.Repeat([]byte("x"), before), telephone...), "yyy"...)
		content := append(bytes.Repeat([]byte("."), 1<<18), base64.StdEncoding.EncodeToString(whole)...)
		require.NoError(t, os.WriteFile(filepath.Join(folder, "f"), content, 0o600))
		require.NotEmpty(t, holding(t, folder, telephone), before)
		require.Empty(t, holding(t, folder, "13012345678"))
	}
}
