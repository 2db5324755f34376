package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// encodeYAML writes a header line and a tree, and reads it again, as the file
// name: the library does not write every text so that it reads the same, and an
// overlay can rename a key to one that is there.
func (m *merger) encodeYAML(header string, root *yaml.Node, name string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(root), encoder.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	back := m.load(file{name, b.Bytes()})
	if err := m.err(); err != nil {
		return nil, err
	}
	if d := difference(root, back); d != "" {
		return nil, fmt.Errorf("%s: would not say what was merged, first at %s", name, d)
	}
	return b.Bytes(), nil
}

// encodeJSON writes a tree as compact JSON, its keys in their order.
func encodeJSON(root *yaml.Node) []byte {
	var b bytes.Buffer
	writeJSON(&b, root)
	b.WriteByte('\n')
	return b.Bytes()
}

func writeJSON(b *bytes.Buffer, n *yaml.Node) {
	separator := ""
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for key, value := range entries(n) {
			b.WriteString(separator)
			b.Write(quote(key.Value))
			b.WriteByte(':')
			writeJSON(b, value)
			separator = ","
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for _, item := range n.Content {
			b.WriteString(separator)
			writeJSON(b, item)
			separator = ","
		}
		b.WriteByte(']')
	default:
		switch n.ShortTag() {
		case "!!str":
			b.Write(quote(n.Value))
		case "!!int", "!!float":
			b.WriteString(n.Value)
		default:
			b.WriteString(canonical(n))
		}
	}
}

func quote(s string) []byte {
	quoted, _ := json.Marshal(s) // A string is always JSON.
	return quoted
}

// writeFiles replaces all files or, if one cannot be written, none: only the
// renaming at the end, in the folder of the target, touches them.
func writeFiles(outputs []file) error {
	var written []string
	defer func() {
		for _, name := range written {
			_ = os.Remove(name) // Gone already if all went well.
		}
	}()
	for _, output := range outputs {
		if info, err := os.Stat(output.name); err == nil && info.IsDir() {
			return fmt.Errorf("%s: is a folder", output.name)
		}
		temporary, err := os.CreateTemp(filepath.Dir(output.name), filepath.Base(output.name)+".*.tmp")
		if err != nil {
			return err
		}
		written = append(written, temporary.Name())
		_, err = temporary.Write(output.data)
		if err == nil {
			err = temporary.Chmod(0o644)
		}
		if closeErr := temporary.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return err
		}
	}
	for i, output := range outputs {
		if err := os.Rename(written[i], output.name); err != nil {
			return err
		}
	}
	return nil
}
