package signalwire

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// DryRunRequest is the request that a call would send, with secrets redacted: the values
// of fields that the description of the API marks as sensitive; the values of members,
// headers and query parameters whose name is or ends with password, secret, token,
// credential, authorization, cookie, api_key, signing_key or a similar word, also in SWML
// (as JSON or YAML) and other JSON without a Go type; and user:password@ and such
// parameters in URLs.
type DryRunRequest struct {
	// Operation is the operation's id, such as "update_sip_gateway".
	Operation string
	// Method is the HTTP method.
	Method string
	// URL is the whole URL, with the query.
	URL string
	// Header has the headers that the client sets.
	Header http.Header
	// Body is the encoded body; nil if there is none.
	Body []byte
}

// String returns the request as text: the method and the URL, the headers, an empty line, and
// the body.
func (r DryRunRequest) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	_ = r.Header.Write(&b)
	return strings.ReplaceAll(b.String(), "\r\n", "\n") + "\n" + string(r.Body)
}

// LogValue returns the request as a group of attributes for package slog. A body of JSON is
// nested, and any other one is text.
func (r DryRunRequest) LogValue() slog.Value {
	body := slog.StringValue(string(r.Body))
	if json.Valid(r.Body) {
		body = redact.LogValue(r.Body)
	}
	return slog.GroupValue(
		slog.String("operation", r.Operation),
		slog.String("method", r.Method),
		slog.String("url", r.URL),
		slog.Any("header", r.Header),
		slog.Attr{Key: "body", Value: body},
	)
}

// showInstead ends a call in a dry run: it passes the request to the function of
// [WithDryRun] and returns [ErrDryRun].
func (c *caller) showInstead(ctx context.Context, op *gen.Operation, req *request, config *callConfig) *Error {
	if err := c.setHeader(ctx, op, req, config); err != nil {
		return c.newRequestError(op, req, config).withCause(err)
	}
	config.dryRun(op, req)
	return c.newRequestError(op, req, config).withCause(ErrDryRun)
}

// dryRunRequest returns a request with secrets redacted.
func dryRunRequest(op *gen.Operation, req *request) DryRunRequest {
	to := *req.url
	to.RawQuery = redact.Query(to.RawQuery)
	r := DryRunRequest{Operation: op.ID, Method: req.method, URL: to.String(), Header: req.header.Clone()}
	redact.Fields(r.Header)
	switch {
	case req.json != nil:
		// A body that could be encoded can also be encoded with redacted values.
		r.Body, _ = encodeMedia(op.Request, redact.JSON(req.json, redact.SensitiveFields(req.value)))
	case req.body != nil:
		r.Body = []byte(redact.Text(string(req.body)))
	}
	return r
}
