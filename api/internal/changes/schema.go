package changes

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// schema is a schema in a form that can be compared: it has the keywords of what its $ref
// refers to, and null is taken out of its types, values and variants.
type schema struct {
	*yaml.Node
	state    *State
	name     string   // the schema that its $ref refers to, or ""
	types    []string // without null, unless it is the only one; none for any type
	nullable bool
	nullHere bool         // whether null is beside a reference, and not in the schema that it refers to
	variants []*yaml.Node // the schemas in oneOf or anyOf
	values   []*yaml.Node // of enum; none for any value
}

// read returns a schema of the description.
func (s *State) read(n *yaml.Node) *schema {
	r := &schema{Node: s.flatten(n, 0), state: s, name: refName(n)}
	r.variants = tree.NonNullVariants(r.Node)
	r.nullable = tree.HasType(r.Node, "null") || len(r.variants) < len(tree.Variants(r.Node))
	if len(r.variants) == 1 {
		only := s.read(r.variants[0])
		only.nullHere = r.nullable && r.name == ""
		only.nullable = only.nullable || r.nullable
		only.name = cmp.Or(r.name, only.name)
		return only
	}
	types := tree.Types(r.Node)
	for _, t := range types {
		if t.Value != "null" || len(types) == 1 {
			r.types = append(r.types, t.Value)
		}
	}
	if len(types) == 0 && tree.Has(r.Node, "properties") {
		r.types = []string{"object"}
	}
	isNull := func(v *yaml.Node) bool { return v.ShortTag() == "!!null" }
	r.values = slices.DeleteFunc(slices.Clone(tree.Items(r.Node, "enum")), isNull)
	return r
}

// named returns a named schema of the description, or nil.
func (s *State) named(name string) *yaml.Node { return s.schemas[name].Value }

// refName returns the name of the schema that n refers to, or "".
func refName(n *yaml.Node) string {
	if name, rest, ok := tree.ParseSchemaRef(tree.Value(n, "$ref")); ok && rest == "" {
		return name
	}
	return ""
}

// flatten merges a schema with the schema that it refers to. Where both have a keyword, its
// own counts.
func (s *State) flatten(n *yaml.Node, depth int) *yaml.Node {
	name := refName(n)
	if name == "" || depth > 20 { // A schema can refer to itself.
		return n
	}
	target := tree.NonNil(s.flatten(s.named(name), depth+1))
	merged := &yaml.Node{Kind: yaml.MappingNode, Content: slices.Concat(n.Content, target.Content)}
	tree.Remove(merged, "$ref")
	return merged
}

// goFormat returns the format of a string if strings in this format have their own type
// in Go, else "".
func (s *schema) goFormat() string { return tree.GoFormat(tree.Value(s.Node, "format")) }

// properties returns the properties of an object, as parts.
func (s *schema) properties() map[string]part {
	all := map[string]part{}
	for name, n := range tree.Entries(tree.Get(s.Node, "properties")) {
		all[name.Value] = part{Node: n}
	}
	for _, name := range tree.Items(s.Node, "required") {
		all[name.Value] = part{all[name.Value].Node, true}
	}
	return all
}

// includesTypes reports whether each type of b but null is one of a, in Go and in JSON.
func (a *schema) includesTypes(b *schema) bool {
	if len(a.types) == 0 || slices.Contains(b.types, "null") {
		return true
	}
	for _, t := range b.types {
		if !slices.Contains(a.types, t) && (t != "integer" || !slices.Contains(a.types, "number")) {
			return false
		}
	}
	return len(b.types) > 0 && (a.goFormat() == "" || a.goFormat() == b.goFormat())
}

// asUnion returns the variants of a schema. A schema without any is its own only variant.
func (s *schema) asUnion() (variants []*schema) {
	for _, v := range s.variants {
		variants = append(variants, s.state.read(v))
	}
	if len(variants) > 0 {
		return variants
	}
	only := *s
	if only.nullable { // That was compared already.
		only.name, only.nullable = "", false
	}
	return []*schema{&only}
}

// constants returns the properties of a variant that have only one valid value, with these
// values: they distinguish it from other variants.
func (s *schema) constants() string {
	var constants []string
	for name, property := range tree.Entries(tree.Get(s.Node, "properties")) {
		if values := s.state.read(property).values; len(values) == 1 {
			constants = append(constants, name.Value+"="+values[0].Value)
		}
	}
	slices.Sort(constants)
	return strings.Join(constants, ",")
}

// similarity returns which part of the properties of two variants both have, from 0 to 1.
// It is 0 for different types, and 1 for variants of one type without properties.
func similarity(a, b *schema) float64 {
	properties, others := members(a.Node, "properties"), members(b.Node, "properties")
	switch {
	case !slices.Equal(a.types, b.types) || a.goFormat() != b.goFormat():
		return 0
	case len(properties)+len(others) == 0:
		return 1
	}
	common := len(properties) + len(others) - len(union(properties, others))
	return float64(common) / float64(max(len(properties), len(others)))
}

// compareSchemas compares two schemas at a location. Named schemas are compared at the
// location of their own, once for each operation and direction. They are a change
// themselves if they are different types in Go, unless one was renamed: then no state has
// both names.
func (r *reporter) compareSchemas(l location, d direction, from, to *yaml.Node) {
	a, b := r.old.read(from), r.new.read(to)
	r.compareRead(l, d, a, b)
	hasSiblings := len(tree.NonNil(from).Content)+len(tree.NonNil(to).Content) > 4 // beside the two $refs
	if a.name != "" && b.name != "" && hasSiblings {
		r.compareAnnotations(l, d, a.Node, b.Node)
	}
}

// compareRead is compareSchemas for schemas that were read already.
func (r *reporter) compareRead(l location, d direction, a, b *schema) {
	named := comparison{r.operation, a.name, b.name, d}
	before, now := r.schemaLocation(a.name), r.schemaLocation(b.name)
	wasThere, isStillThere := r.old.named(b.name) != nil, r.new.named(a.name) != nil
	switch {
	case a.name == "" || b.name == "":
		r.compareInline(l, d, a, b)
	case before != now && wasThere && isStillThere:
		r.addChange(d.class(true, true), l, "is "+code(now.name), code(before.name))
	default:
		if a.nullHere || b.nullHere {
			r.compareNull(l, d, a, b)
		}
		if r.done[named] {
			return
		}
		r.done[named] = true
		if before.isInGo() && wasThere && !isStillThere {
			now = before // The type is gone, and another one is in its place.
		}
		r.compareInline(now, d, r.old.read(r.old.named(a.name)), r.new.read(r.new.named(b.name)))
	}
}

// compareNull compares whether two schemas allow null.
func (r *reporter) compareNull(l location, d direction, a, b *schema) {
	switch {
	case b.nullable && !a.nullable:
		r.add(d.class(false, true), l, "can be null now")
	case a.nullable && !b.nullable:
		r.add(d.class(true, false), l, "cannot be null any more")
	}
}

// compareInline compares the keywords of two schemas.
func (r *reporter) compareInline(l location, d direction, a, b *schema) {
	r.compareNull(l, d, a, b)
	r.compareAnnotations(l, d, a.Node, b.Node)
	if len(a.variants)+len(b.variants) > 0 {
		r.compareVariants(l, d, a, b)
		return
	}
	if fewer, more := !b.includesTypes(a), !a.includesTypes(b); fewer || more {
		r.addChange(d.class(fewer, more), l, "is "+r.describeType(b), r.describeType(a))
		if !slices.ContainsFunc(a.types, func(t string) bool { return slices.Contains(b.types, t) }) {
			return
		}
	}
	areBoth := func(t string) bool { return slices.Contains(a.types, t) && slices.Contains(b.types, t) }
	r.compareValues(l, d, a.values, b.values)
	for _, k := range keywords {
		if k.name == "format" && (a.goFormat() != b.goFormat() || !slices.Contains(b.types, "string")) {
			continue // It was reported as another type, or it is the format of a number.
		}
		r.compareLimits(l, d, k, k.read(a), k.read(b))
	}
	if areBoth("array") {
		r.compareSchemas(l.nested("[]", "each item"), d, tree.Get(a.Node, "items"), tree.Get(b.Node, "items"))
	}
	if areBoth("object") {
		r.compareProperties(l, d, a, b)
	}
}

// compareLimits compares what two schemas say by a keyword.
func (r *reporter) compareLimits(l location, d direction, k keyword, before, now limit) {
	if fewer, more := k.compare(before, now); fewer || more {
		r.addChange(d.class(fewer, more), l, now.words, before.words)
	}
}

// compareAnnotations compares the keywords that do not limit the valid values.
func (r *reporter) compareAnnotations(l location, d direction, a, b *yaml.Node) {
	words := func(n *yaml.Node) string {
		if value := tree.Get(n, "default"); value != nil && value.ShortTag() != "!!null" {
			return "defaults to " + code(encode(value))
		}
		return "has no default"
	}
	isSame := tree.Equal(tree.Get(a, "default"), tree.Get(b, "default"))
	if before, now := words(a), words(b); d == request && before != now && !isSame {
		r.addChange(behaviour, l, now, before)
	}
	becameTrue := func(keyword string) bool {
		return tree.Value(b, keyword) == "true" && tree.Value(a, keyword) != "true"
	}
	if becameTrue("deprecated") {
		r.add(behaviour, l, "is deprecated")
	}
	if d == request && becameTrue("readOnly") {
		r.add(behaviour, l, "is read-only now: a request that sets it is refused, or the value is ignored")
	}
	if d != request && becameTrue("writeOnly") {
		r.add(behaviour, l, "is write-only now: no response has it")
	}
}

// compareValues compares the values of enum; none stand for any value.
func (r *reporter) compareValues(l location, d direction, from, to []*yaml.Node) {
	if len(from) == 0 || len(to) == 0 {
		r.compareLimits(l, d, keyword{}, r.limitedTo(from), r.limitedTo(to))
		return
	}
	if typ := r.new.Names.Types[l.goType]; typ != nil && len(typ.Values) > 0 {
		l = inGo(l.goType, l.goType) // They are the constants of a type.
	}
	if more := without(to, from); len(more) > 0 {
		list, symbols := r.new.listValues(l.goType, more)
		r.add(d.class(false, true), l, "can be "+list+" now", symbols...)
	}
	if fewer := without(from, to); len(fewer) > 0 {
		list, symbols := r.old.listValues(l.goType, fewer)
		r.add(max(d.class(true, false), behaviour), l, "cannot be "+list+" any more", symbols...)
	}
}

// without returns the values of a that b does not contain.
func without(a, b []*yaml.Node) []*yaml.Node {
	return slices.DeleteFunc(slices.Clone(a), func(v *yaml.Node) bool {
		return slices.ContainsFunc(b, func(other *yaml.Node) bool { return tree.Equal(v, other) })
	})
}

// compareProperties compares the properties of objects.
func (r *reporter) compareProperties(l location, d direction, a, b *schema) {
	kind, before, now := properties, r.additional(a), r.additional(b)
	if d == request && now.number == noValue { // A request that still has the property is refused.
		kind.classes[request][removed] = breaks
	}
	r.compareParts(kind, l, d, a.properties(), b.properties(), r.compareProperty)
	if before.number == oneSchema && now.number == oneSchema {
		from, to := tree.Get(a.Node, "additionalProperties"), tree.Get(b.Node, "additionalProperties")
		r.compareSchemas(l.nested(".*", "each additional property"), d, from, to)
		return
	}
	r.compareLimits(l, d, keyword{bound: 1}, before, now)
}

// compareProperty compares two states of a property. The client sets a required string of a
// request that has only one value, so callers have to set it once it can have another.
func (r *reporter) compareProperty(l location, d direction, a, b part) {
	r.compareSchemas(l, d, a.Node, b.Node)
	isSetByClient := func(s *State, p part) bool {
		values := s.read(p.Node).values
		return p.required && len(values) == 1 && values[0].ShortTag() == "!!str" && values[0].Value != ""
	}
	if d == request && b.required && isSetByClient(&r.old, a) && !isSetByClient(&r.new, b) {
		r.add(breaks, l, "has to be set now; before, the client set the only value")
	}
}

// compareVariants compares unions. A variant is the same as the one of its name; of others, as
// the most similar one that has the same constants, or else the most similar one, or else one
// with the same description in words.
func (r *reporter) compareVariants(l location, d direction, a, b *schema) {
	rank := func(v, u *schema) float64 {
		similar := similarity(v, u)
		switch {
		case v.name != "" && v.name == u.name:
			return 3
		case similar >= 0.75 && v.constants() == u.constants():
			return 1 + similar
		case similar < 0.5 && r.describe(v) == r.describe(u):
			return 0.1
		case similar < 0.5:
			return 0
		}
		return similar
	}
	pairs, gone, added := match(a.asUnion(), b.asUnion(), rank)
	for _, pair := range pairs {
		inVariant := l
		if name := tree.Value(pair[1].Node, "x-go-type-name"); name != "" { // It is a Go type.
			inVariant = inGo(name, name).part(l.detail)
		} else if pair[1].name == "" {
			inVariant.goType = ""
		}
		r.compareRead(inVariant, d, pair[0], pair[1])
	}
	for _, v := range added {
		c := d.class(false, true)
		if d == response && len(a.variants) == 0 && !a.includesTypes(v) { // What is no union in Go cannot hold it.
			c = breaks
		}
		r.add(c, l, "can be "+r.describeVariant(v)+" now")
	}
	for _, v := range gone {
		r.add(d.class(true, false), l, "cannot be "+r.describeVariant(v)+" any more")
	}
	before := tree.Value(a.Node, "discriminator", "propertyName")
	now := tree.Value(b.Node, "discriminator", "propertyName")
	if before != "" && now != "" && before != now {
		r.addChange(d.class(true, true), l, "has the discriminator "+code(now), code(before))
	}
}
