package web

import (
	"slices"

	"duban/account"
)

// The keys of the menu's entries.
const (
	menuWall        = "wall"
	menuDesk        = "desk"
	menuObligations = "obligations"
	menuTasks       = "tasks"
	menuDocuments   = "documents"
	menuInbox       = "inbox"
	menuInspections = "inspections"
	menuStatistics  = "statistics"
	menuHazards     = "hazards"
	menuAssessments = "assessments"
	menuMonthly     = "monthly"
	menuStuck       = "stuck"
	menuLists       = "lists"
	menuChanges     = "changes"
	menuUnits       = "units"
	menuAccounts    = "accounts"
	menuChannels    = "channels"
	menuLog         = "log"
	menuHealth      = "health"
	menuMe          = "me"
	menuTraining    = "training"
	menuWorkflows   = "workflows"
)

// place is a page of the menu: where it is, and who has it. A path that begins without a slash is one of the plan's.
type place struct {
	key, label, path string
	roles            []account.Role
}

var (
	forReaders  = []account.Role{account.Office, account.Leader, account.Auditor}
	forBusiness = append([]account.Role{account.Unit}, forReaders...)
	forOffice   = []account.Role{account.Office}
	forUnits    = []account.Role{account.Unit}
	forSetting  = []account.Role{account.Office, account.Admin}
	forControls = []account.Role{account.Admin, account.Auditor}
)

var places = []place{
	{menuWall, "挂图作战", "", forReaders},
	{menuDesk, "我的待办", "desk", append([]account.Role{account.Leader, account.Office}, forUnits...)},
	{menuObligations, "责任事项", "obligations?open=true", forBusiness},
	{menuHazards, textHazards, "hazards?open=true", forBusiness},
	{menuTasks, "任务", "tasks", forReaders},
	{menuDocuments, "文书", "documents", forBusiness},
	{menuInbox, "收件箱", "inbox", []account.Role{account.Office, account.Unit}},
	{menuInspections, textInspections, "inspections", forReaders},
	{menuInspections, textFindings, "findings?open=true", forUnits},
	{menuStatistics, "统计", "statistics", forReaders},
	{menuMonthly, textMonthly, "monthly", forBusiness},
	{menuAssessments, textAssessments, "assessments", forBusiness},
	{menuStuck, "卡点", "stuck", append([]account.Role{account.Admin}, forReaders...)},
	{menuLists, "任务清单", "lists", forOffice},
	{menuChanges, "调整", "changes", forSetting},
	{menuUnits, "单位与日历", "units", append([]account.Role{account.Admin}, forReaders...)},
	{menuAccounts, "账号", "/accounts", forControls},
	{menuChannels, "通知渠道", "/channels", forSetting},
	{menuLog, "管理日志", "/admin-log", forControls},
	{menuHealth, textHealth, "/health", forControls},
}

// menu returns the entries that the caller has.
func (s *server) menu(f frame) []entry {
	var out []entry
	for _, p := range places {
		if !slices.Contains(p.roles, f.Who.Role) {
			continue
		}
		path := p.path
		switch {
		case path != "" && path[0] == '/':
		case f.Plan.Code == "":
			continue // there is no plan yet
		case path == "":
			path = plansPath(f.Plan.Code)
		default:
			path = plansPath(f.Plan.Code) + "/" + path
		}
		out = append(out, entry{Key: p.key, Label: p.label, Path: path})
	}
	if s.Workflows != "" && f.Who.Role != account.Unit {
		out = append(out, entry{Key: menuWorkflows, Label: textWorkflows, Path: s.Workflows})
	}
	return out
}
