package webhook_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// startNginx starts nginx with locations, which may name the server behind it as
// http://app, and returns where it listens.
func startNginx(t *testing.T, behind, locations string) string {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Skip("nginx is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	dir := t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	upstream app { server %[2]s; }
	server { listen %[3]s; %[4]s }
}`, dir, behind, address, locations), 0o600))
	command := exec.Command(nginx, "-p", dir, "-c", config, "-e", filepath.Join(dir, "error.log"))
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 20*time.Second, 5*time.Millisecond)
	return address
}

// TestBehindNginx that removes a prefix, sets another Host, and X-Forwarded-* wrongly:
// what was signed for the public URL passes, and nothing else.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	server, log := receiver(t, func(*webhook.Hooks) http.Handler { return http.NotFoundHandler() })
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "internal", r.Host)
		assert.Equal(t, "evil.example", r.Header.Get("X-Forwarded-Host"))
		hooks := newHooks(t, "https://hooks.example.com/hooks", key)
		webhook.Handler(hooks, events.InboundCall, func(context.Context, *events.InboundCallPayload) error { return nil }).ServeHTTP(w, r)
	})
	address := startNginx(t, server.Listener.Addr().String(), `
	location /hooks/ {
		proxy_pass http://app/;
		proxy_set_header Host internal;
		proxy_set_header X-Forwarded-Host evil.example;
		proxy_set_header X-Forwarded-Proto http;
		proxy_set_header X-Forwarded-Port 8080;
		proxy_set_header X-Forwarded-Prefix /wrong;
	}`)
	for _, c := range []struct {
		signedFor, sentTo string
		status            int
	}{
		{"https://hooks.example.com/hooks/call?b=1&a=%20x", "/hooks/call?b=1&a=%20x", 204},
		{"https://hooks.example.com/call?b=1", "/hooks/call?b=1", 403},               // without the prefix
		{"https://evil.example/hooks/call", "/hooks/call", 403},                      // for the host that is claimed
		{"http://evil.example:8080/wrong/call", "/hooks/call", 403},                  // for all that is claimed
		{"http://" + address + "/hooks/call", "/hooks/call", 403},                    // for where nginx listens
		{"https://hooks.example.com/hooks/call?b=1", "/hooks/call?b=2", 403},         // with another query
		{"https://hooks.example.com/hooks/call?b=1&a=2", "/hooks/call?a=2&b=1", 403}, // in another order
	} {
		r := request(t, "POST", c.signedFor, jsonType, authentic)
		require.NoError(t, webhook.Sign(r, key, events.InboundCall.Kind))
		sent := request(t, "POST", "http://"+address+c.sentTo, jsonType, authentic)
		sent.Header = r.Header
		resp, err := client.Do(sent)
		require.NoError(t, err)
		_ = resp.Body.Close()
		assert.Equal(t, c.status, resp.StatusCode, "%s: %s", c.signedFor, log)
	}
}
