package gen

import "reflect"

// Discriminator returns the member that says that a union holds a type, and its value, and
// whether the function New… of the union sets it. The member is "" if there is none. The union
// is given as a pointer to it.
func Discriminator(union any, held reflect.Type) (member, value string, set bool) {
	described, ok := union.(interface{ variants() *variants })
	if !ok {
		return "", "", false
	}
	v := described.variants()
	for _, entry := range v.list {
		if reflect.TypeOf(entry.nilPointer).Elem() == held && len(entry.constants) > 0 {
			return v.field, entry.constants[0], v.sets && len(entry.constants) == 1
		}
	}
	return "", "", false
}
