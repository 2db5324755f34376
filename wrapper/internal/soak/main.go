// Command soak makes many calls with many goroutines against a Space in the
// process that fails in every way it can, and compares the results of the calls with
// what the Space has.
//
//	go run ./wrapper/internal/soak -calls 1000000 -workers 64 -seed 1
//
// An interrupt ends it early, and what it did until then is looked at.
//
// An eighth of the workers talk HTTP/2 to the Space, through a proxy in the
// process that ends its connections again and again.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/ledger"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func main() {
	calls := flag.Int("calls", 1_000_000, "how many calls to make")
	workers := flag.Int("workers", 64, "how many goroutines make them")
	seed := flag.Uint64("seed", 1, "which faults happen and what the workers do")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := run(ctx, *calls, *workers, *seed, os.Stderr)
	fmt.Println(report)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report is what a run counted.
type report struct {
	ledger.Counts
	retries            int64
	goAways            int64
	heapStart, heapEnd uint64
	took               time.Duration
}

func (r report) String() string {
	return fmt.Sprintf("%v; %d repeated attempts, %d times GOAWAY; %v; heap %.1f MB after a tenth, %.1f MB without those gateways at the end",
		r.Counts, r.retries, r.goAways, r.took.Round(time.Second), float64(r.heapStart)/1e6, float64(r.heapEnd)/1e6)
}

// A client waits for callTimeout. What the Space processes late, it processes when a
// client that repeats the change at once has had its result for long.
const (
	callTimeout = time.Second
	late        = 2 * time.Second
)

// faults are what goes wrong with one request in a thousand each, before the
// Space has done anything and after it has.
func faults() []signalwiretest.Fault {
	kinds := []signalwiretest.FaultKind{
		signalwiretest.RespondStatus(500), signalwiretest.RespondStatus(502), signalwiretest.RespondStatus(504),
		signalwiretest.CloseConnection(), signalwiretest.ResetConnection(),
		signalwiretest.CutHeader(), signalwiretest.HTMLBody(502),
		signalwiretest.Redirect(307, "http://127.0.0.1:1/elsewhere"), signalwiretest.Delay(5 * time.Millisecond),
	}
	var all []signalwiretest.Fault
	for _, kind := range kinds {
		for _, after := range []bool{false, true} {
			all = append(all, signalwiretest.Fault{Kind: kind, After: after, Share: 0.001})
		}
	}
	// The Space's own refusals, which are true, and what cuts its responses.
	all = append(all,
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(429), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(503), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.HTMLBody(429), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.RetryAfterSeconds(0), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.CutBody(10), After: true, Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.ProcessAfter(late), Share: 0.0003},
	)
	// What stands in between says of a change that is done that it is not, or
	// something else altogether.
	page := http.Header{"Content-Type": {"text/html"}, "Retry-After": {"0"}}
	const html, object = "<html><body>Please come back later</body></html>", `{"error":"busy"}`
	for _, kind := range []signalwiretest.FaultKind{
		signalwiretest.Respond(503, page, html), signalwiretest.Respond(503, http.Header{"Retry-After": {"0"}}, object),
		signalwiretest.Respond(503, http.Header{"Retry-After": {"0"}}, ""),
		signalwiretest.Respond(504, page, html), signalwiretest.Respond(302, http.Header{"Location": {"/login"}}, ""),
		signalwiretest.Respond(200, page, html), signalwiretest.Respond(200, nil, object),
		signalwiretest.EmptyBody(200), signalwiretest.GarbageBody(200), signalwiretest.RawResponse("HTTP/1.1 000\r\n\r\n"),
	} {
		all = append(all, signalwiretest.Fault{Kind: kind, After: true, Share: 0.0005})
	}
	return all
}

// startProxy starts a server in front of the Space that speaks HTTP/2, and ends
// the connection with GOAWAY after one response in fifty. It returns a
// transport that trusts it.
func startProxy(space *signalwiretest.Space, goAways *atomic.Int64) (*httptest.Server, *http.Transport, error) {
	to, err := url.Parse(space.URL)
	if err != nil {
		return nil, nil, err
	}
	quiet := log.New(io.Discard, "", 0)
	var n atomic.Int64
	proxy := httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		ErrorLog:  quiet,
		ModifyResponse: func(r *http.Response) error {
			if n.Add(1)%50 == 0 {
				goAways.Add(1)
				r.Header.Set("Connection", "close") // which a server of net/http does over HTTP/2 with GOAWAY
			}
			return nil
		},
	})
	proxy.EnableHTTP2 = true
	proxy.Config.ErrorLog = quiet
	proxy.StartTLS()
	roots := x509.NewCertPool()
	roots.AddCert(proxy.Certificate())
	return proxy, &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots}}, nil
}

func run(ctx context.Context, calls, workers int, seed uint64, progress *os.File) (r report, err error) {
	space, err := signalwiretest.Start(signalwiretest.WithSeed(seed), signalwiretest.WithJournal(100))
	if err != nil {
		return r, err
	}
	defer space.Close()
	var retries, made, goAways atomic.Int64
	proxy, http2, err := startProxy(space, &goAways)
	if err != nil {
		return r, err
	}
	defer proxy.Close()
	space.Inject(faults()...)

	options := []signalwire.Option{signalwire.WithTimeout(callTimeout), signalwire.WithObserver(func(_ context.Context, i signalwire.CallInfo) {
		if i.Retrying() {
			retries.Add(1)
		}
	})}
	direct := space.Client(options...)
	defer direct.CloseIdleConnections()
	proxied := space.Client(append(options, signalwire.WithBaseURL(proxy.URL), signalwire.WithTransport(http2))...)
	defer proxied.CloseIdleConnections()

	started := time.Now()
	results := make([]*ledger.Worker, workers)
	var group sync.WaitGroup
	for i := range workers {
		client := direct
		if i%8 == 7 {
			client = proxied
		}
		w := ledger.NewWorker(fmt.Sprintf("w%d", i), client, rand.New(rand.NewPCG(seed, uint64(i))))
		results[i] = w
		group.Go(func() {
			for ctx.Err() == nil && made.Add(1) <= int64(calls) {
				w.Step(context.Background())
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(time.Second):
			n := min(made.Load(), int64(calls))
			if r.heapStart == 0 && n >= int64(calls)/10 {
				r.heapStart = heap()
			}
			if progress != nil {
				fmt.Fprintf(progress, "\r%d of %d calls", n, calls)
			}
		}
	}
	r.took, r.retries, r.goAways = time.Since(started), retries.Load(), goAways.Load()
	space.ClearFaults()
	r.Counts, err = ledger.Settle(space, results)
	// Without the gateways that are left, such as those of which no call returned
	// the id: each of them takes memory.
	r.heapEnd = heap()
	if r.heapStart > 0 && r.heapEnd > 2*r.heapStart {
		err = errors.Join(err, fmt.Errorf("memory grew from %d to %d bytes", r.heapStart, r.heapEnd))
	}
	return r, err
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
