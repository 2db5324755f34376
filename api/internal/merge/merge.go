// Package merge makes one description of several.
package merge

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/normal"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// merger is what all steps share.
type merger struct {
	*tree.Set
	report  *report.Report // nil for our own documents
	shipped *yaml.Node
}

// Merge makes one description of the documents. If r is not nil, they are
// published ones: what they say differently is settled by their order, and r says
// how; else it is an error.
func Merge(set *tree.Set, r *report.Report, shipped *yaml.Node, documents []*yaml.Node) *yaml.Node {
	m := &merger{set, r, shipped}
	for _, d := range documents {
		m.prepare(d)
		if r != nil {
			r.Add(m.File(d), d)
			alignPaths(shipped, d) // The overlay finds operations by their paths.
		}
	}
	if m.Failed() {
		return nil
	}
	root := documents[0]
	m.joinInfo(documents)
	m.shareSecurity(documents)
	for _, d := range documents[1:] {
		if r != nil {
			alignPaths(root, d)
			m.renameSchemas(root, d)
		}
		m.unite(nil, root, d)
	}
	if r != nil && tree.CountOperations(root) == 0 {
		m.Errorf("%s: has no operation; expected paths with at least one", m.File(root))
	}
	return root
}

var supported = regexp.MustCompile(`^3\.[01]\.\d+$`)

// prepare refuses what cannot be merged rightly and folds the base path.
func (m *merger) prepare(d *yaml.Node) {
	version := cmp.Or(tree.Get(d, "openapi"), tree.Get(d, "swagger"))
	if !supported.MatchString(tree.NonNil(version).Value) {
		m.Errorf("%s: expected openapi: 3.0.x or 3.1.x, found %s", m.At(cmp.Or(version, d)), tree.Describe(version))
		return // In another version everything else may be different too.
	}
	if !tree.Has(d, "paths", "webhooks", "components") {
		m.Errorf("%s: has neither paths nor webhooks nor components; there is nothing to merge", m.File(d))
	}
	for _, field := range []string{"title", "version"} {
		if value := tree.Get(d, "info", field); value == nil || value.Kind != yaml.ScalarNode {
			m.Errorf("%s: expected a string as info.%s, found %s", m.File(d), field, tree.Describe(value))
		}
	}
	if normal.CheckKinds(m.Set, d); m.Failed() {
		return
	}
	normal.Schemas(m.Set, d)
	if m.report != nil {
		normal.Make(m.Set, m.report, m.shipped, d)
	}
	m.CheckFields(d, "an OpenAPI 3.1 document", strings.Fields(
		"openapi info jsonSchemaDialect servers paths webhooks components security tags externalDocs")...)
	if hooks := tree.Get(d, "webhooks"); hooks != nil && m.report == nil {
		m.Errorf("%s: webhooks: not supported; events.yaml describes the requests that SignalWire sends", m.At(hooks))
	}
	m.foldServers(d)
}

// foldServers makes the base path of its server a part of each path, and leaves the
// document one server without. A path can have servers of its own.
func (m *merger) foldServers(d *yaml.Node) {
	servers, paths, outside := tree.Get(d, "servers"), tree.Get(d, "paths"), false
	for path, item := range tree.Entries(paths) {
		if own := tree.Get(item, "servers"); servers == nil && own != nil {
			servers = m.Clone(own) // The others are compared with it.
		}
		outside = outside || !strings.HasPrefix(path.Value, "/api/") && !tree.IsExtension(path.Value)
	}
	if servers == nil && m.report != nil && !outside {
		m.report.Note(report.Left, "%s has no server; its paths begin with /api/, so they were taken as they are", m.File(d))
		servers = m.Parse("[{url: 'https://{space_name}.signalwire.com'}]", d)
	}
	if len(tree.NonNil(servers).Content) == 0 {
		m.Errorf("%s: has no server; declare the one that its paths are relative to, %s", m.At(d), exampleServer)
		return
	}
	origin, whole := m.server(servers)
	servers.Content = servers.Content[:1]
	m.SetMember(d, "servers", servers)
	base := func(n *yaml.Node, inherited string) string {
		own := tree.Get(n, "servers")
		if own == nil || len(own.Content) == 0 {
			return inherited
		}
		here, base := m.server(own)
		if tree.Remove(n, "servers"); here != "" && here != origin {
			m.Errorf("%s: expected the server of the document, found %s", m.At(own), here)
		}
		return base
	}
	for path, item := range tree.Entries(paths) {
		if tree.IsExtension(path.Value) {
			continue
		}
		if !strings.HasPrefix(path.Value, "/") {
			m.Errorf("%s: the path %q has to begin with a slash", m.At(path), path.Value)
		}
		prefix := base(item, whole)
		for method, operation := range tree.Entries(item) {
			if tree.Methods[method.Value] && base(operation, prefix) != prefix {
				m.Errorf("%s: the base path of an operation's server has to be that of its path", m.At(method))
			}
		}
		path.Value = prefix + path.Value
		m.CheckFields(item, "a path item", append(tree.SortedKeys(tree.Methods), "summary", "description", "$ref")...)
	}
}

const exampleServer = "as in servers: [{url: 'https://example.com/api'}]"

// serverURL is an origin and a base path.
var serverURL = regexp.MustCompile(`^([^:/?#]+://[^/?#]+)(/[^{}?#]*[^{}?#/])?/*$`)

// server returns the origin and the base path of servers, which is cut off. They have
// to be one, but for how the name of a Space is written.
func (m *merger) server(servers *yaml.Node) (origin, base string) {
	for i, server := range servers.Content {
		url := tree.NonNil(tree.Get(server, "url"))
		parts := serverURL.FindStringSubmatch(url.Value)
		if parts == nil {
			m.Errorf("%s: the server's url %q has to be a scheme, a host and a path without variables, %s", m.At(servers), url.Value, exampleServer)
			return "", ""
		}
		is, path := tree.Placeholder.ReplaceAllString(parts[1], "space"), parts[2]
		if i > 0 && (is != origin || path != base) {
			m.Errorf("%s: expected one server, found %d; leave the one that the paths are relative to", m.At(servers), len(servers.Content))
			return "", ""
		}
		origin, base, url.Value = is, path, parts[1]
	}
	return origin, base
}

// joinInfo gives all documents the titles and the versions of all.
func (m *merger) joinInfo(documents []*yaml.Node) {
	for _, field := range []string{"title", "version"} {
		var values []string
		for _, d := range documents {
			if value := tree.Value(d, "info", field); !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		for _, d := range documents {
			if len(values) > 1 {
				m.SetMember(tree.Get(d, "info"), field, strings.Join(values, " + "))
			}
		}
	}
}

// shareSecurity leaves a security requirement at the top only if it is right for
// the operations of all documents. Else it moves it into the operations that it
// applied to: those without one of their own.
func (m *merger) shareSecurity(documents []*yaml.Node) {
	first := tree.Get(documents[0], "security")
	if !slices.ContainsFunc(documents, func(d *yaml.Node) bool { return !tree.Equal(first, tree.Get(d, "security")) }) {
		return
	}
	for _, d := range documents {
		if security := tree.Get(d, "security"); security != nil {
			tree.EachOperation(d, func(_, _, operation *yaml.Node) {
				if !tree.Has(operation, "security") {
					m.SetMember(operation, "security", m.Clone(security))
				}
			})
			tree.Remove(d, "security")
		}
	}
}

// united says of which parts of a description one is made, and how deep: a path of
// several documents has the methods of all. Of anything else there is one only.
var united = map[string]int{"info": 1, "paths": 2, "components": 2}

// unite adds to a mapping what another has and it has not.
func (m *merger) unite(where []string, a, b *yaml.Node) {
	have := tree.Index(a)
	for key, value := range tree.Entries(b) {
		first, known := have[key.Value]
		at := append(slices.Clone(where), key.Value)
		isMapping := known && first.Value.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode
		switch {
		case !known:
			a.Content = append(a.Content, key, value)
		case len(at) == 1 && key.Value == "tags":
			m.uniteTags(first.Value, value)
		case isMapping && len(at) <= united[at[0]] && !tree.IsExtension(key.Value):
			m.unite(at, first.Value, value)
		default:
			m.same(at, first, tree.Entry{Key: key, Value: value})
		}
	}
}

func (m *merger) uniteTags(a, b *yaml.Node) {
	for _, tag := range b.Content {
		name := tree.Value(tag, "name")
		i := slices.IndexFunc(a.Content, func(t *yaml.Node) bool { return tree.Value(t, "name") == name })
		if i < 0 {
			a.Content = append(a.Content, tag)
		} else {
			m.same([]string{"tag " + strconv.Quote(name)}, tree.Entry{Key: a.Content[i], Value: a.Content[i]}, tree.Entry{Key: tag, Value: tag})
		}
	}
}

// same says that two things of one name differ, if they do. Of published operations
// and components the first wins, and nobody asks about the rest.
func (m *merger) same(where []string, a, b tree.Entry) {
	d := strings.TrimPrefix(tree.Difference(a.Value, b.Value), ": ")
	name, isOperation := strings.Join(where, "."), len(where) == 3 && tree.Methods[where[2]]
	if isOperation {
		name = strings.ToUpper(where[2]) + " " + where[1]
	}
	switch {
	case d == "":
	case m.report == nil:
		if strings.HasPrefix(d, "/") {
			d = "first at " + d
		}
		m.Errorf("%s differs between %s and %s, %s; make them equal, or rename or remove one", name, m.At(a.Key), m.At(b.Key), d)
	case isOperation:
		name = "operation `" + name + "`"
		fallthrough
	case len(where) == 3 && where[0] == "components":
		m.report.Note(report.Precedence, "%s: %s wins over %s (first difference at %s)", name, m.At(a.Key), m.At(b.Key), d)
	}
}

// CheckRefs refuses references that point at nothing.
func CheckRefs(s *tree.Set, root *yaml.Node) {
	tree.EachRef(root, func(ref *yaml.Node) {
		switch {
		case !strings.HasPrefix(ref.Value, "#/components/"):
			s.Errorf("%s: $ref %q is no component of the document; it has to begin with #/components/", s.At(ref), ref.Value)
		case tree.ResolveRef(root, ref.Value) == nil:
			s.Errorf("%s: $ref %q points at nothing in the merged description", s.At(ref), ref.Value)
		}
	})
}

// AddSecuritySchemes takes the kinds of credentials that the description refers
// to and does not declare, as single pages do not, from the one that we ship.
func AddSecuritySchemes(m *tree.Set, root, shipped *yaml.Node) {
	add := func(requirements []*yaml.Node) {
		for _, requirement := range requirements {
			for name := range tree.Entries(requirement) {
				scheme := tree.Get(shipped, "components", "securitySchemes", name.Value)
				if scheme != nil && tree.Get(root, "components", "securitySchemes", name.Value) == nil {
					m.SetMember(m.EnsureObject(m.EnsureObject(root, "components"), "securitySchemes"), name.Value, scheme)
				}
			}
		}
	}
	add(tree.Items(root, "security"))
	tree.EachOperation(root, func(_, _, operation *yaml.Node) { add(tree.Items(operation, "security")) })
}
