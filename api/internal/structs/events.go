package structs

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// events are the requests that SignalWire sends, and the Go types of their bodies; it
// is the data of gen/templates/events.tmpl. The package comment has the rules.
type events struct {
	declarations
	Requests []*request
}

// request is a request that SignalWire sends. The comment of api/events.yaml explains
// the keywords.
type request struct {
	ID          string             `yaml:"-"`
	Payload     string             `yaml:"-"` // the Go type of the request body
	Reply       string             `yaml:"-"` // the Go type of the response body
	HasReply    bool               `yaml:"-"` // whether that type is declared for the document
	Form        bool               `yaml:"-"` // whether the request body is a form
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

// content is a request body or a response.
type content struct {
	Content orderedMap[struct{ Schema *schema }] `yaml:"content"`
}

func newEvents(n *yaml.Node) (*events, error) {
	var document struct {
		Webhooks   orderedMap[struct{ Post *request }]
		Components struct{ Schemas orderedMap[*schema] }
	}
	if err := n.Decode(&document); err != nil {
		return nil, err
	}
	m := &events{declarations: declarations{byName: map[string]*declaration{}, schemas: document.Components.Schemas}}
	for name, s := range m.schemas.all() {
		m.declare(name, s.Description, s)
	}
	for id, webhook := range document.Webhooks.all() {
		if err := m.addRequest(id, webhook.Post); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
	}
	slices.SortFunc(m.Types, func(a, b *declaration) int { return strings.Compare(a.Name, b.Name) })
	return m, m.check()
}

// addRequest adds a request, and tells the declaration of its payload.
func (m *events) addRequest(id string, r *request) error {
	if len(r.Body.Content.Keys) != 1 {
		return fmt.Errorf("expected requestBody to have one media type, found %d", len(r.Body.Content.Keys))
	}
	r.ID, r.Reply = id, "None"
	for media, content := range r.Body.Content.all() {
		r.Form, r.Payload = media == "application/x-www-form-urlencoded", m.goType(content.Schema, "", "")
	}
	for _, content := range r.Responses["200"].Content.all() {
		r.Reply = m.goType(content.Schema, "", "")
		r.HasReply = m.byName[r.Reply] != nil
	}
	d := m.byName[r.Payload]
	if d == nil || d.Underlying != "" || d.Request != nil {
		return errors.New("expected the schema of requestBody to be a $ref to an object that no other webhook has")
	}
	d.Request = r
	m.Requests = append(m.Requests, r)
	for _, key := range r.Key { // such as params.call_id, which is v.Params.CallID in Go
		s, expression := m.schemas.Values[r.Payload], "v"
		for name := range strings.SplitSeq(key, ".") {
			if s = m.resolve(s).Properties.Values[name]; s == nil {
				return fmt.Errorf("x-key: %s is not a property of %s", key, r.Payload)
			}
			expression += "." + s.goField(name)
		}
		d.Key = append(d.Key, expression)
	}
	return nil
}

// declare declares the type of an object or an enumeration, and returns its name.
func (m *events) declare(name, doc string, s *schema) string {
	d := m.named(name)
	d.Doc = cmp.Or(d.Doc, doc)
	if s.Enum != nil {
		return m.enumeration(name, s.Enum, s.GoValues)
	}
	for property, p := range s.Properties.all() {
		f := &field{Go: p.goField(property), Name: property, Doc: p.Description}
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
		d.Fields = append(d.Fields, f)
	}
	return name
}

// plainTypes are the Go types of schemas that have only a type, or none.
var plainTypes = map[string]string{
	"string": "string", "integer": "int64", "number": "float64", "boolean": "bool", "object": "map[string]any", "": "any",
}

// goType returns the Go type of a schema. The type of an object without a name is
// declared with the name of the struct that it is in, followed by that of the field.
func (m *events) goType(s *schema, structName, fieldName string) string {
	switch {
	case s.GoType != "":
		return s.GoType
	case s.Ref != "":
		return path.Base(s.Ref)
	case s.Enum != nil && s.GoName != "":
		return m.declare(s.GoName, "is the type of ["+structName+"."+fieldName+"]. SignalWire may send values that are not listed.", s)
	case s.Format == "date-time":
		return "time.Time"
	case s.Format == "password":
		return "Secret"
	case s.Type == "array":
		return "[]" + m.goType(s.Items, structName, fieldName)
	case s.Properties.Keys != nil:
		prefix := strings.TrimSuffix(strings.TrimSuffix(structName, "Params"), "Payload")
		return m.declare(prefix+fieldName, "is the member "+fieldName+" of ["+structName+"].", s)
	case s.Additional != nil:
		return "map[string]" + m.goType(s.Additional, structName, fieldName)
	}
	return plainTypes[s.Type]
}
