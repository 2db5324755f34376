package signalwiretest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// formats has the checks of formats that the JSON Schema validator checks by other
// rules, or that kin-openapi does not check at all. Both use these checks instead.
var formats = map[string]func(string) error{
	"uuid": func(s string) error { // any version, but only the canonical form
		if len(s) != 36 {
			return errors.New("not a UUID")
		}
		return uuid.Validate(s)
	},
	"date-time": func(s string) error {
		_, err := time.Parse(time.RFC3339, s)
		return err
	},
	"uri": func(s string) error { // "" is valid, because it clears a URL where null is not allowed
		if u, err := url.Parse(s); s != "" && (err != nil || !u.IsAbs()) {
			return errors.New("not an absolute URI")
		}
		return nil
	},
}

// compilePattern compiles the pattern of a schema. It never fails: a pattern with a
// feature of JavaScript that Go lacks, such as look-ahead, matches everything.
func compilePattern(pattern string) *regexp.Regexp {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return regexp.MustCompile("")
	}
	return re
}

// validationOptions makes kin-openapi check formats and patterns as this package does.
var validationOptions = func() []openapi3.SchemaValidationOption {
	validators := map[string]openapi3.StringFormatValidator{}
	for name, check := range formats {
		validators[name] = openapi3.NewCallbackValidator(check)
	}
	return []openapi3.SchemaValidationOption{
		openapi3.WithStringFormatValidators(validators),
		openapi3.SetSchemaRegexCompiler(func(pattern string) (openapi3.RegexMatcher, error) { return compilePattern(pattern), nil }),
	}
}()

// problem is one thing that is wrong with a request. The attribute is the place of the
// member, such as codecs[0], or "".
type problem struct{ attribute, code, message string }

// SignalWire's error codes for problems.
const (
	codeMissing = "missing_required_parameter"
	codeUnknown = "invalid_parameter"
	codeValue   = "invalid_parameter_value"
	codeNoJSON  = "not_a_valid_json"
)

// authenticated reports whether a request has credentials of the Space, in a scheme
// that the security of the operation allows.
func (s *Space) authenticated(op *operation, r *http.Request) bool {
	security := op.filter.Spec.Security
	if op.filter.Operation.Security != nil {
		security = *op.filter.Operation.Security
	}
	input := &openapi3filter.RequestValidationInput{Request: r, Route: op.filter, Options: &openapi3filter.Options{
		AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
			user, password, _ := r.BasicAuth()
			switch scheme := strings.ToLower(in.SecurityScheme.Scheme); {
			case scheme == "basic" && user == s.ProjectID && password == s.APIToken:
			case scheme == "bearer" && r.Header.Get("Authorization") == "Bearer "+s.BearerToken:
			default:
				return errors.New("no such credentials")
			}
			return nil
		},
	}}
	return openapi3filter.ValidateSecurityRequirements(r.Context(), input, security) == nil
}

// filterInput returns a request in the form that kin-openapi validates. values are
// those of the path parameters.
func (op *operation) filterInput(r *http.Request, values []string) *openapi3filter.RequestValidationInput {
	input := &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: map[string]string{},
		Route:      op.filter,
		Options: &openapi3filter.Options{
			MultiError:              true,
			ExcludeRequestBody:      true, // see compile
			SkipSettingDefaults:     true,
			AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc, // see authenticated
			SchemaValidationOptions: validationOptions,
		},
	}
	for i, name := range op.parameters {
		input.PathParams[name] = values[i]
	}
	return input
}

// checkPath reports whether the values of the path parameters are valid.
func (op *operation) checkPath(values []string) bool {
	input := op.filterInput(&http.Request{}, values)
	for _, p := range slices.Concat(op.filter.Operation.Parameters, op.filter.PathItem.Parameters) {
		if p.Value.In == openapi3.ParameterInPath && openapi3filter.ValidateParameter(context.Background(), input, p.Value) != nil {
			return false
		}
	}
	return true
}

// check validates the query, the header and the body of a request against the
// description. If strictSWML is true, it validates SWML in the body against the schema
// of SWML, too. check returns the decoded body; or the status of the error response,
// and the problems that the response has.
func (op *operation) check(r *http.Request, raw []byte, values []string, strictSWML bool) (body any, status int, problems []problem) {
	var wrong openapi3.MultiError
	errors.As(openapi3filter.ValidateRequest(r.Context(), op.filterInput(r, values)), &wrong)
	for _, err := range wrong {
		var in *openapi3filter.RequestError
		var invalid *openapi3.SchemaError
		name := ""
		if errors.As(err, &in) && in.Parameter != nil {
			name = in.Parameter.Name
		}
		switch {
		case errors.Is(err, openapi3filter.ErrInvalidRequired):
			problems = append(problems, problem{name, codeMissing, "is missing"})
		case errors.As(err, &invalid):
			problems = append(problems, problem{name, codeValue, invalid.Reason})
		default:
			problems = append(problems, problem{name, codeValue, "is not valid"})
		}
	}
	described := op.filter.Operation.RequestBody
	switch {
	case described == nil:
	case len(raw) == 0 && described.Value.Required:
		problems = append(problems, problem{code: codeMissing, message: "the request body is missing"})
	case len(raw) == 0:
	case described.Value.Content.Get(r.Header.Get("Content-Type")) == nil:
		return nil, http.StatusUnsupportedMediaType, nil
	case op.request != nil:
		var err error
		if body, err = jsonschema.UnmarshalJSON(bytes.NewReader(raw)); err != nil {
			return nil, http.StatusBadRequest, []problem{{code: codeNoJSON, message: "the request body is not JSON"}}
		}
		schema := op.bodies["request"]
		if strictSWML {
			if schema, err = op.strict(); err != nil {
				return nil, http.StatusInternalServerError, []problem{{message: err.Error()}}
			}
		}
		problems = append(problems, validate(schema, body)...)
	}
	if len(problems) > 0 {
		return nil, http.StatusUnprocessableEntity, problems
	}
	return body, 0, nil
}

// validate returns what is wrong with a JSON value, in the order of the attributes.
func validate(schema *jsonschema.Schema, value any) []problem {
	var invalid *jsonschema.ValidationError
	if !errors.As(schema.Validate(value), &invalid) {
		return nil
	}
	found := problemsOf(invalid, value)
	slices.SortFunc(found, func(a, b problem) int {
		return cmp.Or(strings.Compare(a.attribute, b.attribute), strings.Compare(a.message, b.message))
	})
	return found
}

// english writes the messages of the JSON Schema validator.
var english = message.NewPrinter(language.English)

// problemsOf returns the problems that a validation error of value consists of. Their
// messages say what is expected, but not what was given, which may be a secret.
func problemsOf(err *jsonschema.ValidationError, value any) (found []problem) {
	add := func(code, text string, more ...string) {
		found = append(found, problem{attribute(value, append(slices.Clone(err.InstanceLocation), more...)), code, text})
	}
	switch k := err.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			add(codeMissing, "is missing", name)
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			add(codeUnknown, "is not a field of this request", name)
		}
	case *kind.Not, *kind.FalseSchema: // they close an object as well
		add(codeUnknown, "is not a field of this request")
	case *kind.AnyOf, *kind.OneOf:
		// A oneOf error without causes means that the value is valid against several
		// alternatives, which JSON Schema does not allow. SignalWire describes
		// overlapping alternatives as oneOf and accepts such values, so it is not
		// a problem; closest returns none.
		return closest(err, value)
	case *kind.Pattern:
		add(codeValue, "must match "+k.Want)
	case *kind.Format:
		add(codeValue, "is not a valid "+k.Want)
	default:
		for _, cause := range err.Causes {
			found = append(found, problemsOf(cause, value)...)
		}
		if len(err.Causes) == 0 {
			add(codeValue, expectation(k))
		}
	}
	return found
}

// expectation says what a value must be to pass a check of JSON Schema. The validator's own
// text of these checks has the value or its length.
func expectation(check jsonschema.ErrorKind) string {
	switch k := check.(type) {
	case *kind.MinLength:
		return fmt.Sprintf("length must be at least %d", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("length must be at most %d", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("number of elements must be at least %d", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("number of elements must be at most %d", k.Want)
	case *kind.MinProperties:
		return fmt.Sprintf("number of members must be at least %d", k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("number of members must be at most %d", k.Want)
	case *kind.Minimum:
		return "must be at least " + k.Want.RatString()
	case *kind.Maximum:
		return "must be at most " + k.Want.RatString()
	case *kind.ExclusiveMinimum:
		return "must be more than " + k.Want.RatString()
	case *kind.ExclusiveMaximum:
		return "must be less than " + k.Want.RatString()
	case *kind.MultipleOf:
		return "must be a multiple of " + k.Want.RatString()
	}
	return check.LocalizedString(english)
}

// closest returns the problems of the alternative of a union that value is probably
// meant to be. This is not an alternative of another type or with another constant,
// such as another command, if there are any others; of these it is the one with the
// fewest problems. If all alternatives have other constants in the same member, the
// only problem is that its value is none of them.
func closest(union *jsonschema.ValidationError, value any) (best []problem) {
	if location, choices := constants(union); choices != nil {
		return []problem{{attribute(value, location), codeValue, (&kind.Enum{Want: choices}).LocalizedString(english)}}
	}
	depth, score := len(union.InstanceLocation), -1
	var misses func(*jsonschema.ValidationError) int
	misses = func(err *jsonschema.ValidationError) (n int) {
		below := len(err.InstanceLocation) - depth
		switch err.ErrorKind.(type) {
		case *kind.Type:
			if below == 0 {
				n = 1000
			}
		case *kind.Enum, *kind.Const:
			if below == 1 {
				n = 100
			}
		}
		for _, cause := range err.Causes {
			n += misses(cause)
		}
		return n
	}
	for _, cause := range union.Causes {
		found := problemsOf(cause, value)
		if n := misses(cause) + len(found); score < 0 || n < score {
			best, score = found, n
		}
	}
	return best
}

// constants returns a member of an object for which every alternative of a union has
// constants other than the value that the member has, and all of these constants. It
// returns nil if there is no such member.
func constants(union *jsonschema.ValidationError) (location []string, all []any) {
	alternatives := 0 // the number of alternatives with other constants for the member
	var wanted func(err *jsonschema.ValidationError) []any
	wanted = func(err *jsonschema.ValidationError) (choices []any) {
		if len(err.InstanceLocation) == len(union.InstanceLocation)+1 && (location == nil || slices.Equal(location, err.InstanceLocation)) {
			switch k := err.ErrorKind.(type) {
			case *kind.Enum:
				choices = k.Want
			case *kind.Const:
				choices = []any{k.Want}
			}
			if choices != nil {
				location = err.InstanceLocation
			}
		}
		for _, cause := range err.Causes {
			choices = append(choices, wanted(cause)...)
		}
		return choices
	}
	for _, cause := range union.Causes {
		if choices := wanted(cause); choices != nil {
			alternatives++
			all = append(all, choices...)
		}
	}
	if alternatives < 2 || alternatives < len(union.Causes) {
		return nil, nil
	}
	return location, all
}

// attribute returns a location in value as SignalWire writes it, such as codecs[0] or
// params.from.
func attribute(value any, location []string) (text string) {
	for _, token := range location {
		if list, ok := value.([]any); ok {
			i, _ := strconv.Atoi(token) // the validator has written the index
			text, value = text+"["+token+"]", list[i]
			continue
		}
		if text != "" {
			text += "."
		}
		text, value = text+token, asObject(value)[token]
	}
	return text
}

// verify returns an error if a response does not match the description. The mistake is
// then in this package or in the description, and not in the request.
func (op *operation) verify(a response) error {
	schema := op.bodies[strconv.Itoa(a.status)]
	if schema == nil || a.body == nil {
		return nil
	}
	body, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	if err != nil {
		return err
	}
	if wrong := validate(schema, body); len(wrong) > 0 {
		return fmt.Errorf("signalwiretest: the response to %s %s does not match the description, so one of the two is wrong: %v", op.method, op.template, wrong)
	}
	return nil
}
