package webhook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
)

// The headers with signatures.
const (
	headerSHA256 = "X-SignalWire-SHA256-Signature"
	headerSHA1   = "X-SignalWire-Signature"
	headerOld    = "X-Twilio-Signature" // an older name of headerSHA1, for forms
)

const formType = "application/x-www-form-urlencoded"

// Verify returns the body of a request, or an error if the request is not authentic. Use
// it with routers and frameworks that cannot use [Handler]. The body of r can be read
// again afterwards.
//
// The kind of the request, such as events.InboundCall.Kind, determines whether HTTP Basic
// authentication is sufficient, which spelling of the URL is signed, and whether the body
// is a form. Without a kind, the request must be signed if there is a key, and the
// Content-Type determines whether the body is a form; the caller must then read a body
// that was verified as a form as a form.
//
// The error is [ErrSignature], an [*http.MaxBytesError] if the body has more than
// [MaxBytes] bytes (see [Hooks.WithMaxBytes]), or the error of reading the body, also if
// something else has read it before.
func (h *Hooks) Verify(r *http.Request, kind ...events.Kind) ([]byte, error) {
	if h.unusable() {
		return nil, errUnusable
	}
	body, err := readBody(r, h.maxBytes)
	if err != nil {
		return nil, err
	}
	known := (*events.Kind)(nil)
	if len(kind) > 0 {
		known = &kind[0]
	}
	if reason := h.authenticate(r, body, known); reason != "" {
		return nil, fmt.Errorf("%w: %s", ErrSignature, reason)
	}
	return body, nil
}

// readBody reads the body of a request, up to limit bytes, and replaces it so that it can be
// read again.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	if err != nil {
		return nil, &bodyError{fmt.Errorf("webhook: reading the body: %w", err)}
	}
	if len(body) == 0 && (r.ContentLength > 0 || len(r.PostForm) > 0) {
		return nil, errors.New("webhook: the body was read before, for example by ParseForm; verify a request before anything else reads its body")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// authenticate returns the reason why a request is not authentic, or "" if it is.
func (h *Hooks) authenticate(r *http.Request, body []byte, kind *events.Kind) string {
	keys := h.keys()
	signed := false
	for _, name := range []string{headerSHA256, headerSHA1, headerOld} {
		signed = signed || len(r.Header.Values(name)) > 0
	}
	user, password := h.basic()
	switch {
	case signed && len(keys) > 0:
		return h.checkSignature(r, body, kind)
	case len(keys) > 0 && (kind == nil || kind.Signing.Signed()):
		return "it is not signed"
	case user == "" || password == "":
		return "it is not signed, and no Basic credentials are configured"
	}
	givenUser, givenPassword, given := r.BasicAuth()
	switch {
	case !given:
		return "it has neither a signature nor Basic credentials"
	case !equal(givenUser, user) || !equal(givenPassword, password):
		return "its Basic credentials are wrong"
	}
	return ""
}

// equal reports whether two strings are equal. The time it takes reveals neither their
// contents nor where they differ.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// checkSignature returns the reason why the signature of a request is not valid, or "" if
// it is. A signature covers the URL followed by the body or, for a form, by its decoded
// fields (concatenate). A signature in base64 of any other body covers only the URL,
// whose query parameter bodySHA256 must have the SHA-256 hash of the body. If a request
// has several kinds of signatures, only the one with SHA-256 counts, or else the one in
// the current header.
func (h *Hooks) checkSignature(r *http.Request, body []byte, kind *events.Kind) string {
	digest, signature := hexSHA1, ""
	for _, name := range []string{headerSHA256, headerSHA1, headerOld} {
		values := r.Header.Values(name)
		if len(values) == 0 {
			continue
		}
		if len(values) > 1 {
			return "it has several signatures"
		}
		signature = values[0]
		if name == headerSHA256 {
			digest = hexSHA256 // other signatures are ignored
		}
		break
	}
	if digest == hexSHA1 && len(signature) == base64.StdEncoding.EncodedLen(sha1.Size) {
		digest = base64SHA1
	}
	// The forms a=bc and ab=c have the same signature. A body that is not a form is
	// therefore never verified like one.
	isForm := len(body) > 0 && contentType(r) == formType && (kind == nil || kind.Form)
	covered := string(body)
	switch {
	case digest == hexSHA256:
	case digest == hexSHA1 && isForm:
		return "its signature is not one of a form"
	case digest == hexSHA1:
	case isForm:
		covered = concatenate(parseForm(covered))
	case len(body) > 0:
		sums := parseForm(rawQuery(requestURI(r)))["bodySHA256"]
		sum := sha256.Sum256(body)
		if len(sums) != 1 || !equal(sums[0], hex.EncodeToString(sum[:])) {
			return "its signature does not cover its body"
		}
		covered = ""
	}
	for _, key := range h.keys() {
		for _, at := range h.spellings(r, kind, digest == base64SHA1) {
			if hmac.Equal([]byte(signature), []byte(digest.sign(key, at+covered))) {
				return ""
			}
		}
	}
	return "its signature is wrong"
}

// parseForm decodes a form as the URL Standard does (section 5.1). A semicolon separates
// nothing, and a percent sign that begins no escape stands for itself. The query of a
// webhook can have both, because the customer writes it; [url.ParseQuery] refuses them.
func parseForm(encoded string) url.Values {
	form := url.Values{}
	for pair := range strings.SplitSeq(encoded, "&") {
		if pair == "" {
			continue
		}
		parts := strings.Split(pair, "%")
		for i, part := range parts[1:] {
			if _, err := hex.DecodeString(part[:min(2, len(part))]); err != nil || len(part) < 2 {
				parts[i+1] = "25" + part // the escape of a percent sign
			}
		}
		name, value, _ := strings.Cut(strings.Join(parts, "%"), "=")
		name, _ = url.QueryUnescape(name) // each % begins an escape now
		value, _ = url.QueryUnescape(value)
		form.Add(name, value)
	}
	return form
}

// concatenate returns the part of a form that its signature covers: the decoded names and
// values, sorted by name.
func concatenate(form url.Values) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			b.WriteString(name + value)
		}
	}
	return b.String()
}

// contentType returns the media type of the body of a request, without parameters.
func contentType(r *http.Request) string {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media
}

// rawQuery returns the query of a request URI, without decoding it.
func rawQuery(uri string) string {
	_, query, _ := strings.Cut(uri, "?")
	return query
}

// spellings returns the spellings of the URL of a request that SignalWire may have
// signed: with or without credentials, as the kind says, and, if ports is true, with and
// without the default port.
func (h *Hooks) spellings(r *http.Request, kind *events.Kind, ports bool) (urls []string) {
	at := h.location()
	user, password := h.basic()
	credentials := events.CredentialsUnknown
	if kind != nil {
		credentials = kind.Credentials
	}
	var users []string
	if credentials != events.CredentialsKept || len(at.users) == 0 {
		users = append(users, "")
	}
	switch {
	case credentials == events.CredentialsStripped:
	case len(at.users) > 0:
		users = append(users, at.users...)
	case user != "": // in the URLs of some webhooks, and perhaps not of this one
		users = append(users, url.UserPassword(user, password).String()+"@", user+":"+password+"@")
	}
	hosts := []string{at.host}
	if ports {
		hosts = append(hosts, otherPort(at.scheme, at.host)...)
	}
	for _, user := range users {
		for _, host := range hosts {
			urls = append(urls, at.scheme+"://"+user+host+at.path+requestURI(r))
		}
	}
	return urls
}

// otherPort returns a host with the default port of the scheme added or removed:
// SignalWire signs forms with either spelling. It returns nil if the host has another
// port.
func otherPort(scheme, host string) []string {
	standard := map[string]string{"https": ":443", "http": ":80"}[scheme]
	if without, found := strings.CutSuffix(host, standard); found {
		return []string{without}
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		return []string{host + standard}
	}
	return nil
}

// digest is the hash function and the encoding of a signature.
type digest int

const (
	hexSHA1 digest = iota
	hexSHA256
	base64SHA1
)

// sign returns the HMAC (RFC 2104) of text with the key.
func (d digest) sign(key, text string) string {
	newHash := sha1.New
	if d == hexSHA256 {
		newHash = sha256.New
	}
	mac := hmac.New(newHash, []byte(key))
	mac.Write([]byte(text))
	if d == base64SHA1 {
		return base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// Sign signs a request as SignalWire does. It is meant for tests. The URL of the request
// must be that of the webhook, with its credentials and its port, and with the path and
// query in the spelling that is sent. The body of r can be read again afterwards.
//
// The kind, such as events.InboundCall.Kind, determines whether the request also gets a
// signature with SHA-256, and whether the URL is signed without its credentials. Without
// a kind, a form is signed as a form. Any other request is signed as JSON, with both
// signatures, over the URL with its credentials.
func Sign(r *http.Request, key string, kind ...events.Kind) error {
	if key == "" {
		return errors.New("webhook: the signing key is empty")
	}
	if r.URL == nil || r.URL.Scheme == "" || r.URL.Host == "" {
		return errors.New("webhook: expected a request with the absolute URL of the webhook, such as https://hooks.example.com/call")
	}
	body, err := readBody(r, math.MaxInt64)
	if err != nil {
		return err
	}
	of := events.Kind{Signing: events.SigningSHA256}
	if len(kind) > 0 {
		of = kind[0]
	} else if contentType(r) == formType {
		of.Signing, of.Form = events.SigningForm, true
	}
	at := r.URL.Scheme + "://"
	if r.URL.User != nil && of.Credentials != events.CredentialsStripped {
		at += r.URL.User.String() + "@"
	}
	at += r.URL.Host + requestURI(r)
	for _, name := range []string{headerSHA256, headerSHA1, headerOld} {
		r.Header.Del(name)
	}
	if of.Form {
		r.Header.Set(headerSHA1, base64SHA1.sign(key, at+concatenate(parseForm(string(body)))))
		return nil
	}
	r.Header.Set(headerSHA1, hexSHA1.sign(key, at+string(body)))
	if of.Signing == events.SigningSHA256 {
		r.Header.Set(headerSHA256, hexSHA256.sign(key, at+string(body)))
	}
	return nil
}
