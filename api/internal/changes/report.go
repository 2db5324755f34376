package changes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/goapi"
)

type field = goapi.Field

// class is what a change means for those who call the Go code.
type class int

const (
	addition  class = iota // nothing, until they use it
	behaviour              // their code compiles, and meets or does something else
	breaks                 // their code does not compile, or its requests are refused
)

// input is what a report is made of; of two, the earlier comes first.
type input struct {
	titles    [2]string
	docs      [2]node
	names     [2]*goapi.Names
	diff      findings // oasdiff's
	goChanges []goapi.Change
	goErr     error // why there are no names and changes of Go
}

type line struct {
	class   class
	place   string
	text    string
	symbols []string
	methods map[string]bool
}

type reporter struct {
	input
	uses  map[string]use // by schema
	lines []*line
	seen  map[string]*line
}

func report(in input) (text string, err error) {
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case misread:
			err = problem
		default:
			panic(problem)
		}
	}()
	r := &reporter{input: in, uses: map[string]use{}, seen: map[string]*line{}}
	r.findUses()
	r.document()
	r.goSide()
	return r.print(), nil
}

func code(s string) string { return "`" + s + "`" }

// display is how the report writes a symbol: methods of the client go by
// Client.Name, as they are called through package signalwire.
func display(symbol string) string {
	if method, ok := strings.CutPrefix(symbol, "gen.Client."); ok {
		return "Client." + method
	}
	return symbol
}

func (r *reporter) fields(side int) map[string]map[string]field {
	if r.names[side] == nil {
		return nil
	}
	return r.names[side].Fields
}

func (r *reporter) values(side int) map[string]map[string]string {
	if r.names[side] == nil {
		return nil
	}
	return r.names[side].Values
}

// add adds a line, unless there is one that says the same: two schemas can be
// one type in Go.
func (r *reporter) add(c class, p place, text string, symbols ...string) {
	l := &line{class: c, place: p.display(), text: p.part + text, symbols: symbols, methods: p.use.methods}
	if p.symbol != "" {
		l.symbols = append(l.symbols, p.symbol)
	}
	if same := r.seen[l.place+l.text]; same != nil {
		same.class = max(same.class, c)
		same.methods = union(same.methods, l.methods)
		return
	}
	r.seen[l.place+l.text] = l
	r.lines = append(r.lines, l)
}

func union(a, b map[string]bool) map[string]bool {
	both := maps.Clone(a)
	if both == nil {
		both = map[string]bool{}
	}
	maps.Copy(both, b)
	return both
}

// schemaPlace is the place of a schema with a name of its own.
func (r *reporter) schemaPlace(name string, u use) place {
	p := place{spec: name, use: u}
	for side := 1; side >= 0 && p.symbol == "" && r.names[side] != nil; side-- {
		n := object(at(r.docs[side], "components", "schemas", name))
		if n == nil {
			continue
		}
		for _, candidate := range []string{text(n["x-go-type-name"]), text(n["x-go-type"]), text(n["x-go-name"]), name} {
			if typ := r.names[side].Types[goapi.Fold(candidate)]; typ != "" {
				p.symbol, p.typ = "gen."+typ, typ
				break
			}
		}
	}
	return p
}

// methodPlace is the place of an operation: its method, and those made from it.
func (r *reporter) methodPlace(side int, operation node, where string) (p place, more []string) {
	id := text(operation["operationId"])
	p = place{spec: where}
	if r.names[side] != nil {
		for i, method := range r.names[side].Methods[id] {
			if i == 0 {
				p.symbol = "gen.Client." + method
			} else {
				more = append(more, "gen.Client."+method)
			}
		}
	}
	return p, more
}

var httpMethods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

// findUses follows the references of every operation's requests and answers.
func (r *reporter) findUses() {
	for side, doc := range r.docs {
		for path, item := range object(doc["paths"]) {
			for _, method := range httpMethods {
				operation := object(at(item, method))
				if operation == nil {
					continue
				}
				p, _ := r.methodPlace(side, operation, strings.ToUpper(method)+" "+path)
				r.reach(doc, []any{operation["parameters"], at(item, "parameters"), operation["requestBody"]}, use{request: true, methods: map[string]bool{p.display(): true}}, map[string]bool{})
				r.reach(doc, operation["responses"], use{answer: true, methods: map[string]bool{p.display(): true}}, map[string]bool{})
			}
		}
	}
}

func (r *reporter) reach(doc node, v any, u use, seen map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, v := range v {
			r.reach(doc, v, u, seen)
		}
	case node:
		if ref := text(v["$ref"]); ref != "" && !seen[ref] {
			seen[ref] = true
			if name := refName(v); name != ref {
				known := r.uses[name]
				r.uses[name] = use{known.request || u.request, known.answer || u.answer, union(known.methods, u.methods)}
			}
			r.reach(doc, resolve(doc, node{"$ref": ref}), u, seen)
		}
		for _, inner := range v {
			r.reach(doc, inner, u, seen)
		}
	}
}

// document reports what oasdiff found.
func (r *reporter) document() {
	for _, key := range slices.Sorted(maps.Keys(r.diff)) {
		switch raw := r.diff[key]; key {
		case "paths":
			r.paths(raw)
		case "components":
			for part, raw := range read[findings](raw) {
				if part == "schemas" {
					r.schemas(read[sets](raw))
				} else if part == "securitySchemes" {
					r.add(behaviour, place{spec: part}, "changed")
				} // the others are seen where they are used
			}
		case "info", "tags", "externalDocs", "openAPI", "extensions": // of no concern to callers
		default: // security, servers
			r.add(behaviour, place{spec: key}, "changed, for all operations")
		}
	}
}

func (r *reporter) schemas(s sets) {
	for _, name := range s.Deleted {
		p := r.schemaPlace(name, r.uses[name])
		if r.goErr != nil || p.typ != "" && r.names[1].Types[goapi.Fold(p.typ)] == "" {
			r.add(breaks, p, "gone")
		}
	}
	for name, d := range s.Modified {
		if r.goErr == nil && !r.concerns(name) {
			continue
		}
		r.schema(r.schemaPlace(name, r.uses[name]), d, object(at(r.docs[0], "components", "schemas", name)), object(at(r.docs[1], "components", "schemas", name)))
	}
	if r.goErr != nil { // else they are among what is new in Go
		for _, name := range s.Added {
			r.add(addition, r.schemaPlace(name, r.uses[name]), "new")
		}
	}
}

// concerns tells whether a schema has a type in Go or goes into what an
// operation sends or answers. Others are parts that the description no longer
// or not yet uses.
func (r *reporter) concerns(schema string) bool {
	_, used := r.uses[schema]
	return used || r.schemaPlace(schema, use{}).typ != ""
}

// operation is one of a description.
type operation struct {
	method, path string
	node         node
}

func (o operation) String() string { return strings.ToUpper(o.method) + " " + o.path }

func (r *reporter) operations(side int, path string, methods ...string) (operations []operation) {
	for _, method := range methods {
		method = strings.ToLower(method)
		if n := object(at(r.docs[side], "paths", path, method)); n != nil {
			operations = append(operations, operation{method, path, n})
		}
	}
	return operations
}

func (r *reporter) paths(raw json.RawMessage) {
	paths := read[sets](raw)
	var gone, added []operation
	for _, path := range paths.Deleted {
		gone = append(gone, r.operations(0, path, httpMethods...)...)
	}
	for _, path := range paths.Added {
		added = append(added, r.operations(1, path, httpMethods...)...)
	}
	for path, d := range paths.Modified {
		operations := read[sets](d["operations"])
		gone = append(gone, r.operations(0, path, operations.Deleted...)...)
		added = append(added, r.operations(1, path, operations.Added...)...)
		for method, d := range operations.Modified {
			method = strings.ToLower(method)
			r.operation(operation{method, path, object(at(r.docs[0], "paths", path, method))}, object(at(r.docs[1], "paths", path, method)), d)
		}
		for key := range d {
			if key != "operations" {
				for _, o := range r.operations(1, path, httpMethods...) {
					p, _ := r.methodPlace(1, o.node, o.String())
					r.add(behaviour, p, "what the path says of all its operations changed: "+key)
				}
			}
		}
	}
	for _, o := range gone {
		p, more := r.methodPlace(0, o.node, o.String())
		i := slices.IndexFunc(added, func(a operation) bool {
			after, _ := r.methodPlace(1, a.node, a.String())
			id := text(o.node["operationId"])
			return id != "" && id == text(a.node["operationId"]) || p.symbol != "" && p.symbol == after.symbol
		})
		if i >= 0 {
			r.add(behaviour, p, fmt.Sprintf("moved from `%s` to `%s`; compare its parameters and statuses by hand", o, added[i]), more...)
			added = slices.Delete(added, i, i+1)
			continue
		}
		r.add(breaks, p, opText("gone", p, o), more...)
	}
	for _, o := range added {
		p, more := r.methodPlace(1, o.node, o.String())
		r.add(addition, p, opText("new", p, o), more...)
	}
}

// opText says what became of an operation, and which it is if its name does not.
func opText(what string, p place, o operation) string {
	if p.symbol == "" {
		return what
	}
	return what + ", " + code(o.String())
}

func (r *reporter) operation(o operation, new node, d findings) {
	before, moreBefore := r.methodPlace(0, o.node, o.String())
	p, more := r.methodPlace(1, new, o.String())
	for _, key := range slices.Sorted(maps.Keys(d)) {
		raw := d[key]
		switch key {
		case "tags", "externalDocs": // of no concern to callers
		case "operationID":
			if before.symbol != p.symbol {
				r.add(breaks, p, "was called "+before.display(), append(append(moreBefore, more...), before.symbol)...)
			}
		case "deprecated":
			if new["deprecated"] == true {
				r.add(behaviour, p, "deprecated")
			}
		case "parameters":
			r.parameters(p, o.node, new, raw)
		case "requestBody":
			r.requestBody(p, o.node, new, read[findings](raw))
		case "responses":
			r.responses(p, o.node, new, read[sets](raw))
		case "securityRequirements", "security":
			r.add(behaviour, p, "needs other credentials")
		default:
			r.add(behaviour, p, aspect(key, raw))
		}
	}
}

// parameter is the place of a parameter: a field of the operation's parameters,
// or an argument of its method.
func (r *reporter) parameter(p place, in, name string) place {
	q := p.of(in+" parameter "+name, use{request: true})
	params := place{typ: strings.TrimPrefix(p.symbol, "gen.Client.") + "Params", use: q.use}
	if field := r.property(params, name); field.symbol != "" {
		return field
	}
	return q
}

func (r *reporter) parameters(p place, old, new node, raw json.RawMessage) {
	change := read[struct {
		Added, Deleted map[string][]string
		Modified       map[string]map[string]findings
	}](raw)
	find := func(side int, operation node, in, name string) node {
		list, _ := operation["parameters"].([]any)
		for _, v := range list {
			if n := resolve(r.docs[side], v); n["in"] == in && (n["name"] == name || in == "header" && strings.EqualFold(text(n["name"]), name)) {
				return n
			}
		}
		return nil
	}
	for in, names := range change.Added {
		for _, name := range names {
			if find(1, new, in, name)["required"] == true {
				r.add(breaks, r.parameter(p, in, name), "new, and required")
			} else {
				r.add(addition, r.parameter(p, in, name), "new")
			}
		}
	}
	for in, names := range change.Deleted {
		for _, name := range names {
			r.add(breaks, r.parameter(p, in, name), "gone")
		}
	}
	for in, changed := range change.Modified {
		for name, d := range changed {
			q := r.parameter(p, in, name)
			schemaOld, schemaNew := object(find(0, old, in, name)["schema"]), object(find(1, new, in, name)["schema"])
			for key, raw := range d {
				switch {
				case key == "schema":
					r.schema(q, read[findings](raw), schemaOld, schemaNew)
				case key == "examples" || key == "example" || key == "description": // of no concern to callers
				case (key == "explode" || key == "style") && !isCompound(resolve(r.docs[1], schemaNew)): // makes no difference
				case key == "required" && read[fromTo](raw).To == true:
					r.add(breaks, q, "required now")
				case key == "required":
					r.add(addition, q, "optional now")
				default:
					r.add(behaviour, q, aspect(key, raw))
				}
			}
		}
	}
}

// isCompound tells whether a value of n is a list or an object.
func isCompound(n node) bool {
	n, _ = withoutNull(n)
	t, _ := types(n)
	return n["properties"] != nil || slices.Contains(t, "array") || slices.Contains(t, "object")
}

func (r *reporter) requestBody(p place, old, new node, d findings) {
	for key, raw := range d {
		switch key {
		case "added":
			r.add(breaks, p, "has a request body now")
		case "deleted":
			r.add(breaks, p, "has no request body any more")
		case "required":
			r.add(behaviour, p, map[bool]string{true: "the request body is required now", false: "the request body is optional now"}[read[fromTo](raw).To == true])
		case "content":
			r.content(p.of("request", use{request: true}), resolve(r.docs[0], old["requestBody"]), resolve(r.docs[1], new["requestBody"]), read[sets](raw))
		default:
			r.add(behaviour, p, "request body: "+aspect(key, raw))
		}
	}
}

func (r *reporter) responses(p place, old, new node, statuses sets) {
	for _, status := range statuses.Added {
		r.add(behaviour, p, "can answer "+status+" now")
	}
	for _, status := range statuses.Deleted {
		r.add(behaviour, p, "does not answer "+status+" any more, by the description")
	}
	for status, d := range statuses.Modified {
		q := p.of("answer "+status, use{answer: true})
		for key, raw := range d {
			if key == "content" {
				r.content(q, resolve(r.docs[0], at(old, "responses", status)), resolve(r.docs[1], at(new, "responses", status)), read[sets](raw))
			} else {
				r.add(behaviour, q, aspect(key, raw))
			}
		}
	}
}

func (r *reporter) content(p place, old, new node, media sets) {
	for _, m := range media.Added {
		r.add(behaviour, p, "new media type "+m)
	}
	for _, m := range media.Deleted {
		r.add(breaks, p, "no media type "+m+" any more")
	}
	for m, d := range media.Modified {
		q := p
		for key, raw := range d {
			if key == "schema" {
				oldSchema, newSchema := object(at(old, "content", m, "schema")), object(at(new, "content", m, "schema"))
				q.typ = text(newSchema["x-go-type-name"])
				r.schema(q, read[findings](raw), oldSchema, newSchema)
			} else {
				r.add(behaviour, p, aspect(key, raw))
			}
		}
	}
}

// goSide joins what changed in Go with the lines that explain it, and adds
// lines for the rest.
func (r *reporter) goSide() {
	changed := map[string]bool{}
	for _, change := range r.goChanges {
		changed[change.Symbol] = change.What == "removed" || change.What == "added"
	}
	implied := map[string]bool{} // constants of a type that came or went with them
	for _, names := range r.names {
		if names == nil {
			continue
		}
		for typ, constants := range names.Values {
			for _, name := range constants {
				implied["gen."+name] = changed["gen."+typ]
			}
		}
	}
	lines := map[string][]*line{}
	for _, l := range r.lines {
		for _, symbol := range l.symbols {
			lines[symbol] = append(lines[symbol], l)
		}
	}
	for _, change := range r.goChanges {
		switch explained := lines[change.Symbol]; {
		case len(explained) == 0 && implied[change.Symbol]:
		case change.Breaks && len(explained) == 0:
			r.add(breaks, place{symbol: change.Symbol}, "in Go "+change.What)
		case change.Breaks:
			l := slices.MaxFunc(explained, func(a, b *line) int { return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.text, a.text)) })
			l.class = breaks
			if change.What != "removed" {
				l.text += "; in Go " + change.What
			}
		case len(explained) == 0:
			r.add(addition, place{symbol: change.Symbol}, "in Go "+change.What)
		}
	}
}

func (r *reporter) count(side int) (n int) {
	for _, item := range object(r.docs[side]["paths"]) {
		for _, method := range httpMethods {
			if at(item, method) != nil {
				n++
			}
		}
	}
	return n
}

func (r *reporter) print() string {
	var b strings.Builder
	fmt.Fprintf(&b, "API changes from %s to %s: %d operations, were %d.\n", r.titles[0], r.titles[1], r.count(1), r.count(0))
	if r.goErr != nil {
		fmt.Fprintf(&b, "\nThis is judged by the descriptions alone, as the Go code could not be compared:\n\n```\n%s\n```\n", strings.TrimSpace(r.goErr.Error()))
	}
	for _, section := range []struct {
		class         class
		title, justGo string
	}{{breaks, "Breaks callers", "- Gone in Go: "}, {behaviour, "Changes behaviour", ""}, {addition, "Additions", "- New in Go: "}} {
		fmt.Fprintf(&b, "\n### %s\n\n", section.title)
		var texts, justGo []string
		for _, l := range r.lines {
			switch {
			case l.class != section.class:
			case l.text == "in Go removed" || l.text == "in Go added":
				justGo = append(justGo, l.place)
			default:
				texts = append(texts, "- "+l.place+": "+l.text+users(l)+"\n")
			}
		}
		slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
		if len(justGo) > 0 {
			slices.Sort(justGo)
			texts = append(texts, section.justGo+strings.Join(justGo, ", ")+"\n")
		}
		if len(texts) == 0 {
			texts = []string{"None.\n"}
		}
		b.WriteString(strings.Join(texts, ""))
	}
	return b.String()
}

// rank puts operations before types.
func rank(text string) int {
	if strings.HasPrefix(text, "- `Client.") {
		return 0
	}
	return 1
}

// users are the operations that a line concerns, if it is not about one.
func users(l *line) string {
	if l.methods[l.place] {
		return ""
	}
	methods := slices.Sorted(maps.Keys(l.methods))
	if len(methods) == 0 {
		return ""
	}
	if len(methods) > 4 {
		methods = append(methods[:3], fmt.Sprintf("%d more", len(methods)-3))
	}
	return " (" + strings.Join(methods, ", ") + ")"
}
