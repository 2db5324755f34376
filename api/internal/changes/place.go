package changes

import (
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
)

// place is where a change is.
type place struct {
	name   string // of the operation, schema or field, in Go if it has one: gen.SIPGateway.Name
	typ    string // the Go type there, by its name in package gen
	within string // which part of that, in words
}

func inGo(name, typ string) place { return place{name: "gen." + name, typ: typ} }

func (p place) isInGo() bool { return strings.HasPrefix(p.name, "gen.") }

// of is a part of what is at p.
func (p place) of(part string) place {
	p.within += part
	return p
}

// member is the place of a member of what is at p.
func (r *reporter) member(p place, name string) place {
	for _, s := range []*State{&r.new, &r.old} {
		if typ := s.Names.Types[p.typ]; typ != nil && typ.Fields[name].Name != "" {
			return inGo(p.typ+"."+typ.Fields[name].Name, lock.BaseType(typ.Fields[name].Type))
		}
	}
	p.typ = ""
	path, nested := strings.CutSuffix(p.within, "` ")
	switch {
	case nested:
		p.within = path + "." + name + "` "
	case p.within == "" && !p.isInGo():
		p.name += "." + name
	default:
		p.within += code(name) + " "
	}
	return p
}

// schemaPlace is the place of a schema with a name of its own. Of schemas that are
// JSON as it is in Go, many are one type, so that the schema says more.
func (r *reporter) schemaPlace(name string) place {
	for _, s := range []*State{&r.new, &r.old} {
		if typ := s.Names.Schemas[name]; s.Names.Types[typ] != nil {
			return inGo(typ, typ)
		}
	}
	return place{name: name}
}

// parameter is the place of a parameter: a field of the operation's parameters, or
// an argument of its method.
func (r *reporter) parameter(p place, n node) place {
	name := text(n["name"])
	if field := r.member(place{typ: p.typ}, name); field.isInGo() {
		return field
	}
	return p.of(text(n["in"]) + " parameter " + code(name) + ": ")
}
