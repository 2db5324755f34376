package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func TestCall(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	var out strings.Builder
	require.NoError(t, run(t.Context(), space.Client(), &out, "+15555550100", "+15555550199", "Your table is ready."))
	require.Contains(t, out.String(), "calls +15555550199 as ")
	require.Len(t, space.Requests(), 1)
	require.Contains(t, string(space.Requests()[0].Body()), `"url":"say:Your table is ready."`)
}

// A call to the device of a subscriber is a leg of another type.
func TestCallOfASubscriber(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondBody(200, "application/json", `{"id":"a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d","type":"fabric_subscriber_device_leg"}`)})
	var out strings.Builder
	require.NoError(t, run(t.Context(), space.Client(), &out, "+15555550100", "/private/alice", "Hello."))
	require.Equal(t, "calls /private/alice as a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d\n", out.String())
}

// The response does not arrive: the call is found in the log, and not repeated.
func TestUnknown(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.CloseConnection(), After: true})
	var out strings.Builder
	require.NoError(t, run(t.Context(), space.Client(signalwire.WithSettleWait(time.Minute)), &out, "+15555550100", "+15555550199", "Hello."))
	require.Contains(t, out.String(), "called; in the voice log as ")
}

func TestDocument(t *testing.T) {
	t.Parallel()
	require.NoError(t, signalwiretest.ValidateSWML(document("Hello.")))
	call := signalwiretest.New(t).Run(t, document("Hello."), signalwiretest.WithInput("1", ""))
	require.Equal(t, 2, strings.Count(call.String(), "play say:Hello."))
}
