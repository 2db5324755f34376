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

// validator validates requests before they are sent.
type validator struct {
	// known holds values of enumerations that the Space itself has used, and
	// which may be sent though the description does not list them.
	known map[string]bool
	// unlisted lets every value of an enumeration pass but the empty one.
	unlisted bool
	// untyped is for values whose types the description says nothing about.
	untyped bool
}

// validate refuses what SignalWire would refuse or misunderstand: values
// that an enumeration does not list, zero UUIDs, required fields that are nil,
// strings that must not be empty and are, and strings that are not UTF-8, which
// the encoder would alter. The error names the field from the outermost, which
// is field, to the one that is wrong.
func (c *validator) validate(field string, v reflect.Value) error {
	wrong := c.value(v, nil, 0)
	if wrong == nil {
		return nil
	}
	if wrong.prependPath(field).Field == "" {
		wrong.Field = "body" // all of it
	}
	return wrong
}

// maxDepth limits the nesting of values. A deeper value most likely contains
// itself.
const maxDepth = 1000

// value validates v. A string that is not in an object in v must be among allowed
// or, if that is nil, among the values that its type lists.
func (c *validator) value(v reflect.Value, allowed []string, depth int) *InputError {
	if depth++; depth > maxDepth {
		return &InputError{"", fmt.Sprintf("expected at most %d levels of nesting, and no value that contains itself", maxDepth)}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return c.value(v.Elem(), allowed, depth)
	case reflect.String:
		return c.text(v, allowed)
	case reflect.Array, reflect.Slice:
		if v.Type() == uuidType {
			if v.IsZero() && !c.untyped {
				return &InputError{"", zeroUUID}
			}
			return nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
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
		case t.Text: // one value to the API, such as a time.Time
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
		if t.Additional >= 0 {
			return c.value(v.Field(t.Additional), nil, depth)
		}
	}
	return nil
}

// text validates a string.
func (c *validator) text(v reflect.Value, allowed []string) *InputError {
	if !utf8.ValidString(v.String()) {
		return &InputError{"", "expected UTF-8, got a string with other bytes"}
	}
	if allowed == nil {
		if !typeinfo.Of(v.Type()).Enum {
			return nil
		}
		if asInterface(v).(typeinfo.Enum).Valid() {
			return nil
		}
		allowed = typeinfo.Values(v.Type())
	}
	s := v.String()
	if slices.Contains(allowed, s) || c.known[s] || (c.unlisted || c.untyped) && s != "" {
		return nil
	}
	return &InputError{"", fmt.Sprintf("expected one of %s, got %q", strings.Join(allowed, ", "), s)}
}

// entries validates a map.
func (c *validator) entries(v reflect.Value, allowed []string, depth int) *InputError {
	o, isNullable := v.Interface().(typeinfo.Nullable)
	if isNullable && o.IsNull() {
		return nil
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

// union validates a value of one of several types.
func (c *validator) union(v reflect.Value, depth int) *InputError {
	union := asInterface(v).(typeinfo.Union)
	if union.Raw() != nil {
		return nil // it comes from a response
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

// field validates a field of a struct, which is sent even if it is empty unless
// it is optional.
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

// required refuses a required field that is unset.
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
	if kind := v.Kind(); kind == reflect.Slice || kind == reflect.Map {
		return &InputError{"", "required field is nil; it may be empty"}
	}
	return &InputError{"", "required field is nil"}
}

// asInterface returns v as an interface, by pointer if v is addressable, to
// avoid a copy.
func asInterface(v reflect.Value) any {
	if v.CanAddr() {
		return v.Addr().Interface()
	}
	return v.Interface()
}

// knownValues collects the values of enumerations in v.
func knownValues(v reflect.Value, known map[string]bool) map[string]bool {
	if known == nil {
		known = map[string]bool{}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			knownValues(v.Elem(), known)
		}
	case reflect.String:
		if _, ok := v.Interface().(typeinfo.Enum); ok {
			known[v.String()] = true
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
