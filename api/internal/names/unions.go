package names

import (
	"cmp"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddUnions writes what the templates need to know of the unions, which are
// schemas with oneOf or anyOf:
//
//   - x-go-variants is true for a union that methods take as an argument and
//     whose variants all have a type of their own: each can be given as it is.
//   - x-go-commands, of an operation, has a method for each command that its body
//     can be; see command.
//   - x-go-head, of a union that responses have, has what all variants have; see
//     head.
func (m *Namer) AddUnions() {
	w := schemaWalk{m, m.Declared(), map[*yaml.Node]bool{}}
	for _, o := range m.operations() {
		w.each(o.response, w.addHead)
		if tree.Get(o.body, "$ref") == nil && tree.Get(o.body, "x-go-type-name") == nil {
			continue // what is described in place has no name for an interface
		}
		if body := m.target(o.body); m.seal(body) {
			if commands := m.commands(body); commands != nil {
				for _, entry := range m.SetMember(o.node, "x-go-commands", commands).Content {
					entry.Style = yaml.FlowStyle
				}
			}
		}
	}
}

// seal marks a union whose variants can implement an interface, and reports
// whether it is one.
func (m *Namer) seal(union *yaml.Node) bool {
	variants := variantsOf(union)
	if len(variants) < 2 || tree.Get(union, "x-go-type") != nil {
		return false
	}
	var types []string
	for _, variant := range variants {
		schema, name := m.target(variant), m.typeOf(variant)
		if tree.Get(variant, "$ref") == nil || slices.Contains(types, name) || !isObject(schema) || tree.Get(variant, "x-go-type") != nil {
			return false
		}
		types = append(types, name)
	}
	m.SetMember(union, "x-go-variants", true)
	return true
}

// isObject reports whether a schema is an object, or a choice, and a type in Go.
func isObject(n *yaml.Node) bool {
	return hasType(n, "object") || tree.Get(n, "properties") != nil || tree.Get(n, "allOf") != nil || len(variantsOf(n)) > 1
}

// command is a method that sends a variant of a union: an object in which one
// member, that distinguishes the variants, names the command, another one is called
// params, and nothing can be left out.
type command struct {
	Name      string         // the variant without the words with which the names of all end
	Variant   string         // the Go type of the variant
	Command   string         // what the variant is called in JSON
	What      string         // what the method does
	Constants []commandField `yaml:",flow"` // the other fields that have one value
	Arguments []commandField `yaml:",flow"` // the others
}

// commandField is a field of a command.
type commandField struct {
	Name     string `yaml:",omitempty"` // of the argument
	Field    string // in Go
	Value    string `yaml:",omitempty"` // of a constant
	Type     string `yaml:",omitempty"` // of the argument, in Go
	Variants bool   `yaml:",omitempty"` // whether that is a union that can be given as any of its variants
}

// commands returns the methods that send the variants of a union, if each is a
// command, or else nil.
func (m *Namer) commands(union *yaml.Node) (commands []command) {
	field := cmp.Or(tree.Value(tree.Get(union, "discriminator"), "propertyName"), tree.Value(union, "x-go-discriminator"))
	var types []string
	for _, variant := range variantsOf(union) {
		types = append(types, m.typeOf(variant))
	}
	ending := commonEnding(types)
	for i, variant := range variantsOf(union) {
		schema := m.target(variant)
		members := m.properties(schema)
		c := command{Name: strings.TrimSuffix(types[i], ending), Variant: types[i], Command: constant(members[field])}
		c.What, c.Constants, c.Arguments = commandComment(tree.Value(schema, "description"), types[i]), []commandField{}, []commandField{}
		if members["params"] == nil || c.Command == "" {
			return nil
		}
		for _, name := range byRank(members) {
			member := members[name]
			goField, goType := goNameOf(name, member), m.goType(member)
			only := cmp.Or(constant(member), tree.Value(member, "x-go-value"))
			switch {
			case !m.requires(schema, name):
				return nil
			case name == field || goType == "struct{}": // There is nothing to say.
			case only != "":
				c.Constants = append(c.Constants, commandField{Field: goField, Value: only})
			case goType == "" || goType == "[]any" || goType == "map[string]any":
				return nil
			default:
				c.Arguments = append(c.Arguments, commandField{Name: argumentName(goField), Field: goField, Type: goType, Variants: m.seal(m.target(member))})
			}
		}
		commands = append(commands, c)
	}
	return commands
}

var commandThat = regexp.MustCompile(`^An? \w+ that (.+)`)

// commandComment returns what follows the name of a method that sends a command in
// its comment: "ends the call." for a command that is "A command that ends the call."
func commandComment(description, variant string) string {
	if found := commandThat.FindStringSubmatch(description); found != nil {
		return found[1] + description[len(found[0]):]
	}
	return "sends [" + variant + "]."
}

// byRank returns the names of members as arguments stand: the id of what a command
// is for comes first, and the parameters of the command come last.
func byRank[V any](members map[string]V) []string {
	ranks := map[string]int{"id": -1, "params": 1}
	names := tree.SortedKeys(members)
	slices.SortStableFunc(names, func(a, b string) int { return ranks[a] - ranks[b] })
	return names
}

// argumentName is the name of a field as that of an argument: ID is id.
func argumentName(field string) string {
	name := codegen.LowercaseFirstCharacters(field)
	if token.IsKeyword(name) || slices.Contains([]string{"ctx", "opts", "s"}, name) {
		name += "Value"
	}
	return name
}

var words = regexp.MustCompile(`[A-Z][^A-Z]*`)

// commonEnding returns the words with which all names end, if each has another
// word before them.
func commonEnding(names []string) string {
	ending := names[0]
	for _, name := range names {
		for !strings.HasSuffix(name, ending) {
			ending = ending[1:]
		}
	}
	first := words.FindStringIndex(ending)
	if first == nil || slices.Contains(names, ending[first[0]:]) {
		return ""
	}
	return ending[first[0]:]
}

// head is what all variants of a union have: the members that each has to have and
// that are strings, numbers, times and the like, but for those that have one value
// in all. Where the types of a member are several enumerations, it is a string.
type head struct {
	Type   string // of the head in Go
	Fields []headField
}

type headField struct{ Name, Member, Type string }

// addHead writes the head of a union, if it has an id and something else.
func (w schemaWalk) addHead(union *yaml.Node, goType string) {
	variants, name := variantsOf(union), goType+"Head"
	if len(variants) < 2 || goType == "" || tree.Get(union, "x-go-type") != nil || w.declared[name] != nil || w.reserved[name] != nil {
		return
	}
	h := head{Type: name}
	members := w.properties(variants[0])
	for _, member := range byRank(members) {
		if goType := w.headType(variants, member); goType != "" {
			h.Fields = append(h.Fields, headField{goNameOf(member, members[member]), member, goType})
		}
	}
	if len(h.Fields) > 1 && h.Fields[0].Member == "id" {
		w.SetMember(union, "x-go-head", h).Style = yaml.FlowStyle
	}
}

// headType is the Go type of a member of the head, or "" if not all variants have it.
func (w schemaWalk) headType(variants []*yaml.Node, member string) string {
	types, constants := map[string]bool{}, map[string]bool{}
	for _, variant := range variants {
		property := w.properties(variant)[member]
		scalar := scalars[tree.Value(w.target(property), "type")]
		if scalar == "" || !w.requires(variant, member) {
			return ""
		}
		types[cmp.Or(w.goType(property), scalar)] = true
		constants[constant(w.target(property))] = true
	}
	all := tree.SortedKeys(types)
	switch {
	case len(constants) == 1 && !constants[""]:
		return ""
	case len(all) == 1:
		return all[0]
	case slices.ContainsFunc(all, func(t string) bool { return slices.Contains([]string{"int64", "float64", "bool", "time.Time"}, t) }):
		return ""
	}
	return "string"
}
