package signalwiretest

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxBody is the largest request body that a Space reads.
const maxBody = 10 << 20

// call is a request, and what is needed to respond to it.
type call struct {
	*Space
	*operation          // nil if there is none
	values     []string // of the path's parameters
	w          http.ResponseWriter
	r          *http.Request
	raw        []byte // the request's body
	entry      *Request
	number     int // of the request, from 1

	// What it works on, under the lock of the Space.
	state *state
	maker *maker
	path  string // what the request is about; see find
	item  *item  // what is there, for the roles that need it
	made  *item  // what the request created, or the entry in a log of what it sent
}

// response is the response to a request.
type response struct {
	status int
	header http.Header // beside that of every response
	body   []byte      // nil if there is none
}

// internalError is the response to a failure that is not the fault of the request.
func internalError(err error) response {
	return response{status: http.StatusInternalServerError, body: encode(map[string]any{"error": "signalwiretest: " + err.Error()})}
}

// serve responds to a request. Each response is complete before any of it is
// written, so that a fault can cut or replace it.
func (s *Space) serve(w http.ResponseWriter, r *http.Request) {
	s.count(1)
	defer s.count(-1)
	c := &call{Space: s, w: w, r: r}
	var err error
	c.raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	r.Body = http.NoBody // it has been read
	route, values := s.description.match(r.URL.EscapedPath())
	if route != nil {
		c.operation, c.values = route.choose(r.Method, values), values
	}
	c.record()
	if s.watch != nil {
		defer func() {
			s.mu.Lock()
			entry := *c.entry
			s.mu.Unlock()
			s.watch(entry)
		}()
	}
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		c.write(errorBody(http.StatusRequestEntityTooLarge))
	case err != nil: // the client went away while it was sending
		panic(http.ErrAbortHandler)
	case route == nil:
		c.write(errorBody(http.StatusNotFound))
	case c.operation == nil:
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(route.operations)), ", "))
		c.write(errorBody(http.StatusMethodNotAllowed))
	case c.load() != nil:
		c.write(internalError(c.err))
	default:
		c.serveOperation()
	}
}

// count counts the requests that are being served.
func (s *Space) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serving += n; s.serving == 0 {
		s.idle.Broadcast()
	}
}

// WaitIdle waits until the Space is done with all requests that have reached
// it, also with those whose clients have gone.
func (s *Space) WaitIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.serving > 0 {
		s.idle.Wait()
	}
}

// record enters the request in the journal and moves the clock on.
func (c *call) record() {
	// The entry is kept, and must not keep anything of the call but these.
	query, header, body := c.r.URL.Query(), c.r.Header.Clone(), c.raw
	c.entry = &Request{
		Method: c.r.Method,
		Path:   c.r.URL.EscapedPath(),
		query:  func() url.Values { return query },
		header: func() http.Header { return header },
		body:   func() []byte { return body },
	}
	var secrets map[string]bool
	if c.operation != nil {
		c.entry.Operation = c.id
		if c.load() == nil {
			secrets = c.secrets
		}
	}
	c.entry.shown = sync.OnceValue(func() string { return withoutSecrets(body, secrets) })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	c.entry.Time = c.clock
	c.journal = append(c.journal, c.entry)
	if c.keep > 0 && len(c.journal) >= 2*c.keep {
		c.journal = append([]*Request(nil), c.journal[len(c.journal)-c.keep:]...)
	}
	c.seen++
	c.number = c.seen
	c.w.Header().Set("X-Request-Id", c.uuid(fmt.Sprint("request ", c.seen)))
}

// serveOperation processes the request, unless a fault is to happen instead.
func (c *call) serveOperation() {
	var f *Fault
	var a response
	c.locked(func() {
		c.maker = c.newMaker(&state{}) // what a fault makes up leaves no trace
		if f = c.nextFault(); f != nil && !f.After {
			c.use(f)
			return
		}
		a, f = c.effect(f)
	})
	if f != nil && !f.After {
		if f.Kind.hold == nil {
			f.Kind.play(c, c.preview)
			return
		}
		f.Kind.hold(c)
		c.locked(func() { a, f = c.effect(nil) })
	}
	if f != nil {
		f.Kind.play(c, func() response { return a })
		return
	}
	c.write(a)
}

func (s *Space) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// effect processes the request and counts it. It returns the response, and
// the fault that is to happen after the change if there was one. The Space is
// locked.
func (c *call) effect(after *Fault) (response, *Fault) {
	a := c.respond(c.Space.state)
	if a.status/100 != 2 {
		return a, nil
	}
	if c.r.Method != http.MethodGet {
		c.entry.Effects = 1
		c.effects[c.id]++
		c.begin()
	}
	if after != nil {
		c.use(after)
	}
	return a, after
}

// preview returns the response that the request would get, and changes nothing.
func (c *call) preview() (a response) {
	c.locked(func() { a = c.respond(c.Space.state.clone()) })
	return a
}

// respond processes the request on a state. The Space is locked.
func (c *call) respond(st *state) response {
	c.state, c.maker = st, c.newMaker(st)
	a := c.decide()
	c.state, c.maker = nil, c.newMaker(&state{})
	if err := c.verify(a); err != nil {
		return internalError(err)
	}
	if c.quirks {
		return c.quirk(a)
	}
	return a
}

// decide refuses the request, or acts on it.
func (c *call) decide() response {
	switch {
	case !c.authenticated(c.operation, c.r):
		return c.refuse(http.StatusUnauthorized, nil)
	case !c.checkPath(c.values) || !c.find():
		return c.refuse(http.StatusNotFound, nil)
	}
	body, status, problems := c.check(c.r, c.raw, c.values, c.strictSWML)
	if status != 0 {
		return c.refuse(status, problems)
	}
	return c.apply(asObject(body))
}

// write sends a response.
func (c *call) write(a response) {
	c.writeHeader(a)
	_, _ = c.w.Write(a.body) // if it fails, the client has gone
}

// writeHeader sends a response's status and header, and notes the status in the
// journal.
func (c *call) writeHeader(a response) {
	c.mu.Lock()
	c.entry.Status = a.status
	c.mu.Unlock()
	header := c.w.Header()
	if a.status/100 == 2 {
		header.Set("Date", c.Now().UTC().Format(http.TimeFormat)) // for clients that compare its clock with theirs
	}
	if a.body != nil {
		header.Set("Content-Type", "application/json")
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	maps.Copy(header, a.header)
	c.w.WriteHeader(a.status)
}
