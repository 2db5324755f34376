package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func start(t *testing.T) *bakery {
	b := newBakery("")
	server := httptest.NewServer(b.handler())
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func TestAgentIsValid(t *testing.T) {
	b := newBakery("https://bakery.example.com")
	require.NoError(t, b.agent().Check())
	require.NoError(t, signalwiretest.ValidateSWML(b.agent()))
	require.NotContains(t, b.agent().String(), b.password)
}

func TestOrder(t *testing.T) {
	b := start(t)
	run := signalwiretest.New(t).Run(t, b.url+"/call", signalwiretest.WithConversation(func(agent *signalwiretest.Agent) {
		price := agent.Call("price", map[string]any{"bread": "rye"})
		require.Equal(t, "A loaf of rye costs 4.50.", price.Response.Short)
		require.Equal(t, "There is no such bread.", agent.Call("price", map[string]any{"bread": "corn"}).Response.Short)
		agent.Call("order", map[string]any{"bread": "rye", "count": 2})
		require.True(t, agent.Over())
	}))
	require.Equal(t, []string{"price", "price", "order"}, run.Texts("function"))
	require.Equal(t, []string{"That makes 9.00. Goodbye."}, run.Texts("say"))
	require.Equal(t, "hangup", run.Ended)
	require.Empty(t, run.Unknown)
	require.Equal(t, []string{"2 rye"}, b.orders)
}

func TestFunctionsNeedCredentials(t *testing.T) {
	b := start(t)
	resp, err := http.Post(b.url+"/functions", "application/json", strings.NewReader(`{"function":"order","argument":{"parsed":[{"bread":"rye","count":1}]}}`))
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.Empty(t, b.orders)
}
