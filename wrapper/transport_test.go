package signalwire_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestRequestWithoutABody: it says that it has none (RFC 9110, section 8.6), and
// is not sent in chunks.
func TestRequestWithoutABody(t *testing.T) {
	t.Parallel()
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		first()(w, r)
		if len(r.TransferEncoding) > 0 || r.Header.Get("Content-Length") != "0" {
			t.Errorf("%q, Content-Length %q", r.TransferEncoding, r.Header.Get("Content-Length"))
		}
	})
	_, err := redial(t.Context(), client)
	require.NoError(t, err)
}

// TestNotSentForWantOfAConnection: where no connection comes about, nothing was
// sent, whether or not the request has a body.
func TestNotSentForWantOfAConnection(t *testing.T) {
	t.Parallel()
	var accepted atomic.Int32
	listen := func(handle func(net.Conn)) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				accepted.Add(1)
				handle(conn)
				_ = conn.Close()
			}
		}()
		return listener.Addr().String()
	}
	proxy := func(status string) func(*http.Transport) {
		return func(transport *http.Transport) {
			addr := listen(func(conn net.Conn) {
				_, _ = http.ReadRequest(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
			})
			transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: addr})
		}
	}
	dialTo := func(handle func(net.Conn)) func(*http.Transport) {
		return func(transport *http.Transport) {
			addr := listen(handle)
			transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, addr)
			}
		}
	}
	for name, prepare := range map[string]func(*http.Transport){
		"CONNECT 407":          proxy("407 Proxy Authentication Required"),
		"CONNECT 403":          proxy("403 Forbidden"),
		"CONNECT 502":          proxy("502 Bad Gateway"),
		"handshake broken off": dialTo(func(net.Conn) {}),
		"handshake refused":    dialTo(func(conn net.Conn) { _ = tls.Server(conn, &tls.Config{}).Handshake() }),
		"handshake takes too long": func(t *http.Transport) {
			dialTo(func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })(t)
			t.TLSHandshakeTimeout = 10 * time.Millisecond
		},
	} {
		for through, option := range map[string]func(http.RoundTripper) signalwire.Option{
			"transport": signalwire.WithTransport,
			"client": func(t http.RoundTripper) signalwire.Option {
				return signalwire.WithHTTPClient(&http.Client{Transport: t})
			},
		} {
			for body, call := range map[string]calling{"body": create, "no body": redial} {
				t.Run(name+", "+through+", "+body, func(t *testing.T) {
					t.Parallel()
					transport := signalwire.NewTransport()
					prepare(transport)
					_, err := call(t.Context(), dial(t, "https://acme.example", attempts(2), option(transport)))
					require.Equal(t, 2, requireError(t, err).Attempts)
					requireUnknown(t, err, false)
				})
			}
		}
	}
}

// TestRedirectFollowedByTheTransport: a browser follows redirects by itself, and
// so may other transports. The response of the server at the end is not the
// Space's.
func TestRedirectFollowedByTheTransport(t *testing.T) {
	t.Parallel()
	other, _ := serve(t, first())
	follower := &http.Client{Transport: signalwire.NewTransport()}
	for _, to := range []string{other.URL + "/", "/elsewhere", "?page=2"} {
		client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" || r.URL.RawQuery != "" {
				first()(w, r)
				return
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}, attempts(3), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.RequestURI = ""
			if r.GetBody == nil && r.Body != nil {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
			}
			return follower.Do(r)
		})))
		for name, call := range map[string]calling{"GET": get, "POST": create} {
			_, err := call(t.Context(), client)
			e := requireError(t, err)
			require.ErrorContains(t, err, "the transport followed a redirect", name)
			requireUnknown(t, err, name == "POST")
			require.Equal(t, 1, e.Attempts, name)
		}
		require.NotEmpty(t, seen.requests())
	}
}

// TestTransportThatRewrites: a transport may send requests to another URL than that of
// the client, as one for a gateway does.
func TestTransportThatRewrites(t *testing.T) {
	t.Parallel()
	server, seen := serve(t, gatewayOK)
	transport := signalwire.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	gateway := roundTripper(func(r *http.Request) (*http.Response, error) {
		own := r.Clone(r.Context())
		own.URL.Scheme, own.URL.Host, own.URL.Path = "http", server.Listener.Addr().String(), "/to/"+r.URL.Host+r.URL.Path
		return transport.RoundTrip(own)
	})
	for through, option := range map[string]signalwire.Option{"transport": signalwire.WithTransport(gateway), "client": signalwire.WithHTTPClient(&http.Client{Transport: gateway, Timeout: time.Minute})} {
		client, err := signalwire.New("acme", credentials, option)
		require.NoError(t, err)
		for _, call := range []calling{get, update, create} {
			_, err = call(t.Context(), client)
			require.NoError(t, err, through)
		}
	}
	require.Len(t, seen.requests(), 6)
	for _, r := range seen.requests() {
		require.True(t, strings.HasPrefix(r.URI, "/to/acme.signalwire.com/api/"), r.URI)
	}
}

// TestDefaultTransport: what a program puts in place of http.DefaultTransport
// carries the calls, also if that happens after the client was made. It runs in a
// process of its own, as the variable is everybody's.
func TestDefaultTransport(t *testing.T) {
	if os.Getenv("SIGNALWIRE_TEST_DEFAULT_TRANSPORT") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDefaultTransport$", "-test.v")
		cmd.Env = append(os.Environ(), "SIGNALWIRE_TEST_DEFAULT_TRANSPORT=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "--- PASS: TestDefaultTransport")
		return
	}
	server, seen := serve(t, gatewayOK)
	before := dial(t, server.URL)
	original := http.DefaultTransport
	var carried int
	http.DefaultTransport = roundTripper(func(r *http.Request) (*http.Response, error) {
		carried++
		return original.RoundTrip(r)
	})
	after := dial(t, server.URL)
	for _, client := range []*signalwire.Client{before, after} {
		_, err := update(t.Context(), client)
		require.NoError(t, err)
	}
	require.Equal(t, 2, carried)
	http.DefaultTransport = original
	for _, client := range []*signalwire.Client{before, after} {
		_, err := update(t.Context(), client)
		require.NoError(t, err)
	}
	require.Equal(t, 2, carried)
	require.Len(t, seen.requests(), 4)

	// One of net/http's own is cloned with its settings.
	http.DefaultTransport = &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("no way") }}
	_, err := update(t.Context(), dial(t, server.URL))
	require.ErrorContains(t, err, "no way")

	// More idle connections than the client would keep are kept.
	for set, want := range map[[2]int][2]int{{0, 0}: {0, 100}, {10, 2}: {100, 100}, {0, 500}: {0, 500}, {600, 500}: {600, 500}, {100, 500}: {500, 500}} {
		http.DefaultTransport = &http.Transport{MaxIdleConns: set[0], MaxIdleConnsPerHost: set[1]}
		transport := signalwire.NewTransport()
		require.Equal(t, want, [2]int{transport.MaxIdleConns, transport.MaxIdleConnsPerHost}, "%v", set)
	}
}

// distant is a connection on which it takes a tenth of a second to learn that the server
// has closed it.
type distant struct{ net.Conn }

func (c distant) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		time.Sleep(100 * time.Millisecond)
	}
	return n, err
}

// Write succeeds until then.
func (c distant) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, io.ErrClosedPipe) {
		return len(p), nil
	}
	return n, err
}

// TestIdleConnections: a client closes its idle connections before a server does, which
// would otherwise often close one just as a request is sent on it.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		server := &http.Server{Handler: say(201, "application/json", gatewayResponse), IdleTimeout: time.Minute, ErrorLog: quiet}
		go func() { _ = server.Serve(network) }()
		defer func() { _ = server.Close() }()
		transport := signalwire.NewTransport()
		transport.DialContext = func(ctx context.Context, kind, address string) (net.Conn, error) {
			conn, err := network.dial(ctx, kind, address)
			return distant{conn}, err
		}
		client := dial(t, "http://localhost", signalwire.WithTransport(transport))
		for range 2 {
			_, err := create(t.Context(), client)
			require.NoError(t, err)
			time.Sleep(time.Minute + 50*time.Millisecond)
		}
		client.CloseIdleConnections()
	})
}

// relay forwards connections in memory until it is set to drop what comes, without
// closing them, as a router does that lost its table.
type relay struct {
	to      *pipes
	mu      sync.Mutex
	conns   []net.Conn
	dropped []*atomic.Bool // of each connection
}

// dial is a DialContext for transports, through the relay.
func (r *relay) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	client, near := net.Pipe()
	far, err := r.to.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	drop := new(atomic.Bool)
	r.mu.Lock()
	r.conns = append(r.conns, near, far)
	r.dropped = append(r.dropped, drop)
	r.mu.Unlock()
	pass := func(from, to net.Conn) {
		buf := make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			if !drop.Load() {
				_, _ = to.Write(buf[:n])
			}
			if err != nil {
				if !drop.Load() {
					_ = to.Close()
				}
				return
			}
		}
	}
	go pass(near, far)
	go pass(far, near)
	return client, nil
}

// drop lets nothing pass any more on the connections that there are.
func (r *relay) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, drop := range r.dropped {
		drop.Store(true)
	}
}

// close closes all connections.
func (r *relay) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range r.conns {
		_ = conn.Close()
	}
}

// TestDroppedConnection: a flow that is dropped in silence is given up, and
// another connection dialed. With HTTP/2, a PING without an acknowledgment ends
// it, and with HTTP/1.1 the timeout of a call.
func TestDroppedConnection(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("HTTP/2 %t", http2), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				relay := &relay{to: newPipes()}
				server := httptest.NewUnstartedServer(first())
				require.NoError(t, server.Listener.Close())
				server.Listener = relay.to
				server.EnableHTTP2 = http2
				server.Config.ErrorLog = quiet
				server.StartTLS()
				t.Cleanup(func() { stop(server) })
				transport := trusting(server)
				transport.DialContext = relay.dial
				t.Cleanup(relay.close)
				require.Equal(t, &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}, transport.HTTP2)
				client := dial(t, "https://example.com", signalwire.WithTransport(transport), attempts(4), signalwire.WithTimeout(time.Minute))
				_, err := get(t.Context(), client)
				require.NoError(t, err)
				relay.drop()
				begin := time.Now()
				_, err = get(t.Context(), client)
				require.NoError(t, err)
				want := time.Minute
				if http2 {
					want = 15 * time.Second
				}
				require.Equal(t, want, time.Since(begin).Truncate(time.Second))
				require.Len(t, relay.dropped, 2)
			})
		})
	}
}
