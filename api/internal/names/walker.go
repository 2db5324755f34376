package names

import (
	"maps"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// walker visits the schemas that a request or a response needs, each once.
type walker struct {
	*Namer
	declared    map[string]*yaml.Node // the schemas that declare Go types, by the names of the types
	seen        map[*yaml.Node]bool
	withAliases bool // whether it visits schemas that have the type of another one, too
}

func (m *Namer) newWalker() *walker {
	return &walker{m, maps.Collect(m.declarations()), map[*yaml.Node]bool{}, false}
}

// walk visits a schema with the name of its Go type, or "", and then the schemas in it. If
// another schema declares the type, walk visits that one instead. visit can be nil.
func (w *walker) walk(n *yaml.Node, visit func(n *yaml.Node, goType string)) {
	declaring, goType := w.declaration(n)
	w.visit(declaring, goType, visit)
	if w.withAliases && w.IsGenerated(goType) {
		w.visit(w.resolve(n), "", visit)
	}
}

func (w *walker) visit(n *yaml.Node, goType string, visit func(n *yaml.Node, goType string)) {
	if n == nil || w.seen[n] {
		return
	}
	w.seen[n] = true
	if visit != nil {
		visit(n, goType)
	}
	w.walk(tree.Get(n, "items"), visit)
	w.walk(tree.Get(n, "additionalProperties"), visit)
	for _, variant := range tree.Variants(n) {
		w.walk(variant, visit)
	}
	for _, property := range tree.Entries(tree.Get(n, "properties")) {
		w.walk(property, visit)
	}
}

// declaration returns the schema that declares the type of a schema, which can be n itself,
// with the name of the type or "".
func (w *walker) declaration(n *yaml.Node) (declaring *yaml.Node, goType string) {
	for range 100 { // References can form a circle.
		given := elementType(tree.Value(n, "x-go-type"))
		name, _, isRef := tree.ParseSchemaRef(tree.Value(n, "$ref"))
		switch {
		case given != "":
			n, goType = w.declared[given], given
		case isRef:
			n, goType = w.schema(name), w.schemaType(name)
		default:
			return n, goType
		}
	}
	return nil, ""
}

// elementType returns the type without its pointers and slices: Thing for []*Thing.
func elementType(goType string) string { return strings.TrimLeft(goType, "[]*") }
