package signalwiretest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Every operation of the API takes a request that fits its description, does
// what its kind does, and responds with what is described: the Space itself
// checks that, and responds with 500 otherwise.
func TestEveryOperation(t *testing.T) {
	for i, op := range New(t).description.operations() {
		t.Run(op.method+" "+op.template, func(t *testing.T) {
			if RaceEnabled && i%32 != 5 {
				t.Skip("a few are enough for the race detector")
			}
			t.Parallel()
			space := New(t)
			require.NoError(t, op.load())
			m := space.newMaker(space.state)
			var values []string
			for range op.parameters {
				values = append(values, uuid.NewString())
			}
			path := fillPath(op.route.shape, values...)
			if op.role == readItem || op.role == changeItem || op.role == deleteItem {
				space.PutAt(path, map[string]any{})
			}
			query := url.Values{}
			for _, p := range op.filter.Operation.Parameters {
				if p.Value.In == "query" {
					v := m.make(p.Value.Name, p.Value.Schema.Value, 0)
					query.Set(p.Value.Name, strings.Trim(string(encode(v)), `"`))
				}
			}
			var body io.Reader
			if op.request != nil {
				body = bytes.NewReader(encode(m.make("", op.request, 0)))
			}
			req, err := http.NewRequest(op.method, space.URL+path+"?"+query.Encode(), body)
			require.NoError(t, err)
			req.SetBasicAuth(space.ProjectID, space.APIToken)
			if s := op.filter.Operation.Security; s != nil && len(*s) > 0 && (*s)[0]["SignalWireBearerAuth"] != nil {
				req.Header.Set("Authorization", "Bearer "+space.BearerToken)
			}
			if op.request != nil {
				req.Header.Set("Content-Type", "application/json")
			}
			resp, err := loopback.RoundTrip(req)
			require.NoError(t, err)
			defer func() { _ = resp.Body.Close() }()
			response, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, op.status, resp.StatusCode, "%s: %s", space.Requests(), response)
		})
	}
}
