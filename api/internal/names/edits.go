package names

import (
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"gopkg.in/yaml.v3"
)

// AddEdits decides which updates can be edits, and writes into x-go-edit how
// one is made from what a read of the same resource returns:
//
//	name       the method
//	settings   the member of the response that holds what can be set; absent if
//	           they are members of the response itself
//	names      by field of the update, the member that has its value, if the two
//	           have different names
//	writeOnly  the fields of the update that cannot be taken from the response:
//	           secrets, and those that it does not have
//	full       whether the update repeats what does not change: PUT, unless
//	           x-put says that the server merges
//
// The overlay gives the names. It gives the settings, too, where the response
// has more than one object that they could be in; that is an error otherwise. An
// update can be an edit if a GET of its path takes nothing else and returns the
// same type, and its body is an object. The templates make the Edit method.
func (m *Namer) AddEdits(root *yaml.Node) {
	if !m.checks {
		return
	}
	m.checkPuts(root)
	for path, item := range tree.Entries(tree.Get(root, "paths")) {
		read := tree.Get(item, "get")
		for method, update := range tree.Entries(item) {
			if method.Value != "put" && method.Value != "patch" {
				continue
			}
			if response, body := m.editable(root, item, read, update); response != nil {
				m.addEdit(root, method, path, update, response, body)
			} else if given := tree.Get(update, "x-go-edit"); given != nil {
				m.Errorf("%s: x-go-edit of %s, which cannot be an edit", m.At(given), tree.OperationName(method, path))
			}
		}
	}
}

// checkPuts refuses an x-put that says nothing.
func (m *Namer) checkPuts(root *yaml.Node) {
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		put := tree.Get(operation, "x-put")
		if put == nil {
			return
		}
		if method.Value != "put" || !slices.Contains([]string{"replaces", "merges", "unknown"}, put.Value) {
			m.Errorf("%s: expected x-put of a PUT to be replaces, merges or unknown, found %s of %s", m.At(put), tree.Describe(put), tree.OperationName(method, path))
		}
	})
}

// editable returns the schemas of the response and of the body if the update can
// be an edit.
func (m *Namer) editable(root, item, read, update *yaml.Node) (response, body *yaml.Node) {
	if read == nil || editName(m.goNameOf(tree.IDOf(update), update)) == "" {
		return nil, nil
	}
	for _, parameters := range []*yaml.Node{tree.Get(item, "parameters"), tree.Get(read, "parameters")} {
		for _, p := range tree.OrEmpty(parameters).Content {
			if in := tree.Get(p, "in"); in == nil || in.Value != "path" {
				return nil, nil
			}
		}
	}
	before, after := success(read), success(update)
	response, body = m.target(root, before), m.target(root, jsonSchema(tree.Get(update, "requestBody")))
	if response == nil || m.target(root, after) == nil || m.typeOf(root, before) != m.typeOf(root, after) {
		return nil, nil
	}
	if body == nil || tree.Get(body, "oneOf") != nil || tree.Get(body, "anyOf") != nil {
		return nil, nil
	}
	return response, body
}

// editName is the name of the edit that an update of a name can be, or "".
func editName(update string) string {
	if what, ok := strings.CutPrefix(update, "Update"); ok && what != "" {
		return "Edit" + what
	}
	return ""
}

// success is the schema of the JSON that an operation returns when it succeeds.
func success(operation *yaml.Node) *yaml.Node {
	for status, response := range tree.Entries(tree.Get(operation, "responses")) {
		if schema := jsonSchema(response); schema != nil && strings.HasPrefix(status.Value, "2") {
			return schema
		}
	}
	return nil
}

// jsonSchema is the schema of a body, which has one media type.
func jsonSchema(n *yaml.Node) *yaml.Node {
	for _, media := range tree.Entries(tree.Get(n, "content")) {
		return tree.Get(media, "schema")
	}
	return nil
}

// target follows references to schemas.
func (m *Namer) target(root, n *yaml.Node) *yaml.Node {
	for range 100 {
		ref := tree.Get(n, "$ref")
		if ref == nil {
			return n
		}
		name, _, _ := tree.SchemaOf(ref.Value)
		n = tree.Get(tree.Schemas(root), name)
	}
	return nil
}

// typeOf is the name of the Go type of a schema that is not described in place.
func (m *Namer) typeOf(root, n *yaml.Node) string {
	if given := tree.Get(n, "x-go-type"); given != nil {
		return given.Value
	}
	ref := tree.Get(n, "$ref")
	if ref == nil {
		return ""
	}
	name, _, _ := tree.SchemaOf(ref.Value)
	schema := tree.Get(tree.Schemas(root), name)
	if given := tree.Get(schema, "x-go-type"); given != nil {
		return given.Value
	}
	return m.goNameOf(name, schema)
}

// properties are those of an object, with the ones of its allOf.
func (m *Namer) properties(root, n *yaml.Node) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	var add func(n *yaml.Node, depth int)
	add = func(n *yaml.Node, depth int) {
		n = m.target(root, n)
		if n == nil || depth > 100 {
			return
		}
		for _, part := range tree.OrEmpty(tree.Get(n, "allOf")).Content {
			add(part, depth+1)
		}
		for name, value := range tree.Entries(tree.Get(n, "properties")) {
			found[name.Value] = value
		}
	}
	add(n, 0)
	return found
}

func (m *Namer) addEdit(root, method, path, update, response, body *yaml.Node) {
	rule := tree.Get(update, "x-go-edit")
	m.CheckFields(tree.OrEmpty(rule), "x-go-edit", "settings", "names")
	fields := m.properties(root, body)
	read := map[string]string{} // the member that has a field's value
	for name, property := range fields {
		if !secret(property) {
			read[name] = name
		}
	}
	for name, member := range tree.Entries(tree.Get(rule, "names")) {
		if fields[name.Value] == nil {
			m.Errorf("%s: %s has no field %s to give a name of the response to", m.At(name), tree.OperationName(method, path), name.Value)
		}
		read[name.Value] = member.Value
	}

	objects := map[string]map[string]*yaml.Node{"": m.properties(root, response)}
	for name, property := range objects[""] {
		if inner := m.properties(root, property); len(inner) > 0 {
			objects[name] = inner
		}
	}
	settings, ok := m.settings(objects, read, tree.Get(rule, "settings"))
	if !ok {
		m.Errorf("%s: more than one object of the response could hold the settings of %s; name it in the overlay:\n%s",
			m.At(method), tree.OperationName(method, path), overlayLines(method.Value, path.Value, "x-go-edit", "{settings: "+settings+"}"))
		return
	}
	for name, member := range tree.Entries(tree.Get(rule, "names")) {
		if objects[settings][member.Value] == nil {
			m.Errorf("%s: the response to %s has no %s", m.At(member), tree.OperationName(method, path), strings.TrimPrefix(settings+"."+member.Value, "."))
		}
		if name.Value == member.Value {
			m.Errorf("%s: %s has the same name in both; remove it", m.At(name), name.Value)
		}
	}

	made := &yaml.Node{Kind: yaml.MappingNode}
	set := func(name string, value *yaml.Node) {
		made.Content = append(made.Content, m.Text(name, method), value)
	}
	set("name", m.Text(editName(m.goNameOf(tree.IDOf(update), update)), method))
	if settings != "" {
		set("settings", m.Text(settings, method))
	}
	if names := tree.Get(rule, "names"); names != nil {
		set("names", names)
	}
	writeOnly := &yaml.Node{Kind: yaml.SequenceNode}
	for _, name := range tree.SortedKeys(fields) {
		if objects[settings][read[name]] == nil {
			writeOnly.Content = append(writeOnly.Content, m.Text(name, method))
		}
	}
	if len(writeOnly.Content) > 0 {
		set("writeOnly", writeOnly)
	}
	full := "false"
	if put := tree.Get(update, "x-put"); method.Value == "put" && (put == nil || put.Value != "merges") {
		full = "true"
	}
	set("full", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: full})
	tree.Remove(update, "x-go-edit")
	update.Content = append(update.Content, m.Text("x-go-edit", method), made)
}

// secret reports whether the value of a property is never shown.
func secret(property *yaml.Node) bool {
	tag := tree.Get(tree.Get(property, "x-oapi-codegen-extra-tags"), "sensitive")
	return tag != nil && tag.Value == "true"
}

// settings is the name of the object that has the members: the one that has all
// of them, or else the only one that has any. Otherwise it is the one that has
// most, and not sure.
func (m *Namer) settings(objects map[string]map[string]*yaml.Node, read map[string]string, given *yaml.Node) (name string, sure bool) {
	if given != nil {
		if objects[given.Value] == nil {
			m.Errorf("%s: the response has no object %s", m.At(given), given.Value)
		}
		return given.Value, true
	}
	var some, all []string
	most := 0
	for _, candidate := range tree.SortedKeys(objects) {
		held := 0
		for _, member := range read {
			if objects[candidate][member] != nil {
				held++
			}
		}
		if held > 0 {
			some = append(some, candidate)
		}
		if held == len(read) {
			all = append(all, candidate)
		}
		if held > most {
			name, most = candidate, held
		}
	}
	switch {
	case len(all) == 1:
		return all[0], true
	case len(some) == 1:
		return some[0], true
	}
	return name, m.report != nil
}
