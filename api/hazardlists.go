package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"duban/account"
	"duban/calendar"
	"duban/hazardlist"
	"duban/obligation"
	"duban/tasklist"
)

// HazardListInput brings a list of hazards. Its file is the request's body.
type HazardListInput struct {
	PlanPath
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"200" example:"隐患台账.xlsx" doc:"文件名，须有扩展名：xlsx、csv"`
	Confirm []int  `query:"confirm" maxItems:"20000" doc:"确认不是重复、要登记的行号，可列多个，以逗号分隔"`
	Media   string `header:"Content-Type" maxLength:"200" doc:"application/octet-stream，或文件本来的类型"`

	streamed
}

// ApplyHazardListInput enters what a list holds.
type ApplyHazardListInput struct {
	HazardListInput
	Digest string `query:"sha256" maxLength:"64" doc:"预览时给出的 sha256：文件换过的不导入；不填则不核对"`
}

// HazardListPreview is a list as it was read.
type HazardListPreview struct {
	SHA256    string          `json:"sha256" doc:"文件的 SHA-256，十六进制"`
	Header    int             `json:"header" doc:"表头在哪一行；0 为没有找到"`
	Create    int             `json:"create" doc:"将登记（导入后为已登记）的行数"`
	Unchanged int             `json:"unchanged" doc:"台账里已有的行数"`
	Confirm   int             `json:"confirm" doc:"疑似重复、须确认的行数：没有确认的不登记"`
	Error     int             `json:"error" doc:"须改正的行数：不登记"`
	Rows      []HazardListRow `json:"rows" doc:"逐行的读取结果"`
}

// HazardListRow is one row as it was read.
type HazardListRow struct {
	Row          int              `json:"row" doc:"工作表的行号"`
	Outcome      tasklist.Outcome `json:"outcome" enum:"create,unchanged,error,confirm" doc:"create 登记，unchanged 已有，error 须改正，confirm 疑似重复，须确认"`
	OutcomeLabel string           `json:"outcomeLabel" doc:"名称"`
	Number       string           `json:"number,omitempty" doc:"登记的、已有的，或疑似重复的编号"`
	Enterprise   string           `json:"enterprise" doc:"企业（单位）名称"`
	Text         string           `json:"text" doc:"隐患内容"`
	Problems     []ListProblem    `json:"problems" doc:"读不懂的、须确认的"`
}

func (s *server) registerHazardLists() {
	bring := func(id, path string) operation {
		return operation{
			id: id, method: http.MethodPost, path: hazardsPath + path, tag: tagHazards, limit: s.SeedTimeout,
			codes:   []Code{Code(obligation.CodeNotFound), CodeSheet, CodeBodyBroken, Code(obligation.CodeConflict)},
			request: map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}
	}
	register(s, bring("preview-hazards", "/preview"), s.previewHazards)
	register(s, bring("apply-hazards", "/apply"), s.applyHazards)
}

// brought is a list with what it was read against.
type brought struct {
	definition obligation.Definition
	digest     string
	preview    hazardlist.Preview
}

// bring reads a list. What an earlier application of the same file has entered is there already.
func (s *server) bring(ctx context.Context, in HazardListInput) (brought, error) {
	file, err := io.ReadAll(http.MaxBytesReader(nil, humagin.Unwrap(in.request).Request.Body, maxList))
	if err != nil {
		return brought{}, newProblem(bodyFailure(err))
	}
	if len(file) == 0 {
		return brought{}, newProblem(CodeBodyMissing)
	}
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return brought{}, err
	}
	sheets, err := s.ReadSheets(in.Name, file)
	if err != nil {
		return brought{}, err
	}
	views, err := s.hazards(ctx, obligation.Filter{Plan: in.Plan, Hazards: &obligation.HazardFilter{}, Now: s.Now()}, maxExport)
	if err != nil {
		return brought{}, err
	}
	known := make(hazardlist.Known, len(views))
	for i, v := range views {
		known[i] = v.State
	}
	sum := sha256.Sum256(file)
	out := brought{definition: d, digest: hex.EncodeToString(sum[:])}
	for _, sheet := range sheets {
		if out.preview.Header == 0 {
			out.preview = hazardlist.Read(sheet, d, known, in.Confirm, s.Now())
		}
	}
	if out.preview.Header == 0 {
		return out, newProblem(CodeSheet, ProblemField{"body", textNoHazardHead})
	}
	for i := range out.preview.Rows {
		r := &out.preview.Rows[i]
		if r.Outcome != tasklist.Create && r.Outcome != tasklist.Confirm {
			continue
		}
		was, err := s.Reader.EnteredByKey(ctx, in.Plan, out.key(r.Row))
		switch {
		case err == nil:
			r.Outcome, r.Number, r.Problems = tasklist.Unchanged, was.State.Hazard.Key(), nil
		case !obligation.IsNotFound(err):
			return out, err
		}
	}
	return out, nil
}

// key is the idempotency key of a row: the same whenever the same file is applied.
func (b brought) key(row int) string { return fmt.Sprintf("list-%s-%d", b.digest, row) }

func (b brought) show() HazardListPreview {
	p := b.preview
	return HazardListPreview{
		SHA256: b.digest, Header: p.Header, Create: p.Count(tasklist.Create), Unchanged: p.Count(tasklist.Unchanged), Confirm: p.Count(tasklist.Confirm),
		Error: p.Count(tasklist.Fault),
		Rows: list(p.Rows, func(r hazardlist.Row) HazardListRow {
			return HazardListRow{
				Row: r.Row, Outcome: r.Outcome, OutcomeLabel: hazardOutcomes[r.Outcome], Number: r.Number, Enterprise: r.Entry.Hazard.Enterprise,
				Text: r.Entry.Hazard.Text, Problems: list(r.Problems, func(p tasklist.Problem) ListProblem { return ListProblem(p) }),
			}
		}),
	}
}

func (s *server) previewHazards(ctx context.Context, in *HazardListInput) (*Body[HazardListPreview], error) {
	b, err := s.bring(ctx, *in)
	if err != nil {
		return nil, err
	}
	return answer(b.show()), nil
}

// applyHazards enters the rows one by one. Broken off, it goes on where it was when the same file is applied again.
func (s *server) applyHazards(ctx context.Context, in *ApplyHazardListInput) (*Body[HazardListPreview], error) {
	b, err := s.bring(ctx, in.HazardListInput)
	if err != nil {
		return nil, err
	}
	if in.Digest != "" && !strings.EqualFold(in.Digest, b.digest) {
		return nil, &obligation.Error{Code: obligation.CodeConflict}
	}
	entered := 0
	for i := range b.preview.Rows {
		r := &b.preview.Rows[i]
		if r.Outcome != tasklist.Create {
			continue
		}
		r.Entry.By, r.Entry.Key = by(ctx, obligation.RoleOffice), b.key(r.Row)
		id, _, err := s.enter(ctx, b.definition, r.Entry)
		if refused, ok := errors.AsType[*obligation.Error](err); ok {
			r.Outcome, r.Problems = tasklist.Fault, []tasklist.Problem{{Reason: refused.Error()}}
			continue
		}
		if err != nil {
			return nil, err
		}
		r.Number, entered = id.Period, entered+1
	}
	note := fmt.Sprintf(textHazardsBrought, in.Name, entered)
	if err := s.Accounts.Note(ctx, caller(ctx), account.PlanSeeded, in.Plan, note, remote(ctx)); err != nil {
		return nil, err
	}
	return answer(b.show()), nil
}

// hazardTemplate is an empty list, and what may be written into it.
func (s *server) hazardTemplate(ctx context.Context, in *PlanPath) (*FileOutput, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	head := Tab{Name: textHazards, Table: Table{Title: textHazardsTitle, Note: textTemplateNote, Columns: hazardTableColumns()}}
	help := Tab{Name: textTemplateHelp, Table: Table{Title: textTemplateHelp, Columns: []TableColumn{{textTemplateColumn, 28}, {textTemplateMeaning, 60}}}}
	for _, f := range hazardlist.Fields() {
		help.Rows = append(help.Rows, []string{f.Chinese(), hazardFieldHelp[f]})
	}
	for _, i := range obligation.Industries {
		help.Rows = append(help.Rows, []string{hazardlist.Industry.Chinese(), i.Name})
	}
	today := calendar.DateOf(s.Now(), obligation.Location(d.Plan.Zone))
	for _, u := range d.Plan.Units {
		if m, ok := d.Carrier(); ok && u.ValidOn(today) && m.Audience.Selects(u) {
			help.Rows = append(help.Rows, []string{hazardlist.Unit.Chinese(), u.Name})
		}
	}
	return s.hazardWorkbook(textHazardsTitle+textTemplateSuffix+".xlsx", head, help)
}
