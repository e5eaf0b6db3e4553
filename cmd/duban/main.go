// Command duban (督办) follows a government safety plan through: it reminds, escalates and keeps the record.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // the plan's zone must be known on machines without a zone database

	"github.com/alecthomas/kong"

	"duban/api"
	"duban/internal/config"
	"duban/internal/telemetry"
	"duban/web"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK    = 0
	exitFault = 1 // it could not be done, or what was checked has faults
	exitUsage = 2 // the command line or the settings are wrong
)

type cli struct {
	Config string            `help:"设置文件（默认：当前目录的 duban.yaml，有则读取）。" type:"path" placeholder:"FILE"`
	Set    map[string]string `help:"改一项设置，可重复：--set listen.address=127.0.0.1:9000。" placeholder:"KEY=VALUE" mapsep:"none"`

	Serve    serveCmd    `cmd:"" help:"在一个进程里运行全部（内嵌引擎，默认用 SQLite）；首次启动自动载入方案。"`
	Worker   workerCmd   `cmd:"" help:"运行工作进程，连接外部 Temporal 集群。"`
	API      apiCmd      `cmd:"" name:"api" help:"运行接口进程，连接外部 Temporal 集群。"`
	Seed     seedCmd     `cmd:"" help:"查看、检查或载入方案数据。"`
	Preview  previewCmd  `cmd:"" help:"列出今后每一步提醒和升级（不需要服务在运行）。"`
	Rehearse rehearseCmd `cmd:"" help:"按情景推演整个方案：每一次提醒、文书、约谈，每周负荷，终了状态（不需要服务在运行）。"`
	Export   exportCmd   `cmd:"" help:"导出一件责任事项的卷宗。"`
	Verify   verifyCmd   `cmd:"" help:"核验台账的哈希链、文书编号和读模型，或一份导出的卷宗。"`
	Replay   replayCmd   `cmd:"" help:"升级前用本程序试跑：运行中的每一个流程和历次版本录下的历史，发现第一处不同即停下；什么都不改。"`
	Doctor   doctorCmd   `cmd:"" help:"检查有没有卡住的、丢失的、快要出问题的，各怎样修复；用 --fix 修复。"`
	Rebuild  rebuildCmd  `cmd:"" help:"按台账重建读模型，只写有出入的，再核对到没有出入为止（服务是否在运行都可以）。"`
	Backup   backupCmd   `cmd:"" help:"备份台账、材料和内嵌引擎到一个文件（服务可以在运行），或核验一份备份。"`
	Restore  restoreCmd  `cmd:"" help:"把一份备份恢复到空目录，并核验。"`
	Move     moveCmd     `cmd:"" help:"把已停止的单机安装迁到设置所指的 MySQL 和外部集群：台账、材料、运行中的流程；原安装不动。"`
	Training trainingCmd `cmd:"" help:"驾驭正在运行的演练：看进度、暂停、继续、换速度、扮演单位。"`
	WhatIf   whatIfCmd   `cmd:"" name:"whatif" help:"回放试算：按台账重来一遍，换一个阶梯、期限或日历，会有什么不同；不留痕迹。"`
	Assess   assessCmd   `cmd:"" help:"半年考核评估的试算：按台账和评分规则给各单位计分，逐条可查；不留痕迹。"`
	Report   reportCmd   `cmd:"" help:"半年进展情况报告（docx，带图表）：数字与统计页面相同；读台账，不留痕迹。"`
	Monthly  monthlyCmd  `cmd:"" help:"一个月的月报：谁报了、谁没报，任务清单完成情况；可以存为表格或报告。"`
	Hazards  hazardsCmd  `cmd:"" help:"隐患台账：列出、导出、预览和导入清单。"`
	List     listCmd     `cmd:"" help:"年度工作任务清单：预览、应用、导出、模板。"`
	Changes  changesCmd  `cmd:"" help:"年度中间的调整：节假日、单位、分项任务、升级阶梯；先预览，再调整。"`
	Contacts contactsCmd `cmd:"" help:"各单位联络员的成批更换。"`
	Account  accountCmd  `cmd:"" help:"账号：开立、停用、重新签发一次性链接（在服务器本机操作，服务是否在运行都可以）。"`
	Key      keyCmd      `cmd:"" help:"管理加密流程数据的密钥（不需要服务在运行）。"`
	Notify   notifyCmd   `cmd:"" help:"查验通知渠道。"`
	Version  versionCmd  `cmd:"" help:"显示版本。"`
}

// env is what every command runs in.
type env struct {
	ctx    context.Context
	cli    *cli
	vars   []string
	stdout io.Writer
	stderr io.Writer
}

// settings loads the configuration and the logger it asks for.
func (e *env) settings() (config.Config, *slog.Logger, error) {
	cfg, err := config.Load(config.Options{File: e.cli.Config, Env: e.vars, Overrides: e.cli.Set})
	if err != nil {
		return cfg, nil, usageError{err}
	}
	options := &slog.HandlerOptions{Level: cfg.Log.Level}
	log := slog.New(slog.NewTextHandler(e.stderr, options))
	if cfg.Log.Format == config.LogJSON {
		log = slog.New(slog.NewJSONHandler(e.stderr, options))
	}
	return cfg, telemetry.Logger(log, web.About, api.About), nil
}

// usageError is an error that the caller mends on the command line or in the settings.
type usageError struct{ error }

// Unwrap returns what is wrong.
func (e usageError) Unwrap() error { return e.error }

func run(ctx context.Context, args, vars []string, stdout, stderr io.Writer) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("duban"), kong.Description("督办：让方案里的每一件事有人催、有人办、有据可查。"),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }), kong.UsageOnError())
	if err != nil {
		return fail(stderr, err)
	}
	parser.Model.HelpFlag.Help = textHelp
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		return fail(stderr, usageError{fmt.Errorf(textCommandLine, err)})
	}
	if err := parsed.Run(&env{ctx: ctx, cli: &c, vars: vars, stdout: stdout, stderr: stderr}); err != nil {
		return fail(stderr, err)
	}
	return exitOK
}

// fail says what went wrong. Every line stands for one fault.
func fail(stderr io.Writer, err error) int {
	for line := range strings.Lines(strings.TrimSpace(err.Error())) {
		fmt.Fprintf(stderr, "duban: %s\n", strings.TrimRight(line, "\n"))
	}
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFault
}

type versionCmd struct{}

// Run implements the command.
func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, "duban", version)
	return err
}
