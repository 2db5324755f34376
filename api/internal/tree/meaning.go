package tree

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// words are the keywords that say nothing to a program.
var words = map[string]bool{
	"title": true, "summary": true, "description": true, "example": true, "examples": true, "externalDocs": true,
}

// structure is a copy of what a value says to a program: without words and
// extensions, and with its keys sorted.
func structure(n *yaml.Node, chosen bool) *yaml.Node {
	s := *n
	s.Content = nil
	for _, item := range Items(n) {
		s.Content = append(s.Content, structure(item, false))
	}
	entries := Index(n)
	for _, name := range SortedKeys(entries) {
		if e := entries[name]; chosen || !words[name] && !IsExtension(name) {
			s.Content = append(s.Content, e.Key, structure(e.Value, !chosen && isNamed(e.Key, e.Value)))
		}
	}
	return &s
}

// Shape is what a value says to a program: a text that is equal for values that
// differ in words and in the order of what has none, and the $refs in it, which
// the text leaves open.
func Shape(n *yaml.Node) (text string, refs []string) {
	if n == nil {
		return "", nil
	}
	s := structure(n, false)
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

// SortedKeys returns the keys of a map in order.
func SortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// SchemaRef is what a $ref to a schema begins with.
const SchemaRef = "#/components/schemas/"

// SchemaOf is the name of the schema that a $ref points at or into, and the rest.
func SchemaOf(ref string) (name, rest string, ok bool) {
	pointer, ok := strings.CutPrefix(ref, SchemaRef)
	name, rest, below := strings.Cut(pointer, "/")
	if below {
		rest = "/" + rest
	}
	return Unescape.Replace(name), rest, ok
}

// EachRef visits what names a schema: each $ref, and the texts of a
// discriminator's mapping that are one.
func EachRef(n *yaml.Node, visit func(ref *yaml.Node)) {
	EachKeyword(n, func(key, value *yaml.Node) {
		if IsRef(key, value) {
			visit(value)
		}
		if key.Value == "discriminator" {
			for _, target := range Entries(Get(value, "mapping")) {
				if strings.HasPrefix(target.Value, "#/") {
					visit(target)
				}
			}
		}
	})
}

// Schemas returns the mapping of the schemas of a description, or nil.
func Schemas(root *yaml.Node) *yaml.Node { return Get(root, "components", "schemas") }

// Meanings returns for each of some mappings of schemas a text for each schema, which
// is equal for those that say the same to a program, all that they refer to included.
// Schemas of one shape are a class; those whose $refs are to different classes become
// different classes, until none does.
func Meanings(mappings ...*yaml.Node) []map[string]string {
	class := make([]map[string]string, len(mappings))
	for classes := -1; ; {
		next, known := make([]map[string]string, len(mappings)), map[string]string{}
		for i, schemas := range mappings {
			next[i] = map[string]string{}
			for name, schema := range Entries(schemas) {
				text, refs := Shape(schema)
				for _, ref := range refs {
					if name, rest, ok := SchemaOf(ref); ok {
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
