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
		ok          bool
	}{
		{"", date, 0, false},
		{"0", date, 0, true},
		{"7", date, 7 * time.Second, true},
		{"007", date, 7 * time.Second, true},
		{" 120 ", date, 2 * time.Minute, true},
		{"4294967295", date, math.MaxUint32 * time.Second, true},
		{"-1", date, 0, false},
		{"+1", date, 0, false},
		{"1.5", date, 0, false},
		{"1e3", date, 0, false},
		{"7 seconds", date, 0, false},
		{"soon", date, 0, false},
		{"Fri, 02 Jan 2026 03:04:12 GMT", date, 7 * time.Second, true},
		{"Friday, 02-Jan-26 03:04:12 GMT", date, 7 * time.Second, true},
		{"Fri Jan  2 03:04:12 2026", date, 7 * time.Second, true},
		{date, date, 0, true},
		{"Fri, 02 Jan 2026 03:04:04 GMT", date, 0, true}, // over, and not below 0
		{"Mon, 01 Jan 0001 00:00:00 GMT", date, 0, true},
		{"Fri, 31 Dec 9999 23:59:59 GMT", date, math.MaxInt64, true},
		{"Fri, 32 Jan 2026 03:04:12 GMT", date, 0, false},
		{"Fri, 02 Jan 2026 03:04:12 CET", date, 0, false},
		// Without the server's clock there is the client's, and 2020 is over.
		{"Wed, 01 Jan 2020 00:00:00 GMT", "", 0, true},
		{"Wed, 01 Jan 2020 00:00:00 GMT", "yesterday", 0, true},
	} {
		h := http.Header{}
		h.Set("Date", tt.date)
		h.Set("Retry-After", tt.value)
		got, ok := retryAfter(h)
		require.Equal(t, tt.ok, ok, "%q", tt.value)
		require.Equal(t, tt.want, got, "%q", tt.value)
	}
	h := http.Header{"Retry-After": {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}}
	got, ok := retryAfter(h)
	require.True(t, ok)
	require.InDelta(t, time.Hour, got, float64(5*time.Second), "by the client's clock")
	_, ok = retryAfter(http.Header{})
	require.False(t, ok)
}

// TestRetryAfterBeyondAllNumbers: a wait that is too long to be counted is too
// long to be waited for, and does not pass for none at all.
func TestRetryAfterBeyondAllNumbers(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"4294967296", "99999999999", strings.Repeat("9", 100)} {
		got, ok := retryAfter(http.Header{"Retry-After": {value}})
		require.True(t, ok, "%s", value)
		require.Greater(t, got, 100*365*24*time.Hour, "%s", value)
	}
}

// TestClassify has every sort of failure, and what it means for an operation that
// may be repeated and for one that may not.
func TestClassify(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	proxy := &net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}
	certificate := &tls.CertificateVerificationError{Err: errors.New("who is this?")}
	record := tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}
	wrapped := func(err error) error { return fmt.Errorf("sending: %w", &url.Error{Op: "Get", URL: "x", Err: err}) }

	for _, tt := range []struct {
		name              string
		failure           Error
		err               error
		body              int32         // what became of the request's body; -1 if it had none
		idempotent, other retryDecision // what it means for either sort of operation
	}{
		{"reset", Error{}, reset, taken, repeat, unknown},
		{"reset, before the body was taken", Error{}, reset, untouched, repeat, repeat},
		{"reset, no body", Error{}, reset, -1, repeat, unknown},
		{"EOF", Error{}, io.EOF, taken, repeat, unknown},
		{"timeout", Error{}, context.DeadlineExceeded, taken, repeat, unknown},
		{"canceled", Error{}, context.Canceled, taken, repeat, unknown},
		{"canceled before the body was taken", Error{}, context.Canceled, untouched, repeat, repeat},
		{"refused", Error{}, refused, untouched, repeat, repeat},
		{"refused, no body", Error{}, refused, -1, repeat, repeat},
		{"refused, wrapped", Error{}, wrapped(refused), -1, repeat, repeat},
		{"proxy refused", Error{}, wrapped(proxy), -1, repeat, repeat},
		{"certificate", Error{}, certificate, untouched, final, final},
		{"certificate, wrapped", Error{}, wrapped(certificate), -1, final, final},
		{"certificate, in the dial", Error{}, &net.OpError{Op: "dial", Err: certificate}, -1, final, final},
		{"no TLS", Error{}, record, untouched, final, final},
		{"no TLS, wrapped", Error{}, wrapped(record), -1, final, final},
		{"no TLS any more", Error{}, record, taken, repeat, unknown},
		{"no TLS any more, through an http.Client", Error{}, wrapped(http.ErrSchemeMismatch), taken, repeat, unknown},
		{"no TLS, through an http.Client", Error{}, wrapped(http.ErrSchemeMismatch), untouched, final, final},

		{"200, undecodable", Error{Status: 200}, io.EOF, taken, final, final},
		{"200, cut", Error{Status: 200, cut: true}, io.ErrUnexpectedEOF, taken, repeat, final},
		{"201, cut", Error{Status: 201, cut: true}, context.Canceled, taken, repeat, final},
		{"101", Error{Status: 101}, errStatus, taken, final, final},
		{"301", Error{Status: 301}, errStatus, taken, final, unknown},
		{"307", Error{Status: 307}, errStatus, taken, final, unknown},
		{"400", Error{Status: 400}, errStatus, taken, final, final},
		{"401", Error{Status: 401}, errStatus, taken, final, final},
		{"404", Error{Status: 404}, errStatus, taken, final, final},
		{"404, before the body was taken", Error{Status: 404}, errStatus, untouched, final, final},
		{"404, cut", Error{Status: 404}, io.ErrUnexpectedEOF, taken, final, final},
		{"404 with Retry-After", Error{Status: 404, hasRetryAfter: true}, errStatus, taken, final, final},
		{"408", Error{Status: 408}, errStatus, taken, repeat, unknown},
		{"409", Error{Status: 409}, errStatus, taken, final, final},
		{"422", Error{Status: 422}, errStatus, taken, final, final},
		{"425", Error{Status: 425}, errStatus, taken, final, final},
		{"429", Error{Status: 429}, errStatus, taken, repeat, repeat},
		{"429 with Retry-After", Error{Status: 429, hasRetryAfter: true}, errStatus, taken, repeat, repeat},
		{"429, cut", Error{Status: 429}, io.ErrUnexpectedEOF, taken, repeat, repeat},
		{"500", Error{Status: 500}, errStatus, taken, repeat, unknown},
		{"500 with Retry-After", Error{Status: 500, hasRetryAfter: true}, errStatus, taken, repeat, unknown},
		{"501", Error{Status: 501}, errStatus, taken, final, unknown},
		{"502", Error{Status: 502}, errStatus, taken, repeat, unknown},
		{"503", Error{Status: 503}, errStatus, taken, repeat, unknown},
		{"503 with Retry-After", Error{Status: 503, hasRetryAfter: true}, errStatus, taken, repeat, repeat},
		{"503, cut", Error{Status: 503}, io.ErrUnexpectedEOF, taken, repeat, unknown},
		{"504", Error{Status: 504}, errStatus, taken, repeat, unknown},
		{"505", Error{Status: 505}, errStatus, taken, final, unknown},
		{"599", Error{Status: 599}, errStatus, taken, final, unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for idempotent, want := range map[bool]retryDecision{true: tt.idempotent, false: tt.other} {
				var sent *sentBody
				if tt.body >= 0 {
					sent = &sentBody{text: []byte("x")}
					sent.state.Store(tt.body)
				}
				require.Equal(t, want, classify(&gen.Operation{Idempotent: idempotent}, &tt.failure, tt.err, sent), "idempotent: %t", idempotent)
			}
		})
	}
}

// TestWait is about the moments in which there is no further attempt although
// it would do no harm.
func TestWait(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	in := func(d time.Duration) context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		t.Cleanup(cancel)
		return ctx
	}
	asked := func(d time.Duration) *Error { return &Error{RetryAfter: d, hasRetryAfter: true} }
	config := callConfig{maxAttempts: 3, maxRetryAfter: 10 * time.Second}
	for _, tt := range []struct {
		name     string
		ctx      context.Context
		failure  *Error
		next     retryDecision
		attempts int
		want     time.Duration
		again    bool
	}{
		{"after the first", t.Context(), asked(time.Second), repeat, 1, time.Second, true},
		{"after the second", t.Context(), asked(time.Second), repeat, 2, time.Second, true},
		{"after the last", t.Context(), asked(time.Second), repeat, 3, 0, false},
		{"final", t.Context(), asked(time.Second), final, 1, 0, false},
		{"unknown", t.Context(), asked(time.Second), unknown, 1, 0, false},
		{"at once", t.Context(), asked(0), repeat, 1, 0, true},
		{"as long as may be", t.Context(), asked(10 * time.Second), repeat, 1, 10 * time.Second, true},
		{"longer", t.Context(), asked(10*time.Second + 1), repeat, 1, 0, false},
		{"canceled", canceled, asked(0), repeat, 1, 0, false},
		{"before the deadline", in(time.Hour), asked(10 * time.Second), repeat, 1, 10 * time.Second, true},
		{"not before the deadline", in(9 * time.Second), asked(10 * time.Second), repeat, 1, 0, false},
		{"deadline over", in(-1), asked(0), repeat, 1, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wait, again := config.wait(tt.ctx, tt.failure, tt.next, tt.attempts)
			require.Equal(t, tt.again, again)
			require.Equal(t, tt.want, wait)
		})
	}
	t.Run("backoff", func(t *testing.T) {
		for range 100 {
			wait, again := config.wait(t.Context(), &Error{}, repeat, 2)
			require.True(t, again)
			require.Less(t, wait, time.Second)
			// A time that is a millisecond away is not waited for, unless the
			// dice say less.
			wait, again = config.wait(in(time.Millisecond), &Error{}, repeat, 2)
			require.Equal(t, again, wait > 0)
			require.LessOrEqual(t, wait, time.Millisecond)
		}
	})
}

// TestBodyIsWithheld: once a call has ended without its body being taken, a
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
	require.True(t, sent.prevent())
	read, err := io.ReadAll(req.Body)
	require.Error(t, err)
	require.Empty(t, read)
	again, err := req.GetBody()
	require.NoError(t, err)
	read, err = io.ReadAll(again)
	require.Error(t, err)
	require.Empty(t, read)
	require.False(t, sent.prevent(), "twice")

	req, sent = newBody()
	n, err := req.Body.Read(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, sent.prevent(), "a byte of it was taken")
	rest, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	require.Equal(t, "ecret", string(rest))

	require.False(t, new(sentBody).prevent(), "there is none to withhold")
}
