package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"duban/api"
)

type hazardsCmd struct {
	List    hazardsListCmd    `cmd:"" help:"列出隐患台账。"`
	Export  hazardsExportCmd  `cmd:"" help:"导出隐患台账或统计分析（xlsx）；台账原样导入没有变化。"`
	Preview hazardsPreviewCmd `cmd:"" help:"逐行预览隐患清单导入后怎样（什么都不登记）。"`
	Apply   hazardsApplyCmd   `cmd:"" help:"导入隐患清单；中断的再运行一次即可接着办。"`
}

// hazardsServer says which plan of which server.
type hazardsServer struct {
	Plan   string `help:"方案代码（默认：服务器上唯一的方案）。" placeholder:"CODE"`
	Server string `help:"正在运行的 duban（默认：本机的）。" placeholder:"URL"`
}

// dial returns the server, and the address of the plan's register on it.
func (s hazardsServer) dial(e *env) (*remote, string, error) {
	server, err := e.dial(s.Server)
	if err != nil {
		return nil, "", err
	}
	plan, err := server.planOf(e.ctx, s.Plan)
	return server, "/api/v1/plans/" + url.PathEscape(plan) + "/hazards", err
}

type hazardsListCmd struct {
	hazardsServer
	Grade string `help:"只列这一等级：major 重大，general 一般。" enum:",major,general" default:""`
	Open  bool   `help:"只列没有销号的。"`
	Query string `help:"搜索企业、地点、内容、编号。" placeholder:"TEXT"`
	JSON  bool   `help:"以 JSON 输出。"`
}

// Run implements the command.
func (c hazardsListCmd) Run(e *env) error {
	server, base, err := c.dial(e)
	if err != nil {
		return err
	}
	query := url.Values{"limit": {"200"}}
	for name, value := range map[string]string{"grade": c.Grade, "q": c.Query} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if c.Open {
		query.Set("open", "true")
	}
	all := []api.Hazard{}
	for {
		var page api.HazardPage
		if err := server.call(e.ctx, http.MethodGet, base+"?"+query.Encode(), nil, &page); err != nil {
			return err
		}
		all = append(all, page.Hazards...)
		if page.Next == "" {
			break
		}
		query.Set("cursor", page.Next)
	}
	if c.JSON {
		return writeJSON(e.stdout, all)
	}
	rows := [][]string{hazardsHeadings}
	for _, h := range all {
		o := h.Obligation
		rows = append(rows, []string{h.Label, h.GradeLabel, abridged(h.Enterprise, 16), abridged(h.Text, 24), o.UnitName, o.Deadline.String(), o.StageLabel, o.LightLabel, o.WaitingOnName})
	}
	if err := columns(e.stdout, rows, len(hazardsHeadings)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, textHazardsSum, len(all))
	return err
}

type hazardsExportCmd struct {
	Out string `arg:"" help:"写到哪个文件（xlsx）。" type:"path"`
	hazardsServer
	Analysis bool `help:"导出统计分析，不是台账。"`
}

// Run implements the command.
func (c hazardsExportCmd) Run(e *env) error {
	server, base, err := c.dial(e)
	if err != nil {
		return err
	}
	path := base + "/export"
	if c.Analysis {
		path = base + "/analysis/export"
	}
	content, err := server.fetch(e.ctx, path)
	if err != nil {
		return err
	}
	return os.WriteFile(c.Out, content, 0o600)
}

// hazardsFile is a list of hazards.
type hazardsFile struct {
	File string `arg:"" help:"隐患清单：xlsx 或 csv。" type:"existingfile"`
	hazardsServer
	Confirm []int `help:"确认不是重复、要登记的行号，可列多个。" placeholder:"ROW"`
	JSON    bool  `help:"以 JSON 输出。"`
}

// bring sends the list, and writes what the server says of every row.
func (f hazardsFile) bring(e *env, what, sum string) error {
	server, base, err := f.dial(e)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(f.File)
	if err != nil {
		return err
	}
	query := url.Values{"name": {filepath.Base(f.File)}}
	var confirmed []string
	for _, row := range f.Confirm {
		confirmed = append(confirmed, strconv.Itoa(row))
	}
	if len(confirmed) > 0 {
		query.Set("confirm", strings.Join(confirmed, ","))
	}
	var p api.HazardListPreview
	if err := server.upload(e.ctx, base+what+"?"+query.Encode(), file, &p); err != nil {
		return err
	}
	if f.JSON {
		return writeJSON(e.stdout, p)
	}
	rows := [][]string{hazardRowHeadings}
	for _, r := range p.Rows {
		var why []string
		for _, problem := range r.Problems {
			why = append(why, strings.TrimSpace(problem.Cell+" "+problem.Reason))
		}
		rows = append(rows, []string{strconv.Itoa(r.Row), r.OutcomeLabel, r.Number, abridged(r.Enterprise, 16), abridged(r.Text, 24), strings.Join(why, "；")})
	}
	if err := columns(e.stdout, rows, len(hazardRowHeadings)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, sum, p.Create, p.Unchanged, p.Confirm, p.Error)
	return err
}

type hazardsPreviewCmd struct{ hazardsFile }

// Run implements the command.
func (c hazardsPreviewCmd) Run(e *env) error { return c.bring(e, "/preview", textHazardsPreview) }

type hazardsApplyCmd struct{ hazardsFile }

// Run implements the command.
func (c hazardsApplyCmd) Run(e *env) error { return c.bring(e, "/apply", textHazardsApplied) }
