package main

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// addEdits decides which updates can be edits, and writes into x-go-edit how
// one is made from what a read of the same resource returns:
//
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
func (m *merger) addEdits(root *yaml.Node) {
	if m.generator == nil {
		return
	}
	m.checkPuts(root)
	for path, item := range entries(get(root, "paths")) {
		read := get(item, "get")
		for method, update := range entries(item) {
			if method.Value != "put" && method.Value != "patch" {
				continue
			}
			if response, body := m.editable(root, item, read, update); response != nil {
				m.addEdit(root, method, path, update, response, body)
			} else if given := get(update, "x-go-edit"); given != nil {
				m.errorf("%s: x-go-edit of %s, which cannot be an edit", m.at(given), operationName(method, path))
			}
		}
	}
}

// checkPuts refuses an x-put that says nothing.
func (m *merger) checkPuts(root *yaml.Node) {
	eachPathOperation(root, func(method, path, operation *yaml.Node) {
		put := get(operation, "x-put")
		if put == nil {
			return
		}
		if method.Value != "put" || !slices.Contains([]string{"replaces", "merges", "unknown"}, put.Value) {
			m.errorf("%s: expected x-put of a PUT to be replaces, merges or unknown, found %s of %s", m.at(put), describe(put), operationName(method, path))
		}
	})
}

// editable returns the schemas of the response and of the body if the update can
// be an edit.
func (m *merger) editable(root, item, read, update *yaml.Node) (response, body *yaml.Node) {
	name, ok := strings.CutPrefix(m.goNameOf(idOf(update), update), "Update")
	if read == nil || !ok || name == "" {
		return nil, nil
	}
	for _, parameters := range []*yaml.Node{get(item, "parameters"), get(read, "parameters")} {
		for _, p := range orEmpty(parameters).Content {
			if in := get(p, "in"); in == nil || in.Value != "path" {
				return nil, nil
			}
		}
	}
	before, after := success(read), success(update)
	response, body = m.target(root, before), m.target(root, jsonSchema(get(update, "requestBody")))
	if response == nil || m.target(root, after) == nil || m.typeOf(root, before) != m.typeOf(root, after) {
		return nil, nil
	}
	if body == nil || get(body, "oneOf") != nil || get(body, "anyOf") != nil {
		return nil, nil
	}
	return response, body
}

// success is the schema of the JSON that an operation returns when it succeeds.
func success(operation *yaml.Node) *yaml.Node {
	for status, response := range entries(get(operation, "responses")) {
		if strings.HasPrefix(status.Value, "2") {
			return jsonSchema(response)
		}
	}
	return nil
}

func jsonSchema(n *yaml.Node) *yaml.Node {
	return get(get(get(n, "content"), "application/json"), "schema")
}

// target follows references to schemas.
func (m *merger) target(root, n *yaml.Node) *yaml.Node {
	for range 100 {
		ref := get(n, "$ref")
		if ref == nil {
			return n
		}
		name, _, _ := schemaOf(ref.Value)
		n = get(schemas(root), name)
	}
	return nil
}

// typeOf is the name of the Go type of a schema that is not described in place.
func (m *merger) typeOf(root, n *yaml.Node) string {
	if given := get(n, "x-go-type"); given != nil {
		return given.Value
	}
	ref := get(n, "$ref")
	if ref == nil {
		return ""
	}
	name, _, _ := schemaOf(ref.Value)
	schema := get(schemas(root), name)
	if given := get(schema, "x-go-type"); given != nil {
		return given.Value
	}
	return m.goNameOf(name, schema)
}

// properties are those of an object, with the ones of its allOf.
func (m *merger) properties(root, n *yaml.Node) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	var add func(n *yaml.Node, depth int)
	add = func(n *yaml.Node, depth int) {
		n = m.target(root, n)
		if n == nil || depth > 100 {
			return
		}
		for _, part := range orEmpty(get(n, "allOf")).Content {
			add(part, depth+1)
		}
		for name, value := range entries(get(n, "properties")) {
			found[name.Value] = value
		}
	}
	add(n, 0)
	return found
}

func (m *merger) addEdit(root, method, path, update, response, body *yaml.Node) {
	rule := get(update, "x-go-edit")
	m.checkFields(orEmpty(rule), "x-go-edit", "settings", "names")
	fields := m.properties(root, body)
	read := map[string]string{} // the member that has a field's value
	for name, property := range fields {
		if !secret(property) {
			read[name] = name
		}
	}
	for name, member := range entries(get(rule, "names")) {
		if fields[name.Value] == nil {
			m.errorf("%s: %s has no field %s to give a name of the response to", m.at(name), operationName(method, path), name.Value)
		}
		read[name.Value] = member.Value
	}

	objects := map[string]map[string]*yaml.Node{"": m.properties(root, response)}
	for name, property := range objects[""] {
		if inner := m.properties(root, property); len(inner) > 0 {
			objects[name] = inner
		}
	}
	settings, ok := m.settings(objects, read, get(rule, "settings"))
	if !ok {
		m.errorf("%s: more than one object of the response could hold the settings of %s; name it in the overlay:\n%s",
			m.at(method), operationName(method, path), overlayLines(method.Value, path.Value, "x-go-edit", "{settings: "+settings+"}"))
		return
	}
	for name, member := range entries(get(rule, "names")) {
		if objects[settings][member.Value] == nil {
			m.errorf("%s: the response to %s has no %s", m.at(member), operationName(method, path), strings.TrimPrefix(settings+"."+member.Value, "."))
		}
		if name.Value == member.Value {
			m.errorf("%s: %s has the same name in both; remove it", m.at(name), name.Value)
		}
	}

	made := &yaml.Node{Kind: yaml.MappingNode}
	set := func(name string, value *yaml.Node) {
		made.Content = append(made.Content, m.text(name, method), value)
	}
	if settings != "" {
		set("settings", m.text(settings, method))
	}
	if names := get(rule, "names"); names != nil {
		set("names", names)
	}
	writeOnly := &yaml.Node{Kind: yaml.SequenceNode}
	for _, name := range sortedKeys(fields) {
		if objects[settings][read[name]] == nil {
			writeOnly.Content = append(writeOnly.Content, m.text(name, method))
		}
	}
	if len(writeOnly.Content) > 0 {
		set("writeOnly", writeOnly)
	}
	full := "false"
	if put := get(update, "x-put"); method.Value == "put" && (put == nil || put.Value != "merges") {
		full = "true"
	}
	set("full", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: full})
	remove(update, "x-go-edit")
	update.Content = append(update.Content, m.text("x-go-edit", method), made)
}

// secret reports whether the value of a property is never shown.
func secret(property *yaml.Node) bool {
	tag := get(get(property, "x-oapi-codegen-extra-tags"), "sensitive")
	return tag != nil && tag.Value == "true"
}

// settings is the name of the object that has the members: the one that has all
// of them, or else the only one that has any. Otherwise it is the one that has
// most, and not sure.
func (m *merger) settings(objects map[string]map[string]*yaml.Node, read map[string]string, given *yaml.Node) (name string, sure bool) {
	if given != nil {
		if objects[given.Value] == nil {
			m.errorf("%s: the response has no object %s", m.at(given), given.Value)
		}
		return given.Value, true
	}
	var some, all []string
	most := 0
	for _, candidate := range sortedKeys(objects) {
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
	return name, m.intake != nil
}
