package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"duban/api"
	"duban/internal/blob"
	"duban/internal/config"
	"duban/internal/filetype"
	"duban/internal/store"
	"duban/obligation"
)

const (
	megabyte = 1 << 20

	// sweepAt is when what nobody needs any more is removed, by the wall clock.
	sweepAt = "17 3 * * *"
	// deadUpload is how long after its last byte an upload of another process can't be going on any more.
	deadUpload = 2 * time.Hour
)

// contents is where the files of evidence lie, as the API needs it.
type contents struct{ blob.Store }

// Put implements api.Contents.
func (c contents) Put(ctx context.Context, id string, content io.Reader, limit int64, check func(io.ReaderAt, int64) error) (string, int64, error) {
	digest, size, err := c.Store.Put(ctx, id, content, limit, check)
	switch {
	case errors.Is(err, blob.ErrTooLarge):
		err = &obligation.Error{Code: obligation.CodeEvidenceTooLarge}
	case errors.Is(err, blob.ErrFull):
		err = fmt.Errorf("%w: %w", api.ErrStorageFull, err)
	}
	return digest, size, err
}

// Open implements api.Contents.
func (c contents) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	content, _, err := c.Store.Open(ctx, key)
	return content, err
}

// openContents opens where evidence lies; close gives it back.
func openContents(cfg config.Config) (s blob.Store, ping func(context.Context) error, shut func() error, err error) {
	e := cfg.Evidence
	reserve := int64(e.ReserveMB) * megabyte
	if e.Store == config.EvidenceFolder {
		f, err := blob.OpenFolder(e.Folder, reserve)
		if err != nil {
			return nil, nil, nil, fmt.Errorf(textEvidenceFolder, e.Folder, err)
		}
		return f, nil, f.Close, nil
	}
	b, err := blob.OpenS3(blob.S3Options{
		Endpoint: e.S3.Endpoint, TLS: e.S3.TLS == "on", CA: e.S3.CA, Region: e.S3.Region, Bucket: e.S3.Bucket, AccessKey: e.S3.AccessKey,
		SecretKey: e.S3.SecretKey.Reveal(), PathStyle: e.S3.Style == "path", Spool: e.Folder, Reserve: reserve,
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf(textEvidenceS3, err)
	}
	return b, b.Ping, b.Close, nil
}

// openEvidence opens where evidence lies, and lets what nobody needs be removed now and then.
func (i *installation) openEvidence(ctx context.Context) error {
	var types []string
	if t := strings.TrimSpace(i.cfg.Evidence.Types); t != "" {
		types = strings.Split(t, ",")
	}
	rules, err := filetype.NewRules(types)
	if err != nil {
		return usageError{err}
	}
	s, ping, shut, err := openContents(i.cfg)
	if err != nil {
		return err
	}
	i.closing(shut)
	i.contents = s
	e := i.cfg.Evidence
	i.evidence = &api.Evidence{
		Record: i.store, Contents: contents{s}, Rules: rules, MaxFile: int64(e.MaxFileMB) * megabyte,
		Limits: obligation.EvidenceLimits{Files: e.MaxFiles, Bytes: int64(e.MaxTotalMB) * megabyte}, Stall: e.UploadTimeout,
	}
	i.pingEvidence = ping
	if i.cfg.Engine.Mode == config.EngineEmbedded {
		// Nobody else is at it: whatever is half there was broken off.
		if err := s.Sweep(ctx, 0); err != nil {
			return err
		}
	}
	if !i.clock.Scaled() && !i.clock.Held {
		return i.sweepDaily(s) // a training's data live no longer than the training
	}
	return nil
}

// sweepDaily removes what nobody needs, now and every night.
func (i *installation) sweepDaily(s blob.Store) error {
	keep := time.Duration(i.cfg.Evidence.KeepStaged) * 24 * time.Hour
	sweep := func(ctx context.Context) {
		if err := sweepEvidence(ctx, i.store, s, time.Now(), keep); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "evidence not swept", "error", err)
		}
	}
	i.beside(sweep)
	return i.every(sweepAt, sweep)
}

// sweepEvidence removes uploads that were never handed in, and contents that no record names. Both have to be old: with a
// record restored from a backup, what was uploaded since is not gone the same night.
func sweepEvidence(ctx context.Context, record *store.Store, s blob.Store, now time.Time, keep time.Duration) error {
	if err := s.Sweep(ctx, deadUpload); err != nil {
		return err
	}
	for {
		n, err := record.ExpireEvidence(ctx, now.Add(-keep))
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	var old []string
	remove := func() error {
		known, err := record.KnownEvidence(ctx, old)
		if err != nil {
			return err
		}
		for _, key := range old {
			if known[key] {
				continue
			}
			if err := s.Delete(ctx, key); err != nil {
				return err
			}
		}
		old = old[:0]
		return nil
	}
	oldest := now.Add(-keep)
	err := s.List(ctx, func(info blob.Info) error {
		if info.Modified.After(oldest) {
			return nil
		}
		if old = append(old, info.Key); len(old) < sweepAtOnce {
			return nil
		}
		return remove()
	})
	if err != nil {
		return err
	}
	return remove()
}

// sweepAtOnce is how many contents the record is asked for at once.
const sweepAtOnce = 500

// verifyEvidence reads every file that was handed in and adds to the report what is missing, or is not what the ledger says.
func verifyEvidence(ctx context.Context, cfg config.Config, record *store.Store, report *store.Report) error {
	s, _, shut, err := openContents(cfg)
	if err != nil {
		return err
	}
	defer shut() //nolint:errcheck // only read
	return record.HandedIn(ctx, func(f obligation.EvidenceFile) error {
		report.Evidence++
		var problem string
		switch err := blob.Verify(ctx, s, f.Key()); {
		case errors.Is(err, blob.ErrNotFound):
			problem = textEvidenceMissing
		case errors.Is(err, blob.ErrChanged):
			problem = textEvidenceChanged
		case err != nil:
			return err
		default:
			return nil
		}
		report.Findings = append(report.Findings, store.Finding{
			Obligation: f.Obligation.String(), Seq: f.Seq, Problem: fmt.Sprintf(problem, f.Name, f.Key()),
		})
		return nil
	})
}

// evidenceApart returns where the evidence of a training lies: in its own folder, whatever the installation's settings are.
func evidenceApart(e config.Evidence, data string) config.Evidence {
	e.Store, e.Folder = config.EvidenceFolder, filepath.Join(data, "evidence")
	return e
}
