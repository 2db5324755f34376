package names

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// editRule is what x-go-edit says of an update: how it is made from what a read of
// the same resource returns.
type editRule struct {
	// Name is that of the method.
	Name string
	// Settings is the member of the response that holds what can be set, or "" if
	// they are members of the response itself.
	Settings string `yaml:",omitempty"`
	// Names has by field of the update the member that has its value, if the two
	// have different names.
	Names map[string]string `yaml:",omitempty,flow"`
	// WriteOnly are the fields of the update that cannot be taken from the response:
	// secrets, and those that it does not have.
	WriteOnly []string `yaml:"writeOnly,omitempty"`
	// Full is whether the update repeats what does not change: PUT, unless x-put says
	// that the server merges.
	Full bool
}

// AddEdits decides which updates can be edits, and writes into x-go-edit how; see
// editRule. The overlay gives the names, and the settings where the response has
// several objects that they could be in. An update can be an edit if a GET of its
// path takes nothing else and returns the same type, and its body is an object. The
// templates make the Edit method.
func (m *Namer) AddEdits() {
	reads := map[string]operation{}
	for _, o := range m.operations() {
		if o.method.Value == "get" {
			reads[o.path.Value] = o
		}
	}
	for _, o := range m.operations() {
		put, given := tree.Get(o.node, "x-put"), tree.Get(o.node, "x-go-edit")
		if put != nil && (o.method.Value != "put" || !slices.Contains([]string{"replaces", "merges", "unknown"}, put.Value)) {
			m.Errorf("%s: expected x-put of a PUT to be replaces, merges or unknown, found %s of %s", m.At(put), tree.Describe(put), o.what)
		}
		read := reads[o.path.Value]
		body := m.target(o.body)
		takesMore := slices.ContainsFunc(list(read.node, "parameters"), func(p *yaml.Node) bool { return tree.Value(p, "in") != "path" })
		switch {
		case o.isUpdate() && !takesMore && m.target(read.response) != nil && m.typeOf(read.response) == m.typeOf(o.response) && body != nil && len(variantsOf(body)) == 0:
			m.addEdit(o, m.target(read.response), body, given)
		case given != nil:
			m.Errorf("%s: x-go-edit of %s, which cannot be an edit", m.At(given), o.what)
		}
	}
}

func (m *Namer) addEdit(o operation, response, body, given *yaml.Node) {
	m.CheckFields(tree.NonNil(given), "x-go-edit", "settings", "names")
	rule := editRule{Name: "Edit" + strings.TrimPrefix(o.name, "Update"), Settings: tree.Value(given, "settings"), Names: map[string]string{}}
	rule.Full = o.method.Value == "put" && tree.Value(o.node, "x-put") != "merges"
	fields, objects := m.properties(body), m.objects(response)
	read := map[string]string{} // the member that has a field's value
	for name, property := range fields {
		if !secret(property) {
			read[name] = name
		}
	}
	names := tree.Get(given, "names")
	for name, member := range tree.Entries(names) {
		rule.Names[name.Value], read[name.Value] = member.Value, member.Value
	}
	if at := tree.Get(given, "settings"); at == nil {
		most, sure := fullest(objects, func(object string) (n int) {
			for _, member := range read {
				if objects[object][member] != nil {
					n++
				}
			}
			return n
		})
		if rule.Settings = most; !sure && most != "" && !m.published {
			m.Errorf("%s: more than one object of the response could hold the settings of %s; name it in the overlay:\n%s",
				m.At(o.method), o.what, correction(pathTarget(o.method.Value, o.path.Value), "x-go-edit", "{settings: "+most+"}"))
		}
	} else if objects[at.Value] == nil {
		m.Errorf("%s: the response has no object %s", m.At(at), at.Value)
	}
	for name, member := range tree.Entries(names) {
		switch {
		case fields[name.Value] == nil:
			m.Errorf("%s: %s has no field %s to give a name of the response to", m.At(name), o.what, name.Value)
		case objects[rule.Settings][member.Value] == nil:
			m.Errorf("%s: the response to %s has no %s", m.At(member), o.what, strings.TrimPrefix(rule.Settings+"."+member.Value, "."))
		case name.Value == member.Value:
			m.Errorf("%s: %s has the same name in both; remove it", m.At(name), name.Value)
		}
	}
	for _, name := range tree.SortedKeys(fields) {
		if objects[rule.Settings][read[name]] == nil {
			rule.WriteOnly = append(rule.WriteOnly, name)
		}
	}
	m.SetMember(o.node, "x-go-edit", rule)
}
