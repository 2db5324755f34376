package changes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// operation is an operation of a description, or a webhook, which is a request that SignalWire
// sends. Programs receive the body of a webhook, as they receive responses, and send the
// response to it, as they send requests.
type operation struct {
	*yaml.Node
	direction direction // of its request
	name      string    // such as GET /things
	path      string    // the same without the names of the variables in the path
	location  location  // its Go method, with the struct of its parameters as the type, or its name
	symbols   []string  // all of its Go methods
}

// operations returns the operations and webhooks of a state.
func (s *State) operations() (all []*operation) {
	tree.EachOperation(s.Description, func(method, path, node *yaml.Node) {
		name := strings.ToUpper(method.Value) + " " + path.Value
		o := &operation{Node: node, name: name, location: location{name: name}}
		o.path = tree.Placeholder.ReplaceAllString(name, "{}")
		if locked := s.Names.Operations[name]; locked != nil {
			o.location = inGo(locked.Methods[0], locked.Name+"Params")
			for _, method := range locked.Methods {
				o.symbols = append(o.symbols, "gen."+method)
			}
		}
		all = append(all, o)
	})
	for name, webhook := range members(s.Description, "webhooks") {
		name = "webhook " + name
		for method, request := range members(webhook.Node) {
			all = append(all, &operation{request.Node, response, name, name + " " + method, location{name: name}, nil})
		}
	}
	slices.SortFunc(all, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.path, b.path))
	})
	return all
}

// compareOperations pairs the operations of the two states and compares them.
func (r *reporter) compareOperations() {
	rank := func(a, b *operation) (rank float64) {
		id := tree.OperationID(a.Node)
		isSameID := id != "" && id == tree.OperationID(b.Node) && a.direction == b.direction
		if isSameID || a.location.isInGo() && a.location == b.location {
			rank = 1
		}
		if a.path == b.path { // Several can have one path.
			rank += 2
		}
		return rank
	}
	pairs, gone, new := match(r.old.operations(), r.new.operations(), rank)
	for _, pair := range pairs {
		r.compareOperation(pair[0], pair[1])
	}
	for event, operations := range map[int][]*operation{removed: gone, added: new} {
		for _, o := range operations {
			text := eventTexts[request][event]
			if o.location.isInGo() {
				text += ": " + code(o.name)
			}
			r.operation = o.location.name
			r.add(operationClasses[o.direction][event], o.location, text, o.symbols...)
		}
	}
}

// compareOperation compares two states of one operation.
func (r *reporter) compareOperation(a, b *operation) {
	l := b.location
	r.operation = l.name
	if a.path != b.path {
		r.add(breaks, l, "moved from "+code(a.name)+" to "+code(b.name))
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
	r.compareAnnotations(l, b.direction, a.Node, b.Node)
	r.compareCredentials(l, r.old.credentials(a), r.new.credentials(b))
	r.compareParts(parameters, l, request, a.parameters(), b.parameters(), r.compareParameter)
	r.compareParts(bodies, l, b.direction, a.body(), b.body(), r.compareContent)
	if b.direction == response {
		r.compareResponses(l, request, a, b)
		return
	}
	r.compareResponses(l, response, a, b)
	r.compareResponses(l, errorResponse, a, b)
}

// credentials returns the alternative credentials that an operation needs, such as "A" and
// "B with C". One of them is "" if it can be called without any. An operation that does
// not say so needs those of the description.
func (s *State) credentials(o *operation) (alternatives []string) {
	security := tree.Get(o.Node, "security")
	if security == nil && o.direction == request {
		security = tree.Get(s.Description, "security")
	}
	for _, requirement := range tree.Items(security) {
		alternatives = append(alternatives, strings.Join(tree.SortedKeys(tree.Index(requirement)), " with "))
	}
	if len(alternatives) == 0 {
		return []string{""}
	}
	return alternatives
}

// compareCredentials compares the credentials that an operation needs.
func (r *reporter) compareCredentials(l location, from, to []string) {
	words := func(alternatives []string) string {
		if slices.Contains(alternatives, "") {
			return "needs no credentials"
		}
		return "needs the credentials " + strings.Join(alternatives, " or ")
	}
	isRefused := func(sent string) bool { return !slices.Contains(to, "") && !slices.Contains(to, sent) }
	if !slices.Equal(from, to) {
		r.addChange(request.class(slices.ContainsFunc(from, isRefused), true), l, words(to), words(from))
	}
}

// parameters returns the parameters of an operation by name; those in the path by their
// position in it, because their names can change.
func (o *operation) parameters() map[string]part {
	all := map[string]part{}
	path := tree.Placeholder.FindAllString(o.name, -1)
	for _, parameter := range tree.Items(o.Node, "parameters") {
		key, in := tree.Value(parameter, "name"), tree.Value(parameter, "in")
		switch in {
		case "path":
			key = fmt.Sprint("path ", slices.Index(path, "{"+key+"}"))
		case "header": // Names of headers are case-insensitive (RFC 9110, section 5.1).
			key = strings.ToLower(key)
		}
		if _, taken := all[key]; taken { // by a parameter in another place
			key = in + " " + key
		}
		all[key] = newPart(parameter)
	}
	return all
}

// compareParameter compares two states of a parameter of an operation.
func (r *reporter) compareParameter(l location, d direction, a, b part) {
	if in := tree.Value(b.Node, "in"); in != tree.Value(a.Node, "in") {
		r.add(behaviour, l, "is sent as a "+in+" parameter now")
	}
	if before, now := r.old.style(a), r.new.style(b); before != now && before != "" && now != "" {
		r.addChange(breaks, l, "is sent with "+code(now), code(before))
	}
	r.compareAnnotations(l, d, a.Node, b.Node)
	r.compareContent(l, d, a, b)
}

// style returns how an array or object is serialized in a parameter, in the terms of
// OpenAPI, or "" for other types.
func (s *State) style(parameter part) string {
	types := s.read(tree.Get(parameter.Node, "schema")).types
	if !slices.Contains(types, "array") && !slices.Contains(types, "object") {
		return ""
	}
	style := map[string]string{"query": "form", "cookie": "form"}[tree.Value(parameter.Node, "in")]
	style = cmp.Or(tree.Value(parameter.Node, "style"), style, "simple")
	explode := cmp.Or(tree.Value(parameter.Node, "explode"), strconv.FormatBool(style == "form"))
	return "style: " + style + ", explode: " + explode
}

// body returns the request body, if there is one.
func (o *operation) body() map[string]part {
	body := members(o.Node)
	maps.DeleteFunc(body, func(keyword string, _ part) bool { return keyword != "requestBody" })
	return body
}

// compareResponses compares the responses to an operation in one direction, by status. If the
// only change of successful statuses is that one took the place of another, the two are compared.
func (r *reporter) compareResponses(l location, d direction, a, b *operation) {
	isOther := func(status string, _ part) bool {
		return d != request && strings.HasPrefix(status, "2") != (d == response)
	}
	from, to := members(a.Node, "responses"), members(b.Node, "responses")
	maps.DeleteFunc(from, isOther)
	maps.DeleteFunc(to, isOther)
	before, now := firstWithout(from, to), firstWithout(to, from)
	if d == response && before != "" && now != "" {
		r.addChange(behaviour, l, "responds with status "+now, before)
		from[now] = from[before]
		delete(from, before)
	}
	r.compareParts(responses, l, d, from, to, r.compareContent)
}

// firstWithout returns the first name in a that is not in b, or "".
func firstWithout(a, b map[string]part) string {
	for _, name := range tree.SortedKeys(a) {
		if _, found := b[name]; !found {
			return name
		}
	}
	return ""
}
