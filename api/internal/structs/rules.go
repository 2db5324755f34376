package structs

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// rule is what Check of package swml looks at in a value.
type rule struct {
	Kind   string    `json:",omitempty"` // the type of the value, or of its elements
	Enum   []string  `json:",omitempty"`
	Limits []float64 `json:",omitempty"` // of a number, or of the count of elements
	Range  string    `json:",omitempty"` // the limits in words
	Choice []string  `json:",omitempty"` // members, of which an object needs one
	Only   bool      `json:",omitempty"` // one of these alone
}

const noLimit = 1e308

// rule is what is known of a value beside its type.
func (m *swml) rule(schemas ...*schema) (r rule) {
	v := m.variants(schemas...)
	if v.objects == nil && !slices.Contains(v.kinds["text"], "string") {
		r.Enum = v.kinds["const"]
	}
	var least, most *float64
	for _, s := range v.all {
		least = cmp.Or(least, s.Minimum, s.MinItems)
		most = cmp.Or(most, s.Maximum, s.MaxItems)
		if s.Type == "array" && r.Enum == nil {
			r.Enum = m.rule(s.Items).Enum
		}
	}
	if least != nil && slices.ContainsFunc(v.all, func(s *schema) bool { return s.Const == 0 }) {
		least = new(float64) // beside what the limit is for
	}
	switch {
	case least != nil && most != nil:
		r.Limits, r.Range = []float64{*least, *most}, fmt.Sprintf("between %v and %v", *least, *most)
	case least != nil:
		r.Limits, r.Range = []float64{*least, noLimit}, fmt.Sprintf("at least %v", *least)
	case most != nil:
		r.Limits, r.Range = []float64{-noLimit, *most}, fmt.Sprintf("at most %v", *most)
	}
	return r
}

// choice finds the members of which an object of a union has one: those that each
// variant alone requires. It may have only one if no other variant has it, too.
func choice(v variants) (names []string, only bool) {
	requiring, having := map[string]int{}, map[string]int{}
	for _, s := range v.objects {
		for _, name := range s.Required {
			requiring[name]++
		}
		for _, name := range s.Properties.Keys {
			having[name]++
		}
	}
	only = !slices.ContainsFunc(v.all, func(s *schema) bool { return s.GoTogether })
	for _, s := range v.objects {
		own := slices.DeleteFunc(slices.Clone(s.Required), func(name string) bool { return requiring[name] > 1 })
		if len(own) != 1 || len(v.objects) < 2 {
			return nil, false
		}
		names = append(names, own[0])
		only = only && having[own[0]] == 1
	}
	return names, only && names != nil
}

// Rules is the JSON of what Check looks at, by type and member.
func (m *swml) Rules() string {
	var lines []string
	add := func(name string, r rule) {
		if text, _ := json.Marshal(r); string(text) != "{}" {
			lines = append(lines, fmt.Sprintf("%q: %s", name, text))
		}
	}
	for _, t := range m.Types {
		if t.Verb != "" {
			add("Verb."+t.Verb, rule{Kind: m.kind(t.Name)})
		}
		add(t.Name+".", t.Rule)
		fields := t.Fields
		for _, w := range t.Whole {
			if alternative := m.byName[m.kind(w.Type)]; alternative != nil {
				fields = append(fields, alternative.Fields...)
			}
		}
		for _, f := range fields {
			name := t.Name + "." + f.Name
			if f.Rule.Kind = m.kind(f.Type); f.Rule.Kind != "" && strings.Contains(f.Type, "map[") {
				name += ".*"
			}
			add(name, f.Rule)
		}
	}
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

var lastWord = regexp.MustCompile(`(\w+)\W*$`)

// kind is the type of a value, or of its elements, if there are rules for it.
func (m *swml) kind(goType string) string {
	name := lastWord.FindStringSubmatch(goType)[1]
	t := m.byName[name]
	switch {
	case name == "Section":
		return "Verb"
	case t == nil || t.Verb == "" && t.Is != "":
		return ""
	case t.Is != "" && t.Is != "string":
		return m.kind(t.Is)
	case t.Whole != nil && t.Whole[0].Type == "Section":
		return "Verb"
	}
	return name
}
