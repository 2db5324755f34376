package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// vector is a request, and the signature that it has.
type vector struct {
	Name, Header, Method, URL, Body, Key, Expected string
	ContentType                                    string `json:"content_type"`
}

// vectors were made with openssl: those to accept, and changes of them to refuse.
func vectors(t testing.TB) (accept map[string]vector, refuse map[string]vector) {
	t.Helper()
	var file struct {
		Accept []vector
		Refuse []struct {
			Name, Of string
			Change   struct {
				Body, Key, URL, Method, Signature *string
				ContentType                       *string `json:"content_type"`
			}
		}
	}
	text, err := os.ReadFile("testdata/signatures.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &file))
	accept, refuse = map[string]vector{}, map[string]vector{}
	for _, v := range file.Accept {
		accept[v.Name] = v
	}
	for _, r := range file.Refuse {
		v, found := accept[r.Of]
		require.True(t, found, r.Of)
		for change, field := range map[*string]*string{r.Change.Body: &v.Body, r.Change.Key: &v.Key, r.Change.URL: &v.URL,
			r.Change.Method: &v.Method, r.Change.Signature: &v.Expected, r.Change.ContentType: &v.ContentType} {
			if change != nil {
				*field = *change
			}
		}
		refuse[r.Name] = v
	}
	return accept, refuse
}

// public is the public URL that goes with a vector: all before its path.
func (v vector) public() string {
	scheme, rest, _ := strings.Cut(v.URL, "://")
	authority, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + authority
}

// request is the request as a server gets it. What may not be on the wire has nil.
func (v vector) request() *http.Request {
	path := strings.TrimPrefix(v.URL, v.public())
	u, err := url.ParseRequestURI(path)
	if err != nil {
		return nil
	}
	r := &http.Request{Method: v.Method, URL: u, RequestURI: path, Host: "internal:8080", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(v.Body))}
	if v.ContentType != "" {
		r.Header.Set("Content-Type", v.ContentType)
	}
	r.Header.Set(v.Header, v.Expected)
	return r
}

func (v vector) verify(t testing.TB, kind ...events.Kind) error {
	t.Helper()
	hooks, err := webhook.New(v.public(), v.Key)
	require.NoError(t, err)
	r := v.request()
	body, err := hooks.Verify(r, kind...)
	if err == nil {
		assert.Equal(t, v.Body, string(body))
		again, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, v.Body, string(again), "the body can be read again")
	}
	return err
}

func TestVectors(t *testing.T) {
	t.Parallel()
	accept, refuse := vectors(t)
	for name, v := range accept {
		assert.NoError(t, v.verify(t), name)
	}
	for name, v := range refuse {
		assert.ErrorIs(t, v.verify(t), webhook.ErrSignature, name)
	}
}

// TestSignMakesTheVectors: what Sign writes is what openssl made.
func TestSignMakesTheVectors(t *testing.T) {
	t.Parallel()
	accept, _ := vectors(t)
	made := 0
	for name, v := range accept {
		if strings.Contains(name, "port-443") || strings.Contains(name, "port-80") || strings.Contains(name, "bodySHA256") {
			continue // spellings that Sign does not choose
		}
		var kind []events.Kind
		switch {
		case strings.Contains(name, "stripped"):
			kind = append(kind, events.Kind{Signing: events.SigningSHA256, Credentials: events.CredentialsStripped, Form: strings.HasPrefix(name, "form")})
		case name == "get-query-only":
			kind = append(kind, events.CXMLVoice.Kind)
		}
		r, err := http.NewRequest(v.Method, v.URL, strings.NewReader(v.Body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", v.ContentType)
		require.NoError(t, webhook.Sign(r, v.Key, kind...), name)
		header := v.Header
		if header == "X-Twilio-Signature" {
			header = "X-SignalWire-Signature"
		}
		assert.Equal(t, v.Expected, r.Header.Get(header), name)
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, v.Body, string(body), "%s: the body can be read again", name)
		made++
	}
	assert.Greater(t, made, 12)
}

// TestEachByte: a request is refused if any bit of its URL, its body, its signature
// or the key is another one.
func TestEachByte(t *testing.T) {
	t.Parallel()
	accept, _ := vectors(t)
	for name, v := range accept {
		whole, flipped := v, 0
		for part, text := range map[string]*string{"URL": &v.URL, "body": &v.Body, "signature": &v.Expected, "key": &v.Key} {
			for i := range len(*text) {
				for bit := range 8 {
					v = whole
					changed := []byte(*text)
					changed[i] ^= 1 << bit
					*text = string(changed)
					if v.request() == nil || sameForm(v, whole) || part == "URL" && sameURL(v, whole) {
						continue
					}
					hooks, err := webhook.New(v.public(), v.Key)
					if err != nil {
						continue // no such URL, or no such key
					}
					flipped++
					if _, err := hooks.Verify(v.request()); !errors.Is(err, webhook.ErrSignature) {
						t.Errorf("%s: with another bit in the %s, %q: %v", name, part, *text, err)
					}
				}
			}
			v = whole
		}
		assert.Greater(t, flipped, 500, name)
	}
}

// sameURL reports whether two URLs differ only in the credentials, which the signature of
// a call does not cover.
func sameURL(a, b vector) bool {
	without := func(v vector) string {
		scheme, rest, _ := strings.Cut(v.URL, "://")
		authority, path, _ := strings.Cut(rest, "/")
		return scheme + "://" + authority[strings.LastIndexByte(authority, '@')+1:] + "/" + path
	}
	return strings.Contains(b.Name, "stripped") && without(a) == without(b)
}

// sameForm reports whether two requests differ only in how a form is escaped, which a
// signature of a form does not cover.
func sameForm(a, b vector) bool {
	if !strings.HasPrefix(a.ContentType, "application/x-www-form-urlencoded") || a.Body == b.Body {
		return false
	}
	return fmt.Sprint(decodeForm(a.Body)) == fmt.Sprint(decodeForm(b.Body))
}

// decodeForm decodes a form in which every byte but & and = stands for itself, except + and
// percent-encoded ones.
func decodeForm(encoded string) url.Values {
	form := url.Values{}
	for _, pair := range strings.Split(encoded, "&") {
		for i := strings.LastIndexByte(pair, '%'); i >= 0; i = strings.LastIndexByte(pair[:i], '%') {
			if _, err := hex.DecodeString(pair[i+1 : min(i+3, len(pair))]); err != nil || i+3 > len(pair) {
				pair = pair[:i] + "%25" + pair[i+1:]
			}
		}
		if name, value, _ := strings.Cut(pair, "="); pair != "" {
			name, _ = url.QueryUnescape(name)
			value, _ = url.QueryUnescape(value)
			form.Add(name, value)
		}
	}
	return form
}

func request(t testing.TB, method, target, contentType, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	require.NoError(t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// received is a request as a server gets it.
func received(r *http.Request) *http.Request {
	r.RequestURI = r.URL.RequestURI()
	r.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	return r
}

const (
	key      = "PSK_first"
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

func newHooks(t testing.TB, publicURL string, keys ...string) *webhook.Hooks {
	t.Helper()
	hooks, err := webhook.New(publicURL, keys...)
	require.NoError(t, err)
	return hooks
}

// TestKindsDecideTheSpelling: calls are signed without the credentials of the URL,
// and messages with them; a handler takes only that.
func TestKindsDecideTheSpelling(t *testing.T) {
	t.Parallel()
	const withUser = "https://sms:s3cret@hooks.example.com"
	hooks := newHooks(t, withUser, key)
	for _, c := range []struct {
		kind, signedAs events.Kind
		passes         bool
	}{
		{events.InboundCall.Kind, events.InboundCall.Kind, true},
		{events.InboundMessage.Kind, events.InboundMessage.Kind, true},
		{events.InboundCall.Kind, events.InboundMessage.Kind, false},
		{events.InboundMessage.Kind, events.InboundCall.Kind, false},
		{events.MessageStatus.Kind, events.InboundCall.Kind, true}, // no source says
		{events.MessageStatus.Kind, events.InboundMessage.Kind, true},
	} {
		r := request(t, "POST", withUser+"/in", jsonType, `{"a":1}`)
		require.NoError(t, webhook.Sign(r, key, c.signedAs))
		_, err := hooks.Verify(received(r), c.kind)
		assert.Equal(t, c.passes, err == nil, "%s signed as %s: %v", c.kind.ID, c.signedAs.ID, err)
	}
}

// TestWithBasicRefusesNothing: URLs with the credentials that WithBasic sets pass, in any
// spelling, and so do URLs without, as they did before.
func TestWithBasicRefusesNothing(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://hooks.example.com", key).WithBasic("me", "p!w")
	for _, signed := range []string{"", "me:p!w@", "me:p%21w@"} {
		for _, kind := range []events.Kind{events.InboundMessage.Kind, events.MessageStatus.Kind} {
			r := request(t, "POST", "https://hooks.example.com/in", jsonType, `{}`)
			mac := hmac.New(sha1.New, []byte(key))
			mac.Write([]byte("https://" + signed + "hooks.example.com/in{}"))
			r.Header.Set("X-SignalWire-Signature", hex.EncodeToString(mac.Sum(nil)))
			_, err := hooks.Verify(received(r), kind)
			assert.NoError(t, err, "%s to %q", kind.ID, signed)
		}
	}
}

// TestCredentialsInTheURL: Sign makes what Hooks accept, however the credentials in the
// public URL are spelled, and so is what SignalWire makes of the URL as it is configured.
func TestCredentialsInTheURL(t *testing.T) {
	t.Parallel()
	for _, credentials := range []string{"me:pw", "me", "me:", "me:p!w", "me:p%21w", "m%3ae:p'(w)*", "me:p%c3%bcw", "me:p%C3%BCw"} {
		publicURL := "https://" + credentials + "@hooks.example.com"
		for _, kind := range []events.Kind{events.InboundMessage.Kind, events.MessageStatus.Kind, events.CXMLMessage.Kind} {
			contentType, body := jsonType, `{"a":1}`
			if kind.Form {
				contentType, body = formType, "a=1"
			}
			r := request(t, "POST", publicURL+"/in", contentType, body)
			require.NoError(t, webhook.Sign(r, key, kind))
			_, err := newHooks(t, publicURL, key).Verify(received(r), kind)
			assert.NoError(t, err, "%s to %s", kind.ID, credentials)
		}
		r := request(t, "POST", "https://hooks.example.com/in", jsonType, `{}`)
		mac := hmac.New(sha1.New, []byte(key))
		mac.Write([]byte(publicURL + "/in{}"))
		r.Header.Set("X-SignalWire-Signature", hex.EncodeToString(mac.Sum(nil)))
		_, err := newHooks(t, publicURL, key).Verify(received(r), events.InboundMessage.Kind)
		assert.NoError(t, err, credentials)
	}
}

// TestFormSchemeIsForForms: it cannot tell a=bc from ab=c, so no JSON kind takes it,
// and a kind that is a form takes no signature of another scheme.
func TestFormSchemeIsForForms(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://hooks.example.com", key)
	signed := request(t, "POST", "https://hooks.example.com/x", formType, "a=bc")
	require.NoError(t, webhook.Sign(signed, key))
	_, err := hooks.Verify(received(signed), events.InboundCall.Kind)
	assert.ErrorIs(t, err, webhook.ErrSignature)

	signed = request(t, "POST", "https://hooks.example.com/x", formType, "a=bc")
	require.NoError(t, webhook.Sign(signed, key, events.InboundMessage.Kind))
	_, err = hooks.Verify(received(signed), events.CXMLVoice.Kind)
	assert.ErrorIs(t, err, webhook.ErrSignature)
}

// TestSHA256Decides: where it is there, the other signature does not count.
func TestSHA256Decides(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://hooks.example.com", key)
	signed := func() *http.Request {
		r := request(t, "POST", "https://hooks.example.com/x", jsonType, `{}`)
		require.NoError(t, webhook.Sign(r, key))
		return received(r)
	}
	r := signed()
	r.Header.Set("X-SignalWire-Signature", "wrong")
	_, err := hooks.Verify(r)
	assert.NoError(t, err)

	for _, wrong := range []string{"", "0", strings.Repeat("0", 64), signed().Header.Get("X-SignalWire-Signature")} {
		r = signed()
		r.Header.Set("X-SignalWire-SHA256-Signature", wrong)
		_, err = hooks.Verify(r)
		assert.ErrorIs(t, err, webhook.ErrSignature, "%q", wrong)
	}
	r = signed()
	r.Header.Add("X-SignalWire-SHA256-Signature", r.Header.Get("X-SignalWire-SHA256-Signature"))
	_, err = hooks.Verify(r)
	assert.ErrorIs(t, err, webhook.ErrSignature, "two signatures")
}

// TestRotation: while a key is replaced, both are good.
func TestRotation(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://hooks.example.com", "PSK_new", key)
	for given, passes := range map[string]bool{"PSK_new": true, key: true, "PSK_ancient": false} {
		r := request(t, "POST", "https://hooks.example.com/x", jsonType, `{}`)
		require.NoError(t, webhook.Sign(r, given))
		_, err := hooks.Verify(received(r))
		assert.Equal(t, passes, err == nil, given)
	}
}

// TestWhoPasses is the table of what a request has and what its kind is.
func TestWhoPasses(t *testing.T) {
	t.Parallel()
	const public = "https://hooks.example.com"
	keyOnly := newHooks(t, public, key)
	both := keyOnly.WithBasic("me", "pw")
	basicOnly, err := webhook.NewBasic("me", "pw")
	require.NoError(t, err)
	empty := keyOnly.WithBasic("", "")
	signed, unknown, unsigned := events.InboundCall.Kind, events.MessageStatus.Kind, events.AIFunction.Kind
	const good, wrong, none = "good", "wrong", ""
	for i, c := range []struct {
		hooks            *webhook.Hooks
		kind             *events.Kind
		signature, basic string
		passes           bool
	}{
		{keyOnly, &signed, good, none, true}, {keyOnly, &signed, wrong, none, false}, {keyOnly, &signed, none, none, false}, {keyOnly, &signed, none, good, false},
		{keyOnly, &unknown, good, none, true}, {keyOnly, &unknown, none, none, false}, {keyOnly, &unknown, none, good, false},
		{keyOnly, &unsigned, good, none, true}, {keyOnly, &unsigned, none, none, false},
		{both, &signed, none, good, false}, {both, &signed, good, wrong, true}, {both, &signed, wrong, good, false},
		{both, &unknown, none, good, true}, {both, &unknown, wrong, good, false}, {both, &unknown, none, wrong, false}, {both, &unknown, none, none, false},
		{both, &unsigned, none, good, true}, {both, &unsigned, wrong, good, false}, {both, &unsigned, good, none, true},
		{basicOnly, &signed, none, good, true}, {basicOnly, &signed, none, wrong, false}, {basicOnly, &signed, none, none, false}, {basicOnly, &unsigned, none, good, true},
		{basicOnly, nil, none, good, true}, {basicOnly, nil, good, none, false}, {both, nil, none, good, false}, {both, nil, good, none, true},
		{empty, &unsigned, none, none, false}, {empty, &unsigned, none, "empty", false},
	} {
		r := request(t, "POST", public+"/x", jsonType, `{}`)
		switch c.signature {
		case good:
			require.NoError(t, webhook.Sign(r, key))
		case wrong:
			require.NoError(t, webhook.Sign(r, "PSK_other"))
		}
		switch c.basic {
		case good:
			r.SetBasicAuth("me", "pw")
		case wrong:
			r.SetBasicAuth("me", "pw2")
		case "empty":
			r.SetBasicAuth("", "")
		}
		var kinds []events.Kind
		if c.kind != nil {
			kinds = append(kinds, *c.kind)
		}
		_, err := c.hooks.Verify(received(r), kinds...)
		assert.Equal(t, c.passes, err == nil, "%d: %v", i, err)
		if !c.passes {
			assert.ErrorIs(t, err, webhook.ErrSignature, "%d", i)
		}
	}
}

// TestPathOnTheWire: the signed path and query are those that came in, with a prefix
// that a proxy has removed before them.
func TestPathOnTheWire(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://hooks.example.com/hooks/", key)
	r := request(t, "POST", "https://hooks.example.com/hooks/a%2Fb?z=1&a=%20", jsonType, `{}`)
	require.NoError(t, webhook.Sign(r, key))
	got := error(nil)
	handler := http.StripPrefix("/a/b", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.URL.RawQuery = "" // as a framework may do
		r.Host = "evil.example"
		r.Header.Set("X-Forwarded-Host", "evil.example")
		_, got = hooks.Verify(r)
	}))
	r.RequestURI = "/a%2Fb?z=1&a=%20"
	r.URL = &url.URL{Path: "/a/b/", RawPath: "/a%2Fb/", RawQuery: "a=1"}
	handler.ServeHTTP(httptest.NewRecorder(), r)
	assert.NoError(t, got)

	r.RequestURI = "http://proxied.example/a%2Fb?z=1&a=%20" // as a request to a proxy is
	_, err := hooks.Verify(r)
	assert.NoError(t, err)
	r.RequestURI = "" // as frameworks make requests
	r.URL = &url.URL{Path: "/a/b", RawPath: "/a%2Fb", RawQuery: "z=1&a=%20"}
	_, err = hooks.Verify(r)
	assert.NoError(t, err)
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, publicURL := range []string{"", "hooks.example.com", "ftp://hooks.example.com", "https://", "https://h?x=1", "https://h?", "https://h/#f", "https://a:s3cret@h:port/"} {
		_, err := webhook.New(publicURL, key)
		require.Error(t, err, publicURL)
		assert.NotContains(t, err.Error(), "s3cret")
	}
	for _, keys := range [][]string{nil, {""}, {key, " "}} {
		_, err := webhook.New("https://hooks.example.com", keys...)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), key)
	}
	for _, c := range [][2]string{{"", ""}, {"me", ""}, {"", "pw"}, {"me:you", "pw"}} {
		_, err := webhook.NewBasic(c[0], c[1])
		assert.ErrorContains(t, err, "expected a user name without a colon and a password")
	}
}

// TestNoKeyIsShown by what prints or logs, nor by the error for a request.
func TestNoKeyIsShown(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://user:urlsecret@hooks.example.com", "PSK_topsecret").WithBasic("me", "basicsecret")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "hooks", hooks, "value", *hooks)
	//lint:ignore SA9005 nothing of it is to be encoded
	encoded, _ := json.Marshal(hooks)
	r := request(t, "POST", "https://hooks.example.com/x", jsonType, `{}`)
	require.NoError(t, webhook.Sign(r, "PSK_other"))
	_, err := hooks.Verify(received(r))
	require.Error(t, err)
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s %q %x", hooks, hooks, hooks, hooks, hooks, hooks), fmt.Sprintf("%+v %#v", *hooks, *hooks), log.String(), string(encoded), err.Error()} {
		assert.NotContains(t, shown, "secret")
		assert.NotContains(t, shown, fmt.Sprintf("%x", "PSK_topsecret"))
	}
	assert.Contains(t, hooks.String(), "hooks.example.com")
}

// FuzzVerify: what Sign has signed passes as it is, and nothing else does. What counts
// is the text that a signature covers, as the schemes put nothing between URL and body.
func FuzzVerify(f *testing.F) {
	accept, refuse := vectors(f)
	kinds := []*events.Kind{nil, &events.InboundCall.Kind, &events.InboundMessage.Kind, &events.MessageStatus.Kind, &events.CXMLVoice.Kind}
	for _, set := range []map[string]vector{accept, refuse} {
		for _, v := range set {
			signed := accept[v.Name] // of which v may be a change
			signedURI, uri := strings.TrimPrefix(signed.URL, signed.public()), strings.TrimPrefix(v.URL, v.public())
			for i := range kinds {
				f.Add(byte(i), signedURI, signed.ContentType, signed.Body, byte(i), v.Method, uri, v.ContentType, v.Body, v.Expected)
				f.Add(byte(0), signedURI, formType, "", byte(i), v.Method, uri, v.ContentType, v.Body, "") // of the URL alone
			}
		}
	}
	const public = "https://user:pw@hooks.example.com"
	hooks, err := webhook.New(public, key)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, signedAs byte, signedURI, signedType, signedBody string, readAs byte, method, uri, contentType, body, signature string) {
		var sign, read []events.Kind
		if kind := kinds[int(signedAs)%len(kinds)]; kind != nil {
			sign = append(sign, *kind)
		}
		if kind := kinds[int(readAs)%len(kinds)]; kind != nil {
			read = append(read, *kind)
		}
		arrives := func(method, uri, contentType, body, header, signature string) error {
			u, err := url.ParseRequestURI(uri)
			if err != nil {
				return err
			}
			r := &http.Request{Method: method, URL: u, RequestURI: uri, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
			r.Header.Set("Content-Type", contentType)
			r.Header.Set(header, signature)
			_, err = hooks.Verify(r, read...)
			return err
		}
		signed, err := http.NewRequest("POST", public+signedURI, strings.NewReader(signedBody))
		if err != nil || signed.URL.Host != "hooks.example.com" || !strings.HasPrefix(uri, "/") {
			return
		}
		signed.Header.Set("Content-Type", signedType)
		if webhook.Sign(signed, key, sign...) != nil {
			return
		}
		signedURI = signed.URL.RequestURI()
		for _, header := range []string{"X-SignalWire-Signature", "X-SignalWire-SHA256-Signature", "X-Twilio-Signature"} {
			made := signed.Header.Get(header)
			if made != signature && arrives(method, uri, contentType, body, header, signature) == nil {
				t.Fatalf("%q passes without the key", signature)
			}
			if made == "" {
				continue
			}
			if err := arrives("POST", signedURI, signedType, signedBody, header, made); err != nil && int(signedAs)%len(kinds) == int(readAs)%len(kinds) &&
				(len(sign) == 0 || sign[0].Form == isForm(signedType)) {
				t.Fatalf("%s %q to %q, which was signed, is refused: %v", signedType, signedBody, signedURI, err)
			}
			if arrives(method, uri, contentType, body, header, made) != nil {
				continue
			}
			asForm := len(made) == 28 // base64
			covers := uri + coveredBy(asForm, body)
			if asForm && body != "" && !isForm(contentType) {
				_, query, _ := strings.Cut(uri, "?")
				values := decodeForm(query)
				if sum := sha256.Sum256([]byte(body)); values.Get("bodySHA256") != hex.EncodeToString(sum[:]) {
					t.Fatalf("the body %q passes with a signature that does not cover it", body)
				}
				covers = uri
			}
			if covers != signedURI+coveredBy(asForm, signedBody) {
				t.Fatalf("%s %q to %q passes with the %s of %s %q to %q", contentType, body, uri, header, signedType, signedBody, signedURI)
			}
		}
	})
}

func isForm(contentType string) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	return media == formType
}

// coveredBy is what a signature covers of a body: of a form the decoded names and
// values, in the order of the names.
func coveredBy(asForm bool, body string) (text string) {
	if !asForm {
		return body
	}
	form := decodeForm(body)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		text += name + strings.Join(form[name], name)
	}
	return text
}

// A customer writes the query of a webhook, and servers take it as the URL Standard says. So
// a semicolon and a percent sign in it change neither what is verified nor what is read.
func TestOddQueries(t *testing.T) {
	t.Parallel()
	hooks := newHooks(t, "https://hooks.example.com", key)
	body := `{"event_type":"x"}`
	sum := sha256.Sum256([]byte(body))
	for query, want := range map[string]string{"?a=1;b": "1;b", "?a=100%": "100%", "?a=%zz": "%zz", "?a=%4": "%4", "?a=%2541+%3b": "%41 ;", "?a=%FF%": "\ufffd%"} {
		target := "https://hooks.example.com/x" + query
		sign := func(url string) string {
			mac := hmac.New(sha1.New, []byte(key))
			mac.Write([]byte(url))
			return base64.StdEncoding.EncodeToString(mac.Sum(nil))
		}
		arrives := func(method, uri, contentType, body, signed string) *http.Request {
			r := httptest.NewRequest(method, "/", strings.NewReader(body))
			r.RequestURI = strings.TrimPrefix(uri, "https://hooks.example.com")
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("X-SignalWire-Signature", sign(signed))
			return r
		}

		hashed := target + "&bodySHA256=" + hex.EncodeToString(sum[:])
		_, err := hooks.Verify(arrives("POST", hashed, jsonType, body, hashed), events.CallState.Kind)
		require.NoError(t, err, query)
		_, err = hooks.Verify(arrives("POST", hashed, jsonType, body+" ", hashed), events.CallState.Kind)
		require.ErrorIs(t, err, webhook.ErrSignature, query)

		for method, r := range map[string]*http.Request{
			"GET":  arrives("GET", target+"&From=%2B1", "", "", target+"&From=%2B1"),
			"POST": arrives("POST", "https://hooks.example.com/x", formType, query[1:]+"&From=%2B1", "https://hooks.example.com/xFrom+1a"+strings.ReplaceAll(want, "\ufffd", "\xff")),
		} {
			var got *events.CXMLVoicePayload
			w := httptest.NewRecorder()
			webhook.Handler(hooks, events.CXMLVoice, func(_ context.Context, p *events.CXMLVoicePayload) error { got = p; return nil }).ServeHTTP(w, r)
			require.Equal(t, http.StatusNoContent, w.Code, "%s %s", method, query)
			require.Equal(t, "+1", got.From, "%s %s", method, query)
			require.JSONEq(t, string(must(json.Marshal(want))), string(got.Extra["a"]), "%s %s", method, query)
		}
	}
}

func must(text []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return text
}

// TestSignNeedsTheWholeURL: a signature covers the URL with its scheme and host.
func TestSignNeedsTheWholeURL(t *testing.T) {
	for _, target := range []string{"/call", "//hooks.example.com/call"} {
		r := httptest.NewRequest("POST", "/", strings.NewReader("{}"))
		var err error
		r.URL, err = url.Parse(target)
		require.NoError(t, err)
		require.EqualError(t, webhook.Sign(r, "key"), "webhook: expected a request with the absolute URL of the webhook, such as https://hooks.example.com/call", target)
		require.Empty(t, r.Header, target)
	}
}
