package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/robfig/cron/v3"

	"duban/internal/backup"
	"duban/internal/config"
	"duban/obligation"
)

// scheduleBackups lets this process copy its data once a day. One that was missed, because nothing ran at its time, is made up
// for at the start. A training's data are not worth it.
func (i *installation) scheduleBackups(context.Context) error {
	b := i.cfg.Backup
	if !i.backsUp() {
		return nil
	}
	schedule, err := backupSchedule(b)
	if err != nil {
		return err
	}
	i.scheduled(schedule, obligation.Location(zone), i.backUpNow)
	i.beside(func(ctx context.Context) {
		if missed, err := missedBackup(b.Folder, schedule, backupNow()); missed || err != nil {
			i.backUpNow(ctx)
		}
	})
	return nil
}

// backsUp reports whether this installation is to copy its data by itself.
func (i *installation) backsUp() bool {
	return i.cfg.Backup.Folder != "" && !i.clock.Scaled() && !i.clock.Held
}

// newestBackup returns when the newest of its copies was begun; zero: there is none.
func (i *installation) newestBackup() (time.Time, error) {
	all, err := backup.List(i.cfg.Backup.Folder, obligation.Location(zone))
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	return all[0].Begun, nil
}

func backupSchedule(b config.Backup) (cron.Schedule, error) {
	at := b.At.Duration()
	return cron.ParseStandard(fmt.Sprintf("%d %d * * *", int(at.Minutes())%60, int(at.Hours())))
}

// missedBackup reports whether the folder has no backup since the last instant at which one was due.
func missedBackup(folder string, daily cron.Schedule, now time.Time) (bool, error) {
	all, err := backup.List(folder, now.Location())
	if err != nil || len(all) == 0 {
		return true, err
	}
	return !daily.Next(all[0].Begun).After(now), nil
}

// backUpNow makes the day's backup and removes what is older than is to be kept. What went wrong stands in the log, and the next
// day tries again.
func (i *installation) backUpNow(ctx context.Context) {
	b := i.cfg.Backup
	file := filepath.Join(b.Folder, backup.Name(backupNow()))
	report, err := backUp(ctx, i.cfg, file, "", func(int, int) {})
	if err != nil {
		if ctx.Err() == nil {
			i.log.ErrorContext(ctx, "backup failed", "file", file, "error", err)
		}
		return
	}
	if err := report.fault(); err != nil {
		i.log.ErrorContext(ctx, "backup lacks evidence", "file", file, "error", err)
	}
	removed, err := backup.Rotate(b.Folder, obligation.Location(zone), b.Keep)
	if err != nil {
		i.log.ErrorContext(ctx, "old backups not removed", "folder", b.Folder, "error", err)
	}
	i.log.InfoContext(ctx, "backup made", "file", file, "sha256", report.SHA256, "bytes", report.Manifest.Bytes(),
		"events", report.Manifest.Events, "removed", len(removed))
}
