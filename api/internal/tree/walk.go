package tree

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// Unescape is the inverse of Escape.
var Unescape = strings.NewReplacer("~1", "/", "~0", "~")

// Resolve returns what a reference points at in a description, or nil.
func Resolve(root *yaml.Node, ref string) *yaml.Node {
	n := root
	for token := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		within, wanted := n, Unescape.Replace(token)
		n = nil
		for name, value := range members(within) {
			if name == wanted {
				n = value
			}
		}
	}
	return n
}

// Methods are the HTTP methods that a path item can have.
var Methods = map[string]bool{
	"get": true, "put": true, "post": true, "delete": true,
	"options": true, "head": true, "patch": true, "trace": true,
}

// Data are the keywords whose value is data: a $ref in it is no reference.
var Data = map[string]bool{"example": true, "examples": true, "default": true, "const": true, "enum": true}

// Named are the keywords whose value is a mapping with names that anybody can
// choose as keys: a property or a response called "default" is not that keyword.
// The value is true where the names stand for schemas.
var Named = map[string]bool{
	"paths": false, "webhooks": false, "responses": false, "content": false, "headers": false,
	"encoding": false, "links": false, "callbacks": false, "variables": false, "mapping": false, "scopes": false,
	"schemas": true, "parameters": false, "requestBodies": false, "securitySchemes": false, "pathItems": false,
	"properties": true, "patternProperties": true, "dependentSchemas": true, "$defs": true, "definitions": true,
}

// schemaKeywords are the keywords whose value is a schema or a sequence of schemas.
var schemaKeywords = map[string]bool{
	"schema": true, "items": true, "additionalProperties": true, "unevaluatedProperties": true, "not": true, "contains": true,
	"propertyNames": true, "if": true, "then": true, "else": true, "unevaluatedItems": true,
	"allOf": true, "oneOf": true, "anyOf": true, "prefixItems": true,
}

// isNamed reports whether the value of a keyword has chosen names.
func isNamed(key, value *yaml.Node) bool {
	_, named := Named[key.Value]
	return named && value.Kind == yaml.MappingNode
}

// EachSchema visits all schemas of a description, each after those in it.
func EachSchema(root *yaml.Node, visit func(schema *yaml.Node)) {
	var walk func(n *yaml.Node, isSchema bool)
	walk = func(n *yaml.Node, isSchema bool) {
		for _, item := range Items(n) {
			walk(item, isSchema)
		}
		for key, value := range Entries(n) {
			switch {
			case Data[key.Value] || IsExtension(key.Value):
			case isNamed(key, value):
				for _, inner := range Entries(value) {
					walk(inner, Named[key.Value])
				}
			default:
				walk(value, schemaKeywords[key.Value])
			}
		}
		if isSchema && n.Kind == yaml.MappingNode { // true and false are schemas, too.
			visit(n)
		}
	}
	walk(root, false)
}

// EachKeyword visits the entries of all mappings, but not what is in data and in
// extensions, and of the mappings with chosen names only a $ref.
func EachKeyword(n *yaml.Node, visit func(key, value *yaml.Node)) {
	for _, item := range Items(n) {
		EachKeyword(item, visit)
	}
	for key, value := range Entries(n) {
		visit(key, value)
		switch {
		case Data[key.Value] || IsExtension(key.Value):
		case isNamed(key, value):
			for key, value := range Entries(value) {
				if IsRef(key, value) {
					visit(key, value)
				}
				EachKeyword(value, visit)
			}
		default:
			EachKeyword(value, visit)
		}
	}
}

// IsRef reports whether an entry is a reference.
func IsRef(key, value *yaml.Node) bool {
	return key.Value == "$ref" && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str"
}

// EachPathOperation visits the operations that a client can call.
func EachPathOperation(root *yaml.Node, visit func(method, path, operation *yaml.Node)) {
	for path, item := range Entries(Get(root, "paths")) {
		for method, operation := range Entries(item) {
			if Methods[method.Value] && !IsExtension(path.Value) {
				visit(method, path, operation)
			}
		}
	}
}

// Operations is how many operations a client can call.
func Operations(root *yaml.Node) (n int) {
	EachPathOperation(root, func(_, _, _ *yaml.Node) { n++ })
	return n
}

// IDOf returns the operationId of an operation, or "".
func IDOf(operation *yaml.Node) string { return Value(operation, "operationId") }

// OperationName is how reports and errors call an operation.
func OperationName(method, path *yaml.Node) string {
	return "`" + strings.ToUpper(method.Value) + " " + path.Value + "`"
}

// Placeholder is how descriptions write the name of a Space in a URL.
var Placeholder = regexp.MustCompile(`(?i)\{[^{}]*\}|%7B[^%]*%7D`)

// SamePaths finds the paths of a that those of b are: of the same text or, if
// there is one such in each, of a text that differs in names of parameters.
func SamePaths(a, b *yaml.Node) map[string]string {
	loose := func(path string) string { return Placeholder.ReplaceAllString(path, "{}") }
	of, count, to := map[string][]string{}, map[string]int{}, map[string]string{}
	for path := range Entries(a) {
		of[loose(path.Value)] = append(of[loose(path.Value)], path.Value)
	}
	for path := range Entries(b) {
		count[loose(path.Value)]++
	}
	for path := range Entries(b) {
		if key := loose(path.Value); Has(a, path.Value) {
			to[path.Value] = path.Value
		} else if count[key] == 1 && len(of[key]) == 1 {
			to[path.Value] = of[key][0]
		}
	}
	return to
}

// Reached returns the schemas that operations or, if some are given, other parts of
// a description refer to, directly or not. Those of operations become Go.
func Reached(root *yaml.Node, from ...*yaml.Node) map[string]bool {
	if len(from) == 0 {
		from = []*yaml.Node{Get(root, "paths")}
	}
	found, all := map[string]bool{}, Index(Schemas(root))
	var reach func(n *yaml.Node)
	reach = func(n *yaml.Node) {
		EachRef(n, func(ref *yaml.Node) {
			if name, _, ok := SchemaOf(ref.Value); ok && !found[name] {
				found[name] = true
				reach(all[name].Value)
			}
		})
	}
	for _, n := range from {
		reach(n)
	}
	return found
}
