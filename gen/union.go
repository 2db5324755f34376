package gen

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// listed tells whether an enumeration lists a value.
//
//go:noinline
func listed(values []string, value string) bool { return slices.Contains(values, value) }

// union is what every union is made of: the JSON it was decoded from, or the
// value that it was made of.
type union struct {
	raw   json.RawMessage
	value any
}

// Raw returns the JSON that the union was decoded from. It is nil if the union
// was made with New…, or holds nothing.
func (u union) Raw() json.RawMessage { return u.raw }

// IsZero tells whether the union holds nothing.
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

// UnmarshalJSON keeps the JSON as it is.
func (u *union) UnmarshalJSON(text []byte) error {
	*u = union{raw: append(json.RawMessage(nil), text...)}
	return nil
}

// stampUnion sets those fields of v, which a union is made of, that say what it is.
func stampUnion(v any, fields string) { _ = json.Unmarshal([]byte(fields), v) }

// unionField is the text in a field of a JSON object.
func unionField(raw json.RawMessage, name string) string {
	var object map[string]json.RawMessage
	var text string
	_ = json.Unmarshal(raw, &object)
	_ = json.Unmarshal(object[name], &text)
	return text
}

// unionValue decodes raw into the candidate that it fits best. The candidates
// are pointers; what is returned is the value behind one.
//
// What the descriptions call a union can mostly be told apart by a field with
// one possible value, such as a type or a command, else by which fields there
// are. A candidate fits if all its fields that tell candidates apart have a value
// that the description lists; of several, the one that has the most fields in
// common with raw and the fewest that are only on one side is taken. One without
// such a field is not taken if raw is more like one that does not fit: then it is
// that one of a kind, or with a value, that is newer than the description.
func unionValue(raw json.RawMessage, candidates ...any) any {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	tells := telling(candidates)
	var fitting, others []any
	told := map[any]bool{} // of those that fit
	for _, candidate := range candidates {
		err := json.Unmarshal(raw, candidate)
		fits, has := fit(reflect.ValueOf(candidate).Elem(), tells)
		if err != nil || !fits {
			others = append(others, candidate)
			continue
		}
		fitting = append(fitting, candidate)
		told[candidate] = has
	}
	if len(fitting) == 0 {
		return raw
	}
	best := fitting[0]
	if len(fitting) > 1 || !told[best] && len(others) > 0 {
		var score int
		best, score = nearest(raw, fitting)
		if !told[best] {
			if other, near := nearest(raw, others); other != nil && near > score {
				return raw
			}
		}
	}
	return reflect.ValueOf(best).Elem().Interface()
}

// nearest returns the candidate that is most like raw, and how much it is so.
func nearest(raw json.RawMessage, candidates []any) (best any, score int) {
	for _, candidate := range candidates {
		if s := -distance(raw, candidate); best == nil || s > score {
			best, score = candidate, s
		}
	}
	return best, score
}

// telling returns the fields of the candidates that can tell them apart, by their
// names in JSON: texts that are not of the same type in all.
func telling(candidates []any) map[string]bool {
	first, tells := map[string]reflect.Type{}, map[string]bool{}
	for _, candidate := range candidates {
		for _, f := range textsOf(reflect.TypeOf(candidate).Elem()) {
			if other, ok := first[f.name]; ok && other != f.typ {
				tells[f.name] = true
			}
			first[f.name] = f.typ
		}
	}
	return tells
}

// fit tells whether the enumerations in those fields of v that tell candidates
// apart have values that the description lists, and whether there are any.
func fit(v reflect.Value, tells map[string]bool) (fits, told bool) {
	if v.Kind() != reflect.Struct {
		e, ok := v.Interface().(interface{ Valid() bool })
		return !ok || e.Valid(), ok
	}
	for _, f := range textsOf(v.Type()) {
		if f.pointer || !tells[f.name] {
			continue
		}
		if e, ok := v.Field(f.index).Interface().(interface{ Valid() bool }); ok {
			if told = true; !e.Valid() {
				return false, true
			}
		}
	}
	return true, told
}

// textField is a field of a struct that is a text, or a pointer to one.
type textField struct {
	name    string // in JSON
	index   int
	typ     reflect.Type // of the text
	pointer bool
}

var texts sync.Map // by type

// textsOf returns the fields of a type that are texts, if it is a struct.
func textsOf(t reflect.Type) []textField {
	if known, ok := texts.Load(t); ok {
		return known.([]textField)
	}
	var list []textField
	for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		f := t.Field(i)
		typ := f.Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if f.IsExported() && typ.Kind() == reflect.String {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			list = append(list, textField{name, i, typ, typ != f.Type})
		}
	}
	texts.Store(t, list)
	return list
}

// distance counts the fields that are in raw and not in v, or the other way
// round.
func distance(raw json.RawMessage, v any) int {
	encoded, err := json.Marshal(v)
	var a, b map[string]json.RawMessage
	if err != nil || json.Unmarshal(raw, &a) != nil || json.Unmarshal(encoded, &b) != nil {
		return 0
	}
	n := 0
	for name := range a {
		if _, ok := b[name]; !ok {
			n++
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			n++
		}
	}
	return n
}
