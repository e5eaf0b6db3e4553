package tasklist

import "duban/plan"

// group is a word for several units. It selects by the kinds and tags that the plan's units bear, so that a unit that is
// added later belongs to it.
type group struct {
	words    []string
	audience plan.Audience
}

// groups are the words that stand for all units of a sort. The first word of each is the one that is written.
var groups = []group{
	{
		[]string{
			"各街道(镇)", "各街道、镇", "各街道镇", "街镇", "各街镇", "街道(镇)", "街道、镇", "属地街镇", "各属地街镇", "各街道办事处、镇政府", "各街道办事处、新泾镇政府",
			"各街道、新泾镇", "各街道和镇", "各街道及镇", "十个街镇", "全部街镇", "全区各街镇", "各街道(镇)安委会", "镇政府、街道办事处", "街道办事处(镇政府)", "各街道办事处(镇政府)",
		},
		plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
	},
	{
		[]string{"区属集团公司", "集团公司", "各集团公司", "各区属集团公司", "区属集团", "各区属集团", "区属国企", "区属国有企业", "各区属国有企业", "各区属国企"},
		plan.Audience{Kinds: []plan.UnitKind{plan.KindGroup}},
	},
	{
		[]string{"各部门", "区各部门", "区级各部门", "各委办局", "区各委办局", "各成员部门"},
		plan.Audience{Tags: []string{"member"}},
	},
	{
		[]string{
			"区安委会各成员单位", "安委会各成员单位", "各成员单位", "区安委会成员单位", "安委会成员单位", "成员单位", "全区", "全区各单位", "各单位", "各部门各街镇各集团公司",
			"各有关成员单位及街镇", "区安全生产委员会各成员单位",
		},
		plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet, plan.KindGroup}, Tags: []string{"member"}},
	},
	{
		[]string{
			"各负有安全生产监管职责的部门", "负有安全生产监管职责的部门", "各负有安全生产监督管理职责的部门", "负有安全生产监督管理职责的部门", "负有安全监管职责的部门", "各监管部门", "安全监管部门",
			"各负有安全监管职责的部门", "负有安全生产监管职责部门", "各负有安全生产监管职责部门",
		},
		plan.Audience{Tags: []string{"regulator"}},
	},
	{
		[]string{
			"各行业主管部门", "行业主管部门", "各行业监管部门", "行业监管部门", "各行业部门", "各行业(领域)主管部门", "各行业领域主管部门", "行业(领域)主管部门", "各行业管理部门", "行业管理部门",
		},
		plan.Audience{Tags: []string{"industry"}},
	},
	{
		[]string{"各安全生产执法部门", "安全生产执法部门", "各执法部门", "执法部门"},
		plan.Audience{Tags: []string{"enforcement"}},
	},
	{
		[]string{"高危行业监管部门", "各高危行业监管部门", "高危行业主管部门", "各高危行业主管部门"},
		plan.Audience{Tags: []string{"high_risk"}},
	},
	{
		[]string{"区安委会办公室副主任单位", "副主任单位", "各副主任单位", "区安委办副主任单位"},
		plan.Audience{Tags: []string{"deputy_office"}},
	},
	{[]string{"其他成员单位", "区安委会其他成员单位"}, plan.Audience{Tags: []string{"support"}}},
	{[]string{"园区管理机构", "各园区管理机构", "园区"}, plan.Audience{Tags: []string{"park"}}},
}

// Words that name nobody: a person has to say who is meant.
var vagueUnits = []string{
	"相关部门", "有关部门", "相关单位", "有关单位", "各相关部门", "各有关部门", "各相关单位", "各有关单位", "相关成员单位", "各相关成员单位", "有关成员单位", "相关街镇", "有关街镇", "相关街道(镇)",
	"相关企业", "有关企业", "相关行业主管部门", "相关职能部门", "各职能部门", "职能部门", "其他相关部门", "区相关部门", "区有关部门", "责任单位", "主管部门", "其他单位", "其他部门", "相关委办局",
}

// Words and marks that say that there is no unit.
var noUnits = []string{"/", "-", "--", "---", "无", "\\", "//", "无配合单位"}

// Words that say: as above.
var dittos = []string{"同上", "〃", "″", "”", "“", "\"", "''", "＂", "同前", "上同", "同上行"}

// Words within brackets, or after the units, that say nothing about who is meant.
var dutyWords = []string{"按职责分工负责", "按照职责分工负责", "按职责分工", "按照职责分工", "依职责分工", "根据职责分工", "按各自职责", "按职责", "分工负责", "各司其职", "按分工负责", "共同负责", "按责任分工"}
