package tree

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Difference describes the first difference between two values, in the order of a, as in
// "/info/title: "A" against "B"", or returns "" if they are equal. It begins with a
// JSON Pointer to the difference. The order of keys and the styles of scalars are
// ignored. Either value can be nil, for a missing one.
func Difference(a, b *yaml.Node) string {
	if a == b {
		return ""
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Kind == yaml.ScalarNode && canonicalScalar(a) != canonicalScalar(b) {
		return ": " + Describe(a) + " against " + Describe(b)
	}
	onlyB := maps.Collect(members(b))
	for name, value := range members(a) {
		if d := Difference(value, onlyB[name]); d != "" {
			return "/" + pointerEscaper.Replace(name) + d
		}
		delete(onlyB, name)
	}
	for name, value := range members(b) {
		if onlyB[name] != nil {
			return "/" + pointerEscaper.Replace(name) + Difference(nil, value)
		}
	}
	return ""
}

// members iterates over the members of an object by name, or over the items of an array by
// index, as a JSON Pointer names them.
func members(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(name string, value *yaml.Node) bool) {
		for key, value := range Entries(n) {
			if !yield(key.Value, value) {
				return
			}
		}
		for i, item := range Items(n) {
			if !yield(strconv.Itoa(i), item) {
				return
			}
		}
	}
}

// Equal reports whether two values are equal as JSON values: see Difference.
func Equal(a, b *yaml.Node) bool { return Difference(a, b) == "" }

// canonicalScalar returns a string that is equal for scalars of the same type and value.
func canonicalScalar(scalar *yaml.Node) string {
	switch scalar.ShortTag() {
	case "!!str":
		return strconv.Quote(scalar.Value)
	case "!!float":
		if f, err := strconv.ParseFloat(scalar.Value, 64); err == nil {
			return strconv.FormatFloat(f, 'f', -1, 64) // 1.0 is 1.
		}
	}
	return scalar.Value
}

// Describe returns a short description of a value for an error text, such as "an
// object", "nothing" (for nil), or the quoted beginning of a string.
func Describe(n *yaml.Node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.Kind == yaml.MappingNode:
		return "an object"
	case n.Kind == yaml.SequenceNode:
		return "an array"
	case n.ShortTag() == "!!null":
		return "null"
	case n.ShortTag() != "!!str":
		return n.Value
	}
	if short := []rune(n.Value); len(short) > 60 {
		return strconv.Quote(string(short[:60])) + "..."
	}
	return strconv.Quote(n.Value)
}

// IsAnnotation reports whether a keyword is for human readers only.
func IsAnnotation(key string) bool {
	return slices.Contains([]string{"title", "summary", "description", "example", "examples", "externalDocs"}, key)
}

// stripAnnotations returns a copy without annotations and extensions, with sorted keys.
// In a map of names (isNameMap), all keys are kept.
func stripAnnotations(n *yaml.Node, isMap bool) *yaml.Node {
	s := *n
	s.Content = nil
	for _, item := range Items(n) {
		s.Content = append(s.Content, stripAnnotations(item, false))
	}
	entries := Index(n)
	for _, name := range SortedKeys(entries) {
		if e := entries[name]; isMap || !IsAnnotation(name) && !IsExtension(name) {
			s.Content = append(s.Content, e.Key, stripAnnotations(e.Value, !isMap && isNameMap(e.Key, e.Value)))
		}
	}
	return &s
}

// CanonicalForm returns a text that is equal for values that differ only in annotations,
// in extensions and in the order of keys, of required properties and of enum values. The
// targets of $refs are not in the text; they are returned separately, in their order.
func CanonicalForm(n *yaml.Node) (text string, refs []string) {
	if n == nil {
		return "", nil
	}
	s := stripAnnotations(n, false)
	EachKeyword(s, func(key, value *yaml.Node) {
		if IsRef(key, value) {
			refs = append(refs, value.Value)
			value.Value = ""
		} else if key.Value == "required" || key.Value == "enum" {
			slices.SortFunc(value.Content, func(a, b *yaml.Node) int { return strings.Compare(Describe(a), Describe(b)) })
		}
	})
	return strings.TrimSpace(string(EncodeJSON(s))), refs
}

// EquivalenceClasses compares the schemas of several mappings, with all schemas that they
// refer to. For each mapping it returns the class of each schema by name: two schemas
// have the same class if and only if they are equivalent, even if they refer to each
// other or to themselves.
//
// It refines a partition: in the first round, schemas of equal CanonicalForm are one
// class; in each further round, schemas with $refs to different classes are separated,
// until the number of classes stays the same.
func EquivalenceClasses(mappings ...*yaml.Node) []map[string]string {
	class := make([]map[string]string, len(mappings))
	for classes := -1; ; {
		next, known := make([]map[string]string, len(mappings)), map[string]string{}
		for i, schemas := range mappings {
			next[i] = map[string]string{}
			for name, schema := range Entries(schemas) {
				text, refs := CanonicalForm(schema)
				for _, ref := range refs {
					if name, rest, ok := ParseSchemaRef(ref); ok {
						ref = class[i][name] + rest
					}
					text += "\n" + ref
				}
				if known[text] == "" {
					known[text] = strconv.Itoa(len(known) + 1)
				}
				next[i][name.Value] = known[text]
			}
		}
		if class = next; len(known) == classes {
			return class
		}
		classes = len(known)
	}
}

// Placeholder matches a variable of a URL or path, such as "{space_name}" or the
// percent-encoded "%7Bspace_name%7D".
var Placeholder = regexp.MustCompile(`(?i)\{[^{}]*\}|%7B[^%]*%7D`)

// MatchPaths returns, for each path of b that is also in a, its spelling in a. Paths match
// if they are equal or, as long as that is unambiguous, if they differ only in the names
// of parameters: "/calls/{id}" matches "/calls/{call_id}".
func MatchPaths[V, W any](a map[string]V, b map[string]W) map[string]string {
	loose := func(path string) string { return Placeholder.ReplaceAllString(path, "{}") }
	of, count, to := map[string][]string{}, map[string]int{}, map[string]string{}
	for path := range a {
		of[loose(path)] = append(of[loose(path)], path)
	}
	for path := range b {
		count[loose(path)]++
	}
	for path := range b {
		if _, found := a[path]; found {
			to[path] = path
		} else if key := loose(path); count[key] == 1 && len(of[key]) == 1 {
			to[path] = of[key][0]
		}
	}
	return to
}
