// Package support refuses the parts of a description that the generated client cannot
// send or read correctly.
//
// A description can say more than the templates in gen/templates and package signalwire
// implement. [Description.Check] looks at an operation with its parameters, request body,
// responses and security requirements, and at all schemas that these refer to. It returns a
// [Problem] for everything that it does not know to be supported: the lists of keywords,
// styles and media types say what is allowed, so that something new is refused rather than
// ignored.
//
// The schemas are those that package normal leaves: a nullable type is written as OpenAPI
// 3.1 does, and parameters and responses are not references.
package support

import (
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Problem is a feature of an operation, or of a schema that it uses, that is not supported.
type Problem struct {
	Place   *yaml.Node
	Feature string // as in "query parameter q of style deepObject"
	Failure string // the status of the response, not a success, whose content has the problem, or ""
}

// Description is a description whose operations can be checked.
type Description struct {
	Root        *yaml.Node
	IsGenerated func(goType string) bool // reports whether a Go type is declared for a schema
	SchemaNames map[string]string        // the names of the components by their Go names
}

// checker collects the problems of one operation.
type checker struct {
	Description
	problems []Problem
	visited  map[*yaml.Node]bool // the schemas and discriminators that were checked
	sent     bool                // the schemas are of a request
	failure  string              // see Problem
}

// Check returns the problems of an operation, given with the keys of its method and path. Of a
// response that is not a success, only the schemas can be unsupported: an error keeps a
// response of any media type.
func (d Description) Check(method, path, operation *yaml.Node) []Problem {
	c := &checker{Description: d, visited: map[*yaml.Node]bool{}}
	c.checkKeywords(operation, "operation", operationKeywords)
	c.sent = true
	c.checkParameters(path, tree.Items(operation, "parameters"))
	if body := tree.Get(operation, "requestBody"); body != nil && c.checkContent("request body", body) == "" {
		c.refuse(body, "request body without content")
	}
	c.sent = false
	c.checkResponses(method, operation)
	c.checkSecurity(operation)
	for status, response := range tree.Entries(tree.Get(operation, "responses")) {
		c.visited = map[*yaml.Node]bool{} // Each response lists all of its problems.
		if c.failure = status.Value; strings.HasPrefix(c.failure, "2") {
			continue
		}
		for _, media := range tree.Entries(tree.Get(response, "content")) {
			c.checkSchema(tree.Get(media, "schema"))
		}
	}
	return c.problems
}

// refuse adds a problem.
func (c *checker) refuse(place *yaml.Node, format string, args ...any) {
	c.problems = append(c.problems, Problem{place, fmt.Sprintf(format, args...), c.failure})
}

// The keywords that are supported, or that make no difference to requests and responses.
var (
	operationKeywords = strings.Fields(`
		tags summary description externalDocs operationId parameters requestBody responses deprecated security`)
	parameterKeywords     = strings.Fields("name in description required deprecated schema example examples style explode allowEmptyValue")
	bodyKeywords          = strings.Fields("description required content headers links")
	mediaKeywords         = strings.Fields("schema example examples")
	discriminatorKeywords = strings.Fields("propertyName mapping")
	schemaKeywords        = strings.Fields(`
		$ref type properties required items enum const format allOf oneOf anyOf discriminator additionalProperties unevaluatedProperties
		title description default example examples deprecated readOnly writeOnly externalDocs xml $comment contentEncoding contentMediaType
		nullable minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems
		minProperties maxProperties not dependentRequired propertyNames contains minContains maxContains`)
)

// checkKeywords refuses all keywords of an object that are not listed. Extensions are
// allowed, except the one that makes oapi-codegen leave out a field.
func (c *checker) checkKeywords(object *yaml.Node, what string, supported []string) {
	for key := range tree.Entries(object) {
		if !slices.Contains(supported, key.Value) && (!tree.IsExtension(key.Value) || key.Value == "x-go-json-ignore") {
			c.refuse(key, "%s with %s", what, key.Value)
		}
	}
}

// checkName refuses the name of a property or a parameter of which no Go field, or no struct
// tag, can be made.
func (c *checker) checkName(name, named *yaml.Node, what string) {
	if name != nil && (!hasGoName(name.Value, named) || strings.ContainsFunc(name.Value, breaksCode) || strings.Contains(name.Value, ",")) {
		c.refuse(name, "%s named %q", what, name.Value)
	}
}

// checkText refuses texts that the generator refuses for the whole description, since it
// copies them into Go code.
func (c *checker) checkText(what string, texts ...*yaml.Node) {
	for _, text := range texts {
		if strings.ContainsFunc(text.Value, breaksCode) {
			c.refuse(text, "%s %q", what, text.Value)
		}
	}
}

// breaksCode reports whether a character could end a string, a struct tag or a comment in Go
// code, or begin an escape there.
func breaksCode(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune("\"`\\", r) }

// hasGoName reports whether what has a name in the description has one in Go. Letters that are
// neither upper nor lower case are in none.
func hasGoName(name string, named *yaml.Node) bool {
	return name != "" && (tree.Has(named, "x-go-name") || token.IsExported(codegen.SchemaNameToTypeName(name)))
}

// checkSecurity requires each security requirement to be a single HTTP Basic or Bearer
// scheme, since the client sends one Authorization header.
func (c *checker) checkSecurity(operation *yaml.Node) {
	owner := operation
	if !tree.Has(operation, "security") {
		owner = c.Root
	}
	for _, requirement := range tree.Items(owner, "security") {
		if n := len(requirement.Content) / 2; n != 1 {
			c.refuse(requirement, "security requirement of %d kinds of credentials", n)
		}
		for name, scopes := range tree.Entries(requirement) {
			c.checkText("scope", scopes.Content...)
			scheme := tree.Get(c.Root, "components", "securitySchemes", name.Value)
			kind := strings.ToLower(tree.Value(scheme, "type") + " " + tree.Value(scheme, "scheme"))
			switch {
			case scheme == nil:
				c.refuse(name, "security scheme %s, which is not declared", name.Value)
			case kind != "http basic" && kind != "http bearer":
				c.refuse(name, "security scheme %s, which is neither HTTP Basic nor Bearer", name.Value)
			}
		}
	}
}

// reservedHeaders are set by the client or by net/http. No parameter can set them.
var reservedHeaders = strings.Fields(`
	accept accept-encoding authorization connection content-encoding content-length content-type cookie expect host
	keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade user-agent`)

// headerName matches the name of a header, which is a token (RFC 9110, section 5.6.2).
var headerName = regexp.MustCompile("^[-!#$%&'*+.^`|~\\w]+$")

var (
	pathVariable = regexp.MustCompile(`\{([^{}]*)\}`)
	unescaped    = regexp.MustCompile(`^[\w.~!$&'()*+,;=:@/-]*$`) // what needs no escaping in a path (RFC 3986, section 3.3)
)

// checkParameters checks the parameters of an operation, and that its path has exactly
// the variables that are declared as path parameters.
func (c *checker) checkParameters(path *yaml.Node, parameters []*yaml.Node) {
	seen := map[[2]string]bool{}
	for _, parameter := range parameters {
		name, in := tree.Value(parameter, "name"), tree.Value(parameter, "in")
		c.checkParameter(parameter, name, in)
		isSameInQuery := func(p *yaml.Node) bool { return tree.Value(p, "in") == "query" && tree.Value(p, "name") == name }
		if in == "header" && slices.ContainsFunc(parameters, isSameInQuery) {
			c.refuse(parameter, "header parameter %s, which is also a query parameter", name)
		}
		if in == "path" && !strings.Contains(path.Value, "{"+name+"}") {
			c.refuse(parameter, "path parameter %s, which the path %s does not have", name, path.Value)
		}
		if seen[[2]string{in, name}] {
			c.refuse(parameter, "%s parameter %s twice", in, name)
		}
		seen[[2]string{in, name}] = true
	}
	for _, variable := range pathVariable.FindAllStringSubmatch(path.Value, -1) {
		if name := variable[1]; !seen[[2]string{"path", name}] {
			c.refuse(path, "path %s without a parameter %s", path.Value, name)
		}
	}
	if !unescaped.MatchString(pathVariable.ReplaceAllString(path.Value, "")) {
		c.refuse(path, "path %s", path.Value)
	}
}

// checkParameter checks one parameter by itself.
func (c *checker) checkParameter(parameter *yaml.Node, name, in string) {
	schema, style, what := tree.Get(parameter, "schema"), tree.Value(parameter, "style"), in+" parameter "+name
	c.checkKeywords(parameter, what, parameterKeywords)
	c.checkName(tree.Get(parameter, "name"), parameter, in+" parameter")
	switch {
	case !slices.Contains([]string{"path", "query", "header"}, in):
		c.refuse(parameter, "%s", what)
	case schema == nil: // It has content in place of a schema, which is no supported keyword.
	case in == "query":
		c.checkQueryStyle(parameter, what, schema)
	case style != "" && style != "simple":
		c.refuse(parameter, "%s of style %s", what, style)
	case !c.isScalar(schema):
		c.refuse(parameter, "%s that is no single value", what)
	case in == "header" && !headerName.MatchString(name):
		c.refuse(parameter, "header parameter named %q", name)
	case in == "header" && slices.Contains(reservedHeaders, strings.ToLower(name)):
		c.refuse(parameter, "%s, which the client makes itself", what)
	}
	c.checkSchema(schema)
}

// checkQueryStyle allows scalars, arrays of scalars, and objects of scalars, each in the
// styles that OpenAPI defines for it.
func (c *checker) checkQueryStyle(parameter *yaml.Node, what string, schema *yaml.Node) {
	var styles []string
	switch {
	case c.isScalar(schema):
		styles = []string{"", "form"}
	case c.isScalarArray(schema):
		styles = []string{"", "form", "spaceDelimited", "pipeDelimited"}
	case c.isFlatObject(schema, false):
		styles = []string{"", "form", "deepObject"}
	default:
		c.refuse(parameter, "%s that is neither a single value nor an array or object of them", what)
		return
	}
	style := tree.Value(parameter, "style")
	if !slices.Contains(styles, style) || style == "deepObject" && tree.Value(parameter, "explode") == "false" {
		c.refuse(parameter, "%s of style %s", what, style)
	}
}

var (
	jsonType = regexp.MustCompile(`^application/([a-z0-9.-]+\+)?json$`)
	textType = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+(; *charset="?(?i:utf-8)"?)?$`)
)

// checkContent checks a request body or a response, as what says, and returns its media
// type, or "" if it has no content.
func (c *checker) checkContent(what string, body *yaml.Node) (mediaType string) {
	c.checkKeywords(body, what, bodyKeywords)
	for name, header := range tree.Entries(tree.Get(body, "headers")) {
		if !headerName.MatchString(name.Value) {
			c.refuse(name, "%s header named %q", what, name.Value)
		}
		c.checkSchema(tree.Get(header, "schema"))
	}
	for media, value := range tree.Entries(tree.Get(body, "content")) {
		c.checkKeywords(value, what, mediaKeywords)
		schema := tree.Get(value, "schema")
		isString := schema == nil || c.typeOf(schema) == "string" && c.isScalar(schema)
		switch {
		case mediaType != "":
			c.refuse(media, "%s of several types (%s, %s)", what, mediaType, media.Value)
		case jsonType.MatchString(media.Value):
			if schema == nil {
				c.refuse(media, "%s without a schema", what)
			}
			if what == "response" && tree.AllowsNull(c.resolve(schema)) {
				c.refuse(media, "response that may be null")
			}
			c.checkSchema(schema)
		case media.Value == "application/x-www-form-urlencoded" && what == "request body":
			if !c.isFlatObject(schema, true) {
				c.refuse(media, "form that has others than single values and arrays of them")
			}
			c.checkSchema(schema)
		case !isString || !textType.MatchString(media.Value) ||
			strings.HasPrefix(media.Value, "multipart/") || media.Value == "text/event-stream":
			c.refuse(media, "%s of type %s", what, media.Value)
		}
		mediaType = media.Value
	}
	return mediaType
}

// statusCode matches the key of a response that is supported, which a range of successful
// status codes is not.
var statusCode = regexp.MustCompile(`^([1-5]\d\d|[1345]XX|default)$`)

// checkResponses requires the successful responses of an operation to have the same body,
// because its method has one result. With a JSON body, some of them may also have none.
func (c *checker) checkResponses(method, operation *yaml.Node) {
	responses := tree.Get(operation, "responses")
	var body *yaml.Node
	bodyType, isSomeEmpty := "", false
	for status, response := range tree.Entries(responses) {
		if !statusCode.MatchString(status.Value) && !tree.IsExtension(status.Value) {
			c.refuse(status, "response %s", status.Value)
		}
		if !strings.HasPrefix(status.Value, "2") {
			continue
		}
		switch mediaType, content := c.checkContent("response", response), tree.Get(response, "content"); {
		case mediaType == "":
			isSomeEmpty = true
		case body == nil:
			body, bodyType = content, mediaType
		case !tree.Equal(body, content):
			c.refuse(status, "several successful responses with different content")
		}
		if body != nil && method.Value == "head" {
			c.refuse(status, "response to HEAD with a body")
		}
		if isSomeEmpty && body != nil && !jsonType.MatchString(bodyType) {
			c.refuse(status, "several successful responses, of which only some have a body of type %s", bodyType)
		}
	}
	if body == nil && !isSomeEmpty && responses != nil {
		c.refuse(responses, "operation without a successful response of its own")
	}
}
