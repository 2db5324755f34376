package signalwire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// sentBody is the body of a request that is sent once. It watches whether any
// of it is taken to be sent: as long as nothing of it was, the Space does not
// have the request.
type sentBody struct {
	text  []byte
	state atomic.Int32
	begun atomic.Int32 // how often somebody began to read it

	complete atomic.Bool // it was sent to its end, and must not be again
}

// maxBegun is how often a transport can begin with a body. It does so again by
// itself when a connection was closed before anything was sent, and, over HTTP/2,
// when the server gives a request back, of which some servers never tire.
const maxBegun = 4

const (
	untouched = iota
	taken     // some of it may have been sent
	withheld  // none of it was sent, and none will be
)

// once makes sure that a request which has been sent to its end is not sent
// again by the transport itself, as net/http does over HTTP/2 if the server breaks
// it off with PROTOCOL_ERROR. Nobody can tell whether it was carried out before.
func (s *sentBody) once(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(wrote httptrace.WroteRequestInfo) {
		if wrote.Err == nil {
			s.complete.Store(true)
		}
	}})
}

// within returns the request with the body to send.
func (s *sentBody) within(req *http.Request) *http.Request {
	if s.text != nil {
		req.Body = s.reader()
		req.GetBody = func() (io.ReadCloser, error) {
			if s.complete.Load() {
				return nil, errors.New("the server broke the request off when it had all of it")
			}
			return s.reader(), nil
		}
	}
	return req
}

func (s *sentBody) reader() io.ReadCloser { return &watchedBody{sentBody: s} }

// prevent tells whether nothing of the body was sent, and makes sure that this
// stays so: a transport may still be about to send when the call has ended.
func (s *sentBody) prevent() bool {
	return s != nil && len(s.text) > 0 && s.state.CompareAndSwap(untouched, withheld)
}

// taken tells whether some of the body may have been sent.
func (s *sentBody) taken() bool { return s != nil && s.state.Load() == taken }

// watchedBody reads a body from its beginning.
type watchedBody struct {
	*sentBody
	at    int
	going bool // it was read before
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if !b.state.CompareAndSwap(untouched, taken) && b.state.Load() == withheld {
		return 0, errors.New("the call has ended")
	}
	if !b.going && b.begun.Add(1) > maxBegun {
		return 0, fmt.Errorf("the server gave the request back %d times", maxBegun)
	}
	b.going = true
	n := copy(p, b.text[b.at:])
	if b.at += n; b.at == len(b.text) {
		return n, io.EOF
	}
	return n, nil
}

func (b *watchedBody) Close() error { return nil }
