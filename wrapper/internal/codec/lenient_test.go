package codec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// leaves has a field of each kind that is read leniently.
type leaves struct {
	ID       *uuid.UUID                   `json:"id"`
	When     *time.Time                   `json:"when"`
	Int      *int64                       `json:"int"`
	Small    *int8                        `json:"small"`
	Number   *float64                     `json:"number"`
	Bool     *bool                        `json:"bool"`
	String   *string                      `json:"string"`
	Codec    *gen.Codec                   `json:"codec"`
	Object   *inner                       `json:"object"`
	Array    []string                     `json:"array"`
	Objects  []inner                      `json:"objects"`
	Pointers []*inner                     `json:"pointers"`
	WithData []withData                   `json:"with_data"`
	Map      map[string]int64             `json:"map"`
	Maybe    nullable.Nullable[uuid.UUID] `json:"maybe"`
	Entry    *gen.AICallLogEntry          `json:"entry"`
	Log      gen.VoiceLog                 `json:"log"`
	Logs     []gen.VoiceLog               `json:"logs"`
}

type inner struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

type withData struct {
	Data string `json:"data"`
}

func ptr[T any](v T) *T { return &v }

// TestReadsLeniently has the table of the package documentation, each row in a
// field: the rest of the object is filled in whatever that holds.
func TestReadsLeniently(t *testing.T) {
	t.Parallel()
	const id = "6f1c2f5e-2c0a-4a43-9d5f-6a2b8c1d3e4f"
	want := uuid.MustParse(id)
	at := func(h, m, s, ns int) *time.Time { return ptr(time.Date(2024, 5, 6, h, m, s, ns, time.UTC)) }
	const unread = "unread"
	for _, tt := range []struct {
		field string
		text  string
		want  any // nil is absent, unread is that
	}{
		{"id", `"` + id + `"`, &want},
		{"id", `"urn:uuid:` + id + `"`, &want},
		{"id", `"{` + id + `}"`, &want},
		{"id", `"` + strings.ReplaceAll(id, "-", "") + `"`, &want},
		{"id", `"` + strings.ToUpper(id) + `"`, &want},
		{"id", `""`, nil},
		{"id", `"x"`, unread},
		{"id", `7`, unread},
		{"id", `{"a":1}`, unread},

		{"when", `"2024-05-06T12:20:30.123456789Z"`, at(12, 20, 30, 123456789)},
		{"when", `"2024-05-06T12:20:30.123+0000"`, at(12, 20, 30, 123000000)},
		{"when", `"2024-05-06T14:20:30+0200"`, at(12, 20, 30, 0)},
		{"when", `"2024-05-06 14:20:30+02"`, at(12, 20, 30, 0)},
		{"when", `"2024-05-06 12:20:30"`, at(12, 20, 30, 0)},
		{"when", `"2024-05-06 12:20:30 +0000"`, at(12, 20, 30, 0)},
		{"when", `"2024-05-06T12:20:30"`, at(12, 20, 30, 0)},
		{"when", `"2024-05-06T12:20Z"`, at(12, 20, 0, 0)},
		{"when", `"2024-05-06T12:20"`, at(12, 20, 0, 0)},
		{"when", `"2024-05-06"`, at(0, 0, 0, 0)},
		{"when", `"2024-05-06 12:20:30 UTC"`, at(12, 20, 30, 0)},
		{"when", `"Mon, 06 May 2024 12:20:30 +0000"`, at(12, 20, 30, 0)},
		{"when", `"Mon, 6 May 2024 14:20:30 +0200"`, at(12, 20, 30, 0)},
		{"when", `"06 May 2024 12:20 GMT"`, at(12, 20, 0, 0)},
		{"when", `1714998030`, at(12, 20, 30, 0)},
		{"when", `"1714998030"`, at(12, 20, 30, 0)},
		{"when", `1714998030.5`, at(12, 20, 30, 500000000)},
		{"when", `1714998030123`, at(12, 20, 30, 123000000)},
		{"when", `1714998030123.5`, at(12, 20, 30, 123500000)},
		{"when", `"1714998030123"`, at(12, 20, 30, 123000000)},
		{"when", `1714998030123456`, at(12, 20, 30, 123456000)},
		{"when", `99999999999`, ptr(time.Unix(99999999999, 0).UTC())},
		{"when", `100000000000`, ptr(time.UnixMilli(100000000000).UTC())},
		{"when", `99999999999999`, ptr(time.UnixMilli(99999999999999).UTC())},
		{"when", `100000000000000`, ptr(time.UnixMicro(100000000000000).UTC())},
		{"when", `0`, nil},
		{"when", `"0"`, nil},
		{"when", `""`, nil},
		{"when", `-1`, unread},
		{"when", `1e18`, unread},
		{"when", `"2024-05-06T12:20-12Z"`, unread},
		{"when", `"2024-13-06T12:20:30Z"`, unread},
		{"when", `"yesterday"`, unread},
		{"when", `"-"`, unread},
		{"when", `"."`, unread},
		{"when", `true`, unread},

		{"int", `1.0`, ptr[int64](1)},
		{"int", `1e2`, ptr[int64](100)},
		{"int", `1.20e2`, ptr[int64](120)},
		{"int", `1200e-2`, ptr[int64](12)},
		{"int", `"12"`, ptr[int64](12)},
		{"int", `"12.0"`, ptr[int64](12)},
		{"int", `"-0"`, ptr[int64](0)},
		{"int", `0e999999`, ptr[int64](0)},
		{"int", `0e-9`, ptr[int64](0)},
		{"int", `9007199254740993.0`, ptr[int64](9007199254740993)},
		{"int", `9223372036854775807`, ptr[int64](9223372036854775807)},
		{"int", `-9223372036854775808`, ptr[int64](-9223372036854775808)},
		{"int", `9223372036854775808`, unread},
		{"int", `1e19`, unread},
		{"int", `1e99999999999999999999`, unread},
		{"int", `1.5`, unread},
		{"int", `15e-1`, unread},
		{"int", `1e-999999`, unread},
		{"int", `"1.5"`, unread},
		{"int", `"0x10"`, unread},
		{"int", `"1_000"`, unread},
		{"int", `" "`, unread},
		{"int", `"-"`, unread},
		{"int", `"+"`, unread},
		{"int", `"."`, unread},
		{"int", `"-.e1"`, unread},
		{"int", `true`, unread},
		{"int", `""`, nil},
		{"small", `"127"`, ptr[int8](127)},
		{"small", `128`, unread},
		{"number", `"0.01"`, ptr(0.01)},
		{"number", `"1e2"`, ptr(100.0)},
		{"number", `""`, nil},
		{"number", `"-"`, unread},
		{"number", `"."`, unread},
		{"number", `"NaN"`, unread},
		{"number", `"infinity"`, unread},
		{"number", `1e400`, unread},
		{"number", `[1]`, unread},

		{"bool", `"true"`, ptr(true)},
		{"bool", `"false"`, ptr(false)},
		{"bool", `1`, ptr(true)},
		{"bool", `0`, ptr(false)},
		{"bool", `"1"`, ptr(true)},
		{"bool", `"0"`, ptr(false)},
		{"bool", `2`, unread},
		{"bool", `"yes"`, unread},
		{"bool", `""`, unread},
		{"bool", `[]`, unread},

		{"string", `12.50`, ptr("12.50")},
		{"string", `true`, ptr("true")},
		{"string", `false`, ptr("false")},
		{"string", `""`, ptr("")},
		{"string", `[]`, unread},
		{"string", `{}`, unread},
		{"codec", `7`, ptr(gen.Codec("7"))},

		{"object", `""`, nil},
		{"object", `[]`, nil},
		{"object", `[{"name":"a"}]`, &inner{Name: "a"}},
		{"object", `{}`, &inner{}},
		{"object", `[{"name":"a"},{"name":"b"}]`, unread},
		{"object", `["a"]`, unread},
		{"object", `[[{"name":"a"}]]`, unread},
		{"object", `"x"`, unread},
		{"object", `7`, unread},
		{"object", `true`, unread},

		{"array", `{}`, []string{}},
		{"array", `""`, []string{}},
		{"array", `[]`, []string{}},
		{"array", `["a",1]`, []string{"a", "1"}},
		{"array", `"a"`, unread},
		{"array", `{"a":"b"}`, unread},
		{"array", `{"data":["a"]}`, []string{"a"}},
		{"array", `{"data":"a"}`, unread},
		{"array", `7`, unread},
		{"array", `{"a":true,"b":false,"data":true}`, []string{"a", "data"}},
		{"array", `{"a":true,"b":1}`, unread},
		{"objects", `{"name":"a"}`, []inner{{Name: "a"}}},
		{"objects", `{"links":{},"data":[{"name":"a"},{"name":"b"}]}`, []inner{{Name: "a"}, {Name: "b"}}},
		{"objects", `{"data":[]}`, []inner{}},
		{"objects", `{"data":{}}`, unread},
		{"objects", `[""]`, []inner{{}}},
		{"pointers", `{"name":"a"}`, []*inner{{Name: "a"}}},
		{"pointers", `["",{"name":"a"},null]`, []*inner{nil, {Name: "a"}, nil}},
		{"with_data", `{"data":"a"}`, []withData{{"a"}}},
		{"with_data", `[{"data":"a"}]`, []withData{{"a"}}},

		{"map", `""`, nil},
		{"map", `[]`, nil},
		{"map", `[{"a":"1"}]`, map[string]int64{"a": 1}},
		{"map", `{"a":"1","b":2.0}`, map[string]int64{"a": 1, "b": 2}},
		{"map", `"x"`, unread},
		{"maybe", `null`, nullable.NewNullNullable[uuid.UUID]()},
		{"maybe", `"{` + id + `}"`, nullable.NewNullableWithValue(want)},
		{"maybe", `""`, nil},
		{"maybe", `"x"`, unread},
		{"entry", `{"timestamp":"12","x":[1]}`, &gen.AICallLogEntry{Timestamp: ptr[int64](12), AdditionalProperties: map[string]any{"x": []any{1.0}}}},
		{"entry", `""`, nil},
	} {
		if tt.field == "entry" && tt.want != nil && reflect.TypeOf(gen.AICallLogEntry{}.Timestamp).Kind() != reflect.Pointer {
			t.Fatal("the type has changed")
		}
		for _, pattern := range []string{`{%q:%s,"string":"after"}`, `{"string":"after",%q: %s }`} {
			if tt.field == "string" {
				pattern = `{"array":["after"],%q:%s}`
			}
			text := fmt.Sprintf(pattern, tt.field, tt.text)
			var v leaves
			notes, err := codec.Decode([]byte(text), &v, codec.Options{})
			require.NoError(t, err, text)
			require.True(t, notes.Matched)
			if tt.want == unread {
				require.Equal(t, []string{tt.field}, notes.Unread, text)
			} else {
				require.Empty(t, notes.Unread, text)
			}
			for i := range reflect.TypeFor[leaves]().NumField() {
				field := reflect.ValueOf(v).Field(i)
				switch name := reflect.TypeFor[leaves]().Field(i).Tag.Get("json"); {
				case name == tt.field && (tt.want == nil || tt.want == unread):
					require.Zero(t, field.Interface(), text)
				case name == tt.field && name == "when":
					require.True(t, tt.want.(*time.Time).Equal(*v.When), "%s: %v", text, v.When)
				case name == tt.field:
					require.Equal(t, tt.want, field.Interface(), text)
				case name == "string":
					require.Equal(t, ptr("after"), v.String, text)
				case name == "array" && tt.field == "string":
					require.Equal(t, []string{"after"}, v.Array, text)
				default:
					require.Zero(t, field.Interface(), text)
				}
			}
		}
	}
}

// TestUnreadPaths: each value that cannot be read is reported by its path, and keeps
// its place.
func TestUnreadPaths(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{"objects":[{"size":1},{"size":"x","name":"a"},7]}`: {"objects[1].size", "objects[2]"},
		`{"array":["a",{},"b"]}`:                             {"array[1]"},
		`{"map":{"a":1,"b":"x"}}`:                            {"map.b"},
		`{"map":{"a\nb":"x"}}`:                               {"map.a\ufffdb"},
		`{"map":{"` + strings.Repeat("k", 100) + `":"x"}}`:   {"map." + strings.Repeat("k", 64) + "…"},
		`{"map":{"k` + strings.Repeat("é", 50) + `":"x"}}`:   {"map.k" + strings.Repeat("é", 31) + "…"},
		`{"object":[{"size":"x"}]}`:                          {"object.size"},
		`{"object":[{"size":"x"},{}]}`:                       {"object"},
		`{"objects":{"data":[{},{"size":"x"}]}}`:             {"objects.data[1].size"},
		`{"objects":{"size":"x"}}`:                           {"objects.size"},
		`{"entry":{"timestamp":"x","y":1}}`:                  {"entry.timestamp"},
		`{"logs":[{"type":"relay_pstn_call","charge":[]}]}`:  {"logs[0].charge"},
		`{"log":7}`: {"log"},
	} {
		var v leaves
		notes, err := codec.Decode([]byte(text), &v, codec.Options{})
		require.NoError(t, err)
		require.Equal(t, want, notes.Unread, text)
	}
	var v leaves
	_, err := codec.Decode([]byte(`{"objects":[{"name":"a"},7,{"name":"b"}],"array":["a",{},"b"]}`), &v, codec.Options{})
	require.NoError(t, err)
	require.Equal(t, []inner{{Name: "a"}, {}, {Name: "b"}}, v.Objects)
	require.Equal(t, []string{"a", "", "b"}, v.Array)
}

// TestNotesAreLimited: an odd response cannot make them grow without bound.
func TestNotesAreLimited(t *testing.T) {
	t.Parallel()
	var v struct {
		Codecs []gen.Codec      `json:"codecs"`
		Ints   []int64          `json:"ints"`
		Map    map[string]int64 `json:"map"`
		Last   int64            `json:"last"`
	}
	text := `{"ints":[` + strings.Repeat(`"x",`, 499) + `"x"],"map":{"a":"x"},"codecs":["a"],"new":1,"last":"x"}`
	notes, err := codec.Decode([]byte(text), &v, codec.Options{Drift: true})
	require.NoError(t, err)
	require.Len(t, notes.Unread, 102)
	require.Equal(t, "ints[99]", notes.Unread[99])
	require.Equal(t, "last", notes.Unread[100], "it is in no array and no map")
	require.Equal(t, "and 401 more", notes.Unread[101])
	require.Equal(t, []string{"codecs[0]"}, notes.Unlisted, "each kind has a limit of its own")
	require.Equal(t, []string{"new"}, notes.Unknown)

	// limited checks that 500 notes in elements leave room for another, elsewhere.
	limited := func(text string, v any, last string) {
		t.Helper()
		notes, err := codec.Decode([]byte(text), v, codec.Options{})
		require.NoError(t, err)
		require.Len(t, notes.Unread, 102)
		require.Equal(t, []string{last, "and 400 more"}, notes.Unread[100:])
	}
	var nested struct {
		Arrays [][]int64                   `json:"arrays"`
		Maps   map[string]map[string]int64 `json:"maps"`
		Last   int64                       `json:"last"`
	}
	limited(`{"arrays":[[]`+strings.Repeat(`,"x",[]`, 500)+`],"last":"x"}`, &nested, "last")
	var maps strings.Builder
	for i := range 500 {
		fmt.Fprintf(&maps, `"%[1]d":{},"x%[1]d":"x",`, i)
	}
	limited(`{"maps":{`+maps.String()+`"a":{}},"last":"x"}`, &nested, "last")
	var page gen.SIPGatewayList
	limited(`[`+strings.Repeat(`7,`, 500)+`{"links":7,"data":[]}]`, &page, "[500].links")

	var few struct{}
	notes, err = codec.Decode([]byte(`{`+strings.Repeat(`"a":1,`, 300)+`"a":1}`), &few, codec.Options{Drift: true})
	require.NoError(t, err)
	require.Len(t, notes.Unknown, 201)
	require.Equal(t, "and 101 more", notes.Unknown[200])
}

// TestDrift: what the description lacks is reported only if that is asked for.
func TestDrift(t *testing.T) { // not parallel: it counts allocations
	text := []byte(`{"new":1,"object":{"newer":{"a":1},"name":"a"},"codec":"NEW","log":{"type":"relay_pstn_call","status":"newest","charge":"1","more":1},
		"logs":[{"type":"of the future"}],"entry":{"kept":1}}`)
	notes, err := codec.Decode(text, new(leaves), codec.Options{Drift: true})
	require.NoError(t, err)
	require.Equal(t, codec.Notes{
		Unknown:  []string{"new", "object.newer", "log.more"},
		Unlisted: []string{"codec", "log.status", "logs[0]"},
		Matched:  true,
	}, notes)
	notes, err = codec.Decode(text, new(leaves), codec.Options{})
	require.NoError(t, err)
	require.Equal(t, codec.Notes{Matched: true}, notes)

	type enums struct {
		Codecs []gen.Codec `json:"codecs"`
	}
	text = []byte(`{"new":1,"codecs":["` + strings.Repeat(`NEW","`, 3) + `NEW"]}`)
	v := enums{Codecs: make([]gen.Codec, 0, 8)}
	_, _ = codec.Decode(text, &v, codec.Options{})
	plain := testing.AllocsPerRun(100, func() { _, _ = codec.Decode(text, &v, codec.Options{}) })
	require.LessOrEqual(t, plain, 1.0, "it is free")
}

func TestMatched(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"error":"x"}`:               false,
		`{}`:                          false,
		`{"id":""}`:                   true,
		`{"error":"x","id":7}`:        true,
		`{"sip_gateway":{"error":1}}`: true,
		`[{"error":"x"}]`:             false,
		` [{"error":"x","id":7}]`:     true,
	} {
		notes, err := codec.Decode([]byte(text), new(gen.SIPGatewayResource), codec.Options{})
		require.NoError(t, err)
		require.Equal(t, want, notes.Matched, text)
	}
	for text, want := range map[string]bool{`{"error":"x"}`: false, `{"type":"relay_pstn_call"}`: true, `[{"error":"x"}]`: false} {
		notes, err := codec.Decode([]byte(text), new(gen.VoiceLog), codec.Options{})
		require.NoError(t, err)
		require.Equal(t, want, notes.Matched, text)
	}
	for text, want := range map[string]bool{
		`{"errors":["x"]}`:              false,
		`{"data":[{"error":"x"}]}`:      true,
		`[]`:                            true,
		`[{"error":"x"}]`:               false,
		`[{"error":"x"},{"error":"y"}]`: false,
		`[{"error":"x"},{"id":"1"}]`:    true,
		`[{"id":"1"},{"error":"x"}]`:    true,
		`[{"data":[]}]`:                 true,
	} {
		notes, err := codec.Decode([]byte(text), new(gen.SIPGatewayList), codec.Options{})
		require.NoError(t, err)
		require.Equal(t, want, notes.Matched, text)
	}
	for _, v := range []any{new(any), new(map[string]string), new(json.RawMessage)} {
		notes, err := codec.Decode([]byte(`{"error":"x"}`), v, codec.Options{})
		require.NoError(t, err)
		require.True(t, notes.Matched, "%T has every member", v)
	}
}

// TestPages: whatever a list comes as, its items are read.
func TestPages(t *testing.T) {
	t.Parallel()
	const a, b = `{"display_name":"a"}`, `{"display_name":"b","sip_gateway":{"codecs":7}}`
	for text, want := range map[string]struct {
		names  []string
		next   string
		unread []string
	}{
		`{"links":{"next":"/n"},"data":[` + a + `,` + b + `]}`:                                    {[]string{"a", "b"}, "/n", []string{"data[1].sip_gateway.codecs"}},
		`[{"links":{"next":"/m"},"data":[` + a + `]},{"links":{"next":"/n"},"data":[` + b + `]}]`: {[]string{"a", "b"}, "/n", []string{"[1].data[0].sip_gateway.codecs"}},
		`[` + a + `,` + b + `]`:            {[]string{"a", "b"}, "", []string{"[1].sip_gateway.codecs"}},
		`[]`:                               {nil, "", nil},
		`{"data":` + a + `}`:               {[]string{"a"}, "", nil},
		`{"data":{"data":[` + a + `]}}`:    {[]string{"a"}, "", nil},
		`{"data":[]}`:                      {nil, "", nil},
		`{"data":null}`:                    {nil, "", nil},
		`{}`:                               {nil, "", []string{"data"}},
		`{"links":{},"items":[` + a + `]}`: {nil, "", []string{"data"}},
		`{"data":7}`:                       {nil, "", []string{"data"}},
		`[7,` + a + `]`:                    {[]string{"", "a"}, "", []string{"[0]"}},
	} {
		var page gen.SIPGatewayList
		notes, err := codec.Decode([]byte(text), &page, codec.Options{})
		require.NoError(t, err, text)
		var names []string
		for _, item := range page.Data {
			names = append(names, item.DisplayName)
		}
		require.Equal(t, want.names, names, text)
		next := reflect.Indirect(reflect.ValueOf(page.Links))
		if want.next != "" {
			require.Equal(t, want.next, reflect.Indirect(next.FieldByName("Next")).String(), text)
		}
		require.Equal(t, want.unread, notes.Unread, text)
	}
}

// TestUnionsAreReadLeniently: an odd value leaves the variant as it is.
func TestUnionsAreReadLeniently(t *testing.T) {
	t.Parallel()
	var log gen.VoiceLog
	const text = `{"type":"relay_pstn_call","charge":"0.01","created_at":"2024-05-06 12:20:30","duration":1.5,"from":"a"}`
	for _, text := range []string{text, `[` + text + `]`} {
		notes, err := codec.Decode([]byte(text), &log, codec.Options{})
		require.NoError(t, err)
		require.Equal(t, []string{"duration"}, notes.Unread)
		require.Equal(t, gen.RelayVoiceLog{Type: "relay_pstn_call", Charge: 0.01, CreatedAt: time.Date(2024, 5, 6, 12, 20, 30, 0, time.UTC), From: "a"}, log.Value())
		require.Equal(t, text, string(log.Raw()))
	}
	for _, text := range []string{`""`, `[]`, `null`} {
		notes, err := codec.Decode([]byte(text), &log, codec.Options{})
		require.NoError(t, err)
		require.Empty(t, notes.Unread)
		require.Nil(t, log.Value())
	}
	var resource gen.Resource
	notes, err := codec.Decode([]byte(`{"type":"swml_script","swml_script":{}}`), &resource, codec.Options{})
	require.NoError(t, err)
	require.Empty(t, notes.Unread)
	require.IsType(t, gen.SWMLScriptResource{}, resource.Value())
	for _, text := range []string{`{"type":"swml_script","conference_room":{}}`, `{"type":"video_room","conference_room":{}}`} {
		_, err = codec.Decode([]byte(text), &resource, codec.Options{})
		require.NoError(t, err)
		require.IsType(t, gen.ConferenceRoomResource{}, resource.Value(), "it is described with both types")
	}
}

// TestUnionDecodedAgain is one whose own members show only once it has been
// decoded as another variant, of which no note is left. What follows it in the
// text belongs to others.
func TestUnionDecodedAgain(t *testing.T) {
	t.Parallel()
	var logs gen.VoiceLogList
	notes, err := codec.Decode([]byte(`{"data":[
		{"type":"relay_pstn_call","duration":"long","discarded_at":"2024-05-06T00:00:00Z"},
		{"type":"relay_pstn_call","direction":"sideways"},
		["a list"]],"new":{"discarded_at":""}}`), &logs, codec.Options{Drift: true})
	require.NoError(t, err)
	require.Len(t, logs.Data, 3)
	require.IsType(t, gen.DiscardedLog{}, logs.Data[0].Value())
	require.IsType(t, gen.RelayVoiceLog{}, logs.Data[1].Value())
	require.Equal(t, `["a list"]`, string(logs.Data[2].Raw()))
	require.Equal(t, []string{"data[2]"}, notes.Unread)
	require.Equal(t, []string{"data[0].type", "data[0].duration", "new"}, notes.Unknown)
	require.Equal(t, []string{"data[1].direction"}, notes.Unlisted)
}

// TestMemoryIsLimited: it is charged for what is made of a text.
func TestMemoryIsLimited(t *testing.T) { // not parallel: it counts what is allocated
	const limit = 32 << 20
	repeat := func(s string) string { return strings.TrimSuffix(strings.Repeat(s+",", (8<<20)/len(s)), ",") }
	allocated := func(text string, v any) (int64, error) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := codec.Decode([]byte(text), v, codec.Options{MaxMemory: limit})
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc-before.TotalAlloc) - int64(len(text)), err
	}
	type other struct {
		Any   []any             `json:"any"`
		Map   map[string]string `json:"map"`
		SWML  []gen.SWML        `json:"swml"`
		Lists [][]inner         `json:"lists"`
		Ptrs  []*inner          `json:"ptrs"`
	}
	var entries strings.Builder
	for i := range 1 << 20 {
		fmt.Fprintf(&entries, `"%d":"",`, i)
	}
	for name, tt := range map[string]struct {
		text string
		v    any
	}{
		"empty objects":  {`{"data":[` + repeat(`{}`) + `]}`, new(gen.PhoneNumberList)},
		"a bare array":   {`[` + repeat(`{}`) + `]`, new(gen.PhoneNumberList)},
		"pages":          {`[` + repeat(`{"data":[{}]}`) + `]`, new(gen.PhoneNumberList)},
		"unions":         {`{"data":[` + repeat(`{"type":"relay_pstn_call"}`) + `]}`, new(gen.VoiceLogList)},
		"any":            {`{"any":[` + repeat(`{}`) + `]}`, new(other)},
		"any, in arrays": {`{"any":[` + repeat(`[[]]`) + `]}`, new(other)},
		"a map":          {`{"map":{` + strings.TrimSuffix(entries.String(), ",") + `}}`, new(other)},
		"raw JSON":       {`{"swml":[` + repeat(`1`) + `]}`, new(other)},
		"arrays":         {`{"lists":[` + repeat(`[{}]`) + `]}`, new(other)},
		"pointers":       {`{"ptrs":[` + repeat(`{}`) + `]}`, new(other)},
		"a string":       {`"` + strings.Repeat("x", limit+1) + `"`, new(string)},
		"strings":        {`{"data":[` + strings.Repeat(`{"name":"`+strings.Repeat("x", 1<<20)+`"},`, 40) + `{}]}`, new(gen.PhoneNumberList)},
	} {
		n, err := allocated(tt.text, tt.v)
		require.ErrorIs(t, err, codec.ErrTooLarge, name)
		require.ErrorContains(t, err, "33554432")
		require.Less(t, n, int64(limit)*5/4, name)
	}
	// What is below the limit is read.
	n, err := allocated(`{"data":[`+strings.TrimSuffix(strings.Repeat(`{"name":"`+strings.Repeat("x", 1000)+`"},`, 5000), ",")+`]}`, new(gen.PhoneNumberList))
	require.NoError(t, err)
	require.Less(t, n, int64(limit))
	require.False(t, errors.Is(err, codec.ErrTooLarge))
}

// TestConstantsAreFilledIn: what can only have one value need not be set.
func TestConstantsAreFilledIn(t *testing.T) {
	t.Parallel()
	type request struct {
		Version  gen.JSONRPCVersion  `json:"jsonrpc"`
		Kind     gen.Codec           `json:"kind" enum:"PCMU"`
		Either   gen.Codec           `json:"either" enum:"PCMU,PCMA"`
		Text     string              `json:"text" enum:"fixed"`
		Optional gen.JSONRPCVersion  `json:"optional,omitempty"`
		Pointer  *gen.JSONRPCVersion `json:"pointer"`
		Plain    string              `json:"plain"`
	}
	for want, v := range map[string]request{
		`{"jsonrpc":"2.0","kind":"PCMU","either":"","text":"fixed","pointer":null,"plain":""}`: {},
		`{"jsonrpc":"3","kind":"OPUS","either":"","text":"x","pointer":null,"plain":""}`:       {Version: "3", Kind: "OPUS", Text: "x"},
	} {
		got, err := codec.Append(nil, v)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	got, err := codec.Append(nil, gen.NewPlayItem(gen.PlayTTSItem{Params: gen.PlayTTSParams{Text: "a"}}))
	require.NoError(t, err)
	var item struct {
		Type string `json:"type"`
	}
	require.NoError(t, json.Unmarshal(got, &item))
	require.Equal(t, "tts", item.Type)
}
