package signalwire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// TestBackoff: the wait before attempt n+1 is from 0 to below a limit that
// starts at half a second, doubles each time and ends at ten seconds, and any
// time in between is as likely as any other.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempts, limit := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 4: 4 * time.Second, 5: 8 * time.Second,
		6: 10 * time.Second, 7: 10 * time.Second, 11: 10 * time.Second, 12: 10 * time.Second, 64: 10 * time.Second, math.MaxInt: 10 * time.Second,
	} {
		const draws, parts = 4000, 8
		var sum time.Duration
		var hits [parts]int
		for range draws {
			wait := backoff(attempts)
			if wait < 0 || wait >= limit {
				require.Fail(t, "out of range", "%v after attempt %d", wait, attempts)
			}
			hits[wait*parts/limit]++
			sum += wait
		}
		// 500 are expected in each part; 300 are nine standard deviations off.
		for part, n := range hits {
			require.InDelta(t, draws/parts, n, 200, "part %d after attempt %d", part, attempts)
		}
		require.InDelta(t, limit/2, sum/draws, float64(limit)/20, "the mean after attempt %d", attempts)
	}
}

// TestRetryAfter reads both forms (RFC 9110, section 10.2.3), the date in the
// three formats of section 5.6.7, and takes what is neither for nothing.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const date = "Fri, 02 Jan 2026 03:04:05 GMT"
	for _, tt := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", date, 0},
		{"0", date, 0},
		{"7", date, 7 * time.Second},
		{"007", date, 7 * time.Second},
		{" 120 ", date, 2 * time.Minute},
		{"4294967295", date, math.MaxUint32 * time.Second},
		{"-1", date, 0},
		{"+1", date, 0},
		{"1.5", date, 0},
		{"1e3", date, 0},
		{"7 seconds", date, 0},
		{"soon", date, 0},
		{"Fri, 02 Jan 2026 03:04:12 GMT", date, 7 * time.Second},
		{"Friday, 02-Jan-26 03:04:12 GMT", date, 7 * time.Second},
		{"Fri Jan  2 03:04:12 2026", date, 7 * time.Second},
		{date, date, 0},
		{"Fri, 02 Jan 2026 03:04:04 GMT", date, 0}, // over, and not below 0
		{"Mon, 01 Jan 0001 00:00:00 GMT", date, 0},
		{"Fri, 31 Dec 9999 23:59:59 GMT", date, math.MaxInt64},
		{"Fri, 32 Jan 2026 03:04:12 GMT", date, 0},
		{"Fri, 02 Jan 2026 03:04:12 CET", date, 0},
		// Without the server's clock there is the client's, and 2020 is over.
		{"Wed, 01 Jan 2020 00:00:00 GMT", "", 0},
		{"Wed, 01 Jan 2020 00:00:00 GMT", "yesterday", 0},
	} {
		h := http.Header{}
		h.Set("Date", tt.date)
		h.Set("Retry-After", tt.value)
		require.Equal(t, tt.want, retryAfter(h), "%q", tt.value)
	}
	h := http.Header{"Retry-After": {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}}
	require.InDelta(t, time.Hour, retryAfter(h), float64(5*time.Second), "by the client's clock")
	require.Zero(t, retryAfter(http.Header{}))
}

// TestRetryAfterBeyondAllNumbers: a wait that is too long to be counted is too
// long to be waited for, and does not pass for none at all.
func TestRetryAfterBeyondAllNumbers(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"4294967296", "99999999999", strings.Repeat("9", 100)} {
		got := retryAfter(http.Header{"Retry-After": {value}})
		require.Greater(t, got, 100*365*24*time.Hour, "%s", value)
	}
}

// TestClassify has every sort of failure, and what it means for a read, for
// a change that may be repeated, and for one that must not be.
func TestClassify(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	proxy := &net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}
	dialTimeout := &net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}
	lost := &net.OpError{Op: "read", Err: syscall.ETIMEDOUT}
	certificate := &tls.CertificateVerificationError{Err: errors.New("who is this?")}
	record := tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}
	wrapped := func(err error) error { return fmt.Errorf("sending: %w", &url.Error{Op: "Get", URL: "x", Err: err}) }
	space := ResponseBody(`{"errors":[{"type":"rate_limit_error","code":"rate_limit_exceeded"}]}`)

	// meaning is what a failure means. The effect is of a change.
	type meaning struct {
		read, change, other retryDecision
		effect              bool // it may have taken effect
	}
	var (
		nothingDone = meaning{retryable, retryable, retryable, false} // the same for all
		mayBeDone   = meaning{retryable, retryable, outcomeUnknown, true}
		stillDone   = meaning{retryable, giveUp, outcomeUnknown, true} // perhaps at this moment
		mayBeDone1  = meaning{giveUp, giveUp, outcomeUnknown, true}    // and another attempt is no use
		carriedOut  = meaning{retryable, giveUp, giveUp, true}
		carriedOut1 = meaning{giveUp, giveUp, giveUp, true}
		refusal     = meaning{giveUp, giveUp, giveUp, false}
		limited     = meaning{retryable, retryable, giveUp, false}
	)
	for _, tt := range []struct {
		name    string
		failure Error
		err     error
		body    int32 // what became of the request's body; -1 if it had none
		want    meaning
	}{
		{"reset", Error{}, reset, started, mayBeDone},
		{"reset, before the body was started", Error{}, reset, untouched, nothingDone},
		{"reset, no body", Error{}, reset, -1, mayBeDone},
		{"EOF", Error{}, io.EOF, started, mayBeDone},
		{"timeout", Error{}, context.DeadlineExceeded, started, stillDone},
		{"timeout, wrapped", Error{}, wrapped(context.DeadlineExceeded), started, stillDone},
		{"timeout before the body was started", Error{}, context.DeadlineExceeded, untouched, nothingDone},
		{"timeout of the connection", Error{}, lost, started, stillDone},
		{"timeout of the dial", Error{}, dialTimeout, -1, nothingDone},
		{"canceled", Error{}, context.Canceled, started, mayBeDone},
		{"canceled before the body was started", Error{}, context.Canceled, untouched, nothingDone},
		{"refused", Error{}, refused, untouched, nothingDone},
		{"refused, no body", Error{}, refused, -1, nothingDone},
		{"refused, wrapped", Error{}, wrapped(refused), -1, nothingDone},
		{"proxy refused", Error{}, wrapped(proxy), -1, nothingDone},
		{"certificate", Error{}, certificate, untouched, refusal},
		{"certificate, wrapped", Error{}, wrapped(certificate), -1, refusal},
		{"certificate, in the dial", Error{}, &net.OpError{Op: "dial", Err: certificate}, -1, refusal},
		{"no TLS", Error{}, record, untouched, refusal},
		{"no TLS, wrapped", Error{}, wrapped(record), -1, refusal},
		{"no TLS any more", Error{}, record, started, mayBeDone},
		{"no TLS any more, through an http.Client", Error{}, wrapped(http.ErrSchemeMismatch), started, mayBeDone},
		{"no TLS, through an http.Client", Error{}, wrapped(http.ErrSchemeMismatch), untouched, refusal},

		{"200, damaged", Error{Status: 200, kind: damaged}, io.ErrUnexpectedEOF, started, carriedOut},
		{"201, damaged by a timeout", Error{Status: 201, kind: damaged}, context.DeadlineExceeded, started, carriedOut},
		{"200, over a limit", Error{Status: 200, kind: unwanted}, errTooLong, started, carriedOut1},
		{"200, not ours", Error{Status: 200, kind: notOurs}, io.EOF, started, mayBeDone},
		{"099", Error{Status: 99}, io.EOF, started, mayBeDone1},
		{"101", Error{Status: 101}, errStatus, started, mayBeDone1},
		{"301", Error{Status: 301}, errStatus, started, mayBeDone1},
		{"307", Error{Status: 307}, errStatus, started, mayBeDone1},
		{"400", Error{Status: 400}, errStatus, started, refusal},
		{"401", Error{Status: 401}, errStatus, started, refusal},
		{"404", Error{Status: 404}, errStatus, started, refusal},
		{"404, before the body was started", Error{Status: 404}, errStatus, untouched, refusal},
		{"404, cut", Error{Status: 404}, io.ErrUnexpectedEOF, started, refusal},
		{"404 with Retry-After", Error{Status: 404, RetryAfter: 1}, errStatus, started, refusal},
		{"404 of the Space", Error{Status: 404, Body: space}, errStatus, started, refusal},
		{"408", Error{Status: 408}, errStatus, started, mayBeDone},
		{"409", Error{Status: 409}, errStatus, started, refusal},
		{"422", Error{Status: 422}, errStatus, started, refusal},
		{"425", Error{Status: 425}, errStatus, started, refusal},
		{"429", Error{Status: 429}, errStatus, started, limited},
		{"429 with Retry-After", Error{Status: 429, RetryAfter: 1}, errStatus, started, limited},
		{"429 of the Space", Error{Status: 429, Body: space}, errStatus, started, nothingDone},
		{"429, cut", Error{Status: 429}, io.ErrUnexpectedEOF, started, limited},
		{"500", Error{Status: 500}, errStatus, started, mayBeDone},
		{"500 of the Space", Error{Status: 500, Body: space}, errStatus, started, mayBeDone},
		{"501", Error{Status: 501}, errStatus, started, mayBeDone1},
		{"502", Error{Status: 502}, errStatus, started, mayBeDone},
		{"502 of the Space", Error{Status: 502, Body: space}, errStatus, started, mayBeDone},
		{"503", Error{Status: 503}, errStatus, started, stillDone},
		{"503 with Retry-After", Error{Status: 503, RetryAfter: 1}, errStatus, started, stillDone},
		{"503 of the Space", Error{Status: 503, Body: space}, errStatus, started, nothingDone},
		{"503, cut", Error{Status: 503, Body: space[:20]}, io.ErrUnexpectedEOF, started, stillDone},
		{"504", Error{Status: 504}, errStatus, started, stillDone},
		{"504 of the Space", Error{Status: 504, Body: space}, errStatus, started, stillDone},
		{"505", Error{Status: 505}, errStatus, started, mayBeDone1},
		{"599", Error{Status: 599}, errStatus, started, mayBeDone1},
		{"600", Error{Status: 600}, errStatus, started, mayBeDone1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, op := range []struct {
				gen.Operation
				want           retryDecision
				timeoutsToo    bool
				mayHaveEffects bool
			}{
				{gen.Operation{Method: "GET", Idempotent: true}, tt.want.read, false, false},
				{gen.Operation{Method: "PATCH", Idempotent: true}, tt.want.change, false, tt.want.effect},
				{gen.Operation{Method: "PATCH", Idempotent: true}, max(tt.want.change, map[bool]retryDecision{true: retryable}[tt.want == stillDone]), true, tt.want.effect},
				{gen.Operation{Method: "POST"}, tt.want.other, true, tt.want.effect},
			} {
				var sent *sentBody
				if tt.body >= 0 {
					sent = &sentBody{text: []byte("x")}
					sent.state.Store(tt.body)
				}
				failure := tt.failure
				require.Equal(t, op.want, classify(&op.Operation, &failure, tt.err, sent, &callConfig{retryAfterTimeout: op.timeoutsToo}), op.Method)
				require.Equal(t, op.mayHaveEffects, failure.MayHaveTakenEffect, op.Method)
			}
		})
	}
}

// TestIsRefusal: only the Space itself says so with an array of errors of which
// each has a type and a code.
func TestIsRefusal(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"errors":[{"type":"rate_limit_error","code":"rate_limit_exceeded","message":"m","url":"u"}]}`: true,
		`{"errors":[{"type":"a","code":"b"},{"type":"a","code":"b"}],"more":1}`:                         true,
		`{"errors":[{"type":"a","code":"b"},{"type":"a"}]}`:                                             false,
		`{"errors":[{"type":"a","code":""}]}`:                                                           false,
		`{"errors":[{"code":"b"}]}`:                                                                     false,
		`{"errors":[]}`:                                                                                 false,
		`{"errors":{"type":"a","code":"b"}}`:                                                            false,
		`{"errors":["a"]}`:                                                                              false,
		`{"error":"Too Many Requests"}`:                                                                 false,
		`{"type":"a","code":"b"}`:                                                                       false,
		`[{"type":"a","code":"b"}]`:                                                                     false,
		`{"errors":[{"type":"a","code":"b"}]`:                                                           false,
		`<html>{"errors":[{"type":"a","code":"b"}]}`:                                                    false,
		``: false,
	} {
		require.Equal(t, want, isRefusal([]byte(body)), body)
	}
}

// TestWait is about the moments in which there is no further attempt although
// it would do no harm.
func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testWait)
}

func testWait(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	in := func(d time.Duration) context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		t.Cleanup(cancel)
		return ctx
	}
	asked := func(d time.Duration) *Error { return &Error{RetryAfter: d} }
	config := callConfig{maxAttempts: 3, maxRetryAfter: 10 * time.Second, backoff: func(attempts int) time.Duration { return time.Duration(attempts) }}
	for _, tt := range []struct {
		name     string
		ctx      context.Context
		failure  *Error
		next     retryDecision
		attempts int
		want     time.Duration
		again    bool
	}{
		{"after the first", t.Context(), asked(time.Second), retryable, 1, time.Second, true},
		{"after the second", t.Context(), asked(time.Second), retryable, 2, time.Second, true},
		{"after the last", t.Context(), asked(time.Second), retryable, 3, 0, false},
		{"final", t.Context(), asked(time.Second), giveUp, 1, 0, false},
		{"unknown", t.Context(), asked(time.Second), outcomeUnknown, 1, 0, false},
		{"at once", t.Context(), asked(0), retryable, 2, 2, true},
		{"as long as may be", t.Context(), asked(10 * time.Second), retryable, 1, 10 * time.Second, true},
		{"longer", t.Context(), asked(10*time.Second + 1), retryable, 1, 0, false},
		{"canceled", canceled, asked(0), retryable, 1, 0, false},
		{"before the deadline", in(10*time.Second + 1), asked(10 * time.Second), retryable, 1, 10 * time.Second, true},
		{"not before the deadline", in(10 * time.Second), asked(10 * time.Second), retryable, 1, 0, false},
		{"deadline over", in(-1), asked(0), retryable, 1, 0, false},
	} {
		wait, again := config.wait(tt.ctx, tt.failure, tt.next, tt.attempts)
		require.Equal(t, tt.again, again, tt.name)
		require.Equal(t, tt.want, wait, tt.name)
	}
	config.backoff = backoff
	for range 100 {
		wait, again := config.wait(t.Context(), &Error{}, retryable, 2)
		require.True(t, again)
		require.Less(t, wait, time.Second)
		// A deadline that is a millisecond away ends the call, unless the random
		// wait is shorter.
		wait, again = config.wait(in(time.Millisecond), &Error{}, retryable, 2)
		require.Equal(t, again, wait > 0)
		require.Less(t, wait, time.Millisecond)
	}
}

// TestBodyIsWithheld: once a call has ended without its body being read, a
// transport that is late gets none of it.
func TestBodyIsWithheld(t *testing.T) {
	t.Parallel()
	newBody := func() (*http.Request, *sentBody) {
		sent := &sentBody{text: []byte("secret")}
		req := &http.Request{}
		sent.attach(req, true)
		return req, sent
	}
	req, sent := newBody()
	require.True(t, sent.withhold())
	read, err := io.ReadAll(req.Body)
	require.Error(t, err)
	require.Empty(t, read)
	again, err := req.GetBody()
	require.NoError(t, err)
	read, err = io.ReadAll(again)
	require.Error(t, err)
	require.Empty(t, read)
	require.False(t, sent.withhold(), "twice")

	req, sent = newBody()
	n, err := req.Body.Read(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, sent.withhold(), "a byte of it was read")
	rest, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	require.Equal(t, "ecret", string(rest))

	require.False(t, new(sentBody).withhold(), "there is none to withhold")
}
