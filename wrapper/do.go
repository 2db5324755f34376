package signalwire

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// anyPath is the path template of [Client.Do] and [Client.Download].
const anyPath = "/{path}"

// Do calls a path of the Space for which package gen has no method, for example one that
// is newer than this library. It uses the same credentials, limits, retries, redaction
// and errors as other calls.
//
// The method is GET, HEAD, POST, PUT, PATCH or DELETE. GET, HEAD, PUT and DELETE are
// treated as idempotent (RFC 9110, section 9.2.2), so they may be retried when the
// outcome of an attempt is unknown; POST and PATCH are not. The path begins with one
// slash and may have a query. A path with a scheme, a host, a fragment, an empty segment,
// a segment "." or "..", or an escaped slash, backslash or control character is refused,
// so that the credentials cannot be sent elsewhere.
//
// The body is nil for a request without a body, a [json.RawMessage] or []byte with JSON,
// which is sent unchanged, or a value that is encoded as JSON. It is not validated, except
// that its strings have to be UTF-8. The JSON of the response is decoded into the value that
// out points to. Unlike those of package json, names of members are case-sensitive. If out
// is nil, the response is not decoded, but has to be empty, or JSON without an error: an
// object with a member error or errors that is not empty is refused ([ErrUnreadable]). If
// out points to a struct, such an object is refused if the struct has none of its members.
// An out of type *[json.RawMessage] or *any takes every JSON but null. For HEAD, out is nil.
//
// The credentials are the project id and the API token, or else the bearer token: of those
// that are given for the call, if any are, and otherwise of the client.
//
// For observers and loggers the operation is "Do" and the path template "/{path}", so
// that labels of metrics contain no ids. The path in an [*Error] has "{id}" in place of
// each segment with other characters than letters and underscores, except for versions
// such as v2.
func (c *Client) Do(ctx context.Context, method, path string, body, out any, opts ...CallOption) error {
	return c.caller.doPath(ctx, method, path, body, out, opts)
}

// doPath implements [Client.Do].
func (c *caller) doPath(ctx context.Context, method, path string, body, out any, opts []CallOption) error {
	op := &gen.Operation{
		ID:         "Do",
		Method:     method,
		Path:       anyPath,
		Success:    http.StatusOK,
		Security:   []gen.Security{gen.SecurityBasic, gen.SecurityBearer},
		Idempotent: slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete}, method),
	}
	config := *c.config.with(opts)
	err := config.invalid
	if err == nil && !op.Idempotent && method != http.MethodPost && method != http.MethodPatch {
		op.Method = "(unknown method)"
		err = &InputError{"method", "expected GET, HEAD, POST, PUT, PATCH or DELETE"}
	}
	if err == nil {
		config.link, err = c.parsePath(path)
		config.shown = c.base.EscapedPath() + maskIDs(path)
	}
	if v := reflect.ValueOf(out); err == nil && v.IsValid() && (v.Kind() != reflect.Pointer || v.IsNil()) {
		err = &InputError{"out", "expected a pointer that is not nil"}
	}
	if err == nil && out != nil && method == http.MethodHead {
		err = &InputError{"out", "expected nil, as a response to HEAD has no body"}
	}
	if err == nil && body != nil {
		if config.body, err = encodeUntyped(body); err != nil {
			err = unencodable("body", err)
		}
	}
	config.invalid = err
	return c.call(ctx, op, gen.Args{Body: body}, out, &config)
}

// parsePath checks the path argument of [Client.Do] and returns its URL.
func (c *caller) parsePath(path string) (*url.URL, error) {
	refuse := func(expected string) (*url.URL, error) { return nil, &InputError{"path", "expected " + expected} }
	if strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' || r == '#' || r == '\uFFFD' }) {
		return refuse("no space, control character, backslash or fragment in it")
	}
	if !strings.HasPrefix(path, "/") {
		return refuse("one that begins with a slash, without scheme and host")
	}
	given, query, _ := strings.Cut(path, "?")
	for segment := range strings.SplitSeq(strings.TrimSuffix(given[1:], "/"), "/") {
		plain, err := url.PathUnescape(segment)
		switch {
		case err != nil:
			return refuse("valid escapes")
		case plain == "" || plain == "." || plain == "..":
			return refuse(`no segment that is empty, "." or ".."`)
		case strings.ContainsAny(plain, `/\`) || strings.ContainsFunc(plain, unicode.IsControl):
			return refuse("no escaped slash, backslash or control character")
		}
	}
	if _, err := url.ParseQuery(query); err != nil {
		return refuse("a valid query")
	}
	plain, _ := url.PathUnescape(given) // valid, as its segments are
	return &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: c.base.Path + plain, RawPath: c.base.EscapedPath() + given, RawQuery: escapeQuery(query)}, nil
}

// maskIDs returns a path without its query, with "{id}" in place of each segment that may
// be an id: one with other characters than letters and underscores, except for versions
// such as v2.
func maskIDs(path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		isVersion := len(s) == 2 && s[0] == 'v' && '0' <= s[1] && s[1] <= '9'
		if !isVersion && strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' }) {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/")
}
