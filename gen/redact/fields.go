package redact

import (
	"reflect"

	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// SensitiveFields returns a function that reports whether the member with a name is
// sensitive, that is, whether a field with the tag sensitive:"true" has that name in
// the type of any value in v. The values in v include those that unions hold.
func SensitiveFields(v any) func(name string) bool {
	names := map[string]bool{}
	collectSensitive(reflect.ValueOf(v), names)
	return func(name string) bool { return names[name] }
}

// collectSensitive sets names[name] to true for the sensitive members of v and of all
// values in v.
func collectSensitive(v reflect.Value, names map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		collectSensitive(v.Elem(), names)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collectSensitive(v.Index(i), names)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			collectSensitive(entry.Value(), names)
		}
	case reflect.Struct:
		if union, ok := v.Interface().(typeinfo.Union); ok {
			collectSensitive(reflect.ValueOf(union.Value()), names)
		}
		known := typeinfo.Of(v.Type())
		for _, f := range known.Fields {
			names[f.Name] = names[f.Name] || f.Sensitive
			collectSensitive(v.Field(f.Index), names)
		}
		if known.Additional >= 0 {
			collectSensitive(v.Field(known.Additional), names)
		}
	}
}
