package signalwire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// maxErrorBody limits how much of an error's body is read and kept.
const maxErrorBody = 64 << 10

// readResponse decodes a successful response into out. For any other response
// it fills failure and returns an error. It reads the body until ctx ends, and
// closes it.
func (c *caller) readResponse(ctx context.Context, failure *Error, req *request, resp *http.Response, out any, config *callConfig) (codec.Notes, error) {
	failure.Status = resp.StatusCode
	failure.RetryAfter = retryAfter(resp.Header)
	failure.RequestID = failure.sanitize(requestID(resp.Header))
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols: // what follows is not a body, and no context ends it
		_ = resp.Body.Close()
		return codec.Notes{}, errStatus
	case resp.StatusCode < http.StatusContinue:
		_ = resp.Body.Close()
		return codec.Notes{}, fmt.Errorf("the response has the invalid HTTP status %03d", resp.StatusCode)
	case resp.StatusCode/100 == 2:
		return c.readSuccess(ctx, failure, req, resp, out, config)
	}
	buf, err := c.readBody(ctx, resp, maxErrorBody)
	defer buf.release()
	config.setRaw(buf.body)
	failure.parseResponse(resp, bytes.Clone(buf.body), c.base)
	if err != nil && err != errTooLong {
		return codec.Notes{}, err
	}
	return codec.Notes{}, errStatus
}

// requestIDHeaders are the headers in which a Space, or a proxy in front of it,
// returns the id of a request, in the spelling of [http.Header].
var requestIDHeaders = []string{"X-Request-Id", "X-Signalwire-Request-Id", "Request-Id", "X-Amzn-Requestid"}

func requestID(header http.Header) string {
	for _, name := range requestIDHeaders {
		if ids := header[name]; len(ids) > 0 && ids[0] != "" {
			return ids[0]
		}
	}
	return ""
}

// bodyKind says what the body of a successful response is, if the call fails
// although the status is a success.
type bodyKind int

const (
	_ bodyKind = iota // the body was not read, or the status is not a success
	// notOurs: it is not from the Space, and so proves nothing.
	notOurs
	// damaged: the request was processed, but the response did not arrive
	// whole or is not what is described. A repeated read may succeed.
	damaged
	// unwanted: the request was processed, but the response is over a limit
	// or fails [WithStrictResponses]. A repeated read would fail, too.
	unwanted
)

// readSuccess reads a response with a successful status, and decodes it into
// out. If out is nil, no body is described, and none is expected. See
// setRawResult for bodies other than JSON.
//
// Not everything with a successful status is from the Space: proxies and
// captive portals respond with pages. What decides is the body.
//
//   - A body that is JSON as far as it goes and begins an object, an array or a
//     string is the Space's, and so is one that has the Content-Type of JSON
//     and begins like JSON. The request was processed. If it cannot be
//     decoded, was cut off, or has a member error or errors and none that is
//     described, the error is [ErrUnreadable].
//   - An empty body says that the request was processed as well. Where a body
//     is described, that is ErrUnreadable; where none is, a success. If it was
//     cut off before the first byte, the Content-Type must not be another than
//     that of JSON.
//   - Any other body is not the Space's and proves nothing.
func (c *caller) readSuccess(ctx context.Context, failure *Error, req *request, resp *http.Response, out any, config *callConfig) (notes codec.Notes, err error) {
	buf, err := c.readBody(ctx, resp, config.maxResponse)
	defer buf.release()
	config.setRaw(buf.body)
	switch {
	case err == errTooLong:
		err = fmt.Errorf("the body is longer than %d bytes (WithMaxResponseBytes)", config.maxResponse)
		failure.kind = unwanted
	case err != nil:
		err = fmt.Errorf("the body was cut off: %w", err)
		failure.kind, failure.cut = damaged, true
	case isRaw(req.op.Response):
		failure.kind, err = setRawResult(req.op.Response, resp.Header, buf.body, out)
	default:
		if req.op.MayBeEmpty && len(bytes.TrimSpace(buf.body)) == 0 {
			out = nil
		}
		notes, failure.kind, err = decodeResponse(buf.body, out, config)
	}
	if err == nil {
		return notes, nil
	}
	failure.redact = req.redactor(config.redact)
	failure.contentType = contentType(failure.sanitize(resp.Header.Get("Content-Type")))
	failure.Body = bytes.Clone(buf.body[:min(len(buf.body), maxErrorBody)])
	if !isJSON(resp.Header, buf.body, failure.cut) && !isMedia(req.op.Response, resp.Header) {
		if failure.kind == damaged && !failure.cut && !isRaw(req.op.Response) {
			err = fmt.Errorf("the body (%s) is not JSON, and so not the Space's", failure.contentType)
		}
		failure.kind = notOurs
		return notes, err
	}
	if hasErrorMember(failure.Body) {
		failure.parseItems()
	}
	if out != nil {
		reflect.ValueOf(out).Elem().SetZero() // it may be decoded into again
	}
	return notes, err
}

// decodeResponse decodes the body of a successful response.
func decodeResponse(body []byte, out any, config *callConfig) (notes codec.Notes, kind bodyKind, err error) {
	switch empty := len(bytes.TrimSpace(body)) == 0; {
	case out == nil && empty:
		return notes, 0, nil
	case out == nil && !json.Valid(body):
		return notes, damaged, errors.New("the body is not valid JSON")
	case out == nil:
	case empty:
		return notes, damaged, errors.New("the body is empty, where JSON is described")
	default:
		notes, err = decode(body, out, codec.Options{Drift: len(config.drift) > 0, MaxMemory: config.maxMemory})
		switch {
		case errors.Is(err, codec.ErrTooLarge):
			return notes, unwanted, fmt.Errorf("the result would take more than %d bytes of memory (WithMaxResponseMemory)", config.maxMemory)
		case err != nil:
			return notes, damaged, fmt.Errorf("the body could not be decoded: %w", err)
		}
	}
	if !notes.Matched && hasErrorMember(body) {
		return notes, damaged, errors.New("the body reports an error")
	}
	if config.strict && len(notes.Unread) > 0 {
		return notes, unwanted, fmt.Errorf("values that could not be read: %s", strings.Join(notes.Unread, ", "))
	}
	return notes, 0, nil
}

// setRawResult sets out, which points to a string or a []byte, to a body that is
// read as it is. Only a body of the media type that is described is the Space's.
func setRawResult(media string, header http.Header, body []byte, out any) (kind bodyKind, err error) {
	if !isMedia(media, header) {
		return damaged, fmt.Errorf("the body (%s) is not of type %s", contentType(header.Get("Content-Type")), media)
	}
	v := reflect.ValueOf(out).Elem()
	if v.Kind() != reflect.String {
		v.SetBytes(bytes.Clone(body))
		return 0, nil
	}
	_, params, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if charset := strings.ToLower(params["charset"]); charset != "" && charset != "utf-8" && charset != "us-ascii" || !utf8.Valid(body) {
		return unwanted, errors.New("the body is not UTF-8")
	}
	v.SetString(string(body))
	return 0, nil
}

// isMedia reports whether a response has a media type that is read as it is.
func isMedia(media string, header http.Header) bool {
	got, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	want, _, _ := mime.ParseMediaType(media)
	return isRaw(media) && got == want
}

// decode decodes a response into a result.
func decode(body []byte, out any, options codec.Options) (codec.Notes, error) {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return codec.Notes{}, errors.New("it is null")
	}
	return codec.Decode(body, out, options)
}

// hasErrorMember reports whether body is an object with a member error or
// errors that is not null.
func hasErrorMember(body []byte) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return false
	}
	for _, name := range []string{"error", "errors"} {
		if value, ok := object[name]; ok && string(value) != "null" {
			return true
		}
	}
	return false
}

// isJSON reports whether a body is a JSON value or, if it was cut off, the
// beginning of one. See readSuccess for the rule.
func isJSON(header http.Header, body []byte, cut bool) bool {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	declared := isJSONType(mediaType)
	body = bytes.TrimSpace(bytes.TrimPrefix(body[:min(len(body), maxErrorBody)], []byte("\ufeff")))
	switch {
	case len(body) == 0:
		return !cut || declared || mediaType == ""
	case declared:
		return bytes.IndexByte([]byte(`{["-0123456789tfn`), body[0]) >= 0
	case bytes.IndexByte([]byte(`{["`), body[0]) < 0:
		return false
	}
	if json.Valid(body) {
		return true
	}
	var value json.RawMessage
	err := json.NewDecoder(bytes.NewReader(body)).Decode(&value)
	return errors.Is(err, io.ErrUnexpectedEOF) // and so JSON as far as it goes
}

func isJSONType(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

var errTooLong = errors.New("longer than the limit")

// buffer is the memory that a response is read into. It is reused unless it has
// grown large, so that one long list does not stay in memory.
type buffer struct {
	bytes []byte
	body  []byte // the part of bytes that was read
}

const maxKept = 1 << 20

var buffers = sync.Pool{New: func() any { return &buffer{bytes: make([]byte, 4<<10)} }}

func (b *buffer) release() {
	if b.body = nil; b.bytes != nil && cap(b.bytes) <= maxKept {
		buffers.Put(b)
	}
}

// readGrace is how long a body has to return from Read when its context has
// ended, so that what was read by then is kept. Those of net/http need no time.
const readGrace = 50 * time.Millisecond

// readBody reads the body of a response up to a limit, and closes it. It returns
// soon after ctx has ended, also if the body's Read does not. The buffer has to
// be released.
func (c *caller) readBody(ctx context.Context, resp *http.Response, limit int64) (*buffer, error) {
	buf := buffers.Get().(*buffer)
	abandoned, err := c.sender.await(ctx, resp.Body, func() error { return buf.read(resp, limit) })
	if abandoned {
		return new(buffer), err
	}
	_ = resp.Body.Close()
	return buf, err
}

// await calls read, which reads from body, and returns its error. If read has not
// returned soon after ctx has ended, await abandons it and closes body; what read
// writes to must not be used then. Otherwise the caller has to close body.
func (s *sender) await(ctx context.Context, body io.ReadCloser, read func() error) (abandoned bool, err error) {
	if s.endsWithContext(body) { // no goroutine is needed
		return false, read()
	}
	done := make(chan error, 1)
	go func() { done <- read() }()
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		case <-time.After(readGrace):
			go func() { _ = body.Close() }() // it may not return either
			return true, ctx.Err()
		}
	}
	return false, err
}

// read reads the body of a response, up to a limit, into b.body.
func (b *buffer) read(resp *http.Response, limit int64) (err error) {
	buf := b.bytes[:cap(b.bytes)]
	if n := resp.ContentLength; n >= int64(len(buf)) {
		buf = make([]byte, min(n, limit, maxKept-1)+1) // with a byte more, the end is seen without growing
	}
	n := 0
	defer func() { b.bytes, b.body = buf, buf[:min(int64(n), limit)] }()
	for idle := 0; ; {
		read, err := resp.Body.Read(buf[n:])
		n += read
		if idle++; read > 0 {
			idle = 0
		}
		switch {
		case int64(n) > limit:
			return errTooLong
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case idle == 100: // as in package bufio
			return io.ErrNoProgress
		}
		if n == len(buf) {
			// Content-Length is trusted up to four times what has been read.
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
