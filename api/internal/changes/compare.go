package changes

import (
	"maps"
	"reflect"
	"slices"
)

// compareSchemas compares two schemas at a location. Named schemas are compared at the
// location of their own, once for each operation and direction. They are a change
// themselves if they are different types in Go, unless one was renamed: then no state has
// both names.
func (r *reporter) compareSchemas(l location, d direction, from, to any) {
	a, b := r.old.readSchema(from), r.new.readSchema(to)
	r.compareResolved(l, d, a, b)
	hasSiblings := len(asObject(from))+len(asObject(to)) > 2 // keywords beside the two $refs
	if a.name != "" && b.name != "" && hasSiblings {
		r.compareAnnotations(l, d, a.object, b.object)
	}
}

func (r *reporter) compareResolved(l location, d direction, a, b schema) {
	named := comparison{r.operation, a.name, b.name, d}
	before, now := r.schemaLocation(a.name), r.schemaLocation(b.name)
	switch {
	case a.name == "" || b.name == "":
		r.compareInline(l, d, a, b)
	case before != now && r.old.namedSchema(b.name) != nil && r.new.namedSchema(a.name) != nil:
		r.add(d.class(true, true), l, nowBefore("is "+code(now.name), code(before.name)))
	default:
		if a.nullHere || b.nullHere {
			r.compareNullable(l, d, a, b)
		}
		if r.done[named] {
			return
		}
		r.done[named] = true
		if before.isInGo() && r.old.namedSchema(b.name) != nil && r.new.namedSchema(a.name) == nil {
			now = before // The type is gone, and another one is in its place.
		}
		r.compareInline(now, d, r.old.readSchema(r.old.namedSchema(a.name)), r.new.readSchema(r.new.namedSchema(b.name)))
	}
}

// compareNullable compares whether two schemas allow null.
func (r *reporter) compareNullable(l location, d direction, a, b schema) {
	switch {
	case b.nullable && !a.nullable:
		r.add(d.class(false, true), l, "can be null now")
	case a.nullable && !b.nullable:
		r.add(d.class(true, false), l, "cannot be null any more")
	}
}

// compareInline compares the keywords of two schemas.
func (r *reporter) compareInline(l location, d direction, a, b schema) {
	r.compareNullable(l, d, a, b)
	r.compareAnnotations(l, d, a.object, b.object)
	if len(a.variants)+len(b.variants) > 0 {
		r.compareVariants(l, d, a, b)
		return
	}
	a.name, b.name = "", "" // so that describeType describes them
	if fewer, more := !b.includesTypes(a), !a.includesTypes(b); fewer || more {
		r.add(d.class(fewer, more), l, nowBefore("is "+r.describeType(&r.new, b), r.describeType(&r.old, a)))
		if !slices.ContainsFunc(a.types, func(t any) bool { return contains(b.types, t) }) {
			return
		}
	}
	r.compareValues(l, d, a.values, b.values)
	for _, k := range keywords {
		if k.name == "format" && (a.goFormat() != b.goFormat() || !contains(b.types, "string")) {
			continue // It was reported as another type, or it is the format of a number.
		}
		from, to := a.limit(k), b.limit(k)
		if fewer, more := k.compare(from, to); fewer || more {
			r.add(d.class(fewer, more), l, nowBefore(k.phrase(to), k.phrase(from)))
		}
	}
	if contains(a.types, "array") && contains(b.types, "array") {
		r.compareSchemas(l.nested("[]", "each item"), d, a.object["items"], b.object["items"])
	}
	if contains(a.types, "object") && contains(b.types, "object") {
		r.compareProperties(l, d, a, b)
	}
}

// compareAnnotations compares the keywords that do not limit the valid values.
func (r *reporter) compareAnnotations(l location, d direction, a, b object) {
	if from, to := a["default"], b["default"]; d == request && !reflect.DeepEqual(from, to) {
		phrase := func(v any) string {
			if v == nil {
				return "has no default"
			}
			return "defaults to " + code(encodeJSON(v))
		}
		r.add(behaviour, l, nowBefore(phrase(to), phrase(from)))
	}
	becameTrue := func(keyword string) bool { return b[keyword] == true && a[keyword] != true }
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
func (r *reporter) compareValues(l location, d direction, from, to []any) {
	if len(from) == 0 || len(to) == 0 {
		phrase := func(s *State, values []any) string {
			if list, _ := s.listValues("", values); list != "" {
				return "is limited to " + list
			}
			return "can be any value"
		}
		if len(from)+len(to) > 0 {
			r.add(d.class(len(from) == 0, len(to) == 0), l, nowBefore(phrase(&r.new, to), phrase(&r.old, from)))
		}
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

// compareProperties compares the properties of objects.
func (r *reporter) compareProperties(l location, d direction, a, b schema) {
	classes := propertyClasses[d.row()]
	if d == request && b.additionalProperties() == false { // A request that still has the property is refused.
		classes[removed] = breaks
	}
	r.compareParts(d, classes, a.properties(), b.properties(),
		func(name string, _ object) location { return r.property(l, name) },
		func(l location, _ string, a, b object) { r.compareSchemas(l, d, a, b) })
	if d == request {
		r.compareConstants(l, a, b)
	}
	from, to := a.additionalProperties(), b.additionalProperties()
	if asObject(from) != nil && asObject(to) != nil {
		r.compareSchemas(l.nested(".*", "each additional property"), d, from, to)
	} else if !reflect.DeepEqual(from, to) {
		phrase := func(s *State, v any) string {
			switch v {
			case true:
				return "can have any additional properties"
			case false:
				return "has no additional properties"
			}
			return "has additional properties, each " + r.describeType(s, s.readSchema(v))
		}
		fewer, more := from == true || to == false, to == true || from == false
		r.add(d.class(fewer, more), l, nowBefore(phrase(&r.new, to), phrase(&r.old, from)))
	}
}

// compareConstants reports the required properties of a request that the client filled in, as
// they were strings with one value, and that it does not fill in any more.
func (r *reporter) compareConstants(l location, a, b schema) {
	isConstant := func(s schema) bool { return len(s.values) == 1 && asString(s.values[0]) != "" }
	before, now := a.properties(), b.properties()
	for _, name := range slices.Sorted(maps.Keys(before)) {
		from, to := r.old.readSchema(before[name].object), r.new.readSchema(now[name].object)
		if before[name].required && now[name].required && isConstant(from) && !isConstant(to) {
			r.add(breaks, r.property(l, name), "has to be set now; before, the client set the only value")
		}
	}
}

// compareVariants compares unions. It pairs their variants by the names of their schemas,
// then by their similarity and the values that distinguish them, then by similarity alone,
// each time the most similar ones first, then by their description in words.
func (r *reporter) compareVariants(l location, d direction, a, b schema) {
	from, to := r.old.union(a), r.new.union(b)
	rank := func(v, u schema) float64 {
		similar := similarity(v, u)
		if similar >= 0.75 && r.old.constants(v) == r.new.constants(u) {
			similar++
		}
		return similar
	}
	ranks := map[float64]bool{}
	for _, v := range from {
		for _, u := range to {
			ranks[max(rank(v, u), 0.5)] = true
		}
	}
	criteria := []func(v, u schema) bool{func(v, u schema) bool { return v.name != "" && v.name == u.name }}
	for _, least := range slices.Backward(slices.Sorted(maps.Keys(ranks))) {
		criteria = append(criteria, func(v, u schema) bool { return rank(v, u) >= least })
	}
	criteria = append(criteria, func(v, u schema) bool { return r.describeType(&r.old, v) == r.describeType(&r.new, u) })
	gone, added := match(from, to,
		func(v, u schema) {
			inVariant := l
			if name := asString(u.object["x-go-type-name"]); name != "" { // It is a Go type.
				inVariant = inGo(name, name).part(l.detail)
			} else if u.name == "" {
				inVariant.goType = ""
			}
			r.compareResolved(inVariant, d, v, u)
		},
		criteria...)
	for _, v := range added {
		c := d.class(false, true)
		if d == response && len(a.variants) == 0 && !a.includesTypes(v) { // What is no union in Go cannot hold it.
			c = breaks
		}
		r.add(c, l, "can be "+r.describeVariant(&r.new, v)+" now")
	}
	for _, v := range gone {
		r.add(d.class(true, false), l, "cannot be "+r.describeVariant(&r.old, v)+" any more")
	}
	before, now := asString(get(a.object, "discriminator", "propertyName")), asString(get(b.object, "discriminator", "propertyName"))
	if before != "" && now != "" && before != now {
		r.add(d.class(true, true), l, nowBefore("has the discriminator "+code(now), code(before)))
	}
}
