package signalwire

import (
	"context"
	"net/http"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// CallInfo describes one call, for logging and metrics. It has no credentials and no
// bodies. Only Header and Err can have ids of resources.
type CallInfo struct {
	// Operation is the operation's id, such as "update_sip_gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// PathTemplate is the path with its parameters in braces.
	PathTemplate string
	// Status is the HTTP status of the response to the last attempt; 0 if there was none.
	Status int
	// RequestID is the id that this response gives the request; see [Error.RequestID].
	RequestID string
	// Attempts is the number of attempts to send the request so far, including those for
	// which no connection could be made; 0 if there was none.
	Attempts int
	// Duration is the duration of the call, waits included; 0 until the call has ended.
	Duration time.Duration
	// Wait is the time until the next attempt; 0 if there is none.
	Wait time.Duration
	// LimiterWait is the total time that the function of [WithLimiter] took so far.
	LimiterWait time.Duration
	// Unread are the paths, such as "data[3].sip_gateway.codecs", of values in this response
	// that could not be decoded. They are zero in the result; all other values are decoded.
	Unread []string
	// Header has the headers of this response, for example those about rate limits.
	// The logger does not show them.
	Header http.Header
	// Err is the error of the call or, if Retrying reports true, of the last attempt. It
	// is nil if the call succeeded.
	Err error

	retrying bool
}

// Retrying reports whether another attempt follows after Wait.
func (i CallInfo) Retrying() bool { return i.retrying }

// report calls the observers.
func (c *callConfig) report(ctx context.Context, info CallInfo) {
	for _, observe := range c.observers {
		observe(ctx, info)
	}
}

// operationKey is the key of the operation in the context of a request.
type operationKey struct{}

// OperationFromContext returns the operation of a request, given the context of the
// request. Use it in transports, for example to name the spans of a trace. It reports
// false if the context is nil, or is not that of a request of this package.
func OperationFromContext(ctx context.Context) (gen.Operation, bool) {
	if ctx == nil {
		return gen.Operation{}, false
	}
	op, ok := ctx.Value(operationKey{}).(*gen.Operation)
	if !ok {
		return gen.Operation{}, false
	}
	return *op, true
}
