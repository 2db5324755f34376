package signalwire_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

var newGateway = gen.SIPGatewayCreate{Name: "edge", URI: "sip:a@b.example", Encryption: gen.EncryptionOptional, Ciphers: []gen.Cipher{}, Codecs: []gen.Codec{gen.CodecOPUS}}

// create is a minimal call that must not be processed twice, and update one
// that may.
func create(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) (*gen.SIPGatewayResource, error) {
	return c.SIPGateways.Create(ctx, newGateway, opts...)
}

func get(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) (*gen.SIPGatewayResource, error) {
	return c.SIPGateways.Get(ctx, gatewayID, opts...)
}

type calling = func(context.Context, *signalwire.Client, ...gen.CallOption) (*gen.SIPGatewayResource, error)

// limited is the body of a 429 or 503 of the Space itself.
const limited = `{"errors":[{"type":"rate_limit_error","code":"rate_limit_exceeded","message":"Too many requests."}]}`

// refuse responds with a status and, if it is not empty, Retry-After, as the
// Space does.
func refuse(status int, retryAfter string) http.HandlerFunc {
	body := ""
	if status == 429 || status == 503 {
		body = limited
	}
	return replyWith(status, retryAfter, "application/json", body)
}

// replyWith responds with a status, a body and, if it is not empty, Retry-After.
func replyWith(status int, retryAfter, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		say(status, contentType, body)(w, r)
	}
}

// first responds to the first requests as they are given, and all others with a
// gateway.
func first(responses ...http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if i := int(n.Add(1)); i <= len(responses) {
			responses[i-1](w, r)
			return
		}
		status := 200
		if r.Method == http.MethodPost {
			status = 201
		}
		say(status, "application/json", gatewayResponse)(w, r)
	}
}

func attempts(n int) signalwire.CallOption { return signalwire.WithMaxAttempts(n) }

// requireUnknown demands that an error says that the outcome is unknown, or that
// it does not.
func requireUnknown(t testing.TB, err error, want bool) {
	t.Helper()
	require.Equal(t, want, errors.Is(err, signalwire.ErrOutcomeUnknown), "%v", err)
	const advice = "outcome unknown: it may have been processed, so look at the Space before repeating it"
	require.Equal(t, map[bool]int{true: 1}[want], strings.Count(err.Error(), advice), "%v", err)
}

// TestEveryOperationIsRepeatedIfItMayBe: after a failure of the network, each
// operation of the API is repeated if its descriptor says that this does no
// harm, which is so for all methods but POST; and if not, the outcome is
// unknown.
func TestEveryOperationIsRepeatedIfItMayBe(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	sent := map[string]int{}
	client := dial(t, "https://acme.example", attempts(2), signalwire.WithBearerToken("bearer"), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		op, _ := signalwire.OperationFromContext(r.Context())
		mu.Lock()
		sent[op.ID]++
		mu.Unlock()
		return nil, io.ErrUnexpectedEOF
	})))
	var group sync.WaitGroup // as all of them wait
	want := map[string]int{}
	for i, m := range methods() {
		if m.isEdit() || m.isList() {
			continue // what they send is sent by others
		}
		group.Go(func() {
			var info signalwire.CallInfo
			err := m.call(t.Context(), client, newFiller(uint64(i)), signalwire.WithCallInfo(&info))
			mu.Lock()
			defer mu.Unlock()
			want[info.Operation] = 2
			if info.Method == http.MethodPost {
				want[info.Operation] = 1
			}
			if info.Attempts != want[info.Operation] || errors.Is(err, signalwire.ErrOutcomeUnknown) != (info.Method == http.MethodPost) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s %s: %d attempts, %v", info.Method, info.Operation, info.Attempts, err)
			}
		})
	}
	group.Wait()
	require.Len(t, want, operations())
	require.Equal(t, want, sent)
}

// TestRepeatedIfTheSpaceDidNothing: a request that must not be processed twice
// is repeated if the Space itself says that it did nothing, and not if another
// server says so, with or without Retry-After.
func TestRepeatedIfTheSpaceDidNothing(t *testing.T) {
	t.Parallel()
	past, now := time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), time.Now().UTC().Format(http.TimeFormat)
	const html, none = "<html><h1>Service Unavailable</h1></html>", ""
	for _, tt := range []struct {
		status     int
		retryAfter string
		body       string
		repeated   bool
		unknown    bool
	}{
		{429, "", limited, true, false},
		{429, "0", limited, true, false},
		{429, past, limited, true, false},
		{429, "soon", limited, true, false},
		{503, "", limited, true, false},
		{503, "", "\ufeff" + limited, true, false},
		{503, "0", limited, true, false},
		{503, past, limited, true, false},
		{503, now, limited, true, false},
		{503, "0", none, false, true},
		{503, "0", html, false, true},
		{503, "0", `{"error":"Service Unavailable"}`, false, true},
		{503, "0", `{"errors":[{"code":"busy"}]}`, false, true},
		{503, "0", `{"errors":[]}`, false, true},
		{503, "0", limited[:50], false, true},
		{429, "0", none, false, false},
		{429, "0", html, false, false},
		{429, "0", `{"error":"Too Many Requests"}`, false, false},
		{429, "0", `{"errors":[{"type":"a","code":"b"},{"type":"a"}]}`, false, false},
		{500, "0", limited, false, true},
		{502, "0", limited, false, true},
		{504, "0", limited, false, true},
		{408, "0", limited, false, true},
		{501, "0", limited, false, true},
		{400, "0", none, false, false},
		{401, "0", none, false, false},
		{403, "0", none, false, false},
		{404, "0", none, false, false},
		{409, "0", none, false, false},
		{422, "0", none, false, false},
		{425, "0", none, false, false},
		{307, "0", none, false, true},
	} {
		t.Run(fmt.Sprintf("%d %q %s", tt.status, tt.retryAfter, tt.body), func(t *testing.T) {
			t.Parallel()
			client, seen := with(t, first(replyWith(tt.status, tt.retryAfter, "application/json", tt.body)), attempts(2))
			var info signalwire.CallInfo
			got, err := create(t.Context(), client, signalwire.WithCallInfo(&info))
			if tt.repeated {
				require.NoError(t, err)
				require.Equal(t, gatewayID, got.ID)
				require.Len(t, seen.requests(), 2)
				require.Equal(t, 2, info.Attempts)
				return
			}
			e := requireError(t, err)
			requireUnknown(t, err, tt.unknown)
			requireIs(t, err, sentinelOf(tt.status))
			require.Equal(t, tt.unknown, e.MayHaveTakenEffect)
			require.Equal(t, 1, e.Attempts)
			require.Nil(t, e.First)
			require.Len(t, seen.requests(), 1)
		})
	}
}

// TestRepeatedIfItNeverLeft: no connection came about, or nobody took the body.
func TestRepeatedIfItNeverLeft(t *testing.T) {
	t.Parallel()
	dialError := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	t.Run("refused, and then not", func(t *testing.T) {
		t.Parallel()
		server, seen := serve(t, first())
		transport := signalwire.NewTransport()
		var dialed atomic.Int32
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dialed.Add(1) == 1 {
				return nil, dialError
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		}
		var info signalwire.CallInfo
		_, err := create(t.Context(), dial(t, server.URL, attempts(2), signalwire.WithTransport(transport)), signalwire.WithCallInfo(&info))
		require.NoError(t, err)
		require.Len(t, seen.requests(), 1)
		require.Equal(t, 2, info.Attempts)
	})
	for through, option := range map[string]signalwire.Option{"transport": signalwire.WithTransport(signalwire.NewTransport()), "client": signalwire.WithHTTPClient(&http.Client{Transport: signalwire.NewTransport()})} {
		t.Run("refused each time, "+through, func(t *testing.T) {
			t.Parallel()
			client := dial(t, "http://"+closedPort(t), attempts(2), option)
			for _, call := range []calling{create, get} {
				_, err := call(t.Context(), client)
				e := requireError(t, err)
				requireUnknown(t, err, false)
				require.Equal(t, 2, e.Attempts)
				require.ErrorContains(t, err, "(after 2 attempts)")
				var op *net.OpError
				require.ErrorAs(t, err, &op)
			}
			_, err := client.Projects.RotateSigningKey(t.Context(), gatewayID) // a POST without a body
			require.Equal(t, 2, requireError(t, err).Attempts)
			requireUnknown(t, err, false)
		})
		t.Run("handshake broken off, "+through, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(first())
			server.Config.ErrorLog = quiet
			server.StartTLS()
			t.Cleanup(func() { stop(server) })
			transport := trusting(server)
			var dialed atomic.Int32
			transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if dialed.Add(1) == 1 {
					near, far := net.Pipe()
					_ = far.Close()
					return near, nil
				}
				return new(net.Dialer).DialContext(ctx, network, addr)
			}
			option := signalwire.WithTransport(transport)
			if through == "client" {
				option = signalwire.WithHTTPClient(&http.Client{Transport: transport})
			}
			_, err := create(t.Context(), dial(t, server.URL, attempts(2), option))
			require.NoError(t, err)
			require.Equal(t, int32(2), dialed.Load())
		})
	}
	t.Run("body not taken", func(t *testing.T) {
		t.Parallel()
		sent := 0
		client := dial(t, "https://acme.example", attempts(2), signalwire.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			sent++
			return nil, errors.New("no connection to be had")
		})))
		_, err := create(t.Context(), client)
		requireUnknown(t, err, false)
		require.Equal(t, 2, sent)
		_, err = client.Projects.RotateSigningKey(t.Context(), gatewayID)
		requireUnknown(t, err, true) // there is no body, and so no telling
		require.Equal(t, 3, sent)
	})
	t.Run("body not taken in time", func(t *testing.T) {
		t.Parallel()
		taken, late := make(chan []byte, 1), make(chan struct{})
		client := dial(t, "https://acme.example", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			go func() {
				<-late
				body, _ := io.ReadAll(r.Body)
				taken <- body
			}()
			return nil, errors.New("gave up")
		})))
		_, err := create(t.Context(), client)
		requireUnknown(t, err, false)
		close(late)
		require.Empty(t, <-taken, "it was sent after the call had said that it was not")
	})
	t.Run("a byte of the body taken", func(t *testing.T) {
		t.Parallel()
		client := dial(t, "https://acme.example", attempts(2), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			_, _ = r.Body.Read(make([]byte, 1))
			return nil, errors.New("no connection to be had")
		})))
		_, err := create(t.Context(), client)
		requireUnknown(t, err, true)
		require.Equal(t, 1, requireError(t, err).Attempts)
	})
	t.Run("canceled while the connection is made", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		transport := signalwire.NewTransport()
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		_, err := create(ctx, dial(t, "http://127.0.0.1:1", attempts(2), signalwire.WithTransport(transport)))
		requireUnknown(t, err, false)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, requireError(t, err).Attempts)
	})
}

// TestMaxAttempts: four by default, as many as the client or the call says
// otherwise, and with one there is no second.
func TestMaxAttempts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		client []signalwire.Option
		call   []gen.CallOption
		want   int
	}{
		{"default", nil, nil, 4},
		{"of the client", []signalwire.Option{attempts(2)}, nil, 2},
		{"of the call", nil, []gen.CallOption{attempts(3)}, 3},
		{"of the call, after the client's", []signalwire.Option{attempts(2)}, []gen.CallOption{attempts(6)}, 6},
		{"of the call, the last of two", nil, []gen.CallOption{attempts(6), attempts(2)}, 2},
		{"off for the client", []signalwire.Option{attempts(1)}, nil, 1},
		{"off for the call", []signalwire.Option{attempts(9)}, []gen.CallOption{attempts(1)}, 1},
	} {
		for method, call := range map[string]calling{"PATCH": update, "POST": create} {
			t.Run(tt.name+" "+method, func(t *testing.T) {
				t.Parallel()
				server, seen := serve(t, refuse(429, "0"))
				// Not by dial, which turns repeating off.
				client, err := signalwire.New("acme", append([]signalwire.Option{credentials, signalwire.WithBaseURL(server.URL), signalwire.WithBackoff(atOnceAgain)}, tt.client...)...)
				require.NoError(t, err)
				t.Cleanup(client.CloseIdleConnections)
				for range 2 { // the first call uses up nothing of the second
					before := len(seen.requests())
					var info signalwire.CallInfo
					_, err = call(t.Context(), client, append([]gen.CallOption{signalwire.WithCallInfo(&info)}, tt.call...)...)
					e := requireError(t, err)
					requireIs(t, err, signalwire.ErrRateLimited)
					require.Len(t, seen.requests(), before+tt.want)
					require.Equal(t, tt.want, e.Attempts)
					require.Equal(t, tt.want, info.Attempts)
					if tt.want > 1 {
						require.ErrorContains(t, err, fmt.Sprintf("(after %d attempts)", tt.want))
					} else {
						require.NotContains(t, err.Error(), "attempts")
					}
				}
			})
		}
	}
}

// waits makes a call that is canceled as soon as it waits, and returns the times
// for which it would have waited.
func waits(t *testing.T, client *signalwire.Client, call calling, opts ...gen.CallOption) (waits []time.Duration, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begin := time.Now()
	_, err = call(ctx, client, append([]gen.CallOption{signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) {
		if info.Retrying() {
			waits = append(waits, info.Wait)
			cancel()
		}
	})}, opts...)...)
	require.Less(t, time.Since(begin), atOnce)
	return waits, err
}

// TestRetryAfterIsHonoured, in both forms, up to a limit beyond which the call
// returns at once and says how long it should have waited.
func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, status := range []int{429, 503} {
		for method, call := range map[string]calling{"GET": get, "PATCH": update, "POST": create} {
			for _, tt := range []struct {
				seconds int
				opts    []gen.CallOption
				waits   bool
			}{
				{0, nil, true},
				{1, nil, true},
				{30, nil, true},
				{31, nil, false},
				{86400, nil, false},
				{86400, []gen.CallOption{signalwire.WithMaxRetryAfter(24 * time.Hour)}, true},
				{0, []gen.CallOption{signalwire.WithMaxRetryAfter(0)}, true},
				{1, []gen.CallOption{signalwire.WithMaxRetryAfter(0)}, false},
				{2, []gen.CallOption{signalwire.WithMaxRetryAfter(time.Hour), signalwire.WithMaxRetryAfter(1999 * time.Millisecond)}, false},
			} {
				for form, value := range map[string]string{"seconds": strconv.Itoa(tt.seconds), "date": clock.Add(time.Duration(tt.seconds) * time.Second).Format(http.TimeFormat)} {
					t.Run(fmt.Sprintf("%d %s %d as %s, %d options", status, method, tt.seconds, form, len(tt.opts)), func(t *testing.T) {
						t.Parallel()
						client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
							w.Header().Set("Date", clock.Format(http.TimeFormat)) // its clock is not ours
							refuse(status, value)(w, r)
						}, attempts(2))
						want := time.Duration(tt.seconds) * time.Second
						wait := max(want, atOnceAgain(1)) // no wait at all would be a rush
						got, err := waits(t, client, call, tt.opts...)
						e := requireError(t, err)
						requireUnknown(t, err, false)
						requireIs(t, err, sentinelOf(status))
						require.Equal(t, 1, e.Attempts)
						require.Equal(t, want, e.RetryAfter)
						require.Len(t, seen.requests(), 1)
						if !tt.waits {
							require.Empty(t, got)
							require.NotErrorIs(t, err, context.Canceled)
							require.ErrorContains(t, err, fmt.Sprintf(" (retry after %v)", want))
							return
						}
						require.Equal(t, []time.Duration{wait}, got)
						require.ErrorIs(t, err, context.Canceled)
					})
				}
			}
		}
	}
}

// TestWaitIsWaited for as long as was asked, and not longer.
func TestWaitIsWaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, _ := inMemory(t, first(refuse(429, "1"), refuse(503, "20")), attempts(3))
		begin := time.Now()
		_, err := create(t.Context(), client)
		require.NoError(t, err)
		require.Equal(t, 21*time.Second, time.Since(begin))
	})
}

// TestBackoffBetweenAttempts: without Retry-After, the wait is up to half a
// second after the first attempt, and never the same for all clients.
func TestBackoffBetweenAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, _ := inMemory(t, refuse(500, ""), attempts(2), signalwire.WithBackoff(signalwire.Backoff))
		seen := map[time.Duration]bool{}
		for range 20 {
			begin := time.Now()
			_, err := update(t.Context(), client)
			require.Equal(t, 2, requireError(t, err).Attempts)
			require.Less(t, time.Since(begin), 500*time.Millisecond)
			seen[time.Since(begin)] = true
		}
		require.Greater(t, len(seen), 10)
	})
}

// TestContextEndsAWait immediately, and no further request is sent.
func TestContextEndsAWait(t *testing.T) {
	t.Parallel()
	errCause := errors.New("the user left")
	for name, cause := range map[string]error{"cancel": nil, "cancel with cause": errCause} {
		for method, call := range map[string]calling{"PATCH": update, "POST": create} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, seen := inMemory(t, refuse(429, "20"), attempts(2))
					ctx, cancel := context.WithCancelCause(t.Context())
					time.AfterFunc(7*time.Second, func() { cancel(cause) })
					begin := time.Now()
					_, err := call(ctx, client)
					require.Equal(t, 7*time.Second, time.Since(begin))
					e := requireError(t, err)
					require.ErrorIs(t, err, context.Canceled)
					if cause != nil {
						require.ErrorIs(t, err, errCause)
					}
					requireUnknown(t, err, false)
					requireIs(t, err, signalwire.ErrRateLimited)
					require.Equal(t, 1, e.Attempts)
					require.Len(t, seen.requests(), 1)
				})
			})
		}
	}
}

// TestContextEndsAWaitOfNothing: a context that has ended ends the call, also if
// the wait is over at the same moment.
func TestContextEndsAWaitOfNothing(t *testing.T) {
	t.Parallel()
	for range 50 {
		client, seen := with(t, refuse(429, "0"), attempts(2), signalwire.WithBackoff(func(int) time.Duration { return 0 }))
		got, err := waits(t, client, update)
		require.Equal(t, []time.Duration{0}, got)
		e := requireError(t, err)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 429, e.Status)
		require.Equal(t, 1, e.Attempts)
		require.Len(t, seen.requests(), 1)
	}
}

// TestObserversKeepTheirError: what an observer was given does not change when
// the call goes on. The race detector looks at it too.
func TestObserversKeepTheirError(t *testing.T) {
	t.Parallel()
	client, _ := with(t, refuse(500, ""), attempts(2))
	ctx, cancel := context.WithCancel(t.Context())
	texts := make(chan string, 1)
	var kept error
	_, err := update(ctx, client, signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) {
		if info.Retrying() {
			kept = info.Err
			cancel()
			go func() { texts <- fmt.Sprint(info.Err, errors.Is(info.Err, context.Canceled)) }()
		}
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.Contains(t, <-texts, "500 Internal Server Error")
	require.NotErrorIs(t, kept, context.Canceled, "the attempt was not canceled, the wait was")
}

// TestDeadlineIsNotSleptPast: if the next attempt cannot start in time, the call
// returns now, and says what it would have waited for.
func TestDeadlineIsNotSleptPast(t *testing.T) {
	t.Parallel()
	for method, call := range map[string]calling{"PATCH": update, "POST": create} {
		for deadline, again := range map[time.Duration]bool{19 * time.Second: false, 20 * time.Second: false, 21 * time.Second: true} {
			t.Run(fmt.Sprint(method, deadline), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, seen := inMemory(t, first(refuse(503, "20")), attempts(2))
					ctx, cancel := context.WithTimeout(t.Context(), deadline)
					defer cancel()
					begin := time.Now()
					_, err := call(ctx, client)
					if again {
						require.NoError(t, err)
						require.Equal(t, 20*time.Second, time.Since(begin))
						require.Len(t, seen.requests(), 2)
						return
					}
					require.Zero(t, time.Since(begin))
					e := requireError(t, err)
					require.Equal(t, 503, e.Status)
					require.Equal(t, 20*time.Second, e.RetryAfter)
					require.Equal(t, 1, e.Attempts)
					require.NotErrorIs(t, err, context.DeadlineExceeded, "the deadline is not over")
					requireUnknown(t, err, false)
					require.Len(t, seen.requests(), 1)
				})
			})
		}
	}
}

// TestRetriedRequestsAreTheSame to the byte, whatever became of the one before.
func TestRetriedRequestsAreTheSame(t *testing.T) {
	t.Parallel()
	for through, option := range map[string]func() signalwire.Option{
		"transport": func() signalwire.Option { return signalwire.WithTransport(signalwire.NewTransport()) },
		"client": func() signalwire.Option {
			return signalwire.WithHTTPClient(&http.Client{Transport: signalwire.NewTransport()})
		},
	} {
		for what, name := range map[string]string{"strange": strange, "long": strings.Repeat("é", 1<<19)} {
			t.Run(what+" "+through, func(t *testing.T) {
				t.Parallel()
				client, seen := with(t, first(raw(""), refuse(429, "0"), say(502, "text/html", "<html>"), refuse(503, "0")), attempts(5), option())
				_, err := client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{Name: &name, Codecs: allCodecs})
				require.NoError(t, err)
				requests := seen.requests()
				require.Len(t, requests, 5)
				require.Contains(t, requests[0].Body, `"codecs":`+allCodecsJSON)
				for _, r := range requests[1:] {
					require.True(t, requests[0].Body == r.Body, "the body differs")
					require.Equal(t, requests[0].Header, r.Header)
					require.Equal(t, requests[0].URI, r.URI)
				}
			})
		}
	}
}

// TestUntrustedServersAreNotAskedAgain: that will not pass.
func TestUntrustedServersAreNotAskedAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		plain bool
		trust bool
		host  string
	}{
		{"unknown authority", false, false, "127.0.0.1"},
		{"other host", false, true, "localhost"},
		{"no TLS", true, false, "127.0.0.1"},
	} {
		for _, through := range []string{"transport", "client"} {
			t.Run(tt.name+" "+through, func(t *testing.T) {
				t.Parallel()
				var connections, requests atomic.Int32
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
				server.Config.ErrorLog = quiet
				server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
					if state == http.StateNew {
						connections.Add(1)
					}
				}
				if tt.plain {
					server.Start()
				} else {
					server.StartTLS()
				}
				t.Cleanup(func() { stop(server) })
				transport := signalwire.NewTransport()
				if tt.trust {
					transport = trusting(server)
				}
				option := signalwire.WithTransport(transport)
				if through == "client" {
					option = signalwire.WithHTTPClient(&http.Client{Transport: transport})
				}
				_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
				client := dial(t, "https://"+net.JoinHostPort(tt.host, port), attempts(3), option)
				for i, call := range []calling{get, update, create} {
					_, err := call(t.Context(), client)
					e := requireError(t, err)
					require.Equal(t, 1, e.Attempts, "%v", err)
					requireUnknown(t, err, false)
					require.Equal(t, int32(i+1), connections.Load())
					var verification *tls.CertificateVerificationError
					require.Equal(t, !tt.plain, errors.As(err, &verification))
				}
				require.Zero(t, requests.Load())
			})
		}
	}
}

// TestTLSThatEnds: what comes without TLS, after a request was sent with it, says
// nothing of what became of the request.
func TestTLSThatEnds(t *testing.T) {
	t.Parallel()
	for _, through := range []string{"transport", "client"} {
		t.Run(through, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, _, _ := w.(http.Hijacker).Hijack()
				below := conn.(*tls.Conn).NetConn()
				_, _ = io.WriteString(below, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
				_ = below.Close()
			}))
			server.StartTLS()
			t.Cleanup(func() { stop(server) })
			option := signalwire.WithTransport(trusting(server))
			if through == "client" {
				option = signalwire.WithHTTPClient(&http.Client{Transport: trusting(server)})
			}
			_, err := create(t.Context(), dial(t, server.URL, attempts(4), option))
			require.Equal(t, 1, requireError(t, err).Attempts)
			requireUnknown(t, err, true)
		})
	}
}

// TestCookiesAreSentOnce: an http.Client adds its cookies to the request it is
// given, also to one that is repeated.
func TestCookiesAreSentOnce(t *testing.T) {
	t.Parallel()
	server, seen := serve(t, first(refuse(503, "0"), refuse(503, "0")))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	to, err := url.Parse(server.URL)
	require.NoError(t, err)
	jar.SetCookies(to, []*http.Cookie{{Name: "a", Value: "1"}})
	_, err = create(t.Context(), dial(t, server.URL, attempts(3), signalwire.WithHTTPClient(&http.Client{Jar: jar})))
	require.NoError(t, err)
	requests := seen.requests()
	require.Len(t, requests, 3)
	for _, r := range requests {
		require.Equal(t, []string{"a=1"}, r.Header["Cookie"])
		require.Equal(t, requests[0].Header, r.Header)
	}
}

// TestUnreadable: a success that is the Space's and cannot be read was processed.
// A read is sent again where that may help, a change never is, and the error
// has the body.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	head := func(contentType string) string {
		return "HTTP/1.1 201 X\r\nContent-Type: " + contentType + "\r\nRetry-After: 0\r\n"
	}
	for name, tt := range map[string]struct {
		response http.HandlerFunc
		body     string
		text     string
		cause    error
		final    bool // for reads too
	}{
		"empty":                       {response: say(201, "application/json", ""), text: "the body is empty, where JSON is described"},
		"empty, no type":              {response: raw("HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n"), text: "the body is empty"},
		"empty, as a head of Rails":   {response: say(200, "text/html", ""), text: "the body is empty"},
		"204":                         {response: say(204, "", ""), text: "the body is empty"},
		"null":                        {response: say(200, "application/json", "null"), body: "null", text: "the body could not be decoded: it is null"},
		"a list":                      {response: say(201, "application/json", "[1]"), body: "[1]", text: "the body could not be decoded: "},
		"a string":                    {response: say(201, "application/json", `"made"`), body: `"made"`, text: "the body could not be decoded: "},
		"a string as text":            {response: say(201, "text/plain", `"made"`), body: `"made"`, text: "the body could not be decoded: "},
		"two objects":                 {response: say(201, "application/json", "{}{}"), body: "{}{}", text: "the body could not be decoded: "},
		"garbage that begins as JSON": {response: say(201, "application/json", "{\"id\":\x00\xff"), body: "{\"id\":\x00\xff", text: "the body could not be decoded: "},
		"ends early":                  {response: say(201, "application/json", gatewayResponse[:30]), body: gatewayResponse[:30], text: "the body could not be decoded: "},
		"ends early, as text":         {response: say(201, "text/plain", gatewayResponse[:30]), body: gatewayResponse[:30], text: "the body could not be decoded: "},
		"cut, with its length":        {response: raw(head("application/json") + "Content-Length: 1000\r\n\r\n" + gatewayResponse), body: gatewayResponse, text: "the body was cut off: ", cause: io.ErrUnexpectedEOF},
		"cut, in chunks":              {response: raw(head("application/json; charset=utf-8") + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n"), body: `{"id"`, text: "the body was cut off: ", cause: io.ErrUnexpectedEOF},
		"cut, of gzip":                {response: raw(head("application/json") + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzipped(gatewayResponse)[:30]), text: "the body was cut off: ", cause: io.ErrUnexpectedEOF},
		"cut before the first byte":   {response: raw(head("application/json") + "Content-Length: 1000\r\n\r\n"), text: "the body was cut off: ", cause: io.ErrUnexpectedEOF},
		"cut, no type":                {response: raw("HTTP/1.1 201 X\r\nContent-Length: 1000\r\n\r\n{\"id\":"), body: `{"id":`, text: "the body was cut off: ", cause: io.ErrUnexpectedEOF},
		"cut before it, no type":      {response: raw("HTTP/1.1 201 X\r\nContent-Length: 1000\r\n\r\n"), text: "the body was cut off: ", cause: io.ErrUnexpectedEOF},
		"gzip that is none":           {response: raw(head("application/json") + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gatewayResponse), text: "the body was cut off: "},
		"longer than the limit":       {response: say(201, "application/json", `{"id":"`+strings.Repeat("x", 2000)), body: `{"id":"` + strings.Repeat("x", 993), text: "the body is longer than 1000 bytes (WithMaxResponseBytes)", final: true},
	} {
		for method, call := range map[string]calling{"GET": get, "PATCH": update, "POST": create} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				client, seen := with(t, tt.response, attempts(3), signalwire.WithMaxResponseBytes(1000))
				got, err := call(t.Context(), client)
				require.Nil(t, got)
				e := requireError(t, err)
				require.ErrorIs(t, err, signalwire.ErrUnreadable)
				requireIs(t, err, nil)
				requireUnknown(t, err, false)
				require.ErrorContains(t, err, strconv.Itoa(e.Status)+": the request was processed, but its response could not be read: "+tt.text)
				if tt.cause != nil {
					require.ErrorIs(t, err, tt.cause)
				}
				if name != "cut, of gzip" { // how much of it comes is up to package gzip
					require.Equal(t, tt.body, string(e.Body))
				}
				want := 1
				if method == "GET" && !tt.final {
					want = 3
				}
				require.Len(t, seen.requests(), want)
				require.Equal(t, want, e.Attempts)
				require.Equal(t, method != "GET", e.MayHaveTakenEffect)
			})
		}
	}
}

// TestReadIsRepeatedAfterADamagedResponse, and what came of it is all that is in
// the result.
func TestReadIsRepeatedAfterADamagedResponse(t *testing.T) {
	t.Parallel()
	client, seen := with(t, first(say(200, "application/json", `{"display_name":"first","sip_gateway":{"name":"first","uri":"u"},`)), attempts(2))
	got, err := get(t.Context(), client)
	require.NoError(t, err)
	require.Len(t, seen.requests(), 2)
	want, err := get(t.Context(), client)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// TestSuccessThatIsNotTheSpaces: a page with a successful status proves nothing,
// whoever made it. What may be repeated is, and else the outcome is unknown.
func TestSuccessThatIsNotTheSpaces(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html><html><title>Log in</title></html>"
	for name, response := range map[string]http.HandlerFunc{
		"HTML":                  say(200, "text/html; charset=utf-8", page),
		"HTML as JSON":          say(200, "application/json", page),
		"HTML, no type":         raw("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n" + page),
		"HTML that is long":     say(200, "text/html", page+strings.Repeat(" ", 70_000)),
		"HTML that is too long": say(200, "text/html", page+strings.Repeat(" ", 200_000)),
		"HTML, cut":             raw("HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n" + page),
		"HTML, cut at once":     raw("HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"),
		"HTML, broken gzip":     raw("HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + page),
		"text":                  say(200, "text/plain", "OK"),
		"text in brackets":      say(200, "text/plain", "[notice] all is well"),
		"text in quotes":        say(200, "text/plain", `"Log in" to go on`),
		"an image":              say(200, "image/png", "\x89PNG\r\n\x1a\n"),
	} {
		for method, call := range map[string]func(context.Context, *signalwire.Client) error{
			"GET":    func(ctx context.Context, c *signalwire.Client) error { _, err := get(ctx, c); return err },
			"PATCH":  func(ctx context.Context, c *signalwire.Client) error { _, err := update(ctx, c); return err },
			"DELETE": func(ctx context.Context, c *signalwire.Client) error { return c.SIPGateways.Delete(ctx, gatewayID) },
			"POST":   func(ctx context.Context, c *signalwire.Client) error { _, err := create(ctx, c); return err },
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				client, seen := with(t, response, attempts(2), signalwire.WithMaxResponseBytes(100_000))
				err := call(t.Context(), client)
				e := requireError(t, err)
				require.Equal(t, 200, e.Status)
				requireIs(t, err, nil)
				require.NotErrorIs(t, err, signalwire.ErrUnreadable)
				requireUnknown(t, err, method == "POST")
				require.Equal(t, method != "GET", e.MayHaveTakenEffect)
				require.Len(t, seen.requests(), map[bool]int{true: 1, false: 2}[method == "POST"])
			})
		}
	}
}

// TestDeleteReadsWhatComes: a body where none is described is a failure unless
// it is JSON that reports no error.
func TestDeleteReadsWhatComes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		response http.HandlerFunc
		ok       bool
		items    []gen.ErrorItem
	}{
		"204":                 {response: say(204, "", ""), ok: true},
		"200, empty":          {response: say(200, "application/json", ""), ok: true},
		"200, empty HTML":     {response: say(200, "text/html", ""), ok: true},
		"blank":               {response: say(200, "", " \n"), ok: true},
		"an object":           {response: say(200, "application/json", `{}`), ok: true},
		"what was deleted":    {response: say(200, "application/json", gatewayResponse), ok: true},
		"long":                {response: say(200, "application/json", `{"a":"`+strings.Repeat("x", 70_000)+`"}`), ok: true},
		"no error":            {response: say(200, "application/json", `{"success":true,"error":null}`), ok: true},
		"an error":            {response: say(200, "application/json", `{"error":"in use"}`), items: message("in use")},
		"an error as text":    {response: say(200, "text/plain", `{"error":"in use"}`), items: message("in use")},
		"errors":              {response: say(200, "application/json", documented), items: []gen.ErrorItem{documentedItem}},
		"no errors":           {response: say(200, "application/json", `{"success":true,"errors":[]}`), ok: true},
		"a list":              {response: say(200, "application/json", `[{"error":"in use"}]`), items: message("in use")},
		"ends early":          {response: say(200, "application/json", `{"a":`)},
		"cut":                 {response: raw("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}")},
		"cut at once":         {response: raw("HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n")},
		"gzip that is broken": {response: raw("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n{}")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, seen := with(t, tt.response, attempts(2))
			err := client.SIPGateways.Delete(t.Context(), gatewayID)
			require.Len(t, seen.requests(), 1)
			if tt.ok {
				require.NoError(t, err)
				return
			}
			e := requireError(t, err)
			require.ErrorIs(t, err, signalwire.ErrUnreadable)
			require.True(t, e.MayHaveTakenEffect)
			require.Equal(t, tt.items, e.Items)
			if len(tt.items) > 0 {
				require.ErrorContains(t, err, tt.items[0].Message)
			}
		})
	}
}

// TestOutcomeUnknown, exactly if it is: a POST may have been processed, and
// nobody said whether it was. The cause is inside, and the text says what to do.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	errCause := errors.New("the user left")
	errOther := fmt.Errorf("another call: %w", signalwire.ErrOutcomeUnknown)
	canceled := func(cause error) func(context.Context, func(error)) {
		return func(_ context.Context, cancel func(error)) { cancel(cause) }
	}
	for _, tt := range []struct {
		name     string
		response http.HandlerFunc                   // nil: none, until the client goes
		end      func(context.Context, func(error)) // the call, once the server has the request
		before   bool                               // or before it is made
		opts     []gen.CallOption
		unknown  bool
		causes   []error
		status   int
		text     string
	}{
		{name: "canceled", end: canceled(nil), unknown: true, causes: []error{context.Canceled}, text: ": context canceled"},
		{name: "canceled with a cause", end: canceled(errCause), unknown: true, causes: []error{context.Canceled, errCause}, text: ": context canceled: the user left"},
		{name: "timeout", opts: []gen.CallOption{signalwire.WithTimeout(2 * time.Second)}, unknown: true, causes: []error{context.DeadlineExceeded}, text: ": no complete response within 2s: context deadline exceeded"},
		{name: "closed", response: raw(""), unknown: true, causes: []error{io.EOF}},
		{name: "cut within the header", response: raw("HTTP/1.1 200 OK\r\nA: b"), unknown: true, causes: []error{io.ErrUnexpectedEOF}},
		{name: "no HTTP", response: raw("SSH-2.0-OpenSSH_9.9\r\n"), unknown: true},
		{name: "302", response: say(302, "", ""), unknown: true, status: 302},
		{name: "408", response: refuse(408, ""), unknown: true, status: 408},
		{name: "500", response: refuse(500, ""), unknown: true, status: 500},
		{name: "501", response: refuse(501, ""), unknown: true, status: 501},
		{name: "502", response: say(502, "text/html", "<html>"), unknown: true, status: 502},
		{name: "503 of another server", response: replyWith(503, "0", "text/html", "<html>"), unknown: true, status: 503},
		{name: "101", response: raw("HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), unknown: true, status: 101},
		{name: "000", response: raw("HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n"), unknown: true, text: "the response has the invalid HTTP status 000"},
		{name: "099", response: raw("HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"), unknown: true, status: 99, text: "the response has the invalid HTTP status 099"},
		{name: "600", response: raw("HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n"), unknown: true, status: 600},
		{name: "200 with a page", response: say(200, "text/html", "<html>"), unknown: true, status: 200, text: "the body (text/html) is not JSON, so it is not from the Space"},
		{name: "504", response: refuse(504, ""), unknown: true, status: 504},
		{name: "500, cut", response: raw("HTTP/1.1 500 X\r\nContent-Length: 9\r\n\r\n{"), unknown: true, causes: []error{io.ErrUnexpectedEOF}, status: 500},

		{name: "503 of the Space", response: refuse(503, ""), status: 503},
		{name: "429 of the Space", response: refuse(429, "0"), status: 429},
		{name: "429 of another server", response: replyWith(429, "0", "text/html", "<html>"), status: 429},
		{name: "403 of another server", response: say(403, "text/html", "<html>"), status: 403, text: "403 Forbidden (with 6 bytes of text/html, not from the Space)"},
		{name: "404", response: refuse(404, ""), status: 404},
		{name: "422", response: say(422, "application/json", documented), status: 422},
		{name: "201, undecodable", response: say(201, "application/json", "[1]"), status: 201, causes: []error{signalwire.ErrUnreadable}},
		{name: "201, cut", response: raw("HTTP/1.1 201 X\r\nContent-Length: 9\r\n\r\n{"), causes: []error{io.ErrUnexpectedEOF, signalwire.ErrUnreadable}, status: 201},
		{name: "canceled before", before: true, end: canceled(nil), causes: []error{context.Canceled}},
		{name: "canceled before because of a call with unknown outcome", before: true, end: canceled(errOther), causes: []error{context.Canceled, errOther}},
		{name: "dry run", opts: []gen.CallOption{signalwire.WithDryRun(func(signalwire.DryRunRequest) {})}, causes: []error{signalwire.ErrDryRun}},
		{name: "input", opts: []gen.CallOption{signalwire.WithMaxRequestBytes(1)}, causes: []error{signalwire.ErrInvalid}},
	} {
		for method, call := range map[string]calling{"POST": create, "PATCH": update} {
			t.Run(tt.name+" "+method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					response := tt.response
					if response == nil {
						response = stall(nil)
					}
					client, _ := onPipes(t, func(w http.ResponseWriter, r *http.Request) {
						if tt.end != nil {
							tt.end(ctx, cancel)
						}
						response(w, r)
					})
					if tt.before {
						tt.end(ctx, cancel)
					}
					_, err := call(ctx, client, tt.opts...)
					e := requireError(t, err)
					unknown := tt.unknown && method == "POST"
					if tt.name != "canceled before because of a call with unknown outcome" {
						requireUnknown(t, err, unknown)
					} else {
						require.NotErrorIs(t, err, signalwire.ErrOutcomeUnknown, "its own is known: it was not sent")
					}
					for _, cause := range tt.causes {
						require.ErrorIs(t, err, cause)
					}
					require.Contains(t, err.Error(), tt.text)
					require.Equal(t, tt.status, e.Status)
					if tt.name != "input" {
						requireIs(t, err, sentinelOf(tt.status))
					}
				})
			})
		}
	}
}

// TestTransportDoesNotRepeatEither: net/http sends some requests again by
// itself, on a new connection, if one that it kept was closed meanwhile, and any
// that have an idempotency key. A POST that left is not among them.
func TestTransportDoesNotRepeatEither(t *testing.T) {
	t.Parallel()
	for _, through := range []string{"transport", "client"} {
		for _, key := range []string{"", "Idempotency-Key", "x-idempotency-key"} {
			for name, call := range map[string]calling{"body": create, "no body": redial} {
				t.Run(through+" "+key+" "+name, func(t *testing.T) {
					t.Parallel()
					opts := []signalwire.Option{attempts(4)}
					if through == "client" {
						opts = append(opts, signalwire.WithHTTPClient(&http.Client{Transport: signalwire.NewTransport()}))
					}
					if key != "" {
						opts = append(opts, signalwire.WithHeader(key, "k1"))
					}
					ok := say(201, "application/json", gatewayResponse)
					client, seen := with(t, first(ok, raw(""), ok), opts...)
					_, err := create(t.Context(), client)
					require.NoError(t, err)
					_, err = call(t.Context(), client)
					require.Equal(t, 1, requireError(t, err).Attempts)
					requireUnknown(t, err, true)
					require.Len(t, seen.requests(), 2)
					if key != "" {
						require.Equal(t, "k1", seen.requests()[1].Header.Get(key))
					}
				})
			}
		}
	}
}

// TestEditIsRepeated: both of its halves are.
func TestEditIsRepeated(t *testing.T) {
	t.Parallel()
	gateway := func(name string) http.HandlerFunc {
		return say(200, "application/json", `{"id":"`+gatewayID.String()+`","sip_gateway":{"name":"`+name+`"}}`)
	}
	client, seen := with(t, first(refuse(503, "0"), gateway("edge"), refuse(429, "0"), gateway("core")), attempts(2))
	got, changed, err := client.SIPGateways.Edit(t.Context(), gatewayID, func(u *gen.SIPGatewayUpdate) error {
		u.Name = ptr("core")
		return nil
	})
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, "core", got.SIPGateway.Name)
	var all bytes.Buffer
	for _, r := range seen.requests() {
		fmt.Fprintln(&all, r.Method, r.Body)
	}
	require.Equal(t, "GET \nGET \nPATCH {\"name\":\"core\"}\nPATCH {\"name\":\"core\"}\n", all.String())
}
