package signalwire

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// SettlementState is the outcome of [Client.Settle].
type SettlementState string

// The outcomes of [Client.Settle].
const (
	// SettlementFound means that exactly one entry was found that has the values of the
	// request and was created at the time of the call.
	SettlementFound SettlementState = "found"
	// SettlementNotFound means that no such entry was found. This does not prove that the
	// request was not processed; see [Client.Settle].
	SettlementNotFound SettlementState = "not found"
	// SettlementAmbiguous means that it is not certain which entry, if any, is the result
	// of the request: several entries match, this client made other calls with the same
	// values at about the same time, the clock of this machine was set since the call, or
	// the list is too long to be read to its end.
	SettlementAmbiguous SettlementState = "ambiguous"
)

// Settlement is the result of [Client.Settle].
type Settlement struct {
	// State is the outcome.
	State SettlementState
	// ID is the id of the entry that was found, in the list or log that has it. It is
	// empty unless State is SettlementFound.
	ID string
}

// Settle finds out whether the request of a failed call was processed. The argument err
// is the error of that call, which must be a call of this client: usually
// [ErrOutcomeUnknown], or [ErrUnreadable], where the request was processed but the id of
// the result is not known.
//
// Settle reads the message log, the voice log or the list of resources in which the
// result of the request would appear. An entry matches if it has the values that were
// sent, such as from and to, or the name, and if it was created during the call or
// shortly after it. [gen.Operation.Settle] names the list and the values. Settle reads
// the list again, at growing intervals, as long as no entry matches and the time of
// [WithSettleWait] is not over.
//
// The outcome is not a proof. If an entry was found, another program can have created it
// at the same time with the same values. If none was found, the request can have been
// processed nevertheless: logs lag, a slow Space can still be processing it, the Space
// may have stored a value in another form, and the text of a message is in no log. If
// this client made other calls whose entries can have the same values, from a few seconds
// before the call until now, the outcome is [SettlementAmbiguous]. Of calls whose outcome
// is unknown, too, those count that ended in the 15 minutes before the call.
//
// Settle returns an error if the list cannot be read, if ctx ends, or if the call cannot
// be settled: because no list has its result, or because its request has none of the
// values to compare. The options apply to the calls that read the list.
func (c *Client) Settle(ctx context.Context, err error, opts ...CallOption) (Settlement, error) {
	var failure *Error
	if !errors.As(err, &failure) || failure == nil || failure.settle == nil {
		return Settlement{}, errors.New("signalwire: settle: expected the error of a call that may have created an entry of a list (see gen.Operation.Settle)")
	}
	query := failure.settle()
	if query.history != &c.caller.history {
		return Settlement{}, errors.New("signalwire: settle: the error is from another client")
	}
	config := c.caller.config.with(opts)
	if config.invalid != nil {
		return Settlement{}, fmt.Errorf("signalwire: settle: %w", config.invalid)
	}
	return c.caller.settle(ctx, query, config.settleWait, opts)
}

// settleSlack is the tolerance for comparing times of the client with times of the Space,
// which are in whole seconds.
const settleSlack = 3 * time.Second

// settleQuery describes the entry that [Client.Settle] looks for: the result of one call,
// if its request was processed.
type settleQuery struct {
	rule         *gen.SettleRule
	path         []any             // the path arguments of the call
	values       map[string]string // of the request, by JSON pointer into an entry
	started, end time.Time         // of the call

	history   *callHistory
	calls     *sameCalls // all calls with the same values
	number    int        // how many of them, and of calls like them, had been started with this one
	contested bool       // at the start, the entry of another of these could still appear
}

// sameCalls counts the calls of a client to one operation with the same values.
type sameCalls struct {
	active  int       // calls in progress
	started int       // calls that were started, including those that have ended and those like them
	end     time.Time // when a call ended last
	unknown time.Time // when a call failed last whose request may have been, or may still be, processed
	removed bool      // the counts were removed from the history

	values []callKey // for each pair of the rule, the value; see callHistory
}

// over reports whether an entry that appears now cannot be of one of the calls that have
// ended.
func (c *sameCalls) over(now time.Time) bool {
	return now.Sub(c.end) > 2*settleSlack && now.Sub(c.unknown) > settleableFor
}

// like reports whether an entry that one of the calls created can match one of other. It
// can if they have no different values for a pair: a value that was not sent is chosen by
// the Space.
func (c *sameCalls) like(other *sameCalls, unsent []callKey) bool {
	for i, value := range c.values {
		if value != other.values[i] && value != unsent[i] && other.values[i] != unsent[i] {
			return false
		}
	}
	return true
}

// callKey is a hash of an operation, its path and values. It reveals no values. If two
// hashes are equal by chance, calls are taken to be like each other that are not.
type callKey uint64

// keyOf returns the hash of what.
func keyOf(what []byte) callKey {
	sum := sha256.Sum256(what)
	return callKey(binary.BigEndian.Uint64(sum[:]))
}

// callHistory records the calls of a client, by operation and values.
type callHistory struct {
	mu      sync.Mutex
	byKey   map[callKey]*sameCalls   // by all values
	byValue map[callKey][]*sameCalls // by the value for one pair of the rule
	sweepAt int                      // the number of keys at which old ones are removed
}

// settleableFor is how long the history keeps calls that failed although they may have
// taken effect, and how long a slow Space may take to process them. It keeps other calls
// only for a few seconds, as they only matter to calls that start shortly after them.
const settleableFor = 15 * time.Minute

// begin records the start of a call. It returns the description of the entry that the
// call creates, or nil if the call cannot be settled, as its request has none of the
// values to compare.
func (h *callHistory) begin(op *gen.Operation, args gen.Args, req *request) *settleQuery {
	values := valuesToMatch(op.Settle, req)
	if len(values) == 0 {
		return nil
	}
	q := &settleQuery{rule: op.Settle, path: args.Path, values: values, started: time.Now(), history: h}
	var all []byte
	var keys, unsent []callKey
	for _, pair := range op.Settle.Match {
		what := fmt.Sprint(op.ID, args.Path, pair[0])
		key := keyOf([]byte(what))
		unsent = append(unsent, key)
		if value, ok := values[pair[0]]; ok {
			key = keyOf([]byte(what + "\x00" + value))
		}
		keys = append(keys, key)
		all = binary.BigEndian.AppendUint64(all, uint64(key))
	}
	key := keyOf(all)
	h.mu.Lock()
	defer h.mu.Unlock()
	if q.calls = h.byKey[key]; q.calls == nil {
		h.sweep(q.started)
		q.calls = &sameCalls{values: keys}
		h.byKey[key] = q.calls
		h.index(q.calls)
	}
	// The calls like this one have the same value for any pair, or none. Look among the
	// fewest.
	var candidates [][]*sameCalls
	fewest := math.MaxInt
	for i, key := range keys {
		if same, none := h.byValue[key], h.byValue[unsent[i]]; key != unsent[i] && len(same)+len(none) < fewest {
			candidates, fewest = [][]*sameCalls{same, none}, len(same)+len(none)
		}
	}
	for _, calls := range candidates {
		for _, calls := range calls {
			if calls.like(q.calls, unsent) {
				q.contested = q.contested || calls.active > 0 || !calls.over(q.started)
				calls.started++
			}
		}
	}
	q.calls.active++
	q.number = q.calls.started
	return q
}

// index adds calls to byValue.
func (h *callHistory) index(calls *sameCalls) {
	for _, key := range calls.values {
		h.byValue[key] = append(h.byValue[key], calls)
	}
}

// finish records the end of the call. If the call failed although it may have taken
// effect, finish attaches q to its error, for [Client.Settle].
func (q *settleQuery) finish(failure *Error) {
	q.history.mu.Lock()
	defer q.history.mu.Unlock()
	q.calls.active--
	q.end = time.Now()
	q.calls.end = q.end
	if failure != nil && failure.MayHaveTakenEffect {
		q.calls.unknown = q.end
		failure.settle = func() *settleQuery { return q }
	}
}

// sweep removes old calls if the history has grown to sweepAt keys. It is called before a
// key is added.
func (h *callHistory) sweep(now time.Time) {
	if h.byKey == nil {
		h.byKey = map[callKey]*sameCalls{}
	}
	if len(h.byKey) < h.sweepAt {
		return
	}
	h.byValue = map[callKey][]*sameCalls{}
	for key, calls := range h.byKey {
		if calls.active == 0 && calls.over(now) {
			calls.removed = true
			delete(h.byKey, key)
		} else {
			h.index(calls)
		}
	}
	h.sweepAt = max(64, 2*len(h.byKey))
}

// unique reports whether no other call of this client had the same values at about the
// same time, or some of them and no others, so that a matching entry can only be the
// result of this call.
func (q *settleQuery) unique() bool {
	q.history.mu.Lock()
	defer q.history.mu.Unlock()
	return !q.contested && !q.calls.removed && q.calls.started == q.number
}

// valuesToMatch returns the values of a request that a matching entry has, by JSON
// pointer into the entry: strings, numbers and booleans, as strings, that contain no secret.
func valuesToMatch(rule *gen.SettleRule, req *request) map[string]string {
	var body any
	if json.Unmarshal(req.json, &body) != nil {
		return nil
	}
	values := map[string]string{}
	for _, pair := range rule.Match {
		switch v := valueAt(body, pair[1]); v.(type) {
		case string, float64, bool:
			if text := fmt.Sprint(v); redact.Text(text) == text {
				values[pair[0]] = text
			}
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

// settle reads the list repeatedly, until the outcome is not SettlementNotFound or wait
// is over.
func (c *caller) settle(ctx context.Context, q *settleQuery, wait time.Duration, opts []gen.CallOption) (Settlement, error) {
	began := time.Now()
	var at *window
	for pause := time.Second; ; pause = min(2*pause, 20*time.Second) {
		if !q.unique() {
			return Settlement{State: SettlementAmbiguous}, nil
		}
		found, err := c.findEntry(ctx, q, &at, wait, opts)
		switch left := wait - time.Since(began); {
		case err != nil:
			return Settlement{}, err
		case !q.unique(): // another call began while the list was read
			return Settlement{State: SettlementAmbiguous}, nil
		case found.State != SettlementNotFound, left <= 0:
			return found, nil
		default:
			select {
			case <-time.After(min(pause, left)):
			case <-ctx.Done(): // The next call returns the error of ctx.
			}
		}
	}
}

// entries is a page of a list of any kind.
type entries struct {
	Data  []map[string]any `json:"data"`
	Links struct {
		Next string `json:"next"`
	} `json:"links"`
}

// maxSettlePages limits how many pages of a list are read. Usually fewer are read, since
// lists such as logs have the newest entries first: reading stops at entries that are too
// old. The lists of some resources may have another order, such as by name. What is known
// of a longer list is not certain.
const maxSettlePages = 20

// newestFirst reports whether a list has the newest entries first, given how many of the
// entries so far are older, and how many are newer, than the one before. Nine of ten are
// older then: a few can be newer, as entries move to the next page when others are added
// while the list is read. It takes at least nine, since the first entries of any list can be
// in this order by chance.
func newestFirst(older, newer int) bool { return older >= 9*(newer+1) }

// window is the time in which the Space created an entry, by its clock.
type window struct {
	from, to time.Time
	unsure   bool // the clock of this machine was set since the call, or stood still
}

// window returns the window for q, given the Date header of a response that has just come.
// The call began some time ago by the wall clock and by the monotonic clock. If these
// differ, the wall clock was set in the meantime or the machine slept, and the window
// includes what follows from either.
func (q *settleQuery) window(date string, wait time.Duration) *window {
	now := time.Now()
	wall, monotonic := now.Round(0).Sub(q.started.Round(0)), now.Sub(q.started)
	if of, err := http.ParseTime(date); err == nil {
		now = of
	}
	return &window{
		from:   now.Add(-max(wall, monotonic) - settleSlack),
		to:     now.Add(-min(wall, monotonic) + q.end.Sub(q.started) + settleSlack + wait),
		unsure: (wall - monotonic).Abs() > settleSlack,
	}
}

// findEntry reads the list once and looks for entries that match q. If *at is nil, it sets
// it when the first response has come.
func (c *caller) findEntry(ctx context.Context, q *settleQuery, at **window, wait time.Duration, opts []gen.CallOption) (Settlement, error) {
	args := gen.Args{}
	if strings.Contains(q.rule.List.Path, "{") {
		args.Path = q.path
	}
	var header http.Header
	opts = append(opts[:len(opts):len(opts)], WithObserver(func(_ context.Context, info CallInfo) { header = info.Header }))
	result := Settlement{State: SettlementNotFound}
	pages := 0
	var last time.Time   // creation time of the entry before
	older, newer := 0, 0 // see newestFirst
	for page, err := range c.Pages(ctx, q.rule.List, args, func() any { return new(entries) }, opts...) {
		if err != nil {
			return Settlement{}, err
		}
		if *at == nil {
			*at = q.window(header.Get("Date"), wait)
		}
		from, to := (*at).from, (*at).to
		for _, entry := range page.(*entries).Data {
			for name, value := range entry { // An array of one object is that object, as in package codec.
				if array, _ := value.([]any); len(array) == 1 {
					entry[name] = array[0]
				}
			}
			created := timeAt(entry, q.rule.Created)
			if !created.IsZero() {
				switch {
				case last.IsZero():
				case created.Before(last):
					older++
				case created.After(last):
					newer++
				}
				last = created
				if created.Before(from) || created.After(to) {
					continue
				}
			}
			if !q.matches(entry) {
				continue
			}
			id := idOf(entry)
			if result.State != SettlementNotFound || created.IsZero() || id == "" || (*at).unsure {
				return Settlement{State: SettlementAmbiguous}, nil
			}
			result = Settlement{SettlementFound, id}
		}
		if newestFirst(older, newer) && last.Before(from) {
			break // all further entries are too old
		}
		if pages++; pages == maxSettlePages && page.(*entries).Links.Next != "" {
			return Settlement{State: SettlementAmbiguous}, nil
		}
	}
	return result, nil
}

// decodeAt sets out, which points to a scalar that is zero, to the value at a JSON pointer (RFC
// 6901) in any form that package codec accepts. It reports whether there is one.
func decodeAt(v any, pointer string, out any) bool {
	value := valueAt(v, pointer)
	encoded, _ := json.Marshal(value)
	_, err := codec.Decode(encoded, out, codec.Options{})
	return value != nil && err == nil
}

// timeAt returns the time at a JSON pointer (RFC 6901), or the zero time.
func timeAt(v any, pointer string) (t time.Time) {
	decodeAt(v, pointer, &t)
	return t
}

// idOf returns the id of an entry, or "". A UUID is in its usual form.
func idOf(entry map[string]any) (id string) {
	var u uuid.UUID
	if decodeAt(entry, "/id", &u) {
		return u.String()
	}
	decodeAt(entry, "/id", &id)
	return id
}

// matches reports whether an entry has all values of the request. null, or no value, is the
// same as a zero value, as in package codec.
func (q *settleQuery) matches(entry map[string]any) bool {
	for pointer, want := range q.values {
		var text string
		var number float64
		var boolean bool
		switch {
		case decodeAt(entry, pointer, &text) && text == want:
		case decodeAt(entry, pointer, &number) && fmt.Sprint(number) == want:
		case decodeAt(entry, pointer, &boolean) && fmt.Sprint(boolean) == want:
		case valueAt(entry, pointer) == nil && (want == "" || want == "0" || want == "false"):
		default:
			return false
		}
	}
	return true
}
