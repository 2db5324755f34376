package merge

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// alignPaths calls the paths of a document, and their parameters, as root does,
// which comes first.
func alignPaths(root, document *yaml.Node) {
	paths := tree.Get(document, "paths")
	same := tree.MatchPaths(tree.Get(root, "paths"), paths)
	for path, item := range tree.Entries(paths) {
		to, ok := same[path.Value]
		if !ok || to == path.Value {
			continue
		}
		before, after := tree.Placeholder.FindAllString(path.Value, -1), tree.Placeholder.FindAllString(to, -1)
		path.Value = to
		for _, operation := range tree.Entries(item) {
			for _, parameter := range tree.Items(operation, "parameters") {
				name := tree.NonNil(tree.Get(parameter, "name"))
				if i := slices.Index(before, "{"+name.Value+"}"); tree.Value(parameter, "in") == "path" && i >= 0 {
					name.Value = strings.Trim(after[i], "{}")
				}
			}
		}
	}
}

// renameSchemas gives the schemas of d that have a name which means something else
// in root another one: that of a schema there which says the same, or else a new one.
func (m *merger) renameSchemas(root *yaml.Node, d *yaml.Node) {
	schemas := tree.Schemas(d)
	ours, theirs, meanings := tree.Index(tree.Schemas(root)), tree.Index(schemas), tree.EquivalenceClasses(tree.Schemas(root), schemas)
	to := map[string]string{}
	for _, name := range tree.SortedKeys(theirs) {
		a, b := ours[name], theirs[name]
		if a.Key == nil || meanings[0][name] == meanings[1][name] {
			continue
		}
		for other := range tree.Entries(tree.Schemas(root)) {
			better := to[name] == "" || strings.HasSuffix(other.Value, name) && !strings.HasSuffix(to[name], name)
			if meanings[0][other.Value] == meanings[1][name] && better {
				to[name] = other.Value
			}
		}
		fate := "where the other meaning is used, it is `" + to[name] + "`, which says the same"
		if to[name] != "" {
			tree.Remove(schemas, name)
		} else {
			to[name] = tree.NamePrefix(m.File(d)) + "." + name
			if rest, ok := strings.CutPrefix(name, "SWML."); ok {
				to[name] = "SWML." + tree.NamePrefix(m.File(d)) + "." + rest // The overlay knows SWML by this.
			}
			for ours[to[name]].Key != nil || theirs[to[name]].Key != nil {
				to[name] += "2"
			}
			fate = "where the other meaning is used, it is now called `" + to[name] + "`"
		}
		where := "in what it refers to"
		if d := tree.Difference(a.Value, b.Value); d != "" {
			where = "first difference at " + strings.TrimPrefix(d, ": ")
		}
		m.report.Note(report.Precedence, "schema `%s`: %s wins over %s (%s); %s", name, m.At(a.Key), m.At(b.Key), where, fate)
	}
	tree.RenameSchemas(d, to)
}
