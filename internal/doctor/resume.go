package doctor

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
)

// resuming bounds how many workflows are started at once.
const resuming = 16

// Resume starts the workflow of everything that the record has open, from what the record has of it, and returns how many there
// are: for an engine that knows nothing of the record yet. What runs already stays as it is. told, which may be nil, is told how
// many of how many are started.
func (d *Doctor) Resume(ctx context.Context, told func(done, total int)) (int, error) {
	if told == nil {
		told = func(int, int) {}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	x := &examination{Doctor: d, ctx: ctx}
	var err error
	if x.plans, err = d.Record.Definitions(ctx); err != nil {
		return 0, err
	}
	var works []Work
	if err := x.expects(func(e expected) { works = append(works, e.work) }); err != nil {
		return 0, err
	}
	var mu sync.Mutex
	done := 0
	group, starting := errgroup.WithContext(ctx)
	group.SetLimit(resuming)
	for _, w := range works {
		group.Go(func() error {
			if err := d.Engine.Resume(starting, w); err != nil {
				return fmt.Errorf("%s: %w", w, err)
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			told(done, len(works))
			return nil
		})
	}
	return len(works), group.Wait()
}
