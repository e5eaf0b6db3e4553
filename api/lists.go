package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
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
	for key, field := range c.Columns {
		n, err := strconv.Atoi(key)
		if err != nil || n < 1 {
			return out, invalid("body.columns", textRowNumber)
		}
		if out.Columns == nil {
			out.Columns = map[int]tasklist.Field{}
		}
		out.Columns[n] = field
	}
	for key, a := range c.Answers {
		n, err := strconv.Atoi(key)
		if err != nil || n < 1 {
			return out, invalid("body.answers", textRowNumber)
		}
		if out.Answers == nil {
			out.Answers = map[int]tasklist.Answer{}
		}
		if out.Answers[n], err = a.answer(key); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (a ListAnswer) answer(row string) (tasklist.Answer, error) {
	out := a.reply()
	for key, p := range a.Parts {
		n, err := strconv.Atoi(key)
		if err != nil || n < 1 {
			return out, invalid("body.answers."+row+".parts", textPartNumber)
		}
		if out.Parts == nil {
			out.Parts = map[int]tasklist.Answer{}
		}
		out.Parts[n] = p.reply()
	}
	return out, nil
}

func (a ListReply) reply() tasklist.Answer {
	return tasklist.Answer{
		Skip: a.Skip, Confirm: a.Confirm, Task: a.Task, Measure: a.Measure, Lead: a.Lead, Units: a.Units, Due: a.Due, Kind: a.Kind,
	}
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
	sum := sha256.Sum256(content)
	return &FileOutput{Type: spreadsheetType, Disposition: disposition("list.xlsx", name), Digest: hex.EncodeToString(sum[:]), Body: content}, nil
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
		Due: filled(r.Due), Outcome: r.Outcome, OutcomeLabel: r.Outcome.Chinese(), Changes: filled(r.Changes),
		Problems: list(r.Problems, func(p tasklist.Problem) ListProblem { return ListProblem(p) }),
	}
}
