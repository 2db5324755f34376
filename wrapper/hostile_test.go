package signalwire_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// pour is a handler that writes to the connection itself: a head, and then the
// same again and again until the client goes, or a gigabyte has gone.
func pour(head, again string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		_, err = io.WriteString(conn, head)
		for n := 0; err == nil && n < 1<<30; n += len(again) {
			_, err = io.WriteString(conn, again)
		}
	}
}

// bomb is a megabyte of gzip, which is a gigabyte of blanks.
func bomb() string {
	return gzipped(`{"id":`) + strings.Repeat(gzipped(strings.Repeat(" ", 1<<20)), 1000)
}

// TestHostileResponses: whatever the other side sends, the call ends soon, takes
// little memory, and gives an error in one line that says what is wrong, or a
// result. Not parallel, as it measures the memory of the whole process, that of
// the server included; but not under the race detector, which has its own.
func TestHostileResponses(t *testing.T) {
	const (
		ok       = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		refusal  = "HTTP/1.1 422 X\r\nContent-Type: application/json\r\n"
		limit    = 1 << 20 // of a response
		deadline = 30 * time.Second
	)
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1<<16, strings.Repeat(" ", 1<<16))
	megabyte, gigabyte := strings.Repeat(" ", 1<<20), bomb()
	deep := strings.Repeat(`{"a":`, 200_000)
	lists := strings.Repeat("[", 1_000_000)
	var headers strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&headers, "X-%d: %d\r\n", i, i)
	}
	for _, tt := range []struct {
		name     string
		response http.HandlerFunc
		status   int
		want     string // in the text of the error; none if it is empty
		memory   uint64 // in MiB, that is allocated in all
	}{
		{"endless body", pour(ok+"\r\n", megabyte), 200, "200: the request was processed, but its response could not be read: the body is longer than 1048576 bytes (WithMaxResponseBytes)", 16},
		{"endless body of an error", pour(refusal+"\r\n", megabyte), 422, "422 Unprocessable Entity", 8},
		{"endless chunks", pour(ok+"Transfer-Encoding: chunked\r\n\r\n", chunk), 200, "200: the request was processed, but its response could not be read: the body is longer than 1048576 bytes", 16},
		{"endless chunks of an error", pour(refusal+"Transfer-Encoding: chunked\r\n\r\n", chunk), 422, "422 Unprocessable Entity", 8},
		{"endless chunks of eight bytes", pour(ok+"Transfer-Encoding: chunked\r\n\r\n", strings.Repeat("8\r\n        \r\n", 1000)), 200, "200: the request was processed, but its response could not be read: the body is longer than 1048576 bytes", 16},
		{"endless line of a chunk", pour(ok+"Transfer-Encoding: chunked\r\n\r\n", megabyte), 200, "200: the request was processed, but its response could not be read: the body was cut off: ", 16},
		{"endless extension of a chunk", pour(ok+"Transfer-Encoding: chunked\r\n\r\n1;", megabyte), 200, "200: the request was processed, but its response could not be read: the body was cut off: ", 16},
		{"endless trailer", pour(ok+"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", strings.Repeat("X: x\r\n", 1000)), 200, "200: the request was processed, but its response could not be read: the body was cut off: ", 64},
		{"endless header", pour(ok, "X: "+strings.Repeat("x", 1000)+"\r\n"), 0, "headers exceeded", 128},
		{"endless line of a header", pour(ok+"X: ", megabyte), 0, "headers exceeded", 128},
		{"endless status line", pour("HTTP/1.1 200 ", megabyte), 0, "headers exceeded", 128},
		{"endless early hints", pour("", "HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("x", 1000)+"\r\n\r\n"), 0, "headers exceeded", 128},
		{"a length it does not keep", raw(ok + "Content-Length: 9223372036854775807\r\n\r\n{}"), 200, "200: the request was processed, but its response could not be read: the body was cut off: unexpected EOF", 8},
		{"a length below none", raw(ok + "Content-Length: -1\r\n\r\n{}"), 0, "bad Content-Length", 8},
		{"two lengths", raw(ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "), 0, "Content-Length", 8},
		{"gzip of a gigabyte", raw(ok + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gigabyte), 200, "200: the request was processed, but its response could not be read: the body is longer than 1048576 bytes", 16},
		{"gzip of a gigabyte in an error", raw(refusal + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gigabyte), 422, "422 Unprocessable Entity", 16},
		{"gzip in gzip", raw(ok + "Content-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n" + gzipped(gzipped(gatewayResponse))), 200, "200: the body (application/json) is not JSON", 8},
		{"gzip of garbage", raw(ok + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzipped(gatewayResponse)[:20] + strings.Repeat("\xff", 1000)), 200, "200: the request was processed, but its response could not be read: the body was cut off: ", 8},
		{"200000 objects deep", say(200, "application/json", deep), 200, "could not be decoded: ", 256},
		{"a million lists deep", say(200, "application/json", lists), 200, "could not be decoded: ", 128},
		{"a million lists deep, where texts should be", say(200, "application/json", `{"sip_gateway":{"codecs":`+lists), 200, "could not be decoded: ", 128},
		{"200000 objects deep in an error", say(422, "application/json", deep), 422, "422 Unprocessable Entity", 64},
		{"a million errors", say(422, "application/json", `{"errors":[`+strings.Repeat(`{"message":"m"},`, 1_000_000)), 422, "422 Unprocessable Entity", 128},
		{"100000 headers", raw(ok + headers.String() + "\r\n" + gatewayResponse), 200, "", 128},
		{"100000 headers of an error", raw(refusal + headers.String() + "\r\n" + documented), 422, "422 name: can't be blank", 128},
		{"keys twice", say(200, "application/json", `{"id":"`+subscriberID.String()+`","id":"`+gatewayID.String()+`","sip_gateway":{"name":"a"},"sip_gateway":{"name":"b","name":"c"}}`), 200, "", 8},
		{"keys twice, of other types", say(200, "application/json", `{"sip_gateway":{"name":"a"},"sip_gateway":[]}`), 200, "", 8},
		{"keys twice in an error", say(422, "application/json", `{"errors":[{"message":"a"}],"errors":[{"message":"b","message":"c"}]}`), 422, "422 c", 8},
		{"a million keys twice", say(200, "application/json", `{`+strings.Repeat(`"id":"`+gatewayID.String()+`",`, 20_000)+`"a":1}`), 200, "", 64},
		{"no UTF-8", say(200, "application/json", "{\"sip_gateway\":{\"name\":\"\xff\xfe\"}}"), 200, "", 8},
		{"no UTF-8 in an error", say(422, "application/json", "{\"message\":\"\xff\xfe\"}"), 422, "422 \ufffd\ufffd", 8},
		{"half of a surrogate", say(200, "application/json", `{"sip_gateway":{"name":"\ud800"}}`), 200, "", 8},
		{"UTF-16", say(200, "application/json; charset=utf-16", "\xff\xfe{\x00}\x00"), 200, "200: the body (application/json) is not JSON", 8},
		{"byte order mark", say(200, "application/json", "\ufeff"+gatewayResponse), 200, "", 8},
		{"two byte order marks", say(200, "application/json", "\ufeff\ufeff{}"), 200, "could not be decoded: ", 8},
		{"byte order mark in an error", say(422, "application/json", "\ufeff"+documented), 422, "422 name: can't be blank", 8},
		{"a number beyond all", say(200, "application/json", `{"sip_gateway":{"name":1e99999999}}`), 200, "", 8},
		{"a long number", say(200, "application/json", `{"id":`+strings.Repeat("9", 500_000)+`}`), 200, "", 32},
		{"JSON as HTML", say(200, "text/html", gatewayResponse), 200, "", 8},
		{"HTML as HTML", say(200, "text/html", "<html>"), 200, "200: the body (text/html) is not JSON, so it is not from the Space", 8},
		{"HTML as JSON", say(200, "application/json", "<html>"), 200, "200: the body (application/json) is not JSON", 8},
		{"Content-Type of a megabyte", say(200, strings.Repeat("x", 1<<20), "<html>"), 200, "200: the body (no valid Content-Type) is not JSON", 64},
		{"Content-Type with parameters without end", say(200, "text/html"+strings.Repeat("; a=b", 1<<16), "<html>"), 200, "200: the body (no valid Content-Type) is not JSON", 64},
		{"Content-Encoding of another kind", raw(ok + "Content-Encoding: zstd\r\nConnection: close\r\n\r\n\x28\xb5\x2f\xfd"), 200, "200: the body (application/json) is not JSON", 8},
		{"two responses", raw(ok + "Connection: close\r\nContent-Length: 2\r\n\r\n{}" + refusal + "Content-Length: 2\r\n\r\n{}"), 200, "", 8},
		{"nothing but zeros", pour("", strings.Repeat("\x00", 1<<16)), 0, "headers exceeded", 128},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if raceEnabled {
				t.Parallel()
			}
			client, seen := with(t, tt.response, signalwire.WithMaxResponseBytes(limit), signalwire.WithTimeout(deadline))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			got, err := update(t.Context(), client)
			elapsed := time.Since(begin)
			runtime.ReadMemStats(&after)
			require.Less(t, elapsed, deadline+atOnce)
			if !raceEnabled {
				require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, tt.memory, "MiB")
			}
			require.Len(t, seen.requests(), 1)
			if tt.want == "" {
				require.NoError(t, err)
				require.NotNil(t, got)
				return
			}
			require.Nil(t, got)
			e := requireError(t, err)
			require.ErrorContains(t, err, tt.want)
			require.Equal(t, tt.status, e.Status)
			require.LessOrEqual(t, len(e.Body), 64<<10)
			require.Less(t, len(err.Error()), 3000)
		})
	}
}

// TestHostileHints: early hints without end do not hold up a call, also one that net/http
// must not repeat.
func TestHostileHints(t *testing.T) {
	t.Parallel()
	client, seen := with(t, pour("", "HTTP/1.1 103 Early Hints\r\n\r\n"), signalwire.WithTimeout(5*time.Minute))
	_, err := create(t.Context(), client)
	requireUnknown(t, err, true)
	require.ErrorContains(t, err, "more than 100 informational responses (1xx)")
	require.Len(t, seen.requests(), 1)
}

// TestHostileValues: what a result has if the same key came twice, or text was
// no text.
func TestHostileValues(t *testing.T) {
	t.Parallel()
	client, _ := with(t, first(
		say(200, "application/json", `{"sip_gateway":{"name":"a","uri":"x"},"sip_gateway":{"name":"b","name":"c"}}`),
		say(200, "application/json", "{\"sip_gateway\":{\"name\":\"a\xff\xfeb\\ud800\"}}"),
	))
	got, err := get(t.Context(), client)
	require.NoError(t, err)
	require.Equal(t, "c", got.SIPGateway.Name, "the last one counts")
	got, err = get(t.Context(), client)
	require.NoError(t, err)
	require.Equal(t, "a\ufffd\ufffdb\ufffd", got.SIPGateway.Name, "and it is text")
}

// TestHostileNext: a page whose link is as long as a response may be is no more
// than an error, and a list that never ends can be left.
func TestHostileNext(t *testing.T) {
	t.Parallel()
	client, seen := with(t, say(200, "application/json", `{"data":[{"name":"a"}],"links":{"next":"/`+strings.Repeat("x", 1<<20)+`"}}`))
	n, errs := 0, 0
	for _, err := range client.PhoneNumbers.All(t.Context(), gen.ListPhoneNumbersParams{}) {
		if n++; err != nil {
			errs++
			requireError(t, err)
		}
	}
	require.Equal(t, 2, n, "the server refuses such a long path, or it is followed once")
	require.LessOrEqual(t, len(seen.requests()), 2)
	require.LessOrEqual(t, errs, 1)
}

// TestHostileDrip: a server that keeps a call alive byte by byte does not
// prolong it, be it in the header or in the body.
func TestHostileDrip(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"header": "HTTP/1.1 200 OK\r\nX: ",
		"body":   "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
		"chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf4240\r\n",
		"error":  "HTTP/1.1 500 X\r\nContent-Length: 1000000\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, _ := onPipes(t, func(w http.ResponseWriter, _ *http.Request) {
					conn, _, _ := w.(http.Hijacker).Hijack()
					defer func() { _ = conn.Close() }()
					for _, err := io.WriteString(conn, head); err == nil; _, err = io.WriteString(conn, " ") {
						time.Sleep(10 * time.Millisecond)
					}
				}, signalwire.WithTimeout(time.Second))
				begin := time.Now()
				e := failed(t, client)
				require.Equal(t, time.Second, time.Since(begin))
				require.ErrorContains(t, e, map[bool]string{true: "500 Internal Server Error", false: "no complete response within 1s"}[name == "error"])
				time.Sleep(time.Second) // so that the server sees it, too
			})
		})
	}
}
