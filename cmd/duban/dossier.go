package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"duban/account"
	"duban/api"
	"duban/internal/blob"
	"duban/internal/dossier"
	"duban/internal/store"
	"duban/obligation"
	"duban/workflows"
)

type exportCmd struct {
	Obligation exportObligationCmd `cmd:"" help:"把一件责任事项的全部记录导出为卷宗（zip）。"`
}

type exportObligationCmd struct {
	ID     string `arg:"" placeholder:"ID" help:"责任事项：方案/分项任务/责任单位/周期。"`
	Output string `short:"o" type:"path" placeholder:"FILE" default:"dossier.zip" help:"写到哪个文件；不覆盖已有的文件。"`

	Evidence bool `negatable:"" default:"true" help:"放入佐证材料的文件；--no-evidence 则只有其清单和哈希。"`
}

// Run implements the command. It reads the record alone: Temporal's history is in what the server exports.
func (c exportObligationCmd) Run(e *env) error {
	id, ok := obligation.ParseID(c.ID)
	if !ok {
		return usageError{fmt.Errorf(textNoObligation, c.ID)}
	}
	s, err := e.record()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // only read
	contents, shut, err := c.contents(e)
	if err != nil {
		return err
	}
	defer shut() //nolint:errcheck // only read
	f, err := os.OpenFile(c.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return usageError{fmt.Errorf(textNoOutput, c.Output)}
	}
	now := time.Now()
	digest, err := export(e.ctx, s, nil, contents, id, now, f)
	if err == nil {
		err = s.Log(e.ctx, account.Entry{At: now, By: account.Operator, Action: account.DossierExported, Target: c.ID, Detail: digest})
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.Output))
	}
	fmt.Fprintf(e.stdout, textExported, c.Output, digest)
	return nil
}

// contents opens where evidence lies; nil where it is not asked for.
func (c exportObligationCmd) contents(e *env) (s blob.Store, shut func() error, err error) {
	if !c.Evidence {
		return nil, func() error { return nil }, nil
	}
	cfg, _, err := e.settings()
	if err != nil {
		return nil, nil, err
	}
	s, _, shut, err = openContents(cfg)
	return s, shut, err
}

// export writes the dossier of an obligation and returns the digest of its manifest. Without an engine its histories are not
// in it, without contents the files of evidence are not.
func export(
	ctx context.Context, s *store.Store, engine *workflows.Client, contents blob.Store, id obligation.ID, now time.Time, f *os.File,
) (string, error) {
	d, err := s.Dossier(ctx, id)
	if err != nil {
		return "", err
	}
	def, err := s.Definition(ctx, id.Plan)
	if err != nil {
		return "", err
	}
	o := dossier.Options{Definition: def, Exported: now, Program: version}
	if engine != nil {
		rungs := make([]obligation.Rung, 0, len(d.Documents))
		for _, doc := range d.Documents {
			rungs = append(rungs, doc.Rung)
		}
		runs, err := engine.Histories(ctx, id, rungs)
		if err != nil {
			return "", err
		}
		if len(runs) > 0 {
			if o.History, err = json.Marshal(runs); err != nil {
				return "", err
			}
		}
	}
	if contents != nil {
		o.Evidence = func(key string) (io.ReadCloser, error) {
			content, _, err := contents.Open(ctx, key)
			return content, err
		}
	}
	digest, err := dossier.Build(f, d, o)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrChanged) {
		err = fmt.Errorf(textNoExhibit, errors.Join(api.ErrContentLost, err))
	}
	return digest, err
}

// dossiers export the files of obligations for the API.
type dossiers struct{ i *installation }

// Export implements api.Dossiers.
func (d dossiers) Export(ctx context.Context, id obligation.ID, evidence bool) (api.DossierFile, error) {
	var contents blob.Store
	if evidence {
		contents = d.i.contents
	}
	f, err := os.CreateTemp("", "duban-dossier-*.zip")
	if err != nil {
		return api.DossierFile{}, err
	}
	out := temporary{f}
	digest, err := export(ctx, d.i.store, d.i.client, contents, id, d.i.now(), f)
	if err != nil {
		return api.DossierFile{}, errors.Join(err, out.Close())
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return api.DossierFile{}, errors.Join(err, out.Close())
	}
	return api.DossierFile{Content: out, Size: size, Manifest: digest}, nil
}

// temporary is a file that goes when it is closed.
type temporary struct{ *os.File }

// Close implements io.Closer.
func (t temporary) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }
