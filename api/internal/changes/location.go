package changes

import (
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
)

// location is what a line of the report is about.
type location struct {
	name   string // the Go symbol, such as gen.SIPGateway.Name, or else the schema, field, operation or webhook
	goType string // the Go type of the value there, by its name in package gen, or ""
	detail string // the part of the value that the line is about, in words, or ""
}

// inGo returns the location of a symbol of package gen.
func inGo(symbol, goType string) location { return location{name: "gen." + symbol, goType: goType} }

func (l location) isInGo() bool { return strings.HasPrefix(l.name, "gen.") }

// part returns the location of a part of l, given in words.
func (l location) part(words string) location {
	l.detail += words
	return l
}

// nested returns the location of a value in the value at l. It extends a path such as
// `call_log[]` by another step, or else describes the value in words.
func (l location) nested(step, words string) location {
	if path, ok := strings.CutSuffix(l.detail, "` "); ok {
		l.detail = path + step + "` "
		return l
	}
	return l.part(words + " ")
}

// property returns the location of a property of the object at l.
func (r *reporter) property(l location, name string) location {
	if field := r.names.Field(l.goType, name); field.Name != "" {
		return inGo(l.goType+"."+field.Name, lock.BaseType(field.Type))
	}
	l.goType = ""
	if l.detail == "" && !l.isInGo() {
		l.name += "." + name
		return l
	}
	return l.nested("."+name, code(name))
}

// schemaLocation returns the location of a named schema: its Go type, or its name if it
// is raw JSON in Go, as many schemas are.
func (r *reporter) schemaLocation(name string) location {
	if typ := r.names.Schemas[name]; r.names.Types[typ] != nil {
		return inGo(typ, typ)
	}
	return location{name: name}
}

// parameter returns the location of a parameter of the operation at l: a field of the
// struct with the operation's parameters, or an argument of its method.
func (r *reporter) parameter(l location, parameter object) location {
	name := asString(parameter["name"])
	if field := r.property(location{goType: l.goType}, name); field.isInGo() {
		return field
	}
	return l.part(asString(parameter["in"]) + " parameter " + code(name) + ": ")
}
