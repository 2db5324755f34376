package names

import (
	"cmp"
	"go/ast"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddLists writes an x-go-list into each operation that returns a list, for which the
// templates make iterators. It has
//
//	name  the part of the name of the iterators after "All", such as Things
//	item  the Go type of an item
//
// A list is a GET operation whose Go name begins with List or Search, and whose response is
// an object with an array called data. If two would have the same name, as ListThings and
// SearchThings, that of the second one is its Go name.
func (m *Namer) AddLists() {
	taken := map[string]bool{}
	w := m.newWalker()
	for _, prefix := range []string{"List", "Search"} {
		for _, o := range m.operations() {
			name, hasPrefix := strings.CutPrefix(o.name, prefix)
			items := w.listItems(o)
			if o.method.Value != "get" || !hasPrefix || !ast.IsExported(name) || items == nil {
				continue
			}
			if taken[name] {
				name = o.name
			}
			item := m.goType(items)
			if item == "" && tree.Has(items, "properties") { // an object without a name
				item = name + "Item"
				m.moveToComponents(items, item)
			}
			if canBeNil(item) {
				m.report.Note(report.Names, "%s (%s) has no iterators, as its items have no type of their own", o.label, m.At(items))
				continue
			}
			taken[name] = true
			m.SetMember(o.node, "x-go-list", struct{ Name, Item string }{name, item}).Style = yaml.FlowStyle
		}
	}
}

// listItems returns the schema of the items of the list that an operation returns, or nil.
func (w *walker) listItems(o operation) *yaml.Node {
	list, _ := w.declaration(o.response)
	return tree.Get(w.resolve(w.properties(list)["data"]), "items")
}

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
			m.dropCorrection(o, "x-go-edit", "the operation is not an update of an object that a GET of its path returns")
		}
	}
}

// addEdit writes the editRule of an update. response is what the read returns, and given
// the x-go-edit of the overlay or nil.
func (m *Namer) addEdit(o operation, response, body, given *yaml.Node) {
	m.CheckFields(tree.NonNil(given), "x-go-edit", "settings", "names")
	rule := editRule{Name: "Edit" + strings.TrimPrefix(o.name, "Update"), Names: map[string]string{}}
	rule.Full = o.method.Value == "put" && tree.Value(o.node, "x-put") != "merges"
	for name, source := range tree.Entries(tree.Get(given, "names")) {
		rule.Names[name.Value] = source.Value
	}
	fields, objects := m.properties(body), m.nestedProperties(response)
	canRead := func(object, name string) bool {
		source := cmp.Or(rule.Names[name], name)
		return objects[object][source] != nil && (source != name || !isSecret(fields[name]))
	}
	best, isUnique := highest(objects, func(object string) (count int) {
		for name := range fields {
			count += int(score(canRead(object, name)))
		}
		return count
	})
	rule.Settings = best
	if name := tree.Get(given, "settings"); name != nil && objects[name.Value] != nil {
		rule.Settings = name.Value
	} else if name != nil {
		m.noteCorrection(name, "the response has no object %s", name.Value)
	} else if !isUnique && best != "" && !m.imported {
		m.Errorf("%s: more than one object of the response could hold the settings of %s; name it in the overlay:\n%s",
			m.At(o.method), o.label, overlayAction(o.target(), "x-go-edit", "{settings: "+best+"}"))
	}
	for name := range tree.Entries(tree.Get(given, "names")) {
		if fields[name.Value] == nil || !canRead(rule.Settings, name.Value) {
			m.noteCorrection(name, "%s has no field %s, or its response no %s", o.label, name.Value, rule.Names[name.Value])
			delete(rule.Names, name.Value)
		}
	}
	for _, name := range tree.SortedKeys(fields) {
		if !canRead(rule.Settings, name) {
			rule.WriteOnly = append(rule.WriteOnly, name)
		}
	}
	m.SetMember(o.node, "x-go-edit", rule)
}

// settleRule is the content of x-go-settle of a POST, with which the client finds out
// whether a request without a response was carried out: a list has an entry that is new
// and has the values that were sent.
type settleRule struct {
	// List is the operation that returns the list: its operationId in the overlay, its Go
	// name here.
	List string
	// Path is the path of that operation.
	Path string
	// Match has the values to compare: JSON pointers (RFC 6901) into the request, by
	// pointers into an entry of the list.
	Match map[string]string
	// Created is the pointer to the time of creation in an entry.
	Created string
}

// AddSettles writes a settleRule into each POST operation for which there is one. If a GET
// of the same path lists what the operation creates, the rule compares all strings,
// numbers and booleans that the request and the entries have by the same name, or at the
// place that the x-go-edit of the update says. Otherwise the overlay can have an x-go-settle
// with list and match: messages and calls, for example, are listed in logs. The entries of
// the list need a property created_at.
func (m *Namer) AddSettles() {
	operations, edits := m.operations(), map[string]*yaml.Node{}
	for _, o := range operations {
		rule := tree.Get(o.node, "x-go-edit")
		list, last := path.Split(o.path.Value)
		if rule != nil && strings.HasPrefix(last, "{") && edits[list] == nil {
			edits[list] = rule
		}
	}
	for _, o := range operations {
		given := tree.Get(o.node, "x-go-settle")
		i := slices.IndexFunc(operations, func(list operation) bool {
			if given != nil {
				return tree.OperationID(list.node) == tree.Value(given, "list")
			}
			return list.path == o.path && list.method.Value == "get"
		})
		problem := ""
		switch {
		case o.method.Value != "post":
			problem = "the operation is not a POST"
		case i < 0:
			problem = "no operation lists what it creates"
		case !m.addSettle(o, operations[i], given, edits[o.path.Value+"/"]):
			problem = "the request and the entries of the list have no values in common, or the entries have no created_at"
		}
		if problem != "" && given != nil {
			m.dropCorrection(o, "x-go-settle", problem)
		}
	}
}

// addSettle writes the settleRule of an operation for a list, and reports whether there is one.
// given is the x-go-settle of the overlay, and edit the x-go-edit of the update; both can be nil.
func (m *Namer) addSettle(o, list operation, given, edit *yaml.Node) bool {
	rule := settleRule{List: list.name, Path: list.path.Value, Match: map[string]string{}, Created: "/created_at"}
	entries := m.entries(list.response)
	if given != nil {
		m.CheckFields(given, "x-go-settle", "list", "match")
		for entry, request := range tree.Entries(tree.Get(given, "match")) {
			rule.Match[entry.Value] = request.Value
		}
	} else if len(entries) == 1 {
		rule.Match = m.sharedScalars(entries[0], m.properties(o.body), edit)
	}
	isUndated := func(entry *yaml.Node) bool { return m.properties(entry)["created_at"] == nil }
	if len(rule.Match) == 0 || slices.ContainsFunc(entries, isUndated) {
		return false
	}
	m.SetMember(o.node, "x-go-settle", rule)
	return true
}

// entries returns the schemas of the entries of a list: the variants of the items of the
// array data in the response, or these items themselves.
func (m *Namer) entries(response *yaml.Node) []*yaml.Node {
	entry := m.resolve(tree.Get(m.resolve(m.properties(response)["data"]), "items"))
	if variants := tree.Variants(entry); len(variants) > 0 {
		return variants
	}
	return []*yaml.Node{entry}
}

// sharedScalars returns the pointers to the scalars that a request and the entries of a
// list have in common, by the pointers into an entry. They are where edit, an x-go-edit or
// nil, has the settings. If there are none, they are in the entry itself if it has the name
// in the request, or else in the object of the entry that has most.
func (m *Namer) sharedScalars(entry *yaml.Node, request map[string]*yaml.Node, edit *yaml.Node) map[string]string {
	objects := m.nestedProperties(entry)
	shared := func(object string) map[string]string {
		pointers, prefix := map[string]string{}, ""
		if object != "" {
			prefix = "/" + object
		}
		for name, property := range request {
			source := cmp.Or(tree.Value(edit, "names", name), name)
			if name != "id" && !isSecret(property) && m.isComparable(property) && m.isComparable(objects[object][source]) {
				pointers[prefix+"/"+source] = "/" + name
			}
		}
		return pointers
	}
	if settings := shared(tree.Value(edit, "settings")); edit != nil && len(settings) > 0 {
		return settings
	}
	if own := shared(""); own["/name"] != "" {
		return own
	}
	best, _ := highest(objects, func(object string) int { return len(shared(object)) })
	return shared(best)
}

// isComparable reports whether a property is a scalar that a response has as it was sent.
// Times may be in another format.
func (m *Namer) isComparable(property *yaml.Node) bool {
	schema := m.resolve(property)
	return scalarTypes[tree.Value(schema, "type")] != "" && !strings.HasPrefix(tree.Value(schema, "format"), "date")
}
