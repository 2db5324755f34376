package signalwire

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// The kinds of failure, for [errors.Is] with the error of a call. An error can be of several
// kinds, as [ErrServer] and [ErrOutcomeUnknown] for a POST with status 500: test for
// ErrOutcomeUnknown before the others.
var (
	// ErrUnauthorized: status 401, the credentials are missing or wrong.
	ErrUnauthorized = newSentinel("unauthorized")
	// ErrForbidden: status 403, the credentials do not allow this.
	ErrForbidden = newSentinel("forbidden")
	// ErrNotFound: status 404, there is no such resource in the project.
	ErrNotFound = newSentinel("not found")
	// ErrConflict: status 409, or an edit with [WithConflictCheck] found that the
	// resource has been changed since it was read.
	ErrConflict = newSentinel("conflict")
	// ErrInvalid: status 422, the Space refused a field; or an [*InputError], an argument
	// was refused before the request was sent.
	ErrInvalid = newSentinel("invalid")
	// ErrRateLimited: status 429, too many requests.
	ErrRateLimited = newSentinel("rate limited")
	// ErrServer: a status of 500 or more, the Space failed.
	ErrServer = newSentinel("server error")
	// ErrOutcomeUnknown: the request may have been processed, and is not idempotent:
	// repeating it could send a message, start a call or buy a number a second time. Look
	// at the Space first, at its logs or at the list of the resources that the request
	// creates, and repeat the call only if they show no trace of it. [Client.Settle] does
	// this for many operations.
	ErrOutcomeUnknown = newSentinel("outcome unknown: it may have been processed, so look at the Space before repeating it")
	// ErrUnreadable: the request was processed, but its response could not be used: it
	// was cut off or timed out, is empty where a body is described, exceeds a limit, is
	// JSON of another form, reports an error with a successful status, or fails
	// [WithStrictResponses]. The error has the body. A read (GET) was repeated if that
	// could help, but a change never is: look at the Space for its result. A response
	// that is not from the Space, such as the page of a proxy, is not this error, since
	// it does not show that the request was processed.
	ErrUnreadable = newSentinel("the request was processed, but its response could not be read")
	// ErrDryRun: the request was not sent because of [WithDryRun]. It is an error because
	// the call has no result.
	ErrDryRun = newSentinel("not sent, as this is a dry run")
)

// sentinel is the type of the errors above. isSentinel recognizes them by it.
type sentinel struct{ text string }

func newSentinel(text string) error { return &sentinel{text} }

func (s *sentinel) Error() string { return s.text }

// Error is the error of every call that failed, whatever the reason. It is safe to log:
// its text, [Error.LogValue] and its JSON contain neither the client's credentials nor
// sensitive values of the request, such as passwords, even if the response repeats them.
// (Secrets shorter than six characters are not replaced.) Of the body they contain only
// the problems in Items and, if there are none, the beginning of a text/plain body.
type Error struct {
	// Operation is the operation's id, such as "update_sip_gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// Host is the host that was, or would have been, called.
	Host string
	// Path is the path of the request. It has the values of parameters that are UUIDs; in
	// place of any other parameter, such as a phone number, it has the name in braces, and
	// in place of all of them if one of them, or an option of the call, was refused.
	Path string
	// Status is the HTTP status of the last response; 0 if the last attempt had no
	// response.
	Status int
	// RequestID is the id that the response gives the request; quote it when you ask
	// SignalWire for support. It is the value of the first of the headers X-Request-Id,
	// X-SignalWire-Request-Id, Request-Id and X-Amzn-RequestId.
	RequestID string
	// Items are the problems that the Space reports.
	Items []gen.ErrorItem
	// Body is the body of the response, at most its first 64 KiB. See [Error.Decode].
	Body ResponseBody
	// Attempts is the number of attempts to send the request, including those for which no
	// connection could be made; 0 if there was none.
	Attempts int
	// RetryAfter is the time that the header Retry-After asks to wait before the next
	// request; 0 if there is none.
	RetryAfter time.Duration
	// MayHaveTakenEffect reports whether the Space may have processed an attempt of the
	// call, the last one or an earlier one. It is false for reads (GET), which change
	// nothing. If it is true and the error is not [ErrOutcomeUnknown], then either the
	// request is idempotent, so that the call may be repeated, or the request was
	// processed ([ErrUnreadable]).
	MayHaveTakenEffect bool
	// First is the error of the first attempt, if there was another one or something, such
	// as the end of the context, prevented it. [errors.Is] and [errors.As] do not look at
	// it.
	First *Error
	// Err is the cause of the failure, if it is not only the status: for example an
	// [*InputError], a network error, or the error of the context. Its text contains no
	// secrets, but those of the errors that it wraps may.
	Err error

	contentType string
	location    string              // the target of a redirect, without path and query
	excerpt     string              // the beginning of a text/plain body
	redact      *redact.Redactor    // knows the secrets of the client and of the request
	settle      func() *settleQuery // for Client.Settle; a function, so that no dump shows it

	kind    bodyKind // of a response with a successful status
	cut     bool     // the body could not be read to its end
	foreign bool     // the body is not from the Space, but for example the page of a proxy
	earlier bool     // an attempt before the last may have taken effect
	stopped bool     // Err is why no further attempt was made
}

// ResponseBody is the body of a response. Convert it to []byte or string to read it; when
// printed, logged or encoded it shows only its length, since it may contain secrets.
type ResponseBody []byte

// String returns the length, as in "(12 bytes)".
func (b ResponseBody) String() string { return fmt.Sprintf("(%d bytes)", len(b)) }

// Format makes every verb of package fmt print the length only.
func (b ResponseBody) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(b.String())) }

// MarshalText makes encoders write the length only.
func (b ResponseBody) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// errStatus marks a failure that is fully described by the status code. It is not
// stored in Error.Err.
var errStatus = errors.New("refused")

// withCause sets e.Err to err, with secrets removed from its text, unless err is
// errStatus.
func (e *Error) withCause(err error) *Error {
	if err != errStatus {
		e.Err = withoutSecrets(err, e.redact)
	}
	return e
}

// parseResponse sets the fields of e that come from a response with an error status. The
// argument base resolves the URL of a redirect.
func (e *Error) parseResponse(resp *http.Response, body []byte, base *url.URL) {
	body = withoutBOM(body)
	e.Body = body
	e.contentType = contentType(e.sanitize(resp.Header.Get("Content-Type")))
	if location := e.redact.Known(resp.Header.Get("Location") + resp.Header.Get(hiddenLocation)); location != "" {
		e.location = "a Location that is no URL"
		if to, err := base.Parse(location); err == nil {
			e.location = e.sanitize(to.Scheme + "://" + to.Host)
		}
	}
	e.parseItems()
	plain := e.contentType == "text/plain"
	e.foreign = len(body) > 0 && !plain && !isJSONType(e.contentType) && !isJSON(resp.Header, body, false)
	if plain && len(e.Items) == 0 {
		e.excerpt = e.sanitize(string(body))
	}
}

// parseItems sets Items from Body.
func (e *Error) parseItems() {
	e.Items = parseItems(e.Body, http.StatusText(e.Status))
	for i := range e.Items {
		item := &e.Items[i]
		for _, s := range []*string{&item.Type, &item.Code, &item.Message, &item.Attribute, &item.URL} {
			*s = e.sanitize(*s)
		}
	}
}

// sanitize makes text from a server safe to show: it removes secrets and line breaks, and
// truncates it.
func (e *Error) sanitize(text string) string {
	return printable(e.redact.Text(text))
}

// Decode decodes the body as JSON into the value that v points to. Use it for members
// that Items does not have, such as the candidates for an address that was refused.
func (e *Error) Decode(v any) error {
	if e == nil {
		return errors.New("signalwire: Decode of a nil *Error")
	}
	if err := json.Unmarshal(e.Body, v); err != nil {
		return fmt.Errorf("signalwire: body of the error: %w", err)
	}
	return nil
}

// Error returns one line with the operation, the method, the host, the path and the
// reason.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	text := "signalwire: " + e.Operation + " " + e.Method + " " + e.Host + e.Path + ": " + e.sanitize(e.reason())
	switch {
	case !e.statusIsReason():
	case e.stopped:
		text += "; " + e.sanitize(e.Err.Error())
	case errors.Is(e.Err, ErrOutcomeUnknown):
		text += "; " + ErrOutcomeUnknown.Error()
	}
	if e.earlier {
		text += "; an earlier attempt may have been carried out"
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

// statusIsReason reports whether the status explains the failure. Otherwise Err does.
func (e *Error) statusIsReason() bool {
	return e.Status >= http.StatusContinue && e.Status/100 != 2
}

// reason describes the failure: the cause or the status, and the items.
func (e *Error) reason() string {
	if !e.statusIsReason() {
		reason := "no response"
		if e.Err != nil {
			reason = e.Err.Error()
		}
		if e.Status/100 == 2 {
			reason = strconv.Itoa(e.Status) + ": " + reason
		}
		return joinItems(reason+": ", reason, e.Items)
	}
	status := strings.TrimSpace(strconv.Itoa(e.Status) + " " + http.StatusText(e.Status))
	switch {
	case e.Status/100 == 3 && e.location != "":
		return status + ", not followed to " + e.location
	case e.foreign:
		return status + fmt.Sprintf(" (with %d bytes of %s, not from the Space)", len(e.Body), e.contentType)
	case len(e.Items) == 0 && e.excerpt != "":
		status += excerpt(e.excerpt, http.StatusText(e.Status))
	}
	return joinItems(strconv.Itoa(e.Status)+" ", status, e.Items)
}

// joinItems returns before and the first five items, or none if there are no items.
func joinItems(before, none string, items []gen.ErrorItem) string {
	if len(items) == 0 {
		return none
	}
	const most = 5
	var texts []string
	for _, item := range items[:min(len(items), most)] {
		texts = append(texts, describeItem(item))
	}
	if more := len(items) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return before + strings.Join(texts, "; ")
}

// excerpt returns a colon and the first 200 characters of text. It returns "" if the text
// is empty or equal to said, which the message has already.
func excerpt(text, said string) string {
	const most = 200
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || text == said {
		return ""
	}
	if short := []rune(text); len(short) > most {
		text = string(short[:most]) + "…"
	}
	return ": " + text
}

// describeItem returns an item as "attribute: message (code)", without the parts that are
// empty.
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

// printable returns at most about a thousand bytes of s, with spaces in place of
// characters that are not printable.
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

// contentType returns the media type of a Content-Type header for an error message.
func contentType(header string) string {
	mediaType, _, err := mime.ParseMediaType(header)
	if err != nil {
		return "no valid Content-Type"
	}
	return mediaType
}

// isSentinel reports whether err is one of the errors that newSentinel made.
func isSentinel(err error) bool {
	_, ok := err.(*sentinel)
	return ok
}

// Format makes every verb of package fmt print what Error returns (%q and %#v quoted).
// The receiver is a value, so that a copy of an Error shows no fields either.
func (e Error) Format(f fmt.State, verb rune) {
	text := e.Error()
	if verb == 'q' || f.Flag('#') {
		text = strconv.Quote(text)
	}
	_, _ = f.Write([]byte(text))
}

// Unwrap returns Err.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is reports whether the status corresponds to target, as 404 does to [ErrNotFound].
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}
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

// LogValue returns the error as a group of attributes for package slog.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.AnyValue(nil)
	}
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

// MarshalJSON encodes the attributes of LogValue as an object. It does not call LogValue,
// so that programs that do not use package slog do not link it.
func (e *Error) MarshalJSON() ([]byte, error) {
	if e == nil {
		return []byte("null"), nil
	}
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

// InputError describes an argument of a call that was refused before the request was sent,
// or a field that the function of an edit has set and that cannot be sent. The [*Error] of the call wraps it.
// [errors.Is] reports that it is [ErrInvalid], as for a field that the Space refuses.
type InputError struct {
	// Field is the name of an argument or a parameter, or the path of a member of the body,
	// as in "id" or "codecs[1]".
	Field string
	// Problem says what was found and what was expected.
	Problem string
}

// Error names the field and the problem.
func (e *InputError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return e.Field + ": " + e.Problem
}

// Is reports whether target is [ErrInvalid].
func (e *InputError) Is(target error) bool { return target == ErrInvalid }

// unencodable returns the error for a value that could not be encoded: that of a field of
// it, if err says which, or else that of field.
func unencodable(field string, err error) *InputError {
	if at, ok := err.(*codec.Error); ok {
		field, err = cmp.Or(at.Path, field), errors.New(at.Problem)
	}
	return &InputError{field, "it could not be encoded: " + err.Error()}
}

// prependPath puts the name of an object or an index before the path of the field. It
// truncates paths of more than 200 bytes.
func (e *InputError) prependPath(field string) *InputError {
	switch {
	case field == "":
	case len(e.Field) > 200: // truncate the path
		e.Field = field + ".…"
	case e.Field == "" || e.Field[0] == '[' || e.Field[0] == ' ':
		e.Field = field + e.Field
	default:
		e.Field = field + "." + e.Field
	}
	return e
}

// withOutcome sets the cause of e to err, wrapped with ErrOutcomeUnknown or ErrUnreadable
// if one of them applies.
func (e *Error) withOutcome(err error, decision retryDecision) *Error {
	switch {
	case decision == outcomeUnknown:
		err = join(ErrOutcomeUnknown, err)
	case e.kind == damaged, e.kind == unwanted:
		err = join(ErrUnreadable, err)
	}
	return e.withCause(err)
}

// notRepeated returns the error of a call whose last attempt failed with e and which err,
// for example the end of the context, kept from making another attempt.
func (e *Error) notRepeated(err error) *Error {
	own := *e // e was passed to the observers
	own.stopped, own.earlier = true, e.MayHaveTakenEffect
	if own.First == nil {
		own.First = e
	}
	if e.kind == damaged { // the only kind after which a request is repeated that was processed
		err = join(ErrUnreadable, err)
	}
	return own.withCause(err)
}

// join wraps a sentinel and its cause in one error. It returns only the sentinel if the
// cause is errStatus.
func join(sentinel, cause error) error {
	if cause == errStatus {
		return sentinel
	}
	return fmt.Errorf("%w: %w", sentinel, cause)
}

// follow makes e the error of an attempt after another, which failed with last. It copies
// from last the facts that concern the whole call. last is nil for the first attempt.
func (e *Error) follow(last *Error, attempts int) {
	e.Attempts = attempts
	if last == nil {
		return
	}
	if e.First = last.First; e.First == nil {
		e.First = last
	}
	e.earlier = e.earlier || last.MayHaveTakenEffect
	e.MayHaveTakenEffect = e.MayHaveTakenEffect || e.earlier
}

// contextError returns the error of a context, with its cause, if it has ended, and
// otherwise nil.
func contextError(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return &canceledError{ctx.Err(), cause}
	}
	return ctx.Err()
}

// canceledError wraps the error of a context and its cause. The cause can be the error of
// another call, whose sentinels and types must not match: a call that was canceled because
// another call returned ErrNotFound is not itself ErrNotFound.
type canceledError struct{ err, cause error }

func (e *canceledError) Error() string { return e.err.Error() + ": " + e.cause.Error() }

// Is reports whether the cause is target, which must not be a sentinel of this package.
func (e *canceledError) Is(target error) bool {
	return !isSentinel(target) && errors.Is(e.cause, target)
}

// As finds an error of the type of target in the cause, other than an [*Error] and an
// [*InputError]. It does not call errors.As, which would link more of package reflect.
// errors.As finds the error of the context through Unwrap.
func (e *canceledError) As(target any) bool {
	to := reflect.ValueOf(target).Elem()
	return anyError(e.cause, func(err error) bool {
		switch err.(type) {
		case *Error, *InputError:
			return false
		}
		if reflect.TypeOf(err).AssignableTo(to.Type()) {
			to.Set(reflect.ValueOf(err))
			return true
		}
		as, ok := err.(interface{ As(any) bool })
		return ok && as.As(target)
	})
}

func (e *canceledError) Unwrap() error { return e.err }

// newError returns an error for a call of op, without a cause.
func (c *caller) newError(op *gen.Operation, config *callConfig) *Error {
	failure := c.errorOf(op, config)
	return &failure
}

// errorOf is newError without an allocation, for callers that do not know yet whether the
// call fails.
//
//go:noinline
func (c *caller) errorOf(op *gen.Operation, config *callConfig) Error {
	return Error{Operation: op.ID, Method: op.Method, Host: c.base.Host, Path: op.Path, redact: config.redact}
}

// newRequestError returns an error for a call of op whose request has been built, without
// a cause.
func (c *caller) newRequestError(op *gen.Operation, req *request, config *callConfig) *Error {
	failure := c.newError(op, config)
	failure.Path, failure.redact = req.path, req.redactor(config.redact)
	return failure
}
