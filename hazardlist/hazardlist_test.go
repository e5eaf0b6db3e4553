package hazardlist_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/hazardlist"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

var now = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

func definition() obligation.Definition {
	return obligation.Definition{
		Ladders: []obligation.Ladder{{Code: "standard"}},
		Plan: plan.Plan{
			Code: "p", Zone: "Asia/Shanghai", To: calendar.MustDate("2026-12-31"),
			Measures: []plan.Measure{{Code: "14.5", Task: "14", Form: plan.FormHazard, Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}}}},
			Units: []plan.Unit{
				{Code: "huayang", Name: "华阳路街道", Kind: plan.KindStreet, Aliases: []string{"华阳街道"}}, {Code: "yjj", Name: "区应急局", Kind: plan.KindGovernment},
			},
		},
	}
}

// sheet reads lines of cells that bars part; a cell that begins with = is a date of the spreadsheet's own.
func sheet(lines ...string) tasklist.Sheet {
	var s tasklist.Sheet
	for i, line := range lines {
		row := tasklist.Line{N: i + 1}
		for j, text := range strings.Split(line, "|") {
			cell := tasklist.Cell{Column: j + 1, Text: text}
			if day, ok := strings.CutPrefix(text, "="); ok {
				cell.Text, cell.Date = "3/2", calendar.MustDate(day)
			}
			if text != "" {
				row.Cells = append(row.Cells, cell)
			}
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

const head = "企业（单位）名称|地点|隐患内容|等级|来源|行业领域|街道（镇）|责任单位|审核单位|发现日期|整改期限|编号|反弹自（原编号）"

const good = "某某公司|甲路1号|通道堵塞|重大|督导检查|消防|华阳街道|huayang|区应急局|=2026-02-20|2026年4月30日"

func known() hazardlist.Known {
	return hazardlist.Known{{Facts: obligation.Facts{Hazard: &obligation.Hazard{
		Year: 2026, Number: 7, Enterprise: "另一家", Place: "乙路", Text: "软管老化", Found: calendar.MustDate("2026-01-05"),
	}}}}
}

func TestARowIsRead(t *testing.T) {
	p := hazardlist.Read(sheet("某区隐患清单", head, good, "|合计|"), definition(), nil, nil, now)
	require.Equal(t, 2, p.Header)
	require.Len(t, p.Rows, 1, "a sum is no hazard")
	r := p.Rows[0]
	require.Equal(t, tasklist.Create, r.Outcome, r.Problems)
	h := r.Entry.Hazard
	require.Equal(t, []any{"huayang", calendar.MustDate("2026-04-30"), "某某公司", obligation.Major, obligation.ByInspection, "fire", "huayang", "yjj", calendar.MustDate("2026-02-20")},
		[]any{r.Entry.Unit, r.Entry.Due, h.Enterprise, h.Grade, h.Source, h.Industry, h.Region, h.Reviewer, h.Found})
}

func TestWhatCantBeRead(t *testing.T) {
	for name, c := range map[string]struct{ from, to, cell, reason string }{
		"grade":      {"重大", "很大", "D2", "“很大”不在名单里"},
		"no grade":   {"重大", "", "D2", "没有填写等级"},
		"source":     {"督导检查", "听说", "E2", "“听说”不在名单里"},
		"industry":   {"消防", "航天", "F2", "“航天”不在名单里"},
		"region":     {"华阳街道", "仙霞", "G2", "“仙霞”不是方案里的单位"},
		"unit":       {"huayang", "某局", "H2", "“某局”不是方案里的单位"},
		"no day":     {"=2026-02-20", "二月", "J2", "“二月”不是日期"},
		"no date":    {"2026年4月30日", "2026年4月31日", "K2", "“2026年4月31日”不是日期"},
		"no place":   {"甲路1号", "", "B2", "没有填写地点"},
		"too early":  {"2026年4月30日", "2026-02-01", "C2", "日期无效"},
		"own review": {"区应急局", "华阳路街道", "C2", "审核单位无效"},
	} {
		t.Run(name, func(t *testing.T) {
			p := hazardlist.Read(sheet(head, strings.Replace(good, c.from, c.to, 1)), definition(), nil, nil, now)
			require.Len(t, p.Rows, 1)
			require.Equal(t, tasklist.Fault, p.Rows[0].Outcome)
			require.Len(t, p.Rows[0].Problems, 1)
			require.Equal(t, c.cell, p.Rows[0].Problems[0].Cell)
			require.Contains(t, p.Rows[0].Problems[0].Reason, c.reason)
		})
	}
	require.Zero(t, hazardlist.Read(sheet("a|b", good), definition(), nil, nil, now).Header, "without headings nothing is read")
}

func TestLikenessIsAskedAbout(t *testing.T) {
	same := "另一 家|乙路|软管老化|一般|企业自查|燃气|华阳路街道|华阳路街道||2026-01-05|2026-04-30"
	p := hazardlist.Read(sheet(head, same, good, good), definition(), known(), nil, now)
	require.Equal(t, []tasklist.Outcome{tasklist.Confirm, tasklist.Create, tasklist.Confirm}, outcomes(p))
	require.Equal(t, "2026-007", p.Rows[0].Number)
	require.Contains(t, p.Rows[2].Problems[0].Reason, "与第 3 行")
	p = hazardlist.Read(sheet(head, same, good, good), definition(), known(), []int{2, 4}, now)
	require.Equal(t, []tasklist.Outcome{tasklist.Create, tasklist.Create, tasklist.Create}, outcomes(p), "until somebody says that it is another")
	waived := known()
	waived[0].Stage = obligation.StageWaived
	require.Equal(t, tasklist.Create, hazardlist.Read(sheet(head, same), definition(), waived, nil, now).Rows[0].Outcome, "what was none is like nothing")
}

func TestNumberedRows(t *testing.T) {
	p := hazardlist.Read(sheet(head, good+"|长隐〔2026〕7号", good+"|2026-009", good+"||2026-007", good+"||旧的"), definition(), known(), nil, now)
	require.Equal(t, []tasklist.Outcome{tasklist.Unchanged, tasklist.Fault, tasklist.Create, tasklist.Fault}, outcomes(p))
	require.Equal(t, "2026-007", p.Rows[2].Entry.Hazard.Former)
	for text, want := range map[string]string{"长隐〔2026〕12号": "2026-012", "2026-003": "2026-003", "2026-1234": "2026-1234", "3号": "", "": ""} {
		require.Equal(t, want, hazardlist.Key(" "+text+" "), text)
	}
}

func outcomes(p hazardlist.Preview) (out []tasklist.Outcome) {
	for _, r := range p.Rows {
		out = append(out, r.Outcome)
	}
	return out
}
