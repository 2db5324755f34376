package signalwire

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// retryDecision says whether a request whose attempt failed may be sent again.
type retryDecision int

const (
	giveUp         retryDecision = iota // no: a retry would not help, or would do harm
	retryable                           // yes: a retry may help, and does no harm
	outcomeUnknown                      // no: the request could be processed twice
)

// classify decides whether a failed attempt may be repeated, and sets
// failure.MayHaveTakenEffect. The argument err is the cause, or errStatus if the failure
// is an error status. [WithMaxAttempts] documents the rules.
func classify(op *gen.Operation, failure *Error, err error, sent *sentBody, config *callConfig) retryDecision {
	var (
		done     = true // the Space may have processed the request
		passing  bool   // the failure may be temporary
		timedOut bool   // the Space may still be processing the request
	)
	read := isRead(op)
	switch status := failure.Status; {
	case status == 0:
		unsent := sent.withhold()
		// If the body was started, an earlier TLS handshake had succeeded.
		if isCertificateError(err) && !sent.started() {
			return giveUp
		}
		done = !unsent && !neverConnected(err) && !errors.Is(err, errNotProcessed)
		passing, timedOut = !errors.Is(err, errRedirectFollowed), isTimeout(err)
	case status/100 == 2 && failure.kind == notOurs:
		passing = true
	case status/100 == 2: // the Space processed the request
		failure.MayHaveTakenEffect = !read
		if read && failure.kind == damaged {
			return retryable
		}
		return giveUp
	case status == http.StatusTooManyRequests:
		done, passing = false, op.Idempotent || isRefusal(failure.Body)
	case status == http.StatusServiceUnavailable: // proxies report timeouts with it, too
		done, passing, timedOut = !isRefusal(failure.Body), true, true
	case status == http.StatusGatewayTimeout:
		passing, timedOut = true, true
	case status == http.StatusRequestTimeout, status == http.StatusInternalServerError, status == http.StatusBadGateway:
		passing = true
	case status/100 == 4:
		return giveUp // the request was refused
	}
	failure.MayHaveTakenEffect = done && !read
	switch {
	case done && !op.Idempotent:
		return outcomeUnknown
	case !passing, done && timedOut && !read && !config.retryAfterTimeout:
		return giveUp
	}
	return retryable
}

// isRead reports whether an operation changes nothing.
func isRead(op *gen.Operation) bool {
	return op.Method == http.MethodGet || op.Method == http.MethodHead
}

// isRefusal reports whether the body of a response shows that the Space itself refused
// the request: it has an array errors, in which each item has a type and a code. Servers
// between the client and the Space send other bodies.
func isRefusal(body []byte) bool {
	var refusal struct {
		Errors []struct{ Type, Code string }
	}
	if json.Unmarshal(body, &refusal) != nil {
		return false
	}
	for _, item := range refusal.Errors {
		if item.Type == "" || item.Code == "" {
			return false
		}
	}
	return len(refusal.Errors) > 0
}

// isTimeout reports whether the cause of err is a timeout.
func isTimeout(err error) bool {
	return anyError(err, func(err error) bool {
		timeout, ok := err.(net.Error)
		return ok && timeout.Timeout()
	})
}

// neverConnected reports whether the request was not sent because no connection could be
// made.
func neverConnected(err error) bool {
	return anyError(err, func(err error) bool {
		op, ok := err.(*net.OpError)
		return ok && (op.Op == "dial" || op.Op == "proxyconnect")
	})
}

// isCertificateError reports whether the certificate of the server is not valid, or the
// server does not speak TLS. A retry would fail in the same way.
func isCertificateError(err error) bool {
	return anyError(err, func(err error) bool {
		switch err.(type) {
		case *tls.CertificateVerificationError, tls.RecordHeaderError:
			return true
		}
		return err == http.ErrSchemeMismatch
	})
}

// anyError reports whether is returns true for err or for an error that it wraps. It
// replaces [errors.As], which would link more of package reflect.
func anyError(err error, is func(error) bool) bool {
	if err == nil || is(err) {
		return err != nil
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		return anyError(err.Unwrap(), is)
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(err.Unwrap(), func(err error) bool { return anyError(err, is) })
	}
	return false
}

// repeat calls attempt until it succeeds or fails in a way that another attempt would not
// mend, the attempts are used up, or ctx ends. attempt returns the decision whether it may
// be repeated, and how many of the attempts so far count.
func (c *callConfig) repeat(ctx context.Context, op *gen.Operation, req *request, info *CallInfo, attempt func() (failure *Error, next retryDecision, count int)) *Error {
	var last *Error
	for {
		info.Attempts++
		failure, next, count := attempt()
		if failure == nil {
			return nil
		}
		failure.follow(last, info.Attempts)
		last = failure
		wait, again := c.wait(ctx, failure, next, count)
		if !again {
			return failure
		}
		retry := *info
		retry.Err, retry.Wait, retry.retrying = failure, wait, true
		c.report(ctx, retry)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		if err := c.admit(ctx, op, req, info); err != nil {
			return failure.notRepeated(err)
		}
	}
}

// wait returns the time to wait before the next attempt, and reports whether to make
// another attempt. attempts is the number of attempts so far. A Retry-After of 0, or in
// the past, does not replace the backoff, so that no attempt is made at once.
func (c *callConfig) wait(ctx context.Context, failure *Error, next retryDecision, attempts int) (time.Duration, bool) {
	if next != retryable || attempts >= c.maxAttempts || ctx.Err() != nil {
		return 0, false
	}
	wait := c.backoff(attempts)
	if failure.RetryAfter > 0 {
		if wait = failure.RetryAfter; wait > c.maxRetryAfter {
			return 0, false
		}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return 0, false
	}
	return wait, true
}

// backoff returns a random time below a limit that doubles with each attempt, from 0.5 s
// to 10 s (exponential backoff with full jitter), so that clients that failed at the same
// time do not retry at the same time.
func backoff(attempts int) time.Duration {
	limit := min(500*time.Millisecond<<min(attempts-1, 10), 10*time.Second)
	return rand.N(limit)
}

// retryAfter returns the time that the header Retry-After asks to wait. The header has a
// number of seconds or a date (RFC 9110, section 10.2.3). A date is compared with the
// Date header of the response, so that a wrong clock on either side does not matter.
// retryAfter returns 0 if there is no such header or the date has passed.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		// ParseUint returns the maximum if the number is out of range.
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(until.Sub(now), 0)
}
