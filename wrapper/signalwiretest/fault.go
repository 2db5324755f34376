package signalwiretest

import (
	"bufio"
	"cmp"
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
	// Kind is what happens, such as [RespondStatus] or [CloseConnection].
	Kind FaultKind
	// Operation is the id of the operation that it happens to, which is one of
	// those of [signalwire.Operations]; to any operation if it is empty.
	Operation string
	// After sets when it happens. If false, it is before the change: the
	// Space does nothing, whatever the request is. If true, it is after the
	// change: the Space has done what was asked, and the client is not
	// informed. A request that is refused makes no change: it gets the response
	// that it would get without faults, and does not use up a fault of this
	// sort.
	After bool
	// Times is how often it happens; then it is over. 0 means once, or with a
	// Share any number of times; a negative number means every time.
	Times int
	// Share is the part of the requests that it happens to, from 0 to 1. 0
	// means all. Which requests that are is up to [WithSeed].
	Share float64
}

// Inject adds faults. At most one of them happens to a request: of those that apply,
// the one that was added first, before or after the change. So a sequence of faults is
// a sequence of requests. Here the first request is processed and its response is
// cut, the second gets status 429, and the third gets what it asks for:
//
//	space.Inject(
//		signalwiretest.Fault{Kind: signalwiretest.CutBody(10), After: true},
//		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(429)},
//	)
func (s *Space) Inject(faults ...Fault) {
	s.tb.Helper()
	for _, f := range faults {
		if f.Operation != "" {
			s.requireOperation("Inject", f.Operation)
		}
		switch {
		case f.Kind.play == nil:
			s.tb.Fatalf("signalwiretest: Inject: the fault has no Kind; want one such as signalwiretest.RespondStatus(503)")
		case f.Kind.invalid != "":
			s.tb.Fatalf("signalwiretest: Inject: %s", f.Kind.invalid)
		case f.Share < 0 || f.Share > 1:
			s.tb.Fatalf("signalwiretest: Inject: a share of %v; want one from 0 to 1", f.Share)
		}
		if f.Times == 0 {
			f.Times = 1
			if f.Share > 0 {
				f.Times = -1
			}
		}
		f.After = f.Kind.when == onlyAfter || f.After && f.Kind.when != onlyBefore
		s.mu.Lock()
		s.faults = append(s.faults, &f)
		s.mu.Unlock()
	}
}

// ClearFaults removes all faults. It does not end one that is happening.
func (s *Space) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// nextFault returns the fault that is to happen to the request, or nil. The
// Space is locked.
func (c *call) nextFault() *Fault {
	for _, f := range c.faults {
		if f.Times == 0 || f.Operation != "" && f.Operation != c.id {
			continue
		}
		if f.Share > 0 && c.chance.Float64() >= f.Share {
			continue
		}
		return f
	}
	return nil
}

// use counts a fault that happens to the request. The Space is locked.
func (c *call) use(f *Fault) {
	f.Times--
	c.entry.Fault = f.Kind.String()
	c.faults = slices.DeleteFunc(c.faults, func(f *Fault) bool { return f.Times == 0 })
}

// FaultKind is what a [Fault] does. Functions such as [RespondStatus] return one.
type FaultKind struct {
	name string
	// play does it. The response that the request gets, or would get without
	// the fault, is what due returns.
	play func(c *call, due func() response)
	// hold, if there is one, is what happens before the change instead: it
	// puts the request off.
	hold func(*call)
	// when limits the kind to one side of the change.
	when moment
	// invalid says what is wrong with the kind's arguments.
	invalid string
}

// moment is when a kind of fault can happen.
type moment int

const (
	beforeOrAfter moment = iota
	onlyBefore
	onlyAfter
)

// String returns the kind as the journal shows it.
func (k FaultKind) String() string { return k.name }

// responding returns the kind that responds with what respond returns.
func responding(name string, status int, respond func(*call) response) FaultKind {
	k := FaultKind{name: name, play: func(c *call, _ func() response) { c.write(respond(c)) }}
	if status != http.StatusSwitchingProtocols && status < 200 || status > 999 {
		k.invalid = fmt.Sprintf("a response with status %d; want one from 200 to 999, or RawResponse", status)
	}
	return k
}

// RespondStatus responds with a status and the body that SignalWire has for it: 400,
// 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, or any other. With 429 and
// 503 the Space itself says that it has done nothing and that the request may
// be sent again; for a proxy that uses these statuses there is [Respond].
func RespondStatus(code int) FaultKind {
	return responding("status "+strconv.Itoa(code), code, func(c *call) response { return c.refuse(code, nil) })
}

// Respond responds with a status, a header and a body of any kind, as a proxy between
// a client and a Space may do. A proxy that shows its own page after the Space has
// processed the request:
//
//	signalwiretest.Fault{After: true, Kind: signalwiretest.Respond(503,
//		http.Header{"Content-Type": {"text/html"}, "Retry-After": {"1"}},
//		"<html><body>Down for maintenance</body></html>")}
//
// The Content-Type is application/json and the Content-Length that of the body
// unless the header has others. A Content-Length that is too large makes a body
// that is cut off.
func Respond(status int, header http.Header, body string) FaultKind {
	name := fmt.Sprintf("response %d with %d bytes of %s", status, len(body), cmp.Or(header.Get("Content-Type"), "application/json"))
	return respond(name, status, header, body)
}

func respond(name string, status int, header http.Header, body string) FaultKind {
	header = header.Clone()
	return responding(name, status, func(*call) response { return response{status, header, []byte(body)} })
}

// RespondBody responds with a status, a content type and a body.
func RespondBody(code int, contentType, body string) FaultKind {
	return Respond(code, http.Header{"Content-Type": {contentType}}, body)
}

// EmptyBody responds with a status and no body, where there should be JSON.
func EmptyBody(code int) FaultKind {
	return respond(fmt.Sprintf("status %d with an empty body", code), code, nil, "")
}

// HTMLBody responds with a status and a web page, as proxies do.
func HTMLBody(code int) FaultKind {
	return respond(fmt.Sprintf("status %d with a web page", code), code, http.Header{"Content-Type": {"text/html"}},
		fmt.Sprintf("<html><body><h1>%d %s</h1></body></html>", code, http.StatusText(code)))
}

// GarbageBody responds with a status and a body that is said to be JSON and is
// not.
func GarbageBody(code int) FaultKind {
	return respond(fmt.Sprintf("status %d with garbage", code), code, nil, `{"id":`+"\x00\xff")
}

// RetryAfterSeconds responds with status 429 and the seconds to wait.
func RetryAfterSeconds(n int) FaultKind { return retryAfter(strconv.Itoa(n)) }

// RetryAfterDate responds with status 429 and the time to wait until. It is
// compared with the clock of the client, not with that of the Space.
func RetryAfterDate(t time.Time) FaultKind { return retryAfter(t.UTC().Format(http.TimeFormat)) }

func retryAfter(value string) FaultKind {
	return responding("status 429, retry after "+value, http.StatusTooManyRequests, func(c *call) response {
		refusal := c.refuse(http.StatusTooManyRequests, nil)
		refusal.header = http.Header{"Retry-After": {value}}
		return refusal
	})
}

// Redirect responds with a status such as 302, 307 or 308 and another URL.
func Redirect(code int, url string) FaultKind {
	return responding("redirect "+strconv.Itoa(code), code, func(*call) response {
		return response{status: code, header: http.Header{"Location": {url}}}
	})
}

// RawResponse sends bytes in place of a response, as they are, and closes the
// connection: for status lines and headers that no HTTP server would send. It
// needs HTTP/1.1.
func RawResponse(text string) FaultKind {
	return raw(fmt.Sprintf("%d raw bytes", len(text)), text)
}

func raw(name, text string) FaultKind {
	return FaultKind{name: name, play: func(c *call, _ func() response) {
		c.hijack(func(_ net.Conn, w *bufio.ReadWriter) {
			_, _ = w.WriteString(text)
			_ = w.Flush()
		})
	}}
}

// CutBody sends the response that is due, declares its whole length, and closes
// the connection after the first n bytes.
func CutBody(n int) FaultKind {
	n = max(n, 0)
	return FaultKind{name: fmt.Sprintf("body cut after %d bytes", n), play: func(c *call, due func() response) {
		a := due()
		if len(a.body) <= n { // there has to be something to cut off
			a.body = append(slices.Clone(a.body), strings.Repeat(" ", n-len(a.body)+1)...)
			if a.status == http.StatusNoContent {
				a.status = http.StatusOK
			}
		}
		c.writeHeader(a)
		_, _ = c.w.Write(a.body[:n])
	}}
}

// CutHeader closes the connection in the middle of the response's header.
func CutHeader() FaultKind {
	return raw("header cut", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
}

// CloseConnection closes the connection and gives no response.
func CloseConnection() FaultKind { return raw("connection closed", "") }

// ResetConnection resets the connection, as a host does that went down.
func ResetConnection() FaultKind {
	return FaultKind{name: "connection reset", play: func(c *call, _ func() response) {
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

// NeverRespond sends no response until the client closes the connection or the Space
// is closed.
func NeverRespond() FaultKind {
	return FaultKind{name: "hang", play: func(c *call, _ func() response) { c.wait(-1) }}
}

// Delay makes the request wait. Before the change it is processed when the
// time is up, unless the client has gone by then; after the change only the
// response waits. [ProcessAfter] is for a server that goes on without the
// client.
func Delay(d time.Duration) FaultKind {
	wait := func(c *call) { c.wait(max(d, 0)) }
	return FaultKind{name: "delay " + d.String(), hold: wait, play: func(c *call, due func() response) {
		wait(c)
		c.write(due())
	}}
}

// ProcessAfter makes the request wait, and processes it when the time is up
// even if the client has gone by then, as a slow server does that does not notice
// it. It always happens before the change.
func ProcessAfter(d time.Duration) FaultKind {
	return processLate("processed after "+d.String(), func() <-chan time.Time { return time.After(d) })
}

// ProcessWhen is like [ProcessAfter], but the request waits until something
// is received from release or it is closed. With it and [Space.WaitIdle] a test
// decides about the order in which things happen:
//
//	release := make(chan struct{})
//	space.Inject(signalwiretest.Fault{Kind: signalwiretest.ProcessWhen(release)})
//	// … a change that times out, and another one that is acknowledged …
//	close(release) // now the first change takes effect
//	space.WaitIdle()
func ProcessWhen[T any](release <-chan T) FaultKind {
	return processLate("processed late", func() <-chan T { return release })
}

func processLate[T any](name string, release func() <-chan T) FaultKind {
	return FaultKind{
		name: name,
		when: onlyBefore,
		hold: func(c *call) {
			select {
			case <-release():
			case <-c.ended.Done():
				panic(http.ErrAbortHandler)
			}
		},
		play: func(*call, func() response) {},
	}
}

// SlowBody sends the response that is due a few bytes at a time, with a pause
// after each. It always happens after the change.
func SlowBody(bytes int, pause time.Duration) FaultKind {
	return FaultKind{name: "slow body", when: onlyAfter, play: func(c *call, due func() response) {
		a := due()
		c.writeHeader(a)
		for part := range slices.Chunk(a.body, max(bytes, 1)) {
			if _, err := c.w.Write(part); err != nil {
				return
			}
			_ = http.NewResponseController(c.w).Flush() // the next write fails if this does
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
