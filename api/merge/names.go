package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"
)

// generator is what its configuration says that matters to names.
type generator struct {
	file     file
	root     *yaml.Node      // the configuration
	exclude  *yaml.Node      // its list of schemas that get no declaration
	excluded map[string]bool // the same
	reserved map[string]bool // names that the files beside the generated one declare
}

// readGenerator reads the configuration of oapi-codegen and has it set up its
// way to make names.
func (m *merger) readGenerator(f file, reserved []string) {
	root := m.load(f)
	if root == nil {
		return
	}
	g := &generator{file: f, root: root, excluded: map[string]bool{}, reserved: map[string]bool{}}
	options := get(root, "output-options")
	g.exclude = get(options, "exclude-schemas")
	for _, name := range orEmpty(g.exclude).Content {
		g.excluded[name.Value] = true
	}
	for _, name := range reserved {
		g.reserved[name] = true
	}
	var o struct {
		Normalizer  string   `yaml:"name-normalizer"`
		Initialisms []string `yaml:"additional-initialisms"`
	}
	err := orEmpty(options).Decode(&o)
	if err == nil {
		// The names are made by functions that read what the last run was told.
		_, err = codegen.Generate(&openapi3.T{OpenAPI: "3.1.0", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}, codegen.Configuration{
			PackageName:   "names",
			Generate:      codegen.GenerateOptions{Models: true},
			OutputOptions: codegen.OutputOptions{NameNormalizer: o.Normalizer, AdditionalInitialisms: o.Initialisms},
		})
	}
	if err != nil {
		m.errorf("%s: %w", f.name, err)
		return
	}
	m.generator = g
}

// declarations are the names that Go files declare.
func (m *merger) declarations(files []string) []string {
	var names []string
	for _, name := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			m.errorf("%w", err)
			continue
		}
		for _, decl := range parsed.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					names = append(names, decl.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names = append(names, spec.Name.Name)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							names = append(names, name.Name)
						}
					}
				}
			}
		}
	}
	return append(names, "Client", "ServerURL")
}

// goName is how the generator writes a name in Go.
func (m *merger) goName(name string) string {
	if m.generator == nil {
		return name
	}
	return codegen.SchemaNameToTypeName(name)
}

// goNameOf is the Go name of a schema or an operation.
func (m *merger) goNameOf(name string, n *yaml.Node) string {
	if given := get(n, "x-go-name"); given != nil {
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

// checkGoNames refuses what the generator or the compiler would refuse: two
// declarations of one name. In foreign documents one of them gets another name.
func (m *merger) checkGoNames(root *yaml.Node) {
	if m.generator == nil {
		return
	}
	if m.intake != nil {
		m.settleTypes(root)
	}
	m.resolve(m.typeClaims(root), "Schema", m.settled(root, m.typeClaims))
	m.resolve(m.methodClaims(root), "Operation", m.settled(root, m.methodClaims))
	m.checkFieldNames(root)
}

// settled are the names that are taken, so that a new one can be found.
func (m *merger) settled(root *yaml.Node, claims func(*yaml.Node) []claim) map[string]bool {
	taken := map[string]bool{}
	for _, c := range claims(root) {
		taken[c.name] = true
	}
	return taken
}

func (m *merger) resolve(claims []claim, suffix string, taken map[string]bool) {
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
		if m.intake == nil || c.node == nil {
			advice := ""
			if c.node != nil {
				advice = "; name one of them in the overlay:\n" + c.lines(fresh)
			}
			m.errorf("%s: %s and %s (%s) would both be %s in Go%s", m.at(c.place), c.what, winner.what, m.at(winner.place), c.name, advice)
			continue
		}
		remove(c.node, "x-go-name")
		c.node.Content = append(c.node.Content, m.text("x-go-name", c.place), m.text(fresh, c.place))
		m.intake.note(sectionSettle, "%s (%s) would be `%s` in Go, as %s is (%s); it is now `%s`:\n%s",
			c.what, m.at(c.place), c.name, winner.what, m.at(winner.place), fresh, fenced(c.lines(fresh)))
	}
}

// typeClaims are the claims to names of types: of the schemas that operations
// need, of parameters and of the files written by hand.
func (m *merger) typeClaims(root *yaml.Node) []claim {
	var claims []claim
	byHand := &yaml.Node{}
	m.files[byHand] = "package gen"
	for _, name := range sortedKeys(m.generator.reserved) {
		claims = append(claims, claim{name: name, what: "a declaration written by hand", place: byHand, firm: true})
	}
	eachPathOperation(root, func(method, path, operation *yaml.Node) {
		for _, p := range orEmpty(get(operation, "parameters")).Content {
			if in := get(p, "in"); in != nil && in.Value != "path" {
				name := m.goNameOf(idOf(operation), operation) + "Params"
				claims = append(claims, claim{name: name, what: "the parameters of " + operationName(method, path), place: method, firm: true})
				return
			}
		}
	})
	reached := m.reached(root)
	typeNames := map[string]string{}
	for name, schema := range entries(schemas(root)) {
		if !reached[name.Value] {
			continue
		}
		eachKeyword(schema, func(key, value *yaml.Node) {
			if key.Value == "x-go-type-name" && typeNames[value.Value] == "" {
				typeNames[value.Value] = name.Value
				claims = append(claims, claim{name: value.Value, what: "a part of `" + name.Value + "`", place: value, firm: true})
			}
		})
		if m.generator.excluded[name.Value] || get(schema, "x-go-type") != nil {
			continue
		}
		ours := get(schemas(m.shipped()), name.Value)
		claims = append(claims, claim{
			name: m.goNameOf(name.Value, schema), what: "schema `" + name.Value + "`", place: name, node: schema,
			firm: get(schema, "x-go-name") != nil || ours != nil,
			lines: func(fresh string) string {
				return "  - target: $.components.schemas['" + name.Value + "']\n" +
					"    description: Another type has this name, too.\n    update:\n      x-go-name: " + fresh
			},
		})
	}
	return claims
}

func (m *merger) shipped() *yaml.Node {
	if m.intake == nil {
		return nil
	}
	return m.intake.shipped
}

func idOf(operation *yaml.Node) string {
	if id := get(operation, "operationId"); id != nil {
		return id.Value
	}
	return ""
}

// methodClaims are the claims to names of the client's methods. A list can be
// iterated over, and an update be an edit, which makes methods of their own.
func (m *merger) methodClaims(root *yaml.Node) []claim {
	shipped := map[string]bool{}
	eachPathOperation(m.shipped(), func(_, _, operation *yaml.Node) { shipped[idOf(operation)] = true })
	var claims []claim
	eachPathOperation(root, func(method, path, operation *yaml.Node) {
		name, what := m.goNameOf(idOf(operation), operation), operationName(method, path)
		firm := shipped[idOf(operation)] || get(operation, "x-go-name") != nil
		claims = append(claims, claim{name: name, what: what, place: method, node: operation, firm: firm,
			lines: func(fresh string) string { return overlayLines(method.Value, path.Value, "x-go-name", fresh) }})
		derive := func(prefix, rest string) {
			claims = append(claims, claim{name: prefix + rest, what: "what is made of " + what, place: method, firm: firm})
		}
		if rest, ok := strings.CutPrefix(name, "List"); ok && method.Value == "get" {
			derive("All", rest)
			derive("PagesOf", rest)
		}
		if rest, ok := strings.CutPrefix(name, "Update"); ok {
			derive("Edit", rest)
		}
	})
	return claims
}

// checkFieldNames does the same for the fields of each type.
func (m *merger) checkFieldNames(root *yaml.Node) {
	reached := m.reached(root)
	for name, schema := range entries(schemas(root)) {
		if !reached[name.Value] || get(schema, "x-go-type") != nil {
			continue
		}
		var walk func(n *yaml.Node, at string)
		walk = func(n *yaml.Node, at string) {
			var claims []claim
			for property, value := range entries(get(n, "properties")) {
				claims = append(claims, claim{
					name: m.goNameOf(property.Value, value), place: property, node: value, firm: get(value, "x-go-name") != nil,
					what: "property `" + property.Value + "` of `" + name.Value + "`",
					lines: func(fresh string) string {
						return "  - target: $.components.schemas['" + name.Value + "']" + at + ".properties['" + property.Value + "']\n" +
							"    description: Another property has this name, too.\n    update:\n      x-go-name: " + fresh
					},
				})
				walk(value, at+".properties['"+property.Value+"']")
			}
			if items := get(n, "items"); items != nil {
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

// reached are the schemas that operations refer to, directly or not, and that
// therefore become Go.
func (m *merger) reached(root *yaml.Node) map[string]bool {
	found := map[string]bool{}
	all := index(schemas(root))
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		eachRef(n, func(ref *yaml.Node) {
			if name, _, ok := schemaOf(ref.Value); ok && !found[name] {
				found[name] = true
				if schema := all[name].value; schema != nil {
					visit(schema)
				}
			}
		})
	}
	if paths := get(root, "paths"); paths != nil {
		visit(paths)
	}
	return found
}

// settleTypes makes the corrections of the overlay, which were written for our
// own description, safe in another: a type that something is said to have has to
// be declared, and an alias has to be the same as what it is an alias of.
func (m *merger) settleTypes(root *yaml.Node) {
	reached := m.dropUnreached(root)
	g, all := m.generator, index(schemas(root))
	include := func(name, why string) {
		delete(g.excluded, name)
		m.intake.note(sectionNames, "schema `%s` (%s) has a declaration of its own, as %s", name, m.at(all[name].key), why)
	}
	// An id is a UUID, whatever its schema is called.
	for name, schema := range entries(schemas(root)) {
		text, _ := shape(schema)
		if text == `{"format""uuid""type""string"}` && get(schema, "x-go-type") == nil {
			schema.Content = append(schema.Content, m.text("x-go-type", name), m.text("uuid.UUID", name))
		}
	}
	unfit := map[string]bool{} // schemas that are no longer what they were an alias of
	m.typeReferences(root, reached, all)
	groups := map[string][]string{}
	for name, schema := range entries(schemas(root)) {
		if reached[name.Value] && get(schema, "x-go-type") == nil {
			goName := m.goNameOf(name.Value, schema)
			groups[goName] = append(groups[goName], name.Value)
		}
	}
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		if name := get(n, "x-go-type-name"); name != nil && get(n, "x-go-type") == nil {
			delete(groups, name.Value) // Declared in place.
		}
	})
	inUse := m.referred(root, reached)
	for _, goName := range sortedKeys(groups) {
		members := groups[goName]
		declared := slices.IndexFunc(members, func(name string) bool { return !g.excluded[name] })
		if declared < 0 {
			declared = slices.IndexFunc(members, func(name string) bool { return inUse[name] })
			if declared < 0 {
				continue // Only parts of other schemas.
			}
			include(members[declared], "here it is used by itself")
		}
		first := members[declared]
		for _, name := range members {
			if g.excluded[name] && inUse[name] && !m.fits(name, first, all, unfit) {
				include(name, fmt.Sprintf("it is not the same as `%s` (%s) here", first, m.at(all[first].key)))
				remove(all[name].value, "x-go-name")
				unfit[name] = true
			}
		}
	}
	m.dropUnfit(root, reached, unfit)
	m.declareTypes(root, reached)
	m.plainUnions(root, reached, all)
}

// dropUnreached removes the schemas that no operation needs, such as those of
// webhooks, and returns the others. The generator would keep some of them.
func (m *merger) dropUnreached(root *yaml.Node) map[string]bool {
	reached := m.reached(root)
	var names []string
	for name := range entries(schemas(root)) {
		if !reached[name.Value] {
			names = append(names, name.Value)
		}
	}
	for _, name := range names {
		remove(schemas(root), name)
	}
	if len(names) > 0 {
		m.intake.note(sectionLeft, "%d schemas that no operation needs: `%s`", len(names), strings.Join(names, "`, `"))
	}
	return reached
}

// typeReferences repeats the Go type of a schema where it is referred to, as the
// generator wants it and the overlay does for our own.
func (m *merger) typeReferences(root *yaml.Node, reached map[string]bool, all map[string]entry) {
	m.eachSchema(root, reached, func(n *yaml.Node, inAllOf bool) {
		ref := get(n, "$ref")
		if ref == nil || inAllOf || get(n, "x-go-type") != nil {
			return
		}
		name, _, _ := schemaOf(ref.Value)
		if other := get(all[name].value, "x-go-type"); other != nil {
			n.Content = append(n.Content, m.text("x-go-type", other), m.text(other.Value, other))
		}
	})
}

// plainUnions makes JSON of the unions whose members Go cannot tell apart, or has
// no types for.
func (m *merger) plainUnions(root *yaml.Node, reached map[string]bool, all map[string]entry) {
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		for _, kind := range []string{"oneOf", "anyOf"} {
			seen := map[string]bool{}
			for _, member := range orEmpty(get(n, kind)).Content {
				goType := ""
				if given := get(member, "x-go-type"); given != nil {
					goType = given.Value
				} else if ref := get(member, "$ref"); ref != nil {
					name, rest, _ := schemaOf(ref.Value)
					goType = m.goNameOf(name, all[name].value) + rest
				}
				if (seen[goType] && goType != "" || goType == "error") && get(n, "x-go-type") == nil {
					m.intake.note(sectionNames, "a union at %s is JSON in Go, as two of its members would be `%s`, or it is an error", m.at(n), goType)
					n.Content = append(n.Content, m.text("x-go-type", n), m.text("json.RawMessage", n))
				}
				seen[goType] = true
			}
		}
	})
	m.typeReferences(root, reached, all)
}

// referred are the schemas that are referred to other than as a part of another
// or as some other type.
func (m *merger) referred(root *yaml.Node, reached map[string]bool) map[string]bool {
	found := map[string]bool{}
	m.eachSchema(root, reached, func(n *yaml.Node, inAllOf bool) {
		if ref := get(n, "$ref"); ref != nil && !inAllOf && get(n, "x-go-type") == nil {
			name, _, _ := schemaOf(ref.Value)
			found[name] = true
		}
	})
	return found
}

// eachSchema visits all mappings below the operations and the schemas they need.
func (m *merger) eachSchema(root *yaml.Node, reached map[string]bool, visit func(n *yaml.Node, inAllOf bool)) {
	var walk func(n *yaml.Node, inAllOf bool)
	walk = func(n *yaml.Node, inAllOf bool) {
		if n.Kind == yaml.MappingNode {
			visit(n, inAllOf)
		}
		for key, value := range entries(n) {
			if !data[key.Value] || value.Kind == yaml.MappingNode {
				walk(value, key.Value == "allOf")
			}
		}
		if n.Kind == yaml.SequenceNode {
			for _, item := range n.Content {
				walk(item, inAllOf)
			}
		}
	}
	for name, schema := range entries(schemas(root)) {
		if reached[name.Value] {
			walk(schema, false)
		}
	}
	if paths := get(root, "paths"); paths != nil {
		walk(paths, false)
	}
}

// fits tells whether the Go type of schema b can hold what a says, or the two are
// what they are in the description that we ship, down to what a refers to.
func (m *merger) fits(a, b string, all map[string]entry, unfit map[string]bool) bool {
	_, refs := shape(all[a].value)
	changed := slices.ContainsFunc(refs, func(ref string) bool {
		name, _, _ := schemaOf(ref)
		return unfit[name]
	})
	return !changed && m.asShipped(a, all) && m.asShipped(b, all) || m.holds(all[b].value, all[a].value, all)
}

// asShipped tells whether a schema says what it says in the description that we
// ship, but for what it refers to.
func (m *merger) asShipped(name string, all map[string]entry) bool {
	mine, _ := shape(all[name].value)
	theirs, _ := shape(get(schemas(m.shipped()), name))
	return mine == theirs
}

// holds tells whether the Go type of y can hold what x says: x is the same, or has
// some of its values or properties and no others.
func (m *merger) holds(y, x *yaml.Node, all map[string]entry) bool {
	return m.holdsBelow(y, x, all, 0)
}

func (m *merger) holdsBelow(y, x *yaml.Node, all map[string]entry, depth int) bool {
	text, refs := shape(x)
	other, otherRefs := shape(y)
	goType := func(ref string) string {
		name, rest, _ := schemaOf(ref)
		schema := all[name].value
		if given := get(schema, "x-go-type"); given != nil {
			return given.Value + rest
		}
		return m.goNameOf(name, schema) + rest
	}
	if text == other && slices.EqualFunc(refs, otherRefs, func(a, b string) bool { return goType(a) == goType(b) }) {
		return true
	}
	resolve := func(n *yaml.Node) *yaml.Node {
		if ref := get(n, "$ref"); ref != nil {
			name, _, _ := schemaOf(ref.Value)
			return all[name].value
		}
		return n
	}
	x, y = resolve(x), resolve(y)
	if x == nil || y == nil || depth > 10 || !equal(get(x, "type"), get(y, "type")) {
		return false
	}
	if enum := get(x, "enum"); enum != nil {
		return !slices.ContainsFunc(enum.Content, func(value *yaml.Node) bool {
			return !slices.ContainsFunc(orEmpty(get(y, "enum")).Content, func(other *yaml.Node) bool { return equal(value, other) })
		})
	}
	if items := get(x, "items"); items != nil {
		return m.holdsBelow(get(y, "items"), items, all, depth+1)
	}
	properties, others := get(x, "properties"), index(get(y, "properties"))
	for name, value := range entries(properties) {
		if !m.holdsBelow(others[name.Value].value, value, all, depth+1) {
			return false
		}
	}
	return properties != nil
}

// localType finds the types of package gen in a Go type.
var localType = regexp.MustCompile(`(?:^|[^.\w])([A-Z]\w*)`)

// dropUnfit removes an x-go-type from schemas that say more than the type holds,
// where those of our own description do not.
func (m *merger) dropUnfit(root *yaml.Node, reached, unfit map[string]bool) {
	all := index(schemas(root))
	declares := map[string]string{} // schemas, by the Go types that they declare
	for name, schema := range entries(schemas(root)) {
		if reached[name.Value] && get(schema, "x-go-type") == nil && !m.generator.excluded[name.Value] {
			declares[m.goNameOf(name.Value, schema)] = name.Value
		}
	}
	for changed := true; changed; { // What refers to one that is unfit may be, too.
		changed = false
		for name, schema := range entries(schemas(root)) {
			given := get(schema, "x-go-type")
			if !reached[name.Value] || given == nil {
				continue
			}
			if first := declares[given.Value]; first != "" && !m.fits(name.Value, first, all, unfit) {
				unfit[name.Value], changed = true, true
				m.dropGoType(schema, fmt.Sprintf("it is not the same as `%s` (%s) here", first, m.at(all[first].key)))
			}
		}
	}
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		given := get(n, "x-go-type")
		if given == nil {
			return
		}
		if ref := get(n, "$ref"); ref != nil {
			if name, _, ok := schemaOf(ref.Value); ok && unfit[name] {
				remove(n, "x-go-type")
			}
			return
		}
		first := declares[given.Value]
		if enum := get(n, "enum"); enum != nil && first != "" && !m.holds(all[first].value, n, all) && !m.asShipped(first, all) {
			m.dropGoType(n, fmt.Sprintf("it has values that `%s` (%s) has not here", first, m.at(all[first].key)))
		}
	})
}

// dropGoType leaves the type that the description says.
func (m *merger) dropGoType(n *yaml.Node, why string) {
	given := get(n, "x-go-type")
	m.intake.note(sectionOverlay, "x-go-type `%s` (%s) on %s: %s, so the type is as described", given.Value, m.at(given), m.at(n), why)
	for _, key := range []string{"x-go-type", "x-go-type-skip-optional-pointer", "x-omitzero"} {
		remove(n, key)
	}
}

// declareTypes sees to it that each x-go-type is declared. If what declares it in
// our own description is not here, the fullest of the schemas that are said to be
// of the type declares it; where there is none, the type is the one that the
// description says.
func (m *merger) declareTypes(root *yaml.Node, reached map[string]bool) {
	all := index(schemas(root))
	hidden := map[*yaml.Node]bool{} // what is in schemas that get no declaration
	var hide func(n *yaml.Node)
	hide = func(n *yaml.Node) {
		hidden[n] = true
		for _, child := range n.Content {
			hide(child)
		}
	}
	for name := range m.generator.excluded {
		if schema := all[name].value; schema != nil {
			hide(schema)
		}
	}
	for changed := true; changed; {
		changed = false
		declared := map[string]bool{}
		for _, c := range m.typeClaims(root) {
			declared[c.name] = true
		}
		missing := map[string][]*yaml.Node{}
		m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
			if name := get(n, "x-go-type-name"); name != nil && get(n, "x-go-type") == nil {
				declared[name.Value] = true
			}
		})
		m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
			given := get(n, "x-go-type")
			if given == nil || given.Kind != yaml.ScalarNode {
				return
			}
			for _, match := range localType.FindAllStringSubmatch(given.Value, -1) {
				if !declared[match[1]] {
					missing[match[1]] = append(missing[match[1]], n)
					return
				}
			}
		})
		for _, name := range sortedKeys(missing) {
			changed = true
			m.declare(name, missing[name], hidden, all)
		}
	}
}

// declare has one of the schemas that are said to be of a type declare it: of
// those that are seen, if any is, the fullest.
func (m *merger) declare(goType string, said []*yaml.Node, hidden map[*yaml.Node]bool, all map[string]entry) {
	isComponent := func(n *yaml.Node) bool {
		title := get(n, "title")
		return title != nil && all[title.Value].value == n
	}
	var fullest *yaml.Node
	for _, n := range said {
		if get(n, "$ref") != nil || get(n, "x-go-type").Value != goType || size(n) == 0 {
			continue
		}
		if fullest == nil || hidden[fullest] && !hidden[n] || hidden[fullest] == hidden[n] && size(n) > size(fullest) {
			fullest = n
		}
	}
	kept := map[string]bool{} // components that have the type
	for _, n := range said {
		switch {
		case get(n, "$ref") != nil:
			continue
		case n == fullest:
			key := "x-go-type-name"
			if isComponent(n) {
				key = "x-go-name"
			}
			given := get(n, "x-go-type")
			remove(n, key)
			n.Content = append(n.Content, m.text(key, given), m.text(goType, given))
			remove(n, "x-go-type")
		case fullest == nil || !m.holds(fullest, n, all):
			m.dropGoType(n, "nothing here is called `"+goType+"`")
			continue
		}
		if isComponent(n) {
			kept[get(n, "title").Value] = true
		}
	}
	for _, n := range said {
		if ref := get(n, "$ref"); ref != nil {
			if name, _, _ := schemaOf(ref.Value); !kept[name] {
				m.dropGoType(n, "nothing here is called `"+goType+"`")
			}
		}
	}
}

// size is how much there is in a schema that is described in place.
func size(n *yaml.Node) int {
	return len(orEmpty(get(n, "enum")).Content) + len(orEmpty(get(n, "properties")).Content)
}

// configuration is that of the generator with the exclusions that are right for
// what was taken in.
func (m *merger) configuration() ([]byte, error) {
	g := m.generator
	if g.exclude != nil {
		g.exclude.Content = slices.DeleteFunc(g.exclude.Content, func(n *yaml.Node) bool { return !g.excluded[n.Value] })
		if len(g.exclude.Content) == 0 {
			g.exclude.Style = yaml.FlowStyle
		}
	}
	text, err := yaml.Marshal(g.root)
	return append([]byte("# Code generated by api/merge from oapi-config.yaml. DO NOT EDIT.\n"), text...), err
}
