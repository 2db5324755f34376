package pace_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/pace"
)

var (
	message = gen.Operation{Method: "POST", Path: "/api/messaging/messages"}
	dial    = gen.Operation{Method: "POST", Path: "/api/calling/calls"}
	mfaCall = gen.Operation{Method: "POST", Path: "/api/relay/rest/mfa/call"}
	mfaSMS  = gen.Operation{Method: "POST", Path: "/api/relay/rest/mfa/sms"}
	create  = gen.Operation{Method: "POST", Path: "/api/fabric/resources/call_flows"}
	read    = gen.Operation{Method: "GET", Path: "/api/voice/logs"}
	remove  = gen.Operation{Method: "DELETE", Path: "/api/relay/rest/queues/{id}"}
)

// spent is how long it takes until n requests that come at once were let through.
func spent(t *testing.T, l *pace.Limiter, n int, op gen.Operation, sender string) time.Duration {
	t.Helper()
	started := time.Now()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if err := l.Wait(t.Context(), op, sender); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return time.Since(started)
}

// TestLimits: how long requests of each kind wait for each other.
func TestLimits(t *testing.T) {
	t.Parallel()
	byNumber := func(sender string) float64 { return float64(len(sender)) }
	for _, tt := range []struct {
		name   string
		limits pace.Limits
		op     gen.Operation
		sender string
		n      int
		want   time.Duration
	}{
		{"calls", pace.Limits{}, dial, "+1", 5, 4 * time.Second},
		{"calls for a code", pace.Limits{}, mfaCall, "+1", 5, 4 * time.Second},
		{"calls, faster", pace.Limits{Calls: 4}, dial, "+1", 5, time.Second},
		{"calls, no limit", pace.Limits{Calls: -1}, dial, "+1", 5, 0},
		{"commands to a call", pace.Limits{}, dial, "", 5, 0},
		{"messages", pace.Limits{}, message, "+1", 5, 4 * time.Second},
		{"messages with a code", pace.Limits{}, mfaSMS, "+1", 5, 4 * time.Second},
		{"messages, faster", pace.Limits{Messages: 10}, message, "+1", 5, 400 * time.Millisecond},
		{"messages, by the number", pace.Limits{Messages: 10, MessagesFrom: byNumber}, message, "+1", 5, 2 * time.Second},
		{"messages, by a number that has no limit of its own", pace.Limits{Messages: 10, MessagesFrom: func(string) float64 { return 0 }}, message, "+1", 5, 400 * time.Millisecond},
		{"messages, no limit by the number", pace.Limits{MessagesFrom: func(string) float64 { return -1 }}, message, "+1", 5, 0},
		{"messages, no limit", pace.Limits{Messages: -1}, message, "+1", 5, 0},
		{"other writes", pace.Limits{Writes: 100}, create, "", 11, time.Second / 9},
		{"other writes of a sender", pace.Limits{Messages: -1, Writes: 100}, message, "+1", 11, time.Second / 9},
		{"other writes, no limit", pace.Limits{Writes: -1}, create, "", 50, 0},
		{"reads", pace.Limits{Writes: 1}, read, "", 50, 0},
		{"deletions", pace.Limits{Writes: 1}, remove, "", 50, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := spent(t, pace.New(tt.limits), tt.n, tt.op, tt.sender)
				require.InDelta(t, tt.want.Seconds(), got.Seconds(), 1e-6)
			})
		})
	}
}

// TestWritesInTenSeconds: in no ten seconds are there more than the limit, and in
// the long run almost as many.
func TestWritesInTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(pace.Limits{})
		time.Sleep(time.Hour) // a limiter that rested saves nothing up
		var at []time.Time
		for range 3 * pace.DefaultWrites {
			require.NoError(t, l.Wait(t.Context(), create, ""))
			at = append(at, time.Now())
		}
		for i, first := range at {
			n, _ := slices.BinarySearchFunc(at[i:], first.Add(10*time.Second), time.Time.Compare)
			require.LessOrEqual(t, n, pace.DefaultWrites)
		}
		require.Less(t, at[len(at)-1].Sub(at[0]), 35*time.Second)
	})
}

// TestZeroLimiter has the default limits.
func TestZeroLimiter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		op     gen.Operation
		sender string
	}{{create, ""}, {message, "+1"}, {dial, "+1"}} {
		synctest.Test(t, func(t *testing.T) {
			want := spent(t, pace.New(pace.Limits{}), 3000, tt.op, tt.sender)
			require.NotZero(t, want)
			require.Equal(t, want, spent(t, new(pace.Limiter), 3000, tt.op, tt.sender))
		})
	}
	require.EqualError(t, new(pace.Limiter).Wait(context.Context(nil), create, ""), "pace: expected a context, got nil")
}

// TestSendersAreIndependent: one that has to wait does not hold up another one,
// nor a call or a read.
func TestSendersAreIndependent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(pace.Limits{})
		var busy sync.WaitGroup
		for range 100 {
			busy.Go(func() { _ = l.Wait(t.Context(), message, "+1") })
		}
		synctest.Wait()
		started := time.Now()
		for _, other := range []struct {
			op     gen.Operation
			sender string
		}{{message, "+2"}, {dial, "+1"}, {read, ""}, {create, ""}} {
			require.NoError(t, l.Wait(t.Context(), other.op, other.sender))
		}
		require.Zero(t, time.Since(started))
		busy.Wait()
		require.Equal(t, 99*time.Second, time.Since(started))
	})
}

// TestCanceledWait takes nothing from the limits.
func TestCanceledWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(pace.Limits{})
		require.NoError(t, l.Wait(t.Context(), message, "+1"))
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error)
		go func() { ended <- l.Wait(ctx, message, "+1") }()
		time.Sleep(time.Second / 2)
		cancel(errors.New("no longer wanted"))
		require.ErrorIs(t, <-ended, context.Canceled)
		require.ErrorIs(t, l.Wait(ctx, message, "+1"), context.Canceled)

		short, cancelShort := context.WithTimeout(t.Context(), time.Second/4)
		defer cancelShort()
		started := time.Now()
		require.ErrorIs(t, l.Wait(short, message, "+1"), context.DeadlineExceeded)
		require.Zero(t, time.Since(started), "it is known at once")
		require.NoError(t, l.Wait(t.Context(), message, "+1"))
		require.Equal(t, time.Second/2, time.Since(started), "as if the others had not been")
	})
}

// TestCanceledWaits: those behind some that gave up do not wait for them.
func TestCanceledWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(pace.Limits{})
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() { _ = l.Wait(ctx, message, "+1") })
			synctest.Wait()
		}
		started := time.Now()
		all.Go(func() {
			_ = l.Wait(t.Context(), message, "+1")
			require.Equal(t, time.Second, time.Since(started))
		})
		synctest.Wait()
		cancel()
		all.Wait()
	})
}

// TestLimitsHoldTogether: requests that wait because of one limit do not exceed
// another one in the end.
func TestLimitsHoldTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const writes, senders = 20, 20
		l := pace.New(pace.Limits{Writes: writes, Messages: 0.25})
		var mu sync.Mutex
		sent := map[string][]time.Time{}
		var all sync.WaitGroup
		for i := range 5 * senders {
			sender := fmt.Sprint("+", i/5)
			all.Go(func() {
				require.NoError(t, l.Wait(t.Context(), message, sender))
				mu.Lock()
				defer mu.Unlock()
				sent[sender] = append(sent[sender], time.Now())
				sent[""] = append(sent[""], time.Now())
			})
		}
		all.Wait()
		for sender, at := range sent {
			limit := writes
			within := 10 * time.Second
			if sender != "" {
				limit, within = 1, 4*time.Second
			}
			for i := range at[:max(len(at)-limit, 0)] {
				require.GreaterOrEqual(t, at[i+limit].Sub(at[i]), within, "%q", sender)
			}
		}
	})
}

// TestSendersAreForgotten: those that sent nothing for a while take no memory,
// and one that has to wait is remembered.
func TestSendersAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := pace.New(pace.Limits{Writes: -1})
		const busy = "+15555550000"
		require.NoError(t, l.Wait(t.Context(), message, busy))
		use := func(n int) {
			for i := range n {
				if err := l.Wait(t.Context(), message, fmt.Sprint("sender ", i, " ", n, " ", time.Now())); err != nil {
					t.Fatal(err)
				}
				if i%100 == 99 {
					time.Sleep(2 * time.Second)
				}
			}
		}
		inUse := func() int64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		use(1000)
		before := inUse()
		use(200_000)
		require.Less(t, inUse()-before, int64(1<<20), "200,000 limiters would take 30 MB")

		started := time.Now()
		require.NoError(t, l.Wait(t.Context(), message, busy))
		for i := range 1000 { // more than are kept without a look
			require.NoError(t, l.Wait(t.Context(), message, fmt.Sprint("other ", i)))
		}
		require.NoError(t, l.Wait(t.Context(), message, busy))
		require.Equal(t, time.Second, time.Since(started))
	})
}

// TestClientWithLimiter: what a client sends is paced by what it sends.
func TestClientWithLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		sent := map[string][]time.Duration{}
		started := time.Now()
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			for _, sender := range []string{"+15555550001", "+15555550002", "hangup"} {
				if strings.Contains(string(body), sender) {
					sent[r.URL.Path+" "+sender] = append(sent[r.URL.Path+" "+sender], time.Since(started))
				}
			}
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
		})
		client, err := signalwire.New("acme", signalwire.WithCredentials("project", "token"), signalwire.WithTransport(transport), signalwire.WithLimiter(pace.New(pace.Limits{}).Wait))
		require.NoError(t, err)
		var all sync.WaitGroup
		for range 3 {
			for _, from := range []string{"+15555550001", "+15555550002"} {
				all.Go(func() {
					_, err := client.Messages.Create(t.Context(), gen.SMSMessage{From: from, To: "+15555550100", Body: signalwire.Ptr("x")})
					if err != nil {
						t.Error(err)
					}
				})
			}
			all.Go(func() {
				_, err := client.Calls.Send(t.Context(), gen.DialCommand{Command: "dial", Params: gen.NewDialParams(gen.DialURLParams{From: "+15555550001", To: signalwire.Ptr("+15555550100"), URL: "https://example.com/"})})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		want := []time.Duration{0, time.Second, 2 * time.Second}
		require.Equal(t, map[string][]time.Duration{
			"/api/messaging/messages +15555550001": want,
			"/api/messaging/messages +15555550002": want,
			"/api/calling/calls +15555550001":      want,
		}, sent)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
