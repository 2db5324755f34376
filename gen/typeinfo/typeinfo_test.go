package typeinfo_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

type embedded struct{ Inner string }

type example struct {
	embedded
	Name     string                  `json:"name" minLength:"1"`
	Kind     string                  `json:"kind" enum:"only"`
	Mode     string                  `json:"mode" enum:"a,b"`
	Optional string                  `json:"optional,omitempty" enum:"only"`
	Type     gen.AIAgentResourceType `json:"type"`
	Password *string                 `json:"password,omitzero" sensitive:"true"`
	Inline   *embedded               `json:"inline" inline:"true"`
	Unnamed  int
	Hidden   int `json:"-"`

	AdditionalProperties map[string]int `json:"-"`
}

func TestFields(t *testing.T) {
	t.Parallel()
	known := typeinfo.Of(reflect.TypeFor[example]())
	stringType := reflect.TypeFor[string]()
	require.Equal(t, []typeinfo.Field{
		{Name: "name", Index: 1, Type: stringType, NonEmpty: true},
		{Name: "kind", Index: 2, Type: stringType, Allowed: []string{"only"}, Constant: "only"},
		{Name: "mode", Index: 3, Type: stringType, Allowed: []string{"a", "b"}},
		{Name: "optional", Index: 4, Type: stringType, OmitEmpty: true, Allowed: []string{"only"}},
		{Name: "type", Index: 5, Type: reflect.TypeFor[gen.AIAgentResourceType](), Constant: "ai_agent"},
		{Name: "password", Index: 6, Type: reflect.TypeFor[*string](), OmitZero: true, Sensitive: true},
		{Name: "inline", Index: 7, Type: reflect.TypeFor[*embedded](), Inline: true},
		{Name: "Unnamed", Index: 8, Type: reflect.TypeFor[int]()},
	}, known.Fields)
	require.Equal(t, 10, known.Additional)
	require.Equal(t, 5, known.Field("password"))
	require.Equal(t, -1, known.Field("Hidden"))
	require.Equal(t, stringType, known.Fields[5].Elem())
	require.True(t, known.Fields[3].Optional() && known.Fields[5].Optional())
	require.False(t, known.Fields[0].Optional())
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		of   reflect.Type
		want typeinfo.Type
	}{
		{reflect.TypeFor[string](), typeinfo.Type{}},
		{reflect.TypeFor[*time.Time](), typeinfo.Type{Text: true}},
		{reflect.TypeFor[time.Time](), typeinfo.Type{Text: true, Custom: true}},
		{reflect.TypeFor[uuid.UUID](), typeinfo.Type{Text: true, Custom: true}},
		{reflect.TypeFor[gen.Codec](), typeinfo.Type{Enum: true}},
		{reflect.TypeFor[gen.SWML](), typeinfo.Type{Custom: true}},
		{reflect.TypeFor[gen.VoiceLog](), typeinfo.Type{Union: true, Custom: true}},
		{reflect.TypeFor[nullable.Nullable[int]](), typeinfo.Type{Nullable: true, Custom: true}},
	} {
		got := typeinfo.Of(tt.of)
		require.Equal(t, tt.want, typeinfo.Type{Text: got.Text, Custom: got.Custom, Union: got.Union, Enum: got.Enum, Nullable: got.Nullable}, tt.of)
		require.Empty(t, got.Fields)
		require.Equal(t, -1, got.Additional)
		require.Equal(t, -1, got.Field("x"))
	}
}
