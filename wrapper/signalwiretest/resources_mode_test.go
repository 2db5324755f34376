package signalwiretest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// A PUT merges by default. In the other mode it replaces the settings, and
// nothing else.
func TestReplacingPUT(t *testing.T) {
	const path = "/api/fabric/resources/subscribers/" + someID
	for _, replaces := range []bool{false, true} {
		var opts []signalwiretest.Option
		if replaces {
			opts = append(opts, signalwiretest.WithReplacingPUT())
		}
		space := signalwiretest.New(t, opts...)
		space.PutAt(path, object{"display_name": "ann", "password": "hunter22", "created_at": "2020-01-01T00:00:00Z", "subscriber": object{
			"id": otherID, "email": "ann@example.com", "first_name": "Ann", "last_name": "Smith", "time_zone": "America/Chicago", "job_title": "Engineer",
		}})
		before := askObject(t, space, 200, "GET", path, nil)
		ask(t, space, 200, "PUT", path, object{"email": "ann@example.org", "timezone": "UTC", "last_name": "Jones"})
		after := askObject(t, space, 200, "GET", path, nil)

		was, is := before["subscriber"].(object), after["subscriber"].(object)
		for name, value := range map[string]any{"email": "ann@example.org", "last_name": "Jones", "time_zone": "UTC", "id": otherID} {
			require.Equal(t, value, is[name], name)
		}
		for _, name := range []string{"first_name", "job_title"} {
			if replaces {
				require.NotEqual(t, was[name], is[name], name)
			} else {
				require.Equal(t, was[name], is[name], name)
			}
		}
		for _, name := range []string{"id", "display_name", "created_at", "project_id", "type"} {
			require.Equal(t, before[name], after[name], name)
		}
		require.Equal(t, "hunter22", at(t, space, path)["password"], "what cannot be read stays")
		// A PATCH always merges.
		gateway := "/api/fabric/resources/sip_gateways/" + someID
		space.PutAt(gateway, object{"sip_gateway": object{"name": "edge", "uri": "sip:a@example.com"}})
		patched := askObject(t, space, 200, "PATCH", gateway, object{"name": "core"})
		require.Equal(t, "sip:a@example.com", patched["sip_gateway"].(object)["uri"])
	}
}
