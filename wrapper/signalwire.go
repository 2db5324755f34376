// Package signalwire is a client for SignalWire's REST API. It handles
// authentication, request validation, retries and size limits, and returns one
// error type.
//
//	client, err := signalwire.New("acme", signalwire.WithCredentials(projectID, apiToken))
//	gateway, err := client.SIPGateways.Update(ctx, gatewayID, gen.SIPGatewayUpdate{
//		Name:   signalwire.Ptr("edge-1"),
//		Codecs: []gen.Codec{gen.CodecOPUS, gen.CodecPCMU},
//	})
//
// A [Client] has a field for each kind of resource, such as PhoneNumbers or
// Messages, whose methods are the operations on it. [gen.Client] lists the fields;
// the documentation of their types, such as [gen.PhoneNumbers], lists the methods.
// The types of requests and responses are in package gen, too, which is generated from
// SignalWire's description of the API. A field of an update that is unset (a nil pointer
// or a nil slice) is not sent; "", false, 0 and an empty slice are sent. Required fields
// of an update are pointers too, and must not be nil.
//
// The methods All and Pages iterate over lists. The methods Edit read a resource, let the
// caller change it, and send the fields that were changed. If the update is a PUT that
// may replace the resource, they send all fields.
//
// [WithUnlistedValues], [WithField], [WithQuery] and [WithHeader] send values, members,
// parameters and headers that are newer than the description. [Client.Do] calls any path.
//
// Every failed call returns an [*Error]. Test for the kinds of failure with [errors.Is]
// and the variables [ErrNotFound], [ErrRateLimited] and so on. A request is repeated only
// if that does no harm. If a request that must not be repeated may have been processed,
// the error is [ErrOutcomeUnknown].
package signalwire

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// Client calls the REST API of one Space. The fields that it has from [gen.Client] are
// the kinds of resources, and their methods are the operations, as in
// client.SIPGateways.Update. It is safe for concurrent use. Make one client for each
// Space and keep it, since it holds the connections to the Space.
type Client struct {
	*gen.Client
	caller *caller
}

// New returns a client for a Space, given the name of the Space ("acme"), its host
// ("acme.signalwire.com") or its URL ("https://acme.signalwire.com"), which may end with a
// slash.
//
// Without options, the client
//
//   - has no credentials ([WithCredentials]),
//   - waits 30 seconds for each response ([WithTimeout]),
//   - sends a request up to 4 times if that does no harm ([WithMaxAttempts],
//     [WithMaxRetryAfter]),
//   - limits requests to 10 MiB ([WithMaxRequestBytes]), responses to 32 MiB
//     ([WithMaxResponseBytes]), and the memory of a result to 256 MiB
//     ([WithMaxResponseMemory]),
//   - logs nothing ([WithLogger], [WithObserver]),
//   - uses the proxy that the environment variables name, keeps up to 100 idle
//     connections, and uses HTTP/2 if the Space does ([WithTransport], [WithHTTPClient]).
func New(space string, opts ...Option) (*Client, error) {
	c, err := newCaller(space, opts)
	if err != nil {
		return nil, fmt.Errorf("signalwire: %w", err)
	}
	return &Client{Client: gen.NewClient(c), caller: c}, nil
}

// The environment variables that [NewFromEnv] reads.
const (
	EnvSpace     = "SIGNALWIRE_SPACE"
	EnvProjectID = "SIGNALWIRE_PROJECT_ID"
	EnvAPIToken  = "SIGNALWIRE_API_TOKEN"
	EnvBaseURL   = "SIGNALWIRE_BASE_URL"
)

// NewFromEnv calls [New] with the Space and the credentials from the environment
// variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN. The error
// names those that are unset or empty. If SIGNALWIRE_BASE_URL is set, the client calls that
// URL instead of the Space, as with [WithBaseURL], for example a test server.
func NewFromEnv(opts ...Option) (*Client, error) {
	space, project, token, baseURL := os.Getenv(EnvSpace), os.Getenv(EnvProjectID), os.Getenv(EnvAPIToken), os.Getenv(EnvBaseURL)
	var missing []string
	for _, v := range []struct{ name, value string }{{EnvSpace, space + baseURL}, {EnvProjectID, project}, {EnvAPIToken, token}} {
		if v.value == "" {
			missing = append(missing, v.name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("signalwire: environment variables not set: %s", strings.Join(missing, ", "))
	}
	own := []Option{WithCredentials(project, token)}
	if baseURL != "" {
		space, own = "localhost", append(own, WithBaseURL(baseURL)) // New needs a name, in whose place it calls the URL
	}
	return New(space, slices.Concat(own, opts)...)
}

// Host returns the host that the client calls, with the port if the URL has one.
func (c *Client) Host() string { return c.caller.base.Host }

// String returns the type and the host of the client. It does not show credentials.
func (c *Client) String() string { return "signalwire.Client(" + c.Host() + ")" }

// CloseIdleConnections closes the connections that no call is using. Call it when the
// client is no longer needed.
func (c *Client) CloseIdleConnections() {
	(&http.Client{Transport: c.caller.sender.transport}).CloseIdleConnections()
}

// Ptr returns a pointer to v, for the optional fields of a request.
func Ptr[T any](v T) *T { return &v }
