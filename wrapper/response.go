package signalwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// maxErrorBody bounds how much of an error's body is read and kept.
const maxErrorBody = 64 << 10

// readResponse turns a response into a result in out, or into what is wrong with it.
func (c *caller) readResponse(failure *Error, op *gen.Operation, resp *http.Response, out any, config *callConfig) error {
	failure.Status = resp.StatusCode
	failure.RetryAfter, failure.hasRetryAfter = retryAfter(resp.Header)
	if id := resp.Header.Get("X-Request-Id"); id != "" {
		failure.RequestID = failure.safe(id)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return errStatus // what follows is no body, and no context would end it
	}
	if resp.StatusCode/100 != 2 {
		body, err := read(resp, maxErrorBody)
		failure.describe(resp, body, c.base)
		if err != nil && err != errTooLong {
			return err
		}
		return errStatus
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

// decode is the one place where JSON becomes results.
func decode(body []byte, out any) error {
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return errors.New("it is null")
	}
	return codec.Unmarshal(body, out)
}
