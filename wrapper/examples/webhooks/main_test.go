package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// TestLoop buys a number, binds it, receives a call and answers with SWML, sends a
// message and follows its states, in one process.
func TestLoop(t *testing.T) {
	t.Parallel()
	const (
		url    = "https://hooks.example.com"
		number = "+15035550123"
		other  = "+15035550100"
	)
	space := signalwiretest.New(t)
	client := space.Client()
	var out strings.Builder
	a, err := newApp(url, space.SigningKey(), &out)
	require.NoError(t, err)
	space.Handle(url, a.handler())

	require.NoError(t, a.buy(t.Context(), client, number))
	call, err := space.ReceiveCall(other, number)
	require.NoError(t, err)
	require.Equal(t, 200, call.Status)
	require.NoError(t, signalwiretest.ValidateSWML(call.Response))
	run := space.Run(t, call.Response)
	require.Contains(t, run.String(), "We are open from nine to five.")

	space.DeliverAll(signalwiretest.Twice()) // as SignalWire may
	require.NoError(t, a.send(t.Context(), client, number, other))
	space.Advance(time.Minute)
	require.Equal(t, strings.Join([]string{
		"call from " + other,
		"message to " + other + " is queued",
		"message to " + other + " is sent",
		"message to " + other + " is delivered",
		"",
	}, "\n"), out.String())

	// The password of the URL is enough, and neither a password nor a signature is not.
	password, _ := a.user.Password()
	deliver := func(to string) int {
		return space.Deliver(t, a.handler(), events.MessageStatusPayload{Status: events.MessageStateFailed}, signalwiretest.To(to), signalwiretest.Unsigned()).Status
	}
	require.Equal(t, 204, deliver("https://messages:"+password+"@hooks.example.com/sms"))
	require.Equal(t, 403, deliver(url+"/sms"))
}
