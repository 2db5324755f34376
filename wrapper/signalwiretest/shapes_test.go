package signalwiretest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// Responses have the shapes that real Spaces were seen to respond in.
func TestObservedShapes(t *testing.T) {
	space := signalwiretest.New(t)
	members := func(v any) map[string]any {
		o, ok := v.(object)
		require.True(t, ok, "%v", v)
		return o
	}
	has := func(o map[string]any, names ...string) {
		t.Helper()
		for _, name := range names {
			require.Contains(t, o, name)
		}
	}

	// Errors: an array of reasons, one reason, an empty array, one word.
	wrong := askObject(t, space, 422, "POST", "/api/fabric/resources/sip_gateways", object{"name": "edge", "uri": "a@example.com", "ciphers": []any{}, "codecs": []any{"OPUS"}})
	reason := members(wrong["errors"].([]any)[0])
	require.Equal(t, []any{"validation_error", "missing_required_parameter", "encryption"}, []any{reason["type"], reason["code"], reason["attribute"]})
	has(reason, "message", "url")
	reason = askObject(t, space, 422, "POST", "/api/project/tokens", object{"name": "token-1", "permissions": []any{"fly"}})
	require.Equal(t, "validation_error", reason["type"])
	has(reason, "code", "message", "attribute", "url")
	require.NotContains(t, reason, "errors")
	reason = members(askObject(t, space, 422, "POST", "/api/relay/rest/addresses", object{})["errors"].([]any)[0])
	has(reason, "detail", "status", "title", "code")
	require.Equal(t, object{"errors": []any{}}, ask(t, space, 404, "GET", "/api/fabric/resources/"+someID, nil))
	require.Equal(t, object{"error": "Not Found"}, ask(t, space, 404, "GET", "/api/relay/rest/phone_numbers/"+someID, nil))
	resp, err := (&http.Client{Transport: transport}).Get(space.URL + "/api/relay/rest/phone_numbers")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 401, resp.StatusCode)

	// Numbers that can be bought.
	space.PutAt("/api/relay/rest/phone_numbers/search/1", object{"e164": "+15035550100", "region": "OR", "capabilities": []any{"voice", "sms"}})
	found := askObject(t, space, 200, "GET", "/api/relay/rest/phone_numbers/search", nil)
	number := members(found["data"].([]any)[0])
	require.Equal(t, "+15035550100", number["e164"])
	require.Equal(t, []any{"voice", "sms"}, number["capabilities"])
	require.NotContains(t, number, "number")

	// An envelope with the settings of a SIP credential inside, and a page of
	// such, without a link to a next page.
	created := askObject(t, space, 200, "POST", "/api/fabric/resources/sip_endpoints", object{"username": "fs", "caller_id": "FS", "encryption": "optional"})
	has(created, "id", "project_id", "display_name", "type", "created_at", "updated_at", "sip_endpoint")
	require.Equal(t, "fs", members(created["sip_endpoint"])["username"])
	page := askObject(t, space, 200, "GET", "/api/fabric/resources/sip_endpoints", nil)
	require.Len(t, page["data"], 1)
	require.NotContains(t, page["links"], "next")
}
