package signalwire_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	signalwire "github.com/seed-fbb712e3/signalwire-go/wrapper"
)

// TestUpdateWithoutRequired leaves out each field that an update has to have, one
// at a time: it is refused by name, and nothing is sent.
func TestUpdateWithoutRequired(t *testing.T) {
	t.Parallel()
	client, seen := with(t, say(http.StatusOK, "application/json", "{}"))
	updates, fields := 0, 0
	for _, d := range description().Operations {
		if d.Method != http.MethodPut && d.Method != http.MethodPatch || !strings.HasPrefix(methodOf(t, d.ID).method.method, "Update") {
			continue
		}
		s := resolve(d.RequestBody.json())
		names := list(s["required"])
		if len(names) == 0 {
			continue
		}
		updates++
		full := must(json.Marshal(newAuthor(true, 0, d.ID).value(s, 0)))
		for _, name := range names {
			fields++
			method := methodOf(t, d.ID).of(client)
			in := []reflect.Value{reflect.ValueOf(t.Context())}
			for i := 1; i < method.Type().NumIn()-2; i++ {
				id := reflect.New(method.Type().In(i)).Elem()
				if id.Kind() == reflect.String {
					id.SetString("id")
				} else {
					id.Set(reflect.ValueOf(uuid.UUID{15: 1}))
				}
				in = append(in, id)
			}
			body := reflect.New(method.Type().In(method.Type().NumIn() - 2))
			require.NoError(t, json.Unmarshal(full, body.Interface()), d.ID)
			for i := range body.Elem().NumField() {
				if tag, _, _ := strings.Cut(body.Elem().Type().Field(i).Tag.Get("json"), ","); tag == name {
					body.Elem().Field(i).SetZero()
				}
			}
			out := method.Call(append(in, body.Elem()))
			err, _ := out[len(out)-1].Interface().(error)
			var input *signalwire.InputError
			require.ErrorAs(t, err, &input, "%s without %s", d.ID, name)
			require.Equal(t, name, input.Field, d.ID)
		}
	}
	assertNone(t, seen)
	require.GreaterOrEqual(t, updates, 12) // none is lost
	require.GreaterOrEqual(t, fields, 24)
}
