package dossier_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/dossier"
	"duban/obligation"
	"duban/plan"
)

var (
	shanghai = obligation.Location("Asia/Shanghai")
	id       = obligation.ID{Plan: "p", Measure: "10.1", Unit: "huayang", Period: "1"}
)

// compilation is the evidence of the report.
var compilation = obligation.Evidence{ID: "a1", Name: "汇编.pdf", Type: "application/pdf", Size: 4, SHA256: sum([]byte("%PDF"))}

func on(day string) time.Time { return calendar.MustDate(day).At(10*time.Hour, shanghai) }

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

// keep keeps events as the ledger does.
func keep(t *testing.T, d *obligation.Dossier, events []obligation.Event) {
	t.Helper()
	for _, e := range events {
		kept := obligation.KeptEvent{Event: e}
		if e.Policy != nil {
			content, err := json.Marshal(e.Policy)
			require.NoError(t, err)
			kept.Policy = sum(content)
			d.Policies[kept.Policy] = content
		}
		content, err := json.Marshal(kept)
		require.NoError(t, err)
		var before []byte
		if n := len(d.Entries); n > 0 {
			before = d.Entries[n-1].Hash
		}
		d.Entries = append(d.Entries, obligation.LedgerEntry{Event: content, Hash: obligation.Chain(before, id.String(), content)})
		d.State = obligation.Apply(d.State, e)
		for i := range d.Documents {
			d.Documents[i] = d.Documents[i].After(e)
		}
		if e.Kind == obligation.Drafted {
			d.Documents = append(d.Documents, obligation.Draft(d.State, e))
		}
		for i, n := range obligation.Notices(d.State, e) {
			d.Told = append(d.Told, obligation.Told{
				Message: obligation.Message{ID: int64(i), Obligation: id, Recipient: "huayang", Created: e.At, Notice: n},
				Digest:  "p/huayang/2025-07-01",
				Deliveries: []obligation.Delivery{
					{Channel: "sms", Address: "13800000001", Status: obligation.DeliveryFailed, Error: "13800000001 不在服务区"},
					{Channel: "smtp", Address: "zhang@example.cn", Status: obligation.DeliverySent},
				},
			})
		}
	}
}

// record is an obligation that went up to an interview, reported late and was accepted.
func record(t *testing.T) (obligation.Dossier, obligation.Definition) {
	t.Helper()
	cal, err := calendar.NewCalendar(3, map[int]calendar.Year{2025: {Off: []string{"0101"}}})
	require.NoError(t, err)
	opening := obligation.Opening{
		Facts: obligation.Facts{
			ID: id, Task: "10", PlanTitle: "三年行动方案", Title: "完善判定标准汇编", Quote: "完善标准汇编", UnitName: "华阳路街道", Period: "上半年",
			Due: calendar.MustDate("2025-06-30"),
		},
		Policy: obligation.Policy{Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour, Ladder: obligation.Ladder{
			Code: "standard", Title: "标准阶梯", Cure: 5, Rework: 5, Nudge: 3,
			Steps: []obligation.Step{{
				Code: "interview+5", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: 5, To: obligation.ToUnit, SignOff: obligation.SignOffLeader,
			}},
		}},
	}
	d := obligation.Dossier{Policies: map[string][]byte{}}
	keep(t, &d, []obligation.Event{obligation.Open(opening, cal, on("2025-06-02"))})
	decide := func(day string, c obligation.Command) {
		t.Helper()
		events, err := obligation.Decide(d.State, c, cal, on(day))
		require.NoError(t, err)
		keep(t, &d, events)
	}
	office, unit := obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}, obligation.Actor{Role: obligation.RoleUnit, Name: "李联络"}
	decide("2025-07-08", obligation.Command{Kind: obligation.Tick})
	decide("2025-07-09", obligation.Command{
		Kind: obligation.Issue, By: office, Rung: obligation.Interview, Number: "长安委办〔2025〕7号", Meeting: &obligation.Meeting{At: on("2025-07-11"), Place: "三楼"},
	})
	decide("2025-07-11", obligation.Command{Kind: obligation.Conclude, By: office, Text: "说明了情况", Demands: "完成汇编"})
	decide("2025-07-14", obligation.Command{Kind: obligation.Submit, By: unit, Text: "已完成", Evidence: []obligation.Evidence{compilation}})
	decide("2025-07-15", obligation.Command{Kind: obligation.Accept, By: office})
	content := []byte("PK docx")
	d.Files = []obligation.File{{Obligation: id, Name: "interview-1.docx", Title: "约谈通知", Digest: sum(content), Made: on("2025-07-09"), Content: content}}
	return d, obligation.Definition{
		Version: 1, AsOf: calendar.MustDate("2025-01-01"), Calendar: cal,
		Plan: plan.Plan{
			Code: "p", Title: "三年行动方案", Number: "长安委〔2024〕5号", Tasks: []plan.Task{{Code: "10", Title: "标准"}, {Code: "11", Title: "其他"}},
			Measures: []plan.Measure{{Code: "10.1", Task: "10", Title: "完善判定标准汇编"}},
			Units:    []plan.Unit{{Code: "huayang", Name: "华阳路街道", Contacts: []plan.Contact{{Name: "李联络"}}}},
		},
	}
}

func options(def obligation.Definition) dossier.Options {
	return dossier.Options{
		Definition: def, Exported: on("2025-08-01"), Program: "v1.2.3", History: []byte(`{"events":[]}`),
		Evidence: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("%PDF")), nil },
	}
}

func build(t *testing.T, change func(*obligation.Dossier, *dossier.Options)) ([]byte, string) {
	t.Helper()
	d, def := record(t)
	o := options(def)
	change(&d, &o)
	var out bytes.Buffer
	digest, err := dossier.Build(&out, d, o)
	require.NoError(t, err)
	return out.Bytes(), digest
}

func unchanged(*obligation.Dossier, *dossier.Options) {}

func check(file []byte) dossier.Report { return dossier.Check(bytes.NewReader(file), int64(len(file))) }

// content reads a zip.
func content(t *testing.T, file []byte) (names []string, files map[string][]byte) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	files = map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		require.NoError(t, in.Close())
		names, files[f.Name] = append(names, f.Name), text
	}
	return names, files
}

// packed makes a zip of files, as somebody would who changed them.
func packed(t *testing.T, names []string, files map[string][]byte, method uint16) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = f.Write(files[name])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestDossierIsProvedIntact(t *testing.T) {
	file, digest := build(t, unchanged)
	got := check(file)
	require.Empty(t, got.Faults)
	require.Equal(t, dossier.Report{
		Obligation: "p/10.1/huayang/1", Entries: 7, Files: 12, Evidence: true, Manifest: digest, Faults: []string{},
	}, got)
	again, _ := build(t, unchanged)
	require.Equal(t, file, again, "the same record gives the same bytes")

	names, files := content(t, file)
	policy := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, "policies/") })
	require.Equal(t, []string{
		"ledger.jsonl", "ledger.sha256", names[policy], "state.json", "卷宗.txt", "plan.json", "documents.json", "documents/interview-1.docx",
		"notices.json", "evidence.json", "evidence/" + compilation.Key() + ".pdf", "history.json", "manifest.json",
	}, names)
	summary := string(files["卷宗.txt"])
	require.Contains(t, summary, "卷宗：华阳路街道　完善判定标准汇编")
	require.Contains(t, summary, "   4　2025-07-09 10:00　王主任　签发·约谈　长安委办〔2025〕7号")
	require.Contains(t, summary, "四、佐证材料（1 件，文件在 evidence 目录")
	require.Contains(t, summary, "第6条　汇编.pdf　4 字节")
	require.NotContains(t, string(files["plan.json"]), "其他")
	require.NotContains(t, string(files["plan.json"]), "李联络")
	notices := string(files["notices.json"])
	require.Contains(t, notices, "138****0001")
	require.Contains(t, notices, "z***@example.cn")
	for _, open := range []string{"13800000001", "zhang@"} {
		require.NotContains(t, notices, open)
	}
}

func TestDossierWithHashesOfTheEvidenceAlone(t *testing.T) {
	file, _ := build(t, func(_ *obligation.Dossier, o *dossier.Options) { o.Evidence, o.History = nil, nil })
	got := check(file)
	require.Empty(t, got.Faults)
	require.False(t, got.Evidence)
	names, files := content(t, file)
	require.NotContains(t, names, "history.json")
	require.Contains(t, string(files["evidence.json"]), sum([]byte("%PDF")))
	require.Contains(t, string(files["卷宗.txt"]), "四、佐证材料（1 件，文件未放入）")
}

// Whoever changes a file, and the manifest with it, is found all the same: the rest does not agree with it.
func TestTamperingIsFound(t *testing.T) {
	replace := func(name, old, with string) func(map[string][]byte) {
		return func(files map[string][]byte) {
			text := string(files[name])
			require.Contains(t, text, old, name)
			files[name] = []byte(strings.Replace(text, old, with, 1))
		}
	}
	cut := func(name string) func(map[string][]byte) {
		return func(files map[string][]byte) {
			lines := strings.SplitAfter(strings.TrimSuffix(string(files[name]), "\n"), "\n")
			files[name] = []byte(strings.Join(lines[:len(lines)-1], ""))
		}
	}
	both := func(a, b func(map[string][]byte)) func(map[string][]byte) {
		return func(files map[string][]byte) { a(files); b(files) }
	}
	file, original := build(t, unchanged)
	names, _ := content(t, file)
	policy := names[slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, "policies/") })]
	exhibit := "evidence/" + compilation.Key() + ".pdf"
	for name, tt := range map[string]struct {
		change func(map[string][]byte)
		fault  string
	}{
		"a byte of the ledger":             {replace("ledger.jsonl", "已完成", "未完成"), "台账第6条与哈希链不符"},
		"a hash":                           {replace("ledger.sha256", "0", "1"), "与哈希链不符"},
		"the last entry":                   {both(cut("ledger.jsonl"), cut("ledger.sha256")), "台账的末尾与清单不符"},
		"the last entry, without its hash": {cut("ledger.jsonl"), "台账有 6 条，哈希有 7 个"},
		"an entry that is no entry":        {replace("ledger.jsonl", `{"seq":2`, `{"seq":"`), "台账第2条无法读取"},
		"the state":                        {replace("state.json", "accepted", "waived"), "state.json 与按台账重演的结果不符"},
		"a rule":                           {replace(policy, "标准阶梯", "宽松阶梯"), "办理规则"},
		"a number":                         {replace("documents.json", "长安委办〔2025〕7号", "长安委办〔2025〕8号"), "文书（约谈）的登记与台账不符"},
		"what an interview demanded":       {replace("documents.json", "完成汇编", "无"), "约谈和整改情况与台账不符"},
		"a document":                       {replace("documents/interview-1.docx", "PK", "XX"), "文书文件 interview-1.docx 与登记的 SHA-256 不符"},
		"evidence":                         {replace(exhibit, "PDF", "PDX"), "佐证材料 汇编.pdf（台账第6条）与台账记载"},
		"the list of evidence":             {replace("evidence.json", "汇编.pdf", "其他.pdf"), "佐证材料的清单与台账不符"},
		"a notice of nothing":              {replace("notices.json", `"seq": 1,`, `"seq": 99,`), "通知针对台账第99条"},
		"whose it is":                      {replace("manifest.json", `"unit": "huayang"`, `"unit": "tianshan"`), "与哈希链不符"},
		"the head":                         {replace("manifest.json", `"head": "`, `"head": "00`), "台账的末尾与清单不符"},
		"the manifest to nonsense":         {replace("manifest.json", "{", "["), "manifest.json 无法读取"},
		"the format to a later one":        {replace("manifest.json", `"format": 1`, `"format": 2`), "请用新版程序核验"},
		"documents that do not exist":      {func(f map[string][]byte) { f["documents.json"] = []byte(`{"documents":[],"files":[]}`) }, "台账有文书（约谈），登记里没有"},
		"a ledger without beginning":       {func(f map[string][]byte) { f["ledger.jsonl"] = []byte("{\"seq\":1,\"kind\":\"signed\"}\n") }, "台账的第一条不是交办或补录"},
	} {
		t.Run(name, func(t *testing.T) {
			_, files := content(t, file)
			tt.change(files)
			naive := check(packed(t, names, files, zip.Store))
			require.False(t, naive.Intact(), "the manifest knows every file")

			var m dossier.Manifest
			if json.Unmarshal(files["manifest.json"], &m) == nil {
				for i, f := range m.Files {
					m.Files[i].SHA256, m.Files[i].Size = sum(files[f.Name]), int64(len(files[f.Name]))
				}
				forged, err := json.MarshalIndent(m, "", "  ")
				require.NoError(t, err)
				files["manifest.json"] = forged
			}
			got := check(packed(t, names, files, zip.Store))
			require.Contains(t, strings.Join(got.Faults, "\n"), tt.fault)
			require.NotContains(t, strings.Join(got.Faults, "\n"), "%!", "every text has its values")
			require.NotEqual(t, original, got.Manifest)
		})
	}
}

func TestFilesThatAreNotAsTheyWereExported(t *testing.T) {
	file, _ := build(t, unchanged)
	names, files := content(t, file)
	for name, tt := range map[string]struct {
		file  []byte
		fault string
	}{
		"no zip":          {[]byte("hello"), "不是卷宗文件"},
		"cut off":         {file[:len(file)/2], "不是卷宗文件"},
		"one too few":     {packed(t, names[1:], files, zip.Store), "缺少文件 ledger.jsonl"},
		"one too many":    {packed(t, append(slices.Clone(names), "more.txt"), files, zip.Store), "多出文件 more.txt"},
		"one twice":       {packed(t, append(slices.Clone(names), names[0]), files, zip.Store), "文件 ledger.jsonl 出现两次"},
		"compressed":      {packed(t, names, files, zip.Deflate), "被压缩过"},
		"a way out":       {packed(t, append(slices.Clone(names), "../../etc/passwd"), files, zip.Store), "不合规"},
		"an absolute one": {packed(t, append(slices.Clone(names), "/etc/passwd"), files, zip.Store), "不合规"},
		"no manifest":     {packed(t, names[:len(names)-1], files, zip.Store), "缺少文件 manifest.json"},
	} {
		t.Run(name, func(t *testing.T) {
			got := check(tt.file)
			require.Contains(t, strings.Join(got.Faults, "\n"), tt.fault)
		})
	}
	many := make([]string, 10_001)
	for i := range many {
		many[i] = strings.Repeat("x", i%200+1) + time.Duration(i).String()
	}
	require.Equal(t, []string{"文件过多（10001 个），不是本系统导出的卷宗"}, check(packed(t, many, map[string][]byte{}, zip.Store)).Faults)
}
