// Package ledger has workers that change a Space through a client, and compares
// the results of their calls with what the Space has in the end.
//
// A change that was acknowledged has to be there, and to stay. One that failed
// must not be there, unless the error says that it may have taken effect
// (Error.MayHaveTakenEffect). Nothing may have happened twice.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// Counts is what workers counted.
type Counts struct {
	Calls    int64
	Created  int64 // creations that were acknowledged
	Unknown  int64 // calls whose outcome is unknown: ErrOutcomeUnknown
	Maybe    int64 // other failures that may have taken effect
	Failed   int64 // all other failures
	Needless int64 // creations with unknown outcome that did not happen
	Left     int   // gateways that were there in the end
}

func (c Counts) String() string {
	return fmt.Sprintf("%d calls, %d acknowledged creations, %d unknown outcomes (%d of them creations that did not happen), %d other failures that may have taken effect, %d further failures, %d gateways left in the end",
		c.Calls, c.Created, c.Unknown, c.Needless, c.Maybe, c.Failed, c.Left)
}

// Worker makes calls on gateways of its own, and remembers their results. It
// must not be used by two goroutines at once.
type Worker struct {
	Counts
	// Errors are the first few failures, for a look at what they were.
	Errors []error

	name     string
	client   *signalwire.Client
	random   *rand.Rand
	gateways map[uuid.UUID]string // acknowledged: the name that each has to have
	retired  map[uuid.UUID]outcome
	maybe    map[string]bool  // names of creations that may have happened
	denied   map[string]error // by id or name of a gateway: the first failure that said it had no effect
	n        int
	problems []error
}

// outcome is what may have become of a gateway after a change that may have taken
// effect. It is not used any more: the change may still be under way.
type outcome struct {
	names   [2]string
	deleted bool
}

// NewWorker returns a worker that names its gateways after itself.
func NewWorker(name string, client *signalwire.Client, random *rand.Rand) *Worker {
	return &Worker{
		name: name, client: client, random: random,
		gateways: map[uuid.UUID]string{}, retired: map[uuid.UUID]outcome{}, maybe: map[string]bool{}, denied: map[string]error{},
	}
}

// Step makes one call.
func (w *Worker) Step(ctx context.Context) {
	w.n++
	w.Calls++
	name := fmt.Sprintf("%s-%d", w.name, w.n)
	id, have := w.pick()
	switch choice := w.random.IntN(10); {
	case !have || len(w.gateways) < 5 && choice < 3:
		got, err := w.client.SIPGateways.Create(ctx, gen.SIPGatewayCreate{
			Name: name, URI: "sip:" + name + "@example.com", Encryption: gen.EncryptionOptional, Ciphers: []gen.Cipher{}, Codecs: []gen.Codec{gen.CodecOPUS},
		})
		switch {
		case err == nil:
			w.Created++
			w.gateways[got.ID] = name
		case w.failed(err):
			w.maybe[name] = true
		default:
			w.deny(err, name)
		}
	case choice < 7:
		_, err := w.client.SIPGateways.Update(ctx, id, gen.SIPGatewayUpdate{Name: &name})
		switch {
		case err == nil:
			w.gateways[id] = name
		case w.failed(err):
			w.retired[id] = outcome{names: [2]string{w.gateways[id], name}}
			delete(w.gateways, id)
		default:
			w.deny(err, id.String())
		}
	case choice < 9:
		got, err := w.client.SIPGateways.Get(ctx, id)
		switch {
		case errors.Is(err, signalwire.ErrNotFound):
			w.problem("gateway %s, %q, was acknowledged and is not found (%v): %w", id, w.gateways[id], w.denied[id.String()], err)
			delete(w.gateways, id)
		case err != nil:
			w.failed(err)
		case got.SIPGateway.Name != w.gateways[id]:
			w.problem("an acknowledged change is lost: the gateway is called %q, want %q", got.SIPGateway.Name, w.gateways[id])
		}
	default:
		err := w.client.SIPGateways.Delete(ctx, id)
		switch {
		case err == nil:
			delete(w.gateways, id)
		case w.failed(err):
			w.retired[id] = outcome{names: [2]string{w.gateways[id]}, deleted: true}
			delete(w.gateways, id)
		case errors.Is(err, signalwire.ErrNotFound):
			// It is not there. A proxy may have repeated the request.
			w.retired[id] = outcome{names: [2]string{w.gateways[id]}, deleted: true}
			delete(w.gateways, id)
		default:
			w.deny(err, id.String())
		}
	}
}

// failed counts an error, and reports whether the change may have taken effect.
func (w *Worker) failed(err error) bool {
	if len(w.Errors) < 100 {
		w.Errors = append(w.Errors, err)
	}
	var failure *signalwire.Error
	switch {
	case errors.Is(err, signalwire.ErrOutcomeUnknown):
		w.Unknown++
	case errors.As(err, &failure) && failure.MayHaveTakenEffect:
		w.Maybe++
		return true
	default:
		w.Failed++
		return false
	}
	return true
}

// deny keeps the first failure with a gateway, by its id or name, for the text of a
// problem.
func (w *Worker) deny(err error, key string) {
	if w.denied[key] == nil {
		w.denied[key] = err
	}
}

func (w *Worker) problem(format string, args ...any) {
	w.problems = append(w.problems, fmt.Errorf(format, args...))
}

func (w *Worker) pick() (uuid.UUID, bool) {
	for id := range w.gateways {
		return id, true
	}
	return uuid.Nil, false
}

// Settle compares the results of the workers' calls with what the Space has, which must
// be free of faults by now, and empties it. The error has each contradiction.
func Settle(space *signalwiretest.Space, workers []*Worker) (total Counts, err error) {
	space.WaitIdle()
	var problems []error
	want := map[uuid.UUID]string{}
	retired := map[uuid.UUID]outcome{}
	maybe, denied := map[string]bool{}, map[string]error{}
	for _, w := range workers {
		total.Calls += w.Calls
		total.Created += w.Created
		total.Unknown += w.Unknown
		total.Maybe += w.Maybe
		total.Failed += w.Failed
		problems = append(problems, w.problems...)
		for id, name := range w.gateways {
			want[id] = name
		}
		for id, outcome := range w.retired {
			retired[id] = outcome
		}
		for name := range w.maybe {
			maybe[name] = true
		}
		maps.Copy(denied, w.denied)
	}
	client := space.Client(signalwire.WithTimeout(5 * time.Minute))
	defer client.CloseIdleConnections()
	ctx := context.Background()
	names := map[string]int{}
	var ids []uuid.UUID
	for gateway, err := range client.SIPGateways.All(ctx) {
		if err != nil {
			return total, err
		}
		id, name := gateway.ID, gateway.SIPGateway.Name
		ids = append(ids, id)
		names[name]++
		expected, known := want[id]
		outcome, unsure := retired[id]
		switch {
		case known && name != expected:
			problems = append(problems, fmt.Errorf("an acknowledged change is lost: gateway %s is called %q, want %q", id, name, expected))
		case unsure && !slices.Contains(outcome.names[:], name):
			problems = append(problems, fmt.Errorf("gateway %s is called %q, want one of %q", id, name, outcome.names))
		case !known && !unsure && !maybe[name]:
			problems = append(problems, fmt.Errorf("gateway %s, %q, is there, though its creation is said not to have happened: %v", id, name, denied[name]))
		}
		delete(want, id)
		delete(retired, id)
	}
	for id, name := range want {
		problems = append(problems, fmt.Errorf("gateway %s, %q, was acknowledged and is not there (%v)", id, name, denied[id.String()]))
	}
	for id, outcome := range retired {
		if !outcome.deleted {
			problems = append(problems, fmt.Errorf("gateway %s, %q, is not there, and nobody deleted it", id, outcome.names))
		}
	}
	for name, n := range names {
		if n > 1 {
			problems = append(problems, fmt.Errorf("%q was made %d times", name, n))
		}
	}
	for name := range maybe {
		if names[name] == 0 {
			total.Needless++
		}
	}
	total.Left = len(ids)
	for _, id := range ids {
		if err := client.SIPGateways.Delete(ctx, id); err != nil {
			return total, err
		}
	}
	if n := len(problems); n > 20 {
		problems = append(problems[:20], fmt.Errorf("and %d further contradictions", n-20))
	}
	return total, errors.Join(problems...)
}
