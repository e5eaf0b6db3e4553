package obligation_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

func evidence(id, name string) obligation.Evidence {
	return obligation.Evidence{ID: id, Name: name, Type: "application/pdf", Size: 1234, SHA256: strings.Repeat("ab", 32)}
}

// The ledger names every file that came with a report, in one order, and a returned report may bring others.
func TestEvidenceStandsInTheLedger(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	e := l.put("2025-06-10 10:00", obligation.Command{Kind: obligation.ReportProgress, Evidence: []obligation.Evidence{evidence("1", "现场.jpg")}})
	require.Equal(t, []obligation.Evidence{evidence("1", "现场.jpg")}, e.Evidence)
	files := []obligation.Evidence{evidence("3", "总结.pdf"), evidence("9", "会议.pdf"), evidence("2", "总结.pdf")}
	e = l.put("2025-06-20 10:00", obligation.Command{Kind: obligation.Submit, Text: "已完成", Evidence: files})
	require.Equal(t, []obligation.Evidence{evidence("9", "会议.pdf"), evidence("2", "总结.pdf"), evidence("3", "总结.pdf")}, e.Evidence)
	require.Equal(t, "总结.pdf", files[0].Name, "the caller's own list is left alone")
	require.Equal(t, "华阳路街道已报送完成情况，附材料3件，请审核。", obligation.Notices(l.state, e)[0].Text)
	l.do("2025-06-21 10:00", obligation.Return, "缺附件")
	e = l.put("2025-06-22 10:00", obligation.Command{Kind: obligation.Submit, Text: "已补正", Evidence: []obligation.Evidence{evidence("4", "附件.pdf")}})
	require.Len(t, e.Evidence, 1)
}

// A report of what was put right names its files like any other, also after the obligation itself is closed.
func TestEvidenceOfARectification(t *testing.T) {
	l, p := calledIn(t)
	require.True(t, l.state.TakesEvidence())
	p.put("2025-08-20 17:00", obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Demands: "完成汇编", Due: calendar.MustDate("2025-09-30")})
	l.do("2025-08-21 10:00", obligation.Submit, "已完成")
	l.do("2025-08-22 10:00", obligation.Accept, "")
	require.True(t, l.state.IsClosed())
	require.True(t, l.state.TakesEvidence(), "the rectification is the unit's to report")

	files := []obligation.Evidence{evidence("2", "汇编.pdf"), evidence("1", "会议.pdf")}
	e := p.put("2025-08-25 10:00", obligation.Command{Kind: obligation.Rectify, Text: "已印发", Evidence: files})
	require.Equal(t, []obligation.Evidence{evidence("1", "会议.pdf"), evidence("2", "汇编.pdf")}, e.Evidence)
	require.Equal(t, e.Evidence, p.doc.Meeting.Rectification.Evidence)
	require.Equal(t, p.doc.Meeting, l.state.Meeting)
	require.Equal(t, "华阳路街道已报送整改报告，附材料2件，请核查。整改情况：已印发", notice(t, l.state, e).Text)
	require.False(t, l.state.TakesEvidence(), "the office verifies")

	p.put("2025-08-26 10:00", obligation.Command{Kind: obligation.ReturnRectification, Text: "缺附件", Due: calendar.MustDate("2025-09-02")})
	require.True(t, l.state.TakesEvidence())
	requireCode(t, obligation.CodeEvidenceInvalid, p.doc.Can(obligation.Command{
		Kind: obligation.Rectify, Text: "已补附件", Evidence: []obligation.Evidence{{ID: "3"}},
	}, l.cal, shanghai, moment("2025-08-27")))
	e = p.put("2025-09-03 10:00", obligation.Command{Kind: obligation.Rectify, Text: "已补附件", Evidence: []obligation.Evidence{evidence("3", "附件.pdf")}})
	require.Equal(t, "华阳路街道已逾期报送整改报告，附材料1件，请核查。整改情况：已补附件", notice(t, l.state, e).Text)
	require.Equal(t, []obligation.Evidence{evidence("3", "附件.pdf")}, p.doc.Meeting.Rectification.Evidence, "what came with the last report")
	p.put("2025-09-04 10:00", obligation.Command{Kind: obligation.VerifyRectification})
	require.False(t, l.state.TakesEvidence())
}

func TestEvidenceThatIsRefused(t *testing.T) {
	many := make([]obligation.Evidence, obligation.MaxEvidence+1)
	for i := range many {
		many[i] = evidence(fmt.Sprint(i), "现场.jpg")
	}
	bad := func(change func(*obligation.Evidence)) []obligation.Evidence {
		e := evidence("1", "总结.pdf")
		change(&e)
		return []obligation.Evidence{e}
	}
	for name, files := range map[string][]obligation.Evidence{
		"twice": {evidence("1", "a.pdf"), evidence("1", "a.pdf")}, "too many": many,
		"no id": bad(func(e *obligation.Evidence) { e.ID = "" }), "no name": bad(func(e *obligation.Evidence) { e.Name = "" }),
		"no type": bad(func(e *obligation.Evidence) { e.Type = "" }), "no hash": bad(func(e *obligation.Evidence) { e.SHA256 = "" }),
		"no content": bad(func(e *obligation.Evidence) { e.Size = 0 }),
	} {
		for _, kind := range []obligation.CommandKind{obligation.Submit, obligation.ReportProgress} {
			_, err := at(t, "signed").decide("2025-07-09 10:00", obligation.Command{Kind: kind, Text: "已完成", Evidence: files})
			require.Error(t, err, "%s %s", name, kind)
			requireCode(t, obligation.CodeEvidenceInvalid, err)
		}
	}
	_, err := at(t, "signed").decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Submit, Text: "已完成", Evidence: many[1:]})
	require.NoError(t, err)
	_, err = at(t, "signed").decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Submit, Evidence: many[:1]})
	requireCode(t, obligation.CodeTextMissing, err)
}

// Events of before there was evidence keep their form, and with it their hash.
func TestEventWithoutEvidenceIsAsBefore(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	text, err := json.Marshal(l.do("2025-06-20 10:00", obligation.Submit, "已完成"))
	require.NoError(t, err)
	require.NotContains(t, string(text), "evidence")
	require.Equal(t, strings.Repeat("ab", 32)+"-7", evidence("7", "总结.pdf").Key())
}
