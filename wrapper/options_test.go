package signalwire_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

type foreignOption struct{}

func (foreignOption) Option() {}

func (foreignOption) CallOption() {}

func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		option signalwire.Option
		want   string // what the error names
	}{
		"nil":                              {nil, "nil option"},
		"nil transport":                    {signalwire.WithTransport(nil), "WithTransport"},
		"nil *http.Transport":              {signalwire.WithTransport((*http.Transport)(nil)), "WithTransport"},
		"nil client":                       {signalwire.WithHTTPClient(nil), "WithHTTPClient"},
		"timeout 0":                        {signalwire.WithTimeout(0), "WithTimeout 0s"},
		"timeout -1":                       {signalwire.WithTimeout(-1), "WithTimeout -1ns"},
		"timeout least":                    {signalwire.WithTimeout(math.MinInt64), "WithTimeout -"},
		"request 0":                        {signalwire.WithMaxRequestBytes(0), "WithMaxRequestBytes 0"},
		"request -1":                       {signalwire.WithMaxRequestBytes(-1), "WithMaxRequestBytes -1"},
		"response 0":                       {signalwire.WithMaxResponseBytes(0), "WithMaxResponseBytes 0"},
		"response memory 0":                {signalwire.WithMaxResponseMemory(0), "WithMaxResponseMemory 0"},
		"response -1":                      {signalwire.WithMaxResponseBytes(-1), "WithMaxResponseBytes -1"},
		"user agent empty":                 {signalwire.WithUserAgent(""), "WithUserAgent"},
		"user agent blank":                 {signalwire.WithUserAgent(" "), "WithUserAgent"},
		"user agent with a line":           {signalwire.WithUserAgent("a\r\nX: y"), "WithUserAgent"},
		"user agent not ASCII":             {signalwire.WithUserAgent("é"), "WithUserAgent"},
		"user agent DEL":                   {signalwire.WithUserAgent("a\x7f"), "WithUserAgent"},
		"project empty":                    {signalwire.WithCredentials("", apiToken), "project id"},
		"project with a blank":             {signalwire.WithCredentials("a b", apiToken), "project id"},
		"project with a blank before":      {signalwire.WithCredentials(" "+projectID, apiToken), "project id"},
		"project with a line":              {signalwire.WithCredentials(projectID+"\n", apiToken), "project id"},
		"project with a colon":             {signalwire.WithCredentials("a:b", apiToken), "project id"},
		"project with a no-break space":    {signalwire.WithCredentials(projectID+"\u00a0", apiToken), "project id"},
		"project with NUL":                 {signalwire.WithCredentials("a\x00", apiToken), "project id"},
		"token empty":                      {signalwire.WithCredentials(projectID, ""), "API token"},
		"token with a blank":               {signalwire.WithCredentials(projectID, apiToken+" "), "API token"},
		"token with a tab":                 {signalwire.WithCredentials(projectID, "\t"+apiToken), "API token"},
		"token with a line":                {signalwire.WithCredentials(projectID, apiToken+"\n"), "API token"},
		"token with a carriage return":     {signalwire.WithCredentials(projectID, apiToken+"\r\n"), "API token"},
		"token not ASCII":                  {signalwire.WithCredentials(projectID, apiToken+"é"), "API token"},
		"token DEL":                        {signalwire.WithCredentials(projectID, apiToken+"\x7f"), "API token"},
		"bearer empty":                     {signalwire.WithBearerToken(""), "bearer token"},
		"bearer with a line":               {signalwire.WithBearerToken(apiToken + "\r\nX: y"), "bearer token"},
		"bearer with a blank":              {signalwire.WithBearerToken("Bearer " + apiToken), "bearer token"},
		"nil call option in New":           {signalwire.CallOption(nil), "nil option"},
		"base URL that is refused already": {signalwire.WithBaseURL("http://example.com"), "base URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := signalwire.New("acme", tt.option)
			require.Error(t, err)
			require.Nil(t, client)
			require.True(t, strings.HasPrefix(err.Error(), "signalwire: "), err.Error())
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
			requireNoSecrets(t, err.Error())
		})
	}
}

func TestCallOptionsRefused(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	for name, tt := range map[string]struct {
		option gen.CallOption
		want   string
	}{
		"nil":         {nil, "call option <nil>"},
		"foreign":     {foreignOption{}, "call option signalwire_test.foreignOption"},
		"timeout 0":   {signalwire.WithTimeout(0), "WithTimeout 0s"},
		"request 0":   {signalwire.WithMaxRequestBytes(0), "WithMaxRequestBytes 0"},
		"response -1": {signalwire.WithMaxResponseBytes(-1), "WithMaxResponseBytes -1"},
	} {
		t.Run(name, func(t *testing.T) {
			e := failed(t, client, tt.option)
			require.Zero(t, e.Status)
			require.ErrorContains(t, e, tt.want)
		})
	}
	assertNone(t, seen)
}

// TestNoCredentials: the error says how to give them, before anything is sent.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	server, seen := serve(t, gatewayOK)
	for name, opts := range map[string][]signalwire.Option{"none": nil, "of another kind": {signalwire.WithBearerToken("x")}} {
		t.Run(name, func(t *testing.T) {
			client, err := signalwire.New("acme", append(opts, signalwire.WithBaseURL(server.URL))...)
			require.NoError(t, err)
			require.ErrorContains(t, failed(t, client), "expected WithCredentials")
			_, err = client.SubscriberSIPCredentials.Update(t.Context(), subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{})
			require.ErrorContains(t, requireError(t, err), "expected WithCredentials")
		})
	}
	assertNone(t, seen)
}

// TestInputRefused: what is wrong is named and what is expected is listed, and
// the server is not asked.
func TestInputRefused(t *testing.T) {
	t.Parallel()
	ciphers := []string{"AEAD_AES_256_GCM_8", "AES_256_CM_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32"}
	codecs := []string{"PCMU", "PCMA", "G722", "G729", "OPUS", "VP8", "H264"}
	encryptions := []string{"required", "optional", "default"}
	client, seen := with(t, gatewayOK)
	gateway := func(id uuid.UUID, u gen.SIPGatewayUpdate) error {
		_, err := client.SIPGateways.Update(t.Context(), id, u)
		return err
	}
	credential := func(subscriber, id uuid.UUID, u gen.SubscriberSIPCredentialUpdate) error {
		_, err := client.SubscriberSIPCredentials.Update(t.Context(), subscriber, id, u)
		return err
	}
	type inputCase struct {
		name  string
		err   error
		field string
		lists []string
	}
	cases := []inputCase{
		{"gateway id", gateway(uuid.Nil, gen.SIPGatewayUpdate{}), "id", []string{"zero UUID"}},
		{"subscriber id", credential(uuid.Nil, credentialID, gen.SubscriberSIPCredentialUpdate{}), "fabric_subscriber_id", []string{"zero UUID"}},
		{"credential id", credential(subscriberID, uuid.Nil, gen.SubscriberSIPCredentialUpdate{}), "id", []string{"zero UUID"}},
		{"gateway codec", gateway(gatewayID, gen.SIPGatewayUpdate{Codecs: []gen.Codec{"OPUS", "MP3", "PCMU"}}), "codecs[1]", append(codecs, `"MP3"`)},
		{"gateway codec in lower case", gateway(gatewayID, gen.SIPGatewayUpdate{Codecs: []gen.Codec{"opus"}}), "codecs[0]", append(codecs, `"opus"`)},
		{"gateway codec empty", gateway(gatewayID, gen.SIPGatewayUpdate{Codecs: []gen.Codec{""}}), "codecs[0]", append(codecs, `""`)},
		{"gateway cipher", gateway(gatewayID, gen.SIPGatewayUpdate{Ciphers: []gen.Cipher{gen.CipherAEADAES256GCM8, gen.CipherAEADAES256GCM8, "ROT13\n"}}), "ciphers[2]", append(ciphers, `"ROT13\n"`)},
		{"gateway encryption", gateway(gatewayID, gen.SIPGatewayUpdate{Encryption: signalwire.Ptr(gen.Encryption("none"))}), "encryption", append(encryptions, `"none"`)},
		{"gateway encryption empty", gateway(gatewayID, gen.SIPGatewayUpdate{Encryption: signalwire.Ptr(gen.Encryption(""))}), "encryption", encryptions},
		{"credential codec", credential(subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Codecs: []gen.Codec{"OPUS", "MP3"}}), "codecs[1]", codecs},
		{"credential cipher", credential(subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Ciphers: []gen.Cipher{"x"}}), "ciphers[0]", ciphers},
		{"credential encryption", credential(subscriberID, credentialID, gen.SubscriberSIPCredentialUpdate{Encryption: signalwire.Ptr(gen.Encryption("Required"))}), "encryption", encryptions},
	}
	for name, set := range gatewayTexts {
		var u gen.SIPGatewayUpdate
		set(&u, ptr("hunter2\xff"))
		cases = append(cases, inputCase{"gateway " + name, gateway(gatewayID, u), name, []string{"UTF-8"}})
	}
	for name, set := range credentialTexts {
		var u gen.SubscriberSIPCredentialUpdate
		set(&u, ptr("hunter2\xed\xa0\x80"))
		cases = append(cases, inputCase{"credential " + name, credential(subscriberID, credentialID, u), name, []string{"UTF-8"}})
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			e := requireError(t, tt.err)
			requireIs(t, e, signalwire.ErrInvalid)
			var input *signalwire.InputError
			require.ErrorAs(t, e, &input)
			require.Equal(t, tt.field, input.Field)
			require.Zero(t, e.Status)
			require.Contains(t, e.Path, "/api/fabric/resources/s")
			pathRefused := tt.field == "id" || tt.field == "fabric_subscriber_id"
			require.Equal(t, pathRefused, strings.Contains(e.Path, "{id}"), "the path has the ids, unless one was refused")
			for _, part := range append(tt.lists, ": "+tt.field+": expected ") {
				require.ErrorContains(t, e, part)
			}
			require.NotContains(t, e.Error(), "hunter2", "it may be a password")
		})
	}
	assertNone(t, seen)
}

// TestValuesInThemselves are refused, and do not end the program.
func TestValuesInThemselves(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	object, list := map[string]any{}, []any{nil}
	object["a"], list[0] = object, list
	for _, value := range []any{object, list, &object} {
		_, err := client.Calls.Send(t.Context(), gen.UserEventCommand{ID: gatewayID, Params: gen.UserEventParams{Event: map[string]any{"event": value}}})
		requireError(t, err)
		var input *signalwire.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, "expected at most 1000 levels of nesting, and no value that contains itself", input.Problem)
		require.Regexp(t, `^params\.event\.event.*…$`, input.Field)
		require.Less(t, len(input.Field), 300)
	}
	assertNone(t, seen)
}

// TestUnencodableInput: a value that cannot be JSON is refused as other input is, with the
// path of its field.
func TestUnencodableInput(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	event := func(value any) error {
		_, err := client.Calls.Send(t.Context(), gen.UserEventCommand{ID: gatewayID, Params: gen.UserEventParams{Event: map[string]any{"event": value}}})
		return err
	}
	script := func(contents string) error {
		_, err := client.SWMLScripts.Create(t.Context(), gen.CallingSWMLScriptCreate{Name: "x", Contents: gen.SWML(contents)})
		return err
	}
	edit := func() error {
		client := signalwiretest.New(t).Client()
		agent, err := client.AIAgents.Create(t.Context(), gen.AIAgentCreate{Name: "a", Prompt: gen.SWML(`{"text":"a"}`)})
		require.NoError(t, err)
		_, _, err = client.AIAgents.Edit(t.Context(), agent.ID, func(u *gen.AIAgentUpdate) error {
			u.Hints = append(u.Hints, gen.SWML("\"\xff\"")) // JSON is UTF-8
			return nil
		})
		return err
	}
	for want, err := range map[string]error{
		"hints[0]: it could not be encoded: it is not valid JSON in UTF-8":              edit(),
		"contents: it could not be encoded: it is not valid JSON in UTF-8":              script("{"),
		"params.event.event: it could not be encoded: it is not valid JSON in UTF-8":    event(gen.SWML("\"\xff\"")),
		"params.event.event: it could not be encoded: json: unsupported value: NaN":     event(math.NaN()),
		"params.event.event: it could not be encoded: json: unsupported type: chan int": event(make(chan int)),
		"body: it could not be encoded: json: unsupported type: chan int":               client.Do(t.Context(), "POST", "/a", make(chan int), nil),
		"body: it could not be encoded: it is not valid JSON in UTF-8":                  client.Do(t.Context(), "POST", "/a", []byte("\"\xff\""), nil),
	} {
		requireError(t, err)
		require.ErrorIs(t, err, signalwire.ErrInvalid)
		var input *signalwire.InputError
		require.ErrorAs(t, err, &input)
		require.Equal(t, want, input.Error())
	}
	assertNone(t, seen)
}

// TestFurtherFieldsAreChecked like those that the description names.
func TestFurtherFieldsAreChecked(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	name := gen.WhatsAppContactName{FormattedName: "a", AdditionalProperties: map[string]any{"first_name": "\xff"}}
	_, err := client.Messages.Create(t.Context(), gen.NewWhatsAppMessage(gen.WhatsAppContactsMessage{From: "a", To: "b", Body: []gen.WhatsAppContact{{Name: name}}}))
	var input *signalwire.InputError
	require.ErrorAs(t, err, &input)
	require.Equal(t, "body[0].name.first_name", input.Field)
	assertNone(t, seen)
}

// TestInputErrorText is about each byte of one refusal.
func TestInputErrorText(t *testing.T) {
	t.Parallel()
	client, err := signalwire.New("acme", credentials)
	require.NoError(t, err)
	_, err = client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{Encryption: signalwire.Ptr(gen.Encryption("none"))})
	require.EqualError(t, err, `signalwire: update_sip_gateway PATCH acme.signalwire.com/api/fabric/resources/sip_gateways/a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d: encryption: expected one of default, forbidden, optional, required, got "none"`)
}

// TestLimits are exact, for the client and for one call.
func TestLimits(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("é", 50)
	sent, responded := int64(len(`{"name":""}`)+100), int64(len(gatewayResponse))
	padded := gatewayResponse + strings.Repeat(" ", 100)
	for _, tt := range []struct {
		name     string
		option   signalwire.CallOption
		response string
		want     string // of the error
		asked    bool
	}{
		{"request as long as the limit", signalwire.WithMaxRequestBytes(sent), gatewayResponse, "", true},
		{"request longer", signalwire.WithMaxRequestBytes(sent - 1), gatewayResponse, "body: 111 bytes given, expected at most 110 (WithMaxRequestBytes)", false},
		{"request limit 1", signalwire.WithMaxRequestBytes(1), gatewayResponse, "expected at most 1 (WithMaxRequestBytes)", false},
		{"request limit greatest", signalwire.WithMaxRequestBytes(math.MaxInt64), gatewayResponse, "", true},
		{"response as long as the limit", signalwire.WithMaxResponseBytes(responded), gatewayResponse, "", true},
		{"response longer", signalwire.WithMaxResponseBytes(responded - 1), gatewayResponse, fmt.Sprintf("200: the request was processed, but its response could not be read: the body is longer than %d bytes (WithMaxResponseBytes)", responded-1), true},
		{"response longer by blanks", signalwire.WithMaxResponseBytes(responded), padded, "longer than", true},
		{"response with blanks", signalwire.WithMaxResponseBytes(responded + 100), padded, "", true},
		{"response limit 1", signalwire.WithMaxResponseBytes(1), gatewayResponse, "longer than 1 bytes", true},
		{"response limit greatest but one", signalwire.WithMaxResponseBytes(math.MaxInt64 - 1), gatewayResponse, "", true},
		{"response limit greatest", signalwire.WithMaxResponseBytes(math.MaxInt64), gatewayResponse, "", true},
	} {
		for _, where := range []string{"client", "call"} {
			for _, encoding := range []string{"", "gzip"} {
				t.Run(tt.name+" "+where+" "+encoding, func(t *testing.T) {
					t.Parallel()
					server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
						if encoding == "gzip" {
							w.Header().Set("Content-Encoding", "gzip")
							say(200, "application/json", gzipped(tt.response))(w, r)
							return
						}
						say(200, "application/json", tt.response)(w, r)
					})
					var err error
					u := gen.SIPGatewayUpdate{Name: &name}
					if where == "client" {
						_, err = dial(t, server.URL, tt.option).SIPGateways.Update(t.Context(), gatewayID, u)
					} else { // whatever the client's limit
						_, err = dial(t, server.URL, signalwire.WithMaxRequestBytes(2), signalwire.WithMaxResponseBytes(2)).SIPGateways.Update(t.Context(), gatewayID, u,
							signalwire.WithMaxRequestBytes(1<<20), signalwire.WithMaxResponseBytes(1<<20), tt.option)
					}
					require.Len(t, seen.requests(), map[bool]int{true: 1}[tt.asked])
					if tt.want == "" {
						require.NoError(t, err)
						return
					}
					e := requireError(t, err)
					require.ErrorContains(t, err, tt.want)
					if tt.asked {
						requireIs(t, err, nil)
						require.Equal(t, 200, e.Status)
					} else {
						requireIs(t, err, signalwire.ErrInvalid)
					}
				})
			}
		}
	}
}

// TestDefaultLimits are those that New documents.
func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	long := make([]byte, 32<<20+1)
	client, seen := with(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(long) })
	_, err := client.SIPGateways.Update(t.Context(), gatewayID, gen.SIPGatewayUpdate{Name: ptr(strings.Repeat("x", 10<<20+1-len(`{"name":""}`)))})
	require.ErrorContains(t, err, "body: 10485761 bytes given, expected at most 10485760 (WithMaxRequestBytes)")
	assertNone(t, seen)
	require.ErrorContains(t, failed(t, client), "200: the body is longer than 33554432 bytes (WithMaxResponseBytes)")

	before := time.Now()
	failed(t, dial(t, "https://acme.example", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		deadline, ok := r.Context().Deadline()
		require.True(t, ok)
		require.WithinRange(t, deadline, before.Add(30*time.Second), time.Now().Add(30*time.Second))
		return nil, errors.New("not sent")
	}))))
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	const own = "signalwire-go/devel" // tests have no version
	require.Equal(t, "(devel)", signalwire.Version())
	agent := signalwire.WithUserAgent
	for want, opts := range map[string][]signalwire.Option{
		own:                               nil,
		"billing/2.1 " + own:              {agent("billing/2.1")},
		"billing/2.1 (staging; x) " + own: {agent("billing/2.1 (staging; x)")},
		"outer/1 billing/2.1 " + own:      {agent("billing/2.1"), agent("outer/1")},
		"a,b;c=d " + own:                  {agent("a,b;c=d")},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			client, seen := with(t, gatewayOK, opts...)
			_, err := update(t.Context(), client)
			require.NoError(t, err)
			require.Equal(t, []string{want}, seen.requests()[0].Header["User-Agent"])
		})
	}
}

// TestTransportIsUsed, and nothing else, whichever way it was given. The last
// of two options counts.
func TestTransportIsUsed(t *testing.T) {
	t.Parallel()
	server, seen := serve(t, gatewayOK)
	var used, unused atomic.Int32
	counting := func(n *atomic.Int32) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			n.Add(1)
			r = r.Clone(r.Context())
			r.Header.Set("X-Custom", "1")
			return http.DefaultTransport.RoundTrip(r)
		})
	}
	this, other := counting(&used), counting(&unused)
	viaTransport, viaClient := signalwire.WithTransport, func(rt http.RoundTripper) signalwire.Option {
		return signalwire.WithHTTPClient(&http.Client{Transport: rt})
	}
	for i, opts := range [][]signalwire.Option{
		{viaTransport(this)}, {viaClient(this)}, {viaTransport(other), viaTransport(this)}, {viaClient(other), viaClient(this)},
		{viaTransport(other), viaClient(this)}, {viaClient(other), viaTransport(this)},
	} {
		_, err := update(t.Context(), dial(t, server.URL, opts...))
		require.NoError(t, err)
		require.EqualValues(t, i+1, used.Load(), "case %d", i)
		require.Equal(t, "1", seen.requests()[i].Header.Get("X-Custom"))
	}
	require.Zero(t, unused.Load())
}

// TestHTTPClientIsCopied, with its cookies: later changes to it change nothing.
func TestHTTPClientIsCopied(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	own := &http.Client{Jar: jar, Transport: signalwire.NewTransport(), Timeout: time.Minute}
	client, seen := with(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sticky", Value: "1", Path: "/"})
		gatewayOK(w, r)
	}, signalwire.WithHTTPClient(own))
	*own = http.Client{Timeout: 1, Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("changed later") })}
	for range 2 {
		_, err = update(t.Context(), client)
		require.NoError(t, err)
	}
	require.Empty(t, seen.requests()[0].Header.Get("Cookie"))
	require.Equal(t, "sticky=1", seen.requests()[1].Header.Get("Cookie"))
}

// TestOddTransports: doubles of a transport leave out what they please. A call
// through one fails or works, but does not panic.
func TestOddTransports(t *testing.T) {
	t.Parallel()
	body := func() io.ReadCloser { return io.NopCloser(strings.NewReader(gatewayResponse)) }
	for name, tt := range map[string]struct {
		response *http.Response // its body is made anew for each call
		err      error
		works    bool
	}{
		"nil, nil":              {nil, nil, false},
		"no body, 404":          {&http.Response{StatusCode: 404}, nil, false},
		"no body, 200":          {&http.Response{StatusCode: 200}, nil, false},
		"no header":             {&http.Response{StatusCode: 200, Body: body()}, nil, true},
		"no request, redirect":  {&http.Response{StatusCode: 302, Body: body(), Header: http.Header{"Location": {"/x"}}}, nil, false},
		"no status":             {&http.Response{Body: body()}, nil, false},
		"response and error":    {&http.Response{StatusCode: 200, Body: body()}, errors.New("both"), false},
		"length that is wrong":  {&http.Response{StatusCode: 200, Body: body(), ContentLength: math.MaxInt64}, nil, true},
		"length that is longer": {&http.Response{StatusCode: 500, Body: body(), ContentLength: -7}, nil, false},
	} {
		for _, through := range []string{"transport", "client"} {
			t.Run(name+" "+through, func(t *testing.T) {
				t.Parallel()
				double := roundTripper(func(*http.Request) (*http.Response, error) {
					if tt.response == nil {
						return nil, tt.err
					}
					response := *tt.response
					response.Header = response.Header.Clone()
					if response.Body != nil {
						response.Body = body()
					}
					return &response, tt.err
				})
				option := signalwire.WithTransport(double)
				if through == "client" {
					option = signalwire.WithHTTPClient(&http.Client{Transport: double})
				}
				client := dial(t, "https://acme.example", option)
				require.NotPanics(t, func() {
					got, err := update(t.Context(), client)
					if tt.works {
						require.NoError(t, err)
						require.Equal(t, gatewayID, got.ID)
						return
					}
					requireError(t, err)
				})
			})
		}
	}
}

// TestResponseThatDoesNotGoOn: a body that yields nothing, and no error, for ever is
// given up.
func TestResponseThatDoesNotGoOn(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 500} {
		body := io.MultiReader(strings.NewReader(gatewayResponse), idle{})
		client := dial(t, "https://acme.example", signalwire.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(body)}, nil
		})))
		require.ErrorIs(t, failed(t, client), io.ErrNoProgress)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

type closing struct {
	io.Reader
	closed *bool
}

func (c closing) Close() error { *c.closed = true; return nil }

// TestBodiesAreClosed, whatever becomes of the response.
func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
	}{{200, gatewayResponse}, {200, "<html>"}, {200, strings.Repeat(" ", 2000)}, {204, ""}, {101, "x"}, {302, "x"}, {422, documented}, {500, strings.Repeat("x", 100_000)}} {
		var closed bool
		client := dial(t, "https://acme.example", signalwire.WithMaxResponseBytes(1000), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: tt.status, Body: closing{strings.NewReader(tt.body), &closed}, Request: r}, nil
		})))
		_, _ = update(t.Context(), client)
		require.True(t, closed, "%d %.20q", tt.status, tt.body)
	}
}

// TestCloseIdleConnections closes them, on every kind of transport that has
// such a method, and leaves the client usable.
func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]signalwire.Option{
		"default":   nil,
		"transport": {signalwire.WithTransport(&http.Transport{})},
		"client":    {signalwire.WithHTTPClient(&http.Client{Transport: &http.Transport{}})},
		"double":    {signalwire.WithTransport(roundTripper(signalwire.NewTransport().RoundTrip))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed := make(chan struct{}, 10)
			server := httptest.NewUnstartedServer(gatewayOK)
			server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateClosed {
					closed <- struct{}{}
				}
			}
			server.Start()
			t.Cleanup(func() { stop(server) })
			client := dial(t, server.URL, opts...)
			for range 2 {
				_, err := update(t.Context(), client)
				require.NoError(t, err)
				client.CloseIdleConnections()
				if name == "double" {
					continue
				}
				select {
				case <-closed:
				case <-time.After(30 * time.Second):
					require.Fail(t, "the connection is still open")
				}
			}
		})
	}
}

// tunnel is a proxy that notes what it is asked for and connects everything
// with one server.
func tunnel(t *testing.T, to *httptest.Server) (*url.URL, *recorder) {
	proxy, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
		there, err := net.Dial("tcp", to.Listener.Addr().String())
		if err != nil {
			w.WriteHeader(502)
			return
		}
		if r.Method != http.MethodConnect {
			r.RequestURI, r.Body, r.ContentLength = "", nil, 0 // the body has been read
			response, err := (&http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return there, nil }}).RoundTrip(r)
			if err != nil {
				w.WriteHeader(502)
				return
			}
			defer func() { _ = response.Body.Close() }()
			_, _ = io.Copy(w, response.Body)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
	})
	return must(url.Parse(proxy.URL)), seen
}

// TestProxy: requests go through a given proxy. To https it is a tunnel, and
// so the proxy sees neither the credentials nor the path.
func TestProxy(t *testing.T) {
	t.Parallel()
	inside := &recorder{response: gatewayOK}
	secure := httptest.NewTLSServer(inside)
	t.Cleanup(func() { stop(secure) })
	for i, through := range []string{"transport", "client"} {
		proxy, seen := tunnel(t, secure)
		transport := trusting(secure)
		transport.Proxy = http.ProxyURL(proxy)
		option := signalwire.WithTransport(transport)
		if through == "client" {
			option = signalwire.WithHTTPClient(&http.Client{Transport: transport})
		}
		_, err := update(t.Context(), dial(t, "https://example.com", option)) // a name in httptest's certificate
		require.NoError(t, err)
		require.Len(t, seen.requests(), 1)
		require.Equal(t, "CONNECT", seen.requests()[0].Method)
		require.Equal(t, "example.com:443", seen.requests()[0].URI)
		requireNoSecrets(t, fmt.Sprint(seen.requests()))
		require.Equal(t, wanted("example.com", gatewayPath, "{}"), inside.requests()[i])
	}

	plain, inside := serve(t, gatewayOK)
	proxy, seen := tunnel(t, plain)
	_, err := update(t.Context(), dial(t, "http://localhost:1", signalwire.WithTransport(&http.Transport{Proxy: http.ProxyURL(proxy)})))
	require.NoError(t, err)
	require.Equal(t, "http://localhost:1"+gatewayPath, seen.requests()[0].URI)
	require.Len(t, inside.requests(), 1)
}

// TestProxyThatRefuses: an error says that the proxy refused the connection, and not the
// Space the request, which was not sent.
func TestProxyThatRefuses(t *testing.T) {
	t.Parallel()
	proxy, seen := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	transport := signalwire.NewTransport()
	transport.Proxy = http.ProxyURL(must(url.Parse(proxy.URL)))
	for name, call := range map[string]calling{"body": create, "no body": redial, "read": get} {
		_, err := call(t.Context(), dial(t, "https://acme.example", signalwire.WithTransport(transport), attempts(2)))
		require.ErrorContains(t, err, ": proxyconnect tcp: the proxy responded with status 403 (after 2 attempts)", name)
		requireUnknown(t, err, false)
		requireIs(t, err, nil)
	}
	require.Len(t, seen.requests(), 6)
}

// TestCustomAuthority: a server whose certificate only the given transport or
// client trusts.
func TestCustomAuthority(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(gatewayOK)
	t.Cleanup(func() { stop(server) })
	for _, option := range []signalwire.Option{signalwire.WithTransport(server.Client().Transport), signalwire.WithHTTPClient(server.Client())} {
		_, err := update(t.Context(), dial(t, server.URL, option))
		require.NoError(t, err)
	}
}

// TestOldTLS: the default transport speaks nothing older than TLS 1.2, whatever
// the default of Go.
func TestOldTLS(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, signalwire.NewTransport().TLSClientConfig.MinVersion, uint16(tls.VersionTLS12))
	for version, works := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		server := httptest.NewUnstartedServer(gatewayOK)
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		server.Config.ErrorLog = quiet
		server.StartTLS()
		t.Cleanup(func() { stop(server) })
		_, err := update(t.Context(), dial(t, server.URL, signalwire.WithTransport(trusting(server))))
		require.Equal(t, works, err == nil, "%s: %v", tls.VersionName(version), err)
	}
}

// TestSpaceIsCalled runs this test binary again, as a program with a proxy in
// its environment and no options: it asks for the Space, by https.
func TestSpaceIsCalled(t *testing.T) {
	const child = "SIGNALWIRE_GO_TEST_CHILD"
	if os.Getenv(child) != "" {
		client, err := signalwire.NewFromEnv(signalwire.WithTimeout(5*time.Second), signalwire.WithMaxAttempts(1))
		require.NoError(t, err)
		failed(t, client)
		return
	}
	t.Parallel()
	proxy, seen := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) })
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSpaceIsCalled$")
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.Contains(strings.ToUpper(strings.SplitN(v, "=", 2)[0]), "PROXY")
	}), child+"=1", "HTTPS_PROXY="+proxy.URL, "SIGNALWIRE_BASE_URL=", "SIGNALWIRE_SPACE=Acme", "SIGNALWIRE_PROJECT_ID="+projectID, "SIGNALWIRE_API_TOKEN="+apiToken)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Len(t, seen.requests(), 1)
	require.Equal(t, "CONNECT acme.signalwire.com:443", seen.requests()[0].Method+" "+seen.requests()[0].URI)
	requireNoSecrets(t, fmt.Sprint(seen.requests()), "Basic")
}
