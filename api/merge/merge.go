package main

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// document is one of the descriptions to merge.
type document struct {
	name string
	root *yaml.Node
}

// merge makes one description of the documents and applies the overlays to it.
// Each step needs the one before it to have succeeded, and reports all that is
// wrong with its own.
func (m *merger) merge(files, overlays []file) (*yaml.Node, error) {
	if m.files == nil {
		m.files = map[*yaml.Node]string{}
	}
	var documents []document
	for _, f := range files {
		if f, ok := m.page(f); ok {
			documents = append(documents, document{f.name, m.load(f)})
		}
	}
	if len(m.errs) > 0 {
		return nil, m.err()
	}
	root := documents[0].root
	steps := []func(){
		func() {
			for _, d := range documents {
				m.prepare(d)
				if m.intake != nil {
					m.intake.add(d)
				}
			}
		},
		func() {
			m.joinInfo(documents, "title")
			m.joinInfo(documents, "version")
			m.shareSecurity(documents)
			for _, d := range documents[1:] {
				if m.intake != nil {
					m.rank(root, d)
				} else {
					m.add(root, d.root)
				}
			}
			if m.intake != nil && m.requireOperation(documents) {
				m.settleIDs(root)
			}
		},
		func() {
			for _, f := range overlays {
				m.overlay(root, f)
			}
		},
		func() {
			m.checkOperationIDs(root)
			m.checkRefs(root)
			m.addSecuritySchemes(root)
			for _, f := range overlays {
				m.checkNames(root, f.name)
			}
		},
		func() { m.checkGoNames(root) },
		func() { m.addEdits(root) },
	}
	for _, step := range steps {
		if len(m.errs) == 0 {
			step()
		}
	}
	return root, m.err()
}

var version31 = regexp.MustCompile(`^3\.1\.\d+$`)

// prepare refuses what cannot be merged rightly and folds the base path.
func (m *merger) prepare(d document) {
	version := get(d.root, "openapi")
	if version == nil {
		version = get(d.root, "swagger")
	}
	if version == nil || !version31.MatchString(version.Value) {
		place := version
		if place == nil {
			place = d.root
		}
		m.errorf("%s: expected openapi: 3.1.x, found %s; convert the document to OpenAPI 3.1", m.at(place), describe(version))
		return // In another version everything else may be different too.
	}
	m.checkFields(d.root, "an OpenAPI 3.1 document", "openapi", "info", "jsonSchemaDialect", "servers",
		"paths", "webhooks", "components", "security", "tags", "externalDocs")
	if get(d.root, "paths") == nil && get(d.root, "webhooks") == nil && get(d.root, "components") == nil {
		m.errorf("%s: has neither paths nor webhooks nor components; there is nothing to merge", d.name)
	}
	for _, field := range []string{"title", "version"} {
		if value := get(get(d.root, "info"), field); value == nil || value.Kind != yaml.ScalarNode {
			m.errorf("%s: expected a text as info.%s, found %s", d.name, field, describe(value))
		}
	}
	if m.intake != nil && m.checkKinds(d) {
		m.plain(d)
		m.oneServer(d)
	}
	eachKeyword(d.root, func(key, value *yaml.Node) {
		if key.Value == "servers" && value.Kind == yaml.SequenceNode && value != get(d.root, "servers") {
			m.errorf("%s: servers of a path or operation cannot be folded into its path; declare one server at the top", m.at(key))
		}
	})
	m.foldBasePath(d)
}

// foldBasePath cuts the server's URL after the host and prefixes each path of the
// document with what was cut off.
func (m *merger) foldBasePath(d document) {
	const example = "as in servers: [{url: 'https://example.com/api'}]"
	servers := get(d.root, "servers")
	if servers == nil || servers.Kind != yaml.SequenceNode || len(servers.Content) == 0 {
		m.errorf("%s: has no server; declare the one that its paths are relative to, %s", d.name, example)
		return
	}
	if n := len(servers.Content); n > 1 {
		m.errorf("%s: expected one server, found %d; leave the one that the paths are relative to", m.at(servers), n)
		return
	}
	url := get(servers.Content[0], "url")
	if url == nil {
		url = &yaml.Node{Kind: yaml.ScalarNode}
	}
	scheme, rest, _ := strings.Cut(url.Value, "://")
	host, path, _ := strings.Cut(rest, "/")
	if scheme == "" || host == "" || strings.ContainsAny(rest, "?#") || strings.ContainsAny(path, "{}") {
		m.errorf("%s: the server's url %q has to be a scheme, a host and a path without variables, %s",
			m.at(servers), url.Value, example)
		return
	}
	url.Value = scheme + "://" + host
	base := "/" + strings.TrimRight(path, "/")
	if base == "/" {
		return
	}
	for key := range entries(get(d.root, "paths")) {
		if isExtension(key.Value) {
			continue
		}
		if !strings.HasPrefix(key.Value, "/") {
			m.errorf("%s: the path %q has to begin with a slash", m.at(key), key.Value)
		}
		key.Value = base + key.Value
	}
	eachKeyword(d.root, func(key, value *yaml.Node) {
		if (isRef(key, value) || key.Value == "operationRef") && strings.HasPrefix(value.Value, "#/paths/") {
			m.errorf("%s: %s %q points at a path, which will begin with %s; move what it points at to components",
				m.at(value), key.Value, value.Value, base)
		}
	})
}

// joinInfo gives the first document the titles or versions of all.
func (m *merger) joinInfo(documents []document, field string) {
	var values []string
	for _, d := range documents {
		if value := get(get(d.root, "info"), field).Value; !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if len(values) > 1 {
		first := get(get(documents[0].root, "info"), field)
		first.Value, first.Tag = strings.Join(values, " + "), "!!str"
		avoidBlock(first)
	}
}

// shareSecurity leaves a security requirement at the top only if it is right for
// the operations of all documents. Else it moves it into the operations that it
// applied to: those without one of their own.
func (m *merger) shareSecurity(documents []document) {
	var concerned []document
	for _, d := range documents {
		operations := 0
		eachOperation(d.root, func(string, *yaml.Node) { operations++ })
		if operations > 0 {
			concerned = append(concerned, d)
		} else if requirement := get(d.root, "security"); requirement != nil && len(documents) > 1 {
			m.errorf("%s: security applies to no operation of this document; delete it", m.at(requirement))
		}
	}
	differs := func(d document) bool {
		return !equal(get(concerned[0].root, "security"), get(d.root, "security"))
	}
	if !slices.ContainsFunc(concerned, differs) {
		return
	}
	for _, d := range concerned {
		security, ok := index(d.root)["security"]
		if !ok {
			continue
		}
		eachOperation(d.root, func(_ string, operation *yaml.Node) {
			if get(operation, "security") == nil {
				operation.Content = append(operation.Content, m.clone(security.key), m.clone(security.value))
			}
		})
		i := slices.Index(d.root.Content, security.key)
		d.root.Content = slices.Delete(d.root.Content, i, i+2)
	}
}

// add merges the top of a document, from, into root.
func (m *merger) add(root, from *yaml.Node) {
	m.union("", entry{root, root}, entry{from, from}, func(name string, a, b entry) {
		switch name {
		case "info":
			m.union("info.", a, b, func(name string, a, b entry) {
				if name != "info.title" && name != "info.version" {
					m.same(name, a, b)
				}
			})
		case "tags":
			m.addTags(a, b)
		case "paths":
			m.union("", a, b, m.addPathItem)
		case "webhooks":
			m.union("webhook ", a, b, m.addPathItem)
		case "components":
			m.union("components.", a, b, func(name string, a, b entry) { m.union(name+".", a, b, m.same) })
		default:
			m.same(name, a, b)
		}
	})
}

// union appends to the mapping a what b has and a has not, and hands what both
// have, under its name, to both.
func (m *merger) union(prefix string, a, b entry, both func(name string, a, b entry)) {
	if a.value.Kind != yaml.MappingNode || b.value.Kind != yaml.MappingNode {
		m.same(a.key.Value, a, b)
		return
	}
	have := index(a.value)
	for key, value := range entries(b.value) {
		if first, ok := have[key.Value]; !ok {
			a.value.Content = append(a.value.Content, key, value)
		} else if isExtension(key.Value) {
			m.same(prefix+key.Value, first, entry{key, value})
		} else {
			both(prefix+key.Value, first, entry{key, value})
		}
	}
}

// same reports two things of one name that differ.
func (m *merger) same(name string, a, b entry) {
	if d := difference(a.value, b.value); d != "" {
		where := strings.TrimPrefix("first at "+d, "first at : ")
		m.errorf("%s differs between %s and %s, %s; make them equal, or rename or remove one",
			name, m.at(a.key), m.at(b.key), where)
	}
}

func (m *merger) addTags(a, b entry) {
	if a.value.Kind != yaml.SequenceNode || b.value.Kind != yaml.SequenceNode {
		m.same("tags", a, b)
		return
	}
	have := map[string]*yaml.Node{}
	for _, tag := range a.value.Content {
		have[describe(get(tag, "name"))] = tag
	}
	for _, tag := range b.value.Content {
		name := describe(get(tag, "name"))
		if first := have[name]; first != nil {
			m.same("tag "+name, entry{first, first}, entry{tag, tag})
		} else {
			a.value.Content = append(a.value.Content, tag)
		}
	}
}

// addPathItem merges path items method by method. What else they say applies to
// all their methods, so it has to be equal.
func (m *merger) addPathItem(name string, a, b entry) {
	m.same(name, entry{a.key, withoutMethods(a.value)}, entry{b.key, withoutMethods(b.value)})
	have := index(a.value)
	for key, value := range entries(b.value) {
		if first, ok := have[key.Value]; methods[key.Value] && ok {
			m.same(strings.ToUpper(key.Value)+" "+name, first, entry{key, value})
		} else if methods[key.Value] {
			a.value.Content = append(a.value.Content, key, value)
		}
	}
}

func withoutMethods(item *yaml.Node) *yaml.Node {
	if item.Kind != yaml.MappingNode {
		return item
	}
	rest := yaml.Node{Kind: yaml.MappingNode}
	for key, value := range entries(item) {
		if !methods[key.Value] {
			rest.Content = append(rest.Content, key, value)
		}
	}
	return &rest
}
