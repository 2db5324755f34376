package names

import (
	"cmp"
	"go/token"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// finder finds which locked types the schemas of a published description are: by
// where they stand, beginning with the bodies and results of operations, and by
// what they say.
type finder struct {
	*Namer
	root    *yaml.Node
	schemas map[string]tree.Entry
	claims  map[*yaml.Node]map[string]int // how often a schema stands for a type
	seen    map[standing]bool
}

// standing is a schema in the place of a type.
type standing struct {
	schema *yaml.Node
	goType string
}

// find goes through the operations that are locked. It gives them, their
// parameters and all fields the names that they have in the lock.
func (m *Namer) find(root *yaml.Node) *finder {
	f := &finder{m, root, tree.Index(tree.Schemas(root)), map[*yaml.Node]map[string]int{}, map[standing]bool{}}
	known := m.locked.In(root)
	tree.EachPathOperation(root, func(method, path, operation *yaml.Node) {
		o := known(method, path)
		if o == nil {
			return
		}
		m.setName(operation, tree.IDOf(operation), o.Name)
		f.visit(jsonSchema(tree.Get(operation, "requestBody")), o.Body)
		f.visit(success(operation), o.Result)
		if params := m.locked.Types[o.Name+"Params"]; params != nil {
			for _, p := range tree.OrEmpty(tree.Get(operation, "parameters")).Content {
				if name := tree.Get(p, "name"); name != nil {
					f.field(p, name.Value, params)
					f.visit(tree.Get(p, "schema"), params.Fields[name.Value].Type)
				}
			}
		}
	})
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		if goType := f.named(name); f.similar(schema, goType) > 0 {
			f.visit(schema, goType)
			f.claims[schema][goType]--
		}
	}
	return f
}

// field gives a property or parameter the name of a locked field.
func (f *finder) field(n *yaml.Node, member string, owner *lock.Type) {
	if field := owner.Fields[member]; field.Name != "" {
		f.setName(n, member, field.Name)
	}
}

// setName sets the name in Go of what has another one.
func (m *Namer) setName(n *yaml.Node, name, goName string) {
	if m.goNameOf(name, n) != goName {
		m.set(n, "x-go-name", goName)
	}
}

func (m *Namer) set(n *yaml.Node, key, value string) {
	tree.Remove(n, key)
	n.Content = append(n.Content, m.Text(key, n), m.Text(value, n))
}

// resolve follows references, and goes to what may be null.
func (f *finder) resolve(n *yaml.Node) *yaml.Node {
	for range 100 {
		n = f.target(f.root, n)
		parts := slices.DeleteFunc(slices.Clone(variantsOf(n)), func(part *yaml.Node) bool { return hasType(part, "null") })
		if len(parts) != 1 || len(variantsOf(n)) != 2 {
			return n
		}
		n = parts[0]
	}
	return nil
}

// visit notes that a schema stands where a Go type is in the lock, and goes on
// with what is in it.
func (f *finder) visit(n *yaml.Node, goType string) {
	goType = strings.TrimPrefix(goType, "*")
	if inner, ok := strings.CutPrefix(goType, "nullable.Nullable["); ok {
		goType = strings.TrimSuffix(inner, "]")
	}
	given := n
	if n = f.resolve(n); n == nil || goType == "" {
		return
	}
	if f.reserved[goType] != nil && !isScalar(n) && f.typeOf(f.root, given) != goType { // a type written by hand
		f.set(given, "x-go-type", goType)
		tree.Remove(given, "x-go-type-skip-optional-pointer")
		given.Content = append(given.Content, f.Text("x-go-type-skip-optional-pointer", given), f.Parse("true", given))
	}
	if item, ok := strings.CutPrefix(goType, "[]"); ok {
		f.visit(tree.Get(n, "items"), item)
		return
	}
	if value, ok := strings.CutPrefix(goType, "map[string]"); ok {
		f.visit(tree.Get(n, "additionalProperties"), value)
		return
	}
	t := f.locked.Types[goType]
	if t == nil {
		return
	}
	if len(variantsOf(n)) == 0 {
		for _, variant := range t.Variants() { // a union of which one is left
			if f.similar(n, variant) > 0.5 {
				f.visit(n, variant)
				return
			}
		}
	}
	if f.claims[n] == nil {
		f.claims[n] = map[string]int{}
	}
	f.claims[n][goType]++
	if at := (standing{n, goType}); f.seen[at] || f.similar(n, goType) == 0 {
		return
	} else {
		f.seen[at] = true
	}
	f.visit(n, t.Says) // of an array or a map
	for name, property := range f.properties(f.root, n) {
		f.field(property, name, t)
		f.visit(property, t.Fields[name].Type)
	}
	f.variants(n, t.Variants())
}

// variants pairs the variants of a choice with those of a locked union: what has
// the name of one first, then by what they say.
func (f *finder) variants(n *yaml.Node, names []string) {
	parts := slices.Clone(variantsOf(n))
	for len(parts) > 0 && len(names) > 0 {
		best, bestPart, bestName := 0.0, 0, 0
		for i, part := range parts {
			for j, name := range names {
				alike := f.similar(f.resolve(part), name)
				if ref := tree.Get(part, "$ref"); ref != nil {
					if schema, _, _ := tree.SchemaOf(ref.Value); f.schemas[schema].Key != nil && f.named(f.schemas[schema].Key) == name {
						alike++
					}
				}
				if alike > best {
					best, bestPart, bestName = alike, i, j
				}
			}
		}
		if best == 0 {
			return
		}
		f.visit(parts[bestPart], names[bestName])
		parts, names = slices.Delete(parts, bestPart, bestPart+1), slices.Delete(slices.Clone(names), bestName, bestName+1)
	}
}

// similar is how much of a schema and of a locked type is the same, from 0 to 1.
func (f *finder) similar(n *yaml.Node, goType string) float64 {
	t := f.locked.Types[goType]
	properties, enum := f.properties(f.root, n), values(n)
	switch {
	case t == nil || n == nil:
		return 0
	case t.Says == "struct":
		if len(properties) == 0 || len(t.Fields) == 0 {
			return one(len(properties) == len(t.Fields) && hasType(n, "object"))
		}
		both := 0
		for name, property := range properties {
			field, ok := t.Fields[name]
			if !ok {
				continue
			}
			both++
			if known := f.locked.Types[strings.TrimPrefix(field.Type, "*")]; known != nil && len(known.Values) > 0 {
				if told := values(f.resolve(property)); len(told) == 1 && known.Values[told[0]] == "" {
					return 0 // It is told apart from those that the type is about.
				}
			}
		}
		return float64(both) / float64(len(properties)+len(t.Fields)-both)
	case len(t.Values) > 0:
		both := 0
		for _, value := range enum {
			if t.Values[value] != "" {
				both++
			}
		}
		return float64(both) / float64(len(enum)+len(t.Values)-both)
	case len(t.Variants()) > 0:
		return max(one(len(variantsOf(n)) > 0), 0.1*one(len(properties) > 0))
	case strings.HasPrefix(t.Says, "[]"):
		return one(hasType(n, "array"))
	case strings.HasPrefix(t.Says, "map["):
		return one(hasType(n, "object") && len(properties) == 0)
	}
	return one(t.Says == plainType(n))
}

func one(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}

// variantsOf are the parts of a choice.
func variantsOf(n *yaml.Node) []*yaml.Node {
	return append(slices.Clone(tree.OrEmpty(tree.Get(n, "oneOf")).Content), tree.OrEmpty(tree.Get(n, "anyOf")).Content...)
}

// hasType reports whether a schema allows values of a type.
func hasType(n *yaml.Node, name string) bool {
	t := tree.Get(n, "type")
	return t != nil && (t.Value == name || slices.ContainsFunc(t.Content, func(t *yaml.Node) bool { return t.Value == name }))
}

func isScalar(n *yaml.Node) bool {
	return slices.ContainsFunc([]string{"string", "integer", "number", "boolean", "array"}, func(name string) bool { return hasType(n, name) })
}

// values are those of an enumeration.
func values(n *yaml.Node) (all []string) {
	for _, value := range tree.OrEmpty(tree.Get(n, "enum")).Content {
		if value.ShortTag() != "!!null" {
			all = append(all, value.Value)
		}
	}
	return all
}

// best is the locked type that a schema stands for most often, and then the most
// similar one, or "".
func (f *finder) best(n *yaml.Node) string {
	types := slices.DeleteFunc(slices.Collect(maps.Keys(f.claims[n])), func(t string) bool { return f.similar(n, t) == 0 })
	if len(types) == 0 {
		return ""
	}
	return slices.MinFunc(types, func(a, b string) int {
		return cmp.Or(cmp.Compare(f.claims[n][b], f.claims[n][a]), cmp.Compare(f.similar(n, b), f.similar(n, a)), cmp.Compare(a, b))
	})
}

// named is the locked type of a schema that has the name of one of ours: all of
// it, or what follows the area that a document of an area leaves out.
func (f *finder) named(name *yaml.Node) string {
	area := tree.Stem(f.File(name)) + "."
	if known := cmp.Or(f.locked.Schemas[name.Value], f.locked.Schemas[area+name.Value], f.locked.Schemas[area+strings.TrimPrefix(name.Value, area)]); known != "" {
		return known
	}
	found := ""
	for schema, goType := range f.locked.Schemas {
		if _, rest, ok := strings.Cut(schema, "."); ok && rest == name.Value {
			if found != "" {
				return ""
			}
			found = goType
		}
	}
	return found
}

// RenameSchemas calls schemas that are known by another name what they are called
// in our own description, which is what the overlay knows them by.
func (m *Namer) RenameSchemas(root *yaml.Node) {
	f := m.find(root)
	types := map[string]string{} // the Go types of schemas
	kept := map[string]bool{}
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		byName, byPlace := f.named(name), f.best(schema)
		types[name.Value] = cmp.Or(byName, byPlace)
		if byName != "" && f.similar(schema, byPlace) > f.similar(schema, byName) {
			types[name.Value] = byPlace
		}
		kept[name.Value] = m.locked.Schemas[name.Value] == types[name.Value] || types[name.Value] == ""
	}
	free := map[string][]string{} // names of schemas that are not here, by Go type
	for _, name := range tree.SortedKeys(m.locked.Schemas) {
		if goType := m.locked.Schemas[name]; !kept[name] && !strings.Contains(name, "/") && name != "-" {
			free[goType] = append(free[goType], name)
		}
	}
	to := map[string]string{}
	for name := range tree.Entries(tree.Schemas(root)) {
		goType := types[name.Value]
		if kept[name.Value] || len(free[goType]) == 0 {
			continue
		}
		i := max(0, slices.IndexFunc(free[goType], func(known string) bool { return strings.HasSuffix(known, "."+name.Value) }))
		to[name.Value] = free[goType][i]
		free[goType] = slices.Delete(free[goType], i, i+1)
		m.report.Note(report.Names, "schema `%s` (%s) is `%s` in our own description, which stands in the same place", name.Value, m.At(name), to[name.Value])
	}
	taken := map[string]bool{}
	for _, name := range to {
		taken[name] = true
	}
	for name := range tree.Entries(tree.Schemas(root)) {
		if fresh := name.Value; to[fresh] == "" && taken[fresh] {
			for fresh += "2"; f.schemas[fresh].Key != nil || taken[fresh]; {
				fresh += "2"
			}
			to[name.Value], taken[fresh] = fresh, true
		}
	}
	tree.RenameSchemas(root, to)
}

// LookUp gives the schemas of a published description the Go types that they have
// in the lock. What is of one type is declared once, with all that any of them
// says; what contradicts the others gets a name by rule.
func (m *Namer) LookUp(root *yaml.Node) {
	if m.report == nil || !m.checks {
		return
	}
	reached := m.dropUnreached(root)
	for _, schema := range tree.Entries(tree.Schemas(root)) {
		if tree.Get(schema, "x-go-type") == nil && plainType(schema) == "uuid.UUID" { // whatever its schema is called
			m.set(schema, "x-go-type", "uuid.UUID")
		}
	}
	f := m.find(root)
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		given := f.said(schema)
		if given == "" && tree.Get(schema, "x-go-type") != nil {
			continue // a type from elsewhere
		}
		known := m.locked.Schemas[name.Value]
		if m.locked.Types[known] == nil {
			known = ""
		}
		if goType := cmp.Or(given, known, f.best(schema)); goType != "" {
			tree.Remove(schema, "x-go-type")
			f.setName(schema, name.Value, goType)
			m.given[schema] = true
		}
	}
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		for name, property := range tree.Entries(tree.Get(n, "properties")) {
			if ref := tree.Get(property, "$ref"); ref != nil && len(property.Content) > 2 && tree.Get(property, "x-go-name") == nil {
				m.set(property, "x-go-name", m.goName(name.Value)) // It would have the name of the schema.
			}
		}
		if tree.Get(n, "$ref") != nil {
			if f.said(n) != "" {
				tree.Remove(n, "x-go-type") // It is what the schema is.
			}
			return
		}
		if f.isComponent(n) {
			return
		}
		given := f.said(n)
		if given == "" && tree.Get(n, "x-go-type") == nil {
			given = f.best(n)
		}
		if given != "" && f.declarable(n) {
			tree.Remove(n, "x-go-type")
			m.set(n, "x-go-type-name", given)
		}
	})
	f.join(reached)
	m.resolve(m.typeClaims(root), "Schema", m.settled(root, m.typeClaims))
	m.dropBeside(root, reached)
	m.dropMissing(root, reached)
	m.typeReferences(root, reached, f.schemas)
	m.plainUnions(root, reached, f.schemas)
}

// said is the type of package gen that the overlay says a schema is.
func (f *finder) said(n *yaml.Node) string {
	for _, key := range []string{"x-go-type", "x-go-type-name"} {
		if given := tree.Get(n, key); given != nil && token.IsIdentifier(given.Value) && token.IsExported(given.Value) && f.reserved[given.Value] == nil {
			return given.Value
		}
	}
	if f.isComponent(n) {
		if given := tree.Get(n, "x-go-name"); given != nil {
			return given.Value
		}
	}
	return ""
}

func (f *finder) isComponent(n *yaml.Node) bool {
	title := tree.Get(n, "title")
	return title != nil && f.schemas[title.Value].Value == n
}

// isAlias reports whether another schema should declare the type of this one.
func (f *finder) isAlias(n *yaml.Node) bool {
	title := tree.Get(n, "title")
	return hasType(n, "null") || title != nil && f.excluded[title.Value]
}

// join has one schema declare each type. Schemas of the top come before those
// that are described in place, and the fullest before others.
func (f *finder) join(reached map[string]bool) {
	groups := map[string][]*yaml.Node{}
	grouped := map[*yaml.Node]bool{}
	inUse := f.referred(f.root, reached)
	for name, schema := range tree.Entries(tree.Schemas(f.root)) {
		if tree.Get(schema, "x-go-type") == nil && (inUse[name.Value] || !f.excluded[name.Value]) {
			grouped[schema] = true
			if goType := f.goNameOf(name.Value, schema); f.given[schema] {
				groups[goType] = append(groups[goType], schema)
			}
		}
	}
	hidden := map[*yaml.Node]bool{} // what is in schemas that declare nothing
	joinAll := func() {
		for _, goType := range tree.SortedKeys(groups) {
			group := groups[goType]
			slices.SortStableFunc(group, func(a, b *yaml.Node) int {
				return cmp.Or(cmp.Compare(one(f.isComponent(b)), one(f.isComponent(a))), cmp.Compare(one(f.isAlias(a)), one(f.isAlias(b))), cmp.Compare(f.size(b), f.size(a)))
			})
			for _, n := range group[1:] {
				f.joinOne(goType, group[0], n)
			}
		}
	}
	joinAll()
	groups = map[string][]*yaml.Node{}
	for name, schema := range tree.Entries(tree.Schemas(f.root)) {
		goType := f.goNameOf(name.Value, schema)
		if tree.Get(schema, "x-go-type") != nil || !grouped[schema] {
			f.excluded[name.Value] = true
			hide(schema, hidden)
		} else {
			delete(f.excluded, name.Value)
			if f.given[schema] {
				groups[goType] = append(groups[goType], schema)
			}
		}
	}
	f.eachSchema(f.root, reached, func(n *yaml.Node, _ bool) {
		if given := tree.Get(n, "x-go-type-name"); given != nil && tree.Get(n, "x-go-type") == nil && !f.isComponent(n) {
			if !f.declarable(n) || hidden[n] {
				tree.Remove(n, "x-go-type-name")
			}
			if f.declarable(n) && !hidden[n] && !slices.Contains(groups[given.Value], n) {
				groups[given.Value] = append(groups[given.Value], n)
			}
		}
	})
	joinAll()
}

func hide(n *yaml.Node, hidden map[*yaml.Node]bool) {
	hidden[n] = true
	for _, inner := range n.Content {
		hide(inner, hidden)
	}
}

// declarable reports whether the generator declares a type for a schema that is
// described in place.
func (f *finder) declarable(n *yaml.Node) bool {
	return len(values(n)) > 0 || len(variantsOf(n)) > 0 || hasType(n, "object") || hasType(n, "array") || tree.Get(n, "properties") != nil || tree.Get(n, "allOf") != nil
}

func (f *finder) size(n *yaml.Node) int {
	return len(values(n)) + len(f.properties(f.root, n)) + len(variantsOf(n))
}

// joinOne makes n of the type that d declares, with what only n says added to d.
// If the two contradict each other, n gets another name.
func (f *finder) joinOne(goType string, d, n *yaml.Node) {
	if d == n || tree.Get(n, "x-go-type") != nil {
		return
	}
	if why := f.contradicts(goType, d, n); why != "" {
		for _, key := range []string{"x-go-name", "x-go-type-name"} {
			tree.Remove(n, key)
		}
		delete(f.given, n)
		f.report.Note(report.Names, "%s is not `%s` as %s is: %s", f.At(n), goType, f.At(d), why)
		return
	}
	for _, value := range tree.OrEmpty(tree.Get(n, "enum")).Content {
		if enum := tree.Get(d, "enum"); enum != nil && !slices.ContainsFunc(enum.Content, func(other *yaml.Node) bool { return tree.Equal(value, other) }) {
			enum.Content = append(enum.Content, f.Clone(value))
		}
	}
	f.joinProperties(goType, d, n)
	tree.Remove(n, "x-go-name")
	tree.Remove(n, "x-go-type-name")
	f.set(n, "x-go-type", goType)
}

func (f *finder) joinProperties(goType string, d, n *yaml.Node) {
	have, more := f.properties(f.root, d), f.properties(f.root, n)
	if len(more) == 0 {
		return
	}
	own := tree.Get(d, "properties")
	if own == nil {
		own = f.Mapping("properties", d)
	}
	for _, name := range tree.SortedKeys(more) {
		if have[name] == nil {
			own.Content = append(own.Content, f.Text(name, more[name]), f.Clone(more[name]))
		}
	}
	required := tree.OrEmpty(tree.Get(d, "required"))
	required.Content = slices.DeleteFunc(required.Content, func(name *yaml.Node) bool {
		field := ""
		if t := f.locked.Types[goType]; t != nil {
			field = t.Fields[name.Value].Type
		}
		return !requires(n, name.Value) && (field == "" || strings.HasPrefix(field, "*"))
	})
}

// contradicts says why the Go type of one schema cannot be that of another, too,
// or nothing.
func (f *finder) contradicts(goType string, d, n *yaml.Node) string {
	have, more := f.properties(f.root, d), f.properties(f.root, n)
	choice := variantsOf(n)
	switch {
	case hasType(n, "null") && tree.Get(n, "type").Kind == yaml.ScalarNode:
		return "" // It says nothing.
	case len(choice) > 0 && !slices.ContainsFunc(choice, func(part *yaml.Node) bool { return f.goType(part) != goType }):
		return ""
	case len(have) > 0 && len(more) > 0 && len(variantsOf(d))+len(variantsOf(n)) == 0:
		for _, name := range tree.SortedKeys(more) {
			if a, b := have[name], more[name]; a != nil && f.goType(a) != f.goType(b) {
				return name + " is `" + f.goType(b) + "` in place of `" + f.goType(a) + "`"
			}
		}
		return ""
	case len(values(d)) > 0 && len(more) == 0 && len(variantsOf(n)) == 0 && tree.Get(n, "items") == nil:
		a, _ := tree.Shape(tree.Get(d, "type"))
		b, _ := tree.Shape(tree.Get(n, "type"))
		if strings.Contains(a, "integer") == strings.Contains(b, "integer") {
			return ""
		}
	}
	if a, b := f.content(d), f.content(n); a != b {
		return "they say different things"
	}
	return ""
}

// goType is the Go type of a schema, but for pointers.
func (f *finder) goType(n *yaml.Node) string {
	for range 100 {
		if t := f.typeOf(f.root, n); t != "" {
			return t
		}
		if given := tree.Get(n, "x-go-type-name"); given != nil {
			return given.Value
		}
		next := f.resolve(n)
		if next == n || next == nil {
			break
		}
		n = next
	}
	return f.content(n)
}

// content is what a schema that has no name is in Go.
func (f *finder) content(n *yaml.Node) string {
	if items := tree.Get(n, "items"); items != nil {
		return "[]" + f.goType(items)
	}
	if len(f.properties(f.root, n)) == 0 && len(variantsOf(n)) == 0 && len(values(n)) == 0 {
		if more := tree.Get(n, "additionalProperties"); more != nil && more.Kind == yaml.MappingNode {
			return "map[string]" + f.goType(more)
		}
		if hasType(n, "null") {
			n = &yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(n.Content)}
			types := tree.Get(n, "type")
			for _, t := range types.Content {
				if t.Value != "null" {
					tree.Remove(n, "type")
					n.Content = append(n.Content, f.Text("type", types), f.Text(t.Value, types))
					break
				}
			}
		}
		return plainType(n)
	}
	text, refs := tree.Shape(n)
	for _, ref := range refs {
		name, rest, _ := tree.SchemaOf(ref)
		text += " " + f.goNameOf(name, f.schemas[name].Value) + rest
	}
	return text
}

// dropMissing removes types that nothing declares here.
func (m *Namer) dropMissing(root *yaml.Node, reached map[string]bool) {
	declared := map[string]bool{}
	for _, c := range m.typeClaims(root) {
		declared[c.name] = true
	}
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		if name := tree.Get(n, "x-go-type-name"); name != nil && tree.Get(n, "x-go-type") == nil {
			declared[name.Value] = true
		}
	})
	m.eachSchema(root, reached, func(n *yaml.Node, _ bool) {
		given := tree.Get(n, "x-go-type")
		if given == nil {
			return
		}
		for _, match := range localType.FindAllStringSubmatch(given.Value, -1) {
			if !declared[match[1]] {
				m.report.Note(report.Overlay, "x-go-type `%s` (%s) on %s: nothing here is called that", given.Value, m.At(given), m.At(n))
				for _, key := range []string{"x-go-type", "x-go-type-skip-optional-pointer", "x-omitzero"} {
					tree.Remove(n, key)
				}
				return
			}
		}
	})
}

// SchemaTypes are the Go types of the schemas that have one, by their names.
func (m *Namer) SchemaTypes(root *yaml.Node) map[string]string {
	types := map[string]string{}
	for name := range tree.Reached(root) {
		if schema := tree.Get(tree.Schemas(root), name); schema != nil {
			types[name] = m.goNameOf(name, schema)
			if given := tree.Get(schema, "x-go-type"); given != nil {
				types[name] = given.Value
			}
		}
	}
	return types
}
