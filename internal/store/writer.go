package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"gorm.io/gorm"

	"duban/obligation"
)

// groupSize is how many entries one transaction takes at most: enough that the commit's fsync weighs little, few
// enough that nobody waits long for it.
const groupSize = 256

var errClosed = errors.New("closed")

// job is what one caller wants written: the entries of an Append, or a function.
type job struct {
	ctx     context.Context
	entries []prepared
	f       func(*tx) error

	adopted []adoption
	err     error
	done    chan struct{} // closed when adopted and err are final
}

// transactor is a connection that runs one transaction after another. It belongs to one goroutine.
type transactor interface {
	begin(ctx context.Context) (gorm.ConnPool, error)
	commit(ctx context.Context) error
	rollback(ctx context.Context)
	close()
}

// writer collects what callers want written meanwhile into one transaction (group commit), because every commit
// waits for the disk. One caller's failure does not touch the others.
type writer struct {
	store *Store
	conn  transactor
	queue chan *job
	mu    sync.RWMutex // guards shut, so that nothing is queued once the writer stops
	shut  bool
	ended chan struct{}
}

func newWriter(s *Store, conn transactor) *writer {
	w := &writer{store: s, conn: conn, queue: make(chan *job, 4*groupSize), ended: make(chan struct{})}
	go w.loop()
	return w
}

// close waits until everything that was queued is written.
func (w *writer) close() {
	w.mu.Lock()
	shut := w.shut
	w.shut = true
	if !shut {
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) append(ctx context.Context, entries []prepared) ([]adoption, error) {
	j := &job{ctx: ctx, entries: entries, done: make(chan struct{})}
	if err := w.await(j); err != nil {
		return nil, err
	}
	return j.adopted, nil
}

func (w *writer) queued() int { return len(w.queue) }

// errEnded is the outcome of a function that panicked or ended its goroutine instead of returning.
var errEnded = errors.New("function did not return")

func (w *writer) run(ctx context.Context, f func(*tx) error) error {
	var panicked any
	// In a goroutine of its own, so that nothing a caller does can end the writer.
	inside := func(t *tx) error {
		result := make(chan error, 1)
		go func() {
			err := errEnded
			defer func() {
				panicked = recover()
				result <- err
			}()
			err = f(t)
		}()
		return <-result
	}
	err := w.await(&job{ctx: ctx, done: make(chan struct{}), f: inside})
	if errors.Is(err, errEnded) {
		if panicked != nil {
			panic(panicked) // in the caller's goroutine, where it belongs
		}
		runtime.Goexit()
	}
	return err
}

// await queues the job and waits for its outcome. Where ctx ends first the job may still be written.
func (w *writer) await(j *job) error {
	w.mu.RLock()
	if w.shut {
		w.mu.RUnlock()
		return errClosed
	}
	select {
	case w.queue <- j:
		w.mu.RUnlock()
	case <-j.ctx.Done():
		w.mu.RUnlock()
		return j.ctx.Err()
	}
	select {
	case <-j.done:
		return j.err
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

func (w *writer) loop() {
	defer close(w.ended)
	defer w.conn.close()
	for first := range w.queue {
		group := []*job{first}
		for size := first.size(); size < groupSize; {
			next, ok := w.poll()
			if !ok {
				break
			}
			group = append(group, next)
			size += next.size()
		}
		w.write(group)
		for _, j := range group {
			close(j.done)
		}
	}
}

func (j *job) size() int { return max(1, len(j.entries)) }

func (w *writer) poll() (*job, bool) {
	select {
	case j, ok := <-w.queue:
		return j, ok
	default:
		return nil, false
	}
}

// write stores the group in one transaction, or each job in its own where one of them fails the whole.
func (w *writer) write(group []*job) {
	live := group[:0:0]
	for _, j := range group {
		if j.err = j.ctx.Err(); j.err == nil {
			live = append(live, j)
		}
	}
	if len(live) == 0 {
		return
	}
	err := w.store.again(context.Background(), func() error {
		for _, j := range live {
			j.err, j.adopted = nil, nil
		}
		return w.together(live)
	})
	if err == nil {
		return
	}
	if len(live) == 1 {
		live[0].err = err
		return
	}
	for _, j := range live {
		j.err = w.store.again(context.Background(), func() error {
			j.err, j.adopted = nil, nil
			return errors.Join(w.together([]*job{j}), j.err)
		})
	}
}

// attempts bounds how often a transaction is run that others keep getting in the way of.
const attempts = 10

// again runs f until it is no longer given up for another transaction.
func (s *Store) again(ctx context.Context, f func() error) error {
	for n := 1; ; n++ {
		err := f()
		if !raced(err) || n == attempts {
			return err
		}
		if s.observer != nil {
			s.observer.Retried()
		}
		select {
		case <-time.After(rand.N(time.Duration(n) * 5 * time.Millisecond)):
		case <-ctx.Done():
			return err
		}
	}
}

// together runs the jobs in one transaction. An error means that nothing was stored; a job whose own error is set
// stored nothing either.
func (w *writer) together(jobs []*job) error {
	// No caller's context: one who leaves must not break off the others.
	ctx := context.Background()
	pool, err := w.conn.begin(ctx)
	if err != nil {
		return err
	}
	t := w.store.newTx(ctx, pool)
	if err := w.runAll(t, jobs); err != nil {
		w.conn.rollback(ctx)
		return err
	}
	if err := w.conn.commit(ctx); err != nil {
		w.conn.rollback(ctx)
		return err
	}
	t.committed()
	return nil
}

func (w *writer) runAll(t *tx, jobs []*job) error {
	var appends []*job
	for _, j := range jobs {
		if j.f == nil {
			appends = append(appends, j)
		}
	}
	if err := t.appendJobs(appends); err != nil {
		return err
	}
	for _, j := range jobs {
		if j.f == nil {
			continue
		}
		if _, err := t.exec("SAVEPOINT job"); err != nil {
			return err
		}
		if j.err = j.f(t); j.err != nil {
			if _, err := t.exec("ROLLBACK TO SAVEPOINT job"); err != nil {
				return err
			}
		}
		if _, err := t.exec("RELEASE SAVEPOINT job"); err != nil {
			return err
		}
	}
	return t.store.breakAt("commit")
}

// adoption is what became of one entry: nil where it was stored, otherwise the ledger's events after the entry's
// Before.
type adoption []obligation.Event
