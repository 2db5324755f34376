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
// Requests and responses are types of package gen, too, which is generated from
// SignalWire's description of the API. A field of an update that is unset (a nil
// pointer, a nil slice) is not sent; "", false, 0 and an empty slice are sent. Required
// fields of an update are pointers too, and must not be nil.
//
// Lists are iterated over with the methods All and Pages. The methods Edit read a
// resource, let the caller change it, and send the difference; over a PUT that may
// replace the resource, they send all of it.
//
// What is newer than the description can be sent with [WithUnlistedValues],
// [WithField], [WithQuery] and [WithHeader], and any path can be called with
// [Client.Do].
//
// Every failed call returns an [*Error]; [errors.Is] with [ErrNotFound] and its
// siblings says which case it is. A request is repeated only where that does no
// harm; if one that must not be repeated may have been processed, the error is
// [ErrOutcomeUnknown].
package signalwire

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// Client calls the REST API of one Space. Its fields, which it has from
// [gen.Client], are the kinds of resources, and their methods the operations:
// client.SIPGateways.Update. It is safe for concurrent use and meant to be made once
// and kept: it holds the connections to the Space.
type Client struct {
	*gen.Client
	caller *caller
}

// New returns a client for a Space, which is given by its name ("acme"), its
// host ("acme.signalwire.com") or its URL ("https://acme.signalwire.com").
//
// Without options the client has no credentials, waits 30 seconds for each
// response ([WithTimeout]), sends a request up to 4 times where that does no harm
// ([WithMaxAttempts], [WithMaxRetryAfter]), sends at most 10 MiB
// ([WithMaxRequestBytes]), reads at most 32 MiB ([WithMaxResponseBytes])
// and makes results of at most 256 MiB of them ([WithMaxResponseMemory]), logs
// nothing ([WithLogger], [WithObserver]), takes its proxy from the environment,
// keeps up to 100 idle connections and speaks HTTP/2 where the Space does
// ([WithTransport], [WithHTTPClient]).
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
)

// NewFromEnv is [New] with the Space and the credentials from the environment
// variables SIGNALWIRE_SPACE, SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN.
// The error names those that are not set.
func NewFromEnv(opts ...Option) (*Client, error) {
	space, project, token := os.Getenv(EnvSpace), os.Getenv(EnvProjectID), os.Getenv(EnvAPIToken)
	var missing []string
	for _, v := range []struct{ name, value string }{{EnvSpace, space}, {EnvProjectID, project}, {EnvAPIToken, token}} {
		if v.value == "" {
			missing = append(missing, v.name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("signalwire: environment variables not set: %s", strings.Join(missing, ", "))
	}
	return New(space, append([]Option{WithCredentials(project, token)}, opts...)...)
}

// Host returns the host that the client calls, with a port if its URL has one.
func (c *Client) Host() string { return c.caller.base.Host }

// String names the client by its host. It shows no credentials.
func (c *Client) String() string { return "signalwire.Client(" + c.Host() + ")" }

// CloseIdleConnections closes the connections that no call is using. Call it when
// the client is no longer needed.
func (c *Client) CloseIdleConnections() {
	(&http.Client{Transport: c.caller.sender.transport}).CloseIdleConnections()
}

// Ptr returns a pointer to v, for the optional fields of a request.
func Ptr[T any](v T) *T { return &v }
