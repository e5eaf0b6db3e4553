// Package devserver runs the Temporal server inside this process, on SQLite files, for the installation that is one
// binary, and offers Temporal's UI as a handler, for any server. The embedded server listens on loopback only, and answers
// nobody without the token of this start.
//
// The data folder holds engine.db (workflows), visibility.db (the list of workflows as the UI shows it),
// engine.json (which server wrote them, with how many history shards) and engine.lock. docs/engine.md records
// what was measured when the settings were chosen.
package devserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/headers"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// ServerVersion is the version of the Temporal server linked into this binary.
const ServerVersion = headers.ServerVersion

const (
	defaultNamespace = "duban"
	defaultHostPort  = "127.0.0.1:7233"
	clusterName      = "active"

	// stopTimeout is how long Close waits for the services, which need a tenth of a second.
	stopTimeout = 10 * time.Second

	mainStore       = "main"
	visibilityStore = "visibility"
)

// Options says where the engine keeps its data and where it listens.
type Options struct {
	// DataDir is the folder of the engine's files; it is created with mode 0700 and belongs to one process at a time.
	DataDir string
	// Namespace defaults to "duban".
	Namespace string
	// Retention is how long closed histories are kept, at least an hour; default ten years.
	Retention time.Duration
	// HostPort is the frontend's gRPC address, default "127.0.0.1:7233"; port 0 lets the system choose.
	HostPort string
	// SearchAttributes are registered in the namespace; more may be added at a later start, none changes its type.
	SearchAttributes map[string]enumspb.IndexedValueType
	// Synchronous is SQLite's pragma for workflows: OFF, NORMAL, FULL or EXTRA. The default FULL loses nothing
	// that was acknowledged when the power fails.
	Synchronous string
	// StickyCacheSize is how many workflows the SDK workers of this process keep in memory, all workers together;
	// default 500. The SDK fixes it when its first worker starts, and that is one of the server's own, so it
	// has to be given here: worker.SetStickyWorkflowCacheSize comes too late after Start.
	StickyCacheSize int
	// NamespaceRefresh is how soon the services see what others change in a namespace, at least a second; default a
	// minute, since nothing but this process does. A cluster has two seconds.
	NamespaceRefresh time.Duration
	// Logger receives what the server says; default slog.Default().
	Logger *slog.Logger
	// LogLevel is the least level passed on; default slog.LevelWarn.
	LogLevel slog.Leveler

	// Meter takes the server's own metrics; default none.
	Meter metric.Meter
}

func (o Options) withDefaults() (Options, error) {
	o.Namespace = cmp.Or(o.Namespace, defaultNamespace)
	o.Retention = cmp.Or(o.Retention, defaultRetention)
	o.HostPort = cmp.Or(o.HostPort, defaultHostPort)
	o.Synchronous = strings.ToUpper(cmp.Or(o.Synchronous, "FULL"))
	o.StickyCacheSize = cmp.Or(o.StickyCacheSize, 500)
	o.NamespaceRefresh = max(cmp.Or(o.NamespaceRefresh, time.Minute), time.Second)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.LogLevel == nil {
		o.LogLevel = slog.LevelWarn
	}
	switch {
	case o.DataDir == "":
		return o, fail(ErrOptions, textNoDataDir, nil)
	case o.Retention < time.Hour:
		return o, fail(ErrOptions, textRetention, nil)
	}
	switch o.Synchronous {
	case "OFF", "NORMAL", "FULL", "EXTRA":
	default:
		return o, fail(ErrOptions, textSynchronous(o.Synchronous), nil)
	}
	_, _, err := assignSlots(nil, o.SearchAttributes)
	return o, err
}

// Server is a running engine.
type Server struct {
	namespace string
	hostPort  string
	inside    map[primitives.ServiceName]string // the addresses of the services behind the frontend
	gate      gate

	data   *dataDir
	engine temporal.Server
	phase  *phase

	closeOnce sync.Once
	closeErr  error
}

// Start opens the data folder and brings up all services in this process. It returns once the namespace can be
// used and its search attributes are registered. Errors the operator can mend are *Error; after an error nothing
// keeps running and the folder is unlocked. A cancelled ctx ends the wait and stops what had started.
func Start(ctx context.Context, o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	frontend, err := listenLoopback(o.HostPort)
	if err != nil {
		return nil, err
	}
	defer func() { _ = frontend.Close() }()
	s := &Server{namespace: o.Namespace, hostPort: frontend.Addr().String(), gate: newGate(), phase: &phase{}}
	if s.data, err = openDataDir(o.DataDir); err != nil {
		return nil, err
	}
	if err := s.start(ctx, o, frontend); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options, frontend net.Listener) error {
	cfg, hosts, err := s.config(o, frontend)
	if err != nil {
		return err
	}
	if err := ensureNamespace(ctx, &cfg.Persistence, o); err != nil {
		return err
	}
	if err := s.startEngine(o, cfg, hosts); err != nil {
		return err
	}
	if err := s.await(ctx); err != nil {
		return err
	}
	s.phase.v.Store(phaseRunning)
	return nil
}

// services are those of a server, with an internal frontend for the server's own workers: it asks for no token.
var services = []primitives.ServiceName{
	primitives.FrontendService, primitives.InternalFrontendService, primitives.HistoryService, primitives.MatchingService,
	primitives.WorkerService,
}

// config wires the services. Every port is chosen by the system while all chosen ones are still held open, so
// that no two services get the same; they are let go just before the services open them.
func (s *Server) config(o Options, frontend net.Listener) (*config.Config, map[primitives.ServiceName]static.Hosts, error) {
	cfg := &config.Config{Services: map[string]config.Service{}}
	hosts := map[primitives.ServiceName]static.Hosts{}
	s.inside = map[primitives.ServiceName]string{}
	for _, name := range services {
		l := frontend
		if name != primitives.FrontendService {
			var err error
			if l, err = listenLoopback("127.0.0.1:0"); err != nil {
				return nil, nil, err
			}
			s.inside[name] = l.Addr().String()
		}
		defer func() { _ = l.Close() }()
		addr := l.Addr().(*net.TCPAddr)
		cfg.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: addr.Port, BindOnIP: addr.IP.String()}}
		hosts[name] = static.SingleLocalHost(addr.String())
	}

	cfg.Global.Membership = config.Membership{MaxJoinDuration: 10 * time.Second, BroadcastAddress: "127.0.0.1"}
	cfg.Persistence = config.Persistence{
		DefaultStore:     mainStore,
		VisibilityStore:  visibilityStore,
		NumHistoryShards: s.data.record.HistoryShards,
		DataStores: map[string]config.DataStore{
			mainStore: {SQL: sqlConfig(s.data.file(mainFile), o.Synchronous, 8)},
			// The list of workflows is derived: duban's own pages read duban's own database, and the tasks that
			// write the list are kept in the main store until acknowledged. So a power cut may cost it its last
			// moments, but never its consistency, and it is spared a sync per write.
			visibilityStore: {SQL: sqlConfig(s.data.file(visibilityFile), "NORMAL", 4)},
		},
	}
	cfg.ClusterMetadata = &cluster.Config{
		FailoverVersionIncrement: 10,
		MasterClusterName:        clusterName,
		CurrentClusterName:       clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{
			clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: s.hostPort},
		},
	}
	cfg.DCRedirectionPolicy = config.DCRedirectionPolicy{Policy: "noop"}
	cfg.Archival = config.Archival{
		History:    config.HistoryArchival{State: config.ArchivalDisabled},
		Visibility: config.VisibilityArchival{State: config.ArchivalDisabled},
	}
	cfg.NamespaceDefaults = config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
		History:    config.HistoryArchivalNamespaceDefaults{State: config.ArchivalDisabled},
		Visibility: config.VisibilityArchivalNamespaceDefaults{State: config.ArchivalDisabled},
	}}
	return cfg, hosts, nil
}

// errGaveUp stands for a service that ended its goroutine instead of returning; its reason is in the log.
var errGaveUp = errors.New("a service gave up while starting")

// startEngine brings the services up. They run in a goroutine of their own because a fatal error of theirs ends
// the goroutine it happens in.
func (s *Server) startEngine(o Options, cfg *config.Config, hosts map[primitives.ServiceName]static.Hosts) error {
	insiders, err := newInsiders()
	if err != nil {
		return fail(ErrStart, textStart, err)
	}
	names := make([]string, len(services))
	for i, name := range services {
		names[i] = string(name)
	}
	log := &logger{to: o.Logger.With("component", "temporal"), level: o.LogLevel, phase: s.phase}
	measures, err := measuring(o.Meter, log)
	if err != nil {
		return fail(ErrStart, textStart, err)
	}
	done := make(chan error, 1)
	go func() {
		err := errGaveUp
		defer func() { done <- err }()
		engine, newErr := temporal.NewServer(
			temporal.WithConfig(cfg),
			temporal.ForServices(names),
			temporal.WithStaticHosts(hosts),
			temporal.WithLogger(log),
			temporal.WithAuthorizer(s.gate),
			temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return s.gate }),
			temporal.WithTLSConfigFactory(insiders),
			temporal.WithCustomMetricsHandler(measures),
			temporal.WithDynamicConfigClient(tuning(o)),
		)
		if newErr != nil {
			err = newErr
			return
		}
		s.engine = engine
		startErr := engine.Start()
		err = startErr
	}()
	if err := <-done; err != nil {
		return fail(ErrStart, textStart, err)
	}
	return nil
}

// await returns when the frontend answers for the namespace.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, err := grpc.NewClient(s.hostPort, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fail(ErrStart, textStart, err)
	}
	defer func() { _ = conn.Close() }()
	client := workflowservice.NewWorkflowServiceClient(conn)
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+s.gate.token)
	for {
		_, err = client.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.namespace},
			grpc.WaitForReady(true))
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fail(ErrStart, textStart, errors.Join(context.Cause(ctx), err))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// HostPort is the frontend's gRPC address, with the port in effect.
func (s *Server) HostPort() string { return s.hostPort }

// Token is what callers of the frontend show as a bearer token. It is another one after every start.
func (s *Server) Token() string { return s.gate.token }

// Namespace is the name of the namespace.
func (s *Server) Namespace() string { return s.namespace }

// Close stops the services, folds the databases' logs back into their files and unlocks the folder.
// Workers and clients are better stopped before. Closing again gives the first result.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		s.phase.v.Store(phaseStopping)
		var errs []error
		if s.engine != nil {
			if err := s.stopEngine(); err != nil {
				// It may still write, so its folder stays locked until the process ends.
				s.closeErr = errors.Join(append(errs, err)...)
				return
			}
		}
		for _, name := range []string{mainFile, visibilityFile} {
			if err := checkpoint(s.data.file(name)); err != nil {
				errs = append(errs, fmt.Errorf("checkpoint %s: %w", name, err))
			}
		}
		s.closeErr = errors.Join(append(errs, s.data.close())...)
	})
	return s.closeErr
}

// stopEngine bounds what the server itself would wait five minutes for.
func (s *Server) stopEngine() error {
	done := make(chan error, 1)
	go func() { done <- s.engine.Stop() }()
	select {
	case err := <-done:
		return err
	case <-time.After(stopTimeout):
		return fmt.Errorf("engine still running %v after it was told to stop", stopTimeout)
	}
}

// listenLoopback opens a port of this machine, refusing every address others could reach.
func listenLoopback(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fail(ErrOptions, textAddress(addr), err)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return nil, fail(ErrOptions, textAddress(addr), nil)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fail(ErrNotLoopback, textNotLoopback(addr), nil)
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fail(ErrPortInUse, textPortInUse(addr), err)
	}
	return l, nil
}
