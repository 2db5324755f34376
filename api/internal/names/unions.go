package names

import (
	"cmp"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// AddUnions writes what the templates need to know of unions, which are schemas with oneOf
// or anyOf:
//
//   - discriminator or x-go-discriminator has the property that distinguishes the variants,
//     where the description does not declare it; see inferDiscriminator.
//   - x-go-variants is true for a union that a method takes as an argument if all variants
//     have Go types of their own. The union then has an interface that they implement, so
//     that a caller can pass any of them.
//   - x-go-commands, of an operation, has a method for each variant of its body that is a
//     command; see command.
//   - x-go-head, of a union in a response, has the properties that all variants have; see
//     head.
func (m *Namer) AddUnions() {
	tree.EachSchema(m.root, m.inferDiscriminator)
	responses := m.newWalker()
	for _, o := range m.operations() {
		responses.walk(o.response, responses.addHead)
		body := m.resolve(o.body)
		if !m.markVariants(body, m.goType(o.body)) { // The interface is named after the union.
			continue
		}
		if commands := m.commands(body); len(commands) > 0 {
			for _, entry := range m.SetMember(o.node, "x-go-commands", commands).Content {
				entry.Style = yaml.FlowStyle
			}
		}
	}
}

// nameVariants moves the variants of a union that are described in place to the components,
// because the generator would name their types after their positions, which another version
// changes. Each is named after the union and the first of its words that no other variant has.
// It returns those that it moved.
func (m *Namer) nameVariants(union *yaml.Node, goType string) []*yaml.Node {
	inPlace := slices.DeleteFunc(tree.NonNullVariants(union), func(variant *yaml.Node) bool { return tree.Has(variant, "$ref") })
	if given := tree.Value(union, "discriminator", "propertyName"); given != "" && len(inPlace) > 0 {
		tree.Remove(union, "discriminator") // Its mapping can only have references.
		m.SetMember(union, "x-go-discriminator", given)
	}
	having := map[string]int{} // how many variants have a word
	for _, variant := range tree.NonNullVariants(union) {
		for _, word := range slices.Compact(slices.Sorted(slices.Values(m.nameWords(variant)))) {
			having[word]++
		}
	}
	for _, variant := range inPlace {
		words, types := m.nameWords(variant), m.TypeNames()
		isOther := func(word string) bool { return having[word] > 1 || types[goType+word] }
		word := append(slices.DeleteFunc(slices.Clone(words), isOther), words[0])[0]
		existing := m.existingType(variant)
		moved := m.moveToComponents(variant, m.newTypeName(goType+word))
		if existing != "" {
			m.SetMember(moved, "x-go-type", existing)
			m.SetMember(variant, "x-go-type", existing)
		}
	}
	return inPlace
}

// nameWords returns words, as parts of a Go name, that can distinguish a schema from the other
// variants of a union, the best ones first: values that it requires, its title, its JSON type,
// and the names of its properties or its items.
func (m *Namer) nameWords(n *yaml.Node) (words []string) {
	var inner []string
	n = m.resolve(n)
	properties, kind := m.properties(n), m.kind(n)
	names := tree.SortedKeys(properties)
	for _, name := range names {
		words = append(words, m.constant(properties[name]))
		inner = append(inner, name+" "+m.kind(properties[name]))
	}
	if items := tree.Get(n, "items"); items != nil {
		ofItems := []string{m.namedType(items)}
		if ofItems[0] == "" { // An array can be an item of itself.
			ofItems = m.nameWords(items)
		}
		for _, word := range ofItems {
			inner = append(inner, word+" "+kind)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(score(m.isRequired(n, b)), score(m.isRequired(n, a))) })
	words = slices.Concat(words, []string{tree.Value(n, "title"), kind}, names, inner, []string{strings.Join(enumValues(n), " ")})
	for i, word := range words {
		word = word[strings.LastIndex(word, ".")+1:]          // play of calling.play
		words[i] = strings.TrimPrefix(GoName("x "+word), "X") // GoName alone would make N1 of 1.
	}
	return slices.DeleteFunc(words, func(word string) bool { return word == "" })
}

// inferDiscriminator writes into a union without a discriminator the property that has enum
// values in all variants, and no value in two of them. If each variant is a reference to a
// schema with one value, the discriminator gets a mapping, and callers need not set the
// property. Otherwise it is an x-go-discriminator.
func (m *Namer) inferDiscriminator(union *yaml.Node) {
	variants := tree.NonNullVariants(union)
	if len(variants) < 2 || tree.Has(union, "discriminator", "x-go-discriminator", "x-go-type") {
		return
	}
	for _, property := range tree.SortedKeys(m.properties(variants[0])) {
		mapping, isDistinct, isMapped := map[string]string{}, true, true
		for _, variant := range variants {
			schema := m.resolve(m.properties(variant)[property])
			values, ref := enumValues(schema), tree.Value(variant, "$ref")
			isDistinct = isDistinct && len(values) > 0 && tree.HasType(schema, "string")
			isMapped = isMapped && len(values) == 1 && ref != ""
			for _, value := range values {
				isDistinct = isDistinct && mapping[value] == ""
				mapping[value] = cmp.Or(ref, "in place")
			}
		}
		switch {
		case isDistinct && isMapped:
			m.SetMember(union, "discriminator", map[string]any{"propertyName": property, "mapping": mapping})
			return
		case isDistinct:
			m.SetMember(union, "x-go-discriminator", property)
			return
		}
	}
}

// discriminator returns the property that distinguishes the variants of a union, or "".
func discriminator(union *yaml.Node) string {
	return cmp.Or(tree.Value(union, "discriminator", "propertyName"), tree.Value(union, "x-go-discriminator"))
}

// markVariants writes x-go-variants into a schema, if it is a union whose variants can
// implement an interface, of which nothing else has the name, and reports whether it is.
func (m *Namer) markVariants(union *yaml.Node, goType string) bool {
	variants := tree.Variants(union)
	lacksMethods := func(variant *yaml.Node) bool {
		return !tree.Has(variant, "$ref") || tree.Has(variant, "x-go-type") || !declaresMethods(m.resolve(variant))
	}
	isTaken := m.TypeNames()[goType+"Variant"]
	if len(variants) < 2 || isTaken || tree.Has(union, "x-go-type") || slices.ContainsFunc(variants, lacksMethods) {
		return false
	}
	m.SetMember(union, "x-go-variants", true)
	return true
}

// declaresMethods reports whether a schema becomes a struct, which can have methods. Unions
// are structs, too.
func declaresMethods(n *yaml.Node) bool {
	return tree.HasType(n, "object") || tree.Has(n, "properties") || len(tree.Variants(n)) > 1
}

// command is a method that sends one variant of a union. The variant is an object that
// requires a property that distinguishes the variants and names the command, one called
// params, and others that become arguments of the method. The method does not set what the
// variant does not require.
type command struct {
	Name      string         // the variant, without the word in which the names of most variants end
	Variant   string         // the Go type of the variant
	Command   string         // the value that distinguishes it
	What      string         // the rest of the sentence in its comment that begins with its name
	Constants []commandField // the other fields that can only have one value
	Arguments []commandField
}

// commandField is a field of the struct that a command sends.
type commandField struct {
	Name     string `yaml:",omitempty"` // the name of the argument
	Field    string // the name of the field
	Value    string `yaml:",omitempty"` // the value of a constant
	Type     string `yaml:",omitempty"` // the Go type of the argument
	Variants bool   `yaml:",omitempty"` // whether that is a union with x-go-variants
}

// commands returns the methods for those variants of a union that are commands.
func (m *Namer) commands(union *yaml.Node) (commands []command) {
	var types []string
	for _, variant := range tree.Variants(union) {
		types = append(types, m.namedType(variant))
	}
	ending := commonEnding(types)
	for i, variant := range tree.Variants(union) {
		schema := m.resolve(variant)
		value := m.constant(m.properties(schema)[discriminator(union)])
		c := command{Name: strings.TrimSuffix(types[i], ending), Variant: types[i], Command: value}
		if ending != "" && c.Name == types[i] { // such as calling.hang_up
			c.Name = GoName(value[strings.LastIndex(value, ".")+1:])
		}
		c.What = commandComment(tree.Value(schema, "description"), types[i])
		if value != "" && m.addFields(&c, schema, discriminator(union)) {
			commands = append(commands, c)
		}
	}
	return commands
}

// addFields adds the fields of a variant to its command, and reports whether the variant is
// one.
func (m *Namer) addFields(c *command, schema *yaml.Node, discriminator string) bool {
	c.Constants, c.Arguments = []commandField{}, []commandField{}
	properties := m.properties(schema)
	for _, name := range argumentOrder(properties) {
		property := properties[name]
		field, goType := goNameOf(name, property), m.goType(property)
		value := cmp.Or(m.constant(property), tree.Value(property, "x-go-value"))
		switch {
		case !m.isRequired(schema, name):
		case name == discriminator || goType == "struct{}": // The type of the variant sets it.
		case value != "" && tree.HasType(m.resolve(property), "string"):
			c.Constants = append(c.Constants, commandField{Field: field, Value: value})
		case goType == "" || goType == "[]any" || goType == "map[string]any":
			return false
		default:
			hasVariants := m.markVariants(m.resolve(property), goType)
			c.Arguments = append(c.Arguments, commandField{Name: argumentName(field), Field: field, Type: goType, Variants: hasVariants})
		}
	}
	return properties["params"] != nil && m.isRequired(schema, "params")
}

var commandThat = regexp.MustCompile(`^An? \w+ that (.+)`)

// commandComment returns the rest of the first sentence of a method's comment: "ends the
// call." for a variant that is described as "A command that ends the call."
func commandComment(description, variant string) string {
	if match := commandThat.FindStringSubmatch(description); match != nil {
		return match[1] + description[len(match[0]):]
	}
	return "sends [" + variant + "]."
}

// argumentOrder returns the names of properties in the order of arguments: id, which tells
// what a command is for, comes first, and params comes last.
func argumentOrder(properties map[string]*yaml.Node) []string {
	ranks := map[string]int{"id": -1, "params": 1}
	names := tree.SortedKeys(properties)
	slices.SortStableFunc(names, func(a, b string) int { return ranks[a] - ranks[b] })
	return names
}

// argumentName returns the name of the argument for a field: id for ID.
func argumentName(field string) string {
	name := codegen.LowercaseFirstCharacters(field)
	if token.IsKeyword(name) || slices.Contains([]string{"ctx", "opts", "s"}, name) {
		name += "Value"
	}
	return name
}

// commonEnding returns the word in which most names end, each after other words, or "".
func commonEnding(names []string) string {
	count := map[string]int{}
	for _, name := range names {
		if i := strings.LastIndexFunc(name, unicode.IsUpper); i > 0 {
			ending := name[i:]
			if count[ending]++; 2*count[ending] > len(names) {
				return ending
			}
		}
	}
	return ""
}

// head is the content of x-go-head: a struct with the properties that all variants of a
// union have, for callers who do not need to know the variant.
type head struct {
	Type   string // its name
	Fields []headField
}

// headField is a field of a head. What is its description.
type headField struct {
	Name, Member, Type string
	What               string `yaml:",omitempty"`
}

// addHead writes the head of a union, if all variants have a property id and others.
func (w *walker) addHead(union *yaml.Node, goType string) {
	variants, h := tree.Variants(union), head{Type: goType + "Head"}
	isTaken := w.declared[h.Type] != nil || w.reserved[h.Type] != nil
	if len(variants) < 2 || goType == "" || tree.Has(union, "x-go-type") || isTaken {
		return
	}
	properties := map[string]*yaml.Node{}
	for _, variant := range variants {
		maps.Copy(properties, w.properties(variant))
	}
	for _, property := range argumentOrder(properties) {
		if field := w.headField(h.Type, union, property); field.Type != "" {
			h.Fields = append(h.Fields, field)
		}
	}
	if len(h.Fields) > 1 && h.Fields[0].Member == "id" {
		w.SetMember(union, "x-go-head", h).Style = yaml.FlowStyle
	}
}

// headField returns the field of a head for a property of the variants of a union. Its Type is
// "" if the property cannot be one: all variants have to require it, unless the head has it in
// the lock, and it has to be a scalar, and not the same single value in all of them. Of
// different enumerations of strings, the field is a string. The description is that of the first
// variant that has one, unless they differ because the property is the discriminator.
func (w *walker) headField(headType string, union *yaml.Node, name string) headField {
	field, variants, requiring := headField{Member: name}, tree.Variants(union), 0
	types, scalars, constants, texts := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, variant := range variants {
		property := w.properties(variant)[name]
		if property == nil {
			continue
		}
		schema := w.resolve(property)
		field.Name = cmp.Or(field.Name, goNameOf(name, property))
		text := cmp.Or(tree.Value(property, "description"), tree.Value(schema, "description"))
		field.What, texts[text] = cmp.Or(field.What, text), true
		if w.isRequired(variant, name) {
			requiring++
			scalar := scalarTypes[tree.Value(schema, "type")]
			scalars[scalar], constants[w.constant(schema)] = true, true
			types[cmp.Or(w.goType(property), scalar)] = true
		}
	}
	delete(texts, "")
	if len(texts) != 1 && name == discriminator(union) {
		field.What = "Which of the variants it is."
	}
	isOptional := requiring == 0 || requiring < len(variants) && w.locked.Field(headType, name).Name == ""
	isConstant := len(constants) == 1 && !constants[""]
	switch {
	case isOptional || isConstant || scalars[""]:
	case len(types) == 1:
		field.Type = tree.SortedKeys(types)[0]
	case len(scalars) == 1 && scalars["string"] && !types["time.Time"] && !types["uuid.UUID"]:
		field.Type = "string"
	}
	return field
}
