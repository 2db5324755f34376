package signalwire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// recording is a file that a Space has.
var recording = []byte(strings.Repeat("0123456789abcdef", 20_000))

func downloader(t *testing.T, space string, opts ...signalwire.Option) *signalwire.Client {
	t.Helper()
	client, err := signalwire.New("acme", append([]signalwire.Option{signalwire.WithBaseURL(space), credentials, signalwire.WithBackoff(atOnceAgain), signalwire.WithHeader("X-Tenant", "t-secret")}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func sendFile(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"v1"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(recording))
}

// TestDownload: the Space gets the credentials, and no other host does, whether the
// URL names it or a redirect leads there; nor the Space if another host redirects to it.
func TestDownload(t *testing.T) {
	t.Parallel()
	var space *httptest.Server
	other, seenByOther := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			http.Redirect(w, r, space.URL+"/file", http.StatusFound)
			return
		}
		w.Header().Set("Content-Encoding", "aws-chunked") // S3 says so of files that are not encoded at all
		sendFile(w, r)
	})
	space, seenBySpace := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if away := map[string]string{"/away": other.URL + "/file", "/back": other.URL + "/back", "/here": "/file"}[r.URL.Path]; away != "" {
			http.Redirect(w, r, away, http.StatusTemporaryRedirect)
			return
		}
		sendFile(w, r)
	})
	for name, opts := range map[string][]signalwire.Option{"transport": nil, "http.Client": {withOwnHTTPClient()}} {
		client := downloader(t, space.URL, opts...)
		for _, c := range []struct {
			url        string
			own, other []bool // whether each request had credentials
		}{
			{space.URL + "/file?sig=1", []bool{true}, nil},
			{space.URL + "/here", []bool{true, true}, nil},
			{space.URL + "/away", []bool{true}, []bool{false}},
			{other.URL + "/file", nil, []bool{false}},
			{space.URL + "/back", []bool{true, false}, []bool{false}},
		} {
			before, beforeOther := len(seenBySpace.requests()), len(seenByOther.requests())
			var file bytes.Buffer
			n, err := client.Download(context.Background(), c.url, &file)
			require.NoError(t, err, "%s: %s", name, c.url)
			assert.Equal(t, int64(len(recording)), n)
			assert.True(t, bytes.Equal(recording, file.Bytes()))
			assert.Equal(t, c.own, hadCredentials(t, seenBySpace.requests()[before:]), "%s: %s", name, c.url)
			assert.Equal(t, c.other, hadCredentials(t, seenByOther.requests()[beforeOther:]), "%s: %s", name, c.url)
		}
	}
}

func hadCredentials(t *testing.T, seen []request) (had []bool) {
	t.Helper()
	for _, r := range seen {
		authorization := r.Header.Get("Authorization") == "Basic "+encodedCredentials
		assert.Equal(t, authorization, r.Header.Get("Authorization") != "")
		assert.Equal(t, authorization, r.Header.Get("X-Tenant") != "", "own headers go where the credentials go")
		assert.Empty(t, r.Header.Get("Referer"))
		had = append(had, authorization)
	}
	return had
}

// TestDownloadResumes where it was cut off, with the version that it began with.
func TestDownloadResumes(t *testing.T) {
	t.Parallel()
	half := len(recording) / 2
	for name, c := range map[string]struct {
		version func(h http.Header, request int)
		later   http.HandlerFunc // the second response
		fails   bool
		ranges  []string
	}{
		"by ETag":          {func(h http.Header, _ int) { h.Set("ETag", `"v1"`) }, nil, false, []string{"", fmt.Sprintf("bytes=%d-", half)}},
		"by Last-Modified": {func(h http.Header, _ int) { h.Set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT") }, nil, false, []string{"", fmt.Sprintf("bytes=%d-", half)}},
		"without ranges": {func(h http.Header, _ int) { h.Set("ETag", `"v1"`) }, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(recording) },
			false, []string{"", fmt.Sprintf("bytes=%d-", half)}},
		"another version": {func(h http.Header, n int) { h.Set("ETag", fmt.Sprintf(`"v%d"`, n)) }, nil, true, []string{"", fmt.Sprintf("bytes=%d-", half)}},
		"a weak ETag":     {func(h http.Header, _ int) { h.Set("ETag", `W/"v1"`) }, nil, true, []string{""}},
		"modified in this second": {func(h http.Header, _ int) {
			h.Set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
			h.Set("Date", "Thu, 01 Jan 2026 00:00:00 GMT")
		}, nil, true, []string{""}},
		"no version": {func(http.Header, int) {}, nil, true, []string{""}},
		"another version, of a server that ignores If-Range": {func(h http.Header, n int) { h.Set("ETag", fmt.Sprintf(`"v%d"`, n)) }, func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("If-Range")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(bytes.ToUpper(recording)))
		}, true, []string{"", fmt.Sprintf("bytes=%d-", half)}},
		"a part without ETag": {func(h http.Header, n int) {
			if n == 1 {
				h.Set("ETag", `"v1"`)
			}
		}, func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("If-Range")
			http.ServeContent(w, r, "", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), bytes.NewReader(recording))
		}, false, []string{"", fmt.Sprintf("bytes=%d-", half)}},
		"the wrong part": {func(h http.Header, _ int) { h.Set("ETag", `"v1"`) }, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(recording)-1, len(recording)))
			w.WriteHeader(http.StatusPartialContent)
		}, true, []string{"", fmt.Sprintf("bytes=%d-", half)}},
		"shorter now": {func(h http.Header, _ int) { h.Set("ETag", `"v1"`) }, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes */7")
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}, true, []string{"", fmt.Sprintf("bytes=%d-", half)}},
	} {
		requests := 0
		space, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			c.version(w.Header(), requests)
			switch {
			case requests == 1:
				w.Header().Set("Content-Length", fmt.Sprint(len(recording)))
				_, _ = w.Write(recording[:half])
				panic(http.ErrAbortHandler)
			case c.later != nil:
				c.later(w, r)
			default:
				http.ServeContent(w, r, "", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), bytes.NewReader(recording))
			}
		})
		var file bytes.Buffer
		n, err := downloader(t, space.URL).Download(context.Background(), space.URL+"/file", &file)
		assert.Equal(t, int64(file.Len()), n, name)
		var ranges []string
		for _, r := range seen.requests() {
			ranges = append(ranges, r.Header.Get("Range"))
			assert.Equal(t, r.Header.Get("Range") != "", r.Header.Get("If-Range") != "", name)
		}
		assert.Equal(t, c.ranges, ranges, name)
		if c.fails {
			assert.ErrorIs(t, err, signalwire.ErrUnreadable, name)
			assert.True(t, bytes.HasPrefix(recording, file.Bytes()), "%s: what was written is the beginning", name)
			continue
		}
		assert.NoError(t, err, name)
		assert.True(t, bytes.Equal(recording, file.Bytes()), name)
	}
}

// changing is a server of a file that changes between requests. Requests are cut off or
// refused, and ranges are treated rightly or wrongly, at random.
type changing struct {
	*rand.Rand
	versions                     [][]byte
	now                          int // the index of the present version
	strong, dated                bool
	ignoresRange, ignoresIfRange bool
}

func (c *changing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.IntN(4) == 0 {
		c.now = c.IntN(len(c.versions))
	}
	h, body, status := w.Header(), c.versions[c.now], http.StatusOK
	tag := fmt.Sprintf(`"v%d"`, c.now)
	date := time.Date(2026, 1, 1, 0, 0, c.now, 0, time.UTC).Format(http.TimeFormat)
	if c.strong {
		h.Set("ETag", tag)
	}
	if c.dated {
		h.Set("Last-Modified", date)
	}
	known := slices.Contains([]string{h.Get("ETag"), h.Get("Last-Modified")}, r.Header.Get("If-Range"))
	var from int
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil && !c.ignoresRange && (known || c.ignoresIfRange) {
		if from >= len(body) {
			h.Set("Content-Range", fmt.Sprintf("bytes */%d", len(body)))
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		to, size := len(body), strconv.Itoa(len(body))
		if c.IntN(4) == 0 {
			to = from + 1 + c.IntN(to-from) // a part need not be as long as was asked for
		}
		if c.IntN(4) == 0 {
			size = "*"
		}
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%s", from, to-1, size))
		body, status = body[from:to], http.StatusPartialContent
	}
	if c.IntN(8) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if c.IntN(2) == 0 {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if c.IntN(2) == 0 {
		_, _ = w.Write(body[:c.IntN(len(body)+1)])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

// TestDownloadOfAChangingFile: what is written is always of one version, and all of it if the
// download succeeds.
func TestDownloadOfAChangingFile(t *testing.T) {
	t.Parallel()
	succeeded := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		c := &changing{Rand: r, strong: r.IntN(2) == 0, dated: r.IntN(2) == 0, ignoresRange: r.IntN(4) == 0, ignoresIfRange: r.IntN(4) == 0}
		for range 3 {
			version := make([]byte, 1+r.IntN(100))
			for i := range version {
				version[i] = byte('a' + r.IntN(26))
			}
			c.versions = append(c.versions, version)
		}
		space, _ := serve(t, c.ServeHTTP)
		var file bytes.Buffer
		client := downloader(t, space.URL, signalwire.WithMaxAttempts(9))
		_, err := client.Download(t.Context(), space.URL+"/file", &file)
		isBeginning := func(version []byte) bool {
			return bytes.HasPrefix(version, file.Bytes()) && (err != nil || len(version) == file.Len())
		}
		require.True(t, slices.ContainsFunc(c.versions, isBeginning), "seed %d: %q of %q: %v", seed, file.Bytes(), c.versions, err)
		if err == nil && file.Len() > 0 {
			succeeded++
		}
	}
	require.Greater(t, succeeded, 100)
}

// TestDownloadGoesOn as long as something comes, however often it is cut off.
func TestDownloadGoesOn(t *testing.T) {
	t.Parallel()
	const piece = 30_000
	space, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(&cutting{w, piece}, r, "", time.Time{}, bytes.NewReader(recording))
	})
	var file bytes.Buffer
	_, err := downloader(t, space.URL, signalwire.WithMaxAttempts(2)).Download(context.Background(), space.URL+"/file", &file)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(recording, file.Bytes()))
	assert.Greater(t, len(seen.requests()), 5)
}

// cutting is a response that breaks off.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 {
		panic(http.ErrAbortHandler)
	}
	return n, err
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// TestDownloadFails: what it fails with, and how often it asks.
func TestDownloadFails(t *testing.T) {
	t.Parallel()
	status := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	for name, c := range map[string]struct {
		handler  http.HandlerFunc
		opts     []signalwire.CallOption
		is       error
		says     string
		requests int
	}{
		"not found":    {status(404), nil, signalwire.ErrNotFound, "404", 1},
		"unauthorized": {status(401), nil, signalwire.ErrUnauthorized, "401", 1},
		"server error": {status(503), []signalwire.CallOption{signalwire.WithMaxAttempts(2)}, signalwire.ErrServer, "503", 2},
		"empty":        {status(204), nil, signalwire.ErrUnreadable, "unexpected status 204", 1},
		"too long":     {sendFile, []signalwire.CallOption{signalwire.WithMaxResponseBytes(1000)}, signalwire.ErrUnreadable, "longer than 1000 bytes", 1},
		"too long, without a length": {func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			_, _ = w.Write(recording)
		}, []signalwire.CallOption{signalwire.WithMaxResponseBytes(1000)}, signalwire.ErrUnreadable, "longer than 1000 bytes", 1},
		"compressed although it was not asked for": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "GZIP")
			sendFile(w, r)
		}, nil, signalwire.ErrUnreadable, `the file has the Content-Encoding gzip, which was not asked for`, 1},
		"compressed, and encoded otherwise": {func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Encoding"] = []string{"aws-chunked", "identity,\tZstd"}
			sendFile(w, r)
		}, nil, signalwire.ErrUnreadable, `the file has the Content-Encoding zstd, which was not asked for`, 1},
		"an error, and compressed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusNotFound)
		}, nil, signalwire.ErrNotFound, "404", 1},
		"in circles": {redirect("/again"), nil, nil, "more than 5 redirects", 6},
		"to http":    {redirect("http://files.example.com/x?secret"), nil, nil, "does not redirect to a URL with https", 1},
		"to a file":  {redirect("file:///etc/passwd"), nil, nil, "does not redirect to a URL with https", 1},
		"to a user":  {redirect("https://a:b@files.example.com/"), nil, nil, "does not redirect to a URL with https", 1},
	} {
		space, seen := serve(t, c.handler)
		var file bytes.Buffer
		_, err := downloader(t, space.URL).Download(context.Background(), space.URL+"/topsecret?sig=topsecret", &file, c.opts...)
		require.Error(t, err, name)
		if c.is != nil {
			assert.ErrorIs(t, err, c.is, name)
		}
		assert.Contains(t, err.Error(), c.says, name)
		assert.NotContains(t, err.Error(), "secret", name)
		assert.Len(t, seen.requests(), c.requests, name)
		assert.LessOrEqual(t, file.Len(), 1000, name)
	}
	space, seen := serve(t, sendFile)
	client := downloader(t, space.URL)
	for _, wrong := range []string{"", "/file", "file:///x", "http://files.example.com/x", "https://user:pw@" + strings.TrimPrefix(space.URL, "http://"), "ftp://x/y", "https://"} {
		_, err := client.Download(context.Background(), wrong, &bytes.Buffer{})
		var input *signalwire.InputError
		assert.ErrorAs(t, err, &input, wrong)
	}
	_, err := client.Download(context.Background(), space.URL, nil)
	assert.ErrorIs(t, err, signalwire.ErrInvalid)
	_, err = client.Download(context.Background(), space.URL, &bytes.Buffer{}, signalwire.WithDryRun(func(r signalwire.DryRunRequest) {}))
	assert.ErrorIs(t, err, signalwire.ErrDryRun)
	for says, opt := range map[string]signalwire.CallOption{
		"x: given with WithField, but the request has no body":        signalwire.WithField("x", 1),
		"x: given with WithQuery; expected it in the URL of the file": signalwire.WithQuery("x", "1"),
	} {
		_, err = client.Download(context.Background(), space.URL, &bytes.Buffer{}, opt)
		assert.ErrorContains(t, err, says)
	}
	assert.Empty(t, seen.requests(), "nothing is sent")
	_, err = client.Download(context.Background(), space.URL, failingWriter{})
	assert.ErrorContains(t, err, "the disk is full")
	assert.Len(t, seen.requests(), 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = client.Download(ctx, space.URL, &bytes.Buffer{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Len(t, seen.requests(), 1)
}

// stallingBody is a body of which nothing comes after its beginning, until the
// request ends.
type stallingBody struct {
	io.Reader
	ctx context.Context
}

func (b stallingBody) Read(p []byte) (int, error) {
	if n, _ := b.Reader.Read(p); n > 0 {
		return n, nil
	}
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (stallingBody) Close() error { return nil }

// TestDownloadStalls: it ends when nothing came for as long as the timeout of a call,
// and keeps what came before.
func TestDownloadStalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const space = "https://acme.example"
		client := downloader(t, space, signalwire.WithTimeout(time.Second), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			body := stallingBody{bytes.NewReader(recording[:10]), r.Context()}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(recording)), Body: body, Request: r}, nil
		})))
		var file bytes.Buffer
		start := time.Now()
		_, err := client.Download(t.Context(), space+"/file", &file)
		require.ErrorIs(t, err, signalwire.ErrUnreadable)
		require.ErrorContains(t, err, "nothing came within 1s: context deadline exceeded")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, requireError(t, err).Attempts)
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, recording[:10], file.Bytes())
	})
}

// TestDownloadIsObserved like any other call.
func TestDownloadIsObserved(t *testing.T) {
	t.Parallel()
	tries := 0
	space, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "of "+apiToken)
		w.Header().Set("X-For", "for "+r.URL.Query().Get("token"))
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		sendFile(w, r)
	})
	var seen []signalwire.CallInfo
	client := downloader(t, space.URL, signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) { seen = append(seen, info) }))
	_, err := client.Download(context.Background(), space.URL+"/secret?token=topsecret", &bytes.Buffer{})
	require.NoError(t, err)
	require.Len(t, seen, 2)
	assert.True(t, seen[0].Retrying())
	assert.Equal(t, "Download", seen[1].Operation)
	assert.Equal(t, "/{path}", seen[1].PathTemplate)
	assert.Equal(t, 2, seen[1].Attempts)
	assert.Equal(t, 200, seen[1].Status)
	for _, info := range seen {
		assert.Equal(t, "of [redacted]", info.RequestID)
		assert.Equal(t, []string{"of [redacted]"}, info.Header["X-Request-Id"])
		assert.Equal(t, []string{"for [redacted]"}, info.Header["X-For"])
	}
	space.CloseClientConnections()
	space.Close()
	_, err = client.Download(context.Background(), space.URL+"/secret", &bytes.Buffer{}, signalwire.WithMaxAttempts(1))
	require.Error(t, err)
	require.Zero(t, seen[2].Status, "of the last attempt")
}

// TestDownloadLosesTheServer: after a response, an attempt without one.
func TestDownloadLosesTheServer(t *testing.T) {
	t.Parallel()
	tries := 0
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries > 1 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("X-Request-Id", "first")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	var info signalwire.CallInfo
	_, err := client.Download(t.Context(), "http://"+client.Host()+"/file", io.Discard, attempts(2), signalwire.WithCallInfo(&info))
	e := requireError(t, err)
	require.Equal(t, []any{0, "", 2}, []any{e.Status, e.RequestID, e.Attempts})
	require.Equal(t, []any{0, "", 2}, []any{info.Status, info.RequestID, info.Attempts})
	require.Nil(t, info.Header)
}

// TestDownloadRawResponse: the variable has the body of an error, and nothing of a file or
// of an earlier call.
func TestDownloadRawResponse(t *testing.T) {
	t.Parallel()
	tries := 0
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		if tries++; r.URL.Path == "/none" || tries == 1 {
			say(503, "application/json", documented)(w, r)
			return
		}
		sendFile(w, r)
	}, attempts(2).(signalwire.Option))
	var raw []byte
	for path, want := range map[string]string{"/file": "", "/none": documented} {
		tries = 0
		raw = []byte("stale")
		_, _ = client.Download(t.Context(), "http://"+client.Host()+path, io.Discard, signalwire.WithRawResponse(&raw))
		require.Equal(t, want, string(raw), path)
	}
}

// TestDownloadDryRun: it shows the request as it would be sent, to the Space or elsewhere.
func TestDownloadDryRun(t *testing.T) {
	t.Parallel()
	space, seen := serve(t, sendFile)
	client := downloader(t, space.URL)
	for _, host := range []string{space.URL, "https://files.example.com"} {
		var shown signalwire.DryRunRequest
		_, err := client.Download(t.Context(), host+"/file?token=topsecret", io.Discard, signalwire.WithDryRun(func(r signalwire.DryRunRequest) { shown = r }))
		require.ErrorIs(t, err, signalwire.ErrDryRun)
		require.Equal(t, "GET "+host+"/file?token=[redacted]", shown.Method+" "+shown.URL)
		header := http.Header{"Accept": {"*/*"}, "Accept-Encoding": {"identity"}, "User-Agent": shown.Header["User-Agent"]}
		if host == space.URL {
			header["Authorization"], header["X-Tenant"] = []string{"Basic [redacted]"}, []string{"t-secret"}
		}
		require.Equal(t, header, shown.Header)
	}
	require.Empty(t, seen.requests())
}

// TestDownloadWithoutCredentials: if the function that returns them fails, nothing is sent
// and nothing is repeated.
func TestDownloadWithoutCredentials(t *testing.T) {
	t.Parallel()
	space, seen := serve(t, sendFile)
	locked, asked := errors.New("the store is locked"), 0
	client := downloader(t, space.URL, signalwire.WithCredentialsFunc(func(context.Context) (string, string, error) { asked++; return "", "", locked }))
	var info signalwire.CallInfo
	_, err := client.Download(t.Context(), space.URL+"/file", io.Discard, signalwire.WithCallInfo(&info))
	require.ErrorIs(t, requireError(t, err), locked)
	require.Equal(t, 1, asked)
	require.Zero(t, info.Attempts)
	var none context.Context
	_, err = client.Download(none, space.URL, io.Discard, signalwire.WithMaxAttempts(0),
		signalwire.WithObserver(func(ctx context.Context, _ signalwire.CallInfo) { require.NoError(t, ctx.Err()) }))
	require.ErrorContains(t, requireError(t, err), "ctx: expected a context, got nil")
	require.Empty(t, seen.requests())
}

// TestDownloadFromAnotherHost says nothing about the version of HTTP that the Space speaks,
// which decides how often net/http may send a POST.
func TestDownloadFromAnotherHost(t *testing.T) {
	t.Parallel()
	for space, other := range map[int]int{1: 2, 2: 1} {
		again := false
		client := downloader(t, "https://space.example", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			version := space
			if r.Host != "space.example" {
				version = other
			}
			again = r.GetBody != nil
			return &http.Response{StatusCode: http.StatusOK, ProtoMajor: version, ContentLength: -1, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
		})))
		for range 2 {
			_, err := create(t.Context(), client)
			require.NoError(t, err)
		}
		require.Equal(t, space == 1, again)
		_, err := client.Download(t.Context(), "https://files.example/x", io.Discard)
		require.NoError(t, err)
		_, err = create(t.Context(), client)
		require.NoError(t, err)
		require.Equal(t, space == 1, again, "HTTP/%d", space)
	}
}

// TestDownloadOrigin: only a request with the scheme, host and port of the Space has the
// credentials, however a URL spells them.
func TestDownloadOrigin(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https://space.example", "https://space.example:443", "https://Space.example:443/v1"} {
		for file, own := range map[string]bool{
			"https://space.example/x":          true,
			"https://space.example:443/x":      true,
			"https://SPACE.Example:443/x":      true,
			"https://space.example:4443/x":     false,
			"https://space.example:80/x":       false,
			"https://space.example:443.test/x": false,
			"https://files.example:443/x":      false,
		} {
			authorized := false
			client := downloader(t, base, signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				authorized = r.Header.Get("Authorization") != ""
				return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Body: http.NoBody, Request: r}, nil
			})))
			_, err := client.Download(t.Context(), file, io.Discard)
			require.Equal(t, strings.Contains(file, ".test"), err != nil, "%s: %v", file, err)
			require.Equal(t, own, authorized, "%s from %s", file, base)
		}
	}
}

// TestDownloadEndsWithItsContext whatever comes with the headers of an error.
func TestDownloadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]io.ReadCloser{"error": nil, "101": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				released := make(chan struct{})
				var client *signalwire.Client
				if name == "error" {
					client = dial(t, "http://localhost", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
						body = &stuckBody{"", released, false}
						return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, ContentLength: -1, Body: body, Request: r}, nil
					})))
				} else {
					client, _ = onPipes(t, func(w http.ResponseWriter, _ *http.Request) {
						conn, _, _ := w.(http.Hijacker).Hijack()
						_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
						<-released
						_ = conn.Close()
					})
				}
				start := time.Now()
				go func() { time.Sleep(time.Hour); close(released) }()
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				_, err := client.Download(ctx, "http://localhost/file", io.Discard)
				requireError(t, err)
				require.Less(t, time.Since(start), 4*time.Second)
				<-released
			})
		})
	}
}

// TestDownloadEndedWhileItWaits says what the attempt before failed with.
func TestDownloadEndedWhileItWaits(t *testing.T) {
	t.Parallel()
	space, _ := serve(t, say(http.StatusServiceUnavailable, "text/html", "<html>"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	client := downloader(t, space.URL, signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) {
		if info.Retrying() {
			cancel()
		}
	}))
	_, err := client.Download(ctx, space.URL+"/file", &bytes.Buffer{})
	require.ErrorIs(t, err, context.Canceled)
	e := requireError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, e.Status)
	assert.Equal(t, 1, e.Attempts)
}

// TestDownloadOfABodyThatIgnoresItsContext ends when nothing comes for too long, and
// when the context does, also if neither Read nor Close returns.
func TestDownloadOfABodyThatIgnoresItsContext(t *testing.T) {
	t.Parallel()
	for _, closes := range []bool{false, true} {
		for _, begin := range []string{"", "beginning"} {
			synctest.Test(t, func(t *testing.T) {
				released := make(chan struct{})
				client := downloader(t, "http://127.0.0.1:1", signalwire.WithMaxAttempts(1), signalwire.WithTimeout(10*time.Second), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: &stuckBody{begin, released, closes}, Request: r}, nil
				})))
				download := func(ctx context.Context) (time.Duration, error) {
					var file bytes.Buffer
					start := time.Now()
					n, err := client.Download(ctx, "http://127.0.0.1:1/file", &file)
					require.ErrorIs(t, err, signalwire.ErrUnreadable)
					require.Equal(t, begin, file.String())
					require.EqualValues(t, len(begin), n)
					return time.Since(start).Truncate(time.Second), err
				}
				took, err := download(t.Context())
				require.ErrorContains(t, err, "nothing came within 10s: context deadline exceeded")
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, 10*time.Second, took)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				took, err = download(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, 3*time.Second, took)
				close(released)
				synctest.Wait()
			})
		}
	}
}
