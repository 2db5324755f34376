// Package swmljson reads, writes and checks SWML as the types of packages swml and
// messaging.
//
// A struct with a field Extra is a JSON object, and Extra has the members that no
// other field can hold. A field without a name in JSON is what may stand in place of
// the object. Other structs have only such fields, which are tried in their order.
package swmljson

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// Verb is the name of a verb, and its type as a nil pointer.
type Verb struct {
	Name string
	Type any
}

// Verbs are the verbs. The first has no name: it is for a step that is none of the
// others, and has one field.
type Verbs []Verb

// name returns the name of the verb whose type v has, or "". Inlined, it would make
// programs larger.
//
//go:noinline
func (vs *Verbs) name(v reflect.Value) string {
	for _, verb := range *vs {
		if v.IsValid() && reflect.TypeOf(verb.Type).Elem() == v.Type() {
			return verb.Name
		}
	}
	return ""
}

// Unmarshal decodes JSON into what to points to: a step with its name, or a part of
// one, or a document. It ignores a byte order mark before it, with which some editors
// save files (RFC 8259, section 8.1).
func (vs *Verbs) Unmarshal(data []byte, to any) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	x, decoder := any(nil), json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		return err
	}
	_ = decoder.Decode(&x) // valid, as Unmarshal says
	v, step := reflect.ValueOf(to), vs.step(x)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
		v.SetZero()
		isStep := v.Type() == step.Type()
		if isStep {
			v.Set(step)
		}
		if isStep || vs.name(v) == "" && vs.set(v, x) {
			return nil
		}
	}
	return fmt.Errorf("swml: cannot decode %.40s into a %T", redact.JSON(data, nil), to)
}

// set sets v to x, and reports whether v can hold it.
func (vs *Verbs) set(v reflect.Value, x any) bool {
	text, isText := x.(string)
	items, isArray := x.([]any)
	members, isObject := x.(map[string]any)
	switch kind := v.Kind(); {
	case kind == reflect.Interface && v.NumMethod() > 0:
		v.Set(vs.step(x))
		return true
	case kind == reflect.Interface:
		v.Set(reflect.ValueOf(&x).Elem())
		return true
	case kind == reflect.String:
		v.SetString(text)
		return isText
	case kind == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return vs.set(v.Elem(), x)
	case kind == reflect.Struct:
		return vs.setStruct(v, x, maps.Clone(members))
	case kind == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i, item := range items {
			isArray = vs.set(v.Index(i), item) && isArray
		}
		return isArray
	}
	v.Set(reflect.MakeMap(v.Type()))
	for name, member := range members {
		value := reflect.New(v.Type().Elem()).Elem()
		isObject = vs.set(value, member) && isObject
		v.SetMapIndex(reflect.ValueOf(name), value)
	}
	return isObject
}

// setStruct is set for a struct. It removes from members what a field has.
func (vs *Verbs) setStruct(v reflect.Value, x any, members map[string]any) bool {
	for i := range v.NumField() {
		f, name := v.Field(i), nameOf(v, i)
		member, has := members[name]
		switch {
		case name == "Extra" && len(members) > 0:
			f.Set(reflect.ValueOf(members))
			return true
		case name == "Extra" && members != nil, name == "" && vs.set(f, x) && (i == 0 || !f.IsZero()):
			return true
		case name != "" && has && vs.set(f, member) && !f.IsZero():
			delete(members, name)
		default:
			f.SetZero()
		}
	}
	return false
}

// nameOf returns the name in JSON of field i of a struct, or Extra.
func nameOf(v reflect.Value, i int) string {
	name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
	return strings.Trim(name, "-")
}

// step returns the step that x is. In the field Short of a verb, JSON is in place of
// null, as nil would be nothing, and no JSON says that x is only the name.
func (vs *Verbs) step(x any) reflect.Value {
	members, _ := x.(map[string]any)
	i, value := 0, x
	for j, verb := range (*vs)[1:] {
		switch member, has := members[verb.Name]; {
		case x == any(verb.Name):
			i, value = j+1, json.RawMessage{}
		case has && len(members) == 1 && member == nil:
			i, value = j+1, json.RawMessage("null")
		case has && len(members) == 1:
			i, value = j+1, member
		}
	}
	for ; ; i, value = 0, x {
		v := reflect.New(reflect.TypeOf((*vs)[i].Type).Elem()).Elem()
		if vs.set(v, value) || i == 0 {
			return v
		}
	}
}

// Marshal encodes a value, or a step with its name. Like json.Marshal, it returns a
// [json.UnsupportedValueError] for a value that contains itself.
func (vs *Verbs) Marshal(v any) ([]byte, error) {
	e := encoder{Verbs: vs}
	if x := e.step(reflect.ValueOf(v), 0); !e.cycle.IsValid() {
		return json.Marshal(x)
	}
	return nil, &json.UnsupportedValueError{Value: e.cycle, Str: "encountered a cycle via " + e.cycle.Type().String()}
}

// encoder makes values that encoding/json can encode, until it finds a cycle.
type encoder struct {
	*Verbs
	outer [][2]uintptr  // the pointers, slices and maps that a value is in: addresses, and lengths of slices
	cycle reflect.Value // a pointer, slice or map that contains itself
}

// in returns the depth of what is in v: a pointer, a map or a slice of n elements. It
// compares v with the outer value that is half as deep. In a cycle, these two are the
// same sooner or later; otherwise they never are.
func (e *encoder) in(v reflect.Value, n, depth int) int {
	if e.outer = append(e.outer[:depth], [2]uintptr{v.Pointer(), uintptr(n)}); depth > 0 && e.outer[depth] == e.outer[depth/2] {
		e.cycle = v
	}
	return depth + 1
}

// tree returns v as encoding/json can encode it.
func (e *encoder) tree(v reflect.Value, depth int) any {
	switch kind := v.Kind(); {
	case e.cycle.IsValid() || kind == reflect.Invalid || kind == reflect.Interface && v.IsNil():
		return nil
	case kind == reflect.Interface && (v.NumMethod() > 0 || knows(v.Elem())):
		return e.step(v.Elem(), depth)
	case kind == reflect.Pointer:
		return e.tree(v.Elem(), e.in(v, 0, depth))
	case kind == reflect.Slice:
		items, depth := make([]any, v.Len()), e.in(v, v.Len(), depth)
		for i := range items {
			items[i] = e.tree(v.Index(i), depth)
		}
		return items
	case kind == reflect.Map || kind == reflect.Struct:
		return e.object(v, map[string]any{}, depth)
	case kind == reflect.String: // a Label has methods
		return v.String()
	}
	return v.Interface()
}

// knows reports whether v is for tree: a value of a type of package swml or messaging, or
// a free-form array or object, which may have such values. Others are for encoding/json.
func knows(v reflect.Value) bool {
	t := v.Type()
	for k := t.Kind(); t.Name() == "" && (k == reflect.Pointer || k == reflect.Slice || k == reflect.Map && t.Key().Kind() == reflect.String); k = t.Kind() {
		t = t.Elem()
	}
	return !v.IsZero() && (t == reflect.TypeFor[any]() || strings.HasPrefix(t.PkgPath(), "github.com/seed-fbb712e3/signalwire-go/gen/swml"))
}

// object adds the members of a map or a struct to those that there are. It returns them,
// or what is in place of the object.
func (e *encoder) object(v reflect.Value, members map[string]any, depth int) any {
	if v.Kind() == reflect.Map {
		for entry, depth := v.MapRange(), e.in(v, 0, depth); entry.Next(); {
			members[entry.Key().String()] = e.tree(entry.Value(), depth)
		}
		return members
	}
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.IsZero():
		case nameOf(v, i) == "":
			return e.tree(f, depth)
		case nameOf(v, i) == "Extra":
			e.object(f, members, depth)
		default:
			members[nameOf(v, i)] = e.tree(f, depth)
		}
	}
	if nameOf(v, 0) == "" {
		return e.tree(v.Field(0), depth)
	}
	return members
}

// step is tree for a value that may be a step.
func (e *encoder) step(v reflect.Value, depth int) any {
	x, name := e.tree(v, depth), e.name(reflect.Indirect(v))
	if short, isShort := x.(json.RawMessage); name == "" {
		return x
	} else if isShort && len(short) == 0 {
		return name
	}
	return map[string]any{name: x}
}

// Rule is what is known of a value.
type Rule struct {
	Kind   string    // the type of the value, or of its elements
	Enum   []string  // the strings that are known
	Limits []float64 // the least and the largest number, or count of elements
	Range  string    // the limits in words
	Choice []string  // members, of which an object needs one
	Only   bool      // one of these alone
}

// Check returns all mistakes in a document, joined. Rules is the JSON of rules by name:
// that for a member has the name of the type and that of the member, or * for all
// members; that for an object, the name of its type and a dot.
func (vs *Verbs) Check(document any, rules string) error {
	c, x := checker{known: map[string]bool{}}, any(nil)
	text, err := vs.Marshal(document)
	if err = cmp.Or(err, vs.Unmarshal(text, &x), json.Unmarshal([]byte(rules), &c.rules)); err != nil {
		return err
	}
	c.value("", "", Rule{Kind: "Document"}, x)
	for _, j := range c.jumps {
		c.want(j.to == "" || strings.ContainsAny(j.to, "$%") || c.known[j.in+j.what], j.place, "there is no %s", j.what)
	}
	return errors.Join(c.mistakes...)
}

type checker struct {
	rules    map[string]*Rule
	mistakes []error
	known    map[string]bool // sections and labels, each after its document
	jumps    []jump
}

// jump is a value, at a place, that names a section or a label where steps continue: what in
// errors, to as it is written. The document is at in.
type jump struct{ place, in, what, to string }

// want adds a mistake unless something is right.
func (c *checker) want(right bool, place, format string, args ...any) {
	if !right {
		c.mistakes = append(c.mistakes, fmt.Errorf("%s: "+format, append([]any{strings.TrimPrefix(place, ".")}, args...)...))
	}
}

// value checks a value that is in a section.
func (c *checker) value(place, section string, rule Rule, x any) {
	within := func(n float64) bool { return rule.Limits == nil || rule.Limits[0] <= n && n <= rule.Limits[1] }
	text, _ := x.(string)
	c.want(rule.Kind != "Verb" || x != nil, place, "the step is nil")
	switch x := x.(type) {
	case string:
		c.want(rule.Enum == nil || strings.ContainsAny(x, "$%") || slices.Contains(rule.Enum, x), place, "%q is none of %s, and no variable", x, strings.Join(rule.Enum, ", "))
	case json.Number:
		n, _ := x.Float64()
		c.want(within(n), place, "%v is not %s", n, rule.Range)
	case []any:
		for i, item := range x {
			c.value(fmt.Sprintf("%s[%d]", place, i), section, Rule{Kind: rule.Kind, Enum: rule.Enum}, item)
		}
		c.want(within(float64(len(x))), place, "%d is not %s", len(x), rule.Range)
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if rule.Kind == "Document.sections" {
				section = name
				c.known[strings.TrimSuffix(place, "sections")+fmt.Sprintf("section %q", name)] = true
			}
			member := *cmp.Or(c.rules[rule.Kind+"."+name], c.rules[rule.Kind+".*"], &Rule{})
			member.Kind = cmp.Or(member.Kind, rule.Kind+"."+name)
			c.value(place+"."+name, section, member, x[name])
		}
		object := cmp.Or(c.rules[rule.Kind+"."], &Rule{})
		has := slices.DeleteFunc(slices.Clone(object.Choice), func(name string) bool { return x[name] == nil })
		c.want(object.Choice == nil || len(has) > 0, place, "one of %s is needed", strings.Join(object.Choice, ", "))
		c.want(!object.Only || len(has) < 2, place, "only one of %s is possible", strings.Join(has, ", "))
	}

	document, label := place[:strings.LastIndex(place, ".sections.")+1], fmt.Sprintf("label %q in section %s", text, section)
	switch kind := rule.Kind; {
	case kind == "Document":
		c.jumps = append(c.jumps, jump{place + ".sections", place + ".", `section "main"`, "main"})
	case kind == "Label":
		c.want(!c.known[document+label], place, "the %s is there twice", label)
		c.known[document+label] = true
	case kind == "Goto.label":
		c.jumps = append(c.jumps, jump{place, document, label, text})
	case slices.Contains([]string{"Execute", "Execute.dest", "Transfer", "Transfer.dest"}, kind) && !strings.ContainsAny(text, ":/."): // not a URL
		c.jumps = append(c.jumps, jump{place, document, fmt.Sprintf("section %q", text), text})
	}
}
