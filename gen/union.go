package gen

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
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
// are. A candidate fits if all its fields of few possible values have one of
// them; of several, the one that has the most fields in common with raw and the
// fewest that are only on one side is taken.
func unionValue(raw json.RawMessage, candidates ...any) any {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	var best any = raw
	var bestScore int
	for i, candidate := range candidates {
		if json.Unmarshal(raw, candidate) != nil || !valid(reflect.ValueOf(candidate).Elem()) {
			continue
		}
		score := -distance(raw, candidate)
		if _, none := best.(json.RawMessage); i == 0 || none || score > bestScore {
			best, bestScore = reflect.ValueOf(candidate).Elem().Interface(), score
		}
	}
	return best
}

// valid tells whether the enumerations in the fields of v have values that the
// description lists.
func valid(v reflect.Value) bool {
	if v.Kind() != reflect.Struct {
		e, ok := v.Interface().(interface{ Valid() bool })
		return !ok || e.Valid()
	}
	for i := range v.NumField() {
		if f := v.Field(i); v.Type().Field(i).IsExported() && f.Kind() == reflect.String && !valid(f) {
			return false
		}
	}
	return true
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
