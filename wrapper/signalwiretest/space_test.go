package signalwiretest_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func TestSpacesAreIsolated(t *testing.T) {
	one, two := newSpace(t), newSpace(t, signalwiretest.WithSeed(2))
	require.NotEqual(t, one.APIToken, two.APIToken)
	path := createThing(t, one)
	one.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondStatus(503)})
	one.Advance(time.Hour)
	ask(t, two, 404, "GET", path, nil)
	require.Len(t, two.Requests(), 1)
	require.Equal(t, signalwiretest.StartTime.Add(time.Second), two.Now())
}

// A transport of the program's own, such as one with a proxy or a trace, reaches a Space
// with HTTPS.
func TestCertificate(t *testing.T) {
	require.Nil(t, signalwiretest.New(t).Certificate())
	space := signalwiretest.New(t, signalwiretest.WithTLS())
	authorities := x509.NewCertPool()
	authorities.AddCert(space.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}}
	defer transport.CloseIdleConnections()
	_, err := space.Client(signalwire.WithTransport(transport)).SIPGateways.List(t.Context())
	require.NoError(t, err)
}

// The same seed and the same requests give the same bytes.
func TestDeterminism(t *testing.T) {
	run := func(seed uint64) string {
		space := newSpace(t, signalwiretest.WithSeed(seed))
		var all bytes.Buffer
		thing := createThing(t, space)
		for _, r := range []struct {
			method, path string
			body         any
		}{
			{"POST", "/v1/things", newThing},
			{"PATCH", thing, object{"note": "x"}},
			{"POST", thing + "/parts", object{"size": 1}},
			{"GET", thing + "/parts", nil},
			{"GET", "/v1/things?page_size=1", nil},
			{"GET", "/v1/open", nil},
			{"POST", "/v1/calls", object{"command": "end", "id": someID}},
			{"POST", "/v1/things", object{"x": 1, "y": 2, "name": 3, "count": 0, "address": object{"z": 4}}},
			{"GET", "/v1/box", nil},
		} {
			resp, body, err := send(space, r.method, r.path, r.body)
			require.NoError(t, err)
			_, _ = fmt.Fprintf(&all, "%d %s %s\n", resp.StatusCode, resp.Header.Get("X-Request-Id"), body)
		}
		return strings.ReplaceAll(all.String(), space.URL, "URL")
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1), run(2))
}

func TestConcurrency(t *testing.T) {
	space := signalwiretest.New(t)
	client := space.Client(signalwire.WithMaxAttempts(1))
	id := space.Put(gen.SIPGatewayResource{})
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondStatus(503), Share: 0.1}, signalwiretest.Fault{Kind: signalwiretest.RespondStatus(500), Share: 0.1, After: true})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 10 {
				_, _ = client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{Name: signalwire.Ptr("x")})
				space.Put(gen.SIPGatewayResource{})
				_, _ = signalwiretest.Get[gen.SIPGatewayResource](space, id)
				_, _ = space.Effects("update_sip_gateway"), fmt.Sprint(space.Requests())
				space.Advance(time.Second)
			}
		})
	}
	group.Wait()
	require.Len(t, space.Requests(), 80)
	for _, r := range space.Requests() {
		require.Equal(t, map[bool]int{true: 1}[r.Status != 503], r.Effects, r)
	}
}

func TestClient(t *testing.T) {
	space := signalwiretest.New(t)
	client := space.Client(signalwire.WithUserAgent("shop/1.0"), signalwire.WithTimeout(time.Minute))
	_, err := client.SIPGateways.Update(t.Context(), space.Put(gen.SIPGatewayResource{}), gen.SIPGatewayUpdate{})
	require.NoError(t, err)
	require.Contains(t, space.Requests()[0].Header().Get("User-Agent"), "shop/1.0 ")
	require.Equal(t, "signalwiretest.Space("+space.URL+")", fmt.Sprintf("%+v", space))
}

// large is a description as large as SignalWire's whole API.
func large(t testing.TB) []byte {
	t.Helper()
	filler := strings.Repeat("What this is for, in as many words as it takes. ", 4)
	schemas, paths := object{"uuid": object{"type": "string", "format": "uuid"}}, object{}
	for i := range 1000 {
		properties := object{"id": object{"$ref": "#/components/schemas/uuid"}}
		for j := range 6 {
			properties[fmt.Sprint("field", j)] = object{"type": "string", "description": filler}
		}
		schemas[fmt.Sprint("Schema", i)] = object{"type": "object", "description": filler, "required": []string{"id"}, "properties": properties}
	}
	for i := range 250 {
		paths[fmt.Sprintf("/v1/things%d/{id}", i)] = object{"get": object{
			"operationId": fmt.Sprint("get", i),
			"description": filler,
			"parameters":  []any{object{"name": "id", "in": "path", "required": true, "schema": object{"$ref": "#/components/schemas/uuid"}}},
			"responses": object{"200": object{"description": filler, "content": object{"application/json": object{
				"schema": object{"$ref": fmt.Sprint("#/components/schemas/Schema", i)},
			}}}},
		}}
	}
	document, err := json.Marshal(object{"openapi": "3.1.0", "info": object{"title": "", "version": ""}, "paths": paths, "components": object{"schemas": schemas}})
	require.NoError(t, err)
	require.Greater(t, len(document), 1_500_000)
	return document
}

// start is how long it takes to start a Space.
func start(t testing.TB, opts ...signalwiretest.Option) time.Duration {
	t.Helper()
	begin := time.Now()
	space, err := signalwiretest.Start(opts...)
	elapsed := time.Since(begin)
	require.NoError(t, err)
	space.Close()
	return elapsed
}

// TestStartIsFast compares with decoding the same description, which a machine that
// is busy with something else takes longer for as well.
func TestStartIsFast(t *testing.T) {
	if signalwiretest.RaceEnabled {
		t.Skip("the race detector takes its time")
	}
	const limit = 3
	document := large(t)
	best := math.Inf(1)
	for tries := 0; tries < 60 && best >= limit; tries++ {
		begin := time.Now()
		var tree any
		require.NoError(t, json.Unmarshal(document, &tree))
		decoding := time.Since(begin)
		best = min(best, float64(start(t, signalwiretest.WithDescription(document)))/float64(decoding))
	}
	t.Logf("%d bytes in %.2f of the time of json.Unmarshal", len(document), best)
	require.Less(t, best, float64(limit))
}

func BenchmarkStart(b *testing.B) {
	for name, document := range map[string][]byte{"large": large(b), "SignalWire": api.OpenAPI} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				start(b, signalwiretest.WithDescription(document))
			}
		})
	}
}

func BenchmarkRequest(b *testing.B) {
	space := signalwiretest.New(b)
	client, id := space.Client(), space.Put(gen.SIPGatewayResource{})
	for b.Loop() {
		_, err := client.SIPGateways.Update(b.Context(), id, gen.SIPGatewayUpdate{Name: signalwire.Ptr("x")})
		require.NoError(b, err)
	}
}
