package gen

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
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
	var best, missed any = raw, nil
	var bestScore, missedScore int
	bestTold := false
	for _, candidate := range candidates {
		err := json.Unmarshal(raw, candidate)
		v := reflect.ValueOf(candidate).Elem()
		score := -distance(raw, candidate)
		switch fits, told := fit(v, tells); {
		case err != nil || !fits:
			if missed == nil || score > missedScore {
				missed, missedScore = candidate, score
			}
		case score > bestScore || isRaw(best):
			best, bestScore, bestTold = v.Interface(), score, told
		}
	}
	if missed != nil && missedScore > bestScore && !bestTold {
		return raw
	}
	return best
}

func isRaw(v any) bool {
	_, ok := v.(json.RawMessage)
	return ok
}

// telling returns the fields of the candidates that can tell them apart, by their
// names in JSON: those that are not of the same type in all.
func telling(candidates []any) map[string]bool {
	first, tells := map[string]reflect.Type{}, map[string]bool{}
	for _, candidate := range candidates {
		t := reflect.TypeOf(candidate).Elem()
		if t.Kind() != reflect.Struct {
			continue
		}
		for i := range t.NumField() {
			name, typ := jsonName(t.Field(i)), t.Field(i).Type
			if typ.Kind() == reflect.Pointer {
				typ = typ.Elem()
			}
			if other, ok := first[name]; ok && other != typ {
				tells[name] = true
			}
			first[name] = typ
		}
	}
	return tells
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// fit tells whether the enumerations in those fields of v that tell candidates
// apart have values that the description lists, and whether there are any.
func fit(v reflect.Value, tells map[string]bool) (fits, told bool) {
	if v.Kind() != reflect.Struct {
		e, ok := v.Interface().(interface{ Valid() bool })
		return !ok || e.Valid(), ok
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Type.Kind() == reflect.String && tells[jsonName(f)] {
			if e, ok := v.Field(i).Interface().(interface{ Valid() bool }); ok {
				if told = true; !e.Valid() {
					return false, true
				}
			}
		}
	}
	return true, told
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
