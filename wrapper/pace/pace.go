// Package pace keeps the requests of one process within SignalWire's limits. Requests wait
// in the process, so that SignalWire need not refuse or queue them:
//
//	client, err := signalwire.New("acme",
//		signalwire.WithCredentials(projectID, apiToken),
//		signalwire.WithLimiter(pace.New(pace.Limits{}).Wait))
//
// SignalWire limits, for each Space, the rate of calls that are started, the rate of
// messages from each sender, and the rate of requests that change something. All clients
// of a Space in one process should share one [Limiter]. If several processes call the same
// Space, give [signalwire.WithLimiter] a function that asks a service which the processes
// share.
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

// The default limits of a [Limiter], which are those of a new Space according to
// SignalWire's guides.
const (
	// DefaultCalls is how many calls a Space may start in a second.
	DefaultCalls = 1
	// DefaultMessages is how many messages a sender may send in a second. The limit of
	// SignalWire is 1 to 10, depending on the kind of number.
	DefaultMessages = 1
	// DefaultWrites is how many POST, PUT and PATCH requests a Space accepts in ten
	// seconds. It does not limit GET and DELETE.
	DefaultWrites = 13800
)

// Limits are the limits of a Space. In each numeric field, 0 stands for the default, and
// a negative number for no limit.
type Limits struct {
	// Calls is how many calls may be started in a second.
	Calls float64
	// Messages is how many messages each sender may send in a second.
	Messages float64
	// MessagesFrom returns the limit for one sender, in messages a second, which replaces
	// Messages. It may be nil.
	MessagesFrom func(sender string) float64
	// Writes is how many POST, PUT and PATCH requests may be sent in any ten seconds.
	Writes int
}

// Limiter delays requests to one Space so that they stay within its limits. It is safe
// for concurrent use. It forgets senders that have not sent for a while, so that its
// memory does not grow without limit.
type Limiter struct {
	limits Limits
	calls  *rate.Limiter // nil if there is no limit, as are writes and those in senders
	writes *rate.Limiter

	mu      sync.Mutex
	senders map[string]*rate.Limiter
	sweepAt int // the number of senders at which idle ones are removed
}

// New returns a limiter with these limits.
func New(limits Limits) *Limiter {
	l := &Limiter{limits: limits, senders: map[string]*rate.Limiter{}, sweepAt: minSweep}
	l.calls = perSecond(limits.Calls, DefaultCalls)
	writes := limits.Writes
	if writes == 0 {
		writes = DefaultWrites
	}
	if writes > 0 {
		// In any ten seconds, a rate.Limiter allows its burst and ten times its rate.
		// Their sum is the limit.
		burst := max(writes/10, 1)
		l.writes = rate.NewLimiter(max(rate.Limit(writes-burst), 1)/10, burst)
	}
	return l
}

// perSecond returns a limiter for n requests a second without bursts. It uses otherwise
// if n is 0, and returns nil if n is negative.
func perSecond(n, otherwise float64) *rate.Limiter {
	if n == 0 {
		n = otherwise
	}
	if n < 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(n), 1)
}

// Wait waits until the request may be sent. It is the function for
// [signalwire.WithLimiter]. A POST request with a sender starts a call if its path has
// the segment "call" or "calls", and sends a message otherwise. Calls and messages have
// limits in addition to that of writes. Requests of one kind and sender are sent in the
// order in which Wait was called.
//
// If the context ends, Wait returns its error. If the deadline of the context is before
// the time at which the request may be sent, Wait returns [context.DeadlineExceeded] at
// once. A request that is not sent for one of these reasons does not count towards the
// limits.
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

// reserve reserves a place for the request in each limit that applies to it.
func (l *Limiter) reserve(op gen.Operation, sender string) (all []*rate.Reservation) {
	// The lock makes all limits have the requests in the same order, and keeps the limiter
	// of a sender from being removed before it is used.
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

// minSweep is the smallest number of senders at which idle ones are removed.
const minSweep = 64

// sender returns the limiter of a sender, or nil if there is no limit. The caller holds
// the lock.
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
				delete(l.senders, name) // a new limiter would be in the same state
			}
		}
		l.sweepAt = max(minSweep, 2*len(l.senders))
	}
	l.senders[sender] = limiter
	return limiter
}
