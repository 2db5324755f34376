package changes

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// direction is which way a value goes.
type direction int

const (
	request direction = iota
	response
	failure // the body of a response that is an error
)

// class is what a change of the values that are right means: where fewer are
// right, a request that was right is refused now, and where more are, callers
// meet responses that they did not before.
func (d direction) class(fewer, more bool) class {
	switch {
	case d == request && fewer:
		return breaks
	case d != request && more:
		return behaviour
	}
	return addition
}

// unreadable is the class of responses of another type. Whether code breaks is
// told by the Go code, if there is any: many a type is the same in Go.
func (r *reporter) unreadable(d direction, fewer, more bool) class {
	if d == response && more && r.goErr != nil {
		return breaks
	}
	return d.class(fewer, more)
}

// gone is the class of what has a name in Go, and is not there any more.
func (r *reporter) gone() class {
	if r.goErr != nil {
		return breaks
	}
	return behaviour
}

// pair is two schemas with names of their own that are compared once in each
// direction, wherever they are used.
type pair struct {
	old, new  string
	direction direction
}

// part is what is compared at once: an operation, or a pair.
type part struct {
	lines []*line
	uses  []pair
	// trial is true if it only matters what is found, not where.
	trial bool
}

// schema compares two schemas.
func (r *reporter) schema(w *part, p place, d direction, oldSchema, newSchema any) {
	refs := pair{refName(object(oldSchema)), refName(object(newSchema)), d}
	if refs.old != "" && refs.new != "" {
		switch {
		case w.trial:
			w.lines = append(w.lines, r.differences(refs)...)
			return
		case r.renamed(refs):
			w.uses = append(w.uses, refs)
			if len(object(oldSchema))+len(object(newSchema)) > 2 { // They say something beside the references.
				r.notes(w, p, d, read(r.old.doc(), oldSchema), read(r.new.doc(), newSchema))
			}
			return
		default: // Two things, which both are known to both descriptions.
			if found := r.try(d, oldSchema, newSchema); len(found) > 0 {
				r.add(w, worst(found), p, nowBefore("is "+r.words(1, newSchema), r.words(0, oldSchema)))
			}
			return
		}
	}
	r.compare(w, p, d, read(r.old.doc(), oldSchema), read(r.new.doc(), newSchema), oldSchema, newSchema)
}

// renamed reports whether two names stand for one schema: the same, or one of
// which the other description knows nothing.
func (r *reporter) renamed(p pair) bool {
	return p.old == p.new || at(r.old.doc(), "components", "schemas", p.new) == nil || at(r.new.doc(), "components", "schemas", p.old) == nil
}

// try returns what two schemas differ in.
func (r *reporter) try(d direction, oldSchema, newSchema any) []*line {
	if refs := (pair{refName(object(oldSchema)), refName(object(newSchema)), d}); refs.old != "" && refs.new != "" {
		return r.differences(refs)
	}
	w := &part{trial: true}
	r.schema(w, place{}, d, oldSchema, newSchema)
	return w.lines
}

// differences returns what two schemas with names differ in. What they have of
// themselves in them is taken to be equal.
func (r *reporter) differences(p pair) []*line {
	lines, known := r.trials[p]
	if !known {
		r.trials[p] = nil
		w := &part{trial: true}
		oldSchema, newSchema := at(r.old.doc(), "components", "schemas", p.old), at(r.new.doc(), "components", "schemas", p.new)
		r.compare(w, place{}, p.direction, read(r.old.doc(), oldSchema), read(r.new.doc(), newSchema), oldSchema, newSchema)
		lines = w.lines
		r.trials[p] = lines
	}
	return lines
}

func worst(lines []*line) (c class) {
	for _, l := range lines {
		c = max(c, l.class)
	}
	return c
}

func (r *reporter) compare(w *part, p place, d direction, a, b schema, oldSchema, newSchema any) {
	switch {
	case b.null && !a.null:
		r.add(w, d.class(false, true), p, "can be null now")
	case a.null && !b.null:
		r.add(w, d.class(true, false), p, "cannot be null any more")
	}
	r.notes(w, p, d, a, b)
	if len(a.variants)+len(b.variants) > 0 {
		r.variants(w, p, d, a, b, oldSchema, newSchema)
		return
	}
	fewer, more := !covers(b, a), !covers(a, b)
	if fewer || more {
		r.add(w, r.unreadable(d, fewer, more), p, nowBefore("is "+r.words(1, b.node), r.words(0, a.node)))
		if !slices.ContainsFunc(a.types, func(t string) bool { return slices.Contains(b.types, t) }) {
			return
		}
	}
	r.values(w, p, d, a.values, b.values)
	for _, rule := range rules {
		from, to := a.node[rule.keyword], b.node[rule.keyword]
		if rule.keyword == "format" && (a.goFormat() != b.goFormat() || !slices.Contains(b.types, "string")) {
			continue // This is another type, or one number in Go.
		}
		if fewer, more := rule.compare(from, to); fewer || more {
			r.add(w, d.class(fewer, more), p, nowBefore(rule.phrase(to), rule.phrase(from)))
		}
	}
	if slices.Contains(a.types, "array") && slices.Contains(b.types, "array") {
		r.schema(w, p.of("each item "), d, a.node["items"], b.node["items"])
	}
	if slices.Contains(a.types, "object") && slices.Contains(b.types, "object") {
		r.members(w, p, d, a, b)
	}
}

// covers reports whether a takes the types of all values that b takes.
func covers(a, b schema) bool {
	if len(a.types) == 0 {
		return true
	}
	for _, t := range b.types {
		if !slices.Contains(a.types, t) && (t != "integer" || !slices.Contains(a.types, "number")) {
			return false
		}
	}
	return len(b.types) > 0 && (a.goFormat() == "" || a.goFormat() == b.goFormat())
}

// notes compares what a schema says beside what values are right.
func (r *reporter) notes(w *part, p place, d direction, a, b schema) {
	if from, to := a.node["default"], b.node["default"]; d == request && !reflect.DeepEqual(from, to) {
		phrase := func(v any) string {
			if v == nil {
				return "has no default"
			}
			return "defaults to " + value(v)
		}
		r.add(w, behaviour, p, nowBefore(phrase(to), phrase(from)))
	}
	became := func(keyword string) bool { return isTrue(b.node[keyword]) && !isTrue(a.node[keyword]) }
	if d == request && became("readOnly") {
		r.add(w, behaviour, p, "can only be read now: a request that sets it is refused, or changes nothing")
	}
	if d != request && became("writeOnly") {
		r.add(w, behaviour, p, "can only be written now: no response has it")
	}
	if became("deprecated") {
		r.add(w, behaviour, p, "is deprecated")
	}
}

// values compares what is listed by enum or const.
func (r *reporter) values(w *part, p place, d direction, from, to []any) {
	switch {
	case len(from) == 0 && len(to) == 0:
	case len(from) == 0:
		r.add(w, d.class(true, false), p, "is only "+list(to)+" now; before, any value")
	case len(to) == 0:
		r.add(w, d.class(false, true), p, "can be any value now; before, only "+list(from))
	default:
		if typ := r.new.Names.Types[p.typ]; typ != nil && len(typ.Values) > 0 {
			p.symbol = "gen." + p.typ
		}
		if more := without(to, from); len(more) > 0 {
			texts, symbols := r.constants(&r.new, p, more)
			r.add(w, d.class(false, true), p, "can be "+texts+" now", symbols...)
		}
		if fewer := without(from, to); len(fewer) > 0 {
			texts, symbols := r.constants(&r.old, p, fewer)
			r.add(w, max(d.class(true, false), r.gone()), p, "cannot be "+texts+" any more", symbols...)
		}
	}
}

// members compares the members of objects.
func (r *reporter) members(w *part, p place, d direction, a, b schema) {
	oldMembers, newMembers := object(a.node["properties"]), object(b.node["properties"])
	closed := b.further() == false
	for _, name := range both(oldMembers, newMembers) {
		from, had := oldMembers[name]
		to, has := newMembers[name]
		was, is := contains(array(a.node["required"]), name), contains(array(b.node["required"]), name)
		q := r.member(p, name)
		switch {
		case !had && is && d == request:
			r.add(w, breaks, q, "is new, and required")
			continue
		case !had:
			r.add(w, addition, q, "is new")
			continue
		case !has:
			r.add(w, max(r.gone(), d.class(closed, false)), q, "is gone")
			continue
		case is && !was && d == request:
			r.add(w, breaks, q, "is required now")
		case is && !was:
			r.add(w, addition, q, "is always there now")
		case was && !is:
			r.add(w, d.class(false, true), q, map[bool]string{true: "is optional now", false: "can be absent now"}[d == request])
		}
		r.schema(w, q, d, from, to)
	}
	for _, name := range array(b.node["required"]) { // of what is not described
		if text := text(name); newMembers[text] == nil && !contains(array(a.node["required"]), name) {
			r.add(w, d.class(true, false), r.member(p, text), "is required now")
		}
	}
	from, to := a.further(), b.further()
	oldSchema, isSchema := from.(node)
	newSchema, stays := to.(node)
	if isSchema && stays {
		r.schema(w, p.of("each further member "), d, oldSchema, newSchema)
	} else if !reflect.DeepEqual(from, to) {
		phrase := func(s int, v any) string {
			switch v := v.(type) {
			case bool:
				return map[bool]string{true: "can have any further members", false: "has no further members"}[v]
			default:
				return "has further members, each " + r.words(s, v)
			}
		}
		r.add(w, d.class(from == true || to == false, to == true || from == false), p, nowBefore(phrase(1, to), phrase(0, from)))
	}
}

// variants compares unions; what is none is one of a single variant. Variants are
// paired by what they say.
func (r *reporter) variants(w *part, p place, d direction, a, b schema, oldSchema, newSchema any) {
	from, to := a.variants, b.variants
	if len(from) == 0 {
		from = []any{withoutNull(oldSchema, a)}
	}
	if len(to) == 0 {
		to = []any{withoutNull(newSchema, b)}
	}
	from, to = slices.Clone(from), slices.Clone(to)
	match := func(same func(old, new any) bool) {
		for i := 0; i < len(from); i++ {
			if j := slices.IndexFunc(to, func(v any) bool { return same(from[i], v) }); j >= 0 {
				r.variant(w, p, d, from[i], to[j])
				from, to = slices.Delete(from, i, i+1), slices.Delete(to, j, j+1)
				i--
			}
		}
	}
	match(func(v, u any) bool {
		name := refName(object(v))
		return name != "" && name == refName(object(u))
	})
	match(func(v, u any) bool { return len(r.try(d, v, u)) == 0 && len(r.try(d, u, v)) == 0 })
	match(func(v, u any) bool {
		tag := r.tag(&r.old, v)
		return tag != "" && tag == r.tag(&r.new, u)
	})
	match(func(v, u any) bool {
		old, new := refName(object(v)), refName(object(u))
		return (old == "" || new == "" || r.renamed(pair{old: old, new: new})) && alike(read(r.old.doc(), v), read(r.new.doc(), u))
	})
	match(func(v, u any) bool { return refName(object(u)) == "" && r.words(0, v) == r.words(1, u) })
	for _, v := range to {
		r.add(w, d.class(false, true), p, "can be "+r.words(1, v)+" now")
	}
	for _, v := range from {
		r.add(w, d.class(true, false), p, "cannot be "+r.words(0, v)+" any more")
	}
	if was, is := at(a.node, "discriminator", "propertyName"), at(b.node, "discriminator", "propertyName"); was != nil && is != nil && was != is {
		r.add(w, r.unreadable(d, true, true), p, fmt.Sprintf("is told apart by its member `%v` now; before, by `%v`", is, was))
	}
}

// withoutNull is a schema that is no union, as a variant.
func withoutNull(v any, s schema) any {
	if !s.null {
		return v
	}
	n := maps.Clone(s.node)
	n["type"] = toArray(s.types)
	if len(s.values) > 0 {
		n["enum"] = s.values
	}
	return n
}

// variant compares two variants of a union, which are types of their own in Go.
func (r *reporter) variant(w *part, p place, d direction, old, new any) {
	if name := text(at(new, "x-go-type-name")); name != "" {
		p.typ, p.symbol = name, "gen."+name
	} else if refName(object(new)) == "" {
		p.typ = ""
	}
	r.schema(w, p, d, old, new)
}

// tag is by what a variant is told apart: the members that have one value, or its
// title.
func (r *reporter) tag(s *State, v any) string {
	n := read(s.doc(), v)
	var tags []string
	for name, member := range object(n.node["properties"]) {
		if m := read(s.doc(), member); len(m.values) == 1 {
			tags = append(tags, fmt.Sprintf("%s=%v", name, m.values[0]))
		}
	}
	slices.Sort(tags)
	return strings.Join(tags, ",")
}

// alike reports whether two variants are of one kind, and objects have at least
// half of their members in common.
func alike(a, b schema) bool {
	if !slices.Equal(a.types, b.types) || a.goFormat() != b.goFormat() {
		return false
	}
	members, others := object(a.node["properties"]), object(b.node["properties"])
	common := 0
	for name := range members {
		if _, ok := others[name]; ok {
			common++
		}
	}
	return 2*common >= max(len(members), len(others))
}
