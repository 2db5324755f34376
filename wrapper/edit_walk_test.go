package signalwire_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/signalwiretest"
)

// Each settable field of each resource that can be edited is edited alone. Then
// it has its new value, and everything else is as it was: whether a PUT merges
// or replaces, and in whichever odd forms the Space responds.
func TestEditWalk(t *testing.T) {
	t.Parallel()
	modes := map[string][]signalwiretest.Option{
		"merging":               nil,
		"replacing":             {signalwiretest.WithReplacingPUT()},
		"merging with quirks":   {signalwiretest.WithQuirks()},
		"replacing with quirks": {signalwiretest.WithReplacingPUT(), signalwiretest.WithQuirks()},
	}
	if testing.Short() { // the two that differ most
		modes = map[string][]signalwiretest.Option{"merging": nil, "replacing with quirks": modes["replacing with quirks"]}
	}
	edits := 0
	for _, m := range clientMethods() {
		if m.calls != "Edit" {
			continue
		}
		edits++
		i := slices.IndexFunc(description().Operations, func(d described) bool { return d.ID == m.op.ID })
		d := description().Operations[i]
		for _, mode := range slices.Sorted(maps.Keys(modes)) {
			t.Run(m.name+", "+mode, func(t *testing.T) {
				if raceEnabled && edits%8 != 3 {
					t.Skip("a few are enough for the race detector")
				}
				t.Parallel()
				newEditWalk(t, d, m, modes[mode]...).walk()
			})
		}
	}
	require.Greater(t, edits, 25)
}

// editWalk edits a resource field by field.
type editWalk struct {
	*testing.T
	m       *clientMethod
	request schema // of the update
	read    schema // the properties of the settings in the response
	author  *author
	space   *signalwiretest.Space
	client  *signalwire.Client
	path    string
	in      []reflect.Value // the arguments before the change
}

func newEditWalk(t *testing.T, d described, m *clientMethod, opts ...signalwiretest.Option) *editWalk {
	w := &editWalk{
		T: t, m: m, request: resolve(d.RequestBody.json()), author: newAuthor(true, 0, d.ID),
		space: signalwiretest.New(t, opts...),
		in:    []reflect.Value{reflect.ValueOf(t.Context())},
	}
	w.client = w.space.Client(signalwire.WithMaxAttempts(1), signalwire.WithTimeout(5*time.Minute)) // as on a machine under load
	e := &experiment{T: t, described: d}
	args := e.arguments(w.author)
	w.path = args.at
	for _, name := range parameterName.FindAllStringSubmatch(d.Path, -1) {
		id := reflect.New(m.typ.In(len(w.in)))
		require.NoError(t, json.Unmarshal(must(json.Marshal(args.path[name[1]])), id.Interface()))
		w.in = append(w.in, id.Elem())
	}
	// A resource that has all that a response can have, with settings as a
	// request can set them.
	_, response := d.success()
	w.read = resolve(response)["properties"].(schema)
	if settings, ok := w.read[m.op.Edit.Settings].(schema); ok {
		w.read = resolve(settings)["properties"].(schema)
	}
	resource := w.author.value(response, 0).(schema)
	settings, isObject := resource[m.op.Edit.Settings].(schema)
	if !isObject {
		settings = resource
	}
	body := w.author.value(w.request, 0).(schema)
	for _, name := range slices.Sorted(maps.Keys(body)) {
		v := w.value(name, 0)
		body[name] = v
		if slices.Contains(m.op.Edit.WriteOnly, name) {
			resource[name] = v
		} else {
			settings[w.named(name)] = v
		}
	}
	for _, name := range []string{"name", "display_name"} { // after which the envelope is named
		if value, ok := body[name]; ok && m.op.Edit.Settings != "" {
			resource["display_name"] = value
		}
	}
	w.space.PutAt(w.path, resource)
	w.get() // makes up what is missing
	return w
}

// value makes up a value for a field that fits the request and the response.
func (w *editWalk) value(field string, depth int) any {
	property := w.request["properties"].(schema)[field].(schema)
	limits := func(s schema) bool { return resolve(s)["format"] != nil || resolve(s)["enum"] != nil }
	if read, ok := w.read[w.named(field)].(schema); ok && !limits(property) {
		variants, _ := resolve(read)["anyOf"].([]any)
		for _, variant := range append(variants, read) {
			if limits(variant.(schema)) {
				property = variant.(schema)
			}
		}
	}
	return w.author.value(property, depth)
}

// named is the name that a field has in the response.
func (w *editWalk) named(field string) string {
	if name, ok := w.m.op.Edit.Names[field]; ok {
		return name
	}
	return field
}

// get reads the resource as a client does, and returns all that the Space has.
func (w *editWalk) get() (resource, settings schema) {
	w.Helper()
	require.NoError(w, w.client.Do(w.Context(), "GET", w.path, nil, nil))
	stored, there := w.space.GetAt(w.path)
	require.True(w, there)
	require.NoError(w, json.Unmarshal(stored, &resource))
	settings, isObject := resource[w.m.op.Edit.Settings].(schema)
	if !isObject {
		settings = resource
	}
	return resource, settings
}

func (w *editWalk) walk() {
	w.Helper()
	update := w.m.typ.In(w.m.typ.NumIn() - 2).In(0).Elem()
	walked := 0
	for i := range update.NumField() {
		field, _, _ := strings.Cut(update.Field(i).Tag.Get("json"), ",")
		if w.request["properties"].(schema)[field] == nil {
			continue
		}
		_, settings := w.get()
		for range 20 {
			value := w.value(field, 1)
			if value != nil && !reflect.DeepEqual(jsonValue(w, value), jsonValue(w, settings[w.named(field)])) {
				w.edit(update, i, field, value)
				walked++
				break
			}
		}
	}
	require.Positive(w, walked)
}

// edit edits one field.
func (w *editWalk) edit(update reflect.Type, i int, field string, value any) {
	w.Helper()
	before, _ := w.get()
	change := reflect.MakeFunc(w.m.typ.In(w.m.typ.NumIn()-2), func(in []reflect.Value) []reflect.Value {
		one := reflect.New(update)
		require.NoError(w, json.Unmarshal(must(json.Marshal(schema{field: value})), one.Interface()))
		in[0].Elem().Field(i).Set(one.Elem().Field(i))
		return []reflect.Value{reflect.Zero(reflect.TypeFor[error]())}
	})
	out := w.m.of(w.client).Call(append(slices.Clip(w.in), change))
	journal := w.space.Requests()
	require.Nil(w, out[2].Interface(), "%s: %s", field, journal[len(journal)-1])
	require.True(w, out[1].Bool(), field)

	after, settings := w.get()
	if slices.Contains(w.m.op.Edit.WriteOnly, field) {
		if set, ok := after[field]; ok {
			require.Equal(w, jsonValue(w, value), set, field)
			delete(before, field)
			delete(after, field)
		}
	} else {
		got := settings[w.named(field)]
		if patch, ok := value.(schema); ok && w.m.op.Method == "PATCH" { // is merged
			for name, v := range patch {
				require.Equal(w, jsonValue(w, v), got.(schema)[name], field)
			}
		} else {
			require.Equal(w, jsonValue(w, value), got, field)
		}
	}
	// The envelope is named after what is in it.
	for _, resource := range []schema{before, after} {
		inner, isObject := resource[w.m.op.Edit.Settings].(schema)
		if !isObject {
			inner = resource
		}
		delete(inner, w.named(field))
		for _, name := range []string{"updated_at", "date_updated"} {
			delete(resource, name)
			delete(inner, name)
		}
		if field == "name" || field == "display_name" {
			delete(resource, "display_name")
		}
	}
	if strings.HasSuffix(w.Name(), "quirks") { // A time goes back in the form in which it was read.
		before, after = withPlainTimes(before).(schema), withPlainTimes(after).(schema)
	}
	require.Equal(w, before, after, fmt.Sprintf("what was not touched when %s was edited", field))
}

// withPlainTimes returns v with all times as Go writes them.
func withPlainTimes(v any) any {
	switch v := v.(type) {
	case schema:
		for name, value := range v {
			v[name] = withPlainTimes(value)
		}
	case []any:
		for i, value := range v {
			v[i] = withPlainTimes(value)
		}
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

// jsonValue is a value as it comes out of JSON.
func jsonValue(t require.TestingT, v any) (out any) {
	require.NoError(t, json.Unmarshal(must(json.Marshal(v)), &out))
	return out
}
