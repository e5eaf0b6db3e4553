package main

import (
	"context"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows a bar until count reaches total, or the context ends.
func progress(ctx context.Context, w io.Writer, text string, total int, count func(context.Context) (int, error)) error {
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(text),
		progressbar.OptionShowCount(), progressbar.OptionUseANSICodes(false), progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionOnCompletion(func() { _, _ = io.WriteString(w, "\n") }))
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
