package signalwiretest

import (
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// refuse returns an error response. Its body has the form that the description has for
// this status of the operation, or else the form that most operations have.
func (c *call) refuse(status int, problems []problem) response {
	var documented *openapi3.SchemaRef
	if response := c.filter.Operation.Responses.Status(status); response != nil {
		documented = jsonSchema(response.Value.Content)
	}
	text, items := http.StatusText(status), []any{}
	for _, p := range problems {
		item := map[string]any{
			"type":    "validation_error",
			"code":    p.code,
			"message": p.message,
			"url":     errorCodes + p.code,
		}
		if p.attribute != "" {
			item["attribute"] = p.attribute
		}
		if documented != nil { // in the form of older operations, items have these members
			item["status"], item["title"] = strconv.Itoa(status), text
			item["detail"] = strings.TrimSpace(p.attribute + " " + p.message)
		}
		items = append(items, item)
	}
	switch {
	case documented != nil:
		have := map[string]any{"error": text, "message": text}
		if list, _ := listField(documented.Value); properties(documented.Value)["errors"] != nil {
			have["errors"] = items // the response may have other arrays, such as candidates
		} else if list != "" {
			have[list] = items
		} else if len(items) > 0 { // the response is a single error
			maps.Copy(have, items[0].(map[string]any))
		}
		return response{status: status, body: encode(c.maker.conform(documented.Value, have))}
	case len(items) > 0:
		return response{status: status, body: encode(map[string]any{"errors": items})}
	}
	return errorBody(status)
}

// errorCodes is the URL of the page that explains error codes, up to the code.
const errorCodes = "https://signalwire.com/docs/apis/error-codes#"

// limits has the errors of the statuses with which a Space says that it has done
// nothing and that the request may be sent again. Their bodies have an errors array
// whose items have a type and a code. By these, a client distinguishes them from the
// error pages of proxies. SignalWire documents the body for 429; the one for 503 has
// the same form.
var limits = map[int]struct{ kind, code, message string }{
	http.StatusTooManyRequests:    {"rate_limit_error", "rate_limit_exceeded", "Too many requests. Try again later."},
	http.StatusServiceUnavailable: {"service_error", "service_unavailable", "The service is unavailable. Try again later."},
}

// errorBody returns an error response without details, in the form that SignalWire uses
// for the status.
func errorBody(status int) response {
	if limit, ok := limits[status]; ok {
		return response{status: status, body: encode(map[string]any{"errors": []any{map[string]any{
			"type": limit.kind, "code": limit.code, "message": limit.message, "url": errorCodes + limit.code,
		}}})}
	}
	return response{status: status, body: encode(map[string]any{"error": http.StatusText(status)})}
}
