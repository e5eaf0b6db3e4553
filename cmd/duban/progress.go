package main

import (
	"context"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

func newBar(w io.Writer, text string, total int) *progressbar.ProgressBar {
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(text),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())
}

// progressBar returns a function that shows how far something is, for work that tells so itself.
func progressBar(w io.Writer, text string) func(done, total int) {
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = newBar(w, text, total)
		}
		_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}

// showProgress shows a bar until count reaches total, or the context ends.
func showProgress(ctx context.Context, w io.Writer, text string, total int, count func(context.Context) (int, error)) error {
	bar := newBar(w, text, total)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		n, err := count(ctx)
		if err != nil {
			return err
		}
		if err := bar.Set(min(n, total)); err != nil {
			return err
		}
		if n >= total {
			return bar.Finish()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
