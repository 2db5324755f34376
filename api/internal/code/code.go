// Package code has what generators of Go code from YAML share.
package code

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Mapping is a mapping whose keys keep their order.
type Mapping[T any] struct {
	Keys   []string
	Values map[string]T
}

// UnmarshalYAML decodes a mapping.
func (m *Mapping[T]) UnmarshalYAML(n *yaml.Node) error {
	m.Values = map[string]T{}
	for key, node := range tree.Entries(n) {
		var value T
		if err := node.Decode(&value); err != nil {
			return err
		}
		m.Keys = append(m.Keys, key.Value)
		m.Values[key.Value] = value
	}
	return nil
}

// AppendNew appends the values that are not there yet.
func AppendNew[T comparable](to []T, values ...T) []T {
	for _, value := range values {
		if !slices.Contains(to, value) {
			to = append(to, value)
		}
	}
	return to
}

// Template parses a template, which can call [Comment] as comment.
func Template(text []byte) (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{"comment": Comment}).Parse(string(text))
}

// Execute executes the template of this name, and formats the code that it makes.
func Execute(t *template.Template, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return nil, err
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// Comment breaks text into the lines of a comment.
func Comment(text string) string {
	var b strings.Builder
	line := "//"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 80 && line != "//" {
			b.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return b.String() + line
}
