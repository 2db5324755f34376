package tree

import (
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
	below := func(name string, a, b *yaml.Node) string {
		if d := Difference(a, b); d != "" {
			return "/" + Escape.Replace(name) + d
		}
		return ""
	}
	if a.Kind == yaml.SequenceNode {
		for i := range max(len(a.Content), len(b.Content)) {
			if d := below(strconv.Itoa(i), Item(a, i), Item(b, i)); d != "" {
				return d
			}
		}
		return ""
	}
	others := Index(b)
	for key, value := range Entries(a) {
		if d := below(key.Value, value, others[key.Value].Value); d != "" {
			return d
		}
		delete(others, key.Value)
	}
	for key, value := range Entries(b) {
		if _, only := others[key.Value]; only {
			return below(key.Value, nil, value)
		}
	}
	return ""
}

// Equal reports whether two values mean the same.
func Equal(a, b *yaml.Node) bool { return Difference(a, b) == "" }

// Item returns the element i of a sequence, or nil.
func Item(sequence *yaml.Node, i int) *yaml.Node {
	if i < len(sequence.Content) {
		return sequence.Content[i]
	}
	return nil
}

// Canonical is a string that scalars of one type and value share.
func Canonical(scalar *yaml.Node) string {
	switch scalar.ShortTag() {
	case "!!str":
		return strconv.Quote(scalar.Value)
	case "!!null":
		return "null"
	case "!!bool":
		return strings.ToLower(scalar.Value)
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
