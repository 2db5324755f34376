package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/ledger"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// falseFailures are responses that an intermediary may give after the Space has
// processed a request, beside what the proxies do by themselves.
func falseFailures() (all []signalwiretest.Fault) {
	page := http.Header{"Content-Type": {"text/html"}, "Retry-After": {"0"}}
	const html = "<html><body>Please come back later</body></html>"
	for _, kind := range []signalwiretest.FaultKind{
		signalwiretest.RespondStatus(500), signalwiretest.HTMLBody(200), signalwiretest.HTMLBody(502), signalwiretest.GarbageBody(200),
		signalwiretest.Respond(503, page, html), signalwiretest.Respond(503, http.Header{"Retry-After": {"0"}}, `{"error":"busy"}`),
		signalwiretest.CloseConnection(), signalwiretest.ResetConnection(), signalwiretest.CutHeader(), signalwiretest.CutBody(20),
	} {
		all = append(all, signalwiretest.Fault{Kind: kind, After: true, Share: 0.001})
	}
	return append(all,
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(429), Share: 0.002},
		signalwiretest.Fault{Kind: signalwiretest.HTMLBody(429), Share: 0.002},
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(503), Share: 0.002})
}

// slow are requests that are processed when proxy and client have given up.
func slow() []signalwiretest.Fault {
	return []signalwiretest.Fault{{Kind: signalwiretest.ProcessAfter(1500 * time.Millisecond), Share: 0.01}}
}

func run(s settings, out io.Writer) error {
	dir, err := os.MkdirTemp("", "chaos")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	space, err := signalwiretest.Start(signalwiretest.WithSeed(s.seed), signalwiretest.WithJournal(100))
	if err != nil {
		return err
	}
	defer space.Close()
	to, err := url.Parse(space.URL)
	if err != nil {
		return err
	}
	upstream, err := startRelay(to.Host)
	if err != nil {
		return err
	}
	defer upstream.close()
	proxies, routes, err := prepare(dir, upstream.addr)
	if err != nil {
		return err
	}
	if len(proxies) == 0 {
		_, err := fmt.Fprintln(out, "chaos: skipped, as neither nginx nor haproxy is installed")
		return err
	}
	for _, p := range proxies {
		defer p.stop()
		if err := p.start(); err != nil {
			return err
		}
	}

	// The clients have the transport of all that set none: a clone of this one,
	// with the certificates of the system.
	if err := os.Setenv("SSL_CERT_FILE", filepath.Join(dir, "cert.pem")); err != nil {
		return err
	}
	var open atomic.Int64
	http.DefaultTransport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		open.Add(1)
		return &countedConn{Conn: conn, open: &open}, nil
	}

	time.Sleep(100 * time.Millisecond) // until the relay is done with those who asked whether the proxies listen
	goroutines := runtime.NumGoroutine()
	c := &chaos{settings: s, space: space, upstream: upstream, proxies: proxies}
	var clients []*signalwire.Client
	var names []string
	for i, route := range routes {
		client, err := signalwire.New("chaos", signalwire.WithBaseURL(route.url), signalwire.WithCredentials(space.ProjectID, space.APIToken),
			signalwire.WithTimeout(5*time.Second), signalwire.WithObserver(func(_ context.Context, info signalwire.CallInfo) {
				if info.Retrying() {
					c.retries.Add(1)
				}
			}))
		if err != nil {
			return err
		}
		clients = append(clients, client)
		for n := range s.workers {
			c.workers = append(c.workers, ledger.NewWorker(fmt.Sprintf("r%dw%d", i, n), client, rand.New(rand.NewPCG(s.seed, uint64(len(c.workers))))))
			names = append(names, route.name)
		}
	}

	started := time.Now()
	err = c.phases()
	took := time.Since(started)
	space.ClearFaults()
	total, problem := ledger.Settle(space, c.workers)
	err = errors.Join(err, problem)
	heapEnd := heap()
	// The Space has the gateways that were left, and a client its latest creations:
	// some 10 MB, where a leak of a kilobyte a call would be 200.
	if c.heapStart > 0 && heapEnd > 2*c.heapStart+16<<20 {
		err = errors.Join(err, fmt.Errorf("memory grew from %d to %d bytes", c.heapStart, heapEnd))
	}
	for _, client := range clients {
		client.CloseIdleConnections()
	}
	for _, p := range proxies {
		p.stop()
	}
	_ = upstream.reset() // of what the proxies have left
	if left := settles(func() int64 { return open.Load() }, 0); left > 0 {
		err = errors.Join(err, fmt.Errorf("%d connections are left", left))
	}
	if left := settles(func() int64 { return int64(runtime.NumGoroutine()) }, int64(goroutines)); left > int64(goroutines) {
		err = errors.Join(err, fmt.Errorf("%d goroutines at first, and %d in the end", goroutines, left))
	}

	byRoute := map[string]*ledger.Counts{}
	for i, w := range c.workers {
		counts := byRoute[names[i]]
		if counts == nil {
			counts = &ledger.Counts{}
			byRoute[names[i]] = counts
		}
		counts.Calls += w.Calls
		counts.Unknown += w.Unknown
		counts.Maybe += w.Maybe
		counts.Failed += w.Failed
	}
	for _, route := range routes {
		counts := byRoute[route.name]
		_, _ = fmt.Fprintf(out, "%-26s %7d calls, %5d unknown, %5d maybe, %5d failed\n", route.name, counts.Calls, counts.Unknown, counts.Maybe, counts.Failed)
	}
	_, _ = fmt.Fprintf(out, "%v; %d repeated attempts, %d events; %v; heap %.1f MB at first, %.1f MB at the end\n",
		total, c.retries.Load(), c.events, took.Round(time.Second), float64(c.heapStart)/1e6, float64(heapEnd)/1e6)
	return err
}

// settles waits until a number is at most want, and returns what it is.
func settles(number func() int64, want int64) int64 {
	for begin := time.Now(); number() > want && time.Since(begin) < 10*time.Second; {
		time.Sleep(20 * time.Millisecond)
	}
	return number()
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// countedConn counts how many of its kind are open.
type countedConn struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// chaos is a run.
type chaos struct {
	settings
	space     *signalwiretest.Space
	upstream  *relay
	proxies   []*proxy
	workers   []*ledger.Worker
	retries   atomic.Int64
	events    int
	heapStart uint64
}

// phases makes calls in peace, in which none may fail, then with false failures and slow
// requests, and then among reloads and kills.
func (c *chaos) phases() error {
	err := c.phase(0.2, nil)
	for _, w := range c.workers {
		if n := w.Unknown + w.Maybe + w.Failed; n > 0 {
			err = errors.Join(err, fmt.Errorf("%d calls failed although nothing happened but that connections were ended, the first with: %w", n, w.Errors[0]))
		}
	}
	c.heapStart = heap()
	c.space.Inject(append(falseFailures(), slow()...)...)
	err = errors.Join(err, c.phase(0.3, nil))
	c.space.ClearFaults()
	c.space.WaitIdle()
	c.space.Inject(falseFailures()...)
	return errors.Join(err, c.phase(0.5, c.happen))
}

// phase lets all workers make calls for a part of the time, or a part of the
// calls, and does meanwhile what happens.
func (c *chaos) phase(part float64, happen func(*rand.Rand) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	calls := int64(part * float64(c.calls))
	if calls == 0 {
		timer := time.AfterFunc(time.Duration(part*float64(c.duration)), cancel)
		defer timer.Stop()
	}
	var made atomic.Int64
	var group sync.WaitGroup
	for _, w := range c.workers {
		group.Go(func() {
			for ctx.Err() == nil && (calls == 0 || made.Add(1) <= calls) {
				w.Step(context.Background()) // not cut off, so that its outcome is the client's
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	random := rand.New(rand.NewPCG(c.seed, 1<<32))
	var err error
	for {
		select {
		case <-done:
			return err
		case <-time.After(time.Duration(200+random.IntN(600)) * time.Millisecond):
		}
		if happen != nil {
			c.events++
			err = cmp.Or(err, happen(random))
		}
	}
}

// happen is an event.
func (c *chaos) happen(random *rand.Rand) error {
	p := c.proxies[random.IntN(len(c.proxies))]
	switch random.IntN(6) {
	case 0, 1:
		p.signal(p.reload)
	case 2:
		p.killWorker()
	case 3:
		p.killAll()
	case 4:
		return c.upstream.reset()
	case 5:
		c.upstream.down()
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
		return c.upstream.up()
	}
	return nil
}
