package signalwire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// responding is a transport that responds to each request with the same body,
// without a network.
func responding(body string) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
			_ = req.Body.Close()
		}
		return &http.Response{
			StatusCode:    200,
			Header:        http.Header{"Content-Type": {"application/json"}},
			Body:          io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
			Request:       req,
		}, nil
	})
}

func benchGateway(n int) string {
	id := uuid.UUID{0: byte(n >> 8), 1: byte(n), 15: 1}
	return fmt.Sprintf(`{"id":%q,"project_id":%q,"display_name":"edge-%d","type":"sip_gateway","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","sip_gateway":{"id":%q,"uri":"sip:pbx%d.example.com","name":"edge-%d","ciphers":["AEAD_AES_256_GCM_8","AES_256_CM_HMAC_SHA1_80"],"codecs":["OPUS","PCMU","PCMA"],"encryption":"required"}}`,
		id, id, n, id, n, n)
}

// floor is what a person writes by hand for one operation with net/http and
// encoding/json: an http.Client, NewRequestWithContext, SetBasicAuth, ReadAll,
// Unmarshal into the same types, and one check of the status. It has no limits,
// retries, checks or typed errors.
func floor(ctx context.Context, client *http.Client, method, url string, in, out any) error {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.SetBasicAuth(projectID, apiToken)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "floor")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	response, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", resp.StatusCode, response)
	}
	return json.Unmarshal(response, out)
}

func benchClient(b *testing.B, transport http.RoundTripper) *signalwire.Client {
	b.Helper()
	client, err := signalwire.New("acme", credentials, signalwire.WithTransport(transport))
	if err != nil {
		b.Fatal(err)
	}
	return client
}

func BenchmarkPatch(b *testing.B) {
	transport := responding(benchGateway(1))
	change := gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-1"), Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU}}
	b.Run("client=floor", func(b *testing.B) {
		client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			var out gen.SIPGatewayResource
			if err := floor(b.Context(), client, http.MethodPatch, "https://acme.signalwire.com/api/fabric/resources/sip_gateways/"+gatewayID.String(), change, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("client=ours", func(b *testing.B) {
		client := benchClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.SIPGateways.Update(b.Context(), gatewayID, change); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// benchPage is a page of a list with so many gateways. There is a further page
// if next is not empty.
func benchPage(items int, next string) string {
	var page strings.Builder
	page.WriteString(`{"links":{"self":"/a","first":"/a"`)
	if next != "" {
		fmt.Fprintf(&page, `,"next":%q`, next)
	}
	page.WriteString(`},"data":[`)
	for n := range items {
		if n > 0 {
			page.WriteByte(',')
		}
		page.WriteString(benchGateway(n))
	}
	page.WriteString(`]}`)
	return page.String()
}

func BenchmarkList1000(b *testing.B) {
	transport := responding(benchPage(1000, ""))
	b.Run("client=floor", func(b *testing.B) {
		client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			var out gen.SIPGatewayList
			if err := floor(b.Context(), client, http.MethodGet, "https://acme.signalwire.com/api/fabric/resources/sip_gateways", nil, &out); err != nil || len(out.Data) != 1000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("client=ours", func(b *testing.B) {
		client := benchClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			if out, err := client.SIPGateways.List(b.Context()); err != nil || len(out.Data) != 1000 {
				b.Fatal(err)
			}
		}
	})
}

// benchVoiceLogs is a page with so many logs of Relay calls.
func benchVoiceLogs(items int) string {
	var page strings.Builder
	page.WriteString(`{"links":{"self":"/a","first":"/a"},"data":[`)
	for n := range items {
		if n > 0 {
			page.WriteByte(',')
		}
		id := uuid.UUID{0: byte(n >> 8), 1: byte(n), 15: 1}
		fmt.Fprintf(&page, `{"id":%q,"from":"+1555%07d","to":"+15551234567","direction":"inbound","status":"completed","source":"realtime_api","type":"relay_pstn_call","url":null,"charge":0.0085,"created_at":"2026-01-01T00:00:00.123Z","duration":17,"duration_ms":17123,"billing_ms":18000,"parent_id":null,"charge_details":[{"description":"Inbound call","charge":0.0085}]}`, id, n)
	}
	page.WriteString(`]}`)
	return page.String()
}

// BenchmarkVoiceLogs reads logs of several kinds, and takes out those of one. The
// floor decodes each row into the type that it is known to be.
func BenchmarkVoiceLogs(b *testing.B) {
	const items = 1000
	transport := responding(benchVoiceLogs(items))
	b.Run("client=floor", func(b *testing.B) {
		client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			var page struct {
				Data []gen.RelayVoiceLog `json:"data"`
			}
			if err := floor(b.Context(), client, http.MethodGet, "https://acme.signalwire.com/api/voice/logs", nil, &page); err != nil || len(page.Data) != items {
				b.Fatal(err)
			}
			for i := range page.Data {
				if page.Data[i].Direction != gen.CallDirectionInbound {
					b.Fatal(i)
				}
			}
		}
	})
	b.Run("client=ours", func(b *testing.B) {
		client := benchClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for log, err := range client.VoiceLogs.All(b.Context(), gen.ListVoiceLogsParams{}) {
				if err != nil {
					b.Fatal(err)
				}
				if call, ok := log.Value().(gen.RelayVoiceLog); ok && call.Direction == gen.CallDirectionInbound {
					n++
				}
			}
			if n != items {
				b.Fatal(n)
			}
		}
	})
}

// BenchmarkListGrowth: what an item costs does not depend on how many there
// are on a page.
func BenchmarkListGrowth(b *testing.B) {
	for items := 1; items <= 100_000; items *= 10 {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			client := benchClient(b, responding(benchPage(items, "")))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			calls := 0
			for b.Loop() {
				calls++
				if out, err := client.SIPGateways.List(b.Context(), signalwire.WithMaxResponseBytes(1<<30)); err != nil || len(out.Data) != items {
					b.Fatal(err)
				}
			}
			runtime.ReadMemStats(&after)
			all := float64(calls) * float64(items)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/all, "ns/item")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/all, "B/item")
		})
	}
}

// BenchmarkPages reads 10,000 pages of ten gateways, one after another, and
// reports by how much the heap is larger after the last than after the 100th.
func BenchmarkPages(b *testing.B) {
	const pages = 10_000
	var n int
	client := benchClient(b, roundTripper(func(req *http.Request) (*http.Response, error) {
		n++
		next := ""
		if n < pages {
			next = fmt.Sprintf("https://acme.signalwire.com/api/fabric/resources/sip_gateways?page_token=%d", n)
		}
		return responding(benchPage(10, next)).RoundTrip(req)
	}))
	var growth int64
	for b.Loop() {
		var early uint64
		read := 0
		n = 0
		for page, err := range client.SIPGateways.Pages(b.Context()) {
			if err != nil || len(page.Data) != 10 {
				b.Fatal(err)
			}
			if read++; read == 100 {
				early = heap()
			}
		}
		if read != pages {
			b.Fatalf("%d pages read, want %d", read, pages)
		}
		growth = max(growth, int64(heap())-int64(early))
	}
	b.ReportMetric(float64(growth), "heap-growth-B")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pages, "ns/page")
}

// heap is how much memory is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestListGrowth: memory grows with the number of items, and no faster.
func TestListGrowth(t *testing.T) { // not parallel: it counts what is allocated
	perItem := func(items int) float64 {
		client := dial(t, "https://acme.signalwire.com", signalwire.WithTransport(responding(benchPage(items, ""))))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		out, err := client.SIPGateways.List(t.Context())
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.Len(t, out.Data, items)
		return float64(after.TotalAlloc-before.TotalAlloc) / float64(items)
	}
	perItem(100) // what the first call prepares
	small, large := perItem(500), perItem(5000)
	require.Less(t, large, 3*small, "bytes an item, of 5,000 against 500")
}
