package swml_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml/messaging"
)

// dialect is one of the two packages.
type dialect struct {
	schema []byte
	folder string
	encode func(v any) ([]byte, error)
	decode func(data []byte, v any) error
	redact func(v any) json.RawMessage
	step   func(data string) any // a step
	others []any
}

var dialects = []dialect{
	{api.SWML, ".", swml.Encode, swml.Decode, swml.Redact, func(data string) any {
		var steps swml.Section
		_ = swml.Decode([]byte("["+data+"]"), &steps)
		return steps[0]
	}, []any{swml.Document{}, swml.Unknown{}, swml.Value[int]{}, swml.Value[bool]{}, swml.Value[float64]{}, swml.OneOrMany[string]{}, swml.Extra{}}},
	{api.SWMLMessaging, "messaging", messaging.Encode, messaging.Decode, messaging.Redact, func(data string) any {
		var steps messaging.Section
		_ = messaging.Decode([]byte("["+data+"]"), &steps)
		return steps[0]
	}, []any{messaging.Document{}, messaging.Unknown{}}},
}

// types are the types of a package, with the names of those that are verbs. The test
// fails if one that is declared is not among them.
func (d dialect) types(t *testing.T) map[reflect.Type]string {
	var schema struct {
		Defs map[string]struct {
			AnyOf []struct {
				Ref string `json:"$ref"`
			}
			Properties map[string]any
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(d.schema, &schema))
	found := map[reflect.Type]string{}
	names := map[string]bool{}
	var add func(v reflect.Type)
	add = func(v reflect.Type) {
		if v.PkgPath() != "" {
			if _, has := found[v]; has {
				return
			}
			found[v] = ""
			names[v.Name()] = true
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			add(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				add(v.Field(i).Type)
			}
		}
	}
	verbs := map[reflect.Type]string{}
	for _, ref := range schema.Defs["SWMLMethod"].AnyOf {
		for name := range schema.Defs[strings.TrimPrefix(ref.Ref, "#/$defs/")].Properties {
			for _, data := range []string{"{}", `"a"`, "[]"} {
				if step := reflect.TypeOf(d.step(`{"` + name + `":` + data + `}`)); step.Name() != "Unknown" {
					verbs[step] = name
					add(step)
				}
			}
		}
	}
	require.Len(t, verbs, len(schema.Defs["SWMLMethod"].AnyOf))
	for _, v := range d.others {
		add(reflect.TypeOf(v))
	}
	for v, name := range verbs {
		found[v] = name
	}
	file, err := parser.ParseFile(token.NewFileSet(), d.folder+"/swml.gen.go", nil, 0)
	require.NoError(t, err)
	for _, decl := range file.Decls {
		if types, ok := decl.(*ast.GenDecl); ok && types.Tok == token.TYPE {
			for _, spec := range types.Specs {
				require.True(t, names[spec.(*ast.TypeSpec).Name.Name], "%s is not tested", spec.(*ast.TypeSpec).Name.Name)
			}
		}
	}
	return found
}

const (
	password = "correct-horse"
	card     = "4111 1111 1111 1111"
)

// secretive sets each field of v to what has a secret in it.
func secretive(v reflect.Value, name string, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("say:my card is " + card + ", https://u:" + password + "@example.com")
		if strings.Contains(name, "password") || strings.Contains(name, "token") {
			v.SetString(password)
		}
	case reflect.Interface:
		for _, x := range []any{swml.Answer{Password: password}, messaging.Reply{Body: card}, map[string]any{"password": password, "x": []any{card}}} {
			if reflect.TypeOf(x).Implements(v.Type()) {
				v.Set(reflect.ValueOf(x))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		secretive(v.Elem(), name, depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		secretive(v.Index(0), name, depth+1)
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		secretive(value, name, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("password"), value)
	case reflect.Struct:
		if depth > 4 || strings.HasPrefix(v.Type().Name(), "Value[") { // which has no room for secrets
			return
		}
		for i := range v.NumField() {
			tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			secretive(v.Field(i), tag, depth+1)
		}
	}
}

// TestPartsShowNoSecrets: whatever may have a secret in it is printed and logged
// without it: each type by itself, by pointer, and in slices and maps.
func TestPartsShowNoSecrets(t *testing.T) {
	for _, d := range dialects {
		for typ := range d.types(t) {
			v := reflect.New(typ).Elem()
			secretive(v, "", 0)
			if typ.Kind() == reflect.String && !hasMethod(typ, "String") {
				continue // an enumeration
			}
			inSlice, inMap := reflect.MakeSlice(reflect.SliceOf(typ), 0, 1), reflect.MakeMap(reflect.MapOf(reflect.TypeFor[string](), typ))
			inMap.SetMapIndex(reflect.ValueOf("a"), v)
			var b bytes.Buffer
			for _, v := range []any{v.Interface(), v.Addr().Interface(), reflect.Append(inSlice, v).Interface(), inMap.Interface(), []any{v.Interface()}} {
				fmt.Fprintf(&b, "%v\n%+v\n%s\n", v, v, v)
				slog.New(slog.NewTextHandler(&b, nil)).Info("x", "part", v)
				slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "part", d.redact(v))
			}
			for _, v := range []any{v.Interface(), v.Addr().Interface()} {
				slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "part", v)
				_, err := d.encode(v)
				require.NoError(t, err)
			}
			slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "parts", reflect.Append(inSlice, onlySecrets(typ)).Interface())
			require.NotContains(t, b.String(), password, "%v", typ)
			require.NotContains(t, b.String(), card, "%v", typ)
		}
	}
}

// onlySecrets returns a value that has nothing but its password or token.
func onlySecrets(typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	for i := 0; typ.Kind() == reflect.Struct && i < typ.NumField(); i++ {
		tag, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if v.Field(i).Kind() == reflect.String && (strings.HasSuffix(tag, "password") || strings.HasSuffix(tag, "token")) {
			v.Field(i).SetString(password)
		}
	}
	return v
}

func hasMethod(t reflect.Type, name string) bool {
	_, has := t.MethodByName(name)
	return has
}

// TestPartsAreReadAsTheyWere: each type takes members that it does not know and
// members of other kinds, and writes them again. What encoding/json makes of it is the
// same, or an error.
func TestPartsAreReadAsTheyWere(t *testing.T) {
	for _, d := range dialects {
		for typ, verb := range d.types(t) {
			names := []string{}
			if typ.Kind() == reflect.Struct {
				for i := range typ.NumField() {
					if tag, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ","); tag != "" && tag != "-" && tag != "Extra" {
						names = append(names, tag)
					}
				}
			}
			sameOrRefused(t, d, reflect.Zero(typ).Interface())
			if typ.Kind() != reflect.Map && len(names) == 0 {
				continue // not an object
			}
			for _, value := range []string{`null`, `""`, `"x"`, `9007199254740993`, `1e400`, `-0`, `1.0`, `true`, `[]`, `{}`, `[null,{"a":1}]`, `{"a":{"b":[123456789012345678901234567890]}}`} {
				var b strings.Builder
				fmt.Fprintf(&b, `{"new":%s,"New":1`, value)
				for _, name := range names {
					fmt.Fprintf(&b, `,%q:%s,%q:2`, name, value, strings.ToUpper(name)+"_")
				}
				text := b.String() + "}"
				if verb != "" {
					text = fmt.Sprintf("{%q:%s}", verb, text)
				}
				part := reflect.New(typ)
				require.NoError(t, d.decode([]byte(text), part.Interface()), "%v %s", typ, text)
				back, err := d.encode(part.Interface())
				require.NoError(t, err)
				require.Equal(t, numbers(t, text), numbers(t, string(back)), "%v", typ)
				again, err := d.encode(part.Elem().Interface())
				require.NoError(t, err)
				require.Equal(t, string(back), string(again))
				sameOrRefused(t, d, part.Elem().Interface())
			}
		}
	}
}

// sameOrRefused requires that json.Marshal encodes a part as Encode does, or returns an
// error.
func sameOrRefused(t *testing.T, d dialect, part any) {
	t.Helper()
	want, err := d.encode(part)
	require.NoError(t, err)
	if got, err := json.Marshal(part); err != nil {
		require.ErrorContains(t, err, "use Encode", "%T", part)
	} else {
		require.Equal(t, numbers(t, string(want)), numbers(t, string(got)), "%T", part)
	}
}

// numbers decodes JSON so that no digit is lost.
func numbers(t *testing.T, text string) (v any) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&v))
	return v
}
