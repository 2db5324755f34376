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

// Request is an entry of the journal: a request as it was received, and its outcome.
// When printed, logged or encoded it shows neither credentials nor headers, and the
// query and the body without passwords, tokens and secrets.
type Request struct {
	// Operation is the operation's id; it is empty if there is none.
	Operation string
	Method    string
	Path      string
	// Time is when the request came, by the clock of the Space.
	Time time.Time
	// Status is that of the response; 0 if there was none, or none yet.
	Status int
	// Effects is how often the request changed something: 1 if the Space did
	// what was asked, even if a fault withheld the response, else 0; and 0 for
	// a GET.
	Effects int
	// Fault names the fault that happened to the request, if there was one.
	Fault string

	// Functions, because neither a printer nor a dump shows what they hold.
	query  func() url.Values
	header func() http.Header
	body   func() []byte
	shown  func() string
}

// Query returns the parameters of the request's query, as they came.
func (r Request) Query() url.Values { return unwrap(r.query) }

// Header returns the header as it came, credentials included.
func (r Request) Header() http.Header { return unwrap(r.header) }

// Body returns the body as it came, secrets included.
func (r Request) Body() []byte { return unwrap(r.body) }

func unwrap[T any](f func() T) (v T) {
	if f != nil {
		v = f()
	}
	return v
}

// String returns the request as one line.
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

// MarshalJSON writes the same as LogValue.
func (r Request) MarshalJSON() ([]byte, error) {
	object := map[string]any{}
	for _, a := range r.LogValue().Group() {
		object[a.Key] = a.Value.Any()
	}
	return json.Marshal(object)
}

// Requests returns the journal: every request so far, or the last ones if
// [WithJournal] says so, in the order in which they came.
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

// Effects returns how often the Space did what an operation asks for, as
// [Request] counts it.
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

func (r Request) shownQuery() string { return redact.Query(r.Query().Encode()) }

// withoutSecrets returns a body for people to read. A body that is not JSON is
// not shown, since it may hold anything.
func withoutSecrets(body []byte, secrets map[string]bool) string {
	if len(body) > 0 && !json.Valid(body) {
		return fmt.Sprintf("(%d bytes that are not JSON)", len(body))
	}
	return string(redact.JSON(body, func(name string) bool { return secrets[name] }))
}
