package signalwire

import (
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

// Option is a setting of a client, for [New], which returns an error if it is
// invalid.
type Option interface{ Option() }

// CallOption is a setting of a single call, for the methods of [Client]. Given
// to [New] it holds for every call of the client.
type CallOption = gen.CallOption

type clientOption func(*config) error

func (clientOption) Option() {}

type callOption func(*callConfig) error

func (callOption) Option() {}

func (callOption) CallOption() {}

// config is what the options of [New] set.
type config struct {
	base      *url.URL
	sender    *sender // nil is the default
	userAgent string
	call      callConfig
}

// callConfig holds the settings that a single call can change.
type callConfig struct {
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
	link              *url.URL // instead of the operation's own URL
	shown             string   // the path of link for errors, if it is not the operation's
	credentials       credentials
	redact            *redact.Redactor // removes the credentials from text that came from outside

	unlisted bool
	fields   []extraField
	query    extraParams
	header   []extraHeader
	body     []byte // the request's body, where it is not to be made from the arguments
}

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

// with returns the settings of one call. They are not nil if there is an error.
func (c *callConfig) with(opts []gen.CallOption) (*callConfig, error) {
	if len(opts) == 0 {
		return c, nil
	}
	own := *c
	err := own.set(opts)
	if len(own.credentials.secrets) != len(c.credentials.secrets) {
		own.redact = redact.New(own.credentials.secretValues()...)
	}
	return &own, err
}

func (c *callConfig) set(opts []gen.CallOption) error {
	for _, o := range opts {
		set, ok := o.(callOption)
		if !ok {
			return fmt.Errorf("call option %T is not one of package signalwire", o)
		}
		if err := set(c); err != nil {
			return err
		}
	}
	return nil
}

// WithBaseURL sends all calls to another server than the Space's, such as one
// made for tests. The URL is https, or http to loopback, and may have a path,
// to which the API's paths are appended. The default is the Space's own URL.
func WithBaseURL(baseURL string) Option {
	return clientOption(func(c *config) (err error) {
		c.base, err = parseBaseURL(baseURL)
		return err
	})
}

// WithTransport sets the transport that sends HTTP requests. It must not follow redirects:
// a response whose Request has another URL than the one that was sent is refused.
//
// The default is [http.DefaultTransport] if that is not a [*http.Transport] when a
// call is made, as with mocks and instrumentation. Otherwise it is a clone of the
// one that was there when the client was made, with TLS 1.2 or newer, up to 100
// idle connections, and a PING frame on each HTTP/2 connection on which nothing arrives for
// 10 seconds; without an acknowledgment in 5 seconds it is closed. A transport that is
// set here should have HTTP2.SendPingTimeout set, too.
func WithTransport(transport http.RoundTripper) Option {
	return clientOption(func(c *config) error {
		if v := reflect.ValueOf(transport); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			return errors.New("transport: expected an http.RoundTripper, got nil")
		}
		c.sender = newSender(transport)
		return nil
	})
}

// WithHTTPClient makes calls go through a copy of client, with its transport,
// cookies and timeout. Its CheckRedirect is not used: redirects are not
// followed, as credentials go to the Space and nowhere else. The default is no
// http.Client but the transport alone, as [WithTransport] describes it.
func WithHTTPClient(client *http.Client) Option {
	return clientOption(func(c *config) error {
		if client == nil {
			return errors.New("HTTP client: expected an *http.Client, got nil")
		}
		c.sender = newClientSender(client)
		return nil
	})
}

// WithUserAgent puts the name of the caller's own program, such as "billing/2.1",
// before this library's in the User-Agent header.
func WithUserAgent(product string) Option {
	return clientOption(func(c *config) error {
		if strings.TrimSpace(product) == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			return fmt.Errorf("user agent %q: expected printable ASCII", product)
		}
		c.userAgent = product + " " + c.userAgent
		return nil
	})
}

// WithTimeout bounds the time from sending a request to the end of its response.
// The default is 30 seconds. The context of a call can always end it sooner.
func WithTimeout(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d <= 0 {
			return fmt.Errorf("timeout %v: expected more than 0", d)
		}
		c.timeout = d
		return nil
	})
}

// WithMaxRequestBytes bounds the size of a request's body. A larger one is an
// error and is not sent. The default is 10 MiB.
func WithMaxRequestBytes(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("maximum request size %d: expected more than 0 bytes", n)
		}
		c.maxRequest = n
		return nil
	})
}

// WithMaxResponseMemory limits the memory that the result of a call takes, which
// can be many times that of the response's bytes: a response of {} in an array of
// items makes a whole item of two bytes. Beyond it the call fails with
// [ErrUnreadable]. The memory is estimated from the sizes of what is made. The
// default is 256 MiB.
func WithMaxResponseMemory(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("maximum response memory %d: expected more than 0 bytes", n)
		}
		c.maxMemory = n
		return nil
	})
}

// WithMaxResponseBytes limits how much of a response is read. A longer one is an
// error. The default is 32 MiB.
func WithMaxResponseBytes(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("maximum response size %d: expected more than 0 bytes", n)
		}
		c.maxResponse = n
		return nil
	})
}

// WithMaxAttempts sets how often a request is sent at most, the first time
// included; 1 turns repeating off. The default is 4.
//
// A read (GET) is repeated after a failure of the network, after a response that
// was damaged or is not the Space's, and after a status of 408, 429, 500, 502,
// 503 or 504. Another idempotent operation (RFC 9110, section 9.2.2), which is
// a PUT, a DELETE or a PATCH that sets fields to given values, is repeated after
// the same, but not after a success that could not be read ([ErrUnreadable]), and
// not after a timeout or a 504 ([WithRetryAfterTimeout]). A DELETE that is
// repeated can find that an earlier attempt succeeded, and fail with
// [ErrNotFound]; [Error] says so in MayHaveTakenEffect.
//
// Any other request is repeated only if it was certainly not processed: it
// never left, or the response is a 429 or 503 of the Space itself, which has an
// array errors whose items have a type and a code. Proxies respond with these
// statuses as well, also after the Space has done its work.
//
// Between attempts the client waits as long as Retry-After says, or else a
// random time up to 0.5 s, 1 s, 2 s and so on, at most 10 s (exponential backoff
// with full jitter). It does not wait past the deadline of the context.
func WithMaxAttempts(n int) CallOption {
	return callOption(func(c *callConfig) error {
		if n < 1 {
			return fmt.Errorf("maximum attempts %d: expected at least 1", n)
		}
		c.maxAttempts = n
		return nil
	})
}

// WithMaxRetryAfter sets the longest Retry-After that is waited for. If the
// Space asks for more, the call returns at once, with that time in the error's
// RetryAfter. The default is 30 seconds.
func WithMaxRetryAfter(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("maximum Retry-After %v: expected 0 or more", d)
		}
		c.maxRetryAfter = d
		return nil
	})
}

// WithRetryAfterTimeout makes a change that is idempotent (PATCH, PUT, DELETE) be
// repeated after a timeout and after a 504 too. By default it is not, since
// the Space most likely still works at the earlier attempt: if that is processed
// after the repeated one, it overwrites whatever was acknowledged in the
// meantime. The option is for changes that nobody else makes at the same time.
func WithRetryAfterTimeout() CallOption {
	return callOption(func(c *callConfig) error {
		c.retryAfterTimeout = true
		return nil
	})
}

// WithCredentials sets the project id and the API token for HTTP Basic
// authentication (RFC 7617). Both are on the API page of the Space's dashboard.
// Given for a single call they replace those of the client.
//
// Credentials are never shown: errors and dry runs have "[redacted]" in their
// place. Those of fewer than six characters are left alone there, since so short
// a string is found in ordinary words.
func WithCredentials(projectID, apiToken string) CallOption {
	return callOption(func(c *callConfig) error { return c.credentials.setBasic(projectID, apiToken) })
}

// WithCredentialsFunc is [WithCredentials] for credentials that change while the
// program runs, such as a token that is rotated. The function is called before
// each attempt of a call that needs them, by the goroutine of the call and with
// its context, so that it should return at once or keep what it has. It must be
// safe for concurrent use. If it returns an error the call ends with that error
// and nothing more is sent.
func WithCredentialsFunc(credentials func(context.Context) (projectID, apiToken string, err error)) CallOption {
	return callOption(func(c *callConfig) error {
		if credentials == nil {
			return errors.New("credentials: expected a function, got nil")
		}
		c.credentials.basic = credentials
		return nil
	})
}

// WithBearerToken sets the bearer token (RFC 6750) for operations that ask for
// one, such as those that a subscriber calls. Given for a single call it
// replaces that of the client.
func WithBearerToken(token string) CallOption {
	return callOption(func(c *callConfig) error { return c.credentials.setBearer(token) })
}

// WithObserver calls observe once at the end of each call, also of one that was
// refused before anything was sent, and before each wait for a further attempt.
// Given several times, each is called. It is called by the goroutine of the
// call, and should return at once.
func WithObserver(observe func(context.Context, CallInfo)) CallOption {
	return callOption(func(c *callConfig) error {
		if observe == nil {
			return errors.New("observer: expected a function, got nil")
		}
		c.observers = append(slices.Clip(c.observers), observe)
		return nil
	})
}

// WithCallInfo sets *info to the description of a call when it ends. It is meant
// for single calls.
func WithCallInfo(info *CallInfo) CallOption {
	if info == nil {
		return callOption(func(*callConfig) error { return errors.New("call info: expected a pointer, got nil") })
	}
	return WithObserver(func(_ context.Context, i CallInfo) {
		if !i.Retrying() {
			*info = i
		}
	})
}

// WithLogger logs each call in one line, and each further attempt in one: at
// level info a success, at level warn a failure, a further attempt, and a
// success with values that could not be read. A line has the operation, method,
// path template, status, duration, attempt and request id, for a further
// attempt the wait, for values that could not be read their number and the paths
// of the first ten; and nothing else.
func WithLogger(logger *slog.Logger) CallOption {
	if logger == nil {
		return callOption(func(*callConfig) error { return errors.New("logger: expected a *slog.Logger, got nil") })
	}
	return WithObserver(func(ctx context.Context, i CallInfo) {
		level, message := slog.LevelInfo, "signalwire call"
		if i.Err != nil {
			level, message = slog.LevelWarn, "signalwire call failed"
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
		if n := len(i.Unread); n > 0 {
			if i.Err == nil {
				level, message = slog.LevelWarn, "signalwire call with unread values"
			}
			attrs = append(attrs, slog.Int("unread", n), slog.Any("unread_paths", i.Unread[:min(n, 10)]))
		}
		logger.LogAttrs(ctx, level, message, attrs...)
	})
}

// WithLimiter calls limit before each attempt of a call, also before a repeated
// one, and sends the request when it returns nil. The function may wait, until
// the context ends at the latest, or refuse by returning an error: then the call
// fails with that error and nothing is sent.
//
// The sender is what the request names as "from", in its body or in the params
// of the body: the number, address or SIP URI that a message or a call comes
// from. It is empty if the request names none. SignalWire limits calls and
// requests per Space, and messages per sender; package pace has a limiter for
// these limits that serves one process.
//
// [CallInfo] says how long a call waited. Without this option nothing is limited.
func WithLimiter(limit func(ctx context.Context, op gen.Operation, sender string) error) CallOption {
	return callOption(func(c *callConfig) error {
		if limit == nil {
			return errors.New("limiter: expected a function, got nil")
		}
		c.limiter = func(ctx context.Context, op *gen.Operation, req *request) error { return limit(ctx, *op, req.sender()) }
		return nil
	})
}

// WithDryRun checks and builds each request in full, hands it to show, and does
// not send it: the call returns [ErrDryRun]. An edit still reads the resource,
// and shows the change that it would send.
func WithDryRun(show func(DryRunRequest)) CallOption {
	return callOption(func(c *callConfig) error {
		if show == nil {
			return errors.New("dry run: expected a function, got nil")
		}
		c.dryRun = func(op *gen.Operation, req *request) { show(dryRunRequest(op, req)) }
		return nil
	})
}

// WithConflictCheck makes an edit read the resource again just before it sends
// the change, and fail with [ErrConflict] if any of what it is about to send is
// not as it was read at first.
//
// SignalWire's API has no ETag, so a change by somebody else in the short time
// between that second reading and the change itself goes unnoticed. Of two edits
// of different fields at the same time, one can be lost where the update sends
// more than what changed: over a PUT that may replace, and in updates that have
// required fields. The documentation of each Edit method says what it sends. By
// default an edit does not read again, and overwrites what it sends with
// whatever it has.
func WithConflictCheck() CallOption {
	return callOption(func(c *callConfig) error {
		c.conflictCheck = true
		return nil
	})
}

// WithSettleWait sets how long [Client.Settle] keeps looking, since logs show
// things late. The default is two minutes; 0 looks once.
func WithSettleWait(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("settle wait %v: expected 0 or more", d)
		}
		c.settleWait = d
		return nil
	})
}

// WithUnlistedValues sends values of enumerations that the description does not
// list, such as a codec that is newer than this library. Without it they are
// refused before anything is sent. An empty value is refused all the same.
func WithUnlistedValues() CallOption {
	return callOption(func(c *callConfig) error {
		c.unlisted = true
		return nil
	})
}

// WithField adds a member that the description lacks to the JSON body of the
// request. The name is that of a member of the body, or a JSON pointer (RFC
// 6901) to a new member of an object in it, such as "/params/x"; objects that
// are missing on the way are added. The value is encoded as JSON; a
// [json.RawMessage] or []byte is JSON already and sent as it is.
//
// A member that the request's type has is refused, as is one that the body
// has already. So is a call without a body, unless the option was given to
// [New]: then it is for those requests that have one. Of several options of one
// name the last counts.
//
// In an edit the member goes with the update, not with the read. Given for the
// call it counts as a change, so that the update is sent even if nothing else
// differs.
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

// WithQuery adds a parameter that the description lacks to the query of the
// request. In a list it goes with every page, unless the link to the page has
// the parameter already. A parameter that the operation's type has is refused.
// If the option is given several times, each parameter is sent, also those of
// one name.
func WithQuery(name, value string) CallOption {
	return callOption(func(c *callConfig) error {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return fmt.Errorf("WithQuery %q: expected a name, and UTF-8", name)
		}
		c.query = extraParams{append(slices.Clip(c.query.list), extraParam{name, value}), addQuery, checkQuery}
		return nil
	})
}

// WithHeader adds a header that the description lacks to the request; in a list,
// to that of every page, and in an edit, to each request. Headers that the client
// makes itself, such as Authorization, Host and Content-Type, are refused. Of
// several options of one name the last counts.
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

// WithDrift calls report for each successful response that differs from the
// API's description. It is meant for finding out that the API has changed
// before that does any harm. If it is given several times, each function is
// called, by the goroutine of the call, which waits for it. Reading a response
// takes longer with it.
func WithDrift(report func(context.Context, Drift)) CallOption {
	return callOption(func(c *callConfig) error {
		if report == nil {
			return errors.New("drift: expected a function, got nil")
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

// WithStrictResponses makes a call fail with [ErrUnreadable] if a value of its
// response could not be read. Without it, such a value is zero in the result
// and its path is in [CallInfo]. The option is meant for tests, and for
// programs that watch the API for changes.
func WithStrictResponses() CallOption {
	return callOption(func(c *callConfig) error {
		c.strict = true
		return nil
	})
}

// WithRawResponse sets *body to the body of the last response of a call, so
// that members which are newer than this package can be read from it. Of a
// response with an error status, it is the first 64 KiB; if no response came,
// it is nil. It is meant for single calls: calls at the same time need a
// variable each.
func WithRawResponse(body *[]byte) CallOption {
	return callOption(func(c *callConfig) error {
		if body == nil {
			return errors.New("raw response: expected a pointer, got nil")
		}
		c.raw = body
		return nil
	})
}
