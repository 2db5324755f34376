package signalwire_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestWithField: what is sent, to the byte.
func TestWithField(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	send := func(body gen.UserEventCommand, opts ...signalwire.CallOption) (string, error) {
		_, err := client.Calls.Send(t.Context(), body, opts...)
		if err != nil {
			return "", err
		}
		all := seen.requests()
		return all[len(all)-1].Body, nil
	}
	body := gen.UserEventCommand{ID: gatewayID, Params: gen.UserEventParams{Event: map[string]any{"list": []any{map[string]any{"a": 1}}, "e": map[string]any{}}}}
	const head, event = `{"id":"a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d","command":"calling.user_event","params":{"event":`, `{"e":{},"list":[{"a":1}]}`
	plain, err := send(body)
	require.NoError(t, err)
	require.JSONEq(t, head+event+`}}`, plain)

	for _, tt := range []struct {
		name  string
		value any
		want  string // of what is sent, in place of the tail of the plain body
	}{
		{"newer", 1, `}},"newer":1}`},
		{"/newer", "<&>", `}},"newer":"<&>"}`},
		{"newer", nil, `}},"newer":null}`},
		{"newer", json.RawMessage("{ \"big\": 9007199254740993 }"), `}},"newer":{ "big": 9007199254740993 }}`},
		{"newer", []byte(`[1, 2]`), `}},"newer":[1, 2]}`},
		{"newer", gen.CodecOPUS, `}},"newer":"OPUS"}`},
		{"/params/x", true, `},"x":true}}`},
		{"/params/x/y~1z/~0", 1, `},"x":{"y/z":{"~":1}}}}`},
		{"/a b/é", 1, `}},"a b":{"é":1}}`},
	} {
		got, err := send(body, signalwire.WithField(tt.name, tt.value))
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(got, tt.want), "%s: %s", tt.name, got)
		require.True(t, strings.HasPrefix(plain, strings.TrimSuffix(got, tt.want)), "%s: all else is as it was: %s", tt.name, got)
	}
	got, err := send(body, signalwire.WithField("/params/event/list/0/b", 2), signalwire.WithField("/params/event/e/f", 3), signalwire.WithField("z", 4), signalwire.WithField("z", 5))
	require.NoError(t, err)
	require.Equal(t, strings.Replace(strings.Replace(strings.TrimSuffix(plain, "}"), `{"a":1}`, `{"a":1,"b":2}`, 1), `"e":{}`, `"e":{"f":3}`, 1)+`,"z":5}`, got, "several, and the last of one name")

	sent := len(seen.requests())
	for name, want := range map[string]string{
		"id":                     "a field of the request's type",
		"/params":                "a field of the request's type",
		"/params/event":          "a field of the request's type",
		"/params/event/list":     "the body has it already",
		"/params/event/list/0":   "the body has it already",
		"/params/event/list/0/a": "the body has it already",
		"/params/event/list/1":   `no element "1"`,
		"/params/event/list/-":   `no element "-"`,
		"/id/x":                  "no object for its member",
	} {
		_, err := send(body, signalwire.WithField(name, 1))
		requireIs(t, requireError(t, err), signalwire.ErrInvalid)
		require.ErrorContains(t, err, name+": given with WithField, but ")
		require.ErrorContains(t, err, want)
	}
	for want, option := range map[string]signalwire.CallOption{
		`expected the name of a member or a JSON pointer, got ""`:                      signalwire.WithField("", 1),
		`expected a JSON pointer, in which ~ is followed by 0 or 1, got "/a~2"`:        signalwire.WithField("/a~2", 1),
		`WithField "x": the value could not be encoded: json: unsupported`:             signalwire.WithField("x", func() {}),
		`WithField "x": the value could not be encoded: it is not valid JSON in UTF-8`: signalwire.WithField("x", json.RawMessage(`{`)),
	} {
		_, err := send(body, option)
		require.ErrorContains(t, requireError(t, err), want)
	}
	_, err = client.SIPGateways.Get(t.Context(), gatewayID, signalwire.WithField("newer", 1))
	require.ErrorContains(t, requireError(t, err), "newer: given with WithField, but the request has no body")
	require.Len(t, seen.requests(), sent)
}

// TestFieldsOfAClient go with each request that has a body.
func TestFieldsOfAClient(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK, signalwire.WithField("tenant", "a"), signalwire.WithHeader("X-Tenant", "a"), signalwire.WithQuery("tenant", "a"))
	_, err := client.SIPGateways.Get(t.Context(), gatewayID)
	require.NoError(t, err)
	_, err = update(t.Context(), client)
	require.NoError(t, err)
	_, err = update(t.Context(), client, signalwire.WithField("tenant", "b"), signalwire.WithHeader("x-tenant", "b"), signalwire.WithQuery("tenant", "b"))
	require.NoError(t, err)
	var got []string
	for _, r := range seen.requests() {
		got = append(got, fmt.Sprint(r.Method, " ", r.URI, " ", r.Header["X-Tenant"], " ", r.Body))
	}
	require.Equal(t, []string{
		"GET " + gatewayPath + "?tenant=a [a] ",
		"PATCH " + gatewayPath + `?tenant=a [a] {"tenant":"a"}`,
		"PATCH " + gatewayPath + `?tenant=a&tenant=b [b] {"tenant":"b"}`,
	}, got)
}

// TestQueryAndHeaderOfPages: they go with each page, and are not repeated where
// the link has them.
func TestQueryAndHeaderOfPages(t *testing.T) {
	t.Parallel()
	const path = "/api/fabric/sip_addresses"
	pages := []string{path + "?page=2", path + "?page=3&newer=a%26b", ""}
	n := 0
	client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
		say(200, "application/json", fmt.Sprintf(`{"links":{"next":%q},"data":[]}`, pages[n]))(w, r)
		n++
	})
	for _, err := range client.SIPAddresses.Pages(t.Context(), gen.ListSIPAddressesParams{}, signalwire.WithQuery("newer", "a&b"), signalwire.WithHeader("X-Mine", "1")) {
		require.NoError(t, err)
	}
	var got []string
	for _, r := range seen.requests() {
		got = append(got, r.URI)
		require.Equal(t, []string{"1"}, r.Header["X-Mine"])
	}
	require.Equal(t, []string{path + "?newer=a%26b", path + "?page=2&newer=a%26b", path + "?page=3&newer=a%26b"}, got)
}

// TestHeadersAndQueriesThatAreRefused before anything is sent.
func TestHeadersAndQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	for _, name := range []string{
		"Authorization", "authorization", "Host", "Content-Length", "content-type", "Accept", "Accept-Encoding", "User-Agent",
		"Transfer-Encoding", "TE", "Trailer", "Connection", "Cookie", "Expect", "Upgrade", "Proxy-Authorization",
	} {
		require.ErrorContains(t, failed(t, client, signalwire.WithHeader(name, "x")), fmt.Sprintf("WithHeader %q: the client makes this header itself", name))
	}
	for _, name := range []string{"", "a b", "a:", "é", "a\n"} {
		require.ErrorContains(t, failed(t, client, signalwire.WithHeader(name, "x")), "expected the name of a header")
	}
	for _, value := range []string{" a", "a ", "a\r\nb: c", "é", "\x00"} {
		require.ErrorContains(t, failed(t, client, signalwire.WithHeader("X-A", value)), "expected a value of printable ASCII")
	}
	require.ErrorContains(t, failed(t, client, signalwire.WithQuery("", "x")), "WithQuery")
	require.ErrorContains(t, failed(t, client, signalwire.WithQuery("a", "\xff")), "WithQuery")
	_, err := client.SIPAddresses.List(t.Context(), gen.ListSIPAddressesParams{}, signalwire.WithQuery("page_size", "1"))
	require.ErrorContains(t, requireError(t, err), "page_size: given with WithQuery, but it is a field of gen.ListSIPAddressesParams; set it there")
	require.Empty(t, seen.requests())
	_, err = signalwire.New("acme", signalwire.WithHeader("Host", "x"))
	require.ErrorContains(t, err, "the client makes this header itself")
}

// TestUnlistedValues are sent if that is asked for, but not empty ones.
func TestUnlistedValues(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	send := func(codec gen.Codec, opts ...signalwire.CallOption) error {
		_, err := client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{Codecs: []gen.Codec{codec}}, opts...)
		return err
	}
	require.ErrorContains(t, send("LYRA"), "codecs[0]: expected one of ")
	require.ErrorContains(t, send("", signalwire.WithUnlistedValues()), "codecs[0]: expected one of ")
	require.NoError(t, send("LYRA", signalwire.WithUnlistedValues()))
	require.Equal(t, `{"codecs":["LYRA"]}`, seen.requests()[0].Body)
}

// TestDryRunShowsWhatIsAdded: and hides what is secret by its name.
func TestDryRunShowsWhatIsAdded(t *testing.T) {
	t.Parallel()
	client, _ := with(t, gatewayOK)
	var shown signalwire.DryRunRequest
	_, err := update(t.Context(), client, signalwire.WithField("newer", 1), signalwire.WithField("password", "hunter22"), signalwire.WithQuery("q", "1"),
		signalwire.WithHeader("X-Mine", "h"), signalwire.WithDryRun(func(r signalwire.DryRunRequest) { shown = r }))
	require.ErrorIs(t, err, signalwire.ErrDryRun)
	require.Equal(t, `{"newer":1,"password":"[redacted]"}`, string(shown.Body))
	require.True(t, strings.HasSuffix(shown.URL, gatewayPath+"?q=1"))
	require.Equal(t, []string{"h"}, shown.Header["X-Mine"])
	require.Equal(t, []string{"Basic [redacted]"}, shown.Header["Authorization"])
}

// TestIDsThatLeaveTheirSegment are refused before anything is sent.
func TestIDsThatLeaveTheirSegment(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	for _, id := range []string{"", ".", "..", "../../x", "a/b", "/", `a\b`, "a\n", "\x00", "a\u0085", "a\xff"} {
		_, err := client.PhoneNumbers.Lookup(t.Context(), id, gen.LookupPhoneNumberParams{})
		requireIs(t, requireError(t, err), signalwire.ErrInvalid)
	}
	require.Empty(t, seen.requests())
	for _, id := range []string{"...", "a b", "a%2Fb", "+15551230000", "é", "a..b"} {
		_, err := client.PhoneNumbers.Lookup(t.Context(), id, gen.LookupPhoneNumberParams{})
		require.NoError(t, err, id)
	}
}
