package api

import (
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"duban/account"
)

// Rate bounds how often one caller asks: so many requests a second in the long run, and so many at once. Zero is the
// default: 50 a second, 200 at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Attempts to log in are bounded by where they come from, since nobody is known yet; many people may share one address.
const (
	attemptEvery = 2 * time.Second
	attemptBurst = 20
)

// limits bound how often one caller asks. A caller is an account, or an address where nobody is logged in.
type limits struct {
	rate Rate

	mu      sync.Mutex
	callers map[string]*limit
	swept   time.Time
}

type limit struct {
	*rate.Limiter
	last time.Time
}

// forgetAfter is how long a caller is remembered: by then every bound is where it began.
const forgetAfter = 10 * time.Minute

func newLimits(r Rate) *limits {
	if r.PerSecond == 0 {
		r = Rate{PerSecond: 50, Burst: 200}
	}
	return &limits{rate: r, callers: map[string]*limit{}}
}

// Attempts bound how often an address tries to get in, by the pages as by the API.
type Attempts struct{ limits *limits }

// NewAttempts returns bounds under which nobody has tried yet.
func NewAttempts() Attempts { return Attempts{newLimits(Rate{})} }

// Allow reports whether the address may try once more now.
func (a Attempts) Allow(address string) bool {
	return a.limits.of("attempt from "+address, rate.Every(attemptEvery), attemptBurst).Allow()
}

// attempts are the routes by which somebody may try to get in.
var attempts = map[string]bool{prefix + "/login": true, prefix + "/invitation": true}

func (l *limits) hold(c *gin.Context) {
	key := "login " + caller(c.Request.Context()).Login
	if key == "login " {
		key = "from " + c.ClientIP()
	}
	allowed := func() bool { return l.of(key, rate.Limit(l.rate.PerSecond), l.rate.Burst).Allow() }
	if attempts[c.FullPath()] {
		allowed = func() bool { return Attempts{l}.Allow(c.ClientIP()) }
	}
	if !allowed() {
		abort(c, newProblem(Code(account.CodeTooMany)))
		return
	}
	c.Next()
}

func (l *limits) of(key string, every rate.Limit, burst int) *limit {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > forgetAfter {
		for k, v := range l.callers {
			if now.Sub(v.last) > forgetAfter {
				delete(l.callers, k)
			}
		}
		l.swept = now
	}
	one := l.callers[key]
	if one == nil {
		one = &limit{Limiter: rate.NewLimiter(every, burst)}
		l.callers[key] = one
	}
	one.last = now
	return one
}
