// Package sources keeps our own descriptions, fabric.yaml and signalwire-rest.yaml, up to
// date with the published one. It applies to them what changed from one published state
// to the next, and leaves everything else as it is: the descriptions in our own words, and
// the values that differ from the published ones on purpose.
//
// This is a three-way merge of the old and the new published state and of our description,
// member by member. If the published maxLength of a property goes from 20 to 10, ours
// becomes 10, and its description stays. If ours was 30, it becomes 10, too, with a note for
// the maintainer. If only ours has maxLength, it stays.
//
// The steps of [Updater.Update] are:
//
//  1. Apply the overlay with the words that the maintainer wrote after the last update.
//  2. Rename the schemas that were published under another name. A schema is renamed if
//     its old name is gone and a new one has an equivalent schema.
//  3. Merge operations. An operation with the operationId of one that is gone was moved.
//  4. Merge schemas, and add those that are referred to and missing.
//  5. Fill in descriptions of responses and parameters that most others of the same name have.
//
// After that, [Updater.Words] returns an empty form for the words about what is new.
package sources

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/overlay"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Source is one of our own descriptions.
type Source struct {
	Root *yaml.Node
	Base string // the path of its server, which its paths leave out, such as /api/fabric
}

// Updater updates our own descriptions.
type Updater struct {
	*tree.Set
	Notes   []string          // Markdown about changes that a maintainer has to look at
	Renamed map[string]string // the new names of schemas, by their old ones
	Moved   map[string]string // the new paths of operations, by their old ones

	sources []Source
	removed map[string]*yaml.Node // schemas that were removed from the sources, by name
	added   []addition
}

// addition is a value that was added to a source.
type addition struct {
	target string // the JSONPath of the value
	value  *yaml.Node
}

// Update applies to the sources what changed from the old published state to the new one.
// Words is the overlay with what the maintainer wrote, or has no name. A new path belongs
// to the last source whose base is a prefix of it; a new schema, to all sources that refer to it.
func (u *Updater) Update(old, new *yaml.Node, sources []Source, words tree.File) {
	u.Renamed, u.Moved = renamedSchemas(old, new), map[string]string{}
	u.sources, u.removed = sources, map[string]*yaml.Node{}
	for _, s := range sources {
		for path := range tree.Entries(tree.Get(s.Root, "paths")) {
			path.Value = s.Base + path.Value
		}
		if words.Name != "" {
			overlay.Apply(u.Set, s.Root, words, &report.Report{})
		}
		tree.RenameSchemas(s.Root, u.Renamed)
	}
	tree.RenameSchemas(old, u.Renamed)
	u.updateOperations(old, new)
	u.updateSchemas(tree.Schemas(old), tree.Schemas(new))
	for _, s := range sources {
		u.addMissingSchemas(s.Root, tree.Schemas(new))
		u.fillInDescriptions(s.Root)
		for path := range tree.Entries(tree.Get(s.Root, "paths")) {
			path.Value = strings.TrimPrefix(path.Value, s.Base)
		}
	}
	for _, key := range []string{"security", "servers"} { // They are not merged.
		if d := tree.Difference(tree.Get(old, key), tree.Get(new, key)); d != "" {
			u.note("$."+key, d)
		}
	}
}

// note adds a note about the value at a JSONPath.
func (u *Updater) note(target, text string) { u.Notes = append(u.Notes, "`"+target+"`"+text) }

// Rename replaces the old names of schemas and paths in the text of an overlay: in $refs,
// in JSONPaths and as keys. Go types, as in {x-go-type: Call}, have names of their own.
func (u *Updater) Rename(text []byte) []byte {
	replace := func(before, old, after, new string) {
		pattern := regexp.MustCompile(`(?m)` + before + regexp.QuoteMeta(old) + after)
		text = pattern.ReplaceAll(text, []byte("${1}"+new+"${2}"))
	}
	for _, name := range tree.SortedKeys(u.Renamed) {
		replace(`(schemas/|schemas\[(?:'[^']*',\s*)*')`, name, `(['/])`, u.Renamed[name])
		replace(`(schemas)`, "."+name, `(\W|$)`, "['"+u.Renamed[name]+"']")
		replace(`(^|[\s{,])`, name, `(:)`, u.Renamed[name])
	}
	for _, path := range tree.SortedKeys(u.Moved) {
		replace(`(['"])`, path, `(['"])`, u.Moved[path])
	}
	return text
}

// renamedSchemas returns the new names of schemas, by their old ones.
func renamedSchemas(old, new *yaml.Node) map[string]string {
	before, after := tree.Index(tree.Schemas(old)), tree.Index(tree.Schemas(new))
	classes := tree.EquivalenceClasses(tree.Schemas(old), tree.Schemas(new))
	candidates := map[string][]string{} // the new names of each class
	for _, name := range tree.SortedKeys(after) {
		if class := classes[1][name]; before[name].Key == nil {
			candidates[class] = append(candidates[class], name)
		}
	}
	renamed := map[string]string{}
	for _, name := range tree.SortedKeys(before) {
		if names := candidates[classes[0][name]]; after[name].Key == nil && len(names) > 0 {
			renamed[name], candidates[classes[0][name]] = names[0], names[1:]
		}
	}
	return renamed
}

// pathsWith returns the paths of the source that a path belongs to.
func (u *Updater) pathsWith(path string) *yaml.Node {
	found := u.sources[0].Root
	for _, s := range u.sources {
		if tree.Get(s.Root, "paths", path) != nil {
			return tree.Get(s.Root, "paths")
		}
		if strings.HasPrefix(path, s.Base+"/") {
			found = s.Root
		}
	}
	return tree.Get(found, "paths")
}

// updateOperations removes, moves, changes and adds operations.
func (u *Updater) updateOperations(old, new *yaml.Node) {
	type origin struct {
		path            string
		published, ours *yaml.Node
	}
	removed := map[string]origin{} // by operationId
	tree.EachOperation(old, func(method, path, before *yaml.Node) {
		if tree.Get(new, "paths", path.Value, method.Value) == nil {
			item := tree.Get(u.pathsWith(path.Value), path.Value)
			removed[tree.OperationID(before)] = origin{path.Value, before, tree.Get(item, method.Value)}
			tree.Remove(item, method.Value)
		}
	})
	for path := range tree.Entries(tree.Get(old, "paths")) {
		if tree.Get(new, "paths", path.Value) == nil {
			tree.Remove(u.pathsWith(path.Value), path.Value)
		}
	}
	tree.EachOperation(new, func(method, path, operation *yaml.Node) {
		item := u.EnsureObject(u.pathsWith(path.Value), path.Value)
		before := tree.Get(old, "paths", path.Value, method.Value)
		if from := removed[tree.OperationID(operation)]; before == nil && from.ours != nil {
			if tree.Get(new, "paths", from.path) == nil {
				u.Moved[from.path] = path.Value
			}
			before = from.published
			u.SetMember(item, method.Value, from.ours)
		}
		u.mergeMember(fmt.Sprintf("$.paths['%s'].%s", path.Value, method.Value), item, method.Value, before, operation)
	})
}

// updateSchemas changes and removes the schemas that a source has.
func (u *Updater) updateSchemas(old, new *yaml.Node) {
	for name, before := range tree.Entries(old) {
		for _, s := range u.sources {
			if ours, now := tree.Schemas(s.Root), tree.Get(new, name.Value); tree.Has(ours, name.Value) {
				if now == nil {
					u.removed[name.Value] = tree.Get(ours, name.Value)
				}
				u.mergeMember(schemaPath(name.Value), ours, name.Value, before, now)
			}
		}
	}
}

// addMissingSchemas adds the schemas that a source refers to and does not have: as another
// source has them, as they are published, or as they were before they were removed.
func (u *Updater) addMissingSchemas(root, published *yaml.Node) {
	ours := tree.Schemas(root)
	var add func(ref *yaml.Node)
	add = func(ref *yaml.Node) {
		name, _, _ := tree.ParseSchemaRef(ref.Value)
		if tree.Has(ours, name) {
			return
		}
		var inOther *yaml.Node
		for _, s := range u.sources {
			inOther = cmp.Or(inOther, tree.Get(s.Root, "components", "schemas", name))
		}
		switch schema := tree.Get(published, name); {
		case inOther != nil:
			u.SetMember(ours, name, u.Clone(inOther))
		case schema != nil:
			u.mergeMember(schemaPath(name), ours, name, nil, schema)
			u.SetMember(tree.Get(ours, name), "title", u.NewString(name, ours)) // The overlay finds schemas by their titles.
		case u.removed[name] != nil:
			u.note(schemaPath(name), " is not published any more, but our description refers to it, so it stays")
			u.SetMember(ours, name, u.removed[name])
		}
		tree.EachRef(tree.Get(ours, name), add)
	}
	tree.EachRef(root, add)
}

// mergeMember merges a change from old to new into a member of our object. Old or new is
// nil if the published object did not have the member, or does not have it now.
func (u *Updater) mergeMember(target string, object *yaml.Node, name string, old, new *yaml.Node) {
	ours := tree.Get(object, name)
	isLockedName := name == "operationId" && ours != nil
	switch {
	case tree.Equal(old, new) || isLockedName:
	case new == nil:
		tree.Remove(object, name)
	case ours == nil && old != nil:
		u.note(target, " was changed as published, but our description does not have it")
	case ours == nil:
		u.recordAddition(target, u.SetMember(object, name, u.cloneFormatted(new, object)))
	case old != nil:
		*ours = *u.mergeValue(target, old, new, ours)
	case !tree.Equal(ours, new):
		u.note(target, " is newly published, but our description has another value already, which stays")
	}
}

// mergeValue returns our value with the change from old to new. Objects are merged by
// member. Of arrays, items are added and removed. Any other value is replaced.
func (u *Updater) mergeValue(target string, old, new, ours *yaml.Node) *yaml.Node {
	sameKind := new.Kind == old.Kind && ours.Kind == old.Kind
	switch {
	case tree.Equal(old, new):
	case sameKind && old.Kind == yaml.MappingNode:
		keys := tree.Index(old)
		maps.Copy(keys, tree.Index(new))
		for _, key := range tree.SortedKeys(keys) {
			u.mergeMember(target+memberStep(key), ours, key, tree.Get(old, key), tree.Get(new, key))
		}
	case sameKind && old.Kind == yaml.SequenceNode:
		u.mergeItems(target, old, new, ours)
	default:
		if !tree.Equal(old, ours) && !tree.Equal(new, ours) && ours.Kind != yaml.MappingNode {
			u.note(target, ": our value "+tree.Describe(ours)+" was replaced by the published "+tree.Describe(new))
		}
		return u.cloneFormatted(new, ours)
	}
	return ours
}

// mergeItems merges the items of arrays.
func (u *Updater) mergeItems(target string, old, new, ours *yaml.Node) {
	for _, item := range old.Content {
		if i := indexOf(ours, item); i >= 0 && indexOf(new, item) < 0 {
			ours.Content = slices.Delete(ours.Content, i, i+1)
		}
	}
	for _, item := range new.Content {
		before, i := indexOf(old, item), indexOf(ours, item)
		if before >= 0 && i >= 0 {
			ours.Content[i] = u.mergeValue(target+itemStep(item, i), old.Content[before], item, ours.Content[i])
		} else if before < 0 && i < 0 {
			item = u.cloneFormatted(item, ours)
			u.recordAddition(target+itemStep(item, len(ours.Content)), item)
			ours.Content = append(ours.Content, item)
		}
	}
}

// recordAddition records a value that was added, and separately each of its parameters if
// it is an operation.
func (u *Updater) recordAddition(target string, value *yaml.Node) {
	u.added = append(u.added, addition{target, value})
	for i, parameter := range tree.Items(value, "parameters") {
		u.recordAddition(target+".parameters"+itemStep(parameter, i), parameter)
	}
}

// cloneFormatted copies a published value and removes its YAML style, so that it is
// written in the style of our files. The copy gets the position of another node.
func (u *Updater) cloneFormatted(n, position *yaml.Node) *yaml.Node {
	c := u.Clone(n)
	tree.EachNode(c, func(n *yaml.Node) { u.CopyPosition(n, position).Style = 0 })
	return c
}

// indexOf returns the index of the item of an array that is the same as another, or -1.
func indexOf(array, item *yaml.Node) int {
	return slices.IndexFunc(array.Content, func(n *yaml.Node) bool { return itemKey(n) == itemKey(item) })
}

func isParameter(item *yaml.Node) bool { return tree.Has(item, "in") && tree.Has(item, "name") }

// itemKey returns a string that is equal for items that are the same: parameters with the
// same name in the same place, and equal values.
func itemKey(item *yaml.Node) string {
	if isParameter(item) {
		return tree.Value(item, "in") + " " + tree.Value(item, "name")
	}
	text, refs := tree.CanonicalForm(item)
	return text + strings.Join(refs, " ")
}

// memberStep returns the JSONPath step to a member of an object.
func memberStep(name string) string { return "['" + strings.ReplaceAll(name, "'", `\'`) + "']" }

// itemStep returns the JSONPath step to an item with index i of an array.
func itemStep(item *yaml.Node, i int) string {
	if isParameter(item) {
		return fmt.Sprintf("[?@.in == '%s' && @.name == '%s']", tree.Value(item, "in"), tree.Value(item, "name"))
	}
	return fmt.Sprintf("[%d]", i)
}

// schemaPath returns the JSONPath of a named schema.
func schemaPath(name string) string { return "$.components.schemas" + memberStep(name) }

// fillInDescriptions gives a response or parameter without a description the one that most
// others of the same status or name have, if at least two have it. Otherwise a response, which
// has to have a description, gets the name of its status.
func (u *Updater) fillInDescriptions(root *yaml.Node) {
	groups := map[string][]*yaml.Node{} // responses by status, and parameters by key
	tree.EachOperation(root, func(_, _, operation *yaml.Node) {
		for status, response := range tree.Entries(tree.Get(operation, "responses")) {
			groups[status.Value] = append(groups[status.Value], response)
		}
		for _, parameter := range tree.Items(operation, "parameters") {
			groups[itemKey(parameter)] = append(groups[itemKey(parameter)], parameter)
		}
	})
	for key, group := range groups {
		uses, described, words := map[string]int{}, 0, ""
		for _, n := range group {
			if text := tree.Value(n, "description"); text != "" {
				uses[text]++
				described++
			}
		}
		if status, err := strconv.Atoi(key); err == nil {
			words = http.StatusText(status)
		}
		for text, n := range uses {
			if n > 1 && 2*n > described {
				words = text
			}
		}
		for _, n := range group {
			if words != "" && !tree.Has(n, "description", "$ref") {
				n.Content = append([]*yaml.Node{u.NewString("description", n), u.NewString(words, n)}, n.Content...)
			}
		}
	}
}
