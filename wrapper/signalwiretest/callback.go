package signalwiretest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen/events"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// Callback is a request that the Space has sent to a webhook, with its response.
type Callback struct {
	// Time is when the request was sent, by the clock of the Space.
	Time time.Time
	// Kind is the kind of the request, such as that of events.MessageStatus.
	Kind events.Kind
	// URL is the URL of the webhook, without credentials.
	URL string
	// Body is the encoded payload. A GET has it in the query if it is a form.
	Body []byte
	// Status, Header and Response are the status, the headers and the body of the
	// response. The status is 0 if there was no response.
	Status   int
	Header   http.Header
	Response []byte
	// Err is why there is no response, or why it could not be read.
	Err error
}

// Decode decodes the body into a payload, such as an *events.MessageStatusPayload. It
// returns an error if the body is a form.
func (c Callback) Decode(payload any) error { return json.Unmarshal(c.Body, payload) }

// String returns the request and its outcome as one line, without secrets. A body that is
// not JSON is not shown.
func (c Callback) String() string {
	line := fmt.Sprintf("%s to %s status=%d body=%s", c.Kind.ID, redact.Text(c.URL), c.Status, withoutSecrets(c.Body, nil))
	if len(c.Response) > 0 {
		line += " response=" + withoutSecrets(c.Response, nil)
	}
	if c.Err != nil {
		line += " error=" + redact.Text(c.Err.Error())
	}
	return line
}

// Format makes every verb of package fmt print what String returns.
func (c Callback) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// Payload is the content of a request to a webhook, such as an
// events.MessageStatusPayload.
type Payload interface{ Kind() events.Kind }

// DeliveryOption changes how the Space sends a request to a webhook.
type DeliveryOption func(*delivery)

// delivery is a request that is to be sent to a webhook.
type delivery struct {
	handler  http.Handler // gets the request instead of the URL, if not nil
	url      string
	kind     events.Kind
	method   string
	body     []byte        // the encoded payload
	key      func() string // of SignedWith; a function, so that no dump shows it
	unsigned bool
	twice    bool
	late     time.Duration // see Late
	swap     bool          // see OutOfOrder
	fallback *delivery     // is sent if this one is not successful; nil if there is none
}

// To sets the URL of the webhook, for [Space.Deliver]. The default is
// https://hooks.example.com/. The signature covers the URL. Credentials in it are sent
// as Basic authentication.
func To(url string) DeliveryOption { return func(d *delivery) { d.url = url } }

// Unsigned sends the request without a signature.
func Unsigned() DeliveryOption { return func(d *delivery) { d.unsigned = true } }

// SignedWith signs the request with another key than that of the Space, such as a key
// that was replaced.
func SignedWith(key string) DeliveryOption {
	return func(d *delivery) { d.key = func() string { return key } }
}

// Twice sends the request twice, as SignalWire may do. The second response is the one
// that is returned.
func Twice() DeliveryOption { return func(d *delivery) { d.twice = true } }

// Late delays the requests that the Space sends by itself, by the clock of the Space;
// see [Space.DeliverAll].
func Late(by time.Duration) DeliveryOption { return func(d *delivery) { d.late = by } }

// OutOfOrder swaps the requests that the Space sends by itself in pairs: the first of
// two is sent after the second; see [Space.DeliverAll].
func OutOfOrder() DeliveryOption { return func(d *delivery) { d.swap = true } }

// SigningKey returns the key with which the Space signs requests to webhooks.
func (s *Space) SigningKey() string {
	return "PSK_" + strings.ReplaceAll(s.uuid("signing key"), "-", "")
}

// Handle makes handler receive the requests that the Space sends to URLs that begin
// with prefix, such as https://hooks.example.com. If prefixes overlap, the first one
// that was given counts. The Space sends requests to other URLs only if they are on
// loopback.
func (s *Space) Handle(prefix string, handler http.Handler) {
	s.tb.Helper()
	if handler == nil {
		s.tb.Fatalf("signalwiretest: Handle: expected a handler, got nil")
	}
	if u, err := url.Parse(prefix); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		s.tb.Fatalf("signalwiretest: Handle: prefix: expected the beginning of an absolute URL without credentials, such as https://hooks.example.com, got %q", redact.Text(prefix))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callbacks.handlers = append(s.callbacks.handlers, prefixHandler{prefix, handler})
}

// DeliverAll sets the options of all requests that the Space sends by itself: it sends
// them late, twice, out of order, unsigned or signed with another key. The options
// replace those of earlier calls; without options, requests are sent normally.
func (s *Space) DeliverAll(opts ...DeliveryOption) {
	s.tb.Helper()
	var all delivery
	for i, o := range opts {
		if o == nil {
			s.tb.Fatalf("signalwiretest: DeliverAll: option %d: expected a DeliveryOption, got nil", i+1)
		}
		o(&all)
	}
	if wrong := atLeast("Late: by", 0, all.late); wrong != "" {
		s.tb.Fatalf("signalwiretest: DeliverAll: %s", wrong)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callbacks.options = opts
}

// Callbacks returns the requests that the Space has sent to webhooks, oldest first.
func (s *Space) Callbacks() []Callback {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sent []Callback
	for _, c := range s.callbacks.sent {
		if c.Status != 0 || c.Err != nil { // otherwise there is no response yet
			sent = append(sent, *c)
		}
	}
	return sent
}

// Deliver sends a payload to a handler, signed as SignalWire signs requests of its kind,
// and returns the request with its response. It is not signed if SignalWire does not sign
// its kind, unless [SignedWith] is given. If that fails, the test fails. [Late] and [OutOfOrder]
// have no effect here; they are for [Space.DeliverAll].
func (s *Space) Deliver(tb testing.TB, handler http.Handler, payload Payload, opts ...DeliveryOption) Callback {
	tb.Helper()
	if handler == nil {
		tb.Fatalf("signalwiretest: Deliver: expected a handler, got nil")
	}
	c, err := s.post("https://hooks.example.com/", handler, payload, opts)
	if err != nil {
		tb.Fatalf("signalwiretest: Deliver: %v", err)
	}
	return c
}

// Post sends a payload to the webhook at a URL, which has to be on loopback or to have
// a handler that [Space.Handle] has set. It returns an error if there is no response.
func (s *Space) Post(url string, payload Payload, opts ...DeliveryOption) (Callback, error) {
	c, err := s.post(url, nil, payload, opts)
	if err != nil {
		err = fmt.Errorf("signalwiretest: Post: %w", err)
	}
	return c, err
}

// post is Post, with a handler that gets the request instead of the URL if it is not
// nil.
func (s *Space) post(url string, handler http.Handler, payload Payload, opts []DeliveryOption) (Callback, error) {
	d, err := newDelivery(url, payload)
	if err != nil {
		return Callback{}, err
	}
	d.handler = handler
	for _, o := range opts {
		o(d)
	}
	c := s.send(d)
	return c, c.Err
}

// newDelivery returns a POST request for a payload, which it encodes as JSON or as a
// form.
func newDelivery(url string, payload Payload) (*delivery, error) {
	if payload == nil {
		return nil, errors.New("expected a payload, got nil")
	}
	d := &delivery{url: url, kind: payload.Kind(), method: http.MethodPost}
	body, err := json.Marshal(payload)
	if err == nil && d.kind.Form {
		body, err = toForm(body)
	}
	d.body = body
	return d, err
}

// toForm encodes a JSON object as a form. A member that is an array becomes several
// parameters of the same name.
func toForm(object []byte) ([]byte, error) {
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return nil, err
	}
	form := url.Values{}
	for name, value := range members {
		values, many := value.([]any)
		if !many {
			values = []any{value}
		}
		for _, v := range values {
			form.Add(name, fmt.Sprint(v))
		}
	}
	return []byte(form.Encode()), nil
}

// webhooks is the state of a Space that concerns webhooks and planned events.
type webhooks struct {
	handlers []prefixHandler   // of Handle
	options  []DeliveryOption  // of DeliverAll
	sent     []*Callback       // oldest first, also those without a response yet
	held     *delivery         // the request that OutOfOrder holds back
	queue    []happening       // in the order in which they happen
	scripts  map[string][]Step // of Script, by operation id
}

// prefixHandler is a handler for the URLs that begin with a prefix.
type prefixHandler struct {
	prefix  string
	handler http.Handler
}

// loopback is the transport for requests to loopback. It is not http.DefaultTransport,
// whose idle connections httptest.Server.Close closes, and it keeps no connections
// open.
var loopback = &http.Transport{DisableKeepAlives: true}

// callbackClient sends requests to webhooks on loopback. It does not follow redirects.
var callbackClient = &http.Client{
	Transport:     loopback,
	Timeout:       15 * time.Second, // as long as a SWML request may take
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// isLoopback reports whether the host of a URL is loopback, and so this machine.
func isLoopback(u *url.URL) bool {
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

var errNotReachable = errors.New("the URL is not on loopback, and no handler was given for it with Handle")

// send sends a request, twice if its options say so, and its fallback if it is not
// successful. It adds them to the callbacks, and returns the last request with its
// response. The Space must not be locked, because the handler may use it.
func (s *Space) send(d *delivery) (c Callback) {
	times := 1
	if d.twice {
		times = 2
	}
	for range times {
		s.mu.Lock()
		started := &Callback{Time: s.clock}
		s.callbacks.sent = append(s.callbacks.sent, started)
		s.mu.Unlock()
		c = s.sendOnce(d)
		s.mu.Lock()
		c.Time = started.Time
		*started = c
		s.mu.Unlock()
	}
	if d.fallback != nil && (c.Err != nil || c.Status/100 != 2) {
		return s.send(d.fallback)
	}
	return c
}

// sendOnce sends a request to its handler, to a handler for its URL, or to loopback.
func (s *Space) sendOnce(d *delivery) (c Callback) {
	c = Callback{Kind: d.kind, Body: d.body}
	r, err := http.NewRequest(d.method, d.url, bytes.NewReader(d.body))
	if err != nil {
		c.Err = errors.New(redact.Text(err.Error())) // which has the URL
		return c
	}
	if r.URL.Host == "" {
		c.Err = errors.New("expected an absolute URL, such as https://hooks.example.com/sms")
		return c
	}
	shown := *r.URL
	shown.User = nil
	c.URL = shown.String()
	switch {
	case d.method == http.MethodGet:
		r.Body, r.ContentLength = http.NoBody, 0
		if d.kind.Form {
			r.URL.RawQuery = strings.TrimPrefix(r.URL.RawQuery+"&"+string(d.body), "&")
		}
	case d.kind.Form:
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	default:
		r.Header.Set("Content-Type", "application/json")
	}
	key := s.SigningKey()
	if d.key != nil {
		key = d.key()
	}
	if !d.unsigned && (d.kind.Signing != events.SigningNone || d.key != nil) {
		if c.Err = webhook.Sign(r, key, d.kind); c.Err != nil {
			return c
		}
	}
	if u := r.URL.User; u != nil {
		password, _ := u.Password()
		r.SetBasicAuth(u.Username(), password)
	}
	handler := d.handler
	s.mu.Lock()
	for _, h := range s.callbacks.handlers {
		if handler == nil && strings.HasPrefix(c.URL, h.prefix) {
			handler = h.handler
		}
	}
	s.mu.Unlock()
	if handler != nil {
		r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
		r.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
		w := httptest.NewRecorder()
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler: // as net/http takes it: there is no response
				c.Err = http.ErrAbortHandler
			default:
				panic(v)
			}
		}()
		handler.ServeHTTP(w, r)
		c.Status, c.Header, c.Response = w.Code, w.Header(), w.Body.Bytes()
		return c
	}
	if !isLoopback(r.URL) {
		c.Err = errNotReachable
		return c
	}
	resp, err := callbackClient.Do(r)
	if err != nil {
		c.Err = err
		return c
	}
	defer resp.Body.Close()
	c.Status, c.Header = resp.StatusCode, resp.Header
	c.Response, c.Err = io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return c
}

// apply applies the options of [Space.DeliverAll] to a request and its fallback. The Space
// is locked.
func (s *Space) apply(d *delivery) {
	for ; d != nil; d = d.fallback {
		for _, o := range s.callbacks.options {
			o(d)
		}
	}
}

// dispatch sends a request that the Space sends by itself, with the options of
// [Space.DeliverAll]. The Space is not locked.
func (s *Space) dispatch(d *delivery) {
	s.mu.Lock()
	s.apply(d)
	if d.late > 0 {
		late := *d
		late.late = 0
		s.later(d.late, func() { s.release(&late) })
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.release(d)
}

// release sends a request. With [OutOfOrder] it holds the request back if none is held;
// the next call sends its own request and then the held one.
func (s *Space) release(d *delivery) {
	s.mu.Lock()
	held := s.callbacks.held
	if s.callbacks.held = nil; d.swap && held == nil {
		s.callbacks.held = d
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.send(d)
	if held != nil {
		s.send(held)
	}
}

// happening is an event that is planned for a time of the clock.
type happening struct {
	at time.Time
	do func() // is called while the Space is not locked
}

// later plans a call of do for when the clock has advanced by after. The Space is
// locked.
func (s *Space) later(after time.Duration, do func()) {
	at := s.clock.Add(after)
	i, _ := slices.BinarySearchFunc(s.callbacks.queue, at, func(h happening, at time.Time) int {
		if h.at.After(at) {
			return 1
		}
		return -1 // events of one time happen in the order in which they were planned
	})
	s.callbacks.queue = slices.Insert(s.callbacks.queue, i, happening{at, do})
}

// next removes the next planned event from the queue, advances the clock to its time,
// and returns its function. It returns nil if no event is due at until or before. The
// Space is locked.
func (s *Space) next(until time.Time) (do func()) {
	queue := s.callbacks.queue
	if len(queue) == 0 || queue[0].at.After(until) {
		return nil
	}
	first := queue[0]
	queue[0].do = nil // so that it is not kept
	s.callbacks.queue = queue[1:]
	if first.at.After(s.clock) {
		s.clock = first.at
	}
	return first.do
}

// run lets all planned events happen that are due at until or before, and advances the
// clock to until.
func (s *Space) run(until time.Time) {
	for {
		s.mu.Lock()
		do := s.next(until)
		if do == nil {
			if until.After(s.clock) {
				s.clock = until
			}
			held := s.callbacks.held
			s.callbacks.held = nil
			s.mu.Unlock()
			if held != nil { // no other request follows
				s.send(held)
			}
			return
		}
		s.mu.Unlock()
		do()
	}
}
