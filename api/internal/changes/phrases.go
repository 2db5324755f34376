package changes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

func code(s string) string { return "`" + s + "`" }

// nowBefore joins two phrases, such as "has at most 10 items now; before, at most 20
// items". It leaves out the verb of the second.
func nowBefore(now, before string) string {
	for _, verb := range []string{"is ", "has ", "can be ", "can have ", "needs ", "matches ", "defaults to "} {
		before = strings.TrimPrefix(before, verb)
	}
	return now + " now; before, " + before
}

// encodeJSON returns a value of a description as JSON.
func encodeJSON(v any) string {
	text, _ := json.Marshal(v) // It was decoded from JSON.
	return string(text)
}

// listValues lists enum values, with the names of their constants if they are those of a
// Go type. It also returns these constants as symbols.
func (s *State) listValues(goType string, values []any) (list string, symbols []string) {
	var texts []string
	for _, v := range values {
		text := code(encodeJSON(v))
		if t := s.Names.Types[goType]; t != nil && t.Values[fmt.Sprint(v)] != "" {
			name := "gen." + t.Values[fmt.Sprint(v)]
			text += " (" + code(name) + ")"
			symbols = append(symbols, name)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", "), symbols
}

// describeType returns the type of a schema of a state in words, such as "a string", "an
// array, each item an integer" or "`gen.Thing`".
func (r *reporter) describeType(state *State, s schema) string {
	if s.name != "" {
		return code(r.schemaLocation(s.name).name)
	}
	var texts []string
	for _, variant := range s.variants {
		texts = append(texts, r.describeType(state, state.readSchema(variant)))
	}
	for _, t := range s.types {
		text := "a " + asString(t)
		if t == "null" {
			text = "null"
		}
		if slices.Contains([]any{"array", "integer", "object"}, t) {
			text = "an " + asString(t)
		}
		if t == "array" && len(asObject(s.object["items"])) > 0 {
			text += ", each item " + r.describeType(state, state.readSchema(s.object["items"]))
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	words := cmp.Or(strings.Join(texts, " or "), "any value")
	if format := s.goFormat(); format != "" {
		words += " (" + format + ")"
	}
	return words
}

// describeVariant returns the type of a variant of a union in words. It tells objects without
// a name apart by the constants that they have, or else by the names of their properties.
func (r *reporter) describeVariant(state *State, s schema) string {
	words, members := r.describeType(state, s), asObject(s.object["properties"])
	if s.name != "" || len(members) == 0 {
		return words
	}
	if constants := state.constants(s); constants != "" {
		return words + " with " + code(constants)
	}
	return words + " with " + code(strings.Join(tree.SortedKeys(members), "`, `"))
}
