package changes

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// node is an object of a description, as encoding/json reads it.
type node = map[string]any

func object(v any) node      { n, _ := v.(node); return n }
func array(v any) []any      { a, _ := v.([]any); return a }
func text(v any) string      { s, _ := v.(string); return s }
func isTrue(v any) bool      { return v == true }
func sorted(n node) []string { return slices.Sorted(maps.Keys(n)) }

// both returns the keys of two objects, sorted.
func both(a, b node) []string {
	keys := maps.Clone(a)
	if keys == nil {
		keys = node{}
	}
	maps.Copy(keys, b)
	return sorted(keys)
}

// at goes into objects by keys; what is not there is nil.
func at(v any, path ...string) any {
	for _, key := range path {
		v = object(v)[key]
	}
	return v
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// resolve is what v is or refers to.
func resolve(doc node, v any) node {
	n := object(v)
	for range 8 {
		pointer, ok := strings.CutPrefix(text(n["$ref"]), "#/")
		if !ok {
			break
		}
		var path []string
		for step := range strings.SplitSeq(pointer, "/") {
			path = append(path, unescape.Replace(step))
		}
		n = object(at(doc, path...))
	}
	return n
}

const schemaPrefix = "#/components/schemas/"

// refName is the name of the schema that n refers to, or "".
func refName(n node) string {
	name, ok := strings.CutPrefix(text(n["$ref"]), schemaPrefix)
	if !ok || strings.Contains(name, "/") {
		return ""
	}
	return unescape.Replace(name)
}

// schema is a schema without what can be said in several ways: what it refers to
// and the parts of an allOf are put together, and null is told apart.
type schema struct {
	node
	types    []string // but null; none is any
	null     bool
	variants []any // of oneOf or anyOf, but null
	values   []any // of enum or const, but null; none is any
}

// read reads a schema of a description.
func read(doc node, v any) schema {
	s := schema{node: flat(doc, object(v), 0)}
	switch t := s.node["type"].(type) {
	case string:
		s.types = []string{t}
	case []any:
		for _, t := range t {
			s.types = append(s.types, text(t))
		}
	}
	if i := slices.Index(s.types, "null"); i >= 0 {
		s.types, s.null = slices.Delete(s.types, i, i+1), true
	}
	if len(s.types) == 0 && s.node["properties"] != nil {
		s.types = []string{"object"}
	}
	if only, ok := s.node["const"]; ok {
		s.values = []any{only}
	}
	for _, value := range array(s.node["enum"]) {
		if value != nil {
			s.values = append(s.values, value)
		} else {
			s.null = true
		}
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		for _, variant := range array(s.node[key]) {
			if t, ok := at(variant, "type").(string); ok && t == "null" {
				s.null = true
			} else {
				s.variants = append(s.variants, variant)
			}
		}
	}
	if len(s.variants) == 1 {
		only := read(doc, s.variants[0])
		only.null = only.null || s.null
		return only
	}
	return s
}

// flat puts what a schema refers to and the parts of its allOf into one.
func flat(doc, n node, depth int) node {
	parts := array(n["allOf"])
	if n["$ref"] != nil {
		parts = append([]any{resolve(doc, node{"$ref": n["$ref"]})}, parts...)
	}
	if len(parts) == 0 || depth > 20 {
		return n
	}
	whole := node{}
	put := func(part node) {
		for key, value := range part {
			switch key {
			case "$ref", "allOf":
			case "properties":
				merged := maps.Clone(object(whole[key]))
				if merged == nil {
					merged = node{}
				}
				maps.Copy(merged, object(value))
				whole[key] = merged
			case "required":
				whole[key] = append(slices.Clone(array(whole[key])), array(value)...)
			default:
				whole[key] = value
			}
		}
	}
	for _, part := range parts {
		put(flat(doc, object(part), depth+1))
	}
	put(n)
	return whole
}

func contains(values []any, v any) bool {
	return slices.ContainsFunc(values, func(other any) bool { return reflect.DeepEqual(v, other) })
}

// without returns the values of a that b has not.
func without(a, b []any) (rest []any) {
	for _, v := range a {
		if !contains(b, v) {
			rest = append(rest, v)
		}
	}
	return rest
}

// further is what n says of members that it does not name: true for any, false
// for none, else a schema.
func (s schema) further() any {
	for _, key := range []string{"additionalProperties", "unevaluatedProperties"} {
		switch v := s.node[key].(type) {
		case bool:
			return v
		case node:
			if len(v) > 0 {
				return v
			}
		}
	}
	return true
}

// goFormat is the format of a string if strings of that format have a type of
// their own in Go.
func (s schema) goFormat() string {
	if format := text(s.node["format"]); slices.Contains([]string{"uuid", "date-time", "binary"}, format) {
		return format
	}
	return ""
}

func toArray(texts []string) (all []any) {
	for _, t := range texts {
		all = append(all, t)
	}
	return all
}
