package structs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// rule is what the method Check of package swml checks of a value, in addition to its
// Go type. It is the JSON that package gen/internal/swmljson decodes.
type rule struct {
	// Kind is the declared type of the value, or of the elements of a slice or map, if
	// there are rules for it.
	Kind string `json:",omitempty"`
	// Enum are the values of a string, if no others are documented.
	Enum []string `json:",omitempty"`
	// Limits are the least and the greatest number, or the same for the length of an
	// array. Range says so in words.
	Limits []float64 `json:",omitempty"`
	Range  string    `json:",omitempty"`
	// Choice are the properties of which an object needs one, and Only says that it can
	// have only one of them.
	Choice []string `json:",omitempty"`
	Only   bool     `json:",omitempty"`
}

const noLimit = 1e308

// rule returns the rule for a value that matches one of some schemas.
func (m *swml) rule(schemas ...*schema) (r rule) {
	u := m.union(schemas...)
	if u.objects == nil && !slices.Contains(u.kinds["text"], "string") {
		r.Enum = u.kinds["const"]
	}
	var least, greatest *float64
	for _, s := range u.all {
		least = cmp.Or(least, s.Minimum, s.MinItems)
		greatest = cmp.Or(greatest, s.Maximum, s.MaxItems)
		if s.Type == "array" {
			r.Enum = m.rule(s.Items).Enum
		}
	}
	if least != nil && slices.ContainsFunc(u.all, func(s *schema) bool { return s.Const == 0 }) {
		least = new(float64) // The minimum is that of another variant.
	}
	switch {
	case least != nil && greatest != nil:
		r.Limits, r.Range = []float64{*least, *greatest}, fmt.Sprintf("between %v and %v", *least, *greatest)
	case least != nil:
		r.Limits, r.Range = []float64{*least, noLimit}, fmt.Sprintf("at least %v", *least)
	case greatest != nil:
		r.Limits, r.Range = []float64{-noLimit, *greatest}, fmt.Sprintf("at most %v", *greatest)
	}
	return r
}

// choice returns the properties of which an object that matches a union needs one: the
// property that each variant requires and no other variant does. If the variants have
// no such property each, there are none. only reports whether an object can have only
// one: no variant has the property of another, and x-go-together is not set.
func choice(u union) (properties []string, only bool) {
	required, present := map[string]int{}, map[string]int{} // by how many variants
	for _, s := range u.objects {
		for _, name := range s.Required {
			required[name]++
		}
		for _, name := range s.Properties.Keys {
			present[name]++
		}
	}
	only = !slices.ContainsFunc(u.all, func(s *schema) bool { return s.GoTogether })
	for _, s := range u.objects {
		own := slices.DeleteFunc(slices.Clone(s.Required), func(name string) bool { return required[name] > 1 })
		if len(own) != 1 || len(u.objects) < 2 {
			return nil, false
		}
		properties = append(properties, own[0])
		only = only && present[own[0]] == 1
	}
	return properties, only && properties != nil
}

// Rules returns the JSON of all rules that are not empty. They are named "Verb.play"
// for a verb, "Play." for an object, "Play.volume" for a property, and "Switch.case.*"
// for the values of a property that is a map.
func (m *swml) Rules() string {
	var lines []string
	add := func(name string, r rule) {
		if text, _ := json.Marshal(r); string(text) != "{}" {
			lines = append(lines, fmt.Sprintf("%q: %s", name, text))
		}
	}
	for _, d := range m.Types {
		if d.Verb != "" {
			add("Verb."+d.Verb, rule{Kind: m.kind(d.Name)})
		}
		add(d.Name+".", d.Rule)
		fields := d.Fields
		for _, f := range d.Alternatives {
			if alternative := m.byName[m.kind(f.Type)]; alternative != nil {
				fields = append(fields, alternative.Fields...)
			}
		}
		for _, f := range fields {
			name := d.Name + "." + f.Name
			if f.Rule.Kind = m.kind(f.Type); strings.Contains(f.Type, "map[") {
				name += ".*"
			}
			add(name, f.Rule)
		}
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

var lastName = regexp.MustCompile(`(\w+)\W*$`)

// kind returns the Kind of a rule for a Go type, such as "Hint" for "[]Hint", or "".
// The kind of a step is "Verb".
func (m *swml) kind(goType string) string {
	name := lastName.FindStringSubmatch(goType)[1]
	d := m.byName[name]
	switch {
	case name == "Section":
		return "Verb"
	case d == nil || d.Verb == "" && d.Underlying != "":
		return ""
	case d.Underlying != "" && d.Underlying != "string":
		return m.kind(d.Underlying)
	case d.Alternatives != nil && d.Alternatives[0].Type == "Section":
		return "Verb"
	}
	return name
}
