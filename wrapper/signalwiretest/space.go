package signalwiretest

import (
	"context"
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

// Space is a SignalWire Space that exists only in this process. Its methods are
// safe for concurrent use.
type Space struct {
	// URL is where the Space listens, without a slash at the end.
	URL string
	// ProjectID and APIToken are the Basic credentials that it accepts.
	ProjectID string
	APIToken  string
	// BearerToken is the token that it accepts where the API requires one of a
	// subscriber.
	BearerToken string

	tb          reporter
	server      *httptest.Server
	description *description
	seed        uint64
	quirks      bool      // see WithQuirks
	replaces    bool      // see WithReplacingPUT
	strictSWML  bool      // see WithSWMLSchema
	namespace   uuid.UUID // of the ids that are made up
	ended       context.Context
	end         context.CancelFunc

	mu      sync.Mutex
	state   *state
	clock   time.Time
	frozen  bool
	journal []*Request
	keep    int            // how many entries the journal has at most; 0 for any number
	seen    int            // requests so far
	serving int            // requests that are being served
	idle    *sync.Cond     // there are none
	effects map[string]int // by operation
	faults  []*Fault
	chance  *rand.Rand
	clients []*signalwire.Client

	callbacks webhooks
	watch     func(Request) // nil if nobody does
}

// reporter reports mistakes in using a Space.
type reporter interface {
	Helper()
	Fatalf(format string, args ...any)
}

// program is the reporter where there is no test.
type program struct{}

func (program) Helper() {}

func (program) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// Option is a setting of a Space, for [New] and [Start].
type Option func(*config)

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

// WithSeed sets the seed of everything that is made up: ids, credentials, and which
// requests a share of faults hits. The default is 1. Two Spaces with one
// seed that get the same requests give the same responses.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithJournal makes the Space keep the last n requests only, for programs that
// send millions. The default is to keep all.
func WithJournal(n int) Option { return func(c *config) { c.journal = n } }

// WithAddress sets where the Space listens, such as 127.0.0.1:8089. The default is a
// free port on loopback.
func WithAddress(address string) Option { return func(c *config) { c.address = address } }

// WithWatch makes the Space call watch with each request when it is done with it.
func WithWatch(watch func(Request)) Option { return func(c *config) { c.watch = watch } }

// WithTLS makes the Space speak HTTPS, with a certificate that its own clients
// trust.
func WithTLS() Option { return func(c *config) { c.tls = true } }

// WithReplacingPUT makes a PUT replace the settings of a resource, as the
// documentation says of some operations of SignalWire: what the request does not
// mention is removed, or is what a new resource would have. Ids, times, what
// cannot be set and what can be set but not read, such as a password, stay. The
// default is that a PUT merges, as a PATCH does; that of a phone number, which is
// known to merge, always does.
//
// A client that sends only what it changes loses settings under one of the two,
// and no test against the other shows it.
func WithReplacingPUT() Option { return func(c *config) { c.replaces = true } }

// WithSWMLSchema makes the Space refuse requests with SWML that SignalWire's JSON
// Schema does not allow. The default is to accept any JSON as SWML: SignalWire runs
// many documents that its schema does not allow, some of its own examples included. See
// [ValidateSWML].
func WithSWMLSchema() Option { return func(c *config) { c.swml = true } }

// WithDescription sets the API that the Space has, as an OpenAPI 3.1 document
// in JSON. The default is SignalWire's REST API, as this library has it. Spaces
// that are started with the same Option share what they load of it.
func WithDescription(document []byte) Option {
	describe := sync.OnceValues(func() (*description, error) { return newDescription(document) })
	return func(c *config) { c.describe = describe }
}

var signalWire = WithDescription(api.OpenAPI)

// New starts a Space for a test, which ends with the test. A mistake in using
// it ends the test at once, with a message that says what to do.
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

// Start starts a Space for a program that is no test, such as a demonstration.
// It has to be closed. A mistake in using it panics.
func Start(opts ...Option) (*Space, error) {
	c := config{seed: 1, address: "127.0.0.1:0"}
	signalWire(&c)
	for _, o := range opts {
		o(&c)
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
		state:       &state{items: map[string]*item{}},
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

// Close ends the Space, and every request that is still waiting for a response.
func (s *Space) Close() {
	s.end()
	s.server.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clients {
		c.CloseIdleConnections()
	}
}

// Client returns a client of the Space with its credentials. An option that
// [signalwire.New] refuses fails the test, or panics if there is none.
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

// String names the Space by its URL. It shows nothing that the Space holds.
func (s *Space) String() string { return "signalwiretest.Space(" + s.URL + ")" }

// Format makes every verb of package fmt print what String returns.
func (s *Space) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// uuid is the UUID with a name, the same for each Space with the same seed.
func (s *Space) uuid(name string) string { return uuid.NewSHA1(s.namespace, []byte(name)).String() }

// newMaker returns a maker of values for a state. The caller holds the lock.
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
