// Package webhook receives the requests that SignalWire sends: it checks that they
// are authentic, and decodes their bodies into the types of package events.
//
//	hooks, err := webhook.New("https://hooks.example.com", signingKey)
//	mux.Handle("POST /sms", webhook.Handler(hooks, events.MessageStatus,
//		func(ctx context.Context, m *events.MessageStatusPayload) error { … }))
//	mux.Handle("POST /call", webhook.Responder(hooks, events.InboundCall,
//		func(ctx context.Context, in *events.InboundCallPayload) (gen.SWML, error) { … }))
//
// SignalWire signs requests with the signing key of the project, which is on the
// page API Credentials of the Dashboard. It does not sign all of them. A request of
// a kind that it signs has to have a valid signature. One of a kind that it does not
// sign, or of which it does not say so, has to have a valid signature or the Basic
// credentials of [Hooks.WithBasic], which are written into the URL of the webhook:
// https://user:password@hooks.example.com/tool. A wrong signature is refused in spite
// of the right credentials.
//
// A signature covers the URL. The public URL is configured, and never taken from
// the request: neither from Host nor from X-Forwarded-* headers, which anybody can
// set. Path and query are those of the request as they came in.
//
// A signature has no time, so that anybody who has seen a request can send it again.
// The method Key of each payload returns the same string for the same event.
package webhook

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// MaxBytes is the largest body of a request that is read: 1 MiB. A larger one gets
// the status 413.
const MaxBytes = 1 << 20

// ErrSignature is the error for a request that is not authentic: its signature or
// its credentials are missing or wrong.
var ErrSignature = errors.New("webhook: the request is not authentic")

// Hooks checks requests from SignalWire. It is safe for concurrent use. It shows
// no key and no password when it is printed or logged.
type Hooks struct {
	// Functions, because neither a printer nor a dump shows what they hold.
	keys     func() []string
	basic    func() (user, password string)
	location func() location
	logger   *slog.Logger
}

// location is the public URL, in parts.
type location struct {
	scheme, user, host, path string // user is "" or "name:password@"
}

// New returns Hooks for requests that are sent to publicURL, such as
// https://hooks.example.com, and signed with one of the keys; there are several
// while a key is replaced.
//
// The URL is what SignalWire is configured with, up to the path that the server
// sees: its path is prepended to that of each request, for proxies that remove a
// prefix. It may have credentials; then they are a part of the URL that is
// signed, but do not admit anything by themselves (see [Hooks.WithBasic]). It is an
// error if it has a query or a fragment, or if a key is empty.
func New(publicURL string, keys ...string) (*Hooks, error) {
	at, err := parseLocation(publicURL)
	switch {
	case err != nil:
		return nil, err
	case len(keys) == 0:
		return nil, errors.New("webhook: no signing key; NewBasic is for projects without one")
	case slices.ContainsFunc(keys, func(key string) bool { return strings.TrimSpace(key) == "" }):
		return nil, errors.New("webhook: a signing key is empty")
	}
	keys = slices.Clone(keys)
	return &Hooks{
		keys:     func() []string { return keys },
		basic:    func() (string, string) { return "", "" },
		location: func() location { return at },
	}, nil
}

// NewBasic returns Hooks for a project without a signing key. Requests of every
// kind have to have these Basic credentials, and signatures are not checked.
func NewBasic(user, password string) (*Hooks, error) {
	if user == "" || password == "" {
		return nil, errors.New("webhook: the user name or the password is empty")
	}
	h := &Hooks{keys: func() []string { return nil }, location: func() location { return location{} }}
	return h.WithBasic(user, password), nil
}

// WithBasic returns Hooks that admit requests without a signature if they have
// these Basic credentials and are of a kind that SignalWire does not sign, or of
// which it does not say so. If the password or the user name is empty, no credentials
// are accepted.
func (h *Hooks) WithBasic(user, password string) *Hooks {
	with := *h
	with.basic = func() (string, string) { return user, password }
	return &with
}

// WithLogger returns Hooks that log to logger why a request was refused, and the
// errors and panics of handlers. The default is [slog.Default].
func (h *Hooks) WithLogger(logger *slog.Logger) *Hooks {
	with := *h
	with.logger = logger
	return &with
}

// String names the Hooks by their host.
func (h *Hooks) String() string { return "webhook.Hooks(" + h.location().host + ")" }

// Format makes every verb of package fmt print what String returns.
func (h *Hooks) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(h.String())) }

// LogValue returns what String returns, for package slog.
func (h *Hooks) LogValue() slog.Value { return slog.StringValue(h.String()) }

func (h *Hooks) log() *slog.Logger {
	if h.logger != nil {
		return h.logger
	}
	return slog.Default()
}

// parseLocation checks the public URL. The error does not repeat it, as it may
// hold a password.
func parseLocation(publicURL string) (location, error) {
	u, err := url.Parse(publicURL)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || u.Scheme != "https" && u.Scheme != "http":
		return location{}, errors.New("webhook: expected a public URL such as https://hooks.example.com")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(publicURL, "#"):
		return location{}, errors.New("webhook: expected a public URL without query and fragment")
	}
	scheme, rest, _ := strings.Cut(publicURL, "://") // as it is written
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], strings.TrimRight(rest[i:], "/")
	}
	user := ""
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, authority = authority[:i+1], authority[i+1:]
	}
	return location{scheme: scheme, user: user, host: authority, path: path}, nil
}

// requestURI is the path and the query of a request as they came in.
func requestURI(r *http.Request) string {
	uri := r.RequestURI
	if uri == "" {
		return r.URL.RequestURI()
	}
	if strings.HasPrefix(uri, "/") {
		return uri
	}
	if _, rest, found := strings.Cut(uri, "://"); found { // as a request to a proxy has it
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			return "/" + strings.TrimPrefix(rest[i:], "/")
		}
		return "/"
	}
	return uri
}
