package seed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/plan"
)

// sound returns the files of a small bundle without a fault. Tests count on its line numbers.
func sound() map[string]string {
	return map[string]string{
		"plan.yaml": `code: changning-2024
number: 长安委〔2024〕5号
title: 三年行动实施方案
issuer: 长宁区安全生产委员会
issued: 2024-04-19
from: 2024-01-01
to: 2026-12-31
zone: Asia/Shanghai
restDayRule: next_day
actions:
  - number: 1
    title: 责任体系提升行动
  - {number: 4, title: 判定标准体系提升行动}
`,
		"tasks/2.yaml": `tasks:
  - code: "1"
    action: 1
    title: 党委政府责任
    text: |
      党委、政府主要负责人每季度至
      少召开一次会议，持续推进。
    lead: [quwei]
    measures:
      - code: 1.1
        title: 召开会议
        quote: 每季度至少召开一次会议
        audience: {kinds: [street], units: [quwei]}
        schedule:
          kind: recurring
          cron: 0 0 1 1,4,7,10 *
          names: start
        done: 有会议纪要
        inferred: [audience]
        note: 原文未写明主体
      - code: "1.2"
        title: 持续推进
        quote: 持续推进
        audience: {tags: [regulator]}
        schedule: {kind: continuous}
        done: 每半年报告进展
`,
		"tasks/10.yaml": `tasks:
  - code: 10
    action: 4
    title: 判定标准
    text: 2024年 6月底前，完善判定标准汇编。请于 3月 25日前报送。
    lead: [yingji]
    measures:
      - code: "10.1"
        title: 汇编
        quote: 2024年6月底前，完善判定标准汇编
        audience:
          units: [yingji]
          except: []
        schedule:
          kind: milestone
          due: [2024-06-30]
        done: 印发汇编
        ladder: strict
      - code: "10.2"
        title: 联络员
        quote: 3月25日前报送
        audience: {kinds: [government, street]}
        schedule: {kind: milestone, due: [2024-03-25]}
        done: 已报送
`,
		"units.yaml": `units:
  - {code: quwei, name: 区委办, kind: party, tags: [], aliases: []}
  - code: yingji
    name: 区应急局
    kind: government
    tags: [regulator]
    aliases: [区应急管理局]
    contacts:
      - {name: 联络员, email: a@example.com, wecom: zhangsan, dingtalk: "0123", feishu: ou_1, mobile: 13800000001, channels: [wecom, smtp]}
  - {code: huayang, name: 华阳路街道, kind: street}
`,
		"calendar.yaml": `version: 1
years:
  2024:
    off: ["0101", "0210-0217"]
    on: ["0204"]
  2025:
    off: ["0101"]
    on: []
`,
		"ladders.yaml": `ladders:
  - code: standard
    title: 标准阶梯
    cure: 5
    yellow: 7
    rework: 5
    nudge: 3
    steps:
      - {code: remind-7, rung: remind, anchor: due, offset: -7, to: unit}
      - {code: letter+5, rung: letter, anchor: due, offset: 5, to: unit, signOff: office}
  - code: strict
    title: 从严阶梯
    cure: 5
    yellow: 7
    rework: 5
    nudge: 3
    steps:
      - {code: remind-3, rung: remind, anchor: due, offset: -3, to: unit}
`,
	}
}

func filesystem(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, content := range files {
		m[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return m
}

func TestLoad(t *testing.T) {
	b, err := Load(filesystem(sound()))
	require.NoError(t, err)
	p := b.Plan
	require.Equal(t, "changning-2024", p.Code)
	require.Equal(t, calendar.MustDate("2024-04-19"), p.Issued)
	require.Len(t, p.Actions, 2)
	require.Equal(t, "判定标准体系提升行动", p.Actions[1].Title)

	require.Len(t, p.Tasks, 2)
	require.Equal(t, "1", p.Tasks[0].Code, "2.yaml comes before 10.yaml")
	require.Equal(t, "10", p.Tasks[1].Code)
	require.Equal(t, "党委、政府主要负责人每季度至\n少召开一次会议，持续推进。", p.Tasks[0].Text, "lines stay, and don't hide quotes")
	require.Equal(t, "2024年6月底前，完善判定标准汇编。请于3月25日前报送。", p.Tasks[1].Text)

	require.Len(t, p.Measures, 4)
	require.Equal(t, "1.1", p.Measures[0].Code, "a code needs no quotation marks")
	require.Equal(t, "1", p.Measures[0].Task)
	require.Equal(t, "0 0 1 1,4,7,10 *", p.Measures[0].Schedule.Cron)
	require.Equal(t, "strict", p.Measures[2].Ladder)
	require.True(t, p.BeforeIssue(p.Measures[3].Schedule.Due[0]))

	require.Len(t, p.Units, 3)
	require.Equal(t, plan.Contact{
		Name: "联络员", Email: "a@example.com", WeCom: "zhangsan", DingTalk: "0123", Feishu: "ou_1", Mobile: "13800000001",
		Channels: []plan.Channel{plan.ChannelWeCom, plan.ChannelMail},
	}, p.Units[1].Contacts[0])
	require.Equal(t, []int{2024, 2025}, b.Calendar.Years())
	require.Equal(t, 1, b.Calendar.Version())
	require.Len(t, b.Ladders, 2)
	require.Equal(t, 5, b.Ladders[0].Steps[1].Offset)
}

func TestLoadFromADirectory(t *testing.T) {
	dir := t.TempDir()
	for name, content := range sound() {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "说明.txt"), []byte("不读"), 0o644))
	b, err := Load(os.DirFS(dir))
	require.NoError(t, err)
	require.Len(t, b.Plan.Measures, 4)

	_, err = Load(os.DirFS(filepath.Join(dir, "nowhere")))
	var faults *Faults
	require.ErrorAs(t, err, &faults)
}

// change returns the sound files with old replaced by another text in one of them; old must be there, once.
func change(file, old, with string) func(map[string]string) {
	return func(files map[string]string) {
		if n := strings.Count(files[file], old); n != 1 {
			panic(fmt.Sprintf("%q stands %d times in %s", old, n, file))
		}
		files[file] = strings.Replace(files[file], old, with, 1)
	}
}

func cutFrom(file, heading string) func(map[string]string) {
	return func(files map[string]string) { files[file], _, _ = strings.Cut(files[file], heading) }
}

func replace(file, content string) func(map[string]string) {
	return func(files map[string]string) { files[file] = content }
}

func remove(file string) func(map[string]string) {
	return func(files map[string]string) { delete(files, file) }
}

func TestLoadRefuses(t *testing.T) {
	tests := map[string]struct {
		spoil func(map[string]string)
		want  string // "file:line code", one a line
	}{
		// Files.
		"no files":         {func(files map[string]string) { clear(files) }, "calendar.yaml:0 missing_file\nladders.yaml:0 missing_file\nplan.yaml:0 missing_file\ntasks:0 missing_file\nunits.yaml:0 missing_file"},
		"no plan":          {remove("plan.yaml"), "plan.yaml:0 missing_file"},
		"no units":         {remove("units.yaml"), "units.yaml:0 missing_file"},
		"no calendar":      {remove("calendar.yaml"), "calendar.yaml:0 missing_file"},
		"no ladders":       {remove("ladders.yaml"), "ladders.yaml:0 missing_file"},
		"a mistyped name":  {replace("unit.yaml", "units: []"), "unit.yaml:0 unknown_file"},
		"another suffix":   {replace("plan.YML", "x: y"), "plan.YML:0 unknown_file"},
		"a file too large": {replace("units.yaml", "#"+strings.Repeat("x", maxFileSize)), "units.yaml:0 too_large"},
		"too many files": {func(files map[string]string) {
			for i := range maxFiles {
				files[fmt.Sprintf("tasks/x%d.yaml", i)] = "tasks: []"
			}
		}, "tasks:0 too_many_files"},
		"a directory instead of a file": {func(files map[string]string) {
			delete(files, "units.yaml")
			files["units.yaml/x"] = ""
		}, "units.yaml:0 unreadable"},
		"a file instead of a directory": {func(files map[string]string) {
			delete(files, "tasks/2.yaml")
			delete(files, "tasks/10.yaml")
			files["tasks"] = "x"
		}, "tasks:0 unreadable"},
		"an empty file":        {replace("units.yaml", ""), "units.yaml:1 syntax"},
		"nothing":              {replace("plan.yaml", "~\n"), "plan.yaml:1 syntax"},
		"nothing but comments": {replace("plan.yaml", "# 以后再写\n"), "plan.yaml:1 syntax"},

		// YAML.
		"GBK":                     {replace("units.yaml", "units:\n  - {code: quwei, name: \xc7\xf8\xce\xaf}\n"), "units.yaml:2 encoding"},
		"broken YAML":             {change("units.yaml", "kind: government", "kind: government: x"), "units.yaml:5 syntax"},
		"a tab":                   {change("calendar.yaml", "    off: [\"0101\", ", "\toff: [\"0101\", "), "calendar.yaml:4 syntax"},
		"an open bracket":         {change("tasks/10.yaml", "[2024-06-30]", "[2024-06-30"), "tasks/10.yaml:16 syntax"},
		"broken units and a plan": {func(files map[string]string) { files["units.yaml"], files["plan.yaml"] = "units: [", "code: {" }, "plan.yaml:1 syntax\nunits.yaml:1 syntax"},
		"an alias":                {change("units.yaml", "tags: [regulator]", "tags: &t [regulator]\n    aliases: *t"), "units.yaml:6 alias\nunits.yaml:7 alias"},
		"an alias bomb":           {replace("units.yaml", "a: &a [x,x]\nb: &b [*a,*a]\nunits: [*b,*b]\n"), "units.yaml:1 alias\nunits.yaml:2 alias\nunits.yaml:3 alias\nunits.yaml:3 alias"},
		"two documents":           {change("units.yaml", "  - {code: huayang", "---\nunits:\n  - {code: huayang"), "units.yaml:10 documents"},
		"a list as plan":          {replace("plan.yaml", "- x\n"), "plan.yaml:1 wrong_type"},
		"a word as units":         {replace("units.yaml", "x\n"), "units.yaml:1 wrong_type"},
		"units that are a word":   {replace("units.yaml", "units: x\n"), "units.yaml:1 wrong_type"},
		"tasks that are a word":   {change("tasks/10.yaml", sound()["tasks/10.yaml"], "tasks: x\n"), "tasks/10.yaml:1 wrong_type"},
		"no task at all": {func(files map[string]string) {
			delete(files, "tasks/10.yaml")
			files["tasks/2.yaml"] = "tasks: []\n"
		}, "tasks/2.yaml:1 missing"},
		"a task that is a word":  {replace("tasks/11.yaml", "tasks:\n  - x\n"), "tasks/11.yaml:2 wrong_type"},
		"an unknown field":       {change("plan.yaml", "issuer: ", "isuer: "), "plan.yaml:1 missing\nplan.yaml:4 unknown_field"},
		"an unknown task field":  {change("tasks/10.yaml", "    action: 4", "    action: 4\n    due: 2024"), "tasks/10.yaml:4 unknown_field"},
		"an unknown file key":    {change("units.yaml", "units:", "unit: []\nunits:"), "units.yaml:1 unknown_field"},
		"a field twice":          {change("tasks/10.yaml", "        done: 印发汇编", "        done: 印发汇编\n        done: 印发"), "tasks/10.yaml:18 duplicate_key"},
		"measures twice":         {change("tasks/10.yaml", "    lead: [yingji]", "    lead: [yingji]\n    measures: []"), "tasks/10.yaml:2 no_measure\ntasks/10.yaml:8 duplicate_key"},
		"a date that is not one": {change("tasks/10.yaml", "[2024-06-30]", "[2024-06-31]"), "tasks/10.yaml:16 bad_value"},
		"a date as a list":       {change("plan.yaml", "issued: 2024-04-19", "issued: [2024-04-19]"), "plan.yaml:5 wrong_type"},
		"a list as a word":       {change("tasks/10.yaml", "    lead: [yingji]", "    lead: yingji"), "tasks/10.yaml:6 wrong_type"},
		"a word as a list":       {change("tasks/10.yaml", "title: 汇编", "title: [汇编]"), "tasks/10.yaml:9 wrong_type"},
		"yes and no":             {change("tasks/10.yaml", "title: 汇编", "title: true"), "tasks/10.yaml:9 wrong_type"},
		"a number as a word":     {change("ladders.yaml", "offset: 5", "offset: 五"), "ladders.yaml:10 wrong_type"},
		"a number in quotes":     {change("ladders.yaml", "offset: 5", `offset: "5"`), "ladders.yaml:10 wrong_type"},
		"a fraction":             {change("plan.yaml", "number: 1\n", "number: 1.5\n"), "plan.yaml:11 wrong_type\ntasks/2.yaml:3 unknown_action"},

		// What the files say.
		"no code":              {change("plan.yaml", "code: changning-2024\n", ""), "plan.yaml:1 missing"},
		"an empty field":       {change("plan.yaml", "title: 三年行动实施方案", "title:"), "plan.yaml:3 missing"},
		"an unknown unit":      {change("tasks/10.yaml", "units: [yingji]", "units: [yingji, xiaofang]"), "tasks/10.yaml:12 unknown_unit"},
		"an unknown lead":      {change("tasks/2.yaml", "lead: [quwei]", "lead:\n    - quwei\n    - x"), "tasks/2.yaml:10 unknown_unit"},
		"an unknown kind":      {change("tasks/10.yaml", "[government, street]", "[government, 街道]"), "tasks/10.yaml:22 unknown_kind"},
		"an unknown tag":       {change("tasks/2.yaml", "tags: [regulator]", "tags: [regulators]"), "tasks/2.yaml:24 empty_audience\ntasks/2.yaml:24 unknown_tag"},
		"a measure twice":      {change("tasks/10.yaml", `"10.2"`, `"10.1"`), "tasks/10.yaml:19 duplicate"},
		"a task twice":         {change("tasks/10.yaml", "code: 10\n", "code: 1\n"), "tasks/10.yaml:2 duplicate\ntasks/10.yaml:8 bad_format\ntasks/10.yaml:10 quote_not_found\ntasks/10.yaml:19 bad_format\ntasks/10.yaml:21 quote_not_found"},
		"no measures":          {cutFrom("tasks/10.yaml", "    measures:"), "tasks/10.yaml:2 no_measure"},
		"a quote from memory":  {change("tasks/10.yaml", "quote: 2024年6月底前，完善判定标准汇编", "quote: 六月底前完善"), "tasks/10.yaml:10 quote_not_found"},
		"due after the plan":   {change("tasks/10.yaml", "[2024-06-30]", "[2024-06-30, 2027-06-30]"), "tasks/10.yaml:16 due_after_period"},
		"a bad cron":           {change("tasks/2.yaml", "cron: 0 0 1 1,4,7,10 *", "cron: 每季度"), "tasks/2.yaml:16 bad_cron"},
		"a cron with minutes":  {change("tasks/2.yaml", "cron: 0 0 1 1,4,7,10 *", `cron: "* * * * *"`), "tasks/2.yaml:16 cron_not_days"},
		"a cron like an alias": {change("tasks/2.yaml", "cron: 0 0 1 1,4,7,10 *", "cron: * * * * *"), "tasks/2.yaml:16 syntax"},
		"no reason":            {change("tasks/2.yaml", "        note: 原文未写明主体\n", ""), "tasks/2.yaml:10 inferred_no_reason"},
		"an unknown inference": {change("tasks/2.yaml", "inferred: [audience]", "inferred: [dates]"), "tasks/2.yaml:19 inferred_unknown"},
		"nobody":               {change("tasks/10.yaml", "except: []", "except: [yingji]"), "tasks/10.yaml:11 empty_audience"},
		"a name of another":    {change("units.yaml", "aliases: [区应急管理局]", "aliases: [区委办]"), "units.yaml:7 alias_collision"},
		"an unknown action":    {change("tasks/10.yaml", "action: 4", "action: 5"), "tasks/10.yaml:3 unknown_action"},
		"an unknown ladder":    {change("tasks/10.yaml", "ladder: strict", "ladder: gentle"), "tasks/10.yaml:18 unknown_ladder"},

		// The calendar.
		"no version":            {change("calendar.yaml", "version: 1\n", ""), "calendar.yaml:1 wrong_type"},
		"an impossible day":     {change("calendar.yaml", `"0210-0217"`, `"0210-0230"`), "calendar.yaml:4 bad_calendar"},
		"off and on":            {change("calendar.yaml", `["0204"]`, `["0210"]`), "calendar.yaml:3 bad_calendar"},
		"a day twice":           {change("calendar.yaml", `"0101", "0210-0217"`, `"0101", "0101"`), "calendar.yaml:3 bad_calendar"},
		"a year that is a word": {change("calendar.yaml", "  2025:", "  明年:"), "calendar.yaml:6 wrong_type"},
		"a year twice":          {change("calendar.yaml", "  2025:", "  2024:"), "calendar.yaml:6 duplicate_key"},
		"a year far away":       {change("calendar.yaml", "  2025:", "  20255:"), "calendar.yaml:7 bad_calendar"},
		"years as a list":       {replace("calendar.yaml", "version: 1\nyears: [2024]\n"), "calendar.yaml:2 wrong_type"},
		"an unknown key":        {change("calendar.yaml", "years:", "source: x\nyears:"), "calendar.yaml:2 unknown_field"},
		"days as numbers":       {change("calendar.yaml", `["0204"]`, `204`), "calendar.yaml:5 wrong_type"},

		// The ladders.
		"no ladder":         {replace("ladders.yaml", "ladders: []\n"), "ladders.yaml:1 wrong_type\ntasks/10.yaml:18 unknown_ladder"},
		"a bad ladder":      {change("ladders.yaml", "rung: letter", "rung: shout"), "ladders.yaml:10 bad_ladder\nladders.yaml:10 bad_ladder"},
		"a ladder twice":    {change("ladders.yaml", "code: strict", "code: standard"), "ladders.yaml:11 duplicate_ladder\ntasks/10.yaml:18 unknown_ladder"},
		"no cure period":    {change("ladders.yaml", "    cure: 5\n    yellow: 7\n    rework: 5\n    nudge: 3\n    steps:\n      - {code: remind-3", "    cure: 0\n    yellow: 7\n    rework: 5\n    nudge: 3\n    steps:\n      - {code: remind-3"), "ladders.yaml:11 bad_ladder"},
		"a field of no use": {change("ladders.yaml", "title: 标准阶梯", "name: 标准阶梯"), "ladders.yaml:3 unknown_field"},

		"everything at once": {
			func(files map[string]string) {
				change("plan.yaml", "zone: Asia/Shanghai", "zone: Shanghai")(files)
				change("tasks/2.yaml", "quote: 持续推进", "quote: 持续开展")(files)
				change("tasks/10.yaml", "[2024-06-30]", "[2024-6-30]")(files)
				change("tasks/10.yaml", "done: 已报送", "dome: 已报送")(files)
				change("units.yaml", "kind: street", "kind: 街道")(files)
				change("calendar.yaml", `["0204"]`, `["0205"]`)(files)
				change("ladders.yaml", "anchor: due, offset: 5", "anchor: never, offset: 5")(files)
			},
			"calendar.yaml:5 bad_calendar\nladders.yaml:10 bad_ladder\nplan.yaml:8 unknown_zone\n" +
				"ladders.yaml:10 bad_ladder\ntasks/2.yaml:23 quote_not_found\n" +
				"tasks/10.yaml:16 bad_value\ntasks/10.yaml:19 missing\ntasks/10.yaml:24 unknown_field\nunits.yaml:10 unknown_kind",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := sound()
			tt.spoil(files)
			b, err := Load(filesystem(files))
			require.Nil(t, b)
			var faults *Faults
			require.ErrorAs(t, err, &faults)
			var got []string
			for _, f := range faults.List {
				require.NotEmpty(t, f.Message)
				require.NotContains(t, f.Message, "%!", "the message must fit its arguments")
				got = append(got, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Code))
			}
			require.ElementsMatch(t, strings.Split(tt.want, "\n"), got, err.Error())
		})
	}
}

func TestFaultsRead(t *testing.T) {
	files := sound()
	change("tasks/10.yaml", "[2024-06-30]", "[2024-06-31]")(files)
	change("tasks/2.yaml", "quote: 持续推进", "quote: 持续开展")(files)
	delete(files, "calendar.yaml")
	_, err := Load(filesystem(files))
	require.EqualError(t, err, `calendar.yaml: 缺少这个文件，请补上
tasks/2.yaml:23: 引文 "持续开展" 不在任务 "1" 的原文中，请逐字摘录（空格、换行不计）
tasks/10.yaml:16: due 的值无效：日期 "2024-06-31" 不是有效的 YYYY-MM-DD`)
}

func TestFaultsAreBounded(t *testing.T) {
	files := sound()
	files["units.yaml"] = "units:\n" + strings.Repeat("  - x\n", 3*MaxFaults)
	_, err := Load(filesystem(files))
	var faults *Faults
	require.ErrorAs(t, err, &faults)
	require.Len(t, faults.List, MaxFaults+1)
	require.Equal(t, CodeTooManyFaults, faults.List[MaxFaults].Code)
}

// A disk that fails is a fault of the bundle like any other, not a crash.
func TestLoadFromAFailingDisk(t *testing.T) {
	_, err := Load(failing{})
	var faults *Faults
	require.ErrorAs(t, err, &faults)
	require.Len(t, faults.List, 6)
	for _, f := range faults.List {
		require.Equal(t, CodeUnreadable, f.Code)
	}
}

type failing struct{}

func (failing) Open(string) (fs.File, error) { return nil, errors.New("input/output error") }

func TestNaturalOrder(t *testing.T) {
	order := []string{"S1", "tasks/", "tasks/02-x.yaml", "tasks/2.yaml", "tasks/3.yaml", "tasks/10.yaml", "tasks/S1.yaml", "tasks/S1a.yaml"}
	for i, a := range order {
		for j, b := range order {
			c := natural(a, b)
			switch {
			case i < j:
				require.Negative(t, c, "%s before %s", a, b)
			case i > j:
				require.Positive(t, c, "%s after %s", a, b)
			default:
				require.Zero(t, c)
			}
		}
	}
}

// Whatever stands in a file, Load returns a bundle or faults, in good time.
func FuzzLoad(f *testing.F) {
	names := []string{"plan.yaml", "units.yaml", "calendar.yaml", "ladders.yaml", "tasks/2.yaml", "tasks/10.yaml"}
	files := sound()
	for i, name := range names {
		f.Add(uint8(i), []byte(files[name]))
	}
	for _, s := range []string{
		"", "~", "\x00", "\ufeffunits: []", "units: !!binary x", "units: {? [a]: b}", "? x", "- &a [*a]", "<<: {code: x}", "%YAML 9.9\n---\n",
		"units:\n - {from: 0000-01-01, to: 9999-12-31}", "tasks: [[[[[[[[]]]]]]]]", "tasks:\n - measures: [~, x, []]\n", "years: {99999999999: {}, -1: {}}",
		"version: 99999999999999999999\nyears: {2024: {off: [\"0101-1231\"]}}", "to: 2199-12-31\nfrom: 1990-01-01\nissued: 1990-01-01",
		"\xff\xfeu\x00n\x00", "a: !x\n", "ladders: [{steps: [{offset: 9223372036854775807}]}]",
	} {
		for i := range names {
			f.Add(uint8(i), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		files := sound()
		files[names[int(which)%len(names)]] = string(content)
		b, err := Load(filesystem(files))
		if err != nil {
			var faults *Faults
			require.ErrorAs(t, err, &faults)
			require.NotEmpty(t, faults.List)
			require.NotContains(t, err.Error(), "%!(")
			return
		}
		_, err = List(&b.Plan, b.Calendar)
		require.NoError(t, err, "what loads can be listed")
	})
}
