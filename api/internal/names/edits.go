package names

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// editRule is the content of x-go-edit, from which the templates make an Edit method: it
// reads a resource, makes the body of an update from the response, lets the caller change
// that, and sends it.
type editRule struct {
	// Name is the name of the method.
	Name string
	// Settings is the property of the response whose properties are the settings, or "" if
	// the response itself has them.
	Settings string `yaml:",omitempty"`
	// Names are the properties of the settings by the properties of the update, where the
	// two have different names.
	Names map[string]string `yaml:",omitempty"`
	// WriteOnly are the properties of the update that the response does not have, and
	// secrets.
	WriteOnly []string `yaml:"writeOnly,omitempty"`
	// Full is true if the update has to repeat what does not change: for a PUT, unless
	// x-put says that the server merges.
	Full bool
}

// AddEdits writes an editRule into each update that has a read to go with it: a GET of the
// same path that requires no parameters of its own and returns the same type as the update.
// The body of the update has to be an object.
//
// The overlay can have an x-go-edit with names, and with settings where several properties
// of the response could be that.
func (m *Namer) AddEdits() {
	reads := map[string]operation{} // by path
	for _, o := range m.operations() {
		if o.method.Value == "get" {
			reads[o.path.Value] = o
		}
	}
	for _, o := range m.operations() {
		put, given := tree.Get(o.node, "x-put"), tree.Get(o.node, "x-go-edit")
		if put != nil && (o.method.Value != "put" || !slices.Contains([]string{"replaces", "merges", "unknown"}, put.Value)) {
			m.Errorf("%s: expected x-put of a PUT to be replaces, merges or unknown, found %s of %s", m.At(put), tree.Describe(put), o.label)
		}
		read := reads[o.path.Value]
		_, options := read.parameters()
		needsMore := slices.ContainsFunc(options, func(p *yaml.Node) bool { return tree.Value(p, "required") == "true" })
		response, body := m.resolve(read.response), m.resolve(o.body)
		canRead := !needsMore && response != nil && m.namedType(read.response) == m.namedType(o.response)
		if canSend := o.isUpdate() && body != nil && len(tree.Variants(body)) == 0; canRead && canSend {
			m.addEdit(o, response, body, given)
		} else if given != nil {
			m.dropCorrection(o, "x-go-edit", "which cannot be an edit")
		}
	}
}

// addEdit writes the editRule of an update. response is what the read returns, and given
// the x-go-edit of the overlay or nil.
func (m *Namer) addEdit(o operation, response, body, given *yaml.Node) {
	m.CheckFields(tree.NonNil(given), "x-go-edit", "settings", "names")
	rule := editRule{Name: "Edit" + strings.TrimPrefix(o.name, "Update"), Names: map[string]string{}}
	rule.Full = o.method.Value == "put" && tree.Value(o.node, "x-put") != "merges"
	fields, objects := m.properties(body), m.nestedProperties(response)
	sources := map[string]string{} // the property of the settings for each property of the update
	for name, property := range fields {
		if !isSecret(property) {
			sources[name] = name
		}
	}
	names := tree.Get(given, "names")
	for name, source := range tree.Entries(names) {
		rule.Names[name.Value], sources[name.Value] = source.Value, source.Value
	}
	rule.Settings = m.settings(o, objects, sources, tree.Get(given, "settings"))
	settings := objects[rule.Settings]
	for name, source := range tree.Entries(names) {
		if fields[name.Value] == nil || settings[source.Value] == nil {
			m.noteCorrection(name, "%s has no field %s, or its response no %s", o.label, name.Value, source.Value)
			delete(rule.Names, name.Value)
			sources[name.Value] = name.Value
		}
	}
	for _, name := range tree.SortedKeys(fields) {
		if settings[sources[name]] == nil {
			rule.WriteOnly = append(rule.WriteOnly, name)
		}
	}
	m.SetMember(o.node, "x-go-edit", rule)
}

// settings returns the property of the response that has most of the sources, or "" for the
// response itself. given is the name in the overlay, or nil; except in an import it has to be
// given if several properties have the most.
func (m *Namer) settings(o operation, objects map[string]map[string]*yaml.Node, sources map[string]string, given *yaml.Node) string {
	if given != nil {
		if objects[given.Value] == nil {
			m.noteCorrection(given, "the response has no object %s", given.Value)
		} else {
			return given.Value
		}
	}
	best, unique := highest(objects, func(object string) (count int) {
		for _, source := range sources {
			if objects[object][source] != nil {
				count++
			}
		}
		return count
	})
	if !unique && best != "" && !m.imported {
		m.Errorf("%s: more than one object of the response could hold the settings of %s; name it in the overlay:\n%s",
			m.At(o.method), o.label, overlayAction(o.target(), "x-go-edit", "{settings: "+best+"}"))
	}
	return best
}
