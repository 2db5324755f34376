package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRun: the program prints its credentials, which it takes, and each request.
func TestRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- run(ctx, writer, "127.0.0.1:0", 1) }()
	lines := bufio.NewScanner(reader)
	values := map[string]string{}
	for range 5 {
		require.True(t, lines.Scan())
		name, value, _ := strings.Cut(lines.Text(), "=")
		values[name] = value
	}
	r, err := http.NewRequest("GET", values["SIGNALWIRE_BASE_URL"]+"/api/messaging/logs", nil)
	require.NoError(t, err)
	r.SetBasicAuth(values["SIGNALWIRE_PROJECT_ID"], values["SIGNALWIRE_API_TOKEN"])
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 200, resp.StatusCode)
	require.True(t, lines.Scan())
	require.Equal(t, "GET /api/messaging/logs (list_message_logs) status=200 effects=0", lines.Text())
	cancel()
	require.NoError(t, <-done)
	require.ErrorContains(t, run(ctx, writer, "0.0.0.0:1", 1), "loopback")
}
