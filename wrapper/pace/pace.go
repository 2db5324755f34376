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
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
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
	// MessagesFrom returns the limit for one sender, in messages a second: 0 stands for
	// Messages, and a negative number for no limit. It may be nil.
	MessagesFrom func(sender string) float64
	// Writes is how many POST, PUT and PATCH requests may be sent in any ten seconds.
	Writes int
}

// Limiter delays requests to one Space so that they stay within its limits. The zero
// Limiter has the default limits; [New] makes one with others. A Limiter is safe for
// concurrent use. It forgets senders that have not sent for a while, so that its memory does
// not grow without limit.
type Limiter struct {
	limits Limits

	mu      sync.Mutex // guards the fields below, and the field waiting of each queue
	calls   *queue     // nil if there is no limit, as are writes and those in senders
	writes  *queue
	senders map[string]*queue // nil before the first use
	sweepAt int               // the number of senders at which idle ones are removed
}

// queue has the requests to which one limit applies.
type queue struct {
	*rate.Limiter
	turn    chan struct{} // has an element while a request is the first in the queue
	waiting int           // how many requests are in the queue
}

func newQueue(limit rate.Limit, burst int) *queue {
	return &queue{Limiter: rate.NewLimiter(limit, burst), turn: make(chan struct{}, 1)}
}

// delay returns how long it takes until a request with this many requests before it in
// the queue may be sent.
func (q *queue) delay(before int) time.Duration {
	seconds := max(float64(before+1)-q.Tokens(), 0) / float64(q.Limit())
	return time.Duration(math.Ceil(min(seconds*1e9, 1<<62)))
}

// wait waits until the request is the first in the queue and may be sent. Then it stays
// the first until it receives from q.turn.
func (q *queue) wait(ctx context.Context) error {
	select {
	case q.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	for delay := q.delay(0); delay > 0; delay = q.delay(0) {
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			<-q.turn
			return ctx.Err()
		}
	}
	return nil
}

// New returns a limiter with these limits.
func New(limits Limits) *Limiter { return &Limiter{limits: limits} }

// init makes the queues when the limiter is used for the first time. The caller holds the
// lock.
func (l *Limiter) init() {
	if l.senders != nil {
		return
	}
	l.senders, l.sweepAt = map[string]*queue{}, minSweep
	l.calls = perSecond(l.limits.Calls, DefaultCalls)
	writes := l.limits.Writes
	if writes == 0 {
		writes = DefaultWrites
	}
	if writes > 0 {
		// In any ten seconds, a rate.Limiter allows its burst and ten times its rate.
		// Their sum is the limit.
		burst := max(writes/10, 1)
		l.writes = newQueue(max(rate.Limit(writes-burst), 1)/10, burst)
	}
}

// perSecond returns a queue for n requests a second without bursts. It uses otherwise if
// n is 0, and returns nil if n is negative.
func perSecond(n, otherwise float64) *queue {
	if n == 0 {
		n = otherwise
	}
	if n < 0 {
		return nil
	}
	return newQueue(rate.Limit(n), 1)
}

// Wait waits until the request may be sent. It is the function for
// [signalwire.WithLimiter]. A POST request with a sender starts a call if its path has
// the segment "call" or "calls", and sends a message otherwise. Calls and messages have
// limits in addition to that of writes. Requests of one kind and sender are sent in the
// order in which Wait was called.
//
// If the context ends, Wait returns its error. If the deadline of the context is before
// the earliest time at which the request can be sent, Wait returns [context.DeadlineExceeded] at
// once. A request that is not sent for one of these reasons does not count towards the
// limits.
func (l *Limiter) Wait(ctx context.Context, op gen.Operation, sender string) error {
	if ctx == nil {
		return errors.New("pace: expected a context, got nil")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	queues, wait := l.join(op, sender)
	defer l.leave(queues)
	if deadline, ok := ctx.Deadline(); ok && wait > 0 && time.Until(deadline) <= wait {
		return fmt.Errorf("%w: the limiter would delay the request by %v", context.DeadlineExceeded, wait.Round(time.Millisecond))
	}
	for _, q := range queues {
		if err := q.wait(ctx); err != nil {
			return err
		}
		defer func() { <-q.turn }()
	}
	for _, q := range queues { // all at once, so that each limit counts the time of sending
		q.Allow()
	}
	return nil
}

// join adds a request to the queue of each limit that applies to it. It returns the
// queues, and how long the request will have to wait at least.
func (l *Limiter) join(op gen.Operation, sender string) (queues []*queue, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.init()
	add := func(q *queue) {
		if q != nil {
			wait = max(wait, q.delay(q.waiting))
			q.waiting++
			queues = append(queues, q)
		}
	}
	switch {
	case op.Method != http.MethodPost || sender == "":
	case startsCall(op.Path):
		add(l.calls)
	default:
		add(l.sender(sender))
	}
	// This queue is the last one, so that no request waits in it that waits for another.
	switch op.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		add(l.writes)
	}
	return queues, wait
}

// leave removes a request from the queues.
func (l *Limiter) leave(queues []*queue) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range queues {
		q.waiting--
	}
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

// sender returns the queue of a sender, or nil if there is no limit. The caller holds the
// lock.
func (l *Limiter) sender(sender string) *queue {
	if q, ok := l.senders[sender]; ok {
		return q
	}
	n := 0.0
	if l.limits.MessagesFrom != nil {
		n = l.limits.MessagesFrom(sender)
	}
	q := perSecond(cmp.Or(n, l.limits.Messages), DefaultMessages)
	if q == nil {
		return nil
	}
	if len(l.senders) >= l.sweepAt {
		for name, q := range l.senders {
			if q.waiting == 0 && q.Tokens() >= float64(q.Burst()) {
				delete(l.senders, name) // a new queue would be in the same state
			}
		}
		l.sweepAt = max(minSweep, 2*len(l.senders))
	}
	l.senders[sender] = q
	return q
}
