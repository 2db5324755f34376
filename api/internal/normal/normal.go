// Package normal brings published descriptions into the form that the other steps work on.
package normal

import (
	"cmp"
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
// each thing is said in one way. None of this changes what the document means for a
// client.
func Make(set *tree.Set, r *report.Report, shipped, root *yaml.Node) {
	m := &form{set, r, shipped}
	tree.EachOperation(root, func(_, _, operation *yaml.Node) {
		for name := range tree.Entries(tree.Get(operation, "callbacks")) {
			m.report.Note(report.Left, "callback `%s` (%s): SignalWire sends it, a client does not", name.Value, m.At(name))
		}
		tree.Remove(operation, "callbacks")
		m.oneMedia(tree.Get(operation, "requestBody"), operation)
		for _, response := range tree.Entries(tree.Get(operation, "responses")) {
			m.oneMedia(response, operation)
		}
	})
	m.credentials(root)
	m.nameSWML(root)
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		if schema.Kind == yaml.MappingNode { // The overlay tells schemas by their titles.
			m.SetMember(schema, "title", m.NewString(name.Value, name))
		}
	}
}

// kinds are the objects and the arrays of a document. A method is that of an
// operation, and * stands for every other name.
const kinds = "{tags: [], paths: {'*': {parameters: [], method: {parameters: []}}}, components: {schemas: {'*': {}}, '*': {}}}"

// CheckKinds refuses a document whose mappings are none, which the generator
// would refuse later and with fewer words.
func CheckKinds(set *tree.Set, root *yaml.Node) { checkKind(set, root, set.Parse(kinds, root), "") }

func checkKind(set *tree.Set, n, want *yaml.Node, where string) {
	if n.Kind != want.Kind {
		set.Errorf("%s: expected %s as %s, found %s", set.At(n), tree.Describe(want), where, tree.Describe(n))
	}
	for key, value := range tree.Entries(n) {
		for name, inner := range tree.Entries(want) {
			isAny := name.Value == "*" && !tree.IsExtension(key.Value) || name.Value == "method" && tree.Methods[key.Value]
			if isAny || name.Value == key.Value {
				checkKind(set, value, inner, strings.TrimPrefix(where+"."+key.Value, "."))
				break
			}
		}
	}
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
			m.report.Note(report.Left, "%s: the type %s of a body, which can be another (%s)", tree.OperationID(operation), media.Value, m.At(media))
			defer tree.Remove(content, media.Value)
		}
	}
}

// inlineComponents writes out the components that are only a short cut, since
// overlay actions and the generator look at where they are used.
func (m *form) inlineComponents(root *yaml.Node) {
	components := tree.Get(root, "components")
	short := []string{"pathItems", "parameters", "responses", "requestBodies", "headers", "callbacks"}
	var walk func(n *yaml.Node, depth int)
	walk = func(n *yaml.Node, depth int) {
		if ref := tree.Get(n, "$ref"); ref != nil && depth < 10 {
			kind, _, _ := strings.Cut(strings.TrimPrefix(ref.Value, "#/components/"), "/")
			if target := tree.ResolveRef(root, ref.Value); target != nil && slices.Contains(short, kind) {
				n.Content = m.Clone(target).Content
				walk(n, depth+1)
				return
			}
		}
		for _, child := range n.Content {
			walk(child, depth)
		}
	}
	for _, users := range []*yaml.Node{tree.Get(root, "paths"), tree.Get(root, "webhooks"), tree.Schemas(root)} {
		walk(tree.NonNil(users), 0)
	}
	for _, kind := range short {
		tree.Remove(components, kind)
	}
}

// parameters gives operations the parameters of their paths, and parameters that have
// no schema one.
func (m *form) parameters(root *yaml.Node) {
	tree.EachOperation(root, func(_, path, operation *yaml.Node) {
		own, all := tree.Items(operation, "parameters"), m.Parse("[]", operation)
		for _, p := range tree.Items(root, "paths", path.Value, "parameters") {
			same := func(q *yaml.Node) bool {
				return tree.Value(p, "in") == tree.Value(q, "in") && tree.Value(p, "name") == tree.Value(q, "name")
			}
			if !slices.ContainsFunc(own, same) {
				all.Content = append(all.Content, m.Clone(p))
			}
		}
		if len(all.Content) > 0 {
			all.Content = append(all.Content, own...)
			m.SetMember(operation, "parameters", all)
		}
		for _, p := range tree.Items(operation, "parameters") {
			if p.Kind == yaml.MappingNode && !tree.Has(p, "$ref", "schema", "content") {
				m.SetMember(p, "schema", m.Parse("{type: string}", p))
			}
		}
	})
	for _, item := range tree.Entries(tree.Get(root, "paths")) {
		tree.Remove(item, "parameters")
	}
}

// ours are the names that ours have for the kinds of credentials.
var ours = map[string]string{"basic": "SignalWireBasicAuth", "bearer": "SignalWireBearerAuth"}

// credentials gives the kinds of credentials the names that ours have, and says in
// one way that an operation needs none.
func (m *form) credentials(root *yaml.Node) {
	schemes := tree.Get(root, "components", "securitySchemes")
	to := map[string]string{}
	for name, scheme := range tree.Entries(schemes) {
		if tree.IsType(scheme, "oauth2") || tree.IsType(scheme, "openIdConnect") {
			// What it gives is sent as a bearer token (RFC 6750).
			scheme.Content = m.Parse("{type: http, scheme: bearer}", scheme).Content
		}
		if known := ours[strings.ToLower(tree.Value(scheme, "scheme"))]; known != "" && tree.Get(schemes, known) == nil {
			to[name.Value], name.Value = known, known
		}
	}
	rename := func(n *yaml.Node) {
		requirements := tree.NonNil(tree.Get(n, "security"))
		for _, requirement := range requirements.Content {
			for name := range tree.Entries(requirement) {
				name.Value = cmp.Or(to[name.Value], name.Value)
			}
		}
		if len(requirements.Content) == 1 && len(requirements.Content[0].Content) == 0 {
			requirements.Content = nil
		}
	}
	rename(root)
	tree.EachOperation(root, func(_, _, operation *yaml.Node) { rename(operation) })
}

// nameSWML calls the schemas of SWML documents as we ship them, SWML.<area>.<name>,
// or else SWML.<name>. Older descriptions have them without that, among those of
// the API, and the overlay would not see that they are another language.
func (m *form) nameSWML(root *yaml.Node) {
	ours, all := tree.Index(tree.Schemas(m.shipped)), tree.Index(tree.Schemas(root))
	to := map[string]string{}
	for name := range tree.ReachableSchemas(root, m.Parse("{$ref: '#/components/schemas/SWMLObject'}", root)) {
		if _, known := ours[name]; known || all[name].Value == nil || strings.HasPrefix(name, "SWML.") {
			continue
		}
		fresh := "SWML." + name
		var known []string // A name can be in several areas.
		for shipped := range ours {
			if strings.HasPrefix(shipped, "SWML.") && strings.HasSuffix(shipped, "."+name) {
				known = append(known, shipped)
			}
		}
		if len(known) == 1 {
			fresh = known[0]
		}
		if _, taken := all[fresh]; !taken {
			to[name] = fresh
		}
	}
	if len(to) > 0 {
		tree.RenameSchemas(root, to)
		m.report.Note(report.Left, "%s: %d schemas of SWML documents are called SWML.…, as in later descriptions", m.File(root), len(to))
	}
}
