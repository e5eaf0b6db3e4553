package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

// Certificate is a PEM file that the installation needs. Label is Chinese.
type Certificate struct{ Label, Path string }

// Backups are the copies that the installation makes of itself every day.
type Backups struct {
	Folder string
	// Newest returns when the newest of them was begun; zero: there is none.
	Newest func() (time.Time, error)
}

// Disk is a folder whose disk must not fill up. Label is Chinese.
type Disk struct {
	Label, Folder string
	Reserve       int64 // bytes that are to stay free
}

// Clock is another machine's clock. Label is Chinese.
type Clock struct {
	Label string
	// Ask returns what the clock showed at some instant between two of this machine's.
	Ask func(ctx context.Context) (before, shown, after time.Time, err error)
}

const (
	certificateAhead = 30 * 24 * time.Hour
	backupAge        = 48 * time.Hour
	maxSkew          = 5 * time.Second
	freeShare        = 20 // a twentieth of the disk is to stay free
)

// certificates finds those that end soon.
func (x *examination) certificates() error {
	for _, c := range x.Certificates {
		ends, err := certificateEnds(c.Path)
		switch {
		case err != nil:
			x.find(Finding{Kind: CertificateEnds, Subject: c.Path, Problem: fmt.Sprintf(textCertificateUnreadable, c.Label, err), Repair: repairCertificate})
		case ends.Before(x.Real().Add(certificateAhead)):
			x.find(Finding{
				Kind: CertificateEnds, Subject: c.Path, Problem: fmt.Sprintf(textCertificateEnds, c.Label, ends.Local().Format("2006-01-02 15:04")), Repair: repairCertificate,
			})
		}
	}
	return nil
}

// certificateEnds returns when the first of a file's certificates ends.
func certificateEnds(path string) (time.Time, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return time.Time{}, err
	}
	var ends time.Time
	for {
		block, rest := pem.Decode(content)
		if block == nil {
			break
		}
		if content = rest; block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return ends, err
		}
		if ends.IsZero() || c.NotAfter.Before(ends) {
			ends = c.NotAfter
		}
	}
	if ends.IsZero() {
		return ends, errNoCertificate
	}
	return ends, nil
}

// backups finds that there has been none for two days: one of them may have failed.
func (x *examination) backups() error {
	if x.Backups == nil {
		return nil
	}
	newest, err := x.Backups.Newest()
	f := Finding{Kind: BackupOld, Subject: x.Backups.Folder, Problem: textBackupNone, Repair: repairBackup}
	switch {
	case err != nil:
		return err
	case newest.IsZero():
		x.find(f)
	case newest.Add(backupAge).Before(x.Real()):
		f.Since, f.Problem = newest, fmt.Sprintf(textBackupOld, newest.Format("2006-01-02 15:04"))
		x.find(f)
	}
	return nil
}

// disks finds those that are nearly full.
func (x *examination) disks() error {
	for _, d := range x.Disks {
		free, total, err := x.Free(d.Folder)
		if err != nil {
			return err
		}
		if need := max(d.Reserve, total/freeShare); free < need {
			x.find(Finding{
				Kind: DiskFull, Subject: d.Folder, Problem: fmt.Sprintf(textDiskFull, d.Label, free>>20, need>>20), Repair: repairDisk,
			})
		}
	}
	return nil
}

// clocks finds those that differ from this machine's.
func (x *examination) clocks() error {
	for _, c := range x.Clocks {
		before, shown, after, err := c.Ask(x.ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Label, err)
		}
		var skew time.Duration
		switch {
		case shown.After(after):
			skew = shown.Sub(after)
		case shown.Before(before):
			skew = shown.Sub(before)
		}
		if skew.Abs() > maxSkew {
			x.find(Finding{Kind: ClockSkewed, Subject: c.Label, Problem: fmt.Sprintf(textSkewed, c.Label, skew.Round(time.Second)), Repair: repairClock})
		}
	}
	return nil
}
