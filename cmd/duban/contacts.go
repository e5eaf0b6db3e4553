package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"duban/internal/sheet"
	"duban/plan"
	"duban/tasklist"
)

type contactsCmd struct {
	Import contactsImportCmd `cmd:"" help:"从名册（xlsx、csv）成批更换各单位的联络员：名册里有的单位整组替换，其余不动。"`
}

type contactsImportCmd struct {
	File   string `arg:"" help:"名册：须有“单位”“姓名”两列，另可有手机、邮箱、企业微信、钉钉、飞书。" type:"existingfile"`
	Reason string `help:"更换的理由。" default:"更新联络员名册"`
	Server string `help:"正在运行的 duban（默认：本机的）。" placeholder:"URL"`
	listPlan
}

// Run implements the command.
func (c contactsImportCmd) Run(e *env) error {
	d, err := c.find(e)
	if err != nil {
		return err
	}
	units, err := readContacts(c.File, d.Plan)
	if err != nil {
		return err
	}
	type change struct {
		Code     string         `json:"code"`
		Contacts []plan.Contact `json:"contacts"`
	}
	body := struct {
		Units  []change `json:"units"`
		Reason string   `json:"reason"`
	}{Reason: c.Reason}
	people := 0
	for _, u := range units {
		body.Units = append(body.Units, change{u.Unit, u.Contacts})
		people += len(u.Contacts)
	}
	server, err := e.dial(c.Server)
	if err != nil {
		return err
	}
	var done struct{}
	if err := server.call(e.ctx, http.MethodPost, "/api/v1/plans/"+url.PathEscape(d.Plan.Code)+"/changes", body, &done); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, textContacts, len(units), people)
	return err
}

// readContacts reads a table of contacts. What can't be read is told all at once, one line each.
func readContacts(file string, p plan.Plan) ([]tasklist.UnitContacts, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	book, err := sheet.Read(bytes.NewReader(content), int64(len(content)), filepath.Base(file))
	if err != nil {
		return nil, err
	}
	units, problems := tasklist.ReadContacts(book.Sheets[0], p)
	var lines []string
	for _, problem := range problems {
		lines = append(lines, problem.String())
	}
	if len(lines) > 0 {
		return nil, errors.New(strings.Join(lines, "\n"))
	}
	return units, nil
}
