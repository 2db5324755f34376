package signalwire_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestConcurrentCalls with one client: each gets the response to its own request,
// and the connections of the first calls serve all the others.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	const workers = 64
	const calls = 25 // of each worker in each round
	for _, kind := range []string{"https", "http, client", "HTTP/2"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var dialed, arrived atomic.Int32
			together := make(chan struct{}) // closed when all workers wait for a response
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if arrived.Add(1) == workers {
					close(together)
				}
				<-together
				id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
				_, _ = fmt.Fprintf(w, `{"id":%q,"display_name":%q,"sip_gateway":%s}`, id, r.Proto, body)
			}))
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateNew {
					dialed.Add(1)
				}
			}
			server.EnableHTTP2 = kind == "HTTP/2"
			var opts []signalwire.Option
			want := "HTTP/1.1"
			switch kind {
			case "http, client":
				server.Start()
				opts = append(opts, signalwire.WithHTTPClient(&http.Client{Transport: signalwire.NewTransport()}))
			case "HTTP/2":
				want = "HTTP/2.0"
				fallthrough
			default:
				server.StartTLS()
				opts = append(opts, signalwire.WithTransport(trusting(server)))
			}
			t.Cleanup(func() { stop(server) })
			client := dial(t, server.URL, opts...)
			for round := range 2 {
				var group sync.WaitGroup
				for worker := range workers {
					group.Go(func() {
						for n := range calls {
							id := uuid.UUID{1, byte(round), byte(worker), byte(n)}
							name := id.String() + strings.Repeat("x", worker+n)
							got, err := client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{Name: &name})
							if err != nil || got.ID != id || got.DisplayName != want || got.SIPGateway.Name != name {
								assert.Fail(t, "wrong response", "%+v, %v", got, err)
								return
							}
						}
					})
				}
				group.Wait()
				// net/http dials more than it needs, as a connection may become free
				// meanwhile. With no more than two that are kept, as by default, it
				// would dial for nearly every call.
				require.Less(t, dialed.Swap(0), int32(workers*calls/2), "round %d: connections were not kept", round)
			}
		})
	}
}

// TestConcurrentErrors: errors of one client do not share what they hold.
func TestConcurrentErrors(t *testing.T) {
	t.Parallel()
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", r.URL.Path[len(r.URL.Path)-12:])
		say(422, "application/json", fmt.Sprintf(`{"message":%q}`, r.URL.Path))(w, r)
	})
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for n := range 50 {
				id := uuid.UUID{0: 1, 14: byte(worker), 15: byte(n)}
				_, err := client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{}, signalwire.WithMaxResponseBytes(int64(n)+1))
				text := id.String()
				assert.ErrorContains(t, err, "422 /api/fabric/resources/sip_gateways/"+text+" [request "+text[24:]+"]")
			}
		})
	}
	group.Wait()
}
