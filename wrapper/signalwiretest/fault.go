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

// Fault is something that goes wrong with a request to the Space or with the response.
//
//	space.Inject(signalwiretest.Fault{
//		Kind:  signalwiretest.ResetConnection(),
//		After: true,
//	})
type Fault struct {
	// Kind is what goes wrong, such as [RespondStatus] or [CloseConnection].
	Kind FaultKind
	// Operation is the id of the operation whose requests the fault happens to, one of
	// those that [signalwire.Operations] returns. If it is empty, the fault happens to
	// requests to any operation.
	Operation string
	// After sets when the fault happens. If it is false, the fault happens before the
	// change: the Space does not execute the operation, or executes it later if Kind is
	// a delay. If it is true, the fault happens after the change: the Space has
	// executed the operation, and the fault withholds, delays or replaces the response.
	// A request that is refused changes nothing: it gets the response that it would get
	// without faults, and does not use up a fault with After.
	After bool
	// Times is how often the fault happens. 0 means once, or without limit if there is
	// a Share. A negative number means without limit.
	Times int
	// Share is the probability, from 0 to 1, that the fault happens to a request. 0
	// means that it happens to all. [WithSeed] determines which requests are hit.
	Share float64
}

// Inject adds faults. At most one fault happens to a request: the first one added that
// applies to it. So a sequence of faults applies to a sequence of requests. Here the
// first request is processed and its response is cut off, the second one gets status
// 429, and the third one succeeds:
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
			s.tb.Fatalf("signalwiretest: Inject: the fault has no Kind; expected one such as signalwiretest.RespondStatus(503)")
		case f.Kind.invalid != "":
			s.tb.Fatalf("signalwiretest: Inject: %s", f.Kind.invalid)
		case f.Share < 0 || f.Share > 1:
			s.tb.Fatalf("signalwiretest: Inject: Share: expected 0 to 1, got %v", f.Share)
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

// ClearFaults removes all faults. It does not end a fault that is happening, such as a
// delay.
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

// use counts a fault that happens to the request, and adds it to the journal entry. The
// Space is locked.
func (c *call) use(f *Fault) {
	f.Times--
	c.entry.Fault = f.Kind.String()
	c.faults = slices.DeleteFunc(c.faults, func(f *Fault) bool { return f.Times == 0 })
}

// FaultKind is what a [Fault] does. Functions such as [RespondStatus] return one.
type FaultKind struct {
	name string
	// play carries out the fault. due returns the response that the request gets, or
	// would get without the fault.
	play func(c *call, due func() response)
	// hold, if not nil, is called instead of play before the change. It returns when
	// the operation is to be executed.
	hold func(*call)
	// when restricts when the fault can happen.
	when moment
	// invalid says what is wrong with the arguments, or is empty.
	invalid string
}

// moment is when a fault can happen: before the change, after it, or both.
type moment int

const (
	beforeOrAfter moment = iota
	onlyBefore
	onlyAfter
)

// atLeast says what is wrong with an argument that is below the least value that it can
// have, or returns "".
func atLeast[T int | time.Duration](argument string, least, got T) string {
	if got >= least {
		return ""
	}
	return fmt.Sprintf("%s: expected at least %v, got %v", argument, least, got)
}

// String returns the name of the kind, as the journal shows it.
func (k FaultKind) String() string { return k.name }

// responding returns a kind that sends the response that respond returns. status is the
// status of that response; it is invalid if an HTTP server cannot send it as a final
// response.
func responding(name string, status int, respond func(*call) response) FaultKind {
	k := FaultKind{name: name, play: func(c *call, _ func() response) { c.write(respond(c)) }}
	if status != http.StatusSwitchingProtocols && status < 200 || status > 999 {
		k.invalid = fmt.Sprintf("status: expected 200 to 999, got %d; RawResponse sends any other", status)
	}
	return k
}

// RespondStatus responds with a status and the body that SignalWire sends with it: 400,
// 401, 403, 404, 408, 409, 429, 500, 502, 503, 504, or any other. The bodies for 429
// and 503 say that the Space has done nothing and that the request may be sent again;
// with Fault.After that is not true, and the client makes the change twice. To simulate a
// proxy that responds with these statuses, use [Respond] or [HTMLBody].
func RespondStatus(code int) FaultKind {
	return responding("status "+strconv.Itoa(code), code, func(c *call) response { return c.refuse(code, nil) })
}

// Respond responds with a status, a header and a body of any kind, as a proxy between a
// client and a Space may do. This is a proxy that sends its own page after the Space
// has processed the request:
//
//	signalwiretest.Fault{After: true, Kind: signalwiretest.Respond(503,
//		http.Header{"Content-Type": {"text/html"}, "Retry-After": {"1"}},
//		"<html><body>Down for maintenance</body></html>")}
//
// If the header lacks them, the Content-Type is application/json, and the
// Content-Length is the length of the body. With a greater Content-Length, the body is
// cut off.
func Respond(status int, header http.Header, body string) FaultKind {
	name := fmt.Sprintf("response %d with %d bytes of %s", status, len(body), cmp.Or(header.Get("Content-Type"), "application/json"))
	return respond(name, status, header, body)
}

// respond is Respond with the name of the kind.
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

// GarbageBody responds with a status and a body that is not JSON, with the Content-Type
// application/json.
func GarbageBody(code int) FaultKind {
	return respond(fmt.Sprintf("status %d with garbage", code), code, nil, `{"id":`+"\x00\xff")
}

// RetryAfterSeconds responds with status 429 and a Retry-After header of n seconds, and
// with the body of RespondStatus(429).
func RetryAfterSeconds(n int) FaultKind { return retryAfter(strconv.Itoa(n)) }

// RetryAfterDate responds with status 429 and a Retry-After header that is a date.
// Clients compare it with their own clock, not with that of the Space.
func RetryAfterDate(t time.Time) FaultKind { return retryAfter(t.UTC().Format(http.TimeFormat)) }

// retryAfter returns a kind that responds with status 429 and a Retry-After header.
func retryAfter(value string) FaultKind {
	return responding("status 429, retry after "+value, http.StatusTooManyRequests, func(c *call) response {
		refusal := c.refuse(http.StatusTooManyRequests, nil)
		refusal.header = http.Header{"Retry-After": {value}}
		return refusal
	})
}

// Redirect responds with a status such as 302, 307 or 308 and a Location header with a
// URL.
func Redirect(code int, url string) FaultKind {
	return responding("redirect "+strconv.Itoa(code), code, func(*call) response {
		return response{status: code, header: http.Header{"Location": {url}}}
	})
}

// RawResponse writes text to the connection in place of a response, and closes the
// connection. It is for status lines and headers that no HTTP server would send. It
// needs HTTP/1.1.
func RawResponse(text string) FaultKind {
	return raw(fmt.Sprintf("%d raw bytes", len(text)), text)
}

// raw is RawResponse with the name of the kind.
func raw(name, text string) FaultKind {
	return FaultKind{name: name, play: func(c *call, _ func() response) {
		c.hijack(func(_ net.Conn, w *bufio.ReadWriter) {
			_, _ = w.WriteString(text)
			_ = w.Flush()
		})
	}}
}

// CutBody sends the response that is due with its full Content-Length, and closes the
// connection after the first n bytes of the body.
func CutBody(n int) FaultKind {
	return FaultKind{name: fmt.Sprintf("body cut after %d bytes", n), invalid: atLeast("CutBody: n", 0, n), play: func(c *call, due func() response) {
		a := due()
		if len(a.body) <= n { // make the body longer, so that there is something to cut off
			a.body = append(slices.Clone(a.body), strings.Repeat(" ", n-len(a.body)+1)...)
			if a.status == http.StatusNoContent {
				a.status = http.StatusOK
			}
		}
		c.writeHeader(a)
		_, _ = c.w.Write(a.body[:n])
	}}
}

// CutHeader closes the connection after a part of the response's headers.
func CutHeader() FaultKind {
	return raw("header cut", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
}

// CloseConnection closes the connection without a response.
func CloseConnection() FaultKind { return raw("connection closed", "") }

// ResetConnection resets the TCP connection without a response, as happens when a host
// goes down.
func ResetConnection() FaultKind {
	return FaultKind{name: "connection reset", play: func(c *call, _ func() response) {
		c.hijack(func(conn net.Conn, _ *bufio.ReadWriter) {
			if under, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
				conn = under.NetConn()
			}
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
				_ = tcp.Close() // closing the TLS connection would send an alert first
			}
		})
	}}
}

// hijack takes the connection over from the HTTP server, calls do, and closes the
// connection.
func (c *call) hijack(do func(net.Conn, *bufio.ReadWriter)) {
	conn, w, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // closes the connection too
	}
	do(conn, w)
	_ = conn.Close()
}

// NeverRespond waits without a response until the client closes the connection or the
// Space is closed.
func NeverRespond() FaultKind {
	return FaultKind{name: "hang", play: func(c *call, _ func() response) { c.wait(-1) }}
}

// Delay makes the request wait for d. Before the change, the Space executes the
// operation when the time is up, unless the client has closed the connection by then.
// After the change, only the response is delayed. To simulate a server that executes
// the operation even if the client has gone, use [ProcessAfter].
func Delay(d time.Duration) FaultKind {
	wait := func(c *call) { c.wait(d) }
	return FaultKind{name: "delay " + d.String(), invalid: atLeast("Delay: d", 0, d), hold: wait, play: func(c *call, due func() response) {
		wait(c)
		c.write(due())
	}}
}

// ProcessAfter makes the request wait for d, and then executes the operation even if
// the client has closed the connection, as a slow server does that does not notice it.
// It always happens before the change.
func ProcessAfter(d time.Duration) FaultKind {
	return processLate("processed after "+d.String(), atLeast("ProcessAfter: d", 0, d), func() <-chan time.Time { return time.After(d) })
}

// ProcessWhen is like [ProcessAfter], but the request waits until something is received
// from release, or until release is closed. With it and [Space.WaitIdle], a test
// determines the order in which changes take effect:
//
//	release := make(chan struct{})
//	space.Inject(signalwiretest.Fault{Kind: signalwiretest.ProcessWhen(release)})
//	// … a change that times out, and another one that is acknowledged …
//	close(release) // now the first change takes effect
//	space.WaitIdle()
func ProcessWhen[T any](release <-chan T) FaultKind {
	invalid := ""
	if release == nil {
		invalid = "ProcessWhen: expected a channel, got nil"
	}
	return processLate("processed late", invalid, func() <-chan T { return release })
}

// processLate returns a kind that makes a request wait until something is received from
// the channel that release returns, or until the Space is closed.
func processLate[T any](name, invalid string, release func() <-chan T) FaultKind {
	return FaultKind{
		name:    name,
		invalid: invalid,
		when:    onlyBefore,
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

// SlowBody sends the body of the response that is due in parts of the given number of
// bytes, with a pause after each. It always happens after the change.
func SlowBody(bytes int, pause time.Duration) FaultKind {
	return FaultKind{name: "slow body", invalid: cmp.Or(atLeast("SlowBody: bytes", 1, bytes), atLeast("SlowBody: pause", 0, pause)), when: onlyAfter, play: func(c *call, due func() response) {
		a := due()
		c.writeHeader(a)
		for part := range slices.Chunk(a.body, bytes) {
			if _, err := c.w.Write(part); err != nil {
				return
			}
			_ = http.NewResponseController(c.w).Flush() // if it fails, so does the next write
			c.wait(pause)
		}
	}}
}

// wait waits for d, or without end if d is negative. If the client closes the
// connection or the Space is closed meanwhile, wait aborts the request: it panics with
// http.ErrAbortHandler.
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
