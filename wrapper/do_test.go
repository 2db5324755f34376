package signalwire_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestDo: the request, to the byte, and the result.
func TestDo(t *testing.T) {
	t.Parallel()
	server, seen := serve(t, say(200, "application/json", `{"id":9007199254740993,"newer":true}`))
	client := dial(t, server.URL+"/base")
	raw := json.RawMessage("{ \"n\": 9007199254740993 }")
	for _, tt := range []struct {
		method, path string
		body         any
		uri, want    string
	}{
		{"GET", "/api/newer/things?page=2&x", nil, "/base/api/newer/things?page=2&x", ""},
		{"DELETE", "/api/newer/things/a%20b/", nil, "/base/api/newer/things/a%20b/", ""},
		{"POST", "/api/newer", raw, "/base/api/newer", string(raw)},
		{"PUT", "/api/newer", []byte(`[ ]`), "/base/api/newer", `[ ]`},
		{"PATCH", "/api/newer", map[string]any{"b": "<&>", "a": []int(nil)}, "/base/api/newer", `{"a":null,"b":"<&>"}`},
		{"POST", "/api/newer", gen.SIPGatewayUpdate{Codecs: []gen.Codec{"LYRA"}}, "/base/api/newer", `{"codecs":["LYRA"]}`},
		{"POST", "/api/newer", gen.SIPGatewayCreate{}, "/base/api/newer", `{"ciphers":null,"codecs":null,"encryption":"","name":"","uri":""}`},
		{"POST", "/é?é=1", &struct{ A int }{1}, "/base/%C3%A9?%C3%A9=1", `{"A":1}`},
	} {
		var out struct {
			ID int64 `json:"id"`
		}
		var info signalwire.CallInfo
		require.NoError(t, client.Do(t.Context(), tt.method, tt.path, tt.body, &out, signalwire.WithCallInfo(&info)), tt.path)
		require.Equal(t, int64(9007199254740993), out.ID)
		all := seen.requests()
		got := all[len(all)-1]
		require.Equal(t, []string{tt.method, tt.uri, tt.want}, []string{got.Method, got.URI, got.Body})
		require.Equal(t, "Basic "+encodedCredentials, got.Header.Get("Authorization"))
		require.Equal(t, tt.body != nil, got.Header.Get("Content-Type") == "application/json")
		require.Equal(t, []string{"Do", tt.method, "/{path}"}, []string{info.Operation, info.Method, info.PathTemplate})
	}
	var text json.RawMessage
	require.NoError(t, client.Do(t.Context(), "GET", "/api/x", nil, &text, signalwire.WithQuery("q", "1"), signalwire.WithHeader("X-A", "b")))
	require.Equal(t, `{"id":9007199254740993,"newer":true}`, string(text))
	require.NoError(t, client.Do(t.Context(), "GET", "/api/x?q=1&z", nil, nil, signalwire.WithQuery("q", "2"), signalwire.WithQuery("q", "3")))
	require.NoError(t, client.Do(t.Context(), "POST", "/api/x", struct{}{}, nil, signalwire.WithField("/a/b", 1)))
	all := seen.requests()
	require.Equal(t, "/base/api/x?q=1", all[len(all)-3].URI)
	require.Equal(t, "/base/api/x?q=1&z&q=2&q=3", all[len(all)-2].URI)
	require.Equal(t, `{"a":{"b":1}}`, all[len(all)-1].Body)
}

// TestDoCredentials: a bearer token for the call is used in place of the project id and
// the API token of the client.
func TestDoCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		client, call []string // bearer tokens
		want         string
	}{
		{nil, nil, "Basic " + encodedCredentials},
		{[]string{"a-token"}, nil, "Basic " + encodedCredentials},
		{nil, []string{"a-token"}, "Bearer a-token"},
		{[]string{"a-token"}, []string{"b-token"}, "Bearer b-token"},
		{[]string{"a-token"}, []string{"a-token"}, "Bearer a-token"},
	} {
		var opts []signalwire.Option
		for _, token := range tt.client {
			opts = append(opts, signalwire.WithBearerToken(token))
		}
		var callOpts []signalwire.CallOption
		for _, token := range tt.call {
			callOpts = append(callOpts, signalwire.WithBearerToken(token))
		}
		client, seen := with(t, gatewayOK, opts...)
		require.NoError(t, client.Do(t.Context(), "GET", "/api/x", nil, nil, callOpts...))
		require.Equal(t, tt.want, seen.requests()[0].Header.Get("Authorization"), tt)
	}
}

// TestDoRefuses what would lead the credentials elsewhere, or makes no sense.
func TestDoRefuses(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	for _, path := range []string{
		"", "api/x", "//evil.example/x", "https://evil.example/x", "/api//x", "/../x", "/a/..", "/a/./b", "/a/%2e%2E/b", "/a/.%2e", "/a%2fb", "/a%5Cb",
		`/a\b`, "/a b", "/a\nb", "/a#b", "/%zz", "/a?x=%zz", "/a?b c", "/a\xff", "?a=b", "/a?x=;",
	} {
		err := client.Do(t.Context(), "GET", path, nil, nil)
		requireIs(t, requireError(t, err), signalwire.ErrInvalid)
		require.ErrorContains(t, err, "path: expected ", path)
	}
	for _, method := range []string{"", "get", "CONNECT", "TRACE", "OPTIONS", "A B", "GET\r\nX: y"} {
		require.ErrorContains(t, requireError(t, client.Do(t.Context(), method, "/a", nil, nil)), "method: expected GET")
	}
	for _, out := range []any{struct{}{}, (*int)(nil), 1, map[string]any{}} {
		require.ErrorContains(t, requireError(t, client.Do(t.Context(), "GET", "/a", nil, out)), "out: expected a pointer")
	}
	require.ErrorContains(t, requireError(t, client.Do(t.Context(), "HEAD", "/a", nil, &struct{}{})), "out: expected nil, as a response to HEAD has no body")
	cycle := map[string]any{}
	cycle["a"] = cycle
	for _, body := range []any{func() {}, json.RawMessage(`{`), "\xff", cycle} {
		require.ErrorContains(t, requireError(t, client.Do(t.Context(), "POST", "/a", body, nil)), "body: it could not be encoded: ")
	}
	require.ErrorContains(t, requireError(t, client.Do(t.Context(), "GET", "/a", nil, nil, signalwire.WithField("a", 1))), "the request has no body")
	none, err := signalwire.New("acme")
	require.NoError(t, err)
	require.ErrorContains(t, requireError(t, none.Do(t.Context(), "GET", "/a", nil, nil)), "expected WithCredentials or WithBearerToken")
	require.Empty(t, seen.requests())
}

// TestDoRepeats only where the method is idempotent.
func TestDoRepeats(t *testing.T) {
	t.Parallel()
	for method, attempts := range map[string]int{"GET": 2, "HEAD": 2, "PUT": 2, "DELETE": 2, "POST": 1, "PATCH": 1} {
		client, seen := with(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, signalwire.WithMaxAttempts(2))
		var body any
		if method != "GET" && method != "HEAD" {
			body = struct{}{}
		}
		err := client.Do(t.Context(), method, "/api/x", body, nil)
		requireError(t, err)
		require.Len(t, seen.requests(), attempts, method)
		require.Equal(t, attempts == 1, strings.Contains(err.Error(), signalwire.ErrOutcomeUnknown.Error()), method)
	}
}

// TestDoErrors are those of every call, and show no ids.
func TestDoErrors(t *testing.T) {
	t.Parallel()
	client, _ := with(t, say(404, "application/json", `{"errors":[{"message":"no such thing for `+apiToken+`"}]}`))
	err := requireError(t, client.Do(t.Context(), "GET", "/api/relay/rest/v2/lookup/+15551230000?include=carrier", nil, nil))
	requireIs(t, err, signalwire.ErrNotFound)
	require.Equal(t, "/api/relay/rest/v2/lookup/{id}", err.Path)
	require.Contains(t, err.Error(), "signalwire: Do GET "+client.Host()+"/api/relay/rest/v2/lookup/{id}: 404 no such thing for [redacted]")
}

// TestDoWithoutResult: without out, a response is a success if it is empty or JSON that
// reports no error; with one that takes all JSON, every response is.
func TestDoWithoutResult(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{"": true, "{}": true, `{"id":1,"error":null,"errors":[]}`: true, `[1]`: true, `{"id":1,"error":"busy"}`: false, `{"errors":[{"code":"x"}]}`: false, "{": false} {
		client, _ := with(t, say(200, "application/json", body))
		err := client.Do(t.Context(), "POST", "/api/x", nil, nil)
		require.Equal(t, ok, err == nil, "%s: %v", body, err)
		if !ok {
			requireIs(t, requireError(t, err), signalwire.ErrUnreadable)
		}
		if ok && body != "" || strings.Contains(body, "error") {
			var out json.RawMessage
			require.NoError(t, client.Do(t.Context(), "POST", "/api/x", nil, &out))
			require.Equal(t, body, string(out))
		}
	}
}
