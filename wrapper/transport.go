package signalwire

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// sender sends requests through the transport of [WithTransport] or the client of
// [WithHTTPClient].
type sender struct {
	do        func(*http.Request) (*http.Response, error)
	transport http.RoundTripper // what do sends through

	// protocol is the version of HTTP, 1 or 2, with which the last request was
	// sent that must not be processed twice; 0 is none.
	protocol atomic.Int32

	responses atomic.Uint64 // how many have come
	newest    atomic.Pointer[newConn]
}

// newConn is a connection, and how many responses had come before it was made.
type newConn struct {
	net.Conn
	responses uint64
}

// isEarly reports whether a request is about to be sent on a connection that has
// been made since the last response came.
func (s *sender) isEarly(got httptrace.GotConnInfo) bool {
	if !got.Reused {
		s.newest.Store(&newConn{got.Conn, s.responses.Load()})
	}
	newest := s.newest.Load()
	return newest != nil && newest.Conn == got.Conn && newest.responses == s.responses.Load()
}

// newSender returns a sender that uses nothing but a transport: no redirect is
// followed, no cookie kept.
func newSender(transport http.RoundTripper) *sender {
	return &sender{do: transport.RoundTrip, transport: transport}
}

// newClientSender returns a sender that uses a copy of client.
func newClientSender(client *http.Client) *sender {
	return &sender{do: withoutRedirects(client), transport: client.Transport}
}

// endsWithContext reports whether every Read of a body that the transport
// returned ends when the context of the request does. That is known of the
// transports of net/http, and of bodies that are in memory, as those of mocks and
// caches are.
func (s *sender) endsWithContext(body io.ReadCloser) bool {
	transport := s.transport
	if t, ok := transport.(defaultTransport); ok {
		transport = t.current()
	}
	if transport == nil { // of an http.Client
		transport = http.DefaultTransport
	}
	if _, ok := transport.(*http.Transport); ok || body == http.NoBody {
		return true
	}
	if reflect.TypeOf(body) != inMemory {
		return false
	}
	switch reflect.ValueOf(body).Field(0).Interface().(type) {
	case *bytes.Buffer, *bytes.Reader, *strings.Reader:
		return true
	}
	return false
}

// inMemory is the type of bodies that are made by io.NopCloser of a reader with a
// method WriteTo, as those have that read from memory.
var inMemory = reflect.TypeOf(io.NopCloser(new(bytes.Reader)))

// send sends a request. It returns the response, and what was sent of the body.
//
// net/http sends a request again by itself if the server closed a connection
// that was kept before anything was sent on it, and over HTTP/2 also if the
// server ended the stream in one of three ways. Two of them say that the request
// was not processed: GOAWAY with a last stream id below the request's, and
// REFUSED_STREAM (RFC 9113, sections 6.8 and 8.7). After the third,
// PROTOCOL_ERROR, it may well have been. A request that must not be processed
// twice is therefore given to HTTP/2 with a body that cannot be read again, so
// that net/http returns an error which names the reason, and is sent again here
// if the reason is one of the two.
//
// REFUSED_STREAM is believed only until a response has come on the connection.
// That is when servers refuse what exceeds their limit of concurrent requests,
// which net/http keeps to as soon as it knows it. Later there are proxies that
// say it of requests which were processed: HAProxy does if its own connection to
// the server, used before, is closed without a response.
func (s *sender) send(ctx context.Context, op *gen.Operation, req *request) (*http.Response, *sentBody, error) {
	sent := &sentBody{text: req.body}
	if op.Idempotent {
		r := req.attempt(ctx)
		if sent.text != nil {
			sent.attach(r, true)
		}
		resp, err := s.roundTrip(r)
		return resp, sent, err
	}
	traced := sent.trace(ctx, s)
	r := req.attempt(traced)
	protocol := s.protocol.Load()
	switch {
	case protocol == 2, protocol == 0 && sent.text != nil && req.url.Scheme == "https":
		sent.attach(r, false)
	case sent.text != nil:
		sent.attach(r, true) // over HTTP/1, only if nothing was sent
	}
	resp, err := s.roundTrip(r)
	if err != nil && context.Cause(traced) == errResend {
		err = errResend
	}
	return resp, sent, processedOrNot(err, sent.early.Load())
}

// errNotProcessed is the error of a request that the server certainly did not
// process, so that it may be sent again.
var errNotProcessed = errors.New("the server did not process the request")

// processedOrNot finds the reason for which an HTTP/2 server ended a request, and
// returns err with errNotProcessed or errResend in it. REFUSED_STREAM is believed
// if the request was sent early on its connection. The types of net/http's
// errors are internal to it and lost on the way, so their texts are compared. One
// that is not known means that the request may have been processed.
func processedOrNot(err error, early bool) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		text := e.Error()
		if reason, ok := strings.CutPrefix(text, "http2: Transport: cannot retry err ["); ok {
			reason, _, _ = strings.Cut(reason, "]")
			if reason == "http2: Transport received Server's graceful shutdown GOAWAY" ||
				early && strings.HasPrefix(reason, "stream error: ") && strings.HasSuffix(reason, "; REFUSED_STREAM; received from peer") {
				return fmt.Errorf("%w: %s", errNotProcessed, reason)
			}
			return fmt.Errorf("%w: %s", errResend, reason)
		}
		// To the first request on a connection, with a last stream id of 0.
		if strings.HasPrefix(text, "http2: Transport received GOAWAY from server ErrCode:") {
			return fmt.Errorf("%w: %w", errNotProcessed, err)
		}
	}
	return err
}

// defaultTransport carries calls as http.DefaultTransport would.
type defaultTransport struct{ *http.Transport }

// newDefaultTransport returns the transport for clients without one of their own.
func newDefaultTransport() http.RoundTripper { return defaultTransport{newTransport()} }

// RoundTrip sends a request through the program's default transport if that is of
// another type than *http.Transport, as those of mocks and instrumentation are.
// It looks at each call, as they can be put in place at any time.
func (t defaultTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.current().RoundTrip(req)
}

func (t defaultTransport) current() http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok && http.DefaultTransport != nil {
		return http.DefaultTransport
	}
	return t.Transport
}

// An HTTP/2 connection on which nothing arrives is tested with a PING frame, and
// closed if there is no acknowledgment in time. Together they are shorter than
// the timeout of a call, so that a further attempt gets another connection.
const (
	pingAfter   = 10 * time.Second
	pingTimeout = 5 * time.Second
)

// newTransport clones the default transport, so that the program's settings
// and HTTP/2 stay, and lets it keep as many connections as concurrent calls
// need: with two per host, which is the default, a busy client would open a new
// connection for most of its calls.
func newTransport() *http.Transport {
	var t *http.Transport
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		t = d.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second}
	}
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 100, 100
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	if t.TLSClientConfig.MinVersion < tls.VersionTLS12 {
		t.TLSClientConfig.MinVersion = tls.VersionTLS12
	}
	if t.HTTP2 == nil {
		t.HTTP2 = &http.HTTP2Config{}
	}
	if t.HTTP2.SendPingTimeout == 0 {
		t.HTTP2.SendPingTimeout = pingAfter
	}
	if t.HTTP2.PingTimeout == 0 {
		t.HTTP2.PingTimeout = pingTimeout
	}
	return t
}
