package signalwire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// maxDownload is the largest file that [Client.Download] reads by default.
const maxDownload = 1 << 30

// maxRedirects is how many redirects a download follows.
const maxRedirects = 5

// Download writes the file at a URL to w, and returns the number of bytes written, also
// if it fails. Use it for the URLs of recordings, faxes and media in logs and webhooks.
//
// The URL must be https, or http to a loopback address. The client's credentials and the
// headers of [WithHeader] are sent only to the Space, which is the host of [Client.Host].
// They are not sent to any other host in the URL or in a redirect, nor back to the Space
// if another host redirects there. A bearer token is not sent. At most 5 redirects are
// followed, and none from https to http.
//
// A file of more than 1 GiB is an error; [WithMaxResponseBytes] for this call sets
// another limit. [WithTimeout] limits the wait for the response and for each further part
// of it. It does not limit the whole download; use ctx for that.
//
// A download that is interrupted is resumed with a range request (RFC 9110, section 14)
// if the server identifies the version of the file by a strong ETag, or by a Last-Modified
// header with an earlier time than its Date header (RFC 9110, section 8.8), so that w never
// gets parts of two versions. Download fails with [ErrUnreadable] if the file has changed in the meantime.
// After as many attempts without a new byte as [WithMaxAttempts] allows, it fails with the
// error of the last one. If it fails, the bytes written to w are the beginning of the file. A
// file that is sent compressed, as its Content-Encoding says (RFC 9110, section 8.4), is
// [ErrUnreadable], too: Download asks for none, and does not decompress.
//
// [WithQuery] and [WithField] cannot be given for this call. Given to [New], they have no
// effect on it.
//
// For observers the operation is "Download" and the path template "/{path}". Errors show
// neither the path nor the query, as they can be secret.
func (c *Client) Download(ctx context.Context, url string, w io.Writer, opts ...CallOption) (int64, error) {
	return c.caller.download(ctx, url, w, opts)
}

// download is the state of one call of [Client.Download].
type download struct {
	*caller
	sender *sender // of its own, as other hosts may use another version of HTTP
	config *callConfig
	op     *gen.Operation
	url    *url.URL
	w      io.Writer
	info   CallInfo

	written int64
	version string // the strong ETag or the Last-Modified header, for If-Range; "" if not known
	size    int64  // the size of the file in bytes; -1 if it is not known
}

// download implements [Client.Download].
func (c *caller) download(ctx context.Context, rawURL string, w io.Writer, opts []CallOption) (written int64, err error) {
	started := time.Now()
	op := &gen.Operation{ID: "Download", Method: http.MethodGet, Path: anyPath, Security: []gen.Security{gen.SecurityBasic}, Idempotent: true}
	base := c.config
	base.maxResponse = maxDownload
	config := base.with(opts)
	own := *config // a copy, as header stores credentials in it
	config.setRaw(nil)
	err = c.checkOptions(config, false)
	d := &download{caller: c, sender: &sender{do: c.sender.do, transport: c.sender.transport}, config: &own, op: op, w: w, size: -1, info: CallInfo{Operation: op.ID, Method: op.Method, PathTemplate: op.Path}}
	switch {
	case ctx == nil:
		ctx, err = context.Background(), &InputError{"ctx", "expected a context, got nil"}
	case err != nil:
	case w == nil:
		err = &InputError{"w", "expected a writer, got nil"}
	case len(config.query.list) > len(c.config.query.list):
		err = &InputError{config.query.list[len(c.config.query.list)].name, "given with WithQuery; expected it in the URL of the file"}
	default:
		if d.url, err = c.downloadURL(rawURL); err == nil {
			err = config.refuseField(noBody)
		}
	}
	if err != nil {
		err = d.fail(nil, err)
	} else if failure := d.run(context.WithValue(ctx, operationKey{}, op)); failure != nil {
		err = failure
	}
	d.info.Duration, d.info.Err = time.Since(started), err
	config.report(ctx, d.info)
	return d.written, err
}

// downloadURL parses the URL of a file and checks that it may be called. It removes the
// fragment.
func (c *caller) downloadURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || !isHost(u.Hostname()):
		return nil, &InputError{"url", "expected an absolute URL"}
	case u.User != nil:
		return nil, &InputError{"url", "expected no user name and no password in it"}
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return nil, &InputError{"url", "expected the scheme https"}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// fail returns an error of the download with a cause. resp is the response, or nil if
// there is none.
func (d *download) fail(resp *http.Response, err error) *Error {
	failure := d.newError(d.op, d.config)
	if d.url != nil {
		failure.Host = d.url.Host
	}
	if resp != nil {
		failure.Status, failure.RetryAfter = resp.StatusCode, retryAfter(resp.Header)
		failure.RequestID = failure.sanitize(requestID(resp.Header))
	}
	return failure.withCause(err)
}

// run downloads the file, with retries, unless the call is a dry run.
func (d *download) run(ctx context.Context) *Error {
	if d.config.dryRun != nil {
		req, err := d.request(ctx, d.url, d.isOwn(d.url))
		if err != nil {
			return d.fail(nil, err)
		}
		d.config.dryRun(d.op, req)
		return d.fail(nil, ErrDryRun)
	}
	req := &request{op: d.op, method: d.op.Method, url: d.url, path: d.op.Path}
	if err := d.config.admit(ctx, d.op, req, &d.info); err != nil {
		return d.fail(nil, err)
	}
	idle := 0 // the number of attempts since the last byte
	return d.config.repeat(ctx, d.op, req, &d.info, func() (*Error, retryDecision, int) {
		before := d.written
		failure, next := d.attempt(ctx)
		if idle++; d.written > before {
			idle = 1
		}
		if d.written > 0 && d.version == "" {
			next = giveUp // the rest could be of another version
		}
		return failure, next, idle
	})
}

// attempt requests the part of the file that is missing, and writes it to w. It returns
// nil if the file is complete, and otherwise an error and the decision whether to make
// another attempt.
func (d *download) attempt(ctx context.Context) (*Error, retryDecision) {
	attemptCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	stalled := time.AfterFunc(d.config.timeout, cancel)
	defer stalled.Stop()
	ended := func(err error) error {
		switch {
		case ctx.Err() != nil:
			return contextError(ctx)
		case attemptCtx.Err() != nil:
			return fmt.Errorf("nothing came within %v: %w", d.config.timeout, context.DeadlineExceeded)
		}
		return err
	}
	d.info.Status, d.info.RequestID, d.info.Header = 0, "", nil // from the last attempt
	d.config.setRaw(nil)
	resp, next, err := d.follow(attemptCtx)
	if err != nil {
		return d.fail(nil, ended(err)), next
	}
	abandoned := false
	defer func() {
		if !abandoned { // it is closed elsewhere
			_ = resp.Body.Close()
		}
	}()
	skip, err := d.start(resp)
	switch {
	case err == io.EOF: // the file was complete already
		return nil, giveUp
	case err == errStatus:
		abandoned = true
		return d.refused(attemptCtx, resp)
	case err != nil:
		return d.fail(resp, join(ErrUnreadable, err)), giveUp
	}
	piece := make([]byte, 32<<10)
	for {
		stalled.Reset(d.config.timeout)
		n := 0
		abandoned, err = d.sender.await(attemptCtx, resp.Body, func() (err error) {
			n, err = resp.Body.Read(piece)
			return err
		})
		if abandoned {
			return d.fail(resp, join(ErrUnreadable, ended(err))), retryable
		}
		stalled.Stop() // the time that w takes does not count
		got := piece[:n]
		passed := min(skip, int64(n))
		skip -= passed
		got = got[passed:]
		if d.written+int64(len(got)) > d.config.maxResponse {
			return d.fail(resp, join(ErrUnreadable, d.tooLong())), giveUp
		}
		if len(got) > 0 {
			m, err := d.w.Write(got)
			d.written += int64(m)
			if err == nil && m < len(got) {
				err = io.ErrShortWrite
			}
			if err != nil {
				return d.fail(nil, fmt.Errorf("writing the file: %w", err)), giveUp
			}
		}
		if err == io.EOF {
			// If the size is not known, a whole file ends where the response does, but a part
			// can end earlier than the file.
			isComplete := d.written == d.size || d.size < 0 && resp.StatusCode == http.StatusOK
			if isComplete && skip == 0 {
				return nil, giveUp
			}
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return d.fail(resp, join(ErrUnreadable, ended(err))), retryable
		}
	}
}

// tooLong returns the error of a file that exceeds the limit.
func (d *download) tooLong() error {
	return fmt.Errorf("the file is longer than %d bytes (WithMaxResponseBytes)", d.config.maxResponse)
}

// follow sends the request and follows redirects. It returns the response that is not a
// redirect or, with an error, the decision whether to make another attempt.
func (d *download) follow(ctx context.Context) (*http.Response, retryDecision, error) {
	at, own := d.url, true // own: the URL is of the Space, and so were all before it
	for range maxRedirects + 1 {
		own = own && d.isOwn(at)
		req, err := d.request(ctx, at, own)
		if err != nil {
			d.info.Attempts-- // the request was not sent
			return nil, giveUp, err
		}
		resp, err := d.sender.roundTrip(req.attempt(ctx))
		if err != nil {
			return nil, classify(d.op, new(Error), err, nil, d.config), err
		}
		location := resp.Header.Get("Location") + resp.Header.Get(hiddenLocation)
		if resp.StatusCode/100 != 3 || location == "" {
			redactor := req.redactor(d.config.redact)
			d.info.Status, d.info.Header = resp.StatusCode, redactor.Header(resp.Header)
			d.info.RequestID = printable(redactor.Text(requestID(resp.Header)))
			return resp, giveUp, nil
		}
		_ = resp.Body.Close()
		to, err := at.Parse(location)
		if err == nil {
			to, err = d.downloadURL(to.String())
		}
		if err != nil || to.Scheme != at.Scheme && to.Scheme != "https" {
			return nil, giveUp, fmt.Errorf("the redirect cannot be followed: status %d does not redirect to a URL with https", resp.StatusCode)
		}
		at = to
	}
	return nil, giveUp, fmt.Errorf("the redirect cannot be followed: more than %d redirects", maxRedirects)
}

// isOwn reports whether a URL has the scheme, the host and the port of the Space.
func (d *download) isOwn(u *url.URL) bool {
	host := func(u *url.URL) string { return strings.TrimSuffix(asciiLower(u.Host), defaultPorts[u.Scheme]) }
	return u.Scheme == d.base.Scheme && host(u) == host(d.base)
}

var defaultPorts = map[string]string{"https": ":443", "http": ":80"}

// request returns the request for the part of the file at a URL that is missing. It has
// the credentials and the headers of [WithHeader] only if own is true, which means that it
// goes to the Space.
func (d *download) request(ctx context.Context, at *url.URL, own bool) (*request, error) {
	req := &request{op: d.op, method: d.op.Method, url: at, path: d.op.Path}
	op, config := *d.op, *d.config
	if !own || config.credentials.authorization[gen.SecurityBasic] == nil && config.credentials.basic == nil {
		op.Security = nil
	}
	if own {
		req.headers = config.header
	}
	if err := d.setHeader(ctx, &op, req, &config); err != nil {
		return nil, err
	}
	d.config.credentials, d.config.redact = config.credentials, req.redactor(config.redact)
	req.header["Accept"] = []string{"*/*"}
	req.header["Accept-Encoding"] = []string{"identity"} // ranges count encoded bytes
	if d.written > 0 {
		req.header["Range"] = []string{fmt.Sprintf("bytes=%d-", d.written)}
		req.header["If-Range"] = []string{d.version}
	}
	return req, nil
}

// compressions are the content codings with which a file is refused. Storage services
// name others, such as aws-chunked, also for files that are sent as they are.
var compressions = []string{"gzip", "x-gzip", "deflate", "br", "zstd"}

// start checks the headers of a response, and returns how many bytes at the beginning of
// its body are to be skipped, as they were written to w before. The error is [io.EOF] if
// no byte is missing, and errStatus if the status is an error.
func (d *download) start(resp *http.Response) (skip int64, err error) {
	version := resp.Header.Get("ETag")
	if version == "" || strings.HasPrefix(version, "W/") {
		version = strongLastModified(resp.Header)
	}
	codings := strings.FieldsFunc(asciiLower(strings.Join(resp.Header["Content-Encoding"], ",")), func(r rune) bool { return strings.ContainsRune(", \t", r) })
	compressed := slices.IndexFunc(codings, func(coding string) bool { return slices.Contains(compressions, coding) })
	switch {
	case resp.StatusCode/100 == 2 && compressed >= 0:
		return 0, fmt.Errorf("the file has the Content-Encoding %s, which was not asked for", codings[compressed])
	case resp.StatusCode == http.StatusOK && d.written > 0:
		if version != d.version {
			return 0, errors.New("the file has changed while it was read")
		}
		skip = d.written // the server does not support ranges, and sends the whole file
	case resp.StatusCode == http.StatusOK:
		d.version, d.size = version, resp.ContentLength
	case resp.StatusCode == http.StatusPartialContent && d.written > 0:
		if d.hasChanged(resp.Header) { // the server ignores If-Range
			return 0, errors.New("the file has changed while it was read")
		}
		first, size, ok := contentRange(resp.Header.Get("Content-Range"))
		if !ok || first != d.written || size >= 0 && d.size >= 0 && size != d.size {
			return 0, errors.New("the response has another part of the file than was asked for")
		}
		if d.size < 0 {
			d.size = size
		}
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && d.written > 0:
		if _, size, _ := contentRange(resp.Header.Get("Content-Range")); size == d.written && !d.hasChanged(resp.Header) {
			return 0, io.EOF
		}
		return 0, errors.New("the file has changed while it was read")
	case resp.StatusCode/100 == 2:
		return 0, fmt.Errorf("unexpected status %d", resp.StatusCode)
	default:
		return 0, errStatus
	}
	if d.size > d.config.maxResponse {
		return 0, d.tooLong()
	}
	return skip, nil
}

// hasChanged reports whether the header of a response shows another version of the file
// than that of which the beginning was read.
func (d *download) hasChanged(h http.Header) bool {
	name := "Last-Modified"
	if strings.HasPrefix(d.version, `"`) {
		name = "ETag"
	}
	version := h.Get(name)
	return version != "" && version != d.version
}

// strongLastModified returns the Last-Modified header if it identifies the version of a file.
// It does not if the file was modified in the second in which the response was sent, as the
// file can be modified again in this second (RFC 9110, section 8.8.2.2). Then, and if there is
// no such header, strongLastModified returns "".
func strongLastModified(h http.Header) string {
	value := h.Get("Last-Modified")
	modified, err := http.ParseTime(value)
	sent, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil || !sent.After(modified) {
		return ""
	}
	return value
}

// contentRange parses a Content-Range header (RFC 9110, section 14.4) such as "bytes
// 5-9/10", "bytes 5-9/*" or "bytes */10". size is -1 if it is not known. ok reports
// whether first is set.
func contentRange(header string) (first, size int64, ok bool) {
	spec, total, _ := strings.Cut(strings.TrimPrefix(header, "bytes "), "/")
	from, _, _ := strings.Cut(spec, "-")
	size, err := strconv.ParseInt(total, 10, 64)
	if err != nil {
		size = -1
	}
	first, err = strconv.ParseInt(from, 10, 64)
	return first, size, err == nil && first >= 0
}

// refused returns the error for a response with an error status, and the decision whether
// to make another attempt.
func (d *download) refused(ctx context.Context, resp *http.Response) (*Error, retryDecision) {
	failure := d.fail(resp, errStatus)
	buf, _ := d.readBody(ctx, resp, maxErrorBody)
	defer buf.release()
	d.config.setRaw(buf.body)
	failure.parseResponse(resp, bytes.Clone(buf.body), d.base)
	return failure, classify(d.op, failure, errStatus, nil, d.config)
}
