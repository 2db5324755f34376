// Package merge makes one description of several documents.
//
// [Merge] checks and normalizes each document (see package normal), moves the base path of
// its server into its paths, and then adds to the first document what only the others
// have:
//
//	servers: [{url: https://x.example/api/a}]      servers: [{url: https://x.example}]
//	paths: {/calls: {…}}                      →    paths: {/api/a/calls: {…}, /b: {…}}
//
// If two documents describe the same operation or component differently, that is an error
// for our own documents. Of published documents the first wins, and the report says so.
// A schema that has the same name as a different one gets another name (precedence.go), so
// that each document keeps its meaning.
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

// merger is the state of one Merge.
type merger struct {
	*tree.Set
	report  *report.Report // nil for our own documents
	shipped *yaml.Node     // our own description, or nil
}

// Merge merges documents, in place, and returns the root of the result. The report is nil
// for our own documents, which may not contradict each other. Otherwise they are published
// ones: the earlier document wins, and what is lost of the others is noted in the report.
// The errors of all documents are added to the set.
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
	m.shareSecurity(documents)
	for _, d := range documents[1:] {
		if r != nil {
			alignPaths(root, d)
			m.renameSchemas(root, d)
		}
		m.mergeMappings(nil, root, d)
	}
	if r != nil && tree.CountOperations(root) == 0 {
		m.Errorf("%s: has no operation; expected paths with at least one", m.File(root))
	}
	return root
}

var supportedVersion = regexp.MustCompile(`^3\.[01]\.\d+$`)

// prepare checks and normalizes a document.
func (m *merger) prepare(d *yaml.Node) {
	version := cmp.Or(tree.Get(d, "openapi"), tree.Get(d, "swagger"))
	if !supportedVersion.MatchString(tree.NonNil(version).Value) {
		m.Errorf("%s: expected openapi: 3.0.x or 3.1.x, found %s", m.At(cmp.Or(version, d)), tree.Describe(version))
		return // The other checks are for these versions.
	}
	if !tree.Has(d, "paths", "webhooks", "components") {
		m.Errorf("%s: has neither paths nor webhooks nor components; there is nothing to merge", m.File(d))
	}
	for _, field := range []string{"title", "version"} {
		if !tree.Has(tree.Get(d, "info"), field) {
			m.Errorf("%s: expected a string as info.%s, found nothing", m.File(d), field)
		}
	}
	if normal.CheckTypes(m.Set, d); m.Failed() {
		return
	}
	normal.Normalize(m.Set, d)
	if m.report != nil {
		normal.NormalizePublished(m.Set, m.report, d)
	}
	m.CheckFields(d, "an OpenAPI 3.1 document", strings.Fields(
		"openapi info jsonSchemaDialect servers paths webhooks components security tags externalDocs")...)
	if hooks := tree.Get(d, "webhooks"); hooks != nil && m.report == nil {
		m.Errorf("%s: webhooks: not supported; events.yaml describes the requests that SignalWire sends", m.At(hooks))
	}
	m.foldServers(d)
}

const exampleServer = "as in servers: [{url: 'https://example.com/api'}]"

// foldServers moves the base path of the server of a document into its paths, and leaves
// one server without base path. A path item may have servers of its own, with another base
// path. Operations on another host keep their servers, which are not supported.
func (m *merger) foldServers(d *yaml.Node) {
	servers := m.serversOf(d)
	if len(servers.Content) == 0 {
		m.Errorf("%s: has no server; declare the one that its paths are relative to, %s", m.At(d), exampleServer)
		return
	}
	origin, documentBase := m.splitServers(servers)
	servers.Content = servers.Content[:1]
	m.SetMember(d, "servers", servers)
	takeBase := func(n *yaml.Node, inherited string) string {
		own := tree.Get(n, "servers")
		if own == nil || len(own.Content) == 0 {
			return inherited
		}
		ownOrigin, base := m.splitServers(own)
		if ownOrigin != "" && ownOrigin != origin {
			return inherited
		}
		tree.Remove(n, "servers")
		return base
	}
	for path, item := range tree.Entries(tree.Get(d, "paths")) {
		if tree.IsExtension(path.Value) {
			continue
		}
		if !strings.HasPrefix(path.Value, "/") {
			m.Errorf("%s: the path %q has to begin with a slash", m.At(path), path.Value)
		}
		base := takeBase(item, documentBase)
		otherServers := tree.Get(item, "servers")
		tree.Remove(item, "servers")
		for method, operation := range tree.Entries(item) {
			if !tree.Methods[method.Value] {
				continue
			}
			if otherServers != nil && !tree.Has(operation, "servers") {
				m.SetMember(operation, "servers", otherServers)
			}
			if takeBase(operation, base) != base {
				m.Errorf("%s: the base path of an operation's server has to be that of its path", m.At(method))
			}
		}
		path.Value = base + path.Value
		m.CheckFields(item, "a path item", append(tree.SortedKeys(tree.Methods), "summary", "description", "$ref")...)
	}
}

// serversOf returns the servers of a document or, if it has none, a copy of those of its
// first path item that has some. A published document whose paths all begin with /api/ needs
// none. The result is an empty node if there are no servers.
func (m *merger) serversOf(d *yaml.Node) *yaml.Node {
	if servers := tree.Get(d, "servers"); servers != nil {
		return servers
	}
	isComplete := m.report != nil
	for path, item := range tree.Entries(tree.Get(d, "paths")) {
		if servers := tree.Get(item, "servers"); servers != nil {
			return m.Clone(servers)
		}
		isComplete = isComplete && (strings.HasPrefix(path.Value, "/api/") || tree.IsExtension(path.Value))
	}
	if !isComplete {
		return &yaml.Node{}
	}
	m.report.Note(report.Left, "%s has no server; its paths begin with /api/, so they were taken as they are", m.File(d))
	return m.Parse("[{url: 'https://{space_name}.signalwire.com'}]", d)
}

// serverURL matches the URL of a server; the groups are the origin and the base path.
var serverURL = regexp.MustCompile(`^([^:/?#]+://[^/?#]+)(/[^{}?#]*[^{}?#/])?/*$`)

// splitServers returns the origin and the base path of a list of servers, and removes the
// base path from their URLs. All servers have to be the same, except that the name of the
// Space can be written in different ways. If they are not, the results are "".
func (m *merger) splitServers(servers *yaml.Node) (origin, base string) {
	for i, server := range servers.Content {
		url := tree.NonNil(tree.Get(server, "url"))
		parts := serverURL.FindStringSubmatch(url.Value)
		if parts == nil {
			m.Errorf("%s: the server's url %q has to be a scheme, a host and a path without variables, %s", m.At(servers), url.Value, exampleServer)
			return "", ""
		}
		thisOrigin, thisBase := tree.Placeholder.ReplaceAllString(parts[1], "space"), parts[2]
		if i > 0 && (thisOrigin != origin || thisBase != base) {
			m.Errorf("%s: expected one server, found %d; leave the one that the paths are relative to", m.At(servers), len(servers.Content))
			return "", ""
		}
		origin, base, url.Value = thisOrigin, thisBase, parts[1]
	}
	return origin, base
}

// shareSecurity keeps the security requirements of the documents at the top if they are
// equal. Otherwise it moves them into the operations that have none of their own.
func (m *merger) shareSecurity(documents []*yaml.Node) {
	first := tree.Get(documents[0], "security")
	if !slices.ContainsFunc(documents, func(d *yaml.Node) bool { return !tree.Equal(first, tree.Get(d, "security")) }) {
		return
	}
	for _, d := range documents {
		security := tree.Get(d, "security")
		tree.EachOperation(d, func(_, _, operation *yaml.Node) {
			if security != nil && !tree.Has(operation, "security") {
				m.SetMember(operation, "security", m.Clone(security))
			}
		})
		tree.Remove(d, "security")
	}
}

// mergeDepth says how many levels of a part of the description are merged: a path item gets
// the methods of all documents (paths./calls.get), whereas an operation is never merged.
var mergeDepth = map[string]int{"paths": 2, "components": 2}

// mergeMappings adds the entries of b that are missing in a, which are at the given path of
// keys in the description. Entries of both are merged, or compared by checkEqual.
func (m *merger) mergeMappings(parent []string, a, b *yaml.Node) {
	existing := tree.Index(a)
	for key, value := range tree.Entries(b) {
		first, isInBoth := existing[key.Value]
		path := append(slices.Clone(parent), key.Value)
		areMappings := isInBoth && first.Value.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode
		switch {
		case !isInBoth:
			a.Content = append(a.Content, key, value)
		case len(path) == 1 && key.Value == "info": // That of the first document counts.
		case len(path) == 1 && key.Value == "tags":
			m.mergeTags(first.Value, value)
		case areMappings && len(path) <= mergeDepth[path[0]] && !tree.IsExtension(key.Value):
			m.mergeMappings(path, first.Value, value)
		default:
			m.checkEqual(path, first, tree.Entry{Key: key, Value: value})
		}
	}
}

// mergeTags adds the tags of b whose names are missing in a.
func (m *merger) mergeTags(a, b *yaml.Node) {
	for _, tag := range b.Content {
		name := tree.Value(tag, "name")
		i := slices.IndexFunc(a.Content, func(t *yaml.Node) bool { return tree.Value(t, "name") == name })
		if i < 0 {
			a.Content = append(a.Content, tag)
		} else {
			first := tree.Entry{Key: a.Content[i], Value: a.Content[i]}
			m.checkEqual([]string{"tag " + strconv.Quote(name)}, first, tree.Entry{Key: tag, Value: tag})
		}
	}
}

// checkEqual adds an error if two entries of the same path of keys differ. In published
// documents the first one wins; for operations and components, the report says so.
func (m *merger) checkEqual(path []string, a, b tree.Entry) {
	difference := strings.TrimPrefix(tree.Difference(a.Value, b.Value), ": ")
	name, isOperation := strings.Join(path, "."), len(path) == 3 && tree.Methods[path[2]]
	if isOperation {
		name = strings.ToUpper(path[2]) + " " + path[1]
	}
	switch {
	case difference == "":
	case m.report == nil:
		if strings.HasPrefix(difference, "/") {
			difference = "first at " + difference
		}
		m.Errorf("%s differs between %s and %s, %s; make them equal, or rename or remove one", name, m.At(a.Key), m.At(b.Key), difference)
	case isOperation:
		name = "operation `" + name + "`"
		fallthrough
	case len(path) == 3 && path[0] == "components":
		m.report.Note(report.Precedence, "%s: %s wins over %s (first difference at %s)", name, m.At(a.Key), m.At(b.Key), difference)
	}
}

// AddSecuritySchemes copies security schemes that the description requires but does not
// declare, as in a single page of the reference, from our own description.
func AddSecuritySchemes(s *tree.Set, root, shipped *yaml.Node) {
	tree.EachSecurity(root, func(requirements *yaml.Node) {
		for _, requirement := range requirements.Content {
			for name := range tree.Entries(requirement) {
				scheme := tree.Get(shipped, "components", "securitySchemes", name.Value)
				if scheme != nil && tree.Get(root, "components", "securitySchemes", name.Value) == nil {
					s.SetMember(s.EnsureObject(s.EnsureObject(root, "components"), "securitySchemes"), name.Value, scheme)
				}
			}
		}
	})
}
