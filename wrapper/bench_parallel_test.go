package signalwire_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// tlsSpace is a server with TLS on loopback that counts the connections it
// accepts. It responds to every request with the same gateway.
type tlsSpace struct {
	url      string
	roots    *x509.CertPool
	accepted atomic.Int64
	// meeting, if it is set, holds back the responses until all who take part
	// have sent a request.
	meeting atomic.Pointer[sync.WaitGroup]
}

func newTLSSpace(t testing.TB, http2 bool) *tlsSpace {
	t.Helper()
	s := &tlsSpace{roots: x509.NewCertPool()}
	response := []byte(benchGateway(1))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		if (req.ProtoMajor == 2) != http2 {
			w.WriteHeader(http.StatusHTTPVersionNotSupported)
			return
		}
		if m := s.meeting.Load(); m != nil {
			m.Done()
			m.Wait()
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(response)
	}))
	server.EnableHTTP2 = http2
	server.Config.ErrorLog = quiet
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.accepted.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	s.roots.AddCert(server.Certificate())
	s.url = server.URL
	return s
}

// client is one with all its defaults, except that it trusts the server: its
// transport is a clone of the default one, and takes the roots from there.
func (s *tlsSpace) client(t testing.TB) *signalwire.Client {
	t.Helper()
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	trusting := before.(*http.Transport).Clone()
	trusting.TLSClientConfig = &tls.Config{RootCAs: s.roots}
	http.DefaultTransport = trusting
	client, err := signalwire.New("acme", credentials, signalwire.WithBaseURL(s.url))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// byHand is what one writes by hand who knows about the two idle connections a
// host that are the default.
func (s *tlsSpace) byHand(t testing.TB, goroutines int) *http.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: s.roots}
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = goroutines, goroutines
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 30 * time.Second}
}

// share has goroutines make n calls between them. It returns the first error.
func share(goroutines, n int, call func() error) error {
	var left atomic.Int64
	left.Store(int64(n))
	errs := make(chan error, goroutines)
	for range goroutines {
		go func() {
			for left.Add(-1) >= 0 {
				if err := call(); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	var first error
	for range goroutines {
		if err := <-errs; first == nil {
			first = err
		}
	}
	return first
}

// warmUp makes a call, and then has as many requests under way at once as there
// are goroutines.
func (s *tlsSpace) warmUp(t testing.TB, goroutines int, call func() error) {
	t.Helper()
	require.NoError(t, call()) // over HTTP/2 the others take the connection that is there
	var all sync.WaitGroup
	all.Add(goroutines)
	s.meeting.Store(&all)
	require.NoError(t, share(goroutines, goroutines, call))
	s.meeting.Store(nil)
}

var parallelChange = gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-1"), Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU}}

// BenchmarkParallel sends over loopback with TLS. Server and client share the
// processors, so that what a request costs is about the same for both clients;
// dials/op is what distinguishes them, should one not keep its connections.
func BenchmarkParallel(b *testing.B) {
	for _, proto := range []string{"h1", "h2"} {
		for _, goroutines := range []int{1, 64} {
			b.Run(fmt.Sprintf("proto=%s/goroutines=%d", proto, goroutines), func(b *testing.B) {
				b.Run("client=floor", func(b *testing.B) {
					space := newTLSSpace(b, proto == "h2")
					client := space.byHand(b, goroutines)
					space.bench(b, goroutines, func() error {
						var out gen.SIPGatewayResource
						return floor(b.Context(), client, http.MethodPatch, space.url+gatewayPath, parallelChange, &out)
					})
				})
				b.Run("client=ours", func(b *testing.B) {
					space := newTLSSpace(b, proto == "h2")
					client := space.client(b)
					space.bench(b, goroutines, func() error {
						_, err := client.SIPGateways.Update(b.Context(), gatewayID, parallelChange)
						return err
					})
				})
			})
		}
	}
}

func (s *tlsSpace) bench(b *testing.B, goroutines int, call func() error) {
	s.warmUp(b, goroutines, call)
	warm := s.accepted.Load()
	b.ReportAllocs()
	b.ResetTimer()
	if err := share(goroutines, b.N, call); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(s.accepted.Load()-warm)/float64(b.N), "dials/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

// TestConnectionsAreKept: further calls take the connections that there are. Some
// may be dialed while others are about to become free, but not one for each call.
func TestConnectionsAreKept(t *testing.T) { // not parallel: it sets the default transport for a moment
	const goroutines, rounds = 64, 20
	space := newTLSSpace(t, false)
	client := space.client(t)
	call := func() error {
		_, err := client.SIPGateways.Update(t.Context(), gatewayID, parallelChange)
		return err
	}
	space.warmUp(t, goroutines, call)
	warm := space.accepted.Load()
	require.GreaterOrEqual(t, warm, int64(goroutines), "HTTP/1.1, each request at the same time as the others")
	require.NoError(t, share(goroutines, rounds*goroutines, call))
	require.Less(t, space.accepted.Load()-warm, int64(rounds*goroutines/2))
}
