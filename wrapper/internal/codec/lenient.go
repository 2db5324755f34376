package codec

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// The functions in this file decode values that do not have the described form; the package
// documentation lists these forms. Except for numeric and page, they are not called for a
// value that has the described form.

// unread skips a value that cannot be decoded, and adds a note.
func (d *decoder) unread(v reflect.Value) error {
	if err := d.skip(); err != nil {
		return err
	}
	return d.unreadable(v)
}

// unreadable is unread for a value that has been consumed.
func (d *decoder) unreadable(v reflect.Value) error {
	d.notes.add(unread, "")
	return absent(v)
}

// absent sets v to zero, as if the JSON did not have the value. It returns errAbsent.
func absent(v reflect.Value) error {
	v.SetZero()
	return errAbsent
}

// otherString decodes a value that is not a string into a string.
func (d *decoder) otherString(v reflect.Value) error {
	switch c := d.next(); {
	case c == 'n':
		return d.literal("null")
	case c == 't' || c == 'f' || isNumber(c):
		part, err := d.raw()
		if err == nil {
			v.SetString(d.intern(part))
		}
		return err
	}
	return d.unread(v)
}

// otherBool decodes a value that is not a boolean into a bool.
func (d *decoder) otherBool(v reflect.Value) error {
	var part []byte
	var err error
	switch c := d.next(); {
	case c == '"':
		part, err = d.quoted()
	case isNumber(c):
		part, err = d.number()
	case c == 'n':
		return d.literal("null")
	default:
		return d.unread(v)
	}
	if err != nil {
		return err
	}
	switch string(part) {
	case "true", "1":
		v.SetBool(true)
	case "false", "0":
		v.SetBool(false)
	default:
		return d.unreadable(v)
	}
	return nil
}

// numeric consumes a number, or a string that contains one, and returns its text. For any
// other value it returns nil. Then the error is errAbsent, or nil if the value is null.
func (d *decoder) numeric(v reflect.Value) ([]byte, error) {
	switch c := d.next(); {
	case isNumber(c):
		return d.number()
	case c == '"':
		part, err := d.quoted()
		switch {
		case err != nil:
			return nil, err
		case len(part) == 0:
			return nil, absent(v)
		case strings.Trim(string(part), "+-.0123456789eE") != "":
			return nil, d.unreadable(v)
		}
		return part, nil
	case c == 'n':
		return nil, d.literal("null")
	}
	return nil, d.unread(v)
}

// isNumber reports whether c is the first byte of a JSON number.
func isNumber(c byte) bool { return c == '-' || '0' <= c && c <= '9' }

// otherInt decodes a number that is not written as an integer, such as 1.0, into an
// integer.
func (d *decoder) otherInt(part []byte, v reflect.Value) error {
	n, ok := integer(string(part))
	if !ok || v.OverflowInt(n) {
		return d.unreadable(v)
	}
	v.SetInt(n)
	return nil
}

// integer returns the value of a number, and reports whether it is an integer of 64 bits.
// It accepts "12", "12.0" and "1.2e1", and does not round.
func integer(s string) (int64, bool) {
	digits, power := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return 0, false
		}
		digits, power = s[:i], n
	}
	if strings.Trim(digits, "+-.") == "" { // it has no digit
		return 0, false
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = strings.TrimRight(fraction, "0")
	digits = whole + fraction
	if power -= len(fraction); power < 0 {
		cut := max(len(digits)+power, 0)
		if strings.Trim(digits[cut:], "0") != "" {
			return 0, false
		}
		digits = digits[:cut]
	} else if strings.Trim(digits, "+-0") != "" {
		digits += "00000000000000000000"[:min(power, 20)]
	}
	if strings.Trim(digits, "+-") == "" {
		digits += "0"
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// otherTime decodes the JSON of a time that is not in the format of RFC 3339.
func (d *decoder) otherTime(part []byte, v reflect.Value) error {
	text := string(part)
	if text[0] == '"' {
		_ = json.Unmarshal(part, &text) // it is valid
	} else if !isNumber(text[0]) {
		return d.unreadable(v)
	}
	t, ok := parseTime(text)
	switch {
	case !ok:
		return d.unreadable(v)
	case t.IsZero():
		return absent(v)
	}
	*v.Addr().Interface().(*time.Time) = t
	return nil
}

// parseTime parses a time in any of the formats that the package documentation lists, and
// reports whether s is one. It returns the zero time if s is empty or 0.
func parseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	if strings.Trim(s, "+-.0123456789eE") == "" {
		if t, ok := epoch(s); ok {
			return t, true
		}
	}
	s = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
	for _, zone := range []string{" UTC", " GMT", " UT"} {
		s = strings.TrimSuffix(s, zone)
	}
	if i := strings.Index(s, ", "); i == 3 { // the day of the week
		s = s[i+2:]
	}
	for _, date := range []string{"2006-01-02T", "2006-01-02 ", "2 Jan 2006 "} {
		for _, clock := range []string{"15:04:05", "15:04"} {
			for _, zone := range []string{"", "Z07:00", "-0700", "-07", " -0700", " Z07:00"} {
				if t, err := time.Parse(date+clock+zone, s); err == nil {
					return t, t.Year() > 0
				}
			}
		}
	}
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil && t.Year() > 0
}

// epoch parses a number of seconds, milliseconds or microseconds since 1970. The size of
// the number determines the unit.
func epoch(s string) (time.Time, bool) {
	if n, ok := integer(s); ok {
		switch {
		case n == 0:
			return time.Time{}, true
		case n < 0:
			return time.Time{}, false
		case n < 1e11:
			return time.Unix(n, 0).UTC(), true
		case n < 1e14:
			return time.UnixMilli(n).UTC(), true
		}
		t := time.UnixMicro(n).UTC()
		return t, t.Year() < 10_000
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || f <= 0 || f >= 1e17:
		return time.Time{}, false
	case f < 1e11:
		f *= 1e6
	case f < 1e14:
		f *= 1e3
	}
	return time.UnixMicro(int64(math.Round(f))).UTC(), true
}

// otherObject decodes a value that is not an object into v, a struct or a map. c is the
// codec of its type.
func (d *decoder) otherObject(c *codec, v reflect.Value) error {
	switch d.next() {
	case 'n':
		if v.Kind() == reflect.Map {
			v.SetZero()
		}
		return d.literal("null")
	case '"':
		part, err := d.quoted()
		switch {
		case err != nil:
			return err
		case len(part) == 0:
			return absent(v)
		}
		return d.unreadable(v)
	case '[':
		start, depth, noted := d.at, d.depth, d.notes
		if err := d.enter(); err != nil {
			return err
		}
		switch d.next() {
		case ']':
			d.leave()
			return absent(v)
		case '{':
			if err := c.decode(d, v); err != nil {
				return err
			}
			if d.next() == ']' {
				d.leave()
				return nil
			}
		}
		d.at, d.depth, d.notes = start, depth, noted
	}
	return d.unread(v)
}

// otherArray decodes a value that is not an array into the slice v. c is the codec of its
// type, and elem the codec of its elements.
func (d *decoder) otherArray(c, elem *codec, v reflect.Value) error {
	switch d.next() {
	case 'n':
		v.SetZero()
		return d.literal("null")
	case '"':
		part, err := d.quoted()
		switch {
		case err != nil:
			return err
		case len(part) == 0:
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return nil
		}
		return d.unreadable(v)
	case '{':
		start, noted := d.at, d.notes
		members, data := 0, -1
		if err := d.members(func(name []byte) error {
			if members++; string(name) == "data" {
				d.next()
				data = d.at
			}
			return d.skip()
		}); err != nil {
			return err
		}
		end := d.at
		switch {
		case members == 0:
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return nil
		case data >= 0 && !elem.hasData && d.text[data] == '[':
			d.at = data
			err := c.decode(d, v)
			d.at = end
			return d.step("data", len(noted.list), err)
		case v.Type().Elem().Kind() == reflect.String:
			d.at = start
			return d.namesOfTrue(v)
		case data >= 0 && !elem.hasData:
			return d.unreadable(v)
		}
		d.at = start
		v.SetLen(0)
		d.grow(v, 1)
		v.SetLen(1)
		v.Index(0).SetZero()
		err := elem.decode(d, v.Index(0))
		if err != errAbsent {
			return err
		}
		d.at, d.notes = end, noted
		return d.unreadable(v)
	}
	return d.unread(v)
}

// namesOfTrue decodes an object of booleans into v, a slice of strings: the names of the
// members that are true.
func (d *decoder) namesOfTrue(v reflect.Value) error {
	names := reflect.MakeSlice(v.Type(), 0, 4)
	others := false
	if err := d.members(func(name []byte) error {
		if d.next() == 't' {
			d.memory -= int64(len(name)) + 3*int64(names.Type().Elem().Size())
			names = reflect.Append(names, reflect.ValueOf(string(name)).Convert(v.Type().Elem()))
		} else if d.next() != 'f' {
			others = true
		}
		return d.skip()
	}); err != nil {
		return err
	}
	if others {
		return d.unreadable(v)
	}
	v.Set(names)
	return nil
}

// page decodes a page of a list into the struct v. Servers also send an array of pages,
// whose items are concatenated, or an array of items. c is the codec of the type of v.
func (d *decoder) page(c *codec, v reflect.Value) error {
	if d.next() != '[' {
		start := d.at
		if err := c.decode(d, v); err != nil {
			return err
		}
		end := d.at
		d.at = start
		if v.Field(c.page.data).IsNil() && d.next() == '{' && !d.hasMember("data") {
			d.notes.add(unread, "data")
		}
		d.at = end
		return nil
	}
	items := reflect.New(v.Field(c.page.data).Type()).Elem()
	items.Set(reflect.MakeSlice(items.Type(), 0, 0))
	elem, start := c.page.list.elem, d.at
	extend := func(n int) error {
		size := items.Len()
		if size+n > items.Cap() {
			if err := d.grow(items, max(n, growBy(size, d.at-start, len(d.text)-d.at))); err != nil {
				return err
			}
		}
		items.SetLen(size + n)
		return nil
	}
	if err := d.elements(func(i int) error {
		noted, n := len(d.notes.list), items.Len()
		var err error
		if d.next() == '{' && !elem.hasData && d.hasMember("data") {
			page := reflect.New(v.Type()).Elem()
			if err = c.decode(d, page); err == nil {
				v.Set(page)
				more := page.Field(c.page.data)
				if err = extend(more.Len()); err == nil {
					reflect.Copy(items.Slice(n, items.Len()), more)
				}
			}
		} else if err = extend(1); err == nil {
			d.notes.element = true
			err = elem.decode(d, items.Index(n))
			d.notes.element = false
		}
		return d.step(index(i), noted, err)
	}); err != nil {
		return err
	}
	v.Field(c.page.data).Set(items)
	return nil
}

// hasMember reports whether the object that begins here has a member with this name. It
// does not consume the object.
func (d *decoder) hasMember(name string) bool {
	at, depth, memory := d.at, d.depth, d.memory
	found := false
	_ = d.members(func(n []byte) error {
		found = found || string(n) == name
		return d.skip()
	})
	d.at, d.depth, d.memory = at, depth, memory
	return found
}
