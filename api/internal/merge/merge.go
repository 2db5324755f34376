// Package merge makes one description of several.
package merge

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Document is one of the descriptions to merge.
type Document struct {
	Name string
	Root *yaml.Node
}

// merger is what all steps share.
type merger struct {
	*tree.Set
	report  *report.Report // nil for our own documents
	shipped *yaml.Node
}

// Merge makes one description of the documents. If r is not nil, they are
// published ones: what they say differently is settled by their order, and r says
// how; else it is an error.
func Merge(set *tree.Set, r *report.Report, shipped *yaml.Node, documents []Document) *yaml.Node {
	m := &merger{set, r, shipped}
	for _, d := range documents {
		m.prepare(d)
		if r != nil {
			r.Add(d.Name, d.Root)
		}
	}
	if m.Failed() {
		return nil
	}
	root := documents[0].Root
	m.joinInfo(documents, "title")
	m.joinInfo(documents, "version")
	m.shareSecurity(documents)
	for _, d := range documents[1:] {
		if r != nil {
			m.rank(root, d)
		} else {
			m.add(root, d.Root)
		}
	}
	if r != nil {
		m.requireOperation(documents)
	}
	return root
}

var supported = regexp.MustCompile(`^3\.[01]\.\d+$`)

// prepare refuses what cannot be merged rightly and folds the base path.
func (m *merger) prepare(d Document) {
	version := tree.Get(d.Root, "openapi")
	if version == nil {
		version = tree.Get(d.Root, "swagger")
	}
	if version == nil || !supported.MatchString(version.Value) {
		place := version
		if place == nil {
			place = d.Root
		}
		m.Errorf("%s: expected openapi: 3.0.x or 3.1.x, found %s", m.At(place), tree.Describe(version))
		return // In another version everything else may be different too.
	}
	m.CheckFields(d.Root, "an OpenAPI 3.1 document", "openapi", "info", "jsonSchemaDialect", "servers",
		"paths", "webhooks", "components", "security", "tags", "externalDocs")
	if tree.Get(d.Root, "paths") == nil && tree.Get(d.Root, "webhooks") == nil && tree.Get(d.Root, "components") == nil {
		m.Errorf("%s: has neither paths nor webhooks nor components; there is nothing to merge", d.Name)
	}
	for _, field := range []string{"title", "version"} {
		if value := tree.Get(tree.Get(d.Root, "info"), field); value == nil || value.Kind != yaml.ScalarNode {
			m.Errorf("%s: expected a text as info.%s, found %s", d.Name, field, tree.Describe(value))
		}
	}
	if m.Failed() {
		return
	}
	normal.Schemas(m.Set, d.Root)
	if m.report != nil {
		normal.Make(m.Set, m.report, m.shipped, d.Name, d.Root)
	}
	tree.EachKeyword(d.Root, func(key, value *yaml.Node) {
		if key.Value == "servers" && value.Kind == yaml.SequenceNode && value != tree.Get(d.Root, "servers") {
			m.Errorf("%s: servers of a path or operation cannot be folded into its path; declare one server at the top", m.At(key))
		}
	})
	m.foldBasePath(d)
}

// foldBasePath cuts the server's URL after the host and prefixes each path of the
// document with what was cut off.
func (m *merger) foldBasePath(d Document) {
	const example = "as in servers: [{url: 'https://example.com/api'}]"
	servers := tree.Get(d.Root, "servers")
	if servers == nil || servers.Kind != yaml.SequenceNode || len(servers.Content) == 0 {
		m.Errorf("%s: has no server; declare the one that its paths are relative to, %s", d.Name, example)
		return
	}
	if n := len(servers.Content); n > 1 {
		m.Errorf("%s: expected one server, found %d; leave the one that the paths are relative to", m.At(servers), n)
		return
	}
	url := tree.Get(servers.Content[0], "url")
	if url == nil {
		url = &yaml.Node{Kind: yaml.ScalarNode}
	}
	scheme, rest, _ := strings.Cut(url.Value, "://")
	host, path, _ := strings.Cut(rest, "/")
	if scheme == "" || host == "" || strings.ContainsAny(rest, "?#") || strings.ContainsAny(path, "{}") {
		m.Errorf("%s: the server's url %q has to be a scheme, a host and a path without variables, %s",
			m.At(servers), url.Value, example)
		return
	}
	url.Value = scheme + "://" + host
	base := "/" + strings.TrimRight(path, "/")
	if base == "/" {
		return
	}
	for key := range tree.Entries(tree.Get(d.Root, "paths")) {
		if tree.IsExtension(key.Value) {
			continue
		}
		if !strings.HasPrefix(key.Value, "/") {
			m.Errorf("%s: the path %q has to begin with a slash", m.At(key), key.Value)
		}
		key.Value = base + key.Value
	}
	tree.EachKeyword(d.Root, func(key, value *yaml.Node) {
		if (tree.IsRef(key, value) || key.Value == "operationRef") && strings.HasPrefix(value.Value, "#/paths/") {
			m.Errorf("%s: %s %q points at a path, which will begin with %s; move what it points at to components",
				m.At(value), key.Value, value.Value, base)
		}
	})
}

// joinInfo gives the first document the titles or versions of all.
func (m *merger) joinInfo(documents []Document, field string) {
	var values []string
	for _, d := range documents {
		if value := tree.Get(tree.Get(d.Root, "info"), field).Value; !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	if len(values) > 1 {
		first := tree.Get(tree.Get(documents[0].Root, "info"), field)
		first.Value, first.Tag = strings.Join(values, " + "), "!!str"
		tree.AvoidBlock(first)
	}
}

// shareSecurity leaves a security requirement at the top only if it is right for
// the operations of all documents. Else it moves it into the operations that it
// applied to: those without one of their own.
func (m *merger) shareSecurity(documents []Document) {
	var concerned []Document
	for _, d := range documents {
		operations := 0
		tree.EachOperation(d.Root, func(string, *yaml.Node) { operations++ })
		if operations > 0 {
			concerned = append(concerned, d)
		} else if requirement := tree.Get(d.Root, "security"); requirement != nil && len(documents) > 1 {
			m.Errorf("%s: security applies to no operation of this document; delete it", m.At(requirement))
		}
	}
	differs := func(d Document) bool {
		return !tree.Equal(tree.Get(concerned[0].Root, "security"), tree.Get(d.Root, "security"))
	}
	if !slices.ContainsFunc(concerned, differs) {
		return
	}
	for _, d := range concerned {
		security, ok := tree.Index(d.Root)["security"]
		if !ok {
			continue
		}
		tree.EachOperation(d.Root, func(_ string, operation *yaml.Node) {
			if tree.Get(operation, "security") == nil {
				operation.Content = append(operation.Content, m.Clone(security.Key), m.Clone(security.Value))
			}
		})
		i := slices.Index(d.Root.Content, security.Key)
		d.Root.Content = slices.Delete(d.Root.Content, i, i+2)
	}
}

// add merges the top of a document, from, into root.
func (m *merger) add(root, from *yaml.Node) {
	m.union("", tree.Entry{Key: root, Value: root}, tree.Entry{Key: from, Value: from}, func(name string, a, b tree.Entry) {
		switch name {
		case "info":
			m.union("info.", a, b, func(name string, a, b tree.Entry) {
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
			m.union("components.", a, b, func(name string, a, b tree.Entry) { m.union(name+".", a, b, m.same) })
		default:
			m.same(name, a, b)
		}
	})
}

// union appends to the mapping a what b has and a has not, and hands what both
// have, under its name, to both.
func (m *merger) union(prefix string, a, b tree.Entry, both func(name string, a, b tree.Entry)) {
	if a.Value.Kind != yaml.MappingNode || b.Value.Kind != yaml.MappingNode {
		m.same(a.Key.Value, a, b)
		return
	}
	have := tree.Index(a.Value)
	for key, value := range tree.Entries(b.Value) {
		if first, ok := have[key.Value]; !ok {
			a.Value.Content = append(a.Value.Content, key, value)
		} else if tree.IsExtension(key.Value) {
			m.same(prefix+key.Value, first, tree.Entry{Key: key, Value: value})
		} else {
			both(prefix+key.Value, first, tree.Entry{Key: key, Value: value})
		}
	}
}

// same reports two things of one name that differ.
func (m *merger) same(name string, a, b tree.Entry) {
	if d := tree.Difference(a.Value, b.Value); d != "" {
		where := strings.TrimPrefix("first at "+d, "first at : ")
		m.Errorf("%s differs between %s and %s, %s; make them equal, or rename or remove one",
			name, m.At(a.Key), m.At(b.Key), where)
	}
}

func (m *merger) addTags(a, b tree.Entry) {
	if a.Value.Kind != yaml.SequenceNode || b.Value.Kind != yaml.SequenceNode {
		m.same("tags", a, b)
		return
	}
	have := map[string]*yaml.Node{}
	for _, tag := range a.Value.Content {
		have[tree.Describe(tree.Get(tag, "name"))] = tag
	}
	for _, tag := range b.Value.Content {
		name := tree.Describe(tree.Get(tag, "name"))
		if first := have[name]; first != nil {
			m.same("tag "+name, tree.Entry{Key: first, Value: first}, tree.Entry{Key: tag, Value: tag})
		} else {
			a.Value.Content = append(a.Value.Content, tag)
		}
	}
}

// addPathItem merges path items method by method. What else they say applies to
// all their methods, so it has to be equal.
func (m *merger) addPathItem(name string, a, b tree.Entry) {
	m.same(name, tree.Entry{Key: a.Key, Value: withoutMethods(a.Value)}, tree.Entry{Key: b.Key, Value: withoutMethods(b.Value)})
	have := tree.Index(a.Value)
	for key, value := range tree.Entries(b.Value) {
		if first, ok := have[key.Value]; tree.Methods[key.Value] && ok {
			m.same(strings.ToUpper(key.Value)+" "+name, first, tree.Entry{Key: key, Value: value})
		} else if tree.Methods[key.Value] {
			a.Value.Content = append(a.Value.Content, key, value)
		}
	}
}

func withoutMethods(item *yaml.Node) *yaml.Node {
	if item.Kind != yaml.MappingNode {
		return item
	}
	rest := yaml.Node{Kind: yaml.MappingNode}
	for key, value := range tree.Entries(item) {
		if !tree.Methods[key.Value] {
			rest.Content = append(rest.Content, key, value)
		}
	}
	return &rest
}

// CheckRefs refuses references that point at nothing.
func CheckRefs(s *tree.Set, root *yaml.Node) {
	resolved := map[string]bool{}
	tree.EachKeyword(root, func(key, ref *yaml.Node) {
		if !tree.IsRef(key, ref) {
			return
		}
		if !strings.HasPrefix(ref.Value, "#/") {
			s.Errorf("%s: $ref %q leaves the document; it has to begin with #/", s.At(ref), ref.Value)
			return
		}
		ok, known := resolved[ref.Value]
		if !known {
			ok = tree.Resolves(root, ref.Value)
			resolved[ref.Value] = ok
		}
		if !ok {
			s.Errorf("%s: $ref %q points at nothing in the merged description", s.At(ref), ref.Value)
		}
	})
}

// AddSecuritySchemes takes the kinds of credentials that the description refers
// to and does not declare, as single pages do not, from the one that we ship.
func AddSecuritySchemes(m *tree.Set, root, shipped *yaml.Node) {
	ours := tree.Index(tree.Get(tree.Get(shipped, "components"), "securitySchemes"))
	components := tree.Get(root, "components")
	add := func(requirements *yaml.Node) {
		for _, requirement := range tree.OrEmpty(requirements).Content {
			for name := range tree.Entries(requirement) {
				if scheme, ok := ours[name.Value]; ok && tree.Get(tree.Get(components, "securitySchemes"), name.Value) == nil {
					if components == nil {
						components = m.Mapping("components", root)
					}
					schemes := tree.Get(components, "securitySchemes")
					if schemes == nil {
						schemes = m.Mapping("securitySchemes", components)
					}
					schemes.Content = append(schemes.Content, scheme.Key, scheme.Value)
				}
			}
		}
	}
	add(tree.Get(root, "security"))
	tree.EachPathOperation(root, func(_, _, operation *yaml.Node) { add(tree.Get(operation, "security")) })
}

// requireOperation refuses documents of which no client can be made.
func (m *merger) requireOperation(documents []Document) {
	some := false
	var names []string
	for _, d := range documents {
		tree.EachPathOperation(d.Root, func(_, _, _ *yaml.Node) { some = true })
		names = append(names, d.Name)
	}
	if !some {
		m.Errorf("%s: has no operation; expected paths with at least one", strings.Join(names, ", "))
	}
}
