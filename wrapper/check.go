package signalwire

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
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
	if err := check(name, reflect.ValueOf(value)); err != nil {
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

// check walks a request and refuses what SignalWire would refuse or, worse,
// misunderstand: values that an enumeration does not have, zero UUIDs, and text
// that is not UTF-8, which the encoder would alter without a word.
func check(field string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return check(field, v.Elem())
	case reflect.String:
		if e, ok := v.Interface().(enum); ok && !e.Valid() {
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
			if err := check(field+"["+strconv.Itoa(i)+"]", v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			if err := check(join(field, fmt.Sprint(entry.Key())), entry.Value()); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if _, ok := v.Interface().(encoding.TextMarshaler); ok {
			return nil // one value to the API, such as a time.Time
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if err := check(join(field, name), v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func join(outer, inner string) string {
	if outer == "" {
		return inner
	}
	return outer + "." + inner
}
