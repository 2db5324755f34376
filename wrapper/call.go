package signalwire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// maxErrorBody bounds how much of an error's body is read and kept.
const maxErrorBody = 64 << 10

// caller carries out every operation of a [Client]. It does not change once it
// is made, and so is safe for concurrent use.
type caller struct {
	base      *url.URL
	send      func(*http.Request) (*http.Response, error)
	closeIdle func()
	userAgent []string
	config    callConfig

	// authorization holds the Authorization header for each kind of
	// credentials that the client has.
	authorization map[gen.Security]secretHeader
	// redact takes the credentials out of text that came from outside.
	redact func(string) string
}

func newCaller(space string, opts []Option) (*caller, error) {
	base, err := spaceURL(space)
	if err != nil {
		return nil, err
	}
	config := defaultConfig()
	config.base = base
	for _, o := range opts {
		if o == nil {
			return nil, errors.New("nil option given")
		}
		if err := o.apply(&config); err != nil {
			return nil, err
		}
	}
	c := &caller{
		base:          config.base,
		userAgent:     []string{config.userAgent},
		config:        config.call,
		authorization: config.authorization,
		redact:        config.redactor(),
	}
	switch {
	case config.httpClient != nil:
		c.send, c.closeIdle = withoutRedirects(config.httpClient), config.httpClient.CloseIdleConnections
	default:
		if config.transport == nil {
			config.transport = newTransport()
		}
		// Nothing but the transport: no redirect is followed, no cookie kept.
		c.send = config.transport.RoundTrip
		c.closeIdle = (&http.Client{Transport: config.transport}).CloseIdleConnections
	}
	return c, nil
}

// Call carries out one operation.
func (c *caller) Call(ctx context.Context, op *gen.Operation, args gen.Args, out any, opts ...gen.CallOption) error {
	config, err := c.config.with(opts)
	if err != nil {
		return c.failure(op).because(err)
	}
	return c.call(ctx, op, args, out, config)
}

// failure is the error of a call of op, to be completed with what went wrong.
func (c *caller) failure(op *gen.Operation) *Error {
	return &Error{Operation: op.ID, Method: op.Method, Host: c.base.Host, Path: op.Path, redact: c.redact}
}

// failed is the error of a call of op whose request has been built.
func (c *caller) failed(op *gen.Operation, req *request) *Error {
	failure := c.failure(op)
	failure.Path = req.URL.EscapedPath()
	return failure
}

// call carries out an operation: it finds everything that can be wrong with the
// arguments before it sends anything, sends the request as often as that helps
// and does no harm, and reports what came of it.
func (c *caller) call(ctx context.Context, op *gen.Operation, args gen.Args, out any, config *callConfig) error {
	started := time.Now()
	info := CallInfo{Operation: op.ID, Method: op.Method, PathTemplate: op.Path}
	failure := c.perform(context.WithValue(ctx, operationKey{}, op), op, args, out, config, &info)
	info.Duration = time.Since(started)
	if failure != nil { // not a nil pointer in an error
		info.Err = failure
	}
	config.report(ctx, info)
	return info.Err
}

func (c *caller) perform(ctx context.Context, op *gen.Operation, args gen.Args, out any, config *callConfig, info *CallInfo) *Error {
	req, err := c.newRequest(op, args, config)
	if err != nil {
		return c.failure(op).because(err)
	}
	if config.dryRun != nil {
		config.dryRun(op, req, args.Body)
		return c.failed(op, req).because(ErrDryRun)
	}
	if ctx.Err() != nil {
		return c.failed(op, req).because(ended(ctx))
	}
	for {
		info.Attempts++
		failure, next := c.attempt(ctx, op, req, out, config, info)
		if failure == nil {
			return nil
		}
		failure.Attempts = info.Attempts
		if next == unknown {
			if failure.Err == nil {
				return failure.because(ErrOutcomeUnknown)
			}
			return failure.because(fmt.Errorf("%w: %w", ErrOutcomeUnknown, failure.Err))
		}
		wait, again := config.wait(ctx, failure, next, info.Attempts)
		if !again {
			return failure
		}
		retry := *info
		retry.Err, retry.Wait, retry.retrying = failure, wait, true
		config.report(ctx, retry)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			own := *failure // observers have the other one
			return own.because(ended(ctx))
		}
	}
}

// attempt sends the request once. Of a failure it also tells what it means for
// a further attempt.
func (c *caller) attempt(ctx context.Context, op *gen.Operation, req *request, out any, config *callConfig, info *CallInfo) (*Error, verdict) {
	failure := c.failed(op, req)
	callCtx, cancel := context.WithTimeout(ctx, config.timeout)
	defer cancel()
	sent := &sentBody{text: req.body}
	if info.Attempts > 1 {
		// What sent the request before may have altered the header, as an
		// http.Client with cookies does, and may not even be done with it.
		req.Header, _ = c.header(op, req.body != nil) // there was one before
	}
	if !op.Idempotent {
		callCtx = sent.once(callCtx)
		if sent.text == nil {
			sent.text = []byte{} // net/http takes a request with no body for one that can be sent again
		}
	}
	info.Header = nil // that of the attempt before
	resp, err := c.send(sent.within(req.WithContext(callCtx)))
	if err == nil && (resp == nil || resp.Body == nil) {
		err = errors.New("the transport returned no answer and no error")
	}
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
		err = c.judge(failure, op, resp, out, config)
		info.Header = resp.Header
	}
	info.Status, info.RequestID = failure.Status, failure.RequestID
	if err == nil {
		return nil, final
	}
	next := weigh(op, failure, err, sent)
	switch {
	case err == errRefused: // the status says it all
	case ctx.Err() != nil:
		err = ended(ctx)
	case callCtx.Err() != nil:
		err = fmt.Errorf("no answer within %v: %w", config.timeout, callCtx.Err())
	}
	return failure.because(err), next
}

// request is a request that may be sent several times.
type request struct {
	http.Request
	body []byte // nil if there is none
}

// newRequest checks the arguments and builds the request from them.
func (c *caller) newRequest(op *gen.Operation, args gen.Args, config *callConfig) (*request, error) {
	to, err := c.target(op, args, config)
	if err != nil {
		return nil, err
	}
	header, err := c.header(op, args.Body != nil)
	if err != nil {
		return nil, err
	}
	req := &request{Request: http.Request{
		Method:     op.Method,
		URL:        to,
		Host:       c.base.Host,
		Header:     header,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
	}}
	if args.Body == nil {
		return req, nil
	}
	if err := check("", reflect.ValueOf(args.Body), config.known); err != nil {
		return nil, err
	}
	if req.body, err = encode(args.Body); err != nil {
		return nil, fmt.Errorf("the body could not be encoded: %w", err)
	}
	if size := int64(len(req.body)); size > config.maxRequest {
		return nil, &InputError{"body", fmt.Sprintf("%d bytes given, want at most %d (WithMaxRequestBytes)", size, config.maxRequest)}
	}
	req.ContentLength = int64(len(req.body))
	return req, nil
}

// target is the URL of a request: the operation's, filled with the arguments,
// or that of a further page.
func (c *caller) target(op *gen.Operation, args gen.Args, config *callConfig) (*url.URL, error) {
	path, rawPath, err := expandPath(op, args.Path)
	if err != nil {
		return nil, err
	}
	if config.link != nil {
		return config.link, nil
	}
	to := &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: c.base.Path + path, RawPath: c.base.EscapedPath() + rawPath}
	if args.Query != nil {
		if err := check("", reflect.ValueOf(args.Query), nil); err != nil {
			return nil, err
		}
		to.RawQuery = encodeQuery(args.Query)
	}
	return to, nil
}

// Header values that never change; their capacity ends where they do, so that
// nobody can append to them in place.
var jsonType = []string{"application/json"}

// header returns the headers of a request, with the first of the credentials
// the operation takes that the client has.
func (c *caller) header(op *gen.Operation, body bool) (http.Header, error) {
	h := make(http.Header, 4)
	h["Accept"] = jsonType
	if body {
		h["Content-Type"] = jsonType
	}
	h["User-Agent"] = c.userAgent
	if len(op.Security) == 0 {
		return h, nil
	}
	for _, kind := range op.Security {
		if authorization, ok := c.authorization[kind]; ok {
			h["Authorization"] = authorization()
			return h, nil
		}
	}
	return nil, fmt.Errorf("the client has no credentials that the operation takes: want %s", wanted(op.Security))
}

// judge turns an answer into a result in out, or into what is wrong with it.
func (c *caller) judge(failure *Error, op *gen.Operation, resp *http.Response, out any, config *callConfig) error {
	failure.Status = resp.StatusCode
	failure.RetryAfter, failure.hasRetryAfter = retryAfter(resp.Header)
	if id := resp.Header.Get("X-Request-Id"); id != "" {
		failure.RequestID = c.redact(printable(id))
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return errRefused // what follows is no body, and no context would end it
	}
	if resp.StatusCode/100 != 2 {
		body, err := read(resp, maxErrorBody)
		failure.describe(resp, body, c.base)
		if err != nil && err != errTooLong {
			return err
		}
		return errRefused
	}
	if out == nil {
		body, err := read(resp, maxErrorBody)
		if err == nil && len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
			failure.Body = body // a web page, say, which some proxies answer anything with
			return fmt.Errorf("the answer (%s) is none of the Space, where status %d without a body is documented", contentType(failure.safe(resp.Header.Get("Content-Type"))), op.Success)
		}
		return nil
	}
	buf := buffers.Get().(*buffer)
	defer buf.release()
	body, err := buf.read(resp, config.maxResponse)
	switch {
	case err == errTooLong:
		err = fmt.Errorf("the answer is longer than %d bytes (WithMaxResponseBytes)", config.maxResponse)
	case err != nil:
		failure.cut = true
		err = fmt.Errorf("the answer was cut off: %w", err)
	case len(bytes.TrimSpace(body)) == 0:
		err = fmt.Errorf("the answer is empty, where status %d with a JSON body is documented", op.Success)
	default:
		if err = decode(body, out); err != nil {
			err = fmt.Errorf("the answer (%s) could not be decoded: %w", contentType(failure.safe(resp.Header.Get("Content-Type"))), err)
		}
	}
	if err != nil {
		failure.Body = bytes.Clone(body[:min(len(body), maxErrorBody)])
	}
	return err
}

var errTooLong = errors.New("longer than the limit")

// buffer is what an answer is read into. It is used again, unless it has become
// large: one long list must not stay in memory for good.
type buffer struct{ bytes []byte }

const maxKept = 1 << 20

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, 4<<10)} }}

func (b *buffer) release() {
	if cap(b.bytes) <= maxKept {
		buffers.Put(b)
	}
}

// read reads the body of an answer, up to a limit. What it returns is good until
// the buffer is used again.
func (b *buffer) read(resp *http.Response, limit int64) ([]byte, error) {
	buf := b.bytes[:cap(b.bytes)]
	if n := resp.ContentLength; n >= int64(len(buf)) {
		buf = make([]byte, min(n, limit, maxKept-1)+1) // the one is for the end to show
	}
	for n, idle := 0, 0; ; {
		read, err := resp.Body.Read(buf[n:])
		n += read
		b.bytes = buf
		if idle++; read > 0 {
			idle = 0
		}
		switch {
		case int64(n) > limit:
			return buf[:limit], errTooLong
		case err == io.EOF:
			return buf[:n], nil
		case err != nil:
			return buf[:n], err
		case idle == 100: // as in package bufio
			return buf[:n], io.ErrNoProgress
		}
		if n == len(buf) {
			// So much has come that the length which was announced may be right,
			// though not more than four times so.
			size := 2 * len(buf)
			if announced := resp.ContentLength; announced >= int64(n) {
				size = int(min(announced, limit, 4*int64(n))) + 1
			}
			larger := make([]byte, size)
			copy(larger, buf)
			buf = larger
		}
	}
}

// read is the same with a result that the caller can keep.
func read(resp *http.Response, limit int64) ([]byte, error) {
	buf := buffers.Get().(*buffer)
	defer buf.release()
	body, err := buf.read(resp, limit)
	return bytes.Clone(body), err
}

// encode is the one place where requests become JSON.
func encode(v any) ([]byte, error) { return codec.Append(make([]byte, 0, 256), v) }

// decode is the one place where JSON becomes results.
func decode(body []byte, out any) error {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return errors.New("it is null")
	}
	return codec.Unmarshal(body, out)
}

// ended says that the caller's context ended the call, and why.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return &endedError{ctx.Err(), cause}
	}
	return ctx.Err()
}

// endedError has the error of a context and its cause. The cause may well be
// the error of another call, which must not pass for that of this one: a call
// that was canceled because another found nothing has not found nothing itself.
type endedError struct{ err, cause error }

func (e *endedError) Error() string { return e.err.Error() + ": " + e.cause.Error() }

func (e *endedError) Is(target error) bool {
	return errors.Is(e.err, target) || !isSentinel(target) && errors.Is(e.cause, target)
}

func (e *endedError) As(target any) bool {
	return errors.As(e.err, target) || errors.As(e.cause, target)
}

// withoutRedirects makes a copy of the client send requests without following
// redirects, which it would do as soon as it sees where one leads.
func withoutRedirects(client *http.Client) func(*http.Request) (*http.Response, error) {
	own := *client
	own.Transport = hideLocation{own.Transport}
	return func(req *http.Request) (*http.Response, error) {
		resp, err := own.Do(req)
		var wrapper *url.Error
		if errors.As(err, &wrapper) && wrapper == err {
			err = wrapper.Err // the URL is in our own error
		}
		return resp, err
	}
}

type hideLocation struct{ http.RoundTripper }

// hiddenLocation is where the header goes that makes http.Client follow.
const hiddenLocation = "Location-Not-Followed"

func (t hideLocation) RoundTrip(req *http.Request) (*http.Response, error) {
	transport := t.RoundTripper
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(req)
	if err == nil && resp != nil && resp.Header["Location"] != nil {
		own := *resp // the answer is the transport's
		own.Header = resp.Header.Clone()
		own.Header[hiddenLocation] = own.Header["Location"]
		delete(own.Header, "Location")
		resp = &own
	}
	return resp, err
}
