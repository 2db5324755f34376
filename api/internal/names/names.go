// Package names chooses the names in Go of what is in a description, and refuses two
// declarations of one name.
package names

import (
	"cmp"
	"go/parser"
	"go/token"
	"regexp"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Generator is what matters to names of the generator and of what will be
// compiled with what it makes.
type Generator struct {
	// Beside are the Go files whose declarations take names.
	Beside []tree.File
	// Templates are the texts of the templates, whose declarations do, too, by their names.
	Templates map[string]string
}

// Namer gives and checks the names of one description.
type Namer struct {
	*tree.Set
	root      *yaml.Node
	report    *report.Report
	published bool                  // Names are settled by rule; those of our own documents by a person.
	locked    *lock.Lock            // the names that are kept
	excluded  map[string]bool       // the schemas that declare no type
	reserved  map[string]*yaml.Node // names that are taken, with their places
	types     map[*yaml.Node]string // the Go types that schemas have in the lock or in the overlay
	places    map[string]string     // see Place
}

// New returns a Namer. The generator has to have been set up (see
// generate.ReadConfig).
func New(set *tree.Set, root *yaml.Node, r *report.Report, published bool, locked *lock.Lock, g *Generator) *Namer {
	m := &Namer{
		Set: set, root: root, report: r, published: published, locked: cmp.Or(locked, lock.Read(nil)),
		excluded: map[string]bool{}, reserved: map[string]*yaml.Node{}, types: map[*yaml.Node]string{},
	}
	if g == nil {
		return m
	}
	for name, text := range g.Templates {
		for _, at := range declaration.FindAllStringSubmatchIndex(text, -1) {
			m.reserved[text[at[2]:at[3]]] = m.NodeAt("gen/templates/"+name, 1+strings.Count(text[:at[2]], "\n"))
		}
	}
	for _, file := range g.Beside {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file.Name, file.Data, 0)
		if err != nil {
			m.Errorf("%w", err)
			continue
		}
		for declared, object := range parsed.Scope.Objects {
			m.reserved[declared] = m.NodeAt(file.Name, files.Position(object.Pos()).Line)
		}
	}
	return m
}

// declaration finds what a template declares whatever the description has.
var declaration = regexp.MustCompile(`(?m)^(?:const|func|type|var) (\w+)\b[^{]`)

// Excluded are the schemas that declare no type, after LookUp.
func (m *Namer) Excluded() []string { return tree.SortedKeys(m.excluded) }

// GoName returns a name as the generator writes it in Go.
func GoName(name string) string { return codegen.SchemaNameToTypeName(name) }

// goNameOf is the Go name of a schema, a property or an operation.
func goNameOf(name string, n *yaml.Node) string {
	if given := tree.Value(n, "x-go-name"); given != "" {
		return given
	}
	return GoName(name)
}

// OperationName returns the name of an operation in Go, which no other has.
func OperationName(operation *yaml.Node) string {
	return goNameOf(tree.OperationID(operation), operation)
}

// operation is an operation of the description.
type operation struct {
	method, path, node *yaml.Node
	name, what         string     // in Go, and for people
	body, response     *yaml.Node // the schemas, or nil
}

// operations are those that a client can call.
func (m *Namer) operations() (all []operation) {
	tree.EachOperation(m.root, func(method, path, node *yaml.Node) {
		o := operation{method: method, path: path, node: node, name: OperationName(node), what: tree.OperationName(method, path)}
		o.body = jsonSchema(tree.Get(node, "requestBody"))
		for status, response := range tree.Entries(tree.Get(node, "responses")) {
			if o.response == nil && strings.HasPrefix(status.Value, "2") {
				o.response = jsonSchema(response)
			}
		}
		all = append(all, o)
	})
	return all
}

// jsonSchema is the schema of a body, which has one media type.
func jsonSchema(n *yaml.Node) *yaml.Node {
	for _, media := range tree.Entries(tree.Get(n, "content")) {
		return tree.Get(media, "schema")
	}
	return nil
}

// isUpdate reports whether an operation updates what it names.
func (o operation) isUpdate() bool {
	return (o.method.Value == "put" || o.method.Value == "patch") && strings.HasPrefix(o.name, "Update")
}

// Place returns where what a name of Go, a schema or an operationId stands for was
// read, or "".
func (m *Namer) Place(name string) string {
	if m.places == nil {
		m.places = map[string]string{}
		for key, schema := range tree.Entries(tree.Schemas(m.root)) {
			m.places[key.Value], m.places[goNameOf(key.Value, schema)] = m.At(key), m.At(key)
		}
		for _, o := range m.operations() {
			for _, name := range []string{tree.OperationID(o.node), o.name, o.name + "Params"} {
				m.places[name] = m.At(o.method)
			}
			m.places[o.path.Value] = m.At(o.path)
		}
	}
	return m.places[name]
}

// SchemaTypes are the Go types of the schemas that have one, by their names.
func (m *Namer) SchemaTypes() map[string]string {
	types := map[string]string{}
	for name := range tree.Entries(tree.Schemas(m.root)) {
		types[name.Value] = m.typeNamed(name.Value)
	}
	return types
}
