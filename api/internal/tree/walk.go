package tree

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// unescape is the inverse of Escape.
var Unescape = strings.NewReplacer("~1", "/", "~0", "~")

// Resolves reports whether a reference points at something in a description.
func Resolves(root *yaml.Node, ref string) bool {
	pointer, err := url.PathUnescape(strings.TrimPrefix(ref, "#/"))
	if err != nil {
		return false
	}
	n := root
	for token := range strings.SplitSeq(pointer, "/") {
		if n.Kind == yaml.SequenceNode {
			i, err := strconv.ParseUint(token, 10, 32)
			if err != nil {
				return false
			}
			n = Item(n, int(i))
		} else {
			n = Get(n, Unescape.Replace(token))
		}
		if n == nil {
			return false
		}
	}
	return true
}

// Methods are the HTTP methods that a path item can have.
var Methods = map[string]bool{
	"get": true, "put": true, "post": true, "delete": true,
	"options": true, "head": true, "patch": true, "trace": true,
}

// EachOperation visits every operation: below paths, webhooks, components and the
// callbacks of other operations.
func EachOperation(root *yaml.Node, visit func(where string, operation *yaml.Node)) {
	var items, callbacks func(where string, n *yaml.Node)
	items = func(where string, n *yaml.Node) {
		for name, item := range Entries(n) {
			for method, operation := range Entries(item) {
				if Methods[method.Value] && !IsExtension(name.Value) {
					where := where + strings.ToUpper(method.Value) + " " + name.Value
					visit(where, operation)
					callbacks(where+" callback ", Get(operation, "callbacks"))
				}
			}
		}
	}
	callbacks = func(where string, n *yaml.Node) {
		for name, callback := range Entries(n) {
			items(where+name.Value+" ", callback)
		}
	}
	items("", Get(root, "paths"))
	items("webhook ", Get(root, "webhooks"))
	items("path item ", Get(Get(root, "components"), "pathItems"))
	callbacks("callback ", Get(Get(root, "components"), "callbacks"))
}

// Data are the keywords whose value is data: a $ref in it is no reference.
var Data = map[string]bool{"example": true, "examples": true, "default": true, "const": true, "enum": true}

// Named are the keywords whose value is a mapping with names that anybody can
// choose as keys: a property or a response called "default" is not that keyword.
var Named = map[string]bool{
	"paths": true, "webhooks": true, "responses": true, "content": true, "headers": true,
	"encoding": true, "links": true, "callbacks": true, "variables": true, "mapping": true, "scopes": true,
	"schemas": true, "parameters": true, "requestBodies": true, "securitySchemes": true, "pathItems": true,
	"properties": true, "patternProperties": true, "dependentSchemas": true, "$defs": true, "definitions": true,
}

// EachKeyword visits the entries of all mappings, but not what is in data, and of
// the mappings with chosen names only a $ref.
func EachKeyword(n *yaml.Node, visit func(key, value *yaml.Node)) {
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			EachKeyword(item, visit)
		}
	}
	for key, value := range Entries(n) {
		visit(key, value)
		switch {
		case Data[key.Value]:
		case Named[key.Value] && value.Kind == yaml.MappingNode:
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

// IDOf returns the operationId of an operation, or "".
func IDOf(operation *yaml.Node) string {
	if id := Get(operation, "operationId"); id != nil {
		return id.Value
	}
	return ""
}

// OperationName is how reports and errors call an operation.
func OperationName(method, path *yaml.Node) string {
	return "`" + strings.ToUpper(method.Value) + " " + path.Value + "`"
}

// Placeholder is how descriptions write the name of a Space in a URL.
var Placeholder = regexp.MustCompile(`(?i)\{[^{}]*\}|%7B[^%]*%7D`)

// SamePaths finds the paths of a that those of b are: of the same text or, if
// there is one such in each, of a text that differs in names of parameters.
func SamePaths(a, b *yaml.Node) map[string]string {
	loose := func(paths *yaml.Node) map[string][]string {
		found := map[string][]string{}
		for path := range Entries(paths) {
			key := Placeholder.ReplaceAllString(path.Value, "{}")
			found[key] = append(found[key], path.Value)
		}
		return found
	}
	exact, of, to := Index(a), loose(a), map[string]string{}
	for key, paths := range loose(b) {
		for _, path := range paths {
			if _, ok := exact[path]; ok {
				to[path] = path
			} else if len(paths) == 1 && len(of[key]) == 1 {
				to[path] = of[key][0]
			}
		}
	}
	return to
}

// Reached returns the schemas that operations refer to, directly or not, and that
// therefore become Go.
func Reached(root *yaml.Node) map[string]bool {
	found := map[string]bool{}
	all := Index(Schemas(root))
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		EachRef(n, func(ref *yaml.Node) {
			if name, _, ok := SchemaOf(ref.Value); ok && !found[name] {
				found[name] = true
				if schema := all[name].Value; schema != nil {
					visit(schema)
				}
			}
		})
	}
	if paths := Get(root, "paths"); paths != nil {
		visit(paths)
	}
	return found
}
