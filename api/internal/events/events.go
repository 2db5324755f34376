// Package events generates package gen/events from api/events.yaml, the description
// of the requests that SignalWire sends.
//
// An object is a struct with a field Extra for what it does not know, a string is a
// string, and a union is any. An enumeration is a type if it has an x-go-name, or is a
// schema of its own; otherwise it is a string. No field is required.
package events

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/code"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Files returns what is made from api/events.yaml with the template in gen/templates.
func Files(root string) (files []tree.File, err error) {
	set := tree.NewSet()
	text := set.Read(filepath.Join(root, "gen", "templates", "events.tmpl"))
	source := set.Read(filepath.Join(root, "api", "events.yaml"))
	document := set.Load(source)
	if err := set.Err(); err != nil {
		return nil, err
	}
	m, err := newModel(document)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}
	t, err := code.Template(text.Data)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"webhooks.gen.go", "payloads.gen.go"} {
		generated, err := code.Execute(t, name, m)
		if err != nil {
			return nil, err
		}
		files = append(files, tree.File{Name: filepath.Join(root, "gen", "events", name), Data: generated})
	}
	return files, nil
}

// schema is the part of JSON Schema that the document is written in.
type schema struct {
	Ref         string                `yaml:"$ref"`
	Type        string                `yaml:"type"`
	Format      string                `yaml:"format"`
	Description string                `yaml:"description"`
	Properties  code.Mapping[*schema] `yaml:"properties"`
	Values      *schema               `yaml:"additionalProperties"`
	Items       *schema               `yaml:"items"`
	Enum        []string              `yaml:"enum"`
	GoName      string                `yaml:"x-go-name"`
	GoType      string                `yaml:"x-go-type"`
	GoPointers  bool                  `yaml:"x-go-pointers"`
}

// content is what a request or a response has.
type content struct {
	Content code.Mapping[struct{ Schema *schema }] `yaml:"content"`
}

// request is a request that SignalWire sends.
type request struct {
	ID          string             `yaml:"-"`
	Payload     string             `yaml:"-"` // its Go type
	Reply       string             `yaml:"-"` // its Go type
	Form        bool               `yaml:"-"`
	Description string             `yaml:"description"`
	Name        string             `yaml:"x-go-name"`
	Signing     string             `yaml:"x-signing"`
	Credentials string             `yaml:"x-credentials"`
	Key         []string           `yaml:"x-key"`
	EventTypes  []string           `yaml:"x-event-types"`
	SetBy       []string           `yaml:"x-set-by"`
	Body        content            `yaml:"requestBody"`
	Responses   map[string]content `yaml:"responses"`
}

// model is what the template is executed with.
type model struct {
	Requests []*request
	Types    []*typ

	schemas code.Mapping[*schema]
}

// typ is a struct, or an enumeration if it has values.
type typ struct {
	Name, Doc string
	Fields    []field
	Values    []value
	Request   *request // whose payload it is, if it is one
	Key       []string // expressions for what the event is known by
}

// Sentence is the description after the name of the type.
func (t *typ) Sentence() string { return strings.ToLower(t.Doc[:1]) + t.Doc[1:] }

type field struct{ Go, Name, Doc, Type string }

type value struct{ Go, Text string }

func newModel(n *yaml.Node) (*model, error) {
	var document struct {
		Webhooks   code.Mapping[struct{ Post *request }]
		Components struct{ Schemas code.Mapping[*schema] }
	}
	if err := n.Decode(&document); err != nil {
		return nil, err
	}
	m := &model{schemas: document.Components.Schemas}
	for _, name := range m.schemas.Keys {
		m.declare(name, m.schemas.Values[name])
	}
	for _, id := range document.Webhooks.Keys {
		if err := m.add(id, document.Webhooks.Values[id].Post); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
	}
	slices.SortFunc(m.Types, func(a, b *typ) int { return strings.Compare(a.Name, b.Name) })
	for _, t := range m.Types {
		if t.Doc == "" {
			return nil, fmt.Errorf("%s has no description", t.Name)
		}
		for _, f := range t.Fields {
			if f.Doc == "" {
				return nil, fmt.Errorf("%s.%s has no description", t.Name, f.Name)
			}
		}
	}
	return m, nil
}

// add adds a request.
func (m *model) add(id string, r *request) error {
	if len(r.Body.Content.Keys) != 1 {
		return fmt.Errorf("want one type of content, not %d", len(r.Body.Content.Keys))
	}
	r.ID, r.Form, r.Reply = id, r.Body.Content.Keys[0] == "application/x-www-form-urlencoded", "None"
	r.Payload = m.goType(r.Body.Content.Values[r.Body.Content.Keys[0]].Schema, "", "")
	for _, media := range r.Responses["200"].Content.Values {
		r.Reply = m.goType(media.Schema, "", "")
	}
	i := slices.IndexFunc(m.Types, func(t *typ) bool { return t.Name == r.Payload && t.Values == nil })
	if i < 0 || m.Types[i].Request != nil {
		return fmt.Errorf("its body is not an object that is a schema of its own")
	}
	m.Types[i].Request = r
	m.Requests = append(m.Requests, r)
	for _, path := range r.Key {
		at, expression := m.schemas.Values[r.Payload], "v"
		for name := range strings.SplitSeq(path, ".") {
			if at = m.resolve(at).Properties.Values[name]; at == nil {
				return fmt.Errorf("its x-key: there is no %s", path)
			}
			expression += "." + goName(name)
		}
		m.Types[i].Key = append(m.Types[i].Key, expression)
	}
	return nil
}

func (m *model) resolve(s *schema) *schema {
	if s.Ref != "" {
		return m.schemas.Values[strings.TrimPrefix(s.Ref, definitions)]
	}
	return s
}

const definitions = "#/components/schemas/"

// declare adds the type of a schema. An enumeration that several schemas name has
// the values of all.
func (m *model) declare(name string, s *schema) string {
	i := slices.IndexFunc(m.Types, func(t *typ) bool { return t.Name == name })
	if i < 0 {
		i = len(m.Types)
		m.Types = append(m.Types, &typ{Name: name, Doc: s.Description})
	}
	t := m.Types[i]
	for _, text := range s.Enum {
		t.Values = code.AppendNew(t.Values, value{name + goName(text), text})
	}
	for _, member := range s.Properties.Keys {
		p := s.Properties.Values[member]
		f := field{Go: goName(member), Name: member, Doc: p.Description}
		f.Type = m.goType(p, name, f.Go)
		if s.GoPointers && m.resolve(p).Properties.Keys != nil {
			f.Type = "*" + f.Type
		}
		if p.GoName == "" && p.Enum != nil && f.Doc != "" {
			f.Doc += " One of " + strings.Join(quoted(p.Enum), ", ") + ", or a newer one."
		}
		t.Fields = append(t.Fields, f)
	}
	return name
}

func quoted(texts []string) (quoted []string) {
	for _, text := range texts {
		quoted = append(quoted, strconv.Quote(text))
	}
	return quoted
}

// goType is the Go type of a schema. One that has to be declared is named by its
// x-go-name, or after where it stands.
func (m *model) goType(s *schema, within, name string) string {
	switch {
	case s.GoType != "":
		return s.GoType
	case s.Ref != "":
		return strings.TrimPrefix(s.Ref, definitions)
	case s.Enum != nil && s.GoName != "":
		named := *s
		named.Description = "is an enumeration, which is open."
		return m.declare(s.GoName, &named)
	case s.Type == "string" && s.Format == "date-time":
		return "time.Time"
	case s.Type == "string" && s.Format == "password":
		return "Secret"
	case s.Type == "array":
		return "[]" + m.goType(s.Items, within, name)
	case s.Type == "object" && s.Properties.Keys != nil:
		named := *s
		named.Description = "is the member " + name + " of [" + within + "]."
		return m.declare(strings.TrimSuffix(strings.TrimSuffix(within, "Params"), "Payload")+name, &named)
	case s.Type == "object" && s.Values != nil && s.Values.Type == "string":
		return "map[string]string"
	case s.Type == "object":
		return "map[string]any"
	}
	return map[string]string{"string": "string", "integer": "int64", "number": "float64", "boolean": "bool", "": "any"}[s.Type]
}

// initialisms are words that Go writes in capitals.
var initialisms = strings.Fields("AI API ASR DTMF HTTP ID LLM MCP MOS SID SIP SMS SWAIG SWML TPS TTS URI URL")

// Where a word begins inside of others: with a capital after a small letter, or
// before one.
var afterSmall, beforeSmall = regexp.MustCompile(`(\p{Ll})(\p{Lu})`), regexp.MustCompile(`([\p{Lu}\d])(\p{Lu}\p{Ll})`)

// goName is a name in Go.
func goName(name string) (goName string) {
	name = beforeSmall.ReplaceAllString(afterSmall.ReplaceAllString(name, "$1 $2"), "$1 $2")
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if plain := strings.ToUpper(strings.TrimRight(word, "0123456789")); slices.Contains(initialisms, plain) {
			goName += strings.ToUpper(word)
		} else {
			goName += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return goName
}
