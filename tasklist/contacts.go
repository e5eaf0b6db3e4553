package tasklist

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/plan"
)

// UnitContacts are the liaisons of one unit as a table of contacts (联络员名册) has them.
type UnitContacts struct {
	Unit     string // code
	Contacts []plan.Contact
}

// contactColumns are the headings of such a table.
var contactColumns = []struct {
	names []string
	set   func(c *plan.Contact, text string)
}{
	{[]string{"姓名", "联络员", "联系人"}, func(c *plan.Contact, s string) { c.Name = s }},
	{[]string{"手机", "手机号", "手机号码", "联系电话", "电话"}, func(c *plan.Contact, s string) { c.Mobile = key(s) }},
	{[]string{"邮箱", "电子邮箱", "电子邮件", "邮件"}, func(c *plan.Contact, s string) { c.Email = key(s) }},
	{[]string{"企业微信", "政务微信"}, func(c *plan.Contact, s string) { c.WeCom = key(s) }},
	{[]string{"钉钉", "专有钉钉"}, func(c *plan.Contact, s string) { c.DingTalk = key(s) }},
	{[]string{"飞书"}, func(c *plan.Contact, s string) { c.Feishu = key(s) }},
}

var unitColumns = []string{"单位", "责任单位", "单位名称", "部门"}

// ReadContacts reads a table of contacts: a column of units and columns of where people are reached, found by their headings
// in any order. A unit that is left empty is that of the row above. Units are taken by their exact names, aliases or
// codes; everything that can't be read is a Problem, and no row is left out silently.
func ReadContacts(s Sheet, p plan.Plan) ([]UnitContacts, []Problem) {
	head, columns, unit := contactHeadings(s)
	if unit == 0 {
		return nil, []Problem{{Reason: textContactHeadings}}
	}
	codes := map[string]string{}
	for _, u := range p.Units {
		for _, name := range append([]string{u.Code, u.Name}, u.Aliases...) {
			codes[key(name)] = u.Code
		}
	}
	var out []UnitContacts
	var problems []Problem
	last := ""
	for _, line := range s.Rows[head+1:] {
		c, name := plan.Contact{}, ""
		for _, cell := range line.Cells {
			text := strings.TrimSpace(cell.Text)
			switch set := columns[cell.Column]; {
			case text == "":
			case cell.Column == unit:
				name = text
			case set != nil:
				set(&c, text)
			}
		}
		code, known := codes[key(name)]
		switch {
		case name == "" && c.Name == "":
			continue
		case name == "" && last == "", name != "" && !known:
			problems = append(problems, Problem{Cell: ColumnName(unit) + strconv.Itoa(line.N), Reason: fmt.Sprintf(textContactUnit, name), Proposal: textContactUnitHelp})
			last = ""
			continue
		case c.Name == "":
			problems = append(problems, Problem{Cell: strconv.Itoa(line.N), Reason: fmt.Sprintf(textContactName, name), Proposal: textContactNameHelp})
			continue
		case name == "":
			code = last
		}
		last = code
		i := slices.IndexFunc(out, func(u UnitContacts) bool { return u.Unit == code })
		if i < 0 {
			i, out = len(out), append(out, UnitContacts{Unit: code})
		}
		out[i].Contacts = append(out[i].Contacts, c)
	}
	return out, problems
}

// contactHeadings finds the row of the headings and what its columns hold; unit is 0 where there is none.
func contactHeadings(s Sheet) (head int, columns map[int]func(*plan.Contact, string), unit int) {
	for i, line := range s.Rows {
		columns, unit = map[int]func(*plan.Contact, string){}, 0
		person := false
		for _, cell := range line.Cells {
			text := key(cell.Text)
			if slices.Contains(unitColumns, text) {
				unit = cell.Column
			}
			for n, c := range contactColumns {
				if slices.Contains(c.names, text) {
					columns[cell.Column] = c.set
					person = person || n == 0
				}
			}
		}
		if unit != 0 && person {
			return i, columns, unit
		}
	}
	return 0, nil, 0
}

// What is wrong with a table of contacts.
const (
	textContactHeadings = "没有找到表头：须有“单位”和“姓名”两列，另可有手机、邮箱、企业微信、钉钉、飞书"
	textContactUnit     = "没有这个单位：%s"
	textContactUnitHelp = "请改成方案中的单位名称、别名或代码"
	textContactName     = "%s没有填写姓名"
	textContactNameHelp = "请补上姓名，或删去这一行"
)
