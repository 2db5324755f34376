package signalwire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// WithLimiter calls limit before each attempt of a call, also before a repeated
// one, and sends the request when it returns nil. The function may wait, until
// the context ends at the latest, or refuse by returning an error: then the call
// fails with that error and nothing is sent.
//
// The sender is what the request names as "from", in its body or in the params
// of the body: the number, address or SIP URI that a message or a call comes
// from. It is empty if the request names none. SignalWire limits calls and
// requests per Space, and messages per sender; package pace has a limiter for
// these limits that serves one process.
//
// [CallInfo] says how long a call waited. Without this option nothing is limited.
func WithLimiter(limit func(ctx context.Context, op gen.Operation, sender string) error) CallOption {
	return callOption(func(c *callConfig) error {
		if limit == nil {
			return errors.New("limiter: nil given, want a function")
		}
		c.limiter = func(ctx context.Context, op *gen.Operation, req *request) error { return limit(ctx, *op, req.sender()) }
		return nil
	})
}

// admit waits until the limiter lets an attempt through. An error means that
// nothing may be sent: the limiter refuses, or the context has ended.
func (c *callConfig) admit(ctx context.Context, op *gen.Operation, req *request, info *CallInfo) error {
	if c.limiter == nil || ctx.Err() != nil {
		return contextError(ctx)
	}
	started := time.Now()
	err := c.limiter(ctx, op, req)
	info.LimiterWait += time.Since(started)
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	if err != nil {
		return fmt.Errorf("not sent, refused by the limiter: %w", err)
	}
	return nil
}

// sender returns what the request names as "from", in its body or in the params
// of the body.
func (r *request) sender() string {
	if r.body == nil {
		return ""
	}
	var body struct {
		From   any `json:"from"`
		Params any `json:"params"`
	}
	if json.Unmarshal(r.body, &body) != nil {
		return "" // it is not an object
	}
	if from, ok := body.From.(string); ok {
		return from
	}
	params, _ := body.Params.(map[string]any)
	from, _ := params["from"].(string)
	return from
}
