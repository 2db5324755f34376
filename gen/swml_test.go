package gen

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSWMLIsKeptAsItCame(t *testing.T) {
	t.Parallel()
	const text = `{"version":"1.0.0","sections":{"main":["answer",{"play":{"url":"say:a"}}]},"new":1e2}`
	var script CallingSWMLScript
	require.NoError(t, json.Unmarshal([]byte(`{"contents":`+text+`}`), &script))
	require.Equal(t, text, string(script.Contents))

	back, err := json.Marshal(CallingSWMLScriptUpdate{Contents: script.Contents})
	require.NoError(t, err)
	require.Equal(t, `{"contents":`+text+`}`, string(back))

	var document struct{ Version string }
	require.NoError(t, script.Contents.Decode(&document))
	require.Equal(t, "1.0.0", document.Version)
}

func TestSWMLIsCopied(t *testing.T) {
	t.Parallel()
	text := []byte(`{"a":1}`)
	made, err := NewSWML(text)
	require.NoError(t, err)
	var read SWML
	require.NoError(t, read.UnmarshalJSON(text))
	copy(text, `[[[[[[[`)
	require.Equal(t, `{"a":1}`, string(made))
	require.Equal(t, `{"a":1}`, string(read))

	shared := read
	require.NoError(t, read.UnmarshalJSON([]byte(`{"b":2}`)))
	require.Equal(t, `{"a":1}`, string(shared))
}

func TestNewSWML(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		from any
		want string
	}{
		{"SWML", SWML(`{ "a": 1 }`), `{ "a": 1 }`},
		{"JSON", json.RawMessage(`{ "a": 1 }`), `{ "a": 1 }`},
		{"bytes", []byte(`{ "a": 1 }`), `{ "a": 1 }`},
		{"a file with a byte order mark", []byte("\ufeff{ \"a\": 1 }"), `{ "a": 1 }`},
		{"map", map[string]any{"version": "1.0.0"}, `{"version":"1.0.0"}`},
		{"URL", "https://example.com/swml", `"https://example.com/swml"`},
		{"nil", nil, `null`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := NewSWML(test.from)
			require.NoError(t, err)
			require.Equal(t, test.want, string(got))
		})
	}
	for _, wrong := range []any{[]byte(`{`), []byte("\ufeff"), []byte("\ufeff\ufeff{}"), SWML(nil), json.RawMessage(``), make(chan int)} {
		got, err := NewSWML(wrong)
		require.Error(t, err)
		require.Nil(t, got)
	}
	_, err := NewSWML([]byte("{\n\"play\": }"))
	// With GOEXPERIMENT=jsonv2, the offset is that of the character, and not after it.
	require.Regexp(t, "^SWML: invalid character '}' looking for beginning of value after 1[01] bytes; expected valid JSON$", err)
}

func TestSWMLThatIsAbsent(t *testing.T) {
	t.Parallel()
	left, err := json.Marshal(AIAgentUpdate{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(left))
	null, err := json.Marshal(struct{ A SWML }{})
	require.NoError(t, err)
	require.Equal(t, `{"A":null}`, string(null))
}
