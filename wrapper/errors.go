package signalwire

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/redact"
)

// The errors that [errors.Is] finds in the error of a call.
var (
	// ErrUnauthorized: status 401, the credentials are missing or wrong.
	ErrUnauthorized = newSentinel("unauthorized")
	// ErrForbidden: status 403, the credentials do not allow this.
	ErrForbidden = newSentinel("forbidden")
	// ErrNotFound: status 404, there is no such resource in the project.
	ErrNotFound = newSentinel("not found")
	// ErrConflict: status 409; or an edit with [WithConflictCheck] found that
	// somebody else has changed the resource in the meantime.
	ErrConflict = newSentinel("conflict")
	// ErrInvalid: status 422, a field was refused; or an [*InputError], which
	// was refused here before anything was sent.
	ErrInvalid = newSentinel("invalid")
	// ErrRateLimited: status 429, too many requests.
	ErrRateLimited = newSentinel("rate limited")
	// ErrServer: a status from 500 on, the Space failed.
	ErrServer = newSentinel("server error")
	// ErrOutcomeUnknown: the request may or may not have been carried out, and
	// must not simply be repeated because it would then be carried out twice: a
	// message sent, a call started, a number bought. Look at the Space first (its
	// logs, the list of what the request makes), and repeat the call only if it
	// shows no trace.
	ErrOutcomeUnknown = newSentinel("outcome unknown: it may have been carried out, so look at the Space before repeating it")
	// ErrDryRun: the call was not sent because of [WithDryRun]. There is an error
	// since there is no response.
	ErrDryRun = newSentinel("not sent, as this is a dry run")
)

// sentinel is the type of the errors above, by which they are recognized.
type sentinel struct{ text string }

func newSentinel(text string) error { return &sentinel{text} }

func (s *sentinel) Error() string { return s.text }

// Error is the error of every call that failed, whatever the reason.
// It is safe to log: its text, [Error.LogValue] and its JSON hold no body, and
// neither the client's credentials nor the sensitive values of the request, such
// as passwords, even if the server repeats them. (Values shorter than six
// characters are not looked for.)
type Error struct {
	// Operation is the operation's id, such as "update-sip-gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// Host is the host that was, or would have been, called.
	Host string
	// Path is the path of the request. Ids that are UUIDs are in it; for every
	// other parameter, such as a phone number, it has the name in braces.
	Path string
	// Status is the HTTP status of the answer; 0 if there was none.
	Status int
	// RequestID is the answer's X-Request-Id, for questions to SignalWire.
	RequestID string
	// Items is what the Space found wrong, one entry each.
	Items []gen.ErrorItem
	// Body is the answer as it came, up to 64 KiB of it.
	Body Body
	// Attempts is how often the request was sent.
	Attempts int
	// RetryAfter is how long the Space asks to wait before the next request; 0
	// if it does not say.
	RetryAfter time.Duration
	// Err is what failed if it was not, or not only, the status: an
	// [*InputError], an error of the network or of the context. Its text holds
	// no credentials; the errors inside of it, which [errors.As] finds, may.
	Err error

	contentType string
	location    string           // where a redirect would have gone, without path and query
	redact      *redact.Redactor // knows the secrets of the client and of the request

	hasRetryAfter bool
	cut           bool // the answer was a success and ended too early
}

// Body is the body of an answer. Convert it to []byte or string to see it; when
// printed, logged or encoded it shows its length only, since nobody knows what
// is in it.
type Body []byte

// String tells the length.
func (b Body) String() string { return fmt.Sprintf("(%d bytes)", len(b)) }

// Format makes every verb of package fmt print the length only.
func (b Body) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(b.String())) }

// MarshalText makes encoders write the length only.
func (b Body) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// errStatus stands for a status that says so; it is not shown beside it.
var errStatus = errors.New("refused")

// withCause completes e with its cause.
func (e *Error) withCause(err error) *Error {
	if err != errStatus {
		e.Err = withoutSecrets(err, e.redact)
	}
	return e
}

// describe fills in what an answer with an error status says of itself.
func (e *Error) describe(resp *http.Response, body []byte, base *url.URL) {
	e.Body = body
	e.contentType = contentType(e.safe(resp.Header.Get("Content-Type")))
	if location := e.redact.Known(resp.Header.Get("Location") + resp.Header.Get(hiddenLocation)); location != "" {
		e.location = "a Location that is no URL"
		if to, err := base.Parse(location); err == nil {
			e.location = e.safe(to.Scheme + "://" + to.Host)
		}
	}
	e.Items = parseItems(body, http.StatusText(e.Status))
	for i := range e.Items {
		item := &e.Items[i]
		for _, s := range []*string{&item.Type, &item.Code, &item.Message, &item.Attribute, &item.URL} {
			*s = e.safe(*s)
		}
	}
}

// safe makes text from outside fit for one line of a log.
func (e *Error) safe(text string) string {
	return printable(e.redact.Text(text))
}

// parseItems reads the shapes in which SignalWire's APIs report errors: a list
// of items, or one text. What has another shape, or is no JSON at all, yields
// none, and so does a text that only repeats the status.
func parseItems(body []byte, statusText string) []gen.ErrorItem {
	var shape map[string]any
	if json.Unmarshal(body, &shape) != nil {
		return nil
	}
	var items []gen.ErrorItem
	list, _ := shape["errors"].([]any)
	for _, entry := range list {
		entry, _ := entry.(map[string]any)
		item := gen.ErrorItem{
			Type:      textAt(entry, "type", "title"),
			Code:      textAt(entry, "code"),
			Message:   textAt(entry, "message", "detail"),
			Attribute: textAt(entry, "attribute"),
			URL:       textAt(entry, "url"),
		}
		if describeItem(item) != "" {
			items = append(items, item)
		}
	}
	for _, key := range []string{"error", "message"} {
		text, _ := shape[key].(string)
		if text = strings.TrimSpace(text); len(items) == 0 && text != "" && text != statusText {
			items = append(items, gen.ErrorItem{Message: text})
		}
	}
	return items
}

// textAt returns the first of the keys that holds a text or a number, as text.
func textAt(object map[string]any, keys ...string) string {
	for _, k := range keys {
		switch v := object[k].(type) {
		case string:
			return strings.TrimSpace(v)
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return ""
}

// Error says what failed, at what, in one line.
func (e *Error) Error() string {
	text := "signalwire: " + e.Operation + " " + e.Method + " " + e.Host + e.Path + ": " + e.safe(e.reason())
	if e.Status != 0 && errors.Is(e.Err, ErrOutcomeUnknown) {
		text += "; " + ErrOutcomeUnknown.Error()
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(" (retry after %v)", e.RetryAfter)
	}
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (after %d attempts)", e.Attempts)
	}
	if e.RequestID != "" {
		text += " [request " + e.RequestID + "]"
	}
	return text
}

// reason is what failed: the cause, or the status and what the Space says.
func (e *Error) reason() string {
	switch {
	case e.Status == 0:
		return fmt.Sprint(e.Err)
	case e.Status/100 == 2:
		return fmt.Sprintf("%d, but %v", e.Status, e.Err)
	}
	status := strings.TrimSpace(strconv.Itoa(e.Status) + " " + http.StatusText(e.Status))
	if e.Status/100 == 3 && e.location != "" {
		return status + ", not followed to " + e.location
	}
	if len(e.Items) == 0 {
		if len(e.Body) > 0 && e.contentType != "application/json" {
			status += fmt.Sprintf(" (with %d bytes of %s)", len(e.Body), e.contentType)
		}
		return status
	}
	const most = 5
	var items []string
	for _, item := range e.Items[:min(len(e.Items), most)] {
		items = append(items, describeItem(item))
	}
	if more := len(e.Items) - most; more > 0 {
		items = append(items, fmt.Sprintf("and %d more", more))
	}
	return strconv.Itoa(e.Status) + " " + strings.Join(items, "; ")
}

// describeItem writes an item as "attribute: message (code)", leaving out what
// it lacks.
func describeItem(item gen.ErrorItem) string {
	text := item.Message
	if text == "" {
		text = item.Type
	}
	if item.Attribute != "" && text != "" {
		text = item.Attribute + ": " + text
	} else {
		text += item.Attribute
	}
	if item.Code != "" {
		text += " (" + item.Code + ")"
	}
	return strings.TrimSpace(text)
}

// printable makes one line of at most a thousand bytes or so out of any text.
func printable(s string) string {
	const most = 1000
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// contentType is the media type in a header, for people to read.
func contentType(header string) string {
	mediaType, _, err := mime.ParseMediaType(header)
	if err != nil {
		return "no valid Content-Type"
	}
	return mediaType
}

// isSentinel reports whether err says what became of a call.
func isSentinel(err error) bool {
	_, ok := err.(*sentinel)
	return ok
}

// Format makes every verb of package fmt print what Error returns (%q and %#v
// in quotes), also for an Error that is not behind its pointer.
func (e Error) Format(f fmt.State, verb rune) {
	text := e.Error()
	if verb == 'q' || f.Flag('#') {
		text = strconv.Quote(text)
	}
	_, _ = f.Write([]byte(text))
}

// Unwrap returns the cause beside the status, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the status with [ErrNotFound] and its siblings.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrInvalid:
		return e.Status == http.StatusUnprocessableEntity
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrServer:
		return e.Status >= http.StatusInternalServerError
	}
	return false
}

// LogValue is the error as a group of attributes for package slog.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("operation", e.Operation),
		slog.String("method", e.Method),
		slog.String("host", e.Host),
		slog.String("path", e.Path),
		slog.Int("status", e.Status),
		slog.String("message", e.Error()),
	}
	if e.Attempts > 0 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes the same as LogValue. It does without it, so that programs
// which have no use for package slog need not have it in them.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Operation string `json:"operation"`
		Method    string `json:"method"`
		Host      string `json:"host"`
		Path      string `json:"path"`
		Status    int    `json:"status"`
		Message   string `json:"message"`
		Attempts  int    `json:"attempts,omitempty"`
		RequestID string `json:"request_id,omitempty"`
	}{e.Operation, e.Method, e.Host, e.Path, e.Status, e.Error(), e.Attempts, e.RequestID})
}
