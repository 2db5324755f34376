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

// call is a request, and what is needed to answer it.
type call struct {
	*Space
	*operation          // nil if there is none
	values     []string // of the path's parameters
	w          http.ResponseWriter
	r          *http.Request
	raw        []byte // the request's body
	entry      *Request

	// What it works on, under the lock of the Space.
	state *state
	maker *maker
	path  string // what the request is about; see find
	item  *item  // what is there, for the roles that need it
}

// answer is what goes back.
type answer struct {
	status int
	body   []byte // JSON; nil if there is none
}

// broken is the answer if it is not the request that is wrong.
func broken(err error) answer {
	return answer{http.StatusInternalServerError, encode(map[string]any{"error": "signalwiretest: " + err.Error()})}
}

// serve answers a request. Each answer is there before any of it is written, so
// that a fault can do with it as it likes.
func (s *Space) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{Space: s, w: w, r: r}
	var err error
	c.raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	r.Body = http.NoBody // it has been read
	route, values := s.description.match(r.URL.EscapedPath())
	if route != nil {
		c.operation, c.values = route.choose(r.Method, values), values
	}
	c.record()
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		c.write(plain(http.StatusRequestEntityTooLarge))
	case err != nil: // the client went away while it was sending
		panic(http.ErrAbortHandler)
	case route == nil:
		c.write(plain(http.StatusNotFound))
	case c.operation == nil:
		w.Header().Set("Allow", strings.Join(slices.Sorted(maps.Keys(route.operations)), ", "))
		c.write(plain(http.StatusMethodNotAllowed))
	case c.load() != nil:
		c.write(broken(c.err))
	default:
		c.carryOut()
	}
}

// record enters the request in the journal and moves the clock on.
func (c *call) record() {
	query, header := c.r.URL.Query(), c.r.Header.Clone()
	c.entry = &Request{
		Method: c.r.Method,
		Path:   c.r.URL.EscapedPath(),
		query:  func() url.Values { return query },
		header: func() http.Header { return header },
		body:   func() []byte { return c.raw },
	}
	var secrets map[string]bool
	if c.operation != nil && c.load() == nil {
		secrets = c.secrets
	}
	if c.operation != nil {
		c.entry.Operation = c.id
	}
	c.entry.shown = sync.OnceValue(func() string { return redact(c.raw, secrets) })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick()
	c.entry.Time = c.clock
	c.journal = append(c.journal, c.entry)
	if c.keep > 0 && len(c.journal) >= 2*c.keep {
		c.journal = append([]*Request(nil), c.journal[len(c.journal)-c.keep:]...)
	}
	c.seen++
	c.w.Header().Set("X-Request-Id", c.uuid(fmt.Sprint("request ", c.seen)))
}

// carryOut does what is asked, unless a fault stands in the way.
func (c *call) carryOut() {
	if f := c.takeFault(false); f != nil && f.Kind.delay > 0 {
		c.wait(f.Kind.delay) // if the client goes, the Space has done nothing
	} else if f != nil {
		f.Kind.play(c, c.answer(true))
		return
	}
	a := c.answer(false)
	if a.status/100 == 2 {
		if f := c.takeFault(true); f != nil {
			f.Kind.play(c, a)
			return
		}
	}
	c.write(a)
}

// answer carries the request out; or, for a trial, finds out what the answer
// would be, and leaves no trace.
func (c *call) answer(trial bool) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = c.Space.state
	if trial {
		c.state = c.state.clone()
	}
	c.maker = c.newMaker(c.state)
	a := c.judge()
	if err := c.verify(a); err != nil {
		return broken(err)
	}
	if !trial && a.status/100 == 2 && c.r.Method != http.MethodGet {
		c.countEffect()
	}
	c.maker = c.newMaker(&state{}) // what a fault makes up leaves no trace either
	return a
}

// judge refuses the request, or acts on it.
func (c *call) judge() answer {
	switch {
	case !c.authenticated(c.operation, c.r):
		return c.refuse(http.StatusUnauthorized, nil)
	case !c.checkPath(c.values) || !c.find():
		return c.refuse(http.StatusNotFound, nil)
	}
	body, status, problems := c.check(c.r, c.raw, c.values)
	if status != 0 {
		return c.refuse(status, problems)
	}
	object, _ := body.(map[string]any)
	return c.act(object)
}

// write sends an answer.
func (c *call) write(a answer) {
	c.header(a)
	_, _ = c.w.Write(a.body) // if it fails, the client has gone
}

// countEffect notes that the request changed something. The Space is locked.
func (c *call) countEffect() {
	c.entry.Effects = 1
	c.effects[c.entry.Operation]++
}

// header sends an answer's status and header, and notes it in the journal.
func (c *call) header(a answer) {
	c.mu.Lock()
	c.entry.Status = a.status
	c.mu.Unlock()
	if a.body != nil {
		if c.w.Header().Get("Content-Type") == "" {
			c.w.Header().Set("Content-Type", "application/json")
		}
		c.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	c.w.WriteHeader(a.status)
}
