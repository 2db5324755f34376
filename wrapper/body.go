package signalwire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync/atomic"
)

// sentBody is the body of a request that is sent once. It records what the transport did
// with the request, so that it is known whether the Space can have received it: it has
// not if no byte of the body was read, or if the transport got no connection.
type sentBody struct {
	text  []byte
	first watchedBody  // the reader for the first send, which is not allocated separately
	state atomic.Int32 // untouched, started or withheld
	reads atomic.Int32 // how often the transport read the body from its beginning

	asked     atomic.Bool  // the transport asked for a connection
	connected atomic.Bool  // the transport got a connection
	http2     atomic.Bool  // the request was sent over HTTP/2
	complete  atomic.Bool  // the request was sent in full, and no response has come yet
	early     atomic.Bool  // see sender.isEarly
	interim   atomic.Int32 // the number of informational responses (RFC 9110, section 15.2)
	resent    bool         // net/http sent it over HTTP/2 before, and it may have been processed
}

// maxBodyReads limits how often the transport may read the body from its beginning.
// net/http sends a request again when a kept-alive connection was closed before anything
// was sent on it, and when an HTTP/2 server refuses the stream, which some servers do
// repeatedly.
const maxBodyReads = 4

// maxInterim limits the number of informational responses to a request. net/http limits
// their size only if no trace looks at them.
const maxInterim = 100

var errInterim = errors.New("more than 100 informational responses (1xx)")

// The states of a sentBody.
const (
	untouched = iota // nothing was read
	started          // some of the body may have been sent
	withheld         // nothing was sent, and nothing will be
)

// errResend is the error of a request that net/http was about to send again
// although the server may have processed it.
var errResend = errors.New("the server aborted the request after it had been sent in full")

// trace returns a context with an [httptrace.ClientTrace] that records in s and by what
// net/http does with the request. The context is canceled with errResend before net/http
// sends a request without a body again that was sent in full over HTTP/2: net/http does
// so not only when the server has not processed the request, but before Go 1.27 also after
// PROTOCOL_ERROR.
func (s *sentBody) trace(ctx context.Context, by *sender) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	var callers httptrace.ClientTrace // the trace of the caller, if the context has one
	if t := httptrace.ContextClientTrace(ctx); t != nil {
		callers = *t
	}
	trace := callers
	trace.GetConn = func(address string) {
		s.asked.Store(true)
		if callers.GetConn != nil {
			callers.GetConn(address)
		}
	}
	trace.GotConn = func(got httptrace.GotConnInfo) {
		s.connected.Store(true)
		s.early.Store(by.isEarly(got))
		if s.http2.Load() && s.complete.Load() {
			cancel(errResend)
		}
		if callers.GotConn != nil {
			callers.GotConn(got)
		}
	}
	trace.WroteHeaderField = func(name string, values []string) {
		switch {
		case strings.HasPrefix(name, ":"): // a pseudo-header field (RFC 9113, section 8.3)
			s.http2.Store(true)
			by.protocol.Store(2)
		case name == "Host":
			s.http2.Store(false)
			by.protocol.Store(1)
		}
		if callers.WroteHeaderField != nil {
			callers.WroteHeaderField(name, values)
		}
	}
	trace.WroteRequest = func(wrote httptrace.WroteRequestInfo) {
		s.complete.Store(wrote.Err == nil)
		if callers.WroteRequest != nil {
			callers.WroteRequest(wrote)
		}
	}
	trace.GotFirstResponseByte = func() {
		s.complete.Store(false) // what is sent after a response is another request
		if callers.GotFirstResponseByte != nil {
			callers.GotFirstResponseByte()
		}
	}
	trace.Got1xxResponse = func(code int, header textproto.MIMEHeader) error {
		s.complete.Store(true) // the response is still to come
		if s.interim.Add(1) > maxInterim {
			return errInterim
		}
		if callers.Got1xxResponse != nil {
			return callers.Got1xxResponse(code, header)
		}
		return nil
	}
	return context.WithValue(ctx, traceKey, &trace)
}

// traceKey is the key under which [httptrace.ContextClientTrace] looks for a trace.
// [httptrace.WithClientTrace] uses it too, but merges two traces by reflection, which
// adds 45 kB to a program.
var traceKey = func() any {
	var asked contextKey
	httptrace.ContextClientTrace(&asked)
	return asked.key
}()

// contextKey is a context without values that records the key of the last call of Value.
type contextKey struct {
	context.Context
	key any
}

// Value records the key and returns nil.
func (c *contextKey) Value(key any) any {
	c.key = key
	return nil
}

// attach sets the body of req. If again is true, the transport may read it again from its
// beginning, and so may send the request again.
func (s *sentBody) attach(req *http.Request, again bool) {
	s.first.sentBody = s
	req.Body = &s.first
	if again {
		req.GetBody = func() (io.ReadCloser, error) { return &watchedBody{sentBody: s}, nil }
	}
}

// withhold reports whether nothing of the request was sent, and prevents that anything is
// sent later: a transport can still be about to send it when the call has ended. If the
// request has no body, only the trace shows this; withhold reports false without one.
func (s *sentBody) withhold() bool {
	if s == nil {
		return false
	}
	if len(s.text) == 0 {
		return s.asked.Load() && !s.connected.Load()
	}
	return s.state.CompareAndSwap(untouched, withheld)
}

// hasNoStream reports whether neither the header nor the body of the request was sent over
// HTTP/2, and prevents that the body is sent later. It requires the trace.
func (s *sentBody) hasNoStream() bool {
	return s.state.CompareAndSwap(untouched, withheld) && !s.http2.Load()
}

// started reports whether some of the body may have been sent.
func (s *sentBody) started() bool { return s != nil && s.state.Load() == started }

// watchedBody reads a sentBody once, from its beginning.
type watchedBody struct {
	*sentBody
	at    int  // the offset of the next byte
	going bool // Read was called before
}

// Read reads the body. It fails if withhold has withheld the body, or if the body was
// read from its beginning more than maxBodyReads times.
func (b *watchedBody) Read(p []byte) (int, error) {
	if !b.state.CompareAndSwap(untouched, started) && b.state.Load() == withheld {
		return 0, errors.New("the call has ended")
	}
	if !b.going && b.reads.Add(1) > maxBodyReads {
		return 0, fmt.Errorf("the server refused %d times to process the request", maxBodyReads)
	}
	b.going = true
	n := copy(p, b.text[b.at:])
	if b.at += n; b.at == len(b.text) {
		return n, io.EOF
	}
	return n, nil
}

// Close does nothing, since the body is in memory.
func (b *watchedBody) Close() error { return nil }
