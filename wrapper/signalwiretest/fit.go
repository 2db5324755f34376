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

// maker makes values that are valid against a schema, out of what there is and
// of what it makes up. It never looks at anything that is random.
type maker struct {
	id      func() string
	now     time.Time
	project string
}

// maxDepth ends recursion in schemas that require themselves.
const maxDepth = 30

// flat merges what allOf joins, one level deep. Of two parts that say different
// things, the first counts; but a value has to be in both enums, and a field be
// as both have it.
func flat(s *openapi3.Schema) *openapi3.Schema {
	if len(s.AllOf) == 0 {
		return s
	}
	merged := *s
	merged.AllOf = nil
	merged.Properties = openapi3.Schemas{}
	maps.Copy(merged.Properties, s.Properties)
	merged.Required = slices.Clone(s.Required)
	for _, ref := range s.AllOf {
		part := flat(ref.Value)
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

// variants are the alternatives of a union, each with what they share.
func variants(s *openapi3.Schema) []*openapi3.Schema {
	refs := slices.Concat(s.OneOf, s.AnyOf)
	all := make([]*openapi3.Schema, 0, len(refs))
	for _, ref := range refs {
		variant := flat(ref.Value)
		if len(s.Properties) > 0 {
			shared := *s
			shared.OneOf, shared.AnyOf = nil, nil
			variant = flat(openapi3.NewAllOfSchema(variant, &shared))
		}
		all = append(all, variant)
	}
	return all
}

// properties are the fields of an object, of whichever variant.
func properties(s *openapi3.Schema) map[string]*openapi3.Schema {
	if s == nil {
		return nil
	}
	s = flat(s)
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

func allowsNull(s *openapi3.Schema) bool {
	s = flat(s)
	return s.Nullable || s.Type.IncludesNull() || contains(s.Enum, nil) || slices.ContainsFunc(variants(s), allowsNull)
}

// isOpen tells whether an object may have fields that are not described, and
// says so. (By JSON Schema's rules most may; but what nobody described is not
// part of an answer.)
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

// more is the schema of the fields that are not described.
func more(s *openapi3.Schema) *openapi3.SchemaRef {
	return cmp.Or(s.AdditionalProperties.Schema, s.UnevaluatedProperties.Schema, openapi3.NewSchema().NewRef())
}

// matches tells whether a value that is neither an object nor a list is valid.
func matches(s *openapi3.Schema, v any) bool {
	if s.Const != nil && !contains([]any{s.Const}, v) {
		return false
	}
	return s.VisitJSON(v, append(slices.Clip(leniently), openapi3.FailFast())...) == nil
}

// contains compares as JSON does, to which 1 and 1.0 are one number.
func contains(list []any, v any) bool {
	return slices.ContainsFunc(list, func(e any) bool { return bytes.Equal(encode(e), encode(v)) })
}

// fitted returns what there is of a value as a schema has it; see fit. If
// nothing of it is valid, all is made up.
func (m *maker) fitted(s *openapi3.Schema, have any) any {
	if s == nil {
		return nil
	}
	if v, _, ok := m.fit("", s, have, 0); ok {
		return v
	}
	return m.make("", s, 0)
}

// fit returns the part of a value that is valid against the schema, with what
// the schema requires beside it, and how much was lost; false if there is no
// such part. The name is that of the field, and helps to make up values.
func (m *maker) fit(name string, s *openapi3.Schema, have any, depth int) (fitted any, lost int, ok bool) {
	s = flat(s)
	if have == nil || depth > maxDepth {
		return nil, 0, have == nil && allowsNull(s)
	}
	if union := variants(s); len(union) > 0 {
		for _, variant := range union {
			v, n, valid := m.fit(name, variant, have, depth+1)
			if valid && (!ok || n < lost) {
				fitted, lost, ok = v, n, true
			}
		}
		return fitted, lost, ok
	}
	switch have := have.(type) {
	case map[string]any:
		if s.Type.Permits("object") {
			return m.fitObject(s, have, depth)
		}
	case []any:
		if s.Type.Permits("array") {
			return m.fitList(name, s, have, depth)
		}
	default:
		return have, 0, matches(s, have)
	}
	return nil, 0, false
}

func (m *maker) fitList(name string, s *openapi3.Schema, have []any, depth int) (any, int, bool) {
	if s.Items == nil {
		return have, 0, true
	}
	list, lost := []any{}, 0
	for _, element := range have {
		v, n, ok := m.fit(name, s.Items.Value, element, depth+1)
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

func (m *maker) fitObject(s *openapi3.Schema, have map[string]any, depth int) (any, int, bool) {
	object, lost := map[string]any{}, 0
	for _, name := range slices.Sorted(maps.Keys(have)) {
		given, property := have[name], s.Properties[name]
		if property == nil && isOpen(s) {
			property = more(s)
		}
		if property == nil || property.Value.WriteOnly {
			lost++
			continue
		}
		v, n, ok := m.fit(name, property.Value, given, depth+1)
		lost += n
		if ok {
			object[name] = v
		} else {
			lost++
		}
	}
	m.require(s, object, depth)
	return object, lost, true
}

// require makes up the fields that an object lacks, in the order of their
// names, so that the same object always gets the same values.
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

// make makes up a value: the default; else null, as what nobody has set is
// null where it can be; else the only or first value that is allowed, or one
// that tells what it stands for.
func (m *maker) make(name string, s *openapi3.Schema, depth int) any {
	s = flat(s)
	if s.Default != nil {
		if v, lost, ok := m.fit(name, s, s.Default, depth+1); ok && lost == 0 {
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
		v, _, _ := m.fit(name, s, []any{}, depth)
		return v
	case "boolean":
		return name == "success"
	case "integer", "number":
		return makeNumber(s)
	case "string":
		return m.makeText(name, s)
	}
	object := map[string]any{}
	m.require(s, object, depth)
	for i := 1; uint64(len(object)) < s.MinProps && i <= int(s.MinProps); i++ {
		object[name+strconv.Itoa(i)] = m.make(name, more(s).Value, depth+1)
	}
	return object
}

func makeNumber(s *openapi3.Schema) any {
	candidates := []float64{0}
	for _, bound := range []*float64{s.Min, s.Max, s.ExclusiveMin.Value, s.ExclusiveMax.Value, s.MultipleOf} {
		if bound != nil {
			candidates = append(candidates, *bound, math.Ceil(*bound), math.Floor(*bound)+1, math.Ceil(*bound)-1)
		}
	}
	return first(s, candidates)
}

// first returns the first of the candidates that is valid.
func first[T any](s *openapi3.Schema, candidates []T) T {
	for _, v := range candidates {
		if matches(s, v) {
			return v
		}
	}
	return candidates[0]
}

func (m *maker) time() string { return m.now.UTC().Format(time.RFC3339) }

// makeText makes up a text: by its format or its name, else by its pattern,
// else the field's own name.
func (m *maker) makeText(name string, s *openapi3.Schema) string {
	var text string
	switch {
	case name == "project_id":
		text = m.project
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

// example is a text that matches a regular expression, with what may be
// repeated repeated so often.
func example(re *syntax.Regexp, times int) string {
	var b strings.Builder
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		r := re.Rune[0]
		for _, plain := range "0Aa" { // rather than a control character
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

// cloned is a deep copy of a JSON value.
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

// encode is JSON as SignalWire writes it, with fields in the order of their
// names.
func encode(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("signalwiretest: " + strconv.Quote(err.Error())) // only JSON values get here
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
