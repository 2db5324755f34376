package signalwiretest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

const hooksURL = "https://hooks.example.com"

// receiver notes the states of messages and calls that a Space posts.
type receiver struct {
	states   []string
	payloads []events.MessageStatusPayload
	handler  http.Handler
}

func newReceiver(t *testing.T, space *signalwiretest.Space, publicURL string) *receiver {
	t.Helper()
	hooks, err := webhook.New(publicURL, space.SigningKey())
	require.NoError(t, err)
	r := &receiver{}
	mux := http.NewServeMux()
	mux.Handle("POST /sms", webhook.Handler(hooks, events.MessageStatus, func(_ context.Context, m *events.MessageStatusPayload) error {
		r.states = append(r.states, string(m.Status))
		r.payloads = append(r.payloads, *m)
		return nil
	}))
	mux.Handle("POST /call-state", webhook.Dispatch(hooks, nil, webhook.On(events.CallState, func(_ context.Context, e *events.CallStatePayload) error {
		r.states = append(r.states, string(e.Params.CallState))
		return nil
	})))
	respond := func(_ context.Context, in *events.InboundCallPayload) (gen.SWML, error) {
		r.states = append(r.states, "call from "+in.Call.From)
		return gen.SWML(`{"sections":{"main":["answer"]}}`), nil
	}
	mux.Handle("POST /call", webhook.Responder(hooks, events.InboundCall, respond))
	mux.Handle("GET /call", webhook.Responder(hooks, events.InboundCall, respond))
	mux.Handle("/voice", webhook.Responder(hooks, events.CXMLVoice, func(_ context.Context, in *events.CXMLVoicePayload) (events.CXML, error) {
		return events.CXML("<Response>" + in.From + "</Response>"), nil
	}))
	mux.Handle("POST /inbox", webhook.Responder(hooks, events.InboundMessage, func(_ context.Context, in *events.InboundMessagePayload) (gen.SWML, error) {
		r.states = append(r.states, "message "+in.Message.Body)
		return nil, nil
	}))
	mux.Handle("POST /broken", http.NotFoundHandler())
	r.handler = mux
	return r
}

func sendSMS(t *testing.T, client *signalwire.Client, callback string) {
	t.Helper()
	_, err := client.Messages.Create(context.Background(), gen.SMSMessage{
		From: "+15555550199", To: "+15555550100", Body: signalwire.Ptr("hi"), StatusCallback: &callback,
	})
	require.NoError(t, err)
}

// TestMessageStates: a message goes through its states as the clock is advanced, and
// not before, and posts each to its status_callback.
func TestMessageStates(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	r := newReceiver(t, space, hooksURL)
	space.Handle(hooksURL, r.handler)
	sendSMS(t, space.Client(), hooksURL+"/sms")
	assert.Empty(t, r.states, "nothing happens until the clock is advanced")
	_, made, err := send(space, "POST", "/api/messaging/messages", `{"from":"+15555550199","to":"+15555550100","body":"hi","status_callback":"https://example.com/elsewhere"}`)
	require.NoError(t, err)
	for _, member := range []string{`"direction":"outbound"`, `"status":"queued"`, `"number_of_segments":1`, `"status_callback_url":"https://example.com/elsewhere"`} {
		assert.Contains(t, string(made), member)
	}
	space.Advance(0)
	assert.Equal(t, []string{"queued"}, r.states)
	space.Advance(time.Hour)
	assert.Equal(t, []string{"queued", "sent", "delivered"}, r.states)
	assert.Equal(t, "hi", r.payloads[0].Body)
	assert.Equal(t, time.Second, r.payloads[1].Timestamp.Sub(r.payloads[0].Timestamp))
	page, err := space.Client().MessageLogs.List(context.Background(), gen.ListMessageLogsParams{})
	require.NoError(t, err)
	require.Len(t, page.Data, 2)
	assert.Equal(t, "delivered", string(page.Data[1].Status))
	assert.EqualValues(t, 1, page.Data[1].NumberOfSegments)
	assert.Equal(t, r.payloads[0].ID, page.Data[1].ID.String())
	require.Len(t, space.Callbacks(), 6)
	assert.Equal(t, http.StatusNoContent, space.Callbacks()[0].Status)

	space.Script("create_message", signalwiretest.Step{State: "queued"},
		signalwiretest.Step{After: time.Second, State: "undelivered", Code: "30003", Reason: "Unreachable"})
	r.states, r.payloads = nil, nil
	sendSMS(t, space.Client(), hooksURL+"/sms")
	space.Advance(time.Hour)
	assert.Equal(t, []string{"queued", "undelivered"}, r.states)
	assert.Equal(t, "30003", r.payloads[1].ErrorCode)
	page, err = space.Client().MessageLogs.List(context.Background(), gen.ListMessageLogsParams{})
	require.NoError(t, err)
	require.NotNil(t, page.Data[0].ErrorCode)
	require.NotNil(t, page.Data[0].ErrorMessage)
	assert.Equal(t, []string{"undelivered", "30003", "Unreachable"}, []string{string(page.Data[0].Status), *page.Data[0].ErrorCode, *page.Data[0].ErrorMessage})
	assert.Nil(t, page.Data[1].ErrorCode)

	space.Script("create_message", signalwiretest.Step{})
	r.states = nil
	sendSMS(t, space.Client(), hooksURL+"/sms")
	space.Advance(time.Hour)
	assert.Empty(t, r.states)
}

// TestDeliverAll: what happens arrives twice, late, out of order, unsigned or with an
// old key, on request.
func TestDeliverAll(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opt    signalwiretest.DeliveryOption
		states string
		status int
	}{
		"twice":        {signalwiretest.Twice(), "queued queued sent sent delivered delivered", 204},
		"late":         {signalwiretest.Late(time.Minute), "queued sent delivered", 204},
		"out of order": {signalwiretest.OutOfOrder(), "sent queued delivered", 204},
		"unsigned":     {signalwiretest.Unsigned(), "", 403},
		"old key":      {signalwiretest.SignedWith("PSK_old"), "", 403},
	} {
		space := signalwiretest.New(t)
		r := newReceiver(t, space, hooksURL)
		space.Handle(hooksURL, r.handler)
		space.DeliverAll(c.opt)
		sendSMS(t, space.Client(), hooksURL+"/sms")
		if name == "late" {
			space.Advance(30 * time.Second)
			assert.Empty(t, r.states)
		}
		space.Advance(time.Hour)
		assert.Equal(t, c.states, strings.Join(r.states, " "), name)
		for _, sent := range space.Callbacks() {
			assert.Equal(t, c.status, sent.Status, name)
		}
	}
}

// TestOutboundCall: a call that is dialled rings, is answered, fetches its SWML, and
// ends.
func TestOutboundCall(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	r := newReceiver(t, space, hooksURL)
	space.Handle(hooksURL, r.handler)
	dial := func(extra string) {
		require.NoError(t, space.Client().Do(context.Background(), "POST", "/api/calling/calls", []byte(`{"command":"dial","params":{
			"from":"+15555550199","to":"+15555550100","url":"`+hooksURL+`/call","status_url":"`+hooksURL+`/call-state"`+extra+`}}`), nil))
	}
	dial("")
	space.Advance(time.Hour)
	assert.Equal(t, []string{"created", "ringing", "answered", "call from +15555550199", "ended"}, r.states)
	r.states = nil
	dial(`,"status_events":["ended"],"url_method":"GET"`)
	space.Script("call_commands", signalwiretest.Step{State: "created"}, signalwiretest.Step{After: time.Second, State: "ended", Reason: "busy"})
	dial("")
	space.Advance(time.Hour)
	assert.Equal(t, []string{"created", "ended", "call from ", "ended"}, r.states)
}

// TestFallbackOfOutboundCall: the SWML of a call that is dialled comes from the fallback
// URL if it cannot be fetched from the first one, also if requests are late or repeated.
func TestFallbackOfOutboundCall(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]signalwiretest.DeliveryOption{nil, {signalwiretest.Late(time.Minute)}, {signalwiretest.Twice()}, {signalwiretest.OutOfOrder()}} {
		const second = hooksURL + "/call?second"
		for _, first := range []string{hooksURL + "/broken", "https://other.example.com/none", hooksURL + "/call"} {
			space := signalwiretest.New(t)
			r := newReceiver(t, space, hooksURL)
			space.Handle(hooksURL, r.handler)
			space.DeliverAll(opts...)
			require.NoError(t, space.Client().Do(context.Background(), "POST", "/api/calling/calls", []byte(`{"command":"dial","params":{
				"from":"+15555550199","to":"+15555550100","url":"`+first+`","fallback_url":"`+second+`","url_method":"GET"}}`), nil))
			space.Advance(time.Hour)
			var asked []string
			times := map[string]int{}
			for _, c := range space.Callbacks() {
				if times[c.URL]++; len(asked) == 0 || asked[len(asked)-1] != c.URL {
					asked = append(asked, c.URL)
				}
			}
			want := []string{first}
			if first != hooksURL+"/call" {
				want = append(want, second)
				assert.Equal(t, times[first], times[second], "the options are for the fallback, too")
				assert.Contains(t, r.states, "call from +15555550199") // in a POST, as url_method is for url alone
			}
			assert.Equal(t, want, asked)
		}
	}
}

// TestMethodOfFallback: the fallback URL of a number or a resource has a method of its own.
func TestMethodOfFallback(t *testing.T) {
	t.Parallel()
	const number = "+15555550199"
	for _, c := range []struct{ path, url, method, fallback, fallbackMethod string }{
		{"/api/relay/rest/phone_numbers/", "call_request_url", "call_request_method", "call_fallback_url", "call_fallback_method"},
		{"/api/fabric/resources/cxml_webhooks/", "primary_request_url", "primary_request_method", "fallback_request_url", "fallback_request_method"},
		{"/api/fabric/resources/swml_webhooks/", "primary_request_url", "primary_request_method", "fallback_request_url", "fallback_request_method"},
		{"/api/fabric/resources/cxml_applications/", "voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method"},
	} {
		for _, methods := range [][2]string{{"GET", "POST"}, {"POST", "GET"}} {
			space := signalwiretest.New(t)
			var got []string
			space.Handle(hooksURL, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = append(got, r.Method+" "+r.URL.Path)
				w.WriteHeader(http.StatusInternalServerError)
			}))
			webhooks := map[string]any{c.url: hooksURL + "/first", c.method: methods[0], c.fallback: hooksURL + "/second", c.fallbackMethod: methods[1]}
			if strings.HasSuffix(c.path, "phone_numbers/") {
				webhooks["number"] = number
			} else {
				webhooks = map[string]any{"id": otherID, strings.TrimSuffix(path.Base(c.path), "s"): webhooks}
				space.PutAt("/api/relay/rest/phone_numbers/"+someID, map[string]any{"number": number, "calling_handler_resource_id": otherID})
			}
			space.PutAt(c.path+otherID, webhooks)
			_, err := space.ReceiveCall("+15555550100", number)
			require.NoError(t, err, "%s %v %v", c.path, methods, space.Callbacks())
			assert.Equal(t, []string{methods[0] + " /first", methods[1] + " /second"}, got, "%s %v", c.path, methods)
		}
	}
}

// TestTimeOfCallback: a callback has the time at which it was sent, and callbacks are in
// that order, also if the handler uses the Space, which advances its clock.
func TestTimeOfCallback(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	space.Handle(hooksURL, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/first" {
			assert.Empty(t, space.Callbacks(), "it has no response yet")
			_, err := space.Client().PhoneNumbers.List(r.Context(), gen.ListPhoneNumbersParams{})
			assert.NoError(t, err)
			_, err = space.Post(hooksURL+"/second", events.MessageStatusPayload{})
			assert.NoError(t, err)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	before := space.Now()
	c, err := space.Post(hooksURL+"/first", events.MessageStatusPayload{})
	require.NoError(t, err)
	assert.Equal(t, before, c.Time)
	sent := space.Callbacks()
	require.Len(t, sent, 2)
	assert.Equal(t, []string{hooksURL + "/first", hooksURL + "/second"}, []string{sent[0].URL, sent[1].URL})
	assert.Equal(t, before, sent[0].Time)
	assert.Equal(t, before.Add(time.Second), sent[1].Time)
}

// TestReceive: a call and a message that come in fetch what the number names, or its
// fallback, and are in the logs.
func TestReceive(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	r := newReceiver(t, space, hooksURL)
	space.Handle(hooksURL, r.handler)
	const number = "+15555550199"
	id := uuid.MustParse("11111111-2222-4333-8444-555555555555")
	put := func(fields map[string]any) {
		fields["number"] = number
		space.PutAt("/api/relay/rest/phone_numbers/"+id.String(), fields)
	}
	_, err := space.ReceiveCall("+15555550100", number)
	assert.ErrorContains(t, err, "no number")

	put(map[string]any{"call_handler": "relay_script", "call_relay_script_url": hooksURL + "/call"})
	c, err := space.ReceiveCall("+15555550100", number)
	require.NoError(t, err)
	assert.Equal(t, `{"sections":{"main":["answer"]}}`, string(c.Response))
	assert.Equal(t, []string{"call from +15555550100"}, r.states)
	var in events.InboundCallPayload
	require.NoError(t, c.Decode(&in))
	assert.Equal(t, number, in.Call.To)

	put(map[string]any{"call_handler": "laml_webhooks", "call_request_url": hooksURL + "/voice"})
	c, err = space.ReceiveCall("+15555550100", number)
	require.NoError(t, err)
	assert.Equal(t, "<Response>+15555550100</Response>", string(c.Response))

	hook := "66666666-7777-4888-9999-aaaaaaaaaaaa"
	space.PutAt("/api/fabric/resources/swml_webhooks/"+hook, map[string]any{"id": hook, "swml_webhook": map[string]any{
		"primary_request_method": "POST", "primary_request_url": hooksURL + "/broken", "fallback_request_method": "POST", "fallback_request_url": hooksURL + "/inbox"}})
	put(map[string]any{"messaging_handler_resource_id": hook})
	r.states = nil
	c, err = space.ReceiveMessage("+15555550100", number, "hello")
	require.NoError(t, err)
	assert.Equal(t, http.StatusNoContent, c.Status)
	assert.Equal(t, []string{"message hello"}, r.states)

	space.PutAt("/api/fabric/resources/cxml_webhooks/"+otherID, map[string]any{"id": otherID, "cxml_webhook": map[string]any{
		"primary_request_method": "GET", "primary_request_url": hooksURL + "/voice"}})
	space.PutAt("/api/fabric/resources/cxml_applications/"+someID, map[string]any{"id": someID, "cxml_application": map[string]any{"voice_url": hooksURL + "/voice"}})
	for _, resource := range []string{otherID, someID} {
		put(map[string]any{"calling_handler_resource_id": resource})
		c, err = space.ReceiveCall("+15555550100", number)
		require.NoError(t, err)
		assert.Equal(t, "<Response>+15555550100</Response>", string(c.Response), "cXML is asked for with form parameters")
	}

	logs, err := space.Client().VoiceLogs.List(context.Background(), gen.ListVoiceLogsParams{})
	require.NoError(t, err)
	assert.Len(t, logs.Data, 4)
}

// TestDeliverAllOfReceive: the options are for what comes in, too, and for its fallback,
// except for those that would delay the response.
func TestDeliverAllOfReceive(t *testing.T) {
	t.Parallel()
	const number = "+15555550199"
	for name, c := range map[string]struct {
		opts   []signalwiretest.DeliveryOption
		posts  int // to each URL
		status int
	}{
		"none":         {nil, 1, 200},
		"twice":        {[]signalwiretest.DeliveryOption{signalwiretest.Twice()}, 2, 200},
		"late":         {[]signalwiretest.DeliveryOption{signalwiretest.Late(time.Minute)}, 1, 200},
		"out of order": {[]signalwiretest.DeliveryOption{signalwiretest.OutOfOrder()}, 1, 200},
		"unsigned":     {[]signalwiretest.DeliveryOption{signalwiretest.Unsigned()}, 1, 403},
		"old key":      {[]signalwiretest.DeliveryOption{signalwiretest.SignedWith("PSK_old")}, 1, 403},
	} {
		space := signalwiretest.New(t)
		r := newReceiver(t, space, hooksURL)
		space.Handle(hooksURL, r.handler)
		space.PutAt("/api/relay/rest/phone_numbers/"+someID, map[string]any{"number": number, "calling_handler_resource_id": otherID, "messaging_handler_resource_id": otherID})
		for i, receive := range []func() (signalwiretest.Callback, error){
			func() (signalwiretest.Callback, error) { return space.ReceiveCall("+15555550100", number) },
			func() (signalwiretest.Callback, error) {
				return space.ReceiveMessage("+15555550100", number, "hello")
			},
		} {
			second, status := []string{"/call", "/inbox"}[i], c.status
			if status == 200 && i == 1 {
				status = 204 // nothing is said to a message
			}
			space.PutAt("/api/fabric/resources/swml_webhooks/"+otherID, map[string]any{"id": otherID, "swml_webhook": map[string]any{
				"primary_request_method": "POST", "primary_request_url": hooksURL + "/broken", "fallback_request_method": "POST", "fallback_request_url": hooksURL + second}})
			space.DeliverAll(c.opts...)
			before := len(space.Callbacks())
			last, err := receive()
			require.NoError(t, err, name)
			assert.Equal(t, status, last.Status, name)
			var want, got []string
			for _, path := range []string{"/broken", second} {
				for range c.posts {
					want = append(want, hooksURL+path)
				}
			}
			for _, sent := range space.Callbacks()[before:] {
				got = append(got, sent.URL)
			}
			assert.Equal(t, want, got, name)
			space.DeliverAll()
			space.Advance(time.Hour)
			assert.Len(t, space.Callbacks(), before+len(want), "%s: nothing comes later", name)
		}
	}
}

// TestDeliver hands a request to a handler in the test, and Post to a server on
// loopback, and nowhere else.
func TestDeliver(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	r := newReceiver(t, space, hooksURL)
	payload := events.MessageStatusPayload{ID: "m-1", Status: events.MessageStateDelivered}
	at := signalwiretest.To(hooksURL + "/sms")
	assert.Equal(t, 204, space.Deliver(t, r.handler, payload, at).Status)
	assert.Equal(t, 204, space.Deliver(t, r.handler, payload, at, signalwiretest.Twice()).Status)
	assert.Equal(t, 403, space.Deliver(t, r.handler, payload, at, signalwiretest.Unsigned()).Status)
	assert.Equal(t, 403, space.Deliver(t, r.handler, payload, at, signalwiretest.SignedWith("PSK_old")).Status)
	assert.Equal(t, []string{"delivered", "delivered", "delivered"}, r.states)

	// SignalWire does not sign the calls of functions.
	hooks, err := webhook.New(hooksURL, space.SigningKey())
	require.NoError(t, err)
	function := webhook.Responder(hooks.WithBasic("me", "pw"), events.AIFunction, func(context.Context, *events.AIFunctionPayload) (gen.SWML, error) { return nil, nil })
	called := events.AIFunctionPayload{Function: "f"}
	assert.Equal(t, 403, space.Deliver(t, function, called).Status)
	assert.Equal(t, 204, space.Deliver(t, function, called, signalwiretest.To("https://me:pw@hooks.example.com/f")).Status)
	assert.Equal(t, 204, space.Deliver(t, function, called, signalwiretest.SignedWith(space.SigningKey())).Status)

	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	server.Config.Handler = newReceiver(t, space, url).handler
	server.Start()
	defer server.Close()
	c, err := space.Post(url+"/voice", events.CXMLVoicePayload{From: "+1555", CallStatus: "ringing"})
	require.NoError(t, err)
	assert.Equal(t, "<Response>+1555</Response>", string(c.Response))
	_, err = space.Post("https://example.com/voice", payload)
	assert.ErrorContains(t, err, "not on loopback")
	assert.NotContains(t, space.Callbacks()[0].URL, "@")

	for _, url := range []string{"https://me:t0ps3cret@example.com:x/", "https://me:t0ps3cret@example.com/%zz", "me:t0ps3cret@example.com", "https://me:t0ps3cret@/"} {
		c, err = space.Post(url, payload)
		require.Error(t, err)
		assert.NotContains(t, fmt.Sprint(err, c.Err, c), "t0ps3cret")
	}

	c, err = space.Post("http://me:pw@127.0.0.1:1/f?token=t0ps3cret", events.AIFunctionPayload{Function: "f", MetaData: map[string]any{"password": "t0ps3cret"}})
	require.Error(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		line := fmt.Sprintf(verb, c)
		assert.Regexp(t, `^ai_swaig_tool_webhook to http://127\.0\.0\.1:1/f\?token=\[redacted\] status=0 body=\{.*"function":"f".*\} error=.+$`, line)
		assert.NotContains(t, line, "t0ps3cret")
		assert.NotContains(t, line, "pw@")
	}
	assert.Contains(t, fmt.Sprint(space.Callbacks()), "cxml_voice_request to "+url+"/voice status=200 body=(")
}

// TestLogInPages: a log is newest first in pages, too.
func TestLogInPages(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	client := space.Client()
	var times, got []time.Time
	for range 3 {
		sendSMS(t, client, hooksURL+"/sms")
		times = append([]time.Time{space.Now()}, times...)
	}
	for entry, err := range client.MessageLogs.All(context.Background(), gen.ListMessageLogsParams{PageSize: signalwire.Ptr(int64(1))}) {
		require.NoError(t, err)
		got = append(got, entry.CreatedAt.UTC())
	}
	assert.Equal(t, times, got)
}

// TestHandlerThatAborts gives no response, as over the network; any other panic is a
// mistake in the test.
func TestHandlerThatAborts(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	var with any = http.ErrAbortHandler
	space.Handle("https://hooks.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(with) }))
	c, err := space.Post("https://hooks.example.com/sms", events.MessageStatusPayload{})
	require.ErrorIs(t, err, http.ErrAbortHandler)
	require.Zero(t, c.Status)
	require.Len(t, space.Callbacks(), 1)
	with = "it broke"
	require.PanicsWithValue(t, with, func() { _, _ = space.Post("https://hooks.example.com/sms", events.MessageStatusPayload{}) })
}
