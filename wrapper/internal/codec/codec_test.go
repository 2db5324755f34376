package codec_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// everything has a field of each kind that there is a way of handling for.
type everything struct {
	Text     string                       `json:"text"`
	Pointer  *string                      `json:"pointer,omitempty"`
	Deep     **int                        `json:"deep"`
	Bool     bool                         `json:"bool,omitempty"`
	Int8     int8                         `json:"int8"`
	Int      int                          `json:"int,omitempty"`
	Unsigned uint16                       `json:"unsigned"`
	Float    float64                      `json:"float"`
	Float32  *float32                     `json:"float32"`
	ID       uuid.UUID                    `json:"id"`
	IDs      []uuid.UUID                  `json:"ids,omitzero"`
	When     time.Time                    `json:"when,omitzero"`
	Maybe    nullable.Nullable[uuid.UUID] `json:"maybe,omitempty"`
	Codecs   []gen.Codec                  `json:"codecs,omitzero"`
	Bytes    []byte                       `json:"bytes"`
	Array    [2]int                       `json:"array"`
	Map      map[string]*everything       `json:"map,omitempty"`
	Enums    map[gen.Codec]gen.Codec      `json:"enums"`
	Numbers  map[int]string               `json:"numbers,omitempty"`
	Any      any                          `json:"any"`
	Raw      json.RawMessage              `json:"raw,omitempty"`
	SWML     gen.SWML                     `json:"swml,omitempty"`
	Union    gen.VoiceLog                 `json:"union,omitzero"`
	Unions   []gen.PlayItem               `json:"unions,omitempty"`
	List     []everything                 `json:"list,omitempty"`
	Self     *everything                  `json:"self,omitempty"`
	Quoted   quoted                       `json:"quoted"`
	Embedded embedded                     `json:"embedded"`
	Never    quoted                       `json:"never,omitempty"`
	Hidden   string                       `json:"-"`
}

type quoted struct {
	N int `json:"n,string"`
}

type embedded struct {
	gen.SIPGateway
	Own string `json:"own"`
}

// types are all types that methods of the client take or return, and everything.
func types() []reflect.Type {
	all := map[reflect.Type]bool{reflect.TypeFor[everything](): true}
	var methods []reflect.Type
	client := reflect.TypeFor[gen.Client]()
	for i := range client.NumField() {
		group := reflect.PointerTo(client.Field(i).Type)
		for j := range group.NumMethod() {
			methods = append(methods, group.Method(j).Type)
		}
	}
	for _, method := range methods {
		for j := range method.NumIn() {
			all[method.In(j)] = true
		}
		for j := range method.NumOut() {
			if out := method.Out(j); out.Kind() == reflect.Pointer {
				all[out.Elem()] = true
			}
		}
	}
	var list []reflect.Type
	for t := range all {
		if t.PkgPath() != "context" && (t.Kind() == reflect.Struct && t.NumField() > 0 || t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Interface) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b reflect.Type) int { return strings.Compare(a.String(), b.String()) })
	return list
}

// author writes JSON that mostly fits a type.
type author struct {
	*rand.Rand
	b      []byte
	faults bool // now and then, something else
}

var strange = []string{
	`null`, `true`, `0`, `-0`, `1e3`, `-1.5E-7`, `300`, `70000`, `4294967296`, `9223372036854775808`, `1e400`, `01`, `1.`, `.5`, `+1`, `-`, `1e`, `NaN`,
	`""`, `"x"`, `"\u00e9\n\"\\\/"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\x"`, `"\u12"`, "\"\xff\"", "\"a\tb\"", `"é😀"`, `"` + strings.Repeat("long ", 20) + `"`,
	`{}`, `[]`, `[null]`, `[[]]`, `{"a":{"b":[1,{}]}}`, `{"a"}`, `{"a":}`, `[1,]`, `{"a":1,}`, `[1 2]`, `tru`, `nul`, `{1:2}`, `"`, `[`, `{`, ``,
}

func (a *author) write(s string) { a.b = append(a.b, s...) }

func (a *author) space() {
	for a.IntN(8) == 0 {
		a.write(" \n\t\r"[a.IntN(4):][:1])
	}
}

func (a *author) value(t reflect.Type, depth int) {
	a.space()
	defer a.space()
	if a.IntN(12) == 0 {
		a.write(`null`)
		return
	}
	if a.faults && a.IntN(60) == 0 {
		a.write(strange[a.IntN(len(strange))])
		return
	}
	switch t {
	case reflect.TypeFor[uuid.UUID]():
		a.write(`"` + uuid.UUID{byte(a.IntN(256)), 15: byte(a.IntN(256))}.String() + `"`)
		return
	case reflect.TypeFor[time.Time]():
		a.write(`"` + time.Unix(a.Int64N(4e9), a.Int64N(1e9)).UTC().Format(time.RFC3339Nano) + `"`)
		return
	case reflect.TypeFor[nullable.Nullable[uuid.UUID]]():
		a.value(reflect.TypeFor[uuid.UUID](), depth)
		return
	case reflect.TypeFor[[]byte]():
		a.write(`"aGVsbG8="`)
		return
	case reflect.TypeFor[quoted]():
		a.write(`{"n":"7"}`)
		return
	}
	if _, union := reflect.New(t).Interface().(typeinfo.Union); union {
		a.write([]string{`{"type":"relay_pstn_call","x":[1,"<&>"]}`, `{"type":"video_room_sip_leg","charge":1.5}`, `{"type":"audio","params":{"url":"a"}}`, `{"new":1}`}[a.IntN(4)])
		return
	}
	_, raw := reflect.New(t).Interface().(typeinfo.Raw)
	if raw || t.Kind() == reflect.Interface || t == reflect.TypeFor[json.RawMessage]() {
		a.write([]string{`{"type":"relay_pstn_call","x":[1,"<&>"]}`, `"free"`, `[1,{"k":null}]`, `12.50`}[a.IntN(4)])
		return
	}
	n := a.IntN(4) * min(1, max(0, 4-depth))
	switch t.Kind() {
	case reflect.Pointer:
		a.value(t.Elem(), depth)
	case reflect.String:
		a.write([]string{`"a"`, `""`, `"sip_gateway"`, `"PCMU"`, `"https://example.com/?a=1&b=<2>"`, `"Zürich\n\u2028"`, `"edge-` + fmt.Sprint(a.IntN(1000)) + `"`}[a.IntN(7)])
	case reflect.Bool:
		a.write([]string{`true`, `false`}[a.IntN(2)])
	case reflect.Float32, reflect.Float64:
		a.write([]string{`0`, `-0.5`, `1e21`, `123.456`, `1e-9`}[a.IntN(5)])
	case reflect.Slice, reflect.Array:
		a.write(`[`)
		for i := range n * (1 + 9*a.IntN(2)) {
			if i > 0 {
				a.write(`,`)
			}
			a.value(t.Elem(), depth+1)
			if depth > 1 && i > 2 {
				break
			}
		}
		a.write(`]`)
	case reflect.Map:
		a.write(`{`)
		for i := range n {
			if i > 0 {
				a.write(`,`)
			}
			a.write(fmt.Sprintf(`"%d":`, 9-i))
			a.value(t.Elem(), depth+1)
		}
		a.write(`}`)
	case reflect.Struct:
		a.write(`{`)
		first := true
		order := a.Perm(t.NumField())
		if a.IntN(2) == 0 {
			slices.Sort(order)
		}
		for _, i := range order {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous || !f.IsExported() || name == "-" || a.IntN(4) == 0 || depth > 5 && f.Type.Kind() != reflect.String {
				continue
			}
			if !first {
				a.write(`,`)
			}
			first = false
			a.space()
			if a.IntN(20) == 0 {
				a.write(`"x-unknown":{"deep":[{"\u0061":"\\\""},1.5,null,true,false]},`)
			}
			if a.IntN(20) == 0 {
				name = fmt.Sprintf(`\u%04x`, name[0]) + name[1:]
			}
			a.write(`"` + name + `"`)
			a.space()
			a.write(`:`)
			a.value(f.Type, depth+1)
		}
		a.write(`}`)
	default:
		a.write(fmt.Sprint(a.IntN(120)))
	}
}

// standard encodes with encoding/json as codec does: & stays &.
func standard(t testing.TB, v any) string {
	t.Helper()
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return strings.TrimSuffix(buf.String(), "\n")
}

// same decodes a text with encoding/json and with codec, and encodes what comes
// of it with both. It reports whether encoding/json takes the text; what it does
// not take codec may, unless it is not JSON at all.
func same(t testing.TB, text []byte, typ reflect.Type) bool {
	t.Helper()
	want, got := reflect.New(typ), reflect.New(typ)
	wantErr := json.Unmarshal(text, want.Interface())
	notes, gotErr := codec.Decode(bytes.Clone(text), got.Interface(), codec.Options{})
	if wantErr != nil {
		require.True(t, json.Valid(text) || gotErr != nil, "%v: taken for JSON: %s", typ, text)
		return false
	}
	require.NoError(t, gotErr, "%v: %s", typ, text)
	unions := likeStandard(want.Elem(), got.Elem())
	if !reflect.DeepEqual(want.Interface(), got.Interface()) {
		require.Equal(t, want.Interface(), got.Interface(), "%v: %s", typ, text)
	}
	if !unions {
		require.Empty(t, slices.DeleteFunc(notes.Unread, func(path string) bool { return path == "data" }), "%v: %s", typ, text)
	}
	// encoding/json compacts what codec leaves as it is.
	encoded, err := codec.Append([]byte("before"), got.Interface())
	if err != nil && !utf8.Valid(text) { // of which raw JSON keeps a part
		return true
	}
	require.NoError(t, err)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, bytes.TrimPrefix(encoded, []byte("before"))))
	if !hasConstant(typ, nil) { // which only codec fills in
		require.Equal(t, withoutHTML.Replace(standard(t, want.Interface())), withoutHTML.Replace(compact.String()), "%v", typ)
	}
	again, err := codec.Append(nil, got.Elem().Interface()) // not addressable
	require.NoError(t, err)
	require.Equal(t, strings.TrimPrefix(string(encoded), "before"), string(again))
	return true
}

// likeStandard puts what encoding/json made of a union in the place of what codec
// did, where encoding/json could not decode a variant and kept the JSON. It
// reports whether there was any.
func likeStandard(want, got reflect.Value) (any bool) {
	switch want.Kind() {
	case reflect.Pointer:
		return !want.IsNil() && !got.IsNil() && likeStandard(want.Elem(), got.Elem())
	case reflect.Slice, reflect.Array:
		for i := range min(want.Len(), got.Len()) {
			any = likeStandard(want.Index(i), got.Index(i)) || any
		}
	case reflect.Map:
		for entry := want.MapRange(); entry.Next(); {
			if other := got.MapIndex(entry.Key()); other.IsValid() && other.Kind() == reflect.Pointer {
				any = likeStandard(entry.Value(), other) || any
			}
		}
	case reflect.Struct:
		if union, ok := want.Interface().(typeinfo.Union); ok {
			_, raw := union.Value().(json.RawMessage)
			if raw && string(union.Raw()) == string(got.Interface().(typeinfo.Union).Raw()) {
				got.Set(want)
			}
			return raw
		}
		for i := range want.NumField() {
			if want.Type().Field(i).IsExported() {
				any = likeStandard(want.Field(i), got.Field(i)) || any
			}
		}
	}
	return any
}

// withoutHTML undoes the escapes for HTML, which generated methods MarshalJSON write.
var withoutHTML = strings.NewReplacer(`\\`, `\\`, `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// hasConstant reports whether a type has a field of which only one value is
// possible, at any depth.
func hasConstant(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	if seen == nil {
		seen = map[reflect.Type]bool{}
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return hasConstant(t.Elem(), seen)
	case reflect.Struct:
		for _, f := range typeinfo.Of(t).Fields {
			if f.Constant != "" || hasConstant(t.Field(f.Index).Type, seen) {
				return true
			}
		}
	}
	return false
}

// TestSameAsEncodingJSON: of texts that fit a type, and of such that do not
// quite, codec makes what encoding/json makes, for every type of the API.
func TestSameAsEncodingJSON(t *testing.T) {
	t.Parallel()
	list := types()
	require.Greater(t, len(list), 200)
	for i, typ := range list {
		rounds := 6
		if typ == reflect.TypeFor[everything]() {
			rounds = 250
		}
		fits := 0
		for round := range rounds {
			a := author{Rand: rand.New(rand.NewPCG(uint64(i), uint64(round))), faults: round%2 == 1}
			a.value(typ, 0)
			if same(t, a.b, typ) {
				fits++
			}
			for range min(3, len(a.b)) { // and with a byte of it changed, or the rest missing
				b := bytes.Clone(a.b)
				if at := a.IntN(len(b)); a.IntN(4) == 0 {
					b = b[:at]
				} else {
					b[at] = "{}[]:,\"\\ 0-.e1\x00\xff"[a.IntN(16)]
				}
				same(t, b, typ)
			}
		}
		require.Greater(t, fits, rounds/4, "%v: hardly a text fits", typ)
	}
}

func FuzzUnmarshal(f *testing.F) {
	for round := range 200 {
		a := author{Rand: rand.New(rand.NewPCG(7, uint64(round))), faults: round%2 == 1}
		a.value(reflect.TypeFor[everything](), 3)
		f.Add(a.b)
	}
	for _, s := range strange {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.ContainsAny(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ\u212a\u017f") || repeats(text) {
			t.Skip("the case of names matters to codec, and what comes twice is merged otherwise")
		}
		same(t, text, reflect.TypeFor[everything]())
	})
}

// repeats reports whether an object in a text has a name twice.
func repeats(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	var names []map[string]bool // of the objects that are open; nil for a list
	key := false
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		top := len(names) - 1
		isKey := key && top >= 0 && names[top] != nil
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '{':
				names, key = append(names, map[string]bool{}), true
			case '[':
				names, key = append(names, nil), false
			default:
				names = names[:top]
				key = top > 0 && names[top-1] != nil
			}
			continue
		case string:
			if isKey {
				if names[top][token] {
					return true
				}
				names[top][token] = true
				key = false
				continue
			}
		}
		key = top >= 0 && names[top] != nil
	}
}

// unmarshal is codec.Decode where nothing may be unread.
func unmarshal(text []byte, v any) error {
	notes, err := codec.Decode(text, v, codec.Options{})
	if err == nil && len(notes.Unread) > 0 {
		err = fmt.Errorf("unread: %v", notes.Unread)
	}
	return err
}

func TestCaseMatters(t *testing.T) {
	t.Parallel()
	var v gen.SIPGateway
	require.NoError(t, unmarshal([]byte(`{"Name":"a","NAME":"b"}`), &v))
	require.Empty(t, v.Name)
}

// TestPathsQuoteNothing: what does not fit may be a secret, whoever decodes it.
// Only keys of maps, which are names, are in paths.
func TestPathsQuoteNothing(t *testing.T) {
	t.Parallel()
	const secret = "31415926535-31415926535-31415926535-314159265" // as long as a UUID in a URN
	for _, name := range []string{"text", "pointer", "deep", "bool", "int8", "int", "unsigned", "float32", "id", "ids", "when", "maybe", "codecs", "bytes", "array", "map", "enums", "numbers", "list", "self", "quoted", "embedded", "union", "unions"} {
		for _, value := range []string{`31415e12345`, `"` + secret + `"`, `["` + secret + `"]`, `[31415e12345]`, `[[31415]]`, `{"k":"` + secret + `"}`, `{"k":31415e12345}`} {
			notes, err := codec.Decode([]byte(`{"`+name+`":`+value+`}`), new(everything), codec.Options{Drift: true})
			require.NoError(t, err)
			require.NotContains(t, fmt.Sprint(notes), "3141", "%s: %s", name, value)
			_, err = codec.Decode([]byte(`{"`+name+`":`+value+`]`), new(everything), codec.Options{})
			require.Error(t, err)
			require.NotContains(t, err.Error(), "3141", "%s: %s", name, value)
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"data":[{"id":"x]}`:         `data[0].id: unexpected end, expected the end of a string`,
		`{"links":{"self":nothing}}`:  `links.self: unexpected 'n' at byte 18, expected a value`,
		`"x"`:                         `expected an object, got a string`,
		`""`:                          `expected an object, got a string`,
		`7`:                           `expected an object, got a number`,
		`true`:                        `expected an object, got a boolean`,
		`{} x`:                        `unexpected 'x' at byte 4, expected the end`,
		`{1:2}`:                       `unexpected '1' at byte 2, expected the name of a member`,
		``:                            `unexpected end, expected a value`,
		`{"data":[{"sip_gateway":{}]`: `data[0]: unexpected ']' at byte 27, expected "," or "}"`,
		`{"data":[` + strings.Repeat(`{"x":[`, 6000): `data[0]: arrays and objects nested more than 10000 deep`,
	} {
		_, err := codec.Decode([]byte(text), new(gen.SIPGatewayList), codec.Options{})
		require.EqualError(t, err, want, "%.60s", text)
	}
	for text, want := range map[string]string{
		`[]`:      `expected an object, got an array`,
		`[{},{}]`: `expected an object, got an array`,
	} {
		_, err := codec.Decode([]byte(text), new(gen.SIPGatewayResource), codec.Options{})
		require.EqualError(t, err, want)
	}
	type embedding struct {
		inner
		N int8
	}
	for text, want := range map[string]string{
		`{"N":3141}`: `N: the value does not fit the Go type int8`,
		`"x"`:        `the value does not fit the Go type codec_test.embedding`,
	} {
		_, err := codec.Decode([]byte(text), new(embedding), codec.Options{})
		require.EqualError(t, err, want, "left to encoding/json")
	}
	var list []inner
	for text, want := range map[string]string{`"x"`: `expected an array, got a string`, `[1] 2`: `unexpected '2' at byte 5, expected the end`} {
		_, err := codec.Decode([]byte(text), &list, codec.Options{})
		require.EqualError(t, err, want)
	}
	for want, v := range map[string]any{
		"list[0].any: json: unsupported type: chan int": everything{List: []everything{{Any: make(chan int)}}},
		"map.a.swml: it is not valid JSON in UTF-8":     everything{Map: map[string]*everything{"a": {SWML: gen.SWML("{")}}},
	} {
		_, err := codec.Append(nil, v)
		require.EqualError(t, err, want)
	}
}

// TestStrings: every character is encoded as by encoding/json, but without escapes
// for HTML.
func TestStrings(t *testing.T) {
	t.Parallel()
	for r := range rune(0x100) {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		require.NoError(t, e.Encode(string(r)))
		got, err := codec.Append(nil, string(r))
		require.NoError(t, err)
		require.Equal(t, want.String(), string(got)+"\n")
	}
}

// TestNothingRefersToTheText: what is decoded stays when the text is overwritten,
// as the text is in a buffer that is used again.
func TestNothingRefersToTheText(t *testing.T) {
	t.Parallel()
	for round := range 200 {
		a := author{Rand: rand.New(rand.NewPCG(11, uint64(round)))}
		a.value(reflect.TypeFor[everything](), 0)
		var want, got everything
		require.NoError(t, unmarshal(bytes.Clone(a.b), &want))
		require.NoError(t, unmarshal(a.b, &got))
		for i := range a.b {
			a.b[i] = '#'
		}
		require.Equal(t, want, got)
	}
}

// TestCarriedAsItIs: SWML goes out as it came in, to the byte, wherever it is.
func TestCarriedAsItIs(t *testing.T) {
	t.Parallel()
	const swml = "{\n  \"version\" : \"1.0.0\",\n  \"sections\": { \"main\": [ 1.50, \"<&>\", \"\\u00e9\" ] }\n}"
	var v everything
	require.NoError(t, unmarshal([]byte(`{"swml": `+swml+` }`), &v))
	require.Equal(t, swml, string(v.SWML))
	for _, carrier := range []any{
		v,
		map[string]any{"a": v}["a"],
		gen.NewCallCommand(gen.DialCommand{Params: gen.NewDialParams(gen.DialSWMLParams{From: "a", SWML: v.SWML})}),
		map[string]gen.SWML{"a": v.SWML},
		[]gen.SWML{v.SWML},
	} {
		encoded, err := codec.Append(nil, carrier)
		require.NoError(t, err)
		require.Contains(t, string(encoded), swml, "%T", carrier)
	}
}

// TestLongLists: a list takes room for what is in it, whatever lists are in it.
func TestLongLists(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 15, 16, 17, 100, 1000, 100_000} {
		text := []byte(`[` + strings.TrimSuffix(strings.Repeat(`["a","b","c"],`, n), ",") + `]`)
		var list [][]string
		require.NoError(t, unmarshal(text, &list))
		require.Len(t, list, n)
		require.NotNil(t, list)
		require.LessOrEqual(t, cap(list), 2*n+16)
		for _, inner := range list {
			require.LessOrEqual(t, cap(inner), 4)
		}
	}
}

// TestFirstUseByMany: types are worked out once, and never seen half done.
func TestFirstUseByMany(t *testing.T) {
	t.Parallel()
	type link struct {
		Next *link   `json:"next"`
		All  []*link `json:"all"`
	}
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			var v link
			if err := unmarshal([]byte(`{"next":{"next":{"all":[{"next":null}]}}}`), &v); err != nil || len(v.Next.Next.All) != 1 {
				t.Error(v, err)
			}
		})
	}
	group.Wait()
}
