package changes

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// operation is one of a description.
type operation struct {
	node
	name    string // GET /things
	place   place  // its method; the type there is that of its parameters
	symbols []string
}

func (s *State) operations() (all []operation) {
	for path, item := range object(s.doc["paths"]) {
		for method, n := range object(item) {
			if !tree.Methods[method] || !strings.HasPrefix(path, "/") {
				continue
			}
			o := operation{node: object(n), name: strings.ToUpper(method) + " " + path}
			o.place.where = code(o.name)
			if known := s.Names.Operations[o.name]; known != nil {
				for _, method := range known.Methods {
					o.symbols = append(o.symbols, "gen."+method)
				}
				if len(known.Methods) > 0 {
					o.place = inGo(known.Methods[0], "")
				}
				o.place.typ = known.Name + "Params"
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.name, b.name) })
	return all
}

// match pairs what two lists have by one measure after the other, and returns what
// is left of both.
func match[T any](from, to []T, found func(a, b T), measures ...func(a, b T) bool) (gone, added []T) {
	gone, added = slices.Clone(from), slices.Clone(to)
	for _, same := range measures {
		gone = slices.DeleteFunc(gone, func(a T) bool {
			i := slices.IndexFunc(added, func(b T) bool { return same(a, b) })
			if i < 0 {
				return false
			}
			found(a, added[i])
			added = slices.Delete(added, i, i+1)
			return true
		})
	}
	return gone, added
}

// samePath reports whether two operations differ in names of parameters at most.
func samePath(a, b operation) bool {
	return tree.Placeholder.ReplaceAllString(a.name, "{}") == tree.Placeholder.ReplaceAllString(b.name, "{}")
}

// operations compares all operations.
func (r *reporter) operations() {
	gone, added := match(r.old.operations(), r.new.operations(), r.operation,
		func(a, b operation) bool { return a.name == b.name },
		samePath,
		func(a, b operation) bool {
			id := text(a.node["operationId"])
			return id != "" && id == text(b.node["operationId"]) || a.place.symbol != "" && a.place.symbol == b.place.symbol
		})
	for e, operations := range map[int][]operation{isGone: gone, isNew: added} {
		for _, o := range operations {
			text := events[request][e]
			if o.place.symbol != "" {
				text += ", " + code(o.name)
			}
			r.add(r.part(o.place.where), parameter[e], o.place, text, o.symbols...)
		}
	}
}

func (r *reporter) operation(a, b operation) {
	p, w := b.place, r.part(b.place.where)
	if !samePath(a, b) {
		r.add(w, breaks, p, fmt.Sprintf("moved from `%s` to `%s`", a.name, b.name))
	}
	was, is := a.node["operationId"], b.node["operationId"]
	switch {
	case a.place.symbol != "" && p.symbol == "" && r.new.API != nil:
		p = a.place
		r.add(w, breaks, p, "has no method any more, as it needs what is not supported", a.symbols...)
	case a.place.symbol != p.symbol:
		r.add(w, breaks, p, "has been renamed from "+a.place.where, slices.Concat(a.symbols, b.symbols)...)
	case p.symbol == "" && was != is:
		r.add(w, breaks, p, fmt.Sprintf("is called `%s` now; before, `%s`", is, was))
	}
	r.notes(w, p, request, a.node, b.node)
	r.security(w, p, r.old.security(a), r.new.security(b))
	r.children(w, request, parameter, a.parameters(), b.parameters(),
		func(_ string, n node) place { return r.parameter(p, n) },
		func(q place, _ string, a, b node) {
			if a["in"] != b["in"] {
				r.add(w, behaviour, q, fmt.Sprintf("is sent as a %s parameter now", b["in"]))
			}
			if was, is := r.old.style(a), r.new.style(b); was != is && was != "" && is != "" {
				r.add(w, breaks, q, nowBefore(is, was))
			}
			r.notes(w, q, request, a, b)
			r.schema(w, q, request, a["schema"], b["schema"])
			r.content(w, q, request, a, b)
		})
	r.children(w, request, body, a.body(), b.body(),
		func(string, node) place { return p.of("the request body ") },
		func(_ place, _ string, a, b node) { r.content(w, p.of("request: "), request, a, b) })
	from, to := children(a.node["responses"]), children(b.node["responses"])
	r.sameSuccess(w, p, from, to)
	r.children(w, response, status, from, to,
		func(status string, _ node) place { return p.of("response " + status + " ") },
		func(_ place, status string, a, b node) {
			q, d := p.of("response "+status+": "), failure
			if isSuccess(status) {
				d = response
			}
			r.children(w, response, header, children(a["headers"]), children(b["headers"]),
				func(name string, _ node) place { return q.of("header " + code(name) + " ") }, nil)
			r.content(w, q, d, a, b)
		})
}

func isSuccess(status string) bool { return strings.HasPrefix(status, "2") }

// sameSuccess gives the successful response of from whose status is another now the
// one in to: it is the same response.
func (r *reporter) sameSuccess(w *part, p place, from, to map[string]child) {
	other := func(a, b map[string]child) string {
		for _, status := range tree.SortedKeys(a) {
			if _, stays := b[status]; !stays && isSuccess(status) {
				return status
			}
		}
		return ""
	}
	if was, is := other(from, to), other(to, from); was != "" && is != "" {
		r.add(w, behaviour, p, "responds with status "+is+" now; before, "+was)
		from[is] = from[was]
		delete(from, was)
	}
}

// security returns what credentials an operation accepts, of which each alternative
// is a set. Without one of its own it has that of the description.
func (s *State) security(o operation) (all []node) {
	given, ok := o.node["security"]
	if !ok {
		given = s.doc["security"]
	}
	for _, alternative := range array(given) {
		all = append(all, object(alternative))
	}
	if len(all) == 0 {
		all = append(all, node{})
	}
	return all
}

func (r *reporter) security(w *part, p place, from, to []node) {
	words := func(all []node) string {
		var texts []string
		for _, alternative := range all {
			if len(alternative) == 0 {
				return "needs no credentials"
			}
			texts = append(texts, strings.Join(tree.SortedKeys(alternative), " with "))
		}
		return "takes " + strings.Join(texts, " or ")
	}
	fewer := slices.ContainsFunc(from, func(was node) bool {
		return !slices.ContainsFunc(to, func(is node) bool { return len(both(was, is)) == len(was) }) // What it needs was sent.
	})
	if !reflect.DeepEqual(from, to) {
		r.add(w, request.class(fewer, true), p, nowBefore(words(to), words(from)))
	}
}

// parameters returns the parameters of an operation: by position in the path,
// whatever they are called, or by their names.
func (o operation) parameters() map[string]child {
	all := map[string]child{}
	path := tree.Placeholder.FindAllString(o.name, -1)
	for _, given := range array(o.node["parameters"]) {
		n := object(given)
		in, name := text(n["in"]), text(n["name"])
		key := name
		switch {
		case in == "path":
			key = fmt.Sprintf("path %d", slices.Index(path, "{"+name+"}"))
		case in == "header":
			if key = strings.ToLower(name); slices.Contains([]string{"authorization", "accept", "content-type"}, key) {
				continue // OpenAPI ignores them.
			}
		}
		if other, taken := all[key]; taken && other.node["in"] != in {
			key = in + " " + key
		}
		all[key] = child{n, isTrue(n["required"])}
	}
	return all
}

// style is how an array or object is written in a parameter, or "" if it is neither.
func (s *State) style(n node) string {
	types := s.read(n["schema"]).types
	if n["content"] == nil && !contains(types, "array") && !contains(types, "object") {
		return ""
	}
	style := text(n["style"])
	if style == "" && (n["in"] == "query" || n["in"] == "cookie") {
		style = "form"
	}
	explode, given := n["explode"].(bool)
	if explode = explode || !given && style == "form"; explode {
		return "is written as in the style " + style + ", exploded"
	}
	return "is written as in the style " + style + ", not exploded"
}

// body returns the body of requests, if they have one.
func (o operation) body() map[string]child {
	if n := object(o.node["requestBody"]); n != nil {
		return map[string]child{"": {n, isTrue(n["required"])}}
	}
	return nil
}

// content compares what bodies there are, by media type.
func (r *reporter) content(w *part, p place, d direction, a, b node) {
	from, to := children(a["content"]), children(b["content"])
	k := mediaType[min(d, response)]
	if d == response && len(both(a["content"], b["content"])) == len(from)+len(to) { // Callers cannot read it.
		k = otherMediaType
	}
	r.children(w, d, k, from, to,
		func(media string, _ node) place { return p.of(code(media) + " ") },
		func(_ place, media string, a, b node) {
			q := p
			q.typ = text(at(b, "schema", "x-go-type-name"))
			r.schema(w, q, d, a["schema"], b["schema"])
		})
}
