package signalwiretest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is an OpenAPI document. Loading all of a large document takes seconds, so
// newDescription only indexes it. Each operation is loaded when it is first used, with
// only those components that it refers to.
type description struct {
	source struct {
		OpenAPI    string
		Paths      map[string]map[string]json.RawMessage
		Components map[string]map[string]json.RawMessage
		Security   json.RawMessage `json:",omitempty"`
	}
	routes  []*route          // in the order in which match tries them
	byShape map[string]*route // see route
	kinds   []string          // the segments that an alias leaves out; see alias
}

// route is a path of the API with the operations on it. Its shape stands for all path
// templates that differ only in the names of their parameters.
type route struct {
	shape      string                  // a path template with {} in place of each parameter
	operations map[string][]*operation // by method; several for /rooms/{id} and /rooms/{name}
}

// operation is an operation of the description.
type operation struct {
	id, method, template string
	parameters           []string // the names of the path parameters, in order
	route                *route
	description          *description

	once sync.Once
	err  error // of load
	contract
}

// contract describes the requests and responses of an operation. load sets it.
type contract struct {
	filter  *routers.Route                     // the operation, for kin-openapi
	request *openapi3.Schema                   // the schema of the JSON body, or nil
	status  int                                // the status of a success
	success *openapi3.Schema                   // the schema of the JSON body of a success, or nil
	result  string                             // the $ref of success; "" if it has none
	bodies  map[string]*jsonschema.Schema      // validators, by "request" and by status
	strict  func() (*jsonschema.Schema, error) // the request validator that also checks SWML
	secrets map[string]bool                    // request members that are never shown
	// settle is x-go-settle. It names the log of what the request sends, and the members
	// of the log entry and of the request body that have the same values.
	settle struct {
		Path  string            `json:"path"`  // the path of the log
		Match map[string]string `json:"match"` // pointers into the body, by pointers into the entry
	}
	role role
	home string // the shape of the paths of the items that the operation creates
	rule editRule
}

// editRule says where a response has the request fields of an update (x-go-edit), and
// how a PUT treats fields that it lacks (x-put).
type editRule struct {
	Settings string            // the object in the response that has the fields; "" is the response
	Names    map[string]string // names in the response, by names in the request, where these differ
	Merges   bool              `json:"-"` // a PUT is known to merge, as a PATCH does
}

var (
	// parameter matches a parameter of a path template.
	parameter = regexp.MustCompile(`\{[^/}]*\}`)
	// reference matches a reference to a component, and has its kind and its name.
	reference = regexp.MustCompile(`"#/components/([^/"]+)/([^/"]+)`)
	methods   = []string{"get", "put", "post", "delete", "patch"}
)

// shape returns a path template with {} in place of each parameter.
func shape(template string) string { return parameter.ReplaceAllString(template, "{}") }

// newDescription indexes an OpenAPI document, which is JSON.
func newDescription(document []byte) (*description, error) {
	d := &description{byShape: map[string]*route{}}
	if err := json.Unmarshal(document, &d.source); err != nil {
		return nil, fmt.Errorf("the description is not an OpenAPI document as JSON: %w", err)
	}
	for _, template := range slices.Sorted(maps.Keys(d.source.Paths)) {
		r := d.byShape[shape(template)]
		if r == nil {
			r = &route{shape: shape(template), operations: map[string][]*operation{}}
			d.byShape[r.shape] = r
			d.routes = append(d.routes, r)
		}
		for _, method := range methods {
			source := d.source.Paths[template][method]
			if source == nil {
				continue
			}
			var named struct{ OperationID string }
			if err := json.Unmarshal(source, &named); err != nil {
				return nil, fmt.Errorf("the description of %s %s is not an operation: %w", method, template, err)
			}
			op := &operation{id: named.OperationID, method: strings.ToUpper(method), template: template, route: r, description: d}
			for _, name := range parameter.FindAllString(template, -1) {
				op.parameters = append(op.parameters, strings.Trim(name, "{}"))
			}
			r.operations[op.method] = append(r.operations[op.method], op)
		}
	}
	for shape := range d.byShape {
		if strings.HasSuffix(shape, "/{}") && d.byShape[up(shape, 2)+"/{}"] != nil {
			d.kinds = append(d.kinds, last(up(shape, 1)))
		}
	}
	slices.Sort(d.kinds)
	d.kinds = slices.Compact(d.kinds)
	slices.SortFunc(d.routes, func(a, b *route) int { // fixed segments before parameters
		return strings.Compare(strings.ReplaceAll(a.shape, "{}", "\xff"), strings.ReplaceAll(b.shape, "{}", "\xff"))
	})
	return d, nil
}

// operations returns all operations, in the order of their paths.
func (d *description) operations() (all []*operation) {
	for _, r := range d.routes {
		for _, method := range slices.Sorted(maps.Keys(r.operations)) {
			all = append(all, r.operations[method]...)
		}
	}
	return all
}

// match returns the route of an escaped path and the unescaped values of its
// parameters. The route is nil if the API has no such path.
func (d *description) match(path string) (*route, []string) {
	segments := strings.Split(path, "/")
next:
	for _, r := range d.routes {
		shape := strings.Split(r.shape, "/")
		if len(shape) != len(segments) {
			continue
		}
		var values []string
		for i, want := range shape {
			got, err := url.PathUnescape(segments[i])
			switch {
			case err != nil:
				continue next
			case want == "{}":
				values = append(values, got)
			case want != got:
				continue next
			}
		}
		return r, values
	}
	return nil, nil
}

// choose returns the operation for a method, or nil if there is none. If there are
// several (/rooms/{id} and /rooms/{name}), it returns the first one for whose
// parameters the values are valid, or else the last one.
func (r *route) choose(method string, values []string) *operation {
	alternatives := r.operations[method]
	for i, op := range alternatives {
		if i == len(alternatives)-1 || op.load() == nil && op.checkPath(values) {
			return op
		}
	}
	return nil
}

// isItem reports whether the path ends in a parameter, and so names one of several
// items.
func (r *route) isItem() bool { return strings.HasSuffix(r.shape, "/{}") }

// get returns the GET operation of the route. It returns nil if r is nil, if there is
// no such operation, or if the operation cannot be loaded.
func (r *route) get() *operation {
	if r == nil || len(r.operations[http.MethodGet]) == 0 || r.operations[http.MethodGet][0].load() != nil {
		return nil
	}
	return r.operations[http.MethodGet][0]
}

// isSensitive reports whether the extensions of a schema mark its values as sensitive.
// Such values must not be shown.
func isSensitive(extensions map[string]any) bool {
	return asObject(extensions["x-oapi-codegen-extra-tags"])["sensitive"] == "true"
}

// load sets the contract of the operation when it is first called. Each call returns
// the error of the first one.
func (op *operation) load() error {
	op.once.Do(func() {
		if err := op.loadContract(); err != nil {
			op.err = fmt.Errorf("the description of %s %s cannot be used: %w", op.method, op.template, err)
		}
	})
	return op.err
}

// loadContract sets the contract from the description.
func (op *operation) loadContract() error {
	spec, components, err := op.excerpt()
	if err != nil {
		return err
	}
	// kin-openapi validates only parameters here; compile is for bodies. It uses its
	// own validator for OpenAPI up to this version. For later versions it compiles
	// each schema anew for each value, which is slow.
	spec.OpenAPI = "3.0.4"
	item := spec.Paths.Value(op.template)
	described := item.GetOperation(op.method)
	op.filter = &routers.Route{Spec: spec, Path: op.template, PathItem: item, Method: op.method, Operation: described}
	for _, p := range slices.Concat(described.Parameters, item.Parameters) {
		if p.Value.Schema != nil {
			// kin-openapi decodes a parameter by the type of its schema, and does not
			// look for the type in allOf or beside a reference.
			p.Value.Schema = flattenAllOf(p.Value.Schema.Value).NewRef()
		}
	}
	bodies := map[string]*openapi3.SchemaRef{} // "request", and responses by status
	op.secrets = map[string]bool{}
	if body := described.RequestBody; body != nil {
		if s := jsonSchema(body.Value.Content); s != nil {
			bodies["request"], op.request = s, s.Value
			// The walk returns only errors of the function, which has none.
			_ = s.WalkSubtree(func(_ string, s *openapi3.SchemaRef) error {
				for name, property := range s.Value.Properties {
					op.secrets[name] = op.secrets[name] || flattenAllOf(property.Value).Format == "password" || isSensitive(property.Extensions) || isSensitive(property.Value.Extensions)
				}
				return nil
			})
		}
	}
	for _, status := range slices.Sorted(maps.Keys(described.Responses.Map())) {
		s := jsonSchema(described.Responses.Value(status).Value.Content)
		if s != nil {
			bodies[status] = s
		}
		if code, err := strconv.Atoi(status); err == nil && code/100 == 2 && op.status == 0 {
			op.status = code
			if s != nil {
				op.success, op.result = s.Value, s.Ref
			}
		}
	}
	op.status = cmp.Or(op.status, http.StatusOK)
	if op.bodies, err = compile(components["schemas"], bodies, openSWML); err != nil {
		return err
	}
	if request := bodies["request"]; request != nil {
		closed := func(swml func(schemas map[string]any)) (*jsonschema.Schema, error) {
			compiled, err := compile(components["schemas"], map[string]*openapi3.SchemaRef{"request": request}, swml, closeObjects)
			return compiled["request"], err
		}
		if op.bodies["request"], err = closed(openSWML); err != nil {
			return err
		}
		op.strict = sync.OnceValues(func() (*jsonschema.Schema, error) { return closed(referToSWML) })
	}
	if rule, ok := described.Extensions["x-go-edit"]; ok {
		if err := json.Unmarshal(encode(rule), &op.rule); err != nil {
			return fmt.Errorf("x-go-edit: %w", err)
		}
	}
	op.rule.Merges = described.Extensions["x-put"] == "merges"
	if rule, ok := described.Extensions["x-go-settle"]; ok {
		if err := json.Unmarshal(encode(rule), &op.settle); err != nil {
			return fmt.Errorf("x-go-settle: %w", err)
		}
	}
	op.role, op.home = op.findRole()
	return nil
}

// excerpt returns a document that has only this operation and the components that it
// refers to, directly or through others. It also returns these components as JSON, by
// their kind and their name.
func (op *operation) excerpt() (*openapi3.T, map[string]map[string]json.RawMessage, error) {
	d := op.description
	components := map[string]map[string]json.RawMessage{"securitySchemes": d.source.Components["securitySchemes"]}
	var collect func([]byte)
	collect = func(excerpt []byte) {
		for _, m := range reference.FindAllSubmatch(excerpt, -1) {
			kind, name := string(m[1]), string(m[2])
			component, there := d.source.Components[kind][name]
			if _, done := components[kind][name]; done || !there {
				continue
			}
			if components[kind] == nil {
				components[kind] = map[string]json.RawMessage{}
			}
			components[kind][name] = component
			collect(component)
		}
	}
	item := map[string]json.RawMessage{}
	for _, part := range []string{strings.ToLower(op.method), "parameters"} {
		if source := d.source.Paths[op.template][part]; source != nil {
			item[part] = source
			collect(source)
		}
	}
	excerpt := map[string]any{
		"openapi":    d.source.OpenAPI,
		"info":       map[string]string{"title": op.id, "version": "1"},
		"paths":      map[string]any{op.template: item},
		"components": components,
	}
	if d.source.Security != nil {
		excerpt["security"] = d.source.Security
	}
	document, err := json.Marshal(excerpt)
	if err != nil {
		return nil, nil, err
	}
	spec, err := openapi3.NewLoader().LoadFromData(document)
	return spec, components, err
}

// jsonSchema returns the schema of a JSON body, or nil if there is none.
func jsonSchema(content openapi3.Content) *openapi3.SchemaRef {
	if body := content["application/json"]; body != nil {
		return body.Schema
	}
	return nil
}

// compile returns validators for JSON bodies, by the names of the bodies. kin-openapi
// would use the same validators for OpenAPI 3.1, but it compiles a schema anew for each
// body, which takes milliseconds, or a fifth of a second if the body can hold SWML.
//
// components are the schemas that those of the bodies refer to. changes may modify all
// of these schemas, by name, before they are compiled.
func compile(components map[string]json.RawMessage, bodies map[string]*openapi3.SchemaRef, changes ...func(schemas map[string]any)) (map[string]*jsonschema.Schema, error) {
	const (
		url    = "mem:///description.json"
		prefix = "body-" // no component has a name that begins so
	)
	definitions := map[string]any{}
	for name, s := range components {
		definitions[name] = s
	}
	for name, s := range bodies {
		definitions[prefix+name] = s
	}
	document, err := json.Marshal(map[string]any{"$defs": definitions})
	if err != nil {
		return nil, err
	}
	document = bytes.ReplaceAll(document, []byte(`"#/components/schemas/`), []byte(`"#/$defs/`))
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		change(parsed.(map[string]any)["$defs"].(map[string]any))
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for name, check := range formats {
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return check(s)
			}
			return nil
		}})
	}
	compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) { return compilePattern(pattern), nil })
	if err := errors.Join(compiler.AddResource(url, parsed), addSWML(compiler)); err != nil {
		return nil, err
	}
	compiled := map[string]*jsonschema.Schema{}
	for name := range bodies {
		if compiled[name], err = compiler.Compile(url + "#/$defs/" + prefix + name); err != nil {
			return nil, err
		}
	}
	return compiled, nil
}

// closeObjects closes all objects whose schemas do not say that they are open, because
// SignalWire refuses members that it does not know even if its description does not say
// so. If an object is composed of several schemas, closeObjects closes the composition
// and not its parts.
func closeObjects(schemas map[string]any) {
	parts := map[string]bool{}
	var walk func(v any, each func(schema map[string]any, isPart bool), isPart bool)
	walk = func(v any, each func(map[string]any, bool), isPart bool) {
		switch v := v.(type) {
		case map[string]any:
			each(v, isPart)
			whole := v["properties"] != nil || v["allOf"] != nil
			for keyword, inner := range v {
				switch keyword {
				case "enum", "const", "default", "example", "examples":
				case "properties":
					for _, property := range asObject(inner) {
						walk(property, each, false)
					}
				default:
					walk(inner, each, keyword == "allOf" || whole && (keyword == "oneOf" || keyword == "anyOf"))
				}
			}
		case []any:
			for _, inner := range v {
				walk(inner, each, isPart)
			}
		}
	}
	for _, schema := range schemas {
		walk(schema, func(schema map[string]any, isPart bool) {
			if ref, _ := schema["$ref"].(string); isPart && ref != "" {
				parts[strings.TrimPrefix(ref, "#/$defs/")] = true
			}
		}, false)
	}
	for name, schema := range schemas {
		walk(schema, func(schema map[string]any, isPart bool) {
			_, additional := schema["additionalProperties"]
			_, unevaluated := schema["unevaluatedProperties"]
			if !isPart && !additional && !unevaluated && (schema["properties"] != nil || schema["allOf"] != nil) {
				schema["unevaluatedProperties"] = false
			}
		}, parts[name])
	}
}

// asObject returns v if it is an object, and a nil map otherwise.
func asObject(v any) map[string]any {
	object, _ := v.(map[string]any)
	return object
}
