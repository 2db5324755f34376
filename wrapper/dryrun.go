package signalwire

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// DryRunRequest is what a call would send, without the secrets in it. These are
// replaced: the values of the fields that the API's description marks as
// sensitive; the values of members, header fields and query parameters whose
// name is or ends with password, secret, token, credential, authorization,
// cookie, api_key, signing_key or the like, also in SWML and in other JSON that
// has no type here; and user:password@ and such parameters in URLs.
type DryRunRequest struct {
	Operation string
	Method    string
	URL       string
	Header    http.Header
	Body      []byte
}

// String writes the request as it would look on the wire.
func (r DryRunRequest) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	_ = r.Header.Write(&b)
	return strings.ReplaceAll(b.String(), "\r\n", "\n") + "\n" + string(r.Body)
}

// showInstead ends the call of a dry run: it shows the request in place of sending
// it.
func (c *caller) showInstead(ctx context.Context, op *gen.Operation, req *request, config *callConfig) *Error {
	if err := c.setHeader(ctx, op, req, config); err != nil {
		return c.newRequestError(op, req, config).withCause(err)
	}
	config.dryRun(op, req)
	return c.newRequestError(op, req, config).withCause(ErrDryRun)
}

// dryRunRequest returns a request as a dry run shows it.
func dryRunRequest(op *gen.Operation, req *request) DryRunRequest {
	to := *req.url
	to.RawQuery = redact.Query(to.RawQuery)
	r := DryRunRequest{Operation: op.ID, Method: req.method, URL: to.String(), Header: req.header.Clone()}
	redact.Fields(r.Header)
	switch {
	case req.json != nil:
		// What became a body can become one without the secrets in it, too.
		r.Body, _ = encodeMedia(op.Request, redact.JSON(req.json, redact.SensitiveFields(req.value)))
	case req.body != nil:
		r.Body = []byte(redact.Text(string(req.body)))
	}
	return r
}
