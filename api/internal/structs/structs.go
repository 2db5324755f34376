// Package structs generates packages gen/swml, gen/swml/messaging and gen/events: Go
// structs for JSON that a document in api/ describes with JSON Schema.
//
// Each document is decoded into values of type schema. From these, newSWML or newEvents
// makes declarations, which are Go types with their fields and comments. The templates
// in gen/templates print them. For example, this schema in swml.yaml
//
//	Goto:
//	  type: object
//	  properties:
//	    goto:
//	      description: Continues at a label in the same section.
//	      type: object
//	      properties:
//	        label: {description: The label to continue at., type: string}
//	        max:
//	          description: 'How many times the jump is made at most, from 1 to 100.'
//	          anyOf: [{type: integer}, {$ref: '#/$defs/SWMLVar'}]
//	          minimum: 1
//	          maximum: 100
//
// is declared as
//
//	// Goto continues at a label in the same section.
//	type Goto struct {
//		// The label to continue at.
//		Label string `json:"label,omitzero"`
//		// How many times the jump is made at most, from 1 to 100.
//		Max Value[int] `json:"max,omitzero"`
//		...
//	}
//
// and its limits become a rule for the method Check: "Goto.max": {"Limits": [1, 100]}.
//
// # SWML
//
// SWML is written by hand, so that its schemas accept several forms of the same value:
// a string or an array of them, a number or a variable. These rules map them to Go types:
//
//  1. A string or a variable is a string. A number or a boolean is a Value, which also
//     holds a variable.
//  2. A union of constants is a string type with constants, and other values are
//     possible.
//  3. A step is an object with one property, which is named after a verb, as goto above.
//     It is declared as the value of that property. An array of steps is a Section.
//  4. A union of objects is one struct with the properties of all. So are several
//     schemas with the same x-go-name.
//  5. A union of a type and an array of it is a OneOrMany. A union of an object and a
//     string is the struct of the object, with a field Short for the string.
//  6. A union of different scalar types, and any other union, is any.
//  7. No field is required. Each struct has a field Extra for other properties.
//
// # Events
//
// Events are requests that SignalWire sends. Their rules are simpler: an object is a
// struct with a field Extra, a string is a string, and a union is any. An enumeration is
// a type if it has an x-go-name or is a component; otherwise it is a string. No field is
// required.
//
// The keywords that begin with x-go- are fields of the type schema, where they are
// explained.
package structs

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"go/token"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/generate"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Files returns the generated files of the module at root: the Go packages, and the
// schemas of SWML without descriptions, as JSON. A template whose name ends in .gen.go
// makes the file of that name. Names of Go fields need the configuration of the generator
// (see generate.ReadConfig). Files fails if a document or a template is invalid, or if
// a type or a field has no description.
func Files(root string) (files []tree.File, err error) {
	for _, d := range []document{
		{"swml", "swml", "gen/swml", "#"}, {"swml-messaging", "swml", "gen/swml/messaging", "#"},
		{"events", "events", "gen/events", "#/components/"},
	} {
		more, err := d.files(root)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}

// document is a document in api/, with the template and the folder of the package that is
// generated from it, and with the beginning of its references.
type document struct{ name, template, folder, refs string }

// files returns the files of one document.
func (d document) files(root string) (files []tree.File, err error) {
	set := tree.NewSet()
	source := set.ReadFile(filepath.Join(root, "api", d.name+".yaml"))
	document := set.Load(source)
	if !set.Failed() {
		normal.CheckTypes(set, document)
		set.CheckRefs(document, d.refs)
		tree.EachSchema(document, func(n *yaml.Node) {
			if tree.IsType(n, "array") && !tree.Has(n, "items") {
				set.Errorf("%s: expected an array to have items", set.At(n))
			}
		})
	}
	if set.Failed() {
		return nil, set.Err()
	}
	var data any
	if d.template == "events" {
		data, err = newEvents(document)
	} else {
		data, err = newSWML(document, d.name)
		files = append(files, tree.File{Name: filepath.Join(root, "api", d.name+".json"), Data: tree.EncodeStructure(document)})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}
	templates, err := template.New("").Funcs(template.FuncMap{"comment": generate.Comment}).
		ParseFiles(filepath.Join(root, "gen", "templates", d.template+".tmpl"))
	if err != nil {
		return nil, err
	}
	for _, t := range templates.Templates() {
		if !strings.HasSuffix(t.Name(), ".go") {
			continue
		}
		var b bytes.Buffer
		if err := t.Execute(&b, data); err != nil {
			return nil, err
		}
		code, err := format.Source(b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name(), err)
		}
		files = append(files, tree.File{Name: filepath.Join(root, filepath.FromSlash(d.folder), t.Name()), Data: code})
	}
	return files, nil
}

// schema is a JSON Schema, with the keywords that the documents use.
type schema struct {
	Ref         string              `yaml:"$ref"`
	Type        string              `yaml:"type"`
	Format      string              `yaml:"format"`
	Description string              `yaml:"description"`
	Properties  orderedMap[*schema] `yaml:"properties"`
	Required    []string            `yaml:"required"`
	Items       *schema             `yaml:"items"`
	Additional  *schema             `yaml:"additionalProperties"`
	Unevaluated *schema             `yaml:"unevaluatedProperties"`
	Not         *schema             `yaml:"not"`
	AnyOf       []*schema           `yaml:"anyOf"`
	OneOf       []*schema           `yaml:"oneOf"`
	Const       any                 `yaml:"const"`
	Default     any                 `yaml:"default"`
	Enum        []string            `yaml:"enum"`
	Minimum     *float64            `yaml:"minimum"`
	Maximum     *float64            `yaml:"maximum"`
	MinItems    *float64            `yaml:"minItems"`
	MaxItems    *float64            `yaml:"maxItems"`
	Defs        orderedMap[*schema] `yaml:"$defs"`

	// GoName is the name of the Go type to declare.
	GoName string `yaml:"x-go-name"`
	// GoType is the existing Go type of the value (events).
	GoType string `yaml:"x-go-type"`
	// GoField is the name of the Go field, for the schema of a property.
	GoField string `yaml:"x-go-field"`
	// GoValues are Go names for values of an enumeration, without the name of its type.
	GoValues map[string]string `yaml:"x-go-values"`
	// GoFields makes the type of a union of an array and another type a struct. It has
	// the names and descriptions of the two fields.
	GoFields orderedMap[string] `yaml:"x-go-fields"`
	// GoTogether says that an object can match several variants of the union.
	GoTogether bool `yaml:"x-go-together"`
	// GoTypes are descriptions of Go types that several schemas declare (in the root).
	GoTypes map[string]string `yaml:"x-go-types"`
	// GoPointers makes pointers of the fields that are structs, so that an empty object
	// differs from none (events).
	GoPointers bool `yaml:"x-go-pointers"`
}

// goField returns the name of the Go field of a property.
func (s *schema) goField(property string) string { return cmp.Or(s.GoField, goName(property)) }

// goName returns a name as oapi-codegen spells it in Go.
func goName(name string) string { return codegen.ToCamelCaseWithInitialisms(name) }

// orderedMap is a map that keeps the order of its keys in the document.
type orderedMap[T any] struct {
	Keys   []string
	Values map[string]T
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (m *orderedMap[T]) UnmarshalYAML(n *yaml.Node) error {
	for key := range tree.Entries(n) {
		m.Keys = append(m.Keys, key.Value)
	}
	return n.Decode(&m.Values)
}

func (m orderedMap[T]) all() iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, key := range m.Keys {
			if !yield(key, m.Values[key]) {
				return
			}
		}
	}
}

// declaration is a Go type to declare: a struct, an enumeration, or another type that
// is named.
type declaration struct {
	Name       string
	Doc        string
	Underlying string // the underlying type, or "" for a struct
	Fields     []*field
	Values     []value // the constants of an enumeration

	// For SWML:
	Verb         string   // the name of the verb that this is the type of, or ""
	Alternatives []*field // fields for values that are not the object of Fields
	Rule         rule     // for an object

	// For the payload of a request that SignalWire sends:
	Request *request
	Key     []string // Go expressions for the values that identify the event
}

// field is a field of a struct, for a property.
type field struct {
	Go, Name, Doc, Type string // Name is that of the property
	Rule                rule

	schemas []*schema // of the property, in all schemas of the struct
}

// value is a constant of an enumeration.
type value struct{ Go, Text string }

// Comment returns the comment of the declaration: its name and its description, with
// "is" between them if the description is a noun.
func (d *declaration) Comment() string {
	first, rest, _ := strings.Cut(d.Doc, " ")
	switch first = strings.ToLower(first); first {
	case "a", "an", "the", "one", "what", "which", "whose", "how", "whether", "when", "where", "who", "something":
		first = "is " + first
	}
	return strings.TrimSpace(d.Name + " " + first + " " + rest)
}

// allFields returns all fields of a struct.
func (d *declaration) allFields() []*field { return slices.Concat(d.Fields, d.Alternatives) }

// declarations are the Go types of a document, and the schemas that it defines.
type declarations struct {
	Types []*declaration

	byName  map[string]*declaration
	schemas orderedMap[*schema]
}

// resolve returns the schema that s refers to, or s.
func (m *declarations) resolve(s *schema) *schema {
	return cmp.Or(m.schemas.Values[path.Base(s.Ref)], s)
}

// named returns the declaration with a name, which it adds if there is none.
func (m *declarations) named(name string) *declaration {
	if m.byName[name] == nil {
		m.byName[name] = &declaration{Name: name}
		m.Types = append(m.Types, m.byName[name])
	}
	return m.byName[name]
}

// enumeration declares an enumeration, or adds values to it, and returns its name. The
// constant of a value is named after goNames[value], or else after the value.
func (m *declarations) enumeration(name string, values []string, goNames map[string]string) string {
	d := m.named(name)
	d.Underlying = "string"
	for _, text := range values {
		d.Values = appendNew(d.Values, value{name + cmp.Or(goNames[text], goName(text)), text})
	}
	return name
}

// appendNew appends the values that are not in the slice yet.
func appendNew[T comparable](to []T, values ...T) []T {
	for _, value := range values {
		if !slices.Contains(to, value) {
			to = append(to, value)
		}
	}
	return to
}

// check fails if a type or a field has no name in Go, or no description.
func (m *declarations) check() error {
	for _, d := range m.Types {
		err := checkDeclared(d.Name, d.Name, d.Doc)
		for _, f := range d.allFields() {
			err = cmp.Or(err, checkDeclared(d.Name+"."+f.Go, f.Go, f.Doc))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkDeclared fails if a type or a field, which the error calls what, has a name that is no
// Go identifier, or no description.
func checkDeclared(what, name, description string) error {
	switch {
	case !token.IsIdentifier(name):
		return fmt.Errorf("%s: expected a Go identifier as its name, found %q", what, name)
	case description == "":
		return fmt.Errorf("%s has no description", what)
	}
	return nil
}
