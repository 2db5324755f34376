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

// extraField is a member that is added to request bodies.
type extraField struct {
	name   string   // as it was given
	path   []string // from the outermost object to the new member
	value  []byte
	client bool // it was given to [New]

	// add is addField. It is a field so that only programs with WithField link it.
	add func(f *extraField, body []byte, v reflect.Value) ([]byte, error)
}

// parseFieldName returns the names on the way to the member that name is for.
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

// extraParams are the query parameters that are added to requests.
type extraParams struct {
	list []extraParam

	// add and check are addQuery and checkQuery. They are fields so that only
	// programs with WithQuery link them.
	add   func(params []extraParam, to *url.URL) *url.URL
	check func(params []extraParam, described any) error
}

type extraParam struct{ name, value string }

// extraHeader is a header that is added to requests.
type extraHeader struct{ name, value string }

// ownHeaders are the headers that the client, or net/http, makes itself.
var ownHeaders = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie",
	"Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"User-Agent",
}

// isHeaderValue reports whether a header can have this value.
func isHeaderValue(value string) bool {
	return strings.TrimSpace(value) == value && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f })
}

// notInHeaderName reports whether r cannot be part of a header's name (RFC 9110,
// section 5.6.2).
func notInHeaderName(r rune) bool {
	isAlphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	return !isAlphanumeric && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// addQuery adds the query parameters of [WithQuery] to a URL, except for those
// that it has.
func (c *callConfig) addQuery(to *url.URL) *url.URL {
	if c.query.add == nil {
		return to
	}
	return c.query.add(c.query.list, to)
}

func addQuery(params []extraParam, to *url.URL) *url.URL {
	own := *to // it may be a link, which others have
	has := to.Query()
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

// checkQuery refuses parameters of [WithQuery] that the type of params has.
func (c *callConfig) checkQuery(params any) error {
	if c.query.check == nil || params == nil {
		return nil
	}
	return c.query.check(c.query.list, params)
}

func checkQuery(params []extraParam, described any) error {
	t := reflect.TypeOf(described).Elem()
	for _, p := range params {
		if typeinfo.Of(t).Field(p.name) >= 0 {
			return &InputError{p.name, "given with WithQuery, but it is a field of gen." + t.Name() + "; set it there"}
		}
	}
	return nil
}

// callField returns a field that was given for the call, or nil.
func (c *callConfig) callField() *extraField {
	for i := range c.fields {
		if !c.fields[i].client {
			return &c.fields[i]
		}
	}
	return nil
}

// addFields adds the members of [WithField] to an encoded body, which was made
// from v.
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

// addField adds the member f to an encoded body, which was made from v.
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

// hasField reports whether the type of v has a field at the end of path.
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

// addMember adds a member to a JSON object in text. All else stays as it is, to
// the byte. The objects on the way to the member are added if they are missing.
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

func quote(name string) []byte {
	quoted, _ := encode(name) // a string can be encoded
	return quoted
}

// encodeUntyped encodes a value that is not necessarily of a type of package gen.
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
	if !json.Valid(text) {
		return nil, errors.New("it is not valid JSON")
	}
	return bytes.Clone(text), nil
}
