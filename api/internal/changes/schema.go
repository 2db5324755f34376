package changes

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// node is an object of a description, as encoding/json reads it.
type node = map[string]any

func object(v any) node { n, _ := v.(node); return n }
func array(v any) []any { a, _ := v.([]any); return a }
func text(v any) string { s, _ := v.(string); return s }

func union[V any](a, b map[string]V) map[string]V {
	all := map[string]V{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// common is how many keys two maps have in common.
func common[V any](a, b map[string]V) int { return len(a) + len(b) - len(union(a, b)) }

// at goes into objects by keys; what is not there is nil.
func at(v any, path ...string) any {
	for _, key := range path {
		v = object(v)[key]
	}
	return v
}

// child is something that an object has by its name.
type child struct {
	node     node
	required bool
}

// children are the members of an object that are objects.
func children(v any) map[string]child {
	all := map[string]child{}
	for name, member := range object(v) {
		if n := object(member); n != nil {
			all[name] = child{n, n["required"] == true}
		}
	}
	return all
}

// children compares what is in an object before and now, by name, and hands what is
// in both to both.
func (r *reporter) children(
	d direction, k kind, from, to map[string]child,
	place func(name string, n node) place, both func(p place, name string, a, b node),
) {
	for _, name := range tree.SortedKeys(union(from, to)) {
		a, had := from[name]
		b, has := to[name]
		event := -1
		switch {
		case !has:
			event, b = isGone, a
		case !had && b.required:
			event = isNewAndRequired
		case !had:
			event = isNew
		case b.required && !a.required:
			event = isRequired
		case a.required && !b.required:
			event = isOptional
		}
		p := place(name, b.node)
		if event >= 0 {
			r.add(k[event], p, events[min(d, response)][event])
		}
		if had && has && both != nil {
			both(p, name, a.node, b.node)
		}
	}
}

// schema is a schema without what can be said in several ways: what it refers to
// and the parts of an allOf are put together, and null is kept apart.
type schema struct {
	node
	name     string // of the schema that it refers to, or ""
	types    []any  // but null; none is any
	null     bool
	variants []any // of oneOf or anyOf, but null
	values   []any // of enum or const, but null; none is any
}

// read reads a schema of a description.
func (s *State) read(v any) schema {
	n := schema{node: s.flat(object(v), 0), name: refName(v)}
	types, values := array(n.node["type"]), array(n.node["enum"])
	if t := n.node["type"]; t != nil && types == nil {
		types = []any{t}
	}
	if only, ok := n.node["const"]; ok && len(values) == 0 {
		values = []any{only}
	}
	n.types, n.values = without(types, []any{"null"}), without(values, []any{nil})
	if len(types) == 0 && n.node["properties"] != nil {
		n.types = []any{"object"}
	}
	variants := slices.Concat(array(n.node["oneOf"]), array(n.node["anyOf"]))
	n.variants = slices.DeleteFunc(slices.Clone(variants), func(v any) bool { return at(v, "type") == "null" })
	n.null = contains(types, "null") || contains(values, nil) || len(n.variants) < len(variants)
	if len(n.variants) == 1 {
		only := s.read(n.variants[0])
		only.name, only.null = n.name, only.null || n.null
		return only
	}
	return n
}

// variants are those of a union. What is none has itself as its only one.
func (s *State) variants(n schema) (all []schema) {
	for _, v := range n.variants {
		all = append(all, s.read(v))
	}
	if n.null {
		n.name, n.null = "", false
	}
	if len(all) == 0 {
		return []schema{n}
	}
	return all
}

// refName is the name of the schema that v refers to, or "".
func refName(v any) string {
	if name, rest, ok := tree.ParseSchemaRef(text(at(v, "$ref"))); ok && rest == "" {
		return name
	}
	return ""
}

func (s *State) named(name string) any { return at(s.doc, "components", "schemas", name) }

// flat puts what a schema refers to and the parts of its allOf into one.
func (s *State) flat(n node, depth int) node {
	parts := array(n["allOf"])
	if name := refName(n); name != "" {
		parts = append([]any{s.named(name)}, parts...)
	}
	if len(parts) == 0 || depth > 20 {
		return n
	}
	whole := node{}
	own := maps.Clone(n)
	delete(own, "$ref")
	delete(own, "allOf")
	for _, part := range append(parts, own) {
		for key, value := range s.flat(object(part), depth+1) {
			switch key {
			case "properties":
				value = union(object(whole[key]), object(value))
			case "required":
				value = slices.Concat(array(whole[key]), array(value))
			}
			whole[key] = value
		}
	}
	return whole
}

func contains(values []any, v any) bool {
	return slices.ContainsFunc(values, func(other any) bool { return reflect.DeepEqual(v, other) })
}

// without returns the values of a that b has not.
func without(a, b []any) []any {
	return slices.DeleteFunc(slices.Clone(a), func(v any) bool { return contains(b, v) })
}

// goFormat is the format of a string if strings of that format have a type of
// their own in Go.
func (s schema) goFormat() string {
	if format := text(s.node["format"]); slices.Contains([]string{"uuid", "date-time", "binary"}, format) {
		return format
	}
	return ""
}

// members returns the members of an object, and those that it requires.
func (s schema) members() map[string]child {
	all := map[string]child{}
	for name, n := range object(s.node["properties"]) {
		all[name] = child{node: object(n)}
	}
	for _, name := range array(s.node["required"]) {
		all[text(name)] = child{all[text(name)].node, true}
	}
	return all
}

// further is what s says of members that it does not name: true for any, false
// for none, else a schema.
func (s schema) further() any {
	for _, key := range []string{"additionalProperties", "unevaluatedProperties"} {
		if v := s.node[key]; v != nil && !reflect.DeepEqual(v, node{}) {
			return v
		}
	}
	return true
}

// schema compares two schemas of the descriptions.
func (r *reporter) schema(p place, d direction, from, to any) {
	a, b := r.old.read(from), r.new.read(to)
	r.schemas(p, d, a, b)
	if a.name != "" && b.name != "" && len(object(from))+len(object(to)) > 2 { // They say something beside the references.
		r.notes(p, d, a.node, b.node)
	}
}

// schemas compares two schemas. Two names stand for one schema if both are one type
// in Go, or if the other description knows nothing of one of them.
func (r *reporter) schemas(p place, d direction, a, b schema) {
	refs := pair{a.name, b.name, d}
	was, is := r.schemaPlace(a.name), r.schemaPlace(b.name)
	switch {
	case a.name == "" || b.name == "":
		r.compare(p, d, a, b)
	case was != is && r.old.named(b.name) != nil && r.new.named(a.name) != nil:
		r.add(d.otherType(true, true), p, nowBefore("is "+code(is.name), code(was.name)))
	case !r.compared[refs]:
		r.compared[refs] = true
		r.compare(is, d, r.old.read(r.old.named(a.name)), r.new.read(r.new.named(b.name)))
	}
}

func (r *reporter) compare(p place, d direction, a, b schema) {
	switch {
	case b.null && !a.null:
		r.add(d.class(false, true), p, "can be null now")
	case a.null && !b.null:
		r.add(d.class(true, false), p, "cannot be null any more")
	}
	r.notes(p, d, a.node, b.node)
	if len(a.variants)+len(b.variants) > 0 {
		r.variants(p, d, a, b)
		return
	}
	a.name, b.name = "", ""
	if fewer, more := !covers(b, a), !covers(a, b); fewer || more {
		r.add(d.otherType(fewer, more), p, nowBefore("is "+r.words(&r.new, b), r.words(&r.old, a)))
		if !slices.ContainsFunc(a.types, func(t any) bool { return contains(b.types, t) }) {
			return
		}
	}
	r.values(p, d, a.values, b.values)
	for _, k := range keywords {
		if k.name == "format" && (a.goFormat() != b.goFormat() || !contains(b.types, "string")) {
			continue // This is another type, or one number in Go.
		}
		from, to := a.node[k.name], b.node[k.name]
		if fewer, more := k.compare(from, to); fewer || more {
			r.add(d.class(fewer, more), p, nowBefore(k.phrase(to), k.phrase(from)))
		}
	}
	if contains(a.types, "array") && contains(b.types, "array") {
		r.schema(p.of("each item "), d, a.node["items"], b.node["items"])
	}
	if contains(a.types, "object") && contains(b.types, "object") {
		r.members(p, d, a, b)
	}
}

// covers reports whether a takes the types of all values that b takes.
func covers(a, b schema) bool {
	if len(a.types) == 0 {
		return true
	}
	for _, t := range b.types {
		if !contains(a.types, t) && (t != "integer" || !contains(a.types, "number")) {
			return false
		}
	}
	return len(b.types) > 0 && (a.goFormat() == "" || a.goFormat() == b.goFormat())
}

// notes compares what is said beside what values are right.
func (r *reporter) notes(p place, d direction, a, b node) {
	if from, to := a["default"], b["default"]; d == request && !reflect.DeepEqual(from, to) {
		phrase := func(v any) string {
			if v == nil {
				return "has no default"
			}
			return "defaults to " + value(v)
		}
		r.add(behaviour, p, nowBefore(phrase(to), phrase(from)))
	}
	for keyword, words := range map[string]string{
		"deprecated": "is deprecated",
		"readOnly":   map[direction]string{request: "can only be read now: a request that sets it is refused, or changes nothing"}[d],
		"writeOnly":  map[direction]string{response: "can only be written now: no response has it"}[d],
	} {
		if words != "" && b[keyword] == true && a[keyword] != true {
			r.add(behaviour, p, words)
		}
	}
}

// values compares what is listed by enum or const.
func (r *reporter) values(p place, d direction, from, to []any) {
	switch {
	case len(from) == 0 && len(to) == 0:
		return
	case len(from) == 0:
		is, _ := r.new.list("", to)
		r.add(d.class(true, false), p, "is only "+is+" now; before, any value")
		return
	case len(to) == 0:
		was, _ := r.old.list("", from)
		r.add(d.class(false, true), p, "can be any value now; before, only "+was)
		return
	}
	if typ := r.new.Names.Types[p.typ]; typ != nil && len(typ.Values) > 0 {
		p = inGo(p.typ, p.typ)
	}
	if more := without(to, from); len(more) > 0 {
		is, symbols := r.new.list(p.typ, more)
		r.add(d.class(false, true), p, "can be "+is+" now", symbols...)
	}
	if fewer := without(from, to); len(fewer) > 0 {
		was, symbols := r.old.list(p.typ, fewer)
		r.add(max(d.class(true, false), inCode), p, "cannot be "+was+" any more", symbols...)
	}
}

// members compares the members of objects.
func (r *reporter) members(p place, d direction, a, b schema) {
	k := member[min(d, response)]
	if d == request && b.further() == false {
		k[isGone] = breaks
	}
	r.children(d, k, a.members(), b.members(),
		func(name string, _ node) place { return r.member(p, name) },
		func(q place, _ string, a, b node) { r.schema(q, d, a, b) })
	was, is := a.further(), b.further()
	if object(was) != nil && object(is) != nil {
		r.schema(p.of("each further member "), d, was, is)
	} else if !reflect.DeepEqual(was, is) {
		phrase := func(s *State, v any) string {
			switch v {
			case true:
				return "can have any further members"
			case false:
				return "has no further members"
			}
			return "has further members, each " + r.words(s, s.read(v))
		}
		r.add(d.class(was == true || is == false, is == true || was == false), p, nowBefore(phrase(&r.new, is), phrase(&r.old, was)))
	}
}

// variants compares unions. Variants are paired by their names, then by what they say.
func (r *reporter) variants(p place, d direction, a, b schema) {
	gone, added := match(r.old.variants(a), r.new.variants(b),
		func(v, u schema) {
			q := p // They are types of their own in Go.
			if name := text(u.node["x-go-type-name"]); name != "" {
				q = inGo(name, name).of(p.within)
			} else if u.name == "" {
				q.typ = ""
			}
			r.schemas(q, d, v, u)
		},
		func(v, u schema) bool { return v.name != "" && v.name == u.name },
		func(v, u schema) bool { return alike(v, u) && r.old.tag(v) == r.new.tag(u) },
		alike,
		func(v, u schema) bool { return r.words(&r.old, v) == r.words(&r.new, u) })
	for _, v := range added {
		r.add(d.class(false, true), p, "can be "+r.words(&r.new, v)+" now")
	}
	for _, v := range gone {
		r.add(d.class(true, false), p, "cannot be "+r.words(&r.old, v)+" any more")
	}
	was, is := at(a.node, "discriminator", "propertyName"), at(b.node, "discriminator", "propertyName")
	if was != nil && is != nil && was != is {
		r.add(d.otherType(true, true), p, fmt.Sprintf("is now distinguished by its member `%v`; before, by `%v`", is, was))
	}
}

// tag is what distinguishes a variant: its members that have one value.
func (s *State) tag(variant schema) string {
	var tags []string
	for name, member := range object(variant.node["properties"]) {
		if m := s.read(member); len(m.values) == 1 {
			tags = append(tags, fmt.Sprintf("%s=%v", name, m.values[0]))
		}
	}
	slices.Sort(tags)
	return strings.Join(tags, ",")
}

// alike reports whether two variants are of one kind, and objects have at least
// half of their members in common.
func alike(a, b schema) bool {
	members, others := object(a.node["properties"]), object(b.node["properties"])
	return slices.Equal(a.types, b.types) && a.goFormat() == b.goFormat() && 2*common(members, others) >= max(len(members), len(others))
}
