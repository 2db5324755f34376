package changes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// operation is an operation of a description.
type operation struct {
	object
	name     string   // such as GET /things
	location location // its Go method, with the struct of its parameters as the type, or its name
	symbols  []string // all of its Go methods
}

// operations returns the operations of a state, sorted by name.
func (s *State) operations() (all []operation) {
	for path, item := range asObject(s.doc["paths"]) {
		for method, n := range asObject(item) {
			if !tree.Methods[method] {
				continue
			}
			name := strings.ToUpper(method) + " " + path
			o := operation{object: asObject(n), name: name, location: location{name: name}}
			if locked := s.Names.Operations[name]; locked != nil {
				o.location = inGo(locked.Methods[0], locked.Name+"Params")
				for _, method := range locked.Methods {
					o.symbols = append(o.symbols, "gen."+method)
				}
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.name, b.name) })
	return all
}

// match pairs the elements of two slices and calls matched for each pair. It tries the
// criteria one after the other, the strictest first. It returns the elements that are
// left over.
func match[T any](from, to []T, matched func(a, b T), criteria ...func(a, b T) bool) (gone, added []T) {
	gone, added = slices.Clone(from), slices.Clone(to)
	for _, same := range criteria {
		gone = slices.DeleteFunc(gone, func(a T) bool {
			i := slices.IndexFunc(added, func(b T) bool { return same(a, b) })
			if i < 0 {
				return false
			}
			matched(a, added[i])
			added = slices.Delete(added, i, i+1)
			return true
		})
	}
	return gone, added
}

// compareOperations pairs the operations of the two states and compares them.
func (r *reporter) compareOperations() {
	sameName := func(a, b operation) bool {
		id := asString(a.object["operationId"])
		return id != "" && id == asString(b.object["operationId"]) || a.location.isInGo() && a.location == b.location
	}
	same := func(a, b operation) bool { return samePath(a, b) && sameName(a, b) } // Several can have one path.
	gone, new := match(r.old.operations(), r.new.operations(), r.compareOperation, same, samePath, sameName)
	r.operation = ""
	for event, operations := range map[int][]operation{removed: gone, added: new} {
		for _, o := range operations {
			text := eventTexts[request.row()][event]
			if o.location.isInGo() {
				text += ": " + code(o.name)
			}
			r.add(parameterClasses[event], o.location, text, o.symbols...)
		}
	}
}

// samePath reports whether two operations have the same method and path. The names of
// path parameters make no difference.
func samePath(a, b operation) bool {
	return tree.Placeholder.ReplaceAllString(a.name, "{}") == tree.Placeholder.ReplaceAllString(b.name, "{}")
}

// compareOperation compares two states of one operation.
func (r *reporter) compareOperation(a, b operation) {
	l := b.location
	r.operation = l.name
	if !samePath(a, b) {
		r.add(breaks, l, fmt.Sprintf("moved from `%s` to `%s`", a.name, b.name))
	}
	switch {
	case !a.location.isInGo() && l.isInGo(): // No caller has it yet.
		r.add(addition, l, "has a Go method now: "+code(b.name), b.symbols...)
		return
	case a.location.isInGo() && !l.isInGo():
		l = a.location
		r.add(breaks, l, "has no Go method any more, because the client does not support the operation as it is now", a.symbols...)
	case l.isInGo() && a.location.name != l.name:
		r.add(breaks, l, "was renamed from "+code(a.location.name), slices.Concat(a.symbols, b.symbols)...)
	}
	r.compareAnnotations(l, request, a.object, b.object)
	r.compareCredentials(l, r.old.credentials(a), r.new.credentials(b))
	r.compareParts(request, parameterClasses, a.parameters(), b.parameters(),
		func(_ string, parameter object) location { return r.parameter(l, parameter) }, r.compareParameter)
	r.compareParts(request, bodyClasses, a.body(), b.body(),
		func(string, object) location { return l.part("the request body ") },
		func(_ location, _ string, a, b object) { r.compareContent(l.part("request: "), request, a, b) })
	r.compareResponses(l, a, b)
}

func (r *reporter) compareParameter(l location, _ string, a, b object) {
	if a["in"] != b["in"] {
		r.add(behaviour, l, fmt.Sprintf("is sent as a %s parameter now", b["in"]))
	}
	if before, now := r.old.style(a), r.new.style(b); before != now && before != "" && now != "" {
		r.add(breaks, l, nowBefore("is sent with "+code(now), code(before)))
	}
	r.compareAnnotations(l, request, a, b)
	r.compareSchemas(l, request, a["schema"], b["schema"])
	r.compareContent(l, request, a, b)
}

// compareResponses compares the responses to an operation, by status. If the only change
// of successful statuses is that one took the place of another, the two are compared.
func (r *reporter) compareResponses(l location, a, b operation) {
	from, to := objectParts(a.object["responses"]), objectParts(b.object["responses"])
	successOnlyIn := func(responses, others map[string]part) string {
		for _, status := range tree.SortedKeys(responses) {
			if _, found := others[status]; !found && isSuccess(status) {
				return status
			}
		}
		return ""
	}
	if before, now := successOnlyIn(from, to), successOnlyIn(to, from); before != "" && now != "" {
		r.add(behaviour, l, nowBefore("responds with status "+now, before))
		from[now] = from[before]
		delete(from, before)
	}
	r.compareParts(response, statusClasses, from, to,
		func(status string, _ object) location { return l.part("response " + status + " ") },
		func(_ location, status string, a, b object) {
			inResponse, d := l.part("response "+status+": "), errorResponse
			if isSuccess(status) {
				d = response
			}
			r.compareParts(response, headerClasses, objectParts(a["headers"]), objectParts(b["headers"]),
				func(name string, _ object) location { return inResponse.part("header " + code(name) + " ") }, nil)
			r.compareContent(inResponse, d, a, b)
		})
}

func isSuccess(status string) bool { return strings.HasPrefix(status, "2") }

// credentials returns the alternative credentials that an operation needs, such as "A" and
// "B with C". One of them is "" if it can be called without any. An operation that does
// not say so needs those of the description.
func (s *State) credentials(o operation) (alternatives []string) {
	security, ok := o.object["security"]
	if !ok {
		security = s.doc["security"]
	}
	for _, requirement := range asArray(security) {
		alternatives = append(alternatives, strings.Join(tree.SortedKeys(asObject(requirement)), " with "))
	}
	if len(alternatives) == 0 {
		return []string{""}
	}
	return alternatives
}

func (r *reporter) compareCredentials(l location, from, to []string) {
	phrase := func(alternatives []string) string {
		if slices.Contains(alternatives, "") {
			return "needs no credentials"
		}
		return "needs the credentials " + strings.Join(alternatives, " or ")
	}
	isRefused := func(sent string) bool { return !slices.Contains(to, "") && !slices.Contains(to, sent) }
	if !slices.Equal(from, to) {
		r.add(request.class(slices.ContainsFunc(from, isRefused), true), l, nowBefore(phrase(to), phrase(from)))
	}
}

// parameters returns the parameters of an operation by name; those in the path by their
// position in it, because their names can change.
func (o operation) parameters() map[string]part {
	all := map[string]part{}
	path := tree.Placeholder.FindAllString(o.name, -1)
	for _, item := range asArray(o.object["parameters"]) {
		parameter := asObject(item)
		name := asString(parameter["name"])
		key := name
		switch parameter["in"] {
		case "path":
			key = fmt.Sprint("path ", slices.Index(path, "{"+name+"}"))
		case "header": // Names of headers are case-insensitive (RFC 9110, section 5.1).
			key = strings.ToLower(name)
		}
		if _, taken := all[key]; taken { // by a parameter in another place
			key = asString(parameter["in"]) + " " + key
		}
		all[key] = part{parameter, parameter["required"] == true}
	}
	return all
}

// body returns the request body, if there is one, under an empty name.
func (o operation) body() map[string]part { return objectParts(object{"": o.object["requestBody"]}) }

// style returns how an array or object is serialized in a parameter, in the terms of
// OpenAPI, or "" for other types.
func (s *State) style(parameter object) string {
	if types := s.readSchema(parameter["schema"]).types; !contains(types, "array") && !contains(types, "object") {
		return ""
	}
	style := cmp.Or(asString(parameter["style"]), map[any]string{"query": "form", "cookie": "form"}[parameter["in"]], "simple")
	explode, given := parameter["explode"].(bool)
	return fmt.Sprintf("style: %s, explode: %t", style, explode || !given && style == "form")
}

// compareContent compares the bodies of a request or response, by media type.
func (r *reporter) compareContent(l location, d direction, a, b object) {
	from, to := objectParts(a["content"]), objectParts(b["content"])
	classes := mediaTypeClasses[d.row()]
	if d == response && countCommon(from, to) == 0 { // Callers cannot decode any of the new ones.
		classes[removed] = breaks
	}
	r.compareParts(d, classes, from, to,
		func(mediaType string, _ object) location { return l.part(code(mediaType) + " ") },
		func(_ location, _ string, a, b object) { r.compareSchemas(l, d, a["schema"], b["schema"]) })
}

// compareWebhooks compares the requests that SignalWire sends. Programs receive their
// bodies, as those of responses, and send the responses to them, as they send requests.
func (r *reporter) compareWebhooks() {
	r.compareParts(response, webhookClasses, objectParts(r.old.doc["webhooks"]), objectParts(r.new.doc["webhooks"]),
		func(name string, _ object) location { return location{name: "webhook " + name} },
		func(l location, _ string, a, b object) {
			r.operation = l.name
			sameLocation := func(string, object) location { return l }
			r.compareParts(response, webhookClasses, objectParts(a), objectParts(b), sameLocation, r.compareWebhook)
			r.operation = ""
		})
}

func (r *reporter) compareWebhook(l location, _ string, a, b object) {
	r.compareContent(l.part("request: "), response, asObject(a["requestBody"]), asObject(b["requestBody"]))
	r.compareParts(request, webhookReplyClasses, objectParts(a["responses"]), objectParts(b["responses"]),
		func(status string, _ object) location { return l.part("response " + status + " ") },
		func(_ location, status string, a, b object) {
			r.compareContent(l.part("response "+status+": "), request, a, b)
		})
}
