package signalwire

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"
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

		Tags []string `json:"tags,omitzero"`

		Size nullable.Nullable[int64] `json:"size,omitempty"`
	}
	type list struct {
		ID   int64    `json:"id"`
		Tags []string `json:"tags"`
		Size int64    `json:"size"`
	}
	type whole struct {
		Codec  *string  `json:"codec,omitempty"`
		Codecs *string  `json:"codecs,omitempty"`
		Part   *part    `json:"part,omitempty"`
		Parts  []part   `json:"parts,omitzero"`
		Words  []*int64 `json:"words,omitzero"`

		Lists []list                    `json:"lists,omitzero"`
		Map   map[string]map[string]any `json:"map,omitzero"`

		Pages []struct {
			Data []string `json:"data"`
		} `json:"pages,omitzero"`
		Names []string `json:"names,omitzero"`

		Dial gen.DialParams `json:"dial,omitzero"`

		Times []time.Time `json:"times,omitzero"`
		IDs   []uuid.UUID `json:"ids,omitzero"`

		Size     nullable.Nullable[int64] `json:"size,omitempty"`
		Document gen.SWML                 `json:"document,omitzero"`

		Documents []gen.SWML `json:"documents,omitzero"`

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
		"other elements than before": {
			`{"parts":[{"id":1,"newer":1},{"id":2,"newer":2}]}`, func(w *whole) { w.Parts = []part{{ID: 3}} },
			`{"parts":[{"id":3}]}`,
		},
		"an object in an array of its own": {
			`{"part":[{"id":1,"newer":1}]}`, func(w *whole) { w.Part.ID = 2 },
			`{"part":{"id":2,"newer":1}}`,
		},
		"an unchanged object in an array of its own": {
			`{"parts":[{"id":1},[{"id":2,"newer":2}]]}`, func(w *whole) { w.Parts[0].ID = 3 },
			`{"parts":[{"id":3},{"id":2,"newer":2}]}`,
		},
		"several objects where one was expected": {
			`{"parts":[[{"id":1},{"id":2}]],"map":{"a":[{"b":1},{"b":2}]}}`, func(w *whole) { w.Parts[0].ID = 3; w.Map["a"] = map[string]any{"b": 3} },
			`{"parts":[{"id":3}],"map":{"a":{"b":3}}}`,
		},
		"another variant of a union": {
			`{"dial":{"from":"a","to":"b","url":"c","newer":1}}`, func(w *whole) { w.Dial = gen.NewDialParams(gen.DialURLParams{From: "a", To: Ptr("d"), URL: "c"}) },
			`{"dial":{"from":"a","to":"d","url":"c"}}`,
		},
		"objects with entries of any name, in arrays of their own": {
			`{"map":[{"a":[{"b":1.0}],"d":{"e":"f"}}]}`, func(w *whole) { w.Map["d"]["e"] = "g" },
			`{"map":{"a":{"b":1.0},"d":{"e":"g"}}}`,
		},
		"a member that was null is not sent": {
			`{"parts":[{"id":1,"size":null,"newer":1},{"id":2}]}`, func(w *whole) { w.Parts[0].Size.SetUnspecified(); w.Parts[1].Size.SetUnspecified() },
			`{"parts":[{"id":1,"newer":1},{"id":2}]}`,
		},
		"an object in place of an array": {
			`{"parts":{"id":1,"newer":1}}`, func(w *whole) { w.Parts[0].ID = 2 },
			`{"parts":[{"id":2,"newer":1}]}`,
		},
		"an object with an array in place of the array": {
			`{"parts":{"data":[{"id":1,"newer":1},{"id":2,"newer":2}]}}`, func(w *whole) { w.Parts[0].ID = 3 },
			`{"parts":[{"id":3,"newer":1},{"id":2,"newer":2}]}`,
		},
		"an object with a member data in place of an array of such objects": {
			`{"pages":{"data":[],"newer":1}}`, func(w *whole) { w.Pages[0].Data = []string{"a"} },
			`{"pages":[{"data":["a"],"newer":1}]}`,
		},
		"names of members in place of an array": {
			`{"names":{"a":true}}`, func(w *whole) { w.Names = append(w.Names, "b") },
			`{"names":["a","b"]}`,
		},
		"null in an array": {
			`{"parts":[{"id":1}, null ],"words":[1, null]}`, func(w *whole) { w.Parts[0].ID = 2; w.Words = append(w.Words, Ptr[int64](3)) },
			`{"parts":[{"id":2},null],"words":[1,null,3]}`,
		},
		"an object that is made nil": {
			`{"part":{"id":1}}`, func(w *whole) { w.Part = nil },
			`part: it was set and is nil, which does not clear it; set it to &signalwire.part{}`,
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
		"an odd value that was not changed, beside these members": {
			`{"components":[{"type":7,"n":1},{"type":"b"}]}`, func(w *whole) { w.Components[1].Type = "c" },
			`{"components":[{"type":"7","n":1},{"type":"c"}]}`,
		},
		"what could not be read in an object": {
			`{"part":{"id":1,"note":{}}}`, func(w *whole) { w.Part.ID = 2 },
			`{"part":{"id":2,"note":{}}}`,
		},
		"an array in an object that could not be read": {
			`{"part":{"id":1,"tags":5}}`, func(w *whole) { w.Part.Tags = append(w.Part.Tags, "a") },
			`part.tags: its value in the response could not be read, and its elements could be lost; set all of them with the update`,
		},
		"an array in an element that could not be read": {
			`{"parts":[{"id":1},{"id":2,"tags":5}]}`, func(w *whole) { w.Parts[1].Tags = append(w.Parts[1].Tags, "a") },
			`parts[1].tags: its value in the response could not be read, and its elements could be lost; set all of them with the update`,
		},
		"another member beside such an array": {
			`{"part":{"id":1,"tags":5}}`, func(w *whole) { w.Part.ID = 2 },
			`{"part":{"id":2,"tags":5}}`,
		},
		"an array that was null": {
			`{"part":{"id":1,"tags":null}}`, func(w *whole) { w.Part.Tags = append(w.Part.Tags, "a") },
			`{"part":{"id":1,"tags":["a"]}}`,
		},
		"a member that was not there": {
			`{"part":{"id":1}}`, func(w *whole) { w.Codec = Ptr("a") },
			`{"codec":"a"}`,
		},
		"times and ids as the encoder does not write them": {
			`{"times":["2026-01-02T03:04:05.100Z","2026-01-02T03:04:05+00:00"],"ids":["233DFFC2-2AD3-455E-A597-0E332C39662A"]}`, func(w *whole) {
				w.Times = append(w.Times, time.Unix(0, 0).UTC())
				w.IDs = append(w.IDs, uuid.Max)
			},
			`{"times":["2026-01-02T03:04:05.100Z","2026-01-02T03:04:05+00:00","1970-01-01T00:00:00Z"],"ids":["233DFFC2-2AD3-455E-A597-0E332C39662A","ffffffff-ffff-ffff-ffff-ffffffffffff"]}`,
		},
		"a document that is not UTF-8, and another one": {
			"{\"documents\":[\"\xff\", 1 ]}", func(w *whole) { w.Documents = append(w.Documents, gen.SWML("2")) },
			"{\"documents\":[\"\xff\",1,2]}",
		},
		"nothing where there was null": {
			`{"document":null,"codec":"a"}`, func(w *whole) { w.Document = nil; w.Codec = Ptr("b") },
			`{"codec":"b"}`,
		},
		"null where there was nothing": {
			`{}`, func(w *whole) { w.Size = Null[int64](); w.Document = gen.SWML("null") },
			`{"size":null,"document":null}`,
		},
		"a new element before another one": {
			`{"parts":[{"id":1,"newer":1}]}`, func(w *whole) { w.Parts = append([]part{{ID: 3}}, w.Parts...) },
			`{"parts":[{"id":3},{"id":1,"newer":1}]}`,
		},
		"a new element in place of one that moved": {
			`{"parts":[{"id":1,"newer":1},{"id":2,"newer":2}]}`, func(w *whole) { w.Parts = []part{{ID: 3}, w.Parts[0]} },
			`{"parts":[{"id":3},{"id":1,"newer":1}]}`,
		},
		"an element in its place, and another one": {
			`{"parts":[{"id":1,"newer":1}]}`, func(w *whole) { w.Parts[0].ID = 2; w.Parts = append(w.Parts, part{ID: 3}) },
			`{"parts":[{"id":2,"newer":1},{"id":3}]}`,
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

	// What a server left out is left out, also if the rest has to be encoded again.
	update = whole{}
	e, err = newEdit(&gen.EditRule{Full: true}, reflect.ValueOf(&update).Elem(), []byte(`{"lists":[{"id":"1"},{"id":2,"tags":null}]}`))
	require.NoError(t, err)
	update.Codec = Ptr("b")
	members, _, err = e.changedFields(&callConfig{})
	require.NoError(t, err)
	require.Equal(t, `{"codec":"b","lists":[{"id":1},{"id":2,"tags":null}]}`, string(appendObject(nil, members)))

	change, changed := Diff(part{ID: 1, Note: Ptr("a")}, part{ID: 1, Note: Ptr("b")})
	require.True(t, changed)
	require.Equal(t, part{ID: 1, Note: Ptr("b")}, change, "a required field is sent always")
}
