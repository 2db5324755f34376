package signalwire_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// operations is how many operations the description has.
func operations() int { return bytes.Count(api.OpenAPI, []byte(`"operationId":`)) }

const (
	projectID = "0f7c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f"
	apiToken  = "PT6d1f0a9c8b7e5d4c3b2a19f8e7d6c5b4a39281706f5e4d3c"

	gatewayPath    = "/api/fabric/resources/sip_gateways/a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"
	credentialPath = "/api/fabric/resources/subscribers/11111111-2222-4333-8444-555555555555/sip_endpoints/66666666-7777-4888-9999-aaaaaaaaaaaa"

	gatewayResponse    = `{"id":"a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d","sip_gateway":{"name":"edge"}}`
	credentialResponse = `{"id":"66666666-7777-4888-9999-aaaaaaaaaaaa","username":"alice"}`
)

var (
	gatewayID    = uuid.MustParse("a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d")
	subscriberID = uuid.MustParse("11111111-2222-4333-8444-555555555555")
	credentialID = uuid.MustParse("66666666-7777-4888-9999-aaaaaaaaaaaa")

	encodedCredentials = base64.StdEncoding.EncodeToString([]byte(projectID + ":" + apiToken))
	credentials        = signalwire.WithCredentials(projectID, apiToken)
)

// request is what a server saw of one request.
type request struct {
	Method, URI, Host, Proto, Body string
	Header                         http.Header
	TransferEncoding               []string
}

// recorder is a plain HTTP handler that notes each request and responds to it.
type recorder struct {
	response http.HandlerFunc
	mu       sync.Mutex
	seen     []request
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	r.mu.Lock()
	r.seen = append(r.seen, request{req.Method, req.RequestURI, req.Host, req.Proto, string(body), req.Header.Clone(), req.TransferEncoding})
	r.mu.Unlock()
	req.Body = io.NopCloser(strings.NewReader(string(body)))
	r.response(w, req)
}

func (r *recorder) requests() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]request(nil), r.seen...)
}

// serve starts a server on loopback that records requests.
func serve(t testing.TB, response http.HandlerFunc) (*httptest.Server, *recorder) {
	t.Helper()
	r := &recorder{response: response}
	server := httptest.NewServer(r)
	t.Cleanup(func() { stop(server) })
	return server, r
}

func stop(server *httptest.Server) {
	server.CloseClientConnections()
	server.Close()
}

// atOnceAgain is a short wait between attempts.
func atOnceAgain(int) time.Duration { return time.Millisecond }

// dial makes a client for a server, which repeats only if the options say so, and
// then without waiting for long.
func dial(t testing.TB, url string, opts ...signalwire.Option) *signalwire.Client {
	t.Helper()
	client, err := signalwire.New("acme", append([]signalwire.Option{credentials, signalwire.WithBaseURL(url), signalwire.WithMaxAttempts(1), signalwire.WithBackoff(atOnceAgain)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// withOwnHTTPClient returns an option for an http.Client whose idle connections no other test
// closes, as those of http.DefaultTransport are closed with each test server.
func withOwnHTTPClient() signalwire.Option {
	return signalwire.WithHTTPClient(&http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()})
}

// with starts a server and makes a client for it.
func with(t testing.TB, response http.HandlerFunc, opts ...signalwire.Option) (*signalwire.Client, *recorder) {
	t.Helper()
	server, seen := serve(t, response)
	return dial(t, server.URL, opts...), seen
}

// pipes is a network in memory, for servers in a bubble of testing/synctest.
type pipes struct {
	conns  chan net.Conn
	closed context.Context
	close  context.CancelFunc
}

func newPipes() *pipes {
	closed, cancel := context.WithCancel(context.Background())
	return &pipes{make(chan net.Conn), closed, cancel}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed.Done():
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close()
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed.Done():
		return nil, net.ErrClosed
	}
}

// piped starts a server on a network in memory, and returns a transport to it.
func piped(t testing.TB, response http.HandlerFunc) (*http.Transport, *recorder) {
	t.Helper()
	network, seen := newPipes(), &recorder{response: response}
	server := &http.Server{Handler: seen, ErrorLog: quiet}
	go func() { _ = server.Serve(network) }()
	t.Cleanup(func() { _ = server.Close() })
	transport := signalwire.NewTransport()
	transport.DialContext = network.dial
	return transport, seen
}

// onPipes is like with, for tests about time in a bubble of testing/synctest.
func onPipes(t testing.TB, response http.HandlerFunc, opts ...signalwire.Option) (*signalwire.Client, *recorder) {
	t.Helper()
	transport, seen := piped(t, response)
	return dial(t, "http://localhost", append([]signalwire.Option{signalwire.WithTransport(transport)}, opts...)...), seen
}

// inMemory is like with, without a server: for tests about time, which pass none
// in a bubble of testing/synctest.
func inMemory(t testing.TB, response http.HandlerFunc, opts ...signalwire.Option) (*signalwire.Client, *recorder) {
	t.Helper()
	r := &recorder{response: response}
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		in := req.Clone(req.Context())
		if in.Body == nil {
			in.Body = http.NoBody
		}
		out := httptest.NewRecorder()
		r.ServeHTTP(out, in)
		return out.Result(), nil
	})
	return dial(t, "https://acme.example", append([]signalwire.Option{signalwire.WithTransport(transport)}, opts...)...), r
}

// say is a handler that always gives the same response.
func say(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var gatewayOK = say(200, "application/json", gatewayResponse)

// update is a minimal call.
func update(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) (*gen.SIPGatewayResource, error) {
	return c.SIPGateways.Update(ctx, gatewayID, gen.SIPGatewayUpdate{}, opts...)
}

// failed calls update and returns its error, as requireError checks it.
func failed(t testing.TB, c *signalwire.Client, opts ...gen.CallOption) *signalwire.Error {
	t.Helper()
	got, err := update(t.Context(), c, opts...)
	require.Nil(t, got)
	return requireError(t, err)
}

// requireError demands what holds for the error of every call, and returns it.
// It is called often, and so does without testify where it can.
func requireError(t testing.TB, err error) *signalwire.Error {
	t.Helper()
	e, ok := err.(*signalwire.Error)
	if !ok {
		require.Fail(t, "no *Error", "%#v", err)
	}
	message := err.Error()
	switch {
	case !utf8.ValidString(message):
		require.Fail(t, "the text is not UTF-8", "%q", message)
	case strings.IndexFunc(message, unicode.IsControl) >= 0, strings.ContainsAny(message, "\u2028\u2029"):
		require.Fail(t, "the text is more than a line", "%q", message)
	case !strings.HasPrefix(message, "signalwire: "+e.Operation+" "+e.Method+" "+e.Host+e.Path+": "):
		require.Fail(t, "the text does not begin with the call", "%q", message)
	case strings.Count(message, "signalwire: ") != 1:
		require.Fail(t, "the text begins twice", "%q", message)
	case strings.Contains(message, `Patch "`):
		require.Fail(t, "a url.Error repeats the call", "%q", message)
	}
	requireNoSecrets(t, message)
	return e
}

var sentinels = []error{
	signalwire.ErrUnauthorized, signalwire.ErrForbidden, signalwire.ErrNotFound, signalwire.ErrConflict,
	signalwire.ErrInvalid, signalwire.ErrRateLimited, signalwire.ErrServer,
}

// requireIs demands that err matches want, and no other of the sentinels; with
// nil none at all.
func requireIs(t testing.TB, err, want error) {
	t.Helper()
	for _, s := range sentinels {
		if errors.Is(err, s) != (s == want) {
			require.Fail(t, "wrong sentinel", "errors.Is(%v, %q) is not %t", err, s, s == want)
		}
	}
}

// secretForms are the credentials and their beginnings, in lower case, and in
// hex, as %x prints them.
var secretForms = formsOf(projectID, apiToken[:12], encodedCredentials[:12])

func formsOf(secrets ...string) (forms []string) {
	for _, s := range secrets {
		forms = append(forms, strings.ToLower(s), hex.EncodeToString([]byte(s)))
	}
	return forms
}

// requireNoSecrets demands that text holds no credentials, in whichever case.
func requireNoSecrets(t testing.TB, text string, secrets ...string) {
	t.Helper()
	lower := strings.ToLower(text)
	for _, s := range append(formsOf(secrets...), secretForms...) {
		if i := strings.Index(lower, s); i >= 0 {
			require.Fail(t, "a secret is shown", "…%s…", text[max(0, i-300):min(len(text), i+100)])
		}
	}
}

// quiet is for servers whose clients break off handshakes.
var quiet = log.New(io.Discard, "", 0)

// roundTripper makes a function an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// routed is a transport that dials server, whatever the host, and notes what it
// was asked to dial.
func routed(server *httptest.Server, dialed *[]string) *http.Transport {
	var mu sync.Mutex
	return &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		mu.Lock()
		*dialed = append(*dialed, addr)
		mu.Unlock()
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}}
}

func assertNone(t testing.TB, seen *recorder) {
	t.Helper()
	assert.Empty(t, seen.requests(), "the server was asked")
}

// method is a method of a group of the client, with the type that it has without
// its receiver.
type method struct {
	Name          string // SIPGateways.Update
	group, method string
	Type          reflect.Type
}

// methods are those that execute operations. What sends a command goes through
// one of them.
func methods() (all []method) {
	commands := map[string]bool{}
	for _, d := range description().Operations {
		for _, command := range d.Commands {
			commands[d.Group.Name+"."+command.Method] = true
		}
	}
	client := reflect.ValueOf(gen.NewClient(nil)).Elem()
	for i := range client.NumField() {
		group := client.Type().Field(i).Name
		methods := client.Field(i).Addr()
		for j := range methods.NumMethod() {
			name := methods.Type().Method(j).Name
			if commands[group+"."+name] {
				continue
			}
			all = append(all, method{group + "." + name, group, name, methods.Method(j).Type()})
		}
	}
	return all
}

// of returns the method of a client, which is a pointer.
func (m method) of(client any) reflect.Value {
	return reflect.ValueOf(client).Elem().FieldByName(m.group).Addr().MethodByName(m.method)
}

// argumentType is the type of a value for a parameter of a client's method. Where
// that is one of several kinds of request, it is the union of them.
func argumentType(parameter reflect.Type) reflect.Type {
	if parameter.Kind() == reflect.Interface && parameter.NumMethod() == 1 {
		return parameter.Method(0).Type.In(0)
	}
	return parameter
}

// setListed sets a field of a request, or the elements of it, to values that its
// tag lists, if it has one.
func setListed(field reflect.StructField, v reflect.Value, random *rand.Rand) {
	tag := field.Tag.Get("enum")
	switch {
	case tag == "":
	case v.Kind() == reflect.Pointer:
		setListed(field, v.Elem(), random)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			setListed(field, v.Index(i), random)
		}
	case v.Kind() == reflect.String:
		values := strings.Split(tag, ",")
		v.SetString(values[random.IntN(len(values))])
	}
}
