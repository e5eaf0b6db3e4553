package letter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// LibreOffice turns DOCX into PDF, one at a time: it takes a whole core and some hundred megabytes.
type LibreOffice struct {
	program string
	turn    chan struct{}
	limit   time.Duration
}

// convertLimit is for one document on a slow machine; some seconds are usual.
const convertLimit = time.Minute

// FindLibreOffice returns the LibreOffice that is installed on this machine, nil where none is.
func FindLibreOffice() *LibreOffice {
	for _, name := range []string{"soffice", "libreoffice"} {
		if program, err := exec.LookPath(name); err == nil {
			return &LibreOffice{program, make(chan struct{}, 1), convertLimit}
		}
	}
	return nil
}

// PDF returns the document as PDF. Two calls give different bytes: the file says when it was made.
func (o *LibreOffice) PDF(ctx context.Context, docx []byte) (pdf []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	folder, err := os.MkdirTemp("", "duban-pdf-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	source := filepath.Join(folder, "document.docx")
	if err := os.WriteFile(source, docx, 0o600); err != nil {
		return nil, err
	}
	output, err := o.command(ctx, folder, source).CombinedOutput()
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("libreoffice: %w: %s", err, strings.TrimSpace(string(output)))
	}
	// LibreOffice ends well where it could not read the file; then there is none.
	return os.ReadFile(filepath.Join(folder, "document.pdf"))
}

// command runs LibreOffice with a profile of its own, so that neither a person's settings nor another running
// LibreOffice get into its way.
func (o *LibreOffice) command(ctx context.Context, folder, source string) *exec.Cmd {
	profile := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(filepath.Join(folder, "profile")), "/")}
	c := exec.CommandContext(ctx, o.program, "-env:UserInstallation="+profile.String(), "--headless", "--norestore", "--nolockcheck",
		"--convert-to", "pdf", "--outdir", folder, source)
	c.Dir = folder
	c.Env = append(os.Environ(), "HOME="+folder)
	c.WaitDelay = 5 * time.Second
	endFamily(c)
	return c
}
