package signalwire_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// The code of the guide to SWML stands here, so that it compiles and runs.

var menu = swmlMenu

func swmlMenu() swml.Document {
	doc := swml.Document{Sections: map[string]swml.Section{"main": {
		swml.Answer{},
		swml.Prompt{Play: swml.One("say:Press 1 for the shop, 2 for our assistant."), MaxDigits: swml.Of(1)},
		swml.Switch{Variable: "prompt_value", Case: map[string]swml.Section{
			"1": {swml.Connect{To: "+15555550100", Timeout: swml.Var[int]("ring_for")}},
			"2": {swml.AI{Prompt: &swml.AIPrompt{Text: "You help callers of a bakery."}}},
		}, Default: swml.Section{swml.Hangup{}}},
	}}}
	return doc
}

func serveMenu(mux *http.ServeMux, hooks *webhook.Hooks) {
	mux.Handle("POST /call", webhook.Responder(hooks, events.InboundCall, func(_ context.Context, call *events.InboundCallPayload) (gen.SWML, error) {
		return gen.NewSWML(menu())
	}))
}

func readScript(script gen.CallingSWMLScript) error {
	doc, err := swml.Parse(script.Contents)
	if err != nil {
		return err // it is no JSON object
	}
	for _, step := range doc.Sections["main"] {
		switch step := step.(type) {
		case swml.Connect:
			fmt.Println("connects to", step.To)
		case swml.Unknown:
			fmt.Println("does what this package does not know:", step)
		}
	}
	return nil
}

func oddSteps() swml.Section {
	return swml.Section{
		swml.Answer{Short: swml.NameOnly},                         // "answer"
		swml.Sleep{Short: 500},                                    // {"sleep": 500}
		swml.Play{URL: "say:Hi", Extra: map[string]any{"new": 1}}, // a member that is not known here
		swml.Unknown{JSON: map[string]any{"dance": "tango"}},      // a verb that is not known here
	}
}

func TestSWMLMenu(t *testing.T) {
	space := signalwiretest.New(t)
	run := space.Run(t, menu(), signalwiretest.WithInput("1"), signalwiretest.WithVariables(map[string]any{"ring_for": 20}))
	if got := run.Texts("connect"); len(got) != 1 || got[0] != "+15555550100" {
		t.Errorf("connected to %q in\n%s", got, run)
	}
}

func TestSWMLAssistant(t *testing.T) {
	doc := menu()
	ai := swml.AI{SWAIG: &swml.SWAIG{Functions: []swml.SWAIGFunction{{Function: "price", WebHookURL: "https://example.com/functions"}}}}
	doc.Sections["main"] = swml.Section{ai}
	space := signalwiretest.New(t)
	run := space.Run(t, doc,
		signalwiretest.WithFunction("price", func(args map[string]any) swml.Output {
			return swml.Output{Response: &swml.ToolResult{Short: "4.50"}}
		}),
		signalwiretest.WithConversation(func(agent *signalwiretest.Agent) {
			agent.Call("price", map[string]any{"bread": "rye"})
		}))
	require.Equal(t, []string{"price"}, run.Texts("function"))
}

func TestSWMLGuide(t *testing.T) {
	guide, err := os.ReadFile("../gen/swml/GUIDE.md")
	require.NoError(t, err)
	source, err := os.ReadFile("swml_guide_test.go")
	require.NoError(t, err)
	flat := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		require.Contains(t, flat(string(source)), flat(block[1]))
	}
	require.LessOrEqual(t, strings.Count(string(guide), "\n"), 120, "one page")

	text, err := json.Marshal(oddSteps())
	require.NoError(t, err)
	require.Equal(t, `["answer",{"sleep":500},{"play":{"new":1,"url":"say:Hi"}},{"dance":"tango"}]`, string(text))
	contents, err := gen.NewSWML(menu())
	require.NoError(t, err)
	require.NoError(t, readScript(gen.CallingSWMLScript{Contents: contents}))
	require.NoError(t, json.Unmarshal(contents, &swml.Document{}))
	require.NoError(t, menu().Check())

	hooks, err := webhook.New("https://hooks.example.com", "PSK_example")
	require.NoError(t, err)
	mux := http.NewServeMux()
	serveMenu(mux, hooks)
	r := httptest.NewRequest("POST", "https://hooks.example.com/call", strings.NewReader(`{"call":{"from":"+15555550123"}}`))
	require.NoError(t, webhook.Sign(r, "PSK_example"))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	served, err := swml.Parse(w.Body.Bytes())
	require.NoError(t, err)
	require.Equal(t, menu(), served)
}
