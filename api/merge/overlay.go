package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// overlay applies the actions of an overlay to root, one after the other.
func (m *merger) overlay(root *yaml.Node, f file) {
	doc := m.load(f)
	if len(m.errs) > 0 {
		return
	}
	if version := get(doc, "overlay"); version == nil || version.Value != overlay.Version110 {
		m.errorf("%s: expected overlay: %s, found %s; before 1.1.0 targets are not RFC 9535 JSONPath, and their filters match other things",
			f.name, overlay.Version110, describe(version))
		return
	}
	m.checkFields(doc, "an overlay", "overlay", "info", "extends", "actions")
	if dialect := get(doc, "x-speakeasy-jsonpath"); dialect != nil {
		m.errorf("%s: x-speakeasy-jsonpath changes what targets mean; remove it", m.at(dialect))
	}
	var o overlay.Overlay
	err := doc.Decode(&o)
	if err == nil {
		err = o.Validate()
	}
	if err != nil {
		m.errorf("%s: %s", f.name, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	actions := get(doc, "actions")
	for _, action := range actions.Content {
		m.checkFields(action, "an action", "target", "description", "update", "remove", "copy")
	}
	if len(m.errs) > 0 {
		return
	}
	for i, action := range o.Actions {
		node := actions.Content[i]
		err := m.apply(root, action, get(node, "update"))
		if needless := new(needless); m.intake != nil && errors.As(err, needless) {
			reason, _, _ := strings.Cut(needless.Error(), ";")
			m.intake.note(sectionOverlay, "%s `%s`: %s", m.at(node), action.Target, reason)
		} else if err != nil {
			m.errorf("%s: action %d (target %s, description %q): %w", m.at(node), i+1, action.Target, action.Description, err)
		}
	}
}

// needless says why an action did nothing, which is an error for our own
// documents, and to be expected with others.
type needless string

func (e needless) Error() string { return string(e) }

// apply performs one action. The node of its update still knows its place.
func (m *merger) apply(root *yaml.Node, action overlay.Action, update *yaml.Node) error {
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
		return needless("the target matches nothing; correct it, or delete the action if it is no longer needed")
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
		update = m.clone(sources[0])
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
		return needless("it changes nothing, as the description says so already; delete the action")
	}
	return nil
}

// query evaluates an RFC 9535 JSONPath.
func query(root *yaml.Node, path string) ([]*yaml.Node, error) {
	if field := everyField.FindStringSubmatch(path); field != nil {
		schemas := get(get(root, "components"), "schemas")
		return collect(schemas, nil, func(n *yaml.Node) *yaml.Node { return get(get(n, "properties"), field[1]) }), nil
	}
	if reference := everyReference.FindStringSubmatch(path); reference != nil {
		if fits, err := regexp.Compile(cmp.Or(reference[2], "^"+regexp.QuoteMeta(reference[1])+"$")); err == nil {
			return collect(root, nil, func(n *yaml.Node) *yaml.Node {
				if to := get(n, "$ref"); to != nil && n != root && fits.MatchString(to.Value) {
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
	for name, schema := range entries(get(get(root, "components"), "schemas")) {
		title := get(schema, "title")
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
// mappings key by key, lists by appending, scalars by replacing.
//
// The overlay library does the same, but sets a scalar's text without its type
// (5 updated to abc becomes "!!int abc", '5' updated to 5 changes nothing), takes
// appending an empty list for a change, and forgets the places of what it adds.
func (m *merger) update(target, value *yaml.Node) (changed bool, err error) {
	switch {
	case target.Kind != value.Kind && m.intake != nil:
		m.intake.note(sectionOverlay, "%s: %s (%s) cannot be updated with %s", m.at(value), describe(target), m.at(target), describe(value))
		return false, nil
	case target.Kind != value.Kind:
		return false, fmt.Errorf("cannot update %s with %s (%s)", describe(target), describe(value), m.at(value))
	case target.Kind == yaml.SequenceNode && m.intake != nil:
		// It may have been added by SignalWire since.
		for _, item := range m.clone(value).Content {
			if !slices.ContainsFunc(target.Content, func(n *yaml.Node) bool { return equal(n, item) }) {
				target.Content = append(target.Content, item)
				changed = true
			}
		}
		return changed, nil
	case target.Kind == yaml.SequenceNode:
		target.Content = append(target.Content, m.clone(value).Content...)
		return len(value.Content) > 0, nil
	case target.Kind == yaml.ScalarNode:
		if equal(target, value) {
			return false, nil
		}
		*target, m.files[target] = *value, m.files[value]
		return true, nil
	}
	for key, inner := range entries(value) {
		old := get(target, key.Value)
		if old == nil && m.intake != nil && annotates(inner) && !isExtension(key.Value) {
			m.intake.absent = append(m.intake.absent, fmt.Sprintf("`%s` (%s)", key.Value, m.at(key)))
			continue
		}
		if old == nil {
			target.Content = append(target.Content, m.clone(key), m.clone(inner))
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

// clone copies a tree with the places it is from.
func (m *merger) clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for _, child := range n.Content {
		c.Content = append(c.Content, m.clone(child))
	}
	m.files[&c] = m.files[n]
	return &c
}

// annotates tells a value that says something about what is there, and nothing
// else: names and other extensions, and words.
func annotates(n *yaml.Node) bool {
	for key, value := range entries(n) {
		if !isExtension(key.Value) && key.Value != "description" && !annotates(value) {
			return false
		}
	}
	return n.Kind == yaml.MappingNode && len(n.Content) > 0
}
