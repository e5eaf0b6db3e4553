package letter

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

var shanghai = obligation.Location("Asia/Shanghai")

func definition(t testing.TB) obligation.Definition {
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2026: {Off: []string{"0404-0406", "0501-0505"}}})
	require.NoError(t, err)
	return obligation.Definition{Calendar: cal, Plan: plan.Plan{
		Code: "changning-2024", Number: "长安委〔2024〕5号", Title: "长宁区安全生产治本攻坚三年行动实施方案（2024—2026年）", Issuer: "上海市长宁区安全生产委员会",
	}}
}

// late is an obligation that was due on 31 March 2026.
func late() obligation.State {
	due := calendar.MustDate("2026-03-31")
	return obligation.State{
		Facts: obligation.Facts{
			ID: obligation.ID{Plan: "changning-2024", Measure: "10.1", Unit: "huayang", Period: "2026Q1"}, Task: "10",
			Title: "完善重大事故隐患判定标准汇编并开展专题学习", Quote: "完善各行业领域重大事故隐患判定标准汇编，组织开展“专题学习培训”。",
			UnitName: "华阳路街道", Period: "2026年第一季度", Due: due,
		},
		Policy:   obligation.Policy{Zone: "Asia/Shanghai"},
		Stage:    obligation.StageSigned,
		Original: due, Anchor: due,
	}
}

func document(rung obligation.Rung, number string) obligation.Document {
	drafted := calendar.MustDate("2026-04-08")
	d := obligation.Document{
		Obligation: late().ID, Rung: rung, Unit: "huayang", Number: number, Drafted: drafted.At(9*time.Hour, shanghai), Status: obligation.DocumentDraft,
	}
	if number != "" {
		d.Status, d.Settled, d.SignedBy = obligation.DocumentIssued, drafted.AddDays(2).At(10*time.Hour, shanghai), "签发人"
	}
	if rung == obligation.Interview && number != "" {
		d.Meeting = &obligation.Meeting{At: drafted.AddDays(7).At(14*time.Hour, shanghai), Place: "区安委办第一会议室"}
	}
	return d
}

func held() obligation.Document {
	d := document(obligation.Interview, "长安委办〔2026〕12号")
	d.Meeting.Held = d.Meeting.At.Add(2 * time.Hour)
	d.Meeting.Outcome = "被约谈单位说明了逾期的原因，承认对该项工作重视不够。\n约谈单位指出问题，要求4月底前完成汇编并组织学习。\n被约谈单位表态将按要求整改。"
	d.Meeting.Rectification = &obligation.Rectification{
		Demands: "一是4月底前完成汇编。\n二是组织学习并报送记录。", Original: calendar.MustDate("2026-04-30"), Due: calendar.MustDate("2026-05-08"),
	}
	return d
}

func decided(kind obligation.EventKind, text string) (obligation.Event, obligation.State) {
	s := late()
	s.Application = &obligation.Application{Seq: 3, At: calendar.MustDate("2026-03-24").At(10*time.Hour, shanghai), Due: calendar.MustDate("2026-04-30")}
	due := s.Anchor
	if kind == obligation.Extended {
		due = calendar.MustDate("2026-04-24")
	}
	return obligation.Event{Seq: 4, Kind: kind, At: calendar.MustDate("2026-03-26").At(15*time.Hour, shanghai), Due: due, Text: text}, s
}

// inspected is a week's inspection that found something with two units.
func inspected() obligation.State {
	s := late()
	s.ID = obligation.ID{Plan: s.ID.Plan, Measure: "S6.3", Unit: "awb", Period: "2026W13"}
	s.Period, s.Quote = "2026年第13周", "每周组织一次专项督导检查"
	at := calendar.MustDate("2026-03-26").At(15*time.Hour, shanghai)
	s.Inspection = &obligation.Inspection{
		Record: &obligation.InspectionSheet{Theme: "“九小场所”消防安全", Visits: []obligation.Visit{
			{Unit: "huayang", UnitName: "华阳路街道", Day: calendar.MustDate("2026-03-24"), Seen: "沿街商铺"},
			{Unit: "huayang", UnitName: "华阳路街道", Day: calendar.MustDate("2026-03-25"), Seen: "群租房"},
			{Unit: "xinhua", UnitName: "新华路街道", Day: calendar.MustDate("2026-03-25"), Seen: "仓库"},
		}},
		Recorded: at,
		Findings: []obligation.Finding{
			{N: 1, Unit: "huayang", UnitName: "华阳路街道", Place: "某餐饮店", Text: "安全出口上锁。", Basis: "《消防法》第二十八条", Severity: obligation.SeverityMajor, Demands: "立即开启并保持畅通。", Due: calendar.MustDate("2026-04-03"), Found: at},
			{N: 2, Unit: "xinhua", UnitName: "新华路街道", Text: "灭火器过期", Severity: obligation.SeverityCommon, Demands: "更换", Due: calendar.MustDate("2026-04-10"), Found: at},
			{N: 3, Unit: "huayang", UnitName: "华阳路街道", Text: "电线私拉乱接", Severity: obligation.SeverityGrave, Demands: "拆除并规范敷设", Due: calendar.MustDate("2026-04-10"), Found: at.AddDate(0, 0, 1)},
		},
	}
	return s
}

func writer(t testing.TB, o Office) *Writer {
	templates, err := LoadTemplates("")
	require.NoError(t, err)
	return NewWriter(templates, o)
}

var contact = Office{Contact: "（联系人）", Phone: "（电话）"}

// everything is one document of every kind, by name.
func everything(t testing.TB) map[string][]byte {
	w, def := writer(t, contact), definition(t)
	out := map[string][]byte{}
	keep := func(name string) func(string, []byte, error) {
		return func(title string, docx []byte, err error) {
			require.NoError(t, err)
			require.NotEmpty(t, title)
			out[name] = docx
		}
	}
	keep("letter")(w.Document(document(obligation.Letter, "长安委办〔2026〕5号"), late(), def))
	keep("letter-draft")(w.Document(document(obligation.Letter, ""), late(), def))
	keep("circular")(w.Document(document(obligation.Circular, "长安委〔2026〕3号"), late(), def))
	keep("interview")(w.Document(document(obligation.Interview, "长安委办〔2026〕12号"), late(), def))
	keep("interview-draft")(w.Document(document(obligation.Interview, ""), late(), def))
	keep("expose")(w.Document(document(obligation.Expose, "长安委〔2026〕4号"), late(), def))
	keep("transfer")(w.Document(document(obligation.Transfer, "长安委〔2026〕5号"), late(), def))
	keep("minutes")(w.Minutes(held(), late(), def))
	event, before := decided(obligation.Extended, "请每周报送进展。")
	keep("extension")(w.ExtensionReply(event, before, def))
	keep("order")(w.Order(inspected(), "huayang", def))
	event, before = decided(obligation.ExtensionRefused, "该项工作已有成熟做法可以参照，时间足够。")
	keep("extension-refused")(w.ExtensionReply(event, before, def))
	out["report"] = rendered(t, progress())
	return out
}

// circularOf24 lists as many units as there are streets and departments.
func circularOf24() Letter {
	l := Letter{
		Issuer: "上海市长宁区安全生产委员会", Number: "长安委〔2026〕3号", Title: "关于2026年第一季度责任事项逾期未完成情况的通报", To: "区安委会各成员单位",
		Body: []string{"截至2026年4月8日，仍有下列单位未完成：", listHere, "现予通报。"}, Signed: calendar.MustDate("2026-04-10"),
		Copies: "区委办，区府办", Printer: "上海市长宁区安全生产委员会办公室",
	}
	for i := range 24 {
		l.Rows = append(l.Rows, Row{Unit: fmt.Sprintf("第%d责任单位（名称较长的一家单位）", i+1), Matter: "完善重大事故隐患判定标准汇编并开展专题学习", Due: "2026年3月31日", Days: 100 - i})
	}
	return l
}

// part returns one part of a document.
func part(t testing.TB, docx []byte, name string) string {
	r, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	require.NoError(t, err)
	f, err := r.Open(name)
	require.NoError(t, err)
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	return string(text)
}
