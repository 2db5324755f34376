package signalwire_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// odd is a gateway of which some values cannot be read, some members are not
// described, and some values are not listed.
const odd = `{"id":"no-uuid-4711","display_name":"edge","created_at":"yesterday-4711","newer":{"a":"value-4711"},
	"sip_gateway":{"name":"edge","uri":"u","codecs":["OPUS","NEWER-4711"],"encryption":["optional","required"],"weight":4711}}`

func calls() map[string]calling {
	return map[string]calling{"GET": get, "PATCH": update, "POST": create}
}

// TestUnreadValues: they are zero, and all the rest is as usual. Their paths are
// in what observers get, and in the log.
func TestUnreadValues(t *testing.T) {
	t.Parallel()
	for method, call := range calls() {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var out text
			client, seen := with(t, say(200, "application/json", odd), attempts(3), signalwire.WithLogger(logger(&out, slog.LevelWarn)))
			var info signalwire.CallInfo
			got, err := call(t.Context(), client, signalwire.WithCallInfo(&info))
			require.NoError(t, err)
			require.Len(t, seen.requests(), 1)
			require.Equal(t, uuid.Nil, got.ID)
			require.Zero(t, got.CreatedAt)
			require.Equal(t, "edge", got.DisplayName)
			require.Equal(t, "edge", got.SIPGateway.Name)
			require.Equal(t, []gen.Codec{gen.CodecOPUS, "NEWER-4711"}, got.SIPGateway.Codecs)
			require.ElementsMatch(t, []string{"id", "created_at", "sip_gateway.encryption"}, info.Unread)
			require.NoError(t, info.Err)
			require.Contains(t, out.String(), `level=WARN msg="signalwire call with unread values" operation=`)
			require.Contains(t, out.String(), " unread=3 unread_paths=")
			require.Equal(t, 1, strings.Count(out.String(), "\n"))
			require.NotContains(t, out.String(), "4711")
		})
	}
	client, _ := with(t, first(say(200, "application/json", odd)))
	var infos []signalwire.CallInfo
	observe := signalwire.WithObserver(func(_ context.Context, i signalwire.CallInfo) { infos = append(infos, i) })
	for range 2 {
		_, err := get(t.Context(), client, observe)
		require.NoError(t, err)
	}
	require.Len(t, infos[0].Unread, 3)
	require.Empty(t, infos[1].Unread)
}

// TestStrictResponses: unread values fail the call, which was processed, and is
// not repeated, as the response would be the same.
func TestStrictResponses(t *testing.T) {
	t.Parallel()
	for method, call := range calls() {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			client, seen := with(t, first(say(200, "application/json", odd)), attempts(3), signalwire.WithStrictResponses())
			var info signalwire.CallInfo
			got, err := call(t.Context(), client, signalwire.WithCallInfo(&info))
			require.Nil(t, got)
			e := requireError(t, err)
			require.ErrorIs(t, err, signalwire.ErrUnreadable)
			require.Equal(t, method != "GET", e.MayHaveTakenEffect)
			for _, path := range []string{"id", "created_at", "sip_gateway.encryption"} {
				require.Contains(t, err.Error(), path)
				require.Contains(t, info.Unread, path)
			}
			require.NotContains(t, err.Error(), "4711")
			require.Equal(t, odd, string(e.Body))
			require.Len(t, seen.requests(), 1)
			_, err = call(t.Context(), client)
			require.NoError(t, err, "a response without any")
		})
	}
}

// TestDrift: paths and no values, for each response that differs, to each
// function that was given.
func TestDrift(t *testing.T) {
	t.Parallel()
	type key struct{}
	for method, call := range calls() {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, first(say(200, "application/json", odd)))
			var drifts []signalwire.Drift
			report := signalwire.WithDrift(func(ctx context.Context, d signalwire.Drift) {
				require.Equal(t, "mine", ctx.Value(key{}))
				require.NoError(t, ctx.Err())
				drifts = append(drifts, d)
			})
			ctx := context.WithValue(t.Context(), key{}, "mine")
			for range 2 { // the second response is as described
				_, err := call(ctx, client, report, report)
				require.NoError(t, err)
			}
			require.Len(t, drifts, 2)
			require.Equal(t, drifts[0], drifts[1])
			d := drifts[0]
			require.Equal(t, method, d.Method)
			require.NotEmpty(t, d.Operation)
			require.True(t, strings.HasPrefix(d.PathTemplate, "/api/fabric/resources/sip_gateways"))
			require.ElementsMatch(t, []string{"id", "created_at", "sip_gateway.encryption"}, d.Unread)
			require.ElementsMatch(t, []string{"newer", "sip_gateway.weight"}, d.Unknown)
			require.Equal(t, []string{"sip_gateway.codecs[1]"}, d.Unlisted)
		})
	}
}

// TestRawResponse: the bytes of the last response, of a success and of an error.
func TestRawResponse(t *testing.T) {
	t.Parallel()
	client, _ := with(t, first(
		say(200, "application/json", odd), say(404, "application/json", `{"error":"x"}`), say(502, "text/html", "<html>"), say(200, "application/json", `{"id":`),
		raw(""), say(500, "", "lost"), raw("HTTP/1.1 200 OK\r\nA: b"),
	))
	var body, kept []byte
	for i, want := range []string{odd, `{"error":"x"}`, "<html>", `{"id":`, ""} {
		_, _ = update(t.Context(), client, signalwire.WithRawResponse(&body))
		require.Equal(t, want, string(body))
		if i == 0 {
			kept = body
		}
	}
	require.Nil(t, body)
	require.Equal(t, odd, string(kept), "later responses are read into other memory")
	_, err := update(t.Context(), client, signalwire.WithRawResponse(&body), attempts(2))
	require.Zero(t, requireError(t, err).Status)
	require.Nil(t, body, "the body of an attempt before")

	_, err = update(t.Context(), client, signalwire.WithRawResponse(&body))
	require.NoError(t, err)
	require.Equal(t, gatewayResponse, string(body))
	require.NoError(t, client.SIPGateways.Delete(t.Context(), gatewayID, signalwire.WithRawResponse(&body)))
	require.Equal(t, gatewayResponse, string(body))
}

// TestSuccessWithAnError: an error in place of what is described, with a status
// that says otherwise.
func TestSuccessWithAnError(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body  string
		items []gen.ErrorItem
		ok    bool
	}{
		"error":                  {body: `{"error":"in use"}`, items: message("in use")},
		"errors":                 {body: documented, items: []gen.ErrorItem{documentedItem}},
		"list":                   {body: `[{"error":"in use"}]`, items: message("in use")},
		"list of errors":         {body: `[` + documented + `]`, items: []gen.ErrorItem{documentedItem}},
		"no errors":              {body: `{"errors":[ ]}`, ok: true},
		"no errors, empty":       {body: `{"errors":{},"error":""}`, ok: true},
		"no errors, false":       {body: `{"error":false}`, ok: true},
		"no errors, one error":   {body: `{"errors":[],"error":"in use"}`, items: message("in use")},
		"beside what is unknown": {body: `{"error":{"message":"in use"},"trace":1}`, items: message("in use")},
		"beside a resource":      {body: strings.Replace(gatewayResponse, "{", `{"error":"late","errors":["x"],`, 1), ok: true},
		"null":                   {body: `{"error":null}`, ok: true},
		"nothing":                {body: `{}`, ok: true},
	} {
		for method, call := range calls() {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				client, seen := with(t, say(200, "application/json", tt.body), attempts(2))
				_, err := call(t.Context(), client)
				if tt.ok {
					require.NoError(t, err)
					return
				}
				e := requireError(t, err)
				require.ErrorIs(t, err, signalwire.ErrUnreadable)
				require.Equal(t, tt.items, e.Items)
				require.Equal(t, tt.body, string(e.Body))
				require.ErrorContains(t, err, "200: the request was processed, but its response could not be read: the body reports an error")
				if len(tt.items) > 0 {
					require.ErrorContains(t, err, ": "+tt.items[0].Attribute)
					require.ErrorContains(t, err, tt.items[0].Message)
				}
				require.Len(t, seen.requests(), map[bool]int{true: 2, false: 1}[method == "GET"])
			})
		}
	}
}

// TestListThatIsAnError: it does not pass for a list of one.
func TestListThatIsAnError(t *testing.T) {
	t.Parallel()
	client, _ := with(t, say(200, "application/json", `[{"error":"in use"}]`))
	_, errs := names(t, client)
	require.Len(t, errs, 1)
	require.ErrorIs(t, errs[0], signalwire.ErrUnreadable)
	require.ErrorIs(t, client.SIPGateways.Delete(t.Context(), gatewayID), signalwire.ErrUnreadable)
}

// TestErrorsThatAreDescribed: they are a part of the response.
func TestErrorsThatAreDescribed(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"errors":["in use"]}`, `[{"errors":["in use"]}]`} {
		client, _ := with(t, say(200, "application/json", body))
		got, err := client.WhatsAppTemplates.Delete(t.Context(), gatewayID.String())
		require.NoError(t, err)
		require.Equal(t, []any{"in use"}, got.Errors)
	}
}

// TestUnreadLink: a link to the next page that cannot be read ends the iteration
// with an error, and what came is not lost.
func TestUnreadLink(t *testing.T) {
	t.Parallel()
	for name, links := range map[string]string{"an object": `{"self":"x","next":{"href":"/x"}}`, "a list": `{"next":["a","b"]}`, "links a string": `"x"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, say(200, "application/json", `{"links":`+links+`,"data":[{"name":"a"}]}`))
			got, errs := names(t, client)
			require.Equal(t, []string{"a"}, got)
			require.Len(t, errs, 1)
			require.ErrorContains(t, requireError(t, errs[0]), "the link to the next page could not be read")
		})
	}
	// After many items with an unread value, too, in a page or in an array of pages.
	many := `[` + strings.Repeat(`{"name":"a","created_at":"x"},`, 999) + `{"name":"a"}]`
	for body, read := range map[string]int{
		`{"data":` + many + `,"links":{"next":{"href":"/x"}}}`:                                    1000,
		`[{"data":` + many + `,"links":{}},{"data":` + many + `,"links":{"next":{"href":"/x"}}}]`: 2000,
	} {
		client, _ := with(t, say(200, "application/json", body))
		got, errs := names(t, client)
		require.Len(t, got, read)
		require.Len(t, errs, 1)
		require.ErrorContains(t, requireError(t, errs[0]), "the link to the next page could not be read")
	}
	client, _ := with(t, say(200, "application/json", `{"links":{"self":{"a":1},"next":null},"data":[{"name":"a"}]}`))
	got, errs := names(t, client)
	require.Empty(t, errs, "another link")
	require.Equal(t, []string{"a"}, got)
}

// TestUnreadItems: a page whose items as a whole could not be read does not pass for one
// without items. Null does.
func TestUnreadItems(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`"data":"x"`, `"data":7`, `"items":[{"name":"a"}]`, `"items":[]`, `"data":null`, `"data":[]`} {
		t.Run(data, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, say(200, "application/json", `{"links":{},`+data+`}`))
			got, errs := names(t, client)
			require.Empty(t, got)
			if data == `"data":null` || data == `"data":[]` {
				require.Empty(t, errs)
				return
			}
			require.Len(t, errs, 1)
			require.ErrorContains(t, requireError(t, errs[0]), "the items of a page could not be read")
		})
	}
}

// TestResponseOptionsRefuseNil when a client or a call is made.
func TestResponseOptionsRefuseNil(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	for _, option := range []signalwire.CallOption{signalwire.WithDrift(nil), signalwire.WithRawResponse(nil)} {
		_, err := update(t.Context(), client, option)
		require.ErrorContains(t, requireError(t, err), "got nil")
	}
	assertNone(t, seen)
}
