package signalwire

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// newTransport clones the default transport, so that the program's settings
// and HTTP/2 stay, and lets it keep as many connections as concurrent calls
// need: with the two a host that are the default, a busy client would dial anew
// for most of its calls.
func newTransport() *http.Transport {
	var t *http.Transport
	if d, ok := http.DefaultTransport.(*http.Transport); ok {
		t = d.Clone()
	} else {
		t = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second}
	}
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 100, 100
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	if t.TLSClientConfig.MinVersion < tls.VersionTLS12 {
		t.TLSClientConfig.MinVersion = tls.VersionTLS12
	}
	return t
}

// withoutRedirects makes a copy of the client send requests without following
// redirects, which it would do as soon as it sees where one leads.
func withoutRedirects(client *http.Client) func(*http.Request) (*http.Response, error) {
	own := *client
	own.Transport = hideLocation{own.Transport}
	return func(req *http.Request) (*http.Response, error) {
		resp, err := own.Do(req)
		var wrapper *url.Error
		if errors.As(err, &wrapper) && wrapper == err {
			err = wrapper.Err // the URL is in our own error
		}
		return resp, err
	}
}

type hideLocation struct{ http.RoundTripper }

// hiddenLocation is where the header goes that makes http.Client follow.
const hiddenLocation = "Location-Not-Followed"

func (t hideLocation) RoundTrip(req *http.Request) (*http.Response, error) {
	transport := t.RoundTripper
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(req)
	if err == nil && resp != nil && resp.Header["Location"] != nil {
		own := *resp // the answer is the transport's
		own.Header = resp.Header.Clone()
		own.Header[hiddenLocation] = own.Header["Location"]
		delete(own.Header, "Location")
		resp = &own
	}
	return resp, err
}
