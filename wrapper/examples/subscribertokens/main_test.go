package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	listener, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- run(ctx, space.Client(), listener, demoLogin("secret")) }()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	post := func(path, password, body string) (status int, got tokens) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+listener.Addr().String()+path, strings.NewReader(body))
		require.NoError(t, err)
		req.SetBasicAuth("alice@example.com", password)
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer func() { require.NoError(t, resp.Body.Close()) }()
		if resp.StatusCode == http.StatusOK {
			require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
			require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
			require.NotEmpty(t, got.Token)
			require.NotEmpty(t, got.RefreshToken)
		}
		return resp.StatusCode, got
	}

	for _, path := range []string{"/token", "/refresh"} {
		status, _ := post(path, "guess", "{}")
		require.Equal(t, http.StatusUnauthorized, status)
	}
	require.Empty(t, space.Requests())

	status, first := post("/token", "secret", "")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, string(space.Requests()[0].Body()), `"reference":"alice@example.com"`)

	status, _ = post("/refresh", "secret", `{"refresh_token":"`+first.RefreshToken+`"}`)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, 1, space.Effects("refresh_subscriber_token"))
	status, _ = post("/refresh", "secret", "{}")
	require.Equal(t, http.StatusBadRequest, status)

	space.Inject(signalwiretest.Fault{Kind: signalwiretest.EmptyBody(422)})
	status, _ = post("/token", "secret", "")
	require.Equal(t, http.StatusUnauthorized, status)

	// What was asked for before the end gets its token.
	release, early, before := make(chan struct{}), make(chan bool, 1), len(space.Requests())
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.ProcessWhen(release)})
	go func() {
		for len(space.Requests()) == before {
			time.Sleep(time.Millisecond)
		}
		stop()
		select {
		case <-done:
			early <- true
		case <-time.After(50 * time.Millisecond):
			early <- false
		}
		close(release)
	}()
	status, _ = post("/token", "secret", "")
	require.Equal(t, http.StatusOK, status)
	require.False(t, <-early, "the program ended before")
	require.NoError(t, <-done)
}

// Without a password that was set, nobody is signed in.
func TestNoPassword(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/token", nil)
	require.NoError(t, err)
	r.SetBasicAuth("alice@example.com", "")
	_, ok := demoLogin("")(r)
	require.False(t, ok)
}
