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

// Error is an error in JSON.
type Error struct {
	// Path is the path of the value, such as "data[3].sip_gateway.codecs". It is
	// empty for the outermost value.
	Path string
	// Problem is what was found and what was expected. It does not quote the
	// value, which may be a secret.
	Problem string
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return e.Path + ": " + e.Problem
}

// ErrTooLarge is the error of JSON that takes more memory when it is decoded than
// Options.MaxMemory allows.
var ErrTooLarge = errors.New("decoding the JSON takes more memory than allowed")

// Options are the settings of [Decode].
type Options struct {
	// Drift makes Decode fill in Notes.Unknown and Notes.Unlisted.
	Drift bool
	// MaxMemory limits the memory, in bytes, that is allocated for what is
	// decoded: structs, slices as they grow, strings, maps, and copies of raw
	// JSON. 0 is no limit.
	MaxMemory int64
}

// Decode decodes JSON into the value that v points to. It is lenient in the way that
// the package documentation describes. A value that it cannot read stays zero, and
// its path is in Notes.Unread. It returns an error only if the text is not valid
// JSON, if its outermost value cannot be read, or if v takes more memory than allowed
// ([ErrTooLarge]). v does not refer to the text afterwards.
func Decode(text []byte, v any, options Options) (Notes, error) {
	p := reflect.ValueOf(v)
	d := decoders.Get().(*decoder)
	defer func() {
		*d = decoder{} // so that it does not keep what it has read
		decoders.Put(d)
	}()
	d.text, d.matched, d.drift, d.memory = text, true, options.Drift, math.MaxInt64
	if options.MaxMemory > 0 {
		d.memory = options.MaxMemory
	}
	if err := d.document(codecFor(p.Type().Elem()), p.Elem()); err != nil {
		if err == ErrTooLarge {
			err = fmt.Errorf("%w (%d bytes)", err, options.MaxMemory)
		}
		return Notes{}, err
	}
	return Notes{d.notes.paths(unread), d.notes.paths(unknown), d.notes.paths(unlisted), d.matched}, nil
}

// document decodes the whole text.
func (d *decoder) document(c *codec, v reflect.Value) error {
	first := d.next()
	decode := c.decode
	if c.page != nil {
		decode = c.page.decode
	}
	switch err := decode(d, v); {
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

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// errAbsent is returned for a value that was left at zero because it is empty or
// cannot be read. The value has been consumed.
var errAbsent = errors.New("no value")

// decoder reads a text from its beginning to its end.
type decoder struct {
	text  []byte
	at    int
	depth int
	// memory is what is left of Options.MaxMemory. It is negative once too much
	// was used, for which members and elements return an error.
	memory int64
	drift  bool
	notes  notes
	// matched is Notes.Matched.
	matched bool
	// err is an error within a union, whose methods return none.
	err error
	// variant is the method value decodeVariant, which is allocated once.
	variant func(v any) (int, error)
	// union is the place of the union that is being decoded.
	union mark
	// strings caches short strings, since arrays repeat them: states, kinds,
	// codecs.
	strings [64]string
}

// mark is a place in the text to which the decoder can return.
type mark struct {
	at      int
	notes   notes
	matched bool
}

// next skips white space and returns the byte after it, or 0 at the end.
func (d *decoder) next() byte {
	if d.at < len(d.text) && d.text[d.at] > ' ' {
		return d.text[d.at]
	}
	return d.space()
}

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

// syntax returns an error for the current place in the text.
func (d *decoder) syntax(want string) error {
	if d.at >= len(d.text) {
		return &Error{"", "unexpected end, expected " + want}
	}
	r, _ := utf8.DecodeRune(d.text[d.at:])
	return &Error{"", fmt.Sprintf("unexpected %q at byte %d, expected %s", r, d.at+1, want)}
}

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

// prependPath puts a member or an index before the path of an error.
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

// step puts the step to a value before the paths that decoding it has made: those
// of the notes from noted on, and that of the error.
func (d *decoder) step(step string, noted int, err error) error {
	d.notes.prepend(step, noted)
	if err == nil || err == errAbsent {
		return nil
	}
	return prependPath(step, err)
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func (d *decoder) literal(word string) error {
	if len(d.text)-d.at < len(word) || string(d.text[d.at:d.at+len(word)]) != word {
		return d.syntax("a value")
	}
	d.at += len(word)
	return nil
}

func (d *decoder) enter() error {
	if d.depth++; d.depth > maxDepth {
		return &Error{"", fmt.Sprintf("arrays and objects nested more than %d deep", maxDepth)}
	}
	d.at++
	return nil
}

func (d *decoder) leave() {
	d.depth--
	d.at++
}

// members calls each for every member of the object that begins here, with its
// name, which is valid until each returns. The decoder is before the value then.
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

// elements calls each before each element of the array that begins here.
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

// quoted consumes a string and returns its value. Without escapes, that is a part of
// the text.
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

// plainBytes returns how many of eight bytes of a string, from the lowest on, come
// before one that means something: the closing quote, a backslash, a control
// character, or what is not ASCII. It looks at all of them at once: to subtract
// n from a byte that is less than n borrows from the bit above it.
func plainBytes(x uint64) int {
	const each, top = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^('"'*each), x^('\\'*each)
	special := (x - ' '*each) &^ x
	special |= (quote - each) &^ quote
	special |= (backslash - each) &^ backslash
	return bits.TrailingZeros64((special|x)&top) / 8
}

// unquote is quoted for a string that is more than printable ASCII. encoding/json
// decodes its escapes, and replaces unpaired surrogates and invalid UTF-8.
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

// intern returns a part of the text as a string.
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

// number consumes a number.
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

// raw consumes any value and returns its text.
func (d *decoder) raw() ([]byte, error) {
	d.next()
	start := d.at
	err := d.skip()
	return d.text[start:d.at], err
}

func (b builder) structure(c *codec, t reflect.Type) {
	known := typeinfo.Of(t)
	list := make([]field, len(known.Fields))
	for i := range list {
		f := &known.Fields[i]
		prefix, _ := appendString(nil, f.Name)
		list[i] = field{f, string(prefix) + ":", b.codecFor(f.Type)}
	}
	others := known.Additional
	var entry *codec // of AdditionalProperties
	if others >= 0 {
		entry = b.codecFor(t.Field(others).Type.Elem())
	}
	inline := -1
	inner := map[string]bool{} // the members of the inline field that are not the struct's own
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
		expected := 0 // fields mostly come in their order
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
		if d.depth == 0 {
			d.matched = expected > 0 || kept
		}
		return err
	}
}

// inlined decodes the object that begins at start, which has been decoded into v,
// into the field f of v too: the text has no object for that field, and some of its
// members are in the object around it.
func (d *decoder) inlined(f *field, v reflect.Value, start int) error {
	end, drift := d.at, d.drift
	d.at, d.drift = start, false // what is not described is in the notes already
	err := f.codec.decode(d, v.Field(f.Index))
	d.at, d.drift = end, drift
	return err
}

// unknown skips a member that the type has no field for.
func (d *decoder) unknown(name []byte) error {
	if d.drift {
		d.notes.add(unknown, nameStep(string(name)))
	}
	return d.skip()
}

// paged sets c.page if a struct is a page of a list.
func (b builder) paged(c *codec, known *typeinfo.Type, list []field) {
	i := known.Field("data")
	if i < 0 || list[i].Type.Kind() != reflect.Slice || len(list) > 1 && known.Field("links") < 0 {
		return
	}
	c.page = &page{data: list[i].Index, list: list[i].codec}
	c.page.decode = func(d *decoder, v reflect.Value) error { return d.page(c, v) }
}

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

// nullable makes the codec of a [nullable.Nullable], which is a map from true to the
// value, or from false to a zero value for null.
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
		start := d.at
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
		if v.IsNil() {
			v.Set(reflect.MakeSlice(t, 0, 0)) // an empty array is not nil
		}
		return err
	}
}

// grow makes room for n more elements in a slice, if there is the memory.
func (d *decoder) grow(v reflect.Value, n int) error {
	size := int64(v.Type().Elem().Size())
	if int64(v.Len()+n)*size > d.memory {
		return ErrTooLarge
	}
	v.Grow(n)
	d.memory -= int64(v.Cap()) * size // the elements are copied
	return nil
}

// growBy returns how many elements to add to a full slice of n: as many as the
// rest of the text can hold if they are like those before, but, as the array may
// be one of many, not more than four times as many.
func growBy(n, read, left int) int {
	if n < 16 {
		return max(n, 4)
	}
	return min(left/(read/n+1)+1, 4*n)
}

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
		return d.members(func(name []byte) error { return d.entry(elem, v, name) })
	}
}

// mapSize is the memory of an empty map, and entrySize that of an entry: a map is
// made with room for eight, and copied as it grows.
const mapSize = 48

func entrySize(t reflect.Type) int64 {
	return 8 * int64(t.Key().Size()+t.Elem().Size()+1)
}

// entry decodes the value of an entry of the map m.
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

// decodeEnum is decodeString for types that have a method Valid.
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

// decodeUnion decodes types that choose the variant to be decoded.
func decodeUnion(d *decoder, v reflect.Value) error {
	if d.variant == nil {
		d.variant = d.decodeVariant
	}
	d.next()
	outer, start := d.union, d.at
	d.union = mark{start, d.notes, d.matched}
	union := v.Addr().Interface().(union)
	union.UnmarshalFrom(d.text[start:], d.variant)
	d.union = outer
	if d.err != nil {
		return d.err
	}
	part := d.text[start:d.at]
	d.memory -= int64(len(part))
	if _, raw := union.Value().(json.RawMessage); raw {
		switch part[0] {
		case '{':
			if d.depth == 0 {
				d.matched = false
			}
			if d.drift {
				d.notes.add(unlisted, "")
			}
		default:
			d.notes.add(unread, "")
		}
	}
	return nil
}

// decodeVariant decodes the value of a union into the variant that v points to, or
// skips it if v is nil, and returns its length. If it returns an error, the union
// holds the JSON.
func (d *decoder) decodeVariant(v any) (n int, err error) {
	start, noted := d.union.at, d.union.notes
	d.at, d.notes, d.matched = start, noted, d.union.matched
	if v == nil {
		err = d.skip()
	} else {
		p := reflect.ValueOf(v).Elem()
		d.memory -= 2 * int64(p.Type().Size()) // the union has a copy
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

// decodeUnmarshaler decodes types that implement [json.Unmarshaler].
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

// decodeFallback leaves a value to encoding/json.
func decodeFallback(d *decoder, v reflect.Value) error {
	part, err := d.raw()
	if err != nil {
		return err
	}
	if d.memory -= sizeOfAny(part); d.memory < 0 {
		return ErrTooLarge
	}
	if json.Unmarshal(part, v.Addr().Interface()) != nil {
		return d.unreadable(v)
	}
	return nil
}

// sizeOfAny estimates what encoding/json allocates for JSON of any form: its state,
// maps with room for eight, slices with room for four, and more elements, which are
// copied as these grow.
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
