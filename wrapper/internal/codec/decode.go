package codec

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"reflect"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// maxDepth limits the nesting of arrays and objects, as encoding/json does.
const maxDepth = 10_000

// Error is an error in the JSON that is decoded, or in a value that is encoded.
type Error struct {
	// Path is the path of the value, such as "data[3].sip_gateway.codecs". It is empty
	// for the outermost value.
	Path string
	// Problem says what was found and what was expected. It does not quote the value,
	// which can be a secret.
	Problem string
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// ErrTooLarge is the error of JSON whose result would take more memory than
// Options.MaxMemory.
var ErrTooLarge = errors.New("decoding the JSON takes more memory than allowed")

// Options are the settings of [Decode].
type Options struct {
	// Drift makes Decode report Notes.Unknown and Notes.Unlisted.
	Drift bool
	// MaxMemory limits the memory, in bytes, that Decode allocates for the result: for
	// structs, slices as they grow, strings, maps and copies of raw JSON. It is
	// estimated. 0 means no limit.
	MaxMemory int64
}

// Decode decodes JSON into the value that v points to. It accepts the forms of values
// that the package documentation lists. A value that it cannot decode stays zero, and its
// path is in Notes.Unread. Decode returns an error only if text is not valid JSON, if the
// outermost value has the wrong form, or if the result would take too much memory
// ([ErrTooLarge]). The result does not refer to text.
func Decode(text []byte, v any, options Options) (Notes, error) {
	p := reflect.ValueOf(v)
	d := decoders.Get().(*decoder)
	defer func() {
		*d = decoder{} // so that the pool keeps neither text nor strings
		decoders.Put(d)
	}()
	d.text, d.drift, d.memory = text, options.Drift, math.MaxInt64
	if options.MaxMemory > 0 {
		d.memory = options.MaxMemory
	}
	if err := d.document(codecFor(p.Type().Elem()), p.Elem()); err != nil {
		if err == ErrTooLarge {
			err = fmt.Errorf("%w (%d bytes)", err, options.MaxMemory)
		}
		return Notes{}, err
	}
	return Notes{d.notes.paths(unread), d.notes.paths(unknown), d.notes.paths(unlisted), d.objects != unmatched}, nil
}

// document decodes the whole text into v.
func (d *decoder) document(c *codec, v reflect.Value) error {
	first := d.next()
	if first == '[' {
		d.outermost = 1
	}
	decode := c.decode
	if c.page != nil {
		decode = c.page.decode
	}
	switch err := decode(d, v); {
	case err == errAbsent && d.fallbackErr != nil:
		return d.fallbackErr
	case err == errAbsent:
		return &Error{"", "expected " + kindOfType(v.Type()) + ", got " + kindOf(first)}
	case err != nil:
		return err
	case d.memory < 0:
		return ErrTooLarge
	}
	if d.space(); d.at < len(d.text) {
		return d.syntax("the end")
	}
	return nil
}

// decoders has unused decoders. Decode reuses them, as they are large.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

// errAbsent is the error of a value that stays zero because it is empty or cannot be
// decoded. It does not end decoding: the value has been consumed.
var errAbsent = errors.New("no value")

// decoder decodes one text, from its beginning to its end.
type decoder struct {
	text  []byte
	at    int // the offset of the next byte
	depth int // the number of open arrays and objects
	// memory is the rest of Options.MaxMemory. Functions subtract what they allocate;
	// members and elements return ErrTooLarge if it is negative.
	memory    int64
	drift     bool // Options.Drift
	notes     notes
	outermost int // the depth of the outermost objects: 1 if they are in an array, otherwise 0
	// objects says of which kinds the outermost objects are; see Notes.Matched.
	objects objects
	// err is an error in a variant of a union, since UnmarshalFrom does not return one.
	err error
	// fallbackErr is the last error of decodeFallback. It says more than errAbsent does.
	fallbackErr error
	// variant is the method value d.decodeVariant, which is allocated once.
	variant func(v any) (int, error)
	// union is the state of the decoder at the beginning of the union that is being
	// decoded.
	union mark
	// strings caches short strings, such as states and codecs, which the objects of an
	// array repeat.
	strings [64]string
}

// mark is a state of the decoder to which it can return.
type mark struct {
	at      int
	notes   notes
	objects objects
}

// objects is a set of the kinds of objects that were decoded.
type objects uint8

const (
	matched   objects = 1 << iota // with a member for which the type has a field
	unmatched                     // without one
)

// object records the kind of an object that has been decoded.
func (d *decoder) object(kind objects) {
	if d.depth <= d.outermost {
		d.objects |= kind
	}
}

// next skips white space and returns the byte after it, or 0 at the end.
func (d *decoder) next() byte {
	if d.at < len(d.text) && d.text[d.at] > ' ' {
		return d.text[d.at]
	}
	return d.space()
}

// space is next, for a byte that may be white space or the end.
func (d *decoder) space() byte {
	for ; d.at < len(d.text); d.at++ {
		switch c := d.text[d.at]; c {
		case ' ', '\n', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

// syntax returns a syntax error at the current offset. want describes what was expected.
func (d *decoder) syntax(want string) error {
	if d.at >= len(d.text) {
		return &Error{"", "unexpected end, expected " + want}
	}
	r, _ := utf8.DecodeRune(d.text[d.at:])
	return &Error{"", fmt.Sprintf("unexpected %q at byte %d, expected %s", r, d.at+1, want)}
}

// kindOf returns the kind of a JSON value, given its first byte.
func kindOf(first byte) string {
	switch first {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// kindOfType returns the kind of JSON value that a type is encoded as.
func kindOfType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Pointer:
		return kindOfType(t.Elem())
	}
	return "another value"
}

// prependPath puts the name of a member or an index before the path of an error.
func prependPath(step string, err error) error {
	if err == ErrTooLarge {
		return err
	}
	e, ok := err.(*Error)
	if !ok {
		return &Error{step, err.Error()}
	}
	e.Path = join(step, e.Path)
	return e
}

// step completes the paths of notes and of an error after a member or an element was
// decoded: it puts step, its name or index, before them. noted is the number of notes
// before it was decoded.
func (d *decoder) step(step string, noted int, err error) error {
	d.notes.prepend(step, noted)
	if err == nil || err == errAbsent {
		return nil
	}
	return prependPath(step, err)
}

// index returns an index of an array as a step of a path.
func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// literal consumes true, false or null.
func (d *decoder) literal(word string) error {
	if len(d.text)-d.at < len(word) || string(d.text[d.at:d.at+len(word)]) != word {
		return d.syntax("a value")
	}
	d.at += len(word)
	return nil
}

// enter consumes the first byte of an array or object.
func (d *decoder) enter() error {
	if d.depth++; d.depth > maxDepth {
		return &Error{"", fmt.Sprintf("arrays and objects nested more than %d deep", maxDepth)}
	}
	d.at++
	return nil
}

// leave consumes the last byte of an array or object.
func (d *decoder) leave() {
	d.depth--
	d.at++
}

// members consumes an object. For each member it calls each, which has to consume the
// value. The name is valid only until each returns.
func (d *decoder) members(each func(name []byte) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	if d.next() == '}' {
		d.leave()
		return nil
	}
	for {
		if d.next() != '"' {
			return d.syntax("the name of a member")
		}
		name, err := d.quoted()
		if err != nil {
			return err
		}
		if d.next() != ':' {
			return d.syntax(`":"`)
		}
		d.at++
		if err := each(name); err != nil {
			return err
		}
		if d.memory < 0 {
			return ErrTooLarge
		}
		switch d.next() {
		case ',':
			d.at++
		case '}':
			d.leave()
			return nil
		default:
			return d.syntax(`"," or "}"`)
		}
	}
}

// elements consumes an array. For each element it calls each, which has to consume the
// element.
func (d *decoder) elements(each func(i int) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	if d.next() == ']' {
		d.leave()
		return nil
	}
	for i := 0; ; i++ {
		if err := each(i); err != nil {
			return err
		}
		if d.memory < 0 {
			return ErrTooLarge
		}
		switch d.next() {
		case ',':
			d.at++
		case ']':
			d.leave()
			return nil
		default:
			return d.syntax(`"," or "]"`)
		}
	}
}

// quoted consumes a string and returns its value. A string without escapes is returned as
// a part of the text, without a copy.
func (d *decoder) quoted() ([]byte, error) {
	text := d.text
	start := d.at + 1
	i := start
	for i+8 <= len(text) {
		if plain := plainBytes(binary.LittleEndian.Uint64(text[i:])); plain < 8 {
			i += plain
			break
		}
		i += 8
	}
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			d.at = i + 1
			return text[start:i], nil
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return d.unquote(start, i)
		}
	}
	d.at = len(text)
	return nil, d.syntax("the end of a string")
}

// plainBytes returns the number of bytes, of eight bytes in a string from the lowest on,
// before the first special one: a quote, a backslash, a control character, or a byte that
// is not ASCII. It tests all bytes at once: subtracting n from a byte that is less than n
// sets the top bit of the byte.
func plainBytes(x uint64) int {
	const each, top = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^('"'*each), x^('\\'*each)
	special := (x - ' '*each) &^ x
	special |= (quote - each) &^ quote
	special |= (backslash - each) &^ backslash
	return bits.TrailingZeros64((special|x)&top) / 8
}

// unquote is quoted for a string with other bytes than printable ASCII. The string begins
// at start, and i is the first such byte. encoding/json decodes its escapes, and replaces
// unpaired surrogates and invalid UTF-8.
func (d *decoder) unquote(start, i int) ([]byte, error) {
	escaped, ascii := false, true
	for ; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			part := d.text[start:i]
			d.at = i + 1
			if !escaped && (ascii || utf8.Valid(part)) {
				return part, nil
			}
			d.memory -= 2 * int64(len(part))
			var s string
			if err := json.Unmarshal(d.text[start-1:i+1], &s); err != nil {
				return nil, &Error{"", "a string with an escape that JSON does not have"}
			}
			return []byte(s), nil
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			d.at = i
			return nil, d.syntax("a string without control characters")
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	d.at = len(d.text)
	return nil, d.syntax("the end of a string")
}

// intern returns a part of the text as a string. It returns a cached string if the cache
// has an equal one.
func (d *decoder) intern(part []byte) string {
	n := len(part)
	if n == 0 || n > 32 {
		d.memory -= int64(n)
		return string(part)
	}
	slot := &d.strings[(uint(part[0])*7+uint(part[n/2])*13+uint(part[n-1])*31+uint(n))%64]
	if *slot != string(part) {
		d.memory -= int64(n)
		*slot = string(part)
	}
	return *slot
}

// number consumes a number and returns its text.
func (d *decoder) number() ([]byte, error) {
	start := d.at
	digits := func() bool {
		from := d.at
		for d.at < len(d.text) && '0' <= d.text[d.at] && d.text[d.at] <= '9' {
			d.at++
		}
		return d.at > from
	}
	if d.text[d.at] == '-' {
		d.at++
	}
	if zero := d.at; !digits() {
		return nil, d.syntax("a value")
	} else if d.text[zero] == '0' && d.at > zero+1 {
		d.at = zero + 1
		return nil, d.syntax("the end of a number that begins with 0")
	}
	if d.at < len(d.text) && d.text[d.at] == '.' {
		d.at++
		if !digits() {
			return nil, d.syntax("a digit")
		}
	}
	if d.at < len(d.text) && d.text[d.at]|0x20 == 'e' {
		d.at++
		if d.at < len(d.text) && (d.text[d.at] == '+' || d.text[d.at] == '-') {
			d.at++
		}
		if !digits() {
			return nil, d.syntax("a digit")
		}
	}
	return d.text[start:d.at], nil
}

// skip consumes any value.
func (d *decoder) skip() error {
	switch c := d.next(); {
	case c == '{':
		return d.members(func([]byte) error { return d.skip() })
	case c == '[':
		return d.elements(func(int) error { return d.skip() })
	case c == '"':
		_, err := d.quoted()
		return err
	case c == 't':
		return d.literal("true")
	case c == 'f':
		return d.literal("false")
	case c == 'n':
		return d.literal("null")
	case c == '-' || '0' <= c && c <= '9':
		_, err := d.number()
		return err
	}
	return d.syntax("a value")
}

// raw consumes any value and returns its JSON, as a part of the text.
func (d *decoder) raw() ([]byte, error) {
	d.next()
	start := d.at
	err := d.skip()
	return d.text[start:d.at], err
}

// structure sets up the codec of a struct.
func (b builder) structure(c *codec, t reflect.Type) {
	known := typeinfo.Of(t)
	list := make([]field, len(known.Fields))
	for i := range list {
		f := &known.Fields[i]
		prefix, _ := appendString(nil, f.Name)
		list[i] = field{f, string(prefix) + ":", b.codecFor(f.Type)}
	}
	others := known.Additional
	var entry *codec // the codec of the values of AdditionalProperties
	if others >= 0 {
		entry = b.codecFor(t.Field(others).Type.Elem())
	}
	inline := -1
	inner := map[string]bool{} // the members of the inline field that the struct does not have
	for i := range list {
		if list[i].Inline {
			inline = i
			for _, f := range typeinfo.Of(list[i].Elem()).Fields {
				inner[f.Name] = known.Field(f.Name) < 0
			}
		}
	}
	c.hasData = known.Field("data") >= 0
	b.paged(c, known, list)
	c.append = appendStruct(list)
	c.decode = func(d *decoder, v reflect.Value) error {
		if d.next() != '{' {
			return d.otherObject(c, v)
		}
		expected := 0 // index of the next field: members mostly come in the order of the fields
		kept, hasInner, inlined := false, false, inline >= 0
		start := d.at
		err := d.members(func(name []byte) error {
			i := expected
			if i >= len(list) || list[i].Name != string(name) {
				if i = known.Field(string(name)); i < 0 {
					if entry == nil {
						hasInner = hasInner || inner[string(name)]
						return d.unknown(name)
					}
					additional := v.Field(others)
					if !kept {
						kept = true
						additional.Set(reflect.MakeMap(additional.Type()))
					}
					return d.entry(entry, additional, name)
				}
			}
			expected = i + 1
			inlined = inlined && i != inline
			f := &list[i]
			noted := len(d.notes.list)
			err := f.codec.decode(d, v.Field(f.Index))
			if err != nil || len(d.notes.list) > noted {
				return d.step(f.Name, noted, err)
			}
			return nil
		})
		if err == nil && inlined && hasInner {
			err = d.inlined(&list[inline], v, start)
		}
		if expected > 0 || kept {
			d.object(matched)
		} else {
			d.object(unmatched)
		}
		return err
	}
}

// inlined decodes an object a second time, into the inline field f of v. It is called if
// the object has no member for f, but members that belong into f. The object begins at
// start, and has been decoded into v.
func (d *decoder) inlined(f *field, v reflect.Value, start int) error {
	end, drift := d.at, d.drift
	d.at, d.drift = start, false // unknown members are in the notes already
	err := f.codec.decode(d, v.Field(f.Index))
	d.at, d.drift = end, drift
	return err
}

// unknown skips the value of a member for which the type has no field.
func (d *decoder) unknown(name []byte) error {
	if d.drift {
		d.notes.add(unknown, nameStep(string(name)))
	}
	return d.skip()
}

// paged sets c.page if the struct is a page of a list: it has a member data, which is an
// array, and a member links or no other members.
func (b builder) paged(c *codec, known *typeinfo.Type, list []field) {
	i := known.Field("data")
	if i < 0 || list[i].Type.Kind() != reflect.Slice || len(list) > 1 && known.Field("links") < 0 {
		return
	}
	c.page = &page{data: list[i].Index, list: list[i].codec}
	c.page.decode = func(d *decoder, v reflect.Value) error { return d.page(c, v) }
}

// pointer sets up the codec of a pointer.
func (b builder) pointer(c *codec, t reflect.Type) {
	elem := b.codecFor(t.Elem())
	size := int64(t.Elem().Size())
	c.append = func(b []byte, v reflect.Value) ([]byte, error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		return elem.append(b, v.Elem())
	}
	c.decode = func(d *decoder, v reflect.Value) error {
		if d.next() == 'n' {
			v.SetZero()
			return d.literal("null")
		}
		if v.IsNil() {
			d.memory -= size
			v.Set(reflect.New(t.Elem()))
		}
		err := elem.decode(d, v.Elem())
		if err == errAbsent {
			v.SetZero()
		}
		return err
	}
}

// nullable sets up the codec of a [nullable.Nullable], which is a map with one entry:
// true with the value, or false with a zero value for null.
func (b builder) nullable(c *codec, t reflect.Type) {
	elem := b.codecFor(t.Elem())
	c.append = appendStandard
	c.decode = func(d *decoder, v reflect.Value) error {
		value := reflect.New(t.Elem()).Elem()
		specified := d.next() != 'n'
		if !specified {
			if err := d.literal("null"); err != nil {
				return err
			}
		} else if err := elem.decode(d, value); err != nil {
			if err == errAbsent {
				v.SetZero()
			}
			return err
		}
		d.memory -= mapSize + entrySize(t)
		v.Set(reflect.MakeMapWithSize(t, 1))
		v.SetMapIndex(reflect.ValueOf(specified), value)
		return nil
	}
}

// slice sets up the codec of a slice.
func (b builder) slice(c *codec, t reflect.Type) {
	elem := b.codecFor(t.Elem())
	c.elem = elem
	c.append = func(b []byte, v reflect.Value) ([]byte, error) {
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = elem.append(b, v.Index(i)); err != nil {
				return b, prependPath(index(i), err)
			}
		}
		return append(b, ']'), nil
	}
	c.decode = func(d *decoder, v reflect.Value) error {
		if d.next() != '[' {
			return d.otherArray(c, elem, v)
		}
		start, outer := d.at, d.notes.element
		d.notes.element = true
		v.SetLen(0)
		err := d.elements(func(i int) error {
			if i == v.Cap() {
				if err := d.grow(v, growBy(i, d.at-start, len(d.text)-d.at)); err != nil {
					return err
				}
			}
			v.SetLen(i + 1)
			v.Index(i).SetZero()
			noted := len(d.notes.list)
			err := elem.decode(d, v.Index(i))
			if err != nil || len(d.notes.list) > noted {
				return d.step(index(i), noted, err)
			}
			return nil
		})
		d.notes.element = outer
		if v.IsNil() {
			v.Set(reflect.MakeSlice(t, 0, 0)) // an empty array is not nil
		}
		return err
	}
}

// grow makes room for n more elements in a slice. It returns ErrTooLarge if there is not
// enough memory.
func (d *decoder) grow(v reflect.Value, n int) error {
	size := int64(v.Type().Elem().Size())
	if int64(v.Len()+n)*size > d.memory {
		return ErrTooLarge
	}
	v.Grow(n)
	d.memory -= int64(v.Cap()) * size // growing copies the slice
	return nil
}

// growBy returns how many elements to add to a full slice of n elements: as many as the
// rest of the text can hold if they are as long as those before, but at most four times
// n, as the rest can belong to other arrays. read and left are the lengths of the array
// so far and of the rest of the text.
func growBy(n, read, left int) int {
	if n < 16 {
		return max(n, 4)
	}
	return min(left/(read/n+1)+1, 4*n)
}

// mapping sets up the codec of a map with string keys.
func (b builder) mapping(c *codec, t reflect.Type) {
	elem := b.codecFor(t.Elem())
	c.append = appendMap(t, elem)
	c.decode = func(d *decoder, v reflect.Value) error {
		if d.next() != '{' {
			return d.otherObject(c, v)
		}
		if v.IsNil() {
			d.memory -= mapSize
			v.Set(reflect.MakeMap(t))
		}
		outer := d.notes.element
		d.notes.element = true
		err := d.members(func(name []byte) error { return d.entry(elem, v, name) })
		d.notes.element = outer
		return err
	}
}

// mapSize is an estimate of the memory of an empty map.
const mapSize = 48

// entrySize is an estimate of the memory of an entry in a map. It is high because a map
// has room for at least eight entries, and is copied as it grows.
func entrySize(t reflect.Type) int64 {
	return 8 * int64(t.Key().Size()+t.Elem().Size()+1)
}

// entry decodes the value of a member into an entry of the map m. elem is the codec of
// the values.
func (d *decoder) entry(elem *codec, m reflect.Value, name []byte) error {
	t := m.Type()
	d.memory -= entrySize(t) + int64(t.Elem().Size())
	key := d.intern(name)
	value := reflect.New(t.Elem()).Elem()
	noted := len(d.notes.list)
	err := elem.decode(d, value)
	m.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), value)
	if err != nil || len(d.notes.list) > noted {
		return d.step(nameStep(key), noted, err)
	}
	return nil
}

func decodeString(d *decoder, v reflect.Value) error {
	if d.next() != '"' {
		return d.otherString(v)
	}
	part, err := d.quoted()
	if err == nil {
		v.SetString(d.intern(part))
	}
	return err
}

// decodeEnum is decodeString for enumerations.
func decodeEnum(d *decoder, v reflect.Value) error {
	err := decodeString(d, v)
	if d.drift && err == nil && v.Len() > 0 && !v.Interface().(typeinfo.Enum).Valid() {
		d.notes.add(unlisted, "")
	}
	return err
}

func decodeBool(d *decoder, v reflect.Value) error {
	switch d.next() {
	case 't':
		v.SetBool(true)
		return d.literal("true")
	case 'f':
		v.SetBool(false)
		return d.literal("false")
	}
	return d.otherBool(v)
}

// decodeInt decodes an integer, or a string that contains one.
func decodeInt(d *decoder, v reflect.Value) error {
	part, err := d.numeric(v)
	if part == nil {
		return err
	}
	n, err := strconv.ParseInt(string(part), 10, 64)
	if err != nil || v.OverflowInt(n) {
		return d.otherInt(part, v)
	}
	v.SetInt(n)
	return nil
}

// decodeFloat decodes a number, or a string that contains one. A number that is too large
// is unread.
func decodeFloat(d *decoder, v reflect.Value) error {
	part, err := d.numeric(v)
	if part == nil {
		return err
	}
	n, err := strconv.ParseFloat(string(part), v.Type().Bits())
	if err != nil || math.IsInf(n, 0) {
		return d.unreadable(v)
	}
	v.SetFloat(n)
	return nil
}

// decodeUUID decodes a UUID in any form that uuid.Parse accepts. An empty string is
// absent.
func decodeUUID(d *decoder, v reflect.Value) error {
	if d.next() != '"' {
		if d.next() == 'n' {
			return d.literal("null")
		}
		return d.unread(v)
	}
	part, err := d.quoted()
	switch {
	case err != nil:
		return err
	case len(part) == 0:
		return absent(v)
	case v.Addr().Interface().(*uuid.UUID).UnmarshalText(part) != nil:
		return d.unreadable(v)
	}
	return nil
}

// decodeTime decodes a time in the format of RFC 3339, or with otherTime in another
// format.
func decodeTime(d *decoder, v reflect.Value) error {
	if d.next() == 'n' {
		return d.literal("null")
	}
	part, err := d.raw()
	if err == nil && v.Addr().Interface().(*time.Time).UnmarshalJSON(part) != nil {
		return d.otherTime(part, v)
	}
	return err
}

// decodeUnion decodes a union, whose method UnmarshalFrom chooses the variant.
func decodeUnion(d *decoder, v reflect.Value) error {
	if d.variant == nil {
		d.variant = d.decodeVariant
	}
	d.next()
	outer, start := d.union, d.at
	d.union = mark{start, d.notes, d.objects}
	union := v.Addr().Interface().(union)
	union.UnmarshalFrom(d.text[start:], d.variant)
	d.union = outer
	if d.err != nil {
		return d.err
	}
	part := d.text[start:d.at]
	d.memory -= int64(len(part))
	if _, raw := union.Value().(json.RawMessage); raw {
		d.object(unmatched)
		switch part[0] {
		case '{':
			if d.drift {
				d.notes.add(unlisted, "")
			}
		default:
			d.notes.add(unread, "")
		}
	}
	return nil
}

// decodeVariant decodes the JSON value at the beginning of a union into v, which points
// to a variant, or skips it if v is nil. It returns the length of the value. It can be
// called several times for one union; the last call counts. After an error, the union
// holds the JSON.
func (d *decoder) decodeVariant(v any) (n int, err error) {
	start, noted := d.union.at, d.union.notes
	d.at, d.notes, d.objects = start, noted, d.union.objects
	if v == nil {
		err = d.skip()
	} else {
		p := reflect.ValueOf(v).Elem()
		d.memory -= 2 * int64(p.Type().Size()) // the union copies the value
		err = codecFor(p.Type()).decode(d, p)
	}
	switch err {
	case nil:
	case errAbsent:
		d.notes = noted
	default:
		d.err = err
	}
	return d.at - start, err
}

// decodeUnmarshaler decodes a type that implements [json.Unmarshaler].
func decodeUnmarshaler(d *decoder, v reflect.Value) error {
	part, err := d.raw()
	if err != nil {
		return err
	}
	d.memory -= int64(len(part))
	if v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(part) != nil {
		return d.unreadable(v)
	}
	return nil
}

// decodeFallback decodes a value with encoding/json.
func decodeFallback(d *decoder, v reflect.Value) error {
	part, err := d.raw()
	if err != nil {
		return err
	}
	if d.memory -= sizeOfAny(part); d.memory < 0 {
		return ErrTooLarge
	}
	if err := json.Unmarshal(part, v.Addr().Interface()); err != nil {
		path, t := "", v.Type()
		if at, ok := err.(*json.UnmarshalTypeError); ok { // its text can quote the value
			path, t = at.Field, at.Type
		}
		d.fallbackErr = &Error{path, "the value does not fit the Go type " + t.String()}
		return d.unreadable(v)
	}
	return nil
}

// sizeOfAny estimates the memory that encoding/json allocates for JSON of any form: for
// its own state, for maps with room for eight entries, for slices with room for four
// elements, and for further elements, which are copied as slices grow.
func sizeOfAny(text []byte) int64 {
	size := int64(len(text)) + 256
	for _, c := range text {
		switch c {
		case '{':
			size += mapSize + 8*(16+16+1)
		case '[':
			size += 24 + 4*16
		case ',':
			size += 80
		}
	}
	return size
}
