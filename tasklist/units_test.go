package tasklist

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// crewText is a crew in one line: who takes part, who leads, what is proposed, and the doubts ("!" fatal).
func crewText(d *directory, c crew) string {
	words := []string{strings.Join(d.words(d.resolve(c.audience)), "、")}
	if len(c.lead) > 0 {
		words = append(words, "牵头:"+strings.Join(d.words(c.lead), "、"))
	}
	if codes := d.resolve(c.proposed); len(codes) > 0 {
		words = append(words, "或:"+strings.Join(d.words(codes), "、"))
	}
	for _, doubt := range c.doubts {
		mark := "?"
		if doubt.Fatal {
			mark = "!"
		}
		words = append(words, mark+doubt.Reason)
	}
	if c.none {
		words = append(words, "无")
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func TestUnits(t *testing.T) {
	tests := []struct{ cell, want string }{
		{"", "无"},
		{"/", "无"},
		{"——", "无"},
		{"区应急局", "区应急局"},
		{"应急局，上海市长宁区应急管理局", "区应急局"},
		{"区消防救援支队/区房管局（按职责分工）", "区房管局、区消防救援局"},
		{"区建管委,区规划资源局；区科委\n区民政局", "区科委、区民政局、区规划资源局、区建管委"},
		{"上海新长宁（集团）有限公司、新泾镇", "新泾镇、新长宁集团"},
		{"新华路街道、新泾镇", "新华路街道、新泾镇"},
		{"各街道、新泾镇", "各街道（镇）"},
		{"各街道（镇）", "各街道（镇）"},
		{"各 街 镇", "各街道（镇）"},
		{"各部门、街镇、集团公司", "区安委会各成员单位"},
		{"区应急局牵头，区司法局配合", "区司法局、区应急局 牵头:区应急局"},
		{"由区应急局、区建管委牵头，区司法局、区财政局配合", "区司法局、区财政局、区建管委、区应急局 牵头:区应急局、区建管委"},
		{"牵头单位：区应急局；配合单位：各街镇", "各街道（镇）、区应急局 牵头:区应急局"},
		{"区应急局（牵头）、区司法局", "区司法局、区应急局 牵头:区应急局"},
		{"区应急局负责，区司法局配合", "区司法局、区应急局 牵头:区应急局"},
		{"区应急局、区司法局负责", "区司法局、区应急局"},
		{"区应急局会同区司法局", "区司法局、区应急局 牵头:区应急局"},
		{"区应急局和区司法局", "区司法局、区应急局"},
		{"区绿化和市容管理局", "区绿化市容局"},
		{"区委宣传部、区应急局等", "区委宣传部、区应急局 ?“区应急局等”没有列全单位"},
		{"区应急局等3家单位", "区应急局 ?“区应急局等3家单位”没有列全单位"},
		{"相关部门按职责分工负责", "?“相关部门”没有写明是哪些单位"},
		{"区应急局及相关部门", "区应急局 ?“相关部门”没有写明是哪些单位"},
		{"应急管理局", "或:区应急局 ?没有“应急管理局”这个单位"},
		{"区市场监督局", "或:区市场监管局 ?没有“区市场监督局”这个单位"},
		{"区水务局", "!没有“区水务局”这个单位"},
		{"市应急局", "或:区应急局 ?没有“市应急局”这个单位"},
		{"各街道", "或:各街道（镇） ?没有“各街道”这个单位"},
		{"区应急局（执法大队）", "区应急局 ?“区应急局”后的括号“执法大队”没有读入"},
		{"区消防\n救援支队", "区消防救援局"},
		{"区应急局 区司法局", "区司法局、区应急局"},
	}
	p := realPlan(t)
	d := newDirectory(&p, 2024)
	for _, tt := range tests {
		t.Run(tt.cell, func(t *testing.T) { require.Equal(t, tt.want, crewText(d, d.units(tt.cell))) })
	}
}

// Whatever units an export writes with the words for groups are read back as the same.
func TestWordsAreReadBack(t *testing.T) {
	p := realPlan(t)
	d := newDirectory(&p, 2025)
	for _, m := range p.Measures {
		codes := d.resolve(m.Audience)
		got := d.units(strings.Join(d.words(codes), "、"))
		require.Empty(t, got.doubts, m.Code)
		require.Equal(t, codes, d.resolve(got.audience), m.Code)
	}
}

func TestHeadings(t *testing.T) {
	for text, want := range map[string]Field{
		"序 号": FieldNumber, "牵头单位（部门）": FieldLead, "责任（配合）单位": FieldUnits, "完成时限\n（2024年）": FieldDeadline, "责任领导单位": FieldLead,
		"责任领导": FieldIgnored, "【备注】": FieldNote, "区应急局": "", "": "",
	} {
		require.Equal(t, want, headingOf(text), text)
	}
	require.Equal(t, FieldUnits, likelyHeading("街镇责任单位"))
	require.Equal(t, FieldDeadline, likelyHeading("整改时限要求"))
}

func TestNumeral(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "0": 0, "7": 7, "07": 7, "31": 31, "九": 9, "十": 10, "十二": 12, "二十": 20, "三十一": 31, "两": 2, "百": 0, "1a": 0, "十十": 0, "123": 0, "一二": 0,
	} {
		require.Equal(t, want, numeral(text), text)
	}
}

func TestActionOf(t *testing.T) {
	p := realPlan(t)
	x := newIndex(&p)
	for text, want := range map[string]int{
		"（一）安全生产责任体系提升行动": 1, "（四）判定标准": 4, "（九）": 9, "一、": 1, "行动十": 10, "重大事故隐患动态清零行动": 5, "城市韧性安全能力提升": 2, "（二十）": 0, "保障措施": 0, "": 0,
		"（二）安全生产责任体系提升行动": 0, "2.强化党委政府领导责任": 0, "（三）培训": 3,
	} {
		require.Equal(t, want, x.actionOf(text), text)
	}
}
