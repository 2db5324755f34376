package signalwiretest

import (
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

// Step is a state that something reaches, some time after the step before.
type Step struct {
	After time.Duration
	// State is the new state, such as undelivered. If it is empty, nothing more
	// happens.
	State string
	// Code and Reason say why, where it fails: the error of a message, or the
	// end_reason of a call.
	Code, Reason string
}

// Script sets the states that what an operation makes passes through when the clock is
// advanced, instead of the usual ones:
//
//	space.Script("create_message",
//		signalwiretest.Step{State: "queued"},
//		signalwiretest.Step{After: time.Second, State: "undelivered", Code: "30003", Reason: "Unreachable"})
//
// It applies to all later requests. Without steps, the usual states are restored; with
// one empty step, nothing happens.
func (s *Space) Script(operationID string, steps ...Step) {
	s.tb.Helper()
	s.requireOperation("Script", operationID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.callbacks.scripts == nil {
		s.callbacks.scripts = map[string][]Step{}
	}
	if s.callbacks.scripts[operationID] = steps; len(steps) == 0 {
		delete(s.callbacks.scripts, operationID)
	}
}

// lifecycle describes the states that what a request made passes through.
type lifecycle struct {
	sent  map[string]any // what the entry in a log has of a thing that is sent
	steps []Step
	// callback is what is sent when a state is reached, and to which URL. It is nil if
	// nothing is. The Space is locked.
	callback func(s *Space, t *thing, step Step) (url string, payload Payload)
}

// thing is what a request made, which goes through states.
type thing struct {
	item *item
	body map[string]any // of the request
	// field is the member that has its state.
	field string
}

// The paths of the logs of what is sent.
const (
	messageLog = "/api/messaging/logs"
	voiceLog   = "/api/voice/logs"
	faxLog     = "/api/fax/logs"
)

// lifecycles are those of what is logged, by the path of the log.
var lifecycles = map[string]lifecycle{
	messageLog: {
		sent:     map[string]any{"direction": "outbound", "status": "queued"},
		steps:    []Step{{State: "queued"}, {After: time.Second, State: "sent"}, {After: time.Second, State: "delivered"}},
		callback: messageCallback,
	},
	voiceLog: {
		sent: map[string]any{"direction": "outbound-api", "status": "queued"},
		steps: []Step{{State: "created"}, {After: time.Second, State: "ringing"}, {After: 3 * time.Second, State: "answered"},
			{After: 30 * time.Second, State: "ended", Reason: "hangup"}},
		callback: callCallback,
	},
	faxLog: {
		steps:    []Step{{State: "queued"}, {After: time.Second, State: "in-progress"}, {After: 30 * time.Second, State: "completed"}},
		callback: faxCallback,
	},
}

// settled are the states that follow a first one, for what has an enumeration of states
// with that one.
var settled = map[string][]Step{
	"submitted":             {{After: time.Minute, State: "in_progress"}, {After: time.Minute, State: "completed"}},
	"Awaiting Verification": {{After: time.Minute, State: "Verified"}},
}

// firstState returns the member that has the state of what is created, and the steps
// that it goes through: the first one is taken at once. There are none if it has no
// states that are known.
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

// review is how a kind of the registration for 10DLC leaves pending.
type review struct {
	category events.TenDLCCategory
	state    string                            // that it reaches
	events   map[string]events.TenDLCEventType // by state; SignalWire has none for the others
}

// reviews are the kinds, by the last part of the path.
var reviews = map[string]review{
	"brands": {events.TenDLCCategoryBrand, "completed", map[string]events.TenDLCEventType{
		"completed": events.TenDLCEventTypeBrandActivated, "unverified": events.TenDLCEventTypeBrandUnverified}},
	"campaigns": {events.TenDLCCategoryCampaign, "active", map[string]events.TenDLCEventType{
		"active": events.TenDLCEventTypeCampaignActivated, "inactive": events.TenDLCEventTypeCampaignDeactivated}},
	"orders": {events.TenDLCCategoryNumberAssignmentOrder, "processed", map[string]events.TenDLCEventType{
		"processed": events.TenDLCEventTypeNumberAssignmentOrderProcessed}},
}

// begin plans what happens to what a request has made. The Space is locked, and the
// request was processed.
func (c *call) begin() {
	if c.made == nil {
		return
	}
	t := &thing{item: c.made, field: "status"}
	_ = json.Unmarshal(c.raw, &t.body) // a body that is not an object says nothing of callbacks
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

// plan makes a thing go through states. The Space is locked.
func (s *Space) plan(t *thing, of lifecycle, steps []Step) {
	step := steps[0]
	s.later(step.After, func() {
		s.mu.Lock()
		if s.state.items[t.item.path] != t.item || step.State == "" { // it was deleted, or it ends here
			s.mu.Unlock()
			return
		}
		t.item.object[t.field] = step.State
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

// transmit enters what a call sends in a log, and lets it go through its states. body is
// what says where they are posted; nothing happens later to what has none.
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

// messageCallback is what is posted to the status_callback of a message.
func messageCallback(s *Space, t *thing, step Step) (string, Payload) {
	return text(t.body["status_callback"]), events.MessageStatusPayload{
		ID: text(t.item.object["id"]), ProjectID: s.ProjectID, Status: events.MessageState(step.State),
		To: text(t.body["to"]), From: text(t.body["from"]), Body: text(t.body["body"]), NumberOfSegments: 1,
		Timestamp: s.clock, ErrorCode: step.Code, ErrorMessage: step.Reason,
	}
}

// callCallback is what is posted to the status_url of a call that was dialled.
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

// faxCallback is what is posted to the status_url of a fax that is complete.
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

// reviewCallback is what is posted to the status_callback_url of what is registered
// for 10DLC.
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

// fetch gets the SWML of a call that was dialled and is answered.
func (s *Space) fetch(t *thing) {
	params := asObject(t.body["params"])
	url := text(params["url"])
	if url == "" {
		return
	}
	d, _ := newDelivery(url, s.inbound(text(t.item.object["id"]), text(params["from"]), text(params["to"]), events.DirectionOutbound, "answered"))
	if text(params["url_method"]) == http.MethodGet {
		d.method = http.MethodGet
	}
	s.dispatch(d)
}

func (s *Space) inbound(id, from, to string, direction events.Direction, state string) events.InboundCallPayload {
	return events.InboundCallPayload{
		Call: events.Call{
			CallID: id, NodeID: s.uuid("node"), SegmentID: id, CallState: state, Direction: direction, Type: "phone",
			From: from, To: to, FromNumber: from, ToNumber: to, ProjectID: s.ProjectID, SpaceID: s.uuid("space"),
		},
	}
}

// ReceiveCall makes somebody call a number of the Space. The Space fetches what
// controls the call from the webhook of the number, and from the fallback if that
// fails, and returns the request and its response. The number is a phone number that
// was bought or put, with a call_relay_script_url or a call_request_url, or with a SWML
// webhook, a cXML webhook or a cXML application as its calling_handler_resource_id. The
// call is in the voice log.
func (s *Space) ReceiveCall(from, to string) (Callback, error) {
	s.mu.Lock()
	s.tick()
	id := s.newMaker(s.state).id()
	number := s.numbered(to)
	at := s.handlerOf(number, "call", "voice", "calling_handler_resource_id")
	if script := text(number["call_relay_script_url"]); script != "" {
		at = handlerURLs{url: script, method: http.MethodPost}
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

// ReceiveMessage makes somebody send a message to a number of the Space, which fetches
// what responds to it as [Space.ReceiveCall] does: from the resource that is the
// messaging_handler_resource_id of the number, or from its message_request_url. The
// message is in the message log.
func (s *Space) ReceiveMessage(from, to, body string) (Callback, error) {
	s.mu.Lock()
	s.tick()
	id, now := s.newMaker(s.state).id(), s.clock
	number := s.numbered(to)
	at := s.handlerOf(number, "message", "sms", "messaging_handler_resource_id")
	if number != nil {
		s.enter(s.state, messageLog, map[string]any{"id": id, "from": from, "to": to, "direction": "inbound", "status": "received"})
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

// handlerURLs are the webhook from which what controls a call or a message is fetched.
type handlerURLs struct {
	url, fallback, method string
	isForm                bool // it gets cXML's form parameters
}

// handlerOf returns the webhook of a number, which may be nil: that of the resource that
// member of the number names, or the one that the number has itself. kind is what the
// members for calls or for messages begin with in a number, and application in a cXML
// application. The Space is locked.
func (s *Space) handlerOf(number map[string]any, kind, application, member string) handlerURLs {
	in := func(object any, url, fallback, method string, isForm bool) handlerURLs {
		of := asObject(object)
		return handlerURLs{text(of[url]), text(of[fallback]), text(of[method]), isForm}
	}
	id := text(number[member])
	for _, it := range s.state.items {
		if id == "" || text(it.object["id"]) != id || !strings.HasPrefix(it.path, "/api/fabric/resources/") {
			continue
		}
		isForm := strings.HasPrefix(last(up(it.path, 1)), "cxml")
		for _, settings := range append(slices.Collect(maps.Values(it.object)), any(it.object)) {
			at := in(settings, "primary_request_url", "fallback_request_url", "primary_request_method", isForm)
			if at.url == "" {
				at = in(settings, application+"_url", application+"_fallback_url", application+"_method", isForm)
			}
			if at.url != "" {
				return at
			}
		}
	}
	return in(number, kind+"_request_url", kind+"_fallback_url", kind+"_request_method", true)
}

// ask fetches what controls a call or a message.
func (s *Space) ask(to string, from handlerURLs, payload Payload) (c Callback, err error) {
	if from.url == "" {
		return c, fmt.Errorf("signalwiretest: the Space has no number %s with a webhook", to)
	}
	for _, at := range []string{from.url, from.fallback} {
		if at == "" {
			continue
		}
		d, err := newDelivery(at, payload)
		if err != nil {
			return c, err
		}
		if from.method == http.MethodGet {
			d.method = from.method
		}
		s.mu.Lock()
		for _, o := range s.callbacks.options {
			o(d)
		}
		s.mu.Unlock()
		if c = s.send(d); c.Err == nil && c.Status/100 == 2 {
			break
		}
	}
	return c, c.Err
}

// numbered is the phone number that somebody calls; nil if the Space has none. The
// Space is locked.
func (s *Space) numbered(number string) map[string]any {
	for _, it := range s.state.list(s.description, "/api/relay/rest/phone_numbers") {
		if text(it.object["number"]) == number {
			return it.object
		}
	}
	return nil
}

// enter makes an entry in a log. The Space is locked.
func (s *Space) enter(st *state, log string, entry map[string]any) *item {
	entry["created_at"] = s.newMaker(st).time()
	shape := log + "/{}"
	return st.put(&item{path: fillPath(shape, text(entry["id"])), shape: shape, object: entry})
}
