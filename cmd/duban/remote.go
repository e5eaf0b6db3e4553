package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/api"
	"duban/internal/config"
	"duban/obligation"
)

// remote is a running duban that commands ask.
type remote struct {
	url    string
	token  string
	client *http.Client
}

// tokenVar is the environment variable with the token of whoever works elsewhere than on the server's own machine.
const tokenVar = "DUBAN_TOKEN"

// dial prepares to ask the running duban of the settings, or the one at the address.
func (e *env) dial(server string) (*remote, error) {
	cfg, _, err := e.settings()
	if err != nil {
		return nil, err
	}
	return dial(cfg, server, e.vars)
}

// dial prepares to ask the running duban of the settings, or the one at the address. On the machine itself the operator's key
// lets a command in.
func dial(cfg config.Config, url string, vars []string) (*remote, error) {
	here := installation{cfg: cfg, addr: cfg.Listen.Address}
	s := &remote{url: trimSlash(cmp.Or(url, here.url())), client: http.DefaultClient}
	for _, v := range vars {
		if token, ok := strings.CutPrefix(v, tokenVar+"="); ok {
			s.token = strings.TrimSpace(token)
		}
	}
	if s.token == "" {
		file := filepath.Join(cfg.Data.Folder, operatorFile)
		key, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf(textNoKey, file, err)
		}
		s.token = strings.TrimSpace(string(key))
	}
	if c := cfg.Listen.TLSCert; c != "" {
		roots, err := trusting(c) // the server's own certificate may be signed by nobody else
		if err != nil {
			return nil, err
		}
		s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	}
	return s, nil
}

// call asks. What the server refuses is returned in its own words.
func (s *remote) call(ctx context.Context, method, path string, body, answer any) error {
	var payload io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(text)
	}
	return s.send(ctx, method, path, "application/json", payload, answer)
}

// planOf returns the code of the plan; without one that of the only plan there is.
func (s *remote) planOf(ctx context.Context, code string) (string, error) {
	if code != "" {
		return code, nil
	}
	var all api.PlanList
	if err := s.call(ctx, http.MethodGet, "/api/v1/plans", nil, &all); err != nil {
		return "", err
	}
	var codes []string
	for _, p := range all.Plans {
		codes = append(codes, p.Code)
	}
	switch len(codes) {
	case 0:
		return "", usageError{errors.New(textNoPlans)}
	case 1:
		return codes[0], nil
	default:
		return "", usageError{fmt.Errorf(textWhichPlan, strings.Join(codes, "、"))}
	}
}

// download returns the file at the path.
func (s *remote) download(ctx context.Context, path string) ([]byte, error) {
	var file bytes.Buffer
	err := s.call(ctx, http.MethodGet, path, nil, &file)
	return file.Bytes(), err
}

// upload sends a file.
func (s *remote) upload(ctx context.Context, path string, file []byte, answer any) error {
	return s.send(ctx, http.MethodPost, path, "application/octet-stream", bytes.NewReader(file), answer)
}

func (s *remote) send(ctx context.Context, method, path, media string, payload io.Reader, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, payload)
	if err != nil {
		return usageError{err}
	}
	request.Header.Set("Content-Type", media)
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := s.client.Do(request)
	if err != nil {
		return fmt.Errorf(textNoServer, s.url, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return refusal(response)
	}
	if file, ok := answer.(*bytes.Buffer); ok {
		_, err := file.ReadFrom(response.Body)
		return err
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func refusal(response *http.Response) error {
	var problem struct {
		Detail string `json:"detail"`
		Errors []struct {
			Message string `json:"message"`
		} `json:"errors"`
	}
	if err := json.NewDecoder(response.Body).Decode(&problem); err != nil || problem.Detail == "" {
		return fmt.Errorf(textServerSaid, response.Status)
	}
	lines := []string{fmt.Sprintf(textServerSaid, problem.Detail)}
	for _, p := range problem.Errors {
		lines = append(lines, p.Message)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// told returns what the API would refuse a request with as a command says it: one line for each fault.
func told(err error) error {
	var p *api.Problem
	if !errors.As(err, &p) {
		return err
	}
	lines := []string{p.Detail}
	for _, f := range p.Errors {
		lines = append(lines, f.Message)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// awaitOpened shows how the opening of a plan's obligations goes on, until all that are due by now are there.
func (s *remote) awaitOpened(e *env, answer applyAnswer) error {
	count := func(ctx context.Context) (int, error) {
		var tasks struct {
			Tasks []struct {
				Counts obligation.Count `json:"counts"`
			} `json:"tasks"`
		}
		err := s.call(ctx, http.MethodGet, "/api/v1/plans/"+url.PathEscape(answer.Plan)+"/tasks", nil, &tasks)
		n := 0
		for _, t := range tasks.Tasks {
			n += t.Counts.Total
		}
		return n, err
	}
	return progress(e.ctx, e.stderr, textSeeding, answer.Due, count)
}
