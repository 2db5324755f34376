package signalwiretest

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// refuse answers with an error, in the form that the operation's description
// has for that status, and else in the one that most operations have.
func (c *call) refuse(status int, problems []problem) answer {
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
			"url":     "https://signalwire.com/docs/rest/overview/error-codes#" + p.code,
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
		if list, _ := listField(documented.Value); list != "" {
			have[list] = items
		}
		return answer{status, encode(c.maker.fitted(documented.Value, have))}
	case len(items) > 0:
		return answer{status, encode(map[string]any{"errors": items})}
	}
	return plain(status)
}
