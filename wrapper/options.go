package signalwire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
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
	base      *url.URL
	sender    *sender // nil is the default
	userAgent string
	call      callConfig
}

// callConfig is what a single call can set otherwise.
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
	raw               *[]byte // where the body of the last response goes
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
			return fmt.Errorf("call option %T is none of package signalwire", o)
		}
		if err := set(c); err != nil {
			return err
		}
	}
	return nil
}

// WithBaseURL sends all calls to another server than the Space's, such as one
// made for tests. The URL is https, or http to loopback, and may have a path,
// below which the API's paths are put. The default is the Space's own URL.
func WithBaseURL(baseURL string) Option {
	return clientOption(func(c *config) (err error) {
		c.base, err = parseBaseURL(baseURL)
		return err
	})
}

// WithTransport sets what carries out HTTP requests. It must not follow redirects:
// a response whose Request has another URL than the one that was sent is refused.
//
// The default is [http.DefaultTransport] if that is not a [*http.Transport] when a
// call is made, as with mocks and instrumentation. Otherwise it is a clone of the
// one that was there when the client was made, with TLS 1.2 or newer, up to 100
// idle connections, and HTTP/2 connections that are tried with a PING frame after
// 10 seconds without a sign of life and given up 5 seconds later. Those who set a
// transport of their own should set HTTP2.SendPingTimeout too.
func WithTransport(transport http.RoundTripper) Option {
	return clientOption(func(c *config) error {
		if v := reflect.ValueOf(transport); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			return errors.New("transport: nil given, want an http.RoundTripper")
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
			return errors.New("HTTP client: nil given, want an *http.Client")
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
			return fmt.Errorf("user agent %q: want printable ASCII", product)
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

// WithMaxResponseMemory limits the memory that the result of a call takes, which
// can be many times that of the response's bytes: a response of {} in an array of
// items makes a whole item of two bytes. Beyond it the call fails with
// [ErrUnreadable]. The memory is estimated from the sizes of what is made. The
// default is 256 MiB.
func WithMaxResponseMemory(n int64) CallOption {
	return callOption(func(c *callConfig) error {
		if n <= 0 {
			return fmt.Errorf("maximum response memory %d: want more than 0 bytes", n)
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
			return fmt.Errorf("maximum response size %d: want more than 0 bytes", n)
		}
		c.maxResponse = n
		return nil
	})
}
