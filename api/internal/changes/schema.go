package changes

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// findings are what oasdiff says about one thing, by aspect. Aspects that are
// not known here are reported as changed, so that none is lost.
type findings map[string]json.RawMessage

// sets is how oasdiff tells what a set gained and lost.
type sets struct {
	Added, Deleted []string
	Modified       map[string]findings
}

// branches is the same for the schemas of a union, or of allOf.
type branches struct {
	Added, Deleted []branch
	Modified       []struct {
		Base, Revision branch
		Diff           findings
	}
}

type branch struct {
	Index     int
	Component string
}

type fromTo struct{ From, To any }

// misread is what read panics with: a finding that is passed over would be a
// change that nobody hears of.
type misread struct{ error }

func read[T any](raw json.RawMessage) (v T) {
	if len(raw) == 0 {
		return v
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		panic(misread{fmt.Errorf("oasdiff says %.200s, where this program knows other fields: %w", raw, err)})
	}
	return v
}

// place is where a change is.
type place struct {
	spec   string // in the description: SipGateway.name
	symbol string // in Go: gen.SIPGateway.Name, if it has a name
	typ    string // the Go type there, by its name in package gen
	part   string // which part of an operation, if that is the place
	use    use
}

func (p place) display() string {
	if p.symbol != "" {
		return code(display(p.symbol))
	}
	return code(p.spec)
}

// of is the place of a part of the operation at p.
func (p place) of(part string, u use) place {
	u.methods = map[string]bool{p.display(): true}
	return place{spec: p.spec, symbol: p.symbol, part: part + ": ", use: u}
}

// use tells who sends or receives a schema.
type use struct {
	request, answer bool
	methods         map[string]bool
}

// class picks the worse of what a change means in requests and in answers. What
// no operation uses, such as the payload of a webhook, is received.
func (u use) class(request, answer class) class {
	switch {
	case u.request && u.answer:
		return max(request, answer)
	case u.request:
		return request
	}
	return answer
}

// property is the place of a property of what is at p.
func (r *reporter) property(p place, name string) place {
	p.spec += "." + name
	for _, names := range []map[string]map[string]field{r.fields(1), r.fields(0)} {
		if f, ok := names[p.typ][name]; ok {
			p.symbol, p.typ, p.part = "gen."+p.typ+"."+f.Name, f.Type, ""
			return p
		}
	}
	p.symbol, p.typ = "", ""
	return p
}

// schema reports what changed of a schema. What it refers to is reported where
// that is declared, once.
func (r *reporter) schema(p place, d findings, old, new node) {
	if refName(old) != "" && refName(old) == refName(new) {
		r.besideRef(p, old, new)
		return
	}
	plainOld, nullOld := withoutNull(old)
	plainNew, nullNew := withoutNull(new)
	switch {
	case nullNew && !nullOld:
		r.add(p.use.class(addition, behaviour), p, "can be null now")
	case nullOld && !nullNew:
		r.add(p.use.class(breaks, behaviour), p, "cannot be null any more")
	}
	// If one is anyOf [X, null] and the other is X, oasdiff compared different things.
	sameForm := reflect.DeepEqual(plainOld, old) == reflect.DeepEqual(plainNew, new)
	if refOld, refNew := refName(plainOld), refName(plainNew); refOld != refNew && (refOld == "" || refNew == "") {
		plainOld, plainNew = resolve(r.docs[0], plainOld), resolve(r.docs[1], plainNew) // the same may be said elsewhere now
		old, new = plainOld, plainNew
	}
	if kind(plainOld) != kind(plainNew) || refName(plainOld) != refName(plainNew) {
		r.add(r.shape(), p, fmt.Sprintf("was %s, is %s", r.typeText(plainOld), r.typeText(plainNew)))
		return
	}
	if refName(plainOld) != "" {
		return
	}
	if !sameForm {
		if !reflect.DeepEqual(meaning(plainOld), meaning(plainNew)) {
			r.add(behaviour, p, "what it can be, but for null, changed")
		}
		return
	}
	r.properties(p, d, old, new)
	for _, key := range slices.Sorted(maps.Keys(d)) {
		raw := d[key]
		switch key {
		case "type", "listOfTypes", "format", "required", "properties": // done
		case "examples", "example", "externalDocs", "xml", "comment": // of no concern to callers
		case "enum":
			r.enum(p, raw)
		case "const":
			change := read[fromTo](raw)
			r.add(p.use.class(breaks, behaviour), p, fmt.Sprintf("was always %s, is %s", value(change.From), value(change.To)))
		case "oneOf", "anyOf":
			r.union(p, key, read[branches](raw), old, new)
		case "allOf":
			all := read[branches](raw)
			for _, b := range all.Added {
				r.add(behaviour, p, "gains what "+r.branch(b, at(new, key, b.Index))+" has")
			}
			for _, b := range all.Deleted {
				r.add(r.shape(), p, "loses what "+r.branch(b, at(old, key, b.Index))+" has")
			}
			r.inline(p, key, all, old, new)
		case "items":
			r.schema(p, read[findings](raw), object(old["items"]), object(new["items"]))
		case "additionalProperties", "unevaluatedProperties", "additionalPropertiesAllowed", "unevaluatedPropertiesAllowed":
			key = strings.TrimSuffix(key, "Allowed")
			if was, is := r.further(old[key]), r.further(new[key]); was != is {
				r.add(behaviour, p, fmt.Sprintf("further fields: was %s, is %s", was, is))
			}
		case "deprecated":
			if new["deprecated"] == true {
				r.add(behaviour, p, "deprecated")
			}
		default:
			r.add(p.use.class(limitClass(key, raw), behaviour), p, aspect(key, raw))
		}
	}
}

// limitClass is what a change of a limit means in a request: a limit that is new
// or narrower refuses what was right, any other is none to who kept to it.
func limitClass(key string, raw json.RawMessage) class {
	upper := slices.Contains([]string{"max", "maxLength", "maxItems", "maxProps", "exclusiveMax"}, key)
	lower := slices.Contains([]string{"min", "minLength", "minItems", "minProps", "exclusiveMin"}, key)
	var change struct{ From, To any }
	if json.Unmarshal(raw, &change) != nil || !upper && !lower {
		return behaviour
	}
	from, had := change.From.(float64)
	to, has := change.To.(float64)
	switch {
	case !has:
		return addition
	case !had, upper && to < from, lower && to > from:
		return breaks
	}
	return addition
}

// aspect is a change that has no words of its own: maxLength: was 5, is 9.
func aspect(key string, raw json.RawMessage) string {
	var change map[string]any
	if json.Unmarshal(raw, &change) == nil && len(change) == 2 {
		if from, ok := change["from"]; ok {
			return fmt.Sprintf("%s: was %s, is %s", key, value(from), value(change["to"]))
		}
	}
	return key + " changed"
}

// besideRef reports what two references to one schema add to it.
func (r *reporter) besideRef(p place, old, new node) {
	said := func(side int, n node, key string) any {
		if v, ok := n[key]; ok {
			return v
		}
		return resolve(r.docs[side], n)[key]
	}
	keys := maps.Clone(old)
	maps.Copy(keys, new)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if key == "$ref" || isProse(key) {
			continue
		}
		if was, is := said(0, old, key), said(1, new, key); !reflect.DeepEqual(was, is) {
			r.add(behaviour, p, fmt.Sprintf("%s: was %s, is %s", key, value(was), value(is)))
		}
	}
}

// shape is the class of a change of what fields there are, and of which type.
// Whether code breaks is told by apidiff (see goSide): many a type is the same in
// Go, and what is no type there, such as the parts of SWML, is sent as it is.
func (r *reporter) shape() class {
	if r.goErr == nil {
		return behaviour
	}
	return breaks
}

func (r *reporter) further(v any) string {
	switch v := v.(type) {
	case bool:
		if !v {
			return "none"
		}
	case node:
		if len(v) > 0 {
			return r.typeText(v)
		}
	}
	return "any"
}

func (r *reporter) properties(p place, d findings, old, new node) {
	properties, required := read[sets](d["properties"]), read[sets](d["required"])
	for _, name := range properties.Added {
		if p.use.request && slices.Contains(required.Added, name) {
			r.add(breaks, r.property(p, name), "new, and required in requests")
		} else {
			r.add(addition, r.property(p, name), "new")
		}
	}
	for _, name := range properties.Deleted {
		r.add(r.shape(), r.property(p, name), "gone")
	}
	for _, name := range required.Added {
		if slices.Contains(properties.Added, name) {
			continue
		}
		if p.use.request {
			r.add(breaks, r.property(p, name), "required now")
		} else {
			r.add(behaviour, r.property(p, name), "always there now")
		}
	}
	for _, name := range required.Deleted {
		if !slices.Contains(properties.Deleted, name) {
			r.add(p.use.class(addition, behaviour), r.property(p, name), "optional now")
		}
	}
	for name, change := range properties.Modified {
		r.schema(r.property(p, name), change, object(at(old, "properties", name)), object(at(new, "properties", name)))
	}
}

func (r *reporter) enum(p place, raw json.RawMessage) {
	change := read[struct {
		EnumAdded, EnumDeleted bool
		Added, Deleted         []any
	}](raw)
	switch {
	case change.EnumAdded:
		r.add(p.use.class(breaks, behaviour), p, "has only the values "+list(change.Added)+" now")
	case change.EnumDeleted:
		r.add(behaviour, p, "was one of "+list(change.Deleted)+", can be any value now")
	default:
		if len(r.values(0)[p.typ]) > 0 || len(r.values(1)[p.typ]) > 0 {
			p.symbol = "gen." + p.typ
		}
		r.enumValues(p.use.class(addition, behaviour), p, 1, "new value ", change.Added)
		r.enumValues(breaks, p, 0, "no value any more: ", change.Deleted)
	}
}

func (r *reporter) enumValues(c class, p place, side int, what string, values []any) {
	var texts, symbols []string
	for _, v := range values {
		if v == nil {
			continue // null is told apart from values
		}
		s := value(v)
		if name := r.values(side)[p.typ][fmt.Sprint(v)]; name != "" {
			s += " (" + code("gen."+name) + ")"
			symbols = append(symbols, "gen."+name)
		}
		texts = append(texts, s)
	}
	if len(texts) > 0 {
		r.add(c, p, what+strings.Join(texts, ", "), symbols...)
	}
}

func (r *reporter) union(p place, key string, all branches, old, new node) {
	for _, b := range all.Added {
		if !isNull(at(new, key, b.Index)) {
			r.add(p.use.class(addition, behaviour), p, "can be "+r.branch(b, at(new, key, b.Index))+" now")
		}
	}
	for _, b := range all.Deleted {
		if !isNull(at(old, key, b.Index)) {
			r.add(p.use.class(breaks, behaviour), p, "cannot be "+r.branch(b, at(old, key, b.Index))+" any more")
		}
	}
	r.inline(p, key, all, old, new)
}

func isNull(v any) bool {
	t, null := types(object(v))
	return null && len(t) == 0
}

// inline reports what changed inside branches that are spelled out.
func (r *reporter) inline(p place, key string, all branches, old, new node) {
	for _, b := range all.Modified {
		oldBranch, newBranch := object(at(old, key, b.Base.Index)), object(at(new, key, b.Revision.Index))
		inner := p
		if name, _ := newBranch["x-go-type-name"].(string); name != "" {
			inner.typ, inner.symbol = name, "gen."+name
		} else if key != "allOf" {
			inner.typ, inner.symbol, inner.spec = "", "", fmt.Sprintf("%s.%s[%d]", p.spec, key, b.Revision.Index)
		}
		r.schema(inner, b.Diff, oldBranch, newBranch)
	}
}

func (r *reporter) branch(b branch, v any) string {
	if b.Component != "" {
		return r.schemaPlace(b.Component, use{}).display()
	}
	return r.typeText(object(v))
}

func value(v any) string {
	if v == nil {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return code(fmt.Sprint(v))
	}
	return code(string(text))
}

func list(values []any) string {
	var texts []string
	for _, v := range values {
		texts = append(texts, value(v))
	}
	return strings.Join(texts, ", ")
}
