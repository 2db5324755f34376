// Package structs generates packages gen/swml, gen/swml/messaging and gen/events:
// structs for JSON that a YAML document in api/ describes with JSON Schema.
package structs

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Files returns what is made from the documents with the templates in gen/templates,
// each of which is named after its file: the Go packages, and the schemas of SWML
// without prose. The generator has to have been set up (see generate.ReadConfig).
func Files(root string) (files []tree.File, err error) {
	for _, p := range []struct{ document, template, folder string }{
		{"swml", "swml", "gen/swml"}, {"swml-messaging", "swml", "gen/swml/messaging"}, {"events", "events", "gen/events"},
	} {
		set := tree.NewSet()
		source := set.ReadFile(filepath.Join(root, "api", p.document+".yaml"))
		text := set.ReadFile(filepath.Join(root, "gen", "templates", p.template+".tmpl"))
		document := set.Load(source)
		if set.Failed() {
			return nil, set.Err()
		}
		var m any
		if p.template == "events" {
			m, err = newEvents(document)
		} else {
			m, err = newSWML(document, p.document)
			files = append(files, tree.File{Name: filepath.Join(root, "api", p.document+".json"), Data: tree.EncodeStructure(document)})
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source.Name, err)
		}
		all, err := template.New("").Funcs(template.FuncMap{"comment": comment}).Parse(string(text.Data))
		if err != nil {
			return nil, err
		}
		for _, t := range all.Templates() {
			if !strings.HasSuffix(t.Name(), ".gen.go") {
				continue
			}
			var b bytes.Buffer
			if err := t.Execute(&b, m); err != nil {
				return nil, err
			}
			code, err := format.Source(b.Bytes())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.Name(), err)
			}
			files = append(files, tree.File{Name: filepath.Join(root, filepath.FromSlash(p.folder), t.Name()), Data: code})
		}
	}
	return files, nil
}

// comment breaks text into the lines of a comment.
func comment(text string) string {
	var b strings.Builder
	line := "//"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 80 && line != "//" {
			b.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return b.String() + line
}

// schema is the part of JSON Schema that the documents are written in, and keywords
// of our own.
type schema struct {
	Ref         string           `yaml:"$ref"`
	Type        string           `yaml:"type"`
	Format      string           `yaml:"format"`
	Description string           `yaml:"description"`
	Properties  mapping[*schema] `yaml:"properties"`
	Required    []string         `yaml:"required"`
	Items       *schema          `yaml:"items"`
	Values      *schema          `yaml:"additionalProperties"`
	Rest        *schema          `yaml:"unevaluatedProperties"`
	Not         *schema          `yaml:"not"`
	AnyOf       []*schema        `yaml:"anyOf"`
	OneOf       []*schema        `yaml:"oneOf"`
	Const       any              `yaml:"const"`
	Enum        []string         `yaml:"enum"`
	Minimum     *float64         `yaml:"minimum"`
	Maximum     *float64         `yaml:"maximum"`
	MinItems    *float64         `yaml:"minItems"`
	MaxItems    *float64         `yaml:"maxItems"`
	Defs        mapping[*schema] `yaml:"$defs"`

	GoName     string            `yaml:"x-go-name"`     // the Go type that is declared
	GoType     string            `yaml:"x-go-type"`     // a Go type that there is
	GoField    string            `yaml:"x-go-field"`    // the Go field of a member
	GoValues   map[string]string `yaml:"x-go-values"`   // the Go names of values of an enumeration, after that of its type
	GoFields   mapping[string]   `yaml:"x-go-fields"`   // the fields of a struct for a union, with their descriptions
	GoTogether bool              `yaml:"x-go-together"` // several variants of a union may stand in one object
	GoTypes    map[string]string `yaml:"x-go-types"`    // descriptions of Go types
	GoPointers bool              `yaml:"x-go-pointers"` // its members that are objects are pointers
}

// goField is the Go field of a member.
func (s *schema) goField(name string) string { return cmp.Or(s.GoField, goName(name)) }

func goName(name string) string { return codegen.ToCamelCaseWithInitialisms(name) }

// mapping is a mapping whose keys keep their order.
type mapping[T any] struct {
	Keys   []string
	Values map[string]T
}

// UnmarshalYAML decodes a mapping.
func (m *mapping[T]) UnmarshalYAML(n *yaml.Node) error {
	for key := range tree.Entries(n) {
		m.Keys = append(m.Keys, key.Value)
	}
	return n.Decode(&m.Values)
}

func (m mapping[T]) all() iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, key := range m.Keys {
			if !yield(key, m.Values[key]) {
				return
			}
		}
	}
}

// typ is a Go type that is declared.
type typ struct {
	Name, Doc string
	Is        string // what the type is, if it is no struct
	Fields    []*field
	Values    []value // of an enumeration

	// In SWML:
	Verb  string   // the name of the verb, if it is one
	Whole []*field // what may stand in place of an object
	Rule  rule     // for an object

	// Of a request that SignalWire sends, if it is the payload of one:
	Request *request
	Key     []string // expressions for what the event is known by
}

type field struct {
	Go, Name, Doc, Type string
	Rule                rule

	schemas []*schema
}

type value struct{ Go, Text string }

// Comment is the description as a comment of Go: a noun gets "is" before it.
func (t *typ) Comment() string {
	first, rest, _ := strings.Cut(t.Doc, " ")
	switch first = strings.ToLower(first[:1]) + first[1:]; first {
	case "a", "an", "the", "one", "what", "which", "whose", "how", "whether", "when", "where", "who", "something":
		first = "is " + first
	}
	return strings.TrimSpace(t.Name + " " + first + " " + rest)
}

// all are the fields of a struct.
func (t *typ) all() []*field { return slices.Concat(t.Fields, t.Whole) }

// types are the Go types of a document, and the schemas that it names.
type types struct {
	Types []*typ

	byName  map[string]*typ
	schemas mapping[*schema]
}

// resolve returns what a schema refers to, or itself.
func (m *types) resolve(s *schema) *schema { return cmp.Or(m.schemas.Values[path.Base(s.Ref)], s) }

// named returns the type of this name, which is new if there is none.
func (m *types) named(name string) *typ {
	if m.byName[name] == nil {
		m.byName[name] = &typ{Name: name}
		m.Types = append(m.Types, m.byName[name])
	}
	return m.byName[name]
}

// enumeration adds values to an enumeration, and returns its name. The Go names of
// some values can be given.
func (m *types) enumeration(name string, values []string, goNames map[string]string) string {
	t := m.named(name)
	t.Is = "string"
	for _, text := range values {
		t.Values = appendNew(t.Values, value{name + cmp.Or(goNames[text], goName(text)), text})
	}
	return name
}

// appendNew appends the values that are not there yet.
func appendNew[T comparable](to []T, values ...T) []T {
	for _, value := range values {
		if !slices.Contains(to, value) {
			to = append(to, value)
		}
	}
	return to
}

// described reports as an error what has no description.
func (m *types) described() error {
	for _, t := range m.Types {
		if t.Doc == "" {
			return fmt.Errorf("%s has no description", t.Name)
		}
		for _, f := range t.all() {
			if f.Doc == "" {
				return fmt.Errorf("%s.%s has no description", t.Name, f.Go)
			}
		}
	}
	return nil
}
