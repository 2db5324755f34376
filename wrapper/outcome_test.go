package signalwire_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestEarlierAttempt: an error says that an attempt before the last may have
// been processed, and what became of the first, which errors.Is does not find.
func TestEarlierAttempt(t *testing.T) {
	t.Parallel()
	const text = "; an earlier attempt may have been carried out"
	lost, page := raw("HTTP/1.1 200 OK\r\nA: b"), say(200, "text/html", "<html>")
	for _, tt := range []struct {
		name      string
		responses []http.HandlerFunc
		status    int
		may       bool
		earlier   bool
	}{
		{"401", []http.HandlerFunc{lost, say(401, "application/json", "{}")}, 401, true, true},
		{"403", []http.HandlerFunc{lost, say(403, "application/json", "{}")}, 403, true, true},
		{"404", []http.HandlerFunc{lost, say(404, "application/json", "{}")}, 404, true, true},
		{"409", []http.HandlerFunc{lost, say(409, "application/json", "{}")}, 409, true, true},
		{"429", []http.HandlerFunc{lost, refuse(429, "3600")}, 429, true, true},
		{"302", []http.HandlerFunc{lost, say(302, "", "")}, 302, true, true},
		{"500", []http.HandlerFunc{say(500, "", ""), say(404, "", "")}, 404, true, true},
		{"502", []http.HandlerFunc{say(502, "text/html", "<html>"), say(404, "", "")}, 404, true, true},
		{"a page", []http.HandlerFunc{page, say(404, "", "")}, 404, true, true},
		{"the second of three", []http.HandlerFunc{refuse(429, ""), lost, say(404, "", "")}, 404, true, true},
		{"the first of three", []http.HandlerFunc{lost, refuse(429, ""), say(404, "", "")}, 404, true, true},
		{"only the last", []http.HandlerFunc{refuse(503, ""), say(504, "", "")}, 504, true, false},
		{"none", []http.HandlerFunc{refuse(429, ""), refuse(503, ""), say(404, "", "")}, 404, false, false},
		{"none, of another server", []http.HandlerFunc{say(429, "text/html", "<html>"), say(404, "", "")}, 404, false, false},
	} {
		for method, call := range map[string]calling{"GET": get, "PATCH": update} {
			t.Run(tt.name+" "+method, func(t *testing.T) {
				t.Parallel()
				responses := append(tt.responses, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
				client, _ := with(t, first(responses...), attempts(len(tt.responses)))
				_, err := call(t.Context(), client)
				e := requireError(t, err)
				require.Equal(t, len(tt.responses), e.Attempts)
				require.Equal(t, tt.status, e.Status)
				requireIs(t, err, sentinelOf(tt.status))
				requireUnknown(t, err, false)
				read := method == "GET"
				require.Equal(t, tt.may && !read, e.MayHaveTakenEffect)
				require.Equal(t, tt.earlier && !read, strings.Contains(err.Error(), text), "%v", err)
				require.NotNil(t, e.First)
				require.Equal(t, 1, e.First.Attempts)
				require.Nil(t, e.First.First)
				require.NotErrorIs(t, err, io.ErrUnexpectedEOF, "that is of the first attempt")
				if e.First.Status == 0 {
					require.ErrorIs(t, e.First, io.ErrUnexpectedEOF)
				}
			})
		}
	}
}

// TestNoFurtherAttempt: what keeps a call from another attempt does not hide what became
// of those before.
func TestNoFurtherAttempt(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped")
	for name, prevent := range map[string]func(attempts int, cancel context.CancelCauseFunc) signalwire.CallOption{
		"canceled": func(attempts int, cancel context.CancelCauseFunc) signalwire.CallOption {
			return signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) {
				if info.Attempts == attempts {
					cancel(stopped)
				}
			})
		},
		"limited": func(attempts int, _ context.CancelCauseFunc) signalwire.CallOption {
			return signalwire.WithLimiter(func(context.Context, gen.Operation, string) error {
				if attempts--; attempts < 0 {
					return stopped
				}
				return nil
			})
		},
		"without credentials": func(attempts int, _ context.CancelCauseFunc) signalwire.CallOption {
			return signalwire.WithCredentialsFunc(func(context.Context) (string, string, error) {
				if attempts--; attempts < 0 {
					return "", "", stopped
				}
				return projectID, apiToken, nil
			})
		},
	} {
		for kind, tt := range map[string]struct {
			response http.HandlerFunc
			may      bool
			reason   string
		}{
			"lost":   {raw(""), true, "EOF"},
			"a page": {say(200, "text/html", "<html>"), true, "not from the Space"},
			"502":    {say(502, "text/html", "<html>"), true, "502 Bad Gateway"},
			"503":    {refuse(503, ""), false, "503"},
		} {
			for made := 1; made <= 2; made++ {
				t.Run(fmt.Sprintf("%s, %s, after %d", name, kind, made), func(t *testing.T) {
					t.Parallel()
					client, seen := with(t, tt.response, attempts(5))
					ctx, cancel := context.WithCancelCause(t.Context())
					_, err := update(ctx, client, prevent(made, cancel))
					e := requireError(t, err)
					require.ErrorIs(t, err, stopped)
					require.Len(t, seen.requests(), made)
					require.Equal(t, made, e.Attempts)
					require.Equal(t, tt.may, e.MayHaveTakenEffect)
					require.Equal(t, tt.may, strings.Contains(err.Error(), "; an earlier attempt may have been carried out"), "%v", err)
					require.NotNil(t, e.First)
					require.Equal(t, 1, e.First.Attempts)
					require.Nil(t, e.First.First)
					require.Contains(t, e.First.Error(), tt.reason)
				})
			}
		}
	}
}

// TestChangesAreNotRepeatedAfterATimeout, since the Space may still be at it, and
// would overwrite what came after. Reads are, and so are changes if the caller
// asks for it.
func TestChangesAreNotRepeatedAfterATimeout(t *testing.T) {
	t.Parallel()
	late := stall(nil)
	change := map[string]func(context.Context, *signalwire.Client, ...gen.CallOption) error{
		"PATCH": func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
			_, err := update(ctx, c, opts...)
			return err
		},
		"PUT": func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
			_, err := c.RelayApplications.Update(ctx, gatewayID, gen.RelayApplicationUpdate{Name: ptr("x")}, opts...)
			return err
		},
		"DELETE": func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
			return c.SIPGateways.Delete(ctx, gatewayID, opts...)
		},
		"GET": func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
			_, err := get(ctx, c, opts...)
			return err
		},
	}
	for name, tt := range map[string]struct {
		response http.HandlerFunc
		opts     func(*http.Transport) signalwire.Option
		status   int
	}{
		"504":       {response: say(504, "text/html", "<html>"), status: 504},
		"503":       {response: say(503, "text/html", "<html>"), status: 503},
		"own 504":   {response: say(504, "application/json", limited), status: 504},
		"of a call": {response: late, opts: func(*http.Transport) signalwire.Option { return signalwire.WithTimeout(time.Second) }},
		"of headers": {response: late, opts: func(transport *http.Transport) signalwire.Option {
			transport.ResponseHeaderTimeout = time.Second
			return signalwire.WithTransport(transport)
		}},
		"of an http.Client": {response: late, opts: func(transport *http.Transport) signalwire.Option {
			return signalwire.WithHTTPClient(&http.Client{Transport: transport, Timeout: time.Second})
		}},
	} {
		for method, call := range change {
			for _, asked := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s %t", name, method, asked), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						transport, seen := piped(t, tt.response)
						opts := []signalwire.Option{attempts(2), signalwire.WithTransport(transport)}
						if tt.opts != nil {
							opts = append(opts, tt.opts(transport))
						}
						if asked {
							opts = append(opts, signalwire.WithRetryAfterTimeout())
						}
						err := call(t.Context(), dial(t, "http://localhost", opts...))
						e := requireError(t, err)
						require.Equal(t, tt.status, e.Status)
						requireUnknown(t, err, false)
						require.Equal(t, method != "GET", e.MayHaveTakenEffect)
						want := 1
						if asked || method == "GET" {
							want = 2
						}
						require.Equal(t, want, e.Attempts)
						require.Len(t, seen.requests(), want)
					})
				})
			}
		}
	}
}

// TestTimeoutOfADialIsRepeated: nothing can have been sent.
func TestTimeoutOfADialIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := signalwire.NewTransport()
		var dialed atomic.Int32
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if dialed.Add(1) == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			near, far := net.Pipe()
			go func() {
				defer func() { _ = far.Close() }()
				r, err := http.ReadRequest(bufio.NewReader(far))
				if err == nil {
					_, _ = io.Copy(io.Discard, r.Body)
					_, _ = fmt.Fprintf(far, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(gatewayResponse), gatewayResponse)
				}
			}()
			return near, nil
		}
		var info signalwire.CallInfo
		_, err := update(t.Context(), dial(t, "http://127.0.0.1:1", attempts(2), signalwire.WithTransport(transport)), signalwire.WithCallInfo(&info))
		require.NoError(t, err)
		require.Equal(t, 2, info.Attempts)
		require.EqualValues(t, 2, dialed.Load())
	})
}

// TestBothResponseAndError: a transport may return both, and the body is closed.
func TestBothResponseAndError(t *testing.T) {
	t.Parallel()
	errTransport := errors.New("transport failed")
	for through := range map[string]bool{"transport": true, "client": true} {
		t.Run(through, func(t *testing.T) {
			t.Parallel()
			body := &closeCounter{Reader: strings.NewReader(gatewayResponse)}
			transport := roundTripper(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, Request: r}, errTransport
			})
			option := signalwire.WithTransport(transport)
			if through == "client" {
				option = signalwire.WithHTTPClient(&http.Client{Transport: transport})
			}
			_, err := update(t.Context(), dial(t, "https://acme.example", option))
			require.ErrorIs(t, requireError(t, err), errTransport)
			require.Equal(t, int32(1), body.closed.Load())
		})
	}
}

type closeCounter struct {
	io.Reader
	closed atomic.Int32
}

func (c *closeCounter) Close() error { c.closed.Add(1); return nil }

// stuckBody does not return from Read, and perhaps not from Close, until it is
// released.
type stuckBody struct {
	begin    string
	released chan struct{}
	closes   bool // Close returns
}

func (b *stuckBody) Read(p []byte) (int, error) {
	if b.begin != "" {
		n := copy(p, b.begin)
		b.begin = b.begin[n:]
		return n, nil
	}
	<-b.released
	return 0, io.EOF
}

func (b *stuckBody) Close() error {
	if !b.closes {
		<-b.released
	}
	return nil
}

// TestBodyThatIgnoresItsContext does not keep the call, which takes place in
// a bubble of time.
func TestBodyThatIgnoresItsContext(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 422} {
		for _, closes := range []bool{false, true} {
			for _, begin := range []string{"", `{"id":`} {
				t.Run(fmt.Sprint(status, closes, begin), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						released := make(chan struct{})
						client, err := signalwire.New("acme", credentials, signalwire.WithMaxAttempts(1), signalwire.WithTimeout(time.Second), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
							return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: &stuckBody{begin, released, closes}, Request: r}, nil
						})))
						require.NoError(t, err)
						for _, call := range []calling{get, update, create} {
							start := time.Now()
							_, err = call(t.Context(), client)
							require.Less(t, time.Since(start), 1200*time.Millisecond)
							e := requireError(t, err)
							require.ErrorIs(t, err, context.DeadlineExceeded)
							require.Equal(t, status == 200, errors.Is(err, signalwire.ErrUnreadable))
							require.Equal(t, status, e.Status)
						}
						close(released)
						synctest.Wait()
					})
				})
			}
		}
	}
}

// TestNilContext is an error, also of edits, of lists, and for observers.
func TestNilContext(t *testing.T) {
	t.Parallel()
	var infos []signalwire.CallInfo
	client, seen := with(t, gatewayOK, signalwire.WithLogger(slog.New(slog.DiscardHandler)), signalwire.WithObserver(func(ctx context.Context, i signalwire.CallInfo) {
		require.NotNil(t, ctx)
		infos = append(infos, i)
	}))
	var none context.Context
	_, err := update(none, client)
	_, _, errEdit := client.SIPGateways.Edit(none, gatewayID, func(*gen.SIPGatewayUpdate) error { return nil })
	errs := []error{err, errEdit}
	for _, err := range client.SIPGateways.All(none) {
		errs = append(errs, err)
	}
	require.Len(t, errs, 3)
	for _, err := range errs {
		var input *signalwire.InputError
		require.ErrorAs(t, requireError(t, err), &input)
		require.Equal(t, "ctx", input.Field)
	}
	require.Len(t, infos, 3)
	assertNone(t, seen)
}

// TestNilError: the methods of a nil *Error do not panic.
func TestNilError(t *testing.T) {
	t.Parallel()
	var e *signalwire.Error
	require.NotPanics(t, func() {
		require.Equal(t, "<nil>", e.Error())
		require.Equal(t, "<nil>", fmt.Sprintf("%v", e))
		require.Equal(t, "<nil>", (*signalwire.InputError)(nil).Error())
		require.NoError(t, e.Unwrap())
		require.False(t, e.Is(signalwire.ErrNotFound))
		require.False(t, errors.Is(e, signalwire.ErrNotFound))
		require.Error(t, e.Decode(new(any)))
		require.Nil(t, e.LogValue().Any())
		text, err := e.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, "null", string(text))
		slog.New(slog.NewJSONHandler(io.Discard, nil)).Info("x", "err", e)
		_, err = json.Marshal(map[string]any{"err": e})
		require.NoError(t, err)
	})
}

// TestRequestIDs: four headers are in use.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"X-Request-Id"}, {"X-SignalWire-Request-Id"}, {"Request-Id"}, {"X-Amzn-RequestId"}, {"X-Amzn-RequestId", "Request-Id", "X-Request-Id"}} {
		for _, status := range []int{200, 500} {
			t.Run(fmt.Sprint(names, status), func(t *testing.T) {
				t.Parallel()
				client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
					for _, name := range names {
						w.Header().Set(name, "id of "+name)
					}
					say(status, "application/json", gatewayResponse)(w, r)
				})
				var info signalwire.CallInfo
				_, err := update(t.Context(), client, signalwire.WithCallInfo(&info))
				want := "id of " + names[len(names)-1]
				require.Equal(t, want, info.RequestID)
				if status != 200 {
					require.Equal(t, want, requireError(t, err).RequestID)
					require.ErrorContains(t, err, " [request "+want+"]")
				}
			})
		}
	}
}

// TestErrorDecode: what an error has besides its items can be read from it.
func TestErrorDecode(t *testing.T) {
	t.Parallel()
	client, _ := with(t, say(422, "application/json", `{"errors":[{"detail":"Not found","status":"422","title":"t","code":"422"}],"candidates":[{"street_number":"1","city":"Austin"}]}`))
	e := failed(t, client)
	var more struct {
		Candidates []struct {
			StreetNumber string `json:"street_number"`
			City         string `json:"city"`
		} `json:"candidates"`
	}
	require.NoError(t, e.Decode(&more))
	require.Len(t, more.Candidates, 1)
	require.Equal(t, "Austin", more.Candidates[0].City)
	require.Equal(t, "1", more.Candidates[0].StreetNumber)

	client, _ = with(t, say(502, "text/html", "<html>"))
	require.ErrorContains(t, failed(t, client).Decode(&more), "signalwire: body of the error: ")
}
