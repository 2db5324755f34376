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
	schemas map[string]tree.Entry
	names   map[*yaml.Node]string         // of the schemas at the top
	claims  map[*yaml.Node]map[string]int // how often a schema stands for a type
}

// find goes through the operations that are locked. It gives them, their
// parameters and all fields the names that they have in the lock.
func (m *Namer) find() *finder {
	f := &finder{m, tree.Index(tree.Schemas(m.root)), map[*yaml.Node]string{}, map[*yaml.Node]map[string]int{}}
	for name, schema := range f.schemas {
		f.names[schema.Value] = name
	}
	known := m.locked.In(m.root)
	for _, o := range m.operations() {
		ours := known(o.method, o.path)
		if ours == nil {
			continue
		}
		f.setName(o.node, tree.OperationID(o.node), ours.Name)
		f.visit(o.body, ours.Body)
		f.visit(o.response, ours.Result)
		if params := m.locked.Types[ours.Name+"Params"]; params != nil {
			for _, p := range list(o.node, "parameters") {
				field := params.Fields[tree.Value(p, "name")]
				f.setName(p, tree.Value(p, "name"), field.Name)
				f.visit(tree.Get(p, "schema"), field.Type)
			}
		}
	}
	for name, schema := range tree.Entries(tree.Schemas(m.root)) {
		if goType := f.named(name); f.similar(schema, goType) > 0 {
			f.visit(schema, goType)
		}
	}
	return f
}

// setName sets the name in Go that something has in the lock, if that is another one.
func (m *Namer) setName(n *yaml.Node, name, goName string) {
	if goName != "" && goNameOf(name, n) != goName {
		m.SetMember(n, "x-go-name", goName)
	}
}

// resolve follows references, and goes to what may be null.
func (f *finder) resolve(n *yaml.Node) *yaml.Node {
	for range 100 {
		n = f.target(n)
		parts := slices.DeleteFunc(variantsOf(n), func(part *yaml.Node) bool { return hasType(part, "null") })
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
	if f.reserved[goType] != nil && !hasType(n, "string", "integer", "number", "boolean", "array") && f.typeOf(given) != goType { // a type written by hand
		f.SetMember(given, "x-go-type", goType)
		f.SetMember(given, "x-go-type-skip-optional-pointer", true)
	}
	if item, ok := strings.CutPrefix(goType, "[]"); ok {
		f.visit(tree.Get(n, "items"), item)
	} else if value, ok := strings.CutPrefix(goType, "map[string]"); ok {
		f.visit(tree.Get(n, "additionalProperties"), value)
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
	if f.claims[n][goType]++; f.claims[n][goType] > 1 || f.similar(n, goType) == 0 {
		return
	}
	f.visit(n, t.Says) // of an array or a map
	for name, property := range f.properties(n) {
		f.setName(property, name, t.Fields[name].Name)
		f.visit(property, t.Fields[name].Type)
	}
	f.variants(n, t.Variants())
}

// variants pairs the variants of a choice with those of a locked union: what has
// the name of one first, then by what they say.
func (f *finder) variants(n *yaml.Node, names []string) {
	parts := variantsOf(n)
	for len(parts) > 0 && len(names) > 0 {
		best, bestPart, bestName := 0.0, 0, 0
		for i, part := range parts {
			schema, _, _ := tree.ParseSchemaRef(tree.Value(part, "$ref"))
			known := f.named(f.schemas[schema].Key)
			for j, name := range names {
				if alike := f.similar(f.resolve(part), name) + one(known == name); alike > best {
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
	if t == nil || n == nil {
		return 0
	}
	properties, enum := f.properties(n), values(n)
	both := 0
	switch {
	case t.Says == "struct" && len(properties) > 0 && len(t.Fields) > 0:
		for name, property := range properties {
			field, ok := t.Fields[name]
			if !ok {
				continue
			}
			both++
			if known := f.locked.Types[strings.TrimPrefix(field.Type, "*")]; known != nil && len(known.Values) > 0 {
				if told := values(f.resolve(property)); len(told) == 1 && known.Values[told[0]] == "" {
					return 0 // It is distinguished from those that the type is about.
				}
			}
		}
		return float64(both) / float64(len(properties)+len(t.Fields)-both)
	case len(t.Values) > 0:
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

// best is the locked type that a schema stands for most often, and then the most
// similar one, or "".
func (f *finder) best(n *yaml.Node) string {
	types := slices.SortedFunc(maps.Keys(f.claims[n]), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.claims[n][b], f.claims[n][a]), cmp.Compare(f.similar(n, b), f.similar(n, a)), cmp.Compare(a, b))
	})
	for _, goType := range types {
		if f.similar(n, goType) > 0 {
			return goType
		}
	}
	return ""
}

// named is the locked type of a schema that has the name of one of ours: all of
// it, or what follows the area that a document of an area leaves out.
func (f *finder) named(name *yaml.Node) string {
	if name == nil {
		return ""
	}
	area := tree.NamePrefix(f.File(name)) + "."
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
func (m *Namer) RenameSchemas() {
	f := m.find()
	types := map[string]string{} // the Go types of schemas
	kept := map[string]bool{}
	for name, schema := range tree.Entries(tree.Schemas(m.root)) {
		goType, byPlace := f.named(name), f.best(schema)
		if goType == "" || f.similar(schema, byPlace) > f.similar(schema, goType) {
			goType = byPlace
		}
		types[name.Value], kept[name.Value] = goType, m.locked.Schemas[name.Value] == goType
	}
	free := map[string][]string{} // names of schemas that are not here, by Go type
	for _, name := range tree.SortedKeys(m.locked.Schemas) {
		if goType := m.locked.Schemas[name]; !kept[name] && lock.IsSchema(name) {
			free[goType] = append(free[goType], name)
		}
	}
	to, taken := map[string]string{}, map[string]bool{}
	for name := range tree.Entries(tree.Schemas(m.root)) {
		names := free[types[name.Value]]
		if kept[name.Value] || len(names) == 0 {
			continue
		}
		i := max(0, slices.IndexFunc(names, func(known string) bool { return strings.HasSuffix(known, "."+name.Value) }))
		to[name.Value], taken[names[i]] = names[i], true
		free[types[name.Value]] = slices.Delete(names, i, i+1)
		m.report.Note(report.Names, "schema `%s` (%s) is `%s` in our own description, which stands in the same place", name.Value, m.At(name), to[name.Value])
	}
	for name := range tree.Entries(tree.Schemas(m.root)) {
		if fresh := name.Value; to[fresh] == "" && taken[fresh] {
			for f.schemas[fresh].Key != nil || taken[fresh] {
				fresh += "2"
			}
			to[name.Value], taken[fresh] = fresh, true
		}
	}
	tree.RenameSchemas(m.root, to)
}

// LookUp gives schemas the Go types that they have in the overlay or in the lock.
// What is of one type is declared once, with all that any of the schemas says; what
// contradicts the others gets a name by rule.
func (m *Namer) LookUp() {
	m.dropUnreached()
	f := m.find()
	f.decide()
	f.join()
	m.nameEnumValues()
	m.dropUndeclared()
	m.plainUnions()
	m.repeatTypes()
}

// decide finds the Go types of package gen that schemas are: those that the overlay
// gives them or that they have in the lock.
func (f *finder) decide() {
	aliased := map[string]bool{} // the types that x-go-type names
	tree.EachSchema(f.root, func(n *yaml.Node) { aliased[tree.Value(n, "x-go-type")] = true })
	tree.EachSchema(f.root, func(n *yaml.Node) {
		name, given := f.names[n], tree.Value(n, "x-go-type")
		switch {
		case given != "" && !f.isOurs(given):
		case name == "" && declarable(n):
			f.types[n] = cmp.Or(given, tree.Value(n, "x-go-type-name"), f.best(n))
		case name == "":
			tree.Remove(n, "x-go-type-name")
		case given == "" && plainType(n) == "uuid.UUID": // whatever its schema is called
			f.SetMember(n, "x-go-type", "uuid.UUID")
		default:
			known := f.locked.Schemas[name]
			if f.locked.Types[known] == nil {
				known = ""
			}
			if f.types[n] = cmp.Or(given, tree.Value(n, "x-go-name"), known, f.best(n)); f.types[n] == "" && aliased[GoName(name)] {
				f.types[n] = GoName(name)
			}
			f.setName(n, name, f.types[n])
		}
	})
}

// isOurs reports whether a Go type is one that a schema has to declare.
func (m *Namer) isOurs(goType string) bool {
	return token.IsIdentifier(goType) && token.IsExported(goType) && m.reserved[goType] == nil
}

// dropUndeclared removes types that nothing declares, and notes the schemas that
// declare none: those that have the type of another, and those that are only parts
// of others, which say the same.
func (m *Namer) dropUndeclared() {
	inUse := map[string]bool{}
	m.eachReference(func(n *yaml.Node, name string) {
		given := tree.Value(n, "x-go-type")
		inUse[name] = inUse[name] || given == "" || given == m.typeNamed(name)
	})
	for name, schema := range tree.Entries(tree.Schemas(m.root)) {
		if tree.Get(schema, "x-go-type") != nil || !inUse[name.Value] {
			m.excluded[name.Value] = true
		}
	}
	declared := m.Declared()
	tree.EachSchema(m.root, func(n *yaml.Node) {
		if given := tree.Get(n, "x-go-type"); given != nil && m.isOurs(given.Value) && declared[given.Value] == nil {
			m.report.Note(report.Overlay, "x-go-type `%s` (%s) on %s: nothing here is called that", given.Value, m.At(given), m.At(n))
			tree.Remove(n, "x-go-type")
		}
	})
}

// repeatTypes gives references the type of the schema that they refer to, as the
// generator wants it.
func (m *Namer) repeatTypes() {
	schemas, undeclared := tree.Index(tree.Schemas(m.root)), map[*yaml.Node]bool{}
	for _, schema := range schemas {
		if tree.Get(schema.Value, "x-go-type") != nil {
			tree.EachSchema(schema.Value, func(n *yaml.Node) { undeclared[n] = true })
		}
	}
	m.eachReference(func(n *yaml.Node, name string) {
		given := tree.Value(schemas[name].Value, "x-go-type")
		if given != "" && given != "error" && !undeclared[n] && tree.Get(n, "x-go-type") == nil {
			m.SetMember(n, "x-go-type", given)
		}
	})
}

// dropUnreached removes the schemas that no operation needs, such as those of
// webhooks. The generator would keep some of them.
func (m *Namer) dropUnreached() {
	reached := tree.ReachableSchemas(m.root)
	var names []string
	for name := range tree.Entries(tree.Schemas(m.root)) {
		if !reached[name.Value] {
			names = append(names, name.Value)
		}
	}
	for _, name := range names {
		tree.Remove(tree.Schemas(m.root), name)
	}
	if len(names) > 0 {
		m.report.Note(report.Left, "%d schemas that no operation needs: `%s`", len(names), strings.Join(names, "`, `"))
	}
}

// eachReference visits the references to schemas that are not parts of others.
func (m *Namer) eachReference(visit func(n *yaml.Node, name string)) {
	parts := map[*yaml.Node]bool{}
	tree.EachSchema(m.root, func(n *yaml.Node) {
		if all := list(n, "allOf"); len(all) > 1 {
			for _, part := range all {
				parts[part] = true
			}
		}
	})
	tree.EachSchema(m.root, func(n *yaml.Node) {
		if name, _, ok := tree.ParseSchemaRef(tree.Value(n, "$ref")); ok && !parts[n] {
			visit(n, name)
		}
	})
}

// join has one schema declare each type: rather one at the top than one that is
// described in place, rather one that does not have it from another or can be null, and
// rather the fullest.
func (f *finder) join() {
	atTop, inPlace := map[string][]*yaml.Node{}, map[string][]*yaml.Node{} // by Go type
	tree.EachSchema(f.root, func(n *yaml.Node) {
		if goType := f.types[n]; f.names[n] != "" && goType != "" {
			atTop[goType] = append(atTop[goType], n)
		}
	})
	declares := map[string]*yaml.Node{} // by Go type
	f.declareOnce(atTop, declares)
	for _, schema := range tree.Entries(tree.Schemas(f.root)) {
		if tree.Get(schema, "x-go-type") != nil { // It declares nothing.
			tree.EachSchema(schema, func(n *yaml.Node) {
				delete(f.types, n)
				tree.Remove(n, "x-go-type-name")
			})
		}
	}
	tree.EachSchema(f.root, func(n *yaml.Node) {
		if goType := f.types[n]; f.names[n] == "" && goType != "" {
			inPlace[goType] = append(inPlace[goType], n)
		}
	})
	f.declareOnce(inPlace, declares)
}

// declareOnce has one of the schemas declare each type that has no declaration yet.
func (f *finder) declareOnce(same map[string][]*yaml.Node, declares map[string]*yaml.Node) {
	second := func(n *yaml.Node) float64 { return one(tree.Get(n, "x-go-type") != nil || hasType(n, "null")) }
	for _, goType := range tree.SortedKeys(same) {
		slices.SortStableFunc(same[goType], func(a, b *yaml.Node) int {
			return cmp.Or(cmp.Compare(second(a), second(b)), cmp.Compare(f.size(b), f.size(a)))
		})
		for _, n := range same[goType] {
			tree.Remove(n, "x-go-type")
			switch d := declares[goType]; {
			case d != nil:
				f.joinOne(goType, d, n)
				continue
			case f.names[n] == "":
				f.SetMember(n, "x-go-type-name", goType)
			}
			declares[goType] = n
		}
	}
}

// declarable reports whether the generator declares a type for a schema that is
// described in place.
func declarable(n *yaml.Node) bool {
	return len(values(n)) > 0 || len(variantsOf(n)) > 0 || hasType(n, "object", "array") ||
		tree.Get(n, "properties") != nil || tree.Get(n, "allOf") != nil
}

// size is how much a schema says.
func (f *finder) size(n *yaml.Node) int {
	return len(values(n)) + len(f.properties(n)) + len(variantsOf(n))
}

// joinOne makes n of the type that d declares, with what only n says added to d.
// If the two contradict each other, n gets another name.
func (f *finder) joinOne(goType string, d, n *yaml.Node) {
	why := f.contradicts(goType, d, n)
	tree.Remove(n, "x-go-name")
	tree.Remove(n, "x-go-type-name")
	if why != "" {
		delete(f.types, n)
		f.report.Note(report.Names, "%s is not `%s` as %s is: %s", f.At(n), goType, f.At(d), why)
		return
	}
	enum := tree.NonNil(tree.Get(d, "enum"))
	for _, value := range list(n, "enum") {
		has := slices.ContainsFunc(enum.Content, func(other *yaml.Node) bool { return tree.Equal(value, other) })
		if !has && value.ShortTag() != "!!null" { // Whether n can be null is not about the type.
			enum.Content = append(enum.Content, f.Clone(value))
		}
	}
	f.joinProperties(goType, d, n)
	f.SetMember(n, "x-go-type", goType)
}

func (f *finder) joinProperties(goType string, d, n *yaml.Node) {
	have, more := f.properties(d), f.properties(n)
	if len(more) == 0 {
		return
	}
	own := tree.Get(d, "properties")
	if own == nil {
		own = f.EnsureObject(d, "properties")
	}
	for _, name := range tree.SortedKeys(more) {
		if have[name] == nil {
			own.Content = append(own.Content, f.NewString(name, more[name]), f.Clone(more[name]))
		}
	}
	required := tree.NonNil(tree.Get(d, "required"))
	required.Content = slices.DeleteFunc(required.Content, func(name *yaml.Node) bool {
		field := ""
		if t := f.locked.Types[goType]; t != nil {
			field = t.Fields[name.Value].Type
		}
		return !f.requires(n, name.Value) && (field == "" || strings.HasPrefix(field, "*"))
	})
}

// contradicts says why the Go type of one schema cannot be that of another, too,
// or nothing.
func (f *finder) contradicts(goType string, d, n *yaml.Node) string {
	have, more := f.properties(d), f.properties(n)
	choice := variantsOf(n)
	switch {
	case len(choice) > 0 && !slices.ContainsFunc(choice, func(part *yaml.Node) bool { return f.typeIn(part) != goType }):
		return ""
	case len(have) > 0 && len(more) > 0 && len(variantsOf(d))+len(choice) == 0:
		for _, name := range tree.SortedKeys(more) {
			if a, b := have[name], more[name]; a != nil && f.typeIn(a) != f.typeIn(b) {
				return name + " is `" + f.typeIn(b) + "` in place of `" + f.typeIn(a) + "`"
			}
		}
		return ""
	case len(values(d)) > 0 && len(more)+len(choice) == 0 && tree.Get(n, "items") == nil && hasType(d, "integer") == hasType(n, "integer"):
		return ""
	case f.content(d) != f.content(n):
		return "they say different things"
	}
	return ""
}

// typeIn is the Go type of a schema, but for pointers, or what it says if that has
// no name.
func (f *finder) typeIn(n *yaml.Node) string {
	for range 100 {
		if t := cmp.Or(f.types[n], f.typeOf(n)); t != "" {
			return t
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
		return "[]" + f.typeIn(items)
	}
	if f.size(n) == 0 {
		if more := tree.Get(n, "additionalProperties"); more != nil && more.Kind == yaml.MappingNode {
			return "map[string]" + f.typeIn(more)
		}
		types := slices.DeleteFunc(slices.Clone(list(n, "type")), func(t *yaml.Node) bool { return t.Value == "null" })
		if len(types) > 0 {
			n = &yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(n.Content)}
			tree.Remove(n, "type")
			n.Content = append(n.Content, f.NewString("type", types[0]), types[0])
		}
		return plainType(n)
	}
	text, refs := tree.CanonicalForm(n)
	for _, ref := range refs {
		name, rest, _ := tree.ParseSchemaRef(ref)
		text += " " + goNameOf(name, f.schemas[name].Value) + rest
	}
	return text
}

// plainUnions makes JSON of the unions whose members Go cannot tell apart, or has
// no types for.
func (m *Namer) plainUnions() {
	tree.EachSchema(m.root, func(n *yaml.Node) {
		var types []string
		for _, variant := range variantsOf(n) {
			if goType := m.typeOf(variant); goType != "" {
				types = append(types, goType)
			}
		}
		distinct := slices.Compact(slices.Sorted(slices.Values(types)))
		switch {
		case tree.Get(n, "x-go-type") != nil || len(distinct) == len(types) && !slices.Contains(types, "error"):
		case len(distinct) == 1 && len(types) == len(variantsOf(n)):
			m.SetMember(n, "x-go-type", distinct[0])
		default:
			m.report.Note(report.Names, "a union at %s is JSON in Go, as two of its members would be of one type, or it is an error", m.At(n))
			m.SetMember(n, "x-go-type", "json.RawMessage")
		}
	})
}
