package signalwiretest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml/messaging"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

func swmlDocument(sections map[string]swml.Section) swml.Document {
	return swml.Document{Version: "1.0.0", Sections: sections}
}

func say(text string) swml.Play { return swml.Play{URL: "say:" + text} }

// A document can have values that make no sense, such as a negative count. The call goes on as
// with the nearest value that does, and does not change the variables that it was given.
func TestRunOddValues(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	given := map[string]any{"call": map[string]any{"from": "+1"}, "global_data": map[string]any{"a": 1}, "list": []any{"x"}}
	run := func(steps string) *signalwiretest.Run {
		t.Helper()
		return space.Run(t, `{"sections": {"main": [`+steps+`]}}`, signalwiretest.WithInput("12"), signalwiretest.WithVariables(given),
			signalwiretest.WithConversation(func(agent *signalwiretest.Agent) { agent.Call("f", nil) }),
			signalwiretest.WithFunction("f", func(map[string]any) swml.Output {
				return swml.Output{Action: swml.Many(
					swml.Action{SWML: &swml.Document{Sections: map[string]swml.Section{"main": {swml.Set{"global_data": 1}}}}},
					swml.Action{SetGlobalData: map[string]any{"b": 2}},
				)}
			}),
			signalwiretest.WithFetch(func(_, _ string, body []byte) ([]byte, error) {
				require.True(t, json.Valid(body), "%s", body)
				return []byte(`{"sections": {"main": ["hangup"]}}`), nil
			}))
	}
	for _, most := range []string{"-1", "-1e300", `"${0 - 1}"`, `"${-1 / 0}"`} {
		require.Empty(t, run(`{"prompt": {"play": "say:a", "max_digits": ` + most + `}}`).Variables["prompt_value"], most)
		require.Equal(t, "end of the document", run(`{"label": "a"}, {"goto": {"label": "a", "max": `+most+`}}`).Ended, most)
	}
	for _, most := range []string{"2.0", "1e300", `"2"`, `"${1 / 0}"`} {
		require.Equal(t, "12", run(`{"prompt": {"play": "say:a", "max_digits": ` + most + `}}`).Variables["prompt_value"], most)
	}
	require.Equal(t, []string{"say:x  "}, run(`{"play": {"url": "say:${list[0]} ${list[1e300]} ${list['Infinity']}"}}`).Texts("play"))
	require.Equal(t, "end of the document", run(`{"set": {"call": "x"}}, {"connect": {"to": "+1"}}, {"send_fax": {"document": "https://a.example"}}`).Ended)
	require.Equal(t, map[string]any{"b": 2.0}, run(`{"set": {"global_data": 5}}, {"ai": {"global_data": {"c": 3}, "SWAIG": {"functions": [{"function": "f"}]}}}`).Variables["global_data"])
	require.Equal(t, "hangup", run(`{"set": {"x": {"y": "${1 / 0}"}}}, {"transfer": "https://swml.example"}`).Ended, "JSON has no Infinity")
	require.Equal(t, map[string]any{"call": map[string]any{"from": "+1"}, "global_data": map[string]any{"a": 1}, "list": []any{"x"}}, given, "a call does not change what it is given")
}

func TestRunBranches(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	doc := swmlDocument(map[string]swml.Section{
		"main": {
			swml.Answer{},
			swml.Set{"shop": "north", "count": 2},
			swml.Label("menu"),
			swml.Prompt{Play: swml.Many("say:One for ${shop}.", "say:Two to order."), MaxDigits: swml.Of(1)},
			swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{
				"1": {swml.Execute{Dest: "hours", Params: map[string]any{"day": "%{shop}day"}, OnReturn: swml.Section{say("That was ${return_value.n}.")}}},
				"2": {swml.Cond{
					{When: "vars.count > 5", Then: swml.Section{say("never")}},
					{When: "shop === 'north' && call.type.toLowerCase() == 'phone'", Then: swml.Section{
						swml.Connect{Serial: []swml.ConnectDestination{{To: "+15555550101"}, {To: "+15555550102"}}, Result: swml.Result{Switch: &swml.Switch{
							Variable: "connect_result",
							Case:     map[string]swml.Section{"connected": {swml.Hangup{}}},
							Default:  swml.Section{swml.Transfer{Dest: "mailbox"}},
						}}},
					}},
				}},
			}, Default: swml.Section{say("Again."), swml.Goto{Label: "menu", Max: swml.Of(2)}}},
			say("Bye."),
		},
		"hours":   {say("Open on ${params.day}."), swml.Return{Extra: map[string]any{"n": 1}}, say("never")},
		"mailbox": {swml.Record{Beep: swml.Of(true)}, swml.SendSMS{ToNumber: "+1", FromNumber: "+2", Body: "New: ${record_url}"}, swml.Unset{Names: swml.One("count")}},
	})
	require.NoError(t, doc.Check())
	require.NoError(t, signalwiretest.ValidateSWML(doc))

	run := space.Run(t, doc, signalwiretest.WithInput("1"))
	require.Equal(t, `answer
set {"count":2,"shop":"north"}
prompt say:One for north., say:Two to order. -> "1"
switch prompt_value -> "1"
execute hours
play say:Open on northday.
return {"n":1}
play say:That was 1.
play say:Bye.
ended: end of the document`, run.String())
	require.Empty(t, run.Unknown)
	require.Equal(t, "hours[0]", run.Events[5].Place)
	require.Equal(t, "main[4].switch.case.1[0]", run.Events[4].Place)
	require.Equal(t, []string{"say:Open on northday.", "say:That was 1.", "say:Bye."}, run.Texts("play"))

	run = space.Run(t, doc, signalwiretest.WithInput("9", "", "2"), signalwiretest.WithConnect(func(to string) string {
		return map[string]string{"+15555550102": "connected"}[to]
	}))
	require.Equal(t, "hangup", run.Ended)
	require.Equal(t, []string{"+15555550101", "+15555550102"}, run.Texts("connect"))
	require.Equal(t, []string{"menu", "menu"}, run.Texts("goto"))

	run = space.Run(t, doc, signalwiretest.WithInput("2"), signalwiretest.WithConnect(func(string) string { return "failed" }))
	require.Equal(t, "end of the document", run.Ended)
	require.Equal(t, []string{"+1: New: " + space.URL + "/recordings/1.wav"}, run.Texts("send_sms"))
	require.NotContains(t, run.Variables, "count")
	require.Equal(t, "failed", run.Variables["connect_result"])

	run = space.Run(t, doc, signalwiretest.WithInput("9", "9", "9", "9"))
	require.Equal(t, "end of the document", run.Ended, "a jump is made twice only")
	run = space.Run(t, doc)
	require.Equal(t, "the caller hung up", run.Ended)
	run = space.Run(t, doc, signalwiretest.WithCall(map[string]any{"type": "sip"}), signalwiretest.WithInput("2"))
	require.Empty(t, run.Texts("connect"))
}

func TestRunInput(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	doc := swmlDocument(map[string]swml.Section{"main": {
		swml.Set{"digits": 4},
		swml.Prompt{Play: swml.One("say:PIN"), MaxDigits: swml.Var[int]("digits"), Terminators: "#"},
		swml.Set{"pin": "${prompt_value}", "end": "%{prompt_digit_terminator}"},
		swml.Prompt{Play: swml.One("say:Name"), SpeechLanguage: "en-US"},
	}})
	run := space.Run(t, doc, signalwiretest.WithInput("12#", "Ada"))
	require.Equal(t, []any{"12", "#", "Ada", "match_speech"}, []any{run.Variables["pin"], run.Variables["end"], run.Variables["prompt_value"], run.Variables["prompt_result"]})
	run = space.Run(t, doc, signalwiretest.WithInput("Ada", ""))
	require.Equal(t, "main[1]: the prompt takes no speech", run.Unknown[0])
	require.Equal(t, "no_input", run.Variables["prompt_result"])
	run = space.Run(t, doc, signalwiretest.WithInput("123456", "Bob"))
	require.Equal(t, []string{"main[1]: the prompt takes 4 digits of 123456"}, run.Unknown)
	require.Equal(t, "1234", run.Variables["pin"])
}

// TestRunVariables: variables are set in the order of their names, numbers are written
// without exponents, and a jump may go to what a variable has.
func TestRunVariables(t *testing.T) {
	t.Parallel()
	run := signalwiretest.New(t).Run(t, swmlDocument(map[string]swml.Section{
		"main": {
			swml.Set{"a": int64(15555550100), "b": "+${a}", "c": "${b}!", "d": "end", "e": "Küche 🍞"},
			say("${c}"), swml.Goto{Label: "${d}"}, say("never"), swml.Label("end"), swml.Transfer{Short: "${e}"},
		},
		"Küche 🍞": {say("Bread.")},
	}))
	require.Equal(t, []string{"say:+15555550100!", "say:Bread."}, run.Texts("play"))
	require.Equal(t, "end Küche 🍞", run.Texts("goto")[0]+" "+run.Texts("transfer")[0])
	require.Empty(t, run.Unknown)
}

// TestVariablesInValues: a string that is one variable has its value and type, wherever a
// step takes any JSON; a variable that is set to an expression has the value before in it,
// and variables that are set together can refer to each other.
func TestVariablesInValues(t *testing.T) {
	t.Parallel()
	run := signalwiretest.New(t).Run(t, swmlDocument(map[string]swml.Section{
		"main": {
			swml.Set{"n": 0, "list": []any{"a", map[string]any{"b": "x${n}"}}},
			swml.Label("again"),
			swml.Set{"n": "%{n + 1}"},
			swml.Goto{Label: "again", When: "n < 3"},
			swml.Set{"total": "${subtotal + tax}", "tax": "${subtotal * 0.5}", "subtotal": "${vars.unit * n}", "unit": 4},
			swml.Set{"first": "${second}", "second": "${first}"},
			say("${n} ${total} ${list[1].b}"),
			swml.Execute{Dest: "sub", Params: map[string]any{"n": "${n}", "deep": map[string]any{"list": "${list}", "text": "<${n}>"}}, OnReturn: swml.Section{
				say("${return_value.n + 1} ${return_value.all[0]}"),
			}},
			swml.Execute{Short: "plain"},
			swml.Switch{Variable: "list[1].b", Case: map[string]swml.Section{"x0": {say("found ${return_value - 1}")}}},
		},
		"sub": {
			say("${params.n + 1} ${params.deep.list.length} ${params.deep.text}"),
			swml.Return{Extra: swml.Extra{"n": "${params.n}", "all": []any{"${params.deep.text}"}}},
		},
		"plain": {swml.Return{Short: "${n}"}},
	}))
	require.Empty(t, run.Unknown)
	require.Equal(t, []string{"say:3 18 x0", "say:4 2 <3>", "say:4 <3>", "say:found 2"}, run.Texts("play"))
	require.Equal(t, []any{3.0, 18.0}, []any{run.Variables["n"], run.Variables["total"]})
}

// TestVariablesThatReferToEachOther: of two variables that are set together and refer to
// each other, the first by name gets the new value of the second, and the second is set from
// the value that the first had before.
func TestVariablesThatReferToEachOther(t *testing.T) {
	t.Parallel()
	for range 20 { // A map has another order each time.
		run := signalwiretest.New(t).Run(t, swmlDocument(map[string]swml.Section{"main": {
			swml.Set{"a": 1, "b": 2, "c": 3},
			swml.Set{"a": "${b + 10}", "b": "${c + 10}", "c": "${a + 10}"},
		}}))
		require.Empty(t, run.Unknown)
		require.Equal(t, []any{31.0, 21.0, 11.0}, []any{run.Variables["a"], run.Variables["b"], run.Variables["c"]})
	}
}

// TestSwitchOnNull: a variable that is null is known, and is an empty string to a switch.
func TestSwitchOnNull(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	for _, variable := range []string{"nothing", "${nothing}", "vars.nothing", "object.nothing"} {
		run := space.Run(t, swmlDocument(map[string]swml.Section{"main": {
			swml.Switch{Variable: variable, Case: map[string]swml.Section{"": {say("empty")}}, Default: swml.Section{say("default")}},
		}}), signalwiretest.WithVariables(map[string]any{"nothing": nil, "object": map[string]any{"nothing": nil}}))
		require.Empty(t, run.Unknown, variable)
		require.Equal(t, []string{"say:empty"}, run.Texts("play"), variable)
	}
}

// TestRunUnknown: what Run does not know it says, and goes on.
func TestRunUnknown(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	run := space.Run(t, []byte(`{"sections":{"main":["answer",{"dial":{"to":"x"}},{"tap":{"uri":"wss://example.com"}},{"answer":{},"hangup":{}},
		{"cond":[{"when":"a.b.c(","then":[{"hangup":{}}]}]},{"play":"say:${x.y.split('')}"},{"switch":{"variable":"nothing","case":{}}},
		{"request":{"url":"https://example.com/x","method":"GET"}},{"goto":{"label":"nowhere"}}]}}`))
	require.Equal(t, `answer
dial
tap
answer+hangup
cond a.b.c( -> false
play say:${x.y.split('')}
switch nothing -> ""
request GET https://example.com/x -> failed
goto nowhere
ended: there is no label "nowhere" in section main`, run.String())
	all := strings.Join(run.Unknown, "\n")
	for _, want := range []string{"main[1]: dial is not executed", "main[2]: tap is not executed", "main[3]: answer+hangup is not executed", "main[4].cond[0]: cannot evaluate a.b.c(", "main[5]: cannot evaluate x.y.split('')", "main[6].switch: there is no variable nothing", "main[7]: https://example.com/x is not on this machine; use WithFetch"} {
		require.Contains(t, all, want)
	}
	require.Len(t, run.Unknown, 7)

	run = space.Run(t, swmlDocument(map[string]swml.Section{"main": {swml.Label("a"), swml.Execute{Dest: "main"}}}))
	require.Equal(t, "stopped after 10000 steps", run.Ended)
	run = space.Run(t, swmlDocument(map[string]swml.Section{"main": {swml.Execute{Dest: "nowhere"}}}))
	require.Equal(t, "there is no section nowhere", run.Ended)
	run = space.Run(t, swmlDocument(nil))
	require.Equal(t, "there is no section main", run.Ended)
}

// TestRunFetches: documents and requests behind URLs on this machine are fetched as
// SignalWire fetches them.
func TestRunFetches(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Call, Vars, Params map[string]any }
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &in)
		switch r.URL.Path {
		case "/":
			contents, _ := gen.NewSWML(swmlDocument(map[string]swml.Section{"main": {
				say("Call from " + fmt.Sprint(in.Call["from"])),
				swml.Set{"order": "rye", "note": `"fresh" \ soft`},
				swml.Request{URL: "http://" + r.Host + "/price", Method: swml.HTTPMethodPOST, Headers: map[string]any{"X-Order": "${order}"},
					Body: map[string]any{"bread": "${order}", "note": "${note}"}, SaveVariables: swml.Of(true)},
				say("It costs ${request_response.price}."),
				swml.Transfer{Dest: "http://" + r.Host + "/next", Params: map[string]any{"to": "${order}"}},
				say("never"),
			}}))
			_, _ = w.Write(contents)
		case "/price":
			fmt.Fprintf(w, `{"price":3,"got":%s,"header":%q}`, body, r.Header.Get("X-Order"))
		case "/next":
			fmt.Fprintf(w, `{"sections":{"main":[{"play":{"url":"say:%v %v"}}]}}`, in.Vars["order"], in.Params["to"])
		}
	}))
	defer server.Close()
	run := space.Run(t, server.URL+"/")
	require.Equal(t, []string{"say:Call from +15555550123", "say:It costs 3.", "say:rye rye"}, run.Texts("play"))
	require.Empty(t, run.Unknown)
	require.Equal(t, map[string]any{"price": 3.0, "got": map[string]any{"bread": "rye", "note": `"fresh" \ soft`}, "header": "rye"}, run.Variables["request_response"])

	run = space.Run(t, swmlDocument(map[string]swml.Section{"main": {swml.Execute{Dest: "https://example.com/a"}, say("b")}}),
		signalwiretest.WithFetch(func(method, url string, body []byte) ([]byte, error) {
			return []byte(`{"sections":{"main":[{"play":"say:` + method + ` ` + url + `"}]}}`), nil
		}))
	require.Equal(t, []string{"say:POST https://example.com/a", "say:b"}, run.Texts("play"))

	// Parameters are sent with the values of variables, whatever their types.
	var params any
	run = space.Run(t, swmlDocument(map[string]swml.Section{"main": {
		swml.Set{"n": 3, "list": []any{"a"}},
		swml.Execute{Dest: "https://example.com/a", Params: map[string]any{"n": "${n}", "text": "<${n}>", "deep": map[string]any{"list": []any{"${list}"}}}},
	}}), signalwiretest.WithFetch(func(_, _ string, body []byte) ([]byte, error) {
		var in map[string]any
		err := json.Unmarshal(body, &in)
		params = in["params"]
		return []byte(`{"sections":{"main":[{"play":"say:${params.text} ${params.deep.list[0][0]}"}]}}`), err
	}))
	require.Empty(t, run.Unknown)
	require.Equal(t, map[string]any{"n": 3.0, "text": "<3>", "deep": map[string]any{"list": []any{[]any{"a"}}}}, params)
	require.Equal(t, []string{"say:<3> a"}, run.Texts("play"))
}

// Requests for documents are signed, as those for an inbound call are; the calls of
// functions and the requests of a document are not.
func TestRunSigns(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	server := httptest.NewUnstartedServer(nil)
	at := "http://" + server.Listener.Addr().String()
	hooks, err := webhook.New(at, space.SigningKey())
	require.NoError(t, err)
	functions := hooks.WithBasic("agent", "pw")
	call := func(doc swml.Document) http.Handler {
		return webhook.Responder(hooks, events.InboundCall, func(context.Context, *events.InboundCallPayload) (gen.SWML, error) { return gen.NewSWML(doc) })
	}
	mux := http.NewServeMux()
	mux.Handle("POST /call", call(swmlDocument(map[string]swml.Section{"main": {
		swml.Execute{Dest: at + "/part"},
		swml.Request{URL: at + "/any", Method: "POST"},
		swml.AI{Prompt: &swml.AIPrompt{Text: "x"}, SWAIG: &swml.SWAIG{
			Defaults:  &swml.SWAIGDefaults{WebHookURL: at + "/function", WebHookAuthUser: "agent", WebHookAuthPassword: "pw"},
			Functions: []swml.SWAIGFunction{{Function: "f", Description: "f"}},
		}},
	}})))
	mux.Handle("POST /part", call(swmlDocument(map[string]swml.Section{"main": {say("part")}})))
	mux.Handle("POST /function", webhook.Responder(functions, events.AIFunction, func(_ context.Context, f *events.AIFunctionPayload) (gen.SWML, error) {
		return gen.NewSWML(swml.Output{Response: &swml.ToolResult{Short: "called " + f.Function}})
	}))
	signed := true
	mux.HandleFunc("POST /any", func(_ http.ResponseWriter, r *http.Request) {
		_, signed = r.Header["X-Signalwire-Signature"]
	})
	server.Config.Handler = mux
	server.Start()
	defer server.Close()
	run := space.Run(t, at+"/call", signalwiretest.WithConversation(func(agent *signalwiretest.Agent) {
		require.Equal(t, "called f", agent.Call("f", nil).Response.Short)
	}))
	require.Equal(t, []string{"say:part"}, run.Texts("play"))
	require.Empty(t, run.Unknown)
	require.False(t, signed)
}

func TestRunAgent(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		asked = user + ":" + password + " " + string(body)
		goodbye := swmlDocument(map[string]swml.Section{"main": {say("Goodbye."), swml.Hangup{}}})
		_ = json.NewEncoder(w).Encode(swml.Output{Response: &swml.ToolResult{Short: "Done."}, Action: swml.Many(
			swml.Action{Say: "One moment, ${global_data.name}."},
			swml.Action{SetGlobalData: map[string]any{"name": "Bob"}},
			swml.Action{ChangeStep: "bye"},
			swml.Action{SWML: &goodbye, Transfer: swml.Of(true)},
			swml.Action{Say: "never"},
		)})
	}))
	defer server.Close()
	doc := swmlDocument(map[string]swml.Section{"main": {
		swml.AI{
			Prompt:     &swml.AIPrompt{Text: "You help ${call.from}."},
			GlobalData: map[string]any{"name": "Ada"},
			SWAIG: &swml.SWAIG{
				Defaults: &swml.SWAIGDefaults{WebHookURL: server.URL, WebHookAuthUser: "u", WebHookAuthPassword: "p"},
				Functions: []swml.SWAIGFunction{
					{Function: "order", Description: "Orders."},
					{Function: "unlock", Description: "Unlocks.", DataMap: &swml.DataMap{Expressions: []swml.Expression{{
						Text: "${args.pin}", Pattern: "^12$", Output: &swml.Output{Response: &swml.ToolResult{Short: "Right, ${args.pin}."}, Action: swml.One(swml.Action{ToggleFunctions: []swml.ToggleFunctions{{Function: swml.One("secret"), Active: swml.Of(true)}}})},
					}}, Output: &swml.Output{Response: &swml.ToolResult{Short: "Wrong."}}}},
					{Function: "secret", Description: "Secret.", Active: swml.Of(false)},
					{Function: "stop", Description: "Stops.", DataMap: &swml.DataMap{Output: &swml.Output{Action: swml.One(swml.Action{Stop: swml.Of(true)})}}},
				},
			},
		},
		say("After."),
	}})
	require.NoError(t, doc.Check())
	require.NoError(t, signalwiretest.ValidateSWML(doc), "the schema")
	run := space.Run(t, doc,
		signalwiretest.WithFunction("secret", func(args map[string]any) swml.Output {
			return swml.Output{Response: &swml.ToolResult{ToolResult: fmt.Sprint(args["n"])}}
		}),
		signalwiretest.WithConversation(func(a *signalwiretest.Agent) {
			require.Equal(t, "You help +15555550123.", a.Prompt)
			require.Equal(t, []string{"order", "unlock", "stop"}, a.Functions())
			require.Equal(t, "Wrong.", a.Call("unlock", map[string]any{"pin": "13"}).Response.Short)
			require.Equal(t, "Right, 12.", a.Call("unlock", map[string]any{"pin": "12"}).Response.Short)
			a.Call("secret", map[string]any{"n": 5})
			a.Call("order", map[string]any{"bread": "rye"})
			require.True(t, a.Over())
		}))
	require.Equal(t, `ai You help +15555550123.
function unlock {"pin":"13"} -> Wrong.
function unlock {"pin":"12"} -> Right, 12.
action toggle_functions secret -> true
function secret {"n":5} -> 5
function order {"bread":"rye"} -> Done.
say One moment, Ada.
action set_global_data {"name":"Bob"}
action change_step {"change_step":"bye"}
play say:Goodbye.
hangup
ended: hangup`, run.String())
	require.Contains(t, asked, "u:p ")
	require.Contains(t, asked, `"function":"order"`)
	require.Contains(t, asked, `"parsed":[{"bread":"rye"}]`)
	require.Empty(t, run.Unknown)

	run = space.Run(t, doc,
		signalwiretest.WithFunction("stop", func(map[string]any) swml.Output {
			return swml.Output{Action: swml.One(swml.Action{Extra: swml.Extra{"dance": true}})}
		}),
		signalwiretest.WithConversation(func(a *signalwiretest.Agent) { a.Call("stop", nil) }))
	require.Equal(t, []string{"main[0]: the action dance is not executed"}, run.Unknown)

	run = space.Run(t, doc, signalwiretest.WithConversation(func(a *signalwiretest.Agent) { a.Call("stop", nil) }))
	require.Equal(t, []string{"say:After."}, run.Texts("play"))
	require.Equal(t, "end of the document", run.Ended)
	run = space.Run(t, doc)
	require.Equal(t, []string{"say:After."}, run.Texts("play"))
}

// fatal records that a test was ended, in place of ending one.
type fatal struct {
	testing.TB
	text string
}

func (f *fatal) Fatalf(format string, args ...any) {
	f.text = fmt.Sprintf(format, args...)
	panic(f)
}
func (f *fatal) Fatal(args ...any) { f.Fatalf("%s", fmt.Sprint(args...)) }

// TestRunConfirm: the called party hears the confirmation, and is connected if that
// does not hang up.
func TestRunConfirm(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	whisper := swml.Confirm{Steps: swml.Section{
		swml.Prompt{Play: swml.One("say:Press 1 to accept."), MaxDigits: swml.Of(1)},
		swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{"1": {}}, Default: swml.Section{swml.Hangup{}}},
	}}
	doc := swmlDocument(map[string]swml.Section{
		"main": {swml.Connect{
			Serial:  []swml.ConnectDestination{{To: "+1"}, {To: "+2", Confirm: swml.Confirm{URL: "https://example.com/whisper"}}},
			Confirm: whisper, Result: swml.Result{Switch: &swml.Switch{Variable: "connect_result", Case: map[string]swml.Section{"failed": {say("Nobody.")}}}},
		}},
	})
	hangUp := "[]"
	fetch := signalwiretest.WithFetch(func(string, string, []byte) ([]byte, error) {
		return []byte(`{"sections":{"main":[{"play":{"url":"say:Hear."}},{"cond":` + hangUp + `}]}}`), nil
	})
	run := space.Run(t, doc, signalwiretest.WithInput("1"))
	require.Equal(t, `connect +1 -> connected
prompt say:Press 1 to accept. -> "1"
switch prompt_value -> "1"
switch connect_result -> "connected"
ended: end of the document`, run.String())
	require.Equal(t, "main[0].connect.confirm[0]", run.Events[1].Place)
	run = space.Run(t, doc, signalwiretest.WithInput("2"), fetch)
	require.Equal(t, "failed connected", run.Events[0].Input+" "+run.Events[4].Input)
	require.Equal(t, []string{"say:Hear."}, run.Texts("play"))
	require.Empty(t, run.Unknown)
	hangUp = `[{"else":[{"hangup":{}}]}]`
	run = space.Run(t, doc, signalwiretest.WithInput("2"), fetch)
	require.Equal(t, []string{"say:Hear.", "say:Nobody."}, run.Texts("play"))
}

// TestRunDataMap: data_map makes its requests, and functions of includes are called
// where the include is.
func TestRunDataMap(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, _, _ := r.BasicAuth()
		got = append(got, strings.TrimSpace(r.Method+" "+r.URL.String()+" "+r.Header.Get("X-Shop")+user+" "+string(body)))
		switch r.URL.Path {
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/none":
			fmt.Fprint(w, `{"error":"none"}`)
		case "/price":
			fmt.Fprint(w, `{"price":4.5,"kinds":[{"name":"rye \"old\""},{"name":"oat"},{"name":"corn"}]}`)
		case "/include":
			fmt.Fprint(w, `{"response":"Included."}`)
		}
	}))
	defer server.Close()
	says := func(text string) *swml.Output { return &swml.Output{Response: &swml.ToolResult{Short: text}} }
	doc := swmlDocument(map[string]swml.Section{"main": {swml.AI{
		Prompt: &swml.AIPrompt{Text: "Hello."},
		SWAIG: &swml.SWAIG{
			Includes: []swml.SWAIGInclude{{URL: server.URL + "/include", Functions: []string{"far", "farther"}, AuthUser: "u", AuthPassword: "p"}},
			Functions: []swml.SWAIGFunction{{Function: "price", DataMap: &swml.DataMap{
				Expressions: []swml.Expression{{Text: "${args.bread}", Pattern: "cake", Output: says("No cake.")}},
				Webhooks: []swml.DataMapWebhook{
					{URL: server.URL + "/never", RequiredArgs: swml.One("size"), Output: says("never")},
					{URL: server.URL + "/broken", Output: says("never")},
					{URL: server.URL + "/none", ErrorKeys: swml.Many("error"), Output: says("never")},
					{
						URL: server.URL + "/price?bread=${args.bread}", Method: swml.HTTPMethodPOST, Headers: map[string]any{"X-Shop": "north"},
						Params: map[string]any{"of": "${args.bread}", "n": 2}, InputArgsAsParams: swml.Of(true),
						Foreach:     &swml.ForEach{InputKey: "kinds", OutputKey: "names", Max: swml.Of(2), Append: "${this.name}, "},
						Expressions: []swml.Expression{{Text: "${price}", Pattern: "^0$", Output: says("Free.")}},
						Output:      says("${names}${price} ${response.kinds[0].name} ${global_data.kept}"),
					},
				},
				Output: says("Unknown."),
			}}},
		},
	}}})
	require.NoError(t, doc.Check())
	run := space.Run(t, doc,
		signalwiretest.WithFunction("farther", func(map[string]any) swml.Output { return *says("Answered.") }),
		signalwiretest.WithConversation(func(a *signalwiretest.Agent) {
			require.Equal(t, []string{"price", "far", "farther"}, a.Functions())
			require.Equal(t, "No cake.", a.Call("price", map[string]any{"bread": "cake"}).Response.Short)
			require.Equal(t, `rye "old", oat, 4.5 rye "old" ${global_data.kept}`, a.Call("price", map[string]any{"bread": "rye"}).Response.Short)
			require.Equal(t, "Included.", a.Call("far", nil).Response.Short)
			require.Equal(t, "Answered.", a.Call("farther", nil).Response.Short)
		}))
	require.Len(t, got, 4)
	require.Equal(t, []string{"GET /broken", "GET /none", `POST /price?bread=rye north {"bread":"rye","n":2,"of":"rye"}`}, got[:3])
	require.Contains(t, got[3], `POST /include u {`)
	require.Equal(t, []string{"main[0]: " + server.URL + "/broken: 502 Bad Gateway", "main[0]: the response has error"}, run.Unknown)

	far := space.Run(t, doc, signalwiretest.WithFetch(nil), signalwiretest.WithConversation(func(a *signalwiretest.Agent) {
		server.Close()
		require.Equal(t, "Unknown.", a.Call("price", map[string]any{"bread": "rye"}).Response.Short)
	}))
	require.Len(t, far.Unknown, 3)
}

func TestRunMistakes(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	ai := swmlDocument(map[string]swml.Section{"main": {swml.AI{SWAIG: &swml.SWAIG{Functions: []swml.SWAIGFunction{{Function: "a"}}}}}})
	for want, run := range map[string]func(t testing.TB){
		"Run: expected a swml.Document, its JSON or its URL, got a value of type int": func(t testing.TB) { space.Run(t, 5) },
		"Run: https://example.com/call is not on this machine; use WithFetch":         func(t testing.TB) { space.Run(t, "https://example.com/call") },
		"Run: expected a SWML document in JSON: invalid character 'h' looking for beginning of value": func(t testing.TB) {
			space.Run(t, "hello")
		},
		`Call: expected one of a, got "b"`: func(t testing.TB) {
			space.Run(t, ai, signalwiretest.WithConversation(func(a *signalwiretest.Agent) { a.Call("b", nil) }))
		},
		"Call: the function a: it has no web_hook_url and no data_map; use WithFunction to handle it": func(t testing.TB) {
			space.Run(t, ai, signalwiretest.WithConversation(func(a *signalwiretest.Agent) { a.Call("a", nil) }))
		},
	} {
		f := &fatal{TB: t}
		func() {
			defer func() { _ = recover() }()
			run(f)
		}()
		require.Equal(t, "signalwiretest: "+want, f.text)
	}
}

func TestValidateSWML(t *testing.T) {
	t.Parallel()
	require.NoError(t, signalwiretest.ValidateSWML(swmlDocument(map[string]swml.Section{"main": {swml.Hangup{}}})))
	require.NoError(t, signalwiretest.ValidateSWML(messaging.Document{Sections: map[string]messaging.Section{"main": {messaging.Reply{Short: "a"}}}}))
	require.NoError(t, signalwiretest.ValidateSWML(gen.SWML(`{"sections":{"main":[]}}`)))
	require.EqualError(t, signalwiretest.ValidateSWML(swmlDocument(map[string]swml.Section{"main": {
		swml.Play{URL: "beep"}, swml.Connect{To: "a", Timeout: swml.Value[int]{JSON: "soon"}}, swml.Answer{Extra: map[string]any{"new": 1}},
	}})), `sections.main.0.play.url: 'beep' does not match pattern '^(http://.*|https://.*|ring: ?[0-9.]*: ?[a-zA-Z]{2}|say: ?.*|silence: ?[0-9.]*|ring: ?[a-zA-Z]{2})$'
sections.main.0.play.url: 'beep' does not match pattern '^[\\$%]\\{.*\\}$'
sections.main.1.connect.timeout: 'soon' does not match pattern '^[\\$%]\\{.*\\}$'
sections.main.2.answer.new: the schema has no such member`)
	require.Error(t, signalwiretest.ValidateSWML([]byte(`{`)))
	require.EqualError(t, signalwiretest.ValidateSWML(5), "the document: got number, want object")
	require.Error(t, signalwiretest.ValidateSWML(messaging.Document{Sections: map[string]messaging.Section{"main": {messaging.Reply{}}}}))
}

// TestSpaceKeepsSWML: a Space returns SWML as it got it, also what its description does
// not allow, in every response, and with and without quirks.
func TestSpaceKeepsSWML(t *testing.T) {
	for _, options := range [][]signalwiretest.Option{nil, {signalwiretest.WithQuirks()}, {signalwiretest.WithReplacingPUT()}} {
		space := signalwiretest.New(t, options...)
		client := space.Client()
		for _, contents := range []string{
			`{"sections":{"main":[{"dance":"tango"},{"play":{"url":"say:a","newer":1}},"hangup"]},"newer":1}`,
			`{"sections":{"Main":[{"play":{"url":"say:a","urls":["b"]}}]}}`,
			`{"sections":{"main":[{"sleep":1.5},{"set":{"big":12345678901234567890,"none":null,"no":false,"list":[]}}]}}`,
		} {
			created, err := client.SWMLScripts.Create(t.Context(), gen.CallingSWMLScriptCreate{Name: "x", Contents: gen.SWML(contents)})
			require.NoError(t, err)
			read, err := client.SWMLScripts.Get(t.Context(), created.ID)
			require.NoError(t, err)
			updated, err := client.SWMLScripts.Update(t.Context(), created.ID, gen.CallingSWMLScriptUpdate{DisplayName: signalwire.Ptr("y"), Contents: gen.SWML(contents)})
			require.NoError(t, err)
			for _, script := range []*gen.SWMLScriptResource{created, read, updated} {
				require.JSONEq(t, contents, string(script.SWMLScript.Value().(gen.CallingSWMLScript).Contents))
			}
		}
		hints := []gen.SWML{gen.SWML(`"a"`), gen.SWML(`{"hint":"b","newer":1}`), gen.SWML(`5`)}
		agent, err := client.AIAgents.Create(t.Context(), gen.AIAgentCreate{Name: "a", Prompt: gen.SWML(`{"text":"a"}`), Hints: hints, Params: gen.SWML(`{"newer":{"a":[1]}}`)})
		require.NoError(t, err)
		require.Equal(t, hints, agent.AIAgent.Hints)
		require.JSONEq(t, `{"newer":{"a":[1]}}`, string(agent.AIAgent.Params))
	}
}

// TestSpaceValidatesSWML: a Space takes any SWML, or what the schema allows.
func TestSpaceValidatesSWML(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		contents      string
		valid, strict bool
	}{
		{`{"sections":{"main":[{"play":{"url":"say:a"}}]}}`, true, true},
		{`{"sections":{"main":[{"answer":{"max_duration":"${longest}"}}]}}`, true, true},
		{`{"sections":{"main":[{"play":"say:a"}]}}`, true, false},
		{`{"sections":{"main":[{"dance":{}}]}}`, true, false},
		{`{}`, true, false},
	} {
		create := func(options ...signalwiretest.Option) error {
			_, err := signalwiretest.New(t, options...).Client().SWMLScripts.Create(t.Context(), gen.CallingSWMLScriptCreate{Name: "x", Contents: gen.SWML(test.contents)})
			return err
		}
		require.Equal(t, test.valid, create() == nil, test.contents)
		err := create(signalwiretest.WithSWMLSchema())
		require.Equal(t, test.strict, err == nil, "%s: %v", test.contents, err)
		if err != nil {
			require.ErrorIs(t, err, signalwire.ErrInvalid)
		}
	}
	client := signalwiretest.New(t, signalwiretest.WithSWMLSchema()).Client()
	_, err := client.SWMLScripts.Create(t.Context(), gen.MessagingSWMLScriptCreate{Name: "x", ScriptType: signalwire.Ptr(gen.PurposeMessaging), Contents: gen.SWML(`{"sections":{"main":[{"reply":"a"}]}}`)})
	require.NoError(t, err)
	_, err = client.SWMLScripts.Create(t.Context(), gen.MessagingSWMLScriptCreate{Name: "x", ScriptType: signalwire.Ptr(gen.PurposeMessaging), Contents: gen.SWML(`{"sections":{"main":[{"play":{"url":"say:a"}}]}}`)})
	require.ErrorContains(t, err, "contents.sections.main[0]")
}
