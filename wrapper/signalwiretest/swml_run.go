package signalwiretest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
)

// maxSteps limits the number of steps of a run, so that each run ends.
const maxSteps = 10_000

// Run is what happened in a call that [Space.Run] made.
type Run struct {
	// Events are the steps that were executed, in their order.
	Events []Event
	// Unknown are the parts of the document that Run does not know or cannot
	// evaluate, with their places. The call went on after them.
	Unknown []string
	// Ended says how the call ended: "hangup", "the caller hung up", "end of the
	// document", or why it had to be stopped.
	Ended string
	// Variables are the variables at the end of the call.
	Variables map[string]any
}

// Event is a step that was executed, or a part of one.
type Event struct {
	Place string         // where the step is, such as main[1].switch.case.2[0]
	Verb  string         // the verb; "say", "function" or "action" in a conversation
	Text  string         // what was played, said, connected, sent or called
	Input string         // what the caller entered, the value that a branch was taken on, or how the step ended
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

// String returns the call with one event a line, and how it ended.
func (r *Run) String() string {
	var b strings.Builder
	for _, e := range r.Events {
		fmt.Fprintln(&b, e)
	}
	return b.String() + "ended: " + r.Ended
}

// Texts returns the texts of the events of a verb, in their order: of "play", what the
// caller heard.
func (r *Run) Texts(verb string) (texts []string) {
	for _, e := range r.Events {
		if e.Verb == verb {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// RunOption is a setting of [Space.Run]: what happens in the call.
type RunOption func(*runner)

// WithInput sets what the caller enters or says, one string for each prompt. The caller
// enters nothing for an empty string, and hangs up at a prompt for which there is none.
func WithInput(inputs ...string) RunOption {
	return func(r *runner) { r.inputs = append(r.inputs, inputs...) }
}

// WithVariables sets variables, to which the document refers as ${name}.
func WithVariables(variables map[string]any) RunOption {
	return func(r *runner) { maps.Copy(r.vars, variables) }
}

// WithCall sets properties of the call, to which the document refers as ${call.name}.
// The default is an inbound call from +15555550123 to +15555550100.
func WithCall(call map[string]any) RunOption {
	return func(r *runner) { maps.Copy(r.call(), call) }
}

// WithConnect sets the function that decides how the calls of connect end. It gets the
// destination and returns the value of the variable connect_result, "connected" or
// "failed". By default, all destinations are connected, and hang up before the caller.
func WithConnect(result func(to string) string) RunOption {
	return func(r *runner) { r.connect = result }
}

// WithFunction handles the calls of a function of an AI agent. Without it, the
// function's URL, or that of its include, is called if it is on this machine, or its
// data_map is used.
func WithFunction(name string, function func(args map[string]any) swml.Output) RunOption {
	return func(r *runner) { r.functions[name] = function }
}

// WithConversation sets the function that stands for the conversation with an AI agent:
// it calls the functions that the agent would call. By default, the agent calls none.
// The call goes on with the next step when talk returns.
func WithConversation(talk func(agent *Agent)) RunOption {
	return func(r *runner) { r.talk = talk }
}

// WithFetch sets the function that returns the documents and responses at URLs that are
// not on this machine. Run sends nothing to other machines.
func WithFetch(fetch func(method, url string, body []byte) ([]byte, error)) RunOption {
	return func(r *runner) { r.fetch = fetch }
}

// Run simulates a call that is handled by a SWML document: it executes the steps until
// the call ends, without waiting. doc is a [swml.Document] or its JSON as gen.SWML,
// []byte or string, or the URL of a handler on this machine, which is sent the request
// that SignalWire sends for an inbound call.
//
// Run plays nothing and connects nobody; it records what would have happened. It
// executes answer, play, prompt, switch, cond, goto, execute, return, transfer, set,
// unset, connect with confirm, record, record_call, send_sms, send_fax, receive_fax,
// request, sleep, hangup, and ai with its functions, those of includes and data_map
// among them, and their actions. Of every other verb there is an event and an entry in
// [Run].Unknown, and the call goes on. The entries are written to the log of t, too.
//
// The call, the calls to others, the messages and the faxes are in the logs of the
// Space. Messages and faxes go through their states when the clock is advanced.
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
		t.Fatal(err)
	}
	call := r.call()
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

// runner executes documents.
type runner struct {
	*Run
	t     testing.TB
	space *Space
	vars  scope
	steps int
	jumps map[string]int // by place

	inputs    []string
	connect   func(to string) string
	functions map[string]func(args map[string]any) swml.Output
	talk      func(*Agent)
	fetch     func(method, url string, body []byte) ([]byte, error)
}

// flow is where a call continues after a step. The zero value is the next step.
type flow struct {
	ended    string // the call is over
	label    string // at a label
	returned bool   // after the section, with the variable return_value
}

// call returns the properties of the call, to which the document refers as ${call}.
func (r *runner) call() map[string]any { return asObject(r.vars["call"]) }

func (r *runner) event(place, verb, text, input string) *Event {
	r.Events = append(r.Events, Event{Place: place, Verb: verb, Text: text, Input: input})
	return &r.Events[len(r.Events)-1]
}

func (r *runner) unknown(place, format string, args ...any) {
	r.Unknown = append(r.Unknown, place+": "+fmt.Sprintf(format, args...))
}

// text replaces the variables in a string by their values.
func (r *runner) text(place, text string) string {
	expanded, err := r.vars.expand(text)
	if err != nil {
		r.unknown(place, "%v", err)
	}
	return expanded
}

// number returns the number that v is or that its variable holds, or else other.
func (r *runner) number(place string, v swml.Value[int], other int) int {
	n, found := v.Get()
	if text, isText := v.JSON.(string); isText {
		value, isNumber := number(r.text(place, text))
		n, found = int(value), isNumber
	}
	if !found {
		return other
	}
	return n
}

// document decodes a document, which it fetches if it is given as a URL.
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
			body, err := r.request(http.MethodPost, doc, r.payload(nil), nil)
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
		return swml.Document{}, fmt.Errorf("a %T is not a document; want a swml.Document, its JSON, or a URL", doc)
	}
	return swml.Parse(text)
}

// payload returns the body of the request for a document.
func (r *runner) payload(params map[string]any) []byte {
	vars := maps.Clone(map[string]any(r.vars))
	delete(vars, "call")
	delete(vars, "params")
	text, _ := json.Marshal(map[string]any{"call": r.vars["call"], "vars": vars, "params": params, "envs": map[string]any{}})
	return text
}

// request sends a request to this machine, or calls the function of [WithFetch].
func (r *runner) request(method, to string, body []byte, header map[string]any) ([]byte, error) {
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
	resp, err := (&http.Client{Transport: loopback}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	r.vars["request_response_code"] = resp.StatusCode
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err == nil && resp.StatusCode/100 != 2 {
		err = errors.New(resp.Status)
	}
	return text, err
}

// section executes a section of a document.
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

// block executes steps. A jump to a label among them continues there.
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
		values := plainNumbers(v)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			r.vars[name] = values[name]
			if text, ok := values[name].(string); ok {
				r.vars[name] = r.text(place, text)
			}
		}
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
		value := plainNumbers(map[string]any{"": v.Short})[""]
		if r.vars["return_value"] = value; v.Short == nil {
			r.vars["return_value"] = plainNumbers(v.Extra)
		}
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

// fax sends or receives a fax in the call.
func (r *runner) fax(place, verb, direction, document, statusURL string) {
	document = r.text(place, document)
	r.event(place, verb, document, "")
	call := r.call()
	from, to := call["from"], call["to"]
	if direction != "inbound" { // to the caller
		from, to = to, from
	}
	r.vars[verb+"_document"], r.vars[verb+"_result"] = document, "success"
	r.space.transmit(faxLog, map[string]any{"from": from, "to": to, "direction": direction},
		map[string]any{"call_id": call["call_id"], "document": document, "status_url": r.text(place, statusURL)})
}

// sounds returns the sounds of a step play that is a string or an array.
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

// plainNumbers returns the values with all numbers as float64, as in JavaScript.
func plainNumbers(values map[string]any) (plain map[string]any) {
	text, _ := json.Marshal(values)
	_ = json.Unmarshal(text, &plain)
	return plain
}

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
		most := r.number(place, v.MaxDigits, 1)
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

func (r *runner) choose(doc swml.Document, place string, v swml.Switch) flow {
	name := strings.TrimSuffix(strings.TrimLeft(v.Variable, "$%{"), "}")
	value, found := r.vars.lookUp(name)
	if !found {
		r.unknown(place, "there is no variable %s", name)
	}
	text := inText(value)
	r.event(strings.TrimSuffix(place, ".switch"), "switch", name, fmt.Sprintf("%q", text))
	if steps, found := v.Case[text]; found {
		return r.block(doc, place+".case."+text, steps)
	}
	return r.block(doc, place+".default", v.Default)
}

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

func (r *runner) jump(place string, v swml.Goto) flow {
	most := r.number(place, v.Max, 100)
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

// goTo executes a section, or the document at a URL. The call ends there if forGood is
// true.
func (r *runner) goTo(doc swml.Document, place, dest string, params map[string]any, forGood bool) flow {
	if _, found := doc.Sections[dest]; !found && strings.Contains(dest, "://") {
		text, err := r.request(http.MethodPost, dest, r.payload(params), nil)
		if err == nil {
			doc, err = swml.Parse(text)
		}
		if err != nil {
			r.unknown(place, "%v", err)
			return flow{ended: "no document at " + dest}
		}
		dest = "main"
	}
	expanded := map[string]any{}
	for name, value := range plainNumbers(params) {
		if text, ok := value.(string); ok {
			value = r.text(place, text)
		}
		expanded[name] = value
	}
	end := r.section(doc, dest, expanded)
	if end.ended == "" && forGood {
		end.ended = "end of the document"
	}
	return end
}

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

// result executes the steps for the outcome of a step, which a variable holds.
func (r *runner) result(doc swml.Document, place, variable string, v swml.Result) flow {
	if v.Switch != nil {
		branches := *v.Switch
		branches.Variable = cmp.Or(branches.Variable, variable)
		return r.choose(doc, place, branches)
	}
	return r.cond(doc, place, v.Cond)
}

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

// confirm executes the steps that the called party hears before it is connected, and
// reports whether it is connected. Its prompts take the next input of [WithInput].
func (r *runner) confirm(doc swml.Document, place string, c swml.Confirm) bool {
	var end flow
	if c.URL != "" {
		end = r.goTo(doc, place, r.text(place, c.URL), nil, false)
	} else {
		end = r.block(doc, place, c.Steps)
	}
	return end.ended == ""
}

func (r *runner) sendRequest(place string, v swml.Request) {
	to := r.text(place, v.URL)
	var body []byte
	switch b := v.Body.(type) {
	case nil:
	case string:
		body = []byte(r.text(place, b))
	default:
		body, _ = json.Marshal(b)
		body = []byte(r.text(place, string(body)))
	}
	response, err := r.request(string(v.Method), to, body, v.Headers)
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
