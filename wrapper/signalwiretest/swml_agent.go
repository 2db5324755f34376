package signalwiretest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
)

// Agent is the AI agent of a call that [Space.Run] simulates. With it, a test calls
// functions as the model would. It is valid until the function of [WithConversation]
// returns.
type Agent struct {
	// Prompt is the text of the prompt of the agent, with variables replaced by their
	// values.
	Prompt string

	run       *runner
	doc       swml.Document
	place     string
	ai        swml.AI
	functions []swml.SWAIGFunction
	end       *flow // how the call continues after the conversation; nil until it is over
}

// converse executes a step ai.
func (r *runner) converse(doc swml.Document, place string, v swml.AI) flow {
	a := &Agent{run: r, doc: doc, place: place, ai: v}
	if v.Prompt != nil {
		a.Prompt = r.text(place, v.Prompt.Text)
	}
	if v.SWAIG != nil {
		a.functions = slices.Clone(v.SWAIG.Functions)
		for _, include := range v.SWAIG.Includes {
			for _, name := range include.Functions {
				a.functions = append(a.functions, swml.SWAIGFunction{
					Function: name, MetaData: include.MetaData,
					WebHookURL: include.URL, WebHookAuthUser: include.AuthUser, WebHookAuthPassword: include.AuthPassword,
				})
			}
		}
	}
	global := maps.Clone(r.object("global_data")) // may be a map of the caller
	maps.Copy(global, plainNumbers(v.GlobalData))
	r.vars["global_data"] = global
	r.event(place, "ai", a.Prompt, "")
	if r.talk != nil {
		r.talk(a)
	}
	if a.end != nil {
		return *a.end
	}
	return flow{}
}

// Functions returns the names of the functions that the agent can call at the moment.
// Actions can activate and deactivate functions.
func (a *Agent) Functions() (names []string) {
	for _, f := range a.functions {
		if active, ok := f.Active.Get(); active || !ok && f.Active.JSON != "false" {
			names = append(names, f.Function)
		}
	}
	return names
}

// Over reports whether the conversation is over, because the action of a function has
// ended it.
func (a *Agent) Over() bool { return a.end != nil }

// Call calls a function with arguments, as the model would, executes the actions in its
// result, and returns the result. The test fails if there is no active function with
// that name, if the call of the function fails, or if the conversation is over.
func (a *Agent) Call(name string, args map[string]any) swml.Output {
	t := a.run.t
	t.Helper()
	if a.Over() {
		t.Fatalf("signalwiretest: Call: the conversation is over, so %s cannot be called", name)
	}
	if !slices.Contains(a.Functions(), name) {
		t.Fatalf("signalwiretest: Call: expected one of %s, got %q", strings.Join(a.Functions(), ", "), name)
	}
	i := slices.IndexFunc(a.functions, func(f swml.SWAIGFunction) bool { return f.Function == name })
	at := len(a.run.Events)
	a.run.event(a.place, "function", name, "").Args = args
	out, err := a.result(a.functions[i], args)
	if err != nil {
		t.Fatalf("signalwiretest: Call: the function %s: %v", name, err)
	}
	if out.Response != nil {
		a.run.Events[at].Input = strings.TrimSpace(cmp.Or(out.Response.Short, out.Response.ToolResult))
	}
	for _, action := range out.Action.All() {
		if !a.Over() {
			a.act(action)
		}
	}
	return out
}

// result returns the result of a function: from the handler that the test has set, from
// the URL of the function, or from its data_map.
func (a *Agent) result(f swml.SWAIGFunction, args map[string]any) (out swml.Output, err error) {
	if answer := a.run.functions[f.Function]; answer != nil {
		return answer(args), nil
	}
	to := f.WebHookURL
	user, password := f.WebHookAuthUser, f.WebHookAuthPassword
	if d := a.ai.SWAIG.Defaults; d != nil && to == "" && f.DataMap == nil {
		to, user, password = d.WebHookURL, d.WebHookAuthUser, d.WebHookAuthPassword
	}
	switch {
	case to != "":
		raw, _ := json.Marshal(args)
		body, err := json.Marshal(map[string]any{
			"function": f.Function, "argument": map[string]any{"parsed": []any{args}, "raw": string(raw)},
			"call_id": a.run.call()["call_id"], "global_data": a.run.vars["global_data"],
			"meta_data": f.MetaData, "meta_data_token": f.MetaDataToken, "description": f.Description, "version": "2.0", "content_type": "text/swaig",
		})
		if err != nil {
			return out, err
		}
		header := map[string]any{}
		if user != "" {
			r := http.Request{Header: http.Header{}}
			r.SetBasicAuth(user, password)
			header["Authorization"] = r.Header.Get("Authorization")
		}
		text, err := a.run.request(http.MethodPost, a.run.text(a.place, to), body, header, nil)
		if err != nil {
			return out, err
		}
		return out, swml.Decode(text, &out)
	case f.DataMap != nil:
		return a.dataMap(f.DataMap, args)
	}
	return out, errors.New("it has no web_hook_url and no data_map; use WithFunction to handle it")
}

// dataMap executes a function that has no server, as SignalWire does. It returns the
// output of the first expression that matches, or else the output of the first request
// that succeeds, or else the output of the data_map.
func (a *Agent) dataMap(m *swml.DataMap, args map[string]any) (out swml.Output, err error) {
	known := scope{"args": args}
	found, err := a.match(m.Expressions, known)
	for i := 0; err == nil && found == nil && i < len(m.Webhooks); i++ {
		found, err = a.webhook(m.Webhooks[i], known)
	}
	if found == nil {
		found = m.Output
	}
	if err != nil || found == nil {
		return out, err
	}
	text, err := swml.Encode(found)
	if err != nil {
		return out, err
	}
	return out, swml.Decode([]byte(a.expand(string(text), known, inJSON)), &out)
}

// expand replaces the variables in a string whose values are in known, and passes each
// value through quote. It leaves other variables for the steps of an action to replace.
func (a *Agent) expand(text string, known scope, quote func(string) string) string {
	return variable.ReplaceAllStringFunc(text, func(match string) string {
		expression := match[2 : len(match)-1]
		if _, isKnown := known[word.FindString(expression)]; !isKnown {
			return match
		}
		value, err := known.evaluate(expression)
		if err != nil {
			a.run.unknown(a.place, "%v", err)
		}
		return quote(inText(value))
	})
}

// inJSON escapes a string for use between the quotation marks of a JSON string.
func inJSON(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted[1 : len(quoted)-1])
}

// match returns the output of the first expression whose pattern matches its string, or
// nil.
func (a *Agent) match(expressions []swml.Expression, known scope) (*swml.Output, error) {
	vars := scope(maps.Clone(map[string]any(a.run.vars)))
	maps.Copy(vars, known)
	for _, e := range expressions {
		text, err := vars.expand(e.Text)
		if err != nil {
			a.run.unknown(a.place, "%v", err)
		}
		pattern, err := regexp.Compile(e.Pattern)
		if err != nil {
			return nil, err
		}
		if pattern.MatchString(text) {
			return e.Output, nil
		}
	}
	return nil, nil
}

// webhook sends a request of a data_map and returns the output that applies. It returns
// nil if the request lacks required arguments or fails. It adds the members of the
// response to known.
func (a *Agent) webhook(w swml.DataMapWebhook, known scope) (*swml.Output, error) {
	args := known["args"].(map[string]any)
	for _, name := range append(w.RequireArgs.All(), w.RequiredArgs.All()...) {
		if _, has := args[name]; !has {
			return nil, nil
		}
	}
	params := maps.Clone(w.Params)
	if asParams, _ := w.InputArgsAsParams.Get(); asParams {
		params = maps.Clone(args)
		maps.Copy(params, w.Params)
	}
	var body []byte
	if params != nil {
		text, err := json.Marshal(params)
		if err != nil {
			return nil, err
		}
		body = []byte(a.expand(string(text), known, inJSON))
	}
	to := a.run.text(a.place, a.expand(w.URL, known, strings.Clone))
	method := cmp.Or(string(w.Method), http.MethodGet)
	text, err := a.run.request(method, to, body, w.Headers, nil)
	event := a.run.event(a.place, "request", method+" "+to, "success")
	var response any
	if err == nil {
		err = json.Unmarshal(text, &response)
	}
	members, _ := response.(map[string]any)
	for _, key := range w.ErrorKeys.All() {
		if _, has := members[key]; has && err == nil {
			err = fmt.Errorf("the response has %s", key)
		}
	}
	if err != nil {
		event.Input = "failed"
		a.run.unknown(a.place, "%v", err)
		return nil, nil
	}
	maps.Copy(known, members)
	known["response"], known["array"] = response, response
	if each := w.Foreach; each != nil {
		items, _ := members[each.InputKey].([]any)
		var all strings.Builder
		for _, item := range items[:min(len(items), a.run.count(a.place, each.Max, len(items)))] {
			line, err := scope{"this": item}.expand(each.Append)
			if err != nil {
				a.run.unknown(a.place, "%v", err)
			}
			all.WriteString(line)
		}
		known[each.OutputKey] = all.String()
	}
	found, err := a.match(w.Expressions, known)
	if found == nil {
		found = w.Output
	}
	return found, err
}

// act executes an action that a function has returned.
func (a *Agent) act(action swml.Action) {
	r := a.run
	if action.Say != "" {
		r.event(a.place, "say", r.text(a.place, action.Say), "")
	}
	if action.SetGlobalData != nil {
		maps.Copy(r.object("global_data"), plainNumbers(action.SetGlobalData))
		r.event(a.place, "action", "set_global_data", "").Args = action.SetGlobalData
	}
	for _, toggle := range action.ToggleFunctions {
		for i := range a.functions {
			if slices.Contains(toggle.Function.All(), a.functions[i].Function) {
				a.functions[i].Active = toggle.Active
			}
		}
		r.event(a.place, "action", "toggle_functions "+strings.Join(toggle.Function.All(), " "), "").Input = inText(toggle.Active.JSON)
	}
	if action.SWML != nil {
		transfer := truth(action.Transfer.JSON) && action.Transfer.JSON != "false"
		end := r.section(*action.SWML, "main", nil)
		switch {
		case end.ended != "":
			a.end = &end
		case transfer:
			a.end = &flow{ended: "end of the document"}
		}
	}
	if action.Stop.JSON != nil && truth(action.Stop.JSON) {
		r.event(a.place, "action", "stop", "")
		a.end = &flow{}
	}
	if action.Hangup.JSON != nil && truth(action.Hangup.JSON) {
		r.event(a.place, "hangup", "", "")
		a.end = &flow{ended: "hangup"}
	}
	a.others(action)
}

// others records the members of an action that act does not execute.
func (a *Agent) others(action swml.Action) {
	text, _ := swml.Encode(action)
	var members map[string]any
	_ = json.Unmarshal(text, &members)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch name {
		case "say", "set_global_data", "toggle_functions", "SWML", "transfer", "stop", "hangup":
		default:
			a.run.event(a.place, "action", name, "").Args = map[string]any{name: members[name]}
			if name != "change_context" && name != "change_step" && name != "user_input" {
				a.run.unknown(a.place, "the action %s is not executed", name)
			}
		}
	}
}
