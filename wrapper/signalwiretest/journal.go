package signalwiretest

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// Request is an entry of the journal: a request that the Space has received, and its
// outcome. Printed, logged or encoded, it shows no credentials and no headers, and the
// query and the body without passwords, tokens and secrets.
type Request struct {
	// Operation is the id of the operation, or empty if the API has no such operation.
	Operation string
	Method    string
	Path      string
	// Time is when the request was received, by the Space's clock.
	Time time.Time
	// Status is the status of the response. It is 0 if there was no response, or none
	// yet.
	Status int
	// Effects is 1 if the Space has executed the operation and the method is not GET,
	// even if a fault has withheld the response. Otherwise it is 0.
	Effects int
	// Fault names the fault that happened to the request, or is empty.
	Fault string

	// These are functions so that printing or dumping a Request does not show the secrets.
	query  func() url.Values
	header func() http.Header
	body   func() []byte
	shown  func() string
}

// Query returns the query parameters as they were received.
func (r Request) Query() url.Values { return unwrap(r.query) }

// Header returns the headers as they were received, credentials included.
func (r Request) Header() http.Header { return unwrap(r.header) }

// Body returns the body as it was received, secrets included.
func (r Request) Body() []byte { return unwrap(r.body) }

// unwrap returns the result of f, or the zero value if f is nil.
func unwrap[T any](f func() T) (v T) {
	if f != nil {
		v = f()
	}
	return v
}

// String returns the request and its outcome as one line.
func (r Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.Method, r.Path)
	if query := r.shownQuery(); query != "" {
		b.WriteString("?" + query)
	}
	fmt.Fprintf(&b, " (%s) status=%d effects=%d", r.Operation, r.Status, r.Effects)
	if r.Fault != "" {
		b.WriteString(" fault=" + r.Fault)
	}
	if body := unwrap(r.shown); body != "" {
		b.WriteString(" body=" + body)
	}
	return b.String()
}

// Format makes every verb of package fmt print what String returns.
func (r Request) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue returns the request as a group of attributes for package slog.
func (r Request) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("operation", r.Operation),
		slog.String("method", r.Method),
		slog.String("path", r.Path),
		slog.String("query", r.shownQuery()),
		slog.Time("time", r.Time),
		slog.Int("status", r.Status),
		slog.Int("effects", r.Effects),
		slog.String("fault", r.Fault),
		slog.String("body", unwrap(r.shown)),
	)
}

// MarshalJSON encodes the attributes of [Request.LogValue] as a JSON object.
func (r Request) MarshalJSON() ([]byte, error) {
	object := map[string]any{}
	for _, a := range r.LogValue().Group() {
		object[a.Key] = a.Value.Any()
	}
	return json.Marshal(object)
}

// Requests returns the journal: all requests so far, or the last ones if [WithJournal]
// limits it, in the order in which they were received.
func (s *Space) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.journal
	if s.keep > 0 {
		entries = entries[max(0, len(entries)-s.keep):]
	}
	all := make([]Request, len(entries))
	for i, entry := range entries {
		all[i] = *entry
	}
	return all
}

// Effects returns how often the Space has executed an operation for a request that is
// not a GET, even if a fault has withheld the response. With an empty operationID, it
// counts all operations.
func (s *Space) Effects(operationID string) (n int) {
	s.tb.Helper()
	if operationID != "" {
		s.requireOperation("Effects", operationID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for operation, effects := range s.effects {
		if operationID == "" || operation == operationID {
			n += effects
		}
	}
	return n
}

// shownQuery returns the query without secrets.
func (r Request) shownQuery() string { return redact.Query(r.Query().Encode()) }

// withoutSecrets returns a request body without the values of secret members. A body
// that is not JSON is not shown, because nothing is known about its content.
func withoutSecrets(body []byte, secrets map[string]bool) string {
	if len(body) > 0 && !json.Valid(body) {
		return fmt.Sprintf("(%d bytes that are not JSON)", len(body))
	}
	return string(redact.JSON(body, func(name string) bool { return secrets[name] }))
}
