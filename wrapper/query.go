package signalwire

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/oapi-codegen/runtime"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/gen/typeinfo"
)

// separators escapes the characters that the styles spaceDelimited, pipeDelimited and
// deepObject put between values and names, since they must not occur in a URL (RFC 3986).
// The values and names are escaped already.
var separators = strings.NewReplacer(" ", "%20", "|", "%7C", "[", "%5B", "]", "%5D")

// encodeQuery returns the query with those query parameters of op that are set in params,
// in the order of their fields.
func encodeQuery(op *gen.Operation, params any) (string, error) {
	var b strings.Builder
	err := eachParam(op, params, func(p gen.Parameter, value any) error {
		if p.In == "header" {
			return nil
		}
		text, err := runtime.StyleParamWithOptions(p.Style, p.Explode, p.Name, value, runtime.StyleParamOptions{ParamLocation: runtime.ParamLocationQuery})
		if err != nil {
			return unencodable(p.Name, err)
		}
		if text == "" { // an object without members
			return nil
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		_, err = separators.WriteString(&b, text)
		return err
	})
	return b.String(), err
}

// encodeHeaders returns those header parameters of op that are set in params.
func encodeHeaders(op *gen.Operation, params any) (headers []extraHeader, err error) {
	err = eachParam(op, params, func(p gen.Parameter, value any) error {
		if p.In != "header" {
			return nil
		}
		text, err := runtime.StyleParamWithOptions("simple", false, p.Name, value, runtime.StyleParamOptions{ParamLocation: runtime.ParamLocationHeader})
		switch {
		case err != nil:
			return unencodable(p.Name, err)
		case !isHeaderValue(text):
			return &InputError{p.Name, "expected printable ASCII without space around it, for a header"}
		}
		headers = append(headers, extraHeader{http.CanonicalHeaderKey(p.Name), text})
		return nil
	})
	return headers, err
}

// eachParam calls encode for each parameter of op that is set. params points to a struct
// with the parameters as fields. An empty slice counts as unset.
func eachParam(op *gen.Operation, params any, encode func(p gen.Parameter, value any) error) error {
	v := reflect.Indirect(reflect.ValueOf(params))
	if v.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range typeinfo.Of(v.Type()).Fields {
		value := v.Field(f.Index)
		if k := value.Kind(); k == reflect.Pointer && value.IsNil() || k == reflect.Slice && value.Len() == 0 {
			continue
		}
		p := gen.Parameter{Name: f.Name, In: "query", Style: "form", Explode: true}
		for _, special := range op.Parameters {
			if special.Name == p.Name {
				p = special
			}
		}
		if err := encode(p, reflect.Indirect(value).Interface()); err != nil {
			return err
		}
	}
	return nil
}

// encodeForm encodes the members of a JSON object as a form
// (application/x-www-form-urlencoded), sorted by name. An array becomes one field for
// each element. Objects, nested arrays and null are refused.
func encodeForm(object []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || members == nil {
		return nil, &InputError{"body", "expected an object, which a form can hold"}
	}
	form := url.Values{}
	for name, value := range members {
		values := []json.RawMessage{value}
		if value[0] == '[' {
			_ = json.Unmarshal(value, &values) // object is valid JSON
		}
		for _, value := range values {
			text := string(value)
			switch value[0] {
			case '{', '[', 'n':
				return nil, &InputError{name, "expected a string, a number or a boolean, or an array of them, for a form"}
			case '"':
				_ = json.Unmarshal(value, &text)
			}
			form.Add(name, text)
		}
	}
	return []byte(form.Encode()), nil
}
