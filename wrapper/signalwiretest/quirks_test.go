package signalwiretest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// The same seed and the same requests give the same odd responses, and many
// seeds give many. What the Space holds is not odd.
func TestQuirksAreDeterministic(t *testing.T) {
	const path = "/api/relay/rest/phone_numbers/" + someID
	run := func(seed uint64) (all string) {
		space := signalwiretest.New(t, signalwiretest.WithQuirks(), signalwiretest.WithSeed(seed))
		space.PutAt(path, object{"name": "12", "call_video_room_id": nil, "created_at": "2025-06-03T15:51:29Z"})
		for _, path := range []string{path, "/api/relay/rest/phone_numbers", "/api/relay/rest/phone_numbers/" + otherID, "/api/relay/rest/phone_numbers?page_size=x"} {
			resp, body, err := send(space, "GET", path, nil)
			require.NoError(t, err)
			resp.Header.Del("Date")
			all += fmt.Sprintln(resp.StatusCode, resp.Header, strings.ReplaceAll(string(body), space.URL, ""))
		}
		require.Equal(t, "2025-06-03T15:51:29Z", at(t, space, path)["created_at"])
		return all
	}
	different := map[string]bool{}
	for seed := range uint64(20) {
		different[run(seed)] = true
	}
	require.Len(t, different, 20)
	require.Equal(t, run(7), run(7))
}

// Statuses by which a client knows that it may repeat a request stay as they
// are, and so does what a fault responds with.
func TestQuirksKeepRefusals(t *testing.T) {
	for seed := range uint64(30) {
		space := newSpace(t, signalwiretest.WithQuirks(), signalwiretest.WithSeed(seed))
		for _, status := range []int{429, 503} {
			space.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondStatus(status)})
			_, body, err := send(space, "GET", "/v1/profile", nil)
			require.NoError(t, err)
			var refusal struct{ Errors []struct{ Type, Code string } }
			require.NoError(t, json.Unmarshal(body, &refusal), "%s", body)
			require.NotEmpty(t, refusal.Errors[0].Type)
			require.NotEmpty(t, refusal.Errors[0].Code)
		}
	}
}
