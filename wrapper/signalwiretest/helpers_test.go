package signalwiretest_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// synthetic describes an API with one of each thing that a Space can do.
//
//go:embed testdata/api.json
var document []byte

var synthetic = signalwiretest.WithDescription(document)

// object is a JSON object.
type object = map[string]any

const (
	someID  = "11111111-1111-1111-1111-111111111111"
	otherID = "22222222-2222-4222-8222-222222222222"
)

// newSpace starts a Space with the synthetic API.
func newSpace(t *testing.T, opts ...signalwiretest.Option) *signalwiretest.Space {
	t.Helper()
	return signalwiretest.New(t, append([]signalwiretest.Option{synthetic}, opts...)...)
}

// transport is one whose connections no other test closes, as those of
// http.DefaultTransport are with each test server.
var transport = &http.Transport{DisableKeepAlives: true}

// send sends a request with the Space's credentials.
func send(space *signalwiretest.Space, method, path string, body any) (*http.Response, []byte, error) {
	var encoded []byte
	switch body := body.(type) {
	case nil:
	case string:
		encoded = []byte(body)
	default:
		encoded, _ = json.Marshal(body)
	}
	if !strings.HasPrefix(path, "http") {
		path = space.URL + path
	}
	req, err := http.NewRequest(method, path, bytes.NewReader(encoded))
	if err != nil {
		return nil, nil, err
	}
	req.SetBasicAuth(space.ProjectID, space.APIToken)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	response, err := io.ReadAll(resp.Body)
	return resp, response, err
}

// ask sends a request that gets a status and JSON, or nothing.
func ask(t *testing.T, space *signalwiretest.Space, want int, method, path string, body any) any {
	t.Helper()
	resp, response, err := send(space, method, path, body)
	require.NoError(t, err)
	require.Equal(t, want, resp.StatusCode, "%s %s: %s", method, path, response)
	if len(response) == 0 {
		return nil
	}
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	var v any
	require.NoError(t, json.Unmarshal(response, &v), "%s", response)
	return v
}

// askObject is ask for a JSON object.
func askObject(t *testing.T, space *signalwiretest.Space, want int, method, path string, body any) object {
	t.Helper()
	o, ok := ask(t, space, want, method, path, body).(object)
	require.True(t, ok)
	return o
}

// at returns the JSON object that a Space has at a path.
func at(t *testing.T, space *signalwiretest.Space, path string) object {
	t.Helper()
	raw, ok := space.GetAt(path)
	require.True(t, ok, path)
	var o object
	require.NoError(t, json.Unmarshal(raw, &o))
	return o
}

var newThing = object{"name": "box", "address": object{"city": "Oslo"}}

// createThing returns the path of a new thing.
func createThing(t *testing.T, space *signalwiretest.Space) string {
	t.Helper()
	return "/v1/things/" + askObject(t, space, 201, "POST", "/v1/things", newThing)["id"].(string)
}
