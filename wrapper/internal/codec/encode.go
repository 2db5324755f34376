package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// Append appends the JSON of v to b. If it returns an error, the bytes it has appended
// are not complete.
func Append(b []byte, v any) ([]byte, error) {
	if v == nil {
		return append(b, "null"...), nil
	}
	value := reflect.ValueOf(v)
	return codecFor(value.Type()).append(b, value)
}

// appendStruct returns a function that appends a struct with these fields.
func appendStruct(list []field) func([]byte, reflect.Value) ([]byte, error) {
	return func(b []byte, v reflect.Value) ([]byte, error) {
		b = append(b, '{')
		first := len(b)
		for i := range list {
			f := &list[i]
			value := v.Field(f.Index)
			if f.OmitEmpty && empty(value) || f.OmitZero && zero(value) {
				continue
			}
			if len(b) > first {
				b = append(b, ',')
			}
			b = append(b, f.prefix...)
			var err error
			if f.Constant != "" && value.Len() == 0 {
				b, err = appendString(b, f.Constant)
			} else {
				b, err = f.codec.append(b, value)
			}
			if err != nil {
				return b, prependPath(f.Name, err)
			}
		}
		return append(b, '}'), nil
	}
}

// empty reports whether the tag option omitempty omits v.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// zero reports whether the tag option omitzero omits v.
func zero(v reflect.Value) bool {
	if v.Kind() == reflect.Struct {
		if own, ok := v.Interface().(interface{ IsZero() bool }); ok {
			return own.IsZero()
		}
	}
	return v.IsZero()
}

func appendStringValue(b []byte, v reflect.Value) ([]byte, error) {
	return appendString(b, v.String())
}

// appendString appends a string. It leaves strings that need escapes to encoding/json.
func appendString(b []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == 0x7f {
			return appendAny(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"'), nil
}

func appendBool(b []byte, v reflect.Value) ([]byte, error) {
	return strconv.AppendBool(b, v.Bool()), nil
}

func appendInt(b []byte, v reflect.Value) ([]byte, error) {
	return strconv.AppendInt(b, v.Int(), 10), nil
}

func appendUUID(b []byte, v reflect.Value) ([]byte, error) {
	b = append(b, '"')
	b = append(b, v.Interface().(uuid.UUID).String()...)
	return append(b, '"'), nil
}

// appendMap returns a function that appends a map of type t, sorted by key.
func appendMap(t reflect.Type, elem *codec) func([]byte, reflect.Value) ([]byte, error) {
	return func(b []byte, v reflect.Value) ([]byte, error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		names := make([]string, 0, v.Len())
		for entry := v.MapRange(); entry.Next(); {
			names = append(names, entry.Key().String())
		}
		slices.Sort(names)
		b = append(b, '{')
		for i, name := range names {
			if i > 0 {
				b = append(b, ',')
			}
			b, _ = appendString(b, name)
			b = append(b, ':')
			var err error
			if b, err = elem.append(b, v.MapIndex(reflect.ValueOf(name).Convert(t.Key()))); err != nil {
				return b, prependPath(nameStep(name), err)
			}
		}
		return append(b, '}'), nil
	}
}

// appendRaw appends a value that holds raw JSON.
func appendRaw(b []byte, v reflect.Value) ([]byte, error) {
	return appendText(b, v.Interface().(typeinfo.Raw).Raw())
}

// appendUnion appends a union: its raw JSON if it has some, and otherwise its value.
func appendUnion(b []byte, v reflect.Value) ([]byte, error) {
	union := v.Interface().(typeinfo.Union)
	if text := union.Raw(); text != nil {
		return appendText(b, text)
	}
	return Append(b, union.Value())
}

// errInvalid is the error of raw JSON that is invalid, or not UTF-8, as JSON has to be
// (RFC 8259, section 8.1).
var errInvalid = errors.New("it is not valid JSON in UTF-8")

// appendText appends raw JSON unchanged, or null if it is nil. It returns an error if it
// is not valid.
func appendText(b []byte, text json.RawMessage) ([]byte, error) {
	if text == nil {
		return append(b, "null"...), nil
	}
	if !json.Valid(text) || !utf8.Valid(text) {
		return b, errInvalid
	}
	return append(b, text...), nil
}

// appendStandard encodes a value with encoding/json.
func appendStandard(b []byte, v reflect.Value) ([]byte, error) {
	if v.CanAddr() && v.Kind() != reflect.Interface {
		return appendAny(b, v.Addr().Interface())
	}
	return appendAny(b, v.Interface())
}

// appendUnescaped appends the output of json.Marshal, with <, > and & in place of their
// escapes, which only HTML needs. A json.Encoder can omit these escapes itself, but also
// links the code that indents JSON into the program.
func appendUnescaped(b, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			return append(b, text...)
		}
		b = append(b, text[:i]...)
		text = text[i:]
		n := 2
		if text[1] == 'u' && len(text) >= 6 {
			n = 6
		}
		switch string(text[:n]) {
		case `\u003c`:
			b = append(b, '<')
		case `\u003e`:
			b = append(b, '>')
		case `\u0026`:
			b = append(b, '&')
		default:
			b = append(b, text[:n]...)
		}
		text = text[n:]
	}
}

// appendAny appends a value that encoding/json encodes.
func appendAny(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err == nil && !utf8.Valid(text) { // encoding/json does not check what a json.Marshaler returns
		err = errInvalid
	}
	return appendUnescaped(b, text), err
}
