package signalwiretest

import (
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// refuse responds with an error, in the form that the operation's description
// has for that status, and else in the one that most operations have.
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
		if documented != nil { // it may have the form of the older operations
			item["status"], item["title"] = strconv.Itoa(status), text
			item["detail"] = strings.TrimSpace(p.attribute + " " + p.message)
		}
		items = append(items, item)
	}
	switch {
	case documented != nil:
		have := map[string]any{"error": text, "message": text}
		if list, _ := listField(documented.Value); properties(documented.Value)["errors"] != nil {
			have["errors"] = items // there may be other lists, such as candidates
		} else if list != "" {
			have[list] = items
		} else if len(items) > 0 { // the one reason itself
			maps.Copy(have, items[0].(map[string]any))
		}
		return response{status: status, body: encode(c.maker.conform(documented.Value, have))}
	case len(items) > 0:
		return response{status: status, body: encode(map[string]any{"errors": items})}
	}
	return errorBody(status)
}

// errorCodes is the page that explains the codes of errors.
const errorCodes = "https://signalwire.com/docs/apis/error-codes#"

// limits are the statuses with which a Space says that it has done nothing and
// that the request may be sent again. Their bodies have an errors array whose
// items have a type and a code, by which a client knows them from the pages of
// proxies. That of 429 is documented; 503 has the same form.
var limits = map[int]struct{ kind, code, message string }{
	http.StatusTooManyRequests:    {"rate_limit_error", "rate_limit_exceeded", "Too many requests. Try again later."},
	http.StatusServiceUnavailable: {"service_error", "service_unavailable", "The service is unavailable. Try again later."},
}

// errorBody returns an error response without details, in the form that SignalWire
// has for the status.
func errorBody(status int) response {
	if limit, ok := limits[status]; ok {
		return response{status: status, body: encode(map[string]any{"errors": []any{map[string]any{
			"type": limit.kind, "code": limit.code, "message": limit.message, "url": errorCodes + limit.code,
		}}})}
	}
	return response{status: status, body: encode(map[string]any{"error": http.StatusText(status)})}
}
