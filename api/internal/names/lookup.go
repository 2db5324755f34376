package names

import (
	"cmp"
	"go/token"
	"maps"
	"regexp"
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
	claims  map[*yaml.Node]map[string]int // how often a schema stands for a type
}

// find goes through the operations that are locked. It gives them, their
// parameters and all fields the names that they have in the lock.
func (m *Namer) find() *finder {
	f := &finder{m, tree.Index(tree.Schemas(m.root)), map[*yaml.Node]map[string]int{}}
	known := m.locked.In(m.root)
	for _, o := range m.operations() {
		ours := known(o.method, o.path)
		if ours == nil {
			continue
		}
		f.setName(o.node, tree.IDOf(o.node), ours.Name)
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
			if f.claims[schema] != nil {
				f.claims[schema][goType]-- // It is called so, which is no place.
			}
		}
	}
	return f
}

// setName sets the name in Go that something has in the lock, if that is another one.
func (m *Namer) setName(n *yaml.Node, name, goName string) {
	if goName != "" && goNameOf(name, n) != goName {
		m.Put(n, "x-go-name", goName)
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
		f.Put(given, "x-go-type", goType)
		f.Put(given, "x-go-type-skip-optional-pointer", true)
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
			schema, _, _ := tree.SchemaOf(tree.Value(part, "$ref"))
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
	case t.Says == "struct":
		return one(len(properties) == len(t.Fields) && hasType(n, "object"))
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

// LookUp gives the schemas of a published description the Go types that they have
// in the lock; those of our own have them from the overlay. A type that nothing
// declares is dropped.
func (m *Namer) LookUp() {
	if m.published {
		m.useLocked()
	}
	m.dropMissing()
	m.plainUnions()
	schemas, undeclared := tree.Index(tree.Schemas(m.root)), map[*yaml.Node]bool{}
	for _, schema := range schemas {
		if tree.Get(schema.Value, "x-go-type") != nil {
			tree.EachSchema(schema.Value, func(n *yaml.Node) { undeclared[n] = true })
		}
	}
	m.eachReference(func(n *yaml.Node, name string) { // as the generator wants it
		if given := tree.Value(schemas[name].Value, "x-go-type"); given != "" && given != "error" && !undeclared[n] && tree.Get(n, "x-go-type") == nil {
			m.Put(n, "x-go-type", given)
		}
	})
}

// useLocked declares once what is of one type in the lock, with all that any of the
// schemas says; what contradicts the others gets a name by rule.
func (m *Namer) useLocked() {
	m.dropUnreached()
	for _, schema := range tree.Entries(tree.Schemas(m.root)) {
		if plainType(schema) == "uuid.UUID" && tree.Get(schema, "x-go-type") == nil { // whatever its schema is called
			m.Put(schema, "x-go-type", "uuid.UUID")
		}
	}
	f := m.find()
	for name, schema := range tree.Entries(tree.Schemas(m.root)) {
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
	tree.EachSchema(m.root, func(n *yaml.Node) {
		given := f.said(n)
		switch {
		case f.isComponent(n):
		case tree.Get(n, "$ref") != nil:
			if given != "" {
				tree.Remove(n, "x-go-type") // It is what the schema is.
			}
		case declarable(n) && (given != "" || tree.Get(n, "x-go-type") == nil):
			if given = cmp.Or(given, f.best(n)); given != "" {
				tree.Remove(n, "x-go-type")
				m.Put(n, "x-go-type-name", given)
			}
		}
	})
	f.join()
}

// dropUnreached removes the schemas that no operation needs, such as those of
// webhooks. The generator would keep some of them.
func (m *Namer) dropUnreached() {
	reached := tree.Reached(m.root)
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

// said is the type of package gen that the overlay says a schema is.
func (f *finder) said(n *yaml.Node) string {
	for _, key := range []string{"x-go-type", "x-go-type-name"} {
		if given := tree.Value(n, key); token.IsIdentifier(given) && token.IsExported(given) && f.reserved[given] == nil {
			return given
		}
	}
	if f.isComponent(n) {
		return tree.Value(n, "x-go-name")
	}
	return ""
}

func (f *finder) isComponent(n *yaml.Node) bool {
	title := tree.Value(n, "title")
	return title != "" && f.schemas[title].Value == n
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
		if name, _, ok := tree.SchemaOf(tree.Value(n, "$ref")); ok && !parts[n] {
			visit(n, name)
		}
	})
}

// join has one schema declare each type. Schemas of the top come before those
// that are described in place, and the fullest of them before others.
func (f *finder) join() {
	inUse := map[string]bool{}
	f.eachReference(func(n *yaml.Node, name string) { inUse[name] = inUse[name] || tree.Get(n, "x-go-type") == nil })
	declaresNothing := func(name string, schema *yaml.Node) bool {
		return tree.Get(schema, "x-go-type") != nil || f.excluded[name] && !inUse[name]
	}
	alias := map[*yaml.Node]bool{}
	declares := map[string]*yaml.Node{} // by Go type
	join := func(same map[string][]*yaml.Node) {
		for _, goType := range tree.SortedKeys(same) {
			slices.SortStableFunc(same[goType], func(a, b *yaml.Node) int {
				return cmp.Or(cmp.Compare(one(alias[a]), one(alias[b])), cmp.Compare(f.size(b), f.size(a)))
			})
			for _, n := range same[goType] {
				if d := declares[goType]; d == nil {
					declares[goType] = n
				} else {
					f.joinOne(goType, d, n)
				}
			}
		}
	}
	atTop, inPlace := map[string][]*yaml.Node{}, map[string][]*yaml.Node{} // by Go type
	for name, schema := range tree.Entries(tree.Schemas(f.root)) {
		alias[schema] = hasType(schema, "null") || f.excluded[name.Value]
		if goType := goNameOf(name.Value, schema); f.given[schema] && !declaresNothing(name.Value, schema) {
			atTop[goType] = append(atTop[goType], schema)
		}
	}
	join(atTop)
	for name, schema := range tree.Entries(tree.Schemas(f.root)) {
		if declaresNothing(name.Value, schema) {
			f.excluded[name.Value] = true
			forget(schema)
		} else {
			delete(f.excluded, name.Value)
		}
	}
	tree.EachSchema(f.root, func(n *yaml.Node) {
		goType := tree.Value(n, "x-go-type-name")
		switch {
		case goType == "" || tree.Get(n, "x-go-type") != nil || f.isComponent(n):
		case !declarable(n):
			tree.Remove(n, "x-go-type-name")
		default:
			alias[n] = hasType(n, "null")
			inPlace[goType] = append(inPlace[goType], n)
		}
	})
	join(inPlace)
}

// forget removes the names of the types in a schema that declares nothing.
func forget(n *yaml.Node) {
	tree.Remove(n, "x-go-type-name")
	for _, inner := range n.Content {
		forget(inner)
	}
}

// declarable reports whether the generator declares a type for a schema that is
// described in place.
func declarable(n *yaml.Node) bool {
	return len(values(n)) > 0 || len(variantsOf(n)) > 0 || hasType(n, "object", "array") || tree.Get(n, "properties") != nil || tree.Get(n, "allOf") != nil
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
		delete(f.given, n)
		f.report.Note(report.Names, "%s is not `%s` as %s is: %s", f.At(n), goType, f.At(d), why)
		return
	}
	for _, value := range list(n, "enum") {
		if enum := tree.Get(d, "enum"); enum != nil && !slices.ContainsFunc(enum.Content, func(other *yaml.Node) bool { return tree.Equal(value, other) }) {
			enum.Content = append(enum.Content, f.Clone(value))
		}
	}
	f.joinProperties(goType, d, n)
	f.Put(n, "x-go-type", goType)
}

func (f *finder) joinProperties(goType string, d, n *yaml.Node) {
	have, more := f.properties(d), f.properties(n)
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
		if t := cmp.Or(f.typeOf(n), tree.Value(n, "x-go-type-name")); t != "" {
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
			n.Content = append(n.Content, f.Text("type", types[0]), types[0])
		}
		return plainType(n)
	}
	text, refs := tree.Shape(n)
	for _, ref := range refs {
		name, rest, _ := tree.SchemaOf(ref)
		text += " " + goNameOf(name, f.schemas[name].Value) + rest
	}
	return text
}

// localType finds the types of package gen in a Go type.
var localType = regexp.MustCompile(`(?:^|[^.\w])([A-Z]\w*)`)

// dropMissing removes types that nothing declares here, unless a part of a schema
// can: it then does. Schemas that only another one declared are declared again, if
// they are used.
func (m *Namer) dropMissing() {
	m.dropKeyword("x-go-type-name", func(n, _ *yaml.Node) bool {
		return tree.Get(n, "x-go-type") == nil && tree.Get(n, "$ref") == nil && !declarable(n)
	})
	claims := m.typeClaims()
	declared := m.declaredTypes(claims)
	m.includeUsed(declared)
	for _, c := range claims {
		m.declareParts(c.node, declared)
	}
	m.dropKeyword("x-go-type", func(_, given *yaml.Node) bool {
		return slices.ContainsFunc(localType.FindAllStringSubmatch(given.Value, -1), func(match []string) bool { return !declared[match[1]] })
	})
}

// dropKeyword removes a keyword, and what goes with it, where it names a type that is
// missing.
func (m *Namer) dropKeyword(keyword string, missing func(n, given *yaml.Node) bool) {
	tree.EachSchema(m.root, func(n *yaml.Node) {
		given := tree.Get(n, keyword)
		if given == nil || !missing(n, given) {
			return
		}
		m.report.Note(report.Overlay, "%s `%s` (%s) on %s: nothing here is called that", keyword, given.Value, m.At(given), m.At(n))
		for _, name := range []string{keyword, "x-go-type-skip-optional-pointer", "x-omitzero"} {
			tree.Remove(n, name)
		}
	})
}

// declaredTypes are the types that are written by hand, those of claims, and those
// that the generator declares for the properties of these.
func (m *Namer) declaredTypes(claims []claim) map[string]bool {
	declared := map[string]bool{}
	for name := range m.Declared() {
		declared[name] = true
	}
	for _, c := range claims {
		declared[c.name] = true
		for name, property := range tree.Entries(tree.Get(c.node, "properties")) {
			if declarable(property) && m.goType(property) == "" {
				declared[c.name+goNameOf(name.Value, property)] = true
			}
		}
	}
	return declared
}

// includeUsed has the excluded schemas declared that are referred to and that
// nothing else declares.
func (m *Namer) includeUsed(declared map[string]bool) {
	schemas, reached := tree.Index(tree.Schemas(m.root)), tree.Reached(m.root)
	m.eachReference(func(n *yaml.Node, name string) {
		schema := schemas[name].Value
		if goName := goNameOf(name, schema); m.excluded[name] && reached[name] && tree.Get(n, "x-go-type") == nil && tree.Get(schema, "x-go-type") == nil && !declared[goName] {
			delete(m.excluded, name)
			declared[goName] = true
		}
	})
}

// declareParts has the parts of a schema that are described in place declare the
// types that they have and that nothing else declares.
func (m *Namer) declareParts(n *yaml.Node, declared map[string]bool) {
	parts := []*yaml.Node{tree.Get(n, "additionalProperties"), tree.Get(n, "items")}
	for _, property := range tree.Entries(tree.Get(n, "properties")) {
		parts = append(parts, property)
	}
	for _, part := range parts {
		if goType := tree.Value(part, "x-go-type"); token.IsIdentifier(goType) && token.IsExported(goType) && !declared[goType] && tree.Get(part, "$ref") == nil && declarable(part) {
			tree.Remove(part, "x-go-type")
			m.Put(part, "x-go-type-name", goType)
			declared[goType] = true
		}
	}
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
			m.Put(n, "x-go-type", distinct[0])
		default:
			m.report.Note(report.Names, "a union at %s is JSON in Go, as two of its members would be of one type, or it is an error", m.At(n))
			m.Put(n, "x-go-type", "json.RawMessage")
		}
	})
}
