package signalwiretest

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// state is the data that a Space stores.
type state struct {
	items  map[string]*item // by path
	shapes map[string]bool  // of all items that were ever stored
	stored int              // how many items were ever stored, which gives their order
	made   int              // how many ids were made up
}

// item is a stored resource, or a singleton such as a profile.
type item struct {
	path       string
	shape      string // the path with {} in place of each parameter
	collection string // the path of the list in which the item was created, or ""
	order      int    // lists are sorted by it
	object     map[string]any
}

// clone returns a deep copy of the state.
func (st *state) clone() *state {
	c := *st
	c.items, c.shapes = make(map[string]*item, len(st.items)), maps.Clone(st.shapes)
	for path, it := range st.items {
		copied := *it
		copied.object = cloned(it.object).(map[string]any)
		c.items[path] = &copied
	}
	return &c
}

// put stores an item and returns it. If there is an item at the same path, the new one
// replaces it and takes its place in lists.
func (st *state) put(it *item) *item {
	if old := st.items[it.path]; old != nil {
		it.order, it.collection = old.order, old.collection
	} else {
		st.stored++
		it.order = st.stored
	}
	st.items[it.path], st.shapes[it.shape] = it, true
	return it
}

// remove deletes an item, and all items that are or were created below its path or its
// alias.
func (st *state) remove(d *description, it *item) {
	alias := d.alias(it)
	isBelow := func(path string) bool {
		return strings.HasPrefix(path, it.path+"/") || alias != "" && strings.HasPrefix(path, alias+"/")
	}
	maps.DeleteFunc(st.items, func(path string, other *item) bool {
		return other == it || isBelow(path) || isBelow(other.collection)
	})
}

// up returns a path without its last segments; segments is their number.
func up(path string, segments int) string {
	for range segments {
		path = path[:max(strings.LastIndexByte(path, '/'), 0)]
	}
	return path
}

// last returns the last segment of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// alias returns the second path of an item, which lacks the segment that names the type
// of the resource, or "" if the API has no such path. An example is
// /api/fabric/resources/{id}, for an item at /api/fabric/resources/sip_gateways/{id}.
func (d *description) alias(it *item) string {
	if d.byShape[d.aliasShape(it.shape)] == nil {
		return ""
	}
	return up(it.path, 2) + "/" + last(it.path)
}

// aliasShape returns the shape of the alias of an item, given the shape of its path. It returns
// "" for a path that is not that of an item, such as that of a singleton, or that the API does
// not have.
func (d *description) aliasShape(shape string) string {
	if last(shape) != "{}" || d.byShape[shape] == nil {
		return ""
	}
	return up(shape, 2) + "/{}"
}

// isIn reports whether an item is in the list at a path: it was created there, or its
// path or its alias is directly below. A singleton is in no list.
func (d *description) isIn(it *item, path string) bool {
	return it.collection == path || last(it.shape) == "{}" && up(it.path, 1) == path || up(d.alias(it), 1) == path
}

// list returns the items of the list at a path, in the order in which they were first
// stored.
func (st *state) list(d *description, path string) (all []*item) {
	for _, it := range st.items {
		if d.isIn(it, path) {
			all = append(all, it)
		}
	}
	slices.SortFunc(all, func(a, b *item) int { return a.order - b.order })
	return all
}

// lookUp returns the item at a path, or nil. The path is that of the item or its alias,
// or it ends in the value that the member field of the item has, as in
// /api/video/rooms/{name}. If several items have that value, lookUp returns the one
// that was stored first.
func (st *state) lookUp(d *description, path, field string) (found *item) {
	if it := st.items[path]; it != nil {
		return it
	}
	list, id := up(path, 1), last(path)
	for _, kind := range d.kinds {
		if it := st.items[list+"/"+kind+"/"+id]; it != nil && d.alias(it) == path {
			return it
		}
	}
	for _, it := range st.items {
		if value := text(it.object[field]); value == "" || value != id && url.PathEscape(value) != id {
			continue
		}
		if d.isIn(it, list) && (found == nil || it.order < found.order) {
			found = it
		}
	}
	return found
}

// text returns v if it is a string, and "" otherwise.
func text(v any) string {
	s, _ := v.(string)
	return s
}

// lacksParent reports whether a path is below an item that does not exist. It reports
// false if the API has no path for such items, or if the Space never had one of that type:
// a test need not put a subscriber in order to use a SIP credential of that subscriber.
func (st *state) lacksParent(d *description, shape, path string) bool {
	shapes, segments := strings.Split(shape, "/"), strings.Split(path, "/")
	for i := range len(shapes) - 1 {
		kind, parent := strings.Join(shapes[:i+1], "/"), strings.Join(segments[:i+1], "/")
		if shapes[i] != "{}" || d.byShape[kind] == nil || st.lookUp(d, parent, "id") != nil {
			continue
		}
		for had := range st.shapes {
			if had == kind || d.aliasShape(had) == kind {
				return true
			}
		}
	}
	return false
}

// fillPath returns a shape with its parameters replaced by values, which it escapes.
// UUIDs are written in their canonical form.
func fillPath(shape string, values ...string) string {
	for _, value := range values {
		if id, err := uuid.Parse(value); err == nil && len(value) == 36 {
			value = id.String()
		}
		shape = strings.Replace(shape, "{}", url.PathEscape(value), 1)
	}
	return shape
}

// fill adds the members of from that into lacks, also in nested objects.
func fill(into, from map[string]any) {
	for name, value := range from {
		old, there := into[name]
		inner, isObject := old.(map[string]any)
		if more, both := value.(map[string]any); both && isObject {
			fill(inner, more)
		} else if !there {
			into[name] = value
		}
	}
}
