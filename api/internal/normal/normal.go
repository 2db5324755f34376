// Package normal brings published descriptions into the form that the other steps work on.
package normal

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// form is what all steps share.
type form struct {
	*tree.Set
	report  *report.Report
	shipped *yaml.Node // the description that we ship, or nil
}

// Make brings a published document into the form that our own have, in which
// each thing is said in one way.
func Make(set *tree.Set, r *report.Report, shipped *yaml.Node, name string, root *yaml.Node) {
	if m := (&form{set, r, shipped}); m.checkKinds(root) {
		m.plain(name, root)
		m.oneServer(name, root)
	}
}

// checkKinds refuses a document whose mappings are none, which the generator
// would refuse later and with fewer words.
func (m *form) checkKinds(root *yaml.Node) (ok bool) {
	ok = true
	for _, pattern := range strings.Fields("tags[] paths paths.* paths.*.parameters[] paths.*.method paths.*.method.parameters[] components components.* components.schemas.*") {
		path, isList := strings.CutSuffix(pattern, "[]")
		kind, expected := yaml.MappingNode, "a mapping"
		if isList {
			kind, expected = yaml.SequenceNode, "a list"
		}
		each(root, path, "", func(n *yaml.Node, where string) {
			if n.Kind != kind {
				m.Errorf("%s: expected %s as %s, found %s", m.At(n), expected, where, tree.Describe(n))
				ok = false
			}
		})
	}
	return ok
}

// each visits what stands at a path below n, in which * stands for every key, and
// method for those that are the methods of operations.
func each(n *yaml.Node, path, where string, visit func(n *yaml.Node, where string)) {
	name, rest, more := strings.Cut(path, ".")
	for key, value := range tree.Entries(n) {
		if key.Value != name && (tree.IsExtension(key.Value) || name != "*" && !(name == "method" && tree.Methods[key.Value])) {
			continue
		}
		if at := strings.TrimPrefix(where+"."+key.Value, "."); more {
			each(value, rest, at, visit)
		} else {
			visit(value, at)
		}
	}
}

// plain brings a document into the form that our own have, in which each thing
// is said in one way. None of this changes what the document means for a client.
func (m *form) plain(name string, root *yaml.Node) {
	m.dropped(root, "webhooks", "webhook")
	m.inlineComponents(root)
	for path, item := range tree.Entries(tree.Get(root, "paths")) {
		shared := tree.Get(item, "parameters")
		for method, operation := range tree.Entries(item) {
			if !tree.Methods[method.Value] || tree.IsExtension(path.Value) {
				continue
			}
			m.dropped(operation, "callbacks", "callback")
			m.oneMedia(tree.Get(operation, "requestBody"), operation)
			for _, response := range tree.Entries(tree.Get(operation, "responses")) {
				m.oneMedia(response, operation)
			}
			if shared != nil {
				m.pushParameters(shared, operation)
			}
		}
		tree.Remove(item, "parameters")
	}
	m.credentials(root)
	m.nameSWML(name, root)
	for name, schema := range tree.Entries(tree.Get(tree.Get(root, "components"), "schemas")) {
		if schema.Kind != yaml.MappingNode {
			continue
		}
		// The overlay tells schemas by their titles, which the documentation's
		// descriptions set to the names.
		if title := tree.Get(schema, "title"); title == nil {
			schema.Content = append(schema.Content, m.Text("title", name), m.Text(name.Value, name))
		} else {
			title.Value, title.Tag, title.Style = name.Value, "!!str", 0
		}
	}
}

// dropped removes what SignalWire calls, as a client is about what it is called with.
func (m *form) dropped(n *yaml.Node, key, what string) {
	for name := range tree.Entries(tree.Get(n, key)) {
		m.report.Note(report.Left, "%s `%s` (%s): SignalWire sends it, a client does not", what, name.Value, m.At(name))
	}
	tree.Remove(n, key)
}

// preferred are the ends of media types, best first.
var preferred = []string{"application/json", "+json", "application/x-www-form-urlencoded", ""}

// oneMedia leaves one media type of a body where there are several: a client
// chooses JSON if it can, or else a form.
func (m *form) oneMedia(n, operation *yaml.Node) {
	rank := func(media string) int {
		return slices.IndexFunc(preferred, func(suffix string) bool { return strings.HasSuffix(media, suffix) })
	}
	content := tree.Get(n, "content")
	best := len(preferred)
	for media := range tree.Entries(content) {
		if strings.ReplaceAll(strings.ToLower(media.Value), " ", "") == "application/json;charset=utf-8" {
			media.Value = "application/json"
		}
		best = min(best, rank(media.Value))
	}
	for media := range tree.Entries(content) {
		if rank(media.Value) > best {
			m.report.Note(report.Left, "%s: the type %s of a body, which can be another (%s)", tree.IDOf(operation), media.Value, m.At(media))
			defer tree.Remove(content, media.Value)
		}
	}
}

// inlineComponents writes out the components that are only a short cut, since
// overlay actions and the generator look at where they are used.
func (m *form) inlineComponents(root *yaml.Node) {
	components := tree.Get(root, "components")
	short := map[string]bool{"parameters": true, "responses": true, "requestBodies": true}
	var walk func(n *yaml.Node, depth int)
	walk = func(n *yaml.Node, depth int) {
		if ref := tree.Get(n, "$ref"); ref != nil && depth < 10 {
			path := strings.SplitN(strings.TrimPrefix(ref.Value, "#/components/"), "/", 2)
			if target := tree.Get(tree.Get(components, path[0]), tree.Unescape.Replace(path[len(path)-1])); target != nil && short[path[0]] {
				n.Content = m.Clone(target).Content
				walk(n, depth+1)
				return
			}
		}
		for _, child := range n.Content {
			walk(child, depth)
		}
	}
	if paths := tree.Get(root, "paths"); paths != nil {
		walk(paths, 0)
	}
	for kind := range short {
		tree.Remove(components, kind)
	}
}

// pushParameters gives an operation the parameters of its path.
func (m *form) pushParameters(shared, operation *yaml.Node) {
	own := tree.Get(operation, "parameters")
	if own == nil {
		own = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: operation.Line}
		m.Adopt(own, operation)
		operation.Content = append(operation.Content, m.Text("parameters", operation), own)
	}
	id := func(p *yaml.Node) string {
		return tree.Describe(tree.Get(p, "in")) + " " + tree.Describe(tree.Get(p, "name"))
	}
	var missing []*yaml.Node
	for _, p := range shared.Content {
		if !slices.ContainsFunc(own.Content, func(q *yaml.Node) bool { return id(p) == id(q) }) {
			missing = append(missing, m.Clone(p))
		}
	}
	own.Content = append(missing, own.Content...)
}

// credentials gives the kinds of credentials the names that ours have, and says in
// one way that an operation needs none.
func (m *form) credentials(root *yaml.Node) {
	schemes := tree.Get(tree.Get(root, "components"), "securitySchemes")
	to := map[string]string{}
	for name, scheme := range tree.Entries(schemes) {
		if t := tree.Get(scheme, "type"); t != nil && (t.Value == "oauth2" || t.Value == "openIdConnect") {
			// What it gives is sent as a bearer token (RFC 6750).
			scheme.Content = m.Parse("{type: http, scheme: bearer}", scheme).Content
		}
		if kind := tree.Get(scheme, "scheme"); kind != nil {
			if known := map[string]string{"basic": "SignalWireBasicAuth", "bearer": "SignalWireBearerAuth"}[strings.ToLower(kind.Value)]; known != "" && known != name.Value && tree.Get(schemes, known) == nil {
				to[name.Value] = known
				name.Value = known
			}
		}
	}
	rename := func(requirements *yaml.Node) {
		requirements = tree.OrEmpty(requirements)
		for _, requirement := range requirements.Content {
			for name := range tree.Entries(requirement) {
				if known := to[name.Value]; known != "" {
					name.Value = known
				}
			}
		}
		if len(requirements.Content) == 1 && len(requirements.Content[0].Content) == 0 {
			requirements.Content = nil
		}
	}
	rename(tree.Get(root, "security"))
	tree.EachPathOperation(root, func(_, _, operation *yaml.Node) { rename(tree.Get(operation, "security")) })
}

// nameSWML calls the schemas of SWML documents as we ship them, SWML.<area>.<name>,
// or else SWML.<name>. Older descriptions have them without that, among those of
// the API, and the overlay would not see that they are another language.
func (m *form) nameSWML(name string, root *yaml.Node) {
	ours := tree.Index(tree.Schemas(m.shipped))
	all := tree.Index(tree.Schemas(root))
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if _, known := ours[name]; known || found[name] || all[name].Value == nil {
			return
		}
		found[name] = true
		tree.EachRef(all[name].Value, func(ref *yaml.Node) {
			if name, _, ok := tree.SchemaOf(ref.Value); ok {
				visit(name)
			}
		})
	}
	visit("SWMLObject")
	to := map[string]string{}
	for _, name := range tree.SortedKeys(found) {
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
		tree.RenameSchemas(root, to)
		m.report.Note(report.Left, "%s: %d schemas of SWML documents are called SWML.…, as in later descriptions", name, len(to))
	}
}

// oneServer leaves the one server that all paths of a document are relative to.
// Servers are about the same if they differ in how the Space's name is written;
// a path can have one of its own, which then is part of it.
func (m *form) oneServer(name string, root *yaml.Node) {
	base := func(servers *yaml.Node) (found string) { // without the scheme, or ""
		for i, server := range tree.OrEmpty(servers).Content {
			url := tree.Get(server, "url")
			if url == nil {
				return ""
			}
			_, rest, _ := strings.Cut(tree.Placeholder.ReplaceAllString(url.Value, "space"), "://")
			if rest = strings.TrimRight(rest, "/"); rest == "" || i > 0 && rest != found {
				return ""
			}
			found = rest
		}
		return found
	}
	servers := tree.Get(root, "servers")
	paths := tree.Get(root, "paths")
	if servers == nil {
		for _, item := range tree.Entries(paths) {
			if servers = tree.Get(item, "servers"); servers != nil { // The others are compared with it.
				servers = m.Clone(servers)
				root.Content = append(root.Content, m.Text("servers", root), servers)
			}
			break
		}
	}
	if servers == nil {
		for path := range tree.Entries(paths) {
			if !strings.HasPrefix(path.Value, "/api/") && !tree.IsExtension(path.Value) {
				return // foldBasePath says what is missing.
			}
		}
		m.report.Note(report.Left, "%s has no server; its paths begin with /api/, so they were taken as they are", name)
		servers = m.Parse("[{url: 'https://{space_name}.signalwire.com'}]", root)
		root.Content = append(root.Content, m.Text("servers", root), servers)
	}
	whole := base(servers)
	if whole == "" {
		return
	}
	servers.Content = servers.Content[:1]
	each(paths, "*.method", "", func(operation *yaml.Node, _ string) {
		if base(tree.Get(operation, "servers")) == whole {
			tree.Remove(operation, "servers")
		}
	})
	for path, item := range tree.Entries(paths) {
		if rest, below := strings.CutPrefix(base(tree.Get(item, "servers")), whole); below && (rest == "" || rest[0] == '/') {
			path.Value = rest + path.Value
			tree.Remove(item, "servers")
		}
	}
}
