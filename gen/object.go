package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/seed-fbb712e3/signalwire-go/gen/redact"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// unmarshalObject decodes a JSON object into the struct that object points to. Members
// for which the struct has no field go into its map AdditionalProperties.
func unmarshalObject(text []byte, object any) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	v := reflect.ValueOf(object).Elem()
	known := typeinfo.Of(v.Type())
	for _, f := range known.Fields {
		if raw, ok := members[f.Name]; ok {
			if err := json.Unmarshal(raw, v.Field(f.Index).Addr().Interface()); err != nil {
				return fmt.Errorf("member %q: %w", f.Name, err)
			}
			delete(members, f.Name)
		}
	}
	rest := v.Field(known.Additional)
	rest.SetZero()
	if len(members) == 0 {
		return nil
	}
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, rest.Addr().Interface())
}

// marshalObject encodes the struct that object points to. The entries of its map
// AdditionalProperties become members of the JSON object.
func marshalObject(object any) ([]byte, error) {
	members := map[string]any{}
	v := reflect.ValueOf(object).Elem()
	known := typeinfo.Of(v.Type())
	for _, f := range known.Fields {
		if field := v.Field(f.Index); !f.Optional() || !field.IsZero() {
			members[f.Name] = field.Interface()
		}
	}
	for entry := v.Field(known.Additional).MapRange(); entry.Next(); {
		members[entry.Key().String()] = entry.Value().Interface()
	}
	return json.Marshal(members)
}

// encode returns the JSON of v, in which <, > and & are not escaped.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(buf.Bytes()), err
}

// withoutSecrets returns the JSON of v with secrets redacted, or a JSON string that says why
// there is none. It is not inlined, so that it is not in a program once for each type that
// calls it.
//
//go:noinline
func withoutSecrets(v any) json.RawMessage {
	text, err := encode(v)
	if err != nil {
		text, _ = encode(err.Error())
	}
	return redact.JSON(text, redact.SensitiveFields(v))
}
