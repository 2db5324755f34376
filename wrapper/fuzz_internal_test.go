package signalwire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// FuzzErrorBody: whatever the response, an error is one line of moderate
// length.
func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `null`, `[]`, `{"errors":[{"type":"a","code":"b","message":"c","attribute":null,"url":"d"}]}`,
		`{"errors":[{"detail":"a","status":"422","title":"b","code":7}]}`, `{"error":"Unauthorized"}`, `{"message":"a\nb"}`,
		`{"errors":{"name":["is bad"]}}`, `{"errors":[1,null,"x"]}`, "<html>", "\xff\xfe", `{"errors":`,
	} {
		f.Add(422, "application/json", "", []byte(body))
	}
	f.Add(302, "text/html; charset=x", "https://user:pw@example.com/a?b", []byte("moved"))
	f.Fuzz(func(t *testing.T, status int, mediaType, location string, body []byte) {
		e := &Error{Operation: "op", Method: "GET", Host: "h", Path: "/p", Status: status, redact: redact.New("s3cret")}
		resp := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {mediaType}, "Location": {location}}}
		e.contentType = contentType(mediaType)
		e.parseResponse(resp, body, &url.URL{Scheme: "https", Host: "h"})
		text := e.Error()
		if !utf8.ValidString(text) || strings.IndexFunc(text, unicode.IsControl) >= 0 || len(text) > 5000 || strings.Contains(text, "s3cret") {
			t.Fatalf("%q", text)
		}
		if _, err := json.Marshal(e); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzRetryAfter: a wait is never negative, and seconds are taken as they are.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"", "0", "5", "-1", "1e9", "99999999999999999999", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", " 7 "} {
		f.Add(value, "Sun, 06 Nov 1994 08:49:30 GMT")
		f.Add(value, "")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		wait := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}})
		if wait < 0 {
			t.Fatal(wait)
		}
		config := callConfig{maxAttempts: 2, maxRetryAfter: time.Minute, backoff: backoff}
		if wait, again := config.wait(t.Context(), &Error{RetryAfter: wait}, retryable, 1); again && (wait < 0 || wait > time.Minute) {
			t.Fatalf("waits %v", wait)
		}
	})
}

// FuzzNextPage: a link that is followed leads to the client's host and to the
// path of the page that has it.
func FuzzNextPage(f *testing.F) {
	for _, link := range []string{
		"", "/api/x?page_number=1", "/base/api/x?page_number=1", "https://acme.signalwire.com/api/x?page_token=a", "https://ACME.signalwire.com/x", "http://acme.signalwire.com/api/x",
		"https://acme.\u017fignalwire.com/api/x", "https://acme.signalwire.com.evil.com/api/x", "https://acme.signalwire.com@evil.com/", "https://u:p@acme.signalwire.com/api/x", "//evil.com/api/x",
		"https://acme.signalwire.com:444/", "javascript:alert(1)", "?a=b", "x?a=b", "\\\\evil.com", "https:evil.com", "%zz", "https://acme.signalwire.com/api/x?a#b", "/api/y/../x?", "/api/%78",
	} {
		f.Add(link)
	}
	base := &url.URL{Scheme: "https", Host: "acme.signalwire.com", Path: "/base"}
	at := &url.URL{Scheme: "https", Host: base.Host, Path: "/base/api/x", RawPath: "/base/api/x", RawQuery: "page_size=1"}
	f.Fuzz(func(t *testing.T, link string) {
		page := gen.SIPGatewayList{Links: gen.PageLinks{Next: &link}}
		next, err := (&caller{base: base}).nextPage(at, reflect.ValueOf(page), nil)
		if next == nil {
			return
		}
		if err != nil || next.Scheme != "https" || next.Host != base.Host || next.User != nil || next.EscapedPath() != "/base/api/x" || next.Fragment != "" {
			t.Fatalf("%q leads to %v (%v)", link, next, err)
		}
		req, err := http.NewRequest(http.MethodGet, next.String(), nil)
		if err != nil || req.URL.Hostname() != base.Host {
			t.Fatalf("%q is sent to %v (%v)", link, req, err)
		}
	})
}

// FuzzDiff: applying the difference to what was before gives what is after,
// and equal values have none.
func FuzzDiff(f *testing.F) {
	f.Add([]byte(`{"name":"a","codecs":["OPUS"]}`), []byte(`{"name":"b","codecs":[]}`))
	f.Add([]byte(`{}`), []byte(`{"uri":"","ciphers":["X"],"encryption":"required"}`))
	f.Add([]byte(`{"codecs":["PCMU","OPUS"]}`), []byte(`{"codecs":["OPUS","PCMU"]}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var before, after gen.SIPGatewayUpdate
		if json.Unmarshal(first, &before) != nil || json.Unmarshal(second, &after) != nil {
			return
		}
		patch, changed := Diff(before, after)
		result := before
		for i := range reflect.TypeFor[gen.SIPGatewayUpdate]().NumField() {
			if p := reflect.ValueOf(patch).Field(i); !p.IsZero() {
				if equalAsJSON(reflect.ValueOf(before).Field(i), p) {
					t.Fatalf("field %d is sent and does not differ", i)
				}
				reflect.ValueOf(&result).Elem().Field(i).Set(p)
			}
		}
		want := before
		for i := range reflect.TypeFor[gen.SIPGatewayUpdate]().NumField() {
			if a := reflect.ValueOf(after).Field(i); !a.IsZero() {
				reflect.ValueOf(&want).Elem().Field(i).Set(a)
			}
		}
		x, _ := encode(result)
		y, _ := encode(want)
		sent, _ := encode(patch)
		if !bytes.Equal(x, y) {
			t.Fatalf("before %s after %s patch %s: %s, want %s", first, second, sent, x, y)
		}
		if changed != (string(sent) != "{}") {
			t.Fatalf("changed is %v with %s", changed, sent)
		}
		if _, changed := Diff(before, before); changed {
			t.Fatal("equal values differ")
		}
	})
}
