package signalwire

import (
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
	switch v := value.(type) {
	case uuid.UUID:
		if v == uuid.Nil {
			return "", &InputError{name, zeroUUID}
		}
		return v.String(), nil
	case string:
		if v == "" || v == "." || v == ".." {
			return "", &InputError{name, strconv.Quote(v) + ` given, want something other than "", "." and ".."`}
		}
		return v, check(name, reflect.ValueOf(v), nil)
	}
	return "", &InputError{name, fmt.Sprintf("%T given, which is no path parameter", value)}
}

const zeroUUID = "the zero UUID given, want the id of a resource"

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
// not UTF-8, which the encoder would alter without a word. The error names the
// field from the outermost, which is field, to the one that is wrong.
func check(field string, v reflect.Value, known map[string]bool) error {
	wrong := find(v, known, 0)
	if wrong == nil {
		return nil
	}
	if wrong.within(field).Field == "" {
		wrong.Field = "body" // all of it
	}
	return wrong
}

// within puts a field before the one that the error names.
func (e *InputError) within(field string) *InputError {
	switch {
	case field == "":
	case len(e.Field) > 200: // it was deep enough
		e.Field = field + ".…"
	case e.Field == "" || e.Field[0] == '[' || e.Field[0] == ' ':
		e.Field = field + e.Field
	default:
		e.Field = field + "." + e.Field
	}
	return e
}

// maxDepth is how deep values can be in each other. Deeper ones mostly are in
// themselves.
const maxDepth = 1000

func find(v reflect.Value, known map[string]bool, depth int) *InputError {
	if depth++; depth > maxDepth {
		return &InputError{"", fmt.Sprintf("values more than %d deep given, want fewer, and none that holds itself", maxDepth)}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return find(v.Elem(), known, depth)
	case reflect.String:
		if codec.TypeOf(v.Type()).Enum {
			if e := own(v).(enum); !e.Valid() && !known[v.String()] {
				return &InputError{"", fmt.Sprintf("%q given, want one of %s", v.String(), strings.Join(e.Values(), ", "))}
			}
		}
		if !utf8.ValidString(v.String()) {
			return &InputError{"", "text that is not valid UTF-8 given, want UTF-8"}
		}
	case reflect.Array, reflect.Slice:
		if v.Type() == uuidType {
			if v.IsZero() {
				return &InputError{"", zeroUUID}
			}
			return nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			if wrong := find(v.Index(i), known, depth); wrong != nil {
				return wrong.within("[" + strconv.Itoa(i) + "]")
			}
		}
	case reflect.Map:
		o, isNullable := v.Interface().(optional)
		if isNullable && o.IsNull() {
			return nil
		}
		for entry := v.MapRange(); entry.Next(); {
			if !isNullable {
				if wrong := find(entry.Key(), nil, depth); wrong != nil {
					return wrong.within(" (a key of it)")
				}
			}
			if wrong := find(entry.Value(), known, depth); wrong != nil {
				if isNullable {
					return wrong
				}
				return wrong.within(fmt.Sprint(entry.Key()))
			}
		}
	case reflect.Struct:
		t := codec.TypeOf(v.Type())
		if t.Text {
			return nil // one value to the API, such as a time.Time
		}
		if t.Union {
			union := own(v).(codec.Union)
			if union.Raw() != nil {
				return nil // it comes from an answer
			}
			value := reflect.ValueOf(union.Value())
			if !value.IsValid() {
				return &InputError{"", fmt.Sprintf("nothing given, want one of the types that gen.New%s takes", v.Type().Name())}
			}
			return find(value, known, depth)
		}
		for i := range t.Fields {
			f := &t.Fields[i]
			value := v.Field(f.Index)
			if f.Optional && value.IsZero() {
				continue
			}
			if wrong := findRequired(f, value, known, depth); wrong != nil {
				return wrong.within(f.Name)
			}
		}
		if t.Others >= 0 {
			return find(v.Field(t.Others), known, depth)
		}
	}
	return nil
}

// findRequired is find for a field, which may always be sent.
func findRequired(f *codec.Field, v reflect.Value, known map[string]bool, depth int) *InputError {
	if kind := v.Kind(); !f.Optional && (kind == reflect.Slice || kind == reflect.Map) {
		if o, ok := v.Interface().(optional); ok {
			if !o.IsSpecified() {
				return &InputError{"", "unset, though it is always sent; want Value or Null"}
			}
		} else if v.IsNil() {
			return &InputError{"", "nil given, though it is always sent; want a list or map, which may be empty"}
		}
	}
	return find(v, known, depth)
}

// own is v with its methods, without a copy of it where that can be.
func own(v reflect.Value) any {
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
