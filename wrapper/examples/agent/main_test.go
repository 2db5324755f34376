package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func start(t *testing.T, space *signalwiretest.Space) *bakery {
	server := httptest.NewUnstartedServer(nil)
	b, err := newBakery("http://"+server.Listener.Addr().String(), space.SigningKey())
	require.NoError(t, err)
	server.Config.Handler = b.handler()
	server.Start()
	t.Cleanup(server.Close)
	return b
}

func TestAgentIsValid(t *testing.T) {
	b, err := newBakery("https://bakery.example.com", "PSK_example")
	require.NoError(t, err)
	require.NoError(t, b.agent().Check())
	require.NoError(t, signalwiretest.ValidateSWML(b.agent()))
	require.NotContains(t, b.agent().String(), b.password)
}

func TestOrder(t *testing.T) {
	space := signalwiretest.New(t)
	b := start(t, space)
	run := space.Run(t, b.url+"/call", signalwiretest.WithConversation(func(agent *signalwiretest.Agent) {
		price := agent.Call("price", map[string]any{"bread": "rye"})
		require.Equal(t, "A loaf of rye costs 4.50.", price.Response.Short)
		require.Equal(t, "There is no such bread.", agent.Call("price", map[string]any{"bread": "corn"}).Response.Short)
		require.Equal(t, "Ask how many loaves.", agent.Call("order", map[string]any{"bread": "rye"}).Response.Short)
		agent.Call("order", map[string]any{"bread": "rye", "count": 2})
		require.True(t, agent.Over())
	}))
	require.Equal(t, []string{"price", "price", "order", "order"}, run.Texts("function"))
	require.Equal(t, []string{"That makes 9.00. Goodbye."}, run.Texts("say"))
	require.Equal(t, "hangup", run.Ended)
	require.Empty(t, run.Unknown)
	require.Equal(t, []string{"2 rye"}, b.orders)
}

// Nobody but SignalWire gets the credentials of the functions, or calls these.
func TestOthersAreRefused(t *testing.T) {
	b := start(t, signalwiretest.New(t))
	for path, body := range map[string]string{
		"/call":      `{"call":{"from":"+15555550100"}}`,
		"/functions": `{"function":"order","argument":{"parsed":[{"bread":"rye","count":1}]}}`,
	} {
		resp, err := http.Post(b.url+path, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, http.StatusForbidden, resp.StatusCode, path)
		require.NotContains(t, string(text), b.password)
	}
	require.Empty(t, b.orders)
	_, err := newBakery(b.url, "")
	require.Error(t, err)
}
