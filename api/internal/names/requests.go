package names

import (
	"cmp"
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
func (m *Namer) AddRequestRules() {
	declared := m.Declared()
	read, sent := schemaWalk{m, declared, map[*yaml.Node]bool{}}, schemaWalk{m, declared, map[*yaml.Node]bool{}}
	operations := m.operations()
	for _, o := range operations {
		read.each(o.response, func(*yaml.Node, string) {})
	}
	for _, created := range []bool{true, false} { // what is for both is for a creation
		for _, o := range operations {
			if created == (o.method.Value == "post") {
				sent.each(o.body, func(n *yaml.Node, _ string) { sent.addTags(n, created && !read.seen[n]) })
			}
		}
	}
	for _, o := range operations {
		if o.isUpdate() {
			m.requirePointers(o.body, o, map[*yaml.Node]bool{})
		}
	}
}

// schemaWalk visits the schemas that an operation needs, each once.
type schemaWalk struct {
	*Namer
	declared map[string]*yaml.Node
	seen     map[*yaml.Node]bool
}

// each visits a schema, with its Go type if that has a name, and what is in it.
// Where the type is declared by another schema, it visits that.
func (w schemaWalk) each(n *yaml.Node, visit func(n *yaml.Node, goType string)) {
	goType := tree.Value(n, "x-go-type-name")
	for range 100 { // a schema may be a reference itself
		name := strings.TrimLeft(w.typeOf(n), "[]*")
		if name == "" {
			break
		}
		n, goType = w.declared[name], name
	}
	if n == nil || w.seen[n] {
		return
	}
	w.seen[n] = true
	visit(n, goType)
	for _, part := range slices.Concat(list(n, "allOf"), variantsOf(n), []*yaml.Node{tree.Get(n, "items"), tree.Get(n, "additionalProperties")}) {
		w.each(part, visit)
	}
	for _, property := range tree.Entries(tree.Get(n, "properties")) {
		w.each(property, visit)
	}
}

// addTags adds the tags of an object's properties.
func (w schemaWalk) addTags(object *yaml.Node, created bool) {
	for name, property := range tree.Entries(tree.Get(object, "properties")) {
		own := w.values(property)
		if len(own) > 0 && !slices.Equal(own, w.typeValues(property)) {
			if slices.ContainsFunc(own, func(value string) bool { return strings.ContainsAny(value, "\",`\\") }) {
				w.Errorf("%s: a value of %s has a character that a tag cannot have", w.At(property), name.Value)
			}
			w.tag(property, "enum", strings.Join(own, ","))
		}
		isString := tree.Value(property, "x-go-type") == "string" || tree.Get(property, "x-go-type") == nil && plainType(property) == "string"
		if created && len(own) == 0 && isString && w.requires(object, name.Value) && tree.Get(property, "x-may-be-empty") == nil {
			w.tag(property, "minLength", "1")
		}
	}
}

// values are the strings that a property, or an item of it, takes, sorted.
func (w schemaWalk) values(property *yaml.Node) (all []string) {
	for range 100 { // The items of an array can be such arrays.
		if tree.Get(property, "enum") != nil {
			break
		}
		property = w.target(property)
		if items := tree.Get(property, "items"); items != nil && tree.Get(property, "enum") == nil {
			property = items
		}
	}
	for _, value := range list(property, "enum") {
		if value.ShortTag() == "!!str" {
			all = append(all, value.Value)
		}
	}
	slices.Sort(all)
	return all
}

// typeValues are those of the Go type of a property, or of its items.
func (w schemaWalk) typeValues(property *yaml.Node) []string {
	if name := w.typeOf(property); name != "" {
		return w.values(w.declared[strings.TrimLeft(name, "[]*")])
	}
	if items := tree.Get(property, "items"); items != nil {
		return w.typeValues(items)
	}
	return w.values(property) // a type of its own
}

// tag adds a tag to the Go field of a property.
func (m *Namer) tag(property *yaml.Node, name, value string) {
	const extension = "x-oapi-codegen-extra-tags"
	tags := tree.Get(property, extension)
	if tags == nil {
		tags = m.SetMember(property, extension, map[string]string{})
		tags.Style = 0
	}
	m.SetMember(tags, name, value).Style = yaml.SingleQuotedStyle
}

// requirePointers makes the fields of an update that it has to have pointers.
// Arrays, maps and what holds JSON need none.
func (m *Namer) requirePointers(body *yaml.Node, o operation, seen map[*yaml.Node]bool) {
	for _, part := range m.parts(body) {
		if seen[part] {
			continue
		}
		seen[part] = true
		for _, variant := range variantsOf(part) {
			m.requirePointers(variant, o, seen)
		}
		for name, property := range tree.Entries(tree.Get(part, "properties")) {
			if !slices.ContainsFunc(list(part, "required"), func(n *yaml.Node) bool { return n.Value == name.Value }) {
				continue
			}
			goType := cmp.Or(m.typeOf(property), plainType(property))
			if goType == "" && !m.published {
				m.Errorf("%s: %s has to have %s, and its type has no name; give it one with x-go-name or x-go-type-name", m.At(property), o.what, name.Value)
			}
			if !canBeNil(goType) && !strings.HasPrefix(goType, "nullable.") && goType != "SWML" {
				m.SetMember(property, "x-go-type", "*"+goType)
			}
		}
	}
}
