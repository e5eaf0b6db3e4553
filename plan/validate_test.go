package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
)

// small is a plan without a fault: two tasks, four measures and five units.
func small() *Plan {
	p := threeYears()
	p.Actions = []Action{{1, "责任体系提升行动"}, {2, "判定标准体系提升行动"}}
	p.Tasks = []Task{
		{"1", 1, "党委政府责任", "党委、政府主要负责人每季度至少召开一次会议，持续推进。", []string{"office"}},
		{"10", 2, "判定标准", "2024年 6月底前，完善判定标准汇编；\n2024 年底前，组织专题学习培训。", []string{"yingji"}},
		{"S6", 0, "健全工作机制", "每月 28日前报送工作开展情况。", []string{"office", "yingji"}},
	}
	p.Measures = []Measure{
		{
			Code: "1.1", Task: "1", Title: "召开会议", Quote: "每季度至少召开一次会议", Done: "有会议纪要",
			Audience: Audience{Kinds: []UnitKind{KindStreet}, Units: []string{"office"}},
			Schedule: Schedule{Kind: Recurring, Cron: "0 0 1 1,4,7,10 *", Names: CronStart},
			Inferred: []string{"audience"}, Note: "原文未写明主体",
		},
		{
			Code: "10.1", Task: "10", Title: "汇编", Quote: "2024年6月底前，完善判定标准汇编", Done: "印发汇编",
			Audience: Audience{Units: []string{"yingji"}}, Schedule: Schedule{Kind: Milestone, Due: dates("2024-06-30")},
		},
		{
			Code: "10.2", Task: "10", Title: "培训", Quote: "2024年底前，组织专题学习培训", Done: "有培训记录",
			Audience: Audience{Tags: []string{"regulator"}, Except: []string{"xiaofang"}},
			Schedule: Schedule{Kind: Milestone, Due: dates("2024-12-31")},
		},
		{
			Code: "S6.1", Task: "S6", Title: "月报", Quote: "每月28日前报送工作开展情况", Done: "已报送",
			Audience: Audience{Kinds: []UnitKind{KindParty, KindGovernment, KindStreet}},
			Schedule: Schedule{Kind: Recurring, Cron: "0 0 28 * *", Names: CronDue, From: date("2024-05-01")},
		},
	}
	p.Units = []Unit{
		{Code: "office", Name: "区委办", Kind: KindParty},
		{Code: "yingji", Name: "区应急局", Kind: KindGovernment, Tags: []string{"regulator"}, Aliases: []string{"区应急管理局", "应急局"}},
		{Code: "xiaofang", Name: "区消防救援局", Kind: KindGovernment, Tags: []string{"regulator"}, Aliases: []string{"区消防救援支队"}},
		{Code: "huayang", Name: "华阳路街道", Kind: KindStreet, Contacts: []Contact{{Name: "联络员", Email: "a@example.com"}}},
		{Code: "xinjing", Name: "新泾镇", Kind: KindStreet, From: date("2024-01-01"), To: date("2026-12-31")},
	}
	return p
}

func TestASoundPlanHasNoFault(t *testing.T) {
	require.Empty(t, small().Validate())
}

// codes are faults as "path code".
func codes(faults []Fault) []string {
	var list []string
	for _, f := range faults {
		list = append(list, f.Path+" "+f.Code)
	}
	return list
}

// A measure of an annual list quotes the list; that of the plan quotes the plan.
func TestSourceReplacesTheQuote(t *testing.T) {
	p := small()
	p.Measures[1].Quote = "编制2026年汇编"
	require.Equal(t, []string{"measures[1].quote quote_not_found"}, codes(p.Validate()))
	p.Measures[1].Source = "2026年工作任务清单第12行"
	require.Empty(t, p.Validate())
	p.Measures[1].Quote = ""
	require.Equal(t, []string{"measures[1].quote missing"}, codes(p.Validate()))
	p.Measures[1].Quote, p.Measures[1].Source = "编制", strings.Repeat("长", 201)
	require.Equal(t, []string{"measures[1].source too_long"}, codes(p.Validate()))
}

func TestLeadOfAMeasure(t *testing.T) {
	p := small()
	require.Equal(t, []string{"office"}, p.LeadOf(p.Measures[0]), "of the task's, those whom it falls to")
	require.Equal(t, []string{"yingji"}, p.LeadOf(p.Measures[2]), "by a tag")
	p.Measures[0].Lead = []string{"huayang"}
	require.Empty(t, p.Validate())
	require.Equal(t, []string{"huayang"}, p.LeadOf(p.Measures[0]), "whom the list names")
	p.Measures[0].Lead = []string{"huayang", "huayang", "nobody"}
	require.Equal(t, []string{"measures[0].lead[1] duplicate", "measures[0].lead[2] unknown_unit"}, codes(p.Validate()))
}

func TestValidate(t *testing.T) {
	long := strings.Repeat("长", 201)
	tests := map[string]struct {
		spoil func(p *Plan)
		want  []string // "path code", all of them in order
	}{
		"nothing at all": {
			func(p *Plan) { *p = Plan{} },
			[]string{
				"code missing", "number missing", "title missing", "issuer missing", "issued missing", "from missing", "to missing",
				"zone missing", "restDayRule unknown_value", "tasks missing", "units missing",
			},
		},
		"a code with a slash":        {func(p *Plan) { p.Code = "长宁/2024" }, []string{"code bad_format"}},
		"a code too long for an ID":  {func(p *Plan) { p.Code = strings.Repeat("a", 41) }, []string{"code bad_format"}},
		"a title too long":           {func(p *Plan) { p.Title = long }, []string{"title too_long"}},
		"ends before it begins":      {func(p *Plan) { p.To = date("2023-12-31") }, []string{"to date_order"}},
		"issued after its end":       {func(p *Plan) { p.Issued = date("2027-01-01") }, []string{"to date_order"}},
		"a year of five digits":      {func(p *Plan) { p.To = calendar.NewDate(20266, 12, 31) }, []string{"to unlikely_date"}},
		"an unknown zone":            {func(p *Plan) { p.Zone = "Asia/Changning" }, []string{"zone unknown_zone"}},
		"the machine's own zone":     {func(p *Plan) { p.Zone = "Local" }, []string{"zone unknown_zone"}},
		"an unknown rest day rule":   {func(p *Plan) { p.RestDayRule = "never" }, []string{"restDayRule unknown_value"}},
		"action zero":                {func(p *Plan) { p.Actions[0].Number = 0 }, []string{"actions[0].number bad_format", "tasks[0].action unknown_action"}},
		"an action twice":            {func(p *Plan) { p.Actions = append(p.Actions, p.Actions[1]) }, []string{"actions[2].number duplicate"}},
		"an action without title":    {func(p *Plan) { p.Actions[1].Title = " " }, []string{"actions[1].title missing"}},
		"a task of no action":        {func(p *Plan) { p.Tasks[1].Action = 11 }, []string{"tasks[1].action unknown_action"}},
		"a task's code":              {func(p *Plan) { p.Tasks[0].Code, p.Measures[0].Task, p.Measures[0].Code = "01", "01", "01.1" }, []string{"tasks[0].code bad_format"}},
		"a task without code":        {func(p *Plan) { p.Tasks = append(p.Tasks, p.Tasks[0]); p.Tasks[3].Code = "" }, []string{"tasks[3].code missing", "tasks[3] no_measure"}},
		"a task twice":               {func(p *Plan) { p.Tasks = append(p.Tasks, p.Tasks[0]) }, []string{"tasks[3].code duplicate"}},
		"a task without title, text": {func(p *Plan) { p.Tasks[2].Title, p.Tasks[2].Text = "", "" }, []string{"tasks[2].title missing", "tasks[2].text missing", "measures[3].quote quote_not_found"}},
		"a task without lead":        {func(p *Plan) { p.Tasks[2].Lead = nil }, []string{"tasks[2].lead missing"}},
		"an unknown lead":            {func(p *Plan) { p.Tasks[2].Lead[1] = "anwei" }, []string{"tasks[2].lead[1] unknown_unit"}},
		"a lead twice":               {func(p *Plan) { p.Tasks[2].Lead[1] = "office" }, []string{"tasks[2].lead[1] duplicate"}},
		"an empty lead":              {func(p *Plan) { p.Tasks[2].Lead[1] = "" }, []string{"tasks[2].lead[1] missing"}},
		"a task without measure":     {func(p *Plan) { p.Measures = p.Measures[1:] }, []string{"tasks[0] no_measure"}},
		"a measure of no task":       {func(p *Plan) { p.Measures[3].Task = "S7"; p.Measures[3].Code = "S7.1" }, []string{"tasks[2] no_measure", "measures[3].task unknown_task"}},
		"a measure of another task":  {func(p *Plan) { p.Measures[1].Code = "1.2" }, []string{"measures[1].code bad_format"}},
		"a measure's running number": {func(p *Plan) { p.Measures[1].Code = "10.01" }, []string{"measures[1].code bad_format"}},
		"a measure without code":     {func(p *Plan) { p.Measures[1].Code = "" }, []string{"measures[1].code missing"}},
		"a measure twice":            {func(p *Plan) { p.Measures[2].Code = "10.1" }, []string{"measures[2].code duplicate"}},
		"a measure without texts": {
			func(p *Plan) { m := &p.Measures[1]; m.Title, m.Quote, m.Done = "", "", "" },
			[]string{"measures[1].title missing", "measures[1].quote missing", "measures[1].done missing"},
		},
		"a quote that is not there":    {func(p *Plan) { p.Measures[1].Quote = "2024年6月底前完善判定标准汇编" }, []string{"measures[1].quote quote_not_found"}},
		"an unknown kind":              {func(p *Plan) { p.Measures[0].Audience.Kinds[0] = "town" }, []string{"measures[0].audience.kinds[0] unknown_kind"}},
		"a kind twice":                 {func(p *Plan) { p.Measures[3].Audience.Kinds[2] = KindParty }, []string{"measures[3].audience.kinds[2] duplicate"}},
		"an unknown tag":               {func(p *Plan) { p.Measures[2].Audience.Tags = []string{"regulator", "x"} }, []string{"measures[2].audience.tags[1] unknown_tag"}},
		"a unit that went into none":   {func(p *Plan) { p.Units[0].Into = "nobody" }, []string{"units[0].into unknown_unit"}},
		"a unit that went into itself": {func(p *Plan) { p.Units[0].Into = p.Units[0].Code }, []string{"units[0].into unknown_unit"}},
		"an unknown unit":              {func(p *Plan) { p.Measures[0].Audience.Units[0] = "区委办" }, []string{"measures[0].audience.units[0] unknown_unit"}},
		"an unknown exception":         {func(p *Plan) { p.Measures[2].Audience.Except = []string{"x"} }, []string{"measures[2].audience.except[0] unknown_unit"}},
		"nobody is addressed":          {func(p *Plan) { p.Measures[1].Audience = Audience{} }, []string{"measures[1].audience empty_audience"}},
		"everybody is excepted":        {func(p *Plan) { p.Measures[1].Audience.Except = []string{"yingji"} }, []string{"measures[1].audience empty_audience"}},
		"nobody is left in a period":   {func(p *Plan) { p.Units[1].To = date("2024-04-18") }, []string{"measures[1].audience empty_audience", "measures[2].audience empty_audience"}},
		"nobody is left in a later period": {
			func(p *Plan) {
				p.Units[4].To = date("2025-12-31")
				p.Measures[0].Audience = Audience{Units: []string{"xinjing"}}
			},
			[]string{"measures[0].audience empty_audience"},
		},
		"an exception twice":         {func(p *Plan) { p.Measures[2].Audience.Except = []string{"xiaofang", "xiaofang"} }, []string{"measures[2].audience.except[1] duplicate"}},
		"a note too long":            {func(p *Plan) { p.Measures[0].Note = strings.Repeat("长", 2001) }, []string{"measures[0].note too_long"}},
		"an alias too long":          {func(p *Plan) { p.Units[0].Aliases = []string{long} }, []string{"units[0].aliases[0] too_long"}},
		"a tag too long":             {func(p *Plan) { p.Units[0].Tags = []string{long} }, []string{"units[0].tags[0] too_long"}},
		"a schedule out of the plan": {func(p *Plan) { p.Measures[1].Schedule.Due = dates("2024-06-30", "2027-06-30") }, []string{"measures[1].schedule.due[1] due_after_period"}},
		"a bad cron":                 {func(p *Plan) { p.Measures[3].Schedule.Cron = "每月28日" }, []string{"measures[3].schedule.cron bad_cron"}},
		"a daily duty":               {func(p *Plan) { p.Measures[3].Schedule.Cron = "0 0 * * *" }, []string{"measures[3].schedule too_many_periods"}},
		"a duty without a day":       {func(p *Plan) { p.Measures[3].Schedule.From = date("2026-12-29") }, []string{"measures[3].schedule no_period"}},
		"two faults in one schedule": {
			func(p *Plan) { p.Measures[3].Schedule = Schedule{Kind: Recurring, Due: dates("2024-06-30")} },
			[]string{"measures[3].schedule.cron missing", "measures[3].schedule.names unknown_value", "measures[3].schedule.due not_applicable"},
		},
		"inferred without reason":     {func(p *Plan) { p.Measures[0].Note = "" }, []string{"measures[0].note inferred_no_reason"}},
		"inferred twice":              {func(p *Plan) { p.Measures[0].Inferred = []string{"audience", "audience"} }, []string{"measures[0].inferred[1] duplicate"}},
		"the quote can't be inferred": {func(p *Plan) { p.Measures[0].Inferred = []string{"quote"} }, []string{"measures[0].inferred[0] inferred_unknown"}},
		"a unit's code":               {func(p *Plan) { p.Units[4].Code = "新泾镇" }, []string{"units[4].code bad_format"}},
		"a unit without anything": {
			func(p *Plan) { p.Units = append(p.Units, Unit{}) },
			[]string{"units[5].code missing", "units[5].kind unknown_kind", "units[5].name missing"},
		},
		"a unit twice":              {func(p *Plan) { p.Units[4].Code = "huayang" }, []string{"units[4].code duplicate"}},
		"two units of one name":     {func(p *Plan) { p.Units[4].Name = "华阳路 街道" }, []string{"units[4].name alias_collision"}},
		"an alias that is a name":   {func(p *Plan) { p.Units[4].Aliases = []string{"新泾", "区应急局"} }, []string{"units[4].aliases[1] alias_collision"}},
		"an alias of another":       {func(p *Plan) { p.Units[4].Aliases = []string{"应急局"} }, []string{"units[4].aliases[0] alias_collision"}},
		"an alias twice":            {func(p *Plan) { p.Units[1].Aliases[1] = "区应急 管理局" }, []string{"units[1].aliases[1] duplicate"}},
		"an empty alias":            {func(p *Plan) { p.Units[1].Aliases[1] = "" }, []string{"units[1].aliases[1] missing"}},
		"a tag twice":               {func(p *Plan) { p.Units[1].Tags = []string{"regulator", "regulator"} }, []string{"units[1].tags[1] duplicate"}},
		"a unit ends too early":     {func(p *Plan) { p.Units[4].To = date("2023-12-31") }, []string{"units[4].to date_order"}},
		"a contact without a name":  {func(p *Plan) { p.Units[3].Contacts[0].Name = "" }, []string{"units[3].contacts[0].name missing"}},
		"everybody for a member":    {func(p *Plan) { p.Units[3].Contacts[0].WeCom = "@all" }, []string{"units[3].contacts[0].wecom bad_member"}},
		"two members":               {func(p *Plan) { p.Units[3].Contacts[0].DingTalk = "a,b" }, []string{"units[3].contacts[0].dingtalk bad_member"}},
		"a member's name":           {func(p *Plan) { p.Units[3].Contacts[0].Feishu = "张三" }, []string{"units[3].contacts[0].feishu bad_member"}},
		"a landline":                {func(p *Plan) { p.Units[3].Contacts[0].Mobile = "02162345678" }, []string{"units[3].contacts[0].mobile bad_mobile"}},
		"a channel without address": {func(p *Plan) { p.Units[3].Contacts[0].Channels = []Channel{ChannelMail, ChannelSMS} }, []string{"units[3].contacts[0].channels[1] no_address"}},
		"a channel twice":           {func(p *Plan) { p.Units[3].Contacts[0].Channels = []Channel{ChannelMail, ChannelMail} }, []string{"units[3].contacts[0].channels[1] duplicate"}},
		"an unknown channel":        {func(p *Plan) { p.Units[3].Contacts[0].Channels = []Channel{"pigeon"} }, []string{"units[3].contacts[0].channels[0] unknown_value"}},
		"a bad address":             {func(p *Plan) { p.Units[3].Contacts[0].Email = "王 <a@example.com>" }, []string{"units[3].contacts[0].email bad_email"}},
		"faults in many places": {
			func(p *Plan) {
				p.Title, p.Tasks[0].Action, p.Measures[1].Quote, p.Units[0].Kind = "", 9, "不在原文", ""
			},
			[]string{
				"title missing", "tasks[0].action unknown_action", "measures[1].quote quote_not_found", "units[0].kind unknown_kind",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := small()
			tt.spoil(p)
			var got []string
			for _, f := range p.Validate() {
				require.NotEmpty(t, f.Message)
				require.NotContains(t, f.Message, "%!", "the message must fit its arguments")
				got = append(got, f.Path+" "+f.Code)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// Whatever a file says, checking it must end and never panic.
func TestValidateTakesAnything(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "1", "1.1", "office", "每季度", " ", "a/b", "%s", "\x00", "G"})
	dateOf := rapid.Custom(func(t *rapid.T) calendar.Date {
		return calendar.Date(rapid.SampledFrom([]int32{0, 1, -1, 19000, 19900, 20000, 21000, 1 << 30, -1 << 31, 1<<31 - 1}).Draw(t, "day"))
	})
	crons := rapid.SampledFrom([]string{"", "0 0 28 * *", "0 0 1 1 *", "0 0 * * *", "* * * * *", "0 0 29 2 *", "0 0 * * 1", "0 0 31 1 1"})
	rapid.Check(t, func(t *rapid.T) {
		p := small()
		p.Issued, p.From, p.To = dateOf.Draw(t, "issued"), dateOf.Draw(t, "from"), dateOf.Draw(t, "to")
		p.Measures = append(p.Measures, Measure{
			Code: text.Draw(t, "code"), Task: text.Draw(t, "task"), Quote: text.Draw(t, "quote"),
			Audience: Audience{Tags: rapid.SliceOfN(text, 0, 3).Draw(t, "tags"), Except: rapid.SliceOfN(text, 0, 3).Draw(t, "except")},
			Schedule: Schedule{
				Kind:  rapid.SampledFrom(append(slices.Clone(scheduleKinds), "")).Draw(t, "kind"),
				Due:   rapid.SliceOfN(dateOf, 0, 3).Draw(t, "due"),
				Cron:  crons.Draw(t, "cron"),
				Names: rapid.SampledFrom(append(slices.Clone(cronNames), "")).Draw(t, "names"),
				From:  dateOf.Draw(t, "first"), To: dateOf.Draw(t, "last"),
			},
			Inferred: rapid.SliceOfN(text, 0, 3).Draw(t, "inferred"),
		})
		faults := p.Validate()
		require.Equal(t, faults, p.Validate(), "the same faults in the same order")
		for _, m := range p.Measures {
			if periods, err := p.Periods(m); err == nil {
				require.NotEmpty(t, periods)
				require.LessOrEqual(t, len(periods), MaxPeriods)
			}
		}
	})
}

// A plan of 100 measures, a third of them weekly or monthly, and 60 units over three years.
func TestPeriodsAndUnitsOfAWholePlanAreFast(t *testing.T) {
	p := small()
	for i := range 60 {
		p.Units = append(p.Units, Unit{Code: fmt.Sprint("u", i), Name: fmt.Sprint("单位", i), Kind: KindGovernment, Tags: []string{"regulator"}})
	}
	for i := range 96 {
		m := p.Measures[i%4]
		m.Code = fmt.Sprintf("%s.%d", m.Task, i+10)
		p.Measures = append(p.Measures, m)
	}
	begin := time.Now()
	obligations := 0
	for _, m := range p.Measures {
		periods, err := p.Periods(m)
		require.NoError(t, err)
		for _, period := range periods {
			obligations += len(p.Resolve(m.Audience, period.Start))
		}
	}
	require.Greater(t, obligations, 40000)
	// A hundred times what it takes on two idle cores, so that a busy machine does not fail it.
	require.Less(t, time.Since(begin), 3*time.Second)
}
