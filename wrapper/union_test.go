package signalwire_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestUnionsAreChecked: what a union was made of is checked like any other part
// of a request.
func TestUnionsAreChecked(t *testing.T) {
	t.Parallel()
	client, seen := with(t, func(http.ResponseWriter, *http.Request) {})
	for field, command := range map[string]gen.CallCommandVariant{
		"id":            gen.HangupCommand{},
		"params.reason": gen.HangupCommand{ID: gatewayID, Params: gen.HangupParams{Reason: signalwire.Ptr(gen.HangupReason("bored"))}},
		"params":        gen.NewCallCommand(gen.DialCommand{}),
		"params.from":   gen.DialCommand{Params: gen.NewDialParams(gen.DialURLParams{From: "\xff"})},
		"body":          nil,
	} {
		_, err := client.Calls.Send(t.Context(), command)
		require.ErrorIs(t, err, signalwire.ErrInvalid)
		var input *signalwire.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, field, input.Field, "%v", err)
	}
	assertNone(t, seen)
}

// TestSWMLIsSentAsItIs: to the byte, also inside of a union.
func TestSWMLIsSentAsItIs(t *testing.T) {
	t.Parallel()
	const text = "{\n\t\"version\": \"1.0.0\",\n\t\"sections\": {\"main\": [{\"play\": \"say: 1 < 2 & \\u00e9\"}]}\n}"
	swml, err := gen.NewSWML([]byte(text))
	require.NoError(t, err)
	client, seen := with(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) })
	_, err = client.Calls.Send(t.Context(), gen.DialCommand{Params: gen.NewDialParams(gen.DialSWMLParams{From: "a", SWML: swml})})
	require.NoError(t, err)
	// What is sent says which command it is.
	require.Equal(t, `{"command":"dial","params":{"from":"a","swml":`+text+`}}`, seen.requests()[0].Body)
}

// TestEditKeepsSWML: what an edit starts from has SWML as the Space has it, to
// the byte, so that it is sent so where it stands in something that changes.
func TestEditKeepsSWML(t *testing.T) {
	t.Parallel()
	const prompt = "{ \"text\": \"1 < 2 & \\u00e9\",\n\t\"temperature\": 0.50 }"
	client, seen := with(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"` + gatewayID.String() + `","ai_agent":{"name":"a","prompt":` + prompt + `}}`))
	})
	_, changed, err := client.AIAgents.Edit(t.Context(), gatewayID, func(a *gen.AIAgentUpdate) error {
		require.Equal(t, prompt, string(a.Prompt))
		a.Name = signalwire.Ptr("b")
		a.PostPrompt = a.Prompt
		return nil
	})
	require.NoError(t, err)
	require.True(t, changed)
	require.JSONEq(t, `{"name":"b","post_prompt":`+prompt+`}`, seen.requests()[1].Body)
	require.Contains(t, seen.requests()[1].Body, prompt)
}

// Unions can be compared by what they hold, as packages for tests do it with the
// method Equal: fields that are not exported would make some of them panic.
func TestUnionsAreEqual(t *testing.T) {
	t.Parallel()
	log := gen.RelayVoiceLog{ID: gatewayID, Type: gen.RelayCallTypeRelayPSTNCall, From: "+15555550100"}
	text := must(json.Marshal(log))
	var read, other gen.VoiceLog
	require.NoError(t, json.Unmarshal(text, &read))
	require.NoError(t, json.Unmarshal(bytes.Replace(text, []byte("0100"), []byte("0101"), 1), &other))
	require.True(t, read.Equal(gen.NewVoiceLog(log)))
	require.False(t, read.Equal(other))
	require.False(t, read.Equal(gen.VoiceLog{}))
	require.True(t, gen.VoiceLog{}.Equal(gen.VoiceLog{}))
}

// TestHeadOfOddForms: the head of a union has the values that its variant has, in whatever
// form they came.
func TestHeadOfOddForms(t *testing.T) {
	t.Parallel()
	const usual = `{"id":"6f1c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f","project_id":"6f1c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f","created_at":"2024-05-06T12:20:30Z",` +
		`"duration_in_seconds":12,"price":0.01,"price_unit":"USD","status":"completed","stereo":true,"url":"https://example.com/a.mp3"}`
	const odd = `[{"id":"urn:uuid:6f1c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f","project_id":"6F1C2F5E2C0A4A439D5F6A2B8C1D3E4F","created_at":"2024-05-06 12:20:30 UTC",` +
		`"duration_in_seconds":"12","price":"0.01","price_unit":"USD","status":"completed","stereo":1,"url":"https://example.com/a.mp3"}]`
	head := func(text string) gen.CallRecordingHead {
		client, _ := with(t, say(http.StatusOK, "application/json", `{"data":[`+text+`]}`))
		list, err := client.CallRecordings.List(t.Context())
		require.NoError(t, err)
		return list.Data[0].Head()
	}
	want := head(usual)
	require.Equal(t, int64(12), want.DurationInSeconds)
	require.Equal(t, want, head(odd))

	// Of a variant that is newer than the description, the values in their usual form count.
	client, _ := with(t, say(http.StatusOK, "application/json", `{"data":[[{"type":"newer","display_name":"a"}]]}`))
	list, err := client.Resources.List(t.Context())
	require.NoError(t, err)
	require.Equal(t, gen.ResourceHead{Type: "newer", DisplayName: "a"}, list.Data[0].Head())
}
