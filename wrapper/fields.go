package signalwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// extraField is a member that [WithField] adds to request bodies.
type extraField struct {
	name   string   // the name or JSON pointer that was given
	path   []string // the names from the outermost object to the new member
	value  []byte   // the JSON of the member
	client bool     // the option was given to [New]

	// add is the function addField. As it is called through this field, only programs
	// that use WithField link it.
	add func(f *extraField, body []byte, v reflect.Value) ([]byte, error)
}

// parseFieldName returns the path of a member, given its name or a JSON pointer (RFC
// 6901).
func parseFieldName(name string) ([]string, error) {
	pointer, isPointer := strings.CutPrefix(name, "/")
	switch {
	case name == "" || !utf8.ValidString(name):
		return nil, fmt.Errorf("expected the name of a member or a JSON pointer, got %q", name)
	case !isPointer:
		return []string{name}, nil
	}
	path := strings.Split(pointer, "/")
	for i, part := range path {
		if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(part), "~") {
			return nil, fmt.Errorf("expected a JSON pointer, in which ~ is followed by 0 or 1, got %q", name)
		}
		path[i] = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
	}
	return path, nil
}

// extraParams are the query parameters that [WithQuery] adds to requests.
type extraParams struct {
	list []extraParam

	// add and check are the functions addQuery and checkQuery. As they are called through
	// these fields, only programs that use WithQuery link them.
	add   func(params []extraParam, to *url.URL, has url.Values) *url.URL
	check func(params []extraParam, described any) error
}

// extraParam is a query parameter that [WithQuery] adds. Its name and value are not
// escaped.
type extraParam struct{ name, value string }

// extraHeader is a header that is added to requests, by [WithHeader] or as a parameter.
type extraHeader struct{ name, value string }

// ownHeaders are the headers that the client or net/http sets itself.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie",
	"Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"User-Agent",
}

// isHeaderValue reports whether value is a valid value of a header: printable ASCII and
// tabs, without space around it.
func isHeaderValue(value string) bool {
	return strings.TrimSpace(value) == value && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f })
}

// notInHeaderName reports whether r must not occur in the name of a header (RFC 9110,
// section 5.6.2).
func notInHeaderName(r rune) bool {
	isAlphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !isAlphanumeric && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// addQuery returns a URL with the query parameters of [WithQuery] added, except those in
// has.
func (c *callConfig) addQuery(to *url.URL, has url.Values) *url.URL {
	if c.query.add == nil {
		return to
	}
	return c.query.add(c.query.list, to, has)
}

// addQuery implements callConfig.addQuery.
func addQuery(params []extraParam, to *url.URL, has url.Values) *url.URL {
	own := *to // a copy, as the URL may be shared
	for _, p := range params {
		if has.Has(p.name) {
			continue
		}
		if own.RawQuery != "" {
			own.RawQuery += "&"
		}
		own.RawQuery += url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value)
	}
	return &own
}

// checkQuery returns an error if params, which points to the parameters of the operation,
// has a field for a parameter of [WithQuery].
func (c *callConfig) checkQuery(params any) error {
	if c.query.check == nil || params == nil {
		return nil
	}
	return c.query.check(c.query.list, params)
}

// checkQuery implements callConfig.checkQuery.
func checkQuery(params []extraParam, described any) error {
	t := reflect.TypeOf(described).Elem()
	for _, p := range params {
		if typeinfo.Of(t).Field(p.name) >= 0 {
			return &InputError{p.name, "given with WithQuery, but it is a field of gen." + t.Name() + "; set it there"}
		}
	}
	return nil
}

// refuseField returns an error with this reason if [WithField] was given for the call. It is
// not inlined, so that programs do not have a copy of it for each call.
//
//go:noinline
func (c *callConfig) refuseField(reason string) error {
	if f := c.callField(); f != nil {
		return &InputError{f.name, "given with WithField, but " + reason}
	}
	return nil
}

// callField returns the first member of [WithField] that was given for the call and not
// to [New], or nil.
func (c *callConfig) callField() *extraField {
	for i := range c.fields {
		if !c.fields[i].client {
			return &c.fields[i]
		}
	}
	return nil
}

// addFields adds the members of [WithField] to a JSON body, which was encoded from v.
func (c *callConfig) addFields(body []byte, v reflect.Value) ([]byte, error) {
	for i := range c.fields {
		f := &c.fields[i]
		added, err := f.add(f, body, v)
		if err != nil {
			return nil, err
		}
		body = added
	}
	return body, nil
}

// addField adds the member f to a JSON body, which was encoded from v.
func addField(f *extraField, body []byte, v reflect.Value) ([]byte, error) {
	if hasField(v, f.path) {
		return nil, &InputError{f.name, "given with WithField, but it is a field of the request's type; set it there"}
	}
	added, err := addMember(body, f.path, f.value)
	if err != nil {
		return nil, &InputError{f.name, "given with WithField, but " + err.Error()}
	}
	return added, nil
}

// hasField reports whether the type of v, or of a value nested in it, has a field for the
// member at path.
func hasField(v reflect.Value, path []string) bool {
	for len(path) > 0 {
		switch v.Kind() {
		case reflect.Pointer:
			if v.IsNil() {
				v = reflect.New(v.Type().Elem())
			}
			v = v.Elem()
		case reflect.Interface:
			v = v.Elem()
		case reflect.Slice:
			i, err := strconv.Atoi(path[0])
			if err != nil || i < 0 || i >= v.Len() {
				return false
			}
			v, path = v.Index(i), path[1:]
		case reflect.Struct:
			t := typeinfo.Of(v.Type())
			if t.Union {
				v = reflect.ValueOf(asInterface(v).(typeinfo.Union).Value())
				continue
			}
			i := t.Field(path[0])
			if i < 0 || t.Text {
				return false
			}
			v, path = v.Field(t.Fields[i].Index), path[1:]
		default:
			return false
		}
	}
	return true
}

// addMember adds a member to the JSON object in text. All other bytes stay the same.
// Objects on the path to the member are added if they are missing.
func addMember(text []byte, path []string, value []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('{') && open != json.Delim('[') {
		return nil, fmt.Errorf("the body has no object for its member %q", path[0])
	}
	separator := ""
	for i := 0; d.More(); i++ {
		separator = ","
		name := strconv.Itoa(i)
		if open == json.Delim('{') {
			token, err := d.Token()
			if err != nil {
				return nil, err
			}
			name, _ = token.(string)
		}
		var element json.RawMessage
		if err := d.Decode(&element); err != nil {
			return nil, err
		}
		if name != path[0] {
			continue
		}
		if len(path) == 1 {
			return nil, errors.New("the body has it already")
		}
		added, err := addMember(element, path[1:], value)
		end := int(d.InputOffset())
		return slices.Concat(text[:end-len(element)], added, text[end:]), err
	}
	if open == json.Delim('[') {
		return nil, fmt.Errorf("the body has no element %q there", path[0])
	}
	for _, name := range slices.Backward(path) {
		value = slices.Concat([]byte("{"), quote(name), []byte(":"), value, []byte("}"))
	}
	end := bytes.LastIndexByte(text, '}')
	return slices.Concat(text[:end], []byte(separator), value[1:len(value)-1], text[end:]), nil
}

// quote returns a string as JSON.
func quote(name string) []byte {
	quoted, _ := encode(name) // a string can be encoded
	return quoted
}

// encodeUntyped returns the JSON of a value that the program chose freely. A
// [json.RawMessage] or []byte must be valid JSON, and is copied. The types of other
// values need not be from package gen.
func encodeUntyped(v any) ([]byte, error) {
	var text []byte
	switch v := v.(type) {
	case json.RawMessage:
		text = v
	case []byte:
		text = v
	default:
		if err := (&validator{untyped: true}).validate("", reflect.ValueOf(v)); err != nil {
			return nil, err
		}
		return encode(v)
	}
	if !json.Valid(text) || !utf8.Valid(text) {
		return nil, errors.New("it is not valid JSON in UTF-8")
	}
	return bytes.Clone(text), nil
}
