package main

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// entry is one entry of a mapping; its key stands for its place.
type entry struct{ key, value *yaml.Node }

func index(mapping *yaml.Node) map[string]entry {
	entriesOf := make(map[string]entry, len(orEmpty(mapping).Content)/2)
	for key, value := range entries(mapping) {
		entriesOf[key.Value] = entry{key, value}
	}
	return entriesOf
}

// escape makes a name a token of a JSON pointer.
var escape = strings.NewReplacer("~", "~0", "/", "~1")

// difference describes the first difference in what two values mean, beginning
// with a JSON pointer to it, or is empty. The order of keys and all styles mean
// nothing. Either value can be nil, for nothing.
func difference(a, b *yaml.Node) string {
	if a == b {
		return ""
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.Kind == yaml.ScalarNode && canonical(a) != canonical(b) {
		return ": " + describe(a) + " against " + describe(b)
	}
	below := func(name string, a, b *yaml.Node) string {
		if d := difference(a, b); d != "" {
			return "/" + escape.Replace(name) + d
		}
		return ""
	}
	if a.Kind == yaml.SequenceNode {
		for i := range max(len(a.Content), len(b.Content)) {
			if d := below(strconv.Itoa(i), item(a, i), item(b, i)); d != "" {
				return d
			}
		}
		return ""
	}
	others := index(b)
	for key, value := range entries(a) {
		if d := below(key.Value, value, others[key.Value].value); d != "" {
			return d
		}
		delete(others, key.Value)
	}
	for key, value := range entries(b) {
		if _, only := others[key.Value]; only {
			return below(key.Value, nil, value)
		}
	}
	return ""
}

func equal(a, b *yaml.Node) bool { return difference(a, b) == "" }

func item(sequence *yaml.Node, i int) *yaml.Node {
	if i < len(sequence.Content) {
		return sequence.Content[i]
	}
	return nil
}

// canonical is a text that scalars of one type and value share.
func canonical(scalar *yaml.Node) string {
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

// describe shows a value in an error.
func describe(n *yaml.Node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
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
