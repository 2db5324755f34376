package signalwiretest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func TestJournal(t *testing.T) {
	space := newSpace(t)
	path := createThing(t, space)
	ask(t, space, 422, "PATCH", path+"?x=1&x=2", object{"kind": "huge"})
	ask(t, space, 200, "GET", path, nil)
	ask(t, space, 404, "GET", "/nothing", nil)
	ask(t, space, 405, "DELETE", "/v1/profile", nil)

	type entry struct {
		operation, method, path string
		status, effects         int
	}
	var got []entry
	requests := space.Requests()
	for _, r := range requests {
		got = append(got, entry{r.Operation, r.Method, r.Path, r.Status, r.Effects})
	}
	require.Equal(t, []entry{
		{"create_thing", "POST", "/v1/things", 201, 1},
		{"patch_thing", "PATCH", path, 422, 0},
		{"get_thing", "GET", path, 200, 0},
		{"", "GET", "/nothing", 404, 0},
		{"", "DELETE", "/v1/profile", 405, 0},
	}, got)
	require.JSONEq(t, `{"name":"box","address":{"city":"Oslo"}}`, string(requests[0].Body()))
	require.Equal(t, []string{"1", "2"}, requests[1].Query()["x"])
	require.Equal(t, "application/json", requests[0].Header().Get("Content-Type"))
	require.Contains(t, requests[0].Header().Get("Authorization"), "Basic ")
	require.Equal(t, signalwiretest.StartTime.Add(1e9), requests[0].Time)
	require.Equal(t, `PATCH `+path+`?x=1&x=2 (patch_thing) status=422 effects=0 body={"kind":"huge"}`, requests[1].String())
	require.Equal(t, 1, space.Effects("create_thing"))
	require.Equal(t, 0, space.Effects("patch_thing"))
	require.Equal(t, "", fmt.Sprint(signalwiretest.Request{}.Body(), signalwiretest.Request{}.Query())[:0], "the zero value has them too")
}

// No printer, logger, encoder or dump of the journal shows a secret.
func TestJournalKeepsSecrets(t *testing.T) {
	const secret = "hunter22"
	space := newSpace(t)
	path := createThing(t, space)
	_, _, err := send(space, "POST", "/v1/things", object{"name": "box", "address": object{"city": "Oslo"}, "password": secret})
	require.NoError(t, err)
	_, _, err = send(space, "PATCH", path, object{"passphrase": secret}) // format: password
	require.NoError(t, err)
	_, _, err = send(space, "POST", "/v1/calls?api_token="+secret, object{"command": "dial", "params": object{
		"from": "a", "to": "b", "url": "c", "password": secret,
		"list": []any{object{"authorization_bearer_token": secret, "client_secret": object{"a": secret}}},
	}})
	require.NoError(t, err)
	_, _, err = send(space, "POST", "/v1/things", `{"password":"`+secret) // not JSON, so nobody knows
	require.NoError(t, err)
	_, _, err = send(space, "POST", "/nothing", object{"Password": secret})
	require.NoError(t, err)

	requests := space.Requests()
	require.Len(t, requests, 6)
	require.Contains(t, string(requests[1].Body()), secret)
	require.Contains(t, string(requests[2].Body()), secret)

	var logged bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
		for _, r := range requests {
			slog.New(handler).Info("x", "request", r, "in a list", []signalwiretest.Request{r}, "pointer", &r)
		}
	}
	encoded, err := json.Marshal(requests)
	require.NoError(t, err)
	shown := map[string]string{"slog": logged.String(), "JSON": string(encoded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown[verb] = fmt.Sprintf(verb, requests) + fmt.Sprintf(verb, &requests[1]) + fmt.Sprintf(verb, struct{ R signalwiretest.Request }{requests[1]}) + fmt.Sprintf(verb, space)
	}
	// A dump that looks at the fields and calls no method, as testify's does.
	shown["dump"] = fmt.Sprintf("%#v %+v", struct{ r signalwiretest.Request }{requests[1]}, struct{ r []signalwiretest.Request }{requests})
	for name, text := range shown {
		require.NotEmpty(t, text, name)
		for _, s := range []string{secret, fmt.Sprintf("%x", secret), space.APIToken, "Basic ", "Authorization"} {
			require.NotContains(t, text, s, name)
		}
	}
	require.Contains(t, shown["%v"], `"password":"[redacted]"`)
	require.Contains(t, shown["%v"], `"name":"box"`)
	require.Contains(t, shown["JSON"], `create_thing`)
	require.Contains(t, shown["slog"], `operation=create_thing`)
}
