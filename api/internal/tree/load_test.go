package tree_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Strings of JSON documents mean what JSON says, whichever characters the encoder that
// wrote them escapes: that of PHP escapes slashes, that of Python all but ASCII.
func TestLoadReadsTheEscapesOfJSON(t *testing.T) {
	for _, text := range []string{
		`{"$ref": "#\/components\/schemas\/A"}`,
		`{"description": "a \ud83d\udcce\uD83D\uDE00 b"}`,
		`{"description": "\\ud83d\\udcce \\/ \\\/ \\\ud83d\udcce"}`,
		`{"description": "\" \\ \b \f \n \r \t \u00e9 \u20ac \u2028 \ufeff"}`,
		"{\"description\": \"\\ud83d\\udcce: # {}\",\n\t\"title\": \"\\/\"}",
	} {
		var want map[string]string
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		set := tree.NewSet()
		root := set.Load(tree.File{Name: "a.json", Data: []byte(text)})
		require.NoError(t, set.Err(), text)
		got := map[string]string{}
		for key, value := range tree.Entries(root) {
			got[key.Value] = value.Value
		}
		require.Equal(t, want, got)
	}
	set := tree.NewSet()
	set.Load(tree.File{Name: "a.json", Data: []byte("{\n\"description\": \"half \\ud83d of a pair\"}")})
	require.EqualError(t, set.Err(), "a.json:2: found invalid Unicode character escape code")
}
