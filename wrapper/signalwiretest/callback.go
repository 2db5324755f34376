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
	"github.com/seed-fbb712e3/signalwire-go/wrapper/webhook"
)

// Callback is a request that the Space has sent to a webhook, and its response.
type Callback struct {
	// Time is when it was sent, by the clock of the Space.
	Time time.Time
	// Kind is the kind of the request, such as that of events.MessageStatus.
	Kind events.Kind
	// URL is that of the webhook, without credentials.
	URL  string
	Body []byte
	// Status, Header and Response are what came back; the status is 0 if there was
	// nothing to send the request to.
	Status   int
	Header   http.Header
	Response []byte
	// Err is why nothing came back.
	Err error
}

// Decode decodes the body into a payload, such as an *events.MessageStatusPayload.
func (c Callback) Decode(payload any) error { return json.Unmarshal(c.Body, payload) }

// Payload is the payload of a request, such as an events.MessageStatusPayload.
type Payload interface{ Kind() events.Kind }

// DeliveryOption changes how the Space sends a request to a webhook.
type DeliveryOption func(*delivery)

// delivery is a request to a webhook that is to be sent.
type delivery struct {
	handler  http.Handler // instead of what is at the URL
	url      string
	kind     events.Kind
	method   string
	body     []byte
	key      func() string // a function, so that no dump shows it
	unsigned bool
	twice    bool
	late     time.Duration
	swap     bool
}

// To sets the URL of the webhook, for [Space.Deliver]. The default is
// https://hooks.example.com/. The signature covers it, and it may have credentials.
func To(url string) DeliveryOption { return func(d *delivery) { d.url = url } }

// Unsigned sends the request without a signature.
func Unsigned() DeliveryOption { return func(d *delivery) { d.unsigned = true } }

// SignedWith signs the request with another key than that of the Space,
// such as one that was replaced.
func SignedWith(key string) DeliveryOption {
	return func(d *delivery) { d.key = func() string { return key } }
}

// Twice sends the request twice, as SignalWire may. The second response is
// the one that is returned.
func Twice() DeliveryOption { return func(d *delivery) { d.twice = true } }

// Late makes what the Space sends by itself arrive later; see [Space.DeliverAll].
func Late(by time.Duration) DeliveryOption { return func(d *delivery) { d.late = by } }

// OutOfOrder makes every other request that the Space sends by itself arrive after the
// one that follows it; see [Space.DeliverAll].
func OutOfOrder() DeliveryOption { return func(d *delivery) { d.swap = true } }

// SigningKey returns the key that the Space signs requests to webhooks with.
func (s *Space) SigningKey() string {
	return "PSK_" + strings.ReplaceAll(s.uuid("signing key"), "-", "")
}

// Handle makes handler receive what the Space sends to URLs that begin with prefix,
// such as https://hooks.example.com. Of all other URLs, a Space sends requests to those
// on loopback only.
func (s *Space) Handle(prefix string, handler http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callbacks.handlers = append(s.callbacks.handlers, prefixHandler{prefix, handler})
}

// DeliverAll sets how the Space sends the requests of what happens in it: late, twice,
// out of order, unsigned or with another key. Without options it sends them as they
// should be.
func (s *Space) DeliverAll(opts ...DeliveryOption) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callbacks.options = opts
}

// Callbacks returns the requests that the Space has sent to webhooks, oldest first.
func (s *Space) Callbacks() []Callback {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.callbacks.sent)
}

// Deliver hands a request to a handler, signed as a Space does. What is sent late or
// out of order is what happens in the Space; see [Space.DeliverAll].
func (s *Space) Deliver(tb testing.TB, handler http.Handler, payload Payload, opts ...DeliveryOption) Callback {
	tb.Helper()
	c, err := s.post("https://hooks.example.com/", handler, payload, opts)
	if err != nil {
		tb.Fatalf("signalwiretest: Deliver: %v", err)
	}
	return c
}

// Post sends a request to a webhook on loopback, or to what [Space.Handle] names.
func (s *Space) Post(url string, payload Payload, opts ...DeliveryOption) (Callback, error) {
	return s.post(url, nil, payload, opts)
}

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

// newDelivery encodes a payload.
func newDelivery(url string, payload Payload) (*delivery, error) {
	d := &delivery{url: url, kind: payload.Kind(), method: http.MethodPost}
	body, err := json.Marshal(payload)
	if err == nil && d.kind.Form {
		body, err = toForm(body)
	}
	d.body = body
	return d, err
}

// toForm is a JSON object as a form.
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

// webhooks is what a Space has to do with webhooks.
type webhooks struct {
	handlers []prefixHandler
	options  []DeliveryOption
	sent     []Callback
	held     *delivery // by OutOfOrder
	queue    []*happening
	queued   int // how many there ever were
	scripts  map[string][]Step
}

type prefixHandler struct {
	prefix  string
	handler http.Handler
}

// loopback is for requests to loopback. It is no transport that servers of tests close
// (see httptest.Server.Close), and leaves no connections open.
var loopback = &http.Transport{DisableKeepAlives: true}

// callbackClient sends the requests of a Space to loopback.
var callbackClient = &http.Client{
	Transport:     loopback,
	Timeout:       15 * time.Second, // as long as a SWML request may take
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// isLoopback reports whether a URL leads to this machine.
func isLoopback(u *url.URL) bool {
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

var errNotReachable = errors.New("the URL is not on loopback, and no handler was given for it with Handle")

// send sends a request to a webhook, and enters it in the list of callbacks. The Space
// is not locked.
func (s *Space) send(d *delivery) (c Callback) {
	times := 1
	if d.twice {
		times = 2
	}
	for range times {
		c = s.sendOnce(d)
		s.mu.Lock()
		c.Time = s.clock
		s.callbacks.sent = append(s.callbacks.sent, c)
		s.mu.Unlock()
	}
	return c
}

func (s *Space) sendOnce(d *delivery) (c Callback) {
	c = Callback{Kind: d.kind, Body: d.body}
	r, err := http.NewRequest(d.method, d.url, bytes.NewReader(d.body))
	if err != nil {
		c.Err = err
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
	if !d.unsigned {
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

// dispatch sends what happens in the Space, as [Space.DeliverAll] says.
func (s *Space) dispatch(d *delivery) {
	s.mu.Lock()
	for _, o := range s.callbacks.options {
		o(d)
	}
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

// release sends a delivery, unless it is held back for the next one.
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

// happening is something that is going to happen.
type happening struct {
	at    time.Time
	order int
	do    func() // without the lock
}

// later makes something happen after some time. The Space is locked.
func (s *Space) later(after time.Duration, do func()) {
	s.callbacks.queued++
	s.callbacks.queue = append(s.callbacks.queue, &happening{s.clock.Add(after), s.callbacks.queued, do})
}

// next removes and returns what happens first, up to a time, and sets the clock to
// when that is. It is nil if there is nothing. The Space is locked.
func (s *Space) next(until time.Time) *happening {
	var first *happening
	for _, h := range s.callbacks.queue {
		if !h.at.After(until) && (first == nil || h.at.Before(first.at) || h.at.Equal(first.at) && h.order < first.order) {
			first = h
		}
	}
	if first != nil {
		s.callbacks.queue = slices.DeleteFunc(s.callbacks.queue, func(h *happening) bool { return h == first })
		if first.at.After(s.clock) {
			s.clock = first.at
		}
	}
	return first
}

// run lets everything happen up to a time.
func (s *Space) run(until time.Time) {
	for {
		s.mu.Lock()
		h := s.next(until)
		if h == nil {
			if until.After(s.clock) {
				s.clock = until
			}
			held := s.callbacks.held
			s.callbacks.held = nil
			s.mu.Unlock()
			if held != nil { // nothing more comes
				s.send(held)
			}
			return
		}
		s.mu.Unlock()
		h.do()
	}
}
