package changes

import (
	"maps"
	"reflect"
	"slices"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// object is an object of a description, as decoded by encoding/json.
type object = map[string]any

func asObject(v any) object { o, _ := v.(object); return o }
func asArray(v any) []any   { a, _ := v.([]any); return a }
func asString(v any) string { s, _ := v.(string); return s }

// get returns the value at a path of keys in nested objects, or nil.
func get(v any, path ...string) any {
	for _, key := range path {
		v = asObject(v)[key]
	}
	return v
}

// union returns the entries of two maps. Those of b have precedence.
func union[V any](a, b map[string]V) map[string]V {
	all := map[string]V{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// countCommon returns how many keys two maps have in common.
func countCommon[V any](a, b map[string]V) int { return len(a) + len(b) - len(union(a, b)) }

func contains(values []any, v any) bool {
	return slices.ContainsFunc(values, func(other any) bool { return reflect.DeepEqual(v, other) })
}

// without returns the values of a that b does not contain.
func without(a, b []any) []any {
	return slices.DeleteFunc(slices.Clone(a), func(v any) bool { return contains(b, v) })
}

// part is a named part of the API that can be present or absent, such as a parameter, a
// response or a property.
type part struct {
	object   object
	required bool
}

// objectParts returns the members of an object that are objects, as parts.
func objectParts(v any) map[string]part {
	parts := map[string]part{}
	for name, member := range asObject(v) {
		if o := asObject(member); o != nil {
			parts[name] = part{o, o["required"] == true}
		}
	}
	return parts
}

// compareParts compares the parts of two states by name. It adds a line for each that was
// added, was removed, or became required or optional, with the class that its event has.
// Locate returns the location of a part. Compare, unless it is nil, is called for each
// part that both states have.
func (r *reporter) compareParts(
	d direction, classes eventClasses, from, to map[string]part,
	locate func(name string, o object) location, compare func(l location, name string, a, b object),
) {
	for _, name := range tree.SortedKeys(union(from, to)) {
		a, had := from[name]
		b, has := to[name]
		event := -1
		switch {
		case !has:
			event, b = removed, a
		case !had && b.required:
			event = addedRequired
		case !had:
			event = added
		case b.required && !a.required:
			event = nowRequired
		case a.required && !b.required:
			event = nowOptional
		}
		l := locate(name, b.object)
		if event >= 0 {
			r.add(classes[event], l, eventTexts[d.row()][event])
		}
		if had && has && compare != nil {
			compare(l, name, a.object, b.object)
		}
	}
}
