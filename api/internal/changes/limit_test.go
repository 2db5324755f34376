package changes

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A limit that is new or narrower refuses requests that were right.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key, change string
		want        class
	}{
		{"maxLength", `{"from": 5, "to": 4}`, breaks},
		{"maxLength", `{"from": 5, "to": 6}`, addition},
		{"maxLength", `{"from": null, "to": 6}`, breaks},
		{"maxLength", `{"from": 5, "to": null}`, addition},
		{"min", `{"from": 1, "to": 2}`, breaks},
		{"min", `{"from": 2, "to": 1}`, addition},
		{"pattern", `{"from": "a", "to": "b"}`, behaviour},
		{"min", `[]`, behaviour},
	} {
		require.Equal(t, test.want, limitClass(test.key, []byte(test.change)), "%s %s", test.key, test.change)
	}
}
