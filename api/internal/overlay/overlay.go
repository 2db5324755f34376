// Package overlay applies OpenAPI Overlays with the corrections to a description.
package overlay

import (
	"errors"
	"fmt"
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
	absent []string // what is given a name or words, and is not here
}

// Apply applies the actions of an overlay to root, one after the other. What does
// nothing is a line of r: an overlay is for more than one version of a description.
func Apply(set *tree.Set, root *yaml.Node, f tree.File, r *report.Report) {
	m := &applier{Set: set, report: r}
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
	missing := lacking(root, actions.Content)
	for i, action := range o.Actions {
		node := actions.Content[i]
		idle, err := "", error(nil) // idle is why the action does nothing.
		if name := missing[node]; name != "" {
			idle = "it refers to `" + name + "`, which is not here"
		} else {
			idle, err = m.apply(root, action)
		}
		if err != nil {
			m.Errorf("%s: action %d (target %s, description %q): %w", m.At(node), i+1, action.Target, action.Description, err)
		} else if idle != "" {
			m.report.Note(report.Overlay, "%s `%s`: %s", m.At(node), action.Target, idle)
		}
	}
	if len(m.absent) > 0 {
		m.report.Note(report.Overlay, "%d names of what is not here: %s", len(m.absent), strings.Join(m.absent, ", "))
	}
}

// lacking returns the actions that need a schema which neither the description has
// nor another action adds, and one such schema of each.
func lacking(root *yaml.Node, actions []*yaml.Node) map[*yaml.Node]string {
	found := map[*yaml.Node]string{}
	for before := -1; before != len(found); {
		before = len(found)
		known := tree.Index(tree.Schemas(root))
		for _, action := range actions {
			if found[action] == "" && tree.Value(action, "target") == "$.components.schemas" {
				for name, schema := range tree.Entries(tree.Get(action, "update")) {
					if !annotates(schema) { // Else it says something about what may not be here.
						known[name.Value] = tree.Entry{Key: name, Value: schema}
					}
				}
			}
		}
		for _, action := range actions {
			tree.EachRef(action, func(ref *yaml.Node) {
				if name, _, ok := tree.ParseSchemaRef(ref.Value); ok && known[name].Key == nil {
					found[action] = name
				}
			})
		}
	}
	return found
}

// apply performs one action. If that does nothing, idle says why.
func (m *applier) apply(root *yaml.Node, action overlay.Action) (idle string, err error) {
	update, verbs := &action.Update, 0
	for _, present := range []bool{!update.IsZero(), action.Copy != "", action.Remove} {
		if present {
			verbs++
		}
	}
	if verbs != 1 {
		return "", errors.New("expected one of update, copy and remove: true")
	}
	targets, err := query(root, action.Target)
	switch {
	case err != nil:
		return "", err
	case len(targets) == 0:
		return "the target matches nothing", nil
	case action.Remove && slices.Contains(targets, root):
		return "", errors.New("this would remove the whole description")
	case action.Remove:
		o := overlay.Overlay{Version: overlay.Version110, Actions: []overlay.Action{action}}
		return "", o.ApplyTo(root)
	case action.Copy != "":
		sources, err := query(root, action.Copy)
		if err != nil {
			return "", err
		}
		if len(sources) == 0 {
			return "what would be copied is not here", nil
		}
		if len(sources) > 1 {
			return "", fmt.Errorf("copy has to match one value, %s matches %d", action.Copy, len(sources))
		}
		update = m.Clone(sources[0])
	}
	if slices.ContainsFunc(targets, func(n *yaml.Node) bool { return n.Kind != targets[0].Kind }) {
		return "the target matches values of different kinds", nil
	}
	if targets[0].Kind == yaml.SequenceNode && update.Kind != yaml.SequenceNode {
		update = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{update}}
	}
	idle = "it changes nothing"
	for _, target := range targets {
		if m.update(target, update) {
			idle = ""
		}
	}
	return idle, nil
}

// query evaluates an RFC 9535 JSONPath.
func query(root *yaml.Node, path string) ([]*yaml.Node, error) {
	o := overlay.Overlay{Version: overlay.Version110}
	compiled, err := o.NewPath(path, nil)
	if err != nil {
		reason, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s is no JSONPath: %s", path, reason)
	}
	return compiled.Query(root), nil
}

// update merges a value into a target and reports whether that changed anything:
// mappings key by key, lists by appending what they do not have, scalars by
// replacing. What says nothing but names and words of something that is not there
// is not added.
//
// The overlay library does the same, but sets a scalar's text without its type
// (5 updated to abc becomes "!!int abc", '5' updated to 5 changes nothing), takes
// appending an empty list for a change, and forgets the places of what it adds.
func (m *applier) update(target, value *yaml.Node) (changed bool) {
	switch {
	case target.Kind != value.Kind:
		m.report.Note(report.Overlay, "%s: %s (%s) cannot be updated with %s",
			m.At(value), tree.Describe(target), m.At(target), tree.Describe(value))
		return false
	case target.Kind == yaml.SequenceNode:
		for _, item := range value.Content { // It may have been added by SignalWire since.
			if !slices.ContainsFunc(target.Content, func(n *yaml.Node) bool { return tree.Equal(n, item) }) {
				target.Content = append(target.Content, m.Clone(item))
				changed = true
			}
		}
	case target.Kind == yaml.ScalarNode && !tree.Equal(target, value):
		*target, changed = *value, true
	}
	for key, inner := range tree.Entries(value) {
		switch old := tree.Get(target, key.Value); {
		case old != nil:
			changed = m.update(old, inner) || changed
		case annotates(inner) && !tree.IsExtension(key.Value):
			m.absent = append(m.absent, fmt.Sprintf("`%s` (%s)", key.Value, m.At(key)))
		default:
			target.Content = append(target.Content, m.Clone(key), m.Clone(inner))
			changed = true
		}
	}
	return changed
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
