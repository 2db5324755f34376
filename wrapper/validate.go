package signalwire

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

var uuidType = reflect.TypeFor[uuid.UUID]()

// validator validates the arguments of a call before they are sent.
type validator struct {
	// known has enumeration values that are valid although the description does not list
	// them, since the Space itself has used them.
	known map[string]bool
	// unlisted makes all enumeration values valid, except "".
	unlisted bool
	// untyped is set for values whose types are not from package gen. It turns off the
	// rules that come from the description.
	untyped bool
	// inAny is set for values in an any, which can be null at every level.
	inAny bool
}

// validate returns an [*InputError] for a value that SignalWire would refuse or
// misunderstand:
//
//   - an enumeration value that is not listed
//   - a zero UUID
//   - a required field, a body or an element that is a nil slice or map or an unset
//     Nullable, or a required field that is a nil pointer
//   - an empty string in a field that must not be empty
//   - a string that is not UTF-8, which the encoder would modify
//
// The error has the path of the invalid value, which begins with field, the name of v.
func (c *validator) validate(field string, v reflect.Value) error {
	wrong := c.value(v, nil, 0)
	if wrong == nil {
		return nil
	}
	if wrong.prependPath(field).Field == "" {
		wrong.Field = "body" // the outermost value is invalid
	}
	return wrong
}

// maxDepth limits the nesting of values. A value that is nested deeper probably contains
// itself.
const maxDepth = 1000

// value validates v and the values in it. If allowed is not nil, it lists the values that
// a scalar in v may have; otherwise the type of the scalar does. allowed does not apply
// to the fields of objects in v.
func (c *validator) value(v reflect.Value, allowed []string, depth int) *InputError {
	if depth++; depth > maxDepth {
		return &InputError{"", fmt.Sprintf("expected at most %d levels of nesting, and no value that contains itself", maxDepth)}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Interface && !c.inAny {
			within := *c
			within.inAny = true
			c = &within
		}
		return c.value(v.Elem(), allowed, depth)
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			return &InputError{"", "expected UTF-8, got a string with other bytes"}
		}
		return c.listed(v, allowed)
	case reflect.Int64, reflect.Bool:
		return c.listed(v, allowed)
	case reflect.Array, reflect.Slice:
		if v.Type() == uuidType {
			if v.IsZero() && !c.untyped {
				return &InputError{"", zeroUUID}
			}
			return nil
		}
		switch {
		case v.Kind() == reflect.Slice && v.IsNil() && !c.untyped && !c.inAny: // fields that may be nil do not come here
			return required(v)
		case v.Type().Elem().Kind() == reflect.Uint8:
			return nil
		}
		for i := range v.Len() {
			if wrong := c.value(v.Index(i), allowed, depth); wrong != nil {
				return wrong.prependPath("[" + strconv.Itoa(i) + "]")
			}
		}
	case reflect.Map:
		return c.entries(v, allowed, depth)
	case reflect.Struct:
		t := typeinfo.Of(v.Type())
		switch {
		case t.Text: // a single string in JSON, such as a time.Time
			return nil
		case t.Union:
			return c.union(v, depth)
		}
		for i := range t.Fields {
			f := &t.Fields[i]
			value := v.Field(f.Index)
			if f.Optional() && value.IsZero() {
				continue
			}
			if wrong := c.field(f, value, depth); wrong != nil {
				return wrong.prependPath(f.Name)
			}
		}
		if t.Additional >= 0 && !v.Field(t.Additional).IsNil() {
			return c.value(v.Field(t.Additional), nil, depth)
		}
	}
	return nil
}

// listed validates a scalar that may be of an enumeration. See value for allowed.
func (c *validator) listed(v reflect.Value, allowed []string) *InputError {
	if allowed == nil {
		if !typeinfo.Of(v.Type()).Enum || asInterface(v).(typeinfo.Enum).Valid() {
			return nil
		}
		allowed = typeinfo.Values(v.Type())
	}
	s := fmt.Sprint(v)
	if slices.Contains(allowed, s) || c.known[s] || c.untyped || c.unlisted && s != "" {
		return nil
	}
	return &InputError{"", fmt.Sprintf("expected one of %s, got %#v", strings.Join(allowed, ", "), v)}
}

// entries validates a map, or a nullable value, which is a map with one entry.
func (c *validator) entries(v reflect.Value, allowed []string, depth int) *InputError {
	o, isNullable := v.Interface().(typeinfo.Nullable)
	switch {
	case isNullable && o.IsNull():
		return nil
	case v.IsNil() && !c.untyped && (isNullable || !c.inAny):
		return required(v)
	}
	for entry := v.MapRange(); entry.Next(); {
		if isNullable {
			if wrong := c.value(entry.Value(), allowed, depth); wrong != nil {
				return wrong
			}
			continue
		}
		if wrong := c.value(entry.Key(), nil, depth); wrong != nil {
			return wrong.prependPath(" (a key of it)")
		}
		if wrong := c.value(entry.Value(), nil, depth); wrong != nil {
			return wrong.prependPath(fmt.Sprint(entry.Key()))
		}
	}
	return nil
}

// union validates the value of a union.
func (c *validator) union(v reflect.Value, depth int) *InputError {
	union := asInterface(v).(typeinfo.Union)
	if union.Raw() != nil {
		return nil // decoded from a response
	}
	value := reflect.ValueOf(union.Value())
	if !value.IsValid() {
		if c.untyped {
			return nil
		}
		return &InputError{"", fmt.Sprintf("expected one of the types that gen.New%s accepts, got nothing", v.Type().Name())}
	}
	return c.value(value, nil, depth)
}

// field validates a field of a struct. The caller skips optional fields that are zero.
func (c *validator) field(f *typeinfo.Field, v reflect.Value, depth int) *InputError {
	if c.untyped {
		return c.value(v, nil, depth)
	}
	if !f.Optional() {
		switch v.Kind() {
		case reflect.Slice, reflect.Map, reflect.Pointer:
			if wrong := required(v); wrong != nil {
				return wrong
			}
		case reflect.String:
			if f.Constant != "" && v.String() == "" {
				return nil // the encoder fills it in
			}
		}
	}
	if s := reflect.Indirect(v); f.NonEmpty && s.Kind() == reflect.String && s.String() == "" {
		return &InputError{"", "expected a non-empty string"}
	}
	return c.value(v, f.Allowed, depth)
}

// required returns an error for a required field that is unset.
func required(v reflect.Value) *InputError {
	if o, ok := v.Interface().(typeinfo.Nullable); ok {
		if !o.IsSpecified() {
			return &InputError{"", "required field is unset; expected signalwire.Value or signalwire.Null"}
		}
		return nil
	}
	if !v.IsNil() {
		return nil
	}
	if kind := v.Kind(); kind == reflect.Map || kind == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8 {
		return &InputError{"", "required field is nil; an empty slice or map is allowed"}
	}
	return &InputError{"", "required field is nil"}
}

// asInterface returns v as an interface value. It returns a pointer to v if v is
// addressable, which avoids a copy.
func asInterface(v reflect.Value) any {
	if v.CanAddr() {
		return v.Addr().Interface()
	}
	return v.Interface()
}

// knownValues adds the enumeration values in v to known, and returns known. It makes the
// map if known is nil.
func knownValues(v reflect.Value, known map[string]bool) map[string]bool {
	if known == nil {
		known = map[string]bool{}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			knownValues(v.Elem(), known)
		}
	case reflect.String, reflect.Int64:
		if typeinfo.Of(v.Type()).Enum {
			known[fmt.Sprint(v)] = true
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			knownValues(v.Index(i), known)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			knownValues(entry.Value(), known)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				knownValues(v.Field(i), known)
			}
		}
	}
	return known
}
