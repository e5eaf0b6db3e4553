package main

import (
	"fmt"
	"os"

	"duban/plan"
	"duban/seed"
)

type seedDraftCmd struct {
	Out    string `arg:"" help:"写到哪个目录（须不存在或没有同名文件）。" type:"path"`
	Code   string `help:"新方案的代码。" required:"" placeholder:"CODE"`
	Number string `help:"新方案的文号。" required:""`
	Title  string `help:"新方案的标题。" required:""`
	Issued string `help:"印发日期。" required:"" placeholder:"YYYY-MM-DD"`
	Years  int    `help:"各项日期顺延几年。" default:"3"`
	bundleFlag
}

// Run implements the command.
func (c seedDraftCmd) Run(e *env) error {
	issued, err := parseDay(c.Issued)
	if err != nil {
		return err
	}
	b, err := c.load()
	if err != nil {
		return err
	}
	next := *b
	next.Plan = b.Plan.Next(plan.Draft{Code: c.Code, Number: c.Number, Title: c.Title, Issued: issued, Years: c.Years})
	if err := seed.Write(c.Out, &next); err != nil {
		return err
	}
	if _, err := seed.Load(os.DirFS(c.Out)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, textDrafted, c.Out, len(next.Plan.Tasks), len(next.Plan.Measures), next.Plan.From, next.Plan.To)
	return err
}
