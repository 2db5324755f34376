package signalwiretest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/seed-fbb712e3/signalwire-go/api"
	"github.com/seed-fbb712e3/signalwire-go/gen/swml/messaging"
)

var swmlSchemas = map[bool]func() (*jsonschema.Schema, error){
	false: sync.OnceValues(func() (*jsonschema.Schema, error) { return compileSWML(api.SWML) }),
	true:  sync.OnceValues(func() (*jsonschema.Schema, error) { return compileSWML(api.SWMLMessaging) }),
}

func compileSWML(document []byte) (*jsonschema.Schema, error) {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) { return compilePattern(pattern), nil })
	if err := compiler.AddResource("swml.json", parsed); err != nil {
		return nil, err
	}
	return compiler.Compile("swml.json")
}

// ValidateSWML validates a document against SignalWire's JSON Schema of SWML, and
// returns an error with all that is wrong, or nil. doc is a swml.Document or a
// [messaging.Document]; or a document for calls as gen.SWML, or as JSON in a []byte.
//
// SignalWire runs many documents that its schema does not allow, its own examples
// among them, so that nothing here calls ValidateSWML by itself. What callers get
// wrong though the schema allows it, the method Check of documents finds.
func ValidateSWML(doc any) error {
	_, forMessages := doc.(messaging.Document)
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
	schema, err := swmlSchemas[forMessages]()
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
		problem := cause.ErrorKind.LocalizedString(english)
		if _, unevaluated := cause.ErrorKind.(*kind.Not); unevaluated {
			problem = "the schema has no such member"
		}
		text := strings.Join(cause.InstanceLocation, ".") + ": " + problem
		if !seen[text] {
			seen[text] = true
			errs = append(errs, errors.New(text))
		}
	}
	return errors.Join(errs...)
}

// likely are the parts of a validation error that are not about a variant of a
// union that the value was not meant to be: one of another type, or of which a
// required member is not there.
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
