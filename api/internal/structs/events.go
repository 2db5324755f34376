package structs

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// events are the requests that SignalWire sends, which the template of package
// gen/events is executed with.
//
// An object is a struct with a field Extra for what it does not know, a string is a
// string, and a union is any. An enumeration is a type if it has an x-go-name, or is a
// schema of its own; otherwise it is a string. No field is required.
type events struct {
	types
	Requests []*request
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

// content is what a request or a response has.
type content struct {
	Content mapping[struct{ Schema *schema }] `yaml:"content"`
}

func newEvents(n *yaml.Node) (*events, error) {
	var document struct {
		Webhooks   mapping[struct{ Post *request }]
		Components struct{ Schemas mapping[*schema] }
	}
	if err := n.Decode(&document); err != nil {
		return nil, err
	}
	m := &events{types: types{byName: map[string]*typ{}, schemas: document.Components.Schemas}}
	for name, s := range m.schemas.all() {
		m.declare(name, s.Description, s)
	}
	for id, webhook := range document.Webhooks.all() {
		if err := m.add(id, webhook.Post); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
	}
	slices.SortFunc(m.Types, func(a, b *typ) int { return strings.Compare(a.Name, b.Name) })
	return m, m.described()
}

// add adds a request.
func (m *events) add(id string, r *request) error {
	if len(r.Body.Content.Keys) != 1 {
		return fmt.Errorf("want one type of content, not %d", len(r.Body.Content.Keys))
	}
	r.ID, r.Reply = id, "None"
	for media, content := range r.Body.Content.all() {
		r.Form, r.Payload = media == "application/x-www-form-urlencoded", m.goType(content.Schema, "", "")
	}
	for _, content := range r.Responses["200"].Content.all() {
		r.Reply = m.goType(content.Schema, "", "")
	}
	t := m.byName[r.Payload]
	if t == nil || t.Is != "" || t.Request != nil {
		return fmt.Errorf("its body is not an object that is a schema of its own")
	}
	t.Request = r
	m.Requests = append(m.Requests, r)
	for _, place := range r.Key {
		at, expression := m.schemas.Values[r.Payload], "v"
		for name := range strings.SplitSeq(place, ".") {
			if at = m.resolve(at).Properties.Values[name]; at == nil {
				return fmt.Errorf("its x-key: there is no %s", place)
			}
			expression += "." + at.goField(name)
		}
		t.Key = append(t.Key, expression)
	}
	return nil
}

// declare declares the type of a schema, and returns its name.
func (m *events) declare(name, doc string, s *schema) string {
	t := m.named(name)
	t.Doc = doc
	if s.Enum != nil {
		return m.enumeration(name, s.Enum, s.GoValues)
	}
	for member, p := range s.Properties.all() {
		f := &field{Go: p.goField(member), Name: member, Doc: p.Description}
		f.Type = m.goType(p, name, f.Go)
		if s.GoPointers && m.resolve(p).Properties.Keys != nil {
			f.Type = "*" + f.Type
		}
		if p.GoName == "" && p.Enum != nil && f.Doc != "" {
			var quoted []string
			for _, text := range p.Enum {
				quoted = append(quoted, strconv.Quote(text))
			}
			f.Doc += " One of " + strings.Join(quoted, ", ") + ", or a newer one."
		}
		t.Fields = append(t.Fields, f)
	}
	return name
}

// plainTypes are the Go types of schemas that say no more than a type, or nothing.
var plainTypes = map[string]string{
	"string": "string", "integer": "int64", "number": "float64", "boolean": "bool", "object": "map[string]any", "": "any",
}

// goType is the Go type of a schema. One that has to be declared is named by its
// x-go-name, or after where it stands.
func (m *events) goType(s *schema, within, name string) string {
	switch {
	case s.GoType != "":
		return s.GoType
	case s.Ref != "":
		return path.Base(s.Ref)
	case s.Enum != nil && s.GoName != "":
		return m.declare(s.GoName, "is an enumeration, which is open.", s)
	case s.Format == "date-time":
		return "time.Time"
	case s.Format == "password":
		return "Secret"
	case s.Type == "array":
		return "[]" + m.goType(s.Items, within, name)
	case s.Properties.Keys != nil:
		owner := strings.TrimSuffix(strings.TrimSuffix(within, "Params"), "Payload")
		return m.declare(owner+name, "is the member "+name+" of ["+within+"].", s)
	case s.Values != nil:
		return "map[string]" + m.goType(s.Values, within, name)
	}
	return plainTypes[s.Type]
}
