package tree

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// words are the keywords that say nothing to a program.
var words = map[string]bool{
	"title": true, "summary": true, "description": true, "example": true, "examples": true, "externalDocs": true,
}

// Shape is what a value says to a program: a text that is equal for values that
// differ in words and in the order of what has none, and the $refs in it, which
// the text leaves open.
func Shape(n *yaml.Node) (text string, refs []string) {
	var b strings.Builder
	var write func(n *yaml.Node, chosen bool)
	write = func(n *yaml.Node, chosen bool) {
		switch {
		case n.Kind == yaml.MappingNode:
			values := Index(n)
			b.WriteByte('{')
			for _, name := range SortedKeys(values) {
				value := values[name].Value
				if !chosen && (words[name] || IsExtension(name)) {
					continue
				}
				b.Write(Quote(name))
				if IsRef(values[name].Key, value) && !chosen {
					refs = append(refs, value.Value)
				} else if !chosen && (name == "required" || name == "enum") && value.Kind == yaml.SequenceNode {
					var items []string
					for _, item := range value.Content {
						items = append(items, Describe(item))
					}
					slices.Sort(items)
					b.WriteString(strings.Join(items, ","))
				} else {
					write(value, !chosen && Named[name])
				}
			}
			b.WriteByte('}')
		case n.Kind == yaml.SequenceNode:
			b.WriteByte('[')
			for _, item := range n.Content {
				write(item, false)
				b.WriteByte(',')
			}
			b.WriteByte(']')
		default:
			b.WriteString(Canonical(n))
		}
	}
	if n != nil {
		write(n, false)
	}
	return b.String(), refs
}

// SortedKeys returns the keys of a map in order.
func SortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

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
func Schemas(root *yaml.Node) *yaml.Node { return Get(Get(root, "components"), "schemas") }

// SameMeaning relates the schemas of b to those of a that say the same to a
// program, all that they refer to included: the largest relation in which each
// pair has one shape, and their $refs are pairs again.
func SameMeaning(a, b *yaml.Node) map[string]map[string]bool {
	type seen struct {
		name string
		refs []string
	}
	byShape := map[string][]seen{}
	refsOf := map[string][]string{}
	for name, schema := range Entries(a) {
		text, refs := Shape(schema)
		byShape[text] = append(byShape[text], seen{name.Value, refs})
	}
	pairs := map[string]map[string][]string{}
	for name, schema := range Entries(b) {
		text, refs := Shape(schema)
		refsOf[name.Value] = refs
		pairs[name.Value] = map[string][]string{}
		for _, other := range byShape[text] {
			pairs[name.Value][other.name] = other.refs
		}
	}
	for changed := true; changed; {
		changed = false
		for name, others := range pairs {
			for other, refs := range others {
				for i, ref := range refsOf[name] {
					mine, rest, ok := SchemaOf(ref)
					theirs, otherRest, _ := SchemaOf(refs[i])
					_, pair := pairs[mine][theirs]
					if !ok && ref != refs[i] || ok && (!pair || rest != otherRest) {
						delete(others, other)
						changed = true
						break
					}
				}
			}
		}
	}
	related := map[string]map[string]bool{}
	for name, others := range pairs {
		related[name] = map[string]bool{}
		for other := range others {
			related[name][other] = true
		}
	}
	return related
}
