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

// retryDecision is what a failed attempt means for the next one.
type retryDecision int

const (
	giveUp         retryDecision = iota // repeating would not help, or would do harm
	retryable                           // repeating may help and does no harm
	outcomeUnknown                      // the request might be processed twice
)

// classify decides whether a failed attempt may be repeated, and sets whether it
// may have taken effect. err is what failed, or errStatus if that was the status.
func classify(op *gen.Operation, failure *Error, err error, sent *sentBody, config *callConfig) retryDecision {
	var (
		done     = true // the Space may have processed it
		passing  bool   // the cause may be gone the next time
		timedOut bool   // the Space may still be processing it
	)
	read := op.Method == http.MethodGet || op.Method == http.MethodHead
	switch status := failure.Status; {
	case status == 0:
		unsent := sent.withhold()
		if isCertificateError(err) && !sent.started() { // or else it spoke TLS at first
			return giveUp
		}
		done = !unsent && !neverConnected(err) && !errors.Is(err, errNotProcessed)
		passing, timedOut = !errors.Is(err, errRedirectFollowed), isTimeout(err)
	case status/100 == 2 && failure.kind == notOurs:
		passing = true
	case status/100 == 2: // it was processed
		failure.MayHaveTakenEffect = !read
		if read && failure.kind == damaged {
			return retryable
		}
		return giveUp
	case status == http.StatusTooManyRequests:
		done, passing = false, op.Idempotent || isRefusal(failure.Body)
	case status == http.StatusServiceUnavailable:
		done, passing = !isRefusal(failure.Body), true
	case status == http.StatusGatewayTimeout:
		passing, timedOut = true, true
	case status == http.StatusRequestTimeout, status == http.StatusInternalServerError, status == http.StatusBadGateway:
		passing = true
	case status/100 == 4:
		return giveUp // it was refused
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

// isRefusal reports whether a body says that the Space itself refused the
// request: it has an array errors, and each of its items a type and a code.
// Servers between the client and the Space have other bodies.
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

// isTimeout reports whether nothing more is wrong than that the response took
// too long.
func isTimeout(err error) bool {
	return anyError(err, func(err error) bool {
		timeout, ok := err.(net.Error)
		return ok && timeout.Timeout()
	})
}

// neverConnected reports whether no connection to send anything on came about.
func neverConnected(err error) bool {
	return anyError(err, func(err error) bool {
		op, ok := err.(*net.OpError)
		return ok && (op.Op == "dial" || op.Op == "proxyconnect")
	})
}

// isCertificateError reports whether the server is not who it should be, or does
// not speak TLS. That will not pass.
func isCertificateError(err error) bool {
	return anyError(err, func(err error) bool {
		switch err.(type) {
		case *tls.CertificateVerificationError, tls.RecordHeaderError:
			return true
		}
		return err == http.ErrSchemeMismatch
	})
}

// anyError reports whether is is true of err or of an error that it wraps. In
// place of [errors.As], it keeps package reflect's part of that out of programs.
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

// wait returns how long to wait before the next attempt, if there is to be one. A
// Retry-After that is over is no reason to come back at once.
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

// backoff is a random time below a limit that doubles with each attempt (full
// jitter), so that clients which failed together do not come back together.
func backoff(attempts int) time.Duration {
	limit := min(500*time.Millisecond<<min(attempts-1, 10), 10*time.Second)
	return rand.N(limit)
}

// retryAfter reads the header Retry-After in both of its forms (RFC 9110,
// section 10.2.3): seconds, and a date, from which the response's own date is
// taken so that the clocks of the two sides do not matter. It returns 0 if
// there is none, or if it is over.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) { // out of range, it is the greatest
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
