package signalwire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// TestRequestRules: what the tags of request fields say is enforced, and the
// request's own list of values counts in place of the type's.
func TestRequestRules(t *testing.T) {
	t.Parallel()
	type inner struct {
		Kind string `json:"kind" enum:"only"`
	}
	type request struct {
		Name       string                       `json:"name" minLength:"1"`
		Label      *string                      `json:"label,omitempty" minLength:"1"`
		Email      *string                      `json:"email"`
		Kind       string                       `json:"kind" enum:"only"`
		Encryption *gen.Encryption              `json:"encryption,omitempty" enum:"required,newer"`
		Codecs     []gen.Codec                  `json:"codecs,omitzero" enum:"OPUS"`
		Mode       string                       `json:"mode" enum:"a,b"`
		Nullable   nullable.Nullable[gen.Codec] `json:"nullable,omitempty" enum:"VP8"`
		Tags       []string                     `json:"tags"`
		Doc        gen.SWML                     `json:"doc"`
		Docs       []gen.SWML                   `json:"docs,omitzero"`
		Any        any                          `json:"any,omitempty"`
		Inner      []inner                      `json:"inner,omitzero"`
		Ptime      *gen.TapPtime                `json:"ptime,omitempty"`
		Agreed     bool                         `json:"agreed" enum:"true"`
	}
	valid := func() *request {
		return &request{Name: "a", Email: Ptr(""), Mode: "a", Tags: []string{}, Doc: gen.SWML("{}"), Agreed: true}
	}
	for _, tt := range []struct {
		want   string
		change func(*request)
	}{
		{"", func(*request) {}},
		{"name: expected a non-empty string", func(r *request) { r.Name = "" }},
		{"label: expected a non-empty string", func(r *request) { r.Label = Ptr("") }},
		{"", func(r *request) { r.Label = Ptr("x") }},
		{"email: required field is nil", func(r *request) { r.Email = nil }},
		{"", func(r *request) { r.Kind = "only" }},
		{`kind: expected one of only, got "other"`, func(r *request) { r.Kind = "other" }},
		{`mode: expected one of a, b, got ""`, func(r *request) { r.Mode = "" }},
		{"", func(r *request) { r.Encryption = Ptr(gen.Encryption("newer")) }},
		{`encryption: expected one of required, newer, got "optional"`, func(r *request) { r.Encryption = Ptr(gen.EncryptionOptional) }},
		{`encryption: expected one of required, newer, got ""`, func(r *request) { r.Encryption = Ptr(gen.Encryption("")) }},
		{`codecs[1]: expected one of OPUS, got "VP8"`, func(r *request) { r.Codecs = []gen.Codec{gen.CodecOPUS, gen.CodecVP8} }},
		{"", func(r *request) { r.Nullable = Value(gen.CodecVP8) }},
		{"", func(r *request) { r.Nullable = Null[gen.Codec]() }},
		{`nullable: expected one of VP8, got "OPUS"`, func(r *request) { r.Nullable = Value(gen.CodecOPUS) }},
		{"tags: required field is nil; an empty slice or map is allowed", func(r *request) { r.Tags = nil }},
		{"doc: required field is nil", func(r *request) { r.Doc = nil }}, // empty, it would not be JSON
		{"docs[1]: required field is nil", func(r *request) { r.Docs = []gen.SWML{gen.SWML("null"), nil} }},
		{"", func(r *request) { r.Any = []any{gen.SWML(nil), json.RawMessage(nil)} }},
		{"", func(r *request) { r.Inner = []inner{{}} }},
		{`inner[0].kind: expected one of only, got "x"`, func(r *request) { r.Inner = []inner{{"x"}} }},
		{"", func(r *request) { r.Ptime = Ptr(gen.TapPtime20) }},
		{"ptime: expected one of 10, 100, 110, 120, 20, 30, 40, 50, 60, 70, 80, 90, got 25", func(r *request) { r.Ptime = Ptr(gen.TapPtime(25)) }},
		{"agreed: expected one of true, got false", func(r *request) { r.Agreed = false }},
	} {
		r := valid()
		tt.change(r)
		err := (&validator{}).validate("", reflect.ValueOf(r))
		if tt.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, tt.want)
		require.ErrorIs(t, err, ErrInvalid)
	}
	r := valid()
	r.Kind, r.Encryption, r.Codecs, r.Ptime = "other", Ptr(gen.Encryption("x")), []gen.Codec{"y"}, Ptr(gen.TapPtime(25))
	require.NoError(t, (&validator{unlisted: true}).validate("", reflect.ValueOf(r)))
	require.NoError(t, (&validator{known: map[string]bool{"other": true, "x": true, "y": true, "25": true}}).validate("", reflect.ValueOf(r)))
	r.Name = ""
	require.Error(t, (&validator{unlisted: true}).validate("", reflect.ValueOf(r)))
	require.NoError(t, (&validator{untyped: true}).validate("", reflect.ValueOf(&request{})))
}

// TestNilInside: a slice or map that is nil would be null, which the description does not
// allow: neither as a body nor in one. Pointers may be nil, and so may arrays and maps at every
// level of an any.
func TestNilInside(t *testing.T) {
	t.Parallel()
	type open struct {
		Name                 *string             `json:"name,omitempty"`
		Lists                map[string][]string `json:"lists,omitzero"`
		Any                  any                 `json:"any,omitempty"`
		AdditionalProperties map[string][]string `json:"-"`
	}
	type anyFirst struct {
		Any   any        `json:"any"`
		Lists [][]string `json:"lists"`
	}
	const want = ": required field is nil; an empty slice or map is allowed"
	for _, tt := range []struct {
		body any
		want string
	}{
		{Ptr([]string(nil)), "body" + want},
		{Ptr(map[string]string(nil)), "body" + want},
		{Ptr([][]string{{}, nil}), "[1]" + want},
		{Ptr([]map[string]any{nil}), "[0]" + want},
		{Ptr(open{Lists: map[string][]string{"a": nil}}), "lists.a" + want},
		{Ptr(open{AdditionalProperties: map[string][]string{"a": nil}}), "a" + want},
		{Ptr(anyFirst{Any: 1, Lists: [][]string{nil}}), "lists[0]" + want},
		{Ptr([]string{}), ""},
		{Ptr(map[string]string{}), ""},
		{Ptr([]*string{nil}), ""},
		{Ptr([1]string{"a"}), ""},
		{Ptr([]nullable.Nullable[string]{nil}), "[0]: required field is unset; expected signalwire.Value or signalwire.Null"},
		{Ptr(map[string]*string{"a": nil}), ""},
		{Ptr(map[string]nullable.Nullable[string]{"a": Null[string]()}), ""},
		{Ptr(open{}), ""},
		{Ptr(any(nil)), ""},
		{Ptr(open{Any: map[string]any{"a": nil}}), ""},
		{Ptr(open{Any: []string(nil)}), ""},
		{Ptr(open{Any: map[string]any{"a": map[string]string(nil)}}), ""},
		{Ptr(open{Any: map[string][]string{"a": nil}}), ""},
		{Ptr(open{Any: []map[string]string{nil}}), ""},
		{Ptr(open{Any: open{Lists: map[string][]string{"a": nil}}}), ""},
		{Ptr(open{Any: []nullable.Nullable[string]{nil}}), "any[0]: required field is unset; expected signalwire.Value or signalwire.Null"},
	} {
		got := ""
		if err := (&validator{}).validate("", reflect.ValueOf(tt.body)); err != nil {
			got = err.Error()
		}
		require.Equal(t, tt.want, got, "%#v", reflect.ValueOf(tt.body).Elem())
		require.NoError(t, (&validator{untyped: true}).validate("", reflect.ValueOf(tt.body)))
	}
}

// TestEditOfUnread: what could not be read is refused by its path, unless the
// change sets the field, or nothing is changed.
func TestEditOfUnread(t *testing.T) {
	t.Parallel()
	edited := func(full bool, unread string, change func(*gen.SIPGatewayUpdate)) (string, error) {
		var update gen.SIPGatewayUpdate
		rule := &gen.EditRule{Settings: "g", Full: full}
		e, err := newEdit(rule, reflect.ValueOf(&update).Elem(), []byte(`{"g":{"name":"a","codecs":["OPUS"]}}`))
		require.NoError(t, err)
		e.unread = []string{unread}
		change(&update)
		members, changed, err := e.changedFields(&callConfig{})
		if err != nil || !changed {
			return "", err
		}
		return string(appendObject(nil, members)), nil
	}
	rename := func(g *gen.SIPGatewayUpdate) { g.Name = Ptr("b") }
	for _, path := range []string{"uri", "codecs[1]", "ciphers"} {
		_, err := edited(true, path, rename)
		require.EqualError(t, err, path+": its value in the response could not be read, and would be lost; set it")
		require.ErrorIs(t, err, ErrInvalid)
		text, err := edited(true, path, func(*gen.SIPGatewayUpdate) {})
		require.NoError(t, err)
		require.Empty(t, text)
		text, err = edited(false, path, rename)
		require.NoError(t, err)
		require.Equal(t, `{"name":"b"}`, text, "what is not sent is not lost")
	}
	text, err := edited(true, "uri", func(g *gen.SIPGatewayUpdate) { rename(g); g.URI = Ptr("sip:x") })
	require.NoError(t, err)
	require.JSONEq(t, `{"codecs":["OPUS"],"name":"b","uri":"sip:x"}`, text)
	text, err = edited(true, "name_of_another", rename)
	require.NoError(t, err)
	require.JSONEq(t, `{"codecs":["OPUS"],"name":"b"}`, text)
}

// TestMerge: within a value that was changed, what was not is carried to the
// byte, members that the type lacks included.
func TestMerge(t *testing.T) {
	t.Parallel()
	type leaf struct {
		A *string `json:"a,omitempty"`
		B int64   `json:"b"`
	}
	type tree struct {
		Leaf   leaf    `json:"leaf"`
		Leaves []leaf  `json:"leaves,omitzero"`
		Text   string  `json:"text"`
		Any    any     `json:"any,omitempty"`
		Number float64 `json:"number"`
	}
	const raw = `{"newer": 9007199254740993, "leaf":{ "a": "x", "b": 1, "c": [ 1 ] },"leaves":[{"b": 1,"n":1} , {"b": 2}, {"b": 3,"n":3}],"text":"\u0061","any":{"x": 9007199254740993,"y":[{"z": 9007199254740993,"w":1}]},"number":1.50}`
	parts := strings.NewReplacer(
		"LEAF", `{ "a": "x", "b": 1, "c": [ 1 ] }`,
		"LIST", `[{"b": 1,"n":1} , {"b": 2}, {"b": 3,"n":3}]`,
		"ANY", `{"x": 9007199254740993,"y":[{"z": 9007199254740993,"w":1}]}`,
	)
	for _, tt := range []struct {
		change func(*tree)
		want   string
	}{
		{func(*tree) {}, raw},
		{func(v *tree) { v.Text = "b" }, `{"leaf":{ "a": "x", "b": 1, "c": [ 1 ] },"leaves":[{"b": 1,"n":1} , {"b": 2}, {"b": 3,"n":3}],"text":"b","any":{"x": 9007199254740993,"y":[{"z": 9007199254740993,"w":1}]},"number":1.50,"newer":9007199254740993}`},
		{func(v *tree) { v.Leaf.B = 2 }, parts.Replace(`{"leaf":{"a":"x","b":2,"c":[ 1 ]},"leaves":LIST,"text":"\u0061","any":ANY,"number":1.50,"newer":9007199254740993}`)},
		{func(v *tree) { v.Leaves = v.Leaves[1:] }, parts.Replace(`{"leaf":LEAF,"leaves":[{"b": 2},{"b": 3,"n":3}],"text":"\u0061","any":ANY,"number":1.50,"newer":9007199254740993}`)},
		{func(v *tree) { v.Leaves[2].B = 4 }, parts.Replace(`{"leaf":LEAF,"leaves":[{"b": 1,"n":1},{"b": 2},{"b":4,"n":3}],"text":"\u0061","any":ANY,"number":1.50,"newer":9007199254740993}`)},
		{func(v *tree) { v.Leaves = append(v.Leaves, leaf{B: 9}) }, parts.Replace(`{"leaf":LEAF,"leaves":[{"b": 1,"n":1},{"b": 2},{"b": 3,"n":3},{"b":9}],"text":"\u0061","any":ANY,"number":1.50,"newer":9007199254740993}`)},
		{func(v *tree) { v.Any.(map[string]any)["y"].([]any)[0].(map[string]any)["w"] = 2 }, parts.Replace(`{"leaf":LEAF,"leaves":LIST,"text":"\u0061","any":{"x":9007199254740993,"y":[{"w":2,"z":9007199254740993}]},"number":1.50,"newer":9007199254740993}`)},
		{func(v *tree) { v.Any = "other" }, parts.Replace(`{"leaf":LEAF,"leaves":LIST,"text":"\u0061","any":"other","number":1.50,"newer":9007199254740993}`)},
	} {
		var was, is tree
		require.NoError(t, json.Unmarshal([]byte(raw), &was))
		require.NoError(t, json.Unmarshal([]byte(raw), &is))
		tt.change(&is)
		got, err := merge([]byte(raw), reflect.ValueOf(was), reflect.ValueOf(is))
		require.NoError(t, err)
		require.Equal(t, tt.want, string(got))
	}

	// A value that was read though it is of another kind is sent as described.
	got, err := carry([]byte(`"12"`), reflect.ValueOf(int64(12)))
	require.NoError(t, err)
	require.Equal(t, `12`, string(got))
}
