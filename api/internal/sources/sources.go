// Package sources keeps our own descriptions up to date: it makes in them what
// changed between two published states. What they say in words of ours, and in
// another way than what is published, stays as it is.
package sources

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/overlay"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Source is one of our own descriptions, with the base path of its server.
type Source struct {
	Root *yaml.Node
	Base string
}

// Updater makes changes in our own descriptions.
type Updater struct {
	*tree.Set
	Notes   []string          // what could not be made, for a person
	Renamed map[string]string // the schemas that have another name now
	Moved   map[string]string // the paths of operations that have another now
	added   []addition
}

// addition is something new, and where it is, as JSONPath.
type addition struct {
	at   string
	node *yaml.Node
}

// Update makes in the sources what changed from the published state old to new,
// and moves to them the words that were written, if written has a name. What is
// new goes where its path or its uses are: to the last source whose base its path
// begins with.
func (u *Updater) Update(old, new *yaml.Node, sources []Source, written tree.File) {
	u.Renamed, u.Moved = renamed(old, new), map[string]string{}
	for _, s := range sources {
		eachPath(s.Root, func(path *yaml.Node) { path.Value = s.Base + path.Value })
		if written.Name != "" {
			overlay.Apply(u.Set, s.Root, written, &report.Report{})
		}
		tree.RenameSchemas(s.Root, u.Renamed)
	}
	tree.RenameSchemas(old, u.Renamed)
	u.paths(old, new, sources)
	gone := map[string]*yaml.Node{}
	for _, s := range sources {
		u.schemas(tree.Schemas(old), tree.Schemas(new), tree.Schemas(s.Root), gone)
	}
	for _, s := range sources {
		u.complete(s.Root, sources, tree.Schemas(new), gone)
		u.fillIn(s.Root)
	}
	for _, s := range sources {
		eachPath(s.Root, func(path *yaml.Node) { path.Value = strings.TrimPrefix(path.Value, s.Base) })
	}
	for _, key := range []string{"security", "servers"} {
		if d := tree.Difference(tree.Get(old, key), tree.Get(new, key)); d != "" {
			u.note("$."+key, d)
		}
	}
}

func eachPath(root *yaml.Node, visit func(path *yaml.Node)) {
	for path := range tree.Entries(tree.Get(root, "paths")) {
		visit(path)
	}
}

func (u *Updater) note(at, what string) { u.Notes = append(u.Notes, fmt.Sprintf("`%s`%s", at, what)) }

// Rename makes a text, such as an overlay, call schemas and paths as they are
// called now.
func (u *Updater) Rename(text []byte) []byte {
	rename := func(names map[string]string, before, after string) {
		for _, name := range tree.SortedKeys(names) {
			word := regexp.MustCompile(before + regexp.QuoteMeta(name) + after)
			text = word.ReplaceAll(text, []byte("${1}"+names[name]+"${2}"))
		}
	}
	rename(u.Renamed, `(^|[^\w.])`, `([^\w.]|$)`)
	rename(u.Moved, `(['"])`, `(['"])`)
	return text
}

// renamed relates the schemas that went to those that came and say the same.
func renamed(old, new *yaml.Node) map[string]string {
	before, after := tree.Index(tree.Schemas(old)), tree.Index(tree.Schemas(new))
	to, taken := map[string]string{}, map[string]bool{}
	related := tree.SameMeaning(tree.Schemas(new), tree.Schemas(old))
	for _, name := range tree.SortedKeys(related) {
		if _, stays := after[name]; stays {
			continue
		}
		for _, other := range tree.SortedKeys(related[name]) {
			if _, known := before[other]; !known && to[name] == "" && !taken[other] {
				to[name], taken[other] = other, true
			}
		}
	}
	return to
}

// paths makes what changed of paths and operations. An operation with the id of one
// that is gone has moved.
func (u *Updater) paths(old, new *yaml.Node, sources []Source) {
	before, after := tree.Index(tree.Get(old, "paths")), tree.Index(tree.Get(new, "paths"))
	owner := func(path string) *yaml.Node {
		found := sources[0].Root
		for _, s := range sources {
			if tree.Get(tree.Get(s.Root, "paths"), path) != nil {
				return s.Root
			}
			if strings.HasPrefix(path, s.Base+"/") {
				found = s.Root
			}
		}
		return found
	}
	type origin struct {
		path            string
		published, ours *yaml.Node
	}
	gone := map[string]origin{} // by id
	for _, path := range tree.SortedKeys(before) {
		paths := tree.Get(owner(path), "paths")
		for method, operation := range tree.Entries(before[path].Value) {
			if tree.Methods[method.Value] && tree.Get(after[path].Value, method.Value) == nil {
				item := tree.Get(paths, path)
				gone[tree.IDOf(operation)] = origin{path, operation, tree.Get(item, method.Value)}
				tree.Remove(item, method.Value)
			}
		}
		if _, stays := after[path]; !stays {
			tree.Remove(paths, path)
		}
	}
	for _, path := range tree.SortedKeys(after) {
		paths := tree.Get(owner(path), "paths")
		item := tree.Get(paths, path)
		if item == nil {
			item = u.Mapping(path, paths)
		}
		for method, operation := range tree.Entries(after[path].Value) {
			at := fmt.Sprintf("$.paths['%s'].%s", path, method.Value)
			was, ours := tree.Get(before[path].Value, method.Value), tree.Get(item, method.Value)
			if from, moved := gone[tree.IDOf(operation)]; was == nil && moved && from.ours != nil {
				was, ours = from.published, from.ours
				if _, stays := after[from.path]; !stays {
					u.Moved[from.path] = path
				}
				item.Content = append(item.Content, method, ours)
			}
			u.member(at, item, method.Value, was, operation, ours)
		}
	}
}

// schemas makes what changed of schemas, and moves to gone those that are.
func (u *Updater) schemas(old, new, ours *yaml.Node, gone map[string]*yaml.Node) {
	after := tree.Index(new)
	for name, was := range tree.Entries(old) {
		if is := tree.Get(ours, name.Value); is != nil && after[name.Value].Key != nil {
			u.member("$.components.schemas"+step(name.Value), ours, name.Value, was, after[name.Value].Value, is)
		} else if is != nil {
			gone[name.Value] = is
			tree.Remove(ours, name.Value)
		}
	}
}

// complete adds the schemas that a source refers to and does not have: as another
// source has them, as they are published, or as they were.
func (u *Updater) complete(root *yaml.Node, sources []Source, published *yaml.Node, gone map[string]*yaml.Node) {
	ours := tree.Schemas(root)
	add := func(name string) bool {
		if tree.Get(ours, name) != nil {
			return false
		}
		for _, s := range sources {
			if other := tree.Get(tree.Schemas(s.Root), name); other != nil {
				ours.Content = append(ours.Content, u.Text(name, ours), u.Clone(other))
				return true
			}
		}
		at := "$.components.schemas" + step(name)
		if fresh := tree.Get(published, name); fresh != nil {
			u.member(at, ours, name, nil, fresh, nil)
			fresh = tree.Get(ours, name) // The overlay finds schemas by their titles.
			fresh.Content = append(fresh.Content, u.Text("title", fresh), u.Text(name, fresh))
		} else if gone[name] != nil {
			u.note(at, " is gone, and is used here; it stays as it is")
			ours.Content = append(ours.Content, u.Text(name, ours), gone[name])
		}
		return tree.Get(ours, name) != nil
	}
	for more := true; more; {
		more = false
		tree.EachRef(root, func(ref *yaml.Node) {
			name, _, _ := tree.SchemaOf(ref.Value)
			more = add(name) || more
		})
	}
}

// member makes in the member of a mapping of ours what changed from old to new;
// each can be nil, for nothing.
func (u *Updater) member(at string, mapping *yaml.Node, name string, old, new, ours *yaml.Node) {
	switch {
	case old == nil && new == nil || old != nil && new != nil && tree.Equal(old, new):
	case name == "operationId" && ours != nil: // Names stay.
	case new == nil:
		tree.Remove(mapping, name)
	case ours == nil && old != nil:
		u.note(at, " changed, and is not here")
	case ours == nil:
		fresh := u.fresh(new, mapping)
		mapping.Content = append(mapping.Content, u.Text(name, mapping), fresh)
		u.added = append(u.added, addition{at, fresh})
	case old == nil:
		if !tree.Equal(ours, new) {
			u.note(at, " is new, and was here already; it stays as it is")
		}
	default:
		*ours = *u.value(at, old, new, ours)
	}
}

// value returns ours with what changed from old to new.
func (u *Updater) value(at string, old, new, ours *yaml.Node) *yaml.Node {
	switch {
	case old.Kind == yaml.MappingNode && new.Kind == old.Kind && ours.Kind == old.Kind:
		before, after := tree.Index(old), tree.Index(new)
		keys := maps.Clone(before)
		maps.Copy(keys, after)
		for _, key := range tree.SortedKeys(keys) {
			u.member(at+step(key), ours, key, before[key].Value, after[key].Value, tree.Get(ours, key))
		}
		return ours
	case old.Kind == yaml.SequenceNode && new.Kind == old.Kind && ours.Kind == old.Kind:
		before, after := items(old), items(new)
		for _, key := range tree.SortedKeys(before) {
			if after[key] == nil {
				ours.Content = slices.DeleteFunc(ours.Content, func(n *yaml.Node) bool { return identity(n) == key })
			}
		}
		for _, item := range new.Content {
			key := identity(item)
			i := slices.IndexFunc(ours.Content, func(n *yaml.Node) bool { return identity(n) == key })
			switch {
			case before[key] == nil && i < 0:
				fresh := u.fresh(item, ours)
				u.added = append(u.added, addition{at + position(item, len(ours.Content)), fresh})
				ours.Content = append(ours.Content, fresh)
			case before[key] != nil && i >= 0 && !tree.Equal(before[key], item):
				ours.Content[i] = u.value(at+position(item, i), before[key], item, ours.Content[i])
			}
		}
		return ours
	}
	if !tree.Equal(old, ours) && !tree.Equal(new, ours) && ours.Kind != yaml.MappingNode {
		u.note(at, ": "+tree.Describe(ours)+" gave way to "+tree.Describe(new))
	}
	return u.fresh(new, ours)
}

// identity is what an item of a sequence is known by.
func identity(item *yaml.Node) string {
	if in, name := tree.Get(item, "in"), tree.Get(item, "name"); in != nil && name != nil {
		return in.Value + " " + name.Value
	}
	text, refs := tree.Shape(item)
	return text + strings.Join(refs, " ")
}

func items(sequence *yaml.Node) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	for _, item := range sequence.Content {
		found[identity(item)] = item
	}
	return found
}

// step and position are the steps of JSONPath to a member and to an item.
func step(name string) string { return "['" + strings.ReplaceAll(name, "'", `\'`) + "']" }

func position(item *yaml.Node, i int) string {
	if in, name := tree.Get(item, "in"), tree.Get(item, "name"); in != nil && name != nil {
		return fmt.Sprintf("[?@.in == '%s' && @.name == '%s']", in.Value, name.Value)
	}
	return fmt.Sprintf("[%d]", i)
}

// fresh is a copy of what is published, in the style of our own files.
func (u *Updater) fresh(n, place *yaml.Node) *yaml.Node {
	c := u.Adopt(&yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}, place)
	for _, child := range n.Content {
		c.Content = append(c.Content, u.fresh(child, place))
	}
	return c
}

// fillIn gives responses and parameters that have no description the one that most
// of their status or name have.
func (u *Updater) fillIn(root *yaml.Node) {
	used := map[string]map[string]int{}
	each := func(visit func(key string, n *yaml.Node)) {
		tree.EachPathOperation(root, func(_, _, operation *yaml.Node) {
			for status, response := range tree.Entries(tree.Get(operation, "responses")) {
				visit(status.Value, response)
			}
			for _, parameter := range tree.OrEmpty(tree.Get(operation, "parameters")).Content {
				visit(identity(parameter), parameter)
			}
		})
	}
	each(func(key string, n *yaml.Node) {
		if description := tree.Get(n, "description"); description != nil {
			if used[key] == nil {
				used[key] = map[string]int{}
			}
			used[key][description.Value]++
		}
	})
	each(func(key string, n *yaml.Node) {
		if usual := tree.SortedKeys(used[key]); len(usual) > 0 && tree.Get(n, "description") == nil && tree.Get(n, "$ref") == nil {
			most := slices.MaxFunc(usual, func(a, b string) int { return used[key][a] - used[key][b] })
			n.Content = append([]*yaml.Node{u.Text("description", n), u.Text(most, n)}, n.Content...)
		}
	})
}
