package tree

import (
	"iter"
	"maps"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Entry is one entry of a mapping; its key stands for its place.
type Entry struct{ Key, Value *yaml.Node }

// Index returns the entries of a mapping by their keys.
func Index(mapping *yaml.Node) map[string]Entry {
	entriesOf := make(map[string]Entry, len(OrEmpty(mapping).Content)/2)
	for key, value := range Entries(mapping) {
		entriesOf[key.Value] = Entry{key, value}
	}
	return entriesOf
}

// Escape makes a name a token of a JSON pointer.
var Escape = strings.NewReplacer("~", "~0", "/", "~1")

// Difference describes the first difference in what two values mean, beginning
// with a JSON pointer to it, or is empty. The order of keys and all styles mean
// nothing. Either value can be nil, for nothing.
func Difference(a, b *yaml.Node) string {
	if a == b {
		return ""
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Kind == yaml.ScalarNode && Canonical(a) != Canonical(b) {
		return ": " + Describe(a) + " against " + Describe(b)
	}
	others := maps.Collect(members(b))
	for name, value := range members(a) {
		if d := Difference(value, others[name]); d != "" {
			return "/" + Escape.Replace(name) + d
		}
		delete(others, name)
	}
	for name, value := range members(b) {
		if _, only := others[name]; only {
			return "/" + Escape.Replace(name) + Difference(nil, value)
		}
	}
	return ""
}

// Equal reports whether two values mean the same.
func Equal(a, b *yaml.Node) bool { return Difference(a, b) == "" }

// members iterates over the members of an object by name, or over the items of an
// array by number.
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

// Canonical is a string that scalars of one type and value share.
func Canonical(scalar *yaml.Node) string {
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

// Describe shows a value in an error.
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
