package signalwire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// logger writes lines without a time, and puts an x for how long something took.
func logger(out *text, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch {
		case a.Key == slog.TimeKey:
			return slog.Attr{}
		case a.Key == "duration" && a.Value.Kind() == slog.KindDuration && a.Value.Duration() > 0:
			return slog.String("duration", "x")
		}
		return a
	}}))
}

// TestLogLines compares every line to the byte: the facts that are listed, and
// nothing else.
func TestLogLines(t *testing.T) {
	t.Parallel()
	const patch = `operation=update_sip_gateway method=PATCH path=/api/fabric/resources/sip_gateways/{id} `
	const post = `operation=create_sip_gateway method=POST path=/api/fabric/resources/sip_gateways `
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wait := func(status int, retryAfter string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", "req-1")
			refuse(status, retryAfter)(w, r)
		}
	}
	always := func(response http.HandlerFunc) func() http.HandlerFunc {
		return func() http.HandlerFunc { return response }
	}
	ok := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req-2")
		gatewayOK(w, r)
	}
	for _, tt := range []struct {
		name     string
		response func() http.HandlerFunc
		call     func(*signalwire.Client) error
		want     string
	}{
		{
			"success", always(ok),
			func(c *signalwire.Client) error { _, err := update(t.Context(), c); return err },
			`level=INFO msg="signalwire call" ` + patch + `status=200 attempt=1 request_id=req-2 duration=x` + "\n",
		},
		{
			"success after a further attempt", func() http.HandlerFunc { return first(wait(429, "0"), ok) },
			func(c *signalwire.Client) error { _, err := update(t.Context(), c); return err },
			`level=WARN msg="signalwire retry" ` + patch + `status=429 attempt=1 request_id=req-1 wait=1ms` + "\n" +
				`level=INFO msg="signalwire call" ` + patch + `status=200 attempt=2 request_id=req-2 duration=x` + "\n",
		},
		{
			"failure after a further attempt", func() http.HandlerFunc { return first(wait(503, "0"), wait(404, "")) },
			func(c *signalwire.Client) error { _, err := create(t.Context(), c); return err },
			`level=WARN msg="signalwire retry" ` + post + `status=503 attempt=1 request_id=req-1 wait=1ms` + "\n" +
				`level=WARN msg="signalwire call failed" ` + post + `status=404 attempt=2 request_id=req-1 duration=x` + "\n",
		},
		{
			"failure", always(say(422, "application/json", documented)),
			func(c *signalwire.Client) error { _, err := update(t.Context(), c); return err },
			`level=WARN msg="signalwire call failed" ` + patch + `status=422 attempt=1 request_id="" duration=x` + "\n",
		},
		{
			"no response", always(raw("")),
			func(c *signalwire.Client) error { _, err := create(t.Context(), c); return err },
			`level=WARN msg="signalwire call failed" ` + post + `status=0 attempt=1 request_id="" duration=x reason="outcome unknown"` + "\n",
		},
		{
			"no response after one", func() http.HandlerFunc { return first(wait(429, "0"), raw("")) },
			func(c *signalwire.Client) error { _, err := create(t.Context(), c); return err },
			`level=WARN msg="signalwire retry" ` + post + `status=429 attempt=1 request_id=req-1 wait=1ms` + "\n" +
				`level=WARN msg="signalwire call failed" ` + post + `status=0 attempt=2 request_id="" duration=x reason="outcome unknown"` + "\n",
		},
		{
			"request id of no shape", always(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "a\tlevel=INFO "+apiToken)
				w.WriteHeader(401)
			}),
			func(c *signalwire.Client) error { _, err := update(t.Context(), c); return err },
			`level=WARN msg="signalwire call failed" ` + patch + `status=401 attempt=1 request_id="a level=INFO [redacted]" duration=x` + "\n",
		},
		{
			"input refused", always(ok),
			func(c *signalwire.Client) error {
				_, err := c.SIPGateways.Update(t.Context(), uuid.Nil, gen.SIPGatewayUpdate{})
				return err
			},
			`level=WARN msg="signalwire call failed" ` + patch + `status=0 attempt=0 request_id="" duration=x reason="argument refused"` + "\n",
		},
		{
			"canceled before", always(ok),
			func(c *signalwire.Client) error { _, err := update(ctx, c); return err },
			`level=WARN msg="signalwire call failed" ` + patch + `status=0 attempt=0 request_id="" duration=x reason=canceled` + "\n",
		},
		{
			"after the deadline", always(ok),
			func(c *signalwire.Client) error {
				ctx, cancel := context.WithDeadline(t.Context(), time.Time{})
				defer cancel()
				_, err := update(ctx, c)
				return err
			},
			`level=WARN msg="signalwire call failed" ` + patch + `status=0 attempt=0 request_id="" duration=x reason="deadline exceeded"` + "\n",
		},
		{
			"no credentials", always(ok),
			func(c *signalwire.Client) error {
				_, err := update(t.Context(), c, signalwire.WithCredentialsFunc(func(context.Context) (string, string, error) { return "", "", errors.New("sealed") }))
				return err
			},
			`level=WARN msg="signalwire call failed" ` + patch + `status=0 attempt=0 request_id="" duration=x reason="not sent"` + "\n",
		},
		{
			"a response that cannot be read", always(say(200, "application/json", `{"sip_gateway":`)),
			func(c *signalwire.Client) error { _, err := update(t.Context(), c); return err },
			`level=WARN msg="signalwire call failed" ` + patch + `status=200 attempt=1 request_id="" duration=x reason="unreadable response"` + "\n",
		},
		{
			"no response to a change that may be repeated", always(raw("")),
			func(c *signalwire.Client) error { _, err := update(t.Context(), c); return err },
			`level=WARN msg="signalwire retry" ` + patch + `status=0 attempt=1 request_id="" wait=1ms reason="no response"` + "\n" +
				`level=WARN msg="signalwire call failed" ` + patch + `status=0 attempt=2 request_id="" duration=x reason="no response"` + "\n",
		},
		{
			"dry run", always(ok),
			func(c *signalwire.Client) error {
				_, err := update(t.Context(), c, signalwire.WithDryRun(func(signalwire.DryRunRequest) {}))
				return err
			},
			`level=INFO msg="signalwire dry run" ` + patch + `status=0 attempt=0 request_id="" duration=x` + "\n",
		},
		{
			"edit", always(say(200, "application/json", `{"sip_gateway":{"name":"edge"}}`)),
			func(c *signalwire.Client) error {
				_, _, err := c.SIPGateways.Edit(t.Context(), gatewayID, func(u *gen.SIPGatewayUpdate) error { u.Name = ptr("core"); return nil })
				return err
			},
			`level=INFO msg="signalwire call" operation=get_sip_gateway method=GET path=/api/fabric/resources/sip_gateways/{id} status=200 attempt=1 request_id="" duration=x` + "\n" +
				`level=INFO msg="signalwire call" ` + patch + `status=200 attempt=1 request_id="" duration=x` + "\n",
		},
	} {
		for _, level := range []slog.Level{slog.LevelInfo, slog.LevelWarn} {
			t.Run(tt.name+" "+level.String(), func(t *testing.T) {
				t.Parallel()
				var out text
				client, _ := with(t, tt.response(), attempts(2), signalwire.WithLogger(logger(&out, level)))
				_ = tt.call(client)
				var want strings.Builder
				for line := range strings.Lines(tt.want) {
					if level == slog.LevelInfo || strings.HasPrefix(line, "level=WARN") {
						want.WriteString(line)
					}
				}
				require.Equal(t, want.String(), out.String())
			})
		}
	}
}

// TestLogIsAnAllowlist: whatever an operation is and gets, its line has the same
// eight things.
func TestLogIsAnAllowlist(t *testing.T) {
	t.Parallel()
	var keys []string
	seen := map[string]bool{}
	handler := slog.NewTextHandler(new(bytes.Buffer), &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		require.Empty(t, groups)
		keys = append(keys, a.Key)
		if a.Key == "operation" {
			seen[a.Value.String()] = true
		}
		if a.Key == "path" && strings.ContainsAny(a.Value.String(), "?#") {
			t.Errorf("the path is no template: %s", a.Value)
		}
		return a
	}})
	client, _ := with(t, say(404, "application/json", documented), signalwire.WithLogger(slog.New(handler)), signalwire.WithBearerToken("bearer"))
	for i, m := range methods() {
		keys = keys[:0]
		_ = m.call(t.Context(), client, newFiller(uint64(i)))
		require.Equal(t, []string{"time", "level", "msg", "operation", "method", "path", "status", "attempt", "request_id", "duration"}, keys, m.Name)
	}
	require.Len(t, seen, operations())
}

// TestLoggerOfTheCall: one for the client and one for the call both log.
func TestLoggerOfTheCall(t *testing.T) {
	t.Parallel()
	var ofClient, ofCall text
	client, _ := with(t, gatewayOK, signalwire.WithLogger(logger(&ofClient, 0)))
	_, err := update(t.Context(), client, signalwire.WithLogger(logger(&ofCall, 0)))
	require.NoError(t, err)
	_, err = get(t.Context(), client)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(ofClient.String(), "\n"))
	require.Equal(t, 1, strings.Count(ofCall.String(), "\n"))
	require.True(t, strings.HasPrefix(ofClient.String(), ofCall.String()))
}

// TestObservers: several are called in the order in which they were given, first
// those of the client, once at the end and before each wait, by the goroutine
// of the call and with its context.
func TestObservers(t *testing.T) {
	t.Parallel()
	type key struct{}
	var seen []string
	observer := func(name string) signalwire.CallOption {
		return signalwire.WithObserver(func(ctx context.Context, i signalwire.CallInfo) {
			seen = append(seen, fmt.Sprint(name, " ", ctx.Value(key{}), " ", i.Attempts, " ", i.Status, " ", i.Retrying(), " ", i.Wait, " ", i.Duration > 0, " ", i.Err != nil))
		})
	}
	client, _ := with(t, first(refuse(429, "0"), refuse(503, "0")), attempts(3), observer("a"), observer("b"))
	ctx := context.WithValue(t.Context(), key{}, "mine")
	_, err := create(ctx, client, observer("c"), observer("d"))
	require.NoError(t, err)
	var want []string
	for _, event := range []string{"mine 1 429 true 1ms false true", "mine 2 503 true 1ms false true", "mine 3 201 false 0s true false"} {
		for _, name := range []string{"a", "b", "c", "d"} {
			want = append(want, name+" "+event)
		}
	}
	require.Equal(t, want, seen)

	seen = nil
	_, err = get(ctx, client) // those of the other call are gone
	require.NoError(t, err)
	require.Equal(t, []string{"a mine 1 200 false 0s true false", "b mine 1 200 false 0s true false"}, seen)

	seen = nil
	_, err = client.SIPGateways.Update(ctx, uuid.Nil, gen.SIPGatewayUpdate{}, observer("c"))
	require.ErrorIs(t, err, signalwire.ErrInvalid)
	require.Equal(t, []string{"a mine 0 0 false 0s true true", "b mine 0 0 false 0s true true", "c mine 0 0 false 0s true true"}, seen)
}

// TestObserversOfInvalidCalls: a call whose options or arguments are refused is one, too.
func TestObserversOfInvalidCalls(t *testing.T) {
	t.Parallel()
	client, seen := with(t, gatewayOK)
	invalid := signalwire.WithMaxAttempts(0)
	for name, call := range map[string]func(opts ...signalwire.CallOption) error{
		"option": func(opts ...signalwire.CallOption) error {
			_, err := get(t.Context(), client, append(opts, invalid)...)
			return err
		},
		"option before": func(opts ...signalwire.CallOption) error {
			_, err := get(t.Context(), client, append([]signalwire.CallOption{invalid}, opts...)...)
			return err
		},
		"option of an edit": func(opts ...signalwire.CallOption) error {
			_, _, err := client.SIPGateways.Edit(t.Context(), gatewayID, func(*gen.SIPGatewayUpdate) error { return nil }, append(opts, invalid)...)
			return err
		},
		"option of a list": func(opts ...signalwire.CallOption) (err error) {
			for _, err = range client.SIPGateways.All(t.Context(), append(opts, invalid)...) {
			}
			return err
		},
		"path": func(opts ...signalwire.CallOption) error {
			return client.Do(t.Context(), "GET", "x", nil, nil, opts...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			info, body := signalwire.CallInfo{Status: 200}, []byte("of another call")
			err := call(signalwire.WithCallInfo(&info), signalwire.WithRawResponse(&body))
			require.Equal(t, requireError(t, err), info.Err)
			require.Zero(t, info.Status)
			require.Nil(t, body)
		})
	}
	require.Empty(t, seen.requests())
}

// TestObserversOfFailuresBetweenRequests: the failure of an edit or of a list for which no
// request was sent is a call that failed, too. The last response remains that of the request
// before it.
func TestObserversOfFailuresBetweenRequests(t *testing.T) {
	t.Parallel()
	client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/fabric/resources/sip_gateways" {
			say(200, "", `{"data":[],"links":{"next":"/elsewhere"}}`)(w, r)
			return
		}
		gatewayOK(w, r)
	}, attempts(1))
	stop := errors.New("stop")
	edit := func(change func(*gen.SIPGatewayUpdate) error) func(opts ...signalwire.CallOption) error {
		return func(opts ...signalwire.CallOption) error {
			_, _, err := client.SIPGateways.Edit(t.Context(), gatewayID, change, opts...)
			return err
		}
	}
	for name, tt := range map[string]struct {
		call      func(opts ...signalwire.CallOption) error
		operation string
		message   string
	}{
		"the function of an edit": {edit(func(*gen.SIPGatewayUpdate) error { return stop }), "update_sip_gateway", "stop"},
		"a field of an edit":      {edit(func(g *gen.SIPGatewayUpdate) error { g.Name = nil; return nil }), "update_sip_gateway", "name: it was set and is nil"},
		"the link of a list": {func(opts ...signalwire.CallOption) (err error) {
			for _, err = range client.SIPGateways.All(t.Context(), opts...) {
			}
			return err
		}, "list_sip_gateways", "leads to another path"},
	} {
		t.Run(name, func(t *testing.T) {
			var info signalwire.CallInfo
			var body []byte
			var log text
			err := tt.call(signalwire.WithCallInfo(&info), signalwire.WithRawResponse(&body), signalwire.WithLogger(logger(&log, slog.LevelWarn)))
			e := requireError(t, err)
			require.ErrorContains(t, err, tt.message)
			require.NotContains(t, e.Path, "{")
			require.Equal(t, e, info.Err)
			require.Equal(t, tt.operation, info.Operation)
			require.Zero(t, info.Attempts)
			require.NotEmpty(t, body)
			require.Regexp(t, `^level=WARN msg="signalwire call failed" operation=`+tt.operation+` .*\n$`, log.String())
		})
	}
}

// TestObserversOfConcurrentCalls do not get into one another's lists.
func TestObserversOfConcurrentCalls(t *testing.T) {
	t.Parallel()
	client, _ := with(t, gatewayOK, signalwire.WithObserver(func(context.Context, signalwire.CallInfo) {}))
	counts := make([]int, 16)
	done := make(chan error)
	for i := range counts {
		go func() {
			var err error
			for range 10 {
				_, e := update(t.Context(), client, signalwire.WithObserver(func(context.Context, signalwire.CallInfo) { counts[i]++ }))
				err = errors.Join(err, e)
			}
			done <- err
		}()
	}
	for range counts {
		require.NoError(t, <-done)
	}
	require.Equal(t, slices.Repeat([]int{10}, 16), counts)
}

// TestCallInfo has the facts of the whole call, and the header of the response
// with what it says about rate limits.
func TestCallInfo(t *testing.T) {
	t.Parallel()
	limits := func(remaining string, response http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-RateLimit-Limit", "100")
			w.Header().Set("X-RateLimit-Remaining", remaining)
			w.Header().Set("X-Request-Id", "req-"+remaining)
			response(w, r)
		}
	}
	client, _ := with(t, first(limits("0", refuse(429, "0")), limits("99", gatewayOK), limits("98", say(422, "application/json", documented)), limits("97", refuse(429, "0")), raw("")), attempts(2))
	var info signalwire.CallInfo
	begin := time.Now()
	_, err := update(t.Context(), client, signalwire.WithCallInfo(&info))
	elapsed := time.Since(begin)
	require.NoError(t, err)
	require.Equal(t, "update_sip_gateway", info.Operation)
	require.Equal(t, "PATCH", info.Method)
	require.Equal(t, "/api/fabric/resources/sip_gateways/{id}", info.PathTemplate)
	require.Equal(t, 200, info.Status)
	require.Equal(t, 2, info.Attempts)
	require.Equal(t, "req-99", info.RequestID)
	require.Equal(t, "99", info.Header.Get("X-RateLimit-Remaining"))
	require.Equal(t, "100", info.Header.Get("X-RateLimit-Limit"))
	require.NoError(t, info.Err)
	require.Zero(t, info.Wait)
	require.False(t, info.Retrying())
	require.Positive(t, info.Duration)
	require.LessOrEqual(t, info.Duration, elapsed)

	_, err = update(t.Context(), client, signalwire.WithCallInfo(&info))
	require.Same(t, err, info.Err)
	require.Equal(t, 422, info.Status)
	require.Equal(t, 1, info.Attempts)
	require.Equal(t, "98", info.Header.Get("X-RateLimit-Remaining"))

	_, err = create(t.Context(), client, signalwire.WithCallInfo(&info))
	require.Same(t, err, info.Err)
	require.Equal(t, 2, info.Attempts)
	require.Zero(t, info.Status, "there was no response")
	require.Empty(t, info.RequestID)
	require.Empty(t, info.Header, "of a response that is not the one of the status")

	_, err = client.SIPGateways.Update(t.Context(), uuid.Nil, gen.SIPGatewayUpdate{}, signalwire.WithCallInfo(&info))
	require.Same(t, err, info.Err)
	require.Zero(t, info.Attempts)
	require.Zero(t, info.Status)
	require.Empty(t, info.Header)
	require.Equal(t, "update_sip_gateway", info.Operation)
}

// TestCallInfoOfAnEdit and of a list is that of its last request.
func TestCallInfoOfAnEdit(t *testing.T) {
	t.Parallel()
	space := signalwiretest.New(t)
	id := space.Put(gen.SIPGatewayResource{})
	client := space.Client(attempts(1))
	var info signalwire.CallInfo
	_, changed, err := client.SIPGateways.Edit(t.Context(), id, func(u *gen.SIPGatewayUpdate) error { u.Name = ptr("core"); return nil }, signalwire.WithCallInfo(&info))
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, "update_sip_gateway", info.Operation)
	_, changed, err = client.SIPGateways.Edit(t.Context(), id, func(*gen.SIPGatewayUpdate) error { return nil }, signalwire.WithCallInfo(&info))
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, "get_sip_gateway", info.Operation)
}

// TestOperationFromContext: a transport learns which operation a request is of,
// in every attempt, through an http.Client too. Elsewhere there is none.
func TestOperationFromContext(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, refuse(429, "0"))
	inner := signalwire.NewTransport()
	t.Cleanup(inner.CloseIdleConnections)
	for _, through := range []string{"transport", "client"} {
		var seen []gen.Operation
		transport := roundTripper(func(r *http.Request) (*http.Response, error) {
			op, ok := signalwire.OperationFromContext(r.Context())
			require.True(t, ok)
			seen = append(seen, op)
			return inner.RoundTrip(r)
		})
		option := signalwire.WithTransport(transport)
		if through == "client" {
			option = signalwire.WithHTTPClient(&http.Client{Transport: transport})
		}
		client := dial(t, server.URL, option, attempts(2))
		_, err := update(t.Context(), client)
		require.Error(t, err)
		_, err = create(t.Context(), client)
		require.Error(t, err)
		patch := gen.Operation{ID: "update_sip_gateway", Method: "PATCH", Path: "/api/fabric/resources/sip_gateways/{id}", Success: 200, Security: []gen.Security{gen.SecurityBasic}, Idempotent: true, Edit: &gen.EditRule{Settings: "sip_gateway"}}
		post := gen.Operation{ID: "create_sip_gateway", Method: "POST", Path: "/api/fabric/resources/sip_gateways", Success: 201, Security: []gen.Security{gen.SecurityBasic}, Settle: seen[2].Settle}
		require.NotNil(t, post.Settle)
		require.Equal(t, []gen.Operation{patch, patch, post, post}, seen)
	}
	_, ok := signalwire.OperationFromContext(context.Context(nil))
	require.False(t, ok)
	_, ok = signalwire.OperationFromContext(t.Context())
	require.False(t, ok)
}

// TestOperationOfEachRequest: the operation in the context of a request is that of the request.
func TestOperationOfEachRequest(t *testing.T) {
	t.Parallel()
	client := dial(t, "https://acme.example", signalwire.WithBearerToken("bearer"), signalwire.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		op, ok := signalwire.OperationFromContext(r.Context())
		template, path := strings.Split(op.Path, "/"), strings.Split(r.URL.Path, "/")
		fits := ok && op.Method == r.Method && len(template) == len(path)
		for i := range template {
			fits = fits && (template[i] == path[i] || strings.HasPrefix(template[i], "{"))
		}
		if !fits {
			t.Errorf("%s %s is said to be of %+v", r.Method, r.URL.Path, op)
		}
		return nil, errors.New("not sent")
	})))
	for i, m := range methods() {
		require.ErrorContains(t, m.call(t.Context(), client, newFiller(uint64(i))), "not sent", m.Name)
	}
}
