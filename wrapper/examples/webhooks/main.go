// Webhooks buys a phone number, answers its calls with SWML, and shows what becomes of
// the messages that it sends.
//
//	go run ./wrapper/examples/webhooks -listen localhost:8080 -url https://hooks.example.com -number +15035550123 -buy
//	go run ./wrapper/examples/webhooks -listen localhost:8080 -url https://hooks.example.com -number +15035550123 -sms +15035550100
//
// The URL is the one at which SignalWire reaches this program. It needs the environment
// variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, and
// SIGNALWIRE_SIGNING_KEY from the same page of the Dashboard. The test beside this file
// has the whole loop in one process.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

func main() {
	listen := flag.String("listen", "localhost:8080", "where to listen")
	address := flag.String("url", "", "public URL of this program")
	number := flag.String("number", "", "phone number, in E.164 format")
	buy := flag.Bool("buy", false, "buy the number and bind it; this costs money")
	sms := flag.String("sms", "", "whom to send a message")
	flag.Parse()
	if err := run(context.Background(), *listen, *address, *number, *buy, *sms); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, listen, address, number string, buy bool, sms string) error {
	client, err := signalwire.NewFromEnv()
	if err != nil {
		return err
	}
	key := os.Getenv("SIGNALWIRE_SIGNING_KEY")
	switch {
	case key == "":
		return errors.New("webhooks: the environment variable SIGNALWIRE_SIGNING_KEY is not set")
	case address == "" || number == "":
		return errors.New("webhooks: expected -url and -number")
	}
	a, err := newApp(address, key, os.Stdout)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: a.handler(), ReadTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	if buy {
		if err := a.buy(ctx, client, number); err != nil {
			return err
		}
	}
	if sms != "" {
		if err := a.send(ctx, client, number, sms); err != nil {
			return err
		}
	}
	return <-failed
}

// app receives what SignalWire sends.
type app struct {
	url   *url.URL // under which SignalWire reaches this program
	user  *url.Userinfo
	hooks *webhook.Hooks

	mu   sync.Mutex
	out  io.Writer
	seen map[string]bool // the keys of events; a real program keeps them in its database
}

func newApp(address, signingKey string, out io.Writer) (*app, error) {
	public, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	hooks, err := webhook.New(address, signingKey)
	if err != nil {
		return nil, err
	}
	// SignalWire does not document that it signs the states of messages, so their URL has
	// credentials, too. A program that is restarted in between needs lasting ones.
	user, password := "messages", rand.Text()
	return &app{
		url: public, user: url.UserPassword(user, password), hooks: hooks.WithBasic(user, password),
		out: out, seen: map[string]bool{},
	}, nil
}

func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /call", webhook.Responder(a.hooks, events.InboundCall, a.answer))
	mux.Handle("POST /sms", webhook.Handler(a.hooks, events.MessageStatus, a.status))
	return mux
}

// buy buys the number and binds it to this program.
func (a *app) buy(ctx context.Context, client *signalwire.Client, number string) error {
	bought, err := client.PhoneNumbers.Purchase(ctx, gen.PhoneNumberPurchase{Number: number})
	if err != nil {
		return err
	}
	_, err = client.PhoneNumbers.Update(ctx, bought.ID, gen.PhoneNumberUpdate{
		CallHandler:        signalwire.Ptr(gen.PhoneNumberCallHandlerRelayScript),
		CallRelayScriptURL: signalwire.Ptr(a.url.JoinPath("call").String()),
	})
	return err
}

// send sends a message whose states are posted to this program.
func (a *app) send(ctx context.Context, client *signalwire.Client, from, to string) error {
	callback := a.url.JoinPath("sms")
	callback.User = a.user
	_, err := client.Messages.Create(ctx, gen.SMSMessage{
		From: from, To: to, Body: signalwire.Ptr("Your order is ready."), StatusCallback: signalwire.Ptr(callback.String()),
	})
	return err
}

// answer controls a call.
func (a *app) answer(_ context.Context, in *events.InboundCallPayload) (gen.SWML, error) {
	a.print("call from", in.Call.From)
	return gen.NewSWML(map[string]any{"version": "1.0.0", "sections": map[string]any{"main": []any{
		map[string]any{"answer": map[string]any{}},
		map[string]any{"play": map[string]any{"url": "say:We are open from nine to five."}},
	}}})
}

// status prints a state of a message, once.
func (a *app) status(_ context.Context, m *events.MessageStatusPayload) error {
	a.mu.Lock()
	repeated := a.seen[m.Key()]
	a.seen[m.Key()] = true
	a.mu.Unlock()
	if !repeated {
		a.print("message to", m.To, "is", m.Status)
	}
	return nil
}

func (a *app) print(line ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintln(a.out, line...)
}
