package tree

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// annotations are the keywords that are for human readers.
var annotations = map[string]bool{
	"title": true, "summary": true, "description": true, "example": true, "examples": true, "externalDocs": true,
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
		if e := entries[name]; isMap || !annotations[name] && !IsExtension(name) {
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

// SortedKeys returns the keys of a map in alphabetical order.
func SortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// SchemaRefPrefix is the beginning of every $ref to a component schema.
const SchemaRefPrefix = "#/components/schemas/"

// ParseSchemaRef splits a $ref to a component schema, or to a part of one, into the name
// of the schema and the rest, which is "" or a JSON Pointer within the schema. It
// reports whether ref is such a reference.
func ParseSchemaRef(ref string) (name, rest string, ok bool) {
	pointer, ok := strings.CutPrefix(ref, SchemaRefPrefix)
	name, rest, below := strings.Cut(pointer, "/")
	if below {
		rest = "/" + rest
	}
	return pointerUnescaper.Replace(name), rest, ok
}

// EachRef calls visit for the value of each $ref, and for each reference in the mapping
// of a discriminator. It skips data, as EachKeyword does.
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

// Schemas returns components.schemas of a description, or nil.
func Schemas(root *yaml.Node) *yaml.Node { return Get(root, "components", "schemas") }

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
