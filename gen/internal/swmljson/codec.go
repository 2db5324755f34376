// Package swmljson reads, writes and checks SWML as the types of packages swml and
// messaging.
//
// A struct with a field Extra is a JSON object, and Extra has the members that no
// other field can hold. A field without a name in JSON is what may stand in place of
// the object. Other structs have only such fields, which are tried in their order.
package swmljson

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// Verbs are the verbs and their types, as nil pointers. The first has no name: it is
// for a step that is none of the others, and has one field.
type Verbs []struct {
	Name string
	Type any
}

// name returns the name of the verb whose type v has, or "".
func (vs *Verbs) name(v reflect.Value) string {
	for _, verb := range *vs {
		if v.IsValid() && reflect.TypeOf(verb.Type).Elem() == v.Type() {
			return verb.Name
		}
	}
	return ""
}

// Unmarshal decodes JSON into what to points to: a step with its name, or a part of
// one, or a document.
func (vs *Verbs) Unmarshal(data []byte, to any) error {
	var x any
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		return err
	}
	_ = decoder.Decode(&x) // valid, as Unmarshal says
	v, step := reflect.ValueOf(to).Elem(), vs.step(x)
	if v.SetZero(); v.Type() == step.Type() {
		v.Set(step)
	} else if vs.name(v) != "" || !vs.set(v, x) {
		return fmt.Errorf("swml: cannot decode %.40s into a %s", data, v.Type().Name())
	}
	return nil
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
		case name == "Extra" && members != nil:
			if len(members) > 0 {
				f.Set(reflect.ValueOf(members))
			}
			return true
		case name == "" && vs.set(f, x) && (i == 0 || !f.IsZero()):
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
	if name, isText := x.(string); isText {
		members = map[string]any{name: json.RawMessage{}}
	}
	for _, verb := range (*vs)[1:] {
		if value, has := members[verb.Name]; has && len(members) == 1 {
			v := reflect.New(reflect.TypeOf(verb.Type).Elem()).Elem()
			if vs.set(v, cmp.Or[any](value, json.RawMessage("null"))) {
				return v
			}
		}
	}
	v := reflect.New(reflect.TypeOf((*vs)[0].Type).Elem()).Elem()
	vs.set(v, x)
	return v
}

// Marshal encodes a value, or a step with its name. Like json.Marshal, it returns a
// [json.UnsupportedValueError] for a value that contains itself.
func (vs *Verbs) Marshal(v any) ([]byte, error) {
	e := encoder{Verbs: vs}
	if x := e.step(reflect.ValueOf(v), nil); e.cycle == nil {
		return json.Marshal(x)
	}
	return nil, e.cycle
}

// String returns a value as JSON without secrets, or why it has none.
func (vs *Verbs) String(v any) string {
	text, err := vs.Marshal(v)
	return cmp.Or(string(redact.JSON(text, nil)), fmt.Sprintf("%q", fmt.Sprint(err)))
}

// encoder makes values that encoding/json can encode, until it finds a cycle.
type encoder struct {
	*Verbs
	cycle error
}

// tree returns v as encoding/json can encode it. Outer are the places in memory of the
// pointers, slices and maps that v is in, with the lengths of slices. One in a thousand
// of them is compared with the outer ones, which finds every cycle and costs little.
func (e *encoder) tree(v reflect.Value, outer [][2]uintptr) any {
	kind := v.Kind()
	if kind == reflect.Pointer || kind == reflect.Slice || kind == reflect.Map {
		at := [2]uintptr{uintptr(v.UnsafePointer())}
		if kind == reflect.Slice {
			at[1] = uintptr(v.Len())
		}
		for i := 0; len(outer)%1000 == 999 && i < len(outer); i++ {
			if outer[i] == at {
				e.cycle = &json.UnsupportedValueError{Value: v, Str: "encountered a cycle via " + v.Type().String()}
			}
		}
		outer = append(outer, at)
	}
	switch {
	case kind == reflect.Invalid || e.cycle != nil:
		return nil
	case kind == reflect.Interface && (v.NumMethod() > 0 || e.knows(v.Elem())):
		return e.step(v.Elem(), outer)
	case kind == reflect.Pointer:
		return e.tree(v.Elem(), outer)
	case kind == reflect.Struct:
		return e.object(v, outer)
	case kind == reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = e.tree(v.Index(i), outer)
		}
		return items
	case kind == reflect.Map:
		return e.members(v, map[string]any{}, outer)
	case kind == reflect.String: // a Label has methods
		return v.String()
	}
	return v.Interface()
}

// knows reports whether v is for tree: a value of a type of the verbs' package, or a
// free-form array or object, which may have such values. Others are for encoding/json.
func (e *encoder) knows(v reflect.Value) bool {
	if !v.IsValid() || v.IsZero() {
		return false
	}
	t := v.Type()
	for t.PkgPath() == "" && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map && t.Key().Kind() == reflect.String) {
		t = t.Elem()
	}
	return t == reflect.TypeFor[any]() || t.PkgPath() == reflect.TypeOf((*e.Verbs)[0].Type).Elem().PkgPath()
}

// members adds what a map has to an object, and returns the object.
func (e *encoder) members(v reflect.Value, object map[string]any, outer [][2]uintptr) any {
	for _, name := range v.MapKeys() {
		object[name.String()] = e.tree(v.MapIndex(name), outer)
	}
	return object
}

// object is tree for a struct.
func (e *encoder) object(v reflect.Value, outer [][2]uintptr) any {
	members := map[string]any{}
	for i := range v.NumField() {
		f := v.Field(i)
		if f.IsZero() {
			continue
		}
		switch name := nameOf(v, i); name {
		case "Extra":
			e.members(f, members, outer)
		case "":
			return e.tree(f, outer)
		default:
			members[name] = e.tree(f, outer)
		}
	}
	if nameOf(v, 0) == "" {
		return e.tree(v.Field(0), outer)
	}
	return members
}

// step is tree for a value that may be a step.
func (e *encoder) step(v reflect.Value, outer [][2]uintptr) any {
	v = reflect.Indirect(v)
	x, name := e.tree(v, outer), e.name(v)
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
	c.value("", Rule{Kind: "Document"}, x)
	for _, j := range c.jumps {
		if j.to != "" && !strings.ContainsAny(j.to, "$%") && !c.known[j.in+j.what] { // not a variable
			c.errorf(j.place, "there is no %s", j.what)
		}
	}
	return errors.Join(c.mistakes...)
}

type checker struct {
	rules    map[string]*Rule
	mistakes []error
	section  string          // the one that is checked
	known    map[string]bool // sections and labels, each after its document
	jumps    []jump
}

// jump is where a step continues: at what, in a document.
type jump struct{ place, in, what, to string }

func (c *checker) errorf(place, format string, args ...any) {
	c.mistakes = append(c.mistakes, fmt.Errorf("%s: "+format, append([]any{strings.TrimPrefix(place, ".")}, args...)...))
}

func (c *checker) value(place string, rule Rule, x any) {
	n := math.NaN()
	switch x := x.(type) {
	case string:
		if rule.Enum != nil && !strings.ContainsAny(x, "$%") && !slices.Contains(rule.Enum, x) {
			c.errorf(place, "%q is none of %s, and no variable", x, strings.Join(rule.Enum, ", "))
		}
	case json.Number:
		n, _ = x.Float64()
	case []any:
		n = float64(len(x))
		for i, item := range x {
			c.value(fmt.Sprintf("%s[%d]", place, i), Rule{Kind: rule.Kind, Enum: rule.Enum}, item)
		}
	case map[string]any:
		outer := c.section
		for _, name := range slices.Sorted(maps.Keys(x)) {
			if rule.Kind == "Document.sections" {
				c.section = name
				c.known[strings.TrimSuffix(place, "sections")+fmt.Sprintf("section %q", name)] = true
			}
			member := *cmp.Or(c.rules[rule.Kind+"."+name], c.rules[rule.Kind+".*"], &Rule{})
			member.Kind = cmp.Or(member.Kind, rule.Kind+"."+name)
			c.value(place+"."+name, member, x[name])
		}
		c.section = outer
		object := cmp.Or(c.rules[rule.Kind+"."], &Rule{})
		has := slices.DeleteFunc(slices.Clone(object.Choice), func(name string) bool { return x[name] == nil })
		if object.Choice != nil && len(has) == 0 {
			c.errorf(place, "one of %s is needed", strings.Join(object.Choice, ", "))
		} else if object.Only && len(has) > 1 {
			c.errorf(place, "only one of %s is possible", strings.Join(has, ", "))
		}
	}
	if rule.Limits != nil && (n < rule.Limits[0] || n > rule.Limits[1]) {
		c.errorf(place, "%v is not %s", n, rule.Range)
	}
	c.flow(place, rule.Kind, x)
}

// flow checks what a value has to do with the order of steps.
func (c *checker) flow(place, kind string, x any) {
	document := place[:strings.LastIndex(place, ".sections.")+1]
	text, _ := x.(string)
	label, section := fmt.Sprintf("label %q in section %s", text, c.section), fmt.Sprintf("section %q", text)
	switch {
	case kind == "Verb" && x == nil:
		c.errorf(place, "the step is nil")
	case kind == "Document":
		c.jumps = append(c.jumps, jump{place + ".sections", place + ".", `section "main"`, "main"})
	case kind == "Label" && c.known[document+label]:
		c.errorf(place, "the %s is there twice", label)
	case kind == "Label":
		c.known[document+label] = true
	case kind == "Goto.label":
		c.jumps = append(c.jumps, jump{place, document, label, text})
	case slices.Contains([]string{"Execute", "Execute.dest", "Transfer", "Transfer.dest"}, kind) && !strings.ContainsAny(text, ":/."): // not a URL
		c.jumps = append(c.jumps, jump{place, document, section, text})
	}
}
