package main

import (
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// words are the keywords that say nothing to a program.
var words = map[string]bool{
	"title": true, "summary": true, "description": true, "example": true, "examples": true, "externalDocs": true,
}

// shape is what a value says to a program: a text that is equal for values that
// differ in words and in the order of what has none, and the $refs in it, which
// the text leaves open.
func shape(n *yaml.Node) (text string, refs []string) {
	var b strings.Builder
	var write func(n *yaml.Node, chosen bool)
	write = func(n *yaml.Node, chosen bool) {
		switch {
		case n.Kind == yaml.MappingNode:
			values := index(n)
			b.WriteByte('{')
			for _, name := range sortedKeys(values) {
				value := values[name].value
				if !chosen && (words[name] || isExtension(name)) {
					continue
				}
				b.Write(quote(name))
				if isRef(values[name].key, value) && !chosen {
					refs = append(refs, value.Value)
				} else if !chosen && (name == "required" || name == "enum") && value.Kind == yaml.SequenceNode {
					var items []string
					for _, item := range value.Content {
						items = append(items, describe(item))
					}
					slices.Sort(items)
					b.WriteString(strings.Join(items, ","))
				} else {
					write(value, !chosen && named[name])
				}
			}
			b.WriteByte('}')
		case n.Kind == yaml.SequenceNode:
			b.WriteByte('[')
			for _, item := range n.Content {
				write(item, false)
				b.WriteByte(',')
			}
			b.WriteByte(']')
		default:
			b.WriteString(canonical(n))
		}
	}
	if n != nil {
		write(n, false)
	}
	return b.String(), refs
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

const schemaRef = "#/components/schemas/"

// schemaOf is the name of the schema that a $ref points at or into, and the rest.
func schemaOf(ref string) (name, rest string, ok bool) {
	pointer, ok := strings.CutPrefix(ref, schemaRef)
	name, rest, below := strings.Cut(pointer, "/")
	if below {
		rest = "/" + rest
	}
	return unescape.Replace(name), rest, ok
}

// eachRef visits what names a schema: each $ref, and the texts of a
// discriminator's mapping that are one.
func eachRef(n *yaml.Node, visit func(ref *yaml.Node)) {
	eachKeyword(n, func(key, value *yaml.Node) {
		if isRef(key, value) {
			visit(value)
		}
		if key.Value == "discriminator" {
			for _, target := range entries(get(value, "mapping")) {
				if strings.HasPrefix(target.Value, "#/") {
					visit(target)
				}
			}
		}
	})
}

func schemas(root *yaml.Node) *yaml.Node { return get(get(root, "components"), "schemas") }

// sameMeaning relates the schemas of b to those of a that say the same to a
// program, all that they refer to included: the largest relation in which each
// pair has one shape, and their $refs are pairs again.
func sameMeaning(a, b *yaml.Node) map[string]map[string]bool {
	type seen struct {
		name string
		refs []string
	}
	byShape := map[string][]seen{}
	refsOf := map[string][]string{}
	for name, schema := range entries(a) {
		text, refs := shape(schema)
		byShape[text] = append(byShape[text], seen{name.Value, refs})
	}
	pairs := map[string]map[string][]string{}
	for name, schema := range entries(b) {
		text, refs := shape(schema)
		refsOf[name.Value] = refs
		pairs[name.Value] = map[string][]string{}
		for _, other := range byShape[text] {
			pairs[name.Value][other.name] = other.refs
		}
	}
	for changed := true; changed; {
		changed = false
		for name, others := range pairs {
			for other, refs := range others {
				for i, ref := range refsOf[name] {
					mine, rest, ok := schemaOf(ref)
					theirs, otherRest, _ := schemaOf(refs[i])
					_, pair := pairs[mine][theirs]
					if !ok && ref != refs[i] || ok && (!pair || rest != otherRest) {
						delete(others, other)
						changed = true
						break
					}
				}
			}
		}
	}
	related := map[string]map[string]bool{}
	for name, others := range pairs {
		related[name] = map[string]bool{}
		for other := range others {
			related[name][other] = true
		}
	}
	return related
}

// rank adds a document that comes after root in precedence: of an operation, and
// of anything else of one name, root's is the one that stays.
func (m *merger) rank(root *yaml.Node, d document) {
	m.renameSchemas(root, d)
	if len(m.errs) > 0 {
		return
	}
	wins := func(what string, a, b entry) {
		if diff := difference(a.value, b.value); diff != "" {
			m.intake.note(sectionPrecedence, "%s: %s wins over %s (first difference at %s)", what, m.at(a.key), m.at(b.key), strings.TrimPrefix(diff, ": "))
		}
	}
	top := index(root)
	for key, value := range entries(d.root) {
		first, ok := top[key.Value]
		switch {
		case !ok:
			root.Content = append(root.Content, key, value)
		case key.Value == "tags":
			for _, tag := range value.Content {
				if !slices.ContainsFunc(first.value.Content, func(t *yaml.Node) bool { return equal(get(t, "name"), get(tag, "name")) }) {
					first.value.Content = append(first.value.Content, tag)
				}
			}
		case key.Value == "components":
			m.union("", first, entry{key, value}, func(kind string, a, b entry) {
				m.unionOrFirst(a, b, func(name string, a, b entry) { wins(kind+" "+name, a, b) })
			})
		case key.Value == "paths":
			m.rankPaths(first.value, value, wins)
		}
	}
}

// unionOrFirst is union for foreign documents, where the first wins in any case.
func (m *merger) unionOrFirst(a, b entry, both func(name string, a, b entry)) {
	have := index(a.value)
	for key, value := range entries(b.value) {
		if first, ok := have[key.Value]; ok {
			both(key.Value, first, entry{key, value})
		} else {
			a.value.Content = append(a.value.Content, key, value)
		}
	}
}

// samePaths finds the paths of a that those of b are: of the same text or, if
// there is one such in each, of a text that differs in names of parameters.
func samePaths(a, b *yaml.Node) map[string]string {
	loose := func(paths *yaml.Node) map[string][]string {
		found := map[string][]string{}
		for path := range entries(paths) {
			key := placeholder.ReplaceAllString(path.Value, "{}")
			found[key] = append(found[key], path.Value)
		}
		return found
	}
	exact, of, to := index(a), loose(a), map[string]string{}
	for key, paths := range loose(b) {
		for _, path := range paths {
			if _, ok := exact[path]; ok {
				to[path] = path
			} else if len(paths) == 1 && len(of[key]) == 1 {
				to[path] = of[key][0]
			}
		}
	}
	return to
}

func (m *merger) rankPaths(a, b *yaml.Node, wins func(what string, a, b entry)) {
	have, same := index(a), samePaths(a, b)
	for path, item := range entries(b) {
		first, ok := have[same[path.Value]]
		if !ok {
			a.Content = append(a.Content, path, item)
			continue
		}
		operations := index(first.value)
		for method, operation := range entries(item) {
			if winner, ok := operations[method.Value]; ok {
				if methods[method.Value] {
					wins("operation `"+strings.ToUpper(method.Value)+" "+path.Value+"`", winner, entry{method, operation})
				}
			} else {
				if first.key.Value != path.Value && methods[method.Value] {
					m.renamePathParameters(first.key.Value, path.Value, operation)
				}
				first.value.Content = append(first.value.Content, method, operation)
			}
		}
	}
}

// renamePathParameters calls the parameters of an operation as the path does
// under which it comes to stand.
func (m *merger) renamePathParameters(to, from string, operation *yaml.Node) {
	old, new := placeholder.FindAllString(from, -1), placeholder.FindAllString(to, -1)
	for _, parameter := range orEmpty(get(operation, "parameters")).Content {
		in, name := get(parameter, "in"), get(parameter, "name")
		if in == nil || name == nil || in.Value != "path" {
			continue
		}
		if i := slices.Index(old, "{"+name.Value+"}"); i >= 0 {
			name.Value = strings.Trim(new[i], "{}")
		}
	}
}

// renameSchemas gives the schemas of d that have a name which means something
// else in root another one, and drops those among them that nothing needs.
func (m *merger) renameSchemas(root *yaml.Node, d document) {
	ours, theirs := index(schemas(root)), schemas(d.root)
	same := sameMeaning(schemas(root), theirs)
	to := map[string]string{}  // new names, by the old ones
	drop := map[string]bool{}  // old names of those for which root has an equal schema
	taken := map[string]bool{} // names that are not free
	for name := range entries(theirs) {
		taken[name.Value] = true
	}
	for name := range entries(theirs) {
		if _, both := ours[name.Value]; !both || same[name.Value][name.Value] {
			continue
		}
		for other := range entries(schemas(root)) {
			better := to[name.Value] == "" || strings.HasSuffix(other.Value, name.Value) && !strings.HasSuffix(to[name.Value], name.Value)
			if same[name.Value][other.Value] && better {
				to[name.Value], drop[name.Value] = other.Value, true
			}
		}
		if to[name.Value] == "" {
			fresh := stem(d.name) + name.Value
			if rest, ok := strings.CutPrefix(name.Value, "SWML."); ok {
				fresh = "SWML." + stem(d.name) + rest // The overlay knows SWML by this.
			}
			for _, used := ours[fresh]; used || taken[fresh]; _, used = ours[fresh] {
				fresh += "2"
			}
			to[name.Value], taken[fresh] = fresh, true
		}
	}
	if len(to) == 0 {
		return
	}
	needed := m.needed(root, d)
	old := index(theirs)
	for _, name := range sortedKeys(to) {
		a, b := ours[name], old[name]
		fate := "nothing that stays uses the other meaning"
		switch {
		case drop[name]:
			fate = "where the other meaning is used, it is `" + to[name] + "`, which says the same"
		case needed[name]:
			fate = "the other meaning is now called `" + to[name] + "`"
		}
		where := difference(a.value, b.value)
		if where == "" {
			where = "in what it refers to"
		} else {
			where = "first difference at " + strings.TrimPrefix(where, ": ")
		}
		m.intake.note(sectionPrecedence, "schema `%s`: %s wins over %s (%s); %s", name, m.at(a.key), m.at(b.key), where, fate)
		if drop[name] || !needed[name] {
			remove(theirs, name)
		}
	}
	renameAll(d.root, to)
}

// needed are the schemas of d that its operations which root has not refer to,
// directly or not, and those that its schemas which root has not refer to.
func (m *merger) needed(root *yaml.Node, d document) map[string]bool {
	found := map[string]bool{}
	theirs, ours := index(schemas(d.root)), index(schemas(root))
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		eachRef(n, func(ref *yaml.Node) {
			if name, _, ok := schemaOf(ref.Value); ok && !found[name] {
				found[name] = true
				if schema := theirs[name].value; schema != nil {
					visit(schema)
				}
			}
		})
	}
	paths, same := get(root, "paths"), samePaths(get(root, "paths"), get(d.root, "paths"))
	eachPathOperation(d.root, func(method, path, operation *yaml.Node) {
		if get(get(paths, same[path.Value]), method.Value) == nil {
			visit(operation)
		}
	})
	for name, schema := range theirs {
		if _, both := ours[name]; !both {
			visit(schema.value)
		}
	}
	return found
}

// eachPathOperation visits the operations that a client can call.
func eachPathOperation(root *yaml.Node, visit func(method, path, operation *yaml.Node)) {
	for path, item := range entries(get(root, "paths")) {
		for method, operation := range entries(item) {
			if methods[method.Value] && !isExtension(path.Value) {
				visit(method, path, operation)
			}
		}
	}
}

// stem is the name of a file as the beginning of a name.
func stem(file string) string {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	var b strings.Builder
	for _, word := range strings.FieldsFunc(base, func(r rune) bool { return !isNameRune(r) }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if name := b.String(); name != "" && (name[0] < '0' || name[0] > '9') {
		return name
	}
	return "Document" + b.String()
}

func isNameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
