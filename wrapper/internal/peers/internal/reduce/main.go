// Reduce takes out of our description what two operations need: the update of a
// SIP gateway and the list of them. Extensions (x-…) go too, so that a generator
// makes what it makes of anybody's description, and what may be null is said as
// in OpenAPI 3.0, which every generator understands.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

var operations = map[string]string{
	"/api/fabric/resources/sip_gateways":      "get",
	"/api/fabric/resources/sip_gateways/{id}": "patch",
}

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("want two arguments: the description (JSON) and the file to write"))
	}
	text, err := os.ReadFile(os.Args[1])
	fail(err)
	var doc map[string]any
	fail(json.Unmarshal(text, &doc))

	all, _ := doc["paths"].(map[string]any)
	paths := map[string]any{}
	for path, method := range operations {
		item, _ := all[path].(map[string]any)
		if item[method] == nil {
			fail(fmt.Errorf("%s: no operation %s %s", os.Args[1], method, path))
		}
		kept := map[string]any{method: item[method]}
		if item["parameters"] != nil {
			kept["parameters"] = item["parameters"]
		}
		paths[path] = kept
	}
	whole, _ := doc["components"].(map[string]any)
	components := map[string]any{"securitySchemes": whole["securitySchemes"]}
	doc["paths"], doc["components"] = paths, components
	doc["openapi"] = "3.0.3"
	delete(doc, "tags")
	clean(doc)
	follow(paths, whole, components)

	text, err = json.MarshalIndent(doc, "", "  ")
	fail(err)
	fail(os.WriteFile(os.Args[2], append(text, '\n'), 0o644))
}

// follow copies from the whole components what is referred to below v.
func follow(v any, whole, components map[string]any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			follow(item, whole, components)
		}
	case map[string]any:
		for _, item := range v {
			follow(item, whole, components)
		}
		ref, _ := v["$ref"].(string)
		kind, name, ok := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
		if !ok {
			return
		}
		from, _ := whole[kind].(map[string]any)
		to, _ := components[kind].(map[string]any)
		if to == nil {
			to = map[string]any{}
			components[kind] = to
		}
		if to[name] == nil {
			to[name] = from[name]
			clean(to[name])
			follow(to[name], whole, components)
		}
	}
}

// clean takes the extensions out of v, and makes of a type that may be null one
// that is nullable.
func clean(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			clean(item)
		}
	case map[string]any:
		if types, ok := v["type"].([]any); ok && len(types) == 2 && types[1] == "null" {
			v["type"], v["nullable"] = types[0], true
		}
		for key, item := range v {
			if strings.HasPrefix(key, "x-") {
				delete(v, key)
			} else {
				clean(item)
			}
		}
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "reduce:", err)
		os.Exit(1)
	}
}
