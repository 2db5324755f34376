package names

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddRequestRules writes into the schemas of requests what their Go types alone
// do not say, for the templates and the generator:
//
//   - The tag enum has the values that a field takes, if they are others than
//     those of its Go type, which several schemas may share.
//   - The tag minLength is "1" for a string that a POST has to have and that makes
//     no sense if it is empty. x-may-be-empty in the overlay says which may be, and
//     so may what responses have, too, as an edit sends back what it read.
//   - What an update has to have is a pointer, so that what is unset is not sent as
//     an empty value.
func (m *Namer) AddRequestRules(root *yaml.Node) {
	if !m.checks {
		return
	}
	w := schemaWalk{m: m, root: root, declared: m.Declared(root), seen: map[*yaml.Node]bool{}}
	tree.EachPathOperation(root, func(_, _, operation *yaml.Node) {
		w.each(success(operation), 0, func(*yaml.Node) {})
	})
	read := w.seen
	w.seen = map[*yaml.Node]bool{}
	for _, created := range []bool{true, false} { // what is for both is for a creation
		tree.EachPathOperation(root, func(method, _, operation *yaml.Node) {
			if created == (method.Value == "post") {
				w.each(jsonSchema(tree.Get(operation, "requestBody")), 0, func(n *yaml.Node) { w.addTags(n, created && !read[n]) })
			}
		})
	}
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		if method.Value != "put" && method.Value != "patch" || !strings.HasPrefix(m.goNameOf(tree.IDOf(operation), operation), "Update") {
			return
		}
		m.requirePointers(root, jsonSchema(tree.Get(operation, "requestBody")), tree.OperationName(method, path), 0)
	})
}

// Declared finds the schemas that declare the Go types.
func (m *Namer) Declared(root *yaml.Node) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		if !m.excluded[name.Value] && tree.Get(schema, "x-go-type") == nil {
			found[m.goNameOf(name.Value, schema)] = schema
		}
	}
	for _, schema := range tree.Entries(tree.Schemas(root)) {
		m.typeNames(schema, found)
	}
	return found
}

// typeNames adds the types that parts of a schema declare.
func (m *Namer) typeNames(n *yaml.Node, found map[string]*yaml.Node) {
	if name := tree.Get(n, "x-go-type-name"); name != nil && tree.Get(n, "x-go-type") == nil && found[name.Value] == nil {
		found[name.Value] = n
	}
	for _, inner := range n.Content { // keys have nothing in them
		m.typeNames(inner, found)
	}
}

// schemaWalk visits the schemas that an operation needs, each once.
type schemaWalk struct {
	m        *Namer
	root     *yaml.Node
	declared map[string]*yaml.Node
	seen     map[*yaml.Node]bool
}

// each visits a schema and what is in it. Where its Go type is declared by
// another schema, it visits that.
func (w schemaWalk) each(n *yaml.Node, depth int, visit func(n *yaml.Node)) {
	for range 100 { // a schema may be a reference itself
		name := strings.TrimLeft(w.m.typeOf(w.root, n), "[]*")
		if name == "" {
			break
		}
		n = w.declared[name]
	}
	if n == nil || w.seen[n] || depth > 1000 {
		return
	}
	w.seen[n] = true
	visit(n)
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range tree.OrEmpty(tree.Get(n, keyword)).Content {
			w.each(part, depth+1, visit)
		}
	}
	for _, keyword := range []string{"items", "additionalProperties"} {
		if inner := tree.Get(n, keyword); inner != nil && inner.Kind == yaml.MappingNode {
			w.each(inner, depth+1, visit)
		}
	}
	for _, property := range tree.Entries(tree.Get(n, "properties")) {
		w.each(property, depth+1, visit)
	}
}

// addTags adds the tags of an object's properties.
func (w schemaWalk) addTags(object *yaml.Node, created bool) {
	for name, property := range tree.Entries(tree.Get(object, "properties")) {
		own := w.values(property)
		if len(own) > 0 && !slices.Equal(own, w.typeValues(property)) {
			if slices.ContainsFunc(own, func(value string) bool { return strings.ContainsAny(value, "\",`\\") }) {
				w.m.Errorf("%s: a value of %s has a character that a tag cannot have", w.m.At(property), name.Value)
			}
			w.m.tag(property, "enum", strings.Join(own, ","))
		}
		if created && len(own) == 0 && requires(object, name.Value) && w.text(property) && tree.Get(property, "x-may-be-empty") == nil {
			w.m.tag(property, "minLength", "1")
		}
	}
}

// values are those that a property, or an item of it, takes.
func (w schemaWalk) values(property *yaml.Node) []string {
	for range 100 {
		if enum := tree.Get(property, "enum"); enum != nil {
			var values []string
			for _, value := range enum.Content {
				if value.ShortTag() == "!!str" {
					values = append(values, value.Value)
				}
			}
			slices.Sort(values)
			return values
		}
		if items := tree.Get(property, "items"); items != nil {
			property = items
		} else if to := tree.Get(property, "$ref"); to != nil {
			name, _, _ := tree.SchemaOf(to.Value)
			property = tree.Get(tree.Schemas(w.root), name)
		} else {
			return nil
		}
	}
	return nil
}

// typeValues are those of the Go type of a property, or of its items.
func (w schemaWalk) typeValues(property *yaml.Node) []string {
	name := w.m.typeOf(w.root, property)
	if items := tree.Get(property, "items"); name == "" && items != nil {
		return w.typeValues(items)
	}
	if name == "" {
		return w.values(property) // a type of its own
	}
	return w.values(w.declared[strings.TrimLeft(name, "[]*")])
}

// text reports whether a property is a string in Go.
func (w schemaWalk) text(property *yaml.Node) bool {
	if given := tree.Get(property, "x-go-type"); given != nil {
		return given.Value == "string"
	}
	typ := tree.Get(property, "type")
	format := tree.Get(property, "format")
	return typ != nil && typ.Value == "string" && (format == nil || format.Value != "uuid" && format.Value != "date-time")
}

// requires reports whether an object has to have a property.
func requires(object *yaml.Node, name string) bool {
	return slices.ContainsFunc(tree.OrEmpty(tree.Get(object, "required")).Content, func(n *yaml.Node) bool { return n.Value == name })
}

// tag adds a tag to the Go field of a property.
func (m *Namer) tag(property *yaml.Node, name, value string) {
	const extension = "x-oapi-codegen-extra-tags"
	tags := tree.Get(property, extension)
	if tags == nil {
		tags = &yaml.Node{Kind: yaml.MappingNode}
		property.Content = append(property.Content, m.Text(extension, property), tags)
	}
	tree.Remove(tags, name)
	text := m.Text(value, property)
	text.Style = yaml.SingleQuotedStyle
	tags.Content = append(tags.Content, m.Text(name, property), text)
}

// requirePointers makes the fields of an update that it has to have pointers.
// Arrays, maps and what holds JSON need none.
func (m *Namer) requirePointers(root, body *yaml.Node, update string, depth int) {
	body = m.target(root, body)
	if body == nil || depth > 100 {
		return
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range tree.OrEmpty(tree.Get(body, keyword)).Content {
			m.requirePointers(root, part, update, depth+1)
		}
	}
	for name, property := range tree.Entries(tree.Get(body, "properties")) {
		if !requires(body, name.Value) {
			continue
		}
		goType := m.typeOf(root, property)
		if goType == "" {
			goType = plainType(property)
		}
		if goType == "" && m.report == nil {
			m.Errorf("%s: %s has to have %s, and its type has no name; give it one with x-go-name or x-go-type-name", m.At(property), update, name.Value)
		}
		if goType == "" || strings.HasPrefix(goType, "nullable.") || slices.Contains([]string{"*", "[", "m"}, goType[:1]) || goType == "any" || goType == "SWML" {
			continue
		}
		tree.Remove(property, "x-go-type")
		text := m.Text("*"+goType, property)
		text.Style = yaml.SingleQuotedStyle
		property.Content = append(property.Content, m.Text("x-go-type", property), text)
	}
}

// plainType is the Go type of a schema that needs no declaration.
func plainType(n *yaml.Node) string {
	typ, format := tree.Get(n, "type"), tree.Get(n, "format")
	if typ == nil || tree.Get(n, "enum") != nil {
		return ""
	}
	switch typ.Value {
	case "boolean":
		return "bool"
	case "integer":
		return "int64"
	case "number":
		return "float64"
	case "array":
		return "[]any"
	case "object":
		if tree.Get(n, "properties") == nil {
			return "map[string]any"
		}
	case "string":
		switch {
		case format != nil && format.Value == "uuid":
			return "uuid.UUID"
		case format != nil && format.Value == "date-time":
			return "time.Time"
		}
		return "string"
	}
	return ""
}
