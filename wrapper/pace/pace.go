// Package pace keeps the requests of one process within SignalWire's limits, so
// that they wait here instead of being refused or queued there:
//
//	client, err := signalwire.New("acme",
//		signalwire.WithCredentials(projectID, apiToken),
//		signalwire.WithLimiter(pace.New(pace.Limits{}).Wait))
//
// SignalWire limits a Space: how many calls it starts, how many messages each
// sender sends, and how many requests change something. All clients of a Space
// that run in one process should share one [Limiter]. Where several processes
// call the same Space, give [signalwire.WithLimiter] a function that asks a
// service which they share.
package pace

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// The limits that a [Limiter] has by default, which are those that SignalWire's
// guides state for a new Space.
const (
	// DefaultCalls is how many calls a Space starts in a second.
	DefaultCalls = 1
	// DefaultMessages is how many messages a sender sends in a second. It is 1
	// to 10, by the kind of number.
	DefaultMessages = 1
	// DefaultWrites is how many POST, PUT and PATCH requests a Space accepts in
	// ten seconds. GET and DELETE are not limited.
	DefaultWrites = 13800
)

// Limits are the limits of a Space. 0 is the default, and a negative number no limit.
type Limits struct {
	// Calls is how many calls are started in a second.
	Calls float64
	// Messages is how many messages each sender sends in a second.
	Messages float64
	// MessagesFrom returns how many messages this sender sends in a second, in
	// place of Messages. It may be nil.
	MessagesFrom func(sender string) float64
	// Writes is how many POST, PUT and PATCH requests are sent in any ten
	// seconds.
	Writes int
}

// Limiter delays requests to one Space so that they stay within its limits. It
// is safe for concurrent use. It forgets a sender when its limit is unused again.
type Limiter struct {
	limits Limits
	calls  *rate.Limiter // nil if there is no limit; so are the others
	writes *rate.Limiter

	mu      sync.Mutex
	senders map[string]*rate.Limiter
	sweepAt int // how many senders there are when those that are idle are forgotten
}

// New returns a limiter.
func New(limits Limits) *Limiter {
	l := &Limiter{limits: limits, senders: map[string]*rate.Limiter{}, sweepAt: minSweep}
	l.calls = perSecond(limits.Calls, DefaultCalls)
	writes := limits.Writes
	if writes == 0 {
		writes = DefaultWrites
	}
	if writes > 0 {
		// In any ten seconds a limiter lets through its burst and what ten
		// seconds bring, which are the limit together.
		burst := max(writes/10, 1)
		l.writes = rate.NewLimiter(max(rate.Limit(writes-burst), 1)/10, burst)
	}
	return l
}

// perSecond returns a limiter for n requests a second, one at a time.
func perSecond(n, otherwise float64) *rate.Limiter {
	if n == 0 {
		n = otherwise
	}
	if n < 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(n), 1)
}

// Wait waits until the request may be sent. It is a function for
// [signalwire.WithLimiter]. A POST request that names a sender starts a call if its
// path has the segment "call" or "calls", and sends a message otherwise; these have
// limits in addition to that of POST requests. Requests of one kind and sender are
// sent in the order in which Wait was called.
//
// The error is that of the context, or [context.DeadlineExceeded] at once if the
// context's deadline is before the time at which the request may be sent. A
// request that is not sent for this reason does not count.
func (l *Limiter) Wait(ctx context.Context, op gen.Operation, sender string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	reservations := l.reserve(op, sender)
	var wait time.Duration
	for _, r := range reservations {
		wait = max(wait, r.Delay())
	}
	if wait == 0 {
		return nil
	}
	cancel := func() {
		for _, r := range reservations {
			r.Cancel()
		}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		cancel()
		return fmt.Errorf("%w: the limiter would delay the request by %v", context.DeadlineExceeded, wait.Round(time.Millisecond))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		cancel()
		return ctx.Err()
	}
}

// reserve reserves the request's place in each of the limits that apply to it.
func (l *Limiter) reserve(op gen.Operation, sender string) (all []*rate.Reservation) {
	// At once, so that they are in the same order in all limits, and so that a
	// sender's limiter is not forgotten before it is used.
	l.mu.Lock()
	defer l.mu.Unlock()
	take := func(limiter *rate.Limiter) {
		if limiter != nil {
			all = append(all, limiter.Reserve())
		}
	}
	switch op.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		take(l.writes)
	}
	switch {
	case op.Method != http.MethodPost || sender == "":
	case startsCall(op.Path):
		take(l.calls)
	default:
		take(l.sender(sender))
	}
	return all
}

// startsCall reports whether a POST request that names a sender starts a call.
func startsCall(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "call" || segment == "calls" {
			return true
		}
	}
	return false
}

// minSweep is from how many senders on idle ones are looked for.
const minSweep = 64

// sender returns the limiter of a sender, or nil if there is no limit.
func (l *Limiter) sender(sender string) *rate.Limiter {
	if limiter, ok := l.senders[sender]; ok {
		return limiter
	}
	n := l.limits.Messages
	if l.limits.MessagesFrom != nil {
		n = l.limits.MessagesFrom(sender)
	}
	limiter := perSecond(n, DefaultMessages)
	if limiter == nil {
		return nil
	}
	if len(l.senders) >= l.sweepAt {
		for name, limiter := range l.senders {
			if limiter.Tokens() >= float64(limiter.Burst()) {
				delete(l.senders, name) // it is as good as a new one
			}
		}
		l.sweepAt = max(minSweep, 2*len(l.senders))
	}
	l.senders[sender] = limiter
	return limiter
}
