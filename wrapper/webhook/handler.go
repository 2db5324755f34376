package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/events"
)

// Handler returns an HTTP handler for a kind of request that needs no response body. The
// handler verifies the request, decodes its body and calls do. It responds with status
// 204 if do returns nil, and with 500 if do returns an error or panics; SignalWire may
// then send the request again. A panic with [http.ErrAbortHandler] ends the connection
// without a response.
//
// A request that is not authentic gets the status 403, a request with a body larger than
// [MaxBytes] 413, and a request whose body cannot be read or decoded 400. The reason is logged,
// but not sent.
//
// Like [http.Handle], the functions of this package that return a handler panic if an
// argument cannot be used, such as a nil function.
func Handler[P, R any](h *Hooks, webhook events.Webhook[P, R], do func(ctx context.Context, payload *P) error) http.Handler {
	if do == nil {
		panic("webhook: Handler: expected a function, got nil")
	}
	return serve(h, webhook.Kind, func(ctx context.Context, body []byte) (any, error) {
		payload, err := decode[P](body)
		if err != nil {
			return nil, err
		}
		return nil, do(ctx, payload)
	})
}

// Responder is [Handler] for a kind of request that needs a response body. The handler
// sends the value that respond returns: as XML if it is [events.CXML], and otherwise as
// JSON. If the value is nil SWML or empty CXML, the response has no body.
func Responder[P, R any](h *Hooks, webhook events.Webhook[P, R], respond func(ctx context.Context, payload *P) (R, error)) http.Handler {
	if respond == nil {
		panic("webhook: Responder: expected a function, got nil")
	}
	return serve(h, webhook.Kind, func(ctx context.Context, body []byte) (any, error) {
		payload, err := decode[P](body)
		if err != nil {
			return nil, err
		}
		return respond(ctx, payload)
	})
}

// Route assigns a function to the events of one kind, for [Dispatch]. [On] returns a
// Route.
type Route struct {
	kind   events.Kind
	handle func(ctx context.Context, body []byte) error
}

// On returns a route that passes the events of one kind to do.
func On[P, R any](webhook events.Webhook[P, R], do func(ctx context.Context, payload *P) error) Route {
	if do == nil {
		panic("webhook: On: expected a function, got nil")
	}
	return Route{webhook.Kind, func(ctx context.Context, body []byte) error {
		payload, err := decode[P](body)
		if err != nil {
			return err
		}
		return do(ctx, payload)
	}}
}

// Dispatch returns an HTTP handler for a URL to which SignalWire sends call events of
// several kinds. The member event_type of an event determines its route. An event without
// a route is passed to otherwise, even if this library does not know its type. If
// otherwise is nil, the event is ignored, and the response has status 204. Each route is
// for another kind of call events.
func Dispatch(h *Hooks, otherwise func(ctx context.Context, event *events.CallEventPayload) error, routes ...Route) http.Handler {
	handlers := map[string]func(ctx context.Context, body []byte) error{} // by event_type
	for i, route := range routes {
		if len(route.kind.EventTypes) == 0 {
			panic(fmt.Sprintf("webhook: Dispatch: route %d: expected a kind of call events, got %q", i+1, route.kind.ID))
		}
		for _, name := range route.kind.EventTypes {
			if handlers[name] != nil {
				panic(fmt.Sprintf("webhook: Dispatch: route %d: expected one route for %s, got two", i+1, name))
			}
			handlers[name] = route.handle
		}
	}
	return serve(h, events.CallEvent.Kind, func(ctx context.Context, body []byte) (any, error) {
		event, err := decode[events.CallEventPayload](body)
		if err != nil {
			return nil, err
		}
		if handle := handlers[event.EventType]; handle != nil {
			return nil, handle(ctx, body)
		}
		if otherwise == nil {
			return nil, nil
		}
		return nil, otherwise(ctx, event)
	})
}

// requestKey is the key of the request in the context of a function.
type requestKey struct{}

// RequestFromContext returns the HTTP request for which a handler of this package called
// a function, given the context that the function received. It returns nil for another
// context, and for nil.
func RequestFromContext(ctx context.Context) *http.Request {
	if ctx == nil {
		return nil
	}
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// bodyError is the error of a request whose body cannot be read or decoded.
type bodyError struct{ error }

func (e *bodyError) Unwrap() error { return e.error }

// handlerError is the error of a function that handles requests. It does not unwrap to
// another error, which could be one of those about the request.
type handlerError struct{ error }

// decode decodes the JSON body of a request, possibly with a byte order mark before it. An
// empty body is a zero payload.
func decode[P any](body []byte) (*P, error) {
	payload := new(P)
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body) == 0 { // for example in a GET
		return payload, nil
	}
	if err := json.Unmarshal(body, payload); err != nil {
		return nil, &bodyError{fmt.Errorf("the body cannot be decoded: %w", err)}
	}
	return payload, nil
}

// serve returns an HTTP handler that verifies requests and calls handle with their
// bodies, which are JSON; forms are converted. It sends the result of handle, or an error
// status.
func serve(h *Hooks, kind events.Kind, handle func(ctx context.Context, body []byte) (any, error)) http.Handler {
	if h.unusable() {
		panic(errUnusable.Error())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusNoContent
		media, response := "", []byte(nil)
		err := func() (err error) {
			defer func() {
				switch v := recover(); v {
				case nil:
				case http.ErrAbortHandler:
					panic(v)
				default:
					err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
				}
			}()
			body, err := h.Verify(r, kind)
			if err != nil {
				return err
			}
			if kind.Form && (len(body) == 0 || contentType(r) == formType) {
				body = formToJSON(r, body)
			}
			result, err := handle(context.WithValue(r.Context(), requestKey{}, r), body)
			if err == nil {
				media, response, err = encode(result)
			}
			if _, invalid := err.(*bodyError); err != nil && !invalid {
				err = handlerError{err}
			}
			return err
		}()
		if err != nil {
			status = h.refuse(r, kind, err)
			http.Error(w, http.StatusText(status), status)
			return
		}
		if len(response) > 0 {
			status = http.StatusOK
			w.Header().Set("Content-Type", media)
		}
		w.WriteHeader(status)
		_, _ = w.Write(response) // if it fails, the client has closed the connection
	})
}

// refuse logs the error of a request, and returns the status for it.
func (h *Hooks) refuse(r *http.Request, kind events.Kind, err error) int {
	var tooLong *http.MaxBytesError
	var invalid *bodyError
	status, level := http.StatusInternalServerError, slog.LevelError
	switch {
	case errors.Is(err, ErrSignature):
		status, level = http.StatusForbidden, slog.LevelWarn
	case errors.As(err, &tooLong):
		status, level = http.StatusRequestEntityTooLarge, slog.LevelWarn
	case errors.As(err, &invalid):
		status, level = http.StatusBadRequest, slog.LevelWarn
	}
	// The log does not have the query, which can contain secrets.
	h.log().Log(r.Context(), level, "webhook: request failed", "kind", kind.ID, "method", r.Method,
		"path", r.URL.EscapedPath(), "remote", r.RemoteAddr, "status", status, "reason", err.Error())
	return status
}

// encode returns the media type and the body of the response for a result. The body is
// nil if the result needs none.
func encode(result any) (media string, body []byte, err error) {
	switch v := result.(type) {
	case nil, events.None:
		return "", nil, nil
	case events.CXML:
		return "text/xml; charset=utf-8", []byte(v), nil
	case gen.SWML:
		if v == nil {
			return "", nil, nil
		}
		if !json.Valid(v) {
			return "", nil, errors.New("the response is not valid JSON")
		}
		return "application/json", v, nil
	}
	body, err = json.Marshal(result)
	return "application/json", body, err
}

// formToJSON converts a form, which is in the body or, in a GET, in the query, to a JSON
// object. A name that occurs several times becomes an array.
func formToJSON(r *http.Request, body []byte) []byte {
	raw := string(body)
	if raw == "" {
		raw = rawQuery(requestURI(r))
	}
	object := map[string]any{}
	for name, values := range parseForm(raw) {
		if object[name] = values[0]; len(values) > 1 {
			object[name] = values
		}
	}
	text, _ := json.Marshal(object) // of strings
	return text
}
