package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// EncodeYAML encodes a description as YAML after a header, usually a comment. It fails
// unless the result, loaded as the file name, is equal to root: the YAML library does not
// encode every string correctly, and an overlay can rename a key to an existing one.
func (s *Set) EncodeYAML(header string, root *yaml.Node, name string) ([]byte, error) {
	EachNode(root, fixStyle)
	b := bytes.NewBufferString(header)
	encoder := yaml.NewEncoder(b)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(root), encoder.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	back := s.Load(File{name, b.Bytes()})
	if err := s.Err(); err != nil {
		return nil, err
	}
	if d := Difference(root, back); d != "" {
		return nil, fmt.Errorf("%s: encoded as YAML, it differs from what was merged, first at %s", name, d)
	}
	return b.Bytes(), nil
}

// fixStyle changes the style of a string that the YAML library encodes wrongly: of a
// block that begins with white space, and of folded lines.
func fixStyle(n *yaml.Node) {
	if strings.TrimLeftFunc(n.Value, unicode.IsSpace) != n.Value {
		n.Style = yaml.DoubleQuotedStyle
	} else if n.Style == yaml.FoldedStyle && strings.Contains(n.Value, "\n") {
		n.Style = yaml.LiteralStyle
	}
}

// EncodeJSON encodes a tree as compact JSON. Keys keep their order.
func EncodeJSON(root *yaml.Node) []byte { return encodeJSON(root, 0) }

// EncodeStructure encodes a description as JSON without annotations (descriptions,
// examples) and extensions, with sorted keys, and with one line per operation and schema.
func EncodeStructure(root *yaml.Node) []byte { return encodeJSON(stripAnnotations(root, false), 3) }

func encodeJSON(root *yaml.Node, levels int) []byte {
	var b bytes.Buffer
	writeJSON(&b, root, levels)
	b.WriteByte('\n')
	return b.Bytes()
}

// writeJSON encodes n. Mappings of the first levels have one entry per line.
func writeJSON(b *bytes.Buffer, n *yaml.Node, levels int) {
	separator, newline := "", map[bool]string{true: "\n"}[levels > 0]
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for key, value := range Entries(n) {
			b.WriteString(separator + newline)
			writeJSON(b, key, 0)
			b.WriteByte(':')
			writeJSON(b, value, levels-1)
			separator = ","
		}
		b.WriteString(newline + "}")
	case yaml.SequenceNode:
		b.WriteByte('[')
		for _, item := range n.Content {
			b.WriteString(separator)
			writeJSON(b, item, 0)
			separator = ","
		}
		b.WriteByte(']')
	default:
		text := []byte(n.Value)
		if n.ShortTag() == "!!str" {
			text, _ = json.Marshal(n.Value) // A string can always be encoded.
		}
		b.Write(text)
	}
}

// WriteFiles writes all files or, if one of them cannot be written, changes none: each is
// written to a temporary file beside it, and all are renamed at the end.
func WriteFiles(outputs []File) error {
	for _, output := range outputs {
		if info, err := os.Stat(output.Name); err == nil && info.IsDir() {
			return fmt.Errorf("%s: is a folder", output.Name)
		}
		defer os.Remove(output.Name + ".tmp") // Gone already if all went well.
		if err := os.WriteFile(output.Name+".tmp", output.Data, 0o644); err != nil {
			return err
		}
	}
	for _, output := range outputs {
		if err := os.Rename(output.Name+".tmp", output.Name); err != nil {
			return err
		}
	}
	return nil
}
