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

// maxErrorBody is how many bytes of the body of an error response are read and kept.
const maxErrorBody = 64 << 10

// readResponse decodes a successful response into out. For any other response it sets the
// fields of failure and returns an error. It reads the body until ctx ends, and closes
// it.
func (c *caller) readResponse(ctx context.Context, failure *Error, req *request, resp *http.Response, out any, config *callConfig) (codec.Notes, error) {
	failure.Status = resp.StatusCode
	failure.RetryAfter = retryAfter(resp.Header)
	failure.RequestID = failure.sanitize(requestID(resp.Header))
	switch {
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

// requestID returns the id of a request from the headers of the response, or "".
func requestID(header http.Header) string {
	for _, name := range requestIDHeaders {
		if ids := header[name]; len(ids) > 0 && ids[0] != "" {
			return ids[0]
		}
	}
	return ""
}

// bodyKind classifies the body of a response with a successful status, if the call fails
// nevertheless.
type bodyKind int

const (
	_ bodyKind = iota // the body was not read, or the status is not a success
	// notOurs: the body is not from the Space, so the request may not have been processed.
	notOurs
	// damaged: the request was processed, but the response is not complete or not as
	// described. A repeated read may succeed.
	damaged
	// unwanted: the request was processed, but the response exceeds a limit or fails
	// [WithStrictResponses]. A repeated read would fail, too.
	unwanted
)

// readSuccess reads a response with a successful status and decodes it into out. If out is
// nil, the description has no body for the response. See setRawResult for bodies other
// than JSON.
//
// A response with a successful status is not always from the Space: proxies and captive
// portals respond with web pages. The body decides:
//
//   - An object, array or string in JSON, which may have been cut off, is from the Space.
//     So is any body with the Content-Type of JSON that begins like JSON. The request was
//     processed. The error is [ErrUnreadable] if the body cannot be decoded, was cut off,
//     or has a member error or errors and no member that is described. An error that is
//     empty, such as an empty array of errors, is none.
//   - An empty body is from the Space, too. It is a success if no body is described, and
//     otherwise ErrUnreadable. A body that was cut off before its first byte is from the
//     Space only if the Content-Type is that of JSON or missing.
//   - Any other body is not from the Space, and does not show whether the request was
//     processed.
func (c *caller) readSuccess(ctx context.Context, failure *Error, req *request, resp *http.Response, out any, config *callConfig) (notes codec.Notes, err error) {
	buf, err := c.readBody(ctx, resp, config.maxResponse)
	defer buf.release()
	raw := isRaw(req.op.Response)
	if !raw {
		buf.body = withoutBOM(buf.body)
	}
	config.setRaw(buf.body)
	switch {
	case err == errTooLong:
		err = fmt.Errorf("the body is longer than %d bytes (WithMaxResponseBytes)", config.maxResponse)
		failure.kind = unwanted
	case err != nil:
		err = fmt.Errorf("the body was cut off: %w", err)
		failure.kind, failure.cut = damaged, true
	case raw:
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
		if failure.kind == damaged && !failure.cut && !raw {
			err = fmt.Errorf("the body (%s) is not JSON, so it is not from the Space", failure.contentType)
		}
		failure.kind = notOurs
		return notes, err
	}
	if reportsError(failure.Body) {
		failure.parseItems()
	}
	if out != nil {
		reflect.ValueOf(out).Elem().SetZero() // a retry may decode into out again
	}
	return notes, err
}

// decodeResponse decodes the body of a successful response into out. If it returns an
// error, kind classifies the body.
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
	if !notes.Matched && reportsError(body) {
		return notes, damaged, errors.New("the body reports an error")
	}
	if config.strict && len(notes.Unread) > 0 {
		return notes, unwanted, fmt.Errorf("values that could not be read: %s", strings.Join(notes.Unread, ", "))
	}
	return notes, 0, nil
}

// setRawResult sets out, which points to a string or a []byte, to the body of a response
// that is not JSON. The body is from the Space only if it has the described media type.
// If setRawResult returns an error, kind classifies the body.
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

// isMedia reports whether a response has the media type that is described, and is not
// JSON.
func isMedia(media string, header http.Header) bool {
	got, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	want, _, _ := mime.ParseMediaType(media)
	return isRaw(media) && got == want
}

// decode decodes the body of a response into out. It refuses null, which is never
// described.
func decode(body []byte, out any, options codec.Options) (codec.Notes, error) {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return codec.Notes{}, errors.New("it is null")
	}
	return codec.Decode(body, out, options)
}

// reportsError reports whether body is a JSON object with a member error or errors that
// is not empty, or an array that begins with such an object.
func reportsError(body []byte) bool {
	body = bytes.TrimPrefix(bytes.TrimSpace(body), []byte("["))
	var object struct{ Error, Errors json.RawMessage }
	if json.NewDecoder(bytes.NewReader(body)).Decode(&object) != nil {
		return false
	}
	for _, value := range [][]byte{object.Error, object.Errors} {
		switch string(bytes.Trim(value, "[]{}\" \t\r\n")) {
		case "", "null", "false":
		default:
			return true
		}
	}
	return false
}

// isJSON reports whether the body of a response is JSON, or the beginning of a JSON value
// if it was cut off. readSuccess documents the rule.
func isJSON(header http.Header, body []byte, cut bool) bool {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	declared := isJSONType(mediaType)
	body = bytes.TrimSpace(withoutBOM(body[:min(len(body), maxErrorBody)]))
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
	return errors.Is(err, io.ErrUnexpectedEOF) // it is valid up to its end
}

// withoutBOM returns JSON without the byte order mark at its beginning. Servers must not
// send one, but some do, and clients may ignore it (RFC 8259, section 8.1). It is not
// inlined, so that programs do not have a copy of it for each call.
//
//go:noinline
func withoutBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// isJSONType reports whether a media type is that of JSON.
func isJSONType(mediaType string) bool {
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// errTooLong is the error of a body that exceeds the limit of readBody.
var errTooLong = errors.New("longer than the limit")

// buffer is the memory into which a response is read. Buffers are reused, except large
// ones, so that a single long response does not occupy memory for ever.
type buffer struct {
	bytes []byte
	body  []byte // the body, which is a part of bytes
}

// maxKept is the size of the largest buffer, in bytes, that is reused.
const maxKept = 1 << 20

// buffers has unused buffers.
var buffers = sync.Pool{New: func() any { return &buffer{bytes: make([]byte, 4<<10)} }}

// release makes the buffer available for reuse. b.body must not be used afterwards.
func (b *buffer) release() {
	if b.body = nil; b.bytes != nil && cap(b.bytes) <= maxKept {
		buffers.Put(b)
	}
}

// readGrace is how long await waits for a Read to return after the context has ended, so
// that the bytes that were read until then are kept. The bodies of net/http return at
// once.
const readGrace = 50 * time.Millisecond

// readBody reads the body of a response, up to limit bytes, and closes it. It returns
// soon after ctx has ended, even if the Read of the body does not. The caller has to
// release the buffer.
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
// returned soon after ctx has ended, await closes body and reports that it abandoned
// read; then the caller must not use the memory into which read writes. Otherwise the
// caller has to close body.
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
			go func() { _ = body.Close() }() // Close may block, too
			return true, ctx.Err()
		}
	}
	return false, err
}

// read reads the body of a response, up to limit bytes, into b.body.
func (b *buffer) read(resp *http.Response, limit int64) (err error) {
	buf := b.bytes[:cap(b.bytes)]
	if n := resp.ContentLength; n >= int64(len(buf)) {
		// One more byte, so that the end of the body is read without growing the buffer.
		buf = make([]byte, min(n, limit, maxKept-1)+1)
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
			// Content-Length can be wrong, so the buffer grows to at most four times the
			// bytes that have been read.
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
