package gen

import (
	"errors"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOwnMembersAreRequired: of the members that no other variant has, only those
// that are required tell a variant without the discriminating member.
func TestOwnMembersAreRequired(t *testing.T) {
	t.Parallel()
	type known struct {
		Type string `json:"type"`
	}
	type discarded struct {
		At   string  `json:"at"`
		Note *string `json:"note,omitempty"`
	}
	v := &variants{field: "type", list: []variant{{nilPointer: (*known)(nil), constants: []string{"known"}}, {nilPointer: (*discarded)(nil)}}}
	require.Equal(t, reflect.TypeFor[discarded](), v.choose([]byte(`{"type":"newer","at":"now"}`)))
	require.Nil(t, v.choose([]byte(`{"type":"newer","note":"now"}`)))
}

// TestAllOwnMembersAreNeeded: a variant without the discriminating member is chosen if
// all members of its own are there, not if some are.
func TestAllOwnMembersAreNeeded(t *testing.T) {
	t.Parallel()
	type known struct {
		Type string `json:"type"`
	}
	type discarded struct {
		At string `json:"at"`
		By string `json:"by"`
	}
	v := &variants{field: "type", list: []variant{{nilPointer: (*known)(nil), constants: []string{"known"}}, {nilPointer: (*discarded)(nil)}}}
	require.Equal(t, reflect.TypeFor[discarded](), v.choose([]byte(`{"type":"newer","at":"now","by":"me"}`)))
	require.Nil(t, v.choose([]byte(`{"type":"newer","at":"now"}`)))
	require.True(t, v.mayHaveOwn([]byte(`{"at":"now"}`)))
	require.False(t, v.mayHaveOwn([]byte(`{"type":"known"}`)))
}

// TestSeveralConstants: the discriminating member is set only where one value of it
// stands for the type.
func TestSeveralConstants(t *testing.T) {
	t.Parallel()
	type one struct {
		Type string `json:"type"`
	}
	type two struct {
		Type string `json:"type"`
	}
	v := &variants{field: "type", sets: true, list: []variant{
		{nilPointer: (*one)(nil), constants: []string{"a"}}, {nilPointer: (*two)(nil), constants: []string{"b", "c"}},
	}}
	require.Equal(t, one{"a"}, v.hold(one{}).value)
	require.Equal(t, two{}, v.hold(two{}).value)
	require.Equal(t, two{"c"}, v.hold(&two{"c"}).value)
}

// TestTextsOfVariants: what JSON is made of does not mislead the choice.
func TestTextsOfVariants(t *testing.T) {
	t.Parallel()
	type first struct {
		A string `json:"a"`
		B string `json:"b"`
	}
	type second struct {
		C string `json:"c"`
	}
	v := &variants{list: []variant{{nilPointer: (*first)(nil)}, {nilPointer: (*second)(nil)}, {nilPointer: (*int64)(nil)}, {nilPointer: (*float64)(nil)}}}
	for text, want := range map[string]reflect.Type{
		`{"a":"\\","c":"x","b":"y"}`:        reflect.TypeFor[first](), // the backslash does not escape the quote
		`{"a":"\",\"c\":\"","b":"y"}`:       reflect.TypeFor[first](), // the first quotes are escaped
		`{"d":"\"","c":"x"}`:                reflect.TypeFor[second](),
		`{"c":"x","c":"y","c":"z"}`:         reflect.TypeFor[second](),
		`{"d":"x"}`:                         nil,
		`[{"c":"x"}]`:                       reflect.TypeFor[second](),
		`[ {"c":"x"} , {"c":"y"} ]`:         nil,
		`1`:                                 reflect.TypeFor[int64](),
		`1.5`:                               reflect.TypeFor[float64](),
		`1e3,"a":1`:                         reflect.TypeFor[float64](),
		`1,"a":1.5`:                         reflect.TypeFor[int64](),
		`"x"`:                               nil,
		`{"a":"x","a":"y","a":"z","c":"x"}`: reflect.TypeFor[second](), // which has all that it requires
	} {
		require.Equal(t, want, v.choose([]byte(text)), text)
	}
}

// TestNothingInAUnion: null, an empty string and an empty array are nothing, and the
// union does not refer to the text.
func TestNothingInAUnion(t *testing.T) {
	t.Parallel()
	v := &variants{list: []variant{{nilPointer: (*struct {
		A string `json:"a"`
	})(nil)}}}
	for _, text := range []string{`null`, `""`, `[]`} {
		var u union
		unmarshalUnion(&u, []byte(text), nil, v)
		require.Nil(t, u.value, text)
		require.Equal(t, text, string(u.raw))
	}
	var u union
	text := []byte(`{"a":"x"}`)
	unmarshalUnion(&u, text, nil, v)
	clear(text)
	require.Equal(t, `{"a":"x"}`, string(u.Raw()))
}

// TestAnErrorEndsAList of items, even if pages go on after it.
func TestAnErrorEndsAList(t *testing.T) {
	t.Parallel()
	type page struct{ Data []int }
	failed := errors.New("failed")
	var got []error
	for _, err := range items[*int](func(yield func(*page, error) bool) {
		_ = yield(nil, failed) && yield(&page{[]int{1}}, nil)
	}) {
		got = append(got, err)
	}
	require.Equal(t, []error{failed}, got)
}

// inner is a union that is a variant of another one.
type inner struct{ union }

func (u inner) Value() any { return u.value }

// TestHeadOf: a head has what the variant has, if that is of the same kind.
func TestHeadOf(t *testing.T) {
	t.Parallel()
	type word string
	type variant struct {
		ID     int64   `json:"id"`
		Name   *string `json:"name,omitempty"`
		Word   word    `json:"word"`
		Size   int64   `json:"size"`
		Absent *string `json:"absent,omitempty"`
	}
	type head struct {
		ID     int64  `json:"id"`
		Name   string `json:"name"`
		Word   string `json:"word"`
		Size   string `json:"size"`
		Absent string `json:"absent"`
		Other  string `json:"other"`
	}
	name := "a"
	value := variant{ID: 1, Name: &name, Word: "b", Size: 65}
	for _, held := range []any{value, inner{union{value: value}}} {
		var got head
		headOf(union{value: held}, &got)
		require.Equal(t, head{ID: 1, Name: "a", Word: "b"}, got)
	}
	var got head
	headOf(union{value: []string{"a"}, raw: []byte(`["a"]`)}, &got)
	require.Zero(t, got)
}
