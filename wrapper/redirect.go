package signalwire

import (
	"errors"
	"net/http"
	"net/url"
	"runtime"
)

// roundTrip sends a request and returns the response, whose body the caller has to close.
// It returns errRedirectFollowed if the transport has followed a redirect.
func (s *sender) roundTrip(req *http.Request) (*http.Response, error) {
	want := ""
	if runtime.GOOS == "js" {
		want = req.URL.String()
	}
	resp, err := s.do(req)
	switch {
	case err != nil && resp != nil && resp.Body != nil:
		_ = resp.Body.Close()
		return nil, err
	case err != nil:
		return nil, err
	case resp == nil || resp.Body == nil:
		return nil, errors.New("the transport returned no response and no error")
	}
	s.responses.Add(1)
	s.protocol.Store(int32(resp.ProtoMajor))
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// The connection takes the place of a body, and a read from it does not end with
		// the context.
		_ = resp.Body.Close()
		own := *resp // a copy, as the response belongs to the transport
		own.Body = http.NoBody
		resp = &own
	}
	// An http.Client notes in a request that a redirect caused it. The transport of browsers
	// (GOOS=js) only has another URL there, as other transports do that send requests through
	// a gateway.
	got := resp.Request
	if got != nil && (got.Response != nil || runtime.GOOS == "js" && got.URL != nil && got.URL.String() != want) {
		_ = resp.Body.Close()
		return nil, errRedirectFollowed
	}
	return resp, nil
}

// errRedirectFollowed is the error of a response to which a redirect led. The request is
// not sent again, since the transport would follow the redirect again.
var errRedirectFollowed = errors.New("the transport followed a redirect, so the response is not from the Space")

// withoutRedirects returns a Do function of a copy of client that does not follow
// redirects. It hides the Location header from http.Client, which would otherwise parse
// it and could return an error instead of the response.
func withoutRedirects(client *http.Client) func(*http.Request) (*http.Response, error) {
	own := *client
	own.Transport = hideLocation{own.Transport}
	return func(req *http.Request) (*http.Response, error) {
		resp, err := own.Do(req)
		if wrapper, ok := err.(*url.Error); ok {
			err = wrapper.Err // [Error] has the URL already
		}
		return resp, err
	}
}

// hideLocation is a transport that moves the Location header of responses to
// hiddenLocation.
type hideLocation struct{ http.RoundTripper }

// RoundTrip sends a request. It returns a copy of the response if it has to move the
// header.
func (t hideLocation) RoundTrip(req *http.Request) (*http.Response, error) {
	transport := t.RoundTripper
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(req)
	if err != nil && resp != nil && resp.Body != nil {
		_ = resp.Body.Close() // http.Client does not close it
		return nil, err
	}
	if err == nil && resp != nil && resp.Header["Location"] != nil {
		own := *resp // a copy, as the response belongs to the transport
		own.Header = resp.Header.Clone()
		own.Header[hiddenLocation] = own.Header["Location"]
		delete(own.Header, "Location")
		resp = &own
	}
	return resp, err
}

// hiddenLocation is the header that has the value of Location in place of it.
const hiddenLocation = "Location-Not-Followed"
