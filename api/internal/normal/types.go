package normal

import (
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// documentTypes has the JSON types of the values in a document, by the objects of OpenAPI that
// they are in. A value is a type, the name of another object, an object or an array of these.
// The key "method" stands for all HTTP methods, "x-" for all extensions, and "*" for all keys.
const documentTypes = `
document: {openapi: string, info: {title: string, summary: string, description: string, version: string}, servers: [server],
  tags: [{name: string, description: string}], security: [requirement], paths: {x-: any, '*': path}, webhooks: {'*': path},
  components: {x-: any, schemas: {'*': schema}, parameters: {'*': parameter}, headers: {'*': parameter}, requestBodies: {'*': body},
    responses: {'*': response}, pathItems: {'*': path}, securitySchemes: {'*': {type: string, scheme: string}}, '*': {}}}
server: {url: string, description: string, variables: {'*': {}}}
requirement: {'*': [string]}
path: {$ref: string, summary: string, description: string, servers: [server], parameters: [parameter], method: operation}
operation: {operationId: string, summary: string, description: string, deprecated: boolean, tags: [string], servers: [server],
  security: [requirement], parameters: [parameter], requestBody: body, responses: {x-: any, '*': response}, callbacks: {'*': {}},
  x-go-name: an exported Go identifier, x-go-method: an exported Go identifier, x-idempotent: boolean, x-put: string,
  x-go-edit: {settings: string, names: {'*': string}}, x-go-settle: {list: string, match: {'*': string}}}
parameter: {$ref: string, name: string, in: string, description: string, required: boolean, deprecated: boolean, style: string,
  explode: boolean, allowReserved: boolean, allowEmptyValue: boolean, schema: schema, content: {'*': media}, examples: {'*': {}},
  x-go-name: an exported Go identifier}
body: {$ref: string, description: string, required: boolean, content: {'*': media}}
response: {$ref: string, description: string, headers: {'*': parameter}, content: {'*': media}, links: {'*': {}}}
media: {schema: schema, examples: {'*': {}}, encoding: {'*': {}}}
schema: {$ref: string, title: string, description: string, format: string, pattern: string, contentEncoding: string,
  contentMediaType: string, nullable: boolean, deprecated: boolean, readOnly: boolean, writeOnly: boolean, uniqueItems: boolean,
  minimum: number, maximum: number, exclusiveMinimum: number or boolean,
  exclusiveMaximum: number or boolean, multipleOf: number, minLength: integer, maxLength: integer, minItems: integer,
  maxItems: integer, minProperties: integer, maxProperties: integer,
  required: [string], enum: [any], properties: {'*': schema}, patternProperties: {'*': schema}, items: schema, not: schema,
  additionalProperties: schema, unevaluatedProperties: schema, allOf: [schema], anyOf: [schema], oneOf: [schema],
  discriminator: {propertyName: string, mapping: {'*': string}}, externalDocs: {url: string, description: string}, xml: {},
  $defs: {'*': schema}, x-go-name: an exported Go identifier, x-go-type-name: an exported Go identifier, x-go-type: a Go type,
  x-go-type-skip-optional-pointer: boolean, x-omitempty: boolean, x-omitzero: boolean, x-may-be-empty: boolean,
  x-oapi-codegen-extra-tags: {'*': string}, x-go-values: {'*': string}, x-go-value: string, x-go-discriminator: string,
  x-deprecated-reason: string}
`

// scalarTags are the YAML tags of the types of documentTypes that are no strings.
var scalarTags = map[string][]string{
	"boolean": {"!!bool"}, "integer": {"!!int"}, "number": {"!!int", "!!float"}, "number or boolean": {"!!int", "!!float", "!!bool"},
}

// goStrings report whether a string is what a value of documentTypes is for the generator.
var goStrings = map[string]func(s string) bool{
	"an exported Go identifier": func(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) },
	"a Go type":                 func(s string) bool { _, err := parser.ParseExpr(s); return err == nil },
}

// CheckTypes adds an error for each value of an OpenAPI document, or of a document that is a
// JSON Schema, whose type is not that of documentTypes, and makes numbers and others strings where a string is expected, such as 2 in
// {title: 2}. Every schema can also be true or false.
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
	isExpected, what := n.Kind == expected.Kind, "a value of type "+name
	isForGo := goStrings[name]
	switch {
	case expected.Kind != yaml.ScalarNode:
		what = tree.Describe(expected)
	case isForGo != nil:
		what, isExpected = name, n.ShortTag() == "!!str" && isForGo(n.Value)
	case name != "string":
		isExpected = slices.Contains(scalarTags[name], n.ShortTag())
	case isExpected && n.ShortTag() == "!!null":
		*n = *c.NewString("", n)
	case isExpected && n.ShortTag() != "!!str":
		*n = *c.NewString(n.Value, n)
	}
	if !isExpected {
		c.Errorf("%s: expected %s as %s, found %s", c.At(n), what, path, tree.Describe(n))
		return
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
