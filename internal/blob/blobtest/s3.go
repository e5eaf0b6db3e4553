//go:build unix

// Package blobtest starts an S3-compatible server for tests: versitygw, pinned in test/s3.
package blobtest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"
)

// Server is a running server.
type Server struct {
	Endpoint, AccessKey, SecretKey, Region string
}

// binary builds the server once a process. It takes a minute the first time, and then Go's cache has it.
var binary = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "duban-s3-")
	if err != nil {
		return "", err
	}
	folder = dir
	out := filepath.Join(dir, "versitygw")
	build := exec.Command("go", "build", "-o", out, "github.com/versity/versitygw/cmd/versitygw")
	build.Dir = filepath.Join(filepath.Dir(strings.TrimSpace(string(root))), "test", "s3")
	// As everything that is not tested itself is built, whatever the tests are built with.
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -trimpath", "GOWORK=off")
	build.Stderr = os.Stderr
	return out, build.Run()
})

// folder is where the server's program lies; "" where no test has needed it.
var folder string

// Remove removes the server's program. It is for the end of the process.
func Remove() {
	if folder != "" {
		_ = os.RemoveAll(folder)
	}
}

// Start starts a server that ends with the test.
func Start(t testing.TB) Server {
	t.Helper()
	program, err := binary()
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := Server{Endpoint: l.Addr().String(), AccessKey: "access", SecretKey: "secret-key", Region: "us-east-1"}
	require.NoError(t, l.Close())
	cmd := exec.Command(program, "--access", s.AccessKey, "--secret", s.SecretKey, "--region", s.Region, "--port", s.Endpoint,
		"posix", "--sidecar", t.TempDir(), t.TempDir())
	cmd.Dir = t.TempDir()
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	for limit := time.After(30 * time.Second); ; {
		if conn, err := net.Dial("tcp", s.Endpoint); err == nil {
			_ = conn.Close()
			return s
		}
		select {
		case <-ask.C:
		case <-ended:
			require.Fail(t, "the S3 server ended", said.String())
		case <-limit:
			require.Fail(t, "the S3 server does not listen")
		}
	}
}

// Client returns a client of the server's own.
func (s Server) Client(t testing.TB) *minio.Client {
	t.Helper()
	c, err := minio.New(s.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: s.Region})
	require.NoError(t, err)
	return c
}

// Bucket makes a bucket.
func (s Server) Bucket(t testing.TB, name string) {
	t.Helper()
	require.NoError(t, s.Client(t).MakeBucket(context.Background(), name, minio.MakeBucketOptions{Region: s.Region}))
}
