package changes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// operation is one of a description.
type operation struct {
	node
	name    string   // GET /things
	place   place    // its method; the type there is that of its parameters
	symbols []string // all of its methods
}

func (s *State) operations() (all []operation) {
	for path, item := range object(s.doc["paths"]) {
		for method, n := range object(item) {
			if !tree.Methods[method] {
				continue
			}
			o := operation{node: object(n), name: strings.ToUpper(method) + " " + path}
			o.place.name = o.name
			if known := s.Names.Operations[o.name]; known != nil {
				o.place = inGo(known.Methods[0], known.Name+"Params")
				for _, method := range known.Methods {
					o.symbols = append(o.symbols, "gen."+method)
				}
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

// operations compares all operations.
func (r *reporter) operations() {
	gone, added := match(r.old.operations(), r.new.operations(), r.compareOperations,
		samePath,
		func(a, b operation) bool {
			id := text(a.node["operationId"])
			return id != "" && id == text(b.node["operationId"]) || a.place.isInGo() && a.place == b.place
		})
	r.begin("")
	for event, operations := range map[int][]operation{isGone: gone, isNew: added} {
		for _, o := range operations {
			text := events[request][event]
			if o.place.isInGo() {
				text += ", " + code(o.name)
			}
			r.add(parameter[event], o.place, text, o.symbols...)
		}
	}
}

// samePath reports whether two operations differ in names of parameters at most.
func samePath(a, b operation) bool {
	return tree.Placeholder.ReplaceAllString(a.name, "{}") == tree.Placeholder.ReplaceAllString(b.name, "{}")
}

// compareOperations compares an operation with what it is now.
func (r *reporter) compareOperations(a, b operation) {
	p := b.place
	r.begin(p.name)
	if !samePath(a, b) {
		r.add(breaks, p, fmt.Sprintf("moved from `%s` to `%s`", a.name, b.name))
	}
	was, is := a.node["operationId"], b.node["operationId"]
	switch {
	case a.place.isInGo() && !p.isInGo():
		p = a.place
		r.add(breaks, p, "has no method any more, as it needs what is not supported", a.symbols...)
	case a.place.name != p.name && p.isInGo():
		r.add(breaks, p, "has been renamed from "+code(a.place.name), slices.Concat(a.symbols, b.symbols)...)
	case !p.isInGo() && was != is:
		r.add(breaks, p, fmt.Sprintf("is called `%s` now; before, `%s`", is, was))
	}
	r.notes(p, request, a.node, b.node)
	r.credentials(p, r.old.credentials(a), r.new.credentials(b))
	r.children(request, parameter, a.parameters(), b.parameters(),
		func(_ string, n node) place { return r.parameter(p, n) },
		func(q place, _ string, a, b node) {
			if a["in"] != b["in"] {
				r.add(behaviour, q, fmt.Sprintf("is sent as a %s parameter now", b["in"]))
			}
			if was, is := r.old.style(a), r.new.style(b); was != is && was != "" && is != "" {
				r.add(breaks, q, nowBefore(is, was))
			}
			r.notes(q, request, a, b)
			r.schema(q, request, a["schema"], b["schema"])
			r.content(q, request, a, b)
		})
	r.children(request, body, a.body(), b.body(),
		func(string, node) place { return p.of("the request body ") },
		func(_ place, _ string, a, b node) { r.content(p.of("request: "), request, a, b) })
	r.responses(p, a, b)
}

// responses compares the responses to an operation. A successful one whose status is
// another now is the same response.
func (r *reporter) responses(p place, a, b operation) {
	from, to := children(a.node["responses"]), children(b.node["responses"])
	success := func(of, but map[string]child) string {
		for _, status := range tree.SortedKeys(of) {
			if _, known := but[status]; !known && isSuccess(status) {
				return status
			}
		}
		return ""
	}
	if was, is := success(from, to), success(to, from); was != "" && is != "" {
		r.add(behaviour, p, "responds with status "+is+" now; before, "+was)
		from[is] = from[was]
		delete(from, was)
	}
	r.children(response, status, from, to,
		func(status string, _ node) place { return p.of("response " + status + " ") },
		func(_ place, status string, a, b node) {
			q, d := p.of("response "+status+": "), failure
			if isSuccess(status) {
				d = response
			}
			r.children(response, header, children(a["headers"]), children(b["headers"]),
				func(name string, _ node) place { return q.of("header " + code(name) + " ") }, nil)
			r.content(q, d, a, b)
		})
}

func isSuccess(status string) bool { return strings.HasPrefix(status, "2") }

// credentials are the sets of credentials any of which an operation takes; "" is
// none. Without some of its own it takes those of the description.
func (s *State) credentials(o operation) (sets []string) {
	given, ok := o.node["security"]
	if !ok {
		given = s.doc["security"]
	}
	for _, set := range array(given) {
		sets = append(sets, strings.Join(tree.SortedKeys(object(set)), " with "))
	}
	if len(sets) == 0 {
		return []string{""}
	}
	return sets
}

func (r *reporter) credentials(p place, from, to []string) {
	words := func(sets []string) string {
		if slices.Contains(sets, "") {
			return "needs no credentials"
		}
		return "takes " + strings.Join(sets, " or ")
	}
	if !slices.Equal(from, to) {
		fewer := !slices.Contains(to, "") && slices.ContainsFunc(from, func(sent string) bool { return !slices.Contains(to, sent) })
		r.add(request.class(fewer, true), p, nowBefore(words(to), words(from)))
	}
}

// parameters returns the parameters of an operation: by position in the path,
// whatever they are called, or by their names.
func (o operation) parameters() map[string]child {
	all := map[string]child{}
	path := tree.Placeholder.FindAllString(o.name, -1)
	for _, given := range array(o.node["parameters"]) {
		n := object(given)
		name := text(n["name"])
		key := name
		switch n["in"] {
		case "path":
			key = fmt.Sprint("path ", slices.Index(path, "{"+name+"}"))
		case "header": // Its name has no case (RFC 9110, section 5.1).
			key = strings.ToLower(name)
		}
		if _, taken := all[key]; taken { // by one that is sent elsewhere
			key = text(n["in"]) + " " + key
		}
		all[key] = child{n, n["required"] == true}
	}
	return all
}

// body returns the body of requests, if they have one.
func (o operation) body() map[string]child { return children(node{"": o.node["requestBody"]}) }

// style is how an array or object is written in a parameter, or "" if it is neither.
func (s *State) style(n node) string {
	if types := s.read(n["schema"]).types; !contains(types, "array") && !contains(types, "object") {
		return ""
	}
	style := cmp.Or(text(n["style"]), map[any]string{"query": "form", "cookie": "form"}[n["in"]], "simple")
	explode, given := n["explode"].(bool)
	if explode || !given && style == "form" {
		return "is written as in the style " + style + ", exploded"
	}
	return "is written as in the style " + style + ", not exploded"
}

// content compares what bodies there are, by media type.
func (r *reporter) content(p place, d direction, a, b node) {
	from, to := children(a["content"]), children(b["content"])
	k := mediaType[min(d, response)]
	if d == response && common(from, to) == 0 { // Callers cannot read it.
		k = otherMediaType
	}
	r.children(d, k, from, to,
		func(media string, _ node) place { return p.of(code(media) + " ") },
		func(_ place, _ string, a, b node) { r.schema(p, d, a["schema"], b["schema"]) })
}

// webhooks compares the requests that SignalWire sends. Their bodies are read as
// those of responses are, and the responses to them are sent as requests are.
func (r *reporter) webhooks() {
	r.children(response, webhook, children(r.old.doc["webhooks"]), children(r.new.doc["webhooks"]),
		func(name string, _ node) place { return place{name: "webhook " + name} },
		func(p place, _ string, a, b node) {
			r.begin(p.name)
			itself := func(string, node) place { return p }
			r.children(response, webhook, children(a), children(b), itself, func(_ place, _ string, a, b node) {
				r.content(p.of("request: "), response, object(a["requestBody"]), object(b["requestBody"]))
				r.children(request, reply, children(a["responses"]), children(b["responses"]),
					func(status string, _ node) place { return p.of("response " + status + " ") },
					func(_ place, status string, a, b node) { r.content(p.of("response "+status+": "), request, a, b) })
			})
			r.begin("")
		})
}
