package signalwiretest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// maxSteps limits the number of steps of a call, so that each call ends.
const maxSteps = 10_000

// Run describes what happened in a call that [Space.Run] simulated.
type Run struct {
	// Events are the steps that were executed, in order.
	Events []Event
	// Unknown are the parts of the document that [Space.Run] does not execute or cannot
	// evaluate, each with its place and the reason. The call continued after them.
	Unknown []string
	// Ended says how the call ended: "hangup", "the caller hung up", "end of the
	// document", or the reason why it was stopped.
	Ended string
	// Variables are the variables at the end of the call, by name.
	Variables map[string]any
}

// Event is a step that was executed, or a part of a step.
type Event struct {
	Place string         // where the step is, such as main[1].switch.case.2[0]
	Verb  string         // the verb; "say", "function" or "action" in a conversation
	Text  string         // what was played, said, connected, sent or called
	Input string         // the caller's input, the value that selected a branch, or the result
	Args  map[string]any // the arguments of a function, or what an action has
}

// String returns the event as one line.
func (e Event) String() string {
	text := e.Verb
	if e.Text != "" {
		text += " " + e.Text
	}
	if e.Args != nil {
		args, _ := json.Marshal(e.Args)
		text += " " + string(args)
	}
	if e.Input != "" {
		text += " -> " + e.Input
	}
	return text
}

// String returns one line for each event, and how the call ended.
func (r *Run) String() string {
	var b strings.Builder
	for _, e := range r.Events {
		fmt.Fprintln(&b, e)
	}
	return b.String() + "ended: " + r.Ended
}

// Texts returns the texts of the events with a verb, in order. For "play", they are
// what the caller heard.
func (r *Run) Texts(verb string) (texts []string) {
	for _, e := range r.Events {
		if e.Verb == verb {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// RunOption is a setting of [Space.Run]. It determines what happens in the call.
type RunOption func(*runner)

// WithInput sets what the caller enters or says, one string for each prompt. For an
// empty string, the caller enters nothing. At a prompt for which there is no string,
// the caller hangs up.
func WithInput(inputs ...string) RunOption {
	return func(r *runner) { r.inputs = append(r.inputs, inputs...) }
}

// WithVariables sets variables, which the document refers to as ${name}.
func WithVariables(variables map[string]any) RunOption {
	return func(r *runner) { maps.Copy(r.vars, variables) }
}

// WithCall sets properties of the call, which the document refers to as ${call.name}.
// The default is an inbound call from +15555550123 to +15555550100.
func WithCall(call map[string]any) RunOption {
	return func(r *runner) { maps.Copy(r.call(), call) }
}

// WithConnect sets the function that decides whether connect reaches a destination. It
// gets the destination and returns the value of the variable connect_result,
// "connected" or "failed". By default, all destinations are connected, and hang up
// before the caller does.
func WithConnect(result func(to string) string) RunOption {
	return func(r *runner) { r.connect = result }
}

// WithFunction sets the handler of a function of an AI agent. Without it, the request
// is sent to the URL of the function or of its include, or passed to [WithFetch] if
// that URL is not on this machine; or the function's data_map is executed.
func WithFunction(name string, function func(args map[string]any) swml.Output) RunOption {
	return func(r *runner) { r.functions[name] = function }
}

// WithConversation sets the function that simulates the conversation with an AI agent:
// it calls the functions of the agent as the model would. By default, no functions are
// called. When talk returns, the call continues with the next step.
func WithConversation(talk func(agent *Agent)) RunOption {
	return func(r *runner) { r.talk = talk }
}

// WithFetch sets the function that returns documents and responses for URLs that are
// not on this machine. [Space.Run] sends nothing to other machines.
func WithFetch(fetch func(method, url string, body []byte) ([]byte, error)) RunOption {
	return func(r *runner) { r.fetch = fetch }
}

// Run simulates a call that a SWML document controls. It executes the steps until the
// call ends, without waiting. doc is a [swml.Document]; or the JSON of one as gen.SWML,
// []byte or string; or the URL of a handler on this machine, to which Run sends the
// request that SignalWire sends for an inbound call, signed with [Space.SigningKey].
//
// Run plays nothing and connects nobody; it records what would have happened. It
// executes answer, play, prompt, switch, cond, goto, execute, return, transfer, set,
// unset, connect with confirm, record, record_call, send_sms, send_fax, receive_fax,
// request, sleep, hangup, and ai with its functions, those of includes and data_map
// among them, and their actions. Any other verb adds an event and an entry to
// [Run].Unknown, and the call continues. The entries are also written to the log of t.
//
// The call, the calls of connect, the messages and the faxes are added to the logs of
// the Space. Messages and faxes pass through their states when the clock is advanced.
func (s *Space) Run(t testing.TB, doc any, opts ...RunOption) *Run {
	t.Helper()
	r := &runner{
		Run: &Run{}, t: t, space: s, jumps: map[string]int{}, functions: map[string]func(map[string]any) swml.Output{},
		connect: func(string) string { return "connected" },
		vars: scope{"call": map[string]any{
			"from": "+15555550123", "to": "+15555550100", "type": "phone", "direction": "inbound", "state": "created",
		}},
	}
	for _, o := range opts {
		o(r)
	}
	document, err := r.document(doc)
	if err != nil {
		t.Fatalf("signalwiretest: Run: %v", err)
	}
	call := maps.Clone(r.call()) // may be a map of the caller
	r.vars["call"] = call
	s.locked(func() {
		if call["call_id"] == nil {
			call["call_id"] = s.newMaker(s.state).id()
		}
		s.enter(s.state, voiceLog, map[string]any{
			"id": call["call_id"], "from": call["from"], "to": call["to"], "direction": call["direction"], "status": "ended",
		})
	})
	end := r.section(document, "main", nil)
	if r.Ended = end.ended; r.Ended == "" {
		r.Ended = "end of the document"
	}
	r.Variables = r.vars
	for _, u := range r.Unknown {
		t.Log(u)
	}
	return r.Run
}

// runner simulates a call.
type runner struct {
	*Run
	t     testing.TB
	space *Space
	vars  scope
	steps int            // the number of steps so far
	jumps map[string]int // the number of jumps so far, by the place of the goto

	inputs    []string
	connect   func(to string) string
	functions map[string]func(args map[string]any) swml.Output
	talk      func(*Agent)
	fetch     func(method, url string, body []byte) ([]byte, error)
}

// flow says where a call continues after a step. The zero value is the next step.
type flow struct {
	ended    string // the call has ended, for this reason
	label    string // the call continues at this label
	returned bool   // the call continues after the section; return_value is set
}

// call returns the properties of the call, which the document refers to as ${call}.
func (r *runner) call() map[string]any { return r.object("call") }

// object returns a variable that is an object. If it is none, because the document has set
// it to another value, object makes it an empty one.
func (r *runner) object(name string) map[string]any {
	object := asObject(r.vars[name])
	if object == nil {
		object = map[string]any{}
		r.vars[name] = object
	}
	return object
}

// event adds an event and returns it.
func (r *runner) event(place, verb, text, input string) *Event {
	r.Events = append(r.Events, Event{Place: place, Verb: verb, Text: text, Input: input})
	return &r.Events[len(r.Events)-1]
}

// unknown adds an entry to Unknown.
func (r *runner) unknown(place, format string, args ...any) {
	r.Unknown = append(r.Unknown, place+": "+fmt.Sprintf(format, args...))
}

// text replaces the variables in a string by their values. It reports those that cannot
// be evaluated as unknown.
func (r *runner) text(place, text string) string {
	expanded, err := r.vars.expand(text)
	if err != nil {
		r.unknown(place, "%v", err)
	}
	return expanded
}

// value replaces the variables in all strings of a JSON value. A string that consists of
// one variable becomes its value, which need not be a string.
func (r *runner) value(place string, v any) any {
	switch v := v.(type) {
	case string:
		if found := variable.FindStringSubmatch(v); found != nil && found[0] == v {
			if value, err := r.vars.evaluate(found[1]); err == nil {
				return value
			}
		}
		return r.text(place, v)
	case []any:
		values := make([]any, len(v))
		for i := range v {
			values[i] = r.value(place, v[i])
		}
		return values
	case map[string]any:
		values := make(map[string]any, len(v))
		for name := range v {
			values[name] = r.value(place, v[name])
		}
		return values
	}
	return v
}

// set sets variables. SWML does so in the order of the document, which a map does not
// have: a variable is set after those that its value refers to. If it refers to itself,
// that is its value before.
func (r *runner) set(place string, values map[string]any) {
	var assign func(name string)
	assign = func(name string) {
		v, waits := values[name]
		if !waits {
			return
		}
		delete(values, name)
		text, _ := json.Marshal(v)
		for _, found := range variable.FindAllSubmatch(text, -1) {
			for _, other := range word.FindAll(found[1], -1) {
				assign(string(other))
			}
		}
		r.vars[name] = r.value(place, v)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		assign(name)
	}
}

// count returns a count that is given as a number or as a variable, or other if it is
// neither. A negative count is 0.
func (r *runner) count(place string, v swml.Value[int], other int) int {
	text := inText(v.JSON)
	if expression, _ := v.JSON.(string); expression != "" {
		text = r.text(place, expression)
	}
	n := number(text)
	if text == "" || math.IsNaN(n) {
		return other
	}
	return int(min(max(n, 0), math.MaxInt32))
}

// document decodes the document of [Space.Run]. It requests the document if doc is a
// URL.
func (r *runner) document(doc any) (swml.Document, error) {
	var text []byte
	switch doc := doc.(type) {
	case swml.Document:
		var err error
		if text, err = json.Marshal(doc); err != nil {
			return doc, err
		}
	case []byte:
		text = doc
	case string:
		text = []byte(doc)
		if strings.HasPrefix(doc, "http") {
			body, err := r.fetchSWML(doc, nil)
			if err != nil {
				return swml.Document{}, err
			}
			text = body
		}
	case json.Marshaler:
		var err error
		if text, err = doc.MarshalJSON(); err != nil {
			return swml.Document{}, err
		}
	default:
		return swml.Document{}, fmt.Errorf("expected a swml.Document, its JSON or its URL, got a value of type %T", doc)
	}
	document, err := swml.Parse(text)
	if err != nil {
		return document, fmt.Errorf("expected a SWML document in JSON: %w", err)
	}
	return document, nil
}

// payload returns the body of the request for a document, as SignalWire sends it.
func (r *runner) payload(params map[string]any) []byte {
	vars := maps.Clone(map[string]any(r.vars))
	delete(vars, "call")
	delete(vars, "params")
	text, _ := json.Marshal(finite(map[string]any{"call": r.vars["call"], "vars": vars, "params": params, "envs": map[string]any{}}))
	return text
}

// fetchSWML requests a document from a URL. The request is signed.
func (r *runner) fetchSWML(from string, params map[string]any) ([]byte, error) {
	return r.request(http.MethodPost, from, r.payload(params), nil, &events.InboundCall.Kind)
}

// request sends a request to a URL on this machine, signed if kind is not nil, or calls the
// function of [WithFetch] for any other URL. It returns the body of the response, and an
// error if the status is not a success.
func (r *runner) request(method, to string, body []byte, header map[string]any, kind *events.Kind) ([]byte, error) {
	u, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	if !isLoopback(u) {
		if r.fetch == nil {
			return nil, fmt.Errorf("%s is not on this machine; use WithFetch", u.Redacted())
		}
		return r.fetch(method, to, body)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, inText(value))
	}
	if kind != nil {
		if err := webhook.Sign(req, r.space.SigningKey(), *kind); err != nil {
			return nil, err
		}
	}
	resp, err := (&http.Client{Transport: loopback}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	r.vars["request_response_code"] = resp.StatusCode
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s", u.Redacted(), resp.Status)
	}
	return text, err
}

// section executes a section of a document, with parameters that the steps refer to as
// ${params.name}.
func (r *runner) section(doc swml.Document, name string, params map[string]any) flow {
	steps, found := doc.Sections[name]
	if !found {
		return flow{ended: "there is no section " + name}
	}
	before := r.vars["params"]
	r.vars["params"] = params
	end := r.block(doc, name, steps)
	r.vars["params"] = before
	if end.label != "" {
		return flow{ended: fmt.Sprintf("there is no label %q in section %s", end.label, name)}
	}
	return flow{ended: end.ended}
}

// block executes steps. If a step jumps to a label among them, block continues there.
func (r *runner) block(doc swml.Document, place string, steps swml.Section) flow {
	for i := 0; i < len(steps); i++ {
		if r.steps++; r.steps > maxSteps {
			return flow{ended: fmt.Sprintf("stopped after %d steps", maxSteps)}
		}
		end := r.step(doc, fmt.Sprintf("%s[%d]", place, i), steps[i])
		if end.label != "" {
			if at := slices.Index(steps, swml.Verb(swml.Label(end.label))); at >= 0 {
				i, end = at, flow{}
			}
		}
		if end != (flow{}) {
			return end
		}
	}
	return flow{}
}

// step executes one step.
func (r *runner) step(doc swml.Document, place string, step swml.Verb) flow {
	switch v := step.(type) {
	case swml.Answer:
		r.event(place, "answer", "", "")
	case swml.Hangup:
		r.event(place, "hangup", string(v.Reason), "")
		return flow{ended: "hangup"}
	case swml.Label:
	case swml.Play:
		for _, sound := range append(sounds(v.Short), append([]string{v.URL}, v.URLs...)...) {
			if sound != "" {
				r.event(place, "play", r.text(place, sound), "")
			}
		}
	case swml.Prompt:
		return r.prompt(place, v)
	case swml.Set:
		r.set(place, plainNumbers(v))
		r.event(place, "set", "", "").Args = v
	case swml.Unset:
		for _, name := range v.Names.All() {
			delete(r.vars, name)
		}
		r.event(place, "unset", strings.Join(v.Names.All(), " "), "")
	case swml.Switch:
		return r.choose(doc, place+".switch", v)
	case swml.Cond:
		return r.cond(doc, place+".cond", v)
	case swml.Goto:
		return r.jump(place, v)
	case swml.Execute:
		return r.execute(doc, place, v)
	case swml.Transfer:
		dest := r.text(place, cmp.Or(v.Dest, text(v.Short)))
		r.event(place, "transfer", dest, "")
		return r.goTo(doc, place, dest, v.Params, true)
	case swml.Return:
		value := r.value(place, plainNumbers(map[string]any{"": v.Short})[""])
		if v.Short == nil {
			value = r.value(place, plainNumbers(v.Extra))
		}
		r.vars["return_value"] = value
		r.event(place, "return", inText(value), "")
		return flow{returned: true}
	case swml.Connect:
		return r.connectTo(doc, place, v)
	case swml.Record:
		r.vars["record_url"], r.vars["record_result"] = r.space.URL+"/recordings/1."+cmp.Or(string(v.Format), "wav"), "success"
		r.event(place, "record", inText(r.vars["record_url"]), "")
	case swml.RecordCall:
		r.vars["record_call_url"], r.vars["record_call_result"] = r.space.URL+"/recordings/call."+cmp.Or(string(v.Format), "wav"), "success"
		r.event(place, "record_call", inText(r.vars["record_call_url"]), "")
	case swml.SendSMS:
		from, to, body := r.text(place, v.FromNumber), r.text(place, v.ToNumber), r.text(place, v.Body)
		r.event(place, "send_sms", strings.TrimSpace(to+": "+body+" "+r.text(place, strings.Join(v.Media, " "))), "")
		r.space.transmit(messageLog, map[string]any{"from": from, "to": to},
			map[string]any{"from": from, "to": to, "body": body, "status_callback": r.text(place, v.StatusCallback)})
	case swml.SendFax:
		r.fax(place, "send_fax", "outbound-dial", v.Document, v.StatusURL)
	case swml.ReceiveFax:
		r.fax(place, "receive_fax", "inbound", r.space.URL+"/faxes/1.pdf", v.StatusURL)
	case swml.Sleep:
		r.event(place, "sleep", "", "")
	case swml.Request:
		r.sendRequest(place, v)
	case swml.AI:
		return r.converse(doc, place, v)
	default:
		name := verbOf(step)
		r.event(place, name, "", "")
		r.unknown(place, "%s is not executed", name)
	}
	return flow{}
}

// fax simulates that the call sends or receives a fax.
func (r *runner) fax(place, verb, direction, document, statusURL string) {
	document = r.text(place, document)
	r.event(place, verb, document, "")
	call := r.call()
	from, to := call["from"], call["to"]
	if direction != "inbound" { // the fax is sent to the caller
		from, to = to, from
	}
	r.vars[verb+"_document"], r.vars[verb+"_result"] = document, "success"
	r.space.transmit(faxLog, map[string]any{"from": from, "to": to, "direction": direction},
		map[string]any{"call_id": call["call_id"], "document": document, "status_url": r.text(place, statusURL)})
}

// sounds returns the sounds of a play step whose value is a string or an array.
func sounds(short any) (texts []string) {
	switch short := short.(type) {
	case string:
		return []string{short}
	case []any:
		for _, s := range short {
			texts = append(texts, inText(s))
		}
	}
	return texts
}

// verbOf returns the name of the verb of a step.
func verbOf(step swml.Verb) string {
	var decoded any
	text, _ := swml.Encode(step)
	_ = json.Unmarshal(text, &decoded)
	switch step := decoded.(type) {
	case string:
		return step
	case map[string]any:
		return strings.Join(slices.Sorted(maps.Keys(step)), "+")
	}
	return string(text)
}

// plainNumbers returns a copy of values with all numbers as float64, as in JavaScript.
func plainNumbers(values map[string]any) (plain map[string]any) {
	text, _ := json.Marshal(values)
	_ = json.Unmarshal(text, &plain)
	return plain
}

// prompt executes a step prompt with the next input of the caller. It sets prompt_value
// and prompt_result.
func (r *runner) prompt(place string, v swml.Prompt) flow {
	var heard []string
	for _, sound := range v.Play.All() {
		heard = append(heard, r.text(place, sound))
	}
	e := r.event(place, "prompt", strings.Join(heard, ", "), "")
	if len(r.inputs) == 0 {
		return flow{ended: "the caller hung up"}
	}
	input := r.inputs[0]
	r.inputs = r.inputs[1:]
	result := "match_digits"
	switch {
	case input == "":
		result = "no_input"
	case strings.Trim(input, "0123456789*#ABCD") != "":
		result = "match_speech"
		if v.SpeechLanguage == "" && v.SpeechHints == nil && v.SpeechTimeout.JSON == nil && v.SpeechEndTimeout.JSON == nil {
			result, input = "no_input", ""
			r.unknown(place, "the prompt takes no speech")
		}
	default:
		most := r.count(place, v.MaxDigits, 1)
		if at := strings.IndexAny(input, v.Terminators); at >= 0 && v.Terminators != "" {
			r.vars["prompt_digit_terminator"], input = input[at:at+1], input[:at]
		}
		if len(input) > most {
			r.unknown(place, "the prompt takes %d digits of %s", most, input)
			input = input[:most]
		}
	}
	e.Input = fmt.Sprintf("%q", input)
	r.vars["prompt_value"], r.vars["prompt_result"] = input, result
	return flow{}
}

// choose executes the steps of the case that a variable selects, or those of default.
func (r *runner) choose(doc swml.Document, place string, v swml.Switch) flow {
	name := strings.TrimSuffix(strings.TrimLeft(v.Variable, "$%{"), "}")
	value, found := r.vars.lookUp(name)
	if !found {
		value, _ = r.vars.evaluate(name)
	}
	if !found && value == nil {
		r.unknown(place, "there is no variable %s", name)
	}
	text := inText(value)
	r.event(strings.TrimSuffix(place, ".switch"), "switch", name, fmt.Sprintf("%q", text))
	if steps, found := v.Case[text]; found {
		return r.block(doc, place+".case."+text, steps)
	}
	return r.block(doc, place+".default", v.Default)
}

// cond executes the steps of the first condition that is true, or those of else.
func (r *runner) cond(doc swml.Document, place string, branches []swml.Condition) flow {
	for i, b := range branches {
		place, at := fmt.Sprintf("%s[%d]", place, i), strings.TrimSuffix(place, ".cond")
		if b.When == "" {
			r.event(at, "cond", "else", "")
			return r.block(doc, place+".else", b.Else)
		}
		v, err := r.vars.evaluate(b.When)
		if err != nil {
			r.unknown(place, "%v; taken as false", err)
		}
		r.event(at, "cond", b.When, fmt.Sprint(truth(v)))
		if truth(v) {
			return r.block(doc, place+".then", b.Then)
		}
		if b.Else != nil {
			return r.block(doc, place+".else", b.Else)
		}
	}
	return flow{}
}

// jump executes a step goto: it jumps to the label if the condition is true and the
// limit of jumps is not reached.
func (r *runner) jump(place string, v swml.Goto) flow {
	most := r.count(place, v.Max, 100)
	if v.When != "" {
		value, err := r.vars.evaluate(v.When)
		if err != nil {
			r.unknown(place, "%v; taken as false", err)
		}
		if !truth(value) {
			return flow{}
		}
	}
	if r.jumps[place]++; r.jumps[place] > most {
		return flow{}
	}
	label := r.text(place, v.Label)
	r.event(place, "goto", label, "")
	return flow{label: label}
}

// goTo executes a section of the document, or the document at a URL. If forGood is
// true, the call does not return from there, and ends with it.
func (r *runner) goTo(doc swml.Document, place, dest string, params map[string]any, forGood bool) flow {
	expanded := r.value(place, plainNumbers(params)).(map[string]any)
	if _, found := doc.Sections[dest]; !found && strings.Contains(dest, "://") {
		text, err := r.fetchSWML(dest, expanded)
		if err == nil {
			doc, err = swml.Parse(text)
		}
		if err != nil {
			r.unknown(place, "%v", err)
			return flow{ended: "no document at " + dest}
		}
		dest = "main"
	}
	end := r.section(doc, dest, expanded)
	if end.ended == "" && forGood {
		end.ended = "end of the document"
	}
	return end
}

// execute executes a section or a document as a subroutine, and then the steps for its
// result.
func (r *runner) execute(doc swml.Document, place string, v swml.Execute) flow {
	dest := r.text(place, cmp.Or(v.Dest, text(v.Short)))
	r.event(place, "execute", dest, "")
	delete(r.vars, "return_value")
	if end := r.goTo(doc, place, dest, v.Params, false); end.ended != "" {
		return end
	}
	if end := r.block(doc, place+".execute.on_return", v.OnReturn); end != (flow{}) {
		return end
	}
	return r.result(doc, place+".execute.result", "return_value", v.Result)
}

// result executes the steps for the result of a step. The result is in a variable.
func (r *runner) result(doc swml.Document, place, variable string, v swml.Result) flow {
	if v.Switch != nil {
		branches := *v.Switch
		branches.Variable = cmp.Or(branches.Variable, variable)
		return r.choose(doc, place, branches)
	}
	return r.cond(doc, place, v.Cond)
}

// connectTo executes a step connect: it tries the destinations in order until one is
// connected, and then executes the steps for the result.
func (r *runner) connectTo(doc swml.Document, place string, v swml.Connect) flow {
	parties := append(slices.Clone(v.Serial), v.Parallel...)
	for _, group := range v.SerialParallel {
		parties = append(parties, group...)
	}
	if v.To != "" {
		parties = []swml.ConnectDestination{{To: v.To}}
	}
	result := "failed"
	for _, party := range parties {
		to := r.text(place, party.To)
		result = r.connect(to)
		at := len(r.Events)
		r.event(place, "connect", to, "")
		call := r.call()
		r.space.transmit(voiceLog, map[string]any{
			"from": call["from"], "to": to, "direction": "outbound-dial", "parent_id": call["call_id"], "status": map[bool]string{true: "ended", false: "failed"}[result == "connected"],
		}, nil)
		confirm := party.Confirm
		if confirm.URL == "" && confirm.Steps == nil {
			confirm = v.Confirm
		}
		if result == "connected" && !r.confirm(doc, place+".connect.confirm", confirm) {
			result = "failed"
		}
		if r.Events[at].Input = result; result == "connected" {
			break
		}
	}
	r.vars["connect_result"] = result
	return r.result(doc, place+".connect.result", "connect_result", v.Result)
}

// confirm executes the steps that a called party hears before it is connected. It
// reports whether the party is then connected, that is, whether the steps did not end
// its call. Prompts take the next input of [WithInput].
func (r *runner) confirm(doc swml.Document, place string, c swml.Confirm) bool {
	var end flow
	if c.URL != "" {
		end = r.goTo(doc, place, r.text(place, c.URL), nil, false)
	} else {
		end = r.block(doc, place, c.Steps)
	}
	return end.ended == ""
}

// sendRequest executes a step request, and sets the variables for its response.
func (r *runner) sendRequest(place string, v swml.Request) {
	to := r.text(place, v.URL)
	var body []byte
	switch b := v.Body.(type) {
	case nil:
	case string:
		body = []byte(r.text(place, b))
	default:
		body, _ = json.Marshal(b)
		body = variable.ReplaceAllFunc(body, func(found []byte) []byte { return []byte(inJSON(r.text(place, string(found)))) })
	}
	headers := map[string]any{}
	for name, value := range v.Headers {
		headers[name] = r.text(place, inText(value))
	}
	response, err := r.request(string(v.Method), to, body, headers, nil)
	result := "success"
	if err != nil {
		result = "failed"
		r.unknown(place, "%v", err)
	}
	r.event(place, "request", string(v.Method)+" "+to, result)
	r.vars["request_result"], r.vars["return_value"], r.vars["request_response_body"] = result, result, string(response)
	var saved any
	if save, _ := v.SaveVariables.Get(); save && json.Unmarshal(response, &saved) == nil {
		r.vars["request_response"] = saved
	}
}
