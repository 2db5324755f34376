package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	twilioclient "github.com/twilio/twilio-go/client"
	twilio "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/peers/internal/ogen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/peers/internal/stock"
)

const (
	server    = "https://acme.signalwire.com"
	projectID = "0f7c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f"
	apiToken  = "PT6d1f0a9c8b7e5d4c3b2a19f8e7d6c5b4a39281706f5e4d3c"
)

var gatewayID = uuid.MustParse("a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d")

// responding is a transport that responds to each request with the same body,
// without a network.
type responding string

func (body responding) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	return &http.Response{
		StatusCode:    200,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(string(body))),
		ContentLength: int64(len(body)),
		Request:       req,
	}, nil
}

func gateway(n int) string {
	id := uuid.UUID{0: byte(n >> 8), 1: byte(n), 15: 1}
	return fmt.Sprintf(`{"id":%q,"project_id":%q,"display_name":"edge-%d","type":"sip_gateway","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","sip_gateway":{"id":%q,"uri":"sip:pbx%d.example.com","name":"edge-%d","ciphers":["AEAD_AES_256_GCM_8","AES_256_CM_HMAC_SHA1_80"],"codecs":["OPUS","PCMU","PCMA"],"encryption":"required"}}`,
		id, id, n, id, n, n)
}

// credential is what Twilio responds instead, of about the same length.
func credential(n int) string {
	return fmt.Sprintf(`{"sid":"CR%032x","account_sid":"AC%032x","credential_list_sid":"CL%032x","username":"edge-%d","date_created":"Thu, 01 Jan 2026 00:00:00 +0000","date_updated":"Fri, 02 Jan 2026 00:00:00 +0000","uri":"/2010-04-01/Accounts/AC%032x/SIP/CredentialLists/CL%032x/Credentials/CR%032x.json"}`, n, 1, 2, n, 1, 2, n)
}

// list is the text of a JSON list of n items.
func list(n int, item func(int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return "[" + strings.Join(items, ",") + "]"
}

// calls are the two calls that are compared; both return what they have got of
// the response: the name, or how many items.
type calls struct {
	client string
	patch  func(context.Context) (string, error)
	list   func(context.Context) (int, error)
}

const items = 1000

func clients(t testing.TB) []calls {
	t.Helper()
	one := responding(gateway(1))
	page := responding(`{"links":{"self":"/a","first":"/a"},"data":` + list(items, gateway) + `}`)
	return []calls{byHand(one, page), ours(t, one, page), stockCalls(t, one, page), ogenCalls(t, one, page), twilioCalls()}
}

// byHand is what a person writes for one operation with net/http and
// encoding/json.
func byHand(one, page http.RoundTripper) calls {
	do := func(ctx context.Context, client *http.Client, method, url string, in, out any) error {
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
	patcher := &http.Client{Transport: one, Timeout: 30 * time.Second}
	lister := &http.Client{Transport: page, Timeout: 30 * time.Second}
	change := gen.SIPGatewayUpdate{Name: new("edge-1"), Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU}}
	return calls{
		client: "floor",
		patch: func(ctx context.Context) (string, error) {
			var out gen.SIPGatewayResource
			err := do(ctx, patcher, http.MethodPatch, server+"/api/fabric/resources/sip_gateways/"+gatewayID.String(), change, &out)
			return out.SIPGateway.Name, err
		},
		list: func(ctx context.Context) (int, error) {
			var out gen.SIPGatewayList
			err := do(ctx, lister, http.MethodGet, server+"/api/fabric/resources/sip_gateways", nil, &out)
			return len(out.Data), err
		},
	}
}

func ours(t testing.TB, one, page http.RoundTripper) calls {
	client := func(transport http.RoundTripper) *signalwire.Client {
		c, err := signalwire.New("acme", signalwire.WithCredentials(projectID, apiToken), signalwire.WithTransport(transport))
		must(t, err)
		return c
	}
	patcher, lister := client(one), client(page)
	change := gen.SIPGatewayUpdate{Name: new("edge-1"), Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU}}
	return calls{
		client: "ours",
		patch: func(ctx context.Context) (string, error) {
			out, err := patcher.SIPGateways.Update(ctx, gatewayID, change)
			if err != nil {
				return "", err
			}
			return out.SIPGateway.Name, nil
		},
		list: func(ctx context.Context) (int, error) {
			out, err := lister.SIPGateways.List(ctx)
			if err != nil {
				return 0, err
			}
			return len(out.Data), nil
		},
	}
}

func stockCalls(t testing.TB, one, page http.RoundTripper) calls {
	client := func(transport http.RoundTripper) *stock.ClientWithResponses {
		c, err := stock.NewClientWithResponses(server,
			stock.WithHTTPClient(&http.Client{Transport: transport, Timeout: 30 * time.Second}),
			stock.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
				req.SetBasicAuth(projectID, apiToken)
				return nil
			}))
		must(t, err)
		return c
	}
	patcher, lister := client(one), client(page)
	change := stock.SipGatewayRequestUpdate{Name: new("edge-1"), Codecs: &[]stock.Codecs{stock.OPUS, stock.PCMU}}
	return calls{
		client: "oapi-codegen",
		patch: func(ctx context.Context) (string, error) {
			out, err := patcher.UpdateSipGatewayWithResponse(ctx, gatewayID, change)
			if err != nil {
				return "", err
			}
			if out.JSON200 == nil {
				return "", errors.New(out.Status())
			}
			return out.JSON200.SipGateway.Name, nil
		},
		list: func(ctx context.Context) (int, error) {
			out, err := lister.ListSipGatewaysWithResponse(ctx)
			if err != nil {
				return 0, err
			}
			if out.JSON200 == nil {
				return 0, errors.New(out.Status())
			}
			return len(out.JSON200.Data), nil
		},
	}
}

type ogenCredentials struct{}

func (ogenCredentials) SignalWireBasicAuth(context.Context, ogen.OperationName) (ogen.SignalWireBasicAuth, error) {
	return ogen.SignalWireBasicAuth{Username: projectID, Password: apiToken}, nil
}

func ogenCalls(t testing.TB, one, page http.RoundTripper) calls {
	client := func(transport http.RoundTripper) *ogen.Client {
		c, err := ogen.NewClient(server, ogenCredentials{}, ogen.WithClient(&http.Client{Transport: transport, Timeout: 30 * time.Second}))
		must(t, err)
		return c
	}
	patcher, lister := client(one), client(page)
	change := ogen.NewOptSipGatewayRequestUpdate(ogen.SipGatewayRequestUpdate{
		Name:   ogen.NewOptString("edge-1"),
		Codecs: []ogen.Codecs{ogen.CodecsOPUS, ogen.CodecsPCMU},
	})
	return calls{
		client: "ogen",
		patch: func(ctx context.Context) (string, error) {
			out, err := patcher.UpdateSipGateway(ctx, change, ogen.UpdateSipGatewayParams{ID: ogen.UUID(gatewayID)})
			if err != nil {
				return "", err
			}
			found, ok := out.(*ogen.SipGatewayResponse)
			if !ok {
				return "", fmt.Errorf("response %T", out)
			}
			return found.SipGateway.Name, nil
		},
		list: func(ctx context.Context) (int, error) {
			out, err := lister.ListSipGateways(ctx)
			if err != nil {
				return 0, err
			}
			found, ok := out.(*ogen.SipGatewayListResponse)
			if !ok {
				return 0, fmt.Errorf("response %T", out)
			}
			return len(found.Data), nil
		},
	}
}

// twilioCalls are the nearest that twilio-go has: the update of a SIP
// credential (a POST of a form), and a page of them.
func twilioCalls() calls {
	account := fmt.Sprintf("AC%032x", 1)
	client := func(body string) *twilio.ApiService {
		c := &twilioclient.Client{
			Credentials: twilioclient.NewCredentials(account, strings.Repeat("a", 32)),
			HTTPClient:  &http.Client{Transport: responding(body), Timeout: 30 * time.Second},
		}
		c.SetAccountSid(account)
		return twilio.NewApiServiceWithClient(c)
	}
	patcher := client(credential(1))
	lister := client(`{"page":0,"page_size":1000,"uri":"/a","first_page_uri":"/a","credentials":` + list(items, credential) + `}`)
	change := (&twilio.UpdateSipCredentialParams{}).SetPassword("edge-1-Password")
	return calls{
		client: "twilio-go",
		patch: func(context.Context) (string, error) {
			out, err := patcher.UpdateSipCredential("CL2", "CR1", change)
			if err != nil {
				return "", err
			}
			return *out.Username, nil
		},
		list: func(context.Context) (int, error) {
			out, err := lister.PageSipCredential("CL2", (&twilio.ListSipCredentialParams{}).SetPageSize(items), "", "")
			if err != nil {
				return 0, err
			}
			return len(out.Credentials), nil
		},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestClients: each client understands the whole response.
func TestClients(t *testing.T) {
	for _, c := range clients(t) {
		if name, err := c.patch(t.Context()); err != nil || name != "edge-1" {
			t.Errorf("%s: name %q, %v", c.client, name, err)
		}
		if n, err := c.list(t.Context()); err != nil || n != items {
			t.Errorf("%s: %d items, %v", c.client, n, err)
		}
	}
}

func BenchmarkPatch(b *testing.B) {
	for _, c := range clients(b) {
		b.Run("client="+c.client, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.patch(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkList1000(b *testing.B) {
	for _, c := range clients(b) {
		b.Run("client="+c.client, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.list(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
