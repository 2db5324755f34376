// Package names gives the operations, parameters, schemas and properties of an OpenAPI
// description their names in Go, and writes them into the description as x-go-name and
// x-go-type, which the generator follows. Each schema that declares a Go type is in the
// components then: the others are moved there. It also writes further extensions, such as
// x-go-list, that tell the templates which methods to make.
//
// When a new version of SignalWire's description is imported, callers keep the names that
// they use. These are in names.lock; see package lock. Suppose that it has
//
//	operation	GET /api/things	ListThings	list_things() ThingList
//	type	ThingList	ThingList	struct
//	field	ThingList.data	Data	[]Thing
//	type	Thing	Thing	struct
//	field	Thing.id	ID	string
//
// and that the new version calls the operation fetch, its response Page, and the schema of
// the items in the property data of Page Item. [Namer] goes through these steps:
//
//  1. SettleIDs looks up each operation by its method and path, or else by that without the
//     version. GET /api/things gets the operationId list_things again. An operationId that
//     two operations have is made unique.
//  2. RenameSchemas walks through the locked operations and pairs what stands in the same
//     position: Page is the response of ListThings, which is a ThingList in the lock, and
//     Item is the type of its field Data, a Thing. A pair only counts if the two have
//     properties in common, or similar names. Page and Item are renamed to ThingList and
//     Thing, because api/overlay.yaml, which is applied next, refers to schemas by our own
//     names.
//  3. CheckOperationIDs checks the operationIds after the overlay, and spells all of them in
//     snake_case for errors and logs. LookUpNames writes the locked Go names.
//  4. AssignTypes pairs positions again and writes the locked Go names: Thing for the schema,
//     ID for its property id. If several schemas have one Go type, one of them declares it,
//     with the properties and values of all, and the others use it. A schema whose
//     properties have other types than those of the declaration gets a type of its own.
//     What declares a type, and is described where it is used, is moved to the components.
//  5. AddLists finds the operations that return a list. NameMembers names the other types of
//     what is described where it is used, and moves it to the components, too.
//  6. CheckGoNames makes names unique that two declarations would have: in an import it
//     renames one of the two, otherwise it reports an error.
//  7. AddEdits, AddSettles, AddRequestRules and AddUnions add what the templates need.
//
// What is not in the lock gets a name by the rules of the generator.
package names

import (
	"cmp"
	"fmt"
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

// Generator has what declares names in package gen in addition to the description.
type Generator struct {
	// Beside are the Go files of package gen that are written by hand.
	Beside []tree.File
	// Templates are the texts of the generator's templates, by file name.
	Templates map[string]string
}

// Namer gives the names of one description. It reports errors through its Set.
type Namer struct {
	*tree.Set
	root     *yaml.Node
	report   *report.Report
	imported bool                  // what the documents leave open is settled by rule, and not an error
	locked   *lock.Lock            // the names to keep
	unused   map[*yaml.Node]bool   // the schemas in the components that need no Go type
	reserved map[string]*yaml.Node // the positions of identifiers that files written by hand and templates declare
	types    map[*yaml.Node]string // the Go types of schemas, as the lock and the overlay have them
	moved    map[*yaml.Node]bool   // see moveToComponents
}

// New returns a Namer of the description root. What the documents leave open is settled by
// rule if they are imported, and an error otherwise. locked may be nil. If g is nil, only the
// methods for operationIds can be used; else the generator has to be configured first (see
// generate.ReadConfig), because it has its rules for names in global variables.
func New(set *tree.Set, root *yaml.Node, r *report.Report, imported bool, locked *lock.Lock, g *Generator) *Namer {
	m := &Namer{
		Set: set, root: root, report: r, imported: imported, locked: cmp.Or(locked, lock.Read(nil)),
		unused: map[*yaml.Node]bool{}, reserved: map[string]*yaml.Node{}, types: map[*yaml.Node]string{}, moved: map[*yaml.Node]bool{},
	}
	if g == nil {
		return m
	}
	for name, text := range g.Templates {
		for _, match := range templateDeclaration.FindAllStringSubmatchIndex(text, -1) {
			start, end := match[2], match[3]
			m.reserved[text[start:end]] = m.NodeAt("gen/templates/"+name, 1+strings.Count(text[:start], "\n"))
		}
	}
	for _, file := range g.Beside {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file.Name, file.Data, 0)
		if err != nil {
			m.Errorf("%w", err)
			continue
		}
		for name, object := range parsed.Scope.Objects {
			m.reserved[name] = m.NodeAt(file.Name, files.Position(object.Pos()).Line)
		}
	}
	return m
}

// templateDeclaration matches a declaration in a template whose name does not depend on
// the description.
var templateDeclaration = regexp.MustCompile(`(?m)^(?:const|func|type|var) (\w+)\b[^{]`)

// noteCorrection notes in the report that a correction of the overlay does not fit what the
// description says now, as after an import.
func (m *Namer) noteCorrection(correction *yaml.Node, format string, args ...any) {
	m.report.Note(report.Overlay, "%s: %s", m.At(correction), fmt.Sprintf(format, args...))
}

// dropCorrection removes a keyword of the overlay from an operation, and notes the reason.
func (m *Namer) dropCorrection(o operation, keyword, reason string) {
	m.noteCorrection(tree.Get(o.node, keyword), "%s of %s: %s", keyword, o.label, reason)
	tree.Remove(o.node, keyword)
}

// Excluded returns the names of the schemas that declare no Go type. It is complete
// after AssignTypes.
func (m *Namer) Excluded() (names []string) {
	for name, schema := range m.schemas() {
		if tree.Has(schema, "x-go-type") || m.unused[schema] {
			names = append(names, name.Value)
		}
	}
	return names
}

// GoName returns the Go identifier that the generator makes of a name.
func GoName(name string) string { return codegen.SchemaNameToTypeName(name) }

// goNameOf returns the Go name of a schema, a property, a parameter or an operation:
// its x-go-name, or what the generator makes of its name.
func goNameOf(name string, n *yaml.Node) string {
	return cmp.Or(tree.Value(n, "x-go-name"), GoName(name))
}

// OperationName returns the Go name of an operation, such as ListThings, which is unique
// among all operations.
func OperationName(operation *yaml.Node) string {
	return goNameOf(tree.OperationID(operation), operation)
}

// operation is an operation of the description.
type operation struct {
	method, path, node *yaml.Node
	name               string     // in Go
	label              string     // the method and path, for messages
	body, response     *yaml.Node // the schemas, or nil
}

// operations returns the operations of the description, in its order.
func (m *Namer) operations() (operations []operation) {
	tree.EachOperation(m.root, func(method, path, node *yaml.Node) {
		o := operation{method: method, path: path, node: node, name: OperationName(node), label: tree.OperationName(method, path)}
		o.body = contentSchema(tree.Get(node, "requestBody"))
		for status, response := range tree.Entries(tree.Get(node, "responses")) {
			if o.response == nil && strings.HasPrefix(status.Value, "2") {
				o.response = contentSchema(response)
			}
		}
		operations = append(operations, o)
	})
	return operations
}

// contentSchema returns the schema of a request body or a response, which has at most one
// media type.
func contentSchema(n *yaml.Node) *yaml.Node {
	for _, media := range tree.Entries(tree.Get(n, "content")) {
		return tree.Get(media, "schema")
	}
	return nil
}

// isUpdate reports whether an operation changes a resource that exists.
func (o operation) isUpdate() bool {
	return (o.method.Value == "put" || o.method.Value == "patch") && strings.HasPrefix(o.name, "Update")
}

// target returns the JSONPath of the operation for an action of an overlay.
func (o operation) target() string { return "$.paths['" + o.path.Value + "']." + o.method.Value }

// parameters returns the parameters of the operation: those of the path, which become
// arguments of its method, and the others, which become fields of its struct of parameters.
func (o operation) parameters() (inPath, others []*yaml.Node) {
	for _, p := range tree.Items(o.node, "parameters") {
		if tree.Value(p, "in") == "path" {
			inPath = append(inPath, p)
		} else {
			others = append(others, p)
		}
	}
	return inPath, others
}

// Place returns the position of what a Go name, a schema, an operationId or a path belongs
// to, as file:line, or "" if there is none. Error messages of later steps have such names.
func (m *Namer) Place(name string) string {
	places := map[string]*yaml.Node{}
	for key, schema := range m.schemas() {
		places[key.Value], places[goNameOf(key.Value, schema)] = key, key
	}
	for _, o := range m.operations() {
		places[o.path.Value], places[tree.OperationID(o.node)] = o.path, o.method
		places[o.name], places[o.name+"Params"] = o.method, o.method
	}
	if place := places[name]; place != nil {
		return m.At(place)
	}
	return ""
}

// SchemaTypes returns the Go types of the schemas that have one, by the names of the schemas.
func (m *Namer) SchemaTypes() map[string]string {
	types := map[string]string{}
	for name, schema := range m.schemas() {
		if tree.Has(schema, "x-go-type") || !m.unused[schema] {
			types[name.Value] = m.schemaType(name.Value)
		}
	}
	return types
}
