//go:build unix

// Package storetest starts MariaDB servers for tests.
package storetest

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver of the databases handed out
)

const missing = "MariaDB's server is not installed (%s not found): install the package mariadb-server " +
	"(Debian: apt-get install mariadb-server) or run `make setup`; tests never skip MySQL"

// MariaDB returns the DSN of a new, empty database on a server that all tests of the process share. The database is
// dropped with the test, the server ends with the process.
func MariaDB(t testing.TB) string {
	t.Helper()
	short(t)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server == nil {
		server, err := newServer()
		if err == nil {
			err = server.start()
		}
		if err != nil {
			t.Fatal(err)
		}
		shared.server = server
	}
	shared.databases++
	return shared.server.database(t, fmt.Sprintf("test_%d", shared.databases))
}

var shared struct {
	mu        sync.Mutex
	server    *Server
	databases int
}

// Server is a MariaDB server of a test's own, on a loopback port, that can be stopped and started.
type Server struct {
	folder  string
	port    int
	daemon  string
	process *exec.Cmd
	// keeper ends when the test's process does, however that happens; the server and its folder go with it.
	keeper io.WriteCloser
	ended  chan struct{}
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	short(t)
	s, err := newServer()
	if err == nil {
		err = s.start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop(t)
		_ = os.RemoveAll(s.folder)
	})
	return s
}

// Database returns the DSN of a new, empty database.
func (s *Server) Database(t testing.TB, name string) string {
	t.Helper()
	return s.database(t, name)
}

// Stop ends the server in an orderly way and waits for it.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.process == nil {
		return
	}
	_, _ = s.keeper.Write([]byte("stop\n"))
	<-s.ended
	s.process = nil
}

// Kill ends the server as a power cut of its machine does, and waits until it is gone.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.process == nil {
		return
	}
	pid, err := os.ReadFile(filepath.Join(s.folder, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err == nil {
		err = syscall.Kill(n, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Stop(t) // the shell that kept it
}

// Restart starts a stopped server on the same port with the same data.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

// short leaves out what "go test -short" is asked to leave out. Nothing else does.
func short(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no MariaDB")
	}
}

func newServer() (*Server, error) {
	daemon, err := find("mariadbd")
	if err != nil {
		return nil, err
	}
	install, err := find("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "duban-mariadb-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, daemon: daemon}
	out, err := exec.Command(install, "--no-defaults", "--datadir="+filepath.Join(folder, "data"), "--user="+systemUser(),
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	return s, nil
}

func find(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, folder := range []string{"/usr/sbin", "/usr/local/sbin"} {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf(missing, name)
}

// systemUser is whom the server runs as: it refuses to run as root unless told so.
func systemUser() string {
	if os.Getuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}

// keep runs the server until a line comes in. Where the input ends instead, which it does with the test's process
// at the latest, the server's folder goes with it.
const keep = `folder=$1; shift; exec 3<&0; "$@" & pid=$!; exec 2>/dev/null
if read -r _ <&3; then stay=1; fi
kill $pid; wait $pid; [ -n "$stay" ] || rm -rf "$folder"`

func (s *Server) start() error {
	// A port that the system chose may be taken before the server listens on it: then another one is tried.
	var err error
	for range 5 {
		if s.port == 0 {
			if s.port, err = freePort(); err != nil {
				return err
			}
		}
		if err = s.launch(); err == nil {
			return nil
		}
		if s.databaseExists() {
			continue // a restart keeps its port
		}
		s.port = 0
	}
	return err
}

func (s *Server) databaseExists() bool {
	found, _ := filepath.Glob(filepath.Join(s.folder, "data", "test*"))
	return len(found) > 0
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) launch() error {
	// Nothing here survives a power failure, which no test brings about; a killed server loses nothing.
	cmd := exec.Command("sh", "-c", keep, "sh", s.folder, s.daemon, "--no-defaults",
		"--datadir="+filepath.Join(s.folder, "data"), "--user="+systemUser(), "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", s.port),
		"--socket="+filepath.Join(s.folder, "s.sock"), "--pid-file="+filepath.Join(s.folder, "pid"), "--skip-name-resolve", "--skip-log-bin",
		"--innodb-buffer-pool-size=128M", "--innodb-log-file-size=64M",
		"--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--sync-frm=0", "--max-connections=400", "--character-set-server=utf8mb4")
	// A signal to the test's process group must not take the server down before the tests have ended.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	keeper, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ready, ended := make(chan bool, 1), make(chan struct{})
	var said strings.Builder
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(log)
		up := false
		for lines.Scan() {
			if up {
				continue
			}
			said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "ready for connections") {
				up = true
				ready <- true
			}
		}
		if !up {
			ready <- false
		}
		_ = cmd.Wait()
	}()
	if !<-ready {
		_, _ = keeper.Write([]byte("stop\n"))
		<-ended
		return fmt.Errorf("mariadbd did not start:\n%s", said.String())
	}
	s.process, s.keeper, s.ended = cmd, keeper, ended
	return nil
}

func (s *Server) dsn(name string) string {
	return fmt.Sprintf("root@tcp(127.0.0.1:%d)/%s", s.port, name)
}

func (s *Server) database(t testing.TB, name string) string {
	t.Helper()
	run := func(query string) error {
		db, err := sql.Open("mysql", s.dsn(""))
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.ExecContext(context.Background(), query)
		return err
	}
	if err := run("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run("DROP DATABASE " + name) })
	return s.dsn(name)
}
