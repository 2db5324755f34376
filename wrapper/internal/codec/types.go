// Package codec encodes the types of package gen as JSON and decodes them. It takes a
// third of the time of encoding/json, and it accepts values that servers send in another
// form than the API's description has.
//
// It is faster because it reads the input once, where encoding/json reads it twice, and
// because it analyzes each type once, and not for every value. It leaves rare values, such
// as those of type any and strings with escapes, to encoding/json.
//
// # Decoding
//
// A value that has the described form is decoded as by encoding/json, without any
// conversion. These values of other forms are accepted, too:
//
//	described   in the JSON                                decoded as
//	UUID        in any form that uuid.Parse takes          the UUID
//	            ""                                         absent
//	time        RFC 3339 with any fraction                 the time
//	            an offset of +0000 or +00, a blank for T   the time
//	            no zone, " UTC" at the end                 the time in UTC
//	            no seconds, a date alone                   the time, at 0
//	            RFC 2822                                   the time
//	            a number, or a string of one: 0            absent
//	              below 1e11, below 1e14, above            s, ms, µs since 1970
//	            ""                                         absent
//	integer     1.0, 1e2, a string of a number             the number
//	            ""                                         absent
//	            a fraction, beyond 64 bits                 unread
//	number      a string of a number                       the number
//	            ""                                         absent
//	boolean     "true", "false", 1, 0, "1", "0"            the boolean
//	string      a number, a boolean                        its text
//	object      "", []                                     absent
//	            an array of one object                     that object
//	            a longer array                             unread
//	array       "", {}                                     empty
//	            an object with a member data, an array     data
//	            another object, where they are described   its one item
//	            booleans, where strings are described      the names of those that are true
//	page        a page, an array of pages                  the page, links of the last
//	            an array of the items                      a page of them
//	            an object without a member data            unread: "data"
//
// A field whose value is absent stays zero, or nil if it is a pointer. Any other value of
// the wrong form is unread: the field stays zero, [Notes] has the path of the value, and
// the rest of the JSON is decoded. An unread element of an array becomes a zero value in
// the slice. null, missing members, unknown members and values that an enumeration does
// not list are treated as by encoding/json. The variant of a union is decoded in the same
// way, and only once.
//
// # Differences from encoding/json
//
//   - Names of members are case-sensitive.
//   - Raw JSON (see [typeinfo.Raw]) is kept to the byte. It is not encoded if it is not UTF-8.
//   - Characters that matter to HTML are not escaped.
//   - An empty required string that has only one possible value is encoded as that value.
//   - An error has the path of a value, such as "data[3].sip_gateway.codecs", but never
//     quotes the value.
package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// union is a [typeinfo.Union] that chooses the variant for a JSON value. UnmarshalFrom
// decodes the JSON value at the beginning of text with the function decode, which decodes
// it into v and returns its length.
type union interface {
	typeinfo.Union
	UnmarshalFrom(text []byte, decode func(v any) (n int, err error))
}

// field is a field of a struct, with the codec of its type.
type field struct {
	*typeinfo.Field
	prefix string // the quoted name of the member and a colon
	codec  *codec
}

// codec decodes and encodes the values of a type. A recursive type refers to its codec
// before the codec is complete.
type codec struct {
	decode func(d *decoder, v reflect.Value) error
	append func(b []byte, v reflect.Value) ([]byte, error)
	elem   *codec // the codec of the elements, if the type is a slice
	// hasData reports whether the type is a struct with a field named data.
	hasData bool
	page    *page // nil if the type is not a page of a list
}

// page describes a struct that is a page of a list.
type page struct {
	data   int    // the index of the field for the member data
	list   *codec // the codec of that field
	decode func(d *decoder, v reflect.Value) error
}

var codecs sync.Map // maps a reflect.Type to its *codec

// building is locked while codecs are made, so that no incomplete codec is stored in
// codecs.
var building sync.Mutex

// codecFor returns the codec of a type. It makes the codec at the first call.
func codecFor(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	building.Lock()
	defer building.Unlock()
	made := builder{}
	c := made.codecFor(t)
	for t, c := range made {
		codecs.Store(t, c)
	}
	return c
}

// builder holds the codecs that are being made, by type, until they are complete.
type builder map[reflect.Type]*codec

var (
	rawType         = reflect.TypeFor[typeinfo.Raw]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
	textMarshalType = reflect.TypeFor[encoding.TextMarshaler]()
	variantType     = reflect.TypeFor[union]()
	uuidType        = reflect.TypeFor[uuid.UUID]()
	timeType        = reflect.TypeFor[time.Time]()
)

// codecFor returns the codec of a type, from codecs or from b. If there is none, it makes
// one and adds it to b.
func (b builder) codecFor(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	if c, ok := b[t]; ok {
		return c
	}
	c := new(codec)
	b[t] = c
	pointer, known := reflect.PointerTo(t), typeinfo.Of(t)
	switch kind := t.Kind(); {
	case t == uuidType:
		c.decode, c.append = decodeUUID, appendUUID
	case t == timeType:
		c.decode, c.append = decodeTime, appendStandard
	case known.Nullable:
		b.nullable(c, t)
	case known.Additional >= 0:
		b.structure(c, t)
		c.append = appendStandard
	case known.Custom || kind == reflect.Interface:
		c.decode, c.append = decodeFallback, appendStandard
		if pointer.Implements(unmarshalerType) {
			c.decode = decodeUnmarshaler
		}
		if pointer.Implements(variantType) {
			c.decode = decodeUnion
		}
		if known.Union {
			c.append = appendUnion
		} else if t.Implements(rawType) {
			c.append = appendRaw
		}
	case kind == reflect.Pointer:
		b.pointer(c, t)
	case kind == reflect.Struct && isPlain(t):
		b.structure(c, t)
	case kind == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		b.slice(c, t)
	case kind == reflect.String:
		c.decode, c.append = decodeString, appendStringValue
		if known.Enum {
			c.decode = decodeEnum
		}
	case kind == reflect.Bool:
		c.decode, c.append = decodeBool, appendBool
	case reflect.Int <= kind && kind <= reflect.Int64:
		c.decode, c.append = decodeInt, appendInt
	case kind == reflect.Float64 || kind == reflect.Float32:
		c.decode, c.append = decodeFloat, appendStandard
	case kind == reflect.Map && t.Key().Kind() == reflect.String && !t.Key().Implements(textMarshalType) && !reflect.PointerTo(t.Key()).Implements(textType):
		b.mapping(c, t)
	default:
		c.decode, c.append = decodeFallback, appendStandard
	}
	return c
}

// isPlain reports whether a struct has neither embedded fields nor the tag option string.
// Other structs are left to encoding/json.
func isPlain(t reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous || strings.Contains(f.Tag.Get("json"), ",string") {
			return false
		}
	}
	return true
}
