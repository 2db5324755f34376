package merge

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// alignPaths changes the paths of a document, and the names of their path parameters, to
// those that the same paths have in root: /calls/{call_id} becomes /calls/{id}.
func alignPaths(root, document *yaml.Node) {
	paths := tree.Get(document, "paths")
	matches := tree.MatchPaths(tree.Index(tree.Get(root, "paths")), tree.Index(paths))
	for path, item := range tree.Entries(paths) {
		newPath, ok := matches[path.Value]
		if !ok || newPath == path.Value {
			continue
		}
		oldVariables, newVariables := tree.Placeholder.FindAllString(path.Value, -1), tree.Placeholder.FindAllString(newPath, -1)
		path.Value = newPath
		for _, operation := range tree.Entries(item) {
			for _, parameter := range tree.Items(operation, "parameters") {
				name := tree.NonNil(tree.Get(parameter, "name"))
				if i := slices.Index(oldVariables, "{"+name.Value+"}"); tree.Value(parameter, "in") == "path" && i >= 0 {
					name.Value = strings.Trim(newVariables[i], "{}")
				}
			}
		}
	}
}

// renameSchemas renames each schema of a document that has the name of a schema of root, but
// is not equivalent. If root has an equivalent schema of another name, references to the
// schema become references to that one; otherwise it gets a new name.
func (m *merger) renameSchemas(root, document *yaml.Node) {
	rootSchemas, schemas := tree.Schemas(root), tree.Schemas(document)
	rootIndex, index := tree.Index(rootSchemas), tree.Index(schemas)
	classes := tree.EquivalenceClasses(rootSchemas, schemas)
	newNames := map[string]string{}
	for _, name := range tree.SortedKeys(index) {
		first, second := rootIndex[name], index[name]
		if first.Key == nil || classes[0][name] == classes[1][name] {
			continue
		}
		newName := ""
		for key := range tree.Entries(rootSchemas) {
			isBetter := newName == "" || strings.HasSuffix(key.Value, name) && !strings.HasSuffix(newName, name)
			if classes[0][key.Value] == classes[1][name] && isBetter {
				newName = key.Value
			}
		}
		outcome := "references to the second one now refer to `" + newName + "`, which is equal"
		if newName != "" {
			tree.Remove(schemas, name)
		} else {
			file := filepath.Base(m.File(document))
			newName = codegen.SchemaNameToTypeName(strings.TrimSuffix(file, filepath.Ext(file))) + "." + name
			for rootIndex[newName].Key != nil || index[newName].Key != nil {
				newName += "2"
			}
			outcome = "the second one is now called `" + newName + "`"
		}
		newNames[name] = newName
		difference := "in schemas that it refers to"
		if d := tree.Difference(first.Value, second.Value); d != "" {
			difference = "first difference at " + strings.TrimPrefix(d, ": ")
		}
		m.report.Note(report.Precedence, "schema `%s`: %s wins over %s (%s); %s", name, m.At(first.Key), m.At(second.Key), difference, outcome)
	}
	tree.RenameSchemas(document, newNames)
}
