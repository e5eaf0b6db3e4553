package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
)

func TestSameOriginWritesPass(t *testing.T) {
	h := api.New(newFake(t).deps())
	post(t, h, fresh+"/sign", none, "Sec-Fetch-Site", "same-origin", "Origin", "http://localhost")
}

func TestCharsetOfTheBodyMayBeNamed(t *testing.T) {
	h := api.New(newFake(t).deps())
	post(t, h, fresh+"/sign", none, "Content-Type", "Application/JSON; charset=UTF-8")
}

// endless is a body without end that counts what is read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func TestHugeBodyIsRefusedEarly(t *testing.T) {
	h := api.New(newFake(t).deps())
	const huge = 100 << 20
	for name, c := range map[string]struct{ length, most int64 }{
		"declared": {huge, 0},
		"chunked":  {-1, 2 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			body := &endless{}
			r := request(http.MethodPost, fresh+"/submit", "", "Content-Type", "application/json")
			r.Body, r.ContentLength = io.NopCloser(io.LimitReader(body, huge)), c.length
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w := serve(h, r)
			runtime.ReadMemStats(&after)
			wantProblem(t, w, http.StatusRequestEntityTooLarge, "body_too_large")
			require.Equal(t, "close", w.Header().Get("Connection"))
			require.LessOrEqual(t, int64(body.read), c.most)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
		})
	}
	w := serve(h, request(http.MethodPost, v1+"/plans", `{"files":{"a":"`+strings.Repeat("a", 2<<20)+`"}}`))
	require.Equal(t, http.StatusOK, w.Code, "a plan may be larger")
	wantProblem(t, serve(h, request(http.MethodPost, v1+"/plans", `{"files":{"a":"`+strings.Repeat("a", 9<<20)+`"}}`)), http.StatusRequestEntityTooLarge, "body_too_large")
}

// Over a real connection: the answer comes while the client has not sent the body.
func TestHugeBodyOverTheWire(t *testing.T) {
	server := httptest.NewServer(api.New(newFake(t).deps()))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = fmt.Fprintf(conn, "POST %s/submit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n{", fresh)
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
	require.True(t, res.Close)
}

func TestBodyThatStallsOrBreaksOff(t *testing.T) {
	server := httptest.NewUnstartedServer(api.New(newFake(t).deps()))
	server.Config.ReadTimeout = 200 * time.Millisecond
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST %s/submit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", fresh)
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusRequestTimeout, res.StatusCode)

	r := request(http.MethodPost, fresh+"/submit", "{")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{}))
	wantProblem(t, serve(api.New(newFake(t).deps()), r), http.StatusBadRequest, "body_broken")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestManyAtOnce(t *testing.T) {
	h := api.New(newFake(t).deps())
	var wait sync.WaitGroup
	for i := range 40 {
		wait.Go(func() {
			path := []string{v1 + "/obligations", fresh, v1 + "/nothing", v1 + "/obligations?limit=x", "/api/openapi.json"}[i%5]
			w := serve(h, request(http.MethodGet, path, "", "X-Request-Id", fmt.Sprint("r", i)))
			if id := w.Header().Get("X-Request-Id"); id != fmt.Sprint("r", i) {
				t.Errorf("request %d got the id of %s", i, id)
			}
		})
	}
	wait.Wait()
}
