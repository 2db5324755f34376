package names

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddUnions writes what the templates need to know of the unions, which are
// schemas with oneOf or anyOf:
//
//   - x-go-variants is true for a union that methods take as an argument and
//     whose variants all have a type of their own: each can be given as it is.
//   - x-go-commands, of an operation, has a method for each command that its body
//     can be; see commands.
//   - x-go-head, of a union that responses have, has what all variants have; see
//     head.
func (m *Namer) AddUnions(root *yaml.Node) {
	if !m.checks {
		return
	}
	declared := m.Declared(root)
	w := schemaWalk{m: m, root: root, declared: declared, seen: map[*yaml.Node]bool{}}
	tree.EachPathOperation(root, func(method, _, operation *yaml.Node) {
		w.each(success(operation), 0, func(n *yaml.Node) { m.addHead(root, n, declared) })
		given := jsonSchema(tree.Get(operation, "requestBody"))
		if tree.Get(given, "$ref") == nil && tree.Get(given, "x-go-type-name") == nil {
			return // what is described in place has no name for an interface
		}
		if body := m.target(root, given); m.seal(root, body) {
			if commands := m.commands(root, body); commands != nil {
				operation.Content = append(operation.Content, m.Text("x-go-commands", method), m.Adopt(commands, method))
			}
		}
	})
}

// seal marks a union whose variants can implement an interface, and reports
// whether it is one.
func (m *Namer) seal(root, union *yaml.Node) bool {
	variants := variantsOf(union)
	if len(variants) < 2 || tree.Get(union, "x-go-type") != nil {
		return false
	}
	var types []string
	for _, variant := range variants {
		schema, name := m.target(root, variant), m.typeOf(root, variant)
		isObject := hasType(schema, "object") || tree.Get(schema, "properties") != nil || tree.Get(schema, "allOf") != nil || len(variantsOf(schema)) > 1
		if tree.Get(variant, "$ref") == nil || name == "" || !isObject || slices.Contains(types, name) ||
			tree.Get(variant, "x-go-type") != nil || tree.Get(schema, "x-go-type") != nil {
			return false
		}
		types = append(types, name)
	}
	if tree.Get(union, "x-go-variants") == nil {
		union.Content = append(union.Content, m.Text("x-go-variants", union), m.Parse("true", union))
	}
	return true
}

// commands returns the methods that send the variants of a union, if each is a
// command: an object in which one member, that tells the variants apart, names the
// command, another one is called params, and nothing can be left out. It is nil
// if they are anything else. Each method has
//
//	name       the variant without the words with which the names of all end
//	variant    the Go type of the variant
//	command    what the variant is called in JSON
//	what       what the method does
//	constants  the other fields that have one value, with it
//	arguments  the others, each with its name, field and type; variants if that is
//	           a union that can be given as any of its variants
func (m *Namer) commands(root, union *yaml.Node) *yaml.Node {
	field := tree.Get(tree.Get(union, "discriminator"), "propertyName")
	if field == nil {
		field = tree.Get(union, "x-go-discriminator")
	}
	if field == nil {
		return nil
	}
	commands := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	var names []string
	for _, variant := range variantsOf(union) {
		names = append(names, m.typeOf(root, variant))
	}
	ending := commonEnding(names)
	for i, variant := range variantsOf(union) {
		schema := m.target(root, variant)
		members := m.properties(root, schema)
		if members["params"] == nil || constant(members[field.Value]) == "" {
			return nil
		}
		required := m.required(root, schema)
		sorted := tree.SortedKeys(members)
		slices.SortStableFunc(sorted, func(a, b string) int { return rank(a) - rank(b) })
		text := func(value string) *yaml.Node { return m.Text(value, variant) }
		mapping := func(entries ...*yaml.Node) *yaml.Node {
			return m.Adopt(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle, Content: entries}, variant)
		}
		sequence := func() *yaml.Node {
			return m.Adopt(&yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}, variant)
		}
		constants, arguments := sequence(), sequence()
		for _, name := range sorted {
			member := members[name]
			if !required[name] {
				return nil
			}
			goField := m.goNameOf(name, member)
			if name == field.Value {
				continue
			}
			if value := cmp.Or(constant(member), scalarValue(tree.Get(member, "x-go-value"))); value != "" {
				constants.Content = append(constants.Content, mapping(text("field"), text(goField), text("value"), text(value)))
				continue
			}
			goType := m.argumentType(root, member)
			if goType == "" {
				return nil
			}
			if goType == "struct{}" { // There is nothing to say.
				continue
			}
			argument := mapping(text("name"), text(argumentName(goField)), text("field"), text(goField), text("type"), text(goType))
			if m.seal(root, m.target(root, member)) {
				argument.Content = append(argument.Content, text("variants"), m.Parse("true", variant))
			}
			arguments.Content = append(arguments.Content, argument)
		}
		command := mapping(
			text("name"), text(strings.TrimSuffix(names[i], ending)),
			text("variant"), text(names[i]),
			text("command"), text(constant(members[field.Value])),
			text("what"), text(commandComment(scalarValue(tree.Get(schema, "description")), names[i])),
			text("constants"), constants, text("arguments"), arguments,
		)
		commands.Content = append(commands.Content, command)
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

// rank says where an argument stands: the id of what a command is for comes first,
// and the parameters of the command come last.
func rank(member string) int {
	switch member {
	case "id":
		return 0
	case "params":
		return 2
	}
	return 1
}

// argumentName is the name of a field as that of an argument: ID is id.
func argumentName(field string) string {
	upper := 0
	for upper < len(field) && 'A' <= field[upper] && field[upper] <= 'Z' {
		upper++
	}
	if upper > 1 && upper < len(field) {
		upper-- // the next word begins with the last of them
	}
	name := strings.ToLower(field[:upper]) + field[upper:]
	if slices.Contains([]string{"ctx", "opts", "s", "type", "func", "range", "map", "chan", "go", "if", "for", "var", "default", "package", "import", "interface"}, name) {
		name += "Value"
	}
	return name
}

// commonEnding returns the words with which all names end, if each has another
// word before them.
func commonEnding(names []string) string {
	if len(names) < 2 {
		return ""
	}
	ending := names[0]
	for _, name := range names[1:] {
		for !strings.HasSuffix(name, ending) {
			ending = ending[1:]
		}
	}
	for ending != "" && (ending[0] < 'A' || ending[0] > 'Z') {
		ending = ending[1:]
	}
	if slices.Contains(names, ending) {
		return ""
	}
	return ending
}

// constant is the only value that a member has, or "".
func constant(member *yaml.Node) string {
	if only := tree.Get(member, "const"); only != nil {
		return only.Value
	}
	if values := tree.OrEmpty(tree.Get(member, "enum")).Content; len(values) == 1 {
		return values[0].Value
	}
	return ""
}

func scalarValue(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// required has the members that an object has to have.
func (m *Namer) required(root, n *yaml.Node) map[string]bool {
	found := map[string]bool{}
	var add func(n *yaml.Node, depth int)
	add = func(n *yaml.Node, depth int) {
		n = m.target(root, n)
		if n == nil || depth > 100 {
			return
		}
		for _, part := range tree.OrEmpty(tree.Get(n, "allOf")).Content {
			add(part, depth+1)
		}
		for _, name := range tree.OrEmpty(tree.Get(n, "required")).Content {
			found[name.Value] = true
		}
	}
	add(n, 0)
	return found
}

// argumentType is the Go type of a member that is required, or "" if it is not
// known before the client is generated.
func (m *Namer) argumentType(root, member *yaml.Node) string {
	if known := m.typeOf(root, member); known != "" {
		return known
	}
	if name := tree.Get(member, "x-go-type-name"); name != nil {
		return name.Value
	}
	return m.plainType(member)
}

// plainType is the Go type of a scalar that has no name, or "".
func (m *Namer) plainType(n *yaml.Node) string {
	t := tree.Get(n, "type")
	if t == nil || t.Kind != yaml.ScalarNode || len(variantsOf(n)) > 0 {
		return ""
	}
	if format := tree.Get(n, "format"); format != nil && t.Value == "string" {
		switch format.Value {
		case "uuid":
			return "uuid.UUID"
		case "date-time":
			return "time.Time"
		}
	}
	return map[string]string{"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}[t.Value]
}

// addHead writes what all variants of a union have: the members that each has to
// have and that are strings, numbers, times and the like, but for those that have
// one value in all. It writes nothing unless there is an id and something else.
//
//	type    of the head in Go
//	fields  of it, each with its name, member and type
//
// Where the types of a member are several enumerations, it is a string.
func (m *Namer) addHead(root, union *yaml.Node, declared map[string]*yaml.Node) {
	variants := variantsOf(union)
	if len(variants) < 2 || tree.Get(union, "x-go-type") != nil || tree.Get(union, "x-go-head") != nil {
		return
	}
	name := ""
	for goType, schema := range declared {
		if schema == union && (name == "" || goType < name) {
			name = goType
		}
	}
	if name == "" || declared[name+"Head"] != nil || m.reserved[name+"Head"] != nil {
		return
	}
	types := map[string][]string{} // of a member, by variant
	goNames := map[string]string{}
	constants := map[string]map[string]bool{}
	for _, variant := range variants {
		required := m.required(root, variant)
		for member, schema := range m.properties(root, variant) {
			goType := m.headType(root, schema)
			if !required[member] || goType == "" {
				continue
			}
			types[member] = append(types[member], goType)
			goNames[member] = m.goNameOf(member, schema)
			if constants[member] == nil {
				constants[member] = map[string]bool{}
			}
			constants[member][constant(m.target(root, schema))] = true
		}
	}
	fields := m.Adopt(&yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}, union)
	members := tree.SortedKeys(types)
	slices.SortStableFunc(members, func(a, b string) int { return rank(a) - rank(b) })
	for _, member := range members {
		of := types[member]
		if len(of) < len(variants) || len(constants[member]) == 1 && !constants[member][""] {
			continue
		}
		goType := of[0]
		for _, other := range of[1:] {
			if other != goType {
				goType = "string"
			}
		}
		if goType == "string" && slices.ContainsFunc(of, func(t string) bool { return slices.Contains([]string{"int64", "float64", "bool", "time.Time"}, t) }) {
			continue
		}
		field := m.Adopt(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}, union)
		for _, pair := range [][2]string{{"name", goNames[member]}, {"member", member}, {"type", goType}} {
			field.Content = append(field.Content, m.Text(pair[0], union), m.Text(pair[1], union))
		}
		fields.Content = append(fields.Content, field)
	}
	if types["id"] == nil || len(types["id"]) < len(variants) || len(fields.Content) < 2 {
		return
	}
	head := m.Adopt(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}, union)
	head.Content = append(head.Content, m.Text("type", union), m.Text(name+"Head", union), m.Text("fields", union), fields)
	union.Content = append(union.Content, m.Text("x-go-head", union), head)
}

// headType is the Go type of a member that is no object and no array and cannot
// be null, or "".
func (m *Namer) headType(root, schema *yaml.Node) string {
	target := m.target(root, schema)
	if plain := m.plainType(target); plain == "" || tree.Get(target, "nullable") != nil {
		return ""
	}
	return m.argumentType(root, schema)
}
