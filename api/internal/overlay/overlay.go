// Package overlay corrects a description with OpenAPI Overlays (version 1.1.0).
//
// An action has a target, an RFC 9535 JSONPath. It removes the values that the target
// matches (remove: true), or merges a value into each of them: the value of update, or the
// value that the JSONPath copy matches. Actions apply one after the other, so that one that
// adds a schema comes before those that refer to it.
//
// The same overlay is applied to newer and older versions of a published description. That
// a version does not have what an action corrects is therefore not an error, but a line of
// the report: an action is skipped if its target matches nothing, or if it refers to a
// schema that is missing; names and descriptions of missing members are not added.
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

// applier is the state of one Apply.
type applier struct {
	*tree.Set
	report  *report.Report
	missing []string // the members that were not added because the update only annotates them
}

// Apply applies the overlay in a file to the description root. An overlay that is invalid,
// or has keywords that are not supported, is an error of the set, and so is an action that
// can never apply. An action without effect is noted in the report.
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
	var o overlay.Overlay
	err := doc.Decode(&o)
	if err == nil {
		err = o.Validate()
	}
	if err != nil {
		m.Errorf("%s: %s", f.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	nodes := tree.Items(doc, "actions")
	for _, node := range nodes {
		m.CheckFields(node, "an action", "target", "description", "update", "remove", "copy")
	}
	if m.Failed() {
		return
	}
	for i, action := range o.Actions {
		reason, err := m.applyAction(root, action, nodes[i])
		if err != nil {
			m.Errorf("%s: action %d (target %s, description %q): %w", m.At(nodes[i]), i+1, action.Target, action.Description, err)
		} else if reason != "" {
			m.report.Note(report.Overlay, "%s `%s`: %s", m.At(nodes[i]), action.Target, reason)
		}
	}
	if len(m.missing) > 0 {
		m.report.Note(report.Overlay, "%d members that an action describes or names are not here: %s", len(m.missing), strings.Join(m.missing, ", "))
	}
}

// applyAction applies one action, given decoded and as a node. If it has no effect, it
// returns the reason.
func (m *applier) applyAction(root *yaml.Node, action overlay.Action, node *yaml.Node) (reason string, err error) {
	if isCopy := action.Copy != ""; isCopy == (action.Remove || !action.Update.IsZero()) { // Validate refuses both of these.
		return "", errors.New("expected one of update, copy and remove: true")
	}
	targets, err := query(root, action.Target)
	switch schema := missingSchema(root, node); {
	case err != nil:
		return "", err
	case schema != "":
		return "it refers to `" + schema + "`, which is not here", nil
	case len(targets) == 0:
		return "the target matches nothing", nil
	case action.Remove && slices.Contains(targets, root):
		return "", errors.New("this would remove the whole description")
	case action.Remove:
		o := overlay.Overlay{Version: overlay.Version110, Actions: []overlay.Action{action}}
		return "", o.ApplyTo(root)
	case slices.ContainsFunc(targets, func(n *yaml.Node) bool { return n.Kind != targets[0].Kind }):
		return "the target matches values of different kinds", nil
	}
	update := &action.Update
	if action.Copy != "" {
		sources, err := query(root, action.Copy)
		switch {
		case err != nil:
			return "", err
		case len(sources) == 0:
			return "copy matches nothing", nil
		case len(sources) > 1:
			return "", fmt.Errorf("copy has to match one value, %s matches %d", action.Copy, len(sources))
		}
		update = m.Clone(sources[0])
	}
	if targets[0].Kind == yaml.SequenceNode && update.Kind != yaml.SequenceNode {
		update = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{update}}
	}
	reason = "it changes nothing"
	for _, target := range targets {
		if m.update(target, update) {
			reason = ""
		}
	}
	return reason, nil
}

// query returns the values that a JSONPath matches.
func query(root *yaml.Node, path string) ([]*yaml.Node, error) {
	o := overlay.Overlay{Version: overlay.Version110}
	compiled, err := o.NewPath(path, nil)
	if err != nil {
		reason, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s is no JSONPath: %s", path, reason)
	}
	return compiled.Query(root), nil
}

// missingSchema returns the name of a component schema that an action refers to, but that
// neither the description has nor the action adds, or "".
func missingSchema(root, action *yaml.Node) (missing string) {
	var added *yaml.Node
	if tree.Value(action, "target") == "$.components.schemas" {
		added = tree.Get(action, "update")
	}
	tree.EachRef(action, func(ref *yaml.Node) {
		name, _, ok := tree.ParseSchemaRef(ref.Value)
		if ok && tree.Get(tree.Schemas(root), name) == nil && tree.Get(added, name) == nil {
			missing = name
		}
	})
	return missing
}

// update merges a value into a target, and reports whether that changed the target. Objects
// are merged recursively, arrays get the items that they do not have, and other values are
// replaced. A missing member is not added if the value only annotates it.
//
// The overlay library does not replace the type of a scalar ("5" updated to 5 changes
// nothing), counts an empty array as a change, and loses the positions of what it adds.
func (m *applier) update(target, value *yaml.Node) (changed bool) {
	switch {
	case target.Kind != value.Kind:
		m.report.Note(report.Overlay, "%s: %s (%s) cannot be updated with %s",
			m.At(value), tree.Describe(target), m.At(target), tree.Describe(value))
		return false
	case target.Kind == yaml.SequenceNode:
		for _, item := range value.Content { // SignalWire may have added it since.
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
		case onlyAnnotates(inner) && !tree.IsExtension(key.Value):
			m.missing = append(m.missing, fmt.Sprintf("`%s` (%s)", key.Value, m.At(key)))
		default:
			target.Content = append(target.Content, m.Clone(key), m.Clone(inner))
			changed = true
		}
	}
	return changed
}

// onlyAnnotates reports whether an update has nothing but descriptions and extensions, such
// as x-go-name, at any depth.
func onlyAnnotates(update *yaml.Node) bool {
	for key, value := range tree.Entries(update) {
		if !tree.IsExtension(key.Value) && key.Value != "description" && !onlyAnnotates(value) {
			return false
		}
	}
	return update.Kind == yaml.MappingNode && len(update.Content) > 0
}
