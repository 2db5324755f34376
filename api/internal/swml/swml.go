// Package swml generates packages gen/swml and gen/swml/messaging from the JSON
// Schemas of SWML in api/swml.yaml and api/swml-messaging.yaml.
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
// x-go-one: false is said of a union of objects whose members may stand together.
// x-go-types describes types that are made of several schemas.
package swml

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/code"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// Files returns what is made from api/swml.yaml and api/swml-messaging.yaml, with
// the template in gen/templates: the Go packages, and the schemas without prose.
func Files(root string) ([]tree.File, error) {
	var files []tree.File
	set := tree.NewSet()
	text := set.Read(filepath.Join(root, "gen", "templates", "swml.tmpl"))
	t, err := code.Template(text.Data)
	if err := cmp.Or(set.Err(), err); err != nil {
		return nil, err
	}
	for name, folder := range map[string]string{"swml": "gen/swml", "swml-messaging": "gen/swml/messaging"} {
		source := set.Read(filepath.Join(root, "api", name+".yaml"))
		document := set.Load(source)
		if err := set.Err(); err != nil {
			return nil, err
		}
		m, err := newModel(document)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source.Name, err)
		}
		m.Package, m.Source = filepath.Base(folder), name
		generated, err := code.Execute(t, "swml.gen.go", m)
		if err != nil {
			return nil, err
		}
		files = append(files,
			tree.File{Name: filepath.Join(root, filepath.FromSlash(folder), "swml.gen.go"), Data: generated},
			tree.File{Name: filepath.Join(root, "api", name+".json"), Data: tree.EncodeStructure(document)})
	}
	return files, nil
}

// model is what the template is executed with.
type model struct {
	Package, Source string
	Types           []*typ // those of the verbs first

	schema  *schema
	names   map[string]*typ
	visited map[*schema]bool // objects whose fields have been added
}

// Qualify returns a Go type as the package has it. Package messaging takes what both
// have from package swml.
func (m *model) Qualify(goType string) string {
	if m.Package == "swml" {
		return goType
	}
	return strings.NewReplacer("Value[", "swml.Value[", "OneOrMany[", "swml.OneOrMany[", "Extra", "swml.Extra").Replace(goType)
}

// typ is a Go type. A field's Go type is written as in Go, in terms of package swml.
type typ struct {
	Name, Doc string
	Verb      string // the name of the verb, if it is one
	Is        string // what the type is, if it is no struct
	Fields    []*field
	Whole     []*field // what may stand in place of an object
	Rule      rule     // for an object
	Values    []value  // of an enumeration
}

// IsObject reports whether the type is an object, though others may stand in its place.
func (t *typ) IsObject() bool {
	return t.Is == "" && (t.Fields != nil || t.Whole != nil && t.Whole[0].Go == "Short")
}

// Prints reports whether the type needs methods that print it without secrets. An
// enumeration does not, nor does a struct whose fields all have such methods.
func (t *typ) Prints() bool {
	return t.Verb != "" || t.Is != "" && t.Is != "string" || slices.ContainsFunc(append(slices.Clone(t.Fields), t.Whole...), func(f *field) bool {
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

// Comment is the description as a comment of Go: a noun gets "is" before it.
func (t *typ) Comment() string {
	first, rest, _ := strings.Cut(t.Doc, " ")
	switch first = strings.ToLower(first[:1]) + first[1:]; first {
	case "a", "an", "the", "one", "what", "which", "whose", "how", "whether", "when", "where", "who", "something":
		first = "is " + first
	}
	return strings.TrimSpace(t.Name + " " + first + " " + rest)
}

type field struct {
	Go, Name, Doc, Type string
	Rule                rule

	schemas []*schema
}

type value struct{ Go, Text string }

func newModel(document *yaml.Node) (*model, error) {
	m := &model{schema: &schema{}, names: map[string]*typ{}, visited: map[*schema]bool{}}
	if err := document.Decode(m.schema); err != nil {
		return nil, err
	}
	for name, d := range m.schema.Defs.Values {
		if d.Enum != nil {
			d.GoName = cmp.Or(d.GoName, name)
			m.schema.GoTypes[d.GoName] = cmp.Or(m.schema.GoTypes[d.GoName], d.Description)
		}
	}
	for _, ref := range m.schema.Defs.Values["SWMLMethod"].AnyOf {
		name := strings.TrimPrefix(ref.Ref, definitions)
		m.verb(name, m.schema.Defs.Values[name])
	}
	m.names["Document"] = &typ{Name: "Document", Doc: m.schema.Description, Fields: []*field{
		{Go: "Version", Name: "version", Doc: m.schema.Properties.Values["version"].Description, Type: "string", Rule: rule{Enum: []string{"1.0.0"}}},
		{Go: "Sections", Name: "sections", Doc: m.schema.Properties.Values["sections"].Description, Type: "map[string]Section"},
	}}
	m.Types = slices.Insert(m.Types, 0, m.names["Document"])
	for seen := -1; seen < len(m.visited); { // Types and their fields are added on the way.
		seen = len(m.visited)
		for i := 0; i < len(m.Types); i++ {
			for _, f := range m.Types[i].Fields {
				if f.schemas == nil {
					continue
				}
				if f.Type = m.goType(f.schemas...); f.Type != "any" {
					f.Rule = m.rule(f.schemas...)
				}
			}
		}
	}
	m.point()
	for _, t := range m.Types {
		if t.Doc = cmp.Or(t.Doc, m.schema.GoTypes[t.Name]); t.Doc == "" {
			return nil, fmt.Errorf("%s has no description; add it to x-go-types", t.Name)
		}
		for _, f := range append(slices.Clone(t.Fields), t.Whole...) {
			if f.Doc == "" {
				return nil, fmt.Errorf("%s.%s has no description", t.Name, f.Go)
			}
		}
	}
	return m, nil
}

const definitions = "#/$defs/"

// verb adds the type of a verb.
func (m *model) verb(name string, wrapper *schema) {
	verb := wrapper.Properties.Keys[0]
	s := wrapper.Properties.Values[verb]
	t := m.named(name)
	t.Doc, t.Verb = s.Description, verb
	v := m.variants(s)
	is := "any"
	if len(v.objects) == 0 {
		is = m.goType(s)
	}
	switch {
	case is == "any" || is == "struct{}":
		m.object(t, v.objects)
		t.Whole = []*field{{Go: "Short", Type: "any", Doc: "What stands in place of the object, if it is not nil: " + short(v) + "[Null] or [NameOnly]."}}
	case s.GoFields.Keys != nil:
		t.Whole = []*field{{Go: s.GoFields.Keys[0], Type: is, Doc: s.GoFields.Values[s.GoFields.Keys[0]]}}
	default:
		t.Is = is
	}
}

// short lists what the schema has for a verb beside an object.
func short(v variants) string {
	kinds := ""
	if v.other {
		kinds += "any value, "
	}
	if v.numbers != nil {
		kinds += "a number, "
	}
	if v.text || v.variable {
		kinds += "a string, "
	}
	return kinds
}

// named returns the type of this name.
func (m *model) named(name string) *typ {
	t := m.names[name]
	if t == nil {
		t = &typ{Name: name}
		m.names[name] = t
		m.Types = append(m.Types, t)
	}
	return t
}

// variants is a union, by kinds of values. What is no union is one with one variant.
type variants struct {
	text, variable, document, other bool
	consts                          []string
	numbers, arrays, maps           []string // their Go types
	objects                         []*schema
	all                             []*schema
}

// kinds are the kinds of values that there are. A variable is one where nothing
// else is a number, which could be a variable anyway.
func (v variants) kinds() string {
	var kinds []string
	for _, kind := range []struct {
		name string
		is   bool
	}{
		{"text", v.text || v.variable && v.numbers == nil}, {"const", v.consts != nil}, {"number", v.numbers != nil},
		{"array", v.arrays != nil}, {"object", v.objects != nil || v.document}, {"map", v.maps != nil}, {"other", v.other},
	} {
		if kind.is {
			kinds = append(kinds, kind.name)
		}
	}
	return strings.Join(kinds, " ")
}

func (m *model) resolve(s *schema) *schema {
	if name, ok := strings.CutPrefix(s.Ref, definitions); ok {
		return m.schema.Defs.Values[name]
	}
	return s
}

// isVerb reports whether s is a step: one verb, or a choice of them.
func (m *model) isVerb(s *schema) bool {
	for len(m.resolve(s).AnyOf) > 0 {
		s = m.resolve(s).AnyOf[0]
	}
	for _, ref := range m.schema.Defs.Values["SWMLMethod"].AnyOf {
		if s.Ref == ref.Ref {
			return true
		}
	}
	return false
}

var numbers = map[string]string{"integer": "int", "number": "float64", "boolean": "bool"}

// variants sorts the variants of unions.
func (m *model) variants(schemas ...*schema) (v variants) {
	var add func(s *schema)
	add = func(s *schema) {
		if s.Ref == definitions+"SWMLVar" {
			v.variable = true
			return
		}
		s = m.resolve(s)
		v.all = append(v.all, s)
		union := append(s.AnyOf, s.OneOf...)
		for _, u := range union {
			add(u)
		}
		switch text, isText := s.Const.(string); {
		case len(union) > 0:
		case s.Ref == "#":
			v.document = true
		case isText:
			v.consts = code.AppendNew(v.consts, text)
		case s.Const != nil: // A number, which another variant has, too.
		case len(s.Enum) > 0:
			v.consts = code.AppendNew(v.consts, s.Enum...)
		case s.Type == "string":
			v.text = true
		case numbers[s.Type] != "":
			v.numbers = code.AppendNew(v.numbers, numbers[s.Type])
		case s.Type == "array" && m.isVerb(s.Items):
			v.arrays = code.AppendNew(v.arrays, "Section")
		case s.Type == "array":
			item := m.goType(s.Items)
			if item == "string" && s.Items.Ref == definitions+"SWMLVar" && slices.ContainsFunc(v.arrays, func(t string) bool { return t != "[]string" }) {
				return // Any array may have variables.
			}
			v.arrays = code.AppendNew(v.arrays, "[]"+item)
		case s.Type == "object" && len(s.Properties.Keys) > 0 && m.mapOf(s) == "":
			v.objects = code.AppendNew(v.objects, s)
		case s.Type == "object" && m.mapOf(s) != "":
			v.maps = code.AppendNew(v.maps, "map[string]"+m.mapOf(s))
		case s.Type == "object":
			v.maps = code.AppendNew(v.maps, "struct{}")
		case s.Type != "null":
			v.other = true
		}
	}
	for _, s := range schemas {
		add(s)
	}
	return v
}

// mapOf is the Go type of the values of an object that is a map: that has no
// members of its own, or the same for all.
func (m *model) mapOf(s *schema) string {
	if s.Rest == nil || s.Rest.Not != nil {
		return ""
	}
	rest := m.goType(s.Rest)
	for _, name := range s.Properties.Keys {
		if rest == "any" || m.goType(s.Properties.Values[name]) != rest {
			return ""
		}
	}
	return rest
}

// goType is the Go type of the union of some schemas.
func (m *model) goType(schemas ...*schema) string {
	v := m.variants(schemas...)
	name := ""
	var fields code.Mapping[string]
	for _, s := range v.all {
		if name == "" {
			name = s.GoName
		}
		if fields.Keys == nil {
			fields = s.GoFields
		}
	}
	object := func() string { return m.object(m.named(cmp.Or(m.objectName(v.objects), name)), v.objects) }
	switch kinds := v.kinds(); kinds {
	case "map":
		if len(v.maps) == 1 {
			return v.maps[0]
		}
		return "map[string]any"
	case "const", "text const":
		if name != "" {
			return m.enumeration(name, v.consts)
		}
		return "string"
	case "text":
		return "string"
	case "number":
		if len(v.numbers) == 1 {
			return "Value[" + v.numbers[0] + "]"
		} else if !slices.Contains(v.numbers, "bool") {
			return "Value[float64]"
		}
	case "array":
		if len(v.arrays) == 1 {
			return v.arrays[0]
		}
		return "[]any"
	case "object":
		if v.document {
			return "Document"
		}
		return object()
	case "text object", "const object", "text const object":
		t := m.names[object()]
		if t.Whole == nil {
			t.Whole = []*field{{Go: "Short", Type: "string", Doc: "What stands in place of the object, if it is not empty."}}
		}
		return t.Name
	case "text array", "array object", "array map":
		switch {
		case len(fields.Keys) == 2:
			return m.either(m.named(name), v, fields)
		case slices.Equal(v.arrays, []string{"[]string"}) && kinds == "text array":
			return "OneOrMany[string]"
		case kinds == "array object" && slices.Equal(v.arrays, []string{"[]" + object()}):
			return "OneOrMany[" + object() + "]"
		}
	}
	return "any"
}

// objectName is the Go name of a union of objects.
func (m *model) objectName(objects []*schema) string {
	for _, s := range objects {
		if s.GoName != "" {
			return s.GoName
		}
		for name, d := range m.schema.Defs.Values {
			if d == s {
				return name
			}
		}
	}
	return ""
}

// object adds the fields of objects to a struct, and returns its name.
func (m *model) object(t *typ, objects []*schema) string {
	for _, s := range objects {
		if m.visited[s] {
			continue
		}
		m.visited[s] = true
		if t.Doc == "" {
			t.Doc = s.Description
		}
		for _, name := range s.Properties.Keys {
			i := slices.IndexFunc(t.Fields, func(f *field) bool { return f.Name == name })
			if i < 0 {
				i = len(t.Fields)
				p := s.Properties.Values[name]
				t.Fields = append(t.Fields, &field{Go: cmp.Or(p.GoField, codegen.ToCamelCaseWithInitialisms(name)), Name: name, Doc: p.Description})
			}
			t.Fields[i].schemas = append(t.Fields[i].schemas, s.Properties.Values[name])
		}
	}
	if t.Rule.Choice == nil {
		t.Rule.Choice, t.Rule.Only = m.choice(objects)
	}
	return t.Name
}

// choice finds the members of which an object of a union has one: those that each
// variant alone requires. It may have only one if no other variant has it, too.
func (m *model) choice(objects []*schema) (names []string, only bool) {
	only = len(objects) > 1
	for i, s := range objects {
		var own []string
		for _, name := range s.Required {
			if !slices.ContainsFunc(objects, func(other *schema) bool { return other != s && slices.Contains(other.Required, name) }) {
				own = append(own, name)
			}
		}
		if len(own) != 1 || len(objects) < 2 {
			return nil, false
		}
		for j, other := range objects {
			if _, has := other.Properties.Values[own[0]]; has && i != j {
				only = false
			}
		}
		names = append(names, own[0])
	}
	for _, d := range m.schema.Defs.Values {
		if d.GoOne != nil && !*d.GoOne && slices.Equal(m.variants(d).objects, objects) {
			only = false
		}
	}
	return names, only
}

// either makes a struct of a union of an array and something else.
func (m *model) either(t *typ, v variants, fields code.Mapping[string]) string {
	if t.Whole == nil {
		var other string
		switch {
		case v.text:
			other = "string"
		case len(v.maps) > 0:
			other = v.maps[0]
		default:
			other = m.object(m.named(m.objectName(v.objects)), v.objects)
		}
		for i, is := range []string{v.arrays[0], other} {
			t.Whole = append(t.Whole, &field{Go: fields.Keys[i], Type: is, Doc: fields.Values[fields.Keys[i]]})
		}
	}
	return t.Name
}

// enumeration adds values to an enumeration, and returns its name.
func (m *model) enumeration(name string, values []string) string {
	t := m.named(name)
	t.Is = "string"
	for _, text := range values {
		t.Values = code.AppendNew(t.Values, value{name + codegen.ToCamelCaseWithInitialisms(text), text})
	}
	return name
}

// point makes pointers of the structs that can be left out.
func (m *model) point() {
	for _, t := range m.Types {
		for _, f := range append(slices.Clone(t.Fields), t.Whole...) {
			if to := m.names[f.Type]; to != nil && to.IsObject() {
				f.Type = "*" + f.Type
			}
		}
	}
}

// rule is what is known of a value beside its type.
func (m *model) rule(schemas ...*schema) (r rule) {
	v := m.variants(schemas...)
	if !v.text && v.objects == nil {
		r.Enum = v.consts
	}
	var least, most *float64
	for _, s := range v.all {
		least = cmp.Or(least, s.Minimum, s.MinItems)
		most = cmp.Or(most, s.Maximum, s.MaxItems)
		if s.Type == "array" && s.Items != nil && r.Enum == nil {
			r.Enum = m.rule(s.Items).Enum
		}
	}
	if least != nil && slices.ContainsFunc(v.all, func(s *schema) bool { return s.Const == 0 }) {
		least = new(float64) // beside what the limit is for
	}
	switch {
	case least != nil && most != nil:
		r.Limits, r.Range = []float64{*least, *most}, fmt.Sprintf("between %v and %v", *least, *most)
	case least != nil:
		r.Limits, r.Range = []float64{*least, noLimit}, fmt.Sprintf("at least %v", *least)
	case most != nil:
		r.Limits, r.Range = []float64{-noLimit, *most}, fmt.Sprintf("at most %v", *most)
	}
	return r
}

const noLimit = 1e308

// rule is what Check looks at in a value.
type rule struct {
	Kind   string    `json:",omitempty"` // the type of the value, or of its elements
	Enum   []string  `json:",omitempty"`
	Limits []float64 `json:",omitempty"` // of a number, or of the count of elements
	Range  string    `json:",omitempty"` // the limits in words
	Choice []string  `json:",omitempty"` // members, of which an object needs one
	Only   bool      `json:",omitempty"` // one of these alone
}

// Rules is the JSON of what Check looks at, by type and member.
func (m *model) Rules() string {
	var lines []string
	add := func(name string, r rule) {
		if text, _ := json.Marshal(r); string(text) != "{}" {
			lines = append(lines, fmt.Sprintf("%q: %s", name, text))
		}
	}
	for _, t := range m.Types {
		if t.Verb != "" {
			add("Verb."+t.Verb, rule{Kind: m.kind(t.Name)})
		}
		add(t.Name+".", t.Rule)
		fields := t.Fields
		if !t.IsObject() {
			for _, w := range t.Whole {
				if alternative := m.names[m.kind(w.Type)]; alternative != nil {
					fields = append(fields, alternative.Fields...)
				}
			}
		}
		for _, f := range fields {
			name := t.Name + "." + f.Name
			if f.Rule.Kind = m.kind(f.Type); f.Rule.Kind != "" && strings.Contains(f.Type, "map[") {
				name += ".*"
			}
			add(name, f.Rule)
		}
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

var word = regexp.MustCompile(`\w+`)

// kind is the type of a value, or of its elements, if there are rules for it.
func (m *model) kind(goType string) string {
	words := word.FindAllString(goType, -1)
	name := words[len(words)-1]
	t := m.names[name]
	switch {
	case name == "Section":
		return "Verb"
	case t == nil || t.Verb == "" && t.Is != "":
		return ""
	case t.Is != "" && t.Is != "string":
		return m.kind(t.Is)
	case t.Whole != nil && t.Whole[0].Type == "Section":
		return "Verb"
	}
	return name
}
