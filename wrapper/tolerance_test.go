package signalwire_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// oddity is another way to write a value.
type oddity struct {
	json string
	want string // the value that it is read as, in JSON; "" if it is left out
	// unread is true if the value cannot be read, which has to be reported.
	unread bool
}

func equalAsJSON(json, value string) oddity { return oddity{json: json, want: value} }
func absent(json string) oddity             { return oddity{json: json} }
func unreadable(json string) oddity         { return oddity{json: json, unread: true} }
func quote(text string) string              { return string(must(json.Marshal(text))) }
func unreadables(all ...string) (odd []oddity) {
	for _, json := range all {
		odd = append(odd, unreadable(json))
	}
	return odd
}

// oddities are other ways to write a leaf, or an array or object, whose usual
// JSON is text and whose type is t.
func oddities(t reflect.Type, text string) []oddity {
	null := absent("null")
	switch t {
	case reflect.TypeFor[uuid.UUID]():
		id := uuid.MustParse(strings.Trim(text, `"`)).String()
		return append(unreadables(`"none"`, `5`, `true`, `{"a":1}`, `[1,2]`), null, absent(`""`),
			equalAsJSON(quote(strings.ToUpper(id)), text), equalAsJSON(quote(strings.ReplaceAll(id, "-", "")), text),
			equalAsJSON(quote("urn:uuid:"+id), text), equalAsJSON(quote("{"+id+"}"), text))
	case reflect.TypeFor[time.Time]():
		at := must(time.Parse(time.RFC3339, strings.Trim(text, `"`))).UTC()
		odd := append(unreadables(`"yesterday"`, `true`, `{"a":1}`, `[1,2]`), null, absent(`""`), absent(`0`),
			equalAsJSON(strconv.FormatInt(at.Unix(), 10), text), equalAsJSON(quote(strconv.FormatInt(at.Unix(), 10)), text))
		if at.UnixMilli() >= 1e11 {
			odd = append(odd, equalAsJSON(strconv.FormatInt(at.UnixMilli(), 10), text), equalAsJSON(quote(strconv.FormatInt(at.UnixMilli(), 10)), text))
		}
		for _, layout := range []string{"2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05.000000+00:00", "2006-01-02T15:04:05+0000", "2006-01-02 15:04:05Z", "2006-01-02T15:04:05", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05", time.RFC1123Z} {
			odd = append(odd, equalAsJSON(quote(at.Format(layout)), text))
		}
		for layout, precision := range map[string]time.Duration{"2006-01-02T15:04": time.Minute, "2006-01-02": 24 * time.Hour} {
			odd = append(odd, equalAsJSON(quote(at.Format(layout)), quote(at.Truncate(precision).Format(time.RFC3339))))
		}
		return odd
	}
	switch t.Kind() {
	case reflect.Bool:
		digit := map[string]string{"true": "1", "false": "0"}[text]
		return append(unreadables(`"perhaps"`, `2`, `{"a":1}`, `[1,2]`), null, equalAsJSON(digit, text), equalAsJSON(quote(digit), text), equalAsJSON(quote(text), text))
	case reflect.Int64:
		return append(unreadables(`"twelve"`, `1.5`, `true`, `{"a":1}`, `[1,2]`, `1e30`), null, absent(`""`),
			equalAsJSON(quote(text), text), equalAsJSON(text+".0", text), equalAsJSON(text+"e0", text))
	case reflect.Float64:
		return append(unreadables(`"twelve"`, `true`, `{"a":1}`, `[1,2]`), null, absent(`""`), equalAsJSON(quote(text), text))
	case reflect.String:
		return append(unreadables(`{"a":1}`, `[1,2]`), null, equalAsJSON(`12`, `"12"`), equalAsJSON(`1.50`, `"1.50"`), equalAsJSON(`true`, `"true"`), equalAsJSON(`"newer"`, `"newer"`))
	case reflect.Struct:
		return append(unreadables(`"text"`, `5`, `true`, `[{},{}]`), null, equalAsJSON(`[]`, `{}`), equalAsJSON(`""`, `{}`), equalAsJSON("["+text+"]", text))
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 { // JSON that is kept as it is
			return nil
		}
		odd := append(unreadables(`"text"`, `5`, `true`), null, equalAsJSON(`{}`, `[]`), equalAsJSON(`""`, `[]`))
		if elem := t.Elem(); elem.Kind() == reflect.Struct && text != "[]" && text != "[{}]" {
			first := string(must(json.Marshal(list(must(decodeAny(text)))[0])))
			odd = append(odd, equalAsJSON(first, "["+first+"]"))
		} else if elem.Kind() == reflect.String {
			odd = append(odd, equalAsJSON(`{"sms":true,"fax":false,"mms":true}`, `["sms","mms"]`), unreadable(`{"sms":1}`))
		}
		return odd
	}
	return nil
}

func decodeAny(text string) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return v, d.Decode(&v)
}

// leaf is a place in a response at which something else can stand.
type leaf struct {
	path     string // as errors have it
	from, to int    // in the text of the response
	typ      reflect.Type
	steps    []any // names and indices that lead to it
	// required is true if it is in the result, as its zero value, if it is absent.
	required bool
}

// leaves finds the places in a response that v has a field for. They are found
// in text, which is written as it goes, with a little JSON where v keeps JSON as it is.
type leaves struct {
	text []byte
	all  []leaf
}

func (l *leaves) write(path string, steps []any, tree any, v reflect.Value, required bool) {
	for v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.IsValid() && tree != nil && v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		tree = map[string]any{"kept": []any{"as", "it", "is"}}
	}
	from := len(l.text)
	at := -1
	if v.IsValid() && tree != nil && v.Type().PkgPath() != "" || v.IsValid() && tree != nil && v.Kind() != reflect.Map {
		at = len(l.all)
		l.all = append(l.all, leaf{path: path, from: from, typ: v.Type(), steps: slices.Clone(steps), required: required})
	}
	switch tree := tree.(type) {
	case map[string]any:
		fields := map[string]reflect.Value{}
		always := map[string]bool{}
		if v.IsValid() {
			if u, ok := v.Interface().(interface{ Value() any }); ok {
				v = reflect.ValueOf(u.Value())
				l.all = l.all[:at] // a union's own kinds are those of its variants
				at = -1
			}
			if v.IsValid() && v.Kind() == reflect.Struct {
				for i := range v.NumField() {
					name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
					fields[name] = v.Field(i)
					always[name] = options == ""
				}
			}
		}
		l.text = append(l.text, '{')
		for i, name := range slices.Sorted(maps.Keys(tree)) {
			if i > 0 {
				l.text = append(l.text, ',')
			}
			l.text = append(append(l.text, quote(name)...), ':')
			inner := path + "." + name
			if path == "" {
				inner = name
			}
			l.write(inner, append(steps, name), tree[name], fields[name], always[name])
		}
		l.text = append(l.text, '}')
	case []any:
		l.text = append(l.text, '[')
		for i, value := range tree {
			if i > 0 {
				l.text = append(l.text, ',')
			}
			var inner reflect.Value
			if v.IsValid() && v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8 && i < v.Len() {
				inner = v.Index(i)
			}
			l.write(fmt.Sprintf("%s[%d]", path, i), append(steps, i), value, inner, true)
		}
		l.text = append(l.text, ']')
	default:
		l.text = append(l.text, must(json.Marshal(tree))...)
	}
	if at >= 0 {
		l.all[at].to = len(l.text)
	}
}

// bodyTransport responds to every request with one body.
type bodyTransport struct {
	status int
	body   []byte
}

func (b *bodyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{StatusCode: b.status, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(b.body)), Body: io.NopCloser(bytes.NewReader(b.body)), Request: r}, nil
}

// A response in which one value is odd is no error: the value is read where its
// meaning is clear, and is left out and reported where it is not; all else is
// read as ever.
func TestOddValues(t *testing.T) {
	t.Parallel()
	for i, d := range description().Operations {
		_, schema := d.success()
		if schema == nil || (raceEnabled || testing.Short()) && i%16 != 3 {
			continue
		}
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			for turn := range max(1, countVariants(schema)) {
				testOddValues(t, d, newAuthor(true, turn, d.ID).value(schema, 0))
			}
		})
	}
}

func testOddValues(t *testing.T, d described, tree any) {
	status, _ := d.success()
	transport := &bodyTransport{status: must(strconv.Atoi(status))}
	client, err := signalwire.New("acme", credentials, signalwire.WithBearerToken("odd-values-bearer-token"), signalwire.WithTransport(transport), signalwire.WithMaxAttempts(1))
	require.NoError(t, err)
	var info signalwire.CallInfo
	call := func(body []byte) any {
		transport.body = body
		out, err := callDescribed(t, client, d, signalwire.WithCallInfo(&info))
		require.NoError(t, err, "%s", body)
		return out
	}
	out := call(must(json.Marshal(tree)))
	require.Empty(t, info.Unread)
	var found leaves
	found.write("", nil, tree, reflect.ValueOf(out), true)
	normal := decoded(reflect.ValueOf(call(found.text)))
	require.Empty(t, info.Unread)
	for _, l := range found.all {
		if l.path == "" || inUnionConstant(tree, l) {
			continue
		}
		original := string(found.text[l.from:l.to])
		for _, odd := range oddities(l.typ, original) {
			body := slices.Concat(found.text[:l.from], []byte(odd.json), found.text[l.to:])
			got := call(body)
			if odd.unread {
				require.Equal(t, []string{l.path}, info.Unread, "%s: %s", l.path, odd.json)
			} else {
				require.Empty(t, info.Unread, "%s: %s", l.path, odd.json)
			}
			requireChanged(t, normal, decoded(reflect.ValueOf(got)), l, odd)
		}
	}
}

// decoded is what a result holds, as package json decodes it into an any: of a union the
// value that was made of it, and not the text that it came from.
func decoded(v reflect.Value) any {
	switch value := v.Interface().(type) {
	case interface{ Value() any }: // a union
		if v = reflect.ValueOf(value.Value()); !v.IsValid() {
			return nil
		}
	case encoding.TextMarshaler:
		if v.Kind() != reflect.Pointer {
			return string(must(value.MarshalText()))
		}
	}
	_, isMarshaler := v.Interface().(json.Marshaler)
	switch kind := v.Kind(); {
	case kind == reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return decoded(v.Elem())
	case isMarshaler:
	case kind == reflect.String:
		return v.String()
	case kind == reflect.Bool:
		return v.Bool()
	case kind == reflect.Slice && !v.IsNil():
		all := make([]any, v.Len())
		for i := range all {
			all[i] = decoded(v.Index(i))
		}
		return all
	case kind == reflect.Struct:
		object := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if name, options, _ := strings.Cut(f.Tag.Get("json"), ","); f.IsExported() && name != "-" && (options == "" || !v.Field(i).IsZero()) {
				object[name] = decoded(v.Field(i))
			}
		}
		return object
	}
	return must(decodeAny(string(must(json.Marshal(v.Interface())))))
}

// inUnionConstant reports whether the place holds what distinguishes a variant of a
// union: with another value there, the union is another.
func inUnionConstant(tree any, l leaf) bool {
	return l.typ.Kind() == reflect.String && l.typ.PkgPath() != "" && len(l.steps) > 0 && slices.Contains([]any{"type", "jsonrpc"}, l.steps[len(l.steps)-1])
}

// requireChanged requires that got is normal but for what the oddity says.
func requireChanged(t *testing.T, normal, got any, l leaf, odd oddity) {
	t.Helper()
	value, ok := apart(normal, got, l.steps)
	if !ok {
		require.Equal(t, normal, got, "%s: %s: all else", l.path, odd.json)
		require.Fail(t, "another value differs", "%s: %s", l.path, odd.json)
	}
	if odd.want != "" {
		expected := must(decodeAny(odd.want))
		if !equalLeaf(expected, value) {
			require.Equal(t, expected, value, "%s: %s", l.path, odd.json)
		}
	} else if value != nil {
		zero := must(decodeAny(string(must(json.Marshal(reflect.Zero(l.typ).Interface())))))
		if !isEmptyJSON(value) && !equalLeaf(zero, value) {
			require.Fail(t, "a value where none could be read", "%s: %s: %v", l.path, odd.json, value)
		}
	}
}

// apart returns what got has at the place that the steps lead to, nil if it has nothing
// there, and reports whether normal and got are equal everywhere else.
func apart(normal, got any, steps []any) (at any, equal bool) {
	if len(steps) == 0 {
		return got, true
	}
	var want, has any
	switch step := steps[0].(type) {
	case string:
		object, ok1 := normal.(map[string]any)
		other, ok2 := got.(map[string]any)
		if !ok1 || !ok2 {
			return nil, reflect.DeepEqual(normal, got)
		}
		for _, names := range []map[string]any{object, other} {
			for name := range names {
				if name != step && !reflect.DeepEqual(object[name], other[name]) {
					return nil, false
				}
			}
		}
		want, has = object[step], other[step]
	case int:
		array, ok1 := normal.([]any)
		other, ok2 := got.([]any)
		if !ok1 || !ok2 || len(array) != len(other) || step >= len(array) {
			return nil, reflect.DeepEqual(normal, got)
		}
		for i := range array {
			if i != step && !reflect.DeepEqual(array[i], other[i]) {
				return nil, false
			}
		}
		want, has = array[step], other[step]
	}
	return apart(want, has, steps[1:])
}

func isEmptyJSON(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if !isEmptyJSON(inner) {
				return false
			}
		}
		return true
	case []any:
		return len(v) == 0
	case string:
		return v == "" || v == "0001-01-01T00:00:00Z" || v == uuid.Nil.String()
	case json.Number:
		return v == "0"
	}
	return v == nil || v == false
}

// equalLeaf reports whether two values are the same but for members that a type
// always has, and for how numbers and times are written.
func equalLeaf(want, got any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return isEmptyJSON(want) && isEmptyJSON(got)
		}
		for name := range object {
			if _, ok := want[name]; !ok && !isEmptyJSON(object[name]) {
				return false
			}
		}
		for name, value := range want {
			if !equalLeaf(value, object[name]) && value != nil {
				return false
			}
		}
		return true
	case []any:
		array, ok := got.([]any)
		if !ok || len(array) != len(want) {
			return len(want) == 0 && isEmptyJSON(got)
		}
		for i := range want {
			if !equalLeaf(want[i], array[i]) {
				return false
			}
		}
		return true
	case json.Number:
		number, ok := got.(json.Number)
		if !ok {
			return false
		}
		a, _ := want.Float64()
		b, _ := number.Float64()
		return a == b
	}
	return sameValue(want, got)
}
