package names

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

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
	operations := m.operations()
	for _, o := range operations {
		given := tree.Get(o.node, "x-go-settle")
		if o.method.Value != "post" {
			if given != nil {
				m.dropCorrection(o, "x-go-settle", "which is no POST")
			}
			continue
		}
		i := slices.IndexFunc(operations, func(list operation) bool {
			if given != nil {
				return tree.OperationID(list.node) == tree.Value(given, "list")
			}
			return list.path == o.path && list.method.Value == "get"
		})
		if i >= 0 {
			m.addSettle(o, operations[i], given)
		} else if given != nil {
			m.dropCorrection(o, "x-go-settle", "names no operation that lists what it made")
		}
	}
}

// addSettle writes the settleRule of an operation for a list. given is the x-go-settle of the
// overlay, or nil.
func (m *Namer) addSettle(o, list operation, given *yaml.Node) {
	rule := settleRule{List: list.name, Path: list.path.Value, Match: map[string]string{}, Created: "/created_at"}
	entries := m.entries(list.response)
	if given != nil {
		m.CheckFields(given, "x-go-settle", "list", "match")
		for entry, request := range tree.Entries(tree.Get(given, "match")) {
			rule.Match[entry.Value] = request.Value
		}
	} else if len(entries) == 1 {
		rule.Match = m.sharedScalars(entries[0], m.properties(o.body), m.editOf(o))
	}
	undated := slices.ContainsFunc(entries, func(entry *yaml.Node) bool { return m.properties(entry)["created_at"] == nil })
	if len(entries) > 0 && !undated && len(rule.Match) > 0 {
		m.SetMember(o.node, "x-go-settle", rule)
	} else if given != nil {
		m.dropCorrection(o, "x-go-settle", "has nothing to match, or the entries of the list have no created_at")
	}
}

// editOf returns the x-go-edit of the update of what an operation creates, or nil.
func (m *Namer) editOf(o operation) *yaml.Node {
	for _, update := range m.operations() {
		below, ok := strings.CutPrefix(update.path.Value, o.path.Value+"/{")
		if rule := tree.Get(update.node, "x-go-edit"); ok && rule != nil && strings.Count(below, "/") == 0 {
			return rule
		}
	}
	return nil
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
	objects, names := m.nestedProperties(entry), tree.Get(edit, "names")
	shared := func(object string) map[string]string {
		pointers, prefix := map[string]string{}, ""
		if object != "" {
			prefix = "/" + object
		}
		for name, property := range request {
			source := cmp.Or(tree.Value(names, name), name)
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
