// Command soak makes many calls with many goroutines against a Space in the
// process that fails in every way it can, and holds what the client was told
// against what the Space has.
//
//	go run ./wrapper/soak -calls 1000000 -workers 64 -seed 1
//
// A change that was acknowledged has to be there. A creation has to be there
// once: of one whose outcome the client reported as unknown there may be one or
// none, of one that failed otherwise none, and of no creation two.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

func main() {
	calls := flag.Int("calls", 1_000_000, "how many calls to make")
	workers := flag.Int("workers", 64, "how many goroutines make them")
	seed := flag.Uint64("seed", 1, "which faults happen and what the workers do")
	flag.Parse()
	report, err := run(*calls, *workers, *seed, os.Stderr)
	fmt.Println(report)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report is what a run counted.
type report struct {
	calls, retries, unknown, failed int64
	created                         int64 // creations that were acknowledged
	left                            int   // gateways that were there in the end
	heapStart, heapEnd              uint64
	took                            time.Duration
}

func (r report) String() string {
	return fmt.Sprintf("%d calls in %v, %d repeated attempts, %d unknown outcomes, %d other failures, %d acknowledged creations, %d gateways left in the end; heap %.1f MB after a tenth, %.1f MB without those gateways at the end",
		r.calls, r.took.Round(time.Second), r.retries, r.unknown, r.failed, r.created, r.left, float64(r.heapStart)/1e6, float64(r.heapEnd)/1e6)
}

// faults are what goes wrong with one request in a thousand each, before the
// Space has done anything and after it has.
func faults() []signalwiretest.Fault {
	kinds := []signalwiretest.FaultKind{
		signalwiretest.Status(500), signalwiretest.Status(502), signalwiretest.Status(504),
		signalwiretest.CloseConnection(), signalwiretest.ResetConnection(),
		signalwiretest.CutHeader(), signalwiretest.HTMLBody(200), signalwiretest.HTMLBody(502),
		signalwiretest.HTMLBody(503), signalwiretest.EmptyBody(503), signalwiretest.Body(503, "application/json", `{"error":"Service Unavailable"}`),
		signalwiretest.Redirect(307, "http://127.0.0.1:1/elsewhere"), signalwiretest.Delay(5 * time.Millisecond),
	}
	var all []signalwiretest.Fault
	for _, kind := range kinds {
		for _, after := range []bool{false, true} {
			all = append(all, signalwiretest.Fault{Kind: kind, After: after, Share: 0.001})
		}
	}
	// These would be lies the other way round: that nothing was done, or that
	// all was.
	return append(all,
		signalwiretest.Fault{Kind: signalwiretest.Status(429), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.Status(503), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.HTMLBody(429), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.RetryAfterSeconds(0), Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.CutBody(10), After: true, Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.EmptyBody(200), After: true, Share: 0.001},
		signalwiretest.Fault{Kind: signalwiretest.GarbageBody(200), After: true, Share: 0.001},
	)
}

func run(calls, workers int, seed uint64, progress *os.File) (r report, err error) {
	space, err := signalwiretest.Start(signalwiretest.WithSeed(seed), signalwiretest.WithJournal(100))
	if err != nil {
		return r, err
	}
	defer space.Close()
	space.Inject(faults()...)

	var retries, made atomic.Int64
	client := space.Client(signalwire.WithObserver(func(_ context.Context, i signalwire.CallInfo) {
		if i.Retrying() {
			retries.Add(1)
		}
	}))
	defer client.CloseIdleConnections()

	started := time.Now()
	results := make([]*worker, workers)
	var group sync.WaitGroup
	for i := range workers {
		w := &worker{
			name:     fmt.Sprintf("w%d", i),
			client:   client,
			random:   rand.New(rand.NewPCG(seed, uint64(i))),
			gateways: map[uuid.UUID]string{},
			maybe:    map[string]bool{},
		}
		results[i] = w
		group.Go(func() {
			for made.Add(1) <= int64(calls) {
				w.step()
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
	r.took, r.calls, r.retries = time.Since(started), int64(calls), retries.Load()
	space.ClearFaults()
	err = settle(space, results, &r)
	// Without the gateways that are left, as each that the client was told
	// nothing of is, and takes its place in memory.
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

// worker makes calls on gateways of its own, and remembers what it was told.
type worker struct {
	name     string
	client   *signalwire.Client
	random   *rand.Rand
	gateways map[uuid.UUID]string // acknowledged: the name that each has to have
	maybe    map[string]bool      // names of creations with unknown outcome
	n        int

	created, unknown, failed int64
	problems                 []error
}

// step makes one call.
func (w *worker) step() {
	ctx := context.Background()
	w.n++
	name := fmt.Sprintf("%s-%d", w.name, w.n)
	id, have := w.pick()
	switch choice := w.random.IntN(10); {
	case !have || len(w.gateways) < 5 && choice < 3:
		got, err := w.client.CreateSIPGateway(ctx, gen.SIPGatewayCreate{
			Name: name, URI: "sip:" + name + "@example.com", Encryption: gen.EncryptionOptional, Ciphers: []gen.Cipher{}, Codecs: []gen.Codec{gen.CodecOPUS},
		})
		switch {
		case err == nil:
			w.created++
			w.gateways[got.ID] = name
		case errors.Is(err, signalwire.ErrOutcomeUnknown):
			w.unknown++
			w.maybe[name] = true
		default:
			w.fail(err)
			if mayHaveTakenEffect(err) { // the Space did it, and the response could not be read
				w.maybe[name] = true
			}
		}
	case choice < 7:
		_, err := w.client.UpdateSIPGateway(ctx, id, gen.SIPGatewayUpdate{Name: &name})
		if err != nil {
			w.fail(err)
			told := mayHaveTakenEffect(err)
			// It may have the old name or the new one: ask, as a person would.
			got, err := w.read(id)
			if err != nil {
				w.problems = append(w.problems, fmt.Errorf("a gateway that was acknowledged cannot be read: %w", err))
				delete(w.gateways, id)
				return
			}
			if got != name && got != w.gateways[id] {
				w.problems = append(w.problems, fmt.Errorf("a gateway is called %q, want %q or %q", got, w.gateways[id], name))
			}
			if got == name && !told {
				w.problems = append(w.problems, fmt.Errorf("a gateway was renamed to %q, which was reported as refused", name))
			}
			name = got
		}
		w.gateways[id] = name
	case choice < 9:
		got, err := w.client.GetSIPGateway(ctx, id)
		if err != nil {
			w.fail(err)
		} else if got.SIPGateway.Name != w.gateways[id] {
			w.problems = append(w.problems, fmt.Errorf("an acknowledged change is lost: the gateway is called %q, want %q", got.SIPGateway.Name, w.gateways[id]))
		}
	default:
		err := w.client.DeleteSIPGateway(ctx, id)
		if err != nil {
			w.fail(err)
			if _, err := w.read(id); !errors.Is(err, signalwire.ErrNotFound) {
				return // it is still there
			}
			if !mayHaveTakenEffect(err) {
				w.problems = append(w.problems, fmt.Errorf("gateway %s was deleted, which was reported as refused: %w", id, err))
			}
		}
		delete(w.gateways, id)
	}
}

// read asks for the name of a gateway until it gets an answer.
func (w *worker) read(id uuid.UUID) (name string, err error) {
	for range 20 {
		var got *gen.SIPGatewayResource
		if got, err = w.client.GetSIPGateway(context.Background(), id); err == nil {
			return got.SIPGateway.Name, nil
		}
		if errors.Is(err, signalwire.ErrNotFound) {
			return "", err
		}
	}
	return "", err
}

func (w *worker) fail(error) { w.failed++ }

func mayHaveTakenEffect(err error) bool {
	var failure *signalwire.Error
	return errors.As(err, &failure) && failure.MayHaveTakenEffect
}

func (w *worker) pick() (uuid.UUID, bool) {
	for id := range w.gateways {
		return id, true
	}
	return uuid.Nil, false
}

// settle holds what the workers were told against what the Space has, and empties
// it.
func settle(space *signalwiretest.Space, workers []*worker, r *report) error {
	var problems []error
	want := map[string]string{} // names by id
	maybe := map[string]bool{}
	for _, w := range workers {
		r.created += w.created
		r.unknown += w.unknown
		r.failed += w.failed
		problems = append(problems, w.problems...)
		for id, name := range w.gateways {
			want[id.String()] = name
		}
		for name := range w.maybe {
			maybe[name] = true
		}
	}
	client := space.Client()
	defer client.CloseIdleConnections()
	names := map[string]int{}
	var ids []uuid.UUID
	for gateway, err := range client.AllSIPGateways(context.Background()) {
		if err != nil {
			return err
		}
		ids = append(ids, gateway.ID)
		name := gateway.SIPGateway.Name
		names[name]++
		switch expected, known := want[gateway.ID.String()]; {
		case known && name != expected:
			problems = append(problems, fmt.Errorf("an acknowledged change is lost: gateway %s is called %q, want %q", gateway.ID, name, expected))
		case !known && !maybe[name]:
			problems = append(problems, fmt.Errorf("gateway %s, %q, is there, and nobody was told", gateway.ID, name))
		}
		delete(want, gateway.ID.String())
	}
	for _, id := range ids {
		if err := client.DeleteSIPGateway(context.Background(), id); err != nil {
			return err
		}
	}
	r.left = len(ids)
	for id, name := range want {
		problems = append(problems, fmt.Errorf("gateway %s, %q, was acknowledged and is not there", id, name))
	}
	for name, n := range names {
		if n > 1 {
			problems = append(problems, fmt.Errorf("%q was made %d times", name, n))
		}
	}
	return errors.Join(problems[:min(len(problems), 20)]...)
}
