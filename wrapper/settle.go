package signalwire

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// SettlementState is what [Client.Settle] found.
type SettlementState string

// What [Client.Settle] can find.
const (
	// SettlementFound means that exactly one thing was made at that time that has
	// the values of the request.
	SettlementFound SettlementState = "found"
	// SettlementNotFound means that no such thing was seen, which is no proof that
	// the request was not processed.
	SettlementNotFound SettlementState = "not found"
	// SettlementAmbiguous means that there is more than one such thing, or that
	// this client asked for more than one.
	SettlementAmbiguous SettlementState = "ambiguous"
)

// Settlement is the result of [Client.Settle].
type Settlement struct {
	State SettlementState
	// ID is the id of what was found, in the list or log where it was found. It
	// is empty in any other state.
	ID string
}

// Settle finds out whether a request whose error is [ErrOutcomeUnknown] was processed.
// (The error can also be [ErrUnreadable], which says that it was, but not which id the
// result has.) It looks into the message log, the voice log or the list of what
// the request makes, for entries that have the values which were sent, such as
// from and to or the name, and that were made between the start of the call and
// its end or shortly after. It looks again, less and less often, until it finds
// something or has waited long enough ([WithSettleWait]). The error has to be one
// of this client; it holds what is needed for this, which is not shown.
//
// Found is as sure as these values are: somebody else can have made the same at
// the same time. While this client made other calls that ask for the same thing,
// from a few seconds before until now, the result is ambiguous. Not found is no
// proof: logs lag, a slow Space can still process the request, it may
// have stored a value in another form, and the text of a message is in no log.
//
// An error says that the lists could not be read, that the context ended, or that
// the call cannot be settled: nothing lists what it makes, or it sent none of the
// values to look for. [gen.Operation.Settle] has where and what is looked for.
// The options are for the calls that read the lists.
func (c *Client) Settle(ctx context.Context, err error, opts ...CallOption) (Settlement, error) {
	var failure *Error
	if !errors.As(err, &failure) || failure == nil || failure.settle == nil {
		return Settlement{}, errors.New("signalwire: settle: expected the error of a call that may have made something which is listed (see gen.Operation.Settle)")
	}
	query := failure.settle()
	if query.history != &c.caller.history {
		return Settlement{}, errors.New("signalwire: settle: the error is from another client")
	}
	config, err := c.caller.config.with(opts)
	if err != nil {
		return Settlement{}, fmt.Errorf("signalwire: settle: %w", err)
	}
	return c.caller.settle(ctx, query, config.settleWait, opts)
}

// settleSlack is how far apart the two clocks can seem to be: times are in whole
// seconds.
const settleSlack = 3 * time.Second

// settleQuery is what [Client.Settle] looks for: what a call made, if it was
// processed.
type settleQuery struct {
	rule         *gen.SettleRule
	path         []any
	values       map[string]string // by pointer into an entry
	started, end time.Time         // of the call

	history   *callHistory
	calls     *sameCalls
	number    int  // of this call among them, from 1
	contested bool // another one was active when this one began, or had just ended
}

// sameCalls counts the calls that ask for the same thing.
type sameCalls struct {
	active  int
	started int
	end     time.Time // of the last one that ended
	unknown bool      // one of them failed, and may have taken effect
	removed bool      // from the history
}

// callHistory has the calls of a client, by what they ask for.
type callHistory struct {
	mu      sync.Mutex
	byKey   map[[sha256.Size]byte]*sameCalls // the hash shows nothing of the request
	sweepAt int                              // how many keys there are when old ones are removed
}

// settleableFor is how long calls are remembered of which one may have taken
// effect although it failed. Others only matter to calls that begin shortly after
// them.
const settleableFor = 15 * time.Minute

// begin notes that a call starts. It returns nil if the call cannot be settled.
func (h *callHistory) begin(op *gen.Operation, args gen.Args, req *request) *settleQuery {
	values := valuesToMatch(op.Settle, req)
	if len(values) == 0 {
		return nil
	}
	q := &settleQuery{rule: op.Settle, path: args.Path, values: values, started: time.Now(), history: h}
	what := op.ID + fmt.Sprint(args.Path)
	for _, pair := range op.Settle.Match {
		what += "\x00" + values[pair[0]]
	}
	key := sha256.Sum256([]byte(what))
	h.mu.Lock()
	defer h.mu.Unlock()
	if q.calls = h.byKey[key]; q.calls == nil {
		h.sweep(q.started)
		q.calls = &sameCalls{}
		h.byKey[key] = q.calls
	}
	q.contested = q.calls.active > 0 || q.started.Sub(q.calls.end) < 2*settleSlack
	q.calls.active++
	q.calls.started++
	q.number = q.calls.started
	return q
}

// finish notes that the call has ended, and puts into its error what there is to
// look for.
func (q *settleQuery) finish(failure *Error) {
	q.history.mu.Lock()
	defer q.history.mu.Unlock()
	q.calls.active--
	q.end = time.Now()
	q.calls.end = q.end
	if failure != nil && failure.MayHaveTakenEffect {
		q.calls.unknown = true
		failure.settle = func() *settleQuery { return q }
	}
}

// sweep removes old calls when there are many, before another kind is added.
func (h *callHistory) sweep(now time.Time) {
	if h.byKey == nil {
		h.byKey = map[[sha256.Size]byte]*sameCalls{}
	}
	if len(h.byKey) < h.sweepAt {
		return
	}
	for key, calls := range h.byKey {
		keep := 2 * settleSlack
		if calls.unknown {
			keep = settleableFor
		}
		if calls.active == 0 && now.Sub(calls.end) > keep {
			calls.removed = true
			delete(h.byKey, key)
		}
	}
	h.sweepAt = max(64, 2*len(h.byKey))
}

// unique reports whether no other call of this client asked for the same thing, so
// that an entry which matches can only be of this one.
func (q *settleQuery) unique() bool {
	q.history.mu.Lock()
	defer q.history.mu.Unlock()
	return !q.contested && !q.calls.removed && q.calls.started == q.number
}

// valuesToMatch returns the values of a request that an entry has to have, without
// secrets.
func valuesToMatch(rule *gen.SettleRule, req *request) map[string]string {
	var body any
	if json.Unmarshal(req.json, &body) != nil {
		return nil
	}
	values := map[string]string{}
	for _, pair := range rule.Match {
		if text, ok := scalarAt(body, pair[1]); ok && redact.Text(text) == text {
			values[pair[0]] = text
		}
	}
	return values
}

// valueAt returns the value at a JSON pointer (RFC 6901), or nil.
func valueAt(v any, pointer string) any {
	for name := range strings.SplitSeq(pointer[1:], "/") {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

// scalarAt returns the value at a JSON pointer (RFC 6901), if it is a string,
// number or boolean.
func scalarAt(v any, pointer string) (string, bool) {
	switch v := valueAt(v, pointer); v.(type) {
	case string, float64, bool:
		return fmt.Sprint(v), true
	}
	return "", false
}

// settle looks until it finds something or the time is over.
func (c *caller) settle(ctx context.Context, q *settleQuery, wait time.Duration, opts []gen.CallOption) (Settlement, error) {
	began := time.Now()
	var ahead *time.Duration // how far the Space's clock is ahead of ours
	for pause := time.Second; ; pause = min(2*pause, 20*time.Second) {
		if !q.unique() {
			return Settlement{State: SettlementAmbiguous}, nil
		}
		found, err := c.findEntry(ctx, q, &ahead, wait, opts)
		switch left := wait - time.Since(began); {
		case err != nil:
			return Settlement{}, err
		case !q.unique(): // since another call began while the list was read
			return Settlement{State: SettlementAmbiguous}, nil
		case found.State != SettlementNotFound, left <= 0:
			return found, nil
		default:
			select {
			case <-time.After(min(pause, left)):
			case <-ctx.Done():
				return Settlement{}, fmt.Errorf("signalwire: settle: %w", contextError(ctx))
			}
		}
	}
}

// entries is a page of any list.
type entries struct {
	Data  []map[string]any `json:"data"`
	Links gen.PageLinks    `json:"links"`
}

// maxSettlePages is how many pages of a list are read at most. A list that has the
// newest entries first, as logs have, is read until the entries are too old.
const maxSettlePages = 20

// findEntry reads the list once.
func (c *caller) findEntry(ctx context.Context, q *settleQuery, ahead **time.Duration, wait time.Duration, opts []gen.CallOption) (Settlement, error) {
	args := gen.Args{}
	if strings.Contains(q.rule.List.Path, "{") {
		args.Path = q.path
	}
	var header http.Header
	opts = append(opts[:len(opts):len(opts)], WithObserver(func(_ context.Context, info CallInfo) { header = info.Header }))
	result := Settlement{State: SettlementNotFound}
	pages := 0
	for page, err := range c.Pages(ctx, q.rule.List, args, func() any { return new(entries) }, opts...) {
		if err != nil {
			return Settlement{}, err
		}
		if *ahead == nil {
			*ahead = new(time.Duration)
			if date, err := http.ParseTime(header.Get("Date")); err == nil {
				**ahead = time.Until(date)
			}
		}
		from := q.started.Add(**ahead - settleSlack)
		to := q.end.Add(**ahead + settleSlack + wait)
		var newest, oldest time.Time // on this page: of the first entry, and of the last
		for i, entry := range page.(*entries).Data {
			oldest = timeAt(entry, q.rule.Created)
			if i == 0 {
				newest = oldest
			}
			if !oldest.IsZero() && (oldest.Before(from) || oldest.After(to)) || !q.matches(entry) {
				continue
			}
			id, _ := scalarAt(entry, "/id")
			if result.State != SettlementNotFound || oldest.IsZero() || id == "" {
				return Settlement{State: SettlementAmbiguous}, nil
			}
			result = Settlement{SettlementFound, id}
		}
		if oldest.Before(newest) && oldest.Before(from) {
			break // what follows is older still
		}
		if pages++; pages == maxSettlePages {
			if result.State == SettlementFound {
				result = Settlement{State: SettlementAmbiguous}
			}
			break
		}
	}
	return result, nil
}

// timeAt returns the time at a JSON pointer, in any form that a response can
// have, or the zero time.
func timeAt(v any, pointer string) (t time.Time) {
	encoded, _ := json.Marshal(valueAt(v, pointer))
	_, _ = codec.Decode(encoded, &t, codec.Options{})
	return t
}

// matches reports whether an entry has all the values that were sent.
func (q *settleQuery) matches(entry map[string]any) bool {
	for pointer, want := range q.values {
		if got, ok := scalarAt(entry, pointer); !ok || got != want {
			return false
		}
	}
	return true
}
