package changes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// node is an object of a description.
type node = map[string]any

// at goes into v by keys and indices; what is not there is nil.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			v = object(v)[step]
		case int:
			list, _ := v.([]any)
			if step < 0 || step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

func object(v any) node {
	n, _ := v.(node)
	return n
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

const schemaPrefix = "#/components/schemas/"

// refName is the schema that n refers to, if it is a reference.
func refName(n node) string {
	return strings.TrimPrefix(text(n["$ref"]), schemaPrefix)
}

// resolve is what v is or refers to.
func resolve(doc node, v any) node {
	n := object(v)
	for range 8 {
		ref, ok := strings.CutPrefix(text(n["$ref"]), "#/")
		if !ok {
			break
		}
		var path []any
		for _, step := range strings.Split(ref, "/") {
			path = append(path, strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
		}
		n = object(at(doc, path...))
	}
	return n
}

// types are what n says of its type, but for null.
func types(n node) (types []string, null bool) {
	switch t := n["type"].(type) {
	case string:
		types = []string{t}
	case []any:
		for _, t := range t {
			types = append(types, text(t))
		}
	}
	i := slices.Index(types, "null")
	if i < 0 {
		return types, false
	}
	return slices.Delete(types, i, i+1), true
}

func variants(n node) (key string, variants []any) {
	for _, key := range []string{"oneOf", "anyOf"} {
		if v, ok := n[key].([]any); ok {
			return key, v
		}
	}
	return "", nil
}

// withoutNull tells whether n can be null, and what it is otherwise: of
// anyOf [X, null] that is X.
func withoutNull(n node) (node, bool) {
	_, null := types(n)
	key, all := variants(n)
	var rest []any
	for _, v := range all {
		if t, isNull := types(object(v)); isNull && len(t) == 0 {
			null = true
		} else {
			rest = append(rest, v)
		}
	}
	if values, ok := n["enum"].([]any); ok && slices.Contains(values, nil) {
		null = true
	}
	if key != "" && len(rest) == 1 && len(rest) < len(all) {
		inner, innerNull := withoutNull(object(rest[0]))
		return inner, null || innerNull
	}
	return n, null
}

// meaning is n without null and what concerns no caller.
func meaning(n node) node {
	m := maps.Clone(n)
	maps.DeleteFunc(m, func(key string, _ any) bool { return isProse(key) })
	m["type"], _ = types(n)
	if values, ok := n["enum"].([]any); ok {
		m["enum"] = slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == nil })
	}
	return m
}

func isProse(key string) bool {
	return strings.HasPrefix(key, "x-") || slices.Contains([]string{"title", "description", "summary", "example", "examples", "externalDocs", "xml", "$comment"}, key)
}

// kind is what has to stay the same for two schemas to be compared further.
func kind(n node) string {
	if ref := refName(n); ref != "" {
		return "reference"
	}
	if key, _ := variants(n); key != "" {
		return "union"
	}
	t, _ := types(n)
	if len(t) == 0 && (n["properties"] != nil || n["allOf"] != nil) {
		t = []string{"object"}
	}
	slices.Sort(t)
	k := strings.Join(append(t, text(n["format"])), " ")
	if items := object(n["items"]); items != nil {
		items, _ = withoutNull(items)
		k += " of " + refName(items) + kind(items)
	}
	return k
}

// typeText is a type in words.
func (r *reporter) typeText(n node) string {
	n, null := withoutNull(n)
	var s string
	t, _ := types(n)
	values, _ := n["enum"].([]any)
	values = slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == nil })
	switch key, all := variants(n); {
	case refName(n) != "":
		s = r.schemaPlace(refName(n), use{}).display()
	case key != "":
		var texts []string
		for _, v := range all {
			if !isNull(v) {
				texts = append(texts, r.typeText(object(v)))
			}
		}
		if slices.Sort(texts); len(texts) > 5 {
			texts = append(texts[:4], fmt.Sprintf("%d more", len(texts)-4))
		}
		s = "one of " + strings.Join(slices.Compact(texts), ", ")
	case slices.Contains(t, "array"):
		s = "list of " + r.typeText(object(n["items"]))
	case n["const"] != nil:
		return value(n["const"])
	case len(values) > 0 && len(values) < 6:
		s = strings.ReplaceAll(list(values), ", ", " or ")
	case len(t) > 0:
		s = strings.Join(t, " or ")
	case n["properties"] != nil || n["allOf"] != nil:
		s = "object"
	default:
		s = "anything"
	}
	if format := text(n["format"]); format != "" {
		s += " (" + format + ")"
	}
	if null {
		s += " or null"
	}
	return s
}
