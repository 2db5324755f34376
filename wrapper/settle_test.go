package signalwire_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// ledger is a server that notes what POST requests make, lists it newest first,
// and breaks off the connection in place of a response.
type ledger struct {
	mu      sync.Mutex
	entries []map[string]any // oldest first
	ahead   time.Duration    // of its clock
	posts   int
	ids     int
	refuse  bool // do nothing, and break off all the same
	respond bool // as it should be
	size    int  // of a page; all if it is 0
	reverse bool // list the oldest first
	lists   int  // how often a first page was read
	pages   int  // how often any page was read
	path    string
	shape   func(body map[string]any) map[string]any // of an entry
}

// locked runs f while no request is served.
func (l *ledger) locked(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

func (l *ledger) add(entry map[string]any, ago time.Duration) string {
	l.ids++
	entry["id"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", l.ids)
	entry["created_at"] = time.Now().Add(l.ahead - ago).UTC().Format(time.RFC3339)
	l.entries = append(l.entries, entry)
	return entry["id"].(string)
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(l.ahead).UTC().Format(http.TimeFormat))
	if r.Method == http.MethodPost {
		l.posts++
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		if !l.refuse {
			l.add(l.shape(body), 0)
		}
		if l.respond {
			_, _ = io.WriteString(w, "{}")
			return
		}
		panic(http.ErrAbortHandler)
	}
	l.path = r.URL.Path
	l.pages++
	all := slices.Clone(l.entries)
	if !l.reverse {
		slices.Reverse(all)
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page_number"))
	if page == 0 {
		l.lists++
	}
	size := max(l.size, 1)
	if l.size == 0 {
		size = len(all) + 1
	}
	links := map[string]any{}
	if (page+1)*size < len(all) {
		links["next"] = "https://acme.signalwire.com" + r.URL.Path + "?page_number=" + strconv.Itoa(page+1)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"links": links, "data": all[min(page*size, len(all)):min((page+1)*size, len(all))]})
}

const (
	from = "+15555550101"
	to   = "+15555550102"
)

func newLedger() *ledger {
	return &ledger{shape: func(body map[string]any) map[string]any {
		return map[string]any{"from": body["from"], "to": body["to"]}
	}}
}

func sendMessage(ctx context.Context, c *signalwire.Client, opts ...gen.CallOption) error {
	_, err := c.Messages.Create(ctx, gen.SMSMessage{From: from, To: to, Body: ptr("hello")}, opts...)
	return err
}

// TestSettle: what is found of a message after its outcome is unknown.
func TestSettle(t *testing.T) {
	t.Parallel()
	const first = "00000000-0000-4000-8000-000000000001"
	other := func(from, to string, ago time.Duration) func(*ledger) {
		return func(l *ledger) { l.add(map[string]any{"from": from, "to": to}, ago) }
	}
	many := func(l *ledger) {
		for i := range 30 {
			l.add(map[string]any{"from": from, "to": fmt.Sprint(i)}, time.Hour-time.Duration(i)*time.Second)
		}
	}
	for name, tt := range map[string]struct {
		before func(*ledger)
		after  func(*ledger)
		state  signalwire.SettlementState
		id     string
	}{
		"processed":               {nil, nil, signalwire.SettlementFound, first},
		"not processed":           {func(l *ledger) { l.refuse = true }, nil, signalwire.SettlementNotFound, ""},
		"others":                  {other(to, from, 0), other(from, from, 0), signalwire.SettlementFound, "00000000-0000-4000-8000-000000000002"},
		"the same before":         {other(from, to, time.Minute), nil, signalwire.SettlementFound, "00000000-0000-4000-8000-000000000002"},
		"only the same before":    {func(l *ledger) { l.refuse = true; other(from, to, time.Minute)(l) }, nil, signalwire.SettlementNotFound, ""},
		"the same long after":     {nil, other(from, to, -time.Minute), signalwire.SettlementFound, first},
		"by somebody else":        {nil, other(from, to, 0), signalwire.SettlementAmbiguous, ""},
		"a clock that is ahead":   {func(l *ledger) { l.ahead = time.Hour }, nil, signalwire.SettlementFound, first},
		"a clock that is behind":  {func(l *ledger) { l.ahead = -time.Hour }, nil, signalwire.SettlementFound, first},
		"no time":                 {nil, func(l *ledger) { l.entries[0]["created_at"] = "soon" }, signalwire.SettlementAmbiguous, ""},
		"a time of another form":  {nil, func(l *ledger) { l.entries[0]["created_at"] = time.Now().Unix() }, signalwire.SettlementFound, first},
		"no id":                   {nil, func(l *ledger) { delete(l.entries[0], "id") }, signalwire.SettlementAmbiguous, ""},
		"an empty id":             {nil, func(l *ledger) { l.entries[0]["id"] = "" }, signalwire.SettlementAmbiguous, ""},
		"several values":          {nil, func(l *ledger) { l.entries[0]["to"] = []string{to, from} }, signalwire.SettlementNotFound, ""},
		"no time, after old ones": {func(l *ledger) { many(l); l.reverse = true }, func(l *ledger) { delete(l.entries[30], "created_at") }, signalwire.SettlementAmbiguous, ""},
		"after newer ones":        {func(l *ledger) { l.size = 2 }, func(l *ledger) { other(to, from, -time.Second)(l); other(to, from, -2*time.Second)(l) }, signalwire.SettlementFound, first},
		"after one without a time": {func(l *ledger) { l.size = 2 }, func(l *ledger) {
			other(to, from, 0)(l)
			other(to, from, 0)(l)
			delete(l.entries[1], "created_at")
		}, signalwire.SettlementFound, first},
		"in another order": {func(l *ledger) {
			l.size, l.reverse = 3, true
			for _, days := range []time.Duration{1, 7, 2} {
				other(to, from, days*24*time.Hour)(l)
			}
		}, nil, signalwire.SettlementFound, "00000000-0000-4000-8000-000000000004"},
		"many pages":               {func(l *ledger) { many(l); l.size = 10 }, nil, signalwire.SettlementFound, "00000000-0000-4000-8000-000000000031"},
		"many, the oldest first":   {func(l *ledger) { many(l); l.size, l.reverse = 2, true }, nil, signalwire.SettlementFound, "00000000-0000-4000-8000-000000000031"},
		"too many, oldest first":   {func(l *ledger) { many(l); l.size, l.reverse = 1, true }, nil, signalwire.SettlementAmbiguous, ""},
		"not all, and one of them": {func(l *ledger) { l.size, l.reverse = 1, true }, many, signalwire.SettlementAmbiguous, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			if tt.before != nil {
				l.locked(func() { tt.before(l) })
			}
			client, _ := with(t, l.ServeHTTP)
			err := sendMessage(t.Context(), client)
			require.ErrorIs(t, err, signalwire.ErrOutcomeUnknown)
			if tt.after != nil {
				l.locked(func() { tt.after(l) })
			}
			got, err := client.Settle(t.Context(), fmt.Errorf("outer: %w", err), signalwire.WithSettleWait(0))
			require.NoError(t, err)
			require.Equal(t, signalwire.Settlement{State: tt.state, ID: tt.id}, got)
			l.locked(func() {
				require.Equal(t, "/api/messaging/logs", l.path)
				require.Equal(t, 1, l.posts)
				if name == "many pages" {
					require.LessOrEqual(t, l.pages, 2, "pages were read whose entries are too old")
				}
			})
		})
	}
}

// TestSettleInAnyOrder: what was processed is never reported as not found, whatever the
// order of the list, the size of its pages, and the times that are missing.
func TestSettleInAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 0))
		l := newLedger()
		l.size, l.reverse = []int{0, 1, 2, 3, 10}[r.IntN(5)], true
		for range r.IntN(60) {
			l.add(map[string]any{"from": from, "to": to}, time.Hour+time.Duration(r.IntN(1000))*time.Second)
		}
		client, _ := with(t, l.ServeHTTP)
		err := sendMessage(t.Context(), client)
		l.locked(func() {
			switch own := l.entries[len(l.entries)-1]; r.IntN(4) {
			case 0:
				slices.Reverse(l.entries)
			case 1:
				slices.SortFunc(l.entries, func(a, b map[string]any) int {
					return strings.Compare(b["created_at"].(string), a["created_at"].(string))
				})
				fallthrough
			default:
				for _, entry := range l.entries {
					if r.IntN(20) == 0 && entry["id"] != own["id"] {
						entry["created_at"] = nil
						entry["to"] = from
					}
				}
			case 3:
				r.Shuffle(len(l.entries), func(i, j int) { l.entries[i], l.entries[j] = l.entries[j], l.entries[i] })
			}
		})
		got, err := client.Settle(t.Context(), err, signalwire.WithSettleWait(0))
		require.NoError(t, err)
		require.NotEqual(t, signalwire.SettlementNotFound, got.State, "seed %d", seed)
		if l.size == 0 || l.size == 10 {
			require.Equal(t, signalwire.SettlementFound, got.State, "seed %d", seed)
		}
	}
}

// TestSettleAfterTheClockWasSet: an entry is looked for where the clock of this machine
// was right, and is not certain then.
func TestSettleAfterTheClockWasSet(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{-time.Hour, time.Hour} {
		for _, refused := range []bool{false, true} {
			l := newLedger()
			l.refuse = refused
			client, _ := with(t, l.ServeHTTP)
			err := sendMessage(t.Context(), client)
			require.ErrorIs(t, err, signalwire.ErrOutcomeUnknown)
			signalwire.SetClockBefore(err, by)
			want := signalwire.SettlementAmbiguous
			if refused {
				want = signalwire.SettlementNotFound
			}
			got, err := client.Settle(t.Context(), err, signalwire.WithSettleWait(0))
			require.NoError(t, err)
			require.Equal(t, signalwire.Settlement{State: want}, got, "%v", by)
		}
	}
}

// TestSettleAmongSameCalls: what this client itself sent at the same time makes
// it ambiguous, whatever the log says.
func TestSettleAmongSameCalls(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, after func(*testing.T, *ledger, *signalwire.Client)
		state         signalwire.SettlementState
	}{
		"one before": {func(t *testing.T, l *ledger, c *signalwire.Client) {
			l.locked(func() { l.respond = true })
			require.NoError(t, sendMessage(t.Context(), c))
			l.locked(func() { l.respond = false })
		}, nil, signalwire.SettlementAmbiguous},
		"one after": {nil, func(t *testing.T, l *ledger, c *signalwire.Client) {
			require.Error(t, sendMessage(t.Context(), c))
		}, signalwire.SettlementAmbiguous},
		"to somebody else": {nil, func(t *testing.T, l *ledger, c *signalwire.Client) {
			_, err := c.Messages.Create(t.Context(), gen.SMSMessage{From: from, To: from, Body: ptr("hello")})
			require.Error(t, err)
		}, signalwire.SettlementFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			client, _ := with(t, l.ServeHTTP)
			if tt.before != nil {
				tt.before(t, l, client)
			}
			unknown := sendMessage(t.Context(), client)
			if tt.after != nil {
				tt.after(t, l, client)
			}
			got, err := client.Settle(t.Context(), unknown, signalwire.WithSettleWait(0))
			require.NoError(t, err)
			require.Equal(t, tt.state, got.State)
		})
	}
	l := newLedger()
	client, _ := with(t, l.ServeHTTP)
	var unknown [2]error
	var all sync.WaitGroup
	var both sync.WaitGroup
	both.Add(2)
	for i := range unknown {
		all.Go(func() {
			unknown[i] = sendMessage(t.Context(), client, signalwire.WithLimiter(func(context.Context, gen.Operation, string) error { both.Done(); both.Wait(); return nil }))
		})
	}
	all.Wait()
	for _, e := range unknown {
		got, err := client.Settle(t.Context(), e, signalwire.WithSettleWait(0))
		require.NoError(t, err)
		require.Equal(t, signalwire.SettlementAmbiguous, got.State, "at the same time")
	}
}

// TestSettleAmongLikeCalls: the entry of a call that sends more, or less, can be taken
// for that of another one, unless the two send different values.
func TestSettleAmongLikeCalls(t *testing.T) {
	t.Parallel()
	call := func(c *signalwire.Client, to *string) error {
		_, err := c.Calls.Dial(context.Background(), gen.DialURLParams{From: from, To: to, URL: "https://example.com/"})
		return err
	}
	const other = "+15555550103"
	for name, tt := range map[string]struct {
		calls []*string // the numbers that are called
		want  []signalwire.SettlementState
	}{
		"less":      {[]*string{nil, ptr(to)}, []signalwire.SettlementState{signalwire.SettlementAmbiguous, signalwire.SettlementAmbiguous}},
		"more":      {[]*string{ptr(to), nil}, []signalwire.SettlementState{signalwire.SettlementAmbiguous, signalwire.SettlementAmbiguous}},
		"different": {[]*string{ptr(to), ptr(other)}, []signalwire.SettlementState{signalwire.SettlementFound, signalwire.SettlementFound}},
		"both":      {[]*string{ptr(to), ptr(other), nil}, []signalwire.SettlementState{signalwire.SettlementAmbiguous, signalwire.SettlementAmbiguous, signalwire.SettlementAmbiguous}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			l.shape = func(body map[string]any) map[string]any {
				params, _ := body["params"].(map[string]any)
				return map[string]any{"from": params["from"], "to": params["to"]}
			}
			client, _ := with(t, l.ServeHTTP)
			var errs []error
			for _, to := range tt.calls {
				l.locked(func() { l.refuse = to == nil })
				errs = append(errs, call(client, to))
			}
			for i, err := range errs {
				got, err := client.Settle(t.Context(), err, signalwire.WithSettleWait(0))
				require.NoError(t, err)
				require.Equal(t, tt.want[i], got.State)
			}
		})
	}
}

// TestSettleCountsCalls: the log has one entry, and calls of this client that ask
// for the same thing make it ambiguous all the same, as long as they matter.
func TestSettleCountsCalls(t *testing.T) {
	t.Parallel()
	var (
		client *signalwire.Client
		posts  []func()  // what else happens during a POST request, in order
		lists  []func()  // and during a GET request
		made   time.Time // of the entry

		responds bool // the Space responds to POST requests
	)
	send := func(t *testing.T) error { return sendMessage(t.Context(), client) }
	mine := func(t *testing.T) error { made = time.Now(); return send(t) }
	others := func(t *testing.T) {
		for i := range 200 {
			_, err := client.Messages.Create(t.Context(), gen.SMSMessage{From: from, To: fmt.Sprintf("+1555556%04d", i), Body: ptr("hello")})
			require.Error(t, err)
		}
	}
	for _, tt := range []struct {
		name  string
		call  func(*testing.T) error
		state signalwire.SettlementState
	}{
		{"one that succeeded shortly before", func(t *testing.T) error {
			responds = true
			require.NoError(t, send(t))
			responds = false
			time.Sleep(5 * time.Second)
			return mine(t)
		}, signalwire.SettlementAmbiguous},
		{"one that succeeded before", func(t *testing.T) error {
			responds = true
			require.NoError(t, send(t))
			responds = false
			time.Sleep(7 * time.Second)
			return mine(t)
		}, signalwire.SettlementFound},
		{"one whose outcome was unknown, and which the Space may process late", func(t *testing.T) error {
			_ = send(t)
			time.Sleep(14 * time.Minute)
			return mine(t)
		}, signalwire.SettlementAmbiguous},
		{"one in which a function of the program panicked", func(t *testing.T) error {
			posts = []func(){func() { panic("after it was sent") }}
			require.Panics(t, func() { _ = send(t) })
			time.Sleep(14 * time.Minute)
			return mine(t)
		}, signalwire.SettlementAmbiguous},
		{"one whose outcome was unknown long ago", func(t *testing.T) error {
			_ = send(t)
			time.Sleep(16 * time.Minute)
			return mine(t)
		}, signalwire.SettlementFound},
		{"one whose outcome was unknown, before one that succeeded", func(t *testing.T) error {
			_ = send(t)
			time.Sleep(7 * time.Second)
			responds = true
			require.NoError(t, send(t))
			responds = false
			time.Sleep(16 * time.Minute)
			return mine(t)
		}, signalwire.SettlementFound},
		{"one that goes on", func(t *testing.T) error {
			posts = []func(){func() { time.Sleep(20 * time.Second) }}
			go func() { _ = send(t) }()
			time.Sleep(10 * time.Second)
			return mine(t)
		}, signalwire.SettlementAmbiguous},
		{"one that begins while the log is read", func(t *testing.T) error {
			lists = []func(){func() { _ = send(t) }}
			return mine(t)
		}, signalwire.SettlementAmbiguous},
		{"one of another kind", func(t *testing.T) error {
			const url = "https://example.com/"
			_, err := client.SWMLWebhooks.Create(t.Context(), gen.SWMLWebhookCreate{PrimaryRequestURL: url})
			require.Error(t, err)
			made = time.Now()
			_, err = client.CXMLWebhooks.Create(t.Context(), gen.CXMLWebhookCreate{PrimaryRequestURL: url})
			return err
		}, signalwire.SettlementFound},
		{"many others, ten minutes later", func(t *testing.T) error {
			unknown := mine(t)
			time.Sleep(10 * time.Minute)
			others(t)
			return unknown
		}, signalwire.SettlementFound},
		{"many others at the same time", func(t *testing.T) error {
			posts = []func(){func() { others(t) }}
			return mine(t)
		}, signalwire.SettlementFound},
		{"one after the first is forgotten", func(t *testing.T) error {
			unknown := mine(t)
			time.Sleep(16 * time.Minute)
			others(t)
			_ = send(t)
			return unknown
		}, signalwire.SettlementAmbiguous},
		{"none, and the entry is made late", func(t *testing.T) error {
			unknown := mine(t)
			made = made.Add(20 * time.Second)
			return unknown
		}, signalwire.SettlementFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				posts, lists = nil, nil
				var mu sync.Mutex
				next := func(hooks *[]func()) {
					hook := func() {}
					mu.Lock()
					if len(*hooks) > 0 {
						hook, *hooks = (*hooks)[0], (*hooks)[1:]
					}
					mu.Unlock()
					hook()
				}
				client = dial(t, "https://acme.example", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodPost {
						_, _ = io.Copy(io.Discard, r.Body)
						next(&posts)
						if responds {
							return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"id":"00000000-0000-4000-8000-000000000001"}`))}, nil
						}
						return nil, errors.New("broken off")
					}
					next(&lists)
					body := fmt.Sprintf(`{"data":[{"id":"x","from":%q,"to":%q,"cxml_webhook":{"primary_request_url":"https://example.com/"},"created_at":%q}]}`, from, to, made.Format(time.RFC3339))
					return &http.Response{StatusCode: 200, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body))}, nil
				})))
				got, err := client.Settle(t.Context(), tt.call(t), signalwire.WithSettleWait(time.Minute))
				require.NoError(t, err)
				require.Equal(t, tt.state, got.State)
				time.Sleep(time.Minute) // until no call goes on
			})
		})
	}
}

// TestSettleFindsItsOwn: with random calls, of which the Space processes some late and
// some not at all, what is found is always the entry of the call.
func TestSettleFindsItsOwn(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			var log []map[string]any // newest first
			var makers []string      // the calls that made the entries, by their ids
			var mu sync.Mutex
			var late sync.WaitGroup
			client := dial(t, "https://acme.example", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodGet {
					mu.Lock()
					text, _ := json.Marshal(map[string]any{"data": log})
					mu.Unlock()
					return &http.Response{StatusCode: 200, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}, Body: io.NopCloser(bytes.NewReader(text))}, nil
				}
				var body map[string]any
				_ = json.NewDecoder(r.Body).Decode(&body)
				process := func() {
					mu.Lock()
					defer mu.Unlock()
					entry := map[string]any{"id": strconv.Itoa(len(makers)), "from": body["from"], "to": body["to"], "created_at": time.Now().Format(time.RFC3339)}
					log, makers = slices.Insert(log, 0, entry), append(makers, r.Header.Get("X-Call"))
				}
				switch random.IntN(5) {
				case 0:
					process()
					return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"id":"00000000-0000-4000-8000-000000000001"}`))}, nil
				case 1:
					process()
				case 2, 3:
					after := time.Duration(random.IntN(100)) * time.Second
					late.Go(func() { time.Sleep(after); process() })
				}
				return nil, errors.New("broken off")
			})))
			for i := range 16 {
				time.Sleep(time.Duration(random.IntN(100)) * time.Second)
				call := strconv.Itoa(i)
				_, err := client.Messages.Create(t.Context(), gen.SMSMessage{From: from, To: to + strconv.Itoa(random.IntN(4)), Body: ptr("hello")}, signalwire.WithHeader("X-Call", call))
				if err == nil {
					continue
				}
				got, err := client.Settle(t.Context(), err, signalwire.WithSettleWait(time.Minute))
				require.NoError(t, err)
				if got.State == signalwire.SettlementFound {
					found++
					id, _ := strconv.Atoi(got.ID)
					mu.Lock()
					maker := makers[id]
					mu.Unlock()
					require.Equal(t, call, maker, "seed %d", seed)
				}
			}
			late.Wait()
		})
	}
	require.NotZero(t, found)
}

// TestSettleWhatIsMade: calls, and resources in the list under the same path.
func TestSettleWhatIsMade(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		shape func(map[string]any) map[string]any
		call  func(context.Context, *signalwire.Client) error
		list  string
	}{
		"call": {
			func(body map[string]any) map[string]any {
				params := body["params"].(map[string]any)
				return map[string]any{"from": params["from"], "to": params["to"], "type": "relay_pstn_call"}
			},
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.Calls.Send(ctx, gen.DialCommand{Params: gen.NewDialParams(gen.DialURLParams{From: from, To: ptr(to), URL: "https://example.com/"})})
				return err
			},
			"/api/voice/logs",
		},
		"SIP gateway": {
			func(body map[string]any) map[string]any {
				return map[string]any{"display_name": body["name"], "sip_gateway": body}
			},
			func(ctx context.Context, c *signalwire.Client) error { _, err := create(ctx, c); return err },
			"/api/fabric/resources/sip_gateways",
		},
		"room whose zero values are null or not in the list": {
			func(body map[string]any) map[string]any { return map[string]any{"name": body["name"], "layout": nil} },
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.Rooms.Create(ctx, gen.RoomCreate{Name: "lobby", RecordOnStart: signalwire.Ptr(false), MaxMembers: signalwire.Ptr[int64](0)})
				return err
			},
			"/api/video/rooms",
		},
		"subscriber without a name": {
			func(body map[string]any) map[string]any {
				return map[string]any{"subscriber": map[string]any{"email": body["email"], "first_name": nil}}
			},
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.Subscribers.Create(ctx, gen.SubscriberCreate{Email: "a@example.com", FirstName: ptr("")})
				return err
			},
			"/api/fabric/resources/subscribers",
		},
		"phone number": {
			func(body map[string]any) map[string]any {
				return map[string]any{"number": body["number"], "name": "made up"}
			},
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.PhoneNumbers.Purchase(ctx, gen.PhoneNumberPurchase{Number: from})
				return err
			},
			"/api/relay/rest/phone_numbers",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			l.shape = tt.shape
			l.add(map[string]any{"id": "x"}, 0) // something else
			client, _ := with(t, l.ServeHTTP)
			err := tt.call(t.Context(), client)
			require.ErrorIs(t, err, signalwire.ErrOutcomeUnknown)
			got, err := client.Settle(t.Context(), err, signalwire.WithSettleWait(0))
			require.NoError(t, err)
			require.Equal(t, signalwire.Settlement{State: signalwire.SettlementFound, ID: "00000000-0000-4000-8000-000000000002"}, got)
			l.locked(func() { require.Equal(t, tt.list, l.path) })
		})
	}
}

// TestSettleRefuses what it can say nothing about.
func TestSettleRefuses(t *testing.T) {
	t.Parallel()
	l := newLedger()
	client, _ := with(t, l.ServeHTTP)
	unknown := sendMessage(t.Context(), client)
	_, command := client.Calls.Send(t.Context(), gen.HangupCommand{ID: gatewayID, Params: gen.HangupParams{}})
	_, webhook := client.SWMLWebhooks.Create(t.Context(), gen.SWMLWebhookCreate{PrimaryRequestURL: "https://user:hunter22@example.com/"})
	require.ErrorIs(t, webhook, signalwire.ErrOutcomeUnknown)
	foreign, _ := with(t, l.ServeHTTP)
	refused, _ := with(t, say(422, "application/json", documented))
	for name, err := range map[string]error{
		"no error": nil, "no error of a call": errors.New("x"), "a nil error of a call": (*signalwire.Error)(nil), "an error of nobody": &signalwire.Error{},
		"a command": command, "a secret only": webhook, "another client's": sendMessage(t.Context(), foreign),
	} {
		var lists, then int
		l.locked(func() { lists = l.lists })
		got, err := client.Settle(t.Context(), err, signalwire.WithSettleWait(0))
		require.ErrorContains(t, err, "signalwire: settle: ", name)
		require.Zero(t, got, name)
		l.locked(func() { then = l.lists })
		require.Equal(t, lists, then, name)
	}
	_, err := refused.Settle(t.Context(), sendMessage(t.Context(), refused))
	require.ErrorContains(t, err, "expected the error of a call that may have created an entry", "a refusal")
	_, err = client.Settle(t.Context(), unknown, signalwire.WithSettleWait(-1))
	require.EqualError(t, err, "signalwire: settle: WithSettleWait -1ns: expected 0 or more")
	opts := append(make([]gen.CallOption, 0, 2), signalwire.WithSettleWait(0)) // has room for one more
	_, err = client.Settle(t.Context(), unknown, opts...)
	require.NoError(t, err)
	require.Nil(t, opts[:2][1], "the caller's slice was written to")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.Settle(ctx, unknown)
	require.ErrorIs(t, err, context.Canceled)
}

// TestSettleShowsNothing: the error carries what was sent where nothing shows it.
func TestSettleShowsNothing(t *testing.T) {
	t.Parallel()
	client, _ := with(t, newLedger().ServeHTTP)
	err := sendMessage(t.Context(), client)
	e := requireError(t, err)
	var dump prints
	assert.Equal(&dump, nil, err)
	for _, shown := range []string{forms(e), forms(*e), forms(client), dump.text} {
		require.NotEmpty(t, shown)
		require.NotContains(t, shown, "5555550101")
		require.NotContains(t, shown, "hello")
	}
}

// TestSettleWaits for a log that lags, less and less often, and not for ever.
func TestSettleWaits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		lag  time.Duration
		opts []gen.CallOption
		want signalwire.SettlementState
		took time.Duration
	}{
		"a lag":           {30 * time.Second, nil, signalwire.SettlementFound, 31 * time.Second},
		"a long lag":      {10 * time.Minute, nil, signalwire.SettlementNotFound, 2 * time.Minute},
		"a short wait":    {30 * time.Second, []gen.CallOption{signalwire.WithSettleWait(5 * time.Second)}, signalwire.SettlementNotFound, 5 * time.Second},
		"none":            {30 * time.Second, []gen.CallOption{signalwire.WithSettleWait(0)}, signalwire.SettlementNotFound, 0},
		"a longer wait":   {10 * time.Minute, []gen.CallOption{signalwire.WithSettleWait(time.Hour)}, signalwire.SettlementFound, 611 * time.Second},
		"without any lag": {0, nil, signalwire.SettlementFound, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent time.Time
				client := dial(t, "https://acme.example", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodPost {
						sent = time.Now()
						_, _ = io.Copy(io.Discard, r.Body)
						return nil, errors.New("broken off")
					}
					body := `{"data":[]}`
					if time.Since(sent) >= tt.lag {
						body = fmt.Sprintf(`{"data":[{"id":"x","from":%q,"to":%q,"created_at":%q}]}`, from, to, sent.Format(time.RFC3339))
					}
					return &http.Response{StatusCode: 200, Header: http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body))}, nil
				})))
				unknown := sendMessage(t.Context(), client)
				require.ErrorIs(t, unknown, signalwire.ErrOutcomeUnknown)
				started := time.Now()
				got, err := client.Settle(t.Context(), unknown, tt.opts...)
				require.NoError(t, err)
				require.Equal(t, tt.want, got.State)
				require.Equal(t, tt.took, time.Since(started))
				if tt.took > time.Second { // it ends with the context, with the error of a call
					ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
					defer cancel()
					started := time.Now()
					sent = time.Now()
					_, err := client.Settle(ctx, unknown, tt.opts...)
					require.ErrorIs(t, requireError(t, err), context.DeadlineExceeded)
					require.Equal(t, 500*time.Millisecond, time.Since(started))
				}
			})
		})
	}
}

// TestSettleByTheFirstClock: the time in which an entry was created follows from the first
// response, also if a later one is from a server whose clock is wrong.
func TestSettleByTheFirstClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-time.Hour, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var sent time.Time
			reads := 0
			client := dial(t, "https://acme.example", signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost {
					sent = time.Now()
					_, _ = io.Copy(io.Discard, r.Body)
					return nil, errors.New("broken off")
				}
				clock, body := time.Now(), `{"data":[]}`
				if reads++; reads > 1 {
					clock, body = clock.Add(ahead), fmt.Sprintf(`{"data":[{"id":"x","from":%q,"to":%q,"created_at":%q}]}`, from, to, sent.Format(time.RFC3339))
				}
				return &http.Response{StatusCode: 200, Header: http.Header{"Date": {clock.UTC().Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body))}, nil
			})))
			unknown := sendMessage(t.Context(), client)
			require.ErrorIs(t, unknown, signalwire.ErrOutcomeUnknown)
			got, err := client.Settle(t.Context(), unknown)
			require.NoError(t, err)
			require.Equal(t, signalwire.Settlement{State: signalwire.SettlementFound, ID: "x"}, got)
			require.Equal(t, 2, reads)
		})
	}
}

// TestSettleInASpace: messages, calls and resources of the Space in the process
// are found, with the ids that they have in its lists.
func TestSettleInASpace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		call func(context.Context, *signalwire.Client) error
		list func(context.Context, *signalwire.Client, gen.CallOption) error
	}{
		"message": {
			func(ctx context.Context, c *signalwire.Client) error { return sendMessage(ctx, c) },
			func(ctx context.Context, c *signalwire.Client, raw gen.CallOption) error {
				_, err := c.MessageLogs.List(ctx, gen.ListMessageLogsParams{}, raw)
				return err
			},
		},
		"call": {
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.Calls.Send(ctx, gen.DialCommand{Params: gen.NewDialParams(gen.DialURLParams{From: from, To: ptr(to), URL: "https://example.com/"})})
				return err
			},
			func(ctx context.Context, c *signalwire.Client, raw gen.CallOption) error {
				_, err := c.VoiceLogs.List(ctx, gen.ListVoiceLogsParams{}, raw)
				return err
			},
		},
		"SIP gateway": {
			func(ctx context.Context, c *signalwire.Client) error { _, err := create(ctx, c); return err },
			func(ctx context.Context, c *signalwire.Client, raw gen.CallOption) error {
				_, err := c.SIPGateways.List(ctx, raw)
				return err
			},
		},
		"subscriber, whose time zone has another name in responses": {
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.Subscribers.Create(ctx, gen.SubscriberCreate{Email: "a@example.com", Timezone: ptr("America/New_York")})
				return err
			},
			func(ctx context.Context, c *signalwire.Client, raw gen.CallOption) error {
				_, err := c.Subscribers.List(ctx, raw)
				return err
			},
		},
		"cXML script": {
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.CXMLScripts.Create(ctx, gen.CXMLScriptCreate{DisplayName: "greeting", Contents: "<Response/>"})
				return err
			},
			func(ctx context.Context, c *signalwire.Client, raw gen.CallOption) error {
				_, err := c.CXMLScripts.List(ctx, raw)
				return err
			},
		},
		"SWML script": {
			func(ctx context.Context, c *signalwire.Client) error {
				_, err := c.SWMLScripts.Create(ctx, gen.CallingSWMLScriptCreate{Name: "greeting", Contents: gen.SWML("{}")})
				return err
			},
			func(ctx context.Context, c *signalwire.Client, raw gen.CallOption) error {
				_, err := c.SWMLScripts.List(ctx, raw)
				return err
			},
		},
	} {
		for _, after := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " ", after), func(t *testing.T) {
				t.Parallel()
				space := signalwiretest.New(t)
				client := space.Client(signalwire.WithSettleWait(0))
				space.Inject(signalwiretest.Fault{Kind: signalwiretest.CloseConnection(), After: after})
				err := tt.call(t.Context(), client)
				require.ErrorIs(t, err, signalwire.ErrOutcomeUnknown)
				got, err := client.Settle(t.Context(), err)
				require.NoError(t, err)
				var raw []byte
				require.NoError(t, tt.list(t.Context(), client, signalwire.WithRawResponse(&raw)))
				var list struct{ Data []struct{ ID string } }
				require.NoError(t, json.Unmarshal(raw, &list))
				if !after {
					require.Equal(t, signalwire.Settlement{State: signalwire.SettlementNotFound}, got)
					require.Empty(t, list.Data)
					return
				}
				require.Len(t, list.Data, 1)
				require.Equal(t, signalwire.Settlement{State: signalwire.SettlementFound, ID: list.Data[0].ID}, got)
			})
		}
	}
}

// TestSettleOddForms: an entry is found, and its id is returned as ids are written, in
// whatever form a Space sends it.
func TestSettleOddForms(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *signalwire.Client) error{
		"SIP gateway": func(ctx context.Context, c *signalwire.Client) error { _, err := create(ctx, c); return err },
		"subscriber": func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Subscribers.Create(ctx, gen.SubscriberCreate{Email: "a@example.com", Timezone: signalwire.Ptr("UTC")})
			return err
		},
		"room": func(ctx context.Context, c *signalwire.Client) error {
			_, err := c.Rooms.Create(ctx, gen.RoomCreate{Name: "lobby", MaxMembers: signalwire.Ptr[int64](20), RecordOnStart: signalwire.Ptr(true)})
			return err
		},
	} {
		for seed := range uint64(16) {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				t.Parallel()
				space := signalwiretest.New(t, signalwiretest.WithQuirks(), signalwiretest.WithSeed(seed))
				client := space.Client(signalwire.WithSettleWait(0))
				space.Inject(signalwiretest.Fault{Kind: signalwiretest.CloseConnection(), After: true})
				err := call(t.Context(), client)
				require.ErrorIs(t, err, signalwire.ErrOutcomeUnknown)
				got, err := client.Settle(t.Context(), err)
				require.NoError(t, err)
				require.Equal(t, signalwire.SettlementFound, got.State)
				id, err := uuid.Parse(got.ID)
				require.NoError(t, err)
				require.Equal(t, id.String(), got.ID)
			})
		}
	}
}
