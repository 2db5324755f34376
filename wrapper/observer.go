package signalwire

import (
	"context"
	"net/http"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// CallInfo describes one call, for logging and metrics. It holds no credentials,
// no bodies and no ids.
type CallInfo struct {
	// Operation is the operation's id, such as "update_sip_gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// PathTemplate is the path with its parameters in braces.
	PathTemplate string
	// Status is the HTTP status of the last response; 0 if there was none.
	Status int
	// RequestID is the id that the last response gives the request; see [Error].
	RequestID string
	// Attempts is how often the request was sent so far; 0 if it never was.
	Attempts int
	// Duration is the time that the call took, waiting included; 0 until the
	// call has ended.
	Duration time.Duration
	// Wait is the time until the next attempt; 0 if there is none.
	Wait time.Duration
	// LimiterWait is the time that the limiter took before all attempts so far
	// ([WithLimiter]).
	LimiterWait time.Duration
	// Unread has the paths, such as "data[3].sip_gateway.codecs", of the values
	// in the last response that could not be read, and so are zero in the
	// result. Everything else is in the result as usual.
	Unread []string
	// Header is the header of the last response, with what SignalWire says about
	// rate limits. The logger does not show it.
	Header http.Header
	// Err is the error of the call or, if Wait is not 0, of the last attempt.
	Err error

	retrying bool
}

// Retrying reports whether another attempt follows after Wait.
func (i CallInfo) Retrying() bool { return i.retrying }

func (c *callConfig) report(ctx context.Context, info CallInfo) {
	for _, observe := range c.observers {
		observe(ctx, info)
	}
}

type operationKey struct{}

// OperationFromContext returns the operation that a request belongs to, from
// the request's context. It is meant for transports, for instance to name the
// spans of a trace.
func OperationFromContext(ctx context.Context) (gen.Operation, bool) {
	op, ok := ctx.Value(operationKey{}).(*gen.Operation)
	if !ok {
		return gen.Operation{}, false
	}
	return *op, true
}
