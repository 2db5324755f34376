package signalwire

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// admit waits until the limiter allows an attempt. If it returns an error, because the
// limiter refuses the attempt or the context has ended, nothing may be sent.
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

// sender returns the value of the member from in the body, or in the object params of the
// body. It is "" if there is none.
func (r *request) sender() string {
	if r.body == nil {
		return ""
	}
	var body struct {
		From   any `json:"from"`
		Params any `json:"params"`
	}
	if json.Unmarshal(r.body, &body) != nil {
		return "" // the body is not a JSON object
	}
	if from, ok := body.From.(string); ok {
		return from
	}
	params, _ := body.Params.(map[string]any)
	from, _ := params["from"].(string)
	return from
}
