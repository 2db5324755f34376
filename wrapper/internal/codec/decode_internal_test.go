package codec

import (
	"slices"
	"strings"
	"testing"

	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/require"
)

// TestDecoderKeepsNothing: a decoder that is used again holds nothing of what it
// has decoded, neither the JSON nor strings of it.
func TestDecoderKeepsNothing(t *testing.T) {
	for range 10 {
		var v []string
		_, err := Decode([]byte(`["state","state"]`), &v, Options{Drift: true})
		require.NoError(t, err)
		d := decoders.Get().(*decoder)
		require.Nil(t, d.text)
		require.Empty(t, strings.Join(d.strings[:], ""))
		decoders.Put(d)
	}
}

// TestDecodedAgain: elements of a slice that is decoded into a second time have
// nothing of the first, and neither has a member that comes twice.
func TestDecodedAgain(t *testing.T) {
	type element struct {
		A int `json:"a"`
		B int `json:"b"`
	}
	v := []element{{1, 2}, {3, 4}}
	_, err := Decode([]byte(`[{"a":5},{"b":6}]`), &v, Options{})
	require.NoError(t, err)
	require.Equal(t, []element{{A: 5}, {B: 6}}, v)

	// The last of several members counts, also if it cannot be read.
	var twice struct {
		Pointer  *int                   `json:"pointer"`
		Null     *int                   `json:"null"`
		Nullable nullable.Nullable[int] `json:"nullable,omitempty"`
	}
	notes, err := Decode([]byte(`{"pointer":1,"pointer":{"a":1},"null":1,"null":null,"nullable":1,"nullable":{"a":1}}`), &twice, Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"nullable", "pointer"}, slices.Sorted(slices.Values(notes.Unread)))
	require.Zero(t, twice)
}

// TestGrowBy: a full slice grows at most fourfold at a time, however much of the
// input is left.
func TestGrowBy(t *testing.T) {
	require.Equal(t, 4, growBy(0, 1, 1<<20))
	require.Equal(t, 15, growBy(15, 300, 1<<20))
	require.Equal(t, 11, growBy(20, 400, 210))
	require.Equal(t, 80, growBy(20, 400, 1<<20))
}

// TestPathsAreBounded: a path is not made longer once it is long.
func TestPathsAreBounded(t *testing.T) {
	path := ""
	for range 1000 {
		path = join("step", path)
	}
	require.LessOrEqual(t, len(path), maxPath+len("step."))
}
