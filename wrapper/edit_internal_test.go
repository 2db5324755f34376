package signalwire

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// TestEditWithin: what an edit sends for objects in arrays and in other objects.
// Whatever was not changed is sent as it was read, at its place, with members that
// the type lacks; what was set is not left out by being made nil.
func TestEditWithin(t *testing.T) {
	t.Parallel()
	type part struct {
		ID   int64   `json:"id"`
		Note *string `json:"note,omitempty"`
	}
	type whole struct {
		Codec  *string  `json:"codec,omitempty"`
		Codecs *string  `json:"codecs,omitempty"`
		Part   *part    `json:"part,omitempty"`
		Parts  []part   `json:"parts,omitzero"`
		Words  []*int64 `json:"words,omitzero"`

		Component  *gen.WhatsAppTemplateComponent  `json:"component,omitempty"`
		Components []gen.WhatsAppTemplateComponent `json:"components,omitzero"`
	}
	for name, tt := range map[string]struct {
		read   string
		change func(*whole)
		want   string // or the error
	}{
		"a member of an object": {
			`{"part":{"id": 1, "newer": 1.0}}`, func(w *whole) { w.Part.ID = 2 },
			`{"part":{"id":2,"newer":1.0}}`,
		},
		"a member that comes twice": {
			`{"part":{"id":1,"newer":1,"newer":2}}`, func(w *whole) { w.Part.ID = 2 },
			`{"part":{"id":2,"newer":2}}`,
		},
		"null in an object": {
			`{"part":{"id":1,"note":null}}`, func(w *whole) { w.Part.ID = 2 },
			`{"part":{"id":2,"note":null}}`,
		},
		"an element in its place": {
			`{"parts":[{"id":1,"newer":1},{"id":2,"newer":2}]}`, func(w *whole) { w.Parts[1].ID = 3 },
			`{"parts":[{"id":1,"newer":1},{"id":3,"newer":2}]}`,
		},
		"an element that moves": {
			`{"parts":[{"id":1,"newer":1},{"id":2,"newer":2}]}`, func(w *whole) { w.Parts = w.Parts[1:] },
			`{"parts":[{"id":2,"newer":2}]}`,
		},
		"the second of equal ones": {
			`{"parts":[{"id":1,"newer":1},{"id":1,"newer":2},{"id":3}]}`, func(w *whole) { w.Parts[2].ID = 4 },
			`{"parts":[{"id":1,"newer":1},{"id":1,"newer":2},{"id":4}]}`,
		},
		"an element is added": {
			`{"parts":[{"id":1,"newer":1}]}`, func(w *whole) { w.Parts = append(w.Parts, part{ID: 2}) },
			`{"parts":[{"id":1,"newer":1},{"id":2}]}`,
		},
		"an object in place of an array": {
			`{"parts":{"id":1}}`, func(w *whole) { w.Parts[0].ID = 2 },
			`{"parts":[{"id":2}]}`,
		},
		"null in an array": {
			`{"parts":[{"id":1}, null ],"words":[1, null]}`, func(w *whole) { w.Parts[0].ID = 2; w.Words = append(w.Words, Ptr[int64](3)) },
			`{"parts":[{"id":2},null],"words":[1,null,3]}`,
		},
		"nil in an object": {
			`{"part":{"id":1,"note":"a"}}`, func(w *whole) { w.Part.Note = nil },
			`part.note: it was set and is nil, which does not clear it; set it to signalwire.Ptr("")`,
		},
		"nil in an array": {
			`{"parts":[{"id":1,"note":"a","newer":1}]}`, func(w *whole) { w.Parts[0].Note = nil },
			`{"parts":[{"id":1,"newer":1}]}`,
		},
		"a field of an object with members of any name": {
			`{"component":{"n":9007199254740993,"type":"a","b":[1.0, null]}}`, func(w *whole) { w.Component.Type = "b" },
			`{"component":{"type":"b","b":[1.0, null],"n":9007199254740993}}`,
		},
		"one of these members": {
			`{"components":[{"type":"a","n":9007199254740993,"b":{"c": 1.0,"d":"<"},"e":1},{"type": "f"}]}`, func(w *whole) {
				w.Components[0].AdditionalProperties["b"].(map[string]any)["d"] = ">"
				w.Components[0].AdditionalProperties["a"] = 1
				delete(w.Components[0].AdditionalProperties, "e")
			},
			`{"components":[{"type":"a","a":1,"b":{"c":1.0,"d":">"},"n":9007199254740993},{"type": "f"}]}`,
		},
		"an odd value beside these members": {
			`{"component":{"type":7,"n":9007199254740993}}`, func(w *whole) { w.Component.AdditionalProperties["a"] = 1 },
			`{"component":{"type":"7","a":1,"n":9007199254740993}}`,
		},
		"what could not be read in an object": {
			`{"part":{"id":1,"note":{}}}`, func(w *whole) { w.Part.ID = 2 },
			`{"part":{"id":2,"note":{}}}`,
		},
		"a member that was not there": {
			`{"part":{"id":1}}`, func(w *whole) { w.Codec = Ptr("a") },
			`{"codec":"a"}`,
		},
		"another could not be read": {
			`{"codec":"a","codecs":{}}`, func(w *whole) { w.Codecs = Ptr("b") },
			`{"codecs":"b"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var update whole
			e, err := newEdit(&gen.EditRule{}, reflect.ValueOf(&update).Elem(), []byte(tt.read))
			require.NoError(t, err)
			tt.change(&update)
			members, changed, err := e.changedFields(&callConfig{})
			if err != nil {
				require.EqualError(t, err, tt.want)
				return
			}
			require.True(t, changed)
			require.Equal(t, tt.want, string(appendObject(nil, members)))
			require.NoError(t, e.conflict(members, []byte(tt.read)), "nothing has changed since")
		})
	}
	var update whole
	e, err := newEdit(&gen.EditRule{Full: true}, reflect.ValueOf(&update).Elem(), []byte(`{"parts":[ {"id":1}, null ]}`))
	require.NoError(t, err)
	update.Codec = Ptr("a")
	members, _, err := e.changedFields(&callConfig{})
	require.NoError(t, err)
	require.Equal(t, `{"codec":"a","parts":[ {"id":1}, null ]}`, string(appendObject(nil, members)))

	change, changed := Diff(part{ID: 1, Note: Ptr("a")}, part{ID: 1, Note: Ptr("b")})
	require.True(t, changed)
	require.Equal(t, part{ID: 1, Note: Ptr("b")}, change, "a required field is sent always")
}
