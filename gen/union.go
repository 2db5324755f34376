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

// listed reports whether value is in list. Each value of the list ends in a newline.
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

// split appends the values of a list, each of which ends in a newline, to the slice of
// strings that values points to.
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

// union is embedded in each type for a union. It holds the JSON that it was decoded from,
// the value of one of the variants, or both.
type union struct {
	raw   json.RawMessage // nil if the union was not decoded
	value any             // a variant, or raw if the JSON is no variant; nil if there is none
}

// Raw returns the JSON that the union was decoded from. It returns nil if the union was
// made by its function New…, or is empty.
func (u union) Raw() json.RawMessage { return u.raw }

// IsZero reports whether the union is empty.
func (u union) IsZero() bool { return u.raw == nil && u.value == nil }

// MarshalJSON returns the JSON that the union was decoded from, or the JSON of its value.
// An empty union is null. The JSON of a response can be in another form than the API
// describes; the result of the method Value is encoded in the described form.
func (u union) MarshalJSON() ([]byte, error) {
	if u.raw != nil {
		return u.raw, nil
	}
	return encode(u.value)
}

// String returns the JSON of the union, with secrets redacted.
func (u union) String() string { return string(u.withoutSecrets()) }

// LogValue returns the JSON that String returns, for package slog.
func (u union) LogValue() slog.Value { return redact.LogValue(u.withoutSecrets()) }

func (u union) withoutSecrets() json.RawMessage {
	if u.raw == nil {
		return withoutSecrets(u.value)
	}
	return redact.JSON(u.raw, redact.SensitiveFields(u.value))
}

// The functions below are not methods, since the compiler would make a copy of each method
// for every type that embeds union.

// equal reports whether two unions have equal values.
//
//go:noinline
func equal(u, other union) bool { return reflect.DeepEqual(u.value, other.value) }

// headOf sets the fields of the struct that h points to from the fields of the variant that
// u holds, which can be a union itself. If u holds JSON, it sets them from its members, and
// skips members of another type.
func headOf(u union, h any) {
	value := u.value
	for {
		inner, ok := value.(interface{ Value() any })
		if !ok {
			break
		}
		value = inner.Value()
	}
	head, held := reflect.ValueOf(h).Elem(), reflect.ValueOf(value)
	isStruct := held.Kind() == reflect.Struct
	var members map[string]json.RawMessage
	if !isStruct {
		_ = json.Unmarshal(soleObject(u.raw), &members) // other JSON than an object has no members
	}
	for _, f := range typeinfo.Of(head.Type()).Fields {
		field := head.Field(f.Index)
		if !isStruct {
			_ = json.Unmarshal(members[f.Name], field.Addr().Interface()) // After an error, a scalar is as it was.
			continue
		}
		known := typeinfo.Of(held.Type())
		if i := known.Field(f.Name); i >= 0 {
			if v := reflect.Indirect(held.Field(known.Fields[i].Index)); v.Kind() == field.Kind() && v.CanConvert(field.Type()) {
				field.Set(v.Convert(field.Type()))
			}
		}
	}
}

// unmarshalUnion sets u from the JSON value at the beginning of text. It chooses a
// variant, decodes the value into it, and keeps the JSON. If no variant matches or
// decoding fails, the value of u is the JSON. The function decode decodes the JSON value
// at the beginning of text into v, or skips it if v is nil, and returns its length. If
// decode is nil, text is a single value, and encoding/json decodes it.
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
	// choose looked only at a part of the value. Now that its end is known, look for a
	// variant that is recognized by its own members (withOwn).
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

// decodeAs decodes a value of type t with decode, or skips it if t is nil. It returns the
// value and the length of its JSON.
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
	// field is the name of the discriminating member, such as "type", whose value
	// determines the variant. It is empty if there is none.
	field string
	// sets reports whether hold sets the discriminating field.
	sets bool
	list []variant
	once sync.Once // for complete
}

// variant is one of the types that a union can hold.
type variant struct {
	// nilPointer is a nil pointer to the type.
	nilPointer any
	// constants are the values of the discriminating member that belong to this variant.
	constants []string

	typ reflect.Type // the type, which complete sets, as it does the fields below
	// nested describes the variants of the type, if it is a union itself.
	nested *variants
	// own are the names of required members that only this variant has. It is set only
	// for a variant without constants, in a union with a discriminating member.
	own []string
}

// complete sets those fields of the variants that follow from their types.
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

// anotherHas reports whether a variant other than entry has a member with this name. It
// does not use slices.ContainsFunc, since the instance for this type adds sixty functions
// to compile.
func (v *variants) anotherHas(name string, entry *variant) bool {
	for i := range v.list {
		if other := v.list[i].typ; other != entry.typ && typeinfo.Of(other).Field(name) >= 0 {
			return true
		}
	}
	return false
}

// hold returns a union with this value, which is a variant, a pointer to one, or a union
// of the same type. If the union sets its discriminating member, and only one value of it
// belongs to the variant, the member is set in the copy. The union is empty if value is
// nil.
func (v *variants) hold(value any) union {
	v.once.Do(v.complete)
	held := reflect.Indirect(reflect.ValueOf(value))
	if !held.IsValid() {
		return union{}
	}
	for i := range v.list {
		if entry := &v.list[i]; entry.typ == held.Type() {
			known := typeinfo.Of(entry.typ)
			if i := known.Field(v.field); v.sets && len(entry.constants) == 1 && i >= 0 {
				set := reflect.New(entry.typ).Elem()
				set.Set(held)
				field := set.Field(known.Fields[i].Index)
				if field.Kind() == reflect.Pointer { // The member is optional.
					field.Set(reflect.New(field.Type().Elem()))
					field = field.Elem()
				}
				field.SetString(entry.constants[0])
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

// choose returns the type of the variant for the JSON value at the beginning of text, or
// nil if no variant matches. It chooses, in this order:
//
//   - For a value that is not an object: the first variant of its kind (ofKind). If there
//     is none, an array of one object is treated as that object.
//   - In a union without a discriminating member: the variant whose members are most like
//     those of the object (nearest).
//   - The variant among whose constants the discriminating value is, if there is only one.
//   - The variant whose own required members the object has (withOwn).
//   - For an object without the discriminating member: the nearest variant.
//   - The nearest of the variants among whose constants the discriminating value is.
//   - The only variant whose Go type lists the discriminating value.
//
// An object with any other discriminating value is a variant that is newer than the
// description.
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
	several := false // several variants have the value
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

// withOwn returns the type of the variant whose own members (see variant.own) are all in
// the object at the beginning of text, or nil if there is no such variant.
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

// mayHaveOwn reports whether withOwn can find a variant for a text. For most texts this
// quick check avoids the call.
func (v *variants) mayHaveOwn(text []byte) bool {
	for i := range v.list {
		if own := v.list[i].own; len(own) > 0 && bytes.Contains(text, []byte(own[0])) {
			return true
		}
	}
	return false
}

// ofKind returns the type of the first variant that the JSON value, which is not an
// object, can be decoded into. It returns nil if there is none, and for an empty string
// and null.
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

// count returns the number of variants for which is returns true, and the type of the
// first of them.
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

// lists reports whether the Go type of a field is an enumeration that lists the value.
// Variants can share an enumeration, so that it lists values of other variants, too.
func (entry *variant) lists(field, value string) bool {
	known := typeinfo.Of(entry.typ)
	i := known.Field(field)
	return i >= 0 && isListed(known.Fields[i].Elem(), value)
}

// isListed reports whether t is an enumeration of strings that lists a value.
func isListed(t reflect.Type, value string) bool {
	return typeinfo.Of(t).Enum && t.Kind() == reflect.String && reflect.ValueOf(value).Convert(t).Interface().(typeinfo.Enum).Valid()
}

// nearest returns the type of the variant that is most like the object at the beginning
// of text, among the variants for which may returns true. It returns nil if none has a
// member in common with the object.
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

// likeness measures how similar an object is to a type.
type likeness struct {
	// common is the number of members that both have.
	common int
	// members is common, less the number of required members that the object lacks. inner
	// is the sum of members and inner for nested objects, plus the number of strings that
	// an enumeration lists.
	members, inner int
}

// likenessOf compares the object at the beginning of text with the struct t.
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

// soleObject returns the object at the beginning of text if text begins with an array
// that has only this element. Otherwise it returns text.
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

// stringOf returns the value of a JSON string, or "" for any other JSON value.
func stringOf(value []byte) string {
	if bytes.IndexByte(value, '\\') < 0 && len(value) > 1 && value[0] == '"' {
		return string(value[1 : len(value)-1])
	}
	var s string
	_ = json.Unmarshal(value, &s)
	return s
}

// endOfString returns the index of the closing quote of a JSON string whose content
// begins at i. It returns len(text) if there is none.
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

// eachMember calls each for every member of the JSON object at the beginning of text,
// until each returns false. It returns the index after the object, or the index at which
// it stopped. The result for invalid JSON is not defined, but eachMember always returns.
func eachMember(text []byte, each func(name, value []byte) bool) int {
	var name []byte
	depth, start := 0, 0 // of nesting, and of the value of the current member
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
