package signalwire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// answering is a transport that answers each request with the same body,
// without a network.
func answering(body string) http.RoundTripper {
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
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", resp.StatusCode, answer)
	}
	return json.Unmarshal(answer, out)
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
	transport := answering(benchGateway(1))
	change := gen.SIPGatewayUpdate{Name: signalwire.Ptr("edge-1"), Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU}}
	b.Run("floor", func(b *testing.B) {
		client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			var out gen.SIPGatewayResource
			if err := floor(b.Context(), client, http.MethodPatch, "https://acme.signalwire.com/api/fabric/resources/sip_gateways/"+gatewayID.String(), change, &out); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("client", func(b *testing.B) {
		client := benchClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.UpdateSIPGateway(b.Context(), gatewayID, change); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkList1000(b *testing.B) {
	var page strings.Builder
	page.WriteString(`{"links":{"self":"/a","first":"/a"},"data":[`)
	for n := range 1000 {
		if n > 0 {
			page.WriteByte(',')
		}
		page.WriteString(benchGateway(n))
	}
	page.WriteString(`]}`)
	transport := answering(page.String())
	b.Run("floor", func(b *testing.B) {
		client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			var out gen.SIPGatewayList
			if err := floor(b.Context(), client, http.MethodGet, "https://acme.signalwire.com/api/fabric/resources/sip_gateways", nil, &out); err != nil || len(out.Data) != 1000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("client", func(b *testing.B) {
		client := benchClient(b, transport)
		b.ReportAllocs()
		for b.Loop() {
			if out, err := client.ListSIPGateways(b.Context()); err != nil || len(out.Data) != 1000 {
				b.Fatal(err)
			}
		}
	})
}
