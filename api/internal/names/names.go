// Package names gives what a description has its names in Go, and refuses two
// declarations of one name.
package names

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"slices"
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
	// Exclude lists the schemas that get no declaration.
	Exclude []string
	// Beside are the Go files whose declarations take names.
	Beside []string
}

// Namer gives and checks the names of one description.
type Namer struct {
	*tree.Set
	report   *report.Report // nil for our own documents
	locked   *lock.Lock     // the names that published documents keep
	checks   bool           // whether names in Go are checked
	excluded map[string]bool
	reserved map[string]*yaml.Node // names that are taken, with their places
	needs    map[string][]string   // the types that the files beside use, by file
	given    map[*yaml.Node]bool   // the schemas whose names are in the lock or the overlay
	places   map[string]*yaml.Node // see Place
}

// New returns a Namer. Without a generator, names in Go are not checked; with
// one, it has to have been set up (see generate.ReadConfig).
func New(set *tree.Set, r *report.Report, locked *lock.Lock, g *Generator) *Namer {
	if locked == nil {
		locked = lock.Read(nil)
	}
	m := &Namer{Set: set, report: r, locked: locked, checks: g != nil, excluded: map[string]bool{}, reserved: map[string]*yaml.Node{}, needs: map[string][]string{}, given: map[*yaml.Node]bool{}}
	if g != nil {
		for _, name := range g.Exclude {
			m.excluded[name] = true
		}
		m.declarations(g.Beside)
	}
	return m
}

// Excluded are the schemas that get no declaration, after what CheckGoNames decided.
func (m *Namer) Excluded() []string { return tree.SortedKeys(m.excluded) }

// declarations reserves the names that Go files declare.
func (m *Namer) declarations(files []string) {
	reserve := func(name, file string, line int) { m.reserved[name] = m.Line(file, line) }
	reserve("Client", "gen/templates/client.tmpl", 1)
	reserve("ServerURL", "gen/templates/server-urls.tmpl", 1)
	for _, name := range files {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			m.Errorf("%w", err)
			continue
		}
		m.needs[name] = nil
		for _, id := range parsed.Unresolved {
			if id.IsExported() {
				m.needs[name] = append(m.needs[name], id.Name)
			}
		}
		note := func(id *ast.Ident) { reserve(id.Name, name, set.Position(id.Pos()).Line) }
		for _, decl := range parsed.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					note(decl.Name)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						note(spec.Name)
					case *ast.ValueSpec:
						for _, id := range spec.Names {
							note(id)
						}
					}
				}
			}
		}
	}
}

// goName is how the generator writes a name in Go.
func (m *Namer) goName(name string) string {
	if !m.checks {
		return name
	}
	return codegen.SchemaNameToTypeName(name)
}

// GoName returns a name as the generator writes it in Go.
func (m *Namer) GoName(name string) string { return m.goName(name) }

// OperationName returns the name of an operation in Go, which no other has.
func (m *Namer) OperationName(operation *yaml.Node) string {
	return m.goNameOf(tree.IDOf(operation), operation)
}

// LockedGroup returns the group that an operation of this name is in by names.lock,
// or "".
func (m *Namer) LockedGroup(operation *yaml.Node) string {
	name := m.OperationName(operation)
	for _, o := range m.locked.Operations {
		if o.Name == name && len(o.Methods) > 0 {
			group, _, _ := strings.Cut(o.Methods[0], ".")
			return strings.TrimSuffix(group, "Service")
		}
	}
	return ""
}

// goNameOf is the Go name of a schema or an operation.
func (m *Namer) goNameOf(name string, n *yaml.Node) string {
	if given := tree.Get(n, "x-go-name"); given != nil {
		return given.Value
	}
	return m.goName(name)
}

// claim is a declaration that the generator would make, of a type or a method.
type claim struct {
	name  string
	what  string     // for people
	place *yaml.Node // for people, too
	node  *yaml.Node // what has the name, or nil if it cannot have another
	firm  bool       // it was given this name, or had it before
	lines func(name string) string
}

// collisions returns the claims to names that are taken. Of two claims, the firm
// one stands, else the first.
func collisions(claims []claim) (lost [][2]claim) {
	slices.SortStableFunc(claims, func(a, b claim) int {
		switch {
		case a.firm == b.firm:
			return 0
		case a.firm:
			return -1
		}
		return 1
	})
	first := map[string]claim{}
	for _, c := range claims {
		if winner, taken := first[c.name]; taken {
			lost = append(lost, [2]claim{winner, c})
		} else {
			first[c.name] = c
		}
	}
	return lost
}

// CheckGoNames refuses what the generator or the compiler would refuse: two
// declarations of one name. In foreign documents one of them gets another name.
func (m *Namer) CheckGoNames(root *yaml.Node) {
	if !m.checks {
		return
	}
	m.resolve(m.typeClaims(root), "Schema", m.settled(root, m.typeClaims))
	m.resolve(m.methodClaims(root), "Operation", m.settled(root, m.methodClaims))
	m.checkFieldNames(root)
	m.checkParameterNames(root)
}

// settled are the names that are taken, so that a new one can be found.
func (m *Namer) settled(root *yaml.Node, claims func(*yaml.Node) []claim) map[string]bool {
	taken := map[string]bool{}
	for _, c := range claims(root) {
		taken[c.name] = true
	}
	return taken
}

func (m *Namer) resolve(claims []claim, suffix string, taken map[string]bool) {
	for _, pair := range collisions(claims) {
		winner, c := pair[0], pair[1]
		if c.node == nil {
			winner, c = c, winner
		}
		fresh := c.name + suffix
		for taken[fresh] {
			fresh += "2"
		}
		taken[fresh] = true
		if m.report == nil || c.node == nil {
			advice := ""
			if c.node != nil {
				advice = "; name one of them in the overlay:\n" + c.lines(fresh)
			}
			m.Errorf("%s: %s and %s (%s) would both be %s in Go%s", m.At(c.place), c.what, winner.what, m.At(winner.place), c.name, advice)
			continue
		}
		m.setGoName(c, fresh)
		m.report.Note(report.Settle, "%s (%s) would be `%s` in Go, as %s is (%s); it is now `%s`:\n%s",
			c.what, m.At(c.place), c.name, winner.what, m.At(winner.place), fresh, report.Fenced(c.lines(fresh)))
	}
}

// typeClaims are the claims to names of types: of the schemas that operations
// need, of parameters and of the files written by hand.
func (m *Namer) typeClaims(root *yaml.Node) []claim {
	var claims []claim
	for _, name := range tree.SortedKeys(m.reserved) {
		claims = append(claims, claim{name: name, what: "a declaration written by hand", place: m.reserved[name], firm: true})
	}
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		for _, p := range tree.OrEmpty(tree.Get(operation, "parameters")).Content {
			if in := tree.Get(p, "in"); in != nil && in.Value != "path" {
				name := m.goNameOf(tree.IDOf(operation), operation) + "Params"
				claims = append(claims, claim{name: name, what: "the parameters of " + tree.OperationName(method, path), place: method, firm: true})
				return
			}
		}
	})
	reached := tree.Reached(root)
	typeNames := map[string]string{}
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		if !reached[name.Value] {
			continue
		}
		tree.EachKeyword(schema, func(key, value *yaml.Node) {
			if key.Value == "x-go-type-name" && typeNames[value.Value] == "" {
				typeNames[value.Value] = name.Value
				claims = append(claims, claim{name: value.Value, what: "a part of `" + name.Value + "`", place: value, firm: true})
			}
		})
		if m.excluded[name.Value] || tree.Get(schema, "x-go-type") != nil {
			continue
		}
		claims = append(claims, claim{
			name: m.goNameOf(name.Value, schema), what: "schema `" + name.Value + "`", place: name, node: schema,
			firm: tree.Get(schema, "x-go-name") != nil || m.given[schema],
			lines: func(fresh string) string {
				return "  - target: $.components.schemas['" + name.Value + "']\n" +
					"    description: Another type has this name, too.\n    update:\n      x-go-name: " + fresh
			},
		})
	}
	return claims
}

// methodClaims are the claims to names of the client's tree.Methods. A list can be
// iterated over, and an update be an edit, which makes methods of their own.
func (m *Namer) methodClaims(root *yaml.Node) []claim {
	var claims []claim
	known := m.locked.In(root)
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		name, what := m.goNameOf(tree.IDOf(operation), operation), tree.OperationName(method, path)
		firm := known(method, path) != nil || tree.Get(operation, "x-go-name") != nil
		claims = append(claims, claim{name: name, what: what, place: method, node: operation, firm: firm,
			lines: func(fresh string) string { return overlayLines(method.Value, path.Value, "x-go-name", fresh) }})
		derive := func(name string) {
			claims = append(claims, claim{name: name, what: "what is made of " + what, place: method, firm: firm})
		}
		if list := tree.Get(operation, "x-go-list"); list != nil {
			derive("All" + tree.Get(list, "name").Value)
			derive("PagesOf" + tree.Get(list, "name").Value)
		}
		if edit := editName(name); edit != "" {
			derive(edit)
		}
	})
	return claims
}

// checkFieldNames does the same for the fields of each type.
func (m *Namer) checkFieldNames(root *yaml.Node) {
	reached := tree.Reached(root)
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		if !reached[name.Value] || tree.Get(schema, "x-go-type") != nil {
			continue
		}
		var walk func(n *yaml.Node, at string)
		walk = func(n *yaml.Node, at string) {
			var claims []claim
			for property, value := range tree.Entries(tree.Get(n, "properties")) {
				claims = append(claims, claim{
					name: m.goNameOf(property.Value, value), place: property, node: value, firm: tree.Get(value, "x-go-name") != nil,
					what: "property `" + property.Value + "` of `" + name.Value + "`",
					lines: func(fresh string) string {
						return "  - target: $.components.schemas['" + name.Value + "']" + at + ".properties['" + property.Value + "']\n" +
							"    description: Another property has this name, too.\n    update:\n      x-go-name: " + fresh
					},
				})
				walk(value, at+".properties['"+property.Value+"']")
			}
			if items := tree.Get(n, "items"); items != nil {
				walk(items, at+".items")
			}
			taken := map[string]bool{}
			for _, c := range claims {
				taken[c.name] = true
			}
			m.resolve(claims, "Field", taken)
		}
		walk(schema, "")
	}
}

// Beside are the files that are compiled with the client: in a published
// description without the types that a file is about, the file is left out.
func (m *Namer) Beside() []string { return tree.SortedKeys(m.needs) }

// dropBeside leaves out the files that use types which are not here.
func (m *Namer) dropBeside(root *yaml.Node, reached map[string]bool) {
	here := map[string]bool{}
	for _, c := range m.typeClaims(root) {
		here[c.name] = true
	}
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		for _, key := range []string{"x-go-type", "x-go-type-name"} {
			if given := tree.Get(n, key); given != nil {
				here[given.Value] = true
			}
		}
	})
	for file, needs := range m.needs {
		missing := slices.IndexFunc(needs, func(name string) bool { return !here[name] })
		if missing < 0 {
			continue
		}
		m.report.Note(report.Left, "%s: left out, as nothing here is called `%s`", file, needs[missing])
		delete(m.needs, file)
		for name, place := range m.reserved {
			if m.File(place) == file {
				delete(m.reserved, name)
			}
		}
	}
}

// dropUnreached removes the schemas that no operation needs, such as those of
// webhooks, and returns the others. The generator would keep some of them.
func (m *Namer) dropUnreached(root *yaml.Node) map[string]bool {
	reached := tree.Reached(root)
	var names []string
	for name := range tree.Entries(tree.Schemas(root)) {
		if !reached[name.Value] {
			names = append(names, name.Value)
		}
	}
	for _, name := range names {
		tree.Remove(tree.Schemas(root), name)
	}
	if len(names) > 0 {
		m.report.Note(report.Left, "%d schemas that no operation needs: `%s`", len(names), strings.Join(names, "`, `"))
	}
	return reached
}

// typeReferences repeats the Go type of a schema where it is referred to, as the
// generator wants it and the overlay does for our own.
func (m *Namer) typeReferences(root *yaml.Node, reached map[string]bool, all map[string]tree.Entry) {
	m.eachSchema(root, reached, func(n *yaml.Node, inAllOf bool) {
		ref := tree.Get(n, "$ref")
		if ref == nil || inAllOf || tree.Get(n, "x-go-type") != nil {
			return
		}
		name, _, _ := tree.SchemaOf(ref.Value)
		if other := tree.Get(all[name].Value, "x-go-type"); other != nil {
			n.Content = append(n.Content, m.Text("x-go-type", other), m.Text(other.Value, other))
		}
	})
}

// plainUnions makes JSON of the unions whose members Go cannot tell apart, or has
// no types for.
func (m *Namer) plainUnions(root *yaml.Node, reached map[string]bool, all map[string]tree.Entry) {
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		for _, kind := range []string{"oneOf", "anyOf"} {
			var types []string
			for _, member := range tree.OrEmpty(tree.Get(n, kind)).Content {
				if goType := m.typeOf(root, member); goType != "" {
					types = append(types, goType)
				}
			}
			distinct := slices.Compact(slices.Sorted(slices.Values(types)))
			goType := "json.RawMessage"
			switch {
			case tree.Get(n, "x-go-type") != nil || len(distinct) == len(types) && !slices.Contains(types, "error"):
				continue
			case len(distinct) == 1 && len(types) == len(tree.Get(n, kind).Content):
				goType = distinct[0]
			default:
				m.report.Note(report.Names, "a union at %s is JSON in Go, as two of its members would be of one type, or it is an error", m.At(n))
			}
			m.set(n, "x-go-type", goType)
		}
	})
	m.typeReferences(root, reached, all)
}

// referred are the schemas that are referred to other than as a part of another
// or as some other type.
func (m *Namer) referred(root *yaml.Node, reached map[string]bool) map[string]bool {
	found := map[string]bool{}
	m.eachSchema(root, reached, func(n *yaml.Node, inAllOf bool) {
		if ref := tree.Get(n, "$ref"); ref != nil && !inAllOf && tree.Get(n, "x-go-type") == nil {
			name, _, _ := tree.SchemaOf(ref.Value)
			found[name] = true
		}
	})
	return found
}

// eachSchema visits all mappings below the operations and the schemas they need.
func (m *Namer) eachSchema(root *yaml.Node, reached map[string]bool, visit func(n *yaml.Node, inAllOf bool)) {
	var walk func(n *yaml.Node, inAllOf bool)
	walk = func(n *yaml.Node, inAllOf bool) {
		if n.Kind == yaml.MappingNode {
			visit(n, inAllOf)
		}
		for key, value := range tree.Entries(n) {
			if !tree.Data[key.Value] || value.Kind == yaml.MappingNode {
				walk(value, key.Value == "allOf" && len(value.Content) > 1)
			}
		}
		if n.Kind == yaml.SequenceNode {
			for _, item := range n.Content {
				walk(item, inAllOf)
			}
		}
	}
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		if reached[name.Value] {
			walk(schema, false)
		}
	}
	if paths := tree.Get(root, "paths"); paths != nil {
		walk(paths, false)
	}
}

// localType finds the types of package gen in a Go type.
var localType = regexp.MustCompile(`(?:^|[^.\w])([A-Z]\w*)`)

// Place returns what a name of Go, a schema or an operationId stands for, or nil.
func (m *Namer) Place(root *yaml.Node, name string) *yaml.Node {
	if m.places == nil {
		m.places = map[string]*yaml.Node{}
		tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
			m.places[tree.IDOf(operation)], m.places[path.Value] = method, path
		})
		for key := range tree.Entries(tree.Schemas(root)) {
			m.places[key.Value] = key
		}
		for _, c := range append(m.typeClaims(root), m.methodClaims(root)...) {
			m.places[c.name] = c.place
		}
	}
	return m.places[name]
}

// used are the names in the methods of the client, which no argument may hide.
var used = []string{"body", "c", "call", "change", "context", "ctx", "edit", "items", "iter", "opts", "pages", "params", "p", "time", "uuid", "variant", "yield", "json", "nullable"}

// checkParameterNames keeps the names of arguments and of the fields of
// parameters apart.
func (m *Namer) checkParameterNames(root *yaml.Node) {
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		var fields, arguments []claim
		taken := map[string]bool{}
		for _, name := range append(types.Universe.Names(), used...) {
			taken[codegen.UppercaseFirstCharacter(name)] = true
		}
		for _, p := range tree.OrEmpty(tree.Get(operation, "parameters")).Content {
			name, in := tree.Get(p, "name"), tree.Get(p, "in")
			if name == nil || in == nil {
				continue
			}
			c := claim{
				name: m.goNameOf(name.Value, p), what: "parameter `" + name.Value + "` of " + tree.OperationName(method, path), place: p, node: p, firm: tree.Get(p, "x-go-name") != nil,
				lines: func(fresh string) string {
					return "  - target: $.paths['" + path.Value + "']." + method.Value + ".parameters[?@.name == '" + name.Value + "']\n" +
						"    description: Another parameter has this name, too.\n    update:\n      x-go-name: " + fresh
				},
			}
			switch {
			case in.Value != "path":
				fields = append(fields, c)
			case taken[c.name] && !c.firm:
				m.setGoName(c, c.name+"Value")
			default:
				arguments = append(arguments, c)
			}
		}
		m.resolve(fields, "Parameter", taken)
		m.resolve(arguments, "Parameter", taken)
	})
}

// setGoName names what has a claim.
func (m *Namer) setGoName(c claim, name string) {
	tree.Remove(c.node, "x-go-name")
	c.node.Content = append(c.node.Content, m.Text("x-go-name", c.place), m.Text(name, c.place))
}
