package web

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/plan"
	"duban/tasklist"
)

func (s *server) registerUnits(p routes) {
	p.get("/plans/:plan/units", s.units)
	p.post("/plans/:plan/units", s.addUnit)
	p.post("/plans/:plan/contacts", s.importContacts)
	p.get("/plans/:plan/units/:unit", s.unit)
	p.post("/plans/:plan/units/:unit", s.changeUnit)
}

// The forms of these pages.
const (
	formUnit     = "unit"
	formAdd      = "add"
	formContacts = "contacts"
	formRoster   = "roster"
)

// unitKinds are the kinds of units, as people call them, in the order in which they stand.
var unitKinds = []struct {
	Kind  plan.UnitKind
	Label string
}{{plan.KindGovernment, "政府部门"}, {plan.KindParty, "党群部门"}, {plan.KindStreet, "街道（镇）"}, {plan.KindGroup, "区属集团公司"}}

// channelNames are the channels on which a contact can be told, as people call them.
var channelNames = []struct {
	Channel plan.Channel
	Label   string
}{
	{plan.ChannelWeCom, "企业微信"}, {plan.ChannelDingTalk, "钉钉"}, {plan.ChannelFeishu, "飞书"}, {plan.ChannelMail, "邮件"}, {plan.ChannelSMS, "短信"},
}

func channelName(c plan.Channel) string {
	for _, n := range channelNames {
		if n.Channel == c {
			return n.Label
		}
	}
	return string(c)
}

// unitGroup are the units of one kind.
type unitGroup struct {
	Kind, Label string
	Units       []api.Unit
}

// unitsView is what the page of all units shows.
type unitsView struct {
	Q, Kind  string
	Groups   []unitGroup
	Total    int
	Standing map[string]api.UnitRank // how a unit's obligations stand, by its code; nil for who sees none
	Problems []string                // rows of a roster that can't be read
}

func (s *server) units(c *gin.Context) {
	f, ok := s.planFrame(c, textUnits, menuUnits)
	if ok {
		s.showUnits(c, http.StatusOK, f, nil)
	}
}

// showUnits shows the units that the address asks for, with the forms to add one and to import contacts.
func (s *server) showUnits(c *gin.Context, status int, f frame, problems []string) {
	v := unitsView{Q: c.Query("q"), Kind: c.Query("kind"), Problems: problems}
	query := url.Values{}
	if v.Q != "" {
		query.Set("q", v.Q)
	}
	if v.Kind != "" {
		query.Set("kind", v.Kind)
	}
	list, err := get[api.UnitList](s, c, at("plans", f.Plan.Code, "units"), query)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	v.Total = len(list.Units)
	for _, k := range unitKinds {
		of := slices.DeleteFunc(slices.Clone(list.Units), func(u api.Unit) bool { return u.Kind != k.Kind })
		if len(of) > 0 {
			v.Groups = append(v.Groups, unitGroup{string(k.Kind), k.Label, of})
		}
	}
	if f.Who.Role != account.Admin {
		overview, err := get[api.Overview](s, c, at("plans", f.Plan.Code, "overview"), nil)
		if err != nil {
			s.fail(c, f, err)
			return
		}
		v.Standing = map[string]api.UnitRank{}
		for _, r := range overview.Units {
			v.Standing[r.Unit] = r
		}
	}
	f.Scripts = []string{"units.js"}
	if part(c) {
		s.render(c, status, unitGroups(f, v))
		return
	}
	s.render(c, status, unitsPage(f, v, f.form(formAdd, 0), f.form(formRoster, 0)))
}

func (s *server) addUnit(c *gin.Context) {
	f, ok := s.planFrame(c, textUnits, menuUnits)
	if !ok {
		return
	}
	again := func(f frame) { s.showUnits(c, statusOf(f), f, nil) }
	kind := plan.UnitKind(c.PostForm("kind"))
	u := api.UnitChangeInput{
		Code: strings.TrimSpace(c.PostForm("code")), New: true, Name: new(strings.TrimSpace(c.PostForm("name"))), Kind: &kind,
		Tags: new(words(c.PostForm("tags"))), Aliases: new(words(c.PostForm("aliases"))), From: c.PostForm("from"),
	}
	rows := []difference{
		{"单位", textNewUnit, *u.Name + "（" + u.Code + "）"},
		{"类别", "", kindLabel(kind)},
		{"标签", "", strings.Join(*u.Tags, "、")},
		{"别名、曾用名", "", strings.Join(*u.Aliases, "、")},
		{"有效期首日", "", dayText(u.From)},
	}
	s.amend(c, f, amendment{
		Title: textUnitAdd, Path: plansPath(f.Plan.Code, "units"), Back: plansPath(f.Plan.Code, "units"),
		Body: api.ChangesBody{Units: []api.UnitChangeInput{u}},
		Rows: slices.DeleteFunc(rows, func(d difference) bool { return d.After == "" }),
	}, again)
}

// unitView is what the page of one unit shows.
type unitView struct {
	Unit     api.UnitDetail
	Others   []api.Unit         // that it may be merged into
	Contacts []api.ContactInput // as the form has them
}

// openUnit reads the unit of the address. It answers itself, and returns false, where there is none.
func (s *server) openUnit(c *gin.Context) (f frame, u api.UnitDetail, ok bool) {
	if f, ok = s.planFrame(c, textUnits, menuUnits); !ok {
		return f, u, false
	}
	u, err := get[api.UnitDetail](s, c, at("plans", f.Plan.Code, "units", c.Param("unit")), nil)
	if err != nil {
		s.fail(c, f, err)
	}
	return f, u, err == nil
}

func (s *server) unit(c *gin.Context) {
	if f, u, ok := s.openUnit(c); ok {
		s.showUnit(c, f, u)
	}
}

func (s *server) showUnit(c *gin.Context, f frame, u api.UnitDetail) {
	v := unitView{Unit: u}
	if amends(f.Who) {
		list, err := get[api.UnitList](s, c, at("plans", f.Plan.Code, "units"), nil)
		if err != nil {
			s.fail(c, f, err)
			return
		}
		v.Others = slices.DeleteFunc(list.Units, func(o api.Unit) bool { return o.Code == u.Code })
	}
	contacts := f.form(formContacts, 0)
	if v.Contacts = typedContacts(contacts.Typed); !contacts.Failed {
		for _, k := range u.Contacts {
			v.Contacts = append(v.Contacts, inputOf(k))
		}
	}
	f.Title, f.Scripts = u.Name, []string{"units.js"}
	s.render(c, statusOf(f), unitPage(f, v, f.form(formUnit, 0), contacts))
}

func inputOf(k api.Contact) api.ContactInput {
	return api.ContactInput{Name: k.Name, Email: k.Email, WeCom: k.WeCom, DingTalk: k.DingTalk, Feishu: k.Feishu, Mobile: k.Mobile, Channels: k.Chosen}
}

func (s *server) changeUnit(c *gin.Context) {
	f, u, ok := s.openUnit(c)
	if !ok {
		return
	}
	here := plansPath(f.Plan.Code, "units", u.Code)
	a := amendment{Path: here, Back: here, Title: textUnitChange + "：" + u.Name}
	again := func(f frame) { s.showUnit(c, f, u) }
	var change api.UnitChangeInput
	if c.PostForm(fieldForm) == formContacts {
		a.Title = textContacts + "：" + u.Name
		contacts := typedContacts(c.Request.PostForm)
		change = api.UnitChangeInput{Code: u.Code, Contacts: &contacts}
		if d := contactsChange(u.Name, u.Contacts, contacts); d.Before != d.After {
			a.Rows = append(a.Rows, d)
		}
	} else {
		if u.From != 0 && c.PostForm("from") == "" || u.To != 0 && c.PostForm("to") == "" {
			again(s.with(c, f, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: textDateStays}))
			return
		}
		change, a.Rows = changedUnit(u.Unit, c.Request.PostForm)
	}
	if len(a.Rows) == 0 {
		again(s.with(c, f, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: textNoChange}))
		return
	}
	a.Body.Units = []api.UnitChangeInput{change}
	s.amend(c, f, a, again)
}

// changedUnit returns what of a unit was typed otherwise than it is.
func changedUnit(u api.Unit, typed url.Values) (api.UnitChangeInput, []difference) {
	out := api.UnitChangeInput{Code: u.Code}
	var rows []difference
	differs := func(what, before, after string) bool {
		if before != after {
			rows = append(rows, difference{what, before, after})
		}
		return before != after
	}
	if name := strings.TrimSpace(typed.Get("name")); differs("名称", u.Name, name) {
		out.Name = &name
	}
	if kind := plan.UnitKind(typed.Get("kind")); differs("类别", u.KindLabel, kindLabel(kind)) {
		out.Kind = &kind
	}
	if tags := words(typed.Get("tags")); differs("标签", strings.Join(u.Tags, "、"), strings.Join(tags, "、")) {
		out.Tags = &tags
	}
	if aliases := words(typed.Get("aliases")); differs("别名、曾用名", strings.Join(u.Aliases, "、"), strings.Join(aliases, "、")) {
		out.Aliases = &aliases
	}
	if from := typed.Get("from"); differs("有效期首日", day(u.From), dayText(from)) {
		out.From = from
	}
	if to := typed.Get("to"); differs("有效期末日", day(u.To), dayText(to)) {
		out.To = to
	}
	if into, name, _ := strings.Cut(typed.Get("into"), " "); into != "" {
		out.Into = into
		rows = append(rows, difference{"并入", "", name})
	}
	return out, rows
}

// words splits what was typed with commas, spaces or line breaks between it.
func words(text string) []string {
	return append([]string{}, strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,；; \t\r\n　", r) })...)
}

// dayText returns a date as a field has it as people write it, and what is no date as it is.
func dayText(text string) string {
	d, err := calendar.ParseDate(text)
	if err != nil {
		return text
	}
	return day(d)
}

func kindLabel(kind plan.UnitKind) string {
	for _, k := range unitKinds {
		if k.Kind == kind {
			return k.Label
		}
	}
	return string(kind)
}

// contactField returns the name of a field of the n-th contact.
func contactField(n int, name string) string { return "c" + strconv.Itoa(n) + "-" + name }

// typedContacts returns the contacts that a form has, without those that were left empty.
func typedContacts(form url.Values) []api.ContactInput {
	out := []api.ContactInput{}
	for n := 0; form.Has(contactField(n, "name")); n++ {
		text := func(name string) string { return strings.TrimSpace(form.Get(contactField(n, name))) }
		k := api.ContactInput{
			Name: text("name"), Email: text("email"), WeCom: text("wecom"), DingTalk: text("dingtalk"), Feishu: text("feishu"), Mobile: text("mobile"),
		}
		for _, channel := range form[contactField(n, "channel")] {
			if channel != "" {
				k.Channels = append(k.Channels, plan.Channel(channel))
			}
		}
		if cmp.Or(k.Name, k.Email, k.WeCom, k.DingTalk, k.Feishu, k.Mobile) != "" {
			out = append(out, k)
		}
	}
	return out
}

func contactsChange(unit string, before []api.Contact, after []api.ContactInput) difference {
	var old, now []string
	for _, k := range before {
		old = append(old, contactLine(inputOf(k)))
	}
	for _, k := range after {
		now = append(now, contactLine(k))
	}
	return difference{unit, strings.Join(old, "\n"), strings.Join(now, "\n")}
}

// contactLine says in one line who a contact is and where he is reached.
func contactLine(k api.ContactInput) string {
	parts := []string{cmp.Or(k.Name, "（没有姓名）")}
	for _, a := range []struct{ label, text string }{
		{"手机", k.Mobile}, {"邮箱", k.Email}, {"企业微信", k.WeCom}, {"钉钉", k.DingTalk}, {"飞书", k.Feishu},
	} {
		if a.text != "" {
			parts = append(parts, a.label+" "+a.text)
		}
	}
	if len(k.Channels) > 0 {
		var names []string
		for _, c := range k.Channels {
			names = append(names, channelName(c))
		}
		parts = append(parts, "先后："+strings.Join(names, "、"))
	}
	return strings.Join(parts, "，")
}

// importContacts replaces the contacts of the units that a pasted table names.
func (s *server) importContacts(c *gin.Context) {
	f, ok := s.planFrame(c, textUnits, menuUnits)
	if !ok {
		return
	}
	list, err := get[api.UnitList](s, c, at("plans", f.Plan.Code, "units"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	units := map[string]api.Unit{}
	var p plan.Plan
	for _, u := range list.Units {
		units[u.Code] = u
		p.Units = append(p.Units, plan.Unit{Code: u.Code, Name: u.Name, Aliases: u.Aliases})
	}
	refuse := func(detail string, problems []string) {
		f := s.with(c, f, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: detail})
		s.showUnits(c, f.refused.Status, f, problems)
	}
	sheet, err := pasted(c.PostForm("table"))
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		refuse(fmt.Sprintf(textRosterForm, broken.StartLine), nil)
		return
	}
	read, problems := tasklist.ReadContacts(sheet, p)
	switch {
	case len(problems) > 0:
		refuse(textRosterBad, problemLines(problems))
		return
	case len(read) == 0:
		refuse(textNoRows, nil)
		return
	}
	a := amendment{Title: textRoster, Path: plansPath(f.Plan.Code, "contacts"), Back: plansPath(f.Plan.Code, "units")}
	for _, u := range read {
		contacts := make([]api.ContactInput, len(u.Contacts))
		for i, k := range u.Contacts {
			contacts[i] = api.ContactInput(k)
		}
		a.Body.Units = append(a.Body.Units, api.UnitChangeInput{Code: u.Unit, Contacts: &contacts})
		a.Rows = append(a.Rows, contactsChange(units[u.Unit].Name, units[u.Unit].Contacts, contacts))
	}
	s.amend(c, f, a, func(f frame) { s.showUnits(c, statusOf(f), f, nil) })
}

// pasted reads a table as it was copied out of a spreadsheet, or a CSV. The error is a *csv.ParseError.
func pasted(text string) (tasklist.Sheet, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	r := csv.NewReader(bytes.NewReader([]byte(text)))
	r.FieldsPerRecord = -1
	if strings.Contains(text, "\t") {
		r.Comma = '\t'
	}
	var out tasklist.Sheet
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		line := tasklist.Line{}
		line.N, _ = r.FieldPos(0)
		for i, cell := range record {
			if strings.TrimSpace(cell) != "" {
				line.Cells = append(line.Cells, tasklist.Cell{Column: i + 1, Text: cell})
			}
		}
		out.Rows = append(out.Rows, line)
	}
}

// problemLines says row by row what of a table can't be read.
func problemLines(problems []tasklist.Problem) []string {
	var out []string
	for _, p := range problems {
		text := p.Reason
		if p.Proposal != "" {
			text += "。" + p.Proposal
		}
		row := strings.TrimLeft(p.Cell, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if row != "" {
			text = fmt.Sprintf(textRow, row, text)
		}
		out = append(out, text)
	}
	return out
}
