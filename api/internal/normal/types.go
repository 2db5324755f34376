package normal

import (
	_ "embed"
	"go/parser"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

//go:embed types.yaml
var documentTypes string

// scalarTypes are the types of scalars in types.yaml: what an error calls one, and whether a
// node is one. A string can be written as any scalar.
var scalarTypes = map[string]struct {
	what string
	is   func(n *yaml.Node) bool
}{
	"string":  {"a string", func(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode }},
	"boolean": {"a boolean", hasTag("!!bool")},
	"number":  {"a number", hasTag("!!int", "!!float")},
	"limit":   {"a number or a boolean", hasTag("!!int", "!!float", "!!bool")}, // a boolean in OpenAPI 3.0
	"count":   {"a non-negative integer", func(n *yaml.Node) bool { return hasTag("!!int")(n) && n.Value[0] != '-' }},
	"URL":     {"a URL", func(n *yaml.Node) bool { _, err := url.Parse(n.Value); return err == nil && n.Kind == yaml.ScalarNode }},
	"GoName":  {"an exported Go identifier", func(n *yaml.Node) bool { return tree.IsGoName(n.Value) }},
	"GoType": {"a Go type", func(n *yaml.Node) bool {
		_, err := parser.ParseExpr(n.Value)
		return err == nil && hasTag("!!str")(n)
	}},
}

// hasTag returns a function that reports whether a node has one of some YAML tags.
func hasTag(tags ...string) func(n *yaml.Node) bool {
	return func(n *yaml.Node) bool { return slices.Contains(tags, n.ShortTag()) }
}

// CheckTypes adds an error for each value of an OpenAPI document, or of a document that is a
// JSON Schema, whose type is not that of types.yaml. It makes strings of other scalars where
// a string is expected, such as 2 in {title: 2}.
func CheckTypes(set *tree.Set, root *yaml.Node) {
	c := typeChecker{set, set.Parse(documentTypes, root)}
	kind := "schema"
	if tree.Has(root, "openapi") {
		kind = "document"
	}
	c.check(root, tree.Get(c.types, kind), "")
}

// typeChecker is the state of CheckTypes.
type typeChecker struct {
	*tree.Set
	types *yaml.Node
}

// check checks a value, which is at a path, and the values in it.
func (c typeChecker) check(n, expected *yaml.Node, path string) {
	if expected.Value == "any" || expected.Value == "schema" && n.ShortTag() == "!!bool" {
		return
	}
	name := expected.Value
	if object := tree.Get(c.types, name); object != nil {
		expected = object
	}
	isExpected, what := n.Kind == expected.Kind, tree.Describe(expected)
	if scalar := scalarTypes[name]; scalar.is != nil {
		isExpected, what = scalar.is(n), scalar.what
	}
	switch {
	case !isExpected:
		c.Errorf("%s: expected %s as %s, found %s", c.At(n), what, path, tree.Describe(n))
		return
	case name == "string" && n.ShortTag() == "!!null":
		*n = *c.NewString("", n)
	case name == "string" && n.ShortTag() != "!!str":
		*n = *c.NewString(n.Value, n)
	}
	for i, item := range tree.Items(n) {
		c.check(item, expected.Content[0], path+"["+strconv.Itoa(i)+"]")
	}
	for key, value := range tree.Entries(n) {
		for name, inner := range tree.Entries(expected) {
			isMethod, isExtension := name.Value == "method" && tree.Methods[key.Value], name.Value == "x-" && tree.IsExtension(key.Value)
			if isMethod || isExtension || name.Value == "*" || name.Value == key.Value {
				c.check(value, inner, strings.TrimPrefix(path+"."+key.Value, "."))
				break
			}
		}
	}
}
