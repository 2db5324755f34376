// Package codec turns the types of package gen into JSON and back, as
// encoding/json does, in a third of the time.
//
// Every call encodes and decodes, and encoding/json reads a text twice and
// looks up how a type is to be handled again and again. Here that is worked out
// once for each type; a text is read once. What is rare (maps of anything,
// types with methods of their own, text with escapes) is left to encoding/json.
//
// The differences to encoding/json are these:
//
//   - Names of fields have to be spelled as they are described, to the case.
//   - An error names the place in the text, as in "data[3].sip_gateway.codecs".
//   - JSON that a type carries as it is (see [Raw]) stays so, to the byte.
//   - Characters that matter to HTML are not escaped.
package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Raw is what a type has that carries JSON as it is. Nil is none.
type Raw interface{ Raw() json.RawMessage }

// Union is a [Raw] that holds a value if it carries no JSON.
type Union interface {
	Raw
	Value() any
}

// Field is what there is to know of a field of a struct.
type Field struct {
	Name  string // in JSON
	Index int
	// Optional is true if the field can be left out.
	Optional bool

	omitEmpty, omitZero bool
	prefix              string // what comes before the value: its name, quoted
	codec               *codec
}

// codec is how a type is decoded and encoded. Those of types that contain
// themselves are completed after they have been referred to.
type codec struct {
	decode func(d *decoder, v reflect.Value) error
	append func(b []byte, v reflect.Value) ([]byte, error)
}

// Codecs and what is known of types: once made, they are read without a lock.
var codecs, types sync.Map

// making is held by the one who makes codecs, so that nobody sees one before it
// is complete.
var making sync.Mutex

// of returns the codec of a type.
func of(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	making.Lock()
	defer making.Unlock()
	made := maker{}
	c := made.of(t)
	for t, c := range made {
		codecs.Store(t, c)
	}
	return c
}

// Type is what there is to know of a type.
type Type struct {
	// Fields are the fields that a struct has in JSON, in their order.
	Fields []Field
	// Others is the index of the field AdditionalProperties, whose entries are
	// fields in JSON too, or -1.
	Others int
	// Text is true if the type is one text in JSON, whatever it is in Go.
	Text bool
	// Union is true if the type is a [Union].
	Union bool
	// Enum is true if the type has a method Valid() bool.
	Enum bool
}

// TypeOf returns what there is to know of a type.
func TypeOf(t reflect.Type) *Type {
	if known, ok := types.Load(t); ok {
		return known.(*Type)
	}
	known := &Type{
		Text:  t.Implements(textMarshalType),
		Union: t.Implements(unionType),
		Enum:  t.Implements(enumType),

		Others: -1,
	}
	if t.Kind() == reflect.Struct {
		known.Fields = fieldsOf(t)
		if f, ok := t.FieldByName("AdditionalProperties"); ok && f.Tag.Get("json") == "-" {
			known.Others = f.Index[0]
		}
	}
	types.Store(t, known)
	return known
}

func fieldsOf(t reflect.Type) []Field {
	list := make([]Field, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		quoted, _ := json.Marshal(name)
		list = append(list, Field{
			Name:      name,
			Index:     i,
			Optional:  options != "",
			omitEmpty: strings.Contains(options, "omitempty"),
			omitZero:  strings.Contains(options, "omitzero"),
			prefix:    string(quoted) + ":",
		})
	}
	return list
}

// maker holds the codecs that are being made.
type maker map[reflect.Type]*codec

var (
	rawType         = reflect.TypeFor[Raw]()
	unionType       = reflect.TypeFor[Union]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	marshalerType   = reflect.TypeFor[json.Marshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
	textMarshalType = reflect.TypeFor[encoding.TextMarshaler]()
	enumType        = reflect.TypeFor[interface{ Valid() bool }]()
	uuidType        = reflect.TypeFor[uuid.UUID]()
	timeType        = reflect.TypeFor[time.Time]()
)

func (m maker) of(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	if c, ok := m[t]; ok {
		return c
	}
	c := new(codec)
	m[t] = c
	pointer := reflect.PointerTo(t)
	own := t.Kind() == reflect.Interface || t.Kind() != reflect.Pointer &&
		(pointer.Implements(unmarshalerType) || pointer.Implements(textType) || pointer.Implements(marshalerType) || pointer.Implements(textMarshalType))
	switch kind := t.Kind(); {
	case t == uuidType:
		c.decode, c.append = decodeUUID, appendUUID
	case t == timeType:
		c.decode, c.append = decodeTime, appendStandard
	case own:
		c.decode, c.append = decodeStandard, appendStandard
		if pointer.Implements(unmarshalerType) {
			c.decode = decodeOwn
		}
		if t.Implements(unionType) {
			c.append = appendUnion
		} else if t.Implements(rawType) {
			c.append = appendRaw
		}
	case kind == reflect.Pointer:
		m.pointer(c, t)
	case kind == reflect.Struct && plain(t):
		m.structure(c, t)
	case kind == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		m.slice(c, t)
	case kind == reflect.String:
		c.decode, c.append = decodeString, appendStringValue
	case kind == reflect.Bool:
		c.decode, c.append = decodeBool, appendBool
	case reflect.Int <= kind && kind <= reflect.Int64:
		c.decode, c.append = decodeInt, appendInt
	case kind == reflect.Float64 || kind == reflect.Float32:
		c.decode, c.append = decodeFloat, appendStandard
	case kind == reflect.Map && t.Key().Kind() == reflect.String && !t.Key().Implements(textMarshalType):
		c.decode, c.append = decodeStandard, m.mapping(t)
	default:
		c.decode, c.append = decodeStandard, appendStandard
	}
	return c
}

// plain tells whether a struct has nothing of what only encoding/json knows:
// embedded fields and numbers in quotes.
func plain(t reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous || strings.Contains(f.Tag.Get("json"), ",string") {
			return false
		}
	}
	return true
}
