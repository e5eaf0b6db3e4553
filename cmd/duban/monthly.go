package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"duban/api"
	"duban/monthly"
	"duban/statistics"
)

type monthlyCmd struct {
	Month  string `arg:"" help:"哪个月，如 2025-06。"`
	Format string `help:"输出格式：text、json、xlsx（表格）或 docx（报告）。" enum:"text,json,xlsx,docx" default:"text"`
	Output string `short:"o" type:"path" placeholder:"FILE" help:"写到哪个文件，不覆盖已有的；不给的，text、json 直接显示，其余写到当前目录。"`
	Plan   string `help:"方案代码（默认：唯一的方案）。" placeholder:"CODE"`
	Server string `help:"正在运行的 duban（默认：本机的）。" placeholder:"URL"`
}

// Run implements the command.
func (c monthlyCmd) Run(e *env) error {
	month, ok := monthly.Parse(c.Month)
	if !ok {
		return usageError{fmt.Errorf(textMonth, c.Month)}
	}
	server, err := e.dial(c.Server)
	if err != nil {
		return err
	}
	code, err := server.planOf(e.ctx, c.Plan)
	if err != nil {
		return err
	}
	path := "/api/v1/plans/" + url.PathEscape(code) + "/monthly/" + string(month)
	content, err := c.content(e, server, path)
	if err != nil {
		return err
	}
	output := c.Output
	if output == "" && (c.Format == "xlsx" || c.Format == "docx") {
		output = "monthly-" + string(month) + "." + c.Format
	}
	if output == "" {
		_, err = e.stdout.Write(content)
		return err
	}
	f, err := os.OpenFile(output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return usageError{fmt.Errorf(textNoOutput, output)}
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, textMonthWritten, output)
	return err
}

// content returns the month in the format that was asked for.
func (c monthlyCmd) content(e *env, server *remote, path string) ([]byte, error) {
	switch c.Format {
	case "xlsx":
		return server.fetch(e.ctx, path+"/export")
	case "docx":
		return server.fetch(e.ctx, path+"/report")
	}
	var out bytes.Buffer
	var m api.MonthlySummary
	if err := server.call(e.ctx, http.MethodGet, path, nil, &m); err != nil {
		return nil, err
	}
	if c.Format == "json" {
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err := encoder.Encode(m)
		return out.Bytes(), err
	}
	err := showMonth(&out, m)
	return out.Bytes(), err
}

// showMonth writes who has reported, and how the list of tasks stands by action.
func showMonth(w io.Writer, m api.MonthlySummary) error {
	n := m.Counts
	fmt.Fprintf(w, textMonthCounts, m.Label, m.At.Format(minute), n.Units, n.Reported, n.OnTime, n.Late, n.Zero, n.Missing, n.Pending)
	rows := [][]string{monthHeadings}
	for _, entry := range m.Entries {
		status := entry.StatusLabel
		if entry.Zero {
			status += textMonthZero
		}
		reported := ""
		if !entry.Reported.IsZero() {
			reported = entry.Reported.Format(minute)
		}
		rows = append(rows, []string{entry.UnitName, status, reported, entry.Liaison, entry.RungLabel})
	}
	if err := columns(w, rows, len(monthHeadings)); err != nil {
		return err
	}
	fmt.Fprintf(w, textMonthTasks, m.CutLabel)
	rows = [][]string{monthFigureHeadings}
	for _, r := range append(m.Actions, api.MonthlyRow{Name: textAssessTotal, Month: m.Total.Month, Year: m.Total.Year}) {
		row := []string{r.Name}
		for _, n := range []int{r.Month.Counted, r.Month.Closed, r.Month.Overdue, r.Year.Counted, r.Year.Closed, r.Year.Overdue} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, append(row, statistics.Percent(r.Year.Completion, r.Year.Counted > 0)))
	}
	return columns(w, rows, 1)
}
