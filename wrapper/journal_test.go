package signalwire_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// TestJournalShowsWhatIsAdded to a request, as the test Space received it.
func TestJournalShowsWhatIsAdded(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client := space.Client()
	id := space.Put(gen.SIPGatewayResource{SIPGateway: gen.SIPGateway{Codecs: []gen.Codec{gen.CodecPCMU}}})
	_, _ = client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{}, signalwire.WithField("newer", 1),
		signalwire.WithQuery("q", "1"), signalwire.WithHeader("X-Mine", "b"))
	require.NoError(t, client.Do(t.Context(), "GET", "/api/fabric/resources/sip_gateways/"+id.String(), nil, nil))
	requests := space.Requests()
	require.Len(t, requests, 2)
	require.Equal(t, "1", requests[0].Query().Get("q"))
	require.Equal(t, "b", requests[0].Header().Get("X-Mine"))
	require.JSONEq(t, `{"newer":1}`, string(requests[0].Body()))
	require.Equal(t, "get_sip_gateway", requests[1].Operation)
}
