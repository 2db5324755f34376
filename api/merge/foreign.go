package main

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// intake is what there is besides when documents are taken in that others wrote:
// the description that we ship, which names its operations, and the report.
type intake struct {
	shipped *yaml.Node // nil if there is none
	report
}

// checkKinds refuses a document whose mappings are none, which the generator
// would refuse later and with fewer words.
func (m *merger) checkKinds(d document) bool {
	before := len(m.errs)
	check := func(n *yaml.Node, where string, kind yaml.Kind, expected string) bool {
		if n != nil && n.Kind != kind {
			m.errorf("%s: expected %s as %s, found %s", m.at(n), expected, where, describe(n))
		}
		return n != nil && n.Kind == kind
	}
	mapping := func(n *yaml.Node, where string) bool { return check(n, where, yaml.MappingNode, "a mapping") }
	mapping(get(d.root, "paths"), "paths")
	check(get(d.root, "tags"), "tags", yaml.SequenceNode, "a list")
	for path, item := range entries(get(d.root, "paths")) {
		if isExtension(path.Value) {
			continue
		}
		mapping(item, "paths."+path.Value)
		check(get(item, "parameters"), "paths."+path.Value+".parameters", yaml.SequenceNode, "a list")
		for method, operation := range entries(item) {
			where := "paths." + path.Value + "." + method.Value
			if methods[method.Value] && mapping(operation, where) {
				check(get(operation, "parameters"), where+".parameters", yaml.SequenceNode, "a list")
			}
		}
	}
	mapping(get(d.root, "components"), "components")
	for kind, named := range entries(get(d.root, "components")) {
		if !isExtension(kind.Value) && mapping(named, "components."+kind.Value) && kind.Value == "schemas" {
			for name, schema := range entries(named) {
				mapping(schema, "components.schemas."+name.Value)
			}
		}
	}
	return len(m.errs) == before
}

// plain brings a document into the form that our own have, in which each thing
// is said in one way. None of this changes what the document means for a client.
func (m *merger) plain(d document) {
	m.dropped(d.root, "webhooks", "webhook")
	m.inlineComponents(d.root)
	for path, item := range entries(get(d.root, "paths")) {
		shared := get(item, "parameters")
		for method, operation := range entries(item) {
			if !methods[method.Value] || isExtension(path.Value) {
				continue
			}
			m.dropped(operation, "callbacks", "callback")
			if shared != nil {
				m.pushParameters(shared, operation)
			}
		}
		remove(item, "parameters")
	}
	if components := get(d.root, "components"); components != nil {
		m.plainSchemas(components)
	}
	if paths := get(d.root, "paths"); paths != nil {
		m.plainSchemas(paths)
	}
	m.nameSWML(d)
	for name, schema := range entries(get(get(d.root, "components"), "schemas")) {
		if schema.Kind != yaml.MappingNode {
			continue
		}
		// The overlay tells schemas by their titles, which the documentation's
		// descriptions set to the names.
		if title := get(schema, "title"); title == nil {
			schema.Content = append(schema.Content, m.text("title", name), m.text(name.Value, name))
		} else {
			title.Value, title.Tag, title.Style = name.Value, "!!str", 0
		}
	}
}

// text is a new scalar that stands for a place.
func (m *merger) text(value string, place *yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Line: place.Line}
	m.files[n] = m.files[place]
	return n
}

// dropped removes what SignalWire calls, as a client is about what it is called with.
func (m *merger) dropped(n *yaml.Node, key, what string) {
	for name := range entries(get(n, key)) {
		m.intake.note(sectionLeft, "%s `%s` (%s): SignalWire sends it, a client does not", what, name.Value, m.at(name))
	}
	remove(n, key)
}

func remove(n *yaml.Node, name string) {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Kind == yaml.MappingNode && n.Content[i].Value == name {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// inlineComponents writes out the components that are only a short cut, since
// overlay actions and the generator look at where they are used.
func (m *merger) inlineComponents(root *yaml.Node) {
	kinds := []string{"parameters", "responses", "requestBodies"}
	components := get(root, "components")
	var walk func(n *yaml.Node, depth int)
	walk = func(n *yaml.Node, depth int) {
		if ref := get(n, "$ref"); ref != nil && depth < 10 {
			for _, kind := range kinds {
				name, ok := strings.CutPrefix(ref.Value, "#/components/"+kind+"/")
				if target := get(get(components, kind), unescape.Replace(name)); ok && target != nil && n.Kind == yaml.MappingNode {
					n.Content = m.clone(target).Content
					walk(n, depth+1)
					return
				}
			}
		}
		for _, child := range n.Content {
			walk(child, depth)
		}
	}
	if paths := get(root, "paths"); paths != nil {
		walk(paths, 0)
	}
	for _, kind := range kinds {
		remove(components, kind)
	}
}

// pushParameters gives an operation the parameters of its path.
func (m *merger) pushParameters(shared, operation *yaml.Node) {
	own := get(operation, "parameters")
	if own == nil {
		own = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: operation.Line}
		m.files[own] = m.files[operation]
		operation.Content = append(operation.Content, m.text("parameters", operation), own)
	}
	id := func(p *yaml.Node) string { return describe(get(p, "in")) + " " + describe(get(p, "name")) }
	var missing []*yaml.Node
	for _, p := range shared.Content {
		if !slices.ContainsFunc(own.Content, func(q *yaml.Node) bool { return id(p) == id(q) }) {
			missing = append(missing, m.clone(p))
		}
	}
	own.Content = append(missing, own.Content...)
}

// structural are the keywords that the generator does not see beside a $ref or
// an allOf.
var structural = []string{"properties", "required", "additionalProperties", "patternProperties", "items", "oneOf", "anyOf"}

// plainSchemas says in one way what schemas say with $ref and allOf: an allOf of
// one $ref is that $ref, which in OpenAPI 3.1 can stand beside words, and what
// else stands beside either is a part of an allOf.
func (m *merger) plainSchemas(n *yaml.Node) {
	for _, child := range n.Content {
		m.plainSchemas(child)
	}
	all, ref := get(n, "allOf"), get(n, "$ref")
	if all == nil && ref == nil || all != nil && all.Kind != yaml.SequenceNode || ref != nil && ref.Kind != yaml.ScalarNode {
		return
	}
	if slices.ContainsFunc(structural, func(key string) bool { v := get(n, key); return v != nil && v.Kind != yaml.ScalarNode }) {
		rest := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line}
		m.files[rest] = m.files[n]
		fields := n.Content
		n.Content = nil
		if all == nil {
			all = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: n.Line}
			m.files[all] = m.files[n]
			part := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line}
			m.files[part] = m.files[n]
			all.Content = []*yaml.Node{part}
		}
		for i := 0; i+1 < len(fields); i += 2 {
			to := n
			switch key := fields[i].Value; {
			case key == "allOf":
				continue
			case key == "$ref":
				to = all.Content[0]
			case key == "type" || slices.Contains(structural, key):
				to = rest
			}
			to.Content = append(to.Content, fields[i], fields[i+1])
		}
		all.Content = append(all.Content, rest)
		n.Content = append(n.Content, m.text("allOf", n), all)
	} else if ref == nil && len(all.Content) == 1 {
		if only := all.Content[0]; get(only, "$ref") != nil && len(only.Content) == 2 {
			remove(n, "allOf")
			n.Content = append(slices.Clone(only.Content), n.Content...)
		}
	}
}

// nameSWML calls the schemas of SWML documents as we ship them, SWML.<area>.<name>,
// or else SWML.<name>. Older descriptions have them without that, among those of
// the API, and the overlay would not see that they are another language.
func (m *merger) nameSWML(d document) {
	ours := index(schemas(m.intake.shipped))
	all := index(schemas(d.root))
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if _, known := ours[name]; known || found[name] || all[name].value == nil {
			return
		}
		found[name] = true
		eachRef(all[name].value, func(ref *yaml.Node) {
			if name, _, ok := schemaOf(ref.Value); ok {
				visit(name)
			}
		})
	}
	visit("SWMLObject")
	to := map[string]string{}
	for _, name := range sortedKeys(found) {
		if strings.HasPrefix(name, "SWML.") {
			continue
		}
		to[name] = "SWML." + name
		var known []string
		for shipped := range ours {
			if strings.HasPrefix(shipped, "SWML.") && strings.HasSuffix(shipped, "."+name) {
				known = append(known, shipped)
			}
		}
		if len(known) == 1 {
			to[name] = known[0]
		}
		if _, taken := all[to[name]]; taken {
			delete(to, name)
		}
	}
	if len(to) > 0 {
		renameAll(d.root, to)
		m.intake.note(sectionLeft, "%s: %d schemas of SWML documents are called SWML.…, as in later descriptions", d.name, len(to))
	}
}

// renameAll renames schemas and what refers to them.
func renameAll(root *yaml.Node, to map[string]string) {
	eachRef(root, func(ref *yaml.Node) {
		if name, rest, ok := schemaOf(ref.Value); ok && to[name] != "" {
			ref.Value = schemaRef + escape.Replace(to[name]) + rest
		}
	})
	for name, schema := range entries(schemas(root)) {
		if fresh := to[name.Value]; fresh != "" {
			name.Value = fresh
			if title := get(schema, "title"); title != nil {
				title.Value = fresh
			}
		}
	}
}

// placeholder is how descriptions write the name of a Space in a URL.
var placeholder = regexp.MustCompile(`(?i)\{[^{}]*\}|%7B[^%]*%7D`)

// oneServer leaves the one server that all paths of a document are relative to.
// Servers are about the same if they differ in how the Space's name is written;
// a path can have one of its own, which then is part of it.
func (m *merger) oneServer(d document) {
	base := func(servers *yaml.Node) (string, bool) {
		found := ""
		for i, server := range servers.Content {
			url := get(server, "url")
			if url == nil {
				return "", false
			}
			if _, rest, ok := strings.Cut(placeholder.ReplaceAllString(url.Value, "space"), "://"); !ok {
				return "", false
			} else if rest = strings.TrimRight(rest, "/"); i > 0 && rest != found {
				return "", false
			} else {
				found = rest
			}
		}
		return found, len(servers.Content) > 0
	}
	servers := get(d.root, "servers")
	paths := get(d.root, "paths")
	if servers == nil {
		for path := range entries(paths) {
			if !strings.HasPrefix(path.Value, "/api/") && !isExtension(path.Value) {
				return // foldBasePath says what is missing.
			}
		}
		m.intake.note(sectionLeft, "%s has no server; its paths begin with /api/, so they were taken as they are", d.name)
		servers = parse("[{url: 'https://{space_name}.signalwire.com'}]")
		m.inspect(d.name, servers, 0)
		d.root.Content = append(d.root.Content, m.text("servers", d.root), servers)
	}
	whole, ok := base(servers)
	if !ok {
		return
	}
	servers.Content = servers.Content[:1]
	for path, item := range entries(paths) {
		for method, operation := range entries(item) {
			own := get(operation, "servers")
			if b, ok := base(orEmpty(own)); methods[method.Value] && ok && b == whole {
				remove(operation, "servers")
			}
		}
		own, ok := base(orEmpty(get(item, "servers")))
		if !ok {
			continue
		}
		if own != whole {
			host, _, _ := strings.Cut(whole, "/")
			rest, below := strings.CutPrefix(own, whole)
			if !below || !strings.HasPrefix(own, host) {
				continue
			}
			path.Value = rest + path.Value
		}
		remove(item, "servers")
	}
}

// orEmpty makes nothing an empty list.
func orEmpty(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{}
	}
	return n
}

// addSecuritySchemes takes the kinds of credentials that the description refers
// to and does not declare, as single pages do not, from the one that we ship.
func (m *merger) addSecuritySchemes(root *yaml.Node) {
	if m.intake == nil || m.intake.shipped == nil {
		return
	}
	ours := index(get(get(m.intake.shipped, "components"), "securitySchemes"))
	components := get(root, "components")
	add := func(requirements *yaml.Node) {
		for _, requirement := range orEmpty(requirements).Content {
			for name := range entries(requirement) {
				if scheme, ok := ours[name.Value]; ok && get(get(components, "securitySchemes"), name.Value) == nil {
					if components == nil {
						components = m.mapping("components", root)
					}
					schemes := get(components, "securitySchemes")
					if schemes == nil {
						schemes = m.mapping("securitySchemes", components)
					}
					schemes.Content = append(schemes.Content, scheme.key, scheme.value)
				}
			}
		}
	}
	add(get(root, "security"))
	eachPathOperation(root, func(_, _, operation *yaml.Node) { add(get(operation, "security")) })
}

// mapping adds an empty mapping to another.
func (m *merger) mapping(name string, to *yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: to.Line}
	m.files[n] = m.files[to]
	to.Content = append(to.Content, m.text(name, to), n)
	return n
}

// requireOperation refuses documents of which no client can be made.
func (m *merger) requireOperation(documents []document) bool {
	some := false
	var names []string
	for _, d := range documents {
		eachPathOperation(d.root, func(_, _, _ *yaml.Node) { some = true })
		names = append(names, d.name)
	}
	if !some {
		m.errorf("%s: has no operation; expected paths with at least one", strings.Join(names, ", "))
	}
	return some
}

// parse reads YAML of our own.
func parse(text string) *yaml.Node {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		panic(err)
	}
	return document.Content[0]
}
