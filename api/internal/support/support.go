// Package support knows what the templates and the wrapper carry, and refuses
// the rest, so that nothing of a description is sent or read wrong in silence.
package support

import (
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Problem is something in an operation, or in a schema that it uses, that is not
// supported.
type Problem struct {
	Place *yaml.Node
	What  string
}

// The keywords that are carried, or that make no difference to what is sent and
// read. All others are refused.
var (
	operationKeywords     = words("tags summary description externalDocs operationId parameters requestBody responses deprecated security")
	parameterKeywords     = words("name in description required deprecated schema example examples style explode allowEmptyValue")
	bodyKeywords          = words("description required content headers links")
	mediaKeywords         = words("schema example examples")
	discriminatorKeywords = words("propertyName mapping")
	schemaKeywords        = words(`$ref type properties required items enum const format allOf oneOf anyOf discriminator additionalProperties unevaluatedProperties
		title description default example examples deprecated readOnly writeOnly externalDocs xml $comment contentEncoding contentMediaType nullable
		minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems minProperties maxProperties
		not dependentRequired propertyNames contains minContains maxContains`)
	scalars = words("string integer number boolean")
	// enumTags are the YAML tags that the values of an enumeration can have, by its type.
	enumTags = map[string][]string{"string": {"!!str"}, "integer": {"!!int"}, "number": {"!!int", "!!float"}, "boolean": {"!!bool"}}

	words = strings.Fields
)

// ownHeaders are made by the client or by net/http; no parameter can have them.
var ownHeaders = words(`accept accept-encoding authorization connection content-encoding content-length content-type cookie expect host
	keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade user-agent`)

type checker struct {
	root     *yaml.Node
	problems []Problem
	seen     map[*yaml.Node]bool
	finite   map[*yaml.Node]bool // the schemas of which contains reported false
}

func newChecker(root *yaml.Node) *checker {
	return &checker{root: root, seen: map[*yaml.Node]bool{}, finite: map[*yaml.Node]bool{}}
}

// Check returns the problems of an operation.
func Check(root, method, path, operation *yaml.Node) []Problem {
	c := newChecker(root)
	c.keywords(operation, "operation", operationKeywords)
	if name := tree.Get(operation, "x-go-name"); name != nil && !token.IsIdentifier(name.Value) {
		c.refuse(name, "x-go-name %s", name.Value)
	}
	c.parameters(path, tree.Items(operation, "parameters"))
	if body := tree.Get(operation, "requestBody"); body != nil && c.content("request body", body) == "" {
		c.refuse(body, "request body without content")
	}
	c.responses(method, operation)
	c.security(operation)
	return c.problems
}

// CheckFailure returns the problems of a response that is no success.
func CheckFailure(root, response *yaml.Node) []Problem {
	c := newChecker(root)
	for _, media := range tree.Entries(tree.Get(response, "content")) {
		c.schema(tree.Get(media, "schema"))
	}
	return c.problems
}

func (c *checker) refuse(place *yaml.Node, format string, args ...any) {
	c.problems = append(c.problems, Problem{place, fmt.Sprintf(format, args...)})
}

func (c *checker) keywords(n *yaml.Node, what string, known []string) {
	for key := range tree.Entries(n) {
		if !slices.Contains(known, key.Value) && (!tree.IsExtension(key.Value) || key.Value == "x-go-json-ignore") {
			c.refuse(key, "%s with %s", what, key.Value)
		}
	}
}

// name refuses what cannot be the name of a field or stand in its tag.
func (c *checker) name(n *yaml.Node, what string) {
	if n != nil && (!strings.ContainsFunc(n.Value, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) ||
		strings.ContainsFunc(n.Value, func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune("\"`\\,", r) })) {
		c.refuse(n, "%s named %q", what, n.Value)
	}
}

// target is what a schema is or refers to.
func (c *checker) target(n *yaml.Node) *yaml.Node {
	for range 50 {
		ref := tree.Get(n, "$ref")
		if ref == nil {
			return n
		}
		name, rest, ok := tree.ParseSchemaRef(ref.Value)
		if !ok || rest != "" {
			return nil
		}
		n = tree.Get(tree.Schemas(c.root), name)
	}
	return nil
}

// typeOf returns the type of a schema beside null, or several, or "".
func (c *checker) typeOf(n *yaml.Node) string {
	n = c.target(n)
	types := []string{tree.Value(n, "type")}
	for _, t := range tree.Items(n, "type") {
		types = append(types, t.Value)
	}
	types = slices.DeleteFunc(types, func(t string) bool { return t == "" || t == "null" })
	return strings.Join(types, ", ")
}

func (c *checker) nullable(n *yaml.Node) bool {
	n = c.target(n)
	isNull := func(t *yaml.Node) bool { return t.Value == "null" || tree.IsType(t, "null") }
	return slices.ContainsFunc(slices.Concat(tree.Items(n, "type"), tree.Items(n, "oneOf"), tree.Items(n, "anyOf")), isNull)
}

// scalar reports whether a schema is of single values of one type.
func (c *checker) scalar(n *yaml.Node) bool {
	return slices.Contains(scalars, c.typeOf(n)) && !tree.Has(c.target(n), "oneOf", "anyOf")
}

// isList reports whether a schema is of arrays of single values.
func (c *checker) isList(n *yaml.Node) bool {
	return c.typeOf(n) == "array" && c.scalar(tree.Get(c.target(n), "items"))
}

var (
	template = regexp.MustCompile(`\{([^{}]*)\}`)
	plain    = regexp.MustCompile(`^[\w.~!$&'()*+,;=:@/-]*$`) // needs no escaping (RFC 3986, section 3.3)
)

func (c *checker) parameters(path *yaml.Node, parameters []*yaml.Node) {
	declared := map[string]bool{}
	for _, p := range parameters {
		name, in, schema := tree.Value(p, "name"), tree.Value(p, "in"), tree.Get(p, "schema")
		what := in + " parameter " + name
		c.keywords(p, what, parameterKeywords)
		c.name(tree.Get(p, "name"), in+" parameter")
		switch {
		case !slices.Contains([]string{"path", "query", "header"}, in):
			c.refuse(p, "%s", what)
		case schema == nil: // It has content, which is refused above.
		case in == "query":
			c.query(p, what, schema)
		case tree.Value(p, "style") != "" && tree.Value(p, "style") != "simple":
			c.refuse(p, "%s of style %s", what, tree.Value(p, "style"))
		case !c.scalar(schema):
			c.refuse(p, "%s that is no single value", what)
		case in == "header" && slices.Contains(ownHeaders, strings.ToLower(name)):
			c.refuse(p, "%s, which the client makes itself", what)
		}
		isQuery := func(q *yaml.Node) bool { return tree.Value(q, "in") == "query" && tree.Value(q, "name") == name }
		if in == "header" && slices.ContainsFunc(parameters, isQuery) {
			c.refuse(p, "%s, which is also a query parameter", what)
		}
		if declared[name] = declared[name] || in == "path"; in == "path" && !strings.Contains(path.Value, "{"+name+"}") {
			c.refuse(p, "path parameter %s, which the path %s does not have", name, path.Value)
		}
		c.schema(schema)
	}
	for _, part := range template.FindAllStringSubmatch(path.Value, -1) {
		if !declared[part[1]] {
			c.refuse(path, "path %s without a parameter %s", path.Value, part[1])
		}
	}
	if !plain.MatchString(template.ReplaceAllString(path.Value, "")) {
		c.refuse(path, "path %s", path.Value)
	}
}

// query takes single values, arrays of them, and objects that have nothing else,
// in the styles that OpenAPI defines for each.
func (c *checker) query(p *yaml.Node, what string, schema *yaml.Node) {
	styles := "form"
	switch {
	case c.scalar(schema):
	case c.isList(schema):
		styles = "form spaceDelimited pipeDelimited"
	case c.isFlat(schema, false):
		styles = "form deepObject"
	default:
		c.refuse(p, "%s that is neither a single value nor an array or object of them", what)
		return
	}
	style := tree.Value(p, "style")
	if style != "" && !slices.Contains(words(styles), style) || style == "deepObject" && tree.Value(p, "explode") == "false" {
		c.refuse(p, "%s of style %s", what, style)
	}
}

// isFlat reports whether a schema is of objects whose members are all described,
// and are single values or, if arrays are allowed, arrays of them.
func (c *checker) isFlat(n *yaml.Node, arrays bool) bool {
	n = c.target(n)
	isClosed := !tree.Has(n, "additionalProperties") || tree.Value(n, "additionalProperties") == "false"
	if c.typeOf(n) != "object" || !tree.Has(n, "properties") || !isClosed {
		return false
	}
	for _, property := range tree.Entries(tree.Get(n, "properties")) {
		if !c.scalar(property) && !(arrays && c.isList(property)) {
			return false
		}
	}
	return !tree.Has(n, "allOf", "oneOf", "anyOf")
}

var (
	jsonType = regexp.MustCompile(`^application/([a-z0-9.-]+\+)?json$`)
	rawType  = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+(; *charset="?(?i:utf-8)"?)?$`)
)

// content checks what is sent or read, and returns its media type, or "".
func (c *checker) content(what string, n *yaml.Node) (found string) {
	c.keywords(n, what, bodyKeywords)
	for media, value := range tree.Entries(tree.Get(n, "content")) {
		c.keywords(value, what, mediaKeywords)
		schema := tree.Get(value, "schema")
		isText := schema == nil || c.typeOf(schema) == "string" && c.scalar(schema)
		switch name := media.Value; {
		case found != "":
			c.refuse(media, "%s of several types (%s, %s)", what, found, name)
		case jsonType.MatchString(name):
			if schema == nil {
				c.refuse(media, "%s without a schema", what)
			}
			if what == "response" && c.nullable(schema) {
				c.refuse(media, "response that may be null")
			}
			c.schema(schema)
		case name == "application/x-www-form-urlencoded" && what == "request body":
			if !c.isFlat(schema, true) {
				c.refuse(media, "form that has others than single values and arrays of them")
			}
			c.schema(schema)
		case !isText || !rawType.MatchString(name) || strings.HasPrefix(name, "multipart/") || name == "text/event-stream":
			c.refuse(media, "%s of type %s", what, name)
		}
		found = media.Value
	}
	return found
}

// responses takes successes that have one body, or one JSON body or none.
func (c *checker) responses(method, operation *yaml.Node) {
	responses := tree.Get(operation, "responses")
	var body *yaml.Node
	media, bodiless := "", false
	for status, response := range tree.Entries(responses) {
		switch {
		case !strings.HasPrefix(status.Value, "2"):
			continue
		case len(status.Value) != 3 || strings.Trim(status.Value, "0123456789") != "":
			c.refuse(status, "response %s", status.Value)
		}
		switch found, content := c.content("response", response), tree.Get(response, "content"); {
		case found == "":
			bodiless = true
		case body == nil:
			body, media = content, found
		case !tree.Equal(body, content):
			c.refuse(status, "several successful responses with different content")
		}
		if body != nil && method.Value == "head" {
			c.refuse(status, "response to HEAD with a body")
		}
		if bodiless && body != nil && !jsonType.MatchString(media) {
			c.refuse(status, "several successful responses, of which only some have a body of type %s", media)
		}
	}
	if body == nil && !bodiless && responses != nil {
		c.refuse(responses, "operation without a successful response of its own")
	}
}

// security takes one of several kinds of credentials, or none at all.
func (c *checker) security(operation *yaml.Node) {
	of := operation
	if !tree.Has(of, "security") {
		of = c.root
	}
	for _, requirement := range tree.Items(of, "security") {
		if n := len(requirement.Content) / 2; n != 1 {
			c.refuse(requirement, "security requirement of %d kinds of credentials", n)
		}
		for name := range tree.Entries(requirement) {
			scheme := tree.Get(c.root, "components", "securitySchemes", name.Value)
			kind := strings.ToLower(tree.Value(scheme, "type") + " " + tree.Value(scheme, "scheme"))
			if kind != "http basic" && kind != "http bearer" {
				c.refuse(name, "security scheme %s, which is neither HTTP Basic nor Bearer", name.Value)
			}
		}
	}
}

// schema checks a schema of a value, and all that it refers to.
func (c *checker) schema(n *yaml.Node) {
	target := c.target(n)
	isTyped := tree.Has(n, "x-go-type") || tree.Has(target, "x-go-type")
	if d := tree.Get(target, "discriminator"); d != nil && len(alternatives(target)) == 0 && !isTyped && !c.seen[d] {
		c.seen[d] = true
		c.refuse(d, "discriminator without oneOf or anyOf")
	}
	c.part(n)
}

// part checks a schema that may be a part of another one only. Then what tells
// those that inherit from it apart does not matter.
func (c *checker) part(n *yaml.Node) {
	if n == nil || c.seen[n] || tree.Has(n, "x-go-type") {
		return // What has a type of its own is read as that.
	}
	if c.seen[n] = true; n.Kind != yaml.MappingNode {
		if n.ShortTag() != "!!bool" {
			c.refuse(n, "schema that is %s", tree.Describe(n))
		}
		return
	}
	if ref := tree.Get(n, "$ref"); ref != nil {
		if target := c.target(n); target == nil {
			c.refuse(ref, "reference to %s", ref.Value)
		} else {
			c.part(target)
		}
		return
	}
	c.keywords(n, "schema", schemaKeywords)
	kind := c.typeOf(n)
	if strings.Contains(kind, ",") {
		c.refuse(n, "value of several types (%s)", kind)
	}
	if tree.Has(n, "oneOf") && tree.Has(n, "anyOf") {
		c.refuse(n, "oneOf beside anyOf")
	}
	for key, value := range tree.Entries(n) {
		switch key.Value {
		case "format":
			if value.Value == "binary" && kind == "string" {
				c.refuse(value, "string of format binary")
			}
		case "discriminator":
			c.keywords(value, "discriminator", discriminatorKeywords)
		case "enum":
			for _, value := range value.Content {
				if tag := value.ShortTag(); tag != "!!null" && !slices.Contains(enumTags[kind], tag) {
					c.refuse(value, "enumeration of other values than its type has")
					break
				}
			}
		case "properties":
			for name, property := range tree.Entries(value) {
				c.name(name, "property")
				c.schema(property)
			}
		case "unevaluatedProperties":
			if tree.Has(value, "type", "$ref", "allOf", "oneOf", "anyOf") && !tree.Has(n, "additionalProperties") {
				c.refuse(value, "schema with unevaluatedProperties but no additionalProperties")
			}
		case "items", "additionalProperties":
			c.schema(value)
		case "allOf":
			for _, part := range value.Content {
				if len(alternatives(c.target(part))) > 1 && !tree.Has(part, "x-go-type") {
					c.refuse(part, "allOf with a choice in it")
				}
				if schema := c.target(part); schema != part && c.contains(schema, schema) {
					c.refuse(part, "allOf with a schema that is in an allOf in itself")
				}
				c.part(part)
			}
		case "oneOf", "anyOf":
			for _, beside := range words("properties allOf required") {
				if tree.Has(n, beside) {
					c.refuse(value, "%s beside %s", beside, key.Value)
				}
			}
			for _, part := range value.Content {
				if !tree.Has(c.target(part), "type", "properties", "allOf", "oneOf", "anyOf") && !tree.Has(part, "x-go-type") {
					c.refuse(part, "%s with an alternative of no type", key.Value)
				}
				c.schema(part)
			}
		}
	}
}

// contains reports whether one of some schemas is in an allOf in n, directly or by
// other schemas that are. Merging such an allOf would never end.
func (c *checker) contains(n *yaml.Node, outer ...*yaml.Node) (found bool) {
	if c.finite[n] {
		return false
	}
	tree.EachKeyword(n, func(key, value *yaml.Node) {
		if key.Value != "allOf" {
			return
		}
		for _, part := range value.Content {
			if schema := c.target(part); schema != part && schema != nil {
				found = found || slices.Contains(outer, schema) || c.contains(schema, append(outer, schema)...)
			}
		}
	})
	c.finite[n] = !found
	return found
}

// alternatives are those of a choice beside null.
func alternatives(n *yaml.Node) (found []*yaml.Node) {
	all := slices.Concat(tree.Items(n, "oneOf"), tree.Items(n, "anyOf"))
	return slices.DeleteFunc(all, func(part *yaml.Node) bool { return tree.IsType(part, "null") })
}
