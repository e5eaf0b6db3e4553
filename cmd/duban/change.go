package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/seed"
)

type changesCmd struct {
	Preview changesPreviewCmd `cmd:"" help:"预览一次方案调整：正在办理的事项逐件怎样变化（不需要服务在运行，什么都不改）。"`
	Make    changesMakeCmd    `cmd:"" help:"按预览的内容调整正在运行的方案。"`
}

// changesFile is an amendment as it is written.
type changesFile struct {
	File   string `arg:"" optional:"" help:"调整的内容（YAML 或 JSON，与接口 changes 相同：notice、years、units、measures、ladders、removeLadders、reason）。" type:"existingfile"`
	Notice string `help:"国务院办公厅节假日安排通知的全文（文本文件）。" type:"existingfile" placeholder:"FILE"`
	Plan   string `help:"方案代码（默认：本机数据库中唯一的方案）。" placeholder:"CODE"`
	JSON   bool   `help:"以 JSON 输出。"`
}

// read returns the body that the API takes. What is wrong with the file is told with its lines.
func (f changesFile) read() (api.MakeChangesBody, error) {
	var body api.MakeChangesBody
	if f.File == "" && f.Notice == "" {
		return body, usageError{errors.New(textNoChanges)}
	}
	if f.File != "" {
		content, err := readSome(f.File)
		if err != nil {
			return body, err
		}
		if err := seed.Read(f.File, content, &body); err != nil {
			return body, err
		}
	}
	if f.Notice != "" {
		if body.Notice != "" {
			return body, usageError{errors.New(textTwoNotices)}
		}
		text, err := os.ReadFile(f.Notice)
		if err != nil {
			return body, err
		}
		body.Notice = string(text)
	}
	return body, nil
}

// path returns where the server takes the plan's changes.
func (f changesFile) path(e *env, server *remote) (string, error) {
	code, err := server.planOf(e.ctx, f.Plan)
	return "/api/v1/plans/" + url.PathEscape(code) + "/changes", err
}

type changesPreviewCmd struct {
	changesFile
	Server string `help:"改问正在运行的 duban；不给就看本机的数据。" placeholder:"URL"`
}

// Run implements the command.
func (c changesPreviewCmd) Run(e *env) error {
	body, err := c.read()
	if err != nil {
		return err
	}
	shown, err := c.preview(e, body.ChangesBody)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e.stdout, shown)
	}
	return showChanges(e, shown)
}

func (c changesPreviewCmd) preview(e *env, body api.ChangesBody) (api.ChangesPreview, error) {
	if c.Server == "" {
		return c.recorded(e, body)
	}
	var shown api.ChangesPreview
	server, err := e.dial(c.Server)
	if err != nil {
		return shown, err
	}
	path, err := c.path(e, server)
	if err != nil {
		return shown, err
	}
	return shown, server.call(e.ctx, http.MethodPost, path+"/preview", body, &shown)
}

// recorded previews against the record that there is, as the server does.
func (c changesPreviewCmd) recorded(e *env, body api.ChangesBody) (api.ChangesPreview, error) {
	var none api.ChangesPreview
	a, holidays, err := body.Amendment()
	if err != nil {
		return none, told(err)
	}
	cfg, log, err := e.settings()
	if err != nil {
		return none, err
	}
	s, err := openExisting(e.ctx, cfg, log)
	if err != nil {
		return none, err
	}
	defer s.Close() //nolint:errcheck // only read
	d, err := planOf(e.ctx, s, c.Plan)
	if err != nil {
		return none, err
	}
	until, err := s.KnownUntil(e.ctx, time.Now())
	if err != nil {
		return none, err
	}
	i := &installation{cfg: cfg, log: log, store: s, clock: calendar.Clock{Start: until, Held: true}}
	effects, err := changes{i}.Preview(e.ctx, d.Plan.Code, a)
	return api.ShowChanges(holidays, effects), err
}

type changesMakeCmd struct {
	changesFile
	Reason string `help:"调整的理由，写进受影响事项的台账；文件里写明了 reason 的不必再给。"`
	Server string `help:"正在运行的 duban（默认：本机的）。" placeholder:"URL"`
}

// Run implements the command.
func (c changesMakeCmd) Run(e *env) error {
	body, err := c.read()
	if err != nil {
		return err
	}
	if c.Reason != "" {
		body.Reason = c.Reason
	}
	if strings.TrimSpace(body.Reason) == "" {
		return usageError{errors.New(textNoReason)}
	}
	server, err := e.dial(c.Server)
	if err != nil {
		return err
	}
	path, err := c.path(e, server)
	if err != nil {
		return err
	}
	var made api.ChangesMade
	if err := server.call(e.ctx, http.MethodPost, path, body, &made); err != nil {
		return err
	}
	if made.Seed.Changed {
		if err := server.awaitOpened(e, applyAnswer{Plan: made.Seed.Plan, Due: made.Seed.Due}); err != nil {
			return err
		}
	}
	if c.JSON {
		return writeJSON(e.stdout, made)
	}
	if err := showChanges(e, made.ChangesPreview); err != nil {
		return err
	}
	text := textChangesMade
	if !made.Seed.Changed {
		text = textChangesSame
	}
	_, err = fmt.Fprintf(e.stdout, text, made.Seed.Version)
	return err
}

// showChanges writes what an amendment does as a table.
func showChanges(e *env, p api.ChangesPreview) error {
	for _, line := range p.Holidays {
		if _, err := fmt.Fprintln(e.stdout, line); err != nil {
			return err
		}
	}
	rows := [][]string{changesHeadings}
	counts := map[obligation.EffectKind]int{}
	for _, f := range p.Effects {
		counts[f.Kind]++
		rows = append(rows, []string{f.KindLabel, f.Obligation, f.UnitName, abridged(f.Title, 24), strings.Join(f.Changes, "；")})
	}
	if len(p.Effects) > 0 {
		if err := columns(e.stdout, rows, len(changesHeadings)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(e.stdout, textChangesSum, len(p.Effects), counts[obligation.Rearming], counts[obligation.Withdrawing], counts[obligation.Joining])
	return err
}
