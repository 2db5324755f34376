package signalwire_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

var (
	ptr = signalwire.Ptr[string]

	allCiphers = []gen.Cipher{gen.CipherAEADAES256GCM8, gen.CipherAES256CMHMACSHA180, gen.CipherAESCM128HMACSHA180, gen.CipherAES256CMHMACSHA132, gen.CipherAESCM128HMACSHA132}
	allCodecs  = []gen.Codec{gen.CodecPCMU, gen.CodecPCMA, gen.CodecG722, gen.CodecG729, gen.CodecOPUS, gen.CodecVP8, gen.CodecH264}
)

const (
	allCiphersJSON = `["AEAD_AES_256_GCM_8","AES_256_CM_HMAC_SHA1_80","AES_CM_128_HMAC_SHA1_80","AES_256_CM_HMAC_SHA1_32","AES_CM_128_HMAC_SHA1_32"]`
	allCodecsJSON  = `["PCMU","PCMA","G722","G729","OPUS","VP8","H264"]`

	// strange is text that encoders like to change, and what it is in JSON.
	strange     = "&<>é𝄞\"'\\/\u2028\t\n\x00 %2f"
	strangeJSON = `"&<>é𝄞\"'\\/\u2028\t\n\u0000 %2f"`
)

// The fields that are text, by their names in JSON.
var (
	gatewayTexts = map[string]func(*gen.SIPGatewayUpdate, *string){
		"name": func(u *gen.SIPGatewayUpdate, v *string) { u.Name = v },
		"uri":  func(u *gen.SIPGatewayUpdate, v *string) { u.URI = v },
	}
	credentialTexts = map[string]func(*gen.SubscriberSIPCredentialUpdate, *string){
		"username":  func(u *gen.SubscriberSIPCredentialUpdate, v *string) { u.Username = v },
		"password":  func(u *gen.SubscriberSIPCredentialUpdate, v *string) { u.Password = v },
		"caller_id": func(u *gen.SubscriberSIPCredentialUpdate, v *string) { u.CallerID = v },
		"send_as":   func(u *gen.SubscriberSIPCredentialUpdate, v *string) { u.SendAs = v },
	}
)

type (
	gatewayCase struct {
		name   string
		update gen.SIPGatewayUpdate
		body   string
	}
	credentialCase struct {
		name   string
		update gen.SubscriberSIPCredentialUpdate
		body   string
	}
)

func gatewayCases() []gatewayCase {
	cases := []gatewayCase{
		{"nothing set", gen.SIPGatewayUpdate{}, `{}`},
		{"ciphers all", gen.SIPGatewayUpdate{Ciphers: allCiphers}, `{"ciphers":` + allCiphersJSON + `}`},
		{"ciphers empty", gen.SIPGatewayUpdate{Ciphers: []gen.Cipher{}}, `{"ciphers":[]}`},
		{"ciphers nil", gen.SIPGatewayUpdate{Ciphers: nil, Codecs: []gen.Codec{"VP8"}}, `{"codecs":["VP8"]}`},
		{"codecs all", gen.SIPGatewayUpdate{Codecs: allCodecs}, `{"codecs":` + allCodecsJSON + `}`},
		{"codecs empty", gen.SIPGatewayUpdate{Codecs: []gen.Codec{}}, `{"codecs":[]}`},
		{"codecs in the order given, twice", gen.SIPGatewayUpdate{Codecs: []gen.Codec{"VP8", "G722", "VP8"}}, `{"codecs":["VP8","G722","VP8"]}`},
		{"encryption required", gen.SIPGatewayUpdate{Encryption: signalwire.Ptr(gen.EncryptionRequired)}, `{"encryption":"required"}`},
		{"encryption optional", gen.SIPGatewayUpdate{Encryption: signalwire.Ptr(gen.EncryptionOptional)}, `{"encryption":"optional"}`},
		{"encryption default", gen.SIPGatewayUpdate{Encryption: signalwire.Ptr(gen.EncryptionDefault)}, `{"encryption":"default"}`},
		{
			"all",
			gen.SIPGatewayUpdate{URI: ptr("sip:a@b.example;transport=tls?x=1&y=2"), Name: ptr("edge"), Encryption: signalwire.Ptr(gen.EncryptionRequired), Codecs: []gen.Codec{"OPUS", "PCMU"}, Ciphers: []gen.Cipher{"AES_CM_128_HMAC_SHA1_80"}},
			`{"ciphers":["AES_CM_128_HMAC_SHA1_80"],"codecs":["OPUS","PCMU"],"encryption":"required","name":"edge","uri":"sip:a@b.example;transport=tls?x=1&y=2"}`,
		},
	}
	for name, set := range gatewayTexts {
		for value, encoded := range map[string]string{"": `""`, "x": `"x"`, strange: strangeJSON} {
			c := gatewayCase{name: name + " " + encoded, body: `{"` + name + `":` + encoded + `}`}
			set(&c.update, &value)
			cases = append(cases, c)
		}
	}
	return cases
}

func credentialCases() []credentialCase {
	cases := []credentialCase{
		{"nothing set", gen.SubscriberSIPCredentialUpdate{}, `{}`},
		{"ciphers all", gen.SubscriberSIPCredentialUpdate{Ciphers: allCiphers}, `{"ciphers":` + allCiphersJSON + `}`},
		{"ciphers empty", gen.SubscriberSIPCredentialUpdate{Ciphers: []gen.Cipher{}}, `{"ciphers":[]}`},
		{"codecs all", gen.SubscriberSIPCredentialUpdate{Codecs: allCodecs}, `{"codecs":` + allCodecsJSON + `}`},
		{"codecs empty", gen.SubscriberSIPCredentialUpdate{Codecs: []gen.Codec{}}, `{"codecs":[]}`},
		{"codecs nil", gen.SubscriberSIPCredentialUpdate{Codecs: nil, Ciphers: []gen.Cipher{}}, `{"ciphers":[]}`},
		{"encryption required", gen.SubscriberSIPCredentialUpdate{Encryption: signalwire.Ptr(gen.EncryptionRequired)}, `{"encryption":"required"}`},
		{"encryption optional", gen.SubscriberSIPCredentialUpdate{Encryption: signalwire.Ptr(gen.EncryptionOptional)}, `{"encryption":"optional"}`},
		{"encryption default", gen.SubscriberSIPCredentialUpdate{Encryption: signalwire.Ptr(gen.EncryptionDefault)}, `{"encryption":"default"}`},
		{
			"all",
			gen.SubscriberSIPCredentialUpdate{Username: ptr("alice"), Password: ptr("s3cret"), CallerID: ptr("Alice & Bob"), SendAs: ptr("+12065550100"), Encryption: signalwire.Ptr(gen.EncryptionOptional), Codecs: []gen.Codec{"G729"}, Ciphers: []gen.Cipher{"AEAD_AES_256_GCM_8"}},
			`{"caller_id":"Alice & Bob","ciphers":["AEAD_AES_256_GCM_8"],"codecs":["G729"],"encryption":"optional","password":"s3cret","send_as":"+12065550100","username":"alice"}`,
		},
	}
	for name, set := range credentialTexts {
		for value, encoded := range map[string]string{"": `""`, "x": `"x"`, strange: strangeJSON} {
			c := credentialCase{name: name + " " + encoded, body: `{"` + name + `":` + encoded + `}`}
			set(&c.update, &value)
			cases = append(cases, c)
		}
	}
	return cases
}

// wanted is what a server has to see.
func wanted(host, uri, body string) request {
	return request{
		Method: "PATCH", URI: uri, Host: host, Proto: "HTTP/1.1", Body: body,
		Header: http.Header{
			"Accept":          {"application/json"},
			"Accept-Encoding": {"gzip"}, // net/http's own, which it also undoes
			"Authorization":   {"Basic " + encodedCredentials},
			"Content-Length":  {strconv.Itoa(len(body))},
			"Content-Type":    {"application/json"},
			"User-Agent":      {"signalwire-go/devel"},
		},
	}
}

// TestWire compares each byte of a request that SignalWire would act upon.
// There is a base URL with a path and one without, with and without a slash.
func TestWire(t *testing.T) {
	t.Parallel()
	for _, base := range []struct{ given, prefix string }{{"", ""}, {"/", ""}, {"/mock/v1", "/mock/v1"}, {"/mock/", "/mock"}} {
		t.Run("UpdateSIPGateway below "+base.given, func(t *testing.T) {
			t.Parallel()
			server, seen := serve(t, gatewayOK)
			client := dial(t, server.URL+base.given)
			var want []request
			for _, tt := range gatewayCases() {
				for range 2 { // twice, as the encoding has to be the same each time
					_, err := client.SIPGateways.Update(t.Context(), gatewayID, tt.update)
					require.NoError(t, err, tt.name)
					want = append(want, wanted(server.Listener.Addr().String(), base.prefix+gatewayPath, tt.body))
				}
			}
			require.Equal(t, want, seen.requests())
		})
		t.Run("UpdateSubscriberSIPCredential below "+base.given, func(t *testing.T) {
			t.Parallel()
			server, seen := serve(t, say(200, "application/json", credentialResponse))
			client := dial(t, server.URL+base.given)
			var want []request
			for _, tt := range credentialCases() {
				for range 2 {
					_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, tt.update)
					require.NoError(t, err, tt.name)
					want = append(want, wanted(server.Listener.Addr().String(), base.prefix+credentialPath, tt.body))
				}
			}
			require.Equal(t, want, seen.requests())
		})
	}
}

// TestAuthorizationHeader takes the expected value from RFC 7617, section 2.
func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	server, seen := serve(t, gatewayOK)
	_, err := update(t.Context(), dial(t, server.URL, signalwire.WithCredentials("Aladdin", "opensesame")))
	require.NoError(t, err)
	require.Equal(t, []string{"Basic QWxhZGRpbjpvcGVuc2VzYW1l"}, seen.requests()[0].Header["Authorization"])
}

// TestNothingIsRemembered: what a response asks to keep is not sent next time.
func TestNothingIsRemembered(t *testing.T) {
	t.Parallel()
	client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "session=1; Path=/")
		w.Header().Set("ETag", `"1"`)
		gatewayOK(w, r)
	})
	for range 2 {
		_, err := update(t.Context(), client)
		require.NoError(t, err)
	}
	require.Equal(t, seen.requests()[0], seen.requests()[1])
}

const (
	fullGateway = `{
		"id": "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d",
		"project_id": "0f7c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f",
		"display_name": "Edge & <1> é𝄞",
		"type": "sip_gateway",
		"created_at": "2024-05-06T07:08:09Z",
		"updated_at": "2024-05-06T07:08:09.123456+02:00",
		"sip_gateway": {
			"id": "11111111-2222-4333-8444-555555555555",
			"uri": "sip:a@b.example",
			"name": "edge",
			"ciphers": ["AEAD_AES_256_GCM_8", "AES_CM_128_HMAC_SHA1_32"],
			"codecs": ["OPUS", "PCMU"],
			"encryption": "optional"
		}
	}`
	fullCredential = `{
		"id": "66666666-7777-4888-9999-aaaaaaaaaaaa",
		"username": "alice",
		"caller_id": "Alice",
		"send_as": "+12065550100",
		"ciphers": ["AES_256_CM_HMAC_SHA1_80"],
		"codecs": ["G722", "VP8"],
		"encryption": "required"
	}`
)

func wantGateway() *gen.SIPGatewayResource {
	return &gen.SIPGatewayResource{
		ID: gatewayID, ProjectID: uuid.MustParse(projectID), DisplayName: "Edge & <1> é𝄞", Type: gen.SIPGatewayResourceTypeSIPGateway,
		CreatedAt: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), UpdatedAt: time.Date(2024, 5, 6, 5, 8, 9, 123456000, time.UTC),
		SIPGateway: gen.SIPGateway{
			ID: subscriberID, URI: "sip:a@b.example", Name: "edge", Encryption: gen.EncryptionOptional,
			Ciphers: []gen.Cipher{gen.CipherAEADAES256GCM8, gen.CipherAESCM128HMACSHA132}, Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU},
		},
	}
}

func wantCredential() *gen.SubscriberSIPCredential {
	return &gen.SubscriberSIPCredential{
		ID: credentialID, Username: "alice", CallerID: "Alice", SendAs: "+12065550100", Encryption: gen.EncryptionRequired,
		Ciphers: []gen.Cipher{gen.CipherAES256CMHMACSHA180}, Codecs: []gen.Codec{gen.CodecG722, gen.CodecVP8},
	}
}

// TestResult decodes every field, under each status and Content-Type that can
// come with it.
func TestResult(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, contentType string
		status            int
	}{
		{"200", "application/json", 200},
		{"200 with charset", "application/json; charset=utf-8", 200},
		{"200 as text", "text/plain", 200},
		{"200 with no type", "", 200},
		{"201", "application/json", 201},
		{"202", "application/json", 202},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, _ := with(t, say(tt.status, tt.contentType, fullGateway))
			gateway, err := update(t.Context(), client)
			require.NoError(t, err)
			gateway.UpdatedAt = gateway.UpdatedAt.UTC()
			require.Equal(t, wantGateway(), gateway)

			client, _ = with(t, say(tt.status, tt.contentType, fullCredential))
			credential, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{})
			require.NoError(t, err)
			require.Equal(t, wantCredential(), credential)
		})
	}
}

// TestResultNewerThanTheDescription: what the description does not list yet is
// kept or ignored, never an error.
func TestResultNewerThanTheDescription(t *testing.T) {
	t.Parallel()
	const newer = `{"new":{"a":[1]},"type":"sip_trunk","created_at":"0001-01-01T00:00:00Z","sip_gateway":{"new":null,"codecs":["AV1",""],"ciphers":null,"encryption":"dtls"}}`
	client, _ := with(t, say(200, "application/json", newer))
	got, err := update(t.Context(), client)
	require.NoError(t, err)
	require.Equal(t, &gen.SIPGatewayResource{Type: "sip_trunk", SIPGateway: gen.SIPGateway{Codecs: []gen.Codec{"AV1", ""}, Encryption: "dtls"}}, got)
	require.False(t, got.Type.Valid())
}

// TestHTTP2 needs no more than a server that offers it: the default transport,
// with that server's certificate added, speaks HTTP/2.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	seen := &recorder{response: gatewayOK}
	server := httptest.NewUnstartedServer(seen)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(func() { stop(server) })
	client := dial(t, server.URL, signalwire.WithTransport(trusting(server)))
	_, err := client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{Name: ptr("é")})
	require.NoError(t, err)
	want := wanted(server.Listener.Addr().String(), gatewayPath, `{"name":"é"}`)
	want.Proto = "HTTP/2.0"
	require.Equal(t, []request{want}, seen.requests())
}

// trusting is the default transport of the library, trusting a server's
// certificate too.
func trusting(server *httptest.Server) *http.Transport {
	transport := signalwire.NewTransport()
	transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return transport
}

// TestManyResponsesOverOneConnection: each response is read to its end, so that
// the connection can be used again.
func TestManyResponsesOverOneConnection(t *testing.T) {
	t.Parallel()
	for name, response := range map[string]http.HandlerFunc{
		"200":              gatewayOK,
		"200, undecodable": say(200, "text/html", "<html>"),
		"422":              say(422, "application/json", documented),
		"500, empty":       say(500, "application/json", ""),
		"200, chunked": func(w http.ResponseWriter, _ *http.Request) {
			for _, b := range []byte(gatewayResponse) {
				_, _ = w.Write([]byte{b})
				_ = http.NewResponseController(w).Flush()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := make(chan string, 5)
			client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
				from <- r.RemoteAddr
				response(w, r)
			})
			for range 5 {
				_, _ = update(t.Context(), client)
			}
			first := <-from
			for range 4 {
				require.Equal(t, first, <-from)
			}
		})
	}
}
