package signalwire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// sentBody is the body of a request that is sent once. It records what the
// transport did with the request: as long as nothing of the body was read, or no
// connection was there to send the request on, the Space does not have it.
type sentBody struct {
	text  []byte
	first watchedBody // the first reader of it
	state atomic.Int32
	reads atomic.Int32 // how often it was read from its beginning

	asked     atomic.Bool // the transport asked for a connection
	connected atomic.Bool // it got one
	http2     atomic.Bool // the request went out over HTTP/2
	complete  atomic.Bool // the request was sent to its end
	early     atomic.Bool // it was sent before any response had come on the connection
}

// maxBodyReads limits how often the transport may restart the request body. net/http
// restarts it when a kept connection was closed before anything was sent on it, and
// when an HTTP/2 server refuses the stream, which some servers do again and again.
const maxBodyReads = 4

const (
	untouched = iota
	started   // some of it may have been sent
	withheld  // none of it was sent, and none will be
)

// errResend is the error of a request that net/http was about to send again
// although the server may have processed it.
var errResend = errors.New("the server aborted the request after it had been sent in full")

// trace returns a context with which net/http reports what it does with the
// request, and which ends before net/http sends a request again over HTTP/2 that
// was sent to its end. It does so for a request without a body not only where
// the server did not process it, but also after PROTOCOL_ERROR. What
// it learns about connections is kept in by.
func (s *sentBody) trace(ctx context.Context, by *sender) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	var callers httptrace.ClientTrace // the trace that the context has already
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
		s.complete.Store(false) // what follows is another request
		if callers.GotFirstResponseByte != nil {
			callers.GotFirstResponseByte()
		}
	}
	return context.WithValue(ctx, traceKey, &trace)
}

// traceKey is the key under which [httptrace.ContextClientTrace] looks for a
// trace. [httptrace.WithClientTrace] would put it there too, but links 45 kB of
// package reflect into a program, which it needs to merge two traces.
var traceKey = func() any {
	var asked contextKey
	httptrace.ContextClientTrace(&asked)
	return asked.key
}()

// contextKey is a context without values that keeps the key it was last asked for.
type contextKey struct {
	context.Context
	key any
}

func (c *contextKey) Value(key any) any {
	c.key = key
	return nil
}

// attach gives the request the body, which the transport may read again from its
// beginning if again is set.
func (s *sentBody) attach(req *http.Request, again bool) {
	s.first.sentBody = s
	req.Body = &s.first
	if again {
		req.GetBody = func() (io.ReadCloser, error) { return &watchedBody{sentBody: s}, nil }
	}
}

// withhold reports whether nothing of the request was sent, and makes sure that
// this stays so: a transport may still be about to send when the call has ended.
// Of a request without a body that is known only from a transport that is traced.
func (s *sentBody) withhold() bool {
	if s == nil {
		return false
	}
	if len(s.text) == 0 {
		return s.asked.Load() && !s.connected.Load()
	}
	return s.state.CompareAndSwap(untouched, withheld)
}

// started reports whether some of the body may have been sent.
func (s *sentBody) started() bool { return s != nil && s.state.Load() == started }

// watchedBody reads a body from its beginning.
type watchedBody struct {
	*sentBody
	at    int
	going bool // it was read before
}

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

func (b *watchedBody) Close() error { return nil }
