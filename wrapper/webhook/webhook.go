// Package webhook handles the requests that SignalWire sends to a program: it verifies
// that they are authentic, and decodes their bodies into the types of package events.
//
//	hooks, err := webhook.New("https://hooks.example.com", signingKey)
//	mux.Handle("POST /sms", webhook.Handler(hooks, events.MessageStatus,
//		func(ctx context.Context, m *events.MessageStatusPayload) error { … }))
//	mux.Handle("POST /call", webhook.Responder(hooks, events.InboundCall,
//		func(ctx context.Context, in *events.InboundCallPayload) (gen.SWML, error) { … }))
//
// SignalWire signs requests with the signing key of the project, which is on the page API
// Credentials of the Dashboard. It does not sign every kind of request. A request of a
// kind that is signed must have a valid signature. A request of a kind that is not signed,
// or whose signing is not documented, must have a valid signature or the credentials for
// HTTP Basic authentication (RFC 7617) that [Hooks.WithBasic] sets. Put these into the URL
// of the webhook: https://user:password@hooks.example.com/tool. A request with a wrong
// signature is refused, even if its credentials are right. If a request has several
// signatures, the one with SHA-256 counts. Only Hooks of [NewBasic], for projects without a
// signing key, do not look at signatures.
//
// A signature covers the URL. The public URL is a setting of [New]. It is never taken from
// the headers Host and X-Forwarded-*, which any client can set. The path and the query are
// those of the request, as they were received.
//
// A signature does not expire, so anybody who has seen a request can send it again. To
// recognize repetitions, use the method Key of each payload, which returns the same string
// for the same event.
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

// MaxBytes is the maximum size of a request body, unless [Hooks.WithMaxBytes] sets
// another: 1 MiB. A request with a larger body gets the status 413.
const MaxBytes = 1 << 20

// ErrSignature is the error for a request that is not authentic: its signature or its
// credentials are missing or wrong.
var ErrSignature = errors.New("webhook: the request is not authentic")

// errUnusable is the error for nil Hooks and for zero ones.
var errUnusable = errors.New("webhook: expected Hooks from New or NewBasic")

// Hooks verifies requests from SignalWire. [New] and [NewBasic] make it. It is safe for
// concurrent use. Printing or logging it does not show keys or passwords.
type Hooks struct {
	// Functions hold the secrets, since printing or dumping a struct does not show what a
	// function holds.
	keys     func() []string
	basic    func() (user, password string)
	location func() location
	logger   *slog.Logger
	maxBytes int64 // of a body
}

// location is the public URL, split into parts.
type location struct {
	scheme, host, path string
	users              []string // spellings of the credentials, such as "name:password@"; nil if it has none
}

// New returns Hooks for requests that SignalWire sends to publicURL, such as
// https://hooks.example.com, and signs with one of the keys. Give two keys while one
// replaces the other.
//
// The URL is the beginning of the URLs that SignalWire is configured with. If it has a
// path, the path is put before the path of each request: this is for proxies that remove
// a prefix from the path. It may have credentials; they are part of the URL that is
// signed, but do not allow requests without a signature (see [Hooks.WithBasic]). New
// returns an error if the URL has a query or a fragment, if there is no key, or if a key
// is empty.
func New(publicURL string, keys ...string) (*Hooks, error) {
	at, err := parseLocation(publicURL)
	switch {
	case err != nil:
		return nil, err
	case len(keys) == 0:
		return nil, errors.New("webhook: expected a signing key; NewBasic is for projects without one")
	case slices.ContainsFunc(keys, func(key string) bool { return strings.TrimSpace(key) == "" }):
		return nil, errors.New("webhook: expected signing keys that are not empty")
	}
	keys = slices.Clone(keys)
	return &Hooks{
		keys:     func() []string { return keys },
		basic:    func() (string, string) { return "", "" },
		location: func() location { return at },
		maxBytes: MaxBytes,
	}, nil
}

// NewBasic returns Hooks for a project without a signing key. Requests of every kind must
// have these credentials for HTTP Basic authentication, and signatures are not checked.
// NewBasic returns an error if the user name or the password is empty, or if the user name
// has a colon, which it cannot have in Basic authentication.
func NewBasic(user, password string) (*Hooks, error) {
	if user == "" || password == "" || strings.Contains(user, ":") {
		return nil, errors.New("webhook: expected a user name without a colon and a password, neither of them empty")
	}
	h := &Hooks{keys: func() []string { return nil }, location: func() location { return location{} }, maxBytes: MaxBytes}
	return h.WithBasic(user, password), nil
}

// unusable reports whether h does not come from New or NewBasic, for example because their
// error was ignored.
func (h *Hooks) unusable() bool { return h == nil || h.keys == nil }

// WithBasic returns a copy of h that also accepts requests without a signature, if they
// have these credentials for HTTP Basic authentication and are of a kind that SignalWire
// does not sign, or whose signing is not documented. If the user name or the password is
// empty, or if the user name has a colon, no credentials are accepted.
func (h *Hooks) WithBasic(user, password string) *Hooks {
	with := *h
	with.basic = func() (string, string) { return user, password }
	return &with
}

// WithLogger returns a copy of h that logs to logger. It logs the reasons for which
// requests are refused, and the errors and panics of handlers. The default is
// [slog.Default].
func (h *Hooks) WithLogger(logger *slog.Logger) *Hooks {
	with := *h
	with.logger = logger
	return &with
}

// WithMaxBytes returns a copy of h that accepts bodies of up to n bytes, in place of
// [MaxBytes]. The report of an AI agent on a long conversation has all that was said twice,
// and each call of a function with its data, so that it can be larger than that. It panics
// if n is not positive.
func (h *Hooks) WithMaxBytes(n int64) *Hooks {
	if n <= 0 {
		panic(fmt.Sprintf("webhook: WithMaxBytes: expected more than 0, got %d", n))
	}
	with := *h
	with.maxBytes = n
	return &with
}

// String returns the type and the host.
func (h *Hooks) String() string { return "webhook.Hooks(" + h.location().host + ")" }

// Format makes every verb of package fmt print what String returns.
func (h *Hooks) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(h.String())) }

// LogValue returns what String returns, for package slog.
func (h *Hooks) LogValue() slog.Value { return slog.StringValue(h.String()) }

// log returns the logger.
func (h *Hooks) log() *slog.Logger {
	if h.logger != nil {
		return h.logger
	}
	return slog.Default()
}

// parseLocation parses the public URL. The error does not repeat the URL, which can
// contain a password.
func parseLocation(publicURL string) (location, error) {
	u, err := url.Parse(publicURL)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "" || u.Scheme != "https" && u.Scheme != "http":
		return location{}, errors.New("webhook: expected a public URL such as https://hooks.example.com")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(publicURL, "#"):
		return location{}, errors.New("webhook: expected a public URL without query and fragment")
	}
	scheme, rest, _ := strings.Cut(publicURL, "://") // signatures cover its spelling
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], strings.TrimRight(rest[i:], "/")
	}
	var users []string
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		users = slices.Compact([]string{authority[:i+1], u.User.String() + "@"}) // that of [Sign], too
		authority = authority[i+1:]
	}
	return location{scheme: scheme, host: authority, path: path, users: users}, nil
}

// requestURI returns the path and the query of a request, as they were received.
func requestURI(r *http.Request) string {
	uri := r.RequestURI
	if uri == "" {
		return r.URL.RequestURI()
	}
	if strings.HasPrefix(uri, "/") {
		return uri
	}
	if _, rest, found := strings.Cut(uri, "://"); found { // an absolute-form URI
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			return "/" + strings.TrimPrefix(rest[i:], "/")
		}
		return "/"
	}
	return uri
}
