package signalwire

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// parseItems returns the problems that the body of an error response reports. The APIs of
// SignalWire, and the servers in front of them, use several shapes:
//
//   - a member errors: an array of items or strings, an object that maps field names to
//     one or more strings, or a string
//   - a member error: an item (as in JSON-RPC) or a string, possibly with a member
//     error_description (RFC 6749) or message
//   - an object that is an item itself (as in RFC 9457), or that maps field names to arrays
//     of strings
//   - a member fault, an item (as of the gateways of Apigee)
//   - an array of items or strings, or a string
//
// Upper and lower case and underscores make no difference in the names of members.
//
// parseItems returns nil for any other body, and for a string that only repeats the
// status text.
func parseItems(body []byte, statusText string) []gen.ErrorItem {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil
	}
	object, _ := value.(map[string]any)
	for _, name := range []string{"errors", "error", "detail", "message", "fault"} {
		value := memberAt(object, name)
		if _, ok := value.(string); ok && name != "errors" {
			continue // body is an item, and this is its member
		}
		if items := itemsOf(value, ""); len(items) > 0 {
			return items
		}
	}
	var items []gen.ErrorItem
	var fields map[string][]string
	if object == nil || json.Unmarshal(body, &fields) == nil {
		items = itemsOf(value, "")
	} else if item := parseItem(object); item.Message != "" || item.Code != "" {
		if short := stringAt(object, "error"); short != statusText && short != item.Message && item.Code == "" {
			item.Code = short
		}
		items = []gen.ErrorItem{item}
	}
	if len(items) == 1 && items[0] == (gen.ErrorItem{Message: statusText}) {
		return nil
	}
	return items
}

// itemsOf returns the items in a value. The items without an attribute of their own get
// the given one, which may be "".
func itemsOf(value any, attribute string) (items []gen.ErrorItem) {
	switch value := value.(type) {
	case string:
		if text := strings.TrimSpace(value); text != "" {
			return []gen.ErrorItem{{Message: text, Attribute: attribute}}
		}
	case []any:
		for _, entry := range value {
			items = append(items, itemsOf(entry, attribute)...)
		}
	case map[string]any:
		if item := parseItem(value); item.Message != "" || !hasFields(value, item.Code != "") {
			if describeItem(item) == "" {
				return nil
			}
			if item.Attribute == "" {
				item.Attribute = attribute
			}
			return []gen.ErrorItem{item}
		}
		const deep = 200 // bytes; a longer path is not that of a field
		for _, name := range slices.Sorted(maps.Keys(value)) {
			field := strings.TrimPrefix(attribute+"."+name, ".")
			if name == "error" || name == "errors" {
				field = attribute
			}
			if len(field) <= deep {
				items = append(items, itemsOf(value[name], field)...)
			}
		}
	}
	return items
}

// hasFields reports whether an object without a message maps field names to their problems:
// it has a member that items do not have, unless it has a code, or an array where items have
// a string.
func hasFields(object map[string]any, hasCode bool) bool {
	for name, value := range object {
		switch foldName(name) {
		case "type", "code", "message", "detail", "msg", "title", "attribute", "field", "param", "source", "url", "moreinfo", "status", "id":
			if _, ok := value.([]any); ok {
				return true
			}
		default:
			if !hasCode {
				return true
			}
		}
	}
	return false
}

// parseItem converts an object to an item. It knows the names that different APIs have
// for the members of an item.
func parseItem(object map[string]any) gen.ErrorItem {
	item := gen.ErrorItem{
		Type:      stringAt(object, "type"),
		Code:      stringAt(object, "code", "errorcode"),
		Message:   stringAt(object, "message", "errormessage", "detail", "errordescription", "msg", "faultstring", "reason", "error"),
		Attribute: stringAt(object, "attribute", "field", "param"),
		URL:       stringAt(object, "url", "moreinfo"),
	}
	switch title := stringAt(object, "title"); {
	case item.Message == "":
		item.Message = title
	case item.Type == "":
		item.Type = title
	}
	if source, ok := memberAt(object, "source").(map[string]any); ok && item.Attribute == "" {
		if item.Attribute = attributeAt(stringAt(source, "pointer")); item.Attribute == "" {
			item.Attribute = stringAt(source, "parameter")
		}
	}
	return item
}

// attributeAt converts a JSON pointer (RFC 6901) into a request to the path of an
// attribute. It removes the objects that JSON:API puts around attributes:
// "/data/attributes/codecs/0" becomes "codecs[0]".
func attributeAt(pointer string) string {
	for _, envelope := range []string{"/data/attributes/", "/data/", "/"} {
		if inner, ok := strings.CutPrefix(pointer, envelope); ok {
			pointer = inner
			break
		}
	}
	var path strings.Builder
	for _, token := range strings.Split(pointer, "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		if _, err := strconv.ParseUint(token, 10, 32); err == nil {
			path.WriteString("[" + token + "]")
			continue
		}
		if path.Len() > 0 {
			path.WriteByte('.')
		}
		path.WriteString(token)
	}
	return path.String()
}

// memberAt returns the member of an object whose name is the given one, which is written as
// foldName writes it, or else the first, in the order of bytes, whose name differs from it
// only in case and underscores. It returns nil if there is none.
func memberAt(object map[string]any, name string) any {
	if value, ok := object[name]; ok {
		return value
	}
	found := ""
	for other := range object {
		if foldName(other) == name && (found == "" || other < found) {
			found = other
		}
	}
	return object[found]
}

// foldName returns the name of a member in lower case, without underscores.
func foldName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "") }

// stringAt returns the first of the named members that is a non-empty string or a number,
// as a string. It returns "" if there is none.
func stringAt(object map[string]any, names ...string) string {
	for _, name := range names {
		switch v := memberAt(object, name).(type) {
		case string:
			if v = strings.TrimSpace(v); v != "" {
				return v
			}
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return ""
}
