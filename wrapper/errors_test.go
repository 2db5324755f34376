package signalwire_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

const documented = `{"errors":[{"type":"validation_error","code":"missing_required_parameter","message":"can't be blank","attribute":"name","url":"https://developer.signalwire.com/errors"}]}`

var documentedItem = gen.ErrorItem{Type: "validation_error", Code: "missing_required_parameter", Message: "can't be blank", Attribute: "name", URL: "https://developer.signalwire.com/errors"}

func gzipped(body string) string {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return buf.String()
}

// errorBody is a response to a request that failed.
type errorBody struct {
	name   string
	header http.Header // application/json unless given
	body   string
	kept   string          // what Error.Body holds, if not the body
	items  []gen.ErrorItem // what Error.Items holds
	text   string          // how the message goes on after the status; its name if empty
	note   string          // what follows
	cause  error           // what errors.Is finds, if the body was not read to its end
}

func header(contentTypes ...string) http.Header { return http.Header{"Content-Type": contentTypes} }

func message(text string) []gen.ErrorItem { return []gen.ErrorItem{{Message: text}} }

var errorBodies = []errorBody{
	{name: "documented", body: documented, items: []gen.ErrorItem{documentedItem}, text: "name: can't be blank (missing_required_parameter)"},
	{
		name: "attribute null", body: `{"errors":[{"type":"not_found","code":"resource_not_found","message":"Not here","attribute":null,"url":"u"}]}`,
		items: []gen.ErrorItem{{Type: "not_found", Code: "resource_not_found", Message: "Not here", URL: "u"}}, text: "Not here (resource_not_found)",
	},
	{
		name: "several", body: `{"errors":[{"message":"a","attribute":"x"},{"message":"b","code":"c"},{"type":"t"}]}`,
		items: []gen.ErrorItem{{Message: "a", Attribute: "x"}, {Message: "b", Code: "c"}, {Type: "t"}}, text: "x: a; b (c); t",
	},
	{
		name: "JSON:API", body: `{"errors":[{"detail":"No such thing.","status":"404","title":"Missing","code":"1000"}]}`,
		items: []gen.ErrorItem{{Type: "Missing", Code: "1000", Message: "No such thing."}}, text: "No such thing. (1000)",
	},
	{name: "JSON:API with numbers", body: `{"errors":[{"detail":"No","status":404,"code":1000}]}`, items: []gen.ErrorItem{{Code: "1000", Message: "No"}}, text: "No (1000)"},
	{name: "error", body: `{"error":"Something else"}`, items: message("Something else"), text: "Something else"},
	{name: "message", body: `{"message":"Something else"}`, items: message("Something else"), text: "Something else"},
	{name: "error and errors", body: `{"error":"x","errors":[{"message":"y"}]}`, items: message("y"), text: "y"},
	{name: "unknown fields", body: `{"request":{"a":[1]},"message":"m","z":null}`, items: message("m"), text: "m"},
	{name: "array", body: `[{"message":"m"}]`, items: message("m"), text: "m"},
	{name: "number", body: `12`},
	{name: "string", body: `"text"`, items: message("text"), text: "text"},
	{name: "null", body: `null`},
	{name: "true", body: `true`},
	{name: "empty object", body: `{}`},
	{name: "errors a string", body: `{"errors":"text"}`, items: message("text"), text: "text"},
	{name: "errors a string beside a message", body: `{"errors":"text","message":"m"}`, items: message("text"), text: "text"},
	{
		name: "errors an object", body: `{"errors":{"uri":"is invalid","name":["can't be blank"," ",null,"is too short"],"address":{"city":["is blank"]}}}`,
		items: []gen.ErrorItem{{Message: "is blank", Attribute: "address.city"}, {Message: "can't be blank", Attribute: "name"}, {Message: "is too short", Attribute: "name"}, {Message: "is invalid", Attribute: "uri"}},
		text:  "address.city: is blank; name: can't be blank; name: is too short; uri: is invalid",
	},
	{name: "errors an object with names of items", body: `{"errors":{"message":["is blank"],"type":"is bad"}}`, items: []gen.ErrorItem{{Message: "is blank", Attribute: "message"}, {Message: "is bad", Attribute: "type"}}, text: "message: is blank; type: is bad"},
	{name: "errors an object with other names of items", body: `{"errors":{"url":["is invalid"],"code":"is bad","status":["m"]}}`, items: []gen.ErrorItem{{Message: "is bad", Attribute: "code"}, {Message: "m", Attribute: "status"}, {Message: "is invalid", Attribute: "url"}}, text: "code: is bad; status: m; url: is invalid"},
	{name: "fields on top", body: `{"name":["a","b"],"uri":["c"]}`, items: []gen.ErrorItem{{Message: "a", Attribute: "name"}, {Message: "b", Attribute: "name"}, {Message: "c", Attribute: "uri"}}, text: "name: a; name: b; uri: c"},
	{name: "arrays beside others", body: `{"tags":["a"],"id":"b"}`},
	{name: "items with an error", body: `{"errors":[{"field":"name","error":"is blank"}]}`, items: []gen.ErrorItem{{Message: "is blank", Attribute: "name"}}, text: "name: is blank"},
	{name: "items of a field", body: `{"errors":{"name":[{"message":"a"},{"message":"b","attribute":"uri"}]}}`, items: []gen.ErrorItem{{Message: "a", Attribute: "name"}, {Message: "b", Attribute: "uri"}}, text: "name: a; uri: b"},
	{name: "error and errors of a field", body: `{"errors":{"name":{"error":["a"]},"uri":{"errors":["b"]}}}`, items: []gen.ErrorItem{{Message: "a", Attribute: "name"}, {Message: "b", Attribute: "uri"}}, text: "name: a; uri: b"},
	{name: "an item without a message", body: `{"errors":[{"status":422,"id":"1","field":"name"}]}`, items: []gen.ErrorItem{{Attribute: "name"}}, text: "name"},
	{name: "a code beside other members", body: `{"errors":[{"code":"c","cause":"r"}]}`, items: []gen.ErrorItem{{Code: "c"}}, text: "(c)"},
	{name: "only a code", body: `{"code":"c","request":1}`, items: []gen.ErrorItem{{Code: "c"}}, text: "(c)"},
	{name: "long names", body: `{"errors":{"` + strings.Repeat("x", 200) + `":"a","` + strings.Repeat("y", 201) + `":"b"}}`, items: []gen.ErrorItem{{Message: "a", Attribute: strings.Repeat("x", 200)}}, text: strings.Repeat("x", 200) + ": a"},
	{name: "errors an item", body: `{"errors":{"code":"c","message":"m"}}`, items: []gen.ErrorItem{{Message: "m", Code: "c"}}, text: "m (c)"},
	{name: "errors of strings", body: `{"errors":["a","b"]}`, items: []gen.ErrorItem{{Message: "a"}, {Message: "b"}}, text: "a; b"},
	{name: "errors of fields", body: `{"errors":[{"name":["a"]},{"uri":"b"}]}`, items: []gen.ErrorItem{{Message: "a", Attribute: "name"}, {Message: "b", Attribute: "uri"}}, text: "name: a; uri: b"},
	{name: "bare strings", body: `["a","b"]`, items: []gen.ErrorItem{{Message: "a"}, {Message: "b"}}, text: "a; b"},
	{name: "source.pointer", body: `{"errors":[{"status":"422","source":{"pointer":"/data/attributes/name"},"title":"t","detail":"is too short"}]}`, items: []gen.ErrorItem{{Type: "t", Message: "is too short", Attribute: "name"}}, text: "name: is too short"},
	{name: "source.pointer, deep", body: `{"errors":[{"source":{"pointer":"/params/codecs/0/a~1b~0c"},"detail":"d"}]}`, items: []gen.ErrorItem{{Message: "d", Attribute: "params.codecs[0].a/b~c"}}, text: "params.codecs[0].a/b~c: d"},
	{name: "source.parameter", body: `{"errors":[{"source":{"parameter":"page_size"},"detail":"d"}]}`, items: []gen.ErrorItem{{Message: "d", Attribute: "page_size"}}, text: "page_size: d"},
	{name: "param and msg", body: `{"errors":[{"param":"name","msg":"is too short"}]}`, items: []gen.ErrorItem{{Message: "is too short", Attribute: "name"}}, text: "name: is too short"},
	{name: "field", body: `{"errors":[{"field":"name","message":"m"}]}`, items: []gen.ErrorItem{{Message: "m", Attribute: "name"}}, text: "name: m"},
	{name: "title alone", body: `{"errors":[{"title":"t","type":"y"}]}`, items: []gen.ErrorItem{{Type: "y", Message: "t"}}, text: "t"},
	{name: "code and message", body: `{"code":20404,"message":"m","more_info":"https://x","status":404}`, items: []gen.ErrorItem{{Code: "20404", Message: "m", URL: "https://x"}}, text: "m (20404)"},
	{name: "an item", body: `{"type":"validation_error","code":"c","message":"m","attribute":"a","url":"u"}`, items: []gen.ErrorItem{{Type: "validation_error", Code: "c", Message: "m", Attribute: "a", URL: "u"}}, text: "a: m (c)"},
	{name: "detail", body: `{"detail":"d"}`, items: message("d"), text: "d"},
	{name: "detail a list", body: `{"detail":[{"msg":"m","type":"missing"}]}`, items: []gen.ErrorItem{{Type: "missing", Message: "m"}}, text: "m"},
	{name: "problem+json", header: header("application/problem+json"), body: `{"type":"https://x/conflict","title":"Conflict","status":409,"detail":"d","instance":"/x"}`, items: []gen.ErrorItem{{Type: "https://x/conflict", Message: "d"}}, text: "d"},
	{name: "OAuth", body: `{"error":"invalid_grant","error_description":"The token is over."}`, items: []gen.ErrorItem{{Code: "invalid_grant", Message: "The token is over."}}, text: "The token is over. (invalid_grant)"},
	{name: "error beside a message", body: `{"statusCode":400,"error":"oops","message":"m"}`, items: []gen.ErrorItem{{Code: "oops", Message: "m"}}, text: "m (oops)"},
	{name: "error beside messages", body: `{"statusCode":400,"error":"Bad","message":["a","b"]}`, items: []gen.ErrorItem{{Message: "a"}, {Message: "b"}}, text: "a; b"},
	{name: "JSON-RPC", body: `{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"Invalid params"}}`, items: []gen.ErrorItem{{Code: "-32602", Message: "Invalid params"}}, text: "Invalid params (-32602)"},
	{name: "a reason", body: `{"success":false,"reason":"Out of credit."}`, items: message("Out of credit."), text: "Out of credit."},
	{name: "a capital", body: `{"Message":"User is not authorized."}`, items: message("User is not authorized."), text: "User is not authorized."},
	{name: "errorMessage", body: `{"errorCode":"E1","errorMessage":"m"}`, items: []gen.ErrorItem{{Code: "E1", Message: "m"}}, text: "m (E1)"},
	{name: "a fault", body: `{"fault":{"faultstring":"Invalid token","detail":{"errorcode":"oauth.v2.InvalidToken"}}}`, items: message("Invalid token"), text: "Invalid token"},
	{name: "capitals in items", body: `{"Errors":[{"Message":"a","Attribute":"uri","More_Info":"u"},{"Code":"c","Status":422}]}`, items: []gen.ErrorItem{{Message: "a", Attribute: "uri", URL: "u"}, {Code: "c"}}, text: "uri: a; (c)"},
	{name: "capitals in an item", body: `{"Error":{"Code":"c","Message":"m"}}`, items: []gen.ErrorItem{{Code: "c", Message: "m"}}, text: "m (c)"},
	{name: "underscores", body: `{"error_code":5,"error_message":"m"}`, items: []gen.ErrorItem{{Code: "5", Message: "m"}}, text: "m (5)"},
	{name: "the same name in lower case and in capitals", body: `{"MESSAGE":"a","message":"b"}`, items: message("b"), text: "b"},
	{name: "a fault with capitals", body: `{"Fault":{"faultString":"m"}}`, items: message("m"), text: "m"},
	{name: "capitals in the name of a field", body: `{"errors":{"callerID":["is bad"]}}`, items: []gen.ErrorItem{{Message: "is bad", Attribute: "callerID"}}, text: "callerID: is bad"},
	{name: "a resource", body: gatewayResponse},
	{name: "errors empty", body: `{"errors":[]}`},
	{name: "errors of wrong types", body: `{"errors":[1,null,[],true,{}]}`},
	{name: "error an object", body: `{"error":{"message":"m","code":"c"}}`, items: []gen.ErrorItem{{Message: "m", Code: "c"}}, text: "m (c)"},
	{name: "fields of wrong types", body: `{"errors":[{"type":{},"code":[1],"message":{"a":1},"attribute":false,"url":7}],"message":{}}`},
	{
		name: "control characters", body: `{"errors":[{"message":"a\nb\u001b[31mc\u2028d\u202ee\u0085f","attribute":"x\ty","code":"c\r\nd"}]}`,
		items: []gen.ErrorItem{{Message: "a b [31mc d e f", Attribute: "x y", Code: "c  d"}}, text: "x y: a b [31mc d e f (c  d)",
	},
	{name: "non-ASCII", body: `{"message":"é𝄞 ünïcode"}`, items: message("é𝄞 ünïcode"), text: "é𝄞 ünïcode"},
	{name: "cut inside a character", body: "{\"message\":\"caf\xc3"},
	{name: "not UTF-8", body: "{\"message\":\"caf\xc3\"}", items: message("caf\ufffd"), text: "caf\ufffd"},
	{name: "1000 entries", body: `{"errors":[` + strings.Repeat(`{"message":"m"},`, 999) + `{"message":"m"}]}`, items: slices.Repeat(message("m"), 1000), text: "m; m; m; m; m; and 995 more"},
	{name: "10000 entries, more than is read", body: `{"errors":[` + strings.Repeat(`{"message":"m"},`, 9999) + `{}]}`},
	{name: "deep", body: strings.Repeat(`{"errors":[`, 5000)},
	{name: "HTML", header: header("text/html; charset=utf-8"), body: "<html>\n<h1>Bad Gateway</h1></html>\n", note: " (with 35 bytes of text/html, not from the Space)"},
	{name: "empty", body: ""},
	{name: "empty HTML", header: header("text/html"), body: ""},
	{name: "blank", body: "\n \t"},
	{name: "binary", header: header("application/octet-stream"), body: "\x00\xff\xfe\x1b[31m\r\n", note: " (with 10 bytes of application/octet-stream, not from the Space)"},
	{name: "binary as JSON", body: "\x00\xff\xfe\x1b[31m\r\n"},
	{name: "truncated JSON", body: documented[:40]},
	{name: "connection cut", header: http.Header{"Content-Type": {"application/json"}, "Content-Length": {"1000"}}, body: `{"errors":[`, cause: io.ErrUnexpectedEOF},
	{name: "connection cut before the first byte", header: http.Header{"Content-Type": {"application/json"}, "Content-Length": {"1000"}}, cause: io.ErrUnexpectedEOF},
	{name: "longer than what is kept", header: header("text/plain"), body: strings.Repeat("x", 70000), note: ": " + strings.Repeat("x", 200) + "…"},
	{name: "as long as what is kept", header: header("text/plain"), body: strings.Repeat("x", 65536), note: ": " + strings.Repeat("x", 200) + "…"},
	{name: "JSON as text/plain", header: header("text/plain"), body: documented, items: []gen.ErrorItem{documentedItem}, text: "name: can't be blank (missing_required_parameter)"},
	{name: "no Content-Type", header: header(""), body: documented, items: []gen.ErrorItem{documentedItem}, text: "name: can't be blank (missing_required_parameter)"},
	{name: "two Content-Types", header: header("text/html", "application/json"), body: "<p>", note: " (with 3 bytes of text/html, not from the Space)"},
	{name: "Content-Type that is none", header: header(";;="), body: "text", note: " (with 4 bytes of no valid Content-Type, not from the Space)"},
	{name: "gzip", header: http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, body: gzipped(documented), kept: documented, items: []gen.ErrorItem{documentedItem}, text: "name: can't be blank (missing_required_parameter)"},
	{name: "gzip that is none", header: http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, body: documented, kept: "-", cause: gzip.ErrHeader},
	{name: "unknown Content-Encoding", header: http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"br"}}, body: "\x8b\x02\x80"},
}

// pick puts a status and the number of a body into an id, from which picked
// reads them in the server.
func pick(status, body int) uuid.UUID {
	return uuid.UUID{0: 1, 12: byte(status >> 8), 13: byte(status), 15: byte(body)}
}

func picked(r *http.Request) (status, body int) {
	id := uuid.MustParse(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	return int(id[12])<<8 | int(id[13]), int(id[15])
}

func sentinelOf(status int) error {
	switch {
	case status == 401:
		return signalwire.ErrUnauthorized
	case status == 403:
		return signalwire.ErrForbidden
	case status == 404:
		return signalwire.ErrNotFound
	case status == 409:
		return signalwire.ErrConflict
	case status == 422:
		return signalwire.ErrInvalid
	case status == 429:
		return signalwire.ErrRateLimited
	case status >= 500:
		return signalwire.ErrServer
	}
	return nil
}

// TestItemsThatRepeatTheStatus: a body that only repeats the status has no items.
func TestItemsThatRepeatTheStatus(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`"Not Found"`, `{"error":"Not Found"}`, `{"message":"Not Found"}`, `["Not Found"]`} {
		client, _ := with(t, say(404, "application/json", body))
		require.Empty(t, failed(t, client).Items, body)
	}
	client, _ := with(t, say(404, "application/json", `{"error":"Not Found","message":"m"}`))
	require.Equal(t, message("m"), failed(t, client).Items)
}

// TestErrorResponses has every status that says that a request failed and every
// kind of body; those statuses at which something changes with all of them, and
// the others with an eighth of them each. The error is always about the
// status, and never about a body that could not be decoded.
func TestErrorResponses(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, n := picked(r)
		b := errorBodies[n]
		w.Header()["Content-Type"] = []string{"application/json"}
		for name, values := range b.header {
			w.Header()[name] = values
			if values[0] == "" {
				w.Header()[name] = nil
			}
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, b.body)
	})
	client := dial(t, server.URL)
	for n, b := range errorBodies {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			for status := 400; status <= 599; status++ {
				if sentinelOf(status) == sentinelOf(status-1) && (len(b.body) > 10_000 || (status+n)%8 != 0) {
					continue // or it takes too long under the race detector
				}
				id := pick(status, n)
				_, err := client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{})
				e := requireError(t, err)
				requireIs(t, err, sentinelOf(status))
				body := b.body[:min(len(b.body), 65536)]
				if b.kept != "" {
					body = strings.TrimPrefix(b.kept, "-")
				}
				text := b.text
				if text == "" {
					text = http.StatusText(status)
				}
				path := "/api/fabric/resources/sip_gateways/" + id.String()
				text = fmt.Sprintf("signalwire: update_sip_gateway PATCH %s%s: %d %s%s", client.Host(), path, status, text, b.note)
				text = strings.ReplaceAll(text, " : ", ": ")
				// A status without a name leaves blanks, see TestErrorWithNothingToSay.
				require.Equal(t, strings.Fields(text), strings.Fields(err.Error()))
				require.Equal(t,
					signalwire.Error{Operation: "update_sip_gateway", Method: "PATCH", Host: client.Host(), Path: path, Status: status, Items: b.items, Body: signalwire.ResponseBody(body)},
					signalwire.Error{Operation: e.Operation, Method: e.Method, Host: e.Host, Path: e.Path, Status: e.Status, Items: e.Items, Body: append(signalwire.ResponseBody{}, e.Body...)})
				if b.cause == nil {
					require.NoError(t, errors.Unwrap(err))
				} else {
					require.ErrorIs(t, err, b.cause)
				}
			}
		})
	}
}

// TestErrorMessage is about each byte of the text.
func TestErrorMessage(t *testing.T) {
	t.Parallel()
	const id = "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req-1")
		say(422, "application/json", documented)(w, r)
	})
	e := failed(t, client)
	require.Equal(t, "req-1", e.RequestID)
	require.EqualError(t, e, "signalwire: update_sip_gateway PATCH "+client.Host()+"/api/fabric/resources/sip_gateways/"+id+": 422 name: can't be blank (missing_required_parameter) [request req-1]")

	client, _ = with(t, say(404, "application/json", `{"error":"Not Found"}`))
	_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{})
	require.EqualError(t, requireError(t, err), "signalwire: update_subscriber_sip_credential PATCH "+client.Host()+credentialPath+": 404 Not Found")

	client, _ = with(t, say(502, "text/html", "<html>"))
	require.EqualError(t, failed(t, client), "signalwire: update_sip_gateway PATCH "+client.Host()+gatewayPath+": 502 Bad Gateway (with 6 bytes of text/html, not from the Space)")
}

// TestErrorWithNothingToSay: statuses without a name, and lists of errors with
// nothing in them, give a text without holes.
func TestErrorWithNothingToSay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		want                    string
	}{
		{"status without a name", "application/json", "", 430, ": 430"},
		{"status without a name, HTML", "text/html", "<p>", 530, ": 530 (with 3 bytes of text/html, not from the Space)"},
		{"error without fields", "application/json", `{"errors":[{}]}`, 422, ": 422 Unprocessable Entity"},
		{"text that repeats the status", "text/plain; charset=utf-8", "Unauthorized\n", 401, ": 401 Unauthorized"},
		{"JSON that repeats the status", "application/json", `{"error":"Not Found"}`, 404, ": 404 Not Found"},
		{"text", "text/plain; charset=utf-8", "HTTP Basic:\n Access\tdenied.\n", 401, ": 401 Unauthorized: HTTP Basic: Access denied."},
		{"text of two hundred letters", "text/plain", strings.Repeat("é", 200), 400, ": 400 Bad Request: " + strings.Repeat("é", 200)},
		{"text of more", "text/plain", strings.Repeat("é", 201), 400, ": 400 Bad Request: " + strings.Repeat("é", 200) + "…"},
		{"text with a secret", "text/plain", strings.Repeat("x", 190) + apiToken, 400, ": 400 Bad Request: " + strings.Repeat("x", 190) + "[redacted]"},
		{"text of no letters", "text/plain", "\x00\x1b\n", 400, ": 400 Bad Request"},
		{"errors without known fields", "application/json", `{"errors":[{"cause":"x"},{"cause":"y"}]}`, 422, ": 422 cause: x; cause: y"},
		{"errors some of which say something", "application/json", `{"errors":[{},{"message":"m"},{}]}`, 422, ": 422 m"},
		{"attribute alone", "application/json", `{"errors":[{"attribute":"name"}]}`, 422, ": 422 name"},
		{"code alone", "application/json", `{"errors":[{"code":"taken"}]}`, 422, ": 422 (taken)"},
		{"blank message", "application/json", `{"message":" \n"}`, 422, ": 422 Unprocessable Entity"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, say(tt.status, tt.contentType, tt.body))
			e := failed(t, client)
			require.Equal(t, "signalwire: update_sip_gateway PATCH "+e.Host+e.Path+tt.want, e.Error())
		})
	}
}

// TestErrorTextIsShort, however long what came from outside is, and one line.
func TestErrorTextIsShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 50_000)
	for name, response := range map[string]http.HandlerFunc{
		"items":        say(422, "application/json", `{"errors":[`+strings.TrimSuffix(strings.Repeat(`{"type":"t","code":"`+long[:2000]+`","message":"`+long[:2000]+`","attribute":"`+long[:2000]+`"},`, 10), ",")+`]}`),
		"request id":   func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Request-Id", long); w.WriteHeader(500) },
		"content type": say(500, "text/"+long, "x"),
		"location": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://"+long+"/")
			w.WriteHeader(302)
		},
		"status line": raw("HTTP/1.1 " + long + "\r\n\r\n"),
		"header line": raw("HTTP/1.1 200 OK\r\n" + long + "\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, response)
			require.Less(t, len(failed(t, client).Error()), 20_000)
		})
	}
}

// raw responds with bytes of which HTTP knows nothing and closes the connection.
func raw(response string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, response)
		_ = conn.Close()
	}
}

// TestHeadersThatAreNoText: control characters in headers do not get into the
// text.
func TestHeadersThatAreNoText(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"request id":               "500 X\r\nX-Request-Id: a\x1b[31m\x01b",
		"request id, C1":           "500 X\r\nX-Request-Id: a\u0085b",
		"request id, not UTF-8":    "500 X\r\nX-Request-Id: a\xffb",
		"content type":             "500 X\r\nContent-Type: text/\x1b[31m",
		"location, C1":             "302 X\r\nLocation: http://a%C2%85b/",
		"location, line separator": "302 X\r\nLocation: http://a%E2%80%A8b/",
		"location, not UTF-8":      "302 X\r\nLocation: http://a%FFb/",
		"location, escape":         "302 X\r\nLocation: http://a\x1bb/",
		"reason":                   "500 a\x1b[31mb",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, raw("HTTP/1.1 "+head+"\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"))
			failed(t, client) // which looks at the text
			client, _ = with(t, raw("HTTP/1.1 "+head+"\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"), withOwnHTTPClient())
			failed(t, client)
		})
	}
}

// endless responds with what is 100 MB, when decompressed, and returns how much
// of that went.
func endless(status int, head, encoding string) (http.HandlerFunc, chan int) {
	chunk, sent := strings.Repeat("x", 1<<20), make(chan int, 1)
	compress := func(s string) string { return s }
	if encoding == "gzip" { // gzip's members can follow one another
		compress = gzipped
	}
	head, compressed := compress(head), compress(chunk)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
		w.WriteHeader(status)
		_, err := io.WriteString(w, head)
		n := 0
		for ; err == nil && n < 100<<20; n += len(chunk) {
			_, err = io.WriteString(w, compressed)
		}
		sent <- n
	}, sent
}

// TestLongResponses: what is not read costs no memory, even if it is as good as
// endless, or small until it is decompressed. Not parallel: it measures the
// memory of the whole process, the server's included.
func TestLongResponses(t *testing.T) {
	for _, encoding := range []string{"", "gzip"} {
		for status, allocated := range map[int]uint64{422: 4 << 20, 500: 4 << 20, 200: 12 << 20} {
			t.Run(strconv.Itoa(status)+" "+encoding, func(t *testing.T) {
				response, sent := endless(status, `{"id":"`, encoding)
				client, _ := with(t, response, signalwire.WithMaxResponseBytes(1<<20))
				var before, after runtime.MemStats
				start := time.Now()
				runtime.ReadMemStats(&before)
				e := failed(t, client)
				runtime.ReadMemStats(&after)
				require.Less(t, time.Since(start), atOnce)
				require.Equal(t, status, e.Status)
				require.Len(t, []byte(e.Body), 65536)
				requireIs(t, e, sentinelOf(status))
				require.Less(t, after.TotalAlloc-before.TotalAlloc, allocated)
				if encoding == "" {
					require.Less(t, <-sent, 100<<20, "the connection was not closed")
				}
				if status == 200 {
					require.ErrorContains(t, e, "200: the request was processed, but its response could not be read: the body is longer than 1048576 bytes (WithMaxResponseBytes)")
				}
				require.LessOrEqual(t, cap(e.Body), 1<<17, "the error keeps more memory than it shows")
			})
		}
	}
}

// TestResponseMemory: a few bytes of gzip that would make gigabytes of items make
// no more than the limit. Not parallel: it measures the memory of the whole
// process.
func TestResponseMemory(t *testing.T) {
	body := `{"data":[{}` + strings.Repeat(",{}", 8<<20/3) + `]}`
	compressed := gzipped(body)
	client, seen := with(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, compressed)
	}, attempts(3), signalwire.WithMaxResponseMemory(64<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := client.PhoneNumbers.List(t.Context(), gen.ListPhoneNumbersParams{})
	runtime.ReadMemStats(&after)
	require.Nil(t, got)
	e := requireError(t, err)
	require.ErrorIs(t, err, signalwire.ErrUnreadable)
	require.ErrorContains(t, err, "the result would take more than 67108864 bytes of memory (WithMaxResponseMemory)")
	require.Equal(t, 1, e.Attempts, "it would be the same again")
	require.Len(t, seen.requests(), 1)
	// The bytes themselves take twice their 8 MiB while the buffer grows.
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(128<<20))

	_, err = client.PhoneNumbers.List(t.Context(), gen.ListPhoneNumbersParams{}, signalwire.WithMaxResponseMemory(8<<30), signalwire.WithMaxResponseBytes(1000))
	require.ErrorContains(t, err, "(WithMaxResponseBytes)")
}

// TestUndecodableResults: a response that says that all is well, but cannot be
// understood, is an error that says so.
func TestUndecodableResults(t *testing.T) {
	t.Parallel()
	const undecodable = "200: the request was processed, but its response could not be read: the body could not be decoded: "
	for _, tt := range []struct {
		name     string
		response http.HandlerFunc
		status   int
		want     string
		body     string
		cause    error
	}{
		{"HTML", say(200, "text/html; charset=utf-8", "<html>\n"), 200, "200: the body (text/html) is not JSON, so it is not from the Space", "<html>\n", nil},
		{"empty", say(200, "application/json", ""), 200, "200: the request was processed, but its response could not be read: the body is empty, where JSON is described", "", nil},
		{"blank", say(200, "application/json", " \n"), 200, "200: the request was processed, but its response could not be read: the body is empty, where JSON is described", " \n", nil},
		{"204", say(204, "", ""), 204, "204: the request was processed, but its response could not be read: the body is empty, where JSON is described", "", nil},
		{"205", say(205, "", ""), 205, "205: the request was processed, but its response could not be read: the body is empty, where JSON is described", "", nil},
		{"null", say(200, "application/json", "null"), 200, undecodable + "it is null", "null", nil},
		{"blank null", say(200, "application/json", " null\n"), 200, undecodable + "it is null", " null\n", nil},
		{"truncated", say(200, "application/json", gatewayResponse[:30]), 200, undecodable, gatewayResponse[:30], nil},
		{"two", say(200, "application/json", "{}{}"), 200, undecodable, "{}{}", nil},
		{"array", say(200, "application/json", "[]"), 200, undecodable, "[]", nil},
		{"string", say(200, "application/json", `"x"`), 200, undecodable, `"x"`, nil},
		{"number", say(201, "application/json", `1`), 201, "201: the request was processed, but its response could not be read: the body could not be decoded: ", `1`, nil},
		{"binary", say(200, "image/png", "\x89PNG\r\n\x1a\n"), 200, "200: the body (image/png) is not JSON, so it is not from the Space", "\x89PNG\r\n\x1a\n", nil},
		{"control characters", say(200, "application/json", "{\x1b\n"), 200, undecodable, "{\x1b\n", nil},
		{"no Content-Type", say(200, "", "<html>"), 200, "200: the body (no valid Content-Type) is not JSON, so it is not from the Space", "<html>", nil},
		{"cut", raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"id\":"), 200, "200: the request was processed, but its response could not be read: the body was cut off: unexpected EOF", `{"id":`, io.ErrUnexpectedEOF},
		{"cut, whole JSON", raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + gatewayResponse), 200, "200: the request was processed, but its response could not be read: the body was cut off: unexpected EOF", gatewayResponse, io.ErrUnexpectedEOF},
		{"cut, chunked", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"), 200, "200: the request was processed, but its response could not be read: the body was cut off: unexpected EOF", `{}`, io.ErrUnexpectedEOF},
		{"long", say(200, "application/json", strings.Repeat(" ", 70000)), 200, "200: the request was processed, but its response could not be read: the body is empty", strings.Repeat(" ", 65536), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, tt.response)
			e := failed(t, client)
			requireIs(t, e, nil)
			require.Equal(t, tt.status, e.Status)
			require.Equal(t, tt.body, string(e.Body))
			require.Empty(t, e.Items)
			require.ErrorContains(t, e, ": "+tt.want)
			require.Error(t, errors.Unwrap(e))
			if tt.cause != nil {
				require.ErrorIs(t, e, tt.cause)
			}
		})
	}
}

// TestStatusesThatAreNoResponse are below 200 or unknown to HTTP.
func TestStatusesThatAreNoResponse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		response string
		status   int
	}{
		"100 and 103 first": {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n", 404},
		"300":               {"HTTP/1.1 300 X\r\nContent-Length: 0\r\n\r\n", 300},
		"304":               {"HTTP/1.1 304 X\r\n\r\n", 304},
		"600":               {"HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n", 600},
		"999":               {"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", 999},
		"099":               {"HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n", 99},
		"101":               {"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhello", 101},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, raw(tt.response))
			e := failed(t, client)
			require.Equal(t, tt.status, e.Status)
			requireIs(t, e, sentinelOf(tt.status))
		})
	}
}

// closedPort is an address of loopback where nobody listens: it belongs to a
// connection, so that no other test gets it for a server.
func closedPort(t testing.TB) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}

// TestNetworkFailures end in an *Error that has the cause inside and no status,
// through the transport alone and through an http.Client.
func TestNetworkFailures(t *testing.T) {
	t.Parallel()
	plain, _ := serve(t, gatewayOK)
	secure := httptest.NewUnstartedServer(gatewayOK)
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(func() { stop(secure) })
	http2 := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	http2.EnableHTTP2 = true
	http2.StartTLS()
	t.Cleanup(func() { stop(http2) })
	closed := "http://" + closedPort(t)
	errTransport := errors.New("transport failed")

	for _, tt := range []struct {
		name      string
		base      string
		response  http.HandlerFunc // of a server, if there is no base
		transport http.RoundTripper
		check     func(*testing.T, error)
	}{
		{"refused", closed, nil, nil, func(t *testing.T, err error) {
			var op *net.OpError
			require.ErrorAs(t, err, &op)
			require.Equal(t, "dial", op.Op)
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		}},
		{"no such host", "https://acme.invalid", nil, &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "acme.invalid", IsNotFound: true}}
		}}, func(t *testing.T, err error) {
			var dns *net.DNSError
			require.ErrorAs(t, err, &dns)
			require.True(t, dns.IsNotFound)
		}},
		{"reset", "", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}, nil, func(t *testing.T, err error) {
			var op *net.OpError
			require.ErrorAs(t, err, &op)
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}},
		{"closed without a response", "", raw(""), nil, func(t *testing.T, err error) { require.ErrorIs(t, err, io.EOF) }},
		{"closed within the headers", "", raw("HTTP/1.1 200 OK\r\nA: b\r\n"), nil, func(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) }},
		{"no HTTP", "", raw("SSH-2.0-OpenSSH_9.9\r\n"), nil, func(t *testing.T, err error) { require.ErrorContains(t, err, "malformed HTTP response") }},
		{"more headers than the transport takes", "", raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: x\r\n", 10_000)), &http.Transport{MaxResponseHeaderBytes: 1000}, func(t *testing.T, err error) {
			require.ErrorContains(t, err, "headers exceeded 1000 bytes")
		}},
		{"HTTP/2 stream reset", http2.URL, nil, trusting(http2), func(t *testing.T, err error) { require.ErrorContains(t, err, "INTERNAL_ERROR") }},
		{"untrusted certificate", secure.URL, nil, nil, func(t *testing.T, err error) {
			var verification *tls.CertificateVerificationError
			require.ErrorAs(t, err, &verification)
			var authority x509.UnknownAuthorityError
			require.ErrorAs(t, err, &authority)
		}},
		{"certificate for another host", strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), nil, trusting(secure), func(t *testing.T, err error) {
			var name x509.HostnameError
			require.ErrorAs(t, err, &name)
		}},
		{"HTTP where HTTPS was asked for", strings.Replace(plain.URL, "http:", "https:", 1), nil, nil, func(t *testing.T, err error) {
			var record tls.RecordHeaderError
			require.True(t, errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch), "%#v", errors.Unwrap(err))
		}},
		{"proxy refused", "http://localhost:1", nil, &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", User: url.UserPassword("proxy-user", "proxy-password"), Host: closed[7:]})}, func(t *testing.T, err error) {
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
			requireNoSecrets(t, err.Error(), "proxy-password")
		}},
		{"proxy wants a password", "https://acme.example", nil, &http.Transport{Proxy: http.ProxyURL(must(url.Parse(plain.URL)))}, func(t *testing.T, err error) { require.Error(t, err) }},
		{"transport's own error", "https://acme.example", nil, roundTripper(func(*http.Request) (*http.Response, error) { return nil, errTransport }), func(t *testing.T, err error) {
			require.ErrorIs(t, err, errTransport)
		}},
		{"transport's own error around one of another client", "https://acme.example", nil, roundTripper(func(*http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("%w: %w", errTransport, &url.Error{Op: "Get", URL: "https://sso.example", Err: io.EOF})
		}), func(t *testing.T, err error) {
			require.ErrorIs(t, err, errTransport)
			require.ErrorIs(t, err, io.EOF)
		}},
	} {
		for _, through := range []string{"transport", "client"} {
			t.Run(tt.name+" "+through, func(t *testing.T) {
				t.Parallel()
				base := tt.base
				if base == "" {
					server, _ := serve(t, tt.response)
					base = server.URL
				}
				var opts []signalwire.Option
				switch {
				case through == "client":
					opts = append(opts, signalwire.WithHTTPClient(&http.Client{Transport: tt.transport}))
				case tt.transport != nil:
					opts = append(opts, signalwire.WithTransport(tt.transport))
				}
				e := failed(t, dial(t, base, opts...))
				require.Zero(t, e.Status)
				require.Equal(t, gatewayPath, e.Path)
				require.Equal(t, base, base[:strings.Index(base, "//")+2]+e.Host)
				requireIs(t, e, nil)
				require.Nil(t, e.Body)
				tt.check(t, e)
			})
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestNothingIsSentTwice: after a failure nobody knows whether the Space acted
// upon the request, so it is not sent again, on a new connection or one that
// was used before.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]http.HandlerFunc{
		"no response": raw(""),
		"cut":         raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
		"429":         func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(429) },
		"408":         say(408, "", ""),
		"503":         func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "0"); w.WriteHeader(503) },
		"425":         say(425, "", ""),
	} {
		for _, before := range []int{0, 1} {
			for through, opts := range map[string][]signalwire.Option{"transport": nil, "client": {signalwire.WithHTTPClient(&http.Client{Transport: signalwire.NewTransport()})}} {
				t.Run(fmt.Sprintf("%s after %d, %s", name, before, through), func(t *testing.T) {
					t.Parallel()
					var seen *recorder
					server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
						if len(seen.requests()) <= before {
							gatewayOK(w, r)
							return
						}
						fail(w, r)
					})
					client := dial(t, server.URL, opts...)
					for range before {
						_, err := update(t.Context(), client)
						require.NoError(t, err)
					}
					failed(t, client)
					require.Len(t, seen.requests(), before+1)
				})
			}
		}
	}
}

// TestErrorValue is about what an *Error is besides its text.
func TestErrorValue(t *testing.T) {
	t.Parallel()
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req-1")
		say(404, "application/json", `{"message":"the <body>"}`)(w, r)
	})
	e := failed(t, client)
	text := e.Error()
	quoted, err := json.Marshal(text)
	require.NoError(t, err)

	require.Equal(t, text, fmt.Sprintf("%v", e))
	require.Equal(t, text, fmt.Sprintf("%+v", e))
	require.Equal(t, text, fmt.Sprintf("%s", e))
	require.Equal(t, strconv.Quote(text), fmt.Sprintf("%#v", e))

	encoded, err := json.Marshal(e)
	require.NoError(t, err)
	want := fmt.Sprintf(`{"operation":"update_sip_gateway","method":"PATCH","host":%q,"path":%q,"status":404,"attempts":1,"request_id":"req-1","message":%s}`, e.Host, e.Path, quoted)
	require.JSONEq(t, want, string(encoded))

	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Error("failed", "err", e)
	var line struct{ Err json.RawMessage }
	require.NoError(t, json.Unmarshal(logged.Bytes(), &line))
	require.JSONEq(t, want, string(line.Err))
	logged.Reset()
	slog.New(slog.NewTextHandler(&logged, nil)).Error("failed", "err", e)
	for _, part := range []string{"err.operation=update_sip_gateway", "err.method=PATCH", "err.host=" + e.Host, "err.path=" + e.Path, "err.status=404", "err.request_id=req-1", "err.message=" + strconv.Quote(text)} {
		require.Contains(t, logged.String(), part)
	}

	require.NoError(t, errors.Unwrap(e))
	require.ErrorIs(t, fmt.Errorf("outer: %w", e), signalwire.ErrNotFound)
	require.NotErrorIs(t, e, errors.New("not found"))
	require.Equal(t, `{"message":"the <body>"}`, string(e.Body))
}

// TestErrorMadeByHand: programs make errors for their own tests, with any
// fields unset.
func TestErrorMadeByHand(t *testing.T) {
	t.Parallel()
	for _, e := range []*signalwire.Error{{}, {Status: 200}, {Status: 404}, {Status: 42}, {Status: -1}, {Items: []gen.ErrorItem{{}}}, {Status: 422, Items: []gen.ErrorItem{{}}}, {Err: context.Canceled}, {Status: 500, Body: signalwire.ResponseBody("x")}} {
		require.NotPanics(t, func() { _, _ = e.Error(), fmt.Sprintf("%v %+v %#v", e, e, *e) })
		requireIs(t, e, sentinelOf(e.Status))
		_, err := json.Marshal(e)
		require.NoError(t, err)
	}
	require.ErrorIs(t, &signalwire.Error{Err: context.Canceled}, context.Canceled)
	require.ErrorIs(t, &signalwire.Error{Err: &signalwire.InputError{Field: "x"}}, signalwire.ErrInvalid)
}

// TestBodyShowsItsLength and nothing else, whatever prints it.
func TestBodyShowsItsLength(t *testing.T) {
	t.Parallel()
	const text = "secret body"
	body := signalwire.ResponseBody(text)
	const shown = "(11 bytes)"
	for _, verb := range strings.Split("v +v #v s q x X d b c o O U e g f t 20s -5v .2s #x", " ") {
		require.Equal(t, shown, fmt.Sprintf("%"+verb, body), verb)
		require.NotContains(t, fmt.Sprintf("%"+verb, &body), text[:3], verb)
		require.Contains(t, fmt.Sprintf("%"+verb, []signalwire.ResponseBody{body}), shown, verb)
		require.Contains(t, fmt.Sprintf("%"+verb, struct{ Body signalwire.ResponseBody }{body}), shown, verb)
	}
	require.Equal(t, shown, body.String())
	encoded, err := json.Marshal(map[string]any{"body": body})
	require.NoError(t, err)
	require.JSONEq(t, `{"body":"(11 bytes)"}`, string(encoded))
	for _, logger := range []func(io.Writer) slog.Handler{
		func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var logged bytes.Buffer
		slog.New(logger(&logged)).Info("x", "body", body, "struct", struct{ Body signalwire.ResponseBody }{body})
		require.NotContains(t, logged.String(), text)
		require.Contains(t, logged.String(), shown)
	}
	require.Equal(t, text, string(body))
	require.Equal(t, "(0 bytes)", signalwire.ResponseBody(nil).String())
}

// FuzzResponse: no response makes a call panic, and every error is one line.
func FuzzResponse(f *testing.F) {
	for _, b := range errorBodies {
		f.Add(422, "application/json", b.body)
	}
	f.Add(200, "application/json", gatewayResponse)
	f.Add(200, "text/html; x", "<html>")
	f.Add(302, "\x00", "")
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		client, err := signalwire.New("acme", credentials, signalwire.WithMaxAttempts(1), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r, ContentLength: int64(len(body)),
				Header: http.Header{"Content-Type": {contentType}},
			}, nil
		})))
		require.NoError(t, err)
		got, err := update(t.Context(), client)
		if err == nil {
			require.NotNil(t, got)
			require.Equal(t, 2, status/100)
			return
		}
		requireError(t, err)
	})
}
