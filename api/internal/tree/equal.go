package tree

import (
	"iter"
	"maps"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Entry is a key of a mapping with its value. The key has the position of the entry.
type Entry struct{ Key, Value *yaml.Node }

// Index returns the entries of a mapping by their keys, in place of many calls of Get.
func Index(mapping *yaml.Node) map[string]Entry {
	entriesOf := make(map[string]Entry, len(NonNil(mapping).Content)/2)
	for key, value := range Entries(mapping) {
		entriesOf[key.Value] = Entry{key, value}
	}
	return entriesOf
}

// pointerEscaper escapes a key as a reference token of a JSON Pointer (RFC 6901).
var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// Difference describes the first difference between two values, as in
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
	others := maps.Collect(members(b))
	for name, value := range members(a) {
		if d := Difference(value, others[name]); d != "" {
			return "/" + pointerEscaper.Replace(name) + d
		}
		delete(others, name)
	}
	for name, value := range members(b) {
		if _, only := others[name]; only {
			return "/" + pointerEscaper.Replace(name) + Difference(nil, value)
		}
	}
	return ""
}

// Equal reports whether two values are equal as JSON values: see Difference.
func Equal(a, b *yaml.Node) bool { return Difference(a, b) == "" }

// members iterates over the members of an object by name, or over the items of an
// array by index, as a JSON Pointer names them.
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

// canonicalScalar returns a string that is equal for scalars of the same type and value.
func canonicalScalar(scalar *yaml.Node) string {
	switch scalar.ShortTag() {
	case "!!str":
		return strconv.Quote(scalar.Value)
	case "!!float":
		if f, err := strconv.ParseFloat(scalar.Value, 64); err == nil {
			return strconv.FormatFloat(f, 'e', -1, 64)
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
