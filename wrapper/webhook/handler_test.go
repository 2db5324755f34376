package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// buffer is a log that may be written concurrently.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// receiver is a server for a handler, whose public URL is its own.
func receiver(t testing.TB, make func(hooks *webhook.Hooks) http.Handler) (*httptest.Server, *buffer) {
	t.Helper()
	server, log := httptest.NewUnstartedServer(nil), &buffer{}
	hooks := newHooks(t, "http://"+server.Listener.Addr().String(), key).WithLogger(slog.New(slog.NewTextHandler(log, nil)))
	server.Config.Handler = make(hooks)
	server.Start()
	t.Cleanup(server.Close)
	return server, log
}

// client is one whose connections no other test closes, as those of
// http.DefaultClient are with each test server.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// send sends a request that is signed as the kind is; without a kind, one that is not.
func send(t testing.TB, method, target, contentType, body string, kind ...events.Kind) (int, http.Header, string) {
	t.Helper()
	r := request(t, method, target, contentType, body)
	if kind != nil {
		require.NoError(t, webhook.Sign(r, key, kind...))
	}
	resp, err := client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header, string(text)
}

// authentic is a body as a real Space sent it: with call and vars only.
const authentic = `{"call":{"call_id":"d8a9fae6-8f6b-4b4b-8a3c-4a1dcb6c5f0e","node_id":"f4b1@uswest","segment_id":"d8a9fae6-8f6b-4b4b-8a3c-4a1dcb6c5f0e","call_state":"created","direction":"inbound","type":"phone","from":"+15555550100","to":"+15555550199","project_id":"p","space_id":"s"},"vars":{"n":12345678901234567890}}`

func TestHandler(t *testing.T) {
	t.Parallel()
	var got *events.MessageStatusPayload
	var path string
	server, log := receiver(t, func(hooks *webhook.Hooks) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("POST /sms/{id}", webhook.Handler(hooks, events.MessageStatus, func(ctx context.Context, m *events.MessageStatusPayload) error {
			got, path = m, webhook.RequestFromContext(ctx).PathValue("id")
			return nil
		}))
		return mux
	})
	status, _, body := send(t, "POST", server.URL+"/sms/7?x=1", jsonType, `{"id":"m-1","status":"delivered","new":[1],"error_code":null}`, events.MessageStatus.Kind)
	assert.Equal(t, http.StatusNoContent, status)
	assert.Empty(t, body)
	require.NotNil(t, got)
	assert.Equal(t, events.MessageStateDelivered, got.Status)
	assert.Equal(t, `[1]`, string(got.Extra["new"]))
	assert.Equal(t, "7", path)
	assert.Empty(t, log.String())

	got = nil
	status, _, body = send(t, "POST", server.URL+"/sms/7", jsonType, `{"id":"m-1"}`)
	assert.Equal(t, http.StatusForbidden, status)
	assert.Equal(t, "Forbidden\n", body, "no reason")
	assert.Contains(t, log.String(), "not signed", "the reason is logged")
	assert.Nil(t, got)
	assert.Nil(t, webhook.RequestFromContext(context.Background()))

	status, _, _ = send(t, "POST", server.URL+"/sms/7", jsonType, "\ufeff"+`{"id":"m-2"}`, events.MessageStatus.Kind)
	assert.Equal(t, http.StatusNoContent, status)
	require.NotNil(t, got)
	assert.Equal(t, "m-2", got.ID, "a byte order mark is ignored")

	for _, body := range []string{`[]`, `7`, `{"id":`, `{} {}`} {
		status, _, _ = send(t, "POST", server.URL+"/sms/7", jsonType, body, events.MessageStatus.Kind)
		assert.Equal(t, http.StatusBadRequest, status, body)
	}
	assert.NotContains(t, log.String(), key)
}

func TestResponder(t *testing.T) {
	t.Parallel()
	var got *events.InboundCallPayload
	response := gen.SWML(`{"sections":{"main":["answer"]}}`)
	server, log := receiver(t, func(hooks *webhook.Hooks) http.Handler {
		return webhook.Responder(hooks, events.InboundCall, func(_ context.Context, in *events.InboundCallPayload) (gen.SWML, error) {
			got = in
			return response, nil
		})
	})
	status, header, body := send(t, "POST", server.URL+"/call", jsonType, authentic, events.InboundCall.Kind)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, jsonType, header.Get("Content-Type"))
	assert.Equal(t, string(response), body)
	assert.Equal(t, "+15555550100", got.Call.From)
	assert.Nil(t, got.Envs)
	assert.Nil(t, got.Extra)

	status, _, _ = send(t, "GET", server.URL+"/call?a=1", "", "", events.InboundCall.Kind)
	assert.Equal(t, http.StatusOK, status, "SWML that is fetched by GET")

	response = nil
	status, _, body = send(t, "POST", server.URL+"/call", jsonType, authentic, events.InboundCall.Kind)
	assert.Equal(t, http.StatusNoContent, status)
	assert.Empty(t, body)
	response = gen.SWML(`{"sections":`)
	status, _, body = send(t, "POST", server.URL+"/call", jsonType, authentic, events.InboundCall.Kind)
	assert.Equal(t, http.StatusInternalServerError, status)
	assert.NotContains(t, body, "sections")
	assert.Contains(t, log.String(), "not valid JSON")
}

// TestReplies: the type of the response follows from the kind.
func TestReplies(t *testing.T) {
	t.Parallel()
	server, _ := receiver(t, func(hooks *webhook.Hooks) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/voice", webhook.Responder(hooks, events.CXMLVoice, func(_ context.Context, in *events.CXMLVoicePayload) (events.CXML, error) {
			return events.CXML("<Response><Say>" + in.From + " " + string(in.Extra["Own"]) + "</Say></Response>"), nil
		}))
		mux.Handle("/pay", webhook.Responder(hooks.WithBasic("me", "pw"), events.PaymentConnector, func(_ context.Context, in *events.PaymentConnectorPayload) (events.PaymentConnectorReply, error) {
			return events.PaymentConnectorReply{ChargeID: "ch_" + in.TransactionID}, nil
		}))
		mux.Handle("/status", webhook.Responder(hooks, events.CXMLCallStatus, func(context.Context, *events.CXMLCallStatusPayload) (events.None, error) {
			return events.None{}, nil
		}))
		return mux
	})
	status, header, body := send(t, "POST", server.URL+"/voice", formType, "From=%2B1555&Own=a&Own=b", events.CXMLVoice.Kind)
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "text/xml; charset=utf-8", header.Get("Content-Type"))
	assert.Equal(t, `<Response><Say>+1555 ["a","b"]</Say></Response>`, body)
	_, _, body = send(t, "GET", server.URL+"/voice?From=%2B1666&Own=c", "", "", events.CXMLVoice.Kind)
	assert.Equal(t, `<Response><Say>+1666 "c"</Say></Response>`, body)
	_, header, body = send(t, "POST", server.URL+"/pay", jsonType, `{"transaction_id":"1"}`, events.PaymentConnector.Kind)
	assert.Equal(t, jsonType, header.Get("Content-Type"))
	assert.JSONEq(t, `{"charge_id":"ch_1"}`, body)
	status, _, _ = send(t, "POST", server.URL+"/status", formType, "CallSid=1&CallDuration=7", events.CXMLCallStatus.Kind)
	assert.Equal(t, http.StatusNoContent, status)
}

// TestFailures: a handler that fails or panics is a 500, of which nothing is said.
func TestFailures(t *testing.T) {
	t.Parallel()
	server, log := receiver(t, func(hooks *webhook.Hooks) http.Handler {
		return webhook.Handler(hooks, events.MessageStatus, func(_ context.Context, m *events.MessageStatusPayload) error {
			switch m.ID {
			case "abort":
				panic(http.ErrAbortHandler)
			case "panic":
				panic("it broke")
			}
			return errors.New("it failed")
		})
	})
	for id, reason := range map[string]string{"panic": "it broke", "error": "it failed"} {
		status, _, body := send(t, "POST", server.URL, jsonType, `{"id":"`+id+`"}`, events.MessageStatus.Kind)
		assert.Equal(t, http.StatusInternalServerError, status)
		assert.Equal(t, "Internal Server Error\n", body)
		assert.Contains(t, log.String(), reason)
	}
	r := request(t, "POST", server.URL, jsonType, `{"id":"abort"}`)
	require.NoError(t, webhook.Sign(r, key))
	_, err := client.Do(r)
	assert.Error(t, err, "net/http's way to abort is left alone")
}

// TestErrorOfAHandler: whatever it wraps, it is the handler's and not about the request.
func TestErrorOfAHandler(t *testing.T) {
	t.Parallel()
	for _, err := range []error{webhook.ErrSignature, &http.MaxBytesError{Limit: 1}} {
		fail := func(context.Context, *events.CallStatePayload) error {
			return fmt.Errorf("of another request: %w", err)
		}
		for _, make := range []func(*webhook.Hooks) http.Handler{
			func(h *webhook.Hooks) http.Handler { return webhook.Handler(h, events.CallState, fail) },
			func(h *webhook.Hooks) http.Handler {
				return webhook.Dispatch(h, nil, webhook.On(events.CallState, fail))
			},
		} {
			server, log := receiver(t, make)
			status, _, _ := send(t, "POST", server.URL, jsonType, `{"event_type":"calling.call.state"}`, events.CallState.Kind)
			assert.Equal(t, http.StatusInternalServerError, status)
			assert.Contains(t, log.String(), "of another request")
		}
	}
}

// TestBodyLimit: one byte more than 1 MiB, or than WithMaxBytes allows, is refused, before
// anything is checked.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	server, _ := receiver(t, func(hooks *webhook.Hooks) http.Handler {
		return webhook.Handler(hooks, events.MessageStatus, func(context.Context, *events.MessageStatusPayload) error { return nil })
	})
	largest := `{"body":"` + strings.Repeat("a", webhook.MaxBytes-len(`{"body":""}`)) + `"}`
	status, _, _ := send(t, "POST", server.URL, jsonType, largest, events.MessageStatus.Kind)
	assert.Equal(t, http.StatusNoContent, status)
	status, _, body := send(t, "POST", server.URL, jsonType, largest+" ")
	assert.Equal(t, http.StatusRequestEntityTooLarge, status)
	assert.Equal(t, "Request Entity Too Large\n", body)
	server, _ = receiver(t, func(hooks *webhook.Hooks) http.Handler {
		return webhook.Handler(hooks.WithMaxBytes(webhook.MaxBytes+1), events.MessageStatus, func(context.Context, *events.MessageStatusPayload) error { return nil })
	})
	for more, want := range map[string]int{" ": http.StatusNoContent, "  ": http.StatusRequestEntityTooLarge} {
		status, _, _ = send(t, "POST", server.URL, jsonType, largest+more, events.MessageStatus.Kind)
		assert.Equal(t, want, status)
	}
	assert.PanicsWithValue(t, "webhook: WithMaxBytes: expected more than 0, got 0", func() { newHooks(t, "https://hooks.example.com", key).WithMaxBytes(0) })
}

// TestBodyThatBreaksOff is an error of the client, and not of the handler.
func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	var log buffer
	hooks := newHooks(t, "https://hooks.example.com", key).WithLogger(slog.New(slog.NewTextHandler(&log, nil)))
	handler := webhook.Handler(hooks, events.MessageStatus, func(context.Context, *events.MessageStatusPayload) error { return nil })
	r := httptest.NewRequest("POST", "/sms", io.MultiReader(strings.NewReader(`{"id":`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	assert.Equal(t, http.StatusBadRequest, w.Code)
	assert.Contains(t, log.String(), "level=WARN")
	assert.Contains(t, log.String(), "reading the body: unexpected EOF")
}

// TestBodyThatWasReadBefore is an error of the program: the function would get an event
// without a value.
func TestBodyThatWasReadBefore(t *testing.T) {
	t.Parallel()
	hooks, err := webhook.NewBasic("me", "pw")
	require.NoError(t, err)
	for name, read := range map[string]func(*http.Request){
		"ParseForm": func(r *http.Request) { _ = r.ParseForm() },
		"ParseForm, of a body of unknown length": func(r *http.Request) {
			r.ContentLength = -1
			_ = r.ParseForm()
		},
		"ReadAll": func(r *http.Request) { _, _ = io.ReadAll(r.Body) },
	} {
		for _, contentType := range []string{formType, jsonType} {
			if contentType == jsonType && name != "ReadAll" {
				continue
			}
			t.Run(name+" "+contentType, func(t *testing.T) {
				t.Parallel()
				var log buffer
				handler := webhook.Handler(hooks.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), events.MessageStatus, func(context.Context, *events.MessageStatusPayload) error {
					t.Error("called")
					return nil
				})
				r := httptest.NewRequest("POST", "/sms", strings.NewReader(`id=7`))
				r.Header.Set("Content-Type", contentType)
				r.SetBasicAuth("me", "pw")
				read(r)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				assert.Equal(t, http.StatusInternalServerError, w.Code)
				assert.Contains(t, log.String(), "level=ERROR")
				assert.Contains(t, log.String(), "the body was read before, for example by ParseForm; verify a request before anything else reads its body")
			})
		}
	}
}

// TestDispatch: each event reaches the route of its type, and all others the default.
func TestDispatch(t *testing.T) {
	t.Parallel()
	var states, others []string
	server, _ := receiver(t, func(hooks *webhook.Hooks) http.Handler {
		routes := []webhook.Route{
			webhook.On(events.CallState, func(_ context.Context, e *events.CallStatePayload) error {
				states = append(states, string(e.Params.CallState))
				return nil
			}),
			webhook.On(events.TranscribeStatus, func(context.Context, *events.TranscribeStatusPayload) error { return errors.New("no") }),
		}
		mux := http.NewServeMux()
		mux.Handle("/a", webhook.Dispatch(hooks, func(_ context.Context, e *events.CallEventPayload) error {
			others = append(others, e.EventType)
			return nil
		}, routes...))
		mux.Handle("/b", webhook.Dispatch(hooks, nil, routes...))
		return mux
	})
	post := func(path, body string) int {
		status, _, _ := send(t, "POST", server.URL+path, jsonType, body, events.CallEvent.Kind)
		return status
	}
	assert.Equal(t, 204, post("/a", `{"event_type":"calling.call.state","params":{"call_state":"ringing"}}`))
	assert.Equal(t, 204, post("/a", `{"event_type":"calling.call.state","params":{"call_state":"newer"}}`))
	assert.Equal(t, 204, post("/a", `{"event_type":"calling.call.newer","params":{"x":1}}`))
	assert.Equal(t, 204, post("/a", `{}`))
	assert.Equal(t, 500, post("/a", `{"event_type":"calling.transcript.failed"}`))
	assert.Equal(t, 204, post("/b", `{"event_type":"calling.call.newer"}`))
	assert.Equal(t, []string{"ringing", "newer"}, states)
	assert.Equal(t, []string{"calling.call.newer", ""}, others)
}

// TestUnusableArguments: a handler that could not serve any request is not returned.
func TestUnusableArguments(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://hooks.example.com", key)
	state := webhook.On(events.CallState, func(context.Context, *events.CallStatePayload) error { return nil })
	for want, use := range map[string]func(){
		"webhook: Handler: expected a function, got nil":   func() { webhook.Handler(hooks, events.MessageStatus, nil) },
		"webhook: Responder: expected a function, got nil": func() { webhook.Responder(hooks, events.InboundCall, nil) },
		"webhook: On: expected a function, got nil":        func() { webhook.On(events.CallState, nil) },
		"webhook: expected Hooks from New or NewBasic": func() {
			webhook.Handler(nil, events.MessageStatus, func(context.Context, *events.MessageStatusPayload) error { return nil })
		},
		`webhook: Dispatch: route 1: expected a kind of call events, got "message_status_callback"`: func() {
			webhook.Dispatch(hooks, nil, webhook.On(events.MessageStatus, func(context.Context, *events.MessageStatusPayload) error { return nil }))
		},
		`webhook: Dispatch: route 2: expected a kind of call events, got ""`:             func() { webhook.Dispatch(hooks, nil, state, webhook.Route{}) },
		"webhook: Dispatch: route 2: expected one route for calling.call.state, got two": func() { webhook.Dispatch(hooks, nil, state, state) },
	} {
		assert.PanicsWithValue(t, want, use)
	}
	for _, hooks := range []*webhook.Hooks{nil, {}, new(webhook.Hooks).WithMaxBytes(1)} {
		assert.PanicsWithValue(t, "webhook: expected Hooks from New or NewBasic", func() {
			webhook.Responder(hooks, events.InboundCall, func(context.Context, *events.InboundCallPayload) (gen.SWML, error) { return nil, nil })
		})
		_, err := hooks.Verify(request(t, "POST", "https://hooks.example.com", jsonType, `{}`))
		assert.EqualError(t, err, "webhook: expected Hooks from New or NewBasic")
	}
	assert.Nil(t, webhook.RequestFromContext(context.Context(nil)))
}
