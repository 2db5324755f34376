package signalwire_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// Types of frames and codes of errors (RFC 9113, sections 6 and 7).
const (
	frameData, frameHeaders, frameReset, frameSettings, framePing, frameGoAway = 0, 1, 3, 4, 6, 7

	codeNone, codeProtocol, codeInternal, codeRefused, codeCancel, codeCalm = 0, 1, 2, 7, 8, 11
)

// frameServer speaks HTTP/2 frame by frame, so that it can end requests in ways
// that a server of net/http does not have.
type frameServer struct {
	URL      string
	trusting *http.Transport
	requests atomic.Int32 // how many came to their end
	conns    atomic.Int32
	open     sync.Map // of connections

	// response returns the frames that the request with this number, from 1, is
	// gets, and whether the connection is closed behind them.
	response func(request int, stream uint32) (frames []byte, end bool)
}

func startFrames(t *testing.T, response func(request int, stream uint32) ([]byte, bool)) *frameServer {
	t.Helper()
	certified := httptest.NewTLSServer(nil)
	t.Cleanup(certified.Close)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	s := &frameServer{URL: "https://" + listener.Addr().String(), trusting: trusting(certified), response: response}
	var group sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		s.trusting.CloseIdleConnections()
		s.open.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		group.Wait()
	})
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.conns.Add(1)
			s.open.Store(conn, nil)
			group.Go(func() {
				defer s.open.Delete(conn)
				defer func() { _ = conn.Close() }()
				s.serve(conn)
			})
		}
	})
	return s
}

func (s *frameServer) serve(conn net.Conn) {
	if _, err := io.CopyN(io.Discard, conn, 24); err != nil { // the preface
		return
	}
	_, err := conn.Write(frame(frameSettings, 0, 0, nil))
	for head := make([]byte, 9); err == nil; {
		if _, err = io.ReadFull(conn, head); err != nil {
			return
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err = io.ReadFull(conn, payload); err != nil {
			return
		}
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		switch {
		case kind == frameSettings && flags == 0:
			_, err = conn.Write(frame(frameSettings, 1, 0, nil))
		case kind == framePing && flags == 0:
			_, err = conn.Write(frame(framePing, 1, 0, payload))
		case (kind == frameData || kind == frameHeaders) && flags&1 != 0: // the end of a request
			frames, end := s.response(int(s.requests.Add(1)), stream)
			if _, err = conn.Write(frames); end {
				return
			}
		}
	}
}

// frame returns a frame of a stream.
func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	n := len(payload)
	return append(binary.BigEndian.AppendUint32([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, stream), payload...)
}

func code(code uint32) []byte { return binary.BigEndian.AppendUint32(nil, code) }

func resetStream(stream, errorCode uint32) []byte {
	return frame(frameReset, 0, stream, code(errorCode))
}

func goAway(last, errorCode uint32) []byte {
	return frame(frameGoAway, 0, 0, append(code(last), code(errorCode)...))
}

// respond returns a response with status 201 and a gateway.
func respond(stream uint32) []byte { return respondStatus(stream, "201") }

// statusField returns the status of a response as a literal header field (RFC 7541,
// section 6.2.2).
func statusField(status string) []byte { return append([]byte{8, 3}, status...) }

// respondStatus returns a response with a gateway.
func respondStatus(stream uint32, status string) []byte {
	const kind = "application/json"
	header := append(append(statusField(status), 0x0f, 16, byte(len(kind))), kind...)
	return append(frame(frameHeaders, 4, stream, header), frame(frameData, 1, stream, []byte(gatewayResponse))...)
}

// redial is a call without a body that must not be processed twice.
func redial(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) (*gen.SIPGatewayResource, error) {
	_, err := c.VerifiedCallerIDs.RedialVerificationCall(ctx, gatewayID, opts...)
	return nil, err
}

// TestHTTP2RequestGivenBack ends requests over HTTP/2 in every way there is. One
// that the server says it did not process is sent again (RFC 9113, sections 6.8
// and 8.7), though it must not be processed twice; of any other the outcome is
// unknown.
func TestHTTP2RequestGivenBack(t *testing.T) {
	t.Parallel()
	type response = func(stream uint32) ([]byte, bool)
	reset := func(errorCode uint32) response {
		return func(stream uint32) ([]byte, bool) { return resetStream(stream, errorCode), false }
	}
	away := func(above bool, errorCode uint32, end bool) response {
		return func(stream uint32) ([]byte, bool) {
			if above {
				stream = max(stream, 2) - 2
			}
			return goAway(stream, errorCode), end
		}
	}
	hinted := func(then response) response {
		return func(stream uint32) ([]byte, bool) {
			frames, end := then(stream)
			return append(frame(frameHeaders, 4, stream, statusField("103")), frames...), end
		}
	}
	for _, tt := range []struct {
		name      string
		response  response
		processed bool // maybe
	}{
		{"REFUSED_STREAM", reset(codeRefused), false},
		{"early hints, then REFUSED_STREAM", hinted(reset(codeRefused)), false},
		{"PROTOCOL_ERROR", reset(codeProtocol), true},
		{"early hints, then PROTOCOL_ERROR", hinted(reset(codeProtocol)), true},
		{"INTERNAL_ERROR", reset(codeInternal), true},
		{"CANCEL", reset(codeCancel), true},
		{"NO_ERROR", reset(codeNone), true},
		{"GOAWAY above", away(true, codeNone, false), false},
		{"GOAWAY above, closed", away(true, codeNone, true), false},
		{"GOAWAY above with an error", away(true, codeCalm, true), false},
		{"GOAWAY that includes it, closed", away(false, codeNone, true), true},
		{"GOAWAY that includes it with an error, closed", away(false, codeInternal, true), true},
		{"closed", func(uint32) ([]byte, bool) { return nil, true }, true},
	} {
		for _, through := range []string{"transport", "client", "instrumented"} {
			for name, call := range map[string]calling{"body": create, "no body": redial} {
				for _, used := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s, %s, %s, %t", tt.name, through, name, used), func(t *testing.T) {
						t.Parallel()
						before := 0
						if used {
							before = 1
						}
						server := startFrames(t, func(request int, stream uint32) ([]byte, bool) {
							if request == before+1 {
								return tt.response(stream)
							}
							return respond(stream), false
						})
						option := signalwire.WithTransport(server.trusting)
						switch through {
						case "client":
							option = signalwire.WithHTTPClient(&http.Client{Transport: server.trusting})
						case "instrumented":
							option = signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
								resp, err := server.trusting.RoundTrip(r)
								if err != nil {
									err = fmt.Errorf("traced: %w", err)
								}
								return resp, err
							}))
						}
						client := dial(t, server.URL, option) // which sends once
						if used {
							_, err := create(t.Context(), client)
							require.NoError(t, err)
						}
						_, err := call(t.Context(), client)
						// Before it is known that the server speaks HTTP/2, a request
						// without a body is sent as one for HTTP/1, and net/http
						// does not say why it would send it again.
						if tt.processed || used && strings.HasSuffix(tt.name, "REFUSED_STREAM") || name == "no body" && !used && tt.name != "GOAWAY above with an error" {
							requireError(t, err)
							requireUnknown(t, err, true)
							require.EqualValues(t, before+1, server.requests.Load())
							return
						}
						require.NoError(t, err)
						require.EqualValues(t, before+2, server.requests.Load())
					})
				}
			}
		}
	}
}

// TestHTTP2BurstRefused: a server refuses most of the requests that come together
// on a new connection, and all of them are sent again.
func TestHTTP2BurstRefused(t *testing.T) {
	t.Parallel()
	const burst, taken = 64, 5
	var streams []uint32
	server := startFrames(t, func(request int, stream uint32) (frames []byte, _ bool) {
		if request > burst {
			return respond(stream), false
		}
		if streams = append(streams, stream); request < burst {
			return nil, false // until all are there
		}
		for i, stream := range streams {
			if i < taken {
				frames = append(frames, respond(stream)...)
			} else {
				frames = append(frames, resetStream(stream, codeRefused)...)
			}
		}
		return frames, false
	})
	client := dial(t, server.URL, signalwire.WithTransport(server.trusting))
	var group sync.WaitGroup
	for range burst {
		group.Go(func() {
			_, err := create(t.Context(), client)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	require.EqualValues(t, 2*burst-taken, server.requests.Load())
}

// TestHTTP2NoStream: the connection that net/http chose is shut down before the request
// gets a stream on it, as often happens when nginx ends one (keepalive_requests). net/http
// closes the body, which nothing was read from, and cannot send the request again.
func TestHTTP2NoStream(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]calling{"body": create, "no body": redial} {
		for _, reached := range []string{"nothing", "the header", "the body"} {
			t.Run(name+", "+reached, func(t *testing.T) {
				t.Parallel()
				sends := 0
				transport := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}} // no other HTTP/2
				transport.RegisterProtocol("https", roundTripper(func(r *http.Request) (*http.Response, error) {
					if sends++; sends != 2 {
						out := httptest.NewRecorder()
						say(201, "application/json", gatewayResponse)(out, r)
						resp := out.Result()
						resp.ProtoMajor = 2
						return resp, nil
					}
					switch reached {
					case "the header":
						httptrace.ContextClientTrace(r.Context()).WroteHeaderField(":method", []string{r.Method})
					case "the body":
						_, _ = r.Body.Read(make([]byte, 1))
					}
					_ = r.Body.Close()
					return nil, http.ErrSkipAltProtocol // net/http does the same as without a stream
				}))
				client := dial(t, "https://acme.example", signalwire.WithTransport(transport))
				_, err := call(t.Context(), client) // over HTTP/2, as the client knows then
				require.NoError(t, err)
				_, err = call(t.Context(), client)
				if reached == "nothing" {
					require.NoError(t, err)
					require.Equal(t, 3, sends)
					return
				}
				require.ErrorContains(t, err, "cannot rewind body")
				requireUnknown(t, err, true)
				require.Equal(t, 2, sends)
			})
		}
	}
}

// TestHTTP2RefusedForever: a server that never takes a request gets it twice an
// attempt, and in the end the error says that it was not processed.
func TestHTTP2RefusedForever(t *testing.T) {
	t.Parallel()
	server := startFrames(t, func(_ int, stream uint32) ([]byte, bool) { return resetStream(stream, codeRefused), false })
	client := dial(t, server.URL, signalwire.WithTransport(server.trusting), attempts(2))
	_, err := create(t.Context(), client)
	require.Equal(t, 2, requireError(t, err).Attempts)
	requireUnknown(t, err, false)
	require.ErrorContains(t, err, "the server did not process the request: stream error: ")
	require.EqualValues(t, 4, server.requests.Load())
}

// TestHTTP2RequestIsRepeatedByTheTransport: net/http sends an idempotent request
// again without end if the server breaks it off. Here it does so a few times.
func TestHTTP2RequestIsRepeatedByTheTransport(t *testing.T) {
	t.Parallel()
	server := startFrames(t, func(_ int, stream uint32) ([]byte, bool) { return resetStream(stream, codeRefused), false })
	client := dial(t, server.URL, signalwire.WithTransport(server.trusting), signalwire.WithTimeout(20*time.Second))
	_, err := update(t.Context(), client)
	requireUnknown(t, err, false)
	require.ErrorContains(t, err, "the server refused 4 times to process the request")
	require.EqualValues(t, 4, server.requests.Load())
}

// TestHTTP2EarlierSend: net/http sends an idempotent request again by itself after
// the server broke it off, possibly when it had processed it. The error of the second
// one says so.
func TestHTTP2EarlierSend(t *testing.T) {
	t.Parallel()
	changes := map[string]calling{
		"PATCH": update,
		"PATCH of an http.Client": func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) (*gen.SIPGatewayResource, error) {
			return update(ctx, c, opts...)
		},
		"DELETE": func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) (*gen.SIPGatewayResource, error) {
			return nil, c.SIPGateways.Delete(ctx, gatewayID, opts...)
		},
		"GET": get,
	}
	for name, call := range changes {
		for _, used := range []int{0, 1} {
			for _, errorCode := range []uint32{codeProtocol, codeRefused} {
				t.Run(fmt.Sprintf("%s %d %d", name, used, errorCode), func(t *testing.T) {
					t.Parallel()
					server := startFrames(t, func(request int, stream uint32) ([]byte, bool) {
						switch request {
						case used:
							return respond(stream), false
						case used + 1:
							return resetStream(stream, errorCode), false
						}
						return respondStatus(stream, "404"), false
					})
					option := signalwire.WithTransport(server.trusting)
					if name == "PATCH of an http.Client" {
						option = signalwire.WithHTTPClient(&http.Client{Transport: server.trusting})
					}
					client := dial(t, server.URL, option, attempts(4))
					if used > 0 {
						_, err := create(t.Context(), client)
						require.NoError(t, err)
					}
					_, err := call(t.Context(), client)
					require.ErrorIs(t, err, signalwire.ErrNotFound)
					require.EqualValues(t, used+2, server.requests.Load())
					require.Equal(t, name != "GET", requireError(t, err).MayHaveTakenEffect)
					require.Equal(t, name != "GET", strings.Contains(err.Error(), "; an earlier attempt may have been carried out"), "%v", err)
				})
			}
		}
	}
}
