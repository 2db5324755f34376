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

// maxBody is the largest body that a Space reads, in bytes. A longer request gets
// status 413; a longer response of a webhook is cut off.
const maxBody = 10 << 20

// call is a request that the Space is serving, with what is needed to respond to it.
type call struct {
	*Space
	*operation          // nil if the API has no such operation
	values     []string // the values of the path parameters, in order
	w          http.ResponseWriter
	r          *http.Request
	raw        []byte   // the request body
	entry      *Request // the journal entry
	number     int      // counts the requests of the Space, from 1

	// These are set while the operation is executed and the Space is locked.
	state *state // the stored data that the operation reads and changes
	maker *maker
	path  string // the path of the request, with escaped values and canonical UUIDs
	item  *item  // the item at path, for the roles that read, change or delete one
	made  *item  // the created item, or the log entry of what the request sent
}

// response is a complete response to a request.
type response struct {
	status int
	header http.Header // added to the headers that every response has
	body   []byte      // nil if the response has none
}

// internalError returns a response with status 500, for an error that the client did
// not cause.
func internalError(err error) response {
	return response{status: http.StatusInternalServerError, body: encode(map[string]any{"error": "signalwiretest: " + err.Error()})}
}

// serve is the HTTP handler of the Space. It completes each response before it writes
// any part of it, so that a fault can cut or replace it.
func (s *Space) serve(w http.ResponseWriter, r *http.Request) {
	s.count(1)
	defer s.count(-1)
	c := &call{Space: s, w: w, r: r}
	var err error
	c.raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	r.Body = http.NoBody // the whole body is in c.raw
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
	case err != nil: // the client closed the connection before it had sent the body
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

// count adds n to the number of requests that are being served, and wakes up
// [Space.WaitIdle] when none are left.
func (s *Space) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serving += n; s.serving == 0 {
		s.idle.Broadcast()
	}
}

// WaitIdle waits until the Space has finished all requests that have reached it,
// including those whose clients have closed the connection.
func (s *Space) WaitIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.serving > 0 {
		s.idle.Wait()
	}
}

// record adds an entry for the request to the journal, and advances the clock.
func (c *call) record() {
	// The journal keeps the entry. Its functions refer to these variables and not to c,
	// which would keep the whole call in memory.
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

// serveOperation executes the operation and writes the response. If a fault is due, the
// fault replaces, delays or damages the response instead.
func (c *call) serveOperation() {
	var f *Fault
	var a response
	c.locked(func() {
		// Values that a fault makes up do not change the state of the Space.
		c.maker = c.newMaker(&state{})
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

// locked calls do while the Space is locked.
func (s *Space) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// effect executes the operation and returns the response. If the request succeeded and
// its method is not GET, effect counts it and plans the states of what it created.
// after is the fault that is due after the change, or nil; effect returns it unless the
// request was refused, because a refused request changes nothing. The Space is locked.
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

// preview returns the response that the request would get. It executes the operation on
// a copy of the state, so that nothing changes.
func (c *call) preview() (a response) {
	c.locked(func() { a = c.respond(c.Space.state.clone()) })
	return a
}

// respond executes the operation on a state and returns the response, in an odd form if
// [WithQuirks] is set. A response that does not match the description is replaced by an
// internal error. The Space is locked.
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

// decide checks the credentials, the path, and the query and body, in this order. It
// refuses a request that fails a check, and executes the operation otherwise.
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
	_, _ = c.w.Write(a.body) // fails only if the client has closed the connection
}

// writeHeader sends the status and the headers of a response, and sets the status in
// the journal.
func (c *call) writeHeader(a response) {
	c.mu.Lock()
	c.entry.Status = a.status
	c.mu.Unlock()
	header := c.w.Header()
	if a.status/100 == 2 {
		// Clients compare the Space's clock with theirs.
		header.Set("Date", c.Now().UTC().Format(http.TimeFormat))
	}
	if a.body != nil {
		header.Set("Content-Type", "application/json")
		header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	maps.Copy(header, a.header)
	c.w.WriteHeader(a.status)
}
