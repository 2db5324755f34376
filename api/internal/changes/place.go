package changes

import (
	"fmt"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

// place is where a change is.
type place struct {
	spec   string // in the description: SipGateway
	symbol string // in Go: gen.SIPGateway.Name, if it has a name
	typ    string // the Go type there, by its name in package gen
	part   string // which part of that, in words
	path   string // which member of that, if it has no name in Go
}

func (p place) display() string {
	if p.symbol != "" {
		return code(display(p.symbol))
	}
	return code(p.spec)
}

// display is how the report writes a symbol: methods of the client go by
// Client.Name, as they are called through package signalwire.
func display(symbol string) string {
	if method, ok := strings.CutPrefix(symbol, "gen.Client."); ok {
		return "Client." + method
	}
	return symbol
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
		if s.Names == nil {
			continue
		}
		if f, ok := s.Names.Fields[p.typ][name]; ok {
			return place{spec: p.spec + "." + name, symbol: "gen." + p.typ + "." + f.Name, typ: f.Type}
		}
	}
	p.path = strings.TrimPrefix(p.path+"."+name, ".")
	p.typ = ""
	return p
}

// schemaPlace is the place of a schema with a name of its own.
func (r *reporter) schemaPlace(name string) place {
	p := place{spec: name}
	for _, s := range []*State{&r.new, &r.old} {
		n := object(at(s.named, "components", "schemas", name))
		if n == nil || s.Names == nil || p.symbol != "" {
			continue
		}
		for _, candidate := range []string{text(n["x-go-type-name"]), text(n["x-go-type"]), text(n["x-go-name"]), name} {
			if typ := s.Names.Types[goapi.Fold(candidate)]; typ != "" {
				p.symbol, p.typ = "gen."+typ, typ
				break
			}
		}
	}
	return p
}

// methods are the methods of the client that call an operation.
func (r *reporter) methods(s *State, o operation) []string { return s.byPath[o.String()] }

// methodPlace is the place of an operation: its method, and those made from it.
func (r *reporter) methodPlace(s *State, o operation) (p place, more []string) {
	p = place{spec: o.String()}
	for i, method := range r.methods(s, o) {
		if i == 0 {
			p.symbol = "gen.Client." + method
		} else {
			more = append(more, "gen.Client."+method)
		}
	}
	return p, more
}

// hasValues reports whether the type at p has constants.
func (r *reporter) hasValues(p place) bool {
	for _, s := range []*State{&r.old, &r.new} {
		if s.Names != nil && len(s.Names.Values[p.typ]) > 0 {
			return true
		}
	}
	return false
}

// constants lists values with their names in Go.
func (r *reporter) constants(s *State, p place, values []any) (words string, symbols []string) {
	var texts []string
	for _, v := range values {
		text := value(v)
		if s.Names != nil && s.Names.Values[p.typ][fmt.Sprint(v)] != "" {
			name := "gen." + s.Names.Values[p.typ][fmt.Sprint(v)]
			text += " (" + code(name) + ")"
			symbols = append(symbols, name)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", "), symbols
}
