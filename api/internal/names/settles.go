package names

import (
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
	"gopkg.in/yaml.v3"
)

// AddSettles writes into x-go-settle of a POST operation where what it made can
// be found, if it is not known whether it was carried out:
//
//	list    the operation that lists it: its id in the overlay, its Go name here
//	path    the path of that operation
//	match   by JSON pointer (RFC 6901) into an entry of the list, the pointer
//	        into the request to the value that it has
//	created the pointer into an entry to the time at which it was made
//
// The overlay gives list and match for what is listed elsewhere, as messages and
// calls are in logs. For a creation that a GET of the same path lists, all of it is
// found here: the texts, numbers and booleans that the request and the entries, or
// an object in them, have by the same name, but for secrets. A list whose entries
// have no created_at cannot tell what is new, and gives no rule.
func (m *Namer) AddSettles(root *yaml.Node) {
	if !m.checks {
		return
	}
	lists := map[string]*yaml.Node{}
	tree.EachPathOperation(root, func(_, _, operation *yaml.Node) { lists[tree.IDOf(operation)] = operation })
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		rule := tree.Get(operation, "x-go-settle")
		if method.Value != "post" {
			if rule != nil {
				m.Errorf("%s: x-go-settle of %s; expected it of a POST", m.At(rule), tree.OperationName(method, path))
			}
			return
		}
		list := tree.Get(tree.Get(tree.Get(root, "paths"), path.Value), "get")
		match := map[string]string{}
		if rule != nil {
			m.CheckFields(rule, "x-go-settle", "list", "match")
			given := tree.Get(rule, "list")
			if list = nil; given != nil {
				list = lists[given.Value]
			}
			if list == nil {
				m.Errorf("%s: x-go-settle of %s names no operation that lists what it made", m.At(rule), tree.OperationName(method, path))
				return
			}
			for entry, request := range tree.Entries(tree.Get(rule, "match")) {
				match[entry.Value] = request.Value
			}
		}
		variants := m.entries(root, list)
		created := m.created(variants)
		if rule == nil {
			match = m.shared(root, variants, m.target(root, jsonSchema(tree.Get(operation, "requestBody"))))
		}
		if created == "" || len(match) == 0 {
			if rule != nil {
				m.Errorf("%s: x-go-settle of %s: the entries of the list have no created_at, or there is nothing to match", m.At(rule), tree.OperationName(method, path))
			}
			return
		}
		made := &yaml.Node{Kind: yaml.MappingNode}
		set := func(name string, value *yaml.Node) {
			made.Content = append(made.Content, m.Text(name, method), value)
		}
		set("list", m.Text(m.goNameOf(tree.IDOf(list), list), method))
		pairs := &yaml.Node{Kind: yaml.MappingNode}
		for _, entry := range tree.SortedKeys(match) {
			pairs.Content = append(pairs.Content, m.Text(entry, method), m.Text(match[entry], method))
		}
		set("path", m.Text(pathOf(root, list), method))
		set("match", pairs)
		set("created", m.Text(created, method))
		tree.Remove(operation, "x-go-settle")
		operation.Content = append(operation.Content, m.Text("x-go-settle", method), made)
	})
}

// pathOf is the path that an operation is described under.
func pathOf(root, operation *yaml.Node) (found string) {
	tree.EachPathOperation(root, func(_, path, other *yaml.Node) {
		if other == operation {
			found = path.Value
		}
	})
	return found
}

// entries are the schemas that the entries of a list can have: those of the items
// of the array "data" of an object, or of each object in an array.
func (m *Namer) entries(root, list *yaml.Node) (variants []map[string]*yaml.Node) {
	if list == nil {
		return nil
	}
	page := m.target(root, success(list))
	if items := m.target(root, tree.Get(page, "items")); items != nil {
		page = items
	}
	item := m.target(root, tree.Get(m.target(root, m.properties(root, page)["data"]), "items"))
	for _, keyword := range []string{"oneOf", "anyOf"} {
		for _, variant := range tree.OrEmpty(tree.Get(item, keyword)).Content {
			variants = append(variants, m.properties(root, variant))
		}
	}
	if len(variants) == 0 && item != nil {
		variants = append(variants, m.properties(root, item))
	}
	return variants
}

// created is the pointer to the time that all variants of an entry have.
func (m *Namer) created(variants []map[string]*yaml.Node) string {
	for _, variant := range variants {
		if variant["created_at"] == nil {
			return ""
		}
	}
	if len(variants) == 0 {
		return ""
	}
	return "/created_at"
}

// shared are the pointers to what a request and the entries of a list have in
// common: members of the entries if the name is one, and otherwise of the object
// in them that has most.
func (m *Namer) shared(root *yaml.Node, variants []map[string]*yaml.Node, body *yaml.Node) map[string]string {
	if len(variants) != 1 || body == nil {
		return nil
	}
	objects := map[string]map[string]*yaml.Node{"": variants[0]}
	for name, property := range variants[0] {
		if inner := m.properties(root, property); len(inner) > 0 {
			objects["/"+name] = inner
		}
	}
	found := map[string]string{}
	most := 0
	for _, at := range tree.SortedKeys(objects) {
		pairs := map[string]string{}
		for name, property := range m.properties(root, body) {
			if other := objects[at][name]; name != "id" && other != nil && !secret(property) && m.scalar(root, property) && m.scalar(root, other) {
				pairs[at+"/"+name] = "/" + name
			}
		}
		if at == "" && pairs["/name"] != "" {
			return pairs
		}
		if len(pairs) > most {
			found, most = pairs, len(pairs)
		}
	}
	return found
}

// scalar reports whether a property is a text, number or boolean that comes back
// as it was sent; a time and a URL may not.
func (m *Namer) scalar(root, property *yaml.Node) bool {
	schema := m.target(root, property)
	kind, format := tree.Get(schema, "type"), tree.Get(schema, "format")
	if kind == nil || kind.Kind != yaml.ScalarNode || format != nil && strings.HasPrefix(format.Value, "date") {
		return false
	}
	return slices.Contains([]string{"string", "integer", "number", "boolean"}, kind.Value)
}
