package signalwiretest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func TestAuthentication(t *testing.T) {
	space := newSpace(t)
	basic := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	none := func(*http.Request) {}
	for _, test := range []struct {
		name, path string
		auth       func(*http.Request)
		want       int
	}{
		{"basic", "/v1/things", basic(space.ProjectID, space.APIToken), 200},
		{"wrong token", "/v1/things", basic(space.ProjectID, "x"), 401},
		{"wrong project", "/v1/things", basic("x", space.APIToken), 401},
		{"none", "/v1/things", none, 401},
		{"bearer where it is basic", "/v1/things", bearer(space.BearerToken), 401},
		{"bearer", "/v1/me", bearer(space.BearerToken), 200},
		{"wrong bearer", "/v1/me", bearer("x"), 401},
		{"basic where it is bearer", "/v1/me", basic(space.ProjectID, space.APIToken), 401},
		{"none needed", "/v1/open", none, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			req, err := http.NewRequest("GET", space.URL+test.path, nil)
			require.NoError(t, err)
			test.auth(req)
			resp, err := transport.RoundTrip(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, test.want, resp.StatusCode)
		})
	}
	_, err := space.Client(signalwire.WithCredentials(space.ProjectID, "wrong")).SIPGateways.Update(t.Context(), [16]byte{1}, gen.SIPGatewayUpdate{})
	require.ErrorIs(t, err, signalwire.ErrNotFound, "this Space has another API")
}

func TestCredentialsAreChecked(t *testing.T) {
	space := signalwiretest.New(t)
	id := space.Put(gen.SIPGatewayResource{})
	_, err := space.Client(signalwire.WithCredentials(space.ProjectID, "wrong")).SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{})
	require.ErrorIs(t, err, signalwire.ErrUnauthorized)
	require.Zero(t, space.Effects("update_sip_gateway"))
}

func TestRoutes(t *testing.T) {
	space := newSpace(t)
	path := createThing(t, space)
	for _, unknown := range []string{"/", "/v1", "/v1/things/", "/v2/things", path + "/", path + "/parts/x/y", "/v1/%74hings/x/y/z"} {
		require.Equal(t, object{"error": "Not Found"}, ask(t, space, 404, "GET", unknown, nil), unknown)
	}
	for _, id := range []string{someID, "x", "%2e%2e", "..%2fthings", "11111111111111111111111111111111"} {
		require.Equal(t, object{"error": "Not Found"}, ask(t, space, 404, "GET", "/v1/things/"+id, nil), id)
	}
	ask(t, space, 404, "PATCH", "/v1/things/"+someID, object{"kind": "neither"})
	ask(t, space, 200, "GET", "/v1/%74hings", nil)
	ask(t, space, 200, "GET", "/v1/things/"+strings.ToUpper(path[len("/v1/things/"):]), nil)

	resp, body, err := send(space, "DELETE", "/v1/things", nil)
	require.NoError(t, err)
	require.Equal(t, 405, resp.StatusCode)
	require.JSONEq(t, `{"error":"Method Not Allowed"}`, string(body))
	require.Equal(t, "GET, POST", resp.Header.Get("Allow"))
}

// wrong returns the attribute and the code of each error in a response.
func wrong(response object) (found []string) {
	for _, e := range response["errors"].([]any) {
		attribute, _ := e.(object)["attribute"].(string)
		found = append(found, attribute+" "+e.(object)["code"].(string))
	}
	return found
}

func TestValidation(t *testing.T) {
	with := func(field string, value any) object {
		body := object{"name": "box", "address": object{"city": "Oslo"}}
		body[field] = value
		return body
	}
	const missing, unknown, value = " missing_required_parameter", " invalid_parameter", " invalid_parameter_value"
	space := newSpace(t)
	path := createThing(t, space)
	for _, test := range []struct {
		name, method, path string
		body               any
		want               []string
	}{
		{"valid", "POST", "/v1/things", with("count", 3), nil},
		{"type", "POST", "/v1/things", with("name", 1), []string{"name" + value}},
		{"null", "POST", "/v1/things", with("name", nil), []string{"name" + value}},
		{"not an object", "POST", "/v1/things", []int{}, []string{value}},
		{"fraction", "POST", "/v1/things", with("count", 1.5), []string{"count" + value}},
		{"enum", "POST", "/v1/things", with("kind", "huge"), []string{"kind" + value}},
		{"enum in a list", "POST", "/v1/things", with("tags", []string{"big", "huge"}), []string{"tags[1]" + value}},
		{"required", "POST", "/v1/things", object{}, []string{"address" + missing, "name" + missing}},
		{"required inside", "POST", "/v1/things", with("address", object{}), []string{"address.city" + missing}},
		{"deep inside", "POST", "/v1/things", with("address", object{"city": "x", "lines": []any{object{"text": "a"}, object{}}}), []string{"address.lines[1].text" + missing}},
		{"too short", "POST", "/v1/things", with("name", "xy"), []string{"name" + value}},
		{"too long", "POST", "/v1/things", with("name", "abcdefghijkl"), []string{"name" + value}},
		{"pattern", "POST", "/v1/things", with("name", "Box"), []string{"name" + value}},
		{"minimum", "POST", "/v1/things", with("count", 0), []string{"count" + value}},
		{"maximum", "POST", "/v1/things", with("count", 10), []string{"count" + value}},
		{"too many", "POST", "/v1/things", with("tags", []string{"big", "big", "big"}), []string{"tags" + value}},
		{"UUID", "POST", "/v1/things", with("owner_id", "11111111111111111111111111111111"), []string{"owner_id" + value}},
		{"time", "POST", "/v1/things", with("due", "tomorrow"), []string{"due" + value}},
		{"URI", "POST", "/v1/things", with("hook", "example.com/x"), []string{"hook" + value}},
		{"URI that is cleared", "POST", "/v1/things", with("hook", ""), nil},
		{"field of a map", "POST", "/v1/things", with("options", object{"a": 1, "b": "x"}), []string{"options.b" + value}},
		{"unknown field", "POST", "/v1/things", with("nmae", "x"), []string{"nmae" + unknown}},
		{"unknown field inside", "POST", "/v1/things", with("address", object{"city": "x", "zip": "1"}), []string{"address.zip" + unknown}},
		{"unknown field, closed the other way", "PATCH", path, object{"nmae": "x"}, []string{"nmae" + unknown}},
		{"several", "POST", "/v1/things", object{"name": "B", "kind": "huge", "x": 1}, []string{"address" + missing, "kind" + value, "name" + value, "name" + value, "x" + unknown}},
		{"nullable", "PATCH", path, object{"note": nil, "owner_id": nil}, nil},
		{"nullable, otherwise wrong", "PATCH", path, object{"owner_id": "x"}, []string{"owner_id" + value}},
		{"not nullable", "PATCH", path, object{"kind": nil}, []string{"kind" + value}},
		{"alternative", "POST", "/v1/calls", object{"command": "end", "id": someID}, nil},
		{"missing in an alternative", "POST", "/v1/calls", object{"command": "dial", "params": object{"from": "a", "to": "b"}}, []string{"params.url" + missing}},
		{"wrong in an alternative", "POST", "/v1/calls", object{"command": "play", "id": someID, "params": object{"volume": 50}}, []string{"params.control_id" + missing, "params.volume" + value}},
		{"no alternative", "POST", "/v1/calls", object{"command": "jump", "id": someID}, []string{"command" + value}},
		{"no body", "POST", "/v1/things", nil, []string{missing}},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, _, err := send(space, test.method, test.path, test.body)
			require.NoError(t, err)
			if test.want == nil {
				require.Equal(t, 2, resp.StatusCode/100)
				return
			}
			before := space.Effects("create_thing") + space.Effects("patch_thing")
			require.Equal(t, test.want, wrong(askObject(t, space, 422, test.method, test.path, test.body)))
			require.Equal(t, before, space.Effects("create_thing")+space.Effects("patch_thing"), "nothing happened")
		})
	}
}

func TestErrorsAreDescribed(t *testing.T) {
	space := newSpace(t)
	response := askObject(t, space, 422, "POST", "/v1/things", object{"name": "box", "address": object{"city": "x"}, "kind": "huge"})
	require.Equal(t, object{"errors": []any{object{
		"type": "validation_error", "code": "invalid_parameter_value", "attribute": "kind",
		"message": "value must be one of 'big', 'small'",
		"url":     "https://signalwire.com/docs/apis/error-codes#invalid_parameter_value",
	}}}, response)

	response = askObject(t, space, 422, "POST", "/v1/things/"+someID+"/parts", object{})
	require.Equal(t, object{"errors": []any{object{
		"code": "missing_required_parameter", "detail": "size is missing", "status": "422", "title": "Unprocessable Entity",
	}}}, response, "in the form that this operation has")

	response = askObject(t, space, 422, "PUT", createThing(t, space), object{"kind": "huge"})
	require.Equal(t, []string{"kind invalid_parameter_value"}, wrong(response), "also where no form is described")

	for _, secret := range []object{{"owner_id": "my-secret"}, {"name": "my-secret-my-secret"}, {"due": "my-secret"}, {"my-field": "my-secret"}} {
		_, body, err := send(space, "POST", "/v1/things", secret)
		require.NoError(t, err)
		require.NotContains(t, string(body), "my-secret")
	}
}

func TestClientUnderstandsErrors(t *testing.T) {
	space := signalwiretest.New(t)
	id := space.Put(gen.SIPGatewayResource{})
	path := "/api/fabric/resources/sip_gateways/" + id.String()
	response := askObject(t, space, 422, "PATCH", path, object{"codecs": []string{"OPUS", "MP3"}, "encryption": "maybe"})
	require.Equal(t, []string{"codecs[1] invalid_parameter_value", "encryption invalid_parameter_value"}, wrong(response))
	_, err := space.Client().SIPGateways.Update(t.Context(), [16]byte{1}, gen.SIPGatewayUpdate{})
	require.ErrorIs(t, err, signalwire.ErrNotFound)
}

func TestBodies(t *testing.T) {
	space := newSpace(t)
	for _, text := range []string{"{", "nothing", `{"a":1}{}`, "\xff"} {
		require.Equal(t, []string{" not_a_valid_json"}, wrong(askObject(t, space, 400, "POST", "/v1/things", text)), "%q", text)
	}

	for _, contentType := range []string{"text/plain", "application/xml", "x", ""} {
		req, err := http.NewRequest("POST", space.URL+"/v1/things", strings.NewReader(`{}`))
		require.NoError(t, err)
		req.SetBasicAuth(space.ProjectID, space.APIToken)
		req.Header["Content-Type"] = []string{contentType}
		resp, err := transport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 415, resp.StatusCode, contentType)
	}
	resp, _, err := send(space, "POST", "/v1/things", `{"name":"`+strings.Repeat("x", 10<<20)+`"}`)
	if err == nil { // the server may close the connection before all is sent
		require.Equal(t, 413, resp.StatusCode)
	}
	require.Zero(t, space.Effects("create_thing"))
}

// TestLimits: a refusal says what the limit is, and neither the value nor how long it is, as
// it may be a secret.
func TestLimits(t *testing.T) {
	client := signalwiretest.New(t).Client()
	for want, call := range map[string]func() error{
		"422 password: length must be at least 8 (": func() error {
			_, err := client.Subscribers.Create(t.Context(), gen.SubscriberCreate{Email: "a@example.com", Password: signalwire.Ptr("short")})
			return err
		},
		"422 password: length must be at most 72 (": func() error {
			_, err := client.Subscribers.Create(t.Context(), gen.SubscriberCreate{Email: "a@example.com", Password: signalwire.Ptr(strings.Repeat("x", 73))})
			return err
		},
		"422 max_members: must be at least 1 (": func() error {
			_, err := client.Rooms.Create(t.Context(), gen.RoomCreate{Name: "lobby", MaxMembers: signalwire.Ptr[int64](0)})
			return err
		},
		"422 max_members: must be at most 300 (": func() error {
			_, err := client.Rooms.Create(t.Context(), gen.RoomCreate{Name: "lobby", MaxMembers: signalwire.Ptr[int64](301)})
			return err
		},
		"422 remove_after_seconds_elapsed: must be more than 0 (": func() error {
			_, err := client.RoomTokens.Create(t.Context(), gen.RoomTokenCreate{RoomName: "lobby", RemoveAfterSecondsElapsed: signalwire.Ptr[int64](0)})
			return err
		},
		"422 allowed_addresses: number of elements must be at most 10 (": func() error {
			_, err := client.SubscriberGuestTokens.Create(t.Context(), gen.SubscriberGuestTokenCreate{AllowedAddresses: slices.Repeat([]uuid.UUID{{1}}, 11)})
			return err
		},
	} {
		require.ErrorContains(t, call(), want)
	}
}
