package signalwire

import (
	"context"
	"slices"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// Drift lists the differences between a response and the description of the API, as paths
// such as "data[3].sip_gateway.codecs". It has no values.
type Drift struct {
	// Operation is the operation's id, such as "update_sip_gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// PathTemplate is the path with its parameters in braces.
	PathTemplate string
	// Unread are the paths of values that could not be decoded. They are zero in the
	// result.
	Unread []string
	// Unknown are the paths of members that the description does not have.
	Unknown []string
	// Unlisted are the paths of enumeration values that the description does not list.
	// The result has them unchanged.
	Unlisted []string
}

// setRaw sets the variable of [WithRawResponse] to a copy of body.
func (c *callConfig) setRaw(body []byte) {
	if c.raw != nil {
		*c.raw = slices.Clone(body)
	}
}

// reportDrift calls the functions of [WithDrift] if a response differs from the
// description.
func (c *callConfig) reportDrift(ctx context.Context, op *gen.Operation, notes codec.Notes) {
	if len(c.drift) == 0 || len(notes.Unread)+len(notes.Unknown)+len(notes.Unlisted) == 0 {
		return
	}
	for _, report := range c.drift {
		report(ctx, op, notes)
	}
}
