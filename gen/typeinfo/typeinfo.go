// Package typeinfo describes the Go types of the API to the packages that encode,
// validate, edit and redact their values. It reads the tags and methods of each type
// once, and knows nothing of JSON but the names of members.
//
// The tags of a field are json, with the name of the member and whether it may be
// left out; enum, with the values that a request may send; minLength, of a string
// that must not be empty; sensitive, of a secret; and inline, of an object whose
// members servers also send in the object around it.
package typeinfo

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Raw is implemented by types that hold raw JSON. Raw returns nil if there is none.
type Raw interface{ Raw() json.RawMessage }

// Union is implemented by types that hold a value of one of several types.
type Union interface {
	Raw
	Value() any
}

// Enum is implemented by the types that list their values.
type Enum interface{ Valid() bool }

// List returns the values of an enumeration of package gen, each of which ends in a
// newline, and "" for any other value. Package gen sets it: calling the method Values
// of an enumeration by reflection would add 60 kB to programs.
var List = func(enum any) string { return "" }

// Values returns the values that an enumeration of package gen lists.
func Values(t reflect.Type) []string {
	values := strings.Split(List(reflect.Zero(t).Interface()), "\n")
	return values[:len(values)-1]
}

// Nullable is implemented by [nullable.Nullable].
//
// [nullable.Nullable]: https://pkg.go.dev/github.com/oapi-codegen/nullable#Nullable
type Nullable interface {
	IsSpecified() bool
	IsNull() bool
}

// Type describes a type.
type Type struct {
	// Fields are the fields of a struct that are members in JSON, in their order.
	Fields []Field
	// Additional is the index of the field AdditionalProperties, whose entries
	// are members too, or -1.
	Additional int
	// Text reports whether the type is a single string in JSON, such as a time.
	Text bool
	// Custom reports whether the type has methods that encode or decode it, as
	// a Union and a type with AdditionalProperties have.
	Custom bool
	// Union, Enum and Nullable report whether the type implements the interface.
	Union, Enum, Nullable bool

	byName map[string]int // an index of Fields
}

// Field describes a field of a struct.
type Field struct {
	Name  string // in JSON
	Index int    // in Go
	Type  reflect.Type
	// OmitEmpty and OmitZero are the options of the tag json.
	OmitEmpty, OmitZero bool
	// Allowed are the values that a request may send, of those that the type
	// lists. It is nil if all of them may be sent.
	Allowed []string
	// Constant is the only value that is possible of a required string.
	Constant  string
	NonEmpty  bool
	Sensitive bool
	Inline    bool
}

// Optional reports whether the field may be left out.
func (f *Field) Optional() bool { return f.OmitEmpty || f.OmitZero }

// Elem returns the type of the field, or what it points to.
func (f *Field) Elem() reflect.Type {
	if f.Type.Kind() == reflect.Pointer {
		return f.Type.Elem()
	}
	return f.Type
}

// Field returns the index in Fields of the field with a name, or -1.
func (t *Type) Field(name string) int {
	if i, ok := t.byName[name]; ok {
		return i
	}
	return -1
}

var (
	unionType    = reflect.TypeFor[Union]()
	enumType     = reflect.TypeFor[Enum]()
	nullableType = reflect.TypeFor[Nullable]()
	textType     = reflect.TypeFor[encoding.TextMarshaler]()
	codecTypes   = []reflect.Type{
		reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler](),
		textType, reflect.TypeFor[encoding.TextUnmarshaler](),
	}
)

var types sync.Map // *Type by reflect.Type

// Of describes a type.
func Of(t reflect.Type) *Type {
	if known, ok := types.Load(t); ok {
		return known.(*Type)
	}
	known := &Type{
		Additional: -1,
		Text:       t.Implements(textType),
		Union:      t.Implements(unionType),
		Enum:       t.Implements(enumType),
		Nullable:   t.Implements(nullableType),
		Custom: t.Kind() != reflect.Pointer && slices.ContainsFunc(codecTypes, func(method reflect.Type) bool {
			return reflect.PointerTo(t).Implements(method)
		}),
	}
	if t.Kind() == reflect.Struct {
		known.addFields(t)
	}
	types.Store(t, known)
	return known
}

func (known *Type) addFields(t reflect.Type) {
	known.byName = make(map[string]int, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Name == "AdditionalProperties" && name == "-":
			known.Additional = i
			continue
		case !f.IsExported() || f.Anonymous || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		field := Field{
			Name:      name,
			Index:     i,
			Type:      f.Type,
			OmitEmpty: strings.Contains(options, "omitempty"),
			OmitZero:  strings.Contains(options, "omitzero"),
			NonEmpty:  f.Tag.Get("minLength") != "",
			Sensitive: f.Tag.Get("sensitive") == "true",
			Inline:    f.Tag.Get("inline") == "true",
		}
		if tag := f.Tag.Get("enum"); tag != "" {
			field.Allowed = strings.Split(tag, ",")
		}
		if f.Type.Kind() == reflect.String && !field.Optional() {
			field.Constant = constant(&field)
		}
		known.byName[name] = len(known.Fields)
		known.Fields = append(known.Fields, field)
	}
}

// constant returns the only value that is possible of a string, or "".
func constant(f *Field) string {
	values := f.Allowed
	if values == nil && f.Type.Implements(enumType) {
		values = Values(f.Type)
	}
	if len(values) == 1 {
		return values[0]
	}
	return ""
}
