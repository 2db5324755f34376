// Package overlay applies OpenAPI Overlays with the corrections to a description.
package overlay

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/report"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// applier is what all steps share.
type applier struct {
	*tree.Set
	report *report.Report
}

// Apply applies the actions of an overlay to root, one after the other. What does
// nothing is a line of r: an overlay is for more than one version of a description.
func Apply(set *tree.Set, root *yaml.Node, f tree.File, r *report.Report) {
	m := &applier{set, r}
	doc := m.Load(f)
	if m.Failed() {
		return
	}
	if version := tree.Get(doc, "overlay"); version == nil || version.Value != overlay.Version110 {
		m.Errorf("%s: expected overlay: %s, found %s; before 1.1.0 targets are not RFC 9535 JSONPath, and their filters match other things",
			f.Name, overlay.Version110, tree.Describe(version))
		return
	}
	m.CheckFields(doc, "an overlay", "overlay", "info", "extends", "actions")
	if dialect := tree.Get(doc, "x-speakeasy-jsonpath"); dialect != nil {
		m.Errorf("%s: x-speakeasy-jsonpath changes what targets mean; remove it", m.At(dialect))
	}
	var o overlay.Overlay
	err := doc.Decode(&o)
	if err == nil {
		err = o.Validate()
	}
	if err != nil {
		m.Errorf("%s: %s", f.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	actions := tree.Get(doc, "actions")
	for _, action := range actions.Content {
		m.CheckFields(action, "an action", "target", "description", "update", "remove", "copy")
	}
	if m.Failed() {
		return
	}
	lacking := m.lacking(root, actions.Content)
	for i, action := range o.Actions {
		node := actions.Content[i]
		if name := lacking[node]; name != "" {
			m.report.Note(report.Overlay, "%s `%s`: it refers to `%s`, which is not here", m.At(node), action.Target, name)
			continue
		}
		err := m.apply(root, action, tree.Get(node, "update"))
		if errors.As(err, new(needless)) {
			m.report.Note(report.Overlay, "%s `%s`: %v", m.At(node), action.Target, err)
		} else if err != nil {
			m.Errorf("%s: action %d (target %s, description %q): %w", m.At(node), i+1, action.Target, action.Description, err)
		}
	}
}

// lacking returns the actions that need a schema which neither the description has
// nor another action adds, and one such schema of each.
func (m *applier) lacking(root *yaml.Node, actions []*yaml.Node) map[*yaml.Node]string {
	found := map[*yaml.Node]string{}
	for before := -1; before != len(found); {
		before = len(found)
		known := tree.Index(tree.Schemas(root))
		for _, action := range actions {
			if found[action] == "" && tree.Describe(tree.Get(action, "target")) == `"$.components.schemas"` {
				for name, schema := range tree.Entries(tree.Get(action, "update")) {
					if annotates(schema) {
						continue // It says something about what may not be here.
					}
					known[name.Value] = tree.Entry{Key: name, Value: schema}
				}
			}
		}
		for _, action := range actions {
			tree.EachRef(action, func(ref *yaml.Node) {
				if name, _, ok := tree.SchemaOf(ref.Value); ok && known[name].Key == nil {
					found[action] = name
				}
			})
		}
	}
	return found
}

// needless says why an action did nothing.
type needless string

func (e needless) Error() string { return string(e) }

// apply performs one action. The node of its update still knows its place.
func (m *applier) apply(root *yaml.Node, action overlay.Action, update *yaml.Node) error {
	verbs := 0
	for _, present := range []bool{update != nil, action.Copy != "", action.Remove} {
		if present {
			verbs++
		}
	}
	if verbs != 1 {
		return errors.New("expected one of update, copy and remove: true")
	}
	targets, err := query(root, action.Target)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return needless("the target matches nothing")
	}
	if action.Remove {
		if slices.Contains(targets, root) {
			return errors.New("this would remove the whole description")
		}
		o := overlay.Overlay{Version: overlay.Version110, Actions: []overlay.Action{action}}
		_, err := o.ApplyToStrict(root)
		return err
	}
	if action.Copy != "" {
		sources, err := query(root, action.Copy)
		if err != nil {
			return err
		}
		if len(sources) != 1 {
			return fmt.Errorf("copy has to match one value, %s matches %d", action.Copy, len(sources))
		}
		update = m.Clone(sources[0])
	}
	if slices.ContainsFunc(targets, func(n *yaml.Node) bool { return n.Kind != targets[0].Kind }) {
		return needless("the target matches values of different kinds")
	}
	if targets[0].Kind == yaml.SequenceNode && update.Kind != yaml.SequenceNode {
		update = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{update}}
	}
	changed := false
	for _, target := range targets {
		changes, err := m.update(target, update)
		if err != nil {
			return err
		}
		changed = changed || changes
	}
	if !changed {
		return needless("it changes nothing")
	}
	return nil
}

// query evaluates an RFC 9535 JSONPath.
func query(root *yaml.Node, path string) ([]*yaml.Node, error) {
	if field := everyField.FindStringSubmatch(path); field != nil {
		schemas := tree.Get(tree.Get(root, "components"), "schemas")
		return collect(schemas, nil, func(n *yaml.Node) *yaml.Node { return tree.Get(tree.Get(n, "properties"), field[1]) }), nil
	}
	if reference := everyReference.FindStringSubmatch(path); reference != nil {
		if fits, err := regexp.Compile(cmp.Or(reference[2], "^"+regexp.QuoteMeta(reference[1])+"$")); err == nil {
			return collect(root, nil, func(n *yaml.Node) *yaml.Node {
				if to := tree.Get(n, "$ref"); to != nil && n != root && fits.MatchString(to.Value) {
					return n
				}
				return nil
			}), nil
		}
	}
	if title := byTitle.FindStringSubmatch(path); title != nil {
		if fits, err := regexp.Compile(title[2]); err == nil {
			root, path = onlySchemas(root, fits, title[1] == ""), "$.components.schemas[*]"+title[3]
		}
	}
	o := overlay.Overlay{Version: overlay.Version110}
	compiled, err := o.NewPath(path, nil)
	if err != nil {
		reason, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s is no JSONPath: %s", path, reason)
	}
	return compiled.Query(root), nil
}

// The targets of those actions, many, that are about a field wherever it is, or
// about all that refers to a schema. The library takes more than ten times as
// long for them as collect.
var (
	everyField     = regexp.MustCompile(`^\$\.components\.schemas\.\.properties\.(\w+)$`)
	everyReference = regexp.MustCompile(`^\$\.\.\[\?@\['\$ref'\] (?:== '([^'\\]+)'|&& search\(@\['\$ref'\], '([^'\\]+)'\))\]$`)
)

// byTitle is the target of actions about the schemas whose title fits a pattern.
// The library compiles the pattern for each schema anew.
var byTitle = regexp.MustCompile(`^\$\.components\.schemas\[\?(!?)search\(@\.title, '([^'\\]+)'\)\](.*)$`)

// onlySchemas is a description with nothing but those schemas whose title fits,
// or does not.
func onlySchemas(root *yaml.Node, fits *regexp.Regexp, want bool) *yaml.Node {
	schemas := &yaml.Node{Kind: yaml.MappingNode}
	for name, schema := range tree.Entries(tree.Get(tree.Get(root, "components"), "schemas")) {
		title := tree.Get(schema, "title")
		if (title != nil && fits.MatchString(title.Value)) == want {
			schemas.Content = append(schemas.Content, name, schema)
		}
	}
	in := func(name string, n *yaml.Node) *yaml.Node {
		return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: name}, n}}
	}
	return in("components", in("schemas", schemas))
}

// collect appends to found what each node in n, with n itself, has to offer.
func collect(n *yaml.Node, found []*yaml.Node, offer func(*yaml.Node) *yaml.Node) []*yaml.Node {
	if n == nil {
		return found
	}
	if offered := offer(n); offered != nil {
		found = append(found, offered)
	}
	for _, inner := range n.Content { // keys have nothing in them
		found = collect(inner, found, offer)
	}
	return found
}

// update merges a value into a target and reports whether that changed anything:
// mappings key by key, lists by appending what they do not have, scalars by
// replacing. What says nothing but names and words of something that is not there
// is not added.
//
// The overlay library does the same, but sets a scalar's text without its type
// (5 updated to abc becomes "!!int abc", '5' updated to 5 changes nothing), takes
// appending an empty list for a change, and forgets the places of what it adds.
func (m *applier) update(target, value *yaml.Node) (changed bool, err error) {
	switch {
	case target.Kind != value.Kind:
		m.report.Note(report.Overlay, "%s: %s (%s) cannot be updated with %s", m.At(value), tree.Describe(target), m.At(target), tree.Describe(value))
		return false, nil
	case target.Kind == yaml.SequenceNode:
		// It may have been added by SignalWire since.
		for _, item := range m.Clone(value).Content {
			if !slices.ContainsFunc(target.Content, func(n *yaml.Node) bool { return tree.Equal(n, item) }) {
				target.Content = append(target.Content, item)
				changed = true
			}
		}
		return changed, nil
	case target.Kind == yaml.ScalarNode:
		if tree.Equal(target, value) {
			return false, nil
		}
		*target = *value
		m.Adopt(target, value)
		return true, nil
	}
	for key, inner := range tree.Entries(value) {
		old := tree.Get(target, key.Value)
		if old == nil && annotates(inner) && !tree.IsExtension(key.Value) {
			m.report.Absent = append(m.report.Absent, fmt.Sprintf("`%s` (%s)", key.Value, m.At(key)))
			continue
		}
		if old == nil {
			target.Content = append(target.Content, m.Clone(key), m.Clone(inner))
			changed = true
			continue
		}
		changes, err := m.update(old, inner)
		if err != nil {
			return changed, err
		}
		changed = changed || changes
	}
	return changed, nil
}

// annotates reports whether a value says something about what is there, and nothing
// else: names and other extensions, and words.
func annotates(n *yaml.Node) bool {
	for key, value := range tree.Entries(n) {
		if !tree.IsExtension(key.Value) && key.Value != "description" && !annotates(value) {
			return false
		}
	}
	return n.Kind == yaml.MappingNode && len(n.Content) > 0
}
