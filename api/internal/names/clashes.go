package names

import (
	"cmp"
	"go/types"
	"slices"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// claim is a name that the generator would declare.
type claim struct {
	name   string
	what   string     // has it, for people
	place  *yaml.Node // for people, too
	node   *yaml.Node // what has the name, or nil if it cannot have another
	target string     // of an overlay that gives it another
	firm   bool       // it was given this name, had it before or cannot have another
}

// CheckGoNames refuses what the generator or the compiler would refuse: two
// declarations of one name. In published documents one of them gets another name.
func (m *Namer) CheckGoNames() {
	m.separate(m.typeClaims(), "Schema")
	var operations []claim
	for _, o := range m.operations() {
		operations = append(operations, claim{name: o.name, what: o.what, place: o.method, node: o.node, target: pathTarget(o.method.Value, o.path.Value),
			firm: tree.Get(o.node, "x-go-name") != nil})
		m.checkParameterNames(o)
	}
	m.separate(operations, "Operation")
	m.nameReferences()
	for name, schema := range tree.Entries(tree.Schemas(m.root)) {
		if tree.Get(schema, "x-go-type") == nil {
			m.checkFieldNames(schema, name.Value, schemaTarget(name.Value))
		}
	}
}

// nameReferences gives the properties that refer to a schema with a name in Go one of
// their own. The generator would give them that of the schema.
func (m *Namer) nameReferences() {
	tree.EachSchema(m.root, func(n *yaml.Node) {
		for name, property := range tree.Entries(tree.Get(n, "properties")) {
			schema, _, ok := tree.ParseSchemaRef(tree.Value(property, "$ref"))
			if ok && tree.Get(property, "x-go-name") == nil && tree.Get(tree.Get(tree.Schemas(m.root), schema), "x-go-name") != nil {
				m.SetMember(property, "x-go-name", GoName(name.Value))
			}
		}
	})
}

// separate sees to it that no two claims are to one name: of two, the one that is
// firm keeps it, else the first.
func (m *Namer) separate(claims []claim, suffix string) {
	taken := map[string]bool{}
	for _, c := range claims {
		taken[c.name] = true
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return cmp.Compare(one(b.firm), one(a.firm)) })
	holders := map[string]claim{}
	for _, c := range claims {
		holder, claimed := holders[c.name]
		if !claimed {
			holders[c.name] = c
			continue
		}
		fresh := c.name + suffix
		for taken[fresh] {
			fresh += "2"
		}
		taken[fresh] = true
		if !m.published || c.node == nil {
			advice := ""
			if c.node != nil {
				advice = "; name one of them in the overlay:\n" + correction(c.target, "x-go-name", fresh)
			}
			m.Errorf("%s: %s and %s (%s) would both be %s in Go%s", m.At(c.place), c.what, holder.what, m.At(holder.place), c.name, advice)
			continue
		}
		m.SetMember(c.node, "x-go-name", fresh)
		m.report.Note(report.Settle, "%s (%s) would be `%s` in Go, as %s is (%s); it is now `%s`:\n%s",
			c.what, m.At(c.place), c.name, holder.what, m.At(holder.place), fresh, report.Fenced(correction(c.target, "x-go-name", fresh)))
	}
}

// correction is an action of an overlay that sets a field.
func correction(target, field, value string) string {
	return "  - target: " + target + "\n    description: Something else has this name, too.\n    update:\n      " + field + ": " + value
}

func pathTarget(method, path string) string { return "$.paths['" + path + "']." + method }

func schemaTarget(name string) string { return "$.components.schemas['" + name + "']" }

// typeClaims are the claims to names of types, first those that cannot have another:
// of the files written by hand, of parameters, of parts of schemas and of schemas.
func (m *Namer) typeClaims() []claim {
	var claims, schemas []claim
	for _, name := range tree.SortedKeys(m.reserved) {
		claims = append(claims, claim{name: name, what: "a declaration written by hand", place: m.reserved[name], firm: true})
	}
	for _, o := range m.operations() {
		if slices.ContainsFunc(list(o.node, "parameters"), func(p *yaml.Node) bool { return tree.Value(p, "in") != "path" }) {
			claims = append(claims, claim{name: o.name + "Params", what: "the parameters of " + o.what, place: o.method, firm: true})
		}
	}
	parts := map[string]bool{} // the types of parts of schemas
	for name, schema := range tree.Entries(tree.Schemas(m.root)) {
		if tree.Get(schema, "x-go-type") != nil {
			continue
		}
		tree.EachSchema(schema, func(n *yaml.Node) {
			if part := tree.Get(n, "x-go-type-name"); part != nil && !parts[part.Value] {
				parts[part.Value] = true
				claims = append(claims, claim{name: part.Value, what: "a part of `" + name.Value + "`", place: part, firm: true})
			}
		})
		if !m.excluded[name.Value] {
			if len(variantsOf(schema)) > 1 {
				made := "New" + goNameOf(name.Value, schema)
				claims = append(claims, claim{name: made, what: "what makes `" + name.Value + "`", place: name, firm: true})
			}
			schemas = append(schemas, claim{name: goNameOf(name.Value, schema), what: "schema `" + name.Value + "`", place: name, node: schema,
				target: schemaTarget(name.Value), firm: tree.Get(schema, "x-go-name") != nil || m.types[schema] != ""})
		}
	}
	return append(claims, schemas...)
}

// checkFieldNames does the same for the fields of a type and of those in it.
func (m *Namer) checkFieldNames(n *yaml.Node, schema, target string) {
	var claims []claim
	if further := tree.Get(n, "additionalProperties"); further != nil && further.Value != "false" {
		claims = append(claims, claim{name: "AdditionalProperties", what: "the further members of `" + schema + "`", place: further})
	}
	for name, property := range tree.Entries(tree.Get(n, "properties")) {
		at := target + ".properties['" + name.Value + "']"
		claims = append(claims, claim{name: goNameOf(name.Value, property), what: "property `" + name.Value + "` of `" + schema + "`", place: name, node: property,
			target: at, firm: tree.Get(property, "x-go-name") != nil})
		m.checkFieldNames(property, schema, at)
	}
	if items := tree.Get(n, "items"); items != nil {
		m.checkFieldNames(items, schema, target+".items")
	}
	m.separate(claims, "Field")
}

// used are the names in the methods of the client, which no argument may hide.
var used = []string{
	"body", "change", "context", "ctx", "edit", "err", "items", "iter", "json", "nullable", "opts", "pages", "params", "path",
	"result", "s", "time", "uuid", "variant",
}

// checkParameterNames keeps the names of arguments and of the fields of
// parameters apart.
func (m *Namer) checkParameterNames(o operation) {
	hidden := map[string]bool{}
	for _, name := range append(types.Universe.Names(), used...) {
		hidden[codegen.UppercaseFirstCharacter(name)] = true
	}
	var fields, arguments []claim
	for _, p := range list(o.node, "parameters") {
		name := tree.Value(p, "name")
		c := claim{name: goNameOf(name, p), what: "parameter `" + name + "` of " + o.what, place: p, node: p,
			target: pathTarget(o.method.Value, o.path.Value) + ".parameters[?@.name == '" + name + "']", firm: tree.Get(p, "x-go-name") != nil}
		switch {
		case tree.Value(p, "in") != "path":
			fields = append(fields, c)
		case hidden[c.name] && !c.firm:
			m.SetMember(p, "x-go-name", c.name+"Value")
		default:
			arguments = append(arguments, c)
		}
	}
	m.separate(fields, "Parameter")
	m.separate(arguments, "Parameter")
}
