//go:build unix

// Package cluster starts, on one machine, the Temporal server as it runs on many: its services as processes of their own, built
// from its module, on PostgreSQL. Everything listens on loopback.
package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Services are the processes of the Temporal server, in the order in which they are started. The histories of all workflows are
// shared out among those named history.
var Services = []string{"frontend", "matching", "history-1", "history-2", "worker"}

// Cluster is a running cluster. Close ends it.
type Cluster struct {
	HostPort  string // of its frontend
	Namespace string
	Postgres  *Process
	Services  map[string]*Process // by the names in Services

	folder   string
	programs string
	port     int    // of PostgreSQL
	data     string // and its folder
}

// Namespace is the one that a cluster is given.
const Namespace = "safety"

// retention is how long a closed workflow's history is kept.
const retention = 3 * 365 * 24 * time.Hour

// Start starts a cluster whose files lie in the folder, which must not exist. programs is where Build put the server.
func Start(ctx context.Context, folder, programs string) (*Cluster, error) {
	c := &Cluster{Namespace: Namespace, Services: map[string]*Process{}, folder: folder, programs: programs}
	if err := c.start(ctx); err != nil {
		for _, p := range c.Processes() {
			if p != nil {
				err = fmt.Errorf("%w\n%s: %s", err, p.Name, p.Tail())
			}
		}
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Build builds the Temporal server's programs into the folder; source is the folder of their module, test/cluster/server.
func Build(ctx context.Context, source, folder string) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", folder+string(filepath.Separator), "tool")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the Temporal server: %w\n%s", err, out)
	}
	return nil
}

func (c *Cluster) start(ctx context.Context) error {
	if err := os.Mkdir(c.folder, 0o755); err != nil {
		return err
	}
	if err := c.startPostgres(ctx); err != nil {
		return err
	}
	if err := c.schema(ctx); err != nil {
		return err
	}
	if err := c.configure(); err != nil {
		return err
	}
	for n, name := range Services {
		if err := c.Services[name].Start(); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		// The first writes what the cluster is, and of several that try at once only one goes on.
		if err := c.register(ctx); err != nil {
			return err
		}
	}
	return c.AwaitReady(ctx)
}

// Close ends everything, the services first.
func (c *Cluster) Close() error {
	var faults []error
	for _, name := range slices.Backward(Services) {
		if p := c.Services[name]; p != nil {
			faults = append(faults, p.Kill())
		}
	}
	if c.Postgres != nil {
		faults = append(faults, c.Postgres.Kill())
	}
	if c.data != "" {
		faults = append(faults, os.RemoveAll(c.data))
	}
	return errors.Join(faults...)
}

// Processes returns all of them.
func (c *Cluster) Processes() []*Process {
	out := []*Process{c.Postgres}
	for _, name := range Services {
		out = append(out, c.Services[name])
	}
	return out
}

// The names of PostgreSQL's databases and of who owns them.
const (
	owner      = "temporal"
	history    = "temporal"
	visibility = "temporal_visibility"
)

// connections are what all services together may open, and some.
const connections = 300

// startPostgres makes a database server of its own: PostgreSQL refuses to run as root, so root lends it Debian's user.
func (c *Cluster) startPostgres(ctx context.Context) error {
	daemon, err := debian("postgres")
	if err != nil {
		return err
	}
	initdb, err := debian("initdb")
	if err != nil {
		return err
	}
	as, err := unprivileged()
	if err != nil {
		return err
	}
	ports, err := freePorts(1)
	if err != nil {
		return err
	}
	c.port = ports[0]
	// The other user may not enter the cluster's folder.
	data, err := os.MkdirTemp("", "duban-postgres-")
	if err != nil {
		return err
	}
	c.data = data
	if as != nil {
		if err := os.Chown(data, int(as.Uid), int(as.Gid)); err != nil {
			return err
		}
	}
	init := exec.CommandContext(ctx, initdb, "--pgdata="+data, "--username="+owner, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	init.Dir, init.SysProcAttr = data, &syscall.SysProcAttr{Credential: as}
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	// -F: no power is cut here, and the disk of a test is slow.
	c.Postgres = newProcess(c.folder, "postgres", as, daemon, "-F", "-D", data, "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-k", "",
		"-c", fmt.Sprintf("max_connections=%d", connections))
	// It has to end its own children, which hold on to the data: at once and without writing anything (QUIT), or after the open
	// transactions were rolled back (INT).
	c.Postgres.kill, c.Postgres.stop = syscall.SIGQUIT, syscall.SIGINT
	return c.Postgres.Start()
}

// debian finds a program of PostgreSQL, which Debian keeps in a folder of its version.
func debian(name string) (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return slices.Max(found), nil
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("PostgreSQL is not installed (%s not found): run `make setup`", name)
	}
	return path, nil
}

func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, errU := strconv.ParseUint(u.Uid, 10, 32)
	gid, errG := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errU, errG)
}

// schema makes the server's databases, by its own tool.
func (c *Cluster) schema(ctx context.Context) error {
	for _, database := range []string{history, visibility} {
		tool := func(args ...string) error {
			all := append([]string{"--plugin", "postgres12", "--ep", "127.0.0.1", "-p", strconv.Itoa(c.port), "-u", owner, "--db", database}, args...)
			out, err := exec.CommandContext(ctx, filepath.Join(c.programs, "sql"), all...).CombinedOutput()
			if err != nil {
				return fmt.Errorf("schema of %s: %w\n%s", database, err, out)
			}
			return nil
		}
		if err := await(ctx, "PostgreSQL", func() error { return tool("create") }); err != nil {
			return err
		}
		name := "postgresql/v12/temporal"
		if database == visibility {
			name = "postgresql/v12/visibility"
		}
		if err := tool("setup-schema", "--version", "0.0"); err != nil {
			return err
		}
		if err := tool("update-schema", "--schema-name", name); err != nil {
			return err
		}
	}
	return nil
}

//go:embed server.yaml
var settings string

// configure writes the settings of every service: they differ in the ports.
func (c *Cluster) configure() error {
	form, err := template.New("server.yaml").Parse(settings)
	if err != nil {
		return err
	}
	dynamic := filepath.Join(c.folder, "dynamic.yaml")
	if err := os.WriteFile(dynamic, []byte(dynamicSettings), 0o600); err != nil {
		return err
	}
	ports, err := freePorts(2 * len(Services))
	if err != nil {
		return err
	}
	c.HostPort = fmt.Sprintf("127.0.0.1:%d", ports[0])
	// Every process has to know a port of every service, and its own.
	all := map[string]port{}
	for n, name := range slices.Backward(Services) {
		all[serviceOf(name)] = port{ports[2*n], ports[2*n+1]}
	}
	for n, name := range Services {
		service := serviceOf(name)
		own := maps.Clone(all)
		own[service] = port{ports[2*n], ports[2*n+1]}
		file := filepath.Join(c.folder, name+".yaml")
		f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fs.FileMode(0o600))
		if err != nil {
			return err
		}
		err = form.Execute(f, map[string]any{
			"Postgres": c.port, "Owner": owner, "History": history, "Visibility": visibility, "Frontend": c.HostPort, "Dynamic": dynamic,
			"Ports": own,
		})
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		c.Services[name] = newProcess(c.folder, name, nil, filepath.Join(c.programs, "server"),
			"--config-file", file, "--allow-no-auth", "start", "--service", service)
	}
	return nil
}

type port struct{ GRPC, Membership int }

// serviceOf returns the service of a process: history of history-2.
func serviceOf(name string) string {
	service, _, _ := strings.Cut(name, "-")
	return service
}

// dynamicSettings are what an operator sets for duban (see docs/operating.md), and more questions a second for whoever watches.
const dynamicSettings = `system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute:
  - value: 2
frontend.namespaceRPS:
  - value: 20000
frontend.rps:
  - value: 20000
frontend.namespaceRPS.visibility:
  - value: 1000
`

// ask calls the frontend until it answers as wanted.
func (c *Cluster) ask(ctx context.Context, what string, try func(workflowservice.WorkflowServiceClient) error) error {
	connection, err := grpc.NewClient(c.HostPort, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	server := workflowservice.NewWorkflowServiceClient(connection)
	return await(ctx, what, func() error { return try(server) })
}

// register makes the namespace.
func (c *Cluster) register(ctx context.Context) error {
	return c.ask(ctx, "the frontend", func(server workflowservice.WorkflowServiceClient) error {
		_, err := server.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: c.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
		})
		if status.Code(err) == codes.AlreadyExists {
			return nil
		}
		return err
	})
}

// AwaitReady returns when the cluster knows its namespace, and all that takes part in a workflow answers.
func (c *Cluster) AwaitReady(ctx context.Context) error {
	return c.ask(ctx, "the cluster", func(server workflowservice.WorkflowServiceClient) error {
		nobody := &commonpb.WorkflowExecution{WorkflowId: "nobody"}
		_, err := server.DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{Namespace: c.Namespace, Execution: nobody})
		if status.Code(err) != codes.NotFound || strings.Contains(err.Error(), c.Namespace) {
			return fmt.Errorf("history: %w", err)
		}
		_, err = server.DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
			Namespace: c.Namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: "nobody"}, TaskQueueType: enumspb.TASK_QUEUE_TYPE_WORKFLOW,
		})
		return err
	})
}

// How long a part of the cluster may take to come up, and how often it is asked.
const (
	comingUp = 2 * time.Minute
	askEvery = 250 * time.Millisecond
)

func await(ctx context.Context, what string, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, comingUp)
	defer cancel()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not come up: %w", what, err)
		case <-tick.C:
		}
	}
}
