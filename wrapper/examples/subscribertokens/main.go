// Subscribertokens is a server from which programs of subscribers, such as a page with
// SignalWire's browser SDK, get the tokens that they sign in with. The project's API
// token stays on the server.
//
//	DEMO_PASSWORD=secret go run ./wrapper/examples/subscribertokens -listen localhost:8080
//	curl -u alice@example.com:secret -X POST localhost:8080/token
//
// A real server knows from its sessions which subscriber sends a request; here, all have
// the same password. It needs the environment variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID
// and SIGNALWIRE_API_TOKEN.
package main

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

func main() {
	listen := flag.String("listen", "localhost:8080", "where to listen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := signalwire.NewFromEnv()
	var listener net.Listener
	if err == nil {
		listener, err = net.Listen("tcp", *listen)
	}
	if err == nil {
		err = run(ctx, client, listener, demoLogin(os.Getenv("DEMO_PASSWORD")))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until the context ends, and then until each request has its response.
func run(ctx context.Context, client *signalwire.Client, listener net.Listener, login login) error {
	server := &http.Server{Handler: handler(client, login), ReadTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { ended <- server.Shutdown(context.WithoutCancel(ctx)) })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	return <-ended // Serve returns as soon as Shutdown begins
}

// login returns the reference of the subscriber that a request is from, such as an
// email address, and whether it is from one.
type login func(r *http.Request) (reference string, ok bool)

func demoLogin(password string) login {
	return func(r *http.Request) (string, bool) {
		name, given, _ := r.BasicAuth()
		return name, name != "" && password != "" && subtle.ConstantTimeCompare([]byte(given), []byte(password)) == 1
	}
}

// tokens is the response to both requests.
type tokens struct {
	Token        string `json:"token"`
	RefreshToken string `json:"refresh_token"`
}

func handler(client *signalwire.Client, login login) http.Handler {
	mux := http.NewServeMux()
	// SignalWire makes the subscriber if there is none with this reference.
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		reference, ok := login(r)
		if !ok {
			http.Error(w, "not signed in", http.StatusUnauthorized)
			return
		}
		token, err := client.SubscriberTokens.Create(r.Context(), gen.SubscriberTokenCreate{
			Reference: reference,
			ExpireAt:  signalwire.Ptr(time.Now().Add(time.Hour).Unix()),
		})
		if err != nil {
			refuse(w, err)
			return
		}
		respond(w, tokens{token.Token, token.RefreshToken})
	})
	mux.HandleFunc("POST /refresh", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := login(r); !ok {
			http.Error(w, "not signed in", http.StatusUnauthorized)
			return
		}
		var given tokens
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&given); err != nil || given.RefreshToken == "" {
			http.Error(w, "no refresh token", http.StatusBadRequest)
			return
		}
		token, err := client.SubscriberTokens.Refresh(r.Context(), gen.SubscriberTokenRefresh{RefreshToken: given.RefreshToken})
		if err != nil {
			refuse(w, err)
			return
		}
		respond(w, tokens{token.Token, token.RefreshToken})
	})
	return mux
}

func respond(w http.ResponseWriter, t tokens) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(t)
}

// refuse tells the caller little, and the log all: an error of the client holds no
// secrets.
func refuse(w http.ResponseWriter, err error) {
	slog.Error("no token", "error", err)
	status := http.StatusBadGateway
	if errors.Is(err, signalwire.ErrInvalid) { // such as a refresh token that is too old
		status = http.StatusUnauthorized
	}
	http.Error(w, "no token", status)
}
