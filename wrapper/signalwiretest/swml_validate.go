package signalwiretest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml/messaging"
)

// The URIs under which compilers have SignalWire's schemas of SWML, for calls and for
// messages.
const (
	callingSWML   = "mem:///swml.json"
	messagingSWML = "mem:///swml-messaging.json"
)

// swmlSchemas has functions that return the compiled schemas of SWML, by their URIs.
var swmlSchemas = map[string]func() (*jsonschema.Schema, error){callingSWML: compileSWML(callingSWML), messagingSWML: compileSWML(messagingSWML)}

// compileSWML returns a function that compiles the schema with a URI when it is first
// called.
func compileSWML(url string) func() (*jsonschema.Schema, error) {
	return sync.OnceValues(func() (*jsonschema.Schema, error) {
		compiler := jsonschema.NewCompiler()
		compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) { return compilePattern(pattern), nil })
		if err := addSWML(compiler); err != nil {
			return nil, err
		}
		return compiler.Compile(url)
	})
}

// parsedSWML returns the schemas of SWML as decoded JSON, first the one for calls and
// then the one for messages.
var parsedSWML = sync.OnceValues(func() (parsed [2]any, err error) {
	for i, document := range [][]byte{api.SWML, api.SWMLMessaging} {
		var invalid error
		parsed[i], invalid = jsonschema.UnmarshalJSON(bytes.NewReader(document))
		err = errors.Join(err, invalid)
	}
	return parsed, err
})

// addSWML adds the schemas of SWML to a compiler.
func addSWML(compiler *jsonschema.Compiler) error {
	parsed, err := parsedSWML()
	if err != nil {
		return err
	}
	return errors.Join(compiler.AddResource(callingSWML, parsed[0]), compiler.AddResource(messagingSWML, parsed[1]))
}

// openSWML replaces the schemas that the description has for members of type gen.SWML
// by schemas that allow any value.
func openSWML(schemas map[string]any) {
	eachSWML(schemas, func(schema map[string]any) bool {
		clear(schema)
		return true
	})
}

// referToSWML replaces the schemas that the description has for SWML and parts of it by
// references to SignalWire's schemas of SWML, because those of the description do not
// allow variables.
func referToSWML(schemas map[string]any) {
	parsed, _ := parsedSWML() // addSWML returns the error.
	eachSWML(schemas, func(schema map[string]any) bool {
		ref, _ := schema["$ref"].(string)
		_, name, found := strings.Cut(ref, "/SWML.")
		flavor, part, _ := strings.Cut(name, ".")
		document, url := parsed[0], callingSWML
		if flavor == "Messaging" {
			document, url = parsed[1], messagingSWML
		}
		if part != "SWMLObject" {
			url += "#/$defs/" + part
			_, known := document.(map[string]any)["$defs"].(map[string]any)[part]
			found = found && known
		}
		if found {
			clear(schema)
			schema["$ref"] = url
		}
		return found
	})
}

// eachSWML calls visit for each schema in v that is marked as one of type gen.SWML. If
// visit returns false, eachSWML also visits the schemas inside that schema.
func eachSWML(v any, visit func(schema map[string]any) bool) {
	switch v := v.(type) {
	case map[string]any:
		if v["x-go-type"] == "SWML" && visit(v) {
			return
		}
		for _, inner := range v {
			eachSWML(inner, visit)
		}
	case []any:
		for _, inner := range v {
			eachSWML(inner, visit)
		}
	}
}

// ValidateSWML validates a document against SignalWire's JSON Schema of SWML. It
// returns an error that lists all mistakes, or nil. doc is a swml.Document; a
// [messaging.Document]; or a document for calls as gen.SWML, or as JSON in a []byte.
//
// SignalWire runs many documents that its schema does not allow, some of its own
// examples included. For this reason, a Space validates SWML only with
// [WithSWMLSchema]. The method Check of documents finds mistakes that the schema
// allows.
func ValidateSWML(doc any) error {
	url := callingSWML
	if _, forMessages := doc.(messaging.Document); forMessages {
		url = messagingSWML
	}
	text, ok := doc.([]byte)
	if !ok {
		var err error
		if text, err = json.Marshal(doc); err != nil {
			return err
		}
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	schema, err := swmlSchemas[url]()
	if err != nil {
		return err
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(instance); !errors.As(err, &invalid) {
		return err
	}
	var errs []error
	seen := map[string]bool{}
	for _, cause := range likely(invalid) {
		problem := expectation(cause.ErrorKind)
		if _, unevaluated := cause.ErrorKind.(*kind.Not); unevaluated {
			problem = "the schema has no such member"
		}
		text := cmp.Or(strings.Join(cause.InstanceLocation, "."), "the document") + ": " + problem
		if !seen[text] {
			seen[text] = true
			errs = append(errs, errors.New(text))
		}
	}
	return errors.Join(errs...)
}

// likely returns the innermost causes of a validation error. Of a union, it leaves out
// the causes in variants that the value was probably not meant to be: those of another
// type, and those that require a member that the value lacks.
func likely(e *jsonschema.ValidationError) (leaves []*jsonschema.ValidationError) {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	misses := func(c *jsonschema.ValidationError) bool {
		switch c.ErrorKind.(type) {
		case *kind.Required, *kind.Type:
			return len(c.InstanceLocation) == len(e.InstanceLocation)
		}
		return false
	}
	_, anyOf := e.ErrorKind.(*kind.AnyOf)
	_, oneOf := e.ErrorKind.(*kind.OneOf)
	for _, cause := range e.Causes {
		other := misses(cause)
		for _, c := range cause.Causes {
			other = other || misses(c)
		}
		if !other || !anyOf && !oneOf {
			leaves = append(leaves, likely(cause)...)
		}
	}
	if leaves == nil {
		return []*jsonschema.ValidationError{e}
	}
	return leaves
}
