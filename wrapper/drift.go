package signalwire

import (
	"context"
	"slices"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// Drift says where a response differs from the API's description. It has
// paths, such as "data[3].sip_gateway.codecs", and no values.
type Drift struct {
	// Operation is the operation's id, such as "update_sip_gateway".
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
