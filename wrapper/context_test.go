package signalwire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// atOnce is how long a call may take to return after it was ended, on a machine
// that has other things to do. Servers in these tests would keep it for longer.
const atOnce = 15 * time.Second

// stall sends what is given, if anything, and then sends nothing for much longer than
// atOnce.
func stall(send func(http.ResponseWriter)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if send != nil {
			send(w)
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute): // so that a test fails, and does not hang
		}
	}
}

// phases are the moments in which a call can be ended. The status is the one
// that had come by then.
var phases = []struct {
	name   string
	send   func(http.ResponseWriter)
	status int
}{
	{"waiting for the headers", nil, 0},
	{"waiting for the first byte", func(w http.ResponseWriter) { w.WriteHeader(200) }, 200},
	{"reading the body", func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"id":`) }, 200},
	{"reading a compressed body", func(w http.ResponseWriter) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, gzipped(gatewayResponse)[:20])
	}, 200},
	{"reading the body of an error", func(w http.ResponseWriter) {
		w.WriteHeader(422)
		_, _ = io.WriteString(w, `{"errors":`)
	}, 422},
}

func TestCallEndedByContext(t *testing.T) {
	t.Parallel()
	errCause := errors.New("the user left")
	for _, phase := range phases {
		for _, through := range []string{"transport", "client"} {
			for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
				for _, cause := range []error{nil, errCause} {
					t.Run(fmt.Sprintf("%s, %v, %v, %s", phase.name, want, cause, through), func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) {
							transport, _ := piped(t, stall(phase.send))
							option := signalwire.WithTransport(transport)
							if through == "client" {
								option = signalwire.WithHTTPClient(&http.Client{Transport: transport})
							}
							ctx, cancel := context.WithCancelCause(t.Context())
							defer cancel(nil)
							stop := func() {}
							if want == context.Canceled {
								time.AfterFunc(time.Second, func() { cancel(cause) })
							} else {
								ctx, stop = context.WithTimeoutCause(ctx, time.Second, cause)
							}
							defer stop()
							start := time.Now()
							got, err := update(ctx, dial(t, "http://localhost", option))
							require.Equal(t, time.Second, time.Since(start))
							require.Nil(t, got)
							text := want.Error()
							if cause != nil {
								require.ErrorIs(t, err, cause)
								text += ": the user left"
							}
							requirePhase(t, requireError(t, err), phase.status, want, text)
						})
					})
				}
			}
		}
	}
}

// requirePhase compares how far a call came, what ended it and what its error says.
// Of a response with an error status, the status is what it says.
func requirePhase(t *testing.T, e *signalwire.Error, status int, ended error, text string) {
	t.Helper()
	require.Equal(t, status, e.Status)
	for _, err := range []error{context.Canceled, context.DeadlineExceeded} {
		require.Equal(t, err == ended, errors.Is(e, err))
	}
	requireIs(t, e, sentinelOf(status))
	switch status {
	case 0:
		require.EqualError(t, e, "signalwire: update_sip_gateway PATCH "+e.Host+e.Path+": "+text)
	case 200:
		require.EqualError(t, e, "signalwire: update_sip_gateway PATCH "+e.Host+e.Path+": 200: the request was processed, but its response could not be read: "+text)
	}
}

func TestCallEndedByTimeout(t *testing.T) {
	t.Parallel()
	second, hour := signalwire.WithTimeout(time.Second), signalwire.WithTimeout(time.Hour)
	for _, phase := range phases {
		for name, tt := range map[string]struct {
			client []signalwire.Option
			call   []gen.CallOption
			http   time.Duration
		}{
			"of the client":                   {client: []signalwire.Option{second}},
			"of the call":                     {call: []gen.CallOption{second}},
			"of the call, after the client's": {client: []signalwire.Option{hour}, call: []gen.CallOption{second}},
			"of the call, the last of two":    {call: []gen.CallOption{hour, second}},
			"of the http.Client":              {http: time.Second},
		} {
			t.Run(phase.name+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					transport, _ := piped(t, stall(phase.send))
					option := signalwire.WithTransport(transport)
					if tt.http != 0 {
						option = signalwire.WithHTTPClient(&http.Client{Timeout: tt.http, Transport: transport})
					}
					client := dial(t, "http://localhost", append(tt.client, option)...)
					start := time.Now()
					e := failed(t, client, tt.call...)
					require.Equal(t, time.Second, time.Since(start))
					require.ErrorIs(t, e, context.DeadlineExceeded)
					if tt.http == 0 { // which has its own text
						requirePhase(t, e, phase.status, context.DeadlineExceeded, "no complete response within 1s: context deadline exceeded")
					}
				})
			})
		}
	}
}

// TestCallEndedWhileSending: the server takes the headers of a request and
// never the body, which is more than the connection's small buffers hold.
func TestCallEndedWhileSending(t *testing.T) {
	t.Parallel()
	for _, through := range []string{"transport", "client"} {
		t.Run(through, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			ended, returned := make(chan time.Time, 1), make(chan struct{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				ended <- time.Now()
				cancel()
				<-returned // A response could come before the transport sees the end of the context.
			}))
			server.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
				_ = conn.(*net.TCPConn).SetReadBuffer(4096)
				return ctx
			}
			server.Start()
			t.Cleanup(func() { stop(server) })
			transport := signalwire.NewTransport()
			transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				if err == nil {
					_ = conn.(*net.TCPConn).SetWriteBuffer(4096)
				}
				return conn, err
			}
			option := signalwire.WithTransport(transport)
			if through == "client" {
				option = signalwire.WithHTTPClient(&http.Client{Transport: transport})
			}
			name := strings.Repeat("x", 2<<20)
			_, err := dial(t, server.URL, option).SIPGateways.Update(ctx, gatewayID, gen.SIPGatewayUpdate{Name: &name})
			close(returned)
			require.Less(t, time.Since(<-ended), atOnce)
			require.ErrorIs(t, requireError(t, err), context.Canceled)
		})
	}
}

// TestLongestTimeout: a call's timeout can be longer than the client's, and the
// longest there is does not overflow.
func TestLongestTimeout(t *testing.T) {
	t.Parallel()
	client, _ := with(t, gatewayOK, signalwire.WithTimeout(time.Nanosecond))
	_, err := update(t.Context(), client)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = update(t.Context(), client, signalwire.WithTimeout(math.MaxInt64))
	require.NoError(t, err)
}

// TestSwitchingProtocols: a response of 101 that nobody asked for ends the call at
// once.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		client, _ := onPipes(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
			<-release
			_ = conn.Close()
		})
		begin := time.Now()
		require.Equal(t, 101, failed(t, client).Status)
		require.Zero(t, time.Since(begin))
	})
}

func TestContextEndedBefore(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	errCause := errors.New("the user left")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	_, err := update(ctx, client)
	requireError(t, err)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, errCause)
	ctx, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	_, err = update(ctx, client)
	requireError(t, err)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assertNone(t, seen)
}

// TestCauseIsKeptWhole: in a group of goroutines the cause is the error of
// another one, which may be any.
func TestCauseIsKeptWhole(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	refused, _ := with(t, say(422, "application/json", documented))
	for name, cause := range map[string]error{
		"of another http.Client":         &url.Error{Op: "Get", URL: "https://other.example", Err: io.EOF},
		"around one of an http.Client":   fmt.Errorf("fetching: %w", &url.Error{Op: "Get", URL: "https://other.example", Err: io.EOF}),
		"of another call of this client": failed(t, refused),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			_, err := update(ctx, client)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause)
			require.ErrorContains(t, err, "context canceled")
		})
	}
	assertNone(t, seen)
}

// TestCauseAs finds the type of a cause, also of what it wraps or passes for.
func TestCauseAs(t *testing.T) {
	t.Parallel()
	client, _ := with(t, gatewayOK)
	wrapped := &url.Error{Op: "Get", URL: "https://other.example", Err: io.EOF}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.Join(errors.New("other"), fmt.Errorf("fetching: %w", wrapped), passesFor("a test")))
	_, err := update(ctx, client)
	var found *url.Error
	require.ErrorAs(t, err, &found)
	require.Same(t, wrapped, found)
	var text passesForTarget
	require.ErrorAs(t, err, &text)
	require.EqualValues(t, "a test", text)
	var none *net.OpError
	require.False(t, errors.As(err, &none))
}

// TestCauseOfAnotherCall: in a group of goroutines, one call is canceled because an
// argument of another one was refused. No argument of this one was.
func TestCauseOfAnotherCall(t *testing.T) {
	t.Parallel()
	client, _ := with(t, gatewayOK)
	_, refused := client.SIPGateways.Get(t.Context(), uuid.Nil)
	var input *signalwire.InputError
	require.ErrorAs(t, refused, &input)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("reading: %w", refused))
	_, err := update(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, refused)
	require.NotErrorIs(t, err, signalwire.ErrInvalid)
	require.False(t, errors.As(err, &input), "no argument was refused")
	var other *signalwire.Error
	require.False(t, errors.As(errors.Unwrap(err), &other), "the error of another call is not that of this one")
}

// passesFor is an error that is a passesForTarget by its method As.
type passesFor string

type passesForTarget string

func (e passesForTarget) Error() string { return string(e) }

func (e passesFor) Error() string { return string(e) }

func (e passesFor) As(target any) bool {
	to, ok := target.(*passesForTarget)
	if ok {
		*to = passesForTarget(e)
	}
	return ok
}

// TestCallersTrace is called beside the client's own, in a call that must not be
// processed twice, and in one that may.
func TestCallersTrace(t *testing.T) {
	t.Parallel()
	client, _ := with(t, gatewayOK)
	for _, call := range []calling{create, update} {
		var called sync.Map // connections have goroutines of their own
		_, err := call(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GetConn:              func(string) { called.Store("GetConn", true) },
			GotConn:              func(httptrace.GotConnInfo) { called.Store("GotConn", true) },
			ConnectDone:          func(string, string, error) { called.Store("ConnectDone", true) },
			PutIdleConn:          func(error) { called.Store("PutIdleConn", true) },
			WroteHeaderField:     func(string, []string) { called.Store("WroteHeaderField", true) },
			WroteHeaders:         func() { called.Store("WroteHeaders", true) },
			WroteRequest:         func(httptrace.WroteRequestInfo) { called.Store("WroteRequest", true) },
			GotFirstResponseByte: func() { called.Store("GotFirstResponseByte", true) },
		}), client)
		require.NoError(t, err)
		client.CloseIdleConnections()
		for _, hook := range []string{"GetConn", "GotConn", "ConnectDone", "PutIdleConn", "WroteHeaderField", "WroteHeaders", "WroteRequest", "GotFirstResponseByte"} {
			require.Eventually(t, func() bool {
				_, ok := called.Load(hook)
				return ok
			}, 30*time.Second, time.Millisecond, hook)
		}
	}
}

// TestCauseIsNoResponse: a call that was cancelled because another was refused
// was not refused itself.
func TestCauseIsNoResponse(t *testing.T) {
	t.Parallel()
	refused, _ := with(t, say(404, "application/json", ""))
	cause := failed(t, refused)
	client, _ := with(t, gatewayOK)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err := update(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	requireIs(t, err, nil)
}

// TestNoGoroutinesLeft, after calls that ended in every way: the bubble ends when
// all goroutines in it have, and fails if one waits forever.
func TestNoGoroutinesLeft(t *testing.T) {
	t.Parallel()
	responses := []http.HandlerFunc{
		gatewayOK, say(422, "application/json", documented), say(200, "text/html", "<html>"), say(500, "", strings.Repeat("x", 1<<20)),
		raw(""), raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), say(307, "", "x"),
	}
	for _, phase := range phases {
		responses = append(responses, stall(phase.send))
	}
	synctest.Test(t, func(t *testing.T) {
		for _, response := range responses {
			client, _ := onPipes(t, response, signalwire.WithTimeout(time.Second), signalwire.WithMaxResponseBytes(100))
			for range 2 {
				_, _ = update(t.Context(), client)
			}
		}
	})
}
