package main

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

const staff = "+15555550100"

func TestMenuIsValid(t *testing.T) {
	require.NoError(t, menu(staff).Check())
	require.NoError(t, signalwiretest.ValidateSWML(menu(staff)))
}

func TestCalls(t *testing.T) {
	space := signalwiretest.New(t)
	server := httptest.NewServer(handler(staff))
	defer server.Close()
	busy := signalwiretest.WithConnect(func(string) string { return "failed" })
	for name, test := range map[string]struct {
		options []signalwiretest.RunOption
		want    string
	}{
		"hours, then an order": {[]signalwiretest.RunOption{signalwiretest.WithInput("1", "2")}, `answer
play say:Welcome to the bakery.
prompt say:Press 1 for opening hours, 2 to order. -> "1"
switch prompt_value -> "1"
play say:We are open from 6 to 18 o'clock.
goto menu
prompt say:Press 1 for opening hours, 2 to order. -> "2"
switch prompt_value -> "2"
transfer order
connect +15555550100 -> connected
switch connect_result -> "connected"
hangup
ended: hangup`},
		"nobody is free": {[]signalwiretest.RunOption{signalwiretest.WithInput("2"), busy}, `answer
play say:Welcome to the bakery.
prompt say:Press 1 for opening hours, 2 to order. -> "2"
switch prompt_value -> "2"
transfer order
connect +15555550100 -> failed
switch connect_result -> "failed"
transfer mailbox
play say:Nobody is free. Tell us what you want after the tone.
record ` + space.URL + `/recordings/1.wav
send_sms +15555550100: +15555550123 left a message: ` + space.URL + `/recordings/1.wav
play say:Thank you. Goodbye.
hangup
ended: hangup`},
		"nothing but silence": {[]signalwiretest.RunOption{signalwiretest.WithInput("", "", "")}, `answer
play say:Welcome to the bakery.
prompt say:Press 1 for opening hours, 2 to order. -> ""
switch prompt_value -> ""
play say:I did not understand.
goto menu
prompt say:Press 1 for opening hours, 2 to order. -> ""
switch prompt_value -> ""
play say:I did not understand.
goto menu
prompt say:Press 1 for opening hours, 2 to order. -> ""
switch prompt_value -> ""
play say:I did not understand.
play say:Goodbye.
hangup
ended: hangup`},
	} {
		t.Run(name, func(t *testing.T) {
			run := space.Run(t, server.URL, test.options...)
			require.Equal(t, test.want, run.String())
			require.Empty(t, run.Unknown)
		})
	}
}
