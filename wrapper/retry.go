package signalwire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// WithMaxAttempts sets how often a request is sent at most, the first time
// included; 1 turns repeating off. The default is 4.
//
// A request is repeated after a failure of the network or a status of 408, 429,
// 500, 502, 503 or 504 if the operation is idempotent (RFC 9110, section
// 9.2.2): GET, PUT and DELETE, and a PATCH that sets fields to given values.
// Another request is repeated only if it certainly was not carried out: it
// never left, or the answer is 429, or 503 with Retry-After. A DELETE that is
// repeated can find that the first attempt succeeded, and fail with
// [ErrNotFound].
//
// Between attempts the client waits as long as Retry-After says, or else a
// random time up to 0.5 s, 1 s, 2 s and so on, at most 10 s (exponential backoff
// with full jitter). It does not wait past the deadline of the context.
func WithMaxAttempts(n int) CallOption {
	return callOption(func(c *callConfig) error {
		if n < 1 {
			return fmt.Errorf("maximum attempts %d: want at least 1", n)
		}
		c.maxAttempts = n
		return nil
	})
}

// WithMaxRetryAfter sets the longest Retry-After that is waited for. If the
// Space asks for more, the call returns at once, with that time in the error's
// RetryAfter. The default is 30 seconds.
func WithMaxRetryAfter(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("maximum Retry-After %v: want 0 or more", d)
		}
		c.maxRetryAfter = d
		return nil
	})
}

// retryDecision is what a failed attempt means for the next one.
type retryDecision int

const (
	final   retryDecision = iota // repeating would not help
	repeat                       // repeating may help and does no harm
	unknown                      // repeating might carry the request out twice
)

// classify tells what a failed attempt means, by what failed beside the status.
func classify(op *gen.Operation, failure *Error, err error, sent *sentBody) retryDecision {
	var harmless bool // the Space certainly did nothing
	switch status := failure.Status; {
	case status == 0:
		unsent := sent.prevent()
		if isCertificateError(err) && !sent.taken() { // or else it spoke TLS at first
			return final
		}
		if op.Idempotent && errors.Is(err, errRedirectFollowed) {
			return final
		}
		harmless = neverConnected(err) || errors.Is(err, errNotProcessed) || unsent
	case status/100 == 2 && !(failure.cut && op.Idempotent):
		return final // carried out, whatever became of the answer
	case status/100 == 2:
	case status == http.StatusTooManyRequests:
		harmless = true
	case status == http.StatusServiceUnavailable:
		harmless = failure.hasRetryAfter
	case status == http.StatusRequestTimeout, status == http.StatusInternalServerError,
		status == http.StatusBadGateway, status == http.StatusGatewayTimeout:
	case (status/100 == 3 || status > http.StatusInternalServerError) && !op.Idempotent:
		return unknown // it may well have been carried out first
	default:
		return final
	}
	if op.Idempotent || harmless {
		return repeat
	}
	return unknown
}

// neverConnected tells whether no connection to send anything on came about.
func neverConnected(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// isCertificateError tells whether the server is not who it should be, or does
// not speak TLS. That will not pass.
func isCertificateError(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &certificate) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// wait tells how long to wait before the next attempt, if there is to be one.
func (c *callConfig) wait(ctx context.Context, failure *Error, next retryDecision, attempts int) (time.Duration, bool) {
	if next != repeat || attempts >= c.maxAttempts || ctx.Err() != nil {
		return 0, false
	}
	wait := backoff(attempts)
	if failure.hasRetryAfter {
		if wait = failure.RetryAfter; wait > c.maxRetryAfter {
			return 0, false
		}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return 0, false
	}
	return wait, true
}

// backoff is a random time below a limit that doubles with each attempt (full
// jitter), so that clients which failed together do not come back together.
func backoff(attempts int) time.Duration {
	limit := min(500*time.Millisecond<<min(attempts-1, 10), 10*time.Second)
	return rand.N(limit)
}

// retryAfter reads the header Retry-After in both of its forms (RFC 9110,
// section 10.2.3): seconds, and a date, from which the answer's own date is
// taken so that the clocks of the two sides do not matter.
func retryAfter(h http.Header) (time.Duration, bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) { // out of range, it is the greatest
		return time.Duration(seconds) * time.Second, true
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(until.Sub(now), 0), true
}
