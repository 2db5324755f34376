package signalwire

import (
	"context"
	"errors"
	"slices"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// Drift says where a response differs from the API's description. It has
// paths, such as "data[3].sip_gateway.codecs", and no values.
type Drift struct {
	// Operation is the operation's id, such as "update-sip-gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// PathTemplate is the path with its parameters in braces.
	PathTemplate string
	// Unread has the paths of the values that could not be read, and so are
	// zero in the result.
	Unread []string
	// Unknown has the paths of the members that the description does not have.
	Unknown []string
	// Unlisted has the paths of the enumeration values that the description
	// does not list. The result has them as they are.
	Unlisted []string
}

// WithDrift calls report for each successful response that differs from the
// API's description. It is meant for finding out that the API has changed
// before that does any harm. If it is given several times, each function is
// called, by the goroutine of the call, which waits for it. Reading a response
// takes longer with it.
func WithDrift(report func(context.Context, Drift)) CallOption {
	return callOption(func(c *callConfig) error {
		if report == nil {
			return errors.New("drift: nil given, want a function")
		}
		c.drift = append(slices.Clip(c.drift), func(ctx context.Context, op *gen.Operation, notes codec.Notes) {
			report(ctx, Drift{
				Operation: op.ID, Method: op.Method, PathTemplate: op.Path,
				Unread: notes.Unread, Unknown: notes.Unknown, Unlisted: notes.Unlisted,
			})
		})
		return nil
	})
}

// WithStrictResponses makes a call fail with [ErrUnreadable] if a value of its
// response could not be read. Without it, such a value is zero in the result
// and its path is in [CallInfo]. The option is meant for tests, and for
// programs that watch the API for changes.
func WithStrictResponses() CallOption {
	return callOption(func(c *callConfig) error {
		c.strict = true
		return nil
	})
}

// WithRawResponse sets *body to the body of the last response of a call, so
// that members which are newer than this package can be read from it. Of a
// response with an error status, it is the first 64 KiB; if no response came,
// it is nil. It is meant for single calls: calls at the same time need a
// variable each.
func WithRawResponse(body *[]byte) CallOption {
	return callOption(func(c *callConfig) error {
		if body == nil {
			return errors.New("raw response: nil given, want a pointer")
		}
		c.raw = body
		return nil
	})
}

// setRaw sets what [WithRawResponse] asked for to a copy of body.
func (c *callConfig) setRaw(body []byte) {
	if c.raw != nil {
		*c.raw = slices.Clone(body)
	}
}

func (c *callConfig) reportDrift(ctx context.Context, op *gen.Operation, notes codec.Notes) {
	if len(c.drift) == 0 || len(notes.Unread)+len(notes.Unknown)+len(notes.Unlisted) == 0 {
		return
	}
	for _, report := range c.drift {
		report(ctx, op, notes)
	}
}
