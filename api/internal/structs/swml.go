package structs

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// swml are the types of a JSON Schema of SWML, which the template of packages gen/swml
// and gen/swml/messaging is executed with.
//
// A JSON Schema of a language that people write by hand says in many ways what is
// one thing to a program. The rules by which it becomes Go:
//
//  1. A string that may be a variable is a string. A number or a boolean is a
//     Value, which may be a variable.
//  2. A union of constants is an enumeration, which is open.
//  3. An object with one member that is named after a verb is the type of the
//     verb. A list of these is a Section, which writes the names of the verbs.
//  4. A union of objects is one struct with the fields of all. Schemas with the
//     same x-go-name are one type, too.
//  5. One or many is OneOrMany. What may stand in place of an object is in the
//     field Short of its type.
//  6. Scalars of several types, and all other unions, are any.
//  7. No field is required, and each struct has a field for what it does not know.
//
// Keywords of our own: x-go-name names the type of a schema, and x-go-fields the
// fields of a struct for a union whose variants are an array and something else.
// x-go-field names the field of a member.
// x-go-together is said of a union of objects whose members may stand together.
// x-go-types describes types that are made of several schemas.
type swml struct {
	types
	Source string // the document

	verbs   map[*schema]bool // the objects that are steps
	visited map[*schema]bool // the objects whose fields have been added
}

func newSWML(document *yaml.Node, source string) (*swml, error) {
	root := &schema{GoName: "Document"}
	if err := document.Decode(root); err != nil {
		return nil, err
	}
	m := &swml{Source: source, verbs: map[*schema]bool{}, visited: map[*schema]bool{}}
	m.types = types{byName: map[string]*typ{}, schemas: root.Defs}
	m.schemas.Values["#"] = root
	for name, d := range root.Defs.all() {
		d.GoName = cmp.Or(d.GoName, name)
		if d.Enum != nil {
			root.GoTypes[d.GoName] = cmp.Or(root.GoTypes[d.GoName], d.Description)
		}
	}
	m.goType(root)
	steps := root.Defs.Values["SWMLMethod"].AnyOf
	for _, ref := range steps {
		m.verbs[m.resolve(ref)] = true
	}
	for _, ref := range steps {
		m.verb(m.named(path.Base(ref.Ref)), m.resolve(ref))
	}
	for seen := -1; seen < len(m.visited); { // Types and their fields are added on the way.
		seen = len(m.visited)
		for i := 0; i < len(m.Types); i++ {
			for _, f := range m.Types[i].Fields {
				if f.Type = m.goType(f.schemas...); f.Type != "any" {
					f.Rule = m.rule(f.schemas...)
				}
			}
		}
	}
	for _, t := range m.Types {
		t.Doc = cmp.Or(t.Doc, root.GoTypes[t.Name])
	}
	return m, m.described()
}

// Qualify returns a Go type as the package has it: an object that can be left out is
// a pointer, and package messaging takes what both have from package swml.
func (m *swml) Qualify(goType string) string {
	if t := m.byName[goType]; t != nil && t.IsObject() {
		return "*" + goType
	}
	if m.Source == "swml" {
		return goType
	}
	return strings.NewReplacer("Value[", "swml.Value[", "OneOrMany[", "swml.OneOrMany[", "Extra", "swml.Extra").Replace(goType)
}

// IsObject reports whether the type is an object, though others may stand in its place.
func (t *typ) IsObject() bool {
	return t.Is == "" && (t.Fields != nil || t.Whole != nil && t.Whole[0].Go == "Short")
}

// Prints reports whether the type needs methods that print it without secrets. An
// enumeration does not, nor does a struct whose fields all have such methods.
func (t *typ) Prints() bool {
	return t.Verb != "" || slices.ContainsFunc(t.all(), func(f *field) bool {
		return !strings.HasPrefix(f.Type, "Value[") && !strings.HasPrefix(f.Type, "OneOrMany[")
	})
}

// Encodes reports whether json.Marshal may encode the type: steps lack their verbs
// there, and what has a secret would show it in the log of a [slog.JSONHandler].
func (t *typ) Encodes() bool {
	return t.Verb == "" && !slices.ContainsFunc(t.Fields, func(f *field) bool {
		return strings.Contains(string(redact.JSON([]byte(`{"`+f.Name+`":"x"}`), nil)), redact.Mark)
	})
}

// verb makes t the type of a verb.
func (m *swml) verb(t *typ, step *schema) {
	t.Verb = step.Properties.Keys[0]
	s := step.Properties.Values[t.Verb]
	t.Doc = s.Description
	v := m.variants(s)
	is := "any"
	if len(v.objects) == 0 {
		is = m.goType(s)
	}
	switch {
	case is == "any" || is == "struct{}":
		m.object(t, v)
		doc := "What stands in place of the object, if it is not nil: "
		for _, kind := range [][2]string{{"other", "any value"}, {"number", "a number"}, {"text", "a string"}} {
			if v.kinds[kind[0]] != nil {
				doc += kind[1] + ", "
			}
		}
		t.Whole = []*field{{Go: "Short", Type: "any", Doc: doc + "[Null] or [NameOnly]."}}
	case s.GoFields.Keys != nil:
		t.Whole = wholes(s.GoFields, is)
	default:
		t.Is = is
	}
}

// wholes are the fields of a struct for a union, by their types.
func wholes(fields mapping[string], goTypes ...string) (whole []*field) {
	for i, goType := range goTypes {
		whole = append(whole, &field{Go: fields.Keys[i], Type: goType, Doc: fields.Values[fields.Keys[i]]})
	}
	return whole
}

// variants is a union, by kinds of values. What is no union is one with one variant.
type variants struct {
	kinds   map[string][]string // the Go types, or the constants, of each kind that there is
	objects []*schema
	all     []*schema
}

func (v *variants) add(kind string, goTypes ...string) {
	v.kinds[kind] = appendNew(v.kinds[kind], goTypes...)
}

var numbers = map[string]string{"integer": "Value[int]", "number": "Value[float64]", "boolean": "Value[bool]"}

// variants sorts the variants of unions.
func (m *swml) variants(schemas ...*schema) variants {
	v := variants{kinds: map[string][]string{}}
	for _, s := range schemas {
		m.sort(&v, s)
	}
	return v
}

// sort adds a variant to those of its kind.
func (m *swml) sort(v *variants, s *schema) {
	if s.Ref == "#/$defs/SWMLVar" {
		v.add("text", "variable")
		return
	}
	s = m.resolve(s)
	v.all = append(v.all, s)
	text, isText := s.Const.(string)
	switch union := append(s.AnyOf, s.OneOf...); {
	case len(union) > 0:
		for _, u := range union {
			m.sort(v, u)
		}
	case isText:
		v.add("const", text)
	case s.Const != nil: // A number, which another variant has, too.
	case s.Enum != nil:
		v.add("const", s.Enum...)
	case s.Type == "string":
		v.add("text", "string")
	case numbers[s.Type] != "":
		v.add("number", numbers[s.Type])
	case s.Type == "array":
		v.add("array", m.listOf(s.Items))
	case s.Type == "object" && m.mapOf(s) != "":
		v.add("map", "map[string]"+m.mapOf(s))
	case s.Type == "object" && s.Properties.Keys == nil:
		v.add("map", "struct{}")
	case s.Type == "object":
		v.add("object", s.GoName)
		v.objects = appendNew(v.objects, s)
	case s.Type != "null":
		v.add("other", "any")
	}
}

// listOf is the Go type of an array: a Section if the items are steps, which is one
// verb or a choice of them.
func (m *swml) listOf(items *schema) string {
	first := m.resolve(items)
	for first.AnyOf != nil {
		first = m.resolve(first.AnyOf[0])
	}
	if m.verbs[first] {
		return "Section"
	}
	return "[]" + m.goType(items)
}

// mapOf is the Go type of the values of an object that is a map: that has no
// members of its own, or the same for all.
func (m *swml) mapOf(s *schema) string {
	if s.Rest == nil || s.Rest.Not != nil {
		return ""
	}
	rest := m.goType(s.Rest)
	for _, p := range s.Properties.all() {
		if m.goType(p) != rest {
			return ""
		}
	}
	return rest
}

// goType is the Go type of the union of some schemas.
func (m *swml) goType(schemas ...*schema) string {
	v := m.variants(schemas...)
	name := ""
	var fields mapping[string]
	for _, s := range v.all {
		name = cmp.Or(name, s.GoName)
		if fields.Keys == nil {
			fields = s.GoFields
		}
	}
	if v.kinds["number"] != nil && slices.Equal(v.kinds["text"], []string{"variable"}) {
		delete(v.kinds, "text") // A Value can be a variable anyway.
	}
	object := func() string { return m.object(m.named(cmp.Or(append(v.kinds["object"], name)...)), v) }
	numbers, arrays, maps := v.kinds["number"], v.kinds["array"], v.kinds["map"]
	switch strings.Join(tree.SortedKeys(v.kinds), " ") {
	case "const", "const text":
		if name != "" {
			return m.enumeration(name, v.kinds["const"], nil)
		}
		return "string"
	case "text":
		return "string"
	case "number":
		if len(numbers) == 1 {
			return numbers[0]
		} else if !slices.Contains(numbers, "Value[bool]") {
			return "Value[float64]"
		}
	case "map":
		if len(maps) == 1 {
			return maps[0]
		}
	case "array":
		if len(arrays) == 1 {
			return arrays[0]
		}
		return "[]any"
	case "object":
		return object()
	case "object text", "const object", "const object text":
		t := m.named(object())
		if t.Whole == nil {
			t.Whole = []*field{{Go: "Short", Type: "string", Doc: "What stands in place of the object, if it is not empty."}}
		}
		return t.Name
	case "array text", "array object", "array map":
		other := "string"
		if v.objects != nil {
			other = object()
		} else if maps != nil {
			other = maps[0]
		}
		if len(fields.Keys) == 2 {
			m.named(name).Whole = wholes(fields, arrays[0], other)
			return name
		}
		if slices.Equal(arrays, []string{"[]" + other}) {
			return "OneOrMany[" + other + "]"
		}
	}
	return "any"
}

// object adds the fields of objects to a struct, and returns its name.
func (m *swml) object(t *typ, v variants) string {
	for _, s := range v.objects {
		if m.visited[s] {
			continue
		}
		m.visited[s] = true
		t.Doc = cmp.Or(t.Doc, s.Description)
		for name, p := range s.Properties.all() {
			i := slices.IndexFunc(t.Fields, func(f *field) bool { return f.Name == name })
			if i < 0 {
				i = len(t.Fields)
				t.Fields = append(t.Fields, &field{Go: p.goField(name), Name: name, Doc: p.Description})
			}
			t.Fields[i].schemas = append(t.Fields[i].schemas, p)
		}
	}
	if t.Rule.Choice == nil {
		t.Rule.Choice, t.Rule.Only = choice(v)
	}
	return t.Name
}
