// Package sources keeps our own descriptions up to date: it makes in them what
// changed between two published states. What they say in words of ours, and in
// another way than what is published, stays as it is.
package sources

import (
	"cmp"
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
		for path := range tree.Entries(tree.Get(s.Root, "paths")) {
			path.Value = s.Base + path.Value
		}
		if written.Name != "" {
			overlay.Apply(u.Set, s.Root, written, &report.Report{})
		}
		tree.RenameSchemas(s.Root, u.Renamed)
	}
	tree.RenameSchemas(old, u.Renamed)
	u.operations(old, new, sources)
	gone := map[string]*yaml.Node{}
	for _, s := range sources {
		u.schemas(tree.Schemas(old), tree.Schemas(new), tree.Schemas(s.Root), gone)
	}
	for _, s := range sources {
		u.complete(s.Root, sources, tree.Schemas(new), gone)
		u.fillIn(s.Root)
		for path := range tree.Entries(tree.Get(s.Root, "paths")) {
			path.Value = strings.TrimPrefix(path.Value, s.Base)
		}
	}
	for _, key := range []string{"security", "servers"} {
		if d := tree.Difference(tree.Get(old, key), tree.Get(new, key)); d != "" {
			u.note("$."+key, d)
		}
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
	meanings := tree.EquivalenceClasses(tree.Schemas(old), tree.Schemas(new))
	to, taken := map[string]string{}, map[string]bool{}
	for _, name := range tree.SortedKeys(before) {
		if after[name].Key != nil {
			continue
		}
		for _, other := range tree.SortedKeys(after) {
			if meanings[0][name] == meanings[1][other] && before[other].Key == nil && !taken[other] {
				to[name], taken[other] = other, true
				break
			}
		}
	}
	return to
}

// owner returns the paths of the source that has a path or, if it is new, of the
// last one whose base it begins with.
func owner(sources []Source, path string) *yaml.Node {
	found := sources[0].Root
	for _, s := range sources {
		if tree.Get(s.Root, "paths", path) != nil {
			found = s.Root
			break
		}
		if strings.HasPrefix(path, s.Base+"/") {
			found = s.Root
		}
	}
	return tree.Get(found, "paths")
}

// operations makes what changed of operations. One with the id of one that is gone
// has moved.
func (u *Updater) operations(old, new *yaml.Node, sources []Source) {
	type origin struct {
		path            string
		published, ours *yaml.Node
	}
	gone := map[string]origin{} // by id
	tree.EachOperation(old, func(method, path, was *yaml.Node) {
		if tree.Get(new, "paths", path.Value, method.Value) == nil {
			item := tree.Get(owner(sources, path.Value), path.Value)
			gone[tree.OperationID(was)] = origin{path.Value, was, tree.Get(item, method.Value)}
			tree.Remove(item, method.Value)
		}
	})
	for path := range tree.Entries(tree.Get(old, "paths")) {
		if tree.Get(new, "paths", path.Value) == nil {
			tree.Remove(owner(sources, path.Value), path.Value)
		}
	}
	tree.EachOperation(new, func(method, path, operation *yaml.Node) {
		item := u.EnsureObject(owner(sources, path.Value), path.Value)
		was := tree.Get(old, "paths", path.Value, method.Value)
		if from := gone[tree.OperationID(operation)]; was == nil && from.ours != nil {
			if tree.Get(new, "paths", from.path) == nil {
				u.Moved[from.path] = path.Value
			}
			was = from.published
			u.SetMember(item, method.Value, from.ours)
		}
		u.member(fmt.Sprintf("$.paths['%s'].%s", path.Value, method.Value), item, method.Value, was, operation)
	})
}

// schemas makes what changed of schemas, and moves to gone those that are.
func (u *Updater) schemas(old, new, ours *yaml.Node, gone map[string]*yaml.Node) {
	for name, was := range tree.Entries(old) {
		if is := tree.Get(new, name.Value); is != nil && tree.Has(ours, name.Value) {
			u.member("$.components.schemas"+step(name.Value), ours, name.Value, was, is)
		} else if is == nil && tree.Has(ours, name.Value) {
			gone[name.Value] = tree.Get(ours, name.Value)
			tree.Remove(ours, name.Value)
		}
	}
}

// complete adds the schemas that a source refers to and does not have: as another
// source has them, as they are published, or as they were.
func (u *Updater) complete(root *yaml.Node, sources []Source, published *yaml.Node, gone map[string]*yaml.Node) {
	ours := tree.Schemas(root)
	var add func(ref *yaml.Node)
	add = func(ref *yaml.Node) {
		name, _, _ := tree.ParseSchemaRef(ref.Value)
		if tree.Has(ours, name) {
			return
		}
		var other *yaml.Node
		for _, s := range sources {
			other = cmp.Or(other, tree.Get(s.Root, "components", "schemas", name))
		}
		at := "$.components.schemas" + step(name)
		switch fresh := tree.Get(published, name); {
		case other != nil:
			u.SetMember(ours, name, u.Clone(other))
		case fresh != nil:
			u.member(at, ours, name, nil, fresh)
			u.SetMember(tree.Get(ours, name), "title", u.NewString(name, ours)) // The overlay finds schemas by their titles.
		case gone[name] != nil:
			u.note(at, " is gone, and is used here; it stays as it is")
			u.SetMember(ours, name, gone[name])
		}
		tree.EachRef(tree.Get(ours, name), add)
	}
	tree.EachRef(root, add)
}

// member makes in a member of a mapping of ours what changed from old to new; each
// can be nil, for nothing.
func (u *Updater) member(at string, mapping *yaml.Node, name string, old, new *yaml.Node) {
	ours := tree.Get(mapping, name)
	switch {
	case tree.Equal(old, new) || name == "operationId" && ours != nil: // Names stay.
	case new == nil:
		tree.Remove(mapping, name)
	case ours == nil && old != nil:
		u.note(at, " changed, and is not here")
	case ours == nil:
		u.add(at, u.SetMember(mapping, name, u.fresh(new, mapping)))
	case old != nil:
		*ours = *u.value(at, old, new, ours)
	case !tree.Equal(ours, new):
		u.note(at, " is new, and was here already; it stays as it is")
	}
}

func (u *Updater) add(at string, fresh *yaml.Node) { u.added = append(u.added, addition{at, fresh}) }

// value returns ours with what changed from old to new.
func (u *Updater) value(at string, old, new, ours *yaml.Node) *yaml.Node {
	switch {
	case tree.Equal(old, new):
	case old.Kind == yaml.MappingNode && new.Kind == old.Kind && ours.Kind == old.Kind:
		keys := tree.Index(old)
		maps.Copy(keys, tree.Index(new))
		for _, key := range tree.SortedKeys(keys) {
			u.member(at+step(key), ours, key, tree.Get(old, key), tree.Get(new, key))
		}
	case old.Kind == yaml.SequenceNode && new.Kind == old.Kind && ours.Kind == old.Kind:
		for _, item := range old.Content {
			if i := find(ours, item); i >= 0 && find(new, item) < 0 {
				ours.Content = slices.Delete(ours.Content, i, i+1)
			}
		}
		for _, item := range new.Content {
			was, i := find(old, item), find(ours, item)
			if was >= 0 && i >= 0 {
				ours.Content[i] = u.value(at+position(item, i), old.Content[was], item, ours.Content[i])
			} else if was < 0 && i < 0 {
				fresh := u.fresh(item, ours)
				u.add(at+position(item, len(ours.Content)), fresh)
				ours.Content = append(ours.Content, fresh)
			}
		}
	default:
		if !tree.Equal(old, ours) && !tree.Equal(new, ours) && ours.Kind != yaml.MappingNode {
			u.note(at, ": "+tree.Describe(ours)+" gave way to "+tree.Describe(new))
		}
		return u.fresh(new, ours)
	}
	return ours
}

// find returns the place of an item in a sequence, or -1. Parameters are known by
// their names, others by all that they say.
func find(sequence, item *yaml.Node) int {
	return slices.IndexFunc(sequence.Content, func(n *yaml.Node) bool { return identity(n) == identity(item) })
}

func identity(item *yaml.Node) string {
	if tree.Has(item, "in") && tree.Has(item, "name") {
		return tree.Value(item, "in") + " " + tree.Value(item, "name")
	}
	text, refs := tree.CanonicalForm(item)
	return text + strings.Join(refs, " ")
}

// step and position are the steps of JSONPath to a member and to an item.
func step(name string) string { return "['" + strings.ReplaceAll(name, "'", `\'`) + "']" }

func position(item *yaml.Node, i int) string {
	if tree.Has(item, "in") && tree.Has(item, "name") {
		return fmt.Sprintf("[?@.in == '%s' && @.name == '%s']", tree.Value(item, "in"), tree.Value(item, "name"))
	}
	return fmt.Sprintf("[%d]", i)
}

// fresh is a copy of what is published, in the style of our own files.
func (u *Updater) fresh(n, place *yaml.Node) *yaml.Node {
	c := u.Clone(n)
	tree.EachNode(c, func(n *yaml.Node) { u.CopyPosition(n, place).Style = 0 })
	return c
}

// fillIn gives responses and parameters that have no description the one that most
// of their status or name have.
func (u *Updater) fillIn(root *yaml.Node) {
	type text struct{ key, description string }
	used, usual := map[text]int{}, map[string]string{}
	each := func(visit func(key string, n *yaml.Node)) {
		tree.EachOperation(root, func(_, _, operation *yaml.Node) {
			for status, response := range tree.Entries(tree.Get(operation, "responses")) {
				visit(status.Value, response)
			}
			for _, parameter := range tree.Items(operation, "parameters") {
				visit(identity(parameter), parameter)
			}
		})
	}
	each(func(key string, n *yaml.Node) {
		if said := tree.Value(n, "description"); said != "" {
			if used[text{key, said}]++; used[text{key, said}] > used[text{key, usual[key]}] {
				usual[key] = said
			}
		}
	})
	each(func(key string, n *yaml.Node) {
		if usual[key] != "" && !tree.Has(n, "description", "$ref") {
			n.Content = append([]*yaml.Node{u.NewString("description", n), u.NewString(usual[key], n)}, n.Content...)
		}
	})
}
