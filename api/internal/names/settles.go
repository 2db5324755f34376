package names

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// settleRule is what x-go-settle says of a POST: where what it made can be found, if
// it is not known whether it was carried out.
type settleRule struct {
	// List is the operation that lists it: its id in the overlay, its Go name here.
	List string
	// Path is the path of that operation.
	Path string
	// Match has by JSON pointer (RFC 6901) into an entry of the list the pointer
	// into the request to the value that it has.
	Match map[string]string
	// Created is the pointer into an entry to the time at which it was made.
	Created string
}

// AddSettles writes into x-go-settle of a POST operation how it is settled; see
// settleRule. The overlay gives list and match for what is listed elsewhere, as
// messages and calls are in logs. For a creation that a GET of the same path lists,
// all of it is found here: the strings, numbers and booleans that the request and
// the entries, or an object in them, have by the same name, but for secrets. A list
// whose entries have no created_at cannot tell what is new, and gives no rule.
func (m *Namer) AddSettles() {
	operations := m.operations()
	for _, o := range operations {
		given := tree.Get(o.node, "x-go-settle")
		if o.method.Value != "post" {
			if given != nil {
				m.Errorf("%s: x-go-settle of %s; expected it of a POST", m.At(given), o.what)
			}
			continue
		}
		i := slices.IndexFunc(operations, func(other operation) bool {
			if given != nil {
				return tree.OperationID(other.node) == tree.Value(given, "list")
			}
			return other.path == o.path && other.method.Value == "get"
		})
		if i < 0 {
			if given != nil {
				m.Errorf("%s: x-go-settle of %s names no operation that lists what it made", m.At(given), o.what)
			}
			continue
		}
		rule := settleRule{List: operations[i].name, Path: operations[i].path.Value, Match: map[string]string{}, Created: "/created_at"}
		entries := m.entries(operations[i].response)
		if given != nil {
			m.CheckFields(given, "x-go-settle", "list", "match")
			for entry, request := range tree.Entries(tree.Get(given, "match")) {
				rule.Match[entry.Value] = request.Value
			}
		} else if len(entries) == 1 {
			rule.Match = m.shared(entries[0], m.properties(o.body))
		}
		undated := slices.ContainsFunc(entries, func(entry *yaml.Node) bool { return m.properties(entry)["created_at"] == nil })
		if len(entries) > 0 && !undated && len(rule.Match) > 0 {
			m.SetMember(o.node, "x-go-settle", rule)
		} else if given != nil {
			m.Errorf("%s: x-go-settle of %s: the entries of the list have no created_at, or there is nothing to match", m.At(given), o.what)
		}
	}
}

// entries are the schemas that the entries of a list can have: those of the items
// of the array "data" of an object, or of each object in an array.
func (m *Namer) entries(response *yaml.Node) []*yaml.Node {
	page := m.target(response)
	if items := tree.Get(page, "items"); items != nil {
		page = items
	}
	item := m.target(tree.Get(m.target(m.properties(page)["data"]), "items"))
	if variants := variantsOf(item); len(variants) > 0 || item == nil {
		return variants
	}
	return []*yaml.Node{item}
}

// shared are the pointers to what a request and the entries of a list have in
// common: members of the entries if the name is one, and otherwise of the object
// in them that has most.
func (m *Namer) shared(entry *yaml.Node, request map[string]*yaml.Node) map[string]string {
	objects := m.objects(entry)
	pairs := func(object string) map[string]string {
		found, at := map[string]string{}, ""
		if object != "" {
			at = "/" + object
		}
		for name, property := range request {
			if name != "id" && !secret(property) && m.comesBack(property) && m.comesBack(objects[object][name]) {
				found[at+"/"+name] = "/" + name
			}
		}
		return found
	}
	if found := pairs(""); found["/name"] != "" {
		return found
	}
	most, _ := fullest(objects, func(object string) int { return len(pairs(object)) })
	return pairs(most)
}

// comesBack reports whether a property is a string, number or boolean that comes
// back as it was sent; a time may not.
func (m *Namer) comesBack(property *yaml.Node) bool {
	schema := m.target(property)
	return scalars[tree.Value(schema, "type")] != "" && !strings.HasPrefix(tree.Value(schema, "format"), "date")
}
