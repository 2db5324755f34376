package signalwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
	"github.com/seed-fbb712e3/signalwire-go/wrapper/internal/codec"
)

// Request is what a call would send, without the secrets in it: the values of
// the Authorization header and of fields such as passwords are replaced.
type Request struct {
	Operation string
	Method    string
	URL       string
	Header    http.Header
	Body      []byte
}

// String writes the request as it would look on the wire.
func (r Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", r.Method, r.URL)
	_ = r.Header.Write(&b)
	return strings.ReplaceAll(b.String(), "\r\n", "\n") + "\n" + string(r.Body)
}

// WithDryRun checks and builds each request in full, hands it to show, and does
// not send it: the call returns [ErrDryRun]. An edit still reads the resource,
// and shows the change that it would send.
func WithDryRun(show func(Request)) CallOption {
	return callOption(func(c *callConfig) error {
		if show == nil {
			return errors.New("dry run: nil given, want a function")
		}
		c.dryRun = func(op *gen.Operation, req *request, body any) { show(shownRequest(op, req, body)) }
		return nil
	})
}

// Fields names the fields that a request body would send, in their order.
func Fields(body any) []string {
	v := reflect.Indirect(reflect.ValueOf(body))
	if v.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for _, f := range codec.TypeOf(v.Type()).Fields {
		if !f.Optional || !v.Field(f.Index).IsZero() {
			names = append(names, f.Name)
		}
	}
	return names
}

// Describe writes a request body as JSON for people to see, with the values of
// fields such as passwords replaced.
func Describe(body any) string {
	encoded, err := encode(body)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(withoutSecrets(encoded, reflect.ValueOf(body)))
}

// shownRequest is a request as a dry run shows it.
func shownRequest(op *gen.Operation, req *request, body any) Request {
	r := Request{Operation: op.ID, Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone()}
	if r.Header.Get("Authorization") != "" {
		scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		r.Header.Set("Authorization", scheme+" "+redacted)
	}
	if req.body != nil {
		r.Body = withoutSecrets(req.body, reflect.ValueOf(body))
	}
	return r
}

// withoutSecrets replaces the values of the fields that the types in v mark as
// sensitive, and of those called password anywhere, as in documents that have
// no types. JSON without any stays as it is to the byte.
func withoutSecrets(encoded []byte, v reflect.Value) []byte {
	names := map[string]bool{"password": true}
	collectSensitive(v, names)
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	if decoder.Decode(&tree) != nil {
		return nil
	}
	found := false
	var replace func(any)
	replace = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			for key, value := range node {
				if names[key] {
					node[key], found = redacted, true
				} else {
					replace(value)
				}
			}
		case []any:
			for _, value := range node {
				replace(value)
			}
		}
	}
	replace(tree)
	if !found {
		return encoded
	}
	shown, err := encode(tree)
	if err != nil {
		return nil
	}
	return shown
}

// collectSensitive collects the names in JSON of the fields in v that the
// description marks as secret.
func collectSensitive(v reflect.Value, names map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collectSensitive(v.Elem(), names)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collectSensitive(v.Index(i), names)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			collectSensitive(entry.Value(), names)
		}
	case reflect.Struct:
		if union, ok := v.Interface().(codec.Union); ok {
			collectSensitive(reflect.ValueOf(union.Value()), names)
		}
		for _, f := range codec.TypeOf(v.Type()).Fields {
			if v.Type().Field(f.Index).Tag.Get("sensitive") == "true" {
				names[f.Name] = true
			}
			collectSensitive(v.Field(f.Index), names)
		}
	}
}
