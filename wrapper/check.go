package signalwire

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// InputError says which argument of a call was refused before anything was
// sent. It is inside the call's [*Error], and [errors.Is] finds [ErrInvalid]
// in it, as in a refusal by the Space.
type InputError struct {
	// Field is the path parameter, or the field of the body as it is called in
	// JSON: "id", "codecs[1]".
	Field string
	// Problem is what was found and what was expected.
	Problem string
}

// Error names the field and the problem.
func (e *InputError) Error() string { return e.Field + ": " + e.Problem }

// Is makes an InputError match [ErrInvalid].
func (e *InputError) Is(target error) bool { return target == ErrInvalid }

// segment is the text of a path parameter. A UUID cannot be anything but a
// segment; of a string, whatever would name another path is refused.
func segment(name string, value any) (string, error) {
	if err := check(name, reflect.ValueOf(value), nil); err != nil {
		return "", err
	}
	switch v := value.(type) {
	case uuid.UUID:
		return v.String(), nil
	case string:
		if v == "" || v == "." || v == ".." {
			return "", &InputError{name, strconv.Quote(v) + ` given, want something other than "", "." and ".."`}
		}
		return v, nil
	}
	return "", &InputError{name, fmt.Sprintf("%T given, which is no path parameter", value)}
}

// enum is what the generated enumerations have in common.
type enum interface {
	Valid() bool
	Values() []string
}

var uuidType = reflect.TypeFor[uuid.UUID]()

// optional is what a [nullable.Nullable] can say of itself.
type optional interface {
	IsSpecified() bool
	IsNull() bool
}

// check walks a request and refuses what SignalWire would refuse or, worse,
// misunderstand: values that an enumeration does not have (and that are not
// known otherwise), zero UUIDs, required fields that are nil, and text that is
// not UTF-8, which the encoder would alter without a word.
func check(field string, v reflect.Value, known map[string]bool) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return check(field, v.Elem(), known)
	case reflect.String:
		if e, ok := v.Interface().(enum); ok && !e.Valid() && !known[v.String()] {
			return &InputError{field, fmt.Sprintf("%q given, want one of %s", v.String(), strings.Join(e.Values(), ", "))}
		}
		if !utf8.ValidString(v.String()) {
			return &InputError{field, "text that is not valid UTF-8 given, want UTF-8"}
		}
	case reflect.Array, reflect.Slice:
		if v.Type() == uuidType {
			if v.IsZero() {
				return &InputError{field, "the zero UUID given, want the id of a resource"}
			}
			return nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			if err := check(field+"["+strconv.Itoa(i)+"]", v.Index(i), known); err != nil {
				return err
			}
		}
	case reflect.Map:
		o, isNullable := v.Interface().(optional)
		if isNullable && o.IsNull() {
			return nil
		}
		for entry := v.MapRange(); entry.Next(); {
			name := field
			if !isNullable {
				if err := check(field+" (a key of it)", entry.Key(), nil); err != nil {
					return err
				}
				name = join(field, fmt.Sprint(entry.Key()))
			}
			if err := check(name, entry.Value(), known); err != nil {
				return err
			}
		}
	case reflect.Struct:
		switch own := v.Interface().(type) {
		case encoding.TextMarshaler:
			return nil // one value to the API, such as a time.Time
		case codec.Union:
			if own.Raw() != nil {
				return nil // it comes from an answer
			}
			return check(field, reflect.ValueOf(own.Value()), known)
		}
		for _, f := range codec.FieldsOf(v.Type()) {
			value := v.Field(f.Index)
			if f.Optional && value.IsZero() {
				continue
			}
			name := join(field, f.Name)
			switch kind := value.Kind(); {
			case f.Optional:
			case kind == reflect.Map && value.Type().Implements(optionalType):
				if !value.Interface().(optional).IsSpecified() {
					return &InputError{name, "unset, though it is always sent; want Value or Null"}
				}
			case (kind == reflect.Slice || kind == reflect.Map) && value.IsNil():
				return &InputError{name, "nil given, though it is always sent; want a list or map, which may be empty"}
			}
			if err := check(name, value, known); err != nil {
				return err
			}
		}
	}
	return nil
}

var optionalType = reflect.TypeFor[optional]()

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
		if _, ok := v.Interface().(enum); ok {
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

func join(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "." + inner
}
