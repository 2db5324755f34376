package signalwiretest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// transition is a state that is reached some time after the request, and what is
// posted then; "" if nothing is.
type transition struct {
	at     time.Duration
	state  string
	posted string
}

const (
	registry = "/api/relay/rest/registry/beta"
	toHook   = `"status_callback_url":"` + hooksURL + `/"`
)

// lifecycles are the states of what requests make, without a script and with one.
var lifecycles = map[string]struct {
	path, body  string
	read        string // where its state is read, if not at path
	operation   string // that a script is for
	script      []signalwiretest.Step
	transitions []transition
}{
	"message": {
		path: "/api/messaging/messages", read: "/api/messaging/logs",
		body: `{"from":"+15555550199","to":"+15555550100","body":"hi","status_callback":"` + hooksURL + `/"}`,
		transitions: []transition{
			{0, "queued", "message_status_callback queued"},
			{time.Second, "sent", "message_status_callback sent"},
			{2 * time.Second, "delivered", "message_status_callback delivered"},
		},
	},
	"message that fails": {
		path: "/api/messaging/messages", read: "/api/messaging/logs", operation: "create_message",
		body:   `{"from":"+15555550199","to":"+15555550100","body":"hi","status_callback":"` + hooksURL + `/"}`,
		script: []signalwiretest.Step{{State: "sent"}, {After: time.Minute, State: "failed", Code: "30007", Reason: "Carrier violation"}},
		transitions: []transition{
			{0, "sent", "message_status_callback sent"},
			{time.Minute, "failed", "message_status_callback failed 30007 Carrier violation"},
		},
	},
	"call": {
		path: "/api/calling/calls", read: "/api/voice/logs",
		body: `{"command":"dial","params":{"from":"+15555550199","to":"+15555550100","url":"` + hooksURL + `/swml","status_url":"` + hooksURL + `/"}}`,
		transitions: []transition{
			{0, "created", "call_event.calling.call.state created"},
			{time.Second, "ringing", "call_event.calling.call.state ringing"},
			{4 * time.Second, "answered", "call_event.calling.call.state answered, inbound_call_webhook answered"},
			{34 * time.Second, "ended", "call_event.calling.call.state ended hangup"},
		},
	},
	"call to somebody who is busy": {
		path: "/api/calling/calls", read: "/api/voice/logs", operation: "call_commands",
		body:   `{"command":"dial","params":{"from":"+15555550199","to":"+15555550100","url":"` + hooksURL + `/swml","status_url":"` + hooksURL + `/","status_events":["ended"]}}`,
		script: []signalwiretest.Step{{State: "created"}, {After: time.Second, State: "ringing"}, {After: time.Second, State: "ended", Reason: "busy"}},
		transitions: []transition{
			{0, "created", ""},
			{time.Second, "ringing", ""},
			{2 * time.Second, "ended", "call_event.calling.call.state ended busy"},
		},
	},
	"brand": {
		path: registry + "/brands", body: `{"csp_self_registered":true,"name":"Acme","csp_brand_reference":"B1",` + toHook + `}`,
		transitions: []transition{{0, "pending", ""}, {time.Hour, "completed", "ten_dlc_status_callback brand brand_activated completed"}},
	},
	"brand that is verified late": {
		path: registry + "/brands", body: `{"csp_self_registered":true,"name":"Acme","csp_brand_reference":"B1",` + toHook + `}`, operation: "create_brand",
		script: []signalwiretest.Step{{State: "pending"}, {After: time.Hour, State: "unverified"}, {After: time.Hour, State: "completed"}},
		transitions: []transition{
			{0, "pending", ""},
			{time.Hour, "unverified", "ten_dlc_status_callback brand brand_unverified unverified"},
			{2 * time.Hour, "completed", "ten_dlc_status_callback brand brand_activated completed"},
		},
	},
	"campaign": {
		path: registry + "/brands/" + someID + "/campaigns", body: `{"name":"Acme","brand_id":"` + someID + `","csp_campaign_reference":"C1",` + toHook + `}`,
		transitions: []transition{{0, "pending", ""}, {time.Hour, "active", "ten_dlc_status_callback campaign campaign_activated active"}},
	},
	"campaign that is ended": {
		path: registry + "/brands/" + someID + "/campaigns", body: `{"name":"Acme","brand_id":"` + someID + `","csp_campaign_reference":"C1",` + toHook + `}`, operation: "create_campaign",
		script: []signalwiretest.Step{{State: "pending"}, {After: time.Hour, State: "active"}, {After: time.Hour, State: "inactive"}},
		transitions: []transition{
			{0, "pending", ""},
			{time.Hour, "active", "ten_dlc_status_callback campaign campaign_activated active"},
			{2 * time.Hour, "inactive", "ten_dlc_status_callback campaign campaign_deactivated inactive"},
		},
	},
	"campaign order": {
		path: registry + "/campaigns/" + someID + "/orders", body: `{"phone_numbers":["` + otherID + `"],` + toHook + `}`,
		transitions: []transition{{0, "pending", ""}, {time.Hour, "processed", "ten_dlc_status_callback number_assignment_order number_assignment_order_processed processed"}},
	},
	"verification": {
		path: "/api/relay/rest/verified_caller_ids", body: `{"number":"+15555550100"}`,
		transitions: []transition{{0, "Awaiting Verification", ""}, {time.Minute, "Verified", ""}},
	},
	"document": {
		path: "/api/datasphere/documents", body: `{"url":"https://example.com/a.pdf"}`,
		transitions: []transition{{0, "submitted", ""}, {time.Minute, "in_progress", ""}, {2 * time.Minute, "completed", ""}},
	},
	"document that cannot be read": {
		path: "/api/datasphere/documents", body: `{"url":"https://example.com/a.pdf"}`, operation: "create_document",
		script:      []signalwiretest.Step{{State: "submitted"}, {After: time.Second, State: "failed"}},
		transitions: []transition{{0, "submitted", ""}, {time.Second, "failed", ""}},
	},
}

// TestLifecycles: each state is reached at its time by the clock of the Space and not
// before, and is posted then, once. Two Spaces are alike in that, also if one has quirks.
func TestLifecycles(t *testing.T) {
	t.Parallel()
	for name, c := range lifecycles {
		read := cmp.Or(c.read, c.path)
		id := ""
		live := func(opts ...signalwiretest.Option) (bodies []string) {
			space := signalwiretest.New(t, opts...)
			space.SetTime(signalwiretest.StartTime)
			space.Handle(hooksURL, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
			if c.script != nil {
				space.Script(c.operation, c.script...)
			}
			_, response, err := send(space, "POST", c.path, c.body)
			require.NoError(t, err)
			if id == "" {
				var made struct{ ID string }
				require.NoError(t, json.Unmarshal(response, &made), "%s: %s", name, response)
				id = made.ID
			}
			assert.Empty(t, space.Callbacks(), "%s: nothing happens until the clock is advanced", name)
			var want, got []string
			for i, step := range c.transitions {
				if i > 0 {
					space.Advance(step.at - c.transitions[i-1].at - 1)
					assert.Equal(t, c.transitions[i-1].state, stateAt(t, space, read, id), "%s: just before %v", name, step.at)
					space.Advance(1)
				} else {
					space.Advance(0)
				}
				assert.Equal(t, step.state, stateAt(t, space, read, id), "%s: after %v", name, step.at)
				for post := range strings.SplitSeq(step.posted, ", ") {
					if post != "" {
						want = append(want, fmt.Sprint(step.at, " ", post))
					}
				}
			}
			space.Advance(1000 * time.Hour) // nothing more comes
			for _, sent := range space.Callbacks() {
				got = append(got, fmt.Sprint(sent.Time.Sub(signalwiretest.StartTime), " ", posted(t, sent)))
				assert.Equal(t, http.StatusNoContent, sent.Status)
				bodies = append(bodies, string(sent.Body))
			}
			assert.Equal(t, want, got, name)
			return bodies
		}
		assert.Equal(t, live(), live(signalwiretest.WithQuirks()), name)
	}
}

// TestMembersNamedAfterAState: a response that says in two members whether a state is
// reached says the same in both.
func TestMembersNamedAfterAState(t *testing.T) {
	t.Parallel()
	for name, member := range map[string]string{"verification": "verified", "campaign order": "processed"} {
		c := lifecycles[name]
		space := signalwiretest.New(t)
		space.SetTime(signalwiretest.StartTime)
		_, response, err := send(space, "POST", c.path, c.body)
		require.NoError(t, err)
		var made map[string]any
		require.NoError(t, json.Unmarshal(response, &made))
		path := c.path + "/" + made["id"].(string)
		assert.Nil(t, at(t, space, path)[member+"_at"], name)
		end := c.transitions[len(c.transitions)-1]
		space.Advance(end.at)
		object := at(t, space, path)
		assert.Equal(t, space.Now().Format(time.RFC3339), object[member+"_at"], name)
		if made[member] != nil {
			assert.Equal(t, []any{false, true}, []any{made[member], object[member]}, name)
		}
		space.Advance(time.Hour)
		assert.Equal(t, object[member+"_at"], at(t, space, path)[member+"_at"], name)
	}
}

// TestMembersNamedLikeAState: a state sets only members that say that it is reached. One
// of its name that is no boolean is left alone, and none is added that is not described.
func TestMembersNamedLikeAState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, body, operation, state, member string }{
		{"/api/messaging/messages", `{"from":"+15555550199","to":"+15555550100","body":"hi"}`, "create_message", "to", "to"},
		{"/api/relay/rest/verified_caller_ids", `{"number":"+15555550100"}`, "create_verified_caller_id", "Number", "number"},
		{"/api/relay/rest/verified_caller_ids", `{"number":"+15555550100"}`, "create_verified_caller_id", "shelved", "shelved"},
	} {
		space := signalwiretest.New(t)
		space.Script(c.operation, signalwiretest.Step{After: time.Second, State: c.state})
		_, response, err := send(space, "POST", c.path, c.body)
		require.NoError(t, err)
		var made map[string]any
		require.NoError(t, json.Unmarshal(response, &made))
		path := c.path + "/" + made["id"].(string)
		if strings.HasPrefix(c.path, "/api/messaging") {
			path = "/api/messaging/logs/" + made["id"].(string)
		}
		before := at(t, space, path)
		space.Advance(time.Second)
		after := at(t, space, path)
		assert.Equal(t, c.state, after["status"], c.path)
		assert.Equal(t, before[c.member], after[c.member], "%s of %s", c.member, c.path)
		assert.NotContains(t, after, c.member+"_at")
		assert.Len(t, after, len(before), "%s: no member was added", c.path)
	}
}

// TestVerification: the PUT that verifies a caller ID does so at once, and the POST that
// calls its number again does not.
func TestVerification(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	const list = "/api/relay/rest/verified_caller_ids"
	path := list + "/" + askObject(t, space, 201, "POST", list, object{"number": "+15555550100"})["id"].(string)
	require.Equal(t, "Awaiting Verification", askObject(t, space, 200, "POST", path+"/verification", nil)["status"])
	verified := askObject(t, space, 200, "PUT", path+"/verification", object{"verification_code": "123456"})
	require.Equal(t, []any{"Verified", true, space.Now().Format(time.RFC3339)}, []any{verified["status"], verified["verified"], verified["verified_at"]})
	require.NotContains(t, verified, "verification_code")
	for _, after := range []time.Duration{0, time.Second, time.Hour} {
		space.Advance(after)
		require.Equal(t, verified, askObject(t, space, 200, "GET", path, nil))
	}
	require.Equal(t, verified, askObject(t, space, 200, "PUT", path+"/verification", object{"verification_code": "123456"}))
}

// stateAt is the state of what is at a path of a Space.
func stateAt(t *testing.T, space *signalwiretest.Space, list, id string) string {
	t.Helper()
	object := at(t, space, list+"/"+id)
	if object["state"] != nil {
		return object["state"].(string)
	}
	return object["status"].(string)
}

// posted returns the kind and the state that a callback has.
func posted(t *testing.T, c signalwiretest.Callback) string {
	t.Helper()
	text := c.Kind.ID
	switch c.Kind.ID {
	case events.MessageStatus.ID:
		var p events.MessageStatusPayload
		require.NoError(t, c.Decode(&p))
		text += " " + string(p.Status)
		if p.ErrorCode != "" {
			text += " " + p.ErrorCode + " " + p.ErrorMessage
		}
	case events.CallState.ID:
		var p events.CallStatePayload
		require.NoError(t, c.Decode(&p))
		assert.Equal(t, float64(c.Time.UnixMilli())/1000, p.Timestamp)
		text += " " + string(p.Params.CallState)
		if p.Params.EndReason != "" {
			text += " " + p.Params.EndReason
		}
	case events.InboundCall.ID:
		var p events.InboundCallPayload
		require.NoError(t, c.Decode(&p))
		text += " " + p.Call.CallState
	case events.TenDLCStatus.ID:
		var p events.TenDLCStatusPayload
		require.NoError(t, c.Decode(&p))
		text += " " + string(p.EventCategory) + " " + string(p.EventType) + " " + p.State
	}
	return text
}
