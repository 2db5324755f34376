package signalwiretest

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is something that goes wrong on the way to the Space or back from it.
//
//	space.Inject(signalwiretest.Fault{
//		Kind:  signalwiretest.ResetConnection(),
//		After: true,
//	})
type Fault struct {
	// Kind is what happens, such as [Status] or [CloseConnection].
	Kind Kind
	// Operation is the id of the operation that it happens to; to any
	// operation if it is empty.
	Operation string
	// After tells when it happens. If false, it is before the change: the
	// Space does nothing, whatever the request is. If true, it is after the
	// change: the Space has done what was asked, and the client does not get
	// to know. A request that is refused makes no change, is answered as it
	// would be, and does not use up a fault of this sort.
	After bool
	// Times is how often it happens; then it is over. 0 means once, or with a
	// Share any number of times; a negative number means every time.
	Times int
	// Share is the part of the requests that it happens to, from 0 to 1. 0
	// means all. Which requests that are is up to [WithSeed].
	Share float64
}

// Inject puts in faults. Of several that could happen to a request, the one put
// in first does.
func (s *Space) Inject(faults ...Fault) {
	s.tb.Helper()
	for _, f := range faults {
		known := f.Operation == "" || slices.ContainsFunc(s.description.operations(), func(op *operation) bool { return op.id == f.Operation })
		switch {
		case f.Kind.play == nil:
			s.tb.Fatalf("signalwiretest: Inject: the fault has no Kind; want one such as signalwiretest.Status(503)")
		case !known:
			s.tb.Fatalf("signalwiretest: Inject: the API has no operation %q; want an id such as %q", f.Operation, s.description.operations()[0].id)
		case f.Share < 0 || f.Share > 1:
			s.tb.Fatalf("signalwiretest: Inject: a share of %v; want one from 0 to 1", f.Share)
		}
		if f.Times == 0 {
			f.Times = 1
			if f.Share > 0 {
				f.Times = -1
			}
		}
		f.After = f.After || f.Kind.afterOnly
		s.mu.Lock()
		s.faults = append(s.faults, &f)
		s.mu.Unlock()
	}
}

// ClearFaults takes out all faults. One that is happening goes on.
func (s *Space) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the fault that happens to the request now, if one does.
func (c *call) takeFault(after bool) *Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		if f.Times == 0 || f.After != after || f.Operation != "" && f.Operation != c.id {
			continue
		}
		if f.Share > 0 && c.chance.Float64() >= f.Share {
			continue
		}
		f.Times--
		c.entry.Fault = f.Kind.String()
		return f
	}
	return nil
}

// Kind is what a [Fault] does. The functions that return one are all there are.
type Kind struct {
	name string
	// play does it, to an answer that the request has got or would have got.
	play func(*call, answer)
	// delay, if it is not 0, only puts the request off, before the change.
	delay time.Duration
	// afterOnly marks what makes no sense before the change.
	afterOnly bool
}

// String is the kind as the journal has it.
func (k Kind) String() string { return k.name }

// Status answers with a status and the body that SignalWire has for it: 400,
// 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, or any other.
func Status(code int) Kind {
	return Kind{name: "status " + strconv.Itoa(code), play: func(c *call, _ answer) { c.write(c.refuse(code, nil)) }}
}

// Body answers with a status, a content type and a body.
func Body(code int, contentType, body string) Kind {
	return Kind{name: fmt.Sprintf("status %d with %s", code, contentType), play: func(c *call, _ answer) {
		c.w.Header().Set("Content-Type", contentType)
		c.write(answer{code, []byte(body)})
	}}
}

// EmptyBody answers with a status and no body, where there should be JSON.
func EmptyBody(code int) Kind { return Body(code, "application/json", "") }

// HTMLBody answers with a status and a web page, as proxies do.
func HTMLBody(code int) Kind {
	return Body(code, "text/html", fmt.Sprintf("<html><body><h1>%d %s</h1></body></html>", code, http.StatusText(code)))
}

// GarbageBody answers with a status and a body that is said to be JSON and is
// not.
func GarbageBody(code int) Kind { return Body(code, "application/json", `{"id":`+"\x00\xff") }

// RetryAfterSeconds answers with status 429 and the seconds to wait.
func RetryAfterSeconds(n int) Kind { return retryAfter(strconv.Itoa(n)) }

// RetryAfterDate answers with status 429 and the time to wait until. It is
// compared with the clock of the client, not with that of the Space.
func RetryAfterDate(t time.Time) Kind { return retryAfter(t.UTC().Format(http.TimeFormat)) }

func retryAfter(value string) Kind {
	return Kind{name: "status 429, retry after " + value, play: func(c *call, _ answer) {
		c.w.Header().Set("Retry-After", value)
		c.write(c.refuse(http.StatusTooManyRequests, nil))
	}}
}

// Redirect answers with a status such as 302, 307 or 308 and another URL.
func Redirect(code int, url string) Kind {
	return Kind{name: "redirect " + strconv.Itoa(code), play: func(c *call, _ answer) {
		c.w.Header().Set("Location", url)
		c.write(answer{status: code})
	}}
}

// CutBody gives the answer that is due, declares its whole length, and closes
// the connection after the first n bytes.
func CutBody(n int) Kind {
	n = max(n, 0)
	return Kind{name: fmt.Sprintf("body cut after %d bytes", n), play: func(c *call, a answer) {
		if len(a.body) <= n { // there has to be something to cut off
			a.body = append(slices.Clone(a.body), strings.Repeat(" ", n-len(a.body)+1)...)
			if a.status == http.StatusNoContent {
				a.status = http.StatusOK
			}
		}
		c.header(a)
		_, _ = c.w.Write(a.body[:n])
	}}
}

// CutHeader closes the connection in the middle of the answer's header.
func CutHeader() Kind {
	return Kind{name: "header cut", play: func(c *call, _ answer) {
		c.hijack(func(_ net.Conn, w *bufio.ReadWriter) {
			_, _ = w.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
			_ = w.Flush()
		})
	}}
}

// CloseConnection closes the connection and gives no answer.
func CloseConnection() Kind {
	return Kind{name: "connection closed", play: func(c *call, _ answer) { c.hijack(func(net.Conn, *bufio.ReadWriter) {}) }}
}

// ResetConnection resets the connection, as a host does that went down.
func ResetConnection() Kind {
	return Kind{name: "connection reset", play: func(c *call, _ answer) {
		c.hijack(func(conn net.Conn, _ *bufio.ReadWriter) {
			if under, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
				conn = under.NetConn()
			}
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
				_ = tcp.Close() // at once, as TLS would say goodbye first
			}
		})
	}}
}

// hijack takes the connection from the server and closes it in the end.
func (c *call) hijack(do func(net.Conn, *bufio.ReadWriter)) {
	conn, w, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // closes the connection too
	}
	do(conn, w)
	_ = conn.Close()
}

// Hang gives no answer, until the client goes away or the Space is closed.
func Hang() Kind {
	return Kind{name: "hang", play: func(c *call, _ answer) { c.wait(-1) }}
}

// Delay makes the request wait. Before the change it is carried out when the
// time is up, unless the client has gone by then; after the change only the
// answer waits.
func Delay(d time.Duration) Kind {
	return Kind{name: "delay " + d.String(), delay: max(d, 1), play: func(c *call, a answer) {
		c.wait(d)
		c.write(a)
	}}
}

// SlowBody gives the answer that is due a few bytes at a time, with a pause
// after each. It always happens after the change.
func SlowBody(bytes int, pause time.Duration) Kind {
	return Kind{name: "slow body", afterOnly: true, play: func(c *call, a answer) {
		c.header(a)
		for part := range slices.Chunk(a.body, max(bytes, 1)) {
			if _, err := c.w.Write(part); err != nil {
				return
			}
			_ = http.NewResponseController(c.w).Flush() // the next write tells if it failed
			c.wait(pause)
		}
	}}
}

// wait waits for a time, or without end if it is negative. If the client goes
// away or the Space is closed meanwhile, that is the end of the request.
func (c *call) wait(d time.Duration) {
	var over <-chan time.Time
	if d >= 0 {
		over = time.After(d)
	}
	select {
	case <-over:
	case <-c.r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-c.ended.Done():
		panic(http.ErrAbortHandler)
	}
}
