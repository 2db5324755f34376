package changes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

func code(s string) string { return "`" + s + "`" }

func nowBefore(now, before string) string {
	for _, verb := range []string{"is ", "has ", "takes ", "can have ", "defaults to "} {
		before = strings.TrimPrefix(before, verb)
	}
	return now + " now; before, " + before
}

// value is a value as JSON, and plain is the same but for strings.
func value(v any) string {
	text, _ := json.Marshal(v) // It was read from JSON.
	if _, isNumber := v.(float64); isNumber {
		return string(text)
	}
	return code(string(text))
}

func plain(v any) string {
	if s, ok := v.(string); ok {
		return code(s)
	}
	return value(v)
}

// list lists values, with the names of their constants in Go, if typ has some.
func (s *State) list(typ string, values []any) (words string, symbols []string) {
	var texts []string
	for _, v := range values {
		text := value(v)
		if t := s.Names.Types[typ]; t != nil && t.Values[fmt.Sprint(v)] != "" {
			name := "gen." + t.Values[fmt.Sprint(v)]
			text += " (" + code(name) + ")"
			symbols = append(symbols, name)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", "), symbols
}

// words is a schema of a state in words: a string, an array of integers, `gen.Thing`.
func (r *reporter) words(state *State, s schema) string {
	if s.name != "" {
		return code(r.schemaPlace(s.name).name)
	}
	var texts []string
	for _, variant := range s.variants {
		texts = append(texts, r.words(state, state.read(variant)))
	}
	for _, t := range s.types {
		t := text(t)
		article := map[bool]string{true: "an ", false: "a "}[strings.ContainsAny(t[:1], "aio")]
		if t == "array" && len(object(s.node["items"])) > 0 {
			t += ", each item " + r.words(state, state.read(s.node["items"]))
		}
		texts = append(texts, article+t)
	}
	slices.Sort(texts)
	words := cmp.Or(strings.Join(texts, " or "), "any value")
	if format := s.goFormat(); format != "" {
		words += " (" + format + ")"
	}
	return words
}
