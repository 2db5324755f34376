package changes

import (
	"fmt"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
)

// place is where a change is.
type place struct {
	spec   string // in the description: SipGateway
	symbol string // in Go: gen.SIPGateway.Name, if it has a name
	typ    string // the Go type there, by its name in package gen
	own    string // of an operation, the name that no other has
	part   string // which part of that, in words
	path   string // which member of that, if it has no name in Go
}

func (p place) display() string {
	if p.symbol != "" {
		return code(p.symbol)
	}
	return code(p.spec)
}

// of is a part of what is at p.
func (p place) of(part string) place {
	if p.path != "" {
		p.part += code(p.path) + ": "
		p.path = ""
	}
	p.part += part
	return p
}

// member is the place of a member of what is at p.
func (r *reporter) member(p place, name string) place {
	for _, s := range []*State{&r.new, &r.old} {
		if typ := s.Names.Types[p.typ]; typ != nil && typ.Fields[name].Name != "" {
			f := typ.Fields[name]
			return place{spec: p.spec + "." + name, symbol: "gen." + p.typ + "." + f.Name, typ: lock.BaseType(f.Type)}
		}
	}
	p.path = strings.TrimPrefix(p.path+"."+name, ".")
	p.typ = ""
	return p
}

// schemaPlace is the place of a schema with a name of its own. Of schemas that are
// JSON as it is in Go, many are one type, so that the schema says more.
func (r *reporter) schemaPlace(name string) place {
	for _, s := range []*State{&r.new, &r.old} {
		if typ := s.Names.Schemas[name]; s.Names.Types[typ] != nil {
			return place{spec: name, symbol: "gen." + typ, typ: typ}
		}
	}
	return place{spec: name}
}

// methodPlace is the place of an operation: its method. It returns the methods
// that are made from it, too.
func (r *reporter) methodPlace(s *State, o operation) (p place, more []string) {
	p = place{spec: o.String()}
	if known := s.Names.Operations[o.String()]; known != nil {
		p.own = known.Name
		for i, method := range known.Methods {
			if i == 0 {
				p.symbol = "gen." + method
			} else {
				more = append(more, "gen."+method)
			}
		}
	}
	return p, more
}

// constants lists values with their names in Go.
func (r *reporter) constants(s *State, p place, values []any) (words string, symbols []string) {
	var texts []string
	for _, v := range values {
		text := value(v)
		if typ := s.Names.Types[p.typ]; typ != nil && typ.Values[fmt.Sprint(v)] != "" {
			name := "gen." + typ.Values[fmt.Sprint(v)]
			text += " (" + code(name) + ")"
			symbols = append(symbols, name)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", "), symbols
}
