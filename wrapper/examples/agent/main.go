// Agent answers calls of a bakery with an AI agent, which has two functions: it
// looks up the price of a kind of bread, and it takes an order.
//
//	go run ./wrapper/examples/agent -listen localhost:8080 -url https://bakery.example.com
//
// It serves SWML at /call, to requests that are signed with SIGNALWIRE_SIGNING_KEY from
// the environment, since the SWML has the credentials for the functions at /functions,
// which SignalWire does not sign. It makes these up when it starts. The test beside this
// file has the conversations without a telephone and without a model.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

func main() {
	listen := flag.String("listen", "localhost:8080", "where to listen")
	url := flag.String("url", "http://localhost:8080", "the public URL of this program")
	flag.Parse()
	key := os.Getenv("SIGNALWIRE_SIGNING_KEY")
	if key == "" {
		log.Fatal("agent: the environment variable SIGNALWIRE_SIGNING_KEY is not set")
	}
	b, err := newBakery(*url, key)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("The SWML of the agent is at %s/call", *url)
	server := &http.Server{Addr: *listen, Handler: b.handler(), ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// bakery has an agent, and the orders that it took.
type bakery struct {
	url, password string
	hooks         *webhook.Hooks
	prices        map[string]float64

	mu     sync.Mutex
	orders []string
}

func newBakery(url, signingKey string) (*bakery, error) {
	hooks, err := webhook.New(url, signingKey)
	if err != nil {
		return nil, err
	}
	password := rand.Text()
	return &bakery{
		url: url, password: password, hooks: hooks.WithBasic("agent", password),
		prices: map[string]float64{"rye": 4.5, "wheat": 3},
	}, nil
}

func (b *bakery) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /call", webhook.Responder(b.hooks, events.InboundCall, func(context.Context, *events.InboundCallPayload) (gen.SWML, error) {
		return gen.NewSWML(b.agent())
	}))
	mux.Handle("POST /functions", webhook.Responder(b.hooks, events.AIFunction, b.function))
	return mux
}

// agent is what happens in a call.
func (b *bakery) agent() swml.Document {
	bread := swml.Schema{Type: swml.SchemaTypeString, Description: "The kind of bread.", Enum: []any{"rye", "wheat"}}
	return swml.Document{Version: "1.0.0", Sections: map[string]swml.Section{"main": {
		swml.Answer{},
		swml.AI{
			Prompt: &swml.AIPrompt{POM: []swml.POMSection{
				{Title: "Role", Body: "You take orders for a bakery."},
				{Title: "Rules", Bullets: []string{"Name the price before you take an order.", "Be brief."}},
			}},
			Languages: []swml.Language{{Name: "English", Code: swml.One("en-US"), Voice: "gcloud.en-US-Neural2-A"}},
			Params:    &swml.AIParams{EndOfSpeechTimeout: swml.Of(800), AIModel: swml.AIModelGpt41Mini},
			SWAIG: &swml.SWAIG{
				Defaults: &swml.SWAIGDefaults{WebHookURL: b.url + "/functions", WebHookAuthUser: "agent", WebHookAuthPassword: b.password},
				Functions: []swml.SWAIGFunction{
					{
						Function:    "price",
						Description: "Returns the price of a loaf.",
						Parameters:  &swml.Schema{Type: swml.SchemaTypeObject, Properties: map[string]swml.Schema{"bread": bread}, Required: []string{"bread"}},
					},
					{
						Function:    "order",
						Description: "Orders loaves, and ends the call.",
						Parameters: &swml.Schema{Type: swml.SchemaTypeObject, Properties: map[string]swml.Schema{
							"bread": bread,
							"count": {Type: swml.SchemaTypeInteger, Description: "The number of loaves."},
						}, Required: []string{"bread", "count"}},
					},
				},
			},
		},
		swml.Hangup{},
	}}}
}

// function executes a function that the agent calls.
func (b *bakery) function(_ context.Context, call *events.AIFunctionPayload) (gen.SWML, error) {
	if len(call.Argument.Parsed) != 1 {
		return nil, errors.New("expected the arguments of one call")
	}
	args := call.Argument.Parsed[0]
	bread, _ := args["bread"].(string)
	number, _ := args["count"].(json.Number)
	count, _ := number.Int64()
	price, found := b.prices[bread]
	out := tell("There is no such bread.")
	switch {
	case !found:
	case call.Function == "price":
		out = tell(fmt.Sprintf("A loaf of %s costs %.2f.", bread, price))
	case call.Function == "order" && count < 1:
		out = tell("Ask how many loaves.")
	case call.Function == "order":
		b.mu.Lock()
		b.orders = append(b.orders, fmt.Sprintf("%d %s", count, bread))
		b.mu.Unlock()
		out = tell("It is ordered.",
			swml.Action{Say: fmt.Sprintf("That makes %.2f. Goodbye.", price*float64(count))},
			swml.Action{Hangup: swml.Of(true)})
	}
	return gen.NewSWML(out)
}

// tell is the result of a function: what the agent is told, and what is done.
func tell(text string, actions ...swml.Action) swml.Output {
	return swml.Output{Response: &swml.ToolResult{Short: text}, Action: swml.OneOrMany[swml.Action]{Many: actions}}
}
