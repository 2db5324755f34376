package merge

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// rank adds a document that comes after root in precedence: of an operation, and
// of anything else of one name, root's is the one that stays.
func (m *merger) rank(root *yaml.Node, d Document) {
	m.renameSchemas(root, d)
	if m.Failed() {
		return
	}
	wins := func(what string, a, b tree.Entry) {
		if diff := tree.Difference(a.Value, b.Value); diff != "" {
			m.report.Note(report.Precedence, "%s: %s wins over %s (first difference at %s)", what, m.At(a.Key), m.At(b.Key), strings.TrimPrefix(diff, ": "))
		}
	}
	top := tree.Index(root)
	for key, value := range tree.Entries(d.Root) {
		first, ok := top[key.Value]
		switch {
		case !ok:
			root.Content = append(root.Content, key, value)
		case key.Value == "tags":
			for _, tag := range value.Content {
				if !slices.ContainsFunc(first.Value.Content, func(t *yaml.Node) bool { return tree.Equal(tree.Get(t, "name"), tree.Get(tag, "name")) }) {
					first.Value.Content = append(first.Value.Content, tag)
				}
			}
		case key.Value == "components":
			m.union("", first, tree.Entry{Key: key, Value: value}, func(kind string, a, b tree.Entry) {
				m.unionOrFirst(a, b, func(name string, a, b tree.Entry) { wins(kind+" "+name, a, b) })
			})
		case key.Value == "paths":
			m.rankPaths(first.Value, value, wins)
		}
	}
}

// unionOrFirst is union for foreign documents, where the first wins in any case.
func (m *merger) unionOrFirst(a, b tree.Entry, both func(name string, a, b tree.Entry)) {
	have := tree.Index(a.Value)
	for key, value := range tree.Entries(b.Value) {
		if first, ok := have[key.Value]; ok {
			both(key.Value, first, tree.Entry{Key: key, Value: value})
		} else {
			a.Value.Content = append(a.Value.Content, key, value)
		}
	}
}

func (m *merger) rankPaths(a, b *yaml.Node, wins func(what string, a, b tree.Entry)) {
	have, same := tree.Index(a), tree.SamePaths(a, b)
	for path, item := range tree.Entries(b) {
		first, ok := have[same[path.Value]]
		if !ok {
			a.Content = append(a.Content, path, item)
			continue
		}
		operations := tree.Index(first.Value)
		for method, operation := range tree.Entries(item) {
			if winner, ok := operations[method.Value]; ok {
				if tree.Methods[method.Value] {
					wins("operation `"+strings.ToUpper(method.Value)+" "+path.Value+"`", winner, tree.Entry{Key: method, Value: operation})
				}
			} else {
				if first.Key.Value != path.Value && tree.Methods[method.Value] {
					m.renamePathParameters(first.Key.Value, path.Value, operation)
				}
				first.Value.Content = append(first.Value.Content, method, operation)
			}
		}
	}
}

// renamePathParameters calls the parameters of an operation as the path does
// under which it comes to stand.
func (m *merger) renamePathParameters(to, from string, operation *yaml.Node) {
	old, new := tree.Placeholder.FindAllString(from, -1), tree.Placeholder.FindAllString(to, -1)
	for _, parameter := range tree.OrEmpty(tree.Get(operation, "parameters")).Content {
		in, name := tree.Get(parameter, "in"), tree.Get(parameter, "name")
		if in == nil || name == nil || in.Value != "path" {
			continue
		}
		if i := slices.Index(old, "{"+name.Value+"}"); i >= 0 {
			name.Value = strings.Trim(new[i], "{}")
		}
	}
}

// renameSchemas gives the schemas of d that have a name which means something
// else in root another one, and drops those among them that nothing needs.
func (m *merger) renameSchemas(root *yaml.Node, d Document) {
	ours, theirs := tree.Index(tree.Schemas(root)), tree.Schemas(d.Root)
	same := tree.SameMeaning(tree.Schemas(root), theirs)
	to := map[string]string{}  // new names, by the old ones
	drop := map[string]bool{}  // old names of those for which root has an equal schema
	taken := map[string]bool{} // names that are not free
	for name := range tree.Entries(theirs) {
		taken[name.Value] = true
	}
	for name := range tree.Entries(theirs) {
		if _, both := ours[name.Value]; !both || same[name.Value][name.Value] {
			continue
		}
		for other := range tree.Entries(tree.Schemas(root)) {
			better := to[name.Value] == "" || strings.HasSuffix(other.Value, name.Value) && !strings.HasSuffix(to[name.Value], name.Value)
			if same[name.Value][other.Value] && better {
				to[name.Value], drop[name.Value] = other.Value, true
			}
		}
		if to[name.Value] == "" {
			fresh := tree.Stem(d.Name) + "." + name.Value
			if rest, ok := strings.CutPrefix(name.Value, "SWML."); ok {
				fresh = "SWML." + tree.Stem(d.Name) + "." + rest // The overlay knows SWML by this.
			}
			for _, used := ours[fresh]; used || taken[fresh]; _, used = ours[fresh] {
				fresh += "2"
			}
			to[name.Value], taken[fresh] = fresh, true
		}
	}
	if len(to) == 0 {
		return
	}
	needed := m.needed(root, d)
	old := tree.Index(theirs)
	for _, name := range tree.SortedKeys(to) {
		a, b := ours[name], old[name]
		fate := "nothing that stays uses the other meaning"
		switch {
		case drop[name]:
			fate = "where the other meaning is used, it is `" + to[name] + "`, which says the same"
		case needed[name]:
			fate = "the other meaning is now called `" + to[name] + "`"
		}
		where := tree.Difference(a.Value, b.Value)
		if where == "" {
			where = "in what it refers to"
		} else {
			where = "first difference at " + strings.TrimPrefix(where, ": ")
		}
		m.report.Note(report.Precedence, "schema `%s`: %s wins over %s (%s); %s", name, m.At(a.Key), m.At(b.Key), where, fate)
		if drop[name] || !needed[name] {
			tree.Remove(theirs, name)
		}
	}
	tree.RenameSchemas(d.Root, to)
}

// needed are the schemas of d that its operations which root has not refer to,
// directly or not, and those that its schemas which root has not refer to.
func (m *merger) needed(root *yaml.Node, d Document) map[string]bool {
	found := map[string]bool{}
	theirs, ours := tree.Index(tree.Schemas(d.Root)), tree.Index(tree.Schemas(root))
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		tree.EachRef(n, func(ref *yaml.Node) {
			if name, _, ok := tree.SchemaOf(ref.Value); ok && !found[name] {
				found[name] = true
				if schema := theirs[name].Value; schema != nil {
					visit(schema)
				}
			}
		})
	}
	paths, same := tree.Get(root, "paths"), tree.SamePaths(tree.Get(root, "paths"), tree.Get(d.Root, "paths"))
	tree.EachPathOperation(d.Root, func(method, path, operation *yaml.Node) {
		if tree.Get(tree.Get(paths, same[path.Value]), method.Value) == nil {
			visit(operation)
		}
	})
	for name, schema := range theirs {
		if _, both := ours[name]; !both {
			visit(schema.Value)
		}
	}
	return found
}
