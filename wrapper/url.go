package signalwire

import (
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/oapi-codegen/runtime"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// spaceURL returns the URL of a Space, given its name, host or URL. It puts the name into
// the server URL of the description, and accepts only a single DNS label as the name, so
// that no input can send the credentials to another host.
func spaceURL(space string) (*url.URL, error) {
	prefix, rest, _ := strings.Cut(gen.ServerURL, "{")
	_, suffix, _ := strings.Cut(rest, "}")

	host, isURL := strings.CutPrefix(asciiLower(space), prefix)
	if isURL {
		host = strings.TrimSuffix(host, "/") // the same URL (RFC 3986, section 6.2.3)
	}
	label, isHost := strings.CutSuffix(host, suffix)
	if !isLabel(label) || isURL && !isHost {
		return nil, fmt.Errorf("space %s: expected a Space's name (acme), host (acme%s) or URL (%sacme%s)", quoteRedacted(space), suffix, prefix, suffix)
	}
	return url.Parse(prefix + label + suffix)
}

// asciiLower lowers the case of ASCII letters only, as DNS does. strings.ToLower would
// also convert characters such as the Kelvin sign to ASCII letters.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

// isLabel reports whether s is a label of a host name (RFC 1123, section 2.1) in lower
// case.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// quoteRedacted quotes a Space or URL that was refused. It shows none that may contain a
// password.
func quoteRedacted(s string) string {
	if strings.Contains(s, "@") {
		return "(not shown: it has an @, and so may contain a password)"
	}
	if len(s) > 100 {
		s = s[:100] + "…"
	}
	return fmt.Sprintf("%q", s)
}

// parseBaseURL parses the URL of [WithBaseURL] and checks that it may be called.
func parseBaseURL(raw string) (*url.URL, error) {
	refuse := func(expected string) error {
		return fmt.Errorf("base URL %s: expected %s", quoteRedacted(raw), expected)
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || !isHost(u.Hostname()):
		return nil, refuse("an absolute URL such as https://localhost:8080")
	case u.User != nil:
		return nil, refuse("no user name or password in it; credentials go into WithCredentials")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, refuse("no query and no fragment")
	case u.EscapedPath() != u.Path || hasDotSegment(u.Path):
		return nil, refuse("a plain path, with no escapes and no dot segments")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, refuse("https, since http would send the credentials in the clear (it is allowed to loopback only)")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, refuse("the scheme https")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// isHost reports whether s is an IP address or a host name, which can have underscores, as
// those of storage services do.
func isHost(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	for label := range strings.SplitSeq(strings.ReplaceAll(asciiLower(s), "_", "a"), ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

// hasDotSegment reports whether a path has a segment "." or ".." (RFC 3986, section 3.3).
func hasDotSegment(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// escapeQuery escapes the bytes of a query that must not occur in the target of a request
// (RFC 9112, section 3.2): spaces, control characters and what is not ASCII.
func escapeQuery(query string) string {
	var escaped []byte
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f {
			escaped = append(escaped, url.PathEscape(query[i:i+1])...) // not QueryEscape, which makes a + of a space
		} else {
			escaped = append(escaped, c)
		}
	}
	return string(escaped)
}

// isLoopback reports whether a host is localhost or a loopback address.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return asciiLower(host) == "localhost" || ip != nil && ip.IsLoopback()
}

// expandPath puts the values of the path parameters into the path template of the
// operation. path is not escaped. In rawPath each value is escaped, so that it remains
// one segment. shown is for errors: it has the values of UUIDs, and the placeholders of
// other parameters.
func expandPath(op *gen.Operation, values []any, unlisted bool) (path, rawPath, shown string, err error) {
	var room [256]byte
	plain := room[:0]
	var escaped, masked []byte // nil as long as they are equal to plain
	rest := op.Path
	for _, value := range values {
		before, after, found := strings.Cut(rest, "{")
		name, after, closed := strings.Cut(after, "}")
		if !found || !closed {
			return "", "", "", fmt.Errorf("%d arguments for the path %s", len(values), op.Path)
		}
		text, err := pathSegment(name, value, unlisted)
		if err != nil {
			return "", "", "", err
		}
		mask := text
		if _, isUUID := value.(uuid.UUID); !isUUID {
			mask = "{" + name + "}"
		}
		plain = append(plain, before...)
		escaped = appendOther(escaped, plain, before, text, url.PathEscape(text))
		masked = appendOther(masked, plain, before, text, mask)
		plain = append(plain, text...)
		rest = after
	}
	if strings.Contains(rest, "{") {
		return "", "", "", fmt.Errorf("%d arguments for the path %s", len(values), op.Path)
	}
	path = string(append(plain, rest...))
	rawPath, shown = path, path
	if escaped != nil {
		rawPath = string(append(escaped, rest...))
	}
	if masked != nil {
		shown = string(append(masked, rest...))
	}
	return path, rawPath, shown, nil
}

// appendOther appends other to a path in which it is in place of text. The path has all of
// plain, which ends in before, or is nil as long as it is equal to plain.
func appendOther(path, plain []byte, before, text, other string) []byte {
	switch {
	case path != nil:
		path = append(path, before...)
	case other == text:
		return nil
	default:
		path = append(path, plain...)
	}
	return append(path, other...)
}

// pathSegment returns the value of a path parameter as a string. It refuses strings that
// are not a single segment, or that a server behind a proxy may interpret as several
// segments.
func pathSegment(name string, value any, unlisted bool) (string, error) {
	switch v := value.(type) {
	case uuid.UUID:
		if v == uuid.Nil {
			return "", &InputError{name, zeroUUID}
		}
		return v.String(), nil
	case string:
		if v == "" || v == "." || v == ".." {
			return "", &InputError{name, `expected a string other than "", "." and ".."`}
		}
		// The error does not show v, since it can be a person's phone number.
		if i := strings.IndexFunc(v, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) }); i >= 0 {
			r, _ := utf8.DecodeRuneInString(v[i:])
			return "", &InputError{name, "expected no slash, backslash and control character, got " + strconv.QuoteRune(r)}
		}
		return v, (&validator{}).validate(name, reflect.ValueOf(v))
	}
	v := reflect.ValueOf(value)
	if err := (&validator{unlisted: unlisted}).validate(name, v); err != nil {
		return "", err
	}
	switch v.Kind() {
	case reflect.String: // an enumeration
		return pathSegment(name, v.String(), unlisted)
	case reflect.Int64, reflect.Float64, reflect.Bool, reflect.Struct: // such as a time.Time
		if text, err := runtime.StyleParamWithOptions("simple", false, name, value, runtime.StyleParamOptions{}); err == nil {
			return text, nil
		}
	}
	return "", &InputError{name, fmt.Sprintf("expected a string or a UUID, got %T", value)}
}

const zeroUUID = "expected the id of a resource, got the zero UUID"
