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
	"net/url"
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
	transport http.RoundTripper // used by do

	// protocol is the major version of HTTP, 1 or 2, of the last request; 0 if there was
	// none.
	protocol atomic.Int32

	responses atomic.Uint64           // the number of responses so far
	newest    atomic.Pointer[newConn] // the connection that was made last
}

// newConn is a connection, with the number of responses that had come when it was made.
type newConn struct {
	conn      net.Conn
	responses uint64
}

// isEarly reports whether a request is sent early on its connection: the connection was
// made after the last response to any request.
func (s *sender) isEarly(got httptrace.GotConnInfo) bool {
	if !got.Reused {
		s.newest.Store(&newConn{got.Conn, s.responses.Load()})
	}
	newest := s.newest.Load()
	return newest != nil && newest.conn == got.Conn && newest.responses == s.responses.Load()
}

// newSender returns a sender that uses the transport directly, so that it neither follows
// redirects nor keeps cookies.
func newSender(transport http.RoundTripper) *sender {
	return &sender{do: transport.RoundTrip, transport: transport}
}

// newClientSender returns a sender that uses a copy of client, but does not follow
// redirects.
func newClientSender(client *http.Client) *sender {
	return &sender{do: withoutRedirects(client), transport: client.Transport}
}

// endsWithContext reports whether a Read of body, which the transport returned, always
// ends when the context of the request does. This is known of the transports of net/http,
// and of bodies in memory, which mocks and caches return.
func (s *sender) endsWithContext(body io.ReadCloser) bool {
	transport := s.transport
	if t, ok := transport.(defaultTransport); ok {
		transport = t.current()
	}
	if transport == nil { // the zero value in an http.Client
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

// inMemory is the type that io.NopCloser returns for readers with a method WriteTo, as
// the readers of bytes and strings have.
var inMemory = reflect.TypeOf(io.NopCloser(new(bytes.Reader)))

// send sends a request. It returns the response, and a record of what was sent.
//
// net/http sends a request again by itself if the server closed a kept-alive connection
// before anything was sent on it, and a read also later. Over HTTP/2 it does so in three more
// cases. Two of them say that the server has not processed the request: GOAWAY with a last
// stream id below that of the request (RFC 9113, section 6.8), and REFUSED_STREAM (section
// 8.7). After the third, PROTOCOL_ERROR, which Go 1.27 no longer treats so, the server may have
// processed it. send therefore gives HTTP/2 a request that is not idempotent with a body
// that cannot be read again. net/http then returns an error that names the reason, and
// the caller sends the request again if the reason is one of the two, or if the connection
// was shut down before the request got a stream on it. Idempotent changes with a body are
// left to net/http, but sentBody.resent records that an earlier send may have been
// processed.
//
// REFUSED_STREAM is trusted only until a response has come on the connection. This is the
// time when servers refuse requests beyond their limit of concurrent streams, which
// net/http respects as soon as it has received it. Later, proxies send REFUSED_STREAM for
// requests that were processed: HAProxy does so if its own connection to the server, when
// used before, is closed without a response.
func (s *sender) send(ctx context.Context, op *gen.Operation, req *request) (*http.Response, *sentBody, error) {
	sent := &sentBody{text: req.body}
	if isRead(op) || op.Idempotent && sent.text != nil {
		r := req.attempt(ctx)
		if sent.text != nil {
			sent.attach(r, true)
		}
		resp, err := s.roundTrip(r)
		sent.resent = s.protocol.Load() == 2 && sent.reads.Load() > 1
		return resp, sent, err
	}
	traced := sent.trace(ctx, s)
	r := req.attempt(traced)
	protocol := s.protocol.Load()
	switch {
	case protocol == 2, protocol == 0 && sent.text != nil && req.url.Scheme == "https":
		sent.attach(r, false)
	case sent.text != nil:
		sent.attach(r, true) // over HTTP/1, net/http sends it again only if nothing was sent
	}
	resp, err := s.roundTrip(r)
	if err != nil && context.Cause(traced) == errResend {
		err = errResend
	}
	return resp, sent, processedOrNot(err, sent)
}

// errNotProcessed is the error of a request that the server has certainly not processed,
// so that it may be sent again.
var errNotProcessed = errors.New("the server did not process the request")

// processedOrNot returns err, with errNotProcessed or errResend added if it says why an
// HTTP/2 server ended the request; see send for when REFUSED_STREAM may be trusted.
// net/http does not export the types of these errors, so their texts are compared. An
// unknown text means that the request may have been processed.
func processedOrNot(err error, sent *sentBody) error {
	early := sent.early.Load()
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
		// GOAWAY for the first request on a connection, with a last stream id of 0, or before
		// the request got a stream.
		if strings.HasPrefix(text, "http2: Transport received GOAWAY from server ErrCode:") ||
			text == "net/http: cannot rewind body after connection loss" && sent.hasNoStream() {
			return fmt.Errorf("%w: %w", errNotProcessed, err)
		}
	}
	return err
}

// defaultTransport is the transport of clients that were made without [WithTransport] and
// [WithHTTPClient].
type defaultTransport struct{ *http.Transport }

// newDefaultTransport returns a defaultTransport, with a clone of http.DefaultTransport.
func newDefaultTransport() http.RoundTripper { return defaultTransport{newTransport()} }

// RoundTrip sends a request through http.DefaultTransport if the program has replaced it
// by another type than *http.Transport, such as a mock, and otherwise through the clone.
// It checks this for each request, as the program can replace it at any time.
func (t defaultTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.current().RoundTrip(req)
}

// current returns the transport for the next request.
func (t defaultTransport) current() http.RoundTripper {
	if _, ok := http.DefaultTransport.(*http.Transport); !ok && http.DefaultTransport != nil {
		return http.DefaultTransport
	}
	return t.Transport
}

// An HTTP/2 connection on which nothing arrives for pingAfter is tested with a PING
// frame, and closed if no acknowledgment arrives within pingTimeout. Their sum is less
// than the default timeout of a call, so that a retry uses another connection.
const (
	pingAfter   = 10 * time.Second
	pingTimeout = 5 * time.Second
)

// maxIdle limits how long a connection stays open that no call is using. Of a request that
// is sent just as the server closes its connection, it is not known whether it was
// processed. Servers and proxies often close connections that are idle for 60 or 75
// seconds, so the client does it before.
const maxIdle = 50 * time.Second

// newTransport returns a clone of http.DefaultTransport, which keeps the settings of the
// program. The clone keeps more idle connections: the default of two for each host would
// make a client with many concurrent calls open a new connection for most of them.
func newTransport() *http.Transport {
	var t *http.Transport
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		t = d.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	}
	if t.IdleConnTimeout <= 0 || t.IdleConnTimeout > maxIdle {
		t.IdleConnTimeout = maxIdle
	}
	t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, 100)
	if t.MaxIdleConns > 0 { // 0 is no limit
		t.MaxIdleConns = max(t.MaxIdleConns, t.MaxIdleConnsPerHost)
	}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	if t.TLSClientConfig.MinVersion < tls.VersionTLS12 {
		t.TLSClientConfig.MinVersion = tls.VersionTLS12
	}
	if t.OnProxyConnectResponse == nil {
		t.OnProxyConnectResponse = checkProxy
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

// checkProxy returns an error if a proxy refuses to connect to the Space. net/http would
// return the status text alone, which reads as if it were from the Space.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: fmt.Errorf("the proxy responded with status %d", resp.StatusCode)}
}
