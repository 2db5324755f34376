package signalwiretest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// maker makes values that are valid against a schema: it keeps what it can of a given
// value and makes up the rest. It is not random, so that the values are the same in
// every run.
type maker struct {
	id        func() string // returns a new id
	now       time.Time     // all times have this value
	projectID string
}

// maxDepth limits the depth of values, because a schema can require itself.
const maxDepth = 30

// flattenAllOf returns a schema with its allOf parts merged into it. Enums are
// intersected and properties combined; for any other keyword, the first schema that has
// it counts. A property that several parts describe gets an allOf of these
// descriptions.
func flattenAllOf(s *openapi3.Schema) *openapi3.Schema {
	if len(s.AllOf) == 0 {
		return s
	}
	merged := *s
	merged.AllOf = nil
	merged.Properties = openapi3.Schemas{}
	maps.Copy(merged.Properties, s.Properties)
	merged.Required = slices.Clone(s.Required)
	for _, ref := range s.AllOf {
		part := flattenAllOf(ref.Value)
		if merged.Enum != nil && part.Enum != nil {
			merged.Enum = slices.DeleteFunc(slices.Clone(merged.Enum), func(v any) bool { return !contains(part.Enum, v) })
		}
		for name, property := range part.Properties {
			if own := merged.Properties[name]; own != nil {
				property = openapi3.NewAllOfSchema(own.Value, property.Value).NewRef()
			}
			merged.Properties[name] = property
		}
		merged.Required = append(merged.Required, part.Required...)
		into, from := reflect.ValueOf(&merged).Elem(), reflect.ValueOf(part).Elem()
		for i := range into.NumField() {
			if into.Field(i).IsZero() {
				into.Field(i).Set(from.Field(i))
			}
		}
	}
	return &merged
}

// variants returns the alternatives of a union (oneOf or anyOf). If the schema has
// properties beside the union, each alternative includes them.
func variants(s *openapi3.Schema) []*openapi3.Schema {
	refs := slices.Concat(s.OneOf, s.AnyOf)
	all := make([]*openapi3.Schema, 0, len(refs))
	for _, ref := range refs {
		variant := flattenAllOf(ref.Value)
		if len(s.Properties) > 0 {
			shared := *s
			shared.OneOf, shared.AnyOf = nil, nil
			variant = flattenAllOf(openapi3.NewAllOfSchema(variant, &shared))
		}
		all = append(all, variant)
	}
	return all
}

// properties returns the schemas of the members of an object, by name, those of all
// variants of a union included. It returns nil if s is nil.
func properties(s *openapi3.Schema) map[string]*openapi3.Schema {
	if s == nil {
		return nil
	}
	s = flattenAllOf(s)
	all := map[string]*openapi3.Schema{}
	for name, ref := range s.Properties {
		all[name] = ref.Value
	}
	for _, variant := range variants(s) {
		for name, property := range properties(variant) {
			if all[name] == nil {
				all[name] = property
			}
		}
	}
	return all
}

// allowsNull reports whether null is valid against a schema.
func allowsNull(s *openapi3.Schema) bool {
	s = flattenAllOf(s)
	return s.Nullable || s.Type.IncludesNull() || contains(s.Enum, nil) || slices.ContainsFunc(variants(s), allowsNull)
}

// isOpen reports whether an object may have members that its schema does not list. By
// the rules of JSON Schema it may, unless the schema says otherwise. A Space adds no
// undescribed members to responses, so isOpen reports true only if the schema allows
// them explicitly or lists no members at all.
func isOpen(s *openapi3.Schema) bool {
	for _, rest := range []openapi3.BoolSchema{s.AdditionalProperties, s.UnevaluatedProperties} {
		if rest.Has != nil {
			return *rest.Has
		}
		if rest.Schema != nil {
			return rest.Schema.Value.Not == nil
		}
	}
	return len(s.Properties) == 0
}

// additionalProperties returns the schema of the members that an object may have and
// its schema does not list.
func additionalProperties(s *openapi3.Schema) *openapi3.SchemaRef {
	return cmp.Or(s.AdditionalProperties.Schema, s.UnevaluatedProperties.Schema, openapi3.NewSchema().NewRef())
}

// matches reports whether a value is valid against a schema. The value is neither an
// object nor an array.
func matches(s *openapi3.Schema, v any) bool {
	if s.Const != nil && !contains([]any{s.Const}, v) {
		return false
	}
	return s.VisitJSON(v, append(slices.Clip(validationOptions), openapi3.FailFast())...) == nil
}

// contains reports whether v is equal to a value in list. Values are compared as JSON,
// so that the integer 1 is equal to the float 1.
func contains(list []any, v any) bool {
	return slices.ContainsFunc(list, func(e any) bool { return bytes.Equal(encode(e), encode(v)) })
}

// conform returns a value that is valid against the schema and keeps as much of have as
// project does. If nothing of have is valid, the whole value is made up. conform
// returns nil if s is nil.
func (m *maker) conform(s *openapi3.Schema, have any) any {
	if s == nil {
		return nil
	}
	if v, _, ok := m.project("", s, have, 0); ok {
		return v
	}
	return m.make("", s, 0)
}

// project returns the parts of have that are valid against the schema, and makes up
// members that the schema requires and have lacks. lost is the number of values that it
// left out. ok is false if no part of have is valid. name is the name of the member
// that holds the value; made-up values depend on it. SWML is kept as it is, because
// requests may have any SWML, also such as the description does not allow.
func (m *maker) project(name string, s *openapi3.Schema, have any, depth int) (kept any, lost int, ok bool) {
	if have != nil && s.Extensions["x-go-type"] == "SWML" {
		return have, 0, true
	}
	s = flattenAllOf(s)
	if have == nil || depth > maxDepth {
		return nil, 0, have == nil && allowsNull(s)
	}
	if union := variants(s); len(union) > 0 {
		for _, variant := range union {
			v, n, valid := m.project(name, variant, have, depth+1)
			if valid && (!ok || n < lost) {
				kept, lost, ok = v, n, true
			}
		}
		return kept, lost, ok
	}
	switch have := have.(type) {
	case map[string]any:
		if s.Type.Permits("object") {
			return m.projectObject(s, have, depth)
		}
	case []any:
		if s.Type.Permits("array") {
			return m.projectArray(name, s, have, depth)
		}
	default:
		return have, 0, matches(s, have)
	}
	return nil, 0, false
}

// projectArray is project for an array. It leaves out invalid elements, adds made-up
// ones up to minItems, and cuts the array at maxItems.
func (m *maker) projectArray(name string, s *openapi3.Schema, have []any, depth int) (any, int, bool) {
	if s.Items == nil {
		return have, 0, true
	}
	list, lost := []any{}, 0
	for _, element := range have {
		v, n, ok := m.project(name, s.Items.Value, element, depth+1)
		if lost += n; ok {
			list = append(list, v)
		} else {
			lost++
		}
	}
	for uint64(len(list)) < s.MinItems {
		list = append(list, m.make(name, s.Items.Value, depth+1))
	}
	if s.MaxItems != nil && uint64(len(list)) > *s.MaxItems {
		list = list[:*s.MaxItems]
	}
	return list, lost, true
}

// otherVariant is what a member counts that is to have one value and has another: of a
// union, the object is meant for another variant, however many of its members fit this one.
const otherVariant = 1000

// projectObject is project for an object. It leaves out members that are invalid, are
// not described, or can only be written.
func (m *maker) projectObject(s *openapi3.Schema, have map[string]any, depth int) (any, int, bool) {
	object, lost := map[string]any{}, 0
	for _, name := range slices.Sorted(maps.Keys(have)) {
		given, property := have[name], s.Properties[name]
		if property == nil && isOpen(s) {
			property = additionalProperties(s)
		}
		if property == nil || property.Value.WriteOnly {
			lost++
			continue
		}
		v, n, ok := m.project(name, property.Value, given, depth+1)
		lost += n
		switch {
		case ok:
			object[name] = v
		case property.Value.Const != nil || len(flattenAllOf(property.Value).Enum) == 1:
			lost += otherVariant
		default:
			lost++
		}
	}
	m.require(s, object, depth)
	return object, lost, true
}

// require adds made-up values for required members that an object lacks, in the order
// of their names, so that the same object always gets the same values.
func (m *maker) require(s *openapi3.Schema, object map[string]any, depth int) {
	required := slices.Clone(s.Required)
	slices.Sort(required)
	for _, name := range required {
		property := s.Properties[name]
		if _, there := object[name]; there || property == nil || property.Value.WriteOnly {
			continue
		}
		object[name] = m.make(name, property.Value, depth+1)
	}
}

// make makes up a value: the default, if there is one; otherwise null, if null is
// valid, because the API has null for values that are not set; otherwise the constant
// or the first value of the enumeration; otherwise, for a union, a value of the first
// variant; and otherwise a value of the type. name is the name of the member; see
// makeString.
func (m *maker) make(name string, s *openapi3.Schema, depth int) any {
	s = flattenAllOf(s)
	if s.Default != nil {
		if v, lost, ok := m.project(name, s, s.Default, depth+1); ok && lost == 0 {
			return v
		}
	}
	switch {
	case allowsNull(s):
		return nil
	case s.Const != nil:
		return s.Const
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	if depth > maxDepth {
		return nil
	}
	if alternatives := variants(s); len(alternatives) > 0 {
		v := m.make(name, alternatives[0], depth+1)
		if object, ok := v.(map[string]any); ok && s.Discriminator != nil {
			ref := slices.Concat(s.OneOf, s.AnyOf)[0].Ref
			for _, key := range slices.Sorted(maps.Keys(s.Discriminator.Mapping)) {
				if to := s.Discriminator.Mapping[key].Ref; to == ref || "#/components/schemas/"+to == ref {
					object[s.Discriminator.PropertyName] = key
					break
				}
			}
		}
		return v
	}
	types := s.Type.Slice()
	if len(types) == 0 {
		types = []string{"object"}
	}
	switch types[0] {
	case "array":
		v, _, _ := m.project(name, s, []any{}, depth)
		return v
	case "boolean":
		return name == "success"
	case "integer", "number":
		return makeNumber(s)
	case "string":
		return m.makeString(name, s)
	}
	object := map[string]any{}
	m.require(s, object, depth)
	for i := 1; uint64(len(object)) < s.MinProps && i <= int(s.MinProps); i++ {
		object[name+strconv.Itoa(i)] = m.make(name, additionalProperties(s).Value, depth+1)
	}
	return object
}

// makeNumber makes up a number: 0 if it is valid, and otherwise a bound or an integer
// next to one.
func makeNumber(s *openapi3.Schema) any {
	candidates := []float64{0}
	for _, bound := range []*float64{s.Min, s.Max, s.ExclusiveMin.Value, s.ExclusiveMax.Value, s.MultipleOf} {
		if bound != nil {
			candidates = append(candidates, *bound, math.Ceil(*bound), math.Floor(*bound)+1, math.Ceil(*bound)-1)
		}
	}
	return first(s, candidates)
}

// first returns the first candidate that is valid, or the first of all if none is.
func first[T any](s *openapi3.Schema, candidates []T) T {
	for _, v := range candidates {
		if matches(s, v) {
			return v
		}
	}
	return candidates[0]
}

// time returns the time of the maker in the form of RFC 3339.
func (m *maker) time() string { return m.now.UTC().Format(time.RFC3339) }

// makeString makes up a string for a member. Its format, or else the name of the
// member, determines an id, a time, a URL or an email address; any other string is the
// name itself. The string is repeated or cut to a valid length. If it does not match
// the pattern, makeString makes one that does.
func (m *maker) makeString(name string, s *openapi3.Schema) string {
	var text string
	switch {
	case name == "project_id":
		text = m.projectID
	case s.Format == "uuid", s.Format == "" && s.Pattern == "" && (name == "id" || strings.HasSuffix(name, "_id")):
		text = m.id()
	case s.Format == "date-time", s.Format == "" && strings.HasSuffix(name, "_at"):
		text = m.time()
	case s.Format == "date":
		text = m.time()[:len(time.DateOnly)]
	case s.Format == "uri":
		text = "https://example.com/" + name
	case s.Format == "email":
		text = name + "@example.com"
	default:
		text = cmp.Or(name, "text")
	}
	size := max(len(text), int(s.MinLength))
	if s.MaxLength != nil {
		size = min(size, int(*s.MaxLength))
	}
	candidates := []string{strings.Repeat(text+" ", size)[:size]}
	if re, err := syntax.Parse(s.Pattern, syntax.Perl); err == nil && s.Pattern != "" {
		candidates = append(candidates, example(re, 1), example(re, int(s.MinLength)))
	}
	return first(s, candidates)
}

// example returns a string that matches a regular expression. Each part that may be
// repeated without limit is repeated times times.
func example(re *syntax.Regexp, times int) string {
	var b strings.Builder
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		r := re.Rune[0]
		for _, plain := range "0Aa" { // the first of the class may not be printable
			if regexp.MustCompile("^" + re.String() + "$").MatchString(string(plain)) {
				r = plain
			}
		}
		b.WriteRune(r)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			b.WriteString(example(sub, times))
		}
	case syntax.OpAlternate:
		return example(re.Sub[0], times)
	case syntax.OpPlus:
		return strings.Repeat(example(re.Sub[0], times), max(times, 1))
	case syntax.OpStar:
		return strings.Repeat(example(re.Sub[0], times), times)
	case syntax.OpRepeat:
		return strings.Repeat(example(re.Sub[0], times), re.Min)
	}
	return b.String()
}

// cloned returns a deep copy of a JSON value.
func cloned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for name, value := range v {
			c[name] = cloned(value)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, value := range v {
			c[i] = cloned(value)
		}
		return c
	}
	return v
}

// encode returns a value as JSON, as SignalWire writes it: without escapes for HTML,
// and with the members of objects in the order of their names.
func encode(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("signalwiretest: " + strconv.Quote(err.Error())) // only JSON values get here
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
