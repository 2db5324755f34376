package signalwiretest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func TestJournalKeepsTheLastRequests(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t, signalwiretest.WithJournal(3))
	client := space.Client()
	id := space.Put(gen.SIPGatewayResource{})
	for _, name := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		_, err := client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{Name: signalwire.Ptr(name)})
		require.NoError(t, err)
	}
	var bodies []string
	for _, r := range space.Requests() {
		bodies = append(bodies, string(r.Body()))
	}
	require.Equal(t, []string{`{"name":"6"}`, `{"name":"7"}`, `{"name":"8"}`}, bodies)
	require.Equal(t, 8, space.Effects("update_sip_gateway"))
	require.Equal(t, 8, space.Effects(""))
	require.Zero(t, space.Effects("get_sip_gateway"))
}
