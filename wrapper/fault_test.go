package signalwire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// This file has a matrix: every kind of fault, before and after the Space has
// done what it was asked, with an operation of each method, with and without
// repeating, and canceled at three moments. What has to come of each is what an
// oracle says, which is the rules of the documentation and nothing of the code.

// faultPatience is how long a client in the matrix waits for a response to a
// request that gets none.
const faultPatience = 2 * time.Second

// faultKind is a fault, and what a client gets to see of it.
type faultKind struct {
	name string
	kind signalwiretest.FaultKind
	sees sight
	// passes marks faults that only take time, and then let the response through
	// that is due, whenever they happen.
	passes bool
	// late marks a Space that processes the request when the client has gone.
	late bool
	// goAway marks a server in between that ends the HTTP/2 connection with every
	// response.
	goAway bool
}

// sight is what a client sees of one attempt.
type sight struct {
	nothing    bool          // no response
	slow       bool          // none yet, or so it seems: the Space may still be at it
	status     int           // of the response; 0 is the one that is due
	own        bool          // the Space itself says that it did nothing
	retryAfter time.Duration // what it asks for
	cut        bool          // the body ends before its end
	garbage    bool          // the body begins as JSON and is not
	page       bool          // the body is a web page
	blank      bool          // there is none
}

func faultKinds(elsewhere string) []faultKind {
	kinds := []faultKind{
		{name: "409 with a body", kind: signalwiretest.RespondBody(409, "application/json", `{"error":"taken"}`), sees: sight{status: 409}},
		{name: "422 with a body", kind: signalwiretest.RespondBody(422, "application/json", documented), sees: sight{status: 422}},
		{name: "200, empty", kind: signalwiretest.EmptyBody(200), sees: sight{status: 200, blank: true}},
		{name: "503, empty", kind: signalwiretest.EmptyBody(503), sees: sight{status: 503, slow: true}},
		{name: "200 with HTML", kind: signalwiretest.HTMLBody(200), sees: sight{status: 200, page: true}},
		{name: "429 with HTML", kind: signalwiretest.HTMLBody(429), sees: sight{status: 429}},
		{name: "503 with HTML", kind: signalwiretest.HTMLBody(503), sees: sight{status: 503, slow: true}},
		{name: "502 with HTML", kind: signalwiretest.HTMLBody(502), sees: sight{status: 502}},
		{name: "200 with garbage", kind: signalwiretest.GarbageBody(200), sees: sight{status: 200, garbage: true}},
		{name: "500 with garbage", kind: signalwiretest.GarbageBody(500), sees: sight{status: 500}},
		{name: "429, at once", kind: signalwiretest.RetryAfterSeconds(0), sees: sight{status: 429, own: true}},
		{name: "429, in an hour", kind: signalwiretest.RetryAfterSeconds(3600), sees: sight{status: 429, own: true, retryAfter: time.Hour}},
		{name: "429, since 1970", kind: signalwiretest.RetryAfterDate(time.Unix(0, 0)), sees: sight{status: 429, own: true}},
		{name: "302", kind: signalwiretest.Redirect(302, elsewhere), sees: sight{status: 302}},
		{name: "307", kind: signalwiretest.Redirect(307, elsewhere), sees: sight{status: 307}},
		{name: "308", kind: signalwiretest.Redirect(308, elsewhere), sees: sight{status: 308}},
		{name: "cut at once", kind: signalwiretest.CutBody(0), sees: sight{cut: true}},
		{name: "cut", kind: signalwiretest.CutBody(7), sees: sight{cut: true}},
		{name: "cut header", kind: signalwiretest.CutHeader(), sees: sight{nothing: true}},
		{name: "closed", kind: signalwiretest.CloseConnection(), sees: sight{nothing: true}},
		{name: "reset", kind: signalwiretest.ResetConnection(), sees: sight{nothing: true}},
		{name: "hang", kind: signalwiretest.NeverRespond(), sees: sight{nothing: true, slow: true}},
		{name: "delay", kind: signalwiretest.Delay(5 * time.Millisecond), passes: true},
		{name: "slow body", kind: signalwiretest.SlowBody(200, time.Millisecond), passes: true},
		{name: "late", late: true, sees: sight{nothing: true, slow: true}},
		{name: "GOAWAY", kind: signalwiretest.Delay(0), passes: true, goAway: true},
		// What intermediaries say of a request, also of one that was processed.
		{name: "503 with HTML, retry now", kind: signalwiretest.Respond(503, http.Header{"Content-Type": {"text/html"}, "Retry-After": {"0"}}, "<html>"), sees: sight{status: 503, slow: true}},
		{name: "503 with an error, retry now", kind: signalwiretest.Respond(503, http.Header{"Retry-After": {"0"}}, `{"error":"busy"}`), sees: sight{status: 503, slow: true}},
		{name: "429 with an error, retry now", kind: signalwiretest.Respond(429, http.Header{"Retry-After": {"0"}}, `{"error":"busy"}`), sees: sight{status: 429}},
		{name: "504 with HTML", kind: signalwiretest.HTMLBody(504), sees: sight{status: 504, slow: true}},
		{name: "200 with an error", kind: signalwiretest.Respond(200, nil, `{"error":"busy"}`), sees: sight{status: 200, garbage: true}},
		{name: "status 000", kind: signalwiretest.RawResponse("HTTP/1.1 000\r\n\r\n"), sees: sight{nothing: true}},
	}
	for _, status := range []int{400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504} {
		kinds = append(kinds, faultKind{name: fmt.Sprint(status), kind: signalwiretest.RespondStatus(status), sees: sight{status: status, own: status == 429 || status == 503, slow: status == 504}})
	}
	return kinds
}

var faultApplicationID = uuid.UUID{15: 9}

// faultOperation is an operation of the matrix.
type faultOperation struct {
	id, method string
	success    int
	call       func(context.Context, *signalwire.Client, ...gen.CallOption) error
}

var faultOperations = []faultOperation{
	{"get_sip_gateway", "GET", 200, func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
		_, err := c.SIPGateways.Get(ctx, gatewayID, opts...)
		return err
	}},
	{"update_relay_application", "PUT", 200, func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
		_, err := c.RelayApplications.Update(ctx, faultApplicationID, gen.RelayApplicationUpdate{Name: ptr("after")}, opts...)
		return err
	}},
	{"update_sip_gateway", "PATCH", 200, func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
		_, err := c.SIPGateways.Update(ctx, gatewayID, gen.SIPGatewayUpdate{Name: ptr("after")}, opts...)
		return err
	}},
	{"delete_sip_gateway", "DELETE", 204, func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
		return c.SIPGateways.Delete(ctx, gatewayID, opts...)
	}},
	{"create_sip_gateway", "POST", 201, func(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
		_, err := c.SIPGateways.Create(ctx, newGateway, opts...)
		return err
	}},
}

// faultMode is how often the call and the fault are repeated, and when the call
// is canceled.
type faultMode struct {
	name     string
	attempts int
	times    int // as in signalwiretest.Fault
	cancel   moment
}

type moment int

const (
	never moment = iota
	before
	waiting
	reading
)

var faultModes = []faultMode{
	{"not repeated", 1, 1, never},
	{"repeated", 2, 1, never},
	{"repeated in vain", 2, -1, never},
	{"canceled before", 2, 1, before},
	{"canceled while it waits", 2, 1, waiting},
	{"canceled while it reads", 2, 1, reading},
}

// faultCase is a field of the matrix, and what came of it.
type faultCase struct {
	faultKind
	after bool
	op    faultOperation
	mode  faultMode

	err   error
	info  signalwire.CallInfo
	sent  int // requests that the Space saw
	did   int // how often it did what was asked
	state string

	protocol int // of HTTP
}

// hangs reports whether the client gets no response at all.
func (c *faultCase) hangs() bool { return c.faultKind.name == "hang" || c.late }

func (c *faultCase) name() string {
	when := map[bool]string{false: "before", true: "after"}[c.after]
	return strings.Join([]string{c.faultKind.name, when, c.op.method, c.mode.name}, ", ")
}

// expected is what has to come of a case.
type expected struct {
	attempts   int
	did        int
	ok         bool // no error
	status     int  // of the error
	retryAfter time.Duration
	canceled   bool
	unknown    bool
	unreadable bool
	may        bool // an attempt may have taken effect
	earlier    bool // and that was before the last, or another one was prevented
	first      bool // the error has that of the first attempt
}

// oracle returns what has to come of a case.
func oracle(c *faultCase) (want expected) {
	if c.mode.cancel == before {
		want.canceled = true
		return want
	}
	read, once := c.op.method == http.MethodGet, c.op.method == http.MethodPost
	for {
		want.attempts++
		want.earlier, want.first = want.may, want.attempts > 1

		// What the Space does. A second DELETE finds nothing, and no fault
		// keeps that response back that would happen after the deletion.
		saw := sight{status: c.op.success}
		strikes := c.mode.times < 0 || want.attempts == 1
		gone := c.op.method == http.MethodDelete && want.did > 0
		switch {
		case gone && (c.after || !strikes || c.passes):
			saw = sight{status: 404}
		case strikes && !c.passes:
			if saw = c.sees; saw.status == 0 && !saw.nothing {
				saw.status = c.op.success
				if c.op.success == 204 {
					saw.status = 200 // or there would be no body to cut
				}
			}
		}
		if !read && !gone && (!strikes || c.after || c.passes || c.late) {
			want.did++
		}

		// What the client makes of it.
		success := saw.status/100 == 2
		cut := saw.cut || c.mode.cancel == reading
		want.unreadable = success && !saw.page && (cut || saw.garbage || saw.blank && c.op.method != http.MethodDelete)
		if success && !saw.page && !want.unreadable {
			return expected{attempts: want.attempts, did: want.did, ok: true}
		}
		want.status, want.retryAfter = saw.status, saw.retryAfter
		own := saw.own && c.mode.cancel != reading // or there is nothing to see it by

		mayBeDone := saw.nothing || success || saw.status/100 == 3 || saw.status == 408 || saw.status >= 500 && !own
		want.may = want.may || mayBeDone && !read
		want.unknown = once && mayBeDone && !want.unreadable
		passing := saw.nothing || saw.page
		for _, status := range []int{408, 429, 500, 502, 503, 504} {
			passing = passing || saw.status == status
		}

		if c.mode.cancel == reading && !saw.nothing {
			want.canceled = true
			return want
		}
		again := own
		switch {
		case read:
			again = passing || want.unreadable
		case !once:
			again = passing && !saw.slow
		}
		if !again || saw.retryAfter > 30*time.Second || want.attempts == c.mode.attempts {
			return want
		}
		if c.mode.cancel == waiting {
			want.canceled, want.earlier, want.first = true, want.may, true
			return want
		}
	}
}

// connections counts the connections that a transport has open.
type connections struct{ dialed, open atomic.Int32 }

type countedConn struct {
	net.Conn
	once sync.Once
	of   *connections
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.of.open.Add(-1) })
	return c.Conn.Close()
}

func (c *connections) transport() *http.Transport {
	t := signalwire.NewTransport()
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c.dialed.Add(1)
		c.open.Add(1)
		return &countedConn{Conn: conn, of: c}, nil
	}
	return t
}

// newHTTP2Proxy starts a server that speaks HTTP/2 in front of another one, and
// ends the connection with GOAWAY after each response.
func newHTTP2Proxy(to string) *httptest.Server {
	target, _ := url.Parse(to)
	proxy := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Connection", "close") // which a server of net/http does with GOAWAY
			return nil
		},
		Transport: &http.Transport{DisableKeepAlives: true},
		ErrorLog:  log.New(io.Discard, "", 0),
	})
	proxy.EnableHTTP2 = true
	proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	proxy.StartTLS()
	return proxy
}

// canceledBody cancels the call as soon as the body is read.
type canceledBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel func()
}

func (b *canceledBody) Read(p []byte) (int, error) {
	b.cancel()
	if _, err := b.ReadCloser.Read(p); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return 0, b.ctx.Err() // the transport may have had it all already
}

// run plays a case in a Space of its own.
func (c *faultCase) run(t *testing.T, all *connections) {
	space, err := signalwiretest.Start()
	if err != nil {
		t.Error(err)
		return
	}
	defer space.Close()
	switch c.op.method {
	case http.MethodPost: // there is none yet
	case http.MethodPut:
		space.Put(gen.RelayApplicationResource{ID: faultApplicationID, RelayApplication: gen.RelayApplication{Name: "before"}})
	default:
		space.Put(gen.SIPGatewayResource{ID: gatewayID, SIPGateway: gen.SIPGateway{Name: "before"}})
	}
	release := make(chan struct{})
	fault := signalwiretest.Fault{Kind: c.kind, Operation: c.op.id, After: c.after, Times: c.mode.times}
	if c.late {
		fault.Kind, fault.After = signalwiretest.ProcessWhen(release), false
	}
	space.Inject(fault)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	transport := all.transport()
	defer transport.CloseIdleConnections()
	opts := []signalwire.Option{
		signalwire.WithMaxAttempts(c.mode.attempts), signalwire.WithBackoff(atOnceAgain),
		signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := transport.RoundTrip(r)
			if err == nil {
				c.protocol = resp.ProtoMajor
			}
			if err == nil && c.mode.cancel == reading {
				resp.Body = &canceledBody{resp.Body, ctx, cancel}
			}
			return resp, err
		})),
		signalwire.WithCallInfo(&c.info),
		signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) {
			if info.Retrying() && c.mode.cancel == waiting {
				cancel()
			}
		}),
	}
	if c.goAway {
		proxy := newHTTP2Proxy(space.URL)
		defer proxy.Close()
		transport.TLSClientConfig = proxy.Client().Transport.(*http.Transport).TLSClientConfig
		transport.ForceAttemptHTTP2 = true
		opts = append(opts, signalwire.WithBaseURL(proxy.URL))
	}
	if c.hangs() {
		opts = append(opts, signalwire.WithTimeout(faultPatience))
	}
	client := space.Client(opts...)
	if c.mode.cancel == before {
		cancel()
	}
	c.err = c.op.call(ctx, client)
	close(release)
	space.WaitIdle()
	c.sent, c.did, c.state = len(space.Requests()), space.Effects(c.op.id), c.look(t, space)
}

// look describes what the Space has.
func (c *faultCase) look(t *testing.T, space *signalwiretest.Space) string {
	path, inner := gatewayPath, "sip_gateway"
	switch c.op.method {
	case http.MethodPut:
		path, inner = "/api/fabric/resources/relay_applications/"+faultApplicationID.String(), "relay_application"
	case http.MethodPost:
		list, err := space.Client(signalwire.WithMaxAttempts(1)).SIPGateways.List(context.WithoutCancel(t.Context()))
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(len(list.Data), " created")
	}
	raw, ok := space.GetAt(path)
	if !ok {
		return "deleted"
	}
	var resource map[string]json.RawMessage
	var settings map[string]any
	_ = json.Unmarshal(raw, &resource)
	_ = json.Unmarshal(resource[inner], &settings)
	return fmt.Sprint(settings["name"])
}

// check compares what came of a case with what had to.
func (c *faultCase) check(t *testing.T) {
	want := oracle(c)
	if c.goAway && want.attempts > 0 {
		require.Equal(t, 2, c.protocol)
	}
	require.Equal(t, want.attempts, c.sent, "requests; %v", c.err)
	require.Equal(t, want.did, c.did, "how often the Space did it; %v", c.err)
	require.Equal(t, want.attempts, c.info.Attempts)
	if c.op.method == http.MethodPost {
		// A Space that says that it did nothing is believed, also if it did.
		lied := c.sees.own && c.after
		require.True(t, c.did <= 1 || lied, "done %d times", c.did)
	}
	state := "before"
	switch {
	case c.op.method == http.MethodPost:
		state = fmt.Sprint(want.did, " created")
	case c.op.method == http.MethodDelete && want.did > 0:
		state = "deleted"
	case want.did > 0:
		state = "after"
	}
	require.Equal(t, state, c.state)

	if want.ok {
		require.NoError(t, c.err)
		require.NoError(t, c.info.Err)
		return
	}
	require.Error(t, c.err)
	e := requireError(t, c.err)
	require.Equal(t, want.attempts, e.Attempts)
	require.Equal(t, want.status, e.Status)
	require.Equal(t, want.retryAfter, e.RetryAfter)
	requireIs(t, c.err, sentinelOf(want.status))
	requireUnknown(t, c.err, want.unknown)
	require.Equal(t, want.unreadable, errors.Is(c.err, signalwire.ErrUnreadable), "%v", c.err)
	require.Equal(t, want.may, e.MayHaveTakenEffect, "%v", c.err)
	require.Equal(t, want.earlier, strings.Contains(c.err.Error(), "; an earlier attempt may have been carried out"), "%v", c.err)
	require.True(t, e.MayHaveTakenEffect || c.did == 0 || c.sees.own || c.sees.status/100 == 4, "it did, and the error does not say so: %v", c.err)
	require.Equal(t, want.first, e.First != nil)
	if want.first {
		require.Equal(t, 1, e.First.Attempts)
		require.NotErrorIs(t, c.err, e.First)
	}
	require.Equal(t, want.canceled, errors.Is(c.err, context.Canceled), "%v", c.err)
	require.Equal(t, c.hangs() && !want.canceled && want.status == 0, errors.Is(c.err, context.DeadlineExceeded), "%v", c.err)
	require.Equal(t, e.Status, c.info.Status)
	require.Same(t, e, c.info.Err)
	require.Equal(t, want.attempts > 1, strings.Contains(c.err.Error(), fmt.Sprintf("(after %d attempts)", want.attempts)))
}

// TestFaultMatrix plays many cases at the same time, as most of them wait, and
// looks at each by itself; under the race detector a third of them. Those that
// nothing but a timeout ends come first, and by themselves, so that the requests
// which are to succeed do not reach it. In the end no goroutine and no connection
// is left. Not parallel: it counts the goroutines of the whole process.
func TestFaultMatrix(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	var all connections
	var cases []*faultCase
	t.Run("play", func(t *testing.T) {
		elsewhere, seen := serve(t, gatewayOK)
		n := 0
		for _, mode := range faultModes {
			for _, kind := range faultKinds(elsewhere.URL) {
				for _, op := range faultOperations {
					for _, after := range []bool{false, true} {
						if n++; n%3 == 0 || !raceEnabled {
							cases = append(cases, &faultCase{faultKind: kind, after: after, op: op, mode: mode})
						}
					}
				}
			}
		}
		warm := signalwiretest.New(t) // it loads each operation that is new to it
		for _, op := range faultOperations {
			_ = op.call(t.Context(), warm.Client(signalwire.WithMaxAttempts(1)))
		}
		var group sync.WaitGroup
		for _, c := range cases {
			if c.hangs() { // which is no work
				group.Go(func() { c.run(t, &all) })
			}
		}
		group.Wait()
		work := make(chan *faultCase)
		for range 48 {
			group.Go(func() {
				for c := range work {
					c.run(t, &all)
				}
			})
		}
		for _, c := range cases {
			if !c.hangs() {
				work <- c
			}
		}
		close(work)
		group.Wait()
		assertNone(t, seen)
	})
	for _, c := range cases {
		t.Run(c.name(), c.check)
	}
	require.Greater(t, all.dialed.Load(), int32(len(cases)/2))
	deadline := time.Now().Add(30 * time.Second)
	for (runtime.NumGoroutine() > goroutines || all.open.Load() > 0) && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	require.Zero(t, all.open.Load(), "connections left open")
	if runtime.NumGoroutine() > goroutines {
		stacks := make([]byte, 1<<16)
		require.Fail(t, "goroutines left", "%d before, %d after:\n%s", goroutines, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
	}
}

// TestOracle is a sample of the matrix by hand, lest the oracle errs as the code
// does.
func TestOracle(t *testing.T) {
	t.Parallel()
	kinds, ops, modes := map[string]faultKind{}, map[string]faultOperation{}, map[string]faultMode{}
	for _, k := range faultKinds("https://elsewhere.example") {
		kinds[k.name] = k
	}
	for _, op := range faultOperations {
		ops[op.method] = op
	}
	for _, m := range faultModes {
		modes[m.name] = m
	}
	require.Len(t, kinds, 43)
	const once, again, vain = "not repeated", "repeated", "repeated in vain"
	for _, tt := range []struct {
		kind   string
		after  bool
		method string
		mode   string
		want   expected
	}{
		{"reset", true, "POST", again, expected{attempts: 1, did: 1, unknown: true, may: true}},
		{"reset", false, "POST", again, expected{attempts: 1, unknown: true, may: true}},
		{"reset", true, "PATCH", again, expected{attempts: 2, did: 2, ok: true}},
		{"reset", true, "PATCH", vain, expected{attempts: 2, did: 2, may: true, earlier: true, first: true}},
		{"reset", true, "DELETE", again, expected{attempts: 2, did: 1, status: 404, may: true, earlier: true, first: true}},
		{"reset", false, "DELETE", again, expected{attempts: 2, did: 1, ok: true}},
		{"reset", true, "GET", again, expected{attempts: 2, ok: true}},
		{"reset", true, "POST", "canceled before", expected{canceled: true}},
		{"reset", true, "PATCH", "canceled while it waits", expected{attempts: 1, did: 1, canceled: true, may: true, earlier: true, first: true}},
		{"reset", true, "POST", "canceled while it waits", expected{attempts: 1, did: 1, unknown: true, may: true}},
		{"hang", true, "PATCH", again, expected{attempts: 1, did: 1, may: true}},
		{"hang", true, "POST", again, expected{attempts: 1, did: 1, unknown: true, may: true}},
		{"hang", true, "GET", again, expected{attempts: 2, ok: true}},
		{"504", true, "PUT", again, expected{attempts: 1, did: 1, status: 504, may: true}},
		{"504", true, "GET", vain, expected{attempts: 2, status: 504, first: true}},
		{"502", true, "PUT", again, expected{attempts: 2, did: 2, ok: true}},
		{"500", true, "POST", "canceled while it reads", expected{attempts: 1, did: 1, status: 500, canceled: true, unknown: true, may: true}},
		{"delay", false, "POST", "canceled while it reads", expected{attempts: 1, did: 1, status: 201, canceled: true, unreadable: true, may: true}},
		{"500", true, "POST", again, expected{attempts: 1, did: 1, status: 500, unknown: true, may: true}},
		{"500", false, "PUT", again, expected{attempts: 2, did: 1, ok: true}},
		{"500", false, "PUT", once, expected{attempts: 1, status: 500, may: true}},
		{"429", false, "POST", again, expected{attempts: 2, did: 1, ok: true}},
		{"429 with HTML", false, "POST", again, expected{attempts: 1, status: 429}},
		{"429 with HTML", false, "PATCH", again, expected{attempts: 2, did: 1, ok: true}},
		{"429, in an hour", false, "POST", again, expected{attempts: 1, status: 429, retryAfter: time.Hour}},
		{"503", false, "POST", again, expected{attempts: 2, did: 1, ok: true}},
		{"503 with HTML", true, "POST", again, expected{attempts: 1, did: 1, status: 503, unknown: true, may: true}},
		{"503, empty", true, "PATCH", vain, expected{attempts: 1, did: 1, status: 503, may: true}},
		{"404", true, "POST", again, expected{attempts: 1, did: 1, status: 404}},
		{"307", true, "POST", again, expected{attempts: 1, did: 1, status: 307, unknown: true, may: true}},
		{"307", true, "PATCH", again, expected{attempts: 1, did: 1, status: 307, may: true}},
		{"cut", true, "POST", again, expected{attempts: 1, did: 1, status: 201, unreadable: true, may: true}},
		{"cut", true, "PATCH", again, expected{attempts: 1, did: 1, status: 200, unreadable: true, may: true}},
		{"cut", true, "GET", again, expected{attempts: 2, ok: true}},
		{"cut", true, "DELETE", again, expected{attempts: 1, did: 1, status: 200, unreadable: true, may: true}},
		{"200, empty", true, "DELETE", again, expected{attempts: 1, did: 1, ok: true}},
		{"200, empty", true, "POST", again, expected{attempts: 1, did: 1, status: 200, unreadable: true, may: true}},
		{"200 with HTML", true, "POST", again, expected{attempts: 1, did: 1, status: 200, unknown: true, may: true}},
		{"200 with HTML", true, "PATCH", again, expected{attempts: 2, did: 2, ok: true}},
		{"200 with HTML", false, "DELETE", vain, expected{attempts: 2, status: 200, may: true, earlier: true, first: true}},
		{"200 with garbage", true, "PATCH", again, expected{attempts: 1, did: 1, status: 200, unreadable: true, may: true}},
		{"late", false, "PATCH", again, expected{attempts: 1, did: 1, may: true}},
		{"late", false, "POST", again, expected{attempts: 1, did: 1, unknown: true, may: true}},
		{"late", false, "GET", vain, expected{attempts: 2, first: true}},
		{"GOAWAY", false, "POST", again, expected{attempts: 1, did: 1, ok: true}},
		{"503 with an error, retry now", true, "POST", again, expected{attempts: 1, did: 1, status: 503, unknown: true, may: true}},
		{"429 with an error, retry now", false, "POST", again, expected{attempts: 1, status: 429}},
		{"504 with HTML", true, "PATCH", again, expected{attempts: 1, did: 1, status: 504, may: true}},
		{"200 with an error", true, "DELETE", again, expected{attempts: 1, did: 1, status: 200, unreadable: true, may: true}},
		{"status 000", true, "POST", again, expected{attempts: 1, did: 1, unknown: true, may: true}},
		{"status 000", true, "PUT", again, expected{attempts: 2, did: 2, ok: true}},
		{"slow body", false, "POST", vain, expected{attempts: 1, did: 1, ok: true}},
	} {
		got := oracle(&faultCase{faultKind: kinds[tt.kind], after: tt.after, op: ops[tt.method], mode: modes[tt.mode]})
		require.Equal(t, tt.want, got, "%s %t %s %s", tt.kind, tt.after, tt.method, tt.mode)
	}
}
