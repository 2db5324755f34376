package signalwire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/gen"
)

// ErrDryRun is what [errors.Is] finds in the error of a call that was not sent
// because of [WithDryRun]. There is an error since there is no answer.
var ErrDryRun = errors.New("not sent, as this is a dry run")

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
		c.dryRun = show
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
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if name, ok := jsonName(f); ok && (!isOptional(f) || !v.Field(i).IsZero()) {
			names = append(names, name)
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
	return string(withoutSecrets(encoded, reflect.TypeOf(body)))
}

// shownRequest is a request as a dry run shows it.
func shownRequest(op *gen.Operation, req *http.Request, body any) Request {
	r := Request{Operation: op.ID, Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone()}
	if r.Header.Get("Authorization") != "" {
		scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		r.Header.Set("Authorization", scheme+" "+redacted)
	}
	if req.GetBody != nil {
		reader, _ := req.GetBody() // it reads from memory
		encoded, _ := io.ReadAll(reader)
		r.Body = withoutSecrets(encoded, reflect.TypeOf(body))
	}
	return r
}

const redacted = "[redacted]"

// withoutSecrets replaces the values of the fields that the type marks as
// sensitive. JSON without any stays as it is to the byte.
func withoutSecrets(encoded []byte, t reflect.Type) []byte {
	names := sensitiveNames(t, nil)
	if len(names) == 0 {
		return encoded
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	if decoder.Decode(&tree) != nil {
		return nil
	}
	var replace func(any)
	replace = func(node any) {
		switch node := node.(type) {
		case map[string]any:
			for key, value := range node {
				if slices.Contains(names, key) {
					node[key] = redacted
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
	shown, err := encode(tree)
	if err != nil {
		return nil
	}
	return shown
}

// sensitiveNames returns the names in JSON of the fields below t that the
// description marks as secret.
func sensitiveNames(t reflect.Type, seen map[reflect.Type]bool) []string {
	if seen == nil {
		seen = map[reflect.Type]bool{}
	}
	if t == nil || seen[t] {
		return nil
	}
	seen[t] = true
	var names []string
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return sensitiveNames(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Tag.Get("sensitive") == "true" {
				name, _ := jsonName(f)
				names = append(names, name)
			}
			names = append(names, sensitiveNames(f.Type, seen)...)
		}
	}
	return names
}
