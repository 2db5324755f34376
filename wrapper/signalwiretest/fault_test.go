package signalwiretest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// seen is what a client sees of a fault.
type seen struct {
	resp *http.Response
	body string
	err  error
}

// kinds are all kinds of faults, and what a client has to see of each.
var kinds = map[string]struct {
	kind  signalwiretest.FaultKind
	check func(t *testing.T, s seen)
	// late marks kinds that let the request be processed.
	late bool
}{
	"status": {kind: signalwiretest.RespondStatus(503), check: func(t *testing.T, s seen) {
		require.Equal(t, 503, s.resp.StatusCode)
		require.JSONEq(t, `{"errors":[{"type":"service_error","code":"service_unavailable","message":"The service is unavailable. Try again later.","url":"https://signalwire.com/docs/apis/error-codes#service_unavailable"}]}`, s.body)
	}},
	"body": {kind: signalwiretest.RespondBody(409, "application/json", `{"error":"taken"}`), check: func(t *testing.T, s seen) {
		require.Equal(t, 409, s.resp.StatusCode)
		require.JSONEq(t, `{"error":"taken"}`, s.body)
	}},
	"any response": {kind: signalwiretest.Respond(503, http.Header{"Content-Type": {"text/html"}, "Retry-After": {"1"}}, "<p>Back soon"), check: func(t *testing.T, s seen) {
		require.Equal(t, 503, s.resp.StatusCode)
		require.Equal(t, "text/html", s.resp.Header.Get("Content-Type"))
		require.Equal(t, "1", s.resp.Header.Get("Retry-After"))
		require.Equal(t, "<p>Back soon", s.body)
	}},
	"page cut off": {kind: signalwiretest.Respond(200, http.Header{"Content-Type": {"text/html"}, "Content-Length": {"99"}}, "<p>"), check: func(t *testing.T, s seen) {
		require.Equal(t, 200, s.resp.StatusCode)
		require.ErrorIs(t, s.err, io.ErrUnexpectedEOF)
		require.Equal(t, "<p>", s.body)
	}},
	"raw": {kind: signalwiretest.RawResponse("HTTP/1.1 000 \r\nX-A: b\r\n\r\n"), check: func(t *testing.T, s seen) {
		require.Equal(t, 0, s.resp.StatusCode)
		require.Equal(t, "b", s.resp.Header.Get("X-A"))
	}},
	"processed late": {kind: signalwiretest.ProcessAfter(20 * time.Millisecond), late: true, check: func(t *testing.T, s seen) {
		require.NoError(t, s.err)
		require.Equal(t, 2, s.resp.StatusCode/100)
	}},
	"empty body": {kind: signalwiretest.EmptyBody(200), check: func(t *testing.T, s seen) {
		require.Equal(t, 200, s.resp.StatusCode)
		require.NoError(t, s.err)
		require.Empty(t, s.body)
	}},
	"HTML": {kind: signalwiretest.HTMLBody(502), check: func(t *testing.T, s seen) {
		require.Equal(t, 502, s.resp.StatusCode)
		require.Equal(t, "text/html", s.resp.Header.Get("Content-Type"))
		require.Contains(t, s.body, "<h1>502 Bad Gateway</h1>")
	}},
	"garbage": {kind: signalwiretest.GarbageBody(200), check: func(t *testing.T, s seen) {
		require.Equal(t, "application/json", s.resp.Header.Get("Content-Type"))
		require.NotEmpty(t, s.body)
	}},
	"retry after seconds": {kind: signalwiretest.RetryAfterSeconds(7), check: func(t *testing.T, s seen) {
		require.Equal(t, 429, s.resp.StatusCode)
		require.Equal(t, "7", s.resp.Header.Get("Retry-After"))
		require.JSONEq(t, `{"errors":[{"type":"rate_limit_error","code":"rate_limit_exceeded","message":"Too many requests. Try again later.","url":"https://signalwire.com/docs/apis/error-codes#rate_limit_exceeded"}]}`, s.body)
	}},
	"retry after date": {kind: signalwiretest.RetryAfterDate(time.Date(2026, 5, 6, 7, 8, 9, 0, time.FixedZone("", 3600))), check: func(t *testing.T, s seen) {
		require.Equal(t, 429, s.resp.StatusCode)
		require.Equal(t, "Wed, 06 May 2026 06:08:09 GMT", s.resp.Header.Get("Retry-After"))
	}},
	"redirect": {kind: signalwiretest.Redirect(307, "https://example.com/x"), check: func(t *testing.T, s seen) {
		require.Equal(t, 307, s.resp.StatusCode)
		require.Equal(t, "https://example.com/x", s.resp.Header.Get("Location"))
	}},
	"cut body": {kind: signalwiretest.CutBody(5), check: func(t *testing.T, s seen) {
		require.ErrorIs(t, s.err, io.ErrUnexpectedEOF)
		require.Len(t, s.body, 5)
		require.Greater(t, s.resp.ContentLength, int64(5))
	}},
	"body cut at once": {kind: signalwiretest.CutBody(0), check: func(t *testing.T, s seen) {
		require.ErrorIs(t, s.err, io.ErrUnexpectedEOF)
		require.Equal(t, 2, s.resp.StatusCode/100)
		require.Empty(t, s.body)
	}},
	"cut header": {kind: signalwiretest.CutHeader(), check: func(t *testing.T, s seen) {
		require.ErrorIs(t, s.err, io.ErrUnexpectedEOF)
		require.Nil(t, s.resp)
	}},
	"closed": {kind: signalwiretest.CloseConnection(), check: func(t *testing.T, s seen) {
		require.ErrorIs(t, s.err, io.EOF)
		require.Nil(t, s.resp)
	}},
	"reset": {kind: signalwiretest.ResetConnection(), check: func(t *testing.T, s seen) {
		require.ErrorIs(t, s.err, syscall.ECONNRESET)
		require.Nil(t, s.resp)
	}},
	"hang": {kind: signalwiretest.NeverRespond(), check: func(t *testing.T, s seen) {
		require.ErrorIs(t, s.err, context.Canceled)
	}},
	"delay": {kind: signalwiretest.Delay(20 * time.Millisecond), late: true, check: func(t *testing.T, s seen) {
		require.NoError(t, s.err)
		require.Equal(t, 2, s.resp.StatusCode/100)
	}},
	"slow body": {kind: signalwiretest.SlowBody(100, time.Millisecond), late: true, check: func(t *testing.T, s seen) {
		require.NoError(t, s.err)
		require.Equal(t, 2, s.resp.StatusCode/100)
	}},
}

// provoke sends a request on a connection of its own, which the client closes when
// leave says so, if that is not nil.
func provoke(t *testing.T, space *signalwiretest.Space, leave func() bool, method, path, body string) (s seen) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if leave != nil {
		go func() {
			for ctx.Err() == nil && !leave() {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
	}
	req, err := http.NewRequestWithContext(ctx, method, space.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.SetBasicAuth(space.ProjectID, space.APIToken)
	req.Header.Set("Content-Type", "application/json")
	s.resp, s.err = transport.RoundTrip(req)
	if s.err != nil {
		return s
	}
	defer func() { _ = s.resp.Body.Close() }()
	read, err := io.ReadAll(s.resp.Body)
	s.body, s.err = string(read), err
	return s
}

// Each kind, before and after the change, with each sort of operation: what the
// client sees, and what the Space has done.
func TestFaults(t *testing.T) {
	for name, kind := range kinds {
		for _, after := range []bool{false, true} {
			for _, op := range []struct{ id, method, path, body string }{
				{"create_thing", "POST", "/v1/things", `{"name":"box","address":{"city":"Oslo"}}`},
				{"patch_thing", "PATCH", "/v1/things/" + someID, `{"note":"changed"}`},
				{"delete_thing", "DELETE", "/v1/things/" + someID, ""},
			} {
				when := map[bool]string{false: "before", true: "after"}[after]
				t.Run(name+" "+when+" "+op.id, func(t *testing.T) {
					t.Parallel()
					space := newSpace(t)
					space.PutAt("/v1/things/"+someID, object{"thing": object{"note": "as it was"}})
					before := at(t, space, "/v1/things/"+someID)
					space.Inject(signalwiretest.Fault{Kind: kind.kind, Operation: op.id, After: after})

					// Another operation is not hit.
					ask(t, space, 200, "GET", "/v1/things", nil)
					var leave func() bool
					if name == "hang" {
						leave = func() bool { return len(space.Requests()) == 2 && (!after || space.Effects(op.id) == 1) }
					}
					kind.check(t, provoke(t, space, leave, op.method, op.path, op.body))

					done := after || kind.late
					raw, there := space.GetAt("/v1/things/" + someID)
					list := askObject(t, space, 200, "GET", "/v1/things", nil)
					switch {
					case !done:
						require.Equal(t, before, at(t, space, "/v1/things/"+someID))
						require.Equal(t, 1.0, list["items_count"])
					case op.method == "POST":
						require.Equal(t, 2.0, list["items_count"])
					case op.method == "PATCH":
						require.Contains(t, string(raw), `"note":"changed"`)
					default:
						require.False(t, there)
					}
					require.Equal(t, map[bool]int{true: 1}[done], space.Effects(op.id))
					hit := space.Requests()[1]
					require.Equal(t, kind.kind.String(), hit.Fault)
					require.Equal(t, map[bool]int{true: 1}[done], hit.Effects)

					// Once, and then no more.
					if op.method == "DELETE" && done {
						space.PutAt("/v1/things/"+someID, object{})
					}
					s := provoke(t, space, nil, op.method, op.path, op.body)
					require.NoError(t, s.err)
					require.Equal(t, 2, s.resp.StatusCode/100)
				})
			}
		}
	}
}

func TestStatuses(t *testing.T) {
	space := signalwiretest.New(t)
	client := space.Client(signalwire.WithMaxAttempts(1))
	id := space.Put(gen.SIPGatewayResource{})
	for _, status := range []int{400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504} {
		space.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondStatus(status)})
		_, err := client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{})
		var failure *signalwire.Error
		require.ErrorAs(t, err, &failure)
		require.Equal(t, status, failure.Status)
	}
}

func TestFaultTimesAndShare(t *testing.T) {
	status := func(space *signalwiretest.Space) int {
		resp, _, err := send(space, "GET", "/v1/profile", nil)
		require.NoError(t, err)
		return resp.StatusCode
	}
	space := newSpace(t)
	space.Inject(
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(503), Times: 2},
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(500)},
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(502), Times: -1},
	)
	require.Equal(t, []int{503, 503, 500, 502, 502}, []int{status(space), status(space), status(space), status(space), status(space)}, "one after the other")
	space.ClearFaults()
	require.Equal(t, 200, status(space))

	hits := func(seed uint64) (hit []int) {
		space := newSpace(t, signalwiretest.WithSeed(seed))
		space.Inject(signalwiretest.Fault{Kind: signalwiretest.RespondStatus(503), Share: 0.3})
		for i := range 40 {
			if status(space) == 503 {
				hit = append(hit, i)
			}
		}
		return hit
	}
	require.InDelta(t, 12, len(hits(1)), 6)
	require.Equal(t, hits(1), hits(1))
	require.NotEqual(t, hits(1), hits(2))
}

func TestFaultsThatDoLittle(t *testing.T) {
	space := newSpace(t)
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.Delay(0)}, signalwiretest.Fault{Kind: signalwiretest.CutBody(0)})
	ask(t, space, 201, "POST", "/v1/things", newThing)
	require.Equal(t, 1, space.Effects("create_thing"))
	s := provoke(t, space, nil, "GET", "/v1/profile", "")
	require.ErrorIs(t, s.err, io.ErrUnexpectedEOF)
	space.Close() // and once more when the test ends
}

// A fault after the change waits until there is a change, and nothing that was
// put in after it happens to the request meanwhile.
func TestFaultAfterARefusalWaits(t *testing.T) {
	space := newSpace(t)
	space.Inject(
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(503), After: true},
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(500)},
	)
	ask(t, space, 422, "POST", "/v1/things", object{})
	require.Empty(t, space.Requests()[0].Fault)
	ask(t, space, 503, "POST", "/v1/things", newThing)
	require.Equal(t, 1, space.Effects("create_thing"))
	ask(t, space, 500, "POST", "/v1/things", newThing)
	require.Equal(t, 1, space.Effects("create_thing"))
}

// Faults happen in the order in which they were put in, whichever side of the
// change they are on.
func TestFaultsHappenInTheirOrder(t *testing.T) {
	space := newSpace(t)
	space.Inject(
		signalwiretest.Fault{Kind: signalwiretest.CutBody(3), After: true},
		signalwiretest.Fault{Kind: signalwiretest.RespondStatus(429)},
		signalwiretest.Fault{Kind: signalwiretest.Delay(1)},
		signalwiretest.Fault{Kind: signalwiretest.CloseConnection(), After: true, Times: 2},
		signalwiretest.Fault{Kind: signalwiretest.EmptyBody(200)},
		signalwiretest.Fault{Kind: signalwiretest.GarbageBody(200)},
	)
	for range 8 {
		_ = provoke(t, space, nil, "POST", "/v1/things", `{"name":"box","address":{"city":"Oslo"}}`)
	}
	var faults []string
	var effects []int
	for _, r := range space.Requests() {
		faults, effects = append(faults, r.Fault), append(effects, r.Effects)
	}
	require.Equal(t, []string{"body cut after 3 bytes", "status 429", "delay 1ns", "connection closed", "connection closed", "status 200 with an empty body", "status 200 with garbage", ""}, faults)
	require.Equal(t, []int{1, 0, 1, 1, 1, 0, 0, 1}, effects)
}

func TestClientThatLeavesDuringADelay(t *testing.T) {
	for _, after := range []bool{false, true} {
		space := newSpace(t)
		space.Inject(signalwiretest.Fault{Kind: signalwiretest.Delay(time.Hour), After: after})
		leave := func() bool { return len(space.Requests()) == 1 && (!after || space.Effects("create_thing") == 1) }
		s := provoke(t, space, leave, "POST", "/v1/things", `{"name":"box","address":{"city":"Oslo"}}`)
		require.ErrorIs(t, s.err, context.Canceled)
		space.WaitIdle()
		require.Equal(t, map[bool]int{true: 1}[after], space.Effects("create_thing"))
	}
}

// A slow server gets to an update after its client has left, and after a later
// update was acknowledged.
func TestServerThatGoesOnWithoutTheClient(t *testing.T) {
	space := newSpace(t)
	path := createThing(t, space)
	note := func() any { return at(t, space, path)["thing"].(object)["note"] }
	release := make(chan struct{})
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.ProcessWhen(release), After: true})
	came := len(space.Requests())
	s := provoke(t, space, func() bool { return len(space.Requests()) > came }, "PATCH", path, `{"note":"first"}`)
	require.ErrorIs(t, s.err, context.Canceled)
	ask(t, space, 200, "PATCH", path, object{"note": "second"})
	require.Equal(t, 1, space.Effects("patch_thing"))
	require.Equal(t, "second", note())

	close(release)
	space.WaitIdle()
	require.Equal(t, 2, space.Effects("patch_thing"))
	require.Equal(t, "first", note())
	require.Equal(t, "processed late", space.Requests()[1].Fault)
	require.Equal(t, 200, space.Requests()[1].Status)
}

// What a fault makes the Space work out is not kept.
func TestFaultsKeepNoMemory(t *testing.T) {
	space := newSpace(t)
	for i := range 300 {
		space.PutAt(fmt.Sprintf("/v1/things/%s%03d", someID[:33], i), object{"thing": object{"note": strings.Repeat("x", 1000)}})
	}
	space.Inject(signalwiretest.Fault{Kind: signalwiretest.CutBody(3), Times: -1})
	provoke(t, space, nil, "GET", "/v1/things", "")
	before := heap()
	const requests = 1000
	for range requests {
		_, _, err := send(space, "GET", "/v1/things?page_size=1", nil)
		require.Error(t, err)
	}
	grown := (int64(heap()) - int64(before)) / requests
	t.Logf("%d bytes a request", grown)
	require.Less(t, grown, int64(20_000))
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestFaultsOverTLS(t *testing.T) {
	space := signalwiretest.New(t, signalwiretest.WithTLS())
	require.Regexp(t, "^https://127.0.0.1:", space.URL)
	client := space.Client(signalwire.WithMaxAttempts(1))
	id := space.Put(gen.SIPGatewayResource{})
	update := func() error {
		_, err := client.SIPGateways.Update(t.Context(), id, gen.SIPGatewayUpdate{Name: signalwire.Ptr("x")})
		return err
	}
	require.NoError(t, update())
	for _, kind := range []signalwiretest.FaultKind{signalwiretest.ResetConnection(), signalwiretest.CloseConnection(), signalwiretest.CutHeader(), signalwiretest.CutBody(3)} {
		space.Inject(signalwiretest.Fault{Kind: kind, After: true})
		require.Error(t, update(), kind)
		require.NoError(t, update())
	}
}

// Close ends what hangs, and leaves nothing behind.
func TestCloseEndsEverything(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, kind := range []signalwiretest.FaultKind{signalwiretest.NeverRespond(), signalwiretest.Delay(time.Hour), signalwiretest.ProcessAfter(time.Hour), signalwiretest.SlowBody(1, time.Hour)} {
		space, err := signalwiretest.Start(synthetic)
		require.NoError(t, err)
		space.Inject(signalwiretest.Fault{Kind: kind, Times: -1})
		failed := make(chan error)
		for range 3 {
			go func() {
				_, _, err := send(space, "GET", "/v1/open", nil)
				failed <- err
			}()
		}
		require.Eventually(t, func() bool { return len(space.Requests()) == 3 }, 30*time.Second, time.Millisecond)
		start := time.Now()
		space.Close()
		require.Less(t, time.Since(start), 15*time.Second)
		for range 3 {
			require.Error(t, <-failed)
		}
		_, _, err = send(space, "GET", "/v1/open", nil)
		var refused *net.OpError
		require.True(t, errors.As(err, &refused), err)
	}
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "goroutines are left")
	}
}
