package signalwiretest

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/api"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// Space is a SignalWire Space that runs in this process as an HTTP server. [New] and
// [Start] return one. Its methods are safe for concurrent use.
type Space struct {
	// URL is the base URL of the Space, such as http://127.0.0.1:8089, without a slash
	// at the end.
	URL string
	// ProjectID and APIToken are the user name and the password that the Space accepts
	// in Basic authentication.
	ProjectID string
	APIToken  string
	// BearerToken is the token that the Space accepts for operations that require the
	// bearer token of a subscriber.
	BearerToken string

	tb          reporter
	server      *httptest.Server
	description *description
	seed        uint64
	quirks      bool            // see WithQuirks
	replaces    bool            // see WithReplacingPUT
	strictSWML  bool            // see WithSWMLSchema
	namespace   uuid.UUID       // the namespace of the UUIDs that are made up
	ended       context.Context // canceled by Close
	end         context.CancelFunc

	mu      sync.Mutex
	state   *state
	clock   time.Time
	frozen  bool
	journal []*Request
	keep    int            // how many requests Requests returns at most; 0 means all
	seen    int            // the number of requests so far
	serving int            // the number of requests that are being served
	idle    *sync.Cond     // signals that serving has become 0
	effects map[string]int // what Effects returns, by operation id
	faults  []*Fault
	chance  *rand.Rand // chooses the requests that a Fault with a Share happens to
	clients []*signalwire.Client

	callbacks webhooks
	watch     func(Request) // see WithWatch; may be nil
}

// reporter reports mistakes in the use of a Space: a test, or program if there is none.
type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
}

// program is the reporter of a Space that was started without a test. It panics.
type program struct{}

func (program) Helper() {}

func (program) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// Option is a setting of a Space, for [New] and [Start].
type Option func(*config)

// config holds the settings that options set.
type config struct {
	address  string
	watch    func(Request)
	seed     uint64
	journal  int
	describe func() (*description, error)
	tls      bool
	quirks   bool
	replaces bool
	swml     bool
}

// WithSeed sets the seed of everything that the Space makes up: ids, credentials, the
// odd forms of [WithQuirks], and which requests a [Fault] with a Share happens to. The
// default is 1. Two Spaces with the same seed give the same responses to the same
// requests, except for their URL in links.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithJournal limits the journal to the last n requests, for programs that send
// millions. The default, 0, is to keep all requests.
func WithJournal(n int) Option { return func(c *config) { c.journal = n } }

// WithAddress sets the address on which the Space listens, such as 127.0.0.1:8089. The
// default is a free port on loopback.
func WithAddress(address string) Option { return func(c *config) { c.address = address } }

// WithWatch makes the Space call watch with the journal entry of each request when the
// request is finished. The calls may be concurrent.
func WithWatch(watch func(Request)) Option { return func(c *config) { c.watch = watch } }

// WithTLS makes the Space speak HTTPS. The clients of [Space.Client] trust its
// certificate. A transport that is given to such a client has to trust
// [Space.Certificate].
func WithTLS() Option { return func(c *config) { c.tls = true } }

// WithReplacingPUT makes a PUT replace the settings of a resource, as SignalWire
// documents it for some operations: a setting that the request does not mention gets
// the value that it has in a new resource, or is removed. Ids, times, members that no
// request can set, and members that can be set but not read, such as a password, keep
// their values. By default, a PUT merges the request into the resource, as a PATCH
// does. The PUT of a phone number merges in either case, because SignalWire is known to
// merge there.
//
// A client that sends only what it changes loses settings if a PUT replaces them. A
// test without this option cannot show that.
func WithReplacingPUT() Option { return func(c *config) { c.replaces = true } }

// WithSWMLSchema makes the Space refuse requests with SWML that SignalWire's JSON
// Schema does not allow. By default, the Space accepts any JSON as SWML, because
// SignalWire runs many documents that its schema does not allow, some of its own
// examples included. See [ValidateSWML].
func WithSWMLSchema() Option { return func(c *config) { c.swml = true } }

// WithDescription sets the API of the Space to an OpenAPI 3.1 document in JSON. The
// default is this library's description of SignalWire's REST API. Spaces that are
// started with the same Option value share the parsed document.
func WithDescription(document []byte) Option {
	describe := sync.OnceValues(func() (*description, error) { return newDescription(document) })
	return func(c *config) { c.describe = describe }
}

// signalWire is the default of WithDescription. All Spaces share it.
var signalWire = WithDescription(api.OpenAPI)

// New starts a Space for a test. It is closed when the test ends. If the Space cannot
// be started, or one of its methods is used wrongly, the test fails at once with a
// message that says what to do.
func New(tb testing.TB, opts ...Option) *Space {
	tb.Helper()
	s, err := Start(opts...)
	if err != nil {
		tb.Fatal(err)
	}
	s.tb = tb
	tb.Cleanup(s.Close)
	return s
}

// Start starts a Space for a program that is not a test, such as a demonstration. The
// program has to call [Space.Close]. A method that is used wrongly panics. Start
// returns an error if an option is invalid or if the Space cannot listen on its address.
func Start(opts ...Option) (*Space, error) {
	c := config{seed: 1, address: "127.0.0.1:0"}
	signalWire(&c)
	for i, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("signalwiretest: option %d: expected an Option, got nil", i+1)
		}
		o(&c)
	}
	if invalid := atLeast("WithJournal: n", 0, c.journal); invalid != "" {
		return nil, errors.New("signalwiretest: " + invalid)
	}
	d, err := c.describe()
	if err != nil {
		return nil, fmt.Errorf("signalwiretest: %w", err)
	}
	listener, err := net.Listen("tcp", c.address)
	if err != nil {
		return nil, fmt.Errorf("signalwiretest: %w", err)
	}
	s := &Space{
		tb:          program{},
		description: d,
		seed:        c.seed,
		quirks:      c.quirks,
		replaces:    c.replaces,
		strictSWML:  c.swml,
		namespace:   uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "https://signalwire.com/test/%d", c.seed)),
		state:       &state{items: map[string]*item{}, shapes: map[string]bool{}},
		clock:       StartTime,
		chance:      rand.New(rand.NewPCG(c.seed, 0)),
		keep:        c.journal,
		watch:       c.watch,
		effects:     map[string]int{},
	}
	s.idle = sync.NewCond(&s.mu)
	s.ProjectID = s.uuid("project")
	s.APIToken = "PT" + strings.ReplaceAll(s.uuid("token"), "-", "")
	s.BearerToken = "subscriber-" + s.uuid("subscriber")
	s.ended, s.end = context.WithCancel(context.Background())
	s.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(s.serve)}}
	if c.tls {
		s.server.StartTLS()
	} else {
		s.server.Start()
	}
	s.URL = s.server.URL
	return s, nil
}

// Close stops the Space. It aborts requests that a fault delays, and closes the idle
// connections of the clients that [Space.Client] returned.
func (s *Space) Close() {
	s.end()
	s.server.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clients {
		c.CloseIdleConnections()
	}
}

// Client returns a client that is configured with the URL and the credentials of the
// Space. opts are applied after these. If [signalwire.New] refuses an option, the test
// fails; without a test, Client panics.
func (s *Space) Client(opts ...signalwire.Option) *signalwire.Client {
	s.tb.Helper()
	own := []signalwire.Option{
		signalwire.WithBaseURL(s.URL),
		signalwire.WithCredentials(s.ProjectID, s.APIToken),
		signalwire.WithBearerToken(s.BearerToken),
	}
	if s.server.TLS != nil {
		own = append(own, signalwire.WithTransport(s.server.Client().Transport))
	}
	client, err := signalwire.New("test", append(own, opts...)...)
	if err != nil {
		s.tb.Fatalf("signalwiretest: Client: %v", err)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = append(s.clients, client)
	return client
}

// Certificate returns the self-signed certificate of a Space with [WithTLS]. It returns nil
// without that option.
func (s *Space) Certificate() *x509.Certificate { return s.server.Certificate() }

// String returns the type and the URL of the Space. It shows no credentials and no
// data.
func (s *Space) String() string { return "signalwiretest.Space(" + s.URL + ")" }

// Format makes every verb of package fmt print what String returns, so that no
// credentials are printed.
func (s *Space) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// uuid returns the UUID for a name. It is the same in all Spaces with the same seed.
func (s *Space) uuid(name string) string { return uuid.NewSHA1(s.namespace, []byte(name)).String() }

// newMaker returns a maker for values that are stored in st. The Space is locked.
func (s *Space) newMaker(st *state) *maker {
	return &maker{
		id: func() string {
			st.made++
			return s.uuid(fmt.Sprint("made up ", st.made))
		},
		now:       s.clock,
		projectID: s.ProjectID,
	}
}
