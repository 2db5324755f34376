package signalwiretest

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// state is what a Space has.
type state struct {
	items  map[string]*item // by path
	stored int              // how many items there ever were, which gives their order
	made   int              // how many ids were made up
}

// item is a resource, or the only one there is of a kind.
type item struct {
	path       string
	shape      string // of the path
	collection string // path of the list in which it was created
	order      int
	object     map[string]any
}

func (st *state) clone() *state {
	c := *st
	c.items = make(map[string]*item, len(st.items))
	for path, it := range st.items {
		copied := *it
		copied.object = cloned(it.object).(map[string]any)
		c.items[path] = &copied
	}
	return &c
}

// put stores an item, in the place of the one that is there already.
func (st *state) put(it *item) *item {
	if old := st.items[it.path]; old != nil {
		it.order, it.collection = old.order, old.collection
	} else {
		st.stored++
		it.order = st.stored
	}
	st.items[it.path] = it
	return it
}

// remove removes an item and what is below it.
func (st *state) remove(it *item) {
	maps.DeleteFunc(st.items, func(path string, _ *item) bool {
		return path == it.path || strings.HasPrefix(path, it.path+"/")
	})
}

// up returns a path without its last segments, and last the last one.
func up(path string, segments int) string {
	for range segments {
		path = path[:max(strings.LastIndexByte(path, '/'), 0)]
	}
	return path
}

func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// alias is a second path that an item has, without the segment that names its
// kind, if the API has such paths: /api/fabric/resources/{id}.
func (d *description) alias(it *item) string {
	if d.byShape[it.shape] == nil || d.byShape[up(it.shape, 2)+"/{}"] == nil {
		return ""
	}
	return up(it.path, 2) + "/" + last(it.path)
}

// isIn reports whether an item is in the list at a path.
func (d *description) isIn(it *item, path string) bool {
	return it.collection == path || up(it.path, 1) == path || up(d.alias(it), 1) == path
}

// list returns the items of the list at a path, in the order in which they
// were first stored.
func (st *state) list(d *description, path string) (all []*item) {
	for _, it := range st.items {
		if d.isIn(it, path) {
			all = append(all, it)
		}
	}
	slices.SortFunc(all, func(a, b *item) int { return a.order - b.order })
	return all
}

// lookUp returns the item at a path, by its own path, by its alias, or by a
// field that has the value that the path ends in (/api/video/rooms/{name});
// nil if there is none.
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

func text(v any) string {
	s, _ := v.(string)
	return s
}

// lacksParent reports whether a path is below an item that does not exist. That
// is known only of kinds that are described and of which the Space has some: a
// test need not put a subscriber in order to have a SIP credential of it.
func (st *state) lacksParent(d *description, shape, path string) bool {
	shapes, segments := strings.Split(shape, "/"), strings.Split(path, "/")
	for i := range len(shapes) - 1 {
		kind, parent := strings.Join(shapes[:i+1], "/"), strings.Join(segments[:i+1], "/")
		if shapes[i] != "{}" || d.byShape[kind] == nil || st.lookUp(d, parent, "id") != nil {
			continue
		}
		for _, it := range st.items {
			if it.shape == kind || d.alias(it) != "" && up(it.shape, 2)+"/{}" == kind {
				return true
			}
		}
	}
	return false
}

// fillPath puts values into the place of a shape's parameters, UUIDs in their
// canonical form.
func fillPath(shape string, values ...string) string {
	for _, value := range values {
		if id, err := uuid.Parse(value); err == nil && len(value) == 36 {
			value = id.String()
		}
		shape = strings.Replace(shape, "{}", url.PathEscape(value), 1)
	}
	return shape
}

// fill adds to an object what it lacks of another.
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
