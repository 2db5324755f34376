// Package swmljson reads and writes SWML as the types of packages swml and messaging.
//
// A struct is a JSON object. Its fields without a tag are what else may stand in
// its place, and are tried in their order. Its field Extra has the members that
// no other field can hold.
package swmljson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"reflect"
	"strconv"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
)

// Form stands in place of the value of a verb that has none.
type Form string

const (
	Null     Form = "null"
	NameOnly Form = "name only"
)

func (Form) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Unmarshal decodes JSON. newVerb returns the zero value of a verb's type, or
// of that for unknown verbs.
func Unmarshal(data []byte, to any, newVerb func(name string) any) error {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("swml: there is something after the JSON value")
	}
	v := reflect.ValueOf(to).Elem()
	if v.SetZero(); tree == nil || !set(v, plain(tree), newVerb) {
		return fmt.Errorf("swml: cannot be a %s: %.40s", v.Type().Name(), data)
	}
	return nil
}

// plain makes each number an int or a float64, if that is written in the same way.
func plain(x any) any {
	switch x := x.(type) {
	case []any:
		for i := range x {
			x[i] = plain(x[i])
		}
	case map[string]any:
		for name := range x {
			x[name] = plain(x[name])
		}
	case json.Number:
		if i, err := strconv.Atoi(string(x)); err == nil && strconv.Itoa(i) == string(x) {
			return i
		}
		f, _ := x.Float64()
		if text, err := json.Marshal(f); err == nil && string(text) == string(x) {
			return f
		}
	}
	return x
}

// Plain is a value as [Unmarshal] has it, so that 1.0 is 1.
func Plain(v any) any {
	if text, err := json.Marshal(v); err == nil && reflect.ValueOf(v).Kind() != reflect.Bool {
		return plain(json.Number(text))
	}
	return v
}

// set sets v to x, and reports whether v can hold it.
func set(v reflect.Value, x any, newVerb func(string) any) bool {
	switch v.Kind() {
	case reflect.Interface:
		if v.NumMethod() > 0 {
			v.Set(step(x, newVerb))
		} else if x != nil {
			v.Set(reflect.ValueOf(x))
		}
		return true
	case reflect.String:
		text, ok := x.(string)
		v.SetString(text)
		return ok
	case reflect.Struct:
		return setStruct(v, x, newVerb)
	}
	if x == nil {
		return true // A nil pointer, slice or map is written as null where it is no field.
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return set(v.Elem(), x, newVerb)
	case reflect.Slice:
		items, ok := x.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i := range items {
			ok = set(v.Index(i), items[i], newVerb) && ok
		}
		return ok
	}
	members, ok := x.(map[string]any)
	v.Set(reflect.MakeMap(v.Type()))
	for name, member := range members {
		value := reflect.New(v.Type().Elem()).Elem()
		ok = set(value, member, newVerb) && ok
		v.SetMapIndex(reflect.ValueOf(name), value)
	}
	return ok
}

func setStruct(v reflect.Value, x any, newVerb func(string) any) bool {
	members, isObject := x.(map[string]any)
	extra := v.FieldByName("Extra")
	if isObject && extra.IsValid() {
		members = maps.Clone(members)
		for tag, f := range fields(v) {
			name := tag.Get("json")
			if member, has := members[name]; has && tag != "" && set(f, member, newVerb) && !f.IsZero() {
				delete(members, name)
			} else {
				f.SetZero()
			}
		}
		if len(members) > 0 {
			extra.Set(reflect.ValueOf(members))
		}
		return true
	}
	for tag, f := range fields(v) {
		if tag == "" && set(f, x, newVerb) {
			return true
		}
		f.SetZero()
	}
	return false
}

// fields iterates over the fields of a struct but Extra.
func fields(v reflect.Value) iter.Seq2[reflect.StructTag, reflect.Value] {
	return func(yield func(reflect.StructTag, reflect.Value) bool) {
		for i := range v.NumField() {
			if tag := v.Type().Field(i).Tag; tag.Get("json") != "-" && !yield(tag, v.Field(i)) {
				return
			}
		}
	}
}

// step returns the step that x is.
func step(x any, newVerb func(string) any) reflect.Value {
	name, value := "", any(NameOnly)
	switch x := x.(type) {
	case string:
		name = x
	case map[string]any:
		for key := range x {
			if name, value = key, x[key]; value == nil {
				value = Null
			}
		}
		if len(x) > 1 {
			name = ""
		}
	}
	unknown := reflect.TypeOf(newVerb(""))
	v := reflect.New(reflect.TypeOf(newVerb(name))).Elem()
	if v.Type() == unknown || !set(v, value, newVerb) {
		v = reflect.New(unknown).Elem()
		set(v, x, newVerb)
	}
	return v
}

// Marshal encodes a value. verbName returns the name of a verb, or "".
func Marshal(v any, verbName func(any) string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(tree(reflect.ValueOf(v), verbName))
	return bytes.TrimSpace(b.Bytes()), err
}

// tree is a value as encoding/json knows how to encode it.
func tree(v reflect.Value, verbName func(any) string) any {
	switch k := v.Kind(); {
	case isNil(v):
		return nil
	case k == reflect.Interface && v.NumMethod() > 0:
		value, name := tree(v.Elem(), verbName), verbName(v.Interface())
		switch {
		case name == "":
			return value
		case value == any(NameOnly):
			return name
		}
		return map[string]any{name: value}
	case k == reflect.Pointer:
		return tree(v.Elem(), verbName)
	case k == reflect.Struct:
		return structTree(v, verbName)
	case k == reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = tree(v.Index(i), verbName)
		}
		return items
	case k == reflect.Map:
		members := map[string]any{}
		for entry := v.MapRange(); entry.Next(); {
			members[entry.Key().String()] = tree(entry.Value(), verbName)
		}
		return members
	}
	return v.Interface()
}

func structTree(v reflect.Value, verbName func(any) string) any {
	extra, members := v.FieldByName("Extra"), map[string]any{}
	if extra.IsValid() {
		maps.Copy(members, extra.Interface().(map[string]any))
	}
	for tag, f := range fields(v) {
		if tag == "" && !f.IsZero() {
			return tree(f, verbName)
		} else if !f.IsZero() {
			members[tag.Get("json")] = tree(f, verbName)
		}
	}
	if !extra.IsValid() {
		return tree(v.Field(0), verbName)
	}
	return members
}

func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Interface:
		return v.IsNil() || v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil()
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	}
	return !v.IsValid()
}

// String returns a value as JSON without secrets.
func String(v any, verbName func(any) string) string {
	text, err := Marshal(v, verbName)
	if err != nil {
		return err.Error()
	}
	return string(redact.JSON(text, nil))
}

// LogValue is a value for package slog, as JSON without secrets.
func LogValue(v any, verbName func(any) string) slog.Value {
	return slog.AnyValue(json.RawMessage(String(v, verbName)))
}
