package store

import (
	"context"
	"runtime"
	"strings"
)

// Observer is told of write transactions. It must not call the store.
type Observer interface {
	// Transaction is told that a caller wants something written, and by which of the store's operations. The returned function is called with
	// its outcome once it is known; the context is that of the transaction where it has one of its own.
	Transaction(ctx context.Context, operation string) (context.Context, func(error))
	// Retried is told that a transaction is run again because another one got in its way.
	Retried()
}

// Queued returns how many callers wait until it is their turn to have something written.
func (s *Store) Queued() int { return s.appends.queued() }

func (s *Store) observe(ctx context.Context) (context.Context, func(error)) {
	if s.observer == nil {
		return ctx, func(error) {}
	}
	return s.observer.Transaction(ctx, operation())
}

// within is how the names of the store's methods begin in a stack.
const within = "/store.(*Store)."

// operation returns the name of the exported method that called: nobody who writes has to say what the stack knows, and none forgets it.
func operation() string {
	var pcs [12]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if _, method, ok := strings.Cut(f.Function, within); ok {
			method, _, _ = strings.Cut(method, ".") // a function within it
			if method[0] >= 'A' && method[0] <= 'Z' {
				return method
			}
		}
		if !more {
			return "other"
		}
	}
}
