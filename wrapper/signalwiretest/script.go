package signalwiretest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
)

// Step is a state that a message, a call, a fax or a registration reaches.
type Step struct {
	// After is the time since the step before, by the clock of the Space.
	After time.Duration
	// State is the new state, such as undelivered. If it is empty, no further step is
	// taken.
	State string
	// Code and Reason explain a failure: they are error_code and error_message in the log of
	// messages and of faxes, and in the webhook of a message. Reason is also the end_reason
	// of a call.
	Code, Reason string
}

// Script replaces the states through which the messages, calls, faxes or registrations
// that an operation creates pass when the clock is advanced:
//
//	space.Script("create_message",
//		signalwiretest.Step{State: "queued"},
//		signalwiretest.Step{After: time.Second, State: "undelivered", Code: "30003", Reason: "Unreachable"})
//
// It applies to all later requests. Without steps, it restores the usual states. With
// one empty Step, the state does not change.
func (s *Space) Script(operationID string, steps ...Step) {
	s.tb.Helper()
	if op := s.requireOperation("Script", operationID); !op.hasStates() {
		s.tb.Fatalf("signalwiretest: Script: %s creates nothing that has a state", operationID)
	}
	for i, step := range steps {
		if invalid := atLeast("After", 0, step.After); invalid != "" {
			s.tb.Fatalf("signalwiretest: Script: step %d: %s", i+1, invalid)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.callbacks.scripts == nil {
		s.callbacks.scripts = map[string][]Step{}
	}
	if s.callbacks.scripts[operationID] = steps; len(steps) == 0 {
		delete(s.callbacks.scripts, operationID)
	}
}

// hasStates reports whether the operation creates or sends something that has a state.
func (op *operation) hasStates() bool {
	if op.load() != nil {
		return false
	}
	if _, logged := lifecycles[op.settle.Path]; logged {
		return true
	}
	has := properties(op.success)
	return op.role == createItem && (has["status"] != nil || has["state"] != nil)
}

// lifecycle describes the states that something passes through after a request has
// created or sent it.
type lifecycle struct {
	sent  map[string]any // members of the log entry when it is added, and of the response
	steps []Step
	// callback returns the payload that is sent when a state is reached, and its URL;
	// "" or nil if nothing is sent. callback is nil if nothing is ever sent. The Space
	// is locked.
	callback func(s *Space, t *thing, step Step) (url string, payload Payload)
	// hasError reports whether an entry has the members error_code and error_message.
	hasError bool
}

// thing is something that a request has created or sent, and that passes through
// states.
type thing struct {
	item *item
	body map[string]any // the request body
	// field is the member of the item that has the state.
	field string
	has   map[string]*openapi3.Schema // the members of the item, if they are known
}

// reach sets the state, and the members that are named after it: a boolean such as
// verified, and a time such as processed_at. at is the time of the clock.
func (t *thing) reach(state string, at time.Time) {
	t.item.object[t.field] = state
	name := strings.ToLower(state)
	if flag := t.has[name]; flag != nil && flattenAllOf(flag).Type.Is("boolean") {
		t.item.object[name] = true
	}
	if t.has[name+"_at"] != nil {
		t.item.object[name+"_at"] = at.UTC().Format(time.RFC3339)
	}
}

// The paths of the logs.
const (
	messageLog = "/api/messaging/logs"
	voiceLog   = "/api/voice/logs"
	faxLog     = "/api/fax/logs"
)

// lifecycles has the lifecycles of messages, calls and faxes, by the paths of their
// logs.
var lifecycles = map[string]lifecycle{
	messageLog: {
		sent:     map[string]any{"direction": "outbound", "status": "queued", "number_of_segments": 1},
		steps:    []Step{{State: "queued"}, {After: time.Second, State: "sent"}, {After: time.Second, State: "delivered"}},
		callback: messageCallback, hasError: true,
	},
	voiceLog: {
		sent: map[string]any{"direction": "outbound-api", "status": "queued"},
		steps: []Step{{State: "created"}, {After: time.Second, State: "ringing"}, {After: 3 * time.Second, State: "answered"},
			{After: 30 * time.Second, State: "ended", Reason: "hangup"}},
		callback: callCallback,
	},
	faxLog: {
		steps:    []Step{{State: "queued"}, {After: time.Second, State: "in-progress"}, {After: 30 * time.Second, State: "completed"}},
		callback: faxCallback, hasError: true,
	},
}

// settled has the states that follow a first state. They apply to resources that have
// the first state among the values of their state.
var settled = map[string][]Step{
	"submitted":             {{After: time.Minute, State: "in_progress"}, {After: time.Minute, State: "completed"}},
	"Awaiting Verification": {{After: time.Minute, State: "Verified"}},
}

// firstState returns the member that has the state of a created resource, and the
// states that the resource passes through. It has the first state when it is created.
// There are no steps if its states are not known. home is the shape of its path, and s
// its schema.
func firstState(home string, s *openapi3.Schema) (field string, steps []Step) {
	has := properties(s)
	for _, field := range []string{"status", "state"} {
		if has[field] == nil {
			continue
		}
		if review, registers := reviews[last(up(home, 1))]; registers {
			return field, []Step{{State: "pending"}, {After: time.Hour, State: review.state}}
		}
		for _, value := range flattenAllOf(has[field]).Enum {
			if next := settled[text(value)]; next != nil {
				return field, append([]Step{{State: text(value)}}, next...)
			}
		}
	}
	return "status", nil
}

// review describes how the registration of one type for 10DLC leaves the state pending.
type review struct {
	category events.TenDLCCategory
	state    string                            // the state after pending
	events   map[string]events.TenDLCEventType // by state; nothing is sent for other states
}

// reviews has the types of registrations for 10DLC, by the last segments of the paths
// of their lists.
var reviews = map[string]review{
	"brands": {events.TenDLCCategoryBrand, "completed", map[string]events.TenDLCEventType{
		"completed": events.TenDLCEventTypeBrandActivated, "unverified": events.TenDLCEventTypeBrandUnverified}},
	"campaigns": {events.TenDLCCategoryCampaign, "active", map[string]events.TenDLCEventType{
		"active": events.TenDLCEventTypeCampaignActivated, "inactive": events.TenDLCEventTypeCampaignDeactivated}},
	"orders": {events.TenDLCCategoryNumberAssignmentOrder, "processed", map[string]events.TenDLCEventType{
		"processed": events.TenDLCEventTypeNumberAssignmentOrderProcessed}},
}

// begin plans the states of what the request has created or sent. The request has
// succeeded, and the Space is locked.
func (c *call) begin() {
	if c.made == nil {
		return
	}
	t := &thing{item: c.made, field: "status", has: properties(c.success)}
	_ = json.Unmarshal(c.raw, &t.body) // a body that is not an object has no webhooks
	of, logged := lifecycles[up(c.made.path, 1)]
	if !logged {
		of.callback = reviewCallback
		t.field, of.steps = firstState(c.home, c.success)
	}
	if steps, scripted := c.callbacks.scripts[c.id]; scripted {
		of.steps = steps
	}
	if len(of.steps) > 0 && of.steps[0].State != "" {
		c.plan(t, of, of.steps)
	}
}

// plan lets a thing pass through states when the clock is advanced, and calls the
// webhooks of the lifecycle. The Space is locked.
func (s *Space) plan(t *thing, of lifecycle, steps []Step) {
	step, before := steps[0], t.item.object[t.field]
	s.later(step.After, func() {
		s.mu.Lock()
		// The item may have been deleted, or a request may have changed its state, and an
		// empty state ends the steps.
		if s.state.items[t.item.path] != t.item || t.item.object[t.field] != before || step.State == "" {
			s.mu.Unlock()
			return
		}
		t.reach(step.State, s.clock)
		if of.hasError && step.Code+step.Reason != "" {
			t.item.object["error_code"], t.item.object["error_message"] = step.Code, step.Reason
		}
		var d *delivery
		if of.callback != nil {
			if url, payload := of.callback(s, t, step); url != "" && payload != nil {
				d, _ = newDelivery(url, payload)
			}
		}
		if len(steps) > 1 {
			s.plan(t, of, steps[1:])
		}
		s.mu.Unlock()
		if d != nil {
			s.dispatch(d)
		}
		if step.State == "answered" {
			s.fetch(t)
		}
	})
}

// transmit adds an entry for what a call of [Space.Run] sends to a log, and plans its
// states. body names the webhook, as a request body does. If it is nil, the state does
// not change.
func (s *Space) transmit(log string, entry, body map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry["id"] = s.newMaker(s.state).id()
	for name, value := range lifecycles[log].sent {
		if entry[name] == nil {
			entry[name] = value
		}
	}
	it := s.enter(s.state, log, entry)
	if body != nil {
		s.plan(&thing{item: it, body: body, field: "status"}, lifecycles[log], lifecycles[log].steps)
	}
}

// messageCallback returns the status_callback of a message, and the payload for a
// state.
func messageCallback(s *Space, t *thing, step Step) (string, Payload) {
	return text(t.body["status_callback"]), events.MessageStatusPayload{
		ID: text(t.item.object["id"]), ProjectID: s.ProjectID, Status: events.MessageState(step.State),
		To: text(t.body["to"]), From: text(t.body["from"]), Body: text(t.body["body"]), NumberOfSegments: 1,
		Timestamp: s.clock, ErrorCode: step.Code, ErrorMessage: step.Reason,
	}
}

// callCallback returns the status_url of a call that the API has dialled, and the
// payload for a state. The URL is "" for a state that status_events does not list.
func callCallback(s *Space, t *thing, step Step) (string, Payload) {
	params := asObject(t.body["params"])
	if wanted, _ := params["status_events"].([]any); len(wanted) > 0 && !slices.Contains(wanted, any(step.State)) {
		return "", nil
	}
	p := events.CallStatePayload{
		EventType: events.CallState.EventTypes[0], Timestamp: float64(s.clock.UnixMilli()) / 1000, ProjectID: s.ProjectID, SpaceID: s.uuid("space"),
		Params: events.CallStateParams{
			CallID: text(t.item.object["id"]), NodeID: s.uuid("node"), SegmentID: text(t.item.object["id"]),
			CallState: events.CallStatus(step.State), Direction: events.DirectionOutbound, EndReason: step.Reason,
			Device: events.Device{Type: events.DeviceTypePhone, Params: events.DeviceParams{FromNumber: text(params["from"]), ToNumber: text(params["to"])}},
		},
	}
	return text(params["status_url"]), p
}

// faxCallback returns the status_url of a fax, and the payload when the fax is
// complete. The URL is "" for other states.
func faxCallback(s *Space, t *thing, step Step) (string, Payload) {
	if step.State != "completed" {
		return "", nil
	}
	p := events.CallFaxPayload{
		EventType: events.CallFax.EventTypes[0], Timestamp: float64(s.clock.UnixMilli()) / 1000, ProjectID: s.ProjectID, SpaceID: s.uuid("space"),
		Params: events.CallFaxParams{CallID: text(t.body["call_id"]), NodeID: s.uuid("node"), ControlID: text(t.item.object["id"])},
	}
	p.Params.Fax.Type = "finished"
	fax := &p.Params.Fax.Params
	fax.Direction, fax.Document, fax.Pages, fax.Success, fax.ResultText, fax.Format = "send", text(t.body["document"]), 1, true, "OK", "pdf"
	if t.item.object["direction"] == "inbound" {
		fax.Direction = "receive"
	}
	return text(t.body["status_url"]), p
}

// reviewCallback returns the status_callback_url of a registration for 10DLC, and the
// payload for a state. The URL is "" for states without an event.
func reviewCallback(s *Space, t *thing, step Step) (string, Payload) {
	kind := reviews[last(up(t.item.path, 1))]
	if kind.events[step.State] == "" {
		return "", nil
	}
	p := events.TenDLCStatusPayload{
		ProjectID: s.ProjectID, EventAt: s.clock.UTC().Format(time.RFC3339), EventCategory: kind.category, EventType: kind.events[step.State], State: step.State,
	}
	id, above := text(t.item.object["id"]), last(up(t.item.collection, 1))
	switch kind.category {
	case events.TenDLCCategoryBrand:
		p.BrandID = id
	case events.TenDLCCategoryCampaign:
		p.CampaignID, p.BrandID = id, above
	default:
		p.NumberAssignmentOrderID, p.CampaignID = id, above
	}
	return text(t.body["status_callback_url"]), p
}

// fetch requests the SWML of a call that the API has dialled, when the call is
// answered. Without a URL in the request body, it does nothing.
func (s *Space) fetch(t *thing) {
	params := asObject(t.body["params"])
	from := documentSource{primary: endpoint{text(params["url"]), text(params["url_method"])}, fallback: endpoint{url: text(params["fallback_url"])}}
	d, _ := from.delivery(s.inbound(text(t.item.object["id"]), text(params["from"]), text(params["to"]), events.DirectionOutbound, "answered"))
	if d != nil {
		s.dispatch(d)
	}
}

// inbound returns the payload of the request for the SWML of a call.
func (s *Space) inbound(id, from, to string, direction events.Direction, state string) events.InboundCallPayload {
	return events.InboundCallPayload{
		Call: events.Call{
			CallID: id, NodeID: s.uuid("node"), SegmentID: id, CallState: state, Direction: direction, Type: "phone",
			From: from, To: to, FromNumber: from, ToNumber: to, ProjectID: s.ProjectID, SpaceID: s.uuid("space"),
		},
	}
}

// ReceiveCall simulates a call from another number to a number of the Space. The Space
// requests the document that controls the call from the webhook of the number, and from
// the fallback URL if that fails. ReceiveCall returns the last request with its
// response. It returns an error if the Space has no such number with a webhook, or if
// nothing responds.
//
// The number is a phone number that was bought or put, with a call_relay_script_url or
// a call_request_url, or with the id of a SWML webhook, a cXML webhook or a cXML
// application as its calling_handler_resource_id. The call is added to the voice log.
func (s *Space) ReceiveCall(from, to string) (Callback, error) {
	s.mu.Lock()
	s.tick()
	id := s.newMaker(s.state).id()
	number := s.numbered(to)
	at := s.handlerOf(number, "call", "voice", "calling_handler_resource_id")
	if script := text(number["call_relay_script_url"]); script != "" {
		at = documentSource{primary: endpoint{url: script}}
	}
	if number != nil {
		s.enter(s.state, voiceLog, map[string]any{"id": id, "from": from, "to": to, "direction": "inbound", "status": "answered"})
	}
	s.mu.Unlock()
	if at.isForm {
		return s.ask(to, at, events.CXMLVoicePayload{AccountSID: s.ProjectID, CallSID: id, From: from, To: to, CallStatus: "ringing", Direction: "inbound"})
	}
	return s.ask(to, at, s.inbound(id, from, to, events.DirectionInbound, "created"))
}

// ReceiveMessage simulates a message from another number to a number of the Space. The
// Space requests the document that responds to it as [Space.ReceiveCall] does: from the
// resource that is the messaging_handler_resource_id of the number, or from the
// message_request_url of the number. The message is added to the message log.
func (s *Space) ReceiveMessage(from, to, body string) (Callback, error) {
	s.mu.Lock()
	s.tick()
	id, now := s.newMaker(s.state).id(), s.clock
	number := s.numbered(to)
	at := s.handlerOf(number, "message", "sms", "messaging_handler_resource_id")
	if number != nil {
		s.enter(s.state, messageLog, map[string]any{"id": id, "from": from, "to": to, "direction": "inbound", "status": "received", "number_of_segments": 1})
	}
	s.mu.Unlock()
	if at.isForm {
		return s.ask(to, at, events.CXMLMessagePayload{AccountSID: s.ProjectID, MessageSID: id, From: from, To: to, Body: body, NumMedia: "0"})
	}
	return s.ask(to, at, events.InboundMessagePayload{Message: events.Message{
		MessageID: id, ProjectID: s.ProjectID, SpaceID: s.uuid("space"), Direction: "inbound", Type: "sms",
		From: from, To: to, Body: body, Segments: 1, Timestamp: now,
	}})
}

// endpoint is the URL of a webhook and the method of its requests, POST by default.
type endpoint struct{ url, method string }

// documentSource says where the document for a call or a message is.
type documentSource struct {
	primary, fallback endpoint
	isForm            bool // requests are cXML requests, whose parameters are a form
}

// delivery returns the request for the document, with the one to the fallback URL. It
// returns nil if there is no URL.
func (from documentSource) delivery(payload Payload) (*delivery, error) {
	if from.primary.url == "" {
		return nil, nil
	}
	d, err := newDelivery(from.primary.url, payload)
	if err != nil {
		return nil, err
	}
	d.method = cmp.Or(from.primary.method, d.method)
	if from.fallback.url != "" {
		second := *d
		second.url, second.method = from.fallback.url, cmp.Or(from.fallback.method, http.MethodPost)
		d.fallback = &second
	}
	return d, nil
}

// handlerOf returns the webhook of a number: that of the resource whose id is in the
// given member of the number, or else the number's own. kind is the prefix of the
// members of the number that hold its own webhook, such as call in call_request_url.
// application is the prefix in a cXML application, such as voice in voice_url. The
// number may be nil. The Space is locked.
func (s *Space) handlerOf(number map[string]any, kind, application, member string) documentSource {
	in := func(object any, primary, fallback string, isForm bool) documentSource {
		of := asObject(object)
		at := func(prefix string) endpoint { return endpoint{text(of[prefix+"_url"]), text(of[prefix+"_method"])} }
		return documentSource{at(primary), at(fallback), isForm}
	}
	id := text(number[member])
	for _, it := range s.state.items {
		if id == "" || text(it.object["id"]) != id || !strings.HasPrefix(it.path, "/api/fabric/resources/") {
			continue
		}
		isForm := strings.HasPrefix(last(up(it.path, 1)), "cxml")
		for _, settings := range append(slices.Collect(maps.Values(it.object)), any(it.object)) {
			from := in(settings, "primary_request", "fallback_request", isForm)
			if from.primary.url == "" {
				from = in(settings, application, application+"_fallback", isForm)
			}
			if from.primary.url != "" {
				return from
			}
		}
	}
	return in(number, kind+"_request", kind+"_fallback", true)
}

// ask requests the document for a call or a message. It returns the last request with its
// response.
func (s *Space) ask(to string, from documentSource, payload Payload) (Callback, error) {
	d, err := from.delivery(payload)
	switch {
	case err != nil:
		return Callback{}, err
	case d == nil:
		return Callback{}, fmt.Errorf("signalwiretest: the Space has no number %s with a webhook", to)
	}
	s.mu.Lock()
	s.apply(d)
	s.mu.Unlock()
	c := s.send(d)
	return c, c.Err
}

// numbered returns the phone number resource with a number, or nil if the Space has
// none. The Space is locked.
func (s *Space) numbered(number string) map[string]any {
	for _, it := range s.state.list(s.description, "/api/relay/rest/phone_numbers") {
		if text(it.object["number"]) == number {
			return it.object
		}
	}
	return nil
}

// enter adds an entry to a log, with the time of the clock. The Space is locked.
func (s *Space) enter(st *state, log string, entry map[string]any) *item {
	entry["created_at"] = s.newMaker(st).time()
	shape := log + "/{}"
	return st.put(&item{path: fillPath(shape, text(entry["id"])), shape: shape, object: entry})
}
