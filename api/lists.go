package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

// Lists brings annual lists into a plan, and gives them out. Refusals are *obligation.Error, Faults or *Problem; every other
// error is the store's or the engine's.
type Lists interface {
	// Keep takes a list in by its file and reads it; nothing of the plan changes.
	Keep(ctx context.Context, i tasklist.Import, file []byte) (ListReading, error)
	All(ctx context.Context, plan string) ([]tasklist.Import, error)
	// Open reads a kept list by what has been settled of it so far.
	Open(ctx context.Context, plan, id string) (ListReading, error)
	// Settle keeps what more is settled of a list. Nothing of the plan changes.
	Settle(ctx context.Context, plan, id string, s tasklist.Settling) (tasklist.Import, error)
	// Read reads a kept list again, by other choices.
	Read(ctx context.Context, plan, id string, c tasklist.Choices) (ListReading, error)
	// Apply changes the plan by a kept list. Again it changes nothing.
	Apply(ctx context.Context, plan, id string, c tasklist.Choices, reason string, by account.Caller) (ListReading, SeedReport, error)
	// Corrections returns the list's own workbook with a column that says what could not be read.
	Corrections(ctx context.Context, plan, id string, c tasklist.Choices) (name string, content []byte, err error)
	// Export returns the list of a year with how it stands; Template an empty one.
	Export(ctx context.Context, plan string, year int) (name string, content []byte, err error)
	Template(ctx context.Context, plan string, year int) (name string, content []byte, err error)
}

// ListReading is a list as it was read, and what it would do to what runs.
type ListReading struct {
	Import  tasklist.Import
	Sheets  []string // of the workbook
	Sheet   string   // the one that was read
	Heads   []tasklist.Head
	Preview tasklist.Preview
	Faults  []string            // Chinese: why it can't be applied as it is
	Effects []obligation.Effect // none while there are faults
}

// maxList is the greatest size of a list's file, in bytes.
const maxList = 10 << 20

// listTimeout is for reading a list of some thousand rows, and for those before it.
const listTimeout = time.Minute

const listsPath = "/plans/{plan}/lists"

// ListPath addresses a list that was brought.
type ListPath struct {
	PlanPath
	List string `path:"list" maxLength:"64" doc:"清单编号"`
}

// UploadListInput brings a list. Its file is the request's body.
type UploadListInput struct {
	PlanPath
	Year  int    `query:"year" required:"true" minimum:"2000" maximum:"2100" example:"2026" doc:"清单的年份：没有写明年份的时限按它理解"`
	Name  string `query:"name" required:"true" minLength:"1" maxLength:"200" example:"2026年工作任务清单.xlsx" doc:"文件名，须有扩展名：xlsx、csv、yaml"`
	Media string `header:"Content-Type" maxLength:"200" doc:"application/octet-stream，或文件本来的类型"`

	streamed
}

// ListChoicesInput reads a list again.
type ListChoicesInput struct {
	ListPath
	Body ListChoices
}

// ListChoices are what the office says of a list besides the sheet itself.
type ListChoices struct {
	Sheet    string                    `json:"sheet,omitempty" maxLength:"200" doc:"工作表；不填为第一个有清单的"`
	Columns  map[string]tasklist.Field `json:"columns,omitempty" maxProperties:"200" doc:"手工指定的列：列号（从 1 起）与内容（number、action、task、measure、lead、units、deadline、done、note、code、status、ignored）"`
	Answers  map[string]ListAnswer     `json:"answers,omitempty" maxProperties:"20000" doc:"逐行的确认：行号与确认的内容"`
	Withdraw []string                  `json:"withdraw,omitempty" maxItems:"2000" doc:"清单里不再有、确定撤销的分项任务编号"`
}

// ListAnswer is what the office says of a row.
type ListAnswer struct {
	ListReply
	Parts map[string]ListReply `json:"parts,omitempty" maxProperties:"100" doc:"一行分成几项（①②…）的，逐项的确认：第几项（从 1 起）与确认的内容；写明的项不再看整行的确认"`
}

// ListReply is what the office says of a row, or of one of its parts.
type ListReply struct {
	Skip    bool              `json:"skip,omitempty" doc:"true：不要这一行"`
	Confirm bool              `json:"confirm,omitempty" doc:"true：按建议办"`
	Task    string            `json:"task,omitempty" maxLength:"64" doc:"任务编号"`
	Measure string            `json:"measure,omitempty" maxLength:"64" doc:"分项任务编号；new 为新增"`
	Lead    []string          `json:"lead,omitempty" maxItems:"200" doc:"牵头单位代码"`
	Units   []string          `json:"units,omitempty" maxItems:"500" doc:"责任单位代码"`
	Due     []string          `json:"due,omitempty" maxItems:"100" doc:"到期日，YYYY-MM-DD"`
	Kind    plan.ScheduleKind `json:"kind,omitempty" enum:"milestone,recurring,continuous" doc:"时间安排的类别"`
}

func (c ListChoices) choices() (tasklist.Choices, error) {
	out := tasklist.Choices{Sheet: c.Sheet, Withdraw: c.Withdraw}
	var err error
	if out.Columns, err = mapped(c.Columns); err != nil {
		return out, err
	}
	out.Answers, err = numbered("body.answers", textRowNumber, c.Answers, ListAnswer.answer)
	return out, err
}

func mapped(columns map[string]tasklist.Field) (map[int]tasklist.Field, error) {
	return numbered("body.columns", textRowNumber, columns, func(f tasklist.Field, _ string) (tasklist.Field, error) { return f, nil })
}

func (a ListAnswer) answer(row string) (tasklist.Answer, error) {
	out := a.reply()
	var err error
	out.Parts, err = numbered("body.answers."+row+".parts", textPartNumber, a.Parts, func(p ListReply, _ string) (tasklist.Answer, error) {
		return p.reply(), nil
	})
	return out, err
}

func (a ListReply) reply() tasklist.Answer {
	return tasklist.Answer{
		Skip: a.Skip, Confirm: a.Confirm, Task: a.Task, Measure: a.Measure, Lead: a.Lead, Units: a.Units, Due: a.Due, Kind: a.Kind,
	}
}

func showChoices(c tasklist.Choices) ListChoices {
	return ListChoices{
		Sheet: c.Sheet, Withdraw: c.Withdraw, Columns: lettered(c.Columns, func(f tasklist.Field) tasklist.Field { return f }),
		Answers: lettered(c.Answers, func(a tasklist.Answer) ListAnswer { return ListAnswer{showReply(a), lettered(a.Parts, showReply)} }),
	}
}

func showReply(a tasklist.Answer) ListReply {
	return ListReply{
		Skip: a.Skip, Confirm: a.Confirm, Task: a.Task, Measure: a.Measure, Lead: a.Lead, Units: a.Units, Due: a.Due, Kind: a.Kind,
	}
}

// numbered reads a map whose keys are numbers from 1: of rows, of columns, of parts.
func numbered[T, U any](field, fault string, values map[string]T, f func(v T, key string) (U, error)) (map[int]U, error) {
	var out map[int]U
	for key, v := range values {
		n, err := strconv.Atoi(key)
		if err != nil || n < 1 {
			return nil, invalid(field, fault)
		}
		if out == nil {
			out = map[int]U{}
		}
		if out[n], err = f(v, key); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lettered is the other way round; nil where there is nothing.
func lettered[T, U any](values map[int]T, f func(T) U) map[string]U {
	var out map[string]U
	for n, v := range values {
		if out == nil {
			out = map[string]U{}
		}
		out[strconv.Itoa(n)] = f(v)
	}
	return out
}

// SettleListInput settles something of a list.
type SettleListInput struct {
	ListPath
	Body ListSettling
}

// ListSettling is what is settled of a list at one time. What is left out stays.
type ListSettling struct {
	Sheet    *string                   `json:"sheet,omitempty" maxLength:"200" doc:"换一张工作表：已指定的列和逐行的确认随之作废"`
	Columns  map[string]tasklist.Field `json:"columns,omitempty" maxProperties:"200" doc:"手工指定的列，整组替换"`
	Answers  map[string]ListAnswer     `json:"answers,omitempty" maxProperties:"20000" doc:"逐行的确认，只写要改的行"`
	TakeBack []int                     `json:"takeBack,omitempty" maxItems:"20000" doc:"收回这些行的确认"`
	Withdraw *[]string                 `json:"withdraw,omitempty" maxItems:"2000" doc:"确定撤销的分项任务编号，整组替换"`
}

func (b ListSettling) settling() (tasklist.Settling, error) {
	out := tasklist.Settling{Sheet: b.Sheet, Withdraw: b.Withdraw}
	var err error
	if out.Columns, err = mapped(b.Columns); err != nil {
		return out, err
	}
	if b.Columns != nil && out.Columns == nil {
		out.Columns = map[int]tasklist.Field{} // none any more
	}
	out.Answers, err = numbered("body.answers", textRowNumber, b.Answers, func(a ListAnswer, row string) (*tasklist.Answer, error) {
		v, err := a.answer(row)
		return &v, err
	})
	if err != nil {
		return out, err
	}
	for _, row := range b.TakeBack {
		if out.Answers == nil {
			out.Answers = map[int]*tasklist.Answer{}
		}
		out.Answers[row] = nil
	}
	return out, nil
}

// ApplyListInput changes the plan by a list.
type ApplyListInput struct {
	ListPath
	Body ApplyListBody
}

// ApplyListBody says why, with the choices by which the preview was seen.
type ApplyListBody struct {
	ListChoices
	Reason string `json:"reason" minLength:"1" maxLength:"500" pattern:"\\S" patternDescription:"调整的理由" doc:"调整的理由，写进受影响事项的台账"`
}

// OpenListInput asks for a list, a page of its rows and a page of its effects.
type OpenListInput struct {
	ListPath
	Outcome []tasklist.Outcome `query:"outcome" maxItems:"6" enum:"create,update,unchanged,error,confirm,skipped" doc:"只列这些结果的行，可列多个，以逗号分隔"`
	Row     int                `query:"row" minimum:"0" doc:"只列这一行（一行分成几项的，各项）"`
	Offset  int                `query:"offset" minimum:"0" doc:"从第几项起，从 0 数"`
	Limit   int                `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"至多几项"`

	EffectsPage
}

// EffectsPage says which of the effects to show.
type EffectsPage struct {
	EffectKind    obligation.EffectKind `query:"effectKind" enum:"rearmed,withdrawn,joined" doc:"只列这一类变化"`
	EffectsOffset int                   `query:"effectsOffset" minimum:"0" doc:"变化从第几件起，从 0 数"`
	EffectsLimit  int                   `query:"effectsLimit" minimum:"0" maximum:"1000" doc:"至多列几件变化；不填为全部"`
}

// of returns the effects of the page, and how many of each kind there are.
func (p EffectsPage) of(effects []obligation.Effect) ([]EffectView, EffectCounts) {
	var n EffectCounts
	var chosen []obligation.Effect
	for _, e := range effects {
		switch e.Kind {
		case obligation.Rearming:
			n.Rearmed++
		case obligation.Withdrawing:
			n.Withdrawn++
		case obligation.Joining:
			n.Joined++
		}
		if p.EffectKind == "" || p.EffectKind == e.Kind {
			chosen = append(chosen, e)
		}
	}
	if p.EffectsLimit > 0 {
		chosen = window(chosen, p.EffectsOffset, p.EffectsLimit)
	}
	return list(chosen, showEffect), n
}

// EffectCounts is how many obligations a change reaches.
type EffectCounts struct {
	Rearmed   int `json:"rearmed" doc:"调整的"`
	Withdrawn int `json:"withdrawn" doc:"撤销的"`
	Joined    int `json:"joined" doc:"随即交办的"`
}

// window returns a page of the values.
func window[T any](values []T, offset, limit int) []T {
	from := min(offset, len(values))
	return values[from:min(from+limit, len(values))]
}

// ListDetail is a list by what has been settled of it so far, one page of it.
type ListDetail struct {
	Import   ImportView    `json:"import" doc:"清单"`
	Choices  ListChoices   `json:"choices" doc:"到目前为止的确认；应用时以此为准"`
	Sheets   []string      `json:"sheets" doc:"工作簿里的工作表"`
	Sheet    string        `json:"sheet" doc:"读的是哪一张"`
	Header   int           `json:"header" doc:"表头在哪一行；0 为没有找到"`
	Columns  []ListColumn  `json:"columns" doc:"各列"`
	Titles   int           `json:"titles" doc:"表头以上有几行"`
	Notes    int           `json:"notes" doc:"说明、注释、合计等不是任务的有几行"`
	Counts   ListCounts    `json:"counts" doc:"各种结果各有几项"`
	Rows     []ListRow     `json:"rows" doc:"所选的行的读取结果"`
	Selected int           `json:"selected" doc:"所选的共有几项"`
	Missing  []MissingView `json:"missing" doc:"方案里当年有、清单里没有的分项任务"`
	Faults   []string      `json:"faults" doc:"照此不能应用的原因，至多列 20 条；没有的可以应用"`

	Effects      []EffectView `json:"effects" doc:"应用后，正在办理的事项怎样变化；还不能应用时没有"`
	EffectCounts EffectCounts `json:"effectCounts" doc:"各类变化各有几件"`
}

// ListColumn is one column of a list's sheet.
type ListColumn struct {
	Number  int            `json:"number" doc:"列号，从 1 起"`
	Name    string         `json:"name" doc:"列名，如 C"`
	Heading string         `json:"heading" doc:"表头"`
	Sample  string         `json:"sample" doc:"表头以下第一个有内容的单元格"`
	Field   tasklist.Field `json:"field" doc:"按什么读；空为没有读"`
}

// ListCounts is how many rows come to what.
type ListCounts struct {
	Create    int `json:"create" doc:"新增"`
	Update    int `json:"update" doc:"变更"`
	Unchanged int `json:"unchanged" doc:"没有变化"`
	Fault     int `json:"error" doc:"须改正"`
	Confirm   int `json:"confirm" doc:"须确认"`
	Skipped   int `json:"skipped" doc:"略去"`
}

// MissingView is a measure that a list has no more.
type MissingView struct {
	Measure  string `json:"measure" doc:"分项任务编号"`
	Title    string `json:"title" doc:"标题"`
	Withdraw bool   `json:"withdraw" doc:"true：确定撤销；false 保留"`
}

// YearInput asks for a year's list.
type YearInput struct {
	PlanPath
	Year int `query:"year" required:"true" minimum:"2000" maximum:"2100" example:"2026" doc:"年份"`
}

// ImportView is one list that was brought.
type ImportView struct {
	ID          string                `json:"id" doc:"清单编号"`
	Year        int                   `json:"year" doc:"年份"`
	Name        string                `json:"name" doc:"文件名"`
	SHA256      string                `json:"sha256" doc:"文件的 SHA-256，十六进制"`
	Size        int64                 `json:"size" doc:"大小，字节"`
	By          string                `json:"by" doc:"谁上传的"`
	At          time.Time             `json:"at" doc:"上传时间"`
	Status      tasklist.ImportStatus `json:"status" enum:"received,applied" doc:"received 已读取、没有改动方案，applied 已应用"`
	StatusLabel string                `json:"statusLabel" doc:"状态名称"`
	Reason      string                `json:"reason,omitempty" doc:"应用时写明的理由"`
	Applied     time.Time             `json:"applied,omitzero" doc:"最近一次应用的时间"`
	AppliedBy   string                `json:"appliedBy,omitempty" doc:"谁应用的"`
	Version     int                   `json:"version,omitempty" doc:"应用后的方案版本"`
	Created     int                   `json:"created" doc:"新增的行数"`
	Updated     int                   `json:"updated" doc:"变更的行数"`
	Unchanged   int                   `json:"unchanged" doc:"没有变化的行数"`
	Skipped     int                   `json:"skipped" doc:"略去的行数"`
}

// ImportViews is every list of a plan.
type ImportViews struct {
	Lists []ImportView `json:"lists" doc:"清单，新的在前"`
}

// ListPreview is a list as it was read.
type ListPreview struct {
	Import  ImportView                `json:"import" doc:"清单"`
	Sheets  []string                  `json:"sheets" doc:"工作簿里的工作表"`
	Columns map[string]tasklist.Field `json:"columns" doc:"各列的内容，按表头认定；不对的可以手工指定"`
	Header  int                       `json:"header" doc:"表头在哪一行；0 为没有找到"`
	Titles  []int                     `json:"titles" doc:"表头以上的行"`
	Notes   []int                     `json:"notes" doc:"说明、注释、合计等不是任务的行"`
	Rows    []ListRow                 `json:"rows" doc:"逐行的读取结果"`
	Missing []string                  `json:"missing" doc:"方案里当年有、清单里没有的分项任务：不写进 withdraw 的保留"`
	Faults  []string                  `json:"faults" doc:"照此不能应用的原因；没有的可以应用"`
	Effects []EffectView              `json:"effects" doc:"应用后，正在办理的事项怎样变化；还不能应用时没有"`
}

// ListRow is one row as it was read.
type ListRow struct {
	Row          int               `json:"row" doc:"工作表的行号"`
	Part         int               `json:"part,omitempty" doc:"一行分成几项的，第几项"`
	Task         string            `json:"task" doc:"任务编号；没有认出来的为空"`
	Measure      string            `json:"measure" doc:"分项任务编号；新增的为将要使用的编号"`
	Title        string            `json:"title" doc:"标题"`
	Lead         []string          `json:"lead" doc:"牵头单位代码"`
	Units        []string          `json:"units" doc:"责任单位代码，含牵头单位"`
	Kind         plan.ScheduleKind `json:"kind" doc:"时间安排的类别：milestone 限期完成，recurring 周期性，continuous 持续推进；没有认出来的为空"`
	Due          []calendar.Date   `json:"due" doc:"当年的到期日"`
	When         string            `json:"when" doc:"时限读成了什么；没有读出的为空"`
	Outcome      tasklist.Outcome  `json:"outcome" enum:"create,update,unchanged,error,confirm,skipped" doc:"应用后怎样：create 新增，update 变更，unchanged 没有变化，error 须改正，confirm 须确认，skipped 略去"`
	OutcomeLabel string            `json:"outcomeLabel" doc:"名称"`
	Changes      []string          `json:"changes" doc:"变更的内容：原来 → 之后"`
	Problems     []ListProblem     `json:"problems" doc:"读不懂的、须确认的"`
}

// ListProblem is one thing that is wrong with a row, or only likely.
type ListProblem struct {
	Cell     string `json:"cell" doc:"单元格，如 G5"`
	Reason   string `json:"reason" doc:"怎么回事"`
	Proposal string `json:"proposal,omitempty" doc:"可能是什么、该怎么办"`
}

// EffectView is what a change does to one obligation.
type EffectView struct {
	Obligation string                `json:"obligation" doc:"责任事项：方案/分项任务/单位/周期"`
	UnitName   string                `json:"unitName" doc:"责任单位"`
	Title      string                `json:"title" doc:"分项任务"`
	Kind       obligation.EffectKind `json:"kind" enum:"rearmed,withdrawn,joined" doc:"rearmed 调整，withdrawn 撤销，joined 随即交办"`
	KindLabel  string                `json:"kindLabel" doc:"名称"`
	Changes    []string              `json:"changes" doc:"改什么：原来 → 之后"`
}

// AppliedList is what applying a list did.
type AppliedList struct {
	ListPreview
	Seed SeedResult `json:"seed" doc:"方案的变化；交办和调整在后台陆续进行"`
}

func (s *server) registerLists() {
	notFound := Code(obligation.CodeNotFound)
	const one = listsPath + "/{list}"
	sheet := map[string]*huma.MediaType{spreadsheetType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	upload := operation{
		id: "upload-list", method: http.MethodPost, path: listsPath, tag: tagLists, limit: listTimeout, codes: []Code{notFound, CodeSheet, CodeBodyBroken},
		request: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
	register(s, upload, s.uploadList)
	register(s, operation{id: "list-lists", method: http.MethodGet, path: listsPath, tag: tagLists, codes: []Code{notFound}}, s.listLists)
	register(s, operation{
		id: "get-list", method: http.MethodGet, path: one, tag: tagLists, limit: listTimeout, codes: []Code{notFound, CodeSheet},
	}, s.getList)
	register(s, operation{id: "settle-list", method: http.MethodPatch, path: one, tag: tagLists, codes: []Code{notFound}}, s.settleList)
	register(s, operation{
		id: "preview-list", method: http.MethodPost, path: one + "/preview", tag: tagLists, limit: listTimeout, codes: []Code{notFound, CodeSheet},
	}, s.previewList)
	register(s, operation{
		id: "apply-list", method: http.MethodPost, path: one + "/apply", tag: tagLists, limit: s.SeedTimeout,
		codes: []Code{notFound, CodeSheet, CodeUnsettled, CodeFaults, Code(obligation.CodeConflict)},
	}, s.applyList)
	register(s, operation{
		id: "download-corrections", method: http.MethodPost, path: one + "/corrections", tag: tagLists, limit: listTimeout, content: sheet,
		codes: []Code{notFound, CodeSheet},
	}, s.downloadCorrections)
	register(s, operation{
		id: "export-list", method: http.MethodGet, path: "/plans/{plan}/list", tag: tagLists, limit: listTimeout, content: sheet, codes: []Code{notFound},
	}, s.exportList)
	register(s, operation{
		id: "download-template", method: http.MethodGet, path: "/plans/{plan}/list/template", tag: tagLists, limit: listTimeout, content: sheet,
		codes: []Code{notFound},
	}, s.downloadTemplate)
}

const spreadsheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (s *server) uploadList(ctx context.Context, in *UploadListInput) (*Body[ListPreview], error) {
	file, err := io.ReadAll(http.MaxBytesReader(nil, humagin.Unwrap(in.request).Request.Body, maxList))
	if err != nil {
		return nil, newProblem(bodyFailure(err))
	}
	if len(file) == 0 {
		return nil, newProblem(CodeBodyMissing)
	}
	who := caller(ctx)
	i := tasklist.Import{Plan: in.Plan, Year: in.Year, Name: in.Name, By: who.Name, Login: who.Login, At: s.Now().UTC(), Status: tasklist.Received}
	r, err := s.Lists.Keep(ctx, i, file)
	if err != nil {
		return nil, err
	}
	return answer(showReading(r)), nil
}

func (s *server) listLists(ctx context.Context, in *PlanPath) (*Body[ImportViews], error) {
	if _, err := s.Reader.Definition(ctx, in.Plan); err != nil {
		return nil, err
	}
	all, err := s.Lists.All(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	return answer(ImportViews{list(all, showImport)}), nil
}

func (s *server) getList(ctx context.Context, in *OpenListInput) (*Body[ListDetail], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	r, err := s.Lists.Open(ctx, in.Plan, in.List)
	if err != nil {
		return nil, err
	}
	return answer(in.show(d, r)), nil
}

func (in OpenListInput) show(d obligation.Definition, r ListReading) ListDetail {
	p := r.Preview
	out := ListDetail{
		Import: showImport(r.Import), Choices: showChoices(r.Import.Settled), Sheets: filled(r.Sheets), Sheet: r.Sheet, Header: p.Header,
		Titles: len(p.Titles), Notes: len(p.Notes), Faults: filled(r.Faults[:min(len(r.Faults), maxFields)]),
		Columns: list(r.Heads, func(h tasklist.Head) ListColumn {
			return ListColumn{h.Column, h.Name, h.Heading, h.Sample, p.Columns[h.Column]}
		}),
		Missing: list(p.Missing, func(code string) MissingView {
			m, _ := d.Plan.Measure(code)
			return MissingView{code, m.Title, slices.Contains(r.Import.Settled.Withdraw, code)}
		}),
	}
	var chosen []tasklist.Row
	for _, row := range p.Rows {
		out.Counts.add(row.Outcome)
		if (in.Row == 0 || in.Row == row.Row) && (len(in.Outcome) == 0 || slices.Contains(in.Outcome, row.Outcome)) {
			chosen = append(chosen, row)
		}
	}
	out.Selected, out.Rows = len(chosen), list(window(chosen, in.Offset, in.Limit), showRow)
	out.Effects, out.EffectCounts = in.of(r.Effects)
	return out
}

func (n *ListCounts) add(o tasklist.Outcome) {
	switch o {
	case tasklist.Create:
		n.Create++
	case tasklist.Update:
		n.Update++
	case tasklist.Unchanged:
		n.Unchanged++
	case tasklist.Fault:
		n.Fault++
	case tasklist.Confirm:
		n.Confirm++
	case tasklist.Skipped:
		n.Skipped++
	}
}

func (s *server) settleList(ctx context.Context, in *SettleListInput) (*Body[ImportView], error) {
	settling, err := in.Body.settling()
	if err != nil {
		return nil, err
	}
	i, err := s.Lists.Settle(ctx, in.Plan, in.List, settling)
	if err != nil {
		return nil, err
	}
	return answer(showImport(i)), nil
}

func (s *server) previewList(ctx context.Context, in *ListChoicesInput) (*Body[ListPreview], error) {
	c, err := in.Body.choices()
	if err != nil {
		return nil, err
	}
	r, err := s.Lists.Read(ctx, in.Plan, in.List, c)
	if err != nil {
		return nil, err
	}
	return answer(showReading(r)), nil
}

func (s *server) applyList(ctx context.Context, in *ApplyListInput) (*Body[AppliedList], error) {
	c, err := in.Body.choices()
	if err != nil {
		return nil, err
	}
	r, report, err := s.Lists.Apply(ctx, in.Plan, in.List, c, in.Body.Reason, caller(ctx))
	if err != nil {
		return nil, engine(err)
	}
	if err := s.Accounts.Note(ctx, caller(ctx), account.PlanSeeded, in.Plan, r.Import.Name+" "+in.Body.Reason, remote(ctx)); err != nil {
		return nil, err
	}
	return answer(AppliedList{showReading(r), SeedResult(report)}), nil
}

func (s *server) downloadCorrections(ctx context.Context, in *ListChoicesInput) (*FileOutput, error) {
	c, err := in.Body.choices()
	if err != nil {
		return nil, err
	}
	return spreadsheet(s.Lists.Corrections(ctx, in.Plan, in.List, c))
}

func (s *server) exportList(ctx context.Context, in *YearInput) (*FileOutput, error) {
	return spreadsheet(s.Lists.Export(ctx, in.Plan, in.Year))
}

func (s *server) downloadTemplate(ctx context.Context, in *YearInput) (*FileOutput, error) {
	return spreadsheet(s.Lists.Template(ctx, in.Plan, in.Year))
}

func spreadsheet(name string, content []byte, err error) (*FileOutput, error) {
	if err != nil {
		return nil, err
	}
	return fileNamed(spreadsheetType, "list.xlsx", name, content), nil
}

// fileNamed answers with a file; ascii is its name for whoever reads no other.
func fileNamed(media, ascii, name string, content []byte) *FileOutput {
	sum := sha256.Sum256(content)
	return &FileOutput{Type: media, Disposition: disposition(ascii, name), Digest: hex.EncodeToString(sum[:]), Body: content}
}

func showImport(i tasklist.Import) ImportView {
	return ImportView{
		ID: i.ID, Year: i.Year, Name: i.Name, SHA256: i.Digest, Size: i.Size, By: i.By, At: in(i.At, zoneOfOffice), Status: i.Status,
		StatusLabel: i.Status.Chinese(), Reason: i.Reason, Applied: in(i.Applied, zoneOfOffice), AppliedBy: i.AppliedBy, Version: i.Version,
		Created: i.Created, Updated: i.Updated, Unchanged: i.Unchanged, Skipped: i.Skipped,
	}
}

func showReading(r ListReading) ListPreview {
	p := r.Preview
	out := ListPreview{
		Import: showImport(r.Import), Sheets: filled(r.Sheets), Columns: map[string]tasklist.Field{}, Header: p.Header, Titles: filled(p.Titles),
		Notes: filled(p.Notes), Rows: list(p.Rows, showRow), Missing: filled(p.Missing),
		Faults: filled(r.Faults), Effects: list(r.Effects, showEffect),
	}
	for n, f := range p.Columns {
		out.Columns[strconv.Itoa(n)] = f
	}
	return out
}

func showRow(r tasklist.Row) ListRow {
	return ListRow{
		Row: r.Row, Part: r.Part, Task: r.Task, Measure: r.Measure, Title: r.Title, Lead: filled(r.Lead), Units: filled(r.Units), Kind: r.Kind,
		Due: filled(r.Due), When: r.When, Outcome: r.Outcome, OutcomeLabel: r.Outcome.Chinese(), Changes: filled(r.Changes),
		Problems: list(r.Problems, func(p tasklist.Problem) ListProblem { return ListProblem(p) }),
	}
}
