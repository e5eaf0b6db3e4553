package tasklist

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/plan"
)

// contactTable makes a sheet of texts; "" is an empty cell.
func contactTable(rows ...[]string) Sheet {
	var s Sheet
	for n, row := range rows {
		line := Line{N: n + 1}
		for i, text := range row {
			if text != "" {
				line.Cells = append(line.Cells, Cell{Column: i + 1, Text: text})
			}
		}
		s.Rows = append(s.Rows, line)
	}
	return s
}

func TestReadContacts(t *testing.T) {
	p := realPlan(t)
	got, problems := ReadContacts(contactTable(
		[]string{"联络员名册"},
		[]string{"序号", "责任单位", "联络员", "手机号码", "电子邮箱", "企业微信"},
		[]string{"1", "区应急局", "联络员甲", "１３８０００００００１", "a@example.cn", "jia"},
		[]string{"", "", "联络员乙", "13800000002"},
		[]string{"2", "huayang", "联络员丙", "", "c@example.cn"},
		[]string{"3", "区消防救援支队", "联络员丁"},
	), p)
	require.Empty(t, problems)
	require.Equal(t, []UnitContacts{
		{Unit: "yjj", Contacts: []plan.Contact{{Name: "联络员甲", Mobile: "13800000001", Email: "a@example.cn", WeCom: "jia"}, {Name: "联络员乙", Mobile: "13800000002"}}},
		{Unit: "huayang", Contacts: []plan.Contact{{Name: "联络员丙", Email: "c@example.cn"}}},
		{Unit: "xfjy", Contacts: []plan.Contact{{Name: "联络员丁"}}},
	}, got, "an alias is as good as a name")
}

func TestContactsThatCannotBeRead(t *testing.T) {
	p := realPlan(t)
	_, problems := ReadContacts(contactTable([]string{"单位", "电话"}, []string{"区应急局", "13800000001"}), p)
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Reason, "表头")
	got, problems := ReadContacts(contactTable(
		[]string{"单位", "姓名"}, []string{"", "无单位"}, []string{"区水务局", "甲"}, []string{"", "乙"}, []string{"区应急局", ""}, []string{"区应急局", "丙"},
	), p)
	require.Equal(t, []UnitContacts{{Unit: "yjj", Contacts: []plan.Contact{{Name: "丙"}}}}, got)
	var cells []string
	for _, problem := range problems {
		cells = append(cells, problem.Cell)
	}
	require.Equal(t, []string{"A2", "A3", "A4", "5"}, cells, "nobody is put to the unit above one that is not known")
}
