package main

import (
	"net/url"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

func (m *merger) checkOperationIDs(root *yaml.Node) {
	type use struct {
		where string
		id    *yaml.Node
	}
	seen := map[string]use{}
	eachOperation(root, func(where string, operation *yaml.Node) {
		id := get(operation, "operationId")
		if id == nil {
			return
		}
		if first, twice := seen[id.Value]; twice {
			advice := "; rename one"
			if method, path, _ := strings.Cut(where, " "); strings.HasPrefix(path, "/") && methods[strings.ToLower(method)] && !strings.Contains(path, " ") {
				advice += ", for example in the overlay:\n" +
					overlayLines(strings.ToLower(method), path, "operationId", derivedID(strings.ToLower(method), id.Value, path))
			}
			m.errorf("operationId %q is used at %s (%s) and at %s (%s)%s", id.Value, m.at(first.id), first.where, m.at(id), where, advice)
			return
		}
		seen[id.Value] = use{where, id}
	})
}

// checkNames refuses what an overlay added that says nothing but extensions,
// such as a name for Go: it was meant for something that is there, and is not.
func (m *merger) checkNames(root *yaml.Node, overlay string) {
	var walk func(n *yaml.Node, name string)
	walk = func(n *yaml.Node, name string) {
		extensions := 0
		for key, value := range entries(n) {
			if isExtension(key.Value) {
				extensions++
			} else {
				walk(value, key.Value)
			}
		}
		if n.Kind == yaml.SequenceNode {
			for _, item := range n.Content {
				walk(item, name)
			}
		}
		if extensions > 0 && 2*extensions == len(n.Content) && m.files[n] == overlay {
			m.errorf("%s: %s has extensions and nothing else, so there is no such thing in the documents; correct the name, or delete it",
				m.at(n), name)
		}
	}
	walk(root, "the description")
}

func (m *merger) checkRefs(root *yaml.Node) {
	resolved := map[string]bool{}
	eachKeyword(root, func(key, ref *yaml.Node) {
		if !isRef(key, ref) {
			return
		}
		if !strings.HasPrefix(ref.Value, "#/") {
			m.errorf("%s: $ref %q leaves the document; it has to begin with #/", m.at(ref), ref.Value)
			return
		}
		ok, known := resolved[ref.Value]
		if !known {
			ok = resolves(root, ref.Value)
			resolved[ref.Value] = ok
		}
		if !ok {
			m.errorf("%s: $ref %q points at nothing in the merged description", m.at(ref), ref.Value)
		}
	})
}

// unescape is the inverse of escape.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

func resolves(root *yaml.Node, ref string) bool {
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
			n = item(n, int(i))
		} else {
			n = get(n, unescape.Replace(token))
		}
		if n == nil {
			return false
		}
	}
	return true
}

var methods = map[string]bool{
	"get": true, "put": true, "post": true, "delete": true,
	"options": true, "head": true, "patch": true, "trace": true,
}

// eachOperation visits every operation: below paths, webhooks, components and the
// callbacks of other operations.
func eachOperation(root *yaml.Node, visit func(where string, operation *yaml.Node)) {
	var items, callbacks func(where string, n *yaml.Node)
	items = func(where string, n *yaml.Node) {
		for name, item := range entries(n) {
			for method, operation := range entries(item) {
				if methods[method.Value] && !isExtension(name.Value) {
					where := where + strings.ToUpper(method.Value) + " " + name.Value
					visit(where, operation)
					callbacks(where+" callback ", get(operation, "callbacks"))
				}
			}
		}
	}
	callbacks = func(where string, n *yaml.Node) {
		for name, callback := range entries(n) {
			items(where+name.Value+" ", callback)
		}
	}
	items("", get(root, "paths"))
	items("webhook ", get(root, "webhooks"))
	items("path item ", get(get(root, "components"), "pathItems"))
	callbacks("callback ", get(get(root, "components"), "callbacks"))
}

// data are the keywords whose value is data: a $ref in it is no reference.
var data = map[string]bool{"example": true, "examples": true, "default": true, "const": true, "enum": true}

// named are the keywords whose value is a mapping with names that anybody can
// choose as keys: a property or a response called "default" is not that keyword.
var named = map[string]bool{
	"paths": true, "webhooks": true, "responses": true, "content": true, "headers": true,
	"encoding": true, "links": true, "callbacks": true, "variables": true, "mapping": true, "scopes": true,
	"schemas": true, "parameters": true, "requestBodies": true, "securitySchemes": true, "pathItems": true,
	"properties": true, "patternProperties": true, "dependentSchemas": true, "$defs": true, "definitions": true,
}

// eachKeyword visits the entries of all mappings, but not what is in data, and of
// the mappings with chosen names only a $ref.
func eachKeyword(n *yaml.Node, visit func(key, value *yaml.Node)) {
	if n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			eachKeyword(item, visit)
		}
	}
	for key, value := range entries(n) {
		visit(key, value)
		switch {
		case data[key.Value]:
		case named[key.Value] && value.Kind == yaml.MappingNode:
			for key, value := range entries(value) {
				if isRef(key, value) {
					visit(key, value)
				}
				eachKeyword(value, visit)
			}
		default:
			eachKeyword(value, visit)
		}
	}
}

func isRef(key, value *yaml.Node) bool {
	return key.Value == "$ref" && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str"
}
