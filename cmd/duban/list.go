package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"duban/calendar"
	"duban/internal/sheet"
	"duban/internal/store"
	"duban/obligation"
	"duban/seed"
	"duban/tasklist"
)

type listCmd struct {
	Preview  listPreviewCmd  `cmd:"" help:"逐行预览清单会怎样改动方案（不需要服务在运行，什么都不改）。"`
	Apply    listApplyCmd    `cmd:"" help:"把清单写进正在运行的方案。"`
	Correct  listCorrectCmd  `cmd:"" help:"写出同一份清单，加一列读不懂的原因；改正后重新导入。"`
	Export   listExportCmd   `cmd:"" help:"导出当年的清单（xlsx）；原样导入没有变化。"`
	Template listTemplateCmd `cmd:"" help:"生成当年的空白清单模板（xlsx）。"`
}

// listPlan says which plan a list belongs to.
type listPlan struct {
	Plan string `help:"方案代码（默认：本机数据库中的方案，没有则为自带的方案）。" placeholder:"CODE"`
	Dir  string `help:"改用这个目录中的方案数据，不看数据库。" type:"existingdir" placeholder:"DIR"`
}

// find returns the definition that a list is read against.
func (p listPlan) find(e *env) (obligation.Definition, error) {
	var out obligation.Definition
	err := p.use(e, func(d obligation.Definition, _ *store.Store) error {
		out = d
		return nil
	})
	return out, err
}

// use lets do work with a plan and the database it stands in; nil where it stands in none. Only where there is no database, or no
// plan in it yet, the plan is the one that the program carries: a list read against another plan than the office's would
// mislead.
func (p listPlan) use(e *env, do func(obligation.Definition, *store.Store) error) error {
	if p.Dir != "" {
		b, err := seed.Load(os.DirFS(p.Dir))
		if err != nil {
			return err
		}
		return do(obligation.Definition{Plan: b.Plan, Calendar: b.Calendar}, nil)
	}
	err := p.recorded(e, do)
	if _, absent := errors.AsType[absentError](err); !absent {
		return err
	}
	b, embeddedErr := seed.Embedded()
	if embeddedErr != nil {
		return embeddedErr
	}
	if p.Plan != "" && p.Plan != b.Plan.Code {
		return err
	}
	return do(obligation.Definition{Plan: b.Plan, Calendar: b.Calendar}, nil)
}

// recorded lets do work with the plan in the settings' database.
func (p listPlan) recorded(e *env, do func(obligation.Definition, *store.Store) error) error {
	s, err := e.record()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read
	d, err := planOf(e.ctx, s, p.Plan)
	if err != nil {
		return err
	}
	return do(d, s)
}

// listChoices are what the office has confirmed, from a file.
type listChoices struct {
	Answers string `help:"逐行的确认（JSON：sheet、columns、answers、withdraw，与接口相同）。" type:"existingfile" placeholder:"FILE"`
}

func (c listChoices) read() (tasklist.Choices, json.RawMessage, error) {
	var out tasklist.Choices
	if c.Answers == "" {
		return out, json.RawMessage("{}"), nil
	}
	text, err := os.ReadFile(c.Answers)
	if err != nil {
		return out, nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&out); err != nil {
		return out, nil, usageError{fmt.Errorf(textBadAnswers, c.Answers, err)}
	}
	return out, text, nil
}

// listFile is a list that is read without a running server, as its preview reads it.
type listFile struct {
	File string `arg:"" help:"清单：xlsx、csv 或 yaml。" type:"existingfile"`
	Year int    `help:"清单的年份。" required:""`
	listPlan
	listChoices
}

// preview reads the list as the server does.
func (f listFile) preview(e *env) (r reading, content []byte, err error) {
	d, err := f.find(e)
	if err != nil {
		return r, nil, err
	}
	choices, _, err := f.read()
	if err != nil {
		return r, nil, err
	}
	if content, err = os.ReadFile(f.File); err != nil {
		return r, nil, err
	}
	if r, err = read(d, tasklist.Import{Year: f.Year, Name: filepath.Base(f.File)}, content, choices); err != nil {
		return r, nil, told(err)
	}
	if _, err := changed(d, r); err != nil {
		r.Faults, err = unsettled(r.Preview, err)
		return r, content, err
	}
	return r, content, nil
}

type listPreviewCmd struct {
	listFile
	JSON bool `help:"以 JSON 输出。"`
}

// Run implements the command.
func (c listPreviewCmd) Run(e *env) error {
	r, _, err := c.preview(e)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e.stdout, struct {
			tasklist.Preview
			Faults []string `json:"faults"` // why it can't be applied as it is
		}{listed(r.Preview), filled(r.Faults)})
	}
	if err := showList(e, r.Preview); err != nil || len(r.Faults) == 0 || len(r.Preview.Pending()) > 0 {
		return err // rows that wait say so themselves
	}
	_, err = fmt.Fprint(e.stdout, textListFaults, strings.Join(r.Faults, "\n"), "\n")
	return err
}

// listed returns a preview whose lists are never null.
func listed(p tasklist.Preview) tasklist.Preview {
	rows := make([]tasklist.Row, len(p.Rows))
	for i, r := range p.Rows {
		r.Lead, r.Units, r.Due, r.Problems = filled(r.Lead), filled(r.Units), filled(r.Due), filled(r.Problems)
		rows[i] = r
	}
	p.Rows = rows
	return p
}

func filled[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

// showList writes a preview as a table, and what it comes to.
func showList(e *env, p tasklist.Preview) error {
	rows := [][]string{listHeadings}
	for _, r := range p.Rows {
		var why []string
		for _, problem := range r.Problems {
			text := strings.TrimSpace(problem.Cell + " " + problem.Reason)
			if problem.Proposal != "" {
				text += "（" + problem.Proposal + "）"
			}
			why = append(why, text)
		}
		why = append(why, r.Changes...)
		rows = append(rows, []string{
			strconv.Itoa(r.Row), r.Outcome.Chinese(), r.Measure, abridged(r.Title, 24), strconv.Itoa(len(r.Units)), dates(r.Due), strings.Join(why, "；"),
		})
	}
	if err := columns(e.stdout, rows, len(listHeadings)); err != nil {
		return err
	}
	created, updated, unchanged, skipped := p.Counts()
	_, err := fmt.Fprintf(e.stdout, textListSum, len(p.Rows), created, updated, unchanged, skipped, len(p.Rows)-created-updated-unchanged-skipped)
	if err == nil && len(p.Missing) > 0 {
		_, err = fmt.Fprintf(e.stdout, textListMissing, strings.Join(p.Missing, "、"))
	}
	return err
}

func dates(due []calendar.Date) string {
	var out []string
	for _, d := range due {
		out = append(out, d.String())
	}
	if len(out) > 3 {
		out = append(out[:2], "…", out[len(out)-1])
	}
	return strings.Join(out, "、")
}

// abridged returns the text, or its beginning where it is longer.
func abridged(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

type listApplyCmd struct {
	File   string `arg:"" help:"清单：xlsx、csv 或 yaml。" type:"existingfile"`
	Year   int    `help:"清单的年份。" required:""`
	Reason string `help:"调整的理由，写进受影响事项的台账。" required:""`
	Plan   string `help:"方案代码。" default:"changning-2024" placeholder:"CODE"`
	Server string `help:"正在运行的 duban（默认：本机的）。" placeholder:"URL"`
	listChoices
}

// Run implements the command.
func (c listApplyCmd) Run(e *env) error {
	_, choices, err := c.read()
	if err != nil {
		return err
	}
	file, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	server, err := e.dial(c.Server)
	if err != nil {
		return err
	}
	base := "/api/v1/plans/" + url.PathEscape(c.Plan)
	var brought struct {
		Import struct {
			ID string `json:"id"`
		} `json:"import"`
	}
	query := url.Values{"year": {strconv.Itoa(c.Year)}, "name": {filepath.Base(c.File)}}
	if err := server.upload(e.ctx, base+"/lists?"+query.Encode(), file, &brought); err != nil {
		return err
	}
	body := map[string]any{}
	if err := json.Unmarshal(choices, &body); err != nil {
		return err
	}
	body["reason"] = c.Reason
	var done struct {
		Import struct {
			Created, Updated, Unchanged, Skipped int
		} `json:"import"`
		Seed applyAnswer `json:"seed"`
	}
	if err := server.call(e.ctx, http.MethodPost, base+"/lists/"+brought.Import.ID+"/apply", body, &done); err != nil {
		return err
	}
	if done.Seed.Changed {
		if err := server.awaitOpened(e, done.Seed); err != nil {
			return err
		}
	}
	i := done.Import
	_, err = fmt.Fprintf(e.stdout, textListApplied, i.Created, i.Updated, i.Unchanged, i.Skipped, done.Seed.Version)
	return err
}

type listExportCmd struct {
	Out  string `arg:"" help:"写到哪个文件（xlsx）。" type:"path"`
	Year int    `help:"年份。" required:""`
	listPlan
}

// Run implements the command. Where there is a database, the list says of each measure how it stands.
func (c listExportCmd) Run(e *env) error {
	return c.use(e, func(d obligation.Definition, s *store.Store) error {
		var status map[string]string
		if s != nil {
			cfg, _, err := e.settings()
			if err != nil {
				return err
			}
			clock, err := s.Installation(e.ctx, cfg.Clock.At(time.Now(), obligation.Location(zone)))
			if err != nil {
				return err
			}
			if status, err = standingOf(e.ctx, s, d, c.Year, clock.Business(time.Now())); err != nil {
				return err
			}
		}
		_, content, err := exported(d, c.Year, status)
		if err != nil {
			return err
		}
		return os.WriteFile(c.Out, content, 0o600)
	})
}

type listCorrectCmd struct {
	listFile
	Out string `arg:"" help:"写到哪个文件（xlsx）。" type:"path"`
}

// Run implements the command.
func (c listCorrectCmd) Run(e *env) error {
	r, file, err := c.preview(e)
	if err != nil {
		return err
	}
	content, err := sheet.Annotate(file, filepath.Base(c.File), r.Sheet, r.Preview.Reasons())
	if err != nil {
		return err
	}
	return os.WriteFile(c.Out, content, 0o600)
}

type listTemplateCmd struct {
	Out  string `arg:"" help:"写到哪个文件（xlsx）。" type:"path"`
	Year int    `help:"年份。" required:""`
	listPlan
}

// Run implements the command.
func (c listTemplateCmd) Run(e *env) error {
	d, err := c.find(e)
	if err != nil {
		return err
	}
	_, content, err := template(d, c.Year)
	if err != nil {
		return err
	}
	return os.WriteFile(c.Out, content, 0o600)
}
