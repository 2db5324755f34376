// Package normal brings an OpenAPI document into one normal form, so that later steps
// have to handle one way of writing each thing.
//
// [CheckTypes] refuses a document in which a value has another type than OpenAPI says.
// [Normalize] converts a document to OpenAPI 3.1 and rewrites its schemas, parameters and
// shared components; for example, it turns {type: string, nullable: true} of OpenAPI 3.0
// and {anyOf: [{type: string}, {type: 'null'}]} into {type: [string, 'null']}.
// [NormalizePublished] also removes from a published document what a client has no use
// for, and gives its security schemes the names that ours have.
//
// None of this changes which requests and responses a document describes, except that
// limits of one variant in a union of strings are dropped.
package normal

import (
	"cmp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// normalizer is the state of Normalize and NormalizePublished.
type normalizer struct {
	*tree.Set
	report     *report.Report      // nil in Normalize
	root       *yaml.Node          // nil in NormalizePublished
	normalized map[*yaml.Node]bool // see normalizeSchema
}

// NormalizePublished brings a published document, after Normalize, into the form of our own
// documents. It removes callbacks and all but one media type of each body, and renames
// security schemes. What it removes is noted in the report.
func NormalizePublished(set *tree.Set, r *report.Report, root *yaml.Node) {
	m := &normalizer{Set: set, report: r}
	tree.EachOperation(root, func(_, _, operation *yaml.Node) {
		for name := range tree.Entries(tree.Get(operation, "callbacks")) {
			m.report.Note(report.Left, "callback `%s` (%s): SignalWire sends it, a client does not", name.Value, m.At(name))
		}
		tree.Remove(operation, "callbacks")
		m.keepBestMediaType(tree.Get(operation, "requestBody"), operation)
		for _, response := range tree.Entries(tree.Get(operation, "responses")) {
			m.keepBestMediaType(response, operation)
		}
	})
	m.renameSecuritySchemes(root)
	m.breakCycles(root)
	for name, schema := range tree.Entries(tree.Schemas(root)) {
		if schema.Kind == yaml.MappingNode { // The overlay matches schemas by their titles.
			m.SetMember(schema, "title", m.NewString(name.Value, name))
		}
	}
}

// breakCycles makes a required property optional if its object would be in itself without
// end, as in {type: object, required: [parent], properties: {parent: {$ref: …}}} with a
// reference to the same schema. No value can have such a property at every level.
func (m *normalizer) breakCycles(root *yaml.Node) {
	done := map[*yaml.Node]bool{}
	var contains func(schema *yaml.Node, outer ...*yaml.Node) bool // reports whether a schema is one of the outer ones
	contains = func(schema *yaml.Node, outer ...*yaml.Node) bool {
		schema = tree.Dereference(root, schema)
		if schema == nil || done[schema] || tree.HasType(schema, "null") {
			return false
		}
		if slices.Contains(outer, schema) {
			return true
		}
		outer = append(outer, schema)
		required := tree.NonNil(tree.Get(schema, "required"))
		for name, property := range tree.Entries(tree.Get(schema, "properties")) {
			i := slices.IndexFunc(required.Content, func(n *yaml.Node) bool { return n.Value == name.Value })
			if i >= 0 && contains(property, outer...) {
				required.Content = slices.Delete(required.Content, i, i+1)
				m.report.Note(report.Left, "property `%s` (%s): made optional, as its object would otherwise have to contain itself without end", name.Value, m.At(name))
			}
		}
		done[schema] = true
		return false
	}
	for _, schema := range tree.Entries(tree.Schemas(root)) {
		contains(schema)
	}
}

// mediaTypeSuffixes are the suffixes of media types in the order of preference.
var mediaTypeSuffixes = []string{"application/json", "+json", "application/x-www-form-urlencoded", ""}

// keepBestMediaType removes all media types of a request body or response but the best:
// JSON if it is one of them, or else a form.
func (m *normalizer) keepBestMediaType(body, operation *yaml.Node) {
	rank := func(mediaType string) int {
		return slices.IndexFunc(mediaTypeSuffixes, func(suffix string) bool { return strings.HasSuffix(mediaType, suffix) })
	}
	content := tree.Get(body, "content")
	best := len(mediaTypeSuffixes)
	for media := range tree.Entries(content) {
		isJSON := strings.ReplaceAll(strings.ToLower(media.Value), " ", "") == "application/json;charset=utf-8"
		if isJSON && !tree.Has(content, "application/json") {
			media.Value = "application/json"
		}
		best = min(best, rank(media.Value))
	}
	for media := range tree.Entries(content) {
		if rank(media.Value) > best {
			m.report.Note(report.Left, "%s: the media type %s of a body is left out, as the body can have a preferred one (%s)", tree.OperationID(operation), media.Value, m.At(media))
			defer tree.Remove(content, media.Value)
		}
	}
}

// inlineComponents replaces references to components other than schemas by a copy of the
// component, and removes these components: the overlay and the generator look for
// parameters and responses where they are used. What is beside a reference stays: the
// operations of a path item, and a description.
func (m *normalizer) inlineComponents(root *yaml.Node) {
	kinds := []string{"pathItems", "parameters", "responses", "requestBodies", "headers", "callbacks"}
	var inline func(n *yaml.Node, depth int)
	inline = func(n *yaml.Node, depth int) {
		if ref := tree.Value(n, "$ref"); depth < 10 { // A component can refer to itself.
			kind, _, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
			if target := tree.ResolveRef(root, ref); target != nil && slices.Contains(kinds, kind) {
				beside := n.Content
				n.Content = m.Clone(target).Content
				for i := 0; i < len(beside); i += 2 {
					if key := beside[i].Value; key != "$ref" && (kind == "pathItems" || tree.IsAnnotation(key)) {
						m.SetMember(n, key, beside[i+1])
					}
				}
				inline(n, depth+1)
				return
			}
		}
		for _, child := range n.Content {
			inline(child, depth)
		}
	}
	for _, part := range []*yaml.Node{tree.Get(root, "paths"), tree.Get(root, "webhooks"), tree.Schemas(root)} {
		inline(tree.NonNil(part), 0)
	}
	for _, kind := range kinds {
		tree.Remove(tree.Get(root, "components"), kind)
	}
}

// removeReferences removes the schemas of the components that are nothing but a reference,
// and makes references to them references to what they refer to. One with further keywords,
// which the generator would ignore, becomes an object of its own.
func (m *normalizer) removeReferences(root *yaml.Node) {
	schemas, targets := tree.Schemas(root), map[string]string{}
	for name, schema := range tree.Entries(schemas) {
		target, rest, isRef := tree.ParseSchemaRef(tree.Value(schema, "$ref"))
		keys := tree.SortedKeys(tree.Index(schema))
		isOther := func(key string) bool { return key != "$ref" && !tree.IsAnnotation(key) }
		isRule := func(key string) bool { return isOther(key) && !tree.IsExtension(key) }
		switch {
		case !isRef || rest != "" || !tree.Has(schemas, target):
		case slices.ContainsFunc(keys, isRule):
			m.convertRef(schema)
			m.dissolveAllOf(schema)
			m.normalizeAdditional(schema)
		case !slices.ContainsFunc(keys, isOther):
			targets[name.Value] = target
		}
	}
	last := map[string]string{}
	for name, target := range targets {
		for range targets { // A reference can lead to another one, or back to itself.
			target = cmp.Or(targets[target], target)
		}
		if targets[target] == "" {
			last[name] = target
		}
	}
	for name := range last {
		tree.Remove(schemas, name)
	}
	tree.RenameSchemas(root, last)
}

// normalizeParameters moves the parameters of path items into their operations, and gives a
// parameter without schema the type string. It removes explode from a parameter that is a
// single value, where it has no effect. In a version in which the parameter becomes an array,
// explode is new then, and an import adds it to our own description.
func (m *normalizer) normalizeParameters(root *yaml.Node) {
	tree.EachOperation(root, func(_, path, operation *yaml.Node) {
		own := tree.Items(operation, "parameters")
		var inherited []*yaml.Node
		for _, p := range tree.Items(root, "paths", path.Value, "parameters") {
			overrides := func(q *yaml.Node) bool {
				return tree.Value(p, "in") == tree.Value(q, "in") && tree.Value(p, "name") == tree.Value(q, "name")
			}
			if !slices.ContainsFunc(own, overrides) {
				inherited = append(inherited, m.Clone(p))
			}
		}
		if len(inherited) > 0 {
			m.SetMember(operation, "parameters", []string{}).Content = append(inherited, own...)
		}
		for _, p := range tree.Items(operation, "parameters") {
			if p.Kind == yaml.MappingNode && !tree.Has(p, "schema", "content") {
				m.SetMember(p, "schema", m.Parse("{type: string}", p))
			}
			if tree.HasType(tree.Dereference(root, tree.Get(p, "schema")), "string", "integer", "number", "boolean") {
				tree.Remove(p, "explode")
			}
		}
	})
	for _, item := range tree.Entries(tree.Get(root, "paths")) {
		tree.Remove(item, "parameters")
	}
}

// schemeNames are the names of our own security schemes by their HTTP authentication scheme.
var schemeNames = map[string]string{"basic": "SignalWireBasicAuth", "bearer": "SignalWireBearerAuth"}

// renameSecuritySchemes gives security schemes the names that ours have. OAuth 2.0 and
// OpenID Connect become bearer schemes, since their tokens are sent as such (RFC 6750). An
// optional requirement alone, [{}], becomes [].
func (m *normalizer) renameSecuritySchemes(root *yaml.Node) {
	schemes := tree.Get(root, "components", "securitySchemes")
	newNames := map[string]string{}
	for name, scheme := range tree.Entries(schemes) {
		if tree.IsType(scheme, "oauth2") || tree.IsType(scheme, "openIdConnect") {
			scheme.Content = m.Parse("{type: http, scheme: bearer}", scheme).Content
		}
		newName := schemeNames[strings.ToLower(tree.Value(scheme, "scheme"))]
		newNames[name.Value] = newName
		if newName != "" && tree.Get(schemes, newName) == nil {
			name.Value = newName
		}
	}
	tree.EachSecurity(root, func(requirements *yaml.Node) {
		for _, requirement := range requirements.Content {
			for name := range tree.Entries(requirement) {
				name.Value = cmp.Or(newNames[name.Value], name.Value)
			}
		}
		if len(requirements.Content) == 1 && len(requirements.Content[0].Content) == 0 {
			requirements.Content = nil
		}
	})
}
