package gen

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// listed reports whether a list of values, each of which ends in a newline, has
// one.
//
//go:noinline
func listed(list, value string) bool {
	for len(list) > 0 {
		end := strings.IndexByte(list, '\n')
		if list[:end] == value {
			return true
		}
		list = list[end+1:]
	}
	return false
}

func init() {
	typeinfo.List = func(enum any) string {
		if e, ok := enum.(interface{ list() string }); ok {
			return e.list()
		}
		return ""
	}
}

// split appends the values of such a list to the slice that values points to.
//
//go:noinline
func split(list string, values any) {
	slice := reflect.ValueOf(values).Elem()
	for value := range strings.Lines(list) {
		item := reflect.New(slice.Type().Elem()).Elem()
		item.SetString(value[:len(value)-1])
		slice.Set(reflect.Append(slice, item))
	}
}

// union is what every union is made of: the JSON that it was decoded from, and
// the value that this is or that it was made of.
type union struct {
	raw   json.RawMessage
	value any
}

// Raw returns the JSON that the union was decoded from. It is nil if the union
// was made with New…, or holds nothing.
func (u union) Raw() json.RawMessage { return u.raw }

// IsZero reports whether the union holds nothing.
func (u union) IsZero() bool { return u.raw == nil && u.value == nil }

// MarshalJSON writes what the union holds, or null.
func (u union) MarshalJSON() ([]byte, error) {
	if u.raw != nil {
		return u.raw, nil
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	err := e.Encode(u.value)
	return buf.Bytes(), err
}

// String returns the JSON of what the union holds, without secrets.
func (u union) String() string {
	text, err := u.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(redact.JSON(bytes.TrimSpace(text), redact.SensitiveFields(u.value)))
}

// LogValue returns what String does.
func (u union) LogValue() slog.Value { return slog.StringValue(u.String()) }

// The functions below are no methods, as each union would have a copy of those.

// equal reports whether two unions hold the same value.
//
//go:noinline
func equal(u, other union) bool { return reflect.DeepEqual(u.value, other.value) }

// headOf decodes the members of what the union holds that a struct has, which h
// points to. A member of another type is left out.
func headOf(u union, h any) {
	text, err := u.MarshalJSON()
	var members map[string]json.RawMessage
	if err != nil || json.Unmarshal(text, &members) != nil {
		return
	}
	v := reflect.ValueOf(h).Elem()
	for _, f := range typeinfo.Of(v.Type()).Fields {
		field := reflect.New(f.Type)
		if json.Unmarshal(members[f.Name], field.Interface()) == nil {
			v.Field(f.Index).Set(field.Elem())
		}
	}
}

// unmarshalUnion decodes the variant that the JSON value at the beginning of text
// is, and keeps the JSON as it is. If decoding fails, or if the value is no variant,
// the JSON is what the union holds. See UnmarshalFrom for decode; if it is nil,
// text is one value, which encoding/json decodes.
func unmarshalUnion(u *union, text []byte, decode func(v any) (n int, err error), v *variants) {
	if decode == nil {
		text = bytes.TrimSpace(text)
		decode = func(v any) (int, error) {
			if v == nil {
				return len(text), nil
			}
			return len(text), json.Unmarshal(text, v)
		}
	}
	t := v.choose(text)
	value, n, err := decodeAs(t, decode)
	// Only now it is known where the value ends, and so what cannot be in it.
	if v.mayHaveOwn(text[:n]) {
		if own := v.withOwn(text); own != nil && own != t {
			value, n, err = decodeAs(own, decode)
		}
	}
	*u = union{raw: append(json.RawMessage{}, text[:n]...)}
	switch {
	case err == nil && value != nil:
		u.value = value
	case string(u.raw) == `null`, string(u.raw) == `""`, string(u.raw) == `[]`: // nothing
	default:
		u.value = u.raw
	}
}

// decodeAs decodes a value of type t, or skips it if that is nil.
func decodeAs(t reflect.Type, decode func(v any) (n int, err error)) (value any, n int, err error) {
	if t == nil {
		n, err = decode(nil)
		return nil, n, err
	}
	held := reflect.New(t)
	if n, err = decode(held.Interface()); err == nil {
		value = held.Elem().Interface()
	}
	return value, n, err
}

// variants describes the variants of a union.
type variants struct {
	// field is the discriminating member, whose value says which variant it is, such
	// as "type". It is empty if there is none.
	field string
	// sets reports whether hold sets it.
	sets bool
	list []variant
	once sync.Once // completes the list
}

// variant is one of the types that a union can hold.
type variant struct {
	// nilPointer is a nil pointer to the type.
	nilPointer any
	// constants are the values of the discriminating field.
	constants []string

	typ reflect.Type
	// nested describes the variants of this one, if it is a union.
	nested *variants
	// own are required members that no other variant has, if this one lacks the
	// discriminating field.
	own []string
}

// complete works out what is known from the types alone.
func (v *variants) complete() {
	for i := range v.list {
		entry := &v.list[i]
		entry.typ = reflect.TypeOf(entry.nilPointer).Elem()
		if nested, ok := entry.nilPointer.(interface{ variants() *variants }); ok {
			entry.nested = nested.variants()
		}
	}
	for i := range v.list {
		entry := &v.list[i]
		if v.field == "" || len(entry.constants) > 0 {
			continue
		}
		for _, f := range typeinfo.Of(entry.typ).Fields {
			if !f.Optional() && !v.anotherHas(f.Name, entry) {
				entry.own = append(entry.own, f.Name)
			}
		}
	}
}

// anotherHas reports whether a variant beside entry has a member of that name. It
// is a loop because an instance of slices.ContainsFunc for this type has sixty
// functions to compile.
func (v *variants) anotherHas(name string, entry *variant) bool {
	for i := range v.list {
		if other := v.list[i].typ; other != entry.typ && typeinfo.Of(other).Field(name) >= 0 {
			return true
		}
	}
	return false
}

// hold returns a union that holds value, which is a variant, or a pointer to one.
// Its discriminating field is set if the union sets it and a single value of it
// stands for the type. Given the union itself, it returns that. Nil is nothing.
func (v *variants) hold(value any) union {
	v.once.Do(v.complete)
	held := reflect.Indirect(reflect.ValueOf(value))
	if !held.IsValid() {
		return union{}
	}
	for i := range v.list {
		if entry := &v.list[i]; entry.typ == held.Type() {
			if v.sets && len(entry.constants) == 1 {
				set := reflect.New(entry.typ).Elem()
				set.Set(held)
				known := typeinfo.Of(entry.typ)
				set.Field(known.Fields[known.Field(v.field)].Index).SetString(entry.constants[0])
				held = set
			}
			return union{value: held.Interface()}
		}
	}
	if u, ok := held.Interface().(interface {
		Raw() json.RawMessage
		Value() any
	}); ok {
		return union{raw: u.Raw(), value: u.Value()}
	}
	return union{value: held.Interface()}
}

// choose returns the type of the variant that the JSON value at the beginning of
// text is, or nil if it is none.
//
// It is the variant that has the value of the discriminating field among its
// constants. Without one, it is a variant that has members of its own (withOwn),
// or else the only one whose type in Go lists the value; with another value it is
// none, which is newer than the description.
// Where there is no such field, or several variants have that value, the one is
// chosen whose members are most like those of the JSON.
func (v *variants) choose(text []byte) reflect.Type {
	v.once.Do(v.complete)
	if len(text) > 0 && text[0] != '{' {
		if t := v.ofKind(text); t != nil {
			return t
		}
		text = soleObject(text)
	}
	if len(text) == 0 || text[0] != '{' {
		return nil
	}
	if v.field == "" {
		return v.nearest(text, func(*variant) bool { return true })
	}
	var value string
	described := func(entry *variant) bool { return slices.Contains(entry.constants, value) }
	several := false // have that value
	var only reflect.Type
	eachMember(text, func(name, member []byte) bool {
		if string(name) == v.field {
			value = stringOf(member)
			n, first := v.count(described)
			if several = n > 1; n == 1 {
				only = first
			}
			return false
		}
		return true
	})
	if only != nil {
		return only
	}
	if own := v.withOwn(text); own != nil {
		return own
	}
	if value == "" {
		return v.nearest(text, func(*variant) bool { return true })
	}
	if several {
		return v.nearest(text, described)
	}
	if n, first := v.count(func(entry *variant) bool { return entry.lists(v.field, value) }); n == 1 {
		return first
	}
	return nil
}

// withOwn returns the type of the variant that lacks the discriminating field and
// all of whose own members are in the object at the beginning of text. It is nil
// if there is none.
func (v *variants) withOwn(text []byte) reflect.Type {
	text = soleObject(text)
	for i := range v.list {
		entry := &v.list[i]
		if len(entry.own) == 0 {
			continue
		}
		found := 0
		eachMember(text, func(name, _ []byte) bool {
			if slices.Contains(entry.own, string(name)) {
				found++
			}
			return true
		})
		if found >= len(entry.own) {
			return entry.typ
		}
	}
	return nil
}

// mayHaveOwn reports whether withOwn may find a variant in a text, which is
// quick to see for most texts that have none.
func (v *variants) mayHaveOwn(text []byte) bool {
	for i := range v.list {
		if own := v.list[i].own; len(own) > 0 && bytes.Contains(text, []byte(own[0])) {
			return true
		}
	}
	return false
}

// ofKind returns the type of the first variant that JSON which is no object can
// be decoded into, or nil. An empty string and null are none.
func (v *variants) ofKind(text []byte) reflect.Type {
	kinds := []reflect.Kind{reflect.Int64, reflect.Float64}
	switch c := text[0]; {
	case c == '"' && !bytes.HasPrefix(text, []byte(`""`)):
		kinds = []reflect.Kind{reflect.String}
	case c == '[':
		kinds = []reflect.Kind{reflect.Slice}
	case c == 't' || c == 'f':
		kinds = []reflect.Kind{reflect.Bool}
	case c != '-' && (c < '0' || c > '9'):
		return nil
	default:
		if end := bytes.IndexAny(text, ".eE,]} \t\r\n"); end >= 0 && strings.IndexByte(".eE", text[end]) >= 0 {
			kinds = kinds[1:]
		}
	}
	for _, kind := range kinds {
		for i := range v.list {
			if v.list[i].typ.Kind() == kind {
				return v.list[i].typ
			}
		}
	}
	return nil
}

// count returns how many variants there are of which is is true, and the type of
// the first of them.
func (v *variants) count(is func(*variant) bool) (n int, first reflect.Type) {
	for i := range v.list {
		if is(&v.list[i]) {
			if n++; n == 1 {
				first = v.list[i].typ
			}
		}
	}
	return n, first
}

// lists reports whether the enumeration that the field is of in Go lists a
// value, which is one that the same field has elsewhere.
func (entry *variant) lists(field, value string) bool {
	known := typeinfo.Of(entry.typ)
	i := known.Field(field)
	return i >= 0 && isListed(known.Fields[i].Elem(), value)
}

// isListed reports whether t is an enumeration of strings that lists a value.
func isListed(t reflect.Type, value string) bool {
	return typeinfo.Of(t).Enum && t.Kind() == reflect.String && reflect.ValueOf(value).Convert(t).Interface().(typeinfo.Enum).Valid()
}

// nearest returns the type of the variant, of those that may be it, which is most
// like an object. It is nil if they have no members in common.
func (v *variants) nearest(text []byte, may func(*variant) bool) (best reflect.Type) {
	var most likeness
	for i := range v.list {
		entry := &v.list[i]
		if !may(entry) {
			continue
		}
		t := entry.typ
		if entry.nested != nil {
			if t = entry.nested.choose(text); t == nil {
				continue
			}
		}
		l := likenessOf(text, t)
		if l.common > 0 && (best == nil || l.members > most.members || l.members == most.members && l.inner > most.inner) {
			best, most = entry.typ, l
		}
	}
	return best
}

// likeness says how much an object is like a type.
type likeness struct {
	// common is the number of members that both have.
	common int
	// members is that number less that of the required ones which the object
	// lacks. inner is the same of the objects within, and the number of values that
	// an enumeration lists.
	members, inner int
}

func likenessOf(text []byte, t reflect.Type) (l likeness) {
	known := typeinfo.Of(t)
	found := make([]bool, len(known.Fields))
	eachMember(text, func(name, value []byte) bool {
		i := known.Field(string(name))
		if i < 0 || found[i] {
			return true
		}
		found[i] = true
		l.common++
		elem := known.Fields[i].Elem()
		if value = soleObject(value); elem.Kind() == reflect.Struct && value[0] == '{' {
			within := likenessOf(value, elem)
			l.inner += within.members + within.inner
		} else if isListed(elem, stringOf(value)) {
			l.inner++
		}
		return true
	})
	l.members = l.common
	for i := range known.Fields {
		if !known.Fields[i].Optional() && !found[i] {
			l.members--
		}
	}
	return l
}

// soleObject returns the object in an array of one that begins the text, or the
// text as it is.
func soleObject(text []byte) []byte {
	if len(text) == 0 || text[0] != '[' {
		return text
	}
	inner := bytes.TrimSpace(text[1:])
	if len(inner) > 0 && inner[0] == '{' {
		end := eachMember(inner, func(_, _ []byte) bool { return true })
		if bytes.HasPrefix(bytes.TrimSpace(inner[end:]), []byte("]")) {
			return inner[:end]
		}
	}
	return text
}

// stringOf returns the string that a JSON value is, or "" if it is none.
func stringOf(value []byte) string {
	if bytes.IndexByte(value, '\\') < 0 && len(value) > 1 && value[0] == '"' {
		return string(value[1 : len(value)-1])
	}
	var s string
	_ = json.Unmarshal(value, &s)
	return s
}

// endOfString returns where the quote is that ends the string that begins at i.
func endOfString(text []byte, i int) int {
	for i < len(text) {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			break
		}
		end := i + n
		escape := bytes.IndexByte(text[i:end], '\\')
		if escape < 0 {
			return end
		}
		i += escape + 2
	}
	return len(text)
}

// eachMember calls each for every member of the JSON object that begins the text,
// until it returns false, and returns where the object ends or where it stopped.
// What it makes of a text that is not valid does not matter, but it ends.
func eachMember(text []byte, each func(name, value []byte) bool) int {
	var name []byte
	depth, start := 0, 0 // of a value
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := endOfString(text, i+1)
			if depth == 1 && name == nil && end < len(text) {
				if name = text[i+1 : end]; bytes.IndexByte(name, '\\') >= 0 {
					name = []byte(stringOf(text[i : end+1]))
				}
			}
			i = end
		case '{', '[':
			depth++
		case ':':
			if depth == 1 && start == 0 {
				start = i + 1
			}
		case ',', '}', ']':
			if depth == 1 && start > 0 {
				if value := bytes.TrimSpace(text[start:i]); len(value) > 0 && !each(name, value) {
					return i
				}
				name, start = nil, 0
			}
			if c != ',' {
				depth--
			}
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
