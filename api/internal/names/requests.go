package names

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddRequestRules writes into the schemas of request bodies what a client checks and their
// Go types alone do not say:
//
//   - A field gets the tag enum with the values that it allows, if its Go type has others,
//     because several schemas share the type.
//   - A string that a request requires gets the tag minLength with the value 1, as it makes no
//     sense to be empty, unless the request is an update, which can make it empty. This is not
//     done where the overlay has x-may-be-empty, nor in schemas that responses have, too,
//     because an edit sends back what it read.
//   - A field that an update requires becomes a pointer, so that a field that was not set
//     is not sent as an empty value.
func (m *Namer) AddRequestRules() {
	inResponses, inRequests := m.newWalker(), m.newWalker()
	operations := m.operations()
	for _, o := range operations {
		inResponses.walk(o.response, nil)
	}
	// A schema of both an update and another request is treated as that of the other.
	slices.SortStableFunc(operations, func(a, b operation) int { return cmp.Compare(score(a.isUpdate()), score(b.isUpdate())) })
	for _, o := range operations {
		inRequests.walk(o.body, func(n *yaml.Node, _ string) { inRequests.addTags(n, !o.isUpdate() && !inResponses.seen[n]) })
		if o.isUpdate() {
			inRequests.requirePointers(o.body, map[*yaml.Node]bool{})
		}
	}
}

// addTags adds the tags enum and, if minLength is true, minLength to the properties of an
// object. It notes the properties that can be null although their Go types cannot hold null.
func (w *walker) addTags(object *yaml.Node, minLength bool) {
	for name, property := range tree.Entries(tree.Get(object, "properties")) {
		if w.canBeNull(property) && !strings.HasPrefix(tree.Value(property, "x-go-type"), "nullable.") {
			w.report.Note(report.Settle, "property `%s` (%s): a request can set it to null, but not in Go, unless the overlay gives it the x-go-type `nullable.Nullable[…]`",
				name.Value, w.At(name))
		}
		allowed := w.allowedValues(property)
		breaksTag := slices.ContainsFunc(allowed, func(value string) bool { return strings.Contains(value, ",") })
		switch {
		case len(allowed) == 0 || slices.Equal(allowed, w.valuesOfType(property)):
		case !breaksTag:
			w.addTag(property, "enum", strings.Join(allowed, ","))
		case w.imported:
			w.report.Note(report.Left, "property `%s` (%s): its values are not checked, as one has a comma, which a tag cannot have", name.Value, w.At(name))
		default:
			w.Errorf("%s: a value of %s has a comma, which a tag cannot have", w.At(property), name.Value)
		}
		isString := cmp.Or(tree.Value(property, "x-go-type"), plainType(property)) == "string"
		if minLength && len(allowed) == 0 && isString && w.isRequired(object, name.Value) && !tree.Has(property, "x-may-be-empty") {
			w.addTag(property, "minLength", "1")
		}
	}
}

// allowedValues returns the values, sorted, that the enum of a property allows, or that of
// its items if it is an array. Numbers with a fraction, which have several spellings, and null
// are not among them.
func (m *Namer) allowedValues(property *yaml.Node) (allowed []string) {
	for range 100 { // The items of an array can be the same array.
		if tree.Has(property, "enum") {
			break
		}
		property = m.resolve(property)
		if items := tree.Get(property, "items"); items != nil {
			property = items
		}
	}
	for _, value := range tree.Items(property, "enum") {
		if tag := value.ShortTag(); tag != "!!float" && tag != "!!null" {
			allowed = append(allowed, value.Value)
		}
	}
	slices.Sort(allowed)
	return allowed
}

// valuesOfType returns the values that the Go type of a property has as constants, or the
// Go type of its items.
func (w *walker) valuesOfType(property *yaml.Node) []string {
	goType, items := w.namedType(property), tree.Get(property, "items")
	if goType == "" && items != nil {
		return w.valuesOfType(items)
	}
	return w.allowedValues(w.declared[elementType(goType)])
}

// addTag adds a tag to the struct field of a property.
func (m *Namer) addTag(property *yaml.Node, name, value string) {
	tags := m.EnsureObject(property, "x-oapi-codegen-extra-tags")
	m.SetMember(tags, name, value).Style = yaml.SingleQuotedStyle
}

// requirePointers makes the fields that the body of an update requires pointers, except for
// fields that can be nil anyway.
func (w *walker) requirePointers(body *yaml.Node, seen map[*yaml.Node]bool) {
	object, _ := w.declaration(body)
	if seen[object] {
		return
	}
	seen[object] = true
	for _, variant := range tree.Variants(object) {
		w.requirePointers(variant, seen)
	}
	for name, property := range tree.Entries(tree.Get(object, "properties")) {
		fieldType := w.goType(property)
		isOptional := !w.isRequired(object, name.Value) || w.canBeNull(property)
		if !isOptional && !canBeNil(fieldType) && !strings.HasPrefix(fieldType, "nullable.") && fieldType != "SWML" {
			w.SetMember(property, "x-go-type", "*"+fieldType)
		}
	}
}
