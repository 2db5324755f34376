package structs

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// swml are the Go types of a document of SWML; it is the data of gen/templates/swml.tmpl.
// The package comment has the rules.
type swml struct {
	declarations
	Source string // the name of the document: swml or swml-messaging

	steps   []*schema        // references to the schemas of the steps
	visited map[*schema]bool // the objects whose properties have been added to a struct
}

func newSWML(document *yaml.Node, source string) (*swml, error) {
	root := &schema{GoName: "Document"}
	if err := document.Decode(root); err != nil {
		return nil, err
	}
	if root.GoTypes == nil { // The document has no x-go-types.
		root.GoTypes = map[string]string{}
	}
	methods := root.Defs.Values["SWMLMethod"]
	if methods == nil {
		return nil, errors.New("expected SWMLMethod in $defs, a union of the steps")
	}
	m := &swml{Source: source, steps: methods.AnyOf, visited: map[*schema]bool{}}
	m.declarations = declarations{byName: map[string]*declaration{}, schemas: root.Defs}
	m.schemas.Values["#"] = root
	for name, d := range root.Defs.all() {
		d.GoName = cmp.Or(d.GoName, name)
		root.GoTypes[d.GoName] = cmp.Or(root.GoTypes[d.GoName], d.Description)
	}
	m.goType(root)
	for _, ref := range m.steps {
		if len(m.resolve(ref).Properties.Keys) == 0 {
			return nil, fmt.Errorf("%s: expected a step to be an object with one property, which is named after its verb", ref.Ref)
		}
		m.declareVerb(m.named(path.Base(ref.Ref)), m.resolve(ref))
	}
	// The type of a field can declare other structs, and add fields to those that there
	// are. The types are complete when no object is added any more.
	for count := -1; count < len(m.visited); {
		count = len(m.visited)
		for i := 0; i < len(m.Types); i++ {
			for _, f := range m.Types[i].Fields {
				if f.Type = m.goType(f.schemas...); f.Type != "any" {
					f.Rule = m.rule(f.schemas...)
				}
			}
		}
	}
	for _, d := range m.Types {
		d.Doc = cmp.Or(d.Doc, root.GoTypes[d.Name])
		for _, f := range d.Fields {
			f.describeDefault()
		}
	}
	return m, m.check()
}

// Qualify returns a Go type as it is written in the package: a struct that can be left
// out is a pointer, and types of package swml are qualified in package messaging.
func (m *swml) Qualify(goType string) string {
	if d := m.byName[goType]; d != nil && d.IsObject() {
		return "*" + goType
	}
	if m.Source == "swml" {
		return goType
	}
	return strings.NewReplacer("Value[", "swml.Value[", "OneOrMany[", "swml.OneOrMany[", "Extra", "swml.Extra").Replace(goType)
}

// IsObject reports whether d is the struct of a JSON object. A struct with fields for
// the variants of a union alone is not.
func (d *declaration) IsObject() bool {
	return d.Fields != nil || d.Alternatives != nil && d.Alternatives[0].Go == "Short"
}

// Prints reports whether the type needs methods that print it without secrets. An
// enumeration does not, nor does a struct whose fields all have such methods.
func (d *declaration) Prints() bool {
	return d.Verb != "" || slices.ContainsFunc(d.allFields(), func(f *field) bool {
		return !strings.HasPrefix(f.Type, "Value[") && !strings.HasPrefix(f.Type, "OneOrMany[")
	})
}

// Encodes reports whether json.Marshal may encode the fields of the type. It would
// encode a step without its verb, and show secrets in the log of a [slog.JSONHandler].
// A type with a method MarshalJSON encodes its fields itself.
func (d *declaration) Encodes() bool {
	return d.Verb == "" && d.Alternatives == nil && d.Name != "Document" && !slices.ContainsFunc(d.Fields, func(f *field) bool {
		return strings.Contains(string(redact.JSON([]byte(`{"`+f.Name+`":"x"}`), nil)), redact.Mark)
	})
}

// describeDefault appends the default to the comment of a field, if it is the same in all
// schemas of the field.
func (f *field) describeDefault() {
	defaults := map[string]bool{}
	for _, s := range f.schemas {
		defaults[generate.Literal(s.Default)] = true
	}
	for text := range defaults {
		if len(defaults) == 1 && text != "" {
			f.Doc += " The default is " + text + "."
		}
	}
}

// declareVerb makes d the type of the verb of a step.
func (m *swml) declareVerb(d *declaration, step *schema) {
	d.Verb = step.Properties.Keys[0]
	s := step.Properties.Values[d.Verb]
	d.Doc = s.Description
	u := m.union(s)
	goType := "any"
	if len(u.objects) == 0 {
		goType = m.goType(s)
	}
	switch {
	case goType == "any" || goType == "struct{}":
		m.addFields(d, u)
		doc := "What stands in place of the object, if it is not nil: "
		for _, kind := range [][2]string{{"other", "any value"}, {"number", "a number"}, {"text", "a string"}} {
			if u.kinds[kind[0]] != nil {
				doc += kind[1] + ", "
			}
		}
		d.Alternatives = []*field{{Go: "Short", Type: "any", Doc: doc + "[Null] or [NameOnly]."}}
	case s.GoFields.Keys != nil:
		d.Alternatives = alternatives(s.GoFields, goType)
	default:
		d.Underlying = goType
	}
}

// alternatives returns the fields for the variants of a union that has x-go-fields.
func alternatives(fields orderedMap[string], goTypes ...string) (all []*field) {
	for i, goType := range goTypes {
		all = append(all, &field{Go: fields.Keys[i], Type: goType, Doc: fields.Values[fields.Keys[i]]})
	}
	return all
}

// union is a set of schemas that a value can match, by the kinds of JSON values. Each
// schema is a union, if only of one variant.
type union struct {
	// kinds has the Go types of each kind that there is; for the kind const, the
	// constants, and for text, "string" or "variable".
	kinds   map[string][]string
	objects []*schema // the variants that are objects with properties
	all     []*schema // all schemas, with those that are unions themselves
}

func (u *union) add(kind string, goTypes ...string) {
	u.kinds[kind] = appendNew(u.kinds[kind], goTypes...)
}

var numbers = map[string]string{"integer": "Value[int]", "number": "Value[float64]", "boolean": "Value[bool]"}

// union returns the union of some schemas.
func (m *swml) union(schemas ...*schema) union {
	u := union{kinds: map[string][]string{}}
	for _, s := range schemas {
		m.addVariant(&u, s)
	}
	return u
}

// addVariant adds a schema to a union, and those that it is itself a union of.
func (m *swml) addVariant(u *union, s *schema) {
	if s.Ref == "#/$defs/SWMLVar" {
		u.add("text", "variable")
		return
	}
	s = m.resolve(s)
	u.all = append(u.all, s)
	text, isText := s.Const.(string)
	switch variants := append(s.AnyOf, s.OneOf...); {
	case len(variants) > 0:
		for _, variant := range variants {
			m.addVariant(u, variant)
		}
	case isText:
		u.add("const", text)
	case s.Const != nil: // A number that stands beside other numbers.
	case s.Enum != nil:
		u.add("const", s.Enum...)
	case s.Type == "string":
		u.add("text", "string")
	case numbers[s.Type] != "":
		u.add("number", numbers[s.Type])
	case s.Type == "array":
		u.add("array", m.arrayType(s.Items))
	case s.Type == "object" && m.valueType(s) != "":
		u.add("map", "map[string]"+m.valueType(s))
	case s.Type == "object" && s.Properties.Keys == nil:
		u.add("map", "struct{}")
	case s.Type == "object":
		u.add("object", s.GoName)
		u.objects = appendNew(u.objects, s)
	case s.Type != "null":
		u.add("other", "any")
	}
}

// arrayType returns the Go type of an array: Section if its items are steps, which
// are described as one step or as a union of steps.
func (m *swml) arrayType(items *schema) string {
	first := m.resolve(items)
	for first.AnyOf != nil {
		first = m.resolve(first.AnyOf[0])
	}
	if slices.ContainsFunc(m.steps, func(ref *schema) bool { return m.resolve(ref) == first }) {
		return "Section"
	}
	return "[]" + m.goType(items)
}

// valueType returns the Go type of the values of an object that is a map: it accepts
// any property, and all have one type. For another object it returns "".
func (m *swml) valueType(s *schema) string {
	if s.Unevaluated == nil || s.Unevaluated.Not != nil {
		return ""
	}
	goType := m.goType(s.Unevaluated)
	for _, p := range s.Properties.all() {
		if m.goType(p) != goType {
			return ""
		}
	}
	return goType
}

// goType returns the Go type of the union of some schemas, and declares it.
func (m *swml) goType(schemas ...*schema) string {
	u := m.union(schemas...)
	name := ""
	var fields orderedMap[string]
	for _, s := range u.all {
		name = cmp.Or(name, s.GoName)
		if fields.Keys == nil {
			fields = s.GoFields
		}
	}
	if u.kinds["number"] != nil && slices.Equal(u.kinds["text"], []string{"variable"}) {
		delete(u.kinds, "text") // A Value holds variables, too.
	}
	object := func() string { return m.addFields(m.named(cmp.Or(append(u.kinds["object"], name)...)), u) }
	numbers, arrays, maps := u.kinds["number"], u.kinds["array"], u.kinds["map"]
	switch strings.Join(tree.SortedKeys(u.kinds), " ") {
	case "text", "const", "const text":
		if constants := u.kinds["const"]; constants != nil && name != "" {
			return m.enumeration(name, constants, nil)
		}
		return "string"
	case "number":
		if slices.Contains(numbers, "Value[bool]") {
			return onlyOr(numbers, "any")
		}
		return onlyOr(numbers, "Value[float64]")
	case "map":
		return onlyOr(maps, "any")
	case "array":
		return onlyOr(arrays, "[]any")
	case "object", "object text", "const object", "const object text":
		d := m.named(object())
		if len(u.kinds) > 1 && d.Alternatives == nil {
			d.Alternatives = []*field{{Go: "Short", Type: "string", Doc: "What stands in place of the object, if it is not empty."}}
		}
		return d.Name
	case "array text", "array object", "array map":
		other := "string"
		if u.objects != nil {
			other = object()
		} else if maps != nil {
			other = maps[0]
		}
		if len(fields.Keys) == 2 {
			m.named(name).Alternatives = alternatives(fields, arrays[0], other)
			return name
		}
		if slices.Equal(arrays, []string{"[]" + other}) {
			return "OneOrMany[" + other + "]"
		}
	}
	return "any"
}

// onlyOr returns the only type of a list, or another one if there are several.
func onlyOr(goTypes []string, several string) string {
	if len(goTypes) == 1 {
		return goTypes[0]
	}
	return several
}

// addFields adds the properties of the objects of a union to the struct d, and returns
// its name. Properties with the same name are one field.
func (m *swml) addFields(d *declaration, u union) string {
	for _, s := range u.objects {
		m.visited[s] = true
		d.Doc = cmp.Or(d.Doc, s.Description)
		for name, p := range s.Properties.all() {
			i := slices.IndexFunc(d.Fields, func(f *field) bool { return f.Name == name })
			if i < 0 {
				i = len(d.Fields)
				d.Fields = append(d.Fields, &field{Go: p.goField(name), Name: name, Doc: p.Description})
			}
			d.Fields[i].schemas = appendNew(d.Fields[i].schemas, p)
		}
	}
	if d.Rule.Choice == nil {
		d.Rule.Choice, d.Rule.Only = choice(u)
	}
	return d.Name
}
