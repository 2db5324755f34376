package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

func Example() {
	hooks, err := webhook.New("https://hooks.example.com", "PSK_example")
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("POST /sms", webhook.Handler(hooks, events.MessageStatus, func(_ context.Context, m *events.MessageStatusPayload) error {
		fmt.Println("message", m.ID, "is", m.Status)
		return nil
	}))
	mux.Handle("POST /call", webhook.Responder(hooks, events.InboundCall, func(_ context.Context, in *events.InboundCallPayload) (gen.SWML, error) {
		return gen.NewSWML(map[string]any{"sections": map[string]any{"main": []any{map[string]any{"play": "say:Hello " + in.Call.From}}}})
	}))

	// A test signs requests as SignalWire does.
	for _, sent := range [][2]string{
		{"/call", `{"call":{"from":"+15555550100"}}`},
		{"/sms", `{"id":"m-1","status":"delivered"}`},
	} {
		r := httptest.NewRequest("POST", "https://hooks.example.com"+sent[0], strings.NewReader(sent[1]))
		if err := webhook.Sign(r, "PSK_example"); err != nil {
			fmt.Println(err)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Printf("%s: %d %s\n", sent[0], w.Code, w.Body)
	}
	// Output:
	// /call: 200 {"sections":{"main":[{"play":"say:Hello +15555550100"}]}}
	// message m-1 is delivered
	// /sms: 204
}
