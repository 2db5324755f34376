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

	"github.com/oapi-codegen/nullable"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
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

// FuzzEdit: whatever the resource, an edit of one field sends every other value that
// encoding/json can decode as it was read, to the byte, and so every other element and entry
// of an array or map that is changed. Or it refuses a field by its name.
func FuzzEdit(f *testing.F) {
	type settings struct {
		Name     *string                         `json:"name,omitempty"`
		Size     *int64                          `json:"size,omitempty"`
		Rate     *float64                        `json:"rate,omitempty"`
		On       *bool                           `json:"on,omitempty"`
		When     *time.Time                      `json:"when,omitempty"`
		Limit    nullable.Nullable[int64]        `json:"limit,omitempty"`
		Document gen.SWML                        `json:"document,omitzero"`
		Parts    []gen.WhatsAppTemplateComponent `json:"parts,omitzero"`
		Tags     []string                        `json:"tags,omitzero"`
		Free     map[string]any                  `json:"free,omitzero"`
	}
	for _, text := range []string{
		`{}`,
		`{"name":"\u00e9\ud800","size":9007199254740993,"rate":1e0,"on":true,"when":"2026-01-02T03:04:05.100+00:00","limit":5,"document":{"a":1.0},"newer":{}}`,
		`{"tags":["a", "\/"],"free":{"a":9007199254740993,"a":{ "b":[1.0,null]},"A":-0},"parts":[ {"type":"a","n":1e2},{"type":"\u0062"}],"limit":null}`,
		`{"name":5,"size":"5","rate":"x","on":"1","when":0,"document":"\uffff","parts":{"type":"a"},"tags":[[1],null],"free":[{"a":1}],"NAME":"b"}`,
		`{"size":1e400,"free":{"a":1e400},"tags":{"a":true},"parts":{"data":[{"type":"a"}]},"when":"2026-01-02","limit":[]}`,
	} {
		for changed := range uint8(3) {
			f.Add([]byte(text), changed)
		}
	}
	decodes := func(raw []byte, t reflect.Type) bool {
		return len(raw) > 0 && !isNull(raw) && json.Unmarshal(raw, reflect.New(t).Interface()) == nil
	}
	f.Fuzz(func(t *testing.T, text []byte, which uint8) {
		var update settings
		e, err := newEdit(&gen.EditRule{Full: true}, reflect.ValueOf(&update).Elem(), text)
		if err != nil {
			return
		}
		changed := []string{"name", "tags", "free"}[which%3]
		switch changed {
		case "name":
			update.Name = Ptr("added")
		case "tags":
			update.Tags = append(update.Tags, "added")
		case "free":
			if update.Free == nil {
				update.Free = map[string]any{}
			}
			update.Free["added"] = "added"
		}
		members, _, err := e.changedFields(&callConfig{})
		known := typeinfo.Of(reflect.TypeFor[settings]())
		if wrong, ok := err.(*InputError); ok && known.Field(strings.FieldsFunc(wrong.Field, func(r rune) bool { return r == '.' || r == '[' })[0]) >= 0 {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		sent := map[string]json.RawMessage{}
		for _, m := range members {
			sent[m.name] = m.value
		}
		read := readObject(text)
		for _, field := range known.Fields {
			was, is := read[field.Name], sent[field.Name]
			if field.Name != changed && decodes(was, field.Type) && !bytes.Equal(was, is) {
				t.Fatalf("%s: %s is %s", text, field.Name, is)
			}
		}
		if changed == "tags" && decodes(read["tags"], reflect.TypeFor[[]string]()) {
			var before, after []json.RawMessage
			_ = json.Unmarshal(read["tags"], &before)
			_ = json.Unmarshal(sent["tags"], &after)
			if !reflect.DeepEqual(append(before, json.RawMessage(`"added"`)), after) {
				t.Fatalf("%s: the tags are %s", text, sent["tags"])
			}
		}
		if changed == "free" && decodes(read["free"], reflect.TypeFor[map[string]any]()) {
			was, is := readObject(read["free"]), readObject(sent["free"])
			was["added"] = json.RawMessage(`"added"`)
			if !reflect.DeepEqual(was, is) {
				t.Fatalf("%s: it became %s", text, sent["free"])
			}
		}
	})
}
