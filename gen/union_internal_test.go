package gen

import (
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
