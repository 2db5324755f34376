package signalwire

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// Option is a setting of a client, for [New]. One that cannot be used makes New
// fail.
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
	base       *url.URL
	secrets    []secret // what must not be shown, for the redactor
	transport  http.RoundTripper
	httpClient *http.Client
	userAgent  string
	call       callConfig

	authorization map[gen.Security]secretHeader
}

// callConfig is what a single call can set otherwise.
type callConfig struct {
	timeout       time.Duration
	maxRequest    int64
	maxResponse   int64
	maxAttempts   int
	maxRetryAfter time.Duration
	observers     []func(context.Context, CallInfo)
	conflictCheck bool
	dryRun        func(op *gen.Operation, req *request, body any)
	link          *url.URL // of a further page, instead of the operation's own

	// known holds values of enumerations that the Space itself has used, and
	// which may be sent though the description does not list them.
	known map[string]bool
}

func defaultConfig() config {
	return config{
		userAgent:     "signalwire-go/" + Version,
		authorization: map[gen.Security]secretHeader{},
		call: callConfig{
			timeout:     30 * time.Second,
			maxRequest:  10 << 20,
			maxResponse: 32 << 20,

			maxAttempts:   4,
			maxRetryAfter: 30 * time.Second,
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

// with returns the settings of one call.
func (c *callConfig) with(opts []gen.CallOption) (*callConfig, error) {
	if len(opts) == 0 {
		return c, nil
	}
	own := *c
	return &own, own.set(opts)
}

func (c *callConfig) set(opts []gen.CallOption) error {
	for _, o := range opts {
		set, ok := o.(callOption)
		if !ok {
			return fmt.Errorf("call option %T is none of package signalwire", o)
		}
		if err := set(c); err != nil {
			return err
		}
	}
	return nil
}

// secret holds a value where no way of printing or dumping a struct shows it.
type secret func() string

func keep(value string) secret { return func() string { return value } }

// secretHeader is the same for the values of a header, which are made once.
type secretHeader func() []string

func keepHeader(value string) secretHeader {
	values := []string{value}
	return func() []string { return values }
}

// redactor returns a function that takes the client's credentials out of text.
func (c *config) redactor() func(string) string {
	slices.SortFunc(c.secrets, func(a, b secret) int { return len(b()) - len(a()) }) // one may begin with another
	var pairs []string
	for _, s := range c.secrets {
		pairs = append(pairs, s(), redacted)
	}
	return strings.NewReplacer(pairs...).Replace
}

// wanted names the options that set the credentials of one of these kinds.
func wanted(kinds []gen.Security) string {
	options := map[gen.Security]string{
		gen.SecurityBasic:  "WithCredentials",
		gen.SecurityBearer: "WithBearerToken",
	}
	var names []string
	for _, k := range kinds {
		if name, ok := options[k]; ok {
			names = append(names, name)
		} else {
			names = append(names, string(k)+" (which this version does not know)")
		}
	}
	return strings.Join(names, " or ")
}

// WithCredentials sets the project id and the API token for HTTP Basic
// authentication (RFC 7617). Both are on the API page of the Space's dashboard.
func WithCredentials(projectID, apiToken string) Option {
	return clientOption(func(c *config) error {
		if projectID == "" || strings.ContainsFunc(projectID, unfitForCredentials) || strings.Contains(projectID, ":") {
			return errors.New("credentials: the project id is empty or holds white space, a control character or a colon; want the UUID from the dashboard")
		}
		if apiToken == "" || strings.ContainsFunc(apiToken, unfitForCredentials) {
			return errors.New("credentials: the API token is empty or holds white space or a control character; want it as the dashboard shows it")
		}
		encoded := base64.StdEncoding.EncodeToString([]byte(projectID + ":" + apiToken))
		c.authorization[gen.SecurityBasic] = keepHeader("Basic " + encoded)
		c.secrets = append(c.secrets, keep(encoded), keep(apiToken), keep(projectID))
		return nil
	})
}

// WithBearerToken sets the bearer token (RFC 6750) for operations that ask for
// one, such as those that a subscriber calls.
func WithBearerToken(token string) Option {
	return clientOption(func(c *config) error {
		if token == "" || strings.ContainsFunc(token, unfitForCredentials) {
			return errors.New("bearer token: empty, or with white space or a control character in it")
		}
		c.authorization[gen.SecurityBearer] = keepHeader("Bearer " + token)
		c.secrets = append(c.secrets, keep(token))
		return nil
	})
}

func unfitForCredentials(r rune) bool { return r <= ' ' || r >= 0x7f }

// WithBaseURL sends all calls to another server than the Space's, such as one
// made for tests. The URL is https, or http to loopback, and may have a path,
// below which the API's paths are put. The default is the Space's own URL.
func WithBaseURL(baseURL string) Option {
	return clientOption(func(c *config) (err error) {
		c.base, err = parseBaseURL(baseURL)
		return err
	})
}

// WithTransport sets what carries out HTTP requests. The default is a clone of
// [http.DefaultTransport] with TLS 1.2 or newer and up to 100 idle connections.
func WithTransport(transport http.RoundTripper) Option {
	return clientOption(func(c *config) error {
		if v := reflect.ValueOf(transport); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			return errors.New("transport: nil given, want an http.RoundTripper")
		}
		c.transport, c.httpClient = transport, nil
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
			return errors.New("HTTP client: nil given, want an *http.Client")
		}
		c.httpClient, c.transport = client, nil
		return nil
	})
}

// WithUserAgent puts the name of the caller's own program, such as "billing/2.1",
// before this library's in the User-Agent header.
func WithUserAgent(product string) Option {
	return clientOption(func(c *config) error {
		if strings.TrimSpace(product) == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			return fmt.Errorf("user agent %q: want printable ASCII", product)
		}
		c.userAgent = product + " " + c.userAgent
		return nil
	})
}

// WithTimeout bounds the time from sending a request to the end of its answer.
// The default is 30 seconds. The context of a call can always end it sooner.
func WithTimeout(d time.Duration) CallOption {
	return callOption(func(c *callConfig) error {
		if d <= 0 {
			return fmt.Errorf("timeout %v: want more than 0", d)
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
			return fmt.Errorf("maximum request size %d: want more than 0 bytes", n)
		}
		c.maxRequest = n
		return nil
	})
}

// WithMaxResponseBytes bounds how much of an answer is read. A longer one is an
// error. The default is 32 MiB.
func WithMaxResponseBytes(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("maximum response size %d: want more than 0 bytes", n)
		}
		c.maxResponse = n
		return nil
	})
}
