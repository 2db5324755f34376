package changes

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// operation is one of a description.
type operation struct {
	method, path string
	node, item   node
}

func (o operation) String() string { return strings.ToUpper(o.method) + " " + o.path }

var (
	httpMethods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
	placeholder = regexp.MustCompile(`\{[^{}]*\}`)
)

func (s *State) operations() (all []operation) {
	paths := object(s.doc()["paths"])
	for _, path := range sorted(paths) {
		for _, method := range httpMethods {
			if n := object(at(paths, path, method)); n != nil && strings.HasPrefix(path, "/") {
				all = append(all, operation{method, path, n, object(paths[path])})
			}
		}
	}
	return all
}

// operations compares all operations. They are paired by method and path, then by
// what they are called.
func (r *reporter) operations() {
	gone, added := r.old.operations(), r.new.operations()
	match := func(same func(a, b operation) bool) {
		gone = slices.DeleteFunc(gone, func(o operation) bool {
			i := slices.IndexFunc(added, func(a operation) bool { return same(o, a) })
			if i >= 0 {
				r.operation(o, added[i])
				added = slices.Delete(added, i, i+1)
			}
			return i >= 0
		})
	}
	match(func(a, b operation) bool { return a.String() == b.String() })
	match(func(a, b operation) bool {
		return placeholder.ReplaceAllString(a.String(), "{}") == placeholder.ReplaceAllString(b.String(), "{}")
	})
	match(func(a, b operation) bool {
		id := text(a.node["operationId"])
		before, _ := r.methodPlace(&r.old, a)
		after, _ := r.methodPlace(&r.new, b)
		return id != "" && id == text(b.node["operationId"]) || before.symbol != "" && before.symbol == after.symbol
	})
	for _, o := range gone {
		p, more := r.methodPlace(&r.old, o)
		r.add(r.part(p), breaks, p, which("is gone", p, o), more...)
	}
	for _, o := range added {
		p, more := r.methodPlace(&r.new, o)
		r.add(r.part(p), addition, p, which("is new", p, o), more...)
	}
}

// which says what became of an operation, and which it is if its name does not.
func which(what string, p place, o operation) string {
	if p.symbol == "" {
		return what
	}
	return what + ", " + code(o.String())
}

func (r *reporter) operation(o, n operation) {
	before, moreBefore := r.methodPlace(&r.old, o)
	p, more := r.methodPlace(&r.new, n)
	w := r.part(p)
	moved := placeholder.ReplaceAllString(o.String(), "{}") != placeholder.ReplaceAllString(n.String(), "{}")
	if moved {
		r.add(w, breaks, p, fmt.Sprintf("moved from `%s` to `%s`", o, n))
	}
	if was, is := text(o.node["operationId"]), text(n.node["operationId"]); before.symbol != "" && p.symbol == "" && r.new.API != nil {
		p = before
		r.add(w, breaks, p, "has no method any more, as it needs what is not supported", moreBefore...)
	} else if before.symbol != p.symbol {
		r.add(w, breaks, p, "has been renamed from "+before.display(), append(append(moreBefore, more...), before.symbol)...)
	} else if p.symbol == "" && was != is {
		r.add(w, breaks, p, fmt.Sprintf("is called `%s` now; before, `%s`", is, was))
	}
	if isTrue(n.node["deprecated"]) && !isTrue(o.node["deprecated"]) {
		r.add(w, behaviour, p, "is deprecated")
	}
	r.security(w, p, o, n)
	r.parameters(w, p, o, n)
	r.requestBody(w, p, o, n)
	r.responses(w, p, o, n)
}

// security compares what credentials are accepted, of which each alternative is a
// set. Without one of its own an operation has that of the description.
func (r *reporter) security(w *part, p place, o, n operation) {
	alternatives := func(s *State, o operation) (all []map[string]any) {
		given, ok := o.node["security"]
		if !ok {
			given = s.doc()["security"]
		}
		for _, alternative := range array(given) {
			all = append(all, object(alternative))
		}
		if len(all) == 0 {
			all = append(all, node{})
		}
		return all
	}
	words := func(all []map[string]any) string {
		var texts []string
		for _, alternative := range all {
			if len(alternative) == 0 {
				return "needs no credentials"
			}
			texts = append(texts, strings.Join(sorted(alternative), " with "))
		}
		return "takes " + strings.Join(texts, " or ")
	}
	from, to := alternatives(&r.old, o), alternatives(&r.new, n)
	fewer := slices.ContainsFunc(from, func(was map[string]any) bool {
		return !slices.ContainsFunc(to, func(is map[string]any) bool { // What it needs was sent.
			return !slices.ContainsFunc(sorted(is), func(name string) bool { _, sent := was[name]; return !sent })
		})
	})
	if !reflect.DeepEqual(from, to) {
		r.add(w, request.class(fewer, true), p, nowBefore(words(to), words(from)))
	}
}

// parameters returns the parameters of an operation, with those of its path, by
// where they are and their name.
func (s *State) parameters(o operation) map[string]node {
	all := map[string]node{}
	position := map[string]int{}
	for i, name := range placeholder.FindAllString(o.path, -1) {
		position[strings.Trim(name, "{}")] = i
	}
	for _, given := range append(slices.Clone(array(o.item["parameters"])), array(o.node["parameters"])...) {
		n := resolve(s.doc(), given)
		in, name := text(n["in"]), text(n["name"])
		switch {
		case in == "path": // It has its place, whatever it is called.
			all[fmt.Sprintf("path %d", position[name])] = n
		case in == "header" && slices.Contains([]string{"authorization", "accept", "content-type"}, strings.ToLower(name)): // OpenAPI ignores them.
		case in == "header":
			all["header "+strings.ToLower(name)] = n
		default:
			all[in+" "+name] = n
		}
	}
	return all
}

// parameterPlace is the place of a parameter: a field of the operation's
// parameters, or an argument of its method.
func (r *reporter) parameterPlace(p place, n node) place {
	name := text(n["name"])
	params := place{typ: p.own + "Params"}
	if field := r.member(params, name); field.symbol != "" {
		return field
	}
	return p.of(text(n["in"]) + " parameter " + code(name) + ": ")
}

func (r *reporter) parameters(w *part, p place, o, n operation) {
	from, to := r.old.parameters(o), r.new.parameters(n)
	elsewhere := func(all map[string]node, n node) bool {
		for _, in := range []string{"query", "header", "cookie"} {
			if other, ok := all[in+" "+text(n["name"])]; ok && other["in"] != n["in"] {
				return true
			}
		}
		return false
	}
	for _, key := range slices.Sorted(maps.Keys(union(from, to))) {
		a, b := from[key], to[key]
		switch {
		case a == nil && isTrue(b["required"]):
			r.add(w, breaks, r.parameterPlace(p, b), "is new, and required")
		case a == nil && elsewhere(from, b):
			r.add(w, behaviour, r.parameterPlace(p, b), "is sent as a "+text(b["in"])+" parameter now")
		case a == nil:
			r.add(w, addition, r.parameterPlace(p, b), "is new")
		case b == nil && elsewhere(to, a):
		case b == nil:
			r.add(w, breaks, r.parameterPlace(p, a), "is gone")
		default:
			r.parameter(w, r.parameterPlace(p, b), a, b)
		}
	}
}

func (r *reporter) parameter(w *part, q place, a, b node) {
	switch was, is := isTrue(a["required"]), isTrue(b["required"]); {
	case is && !was:
		r.add(w, breaks, q, "is required now")
	case was && !is:
		r.add(w, addition, q, "is optional now")
	}
	if isTrue(b["deprecated"]) && !isTrue(a["deprecated"]) {
		r.add(w, behaviour, q, "is deprecated")
	}
	written := func(s *State, n node) string {
		if t := read(s.doc(), n["schema"]).types; n["content"] == nil && !slices.Contains(t, "array") && !slices.Contains(t, "object") {
			return "" // It makes no difference.
		}
		style := text(n["style"])
		if style == "" {
			style = map[string]string{"query": "form", "cookie": "form"}[text(n["in"])]
		}
		explode, given := n["explode"].(bool)
		if !given {
			explode = style == "form"
		}
		return map[bool]string{true: "is written as in the style " + style + ", exploded", false: "is written as in the style " + style + ", not exploded"}[explode]
	}
	if was, is := written(&r.old, a), written(&r.new, b); was != is && was != "" && is != "" {
		r.add(w, breaks, q, nowBefore(is, was))
	}
	r.schema(w, q, request, a["schema"], b["schema"])
	r.content(w, q, request, a, b)
}

func (r *reporter) requestBody(w *part, p place, o, n operation) {
	a, b := resolve(r.old.doc(), o.node["requestBody"]), resolve(r.new.doc(), n.node["requestBody"])
	switch was, is := isTrue(a["required"]), isTrue(b["required"]); {
	case a == nil && b == nil:
	case a == nil && is:
		r.add(w, breaks, p, "needs a request body now")
	case a == nil:
		r.add(w, r.gone(), p, "has a request body now") // and another signature
	case b == nil:
		r.add(w, max(r.gone(), behaviour), p, "has no request body any more")
	case is && !was:
		r.add(w, breaks, p, "needs its request body now; before, it was optional")
	case was && !is:
		r.add(w, addition, p, "can do without its request body now")
	}
	if a != nil && b != nil {
		r.content(w, p.of("request: "), request, a, b)
	}
}

// content compares what bodies there are, by media type.
func (r *reporter) content(w *part, p place, d direction, a, b node) {
	from, to := object(a["content"]), object(b["content"])
	var fewer, more []string
	for _, media := range both(from, to) {
		_, was := from[media]
		_, is := to[media]
		switch {
		case was && is:
			q := p
			q.typ = text(at(to, media, "schema", "x-go-type-name"))
			r.schema(w, q, d, at(from, media, "schema"), at(to, media, "schema"))
		case was:
			fewer = append(fewer, code(media))
		default:
			more = append(more, code(media))
		}
	}
	unread := d == response && len(fewer) == len(from) && (len(from) > 0 || len(to) > 0)
	switch words := strings.Join(fewer, ", "); {
	case len(fewer) > 0 && len(to) == 0:
		r.add(w, max(d.class(true, false), map[bool]class{true: breaks}[d == response]), p, "no body any more; before, "+words)
	case len(fewer) > 0 && len(more) > 0:
		r.add(w, max(d.class(true, true), map[bool]class{true: breaks}[unread]), p, nowBefore(strings.Join(more, ", "), words))
	case len(fewer) > 0:
		r.add(w, d.class(true, false), p, "no "+words+" any more")
	case len(more) > 0:
		r.add(w, d.class(false, true), p, "can be "+strings.Join(more, ", ")+" now")
	}
}

// responses compares responses by status. A successful one whose status is
// another now is the same response.
func (r *reporter) responses(w *part, p place, o, n operation) {
	from, to := object(o.node["responses"]), object(n.node["responses"])
	var fewer, more []string
	for _, status := range both(from, to) {
		_, was := from[status]
		_, is := to[status]
		switch {
		case was && is:
			r.response(w, p, status, from[status], to[status])
		case was:
			fewer = append(fewer, status)
		default:
			more = append(more, status)
		}
	}
	isSuccess := func(status string) bool { return strings.HasPrefix(status, "2") }
	if i, j := slices.IndexFunc(fewer, isSuccess), slices.IndexFunc(more, isSuccess); i >= 0 && j >= 0 {
		r.add(w, behaviour, p, "responds with status "+more[j]+" now; before, "+fewer[i])
		r.response(w, p, more[j], from[fewer[i]], to[more[j]])
		fewer, more = slices.Delete(fewer, i, i+1), slices.Delete(more, j, j+1)
	}
	for _, status := range fewer {
		r.add(w, behaviour, p, "does not respond with status "+status+" any more")
	}
	for _, status := range more {
		r.add(w, behaviour, p, "can respond with status "+status+" now")
	}
}

func (r *reporter) response(w *part, p place, status string, oldResponse, newResponse any) {
	a, b := resolve(r.old.doc(), oldResponse), resolve(r.new.doc(), newResponse)
	p = p.of("response " + status + ": ")
	d := failure
	if strings.HasPrefix(status, "2") {
		d = response
	}
	for _, name := range both(object(a["headers"]), object(b["headers"])) {
		switch was, is := at(a, "headers", name), at(b, "headers", name); {
		case was == nil:
			r.add(w, addition, p, "new header "+code(name))
		case is == nil:
			r.add(w, behaviour, p, "no header "+code(name)+" any more")
		}
	}
	r.content(w, p, d, a, b)
}

func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return all
}
