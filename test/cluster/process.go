//go:build unix

package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Process is a program that can be ended and begun again. What it says lies in its log.
type Process struct {
	Name string
	Log  string // file

	command    []string
	stop, kill syscall.Signal
	as         *syscall.Credential
	cmd        *exec.Cmd
	done       chan error
}

func newProcess(folder, name string, as *syscall.Credential, command ...string) *Process {
	return &Process{Name: name, Log: filepath.Join(folder, name+".log"), command: command, as: as, stop: syscall.SIGTERM, kill: syscall.SIGKILL}
}

// Start begins it. It ends with whoever began it.
func (p *Process) Start() error {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd = exec.Command(p.command[0], p.command[1:]...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = "/", log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as, Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	p.done = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan error) { done <- cmd.Wait() }(p.cmd, p.done)
	return nil
}

// Kill ends it as a power cut does.
func (p *Process) Kill() error { return p.end(p.kill) }

// Stop ends it as an operator does.
func (p *Process) Stop() error { return p.end(p.stop) }

// patience is how long a process may take to end.
const patience = time.Minute

func (p *Process) end(s syscall.Signal) error {
	if p.cmd == nil {
		return nil
	}
	group := p.cmd.Process.Pid
	if s == syscall.SIGKILL {
		group = -group // what it began goes with it
	}
	if err := syscall.Kill(group, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	select {
	case <-p.done:
	case <-time.After(patience):
		return fmt.Errorf("%s does not end", p.Name)
	}
	p.cmd = nil
	return nil
}

// Running reports whether it has not ended.
func (p *Process) Running() bool {
	if p.cmd == nil {
		return false
	}
	select {
	case err := <-p.done:
		p.done <- err
		return false
	default:
		return true
	}
}

// Tail returns the last that it said.
func (p *Process) Tail() string {
	const most = 4 << 10
	said, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	return string(said[max(0, len(said)-most):])
}

// The ports that are tried: below those that the system hands out by itself, since PostgreSQL's schema keeps them in two bytes with
// a sign.
const (
	firstPort = 12_000
	lastPort  = 32_000
)

// freePorts returns loopback ports that nobody listens on.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range 100 * n {
		at := firstPort + rand.IntN(lastPort-firstPort)
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", at))
		if err != nil {
			continue
		}
		defer l.Close()
		if ports = append(ports, at); len(ports) == n {
			return ports, nil
		}
	}
	return nil, errors.New("no free ports")
}
