package signalwire_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestRedirectsAreNotFollowed, wherever they lead and whatever the http.Client
// says: credentials go to one host, and a change is processed there or not at
// all. All names lead to servers of this test, which would notice.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other, seenByOther := serve(t, gatewayOK)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, location := range map[string]string{
			"another host":          "http://other.example",
			"https":                 "https://other.example:8443",
			"like a sub-domain":     "http://sub.acme.example",
			"like a longer domain":  "http://acme.example.other.example",
			"another port":          other.URL,
			"the same host":         "http://localhost:1",
			"the same, path only":   "",
			"the same, other case":  "http://LOCALHOST:1",
			"with user information": "http://user:hunter2@other.example",
		} {
			for _, through := range []string{"default", "transport", "client", "client that follows"} {
				t.Run(fmt.Sprintf("%d to %s, %s", status, name, through), func(t *testing.T) {
					t.Parallel()
					server, seen := serve(t, func(w http.ResponseWriter, _ *http.Request) {
						w.Header().Set("Location", location+"/stolen/path?stolen=query#stolen-fragment")
						w.WriteHeader(status)
					})
					// Everything but the first host leads to the other server.
					var dialed []string
					transport := routed(other, &dialed)
					inner := routed(server, &dialed)
					split := roundTripper(func(r *http.Request) (*http.Response, error) {
						if len(seen.requests()) == 0 {
							return inner.RoundTrip(r)
						}
						return transport.RoundTrip(r)
					})
					t.Cleanup(inner.CloseIdleConnections)
					base := "http://localhost:1"
					var opts []signalwire.Option
					followed := func(*http.Request, []*http.Request) error { return nil }
					switch through {
					case "default":
						base = server.URL
					case "transport":
						opts = append(opts, signalwire.WithTransport(split))
					case "client":
						opts = append(opts, signalwire.WithHTTPClient(&http.Client{Transport: split}))
					case "client that follows":
						opts = append(opts, signalwire.WithHTTPClient(&http.Client{Transport: split, CheckRedirect: followed}))
					}
					e := failed(t, dial(t, base, opts...))
					require.Equal(t, status, e.Status)
					requireIs(t, e, nil)
					require.Len(t, seen.requests(), 1)
					assertNone(t, seenByOther)
					if through != "default" {
						require.Equal(t, []string{"localhost:1"}, dialed)
					}
					to := strings.Replace(location, "user:hunter2@", "", 1)
					if to == "" {
						to = base
					}
					require.Equal(t, fmt.Sprintf("signalwire: update_sip_gateway PATCH %s%s: %d %s, not followed to %s", e.Host, e.Path, status, http.StatusText(status), to), e.Error())
				})
			}
		}
	}
}

// TestRedirectWithABody, which does not hide that it is a redirect.
func TestRedirectWithABody(t *testing.T) {
	t.Parallel()
	for contentType, body := range map[string]string{"text/html": "<a href=x>", "application/json": `{"message":"moved"}`} {
		client, _ := with(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://other.example/x")
			say(302, contentType, body)(w, r)
		})
		e := failed(t, client)
		require.ErrorContains(t, e, ": 302 ")
		require.ErrorContains(t, e, "not followed to https://other.example")
		require.Equal(t, body, string(e.Body))
	}
}

// TestRedirectToNowhere has a Location that cannot be used, or none. The status
// is kept, and nothing of what stands in the Location is shown. The test does not run in
// parallel, as the zero http.Client uses http.DefaultTransport: when another test closes its
// server, httptest closes the idle connections of that transport, and one can become idle
// just before its response is returned.
func TestRedirectToNowhere(t *testing.T) {
	for name, location := range map[string]string{
		"none": "", "no URL": "http://other.example:stolen/stolen", "escape": "http://%zz/stolen", "other scheme": "javascript:stolen",
	} {
		for through, opts := range map[string][]signalwire.Option{"transport": nil, "client": {signalwire.WithHTTPClient(&http.Client{})}} {
			t.Run(name+" "+through, func(t *testing.T) {
				client, _ := with(t, func(w http.ResponseWriter, _ *http.Request) {
					if location != "" {
						w.Header().Set("Location", location)
					}
					w.WriteHeader(307)
				}, opts...)
				e := failed(t, client)
				require.Equal(t, 307, e.Status, e)
				require.ErrorContains(t, e, "307 Temporary Redirect")
				require.NotContains(t, e.Error(), "stolen")
			})
		}
	}
}

// TestTransportsResponseIsNotChanged: a transport may keep its responses.
func TestTransportsResponseIsNotChanged(t *testing.T) {
	t.Parallel()
	header := http.Header{"Location": {"https://other.example/x"}}
	client := dial(t, "https://acme.example", signalwire.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 302, Header: header, Body: http.NoBody, Request: r}, nil
	})}))
	for range 2 {
		require.ErrorContains(t, failed(t, client), "not followed to https://other.example")
	}
	require.Equal(t, http.Header{"Location": {"https://other.example/x"}}, header)
}

// TestCallersClientIsNotChanged, nor are net/http's own. Not parallel: it looks
// at globals.
func TestCallersClientIsNotChanged(t *testing.T) {
	check := func(*http.Request, []*http.Request) error { return nil }
	transport := &http.Transport{MaxIdleConnsPerHost: 3}
	own := &http.Client{Transport: transport, CheckRedirect: check, Timeout: time.Minute}
	settings := func() string {
		d := http.DefaultTransport.(*http.Transport)
		return fmt.Sprintf("%p %p %v %v | %v %v | %#v | %p %v %v %v %v %v %v",
			own.Transport, own.CheckRedirect, own.Jar, own.Timeout,
			transport.MaxIdleConns, transport.MaxIdleConnsPerHost,
			*http.DefaultClient,
			d, d.MaxIdleConns, d.MaxIdleConnsPerHost, d.MaxConnsPerHost, d.IdleConnTimeout, d.ForceAttemptHTTP2,
			d.TLSClientConfig == nil || d.TLSClientConfig.MinVersion == 0)
	}
	before := settings()
	redirect := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/x")
		w.WriteHeader(307)
	}
	for _, opts := range [][]signalwire.Option{nil, {signalwire.WithHTTPClient(own)}, {signalwire.WithTransport(transport)}, {signalwire.WithHTTPClient(http.DefaultClient)}, {signalwire.WithTransport(http.DefaultTransport)}} {
		client, _ := with(t, redirect, opts...)
		require.Equal(t, 307, failed(t, client).Status)
	}
	require.Equal(t, before, settings())
}
