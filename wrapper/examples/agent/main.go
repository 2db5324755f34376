// Agent answers calls of a bakery with an AI agent, which has two functions: it
// looks up the price of a kind of bread, and it takes an order.
//
//	go run ./wrapper/examples/agent -listen localhost:8080 -url https://bakery.example.com
//
// It serves SWML at /call and the functions at /functions, with credentials that
// it makes up when it starts. The test beside this file has the conversations
// without a telephone and without a model.
package main

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
)

func main() {
	listen := flag.String("listen", "localhost:8080", "where to listen")
	url := flag.String("url", "http://localhost:8080", "the public URL of this program")
	flag.Parse()
	log.Printf("%s/call has the agent", *url)
	server := &http.Server{Addr: *listen, Handler: newBakery(*url).handler(), ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// bakery has an agent, and the orders that it took.
type bakery struct {
	url, password string
	prices        map[string]float64

	mu     sync.Mutex
	orders []string
}

func newBakery(url string) *bakery {
	return &bakery{url: url, password: rand.Text(), prices: map[string]float64{"rye": 4.5, "wheat": 3}}
}

func (b *bakery) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /call", func(w http.ResponseWriter, _ *http.Request) {
		document, err := gen.NewSWML(b.agent())
		if err != nil {
			http.Error(w, "no agent", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document)
	})
	mux.HandleFunc("POST /functions", b.serveFunction)
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

// serveFunction executes a function that the agent calls.
func (b *bakery) serveFunction(w http.ResponseWriter, r *http.Request) {
	_, password, _ := r.BasicAuth()
	if subtle.ConstantTimeCompare([]byte(password), []byte(b.password)) != 1 {
		http.Error(w, "credentials are needed", http.StatusUnauthorized)
		return
	}
	var call struct {
		Function string
		Argument struct {
			Parsed []struct {
				Bread string
				Count int
			}
		}
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&call)
	if err != nil || len(call.Argument.Parsed) != 1 {
		http.Error(w, "this is no call of a function", http.StatusBadRequest)
		return
	}
	args := call.Argument.Parsed[0]
	price, found := b.prices[args.Bread]
	out := tell("There is no such bread.")
	switch {
	case !found:
	case call.Function == "price":
		out = tell(fmt.Sprintf("A loaf of %s costs %.2f.", args.Bread, price))
	case call.Function == "order":
		b.mu.Lock()
		b.orders = append(b.orders, fmt.Sprintf("%d %s", args.Count, args.Bread))
		b.mu.Unlock()
		out = tell("It is ordered.",
			swml.Action{Say: fmt.Sprintf("That makes %.2f. Goodbye.", price*float64(args.Count))},
			swml.Action{Hangup: swml.Of(true)})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// tell is the result of a function: what the agent is told, and what is done.
func tell(text string, actions ...swml.Action) swml.Output {
	return swml.Output{Response: &swml.ToolResult{Short: text}, Action: swml.OneOrMany[swml.Action]{Many: actions}}
}
