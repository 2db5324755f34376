package signalwire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// Option is a setting of a [Client], for [New], which returns an error if the setting is
// not valid. An option replaces an earlier one of the same name, unless its documentation
// says otherwise.
type Option interface{ Option() }

// CallOption is a setting of a single call, for the methods of [Client]. Given to [New],
// it applies to every call of the client. An option of a call replaces one of the same name
// that was given before it or to New, unless its documentation says otherwise. If the setting
// of a call is not valid, the call fails and nothing is sent.
type CallOption = gen.CallOption

// clientOption is an [Option] that is only for [New].
type clientOption func(*config) error

func (clientOption) Option() {}

// callOption is a [CallOption].
type callOption func(*callConfig) error

func (callOption) Option() {}

func (callOption) CallOption() {}

// config is what the options of [New] set.
type config struct {
	base      *url.URL
	sender    *sender // nil for the default transport
	userAgent string
	call      callConfig
}

// callConfig holds the settings that a single call can change.
type callConfig struct {
	invalid       error // why the call is refused; nil if it is valid
	timeout       time.Duration
	maxRequest    int64
	maxResponse   int64
	maxMemory     int64
	maxAttempts   int
	maxRetryAfter time.Duration
	backoff       func(attempts int) time.Duration
	settleWait    time.Duration

	retryAfterTimeout bool
	observers         []func(context.Context, CallInfo)
	drift             []func(context.Context, *gen.Operation, codec.Notes)
	strict            bool
	raw               *[]byte // set to the body of the last response
	conflictCheck     bool
	limiter           func(context.Context, *gen.Operation, *request) error
	dryRun            func(op *gen.Operation, req *request)
	link              *url.URL // the URL to call; nil if it is built from the arguments
	shown             string   // the path of link for errors; "" for that of the operation
	credentials       credentials
	redact            *redact.Redactor // removes the credentials from text

	unlisted bool
	fields   []extraField
	query    extraParams

	// page returns the URL of the page that was given with [WithPageLink], given the URL of
	// the list; nil without the option. As it is a field, only programs that use the option
	// link what it calls.
	page   func(c *caller, config *callConfig, list *url.URL) (*url.URL, error)
	header []extraHeader
	body   []byte // the JSON of the body; nil if it is built from the arguments
}

// defaultConfig returns the settings of a client without options.
func defaultConfig() config {
	return config{
		userAgent: userAgent(),
		call: callConfig{
			timeout:     30 * time.Second,
			maxRequest:  10 << 20,
			maxResponse: 32 << 20,
			maxMemory:   256 << 20,

			maxAttempts:   4,
			backoff:       backoff,
			maxRetryAfter: 30 * time.Second,
			settleWait:    2 * time.Minute,
		},
	}
}

// apply applies the options of [New].
func (c *config) apply(opts []Option) error {
	for _, o := range opts {
		var err error
		switch o := o.(type) {
		case clientOption:
			err = o(c)
		case callOption:
			err = o(&c.call)
		case nil:
			err = errors.New("nil option given")
		default:
			err = fmt.Errorf("option %T is not one of package signalwire", o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// with returns a copy of c with the options of one call applied. If one of them is not
// valid, invalid says so, and the others are applied nevertheless.
func (c *callConfig) with(opts []gen.CallOption) *callConfig {
	if len(opts) == 0 {
		return c
	}
	own := *c
	own.credentials.authorization, own.credentials.basic = nil, nil // those of a call replace all of c
	own.invalid = own.set(opts)
	if own.credentials.authorization == nil && own.credentials.basic == nil {
		own.credentials = c.credentials
	}
	if len(own.credentials.secrets) != len(c.credentials.secrets) {
		own.redact = redact.New(own.credentials.secretValues()...)
	}
	return &own
}

// set applies the options of a call to c. It returns the first error.
func (c *callConfig) set(opts []gen.CallOption) (err error) {
	for _, o := range opts {
		set, ok := o.(callOption)
		if !ok {
			err = cmp.Or(err, fmt.Errorf("call option %T is not one of package signalwire", o))
			continue
		}
		err = cmp.Or(err, set(c))
	}
	return err
}

// WithBaseURL sends all calls to another server than that of the Space, such as a test
// server. The URL must be https, or http to a loopback address. It may have a path, to
// which the paths of the API are appended. The default is the URL of the Space.
func WithBaseURL(baseURL string) Option {
	return clientOption(func(c *config) (err error) {
		c.base, err = parseBaseURL(baseURL)
		return err
	})
}

// WithTransport sets the transport that sends HTTP requests. It must not follow
// redirects: a response to which a redirect led is refused. It may send requests to another
// URL, for example through a gateway.
//
// The default is [http.DefaultTransport] if the program has replaced that by a type other
// than [*http.Transport], such as a mock or instrumentation, when a call is made.
// Otherwise it is a clone of http.DefaultTransport that [New] makes. The clone uses TLS
// 1.2 or newer and keeps up to 100 idle connections, or as many as http.DefaultTransport if
// that keeps more, each for up to 50 seconds, as servers often close them after 60. It sends
// a PING frame on an HTTP/2 connection on which nothing arrives for 10 seconds, and closes
// the connection if no acknowledgment arrives within 5 seconds. If a proxy refuses to connect
// to the Space, the error says that it was the proxy.
//
// An *http.Transport that is set with WithTransport should have HTTP2.SendPingTimeout set,
// too. If it uses a proxy that refuses to connect, the error is only the text of the
// proxy's status, such as "Forbidden", unless OnProxyConnectResponse returns another one.
func WithTransport(transport http.RoundTripper) Option {
	return clientOption(func(c *config) error {
		if v := reflect.ValueOf(transport); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			return errors.New("WithTransport: expected an http.RoundTripper, got nil")
		}
		c.sender = newSender(transport)
		return nil
	})
}

// WithHTTPClient sends requests through a copy of client, with its transport, cookies and
// timeout. The copy does not use CheckRedirect: redirects are not followed, so that the
// credentials are sent to the Space alone. By default requests do not go through an
// http.Client, but directly through the transport of [WithTransport]. Of these two
// options, the last one counts.
func WithHTTPClient(client *http.Client) Option {
	return clientOption(func(c *config) error {
		if client == nil {
			return errors.New("WithHTTPClient: expected an *http.Client, got nil")
		}
		c.sender = newClientSender(client)
		return nil
	})
}

// WithUserAgent puts a product, such as "billing/2.1", before this library in the
// User-Agent header. It must be printable ASCII. If it is given several times, all products
// are in the header.
func WithUserAgent(product string) Option {
	return clientOption(func(c *config) error {
		if strings.TrimSpace(product) == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			return fmt.Errorf("WithUserAgent %q: expected printable ASCII", product)
		}
		c.userAgent = product + " " + c.userAgent
		return nil
	})
}

// WithTimeout limits the time of each attempt of a call, from sending the request to the
// end of the response. The default is 30 seconds. The context of a call limits the whole
// call.
func WithTimeout(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d <= 0 {
			return fmt.Errorf("WithTimeout %v: expected more than 0", d)
		}
		c.timeout = d
		return nil
	})
}

// WithMaxRequestBytes limits the size of a request body, in bytes. A call with a larger
// body fails with an [*InputError], and nothing is sent. The default is 10 MiB.
func WithMaxRequestBytes(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxRequestBytes %d: expected more than 0 bytes", n)
		}
		c.maxRequest = n
		return nil
	})
}

// WithMaxResponseMemory limits the memory, in bytes, that the result of a call takes. It
// can be many times the size of the response: a {} in an array is two bytes of JSON, but
// becomes a whole struct. A call whose result would be larger fails with [ErrUnreadable].
// The memory is estimated while the response is decoded. The default is 256 MiB.
func WithMaxResponseMemory(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxResponseMemory %d: expected more than 0 bytes", n)
		}
		c.maxMemory = n
		return nil
	})
}

// WithMaxResponseBytes limits the size of the body of a successful response, in bytes. A
// call whose response is longer fails with [ErrUnreadable]. The default is 32 MiB.
func WithMaxResponseBytes(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxResponseBytes %d: expected more than 0 bytes", n)
		}
		c.maxResponse = n
		return nil
	})
}

// WithMaxAttempts limits the attempts to send a request, including the first; 1 disables
// retries. The default is 4. Whether a failed attempt is followed by another one depends on
// the operation:
//
// A read (GET) is repeated after a network error, after a response that was damaged or is
// not from the Space, and after status 408, 429, 500, 502, 503 or 504.
//
// Another idempotent operation (RFC 9110, section 9.2.2), which is a PUT, a DELETE, or a
// PATCH that sets fields to given values, is repeated in the same cases, with two
// exceptions: it is not repeated after a success that could not be read
// ([ErrUnreadable]), nor after a timeout, status 504, or status 503 that is not from the
// Space, with which proxies report timeouts (see [WithRetryAfterTimeout]). A DELETE that
// is repeated after an earlier attempt succeeded fails with [ErrNotFound]; then
// MayHaveTakenEffect of the [Error] is true.
//
// Any other request is repeated only if it was certainly not processed: if it was not
// sent, or if the Space itself responded with status 429 or 503. The response of the
// Space has an array errors, in which each item has a type and a code. Proxies respond
// with these statuses as well, with 503 possibly after the Space has processed the request.
//
// Within an attempt, net/http sends a request again by itself if the server closes a
// kept-alive connection: a read if there was no response yet, and any other request if
// nothing of it was sent. Over HTTP/2, it does the same for idempotent operations that the
// server says it did not process.
//
// Between attempts the client waits as long as the header Retry-After says. Without one
// it waits for a random time up to 0.5 s, 1 s, 2 s and so on, at most 10 s (exponential
// backoff with full jitter). It makes no further attempt if the wait would exceed the
// deadline of the context.
func WithMaxAttempts(n int) CallOption {
	return callOption(func(c *callConfig) error {
		if n < 1 {
			return fmt.Errorf("WithMaxAttempts %d: expected at least 1", n)
		}
		c.maxAttempts = n
		return nil
	})
}

// WithMaxRetryAfter limits the time of the header Retry-After for which the client waits.
// If the Space asks for a longer wait, the call fails at once, and RetryAfter of the
// [Error] has that time. The default is 30 seconds.
func WithMaxRetryAfter(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("WithMaxRetryAfter %v: expected 0 or more", d)
		}
		c.maxRetryAfter = d
		return nil
	})
}

// WithRetryAfterTimeout also repeats idempotent changes (PUT, DELETE, and PATCH that sets
// fields) after a timeout, status 504, or status 503 that is not from the Space. They are
// not repeated by default, since the Space is probably still processing the earlier
// attempt. If it completes that after the repeated one, it overwrites any change that was
// made between the two. Use the option for resources that nobody else changes at the same
// time.
func WithRetryAfterTimeout() CallOption {
	return callOption(func(c *callConfig) error {
		c.retryAfterTimeout = true
		return nil
	})
}

// WithCredentials sets the project id and the API token for HTTP Basic authentication
// (RFC 7617): they are the user name and the password. Both are on the API page of the
// Space's dashboard, where a token is also given the scopes that the documentation of an
// operation names (https://signalwire.com/docs/platform/your-signalwire-api-space).
//
// Credentials that are given for a single call, of whatever kind, replace all those of the client.
// If the operation requires another kind, the call fails, and nothing is sent.
//
// Credentials are never shown: errors and dry runs have "[redacted]" in their place.
// Credentials of fewer than six characters are not replaced there, since such short
// strings occur in ordinary words.
func WithCredentials(projectID, apiToken string) CallOption {
	return callOption(func(c *callConfig) error { return c.credentials.setBasic(projectID, apiToken) })
}

// WithCredentialsFunc is [WithCredentials] for credentials that change while the program
// runs, such as a token that is rotated. The function is called before each attempt of a
// call that needs Basic authentication, in the goroutine of the call and with the context of
// the attempt, whose time [WithTimeout] limits. It should return quickly, for example from a
// cache, and must be safe for concurrent use. If it returns an error, the call fails with that
// error and sends nothing more. A call that gets status 401 is not repeated: renew what is in
// the cache after [ErrUnauthorized], or before the old credentials stop working.
func WithCredentialsFunc(credentials func(context.Context) (projectID, apiToken string, err error)) CallOption {
	return callOption(func(c *callConfig) error {
		if credentials == nil {
			return errors.New("WithCredentialsFunc: expected a function, got nil")
		}
		c.credentials.basic = credentials
		return nil
	})
}

// WithBearerToken sets the bearer token (RFC 6750) for operations that require one, such
// as those of a subscriber. Given for a single call, it replaces all credentials of the client;
// see [WithCredentials].
func WithBearerToken(token string) CallOption {
	return callOption(func(c *callConfig) error { return c.credentials.setBearer(token) })
}

// WithObserver calls observe once at the end of each call, even if nothing was sent, and
// before each wait for a retry ([CallInfo.Retrying]). The read and the update of an edit are
// two calls, and so is each page of a list; a failure between them is a call that sent
// nothing. If the option is given several times, each function is called. The functions run
// in the goroutine of the call, which waits for them.
func WithObserver(observe func(context.Context, CallInfo)) CallOption {
	return callOption(func(c *callConfig) error {
		if observe == nil {
			return errors.New("WithObserver: expected a function, got nil")
		}
		c.observers = append(slices.Clip(c.observers), observe)
		return nil
	})
}

// WithCallInfo sets *info at the end of a call. Use it for single calls, since concurrent
// calls need a variable each. If it is given several times, each variable is set.
func WithCallInfo(info *CallInfo) CallOption {
	if info == nil {
		return callOption(func(*callConfig) error { return errors.New("WithCallInfo: expected a pointer, got nil") })
	}
	return WithObserver(func(_ context.Context, i CallInfo) {
		if !i.Retrying() {
			*info = i
		}
	})
}

// WithLogger logs one line for each call and one for each retry. The level is info for a
// success and a dry run, and warn for a failure, a retry, or a success with values that
// could not be decoded. A line has the operation, method, path template, status, attempt,
// request id, and the duration of the call or the wait before the retry. If the status does
// not explain a failure, it also has the reason, such as "outcome unknown" or "not sent". If
// values could not be decoded, it also has their number and the paths of the first ten. It
// has no other data of the call. If it is given several times, each logger is used.
func WithLogger(logger *slog.Logger) CallOption {
	if logger == nil {
		return callOption(func(*callConfig) error { return errors.New("WithLogger: expected a *slog.Logger, got nil") })
	}
	return WithObserver(func(ctx context.Context, i CallInfo) {
		level, message, reason := slog.LevelInfo, "signalwire call", ""
		switch {
		case i.Err == nil:
		case errors.Is(i.Err, ErrDryRun):
			message = "signalwire dry run"
		default:
			level, message, reason = slog.LevelWarn, "signalwire call failed", reasonOf(i)
		}
		attrs := []slog.Attr{
			slog.String("operation", i.Operation),
			slog.String("method", i.Method),
			slog.String("path", i.PathTemplate),
			slog.Int("status", i.Status),
			slog.Int("attempt", i.Attempts),
			slog.String("request_id", i.RequestID),
		}
		if i.Retrying() {
			message = "signalwire retry"
			attrs = append(attrs, slog.Duration("wait", i.Wait))
		} else {
			attrs = append(attrs, slog.Duration("duration", i.Duration))
		}
		if reason != "" {
			attrs = append(attrs, slog.String("reason", reason))
		}
		if n := len(i.Unread); n > 0 {
			if i.Err == nil {
				level, message = slog.LevelWarn, "signalwire call with unread values"
			}
			attrs = append(attrs, slog.Int("unread", n), slog.Any("unread_paths", i.Unread[:min(n, 10)]))
		}
		logger.LogAttrs(ctx, level, message, attrs...)
	})
}

// reasonOf returns why a call failed, without any data of the call. It returns "" if the
// status says it.
func reasonOf(i CallInfo) string {
	var refused *InputError
	switch {
	case errors.Is(i.Err, ErrOutcomeUnknown):
		return "outcome unknown"
	case errors.Is(i.Err, ErrUnreadable):
		return "unreadable response"
	case errors.Is(i.Err, context.Canceled):
		return "canceled"
	case errors.Is(i.Err, context.DeadlineExceeded):
		return "deadline exceeded"
	case errors.As(i.Err, &refused):
		return "argument refused"
	case i.Status != 0:
		return ""
	case i.Attempts == 0:
		return "not sent"
	}
	return "no response"
}

// WithLimiter calls limit before each attempt of a call, retries included, and sends the
// request when limit returns nil. The function may wait, but not longer than until the
// context ends. If it returns an error, the call fails with that error and nothing more
// is sent.
//
// The argument sender is the value of the member from in the body of the request, or in
// the object params of the body: the number, address or SIP URI from which a message is
// sent or a call is made. It is empty if the request has none. SignalWire limits calls
// and requests for each Space, and messages for each sender. Package pace has a limiter
// for these limits that works within one process. The field Path of op is the path
// template; for [Client.Do], it is the path as an [*Error] shows it.
//
// [CallInfo] has the time that a call waited. Without this option nothing is limited.
func WithLimiter(limit func(ctx context.Context, op gen.Operation, sender string) error) CallOption {
	return callOption(func(c *callConfig) error {
		if limit == nil {
			return errors.New("WithLimiter: expected a function, got nil")
		}
		c.limiter = func(ctx context.Context, op *gen.Operation, req *request) error {
			own := *op
			if own.Path == anyPath {
				own.Path = req.path
			}
			return limit(ctx, own, req.sender())
		}
		return nil
	})
}

// WithDryRun validates and builds each request, passes it to show, and does not send it:
// the call fails with [ErrDryRun]. An edit reads the resource nevertheless, and passes
// the update that it would send to show.
func WithDryRun(show func(DryRunRequest)) CallOption {
	return callOption(func(c *callConfig) error {
		if show == nil {
			return errors.New("WithDryRun: expected a function, got nil")
		}
		c.dryRun = func(op *gen.Operation, req *request) { show(dryRunRequest(op, req)) }
		return nil
	})
}

// WithConflictCheck makes an edit read the resource a second time just before it sends
// the update. The edit fails with [ErrConflict] if any value that it is about to send has
// changed since the first read, or any setting if the update replaces the resource. By
// default, an edit reads once, and overwrites the fields that it sends. Another call, such as
// Update, fails with an [*InputError] if it is given the option. An option given to [New] is
// ignored for other calls.
//
// The API of SignalWire has no ETag, so the check cannot detect a change that is made
// between the second read and the update. Updates that send more than the changed fields,
// because the method is a PUT that replaces the resource or because fields are required,
// can overwrite a concurrent edit of another field in this time. The documentation of
// each Edit method says what it sends.
func WithConflictCheck() CallOption {
	return callOption(func(c *callConfig) error {
		c.conflictCheck = true
		return nil
	})
}

// WithPageLink makes a List method return the page that link leads to. The methods that
// iterate over the list begin at that page. The link is one of those that a page has, such as
// its Links.Next; it can be saved to continue the list later.
//
// The query parameters of the link are sent, and not those of the call. Check them if the
// link comes from a user of the program. The scheme and the host of the link are not used.
// The call fails with an [*InputError] if the path of the link is not that of the list. The
// option cannot be given to [New].
func WithPageLink(link string) CallOption {
	return callOption(func(c *callConfig) error {
		if link == "" {
			return errors.New("WithPageLink: expected a link, got an empty string")
		}
		c.page = func(c *caller, config *callConfig, list *url.URL) (*url.URL, error) {
			page, err := c.pageURL(list, link)
			if err != nil {
				return nil, &InputError{"WithPageLink", "the link " + err.Error()}
			}
			return config.addQuery(page, page.Query()), nil
		}
		return nil
	})
}

// WithSettleWait sets how long [Client.Settle] keeps looking, since new entries appear in
// logs with a delay. The default is two minutes; with 0 it looks once.
func WithSettleWait(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("WithSettleWait %v: expected 0 or more", d)
		}
		c.settleWait = d
		return nil
	})
}

// WithUnlistedValues allows requests to have enumeration values that the description of
// the API does not list, such as a codec that is newer than this library. Without it, the
// call fails with an [*InputError], and nothing is sent. An empty value is never allowed.
func WithUnlistedValues() CallOption {
	return callOption(func(c *callConfig) error {
		c.unlisted = true
		return nil
	})
}

// WithField adds a member that the description lacks to the JSON body of the request. The
// name is that of a member of the body, or a JSON pointer (RFC 6901) to a member of a
// nested object, such as "/params/x"; nested objects that are missing are added. The
// value is encoded as JSON; a [json.RawMessage] or []byte must be JSON, and is sent
// unchanged.
//
// The call fails if the type of the request has a field for the member, if the body has
// the member already, or if the request has no body. An option given to [New] is ignored
// for requests without a body. If the option is given several times with one name, the
// last one counts.
//
// In an edit, the member is added to the update. If the option is given for the call, it
// counts as a change: the update is sent even if no field was changed.
func WithField(name string, value any) CallOption {
	return callOption(func(c *callConfig) error {
		path, err := parseFieldName(name)
		if err != nil {
			return fmt.Errorf("WithField: %w", err)
		}
		encoded, err := encodeUntyped(value)
		if err != nil {
			return fmt.Errorf("WithField %q: the value could not be encoded: %w", name, err)
		}
		c.fields = slices.DeleteFunc(slices.Clone(c.fields), func(f extraField) bool { return slices.Equal(f.path, path) })
		c.fields = append(c.fields, extraField{name: name, path: path, value: encoded, add: addField})
		return nil
	})
}

// WithQuery adds a query parameter that the description lacks to each request of a call: to
// the read and the update of an edit, and to that for each page of a list, unless the link to
// the page has the parameter. The call fails if the parameters type of the operation has a
// field for it. If the option is given several times, each parameter is added, also if names
// repeat.
func WithQuery(name, value string) CallOption {
	return callOption(func(c *callConfig) error {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return fmt.Errorf("WithQuery %q: expected a name and a value in UTF-8", name)
		}
		c.query = extraParams{append(slices.Clip(c.query.list), extraParam{name, value}), addQuery, checkQuery}
		return nil
	})
}

// WithHeader adds a header that the description lacks to each request of a call: to that
// for each page of a list, and to the read and the update of an edit. Headers that the
// client sets itself, such as Authorization, Host and Content-Type, are refused. If the
// option is given several times with one name, the last one counts. A header with an
// idempotency key does not change which requests are repeated.
func WithHeader(name, value string) CallOption {
	return callOption(func(c *callConfig) error {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, notInHeaderName):
			return fmt.Errorf("WithHeader %q: expected the name of a header", name)
		case slices.Contains(ownHeaders, canonical):
			return fmt.Errorf("WithHeader %q: the client makes this header itself", name)
		case !isHeaderValue(value):
			return fmt.Errorf("WithHeader %q: expected a value of printable ASCII without space around it", name)
		}
		c.header = slices.DeleteFunc(slices.Clone(c.header), func(h extraHeader) bool { return h.name == canonical })
		c.header = append(c.header, extraHeader{canonical, value})
		return nil
	})
}

// WithDrift calls report for each successful response that differs from the description
// of the API. Use it to notice changes of the API before they cause harm. If it is given
// several times, each function is called, in the goroutine of the call, which waits for
// it. Decoding takes longer with this option.
func WithDrift(report func(context.Context, Drift)) CallOption {
	return callOption(func(c *callConfig) error {
		if report == nil {
			return errors.New("WithDrift: expected a function, got nil")
		}
		c.drift = append(slices.Clip(c.drift), func(ctx context.Context, op *gen.Operation, notes codec.Notes) {
			report(ctx, Drift{
				Operation: op.ID, Method: op.Method, PathTemplate: op.Path,
				Unread: notes.Unread, Unknown: notes.Unknown, Unlisted: notes.Unlisted,
			})
		})
		return nil
	})
}

// WithStrictResponses makes a call fail with [ErrUnreadable] if a value in its response
// could not be decoded. Without it, the value is zero in the result, and Unread in
// [CallInfo] has its path. Use it in tests, and in programs that monitor the API for
// changes.
func WithStrictResponses() CallOption {
	return callOption(func(c *callConfig) error {
		c.strict = true
		return nil
	})
}

// WithRawResponse sets *body to the body of the response to the last attempt of a call, so
// that members that are newer than this package can be read from it. For a response with an
// error status, it is the first 64 KiB. It is nil if there was no response, and for a file of
// [Client.Download]. Use it for single calls, since concurrent calls need a variable each.
func WithRawResponse(body *[]byte) CallOption {
	return callOption(func(c *callConfig) error {
		if body == nil {
			return errors.New("WithRawResponse: expected a pointer, got nil")
		}
		c.raw = body
		return nil
	})
}
